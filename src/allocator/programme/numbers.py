"""The numbers of a programme, each at its place in the solver's model, so that changed ones can be sent alone.

A `Layout` knows the places: which column an amount has, which row a demand. `Layout.numbers` reads the numbers of any
programme of the same shape, in the model's units (scaled as the first programme asks, see `ScaledMatrix`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from allocator.programme.build import Programme
from allocator.programme.rows import ZERO, Key, Piece, Row
from allocator.programme.scaled import ScaledMatrix, ScaledStage, body, scaled_values
from allocator.programme.session import Floats

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
        cost, upper, lower, high, entries, scales, constant = found
        return Numbers(
            cost,
            upper,
            lower,
            high,
            entries,
            tuple(
                replace(stage, scale=1 / float(inverse)) if inverse > 0 else stage
                for stage, inverse in zip(self._first.stages, scales, strict=True)
            ),
            float(constant[0]),
            frozenset(self._empty[(lower[self._empty] > _EMPTY_ROW) | (high[self._empty] < -_EMPTY_ROW)].tolist()),
        )


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
        ends = [self._ends(index, row) for index, row in enumerate(rows)]
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
            lower[index], upper[index] = self._ends(index, row)
            terms = body(row)
            if not _same_terms(row, like.rows[index]):
                values = scaled_values(terms.values(), self.scaled.money, self.scaled.row_scale[index])
                entries[self._starts[index] : self._starts[index + 1]] = self._in_place(index, terms, values)
            fails = not terms and index not in self.shortfalls and row.slack({}) < 0
            (broken.add if fails else broken.discard)(index)
        return lower, upper, entries, frozenset(broken)

    def _ends(self, index: int, row: Row) -> tuple[float, float]:
        """Return a row's lower and upper end."""
        bound = self.scaled.bound(index, row.bound)
        return -np.inf if row.operator.upper else bound, np.inf if row.operator.lower else bound

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
