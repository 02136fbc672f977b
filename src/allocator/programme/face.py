"""How far a price holds, and what is free meanwhile: linear programmes over the optimal plans.

A plan is optimal exactly where it is complementary to optimal prices: what has a price stays at its bound. Along a
direction those prices stay optimal as long as some plan with the moved right-hand sides is complementary to them, so
the end of a price's range is one linear programme, and no chain of bases can mislead it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.programme.attempts import PRIMAL
from allocator.programme.cone import FloatSlope
from allocator.programme.engine import Engine
from allocator.programme.optimum import Optimum, as_arrays
from allocator.programme.questions import RangeEnd, Reach, Rows, Slope, Stop
from allocator.programme.rows import ZERO
from allocator.programme.session import Floats
from allocator.programme.status import Status
from allocator.programme.vertex import Vertex

FAR = 1e9
"""In the model's units, where a year's money is at most 1e6: what lies farther is no limit."""


class NoOptimalPlanError(ArithmeticError):
    """The solver found no plan among the optimal ones."""


class FloatRegion:
    """A set of plans in HiGHS, of which least and most values are asked."""

    def __init__(self, engine: Engine, money: float) -> None:
        self.engine, self._money = engine, money
        self.session = engine.session
        self.session.use(PRIMAL)
        self._count = self.session.width
        self.session.seek(np.zeros(self._count))

    def span(self, terms: Mapping[int, Fraction]) -> tuple[float, float]:
        """Return the least and the most of Σ coefficient · column over the region."""
        return self.least(terms, 1) * self._money, -self.least(terms, -1) * self._money

    def least(self, terms: Mapping[int, Fraction], sign: int) -> float:
        """Return the least of Σ sign · coefficient · column, in the model's units."""
        costs = np.zeros(self._count)
        for column, coefficient in terms.items():
            costs[column] = sign * float(coefficient)
        self.session.seek(costs)
        return self.session.objective + 0.0 if self._has_end() else -math.inf

    def _has_end(self) -> bool:
        """Solve; whether what is sought has a least value."""
        status = self.engine.attempt()
        if status not in (Status.UNBOUNDED, Status.OPTIMAL):
            raise NoOptimalPlanError
        return status is Status.OPTIMAL


def near_plans(optimum: Optimum, part: float) -> FloatRegion:
    """Return all plans whose objective is worse by at most `part` of its size (goals held as they are)."""
    engine = optimum.engine.copy()
    terms = {int(column): float(engine.cost[column]) for column in np.flatnonzero(engine.cost)}
    found = float(engine.cost @ engine.x)
    stated = optimum.objective(found) + float(optimum.model.programme.constant)
    allowed = found + abs(stated / optimum.model.objective_scale) * part
    engine.session.add_rows([(terms, -math.inf, allowed)])
    return FloatRegion(engine, optimum.model.money)


class FloatFace(FloatRegion):
    """The optimal plans, and how far directions lead while given prices stay optimal."""

    def __init__(self, optimum: Optimum, *, thorough: bool = True) -> None:
        """Without `thorough` no programme is solved where the basis alone doesn't tell how far a price holds."""
        self.optimum = optimum
        self._thorough = thorough
        self._vertex = Vertex(optimum.engine)
        source = optimum.engine
        engine = source.copy()
        engine.session.add_columns([0.0])
        super().__init__(engine, optimum.model.money)
        self._step = self._count - 1
        """The column of how far the direction is followed."""
        self._bounds = [source.lower.copy(), source.upper.copy(), source.row_lower.copy(), source.row_upper.copy()]
        self._own = self._held(*source.priced())
        self._fixed = self._own[0] == self._own[1]
        self._hold(self._own)
        self._basis = engine.session.basis()
        self.single = source.unique()
        """Whether the optimal plan is the only one."""

    def span(self, terms: Mapping[int, Fraction]) -> tuple[float, float]:
        """Return the least and the most of Σ coefficient · column over the optimal plans."""
        if self.single or all(self._fixed[column] for column in terms):
            value = float(sum((c * self.optimum.values[column] for column, c in terms.items()), ZERO))
            return value, value
        self._hold(self._own)
        return super().span(terms)

    def holds_still(self, area: str, year: int, *, whole: bool) -> bool:
        """Whether an area's amounts of a year (with `whole`: at least their sum) are the same in all optimal plans."""
        if self.single:
            return True
        optimum, fixed = self.optimum, self._fixed
        keys = optimum.model.programme.keys_of[area, year]
        if whole or len(keys) == 1:
            pieces = optimum.pieces.get((area, year))
            if pieces and all(fixed[column] for _, column in pieces):
                return True
        return all(fixed[optimum.amounts[key]] for key in keys)

    def reach(self, direction: Rows, slope: Slope | None = None) -> Reach:
        """Return how far `direction` goes while the prices of `slope` stay (None: those of the vertex)."""
        assert slope is None or isinstance(slope, FloatSlope)  # noqa: S101 - asked of a cone of the same kind
        units = self.optimum.units[1]
        return self._reach({row: float(growth) / units[row] for row, growth in direction.items()}, slope)

    def _reach(self, direction: Mapping[int, float], slope: FloatSlope | None) -> Reach:
        size = max(map(abs, direction.values()), default=0.0)
        if not size:
            return Reach(math.inf)
        if slope is None or slope.at_vertex:
            known = self._at_vertex({row: growth / size for row, growth in direction.items()})
            if known.exact or not self._thorough:
                return Reach(known.distance / size, known.stops, known.exact)
            slope = None
        self._hold(self._own if slope is None else self._held_by(slope))
        session, step = self.session, self._step
        for row, growth in direction.items():
            session.set_entry(row, step, -growth / size)
        session.bound_column(step, 0.0, math.inf)
        costs = np.zeros(self._count)
        costs[step] = -1.0
        session.seek(costs)
        session.start_from(self._basis)
        try:
            distance = max(0.0, -session.objective) if self._has_end() else math.inf
            return Reach(math.inf) if distance > FAR else Reach(distance / size, self._stops(direction))
        finally:
            for row in direction:
                session.set_entry(row, step, 0.0)
            session.bound_column(step, 0.0, 0.0)
            session.start_from(self._basis)

    def _at_vertex(self, direction: Mapping[int, float]) -> Reach:
        """Return how far the basis stays optimal; exact where the price surely changes there."""
        leaving = self._vertex.first_to_leave(self._vertex.change(direction))
        if leaving is None or leaving.distance > FAR:
            return Reach(math.inf)
        exact = self._thorough and self._vertex.price_changes(leaving)
        if self._vertex.columns[leaving.position]:
            stop = self.optimum.column_stop(int(self._vertex.column[leaving.position]), upper=leaving.rises)
        else:
            row = int(self._vertex.row[leaving.position])
            stop = RangeEnd.BEGINS if row in direction else self.optimum.row_stop(row)
        return Reach(leaving.distance, stop, exact)

    # What prices hold

    def _held_by(self, slope: FloatSlope) -> list[Floats]:
        zero = self.optimum.engine.zero()
        return self._held(np.abs(slope.columns) > zero, np.abs(slope.rows) > zero)

    def _held(self, columns: NDArray[np.bool_], rows: NDArray[np.bool_]) -> list[Floats]:
        """Return the bounds of columns and rows where those that have a price stay as they are at the vertex.

        There they lie on their bounds but for the last digits, with which the vertex is sure to be feasible.
        """
        source = self.optimum.engine
        return [
            np.where(columns, source.x, source.lower),
            np.where(columns, source.x, source.upper),
            np.where(rows, source.activity, source.row_lower),
            np.where(rows, source.activity, source.row_upper),
        ]

    def _hold(self, bounds: list[Floats]) -> None:
        """Send HiGHS the bounds that differ from those it has."""
        for first, send in ((0, self.session.bound_columns), (2, self.session.bound_rows)):
            low, high = bounds[first], bounds[first + 1]
            changed = np.flatnonzero((low != self._bounds[first]) | (high != self._bounds[first + 1]))
            if len(changed):
                send(as_arrays(changed), low[changed], high[changed])
        self._bounds = bounds

    def _stops(self, direction: Mapping[int, float]) -> Stop | None:
        """Return what ends the way: of all that is not held, what speaks most against another step."""
        columns, rows = self.session.duals()
        low, high, row_low, row_high = self._bounds
        columns = np.where(low < high, np.abs(columns[: len(low)]), 0.0)
        rows = np.where(row_low < row_high, np.abs(rows), 0.0)
        for _, kind, number in sorted(
            [(-columns[c], 1, c) for c in np.flatnonzero(columns > 1e-9)]
            + [(-rows[r], 0, r) for r in np.flatnonzero(rows > 1e-9)]
        ):
            if kind == 0 and int(number) in direction:
                return RangeEnd.BEGINS
            stop = self._column_stop(int(number)) if kind else self.optimum.row_stop(int(number))
            if stop:
                return stop
        return None

    def _column_stop(self, column: int) -> Stop | None:
        point = self.session.point()[column]
        source = self.optimum.engine
        nearer_upper = abs(point - source.upper[column]) < abs(point - source.lower[column])
        return self.optimum.column_stop(column, upper=bool(nearer_upper))
