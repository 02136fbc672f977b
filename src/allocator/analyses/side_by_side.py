"""The plans of a comparison side by side: which areas and years they share, and what each gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property

from allocator.analyses.compare import Comparison, PlannedCase
from allocator.programme.rows import ZERO, total

FEW = 5
"""Up to so many plans stand side by side on a page; of more, the range is shown there."""
ALL = None
"""The year of a row that sums the years up."""


class SideBySide:
    """Which plans are compared, over which areas and years, and their figures."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.cases = comparison.cases
        self.first = comparison.cases[0]
        self.planned: tuple[PlannedCase, ...] = comparison.planned
        """Those whose plans have columns, in order."""
        self.number = {case.name: i for i, case in enumerate(self.planned)}
        """Name → which of the planned ones it is."""
        self.based = self.first.planned
        """Whether there are differences to show: the first has a plan."""
        self.few = len(self.planned) <= FEW
        self.others = self.planned[1:] if self.based else ()
        """Those whose differences from the first are shown."""
        self.mixed = any(len(c.scenario.budget_sources) < len(c.scenario.sources) for c in self.planned)
        """Whether other than budget money takes part."""

    # ---- years and areas ----------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> tuple[int, ...]:
        """Every year that one of the plans has."""
        return tuple(sorted({year for case in self.planned for year in case.scenario.years}))

    @cached_property
    def summed(self) -> tuple[int, ...]:
        """The years that are summed up: those that all plans have, so that sums compare."""
        common = [year for year in self.years if all(year in c.scenario.years for c in self.planned)]
        return tuple(common) or self.years

    @property
    def multi(self) -> bool:
        """Whether there are several years."""
        return len(self.years) > 1

    @cached_property
    def tree(self) -> tuple[tuple[str, int], ...]:
        """All areas with their depth, each followed by its parts: the first plan's, then those that others add."""
        part_of: dict[str, str | None] = {}
        for case in self.planned:
            for area in case.scenario.areas:
                part_of.setdefault(area.name, area.part_of)
        children: dict[str | None, list[str]] = {}
        for name, above in part_of.items():
            children.setdefault(above, []).append(name)

        def walk(above: str | None, depth: int) -> Iterator[tuple[str, int]]:
            for name in children.get(above, []):
                yield name, depth
                yield from walk(name, depth + 1)

        return tuple(walk(None, 0))

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The areas of the table that have no parts below them."""
        depths = [depth for _, depth in self.tree]
        return tuple(
            name for i, (name, depth) in enumerate(self.tree) if i + 1 == len(depths) or depths[i + 1] <= depth
        )

    @cached_property
    def leaves_of(self) -> Mapping[str, frozenset[str]]:
        """Plan → the areas without parts in its own scenario."""
        return {c.name: frozenset(area.name for area in c.scenario.leaves) for c in self.planned}

    @cached_property
    def below(self) -> Mapping[str, tuple[str, ...]]:
        """Area → the areas without parts that stand below it in the table; itself where there are none."""
        found: dict[str, tuple[str, ...]] = {}
        ends = set(self.leaves)
        for i, (name, depth) in enumerate(self.tree):
            inside = []
            for other, deeper in self.tree[i + 1 :]:
                if deeper <= depth:
                    break
                inside.append(other)
            found[name] = tuple(other for other in inside if other in ends) or (name,)
        return found

    # ---- figures ------------------------------------------------------------------------------------------------

    def years_of(self, year: int | None) -> tuple[int, ...]:
        """Return the years that a row comprises."""
        return self.summed if year is ALL else (year,)

    def amount(self, case: PlannedCase, area: str, year: int | None) -> Fraction:
        """Return what an area gets, in a year or over all that are summed up."""
        return sum((case.amount(area, t) for t in self.years_of(year)), ZERO)

    def total(self, case: PlannedCase, year: int | None) -> Fraction:
        """Return what all areas get."""
        names = (area.name for area in case.scenario.leaves)
        return sum((self.amount(case, name, year) for name in names), ZERO)

    def budget_money(self, case: PlannedCase, area: str | None, year: int | None) -> Fraction:
        """Return what an area, or all for None, gets from sources of Kind budget."""
        scenario = case.scenario
        leaves = tuple(a.name for a in scenario.leaves) if area is None else scenario.parts.get(area, ())
        return total(case.amounts, leaves, self.years_of(year), scenario.budget_sources)

    def money(self, case: PlannedCase, year: int | None, *, budget: bool) -> Fraction:
        """Return the money there is: the budget, or all sources."""
        scenario = case.scenario
        names = scenario.budget_sources if budget else tuple(scenario.source)
        return sum((scenario.available(names, t) for t in self.years_of(year) if t in scenario.years), ZERO)

    def core(self, area: str, year: int | None) -> Fraction:
        """Return the least of an area's amounts, year by year; of one with parts the sum of theirs."""
        core = self.comparison.core
        return sum((core.get((leaf, t), ZERO) for leaf in self.below[area] for t in self.years_of(year)), ZERO)

    @property
    def core_total(self) -> Fraction:
        """The sum of the core."""
        return sum((self.core(leaf, ALL) for leaf in self.leaves), ZERO)

    @cached_property
    def spread(self) -> Mapping[str, Fraction]:
        """Area without parts → how far the plans differ in its amount over all years."""
        found = {}
        for leaf in self.leaves:
            amounts = [self.amount(case, leaf, ALL) for case in self.planned]
            found[leaf] = max(amounts) - min(amounts) if amounts else ZERO
        return found

    def losers(self, case: PlannedCase, more_than: Fraction) -> list[tuple[str, Fraction]]:
        """Return (area, change as a part of the first plan's amount) of those that lose more, the hardest hit first."""
        found = []
        for leaf in self.leaves:
            before = self.amount(self.first, leaf, ALL)
            change = (self.amount(case, leaf, ALL) - before) / before if before else ZERO
            if change < -more_than:
                found.append((leaf, change))
        return sorted(found, key=lambda pair: pair[1])

    def comparable(self, case: PlannedCase) -> bool:
        """Whether its objective and the first one's are of one kind, over the same years."""
        one, other = self.first.scenario, case.scenario
        return str(one.objective) == str(other.objective) and one.years == other.years

    def own(self, number: int) -> int:
        """Return the position among all scenarios of the plan `number`."""
        return self.cases.index(self.planned[number])
