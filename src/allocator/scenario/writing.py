"""Rows → scenario workbook: templates, examples, copies.

Every sheet has its title in A1, one sentence of help in A2, headings in row 4 and entries from row 5 on. What
a column holds, its help, example and drop-down list come from `allocator.scenario.schema`. Whatever is given is
written as text or as a number: nothing becomes a formula or a link. The same content gives the same bytes.

Names in lists come from the first column of the sheets where they are declared, so that a new area is offered at
once. Where a column also takes other text (groups, several names, goal 4), the list is a suggestion:
Excel tells, and lets it pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from allocator.errors import OutputError
from allocator.scenario.guide import GUIDE_SHEET, write_guide
from allocator.scenario.schema import (
    ALL,
    AMOUNTS,
    AREAS,
    BASIS_WORDS,
    BUDGET,
    BUDGET_TABLE,
    EFFECTS,
    EVERY_AREA,
    EVERY_AREA_IN,
    EVERY_YEAR,
    INDICATORS,
    OPERATOR_WORDS,
    PROVENANCE,
    RULES,
    SCENARIO,
    SETTINGS,
    TABLES,
    TOTAL,
    WHAT_IF,
    Column,
    Content,
    Family,
    Table,
)
from allocator.scenario.sheets import write_bytes
from allocator.spreadsheet.printing import footer
from allocator.spreadsheet.references import column_letters

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

_HEADING: dict[str, Any] = {"bg_color": HEAD, "bottom_color": INK, "text_wrap": True, "valign": "vcenter"}
_HEADING |= {"num_format": "0"}
_ENTRY: dict[str, Any] = {"font_color": ENTRY, "bg_color": PAPER, "border": 1, "border_color": LINE}

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
            self.choices.offer(sheet, table, position, columns)
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
        line = {"bold": required, "bottom": 2 if required else 1}
        look = self.format(**_HEADING, **line, **_side(field.content))
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
        wrap = _is_text(field.content)
        return self.format(**_ENTRY, num_format=number_format, text_wrap=wrap, **_side(field.content))

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


def _side(content: Content) -> dict[str, Any]:
    """Return how a column's cells are aligned."""
    return {"align": "left", "indent": 1} if _is_text(content) else {"align": "right"}


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
        lines.append(f"For example: {column.typed_example}")
    return "\n".join(lines)


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


# ---- Drop-down lists and checks -------------------------------------------------------------------------------------


LISTS_SHEET = "Lists"
ENTRY_ROWS = 200
"""How many rows have drop-down lists at least."""
NAME_ROWS = 60
"""How many names the lists for Rules follow at least."""

_DECLARED = {"area": AREAS, "source": BUDGET_TABLE, "indicator": INDICATORS}
_OPEN_KEYWORDS = ("Operator", "Strength")
"""Keyword columns that know more spellings than their list."""

type Options = dict[str, Any]


class Choices:
    """What the cells of one workbook may hold."""

    def __init__(self, content: Mapping[str, Sequence[Mapping[str, Any]]], unit: str) -> None:
        self.content = content
        self.unit = unit or "the scenario's unit"
        longest = max((len(rows) for rows in content.values()), default=0)
        self.last_row = FIRST_ROW + max(ENTRY_ROWS, longest + 50) - 1
        """The last row with lists and checks, counted from 0."""
        self._column = {"Rules/Area": 0, "Rules/Basis": 1, "Rules/Source": 2, "Areas/Group": 3}
        self._yearly = 4
        """Of these lists: what may stand as Column of What-if where Sheet is Budget."""

    def groups(self) -> list[str]:
        """Return the group names in the rows of Areas."""
        texts = (str(row.get("Group") or "") for row in self.content.get(AREAS.sheet, ()))
        return list(dict.fromkeys(name.strip() for text in texts for name in text.split(";") if name.strip()))

    def write(self, workbook: Workbook, look: Callable[..., Format]) -> None:
        """Write the sheet that the longer lists are taken from."""
        sheet = workbook.add_worksheet(LISTS_SHEET)
        sheet.set_tab_color("#9CA3AF")
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, "Lists", look(bold=True, font_size=14))
        muted = look(font_color="#6B7280")
        sheet.write_string(1, 0, "What the drop-down lists offer; nothing to fill in here.", muted)
        groups = self.groups()
        areas = [TOTAL, EVERY_AREA, *groups, *(EVERY_AREA_IN + group for group in groups)]
        bases = [*BASIS_WORDS, *groups]
        lists: list[tuple[str, list[str], Table | None]] = [
            ("Offered as Area of Rules", areas, AREAS),
            ("Offered as Basis of Rules", bases, AREAS),
            ("Offered as Source of Rules", [BUDGET, ALL], BUDGET_TABLE),
            ("Offered as Group of Areas", groups, None),
            ("Offered as Column of What-if (Budget)", self.budget_columns(), None),
        ]
        for column, (heading, words, table) in enumerate(lists):
            sheet.set_column(column, column, 32)
            sheet.write_string(FIRST_ROW - 1, column, heading, look(bold=True, bg_color="#E5E7EB"))
            for row, word in enumerate(words, start=FIRST_ROW):
                sheet.write_string(row, column, word, look(num_format="@"))
            if table:
                self._follow_names(sheet, FIRST_ROW + len(words), column, table)
        sheet.freeze_panes(FIRST_ROW, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)

    def _follow_names(self, sheet: Worksheet, row: int, column: int, table: Table) -> None:
        """Write formulas that follow the names in a table's first column."""
        rows = self.content.get(table.sheet, ())
        for index in range(max(NAME_ROWS, len(rows) + 20)):
            name = str(rows[index].get(table.columns[0].name) or "") if index < len(rows) else ""
            cell = f"{table.sheet}!$A${FIRST_ROW + index + 1}"
            sheet.write_formula(row + index, column, f'=IF({cell}="","",{cell})', None, name)

    def offer(self, sheet: Worksheet, table: Table, position: int, columns: Sequence[Field]) -> None:
        """Give a column's cells their drop-down list, or the check of what is typed."""
        column = columns[position].column
        options = self._options(table, column, position, columns) if column else None
        if options:
            sheet.data_validation(FIRST_ROW, position, self.last_row, position, options)

    def _options(self, table: Table, column: Column, position: int, columns: Sequence[Field]) -> Options | None:
        """Return the validation of a column, or None."""
        heading = columns[position].heading
        listed = self._column.get(f"{table.sheet}/{'Source' if heading == 'Basis source' else heading}")
        if listed is not None:
            return _suggest(heading, _names(LISTS_SHEET, listed, 'COUNTIF({0},"?*")'), column)
        if column.content is Content.KEYWORD and column.keywords:
            return _keywords(column)
        if table is WHAT_IF and heading in ("Row", "Column"):
            return self._of_sheet(heading, column, columns)
        if column.refers_to in _DECLARED:
            return _declared(heading, column)
        if column in RULES.columns and heading == "Value":
            return _rule_value(position, [field.heading for field in columns])
        return _figure(column, position, self.unit)

    def _of_sheet(self, heading: str, column: Column, columns: Sequence[Field]) -> Options:
        """Return the list of the names, or of the headings, on the sheet that the row of What-if names."""
        sheet = f"${column_letters([field.heading for field in columns].index('Sheet') + 1)}{FIRST_ROW + 1}"
        first = FIRST_ROW + 1
        start, end, size = f"$A${first}", f"$A${first + 999}", "MAX(1,COUNTA({0})),1"
        if heading == "Column":
            start, end, size = f"$B${first - 1}", f"$AZ${first - 1}", "1,MAX(1,COUNTA({0}))"
        inside = [f'INDIRECT("\'"&{sheet}&"\'!{place}")' for place in (start, f"{start}:{end}")]
        source = f"OFFSET({inside[0]},0,0,{size.format(inside[1])})"
        if heading == "Column":
            letters = column_letters(self._yearly + 1)
            years = f"{LISTS_SHEET}!${letters}${first}:${letters}${FIRST_ROW + len(self.budget_columns())}"
            source = f'IF({sheet}="{BUDGET_TABLE.sheet}",{years},{source})'
        return _suggest(heading, f"={source}", column)

    def budget_columns(self) -> list[str]:
        """Return what may stand as Column of What-if for the sheet Budget, years first."""
        given = [str(heading) for row in self.content.get(BUDGET_TABLE.sheet, ()) for heading in row]
        years = sorted({heading for heading in given if Family.YEAR.has(heading)})
        own = [column for column in BUDGET_TABLE.columns if not column.family and column not in PROVENANCE]
        return [EVERY_YEAR, *years, *(column.name for column in own[1:])]

    def offer_settings(self, sheet: Worksheet, rows: Sequence[Mapping[str, Any]]) -> None:
        """Give the values of Scenario their lists and checks, each by its setting's name."""
        names = [spec.name for spec in SETTINGS]
        note = "Other settings are welcome: they travel with the plan."
        listed = _options("list", SCENARIO.columns[0].name, note, "information", source=names)
        sheet.data_validation(FIRST_ROW, 0, self.last_row, 0, listed)
        objectives = ["maximise benefit", "minimise spending"]
        other = "Or: maximise, or minimise, and an indicator's name."
        step = {"criteria": ">=", "value": 0}
        rate = {"criteria": "between", "minimum": 0, "maximum": 1}
        share = "A percentage with its sign, such as 3%."
        checks = {
            "Objective": _options("list", "Objective", other, "information", source=objectives),
            "Step": _options("decimal", "Step", "A number, 0 or more: 1, or 0.001.", "warning", **step),
            "Discount rate": _options("decimal", "Discount rate", share, "warning", **rate),
        }
        for index, row in enumerate(rows):
            options = checks.get(str(row.get("Setting")))
            if options:
                sheet.data_validation(FIRST_ROW + index, 1, FIRST_ROW + index, 1, options)


def _declared(heading: str, column: Column) -> Options:
    """Return the list of names declared on another sheet; several names with ``;`` pass."""
    declared = _DECLARED[column.refers_to]
    source = _names(declared.sheet, 0, "COUNTA({0})")
    if column.content is Content.NAMES:
        return _suggest(heading, source, column)
    message = f"The sheet {declared.sheet} has no {column.refers_to} of this name. Keep it all the same?"
    return _options("list", heading, message, "warning", source=source)


def _options(validate: str, title: str, message: str, style: str, **more: Any) -> Options:
    """Return XlsxWriter's options for a validation that speaks up in `style` (stop, warning, information)."""
    said = {"error_title": title[:32], "error_message": message[:255], "error_type": style}
    return {"validate": validate, **said, **more}


def _names(sheet: str, column: int, count: str) -> str:
    """Return the formula of a list that starts in row 5 of a column and ends where `count` says."""
    letters = column_letters(column + 1)
    cells = f"{sheet}!${letters}${FIRST_ROW + 1}:${letters}${FIRST_ROW + 1000}"
    return f"=OFFSET({sheet}!${letters}${FIRST_ROW + 1},0,0,MAX(1,{count.format(cells)}),1)"


def _suggest(heading: str, source: str, column: Column) -> Options:
    """Return a list that other text may pass by."""
    several = " Separate several names by a semicolon." if column.content is Content.NAMES else ""
    message = f"Not on the list; that's fine if it is meant. {column.help}{several}"
    return _options("list", heading, message, "information", source=source)


def _keywords(column: Column) -> Options:
    """Return the list of a keyword column."""
    is_open = column.name in _OPEN_KEYWORDS
    words = list(OPERATOR_WORDS) if column.name == "Operator" else list(column.keywords)
    message = f"One of: {', '.join(words)}."
    return _options("list", column.name, message, "warning" if is_open else "stop", source=words)


def _rule_value(position: int, headings: Sequence[str]) -> Options:
    """Return the check of a rule's Value: a percentage, unless Basis is amount."""
    value, basis = (f"{column_letters(i + 1)}{FIRST_ROW + 1}" for i in (position, headings.index("Basis")))
    amounts = ",".join(f'${basis}="{word}"' for word in AMOUNTS)
    formula = f"=OR({amounts},AND(ISNUMBER({value}),ABS(N({value}))<=2))"
    message = "Type a percentage with its sign, such as 4%. Only where Basis is amount, type an amount."
    return _options("custom", "Value", message, "warning", value=formula)


def _figure(column: Column, position: int, unit: str) -> Options | None:
    """Return the check of a column of figures, or None for words."""
    cell = f"{column_letters(position + 1)}{FIRST_ROW + 1}"
    lifted = f',{cell}="none"' if column.can_lift else ""
    also = ", or none for no limit" if column.can_lift else ""
    if column.content is Content.AMOUNT:
        formula = f"=OR(AND(ISNUMBER({cell}),N({cell})>=0){lifted})"
        message = f"An amount in {unit[:60]}, not negative{also}."
    elif column.content is Content.SHARE:
        limit = 10 if column.name == "Up to, of last year" else 1
        formula = f"=OR(AND(ISNUMBER({cell}),N({cell})>=0,N({cell})<={limit}){lifted})"
        message = f"A percentage with its sign, such as 4% or 4.5%{also}."
    elif column.content is Content.NUMBER:
        formula, message = f"=ISNUMBER({cell})", "A number."
    else:
        return None
    return _options("custom", column.name, message, "warning", value=formula)


# ---- The worked example ----------------------------------------------------------------------------------------------

TITLE = "Example: the budget of Rivermouth, 2027–2028"
_SETTINGS: Row = {
    "Title": TITLE,
    "Unit": "million",
    "Step": 0.1,
    "Objective": "maximise benefit",
    "Discount rate": 0.03,
    "Prepared by": "Budget office (example)",
    "Version": "1",
    "Notes": "Everything here is invented: write your own figures over it.",
}
_SOURCE: Row = {"Evidence": "Invented for this example", "Status": "assumption"}
_EXAMPLE = {
    "Budget": """\
Source | Kind | Last year | 2027 | 2028 | Spend | Carry over
City budget | budget | 1010 | 1070 | 1125 | up to | no
Development bank | other | 35 | 50 | 60 | up to | yes
""",
    "Areas": """\
Area | Part of | Group | Last year | Minimum | Maximum | Sources | Proposed 2027 | Proposed 2028 | \
Lead agency | Responsible | Output
Education | | People | 300 | | | City budget | 315 | 330 | Education department | \
Head of schools | 1,200 new school places
Health | | People | 220 | | 260 | City budget | 232 | 245 | Health department | Head of clinics | \
Two clinics in the outer districts
Social care | | People | 120 | | | City budget | 125 | 130 | Welfare department | Head of care | \
Home care for 900 more people
Culture and sport | | People | 40 | 35 | | City budget | 43 | 46 | Culture department | \
Head of culture | Library and sports hall in the north
Transport | | City | 190 | | | | 210 | 225 | Transport department | Head of transport | Bus lanes on four main roads
Environment | | City | | 110 | | | | | Environment department | Head of environment |
Water and waste | Environment | City | 85 | | | | 95 | 100 | Water works | Director of works | Main pipe renewed
Parks and clean air | Environment | City | 30 | | | City budget | 32 | 34 | \
Environment department | Head of parks | Three parks, eight measuring stations
Digital services | | City | 25 | | | | 30 | 35 | Digital office | Chief digital officer | All permits online
""",
    "Limits": """\
Area | Years | Maximum | Note
Digital services | '2027 | 32 | The office can't hire faster in its first year.
Transport | '2028 | 235 | Two of the four roads are done by then.
""",
    "Benefits": """\
Area | Up to | Up to, of last year | Benefit
Education | 300 | | 2.0
Education | 330 | | 1.5
Education | | | 0.9
Health | | 1 | 1.9
Health | | 1.1 | 1.4
Health | | | 0.8
Social care | | 1 | 1.8
Social care | | 1.12 | 1.3
Social care | | | 0.7
Culture and sport | 40 | | 1.6
Culture and sport | 43 | | 1.25
Culture and sport | | | 0.8
Transport | 200 | | 1.6
Transport | 230 | | 1.2
Transport | | | 0.6
Water and waste | 90 | | 1.7
Water and waste | 110 | | 1.1
Water and waste | | | 0.5
Parks and clean air | 32 | | 1.4
Parks and clean air | | | 0.9
Digital services | 30 | | 1.8
Digital services | 40 | | 1.2
Digital services | | | 0.4
""",
    "Rules": """\
Rule | Area | Source | Operator | Value | Basis | Years | Strength | Legal basis | Note
Education at least 28 % | Education | budget | >= | 0.28 | budget | | law | Education act, article 7 (invented) |
Culture over 4 % | Culture and sport | budget | over | 0.04 | budget | '2028 | must | \
Council decision 12 (invented) | Exactly 4 % would not be enough.
No deep cut | every area | | >= | -0.05 | change on last year | | must | | One rule for each area.
No sudden growth | every area in City | budget | at most | 0.2 | change on last year | | must | \
| Offices can't spend much more from one year to the next.
People come first | People | budget | >= | 0.62 | spending | | must | | Of all city money that is allotted.
Parks in Environment | Parks and clean air | all | >= | 0.25 | Environment | | must | |
Care grows faster | Social care | budget | >= | 0.004 | points on last year's share | | goal 1 | \
| 0.4 points more of the budget each year, as far as possible.
Transport capped at 20 % | Transport | budget | <= | 0.2 | budget | | off | \
| Waits for the variant that switches it on (sheet What-if).
""",
    "Indicators": """\
Indicator | Unit | Baseline | Operator | Target | Year | Counts | Measured from | Strength | Reference | Note
School places | thousand places | 42 | >= | 43.2 | 2028 | cumulative | last year | must | \
national average 40 | Only money above last year's builds new places.
Bus passengers | million a year | 18 | >= | 24.5 | 2028 | year | last year | goal 2 | neighbouring city 26 |
""",
    "Effects": """\
Area | School places | Bus passengers
Education | 0.02 |
Transport | | 0.15
""",
    "What-if": """\
Variant | Sheet | Row | Column | Change | Value | Note
Less revenue | Budget | City budget | every year | change by | -0.03 | A weak year for land sales.
Transport capped | Rules | Transport capped at 20 % | Strength | set | must | As the opposition asks.
Bank pays later | Budget | Development bank | 2027 | set | 20 | The loan is signed in autumn.
Bank pays later | Budget | Development bank | 2028 | add | 30 | What didn't come in 2027.
""",
}
"""Sheet → a small invented city's rows below their headings; as in a spreadsheet, ' before a number makes it a text."""


def example() -> Rows:
    """Return the example's content, sheet by sheet."""
    settings: list[Row] = [{"Setting": setting, "Value": value} for setting, value in _SETTINGS.items()]
    return {SCENARIO.sheet: settings} | {sheet: _rows(text) for sheet, text in _EXAMPLE.items()}


def _rows(text: str) -> list[Row]:
    """Return a table's rows, each with the word that it is an assumption."""
    headings, *lines = ([cell.strip() for cell in line.split("|")] for line in text.splitlines())
    return [{**dict(zip(headings, map(_typed, line), strict=True)), **_SOURCE} for line in lines]


def _typed(cell: str) -> Value:
    if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
        return cell.removeprefix("'") or None
    return float(cell) if "." in cell else int(cell)


def new_scenario(target: Path | BinaryIO) -> None:
    """Write an example, a small invented city, as a workbook to start from.

    Parameters
    ----------
    target
        A path, which is written in one step, or a stream.

    Raises
    ------
    OutputError
        It can't be written.
    """
    write_scenario(target, example(), title=TITLE)
