"""A sweep's workbook: the points with their prices, amounts and indicators at each, charts, and how it was made."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING, Any

from allocator.analyses.result import Result, Run
from allocator.analyses.sweep import BETWEEN, TODAY, Sweep, indicator_columns
from allocator.programme.session import version
from allocator.programme.status import Status
from allocator.render.charts import STROKES, chart_font, frame, new_chart
from allocator.render.page import Book, Page, workbook_bytes, write_rows
from allocator.render.styles import FILL, GREY, LINE, PLAN, SOFT, WARNING, Look, Styles, number_format, percent_format
from allocator.spreadsheet.saving import time_made
from allocator.tables import sweep as tables
from allocator.tables.columns import Role, Table
from allocator.tables.formulas import FIRST, HEAD, ref
from allocator.tables.layout import Layout
from allocator.version import __version__
from allocator.wording import sweep as words
from allocator.wording.numbers import magnitude, objective_unit, step_decimals
from allocator.wording.sweep import remark_texts

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook

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
    chart = new_chart(page.book, "scatter", "straight_with_markers")
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


_PACKAGES = ("pulp", "highspy", "numpy", "xlsxwriter")
_MOST_DECIMALS = 3
_LIMITS_OF_USE = (
    "One number moves and all others stay as the scenario has them. The plan at each point is the best for that "
    "scenario, and no better than its benefits, effects and rules are. Law, procedure and judgement stay with those "
    "who sign."
)


def sweep_bytes(found: Sweep) -> bytes:
    """Return a sweep's workbook.

    Parameters
    ----------
    found
        As `allocator.analyses.sweep.sweep` returns it.

    Returns
    -------
    bytes
        An ``.xlsx`` file; the same sweep gives the same bytes while SOURCE_DATE_EPOCH stands still.
    """
    made = time_made()
    return workbook_bytes(found.scenario, tables.MADE_BY, made, lambda workbook: _write(workbook, found, made))


def _write(workbook: Workbook, found: Sweep, made: datetime) -> None:
    indicators = bool(found.scenario.indicators) and bool(found.planned)
    for table in tables.TABLES:
        if table is not tables.INDICATORS or indicators:
            workbook.add_worksheet(table.sheet)
    result = Result(found.scenario, Status.OPTIMAL, _run())
    decimals = min(step_decimals(found.scenario.step, _largest(found)), _MOST_DECIMALS)
    book = Book(workbook, result, Layout(result), Styles(workbook, decimals, 2), made, ())
    values = words.values_of(found)
    _write_points(book, found, values)
    _write_amounts(book, found, values)
    if indicators:
        _write_indicators(book, found, values)
    _write_about(book, found)


def _run() -> Run:
    versions = {"python": platform.python_version()} | {name: package_version(name) for name in _PACKAGES}
    return Run(f"HiGHS {version()}", versions)


def _largest(found: Sweep) -> float:
    return max((amount for point in found.planned if point.plan for amount in point.plan.amounts.values()), default=0.0)


# ---- the points ---------------------------------------------------------------------------------------------------


def _write_points(book: Book, found: Sweep, values: words.Values) -> None:
    page = Page(book, tables.SWEEP.sheet, words.title(found), words.message(found))
    unit = objective_unit(found.scenario) or str(found.scenario.objective)
    cell = "%" if found.asked.found.percent else _unit_of_cell(found)
    page.unit(
        f"Objective: {unit}; prices: the same per {values.step} that the cell grows"
        f"{f' (cell: {cell})' if cell else ''}; cell {found.asked.found.cell}"
    )
    goals = any(rule.strength.kind == "goal" for rule in found.scenario.rules) or any(
        target.strength.kind == "goal" for indicator in found.scenario.indicators for target in indicator.targets
    )
    table = tables.SWEEP if goals else replace(tables.SWEEP, columns=tables.SWEEP.columns[:-1])
    page.table(table)
    shown = tables.Shown(found)
    last = write_rows(page, table, [tables.PointLine(point, shown) for point in found.points]) - 1
    write_objective_chart(page, found, values, FIRST, last)
    page.finish(freeze=1, together=last + 2 if len(found.planned) > 1 else None)


def _unit_of_cell(found: Sweep) -> str:
    """Return the unit of a cell that is money; others have units of their own."""
    heading = found.asked.found.heading
    money = heading.isdigit() or heading.startswith(("Minimum", "Maximum", "Last year", "Up to"))
    return (
        found.scenario.unit
        if money and found.asked.found.cell.sheet in ("Budget", "Areas", "Limits", "Benefits")
        else ""
    )


# ---- amounts and indicators at each point -------------------------------------------------------------------------


def _write_amounts(book: Book, found: Sweep, values: words.Values) -> None:
    year = words.busiest_year(found)
    moving = words.changing_areas(found, year, 3)
    said = f"In {year} most money moves: {words.sentence(moving)}." if moving else "No amount moves."
    page = Page(book, tables.AMOUNTS.sheet, f"Amounts — {words.title(found)}", said)
    page.unit(f"{found.scenario.unit}; over all sources, not rounded. Columns: the number in the cell")
    plans = [point.plan for point in found.planned if point.plan]
    pairs = [(area.name, t) for t in found.scenario.years for area in found.scenario.leaves]
    lines = [tables.Course(*pair, [plan.amounts[pair] for plan in plans]) for pair in pairs]
    place = _write_courses(page, tables.AMOUNTS, lines, found, values)
    write_amount_chart(page, found, place, values)
    page.sheet.set_h_pagebreaks([max(place.values()) + 2])
    _finish(page, found)


def _write_indicators(book: Book, found: Sweep, values: words.Values) -> None:
    plans = [point.plan for point in found.planned if point.plan]
    units = indicator_columns(found.scenario)
    lines = [tables.Course(*pair, [plan.indicators[pair] for plan in plans], unit) for pair, unit in units.items()]
    page = Page(book, tables.INDICATORS.sheet, f"Indicators — {words.title(found)}", _moves(lines))
    page.unit("Columns: the number in the cell")
    write_indicator_charts(page, found, _write_courses(page, tables.INDICATORS, lines, found, values), values)
    _finish(page, found, before=3)


def _write_courses(
    page: Page, table: Table[tables.Course], lines: Sequence[tables.Course], found: Sweep, values: words.Values
) -> Mapping[tuple[str, int], int]:
    """Write headings, each point's value as a number, for the charts, and rows; return where each stands."""
    points = found.planned
    own = [(column.name, column) for column in table.columns if not column.family]
    page.head(own)
    page.widen({len(own) + i: 11 for i in range(len(points))})
    formats = percent_format(values.decimals) if values.percent else number_format(values.decimals)
    form = page.styles.format(
        bold=True, align="right", valign="bottom", bg_color=FILL, bottom=2, bottom_color=PLAN, num_format=formats
    )
    shown = page.styles.percent(values.decimals) if values.percent else page.styles.number(values.decimals)
    for i, point in enumerate(points):
        page.number(HEAD, len(own) + i, point.value, Look(form, shown.show))
    write_rows(page, table.along(value=[("", i) for i in range(len(points))]), lines)
    return {(line.name, line.year): FIRST + i for i, line in enumerate(lines)}


def _moves(lines: Sequence[tables.Course]) -> str:
    """Return the sentence that says which indicators move."""
    moving = [f"{line.name} {line.year}" for line in lines if line.moves]
    if not moving:
        return "No indicator moves."
    shown = words.sentence(moving[:3]) if len(moving) <= 3 else f"{', '.join(moving[:3])} and {len(moving) - 3} more"
    return f"{shown} {'moves' if len(moving) == 1 else 'move'} with the cell."


def _finish(page: Page, found: Sweep, before: int = 2) -> None:
    """Print side by side where there are many points; then breaks between rows are heeded too."""
    on_page = 10
    columns = before + len(found.planned)
    page.finish(freeze=before, pages=[*range(before + on_page, columns, on_page), columns])


# ---- about --------------------------------------------------------------------------------------------------------


def _write_about(book: Book, found: Sweep) -> None:
    page = Page(book, tables.ABOUT.sheet, f"About — {found.scenario.title}", words.title(found))
    page.table(tables.ABOUT)
    for row, (item, content) in enumerate(_facts(book, found), FIRST):
        page.text(row, 0, item, page.styles.text())
        page.text(row, 1, content, page.styles.of(Role.LONG))
    page.reach(FIRST, 7)  # the title is wider than the table
    page.finish(freeze=0)


def _facts(book: Book, found: Sweep) -> Iterator[tuple[str, str]]:
    asked, show = found.asked, found.asked.found.shown
    yield "Cell", f"{asked.found.address} ({asked.found.cell})"
    yield "From, to", f"{show(asked.low)} to {show(asked.high)}"
    if asked.grid:
        yield "Grid", f"{asked.grid} points"
    yield "Today", "blank" if asked.found.value is None else show(asked.found.value)
    yield "Objective", str(found.scenario.objective)
    yield "Scenario file", found.scenario.path
    yield "SHA-256 of it", found.scenario.sha256
    yield "Made by", f"allocate {__version__}"
    yield "Made at", book.made.strftime("%Y-%m-%d %H:%M:%S UTC")
    yield "Solver", book.result.run.solver
    yield from ((f"Version of {name}", text) for name, text in book.result.run.versions.items())
    yield from words.method(found)
    yield from (("Note", note) for note in remark_texts(found))
    yield "Limits of use", _LIMITS_OF_USE
