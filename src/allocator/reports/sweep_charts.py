"""A sweep's charts: lines over the cell's values, told apart by dash and marker as well as by colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from allocator.analyses.sweep import BETWEEN, TODAY, Sweep
from allocator.reports import sweep_words as words
from allocator.reports.charts import STROKES, chart_font, frame
from allocator.reports.columns import Role
from allocator.reports.layout import HEAD, ref
from allocator.reports.page import Page
from allocator.reports.styles import GREY, LINE, PLAN, SOFT, WARNING, number_format, percent_format
from allocator.reports.words import magnitude, objective_unit

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart

_MARKERS = ("circle", "square", "diamond", "triangle", "x", "plus")
_SIZE = (900, 330)
_HALF = (440, 230)
"""Width and height in pixels, of a chart alone and of those that stand two and two."""
_ROW = 22
"""Pixels of a row."""
_MOST_CHARTS = 4


def write_objective_chart(page: Page, found: Sweep, values: words.Values, first: int, last: int) -> None:
    """Insert the objective over the cell's values below the table; `first` and `last` are the table's rows."""
    if len(found.planned) < 2:
        return
    today = next((i for i, point in enumerate(found.points) if TODAY in point.why and point.plan), None)
    chart = _chart(
        page, f"Objective ({objective_unit(found.scenario) or found.scenario.objective})", legend=today is not None
    )
    sheet = page.sheet.get_name()
    changes = not any(BETWEEN in point.why for point in found.points)
    chart.add_series({
        "name": "Objective",
        "categories": [sheet, first, 0, last, 0],
        "values": [sheet, first, 2, last, 2],
        "line": {"color": PLAN, "width": 2},
        "marker": _marker("circle", PLAN) if changes else {"type": "none"},
    })  # fmt: skip
    if today is not None:
        chart.add_series({
            "name": "Today",
            "categories": [sheet, first + today, 0, first + today, 0],
            "values": [sheet, first + today, 2, first + today, 2],
            "line": {"none": True},
            "marker": _marker("diamond", WARNING, 10),
        })  # fmt: skip
    _axes(chart, found, values, [point.plan.objective for point in found.planned if point.plan])
    _insert(page, chart, last + 2, _SIZE)


def write_amount_chart(page: Page, found: Sweep, rows: Mapping[tuple[str, int], int], values: words.Values) -> None:
    """Write what the areas that move most gain and lose against today's plan, and insert it as a chart.

    It is that of the year in which most money moves; without a plan today, against the first point's.
    """
    points = found.planned
    year = words.busiest_year(found)
    areas = words.changing_areas(found, year, len(STROKES))
    if len(points) < 2 or not areas:
        return
    base = next((i for i, point in enumerate(points) if TODAY in point.why), 0)
    said = "today's plan" if TODAY in points[base].why else f"the plan at {values.show(points[base].value)}"
    top = max(rows.values()) + 2
    page.section(top, f"Change in {year} against {said}: the areas that move most")
    columns = (2, 2 + len(points) - 1)
    for i, area in enumerate(areas):
        row, of = top + 1 + i, rows[area, year]
        page.text(row, 0, area, page.styles.text())
        page.number(row, 1, year, page.styles.of(Role.YEAR))
        plans = [point.plan.amounts[area, year] for point in points if point.plan]
        for column, amount in enumerate(plans, columns[0]):
            formula = f"{ref(of, column)}-{ref(of, columns[0] + base)}"
            page.formula(row, column, formula, amount - plans[base], page.styles.amount())
    chart = _chart(page, f"Change in {year} against {said} ({found.scenario.unit})", legend=True)
    changes = [0.0]
    for i, area in enumerate(areas):
        _line(chart, page, area, top + 1 + i, columns, i)
        amounts = [point.plan.amounts[area, year] for point in points if point.plan]
        changes += [amount - amounts[base] for amount in amounts]
    _axes(chart, found, values, changes)
    _insert(page, chart, top + len(areas) + 2, _SIZE)


def write_indicator_charts(page: Page, found: Sweep, rows: Mapping[tuple[str, int], int], values: words.Values) -> None:
    """Insert a chart for each indicator that moves, up to four, below the table."""
    plans = [point.plan for point in found.planned if point.plan]
    names = [name for name in dict.fromkeys(name for name, _ in rows) if len(plans) > 1]
    row = max(rows.values()) + 2
    inserted = 0
    for name in names:
        years = [year for other, year in rows if other == name][: len(STROKES)]
        figures = [plan.indicators[name, year] for plan in plans for year in years]
        if max(figures) - min(figures) <= 1e-9 * max(1.0, *map(abs, figures)) or inserted == _MOST_CHARTS:
            continue
        unit = next(i.unit for i in found.scenario.indicators if i.name == name)
        chart = _chart(page, f"{name}{f' ({unit})' if unit else ''}", legend=len(years) > 1)
        for i, year in enumerate(years):
            _line(chart, page, str(year), rows[name, year], (3, 3 + len(plans) - 1), i)
        _axes(chart, found, values, figures)
        down, right = divmod(inserted, 2)
        _insert(page, chart, row + down * (_HALF[1] // _ROW + 1), _HALF, right * (_HALF[0] + 10))
        inserted += 1


# ---- parts --------------------------------------------------------------------------------------------------------


def _chart(page: Page, title: str, *, legend: bool) -> Chart:
    chart = page.book.workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    assert chart is not None  # noqa: S101 - the type is one of XlsxWriter's
    frame(chart, title)
    if legend:
        chart.set_legend({"position": "bottom", "font": chart_font()})
    chart.show_blanks_as("gap")
    return chart


def _line(chart: Chart, page: Page, name: str, row: int, columns: tuple[int, int], number: int) -> None:
    colour, dash = STROKES[number]
    sheet = page.sheet.get_name()
    chart.add_series({
        "name": name,
        "categories": [sheet, HEAD, columns[0], HEAD, columns[1]],
        "values": [sheet, row, columns[0], row, columns[1]],
        "line": {"color": colour, "width": 1.75, "dash_type": dash},
        "marker": _marker(_MARKERS[number], colour, 5),
    })  # fmt: skip


def _marker(kind: str, colour: str, size: int = 5) -> dict[str, Any]:
    return {"type": kind, "size": size, "border": {"color": colour}, "fill": {"color": colour}}


def _axes(chart: Chart, found: Sweep, values: words.Values, figures: list[float]) -> None:
    """Set axes of values; the one of figures need not start at 0, since these are lines."""
    spread = max(figures) - min(figures)
    decimals = max(0, 1 - magnitude(spread)) if spread else 0
    shown = min(max(0, 1 - magnitude(float(found.asked.high - found.asked.low) * values.scale)), 6)
    chart.set_x_axis({
        "name": found.asked.found.address, "name_font": chart_font(),
        "num_font": chart_font(), "line": {"color": GREY}, "major_tick_mark": "outside",
        "num_format": percent_format(shown) if values.percent else number_format(shown),
        "min": float(found.asked.low), "max": float(found.asked.high),
        "major_gridlines": {"visible": False}, "label_position": "low",
    })  # fmt: skip
    chart.set_y_axis({
        "num_font": chart_font(color=SOFT), "num_format": number_format(min(decimals, 6)), "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": LINE, "width": 0.5}},
    })  # fmt: skip


def _insert(page: Page, chart: Chart, row: int, size: tuple[int, int], right: int = 0) -> None:
    chart.set_size({"width": size[0], "height": size[1]})
    page.sheet.insert_chart(row, 0, chart, {"x_offset": 2 + right, "y_offset": 4, "object_position": 2})
    page.reach(row + size[1] // _ROW + 1, 0)
