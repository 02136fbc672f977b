"""The scenario changed: another number in a cell, a variant, rows as another scenario has them; and what differs.

A cell is addressed as ``Sheet/Row/Column``: ``Rules/Culture floor/Value``, ``Budget/City budget/2027``,
``Benefits/Culture / 2/Benefit`` (the second band), ``Scenario/Discount rate``. Rows that share a name are told apart by
what follows it: ``Indicators/Literacy/2028/Target``, ``Limits/Culture/2027-2028/Maximum``,
``Effects/Culture/Visitors/Effect``. The address that a spreadsheet shows does as well: ``Rules!E5``.

Two scenarios are matched by what their rows are called and by their headings, wherever these stand. The What-if sheet,
which only says what might be changed, is not compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple

from allocator.errors import ScenarioError, UsageError
from allocator.scenario import cells
from allocator.scenario.cells import Misread, fold, is_blank, nearest, suggestion
from allocator.scenario.model import (
    Cell,
    CellDifference,
    ChangedBy,
    Edit,
    InputSheet,
    Raw,
    Scenario,
    Variant,
    values_of,
)
from allocator.scenario.reading import read_sheets, with_edits
from allocator.scenario.records import NUMBERS, SheetRows, address_form, column_spec
from allocator.scenario.schema import ASSIGNMENT, BENEFITS, PROVENANCE, WHAT_IF, Content, Family
from allocator.spreadsheet.references import column_letters, column_number

# ---- A cell by its name ---------------------------------------------------------------------------------------------


_SETTINGS = {"Discount rate": "0", "Step": "0.001"}
"""The settings that are numbers, and what they are where they aren't given."""
_LISTED = 6
_RANGE = re.compile(r"(.+?)\s*=\s*([^=]+?)\s*(?:\.\.+|…)\s*([^=:]+?)\s*(?::\s*(\d{1,9}))?", re.DOTALL)
_RANGE_HELP = (
    'type SHEET/ROW/COLUMN=FROM..TO, such as "Rules/Culture floor/Value=3%..8%", or with an address "Rules!E5=3%..8%"'
)
_ADDRESS = re.compile(
    r"(?:'((?:[^']|'')+)'|([^!/]+))!\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})((?::\$?[A-Za-z]{0,3}\$?\d{0,7})?)"
)
_GRID = (2, 1000)
"""The fewest and the most points of a grid."""


@dataclass(frozen=True)
class NumberCell:
    """A cell that holds a number, or may hold one."""

    row: str
    """The row's label, as addresses spell it."""
    heading: str
    cell: Cell
    percent: bool
    """Whether the number is a percentage (0.04 is 4 %)."""
    value: Fraction | None
    """What stands there; None where it is blank or says `none`."""

    @property
    def address(self) -> str:
        """The address as the workbook spells it."""
        return "/".join([self.cell.sheet, self.row, self.heading])

    def edit(self, value: float) -> Edit:
        """Return the edit that lets it hold another number."""
        before = None if self.value is None else float(self.value)
        return Edit(self.cell.sheet, self.row, self.heading, self.cell, before, float(value), self.percent)

    def read(self, typed: str) -> Fraction:
        """Return the number that was typed for this cell; raise UsageError where it is none."""
        try:
            return cells.share(typed, formatted=False) if self.percent else cells.number(typed)
        except Misread as misread:
            raise UsageError(f"{self.address}: {misread}") from None

    def show(self, value: float | Fraction) -> str:
        """Return a value as one would type it here: ``4.5 %`` or ``1200``."""
        exact = value if isinstance(value, Fraction) else cells.exact(value)
        return cells.percent(exact) if self.percent else cells.plain(exact)

    def shown(self, value: float | Fraction) -> str:
        """Return a value as one reads it: ``−4.5 %`` or ``1,200``."""
        exact = value if isinstance(value, Fraction) else cells.exact(value)
        return cells.as_read(exact, percent=self.percent)


@dataclass(frozen=True)
class Range:
    """A cell and the numbers between which it is to move."""

    found: NumberCell
    low: Fraction
    high: Fraction
    grid: int = 0
    """How many points, evenly spread, are wanted too; 0: none."""


def read_range(scenario: Scenario, asked: str) -> Range:
    """Return what ``Sheet/Row/Column=3%..8%`` asks for, or ``…=3%..8%:21`` with a grid of 21 points.

    Parameters
    ----------
    scenario
        Whose cell it is.
    asked
        As typed; names match whatever their case, spaces and Unicode form.

    Returns
    -------
    Range
        The cell, and the ends in its own unit (3 % is 3/100).

    Raises
    ------
    UsageError
        The cell doesn't exist, or an end is no number for it; the message gives the nearest name.
    """
    match = _RANGE.fullmatch(cells.tidy(asked))
    if match is None:
        raise UsageError(f'"{asked}": {_RANGE_HELP}')
    address, low, high, grid = match.groups()
    found = find_cell(scenario, address)
    ends = sorted((found.read(low), found.read(high)))
    if ends[0] == ends[1]:
        raise UsageError(f'"{asked}": both ends are {found.show(ends[0])}; type two different ones')
    points = int(grid or 0)
    if grid and not _GRID[0] <= points <= _GRID[1]:
        raise UsageError(f'"{asked}": :{grid} asks for {points} points; type a number from {_GRID[0]} to {_GRID[1]}')
    return Range(found, ends[0], ends[1], points)


def with_value(scenario: Scenario, found: NumberCell, value: float) -> Scenario:
    """Return the scenario with `value` in the cell, read anew with all that follows.

    Raises
    ------
    ScenarioError
        As `with_edits`; its note says which value it was.
    """
    try:
        return with_edits(scenario, [found.edit(value)])
    except ScenarioError as error:
        error.add_note(f"with {found.address} = {found.show(float(f'{value:.10g}'))}")
        raise


def find_cell(scenario: Scenario, address: str) -> NumberCell:
    """Return the cell that `address` names; case, spaces and Unicode form don't count.

    Raises
    ------
    UsageError
        If there is no such cell, or it holds no number; the message gives the nearest that does.
    """
    typed = cells.tidy(address)
    name, _, rest = typed.partition("/")
    if match := _ADDRESS.fullmatch(typed):
        name = match[1].replace("''", "'") if match[1] is not None else match[2]
    sheets = {fold(sheet.name): sheet for sheet in scenario.inputs if sheet.table not in (None, WHAT_IF.sheet)}
    sheet = sheets.get(fold(name))
    if sheet is None:
        ending = cells.suggestion(cells.tidy(name), [s.name for s in sheets.values()], "type one of")
        ways = f"{'SHEET!CELL or ' if match else ''}SHEET/ROW/COLUMN"
        raise UsageError(f'"{address}": there is no sheet "{cells.tidy(name)}"; {ending} ({ways})')
    if match is None:
        return _Sheet(sheet).find(address_form(rest), address)
    letters, row, end = match.groups()[2:]
    if end:
        raise UsageError(f'"{address}" is a range; name one of its cells, such as "{sheet.name}!{letters}{row}"')
    return _Sheet(sheet).at(int(row), column_number(letters), address)


class _Sheet(SheetRows):
    """The numbers of one input sheet, by what their rows and columns are called."""

    # Finding

    def find(self, rest: str, address: str) -> NumberCell:
        """Return the cell that `rest` (row and column, in `address_form`) names."""
        labels = {address_form(label): label for label in self.rows}
        beginning = [form for form in labels if rest == form or rest.startswith(f"{form}/")]
        if not beginning:
            raise UsageError(f'"{address}": {self._no_row(rest, labels)}')
        found: list[tuple[str, str]] = []
        for form in sorted(beginning, key=len, reverse=True):
            heading = rest[len(form) + 1 :]
            found += [(labels[form], name) for name in self._headings(labels[form]) if address_form(name) == heading]
            if not heading and self.table.sheet == "Scenario":
                found += [(labels[form], name) for name in self._headings(labels[form])]
        if not found:
            longest = max(beginning, key=len)
            raise UsageError(f'"{address}": {self._no_column(rest[len(longest) + 1 :], labels[longest])}')
        return self._found(*found[0])

    def at(self, row: int, column: int, address: str) -> NumberCell:
        """Return the cell at a row and column, both from 1."""
        label, heading = self.label_of(row), self.sheet.headings.get(column)
        first, last = (self.sheet.header_row or 1) + 1, self.sheet.last_row or 0
        if not label or not heading:
            here = self.raw(row, column)
            there = f"holds {cells.shown(here)}" if not is_blank(here) else "is blank"
            span = f"the table {self.sheet.name} has rows {first} to {last}, columns " + ", ".join(
                f"{column_letters(number)} ({name})" for number, name in list(self.sheet.headings.items())[:_LISTED]
            )
            raise UsageError(f'"{address}" {there} and is no cell of a row and a column of the table; {span}')
        if heading not in self._headings(label):
            there = f"{label}/{heading}, which holds {cells.shown(self.raw(row, column) or 'nothing')}"
            raise UsageError(f'"{address}" is {there}, no number; {self._no_column("", label)}')
        return self._found(label, heading)

    def _headings(self, label: str) -> list[str]:
        """Return the columns that hold numbers in a row."""
        if self.table.sheet == "Scenario":
            return ["Value"] if fold(label) in map(fold, _SETTINGS) else []
        return [heading for heading in self.headings if self._content(heading) in NUMBERS]

    def _content(self, heading: str) -> Content:
        return Content.SHARE if heading == "Value" else column_spec(self.table, heading).content

    def _found(self, label: str, heading: str) -> NumberCell:
        row, column = self.rows[label], self.headings[heading]
        raw = self.raw(row, column)
        words = isinstance(raw, str) and not re.search(r"\d", raw)  # blank, or none
        percent = (row, column) in self.sheet.percent
        if is_blank(raw) or words:
            percent = self._content(heading) is Content.SHARE
        value = None if is_blank(raw) or words else _number(raw, percent=percent)
        return NumberCell(label, heading, Cell(self.sheet.name, row, column), percent, value)

    # What to say where there is none

    def _no_row(self, rest: str, labels: Mapping[str, str]) -> str:
        parts = rest.split("/")
        shared = [label for form, label in labels.items() if form.startswith(f"{parts[0]}/")]
        heading = parts[-1] if len(parts) > 1 else ""
        meant = self._meant(heading)
        if shared:
            listed = ", ".join(f'"{self.sheet.name}/{label}/{meant}"' for label in shared[:_LISTED])
            return f"no row is called that; type one of {listed}" + (", …" if len(shared) > _LISTED else "")
        row = "/".join(parts[:-1]) or rest
        settings = {address_form(name): name for name in _SETTINGS} if self.table.sheet == "Scenario" else {}
        absent = settings.get(address_form(parts[0]))
        if absent is not None and address_form(absent) not in labels:
            return f"the sheet {self.sheet.name} has no row {absent}; add it, with its default {_SETTINGS[absent]}"
        near = nearest(row, labels.values()) or nearest(rest, labels.values())
        if near is not None:
            return f'there is no such row on the sheet {self.sheet.name}; did you mean "{self._address(near, meant)}"?'
        listed = ", ".join(list(labels.values())[:_LISTED]) + (", …" if len(labels) > _LISTED else "")
        return f"there is no such row on the sheet {self.sheet.name}; its rows are: {listed}"

    def _meant(self, heading: str) -> str:
        """Return the column that `heading` most likely means."""
        columns = [name for name in self.headings if self._content(name) in NUMBERS]
        return nearest(heading, columns) or (columns[0] if columns else "COLUMN")

    def _no_column(self, heading: str, label: str) -> str:
        numbers = self._headings(label)
        if not numbers:
            return f"{label} is no number that can be varied; of this sheet {' and '.join(_SETTINGS)} can"
        near = nearest(heading, numbers) if heading else None
        if near is not None:
            return f'there is no such column of numbers; did you mean "{self._address(label, near)}"?'
        listed = ", ".join(f'"{self._address(label, name)}"' for name in numbers[:_LISTED])
        return f"name a column that holds numbers; type {'one of ' * (len(numbers) > 1)}{listed}"

    def _address(self, label: str, heading: str) -> str:
        return "/".join([self.sheet.name, label, heading])


def _number(raw: object, *, percent: bool) -> Fraction:
    value = raw if isinstance(raw, str | int | float) else 0
    return cells.share(value, formatted=True) if percent else cells.number(value)


# ---- Variants -------------------------------------------------------------------------------------------------------


def find_variant(scenario: Scenario, name: str) -> Variant:
    """Return the variant of a name.

    Parameters
    ----------
    scenario
        One that was read from a file, with its variants.
    name
        Case, spaces and Unicode form don't count.

    Returns
    -------
    Variant
        As the sheet What-if has it.

    Raises
    ------
    UsageError
        There is none; the message gives the nearest name, or those there are.
    """
    found = next((variant for variant in scenario.variants if fold(variant.name) == fold(name)), None)
    if found is not None:
        return found
    by = scenario.changed_by
    if by is not None:
        said = f"the repair {by.repair}" if by.variant is None else f'the variant "{by.variant}"'
        raise UsageError(f'there is no variant "{name}": these figures are those of {said} already')
    if not scenario.variants:
        raise UsageError(f'there is no variant "{name}": the scenario has none; they stand on a sheet What-if')
    ending = suggestion(name, [variant.name for variant in scenario.variants], "type one of")
    raise UsageError(f'there is no variant "{name}"; {ending}')


def with_variant(scenario: Scenario, variant: Variant) -> Scenario:
    """Return a scenario read anew with a variant's edits, which it says of itself.

    A removed row is gone as if it had been deleted in the workbook: the rows below have moved up. The What-if sheet is
    left out of its inputs, and it has no variants.

    Parameters
    ----------
    scenario
        As it was read.
    variant
        One of its variants.

    Returns
    -------
    Scenario
        With `changed_by` saying what was edited.

    Raises
    ------
    ScenarioError
        The content has problems with these edits; it lists all of them, each with its cell.
    """
    found = with_edits(scenario, variant.edits)
    return replace(found, changed_by=ChangedBy(variant=variant.name, edits=variant.edits))


# ---- What differs ---------------------------------------------------------------------------------------------------


_TEXTS = {column.name for column in (*PROVENANCE, *ASSIGNMENT)} | {"Reference", "Proposed"}
"""Columns that no programme depends on."""
_SETTINGS_THAT_COUNT = tuple(map(fold, ("Unit", "Step", "Objective", "Discount rate")))
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
    value = sheet.raw(row, column)
    return Held(None if is_blank(value) else value, (row, column) in sheet.percent)


def differences(one: Scenario, other: Scenario) -> tuple[RowDifference, ...]:
    """Return in what rows the inputs of two scenarios differ, in the order of `one`'s workbook, added rows last.

    Values are compared by what they mean: 4 % typed as text is 0.04, a name in other letters' case is the same name.
    """
    return tuple(found for mine, theirs in named_tables(one, other) for found in _of_table(mine, theirs))


def _of_table(mine: NamedTable, theirs: NamedTable) -> Iterator[RowDifference]:
    labels = {key: table.labels[row] for table in (theirs, mine) for key, row in table.rows.items()}
    rows = [Match(labels[key], mine.rows.get(key), theirs.rows.get(key)) for key in mine.rows | theirs.rows]
    columns = [_matched(key, mine.columns, theirs.columns) for key in mine.columns | theirs.columns]
    for found in row_differences(mine.sheet, theirs.sheet, rows, columns, _mean_the_same):
        yield replace(found, counts=_counts(found, (mine, theirs)))


def _matched(key: str, mine: Mapping[str, tuple[str, int]], theirs: Mapping[str, tuple[str, int]]) -> Match:
    """Return a column of two tables, called as the first calls it."""
    (_, before), (_, after) = mine.get(key, ("", None)), theirs.get(key, ("", None))
    return Match((mine.get(key) or theirs[key])[0], before, after)


def _counts(found: RowDifference, tables: Sequence[NamedTable]) -> bool:
    """Whether a programme may depend on a row that differs."""
    if tables[0].sheet.table == "Scenario":
        return fold(found.row) in _SETTINGS_THAT_COUNT
    return found.kind != "changed" or any(_column_counts(edit.column, tables) for edit in found.edits)


def _column_counts(heading: str, tables: Sequence[NamedTable]) -> bool:
    """Whether a programme may depend on a column of these sheets."""
    text = heading in _TEXTS or Family.PROPOSED.has(heading)
    if text or (tables[0].sheet.table, heading) == ("Indicators", "Unit"):
        return False
    return any(heading in table.sheet.column for table in tables)


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


class NamedTable:
    """A sheet with a table, its rows and columns by what they are called; one that isn't there has none."""

    def __init__(self, found: SheetRows, alone: Collection[str]) -> None:
        """`alone`: folded names that need nothing beside to be told apart."""
        self.sheet = found.sheet
        self.labels: Mapping[int, str] = {
            row: name if not longer or (fold(name) in alone and found.table is not BENEFITS) else longer
            for row, name, longer in found.longer()
        }
        """Row → its label."""
        self.rows: dict[str, int] = {fold(label): row for row, label in self.labels.items()}
        """Folded label → row."""
        known = self.sheet.headings | {number: heading for heading, number in found.own.items()}
        self.columns = {fold(heading): (heading, number) for number, heading in sorted(known.items())}
        """Folded heading → heading and column; columns that the program doesn't know are there too."""

    @property
    def there(self) -> bool:
        """Whether the scenario has the sheet."""
        return self.sheet.header_row is not None


def named_tables(one: Scenario, other: Scenario) -> list[tuple[NamedTable, NamedTable]]:
    """Return the tables of two scenarios, those of the same sheet beside each other, in the order of `one`."""
    mine, theirs = (
        {sheet.table: sheet for sheet in each.inputs if sheet.table not in (None, WHAT_IF.sheet)}
        for each in (one, other)
    )
    found = []
    for table in mine | theirs:
        absent = InputSheet((mine.get(table) or theirs[table]).name, (), table, None, None)
        first, second = (SheetRows(sheets.get(table, absent)) for sheets in (mine, theirs))
        alone = {name for name, number in first.count.items() if number == second.count[name] == 1}
        found.append((NamedTable(first, alone), NamedTable(second, alone)))
    return found


# ---- Mixtures -------------------------------------------------------------------------------------------------------


class Mixtures:
    """The scenarios between two: the first with some of the rows as in the other.

    `rows` are of `differences(one, other)`, all or some of them; others stay as in `one`.
    """

    def __init__(self, one: Scenario, other: Scenario, rows: Sequence[RowDifference]) -> None:
        self._one = one
        self._rows = tuple(rows)
        self._tables = named_tables(one, other)
        marks = {cell for sheet in one.inputs for cell in (Cell(sheet.name, *place) for place in sheet.percent)}
        self._values = [values_of(row.edits)[0] if _is_plain(row, marks) else None for row in self._rows]

    def mixture(self, taken: Collection[int]) -> Mapping[Cell, Raw] | Scenario:
        """Return what the first scenario's cells hold with the rows of these indices as in the other.

        Where cells of the first alone can't hold it, as when there are more rows, it is a scenario of its own.

        Raises
        ------
        ScenarioError
            Where such a scenario can't be read, as when a rule names an area that isn't there.
        """
        found: dict[Cell, Raw] = {}
        for index in sorted(taken):
            values = self._values[index]
            if values is None:
                return self._mixed([self._rows[i] for i in sorted(taken)])
            found.update(values)
        return found

    def _mixed(self, rows: Sequence[RowDifference]) -> Scenario:
        by_sheet: dict[str, dict[str, RowDifference]] = {}
        for row in rows:
            by_sheet.setdefault(fold(row.sheet), {})[fold(row.row)] = row
        sheets = [_mixed_sheet(mine, theirs, by_sheet.get(fold(mine.sheet.name), {})) for mine, theirs in self._tables]
        return read_sheets(self._one.path, self._one.sha256, [sheet for sheet in sheets if sheet is not None])


def _is_plain(row: RowDifference, percent: Collection[Cell]) -> bool:
    """Whether a row differs only in what cells of the first scenario hold; `percent` are its percentages."""
    return row.kind == "changed" and all(
        edit.before_cell is not None
        and (not isinstance(edit.after, int | float) or abs(edit.after) <= 1 or (edit.cell in percent) == edit.percent)
        for edit in row.edits
    )


type Line = Mapping[str, Held]
"""Folded heading → what a row has there."""


def _mixed_sheet(mine: NamedTable, theirs: NamedTable, taken: Mapping[str, RowDifference]) -> InputSheet | None:
    """Return a sheet of `mine` with the rows that were taken as in `theirs`; None where nothing is left of it."""
    lines = [_line(mine, label, taken.get(label)) for label in _order(mine, theirs, taken)]
    if not lines and (not mine.there or taken):
        return None
    headings = _headings(mine, theirs, lines)
    rows = [[line.get(key, Held(None)) for key in headings] for line in lines]
    percent = {(r, c) for r, row in enumerate(rows, 2) for c, cell in enumerate(row, 1) if cell.percent}
    values = (tuple(headings.values()), *(tuple(cell.value for cell in row) for row in rows))
    return InputSheet(mine.sheet.name, values, None, None, None, percent=frozenset(percent))


def _order(mine: NamedTable, theirs: NamedTable, taken: Mapping[str, RowDifference]) -> list[str]:
    """Return the rows of a mixture: those of `mine` that stay, an added one after what stands before it in `theirs`."""
    kinds = {label: row.kind for label, row in taken.items()}
    kept = [label for label in mine.rows if kinds.get(label) != "removed"]
    before = -1
    for label in theirs.rows:
        if kinds.get(label) == "added":
            kept.insert(before + 1, label)
        if label in kept:
            before = kept.index(label)
    return kept


def _line(table: NamedTable, label: str, taken: RowDifference | None) -> Line:
    """Return a row of a mixture: as in the first scenario's table, with what was taken of the other's."""
    columns = table.columns.items() if label in table.rows else ()
    own = {key: held(table.sheet, table.rows[label], number) for key, (_, number) in columns}
    return own | {fold(edit.column): Held(edit.after, edit.percent) for edit in (taken.edits if taken else ())}


def _headings(mine: NamedTable, theirs: NamedTable, lines: Sequence[Line]) -> dict[str, str]:
    """Return the columns of a mixture: those of `mine` but for what is blank and only there, then what else is filled.

    A column may be called after something that isn't there in the mixture, such as an indicator.
    """
    filled = {key for line in lines for key, cell in line.items() if cell.value is not None}
    kept = {key for key in mine.columns if key in filled or key in theirs.columns or not theirs.there}
    found = {key: heading for key, (heading, _) in mine.columns.items() if key in kept}
    return found | {key: heading for key, (heading, _) in theirs.columns.items() if key in filled and key not in found}
