"""The two sides of each row of Rules as formulas over other sheets: no number stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from allocator.programme.build import Slot, slots
from allocator.programme.rows import Row, RowKind
from allocator.reports.layout import LONGEST_FORMULA
from allocator.reports.page import Book
from allocator.scenario.model import BasisKind, Cell, Rule, Subject


class Sides:
    """Formulas for the figures of rows; None stands for a figure that no cells hold: it is typed."""

    def __init__(self, book: Book) -> None:
        self.book, self.layout, self.trace = book, book.layout, book.trace
        self.scenario = book.result.scenario

    @cached_property
    def _slots(self) -> Mapping[tuple[Cell, str, int | None], Slot]:
        """(cell, row name, year) → the rule, subject and years that the row is of; not of rules that count no money."""
        return {
            (rule.origin.cell("Value"), rule.row_name(subject), None if rule.together else years[0]): (
                rule,
                subject,
                years,
            )
            for rule, subject, years in slots(self.scenario)
            if rule.sources
        }

    def slot(self, row: Row) -> Slot | None:
        """Return the rule that a row is of; None for limits, budgets, targets and held sums."""
        return (
            self._slots.get((row.cell, row.name, row.year)) if row.kind is RowKind.RULE and not row.held_sum else None
        )

    def left(self, row: Row) -> str | None:
        """Return the formula of the left side."""
        if (
            row.indicator is not None
            and row.year is not None
            and (row.indicator, row.year) in self.layout.indicator_row
        ):
            return self.layout.indicator(row.indicator, row.year)
        slot = self.slot(row)
        if slot is None or slot[0].basis.kind is not BasisKind.POINTS:
            return self.layout.formula(row.left)
        rule, subject, years = slot
        money = self.layout.total(self.layout.keys(subject.areas, years, rule.sources))
        return _short(f"{money}-{self._share_before(rule, subject, years[0])}")

    def value(self, row: Row) -> str | None:
        """Return the formula of Value, the number as written: the input cell, or a sum of Budget cells."""
        if row.kind is RowKind.BUDGET and row.subject in self.scenario.source and row.year is not None:
            return self._budget(row, row.year)
        if row.kind is RowKind.LIMIT and row.name == f"Last band: {row.subject}" and row.year is not None:
            bands = self.scenario.bands.get((row.subject, row.year), ())
            area = self.scenario.area[row.subject]
            return self.trace.band_end(area, bands[-1], self.layout.plan_last_year(area.name)) if bands else None
        return None if row.held_sum else self.trace.figure(row.label, row.cell, row.value)

    def _budget(self, row: Row, year: int) -> str:
        """Return the formula of a Budget row's right side: that year's cell, or with carry-over all up to it."""
        carries = self.scenario.source[row.subject].carry_over
        years = [t for t in self.scenario.years if t <= year] if carries else [year]
        link = self.trace.link(row.cell, row.value) if len(years) == 1 else None
        return link or self.layout.funds_of([row.subject], years, "Available")

    def basis(self, row: Row) -> str | None:
        """Return the formula of the basis amount: money on Allocation, or Budget cells on Plan and Funds."""
        slot = self.slot(row)
        if slot is not None:
            return _short(self._rule_basis(row, *slot))
        if row.base is None:
            return None
        if row.base.terms:
            return self.layout.formula(row.base)
        same = row.year is not None and row.base.constant == self.scenario.budget(row.year)
        return self.layout.budget(row.year) if same and row.year is not None else None

    def _rule_basis(self, row: Row, rule: Rule, subject: Subject, years: Sequence[int]) -> str | None:
        match rule.basis.kind:
            case BasisKind.AMOUNT:
                return None
            case BasisKind.BUDGET | BasisKind.POINTS:
                return self.layout.available(rule.basis.sources, years)
            case BasisKind.SPENDING | BasisKind.AREA:
                return self.layout.formula(row.base) if row.base is not None else None
            case BasisKind.LAST_YEAR | BasisKind.CHANGE:
                return self.layout.money_before(subject.areas, years[0], rule.basis.sources)
            case BasisKind.LAST_SHARE:
                return self._share_before(rule, subject, years[0])

    def _share_before(self, rule: Rule, subject: Subject, year: int) -> str:
        """Return the formula of what last year's share would be of this year's budget."""
        before = self.layout.money_before(subject.areas, year, rule.sources)
        now, then = self.layout.available(rule.sources, [year]), self.layout.available_before(rule.sources, year)
        return "/".join(["*".join(map(_bracketed, (before, now))), _bracketed(then)])

    def divisor(self, row: Row, value: str) -> str | None:
        """Return the formula of what a goal's shortfall is divided by; `value` is the address of its Value."""
        slot = self.slot(row)
        if slot is not None:
            budgets = sum((self.scenario.budget(year) for year in slot[2]), Fraction(0))
            return self.layout.available(self.scenario.budget_sources, slot[2]) if budgets else None
        return f"ABS({value})" if row.kind is RowKind.INDICATOR and row.divisor == abs(row.value) else None


def _bracketed(text: str) -> str:
    return f"({text})" if "+" in text or "-" in text else text


def _short(text: str | None) -> str | None:
    return None if text is None or len(text) > LONGEST_FORMULA else text
