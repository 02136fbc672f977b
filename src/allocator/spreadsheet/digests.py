r"""Digests of cells: the same for a file as it was written and for one that a spreadsheet program saved again.

A cell is given as ``(place, formula, value)``: place is (row, column) from 1; a cell with a formula counts by the
formula alone, never by its result. Numbers count to 15 significant digits, text in the Unicode form NFC with ``\n``
line ends, formulas without spaces; that is what spreadsheets keep when they save a workbook again. An empty text counts
as a blank cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from allocator.spreadsheet.references import Place
from allocator.spreadsheet.syntax import Value, canonical, canonical_value

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

type Cell = tuple[Place, str, Value]

SHORT = 16
"""Hexadecimal digits of a line's digest; the content's has all 64."""
KEPT = 100_000
"""So many contents are remembered: the same ones stand in many cells, and a plan is often digested again."""


def line_digest(cells: Iterable[Cell], *, column: bool = False) -> str:
    """Return the digest of a row's cells, or of a `column`'s: of what they hold and where in the line they stand.

    A line that is moved as a whole keeps its digest.
    """
    along = 0 if column else 1
    return digest_of((str(place[along]), content) for place, content in contents(cells))[:SHORT]


def contents(cells: Iterable[Cell]) -> list[tuple[Place, str]]:
    """Return (place, content) of the cells that hold anything, in order; the content tells a text from a number."""
    pairs = ((place, _content(formula, value)) for place, formula, value in cells)
    return sorted((place, content) for place, content in pairs if content)


@lru_cache(maxsize=KEPT, typed=True)
def _content(formula: str, value: Value) -> str:
    text = canonical(formula)
    if text in ("TRUE", "FALSE"):  # LibreOffice saves a typed TRUE as a formula
        return f"b{text}"
    if text:
        return f"={text}"
    kind = "b" if isinstance(value, bool) else "t" if isinstance(value, str) else "n"
    return f"{kind}{content}" if (content := canonical_value(value)) else ""


def digest_of(parts: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of pairs of texts; lengths stand before them, so that no two lists read the same."""
    found = hashlib.sha256()
    for pair in parts:
        for text in pair:
            content = text.encode("utf-8", "surrogatepass")
            found.update(b"%d:" % len(content))
            found.update(content)
    return found.hexdigest()


def written(workbook: Workbook) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Yield each sheet's name and cells, as they were written so far."""
    texts = {index: text for text, index in workbook.str_table.string_table.items()}
    for sheet in workbook.worksheets():
        yield (
            sheet.get_name(),
            tuple(
                ((row + 1, column + 1), *_held(cell, texts))
                for row, cells in sheet.table.items()
                for column, cell in cells.items()
            ),
        )


def _held(cell: Any, texts: dict[int, str]) -> tuple[str, Value]:
    """Return the formula and the value of a cell as XlsxWriter keeps it until the workbook is closed."""
    match type(cell).__name__:
        case "Formula":
            return cell.formula, cell.value
        case "String":
            return "", texts[cell.string]
        case "RichString":
            return "", cell.raw_string
        case "Boolean":
            return "", bool(cell.boolean)
        case "Number":
            return "", float(cell.number)
        case "Blank":
            return "", None
        case other:
            raise TypeError(f"a cell of the kind {other} is none that a plan holds")
