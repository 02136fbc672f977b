"""What the mixtures of two scenarios come to, as vectors: the game that a bridge splits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import Enum, auto
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocator.analyses.batch import Batch
from allocator.analyses.shapley import Vector, players_of
from allocator.errors import ScenarioError, SolverError
from allocator.programme.deadline import Deadline
from allocator.scenario.cells import fold
from allocator.scenario.differences import RowDifference
from allocator.scenario.mixing import Mixtures
from allocator.scenario.model import Scenario


class Lacking(Enum):
    """Why a mixture has no value."""

    NO_PLAN = auto()
    UNREADABLE = auto()
    UNANSWERED = auto()
    """The solver found no answer."""


type At = tuple[str, int]
"""(area, year)"""


class Places:
    """Where the figures of a plan stand in a vector: the objective first, then the amount of each area and year.

    Areas of both scenarios, those with parts too: in a mixture one may have lost its parts. Names match as they do in
    workbooks.
    """

    def __init__(self, one: Scenario, other: Scenario) -> None:
        both = [area for scenario in (one, other) for area in scenario.areas]
        leaves = {fold(leaf.name) for scenario in (one, other) for leaf in scenario.leaves}
        self._years = one.years
        self._names: dict[str, str] = {}
        for area in both:
            self._names.setdefault(fold(area.name), area.name)
        self._column = {at: number for number, at in enumerate(self._all(), start=1)}
        self._leaf = [False, *(name in leaves for name, _ in self._all())]
        self.width = len(self._leaf)

    def _all(self) -> list[At]:
        return [(name, year) for name in self._names for year in self._years]

    def column(self, area: str, year: int) -> int:
        """Return the column of an amount."""
        return self._column[fold(area), year]

    def named(self, figures: Sequence[Fraction], *, every: bool = False) -> dict[At, Fraction]:
        """Return the amounts that aren't 0; with `every`, those of all areas without parts."""
        return {
            (self._names[name], year): figures[column]
            for (name, year), column in self._column.items()
            if figures[column] or (every and self._leaf[column])
        }


class MixtureValues:
    """The optimum of each mixture: `low` with some of the rows as in `high`."""

    def __init__(
        self, low: Scenario, high: Scenario, rows: tuple[RowDifference, ...], places: Places, deadline: Deadline
    ) -> None:
        self._low, self._high, self._rows, self._places, self._deadline = low, high, rows, places, deadline
        self._same_kind = str(low.objective) == str(high.objective)
        self.lacking: dict[int, Lacking] = {}
        """The sets of rows that have no value, and why."""

    @cached_property
    def _batch(self) -> Batch:
        return Batch(self._low, self._deadline)

    @cached_property
    def _mixtures(self) -> Mixtures:
        return Mixtures(self._low, self._high, self._rows)

    def of(self, players: int) -> Vector | None:
        """Return the optimum of the first scenario with these rows as in the second; None where there is none."""
        try:
            scenario = self._mixtures.scenario(frozenset(players_of(players)))
            return self._optimum(scenario, players)
        except ScenarioError:
            self.lacking[players] = Lacking.UNREADABLE
        except SolverError:
            self.lacking[players] = Lacking.UNANSWERED
        return None

    def _optimum(self, scenario: Scenario, players: int) -> Vector | None:
        answer = self._batch.of(scenario)
        if answer is None:
            self.lacking[players] = Lacking.NO_PLAN
            return None
        figures = np.zeros(self._places.width)
        if self._same_kind:
            figures[0] = answer.objective
        for key, amount in answer.chosen().items():
            figures[self._places.column(*key.pair)] += amount
        return figures


def digest(scenario: Scenario) -> bytes:
    """Return a digest of the inputs' content."""
    content = [(sheet.name, sheet.rows, sorted(sheet.percent)) for sheet in scenario.inputs]
    return hashlib.sha256(repr(content).encode()).digest()
