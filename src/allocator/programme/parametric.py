"""The programme as one number moves: its optimum there, its critical regions, how far prices hold and what follows."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.decision import Decided, Decision, decide, on_face, with_distances
from allocator.programme.optimum import Optimum
from allocator.programme.questions import ExactCone, Following
from allocator.programme.rows import ONE, ZERO, Key, Row
from allocator.programme.session import BasicSolution, Flags, Floats
from allocator.programme.simplex import Basis, Simplex
from allocator.programme.solve import held_bound
from allocator.programme.status import Deadline
from allocator.programme.what_ifs import Answer, Interpolation, Numbers, OtherShape, WarmModel, WhatIfs

# -- one number's programme --------------------------------------------------------------------------------------------
#
# The programme as one number moves: its numbers and its optimum at a value, and the bases that are optimal there.
#
# A basis is the solver's choice of what binds; while it stays optimal, amounts and prices follow the number smoothly.
# How far that is shows without solving: the basis' own solution is computed at another value, and the first of its
# amounts or prices to leave its bounds on the way there ends its critical region. Where numbers move in a straight line
# and only right-hand sides or only the objective move, so do amounts and prices, and one look is exact; otherwise the
# end is closed in on.

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
        largest = float(np.abs(numbers.cost).max(initial=0.0))
        for number, basis in enumerate(self.optimum.bases):
            model.seek(model.stage_costs(numbers, number))
            looked = model.look(basis)
            bounds = model.bounds(numbers)
            if number == len(self._bases):
                self._bases.append(_Basis.of(looked, *bounds))
            elif frozenset(looked.basic.tolist()) != self._bases[number].basic:
                return None
            parts.append(self._bases[number].distances(looked, largest, *bounds))
            if number < len(model.held_rows):
                stage = numbers.stages[number]
                least = float(np.dot(stage.weights, looked.x[list(stage.columns)]))
                model.hold(number, held_bound(least))  # below 0 only where the basis isn't optimal anyway
            self._last = looked
        return np.concatenate([room for room, _ in parts]), np.concatenate([blur for _, blur in parts])


@dataclass(frozen=True)
class _Basis:
    """One stage's basis: which items rest at a bound, and whether at the upper one."""

    basic: frozenset[int]
    rests: Flags
    at_upper: Flags

    @classmethod
    def of(cls, looked: BasicSolution, lower: Floats, upper: Floats) -> _Basis:
        """Return the basis that a look shows."""
        at_upper = np.abs(looked.values - upper) < np.abs(looked.values - lower)
        return cls(frozenset(looked.basic.tolist()), looked.rests, at_upper)

    def distances(self, looked: BasicSolution, largest: float, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
        """Return every distance that must not be negative, and below what it counts as nothing.

        `largest` is the size of the largest cost.
        """
        values = looked.values[~self.rests]
        primal = np.concatenate([values - lower[~self.rests], upper[~self.rests] - values])
        blur = np.maximum(1.0, np.abs(values))
        # what can't move may have any price
        dual = np.where(lower < upper, np.where(self.at_upper, -looked.dual, looked.dual), _FAR)[self.rests]
        blurs = _WITHIN * np.concatenate([blur, blur, np.full(len(dual), max(1.0, largest))])
        return np.minimum(np.concatenate([primal, dual]), _FAR), blurs


def _kept(room: Room) -> bool:
    return room is not None and bool((room[0] >= -room[1]).all())


def _first(good: tuple[Floats, Floats], bad: tuple[Floats, Floats]) -> float:
    """Return the part of the way at which the first distance, moving in a straight line, becomes negative."""
    broken = bad[0] < -bad[1]
    start, end = np.maximum(good[0][broken], 0.0), bad[0][broken]
    return float((start / (start - end)).min(initial=1.0))


# -- all critical regions ----------------------------------------------------------------------------------------------
#
# All critical regions of the programme while one number moves from one value to another.

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


# -- from its present value --------------------------------------------------------------------------------------------
#
# The programme as one number grows or declines from its present value: its price, how far that holds, what follows.

BESIDE = 1e-5
"""How far beside a value is looked to see what follows it, as a part of the step (or of the value, if larger)."""
CLOSE_ENOUGH = 1e3
"""The end of a curved range is closed in on to a hundred-millionth of what is looked at (`reach`: 1e-11 of this)."""
SHORT = 1e-3
"""A region shorter than this part of what was looked beside is none."""
FARTHEST = 1e6
"""How many steps a straight line is followed."""
NEARLY_ALL = 1 - 1e-7
"""The part of a number that may be taken away: at nothing, what is divided by it has no end."""
JUMP = 0.1
"""Slopes of two steps one after the other that differ by more than this part aren't those of a smooth curve."""
LEAP = 8.0
"""By what strides grow where one basis follows another at once."""
REGIONS = 60
"""So many critical regions of one price are followed."""


@dataclass(frozen=True)
class Parameter:
    """A number of the scenario that may move."""

    changed: Callable[[Fraction], Programme]
    """Its growth → the programme with it."""
    step: Fraction
    """By how much it moves to be shown what that does."""
    proportional: bool
    """Whether all numbers of the programme grow in proportion to it."""
    far: tuple[float, ...] = (1.0, 1e1, 1e2, 1e3, 1e4)
    """How many steps it is followed where the optimum is curved in it, one after the other."""
    floor: float = -math.inf
    """Its least growth; what holds so far holds without limit."""


@dataclass(frozen=True)
class RowGrowth:
    """By how much a row of the programme grows per unit of the parameter."""

    bound: Fraction
    terms: Mapping[Key, Fraction]
    """The coefficients that grow; most often none."""


@dataclass(frozen=True)
class NextRegion:
    """The critical region that follows in a direction."""

    end: Any
    """The breakpoint to the next; infinite where it goes on as far as looked."""
    slope: Any
    """The change of the objective per unit of growth, on average over the region."""
    sure: bool = True
    """False where the basis goes no way at all, and another follows at once."""


class Growth(ABC):
    """One number's way from the present optimum; its arithmetic, fractions or floats, is that of the class below."""

    tiny: Fraction
    """The part of the step in which coefficients are taken to move in a straight line."""
    followed: Any
    """The part of the step by which a curved optimum is followed where it has no derivative in closed form."""
    nothing: float
    """A price that was followed, times the step followed, is none below this part of the objective (at least of 1)."""
    same: float
    """Two prices are one where they differ by less than this part."""
    noise: float
    """A change of the objective below this is none."""

    def __init__(self, programme: Programme, parameter: Parameter, step: Any, present: Any) -> None:
        """`present`: the objective as things are."""
        self.programme, self.parameter, self.step, self.present = programme, parameter, step, present
        self.grown = parameter.changed(parameter.step)
        self._by_step = _growth_of_rows(programme, self.grown, parameter.step)
        self.turns = any(row.terms for row in self._by_step.values())
        """Whether coefficients grow too."""

    @abstractmethod
    def optimum(self, growth: Any) -> Any | None:
        """Return the optimum where the number has grown by so much; None: no plan."""

    @abstractmethod
    def beside(self, growth: Any) -> Any:
        """Return how far beside a value is looked to see what follows it."""

    @abstractmethod
    def region_beyond(self, growth: Any, sign: int) -> NextRegion | None:
        """Return the critical region that follows in a direction just beyond `growth`; None where no plan is there."""

    @cached_property
    def moving(self) -> Mapping[int, RowGrowth]:
        """Index of each row that moves → how it does at once: where it is curved, that of a very small step."""
        if self.parameter.proportional or not self.turns:
            return self._by_step
        step = self.parameter.step * self.tiny
        return _growth_of_rows(self.programme, self.parameter.changed(step), step)

    def plan_beyond(self, growth: Any, sign: int) -> bool:
        """Whether a plan exists just beyond where the number has grown by `growth` in a direction."""
        there = type(self.step)(sign * growth)
        return self.optimum(there + sign * self.beside(there)) is not None

    def derivative(self, sign: int) -> Any | None:
        """Return the derivative from two small steps, exact to the second order; None: no plan, or a jump."""
        small = sign * self.step * self.followed
        near, far = self.optimum(small), self.optimum(2 * small)
        if near is None or far is None:
            return None
        first, second = (near.objective - self.present) / small, (far.objective - near.objective) / small
        if abs(first - second) > JUMP * max(abs(first), abs(second)) + 100 * (self.noise / abs(small)):
            return None
        price = (3 * first - second) / 2
        return price if abs(price * small) > self.nothing * max(1.0, abs(self.present)) else 0.0

    def price_range(self, price: Any, holds: Any, sign: int, *, thorough: bool) -> tuple[Any, Any | None]:
        """Return how far a price holds, which does for `holds` at least, and the next one; None: no plan beyond.

        Where sums of goals follow, their prices may change while the objective's doesn't: then it holds on.
        Without `thorough` nothing is solved to see that.
        """
        number = type(self.step)
        price = number(price)
        for _ in range(REGIONS):
            if math.isinf(holds) or (sign < 0 and -holds <= self.parameter.floor * (1 - BESIDE)):
                return math.inf, None
            holds = number(holds)
            region = self.region_beyond(sign * holds, sign) if thorough else None
            if region is None:
                return holds, None
            largest = max(abs(price), abs(region.slope))
            if abs(region.slope - price) > self.same * largest + 10 * self.noise / self.step:
                return holds, region.slope
            holds = abs(region.end)
            if not region.sure:
                holds = self._leap(holds, price, sign)
        return holds, None

    def _leap(self, holds: Any, price: Any, sign: int) -> Any:
        """Return a point farther on where the optimum is still on the line of one price, where bases change at once."""
        start = self.optimum(sign * holds)
        if start is None:
            return holds
        stride = LEAP * self.beside(sign * holds)
        farthest = FARTHEST * max(holds, self.step)
        while holds < farthest:
            inside = sign > 0 or holds + stride < -self.parameter.floor
            there = self.optimum(sign * (holds + stride)) if inside else None
            on_line = start.objective + sign * price * stride
            if there is None or abs(there.objective - on_line) > self.noise + self.same * abs(price) * stride:
                return holds
            holds, start, stride = holds + stride, there, stride * LEAP
        return math.inf


def _growth_of_rows(before: Programme, after: Programme, step: Fraction) -> Mapping[int, RowGrowth]:
    pairs = ((index, before.rows[index], after.rows[index]) for index in after.rows_unlike(before))
    return {
        index: RowGrowth((new.bound - old.bound) / step, _growth_of_terms(old, new, step)) for index, old, new in pairs
    }


def _growth_of_terms(before: Row, after: Row, step: Fraction) -> Mapping[Key, Fraction]:
    old, new = before.body.terms, after.body.terms
    keys = [key for key in {**old, **new} if old.get(key, 0) != new.get(key, 0)]
    return {key: (new.get(key, ZERO) - old.get(key, ZERO)) / step for key in keys}


class FloatGrowth(Growth, ParametricProgramme):
    """One number's way in HiGHS."""

    step: float
    tiny = Fraction(1, 10**9)
    followed = 1e-4
    nothing = 1e-11
    same = 1e-7

    def __init__(self, what_ifs: WhatIfs, parameter: Parameter, present: float, noise: float) -> None:
        Growth.__init__(self, what_ifs.base, parameter, float(parameter.step), present)
        ParametricProgramme.__init__(self, what_ifs.model)
        self.noise = noise
        self._what_ifs = what_ifs
        if parameter.proportional or not self.turns:
            with suppress(OtherShape):
                here, there = self.model.numbers(self.programme), self.model.numbers(self.grown)
                self._between = Interpolation((0.0, self.step), (here, there), self.model.layout.empty)
                self.straight = here.only_bounds_move(there)

    def programme_at(self, value: float) -> Programme:
        """Return the programme where the number has grown by `value`."""
        return self.parameter.changed(Fraction(value))

    def optimum(self, value: float) -> Answer | None:
        """Return the optimum where the number has grown by `value`, be it of another shape; None: no plan."""
        if self._between is not None:
            return ParametricProgramme.optimum(self, value)
        answer = self._what_ifs.optimum(self.programme_at(value))
        self.model = self._what_ifs.model
        return answer

    def beside(self, growth: float) -> float:
        """Return how far beside a value is looked: near nothing what is left says what is little."""
        return BESIDE * min(max(abs(growth), self.step), growth - self.parameter.floor)

    def basis_holds(self, sign: int) -> float:
        """Return how far in a direction the basis that is optimal just beside here stays so; inf: as far as looked."""
        try:
            bases = self.bases(sign * BESIDE * self.step)
            if bases is None:
                return 0.0
            for steps in self.parameter.far:
                far = max(sign * steps * self.step, self.parameter.floor * NEARLY_ALL)
                end = bases.reach(far, CLOSE_ENOUGH * abs(far))
                if end != far:
                    return abs(end)
        except OtherShape:
            return math.nan
        return math.inf

    def region_beyond(self, growth: float, sign: int) -> NextRegion | None:
        """Return the critical region that follows in a direction just beyond `growth`; None where no plan is there."""
        with suppress(OtherShape):
            beside = self.beside(growth)
            start, least = growth + sign * beside, self.parameter.floor * NEARLY_ALL
            bases = None if start <= least else self.bases(start)
            if bases is None:
                return None
            steps = FARTHEST if self.straight else self.parameter.far[-1]
            far = max(sign * steps * max(self.step, abs(growth)), least)
            end = bases.reach(far, abs(far))
            there = bases.objective(end)
            sure = abs(end - start) >= beside * SHORT and there is not None
            if not sure:
                # this basis goes no way at all: the slope is that of the optimum itself
                end = start + sign * beside
                beyond = self.optimum(end)
                there = None if beyond is None else beyond.objective
            if there is None:
                return None
            slope = (there - bases.optimum.objective) / (end - start)
            return NextRegion(sign * math.inf if end == far else end, slope, sure)
        return None


# -- the same in fractions ---------------------------------------------------------------------------------------------
#
# One number's way in fractions: what `FloatGrowth` asks of HiGHS is decided exactly here.


@dataclass(frozen=True)
class ExactAnswer:
    """The optimum where a number has grown."""

    decision: Decision

    @property
    def objective(self) -> Fraction:
        """The best objective, as stated."""
        return self.decision.objective

    @property
    def last(self) -> Decided:
        """The last stage."""
        return self.decision.stages[-1]

    @cached_property
    def amounts(self) -> dict[Key, Fraction]:
        """One of the best plans."""
        return dict(zip(self.decision.matrix.programme.keys, self.last.vertex.values, strict=False))

    @cached_property
    def missed(self) -> dict[int, Fraction]:
        """Index of each goal's row → by how much it is missed, in the row's unit."""
        rows = self.decision.matrix.programme.rows
        goals = (index for index, row in enumerate(rows) if row.strength.kind == "goal")
        return {index: max(ZERO, -rows[index].slack(self.amounts)) for index in goals}

    def nearest(self, reference: Mapping[tuple[str, int], Fraction]) -> dict[Key, Fraction]:
        """Return the amounts, among plans as good, with the least Σ |x[a,t] − reference[a,t]|."""
        matrix, form, vertex = self.decision.matrix, self.last.form, self.last.vertex
        keys_of, first = matrix.programme.keys_of, len(form.columns)
        sums = [({matrix.column_of[key]: ONE for key in keys_of[pair]}, amount) for pair, amount in reference.items()]
        face = with_distances(on_face(form, vertex), sums)
        basic = [item + (item >= first) * len(reference) for item in vertex.basis.basic]
        upper = frozenset(item + (item >= first) * len(reference) for item in vertex.basis.at_upper)
        new = range(first + len(reference) + len(form.row_lower), len(face.columns) + len(face.row_lower))
        simplex = Simplex(face, Basis((*basic, *new), upper), self.decision.watch)
        simplex.minimise(dict.fromkeys(range(first, first + len(reference)), ONE))
        return dict(zip(matrix.programme.keys, simplex.values, strict=False))


class ExactGrowth(Growth):
    """One number's way, decided anew wherever it is asked."""

    step: Fraction
    tiny = followed = Fraction(1, 10**40)
    """No change of course is as near: all arithmetic being exact, it is seen in full."""
    nothing = same = noise = 0
    """Nor does any tolerance decide."""

    def __init__(self, optimum: Optimum, parameter: Parameter) -> None:
        super().__init__(optimum.model.programme, parameter, parameter.step, optimum.decision.objective)
        self._optimum = optimum
        self._start = [stage.vertex.basis for stage in optimum.decision.stages]
        self._known = cache(self._decided)

    def optimum(self, growth: Fraction) -> ExactAnswer | None:
        """Return the optimum where the number has grown by so much; None: no plan."""
        return self._known(growth)

    def _decided(self, growth: Fraction) -> ExactAnswer | None:
        decision = decide(self.parameter.changed(growth), self._start, self._optimum.decision.watch)
        return None if decision is None else ExactAnswer(decision)

    def beside(self, _growth: Fraction) -> Fraction:
        """Return how far beside a value is looked."""
        return self.step * self.tiny

    def region_beyond(self, growth: Fraction, sign: int) -> NextRegion | None:
        """Return the critical region that follows in a direction just beyond `growth`; None where no plan is there."""
        start = growth + sign * self.beside(growth)
        there = self.optimum(start)
        if there is None:
            return None
        direction = self._optimum.at({index: sign * row.bound for index, row in self.moving.items()})
        slope = ExactCone(there.decision, there.last.vertex.values).slope_in_order(direction)
        if slope is None:
            return None
        following = Following(there.last, there.decision.watch)
        end = following.follow(slope.direction, slope.priced)
        reach = math.inf if end is None else following.distance(end)
        return NextRegion(start + sign * reach, sign * slope.value)
