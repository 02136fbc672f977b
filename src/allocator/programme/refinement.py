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
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import count

import numpy as np
from numpy.typing import NDArray

from allocator.programme.attempts import DIRECT, MIDDLE, SIMPLEX
from allocator.programme.session import Arrays, Floats, Session
from allocator.programme.simplex import Basis, Simplex, StandardForm, Vertex, Watch
from allocator.programme.status import Status

FEW = 3
"""Exact pivots that are tried before floating point is asked again: a round of that costs about as much."""
ROUNDS = 12
_ZERO, _ONE = Fraction(0), Fraction(1)
_FAR = 1e18
"""A bound further away than this many times the worst fault is none."""


class _EnoughError(Exception):
    """A few pivots weren't enough."""


def optimum(form: StandardForm, start: Basis, costs: Mapping[int, Fraction], watch: Watch) -> Vertex:
    """Return a vertex at which Σ cost · column is least, or that proves that there is none."""
    return Refinement(form, watch).optimum(start, costs)


class Refinement:
    """A programme of which several sums are made least, one after the other, also within other bounds."""

    def __init__(self, form: StandardForm, watch: Watch) -> None:
        self.form, self.watch = form, watch

    @cached_property
    def _view(self) -> _View:
        return _View(self.form, self.watch)

    def change_column(self, column: int, entries: Sequence[tuple[int, Fraction]]) -> None:
        """Give a column other entries."""
        columns = list(self.form.columns)
        columns[column] = entries
        self.form = replace(self.form, columns=columns)
        if "_view" in self.__dict__:
            self._view.change_column(column, entries)

    def optimum(self, start: Basis, costs: Mapping[int, Fraction]) -> Vertex:
        """Return a vertex at which Σ cost · column is least, or that proves that there is none."""
        simplex = Simplex(self.form, start, self.watch)
        found = self._few(simplex, lambda: simplex.minimise(costs))
        return self._resumed(simplex, costs)[0] if found is None else found

    def settled(self, simplex: Simplex, pivots: Callable[[], bool], costs: Mapping[int, Fraction]) -> Simplex | None:
        """Return the programme, with the bounds of `simplex`, where Σ cost · column is least; None: there is no least.

        `pivots` takes `simplex` there, as a rule in a few, and says whether there is one.
        """
        found = self._few(simplex, pivots)
        if found is None:
            vertex, simplex = self._resumed(simplex, costs)
            found = vertex.status is Status.OPTIMAL
        return simplex if found else None

    def _few[T](self, simplex: Simplex, pivots: Callable[[], T]) -> T | None:
        """Let `simplex` pivot, and return what that gives; None where more than a few are needed."""
        moves = count(1)

        def watch() -> None:
            self.watch()
            if next(moves) > FEW:
                raise _EnoughError

        simplex.watch = watch
        try:
            return pivots()
        except _EnoughError:
            return None
        finally:
            simplex.watch = self.watch

    def _resumed(self, simplex: Simplex, costs: Mapping[int, Fraction]) -> tuple[Vertex, Simplex]:
        """Return the vertex to which the programme, with the bounds of `simplex`, comes from there, and it there."""
        simplex = _refined(self._view, simplex, costs)
        if self._view.infeasible:
            known = self._nearest(simplex)
            if known.status is Status.INFEASIBLE:
                return known, simplex
            simplex = _refined(self._view, simplex.at(known.basis), costs)
        return simplex.minimise(costs), simplex

    def _nearest(self, simplex: Simplex) -> Vertex:
        """Return a vertex that misses the rows by as little as can be, each miss counted in the view's unit.

        Where that is more than nothing, its prices prove that no solution exists, and it says so.
        """
        width, height = simplex.width, simplex.height
        first, after = width, width + 2 * height
        elastic = StandardForm(
            [*simplex.form.columns, *([(row, sign)] for row in range(height) for sign in (_ONE, -_ONE))],
            [*simplex.lower[:width], *(_ZERO,) * (2 * height)],
            [*simplex.upper[:width], *(None,) * (2 * height)],
            simplex.lower[width:],
            simplex.upper[width:],
        )
        costs = {first + 2 * row + n: Fraction(size) for row, size in enumerate(self._view.rows) for n in (0, 1)}
        basis = Basis(tuple(item if item < first else item + 2 * height for item in simplex.basic), frozenset())
        start = Simplex(elastic, basis, self.watch, simplex.pivots)
        found = _refined(_View(elastic, self.watch), start, costs).minimise(costs)

        def own(items: Iterable[int]) -> Iterator[int]:
            return (item if item < first else item - 2 * height for item in items if item < first or item >= after)

        return Vertex(
            Status.INFEASIBLE if any(found.values[item] for item in costs) else Status.OPTIMAL,
            Basis(tuple(own(found.basis.basic)), frozenset(own(found.basis.at_upper))),
            (*found.values[:first], *found.values[after:]),
            found.prices,
            found.reduced[:width],
            found.pivots,
        )


def _refined(view: _View, simplex: Simplex, costs: Mapping[int, Fraction]) -> Simplex:
    """Return the programme at a basis in which floating-point numbers find no fault, however near they look."""
    view.infeasible = False
    seen: set[frozenset[int]] = set()
    for _ in range(ROUNDS):
        simplex.price(costs)
        basis = frozenset(simplex.basic)
        if basis in seen or not (simplex.gainful() or any(map(simplex.is_outside, basis))):
            break
        seen.add(basis)
        proposed = view.proposed(simplex)
        if proposed is None or view.infeasible:
            break
        simplex = simplex.at(proposed)
    return simplex


class _View:
    """A programme in floating-point numbers, ``A·x − activity = 0``, its entries brought near to 1 by powers of two."""

    def __init__(self, form: StandardForm, watch: Watch) -> None:
        width, height = len(form.columns), len(form.row_lower)
        rows, columns = _scales(form)
        self.rows, self.infeasible = rows, False
        self.units: Floats = np.concatenate([columns, 1 / rows])
        """How much of the programme's own unit one of the view's is, of columns and of activities."""
        terms: list[dict[int, float]] = [{width + row: -1.0} for row in range(height)]
        for at, entries in enumerate(form.columns):
            for row, entry in entries:
                terms[row][at] = float(entry) * rows[row] * columns[at]
        arrays = Arrays.of(np.zeros(width + height), [(own, 0.0, 0.0) for own in terms])
        self._session = Session(arrays, watch, {**SIMPLEX, **DIRECT, **MIDDLE})

    def change_column(self, column: int, entries: Sequence[tuple[int, Fraction]]) -> None:
        """Give a column other entries; its scale stays."""
        unit = self.units[column]
        now = {row: float(entry) * self.rows[row] * unit for row, entry in entries}
        before, _ = self._session.column(column)
        for row in {*(int(row) for row in before), *now}:
            self._session.set_entry(row, column, now.get(row, 0.0))

    def proposed(self, simplex: Simplex) -> Basis | None:
        """Return the basis that HiGHS goes on to from an exact one, whose faults are scaled up; None: it has none."""
        down = self._distances(simplex.values, simplex.lower, -math.inf)
        up = self._distances(simplex.values, simplex.upper, math.inf)
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
        at_upper = frozenset(item for item, value in enumerate(simplex.values) if value == simplex.upper[item])
        return self._improved(down, up, gains, Basis(tuple(simplex.basic), at_upper))

    def _improved(self, down: Floats, up: Floats, gains: Floats, start: Basis) -> Basis | None:
        session, still = self._session, (0.0,) * len(self.rows)
        session.bound_columns(np.arange(len(self.units), dtype=np.int32), down, up)
        session.seek(gains)
        session.stand_at(start, [*down.tolist(), *still], [*up.tolist(), *still])
        self.infeasible = session.run() is Status.INFEASIBLE
        found = session.proposed()
        return found if found.basic else None

    def _distances(self, values: Sequence[Fraction], ends: Sequence[Fraction | None], none: float) -> Floats:
        """Return end − value in the view's units; `none` where there is no end."""
        pairs = zip(values, ends, strict=True)
        return np.array([none if end is None else _float(end - value) for value, end in pairs]) / self.units


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.copysign(1e300, number)


def _scales(form: StandardForm) -> tuple[Floats, Floats]:
    """Return what rows and columns are multiplied by: the geometric means of their entries come near to 1."""
    rows = np.array([row for entries in form.columns for row, _ in entries], dtype=np.intp)
    columns = np.array([at for at, entries in enumerate(form.columns) for _ in entries], dtype=np.intp)
    sizes = np.log2(np.array([abs(float(entry)) for entries in form.columns for _, entry in entries]))
    by_row, by_column = np.zeros(len(form.row_lower)), np.zeros(len(form.columns))

    def balanced(places: NDArray[np.intp], others: Floats, count: int) -> Floats:
        return -np.bincount(places, sizes + others, count) / np.maximum(np.bincount(places, minlength=count), 1)

    for _ in range(4):
        by_row = balanced(rows, by_column[columns], len(by_row))
        by_column = balanced(columns, by_row[rows], len(by_column))
    return np.exp2(np.rint(by_row)), np.exp2(np.rint(by_column))
