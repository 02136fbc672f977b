"""A sheet's XML as cells: read in one pass that holds nothing but the cells themselves."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from allocator.audit.syntax import LAST_COLUMN, LAST_ROW, column_number
from allocator.audit.tokens import canonical
from allocator.scenario.model import column_letters

if TYPE_CHECKING:
    from allocator.audit.package import Package

type Place = tuple[int, int]
"""Row and column, from 1."""
type Attributes = Mapping[str, str]

MOST_CELLS = 10_000_000
"""Of a workbook; what they say is held in memory."""
_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FALSE = ("0", "false", "off", "f")
LOWEST, NARROWEST = 2.0, 0.3
"""In points and in characters: rows and columns smaller than this show nothing."""
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_TRUE = ("1", "true")
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days know no time zone


@dataclass(frozen=True, slots=True)
class Content:
    """What a cell holds: a value, or a formula with its stored value; an error value stands in `error`."""

    value: str | float | bool | None
    formula: str = ""
    """Without ``=``, in canonical form; in braces where it was entered as an array."""
    error: str = ""
    """``#REF!`` and the like."""


@dataclass
class PlanSheet:
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


def shared_texts(package: Package, part: str) -> list[Content]:
    """Return the texts that the sheets refer to by number; none where the workbook has no such part."""
    scan = _TextScan()
    if part:
        package.scan(part, scan.connect)
    return scan.texts


class _TextScan:
    """Collects the texts of a workbook; aids to their reading, in another script, are no part of them."""

    def __init__(self) -> None:
        self.texts: list[Content] = []
        self._pieces: list[str] = []
        self._aids = 0

    def connect(self, parser: expat.XMLParserType) -> None:
        """Let the parser tell what it finds."""
        self._parser = parser
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end

    def _start(self, tag: str, _: Attributes) -> None:
        match _kind(tag):
            case "si":
                self._pieces.clear()
            case "rPh":
                self._aids += 1
            case "t" if not self._aids:
                self._parser.CharacterDataHandler = self._pieces.append

    def _end(self, tag: str) -> None:
        match _kind(tag):
            case "si":
                self.texts.append(Content(unescaped("".join(self._pieces))))
            case "rPh":
                self._aids -= 1
            case "t":
                self._parser.CharacterDataHandler = None


def unescaped(text: str) -> str:
    r"""Return text with the characters that XML can't hold, which workbooks write as ``_x000D_``.

    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_")
    ('a\rb', '_x000D_')
    """
    if "_x" not in text:
        return text
    found = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class SheetScan:
    """Reads the sheets of one workbook, which share texts, styles and the bound on the number of cells."""

    def __init__(
        self, package: Package, texts: list[Content], percent_styles: frozenset[int], misleading_styles: frozenset[int]
    ) -> None:
        self._package = package
        self._texts = texts
        self._percent_styles = {str(style) for style in percent_styles}
        self._misleading_styles = {str(style) for style in misleading_styles}
        self._count = 0

    def read(self, part: str, name: str) -> PlanSheet:
        """Return a sheet."""
        self._sheet = PlanSheet(name)
        self._row = self._column = 0
        self._in_row = self._in_text = False
        self._aids = 0
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._percent: set[Place] = set()
        self._misleading: set[Place] = set()
        self._shared: dict[str, tuple[str, Place]] = {}
        self._package.scan(part, self._connect)
        self._sheet.hidden_rows = frozenset(self._hidden_rows)
        self._sheet.hidden_columns = frozenset(self._hidden_columns)
        self._sheet.percent = frozenset(self._percent)
        self._sheet.misleading = frozenset(self._misleading)
        return self._sheet

    def _connect(self, parser: expat.XMLParserType) -> None:
        starts: dict[str, Callable[[Attributes], None]] = {
            "sheetFormatPr": self._defaults, "col": self._hide_columns, "row": self._start_row, "c": self._start_cell,
            "f": self._start_formula, "v": self._start_value, "is": self._start_inline, "t": self._start_text,
            "rPh": self._start_aid,
        }  # fmt: skip
        ends: dict[str, Callable[[], None]] = {
            "row": self._end_row, "c": self._end_cell, "f": self._end_text, "v": self._end_text, "t": self._end_text,
            "is": self._end_inline, "rPh": self._end_aid,
        }  # fmt: skip
        starts_by_tag = {f"{space} {kind}": act for space in _NAMESPACES for kind, act in starts.items()}
        ends_by_tag = {f"{space} {kind}": act for space in _NAMESPACES for kind, act in ends.items()}

        def start(tag: str, attributes: Attributes) -> None:
            act = starts_by_tag.get(tag)
            if act is not None:
                act(attributes)

        def end(tag: str) -> None:
            act = ends_by_tag.get(tag)
            if act is not None:
                act()

        self._parser = parser
        parser.StartElementHandler, parser.EndElementHandler = start, end

    # -- rows and columns ------------------------------------------------------------------------------------

    def _defaults(self, attributes: Attributes) -> None:
        """Note a sheet whose rows are hidden unless they say otherwise."""
        self._sheet.hidden = self._sheet.hidden or attributes.get("zeroHeight") in _TRUE

    def _hide_columns(self, attributes: Attributes) -> None:
        if _is_hidden(attributes, "width", NARROWEST):
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            self._hidden_columns.update(range(first, min(last, LAST_COLUMN) + 1))

    def _start_row(self, attributes: Attributes) -> None:
        self._row = int(attributes.get("r") or self._row + 1)
        self._column = 0
        self._in_row = True
        if not 1 <= self._row <= LAST_ROW:
            raise ValueError(f"there is no row {self._row}")
        if _is_hidden(attributes, "ht", LOWEST):
            self._hidden_rows.add(self._row)

    def _end_row(self) -> None:
        self._in_row = False

    # -- cells -----------------------------------------------------------------------------------------------

    def _start_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._formula_kind: Attributes = {}

    def _start_formula(self, attributes: Attributes) -> None:
        if self._in_row:
            self._once(self._formula, "formulas")
            self._formula_kind = attributes
            self._formula = []
            self._parser.CharacterDataHandler = self._formula.append

    def _once(self, already: list[str] | None, what: str) -> None:
        """Refuse a cell that holds something twice: programs differ in which of the two they show."""
        if already is not None:
            raise ValueError(f"a cell of row {self._row} has two {what}")

    def _start_value(self, _: Attributes) -> None:
        if self._in_row:
            self._once(self._value, "values")
            self._value = []
            self._parser.CharacterDataHandler = self._value.append

    def _start_inline(self, _: Attributes) -> None:
        if self._in_row:
            self._once(self._value, "values")
            self._value = []
            self._in_text = True

    def _start_text(self, _: Attributes) -> None:
        if self._in_text and not self._aids and self._value is not None:
            self._parser.CharacterDataHandler = self._value.append

    def _start_aid(self, _: Attributes) -> None:
        self._aids += 1

    def _end_aid(self) -> None:
        self._aids -= 1

    def _end_inline(self) -> None:
        self._in_text = False

    def _end_text(self) -> None:
        self._parser.CharacterDataHandler = None

    def _end_cell(self) -> None:
        if not self._in_row:
            return
        reference = self._cell.get("r")
        row, column = _place(reference) if reference else (self._row, self._column + 1)
        self._column = column
        if row != self._row:
            raise ValueError(f"the cell {reference} stands in row {self._row}")
        if self._value is None and self._formula is None:
            return
        place = (row, column)
        content = self._content(place)
        if place in self._sheet.cells:
            raise ValueError(f"it has two cells {column_letters(column)}{row}")
        self._count += 1
        if self._count > MOST_CELLS:
            raise ValueError(f"it has more than {MOST_CELLS:,} cells")
        self._sheet.cells[place] = content
        if self._cell.get("s") in self._percent_styles:
            self._percent.add(place)
        if self._cell.get("s") in self._misleading_styles:
            self._misleading.add(place)

    def _content(self, place: Place) -> Content:
        kind = self._cell.get("t", "n")
        text = None if self._value is None else "".join(self._value)
        if kind == "s" and text and self._formula is None:
            index = int(text)
            if not 0 <= index < len(self._texts):
                raise ValueError(f"there is no text {index}")
            return self._texts[index]
        formula = "" if self._formula is None else self._formula_text(place)
        if formula in ("TRUE", "FALSE"):
            return Content(formula == "TRUE")  # LibreOffice saves a typed truth value as a formula
        if kind == "e":
            return Content(None, formula, text or "#ERROR")
        if text == "" and self._formula is not None:
            return Content("", formula)  # an empty text is a result, whatever type some programs give it
        return Content(self._typed(kind, text), formula)

    def _typed(self, kind: str, text: str | None) -> str | float | bool | None:
        """Return a stored value; what should be a number but is none stays text."""
        if text is None:
            return None
        match kind:
            case "s":
                return self._texts[int(text)].value if text else None
            case "str" | "inlineStr":
                return unescaped(text)
            case "b":
                return text.strip() in _TRUE
            case "d":
                return (dt.datetime.fromisoformat(text).replace(tzinfo=None) - _EPOCH) / dt.timedelta(days=1)
        if kind != "n":
            raise ValueError(f'there is no cell type "{kind}"')
        return _number(text) if text else None

    def _formula_text(self, place: Place) -> str:
        text, kind = "".join(self._formula or ()), self._formula_kind.get("t", "normal")
        if kind == "shared":
            number = self._formula_kind.get("si", "")
            if text:
                self._shared[number] = (text, place)
            elif number in self._shared:
                text = _moved(*self._shared[number], place)
            else:
                raise ValueError(f"the shared formula of {_reference(place)} is missing")
        if kind == "dataTable":
            return f"TABLE({self._formula_kind.get('r1', '')},{self._formula_kind.get('r2', '')})"
        return f"{{{canonical(text)}}}" if kind == "array" else canonical(text)


def _is_hidden(attributes: Attributes, size: str, least: float) -> bool:
    """Whether a row or column is hidden, or too small to be seen."""
    try:
        small = float(attributes.get(size, least)) < least
    except ValueError:
        small = True
    return attributes.get("hidden", "0").strip().lower() not in _FALSE or small


def _moved(text: str, origin: Place, place: Place) -> str:
    """Return the formula of another cell as it reads at `place`."""
    from openpyxl.formula.tokenizer import TokenizerError
    from openpyxl.formula.translate import Translator, TranslatorError

    try:
        return str(Translator(f"={text}", _reference(origin)).translate_formula(_reference(place)))[1:]
    except (TokenizerError, TranslatorError) as error:
        raise ValueError(f"the formula of {_reference(place)} can't be told: {error}") from None


def _reference(place: Place) -> str:
    return f"{column_letters(place[1])}{place[0]}"


def _number(text: str) -> float | str:
    """Return a number as every program reads it; Python's own extras (1_000, other scripts' digits) are text."""
    if not _PLAIN_NUMBER.fullmatch(text):
        return text
    number = float(text)
    return number if math.isfinite(number) else text


def _place(reference: str) -> Place:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(f"there is no cell {reference}")
    row, column = int(match[2]), column_number(match[1])
    if row > LAST_ROW or column > LAST_COLUMN:
        raise ValueError(f"there is no cell {reference}")
    return row, column


def _kind(tag: str) -> str:
    """Return an element's name; empty for those of other namespaces."""
    space, _, name = tag.rpartition(" ")
    return name if space in _NAMESPACES else ""
