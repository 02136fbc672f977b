"""Scenario → Result: build, solve, round, and say what is known of the plan; with a variant or a repair, if asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from allocator.analyses.conflict import conflicts
from allocator.analyses.figures import (
    RowStatus,
    alternatives,
    fund_figures,
    goal_figures,
    indicator_figures,
    slack,
    status,
)
from allocator.analyses.messages import (
    REPORT,
    Analysis,
    AtEnds,
    Ending,
    KeptNearly,
    Message,
    Moment,
    MuchUnspent,
    NothingMoves,
    OneArea,
    Stopped,
    Tied,
    TimeUp,
    Unproved,
)
from allocator.analyses.prices import Prices, held_by
from allocator.analyses.report import with_repairs, with_report
from allocator.analyses.result import Allotment, AreaFigures, Result, RowFigures, Run
from allocator.programme.build import Programme, build
from allocator.programme.constraints import RuleConstraint
from allocator.programme.decision import Certificate, certificate
from allocator.programme.rows import ZERO, Linear, Row, keys_of, yearly_sums
from allocator.programme.session import version
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Deadline, OutOfTime, Progress, Solving, Status
from allocator.programme.whole import Rounded, round_plan
from allocator.scenario.changes import find_variant, with_variant
from allocator.scenario.model import Cell, ChangedBy, Operator, Origin, Scenario, Strength, Variant
from allocator.scenario.reading import with_edits

# -- one-sided plans --------------------------------------------------------------------------------------------------

NEARLY_ALL = Fraction(9, 10)
"""One area that gets this part of what is spent, or more, has nearly all of it."""
MUCH = Fraction(1, 3)
"""This part of the money left unspent, or more, is much."""
MOST = Fraction(1, 2)
"""More than this part of the amounts are most of them."""
FEW = 3
"""Of fewer areas, or amounts, it isn't said that most of them stand at an end."""
_LAST_DIGIT = Fraction(1, 10**6)
"""An amount that isn't rounded stands at an end where it differs by less than this part of it (at least of 1)."""


def one_sided(result: Result) -> Iterator[OneArea | MuchUnspent | AtEnds]:
    """Yield a message for each way in which the plan is one-sided; none where spending is what is made least."""
    objective = result.scenario.objective
    if objective.indicator is None and not objective.maximise:
        return
    yield from _one_area(result)
    yield from _unspent(result)
    yield from _at_ends(result)


def _one_area(result: Result) -> Iterator[OneArea]:
    money: dict[str, Fraction] = {}
    for figures in result.areas:
        money[figures.area] = money.get(figures.area, ZERO) + figures.final_value
    spent, most = sum(money.values(), ZERO), max(money.values(), default=ZERO)
    if len(money) > 1 and spent and most >= NEARLY_ALL * spent:
        name = next(area for area, amount in money.items() if amount == most)
        yield OneArea(name, most, spent, result.scenario.unit)


def _unspent(result: Result) -> Iterator[MuchUnspent]:
    available = sum((fund.available for fund in result.funds), ZERO)
    unspent = sum((fund.unspent for fund in result.funds), ZERO)
    if not available or unspent < MUCH * available:
        return
    spent = sum((Fraction(a.unrounded) for a in result.allotments), ZERO)
    by_steps = available - spent < MUCH * available
    yield MuchUnspent(unspent, available, result.scenario.unit, result.step if by_steps else None)


def _at_ends(result: Result) -> Iterator[AtEnds]:
    paid = [figures for figures in result.areas if figures.final_value]
    limits = {
        (f.row.subject, f.row.year)
        for f in result.rows
        if f.row.kind.of_area and f.status is RowStatus.BINDING and f.row.bound
    }
    ends = sum(_at_band_end(result, figures) for figures in paid)
    limited = sum((f.area, f.year) in limits and not _at_band_end(result, f) for f in paid)
    if len({figures.area for figures in paid}) < FEW or ends + limited <= MOST * len(paid):
        return
    yield AtEnds(len(paid), at_bands=ends, at_limits=limited, yearly=len(result.scenario.years) > 1)


def _at_band_end(result: Result, figures: AreaFigures) -> bool:
    """Whether an amount stands where a band ends, but for less than a step."""
    bands = result.scenario.bands.get((figures.area, figures.year), ())
    amount = figures.final_value
    near = result.step or _LAST_DIGIT * max(Fraction(1), amount)
    return any(band.end is not None and abs(amount - band.end) < near for band in bands)


# -- the plan ---------------------------------------------------------------------------------------------------------

MOST_NAMED = 3
"""More rows a message need not name."""


def analyse(
    scenario: Scenario,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    lp_file: Path | None = None,
    explain: bool = True,
    out_of_time: Collection[Analysis] = (),
    progress: Progress | None = None,
) -> Result:
    """Plan `scenario` and say all that is known of the plan.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it.
    solver, time_limit, lp_file
        As in `allocator.programme.solve.solve`.
    explain
        Whether to find what takes solves of its own: the sensitivity report of a plan, or repairs where there is none.
    out_of_time
        What is left out of the report as if the time limit had come before it, as where a plan is made anew.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Result
        Its `status` says whether there is a plan; amounts are in the scenario's unit, exact and in whole Steps.

    Raises
    ------
    UsageError
        If PuLP knows no such solver, or it isn't installed.
    OutputError
        If `lp_file` can't be written.
    SolverError
        If another solver's answer isn't what is decided in fractions.
    """
    deadline = Deadline(time_limit)
    programme = build(scenario)
    solution = solve(programme, solver=solver, time_limit=time_limit, lp_file=lp_file, progress=progress)
    result = Result(
        scenario,
        solution.status,
        _run(programme, solution, time_limit),
        messages=scenario.messages,
    )
    if solution.status is Status.INFEASIBLE:
        found = conflicts(programme, deadline)
        result = replace(result, conflict=tuple(m.row for c in found[:1] for m in c.members), conflicts=found)
        if not explain:
            return replace(result, outcomes={Analysis.REPAIRS: Ending.NOT_ASKED})
        return with_repairs(result, programme, deadline, progress)
    if solution.status is Status.STOPPED:
        return _stopped(result, TimeUp(Moment.BEFORE_THE_ANSWER, time_limit))
    if progress:
        progress(Solving.ROUNDING, None)
    try:
        rounded = round_plan(programme, solution.amounts, solution.goal_sums, deadline)
    except OutOfTime:
        return _stopped(result, TimeUp(Moment.WHILE_ROUNDING, time_limit))
    proof = _certificate(rounded, solution)
    result = replace(_planned(result, programme, solution, _nearest(rounded, proof)), certificate=proof)
    result = replace(result, messages=(*result.messages, *_unproved(programme, proof)))
    result = replace(result, alternatives=alternatives(programme, result.amounts, result.step))
    if not explain:
        return replace(result, outcomes=dict.fromkeys(REPORT, Ending.NOT_ASKED))
    return with_report(result, programme, solution, deadline, progress, out_of_time)


def _certificate(rounded: Rounded, solution: Solution) -> Certificate | None:
    """Return the proof of the plan; one that is not rounded is proved in fractions, its amounts being the nearest."""
    if solution.decision is None:
        return None
    return certificate(solution.decision, rounded.amounts, rounded.step)


def _nearest(rounded: Rounded, proof: Certificate | None) -> Rounded:
    """Return the plan in numbers that a cell can hold."""
    if rounded.step or proof is None:
        return rounded
    return replace(rounded, amounts={key: Fraction(repr(float(a))) for key, a in proof.bounded.amounts.items()})


def _stopped(result: Result, reason: TimeUp) -> Result:
    return replace(result, status=Status.STOPPED, messages=(*result.messages, Stopped(reason)))


def _run(programme: Programme, solution: Solution, time_limit: float | None) -> Run:
    import platform
    from importlib.metadata import version as package_version

    names = ("pulp", "highspy", "numpy", "xlsxwriter")
    versions = {"python": platform.python_version()} | {name: package_version(name) for name in names}
    columns, rows = solution.columns or len(programme.keys), solution.rows or len(programme.rows)
    return Run(f"HiGHS {version()}", versions, time_limit, solution.confirmed_by, columns, rows, solution.log)


def _planned(result: Result, programme: Programme, solution: Solution, rounded: Rounded) -> Result:
    amounts, step = rounded.amounts, rounded.step
    figures = _Figures(programme, solution, rounded)
    planned = replace(
        result,
        objective=programme.objective(amounts),
        unrounded_objective=solution.objective,
        step=step,
        tie=solution.tie,
        allotments=tuple(figures.allotments()),
        areas=tuple(figures.areas()),
        rows=(*figures.rows(), *figures.held_goals()),
        indicators=indicator_figures(programme, amounts, step),
        goals=figures.goals,
        funds=fund_figures(result.scenario, amounts),
    )
    sided = () if _idle(programme) else tuple(one_sided(planned))
    messages = _messages(programme, solution, rounded, step)
    return replace(planned, messages=(*result.messages, *sided, *messages))


def _idle(programme: Programme) -> bool:
    """Whether no money does anything for the objective."""
    return not any(piece.slope for pieces in programme.pieces.values() for piece in pieces)


def _messages(programme: Programme, solution: Solution, rounded: Rounded, step: Fraction) -> Iterator[Message]:
    sought = programme.scenario.objective.indicator
    if not _idle(programme):
        yield from (Tied(),) if solution.tie else ()
    elif sought is not None:  # that there is no benefit is a doubt
        yield NothingMoves(sought)
    if rounded.message:
        yield rounded.message
    inexact = [
        row.label
        for row in programme.rows
        if step and row.operator is Operator.EQUAL and row.strength.kind != "goal" and row.slack(rounded.amounts) < 0
    ]
    if inexact:
        yield KeptNearly(tuple(inexact))


def _unproved(programme: Programme, proof: Certificate | None) -> tuple[Unproved, ...]:
    """Return what keeps the plan from being proved, if anything does."""
    if proof is None or proof.exact:
        return ()
    broken = [programme.rows[row.index].label for row in proof.broken if row.index is not None][:MOST_NAMED]
    return (Unproved(tuple(broken)),)


class _Figures:
    """The figures of a plan, with the prices of the optimum that it was rounded from."""

    def __init__(self, programme: Programme, solution: Solution, rounded: Rounded) -> None:
        self.programme, self.solution = programme, solution
        self.amounts, self.step = rounded.amounts, rounded.step
        self.prices = Prices(programme, solution)
        self.yearly = yearly_sums(solution.amounts)
        self.goals = goal_figures(programme, self.amounts, self.step)

    def allotments(self) -> Iterator[Allotment]:
        scenario, eligible = self.programme.scenario, frozenset(self.programme.keys)
        for key in keys_of((area.name for area in scenario.leaves), scenario.years, scenario.source):
            yield Allotment(
                key.area,
                key.year,
                key.source,
                amount=self.amounts.get(key, ZERO),
                unrounded=float(self.solution.amounts.get(key, ZERO)),
                eligible=key in eligible,
                held_by=held_by(self.prices, key, self.yearly[key.pair]) if key in eligible else None,
            )

    def areas(self) -> Iterator[AreaFigures]:
        for pair, total in self.programme.yearly(self.amounts).items():
            reduced_cost = self.prices.reduced_cost(*pair, self.yearly[pair])
            coefficient = float(self.prices.coefficient(*pair, self.yearly[pair]))
            yield AreaFigures(*pair, total, reduced_cost, coefficient)

    def rows(self) -> Iterator[RowFigures]:
        for index, row in enumerate(self.programme.rows):
            standing = status(row, self.amounts, self.step)
            missed = index in self.prices.missed or (standing is RowStatus.MISSED and row.strength.kind == "goal")
            yield RowFigures(
                row=row,
                final_value=row.left.value(self.amounts),
                rhs=row.right.value(self.amounts),
                slack=slack(row, self.amounts, self.step),
                status=standing,
                reached=row.reached(self.amounts),
                shadow_price=None if missed else self.prices.of_row(index),
            )

    def held_goals(self) -> Iterator[RowFigures]:
        """Yield each priority's sum of shortfalls as a row: held at its least while what comes after was sought."""
        for priority, least in self.solution.goal_sums.items():
            goals = [goal for goal in self.goals if goal.priority == priority]
            total = sum((goal.missed_by / goal.row.divisor for goal in goals), ZERO)
            yield RowFigures(
                row=_held_row(goals[0].row, priority, total, least),
                final_value=total,
                rhs=least,
                slack=least - total,
                status=RowStatus.BINDING,
                reached=total,
                shadow_price=float(self.solution.goal_prices[priority]),
            )


def _held_row(goal: Row, priority: int, total: Fraction, held: Fraction) -> Row:
    origin: Origin = goal.origin
    cell: Cell = origin.cell("Strength")
    return Row(
        name=f"Goal {priority}",
        year=None,
        kind=RuleConstraint.kind,
        subject="",
        left=Linear(constant=total),
        operator=Operator.AT_MOST,
        right=Linear(constant=held),
        value=held,
        unit="",
        strength=Strength("goal", priority),
        cell=cell,
        origin=replace(origin, legal_basis=""),
        goal_bound=True,
    )


# -- with a variant or a repair ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotRepaired:
    """There is no repair of that number, or none is known; `result` shows why: that there is a plan, for one."""

    number: int
    result: Result
    """The scenario's without a repair, with those that there are."""


def changed_by(
    scenario: Scenario,
    variant: str | Variant | None,
    repair: int | None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Scenario | NotRepaired:
    """Return a scenario with one of its variants, and then with a repair, which it says of itself.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it.
    variant
        One of its variants, or its name; None: the base case.
    repair
        The number of a repair, from 1; None: without.
    time_limit
        Seconds for finding repairs; None: no limit.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Scenario or NotRepaired
        With `changed_by` saying what was edited; or why there is no such repair.

    Raises
    ------
    UsageError
        There is no variant of that name.
    ScenarioError
        The variant's cells can't be read.
    """
    if variant is not None:
        scenario = with_variant(scenario, find_variant(scenario, variant) if isinstance(variant, str) else variant)
    return scenario if repair is None else _repaired(scenario, repair, time_limit, progress)


def _repaired(
    scenario: Scenario, number: int, time_limit: float | None, progress: Progress | None
) -> Scenario | NotRepaired:
    result = analyse(scenario, time_limit=time_limit, explain=False, progress=progress)
    if result.status is not Status.INFEASIBLE:
        return NotRepaired(number, result)
    result = with_repairs(result, build(scenario), Deadline(time_limit), progress)
    if result.outcomes[Analysis.REPAIRS] is not Ending.DONE or not 1 <= number <= len(result.repairs):
        return NotRepaired(number, result)
    repair = result.repairs[number - 1]
    by = scenario.changed_by or ChangedBy()
    found = with_edits(scenario, repair.edits)
    return replace(found, changed_by=replace(by, repair=number, edits=(*by.edits, *repair.edits)))
