"""Prices as one vertex of the optimum has them: what each row charges each amount.

Signs: a shadow price is the change of the objective, as stated, per unit that the right-hand side grows; a reduced
cost is the change of the objective per unit that the amount is forced up.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from allocator.programme.build import Programme
from allocator.programme.rows import ZERO, Key, Piece, Row
from allocator.programme.solve import Solution

NOTHING = 1e-9
"""A price or reduced cost below this part of the largest coefficient (at least of 1e-9) is shown as 0."""


class Prices:
    """Looks prices up by row and amount."""

    def __init__(self, programme: Programme, solution: Solution) -> None:
        self.programme = programme
        self.solution = solution
        slopes = [abs(float(p.slope)) for pieces in programme.pieces.values() for p in pieces]
        self.small = NOTHING * max(slopes, default=1.0)
        self.used: dict[Key, list[tuple[int, Fraction]]] = {key: [] for key in programme.keys}
        """Amount → (row, what one unit of the amount uses up of it, priced), for rows with a price."""
        for index, (row, price) in enumerate(zip(programme.rows, solution.prices, strict=True)):
            if price:
                for key, coefficient in row.body.terms.items():
                    self.used[key].append((index, price * coefficient))

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
            coefficient - sum((use for index, use in self.used[key] if not self.own(index, area)), ZERO)
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
        return self.coefficient(*key.pair, yearly) == sum((use for _, use in self.used[key]), ZERO)

    def against(self, key: Key) -> list[tuple[Row, Fraction]]:
        """Return the rows whose price speaks against more of an amount, dearest first."""
        sign = 1 if self.programme.maximise else -1
        found = [(self.programme.rows[index], sign * use) for index, use in self.used[key]]
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
