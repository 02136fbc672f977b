"""Is a solution optimal? Asked of its amounts, prices and reduced costs alone, in the scenario's own units.

Weak duality makes it a proof: prices of the right signs that leave no area a gain bound every plan's objective, and
the plan that reaches that bound is optimal. Written for maximising; minimising turns all signs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.prices import Prices
from allocator.programme.build import Programme
from allocator.programme.rows import Row
from allocator.programme.solve import Solution
from allocator.programme.status import Status
from allocator.scenario.model import Operator

CLOSE = 1e-7
"""Part of a row's or of the objective's size that counts as nothing; solvers are right to 1e-9 or so."""


@dataclass(frozen=True)
class Shortfall:
    """By how much a goal is missed: below its bound or (upper rows, the other side of ``=``) above it."""

    below: float
    above: float

    @property
    def total(self) -> float:
        return self.below + self.above


def activity(row: Row, solution: Solution) -> float:
    """What stands on the left of a row, all money there."""
    return sum(float(c) * solution.amounts[key] for key, c in row.body.terms.items())


def largest_coefficient(row: Row) -> float:
    return max((abs(float(c)) for c in row.body.terms.values()), default=1.0)


def shortfall(row: Row, solution: Solution) -> Shortfall:
    gap = float(row.bound) - activity(row, solution)
    return Shortfall(
        0.0 if row.operator.upper else max(0.0, gap),
        0.0 if row.operator.lower else max(0.0, -gap),
    )


def assert_optimal(programme: Programme, solution: Solution) -> None:
    """Fail unless `solution` is proved optimal by its own prices and reduced costs."""
    assert solution.status is Status.OPTIMAL
    assert set(solution.amounts) == set(programme.keys)
    assert len(solution.prices) == len(programme.rows)
    Judge(programme, solution).judge()


class Judge:
    """The parts of the proof, each with the tolerance its units ask for."""

    def __init__(self, programme: Programme, solution: Solution) -> None:
        self.programme = programme
        self.solution = solution
        self.sign = 1.0 if programme.maximise else -1.0
        self.prices = [self.sign * (price or 0.0) + 0.0 for price in solution.prices]
        self.goal_prices = {p: self.sign * price for p, price in solution.goal_prices.items()}
        slopes = [abs(float(p.slope)) for pieces in programme.pieces.values() for p in pieces]
        self.money = max(*solution.amounts.values(), 1e-6 * self.funds())
        """How large amounts are; a plan without any is known to a millionth of what there is."""
        self.worth = max([1e-12, *slopes])
        """The largest coefficient: prices of money below `CLOSE` of it count as nothing."""
        paid = [abs(p) * largest_coefficient(r) for p, r in zip(self.prices, programme.rows, strict=True)]
        self.price_slip = CLOSE * max([self.worth, *paid])
        self.objective_slip = CLOSE * max(abs(solution.objective), self.worth * self.money, self.gross_worth())
        self.use = dict.fromkeys(programme.keys, 0.0)
        for price, row in zip(self.prices, programme.rows, strict=True):
            for key, coefficient in row.body.terms.items():
                self.use[key] += price * float(coefficient)
        self.yearly: dict[tuple[str, int], Fraction] = dict.fromkeys(programme.pieces, Fraction(0))
        for (area, year, _), amount in solution.amounts.items():
            self.yearly[area, year] += amount

    def funds(self) -> float:
        scenario = self.programme.scenario
        return max(float(scenario.available(scenario.source, year)) for year in scenario.years)

    def size(self, row: Row) -> float:
        """How large the numbers of a row are: of its money (indicators: of what money does) and its bound."""
        gross = sum(abs(float(c)) * self.solution.amounts[key] for key, c in row.body.terms.items())
        return max(gross, abs(float(row.bound)), largest_coefficient(row) * self.money)

    def gross_worth(self) -> float:
        """The sum that the bound is made of, without regard to signs: its last digits are lost."""
        return sum(abs(price * float(row.bound)) for price, row in zip(self.prices, self.programme.rows, strict=True))

    def judge(self) -> None:
        for row, price in zip(self.programme.rows, self.prices, strict=True):
            self.row_is_kept(row)
            self.row_price(row, price)
        self.goals_are_held()
        bound = self.bound_of_rows() + sum(self.left_to_gain(pair) for pair in self.programme.pieces)
        assert abs(self.sign * self.stated() - bound) <= self.objective_slip, ("gap", self.stated(), bound)
        assert abs(self.solution.objective - self.stated()) <= self.objective_slip
        for pair in self.programme.pieces:
            self.area_uses_its_best(pair)
            self.reduced_cost(pair)

    # Rows

    def row_is_kept(self, row: Row) -> None:
        slip = CLOSE * self.size(row)
        if row.strength.kind != "goal":
            assert shortfall(row, self.solution).total <= slip, (row.label, shortfall(row, self.solution))
        assert all(amount >= 0 for amount in self.solution.amounts.values())

    def row_price(self, row: Row, price: float) -> None:
        """An upper row's price is at least 0, a lower row's at most 0; a row with slack has none."""
        slip = self.price_slip / largest_coefficient(row)
        missed = shortfall(row, self.solution)
        if row.operator.upper:
            assert price >= -slip, (row.label, "at most", price)
        if row.operator.lower:
            assert price <= slip, (row.label, "at least", price)
        if row.strength.kind == "goal":
            self.goal_price(row, price, missed, slip)
        slack = abs(activity(row, self.solution) - float(row.bound))
        if row.operator is not Operator.EQUAL and not missed.total and slack > CLOSE * self.size(row):
            assert abs(price) <= slip, (row.label, "slack", slack, "and price", price)

    def goal_price(self, row: Row, price: float, missed: Shortfall, slip: float) -> None:
        """Missing a goal further by one unit gains no more than the held sum's price of that unit, and no less where
        it is missed.
        """
        unit = self.goal_prices[row.strength.priority] / float(row.divisor)
        slip += CLOSE * unit
        for amount, gain in ((missed.below, -price), (missed.above, price)):
            assert gain <= unit + slip, (row.label, gain, unit)
            if amount > CLOSE * self.size(row):
                assert gain >= unit - slip, (row.label, "missed by", amount, gain, unit)

    def goals_are_held(self) -> None:
        for priority, held in self.solution.goal_sums.items():
            goals = [row for row in self.programme.rows if row.strength.priority == priority]
            total = sum(shortfall(row, self.solution).total / float(row.divisor) for row in goals)
            slip = sum(CLOSE * self.size(row) / float(row.divisor) for row in goals)
            assert total <= held + slip, (priority, total, held)
            assert self.goal_prices[priority] >= -self.price_slip * min(float(row.divisor) for row in goals)

    # Objective

    def stated(self) -> float:
        """The objective of the plan, added up from the pieces."""
        total = float(self.programme.constant)
        for pair, pieces in self.programme.pieces.items():
            left = self.yearly[pair]
            for piece in pieces:
                part = left if piece.width is None else min(left, float(piece.width))
                total += float(piece.slope) * part
                left -= part
        return total

    def bound_of_rows(self) -> float:
        priced = sum(
            price * float(row.bound) for price, row in zip(self.prices, self.programme.rows, strict=True) if price
        )
        held = sum(price * self.solution.goal_sums[priority] for priority, price in self.goal_prices.items())
        return priced + held + self.sign * float(self.programme.constant)

    def cheapest(self, pair: tuple[str, int]) -> float:
        """What a unit of an area's money uses up, priced, from the source that serves the objective best."""
        area, year = pair
        return min(self.use[area, year, source] for source in self.programme.scenario.area[area].sources)

    def left_to_gain(self, pair: tuple[str, int]) -> float:
        """The most that an area's pieces bring beyond what their money uses up; the endless one brings nothing."""
        use = self.cheapest(pair)
        gains = [(self.sign * float(piece.slope) - use, piece.width) for piece in self.programme.pieces[pair]]
        assert all(gain <= self.price_slip for gain, width in gains if width is None), (pair, gains)
        return sum(max(0.0, gain) * float(width) for gain, width in gains if width is not None)

    def area_uses_its_best(self, pair: tuple[str, int]) -> None:
        """What is paid comes from the cheapest source; pieces are full where they gain, empty where they lose."""
        area, year = pair
        use, tiny = self.cheapest(pair), CLOSE * self.money
        for source in self.programme.scenario.area[area].sources:
            if self.solution.amounts[area, year, source] > tiny:
                assert self.use[area, year, source] <= use + self.price_slip, (pair, source)
        begin, yearly = 0.0, self.yearly[pair]
        for piece in self.programme.pieces[pair]:
            gain = self.sign * float(piece.slope) - use
            end = math.inf if piece.width is None else begin + float(piece.width)
            if yearly < end - tiny:
                assert gain <= self.price_slip, (pair, piece, gain)
            if yearly > begin + tiny:
                assert gain >= -self.price_slip, (pair, piece, gain)
            begin = end

    def reduced_cost(self, pair: tuple[str, int]) -> None:
        """Forced up, an amount without limits of its own gains nothing; one inside its piece loses nothing either."""
        prices = Prices(self.programme, self.solution)
        reduced = self.sign * prices.reduced_cost(*pair, self.yearly[pair])
        own = [
            price
            for price, row in zip(self.prices, self.programme.rows, strict=True)
            if row.kind.of_area and row.subject == pair[0] and row.year == pair[1]
        ]
        if max(own, default=0.0) <= self.price_slip:
            assert reduced <= self.price_slip, (pair, reduced)
        if min(own, default=0.0) >= -self.price_slip and self.inside(pair):
            assert reduced >= -self.price_slip, (pair, reduced)

    def inside(self, pair: tuple[str, int]) -> bool:
        """Whether a yearly amount lies between the ends of a piece."""
        begin, yearly, tiny = 0.0, self.yearly[pair], CLOSE * self.money
        for piece in self.programme.pieces[pair]:
            end = math.inf if piece.width is None else begin + float(piece.width)
            if begin + tiny < yearly < end - tiny:
                return True
            begin = end
        return False
