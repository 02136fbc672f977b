"""What the mixtures of two scenarios come to, as vectors: the game that a bridge splits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto
from fractions import Fraction

import numpy as np

from allocator.analyses.shapley import Vector, players_of
from allocator.errors import ScenarioError, SolverError
from allocator.programme.build import build
from allocator.programme.deadline import Deadline
from allocator.programme.warm import Answer
from allocator.programme.what_ifs import WhatIfs
from allocator.scenario.cells import fold
from allocator.scenario.differences import RowDifference
from allocator.scenario.mixing import Mixtures
from allocator.scenario.model import Scenario
from allocator.scenario.origin import Cell, Raw


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
        self._places = places
        self._mixtures = Mixtures(low, high, rows)
        self._what_ifs = WhatIfs(build(low), deadline, goals_met=True)
        self._same_kind = str(low.objective) == str(high.objective)
        self.lacking: dict[int, Lacking] = {}
        """The sets of rows that have no value, and why."""

    def of(self, sets: Sequence[int]) -> Iterator[Vector | None]:
        """Yield for each set of rows the optimum of the first scenario with these as in the second; None: it has none.

        What is asked for together is answered one from the other.
        """
        answers = self._what_ifs.solve_many(map(self._mixture, sets))
        return (self._value(players, answers) for players in sets)

    def _mixture(self, players: int) -> Mapping[Cell, Raw] | Scenario:
        return self._mixtures.mixture(players_of(players))

    def _value(self, players: int, answers: Iterator[Answer | None]) -> Vector | None:
        try:
            answer = next(answers)
            if answer is not None:
                return self._figures(answer)
            self.lacking[players] = Lacking.NO_PLAN
        except ScenarioError:
            self.lacking[players] = Lacking.UNREADABLE
        except SolverError:
            self.lacking[players] = Lacking.UNANSWERED
        return None

    def _figures(self, answer: Answer) -> Vector:
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
