"""What changed in the inputs of two plans: matched by sheet, row's name and heading, not by address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from allocator.audit.claims import input_sheet
from allocator.audit.plan_tables import Value
from allocator.audit.workbook import PlanWorkbook, shown_input
from allocator.reports.seal import canonical_value
from allocator.scenario.cells import fold, is_blank
from allocator.scenario.differences import Held, Match, RowDifference, row_differences
from allocator.scenario.model import InputSheet
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.tables import TABLES, WHAT_IF

KEPT_DIGITS = 1e-12
"""As a part of themselves, what spreadsheet programs may change in numbers by saving them."""


class Change(StrEnum):
    """What becomes of a cell, or of a row, column or sheet."""

    SHEET_ADDED = "sheet added"
    SHEET_REMOVED = "sheet removed"
    COLUMN_ADDED = "column added"
    COLUMN_REMOVED = "column removed"
    ROW_ADDED = "row added"
    ROW_REMOVED = "row removed"
    CHANGED = "changed"
    """A cell's content."""


@dataclass(frozen=True)
class InputChange:
    """A cell that changed, or a row, column or sheet that was added or removed."""

    kind: Change
    sheet: str
    """The sheet in the scenario."""
    row: str
    """The name in its first column; ``NAME / 2`` for the second row of that name; empty for columns and sheets."""
    column: str
    """The heading; empty where there is none."""
    old_cell: str
    """``Rules!D7``, where it stood; empty where it didn't."""
    new_cell: str
    old: Value
    """For a row, what it holds in words."""
    new: Value
    percent: bool = False
    """Whether the numbers are percentages."""


@dataclass(frozen=True)
class _Line:
    """A row of an input table: its number, its name, the how-manieth of that name it is."""

    number: int
    name: str
    count: int


class _Input:
    """One input sheet: its heading row, its columns by heading, its rows by name."""

    def __init__(self, sheet: InputSheet) -> None:
        self.sheet = sheet
        self.lines = {
            number: {column: value for column, value in enumerate(row, 1) if not is_blank(value)}
            for number, row in enumerate(sheet.rows, 1)
        }
        self.head, first = self._find_head()
        headings = {} if self.head is None else self.lines[self.head]
        self.columns = _numbered((column, name_of(text)) for column, text in headings.items())
        self.rows: dict[str, list[_Line]] = {}
        for number, values in self.lines.items():
            if values and number != self.head:
                name = name_of(values.get(first)) if self.head and number > self.head else f"row {number}"
                of_name = self.rows.setdefault(fold(name), [])
                of_name.append(_Line(number, name, len(of_name) + 1))

    def _find_head(self) -> tuple[int | None, int]:
        """Return the heading row of the table that is declared for the sheet, and its first column."""
        for table in TABLES:
            if fold(table.sheet) == fold(self.sheet.name):
                wanted = {fold(name) for name in table.required}
                for row, values in self.lines.items():
                    found = {fold(str(value)): column for column, value in values.items()}
                    if wanted and wanted <= found.keys():
                        return row, found.get(fold(table.columns[0].name), min(values))
        return None, 1

    def heading(self, column: int) -> str:
        """Return the address of a column's heading."""
        return str(Cell(self.sheet.name, self.head or 1, column))

    def content(self, line: _Line) -> list[tuple[str, tuple[bool, str]]]:
        """Return what a row holds, by heading: what tells whether two rows are equal."""
        names = {column: fold(name) for name, column in self.columns.items()}
        return sorted((names.get(column, ""), content(value)) for column, value in self.lines[line.number].items())


def input_changes(old: PlanWorkbook, new: PlanWorkbook, *, variants: bool = True) -> Iterator[InputChange]:
    """Yield what differs between the Inputs sheets of two plans.

    Without `variants` the sheet What-if is left out: the plan of a variant has none.
    """
    before, after = _inputs(old), _inputs(new)
    for name in {**before, **after}:
        if fold(name) == fold(WHAT_IF.sheet) and not variants:
            continue
        if name not in after:
            yield InputChange(Change.SHEET_REMOVED, name, "", "", name, "", "", "")
        elif name not in before:
            yield InputChange(Change.SHEET_ADDED, name, "", "", "", name, "", "")
        else:
            yield from _sheet_changes(before[name], after[name])


def content(value: Raw) -> tuple[bool, str]:
    """Return what the contents of two cells are compared by: whether it is text, and numbers to 15 digits."""
    return isinstance(value, str), canonical_value(value)


def same_content(one: Held, other: Held, _heading: str) -> bool:
    """Whether two cells hold the same, to what spreadsheet programs keep of it."""
    return content(one.value) == content(other.value)


def name_of(value: Value) -> str:
    """Return a heading or a name as a reader writes it: a year without decimals."""
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else "" if value is None else str(value)


def same(one: Value, other: Value, part: float = KEPT_DIGITS) -> bool:
    """Whether two values are the same, numbers to `part` of themselves; a blank is the same as an empty text."""
    if isinstance(one, bool) or isinstance(other, bool) or not (isinstance(one, float) and isinstance(other, float)):
        return (one or "") == (other or "") if None in (one, other) else one == other and type(one) is type(other)
    return abs(one - other) <= part * max(abs(one), abs(other))


def shown(value: Value, *, percent: bool = False) -> str:
    """Return a cell's value in words.

    >>> shown(0.045, percent=True), shown(1250.5), shown(None)
    ('4.5 %', '1,250.5', 'blank')
    """
    if value is None or value == "":
        return "blank"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    text = f"{value * 100 if percent else value:,.12g}".replace("-", "−")
    return f"{text} %" if percent else text


def _inputs(workbook: PlanWorkbook) -> dict[str, _Input]:
    names = ((shown_input(name), sheet) for name, sheet in workbook.sheets.items())
    return {own: _Input(input_sheet(own, sheet)) for own, sheet in names if own is not None}


def _numbered(headings: Iterator[tuple[int, str]]) -> dict[str, int]:
    """Return heading → column; a heading that stands there again bears a number."""
    found: dict[str, int] = {}
    for column, text in headings:
        name, count = text, 1
        while fold(name) in map(fold, found):
            count += 1
            name = f"{text} / {count}"
        found[name] = column
    return found


def _sheet_changes(old: _Input, new: _Input) -> Iterator[InputChange]:
    columns = list(_columns(old, new))
    for name, before, after in columns:
        if before is None and after is not None and name:
            yield InputChange(Change.COLUMN_ADDED, new.sheet.name, "", name, "", new.heading(after), "", "")
        elif before is not None and after is None and name:
            yield InputChange(Change.COLUMN_REMOVED, old.sheet.name, "", name, old.heading(before), "", "", "")
    for found in row_differences(old.sheet, new.sheet, _rows(old, new), columns, same_content):
        yield from _cell_changes(found, new.head or 0) if found.kind == "changed" else (_row_change(found),)


def _cell_changes(found: RowDifference, head: int) -> Iterator[InputChange]:
    """Yield the cells of a row that changed; those of a column that came or went are not told one by one."""
    for edit in found.edits:
        if edit.before_cell is not None and edit.after_cell is not None:
            heading = edit.column if head and edit.after_cell.row > head else ""
            places = str(edit.before_cell), str(edit.after_cell)
            yield InputChange(
                Change.CHANGED, edit.sheet, edit.row, heading, *places, edit.before, edit.after, percent=edit.percent
            )


def _row_change(found: RowDifference) -> InputChange:
    """Return a row that came or went: where it begins, and what it holds."""
    edits = sorted(found.edits, key=lambda edit: edit.cell.column)
    added = found.kind == "added"
    values = ((e.column, shown(e.after if added else e.before, percent=e.percent)) for e in edits)
    told = "; ".join(f"{heading} {text}".strip() for heading, text in values)
    start = str(edits[0].cell)
    if added:
        return InputChange(Change.ROW_ADDED, found.sheet, found.row, "", "", start, "", told)
    return InputChange(Change.ROW_REMOVED, found.sheet, found.row, "", start, "", told, "")


def _columns(old: _Input, new: _Input) -> Iterator[Match]:
    """Yield the columns of both, by heading; those without a heading by their place."""
    before = {fold(name): (name, column) for name, column in old.columns.items()}
    after = {fold(name): (name, column) for name, column in new.columns.items()}
    for key in {**before, **after}:
        name = (after.get(key) or before[key])[0]
        yield Match(name, before[key][1] if key in before else None, after[key][1] if key in after else None)
    taken = ({*old.columns.values()}, {*new.columns.values()})
    for column in sorted({column for side in (old, new) for values in side.lines.values() for column in values}):
        places = [None if column in headed else column for headed in taken]
        if any(places):
            yield Match("", *places)


def _rows(old: _Input, new: _Input) -> Iterator[Match]:
    """Yield the rows of both by name, with a number where there are several of that name before it."""
    for name in {**old.rows, **new.rows}:
        for pair in _pairs(old, new, old.rows.get(name, []), new.rows.get(name, [])):
            lines = [line for line in pair if line is not None]
            count = min(line.count for line in lines)
            told = f"{lines[-1].name} / {count}" if count > 1 else lines[-1].name
            yield Match(told, *(None if line is None else line.number for line in pair))


def _pairs(
    old: _Input, new: _Input, before: Sequence[_Line], after: Sequence[_Line]
) -> list[tuple[_Line | None, _Line | None]]:
    """Return the rows of one name, each with its counterpart, by order; where rows came or went, equal ones first."""
    if len(before) == len(after):
        return list(zip(before, after, strict=True))
    rest, pairs = list(after), {}
    for one in before:
        alike = next((other for other in rest if old.content(one) == new.content(other)), None)
        if alike is not None:
            rest.remove(alike)
            pairs[one.number] = alike
    for one in before:
        if one.number not in pairs and rest:
            pairs[one.number] = rest.pop(0)
    return [*((one, pairs.get(one.number)) for one in before), *((None, other) for other in rest)]
