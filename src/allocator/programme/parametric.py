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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from allocator.programme.highs import Floats
from allocator.programme.numbers import Numbers
from allocator.programme.warm import Answer, Kept, Looked, held_bound

APART = 1e-9
"""Changes nearer together than this part of the whole way can't be told apart."""
BESIDE = 1e-6
"""How far beside the end of a piece is looked whether another piece follows, as a part of the whole way."""
PARTS = 64
"""Where plans come and go, parts of the way this small are searched for one."""
_WITHIN = 1e-9
"""An amount within this part of its size of its bound keeps it, and so does a price (of the largest coefficient)."""
_CLOSER = 60
"""How often the end of a piece is closed in on where it is curved."""
_INSIDE = (0.414213562, 0.618033989, 0.271828183)
"""Where in a stretch a plan is sought: at places where nothing is likely to change."""
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
class Stretch:
    """Values in which one basis is optimal, or (without an optimum) in which no plan was found."""

    start: float
    end: float
    looker: Looker | None
    """Its optimum at a value inside, and elsewhere."""
    sure: bool = True
    """False where arithmetic was too coarse to tell how far the basis stays optimal."""


class Search:
    """Finds the stretches between two values."""

    def __init__(self, kept: Kept, way: Way, low: float, high: float, say: Callable[[float], None]) -> None:
        self.kept = kept
        self.way = way
        self.low, self.high = low, high
        self.span = high - low
        self._say = say
        self._found: list[Stretch] = []

    def stretches(self) -> list[Stretch]:
        """Return the stretches in order; together they cover the way, but for what can't be told apart."""
        self._found = []
        self._explore(self.low, self.high, plan_left=False, plan_right=False)
        return sorted(self._found, key=lambda stretch: stretch.start)

    def optimum(self, value: float) -> Answer | None:
        """Return the optimum at `value`; None: no plan. Its scenario is the kept one's, whatever the value."""
        return self.kept.solve(self.way.numbers(value), self.kept.layout.model.programme.scenario)

    def _explore(self, start: float, end: float, *, plan_left: bool, plan_right: bool) -> None:
        """Find the stretches from `start` to `end`; `plan_left`: one that ends at `start` is found already."""
        pending = [(start, end, plan_left, plan_right)]
        while pending:
            start, end, plan_left, plan_right = pending.pop()
            if end - start <= APART * self.span:
                continue
            found = self._one(start, end)
            if found is not None:
                self._found.append(found)
                self._say((self._covered()) / self.span)
                pending.append((start, found.start, plan_left, True))
                pending.append((found.end, end, True, plan_right))
            else:
                pending += self._without_plan(start, end, plan_left, plan_right)

    def _covered(self) -> float:
        return sum(stretch.end - stretch.start for stretch in self._found)

    def _one(self, start: float, end: float) -> Stretch | None:
        """Return a stretch somewhere between; None where no plan exists at the place looked at."""
        for part in _INSIDE:
            value = start + part * (end - start)
            optimum = self.optimum(value)
            if optimum is None:
                return None
            looker = Looker(self.kept, self.way, optimum, value)
            first, last = looker.reach(start, self.span), looker.reach(end, self.span)
            if last - first > APART / 2 * self.span:
                return Stretch(first, last, looker)
        return Stretch(start, end, looker, sure=False)

    def _without_plan(
        self, start: float, end: float, plan_left: bool, plan_right: bool
    ) -> Iterator[tuple[float, float, bool, bool]]:
        """Yield where else between to look, when there was no plan inside."""
        beside = BESIDE * self.span
        if end - start > 4 * beside and (plan_left or plan_right):
            # next to a piece: the plans may go on for a little
            if plan_left and self._one(start, start + beside) is not None:
                yield start, start + beside, True, False
                yield start + beside, end, False, plan_right
                return
            if plan_right and self._one(end - beside, end) is not None:
                yield end - beside, end, False, True
                yield start, end - beside, plan_left, False
                return
            if self.way.straight:  # the values with a plan lie in one piece, and it ends here
                self._found.append(Stretch(start, end, None))
                return
        if end - start <= self.span / PARTS:
            self._found.append(Stretch(start, end, None))
            return
        middle = start + _INSIDE[0] * (end - start)
        yield start, middle, plan_left, False
        yield middle, end, False, plan_right


class Looker:
    """One optimum's bases, looked at elsewhere without solving."""

    def __init__(self, kept: Kept, way: Way, optimum: Answer, value: float) -> None:
        self.kept = kept
        self.way = way
        self.optimum = optimum
        self.value = value
        self._bases: list[_Basis] = []
        self._at_value = self._room(value)

    def reach(self, towards: float, span: float) -> float:
        """Return how far towards a value the bases stay optimal."""
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
    def of(cls, looked: Looked, numbers: Numbers, low: Floats, high: Floats) -> _Basis:
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

    def distances(self, looked: Looked, numbers: Numbers, low: Floats, high: Floats) -> tuple[Floats, Floats]:
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
