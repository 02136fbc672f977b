"""What one number of the scenario does to the optimum: its price, how far that holds, the exact change, who moves.

A number that only moves right-hand sides makes the optimum piecewise linear. One that moves coefficients (a share of
what is spent, a ratio of two budgets) makes it curved: then its price is the derivative at the present value
(H. D. Mills, Marginal values of matrix games and linear programs, 1956), and a range is that of one optimal basis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.prices import tidy, unrounded_yearly
from allocator.analyses.result import Move
from allocator.analyses.room import subjects
from allocator.analyses.sensitivity import Sensitivity
from allocator.programme.build import Programme
from allocator.programme.cone import Slope
from allocator.programme.numbers import Numbers, OtherShape
from allocator.programme.optimum import Direction
from allocator.programme.parametric import Looker
from allocator.programme.rows import Key, Row
from allocator.programme.warm import Optimum as Answer
from allocator.programme.warm import Warm, Yearly
from allocator.scenario.model import Scenario

STIRS = 1e-8
"""A change of an amount below this part of the largest budget is none."""
SETTLED = 1e-7
"""Where coefficients move, plans as good count as one if what moves with them differs by less than this part."""
BESIDE = 1e-6
"""How far beside a value is looked to see what follows it, as a part of the step (or of a longer range)."""
SMALL_STEP = 1e-4
"""The part of the step by which a curved optimum is followed where it has no derivative in closed form."""
NOISE = 1e-12
"""A change of the objective below this part of it (at least of 1) is none."""


@dataclass(frozen=True)
class Number:
    """A number of the scenario that may move."""

    changed: Callable[[Fraction], Programme]
    """Its growth → the programme with it; rows that it leaves as they are may be the same objects."""
    step: Fraction
    """By how much it moves to be shown what that does."""
    far: float
    """How far it is followed either way where the optimum is curved in it."""
    straight: bool
    """Whether all numbers of the programme grow in proportion to it."""
    floor: float = -math.inf
    """Its least growth; what holds so far holds without limit."""


@dataclass(frozen=True)
class _Way:
    """How the programme's rows move as the number grows by one."""

    direction: Direction
    curved: bool
    settled: bool
    """Whether all plans as good agree on how the rows move."""


class _Path:
    """The optimum along one number, solved again wherever it is asked."""

    straight = False
    """For `Looker`: it is only asked where the optimum is curved."""

    def __init__(self, warm: Warm, programme: Programme, number: Number) -> None:
        self.programme, self.changed, self.step = programme, number.changed, number.step
        self.grown = number.changed(number.step)
        self._warm = warm
        self._ends: tuple[Numbers, Numbers] | None = None
        if number.straight or not self._turns():
            with suppress(OtherShape):
                layout = warm.kept.layout
                here, there = layout.numbers(programme), layout.numbers(self.grown)
                if here.stages_alike(there):
                    self._kept, self._ends = warm.kept, (here, there)

    def _turns(self) -> bool:
        pairs = zip(self.programme.rows, self.grown.rows, strict=True)
        return any(before is not after and _turn(before, after, self.step) for before, after in pairs)

    def at(self, growth: float) -> Answer | None:
        """Return the optimum where the number has grown by so much."""
        if self._ends is None:
            return self._warm.at(self.changed(Fraction(growth)))
        return self._kept.solve(self.numbers(growth), self.programme.scenario)

    def numbers(self, value: float) -> Numbers:
        """Return the programme's numbers where the number has grown by `value`."""
        if self._ends is None:
            return self._warm.kept.layout.numbers(self.changed(Fraction(value)))
        return self._ends[0].towards(self._ends[1], value / float(self.step), self._kept.layout.empty)

    def scenario(self, _value: float) -> Scenario:
        """Return the scenario; it only chooses among plans as good, which nobody asks of a `Looker`."""
        return self.programme.scenario

    def basis_holds(self, far: float) -> float:
        """Return how far towards `far` the basis that is optimal just beside here stays optimal; inf: that far."""
        beside = BESIDE * math.copysign(min(float(self.step), abs(far)), far)
        try:
            answer = self.at(beside)
            if answer is None:
                return 0.0
            found = Looker(answer.kept, self, answer, beside).reach(far, abs(far))
        except OtherShape:
            return math.nan
        return math.inf if found == far else abs(found)


class Moves:
    """Follows numbers of the scenario from the present optimum, one after the other."""

    def __init__(self, sensitivity: Sensitivity, amounts: Mapping[Key, float], warm: Warm) -> None:
        """`amounts` are those of the plan shown, unrounded."""
        self.sensitivity = sensitivity
        self.programme = sensitivity.programme
        self._optimum = sensitivity.optimum
        self._warm = warm
        self._amounts = amounts
        self._yearly = unrounded_yearly(amounts)
        present = warm.at(self.programme)
        self._present = math.nan if present is None else present.objective
        scenario = self.programme.scenario
        largest = max(float(scenario.available(scenario.source, year)) for year in scenario.years)
        self._stirs = STIRS * largest
        self._noise = NOISE * max(1.0, abs(self._present))
        self._vertex = None if present is None or sensitivity.thorough else unrounded_yearly(present.amounts)
        """Where there are very many rows: the amounts that moves are counted from, those of the solver's own plan."""
        self._group = {area: subject.name for subject in subjects(scenario) for area in subject.areas}

    def both(self, number: Number, worth: float | None = None) -> tuple[Move, Move, bool]:
        """Return what growth and decline of a number by its step do, and whether the optimum is curved in it.

        `worth` is what one unit of the objective is in money; None where money has no price.
        """
        path = _Path(self._warm, self.programme, number)
        way = self._way(path.grown, number.step)
        more, less = (self._move(path, way, sign, number, worth) for sign in (1, -1))
        return more, less, way.curved

    # How the programme changes

    def _way(self, grown: Programme, step: Fraction) -> _Way:
        direction: dict[int, float] = {}
        curved, settled = False, True
        for index, (before, after) in enumerate(zip(self.programme.rows, grown.rows, strict=True)):
            if before is after:
                continue
            direction[index] = float((after.bound - before.bound) / step)
            if turn := _turn(before, after, step):
                curved = True
                direction[index] -= sum(float(c) * self._amounts.get(key, 0.0) for key, c in turn.items())
                settled = settled and (not self._tight(index) or self._agree(turn))
        return _Way({index: growth for index, growth in direction.items() if growth}, curved, settled)

    def _tight(self, index: int) -> bool:
        at = self._optimum.rows[index]
        return at is not None and any(bool(tight[at]) for tight in self._optimum.tight_rows)

    def _agree(self, turn: Mapping[Key, Fraction]) -> bool:
        """Whether all plans as good have the same Σ coefficient · amount."""
        least, most = self.sensitivity.face.span({self._optimum.amounts[key]: float(c) for key, c in turn.items()})
        return most - least <= SETTLED * max(1.0, abs(least), abs(most))

    # One direction

    def _move(self, path: _Path, way: _Way, sign: int, number: Number, worth: float | None) -> Move:
        step = float(path.step)
        answer = path.at(sign * step)
        change = None if answer is None else self._shown(answer.objective - self._present)
        price, slope = self._price(path, way, sign)
        holds = beyond = None
        if price is not None and (way.curved or slope is None):
            holds = tidy(path.basis_holds(sign * number.far))
        elif slope is not None:
            holds = tidy(self.sensitivity.face.reach(slope.direction, slope).distance)
            if sign < 0 and holds >= -number.floor * (1 - 1e-5):
                holds = math.inf
            if math.isfinite(holds) and self.sensitivity.thorough:
                beyond = self._next_price(path, way, holds, sign)
        return Move(
            price=None if price is None else self._shown(price, step),
            no_plan=price is None,
            holds=holds,
            next_price=None if beyond is None else self._shown(beyond, step),
            change=change,
            worth=None if change is None or worth is None else tidy(change * worth),
            moves=() if answer is None else self._who_moves(answer),
        )

    def _price(self, path: _Path, way: _Way, sign: int) -> tuple[float | None, Slope | None]:
        """Return the derivative of the optimum in this direction, per unit of growth; None: no plan."""
        if not way.settled:
            return self._followed(path, sign), None
        direction = {index: sign * growth for index, growth in way.direction.items()}
        slope = self.sensitivity.cone.slope_in_order(self._optimum.in_model(direction))
        return (None, None) if slope is None else (sign * self._optimum.objective(slope.value), slope)

    def _followed(self, path: _Path, sign: int) -> float | None:
        """Return the derivative from two small steps, exact to the second order."""
        small = sign * float(path.step) * SMALL_STEP
        near, far = path.at(small), path.at(2 * small)
        if near is None or far is None:
            return None
        return (4 * near.objective - far.objective - 3 * self._present) / (2 * small)

    def _next_price(self, path: _Path, way: _Way, holds: float, sign: int) -> float | None:
        """Return the price just past the end of a range; None where no plan exists there.

        The prices found there say it exactly, unless sums of goals move with them: then the slope itself does.
        """
        little = BESIDE * max(holds, float(path.step))
        near, far = (path.at(sign * (holds + times * little)) for times in (1, 2))
        if near is None or far is None:
            return None
        followed = sign * (far.objective - near.objective) / little
        priced = sum((near.prices[index] or 0.0) * growth for index, growth in way.direction.items())
        return priced if abs(priced - followed) <= 1e-3 * max(abs(priced), self._noise / little) else followed

    def _who_moves(self, answer: Answer) -> tuple[tuple[str, int, float], ...]:
        """Return who gets more and who less in the plan that is nearest to the present one."""
        if self._vertex is not None:
            return self._groups_that_move(self._vertex, unrounded_yearly(answer.amounts))
        yearly = unrounded_yearly(answer.nearest(self._yearly))
        moved = [
            (area, year, tidy(amount - self._yearly[area, year]))
            for (area, year), amount in yearly.items()
            if abs(amount - self._yearly[area, year]) > self._stirs
        ]
        return tuple(sorted(moved, key=lambda move: -abs(move[2])))

    def _groups_that_move(self, before: Yearly, after: Yearly) -> tuple[tuple[str, int, float], ...]:
        """Return which groups get more and which less, from one plan of the solver to its next."""
        moved: dict[tuple[str, int], float] = {}
        for (area, year), amount in after.items():
            group = self._group[area]
            moved[group, year] = moved.get((group, year), 0.0) + amount - before[area, year]
        found = [(group, year, tidy(change)) for (group, year), change in moved.items() if abs(change) > self._stirs]
        return tuple(sorted(found, key=lambda move: -abs(move[2])))

    def _shown(self, value: float, per: float = 1.0) -> float:
        """Return a change of the objective, or a change per unit of `per`, without the arithmetic's last bits."""
        return tidy(value) if abs(value) * per > self._noise else 0.0


def _turn(before: Row, after: Row, step: Fraction) -> dict[Key, Fraction]:
    """Return by how much the coefficients of a row grow per unit."""
    old, new = before.body.terms, after.body.terms
    keys = [key for key in {**old, **new} if old.get(key, 0) != new.get(key, 0)]
    return {key: (new.get(key, Fraction(0)) - old.get(key, Fraction(0))) / step for key in keys}
