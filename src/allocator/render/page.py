"""One sheet of a workbook while it is written: its cells, its frame, its print, and rows by what columns declare."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from allocator.render.styles import FONT, INK, PLAN, SIZE, SOFT, Look, Styles
from allocator.scenario.model import Cell
from allocator.spreadsheet.printing import footer, shortened, text_width
from allocator.tables.columns import Column, Place, Role, Sheet, Table
from allocator.tables.formulas import FIRST, HEAD, LIVE_ROWS, LONGEST_FORMULA, ref
from allocator.tables.layout import Layout
from allocator.tables.rounding import Remainders
from allocator.tables.trace import Trace
from allocator.version import __version__
from allocator.wording.edits import cause, changes_text, full_title

if TYPE_CHECKING:
    from datetime import datetime

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from allocator.analyses.result import Result
    from allocator.scenario.model import Scenario


WIDEST = 46
"""No column is wider, in characters; longer text wraps."""
ROW_HEIGHT, LINE_HEIGHT = 16.5, 13.0
"""In points: of a row with one line, and of each line of a row with several."""
PRINTED_POINTS = 715
"""The width of A4 landscape between its margins, less what spreadsheets differ by in the width of columns."""
PRINTED_HEIGHT = 490
"""Its height, with some to spare for headings that are repeated."""
NEAR_EDGE = 0.08
"""As a part of a page: so near its edge spreadsheets differ on which page a row stands."""
MOST_SHRUNK = 1.35
"""What is no higher than so many pages still reads well on one."""
SMALLEST = 0.55
"""Smaller, as a part of its size, no print is made to fit."""
VALUES_ONLY = "Values only: so many rows would make live formulas too slow to open."


@dataclass(frozen=True)
class Book:
    """What every sheet's writer needs."""

    workbook: Workbook
    result: Result
    layout: Layout
    styles: Styles
    made: datetime
    inputs: tuple[str, ...]
    """The names of the sheets that show the inputs, in the scenario's order."""
    footer: str = ""
    """Of every sheet; empty: it names the scenario."""

    @cached_property
    def trace(self) -> Trace:
        """The way from figures back to the cells of the Inputs sheets."""
        return Trace(self.result.scenario, self.inputs)

    @cached_property
    def remainders(self) -> Remainders:
        """What is left of money, as the sheet Funds comes to it."""
        return Remainders(self.layout.funds, self.result.step)

    def sheet(self, name: str) -> Worksheet:
        """Return a sheet; all are there from the start, so that their order does not hang on who writes first."""
        found = self.workbook.get_worksheet_by_name(name)
        assert found is not None, name  # noqa: S101 - workbook.py adds every sheet before any is written
        return found


def _whole_title(scenario: Scenario) -> str:
    """Return the title with what was changed: a page taken out of the print must say so."""
    by = scenario.changed_by
    return scenario.title if by is None else f"{full_title(scenario)}: {changes_text(by)}"


class Page:
    """One sheet while it is written; `finish` sets widths, panes and print."""

    widest: float = WIDEST
    """No column is wider, in characters."""
    beside = 1
    """So many columns are repeated where a sheet prints in pages side by side."""

    def __init__(self, book: Book, sheet: str, title: str, message: str, *, rows: int = 0) -> None:
        self.book = book
        self.sheet = book.sheet(sheet)
        self.styles = book.styles
        self.live = rows <= LIVE_ROWS
        with_what = cause(book.result.scenario.changed_by)
        title = f"{title}, with {with_what}" if with_what else title
        self._title = title
        self._widths: dict[int, float] = {}
        self._wrapped: dict[int, dict[int, str]] = {}
        self._high: dict[int, float] = {}
        self.row_height = ROW_HEIGHT
        self._last_row = 0
        self._last_column = 0
        self.sheet.set_row_pixels(0, 32)
        self.sheet.set_row_pixels(1, 22)
        self.text(0, 0, title, self.styles.title)
        message = message if self.live else f"{message} {VALUES_ONLY}".strip()
        self._above: dict[int, tuple[str, float]] = {}
        """Sentences above the table, by row, each with its font's size as a part of the table's."""
        self.text(1, 0, message, self.styles.message)
        self._above[1] = (message, 1.15)

    # -- cells -----------------------------------------------------------------------------------------------

    def text(self, row: int, column: int, text: str, look: Format | Look) -> None:
        """Write text, whatever it looks like; a `Look` lets it widen its column."""
        self._seen(row, column)
        if isinstance(look, Look):
            if look.format.text_wrap:
                self._wrapped.setdefault(row, {})[column] = text
            else:
                self._measure(column, text)
        form = look if not isinstance(look, Look) else look.indented if column and look.indented else look.format
        if text:
            self.sheet.write_string(row, column, text, form)
        else:
            self.sheet.write_blank(row, column, None, form)

    def number(self, row: int, column: int, value: Fraction | float | None, look: Look) -> None:
        """Write a number; None leaves the cell blank."""
        self._seen(row, column)
        if value is None:
            self.sheet.write_blank(row, column, None, look.format)
            return
        self._measure(column, look.show(value))
        self.sheet.write_number(row, column, float(value), look.format)

    def figure(self, row: int, column: int, formula: str | None, value: Fraction | float | None, look: Look) -> None:
        """Write a number by the formula that reads it where it stands, as a typed one for None."""
        if formula is None or value is None:
            self.number(row, column, value, look)
        else:
            self.formula(row, column, formula, value, look)

    def formula(self, row: int, column: int, formula: str | None, value: Any, look: Look) -> None:
        """Write a formula with its value beside it; the value alone for None, or where either is too long."""
        self._seen(row, column)
        plain = float(value) if isinstance(value, Fraction) else value
        self._measure(column, look.show(value))
        form = look.indented if column and look.indented else look.format
        if formula is not None and self.live and len(formula) <= LONGEST_FORMULA:
            self.sheet.write_formula(row, column, f"={formula}", form, plain)
        elif isinstance(plain, str):
            self.text(row, column, plain, look)
        else:
            self.sheet.write(row, column, plain, form)

    def entry(self, row: int, column: int, role: Role) -> None:
        """Leave a cell to be filled in."""
        self._seen(row, column)
        self.sheet.write_blank(row, column, None, self.styles.entry(role))

    def height(self, row: int, points: float) -> None:
        """Set a row's height, once; spreadsheets differ in how high they would make it themselves."""
        if row not in self._high:
            self._high[row] = points
            self.sheet.set_row(row, points)

    def reach(self, row: int, column: int) -> None:
        """Let the print take in what stands over these cells, as a chart does."""
        self._seen(row, column)

    # -- the frame -------------------------------------------------------------------------------------------

    def unit(self, text: str, row: int = HEAD - 1) -> None:
        """Write the unit or a note above the headings."""
        self.text(row, 0, text, self.styles.note)
        self._above[row] = (text, 0.9)

    def widen(self, widths: Mapping[int, float]) -> None:
        """Let columns take at least these widths."""
        for column, width in widths.items():
            self._widths[column] = max(self._widths.get(column, 0), width)

    def width(self, column: int) -> float:
        """Return the width that a column will have."""
        return min(self._widths[column], self.widest) + 1

    def head(self, columns: Sequence[tuple[str, Column[Any]]], row: int = HEAD) -> None:
        """Write a table's headings; the columns take at least their declared widths."""
        for i, (name, column) in enumerate(columns):
            self.text(row, i, name, self.styles.heading(column.role, first=not i))
            self.widen({i: column.width})
            self._wrapped.setdefault(row, {})[i] = name

    def table(self, table: Table[Any], row: int = HEAD) -> None:
        """Write the headings of a table without families."""
        self.head([(column.name, column) for column in table.on_sheet], row)

    def wide(
        self, row: int, text: str, last: int, *, colour: str = INK, size: int = SIZE, **properties: object
    ) -> int:  # fmt: skip
        """Write text over the columns up to `last`, in a row high enough for it; return the row below.

        The widths of these columns must stand already.
        """
        form = self.styles.format(text_wrap=True, font_color=colour, font_size=size, **{"valign": "top"} | properties)
        self.sheet.merge_range(row, 0, row, last, "", form)
        self.reach(row, last)
        self.text(row, 0, text, form)
        width = sum(map(self.width, range(last + 1))) * SIZE / size
        self.height(row, LINE_HEIGHT * size / SIZE * wrapped_lines(text, width) + 3)
        return row + 1

    def section(self, row: int, title: str, note: str = "") -> None:
        """Write the title of a further table, and a note to its right."""
        self.text(row, 0, title, self.styles.section)
        if note:
            self.text(row, 1, note, self.styles.note)

    def finish(
        self, *, freeze: int = 1, repeat: int | None = HEAD, pages: Sequence[int] = (), together: int | None = None,
        blocks: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """Set widths, panes, and the print: A4 landscape, fitted to width, the row `repeat` repeated below itself.

        What stands from the row `together` on, a chart, is kept on one page; so is each of the `blocks`, given by
        their first rows, the last one reaching to the end.

        A sheet too wide for that prints in `pages`, each given by the column after its last one; the first column is
        repeated, the title moves to the head of each page, and columns after the last page are not printed.
        """
        for column in self._widths:
            self.sheet.set_column(column, column, self.width(column))
        for at, texts in self._wrapped.items():
            lines = max(wrapped_lines(text, self.width(column) * 1.12) for column, text in texts.items())
            self.height(at, self.row_height if lines == 1 else LINE_HEIGHT * lines + 3)
        for at in range(FIRST, self._last_row + 1):
            self.height(at, self.row_height)
        self._wrap_above()
        self.sheet.hide_gridlines(2)
        if freeze:
            self.sheet.freeze_panes(FIRST, freeze)
        if repeat is not None:
            self.sheet.repeat_rows(repeat)
        if pages:
            self._print_pages(pages)
        else:
            self.sheet.print_area(0, 0, self._last_row, self._last_column)
            self.print_setup(1, 0)
            if together is not None:
                self._keep(together)
            if blocks:
                self._keep_blocks(blocks)

    def _wrap_above(self) -> None:
        """Let sentences above the table that are wider than it run over several lines."""
        width = sum(self.width(column) if column in self._widths else 9.0 for column in range(self._last_column + 1))
        for row, (text, size) in self._above.items():
            lines = wrapped_lines(text, width / size)
            if lines > 1 and self._last_column:
                properties = {"font_size": 11, "font_color": PLAN} if row == 1 else {"font_size": 9, "font_color": SOFT}
                form = self.styles.format(text_wrap=True, **properties)
                self.sheet.merge_range(row, 0, row, self._last_column, text, form)
                self.height(row, LINE_HEIGHT * size * lines + 3)

    def _keep(self, first: int) -> None:
        """Start a new page before `first` where what follows would be cut, or make all a little smaller to fit on one.

        Spreadsheets heed breaks only in a print that is scaled, not fitted.
        """
        scale = self._scale()
        page = PRINTED_HEIGHT / scale
        above, below = self._height(0, first), self._height(first, self._last_row + 1)
        on_page = above % page
        if page < above + below < MOST_SHRUNK * page and scale * page >= SMALLEST * (above + below):
            self.print_setup(1, 1)
        elif on_page + below > page or (above > page and on_page < NEAR_EDGE * page):
            self.sheet.set_print_scale(max(10, int(100 * scale)))
            self.sheet.set_h_pagebreaks([first])

    def _keep_blocks(self, firsts: Sequence[int]) -> None:
        """Start a new page before each block that would be cut; one higher than a page is cut anyway."""
        page, heads = PRINTED_HEIGHT / self._scale(), self._height(HEAD, HEAD + 1)
        used, breaks = self._height(0, firsts[0]), []
        for first, end in pairwise([*firsts, self._last_row + 1]):
            block = self._height(first, end)
            if used + block > page and first > firsts[0]:
                breaks.append(first)
                used = heads
            used = (used + block) % page
        if breaks:
            self.sheet.set_print_scale(max(10, int(100 * self._scale())))
            self.sheet.set_h_pagebreaks(breaks)

    def _scale(self) -> float:
        """Return how large the sheet prints where it is fitted to the paper's width, at most 1."""
        return min(1.0, PRINTED_POINTS / sum(map(self._points, range(self._last_column + 1))))

    def _height(self, first: int, end: int) -> float:
        """Return the height of the rows from `first` up to `end`, in points."""
        return sum(self._high.get(row, self.row_height) for row in range(first, end))

    def _print_pages(self, pages: Sequence[int]) -> None:
        """Print side by side; spreadsheets heed breaks only where the print is scaled, not fitted."""
        set_print(self.book, self.sheet)
        blocks = [range(pages[0]), *([*range(self.beside), *range(*pair)] for pair in pairwise(pages))]
        widest = max(sum(self._points(column) for column in block) for block in blocks)
        self.sheet.set_print_scale(max(10, min(100, int(100 * PRINTED_POINTS / widest))))
        self.sheet.print_area(HEAD, 0, self._last_row, pages[-1] - 1)
        self.sheet.repeat_columns(0, self.beside - 1)
        self.sheet.set_v_pagebreaks(list(pages[:-1]))
        self.sheet.set_header(f'&L&"{FONT},Bold"&14 {shortened(self._title)}', {"margin": 0.3})
        self.sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.6)

    def _points(self, column: int) -> float:
        return (self.width(column) * 7 + 5) * 0.75 if column in self._widths else 48.0

    def print_setup(self, wide: int, tall: int) -> None:
        """Set paper, margins, fit and footer."""
        set_print(self.book, self.sheet, (wide, tall))

    def _seen(self, row: int, column: int) -> None:
        self._last_row = max(self._last_row, row)
        self._last_column = max(self._last_column, column)

    def _measure(self, column: int, text: str) -> None:
        if column in self._widths:
            longest = max(map(text_width, text.split("\n")), default=0)
            self._widths[column] = max(self._widths[column], longest)


def set_print(book: Book, sheet: Worksheet, fit: tuple[int, int] | None = None) -> None:
    """Set A4 landscape, margins, footer and, where asked for, fit of a sheet."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.6)
    if fit is not None:
        sheet.fit_to_pages(*fit)
    scenario = book.result.scenario
    text = book.footer or footer(_whole_title(scenario), f"scenario {scenario.sha256[:8]}")
    sheet.set_footer(text, {"margin": 0.25})
    sheet.set_default_row(ROW_HEIGHT)


def wrapped_lines(text: str, width: float) -> int:
    """Return about how many lines `text` takes in a column so many characters wide.

    >>> wrapped_lines("one two three", 8), wrapped_lines("", 8)
    (2, 1)
    """
    lines = 0
    for paragraph in text.split("\n"):
        left = 0.0
        lines += 1
        for word in paragraph.split():
            need = text_width(word)
            if left and left + 1 + need > width:
                lines, left = lines + 1, 0.0
            while need > width:
                lines, need = lines + 1, need - width
            left += need + (1 if left else 0)
    return lines


NO_LIMIT = "no limit"
"""What stands in place of a number that has no end."""
MOST_LINKS = 5_000
"""More links to cells than this slow a workbook down."""

type Emphasis[R] = Callable[[R], Mapping[str, object]]
"""The properties, such as bold, that all cells of a row get."""


def write_sheet[R](book: Book, sheet: Sheet[R]) -> None:
    """Write a sheet that holds one table and nothing else."""
    result, table, rows = book.result, sheet.table, sheet.rows(book.result)
    page = Page(book, table.sheet, f"{table.title} — {result.scenario.title}", sheet.message(result), rows=len(rows))
    page.unit(sheet.note(result))
    page.table(table)
    write_rows(page, table, rows)
    page.finish(freeze=1)


def write_rows[R](
    page: Page, table: Table[R], rows: Sequence[R], first: int = FIRST, emphasis: Emphasis[R] | None = None
) -> int:
    """Write a table's rows from the line `first` on, each figure by its formula where it has one.

    Returns the line below.
    """
    columns = table.on_sheet
    looks = {i: _column_look(page, table, c, rows) for i, c in enumerate(columns) if c.digits}
    stretch = range(first, first + max(1, len(rows)))
    for line, row in enumerate(rows, first):
        properties = emphasis(row) if emphasis else {}
        for i, column in enumerate(columns):
            place = Place(table, line, page.book, stretch, i, column.item, properties)
            _cell(page, place, i, column, row, looks.get(i))
    return first + len(rows)


def _cell[R](page: Page, place: Place, at: int, column: Column[R], row: R, look: Look | None) -> None:
    """Write a cell; words that stand among numbers have a look of their own."""
    if column.role.entry:
        page.entry(place.row, at, column.role)
        return
    value, properties = column.of(row), {**place.properties, **column.properties}
    known = value is not None and not (isinstance(value, float) and not math.isfinite(value))
    formula = column.formula(place, row) if column.formula is not None and known else None
    if not known:
        value = _in_words(column, row, value)
    words = isinstance(value, str) and formula is None
    if isinstance(value, Cell):
        link_cell(page, place.row, at, value)
    elif words and column.role.numeric and not (known and column.look):
        page.text(place.row, at, value, page.styles.words(**properties) if value else page.styles.text(**properties))
    else:
        look = look or (column.look and column.look(place, row)) or page.styles.of(column.role, **properties)
        if words or (value is None and not column.role.numeric):
            page.text(place.row, at, value or "", look)
        else:
            page.figure(place.row, at, formula, value + 0.0 if isinstance(value, float) else value, look)


def _in_words[R](column: Column[R], row: R, value: float | None) -> str | None:
    """Return what stands in place of a number that is not known, or has no end; None where the cell is blank."""
    if value is not None and math.isinf(value):
        return NO_LIMIT
    return (column.missing if isinstance(column.missing, str) else column.missing(row)) or None


def _column_look[R](page: Page, table: Table[R], column: Column[R], rows: Sequence[R]) -> Look:
    alike = [c for c in table.on_sheet if c.name in column.alike] or [column]
    return page.styles.fitted((c.of(row) for c in alike for row in rows), column.digits, **column.properties)


def link_cell(page: Page, line: int, column: int, cell: Cell) -> None:
    """Write an input cell's address as a link to the sheet that shows it."""
    names = dict(zip((sheet.name for sheet in page.book.result.scenario.inputs), page.book.inputs, strict=True))
    page.text(line, column, str(cell), page.styles.text())
    if cell.sheet in names and line < MOST_LINKS:
        target = names[cell.sheet].replace("'", "''")
        look = page.styles.cell(align="left", indent=1, font_color=PLAN)
        url = f"internal:'{target}'!{ref(cell.row - 1, cell.column - 1)}"
        page.sheet.write_url(line, column, url, look, str(cell))


def workbook_bytes(scenario: Scenario, mark: str, made: datetime, write: Callable[[Workbook], None]) -> bytes:
    """Return the workbook that `write` fills; `mark` is the document property by which it is known as ours."""
    # only once something is written: both are, or derive from, what is slow to import
    from xlsxwriter.workbook import Workbook

    from allocator.render.seal import PlanSheet

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_format_properties": {"font_name": FONT, "font_size": SIZE, "font_color": INK},
    }
    with Workbook(buffer, options) as workbook:
        workbook.worksheet_class = PlanSheet
        workbook.set_properties({
            "title": scenario.title,
            "comments": f"Scenario {scenario.sha256}",
            "created": made.replace(tzinfo=None),
        })  # fmt: skip
        workbook.set_custom_property(mark, f"allocate {__version__}")
        write(workbook)
    return buffer.getvalue()
