"""One number of the scenario on its way: the optimum wherever it is asked, and how far one optimal basis goes."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from allocator.programme.build import Programme
from allocator.programme.numbers import Numbers, OtherShape
from allocator.programme.parametric import OptimalBases
from allocator.programme.rows import Key, Row
from allocator.programme.warm import Answer, WarmProgramme
from allocator.scenario.model import Scenario

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


@dataclass(frozen=True)
class Number:
    """A number of the scenario that may move."""

    changed: Callable[[Fraction], Programme]
    """Its growth → the programme with it; rows that it leaves as they are may be the same objects."""
    step: Fraction
    """By how much it moves to be shown what that does."""
    straight: bool
    """Whether all numbers of the programme grow in proportion to it."""
    far: tuple[float, ...] = (1.0, 1e1, 1e2, 1e3, 1e4)
    """How many steps it is followed where the optimum is curved in it, one after the other."""
    floor: float = -math.inf
    """Its least growth; what holds so far holds without limit."""


@dataclass(frozen=True)
class Piece:
    """A region in which one basis is optimal."""

    end: float
    """Infinite where it goes on as far as looked."""
    slope: float
    """The change of the objective per unit of growth, on average over the region."""
    short: bool = False
    """Whether the basis goes no way at all, and another follows at once."""


class Path:
    """The optimum along one number, solved again wherever it is asked."""

    def __init__(self, warm: WarmProgramme, programme: Programme, number: Number) -> None:
        self.programme, self.number, self.step = programme, number, float(number.step)
        self.grown = number.changed(number.step)
        self._warm = warm
        self._ends: tuple[Numbers, Numbers] | None = None
        self.straight = False
        """Whether only right-hand sides move, in proportion: then amounts and prices of one basis move so too."""
        if number.straight or not self._turns():
            with suppress(OtherShape):
                self._keep_ends()

    def _keep_ends(self) -> None:
        layout = self._warm.kept.layout
        here, there = layout.numbers(self.programme), layout.numbers(self.grown)
        if here.stages_alike(there):
            self._kept, self._ends = self._warm.kept, (here, there)
            self.straight = here.only_bounds_move(there)

    def _turns(self) -> bool:
        pairs = zip(self.programme.rows, self.grown.rows, strict=True)
        return any(before is not after and turn(before, after, self.number.step) for before, after in pairs)

    def at(self, growth: float) -> Answer | None:
        """Return the optimum where the number has grown by so much; None: no plan."""
        if self._ends is None:
            return self._warm.solve(self.number.changed(Fraction(growth)))
        return self._kept.solve(self.numbers(growth), self.programme.scenario)

    def numbers(self, value: float) -> Numbers:
        """Return the programme's numbers where the number has grown by `value`."""
        if self._ends is None:
            return self._warm.kept.layout.numbers(self.number.changed(Fraction(value)))
        return self._ends[0].towards(self._ends[1], value / self.step, self._kept.layout.empty)

    def scenario(self, _value: float) -> Scenario:
        """Return the scenario; it only chooses among plans as good, which nobody asks of a `OptimalBases`."""
        return self.programme.scenario

    # Pieces

    def basis_holds(self, sign: int) -> float:
        """Return how far in a direction the basis that is optimal just beside here stays so; inf: as far as looked."""
        beside = sign * BESIDE * self.step
        try:
            answer = self.at(beside)
            if answer is None:
                return 0.0
            bases = OptimalBases(answer.kept, self, answer, beside)
            for steps in self.number.far:
                far = max(sign * steps * self.step, self.number.floor * NEARLY_ALL)
                end = bases.reach(far, CLOSE_ENOUGH * abs(far))
                if end != far:
                    return abs(end)
        except OtherShape:
            return math.nan
        return math.inf

    def piece_beyond(self, growth: float, sign: int) -> Piece | None:
        """Return the straight piece that follows in a direction just beyond `growth`; None where no plan is there."""
        with suppress(OtherShape):
            return self._piece_beyond(growth, sign)
        return None

    def plan_beyond(self, growth: float, sign: int) -> bool:
        """Whether a plan exists just beyond where the number has grown by `growth` in a direction."""
        start = sign * growth + sign * self.beside(sign * growth)
        return self.at(start) is not None

    def beside(self, growth: float) -> float:
        """Return how far beside a value is looked: near nothing what is left says what is little."""
        return BESIDE * min(max(abs(growth), self.step), growth - self.number.floor)

    def _piece_beyond(self, growth: float, sign: int) -> Piece | None:
        beside = self.beside(growth)
        start = growth + sign * beside
        if start <= self.number.floor * NEARLY_ALL:
            return None
        answer = self.at(start)
        if answer is None:
            return None
        steps = FARTHEST if self.straight else self.number.far[-1]
        far = max(sign * steps * max(self.step, abs(growth)), self.number.floor * NEARLY_ALL)
        bases = OptimalBases(answer.kept, self, answer, start)
        end = bases.reach(far, abs(far))
        there = bases.objective(end)
        short = abs(end - start) < beside * SHORT or there is None
        if short or there is None:
            # this basis goes no way at all: the slope is that of the optimum itself
            end = start + sign * beside
            beyond = self.at(end)
            if beyond is None:
                return None
            there = beyond.objective
        slope = (there - answer.objective) / (end - start)
        return Piece(sign * math.inf if end == far else end, slope, short)


def turn(before: Row, after: Row, step: Fraction) -> dict[Key, Fraction]:
    """Return by how much the coefficients of a row grow per unit."""
    old, new = before.body.terms, after.body.terms
    keys = [key for key in {**old, **new} if old.get(key, 0) != new.get(key, 0)]
    return {key: (new.get(key, Fraction(0)) - old.get(key, Fraction(0))) / step for key in keys}
