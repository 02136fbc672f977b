"""A copy of a workbook in which every problem is shown where it is: a red cell with a note.

openpyxl carries the rest of the workbook over (formats, lists, other sheets, macros), except that formulas lose
their stored values until a spreadsheet program opens the copy, and charts and pictures are left out.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.errors import OutputError, Problem, WorkbookError
from allocator.scenario.sheets import workbook_bytes
from allocator.scenario.writing import write_bytes
from allocator.spreadsheet.plain import OPENPYXL_FAILURES, plain_copy
from allocator.spreadsheet.workbook import Workbook

if TYPE_CHECKING:
    from openpyxl import Workbook as Copy
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet

PROBLEMS_SHEET = "Problems"
HEADINGS = ("Number", "Sheet", "Cell", "Heading", "Message")
RULE = "— allocate check —"
"""Stands above what was added to a note, so that the next check replaces it."""
BREACH, HEAD, INK = "B91C1C", "E5E7EB", "1F2937"
RED = "FECACA"
_REFERENCE = r"\$?[A-Z]{1,3}\$?[1-9]\d{0,6}(?::\$?[A-Z]{1,3}\$?[1-9]\d{0,6})?"
_MOST_ROWS = 2_000
"""So many rows of a range are marked."""
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def mark_problems(source: Path, target: Path, problems: Sequence[Problem]) -> None:
    """Write a copy of a workbook with each problem's cell in red and its message in a note.

    Several problems at a cell share a note; what the note said before stays above. Problems without a cell, or in a
    sheet that isn't there, are listed with all others on a first sheet ``Problems``.

    Parameters
    ----------
    source
        The workbook, which stays as it is.
    target
        Where the copy goes.
    problems
        What is wrong, and where.

    Raises
    ------
    OutputError
        The copy can't be written.
    """
    if target.suffix.lower() != source.suffix.lower():
        raise OutputError(f"{target}: the copy of a {source.suffix} workbook must be called {source.suffix} too")
    if target.exists() and target.samefile(source):
        raise OutputError(f"{target} is the workbook itself; give the copy another name")
    workbook = _load(source)
    _remove_former_list(workbook)
    homeless = False
    for place, found in _by_place(problems).items():
        marked = [cell for cell in _cells(workbook, place) if cell is not None]
        homeless = homeless or not marked
        for cell in marked:
            _mark(cell, found)
    if homeless:
        _list_problems(workbook, problems)
    data = BytesIO()
    workbook.save(data)
    write_bytes(target, data.getvalue())


def _load(source: Path) -> Copy:
    """Return the workbook with everything that openpyxl can keep."""
    from openpyxl import load_workbook

    data = BytesIO(plain_copy(Workbook(str(source), workbook_bytes(source)).package))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it leaves out
            return load_workbook(data, keep_vba=source.suffix.lower() == ".xlsm")
    except OPENPYXL_FAILURES as error:
        raise WorkbookError(
            f"{source} holds something that no marked copy can be made of ({error}); save it again as .xlsx"
        ) from error


def _by_place(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    """Return problems by the cell or sheet they name."""
    places: dict[str, list[Problem]] = {}
    for problem in problems:
        places.setdefault(problem.cell, []).append(problem)
    return places


def _split(place: str) -> tuple[str, str]:
    """Return a place's sheet and its cells; these are empty where only a sheet is named.

    >>> _split("Rules!D7"), _split("Areas!A6:C36, A40"), _split("What-if")
    (('Rules', 'D7'), ('Areas', 'A6:C36, A40'), ('What-if', ''))
    """
    sheet, mark, cells = place.rpartition("!")
    if mark and all(re.fullmatch(_REFERENCE, part) for part in cells.split(", ")):
        return sheet.strip("'"), cells.replace("$", "")
    return place, ""


def _cells(workbook: Copy, place: str) -> Iterator[Cell | None]:
    """Yield the cells that a problem names (of merged cells the one that shows), or None; the first of very many."""
    from openpyxl.worksheet.cell_range import CellRange

    name, references = _split(place)
    sheets = {sheet.title.casefold(): sheet for sheet in workbook.worksheets}
    sheet = sheets.get(name.casefold())
    if sheet is None or not references:
        yield None
        return
    for reference in references.split(", "):
        range_ = CellRange(reference)
        for row in range(range_.min_row, min(range_.max_row, range_.min_row + _MOST_ROWS) + 1):
            yield from (_cell(sheet, row, column) for column in range(range_.min_col, range_.max_col + 1))


def _cell(sheet: Worksheet, row: int, column: int) -> Cell | None:
    from openpyxl.cell.cell import Cell

    cell = sheet.cell(row, column)
    if not isinstance(cell, Cell):  # a blank one of a merged range: the range's first shows
        ranges = (merged for merged in sheet.merged_cells.ranges if cell.coordinate in merged)
        cell = next((sheet.cell(merged.min_row, merged.min_col) for merged in ranges), cell)
    return cell if isinstance(cell, Cell) else None


def _mark(cell: Cell, problems: Sequence[Problem]) -> None:
    """Fill a cell in red and add the problems' messages to its note."""
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    before = cell.comment.text.partition(RULE)[0].rstrip() if cell.comment else ""
    added = "\n".join(_clean(problem.message) for problem in problems)
    text = f"{before}\n\n{RULE}\n{added}" if before else f"{RULE}\n{added}"
    note = Comment(text, "allocate", width=320)
    note.height = 24 + 18 * sum(1 + len(line) // 46 for line in text.split("\n"))
    cell.comment = note
    cell.fill = PatternFill("solid", start_color=RED, end_color=RED)


def _clean(text: str) -> str:
    """Return text without the characters that no workbook can hold."""
    return _ILLEGAL.sub("\ufffd", text)


def _remove_former_list(workbook: Copy) -> None:
    """Remove the list that an earlier check put first."""
    if PROBLEMS_SHEET in workbook.sheetnames:
        sheet = workbook[PROBLEMS_SHEET]
        if tuple(cell.value for cell in sheet[4])[: len(HEADINGS)] == HEADINGS and len(workbook.worksheets) > 1:
            workbook.remove(sheet)


def _list_problems(workbook: Copy, problems: Sequence[Problem]) -> None:
    """Put a sheet first that lists every problem, as text."""
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet = workbook.create_sheet(PROBLEMS_SHEET, 0)
    _put(sheet, 1, 1, "Problems", Font(name="Calibri", bold=True, size=14, color=INK))
    said = "What the workbook needs before a plan can be made from it."
    _put(sheet, 2, 1, said, Font(name="Calibri", color="6B7280"))
    for column, (heading, width) in enumerate(zip(HEADINGS, (9, 16, 10, 22, 90), strict=True), 1):
        cell = _put(sheet, 4, column, heading, Font(name="Calibri", bold=True, color=INK))
        cell.fill = PatternFill("solid", start_color=HEAD, end_color=HEAD)
        sheet.column_dimensions["ABCDE"[column - 1]].width = width
    for row, problem in enumerate(problems, 5):
        place, reference = _split(problem.cell)
        sheet.cell(row, 1, row - 4).alignment = Alignment(vertical="top", horizontal="left")
        for column, text in enumerate((place, reference, problem.heading, problem.message), 2):
            colour = BREACH if column == len(HEADINGS) else INK
            cell = _put(sheet, row, column, text, Font(name="Calibri", color=colour))
            cell.alignment = Alignment(vertical="top", wrap_text=column == len(HEADINGS))
    sheet.freeze_panes = "A5"
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for other in workbook.worksheets:
        other.sheet_view.tabSelected = other is sheet
    workbook.active = 0


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font) -> Cell | MergedCell:
    """Write text that stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = _clean(text)
    cell.data_type = "s"
    cell.font = font
    return cell
