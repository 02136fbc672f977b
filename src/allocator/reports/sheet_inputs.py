"""The sheets Inputs …: the scenario's sheets as they were read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction

from allocator.reports.page import LINE_HEIGHT, Book, set_print, wrapped_lines
from allocator.reports.styles import FILL
from allocator.reports.words import decimals_of, exactly
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.origin import Raw
from allocator.spreadsheet.printing import shortened, text_units, text_width
from allocator.wording.edits import cause

LONGEST_NAME = 31
WIDEST_INPUT = 40
CHARACTERS_WIDE = 230
"""So wide a sheet still reads well on one page."""
UNGROUPED = frozenset({"Start", "Completion", "Year", "Years", "Date", "Version", None})
"""Headings of numbers that are no quantities; None: no table's column."""


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
    pages = max(1, round(sum(widths.values()) / CHARACTERS_WIDE))
    set_print(book, out, (pages, 0))
    if pages > 1:
        out.repeat_columns(0)
    out.set_header(f"&L&8&A: {_origin(book.result.scenario)}", {"margin": 0.2})


def _origin(scenario: Scenario) -> str:
    """Return where the cells are from; a row that a variant removes is gone from them."""
    if scenario.changed_by is None:
        return "as read from the scenario, every cell at its own address"
    by = cause(scenario.changed_by)
    return shortened(f"as read from the scenario and changed by {by} (what was changed: sheet About)")


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
