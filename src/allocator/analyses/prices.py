"""Prices as one vertex of the optimum has them: what each row charges each amount.

Signs: a shadow price is the change of the objective, as stated, per unit that the right-hand side grows; a reduced
cost is the change of the objective per unit that the amount is forced up.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocator.programme.build import Programme
from allocator.programme.rows import Key, Piece, Row, RowKind
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
        self.used: dict[Key, list[tuple[int, float]]] = {key: [] for key in programme.keys}
        """Amount → (row, what one unit of the amount uses up of it, priced), for rows with a price."""
        for index, (row, price) in enumerate(zip(programme.rows, solution.prices, strict=True)):
            if price:
                for key, coefficient in row.body.terms.items():
                    self.used[key].append((index, price * float(coefficient)))

    def shown(self, price: float, size: float) -> float:
        """Return a row's price without the arithmetic's last bits; `size` is the row's largest coefficient."""
        return tidy(price) if abs(price) * size > self.small else 0.0

    def of_row(self, index: int) -> float | None:
        """Return a row's price at the vertex; None for one without amounts."""
        price = self.solution.prices[index]
        if price is None:
            return None
        size = max((abs(float(c)) for c in self.programme.rows[index].body.terms.values()), default=1.0)
        return self.shown(price, size)

    def coefficient(self, area: str, year: int, yearly: float) -> float:
        """Return the objective's coefficient for the next unit of money of an area at `yearly`."""
        return float(piece_at(self.programme.pieces[area, year], yearly).slope)

    def reduced_cost(self, area: str, year: int, yearly: float) -> float:
        """Return the coefficient less the priced use of all rows but the area's own limits, for the best source."""
        coefficient = self.coefficient(area, year, yearly)
        costs = [
            coefficient - sum(use for index, use in self.used[area, year, source] if not self.own(index, area))
            for source in self.programme.scenario.area[area].sources
        ]
        return self.tidied(max(costs) if self.programme.maximise else min(costs))

    def tidied(self, reduced: float) -> float:
        """Return a reduced cost without the last bits of the solver's arithmetic."""
        return tidy(reduced) if abs(reduced) > self.small else 0.0

    def own(self, index: int, area: str) -> bool:
        """Whether a row is one of the area's own limits."""
        row = self.programme.rows[index]
        return row.kind is RowKind.LIMIT and row.subject == area

    def idle(self, key: Key, yearly: float) -> bool:
        """Whether one more unit here would serve the objective as well as where it is now: only money is short."""
        slope = self.coefficient(key[0], key[1], yearly)
        return abs(slope - sum(use for _, use in self.used[key])) <= self.small

    def against(self, key: Key) -> list[tuple[Row, float]]:
        """Return the rows whose price speaks against more of an amount, dearest first."""
        sign = 1 if self.programme.maximise else -1
        found = [(self.programme.rows[index], sign * use) for index, use in self.used[key]]
        return sorted((pair for pair in found if pair[1] > self.small), key=lambda pair: -pair[1])


def piece_at(pieces: tuple[Piece, ...], yearly: float) -> Piece:
    """Return the piece in which the next unit falls; at a band's end the next, after the last one's the last."""
    end = Fraction(0)
    for piece in pieces:
        if piece.width is None:
            return piece
        end += piece.width
        if yearly < float(end) - 1e-9 * max(1.0, float(end)):
            return piece
    return pieces[-1]


def tidy(number: float) -> float:
    """Return a number without the last bits of the solver's arithmetic: 0.3 for 0.2999999999999998."""
    return float(f"{number:.12g}")


def unrounded_yearly(amounts: Mapping[Key, float]) -> dict[tuple[str, int], float]:
    """Return (area, year) → unrounded amount over all sources."""
    totals: dict[tuple[str, int], float] = {}
    for (area, year, _), amount in amounts.items():
        totals[area, year] = totals.get((area, year), 0.0) + amount
    return totals
