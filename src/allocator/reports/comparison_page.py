"""A sheet of a comparison: its footer names what is compared, wide tables print with both first columns repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from allocator.reports.columns import Column, Table
from allocator.reports.comparison_grid import Grid
from allocator.reports.comparison_words import title
from allocator.reports.layout import HEAD
from allocator.reports.page import LINE_HEIGHT, PRINTED_POINTS, WIDEST, Book, Page, set_print, wrapped_lines
from allocator.reports.styles import BREACH, FONT, INK, SIZE, Look, Styles
from allocator.spreadsheet.printing import footer, shortened, text_width

_BOLD = 0.95
"""How many characters of a bold heading go into a width of one."""


_TITLE = 1.75
"""How wide a letter of the title is, in those of the tables."""


class ComparedPage(Page):
    """One sheet of the comparison while it is written."""

    def __init__(self, book: Book, grid: Grid, sheet: str, message: str, *, rows: int = 0) -> None:
        self.grid = grid
        self.widest: float = WIDEST
        """No column is wider, in characters."""
        self._head_rows: dict[int, list[str]] = {}
        super().__init__(
            book, sheet, title(grid) if sheet == "Summary" else f"{sheet} — {title(grid)}", message, rows=rows
        )

    def wide(self, row: int, text: str, last: int, *, colour: str = INK, size: int = SIZE, bold: bool = False) -> int:
        """Write text over the columns up to `last`, in a row high enough for it; return the row below.

        The widths of these columns must stand already.
        """
        form = self.styles.format(text_wrap=True, font_color=colour, font_size=size, bold=bold, valign="top")
        self.sheet.merge_range(row, 0, row, last, "", form)
        self.reach(row, last)
        self.text(row, 0, text, form)
        width = sum(map(self.width, range(last + 1))) * SIZE / size
        self.height(row, LINE_HEIGHT * size / SIZE * wrapped_lines(text, width) + 3)
        return row + 1

    def width(self, column: int) -> float:
        """Return the width that a column will have."""
        return min(self._widths[column], self.widest) + 1

    def pixels(self, first: int, end: int) -> int:
        """Return how high the rows from `first` up to `end` are, as far as it is known."""
        return int(self._height(first, end) * 4 / 3)

    def headings(self, table: Table, families: Mapping[str, Sequence[str]], row: int = HEAD) -> int:
        """Write a table's headings, each family once for each of its names; return how many columns there are."""
        heads = columns_of(table, families)
        self.head(heads, row)
        return len(heads)

    def head(self, columns: Sequence[tuple[str, Column]], row: int = HEAD) -> None:
        """Write a table's headings, in a row that is high enough for long names of scenarios."""
        super().head(columns, row)
        self._head_rows[row] = [name for name, _ in columns]

    def finish(
        self, *, freeze: int = 1, repeat: int | None = HEAD, pages: Sequence[int] = (), together: int | None = None,
        blocks: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """As for any page, with a footer that doesn't speak of one scenario."""
        self._reach_title()
        for row, names in self._head_rows.items():
            lines = max((wrapped_lines(name, self.width(i) * _BOLD) for i, name in enumerate(names)), default=1)
            self.height(row, LINE_HEIGHT * lines + 4)
        super().finish(freeze=freeze, repeat=repeat, pages=pages, together=together, blocks=blocks)
        self._foot()

    def _reach_title(self) -> None:
        """Let the print take in all of the title where the table is narrower."""
        last = self._last_column
        wide = sum(self.width(column) if column in self._widths else 9.0 for column in range(last + 1))
        while wide < text_width(self._title) * _TITLE:
            last, wide = last + 1, wide + 9.0
        self.reach(0, last)

    def print_setup(self, wide: int, tall: int) -> None:
        """Set paper, margins, fit and footer."""
        super().print_setup(wide, tall)
        self._foot()

    def _foot(self) -> None:
        files = sorted({c.scenario.sha256[:8] for c in self.grid.cases})
        which = f"scenario {files[0]}" if len(files) == 1 else f"{len(files)} files: see About"
        self.sheet.set_footer(footer(title(self.grid), which), {"margin": 0.25})

    def _print_pages(self, pages: Sequence[int]) -> None:
        """Print side by side, area and year on each page."""
        set_print(self.book, self.sheet)
        blocks = [range(pages[0]), *([0, 1, *range(*pair)] for pair in pairwise(pages))]
        widest = max(sum(self._points(column) for column in block) for block in blocks)
        self.sheet.set_print_scale(max(10, min(100, int(100 * PRINTED_POINTS / widest))))
        self.sheet.print_area(HEAD, 0, self._last_row, pages[-1] - 1)
        self.sheet.repeat_columns(0, 1)
        self.sheet.set_v_pagebreaks(list(pages[:-1]))
        self.sheet.set_header(f'&L&"{FONT},Bold"&14 {shortened(self._title)}', {"margin": 0.3})
        self.sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.6)

    def unseen(self, row: int, column: int, value: str | float | Fraction, formula: str = "") -> None:
        """Write what a chart reads, to the right of what is printed."""
        look = self.styles.format(font_size=8, font_color="#6B7280", num_format="#,##0.0##")
        if formula:
            self.sheet.write_formula(
                row, column, f"={formula}", look, value if isinstance(value, str) else float(value)
            )
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, look)
        else:
            self.sheet.write_number(row, column, float(value), look)


def columns_of(table: Table, families: Mapping[str, Sequence[str]]) -> list[tuple[str, Column]]:
    """Return a table's headings, each family's once for each of its names."""
    found: list[tuple[str, Column]] = []
    for column in table.columns:
        if not column.family:
            found.append((column.name, column))
            continue
        pattern = next((word for word in ("NAME", "AREA", "INPUT") if word in column.name), column.name)
        found += [(column.name.replace(pattern, name), column) for name in families.get(column.family, ())]
    return found


def differing(
    styles: Styles, decimals: int, properties: Mapping[str, object] | None = None, *, percent: bool = False
) -> Look:
    """Return the look of differences of numbers or percentages: signed, a dash for none."""
    plain = ("0" if percent else "#,##0") + ("." + "0" * decimals if decimals else "") + ('" "%' if percent else "")
    base = styles.percent(decimals) if percent else styles.number(decimals)
    form = styles.cell(align="right", num_format=f'"+"{plain};"−"{plain};"–"', **(properties or {}))
    return Look(form, lambda value: f"+{base.show(value)}")


def breached(styles: Styles, decimals: int) -> Look:
    """Return the look of numbers that should be 0."""
    return styles.number(decimals, font_color=BREACH, bold=True)
