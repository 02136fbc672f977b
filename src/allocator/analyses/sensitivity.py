"""Two-sided prices, their ranges, reduced costs and the ranges of coefficients: what each row and amount is worth.

A price up (down) is the right (left) derivative of the optimum in a row's right-hand side; its range is how far it
stays, whatever plan is then optimal. A coefficient's range is how far the plan shown stays optimal. With goals these
are figures of the last programme, in which the goals' sums are held.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocator.analyses.messages import RangesCutShort
from allocator.analyses.prices import Prices, shown
from allocator.analyses.result import LimitingItem, Rival
from allocator.programme.exact_questions import cone_of, face_of
from allocator.programme.optimum import Optimum
from allocator.programme.questions import RangeEnd, Reach, Rows, Slope, Stop
from allocator.programme.rows import ONE, ZERO, Key

SAME = 1e-9
"""Two prices are one where they differ by less than this part of the larger (of the least price that is shown)."""


THOROUGH = 4000
"""Up to so many rows every range is followed to its true end; above that, where one optimal basis tells it."""


@dataclass(frozen=True)
class RowPrice:
    """What a row's right-hand side is worth, in both directions."""

    up: float | None
    """None: no plan exists that way."""
    down: float | None
    increase: float
    decrease: float
    stops_increase: Stop | None = None
    stops_decrease: Stop | None = None
    same: bool = True

    @property
    def single(self) -> float | None:
        """The price, where there is one."""
        return self.up if self.same else None


@dataclass(frozen=True)
class AreaPrice:
    """What the optimum says of an area's yearly amount."""

    coefficient: float
    reduced_cost: float
    increase: float
    decrease: float
    limiting: tuple[LimitingItem, ...]


class Sensitivity:
    """Asks the optimum, row by row and area by area."""

    def __init__(self, prices: Prices, optimum: Optimum) -> None:
        self.prices = prices
        self.optimum = optimum
        self.programme = prices.programme
        self.thorough = len(self.programme.rows) <= THOROUGH
        """Whether every range is followed to its true end, whatever that takes."""
        self.cone = cone_of(optimum)
        self.face = face_of(optimum, thorough=self.thorough)
        self.cut_short = 0
        """How many ranges may reach farther than is said."""

    @property
    def message(self) -> RangesCutShort | None:
        """What a reader has to know of how ranges were made; None where each is followed to its end."""
        return RangesCutShort(len(self.programme.rows), self.cut_short) if self.cut_short else None

    # Rows

    def of_row(self, index: int) -> RowPrice:
        """Return a row's prices and their ranges, in the row's own unit."""
        at = self.optimum.rows[index]
        if at is None:
            return self._of_constant(index)
        if not any(bool(tight[at]) for tight in self.optimum.tight_rows):
            return self._of_loose(index, at)
        return self._of(at, self.prices.of_row(index), self._size(index))

    def of_goals(self, priority: int, price: float) -> RowPrice:
        """Return what a priority's bounded sum of shortfalls is worth; `price` is the vertex'."""
        at = self.optimum.goal_rows[priority]
        return self._of(at, price, 1 / float(self.optimum.units[1][at]))

    def _size(self, index: int) -> float:
        """Return a row's largest coefficient: what a price of the row does to an amount at most."""
        return max((abs(float(c)) for c in self.programme.rows[index].body.terms.values()), default=1.0)

    def _of_constant(self, index: int) -> RowPrice:
        """Return the prices of a row without amounts: it costs nothing until it fails."""
        row = self.programme.rows[index]
        room = float(row.slack({}))
        fails = None if room <= 0 else 0.0
        if row.operator.upper:
            return RowPrice(0.0, fails, math.inf, room, None, RangeEnd.NO_PLAN, same=fails is not None)
        if row.operator.lower:
            return RowPrice(fails, 0.0, room, math.inf, RangeEnd.NO_PLAN, None, same=fails is not None)
        return RowPrice(None, None, 0.0, 0.0)

    def _settled(self, index: int) -> bool:
        """Whether a row has the same value in all plans that are as good."""
        coefficients: dict[tuple[str, int], list[Fraction]] = {}
        for key, c in self.programme.rows[index].body.terms.items():
            coefficients.setdefault(key.pair, []).append(c)
        keys_of = self.programme.keys_of
        return all(
            self.face.holds_still(*pair, whole=len(set(c)) == 1 and len(c) == len(keys_of[pair]))
            for pair, c in coefficients.items()
        )

    def _of(self, at: int, price: float | None, size: float) -> RowPrice:
        slopes: tuple[Slope | None, Slope | None] = (None, None)
        up: float | None
        down: float | None
        if self.cone.nondegenerate:
            up = down = price
        else:
            slopes = self.cone.slope({at: ONE}), self.cone.slope({at: -ONE})
            up, down = self._slope(slopes[0], 1, size), self._slope(slopes[1], -1, size)
        more = self._reach(at, ONE, slopes[0], exists=up is not None)
        less = self._reach(at, -ONE, slopes[1], exists=down is not None)
        return RowPrice(
            up, down, float(more.distance), float(less.distance), more.stops, less.stops, same=self._same(up, down)
        )

    def _of_loose(self, index: int, at: int) -> RowPrice:
        """Return the prices of a row that doesn't bind: zero until it does."""
        optimum = self.optimum
        low, high = optimum.decision.form.row_lower[at], optimum.decision.form.row_upper[at]
        if not self.thorough or self._settled(index):
            self.cut_short += not self.thorough
            value = optimum.values[optimum.width + at]
            slack = value - low if low is not None else high - value if high is not None else ZERO
            reach = Reach(float(slack), RangeEnd.BEGINS)
        else:
            reach = self._reach(at, -ONE if low is None else ONE, None, exists=True)
        if low is not None:
            return RowPrice(0.0, 0.0, float(reach.distance), math.inf, reach.stops)
        return RowPrice(0.0, 0.0, math.inf, float(reach.distance), None, reach.stops)

    def _slope(self, slope: Slope | None, sign: int, size: float) -> float | None:
        return None if slope is None else self.prices.shown(sign * slope.value, size)

    def _same(self, up: float | None, down: float | None) -> bool:
        if up is None or down is None:
            return up is down
        return abs(up - down) <= SAME * max(abs(up), abs(down))

    def _reach(self, at: int, sign: Fraction, slope: Slope | None, *, exists: bool) -> Reach:
        if not exists:
            return Reach(0.0, RangeEnd.NO_PLAN)
        found = self.face.reach({at: sign}, slope)
        self.cut_short += not found.exact
        return Reach(shown(found.distance), found.stops)

    # Areas

    def of_area(self, area: str, year: int, yearly: Fraction) -> AreaPrice:
        """Return an area's coefficient in force at `yearly` with its range, and its reduced cost."""
        return AreaPrice(
            float(self.prices.coefficient(area, year, yearly)),
            self._reduced_cost(area, year, yearly),
            *self._coefficient_range(area, year, self.optimum.margin_column(area, year)),
        )

    def of_band(self, area: str, year: int, place: int) -> AreaPrice:
        """Return the same of one of an area's pieces, counted from 0, which has a column of its own."""
        piece, column = self.optimum.pieces[area, year][place]
        slope = self.cone.slope({self.optimum.model.matrix.sum_row[area, year]: ONE})
        reduced = ZERO if slope is None else piece.slope + slope.value
        return AreaPrice(float(piece.slope), self.prices.tidied(reduced), *self._coefficient_range(area, year, column))

    def of_source(self, key: Key, yearly: Fraction) -> AreaPrice:
        """Return the same of what one source pays: a coefficient that only its money would have."""
        coefficient = self.prices.coefficient(*key.pair, yearly)
        slope = self.cone.slope(self._use(key))
        reduced = ZERO if slope is None else coefficient + slope.value
        reach = self._coefficient_range(*key.pair, self.optimum.amounts[key])
        return AreaPrice(float(coefficient), self.prices.tidied(reduced), *reach)

    def _coefficient_range(self, area: str, year: int, column: int) -> tuple[float, float, tuple[LimitingItem, ...]]:
        """Return how far a column's coefficient grows and falls while the plan shown stays optimal, and what then."""
        more, less = self._exchange(column, ONE), self._exchange(column, -ONE)
        # to earn more is to cost less: at the end of the increase of a maximised coefficient the amount would grow
        up, down = (more, less) if self.programme.maximise else (less, more)
        return (
            math.inf if up is None else shown(max(0, self._loss(up))),
            math.inf if down is None else shown(max(0, self._loss(down))),
            tuple(
                LimitingItem(upward, self._rival(area, year, slope, grows=grows))
                for upward, slope, grows in ((True, up, more is up), (False, down, more is down))
                if slope is not None and self.thorough
            ),
        )

    def _loss(self, slope: Slope) -> Fraction | float:
        return -slope.value if self.programme.maximise else slope.value

    def _exchange(self, column: int, sign: Fraction) -> Slope | None:
        """Return the cheapest way to move a column by one; None where it can't move."""
        at_lower, at_upper = self.optimum.tight_columns
        if (at_upper if sign > 0 else at_lower)[column]:
            return None
        return self.cone.slope({}, forced={column: sign})

    def _rival(self, area: str, year: int, slope: Slope, *, grows: bool) -> tuple[str, int] | Rival:
        """Return what changes most against the area's amount in an exchange of money."""
        sign = -1.0 if grows else 1.0
        moved = sign * np.bincount(self._pair_of, slope.move()[self._amount_columns], len(self._pairs))
        moved[self._pairs.index((area, year))] = 0.0
        most = int(np.argmax(moved))
        if moved[most] > SAME:
            return self._pairs[most]
        spent = sum(slope.move()[self._amount_columns])
        return Rival.UNSPENT if abs(spent) > SAME else Rival.OWN

    @cached_property
    def _pairs(self) -> list[tuple[str, int]]:
        """The areas without parts and years."""
        return list(self.programme.pieces)

    @cached_property
    def _pair_of(self) -> list[int]:
        """For each amount the number of its area and year."""
        number = {pair: place for place, pair in enumerate(self._pairs)}
        return [number[key.pair] for key in self.optimum.amounts]

    @cached_property
    def _amount_columns(self) -> list[int]:
        return list(self.optimum.amounts.values())

    def _reduced_cost(self, area: str, year: int, yearly: Fraction) -> float:
        """Return the change of the objective per unit that the amount is forced up, its own limits set aside."""
        if self.cone.nondegenerate:
            return self.prices.reduced_cost(area, year, yearly)
        coefficient = self.prices.coefficient(area, year, yearly)
        found: list[Fraction | float] = []
        for key in self.programme.keys_of[area, year]:
            slope = self.cone.slope(self._use(key))
            if slope is not None:
                found.append(coefficient + slope.value)
        if not found:
            return self.prices.reduced_cost(area, year, yearly)
        return self.prices.tidied(max(found) if self.programme.maximise else min(found))

    def _use(self, key: Key) -> Rows:
        """Return what one unit of an amount takes from all rows but the area's own limits."""
        return self.optimum.at({index: -c for index, c in self._rows_of[key] if not self.prices.own(index, key.area)})

    @cached_property
    def _rows_of(self) -> Mapping[Key, list[tuple[int, Fraction]]]:
        """Amount → the rows that it stands in."""
        found: dict[Key, list[tuple[int, Fraction]]] = {key: [] for key in self.programme.keys}
        for index, row in enumerate(self.programme.rows):
            for key, coefficient in row.body.terms.items():
                found[key].append((index, coefficient))
        return found
