"""A workbook's sheets as a scenario needs them: values, what values alone don't tell, and where a table stands.

That is error values, formulas without a stored value (both read as blank), hidden rows and columns, merged cells, and
which cells are formatted as percentages. All of it comes from one reading of the sheet's own XML, so that no two
readers can see different sheets.

A spreadsheet program keeps a merged range's value in its first cell; the others are blank. A text merged downwards
(a group, a lead agency) is meant for all its rows and is filled in. A name, a figure, a heading, or a range over
several columns isn't: that is a problem at the range, and its blank cells are no problems of their own.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import math
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, override

from allocator.errors import OutputError, WorkbookError
from allocator.scenario import cells
from allocator.scenario.cells import Said, fold, is_blank
from allocator.scenario.model import LIMIT_HEADINGS, Cell, InputSheet, Raw
from allocator.scenario.schema import PROVENANCE, SCENARIO, TABLES, Column, Content, Table
from allocator.spreadsheet.cells import CellScan, shared_texts
from allocator.spreadsheet.formats import Shown, date_styles, moment, percent_styles, serial, written_date
from allocator.spreadsheet.package import SheetPart, Workbook, refuse_other_formats
from allocator.spreadsheet.references import Place, place_of, reference_of

# ---- Values and facts -----------------------------------------------------------------------------------------------


_LARGEST = 16_000_000
"""Cells of the smallest rectangle around a sheet's content; what is larger was not meant."""
_LONGEST_ERROR = 40
_MOST_BLANK, _MOST_BLANK_PER_CELL = 4_000_000, 8
"""Blank cells left of filled ones, which take memory as these do."""


@dataclass
class Sheet:
    """One sheet: `rows[r - 1][c - 1]` is the value in row r, column c; rows may differ in length."""

    name: str
    rows: list[list[Raw]] = field(default_factory=list)
    visible: bool = True
    stray: str = ""
    """A cell so far from the others that the sheet was not read; its `rows` are empty."""
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
    changed: Collection[Place] = ()
    """Cells that were given a new number under a heading of percentages, where it is one (1.2 is 120 %)."""

    def is_faulty(self, row: int, column: int) -> bool:
        """Whether a cell holds an error value or an uncomputed formula."""
        return (row, column) in self.errors or (row, column) in self.unvalued

    @cached_property
    def faulty_rows(self) -> frozenset[int]:
        """The rows that hold errors or uncomputed formulas."""
        return frozenset(row for row, _ in (*self.errors, *self.unvalued))

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
        return max(len(self.rows), max(self.faulty_rows, default=0))

    @cached_property
    def percentages(self) -> Collection[Place]:
        """The cells that are formatted as percentages; one whose number is a new one may be an amount now."""
        return self.percent.difference(self.changed)

    def is_percentage(self, row: int, column: int) -> bool:
        """Whether the cell is formatted as a percentage, or holds a new number under a heading of percentages."""
        return (row, column) in self.percent or (row, column) in self.changed

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
        self._found = Sheet(sheet.name, visible=sheet.visible)
        self._width = self._blank = self._filled = 0
        self._scan(sheet)
        self._found.hidden_rows, self._found.hidden_columns = self._hidden_rows, self._hidden_columns
        self._blank = max(self._blank, len(self._rows) * self._width - self._filled)
        if self._last[0] * self._width > _LARGEST or self._is_far():
            return Sheet(sheet.name, visible=sheet.visible, stray=reference_of((self._last[0], self._width)))
        for row in self._rows.values():
            row += [None] * (self._width - len(row))
        blank: list[Raw] = []
        self._found.rows = [self._rows.get(row, blank) for row in range(1, max(self._rows, default=0) + 1)]
        return self._found

    def _is_far(self) -> bool:
        return self._blank > _MOST_BLANK + _MOST_BLANK_PER_CELL * self._filled

    @override
    def _holds(self, place: Place) -> bool:
        row, column = self._rows.get(place[0], []), place[1]
        filled = column <= len(row) and row[column - 1] is not None
        return filled or self._found.is_faulty(*place)

    @override
    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        self._found.merged.append((place_of(first), place_of(last or first)))

    @override
    def _take(self, place: Place, kind: str, text: str | None, formula: str | None) -> None:
        number, column = place
        if column > self._width:
            self._width = column
        if number not in self._rows:
            self._rows[number] = []
        if kind == "e":
            self._found.errors[place] = " ".join((text or "").split())[:_LONGEST_ERROR] or "#ERROR"
        elif text:
            value = self._typed(kind, text)
            row = self._rows[number]
            if len(row) == column - 1:
                row.append(value)
                self._filled += 1
            else:
                self._put(row, column, value)
            if self._cell.get("s") in self._percent_styles:
                self._found.percent.add(place)
        elif formula is not None and (kind != "str" or text is None):
            self._found.unvalued.add(place)

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
        self.sheets = [Sheet(name, rows[name], percent=percent[name], changed=changed[name]) for name in rows]


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


# ---- Merged cells ---------------------------------------------------------------------------------------------------


_FILLED = (Content.TEXT, Content.NAMES, Content.KEYWORD, Content.YEARS)
_ALSO_FILLED = ("Start", "Completion")


@dataclass
class Merged:
    """What merged cells do to a table."""

    problems: list[tuple[str, str, str]] = field(default_factory=list)
    """Range, message, heading."""
    holding: list[str] = field(default_factory=list)
    """The ranges whose value was filled in."""
    headings: bool = False
    """Whether headings are merged with rows below, so that these can't be told from them."""
    hides_columns: bool = False
    """Whether headings are merged, so that columns may have lost theirs."""
    unreadable: dict[int, set[int]] = field(default_factory=dict)
    """Row → columns of blank cells that a problem is about."""


def unmerge(sheet: Sheet, header: int, columns: Mapping[int, str], typed: Mapping[int, Column]) -> Merged:
    """Fill `sheet` with what its merged cells hold; `columns` are the table's, and `typed` those that it knows."""
    found = Merged()
    ranges = sheet.merged
    last = _last_row(sheet, header) if ranges else header
    headings: list[tuple[Place, Place]] = []
    for first, end in ranges:
        inside = [number for number in columns if first[1] <= number <= end[1]]
        beside = not inside and (end[0] != header or first[1] > max(columns))
        if beside or end[0] < header or first[0] > last:
            continue
        if first[0] <= header:
            several = len(inside) > 1 or (inside and end[0] > header)
            if several or _figures_below(sheet, header, last, first[1], end[1], columns):
                headings.append((first, end))
        elif is_blank(sheet.value(*first)):
            continue
        elif inside != [first[1]]:
            _across(found, sheet, first, end, [columns[number] for number in inside])
        elif end[0] > first[0]:
            _downwards(found, sheet, first, end, columns[first[1]], typed.get(first[1]))
    if headings:
        _of_headings(found, sheet, header, headings)
    return found


def _last_row(sheet: Sheet, header: int) -> int:
    """Return the table's last row: the one before the first blank one."""
    for number in range(header + 1, sheet.height + 1):
        if number not in sheet.faulty_rows and all(is_blank(value) for value in sheet.row(number)):
            return number - 1
    return sheet.height


def _figures_below(sheet: Sheet, header: int, last: int, left: int, right: int, columns: Mapping[int, str]) -> bool:
    """Whether a column without a heading of its own, below a merged heading, holds anything."""
    bare = [number for number in range(left, min(right, left + 50) + 1) if number not in columns]
    return any(not is_blank(sheet.value(row, number)) for row in range(header + 1, last + 1) for number in bare)


def span(first: Place, end: Place) -> str:
    """Return a range as a spreadsheet writes it: ``A1:C2``."""
    return f"{reference_of(first)}:{reference_of(end)}"


def _of_headings(found: Merged, sheet: Sheet, header: int, ranges: list[tuple[Place, Place]]) -> None:
    """Report merged headings, all of them as one."""
    first = min(a for (a, _), _ in ranges), min(b for (_, b), _ in ranges)
    end = max(a for _, (a, _) in ranges), max(b for _, (_, b) in ranges)
    where = span(*(ranges[0] if len(ranges) == 1 else (first, end)))
    way = "type all headings in one row, with the data right below"
    if end[0] == header == first[0]:
        way = "type a heading above each column"
    found.headings, found.hides_columns = end[0] > header, True
    for range_ in ranges:
        _close(found, sheet, *range_)
    it = "the heading is" if len(ranges) == 1 else "headings are"
    found.problems.append((f"{sheet.name}!{where}", f"{it} merged with other cells; unmerge them and {way}", ""))


def _across(found: Merged, sheet: Sheet, first: Place, end: Place, headings: list[str]) -> None:
    said = f"{cells.shown(sheet.value(*first))} is merged over the columns {_listed(headings)}"
    if len(headings) == 1:
        said = f"{cells.shown(sheet.value(*first))} is merged into the column {headings[0]} from the one before it"
    way = "unmerge the cells and type what each is to hold, or remove the row if it is a title"
    found.problems.append((f"{sheet.name}!{span(first, end)}", f"{said}; {way}", ""))
    _close(found, sheet, first, end)


def _listed(headings: list[str]) -> str:
    shown = headings if len(headings) <= 3 else [headings[0], headings[1], "…", headings[-1]]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _downwards(found: Merged, sheet: Sheet, first: Place, end: Place, heading: str, column: Column | None) -> None:
    value, rows = sheet.value(*first), range(first[0] + 1, min(end[0], sheet.height) + 1)
    shown, many = cells.shown(value), end[0] - first[0] + 1
    if column is None or column.content in _FILLED or column.name in _ALSO_FILLED:
        for row in rows:
            if any(not is_blank(other) for other in sheet.row(row)):
                sheet.fill(row, first[1], value)
        found.holding.append(f"{span(first, end)} ({heading}: {shown})")
        return
    if column.content is Content.NAME:
        said = f"{shown} is merged over {many} rows, and each row needs its own {heading};"
        way = "unmerge the cells and type a name in each row, or remove the rows that are none"
    else:
        said = f"{shown} is merged over {many} rows; is it {shown} for each of them, or for all together?"
        way = "unmerge the cells and type a figure in each row"
    found.problems.append((f"{sheet.name}!{span(first, end)}", f"{said} {way}", heading))
    _close(found, sheet, first, end)


def _close(found: Merged, sheet: Sheet, first: Place, end: Place) -> None:
    """Note the blank cells of a range, so that they are no problems of their own."""
    right = min(end[1], len(sheet.row(first[0])))
    rows = range(first[0], min(end[0], sheet.height) + 1)
    for row in rows:
        found.unreadable.setdefault(row, set()).update(range(first[1], right + 1))
    found.unreadable[first[0]].discard(first[1])


# ---- What stands below a table's end --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """Rows between blank ones below a table, of which at least one fills two or more of its columns."""

    sheet: Sheet
    filled: Mapping[int, Sequence[int]]
    """Row → those of the table's columns that it fills."""

    @property
    def data(self) -> list[int]:
        """The rows that fill two or more of the table's columns and are no totals."""
        names = {row: self.sheet.value(row, own[0]) for row, own in self.filled.items() if len(own) > 1}
        return [row for row, name in names.items() if not (isinstance(name, str) and cells.is_total(name))]

    @property
    def place(self) -> str:
        """The cells that it covers; where it is a single row its first one."""
        first, last = min(self.filled), max(self.filled)
        left, right = min(own[0] for own in self.filled.values()), max(own[-1] for own in self.filled.values())
        covered = span((first, left), (last, right)) if last > first else reference_of((first, left))
        return f"{self.sheet.name}!{covered}"

    def message(self, last: int) -> str:
        """Return what is wrong with it, where the table ends at row `last`."""
        ends = f"the table ends at row {last}"
        data, first = self.data, min(self.filled)
        if not data:
            return f"data after a blank row: {ends}; remove this row; totals are computed"
        if len(self.filled) == 1:
            return f"data after a blank row: {ends}; delete the blank row, or this row"
        title = cells.shown(self.sheet.value(first, self.filled[first][0]))
        go_on = (
            f"delete the blank row{f', and the title {title}' if data[0] != first else ''}, so that the table goes on"
        )
        return f"{len(self.filled):,} rows below a blank row, where {ends}; {go_on}, or remove these rows"


def blocks(sheet: Sheet, filled: Callable[[int], Sequence[int]], last: int) -> Iterator[Block]:
    """Yield the blocks of data below row `last`; `filled` tells which of the table's columns a row fills."""
    rows: dict[int, Sequence[int]] = {}
    for number in range(last + 1, sheet.height + 2):
        if own := filled(number):
            rows[number] = own
        elif rows and all(is_blank(value) for value in sheet.row(number)):
            if any(len(own) > 1 for own in rows.values()):
                yield Block(sheet, rows)
            rows = {}


# ---- Headings -------------------------------------------------------------------------------------------------------


PROVENANCE_NAMES = tuple(column.name for column in PROVENANCE)
_FIGURES = (Content.AMOUNT, Content.NUMBER, Content.SHARE)
_YEAR_INSIDE = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
_DECORATION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*:.,;]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CLOSE = 0.85


def _folded(row: Iterable[Raw]) -> set[str]:
    return {fold(cells.text(value)) for value in row if not is_blank(value)}


def header_row(table: Table, sheet: Sheet) -> int | None:
    """Return the first row that holds all the table's required headings, from 1; None where there is none."""
    wanted = {fold(name) for name in table.required}
    for number, row in enumerate(sheet.rows, 1):
        if row.count(None) + len(wanted) > len(row) or not wanted <= _folded(row):
            continue
        if table.sheet != "Budget" or any(cells.year(value) for value in row):
            return number
    return None


def bears_headings_of(sheet: Sheet, tables: Iterable[Table]) -> Table | None:
    """Return the table whose headings stand in a row of `sheet`; None where there is none.

    These are the required ones and at least three in all, or fewer where the sheet's name is a slip of the table's.
    Of several tables it is the one with most of its headings there.
    """
    best: tuple[int, Table] | None = None
    for table in tables:
        row = header_row(table, sheet)
        if row is None:
            continue
        there = _folded(sheet.rows[row - 1])
        own = {fold(c.name) for c in table.columns if not c.family} - set(map(fold, PROVENANCE_NAMES))
        years = sum(cells.year(value) is not None for value in sheet.rows[row - 1]) if table.sheet == "Budget" else 0
        count = len(own & there) + years
        named = near(sheet.name, [table.sheet]) is not None
        if (named or count >= min(3, len(own))) and (best is None or count + 10 * named > best[0]):
            best = count + 10 * named, table
    return best[1] if best else None


def near(heading: str, known: Iterable[str]) -> str | None:
    """Return the known heading that `heading` is a slip or a short form of; None where it is a heading of its own.

    >>> near("Minimun", ["Minimum"]), near("Max share", ["Maximum share"]), near("Minimum (VND)", ["Minimum"])
    ('Minimum', 'Maximum share', 'Minimum')
    """
    by_fold = {fold(name): name for name in known}
    typed = " ".join(_DECORATION.sub(" ", fold(heading)).split())
    if not typed or typed in by_fold:
        return by_fold.get(typed)
    if re.search(r"\d", typed) and not re.search(r"\d", "".join(by_fold)):
        return None
    close = difflib.get_close_matches(typed, by_fold, n=1, cutoff=_CLOSE)
    short = [form for form in by_fold if _is_short_form(typed, form)]
    swapped = [form for form in by_fold if len(typed) > 3 and sorted(typed) == sorted(form)]
    found = close or short or swapped
    return by_fold[found[0]] if found else None


def _is_short_form(typed: str, form: str) -> bool:
    """Whether each word of `typed` begins the word of `form` in its place: max share, Maximum share."""
    words, whole = typed.split(), form.split()
    return len(words) == len(whole) and all(
        len(word) > 2 and full.startswith(word) for word, full in zip(words, whole, strict=True)
    )


class Slip(NamedTuple):
    """A heading that is almost a known one."""

    said: Said | str
    """What to say of it."""
    meant: str = ""
    """The known one; empty where that is a year."""


def slip(heading: str, table: Table, years: Sequence[int]) -> Slip | None:
    """Return what an unknown heading is a slip of; None where it is one of its own.

    `years` are the years known so far: the scenario's, or those that head columns of Budget.
    """
    fixed = [column for column in table.columns if not column.family]
    own = "if it is a column of your own, give it another name"
    if (found := near(heading, [*PROVENANCE_NAMES, *(column.name for column in fixed)])) is not None:
        return _slip_of(found, heading, own)
    if table.sheet == "Budget":
        said = _year_slip(heading, years)
        return Slip(said) if said else None
    if years and heading == str(min(years) - 1) and "Last year" in table.by_name:
        return _slip_of("Last year", heading, own)
    return _limit_slip(heading, fixed, own)


def _slip_of(meant: str, heading: str, own: str) -> Slip:
    return Slip(f'the heading "{heading}" is not known; did you mean "{meant}"? ({own})', meant)


def _year_slip(heading: str, years: Sequence[int]) -> Said | str | None:
    """Return what to say of a heading in Budget that seems to mean a year."""
    if _DATE.fullmatch(heading) and (day := written_date(heading)):
        days = int(serial(day))  # a year that is shown as a date is that many days
        meant = days if cells.year(days) else day.year
        return Said("the heading is the date {}; format the cell as a number and type the year, {}", heading, meant)
    found = _YEAR_INSIDE.findall(heading)
    if len(found) == 1 and int(found[0]) not in years and (not years or min(years) <= int(found[0]) <= max(years) + 1):
        return (
            f'the heading "{heading}" is no year; did you mean {found[0]}? (if it is a column of your own, '
            "give it a name without a year)"
        )
    return None


def _limit_slip(heading: str, fixed: Iterable[Column], own: str) -> Slip | None:
    """Return what a figure's heading with a year in it, such as Minimum 2027, is a slip of."""
    if not _YEAR_INSIDE.search(heading):
        return None
    found = near(_YEAR_INSIDE.sub(" ", heading), [c.name for c in fixed if c.content in _FIGURES])
    if found is None:
        return None
    if found in LIMIT_HEADINGS:
        own = f"what holds in some years only stands on the sheet Limits; {own}"
    return _slip_of(found, heading, own)


_COLUMN_NUMBER = re.compile(r"[\[(]?(?:(\d{1,2})|[a-zđ]|[ivx]{1,4})[\])]?(?:\s*=.*)?")


def numbers_columns(cells_of_row: Mapping[int, Raw]) -> bool:
    """Whether the filled cells of a row, by column, number or letter the columns: ``A, 1, 2, 3 = 1 + 2``.

    >>> numbers_columns({1: "A", 2: 1, 3: 2}), numbers_columns({1: 1, 4: 4}), numbers_columns({1: "Roads", 2: 1, 3: 2})
    (True, True, False)
    """
    values = list(cells_of_row.values())
    found = [_COLUMN_NUMBER.fullmatch(fold(cells.text(value))) for value in values]
    if len(found) < 2 or not all(found):
        return False  # a name, or a figure that numbers nothing
    numbers = [int(match[1]) for match in found if match is not None and match[1]]
    first = numbers[0] if numbers else 0
    letters = [match[0].strip("()[]") for match in found if match is not None and not match[1]]
    places = [column for column, match in zip(cells_of_row, found, strict=True) if match is not None and match[1]]
    offsets = {number - column for number, column in zip(numbers, places, strict=True)}
    in_order = numbers == list(range(first, first + len(numbers))) or len(offsets) == 1
    in_order &= first <= max(len(values), 2) or offsets <= {0, -1}
    return in_order and (len(numbers) > 1 or (not numbers and letters[:3] in (["a", "b", "c"], ["i", "ii", "iii"])))


def likely_header(table: Table, sheet: Sheet) -> int:
    """Return the row that bears most of the table's headings, from 1, though not all that are required."""
    known = {fold(column.name) for column in table.columns if not column.family}
    counts = [len(known & _folded(row)) if any(row) else -1 for row in sheet.rows]
    return 1 + max(range(len(counts)), key=counts.__getitem__, default=0)


def missing_headings(table: Table, sheet: Sheet) -> tuple[Cell | str, Said | str]:
    """Return the place and the text of what is wrong where no row holds all the required headings."""
    number = likely_header(table, sheet)
    row = sheet.row(number)
    wanted, there = {fold(name): name for name in table.required}, _folded(row)
    missing = [name for form, name in wanted.items() if form not in there]
    for column, raw in enumerate(row, 1):
        found = None if is_blank(raw) or fold(cells.text(raw)) in wanted else near(cells.text(raw), missing)
        if found is not None:
            return Cell(sheet.name, number, column), f'{cells.shown(raw)} is no heading; did you mean "{found}"?'
    if table.sheet == "Budget" and not missing:
        for column, raw in enumerate(row, 1):
            if not is_blank(raw) and (said := _year_slip(cells.tidy(cells.text(raw)), ())):
                return Cell(sheet.name, number, column), said
        return sheet.name, f"row {number} has no year; type the year, such as 2026, above each column of amounts"
    needed = ", ".join(table.required) + (" and a column headed by a year" if table.sheet == "Budget" else "")
    if not wanted.keys() & there:
        return sheet.name, f"no row holds the headings {needed}; type them in one row, the data below"
    return sheet.name, f"row {number} lacks the heading {', '.join(missing)}; the table needs {needed}"
