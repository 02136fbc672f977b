"""Targets: what indicators are to reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self, override

from allocator.programme.rows import (
    ONE,
    STRICT_PART,
    ZERO,
    Constraint,
    Formulas,
    Ledger,
    Linear,
    Number,
    Reads,
    Row,
    RowKind,
)
from allocator.scenario.model import Indicator, Operator, Scenario, Target


@dataclass(frozen=True)
class TargetConstraint(Constraint):
    """value[t] = Baseline + Σ over the years counted Σ_a effect·(x[a,t] − m·Last year[a]), op Target.

    Unit: the indicator's. Price: what one more unit of the target adds.
    """

    indicator: Indicator
    target: Target
    year: int
    operator: Operator
    value: Fraction

    fields = ("indicators",)
    kind = RowKind("indicator", money=False, outcome=True, stated=True)

    @override
    @classmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        for indicator in scenario.indicators:
            for target in indicator.targets:
                if target.operator is not None and target.value is not None and target.strength.kind != "off":
                    for year in target.years:
                        yield cls(indicator, target, year, target.operator, target.value)

    @property
    @override
    def reads(self) -> Reads:
        return Reads(past=self.indicator.from_last_year, effects=frozenset([self.indicator.name]))

    @override
    def row(self, ledger: Ledger) -> Row:
        origin = self.target.origin
        return Row(
            name=self.indicator.name,
            year=self.year,
            kind=self.kind,
            subject=self.indicator.name,
            left=indicator_value(ledger.scenario, self.indicator, self.year, ledger),
            operator=self.operator,
            right=Linear(constant=self.value),
            value=self.value,
            unit=self.indicator.unit,
            strength=self.target.strength,
            cell=origin.cell("Target"),
            origin=origin,
            margin=STRICT_PART * max(ONE, abs(self.value)) if self.operator.strict else ZERO,
            divisor=abs(self.value) or ONE,
            indicator=self.indicator.name,
            of=self,
        )

    @override
    def number(self, row: Row, scenario: Scenario) -> Number:
        return replace(super().number(row, scenario), least=None)

    @override
    def at(self, value: Fraction, scenario: Scenario) -> TargetConstraint:
        return replace(self, value=value)

    @override
    def left_formula(self, formulas: Formulas) -> str | None:
        return formulas.indicator(self.indicator.name, self.year)

    @override
    def divisor_formula(self, value: str, formulas: Formulas) -> str | None:
        return f"ABS({value})" if self.value else None


def indicator_value(scenario: Scenario, indicator: Indicator, year: int, ledger: Ledger | None = None) -> Linear:
    """Return an indicator's value in `year` as an expression in the amounts, Baseline included."""
    ledger = ledger or Ledger(scenario)
    years = indicator.years_counted(year, scenario.years)
    effects = scenario.effects.get(indicator.name, {})
    constant = indicator.baseline
    if indicator.from_last_year:
        past = (effect.value * (scenario.area[name].last_year or ZERO) for name, effect in effects.items())
        constant -= sum(past, ZERO) * len(years)
    return Linear(ledger.moved(effects, years).terms, constant)
