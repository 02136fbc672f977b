"""The programme as one number grows or declines from its present value: its price, how far that holds, what follows."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.programme.build import Programme
from allocator.programme.numbers import Interpolation, OtherShape
from allocator.programme.parametric import ParametricProgramme
from allocator.programme.rows import ZERO, Key, Row
from allocator.programme.warm import Answer
from allocator.programme.what_ifs import WhatIfs

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
