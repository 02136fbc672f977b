"""A model kept in the solver, its numbers changed and solved again: what-ifs without rebuilding.

Goals, tolerances, signs and scales are those of `solve`; so are the answers, to the last digits of the arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from allocator.programme.attempts import DIRECT, LOST, ROUNDS, TIGHTEST, WARM, cold, usual
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline
from allocator.programme.engine import Engine
from allocator.programme.numbers import Layout, Numbers
from allocator.programme.rows import Key
from allocator.programme.scaled import ScaledMatrix
from allocator.programme.session import BasicSolution, Floats, SavedBasis, Session
from allocator.programme.solve import held_bound
from allocator.programme.status import Status
from allocator.programme.ties import choose_roughly
from allocator.scenario.model import Scenario

type Yearly = Mapping[tuple[str, int], float]
"""(area, year) → amount over all sources, in the workbook's unit."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The optimum at some numbers: in the scenario's units and in the stated sense, plain floats.

    Amounts are those of the vertex found; where others are as good, `chosen` and `nearest` choose among them.
    """

    model: WarmModel = field(repr=False)
    scenario: Scenario = field(repr=False)
    """Whose amounts of last year and whose budgets choose among plans as good."""
    numbers: Numbers = field(repr=False)
    objective: float
    """The constant included."""
    bases: tuple[SavedBasis, ...] = field(repr=False)
    """The solver's bases: of each sum of shortfalls in turn, and of the objective."""
    held: tuple[float, ...] = field(repr=False)
    """The upper bounds at which the sums of shortfalls are held, in the model's units."""
    x: Floats = field(repr=False)
    """All columns, in the model's units."""
    row_dual: Floats = field(repr=False)
    goal_sums: Mapping[int, float]
    """Priority → the least sum of its shortfalls."""

    @cached_property
    def amounts(self) -> dict[Key, float]:
        """Return each amount, in the workbook's unit."""
        return self.model.amounts(self.x)

    @cached_property
    def prices(self) -> list[float | None]:
        """Return for each of the programme's rows its shadow price; None for a row without amounts."""
        scaled = self.model.layout.scaled
        return [
            None if row is None else scaled.objective_scale * float(self.row_dual[row]) / scale + 0.0
            for row, scale in zip(self.model.layout.row, scaled.row_scale, strict=True)
        ]

    @cached_property
    def missed(self) -> dict[int, float]:
        """Return the index of each goal's row → by how much it is missed, in the row's unit."""
        scale = self.model.layout.scaled.row_scale
        return {
            index: _clean(sum(float(self.x[column]) for column in columns)) * scale[index]
            for index, columns in self.model.layout.shortfalls.items()
        }

    def chosen(self) -> dict[Key, float]:
        """Return the amounts of the plan that the contract chooses among those as good, but for the last digits."""
        layout = self.model.layout
        try:
            engine = self.model.engine(self)
            choose_roughly(engine, self.scenario, layout.amounts, layout.scaled.money)
        except ArithmeticError:  # the plan found first is as good
            return self.amounts
        return self.model.amounts(engine.x)

    def nearest(self, reference: Yearly) -> dict[Key, float]:
        """Return the amounts, among plans as good, with the least Σ |x[a,t] − reference[a,t]|."""
        layout = self.model.layout
        keys_of = layout.programme.keys_of
        sums = [
            ({layout.amounts[key]: 1.0 for key in keys_of[pair]}, amount / layout.scaled.money)
            for pair, amount in reference.items()
        ]
        try:
            engine = self.model.engine(self)
            if engine.unique():
                return self.amounts
            engine.hold_face()
            engine.minimise(dict.fromkeys(engine.add_distances(sums), 1.0))
        except ArithmeticError:
            return self.amounts
        return self.model.amounts(engine.x)


class WarmModel:
    """One model in the solver; it holds a row for each sum of shortfalls, without a bound until that is known."""

    def __init__(
        self, programme: Programme, deadline: Deadline, start: SavedBasis = None, *, goals_met: bool = False
    ) -> None:
        """`goals_met`: once all goals were met, it is tried first if they can be again; bases are the objective's."""
        scaled = ScaledMatrix(programme)
        self.deadline = deadline
        self.layout = Layout(scaled)
        held = [(stage.terms, -math.inf, 0.0) for stage in scaled.stages]
        self.session = Session(scaled.arrays(scaled.cost, held), deadline.left)
        self.held_rows = list(range(self.session.height)[len(scaled.matrix.rows) :])
        self._held = [0.0] * len(held)
        self._cost, _, _, self._row_lower, self._row_upper = self.session.arrays()
        self._sent = self.layout.first
        self._bases: list[SavedBasis] = [start] * (len(held) + 1)
        self._has_row = np.array([row is not None for row in self.layout.row], dtype=bool)
        self._row_numbers = np.array([-1 if row is None else row for row in self.layout.row], dtype=np.int32)
        self._goals_met = goals_met
        self._met = False
        self._attempts = usual(self.session.width, self.session.height)

    # Numbers

    def numbers(self, programme: Programme) -> Numbers:
        """Return the numbers of `programme`; raise `OtherShape` where the model has no place for one."""
        return self.layout.numbers(programme, self._sent)

    def send(self, numbers: Numbers) -> None:
        """Give the solver what differs from what it has; costs are sent when they are sought."""
        sent, session = self._sent, self.session
        columns = np.flatnonzero(numbers.upper != sent.upper).astype(np.int32)
        session.bound_columns(columns, np.zeros(len(columns)), numbers.upper[columns])
        moved = (numbers.row_lower != sent.row_lower) | (numbers.row_upper != sent.row_upper)
        there = np.flatnonzero(moved & self._has_row)
        session.bound_rows(self._row_numbers[there], numbers.row_lower[there], numbers.row_upper[there])
        moved_entries = np.flatnonzero(numbers.entries != sent.entries)
        rows, entry_columns = self.layout.places
        for place in moved_entries.tolist():
            session.set_entry(int(rows[place]), int(entry_columns[place]), float(numbers.entries[place]))
        for number, (stage, before) in enumerate(zip(numbers.stages, sent.stages, strict=True)):
            if stage is before:
                continue
            for column, weight, old in zip(stage.columns, stage.weights, before.weights, strict=True):
                if weight != old:
                    session.set_entry(self.held_rows[number], column, weight)
        self._sent = numbers

    def seek(self, costs: Floats) -> None:
        """Make `costs` what is minimised."""
        changed = np.flatnonzero(costs != self._cost).astype(np.int32)
        self.session.price_columns(changed, costs[changed])
        self._cost = costs

    def stage_costs(self, numbers: Numbers, number: int) -> Floats:
        """Return what is minimised in a stage: a sum of shortfalls, or after all of them the objective."""
        return numbers.cost if number == len(numbers.stages) else self.layout.scaled.costs_of(numbers.stages[number])

    def hold(self, number: int, bound: float) -> None:
        """Bound a sum of shortfalls from above; inf: not yet."""
        if self._held[number] != bound:
            self.session.bound_row(self.held_rows[number], -math.inf, bound)
            self._held[number] = bound

    # Solving

    def solve(self, numbers: Numbers, scenario: Scenario) -> Answer | None:
        """Return the optimum at `numbers`, those of `scenario`; None: no plan exists. See `WhatIfs.optimum`."""
        if numbers.broken:
            return None
        self.send(numbers)
        tried = self._goals_met and self._met and self.held_rows
        if tried and (answer := self._with_goals_met(numbers, scenario)) is not None:
            return answer
        held: list[float] = []
        sums = dict.fromkeys((stage.priority for stage in numbers.stages), 0.0)
        for number in range(len(self.held_rows)):
            self.hold(number, math.inf)
        for number in range(len(self.held_rows) + 1):
            self.seek(self.stage_costs(numbers, number))
            if not self._run(number):
                return None
            if number < len(self.held_rows):
                least = max(0.0, self.session.objective)
                stage = numbers.stages[number]
                sums[stage.priority] += least * stage.scale
                held.append(held_bound(least))
                self.hold(number, held[-1])
        self._met = not any(sums.values())
        return self._answer(numbers, scenario, held, sums)

    def _answer(self, numbers: Numbers, scenario: Scenario, held: Sequence[float], sums: Mapping[int, float]) -> Answer:
        x, duals = self.session.point_and_prices()
        objective = self.objective(numbers, x)
        return Answer(self, scenario, numbers, objective, tuple(self._bases), tuple(held), x, duals, sums)

    def objective(self, numbers: Numbers, x: Floats) -> float:
        """Return the objective as stated, at `x`, all columns in the model's units."""
        return self.layout.scaled.objective_scale * float(numbers.cost @ x) + numbers.constant

    def _with_goals_met(self, numbers: Numbers, scenario: Scenario) -> Answer | None:
        """Return the optimum if all goals can be met: no sum of shortfalls is below 0, so none need be sought."""
        last = len(self.held_rows)
        if self._bases[last] is None:
            return None
        met = [held_bound(0.0)] * last
        for number, bound in enumerate(met):
            self.hold(number, bound)
        self.seek(numbers.cost)
        if Status.OPTIMAL not in self.session.attempt(WARM):
            return None
        self._bases[last] = self.session.basis()
        return self._answer(numbers, scenario, met, {stage.priority: 0.0 for stage in numbers.stages})

    def _run(self, number: int) -> bool:
        """Solve a stage from its last basis; False where it is infeasible, with loosened tolerances too."""
        basis, session, attempts = self._bases[number], self.session, self._attempts
        at_edge = [LOST[-1]]
        if basis is not None:
            if self.held_rows:
                session.start_from(basis)
            attempts = [*WARM, *cold(attempts[1:])]
            at_edge = cold(at_edge)
        seen = session.settle(attempts, at_edge)
        if seen[-1] is Status.OPTIMAL:
            self._bases[number] = session.basis()
            return True
        if Status.INFEASIBLE not in seen:
            raise session.lost()
        if basis is not None:
            session.start_from(basis)
        return False

    # Looking at a basis without solving

    def look(self, basis: SavedBasis) -> BasicSolution:
        """Return what `basis` gives at the numbers and costs sent last, whether it is optimal there or not."""
        self.session.start_from(basis)
        self.session.use(DIRECT)
        return self.session.look()

    def row_bounds(self, numbers: Numbers) -> tuple[Floats, Floats]:
        """Return the bounds of the model's rows at `numbers`, sums of shortfalls as they are held now."""
        lower, upper = self._row_lower.copy(), self._row_upper.copy()
        for index, row in enumerate(self.layout.row):
            if row is not None:
                lower[row], upper[row] = numbers.row_lower[index], numbers.row_upper[index]
        upper[self.held_rows] = self._held
        return lower, upper

    # What an optimum asks later

    def engine(self, optimum: Answer) -> Engine:
        """Return an engine of its own at `optimum`, wherever the kept model stands now."""
        self.send(optimum.numbers)
        for number, bound in enumerate(optimum.held):
            self.hold(number, bound)
        self.seek(optimum.numbers.cost)
        self.session.start_from(optimum.bases[-1])
        engine = Engine(self.session).copy()
        self.session.limit_iterations(ROUNDS)
        return engine

    def amounts(self, x: Floats) -> dict[Key, float]:
        """Return the amounts among the columns, in the workbook's unit."""
        money = self.layout.scaled.money
        return {key: _clean(float(x[column])) * money for key, column in self.layout.amounts.items()}


def _clean(value: float) -> float:
    """Return a column's value; what the tolerance can't tell from 0 is 0."""
    return value if value > TIGHTEST else 0.0
