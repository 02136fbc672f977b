"""The sheet Warnings: how far budgets may fall before no plan exists, and which rules could hardly be tightened."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.early_warning import BudgetWarning, TightRow
from allocator.programme.rows import Row
from allocator.reports import tables_warnings as tables
from allocator.reports.columns import Role, Table
from allocator.reports.findings import early_finding
from allocator.reports.layout import FIRST, ref
from allocator.reports.page import LINE_HEIGHT, Book, Page, wrapped_lines
from allocator.reports.sheets_money import counted
from allocator.reports.sheets_rules import link_cell
from allocator.reports.warning_words import money_last, reason, takes
from allocator.reports.words import as_written

NONE_MISSED, NO_GOALS = "None: every goal is met.", "The scenario has no goals."
NOT_EXPLAINED = "What it would take was not found: see Messages on About."
MOST_ROWS = 14
"""So many of the rows that clash are named."""


def write_warnings(book: Book) -> None:
    """Write both tables; a sentence where there is nothing to warn of."""
    result = book.result
    finding = early_finding(result)
    said = finding.text if finding else "Nothing near: no fall of a single budget, and no rule, is about to end it."
    if doubts := len(result.doubts):
        what = "it" if doubts == 1 else "them"
        said = f"{counted(doubts, 'doubt')} about the inputs, below: look at {what} first. {said}"
    page = Page(book, tables.BUDGETS.sheet, f"Warnings — {result.scenario.title}", said)
    page.unit(
        f"{result.scenario.unit}. Each line alone, all else as it is: shares and growth follow the budget. Goals don't "
        "count, as they may be missed."
    )
    page.table(tables.BUDGETS)
    row = FIRST
    for warning in result.warnings:
        _write_budget(page, row, warning)
        row += 1
    if not result.warnings:
        page.text(row, 0, "No source has to have any money in any one year for a plan to exist.", page.styles.text())
        row += 1
    page.section(row + 1, tables.TIGHT.title)
    page.table(tables.TIGHT, row + 2)
    for at, tight in enumerate(result.tight, start=row + 3):
        _write_tight(page, at, tight)
    if not result.tight:
        page.text(row + 3, 0, "None.", page.styles.text())
    second = row + 1
    third = row + 4 + max(1, len(result.tight))
    fourth = _write_goals(page, third)
    _write_doubts(page, fourth)
    page.finish(freeze=1, blocks=(FIRST, second, third, fourth))


def _at(table: Table, name: str) -> int:
    return table.index(name)


def _write_budget(page: Page, row: int, warning: BudgetWarning) -> None:
    table, styles, layout = tables.BUDGETS, page.styles, page.book.layout
    page.text(row, 0, warning.source, styles.of(Role.LONG))
    page.number(row, _at(table, "Year"), warning.year, styles.of(Role.YEAR))
    known = (warning.source, warning.year) in layout.fund_row
    link = layout.fund(warning.source, warning.year, "Available") if known else None
    page.formula(row, _at(table, "Available"), link, warning.amount, styles.amount())
    page.number(row, _at(table, "Least"), warning.least, styles.amount())
    available, least, falls = (ref(row, _at(table, name)) for name in ("Available", "Least", "May fall by"))
    fall = float(warning.amount) - warning.least
    page.formula(row, _at(table, "May fall by"), f"{available}-{least}", fall, styles.amount(bold=True))
    part = fall / float(warning.amount)
    page.formula(row, _at(table, "As a part"), f"{falls}/{available}", part, styles.percent(2))
    page.text(row, _at(table, "What clashes first"), _clashing(warning.rows), styles.of(Role.LONG))


def _clashing(rows: tuple[Row, ...]) -> str:
    """Return the rows that clash with their cells, the money last."""
    ranked = money_last(rows)
    names = [f"{row.label} ({row.cell})" for row in ranked[:MOST_ROWS]]
    more = len(ranked) - len(names)
    return "; ".join([*names, *([f"{more} more"] if more > 0 else [])])


def _write_goals(page: Page, row: int) -> int:
    """Write goals that are missed, what would let them be met and what stands in their way; return the row below."""
    goals = page.book.result.goals_explained
    page.section(row, tables.GOALS.title)
    page.table(tables.GOALS, row + 1)
    for at, goal in enumerate(goals, start=row + 2):
        table, styles = tables.GOALS, page.styles
        page.text(at, 0, goal.row.name, styles.of(Role.LONG))
        page.number(at, _at(table, "Year"), goal.row.year, styles.of(Role.YEAR))
        money = goal.row.kind.money
        page.number(at, _at(table, "Missed by"), goal.missed_by, styles.amount() if money else styles.price())
        page.text(at, _at(table, "Unit"), goal.row.unit, styles.text())
        page.text(at, _at(table, "Priority"), str(goal.row.strength), styles.text())
        link_cell(page, at, _at(table, "Cell"), goal.row.cell)
        page.text(at, _at(table, "What it would take"), f"{reason(goal, MOST_ROWS)}{takes(goal)}", styles.of(Role.LONG))
    if not goals:
        missed = any(goal.missed_by > 0 for goal in page.book.result.goals)
        text = NOT_EXPLAINED if missed else NONE_MISSED if page.book.result.goals else NO_GOALS
        page.text(row + 2, 0, text, page.styles.text())
    return row + 3 + max(1, len(goals))


def _write_doubts(page: Page, row: int) -> None:
    """Write what is doubtful in the inputs, each over the width of the other tables."""
    page.section(row, tables.DOUBTS.title)
    page.table(tables.DOUBTS, row + 1)
    doubts = page.book.result.doubts
    last, form = len(tables.BUDGETS.columns) - 1, page.styles.format(text_wrap=True)
    width = sum(map(page.width, range(1, last + 1)))
    for at, doubt in enumerate(doubts, start=row + 2):
        page.text(at, 0, f"{doubt.cell} {doubt.heading}".strip(), page.styles.of(Role.LONG))
        page.sheet.merge_range(at, 1, at, last, "", form)
        page.text(at, 1, doubt.message, form)
        page.height(at, LINE_HEIGHT * wrapped_lines(doubt.message, width) + 3)
    if not doubts:
        page.text(row + 2, 0, "None.", page.styles.text())


def _write_tight(page: Page, row: int, tight: TightRow) -> None:
    table, styles = tables.TIGHT, page.styles
    page.text(row, 0, tight.row.name, styles.of(Role.LONG))
    page.number(row, _at(table, "Year"), tight.row.year, styles.of(Role.YEAR))
    money = tight.row.kind.money
    page.number(row, _at(table, "Room"), tight.room, styles.amount() if money else styles.price())
    page.text(row, _at(table, "Unit"), tight.row.unit, styles.text())
    page.number(row, _at(table, "Room as a part"), Fraction(repr(tight.part)), styles.percent(2))
    link_cell(page, row, _at(table, "Cell"), tight.row.cell)
    written = "; ".join(filter(None, (as_written(tight.row), tight.row.origin.legal_basis)))
    page.text(row, _at(table, "As written"), written, styles.of(Role.LONG))
