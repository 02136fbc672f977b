"""Many what-ifs of one scenario: one programme kept warm in the solver, whose numbers change.

From an edit to the solver each layer says what changed, and the next looks at nothing else: the row of a table is read
again (`Patches`), the demands that have it in them are built again (`altered`), the numbers that differ are read
(`Layout`) and sent (`WarmModel`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from allocator.programme.build import Programme, altered
from allocator.programme.matrix import ScaledMatrix, ScaledStage, body, scaled_values
from allocator.programme.optimum import Engine
from allocator.programme.rows import ZERO, Key, Piece, Row
from allocator.programme.session import (
    DIRECT,
    LOST,
    ROUNDS,
    TIGHTEST,
    WARM,
    BasicSolution,
    Floats,
    SavedBasis,
    Session,
    cold,
    usual,
)
from allocator.programme.solve import choose_roughly, held_bound
from allocator.programme.status import Deadline, Status
from allocator.scenario.model import Cell, Edit, Raw, Rule, Scenario, Source, values_of
from allocator.scenario.reading import Patches

# -- numbers and their places ------------------------------------------------------------------------------------------
#
# The numbers of a programme, each at its place in the solver's model, so that changed ones can be sent alone.
#
# A `Layout` knows the places: which column an amount has, which row a demand. `Layout.numbers` reads the numbers of any
# programme of the same shape, in the model's units (scaled as the first programme asks, see `ScaledMatrix`).

_SAME = 1e-12
"""Numbers that differ by less than this part of their size (at least of 1) are the same."""
_EMPTY_ROW = 1e-9
"""A row without amounts is broken where its bound is missed by more, in the model's units."""


class OtherShape(Exception):  # noqa: N818  (never leaves the package)
    """The programme has rows, pieces or terms that the layout has no place for."""


@dataclass(frozen=True)
class Numbers:
    """All numbers of one programme, in the model's units, to be minimised."""

    cost: Floats
    upper: Floats
    """Upper bounds of the columns; the lower ones are 0."""
    row_lower: Floats
    row_upper: Floats
    """For each of the programme's rows, those without amounts included."""
    entries: Floats
    """The coefficients, at the layout's places."""
    stages: tuple[ScaledStage, ...]
    constant: float
    """What is added to the objective as stated."""
    broken: frozenset[int]
    """The rows without amounts that don't hold: then no plan exists."""
    of: Programme | None = field(default=None, repr=False)
    """The programme that they were read from; None where they are interpolated."""

    def same(self, other: Numbers) -> bool:
        """Whether all numbers that the optimum depends on agree but for the last bits.

        A goal's scale only says in what unit its sum is told; where the budget it is a part of is 0, it has none.
        """
        mine, theirs = ((*parts[:5], parts[6]) for parts in (self.parts(), other.parts()))
        return (
            self.stages_alike(other)
            and bool(self.broken) == bool(other.broken)
            and all(_close(one, two) for one, two in zip(mine, theirs, strict=True))
        )

    def parts(self) -> tuple[Floats, ...]:
        """Return all that can move: costs, bounds, coefficients, goals' scales (inverted), the constant."""
        scales = np.array([1 / stage.scale for stage in self.stages])
        constant = np.array([self.constant])
        return self.cost, self.upper, self.row_lower, self.row_upper, self.entries, scales, constant

    def stages_alike(self, other: Numbers) -> bool:
        """Whether the same goals are sought in the same proportions."""
        return len(self.stages) == len(other.stages) and all(
            one.columns == two.columns and _close(np.array(one.weights), np.array(two.weights))
            for one, two in zip(self.stages, other.stages, strict=True)
        )

    def only_bounds_move(self, other: Numbers) -> bool:
        """Whether right-hand sides and widths are all in which they differ: the optimum is then linear by pieces."""
        return _close(self.cost, other.cost) and _close(self.entries, other.entries)

    def only_costs_move(self, other: Numbers) -> bool:
        """Whether coefficients of the objective are all in which they differ: the optimum is linear by pieces."""
        bounds = ((self.upper, other.upper), (self.row_lower, other.row_lower), (self.row_upper, other.row_upper))
        return _close(self.entries, other.entries) and all(_close(one, two) for one, two in bounds)


def _close(one: Floats, two: Floats) -> bool:
    moving = one != two  # infinite ones are equal or aren't
    return bool((np.abs(one[moving] - two[moving]) <= _SAME * np.maximum(1.0, np.abs(one[moving]))).all())


class Interpolation:
    """Numbers at any value, by the polynomial through those at some values: exact where they move in a straight line.

    The values should be Chebyshev's where there are more than two. What isn't smooth there is not caught here: compare
    with numbers that were read.
    """

    def __init__(self, values: Sequence[float], numbers: Sequence[Numbers], empty: Sequence[int]) -> None:
        """`numbers` are of one layout, whose rows without amounts are `empty`; raise OtherShape where goals differ."""
        if not all(numbers[0].stages_alike(other) for other in numbers):
            raise OtherShape
        self._nodes = np.array(values)
        self._first = numbers[0]
        self._empty = np.array(empty, dtype=np.int64)
        half = max((self._nodes.max() - self._nodes.min()) / 4, np.finfo(float).tiny)
        gaps = (self._nodes[:, None] - self._nodes[None, :]) / half
        np.fill_diagonal(gaps, 1.0)
        self._weights = 1.0 / gaps.prod(axis=1)
        self._moving: list[tuple[NDArray[np.int64], Floats]] = []
        for parts in zip(*(each.parts() for each in numbers), strict=True):
            stacked = np.array(parts)
            moving = np.flatnonzero((stacked != stacked[0]).any(axis=0))
            if not np.isfinite(stacked[:, moving]).all():
                raise OtherShape
            self._moving.append((moving, stacked[:, moving]))

    def at(self, value: float) -> Numbers:
        """Return the numbers at `value`."""
        distance = value - self._nodes
        on = np.flatnonzero(distance == 0)
        if len(distance) == 2:  # far outside the two, the general formula would cancel to nothing
            part_way = distance[0] / (self._nodes[1] - self._nodes[0])
            shares = np.array([1.0 - part_way, part_way])
        elif len(on):
            shares = np.zeros(len(distance))
            shares[on[0]] = 1.0
        else:
            shares = self._weights / distance
            shares /= shares.sum()
        found = [part.copy() for part in self._first.parts()]
        for part, (moving, stacked) in zip(found, self._moving, strict=True):
            part[moving] = stacked[0] + shares @ (stacked - stacked[0])
        cost, upper, lower, high, entries, scales, (constant,) = found
        stages = tuple(
            replace(stage, scale=1 / float(inverse)) if inverse > 0 else stage
            for stage, inverse in zip(self._first.stages, scales, strict=True)
        )
        broken = self._empty[(lower[self._empty] > _EMPTY_ROW) | (high[self._empty] < -_EMPTY_ROW)]
        return Numbers(cost, upper, lower, high, entries, stages, float(constant), frozenset(broken.tolist()))


class Layout:
    """Where each number of a programme stands in the solver's model."""

    def __init__(self, scaled: ScaledMatrix) -> None:
        self.scaled = scaled
        self.programme = scaled.programme
        """The one that says what there is; others have other numbers there."""
        matrix = scaled.matrix
        self.width = len(matrix.columns)
        self.amounts: Mapping[Key, int] = {key: at for at, key in enumerate(self.programme.keys)}
        self.row: Sequence[int | None] = matrix.row_at
        """For each of the programme's rows its number in the model; None where no amount is in it."""
        self.empty = [index for index, number in enumerate(self.row) if number is None]
        self.pieces = matrix.pieces
        self.shortfalls = matrix.shortfalls
        self._operators = {index: self.programme.rows[index].operator for index in self.shortfalls}
        self._keys = [tuple(body(r)) for r in self.programme.rows]
        self._starts = np.cumsum([0, *(len(keys) for keys in self._keys)])
        self.places = (
            np.repeat(np.array([-1 if n is None else n for n in self.row], dtype=np.int64), np.diff(self._starts)),
            np.array([self.amounts[key] for keys in self._keys for key in keys], dtype=np.int64),
        )
        """Row and column of each of `Numbers.entries`."""
        self.first = self._first()
        """The first programme's numbers."""

    def _first(self) -> Numbers:
        """Return the matrix's own numbers."""
        scaled, rows = self.scaled, self.programme.rows
        ends = [scaled.ends(index, row) for index, row in enumerate(rows)]
        lower, upper = (np.array([end[side] for end in ends], dtype=float) for side in (0, 1))
        entries = [
            value
            for at, keys in zip(self.row, self._keys, strict=True)
            if at is not None
            for value in islice(scaled.rows[at][0].values(), len(keys))
        ]
        broken = frozenset(index for index in self.empty if rows[index].slack({}) < 0)
        constant = float(self.programme.constant)
        return Numbers(
            scaled.cost, scaled.upper, lower, upper, np.array(entries), scaled.stages, constant, broken, self.programme
        )

    def numbers(self, programme: Programme, *known: Numbers) -> Numbers:
        """Return the numbers of `programme`; raise `OtherShape` where there is no place for one.

        Those of rows and pieces that it shares with the first programme, or with one whose numbers are `known`, aren't
        read again.
        """
        mine = self.programme
        if (programme.keys, programme.maximise) != (mine.keys, mine.maximise) or len(programme.rows) != len(mine.rows):
            raise OtherShape
        likes = [(each.of, each) for each in (self.first, *known) if each.of is not None]
        unlike, like, numbers = min(
            ((programme.rows_unlike(like), like, numbers) for like, numbers in likes), key=lambda each: len(each[0])
        )
        cost, upper = self._columns(programme, like, numbers)
        lower, high, entries, broken = self._rows(programme, like, numbers, unlike)
        goals = not self.shortfalls.keys().isdisjoint(unlike)
        stages = self._stages(programme) if goals else numbers.stages
        return Numbers(cost, upper, lower, high, entries, stages, float(programme.constant), broken, programme)

    def activity(self, numbers: Numbers, amounts: Mapping[Key, float]) -> tuple[Floats, Floats]:
        """Return for each of the programme's rows its left side at `amounts`, and the size of what it sums.

        Both in the model's units, shortfalls left out; the size counts the bound too.
        """
        x = np.zeros(self.width)
        for key, amount in amounts.items():
            x[self.amounts[key]] = amount / self.scaled.money
        parts = numbers.entries * x[self.places[1]]
        index = np.repeat(np.arange(len(self.row)), np.diff(self._starts))
        count = len(self.row)
        bounds = np.where(np.isfinite(numbers.row_lower), numbers.row_lower, numbers.row_upper)
        sizes = np.bincount(index, np.abs(parts), count) + np.abs(bounds)
        return np.bincount(index, parts, count), sizes

    def _columns(self, programme: Programme, like: Programme, numbers: Numbers) -> tuple[Floats, Floats]:
        """Return the columns' costs and upper bounds; `like` has `numbers`."""
        pairs = programme.pieces_unlike(like)
        if not pairs:
            return numbers.cost, numbers.upper
        money = self.scaled.money
        factor = money / self.scaled.objective_scale
        cost, upper = numbers.cost.copy(), numbers.upper.copy()
        for pair in pairs:
            pieces, own = programme.pieces[pair], self.pieces.get(pair)
            columns = own or [self.amounts[key] for key in programme.keys_of[pair]]
            if len(pieces) != (len(columns) if own else 1):
                raise OtherShape
            for piece, column in zip(pieces if own else pieces * len(columns), columns, strict=True):
                cost[column] = float(piece.slope) * factor
                if own:
                    upper[column] = np.inf if piece.width is None else _width(piece, money)
        return cost, upper

    def _rows(
        self, programme: Programme, like: Programme, numbers: Numbers, unlike: Iterable[int]
    ) -> tuple[Floats, Floats, Floats, frozenset[int]]:
        """Return the rows' bounds and entries, and which of those without amounts don't hold."""
        lower, upper, entries = numbers.row_lower.copy(), numbers.row_upper.copy(), numbers.entries.copy()
        broken = set(numbers.broken)
        for index in unlike:
            row = programme.rows[index]
            if (row.operator if row.strength.kind == "goal" else None) is not self._operators.get(index):
                raise OtherShape
            lower[index], upper[index] = self.scaled.ends(index, row)
            terms = body(row)
            if not _same_terms(row, like.rows[index]):
                values = scaled_values(terms.values(), self.scaled.money, self.scaled.row_scale[index])
                entries[self._starts[index] : self._starts[index + 1]] = self._in_place(index, terms, values)
            fails = not terms and index not in self.shortfalls and row.slack({}) < 0
            (broken.add if fails else broken.discard)(index)
        return lower, upper, entries, frozenset(broken)

    def _in_place(self, index: int, terms: Mapping[Key, Fraction], values: list[float]) -> list[float]:
        """Return a row's coefficients at the layout's places; a zero one is missing from `terms`."""
        keys = self._keys[index]
        if tuple(terms) == keys:
            return values
        by_key = dict(zip(terms, values, strict=True))
        found = [by_key.pop(key, 0.0) for key in keys]
        if by_key:
            raise OtherShape
        return found

    def _stages(self, programme: Programme) -> tuple[ScaledStage, ...]:
        found = self.scaled.stages_of(programme)
        if [stage.columns for stage in found] != [stage.columns for stage in self.scaled.stages]:
            raise OtherShape
        return found


def _same_terms(one: Row, other: Row) -> bool:
    """Whether both rows were made of the very same terms, with a constant on the right."""
    return one.left.terms is other.left.terms and not one.right.terms and not other.right.terms


def _width(piece: Piece, money: float) -> float:
    return float((piece.width or ZERO) / Fraction(money))


# -- the model kept warm -----------------------------------------------------------------------------------------------
#
# A model kept in the solver, its numbers changed and solved again: what-ifs without rebuilding.
#
# Goals, tolerances, signs and scales are those of `solve`; so are the answers, to the last digits of the arithmetic.

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
        self._cost, self._lower, self._upper = self.session.arrays()
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

    def bounds(self, numbers: Numbers) -> tuple[Floats, Floats]:
        """Return the bounds of columns, then of rows, at `numbers`; sums of shortfalls as they are held now."""
        lower, upper, width = self._lower.copy(), self._upper.copy(), self.layout.width
        upper[:width] = numbers.upper
        rows = width + self._row_numbers[self._has_row]
        lower[rows], upper[rows] = numbers.row_lower[self._has_row], numbers.row_upper[self._has_row]
        upper[[width + row for row in self.held_rows]] = self._held
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


# -- what-ifs ----------------------------------------------------------------------------------------------------------

SIZES = 1e3
"""A programme whose budgets are so many times larger or smaller than a model's is scaled anew."""
SHAPES = 8
"""So many models of different shapes are kept at most: mixtures of scenarios come back to them."""

type Asked = Mapping[Cell, Raw] | Iterable[Edit] | Scenario
"""What-ifs: cells with their values (0.04 is 4 %; text as one would type it; None clears a cell), edits, or a scenario
that edits of cells can't make: with a row more, or with a figure that no cell holds."""


class WhatIfs:
    """What a scenario's programme and its optimum are under many changes, one after the other.

    An interruption (Ctrl-C, a deadline, a solver that stopped) leaves it usable: what comes next starts from the
    scenario's own programme.

    Parameters
    ----------
    base
        The programme of the base scenario, whose cells edits change; its What-if sheet doesn't count.
    deadline
        When to stop; what solves then raises `OutOfTime`.
    start
        A basis of the programme's last stage to start from, where it was solved before.
    goals_met
        Whether, once all goals were met, it is tried first if they can be again: most often one solve instead of one
        for each priority. Among plans that are as good another may then be found first.
    """

    def __init__(
        self,
        base: Programme,
        deadline: Deadline | None = None,
        start: SavedBasis = None,
        *,
        goals_met: bool = False,
    ) -> None:
        self.base = base
        self._deadline = deadline or Deadline(None)
        self._start = start
        self._goals_met = goals_met
        self._last = base
        """The programme of the edits that were asked for last."""
        self._models: list[WarmModel] = []
        """Those of different shapes, the one that was solved last first."""

    @cached_property
    def _patches(self) -> Patches:
        return Patches(self.base.scenario)

    @property
    def read_anew(self) -> int:
        """How many edits could only be had by reading the whole scenario anew."""
        return self._patches.read_anew

    # What is asked

    def scenario(self, asked: Asked) -> Scenario:
        """Return the scenario as it would be read with these edits.

        Raises
        ------
        ScenarioError
            If the content has problems with these values; it lists all of them, each with its cell.
        """
        if isinstance(asked, Scenario):
            return asked
        return self._patches.at(asked) if isinstance(asked, Mapping) else self._patches.at(*values_of(asked))

    def programme(self, asked: Asked) -> Programme:
        """Return the programme with these edits. Raises as `scenario`."""
        scenario = self.scenario(asked)
        start = None if isinstance(asked, Scenario) else self._patches.start
        if start is None:
            return altered(self.base, scenario)
        self._last = altered(self._last if self._last.scenario is start else self.base, scenario)
        return self._last

    def with_rule(self, rule: Rule) -> Programme:
        """Return the programme with `rule` in place of the rule from the same cells, be its figure allowed or not."""
        scenario = self.base.scenario
        rules = tuple(rule if other.origin is rule.origin else other for other in scenario.rules)
        return self.programme(replace(scenario, rules=rules))

    def with_money(self, source: Source, year: int, amount: Fraction) -> Programme:
        """Return the programme with exactly so much available from a source in a year."""
        scenario = self.base.scenario
        changed = replace(source, available={**source.available, year: amount})
        sources = tuple(changed if other.name == source.name else other for other in scenario.sources)
        return self.programme(replace(scenario, sources=sources))

    # Answers

    def solve(self, asked: Asked) -> Answer | None:
        """Return the optimum with these edits; None: no plan exists.

        Raises
        ------
        ScenarioError
            If the content has problems with these values; it lists all of them, each with its cell.
        OutOfTime
            The deadline came.
        SolverError
            The solver stopped without an answer.
        """
        return self.optimum(self.programme(asked))

    def solve_many(self, asked: Iterable[Asked]) -> Iterator[Answer | None]:
        """Yield the optimum of each, as `solve` returns it, warm from the one before; after an error it goes on."""
        return map(self.solve, asked)

    def optimum(self, programme: Programme) -> Answer | None:
        """Return the optimum of any programme, however made; None: no plan exists. Raises as `solve`.

        The more it shares with the base programme, or with the last, the less there is to do. One of another shape (a
        band more, an effect where there was none) is kept beside it; the last few are.
        """
        models = [self.model, *self._models[1:]]
        self._models = []  # where it is interrupted, what these hold is not known
        model, numbers = self._fit(programme, models)
        answer = model.solve(numbers, programme.scenario)
        self._models = [model, *(other for other in models if other is not model)][:SHAPES]
        return answer

    @property
    def model(self) -> WarmModel:
        """The model that was solved last, or else the base programme's."""
        if not self._models:
            self._models = [WarmModel(self.base, self._deadline, self._start, goals_met=self._goals_met)]
        return self._models[0]

    def _fit(self, programme: Programme, models: Iterable[WarmModel]) -> tuple[WarmModel, Numbers]:
        """Return a model of the programme's shape and size, a new one where there is none, and its numbers in it."""
        for model in models:
            if _alike(programme, model.layout.programme):
                with suppress(OtherShape):
                    return model, model.numbers(programme)
        model = WarmModel(programme, self._deadline, goals_met=self._goals_met)
        return model, model.layout.first


def _alike(one: Programme, other: Programme) -> bool:
    """Whether the budgets of both are of a size, so that the scale of the one suits the other."""
    if one.scenario.sources is other.scenario.sources:
        return True
    sizes = [
        max(sum(float(source.available[year]) for source in s.sources) for year in s.years)
        for s in (one.scenario, other.scenario)
    ]
    return sizes[1] / SIZES <= sizes[0] <= sizes[1] * SIZES
