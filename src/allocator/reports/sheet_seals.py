"""The sheet Seals, and the digest of the whole workbook on About."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from allocator.reports import tables
from allocator.reports.layout import FIRST
from allocator.reports.page import Book, Page
from allocator.reports.seal import Cell, Value, content_digest, digest_place, is_sealed, left_out, line_seals

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

MESSAGE = (
    "By these digests allocate verify finds which cell was changed, where it can't be computed anew; they are no "
    "signature: whoever changes a cell can make new ones, so keep the SHA-256 of the content (About) elsewhere too."
)


def write_seals(book: Book) -> None:
    """Write the digests of the lines of the inputs and of About; all other sheets have to be written by now."""
    page = Page(book, tables.SEALS.sheet, f"Seals — {book.result.scenario.title}", MESSAGE)
    page.unit("A line that holds nothing has none. Cells to be filled in are left out, and the content's own SHA-256.")
    page.table(tables.SEALS)
    contents = dict(written(book.workbook))
    out = left_out(contents)
    row = FIRST
    for sheet, cells in contents.items():
        if is_sealed(sheet):
            kept = [cell for cell in cells if (sheet, cell[0]) not in out]
            for line, digest in line_seals(sheet, kept).items():
                for column, text in enumerate((sheet, line, digest)):
                    page.text(row, column, text, book.styles.text())
                row += 1
    page.finish()


def write_content_digest(book: Book) -> None:
    """Write the digest of all that was written to its place on About; it is the last thing to write."""
    contents = dict(written(book.workbook))
    place = digest_place(contents[tables.SIGN_OFF.sheet])
    assert place is not None  # noqa: S101 - write_about left a line for it
    row, column = place
    form = book.styles.cell(text_wrap=True, align="left")
    book.sheet(tables.SIGN_OFF.sheet).write_string(row - 1, column - 1, content_digest(contents.items()), form)


def written(workbook: Workbook) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """Yield each sheet's name and cells, as they were written so far."""
    texts = {index: text for text, index in workbook.str_table.string_table.items()}
    for sheet in workbook.worksheets():
        yield (
            sheet.get_name(),
            tuple(
                ((row + 1, column + 1), *_content(cell, texts))
                for row, cells in sheet.table.items()
                for column, cell in cells.items()
            ),
        )


def _content(cell: Any, texts: dict[int, str]) -> tuple[str, Value]:
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
