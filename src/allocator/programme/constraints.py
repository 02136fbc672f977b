"""What a scenario demands of a plan: each family of constraints a class, each demand an instance of one.

Budgets, limits of areas and last bands bound money by themselves; rules set a sum of money against a part of another;
targets say what indicators are to reach.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Self, override

from allocator.programme.rows import (
    MUST,
    NOTHING,
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
from allocator.scenario.bases.basis import Funds, Money, Quantity, atoms
from allocator.scenario.cells import is_blank
from allocator.scenario.model import (
    LIMIT_KINDS,
    Area,
    Band,
    Indicator,
    Limits,
    Operator,
    Rule,
    Scenario,
    Source,
    Subject,
    Target,
    Which,
)


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


AMOUNT, PART = "Up to", "Up to, of last year"
"""The columns of Benefits that a band's end may stand in."""


@dataclass(frozen=True)
class LastBandConstraint(Constraint):
    """x[a,t] ≤ the last band's end, where it has one. Unit: money. Price: as a maximum's."""

    area: str
    sources: tuple[str, ...]
    """All of them."""
    year: int
    band: Band
    end: Fraction

    fields = ("bands",)
    kind = RowKind("limit", of_area=True)

    @override
    @classmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        sources = tuple(scenario.source)
        for (area, year), bands in scenario.bands.items():
            if bands and (end := bands[-1].end) is not None:
                yield cls(area, sources, year, bands[-1], end)

    @property
    def left(self) -> Money:
        """The money that it limits."""
        return Money((self.area,), self.sources, (self.year,))

    @override
    def row(self, ledger: Ledger) -> Row:
        origin = self.band.origin
        return Row(
            name=f"Last band: {self.area}",
            year=self.year,
            kind=self.kind,
            subject=self.area,
            left=ledger.linear(self.left),
            operator=Operator.AT_MOST,
            right=Linear(constant=self.end),
            value=self.end,
            unit=ledger.scenario.unit,
            strength=MUST,
            cell=origin.cell(AMOUNT if AMOUNT in origin.columns else PART),
            origin=origin,
            of=self,
        )

    def of_last_year(self, scenario: Scenario) -> bool:
        """Whether its end is typed as a part of what the area got last year."""
        columns = self.band.origin.columns
        return PART in columns and (AMOUNT not in columns or is_blank(scenario.raw(self.band.origin.cell(AMOUNT))))

    @override
    def number(self, row: Row, scenario: Scenario) -> Number:
        number = super().number(row, scenario)
        if not self.of_last_year(scenario):
            return number
        last = scenario.area[self.area].last_year
        value = self.end / last if last else ZERO
        return replace(number, cell=self.band.origin.cell(PART), value=value, share=True)

    @override
    def at(self, value: Fraction, scenario: Scenario) -> LastBandConstraint:
        last = scenario.area[self.area].last_year or ZERO
        return replace(self, end=value * last if self.of_last_year(scenario) else value)

    @override
    def left_formula(self, formulas: Formulas) -> str | None:
        return formulas.quantity(self.left)

    @override
    def value_formula(self, row: Row, formulas: Formulas) -> str | None:
        return formulas.band_end(self.area, self.band)


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

    @cached_property
    @override
    def reads(self) -> Reads:
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


FAMILIES: tuple[type[Constraint], ...] = (
    BudgetConstraint,
    LimitConstraint,
    LastBandConstraint,
    RuleConstraint,
    TargetConstraint,
)
"""In the order in which their rows stand."""
