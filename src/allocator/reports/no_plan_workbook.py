"""The workbook that says why no plan exists, and what would make one possible."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from allocator.programme.status import Status
from allocator.reports import tables
from allocator.reports import tables_no_plan as no_plan
from allocator.reports.columns import Role
from allocator.reports.doubt_words import HEAD as DOUBTS_HEAD
from allocator.reports.layout import Layout
from allocator.reports.no_plan_words import against_first, next_steps, sentence, verdict
from allocator.reports.opening import time_made, workbook_bytes
from allocator.reports.page import LINE_HEIGHT, Book, Page, wrapped_lines
from allocator.reports.sheet_conflict import write_conflict
from allocator.reports.sheet_inputs import input_names, write_inputs
from allocator.reports.sheet_repairs import objective_look, write_repairs
from allocator.reports.sheet_seals import write_content_digest
from allocator.reports.sheets_about import write_about
from allocator.reports.styles import INK, SIZE, SOFT, TAB_COLOURS, Styles
from allocator.reports.words import objective_unit, step_decimals
from allocator.version import __version__
from allocator.wording.edits import rule_edit_text
from allocator.wording.messages import told
from allocator.wording.repairs import KINDS_IN_FULL, no_repair

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

    from allocator.analyses.result import Result

AT = {column.name: i for i, column in enumerate(no_plan.SUMMARY.columns)}
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
    return workbook_bytes(result.scenario, tables.MADE_BY, then, lambda workbook: _write(workbook, result, then))


def _write(workbook: Workbook, result: Result, made: datetime) -> None:
    inputs = input_names(result.scenario.inputs, no_plan.SHEETS)
    for name, role in no_plan.ROLES.items():
        for sheet in inputs if name == no_plan.INPUTS else [name]:
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
        self.last = len(AT) - 1
        self.row = 3

    def write(self) -> None:
        self.page.widen({i: column.width for i, column in enumerate(no_plan.SUMMARY.columns)})
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
        self.page.text(self.row, 0, no_plan.SUMMARY.title, self.styles.section)
        self.row += 1
        if not self.result.repairs:
            self._wide(no_repair(self.result))
            self.row += 1
            return
        for name, column in AT.items():
            role = no_plan.SUMMARY.columns[column].role
            text = f"{name}, {unit}" if name == "Objective" and unit else name
            self.page.text(self.row, column, text, self.styles.heading(role, first=not column))
        self.page.height(self.row, 2 * LINE_HEIGHT + 3)
        self.row += 1
        for number, repair in enumerate(self.result.repairs, start=1):
            self.page.text(self.row, AT["Repair"], str(number), self.styles.text(bold=True, align="center"))
            texts = "\n".join(map(rule_edit_text, repair.edits))
            self.page.text(self.row, AT["What to change"], texts, self.styles.of(Role.LONG))
            kind = KINDS_IN_FULL[repair.kind]
            self.page.text(self.row, AT["What it is"], kind, self.styles.of(Role.LONG))
            self.page.number(self.row, AT["Size"], repair.size, self.styles.percent(2))
            self.page.number(self.row, AT["Objective"], repair.objective, objective_look(self.styles, self.result))
            difference = against_first(self.result, repair)
            self.page.number(self.row, AT["Against repair 1"], difference, objective_look(self.styles, self.result))
            self.row += 1
        self.row += 1

    def _section(self, title: str, texts: Iterable[str]) -> None:
        self.page.text(self.row, 0, title, self.styles.section)
        self.row += 1
        for text in texts:
            self._wide(f"• {text}")
        self.row += 1

    def _wide(self, text: str, colour: str = INK, size: int = SIZE) -> None:
        """Write text over the width of the page, in a row high enough for it."""
        form = self.styles.format(text_wrap=True, font_color=colour, font_size=size)
        self.page.sheet.merge_range(self.row, 0, self.row, self.last, "", form)
        self.page.reach(self.row, self.last)
        self.page.text(self.row, 0, text, form)
        width = sum(map(self.page.width, range(self.last + 1)))
        self.page.height(self.row, LINE_HEIGHT * wrapped_lines(text, width) + 3)
        self.row += 1

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
