"""The workbook that says why no plan exists, and what would make one possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.analyses.conflict import Conflict
from allocator.analyses.result import Result
from allocator.programme.rows import ZERO, yearly_sums
from allocator.programme.status import Status
from allocator.render.about_sheets import input_names, write_about, write_content_digest, write_inputs
from allocator.render.page import LINE_HEIGHT, Book, Page, workbook_bytes, wrapped_lines, write_rows
from allocator.render.styles import BREACH, INK, SIZE, SOFT, TAB_COLOURS, Look, Styles
from allocator.spreadsheet.saving import time_made
from allocator.tables import no_plan as tables
from allocator.tables.columns import Role, Table
from allocator.tables.formulas import FIRST, ref, span
from allocator.tables.layout import Layout
from allocator.tables.no_plan import AmountLine, RepairLine
from allocator.tables.plan import MADE_BY
from allocator.version import __version__
from allocator.wording.conflict import sentence, verdict
from allocator.wording.findings import DOUBTS_HEAD
from allocator.wording.messages import told
from allocator.wording.numbers import decimals_of, objective_unit, step_decimals
from allocator.wording.repairs import next_steps, no_repair, repair_short

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.analyses.result import Result

_AT = tables.CONFLICT.index
_MOST_DECIMALS = 6


def write_conflict(book: Book) -> None:
    """Write each conflict: its sentence, its members, and both sides added up."""
    result = book.result
    page = Page(book, "Conflict", f"Conflict — {result.scenario.title}", verdict(result))
    page.unit(
        "Each row is multiplied by Times and all are added up: the amounts cancel out, or what is left of them can't "
        "be below 0; so what is asked for would have to fit into what there is. Without any one row it could."
    )
    page.table(tables.CONFLICT)
    row = FIRST
    begins = []
    for number, conflict in enumerate(result.conflicts, start=1):
        begins.append(row)
        row = _Block(page, conflict, number, row).write() + 1
    if not result.conflicts:
        page.text(row, 0, "Which rules can't stand together was not found.", page.styles.text())
    page.finish(freeze=1, blocks=begins)


class _Block:
    """One conflict on the sheet."""

    def __init__(self, page: Page, conflict: Conflict, number: int, row: int) -> None:
        self.page, self.conflict, self.number, self.row = page, conflict, number, row
        self.first = row + 1
        self.last = row + len(conflict.members)

    def write(self) -> int:
        """Write it; return the row below."""
        self._title()
        write_rows(self.page, tables.CONFLICT, self.conflict.members, self.first)
        self._sums()
        return self.last + 3

    def _title(self) -> None:
        styles, last = self.page.styles, len(tables.CONFLICT.columns) - 1
        text = f"{self.number}. {sentence(self.conflict)} (found in exact fractions)"
        form = styles.format(bold=True, text_wrap=True, valign="vcenter")
        self.page.sheet.merge_range(self.row, 0, self.row, last, "", form)
        self.page.reach(self.row, last)
        self.page.text(self.row, 0, text, form)
        width = sum(column.width for column in tables.CONFLICT.columns)
        self.page.height(self.row, LINE_HEIGHT * wrapped_lines(text, width) + 8)

    def _sums(self) -> None:
        """Add both sides up, and write by how much one exceeds the other."""
        page, at = self.page, self.last + 1
        sides = {}
        for name, asked in (("Asked for", True), ("There is", False)):
            value = sum((m.weight * m.row.bound for m in self.conflict.members if m.at_least == asked), ZERO)
            sides[asked] = value
            formula = f"SUM({span(self.first, self.last, _AT(name))})"
            page.formula(at, _AT(name), formula, value, self._look(value, top=1))
        self._label(at, "Added up")
        short, asked_for = sides[True] - sides[False], _AT("Asked for")
        formula = f"{ref(at, asked_for)}-{ref(at, _AT('There is'))}"
        page.formula(at + 1, asked_for, formula, short, self._look(short, font_color=BREACH))
        self._label(at + 1, "Asked for, less what there is")

    def _look(self, value: Fraction, **properties: object) -> Look:
        return self.page.styles.number(decimals_of(value, _MOST_DECIMALS), bold=True, **properties)

    def _label(self, at: int, text: str) -> None:
        styles, bold = self.page.styles, self.page.styles.text(bold=True)
        for column in range(len(tables.CONFLICT.columns)):
            if column not in (_AT("Asked for"), _AT("There is"), _AT("Unit")):
                self.page.text(at, column, text if not column else "", bold if not column else styles.text())
        self.page.text(at, _AT("Unit"), self.conflict.unit, bold)
        if text != "Added up":
            self.page.text(at, _AT("There is"), "", styles.text())


_PASTE_NOTE = "Copy the rows below the headings into the scenario's sheet What-if (as values)."
MOST_AMOUNTS = 5_000
"""More lines of amounts no reader wants."""


def write_repairs(book: Book) -> None:
    """Write the menu, the rows for What-if, and the plans side by side."""
    result = book.result
    page = Page(book, "Repairs", f"Repairs — {result.scenario.title}", _repairs_message(book))
    unit = objective_unit(result.scenario)
    page.unit(
        f"Each repair alone makes a plan possible. Money: {result.scenario.unit}. Objective"
        f"{f' ({unit})' if unit else ''}: {result.scenario.objective}. From is read from the sheets Inputs …"
    )
    page.table(tables.REPAIRS)
    if result.repairs:
        row = write_rows(page, tables.REPAIRS, _lines(result)) + 1
        row = _further(page, row, tables.PASTE, _PASTE_NOTE)
        _write_amounts(page, write_rows(page, tables.PASTE, _lines(result), row) + 1)
    else:
        page.text(FIRST, 0, no_repair(result), page.styles.format())
    page.finish(freeze=1, repeat=None)


def _repairs_message(book: Book) -> str:
    """Return the sheet's _repairs_message: the smallest repair, and how many there are."""
    repairs = book.result.repairs
    if not repairs:
        return no_repair(book.result)
    count = f"{len(repairs)} repairs; the smallest: " if len(repairs) > 1 else "One repair: "
    return f"{count}{repair_short(repairs[0])}."


# -- the menu --------------------------------------------------------------------------------------------------------


def _lines(result: Result) -> list[RepairLine]:
    """Return a line for each change of each repair."""
    repairs = enumerate(result.repairs, start=1)
    return [RepairLine(result, number, i) for number, repair in repairs for i in range(len(repair.edits))]


def _further(page: Page, row: int, table: Table[Any], note: str) -> int:
    """Write the title of a further table with a note, and its headings; return the row below."""
    page.section(row, table.title)
    page.text(row, 3, note, page.styles.note)
    for i, column in enumerate(table.on_sheet):
        page.text(row + 1, i, column.name, page.styles.heading(column.role, first=not i))
    return row + 2


# -- the plans side by side ------------------------------------------------------------------------------------------


def _write_amounts(page: Page, row: int) -> None:
    """Write what each area gets in each year with each repair, and the sums."""
    repairs, scenario = page.book.result.repairs, page.book.result.scenario
    amounts = tuple(yearly_sums(dict(repair.amounts)) for repair in repairs)
    lines = [AmountLine(area, year, amounts) for area in scenario.leaves for year in scenario.years]
    table = tables.AMOUNTS.along(repair=[(str(number), number) for number in range(1, len(repairs) + 1)])
    first = _further(page, row, table, f"{scenario.unit}, from all sources, at the best plan of each repair.")
    below = write_rows(page, table, lines[:MOST_AMOUNTS], first)
    if len(lines) > MOST_AMOUNTS:
        page.text(below, 0, f"and {len(lines) - MOST_AMOUNTS:,} more lines", page.styles.text())
    else:
        _totals(page, first, below - 1, amounts)


def _totals(page: Page, first: int, last: int, amounts: Sequence[Mapping[tuple[str, int], Fraction]]) -> None:
    years = span(first, last, 1, fixed=True)
    for at, year in enumerate(page.book.result.scenario.years, start=last + 1):
        page.text(at, 0, "Total", page.styles.text(bold=True))
        page.number(at, 1, year, page.styles.of(Role.YEAR, bold=True))
        page.text(at, 2, "", page.styles.text())
        for column, found in enumerate(amounts, start=3):
            total = sum((value for (_, t), value in found.items() if t == year), ZERO)
            formula = f"SUMIFS({span(first, last, column)},{years},{ref(at, 1)})"
            page.formula(at, column, formula, total, page.styles.amount(bold=True))


MOST_CONFLICTS, MOST_MESSAGES, MOST_DOUBTS = 6, 6, 6


def no_plan_bytes(result: Result, made: datetime | None = None) -> bytes:
    """Return the workbook on a scenario without a plan, said to be `made` then; None: now.

    Raises
    ------
    ValueError
        There is a plan, or it isn't known whether there is one.
    """
    if result.status is not Status.INFEASIBLE:
        raise ValueError(f"the scenario is {result.status.value}, so there is nothing to say of why no plan exists")
    then = made or time_made()
    return workbook_bytes(result.scenario, MADE_BY, then, lambda workbook: _write(workbook, result, then))


def _write(workbook: Workbook, result: Result, made: datetime) -> None:
    inputs = input_names(result.scenario.inputs, tables.SHEETS)
    for name, role in tables.ROLES.items():
        for sheet in inputs if name == tables.INPUTS else [name]:
            workbook.add_worksheet(sheet).set_tab_color(TAB_COLOURS[role])
    size = max((float(s.available[y]) for s in result.scenario.sources for y in result.scenario.years), default=1.0)
    styles = Styles(workbook, step_decimals(result.scenario.step, size), 1)
    book = Book(workbook, result, Layout(result), styles, made, inputs)
    _Summary(book).write()
    write_conflict(book)
    write_repairs(book)
    write_inputs(book)
    write_about(book)
    write_content_digest(book)


class _Summary:
    """Why, what would help, what to do next: one printed page."""

    def __init__(self, book: Book) -> None:
        self.book, self.result, self.styles = book, book.result, book.styles
        scenario = book.result.scenario
        self.page = Page(book, "Summary", f"No plan exists — {scenario.title}", verdict(self.result))
        self.last = len(tables.SUMMARY.columns) - 1
        self.row = 3

    def write(self) -> None:
        self.page.widen({i: column.width for i, column in enumerate(tables.SUMMARY.columns)})
        doubts = [str(doubt) for doubt in self.result.doubts]
        if doubts:
            self._section(DOUBTS_HEAD, doubts[:MOST_DOUBTS] + _and_more(len(doubts) - MOST_DOUBTS))
        self._conflicts()
        self._repairs()
        self._section("What to do next", next_steps(self.result, self.result.scenario.path or "SCENARIO"))
        messages = told(self.result)[:MOST_MESSAGES]
        if messages:
            self._section("Messages", messages)
        self._made()
        self.page.finish(freeze=0, repeat=None)
        self.page.print_setup(1, 1)
        self.page.sheet.activate()

    def _conflicts(self) -> None:
        """Write the sentence of each conflict, and where its rows stand."""
        found = self.result.conflicts
        texts = [
            f"{sentence(conflict)} Between: "
            + "; ".join(_member(row.label, str(row.cell), row.origin.legal_basis) for row in rows)
            for conflict in found[:MOST_CONFLICTS]
            for rows in [[member.row for member in conflict.members]]
        ]
        if len(found) > MOST_CONFLICTS:
            texts.append(f"and {len(found) - MOST_CONFLICTS} more: see Conflict")
        if not found:
            texts = [_member(row.label, str(row.cell), row.origin.legal_basis) for row in self.result.conflict]
        self._section("What can't stand together" if texts else "Why", texts or ["It was not found which rules clash."])

    def _repairs(self) -> None:
        scenario = self.result.scenario
        unit = objective_unit(scenario)
        self.page.text(self.row, 0, tables.SUMMARY.title, self.styles.section)
        self.row += 1
        if not self.result.repairs:
            self._wide(no_repair(self.result))
            self.row += 1
            return
        for i, column in enumerate(tables.SUMMARY.columns):
            text = f"{column.name}, {unit}" if column.name == "Objective" and unit else column.name
            self.page.text(self.row, i, text, self.styles.heading(column.role, first=not i))
        self.page.height(self.row, 2 * LINE_HEIGHT + 3)
        self.row += 1
        lines = [RepairLine(self.result, number) for number in range(1, len(self.result.repairs) + 1)]
        self.row = write_rows(self.page, tables.SUMMARY, lines, self.row) + 1

    def _section(self, title: str, texts: Iterable[str]) -> None:
        self.page.text(self.row, 0, title, self.styles.section)
        self.row += 1
        for text in texts:
            self._wide(f"• {text}")
        self.row += 1

    def _wide(self, text: str, colour: str = INK, size: int = SIZE) -> None:
        """Write text over the width of the page."""
        self.row = self.page.wide(self.row, text, self.last, colour=colour, size=size, valign="vcenter")

    def _made(self) -> None:
        scenario = self.result.scenario
        self._wide(
            f"Made by allocate {__version__} with {self.result.run.solver} from {scenario.path or 'a scenario'} "
            f"(SHA-256 {scenario.sha256[:16]}…); more under About.",
            SOFT,
            9,
        )


def _and_more(left: int) -> list[str]:
    return [f"and {left} more: allocate check lists them"] if left > 0 else []


def _member(name: str, cell: str, legal_basis: str) -> str:
    """Return a row with its cell and legal basis."""
    return f"{name} ({', '.join(filter(None, (cell, legal_basis)))})"
