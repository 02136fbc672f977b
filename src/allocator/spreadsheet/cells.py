"""A sheet's XML as cells: read in one pass that holds nothing but what its reader keeps of them."""

from __future__ import annotations

import datetime as dt
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import override
from xml.parsers import expat

from allocator.spreadsheet.formats import misleading_styles, percent_styles, serial, written_date
from allocator.spreadsheet.package import CHUNK, DEEPEST, Package, SheetPart, Workbook
from allocator.spreadsheet.references import LAST_COLUMN, LAST_ROW, Place, column_letters, place_of, reference_of
from allocator.spreadsheet.syntax import Value, canonical

type Attributes = Mapping[str, str]

MOST_CELLS = 10_000_000
"""Of a workbook; what they say is held in memory."""
_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_is_plain = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?").fullmatch
_BLANK_ROW = re.compile(
    rb"""<(?:\w+:)?row(?=[^<>]*\sr=["'])[^<>]*(?:/>|>\s*(?:<(?:\w+:)?c(?=[\s/])[^<>]*/>\s*)*</(?:\w+:)?row>)"""
)
_NO_ELEMENTS = re.compile(rb"<!|<(?:\w+:)?row(?![^<>]*\sr=)")
"""What makes it unsafe to leave rows out: comments and texts in which they stand, rows without numbers."""
_FALSE = ("0", "false", "off", "f")
_TRUE = ("1", "true")
LOWEST, NARROWEST = 2.0, 0.3
"""In points and in characters: rows and columns smaller than this show nothing."""


def shared_texts(package: Package, part: str) -> list[str]:
    """Return the texts that the sheets refer to by number; none where the workbook has no such part."""
    scan = _TextScan()
    if part:
        package.scan(part, scan.connect, called="the list of its texts")
    return scan.texts


def without_blank_rows(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a sheet's XML without rows that hold nothing: there may be a million of them, only formatted."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        end = rest.rfind(b"row>") + 4
        if end < 4 and len(rest) < 4 * CHUNK:
            continue
        whole, rest = (rest[:end], rest[end:]) if end > 3 else (rest, b"")
        if _NO_ELEMENTS.search(whole):
            yield whole
            break
        yield _BLANK_ROW.sub(b"", whole)
    yield rest
    yield from chunks


def unescaped(text: str) -> str:
    r"""Return text with the characters that XML can't hold, which workbooks write as ``_x000D_``.

    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_")
    ('a\rb', '_x000D_')
    """
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Scan:
    """Reads texts, in one piece or in runs; aids to their reading, in another script, are no part of them."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._runs: list[str] = []
        self._aids = 0

    def _connect(
        self,
        parser: expat.XMLParserType,
        starts: Mapping[str, Callable[[Attributes], None]],
        ends: Mapping[str, Callable[[], None]],
    ) -> None:
        """Let the parser call what is to be done where elements of these kinds start and end."""
        start_of = _by_tag({"t": self._start_text, "rPh": self._start_aid, **starts})
        end_of = _by_tag({"t": self._end_text, "rPh": self._end_aid, **ends})
        depth = 0

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal depth
            depth += 1
            if tag in start_of:
                start_of[tag](attributes)
            if depth > DEEPEST:
                raise ValueError("its elements stand too deep within each other")

        def end(tag: str) -> None:
            nonlocal depth
            depth -= 1
            if tag in end_of:
                end_of[tag]()

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = self._pieces.append

    def _start_runs(self, _: Attributes) -> None:
        self._runs.clear()

    def _start_text(self, _: Attributes) -> None:
        self._pieces.clear()

    def _end_text(self) -> None:
        if not self._aids:
            self._runs += self._pieces

    def _start_aid(self, _: Attributes) -> None:
        self._aids += 1

    def _end_aid(self) -> None:
        self._aids -= 1


class _TextScan(_Scan):
    """Collects the texts of a workbook."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def connect(self, parser: expat.XMLParserType) -> None:
        """Let the parser tell what it finds."""
        self._connect(parser, {"si": self._start_runs}, {"si": self._end_item})

    def _end_item(self) -> None:
        self.texts.append(unescaped("".join(self._runs)))


class CellScan(_Scan, ABC):
    """Reads the sheets of one workbook, which share texts and the bound on the number of cells.

    A cell's number is written as every program reads it (`number_of`); its text is as shown, without the aids to
    reading. What is kept of a cell is the subclass's matter.
    """

    _blank_rows_count = True
    """Whether rows without content are looked at, since they may be hidden."""

    def __init__(self, package: Package, texts: list[str]) -> None:
        super().__init__()
        self._package = package
        self._texts = texts
        self._count = 0

    @abstractmethod
    def _take(self, place: Place, kind: str, text: str | None, formula: str | None) -> None:
        """Keep a cell that has a value or a formula; `text` is what is stored, None without, `kind` its ``t``."""

    @abstractmethod
    def _holds(self, place: Place) -> bool:
        """Whether a cell was kept already; asked where cells don't stand in their order."""

    def _merge(self, reference: str) -> None:
        """Note a range of merged cells."""

    def _scan(self, sheet: SheetPart) -> None:
        """Read a sheet's part; its hidden rows and columns are in `_hidden_rows` and `_hidden_columns` then."""
        self._row = self._column = self._aids = 0
        self._row_text = ""
        self._last = (0, 0)
        self._in_row = self._all_hidden = False
        self._start_cell({})
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        thin = iter if self._blank_rows_count else without_blank_rows
        self._package.scan(sheet.part, self._connect_cells, thin, f'the sheet "{sheet.name}"')

    def _connect_cells(self, parser: expat.XMLParserType) -> None:
        starts: dict[str, Callable[[Attributes], None]] = {
            "sheetFormatPr": self._defaults, "col": self._hide_columns, "row": self._start_row, "c": self._start_cell,
            "v": self._start_text, "f": self._start_formula, "is": self._start_runs,
            "mergeCell": lambda attributes: self._merge(attributes.get("ref", "")),
        }  # fmt: skip
        ends = {
            "row": self._end_row, "c": self._end_cell, "f": self._end_formula, "v": self._end_value,
            "is": self._end_inline,
        }  # fmt: skip
        self._connect(parser, starts, ends)

    # -- rows and columns ------------------------------------------------------------------------------------

    def _defaults(self, attributes: Attributes) -> None:
        """Note a sheet whose rows are hidden unless they say otherwise."""
        self._all_hidden = self._all_hidden or attributes.get("zeroHeight") in _TRUE

    def _hide_columns(self, attributes: Attributes) -> None:
        if _is_hidden(attributes, "width", NARROWEST):
            first, last = _whole(attributes.get("min", "1")), _whole(attributes.get("max", "1"))
            self._hidden_columns.update(range(max(first, 1), min(last, LAST_COLUMN) + 1))

    def _start_row(self, attributes: Attributes) -> None:
        self._row = _whole(attributes.get("r") or str(self._row + 1))
        self._row_text = str(self._row)
        self._column = 0
        self._in_row = True
        self._pieces.clear()
        if not 1 <= self._row <= LAST_ROW:
            raise ValueError(f"there is no row {self._row}")
        if _is_hidden(attributes, "ht", LOWEST):
            self._hidden_rows.add(self._row)

    def _end_row(self) -> None:
        self._in_row = False

    # -- cells -----------------------------------------------------------------------------------------------

    def _start_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        self._value: str | None = None
        self._formula: str | None = None

    def _start_formula(self, attributes: Attributes) -> None:
        self._formula_kind = attributes
        self._pieces.clear()

    def _end_formula(self) -> None:
        if self._in_row:
            self._formula = self._once(self._formula, "formulas")

    def _end_value(self) -> None:
        if self._in_row:
            self._value = self._once(self._value, "values")

    def _once(self, already: str | None, what: str) -> str:
        """Return what was read; refuse a cell that holds it twice: programs differ in which of the two they show."""
        if already is not None:
            raise ValueError(f"a cell of row {self._row} has two {what}")
        pieces = self._pieces
        return pieces[0] if len(pieces) == 1 else "".join(pieces)

    def _end_inline(self) -> None:
        self._pieces[:] = self._runs
        self._end_value()

    def _end_cell(self) -> None:
        if not self._in_row:
            return
        row, column = self._row, self._column + 1
        reference = self._cell.get("r")
        if column > LAST_COLUMN or (reference and reference != column_letters(column) + self._row_text):
            column = self._column_in_row(reference)
        self._column = column
        if self._value is None and self._formula is None:
            return
        place = (row, column)
        if place > self._last:
            self._last = place
        elif self._holds(place):
            raise ValueError(f"it has two cells {reference_of(place)}")
        self._count += 1
        if self._count > MOST_CELLS:
            raise ValueError(f"it has more than {MOST_CELLS:,} cells")
        self._take(place, self._cell.get("t", "n"), self._value, self._formula)

    def _column_in_row(self, reference: str | None) -> int:
        """Return the column of a cell that doesn't stand right after the one before it."""
        if not reference:
            raise ValueError(f"row {self._row} has more cells than a sheet has columns")
        row, column = place_of(reference)
        if row != self._row:
            raise ValueError(f"the cell {reference} stands in row {self._row}")
        return column

    def _stored(self, kind: str, text: str) -> str | float | bool | dt.datetime:
        """Return a stored value by its kind; what should be a number or a date but is none stays text."""
        match kind:
            case "n":
                return number_of(text)
            case "s":
                return self._shared_text(text)
            case "str" | "inlineStr":
                return unescaped(text)
            case "b":
                return is_true(text)
            case "d":
                return written_date(text) or text
        raise ValueError(f'there is no cell type "{kind[:40]}"')

    def _shared_text(self, index: str) -> str:
        """Return one of the texts that the sheets share."""
        number = int(index) if index.isdecimal() else _whole(index)
        if not 0 <= number < len(self._texts):
            raise ValueError(f"there is no text {number}")
        return self._texts[number]


def _by_tag[T](acts: Mapping[str, T]) -> dict[str, T]:
    return {f"{space} {kind}": act for space in _NAMESPACES for kind, act in acts.items()}


def number_of(text: str) -> float | str:
    """Return a number as every program reads it; Python's own extras (1_000, other scripts' digits) are text."""
    plain = text.strip()
    if not _is_plain(plain):
        return text
    number = float(plain)
    return number if math.isfinite(number) else text


def is_true(text: str) -> bool:
    """Return a stored truth value."""
    return text.strip().lower() in _TRUE


def _is_hidden(attributes: Attributes, size: str, least: float) -> bool:
    """Whether a row or column is hidden, or too small to be seen."""
    try:
        small = float(attributes.get(size, least)) < least
    except ValueError:
        small = True
    return attributes.get("hidden", "0").strip().lower() not in _FALSE or small


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?[0-9]{1,15}\s*", text):
        raise ValueError(f'"{text[:40]}" is no whole number')
    return int(text)


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: a value, or a formula with its stored value; an error value stands in `error`."""

    value: Value
    formula: str = ""
    """Without ``=``, in canonical form; in braces where it was entered as an array."""
    error: str = ""
    """``#REF!`` and the like."""

    @property
    def result(self) -> Value:
        """What the cell shows: a value, or an error as its text."""
        return self.error or self.value

    @property
    def written(self) -> Value:
        """What was entered: a formula with ``=``, or what the cell shows."""
        return f"={self.formula}" if self.formula else self.result

    @property
    def is_blank(self) -> bool:
        """Whether it holds nothing."""
        return not (self.formula or self.error) and self.value in (None, "")

    @property
    def is_number(self) -> bool:
        """Whether its value is a number, which truth values are not."""
        return isinstance(self.value, float)


BLANK = Content(None)


@dataclass
class Sheet:
    """One sheet: the cells that hold a value, formula or error."""

    name: str
    cells: dict[Place, Content] = field(default_factory=dict)
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    percent: frozenset[Place] = frozenset()
    """Those of the cells that are formatted as a percentage."""
    misleading: frozenset[Place] = frozenset()
    """Those whose number format shows another number than theirs, or none."""

    def at(self, place: Place) -> Content:
        """Return what a cell holds, be it nothing."""
        return self.cells.get(place, BLANK)


class SheetScan(CellScan):
    """Reads sheets as values and formulas, whichever spreadsheet program saved them last."""

    def __init__(self, workbook: Workbook) -> None:
        texts = shared_texts(workbook.package, workbook.texts)
        super().__init__(workbook.package, texts)
        self._contents = [Content(text) for text in texts]
        self._percent_styles = set(map(str, percent_styles(workbook.styles)))
        self._misleading_styles = set(map(str, misleading_styles(workbook.styles)))

    def read(self, sheet: SheetPart) -> Sheet:
        """Return a sheet."""
        self._cells: dict[Place, Content] = {}
        self._percent: set[Place] = set()
        self._misleading: set[Place] = set()
        self._shared: dict[str, tuple[str, Place]] = {}
        self._scan(sheet)
        return Sheet(
            sheet.name,
            self._cells,
            self._all_hidden or not sheet.visible,
            frozenset(self._hidden_rows),
            frozenset(self._hidden_columns),
            frozenset(self._percent),
            frozenset(self._misleading),
        )

    @override
    def _holds(self, place: Place) -> bool:
        return place in self._cells

    @override
    def _take(self, place: Place, kind: str, text: str | None, formula: str | None) -> None:
        self._cells[place] = self._content(place, kind, text, formula)
        if self._cell.get("s") in self._percent_styles:
            self._percent.add(place)
        if self._cell.get("s") in self._misleading_styles:
            self._misleading.add(place)

    def _content(self, place: Place, kind: str, text: str | None, formula: str | None) -> Content:
        if kind == "s" and text and formula is None:
            self._shared_text(text)
            return self._contents[int(text)]
        told = "" if formula is None else self._formula_text(place, formula)
        if told in ("TRUE", "FALSE"):
            return Content(told == "TRUE")  # LibreOffice saves a typed truth value as a formula
        if kind == "e":
            return Content(None, told, text or "#ERROR")
        if text == "" and formula is not None:
            return Content("", told)  # an empty text is a result, whatever type some programs give it
        return Content(self._typed(kind, text), told)

    def _typed(self, kind: str, text: str | None) -> str | float | bool | None:
        """Return a stored value; a date is the number that stands for it."""
        if not text:
            return text if kind in ("str", "inlineStr") else None
        value = self._stored(kind, text)
        return serial(value) if isinstance(value, dt.datetime) else value

    def _formula_text(self, place: Place, text: str) -> str:
        attributes: Mapping[str, str] = self._formula_kind
        kind = attributes.get("t", "normal")
        if kind == "shared":
            number = attributes.get("si", "")
            if text:
                self._shared[number] = (text, place)
            elif number in self._shared:
                text = _moved(*self._shared[number], place)
            else:
                raise ValueError(f"the shared formula of {reference_of(place)} is missing")
        if kind == "dataTable":
            return f"TABLE({attributes.get('r1', '')},{attributes.get('r2', '')})"
        return f"{{{canonical(text)}}}" if kind == "array" else canonical(text)


def _moved(text: str, origin: Place, place: Place) -> str:
    """Return the formula of another cell as it reads at `place`."""
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator, TranslatorError

    try:
        return str(Translator(f"={text}", reference_of(origin)).translate_formula(reference_of(place)))[1:]
    except (TokenizerError, TranslatorError) as error:
        raise ValueError(f"the formula of {reference_of(place)} can't be told: {error}") from None


def read_sheets(workbook: Workbook, names: Container[str] | None = None) -> dict[str, Sheet]:
    """Return the sheets of cells, in order; of these names alone where some are given.

    Raises
    ------
    WorkbookError
        If one of them can't be read.
    """
    scan = SheetScan(workbook)
    wanted = (part for part in workbook.sheets if part.kind == "worksheet" and (names is None or part.name in names))
    return {part.name: scan.read(part) for part in wanted}
