"""Price card: what each row of the Rules sheet costs, in its own unit, all its years and areas moving together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.moves import Moves
from allocator.analyses.result import PriceCard
from allocator.programme.build import Programme
from allocator.programme.growth import Parameter
from allocator.programme.rows import Row
from allocator.programme.what_ifs import WhatIfs
from allocator.scenario.model import Rule, Scenario

POINT = Fraction(1, 100)
ONE = Fraction(1)


def price_card(moves: Moves, missed: Collection[int]) -> Iterator[PriceCard]:
    """Yield a card for each rule, blank where any of its rows is `missed`. Units: one percentage point, or of money."""
    worth = BudgetPrices(moves)
    for rule in moves.programme.scenario.rules:
        points = rule.basis.percent
        rows = [index for index, row in enumerate(moves.programme.rows) if of_rule(row, rule)]
        if not rows or any(index in missed for index in rows):
            yield PriceCard(rule, points, curved=False)
            continue
        unit = POINT if points else ONE
        changed = _changed(moves.what_ifs, rule, unit)
        more, less, curved = moves.both(Parameter(changed, ONE, proportional=True), worth.of_rule(rule, rows, unit))
        yield PriceCard(rule, points, curved, more, less)


def of_rule(row: Row, rule: Rule) -> bool:
    """Whether a row of the programme is one of a rule's."""
    return row.origin is rule.origin


def _changed(what_ifs: WhatIfs, rule: Rule, unit: Fraction) -> Callable[[Fraction], Programme]:
    return lambda growth: what_ifs.with_rule(replace(rule, value=rule.value + growth * unit))


class BudgetPrices:
    """What a unit of money is worth in each year: the price of the dearest source of the government's own."""

    def __init__(self, moves: Moves) -> None:
        self.scenario: Scenario = moves.programme.scenario
        self.sensitivity = moves.sensitivity
        self.prices = moves.sensitivity.prices
        self.programme = moves.programme
        self.of_year = {year: self._of_year(year) for year in self.scenario.years}

    def _of_year(self, year: int) -> float:
        found = [self._of_cell(source, year) for source in self.scenario.budget_sources]
        return max(found, key=abs, default=0.0)

    def _of_cell(self, name: str, year: int) -> float:
        """Return the price of money of a source in a year; carried over, it also serves every later year."""
        carries = self.scenario.source[name].carry_over
        return sum(
            self._price(index)
            for index, row in enumerate(self.programme.rows)
            if row.kind.supply
            and row.subject == name
            and row.year is not None
            and (row.year >= year if carries else row.year == year)
        )

    def _price(self, index: int) -> float:
        """Return a row's price; none where it isn't the same to both sides."""
        if not self.sensitivity.thorough:
            return self.prices.of_row(index) or 0.0
        return self.sensitivity.of_row(index).single or 0.0

    def of_rule(self, rule: Rule, rows: list[int], unit: Fraction) -> float | None:
        """Return what a unit of the objective is in money where `rule` earns or costs it; None: money has no price."""
        effects = [(self._effect(index, unit), self._mean(self._years(index, rule))) for index in rows]
        effects = [(effect, price) for effect, price in effects if price]
        total = sum(effect for effect, _ in effects)
        if total:
            return sum(effect / price for effect, price in effects) / total
        price = self._mean(rule.years)
        return 1 / price if price else None

    def _effect(self, index: int, unit: Fraction) -> float:
        """Return what the rule's Value does through one of its rows, by the prices of the optimum."""
        row = self.programme.rows[index]
        base = ONE if row.base is None else row.base.value({})
        return (self.prices.of_row(index) or 0.0) * float(base * unit)

    def _years(self, index: int, rule: Rule) -> tuple[int, ...]:
        year = self.programme.rows[index].year
        return rule.years if year is None else (year,)

    def _mean(self, years: tuple[int, ...]) -> float:
        return sum(self.of_year[year] for year in years) / len(years)
