"""From any basis to an optimal one, in fractions: a few exact pivots, then floating point looks again at what is left.

Where a basis is wrong by more than a few pivots, because HiGHS lost its way or could not see small numbers beside
large ones, the programme is taken as seen from the basis' exact solution: distances to the bounds and reduced costs,
worked out in fractions and scaled up until the worst fault is 1. HiGHS goes on from the same basis, and what it ends
with is looked at in the same way (A. M. Gleixner, D. E. Steffy, K. Wolter, Iterative refinement for linear programming,
INFORMS Journal on Computing 28, 2016; there the point is refined, here the basis, whose solution is known exactly).
Where that gets no further exact pivots do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import count

import numpy as np
from numpy.typing import NDArray

from allocator.programme.highs import Sketch
from allocator.programme.simplex import Basis, End, Simplex, StandardForm, Vertex

FEW = 12
"""Exact pivots that are tried before floating point is asked again: a basis of HiGHS is rarely as many away."""
ROUNDS = 12
_ZERO, _ONE = Fraction(0), Fraction(1)
_FAR = 1e18
"""A bound further away than this many times the worst fault is none."""

type Watch = Callable[[], float | None]
"""Gives the seconds left, None if there is no limit; raises to stop."""


class _EnoughError(Exception):
    """A few pivots weren't enough."""


def optimum(form: StandardForm, start: Basis, costs: Mapping[int, Fraction], watch: Watch) -> Vertex:
    """Return a vertex at which Σ cost · column is least, or that proves that there is none."""
    moves = count(1)

    def few() -> None:
        watch()
        if next(moves) > FEW:
            raise _EnoughError

    simplex = Simplex(form, start, few)
    with suppress(_EnoughError):
        return simplex.minimise(costs)
    view = _View(form)
    simplex = _refined(view, simplex, costs, watch)
    if view.infeasible:
        start = Basis(tuple(simplex.basic), frozenset())
        known = _nearest(form, start, [Fraction(size) for size in view.rows], watch, simplex.pivots)
        if known.end is End.INFEASIBLE:
            return known
        view.infeasible = False
        simplex = _refined(view, Simplex(form, known.basis, watch, known.pivots), costs, watch)
    return simplex.minimise(costs)


def _refined(view: _View, simplex: Simplex, costs: Mapping[int, Fraction], watch: Watch) -> Simplex:
    """Return the programme at a basis in which floating-point numbers find no fault, however near they look."""
    seen: set[frozenset[int]] = set()
    for _ in range(ROUNDS):
        simplex.price(costs)
        basis = frozenset(simplex.basic)
        if basis in seen or not (simplex.gainful() or any(map(simplex.is_outside, basis))):
            break
        seen.add(basis)
        proposed = view.proposed(simplex, watch())
        if proposed is None or view.infeasible:
            break
        simplex = Simplex(simplex.form, proposed, watch, simplex.pivots)
    simplex.watch = watch
    return simplex


def _nearest(form: StandardForm, start: Basis, sizes: Sequence[Fraction], watch: Watch, pivots: int) -> Vertex:
    """Return a vertex that misses the rows by as little as can be, each miss counted `sizes` times.

    Where that is more than nothing, its prices prove that no solution exists, and it says so.
    """
    width, height = len(form.columns), len(form.row_lower)
    first, after = width, width + 2 * height
    elastic = replace(
        form,
        columns=[*form.columns, *([(row, sign)] for row in range(height) for sign in (_ONE, -_ONE))],
        lower=[*form.lower, *(_ZERO,) * (2 * height)],
        upper=[*form.upper, *(None,) * (2 * height)],
    )
    costs = {first + number: sizes[number // 2] for number in range(2 * height)}
    basic = tuple(item if item < first else item + 2 * height for item in start.basic)
    simplex = Simplex(elastic, Basis(basic, frozenset()), watch, pivots)
    found = _refined(_View(elastic), simplex, costs, watch).minimise(costs)

    def own(items: Iterable[int]) -> Iterator[int]:
        return (item if item < first else item - 2 * height for item in items if item < first or item >= after)

    return Vertex(
        End.INFEASIBLE if any(found.values[item] for item in costs) else End.OPTIMAL,
        Basis(tuple(own(found.basis.basic)), frozenset(own(found.basis.at_upper))),
        (*found.values[:first], *found.values[after:]),
        found.prices,
        found.reduced[:width],
        found.pivots,
    )


class _View:
    """A programme in floating-point numbers, ``A·x − activity = 0``, its entries brought near to 1 by powers of two."""

    def __init__(self, form: StandardForm) -> None:
        width, height = len(form.columns), len(form.row_lower)
        rows, columns = _scales(form)
        self.rows, self.infeasible = rows, False
        self.units: NDArray[np.float64] = np.concatenate([columns, 1 / rows])
        """How much of the programme's own unit one of the view's is, of columns and of activities."""
        places = [(row, at, float(entry)) for at, entries in enumerate(form.columns) for row, entry in entries]
        own = [(row, at, entry * rows[row] * columns[at]) for row, at, entry in places]
        self.sketch = Sketch(width + height, height, [*own, *((row, width + row, -1.0) for row in range(height))])
        self.lower, self.upper = [*form.lower, *form.row_lower], [*form.upper, *form.row_upper]

    def proposed(self, simplex: Simplex, seconds: float | None) -> Basis | None:
        """Return the basis that HiGHS goes on to from an exact one, whose faults are scaled up; None: it has none."""
        down = self._distances(simplex.values, self.lower, -math.inf)
        up = self._distances(simplex.values, self.upper, math.inf)
        worst = max(float(down.max(initial=0.0)), float(-up.min(initial=0.0)))
        if worst > 0:
            down, up = down / worst, up / worst
        gains = np.zeros(len(self.units))
        for item, worth in simplex.reduced.items():
            gains[item] = _float(worth) * self.units[item]
        wrong = max((abs(float(gains[item])) for item, _ in simplex.gainful()), default=0.0)
        largest = float(np.abs(gains).max(initial=0.0))
        if wrong or largest:
            gains /= wrong or largest
        down[down < -_FAR], up[up > _FAR] = -math.inf, math.inf
        at_upper = {item for item, value in enumerate(simplex.values) if value == self.upper[item]}
        found = self.sketch.improved(down, up, gains, set(simplex.basic), at_upper, seconds)
        self.infeasible = self.sketch.infeasible
        return None if found is None else Basis(*found)

    def _distances(
        self, values: Sequence[Fraction], ends: Sequence[Fraction | None], none: float
    ) -> NDArray[np.float64]:
        """Return end − value in the view's units; `none` where there is no end."""
        pairs = zip(values, ends, strict=True)
        return np.array([none if end is None else _float(end - value) for value, end in pairs]) / self.units


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.copysign(1e300, number)


def _scales(form: StandardForm) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what rows and columns are multiplied by: the geometric means of their entries come near to 1."""
    rows = np.array([row for entries in form.columns for row, _ in entries], dtype=np.intp)
    columns = np.array([at for at, entries in enumerate(form.columns) for _ in entries], dtype=np.intp)
    sizes = np.log2(np.array([abs(float(entry)) for entries in form.columns for _, entry in entries]))
    by_row, by_column = np.zeros(len(form.row_lower)), np.zeros(len(form.columns))
    for _ in range(4):
        for places, own, others in (
            (rows, by_row, by_column[columns]),
            (columns, by_column, by_row[rows]),
        ):
            counts = np.maximum(np.bincount(places, minlength=len(own)), 1)
            own[:] = -np.bincount(places, weights=sizes + others, minlength=len(own)) / counts
    return np.exp2(np.rint(by_row)), np.exp2(np.rint(by_column))
