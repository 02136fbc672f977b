"""The Summary's two native charts, and the table of figures behind them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.reports import tables_workings as tables
from allocator.reports.columns import Column
from allocator.reports.layout import HEAD, ref
from allocator.reports.page import Book, Page
from allocator.reports.styles import FONT, GREY, INK, LINE, PLAN, SOFT, axis_format, number_format, percent_format
from allocator.scenario.model import Area

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
        self.columns: list[tuple[str, Column]] = [
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
    chart = book.workbook.add_chart({"type": "bar"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
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
    chart = book.workbook.add_chart({"type": "bar"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
    against = ", last year's in grey" if data.last_shares else ""
    frame(chart, f"Share of the budget {data.year}{against}")
    if data.last_shares:
        _bars(data, chart, "Last year", data.column("Share last year"), GREY)
    _bars(data, chart, "Plan", data.column(f"Share {data.year}"), PLAN, percent_format(1))
    _bar_axes(chart)
    return chart


def _share_lines(book: Book, data: ChartData) -> Chart:
    """Return the shares over the years, each line labelled at its end."""
    chart = book.workbook.add_chart({"type": "line"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
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
