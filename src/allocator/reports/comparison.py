"""A comparison's workbook: what is the same in all scenarios, what differs and why, every figure with its formula."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from allocator.analyses.result import Result
from allocator.programme.status import Status
from allocator.reports import comparison_tables as tables
from allocator.reports.comparison_grid import Grid
from allocator.reports.comparison_sheet_about import write_about
from allocator.reports.comparison_sheet_alternatives import write_alternatives
from allocator.reports.comparison_sheet_amounts import write_amounts
from allocator.reports.comparison_sheet_bridge import write_bridges
from allocator.reports.comparison_sheet_cross import write_cross
from allocator.reports.comparison_sheet_inputs import write_inputs
from allocator.reports.comparison_sheet_rules import write_indicators, write_rules
from allocator.reports.comparison_sheet_summary import write_summary
from allocator.reports.comparison_words import title
from allocator.reports.layout import Layout
from allocator.reports.opening import time_made, workbook_bytes
from allocator.reports.page import Book
from allocator.reports.styles import TAB_COLOURS, Styles
from allocator.reports.words import step_decimals

if TYPE_CHECKING:
    from datetime import datetime

    from xlsxwriter.workbook import Workbook

    from allocator.analyses.compare import Comparison

_ROLES = {"Inputs changed": "inputs", "Cross table": "checks", "About": "contents", "Summary": "contents"}
_SHARE_DECIMALS = 1


def comparison_bytes(comparison: Comparison, made: datetime | None = None) -> bytes:
    """Return a comparison's workbook.

    Parameters
    ----------
    comparison
        As `allocator.analyses.compare.compare` returns it.
    made
        When it is said to be made; None: now, or at SOURCE_DATE_EPOCH.

    Returns
    -------
    bytes
        An ``.xlsx`` file; the same comparison and time give the same bytes.
    """
    then = made or time_made()
    grid = Grid(comparison)
    # the pages belong to no single scenario, so none may bear the name of one's variant
    common = replace(grid.first.scenario, title=title(grid), changed_by=None)
    result = Result(common, Status.OPTIMAL, grid.first.result.run)
    return workbook_bytes(common, tables.MADE_BY, then, lambda workbook: _write(workbook, grid, result, then))


def _write(workbook: Workbook, grid: Grid, result: Result, made: datetime) -> None:
    for name in tables.SHEETS:
        workbook.add_worksheet(name).set_tab_color(TAB_COLOURS[_ROLES.get(name, "results")])
    largest = max((float(a) for c in grid.planned for a in c.amounts.values()), default=1.0)
    decimals = max((step_decimals(c.result.step, largest) for c in grid.planned), default=0)
    book = Book(workbook, result, Layout(result), Styles(workbook, decimals, _SHARE_DECIMALS), made, ())
    write_summary(book, grid)
    write_amounts(book, grid)
    write_rules(book, grid)
    write_indicators(book, grid)
    write_inputs(book, grid)
    write_cross(book, grid)
    write_bridges(book, grid)
    write_alternatives(book, grid)
    write_about(book, grid)
