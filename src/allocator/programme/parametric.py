"""One number of the programme moves: all changes of optimal basis on its way.

A basis is the solver's choice of what binds; while it stays optimal, amounts and prices follow the number smoothly.
How far that is shows without solving: the basis' own solution is computed at another value, and the first of its
amounts or prices to leave its bounds on the way there ends the piece. Where numbers move in a straight line and only
right-hand sides or only the objective move, so do amounts and prices, and one look is exact; otherwise the end is
closed in on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from allocator.programme.numbers import Numbers
from allocator.programme.session import BasicSolution, Floats
from allocator.programme.solve import held_bound
from allocator.programme.warm import Answer, Kept

APART = 1e-9
"""Changes nearer together than this part of the value's size can't be told apart."""
SMALLEST = 1e-5
"""A value's size counts as at least this part of the whole way, so that 0 has one too."""
CONFIRMED = 1e3
"""The end of the values with a plan is confirmed so many times as far beyond as changes can be told apart."""
PARTS = 64
"""Where plans come and go, parts of the way this small are searched for one."""
_WITHIN = 1e-9
"""An amount within this part of its size of its bound keeps it, and so does a price (of the largest coefficient)."""
_CLOSER = 60
"""How often the end of a piece is closed in on where it is curved."""
_INSIDE = (0.414213562, 0.618033989, 0.271828183)
"""Where between two values a plan is sought: at places where nothing is likely to change."""
_HALVED = 24
"""Where the scenario has no plan, one is sought to both sides of today's value, so often twice as near."""
_FAR = 1e30

type Room = tuple[Floats, Floats] | None
"""Distances that must not be negative, and below what each counts as nothing."""


class Way(Protocol):
    """The programme's numbers as the value moves."""

    straight: bool
    """Whether amounts and prices of one basis move in a straight line."""

    def numbers(self, value: float) -> Numbers:
        """Return the numbers at `value`."""


@dataclass(frozen=True)
class CriticalRegion:
    """Values in which one basis is optimal, or (without an optimum) in which no plan was found."""

    start: float
    end: float
    bases: OptimalBases | None
    """Its optimum at a value inside, and elsewhere."""
    sure: bool = True
    """False where arithmetic was too coarse to tell how far the basis stays optimal."""


class Search:
    """Finds the regions between two values.

    How fine it looks depends on the size of the values, not on the whole way: a wide way finds what a narrow one does.
    """

    def __init__(
        self, kept: Kept, way: Way, low: float, high: float, say: Callable[[float], None], today: float | None = None
    ) -> None:
        """`today`: the value that the scenario has, which shows what size is usual and where a plan may well exist."""
        self.kept = kept
        self.way = way
        self.low, self.high = low, high
        self.span = high - low
        self.today = today
        self._say = say
        self._found: list[CriticalRegion] = []

    def scale(self, value: float) -> float:
        """Return the size of `value`: of it or of today's, whichever is larger, and no more than the whole way."""
        return min(self.span, max(abs(value), abs(self.today or 0.0), SMALLEST * self.span))

    def near(self, value: float) -> float:
        """Return how far apart changes about `value` must be to be told apart."""
        return APART * self.scale(value)

    def regions(self) -> list[CriticalRegion]:
        """Return the regions in order; together they cover the way, but for what can't be told apart."""
        self._found = []
        planned = self._planned()
        places = sorted({self.low, *planned, self.high})
        for start, end in pairwise(places):
            self._explore(start, end, plan_left=start in planned, plan_right=end in planned)
        return sorted(self._found, key=lambda region: region.start)

    def optimum(self, value: float) -> Answer | None:
        """Return the optimum at `value`; None: no plan. Its scenario is the kept one's, whatever the value."""
        return self.kept.solve(self.way.numbers(value), self.kept.layout.model.programme.scenario)

    def _planned(self) -> set[float]:
        """Return values with a plan: the ends and today's, or else the one of many others that is found first."""
        today = self.today if self.today is not None and self.low < self.today < self.high else None
        known = [self.low, self.high] if today is None else [self.low, today, self.high]
        planned = {value for value in known if self.optimum(value) is not None}
        if planned or today is None:
            return planned
        size = self.scale(today)
        about = (today + sign * size / 2**halved for halved in range(_HALVED) for sign in (1, -1))
        found = next((v for v in about if self.low < v < self.high and self.optimum(v) is not None), None)
        return set() if found is None else {found}

    def _explore(self, start: float, end: float, *, plan_left: bool, plan_right: bool) -> None:
        """Find the regions from `start` to `end`; `plan_left`: at `start` or just before it there is a plan."""
        pending = [(start, end, plan_left, plan_right)]
        while pending:
            start, end, plan_left, plan_right = pending.pop()
            if end - start <= min(self.near(start), self.near(end)):
                continue
            found = self._one(start, end, planned=plan_left and plan_right and self.way.straight)
            if isinstance(found, CriticalRegion):
                self._found.append(found)
                self._say((self._covered()) / self.span)
                pending.append((start, found.start, plan_left, True))
                pending.append((found.end, end, True, plan_right))
            else:
                pending += self._without_plan(start, found, end, plan_left=plan_left, plan_right=plan_right)

    def _covered(self) -> float:
        return sum(region.end - region.start for region in self._found)

    def _one(self, start: float, end: float, *, planned: bool) -> CriticalRegion | float:
        """Return a region somewhere between; or a value at which there is no plan.

        `planned`: plans are known to exist throughout; should the solver find none, another place is tried.
        """
        without, bases = start, None
        for part in _INSIDE:
            value = start + part * (end - start)
            optimum = self.optimum(value)
            if optimum is None:
                without = value
                if planned:
                    continue
                return value
            bases = OptimalBases(self.kept, self.way, optimum, value)
            first, last = (bases.reach(towards, self.scale(value)) for towards in (start, end))
            if last - first > self.near(value) / 2:
                return CriticalRegion(first, last, bases)
        return without if bases is None else CriticalRegion(start, end, bases, sure=False)

    def _without_plan(
        self, start: float, without: float, end: float, *, plan_left: bool, plan_right: bool
    ) -> Iterator[tuple[float, float, bool, bool]]:
        """Yield where else between to look, since there is no plan at `without`."""
        first = self._last_plan(start, without) if plan_left else start
        last = self._last_plan(end, without) if plan_right else end
        if first > start:
            yield start, first, True, True
        if last < end:
            yield last, end, True, True
        # on a straight way the values with a plan lie in one piece
        ended = self.way.straight and (plan_left or plan_right)
        if ended or last - first <= self.span / PARTS:
            self._found.append(CriticalRegion(first, last, None))
            return
        yield first, without, False, False
        yield without, last, False, False

    def _last_plan(self, good: float, bad: float) -> float:
        """Return how far from `good`, which has a plan (or nearly), towards `bad`, which has none, plans go."""
        end = good
        while abs(bad - good) > self.near(good):
            towards = 1 if bad > good else -1
            optimum = self.optimum(good)
            if optimum is not None and self.way.straight:
                reach = OptimalBases(self.kept, self.way, optimum, good).reach(bad, self.scale(good))
                near = self.near(reach)
                beyond = [reach + towards * near * times for times in (1, CONFIRMED)]
                beyond = [value for value in beyond if (bad - value) * towards > 0]
                planned = [value for value in beyond if self.optimum(value) is not None]
                if not planned:
                    return reach
                good = end = planned[-1]
            middle = (good + bad) / 2
            if self.optimum(middle) is None:
                bad = middle
            else:
                good = end = middle
        return end


class OptimalBases:
    """One optimum's bases, looked at elsewhere without solving."""

    def __init__(self, kept: Kept, way: Way, optimum: Answer, value: float) -> None:
        self.kept = kept
        self.way = way
        self.optimum = optimum
        self.value = value
        self._bases: list[_Basis] = []
        self._at_value = self._room(value)

    def reach(self, towards: float, span: float) -> float:
        """Return how far towards a value the bases stay optimal, to `APART` of `span` where they move in a curve."""
        at_bad = self._room(towards)
        if _kept(at_bad):
            return towards
        if self.way.straight and self._at_value is not None and at_bad is not None:
            return self.value + _first(self._at_value, at_bad) * (towards - self.value)
        return self._close_in(towards, at_bad, APART * span / 100)

    def _close_in(self, bad: float, at_bad: Room, near: float) -> float:
        """Return the last value known to be good before one that is bad, at most `near` away from it."""
        good, at_good = self.value, self._at_value
        for attempt in range(_CLOSER):
            if abs(bad - good) <= near:
                break
            part = 0.5
            if at_good is not None and at_bad is not None and attempt % 3 < 2:
                # a little to either side in turn, so that both ends close in
                aside = near / abs(bad - good) / 2 * (1 if attempt % 3 == 0 else -1)
                part = min(max(_first(at_good, at_bad) + aside, 1e-6), 1 - 1e-6)
            value = good + part * (bad - good)
            room = self._room(value)
            if _kept(room):
                good, at_good = value, room
            else:
                bad, at_bad = value, room
        return good

    def objective(self, value: float) -> float | None:
        """Return the objective as stated that the last basis gives at `value`; None where it is no basis there."""
        if self._room(value) is None:
            return None
        numbers = self.way.numbers(value)
        return self.kept.layout.model.objective_scale * float(numbers.cost @ self._last.x) + numbers.constant

    def _room(self, value: float) -> Room:
        """Return how far all amounts and prices are from where the bases stop being optimal; None: no bases there."""
        numbers, kept = self.way.numbers(value), self.kept
        kept.send(numbers)
        for number in range(len(kept.held_rows)):
            kept.hold(number, np.inf)
        parts: list[tuple[Floats, Floats]] = []
        for number, basis in enumerate(self.optimum.bases):
            kept.seek(kept.stage_costs(numbers, number))
            looked = kept.look(basis)
            bounds = kept.row_bounds(numbers)
            if number == len(self._bases):
                self._bases.append(_Basis.of(looked, numbers, *bounds))
            elif frozenset(looked.basic.tolist()) != self._bases[number].basic:
                return None
            parts.append(self._bases[number].distances(looked, numbers, *bounds))
            if number < len(kept.held_rows):
                stage = numbers.stages[number]
                least = float(np.dot(stage.weights, looked.x[list(stage.columns)]))
                kept.hold(number, held_bound(least))  # below 0 only where the basis isn't optimal anyway
            self._last = looked
        return np.concatenate([room for room, _ in parts]), np.concatenate([blur for _, blur in parts])


@dataclass(frozen=True)
class _Basis:
    """One stage's basis: which columns and rows rest at a bound, and whether at the upper one."""

    basic: frozenset[int]
    column_rests: NDArray[np.bool_]
    column_high: NDArray[np.bool_]
    row_rests: NDArray[np.bool_]
    row_high: NDArray[np.bool_]

    @classmethod
    def of(cls, looked: BasicSolution, numbers: Numbers, low: Floats, high: Floats) -> _Basis:
        """Return the basis that a look shows."""
        basic = looked.basic
        column_rests = np.ones(len(looked.x), dtype=bool)
        row_rests = np.ones(len(looked.activity), dtype=bool)
        column_rests[basic[basic >= 0]] = False
        row_rests[-1 - basic[basic < 0]] = False
        return cls(
            frozenset(basic.tolist()),
            column_rests,
            np.abs(looked.x - numbers.upper) < np.abs(looked.x),
            row_rests,
            np.abs(looked.activity - high) < np.abs(looked.activity - low),
        )

    def distances(self, looked: BasicSolution, numbers: Numbers, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Return every distance that must not be negative, and below what it counts as nothing."""
        upper = numbers.upper[~self.column_rests]
        x, activity = looked.x[~self.column_rests], looked.activity[~self.row_rests]
        primal = [x, upper - x, activity - low[~self.row_rests], high[~self.row_rests] - activity]
        sizes = [np.maximum(1.0, np.abs(values)) for values in (x, x, activity, activity)]
        column_dual = np.where(self.column_high, -looked.column_dual, looked.column_dual)
        row_dual = np.where(self.row_high, -looked.row_dual, looked.row_dual)
        # what can't move may have any price
        dual = [
            np.where(numbers.upper > 0, column_dual, _FAR)[self.column_rests],
            np.where(low < high, row_dual, _FAR)[self.row_rests],
        ]
        largest = max(1.0, float(np.abs(numbers.cost).max(initial=0.0)))
        blurs = [_WITHIN * size for size in sizes] + [np.full(len(values), _WITHIN * largest) for values in dual]
        return np.minimum(np.concatenate(primal + dual), _FAR), np.concatenate(blurs)


def _kept(room: Room) -> bool:
    return room is not None and bool((room[0] >= -room[1]).all())


def _first(good: tuple[Floats, Floats], bad: tuple[Floats, Floats]) -> float:
    """Return the part of the way at which the first distance, moving in a straight line, becomes negative."""
    broken = bad[0] < -bad[1]
    start, end = np.maximum(good[0][broken], 0.0), bad[0][broken]
    return float((start / (start - end)).min(initial=1.0))
