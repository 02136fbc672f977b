"""The sheet Indicators: what the money achieves, and each area's part in it."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.figures import IndicatorFigures, RowStatus
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.layout import FIRST, HEAD, MOST_PARTS, difference, ref, span
from allocator.reports.page import Book, Page
from allocator.reports.sheets_rules import bounds
from allocator.reports.words import SYMBOLS, decimals_of
from allocator.scenario.model import Indicator

ZERO = Fraction(0)


def indicator_of(book: Book, name: str) -> Indicator:
    """Return an indicator by its name."""
    return next(indicator for indicator in book.result.scenario.indicators if indicator.name == name)


# -- Indicators ----------------------------------------------------------------------------------------------


def write_indicators(book: Book) -> None:
    """Write what the money achieves, and below it each area's part."""
    figures = book.result.indicators
    parts = sum(len(book.layout.moved(f.indicator)) for f in figures)
    page = Page(
        book, "Indicators", f"Indicators — {book.result.scenario.title}", _message(book), rows=len(figures) + parts
    )
    page.unit("Reached = Baseline + the areas' parts below.")
    page.table(tables.INDICATORS)
    below = FIRST + max(len(figures), 1) + 1
    listed = parts <= MOST_PARTS
    for i, (figure, rows) in enumerate(zip(figures, book.layout.part_rows, strict=True)):
        _indicator_line(page, FIRST + i, figure, rows, listed=listed)
    if figures:
        note = "" if listed else f"{parts:,} parts are too many to list."
        page.section(below, tables.PARTS.title, note)
        page.table(tables.PARTS, below + 1)
        for figure, rows in zip(figures, book.layout.part_rows, strict=True):
            for row, area in zip(rows, book.layout.moved(figure.indicator), strict=False):
                _part_line(page, row, figure, area)
    page.finish(freeze=1, repeat=below + 1 if figures else HEAD)


def _message(book: Book) -> str:
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
    at = {column.name: i for i, column in enumerate(tables.INDICATORS.columns)}
    styles, trace, indicator = page.styles, page.book.trace, indicator_of(page.book, figures.indicator)
    page.text(row, at["Indicator"], figures.indicator, styles.of(Role.LONG))
    page.number(row, at["Year"], figures.year, styles.of(Role.YEAR))
    page.text(row, at["Unit"], figures.unit, styles.text())
    page.figure(row, at["Baseline"], trace.baseline(indicator), figures.baseline, styles.typed(figures.baseline))
    page.text(row, at["Operator"], SYMBOLS[figures.operator] if figures.operator else "", styles.text(indent=1))
    target = _target(page.book, indicator, figures)
    page.figure(row, at["Target"], target, figures.target, styles.typed(figures.target or ZERO))
    terms = f"+SUM({span(parts[0], parts[-1], tables.PARTS.index('Part'))})" if parts else ""
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
