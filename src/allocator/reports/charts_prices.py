"""The charts of Price card and Room, and the tables of figures behind them; they read well in black and white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allocator.analyses.result import RoomFigures
from allocator.reports import tables
from allocator.reports.charts import chart_font, frame
from allocator.reports.columns import Role
from allocator.reports.findings import step_words
from allocator.reports.layout import HEAD, ref
from allocator.reports.page import Book, Page
from allocator.reports.sheet_price_card import AT, CardLine, card_lines
from allocator.reports.sheet_room import CHART_COLUMN, room_cell, room_lines, room_rows
from allocator.reports.sheet_sensitivity import column_look
from allocator.reports.styles import GREY, INK, LINE, PLAN, SOFT, number_format
from allocator.reports.words import magnitude, objective_unit

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart

MOST_RULES, MOST_AREAS = 10, 12
BAR_PIXELS, TITLE_PIXELS = 34, 76
PRICE_WIDTH, ROOM_WIDTH = 1000, 560


def write_price_bars(page: Page, row: int, below: int) -> int:
    """Write the dearest rules' figures at `row` and their chart on Price card at row `below`; return the next row."""
    book = page.book
    lines = [line for line in card_lines(book.result) if line.move is not None]
    dearest = sorted({id(line.card): line.card for line in lines}.values(), key=lambda card: -_size(lines, id(card)))
    cards = [card for card in dearest if _size(lines, id(card))][:MOST_RULES]
    if not cards:
        return row
    page.section(row, tables.PRICE_BARS.title, tables.PRICE_BARS.help)
    page.table(tables.PRICE_BARS, row + 1)
    look = column_look(page, [line.move.change for line in lines if line.move])
    for i, card in enumerate(cards):
        label = f"{card.rule.name} ({step_words(card, book.result.scenario, more=True).removesuffix(' more')})"
        page.text(row + 2 + i, 0, label, page.styles.text())
        for line in lines:
            if line.card is card and line.move is not None and line.move.change is not None:
                address = f"'Price card'!{ref(line.row, AT['Objective'])}"
                page.formula(row + 2 + i, 2 if line.more else 1, address, line.move.change + 0.0, look)
    chart = _price_chart(book, row + 2, len(cards), max(_size(lines, id(card)) for card in cards))
    book.sheet("Price card").insert_chart(below, 0, chart, {"x_offset": 2, "y_offset": 8, "object_position": 2})
    return row + len(cards) + 3


def _size(lines: list[CardLine], card: int) -> float:
    """Return the larger change of the objective by a step of a card, either way."""
    changes = (line.move.change for line in lines if id(line.card) == card and line.move is not None)
    return max((abs(change) for change in changes if change is not None), default=0.0)


def _price_chart(book: Book, first: int, count: int, largest: float) -> Chart:
    chart = book.workbook.add_chart({"type": "bar"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
    unit = objective_unit(book.result.scenario)
    frame(chart, f"What one step of each rule does to the objective{f', {unit}' if unit else ''}: the dearest rules")
    labels = number_format(min(6, max(0, 2 - magnitude(largest))))
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
            "data_labels": {"value": True, "num_format": labels, "font": chart_font(), "position": "outside_end"},
        })  # fmt: skip
    chart.set_y_axis({
        "reverse": True, "num_font": chart_font(), "line": {"color": GREY}, "major_tick_mark": "none",
        "label_position": "low",
    })  # fmt: skip
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "top", "font": chart_font()})
    chart.set_size({"width": PRICE_WIDTH, "height": TITLE_PIXELS + BAR_PIXELS * count})
    return chart


# -- room ------------------------------------------------------------------------------------------------------------


def write_room_bars(page: Page, row: int) -> int:
    """Write the figures of the first and the last year, and their charts on Room; return the next row."""
    book = page.book
    years = tuple(dict.fromkeys((book.layout.years[0], book.layout.years[-1])))
    top = HEAD
    for year in years:
        shown = _shown(book, year)
        if not shown:
            continue
        page.section(row, f"{tables.ROOM_BARS.title} {year}", tables.ROOM_BARS.help)
        page.table(tables.ROOM_BARS, row + 1)
        for i, room in enumerate(shown):
            _room_bar(page, row + 2 + i, room)
        chart = _room_chart(book, year, row + 2, shown)
        book.sheet("Room").insert_chart(top, CHART_COLUMN, chart, {"x_offset": 8, "object_position": 2})
        row += len(shown) + 3
        top += 2 + (TITLE_PIXELS + BAR_PIXELS * len(shown)) // 22
    return row


def _shown(book: Book, year: int) -> list[RoomFigures]:
    """Return the year's largest lines that count in sums, in the sheet's order."""
    mine = [r for r in room_lines(book) if r.year == year and not r.whole]
    largest = sorted(mine, key=lambda r: -r.most_near)[:MOST_AREAS]
    return [r for r in mine if r in largest]


def _room_bar(page: Page, row: int, room: RoomFigures) -> None:
    at, look = room_rows(page.book)[room.name, room.year], page.styles.amount()
    page.text(row, 0, room.name, page.styles.text())
    page.number(row, 1, room.year, page.styles.of(Role.YEAR))
    figures = (
        ("Least, 0.5 % less", room.least_near),
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
        chart, f"Room in {year} at 0.5 % less, {book.result.scenario.unit}{which}: the plan is where light meets dark"
    )
    last = first + len(shown) - 1
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
    chart.set_x_axis({
        "num_font": chart_font(color=SOFT), "num_format": number_format(0), "line": {"none": True}, "min": 0,
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}}, "major_tick_mark": "none",
    })  # fmt: skip
    chart.set_legend({"position": "bottom", "font": chart_font(), "delete_series": [0]})
    chart.set_size({"width": ROOM_WIDTH, "height": TITLE_PIXELS + BAR_PIXELS * len(shown)})
    return chart
