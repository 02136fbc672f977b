"""Budgets: no source pays more than it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self, override

from allocator.programme.rows import MUST, ZERO, Constraint, Formulas, Ledger, Linear, Row, RowKind
from allocator.scenario.model import Operator, Scenario, Source
from allocator.scenario.quantities import Money


@dataclass(frozen=True)
class BudgetConstraint(Constraint):
    """Σ_a x[a,t,s] ≤ b[s,t], or = where all must be spent; with carry-over, sums over all years up to t.

    Unit: money. Price: what one more unit of this source in this year would add, the shares left as they are.
    """

    source: Source
    years: tuple[int, ...]
    """Those whose money counts; the row stands for the last of them."""
    exact: bool
    """Whether all must be spent by then."""

    fields = ("sources",)
    kind = RowKind("budget", supply=True)

    @override
    @classmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        last = scenario.years[-1]
        for source in scenario.sources:
            for year in scenario.years:
                years = tuple(t for t in scenario.years if t <= year) if source.carry_over else (year,)
                yield cls(source, years, source.spend_all and (not source.carry_over or year == last))

    @property
    def left(self) -> Money:
        """What its source pays in its years."""
        return Money(None, (self.source.name,), self.years)

    @override
    def row(self, ledger: Ledger) -> Row:
        year = self.years[-1]
        available = sum((self.source.available[t] for t in self.years), ZERO)
        return Row(
            name=budget_name(self.source),
            year=year,
            kind=self.kind,
            subject=self.source.name,
            left=ledger.linear(self.left),
            operator=Operator.EQUAL if self.exact else Operator.AT_MOST,
            right=Linear(constant=available),
            value=available,
            unit=ledger.scenario.unit,
            strength=MUST,
            cell=self.source.origin.cell(str(year)),
            origin=self.source.origin,
            of=self,
        )

    @override
    def at(self, value: Fraction, scenario: Scenario) -> BudgetConstraint:
        money = {**self.source.available, self.years[-1]: value}
        return replace(self, source=replace(self.source, available=money))

    @override
    def left_formula(self, formulas: Formulas) -> str | None:
        return formulas.quantity(self.left)

    @override
    def value_formula(self, row: Row, formulas: Formulas) -> str | None:
        return formulas.available(self.source.name, self.years, row)


def budget_name(source: Source) -> str:
    """Return the name of a source's rows."""
    return f"Budget: {source.name}"
