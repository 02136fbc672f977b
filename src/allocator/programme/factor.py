"""A basis matrix factorised in rational numbers: L·U by sparse elimination, kept up to date by product-form updates.

Pivots are sought where elimination fills in least: single columns, then single rows, then the shortest row by the
column that stands in fewest others (H. M. Markowitz, The elimination form of the inverse, Management Science 3, 1957).
Zeros are zeros here, so that nothing but sparsity decides on pivots. Where no order is sparse, what single columns and
rows leave is not eliminated but lifted (`lifting.py`).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

from allocator.programme.lifting import LARGEST, Lifting, SingularModuloError

type Vector = dict[int, Fraction]
"""Place → entry; zeros are left out."""

FILL = 20_000
"""Entries changed by elimination beyond which lifting is faster; or half as many as a full matrix would have."""
_ONE = Fraction(1)


class SingularError(ArithmeticError):
    """Columns that depend on the others, and the rows that no column of theirs covers."""

    def __init__(self, columns: Sequence[int], rows: Sequence[int]) -> None:
        super().__init__(columns, rows)
        self.columns, self.rows = columns, rows


class Factor:
    """B = L·U for a square matrix given by its columns; `solve` and `solve_transposed` are exact.

    Rows and columns are numbered from 0. Raises `SingularError` where there is no inverse.
    """

    def __init__(self, columns: Sequence[Mapping[int, Fraction]]) -> None:
        self.size = len(columns)
        self._lower: list[tuple[int, list[tuple[int, Fraction]]]] = []
        self._pivots: list[tuple[int, int, Fraction]] = []
        """(row, column, entry) in order of elimination."""
        self._rows: list[Vector] = []
        """What stands right of each pivot in U: column → entry."""
        self._updates: list[tuple[int, Fraction, Vector]] = []
        self._core: _Core | None = None
        """What no sparse order was found for; comes after all pivots."""
        _Elimination(self, columns).run()
        self._above: list[list[tuple[int, Fraction]]] = self._by_column()

    def copy(self) -> Factor:
        """Return the same with exchanges of its own from now on."""
        other = object.__new__(Factor)
        other.__dict__.update(self.__dict__)
        other._updates = self._updates.copy()
        return other

    @property
    def updates(self) -> int:
        """How many columns were exchanged since the matrix was factorised."""
        return len(self._updates)

    def _by_column(self) -> list[list[tuple[int, Fraction]]]:
        """Return for each column of U what stands above its pivot: (row, entry)."""
        above: list[list[tuple[int, Fraction]]] = [[] for _ in range(self.size)]
        for (row, _, _), rest in zip(self._pivots, self._rows, strict=True):
            for column, entry in rest.items():
                above[column].append((row, entry))
        return above

    def solve(self, right: Mapping[int, Fraction]) -> Vector:
        """Return x with B·x = `right`, by column."""
        left = self._eliminated(right)
        found: Vector = {}
        if self._core is not None:
            found = self._core.solve(left)
            for column, known in found.items():
                for other, entry in self._above[column]:
                    left[other] = left.get(other, 0) - entry * known
        for row, column, pivot in reversed(self._pivots):
            if value := left.get(row):
                value = found[column] = value if pivot == 1 else value / pivot
                for other, entry in self._above[column]:
                    left[other] = left.get(other, 0) - entry * value
        for place, pivot, rest in self._updates:
            if value := found.get(place):
                value = found[place] = value / pivot
                _subtract(found, rest, value)
        return found

    def _eliminated(self, right: Mapping[int, Fraction]) -> Vector:
        left = dict(right)
        for row, below in self._lower:
            if value := left.get(row):
                for other, factor in below:
                    left[other] = left.get(other, 0) - factor * value
        return left

    def solve_transposed(self, right: Mapping[int, Fraction]) -> Vector:
        """Return y with Bᵀ·y = `right`, by row; `right` is by column."""
        left = dict(right)
        for place, pivot, rest in reversed(self._updates):
            value = left.get(place, Fraction(0))
            if len(rest) < len(left):
                value -= sum((entry * left[at] for at, entry in rest.items() if at in left), Fraction(0))
            else:
                value -= sum((rest[at] * entry for at, entry in left.items() if at in rest), Fraction(0))
            if value:
                left[place] = value / pivot
            else:
                left.pop(place, None)
        found: Vector = {}
        for (row, column, pivot), rest in zip(self._pivots, self._rows, strict=True):
            if known := left.get(column):
                value = found[row] = known if pivot == 1 else known / pivot
                for other, entry in rest.items():
                    left[other] = left.get(other, 0) - entry * value
        if self._core is not None:
            found |= self._core.solve_transposed(left)
        for row, below in reversed(self._lower):
            value = found.get(row, Fraction(0)) - sum((f * found[at] for at, f in below if at in found), Fraction(0))
            if value:
                found[row] = value
            else:
                found.pop(row, None)
        return found

    def exchange(self, place: int, column: Vector) -> None:
        """Put another column at `place`, given as what `solve` makes of it; its entry there must not be 0."""
        rest = {at: entry for at, entry in column.items() if at != place}
        self._updates.append((place, column[place], rest))


def _subtract(vector: Vector, other: Mapping[int, Fraction], factor: Fraction) -> None:
    for at, entry in other.items():
        left = vector.get(at, 0) - entry * factor
        if left:
            vector[at] = left
        else:
            del vector[at]


class _Core:
    """The rows and columns that elimination leaves over, as a matrix of its own."""

    def __init__(
        self, columns: Sequence[Mapping[int, Fraction]], row_places: Sequence[int], column_places: Sequence[int]
    ) -> None:
        self.row_places, self.column_places = row_places, column_places
        number = {row: own for own, row in enumerate(row_places)}
        self.lifting = Lifting(
            [
                {number[row]: entry for row, entry in columns[column].items() if entry and row in number}
                for column in column_places
            ]
        )

    def solve(self, right: Mapping[int, Fraction]) -> Vector:
        own = {number: right[row] for number, row in enumerate(self.row_places) if right.get(row)}
        return {self.column_places[number]: value for number, value in self.lifting.solve(own).items()}

    def solve_transposed(self, right: Mapping[int, Fraction]) -> Vector:
        own = {number: right[column] for number, column in enumerate(self.column_places) if right.get(column)}
        return {self.row_places[number]: value for number, value in self.lifting.solve_transposed(own).items()}


class _Elimination:
    def __init__(self, factor: Factor, columns: Sequence[Mapping[int, Fraction]]) -> None:
        self.factor, self.given = factor, columns
        self.rows: list[Vector] = [{} for _ in columns]
        self.columns: list[set[int]] = []
        for number, column in enumerate(columns):
            own = {row for row, entry in column.items() if entry}
            self.columns.append(own)
            for row in own:
                self.rows[row][number] = column[row]
        self.row_left = [True] * len(columns)
        self.column_left = [True] * len(columns)
        self.single = [number for number, own in enumerate(self.columns) if len(own) == 1]
        self.short: list[tuple[int, int]] = []
        self.filled = 0
        self.patience: float = math.inf
        """Entries that may be changed before the rest is lifted."""
        self.sparse = 0, 0
        """How many pivots, and columns of L, there were before the first that may fill in."""

    def run(self) -> None:
        self._singles()
        self.short = [(len(row), number) for number, row in enumerate(self.rows) if self.row_left[number]]
        heapq.heapify(self.short)
        while self.short:
            length, number = heapq.heappop(self.short)
            row = self.rows[number]
            if not self.row_left[number] or not row:
                continue
            if length != len(row):
                heapq.heappush(self.short, (len(row), number))
                continue
            if length > 1 and not self.filled:
                self._first_filling()
            if self.filled > self.patience and self._lift():
                return
            self._pivot(number, min(row, key=lambda column: (len(self.columns[column]), column)))
            self._singles()
        if any(self.row_left):
            raise SingularError(_places(self.column_left), _places(self.row_left))

    def _first_filling(self) -> None:
        factor = self.factor
        self.sparse = len(factor._pivots), len(factor._lower)
        left = factor.size - len(factor._pivots)
        self.patience = max(FILL, left * left // 2) if left <= LARGEST else math.inf

    def _lift(self) -> bool:
        """Leave over what was there before elimination filled in; return whether that has an inverse."""
        self.patience = math.inf
        factor, (pivots, lower) = self.factor, self.sparse
        rows, columns = {row for row, _, _ in factor._pivots[:pivots]}, {at for _, at, _ in factor._pivots[:pivots]}
        left = [[at for at in range(factor.size) if at not in done] for done in (rows, columns)]
        with suppress(SingularModuloError):
            factor._core = _Core(self.given, *left)
            del factor._pivots[pivots:], factor._rows[pivots:], factor._lower[lower:]
            return True
        return False

    def _singles(self) -> None:
        while self.single:
            column = self.single.pop()
            if self.column_left[column] and len(self.columns[column]) == 1:
                (row,) = self.columns[column]
                self._pivot(row, column)

    def _pivot(self, number: int, column: int) -> None:
        rest = self.rows[number]
        pivot = rest.pop(column)
        self.row_left[number] = self.column_left[column] = False
        others = self.columns[column]
        others.discard(number)
        for other in rest:
            self.columns[other].discard(number)
        if others:
            below = []
            for other in sorted(others):
                factor = self.rows[other].pop(column) / pivot
                below.append((other, factor))
                self._subtract(other, rest, factor)
            self.factor._lower.append((number, below))
        for other in rest:
            if len(self.columns[other]) == 1:
                self.single.append(other)
        self.factor._pivots.append((number, column, pivot))
        self.factor._rows.append(rest)

    def _subtract(self, number: int, rest: Vector, factor: Fraction) -> None:
        target = self.rows[number]
        self.filled += len(rest)
        for column, entry in rest.items():
            before = target.get(column)
            left = -(factor * entry) if before is None else before - factor * entry
            if left:
                target[column] = left
                if before is None:
                    self.columns[column].add(number)
            elif before is not None:
                del target[column]
                self.columns[column].discard(number)
        heapq.heappush(self.short, (len(target), number))


def _places(left: Iterable[bool]) -> list[int]:
    return [number for number, still in enumerate(left) if still]
