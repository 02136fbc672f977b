"""All critical regions of the programme while one number moves from one value to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from allocator.programme.deadline import Deadline
from allocator.programme.numbers import Interpolation, Numbers, OtherShape
from allocator.programme.parametric import APART, OptimalBases, ParametricProgramme
from allocator.programme.warm import WarmModel

SMALLEST = 1e-5
"""A value's size counts as at least this part of the whole way, so that 0 has one too."""
CONFIRMED = 1e3
"""The end of the values with a plan is confirmed so many times as far beyond as changes can be told apart."""
PARTS = 64
"""Where plans come and go, parts of the way this small are searched for one."""
_INSIDE = (0.414213562, 0.618033989, 0.271828183)
"""Where between two values a plan is sought: at places where nothing is likely to change."""
_HALVED = 24
"""Where the scenario has no plan, one is sought to both sides of today's value, so often twice as near."""
_CHECKED = (0.0713, 0.2911, 0.5237, 0.7549, 0.9371)
"""Parts of the way at which numbers are read to see whether they move in a straight line."""
_NODES = (2, 9, 25)
"""At how many places numbers are read to interpolate between: two where they move in a straight line."""
_NUDGES = (1e-9, 1e-7, 1e-5)
"""Where two bands happen to be one, or goals differ in weight beyond measure, numbers are read these parts of the way
beside."""


@dataclass(frozen=True)
class CriticalRegion:
    """Values in which one basis is optimal, or (without an optimum) in which no plan was found."""

    start: float
    end: float
    bases: OptimalBases | None
    """Its optimum at a value inside, and elsewhere."""
    sure: bool = True
    """False where arithmetic was too coarse to tell how far the basis stays optimal."""


class ProgrammeBetween(ParametricProgramme):
    """The programme while one number moves between two values, and all its critical regions there.

    How fine it looks depends on the size of the values, not on the whole way: a wide way finds what a narrow one does.
    """

    def __init__(self, low: float, high: float, today: float | None, deadline: Deadline) -> None:
        """`today`: the value that the scenario has, which shows what size is usual and where a plan may well exist."""
        self.low, self.high, self.today = low, high, today
        self.span = high - low
        inside = [low + part * self.span for part in _CHECKED]
        super().__init__(WarmModel(self.programme_at(inside[2]), deadline))
        self._known = lru_cache(maxsize=8)(self._nearest)
        checks = [(value, self._fitting(value)) for value in (*inside, low, high)]
        for count in _NODES:
            self._between = self._interpolation(count, checks)
            if self._between is not None:
                break
        first, last = self.numbers(inside[0]), self.numbers(inside[-1])
        line = self._between is not None and count == _NODES[0]
        self.steady = line and first.only_costs_move(last)
        """Whether only coefficients of the objective move: the plan then stays the same between changes."""
        self.straight = self.steady or (line and first.only_bounds_move(last))

    def _interpolation(self, count: int, checks: Sequence[tuple[float, Numbers | None]]) -> Interpolation | None:
        """Return the interpolation through so many places; None where it isn't that of the programme."""
        angles = (2 * np.arange(count) + 1) * np.pi / (2 * count)
        values = [float(v) for v in (self.low + self.high) / 2 - np.cos(angles) * self.span / 2]
        numbers = [self._fitting(value) for value in values]
        there = [each for each in numbers if each is not None]
        if len(there) < count:
            return None
        try:
            found = Interpolation(values, there, self.model.layout.empty)
        except OtherShape:
            return None
        return found if all(read is None or found.at(value).same(read) for value, read in checks) else None

    def read(self, value: float) -> Numbers:
        """Return the numbers of the programme at `value` or just beside; raise OtherShape where none fit the model."""
        return self._known(value)

    def _fitting(self, value: float) -> Numbers | None:
        """Return the numbers of the programme at `value`; None where two bands happen to be one there."""
        try:
            return super().read(value)
        except OtherShape:
            return None

    def _nearest(self, value: float) -> Numbers:
        """Return the numbers of the nearest value that has the model's shape, as those near an end may not."""
        inwards = self.span * (1 if value < (self.low + self.high) / 2 else -1)
        for nudge in (0.0, *_NUDGES):
            numbers = self._fitting(value + nudge * inwards)
            if numbers is not None:
                return numbers
        raise OtherShape

    def scale(self, value: float) -> float:
        """Return the size of `value`: of it or of today's, whichever is larger, and no more than the whole way."""
        return min(self.span, max(abs(value), abs(self.today or 0.0), SMALLEST * self.span))

    def near(self, value: float) -> float:
        """Return how far apart changes about `value` must be to be told apart."""
        return APART * self.scale(value)

    def regions(self, say: Callable[[float], None]) -> list[CriticalRegion]:
        """Return the regions in order, and `say` meanwhile which part of the way is done.

        Together they cover the way, but for what can't be told apart.
        """
        found: list[CriticalRegion] = []
        planned = self._planned()
        for start, end in pairwise(sorted({self.low, *planned, self.high})):
            for region in self._explore(start, end, plan_left=start in planned, plan_right=end in planned):
                found.append(region)
                say(sum(region.end - region.start for region in found) / self.span)
        return sorted(found, key=lambda region: region.start)

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

    def _explore(self, start: float, end: float, *, plan_left: bool, plan_right: bool) -> Iterator[CriticalRegion]:
        """Yield the regions from `start` to `end`; `plan_left`: at `start` or just before it there is a plan."""
        pending = [(start, end, plan_left, plan_right)]
        while pending:
            start, end, plan_left, plan_right = pending.pop()
            if end - start <= min(self.near(start), self.near(end)):
                continue
            found = self._one(start, end, planned=plan_left and plan_right and self.straight)
            if isinstance(found, CriticalRegion):
                yield found
                pending += [(start, found.start, plan_left, True), (found.end, end, True, plan_right)]
                continue
            first = self._last_plan(start, found) if plan_left else start
            last = self._last_plan(end, found) if plan_right else end
            pending += [(start, first, True, True)] * (first > start) + [(last, end, True, True)] * (last < end)
            # on a straight way the values with a plan lie in one piece
            if (self.straight and (plan_left or plan_right)) or last - first <= self.span / PARTS:
                yield CriticalRegion(first, last, None)
            else:
                pending += [(first, found, False, False), (found, last, False, False)]

    def _one(self, start: float, end: float, *, planned: bool) -> CriticalRegion | float:
        """Return a region somewhere between; or a value at which there is no plan.

        `planned`: plans are known to exist throughout; should the solver find none, another place is tried.
        """
        without, bases = start, None
        for part in _INSIDE:
            value = start + part * (end - start)
            found = self.bases(value)
            if found is None:
                without = value
                if planned:
                    continue
                return value
            bases = found
            first, last = (bases.reach(towards, self.scale(value)) for towards in (start, end))
            if last - first > self.near(value) / 2:
                return CriticalRegion(first, last, bases)
        return without if bases is None else CriticalRegion(start, end, bases, sure=False)

    def _last_plan(self, good: float, bad: float) -> float:
        """Return how far from `good`, which has a plan (or nearly), towards `bad`, which has none, plans go."""
        end = good
        while abs(bad - good) > self.near(good):
            towards = 1 if bad > good else -1
            optimum = self.optimum(good)
            if optimum is not None and self.straight:
                reach = OptimalBases(self, optimum, good).reach(bad, self.scale(good))
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
