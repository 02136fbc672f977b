"""The programme as one number moves: its numbers and its optimum at a value, and the bases that are optimal there.

A basis is the solver's choice of what binds; while it stays optimal, amounts and prices follow the number smoothly.
How far that is shows without solving: the basis' own solution is computed at another value, and the first of its
amounts or prices to leave its bounds on the way there ends its critical region. Where numbers move in a straight line
and only right-hand sides or only the objective move, so do amounts and prices, and one look is exact; otherwise the
end is closed in on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.programme.build import Programme
from allocator.programme.numbers import Interpolation, Numbers
from allocator.programme.session import BasicSolution, Floats
from allocator.programme.solve import held_bound
from allocator.programme.warm import Answer, WarmModel

APART = 1e-9
"""Changes nearer together than this part of the value's size can't be told apart."""
_WITHIN = 1e-9
"""An amount within this part of its size of its bound keeps it, and so does a price (of the largest coefficient)."""
_CLOSER = 60
"""How often the end of a critical region is closed in on where it is curved."""
_FAR = 1e30

type Room = tuple[Floats, Floats] | None
"""Distances that must not be negative, and below what each counts as nothing."""


class ParametricProgramme(ABC):
    """The programme as one number moves, solved again wherever it is asked."""

    straight = False
    """Whether amounts and prices of one basis move in a straight line."""

    def __init__(self, model: WarmModel) -> None:
        self.model = model
        self._between: Interpolation | None = None
        """Gives the numbers at any value; None: they are read from the programme there."""

    @abstractmethod
    def programme_at(self, value: float) -> Programme:
        """Return the programme at `value`."""

    def numbers(self, value: float) -> Numbers:
        """Return the programme's numbers at `value`; raise OtherShape where the kept model has no place for them."""
        return self.read(value) if self._between is None else self._between.at(value)

    def read(self, value: float) -> Numbers:
        """Return the numbers of the programme at `value`."""
        return self.model.numbers(self.programme_at(value))

    def optimum(self, value: float) -> Answer | None:
        """Return the optimum at `value`; None: no plan. Its scenario is the kept one's, whatever the value."""
        return self.model.solve(self.numbers(value), self.model.layout.programme.scenario)

    def bases(self, value: float) -> OptimalBases | None:
        """Return the bases that are optimal at `value`; None: no plan."""
        optimum = self.optimum(value)
        return None if optimum is None else OptimalBases(self, optimum, value)


class OptimalBases:
    """One optimum's bases, looked at elsewhere without solving."""

    def __init__(self, programme: ParametricProgramme, optimum: Answer, value: float) -> None:
        self.programme = programme
        self.optimum = optimum
        self.value = value
        self._bases: list[_Basis] = []
        self._at_value = self._room(value)

    def reach(self, towards: float, span: float) -> float:
        """Return how far towards a value the bases stay optimal, to `APART` of `span` where they move in a curve."""
        at_bad = self._room(towards)
        if _kept(at_bad):
            return towards
        if self.programme.straight and self._at_value is not None and at_bad is not None:
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
        return self.optimum.model.objective(self.programme.numbers(value), self._last.x)

    def _room(self, value: float) -> Room:
        """Return how far all amounts and prices are from where the bases stop being optimal; None: no bases there."""
        numbers, model = self.programme.numbers(value), self.optimum.model
        model.send(numbers)
        for number in range(len(model.held_rows)):
            model.hold(number, np.inf)
        parts: list[tuple[Floats, Floats]] = []
        for number, basis in enumerate(self.optimum.bases):
            model.seek(model.stage_costs(numbers, number))
            looked = model.look(basis)
            bounds = model.row_bounds(numbers)
            if number == len(self._bases):
                self._bases.append(_Basis.of(looked, numbers, *bounds))
            elif frozenset(looked.basic.tolist()) != self._bases[number].basic:
                return None
            parts.append(self._bases[number].distances(looked, numbers, *bounds))
            if number < len(model.held_rows):
                stage = numbers.stages[number]
                least = float(np.dot(stage.weights, looked.x[list(stage.columns)]))
                model.hold(number, held_bound(least))  # below 0 only where the basis isn't optimal anyway
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
