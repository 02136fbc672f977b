"""How two scenarios differ, row by row and cell by cell, and the scenarios that lie between them.

Rows are matched by what they are called, columns by their headings; where they stand doesn't matter. The What-if sheet,
which only says what might be changed, is not compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from allocator.scenario import cells
from allocator.scenario.addresses import SHARED
from allocator.scenario.cells import Misread, fold, is_blank
from allocator.scenario.edits import CellDifference
from allocator.scenario.model import Cell, InputSheet, Raw, Scenario
from allocator.scenario.patching import Patches
from allocator.scenario.reading import read_sheets
from allocator.scenario.tables import ASSIGNMENT, PROVENANCE, TABLES, WHAT_IF

_TEXTS = {column.name for column in (*PROVENANCE, *ASSIGNMENT)} | {"Reference", "Proposed"}
"""Columns that no programme depends on."""
_SETTINGS = tuple(map(fold, ("Unit", "Step", "Objective", "Discount rate")))
"""The settings that a programme depends on."""


@dataclass(frozen=True)
class Group:
    """All that differs in one row."""

    sheet: str
    row: str
    edits: tuple[CellDifference, ...]
    kind: Literal["changed", "added", "removed"]
    """What became of the row on the way from the first scenario to the other."""
    counts: bool
    """Whether the programme may depend on it: False where only texts such as Evidence or Title differ."""

    @property
    def name(self) -> str:
        """Sheet and row."""
        return f"{self.sheet} / {self.row}"


def differences(one: Scenario, other: Scenario) -> tuple[Group, ...]:
    """Return in what rows the inputs of two scenarios differ, in the order of `one`'s workbook, added rows last.

    Values are compared by what they mean: 4 % typed as text is 0.04, a name in other letters' case is the same name.
    """
    pairs = _pairs(one, other)
    return tuple(group for mine, theirs in pairs for group in _groups(mine, theirs))


class Mixtures:
    """The scenarios between two: the first with some of the rows as in the other.

    `groups` are of `differences(one, other)`, all or some of them; rows of others stay as in `one`.
    """

    def __init__(self, one: Scenario, other: Scenario, groups: Sequence[Group]) -> None:
        self._one = one
        self._groups = tuple(groups)
        self._pairs = _pairs(one, other)
        self._patches = Patches(one)
        marks = {cell for sheet in one.inputs for cell in (Cell(sheet.name, *place) for place in sheet.percent)}
        self._cells = [_cell_changes(group, marks) for group in self._groups]

    def scenario(self, taken: Collection[int]) -> Scenario:
        """Return the first scenario with the groups of these indices as in the other.

        Raises
        ------
        ScenarioError
            Where such a scenario can't be read, as when a rule names an area that isn't there.
        """
        found: dict[Cell, Raw] = {}
        for index in sorted(taken):
            changes = self._cells[index]
            if changes is None:
                return self._mixed([self._groups[i] for i in sorted(taken)])
            found.update(changes)
        return self._patches.at(found)

    def _mixed(self, groups: Sequence[Group]) -> Scenario:
        by_sheet: dict[str, dict[str, Group]] = {}
        for group in groups:
            by_sheet.setdefault(fold(group.sheet), {})[fold(group.row)] = group
        sheets = [_mixed_sheet(mine, theirs, by_sheet) for mine, theirs in self._pairs]
        return read_sheets(self._one.path, self._one.sha256, [sheet for sheet in sheets if sheet is not None])


def _cell_changes(group: Group, percent: Collection[Cell]) -> Mapping[Cell, Raw] | None:
    """Return a group as other values in cells of the first scenario; None where it is more than that."""
    found: dict[Cell, Raw] = {}
    for change in group.edits:
        plain = not isinstance(change.after, int | float) or abs(change.after) <= 1
        if change.before_cell is None or not (plain or (change.before_cell in percent) == change.percent):
            return None
        found[change.before_cell] = change.after
    return found if group.kind == "changed" else None


# -- tables by their labels ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
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
        header = self.sheet.rows[(self.sheet.header_row or 1) - 1]
        for number, raw in enumerate(header, 1):
            if not is_blank(raw):
                known.setdefault(number, cells.tidy(cells.text(raw)))
        return {fold(heading): (heading, number) for number, heading in sorted(known.items())}

    def raw(self, row: int, column: int) -> Raw:
        """Return a cell's value; None where it is blank."""
        values = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else ()
        value = values[column - 1] if column <= len(values) else None
        return None if is_blank(value) else value


def _pairs(one: Scenario, other: Scenario) -> list[tuple[_Table | None, _Table | None]]:
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


def _table(sheet: InputSheet, alone: Collection[str]) -> _Table:
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
    return _Table(sheet, labels)


# -- differences -----------------------------------------------------------------------------------------------------


def _groups(mine: _Table | None, theirs: _Table | None) -> Iterator[Group]:
    if mine is not None:
        for label, row in mine.rows.items():
            at = None if theirs is None else theirs.rows.get(label)
            changes = tuple(_changes(mine, row, theirs, at, mine.labels[row]))
            if at is None:
                yield _group((mine,), mine.labels[row], changes, "removed")
            elif changes and theirs is not None:
                yield _group((mine, theirs), mine.labels[row], changes, "changed")
    if theirs is not None:
        for label, row in theirs.rows.items():
            if mine is None or label not in mine.rows:
                changes = tuple(_changes(mine, None, theirs, row, theirs.labels[row]))
                yield _group((mine or theirs,), theirs.labels[row], changes, "added")


def _group(
    tables: Sequence[_Table], row: str, edits: tuple[CellDifference, ...], kind: Literal["changed", "added", "removed"]
) -> Group:
    sheet = tables[0].sheet
    if sheet.table == "Scenario":
        counts = fold(row) in _SETTINGS
    else:
        counts = kind != "changed" or any(_counts(edit.column, tables) for edit in edits)
    return Group(sheet.name, row, edits, kind, counts)


def _counts(heading: str, tables: Sequence[_Table]) -> bool:
    """Whether a programme may depend on a column of these sheets."""
    if (
        heading in _TEXTS
        or heading.startswith("Proposed ")
        or (tables[0].sheet.table, heading) == ("Indicators", "Unit")
    ):
        return False
    return any(heading in table.sheet.headings.values() for table in tables)


def _changes(
    mine: _Table | None, row: int | None, theirs: _Table | None, at: int | None, label: str
) -> Iterator[CellDifference]:
    """Yield the cells of a row that differ; a row or a table that is None is missing."""
    first, second = (dict(table.columns) if table is not None else {} for table in (mine, theirs))
    for key in first | second:
        heading = (first.get(key) or second[key])[0]
        before, before_cell, before_percent = _found(mine, row, first.get(key))
        after, after_cell, after_percent = _found(theirs, at, second.get(key))
        if not _same(before, after, before_percent, after_percent, heading):
            name = (mine or theirs).sheet.name  # type: ignore[union-attr]
            percent = before_percent if after is None else after_percent
            cell = next(cell for cell in (before_cell, after_cell) if cell is not None)
            yield CellDifference(
                name, label, heading, cell, before, after, percent, before_cell=before_cell, after_cell=after_cell
            )


def _found(table: _Table | None, row: int | None, column: tuple[str, int] | None) -> tuple[Raw, Cell | None, bool]:
    """Return a cell's value, its place, and whether it was read as a percentage."""
    if table is None or row is None or column is None:
        return None, None, False
    place = row, column[1]
    return table.raw(*place), Cell(table.sheet.name, *place), place in table.sheet.percent


def _same(one: Raw, other: Raw, one_percent: bool, other_percent: bool, heading: str) -> bool:
    """Whether two cells mean the same, whatever their spelling."""
    if one is None or other is None:
        return one is other
    if type(one) is type(other) and one == other:
        return one_percent == other_percent or isinstance(one, str)
    try:
        if heading == "Operator":
            return cells.operator(one) == cells.operator(other)
        numbers = [
            cells.share(raw, formatted=True) if percent else cells.number(raw)
            for raw, percent in ((one, one_percent), (other, other_percent))
        ]
        return numbers[0] == numbers[1] and one_percent == other_percent
    except Misread:
        exactly = heading in _TEXTS
        texts = [cells.tidy(cells.text(raw)) if exactly else fold(cells.text(raw)) for raw in (one, other)]
        return texts[0] == texts[1]


# -- mixtures --------------------------------------------------------------------------------------------------------


def _mixed_sheet(
    mine: _Table | None, theirs: _Table | None, taken: Mapping[str, Mapping[str, Group]]
) -> InputSheet | None:
    """Return a sheet of `mine` with the rows that were taken as in `theirs`; None where nothing is left of it."""
    some = mine or theirs
    if some is None:
        return None
    groups = taken.get(fold(some.sheet.name), {})
    rows: list[dict[str, tuple[Raw, bool]]] = []
    for label in _order(mine, theirs, groups):
        group = groups.get(label)
        line = {} if mine is None or label not in mine.rows else _line(mine, mine.rows[label])
        for change in group.edits if group is not None else ():
            line[fold(change.column)] = change.after, change.percent
        rows.append(line)
    if not rows and (mine is None or groups):
        return None
    headings = _headings(mine, theirs, rows)
    values: list[tuple[Raw, ...]] = [tuple(headings.values())]
    percent: set[tuple[int, int]] = set()
    for number, line in enumerate(rows, 2):
        values.append(tuple(line.get(key, (None, False))[0] for key in headings))
        percent |= {(number, column) for column, key in enumerate(headings, 1) if line.get(key, (None, False))[1]}
    return InputSheet(some.sheet.name, tuple(values), None, None, None, percent=frozenset(percent))


def _order(mine: _Table | None, theirs: _Table | None, groups: Mapping[str, Group]) -> list[str]:
    """Return the rows of a mixture: those of `mine` that stay, an added one after what stands before it in `theirs`."""
    kept = [] if mine is None else [label for label in mine.rows if not _is(groups.get(label), "removed")]
    before = -1
    for label in theirs.rows if theirs is not None else ():
        if _is(groups.get(label), "added"):
            kept.insert(before + 1, label)
        if label in kept:
            before = kept.index(label)
    return kept


def _is(group: Group | None, kind: str) -> bool:
    return group is not None and group.kind == kind


def _line(table: _Table, row: int) -> dict[str, tuple[Raw, bool]]:
    """Return folded heading → a cell's value and whether it is a percentage."""
    return {
        key: (table.raw(row, number), (row, number) in table.sheet.percent)
        for key, (_, number) in table.columns.items()
    }


def _headings(
    mine: _Table | None, theirs: _Table | None, rows: Sequence[Mapping[str, tuple[Raw, bool]]]
) -> dict[str, str]:
    """Return the columns of a mixture: those of `mine` but for what is blank and only there, then what else is filled.

    A column may be called after something that isn't there in the mixture, such as an indicator.
    """
    first, second = (table.columns if table is not None else {} for table in (mine, theirs))
    filled = {key for line in rows for key, (raw, _) in line.items() if raw is not None}
    found = {key: heading for key, (heading, _) in first.items() if key in filled or key in second or theirs is None}
    return found | {key: heading for key, (heading, _) in second.items() if key in filled and key not in found}
