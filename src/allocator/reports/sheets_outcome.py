"""The sheets about outcomes: Indicators, and Workings with the objective in live form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from allocator.analyses.result import IndicatorFigures, RowStatus
from allocator.programme.rows import RowKind
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.layout import FIRST, HEAD, LIVE_ROWS, joined, literal, ref, span
from allocator.reports.page import Book, Page
from allocator.reports.words import SYMBOLS, decimals_of, exactly, number, objective_unit
from allocator.scenario.model import Band, Indicator

ZERO = Fraction(0)
MOST_PARTS = 60_000
"""More lines than this no reader wants, and no spreadsheet opens in a moment."""


def indicator_of(book: Book, name: str) -> Indicator:
    """Return an indicator by its name."""
    return next(indicator for indicator in book.result.scenario.indicators if indicator.name == name)


# -- Indicators ----------------------------------------------------------------------------------------------


def write_indicators(book: Book) -> None:
    """Write what the money achieves, and below it each area's part."""
    figures = book.result.indicators
    parts = sum(len(_effects(book, f)) for f in figures)
    page = Page(
        book, "Indicators", f"Indicators — {book.result.scenario.title}", _message(book), rows=len(figures) + parts
    )
    page.unit("Reached = Baseline + the areas' parts below.")
    page.table(tables.INDICATORS)
    below = FIRST + max(len(figures), 1) + 1
    start = below + 2
    listed = parts <= MOST_PARTS
    for i, figure in enumerate(figures):
        count = len(_effects(book, figure)) if listed else 0
        _indicator_line(page, FIRST + i, figure, (start, start + count - 1), listed=listed)
        start += count
    if figures:
        note = "" if listed else f"{parts:,} parts are too many to list."
        page.section(below, tables.PARTS.title, note)
        page.table(tables.PARTS, below + 1)
        if listed:
            _parts(page, below + 2)
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


def _effects(book: Book, figures: IndicatorFigures) -> list[str]:
    """Return the areas that move an indicator, in the workbook's order."""
    effects = book.result.scenario.effects.get(figures.indicator, {})
    return [area.name for area in book.result.scenario.leaves if area.name in effects]


def _indicator_line(page: Page, row: int, figures: IndicatorFigures, parts: tuple[int, int], *, listed: bool) -> None:
    at = {column.name: i for i, column in enumerate(tables.INDICATORS.columns)}
    styles = page.styles
    page.text(row, at["Indicator"], figures.indicator, styles.of(Role.LONG))
    page.number(row, at["Year"], figures.year, styles.of(Role.YEAR))
    page.text(row, at["Unit"], figures.unit, styles.text())
    page.number(row, at["Baseline"], figures.baseline, styles.typed(figures.baseline))
    page.text(row, at["Operator"], SYMBOLS[figures.operator] if figures.operator else "", styles.text(indent=1))
    page.number(row, at["Target"], figures.target, styles.typed(figures.target or ZERO))
    first, last = parts
    terms = f"+SUM({span(first, last, tables.PARTS.index('Part'))})" if last >= first else ""
    formula = f"{ref(row, at['Baseline'])}{terms}" if listed else None
    page.formula(row, at["Reached"], formula, figures.reached, styles.price(bold=True))
    _met(page, row, at["Met"], figures)
    reference = indicator_of(page.book, figures.indicator).reference
    if isinstance(reference, int | float) and not isinstance(reference, bool):
        page.number(row, at["Reference"], reference, styles.typed(Fraction(repr(reference))))
    else:
        page.text(row, at["Reference"], str(reference or ""), styles.text())


def _met(page: Page, row: int, column: int, figures: IndicatorFigures) -> None:
    rows = page.book.result.rows
    index = next(
        (
            i
            for i, f in enumerate(rows)
            if f.row.kind is RowKind.INDICATOR
            and f.row.indicator == figures.indicator
            and (f.row.year, f.row.operator, f.row.value) == (figures.year, figures.operator, figures.target)
        ),
        None,
    )
    look = page.styles.of(Role.FLAG)
    if index is not None:
        met = rows[index].status is not RowStatus.MISSED
        page.formula(row, column, f'{page.book.layout.rule(index, "Status")}<>"Missed"', met, look)
    elif figures.met is None:
        page.text(row, column, "", look)
    else:
        page.formula(row, column, None, figures.met, look)


def _parts(page: Page, row: int) -> None:
    for figures in page.book.result.indicators:
        for area in _effects(page.book, figures):
            _part_line(page, row, figures, area)
            row += 1


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
    page.number(row, 3, effect, styles.number(decimals_of(effect, 9)))
    page.formula(row, 4, book.layout.total(keys), money, styles.amount())
    page.number(row, 5, repeated, styles.amount())
    formula = f"{ref(row, 3)}*({ref(row, 4)}-{ref(row, 5)})"
    page.formula(row, 6, formula, effect * (money - repeated), styles.price())


# -- the objective -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slope:
    """An area-year's part in the objective: a first coefficient, and where it falls by how much."""

    first: Fraction
    falls: tuple[tuple[Fraction, Fraction], ...] = ()
    """(amount, by how much the coefficient changes there)."""
    factor: Fraction = Fraction(1)
    """The discount factor."""

    def value(self, amount: Fraction) -> Fraction:
        """Return the part at an amount."""
        return self.factor * (
            self.first * amount + sum((fall * max(ZERO, amount - at) for at, fall in self.falls), ZERO)
        )

    def formula(self, amount: str, first: str, factor: str) -> str:
        """Return the part as a formula over the cells of amount, first coefficient and factor."""
        falls = [f"{literal(fall)}*MAX(0,{amount}-{literal(at)})" for at, fall in self.falls]
        return f"{factor}*({joined([f'{first}*{amount}', *falls])})"

    @property
    def words(self) -> str:
        """Where the coefficient falls, for readers."""
        return "; ".join(f"{exactly(fall)} above {exactly(at)}" for at, fall in self.falls)


class Workings:
    """The objective as a sum over area-years, at the amounts as optimised and at those in force."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.scenario = book.result.scenario
        self.pairs = [(area.name, year) for area in self.scenario.leaves for year in self.scenario.years]
        self.live = len(self.pairs) <= LIVE_ROWS

    @cached_property
    def unit(self) -> str:
        """What the objective is measured in."""
        return objective_unit(self.scenario)

    @cached_property
    def weights(self) -> Mapping[str, Fraction]:
        """Area → benefit per unit of money from indicators that have a weight."""
        found: dict[str, Fraction] = {}
        for indicator in self.scenario.indicators:
            for area, effect in self.scenario.effects.get(indicator.name, {}).items():
                if indicator.weight:
                    found[area] = found.get(area, ZERO) + indicator.weight * effect.value
        return found

    def slope(self, area: str, year: int) -> Slope:
        """Return an area-year's part in the objective."""
        objective = self.scenario.objective
        if objective.indicator is not None:
            return Slope(self._effect(objective.indicator, area, year))
        if not objective.maximise:
            return Slope(Fraction(1))
        weight, factor = self.weights.get(area, ZERO), self.scenario.discount(year)
        bands: tuple[Band, ...] = self.scenario.bands.get((area, year), ())
        if not bands:
            return Slope(self.scenario.area[area].benefit + weight, (), factor)
        pairs = pairwise(bands)
        falls = tuple((after.start, after.benefit - before.benefit) for before, after in pairs)
        return Slope(bands[0].benefit + weight, falls, factor)

    def _effect(self, name: str, area: str, year: int) -> Fraction:
        indicator = indicator_of(self.book, name)
        effects = self.scenario.effects.get(name, {})
        counted = year in indicator.years_counted(indicator.last_year, self.scenario.years)
        return effects[area].value if counted and area in effects else ZERO

    @cached_property
    def constant(self) -> Fraction:
        """What the objective is without any money: an indicator's baseline, less what last year's money counts."""
        name = self.scenario.objective.indicator
        if name is None:
            return ZERO
        indicator = indicator_of(self.book, name)
        if not indicator.from_last_year:
            return indicator.baseline
        years = len(indicator.years_counted(indicator.last_year, self.scenario.years))
        repeated = sum(
            (
                e.value * (self.scenario.area[a].last_year or ZERO)
                for a, e in self.scenario.effects.get(name, {}).items()
            ),
            ZERO,
        )
        return indicator.baseline - years * repeated

    @cached_property
    def value(self) -> Fraction:
        """The objective at the amounts as optimised, recomputed."""
        parts = (self.slope(a, t).value(self.book.result.amount(a, t)) for a, t in self.pairs)
        return sum(parts, self.constant)

    def at(self, amounts: Mapping[tuple[str, int], Fraction]) -> Fraction:
        """Return the objective at other yearly amounts of the areas."""
        return sum((self.slope(a, t).value(amounts[a, t]) for a, t in self.pairs), self.constant)

    @property
    def total_row(self) -> int:
        """The row of the objective, below the constant's."""
        return FIRST + len(self.pairs) + 1

    def objective(self, column: str) -> str:
        """Return the address of the objective, `From Amount` or `From In force`."""
        return f"Workings!{ref(self.total_row, tables.WORKINGS.index(column), fixed=True)}"


def write_workings(book: Book, workings: Workings) -> Page:
    """Write the objective; return the page, to which the charts' figures are added."""
    objective = book.result.scenario.objective
    page = Page(
        book,
        "Workings",
        f"Workings — {book.result.scenario.title}",
        f"{str(objective).capitalize()}: {number(workings.value, 3)} {workings.unit}, as optimised.",
        rows=len(workings.pairs),
    )
    page.unit("From In force = Discount factor × (Per unit × In force + what the bands take off above their starts).")
    page.table(tables.WORKINGS)
    for i, (area, year) in enumerate(workings.pairs):
        _working_line(page, FIRST + i, area, year, workings.slope(area, year))
    _working_totals(page, workings)
    return page


def _working_line(page: Page, row: int, area: str, year: int, slope: Slope) -> None:
    book, styles = page.book, page.styles
    at = {column.name: i for i, column in enumerate(tables.WORKINGS.columns)}
    keys = book.layout.keys([area], [year], book.result.scenario.source)
    amount = book.result.amount(area, year)
    page.text(row, at["Area"], area, styles.text())
    page.number(row, at["Year"], year, styles.of(Role.YEAR))
    for name, column in (("Amount", "Amount"), ("In force", "In force")):
        page.formula(row, at[name], book.layout.total(keys, column), amount, styles.amount())
    page.number(row, at["Per unit"], slope.first, styles.price())
    page.text(row, at["Bands"], slope.words, styles.of(Role.LONG))
    page.number(row, at["Discount factor"], slope.factor, styles.price())
    for name, of in (("From Amount", "Amount"), ("From In force", "In force")):
        formula = slope.formula(ref(row, at[of]), ref(row, at["Per unit"]), ref(row, at["Discount factor"]))
        page.formula(row, at[name], formula, slope.value(amount), styles.price())


def _working_totals(page: Page, workings: Workings) -> None:
    row, look = workings.total_row, {"bold": True, "top": 1}
    page.text(row - 1, 0, "Without any money", page.styles.text())
    page.text(row, 0, f"Objective, {workings.unit}", page.styles.text(**look))
    for column in range(1, len(tables.WORKINGS.columns)):
        page.text(row, column, "", page.styles.text(**look))
    for name in ("From Amount", "From In force"):
        column = tables.WORKINGS.index(name)
        page.number(row - 1, column, workings.constant, page.styles.price())
        page.formula(row, column, f"SUM({span(FIRST, row - 1, column)})", workings.value, page.styles.price(**look))
