"""A basis matrix in rational numbers, factorised by sparse elimination or, where that fills in, lifted from a prime."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# -- lifting -----------------------------------------------------------------------------------------------------------
#
# Systems of equations whose solutions have thousands of digits, solved digit by digit.
#
# Elimination in fractions slows down as the fractions grow: where no sparse order is left, each of n² entries ends with
# as many digits as the answer. Here the inverse is worked out once modulo a prime p, in floating-point numbers that are
# whole and stay below 2⁵³; then the answer is found digit after digit to the base p, each from what the digits before
# leave of the right-hand side, and is read as a fraction (J. D. Dixon, Exact solution of linear equations using p-adic
# expansions, Numerische Mathematik 40, 1982; P. S. Wang, A p-adic algorithm for univariate partial fractions, SYMSAC
# 1981). What is read counts only where it solves the equations exactly.

PRIMES = (2097143, 2097133, 2097131)
"""Just below 2²¹: a sum of 2,048 products of two numbers below stays exact in floating point."""
LARGEST = 2048
_BLOCK = 48
_SAFE = 2**62

type Whole = NDArray[np.int64] | NDArray[np.object_]
"""Whole numbers: as numpy has them where they fit, as Python has them where they don't."""


class SingularModuloError(ArithmeticError):
    """The matrix has no inverse modulo any of the primes; in fractions it may have one."""


class Lifting:
    """A square matrix given by its columns, ``[{row: entry}, …]``, at most `LARGEST` wide.

    Rows and columns are numbered from 0. Raises `SingularModuloError`.
    """

    def __init__(self, columns: Sequence[Mapping[int, Fraction]]) -> None:
        self.size = len(columns)
        self._scales = _row_scales(columns)
        """What each row is multiplied by to make its entries whole."""
        entries = [
            (row, column, int(entry * self._scales[row]))
            for column, own in enumerate(columns)
            for row, entry in own.items()
        ]
        self.prime, self._inverse = self._inverted(entries)
        self._matrix = _Sparse(self.size, entries)

    def _inverted(self, entries: Sequence[tuple[int, int, int]]) -> tuple[int, NDArray[np.float64]]:
        for prime in PRIMES:
            dense = np.zeros((self.size, self.size))
            for row, column, entry in entries:
                dense[row, column] = entry % prime
            inverse = _inverse_modulo(dense, prime)
            if inverse is not None:
                return prime, inverse
        raise SingularModuloError

    @cached_property
    def _transposed(self) -> tuple[_Sparse, NDArray[np.float64]]:
        entries = [(column, row, entry) for row, column, entry in self._matrix.entries]
        return _Sparse(self.size, entries), np.ascontiguousarray(self._inverse.T)

    def solve(self, right: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """Return x with matrix · x = `right`, by column; zeros are left out."""
        scaled = {row: value * self._scales[row] for row, value in right.items() if value}
        return self._lifted(self._matrix, self._inverse, scaled)

    def solve_transposed(self, right: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """Return y with matrixᵀ · y = `right`, by row; `right` is by column."""
        found = self._lifted(*self._transposed, {at: value for at, value in right.items() if value})
        return {row: value * self._scales[row] for row, value in found.items()}

    def _lifted(
        self, matrix: _Sparse, inverse: NDArray[np.float64], right: Mapping[int, Fraction]
    ) -> dict[int, Fraction]:
        if not right:
            return {}
        common = math.lcm(*(value.denominator for value in right.values()))
        whole = [0] * self.size
        for at, value in right.items():
            whole[at] = value.numerator * (common // value.denominator)
        prime, left = self.prime, _fitting(np.array(whole, dtype=object))
        digits: list[NDArray[np.float64]] = []
        wanted = 4
        while True:
            while len(digits) < wanted:
                digit = inverse @ (left % prime).astype(np.float64) % prime
                digits.append(digit)
                left = _fitting((left - matrix.times(digit.astype(np.int64))) // prime)
            known = _joined(digits, prime)
            found = _fractions(known, prime ** len(digits))
            if found is not None and matrix.maps(found, whole):
                numerators, denominator = found
                below = denominator * common
                return {at: Fraction(number, below) for at, number in enumerate(numerators) if number}
            wanted += max(4, wanted // 2)


class _Sparse:
    """A square matrix of whole numbers, row by row."""

    def __init__(self, size: int, entries: Sequence[tuple[int, int, int]]) -> None:
        self.size = size
        self.entries = sorted(entries)
        values = np.array([entry for _, _, entry in self.entries], dtype=object)
        self._columns = np.array([column for _, column, _ in self.entries], dtype=np.intp)
        rows = [row for row, _, _ in self.entries]
        self._starts = np.searchsorted(rows, np.arange(size))
        sums = np.add.reduceat(abs(values), self._starts)
        self._values = values.astype(np.int64) if max(sums) * PRIMES[0] < _SAFE else values

    def times(self, vector: Whole) -> Whole:
        """Return matrix · vector; no row of the matrix is empty. Its entries are below the largest prime."""
        products: Whole = np.add.reduceat(self._values * vector[self._columns], self._starts)
        return products

    def maps(self, found: tuple[Sequence[int], int], right: Sequence[int]) -> bool:
        """Whether matrix · (numerators / denominator) = `right`."""
        numerators, denominator = found
        sums = [0] * self.size
        for row, column, entry in self.entries:
            sums[row] += entry * numerators[column]
        return all(total == denominator * wanted for total, wanted in zip(sums, right, strict=True))


def _row_scales(columns: Sequence[Mapping[int, Fraction]]) -> list[int]:
    scales = [1] * len(columns)
    for own in columns:
        for row, entry in own.items():
            scales[row] = math.lcm(scales[row], entry.denominator)
    return scales


def _fitting(numbers: Whole) -> Whole:
    """Return whole numbers as numpy has them, where they leave room for a sum of two."""
    if numbers.dtype == np.int64 or max(map(abs, numbers), default=0) >= _SAFE:
        return numbers
    return numbers.astype(np.int64)


def _joined(digits: Sequence[NDArray[np.float64]], base: int) -> list[int]:
    """Return Σ digit · baseᵏ for each place."""
    level: list[NDArray[np.object_]] = [digit.astype(np.int64).astype(object) for digit in digits]
    while len(level) > 1:
        pairs = [low + base * high for low, high in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[2 * len(pairs) :]
        base *= base
    return list(level[0])


def _fractions(residues: Sequence[int], modulus: int) -> tuple[list[int], int] | None:
    """Return numerators and the denominator they share, of which these are what is left modulo `modulus`.

    Those of some places, as a rule of the first, make the denominator; the others are then whole multiples of it.
    None: more digits are needed.
    """
    bound = math.isqrt(modulus // 2)
    denominator, numerators = 1, list[int]()
    for residue in residues:
        number = _nearest(residue * denominator % modulus, modulus)
        if abs(number) > bound:
            found = _fraction(number % modulus, modulus, bound)
            if found is None or denominator * found[1] > bound:
                return None
            number, more = found
            denominator *= more
            numerators = [known * more for known in numerators]
        numerators.append(number)
    return numerators, denominator


def _nearest(residue: int, modulus: int) -> int:
    return residue - modulus if 2 * residue > modulus else residue


def _fraction(residue: int, modulus: int, bound: int) -> tuple[int, int] | None:
    """Return the numerator and denominator, neither above `bound`, that `residue` stands for; None: there are none."""
    before, now = modulus, residue
    factor_before, factor = 0, 1
    while now > bound:
        times, rest = divmod(before, now)
        before, now = now, rest
        factor_before, factor = factor, factor_before - times * factor
    if not factor or abs(factor) > bound:
        return None
    return (-now, -factor) if factor < 0 else (now, factor)


def _inverse_modulo(matrix: NDArray[np.float64], prime: int) -> NDArray[np.float64] | None:
    """Return the inverse of a matrix of whole numbers from 0 to `prime` − 1; None: it has none.

    Gauss and Jordan's elimination, `_BLOCK` columns at a time, so that most of it is one product of matrices.
    """
    size = len(matrix)
    work = np.concatenate([matrix, np.eye(size)], axis=1)
    unused = np.arange(size)
    order: list[NDArray[np.intp]] = []
    for start in range(0, size, _BLOCK):
        end = min(start + _BLOCK, size)
        chosen = _pivot_rows(work[unused, start:end], prime)
        if chosen is None:
            return None
        rows = unused[chosen]
        unused = np.delete(unused, chosen)
        order.append(rows)
        small = _small_inverse(work[rows, start:end], prime)
        pivots = small @ work[rows, start:] % prime
        above = work[:, start:end].copy()
        above[rows] = 0
        work[:, start:] = (work[:, start:] - above @ pivots) % prime
        work[rows, start:] = pivots
    inverse: NDArray[np.float64] = work[np.concatenate(order), size:]
    return np.ascontiguousarray(inverse)


def _pivot_rows(panel: NDArray[np.float64], prime: int) -> list[int] | None:
    """Return as many rows as there are columns, none of which depends on the others; None: there are not as many."""
    left = panel.astype(np.int64)
    chosen: list[int] = []
    for column in range(panel.shape[1]):
        candidates = np.flatnonzero(left[:, column])
        if not len(candidates):
            return None
        row = int(candidates[0])
        chosen.append(row)
        factors = left[:, column] * pow(int(left[row, column]), -1, prime) % prime
        left = (left - np.outer(factors, left[row])) % prime
        left[chosen] = 0
    return chosen


def _small_inverse(matrix: NDArray[np.float64], prime: int) -> NDArray[np.float64]:
    """Return the inverse of a small matrix that has one, modulo `prime`."""
    size = len(matrix)
    work = np.concatenate([matrix, np.eye(size)], axis=1).astype(np.int64)
    for column in range(size):
        row = column + int(np.flatnonzero(work[column:, column])[0])
        work[[column, row]] = work[[row, column]]
        work[column] = work[column] * pow(int(work[column, column]), -1, prime) % prime
        factors = work[:, column].copy()
        factors[column] = 0
        work = (work - np.outer(factors, work[column])) % prime
    return work[:, size:].astype(np.float64)


# -- elimination -------------------------------------------------------------------------------------------------------
#
# A basis matrix factorised in rational numbers: L·U by sparse elimination, kept up to date by product-form updates.
#
# Pivots are sought where elimination fills in least: single columns, then single rows, then the shortest row by the
# column that stands in fewest others (H. M. Markowitz, The elimination form of the inverse, Management Science 3,
# 1957). Zeros are zeros here, so that nothing but sparsity decides on pivots. Where no order is sparse, what single
# columns and rows leave is not eliminated but lifted (`Lifting`).

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
                subtract(found, rest, value)
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


def subtract(vector: Vector, other: Mapping[int, Fraction], factor: Fraction) -> None:
    """Take `factor` times another vector, which has no zeros, off a vector."""
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
