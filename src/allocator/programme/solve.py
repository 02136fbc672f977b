"""Programme → Solution: goals in priority order, then the objective, then the choice among ties.

Signs, statuses and the solver are this file's secret. One convention, everywhere outside: a shadow price is the
change of the objective *as stated* per unit that the right-hand side grows, in the scenario's unit.

Maximise 3·Roads with Roads ≤ 4: one unit more room is worth 3. Minimise spending with Roads ≥ 2: one unit more asked
for costs 1, and spending is the objective, so that its price is +1 too.

>>> from fractions import Fraction
>>> from allocator.programme.build import build
>>> from allocator.scenario.model import *
>>> at, cell = Origin("Areas", 2), Cell("Areas", 2, 3)
>>> city = Source("City", SourceKind.BUDGET, None, {2026: Fraction(10)}, False, False, at)
>>> roads = Area("Roads", None, (), None, {}, Fraction(3), ("City",), {}, Assignment(), at)
>>> def price(objective, **limit):
...     limits = {("Roads", 2026): Limits(**limit, cells=dict.fromkeys(limit, cell))}
...     nothing = Fraction(0)
...     asked = Scenario("", "", nothing, objective, nothing, (), (2026,), (city,), (roads,), limits, {}, (), (), {})
...     return solve(build(asked)).prices[-1]
>>> price(Objective(), maximum=Fraction(4)), price(Objective(maximise=False), minimum=Fraction(2))
(Fraction(3, 1), Fraction(1, 1))
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.errors import (
    NoSuchSolverError,
    OtherSolverFailedError,
    OtherSolverStoppedError,
    ProgrammeNotWrittenError,
    SolversDisagreeError,
)
from allocator.programme.build import Programme
from allocator.programme.decision import (
    Decided,
    Decision,
    Units,
    free_items,
    on_face,
    optimum,
    with_distances,
)
from allocator.programme.matrix import ScaledMatrix, ScaledStage, lp_problem, objective_terms
from allocator.programme.optimum import Engine, Optimum
from allocator.programme.rows import ONE, ZERO, Key, keys_of
from allocator.programme.session import Floats, Session, Terms, cold, usual
from allocator.programme.simplex import Basis, Simplex, Vertex
from allocator.programme.status import (
    Deadline,
    OutOfTime,
    Progress,
    SeekingGoals,
    SeekingObjective,
    Solving,
    Status,
    silent,
)
from allocator.scenario.model import Objective, Scenario

if TYPE_CHECKING:
    import pulp

# -- the choice among ties ---------------------------------------------------------------------------------------------
#
# Among equally good plans, the one that the contract chooses.
#
# First the least Σ |x[a,t] − Last year[a]| (areas with a blank Last year left out), then the least Σ |x[a,t,s] −
# x[a,t]·b[s,t]/Σ_{eligible} b|, then the larger amount in order of area, year, source. Each stage keeps to the optimal
# face of the one before, by fixing what has a price there: in fractions, so that plans are equally good only where they
# are so exactly. HiGHS proposes the basis of each stage.

type Sums = list[tuple[Mapping[int, Fraction], Fraction]]


@dataclass(frozen=True)
class Chosen:
    """The plan that is shown, column by column, and whether there was a choice."""

    values: Sequence[Fraction]
    tie: bool


def break_ties(decision: Decision, engine: Engine, units: Units) -> Chosen:
    """Return the chosen one among all plans that are as good as that of the last stage.

    `engine` stands at the same basis, and is moved; `units` are what one of its own is of each column and row.
    """
    programme, width = decision.matrix.programme, len(decision.matrix.columns)
    face = _Face(decision, engine, units)
    if face.settled or not face.spreads(len(programme.keys)):
        return Chosen(decision.stages[-1].vertex.values[:width], tie=False)
    scenario = programme.scenario
    column = {key: at for at, key in enumerate(programme.keys)}
    for sums in (_last_year_sums(scenario, column), _source_sums(scenario, column)):
        if sums and not face.settled:
            face.draw_near(sums)
    if not face.settled:
        face.maximise_in_order(range(len(programme.keys)))
    return Chosen(face.vertex.values[:width], tie=True)


def choose_roughly(engine: Engine, scenario: Scenario, column: Mapping[Key, int], money: float) -> None:
    """Move `engine` to nearly the same plan by floating-point numbers alone, where very many are looked at."""
    if engine.unique() or not engine.spreads(list(column.values())):
        return
    settled = False  # what `spreads` left behind says nothing of the plans that are equally good
    for sums in (_last_year_sums(scenario, column), _source_sums(scenario, column)):
        if sums and not settled:
            engine.minimise(dict.fromkeys(engine.add_distances(_in_floats(sums, money)), 1.0))
            settled = engine.unique()
            engine.hold_face()
    if not settled:
        engine.maximise_in_order(list(column.values()))


def _in_floats(sums: Sums, money: float) -> list[tuple[Mapping[int, float], float]]:
    return [({at: float(c) for at, c in terms.items()}, float(target) / money) for terms, target in sums]


class _Face:
    """Optimal plans, in fractions and in HiGHS side by side."""

    def __init__(self, decision: Decision, engine: Engine, units: Units) -> None:
        self.engine, self.units, self.watch = engine, units, decision.watch
        last = decision.stages[-1]
        self.form, self.vertex = on_face(last.form, last.vertex), last.vertex
        self._hold()

    def _hold(self) -> None:
        values, units = self.vertex.values, [*self.units[0], *self.units[1]]
        ends = zip([*self.form.lower, *self.form.row_lower], [*self.form.upper, *self.form.row_upper], strict=True)
        fixed = [item for item, (low, high) in enumerate(ends) if low is not None and low == high]
        self.engine.fix({item: float(values[item] / units[item]) for item in fixed})

    @property
    def settled(self) -> bool:
        """Whether there is only one plan left."""
        return next(iter(free_items(self.form, self.vertex)), None) is None

    def spreads(self, count: int) -> bool:
        """Whether any of the first `count` columns can move: by pushing all that is free as far as it goes.

        A basic solution is the only one where the sum of the distances of its nonbasic items from their bounds
        can't be made positive (O. L. Mangasarian, Uniqueness of solution in linear programming, 1979).
        """
        width, before = len(self.form.columns), self.vertex
        lower = [*self.form.lower, *self.form.row_lower]
        away = {item: -ONE if before.values[item] == lower[item] else ONE for item in free_items(self.form, before)}
        costs = {item: cost for item, cost in away.items() if item < width}
        for at, entries in enumerate(self.form.columns):
            added = sum(
                (entry * away[width + row] for row, entry in entries if width + row in away), costs.get(at, Fraction(0))
            )
            if added:
                costs[at] = added
        found = self._minimise(costs)
        return found.values[:count] != before.values[:count]

    def draw_near(self, sums: Sums) -> None:
        """Make Σ |Σ coefficient · column − target| least, and keep to the plans where it is."""
        first = len(self.form.columns)
        money = self.units[0][0]
        self.engine.add_distances(_in_floats(sums, float(money)))
        self.units = [*self.units[0], *(money for _ in sums)], [*self.units[1], *(money for _ in sums for _ in (0, 1))]
        self.form = with_distances(self.form, sums)
        self.vertex = self._minimise(dict.fromkeys(range(first, first + len(sums)), ONE))
        self.form = on_face(self.form, self.vertex)
        self._hold()

    def maximise_in_order(self, columns: Sequence[int]) -> None:
        """Make the first column as large as it can be, then the second, and so on."""
        with suppress(ArithmeticError):
            self.engine.maximise_in_order(columns)
        simplex = Simplex(self.form, self._proposed(), self.watch)
        simplex.minimise({})
        simplex.maximise_in_order(columns)
        self.vertex = simplex.minimise({})

    def _minimise(self, costs: Mapping[int, Fraction]) -> Vertex:
        with suppress(ArithmeticError):  # then its last basis is as good a start as any
            self.engine.minimise({at: float(cost) for at, cost in costs.items()})
        return optimum(self.form, self._proposed(), costs, self.watch)

    def _proposed(self) -> Basis:
        return self.engine.session.proposed()


def _last_year_sums(scenario: Scenario, column: Mapping[Key, int]) -> Sums:
    """Return x[a,t] and Last year[a] for each area that has one, and each year."""
    return [
        ({column[key]: ONE for key in keys_of((area.name,), (year,), area.sources)}, area.last_year)
        for area in scenario.leaves
        if area.last_year is not None
        for year in scenario.years
    ]


def _source_sums(scenario: Scenario, column: Mapping[Key, int]) -> Sums:
    """Return x[a,t,s] − x[a,t]·b[s,t]/Σ b for each area and year that more than one source may pay."""
    sums: Sums = []
    for area in scenario.leaves:
        for year in scenario.years:
            available = scenario.available(area.sources, year)
            if len(area.sources) < 2 or not available:
                continue
            keys = list(keys_of((area.name,), (year,), area.sources))
            for key in keys:
                part = scenario.source[key.source].available[year] / available
                terms = {column[other]: -part for other in keys}
                terms[column[key]] += ONE
                sums.append(({number: value for number, value in terms.items() if value}, Fraction(0)))
    return sums


# -- the solution ------------------------------------------------------------------------------------------------------

ALIASES = {"cbc": "COIN_CMD"}
"""Names that people use → PuLP's, where they differ by more than an ending."""
type Answered = tuple[Status, float]
"""What another solver says, and its objective in the model's units."""

AGREE = 1e-6
"""A solver agrees with the exact decision where their objectives differ by no more than this part (of at least 1)."""
GOAL_SLACK = 1e-12
"""The bound of a goal's sum may be exceeded by this part (of at least 1): the last bits of its own rounding."""


@dataclass(frozen=True)
class StageRun:
    """A programme that was solved, without times: the same for the same input."""

    sought: int | Objective
    """The priority whose goals' shortfalls were made least, or the objective."""
    reached: Fraction
    attempt: int
    """How often HiGHS was asked."""
    iterations: int
    """Of HiGHS."""
    pivots: int
    """In fractions, beyond what HiGHS proposed."""
    rows: int
    columns: int


@dataclass(frozen=True)
class Solution:
    """What was found, in the scenario's units and in the stated sense: exact numbers."""

    status: Status
    objective: Fraction = ZERO
    amounts: Mapping[Key, Fraction] = field(default_factory=dict)
    prices: Sequence[Fraction | None] = ()
    """For each of the programme's rows: its shadow price; None for a row without amounts."""
    goal_sums: Mapping[int, Fraction] = field(default_factory=dict)
    """Priority → the least sum of its shortfalls."""
    goal_prices: Mapping[int, Fraction] = field(default_factory=dict)
    tie: bool = False
    optimum: Optimum | None = field(default=None, compare=False, repr=False)
    """The optimum kept in the solver, to be asked for prices, ranges and room."""
    columns: int = 0
    rows: int = 0
    confirmed_by: str = ""
    """The other solver that found the same objective, where one was asked for."""
    decision: Decision | None = field(default=None, compare=False, repr=False)
    """The stages' exact optima, from which the plan is proved."""
    log: tuple[StageRun, ...] = ()
    """One for each programme that was solved."""


def solve(
    programme: Programme,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    lp_file: Path | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Decide a programme: its best plan, goals first, or that there is none.

    HiGHS proposes, fractions decide; the choice among ties is the same whoever solves.

    Parameters
    ----------
    programme
        What `build` returns.
    solver
        Any other that PuLP finds on this machine: its answers must be those decided.
    time_limit
        Seconds; once they are over the status is STOPPED. None: no limit.
    lp_file
        Where the programme is written in LP format, also where no plan exists.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Solution
        Exact amounts, prices and sums of shortfalls, in the scenario's unit and the stated sense.

    Raises
    ------
    UsageError
        PuLP knows no such solver, or it isn't installed.
    OutputError
        `lp_file` can't be written.
    SolverError
        Another solver's answer isn't what is decided.
    """
    say = progress or silent
    say(Solving.BUILDING, None)
    run = _Run(ScaledMatrix(programme), _other_solver(solver), Deadline(time_limit))
    try:
        return run.solution(lp_file, say)
    except OutOfTime:
        return Solution(Status.STOPPED)


def _other_solver(name: str) -> str | None:
    """Return PuLP's name of a solver that isn't HiGHS; None for HiGHS."""
    wanted = ALIASES.get(name.casefold(), name)
    if wanted.casefold() == "highs":
        return None
    import pulp

    there = pulp.listSolvers(onlyAvailable=True)
    names = {f"{wanted}{ending}".casefold() for ending in ("", "_CMD", "_PY")}
    found = [other for other in pulp.listSolvers() if other.casefold() in names]
    if not set(found) & set(there):
        raise NoSuchSolverError(name, known=bool(found), there=sorted(there))
    return next(other for other in found if other in there)


def held_bound(least: float) -> float:
    """Return what a sum of shortfalls whose least is `least` is held at."""
    return least + GOAL_SLACK * max(1.0, least)


class _Run:
    """One solve: the model, who solves it, until when."""

    def __init__(self, scaled: ScaledMatrix, other: str | None, deadline: Deadline) -> None:
        self.scaled = scaled
        self.other = other
        self.deadline = deadline
        self.decision = Decision(scaled.matrix, deadline.left)
        self.sought: Terms | None = None
        """What is minimised now; None: nothing yet."""
        self.held: list[tuple[ScaledStage, float]] = []
        self.log: list[StageRun] = []
        self.attempt = 0

    def solution(self, lp_file: Path | None, say: Progress) -> Solution:
        found = None if self.scaled.impossible else self._decide(say)
        if lp_file is not None:
            self._write(lp_file)
        return Solution(Status.INFEASIBLE) if found is None else self._read(found, say)

    def _decide(self, say: Progress) -> Decided | None:
        """Return the exact optimum, goals first; None: no plan exists."""
        scaled, stages, programme = self.scaled, self.scaled.stages, self.scaled.programme
        for number, stage in enumerate(stages):
            say(SeekingGoals(stage.priority), number / (len(stages) + 1))
            if self._seek_goals(stage) is None:
                return None
        say(SeekingObjective(programme.scenario.objective), len(stages) / (len(stages) + 1))
        other = self._propose(objective_terms(scaled), scaled.cost)
        found = self.decision.seek_objective(self._proposed())
        stated = ZERO if found is None else self.decision.objective - programme.constant
        self._compare(other, None if found is None else float(stated) / scaled.objective_scale)
        if found is not None:
            self._note(programme.scenario.objective, self.decision.objective)
        return found

    def _seek_goals(self, stage: ScaledStage) -> Decided | None:
        """Make the shortfalls of a priority least, and hold them there."""
        other = self._propose(stage.terms, self.scaled.costs_of(stage))
        found = self.decision.seek_goals(stage.priority, self._proposed())
        self._compare(other, None if found is None else float(found.least) / stage.scale)
        if found is not None:
            self._note(stage.priority, found.least)
            self.held.append((stage, held_bound(float(found.least) / stage.scale)))
        return found

    def _write(self, path: Path) -> None:
        import pulp

        try:
            self._problem().writeLP(str(path))
        except (OSError, pulp.PulpError) as error:
            raise ProgrammeNotWrittenError(error) from None

    def _problem(self) -> pulp.LpProblem:
        return lp_problem(self.scaled, self.sought, self.held)

    def _note(self, sought: int | Objective, reached: Fraction) -> None:
        """Keep what there is to know of the stage that was just solved."""
        self.log.append(
            StageRun(
                sought,
                reached,
                attempt=self.attempt,
                iterations=self.session.iterations,
                pivots=self.decision.stages[-1].vertex.pivots,
                rows=self.session.height,
                columns=self.session.width,
            )
        )

    # What floating point proposes

    def _propose(self, sought: Terms, cost: Floats) -> Answered | None:
        """Let HiGHS minimise what is sought; return what the other solver answers, where one is asked."""
        self.sought = sought
        other = self._ask_other(self.other) if self.other else None
        self._ask_highs(cost)
        return other

    def _proposed(self) -> Basis:
        """Return the basis that HiGHS ended with."""
        return self.session.proposed()

    def _ask_highs(self, cost: Floats) -> None:
        """Solve with HiGHS; where it finds no plan at once, without presolve, so that it leaves a basis."""
        held = [(stage.terms, -math.inf, bound) for stage, bound in self.held]
        self.session = Session(self.scaled.arrays(cost, held), self.deadline.left)
        first, second = usual(self.session.width, self.session.height)[:2]
        self.attempt = len(self.session.attempt([first, *cold([second])]))

    def _ask_other(self, name: str) -> Answered:
        import pulp

        solver = pulp.getSolver(name, msg=False, timeLimit=self.deadline.left())
        problem = self._problem()
        try:
            stats = problem.solve(solver)
        except pulp.PulpSolverError as error:
            raise OtherSolverFailedError(name, error) from None
        self.deadline.left()
        if stats.status == pulp.LpSolveStatus.Optimal:
            return Status.OPTIMAL, float(pulp.value(problem.objective) or 0.0)
        if stats.status == pulp.LpSolveStatus.Infeasible:
            return Status.INFEASIBLE, math.nan
        if stats.status == pulp.LpSolveStatus.Undefined:  # "infeasible or unbounded", which no programme here is
            return Status.STOPPED, math.nan
        raise OtherSolverStoppedError(name, stats.status.name)

    def _compare(self, other: Answered | None, proved: float | None) -> None:
        """Raise SolverError where another solver's answer isn't that of the exact decision (None: no plan exists)."""
        if other is None or (other[0] is Status.STOPPED and proved is None):
            return
        if proved is None or other[0] is not Status.OPTIMAL:
            same = proved is None and other[0] is Status.INFEASIBLE
        else:
            same = abs(other[1] - proved) <= AGREE * max(1.0, abs(proved))
        if not same:
            raise SolversDisagreeError(str(self.other), other[0].value, other[1], proved)

    # The answer

    def _read(self, found: Decided, say: Progress) -> Solution:
        scaled, decision, programme = self.scaled, self.decision, self.scaled.programme
        engine = Engine(self.session, still=True)
        engine.take(found.vertex.basis)
        vertex = engine.copy()
        units = _units(scaled)
        say(Solving.CHOOSING, None)
        chosen = break_ties(decision, engine, units)
        sign = -1 if programme.maximise else 1
        prices = {at: sign * price for at, price in found.vertex.prices.items()}
        return Solution(
            Status.OPTIMAL,
            objective=decision.objective,
            amounts=dict(zip(programme.keys, chosen.values, strict=False)),
            prices=[None if at is None else prices.get(at, ZERO) for at in scaled.matrix.row_at],
            goal_sums={
                priority: stage.least for priority, stage in zip(programme.priorities, decision.stages, strict=False)
            },
            goal_prices={priority: prices.get(at, ZERO) for priority, at in decision.held.items()},
            tie=chosen.tie,
            optimum=_optimum(scaled, decision, chosen.values, vertex, units),
            columns=len(decision.matrix.columns),
            rows=len(decision.form.row_lower),
            confirmed_by=self.other or "",
            decision=decision,
            log=tuple(self.log),
        )


def _units(scaled: ScaledMatrix) -> Units:
    """Return how much of the workbook's unit one of the solver's columns, and of its rows, is."""
    money, scale = Fraction(scaled.money), scaled.row_scale
    columns = [money if column.goal is None else Fraction(scale[column.goal]) for column in scaled.matrix.columns]
    rows = [money if row.index is None else Fraction(scale[row.index]) for row in scaled.matrix.rows]
    return columns, [*rows, *(Fraction(stage.scale) for stage in scaled.stages)]


def _optimum(
    scaled: ScaledMatrix, decision: Decision, values: Sequence[Fraction], vertex: Engine, units: Units
) -> Optimum:
    """Return the optimum as the solver has it, the plan shown being these exact values of the columns."""
    activity = [ZERO] * len(decision.form.row_lower)
    for value, entries in zip(values, decision.form.columns, strict=True):
        if value:
            for row, entry in entries:
                activity[row] += entry * value
    return Optimum(scaled, vertex, decision, (*values, *activity), units)
