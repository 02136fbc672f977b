"""What the basis of an optimal vertex knows without another solve: who follows when something moves, and how far.

Positions count as in the solver's list of basic items. A nonbasic item moves *away* from the bound it rests on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from allocator.programme.engine import STILL, Engine
from allocator.programme.session import Floats


@dataclass(frozen=True)
class Leaving:
    """The basic item that first reaches a bound along a direction."""

    distance: float
    position: int
    rises: bool


@dataclass(frozen=True)
class Exchange:
    """A basic item moves because one at rest does."""

    price: float
    entering: int
    """The column, or the number of columns plus the row, that moves."""
    growth: float
    """By how much it grows; of a row, its right-hand side."""


class Vertex:
    """The basis of an engine, which nobody else moves."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._session = engine.session
        basic = engine.basic
        self.columns = basic >= 0
        column, row = np.where(self.columns, basic, 0), np.where(self.columns, 0, -1 - basic)
        self.column, self.row = column, row
        self.values = np.where(self.columns, engine.x[column], engine.activity[row])
        self.lower = np.where(self.columns, engine.lower[column], engine.row_lower[row])
        self.upper = np.where(self.columns, engine.upper[column], engine.row_upper[row])
        # a basic row stands in the basis with the opposite sign of its activity
        self._sign = np.where(self.columns, 1.0, -1.0)
        self._place: dict[int, int] = {int(item): position for position, item in enumerate(basic)}
        self._away = _away(engine.x, engine.lower, engine.upper)
        self._away_rows = _away(engine.activity, engine.row_lower, engine.row_upper)
        self._free = np.isinf(engine.lower) & np.isinf(engine.upper)
        self._free_rows = np.isinf(engine.row_lower) & np.isinf(engine.row_upper)
        self.movable = engine.column_free & (engine.lower < engine.upper)
        self.movable_rows = engine.row_free & (engine.row_lower < engine.row_upper)

    def place_of_column(self, column: int) -> int | None:
        """Return the position of a basic column; None for one that rests."""
        return self._place.get(column)

    def place_of_row(self, row: int) -> int | None:
        """Return the position of a basic row; None for one that rests."""
        return self._place.get(-1 - row)

    def change(self, direction: Mapping[int, float]) -> Floats:
        """Return how basic items change against their bounds as right-hand sides grow along `direction`."""
        right = np.zeros(len(self.engine.activity))
        own = np.zeros(len(self.values))
        for row, growth in direction.items():
            place = self.place_of_row(row)
            if place is None:
                right[row] = growth
            else:  # it doesn't bind: only its own bounds move
                own[place] = growth
        if not right.any():
            return -own
        return self._followed(right) - own

    def following(self, column: int, growth: float) -> Floats:
        """Return how basic items change as a resting column grows."""
        right = np.zeros(len(self.engine.activity))
        rows, values = self._session.column(column)
        right[rows] = -growth * values
        return self._followed(right)

    def _followed(self, right: Floats) -> Floats:
        found: Floats = self._sign * self._session.solve_basis(right)
        return found

    def spread(self, change: Floats) -> Floats:
        """Return a change of the basic items as one of all columns; resting ones stay."""
        found = np.zeros(len(self.engine.x))
        found[self.column[self.columns]] = change[self.columns]
        return found

    def responses(self, position: int) -> tuple[Floats, Floats]:
        """Return how a basic item changes as each resting column, and each resting row's right-hand side, grows."""
        columns, rows = self._session.tableau_row(position)
        sign = self._sign[position]
        return np.where(self.engine.column_free, -sign * columns, 0.0), np.where(self.engine.row_free, sign * rows, 0.0)

    def effects(self, position: int) -> tuple[Floats, Floats]:
        """Return how a basic item changes as each resting column, and each resting row, moves away by one."""
        columns, rows = self.responses(position)
        return np.where(self.movable, columns * self._away, 0.0), np.where(
            self.movable_rows, rows * self._away_rows, 0.0
        )

    def first_to_leave(self, change: Floats) -> Leaving | None:
        """Return which basic item first reaches a bound when all change by `change`; None: none ever does."""
        still = STILL * max(1.0, float(np.abs(change).max(initial=0.0)))
        with np.errstate(invalid="ignore", divide="ignore"):
            up = np.where(change > still, (self.upper - self.values) / change, math.inf)
            down = np.where(change < -still, (self.lower - self.values) / change, math.inf)
        nearest = np.minimum(up, down)
        position = int(np.argmin(nearest)) if len(nearest) else 0
        if not len(nearest) or math.isinf(nearest[position]):
            return None
        return Leaving(max(0.0, float(nearest[position])), position, bool(change[position] > 0))

    def price_changes(self, leaving: Leaving) -> bool:
        """Whether prices surely change, or no plan exists, once an item that reached its bound would go beyond it."""
        by_columns, by_rows = self.effects(leaving.position)
        back = -1.0 if leaving.rises else 1.0
        free = self._ratio(by_columns * back, self.engine.column_dual, by_rows * back, self.engine.row_dual)
        return free is None or free > self.engine.zero()

    @staticmethod
    def _ratio(columns: Floats, column_dual: Floats, rows: Floats, row_dual: Floats) -> float | None:
        """Return the least price per unit of effect; None where nothing has an effect."""
        found = [
            np.abs(dual[helps]) / effect[helps]
            for effect, dual, helps in (
                (columns, column_dual, columns > STILL),
                (rows, row_dual, rows > STILL),
            )
        ]
        ratios = np.concatenate(found)
        return float(ratios.min()) if len(ratios) else None

    def cheapest(self, position: int, growth: float) -> Exchange | None:
        """Return the cheapest way to move a basic item: a resting one moves away, the others follow. None: no way."""
        columns, rows = self.responses(position)
        sign = 1.0 if growth > 0 else -1.0
        ratios = np.concatenate(
            [
                _ratios(columns, sign * self._away, self._free, self.movable, self.engine.column_dual),
                _ratios(rows, sign * self._away_rows, self._free_rows, self.movable_rows, self.engine.row_dual),
            ]
        )
        entering = int(np.argmin(ratios))
        if math.isinf(ratios[entering]):
            return None
        response = np.concatenate([columns, rows])[entering]
        return Exchange(float(ratios[entering]) * abs(growth), entering, growth / float(response))

    def entered(self, exchange: Exchange) -> tuple[Floats, Floats]:
        """Return how basic items and all columns change in an exchange."""
        count, entering = len(self.engine.x), exchange.entering
        if entering >= count:
            change = self.change({entering - count: exchange.growth})
            return change, self.spread(change)
        change = self.following(entering, exchange.growth)
        move = self.spread(change)
        move[entering] = exchange.growth
        return change, move


def _ratios(
    response: Floats, away: Floats, free: NDArray[np.bool_], movable: NDArray[np.bool_], dual: Floats
) -> Floats:
    """Return the price per unit of effect of each item that may move; inf for the others."""
    # what has no bound may move either way
    effect = np.where(free, np.abs(response), response * away)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(movable & (effect > STILL), np.abs(dual) / effect, math.inf)


def _away(values: Floats, lower: Floats, upper: Floats) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(values - lower) <= np.abs(values - upper), 1.0, -1.0)
