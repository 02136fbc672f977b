"""The two charts on the Summary of a comparison, with the figures behind them to the right of what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allocator.programme.rows import ZERO
from allocator.reports import comparison_charts as charts
from allocator.reports import comparison_words as words
from allocator.reports.comparison_grid import ALL, FEW, Grid
from allocator.reports.layout import difference, ref
from allocator.reports.words import objective_unit

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart

    from allocator.analyses.compare import PlannedCase
    from allocator.reports.comparison_page import ComparedPage

_MOST_CHARTED = 8
LOWEST, _HIGHEST, _BAR = 330, 820, 11
"""Pixels: of the charts together, which otherwise don't fit on a page, and of a bar with its figure."""
_FIGURES = 40
"""The column of the figures behind charts: beyond what is printed."""


class SummaryCharts:
    """The charts while they are made; `difference_column` is where the scenarios' differences stand."""

    def __init__(self, page: ComparedPage, grid: Grid, difference_column: int) -> None:
        self.page, self.grid, self.difference_column = page, grid, difference_column
        self.unit = grid.first.scenario.unit

    def insert(self, rows: range, columns: range, scenarios: int) -> None:
        """Insert the charts over these rows and columns; `scenarios` is the first one's row."""
        grid, top = self.grid, rows.start
        if len(grid.planned) < 2:
            return
        wide = sum(int(self.page.width(c) * 7 + 5) for c in columns) - 10
        self.page.reach(top, columns[-1])
        high = min(self.page.pixels(top, rows.stop) - charts.PIXELS, _HIGHEST)
        differ = [case for case in grid.others if grid.comparable(case)]
        part = max(140, 50 + min(26, 360 // len(differ)) * len(differ)) if differ else 0
        if differ:
            charts.insert(self.page, self._objective_chart(top, scenarios, differ), top, columns[0], (wide, part))
        bars = len(grid.planned) if grid.few else 1
        areas = max(3, min(_MOST_CHARTED, (high - part - 70) // (_BAR * bars + 6)))
        made = self._amounts_chart(top, self._charted(areas))
        charts.insert(self.page, made, top, columns[0], (wide, high - part - 10), part + 8)

    def _objective_chart(self, top: int, first: int, differ: Sequence[PlannedCase]) -> Chart:
        """Write what scenarios gain and lose against the first, each in a column of its own, and return the chart."""
        grid, page, column = self.grid, self.page, _FIGURES + FEW + 3
        base = grid.first.objective or ZERO
        values = []
        for row, case in enumerate(differ, top):
            change = float(difference(case.objective or ZERO, base))
            values.append(change)
            where = ref(first + grid.cases.index(case), self.difference_column)
            page.unseen(row, column, words.short(case.name))
            page.unseen(row, column + 1, max(change, 0.0), f"MAX(0,{where})")
            page.unseen(row, column + 2, min(change, 0.0), f"MIN(0,{where})")
        unit = objective_unit(grid.first.scenario)
        title = f"Objective: difference from {words.short(grid.first.name)}, {unit}".rstrip(", ")
        rows = (top, top + len(differ) - 1)
        return charts.objective_chart(page, title, rows, column, values, grid.objective_decimals)

    def _charted(self, most: int) -> list[str]:
        """Return the areas that the plans differ in most, the largest of them first; any where they don't differ."""
        differing = [name for name in self.grid.leaves if self.grid.spread[name]] or list(self.grid.leaves)
        names = sorted(differing, key=lambda name: -self.grid.spread[name])[:most]
        return sorted(names, key=lambda name: -self.grid.amount(self.grid.planned[0], name, ALL))

    def _amounts_chart(self, top: int, areas: Sequence[str]) -> Chart:
        """Write the figures behind the chart of amounts, and return it."""
        grid, page, column = self.grid, self.page, _FIGURES
        which = _which(areas, grid)
        page.unseen(top - 1, column, "Figures behind the chart")
        first, last = top + 1, top + len(areas)
        for row, area in enumerate(areas, first):
            page.unseen(row, column, words.short(area))
        if grid.few:
            for i, case in enumerate(grid.planned, 1):
                page.unseen(top, column + i, words.short(case.name))
                for row, area in enumerate(areas, first):
                    where = grid.at(grid.place(area, ALL), "scenario", i - 1)
                    page.unseen(row, column + i, grid.amount(case, area, ALL), where)
            title = f"Amounts of {which}, {self.unit}"
            return charts.amounts_chart(page, title, (top, first, last, column), len(grid.planned))
        for row, area in enumerate(areas, first):
            at, n = grid.place(area, ALL), len(grid.planned)
            values = [grid.amount(case, area, ALL) for case in grid.planned]
            cells = f"{grid.at(at, 'scenario')}:{ref(at, grid.column('scenario', n - 1))}"
            one = grid.at(at, "scenario")
            page.unseen(row, column + 1, min(values), f"MIN({cells})")
            page.unseen(row, column + 2, values[0] - min(values), f"{one}-{ref(row, column + 1)}")
            page.unseen(row, column + 3, max(values) - values[0], f"MAX({cells})-{one}")
        first_name = words.short(grid.first.name if grid.based else grid.planned[0].name)
        title = f"Range of {which}, {self.unit}: grey from least to {first_name}, striped to most"
        return charts.range_chart(page, title, (top, first, last, column))


def _which(areas: Sequence[str], grid: Grid) -> str:
    """Return which areas a chart shows, in words."""
    differing = sum(bool(grid.spread[name]) for name in grid.leaves)
    if len(areas) == len(grid.leaves):
        return "all areas"
    if not differing:
        return f"{len(areas)} areas; none differs"
    if len(areas) == differing:
        return "the area that differs" if differing == 1 else f"the {differing} areas that differ"
    return f"the {len(areas)} areas that differ most"
