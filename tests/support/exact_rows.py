"""The optimum of a programme's exact rows by scipy, for asking what would be if a right-hand side moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from allocator.programme.build import Programme
from allocator.programme.rows import Key

HELD = 1e-12
"""A held sum's own last digits, so that it can be held again."""

type Pair = tuple[str, int]


@dataclass(frozen=True)
class Moved:
    """What is other than in the programme, in the scenario's units."""

    rows: Mapping[int, float] = field(default_factory=dict)
    """Index of a row → how much its right-hand side grows."""
    goals: Mapping[int, float] = field(default_factory=dict)
    """Priority → how much its held sum grows."""
    forced: Mapping[Pair, float] = field(default_factory=dict)
    """(area, year) → what it gets, whatever its own limits say."""


class ExactRows:
    """A programme as arrays, money divided by `unit` so that a year's funds are about 1,000."""

    def __init__(self, programme: Programme, goal_sums: Mapping[int, float]) -> None:
        self.programme = programme
        self.goal_sums = goal_sums
        scenario = programme.scenario
        self.unit = max(float(scenario.available(scenario.source, year)) for year in scenario.years) / 1000 or 1.0
        self.columns: dict[tuple, int] = {}
        self.sign = -1.0 if programme.maximise else 1.0
        for key in programme.keys:
            self._column(key)
        self.cost: dict[int, float] = {}
        self.width: dict[int, float] = {}
        for pair, pieces in programme.pieces.items():
            for number, piece in enumerate(pieces):
                column = self._column((*pair, number, "piece"))
                self.cost[column] = self.sign * float(piece.slope)
                if piece.width is not None:
                    self.width[column] = float(piece.width) / self.unit
        for index, row in enumerate(programme.rows):
            if row.strength.kind == "goal":
                for side in (1.0, -1.0):
                    self._column((index, side))

    def _column(self, key: tuple) -> int:
        return self.columns.setdefault(key, len(self.columns))

    def objective(self, moved: Moved | None = None) -> float | None:
        """The best objective as stated, held sums held; None where there is no plan."""
        moved = moved or Moved()
        upper: list[tuple[dict[int, float], float]] = []
        equal: list[tuple[dict[int, float], float]] = []
        for index, row in enumerate(self.programme.rows):
            if row.kind.of_area and (row.subject, row.year) in moved.forced:
                continue
            size = self._size(index)
            terms = {self.columns[key]: float(c) * self.unit / size for key, c in row.body.terms.items()}
            bound = (float(row.bound) + moved.rows.get(index, 0.0)) / size
            if row.strength.kind == "goal":
                terms[self.columns[index, 1.0]] = 1.0
                terms[self.columns[index, -1.0]] = -1.0
            if row.operator.lower:
                upper.append(({n: -c for n, c in terms.items()}, -bound))
            else:
                (upper if row.operator.upper else equal).append((terms, bound))
        for pair, pieces in self.programme.pieces.items():
            area = self.programme.scenario.area[pair[0]]
            total = {self.columns[*pair, source]: 1.0 for source in area.sources}
            parts = {self.columns[*pair, number, "piece"]: -1.0 for number in range(len(pieces))}
            equal.append(({**total, **parts}, 0.0))
            if pair in moved.forced:
                equal.append((total, moved.forced[pair] / self.unit))
        for priority, held in self.goal_sums.items():
            goal_bound, size = self._goal(priority)
            bound = (held + moved.goals.get(priority, 0.0)) / size
            upper.append((goal_bound, bound + HELD * max(1.0, bound)))
        return self._solve(upper, equal)

    def _size(self, index: int) -> float:
        """Units of a row in one of the arrays': money's, or what brings an indicator's largest coefficient to 1."""
        row = self.programme.rows[index]
        if row.kind.money:
            return self.unit
        return max((abs(float(c)) * self.unit for c in row.body.terms.values()), default=1.0)

    def _goal(self, priority: int) -> tuple[dict[int, float], float]:
        rows = self.programme.rows
        weights = {
            self.columns[index, side]: self._size(index) / float(row.divisor)
            for index, row in enumerate(rows)
            if row.strength.priority == priority
            for side in (1.0, -1.0)
        }
        size = max(weights.values())
        return {n: weight / size for n, weight in weights.items()}, size

    def _solve(self, upper: list, equal: list) -> float | None:
        count = len(self.columns)
        cost = np.zeros(count)
        for column, slope in self.cost.items():
            cost[column] = slope
        largest = np.abs(cost).max() or 1.0
        matrices = []
        for lines in (upper, equal):
            matrix = np.zeros((len(lines), count))
            for line, (terms, _) in enumerate(lines):
                for column, coefficient in terms.items():
                    matrix[line, column] += coefficient
            matrices += [matrix, np.array([bound for _, bound in lines])]
        bounds = [(0, self.width.get(column)) for column in range(count)]
        tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
        found = linprog(cost / largest, *matrices, bounds=bounds, method="highs", options=tight)
        if found.status == 2:
            return None
        assert found.status == 0, found.message
        return self.sign * float(cost @ found.x) * self.unit + float(self.programme.constant)

    def yearly(self, amounts: Mapping[Key, float]) -> dict[Pair, float]:
        """(area, year) → amount over all sources."""
        totals: dict[Pair, float] = dict.fromkeys(self.programme.pieces, 0.0)
        for (area, year, _), amount in amounts.items():
            totals[area, year] += amount
        return totals
