"""Which cells, changed how far, let a plan exist: one alone, as little as possible in all, as few as possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from heapq import nsmallest

import numpy as np

from allocator.analyses.repair_cells import Adjustable
from allocator.analyses.repair_edits import number_edit
from allocator.analyses.repair_lp import LooseCells, Point
from allocator.programme.session import Arrays, solve_mixed
from allocator.programme.status import Status
from allocator.scenario.addresses import CellNames
from allocator.scenario.edits import RuleEdit
from allocator.scenario.numerals import magnitude

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


class Search:
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
        short = 0
        while far - short > 1:
            middle = (short + far) // 2
            if self._there(n, sign, middle):
                far = middle
            else:
                short = middle
        return self.cells[n].outward(self._number(n, sign, far), sign)

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
        at = {n: self._number(n, self.cells[n].signs[0], self._far(n, self.cells[n].signs[0], None)) for n in turning}
        straight = {
            (n, sign): (0.0, self.loose.room((n, sign))) for n in chosen - at.keys() for sign in self.cells[n].signs
        }
        found = self._with(at, straight)
        for n in turning if found else ():
            sign, short, far = self.cells[n].signs[0], 0, self._far(n, self.cells[n].signs[0], None)
            while far - short > 1:
                middle = (short + far) // 2
                if self._with({**at, n: self._number(n, sign, middle)}, straight):
                    far = middle
                else:
                    short = middle
            at[n] = self._number(n, sign, far)
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

    def _with(self, at: Moved, straight: Mapping[tuple[int, int], tuple[float, float]]) -> Point | None:
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
        loose.open({(n, sign): (0.0, loose.room((n, sign))) for n in chosen for sign in self.cells[n].signs})
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
        cover = Arrays.of(np.ones(count), rows, cost=np.ones(count), whole=np.ones(count, dtype=np.bool_))
        status, x = solve_mixed(cover, nodes=_NODES, gap=0.9, solutions=1000, watch=self.loose.deadline.left)
        if status is not Status.OPTIMAL or x is None:
            return None
        return frozenset(n for n in cells if x[place[n]] > 0.5)
