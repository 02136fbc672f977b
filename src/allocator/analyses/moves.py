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

from allocator.analyses.exact_path import TINY as TINIEST
from allocator.analyses.exact_path import ExactAnswer, ExactPath
from allocator.analyses.path import BESIDE, FARTHEST, Number, Path, turn
from allocator.analyses.prices import shown, tidy, unrounded_yearly
from allocator.analyses.result import Move, Rest
from allocator.analyses.room import subjects
from allocator.analyses.sensitivity import Sensitivity
from allocator.programme.build import Programme
from allocator.programme.exact_questions import ExactSlope
from allocator.programme.optimum import Direction
from allocator.programme.questions import Slope
from allocator.programme.rows import ZERO, Key
from allocator.programme.warm import Answer, WarmProgramme

STIRS = 1e-8
"""A change of an amount below this part of the largest budget is none."""
SETTLED = 1e-7
"""Where coefficients move, plans as good count as one if what moves with them differs by less than this part."""
SMALL_STEP = 1e-4
"""The part of the step by which a curved optimum is followed where it has no derivative in closed form."""
TINY = Fraction(1, 10**9)
"""The part of the step in which coefficients are taken to move in a straight line."""
GOAL_MOVES = 1e-7
"""A goal that is missed by more or less than this part of what it asks for (at least of 1) is so by as much."""
JUMP = 0.1
"""Slopes of two steps one after the other that differ by more than this part aren't those of a smooth curve."""
AGREED = 50
"""Of so many rows it is asked whether all plans as good agree on them; with more the optimum is followed instead."""
SAME = 1e-7
"""Two prices are one where they differ by less than this part."""
LEAP = 8.0
"""By what strides grow where one basis follows another at once."""
FOLLOWED = 1e-11
"""A price that was followed, times the step followed, is none below this part of the objective (at least of 1)."""
PIECES = 60
"""So many pieces of one price are followed."""
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
    return unrounded_yearly(amounts)


def _signed(way: _Way, sign: int) -> Direction:
    return {index: sign * growth for index, growth in way.direction.items()}


class Moves:
    """Follows numbers of the scenario from the present optimum, one after the other."""

    def __init__(self, sensitivity: Sensitivity, amounts: Mapping[Key, Fraction], warm: WarmProgramme) -> None:
        """`amounts` are those of the plan shown, unrounded."""
        self.sensitivity = sensitivity
        self.programme = sensitivity.programme
        self._optimum = sensitivity.optimum
        self._warm = warm
        self._amounts = amounts
        exactly = unrounded_yearly(amounts)
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
            return ExactAnswer(self._optimum.decision, self._optimum.engine.watch)
        return self._warm.solve(self.programme)

    def both(self, number: Number, worth: float | None = None) -> tuple[Move, Move, bool]:
        """Return what growth and decline of a number by its step do, and whether the optimum is curved in it.

        `worth` is what one unit of the objective is in money; None where money has no price.
        """
        small = self._optimum.small
        path = ExactPath(self._optimum, number) if small else Path(self._warm, self.programme, number)
        way = self._way(path.grown, number.step)
        if way.curved and not number.straight:  # the derivative at the present value is that of a very small step
            step = number.step * (TINIEST if small else TINY)
            way = self._way(number.changed(step), step)
        more, less = (self._move(path, way, sign, worth) for sign in (1, -1))
        return more, less, way.curved

    # How the programme changes

    def _way(self, grown: Programme, step: Fraction) -> _Way:
        direction: dict[int, Fraction] = {}
        curved, settled, asked = False, True, 0
        for index, (before, after) in enumerate(zip(self.programme.rows, grown.rows, strict=True)):
            if before is after:
                continue
            direction[index] = (after.bound - before.bound) / step
            if turns := turn(before, after, step):
                curved = True
                direction[index] -= sum((c * self._amounts.get(key, ZERO) for key, c in turns.items()), ZERO)
                if settled and self._tight(index):
                    asked += 1
                    settled = asked <= AGREED and self._optimum.rows[index] is not None and self._agree(turns)
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

    def _move(self, path: Path | ExactPath, way: _Way, sign: int, worth: float | None) -> Move:
        answer = path.at(sign * path.step)
        change = None if answer is None else self._shown(answer.objective - self._present)
        price, slope = self._price(path, way, sign)
        holds, beyond = self._range(path, way, price, slope, sign)
        ended = holds is not None and math.isfinite(holds) and beyond is None
        return Move(
            price=None if price is None else self._shown(price, float(path.step)),
            no_plan=price is None and (not way.curved or not self._plan_beyond(path, 0.0, sign)),
            holds=None if holds is None else shown(holds),
            next_price=None if beyond is None else self._shown(beyond, float(path.step)),
            change=change,
            worth=None if change is None or worth is None else tidy(change * worth),
            ends=ended and not self._plan_beyond(path, holds or 0, sign),
            missed=() if answer is None else self._goals_that_move(answer),
            moves=() if answer is None else self._who_moves(answer),
        )

    def _range(
        self, path: Path | ExactPath, way: _Way, price: Fraction | float | None, slope: Slope | None, sign: int
    ) -> tuple[Fraction | float | None, Fraction | float | None]:
        """Return how far a price holds, and the next one."""
        if price is None:
            return None, None
        if slope is not None and not way.curved:
            if isinstance(path, Path):
                return self._straight(path, slope, float(price), sign)
            assert isinstance(slope, ExactSlope)  # noqa: S101 - of a cone of the same kind
            reach = self.sensitivity.face.reach(slope.direction, slope).distance
            return path.straight(_signed(way, sign), slope, reach, sign)
        if not self.sensitivity.thorough:
            return math.nan, None
        if path.number.straight and not any(self._tight(index) for index in way.direction):
            return self._until_it_binds(way, sign), None
        along = path if isinstance(path, Path) else Path(self._warm, self.programme, path.number)
        return along.basis_holds(sign), None

    def _plan_beyond(self, path: Path | ExactPath, growth: Fraction | float, sign: int) -> bool:
        return path.plan_beyond(float(growth), sign) if isinstance(path, Path) else path.plan_beyond(growth, sign)

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

    def _price(self, path: Path | ExactPath, way: _Way, sign: int) -> tuple[Fraction | float | None, Slope | None]:
        """Return the derivative of the optimum in this direction, per unit of growth; None: no plan, or a jump."""
        if not way.settled:
            return self._followed(path, sign) if isinstance(path, Path) else path.derivative(sign), None
        slope = self.sensitivity.cone.slope_in_order(self._optimum.at(_signed(way, sign)))
        return (None, None) if slope is None else (sign * slope.value, slope)

    def _followed(self, path: Path, sign: int) -> float | None:
        """Return the derivative from two small steps, exact to the second order; None: no plan, or a jump."""
        small = sign * path.step * SMALL_STEP
        near, far = path.at(small), path.at(2 * small)
        if near is None or far is None:
            return None
        first, second = (near.objective - self._present) / small, (far.objective - near.objective) / small
        noise = self._noise / abs(small)
        if abs(first - second) > JUMP * max(abs(first), abs(second)) + 100 * noise:
            return None
        price = (3 * first - second) / 2
        return price if abs(price * small) > FOLLOWED * max(1.0, abs(self._present)) else 0.0

    def _straight(self, path: Path, slope: Slope, price: float, sign: int) -> tuple[float, float | None]:
        """Return how far a price holds, and the next one; None: no plan beyond.

        Where sums of goals follow, their prices may change while the objective's doesn't: then it holds on.
        """
        holds = float(self.sensitivity.face.reach(slope.direction, slope).distance)
        for _ in range(PIECES):
            if math.isinf(holds) or (-holds <= path.number.floor * (1 - BESIDE) and sign < 0):
                return math.inf, None
            if not self.sensitivity.thorough:
                return holds, None
            piece = path.piece_beyond(sign * holds, sign)
            if piece is None:
                return holds, None
            if abs(piece.slope - price) > SAME * max(abs(price), abs(piece.slope)) + 10 * self._noise / path.step:
                return holds, piece.slope
            holds = abs(piece.end)
            if piece.short:
                holds = self._leap(path, holds, price, sign)
        return holds, None

    def _leap(self, path: Path, holds: float, price: float, sign: int) -> float:
        """Return a point farther on where the optimum is still on the line of one price, where bases change at once."""
        start = path.at(sign * holds)
        if start is None:
            return holds
        stride = LEAP * path.beside(sign * holds)
        farthest = FARTHEST * max(holds, path.step)
        while holds < farthest:
            there = path.at(sign * (holds + stride)) if sign > 0 or holds + stride < -path.number.floor else None
            on_line = start.objective + sign * price * stride
            if there is None or abs(there.objective - on_line) > self._noise + SAME * abs(price) * stride:
                return holds
            holds, start, stride = holds + stride, there, stride * LEAP
        return math.inf

    def _who_moves(self, answer: Answer | ExactAnswer) -> tuple[tuple[str | Rest, int, float], ...]:
        """Return who gets more and who less in the plan that is nearest to the present one."""
        if self._vertex is not None:
            return self._groups_that_move(self._vertex, _yearly(answer))
        nearest: Mapping[Key, Any] = answer.nearest(self._yearly)
        yearly: Yearly = unrounded_yearly(nearest)
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
