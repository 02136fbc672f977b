"""The sheets that are tables: Plan, Allocation, Funds, Rules, Sensitivity, prices, Room, Indicators, Warnings."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from allocator.analyses.figures import IndicatorFigures, RowStatus
from allocator.analyses.moves import Rest, RoomFigures
from allocator.analyses.prices import PartFigures
from allocator.analyses.result import AreaFigures, Result
from allocator.errors import Problem
from allocator.render.page import LINE_HEIGHT, Book, Page, wrapped_lines, write_rows
from allocator.render.styles import BREACH, GREY
from allocator.render.styles import PLAN as PLAN_COLOUR
from allocator.scenario.model import Indicator
from allocator.tables import warnings as tables
from allocator.tables.columns import Column, Role, Table
from allocator.tables.formulas import FIRST, HEAD, MOST_PARTS, difference, ref, span
from allocator.tables.money import (
    ALLOCATION,
    ASSIGNMENTS,
    FUNDS,
    INDICATORS,
    PARTS,
    PLAN,
    AllocationLine,
    FundLine,
    PlanLine,
    total,
)
from allocator.tables.prices import FORCED, NEXT_MONEY, PRICE_CARD, ROOM, ForcedLine, RoomLine, card_lines, money_lines
from allocator.tables.rules import (
    CONSTRAINTS,
    NO_MEANING,
    ONE_WAY,
    RULES,
    TWO_PRICES,
    VARIABLE_CELLS,
    RuleLine,
    bounds,
    rows_counted,
)
from allocator.tables.trace import Sides
from allocator.wording.findings import early_finding, forced_and_all, said_of
from allocator.wording.names import subject_name
from allocator.wording.numbers import (
    MINUS,
    SYMBOLS,
    decimals_of,
    distinguishing_decimals,
    magnitude,
    number,
    objective_unit,
    percent,
    significant,
    years_text,
)

ZERO = Fraction(0)
MOST_COLUMNS = 18
"""Wider plans print each family of columns on pages of their own."""
DECIDED = {
    "validate": "decimal",
    "criteria": ">=",
    "value": 0,
    "error_title": "Decided",
    "error_message": "An amount of 0 or more; leave the cell blank to keep the amount as optimised.",
}


def shown(value: Fraction | float, decimals: int) -> str:
    """Return `value` without idle zeros, with at most `decimals`; more where it would be shown as 0.

    >>> shown(Fraction(160), 4), shown(Fraction(1, 8), 2), shown(Fraction(-123, 10**6), 1)
    ('160', '0.13', '−0.00012')
    """
    if value and abs(value) * 10**decimals < Fraction(1, 2):
        decimals = min(18, 1 - magnitude(float(value)))
    text = number(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(book: Book, value: Fraction) -> str:
    """Return an amount with the decimals of Step; with five digits where nothing is rounded."""
    step = book.result.step
    return shown(value, decimals_of(step) if step else max(0, 4 - magnitude(float(value))))


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "area"), counted(1200, "area")
    ('1 area', '1,200 areas')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def write_allocation(book: Book) -> None:
    """Write the only sheet with typed amounts."""
    layout, scenario = book.layout, book.result.scenario
    page = Page(
        book,
        "Allocation",
        f"Allocation — {scenario.title}",
        f"{counted(len(layout.lines), 'amount')}, as optimised; a figure typed under Decided replaces one, and the "
        "whole workbook follows.",
        rows=len(layout.lines),
    )
    page.unit(f"{scenario.unit}. Yellow cells are to be filled in. Last year: the year before that of the line.")
    page.table(ALLOCATION)
    write_rows(page, ALLOCATION, [AllocationLine(line, book) for line in layout.lines])
    if layout.lines:
        column = ALLOCATION.index("Decided")
        page.sheet.data_validation(FIRST, column, FIRST + len(layout.lines) - 1, column, DECIDED)
    page.finish(freeze=3)


def write_plan_sheet(book: Book) -> None:
    """Write areas down, years across."""
    layout, scenario = book.layout, book.result.scenario
    page = Page(book, "Plan", f"The plan — {scenario.title}", plan_message(book), rows=len(layout.tree))
    note = "Share and change are of budget money." if layout.mixed else "Share: of the year's budget."
    page.unit(f"{scenario.unit}. {note} Change: on the year before, the first year's on Last year.")
    columns = plan_columns(book)
    page.head([(column.name, column) for column in columns])
    table = replace(PLAN, columns=tuple(columns))
    end = write_rows(page, table, [PlanLine(book, area, depth) for area, depth in layout.tree])
    write_rows(page, table, [PlanLine(book, None)], end, lambda _: {"bold": True, "top": 1})
    _plan_budget(page)
    starts = sorted({layout.plan_column(family, layout.years[0]) for family in ("budget", "share", "change")} - {2})
    page.finish(pages=[*starts, len(columns)] if len(columns) > MOST_COLUMNS else ())


def plan_message(book: Book) -> str:
    """Return the plan in one sentence."""
    scenario = book.result.scenario
    allotted = sum((total(book, year) for year in scenario.years), ZERO)
    available = sum((scenario.available(scenario.source, year) for year in scenario.years), ZERO)
    part = ""
    if available:
        decimals_needed = distinguishing_decimals(allotted / available * 100, Fraction(100), 1, 6)
        whole = allotted == available
        part = (
            ", all that is available"
            if whole
            else f", {percent(allotted / available, decimals_needed)} of what is available"
        )
    return (
        f"As optimised, {money_text(book, allotted)} {scenario.unit} go to {counted(len(book.layout.tops), 'area')} "
        f"in {years_text(scenario.years)}{part}."
    )


def plan_columns(book: Book) -> list[Column[Any]]:
    """Return Plan's columns, family by family, a column for each year."""
    families = [column for column in PLAN.columns if column.family and (column.family != "budget" or book.layout.mixed)]
    single = [column for column in PLAN.columns if not column.family]
    return [*single, *(column.within(year) for column in families for year in book.layout.years)]


def _plan_budget(page: Page) -> None:
    """Write the budget below the totals: what shares are parts of."""
    layout, scenario = page.book.layout, page.book.result.scenario
    row = layout.total_row + 1
    page.text(row, 0, "Budget", page.styles.text(font_color="#6B7280"))
    before = [source.last_year for source in scenario.sources if source.name in scenario.budget_sources]
    if all(amount is not None for amount in before):
        known = sum((a for a in before if a is not None), ZERO)
        formula = layout.funds_of(scenario.budget_sources, layout.years[:1], "Last year")
        page.formula(row, 1, formula, known, page.styles.amount(font_color="#6B7280"))
    for year in layout.years:
        cells = [layout.fund(name, year, "Available") for name in scenario.budget_sources]
        column = layout.plan_column("budget", year)
        page.formula(row, column, "+".join(cells), scenario.budget(year), page.styles.amount(font_color="#6B7280"))


def write_funds(book: Book) -> None:
    """Write the accounts of each source."""
    layout, scenario = book.layout, book.result.scenario
    left = sum((fund.unspent for fund in layout.funds), ZERO)
    said = f"{money_text(book, left)} {scenario.unit} are left unspent" if left else "Every source is spent in full"
    page = Page(book, "Funds", f"Funds — {scenario.title}", f"As optimised: {said}.", rows=len(layout.funds))
    page.unit(f"{scenario.unit}. Opening + Available = Spent + Carried forward + Unspent.")
    page.table(FUNDS)
    write_rows(page, FUNDS, [FundLine(fund, book) for fund in layout.funds])
    page.finish(freeze=1)


def write_assignments(book: Book) -> None:
    """Write who does what until when."""
    layout, scenario = book.layout, book.result.scenario
    named = sum(1 for area, _ in layout.tree if area.assignment.lead_agency)
    page = Page(
        book,
        "Assignments",
        f"Assignments — {scenario.title}",
        f"{named} of {counted(len(layout.tree), 'area')} {'has' if named == 1 else 'have'} a lead agency.",
        rows=len(layout.tree),
    )
    page.unit(f"Amount: {years_text(scenario.years)}, {scenario.unit}, from all sources.")
    page.table(ASSIGNMENTS)
    write_rows(page, ASSIGNMENTS, [PlanLine(book, area, depth) for area, depth in layout.tree])
    page.finish(freeze=1)


def write_rules(book: Book) -> None:
    """Write every row of the programme with live sides, slack and status."""
    result, sides = book.result, Sides(book.layout, book.trace)
    page = Page(book, "Rules", f"Rules — {result.scenario.title}", rules_message(book), rows=len(result.rows))
    page.unit(
        "Right-hand side = (Offset + Value) × Basis amount. Slack is the room left, 0 or more where kept, strict "
        "rules' margin included. Binding: no room left."
    )
    page.table(RULES)
    write_rows(page, RULES, [RuleLine(figures, result, sides) for figures in result.rows])
    _colour_status(page, len(result.rows))
    page.finish(freeze=1, pages=[RULES.index("Cell") + 1])


def rules_message(book: Book) -> str:
    """Return how the rows stand in one sentence."""
    counts, rows = rows_counted(book.result)
    binding, missed = counts[RowStatus.BINDING], counts[RowStatus.MISSED]
    goals = f"{missed} goal row{'s are' if missed != 1 else ' is'} missed" if missed else "none is missed"
    verb = "binds" if binding == 1 else "bind"
    return f"As optimised, {binding} of {rows} row{'' if rows == 1 else 's'} {verb} and {goals}."


def _colour_status(page: Page, count: int) -> None:
    column = RULES.index("Status")
    for status, colour in ((RowStatus.MISSED, BREACH), (RowStatus.BINDING, PLAN_COLOUR), (RowStatus.NOT_BINDING, GREY)):
        form = page.book.workbook.add_format({"font_color": colour, "bold": status is not RowStatus.NOT_BINDING})
        rule = {"type": "cell", "criteria": "==", "value": f'"{status.value}"', "format": form}
        page.sheet.conditional_format(FIRST, column, FIRST + max(count, 1) - 1, column, rule)


ONE_SIDE = " Both sides were not asked for: where there are two prices, Shadow Price is one of them."
ROWS_A_PAGE = 34


def write_sensitivity(book: Book) -> None:
    """Write a line for each area and year, and one for each row of the programme; no cell is silently blank."""
    result = book.result
    page = Page(book, "Sensitivity", f"Sensitivity — {result.scenario.title}", signs(result))
    page.unit(_note(result), HEAD - 2)
    page.section(HEAD - 1, VARIABLE_CELLS.title)
    _heads(page)
    cells: list[AreaFigures | PartFigures] = [*result.areas, *result.parts]
    end = write_rows(page, VARIABLE_CELLS, cells)
    for row in range(FIRST, end):
        for column in range(len(VARIABLE_CELLS.on_sheet), len(CONSTRAINTS.on_sheet)):
            page.text(row, column, "", page.styles.cell())
    below = end + 2
    page.section(below, CONSTRAINTS.title)
    page.table(CONSTRAINTS, below + 1)
    write_rows(page, CONSTRAINTS, result.rows, below + 2)
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


def _heads(page: Page) -> None:
    """Write the headings of Variable Cells; the last one runs over what the table below needs."""
    *columns, last = [(column.name, column) for column in VARIABLE_CELLS.on_sheet]
    page.head(columns)
    page.text(HEAD, len(columns), last[0], page.styles.heading())
    for column in range(len(columns) + 1, len(CONSTRAINTS.on_sheet)):
        page.text(HEAD, column, "", page.styles.heading())


GOALS_FIRST = (
    " Goals come before the objective: a step may also change by how much they are missed. The prices on Sensitivity "
    "hold that as it is, so their sign may differ."
)


def write_price_card(book: Book) -> tuple[Page, int]:
    """Write the table; return the page, not finished, and the row below the table, where the chart goes."""
    result = book.result
    page = Page(book, "Price card", f"Price card — {result.scenario.title}", said_of(result, "Dearest rule"))
    unit = objective_unit(result.scenario)
    page.unit(
        f"Objective and prices: {unit or 'the unit of the objective'}; money: {result.scenario.unit}. A rule's years "
        "and areas move together; prices are those of the unrounded optimum, with whole-number choices fixed."
        + (GOALS_FIRST if result.goals else "")
    )
    page.table(PRICE_CARD)
    return page, write_rows(page, PRICE_CARD, card_lines(result)) + 1


def write_next_money(book: Book) -> None:
    """Write two lines for each source and year with money in it."""
    result, lines = book.result, money_lines(book.result)
    said = said_of(result, "Next money") or "No source has any money."
    page = Page(book, "Next money", f"Next money — {result.scenario.title}", said, rows=len(lines))
    unit = objective_unit(result.scenario) or result.scenario.objective
    page.unit(
        f"Money: {result.scenario.unit}; objective: {unit}. The Budget cell moves with all that follows from it, "
        "shares of the budget too. Next marginal n/a: there is none, or it changes gradually."
        + (GOALS_FIRST if result.goals else "")
    )
    page.table(NEXT_MONEY)
    write_rows(page, NEXT_MONEY, lines)
    page.finish(freeze=3)


FINEST = 6
"""Decimals more than Step has: what lies below is noise of arithmetic."""
SAME = 1e-10
"""A least or most that is so near the plan's amount (as a part of the year's money) is that amount: solvers' noise."""


def room_lines(book: Book) -> list[RoomFigures]:
    """Return the sheet's lines: year by year, in the order of the result; nothing below a millionth of Step."""
    years = {year: i for i, year in enumerate(book.layout.years)}
    return sorted((_tidied(book, r) for r in book.result.room), key=lambda r: years[r.year])


def _tidied(book: Book, room: RoomFigures) -> RoomFigures:
    digits, scenario = FINEST + book.styles.decimals, book.result.scenario
    money = float(scenario.available(scenario.source, room.year))

    def tidy(value: float) -> float:
        same = abs(value - room.value) <= SAME * money
        return round(room.value if same else value, digits) + 0.0

    return replace(
        room, value=tidy(room.value), least=tidy(room.least), most=tidy(room.most),
        least_near=tidy(room.least_near), most_near=tidy(room.most_near),
    )  # fmt: skip


def room_rows(book: Book) -> dict[tuple[str | Rest, int], int]:
    """Return the row of each area (or group) and year."""
    return {(r.name, r.year): FIRST + i for i, r in enumerate(room_lines(book))}


def room_cell(row: int, column: str) -> str:
    """Return the address of a figure on Room."""
    return f"Room!{ref(row, ROOM.index(column))}"


def write_room(book: Book) -> tuple[Page, int, list[int]]:
    """Write the least and most of each area, and below it what is forced and free.

    Returns the page, not finished, the row below all that, and the rows where a year, the sums, and what follows begin.
    """
    result, lines = book.result, room_lines(book)
    page = Page(
        book, "Room", f"Room — {result.scenario.title}", said_of(result, "Free to negotiate"), rows=len(lines)
    )  # fmt: skip
    page.unit(
        f"{result.scenario.unit}, from all sources, before rounding. As good: over all plans with the same objective. "
        "0.5 % worse: over all plans whose objective is at most 0.5 % worse."
    )
    page.table(ROOM)
    depth = {area.name: depth for area, depth in book.layout.tree}
    rows = [RoomLine(room, depth.get(subject_name(room.name), 0)) for room in lines]
    begins = [FIRST + i for i, room in enumerate(lines) if i == 0 or room.year != lines[i - 1].year]
    opening = {id(rows[line - FIRST]) for line in begins[1:]}
    end = write_rows(page, ROOM, rows, emphasis=lambda row: {"top": 1} if id(row) in opening else {})
    page.table(FORCED, end + 1)
    below = write_rows(page, FORCED, _forced(book, lines), end + 2, lambda _: {"bold": True}) + 1
    return page, below, [*begins, end, below]


def _forced(book: Book, lines: list[RoomFigures]) -> list[ForcedLine]:
    """Return the sums of each year."""
    scenario = book.result.scenario
    available = {year: float(scenario.available(scenario.source, year)) for year in book.layout.years}
    return [ForcedLine(year, *forced_and_all(lines, year), money) for year, money in available.items()]


NONE_MISSED, NO_GOALS = "None: every goal is met.", "The scenario has no goals."
NOT_EXPLAINED = "What it would take was not found: see Messages on About."


def write_warnings(book: Book) -> None:
    """Write the tables; a sentence where there is nothing to warn of."""
    result = book.result
    finding = early_finding(result)
    said = finding.text if finding else "Nothing near: no fall of a single budget, and no rule, is about to end it."
    if doubts := len(result.doubts):
        what = "it" if doubts == 1 else "them"
        said = f"{counted(doubts, 'doubt')} about the inputs, below: look at {what} first. {said}"
    page = Page(book, tables.SHEET, f"Warnings — {result.scenario.title}", said)
    page.unit(
        f"{result.scenario.unit}. Each line alone, all else as it is: shares and growth follow the budget. Goals don't "
        "count, as they may be missed."
    )
    page.table(tables.BUDGETS)
    nothing = "No source has to have any money in any one year for a plan to exist."
    second = _write(page, tables.BUDGETS, result.warnings, FIRST, nothing) + 1
    third = _section(page, tables.TIGHT, result.tight, second, "None.")
    fourth = _section(page, tables.GOALS, result.goals_explained, third, _no_goals(book))
    page.section(fourth, tables.DOUBTS.title)
    page.table(tables.DOUBTS, fourth + 1)
    for line, doubt in enumerate(result.doubts, start=fourth + 2):
        _write_doubt(page, line, doubt)
    if not result.doubts:
        page.text(fourth + 2, 0, "None.", page.styles.text())
    page.finish(freeze=1, blocks=(FIRST, second, third, fourth))


def _section(page: Page, table: Table[Any], rows: tuple[Any, ...], line: int, nothing: str) -> int:
    """Write a further table under its title; return the line of the next one."""
    page.section(line, table.title)
    page.table(table, line + 1)
    return _write(page, table, rows, line + 2, nothing) + 1


def _write(page: Page, table: Table[Any], rows: tuple[Any, ...], line: int, nothing: str) -> int:
    if rows:
        return write_rows(page, table, rows, line)
    page.text(line, 0, nothing, page.styles.text())
    return line + 1


def _no_goals(book: Book) -> str:
    if any(goal.missed_by > 0 for goal in book.result.goals):
        return NOT_EXPLAINED
    return NONE_MISSED if book.result.goals else NO_GOALS


def _write_doubt(page: Page, line: int, doubt: Problem) -> None:
    """Write what is doubtful over the width of the other tables."""
    last, form = len(tables.BUDGETS.on_sheet) - 1, page.styles.format(text_wrap=True)
    cell, text = (column.of(doubt) for column in tables.DOUBTS.on_sheet)
    page.text(line, 0, cell, page.styles.of(Role.LONG))
    page.sheet.merge_range(line, 1, line, last, "", form)
    page.text(line, 1, text, form)
    page.height(line, LINE_HEIGHT * wrapped_lines(text, sum(map(page.width, range(1, last + 1)))) + 3)


def indicator_of(book: Book, name: str) -> Indicator:
    """Return an indicator by its name."""
    return next(indicator for indicator in book.result.scenario.indicators if indicator.name == name)


# -- Indicators ----------------------------------------------------------------------------------------------


def write_indicators(book: Book) -> None:
    """Write what the money achieves, and below it each area's part."""
    figures = book.result.indicators
    parts = sum(len(book.layout.moved(f.indicator)) for f in figures)
    page = Page(
        book, "Indicators", f"Indicators — {book.result.scenario.title}", _targets_met(book), rows=len(figures) + parts
    )
    page.unit("Reached = Baseline + the areas' parts below.")
    page.table(INDICATORS)
    below = FIRST + max(len(figures), 1) + 1
    listed = parts <= MOST_PARTS
    for i, (figure, rows) in enumerate(zip(figures, book.layout.part_rows, strict=True)):
        _indicator_line(page, FIRST + i, figure, rows, listed=listed)
    if figures:
        note = "" if listed else f"{parts:,} parts are too many to list."
        page.section(below, PARTS.title, note)
        page.table(PARTS, below + 1)
        for figure, rows in zip(figures, book.layout.part_rows, strict=True):
            for row, area in zip(rows, book.layout.moved(figure.indicator), strict=False):
                _part_line(page, row, figure, area)
    page.finish(freeze=1, repeat=below + 1 if figures else HEAD)


def _targets_met(book: Book) -> str:
    with_target = [f for f in book.result.indicators if f.met is not None]
    if not book.result.indicators:
        return "The scenario has no indicators."
    met = sum(1 for f in with_target if f.met)
    if not with_target:
        return "No indicator has a target."
    one = len(with_target) == 1
    verb = "is" if one or met == 1 else "are"
    return f"As optimised, {met} of {len(with_target)} target{'' if one else 's'} {verb} met."


def _indicator_line(page: Page, row: int, figures: IndicatorFigures, parts: range, *, listed: bool) -> None:
    at = {column.name: i for i, column in enumerate(INDICATORS.columns)}
    styles, trace, indicator = page.styles, page.book.trace, indicator_of(page.book, figures.indicator)
    page.text(row, at["Indicator"], figures.indicator, styles.of(Role.LONG))
    page.number(row, at["Year"], figures.year, styles.of(Role.YEAR))
    page.text(row, at["Unit"], figures.unit, styles.text())
    page.figure(row, at["Baseline"], trace.baseline(indicator), figures.baseline, styles.typed(figures.baseline))
    page.text(row, at["Operator"], SYMBOLS[figures.operator] if figures.operator else "", styles.text(indent=1))
    target = _target(page.book, indicator, figures)
    page.figure(row, at["Target"], target, figures.target, styles.typed(figures.target or ZERO))
    terms = f"+SUM({span(parts[0], parts[-1], PARTS.index('Part'))})" if parts else ""
    formula = f"{ref(row, at['Baseline'])}{terms}" if listed else None
    page.formula(row, at["Reached"], formula, figures.reached, styles.price(bold=True))
    _met(page, row, at["Met"], figures)
    reference = indicator.reference
    if isinstance(reference, int | float) and not isinstance(reference, bool):
        value = Fraction(repr(reference))
        page.figure(row, at["Reference"], trace.reference(indicator, value), value, styles.typed(value))
    else:
        page.text(row, at["Reference"], str(reference or ""), styles.text())


def _target(book: Book, indicator: Indicator, figures: IndicatorFigures) -> str | None:
    """Return the formula of the target that an indicator has in a year."""
    wanted = (figures.operator, figures.target)
    mine = (t for t in indicator.targets if figures.year in t.years and (t.operator, t.value) == wanted)
    name = f"Target of {indicator.name} {figures.year}"
    return next((book.trace.under(t.origin, "Target", name, t.value) for t in mine), None)


def _met(page: Page, row: int, column: int, figures: IndicatorFigures) -> None:
    rows = page.book.result.rows
    index = next(
        (
            i
            for i, f in enumerate(rows)
            if f.row.indicator == figures.indicator
            and (f.row.year, f.row.operator, f.row.value) == (figures.year, figures.operator, figures.target)
        ),
        None,
    )
    look = page.styles.of(Role.FLAG)
    if index is not None:
        met = bounds(rows[index], page.book.result).status is not RowStatus.MISSED
        page.formula(row, column, f'{page.book.layout.rule(index, "Status")}<>"Missed"', met, look)
    elif figures.met is None:
        page.text(row, column, "", look)
    else:
        page.formula(row, column, None, figures.met, look)


def _part_line(page: Page, row: int, figures: IndicatorFigures, area: str) -> None:
    book, styles = page.book, page.styles
    scenario = book.result.scenario
    indicator = indicator_of(book, figures.indicator)
    years = indicator.years_counted(figures.year, scenario.years)
    keys = book.layout.keys([area], years, scenario.source)
    money = sum((book.result.amounts[key] for key in keys), ZERO)
    repeated = (scenario.area[area].last_year or ZERO) * len(years) if indicator.from_last_year else ZERO
    effect = scenario.effects[figures.indicator][area].value
    page.text(row, 0, figures.indicator, styles.of(Role.LONG))
    page.number(row, 1, figures.year, styles.of(Role.YEAR))
    page.text(row, 2, area, styles.text())
    link = book.trace.effect(figures.indicator, area, scenario.effects[figures.indicator][area])
    page.figure(row, 3, link, effect, styles.number(decimals_of(effect, 9)))
    page.formula(row, 4, book.layout.total(keys), money, styles.amount())
    last_year = book.layout.plan_last_year(area)
    several = f"{last_year}*{book.layout.count(years)}" if len(years) > 1 else last_year
    page.figure(row, 5, several if indicator.from_last_year else None, repeated, styles.amount())
    formula = f"{ref(row, 3)}*({ref(row, 4)}-{ref(row, 5)})"
    page.formula(row, 6, formula, effect * difference(money, repeated), styles.price())
