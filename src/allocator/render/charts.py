"""Charts, and the figures that they are drawn from."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.analyses.moves import PriceCard, RoomFigures
from allocator.render.page import Book, Page
from allocator.render.sheets import room_cell, room_lines, room_rows
from allocator.render.styles import FONT, GREY, INK, LINE, PLAN, SOFT, axis_format, number_format, percent_format
from allocator.scenario.model import Area
from allocator.tables import proof as tables
from allocator.tables.columns import Column, Role
from allocator.tables.formulas import FIRST, HEAD, ref
from allocator.tables.prices import PRICE_CARD, CardLine, card_lines
from allocator.tables.rules import NO_PLAN
from allocator.wording.names import subject_name
from allocator.wording.numbers import decimals_of, listing, magnitude, objective_unit
from allocator.wording.steps import step_words

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart


MOST_BARS = 12
MOST_LINES = 6
STROKES = ((PLAN, "solid"), (INK, "solid"), (GREY, "solid"), (PLAN, "dash"), (INK, "dash"), (GREY, "dash"))
"""Colour and dash of each line: they stay apart in black and white, and stand in the legend's order."""


class ChartData:
    """The figures of the largest areas, below the workings, in order of size."""

    def __init__(self, page: Page, row: int) -> None:
        self.page, self.book, self.row = page, page.book, row
        self.years = self.book.layout.years
        self.year = self.years[-1]
        self.areas = largest(self.book, MOST_BARS)
        names = [(c.name, c) for c in tables.CHART_DATA.columns if not c.family]
        share = next(c for c in tables.CHART_DATA.columns if c.family == "share")
        self.columns: list[tuple[str, Column[Any]]] = [
            *names,
            *((share.name.replace("YEAR", str(year)), share) for year in self.years),
        ]
        self.proposed = not self.book.layout.mixed and any(
            draft(self.book, area.name, self.year) is not None for area in self.areas
        )
        """Whether bars of the draft stand beside the plan's: not where those show budget money only."""
        self.last_shares = last_budget(self.book) is not None

    @property
    def first(self) -> int:
        """The row of the first area."""
        return self.row + 2

    @property
    def last(self) -> int:
        """The row of the last area."""
        return self.first + len(self.areas) - 1

    def column(self, name: str) -> int:
        """Return the position of a heading."""
        return next(i for i, (heading, _) in enumerate(self.columns) if heading == name)

    def range(self, column: int, last: int | None = None) -> list[Any]:
        """Return a column of figures as XlsxWriter's charts take ranges."""
        return ["Workings", self.first, column, self.last if last is None else last, column]

    def write(self) -> None:
        """Write the table."""
        self.page.section(self.row, tables.CHART_DATA.title, tables.CHART_DATA.help)
        self.page.head(self.columns, self.row + 1)
        for i, area in enumerate(self.areas):
            self._line(self.first + i, area)

    def _line(self, row: int, area: Area) -> None:
        page, book, layout = self.page, self.book, self.book.layout
        before, budget_before = book.result.last_year(area.name), last_budget(book)
        page.text(row, 0, area.name, page.styles.text())
        self._or_blank(row, 1, layout.plan_last_year(area.name), before)
        proposed = draft(book, area.name, self.year)
        page.figure(row, 2, book.trace.proposed(area.name, self.year), proposed, page.styles.amount())
        page.formula(
            row,
            3,
            layout.plan(area.name, "budget", self.year),
            book.result.amount(area.name, self.year, book.result.scenario.budget_sources),
            page.styles.amount(),
        )
        known = before is not None and budget_before is not None
        share = before / budget_before if before is not None and budget_before is not None else None
        last = f"{layout.plan_last_year(area.name)}/Plan!{ref(layout.total_row + 1, 1)}" if known else None
        self._or_blank(row, 4, last, share, percent=True)
        for i, year in enumerate(self.years, start=5):
            formula = layout.plan(area.name, "share", year)
            self._or_blank(row, i, formula, book.result.share(area.name, year), percent=True)

    def _or_blank(
        self, row: int, column: int, formula: str | None, value: Fraction | None, *, percent: bool = False
    ) -> None:
        look = self.page.styles.share() if percent else self.page.styles.amount()
        if value is None:
            self.page.text(row, column, "", look)
        else:
            self.page.formula(row, column, formula, value, look)


def last_budget(book: Book) -> Fraction | None:
    """Return the budget of the year before the first; None where it is not given or nothing."""
    amounts = [book.result.scenario.source[name].last_year for name in book.result.scenario.budget_sources]
    if any(amount is None for amount in amounts):
        return None
    return sum((a for a in amounts if a is not None), Fraction(0)) or None


def draft(book: Book, area: str, year: int) -> Fraction | None:
    """Return the draft plan's amount, of an area with parts the sum of theirs; None where it is not given."""
    scenario = book.result.scenario
    if year in scenario.area[area].proposed:
        return scenario.area[area].proposed[year]
    amounts = [scenario.area[leaf].proposed.get(year) for leaf in scenario.parts[area]]
    return None if any(a is None for a in amounts) else sum((a for a in amounts if a is not None), Fraction(0))


def largest(book: Book, most: int) -> list[Area]:
    """Return the largest areas of the last year, largest first."""
    size = {area.name: book.result.amount(area.name, book.layout.years[-1]) for area in book.layout.tops}
    return sorted(book.layout.tops, key=lambda area: -size[area.name])[:most]


def insert_charts(book: Book, data: ChartData, row: int, column: int, size: tuple[int, int], split: float) -> None:
    """Insert both charts, one below the other, into the Summary."""
    width, height = size
    first, second = _amounts(book, data), _share_lines(book, data) if len(data.years) > 1 else _share_bars(book, data)
    sheet = book.sheet("Summary")
    for chart, top, part in ((first, 0.0, split), (second, split, 1 - split)):
        chart.set_size({"width": width, "height": int(height * part) - 6})
        options = {"x_offset": 2, "y_offset": int(height * top) + 2, "object_position": 2}
        sheet.insert_chart(row, column, chart, options)


def new_chart(book: Book, kind: str, subtype: str = "") -> Chart:
    """Return a new chart of the book."""
    made = book.workbook.add_chart({"type": kind} | ({"subtype": subtype} if subtype else {}))
    assert made is not None  # noqa: S101 - the type is one of XlsxWriter's
    return made


def chart_font(size: float = 8, color: str = INK, **more: Any) -> dict[str, Any]:
    """Return the font of a chart's text."""
    return {"name": FONT, "size": size, "color": color, "bold": False} | more


def frame(chart: Chart, title: str, size: float = 9) -> None:
    """Set title and frame: no legend, no border, labels instead of an axis of values."""
    chart.set_title(
        {"name": title, "name_font": chart_font(size, bold=True), "overlay": False, "layout": {"x": 0.01, "y": 0.01}}
    )
    chart.set_legend({"none": True})
    chart.set_chartarea({"border": {"none": True}, "fill": {"none": True}})
    chart.set_plotarea({"fill": {"none": True}})


def _bar_axes(chart: Chart) -> None:
    chart.set_y_axis({"reverse": True, "num_font": chart_font(), "line": {"color": GREY}, "major_tick_mark": "none"})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})


def _bars(
    data: ChartData,
    chart: Chart,
    name: str,
    column: int,
    colour: str,
    labels: str | None = None,
    *,
    outlined: bool = False,
) -> None:
    series: dict[str, Any] = {
        "name": name,
        "categories": data.range(0),
        "values": data.range(column),
        "fill": {"none": True} if outlined else {"color": colour},
        "border": {"color": colour, "width": 1} if outlined else {"none": True},
        "gap": 45,
        "overlap": 0,
    }
    if labels is not None:
        series["data_labels"] = {"value": True, "num_format": labels, "font": chart_font(), "position": "outside_end"}
    chart.add_series(series)


def _amounts(book: Book, data: ChartData) -> Chart:
    """Return the plan against last year."""
    chart = new_chart(book, "bar")
    scenario = book.result.scenario
    known = any(book.result.last_year(area.name) is not None for area in data.areas)
    others = ["last year (grey)"] * known + ["draft (outlined)"] * data.proposed
    against = f" against {' and '.join(others)}" if others else ""
    which = "" if len(book.layout.tops) <= len(data.areas) else f", {len(data.areas)} largest areas"
    what = "Budget money" if book.layout.mixed else "Plan"
    frame(chart, f"{what} {data.year}{against}, {scenario.unit}{which}")
    decimals = 0 if max((book.result.amount(a.name, data.year) for a in data.areas), default=0) >= 100 else 1
    labels = number_format(min(decimals, book.styles.decimals))
    if known:
        _bars(data, chart, "Last year", data.column("Last year"), GREY)
    if data.proposed:
        _bars(data, chart, "Draft", data.column("Proposed"), INK, outlined=True)
    _bars(data, chart, "Plan", data.column("Plan"), PLAN, labels)
    _bar_axes(chart)
    return chart


def _share_bars(book: Book, data: ChartData) -> Chart:
    """Return the shares of the one year."""
    chart = new_chart(book, "bar")
    against = ", last year's in grey" if data.last_shares else ""
    frame(chart, f"Share of the budget {data.year}{against}")
    if data.last_shares:
        _bars(data, chart, "Last year", data.column("Share last year"), GREY)
    _bars(data, chart, "Plan", data.column(f"Share {data.year}"), PLAN, percent_format(1))
    _bar_axes(chart)
    return chart


def _share_lines(book: Book, data: ChartData) -> Chart:
    """Return the shares over the years, each line labelled at its end."""
    chart = new_chart(book, "line")
    first, last = data.column(f"Share {data.years[0]}"), data.column(f"Share {data.years[-1]}")
    which = "" if len(book.layout.tops) <= MOST_LINES else f", {MOST_LINES} largest areas"
    frame(chart, f"Share of the budget over the years{which}")
    heads = [book.layout.plan_column("amount", year) for year in (data.years[0], data.years[-1])]
    for i, (colour, dash) in enumerate(STROKES[: len(data.areas)]):
        row = data.first + i
        font = chart_font(color=SOFT if colour == GREY else colour)
        custom: list[dict[str, Any]] = [{"delete": True}] * (last - first) + [{}]
        label = {"value": True, "num_format": percent_format(1), "position": "right", "font": font, "custom": custom}
        chart.add_series({
            "name": ["Workings", row, 0],
            "categories": ["Plan", HEAD, heads[0], HEAD, heads[1]],
            "values": ["Workings", row, first, row, last],
            "line": {"color": colour, "width": 2, "dash_type": dash},
            "data_labels": label,
        })  # fmt: skip
    chart.set_legend(
        {"position": "right", "font": chart_font(), "layout": {"x": 0.66, "y": 0.13, "width": 0.33, "height": 0.78}}
    )
    chart.set_x_axis({"num_font": chart_font(), "line": {"color": GREY}, "major_tick_mark": "none"})
    chart.set_y_axis({
        "num_font": chart_font(color=SOFT), "num_format": axis_format(percent_format(0)), "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}}, "min": 0,
    })  # fmt: skip
    chart.set_plotarea({"layout": {"x": 0.07, "y": 0.14, "width": 0.54, "height": 0.72}})
    return chart


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
    shown = list(enumerate(card_lines(book.result), FIRST))
    lines = [line for _, line in shown if line.move is not None]
    dearest = sorted({id(line.card): line.card for line in lines}.values(), key=lambda card: -_size(lines, id(card)))
    largest = max((_size(lines, id(card)) for card in dearest), default=0.0)
    cards = [card for card in dearest if _size(lines, id(card)) > LEAST_BAR * largest][:MOST_RULES]
    if not cards:
        return row
    page.section(row, tables.PRICE_BARS.title, tables.PRICE_BARS.help)
    page.table(tables.PRICE_BARS, row + 1)
    look = page.styles.fitted(line.move.change for line in lines if line.move)
    for i, card in enumerate(cards):
        label = _price_label(book, card)
        page.text(row + 2 + i, 0, label, page.styles.text())
        for at, line in shown:
            if line.card is card and line.move is not None and line.move.change is not None:
                address = f"'Price card'!{ref(at, PRICE_CARD.index('Objective'))}"
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
