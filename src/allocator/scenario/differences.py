"""What differs between two sets of input sheets: rows and columns matched, then cell by cell, as edits.

Two scenarios are matched by what their rows are called and by their headings, wherever these stand. The What-if sheet,
which only says what might be changed, is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

from allocator.scenario import cells
from allocator.scenario.addresses import SHARED
from allocator.scenario.cells import Misread, fold, is_blank
from allocator.scenario.edits import CellDifference
from allocator.scenario.families import Family
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.tables import ASSIGNMENT, PROVENANCE, TABLES, WHAT_IF

_TEXTS = {column.name for column in (*PROVENANCE, *ASSIGNMENT)} | {"Reference", "Proposed"}
"""Columns that no programme depends on."""
_SETTINGS = tuple(map(fold, ("Unit", "Step", "Objective", "Discount rate")))
"""The settings that a programme depends on."""


@dataclass(frozen=True)
class RowDifference:
    """All that differs in one row."""

    sheet: str
    row: str
    """What it is called."""
    kind: Literal["changed", "added", "removed"]
    """What became of the row on the way from the first to the second."""
    edits: tuple[CellDifference, ...]
    counts: bool = True
    """Whether the programme may depend on it: False where only texts such as Evidence or Title differ."""

    @property
    def name(self) -> str:
        """Sheet and row."""
        return f"{self.sheet} / {self.row}"

    @property
    def turned(self) -> RowDifference:
        """The same on the way back."""
        kind = {"changed": self.kind, "added": "removed", "removed": "added"}[self.kind]
        return replace(self, kind=kind, edits=tuple(edit.turned for edit in self.edits))


class Match(NamedTuple):
    """A row, or a column, of two sheets."""

    name: str
    before: int | None
    """Its number in the first; None where it isn't there."""
    after: int | None


class Held(NamedTuple):
    """What a cell holds, None where it is blank, and whether it is a percentage."""

    value: Raw
    percent: bool = False


type Same = Callable[[Held, Held, str], bool]
"""Whether what two cells under a heading hold is the same."""


def row_differences(
    before: InputSheet | None, after: InputSheet | None, rows: Iterable[Match], columns: Sequence[Match], same: Same
) -> Iterator[RowDifference]:
    """Yield the rows of a sheet that differ; a cell whose row, column or sheet is missing counts as blank."""
    name = (before or after).name  # type: ignore[union-attr]  # one of them is there
    for row in rows:
        edits = tuple(_edits(name, before, after, row, columns, same))
        if row.before is None or row.after is None:
            yield RowDifference(name, row.name, "added" if row.before is None else "removed", edits)
        elif edits:
            yield RowDifference(name, row.name, "changed", edits)


def _edits(
    name: str, before: InputSheet | None, after: InputSheet | None, row: Match, columns: Sequence[Match], same: Same
) -> Iterator[CellDifference]:
    for column in columns:
        before_cell, was = _held(before, row.before, column.before)
        after_cell, now = _held(after, row.after, column.after)
        cell = before_cell or after_cell
        if cell is not None and not same(was, now, column.name):
            yield CellDifference(
                sheet=name,
                row=row.name,
                column=column.name,
                cell=cell,
                before=was.value,
                after=now.value,
                percent=was.percent if now.value is None else now.percent,
                before_cell=before_cell,
                after_cell=after_cell,
            )


def _held(sheet: InputSheet | None, row: int | None, column: int | None) -> tuple[Cell | None, Held]:
    """Return a cell's place, None where it isn't there, and what it holds."""
    if sheet is None or row is None or column is None:
        return None, Held(None)
    return Cell(sheet.name, row, column), held(sheet, row, column)


def held(sheet: InputSheet, row: int, column: int) -> Held:
    """Return what a cell of a sheet holds."""
    values = sheet.rows[row - 1] if row <= len(sheet.rows) else ()
    value = values[column - 1] if column <= len(values) else None
    return Held(None if is_blank(value) else value, (row, column) in sheet.percent)


# -- scenarios -------------------------------------------------------------------------------------------------------


def differences(one: Scenario, other: Scenario) -> tuple[RowDifference, ...]:
    """Return in what rows the inputs of two scenarios differ, in the order of `one`'s workbook, added rows last.

    Values are compared by what they mean: 4 % typed as text is 0.04, a name in other letters' case is the same name.
    """
    return tuple(found for mine, theirs in named_tables(one, other) for found in _of_table(mine, theirs))


def _of_table(mine: NamedTable | None, theirs: NamedTable | None) -> Iterator[RowDifference]:
    there = [table for table in (mine, theirs) if table is not None]
    first, second = (dict(table.rows) if table is not None else {} for table in (mine, theirs))
    labels = {key: table.labels[row] for table in reversed(there) for key, row in table.rows.items()}
    rows = [Match(labels[key], first.get(key), second.get(key)) for key in first | second]
    before, after = (table.sheet if table is not None else None for table in (mine, theirs))
    for found in row_differences(before, after, rows, _matched_columns(mine, theirs), _mean_the_same):
        yield replace(found, counts=_counts(found, there))


def _matched_columns(mine: NamedTable | None, theirs: NamedTable | None) -> list[Match]:
    """Return the columns of two tables, those of the first before what only the second has."""
    first, second = (dict(table.columns) if table is not None else {} for table in (mine, theirs))
    named = {key: heading for columns in (second, first) for key, (heading, _) in columns.items()}
    places = [{key: number for key, (_, number) in columns.items()} for columns in (first, second)]
    return [Match(named[key], places[0].get(key), places[1].get(key)) for key in first | second]


def _counts(found: RowDifference, tables: Sequence[NamedTable]) -> bool:
    """Whether a programme may depend on a row that differs."""
    if tables[0].sheet.table == "Scenario":
        return fold(found.row) in _SETTINGS
    return found.kind != "changed" or any(_column_counts(edit.column, tables) for edit in found.edits)


def _column_counts(heading: str, tables: Sequence[NamedTable]) -> bool:
    """Whether a programme may depend on a column of these sheets."""
    text = heading in _TEXTS or Family.PROPOSED.has(heading)
    if text or (tables[0].sheet.table, heading) == ("Indicators", "Unit"):
        return False
    return any(heading in table.sheet.headings.values() for table in tables)


def _mean_the_same(one: Held, other: Held, heading: str) -> bool:
    """Whether two cells mean the same, whatever their spelling."""
    if one.value is None or other.value is None:
        return one.value is other.value
    if type(one.value) is type(other.value) and one.value == other.value:
        return one.percent == other.percent or isinstance(one.value, str)
    try:
        if heading == "Operator":
            return cells.operator(one.value) == cells.operator(other.value)
        numbers = [cells.share(raw, formatted=True) if percent else cells.number(raw) for raw, percent in (one, other)]
        return numbers[0] == numbers[1] and one.percent == other.percent
    except Misread:
        exactly = heading in _TEXTS
        texts = [cells.tidy(cells.text(raw)) if exactly else fold(cells.text(raw)) for raw in (one.value, other.value)]
        return texts[0] == texts[1]


# -- tables by what their rows are called ----------------------------------------------------------------------------


@dataclass(frozen=True)
class NamedTable:
    """A sheet with a table, its rows and columns by what they are called."""

    sheet: InputSheet
    labels: Mapping[int, str] = field(repr=False)
    """Row → its label."""

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Folded label → row."""
        return {fold(label): row for row, label in self.labels.items()}

    @cached_property
    def columns(self) -> Mapping[str, tuple[str, int]]:
        """Folded heading → heading and column; columns that the program doesn't know are there too."""
        known = dict(self.sheet.headings)
        header = self.sheet.rows[self.sheet.header_row - 1] if self.sheet.header_row else ()
        for number, raw in enumerate(header, 1):
            if not is_blank(raw):
                known.setdefault(number, cells.tidy(cells.text(raw)))
        return {fold(heading): (heading, number) for number, heading in sorted(known.items())}


def named_tables(one: Scenario, other: Scenario) -> list[tuple[NamedTable | None, NamedTable | None]]:
    """Return the tables of two scenarios, those of the same sheet beside each other, in the order of `one`."""
    mine, theirs = (
        {sheet.table: sheet for sheet in each.inputs if sheet.table and sheet.table != WHAT_IF.sheet}
        for each in (one, other)
    )
    joint = {
        table: _joint(mine[table], theirs[table]) if table in mine and table in theirs else frozenset[str]()
        for table in mine | theirs
    }
    return [
        tuple(_table(sheets[table], joint[table]) if table in sheets else None for sheets in (mine, theirs))  # type: ignore[misc]
        for table in mine | theirs
    ]


def _joint(one: InputSheet, other: InputSheet) -> frozenset[str]:
    """Return the names that one row has in each of two sheets: they need nothing beside to be told apart."""
    counts = []
    for sheet in (one, other):
        count: dict[str, int] = {}
        for name, _ in _names(sheet).values():
            count[fold(name)] = count.get(fold(name), 0) + 1
        counts.append(count)
    return frozenset(name for name, number in counts[0].items() if number == counts[1].get(name) == 1)


def _names(sheet: InputSheet) -> dict[int, tuple[str, str]]:
    """Return for each row of a sheet's table its name, and what tells it from others of that name."""
    table = next(table for table in TABLES if table.sheet == sheet.table)
    column = {heading: number for number, heading in sheet.headings.items()}
    beside = "Years" if table.sheet == "Benefits" else SHARED.get(table.sheet, "")

    def text(values: Sequence[Raw], heading: str) -> str:
        number = column.get(heading, 0)
        raw = values[number - 1] if 0 < number <= len(values) else None
        return "" if is_blank(raw) else cells.tidy(cells.text(raw))

    found = {}
    for row in range((sheet.header_row or 0) + 1, (sheet.last_row or 0) + 1):
        values = sheet.rows[row - 1]
        if name := text(values, table.required[0]):
            found[row] = name, text(values, beside)
    return found


def _table(sheet: InputSheet, alone: Collection[str]) -> NamedTable:
    """Return a sheet with its rows' labels; rows whose name is in `alone` need no more than that."""
    bands: dict[tuple[str, str], int] = {}
    labels: dict[int, str] = {}
    for row, (name, beside) in _names(sheet).items():
        label = name
        if sheet.table == "Benefits":
            number = bands[fold(name), fold(beside)] = bands.get((fold(name), fold(beside)), 0) + 1
            label = f"{name} / {number}" + (f" / {beside}" if beside else "")
        elif sheet.table in SHARED and beside and fold(name) not in alone:
            label = f"{name}/{beside}"
        labels[row] = label
    return NamedTable(sheet, labels)
