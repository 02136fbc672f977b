"""The two sides of each row of Rules as formulas over other sheets: no figure stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.programme.rows import Row
from allocator.reports.layout import LONGEST_FORMULA, joined
from allocator.reports.page import Book
from allocator.scenario.model import Band
from allocator.scenario.quantities import Funds, Money, Quantity, Rescaled, Sum


class Sides:
    """Formulas for the figures of rows; None stands for a figure that no cells hold: it is typed.

    What a row is made of it is asked itself; this says where that stands (`programme.rows.Formulas`).
    """

    def __init__(self, book: Book) -> None:
        self.layout, self.trace = book.layout, book.trace
        self.scenario = book.result.scenario

    # The figures of a row

    def left(self, row: Row) -> str | None:
        """Return the formula of the left side."""
        return self.layout.formula(row.left) if row.of is None else _short(row.of.left_formula(self))

    def value(self, row: Row) -> str | None:
        """Return the formula of Value, the number as written: the input cell, or a sum of Budget cells."""
        return None if row.of is None else row.of.value_formula(row, self)

    def basis(self, row: Row) -> str | None:
        """Return the formula of the basis amount: money on Allocation, or Budget cells on Plan and Funds."""
        return None if row.of is None else _short(row.of.base_formula(self))

    def divisor(self, row: Row, value: str) -> str | None:
        """Return the formula of what a goal's shortfall is divided by; `value` is the address of its Value."""
        return None if row.of is None else row.of.divisor_formula(value, self)

    # Where what it is made of stands

    def quantity(self, quantity: Quantity) -> str:
        """Return the formula of a quantity."""
        match quantity:
            case Money():
                return self._money(quantity)
            case Funds(sources, years) if years[0] < self.scenario.years[0]:
                return self.layout.available_before(sources, years[0] + 1)
            case Funds(sources, years):
                return self.layout.available(sources, years)
            case Rescaled(of, now, then):
                return "/".join(["*".join(map(self._factor, (of, now))), self._factor(then)])
            case Sum(parts):
                return joined([self._part(factor, part) for factor, part in parts])

    def _money(self, money: Money) -> str:
        areas = tuple(area.name for area in self.scenario.leaves) if money.areas is None else money.areas
        if money.years[0] < self.scenario.years[0]:
            return self.layout.money_before(areas, money.years[0] + 1, money.sources)
        return self.layout.total(self.layout.keys(areas, money.years, money.sources))

    def _factor(self, quantity: Quantity) -> str:
        return _bracketed(self.quantity(quantity))

    def _part(self, factor: Fraction, quantity: Quantity) -> str:
        if factor == 1:
            return self.quantity(quantity)
        times = "" if abs(factor.numerator) == 1 else f"{abs(factor.numerator)}*"
        over = "" if factor.denominator == 1 else f"/{factor.denominator}"
        return f"{'-' if factor < 0 else ''}{times}{self._factor(quantity)}{over}"

    def figure(self, row: Row) -> str | None:
        """Return the formula that reads the row's number from its cell."""
        return self.trace.figure(row.label, row.cell, row.value)

    def available(self, source: str, years: Sequence[int], row: Row) -> str | None:
        """Return the formula of a Budget row's right side: that year's cell, or with carry-over all up to it."""
        link = self.trace.link(row.cell, row.value) if len(years) == 1 else None
        return link or self.layout.funds_of([source], years, "Available")

    def band_end(self, area: str, band: Band) -> str | None:
        """Return the formula of where an area's band ends."""
        return self.trace.band_end(self.scenario.area[area], band, self.layout.plan_last_year(area))

    def indicator(self, name: str, year: int) -> str | None:
        """Return the formula of an indicator's value."""
        return self.layout.indicator(name, year) if (name, year) in self.layout.indicator_row else None

    def budget(self, year: int) -> str:
        """Return the formula of a year's budget."""
        return self.layout.budget(year)

    def budgets(self, years: Sequence[int]) -> str | None:
        """Return the formula of these years' budgets; None where they are nothing."""
        some = any(self.scenario.budget(year) for year in years)
        return self.layout.available(self.scenario.budget_sources, years) if some else None


def _bracketed(text: str) -> str:
    return f"({text})" if "+" in text or "-" in text else text


def _short(text: str | None) -> str | None:
    return None if text is None or len(text) > LONGEST_FORMULA else text
