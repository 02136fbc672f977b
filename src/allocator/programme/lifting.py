"""Systems of equations whose solutions have thousands of digits, solved digit by digit.

Elimination in fractions slows down as the fractions grow: where no sparse order is left, each of n² entries ends with
as many digits as the answer. Here the inverse is worked out once modulo a prime p, in floating-point numbers that are
whole and stay below 2⁵³; then the answer is found digit after digit to the base p, each from what the digits before
leave of the right-hand side, and is read as a fraction (J. D. Dixon, Exact solution of linear equations using p-adic
expansions, Numerische Mathematik 40, 1982; P. S. Wang, A p-adic algorithm for univariate partial fractions, SYMSAC
1981). What is read counts only where it solves the equations exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

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
    def _transposed(self) -> _Sparse:
        return self._matrix.transposed()

    @cached_property
    def _inverse_transposed(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self._inverse.T)

    def solve(self, right: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """Return x with matrix · x = `right`, by column; zeros are left out."""
        scaled = {row: value * self._scales[row] for row, value in right.items() if value}
        return self._lifted(self._matrix, self._inverse, scaled)

    def solve_transposed(self, right: Mapping[int, Fraction]) -> dict[int, Fraction]:
        """Return y with matrixᵀ · y = `right`, by row; `right` is by column."""
        found = self._lifted(self._transposed, self._inverse_transposed, {at: v for at, v in right.items() if v})
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

    def transposed(self) -> _Sparse:
        return _Sparse(self.size, [(column, row, entry) for row, column, entry in self.entries])

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
