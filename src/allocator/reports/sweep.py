"""A sweep's workbook: the points with their prices, amounts and indicators at each, charts, and how it was made."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING

from allocator.analyses.result import Result, Run
from allocator.analyses.sweep import TODAY, Point, Sweep, indicator_columns
from allocator.programme.session import version
from allocator.programme.status import Status
from allocator.reports import sweep_tables as tables
from allocator.reports import sweep_words as words
from allocator.reports.columns import Column, Role
from allocator.reports.layout import FIRST, HEAD, Layout
from allocator.reports.opening import time_made, workbook_bytes
from allocator.reports.page import Book, Page
from allocator.reports.styles import FILL, PLAN, WARNING, Look, Styles, number_format, percent_format
from allocator.reports.sweep_charts import write_amount_chart, write_indicator_charts, write_objective_chart
from allocator.reports.words import magnitude, objective_unit, step_decimals
from allocator.version import __version__
from allocator.wording.sweep import remark_texts

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

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


def _value_look(page: Page, values: words.Values, *, heading: bool = False) -> Look:
    """Return the look of the cell's values."""
    look = page.styles.percent(values.decimals) if values.percent else page.styles.number(values.decimals)
    if not heading:
        return look
    formats = percent_format(values.decimals) if values.percent else number_format(values.decimals)
    form = page.styles.format(
        bold=True, align="right", valign="bottom", bg_color=FILL, bottom=2, bottom_color=PLAN, num_format=formats
    )
    return Look(form, look.show)


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
    columns = [column for column in tables.SWEEP.columns if goals or column.name != "Goals missed"]
    page.head([(column.name, column) for column in columns])
    looks = _Looks(page, found, values)
    for row, point in enumerate(found.points, FIRST):
        _write_point(page, row, point, looks, goals=goals)
    last = FIRST + len(found.points) - 1
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


class _Looks:
    """How a table's figures look: with decimals enough for their size."""

    def __init__(self, page: Page, found: Sweep, values: words.Values) -> None:
        self.values = values
        self.value = _value_look(page, values)
        slopes = [values.price(s) or 0.0 for point in found.points for s in (point.slope_left, point.slope_right)]
        objectives = [point.plan.objective for point in found.planned if point.plan]
        styles = page.styles
        self.objective = styles.number(_decimals(objectives, 9))
        self.today = styles.number(_decimals(objectives, 9), bold=True)
        self.price = styles.number(_decimals(slopes, 6))


def _decimals(figures: Sequence[float], digits: int) -> int:
    return min(6, max(0, digits - 1 - magnitude(max(map(abs, figures), default=0.0))))


def _write_point(page: Page, row: int, point: Point, looks: _Looks, *, goals: bool) -> None:
    styles, today = page.styles, TODAY in point.why
    page.number(row, 0, point.value, looks.value)
    page.text(row, 1, words.why(point), styles.text(**({"bold": True} if today else {})))
    if point.plan is None:
        page.text(row, 2, "no plan", styles.text(align="right", font_color=WARNING))
    else:
        page.number(row, 2, point.plan.objective, looks.today if today else looks.objective)
    page.number(row, 3, looks.values.price(point.slope_left), looks.price)
    page.number(row, 4, looks.values.price(point.slope_right), looks.price)
    page.text(row, 5, words.what_changes(point), styles.of(Role.LONG))
    if goals:
        page.text(row, 6, words.missed(point), styles.of(Role.LONG))


# ---- amounts and indicators at each point -------------------------------------------------------------------------


def _write_amounts(book: Book, found: Sweep, values: words.Values) -> None:
    year = words.busiest_year(found)
    moving = words.changing_areas(found, year, 3)
    said = f"In {year} most money moves: {words.sentence(moving)}." if moving else "No amount moves."
    page = Page(book, tables.AMOUNTS.sheet, f"Amounts — {words.title(found)}", said)
    page.unit(f"{found.scenario.unit}; over all sources, not rounded. Columns: the number in the cell")
    rows: dict[tuple[str, int], list[float]] = {
        (area.name, t): [point.plan.amounts[area.name, t] for point in found.planned if point.plan]
        for t in found.scenario.years
        for area in found.scenario.leaves
    }
    _head(page, tables.AMOUNTS.columns, found.planned, values)
    for row, ((name, t), amounts) in enumerate(rows.items(), FIRST):
        page.text(row, 0, name, page.styles.text())
        page.number(row, 1, t, page.styles.of(Role.YEAR))
        for column, amount in enumerate(amounts, 2):
            page.number(row, column, amount, page.styles.amount())
    place = {at: FIRST + i for i, at in enumerate(rows)}
    write_amount_chart(page, found, place, values)
    page.sheet.set_h_pagebreaks([max(place.values()) + 2])
    _finish(page, found)


def _write_indicators(book: Book, found: Sweep, values: words.Values) -> None:
    units = indicator_columns(found.scenario)
    page = Page(book, tables.INDICATORS.sheet, f"Indicators — {words.title(found)}", _moves(found, units))
    page.unit("Columns: the number in the cell")
    _head(page, tables.INDICATORS.columns, found.planned, values)
    for row, ((name, t), unit) in enumerate(units.items(), FIRST):
        page.text(row, 0, name, page.styles.text())
        page.number(row, 1, t, page.styles.of(Role.YEAR))
        page.text(row, 2, unit, page.styles.text())
        for column, point in enumerate(found.planned, 3):
            page.number(row, column, point.plan.indicators[name, t] if point.plan else None, page.styles.price())
    write_indicator_charts(page, found, {at: FIRST + i for i, at in enumerate(units)}, values)
    _finish(page, found, before=3)


def _moves(found: Sweep, units: Mapping[tuple[str, int], str]) -> str:
    """Return the sentence that says which indicators move."""
    plans = [point.plan for point in found.planned if point.plan]
    moving = [
        f"{name} {year}" for name, year in units if len({round(plan.indicators[name, year], 6) for plan in plans}) > 1
    ]
    if not moving:
        return "No indicator moves."
    shown = words.sentence(moving[:3]) if len(moving) <= 3 else f"{', '.join(moving[:3])} and {len(moving) - 3} more"
    return f"{shown} {'moves' if len(moving) == 1 else 'move'} with the cell."


def _head(page: Page, columns: Sequence[Column], points: Sequence[Point], values: words.Values) -> None:
    """Write the headings: the table's own, then each point's value as a number, for the charts."""
    own = [(column.name, column) for column in columns if not column.family]
    page.head(own)
    page.widen({len(own) + i: 11 for i in range(len(points))})
    look = _value_look(page, values, heading=True)
    for i, point in enumerate(points):
        page.number(HEAD, len(own) + i, point.value, look)


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
