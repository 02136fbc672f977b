"""The charts of Price card and Room, and the tables of figures behind them; they read well in black and white."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.analyses.result import PriceCard, RoomFigures
from allocator.reports import tables_workings as tables
from allocator.reports.charts import chart_font, frame
from allocator.reports.columns import Role
from allocator.reports.layout import ref
from allocator.reports.page import Book, Page
from allocator.reports.sheet_price_card import AT, CardLine, card_lines
from allocator.reports.sheet_room import room_cell, room_lines, room_rows
from allocator.reports.sheet_sensitivity import NO_PLAN, column_look
from allocator.reports.step_words import step_words
from allocator.reports.styles import GREY, INK, LINE, PLAN, SOFT, axis_format, number_format
from allocator.reports.words import decimals_of, listing, magnitude, objective_unit
from allocator.wording.names import subject_name

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart

MOST_RULES, MOST_AREAS = 10, 12
BAR_PIXELS, TITLE_PIXELS, ROW_PIXELS = 34, 76, 22
PRICE_WIDTH, WIDE, ROOM_WIDTH = 1350, 980, 530
"""The widths of the charts below Price card, below Room, and of each of two below Room."""
PRICE_BAR, PRICE_FONT = 46, 11
"""Larger on Price card, whose print is made smaller."""
LEAST_BAR = 1e-3
"""A bar this much shorter than the longest would not be seen."""
TICKS = 5
CHART_GAP = 10
"""Pixels between two charts."""


def write_price_bars(page: Page, row: int, card_page: Page, below: int) -> int:
    """Write the dearest rules' figures at `row`, and their chart on Price card at row `below`; return the next row."""
    book = page.book
    lines = [line for line in card_lines(book.result) if line.move is not None]
    dearest = sorted({id(line.card): line.card for line in lines}.values(), key=lambda card: -_size(lines, id(card)))
    largest = max((_size(lines, id(card)) for card in dearest), default=0.0)
    cards = [card for card in dearest if _size(lines, id(card)) > LEAST_BAR * largest][:MOST_RULES]
    if not cards:
        return row
    page.section(row, tables.PRICE_BARS.title, tables.PRICE_BARS.help)
    page.table(tables.PRICE_BARS, row + 1)
    look = column_look(page, [line.move.change for line in lines if line.move])
    for i, card in enumerate(cards):
        label = _price_label(book, card)
        page.text(row + 2 + i, 0, label, page.styles.text())
        for line in lines:
            if line.card is card and line.move is not None and line.move.change is not None:
                address = f"'Price card'!{ref(line.row, AT['Objective'])}"
                page.formula(row + 2 + i, 2 if line.more else 1, address, line.move.change + 0.0, look)
    chart = _price_chart(book, row + 2, len(cards), largest)
    card_page.sheet.insert_chart(below, 0, chart, {"x_offset": 2, "y_offset": 8, "object_position": 2})
    card_page.reach(below + 1 + _rows(len(cards), PRICE_BAR), 0)
    return row + len(cards) + 3


def _price_label(book: Book, card: PriceCard) -> str:
    """Return a rule with its step, the direction that has no bar because no plan exists there, and if goals move."""
    step = step_words(card, book.result.scenario, more=True).removesuffix(" more")
    none = [way for way, move in (("less", card.less), ("more", card.more)) if move is not None and move.change is None]
    goals = any(move is not None and move.missed for move in (card.more, card.less))
    remarks = [step, *([f"{listing(none)}: {NO_PLAN}"] if none else []), *(["goals change too"] if goals else [])]
    return f"{card.rule.name} ({'; '.join(remarks)})"


def _rows(bars: int, pixels: int = BAR_PIXELS) -> int:
    """Return how many rows a chart of so many bars takes."""
    return -(-(TITLE_PIXELS + pixels * bars) // ROW_PIXELS)


def _size(lines: list[CardLine], card: int) -> float:
    """Return the larger change of the objective by a step of a card, either way."""
    changes = (line.move.change for line in lines if id(line.card) == card and line.move is not None)
    return max((abs(change) for change in changes if change is not None), default=0.0)


def _price_chart(book: Book, first: int, count: int, largest: float) -> Chart:
    chart = book.workbook.add_chart({"type": "bar"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
    unit = objective_unit(book.result.scenario)
    frame(
        chart,
        f"What one step of each rule does to the objective{f', {unit}' if unit else ''}: the dearest rules",
        PRICE_FONT + 1,
    )
    font = chart_font(PRICE_FONT)
    labels = number_format(min(6, max(0, 2 - magnitude(largest)))).removesuffix('"–"') + '""'
    looks: tuple[tuple[str, int, dict[str, Any], dict[str, Any]], ...] = (
        ("One step less", 1, {"color": "#FFFFFF"}, {"color": INK, "width": 1}),
        ("One step more", 2, {"color": PLAN}, {"color": PLAN, "width": 1}),
    )
    for name, column, fill, border in looks:
        chart.add_series({
            "name": name,
            "categories": ["Workings", first, 0, first + count - 1, 0],
            "values": ["Workings", first, column, first + count - 1, column],
            "fill": fill, "border": border, "gap": 60, "overlap": 0, "invert_if_negative": False,
            "data_labels": {"value": True, "num_format": labels, "font": font, "position": "outside_end"},
        })  # fmt: skip
    chart.set_y_axis({
        "reverse": True, "num_font": font, "line": {"color": GREY}, "major_tick_mark": "none",
        "label_position": "low",
    })  # fmt: skip
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "top", "font": font})
    chart.set_size({"width": PRICE_WIDTH, "height": TITLE_PIXELS + PRICE_BAR * count})
    return chart


# -- room ------------------------------------------------------------------------------------------------------------


def write_room_bars(page: Page, row: int, room_page: Page, below: int) -> None:
    """Write the figures of the first and the last year from `row` on, and their charts on Room.

    They stand below the tables, in the row `below`: one, or two side by side.
    """
    book = page.book
    years = tuple(dict.fromkeys((book.layout.years[0], book.layout.years[-1])))
    width, left = WIDE if len(years) == 1 else ROOM_WIDTH, 0
    for year in years:
        shown = _shown(book, year)
        if not shown:
            continue
        page.section(row, f"{tables.ROOM_BARS.title} {year}", tables.ROOM_BARS.help)
        page.table(tables.ROOM_BARS, row + 1)
        for i, room in enumerate(shown):
            _room_bar(page, row + 2 + i, room)
        chart = _room_chart(book, year, row + 2, shown)
        chart.set_size({"width": width, "height": TITLE_PIXELS + BAR_PIXELS * len(shown)})
        room_page.sheet.insert_chart(below, 0, chart, {"object_position": 2, "x_offset": left})
        room_page.reach(below + _rows(len(shown)), 0)
        row, left = row + len(shown) + 3, left + width + CHART_GAP


def _shown(book: Book, year: int) -> list[RoomFigures]:
    """Return the year's largest lines that count in sums, in the sheet's order."""
    mine = [r for r in room_lines(book) if r.year == year and not r.whole]
    largest = sorted(mine, key=lambda r: -r.most_near)[:MOST_AREAS]
    return [r for r in mine if r in largest]


def _room_bar(page: Page, row: int, room: RoomFigures) -> None:
    at, look = room_rows(page.book)[room.name, room.year], page.styles.amount()
    page.text(row, 0, subject_name(room.name), page.styles.text())
    page.number(row, 1, room.year, page.styles.of(Role.YEAR))
    figures = (
        ("Least, 0.5 % worse", room.least_near),
        ("Could fall by", max(0.0, room.value - room.least_near)),
        ("Could rise by", max(0.0, room.most_near - room.value)),
    )
    for column, (name, value) in enumerate(figures, start=2):
        page.formula(row, column, room_cell(at, name), value + 0.0, look)


def _room_chart(book: Book, year: int, first: int, shown: list[RoomFigures]) -> Chart:
    """Return floating bars: an unseen part up to the least, a light one up to the plan, a dark one up to the most."""
    chart = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
    fewer = len([r for r in book.result.room if r.year == year and not r.whole]) > len(shown)
    which = f", {len(shown)} largest" if fewer else ""
    frame(
        chart,
        f"Room in {year}, {book.result.scenario.unit}{which}: light could be cut, dark added",
    )
    last, top = first + len(shown) - 1, max(r.most_near for r in shown)
    looks: tuple[tuple[str, int, dict[str, Any], dict[str, Any]], ...] = (
        ("Least", 2, {"none": True}, {"none": True}),
        ("Could fall", 3, {"color": LINE}, {"color": SOFT, "width": 0.75}),
        ("Could rise", 4, {"color": PLAN}, {"color": PLAN, "width": 0.75}),
    )
    for name, column, fill, border in looks:
        chart.add_series({
            "name": name,
            "categories": ["Workings", first, 0, last, 0],
            "values": ["Workings", first, column, last, column],
            "fill": fill, "border": border, "gap": 55, "overlap": 100,
        })  # fmt: skip
    chart.set_y_axis({
        "reverse": True, "num_font": chart_font(), "line": {"color": GREY}, "major_tick_mark": "none",
    })  # fmt: skip
    tick = _tick(top)
    figures = axis_format(number_format(decimals_of(Fraction(repr(tick)), 9)))
    chart.set_x_axis({
        "num_font": chart_font(color=SOFT), "num_format": figures, "line": {"none": True}, "min": 0,
        "max": math.ceil(top / tick) * tick, "major_unit": tick,
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}}, "major_tick_mark": "none",
    })  # fmt: skip
    return chart


def _tick(largest: float) -> float:
    """Return a round distance of the axis' figures, so that there are about five.

    >>> _tick(95_000), _tick(0.7)
    (20000.0, 0.2)
    """
    rough = (largest or 1.0) / TICKS
    power = 10.0 ** magnitude(rough)
    return float(next((f"{part * power:.6g}" for part in (1, 2, 2.5, 5) if part * power >= rough), f"{10 * power:.6g}"))
