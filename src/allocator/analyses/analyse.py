"""Scenario → Result: build, solve, round, and say what is known of the plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from allocator.analyses import figures
from allocator.analyses.alternatives import alternatives
from allocator.analyses.conflict import conflicts
from allocator.analyses.figures import RowStatus
from allocator.analyses.held_by import held_by
from allocator.analyses.messages import (
    KeptNearly,
    Message,
    Moment,
    NothingMoves,
    Stopped,
    Tied,
    TimeUp,
    Unproved,
)
from allocator.analyses.one_sided import one_sided
from allocator.analyses.outcomes import REPORT, Analysis, Ending
from allocator.analyses.prices import Prices
from allocator.analyses.repairs import with_repairs
from allocator.analyses.report import with_report
from allocator.analyses.result import Allotment, AreaFigures, Result, RowFigures, Run
from allocator.programme.build import Programme, build
from allocator.programme.constraints import RuleConstraint
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.decision import certificate
from allocator.programme.progress import Progress, Solving
from allocator.programme.proof import Certificate
from allocator.programme.rows import ZERO, Key, Linear, Row, keys_of, yearly_sums
from allocator.programme.session import version
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Status
from allocator.programme.whole import Rounded, round_plan
from allocator.scenario.model import Operator, Scenario, Strength
from allocator.scenario.origin import Cell, Origin

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
    prices = Prices(programme, solution)
    amounts, step = rounded.amounts, rounded.step
    yearly = yearly_sums(solution.amounts)
    planned = replace(
        result,
        objective=programme.objective(amounts),
        unrounded_objective=solution.objective,
        step=step,
        tie=solution.tie,
        allotments=_allotments(programme, solution, amounts, prices, yearly),
        areas=_areas(programme, amounts, prices, yearly),
        rows=(*_rows(programme, amounts, step, prices), *_held_goals(programme, solution, amounts, step)),
        indicators=figures.indicator_figures(programme, amounts, step),
        goals=figures.goal_figures(programme, amounts, step),
        funds=figures.fund_figures(result.scenario, amounts),
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


def _allotments(
    programme: Programme,
    solution: Solution,
    amounts: Mapping[Key, Fraction],
    prices: Prices,
    yearly: Mapping[tuple[str, int], Fraction],
) -> tuple[Allotment, ...]:
    scenario, eligible = programme.scenario, frozenset(programme.keys)
    return tuple(
        Allotment(
            key.area,
            key.year,
            key.source,
            amount=amounts.get(key, ZERO),
            unrounded=float(solution.amounts.get(key, ZERO)),
            eligible=key in eligible,
            held_by=held_by(prices, key, yearly[key.pair]) if key in eligible else None,
        )
        for key in keys_of((area.name for area in scenario.leaves), scenario.years, scenario.source)
    )


def _areas(
    programme: Programme,
    amounts: Mapping[Key, Fraction],
    prices: Prices,
    yearly: Mapping[tuple[str, int], Fraction],
) -> tuple[AreaFigures, ...]:
    found = []
    for (area, year), total in programme.yearly(amounts).items():
        found.append(
            AreaFigures(
                area=area,
                year=year,
                final_value=total,
                reduced_cost=prices.reduced_cost(area, year, yearly[area, year]),
                objective_coefficient=float(prices.coefficient(area, year, yearly[area, year])),
            )
        )
    return tuple(found)


def _rows(programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction, prices: Prices) -> list[RowFigures]:
    found = []
    for index, row in enumerate(programme.rows):
        status = figures.status(row, amounts, step)
        missed = index in prices.missed or (status is RowStatus.MISSED and row.strength.kind == "goal")
        found.append(
            RowFigures(
                row=row,
                final_value=row.left.value(amounts),
                rhs=row.right.value(amounts),
                slack=figures.slack(row, amounts, step),
                status=status,
                reached=row.reached(amounts),
                shadow_price=None if missed else prices.of_row(index),
            )
        )
    return found


def _held_goals(
    programme: Programme, solution: Solution, amounts: Mapping[Key, Fraction], step: Fraction
) -> list[RowFigures]:
    """Return each priority's sum of shortfalls as a row: held at its least while what comes after was sought."""
    found = []
    for priority, least in solution.goal_sums.items():
        goals = [g for g in figures.goal_figures(programme, amounts, step) if g.priority == priority]
        total = sum((goal.missed_by / goal.row.divisor for goal in goals), ZERO)
        row = _held_row(goals[0].row, priority, total, least)
        found.append(
            RowFigures(
                row=row,
                final_value=total,
                rhs=least,
                slack=least - total,
                status=RowStatus.BINDING,
                reached=total,
                shadow_price=float(solution.goal_prices[priority]),
            )
        )
    return found


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
