"""Seals: digests of what stands in a plan's cells, the same for our file and for one that was saved again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from xlsxwriter.worksheet import CellRichStringTuple, Worksheet

from allocator.spreadsheet.digests import Cell, contents, digest_of, line_digest
from allocator.spreadsheet.references import Place, column_letters
from allocator.spreadsheet.syntax import Value, canonical_value
from allocator.tables import plan as tables
from allocator.tables.money import ALLOCATION

if TYPE_CHECKING:
    from xlsxwriter.format import Format


CONTENT_DIGEST = "SHA-256 of the canonical content"
"""The label on About of the digest over the whole workbook."""
INPUTS = tables.INPUTS.removesuffix("…")
"""How the names of the sheets begin that show the scenario."""
_ENTRIES = {
    ALLOCATION.sheet: ("Area", ("Decided", "Reason", "By")),
    tables.SIGN_OFF.sheet: ("Step", ("Name", "Date")),
}
"""Sheet → the first heading of its table with entries, and the headings of the entries."""


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
        parts += [(f"{column_letters(place[1])}{place[0]}", content) for place, content in contents(kept)]
    return digest_of(parts)


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


class PlanSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter is not typed
    """Its formulas call only functions that every spreadsheet knows; its texts may be anything that was typed."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        """Return the formula: looking in each for thirty newer functions took a tenth of the time of a plan."""
        return formula.removeprefix("=")

    def _write_string(self, row: int, col: int, string: str, cell_format: Format | None = None) -> int:
        """Write a text; one that opens and closes as marked-up text does would go into the file unescaped."""
        if not (string.startswith("<r>") and string.endswith("</r>")) or self._check_dimensions(row, col):
            return int(super()._write_string(row, col, string, cell_format))
        marked_up = f'<r><t xml:space="preserve">{escape(string)}</t></r>'
        index = self.str_table._get_shared_string_index(marked_up)
        self.table[row][col] = CellRichStringTuple(index, cell_format, string)
        return 0

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, str]] = ()) -> None:
        """Write a number with all its digits; XlsxWriter keeps 16, with which not every number reads back the same."""
        short = f"{number:.16G}"
        text = short if float(short) == number else repr(float(number))
        self.fh.write(f"<c{''.join(f' {key}="{value}"' for key, value in attributes)}><v>{text}</v></c>")
