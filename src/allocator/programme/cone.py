"""What the optimum gains at once when something moves: true one-sided derivatives, degenerate or not.

Only what is tight in the plan shown can stand in the way of a small move. The directions in which the plan can move
form a cone: tight rows and bounds with right-hand sides of zero, the others left out. The cheapest of them, when the
right-hand sides in question grow by one, is the derivative of the optimum; by duality it is the extreme of that price
over all optimal prices (A. C. Williams, Marginal values in linear programming, 1963; M. Akgül, A note on shadow prices
in linear programming, 1984). As all numbers but the direction are zero, nothing depends on how small a step is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocator.programme.attempts import DUAL
from allocator.programme.engine import STILL, Engine
from allocator.programme.optimum import Optimum, StagePrices, as_arrays
from allocator.programme.questions import Rows, Slope
from allocator.programme.session import Floats
from allocator.programme.status import Status
from allocator.programme.vertex import Exchange, Vertex

FEW = 64
"""Up to so many tight basic items what each follows is kept."""


@dataclass(frozen=True)
class FloatSlope(Slope):
    """With the prices that give it, in the model's units."""

    columns: Floats
    rows: Floats
    at_vertex: bool
    """Whether the prices are those of the vertex itself."""


class FloatCone:
    """The ways in which the plan shown can move, one solver for each stage, warm from question to question."""

    def __init__(self, optimum: Optimum) -> None:
        self.optimum = optimum
        self._stages: dict[int, _Directions] = {}
        self.last = len(optimum.stages)
        """The number of the last stage, the objective's."""

    def slope(self, direction: Rows, *, forced: Rows | None = None) -> FloatSlope | None:
        """Return the derivative of the objective along `direction`, or with columns `forced` to move."""
        columns, rows = self.optimum.units
        found = self._stage(self.last).slope(
            {row: float(growth) / rows[row] for row, growth in direction.items()},
            {column: float(growth) / columns[column] for column, growth in (forced or {}).items()},
        )
        if found is None:
            return None
        return FloatSlope(
            self.optimum.objective(found.value),
            dict(direction),
            lambda: found.move() * columns,
            found.columns,
            found.rows,
            found.at_vertex,
        )

    def slope_in_order(self, direction: Rows) -> FloatSlope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""
        rows = self.optimum.units[1]
        moved = dict(direction)
        for number, stage in enumerate(self.optimum.stages):
            found = self._stage(number).slope({row: float(growth) / rows[row] for row, growth in moved.items()}, {})
            if found is None:
                return None
            moved[stage.held] = Fraction(found.value * rows[stage.held])
        return self.slope(moved)

    @property
    def nondegenerate(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""
        return not len(self._stage(self.last).tight)

    def _stage(self, number: int) -> _Directions:
        if number not in self._stages:
            self._stages[number] = _Directions(self.optimum, self.optimum.stages[number:])
        return self._stages[number]


class _Unsure(Enum):
    """The basis alone doesn't tell."""

    UNSURE = "unsure"


UNSURE = _Unsure.UNSURE


class NoDerivativeError(ArithmeticError):
    """The solver found no derivative at an optimum."""


@dataclass(frozen=True)
class _Derivative:
    """A stage's, in the model's units."""

    value: float
    columns: Floats
    """The columns' duals: of the optimal prices that give this derivative."""
    rows: Floats
    move: Callable[[], Floats]
    at_vertex: bool = False


class _Directions:
    """One stage's cone in HiGHS."""

    def __init__(self, optimum: Optimum, stages: tuple[StagePrices, ...]) -> None:
        """`stages`: this one's and those after it, whose sums aren't held yet; empty for the last."""
        self.engine: Engine = optimum.engine.copy()
        self.at_lower, self.at_upper = (tight.copy() for tight in optimum.tight_columns)
        self.rows_lower, self.rows_upper = (tight.copy() for tight in optimum.tight_rows)
        later = [stage.held for stage in stages]
        self.rows_lower[later] = self.rows_upper[later] = False
        self.lower, self.upper = _zero_or_free(self.at_lower, self.at_upper)
        self.row_lower, self.row_upper = _zero_or_free(self.rows_lower, self.rows_upper)
        engine = self.engine
        engine.session.bound_columns(as_arrays(range(len(self.lower))), self.lower, self.upper)
        engine.session.bound_rows(as_arrays(range(len(self.row_lower))), self.row_lower, self.row_upper)
        if stages:
            engine.minimise(dict(enumerate(stages[0].cost)))
            engine.session.use(DUAL)
        else:
            engine.run()
        engine.lower, engine.upper = self.lower, self.upper
        engine.row_lower, engine.row_upper = self.row_lower, self.row_upper
        self.vertex = Vertex(engine)
        self._as_it_was = bool((np.sort(engine.basic) == np.sort(optimum.engine.basic)).all())
        self.tight = np.flatnonzero(np.isfinite(self.vertex.lower) | np.isfinite(self.vertex.upper))
        """Positions of basic items that are tight: where there are none, all prices are two-sided."""

    def slope(self, direction: Mapping[int, float], forced: Mapping[int, float]) -> _Derivative | None:
        rows = {row: growth for row, growth in direction.items() if self.rows_lower[row] or self.rows_upper[row]}
        size = max(map(abs, [*rows.values(), *forced.values()]), default=0.0)
        if not size:
            return self._known(0.0, lambda: np.zeros(len(self.lower)))
        found = self._unit_slope({r: g / size for r, g in rows.items()}, {c: v / size for c, v in forced.items()})
        if found is None:
            return None
        move = found.move
        return replace(found, value=found.value * size, move=lambda: move() * size)

    def _unit_slope(self, rows: Mapping[int, float], forced: Mapping[int, float]) -> _Derivative | None:
        """Return the slope of a direction whose largest part is 1."""
        known = self._at_vertex(rows, forced)
        if not isinstance(known, _Unsure):
            return known
        self._push(rows, forced)
        try:
            return self._solved()
        finally:
            self._push(dict.fromkeys(rows, 0.0), dict.fromkeys(forced))

    def _solved(self) -> _Derivative | None:
        status = self._solver.attempt()
        if status is Status.INFEASIBLE:
            return None
        if status is not Status.OPTIMAL:
            raise NoDerivativeError
        session = self._solver.session
        point = session.point()
        return _Derivative(session.objective, *session.duals(), lambda: point)

    @cached_property
    def _solver(self) -> Engine:
        """A solver that may turn to another basis; `vertex` keeps to its own."""
        return self.engine.copy()

    # What the basis knows

    def _at_vertex(self, rows: Mapping[int, float], forced: Mapping[int, float]) -> _Derivative | _Unsure | None:
        """Return the slope where the basis stays optimal for a small move, or one exchange makes it so."""
        if not forced:
            if not self._can_follow(rows, {}):
                return UNSURE
            value = sum(growth * float(self.engine.row_dual[row]) for row, growth in rows.items())
            return self._known(value, lambda: self.vertex.spread(self.vertex.change(rows)))
        if rows or len(forced) > 1:
            return UNSURE
        ((column, growth),) = forced.items()
        place = self.vertex.place_of_column(column)
        if place is not None:
            return self._exchanged(self.vertex.cheapest(place, growth))
        resting = Exchange(float(self.engine.column_dual[column]) * growth, column, growth)
        return self._exchanged(resting)

    def _exchanged(self, exchange: Exchange | None) -> _Derivative | _Unsure | None:
        """Return the slope where one item at rest moves, if all that is tight allows it; None: nothing can move."""
        if exchange is None:
            return None
        row = exchange.entering - len(self.lower)
        moved = ({row: exchange.growth}, {}) if row >= 0 else ({}, {exchange.entering: exchange.growth})
        if not self._can_follow(*moved):
            return UNSURE
        return self._known(exchange.price, lambda: self.vertex.entered(exchange)[1])

    def _can_follow(self, rows: Mapping[int, float], columns: Mapping[int, float]) -> bool:
        """Whether the tight basic items stay within their bounds as right-hand sides and resting columns grow."""
        if not len(self.tight):
            return True
        if self._responses is not None:
            by_columns, by_rows = self._responses
            change = np.zeros(len(self.tight))
            for row, growth in rows.items():
                place = self.vertex.place_of_row(row)
                change += by_rows[:, row] * growth if place is None else np.where(self.tight == place, -growth, 0.0)
            for column, growth in columns.items():
                change += by_columns[:, column] * growth
        elif rows:
            change = self.vertex.change(rows)[self.tight]
        else:
            ((column, growth),) = columns.items()
            change = self.vertex.following(column, growth)[self.tight]
        rises = (change > STILL) & np.isfinite(self.vertex.upper[self.tight])
        falls = (change < -STILL) & np.isfinite(self.vertex.lower[self.tight])
        return not (rises | falls).any()

    @cached_property
    def _responses(self) -> tuple[Floats, Floats] | None:
        """How the tight basic items follow each column and row; None where they are too many to keep that."""
        if len(self.tight) > FEW:
            return None
        found = [self.vertex.responses(int(place)) for place in self.tight]
        return np.array([columns for columns, _ in found]), np.array([rows for _, rows in found])

    def _known(self, value: float, move: Callable[[], Floats]) -> _Derivative:
        return _Derivative(value, self.engine.column_dual, self.engine.row_dual, move, at_vertex=self._as_it_was)

    def _push(self, rows: Mapping[int, float], columns: Mapping[int, float | None]) -> None:
        if rows:
            at = as_arrays(rows)
            growth = np.fromiter(rows.values(), dtype=np.float64)
            self._solver.session.bound_rows(at, self.row_lower[at] + growth, self.row_upper[at] + growth)
        for column, value in columns.items():
            low = self.lower[column] if value is None else value
            high = self.upper[column] if value is None else value
            self._solver.session.bound_column(column, low, high)


def _zero_or_free(at_lower: np.ndarray, at_upper: np.ndarray) -> tuple[Floats, Floats]:
    return np.where(at_lower, 0.0, -np.inf), np.where(at_upper, 0.0, np.inf)
