"""Rows → scenario workbook: templates, examples, copies.

Every sheet has its title in A1, one sentence of help in A2, headings in row 4 and entries from row 5 on. What
a column holds, its help, example and drop-down list come from `allocator.scenario.tables`. Whatever is given is
written as text or as a number: nothing becomes a formula or a link. The same content gives the same bytes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from allocator.errors import OutputError
from allocator.scenario.choices import Choices
from allocator.scenario.families import Family
from allocator.scenario.guide import GUIDE_SHEET, write_guide
from allocator.scenario.settings import SETTINGS
from allocator.scenario.tables import (
    AREAS,
    EFFECTS,
    PROVENANCE,
    RULES,
    SCENARIO,
    TABLES,
    WHAT_IF,
    Column,
    Content,
    Table,
)
from allocator.scenario.vocabulary import AMOUNTS
from allocator.spreadsheet.printing import footer

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

type Value = str | int | float | Decimal | None
type Row = Mapping[str, Value]
type Rows = Mapping[str, Sequence[Row]]
"""Sheet → its rows; a row is heading → value."""

HEADING_ROW = 3
"""Where headings stand, counted from 0."""
FIRST_ROW = HEADING_ROW + 1
SPARE_ROWS = 6
"""Blank rows below a table that look like entries."""
WIDE = 235
"""Sheets with more characters to a line print on two pages side by side, so that they stay legible."""
LINE_HEIGHT = 13.5

INK, MUTED, LINE, HEAD = "#1F2937", "#6B7280", "#D1D5DB", "#E5E7EB"
ENTRY, PAPER, WARNING = "#1D4ED8", "#FEFCE8", "#B45309"

_CREATED = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""In the document's properties, so that equal content gives equal files."""

_LONG_FORM = ("Indicator", "Effect", "Cost per unit", "Spending 1", "Result 1", "Spending 2", "Result 2")
"""The columns of Effects that a matrix doesn't have."""


@dataclass(frozen=True)
class Field:
    """A column of a sheet as it is written; `column` is None for a heading that `tables` doesn't know."""

    heading: str
    column: Column | None

    @property
    def content(self) -> Content:
        """What its cells hold."""
        return self.column.content if self.column else Content.MIXED


def write_scenario(target: Path | BinaryIO, content: Rows, *, title: str = "", guide: bool = True) -> None:
    """Write a scenario workbook: every known sheet, also those without rows, ready to be filled in.

    A heading of a family (a year, ``Last year: City budget``, an indicator's name) is used as it is;
    headings that no table knows follow at the end. With a path, the file that stood there stays whole until the
    new one is done.
    """
    unknown = set(content) - {table.sheet for table in TABLES}
    if unknown:
        raise ValueError(f"no such sheets in a scenario: {', '.join(sorted(unknown))}")
    data = BytesIO()
    _write_workbook(data, content, title, guide)
    if isinstance(target, Path):
        write_bytes(target, data.getvalue())
    else:
        target.write(data.getvalue())


def write_bytes(target: Path, data: bytes) -> None:
    """Put `data` at `target` in one go: the file that stood there stays whole if that fails (OutputError)."""
    name = ""
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".allocate-", delete=False) as file:
            name = file.name
            file.write(data)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(target)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise OutputError(f"can't write {target}: {error.strerror or error}") from error


def _umask() -> int:
    """Return the process's umask, which temporary files do not follow."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _write_workbook(data: BytesIO, content: Rows, title: str, guide: bool) -> None:
    """Write the whole workbook into `data`."""
    from xlsxwriter import Workbook

    with Workbook(data, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": title, "created": _CREATED})
        writer = _Writer(workbook, content, title)
        tables = [table for table in TABLES if not table.later or content.get(table.sheet)]
        if guide:
            write_guide(workbook.add_worksheet(GUIDE_SHEET), writer.format)
        sheets = {table.sheet: workbook.add_worksheet(table.sheet) for table in tables}
        writer.choices.write(workbook, writer.format)
        for table in tables:
            writer.write_table(sheets[table.sheet], table)
        sheets[SCENARIO.sheet].activate() if not guide else None


def fields(table: Table, content: Rows) -> list[Field]:
    """Return the columns that `table` is written with: as declared, families expanded, then unknown ones."""
    rows = content.get(table.sheet, ())
    given = list(dict.fromkeys(heading for row in rows for heading in row))
    known = table.by_name
    families = {h: family for h in given if h not in known and (family := _family(table, h, content))}
    years = _years(content)
    result = []
    for column in table.columns:
        if column.family:
            headings = [h for h in given if families.get(h) == column.family]
            if column.family is Family.PROPOSED and len(years) > 1:
                headings = [column.family.heading(year) for year in years]
            result += [Field(heading, column) for heading in headings]
        elif _wanted(table, column, given, families, years):
            result.append(Field(column.name, column))
    extra = [Field(h, None) for h in given if h not in known and h not in families]
    return result + extra


def _wanted(table: Table, column: Column, given: list[str], families: dict[str, Family], years: list[str]) -> bool:
    """Return whether a plain column is written: no long form beside a matrix, no Proposed for many years."""
    if column.name in given:
        return True
    if table is EFFECTS and families:
        return column.name not in _LONG_FORM
    return not (table is AREAS and column.name == "Proposed" and len(years) > 1)


def _family(table: Table, heading: str, content: Rows) -> Family | None:
    """Return the family that a made-up heading belongs to; None where it is of none."""
    column = table.column(heading)
    family = column.family if column else None
    indicators = {row.get("Indicator") for row in content.get("Indicators", ())}
    return None if family is Family.INDICATOR and heading not in indicators else family


def _years(content: Rows) -> list[str]:
    """Return the year headings of Budget, in order of time."""
    return sorted({h for row in content.get("Budget", ()) for h in row if Family.YEAR.has(h)})


def decimals(value: Value) -> int:
    """Return how many decimals a number needs.

    >>> decimals(0.001), decimals(5), decimals(Decimal("2.50"))
    (3, 0, 1)
    """
    if not isinstance(value, int | float | Decimal):
        return 0
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


class _Writer:
    """One workbook being written: its content and the cell formats made so far."""

    def __init__(self, workbook: Workbook, content: Rows, title: str) -> None:
        self.workbook = workbook
        self.content = content
        self.title = title
        settings = {str(row.get("Setting")): row.get("Value") for row in content.get(SCENARIO.sheet, ())}
        self.unit = str(settings.get("Unit") or "")
        self.step = decimals(settings.get("Step", 0))
        self.choices = Choices(content, self.unit)
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the workbook's format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": "Calibri", "font_size": 10, "font_color": INK, "valign": "top"}
            self._formats[key] = self.workbook.add_format(base | properties)
        return self._formats[key]

    def write_table(self, sheet: Worksheet, table: Table) -> None:
        """Write one sheet: title, help, headings with notes, entries, drop-down lists, print set-up."""
        columns = fields(table, self.content)
        rows = self.rows(table)
        spare = SPARE_ROWS if rows else 2 * SPARE_ROWS
        sheet.hide_gridlines(2)
        unit = f", {self.unit}" if self.unit and table in (AREAS, TABLES[1]) else ""
        heading = f"{table.sheet}{unit}" + (f" – {self.title}" if self.title else "")
        sheet.write_string(0, 0, heading, self.format(bold=True, font_size=14))
        sheet.write_string(1, 0, table.help, self.format(font_color=MUTED))
        sheet.set_row(0, 21)
        sheet.set_row(HEADING_ROW, 30)
        width, lines = 0.0, [1] * len(rows)
        for position, field in enumerate(columns):
            self.write_heading(sheet, position, field)
            texts = self.write_column(sheet, position, field, rows, spare)
            column_width = _width(field, texts)
            sheet.set_column(position, position, column_width)
            width += column_width
            lines = [max(most, _lines(text, column_width)) for most, text in zip(lines, texts, strict=True)]
            self.choices.offer(sheet, table, field.heading, field.column, position, columns)
        for index, count in enumerate(lines):
            if count > 1:
                sheet.set_row(FIRST_ROW + index, LINE_HEIGHT * count + 1)
        if table is SCENARIO:
            self.note_settings(sheet, rows)
            self.choices.offer_settings(sheet, rows)
        self.mark_assumptions(sheet, columns)
        self.set_up_page(sheet, width)

    def rows(self, table: Table) -> Sequence[Row]:
        """Return the table's rows; for a Scenario sheet without any, its settings to fill in."""
        rows = self.content.get(table.sheet, ())
        if table is SCENARIO and not rows:
            return [{"Setting": setting.name} for setting in SETTINGS]
        return rows

    def write_heading(self, sheet: Worksheet, position: int, field: Field) -> None:
        """Write a heading (a year as a number) with its note; required ones are bold."""
        required = bool(field.column and field.column.required)
        side: dict[str, Any] = {"align": "left", "indent": 1} if _is_text(field.content) else {"align": "right"}
        look = self.format(
            bold=required,
            bg_color=HEAD,
            bottom=2 if required else 1,
            bottom_color=INK,
            text_wrap=True,
            valign="vcenter",
            num_format="0",
            **side,
        )
        if field.column and field.column.family is Family.YEAR:
            sheet.write_number(HEADING_ROW, position, int(field.heading), look)
        else:
            sheet.write_string(HEADING_ROW, position, field.heading, look)
        if field.column:
            text = _note(field.column)
            height = 16 * (2 + sum(1 + len(line) // 42 for line in text.split("\n")))
            options = {"author": "allocate", "width": 280, "height": height, "font_size": 9}
            sheet.write_comment(HEADING_ROW, position, text, options)

    def write_column(self, sheet: Worksheet, position: int, field: Field, rows: Sequence[Row], spare: int) -> list[str]:
        """Write a column's entries and some blank entry cells below; return about what the entries show."""
        values = [row.get(field.heading) for row in rows]
        texts = []
        for index, value in enumerate(values):
            number_format = self.number_format(field, rows[index], values)
            self.write_entry(sheet, FIRST_ROW + index, position, value, self.entry(field, number_format))
            texts.append(_shown(value, number_format))
        blank = self.entry(field, self.number_format(field, {}, values))
        for index in range(len(rows), len(rows) + spare):
            sheet.write_blank(FIRST_ROW + index, position, None, blank)
        return texts

    def entry(self, field: Field, number_format: str) -> Format:
        """Return the look of an entry cell: blue on pale yellow."""
        text = _is_text(field.content)
        side: dict[str, Any] = {"align": "left", "indent": 1} if text else {"align": "right"}
        return self.format(
            font_color=ENTRY,
            bg_color=PAPER,
            border=1,
            border_color=LINE,
            num_format=number_format,
            text_wrap=text,
            **side,
        )

    def write_entry(self, sheet: Worksheet, row: int, column: int, value: Value, look: Format) -> None:
        """Write one value as what it is: a number, or text that stays text whatever it begins with."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, look)
        elif isinstance(value, str):
            if sheet.write_string(row, column, value, look) != 0:
                raise OutputError(f"a text of {len(value):,} letters is too long for a cell: {value[:60]}…")
        else:
            sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, look)

    def number_format(self, field: Field, row: Row, values: Sequence[Value]) -> str:
        """Return the number format of a cell: amounts and shares with the decimals that tell them apart.

        A blank Value of Rules stays General: typed into a percentage cell, an amount of 50 would become 50 %.
        """
        content = field.content
        if field.column in RULES.columns and field.heading == "Value":
            content = Content.AMOUNT if row.get("Basis") in AMOUNTS else Content.SHARE
            if not row:
                return "General"
        if row.get("Setting") == "Discount rate":
            content = Content.SHARE
        if field.column in WHAT_IF.columns and field.heading == "Value" and not isinstance(row.get("Value"), str):
            content = self.changed_content(row)
        if content is Content.AMOUNT:
            places = max([self.step, decimals(row.get(field.heading))])
            return "#,##0" + ("." + "0" * places if places else "")
        if content is Content.SHARE:
            mine = [row.get(field.heading)] if field.column in WHAT_IF.columns else values
            places = max([0 if row else 2, *(decimals(value) - 2 for value in mine)])
            return "0" + ("." + "0" * places if places else "") + "%"
        return "@" if content in (Content.TEXT, Content.NAME, Content.NAMES) else "General"

    def changed_content(self, row: Row) -> Content:
        """Return what a number in a row of What-if is: a percentage, an amount, or any number."""
        if not row or row.get("Value") is None:
            return Content.MIXED
        heading, name = str(row.get("Column")), row.get("Row")
        rule = next((rule for rule in self.content.get(RULES.sheet, ()) if rule.get("Rule") == name), {})
        amount = row.get("Sheet") == RULES.sheet and heading == "Value" and rule.get("Basis") in AMOUNTS
        table = next((table for table in TABLES if table.sheet == row.get("Sheet")), WHAT_IF)
        spec = table.by_name.get(heading)
        share = name == "Discount rate" or (spec is not None and spec.content is Content.SHARE and not amount)
        return Content.SHARE if share or row.get("Change") == "change by" else Content.AMOUNT

    def note_settings(self, sheet: Worksheet, rows: Sequence[Row]) -> None:
        """Put the help of each known setting as a note at its name."""
        specs = {spec.name: spec for spec in SETTINGS}
        for index, row in enumerate(rows):
            spec = specs.get(str(row.get("Setting")))
            if spec:
                default = f"\nBlank means: {spec.default}." if spec.default else ""
                required = "\nRequired." if spec.required else ""
                options = {"author": "allocate", "width": 280, "font_size": 9}
                sheet.write_comment(FIRST_ROW + index, 0, spec.help + default + required, options)

    def mark_assumptions(self, sheet: Worksheet, columns: Sequence[Field]) -> None:
        """Show the word `assumption` in amber wherever it stands as a Status."""
        for position, field in enumerate(columns):
            if field.heading == "Status":
                look = self.workbook.add_format({"font_color": WARNING, "bold": True})
                rule = {"type": "cell", "criteria": "==", "value": '"assumption"', "format": look}
                sheet.conditional_format(FIRST_ROW, position, self.choices.last_row, position, rule)

    def set_up_page(self, sheet: Worksheet, width: float) -> None:
        """Freeze headings and names; A4 landscape, fitted to width."""
        sheet.freeze_panes(FIRST_ROW, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(2 if width > WIDE else 1, 0)
        sheet.repeat_rows(HEADING_ROW)
        sheet.repeat_columns(0, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer(footer(self.title, "&A"))


def _is_text(content: Content) -> bool:
    """Return whether a column's cells are words (also), set to the left."""
    return content not in (Content.AMOUNT, Content.NUMBER, Content.SHARE)


def _note(column: Column) -> str:
    """Return the note on a heading: what it holds, what blank means, an example."""
    lines = [column.help]
    if column.required:
        lines.append("Required.")
    if column.default:
        lines.append(f"Blank means: {column.default}.")
    if column.example is not None:
        lines.append(f"For example: {example(column)}")
    return "\n".join(lines)


def example(column: Column) -> str:
    """Return a column's example as an officer would type it, empty where there is none.

    >>> example(Column("Value", Content.SHARE, "", 0.04))
    '4%'
    """
    if column.example is None:
        return ""
    if isinstance(column.example, str):
        return column.example
    if column.content is Content.SHARE:
        return f"{column.example * 100:.6g}%"
    return f"{column.example:,.10g}" if column.content is Content.AMOUNT else f"{column.example:.10g}"


def _shown(value: Value, number_format: str) -> str:
    """Return about what a cell shows, to find the column's width."""
    if isinstance(value, int | float | Decimal):
        places = len(number_format.partition(".")[2].rstrip("%"))
        if number_format.endswith("%"):
            return f"{float(value) * 100:.{places}f}%"
        return f"{value:,.{places}f}" if number_format.startswith("#") else str(value)
    return value or ""


def _lines(text: str, width: float) -> int:
    """Return in how many lines a text is shown in a cell of this width."""
    return sum(max(1, ceil(len(line) / (1.1 * (width - 1)))) for line in text.split("\n"))


def _width(field: Field, texts: Sequence[str]) -> float:
    """Return a column's width in characters: its longest word at least, prose wrapped."""
    heading = max(len(word) for word in field.heading.split()) + 3.5
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    most = {"Evidence": 44, "Note": 38, "Output": 30, "Legal basis": 24}.get(field.heading, 30)
    prose = field.content is Content.TEXT and field.column in (*PROVENANCE, *AREAS.columns)
    if prose and longest > most:
        return float(most)
    return max(8.0, heading, min(longest * 1.05 + 2.5, 42))
