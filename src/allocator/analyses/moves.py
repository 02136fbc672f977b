"""What one number of the scenario does to the optimum: its price, how far that holds, the exact change, who moves.

A number that only moves right-hand sides makes the optimum piecewise linear. One that moves coefficients (a share of
what is spent, a ratio of two budgets) makes it curved: then its price is the derivative at the present value
(H. D. Mills, Marginal values of matrix games and linear programs, 1956), and a range is that of one optimal basis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.analyses.prices import shown, tidy
from allocator.analyses.result import Move, Rest
from allocator.analyses.room import subjects
from allocator.analyses.sensitivity import Sensitivity
from allocator.programme.exact_growth import ExactAnswer, ExactGrowth
from allocator.programme.growth import FloatGrowth, Growth, Parameter, RowGrowth
from allocator.programme.optimum import Direction
from allocator.programme.questions import Slope
from allocator.programme.rows import ZERO, Key, yearly_sums
from allocator.programme.warm import Answer
from allocator.programme.what_ifs import WhatIfs

STIRS = 1e-8
"""A change of an amount below this part of the largest budget is none."""
SETTLED = 1e-7
"""Where coefficients move, plans as good count as one if what moves with them differs by less than this part."""
GOAL_MOVES = 1e-7
"""A goal that is missed by more or less than this part of what it asks for (at least of 1) is so by as much."""
AGREED = 50
"""Of so many rows it is asked whether all plans as good agree on them; with more the optimum is followed instead."""
NOISE = 1e-12
"""A change of the objective below this part of it (at least of 1) is none."""


type Yearly = Mapping[tuple[str, int], Any]
"""(area, year) → amount over all sources: fractions where the programme is asked exactly, else floating-point."""


@dataclass(frozen=True)
class _Way:
    """How the programme's rows move as the number grows by one."""

    direction: Direction
    curved: bool
    settled: bool
    """Whether all plans as good agree on how the rows move."""


def _yearly(answer: Answer | ExactAnswer) -> Yearly:
    amounts: Mapping[Key, Any] = answer.amounts
    return yearly_sums(amounts)


def _signed(way: _Way, sign: int) -> Direction:
    return {index: sign * growth for index, growth in way.direction.items()}


class Moves:
    """Follows numbers of the scenario from the present optimum, one after the other."""

    def __init__(self, sensitivity: Sensitivity, amounts: Mapping[Key, Fraction], what_ifs: WhatIfs) -> None:
        """`amounts` are those of the plan shown, unrounded; `what_ifs` are of its programme."""
        self.sensitivity = sensitivity
        self.programme = sensitivity.programme
        self._optimum = sensitivity.optimum
        self.what_ifs = what_ifs
        self._amounts = amounts
        exactly = yearly_sums(amounts)
        self._yearly: Yearly = exactly if self._optimum.small else {pair: float(x) for pair, x in exactly.items()}
        present = self._first_answer()
        self._present: Any = math.nan if present is None else present.objective
        self._missed: Mapping[int, Any] = {} if present is None else present.missed
        scenario = self.programme.scenario
        largest = max(float(scenario.available(scenario.source, year)) for year in scenario.years)
        self._stirs = 0.0 if self._optimum.small else STIRS * largest
        self._noise = 0.0 if self._optimum.small else NOISE * max(1.0, abs(float(self._present)))
        self._vertex = None if present is None or sensitivity.thorough else _yearly(present)
        """Where there are very many rows: the amounts that moves are counted from, those of the solver's own plan."""
        self._group = {area: subject.name for subject in subjects(scenario) for area in subject.areas}

    def _first_answer(self) -> Answer | ExactAnswer | None:
        """Return the optimum as things are."""
        if self._optimum.small:
            return ExactAnswer(self._optimum.decision)
        return self.what_ifs.optimum(self.what_ifs.base)

    def both(self, parameter: Parameter, worth: float | None = None) -> tuple[Move, Move, bool]:
        """Return what growth and decline of a number by its step do, and whether the optimum is curved in it.

        `worth` is what one unit of the objective is in money; None where money has no price.
        """
        growth = ExactGrowth(self._optimum, parameter) if self._optimum.small else self._floats(parameter)
        way = self._way(growth.moving)
        more, less = (self._move(growth, way, sign, worth) for sign in (1, -1))
        return more, less, way.curved

    def _floats(self, parameter: Parameter) -> FloatGrowth:
        return FloatGrowth(self.what_ifs, parameter, self._present, self._noise)

    # How the programme changes

    def _way(self, moving: Mapping[int, RowGrowth]) -> _Way:
        direction: dict[int, Fraction] = {}
        curved, settled, asked = False, True, 0
        for index, row in moving.items():
            direction[index] = row.bound
            if row.terms:
                curved = True
                direction[index] -= sum((c * self._amounts.get(key, ZERO) for key, c in row.terms.items()), ZERO)
                if settled and self._tight(index):
                    asked += 1
                    settled = asked <= AGREED and self._optimum.rows[index] is not None and self._agree(row.terms)
        return _Way({index: growth for index, growth in direction.items() if growth}, curved, settled)

    def _tight(self, index: int) -> bool:
        """Whether a row binds; one without amounts may get some."""
        at = self._optimum.rows[index]
        return at is None or any(bool(tight[at]) for tight in self._optimum.tight_rows)

    def _agree(self, turn: Mapping[Key, Fraction]) -> bool:
        """Whether all plans as good have the same Σ coefficient · amount, of a row that has amounts already."""
        least, most = self.sensitivity.face.span({self._optimum.amounts[key]: c for key, c in turn.items()})
        if isinstance(least, Fraction) and isinstance(most, Fraction):
            return least == most
        return float(most - least) <= SETTLED * max(1.0, abs(float(least)), abs(float(most)))

    # One direction

    def _move(self, growth: Growth, way: _Way, sign: int, worth: float | None) -> Move:
        answer = growth.optimum(sign * growth.step)
        change = None if answer is None else self._shown(answer.objective - self._present)
        price, slope = self._price(growth, way, sign)
        holds, beyond = self._range(growth, way, price, slope, sign)
        ended = holds is not None and math.isfinite(holds) and beyond is None
        return Move(
            price=None if price is None else self._shown(price, float(growth.step)),
            no_plan=price is None and (not way.curved or not growth.plan_beyond(0.0, sign)),
            holds=None if holds is None else shown(holds),
            next_price=None if beyond is None else self._shown(beyond, float(growth.step)),
            change=change,
            worth=None if change is None or worth is None else tidy(change * worth),
            ends=ended and not growth.plan_beyond(holds or 0, sign),
            missed=() if answer is None else self._goals_that_move(answer),
            moves=() if answer is None else self._who_moves(answer),
        )

    def _range(
        self, growth: Growth, way: _Way, price: Fraction | float | None, slope: Slope | None, sign: int
    ) -> tuple[Fraction | float | None, Fraction | float | None]:
        """Return how far a price holds, and the next one."""
        if price is None:
            return None, None
        thorough = self.sensitivity.thorough
        if slope is not None and not way.curved:
            reach = self.sensitivity.face.reach(slope.direction, slope).distance
            return growth.price_range(price, reach, sign, thorough=thorough)
        if not thorough:
            return math.nan, None
        if growth.parameter.proportional and not any(self._tight(index) for index in way.direction):
            return self._until_it_binds(way, sign), None
        floats = growth if isinstance(growth, FloatGrowth) else self._floats(growth.parameter)
        return floats.basis_holds(sign), None

    def _until_it_binds(self, way: _Way, sign: int) -> float:
        """Return how far a rule that doesn't bind may move before the plan shown breaks it: so far nothing changes."""
        found = math.inf
        for index, growth in way.direction.items():
            row = self.programme.rows[index]
            tightens = sign * growth if row.operator.lower else -sign * growth
            if tightens > 0:
                value = sum((c * self._amounts.get(key, ZERO) for key, c in row.body.terms.items()), ZERO)
                found = min(found, float(abs(value - row.bound) / tightens))
        return found

    def _price(self, growth: Growth, way: _Way, sign: int) -> tuple[Fraction | float | None, Slope | None]:
        """Return the derivative of the optimum in this direction, per unit of growth; None: no plan, or a jump."""
        if not way.settled:
            return growth.derivative(sign), None
        slope = self.sensitivity.cone.slope_in_order(self._optimum.at(_signed(way, sign)))
        return (None, None) if slope is None else (sign * slope.value, slope)

    def _who_moves(self, answer: Answer | ExactAnswer) -> tuple[tuple[str | Rest, int, float], ...]:
        """Return who gets more and who less in the plan that is nearest to the present one."""
        if self._vertex is not None:
            return self._groups_that_move(self._vertex, _yearly(answer))
        nearest: Mapping[Key, Any] = answer.nearest(self._yearly)
        yearly: Yearly = yearly_sums(nearest)
        moved = [
            (area, year, shown(amount - self._yearly[area, year]))
            for (area, year), amount in yearly.items()
            if abs(amount - self._yearly[area, year]) > self._stirs
        ]
        return tuple(sorted(moved, key=lambda move: -abs(move[2])))

    def _goals_that_move(self, answer: Answer | ExactAnswer) -> tuple[tuple[str, float], ...]:
        """Return the goals that are missed by more or by less, and by how much."""
        rows = self.programme.rows
        missed: Mapping[int, Any] = answer.missed
        changes = {index: each - self._missed.get(index, 0) for index, each in missed.items()}
        little = 0.0 if self._optimum.small else GOAL_MOVES
        return tuple(
            (rows[index].label, shown(change))
            for index, change in changes.items()
            if abs(change) > little * max(1.0, abs(float(rows[index].bound)))
        )

    def _groups_that_move(self, before: Yearly, after: Yearly) -> tuple[tuple[str | Rest, int, float], ...]:
        """Return which groups get more and which less, from one plan of the solver to its next."""
        moved: dict[tuple[str | Rest, int], Any] = {}
        for (area, year), amount in after.items():
            group = self._group[area]
            moved[group, year] = moved.get((group, year), 0) + amount - before[area, year]
        found = [(group, year, shown(change)) for (group, year), change in moved.items() if abs(change) > self._stirs]
        return tuple(sorted(found, key=lambda move: -abs(move[2])))

    def _shown(self, value: Fraction | float, per: float = 1.0) -> float:
        """Return a change of the objective, or a change per unit of `per`, without the arithmetic's last bits."""
        if isinstance(value, Fraction):
            return float(value)
        return tidy(value) if abs(value) * per > self._noise else 0.0
