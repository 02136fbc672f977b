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
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.errors import (
    NoSuchSolverError,
    OtherSolverFailedError,
    OtherSolverStoppedError,
    ProgrammeNotWrittenError,
    SolversDisagreeError,
)
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.decision import Decided, Decision, Units
from allocator.programme.highs import LOOSE, STEADY, TOLERANCES, Engine, Outcome, iterations, prepare, proposed
from allocator.programme.matrix import Matrix
from allocator.programme.model import Model, assemble
from allocator.programme.optimum import Optimum
from allocator.programme.progress import Progress, SeekingGoals, SeekingObjective, Solving
from allocator.programme.rows import ZERO, Key
from allocator.programme.simplex import Basis
from allocator.programme.ties import break_ties
from allocator.scenario.model import Objective

if TYPE_CHECKING:
    import pulp

ALIASES = {"cbc": "COIN_CMD"}
"""Names that people use → PuLP's, where they differ by more than an ending."""
type Answered = tuple[Outcome, float]
"""What another solver says, and its objective in the model's units."""

AGREE = 1e-6
"""A solver agrees with the exact decision where their objectives differ by no more than this part (of at least 1)."""
GOAL_SLACK = 1e-12
"""A held sum of goals may be exceeded by this part (of at least 1): the last bits of its own rounding."""
_PRESOLVE_ROWS = 20
"""Columns per row above which presolve costs more than it saves (measured: 36 s down to 5 s)."""


@dataclass(frozen=True)
class Stage:
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

    outcome: Outcome
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
    log: tuple[Stage, ...] = ()
    """One for each programme that was solved."""


def solve(
    programme: Programme,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    lp_file: Path | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve `programme`.

    HiGHS proposes, fractions decide. `solver` is any other that PuLP finds on this machine: its answers must be those
    decided; the choice among ties is the same whoever solves. Reaching `time_limit` (seconds) gives outcome STOPPED.
    `lp_file` is written directly, also where no plan exists.

    Raises
    ------
    UsageError
        If PuLP knows no such solver, or it isn't installed.
    OutputError
        If `lp_file` can't be written.
    SolverError
        If another solver's answer isn't what is decided.
    """
    say = progress or (lambda _text, _part: None)
    say(Solving.BUILDING, None)
    prepare()
    run = _Run(assemble(programme), _other_solver(solver), Deadline(time_limit))
    try:
        return run.solution(lp_file, say)
    except OutOfTime:
        return Solution(Outcome.STOPPED)


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


def tries(columns: int, rows: int) -> list[dict[str, Any]]:
    """Return the options to solve with, one set after the other until there is a plan: loosened in the end."""
    presolve = "off" if columns > _PRESOLVE_ROWS * rows else "choose"
    return [
        {**TOLERANCES, "presolve": presolve},
        {**TOLERANCES, "presolve": "off"},
        {**LOOSE, "presolve": "off"},
        {**LOOSE, "presolve": "on"},
    ]


LAST_TRIES: tuple[dict[str, Any], ...] = (
    {**TOLERANCES, "presolve": "off", "simplex_strategy": 4},
    {**LOOSE, "presolve": "off", "simplex_strategy": 4},
)
"""The primal simplex, where the dual one has found neither a plan nor that there is none."""


def held_bound(least: float) -> float:
    """Return what a sum of shortfalls whose least is `least` is held at."""
    return least + GOAL_SLACK * max(1.0, least)


class _Run:
    """One solve: the model, who solves it, until when."""

    def __init__(self, model: Model, other: str | None, deadline: Deadline) -> None:
        self.model = model
        self.other = other
        self.deadline = deadline
        self.decision = Decision(Matrix(model.programme), deadline.left)
        self.log: list[Stage] = []
        self.attempt = 0

    def solution(self, lp_file: Path | None, say: Progress) -> Solution:
        if self.model.impossible:
            if lp_file is not None:
                self._write(lp_file)
            return Solution(Outcome.INFEASIBLE)
        found = self._decide(say)
        if lp_file is not None:
            self._write(lp_file)
        return Solution(Outcome.INFEASIBLE) if found is None else self._read(found, say)

    def _decide(self, say: Progress) -> Decided | None:
        """Return the exact optimum, goals first; None: no plan exists."""
        priorities = self.model.programme.priorities
        for number, priority in enumerate(priorities):
            say(SeekingGoals(priority), number / (len(priorities) + 1))
            if self._seek_goals(priority) is None:
                return None
        say(SeekingObjective(self.model.programme.scenario.objective), len(priorities) / (len(priorities) + 1))
        other = self._propose(self.model.objective)
        found = self.decision.seek_objective(self._proposed())
        stated = ZERO if found is None else self.decision.objective - self.model.programme.constant
        self._compare(other, None if found is None else float(stated) / self.model.objective_scale)
        if found is not None:
            self._note(self.model.programme.scenario.objective, self.decision.objective)
        return found

    def _seek_goals(self, priority: int) -> Decided | None:
        """Make the shortfalls of a priority least, and hold them there."""
        shortfalls, scale = self.model.goals(priority)
        other = self._propose(shortfalls)
        found = self.decision.seek_goals(priority, self._proposed())
        self._compare(other, None if found is None else float(found.least) / scale)
        if found is not None:
            self._note(priority, found.least)
            name = self.model.goal_rows[priority] = f"Goal_{priority}_held"
            self.model.problem.addConstraint(shortfalls <= held_bound(float(found.least) / scale), name)
        return found

    def _write(self, path: Path) -> None:
        import pulp

        try:
            self.model.problem.writeLP(str(path))
        except (OSError, pulp.PulpError) as error:
            raise ProgrammeNotWrittenError(error) from None

    def _note(self, sought: int | Objective, reached: Fraction) -> None:
        """Keep what there is to know of the stage that was just solved."""
        problem = self.model.problem
        solver: Any = problem.solverModel
        self.log.append(
            Stage(
                sought,
                reached,
                attempt=self.attempt,
                iterations=solver.getInfo().simplex_iteration_count,
                pivots=self.decision.stages[-1].vertex.pivots,
                rows=problem.numConstraints(),
                columns=problem.numVariables(),
            )
        )

    # What floating point proposes

    def _propose(self, objective: pulp.LpAffineExpression) -> Answered | None:
        """Let HiGHS minimise `objective`; return what the other solver answers, where one is asked."""
        self.model.problem.setObjective(objective)
        other = self._ask_other(self.other) if self.other else None
        self._ask_highs()
        return other

    def _proposed(self) -> Basis:
        """Return the basis that HiGHS ended with."""
        return Basis(*proposed(self.model.problem.solverModel))

    def _ask_highs(self) -> None:
        """Solve with HiGHS; where it finds no plan at once, without presolve, so that it leaves a basis."""
        import pulp

        problem = self.model.problem
        size = problem.numVariables(), problem.numConstraints()
        for self.attempt, options in enumerate(tries(*size)[:2], start=1):
            status = self._attempt({**STEADY, **iterations(*size), **options})
            self.deadline.left()
            if status == pulp.LpSolveStatus.Optimal:
                return

    def _attempt(self, options: Mapping[str, Any]) -> pulp.LpSolveStatus:
        import pulp

        highs = pulp.HiGHS(msg=False, output_flag=False, solver="simplex", timeLimit=self.deadline.left(), **options)
        return self.model.problem.solve(highs).status

    def _ask_other(self, name: str) -> Answered:
        import pulp

        solver = pulp.getSolver(name, msg=False, timeLimit=self.deadline.left())
        try:
            stats = self.model.problem.solve(solver)
        except pulp.PulpSolverError as error:
            raise OtherSolverFailedError(name, error) from None
        self.deadline.left()
        if stats.status == pulp.LpSolveStatus.Optimal:
            return Outcome.OPTIMAL, float(pulp.value(self.model.problem.objective) or 0.0)
        if stats.status == pulp.LpSolveStatus.Infeasible:
            return Outcome.INFEASIBLE, math.nan
        if stats.status == pulp.LpSolveStatus.Undefined:  # "infeasible or unbounded", which no programme here is
            return Outcome.STOPPED, math.nan
        raise OtherSolverStoppedError(name, stats.status.name)

    def _compare(self, other: Answered | None, proved: float | None) -> None:
        """Raise SolverError where another solver's answer isn't that of the exact decision (None: no plan exists)."""
        if other is None or (other[0] is Outcome.STOPPED and proved is None):
            return
        if proved is None or other[0] is not Outcome.OPTIMAL:
            same = proved is None and other[0] is Outcome.INFEASIBLE
        else:
            same = abs(other[1] - proved) <= AGREE * max(1.0, abs(proved))
        if not same:
            raise SolversDisagreeError(str(self.other), other[0].value, other[1], proved)

    # The answer

    def _read(self, found: Decided, say: Progress) -> Solution:
        model, problem, decision = self.model, self.model.problem, self.decision
        basis = found.vertex.basis
        engine = Engine(problem.solverModel, self.deadline, still=True)
        engine.take(set(basis.basic), basis.at_upper)
        vertex = engine.copy()
        units = _units(model, decision)
        say(Solving.CHOOSING, None)
        chosen = break_ties(decision.matrix, decision.form, found.vertex, engine, units, self.deadline.left)
        sign = -1 if model.programme.maximise else 1
        prices = {at: sign * price for at, price in found.vertex.prices.items()}
        row_at = {row.index: at for at, row in enumerate(decision.matrix.rows) if row.index is not None}
        return Solution(
            Outcome.OPTIMAL,
            objective=decision.objective,
            amounts=dict(zip(model.programme.keys, chosen.values, strict=False)),
            prices=[
                None if name is None else prices.get(row_at[index], ZERO) for index, name in enumerate(model.row_of)
            ],
            goal_sums={
                priority: stage.least
                for priority, stage in zip(model.programme.priorities, decision.stages, strict=False)
            },
            goal_prices={priority: prices.get(at, ZERO) for priority, at in decision.held.items()},
            tie=chosen.tie,
            optimum=_optimum(model, decision, chosen.values, vertex, units),
            columns=problem.numVariables(),
            rows=problem.numConstraints(),
            confirmed_by=self.other or "",
            decision=decision,
            log=tuple(self.log),
        )


def _units(model: Model, decision: Decision) -> Units:
    """Return how much of the workbook's unit one of the solver's columns, and of its rows, is."""
    money, matrix = Fraction(model.money), decision.matrix
    columns = [money if column.goal is None else Fraction(model.row_scale[column.goal]) for column in matrix.columns]
    rows = [money if row.index is None else Fraction(model.row_scale[row.index]) for row in matrix.rows]
    return columns, [*rows, *(Fraction(model.goals(priority)[1]) for priority in matrix.goals)]


def _optimum(model: Model, decision: Decision, values: Sequence[Fraction], vertex: Engine, units: Units) -> Optimum:
    """Return the optimum as the solver has it, the plan shown being these exact values of the columns."""
    activity = [ZERO] * len(decision.form.row_lower)
    for value, entries in zip(values, decision.form.columns, strict=True):
        if value:
            for row, entry in entries:
                activity[row] += entry * value
    return Optimum(
        model,
        vertex,
        decision,
        (*values, *activity),
        units,
        column={variable.id: number for number, variable in enumerate(model.problem.exported_variables())},
        row={constraint.name: constraint.id for constraint in model.problem.constraints()},
    )
