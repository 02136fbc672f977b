"""A workbook's cells as a scenario needs them: values, and what values alone don't tell.

That is error values, formulas without a stored value (both read as blank), hidden rows and columns, merged cells, and
which cells are formatted as percentages. All of it comes from one reading of the sheet's own XML, so that no two
readers can see different sheets.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import override

from allocator.errors import WorkbookError
from allocator.scenario.model import InputSheet
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.tables import SCENARIO, TABLES, Content
from allocator.spreadsheet.cells import CellScan, shared_texts
from allocator.spreadsheet.formats import Shown, date_styles, moment, percent_styles
from allocator.spreadsheet.package import refuse_other_formats
from allocator.spreadsheet.references import Place, place_of, reference_of
from allocator.spreadsheet.workbook import SheetPart, Workbook

_LARGEST = 16_000_000
"""Cells of the smallest rectangle around a sheet's content; what is larger was not meant."""
_LONGEST_ERROR = 40
_MOST_BLANK, _MOST_BLANK_PER_CELL = 4_000_000, 8
"""Blank cells left of filled ones, which take memory as these do."""


@dataclass
class Facts:
    """What the values alone don't tell of a sheet."""

    errors: dict[Place, str] = field(default_factory=dict)
    """Cells that hold an error value, such as ``#REF!``."""
    unvalued: set[Place] = field(default_factory=set)
    """Formulas that no program has computed yet."""
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[Place, Place]] = field(default_factory=list)
    """First and last cell of each merged range."""
    percent: set[Place] = field(default_factory=set)
    """Filled cells that are formatted as a percentage."""

    @cached_property
    def rows(self) -> frozenset[int]:
        """The rows that hold errors or uncomputed formulas."""
        return frozenset(row for row, _ in (*self.errors, *self.unvalued))


@dataclass
class Sheet:
    """One sheet: `rows[r - 1][c - 1]` is the value in row r, column c; rows may differ in length."""

    name: str
    rows: list[list[Raw]]
    facts: Facts = field(default_factory=Facts)
    visible: bool = True
    stray: str = ""
    """A cell so far from the others that the sheet was not read; its `rows` are empty."""
    changed: Collection[Place] = ()
    """Cells that were given a new number under a heading of percentages, where it is one (1.2 is 120 %)."""

    def value(self, row: int, column: int) -> Raw:
        """Return a cell's value; None beyond what is filled."""
        cells = self.row(row)
        return cells[column - 1] if column <= len(cells) else None

    def row(self, row: int) -> list[Raw]:
        """Return a row's values; none beyond what is filled."""
        return self.rows[row - 1] if row <= len(self.rows) else []

    @cached_property
    def height(self) -> int:
        """The last row that holds anything, be it an error or an uncomputed formula."""
        return max(len(self.rows), max(self.facts.rows, default=0))

    @cached_property
    def percentages(self) -> Collection[Place]:
        """The cells that are formatted as percentages; one whose number is a new one may be an amount now."""
        return self.facts.percent.difference(self.changed)

    def is_percentage(self, row: int, column: int) -> bool:
        """Whether the cell is formatted as a percentage, or holds a new number under a heading of percentages."""
        return (row, column) in self.facts.percent or (row, column) in self.changed

    def fill(self, row: int, column: int, value: Raw) -> None:
        """Let a cell hold a value, as one that is merged with it does."""
        cells = self.rows[row - 1]
        cells += [None] * (column - len(cells))
        cells[column - 1] = value


class ReadWorkbook:
    """A workbook that was read: its sheets in order, its file's name and SHA-256."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.name = path.name
        self.sha256 = hashlib.sha256(data).hexdigest()
        workbook = Workbook(str(path), data)
        scan = _SheetScan(workbook)
        self.sheets = [scan.read(sheet) for sheet in workbook.sheets if sheet.kind == "worksheet"]


class _SheetScan(CellScan):
    """Reads the sheets of one workbook."""

    _blank_rows_count = False

    def __init__(self, workbook: Workbook) -> None:
        super().__init__(workbook.package, shared_texts(workbook.package, workbook.texts))
        self._percent_styles = {str(style) for style in percent_styles(workbook.styles)}
        self._dates: dict[str, Shown] = {str(style): kind for style, kind in date_styles(workbook.styles).items()}
        self._from_1904 = workbook.from_1904

    def read(self, sheet: SheetPart) -> Sheet:
        """Return a sheet."""
        self._rows: dict[int, list[Raw]] = {}
        self._facts = Facts()
        self._width = self._blank = self._filled = 0
        self._scan(sheet)
        self._facts.hidden_rows, self._facts.hidden_columns = self._hidden_rows, self._hidden_columns
        self._blank = max(self._blank, len(self._rows) * self._width - self._filled)
        if self._last[0] * self._width > _LARGEST or self._is_far():
            return Sheet(sheet.name, [], Facts(), sheet.visible, reference_of((self._last[0], self._width)))
        for row in self._rows.values():
            row += [None] * (self._width - len(row))
        blank: list[Raw] = []
        rows = [self._rows.get(row, blank) for row in range(1, max(self._rows, default=0) + 1)]
        return Sheet(sheet.name, rows, self._facts, sheet.visible)

    def _is_far(self) -> bool:
        return self._blank > _MOST_BLANK + _MOST_BLANK_PER_CELL * self._filled

    @override
    def _holds(self, place: Place) -> bool:
        row, column = self._rows.get(place[0], []), place[1]
        filled = column <= len(row) and row[column - 1] is not None
        return filled or place in self._facts.errors or place in self._facts.unvalued

    @override
    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        self._facts.merged.append((place_of(first), place_of(last or first)))

    @override
    def _take(self, place: Place, kind: str, text: str | None, formula: str | None) -> None:
        number, column = place
        if column > self._width:
            self._width = column
        if number not in self._rows:
            self._rows[number] = []
        if kind == "e":
            self._facts.errors[place] = " ".join((text or "").split())[:_LONGEST_ERROR] or "#ERROR"
        elif text:
            value = self._typed(kind, text)
            row = self._rows[number]
            if len(row) == column - 1:
                row.append(value)
                self._filled += 1
            else:
                self._put(row, column, value)
            if self._cell.get("s") in self._percent_styles:
                self._facts.percent.add(place)
        elif formula is not None and (kind != "str" or text is None):
            self._facts.unvalued.add(place)

    def _put(self, row: list[Raw], column: int, value: Raw) -> None:
        """Put a value where it doesn't follow the row's last one."""
        self._filled += 1
        self._blank += max(0, column - len(row) - 1)
        if not self._is_far():  # what is left of a sheet that reaches too far is only measured
            row += [None] * (column - len(row))
            row[column - 1] = value

    def _typed(self, kind: str, text: str) -> Raw:
        """Return a stored value; a date, and a number that is shown as one, is its text."""
        value = self._stored(kind, text)
        if isinstance(value, dt.datetime):
            return _raw(value)
        shown = self._dates.get(self._cell.get("s", "0")) if kind == "n" else None
        if shown is None or isinstance(value, str):
            return None if value == "" else value
        found = moment(value, shown, from_1904=self._from_1904)
        return value if found is None else _raw(found)


class KeptWorkbook(ReadWorkbook):
    """Sheets as they were read, with other values in some cells; `name` and `sha256` are those of their file.

    A number that comes into a cell for percentages is one (1.2 is 120 %). `removed` are rows (sheet and number, as in
    `sheets`) that are deleted: those below them move up.
    """

    def __init__(
        self,
        name: str,
        sha256: str,
        sheets: Collection[InputSheet],
        changes: Mapping[Cell, Raw] | None = None,
        removed: Collection[tuple[str, int]] = (),
    ) -> None:
        self.name = name
        self.sha256 = sha256
        rows = {sheet.name: [list(row) for row in sheet.rows] for sheet in sheets}
        percent = {sheet.name: set(sheet.percent) for sheet in sheets}
        headings = {sheet.name: _percentage_columns(sheet) for sheet in sheets}
        changed: dict[str, set[Place]] = {sheet.name: set() for sheet in sheets}
        for cell, value in (changes or {}).items():
            row = rows[cell.sheet][cell.row - 1]
            row += [None] * (cell.column - len(row))
            row[cell.column - 1] = value
            if cell.column in headings[cell.sheet]:
                changed[cell.sheet].add((cell.row, cell.column))
        for sheet_name, number in sorted(removed, reverse=True):
            del rows[sheet_name][number - 1]
            for places in (percent, changed):
                places[sheet_name] = {(row - (row > number), c) for row, c in places[sheet_name] if row != number}
        self.sheets = [
            Sheet(sheet, rows[sheet], Facts(percent=percent[sheet]), changed=changed[sheet]) for sheet in rows
        ]


def _percentage_columns(sheet: InputSheet) -> frozenset[int]:
    """Return the columns whose numbers are percentages, or may be."""
    table = next((table for table in TABLES if table.sheet == sheet.table), None)
    if table is None:
        return frozenset()
    shares = {column.name for column in table.columns if column.content is Content.SHARE}
    may_be = shares | ({"Value"} if table is SCENARIO else set())
    return frozenset(number for number, heading in sheet.headings.items() if heading in may_be)


def open_workbook(path: Path) -> ReadWorkbook:
    """Read a workbook into memory.

    Raises
    ------
    WorkbookError
        If the file is missing, is no ``.xlsx`` or ``.xlsm`` workbook, or is protected with a password.
    """
    return ReadWorkbook(path, workbook_bytes(path))


def workbook_bytes(path: Path) -> bytes:
    """Return the bytes of a workbook's file.

    Raises
    ------
    WorkbookError
        If the file is missing, can't be read, or is no zip archive, as protected and old workbooks are not.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise WorkbookError(f"{path}: there is no such file{_beside(path)}") from None
    except IsADirectoryError:
        raise WorkbookError(f"{path} is a folder; name a workbook in it") from None
    except OSError as error:
        raise WorkbookError(f"{path} can't be read: {error.strerror}; close it elsewhere and try again") from None
    refuse_other_formats(str(path), data)
    return data


def _beside(path: Path) -> str:
    try:
        found = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in (".xlsx", ".xlsm"))
    except OSError:
        return "; its folder doesn't exist either"
    listed = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
    return f"; workbooks there: {listed}" if found else ""


def sheet_names(path: Path) -> frozenset[str]:
    """Return the names of a workbook's sheets, which are not read.

    Raises
    ------
    WorkbookError
        As `open_workbook`.
    """
    return frozenset(part.name for part in Workbook(str(path), workbook_bytes(path)).sheets)


def _raw(value: object) -> Raw:
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)
