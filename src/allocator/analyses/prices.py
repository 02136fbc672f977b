"""What each row and amount is worth: prices at one vertex, prices of both sides, their ranges, what holds an amount.

Signs: a shadow price is the change of the objective, as stated, per unit that the right-hand side grows; a reduced
cost is the change of the objective per unit that the amount is forced up. A price up (down) is the right (left)
derivative of the optimum in a row's right-hand side; its range is how far it stays, whatever plan is then optimal. A
coefficient's range is how far the plan shown stays optimal. With goals these are figures of the last programme, in
which the goals' sums are held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocator.analyses.messages import RangesCutShort
from allocator.programme.build import Programme
from allocator.programme.optimum import Optimum, RangeEnd, Reach, Rows, Slope, Stop
from allocator.programme.questions import Cone, Face
from allocator.programme.rows import ONE, ZERO, Key, Piece, Row, RowKind
from allocator.programme.solve import Solution
from allocator.scenario.model import Band, Cell

# -- prices at one vertex ---------------------------------------------------------------------------------------------

NOTHING = 1e-9
"""A price or reduced cost below this part of the largest coefficient (at least of 1e-9) is shown as 0."""


class Prices:
    """Looks prices up by row and amount."""

    def __init__(self, programme: Programme, solution: Solution) -> None:
        self.programme = programme
        self.solution = solution
        slopes = [abs(float(p.slope)) for pieces in programme.pieces.values() for p in pieces]
        self.small = NOTHING * max(slopes, default=1.0)
        self.rows_of: dict[Key, list[tuple[int, Fraction]]] = {key: [] for key in programme.keys}
        """Amount → the rows that it stands in, with its coefficients."""
        for index, row in enumerate(programme.rows):
            for key, coefficient in row.body.terms.items():
                self.rows_of[key].append((index, coefficient))

    def used(self, key: Key) -> list[tuple[int, Fraction]]:
        """Return (row, what one unit of an amount uses up of it, priced), for rows with a price."""
        prices = self.solution.prices
        return [(index, price * c) for index, c in self.rows_of[key] if (price := prices[index])]

    @cached_property
    def missed(self) -> frozenset[int]:
        """The goals that the optimum misses, be it by less than a Step: no price is theirs."""
        rows, amounts = self.programme.rows, self.solution.amounts
        return frozenset(
            index for index, row in enumerate(rows) if row.strength.kind == "goal" and row.slack(amounts) < 0
        )

    def shown(self, price: Fraction | float, size: float) -> float:
        """Return a row's price, a floating-point one without its last bits; `size`: the row's largest coefficient."""
        return shown(price) if isinstance(price, Fraction) or abs(price) * size > self.small else 0.0

    def of_row(self, index: int) -> float | None:
        """Return a row's price at the vertex; None for one without amounts."""
        price = self.solution.prices[index]
        return None if price is None else float(price)

    def coefficient(self, area: str, year: int, yearly: Fraction) -> Fraction:
        """Return the objective's coefficient for the next unit of money of an area at `yearly`."""
        return piece_at(self.programme.pieces[area, year], yearly).slope

    def reduced_cost(self, area: str, year: int, yearly: Fraction) -> float:
        """Return the coefficient less the priced use of all rows but the area's own limits, for the best source."""
        coefficient = self.coefficient(area, year, yearly)
        costs = [
            coefficient - sum((use for index, use in self.used(key) if not self.own(index, area)), ZERO)
            for key in self.programme.keys_of[area, year]
        ]
        return float(max(costs) if self.programme.maximise else min(costs))

    def tidied(self, reduced: Fraction | float) -> float:
        """Return a reduced cost, a floating-point one without the last bits of its arithmetic."""
        return self.shown(reduced, 1.0)

    def own(self, index: int, area: str) -> bool:
        """Whether a row is one of the area's own limits."""
        row = self.programme.rows[index]
        return row.kind.of_area and row.subject == area

    def idle(self, key: Key, yearly: Fraction) -> bool:
        """Whether one more unit here would serve the objective as well as where it is now: only money is short."""
        return self.coefficient(*key.pair, yearly) == sum((use for _, use in self.used(key)), ZERO)

    def against(self, key: Key) -> list[tuple[Row, Fraction]]:
        """Return the rows whose price speaks against more of an amount, dearest first."""
        sign = 1 if self.programme.maximise else -1
        found = [(self.programme.rows[index], sign * use) for index, use in self.used(key)]
        return sorted((pair for pair in found if pair[1] > 0), key=lambda pair: -pair[1])


def piece_at(pieces: tuple[Piece, ...], yearly: Fraction) -> Piece:
    """Return the piece in which the next unit falls; at a band's end the next, after the last one's the last."""
    end = Fraction(0)
    for piece in pieces:
        if piece.width is None:
            return piece
        end += piece.width
        if yearly < end:
            return piece
    return pieces[-1]


def tidy(number: float) -> float:
    """Return a number without the last bits of the solver's arithmetic: 0.3 for 0.2999999999999998."""
    return float(f"{number:.12g}")


def shown(number: Fraction | float) -> float:
    """Return an exact number as near as a floating-point one comes, a floating-point one without its last bits."""
    return float(number) if isinstance(number, Fraction) else tidy(number)


# -- what holds an amount ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HeldByRow:
    """A limit, rule or target whose price speaks against more."""

    name: str
    kind: RowKind
    cell: Cell
    raised_by: str | None = None
    """The area, where more for it would raise what the rule asks others to get."""


@dataclass(frozen=True)
class Scarce:
    """Money is short: all of the source's is spent, or does more elsewhere."""

    source: str
    cell: Cell
    elsewhere: bool
    band: int | None = None
    """The band that the next unit would fall into, from the second on."""


@dataclass(frozen=True)
class NoGain:
    """More would not help: it adds nothing, or makes the objective worse."""

    worse: bool
    after_band: int | None = None
    """The band that ends here, where another follows."""
    cell: Cell | None = None
    """That of the band that follows."""


type HeldBy = HeldByRow | Scarce | NoGain


def held_by(prices: Prices, key: Key, yearly: Fraction) -> HeldBy | None:
    """Return what holds an amount at the unrounded optimum; None where nothing does.

    A limit or rule whose price speaks against it comes before scarcity of money, the dearest first.
    """
    against = prices.against(key)
    for row, _ in against:
        if not row.kind.supply:
            return _row(row, key)
    if against:
        return _scarce(prices, key, yearly, against[0][0])
    return _no_gain(prices.programme, key, yearly)


def _row(row: Row, key: Key) -> HeldByRow:
    # a floor holds an area down where the area stands on its other side: it would raise what others must get
    raises = row.kind.money and row.operator.lower and row.body.terms.get(key, 0) <= 0
    return HeldByRow(row.name, row.kind, row.cell, key.area if raises else None)


def _scarce(prices: Prices, key: Key, yearly: Fraction, budget: Row) -> Scarce:
    """Return whether all money is spent, or does more elsewhere than the next unit would here."""
    if prices.idle(key, yearly):
        return Scarce(budget.subject, budget.cell, elsewhere=False)
    band = _band(prices.programme, *key.pair, yearly)
    later = band.number if band is not None and band.number > 1 else None
    return Scarce(budget.subject, budget.cell, elsewhere=True, band=later)


def _band(programme: Programme, area: str, year: int, yearly: Fraction) -> Band | None:
    """Return the band that the next unit falls into."""
    bands = programme.scenario.bands.get((area, year), ())
    if not bands:
        return None
    number = piece_at(programme.pieces[area, year], yearly).number
    return next((band for band in bands if band.number == number), None)


def _no_gain(programme: Programme, key: Key, yearly: Fraction) -> NoGain | None:
    """Return that more would not help, where that is so."""
    slope = piece_at(programme.pieces[key.pair], yearly).slope
    helps = slope if programme.maximise else -slope
    if helps > 0:
        return None
    band = _band(programme, *key.pair, yearly)
    if band is not None and band.number > 1:
        return NoGain(bool(helps), band.number - 1, band.origin.cell("Benefit"))
    return NoGain(bool(helps))


# -- prices of both sides, and ranges ---------------------------------------------------------------------------------


class Rival(Enum):
    """What an amount competes with where no other amount moves against it."""

    UNSPENT = auto()
    """Money left unspent."""
    OWN = auto()
    """The area's own bands or sources."""


@dataclass(frozen=True)
class LimitingItem:
    """What would change at one end of a coefficient's range: another area's amount of a year, or a rival."""

    upward: bool
    against: tuple[str, int] | Rival


@dataclass(frozen=True)
class PartFigures:
    """One band, or one source, of an area's amount in a year; only of areas that have several of them."""

    area: str
    year: int
    part: str
    """The band's number, as in the What-if sheet, or the source's name."""
    of_band: bool
    final_value: Fraction
    """The money in the band, or from the source."""
    reduced_cost: float
    """The change of the objective per unit that this part is forced up, its own bounds and limits set aside."""
    objective_coefficient: float
    allowable_increase: float
    """How far the coefficient of this part alone grows while the plan shown stays optimal."""
    allowable_decrease: float
    limiting: tuple[LimitingItem, ...] = ()

    @property
    def name(self) -> str:
        """How the part is called: ``Culture / 2``, or ``Culture from City budget``."""
        return f"{self.area} / {self.part}" if self.of_band else f"{self.area} from {self.part}"


SAME = 1e-9
"""Two prices are one where they differ by less than this part of the larger (of the least price that is shown)."""


THOROUGH = 4000
"""Up to so many rows every range is followed to its true end; above that, where one optimal basis tells it."""


@dataclass(frozen=True)
class RowPrice:
    """What a row's right-hand side is worth, in both directions; named as in `RowFigures`."""

    price_up: float | None
    """None: no plan exists that way."""
    price_down: float | None
    allowable_increase: float
    allowable_decrease: float
    stops_increase: Stop | None = None
    stops_decrease: Stop | None = None
    degenerate: bool = False
    """Whether the two differ."""

    @property
    def single(self) -> float | None:
        """The price, where there is one."""
        return None if self.degenerate else self.price_up


@dataclass(frozen=True)
class AreaPrice:
    """What the optimum says of an area's yearly amount, or a part of it; named as in `AreaFigures`."""

    reduced_cost: float
    objective_coefficient: float
    allowable_increase: float
    allowable_decrease: float
    limiting: tuple[LimitingItem, ...]


class Sensitivity:
    """Asks the optimum, row by row and area by area."""

    def __init__(self, prices: Prices, optimum: Optimum) -> None:
        self.prices = prices
        self.optimum = optimum
        self.programme = prices.programme
        self.thorough = len(self.programme.rows) <= THOROUGH
        """Whether every range is followed to its true end, whatever that takes."""
        self.cone = Cone(optimum)
        self.face = Face(optimum, thorough=self.thorough)
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
            return RowPrice(0.0, fails, math.inf, room, None, RangeEnd.NO_PLAN, degenerate=fails is None)
        if row.operator.lower:
            return RowPrice(fails, 0.0, room, math.inf, RangeEnd.NO_PLAN, None, degenerate=fails is None)
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
            up, down, float(more.distance), float(less.distance), more.stops, less.stops, not self._same(up, down)
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
            self._reduced_cost(area, year, yearly),
            float(self.prices.coefficient(area, year, yearly)),
            *self._coefficient_range(area, year, self.optimum.margin_column(area, year)),
        )

    def of_band(self, area: str, year: int, place: int) -> AreaPrice:
        """Return the same of one of an area's pieces, counted from 0, which has a column of its own."""
        piece, column = self.optimum.pieces[area, year][place]
        use = {self.optimum.model.matrix.sum_row[area, year]: ONE}
        return self._of_part((area, year), column, piece.slope, use)

    def of_source(self, key: Key, yearly: Fraction) -> AreaPrice:
        """Return the same of what one source pays: a coefficient that only its money would have."""
        coefficient = self.prices.coefficient(*key.pair, yearly)
        return self._of_part(key.pair, self.optimum.amounts[key], coefficient, self._use(key))

    def _of_part(self, pair: tuple[str, int], column: int, coefficient: Fraction, use: Rows) -> AreaPrice:
        slope = self.cone.slope(use)
        reduced = ZERO if slope is None else coefficient + slope.value
        return AreaPrice(self.prices.tidied(reduced), float(coefficient), *self._coefficient_range(*pair, column))

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
        return self.optimum.at(
            {index: -c for index, c in self.prices.rows_of[key] if not self.prices.own(index, key.area)}
        )


# -- bands and sources ------------------------------------------------------------------------------------------------


def part_figures(
    sensitivity: Sensitivity, amounts: Mapping[Key, Fraction], yearly: Mapping[tuple[str, int], Fraction]
) -> Iterator[PartFigures]:
    """Yield the bands and the sources of areas that have several; `amounts` are the plan's, `yearly` the optimum's."""
    programme, optimum = sensitivity.programme, sensitivity.optimum
    totals = programme.yearly(amounts)
    for (area, year), pieces in programme.pieces.items():
        if len(pieces) > 1 and (area, year) in optimum.pieces:
            for place, (piece, money) in enumerate(_filled(pieces, totals[area, year])):
                price = sensitivity.of_band(area, year, place)
                yield PartFigures(area, year, str(piece.number), True, money, **vars(price))
        keys = programme.keys_of[area, year]
        for key in keys if len(keys) > 1 else ():
            price = sensitivity.of_source(key, yearly[area, year])
            yield PartFigures(area, year, key.source, False, amounts.get(key, ZERO), **vars(price))


def _filled(pieces: tuple[Piece, ...], total: Fraction) -> Iterator[tuple[Piece, Fraction]]:
    """Yield the pieces with the money in each; they fill in order, since their benefit never rises."""
    for piece in pieces:
        money = total if piece.width is None else min(total, piece.width)
        yield piece, money
        total -= money
