"""The sheet Sensitivity: the two tables that readers of Solver's reports know, and what stops each range."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from allocator.analyses.figures import RowStatus
from allocator.analyses.result import AreaFigures, PartFigures, Result, RowFigures
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.layout import FIRST, HEAD
from allocator.reports.page import Book, Page
from allocator.reports.sheets_rules import demand_look
from allocator.reports.styles import SOFT, Look
from allocator.reports.words import MINUS, decimals_of, magnitude, objective_unit, significant
from allocator.wording.stops import limiting_text, stop_text

NO_LIMIT, NO_PLAN, TWO_PRICES, ONE_WAY, NO_MEANING = "no limit", "no plan", "two prices", "one way", "n/a"
NO_PLAN_BEYOND = "no plan beyond"
"""What stands in a cell instead of a number."""
ONE_SIDE = " Both sides were not asked for: where there are two prices, Shadow Price is one of them."
NOTHING = "–"
"""What stands for a text where there is none."""
ROWS_A_PAGE = 34


def words_look(page: Page, **properties: object) -> Look:
    """Return the look of words that stand in a column of numbers."""
    return Look(page.styles.cell(**properties | {"align": "right", "font_color": SOFT, "bold": False}), str)


def quantity(page: Page, row: int, column: int, value: float | None, look: Look, words: str = NO_MEANING) -> None:
    """Write a price, range or amount: ``no limit`` where it has no end, `words` where it is not known."""
    if value is None or not math.isfinite(value):
        page.text(row, column, NO_LIMIT if value is not None and math.isinf(value) else words, words_look(page))
    else:
        page.number(row, column, value + 0.0, look)


def column_look(page: Page, values: Iterable[float | None], digits: int = 6, **properties: object) -> Look:
    """Return the look of a column of numbers: so many digits for its largest, the same decimals for all, none idle."""
    known = [abs(v) for v in values if v is not None and math.isfinite(v)]
    most = min(6, max(0, digits - 1 - magnitude(max(known, default=0.0))))
    needed = max((decimals_of(Fraction(f"{v:.{most}f}"), most) for v in known), default=0)
    return page.styles.number(needed, **properties)


def range_look(page: Page, value: float | None, digits: int = 6) -> Look:
    """Return the look of one range: about so many digits, none idle."""
    return column_look(page, [value], digits)


def write_sensitivity(book: Book) -> None:
    """Write a line for each area and year, and one for each row of the programme; no cell is silently blank."""
    result = book.result
    page = Page(book, "Sensitivity", f"Sensitivity — {result.scenario.title}", signs(result))
    page.unit(_note(result), HEAD - 2)
    page.section(HEAD - 1, tables.VARIABLE_CELLS.title)
    _heads(page)
    cells: list[AreaFigures | PartFigures] = [*result.areas, *result.parts]
    for i, cell in enumerate(cells):
        _variable_cell(page, FIRST + i, cell)
    below = FIRST + len(cells) + 2
    page.section(below, tables.CONSTRAINTS.title)
    page.table(tables.CONSTRAINTS, below + 1)
    for i, figures in enumerate(result.rows):
        _constraint(page, below + 2 + i, figures)
    page.finish(freeze=1, repeat=below + 1)
    if len(cells) + len(result.rows) > ROWS_A_PAGE:
        page.sheet.set_h_pagebreaks([below])


# -- units and signs -------------------------------------------------------------------------------------------------


def signs(result: Result) -> str:
    """Return what a price is, in which unit and with which sign, with an example from the result's own figures."""
    unit = objective_unit(result.scenario)
    rule = f"A price is the change of the objective{f' ({unit})' if unit else ''} per unit that a right-hand side grows"
    example = _example(result)
    return f"{rule}{f': {example}' if example else ''}."


def _example(result: Result) -> str:
    rows = [f for f in result.rows if f.price_up and not f.row.goal_bound]
    # a rule before an area's own limit, a source, and what isn't money
    rows.sort(key=lambda f: (f.degenerate is not False, not f.row.kind.money, f.row.kind.supply, f.row.kind.of_area))
    if not rows:
        return ""
    figures = rows[0]
    price, row = figures.price_up or 0.0, figures.row
    sign = "" if price < 0 else "+"
    name = f"“{row.name}”{f' {row.year}' if row.year is not None else ''}"
    size = f"{significant(figures.rhs)} {row.unit}".rstrip()
    limit = figures.allowable_increase
    reach = "" if limit is None else f", and so does each further unit{_reach(limit)}"
    return f"1 more than the {size} of {name} changes it by {sign}{significant(price, 5)}{reach}"


def _reach(limit: float) -> str:
    return " without limit" if math.isinf(limit) else f" up to {significant(limit, 5)} more"


def _note(result: Result) -> str:
    better = f"above 0 is a gain, below 0 ({MINUS}) a cost"
    if not result.scenario.objective.maximise:
        better = f"below 0 ({MINUS}) is a gain, above 0 a cost"
    return (
        f"Objective: {result.scenario.objective}; a price {better}. Final values are the plan's; all else is the "
        f"unrounded optimum's, with whole-number choices, should there be any, fixed. {TWO_PRICES}: see Price up and "
        f"Price down. {ONE_WAY}: a plan exists in one direction only. {NO_MEANING}: no meaning, or not known; –: 0. "
        "Reduced Cost: what an amount that is forced one unit up changes the objective by. Degenerate: a unit more and "
        "a unit less have different prices. Unrounded optimum: the best plan before rounding to whole steps."
        + ("" if any(f.degenerate is not None for f in result.rows) else ONE_SIDE)
    )


# -- Variable Cells --------------------------------------------------------------------------------------------------


def _heads(page: Page) -> None:
    """Write the headings of Variable Cells; the last one runs over what the table below needs."""
    *columns, last = [(column.name, column) for column in tables.VARIABLE_CELLS.columns]
    page.head(columns)
    page.text(HEAD, len(columns), last[0], page.styles.heading())
    for column in range(len(columns) + 1, len(tables.CONSTRAINTS.columns)):
        page.text(HEAD, column, "", page.styles.heading())


def _variable_cell(page: Page, row: int, area: AreaFigures | PartFigures) -> None:
    """Write an area's line, or below all areas that of one band or source of one."""
    styles = page.styles
    page.text(row, 0, area.name, styles.of(Role.LONG))
    page.number(row, 1, area.year, styles.of(Role.YEAR))
    page.number(row, 2, area.final_value, styles.amount())
    figures = (area.reduced_cost, area.objective_coefficient, area.allowable_increase, area.allowable_decrease)
    for column, value in enumerate(figures, start=3):
        quantity(page, row, column, value, styles.price())
    page.text(row, 7, limiting_text(area.limiting) or NOTHING, styles.cell(align="left", indent=1))
    for column in range(8, len(tables.CONSTRAINTS.columns)):
        page.text(row, column, "", styles.cell())


# -- Constraints -----------------------------------------------------------------------------------------------------


def _constraint(page: Page, line: int, figures: RowFigures) -> None:
    """Write a row's prices; a direction in which no plan exists has none, a missed goal's have no meaning."""
    row, styles = figures.row, page.styles
    up, down = (NO_PLAN if none else NO_MEANING for none in (figures.no_plan_up, figures.no_plan_down))
    page.text(line, 0, row.name, styles.of(Role.LONG))
    if row.year is None:
        page.text(line, 1, NOTHING, styles.cell(align="center"))
    else:
        page.number(line, 1, row.year, styles.of(Role.YEAR))
    page.number(line, 2, figures.final_value, demand_look(page, row, figures.final_value))
    quantity(page, line, 3, figures.shadow_price, styles.price(bold=True), _no_price(figures))
    page.number(line, 4, figures.rhs, demand_look(page, row, figures.rhs))
    increase, decrease = figures.allowable_increase, figures.allowable_decrease
    quantity(page, line, 5, increase, range_look(page, increase), up)
    quantity(page, line, 6, decrease, range_look(page, decrease), down)
    quantity(page, line, 7, figures.price_up, styles.price(), up)
    quantity(page, line, 8, figures.price_down, styles.price(), down)
    page.text(line, 9, row.unit or NOTHING, styles.text())
    page.text(line, 10, _degenerate(figures), styles.text())
    for column, stops, none in ((11, figures.stops_increase, up), (12, figures.stops_decrease, down)):
        page.text(line, column, stop_text(stops) or (none if none == NO_PLAN else NOTHING), styles.of(Role.LONG))


def _no_price(figures: RowFigures) -> str:
    """Return what stands under Shadow Price where it is not one number."""
    if figures.no_plan_up and figures.no_plan_down:
        return NO_PLAN
    if figures.no_plan_up or figures.no_plan_down:
        return ONE_WAY
    return TWO_PRICES if figures.degenerate else NO_MEANING


def _degenerate(figures: RowFigures) -> str:
    if figures.status is RowStatus.MISSED and figures.shadow_price is None:
        return "missed goal"
    if figures.degenerate:
        return _no_price(figures)
    return NO_MEANING if figures.degenerate is None else "no"
