"""The plan as a workbook: one function that writes every sheet."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from allocator.render.about_sheets import input_names, write_about, write_content_digest, write_inputs, write_seals
from allocator.render.certificate_sheet import write_certificate
from allocator.render.charts import ChartData, write_price_bars, write_room_bars
from allocator.render.checks_sheets import Workings, tolerance, write_checks, write_workings
from allocator.render.page import Book, Page, workbook_bytes, write_sheet
from allocator.render.sheet_alternatives import write_alternatives
from allocator.render.sheets import (
    write_allocation,
    write_assignments,
    write_funds,
    write_indicators,
    write_next_money,
    write_plan_sheet,
    write_price_card,
    write_room,
    write_rules,
    write_sensitivity,
    write_warnings,
)
from allocator.render.styles import TAB_COLOURS, Styles
from allocator.render.summary import write_summary
from allocator.spreadsheet.saving import time_made
from allocator.tables import plan as tables
from allocator.tables.layout import Layout
from allocator.tables.prices import RULE_COSTS_SHEET
from allocator.wording.numbers import distinguishing_decimals, step_decimals

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.analyses.result import Result

MOST_SHARE_DECIMALS = 4
ONE_PAGE = 36
"""The rows of a table that still reads well on one page with a chart below it."""


def plan_bytes(result: Result, made: datetime | None = None) -> bytes:
    """Return the plan's workbook.

    Parameters
    ----------
    result
        A plan, or why there is none, as `analyse` returns it.
    made
        When it is said to be made; None: now, or at SOURCE_DATE_EPOCH.

    Returns
    -------
    bytes
        An ``.xlsx`` file; the same result and time give the same bytes.

    Raises
    ------
    ValueError
        There is no plan in `result`.
    """
    if not result.allotments:
        raise ValueError(f"no plan to write: the scenario is {result.status.value}")
    then = made or time_made()
    return workbook_bytes(result.scenario, tables.MADE_BY, then, lambda workbook: _write(workbook, result, then))


def _write(workbook: Workbook, result: Result, made: datetime) -> None:
    asked = bool(result.room or result.price_card or result.next_money)
    left_out = {*([] if asked else tables.ASKED), *(["Certificate"] if result.certificate is None else [])}
    left_out |= set() if result.alternatives else {"Alternatives"}
    names = [name for name in tables.SHEETS if name not in left_out]
    inputs = input_names(result.scenario.inputs, tables.SHEETS)
    for name in names:
        for sheet in inputs if name == tables.INPUTS else [name]:
            workbook.add_worksheet(sheet).set_tab_color(TAB_COLOURS[tables.ROLES[name]])
    book = Book(workbook, result, Layout(result), _styles(workbook, result), made, inputs)
    _write_plan_sheets(book, asked=asked)
    write_inputs(book)
    write_about(book)
    write_seals(book)
    write_content_digest(book)


def _write_plan_sheets(book: Book, *, asked: bool) -> None:
    """Write every sheet but Inputs and About; those of room and prices only where they were `asked` for."""
    workings = Workings(book)
    write_plan_sheet(book)
    write_allocation(book)
    write_funds(book)
    write_rules(book)
    write_sensitivity(book)
    write_indicators(book)
    if book.result.alternatives:
        write_alternatives(book, workings)
    write_assignments(book)
    page, below = write_workings(book, workings)
    closes = write_certificate(book, workings, f"Checks!{tolerance('Step')}")
    checked = write_checks(book, workings, closes)
    data = ChartData(page, below)
    data.write()
    if asked:
        _write_prices(book, page, data.last + 3)
    page.finish(freeze=1)
    write_summary(book, workings, data, checked=checked)


def _write_prices(book: Book, workings: Page, row: int) -> None:
    """Write Price card, Room, Next money and Warnings; the figures of their charts go to Workings, from `row` on."""
    card, below = write_price_card(book)
    row = write_price_bars(workings, row, card, below)
    card.finish(freeze=1, together=below)
    room, below, begins = write_room(book)
    write_room_bars(workings, row, room, below)
    room.finish(freeze=2, blocks=begins)
    if below < ONE_PAGE and len(book.layout.years) == 1:
        room.print_setup(1, 1)
    write_next_money(book)
    write_sheet(book, RULE_COSTS_SHEET)
    write_warnings(book)


def _styles(workbook: Workbook, result: Result) -> Styles:
    size = max((float(fund.available) for fund in result.funds), default=1.0)
    return Styles(workbook, step_decimals(result.step, size), _share_decimals(result))


def _share_decimals(result: Result) -> int:
    """Return the decimals of shares: enough to tell each from a rule on it, at most four."""
    decimals = 1
    for figures in result.rows:
        row, reached = figures.row, figures.reached
        if row.base is not None and not row.base.terms and reached is not None and not row.offset:
            needed = distinguishing_decimals(reached * 100, row.value * 100, 1, MOST_SHARE_DECIMALS + 1)
            if needed <= MOST_SHARE_DECIMALS:
                decimals = max(decimals, needed)
    return decimals
