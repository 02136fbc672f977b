r"""Seals: digests of what stands in a plan's cells, the same for our file and for one that a spreadsheet saved again.

A cell is given as ``(place, formula, value)``: place is (row, column) from 1; a cell with a formula counts by the
formula alone, never by its result. Numbers count to 15 significant digits, text in the Unicode form NFC with ``\n``
line ends, formulas without spaces; that is what spreadsheets keep when they save a workbook again. An empty text counts
as a blank cell.

Some cells are left out of every digest: those that are there to be filled in, and the one that holds the digest itself.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Context
from functools import lru_cache

from allocator.reports import tables
from allocator.spreadsheet.references import column_letters

type Place = tuple[int, int]
type Value = str | float | bool | None
type Cell = tuple[Place, str, Value]

CONTENT_DIGEST = "SHA-256 of the canonical content"
"""The label on About of the digest over the whole workbook."""
INPUTS = tables.INPUTS.removesuffix("…")
"""How the names of the sheets begin that show the scenario."""
DIGITS = 15
SHORT = 16
"""Hexadecimal digits of a line's digest; the content's has all 64."""
_ENTRIES = {
    tables.ALLOCATION.sheet: ("Area", ("Decided", "Reason", "By")),
    tables.SIGN_OFF.sheet: ("Step", ("Name", "Date")),
}
"""Sheet → the first heading of its table with entries, and the headings of the entries."""
_ROUNDED = Context(prec=DIGITS, rounding=ROUND_HALF_UP)
_QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
KEPT = 100_000
"""So many contents are remembered: the same ones stand in many cells, and a plan is often digested again."""
_NUMBER = re.compile(r"(?<![\w$.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w(!])")
_TRUTH = re.compile(r"(?<![\w.])(TRUE|FALSE)\(\)")


def canonical_value(value: Value) -> str:
    r"""Return a value as text that no saving changes; nothing for a blank cell.

    >>> canonical_value(0.1 + 0.2), canonical_value(-0.0), canonical_value(True), canonical_value("a\r\nb")
    ('0.3', '0', 'TRUE', 'a\nb')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    return _number(value)


def canonical_formula(formula: str) -> str:
    """Return a formula's text, without ``=``, as it reads after any program has saved it.

    >>> canonical_formula("=IF( A1>0.10000000000000001, FALSE(), 'a b'!C1)")
    "IF(A1>0.1,FALSE,'a b'!C1)"
    """
    parts = _QUOTED.split(formula.removeprefix("="))
    return "".join(part if number % 2 else _plain(part) for number, part in enumerate(parts))


def _plain(text: str) -> str:
    """Return a stretch of a formula that stands outside of quotes."""
    bare = _TRUTH.sub(r"\1", re.sub(r"\s+", "", text))
    return _NUMBER.sub(lambda found: _number(float(found[0])), bare)


def _number(value: float) -> str:
    """Return a number as LibreOffice rounds it to 15 digits: its shortest text, halves away from zero."""
    rounded = _ROUNDED.create_decimal(repr(float(value)))
    return f"{float(rounded) or 0.0:.{DIGITS}g}"


def line_digest(cells: Iterable[Cell], *, column: bool = False) -> str:
    """Return the digest of a row's cells, or of a `column`'s: of what they hold and where in the line they stand.

    A line that is moved as a whole keeps its digest.
    """
    along = 0 if column else 1
    return _digest((str(place[along]), content) for place, content in _contents(cells))[:SHORT]


def line_seals(sheet: str, cells: Iterable[Cell]) -> dict[str, str]:
    """Return the digests of a sheet's lines that hold anything: ``row 7``, and on inputs ``column F`` too.

    `cells` are the sheet's without those that `left_out` names.
    """
    rows: dict[int, list[Cell]] = {}
    columns: dict[int, list[Cell]] = {}
    for cell in cells:
        (row, column), formula, value = cell
        if formula or canonical_value(value):
            rows.setdefault(row, []).append(cell)
            columns.setdefault(column, []).append(cell)
    seals = {f"row {row}": line_digest(line) for row, line in sorted(rows.items())}
    if sheet.startswith(INPUTS):
        seals |= {f"column {column_letters(c)}": line_digest(line, column=True) for c, line in sorted(columns.items())}
    return seals


def is_sealed(sheet: str) -> bool:
    """Whether a sheet holds what can't be recomputed, so that its lines have digests on the sheet Seals."""
    return sheet.startswith(INPUTS) or sheet == tables.ASSUMPTIONS.sheet


def content_digest(sheets: Iterable[tuple[str, Iterable[Cell]]]) -> str:
    """Return the digest of all that stands in a plan, by sheet and cell, in whatever order the sheets are.

    What `left_out` names and the sheet Seals do not count.
    """
    book = {name: tuple(cells) for name, cells in sheets if name != tables.SEALS.sheet}
    out = left_out(book)
    parts: list[tuple[str, str]] = []
    for name in sorted(book):
        parts.append(("sheet", name))
        kept = (cell for cell in book[name] if (name, cell[0]) not in out)
        parts += [(f"{column_letters(place[1])}{place[0]}", content) for place, content in _contents(kept)]
    return _digest(parts)


def left_out(book: Mapping[str, Iterable[Cell]]) -> frozenset[tuple[str, Place]]:
    """Return the cells, as (sheet, place), that no digest covers: the entries and the content's digest itself."""
    own = digest_place(book.get(tables.SIGN_OFF.sheet, ()))
    return entry_places(book) | ({(tables.SIGN_OFF.sheet, own)} if own else frozenset())


def digest_place(about: Iterable[Cell]) -> Place | None:
    """Return where on About the content's digest stands; None where its label is gone."""
    rows = [row for (row, column), _, value in about if column == 1 and value == CONTENT_DIGEST]
    return (min(rows), 2) if rows else None


def entry_places(book: Mapping[str, Iterable[Cell]]) -> frozenset[tuple[str, Place]]:
    """Return the cells, as (sheet, place), that are there to be filled in, whether they are or not.

    They are found by the headings above them: on Allocation Decided, Reason and By in each of its lines, on About Name
    and Date of those who sign. A sheet without these headings has none.
    """
    return frozenset(
        (sheet, place)
        for sheet, (first, headings) in _ENTRIES.items()
        for place in _entries(book.get(sheet, ()), first, headings)
    )


def _entries(cells: Iterable[Cell], first: str, headings: tuple[str, ...]) -> Iterator[Place]:
    texts = {place: value for place, formula, value in cells if not formula}
    rows: dict[int, dict[Value, int]] = {}
    for (row, column), text in sorted(texts.items()):
        if column == 1 or row in rows:
            rows.setdefault(row, {}).setdefault(text, column)
    heads = (row for row, found in rows.items() if found.get(first) == 1 and all(name in found for name in headings))
    head = next(heads, None)
    if head is None:
        return
    row = head + 1
    while canonical_value(texts.get((row, 1))):
        yield from ((row, rows[head][name]) for name in headings)
        row += 1


def _contents(cells: Iterable[Cell]) -> list[tuple[Place, str]]:
    """Return (place, content) of the cells that hold anything, in order; the content tells a text from a number."""
    pairs = ((place, _content(formula, value)) for place, formula, value in cells)
    return sorted((place, content) for place, content in pairs if content)


@lru_cache(maxsize=KEPT, typed=True)
def _content(formula: str, value: Value) -> str:
    text = canonical_formula(formula)
    if text in ("TRUE", "FALSE"):  # LibreOffice saves a typed TRUE as a formula
        return f"b{text}"
    if text:
        return f"={text}"
    kind = "b" if isinstance(value, bool) else "t" if isinstance(value, str) else "n"
    return f"{kind}{content}" if (content := canonical_value(value)) else ""


def _digest(parts: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of pairs of texts; lengths stand before them, so that no two lists read the same."""
    found = hashlib.sha256()
    for pair in parts:
        for text in pair:
            content = text.encode("utf-8", "surrogatepass")
            found.update(b"%d:" % len(content))
            found.update(content)
    return found.hexdigest()
