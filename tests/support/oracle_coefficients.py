"""Coefficient ranges and reduced costs, exactly.

A coefficient's range is found by seeking the plan that beats the one shown: from each such plan follows how far the
coefficient may move before it does, until no plan does any more.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.result import AreaFigures, Result
from oracle import linear_objective, rows
from oracle_meaning import Content, Linear, Meaning, norm
from oracle_prices import CLOSE, Prices
from oracle_solve import Programme, Tableau

DUST = Fraction(1, 10**8)
"""Part of the largest budget cell that an unrounded amount may be off by."""
NONE = Fraction(0)

type Pair = tuple[str, int]


class Coefficients:
    """The coefficients of a scenario at the plan shown, whose yearly amounts are given."""

    def __init__(self, prices: Prices, yearly: Mapping[Pair, Fraction]) -> None:
        self.prices, self.m, self.yearly = prices, prices.m, yearly

    # -------------------------------------------------------- the coefficient in force

    def banded(self, pair: Pair) -> bool:
        return self.m.objective == "maximise benefit" and pair in self.m.bands

    def band(self, pair: Pair) -> int:
        """The band of the next unit of money; after the last, the last."""
        ends = [end for end, _ in self.m.bands[pair]]
        slack = DUST * self.prices.size
        return next((n for n, end in enumerate(ends) if end is None or self.yearly[pair] < end - slack), len(ends) - 1)

    def coefficient(self, pair: Pair) -> Fraction:
        rest = linear_objective(self.m)[1].coefs
        own = next((rest.get((*pair, s), NONE) for s in self.m.eligible[pair[0]]), NONE)
        if not self.banded(pair):
            return own
        return own + self.m.discount(pair[1]) * self.m.bands[pair][self.band(pair)][1]

    # -------------------------------------------------------- its range

    def range(self, pair: Pair) -> tuple[Fraction | None, Fraction | None]:
        """How far the coefficient alone may grow and shrink while the plan shown stays optimal; None: without end."""
        found: dict[int, list[Fraction]] = {1: [], -1: []}
        for p, moving, here in self._moving(pair):
            tableau = Tableau(p)
            if tableau.feasible():
                for direction, ends in found.items():
                    reach = self._reach(p, tableau, moving, here, direction)
                    ends += [] if reach is None else [reach]
        return min(found[1], default=None), min(found[-1], default=None)

    def gaps(self, pair: Pair) -> tuple[Fraction | None, Fraction | None]:
        """How far the coefficient is from those of the bands before and after; None: there is none.

        Beyond, bands rise: a scenario that is refused, so a range may as well end there.
        """
        if not self.banded(pair):
            return None, None
        band = self.band(pair)
        benefits = [benefit * self.m.discount(pair[1]) for _, benefit in self.m.bands[pair]]
        before = benefits[band - 1] - benefits[band] if band else None
        after = benefits[band] - benefits[band + 1] if band + 1 < len(benefits) else None
        return before, after

    def _moving(self, pair: Pair) -> Iterator[tuple[Programme, Linear, Fraction]]:
        """The programme, the money that bears the coefficient, and how much of it the plan has.

        A band's benefit alone may move so far that bands rise, so plans with less than the band, within and beyond
        it are looked at by themselves: in each, the money inside the band is linear.
        """
        money, p = self.m.all_money([pair[0]], pair[1]), self.prices.p
        if not self.banded(pair):
            yield p, money, self.yearly[pair]
            return
        ends = [Fraction(0), *(end for end, _ in self.m.bands[pair])]
        start, end = ends[self.band(pair)], ends[self.band(pair) + 1]
        here = max(NONE, self.yearly[pair] - start)
        below, above = money.add(Linear(const=start), -1), None if end is None else money.add(Linear(const=end), -1)
        yield kept(p, (below, "<=")), Linear(), min(here, here if end is None else end - start)
        if above is None:
            yield kept(p, (below, ">=")), below, here
        else:
            here = min(here, end - start)
            yield kept(p, (below, ">="), (above, "<=")), below, here
            yield kept(p, (above, ">=")), Linear(const=end - start), here

    def _reach(self, p: Programme, tableau: Tableau, moving: Linear, here: Fraction, direction: int) -> Fraction | None:
        """How far until a plan with more (less, downwards) of the moving money is better."""
        best = self.prices.sign * self.prices.best
        objective = Linear().add(self.prices.objective, -1)
        toward = Linear().add(moving, direction * self.prices.sign)
        here *= direction * self.prices.sign
        other = self._plan(p, tableau, toward, objective)
        if toward.at(other) - here <= DUST * self.prices.size:
            return None
        reach = (best - objective.at(other)) / (toward.at(other) - here)
        while True:
            weighed = Linear().add(objective).add(toward, reach)
            other = self._plan(p, tableau, weighed, toward)
            gain = weighed.at(other) - best - reach * here
            ahead = toward.at(other) - here
            if gain <= 0 or ahead <= DUST * self.prices.size:
                return max(NONE, reach)
            reach = (best - objective.at(other)) / ahead

    def _plan(self, p: Programme, tableau: Tableau, first: Linear, then: Linear) -> dict[tuple, Fraction]:
        """The plan that is best for `first` and, among those, for `then`."""
        probe = tableau.copy()
        probe.minimise(Linear().add(first, -1))
        probe.minimise(Linear().add(then, -1))
        point = probe.point()
        return {key: point.get(column, NONE) for key, column in p.columns.items()}

    # -------------------------------------------------------- reduced costs

    def reduced_cost(self, pair: Pair) -> tuple[Fraction | None, Fraction | None]:
        """What a unit forced up brings, and what a unit taken away costs; equal where prices are single."""
        best = max if self.prices.sign > 0 else min
        forced, taken = [], []
        for source in self.m.eligible[pair[0]]:
            use = self._use(pair, source)
            more = self.prices.derivative({row: -c for row, c in use.items()})
            less = self.prices.derivative(use)
            forced += [] if more is None else [self.coefficient(pair) + more]
            taken += [] if less is None else [self.coefficient(pair) - less]
        return best(forced, default=None), best(taken, default=None)

    def _use(self, pair: Pair, source: str) -> dict[tuple[str, int | None], Fraction]:
        """What one unit of money takes of each row but the area's own limits."""
        return {
            (row.name, row.year): row.difference.coefs[*pair, source]
            for row in rows(self.m)
            if (*pair, source) in row.difference.coefs and not own_limit(row.kind, row.name, pair[0])
        }


def kept(p: Programme, *demands: tuple[Linear, str]) -> Programme:
    """The programme with further rows."""
    found = replace(p, rows=[*p.rows])
    for difference, operator in demands:
        found.keep(difference, operator)
    return found


def own_limit(kind: str, name: str, area: str) -> bool:
    return kind == "limit" and name.partition(": ")[2] == area


def shown_amounts(m: Meaning, result: Result) -> dict[Pair, Fraction]:
    """The yearly amounts of the unrounded plan, without the last digits of the solver's arithmetic."""
    yearly: dict[Pair, float] = {}
    for allotment in result.allotments:
        pair = norm(allotment.area), allotment.year
        yearly[pair] = yearly.get(pair, 0.0) + allotment.unrounded
    return {pair: snapped(amount) for pair, amount in yearly.items()}


def snapped(amount: float) -> Fraction:
    """The simple fraction that a number stands for, where it stands for one."""
    simple = Fraction(amount).limit_denominator(10**5)
    return simple if abs(simple - Fraction(amount)) <= Fraction(1, 10**10) * max(1, abs(simple)) else Fraction(amount)


def area_differences(content: Content, result: Result) -> Iterator[str]:
    """Where coefficients, their ranges and reduced costs differ from the exact ones."""
    prices = Prices(content)
    exact = Coefficients(prices, shown_amounts(prices.m, result))
    for figures in result.areas:
        pair = norm(figures.area), figures.year
        coefficient = exact.coefficient(pair)
        what = f"{figures.area} {figures.year}"
        slack = CLOSE * max(abs(float(coefficient)), float(prices.worth))
        if figures.objective_coefficient is None or abs(figures.objective_coefficient - float(coefficient)) > slack:
            yield f"{what} coefficient: {figures.objective_coefficient}, not {float(coefficient)}"
        yield from reach_differences(what, figures, zip(exact.range(pair), exact.gaps(pair), strict=True), slack)
        yield from reduced_differences(what, figures, exact.reduced_cost(pair), slack)


def reach_differences(
    what: str, figures: AreaFigures, ends: Iterable[tuple[Fraction | None, Fraction | None]], slack: float
) -> Iterator[str]:
    """A range ends where another plan becomes better, or before that where bands would begin to rise."""
    told = (figures.allowable_increase, figures.allowable_decrease)
    for field, said, (reach, gap) in zip(("allowable_increase", "allowable_decrease"), told, ends, strict=True):
        true = math.inf if reach is None else float(reach)
        sooner = true if gap is None else min(true, float(gap))
        if said is None or not any(said == end or abs(said - end) <= max(slack, CLOSE * end) for end in (true, sooner)):
            yield f"{what} {field}: {said}, not {true}"


def reduced_differences(
    what: str, figures: AreaFigures, ends: tuple[Fraction | None, Fraction | None], slack: float
) -> Iterator[str]:
    """What a unit forced up brings; there is none where it can't be."""
    forced, _ = ends
    told = figures.reduced_cost
    if forced is not None and (told is None or abs(told - float(forced)) > slack):
        yield f"{what} reduced cost: {told}, not {float(forced)}"
