"""The optimum kept in the solver, and the names and units in which it is questioned.

A question is a *direction*: right-hand sides of rows that move together, each by so much per unit of what is asked
about. `Cone` answers what the optimum gains at once, `Face` how far that lasts and what is free meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.programme.decision import Decision, Units
from allocator.programme.engine import Engine
from allocator.programme.questions import AtZero, BandEnds, GoalTurns, RowBinds, Stop
from allocator.programme.rows import Key, Piece
from allocator.programme.scaled import ScaledMatrix
from allocator.programme.session import Floats
from allocator.programme.simplex import Bound

MOST_WORK, MOST_WORK_IF_WIDE = 2 * 10**4, 10**6
"""Each of so many questions (one for each row and column) looks at every coefficient: up to so much work in all they
are answered in fractions. The larger bound is for programmes in which floating-point numbers may lose the small ones;
without them fractions give the same figures (to 12 digits) some twenty times as slowly."""

type Tight = tuple[NDArray[np.bool_], NDArray[np.bool_]]

type Direction = Mapping[int, Fraction]
"""Index in `Programme.rows` → growth of that row's right-hand side, in its own unit, per unit of the question."""


@dataclass(frozen=True)
class StagePrices:
    """A sum of shortfalls that was made least before the objective was sought."""

    cost: Floats
    held: int
    """The row that holds it at its least."""
    column_dual: Floats
    row_dual: Floats
    """Its optimal prices: what they are not zero for stays tight in all that follows."""


@dataclass
class Optimum:
    """The last programme at an optimal vertex, and the plan that was chosen among the optimal ones."""

    model: ScaledMatrix
    engine: Engine
    """At a vertex; nobody changes it, each question works on a copy."""
    decision: Decision
    """The exact optima of all stages."""
    values: Sequence[Fraction]
    """The plan shown, column by column and then row by row, in the workbook's units."""
    exact_units: Units

    @cached_property
    def small(self) -> bool:
        """Whether it is questioned in fractions."""
        matrix = self.decision.matrix
        work = matrix.entries * (len(matrix.columns) + len(matrix.rows))
        return work <= (MOST_WORK_IF_WIDE if matrix.wide else MOST_WORK)

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.decision.form.columns)

    @cached_property
    def tight_columns(self) -> Tight:
        """The columns at their lower and at their upper bound in the plan shown, exactly."""
        form = self.decision.form
        return _tight(self.values[: self.width], form.lower, form.upper)

    @cached_property
    def tight_rows(self) -> Tight:
        """The rows at their lower and at their upper end."""
        form = self.decision.form
        return _tight(self.values[self.width :], form.row_lower, form.row_upper)

    @cached_property
    def stages(self) -> tuple[StagePrices, ...]:
        """What was made least before, in the model's units."""
        columns, rows = self.units
        found = []
        for priority, stage in zip(self.decision.held, self.decision.stages, strict=False):
            held = self.decision.held[priority]
            cost = np.zeros(len(columns))
            for at, each in stage.costs.items():
                cost[at] = float(each) * columns[at] / rows[held]
            reduced = np.array([float(worth) for worth in stage.vertex.reduced]) * columns / rows[held]
            prices = np.zeros(len(rows))
            for at, price in stage.vertex.prices.items():
                prices[at] = float(price) * rows[at] / rows[held]
            found.append(StagePrices(cost, held, reduced, prices))
        return tuple(found)

    @cached_property
    def amounts(self) -> Mapping[Key, int]:
        """The columns of the amounts."""
        return {key: at for at, key in enumerate(self.model.programme.keys)}

    @cached_property
    def pieces(self) -> Mapping[tuple[str, int], list[tuple[Piece, int]]]:
        """The columns of the pieces, of the areas and years that have some."""
        matrix = self.model.matrix
        return {pair: list(zip(matrix.split[pair], columns, strict=True)) for pair, columns in matrix.pieces.items()}

    @property
    def rows(self) -> Sequence[int | None]:
        """For each of the programme's rows where it stands in the solver; None for one without amounts."""
        return self.model.matrix.row_at

    @property
    def goal_rows(self) -> Mapping[int, int]:
        """Priority → the row that holds its sum of shortfalls."""
        return self.decision.held

    def margin_column(self, area: str, year: int) -> int:
        """Return the column whose coefficient is in force for the next unit of an area's yearly amount."""
        if pieces := self.pieces.get((area, year)):
            at_end = self.tight_columns[1]
            return next((column for _, column in pieces if not at_end[column]), pieces[-1][1])
        return self.amounts[self.model.programme.keys_of[area, year][0]]

    # Units

    def at(self, direction: Direction) -> dict[int, Fraction]:
        """Return a direction as rows of the solver."""
        found = {self.rows[index]: growth for index, growth in direction.items() if growth}
        return {row: growth for row, growth in found.items() if row is not None}

    def objective(self, value: float) -> float:
        """Return a change of the model's objective as a change of the stated one."""
        return self.model.objective_scale * value + 0.0

    @cached_property
    def units(self) -> tuple[Floats, Floats]:
        """How much of the workbook's unit one of the solver's columns, and of its rows, is."""
        columns, rows = self.exact_units
        return np.array([float(unit) for unit in columns]), np.array([float(unit) for unit in rows])

    # What ends a direction

    def row_stop(self, row: int) -> Stop | None:
        """Return that a row of the solver binds; None for one that only adds up."""
        return self._row_stops.get(row)

    @cached_property
    def _row_stops(self) -> Mapping[int, Stop]:
        rows = self.model.programme.rows
        stops: dict[int, Stop] = {
            at: RowBinds(row.label) for at, row in zip(self.rows, rows, strict=True) if at is not None
        }
        return stops | {at: RowBinds(f"Goal {priority}") for priority, at in self.goal_rows.items()}

    def column_stop(self, column: int, *, upper: bool) -> Stop | None:
        """Return what it means that a column is at its lower, or its upper, bound."""
        if column in self._amount_stops:
            return self._amount_stops[column]
        if column in self._piece_stops:
            start, end = self._piece_stops[column]
            return end if upper else start
        return self._shortfall_stops.get(column)

    @cached_property
    def _amount_stops(self) -> Mapping[int, Stop]:
        keys_of = self.model.programme.keys_of
        return {
            column: AtZero(*key.pair, key.source if len(keys_of[key.pair]) > 1 else None)
            for key, column in self.amounts.items()
        }

    @cached_property
    def _piece_stops(self) -> Mapping[int, tuple[Stop, Stop]]:
        stops: dict[int, tuple[Stop, Stop]] = {}
        for (area, year), pieces in self.pieces.items():
            for piece, column in pieces:
                start = BandEnds(area, year, piece.number - 1) if piece.number > 1 else AtZero(area, year)
                stops[column] = (start, BandEnds(area, year, piece.number))
        return stops

    @cached_property
    def _shortfall_stops(self) -> Mapping[int, Stop]:
        rows = self.model.programme.rows
        return {
            column: GoalTurns(rows[index].label)
            for index, columns in self.model.matrix.shortfalls.items()
            for column in columns
        }


def as_arrays(numbers: Iterable[int]) -> NDArray[np.int32]:
    """Return column or row numbers as HiGHS takes them."""
    return np.fromiter(numbers, dtype=np.int32)


def _tight(values: Sequence[Fraction], lower: Sequence[Bound], upper: Sequence[Bound]) -> Tight:
    """Return which values are at their lower, and which at their upper end."""
    at_lower = [value == bound for value, bound in zip(values, lower, strict=True)]
    at_upper = [value == bound for value, bound in zip(values, upper, strict=True)]
    return np.array(at_lower, dtype=np.bool_), np.array(at_upper, dtype=np.bool_)
