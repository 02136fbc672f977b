"""The optimum kept in the solver, and the names and units in which it is questioned.

A question is a *direction*: right-hand sides of rows that move together, each by so much per unit of what is asked
about. `Cone` answers what the optimum gains at once, `Face` how far that lasts and what is free meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.programme.highs import Engine, Floats
from allocator.programme.model import Model
from allocator.programme.rows import Key, Linear, Piece

AT_BOUND = 1e-9
"""A value within this part of a bound's size (at least of 1) lies on it; ten times the tolerance of the solve."""

LEAK = 1e4
"""A held sum of goals is exceeded by 1e-12 of it, which may do a thousand times as much to a value; but where the sum
is larger than this, not all of it is about money."""

type Direction = Mapping[int, float]
"""Index in `Programme.rows` → growth of that row's right-hand side, in its own unit, per unit of the question."""


@dataclass(frozen=True)
class HeldSum:
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

    model: Model
    engine: Engine
    """At a vertex; nobody changes it, each question works on a copy."""
    x: Floats
    """The plan shown, column by column, in the model's units."""
    activity: Floats
    column: Mapping[int, int]
    """Variable's id → column."""
    row: Mapping[str, int]
    """Constraint's name → row."""
    stages: tuple[HeldSum, ...]

    @cached_property
    def amounts(self) -> Mapping[Key, int]:
        """The columns of the amounts."""
        return {key: self.column[variable.id] for key, variable in self.model.amounts.items()}

    @cached_property
    def pieces(self) -> Mapping[tuple[str, int], list[tuple[Piece, int]]]:
        """The columns of the pieces, of the areas and years that have some."""
        return {pair: [(p, self.column[v.id]) for p, v in found] for pair, found in self.model.pieces.items()}

    @cached_property
    def rows(self) -> list[int | None]:
        """For each of the programme's rows where it stands in the solver; None for one without amounts."""
        return [None if name is None else self.row[name] for name in self.model.row_of]

    @cached_property
    def goal_rows(self) -> Mapping[int, int]:
        """Priority → the row that holds its sum of shortfalls (of the heaviest of them)."""
        return {priority: self.row[name] for priority, name in self.model.goal_rows.items()}

    def margin_column(self, area: str, year: int) -> int:
        """Return the column whose coefficient is in force for the next unit of an area's yearly amount."""
        if pieces := self.pieces.get((area, year)):
            at_end = self.tight_columns[1]
            return next((column for _, column in pieces if not at_end[column]), pieces[-1][1])
        return self.amounts[area, year, self.model.programme.scenario.area[area].sources[0]]

    # Units

    def in_model(self, direction: Direction) -> dict[int, float]:
        """Return a direction of the solver's rows, in their units, per unit of the question."""
        found = {}
        for index, growth in direction.items():
            if (row := self.rows[index]) is not None and growth:
                found[row] = growth / self.model.row_scale[index]
        return found

    def objective(self, value: float) -> float:
        """Return a change of the model's objective as a change of the stated one."""
        return self.model.objective_scale * value + 0.0

    def terms(self, linear: Linear) -> dict[int, float]:
        """Return a sum of amounts as columns; one unit of the model's money in each counts as one."""
        return {self.amounts[key]: float(c) for key, c in linear.terms.items()}

    # What is tight

    @cached_property
    def tight_columns(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The columns at their lower and at their upper bound in the plan shown."""
        tight = _tight(self.x, self.engine.lower, self.engine.upper, self._blur)
        for dual in (self.engine.column_dual, *(stage.column_dual for stage in self.stages)):
            self._hold(tight, dual)
        return tight

    @cached_property
    def tight_rows(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The rows at their lower and at their upper bound in the plan shown."""
        tight = _tight(self.activity, self.engine.row_lower, self.engine.row_upper, self._blur)
        for dual in (self.engine.row_dual, *(stage.row_dual for stage in self.stages)):
            self._hold(tight, dual)
        return tight

    def _hold(self, tight: tuple[NDArray[np.bool_], NDArray[np.bool_]], dual: Floats) -> None:
        """By complementary slackness what has a price is tight, whatever the last digits of the plan say."""
        tight[0][dual > self.engine.zero()] = True
        tight[1][dual < -self.engine.zero()] = True

    @property
    def _blur(self) -> float:
        """The size at least of a bound: a held sum may be exceeded by a part of it, which any value may use up."""
        return max([1.0, *(min(LEAK, float(self.activity[stage.held])) for stage in self.stages)])

    # Names

    def row_name(self, row: int) -> str:
        """Return what a row of the solver is called before readers; empty for one that only adds up."""
        return self._row_names.get(row, "")

    @cached_property
    def _row_names(self) -> Mapping[int, str]:
        rows = self.model.programme.rows
        names = {at: row.label for at, row in zip(self.rows, rows, strict=True) if at is not None}
        return names | {at: f"Goal {priority}" for priority, at in self.goal_rows.items()}

    def column_name(self, column: int, *, upper: bool) -> str:
        """Return what it means in words that a column is at its lower, or its upper, bound."""
        if column in self._amount_names:
            return self._amount_names[column]
        if column in self._piece_names:
            start, end = self._piece_names[column]
            return end if upper else start
        return self._shortfall_names.get(column, "")

    @cached_property
    def _amount_names(self) -> Mapping[int, str]:
        area_of = self.model.programme.scenario.area
        return {
            column: f"{area} {year} at 0" if len(area_of[area].sources) == 1 else f"{area} {year} from {source} at 0"
            for (area, year, source), column in self.amounts.items()
        }

    @cached_property
    def _piece_names(self) -> Mapping[int, tuple[str, str]]:
        names = {}
        for (area, year), pieces in self.pieces.items():
            for piece, column in pieces:
                start = f"{area} {year}: end of band {piece.number - 1}" if piece.number > 1 else f"{area} {year} at 0"
                names[column] = (start, f"{area} {year}: end of band {piece.number}")
        return names

    @cached_property
    def _shortfall_names(self) -> Mapping[int, str]:
        rows = self.model.programme.rows
        return {
            self.column[variable.id]: f"goal {rows[index].label}"
            for index, variables in self.model.shortfalls.items()
            for variable in variables
        }


def _tight(values: Floats, lower: Floats, upper: Floats, blur: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    with np.errstate(invalid="ignore"):
        at_lower = values - lower <= AT_BOUND * np.maximum(blur, np.abs(lower))
        at_upper = upper - values <= AT_BOUND * np.maximum(blur, np.abs(upper))
    return at_lower & np.isfinite(lower), at_upper & np.isfinite(upper)


def as_arrays(numbers: Iterable[int]) -> NDArray[np.int32]:
    """Return column or row numbers as HiGHS takes them."""
    return np.fromiter(numbers, dtype=np.int32)
