"""A sheet of a comparison, and its charts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.render.charts import chart_font, frame, new_chart
from allocator.render.page import LINE_HEIGHT, Book, Page, wrapped_lines
from allocator.render.styles import BREACH, GREY, INK, PLAN, number_format
from allocator.spreadsheet.printing import text_width
from allocator.tables.columns import Column
from allocator.tables.comparison import Grid
from allocator.tables.formulas import HEAD, ref, span
from allocator.wording.comparison import title
from allocator.wording.numbers import magnitude, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.chart import Chart


_BOLD = 0.95
"""How many characters of a bold heading go into a width of one."""


_TITLE = 1.75
"""How wide a letter of the title is, in those of the tables."""


class ComparedPage(Page):
    """One sheet of the comparison while it is written: area and year stand on each of the pages that print it."""

    beside = 2

    def __init__(self, book: Book, grid: Grid, sheet: str, message: str, *, rows: int = 0) -> None:
        self._head_rows: dict[int, list[str]] = {}
        whole = title(grid) if sheet == "Summary" else f"{sheet} — {title(grid)}"
        super().__init__(book, sheet, whole, message, rows=rows)

    def pixels(self, first: int, end: int) -> int:
        """Return how high the rows from `first` up to `end` are, as far as it is known."""
        return int(self._height(first, end) * 4 / 3)

    def head(self, columns: Sequence[tuple[str, Column[Any]]], row: int = HEAD) -> None:
        """Write a table's headings, in a row that is high enough for long names of scenarios."""
        super().head(columns, row)
        self._head_rows[row] = [name for name, _ in columns]

    def finish(self, **how: Any) -> None:
        """As for any page, with room for the title and for long names of scenarios."""
        self._reach_title()
        for row, names in self._head_rows.items():
            lines = max((wrapped_lines(name, self.width(i) * _BOLD) for i, name in enumerate(names)), default=1)
            self.height(row, LINE_HEIGHT * lines + 4)
        super().finish(**how)

    def _reach_title(self) -> None:
        """Let the print take in all of the title where the table is narrower."""
        last = self._last_column
        wide = sum(self.width(column) if column in self._widths else 9.0 for column in range(last + 1))
        while wide < text_width(self._title) * _TITLE:
            last, wide = last + 1, wide + 9.0
        self.reach(0, last)

    def unseen(self, row: int, column: int, value: str | float | Fraction, formula: str = "") -> None:
        """Write what a chart reads, to the right of what is printed."""
        look = self.styles.format(font_size=8, font_color="#6B7280", num_format="#,##0.0##")
        plain = value if isinstance(value, str) else float(value)
        if formula:
            self.sheet.write_formula(row, column, f"={formula}", look, plain)
        elif isinstance(plain, str):
            self.sheet.write_string(row, column, plain, look)
        else:
            self.sheet.write_number(row, column, plain, look)


PIXELS = 22
"""Of a row."""
FILLS: tuple[dict[str, Any], ...] = (
    {"fill": {"color": INK}, "border": {"color": INK}},
    {"fill": {"color": PLAN}, "border": {"color": PLAN}},
    {"fill": {"color": GREY}, "border": {"color": GREY}},
    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": PLAN, "bg_color": "white"}, "border": {"color": PLAN}},
    {"fill": {"color": "white"}, "border": {"color": INK}},
)
"""The bars of each scenario, the first in ink."""
_WATERFALL = (
    ("Base", "above"),
    ("Base", "below"),
    ("Up", "above"),
    ("Up", "below"),
    ("Down", "above"),
    ("Down", "below"),
)
_MOST_STEPS = 10
_BEYOND = 30
"""The column of the figures behind waterfalls: beyond every table of the sheet."""
_ROOM = 0.45
"""Of an axis, for the figures beside its bars."""


def cells(page: ComparedPage, first: int, column: int, last: int, end: int | None = None) -> list[Any]:
    """Return cells as XlsxWriter's charts take ranges."""
    return [page.sheet.get_name(), first, column, last, column if end is None else end]


def insert(page: ComparedPage, made: Chart, row: int, column: int, size: tuple[int, int], offset: int = 4) -> None:
    """Put a chart on the sheet, its corner in that cell."""
    made.set_size({"width": size[0], "height": size[1]})
    page.sheet.insert_chart(row, column, made, {"x_offset": 4, "y_offset": offset, "object_position": 2})


def bar_axes(made: Chart) -> None:
    """Set the axes of bars: the first on top, figures on the bars instead of an axis of values."""
    made.set_y_axis({
        "reverse": True, "num_font": chart_font(), "line": {"color": GREY}, "major_tick_mark": "none",
        "label_position": "low",
    })  # fmt: skip
    made.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})


def labels(figures: str, size: float = 7, position: str = "outside_end") -> dict[str, Any]:
    """Return the figures on bars."""
    return {"value": True, "num_format": figures, "font": chart_font(size), "position": position}


def amounts_chart(page: ComparedPage, title: str, table: Sequence[int], count: int) -> Chart:
    """Return bars of amounts by area and scenario; `table`: heading row, first and last row, column of names."""
    head, first, last, names = table
    made = new_chart(page.book, "bar")
    frame(made, title)
    for i in range(count):
        column = names + 1 + i
        made.add_series({
            "name": [page.sheet.get_name(), head, column],
            "categories": cells(page, first, names, last),
            "values": cells(page, first, column, last),
            "data_labels": labels(number_format(0)),
            "gap": 40, "overlap": 0,
        } | FILLS[i])  # fmt: skip
    bar_axes(made)
    if count > 1:
        made.set_legend({"position": "bottom", "font": chart_font(8)})
    return made


def range_chart(page: ComparedPage, title: str, table: Sequence[int]) -> Chart:
    """Return the range of each area's amounts, the first scenario's at the border between the two shades.

    `table` is heading row, first and last row, column of names; beside them least, first less least, most less first.
    """
    _, first, last, names = table
    made = new_chart(page.book, "bar", "stacked")
    frame(made, title)
    for i, look in enumerate(({"fill": {"none": True}, "border": {"none": True}}, FILLS[2], FILLS[3])):
        made.add_series({
            "name": ("Least", "up to the first", "up to the most")[i],
            "categories": cells(page, first, names, last),
            "values": cells(page, first, names + 1 + i, last),
            "gap": 60,
        } | look)  # fmt: skip
    bar_axes(made)
    made.set_x_axis({
        "num_font": chart_font(), "num_format": "#,##0", "line": {"color": GREY}, "min": 0,
        "major_gridlines": {"visible": True, "line": {"color": "#E5E7EB", "width": 0.5}},
    })  # fmt: skip
    return made


def objective_chart(
    page: ComparedPage, title: str, rows: tuple[int, int], column: int, values: Sequence[float], decimals: int
) -> Chart:
    """Return the differences of the objective as signed bars.

    Names stand in `column`, gains and losses beside it; `values` tell how much room the figures on the bars need.
    """
    made = new_chart(page.book, "bar")
    frame(made, title)
    most, least = max([0.0, *values]), min([0.0, *values])
    decimals = min(decimals, max(0, 2 - magnitude(most - least)))
    figures = "#,##0" + ("." + "0" * decimals if decimals else "")
    for i, (name, look) in enumerate((("Gain", FILLS[1]), ("Loss", _DOWN)), start=1):
        made.add_series({
            "name": name, "categories": cells(page, rows[0], column, rows[1]),
            "values": cells(page, rows[0], column + i, rows[1]),
            "data_labels": labels(f'"+"{figures};"−"{figures};""', 8), "gap": 45, "overlap": 100,
        } | look)  # fmt: skip
    bar_axes(made)
    room = (most - least) * _ROOM
    made.set_x_axis({
        "visible": False, "major_gridlines": {"visible": False},
        "min": least - room if least < 0 else 0, "max": most + room if most > 0 else 0 if least < 0 else 1,
    })  # fmt: skip
    return made


# ---- waterfalls ---------------------------------------------------------------------------------------------------


def write_waterfall(
    page: ComparedPage, row: int, parts: Sequence[tuple[str, float]], first: int, title: str, decimals: int
) -> int:
    """Insert the waterfall of the objective, its figures to the right of what is printed; return the row below.

    The parts (name, value) stand in the rows from `first` on, in column B. Beyond ten the rest is one step.
    """
    column = _BEYOND
    end = _write_steps(page, row, column, parts, first, decimals)
    steps = end - row
    made = new_chart(page.book, "column", "stacked")
    frame(made, f"Objective: {title}")
    looks = [{"fill": {"none": True}, "border": {"none": True}}] * 2 + [FILLS[1]] * 2 + [_DOWN] * 2
    for i, ((name, side), look) in enumerate(zip(_WATERFALL, looks, strict=True)):
        made.add_series({
            "name": f"{name} {side}", "categories": cells(page, row, column, end),
            "values": cells(page, row, column + 3 + i, end), "gap": 35,
        } | look)  # fmt: skip
    made.add_series({
        "name": "Difference", "categories": cells(page, row, column, end),
        "values": cells(page, row, column + 9, end), "gap": 35,
    } | FILLS[0])  # fmt: skip
    made.set_x_axis({
        "num_font": chart_font(), "line": {"color": INK}, "major_tick_mark": "none", "label_position": "low",
    })  # fmt: skip
    made.set_y_axis({"visible": False, "major_gridlines": {"visible": False}})
    wide = min(900, 240 + 90 * (steps + 1))
    height = 11
    insert(page, made, row, 0, (wide, height * PIXELS - 10))
    page.reach(row + height, 0)
    return row + height + 1


_DOWN: dict[str, Any] = {
    "pattern": {"pattern": "wide_downward_diagonal", "fg_color": BREACH, "bg_color": "white"},
    "border": {"color": BREACH},
}


class _Steps:
    """The figures behind a waterfall, to the right of what is printed: where each bar begins and ends."""

    def __init__(self, page: ComparedPage, row: int, column: int, decimals: int) -> None:
        self.page, self.row, self.first, self.column = page, row, row, column
        self.decimals = decimals
        self.end = 0.0

    def at(self, offset: int, row: int | None = None) -> str:
        """Return the address of a figure of this row, or of another one."""
        return ref(self.row if row is None else row, self.column + offset)

    def step(self, name: str, delta: float, formula: str, decimals: str) -> None:
        """Write a bar that begins where the last one ended."""
        start = self.at(2, self.row - 1) if self.row > self.first else "0"
        before, after = self.end, self.end + delta
        if abs(after) < max(abs(before), abs(delta)) * 1e-14:
            after = 0.0  # as spreadsheets have it
        cell, end = self.at(1), self.at(2)
        self._label(name, delta, decimals)
        self._write(1, delta, formula)
        self._write(2, after, cell if start == "0" else f"{start}+{cell}")
        up, down = max(delta, 0.0) > 0, delta < 0
        over = max(0.0, after) - max(0.0, before)
        under = min(0.0, after) - min(0.0, before)
        self._write(3, max(0.0, min(before, after)), f"MAX(0,MIN({start},{end}))")
        self._write(4, min(0.0, max(before, after)), f"MIN(0,MAX({start},{end}))")
        self._write(5, over if up else 0.0, f"IF({cell}>0,MAX(0,{end})-MAX(0,{start}),0)")
        self._write(6, -under if up else 0.0, f"IF({cell}>0,MIN(0,{start})-MIN(0,{end}),0)")
        self._write(7, -over if down else 0.0, f"IF({cell}<0,MAX(0,{start})-MAX(0,{end}),0)")
        self._write(8, under if down else 0.0, f"IF({cell}<0,MIN(0,{end})-MIN(0,{start}),0)")
        self._write(9, 0.0)
        self.end = after
        self.row += 1

    def total(self, name: str, decimals: str) -> None:
        """Write the bar of the whole difference."""
        before = self.at(2, self.row - 1)
        self._label(name, self.end, decimals)
        self._write(1, self.end, before)
        for offset in range(3, 9):
            self._write(offset, 0.0)
        self._write(9, self.end, self.at(1))

    def _label(self, name: str, value: float, decimals: str) -> None:
        """Write a bar's name with its figure: figures of bars that cross the axis can't stand on them."""
        text = f"−{number(-value, self.decimals)}" if value < 0 else f"+{number(value, self.decimals)}"
        self._write(10, name)
        cell = self.at(1)
        formula = f'{self.at(10)}&" "&IF({cell}<0,"−"&FIXED(-{cell},{decimals}),"+"&FIXED({cell},{decimals}))'
        self._write(0, f"{name} {text}", formula)

    def _write(self, offset: int, value: str | float, formula: str = "") -> None:
        self.page.unseen(self.row, self.column + offset, value, formula)


def _write_steps(
    page: ComparedPage, row: int, column: int, parts: Sequence[tuple[str, float]], first: int, decimals: int
) -> int:
    """Write where each bar begins and ends, `first` being the first row of the parts; return the last row."""
    steps = _Steps(page, row, column, decimals)
    page.unseen(row - 1, column, "Figures behind the chart; decimals of its labels:")
    page.unseen(row - 1, column + 10, decimals)
    digits = ref(row - 1, column + 10, fixed=True)
    shown = parts if len(parts) <= _MOST_STEPS else parts[: _MOST_STEPS - 1]
    for i, (name, value) in enumerate(shown):
        steps.step(name, value, ref(first + i, 1), digits)
    rest = parts[len(shown) :]
    if rest:
        where = span(first + len(shown), first + len(parts) - 1, 1)
        steps.step(f"{len(rest)} others", math.fsum(value for _, value in rest), f"SUM({where})", digits)
    steps.total("Difference", digits)
    return steps.row
