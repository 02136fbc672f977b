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
(3.0, 1.0)
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from allocator.errors import OutputError, SolverError, UsageError
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.highs import LOOSE, STEADY, TOLERANCES, Engine, Outcome, prepare
from allocator.programme.model import Model, assemble
from allocator.programme.optimum import HeldSum, Optimum
from allocator.programme.rows import ZERO, Key, Progress
from allocator.programme.ties import break_ties

if TYPE_CHECKING:
    import pulp

ALIASES = {"cbc": "COIN_CMD"}
"""Names that people use → PuLP's, where they differ by more than an ending."""
AGREE = 1e-6
"""Two solvers agree where their objectives differ by no more than this part (of at least 1)."""
GOAL_SLACK = 1e-12
"""A held sum of goals may be exceeded by this part (of at least 1): the last bits of its own rounding."""
RECHECK, RECHECKS = 5.0, 50
"""Once an attempt has found no plan, those that are to confirm it get so many seconds, or times as long as it."""
_PRESOLVE_ROWS = 20
"""Columns per row above which presolve costs more than it saves (measured: 36 s down to 5 s)."""


@dataclass(frozen=True)
class Solution:
    """What the solver found, in the scenario's units and in the stated sense. Plain floats."""

    outcome: Outcome
    reason: str = ""
    objective: float = math.nan
    amounts: Mapping[Key, float] = field(default_factory=dict)
    prices: Sequence[float | None] = ()
    """For each of the programme's rows: its shadow price; None for a row without amounts."""
    goal_sums: Mapping[int, float] = field(default_factory=dict)
    """Priority → the least sum of its shortfalls."""
    goal_prices: Mapping[int, float] = field(default_factory=dict)
    tie: bool = False
    optimum: Optimum | None = field(default=None, compare=False, repr=False)
    """The optimum kept in the solver, to be asked for prices, ranges and room."""
    columns: int = 0
    rows: int = 0
    confirmed_by: str = ""
    """The other solver that found the same objective, where one was asked for."""
    log: tuple[str, ...] = ()
    """A line for each programme that was solved, without times: the same for the same input."""


def solve(
    programme: Programme,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    lp_file: Path | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Solve `programme`.

    `solver` is any that PuLP finds on this machine; HiGHS then confirms its objective, and chooses among ties, so
    that the plan is the same whoever solves. Reaching `time_limit` (seconds) gives outcome STOPPED. `lp_file` is
    written directly, also where no plan exists.

    Raises
    ------
    UsageError
        If PuLP knows no such solver, or it isn't installed.
    OutputError
        If `lp_file` can't be written.
    SolverError
        If two solvers disagree.
    """
    say = progress or (lambda _text, _part: None)
    say("Building the programme", None)
    prepare()
    run = _Run(assemble(programme), _other_solver(solver), Deadline(time_limit))
    try:
        return run.solution(lp_file, say)
    except OutOfTime:
        return Solution(Outcome.STOPPED, f"the time limit of {time_limit:g} seconds came before the answer")


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
        what = "isn't installed here" if found else "is no solver that PuLP knows"
        raise UsageError(f'--solver "{name}" {what}; there are: {", ".join(sorted(there))}')
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


def _clean(amount: float) -> float:
    """Return an amount of the model; what its tolerance can't tell from 0 is 0."""
    return amount if amount > TOLERANCES["primal_feasibility_tolerance"] else 0.0


@dataclass(frozen=True)
class _GoalStage:
    """A sum of shortfalls that was made least, by names."""

    shortfalls: pulp.LpAffineExpression
    held: str
    """The row that holds it there."""
    column_duals: Mapping[int, float]
    row_duals: Mapping[str, float]

    def in_place(self, column: Mapping[int, int], row: Mapping[str, int]) -> HeldSum:
        """Return it with columns and rows by their place in the last programme."""
        cost, column_dual, row_dual = np.zeros(len(column)), np.zeros(len(column)), np.zeros(len(row))
        for variable, weight in self.shortfalls.items():
            cost[column[variable.id]] += weight
        for identity, dual in self.column_duals.items():
            column_dual[column[identity]] = dual
        for name, dual in self.row_duals.items():
            row_dual[row[name]] = dual
        return HeldSum(cost, row[self.held], column_dual, row_dual)


class _Run:
    """One solve: the model, who solves it, until when."""

    def __init__(self, model: Model, other: str | None, deadline: Deadline) -> None:
        self.model = model
        self.other = other
        self.deadline = deadline
        self.goal_stages: list[_GoalStage] = []
        self.log: list[str] = []
        self.attempt = 0

    def solution(self, lp_file: Path | None, say: Progress) -> Solution:
        model = self.model
        priorities = model.programme.priorities
        goal_sums: dict[int, float] = {}
        stopped: Solution | None = None
        for number, priority in enumerate(priorities):
            say(f"Goals of priority {priority}", number / (len(priorities) + 1))
            stopped = self._goal_stages(priority, goal_sums)
            if stopped is not None:
                break
        if stopped is None:
            say(str(model.programme.scenario.objective), len(priorities) / (len(priorities) + 1))
            stopped = self._stage(model.objective)
            if stopped is None:
                self._note(str(model.programme.scenario.objective), model.objective_scale, model.programme.constant)
        if lp_file is not None:
            self._write(lp_file)
        return stopped or self._read(goal_sums, say)

    def _goal_stages(self, priority: int, goal_sums: dict[int, float]) -> Solution | None:
        """Make the shortfalls of a priority least, and hold them there; return a solution only where that fails."""
        goal_sums[priority] = 0.0
        for number, (shortfalls, scale) in enumerate(self.model.goals(priority)):
            stopped = self._stage(shortfalls)
            if stopped is not None:
                return stopped
            self._note(f"least shortfall of goals of priority {priority}", scale)
            least = max(0.0, self._objective_value())
            goal_sums[priority] += least * scale
            name = f"Goal_{priority}_held" + (f"_{number + 1}" if number else "")
            self.model.goal_rows.setdefault(priority, name)
            self.goal_stages.append(_GoalStage(shortfalls, name, *self._duals()))
            self.model.problem.addConstraint(shortfalls <= least + GOAL_SLACK * max(1.0, least), name)
        return None

    def _write(self, path: Path) -> None:
        import pulp

        try:
            self.model.problem.writeLP(str(path))
        except (OSError, pulp.PulpError) as error:
            raise OutputError(f"the linear programme can't be written: {error}") from None

    def _objective_value(self) -> float:
        solver: Any = self.model.problem.solverModel
        return float(solver.getObjectiveValue())

    def _note(self, sought: str, scale: float, constant: Fraction = ZERO) -> None:
        """Keep a line on the stage that was just solved; its objective is in the workbook's units."""
        problem = self.model.problem
        solver: Any = problem.solverModel
        attempts = f" at attempt {self.attempt}" if self.attempt > 1 else ""
        self.log.append(
            f"{sought}: optimal{attempts}, objective {scale * self._objective_value() + float(constant):.12g}, "
            f"{solver.getInfo().simplex_iteration_count:,} simplex iterations, "
            f"{problem.numConstraints():,} rows, {problem.numVariables():,} columns"
        )

    # One stage

    def _stage(self, objective: pulp.LpAffineExpression) -> Solution | None:
        """Minimise `objective`; return a solution only where that fails."""
        if self.model.impossible:
            return Solution(Outcome.INFEASIBLE)
        problem = self.model.problem
        problem.setObjective(objective)
        other = self._ask_other(self.other) if self.other else None
        outcome, reason = self._ask_highs()
        if other is not None:
            self._compare(other, outcome)
        if outcome is Outcome.INFEASIBLE:
            return Solution(outcome)
        if outcome is Outcome.STOPPED:
            return Solution(outcome, reason)
        return None

    def _ask_highs(self) -> tuple[Outcome, str]:
        """Solve with HiGHS; call it infeasible only where it is so with the tolerances loosened too."""
        import pulp

        problem = self.model.problem
        status, enough = pulp.LpSolveStatus.NotSolved, math.inf
        attempts = tries(problem.numVariables(), problem.numConstraints())
        for self.attempt, options in enumerate([*attempts, *LAST_TRIES], start=1):
            if self.attempt > len(attempts) and enough < math.inf:
                break
            began = time.monotonic()
            status = self._attempt({**STEADY, **options}, enough)
            if status == pulp.LpSolveStatus.Optimal:
                return Outcome.OPTIMAL, ""
            if status == pulp.LpSolveStatus.Infeasible:
                enough = min(enough, max(RECHECK, RECHECKS * (time.monotonic() - began)))
            self.deadline.left()
        if enough < math.inf:
            return Outcome.INFEASIBLE, ""
        return Outcome.STOPPED, f"HiGHS stopped: {status.name}"

    def _attempt(self, options: Mapping[str, Any], enough: float) -> pulp.LpSolveStatus:
        """Solve once, in no more than `enough` seconds."""
        import pulp

        left = self.deadline.left()
        limit = min(math.inf if left is None else left, enough)
        highs = pulp.HiGHS(
            msg=False, output_flag=False, solver="simplex", timeLimit=None if math.isinf(limit) else limit, **options
        )
        return self.model.problem.solve(highs).status

    def _ask_other(self, name: str) -> tuple[Outcome, float]:
        import pulp

        solver = pulp.getSolver(name, msg=False, timeLimit=self.deadline.left())
        try:
            stats = self.model.problem.solve(solver)
        except pulp.PulpSolverError as error:
            raise SolverError(f"{name} failed: {error}") from None
        self.deadline.left()
        if stats.status == pulp.LpSolveStatus.Optimal:
            return Outcome.OPTIMAL, float(pulp.value(self.model.problem.objective) or 0.0)
        if stats.status == pulp.LpSolveStatus.Infeasible:
            return Outcome.INFEASIBLE, math.nan
        if stats.status == pulp.LpSolveStatus.Undefined:  # "infeasible or unbounded", which no programme here is
            return Outcome.STOPPED, math.nan
        raise SolverError(f"{name} stopped without an answer: {stats.status.name}")

    def _compare(self, other: tuple[Outcome, float], outcome: Outcome) -> None:
        found = self._objective_value()
        same = other[0] is outcome and (
            outcome is not Outcome.OPTIMAL or abs(other[1] - found) <= AGREE * max(1.0, abs(found))
        )
        unsure = other[0] is Outcome.STOPPED and outcome is Outcome.INFEASIBLE
        if not same and not unsure and outcome is not Outcome.STOPPED:
            raise SolverError(
                f"{self.other} and HiGHS disagree ({other[0].value} {other[1]:.9g}, {outcome.value} {found:.9g}); "
                "no plan is written"
            )

    # The answer

    def _read(self, goal_sums: Mapping[int, float], say: Progress) -> Solution:
        model, problem = self.model, self.model.problem
        column = {variable.id: number for number, variable in enumerate(problem.exported_variables())}
        row = {constraint.name: constraint.id for constraint in problem.constraints()}
        engine = Engine(problem.solverModel, self.deadline)
        objective = model.objective_scale * float(engine.cost @ engine.x) + float(model.programme.constant)
        duals = engine.row_dual
        prices = [
            None if name is None else self._price(float(duals[row[name]]), scale)
            for name, scale in zip(model.row_of, model.row_scale, strict=True)
        ]
        goal_prices = {
            priority: self._price(float(duals[row[name]]), model.goals(priority)[0][1])
            for priority, name in model.goal_rows.items()
        }
        vertex = engine.copy()
        say("Choosing among equally good plans", None)
        amounts = {key: column[variable.id] for key, variable in model.amounts.items()}
        x = engine.x
        try:
            tie = break_ties(engine, model.programme.scenario, amounts, model.money)
            x = engine.x
        except ArithmeticError:  # the plan found first is as good; that there are others is still true
            tie = True
        return Solution(
            Outcome.OPTIMAL,
            objective=objective,
            amounts={key: _clean(float(x[number])) * model.money for key, number in amounts.items()},
            prices=prices,
            goal_sums=goal_sums,
            goal_prices=goal_prices,
            tie=tie,
            optimum=Optimum(
                model,
                vertex,
                x=np.array(x[: len(column)]),
                activity=np.array(engine.activity[: len(row)]),
                column=column,
                row=row,
                stages=tuple(stage.in_place(column, row) for stage in self.goal_stages),
            ),
            columns=problem.numVariables(),
            rows=problem.numConstraints(),
            confirmed_by=self.other or "",
            log=tuple(self.log),
        )

    def _duals(self) -> tuple[dict[int, float], dict[str, float]]:
        """Return the last run's prices: of variables by id, of constraints by name."""
        problem = self.model.problem
        solver: Any = problem.solverModel
        found = solver.getSolution()
        return (
            {v.id: d for v, d in zip(problem.exported_variables(), found.col_dual, strict=True) if d},
            {c.name: d for c, d in zip(problem.constraints(), found.row_dual, strict=True) if d},
        )

    def _price(self, dual: float, row_scale: float) -> float:
        """Turn a dual of the model into the change of the stated objective per unit of the row."""
        return self.model.objective_scale * dual / row_scale + 0.0
