"""What changed in the inputs of two plans: matched by sheet, row's name and heading, not by address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from allocator.audit.plan_tables import Value
from allocator.audit.workbook import PlanBook, PlanSheet
from allocator.reports.seal import INPUTS
from allocator.scenario.cells import fold
from allocator.scenario.tables import TABLES, WHAT_IF
from allocator.spreadsheet.references import column_letters

CHANGED = "changed"
ADDED, REMOVED = "added", "removed"
KEPT_DIGITS = 1e-12
"""As a part of themselves, what spreadsheet programs may change in numbers by saving them."""


@dataclass(frozen=True)
class InputChange:
    """A cell that changed, or a row, column or sheet that was added or removed."""

    kind: str
    """``changed``, or ``row added``, ``column removed`` and the like."""
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
    """A row of an input table: its place, its name, the how-manieth of that name it is, its values by column."""

    number: int
    name: str
    count: int
    values: Mapping[int, Value]


class _Input:
    """One input sheet: its heading row, its columns by heading, its rows by name."""

    def __init__(self, name: str, sheet: PlanSheet) -> None:
        self.name = name
        self.sheet = sheet
        lines: dict[int, dict[int, Value]] = {}
        for (row, column), content in sorted(sheet.cells.items()):
            value = content.error or content.value
            if value not in (None, ""):
                lines.setdefault(row, {})[column] = value
        self.head, self._first = self._find_head(lines)
        headings = {} if self.head is None else lines[self.head]
        self.columns = _numbered((column, name_of(text)) for column, text in headings.items())
        self.rows: dict[str, list[_Line]] = {}
        for row, values in lines.items():
            if row != self.head:
                name = name_of(values.get(self._first, "")) if self.head and row > self.head else f"row {row}"
                lines_of_name = self.rows.setdefault(fold(name), [])
                lines_of_name.append(_Line(row, name, len(lines_of_name) + 1, values))

    def _find_head(self, lines: Mapping[int, Mapping[int, Value]]) -> tuple[int | None, int]:
        """Return the heading row of the table that is declared for the sheet, and its first column."""
        for table in TABLES:
            if fold(table.sheet) == fold(self.name):
                wanted = {fold(name) for name in table.required}
                for row, values in lines.items():
                    found = {fold(str(value)): column for column, value in values.items()}
                    if wanted and wanted <= found.keys():
                        return row, found.get(fold(table.columns[0].name), min(values))
        return None, 1

    def cell(self, row: int, column: int) -> str:
        """Return a cell's address in the scenario."""
        return f"{self.name}!{column_letters(column)}{row}"

    def heading(self, column: int) -> str:
        """Return the address of a column's heading."""
        return self.cell(self.head or 1, column)

    def start(self, line: _Line) -> str:
        """Return the address of the first cell of a row that holds anything."""
        return self.cell(line.number, min(line.values))

    def told(self, line: _Line) -> str:
        """Return what a row holds: its values with their headings."""
        names = {column: name for name, column in self.columns.items()}
        held = ((names.get(c, ""), shown(v, percent=self.is_percent(line, c))) for c, v in line.values.items())
        return "; ".join(f"{name} {text}".strip() for name, text in held)

    def is_percent(self, line: _Line, column: int) -> bool:
        """Whether a cell is formatted as a percentage."""
        return (line.number, column) in self.sheet.percent


def input_changes(old: PlanBook, new: PlanBook, *, variants: bool = True) -> Iterator[InputChange]:
    """Yield what differs between the Inputs sheets of two plans.

    Without `variants` the sheet What-if is left out: the plan of a variant has none.
    """
    before, after = _inputs(old), _inputs(new)
    for name in {**before, **after}:
        if fold(name) == fold(WHAT_IF.sheet) and not variants:
            continue
        if name not in after:
            yield InputChange("sheet removed", name, "", "", name, "", "", "")
        elif name not in before:
            yield InputChange("sheet added", name, "", "", "", name, "", "")
        else:
            yield from _sheet_changes(before[name], after[name])


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


def _inputs(book: PlanBook) -> dict[str, _Input]:
    names = (name for name in book.sheets if name.startswith(INPUTS))
    return {name.removeprefix(INPUTS): _Input(name.removeprefix(INPUTS), book.sheets[name]) for name in names}


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
        if before is None and after is not None:
            yield InputChange("column added", new.name, "", name, "", new.heading(after), "", "")
        elif before is not None and after is None:
            yield InputChange("column removed", old.name, "", name, old.heading(before), "", "", "")
    shared = [(name, before, after) for name, before, after in columns if before and after]
    for name in {**old.rows, **new.rows}:
        for one, other in _pairs(old, new, old.rows.get(name, []), new.rows.get(name, [])):
            if one is not None and other is not None:
                yield from _row_changes(old, new, (one, other), shared)
            elif other is not None:
                yield InputChange("row added", new.name, _told([other]), "", "", new.start(other), "", new.told(other))
            elif one is not None:
                yield InputChange("row removed", old.name, _told([one]), "", old.start(one), "", old.told(one), "")


def _told(lines: Sequence[_Line]) -> str:
    """Return the name of a row, with its number where there are several of that name before it."""
    count = min(line.count for line in lines)
    return f"{lines[-1].name} / {count}" if count > 1 else lines[-1].name


def _columns(old: _Input, new: _Input) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield each column's heading and where it stands in both; columns without a heading by their place."""
    before = {fold(name): (name, column) for name, column in old.columns.items()}
    after = {fold(name): (name, column) for name, column in new.columns.items()}
    for key in {**before, **after}:
        name = (after.get(key) or before[key])[0]
        yield name, before[key][1] if key in before else None, after[key][1] if key in after else None
    taken = ({*old.columns.values()}, {*new.columns.values()})
    used = {c for side in (old, new) for lines in side.rows.values() for line in lines for c in line.values}
    for column in sorted(used):
        if column not in taken[0] and column not in taken[1]:
            yield "", column, column


def _pairs(
    old: _Input, new: _Input, before: Sequence[_Line], after: Sequence[_Line]
) -> list[tuple[_Line | None, _Line | None]]:
    """Return the rows of one name, each with its counterpart, by order; where rows came or went, equal ones first."""
    if len(before) == len(after):
        return list(zip(before, after, strict=True))
    rest, pairs = list(after), {}
    for one in before:
        alike = next((other for other in rest if old.told(one) == new.told(other)), None)
        if alike is not None:
            rest.remove(alike)
            pairs[one.number] = alike
    for one in before:
        if one.number not in pairs and rest:
            pairs[one.number] = rest.pop(0)
    return [*((one, pairs.get(one.number)) for one in before), *((None, other) for other in rest)]


def _row_changes(
    old: _Input, new: _Input, lines: tuple[_Line, _Line], columns: Sequence[tuple[str, int, int]]
) -> Iterator[InputChange]:
    one, other = lines
    for name, before, after in columns:
        was, now = one.values.get(before), other.values.get(after)
        if not same(was, now):
            percent = old.is_percent(one, before) or new.is_percent(other, after)
            cells = (old.cell(one.number, before), new.cell(other.number, after))
            heading = name if new.head and other.number > new.head else ""
            yield InputChange(CHANGED, new.name, _told(lines), heading, *cells, was, now, percent)
