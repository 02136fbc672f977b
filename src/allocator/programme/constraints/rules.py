"""Rules: a sum of money against a part of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
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
from allocator.scenario.bases import Demand
from allocator.scenario.model import Rule, Scenario, Subject
from allocator.scenario.quantities import Funds, Quantity, atoms


@dataclass(frozen=True)
class RuleConstraint(Constraint):
    """S[t] op (offset + Value)·basis[t] for each subject and year of each rule; see `scenario.bases`.

    `together` sums both sides over the years; an amount is then the whole period's. Unit: money. Price: what one more
    unit on the right-hand side adds: at most 0 for a floor, at least 0 for a cap.
    """

    rule: Rule
    subject: Subject
    years: tuple[int, ...]
    """One, or years together."""
    first: int
    """The scenario's first year."""

    fields = ("rules",)
    kind = RowKind("rule", stated=True)

    @override
    @classmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        for rule in scenario.rules:
            if rule.strength.kind != "off":
                for subject in rule.subjects:
                    for years in [rule.years] if rule.together else [(year,) for year in rule.years]:
                        yield cls(rule, subject, years, scenario.years[0])

    @property
    def _demand(self) -> Demand:
        return self.rule.demand(self.subject, self.years, self.first - 1)

    @cached_property
    def left(self) -> Quantity:
        """The money that is compared."""
        return self.rule.basis.left(self._demand)

    @cached_property
    def base(self) -> Quantity | None:
        """What Value is a part of; None for an amount."""
        return self.rule.basis.base(self._demand)

    @property
    @override
    def title(self) -> str:
        return self.rule.name

    @property
    @override
    def reads(self) -> Reads:
        return self._reads

    @cached_property
    def _reads(self) -> Reads:
        """Budgets as a basis or a goal's measure, and the year before the first."""
        found = [*atoms(self.left), *(atoms(self.base) if self.base is not None else ())]
        years = {year for part in found if isinstance(part, Funds) for year in part.years if year >= self.first}
        past = any(min(part.years) < self.first for part in found)
        return Reads(frozenset(years.union(self.years if self.rule.strength.kind == "goal" else ())), past)

    @override
    def row(self, ledger: Ledger) -> Row:
        rule = self.rule
        left = ledger.linear(self.left)
        base = None if self.base is None else ledger.linear(self.base)
        factor = rule.basis.offset + rule.value if rule.basis.offset else rule.value
        right = Linear(constant=factor) if base is None else base * factor
        return Row(
            name=rule.row_name(self.subject),
            year=None if rule.together else self.years[0],
            kind=self.kind,
            subject=self.subject.name if rule.counted in ("budget", "all") else f"{self.subject.name} ({rule.counted})",
            left=left,
            operator=rule.operator,
            right=right,
            value=rule.value,
            base=base,
            offset=rule.basis.offset,
            unit=ledger.scenario.unit,
            strength=rule.strength,
            cell=rule.origin.cell("Value"),
            origin=rule.origin,
            margin=_margin(ledger.scenario, right.constant - left.constant) if rule.operator.strict else ZERO,
            divisor=_budgets(ledger.scenario, self.years) if rule.strength.kind == "goal" else ONE,
            of=self,
        )

    @override
    def number(self, row: Row, scenario: Scenario) -> Number:
        basis, value = self.rule.basis, self.rule.value
        most = ONE if basis.whole and not row.operator.upper else basis.most
        return Number(
            row.cell,
            value,
            share=basis.percent,
            least=None if basis.least is None else min(basis.least, value),
            most=None if most is None else max(most, value),
        )

    @override
    def at(self, value: Fraction, scenario: Scenario) -> RuleConstraint:
        return replace(self, rule=replace(self.rule, value=value))

    @override
    def left_formula(self, formulas: Formulas) -> str | None:
        return formulas.quantity(self.left)

    @override
    def base_formula(self, formulas: Formulas) -> str | None:
        return None if self.base is None else formulas.quantity(self.base)

    @override
    def divisor_formula(self, value: str, formulas: Formulas) -> str | None:
        return formulas.budgets(self.years)


def _budgets(scenario: Scenario, years: tuple[int, ...]) -> Fraction:
    """Return what a goal's shortfall is a part of: these years' budgets, or 1 where they are nothing."""
    return sum((scenario.budget(year) for year in years), ZERO) or ONE


def _margin(scenario: Scenario, constant: Fraction) -> Fraction:
    """Return how much a strict comparison is to be exceeded by."""
    return scenario.step or STRICT_PART * max(ONE, abs(constant))
