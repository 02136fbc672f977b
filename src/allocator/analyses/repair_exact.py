"""Repairs of a clash that floating-point numbers can't tell from none: in fractions, one conflict after the other.

Where rows can't stand together, the multipliers of their contradiction say how far a cell must move for that
contradiction to end; then either a plan exists or there is another one, which says how far to move on. In a straight
line that ends at the very least change (Newton's method on a convex function of finitely many pieces).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.conflict import Search
from allocator.analyses.repair_cells import Adjustable, adjustable_cells
from allocator.analyses.repair_edits import number_edit
from allocator.errors import ScenarioError
from allocator.programme.build import Programme, build
from allocator.programme.deadline import Deadline
from allocator.programme.elastic import Elastic
from allocator.programme.rows import HARD, ZERO, Key, Row
from allocator.scenario.addresses import CellNames
from allocator.scenario.numerals import magnitude
from allocator.scenario.reading import with_edits

_TRIES = 100
"""After so many contradictions a cell is given up."""
_ROUNDS = 40
"""So many conflicts are made good at most, one after the other."""
_LEAST = Fraction(1, 10**6)
"""A row that asks for less than this gives way as one that asks for so much."""
_DIGITS = 6
"""Without a Step a cell is changed by so many digits of the least change."""

type Moved = Mapping[int, Fraction]
"""A cell's number → what it is to hold."""


def small_repairs(programme: Programme, cells: tuple[Adjustable, ...], deadline: Deadline) -> Iterator[Moved]:
    """Yield changes that let a plan exist: of one cell each, least first; where none alone helps, of several."""
    search = _Closing(programme, cells, deadline)
    single = sorted(search.single(), key=search.size)
    yield from single
    if not single:
        several = search.several(), _Fitting(programme, cells, deadline).fitted()
        yield from filter(None, several)


def least_changes(
    programme: Programme, cells: tuple[Adjustable, ...], deadline: Deadline | None = None
) -> Iterator[tuple[Adjustable, Fraction]]:
    """Yield each cell that alone lets a programme's rows stand together, with the number nearest to its own that does.

    Cells whose change turns rows are left out.
    """
    closing = _Closing(programme, cells, deadline)
    bare = any(row.slack({}) < 0 for row in programme.rows if not row.body.terms)
    for n in closing.straight:
        value = _without_amounts(programme, cells[n]) if bare else closing.nearest(n)
        if value is not None:
            yield cells[n], value


def _without_amounts(programme: Programme, cell: Adjustable) -> Fraction | None:
    """Return the nearest number at which a row without amounts holds; None where the cell doesn't decide on it."""
    for index, once in cell.once.items():
        before = programme.rows[index].bound
        if not once.body.terms and once.bound != before:
            value = cell.value - before * cell.growth / (once.bound - before)
            sign = 1 if value > cell.value else -1
            limit = cell.limit(sign)
            if sign in cell.signs and (limit is None or (limit - value) * sign >= 0):
                return value
    return None


class _Closing:
    def __init__(self, programme: Programme, cells: tuple[Adjustable, ...], deadline: Deadline | None) -> None:
        self.programme = programme
        self.cells = cells
        self.elastic = Elastic(programme, deadline)
        self.straight = [n for n, cell in enumerate(cells) if not cell.curved and cell.twice is None]

    def size(self, moved: Moved) -> Fraction:
        """Return the sum of the changes, each as a part of what the cell held."""
        return sum((abs(value - self.cells[n].value) / self.cells[n].measure for n, value in moved.items()), ZERO)

    def single(self) -> Iterator[Moved]:
        """Yield the least change of each cell that alone lets a plan exist."""
        members = Search(self.elastic).smallest(self.elastic.rows)
        for n in self._touching(members):
            value = self._least(n, self.elastic.rows)
            if value is not None:
                yield {n: value}

    def several(self) -> Moved:
        """Return changes that make one conflict good after the other, each by the cell that must move least."""
        moved: dict[int, Fraction] = {}
        for _ in range(_ROUNDS):
            self._set(moved)
            members = Search(self.elastic).smallest(self.elastic.rows)
            if not members:
                return moved
            steps = {n: value for n in self._touching(members) if (value := self._least(n, members, moved)) is not None}
            if not steps:
                return {}
            n = min(steps, key=lambda n: (abs(steps[n] - moved.get(n, self.cells[n].value)) / self.cells[n].measure, n))
            moved[n] = steps[n]
            if moved[n] == self.cells[n].value:
                del moved[n]
        return {}

    def _touching(self, rows: Iterable[int]) -> list[int]:
        """Return the straight cells that move any of these rows."""
        wanted = set(rows)
        return [n for n in self.straight if wanted & set(self.cells[n].rows)]

    def _least(self, n: int, rows: Iterable[int], moved: Moved | None = None) -> Fraction | None:
        """Return the nearest number that one would type at which these rows can stand together; None: there is none."""
        moved, rows = moved or {}, tuple(rows)
        found = (self._one_way(n, sign, rows, moved) for sign in self.cells[n].signs)
        start = moved.get(n, self.cells[n].value)
        return min((value for value in found if value is not None), key=lambda value: abs(value - start), default=None)

    def nearest(self, n: int) -> Fraction | None:
        """Return the number nearest to a cell's own at which all rows can stand together; None: there is none."""
        cell = self.cells[n]
        ends = (self._end(n, sign, self.elastic.rows, {}) for sign in cell.signs)
        return min((end for end in ends if end is not None), key=lambda end: abs(end - cell.value), default=None)

    def _one_way(self, n: int, sign: int, rows: Iterable[int], moved: Moved) -> Fraction | None:
        value = self._end(n, sign, rows, moved)
        return None if value is None else _typed(self.cells[n], value, sign, self.programme.scenario.step)

    def _end(self, n: int, sign: int, rows: Iterable[int], moved: Moved) -> Fraction | None:
        """Return the number at which these rows can just stand together, in the direction of `sign`."""
        cell = self.cells[n]
        value = start = moved.get(n, cell.value)
        for _ in range(_TRIES):
            self._set({**moved, n: value})
            self.elastic.keep(rows)
            if self.elastic.feasible(exactly=True):
                return None if value == start else value
            weights = self.elastic.exact_multipliers()
            lacking = sum((w * self._bound(i, at_least=s) for (i, s), w in weights.items()), ZERO)
            slope = sum((w * (1 if s else -1) * self._slope(cell, i) for (i, s), w in weights.items()), ZERO)
            if slope * sign >= 0:
                return None
            value -= lacking / slope
            limit = cell.limit(sign)
            if limit is not None and (value - limit) * sign > 0:
                return None
        return None

    def _bound(self, index: int, *, at_least: bool) -> Fraction:
        bound = self.elastic.exact_bound(index)
        return bound if at_least else -bound

    def _slope(self, cell: Adjustable, index: int) -> Fraction:
        """Return by how much a row's bound grows per unit of the cell."""
        if index not in cell.rows:
            return ZERO
        return (cell.once[index].bound - self.programme.rows[index].bound) / cell.growth

    def _set(self, moved: Moved) -> None:
        """Let the cells hold these numbers, and all others what they hold in the scenario."""
        bounds: dict[int, Fraction] = {}
        for n, value in moved.items():
            cell = self.cells[n]
            for index in cell.rows:
                by = self._slope(cell, index) * (value - cell.value)
                bounds[index] = bounds.get(index, self.programme.rows[index].bound) + by
        for index in self.elastic.rows:
            wanted = bounds.get(index, self.programme.rows[index].bound)
            if wanted != self.elastic.exact_bound(index):
                self.elastic.move(index, wanted)
        self.elastic.keep(self.elastic.rows)


def _typed(cell: Adjustable, value: Fraction, sign: int, step: Fraction) -> Fraction:
    """Return the nearest number that one would type, not short of `value`; its own number stays as it is."""
    if value == cell.value:
        return value
    grid = cell.grid
    if not cell.share:
        grid = step or Fraction(10) ** (magnitude(value - cell.value) + 1 - _DIGITS)
    return replace(cell, grid=grid).within(_beyond(value, grid, sign))


def _beyond(value: Fraction, grid: Fraction, sign: int) -> Fraction:
    units = value / grid
    return (math.ceil(units) if sign > 0 else math.floor(units)) * grid


class _Fitting:
    """Finds changes of any cells: of all plans that keep what can't be changed the one that breaks least of the rest.

    Each cell is then made to hold what that plan keeps. Where numbers must be typed a little off, or a budget moves
    what is computed from it, the rest gives way anew.
    """

    def __init__(self, programme: Programme, cells: tuple[Adjustable, ...], deadline: Deadline) -> None:
        self.scenario, self.deadline = programme.scenario, deadline
        self.cells, self.names = cells, CellNames(programme.scenario)
        self.number = {cell.cell: n for n, cell in enumerate(cells)}

    def fitted(self) -> Moved:
        """Return the changes, without those that a plan can do without; empty: none were found."""
        moved: dict[int, Fraction] = {}
        programme = self._with(moved)
        for _ in range(_ROUNDS):
            if programme is None:
                return {}
            if _stands(programme, self.deadline):
                return self._needed(moved)
            more = self._more(programme)
            if not more:
                return {}
            moved |= more
            programme = self._with(moved)
        return {}

    def _with(self, moved: Moved) -> Programme | None:
        edits = [number_edit(self.names, self.cells[n], value) for n, value in moved.items()]
        try:
            return build(with_edits(self.scenario, edits))
        except ScenarioError:
            return None

    def _needed(self, moved: Moved) -> Moved:
        """Return the changes without those that can be left out, the largest first."""
        found = dict(moved)
        for n in sorted(found, key=lambda n: (-abs(found[n]), n)):
            fewer = {other: value for other, value in found.items() if other != n}
            programme = self._with(fewer)
            if programme is not None and _stands(programme, self.deadline):
                found = fewer
        return found

    def _more(self, programme: Programme) -> Moved:
        """Return what cells are to hold for the plan that breaks least of the rows as they are now."""
        cells = [cell for cell in adjustable_cells(programme) if cell.cell in self.number]
        of_row: dict[int, list[Adjustable]] = {}
        for cell in sorted(cells, key=lambda cell: cell.budget):  # a rule's own number before its budget's
            for index in cell.rows:
                of_row.setdefault(index, []).append(cell)
        elastic = Elastic(programme, self.deadline)
        while of_row:
            rows = {index: programme.rows[index] for index in of_row}
            costs = {index: 1 / max(abs(row.bound), _LEAST) for index, row in rows.items()}
            found = elastic.exact_loosening(costs)
            if found is None:
                break
            loose = [index for index in sorted(found[0]) if rows[index].slack(found[1]) < 0]
            loose += [index for index, row in rows.items() if not row.body.terms and row.slack({}) < 0]
            kept = {index: next(self._keeping(rows[index], of_row[index], index, found[1]), None) for index in loose}
            if None not in kept.values():
                return self._together(filter(None, kept.values()), programme.scenario.step)
            for index in [index for index, found_cell in kept.items() if found_cell is None]:
                del of_row[index]  # no number in a cell keeps these: another plan is to be found
        return {}

    def _together(self, found: Iterable[tuple[Adjustable, Fraction]], step: Fraction) -> Moved:
        """Return for each cell the number that keeps all its rows."""
        wanted: dict[int, tuple[Adjustable, list[Fraction]]] = {}
        for cell, value in found:
            wanted.setdefault(self.number[cell.cell], (cell, []))[1].append(value)
        return {n: _outermost(cell, values, step) for n, (cell, values) in wanted.items()}

    def _keeping(
        self, row: Row, cells: Iterable[Adjustable], index: int, plan: Mapping[Key, Fraction]
    ) -> Iterator[tuple[Adjustable, Fraction]]:
        """Yield cells with the number at which the plan keeps a row, were the row to move in a straight line."""
        for cell in cells:
            once = cell.once.get(index)
            if once is None:
                continue
            before, after = _excess(row, plan), _excess(once, plan)
            if before == after:
                continue
            value = cell.value - before * cell.growth / (after - before)
            sign = 1 if value > cell.value else -1
            limit = cell.limit(sign)
            if sign in cell.signs and (limit is None or (limit - value) * sign >= 0):
                yield cell, value


def _excess(row: Row, plan: Mapping[Key, Fraction]) -> Fraction:
    return row.body.value(plan) - row.bound


def _outermost(cell: Adjustable, values: Iterable[Fraction], step: Fraction) -> Fraction:
    """Return the nearest number that one would type at which all that these numbers keep is kept."""
    farthest = max(values, key=lambda value: abs(value - cell.value))
    return _typed(cell, farthest, 1 if farthest > cell.value else -1, step)


def _stands(programme: Programme, deadline: Deadline) -> bool:
    """Whether a plan exists."""
    hard = (row for row in programme.rows if row.strength.kind in HARD and not row.body.terms)
    return all(row.slack({}) >= 0 for row in hard) and Elastic(programme, deadline).feasible(exactly=True)
