"""What is wrong in a workbook, collected while it is read, so that a user sees all of it together; in a copy too.

Beside the problems stand remarks: what the reader of a plan ought to know of its scenario though it is no error.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from allocator.errors import OutputError, Problem, Unknown, WorkbookError
from allocator.scenario.cells import Said, percent, plain, suggestion, tidy
from allocator.scenario.model import Cell, Origin, Remark
from allocator.scenario.sheets import workbook_bytes, write_bytes
from allocator.spreadsheet.package import OPENPYXL_FAILURES, Workbook, plain_copy
from allocator.spreadsheet.references import column_letters, column_number

if TYPE_CHECKING:
    from openpyxl import Workbook as Copy
    from openpyxl.cell.cell import Cell as BookCell
    from openpyxl.cell.cell import MergedCell
    from openpyxl.styles import Font
    from openpyxl.worksheet.worksheet import Worksheet


# ---- Problems -------------------------------------------------------------------------------------------------------


_QUOTED = re.compile(r'"([^"]*)"')
_LONGEST = 80
"""A quotation of so many letters is too long for a message; of a longer one there are 60."""
_BLANK = ("blank",)
"""The cause of what is said of a cell that others need filled, whichever of them."""
_ACROSS = 3
"""So many columns side by side with the same problem in the same rows are one range."""
_FIGURES = 3
"""So many problems that differ in their figures alone are one."""
type _Cause = tuple[str, ...]
type _Key = tuple[str, _Cause, int, str]
"""Sheet, cause, column, heading."""


class Problems:
    """Collects what is wrong, once each, and the messages that are no errors."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Problem] = {}
        self.places: set[str] = set()
        """Cells and sheets that have a problem."""
        self.cells: dict[str, set[tuple[str, int]]] = defaultdict(set)
        """Sheet → letters and row of its cells that have a problem, of ranges the first; ``("", 0)``: all of it."""
        self.missing: set[tuple[str, str]] = set()
        """Sheets and headings of columns that are missing though figures of them are needed."""
        self.hidden_headings: set[str] = set()
        """Tables and sheets with headings that could not be read: which columns they have can't be told."""
        self.meant: set[tuple[str, str]] = set()
        """Sheets and headings of which a slip stands there."""
        self.messages: dict[Remark, None] = {}

    def add(self, cell: Cell | str, message: Said | str, heading: str = "", cause: _Cause = ()) -> None:
        """Note a problem at a cell (or at a sheet, by its name); `cause`: if it is another than the message's own."""
        cause = cause or (message.cause if isinstance(message, Said) else ())
        self._note(Problem(str(cell), _QUOTED.sub(_cut, str(message)), heading, cause))

    def unknown(self, origin: Origin, heading: str, name: str, what: str, ending: str) -> None:
        """Note that a row's cell names what isn't there: no area, no source; `ending`: what to type instead."""
        said = Said("{} is no {}; {}", f'"{name}"', what, ending)
        unknown = Unknown(name, _QUOTED.sub(_cut, f'"{name}" is no {what}'), in_heading=False)
        heading = heading if heading in origin.columns else ""
        self._note(Problem(str(origin.cell(heading)), _QUOTED.sub(_cut, str(said)), heading, said.cause, unknown))

    def unlisted(
        self, origin: Origin, heading: str, typed: str, what: str, known: Iterable[str], expected: str
    ) -> None:
        """Note that a row's cell names none of what is `known`: the nearest of these is told, or `expected` and all."""
        self.unknown(origin, heading, tidy(typed), what, suggestion(typed, list(known), expected))

    def twice(self, origin: Origin, heading: str, name: str, first: Origin, way: str = "remove or rename one") -> None:
        """Note that a name stands in an earlier row too."""
        self.at(origin, heading, Said("{} stands twice (also in row {}); " + way, f'"{name}"', first.row))

    def unknown_in_heading(self, cell: Cell, heading: str, name: str, what: str, ending: str) -> None:
        """Note that a heading names what isn't there: no source, no indicator."""
        said = _QUOTED.sub(_cut, f'the heading "{heading}" names no {what}')
        message = f"{said}; {_QUOTED.sub(_cut, ending)}"
        self._note(Problem(str(cell), message, unknown=Unknown(name, said, in_heading=True)))

    def _note(self, problem: Problem) -> None:
        sheet, letters, row = problem.first
        self.places.add(problem.cell)
        self.cells[sheet].add((letters, row))
        self.found.setdefault((problem.cell, problem.message), problem)

    def mark(self, cell: Cell) -> None:
        """Note that a cell has a problem, which is told at another."""
        self.places.add(str(cell))
        self.cells[cell.sheet].add((column_letters(cell.column), cell.row))

    def on(self, sheet: str) -> bool:
        """Whether a sheet, or a cell of it, has a problem."""
        return bool(self.cells.get(sheet))

    def at(self, origin: Origin, heading: str, message: Said | str, cause: _Cause = ()) -> None:
        """Note a problem at a row's cell under `heading`."""
        self.add(origin.cell(heading), message, heading if heading in origin.columns else "", cause)

    def follow_up(self, origin: Origin, heading: str, message: Said | str, cause: _Cause = ()) -> None:
        """Note what is missing in a cell, unless that cell already has a problem of which this is but a consequence."""
        if heading not in origin.columns or str(origin.cell(heading)) not in self.places:
            self.at(origin, heading, message, cause)

    def lacks(self, origin: Origin, heading: str, why: str, hint: str = "") -> None:
        """Note that an amount is missing and why it is needed; where the column is missing, once for all its cells."""
        if heading in origin.columns:
            self.follow_up(origin, heading, f"is blank, but {why}; type the amount, 0 for none{hint}", _BLANK)
        elif (origin.sheet, heading) not in self.missing:
            self.missing.add((origin.sheet, heading))
            if origin.sheet not in self.hidden_headings and (origin.sheet, heading) not in self.meant:
                said = f'the column "{heading}" is missing, but {why}; add it, with an amount in each row'
                self.add(origin.cell(heading), said)

    def in_order(self, sheets: Sequence[str], *, grouped: bool = False) -> list[Problem]:
        """Return the problems by sheet (those that aren't in `sheets` first), row and column.

        With `grouped` those that say the same at several cells of a column are one.
        """
        places = {name: number for number, name in enumerate(sheets)}

        def key(problem: Problem) -> tuple[int, int, int, str]:
            sheet, letters, row = problem.first
            return places.get(sheet, -1), row, len(letters), letters

        found = self.found.values()
        return sorted(as_one(found) if grouped else found, key=key)

    def say(self, message: Remark) -> None:
        """Note something the reader ought to know though it is no error."""
        self.messages.setdefault(message)


def _cut(quotation: re.Match[str]) -> str:
    return quotation[0] if len(quotation[1]) < _LONGEST else f'"{quotation[1][:60]}…"'


# ---- one cause is one message -------------------------------------------------------------------------------------


def as_one(problems: Iterable[Problem]) -> list[Problem]:
    """Return `problems` with those that say the same of one column, but for figures, as one at all their cells.

    What they say is what the first of them says. The others' figures may differ from it: where a column of shares
    holds 4, 5 and 6, the one at 4 shows how each is meant to be typed. Problems of a sheet or a range stay as they are.
    """
    alone: list[Problem] = []
    columns: dict[_Key, dict[int, Problem]] = {}
    problems = tuple(problems)
    often = Counter(problem.cause for problem in problems)
    for problem in problems:
        sheet, letters, row = problem.first
        if problem.cell != f"{sheet}!{letters}{row}":  # a sheet, or a range
            alone.append(problem)
            continue
        same = problem.cause if often[problem.cause] >= _FIGURES else ()
        key = sheet, same or (problem.message,), column_number(letters), problem.heading
        if columns.setdefault(key, {}).setdefault(row, problem) is not problem:
            alone.append(problem)
    return alone + [_one(keys, [columns[key] for key in keys]) for keys in _side_by_side(columns)]


def _side_by_side(columns: dict[_Key, dict[int, Problem]]) -> list[list[_Key]]:
    """Return the columns one by one, those side by side that say the same of the same rows as one."""
    runs: list[list[_Key]] = []
    for key in sorted(columns, key=lambda key: (*key[:2], sorted(columns[key]), key[2])):
        before = runs[-1][-1] if runs else None
        follows = before and before[:2] == key[:2] and before[2] + 1 == key[2]
        if before and follows and columns[before].keys() == columns[key].keys():
            runs[-1].append(key)
        else:
            runs.append([key])
    return [part for run in runs for part in ([run] if len(run) >= _ACROSS else [[key] for key in run])]


def _one(keys: Sequence[_Key], members: Sequence[dict[int, Problem]]) -> Problem:
    first = members[0][min(members[0])]
    count = sum(map(len, members))
    if count == 1:
        return first
    left, right = column_letters(keys[0][2]), column_letters(keys[-1][2])
    places = ", ".join(_span(f"{left}{top}", f"{right}{bottom}") for top, bottom in _runs(sorted(members[0])))
    heading = first.heading if len(keys) == 1 else f"{keys[0][3]} to {keys[-1][3]}".strip()
    same = all(problem.message == first.message for member in members for problem in member.values())
    told = f"(in {f'all {count:,}' if count > 2 else 'both'} cells)" if same else f"(and so in {count - 1:,} more)"
    return Problem(f"{keys[0][0]}!{places}", f"{first.message} {told}", heading)


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}:{last}"


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return rows as the first and last of each run."""
    ends = [n for n, row in enumerate(rows) if n + 1 == len(rows) or rows[n + 1] != row + 1]
    return [(rows[start], rows[end]) for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]


# ---- Remarks --------------------------------------------------------------------------------------------------------


_LISTED = 8
"""So many merged ranges are named."""
_LINES = 20
"""So many hidden rows are named, and so many hidden columns."""


@dataclass(frozen=True)
class FromFile(Remark):
    """What a plan's workbook says, in its own words."""

    text: str

    def __str__(self) -> str:
        return self.text


class _Told(Remark):
    """A remark that is told by its form, with what its fields hold in the form's places."""

    form: ClassVar[str]

    def __str__(self) -> str:
        return self.form.format(**{name: _shown(name, value) for name, value in vars(self).items()})


def _shown(name: str, value: object) -> object:
    if isinstance(value, Fraction):
        return percent(value) if name == "share" else plain(value)
    return ", ".join(value) if isinstance(value, tuple) else value


# -- what the file alone can tell: a plan's workbook shows all its inputs, and nothing of them is merged ---------------


@dataclass(frozen=True)
class HiddenSheet(_Told):
    """A hidden sheet was read."""

    form = "{sheet}: the hidden sheet was read like any other"
    sheet: str


@dataclass(frozen=True)
class HiddenLines(Remark):
    """Hidden rows and columns were read."""

    sheet: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def __str__(self) -> str:
        found = (("row", [*map(str, self.rows)]), ("column", [*map(column_letters, self.columns)]))
        parts = [f"{word}{'s' * (len(all_) > 1)} {', '.join(all_[:_LINES])}" for word, all_ in found if all_]
        verb = "was" if len(self.rows) + len(self.columns) == 1 else "were"
        return f"{self.sheet}: hidden {' and '.join(parts)} {verb} read like any other"


@dataclass(frozen=True)
class MergedCells(Remark):
    """What stands in merged cells was filled in for all their rows."""

    sheet: str
    ranges: tuple[str, ...]
    """Each with its heading and what it holds: ``A2:A3 (Area: "Roads")``."""

    def __str__(self) -> str:
        many = len(self.ranges)
        more = f", … ({many:,} in all)" if many > _LISTED else ""
        holds = "hold for all their rows" if many > 1 else "holds for all its rows"
        return f"{self.sheet}: the merged cell{'s' * (many > 1)} {', '.join(self.ranges[:_LISTED])}{more} {holds}"


_OF_FILE_ALONE = re.compile(
    r".+: ((the hidden sheet was|hidden .+ (was|were)) read like any other"
    r"|the merged cells? .+ (holds for all its rows|hold for all their rows))"
)


def is_of_file_alone(text: str) -> bool:
    """Whether a text that stands in a plan's workbook is one of these, told when the file was read."""
    return _OF_FILE_ALONE.fullmatch(text) is not None


# -- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnColumns(_Told):
    """A table has columns that travel with the plan."""

    form = "{sheet}: columns not known here travel with the plan: {headings}"
    sheet: str
    headings: tuple[str, ...]


@dataclass(frozen=True)
class NoHeading(_Told):
    """A column of figures has no heading; `cell`: where it ought to stand."""

    form = "{cell}: the column has no heading, so it is not read"
    cell: Cell


# -- areas ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotCounted(_Told):
    """An area had money last year from a source that may not pay for it."""

    form = '{cell}: {amount} is not counted; Sources of "{area}" leaves {source} out'
    cell: Cell
    amount: Fraction
    area: str
    source: str


@dataclass(frozen=True)
class LastYearNotUsed(_Told):
    """Last year of an area with parts is another than the sum of theirs."""

    form = '{cell}: {amount} is not used; "{area}" has parts, whose Last year comes to {of_parts}'
    cell: Cell
    amount: Fraction
    area: str
    of_parts: Fraction


@dataclass(frozen=True)
class LooseMaximum(_Told):
    """A maximum share is of more than there is."""

    form = "{cell}: a maximum share of {share} limits nothing ({area})"
    cell: Cell
    share: Fraction
    area: str


# -- rules ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LooseRule(_Told):
    """A rule lets something have more than there is."""

    form = "{cell}: a share of at most {share} limits nothing ({rule})"
    cell: Cell
    share: Fraction
    rule: str


@dataclass(frozen=True)
class AreasLeftOut(Remark):
    """A rule about every area leaves out those for which no source that counts may pay."""

    cell: Cell
    rule: str
    areas: tuple[str, ...]

    def __str__(self) -> str:
        them = "it" if len(self.areas) == 1 else "them"
        return f'{self.cell}: "{self.rule}" leaves out {", ".join(self.areas)}: no counted source may pay for {them}'


@dataclass(frozen=True)
class NoAreaLeft(_Told):
    """A rule about every area is about none."""

    form = '{cell}: "{rule}" is about no area at all'
    cell: Cell
    rule: str


@dataclass(frozen=True)
class BasisSourceNotUsed(_Told):
    """A rule names sources of its basis, which is no money."""

    form = "{cell}: Basis source has no meaning where Basis is {basis}; it is not used"
    cell: Cell
    basis: str


# ---- A marked copy --------------------------------------------------------------------------------------------------


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


def _cells(workbook: Copy, place: str) -> Iterator[BookCell | None]:
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


def _cell(sheet: Worksheet, row: int, column: int) -> BookCell | None:
    from openpyxl.cell.cell import Cell as BookCell

    cell = sheet.cell(row, column)
    if not isinstance(cell, BookCell):  # a blank one of a merged range: the range's first shows
        ranges = (merged for merged in sheet.merged_cells.ranges if cell.coordinate in merged)
        cell = next((sheet.cell(merged.min_row, merged.min_col) for merged in ranges), cell)
    return cell if isinstance(cell, BookCell) else None


def _mark(cell: BookCell, problems: Sequence[Problem]) -> None:
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


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font) -> BookCell | MergedCell:
    """Write text that stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    cell.value = _clean(text)
    cell.data_type = "s"
    cell.font = font
    return cell
