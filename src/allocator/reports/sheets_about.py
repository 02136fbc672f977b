"""The sheets that make the plan traceable: Inputs … and About."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from allocator import __version__
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.page import LINE_HEIGHT, Book, Page, set_print, text_units, wrapped_lines
from allocator.reports.styles import FILL, LINE, text_width
from allocator.reports.words import decimals_of, exactly, number
from allocator.scenario import tables as scenario_tables
from allocator.scenario.model import Cell, InputSheet, Raw

LONGEST_NAME = 31
MOST_ASSUMPTIONS = 400
WIDEST_INPUT = 40
CHARACTERS_WIDE = 230
"""So wide a sheet still reads well on one page."""
UNGROUPED = frozenset({"Start", "Completion", "Year", "Years", "Date", "Version", None})
"""Headings of numbers that are no quantities; None: no table's column."""
LIMITS_OF_USE = (
    (
        "The plan is the best for the scenario as given: objective, benefits, effects, rules and limits are the "
        "scenario's, and the plan is no better than they are."
    ),
    (
        "Benefit and effects are taken as proportional to money within each band; nothing is said about "
        "thresholds, delays or side effects that the scenario does not hold."
    ),
    (
        "Prices and ranges are those of the unrounded optimum, change one figure at a time, and hold only within the "
        "ranges given."
    ),
    "A plan with decisions is no longer the optimum; Summary shows what they change, Checks whether rules are kept.",
    "The plan supports a decision and does not take it: law, procedure and judgement stay with those who sign.",
)


def input_names(inputs: Sequence[InputSheet], taken: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the sheets that show the inputs: ``Inputs NAME``, shortened and numbered where needed."""
    used = {name.casefold() for name in taken}
    names: list[str] = []
    for sheet in inputs:
        base = f"Inputs {sheet.name}".rstrip("'")
        name, count = _cut(base, LONGEST_NAME), 1
        while name.casefold() in used:
            count += 1
            name = f"{_cut(base, LONGEST_NAME - len(f' {count}'))} {count}"
        used.add(name.casefold())
        names.append(name)
    return tuple(names)


def _cut(text: str, units: int) -> str:
    while text_units(text) > units:
        text = text[:-1]
    return text.rstrip(" '")


# -- Inputs --------------------------------------------------------------------------------------------------


def write_inputs(book: Book) -> None:
    """Write the scenario's sheets as they were read, every cell at its own address."""
    for name, sheet in zip(book.inputs, book.result.scenario.inputs, strict=True):
        _write_input(book, name, sheet)


def _write_input(book: Book, name: str, sheet: InputSheet) -> None:
    out = book.sheet(name)
    widths: dict[int, float] = {}
    for r, row in enumerate(sheet.rows):
        for c, value in enumerate(row):
            if value is not None:
                _write_raw(book, name, sheet, r, c, value)
                if not isinstance(value, bool):
                    shown = value if isinstance(value, str) else _input_text(value, (r + 1, c + 1) in sheet.percent)
                    widths[c] = max(widths.get(c, 8), min(WIDEST_INPUT, text_width(shown) + 2))
    for column, width in widths.items():
        out.set_column(column, column, width)
    for r, row in enumerate(sheet.rows):
        texts = ((c, value) for c, value in enumerate(row) if isinstance(value, str))
        lines = max((wrapped_lines(text, widths[c] * 1.1) for c, text in texts), default=1)
        out.set_row(r, LINE_HEIGHT * min(lines, 30) + 3.5)
    out.hide_gridlines(1)
    if sheet.header_row:
        out.freeze_panes(sheet.header_row, 1)
        out.repeat_rows(sheet.header_row - 1)
    out.set_tab_color(LINE)
    pages = max(1, round(sum(widths.values()) / CHARACTERS_WIDE))
    set_print(book, out, (pages, 0))
    if pages > 1:
        out.repeat_columns(0)
    out.set_header("&L&8&A: as read from the scenario, every cell at its own address", {"margin": 0.2})


def _input_text(value: float, percent: bool) -> str:
    return exactly(Fraction(repr(value)) * (100 if percent else 1), 6) + (" %" if percent else "")


def _write_raw(book: Book, name: str, sheet: InputSheet, r: int, c: int, value: Raw) -> None:
    out, styles = book.sheet(name), book.styles
    head = r + 1 == sheet.header_row
    properties = {"bold": True, "bg_color": FILL, "text_wrap": True} if head else {"text_wrap": isinstance(value, str)}
    if isinstance(value, str):
        out.write_string(r, c, value, styles.cell(**properties))
    elif isinstance(value, bool):
        out.write_boolean(r, c, value, styles.cell(**properties))
    elif value is not None and math.isfinite(value):
        percent = (r + 1, c + 1) in sheet.percent
        exact = Fraction(repr(value)) * (100 if percent else 1)
        places = "." + "0" * decimals_of(exact, 6) if exact.denominator > 1 else ""
        grouped = "0" if sheet.headings.get(c + 1) in UNGROUPED or head else "#,##0"
        out.write_number(
            r, c, value, styles.cell(**properties, num_format=grouped + places + ('" "%' if percent else ""))
        )


# -- About ---------------------------------------------------------------------------------------------------


class _About:
    """The sheet About while it is written, section after section."""

    def __init__(self, book: Book) -> None:
        self.book, self.styles, self.row = book, book.styles, 4
        scenario = book.result.scenario
        self.page = Page(book, "About", f"About this plan — {scenario.title}", _message(book))

    def title(self, text: str) -> None:
        self.page.text(self.row, 0, text, self.styles.section)
        self.row += 1

    def facts(self, title: str, facts: Iterable[tuple[str, str]]) -> None:
        """Write a section of labels and texts."""
        self.title(title)
        for label, text in facts:
            self.page.text(self.row, 0, label, self.styles.of(Role.LONG, font_color="#6B7280"))
            self._wide(text)
        self.row += 1

    def lines(self, title: str, texts: Iterable[str]) -> None:
        """Write a section of numbered sentences."""
        self.facts(title, ((str(i), text) for i, text in enumerate(texts, start=1)))

    def _wide(self, text: str) -> None:
        """Write text over the width of the page, with a row high enough for it."""
        form = self.styles.cell(text_wrap=True, align="left")
        lines = sum(max(1, math.ceil(text_width(line) / 118)) for line in (text.split("\n") or [""]))
        self.page.sheet.merge_range(self.row, 1, self.row, 3, "", form)
        self.page.text(self.row, 1, text, form)
        self.page.height(self.row, 13 * min(lines, 25) + 2)
        self.row += 1

    def sign_off(self) -> None:
        self.title(tables.SIGN_OFF.title)
        for i, column in enumerate(tables.SIGN_OFF.columns):
            self.page.text(self.row, i, column.name, self.styles.heading(first=not i))
        for step in ("Prepared", "Reviewed", "Approved"):
            self.row += 1
            self.page.height(self.row, 22)
            self.page.text(self.row, 0, step, self.styles.text(valign="vcenter"))
            for entry in (1, 2):
                self.page.entry(self.row, entry, Role.ENTRY_TEXT)
        self.row += 2

    def assumptions(self) -> None:
        found = list(assumptions(self.book))
        self.title(tables.ASSUMPTIONS.title)
        for i, column in enumerate(tables.ASSUMPTIONS.columns):
            self.page.text(self.row, i, column.name, self.styles.heading(first=not i))
        self.row += 1
        for entry in found[:MOST_ASSUMPTIONS]:
            for i, text in enumerate(entry):
                self.page.text(self.row, i, text, self.styles.of(Role.LONG))
            self.row += 1
        rest = len(found) - MOST_ASSUMPTIONS
        if rest > 0 or not found:
            text = f"and {rest:,} more rows without evidence" if found else "None: every row names its source."
            self.page.text(self.row, 0, text, self.styles.text())
            self.row += 1
        self.row += 1


def write_about(book: Book) -> None:
    """Write how the plan was made and what it rests on."""
    about, result = _About(book), book.result
    about.page.widen({i: column.width for i, column in enumerate(tables.ASSUMPTIONS.columns)})
    about.sign_off()
    about.facts("How it was made", _facts(book))
    about.facts("From the scenario", _settings(book))
    about.lines("Messages", (*result.messages,) or ("None.",))
    about.lines("Limits of use", LIMITS_OF_USE)
    about.facts("Contents", _contents(book))
    about.assumptions()
    about.page.finish(freeze=0, repeat=None)


def _message(book: Book) -> str:
    step = book.result.step
    rounded = (
        f"amounts are whole multiples of {exactly(step)} {book.result.scenario.unit}"
        if step
        else "amounts are not rounded"
    )
    return f"Made by allocate {__version__} from {book.result.scenario.path or 'a scenario'}; {rounded}."


def _facts(book: Book) -> Iterator[tuple[str, str]]:
    result, scenario, run = book.result, book.result.scenario, book.result.run
    yield "Scenario file", scenario.path
    yield "SHA-256 of it", scenario.sha256
    yield "Made at", book.made.strftime("%Y-%m-%d %H:%M:%S UTC")
    yield "Made by", f"allocate {__version__}"
    yield "Solver", run.solver
    if run.columns or run.rows:
        yield "Programme", f"{run.columns:,} columns, {run.rows:,} rows"
    yield from ((f"Version of {name}", text) for name, text in run.versions.items())
    yield from ((f"Option {name}", text) for name, text in run.options.items())
    yield "Objective", str(scenario.objective)
    if result.objective is not None:
        yield "… of the plan", exactly(result.objective)
    if result.unrounded_objective is not None:
        yield "… of the unrounded optimum", number(result.unrounded_objective, 6)
    yield "Unit", scenario.unit
    asked = "" if result.step == scenario.step else f" (asked for: {exactly(scenario.step, 12)})"
    yield "Step used", (exactly(result.step, 12) if result.step else "not rounded") + asked
    yield "Equally good plans", TIE if result.tie else "None: the optimum is unique."


TIE = (
    "There are others: among equally good plans this is the one closest to last year, then the one that spreads "
    "sources evenly, then the first in order of area, year and source."
)


def _settings(book: Book) -> Iterator[tuple[str, str]]:
    for setting in book.result.scenario.settings:
        yield setting.name, "" if setting.value is None else str(setting.value)


def _contents(book: Book) -> Iterator[tuple[str, str]]:
    for sheet, holds in tables.SHEETS.items():
        if sheet == "Inputs …":
            yield sheet, f"{holds} {', '.join(book.inputs)}"
        elif book.workbook.get_worksheet_by_name(sheet) is not None:
            yield sheet, holds


def assumptions(book: Book) -> Iterator[tuple[str, str, str, str]]:
    """Yield the input rows that are marked as assumption, or whose table has Evidence and they have none."""
    for sheet in book.result.scenario.inputs:
        if sheet.table in (None, scenario_tables.SCENARIO.sheet) or not sheet.header_row or not sheet.last_row:
            continue
        at = {heading: column - 1 for column, heading in sheet.headings.items()}
        names = next(table for table in scenario_tables.TABLES if table.sheet == sheet.table)
        first = at.get(names.columns[0].name, 0)
        for r in range(sheet.header_row, sheet.last_row):
            row = sheet.rows[r]
            why = _why(_text(row, at.get("Status")), _text(row, at.get("Evidence")))
            if why and any(value not in (None, "") for value in row):
                yield str(Cell(sheet.name, r + 1, first + 1)), _text(row, first), why, _text(row, at.get("Note"))


def _why(status: str, evidence: str) -> str:
    assumed = status.casefold() == "assumption"
    return "; ".join(["assumption"] * assumed + ["no evidence given"] * (not evidence))


def _text(row: Sequence[Raw], column: int | None) -> str:
    if column is None or column >= len(row) or row[column] is None:
        return ""
    return str(row[column])
