"""Prices, reduced costs and ranges at the unrounded optimum, as the solver gives them.

Signs: a shadow price is the change of the objective, as stated, per unit that the right-hand side grows; a reduced
cost is the change of the objective per unit that the amount is forced up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.programme.build import Piece, Programme
from allocator.programme.rows import Key, Row, RowKind
from allocator.programme.solve import Solution

NOTHING = 1e-9
"""A price or reduced cost below this part of the largest coefficient (at least of 1e-9) is shown as 0."""


@dataclass(frozen=True)
class AreaPrice:
    """What the optimum says of an area's yearly amount."""

    coefficient: float
    reduced_cost: float
    increase: float | None
    decrease: float | None


class Prices:
    """Looks prices up by row and amount."""

    def __init__(self, programme: Programme, solution: Solution) -> None:
        self.programme = programme
        self.solution = solution
        slopes = [abs(float(p.slope)) for pieces in programme.pieces.values() for p in pieces]
        self._small = NOTHING * max(slopes, default=1.0)
        self.used: dict[Key, list[tuple[int, float]]] = {key: [] for key in programme.keys}
        """Amount → (row, what one unit of the amount uses up of it, priced), for rows with a price."""
        for index, (row, price) in enumerate(zip(programme.rows, solution.prices, strict=True)):
            if price:
                for key, coefficient in row.body.terms.items():
                    self.used[key].append((index, price * float(coefficient)))

    def of_row(self, index: int) -> float | None:
        """Return a row's shadow price; None for one without amounts."""
        price = self.solution.prices[index]
        if price is None:
            return None
        row = self.programme.rows[index]
        size = max((abs(float(c)) for c in row.body.terms.values()), default=1.0)
        return _tidy(price) if abs(price) * size > self._small else 0.0

    def row_range(self, index: int) -> tuple[float | None, float | None]:
        """Return allowable increase and decrease of a row's right-hand side; None where not known."""
        ranges = self.solution.row_ranges
        found = ranges[index] if ranges else None
        if found is None:
            return None, None
        bound = float(self.programme.rows[index].bound)
        return _up(found[1], bound), _up(bound, found[0])

    def of_area(self, area: str, year: int, yearly: float) -> AreaPrice:
        """Return an area's coefficient in force at `yearly`, its reduced cost and range.

        The coefficient is that of the next unit of money; the reduced cost is it less the priced use of all rows
        but the area's own limits, for the source that serves the objective best.
        """
        piece = piece_at(self.programme.pieces[area, year], yearly)
        coefficient = float(piece.slope)
        costs = [
            coefficient - sum(use for index, use in self.used[area, year, source] if not self._own(index, area))
            for source in self.programme.scenario.area[area].sources
        ]
        reduced = max(costs) if self.programme.maximise else min(costs)
        low, high = self.solution.cost_ranges.get((area, year), (None, None))
        return AreaPrice(
            coefficient,
            _tidy(reduced) if abs(reduced) > self._small else 0.0,
            None if high is None else _up(high, coefficient),
            None if low is None else _up(coefficient, low),
        )

    def _own(self, index: int, area: str) -> bool:
        row = self.programme.rows[index]
        return row.kind is RowKind.LIMIT and row.subject == area

    def idle(self, key: Key, yearly: float) -> bool:
        """Whether one more unit here would serve the objective as well as where it is now: only money is short."""
        slope = float(piece_at(self.programme.pieces[key[0], key[1]], yearly).slope)
        return abs(slope - sum(use for _, use in self.used[key])) <= self._small

    def against(self, key: Key) -> list[tuple[Row, float]]:
        """Return the rows whose price speaks against more of an amount, dearest first."""
        sign = 1 if self.programme.maximise else -1
        found = [(self.programme.rows[index], sign * use) for index, use in self.used[key]]
        return sorted((pair for pair in found if pair[1] > self._small), key=lambda pair: -pair[1])


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


def _up(high: float, low: float) -> float:
    """Return how far it is from `low` up to `high`; no less than 0, `inf` where there is no end."""
    return math.inf if math.isinf(high) or math.isinf(low) or high - low > 1e29 else _tidy(max(0.0, high - low))


def _tidy(number: float) -> float:
    """Return a number without the last bits of the solver's arithmetic: 0.3 for 0.2999999999999998."""
    return float(f"{number:.12g}")


def unrounded_yearly(amounts: Mapping[Key, float]) -> dict[tuple[str, int], float]:
    """Return (area, year) → unrounded amount over all sources."""
    totals: dict[tuple[str, int], float] = {}
    for (area, year, _), amount in amounts.items():
        totals[area, year] = totals.get((area, year), 0.0) + amount
    return totals
