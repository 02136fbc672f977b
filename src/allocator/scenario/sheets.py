"""A workbook's cells: values fast (calamine), and the few facts that the fast reader does not tell.

Those facts are error values, formulas without a stored value (both read as blank), hidden rows and columns, and
which cells are formatted as percentages. They are looked up in the sheet's own XML, and only where a quick look at
its bytes says that there is something to find, or a caller asks.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import math
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from allocator.errors import WorkbookError
from allocator.scenario.model import Cell, InputSheet, Raw
from allocator.scenario.tables import SCENARIO, TABLES, Content

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NOTABLE = re.compile(rb"""hidden=["']|t=["']e["']|<(?:\w+:)?(?:f[ >/]|mergeCell )""")
_EMPTY_CELL = re.compile(rb"""<(?:\w+:)?c(?=[^<>]*\br=["'])[^<>]*/>""")
_EMPTY_ROW = re.compile(rb"""<(?:\w+:)?row(?=[^<>]*\br=["'])[^<>]*(?:/>|>\s*</(?:\w+:)?row>)""")
_CELL_AT = re.compile(rb"""<(?:\w+:)?c(?=\s)[^<>]*?\br=["']([A-Z]{1,4})(\d+)["']""")
_UNPLACED = re.compile(rb"""<(?:\w+:)?c(?=[\s/>])(?![^<>]*\sr=["'])""")
"""A cell that doesn't say where it stands."""
_LARGEST = 16_000_000
"""Cells of the smallest rectangle around a sheet's content; the fast reader holds all of it in memory."""
_REFERENCE = re.compile(r"([A-Z]{1,4})(\d+)")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_BUILT_IN_PERCENT = ("9", "10")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
type Place = tuple[int, int]
"""Row and column, from 1."""


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
    styles: dict[Place, int] = field(default_factory=dict)

    @cached_property
    def rows(self) -> frozenset[int]:
        """The rows that hold errors or uncomputed formulas."""
        return frozenset(row for row, _ in (*self.errors, *self.unvalued))


@dataclass
class Sheet:
    """One sheet: `rows[r - 1][c - 1]` is the value in row r, column c; rows may differ in length."""

    name: str
    rows: list[list[Raw]]
    book: Book
    visible: bool = True
    stray: str = ""
    """A cell so far from the others that the sheet was not read; its `rows` are empty."""

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
    def facts(self) -> Facts:
        """Errors, uncomputed formulas, hidden rows and columns; empty where a quick look finds none of them."""
        xml = self.book.part(self.name)
        return self.book.facts(self.name) if _NOTABLE.search(xml) else Facts()

    @cached_property
    def percentages(self) -> frozenset[Place]:
        """The cells that are formatted as percentages."""
        xml, styles = self.book.part(self.name), self.book.percent_styles
        if not any(b"s=%c%d%c" % (mark, style, mark) in xml for style in styles for mark in b"\"'"):
            return frozenset()
        if _UNPLACED.search(xml):
            found = self.facts.styles or self.book.facts(self.name).styles
            return frozenset(place for place, style in found.items() if style in styles)
        chosen = "|".join(map(str, sorted(styles))).encode()
        of_style = re.compile(
            rb"""<(?:\w+:)?c(?=\s)(?=[^<>]*\ss=["'](?:%b)["'])[^<>]*?\sr=["']([A-Z]{1,4}\d+)["']""" % chosen
        )
        return frozenset(_place(name.decode(), 0, 0) for name in of_style.findall(xml))

    def is_percentage(self, row: int, column: int) -> bool:
        """Whether the cell is formatted as a percentage."""
        return (row, column) in self.percentages

    def fill(self, row: int, column: int, value: Raw) -> None:
        """Let a cell hold a value, as one that is merged with it does."""
        cells = self.rows[row - 1]
        cells += [None] * (column - len(cells))
        cells[column - 1] = value


class Book:
    """A workbook that was read: its sheets in order, its file's name and SHA-256."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.name = path.name
        self.sha256 = hashlib.sha256(data).hexdigest()
        workbook = _open(path, data)
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self.sheets = []
        for meta in workbook.sheets_metadata:
            if str(meta.typ).endswith("WorkSheet"):
                stray = _stray(self.part(meta.name))
                rows = [] if stray else _rows(path, workbook, meta.name)
                self.sheets.append(Sheet(meta.name, rows, self, str(meta.visible).endswith("Visible"), stray))

    @cached_property
    def _parts(self) -> dict[str, str]:
        """Sheet name → the archive's member that holds it."""
        targets = {
            relation.get("Id"): relation.get("Target", "")
            for relation in ET.fromstring(self._archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        }
        parts = {}
        for element in ET.fromstring(self._archive.read("xl/workbook.xml")).iter():  # noqa: S314
            if _local(element.tag) == "sheet":
                target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION)) or ""
                parts[element.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return parts

    def part(self, sheet: str) -> bytes:
        """Return a sheet's XML; empty where the file is laid out in a way that isn't understood."""
        try:
            return self._archive.read(self._parts[sheet])
        except (KeyError, ET.ParseError, LookupError, ValueError):
            return b""
        except (zipfile.BadZipFile, zlib.error) as error:
            raise _damaged(self.name, error) from None

    def facts(self, sheet: str) -> Facts:
        """Read what a sheet's XML tells beside its values."""
        try:
            return _facts(self.part(sheet))
        except (ET.ParseError, LookupError, ValueError) as error:
            raise _damaged(f'{self.name}: the sheet "{sheet}"', error) from None

    @cached_property
    def percent_styles(self) -> frozenset[int]:
        """The cell styles whose number format is a percentage."""
        try:
            return percent_styles(ET.fromstring(self._archive.read("xl/styles.xml")))  # noqa: S314
        except (KeyError, ET.ParseError, LookupError, ValueError):
            return frozenset()


class KeptSheet(Sheet):
    """A sheet that was read before: only its values and its percentages are left of it."""

    def __init__(
        self, name: str, rows: list[list[Raw]], book: Book, percent: frozenset[Place], changed: frozenset[Place]
    ) -> None:
        super().__init__(name, rows, book)
        self._percent = percent
        self._changed = changed

    @cached_property
    def facts(self) -> Facts:
        """None: where there had been errors or uncomputed formulas, the sheet would not have been read."""
        return Facts()

    @cached_property
    def percentages(self) -> frozenset[Place]:
        """The cells that were read as percentages; one whose number is a new one may be an amount now."""
        return self._percent - self._changed

    def is_percentage(self, row: int, column: int) -> bool:
        """Whether the cell was read as a percentage, or holds a new number under a heading of percentages."""
        return (row, column) in self._percent


class KeptBook(Book):
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
                percent[cell.sheet].add((cell.row, cell.column))
                changed[cell.sheet].add((cell.row, cell.column))
        for sheet_name, number in sorted(removed, reverse=True):
            del rows[sheet_name][number - 1]
            for places in (percent, changed):
                places[sheet_name] = {(row - (row > number), c) for row, c in places[sheet_name] if row != number}
        self.sheets = [
            KeptSheet(sheet, rows[sheet], self, frozenset(percent[sheet]), frozenset(changed[sheet])) for sheet in rows
        ]


def _percentage_columns(sheet: InputSheet) -> frozenset[int]:
    """Return the columns whose numbers are percentages, or may be."""
    table = next((table for table in TABLES if table.sheet == sheet.table), None)
    if table is None:
        return frozenset()
    shares = {column.name for column in table.columns if column.content is Content.SHARE}
    may_be = shares | ({"Value"} if table is SCENARIO else set())
    return frozenset(number for number, heading in sheet.headings.items() if heading in may_be)


def open_book(path: Path) -> Book:
    """Read a workbook into memory.

    Raises
    ------
    WorkbookError
        If the file is missing, is no ``.xlsx`` or ``.xlsm`` workbook, or is protected with a password.
    """
    return Book(path, workbook_bytes(path))


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
    refuse_other_formats(path, data)
    return data


def _beside(path: Path) -> str:
    try:
        found = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix.lower() in (".xlsx", ".xlsm"))
    except OSError:
        return "; its folder doesn't exist either"
    listed = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
    return f"; workbooks there: {listed}" if found else ""


def percent_styles(root: ET.Element) -> frozenset[int]:
    """Return the cell styles whose number format is a percentage, of a workbook's styles."""
    codes = {
        element.get("numFmtId", ""): element.get("formatCode", "")
        for element in root.iter()
        if _local(element.tag) == "numFmt"
    }
    percent = {number for number, code in codes.items() if "%" in _QUOTED.sub("", code)}
    percent.update(_BUILT_IN_PERCENT)
    formats = next((list(e) for e in root.iter() if _local(e.tag) == "cellXfs"), [])
    return frozenset(i for i, xf in enumerate(formats) if xf.get("numFmtId") in percent)


def refuse_other_formats(path: Path, data: bytes) -> None:
    """Raise WorkbookError where the bytes are no zip archive: empty, protected, in the old format, or damaged."""
    if not data:
        raise WorkbookError(f"{path} is empty (0 bytes); save it again from the spreadsheet program")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise WorkbookError(
                f"{path} is protected with a password; save a copy without one (File > Info > Protect Workbook)"
            )
        raise WorkbookError(f"{path} is in the old .xls format; save it as Excel Workbook (.xlsx)")
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise WorkbookError(f"{path} is not an Excel workbook, or is damaged; save it as Excel Workbook (.xlsx)")


def _open(path: Path, data: bytes) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
        if "xl/workbook.xml" in names:
            return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged(path, error) from None
    other = " (it looks like another format)" if any("content.xml" in name or ".bin" in name for name in names) else ""
    raise WorkbookError(f"{path} is not an Excel workbook{other}; save it as Excel Workbook (.xlsx)")


def _rows(path: Path, workbook: CalamineWorkbook, sheet: str) -> list[list[Raw]]:
    """Return a sheet's values."""
    from python_calamine import CalamineError

    try:
        values = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged(f'{path}: the sheet "{sheet}"', error) from None
    return [[_raw(value) for value in row] for row in values]


def _stray(xml: bytes) -> str:
    """Return the far corner of a sheet whose content spans more than can be held in memory; empty where it doesn't."""
    for part in (xml, _EMPTY_CELL):  # most often what is far away is only formatted
        found = _CELL_AT.findall(part if isinstance(part, bytes) else part.sub(b"", xml))
        column, letters = max(((len(name), name) for name in {name for name, _ in found}), default=(0, b""))
        row = max((int(number) for number in {number for _, number in found}), default=0)
        corner = f"{letters.decode()}{row}"
        if not column or row * _place(f"{letters.decode()}1", 0, 0)[1] <= _LARGEST:
            return ""
    return corner


def _damaged(what: object, error: Exception) -> WorkbookError:
    return WorkbookError(f"{what} is damaged and can't be read ({error}); save it again as .xlsx")


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


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _place(reference: str | None, row: int, column: int) -> Place:
    match = _REFERENCE.fullmatch(reference or "")
    if match is None:
        return row, column + 1
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return int(match[2]), number


def _elements(xml: bytes) -> Iterator[ET.Element]:
    """Yield the sheet's ``col``, ``c`` and ``mergeCell`` elements and ``row`` starts, freeing what is done with."""
    for event, element in ET.iterparse(io.BytesIO(xml), events=("start", "end")):  # noqa: S314
        kind = _local(element.tag)
        if (event == "start") == (kind == "row") and kind in ("row", "c", "col", "mergeCell"):
            yield element
        if event == "end" and kind in ("row", "sheetData"):
            element.clear()


def _facts(xml: bytes) -> Facts:
    facts = Facts()
    row = column = 0
    xml = _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", xml))  # there may be a million of them
    for element in _elements(xml) if xml else ():
        kind = _local(element.tag)
        if kind == "row":
            row, column = int(element.get("r") or row + 1), 0
            if element.get("hidden") in ("1", "true"):
                facts.hidden_rows.add(row)
        elif kind == "col" and element.get("hidden") in ("1", "true"):
            facts.hidden_columns.update(range(int(element.get("min", 1)), int(element.get("max", 1)) + 1))
        elif kind == "mergeCell":
            first, _, last = element.get("ref", "").partition(":")
            facts.merged.append((_place(first, 0, 0), _place(last or first, 0, 0)))
        elif kind == "c":
            row, column = _place(element.get("r"), row, column)
            _note_cell(facts, element, (row, column))
    return facts


def _note_cell(facts: Facts, element: ET.Element, place: Place) -> None:
    parts = {_local(child.tag): child.text for child in element}
    facts.styles[place] = int(element.get("s") or 0)
    if element.get("t") == "e":
        facts.errors[place] = parts.get("v") or "#ERROR"
    elif "f" in parts and not parts.get("v") and not (element.get("t") == "str" and "v" in parts):
        facts.unvalued.add(place)
