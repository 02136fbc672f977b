"""What the optimum gains at once when something moves: true one-sided derivatives, degenerate or not.

Only what is tight in the plan shown can stand in the way of a small move. The directions in which the plan can move
form a cone: tight rows and bounds with right-hand sides of zero, the others left out. The cheapest of them, when the
right-hand sides in question grow by one, is the derivative of the optimum; by duality it is the extreme of that price
over all optimal prices (A. C. Williams, Marginal values in linear programming, 1963; M. Akgül, A note on shadow prices
in linear programming, 1984). As all numbers but the direction are zero, nothing depends on how small a step is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator.programme.highs import Engine, Floats, Outcome
from allocator.programme.optimum import Optimum, Stage, as_arrays

STILL = 1e-9
"""A part of a direction below this doesn't move."""


@dataclass(frozen=True)
class Slope:
    """The derivative of a stage's objective along a direction of the solver's rows, in the model's units."""

    value: float
    columns: Floats
    """The columns' duals: of the optimal prices that give this derivative."""
    rows: Floats
    direction: Mapping[int, float]
    """The direction it belongs to, held sums of goals included."""
    move: Floats
    """How the plan moves along it."""


class Cone:
    """The ways in which the plan shown can move, one solver for each stage, warm from question to question."""

    def __init__(self, optimum: Optimum) -> None:
        self.optimum = optimum
        self._stages: dict[int, _Directions] = {}
        self.last = len(optimum.stages)
        """The number of the last stage, the objective's."""

    def slope(self, direction: Mapping[int, float], *, forced: Mapping[int, float] | None = None) -> Slope | None:
        """Return the derivative of the last programme along `direction`; None where no plan exists that way.

        `direction` is of the solver's rows; `forced` makes columns move by so much, whatever their bounds.
        """
        return self._stage(self.last).slope(direction, forced or {})

    def slope_in_order(self, direction: Mapping[int, float]) -> Slope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""
        moved = dict(direction)
        for number, stage in enumerate(self.optimum.stages):
            found = self._stage(number).slope(moved, {})
            if found is None:
                return None
            moved[stage.held] = found.value
        return self.slope(moved)

    @property
    def pointed(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""
        return self._stage(self.last).pointed

    def _stage(self, number: int) -> _Directions:
        if number not in self._stages:
            self._stages[number] = _Directions(self.optimum, self.optimum.stages[number:])
        return self._stages[number]


class _Directions:
    """One stage's cone in HiGHS."""

    def __init__(self, optimum: Optimum, stages: tuple[Stage, ...]) -> None:
        """`stages`: this one's and those after it, whose sums aren't held yet; empty for the last."""
        self.engine: Engine = optimum.engine.copy()
        self.at_lower, self.at_upper = (tight.copy() for tight in optimum.tight_columns)
        self.rows_lower, self.rows_upper = (tight.copy() for tight in optimum.tight_rows)
        later = [stage.held for stage in stages]
        self.rows_lower[later] = self.rows_upper[later] = False
        self.lower, self.upper = _zero_or_free(self.at_lower, self.at_upper)
        self.row_lower, self.row_upper = _zero_or_free(self.rows_lower, self.rows_upper)
        engine = self.engine
        engine.bound_columns(as_arrays(range(len(self.lower))), self.lower, self.upper)
        engine.bound_rows(as_arrays(range(len(self.row_lower))), self.row_lower, self.row_upper)
        if stages:
            engine.minimise(dict(enumerate(stages[0].cost)))
            engine.highs.setOptionValue("simplex_strategy", 1)
        else:
            engine.run()

    @property
    def pointed(self) -> bool:
        basic = self.engine.basic
        columns, rows = basic[basic >= 0], -1 - basic[basic < 0]
        return not ((self.at_lower | self.at_upper)[columns].any() or (self.rows_lower | self.rows_upper)[rows].any())

    def slope(self, direction: Mapping[int, float], forced: Mapping[int, float]) -> Slope | None:
        rows = {row: growth for row, growth in direction.items() if self.rows_lower[row] or self.rows_upper[row]}
        size = max(map(abs, [*rows.values(), *forced.values()]), default=0.0)
        if not size:
            engine = self.engine
            return Slope(0.0, engine.column_dual, engine.row_dual, dict(direction), np.zeros(len(self.lower)))
        self._push({row: growth / size for row, growth in rows.items()}, {c: v / size for c, v in forced.items()})
        outcome = self.engine.attempt()
        if outcome is Outcome.INFEASIBLE:
            found = None
        elif outcome is Outcome.OPTIMAL:
            columns, duals = self.engine.duals()
            value = float(self.engine.highs.getObjectiveValue()) * size
            found = Slope(value, columns, duals, dict(direction), self.engine.point() * size)
        else:
            raise ArithmeticError("the solver found no derivative at an optimum")
        self._push(dict.fromkeys(rows, 0.0), None if not forced else dict.fromkeys(forced))
        return found

    def _push(self, rows: Mapping[int, float], columns: Mapping[int, float | None] | None) -> None:
        if rows:
            at = as_arrays(rows)
            growth = np.fromiter(rows.values(), dtype=np.float64)
            self.engine.bound_rows(at, self.row_lower[at] + growth, self.row_upper[at] + growth)
        for column, value in (columns or {}).items():
            low = self.lower[column] if value is None else value
            high = self.upper[column] if value is None else value
            self.engine.highs.changeColBounds(column, low, high)


def _zero_or_free(at_lower: np.ndarray, at_upper: np.ndarray) -> tuple[Floats, Floats]:
    return np.where(at_lower, 0.0, -np.inf), np.where(at_upper, 0.0, np.inf)
