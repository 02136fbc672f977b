"""Which cells, changed how far, let a plan exist: one alone, as little as possible in all, as few as possible.

Clashes that floating-point numbers can't tell from none are looked into in fractions, one conflict after the other:
where rows can't stand together, the multipliers of their contradiction say how far a cell must move for that
contradiction to end; then either a plan exists or there is another one, which says how far to move on. In a straight
line that ends at the very least change (Newton's method on a convex function of finitely many pieces).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from heapq import nsmallest

import numpy as np

from allocator.analyses.conflict import Search
from allocator.analyses.repair_cells import Adjustable, LooseCells, Move, Point, adjustable_cells, number_edit
from allocator.errors import ScenarioError
from allocator.programme.build import Programme, build
from allocator.programme.elastic import Elastic
from allocator.programme.rows import ZERO, Key, Row
from allocator.programme.session import Arrays, solve_mixed
from allocator.programme.status import Deadline, Status
from allocator.scenario.cells import magnitude
from allocator.scenario.model import RuleEdit
from allocator.scenario.reading import with_edits
from allocator.scenario.records import CellNames

# -- by the solver ----------------------------------------------------------------------------------------------------

_MANY = 5
"""So many single changes are compared; one that must be larger than all of them isn't looked for to its end."""
_LOOKS = 60
"""So many sets of cells are tried in the search for the fewest."""
_ALIKE = 8
"""So many sets of the fewest cells are compared by how far they must move."""
_NODES = 2000
_SCALE_OF_SEARCH = 64
"""Where more isn't always better, numbers are tried up to their limit at halves, quarters and so on, to this part."""
_TENFOLD = 10
_ROOM = Fraction(1, 50)
"""Where several cells change, each is rounded outward by at most this part of its change."""

type Moved = Mapping[int, Fraction]
"""A cell's number → what it is to hold."""


class CellSearch:
    """Looks for changes of `loose`'s cells; what can't stand together is learnt on the way."""

    def __init__(self, loose: LooseCells) -> None:
        self.loose = loose
        self.cells = loose.cells
        self._names = CellNames(loose.programme.scenario)
        self.everything = frozenset(range(len(loose.cells)))
        self._by_row: dict[int, set[int]] = {}
        for n, cell in enumerate(loose.cells):
            for index in cell.rows:
                self._by_row.setdefault(index, set()).add(n)
        self.conflicts: list[frozenset[int]] = []
        """Sets of cells of which every repair changes one."""

        self.stuck: frozenset[int] = frozenset()
        """Rows that can't stand together as things are."""
        self._rows: frozenset[int] = frozenset()
        self.exact: dict[tuple[int, Fraction], Fraction] = {}
        """A cell's number and what would be typed into it → what was found, where an equality may need it."""

    def start(self, *, loosely: bool = True) -> bool:
        """Whether no plan exists as things stand; see `LooseCells.solve`."""
        self.loose.open({})
        found = self.loose.solve(loosely=loosely)
        if isinstance(found, Point):
            return False
        self.stuck = found
        self._learn(found)
        return True

    def size(self, moved: Moved) -> float:
        """Return the sum of the changes, each as a part of what the cell held."""
        return sum(float(abs(value - self.cells[n].value) / self.cells[n].measure) for n, value in moved.items())

    def _learn(self, rows: Iterable[int], without: Iterable[int] = ()) -> frozenset[int]:
        """Note that one of the cells of these rows must change, but for those that were as loose as can be."""
        cells = frozenset().union(*(self._by_row.get(index, set()) for index in rows)) - frozenset(without)
        self.conflicts.append(cells)
        return cells

    # One cell

    def single(self, among: Iterable[int] | None = None, many: int = _MANY) -> list[Moved]:
        """Return the least change of each cell that alone lets a plan exist, least first; the `many` least are sure."""
        wanted = self.everything if among is None else frozenset(among)
        found: list[Moved] = []
        for n in sorted(wanted, key=lambda n: (self.cells[n].curved, n)):
            if all(n in cells for cells in self.conflicts):
                value = self._curved(n, self._bar(found, many)) if self.cells[n].curved else self._straight(n)
                if value is not None:
                    found.append({n: value})
        return sorted(found, key=self.size)

    def edits(self, moved: Moved) -> tuple[RuleEdit, ...]:
        """Return the changes as edits, the largest first."""
        largest = sorted(moved, key=lambda n: -self.size({n: moved[n]}))
        return tuple(number_edit(self._names, self.cells[n], moved[n]) for n in largest)

    def _bar(self, found: list[Moved], many: int) -> float | None:
        """Return the size above which another single change doesn't count."""
        sizes = nsmallest(many, map(self.size, found))
        return sizes[-1] if len(sizes) == many else None

    def _straight(self, n: int) -> Fraction | None:
        moved = self.loose.least_moves([n])
        if isinstance(moved, frozenset):
            self._learn(moved, [n])
            return None
        if moved is None or n not in moved:
            return None
        return self._typed(moved)[n]

    def _curved(self, n: int, bar: float | None) -> Fraction | None:
        """Return the nearest number that one would type at which a plan exists, by halving."""
        cell = self.cells[n]
        best: Fraction | None = None
        for sign in cell.signs:
            if cell.equality and self._at(n, sign, cell.value):
                continue  # as an inequality it holds already: its number must move the other way
            for far in self._tries(n, sign, self._far(n, sign, bar)):
                if self._there(n, sign, far):
                    value = self._closed_in(n, sign, far)
                    if best is None or abs(value - cell.value) < abs(best - cell.value):
                        best = value
                    break
        self.loose.send({})
        return best

    def _far(self, n: int, sign: int, bar: float | None) -> int:
        """Return by how many units of its grid the cell is moved at most."""
        cell = self.cells[n]
        limit = cell.limit(sign)
        far = abs(limit - cell.value) if limit is not None else _TENFOLD * self._largest(cell)
        if bar is not None:
            far = min(far, Fraction(bar) * cell.measure)
        return math.ceil(far / cell.grid)

    def _largest(self, cell: Adjustable) -> Fraction:
        scenario = self.loose.programme.scenario
        return max(abs(cell.value), *(scenario.available(scenario.source, year) for year in scenario.years))

    def _tries(self, n: int, sign: int, steps: int) -> Iterator[int]:
        """Yield how far to look for a plan: to the end where farther is looser, else nearer first."""
        cell = self.cells[n]
        if cell.budget:
            moved = self.loose.least_moves([n])
            if isinstance(moved, Mapping) and n in moved and (moved[n] > cell.value) == (sign > 0):
                yield min(steps, math.ceil(abs(moved[n] - cell.value) / cell.grid) + 1)
            part = Fraction(1, _SCALE_OF_SEARCH)
            while part < 1:
                yield math.ceil(steps * part)
                part *= Fraction(3, 2)
        if steps:
            yield steps

    def _number(self, n: int, sign: int, steps: int) -> Fraction:
        """Return the number so many units of the cell's grid beyond what it holds."""
        cell = self.cells[n]
        units = math.floor(cell.value / cell.grid) if sign > 0 else math.ceil(cell.value / cell.grid)
        return cell.within((units + sign * steps) * cell.grid)

    def _there(self, n: int, sign: int, steps: int) -> bool:
        """Whether a plan exists with the cell moved by so many units of its grid."""
        cell = self.cells[n]
        there = self._at(n, sign, self._number(n, sign, steps))
        if not there and cell.one_way and steps == self._far(n, sign, None):
            self._learn(self._rows, [n])
        return there

    def _at(self, n: int, sign: int, value: Fraction) -> bool:
        """Whether a plan exists with `value` in the cell; of an equality that side counts which asks for the move."""
        self.loose.open({})
        self.loose.send({n: value})
        if self.cells[n].equality:
            self.loose.free(n, (sign > 0, sign < 0), value)
        found = self.loose.solve(loosely=True)
        self._rows = frozenset() if isinstance(found, Point) else found
        return isinstance(found, Point)

    def _closed_in(self, n: int, sign: int, far: int) -> Fraction:
        nearest = _least_steps(lambda steps: self._there(n, sign, steps), far)
        return self.cells[n].outward(self._number(n, sign, nearest), sign)

    def sure(self, moved: Moved) -> Moved | None:
        """Return the changes, or a unit of the cells' grids more, at which a plan exists at the tightest tolerance."""
        for more in (0, 1):
            further = {n: self.further(n, value, more) for n, value in moved.items()}
            self.loose.open({})
            self.loose.send(further)
            found = self.loose.solve()
            self.loose.send({})
            if isinstance(found, Point):
                return further
        return None

    def further(self, n: int, value: Fraction, units: int) -> Fraction:
        """Return a cell's number moved on by so many units of its grid."""
        cell = self.cells[n]
        return cell.within(value + units * cell.grid * (1 if value > cell.value else -1))

    # Several cells

    def least(self, without: Iterable[int] = ()) -> Moved | None:
        """Return the changes of least total size; cells whose rows turn are left out where they lead nowhere."""
        cells = self.everything - frozenset(without)
        moved = self.loose.least_moves(cells)
        if moved is None:
            moved = self.loose.least_moves(n for n in cells if not self.cells[n].curved)
        return None if moved is None or isinstance(moved, frozenset) else self._typed(moved)

    def _typed(self, moved: Moved) -> Moved:
        """Return the same in numbers that one would type."""
        found = {}
        for n, value in moved.items():
            sign = 1 if value > self.cells[n].value else -1
            found[n] = self.typed(n, value) if len(moved) > 1 else self.cells[n].outward(value, sign)
            self.exact[n, found[n]] = Fraction(f"{float(value):.15g}")
        return found

    def typed(self, n: int, value: Fraction) -> Fraction:
        """Return a number of several to be typed: a little beyond `value`, by at most a part of the change itself.

        Cells that act on each other leave no room at all where each is moved to the very edge.
        """
        cell = self.cells[n]
        change = abs(value - cell.value)
        coarse = Fraction(10) ** magnitude(change * _ROOM) if change else cell.grid
        unit = cell.grid * max(1, math.floor(coarse / cell.grid))
        return replace(cell, grid=unit).outward(value, 1 if value > cell.value else -1)

    def fewest(self) -> list[Moved]:
        """Return changes of as few cells as possible, the least in all first; several sets of as many cells.

        Every repair must change a cell of each conflict, so the smallest set that does is tried; where no plan exists
        then, the solver's ray is a conflict more (M. Parker, J. Ryan, Finding the minimum weight IIS cover, 1996).
        """
        found: list[Moved] = []
        tried: list[frozenset[int]] = []
        for _ in range(_LOOKS):
            chosen = self._cover(tried)
            if chosen is None or (found and len(chosen) > len(found[0])) or len(found) >= _ALIKE:
                break
            stuck = self._stuck(chosen)
            if stuck is not None:
                if not self._learn(stuck, chosen):
                    break
                continue
            tried.append(chosen)
            least = self.loose.least_moves(chosen)
            moved = least if isinstance(least, Mapping) else self._in_turn(chosen)
            if moved:
                found.append(self._typed(moved))
        return sorted(found, key=lambda moved: (len(moved), self.size(moved)))

    def _in_turn(self, chosen: frozenset[int]) -> Moved | None:
        """Return changes of these cells: those that turn rows go to their end, then each back as far as it may."""
        turning = [n for n in sorted(chosen) if self.cells[n].curved]
        if any(not self.cells[n].one_way for n in turning):
            return None
        way = {n: self.cells[n].signs[0] for n in turning}
        end = {n: self._far(n, sign, None) for n, sign in way.items()}
        at = {n: self._number(n, sign, end[n]) for n, sign in way.items()}
        straight = self._freely(chosen - at.keys())

        def there(n: int, steps: int) -> bool:
            return self._with({**at, n: self._number(n, way[n], steps)}, straight) is not None

        found = self._with(at, straight)
        for n in turning if found else ():
            at[n] = self._number(n, way[n], _least_steps(partial(there, n), end[n]))
        found = self._with(at, straight)
        self.loose.send({})
        self.loose.open({})
        if found is None:
            return None
        moves = {
            n: self.cells[n].value + sign * self.cells[n].measure * Fraction(by)
            for (n, sign), by in found.moved.items()
        }
        return {**at, **moves}

    def _freely(self, cells: Iterable[int]) -> dict[Move, tuple[float, float]]:
        """Return how far these cells may move at most, all the way to their limits."""
        moves = [(n, sign) for n in cells for sign in self.cells[n].signs]
        return {move: (0.0, self.loose.room(move)) for move in moves}

    def _with(self, at: Moved, straight: Mapping[Move, tuple[float, float]]) -> Point | None:
        """Return a plan with these numbers in cells, others open; None where there is none."""
        self.loose.send(at)
        self.loose.open(straight)
        found = self.loose.solve(loosely=True)
        return found if isinstance(found, Point) else None

    def _stuck(self, chosen: frozenset[int]) -> frozenset[int] | None:
        """Return rows that can't stand together however these cells are moved; None where a plan may exist."""
        loose = self.loose
        turning = [n for n in chosen if self.cells[n].curved]
        for n in turning:
            loose.free(n)
        loose.open(self._freely(chosen))
        found = loose.solve()
        loose.send({})
        loose.open({})
        return None if isinstance(found, Point) else found

    def _cover(self, tried: Iterable[frozenset[int]]) -> frozenset[int] | None:
        """Return a smallest set of cells with one of each conflict, none that holds all of one that was tried."""
        if not all(self.conflicts):
            return None
        cells = sorted(frozenset().union(*self.conflicts))
        place = {n: number for number, n in enumerate(cells)}
        rows = [({place[n]: 1.0 for n in conflict}, 1.0, np.inf) for conflict in self.conflicts]
        rows += [({place[n]: 1.0 for n in full}, -np.inf, len(full) - 1.0) for full in tried]
        count = len(cells)
        cover = Arrays(np.ones(count), rows, cost=np.ones(count), whole=np.ones(count, dtype=np.bool_))
        status, x = solve_mixed(cover, nodes=_NODES, gap=0.9, solutions=1000, watch=self.loose.deadline.left)
        if status is not Status.OPTIMAL or x is None:
            return None
        return frozenset(n for n in cells if x[place[n]] > 0.5)


def _least_steps(there: Callable[[int], bool], far: int) -> int:
    """Return the fewest steps at which it is so, by halving: not at 0, but at `far`."""
    short = 0
    while far - short > 1:
        middle = (short + far) // 2
        if there(middle):
            far = middle
        else:
            short = middle
    return far


# -- in fractions -----------------------------------------------------------------------------------------------------

_TRIES = 100
"""After so many contradictions a cell is given up."""
_ROUNDS = 40
"""So many conflicts are made good at most, one after the other."""
_LEAST = Fraction(1, 10**6)
"""A row that asks for less than this gives way as one that asks for so much."""
_DIGITS = 6
"""Without a Step a cell is changed by so many digits of the least change."""


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
    bare = ((programme.rows[index].bound, once.bound) for index, once in cell.once.items() if not once.body.terms)
    values = (_on_line(cell, before, after) for before, after in bare)
    return next((value for value in values if value is not None), None)


def _on_line(cell: Adjustable, before: Fraction, after: Fraction) -> Fraction | None:
    """Return the number in a cell at which what is `before`, and `after` once it has grown, is 0; None: it can't be."""
    if before == after:
        return None
    value = cell.value - before * cell.growth / (after - before)
    return value if cell.allows(value, 1 if value > cell.value else -1) else None


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
            value = self.nearest(n, typed=True)
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
            tried = {n: self.nearest(n, members, moved, typed=True) for n in self._touching(members)}
            steps = {n: value for n, value in tried.items() if value is not None}
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

    def nearest(
        self, n: int, rows: Collection[int] = (), moved: Moved | None = None, *, typed: bool = False
    ) -> Fraction | None:
        """Return the number nearest to a cell's own at which these rows (none: all) can stand together; None: none is.

        `moved` is what cells hold so far; `typed` asks for a number that one would type.
        """
        cell, moved, step = self.cells[n], moved or {}, self.programme.scenario.step
        ends = ((sign, self._end(n, sign, rows or self.elastic.rows, moved)) for sign in cell.signs)
        found = [_typed(cell, end, sign, step) if typed else end for sign, end in ends if end is not None]
        start = moved.get(n, cell.value)
        return min(found, key=lambda value: abs(value - start), default=None)

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
            signed = [(i, w if at_least else -w) for (i, at_least), w in weights.items()]
            lacking = sum((w * self.elastic.exact_bound(i) for i, w in signed), ZERO)
            slope = sum((w * self._slope(cell, i) for i, w in signed), ZERO)
            if slope * sign >= 0:
                return None
            value -= lacking / slope
            if not cell.allows(value, sign):
                return None
        return None

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
    units = value / grid
    return cell.within((math.ceil(units) if sign > 0 else math.floor(units)) * grid)


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
            kept = {index: _keeping(rows[index], of_row[index], index, found[1]) for index in loose}
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
        farthest = {n: (cell, max(values, key=lambda v: abs(v - cell.value))) for n, (cell, values) in wanted.items()}
        return {n: _typed(cell, v, 1 if v > cell.value else -1, step) for n, (cell, v) in farthest.items()}


def _keeping(
    row: Row, cells: Iterable[Adjustable], index: int, plan: Mapping[Key, Fraction]
) -> tuple[Adjustable, Fraction] | None:
    """Return a cell with the number at which the plan keeps a row, were the row to move in a straight line."""
    for cell in cells:
        if once := cell.once.get(index):
            before, after = (each.body.value(plan) - each.bound for each in (row, once))
            if (value := _on_line(cell, before, after)) is not None:
                return cell, value
    return None


def _stands(programme: Programme, deadline: Deadline) -> bool:
    """Whether a plan exists."""
    elastic = Elastic(programme, deadline)
    return not elastic.model.impossible and elastic.feasible(exactly=True)
