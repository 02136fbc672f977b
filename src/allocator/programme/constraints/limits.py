"""Limits: the least and the most that an area may get in a year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self, override

from allocator.programme.rows import MUST, NOTHING, Constraint, Formulas, Ledger, Linear, Reads, Row, RowKind
from allocator.scenario.model import LIMIT_KINDS, Area, Limits, Scenario, Which
from allocator.scenario.quantities import Funds, Money


@dataclass(frozen=True)
class LimitConstraint(Constraint):
    """Minimum ≤ x[a,t] ≤ Maximum; Minimum share·B[t] ≤ xG[a,t] ≤ Maximum share·B[t]; for parts, on their sum.

    Unit: money. Price: what one more unit of the limit adds: at most 0 for a minimum, at least 0 for a maximum.
    """

    area: Area
    parts: tuple[str, ...]
    sources: tuple[str, ...]
    """Those whose money counts: of a share the budget's, else all."""
    year: int
    which: Which
    limits: Limits

    fields = ("areas", "limits")
    kind = RowKind("limit", of_area=True)

    @override
    @classmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        everything = tuple(scenario.source)
        for area in scenario.areas:
            parts = scenario.parts[area.name]
            for year in scenario.years:
                if (limits := scenario.limits.get((area.name, year))) is not None:
                    for which, kind in LIMIT_KINDS.items():
                        if getattr(limits, which) is not None:
                            sources = scenario.budget_sources if kind.of_share else everything
                            yield cls(area, parts, sources, year, which, limits)

    @property
    def heading(self) -> str:
        """The column that it stands in."""
        return LIMIT_KINDS[self.which].heading

    @property
    def of_share(self) -> bool:
        """Whether its number is a part of the budget."""
        return LIMIT_KINDS[self.which].of_share

    @property
    def left(self) -> Money:
        """The money that it limits."""
        return Money(self.parts, self.sources, (self.year,))

    @property
    def base(self) -> Funds | None:
        """The budget that a share is a part of."""
        return Funds(self.sources, (self.year,)) if self.of_share else None

    @property
    @override
    def reads(self) -> Reads:
        return Reads(budgets=frozenset([self.year])) if self.of_share else NOTHING

    @override
    def row(self, ledger: Ledger) -> Row:
        value: Fraction = getattr(self.limits, self.which)
        budget = None if self.base is None else ledger.linear(self.base)
        return Row(
            name=f"{self.heading}: {self.area.name}",
            year=self.year,
            kind=self.kind,
            subject=self.area.name,
            left=ledger.linear(self.left),
            operator=LIMIT_KINDS[self.which].operator,
            right=Linear(constant=value) if budget is None else budget * value,
            value=value,
            base=budget,
            unit=ledger.scenario.unit,
            strength=MUST,
            cell=self.limits.cells[self.which],
            origin=self.area.origin,
            of=self,
        )

    @override
    def at(self, value: Fraction, scenario: Scenario) -> LimitConstraint:
        limits: Limits = replace(self.limits, **{self.which: value})  # type: ignore[arg-type]  # one of its fields
        return replace(self, limits=limits)

    @override
    def left_formula(self, formulas: Formulas) -> str | None:
        return formulas.quantity(self.left)

    @override
    def base_formula(self, formulas: Formulas) -> str | None:
        return formulas.budget(self.year) if self.of_share else None
