"""Where everything stands in the plan workbook, and formulas over its amounts.

Rows and columns count from 0 here, as XlsxWriter has it; only the text of a formula counts rows from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from allocator.programme.rows import Key, Linear, keys_of
from allocator.tables.formulas import (
    FIRST,
    LONGEST_FORMULA,
    MOST_ARGUMENTS,
    MOST_PARTS,
    joined,
    plain_criterion,
    ref,
    runs,
    span,
)
from allocator.tables.money import ALLOCATION, FUNDS, INDICATORS, PARTS
from allocator.tables.rounding import MONEY, WORTH
from allocator.tables.rules import CHECKS, RULES

if TYPE_CHECKING:
    from allocator.analyses.figures import FundFigures
    from allocator.analyses.result import Allotment, Result
    from allocator.scenario.model import Area

PARAMETER_COLUMN = len(CHECKS.columns) + 1
"""The column of the parameters' names, to the right of the checks."""
PARAMETERS = (
    "Amounts",
    "Shares",
    "Part of a Step",
    "Objective",
    "Exact",
    "Step",
    "Objective as stated",
    "Optimum before rounding",
    "Decimals of the objective",
    "Decimals of its difference",
    "Decimals of remainders",
    MONEY,
    WORTH,
    "Least remainder",
    "Points in a whole",
    "Step of Next money",
)
"""Tolerances of Checks, and numbers that formulas of other sheets need, in the order of their cells."""


class Layout:
    """The addresses of a plan's figures."""

    def __init__(self, result: Result) -> None:
        self.result = result
        scenario = result.scenario
        self.years = scenario.years
        self.mixed = len(scenario.budget_sources) < len(scenario.sources)
        """Whether other than budget money takes part."""
        place = {area.name: i for i, area in enumerate(scenario.areas)}
        source = {s.name: i for i, s in enumerate(scenario.sources)}
        self.lines: tuple[Allotment, ...] = tuple(
            sorted(
                (a for a in result.allotments if a.eligible),
                key=lambda a: (place[a.area], a.year, source[a.source]),
            )
        )
        self.funds: tuple[FundFigures, ...] = tuple(sorted(result.funds, key=lambda f: (source[f.source], f.year)))

    # -- Allocation ------------------------------------------------------------------------------------------

    @cached_property
    def line(self) -> Mapping[Key, int]:
        """Each amount's row on Allocation."""
        return {line.key: FIRST + i for i, line in enumerate(self.lines)}

    @property
    def last_line(self) -> int:
        """The last row of Allocation's table."""
        return FIRST + max(len(self.lines), 1) - 1

    @cached_property
    def _of(self) -> Mapping[tuple[int, str], frozenset[int]]:
        found: dict[tuple[int, str], set[int]] = {}
        for key, row in self.line.items():
            found.setdefault((key.year, key.source), set()).add(row)
        return {key: frozenset(rows) for key, rows in found.items()}

    @cached_property
    def _of_year(self) -> Mapping[int, frozenset[int]]:
        found: dict[int, frozenset[int]] = {}
        for (year, _), rows in self._of.items():
            found[year] = found.get(year, frozenset()) | rows
        return found

    def allocation(self, column: str) -> str:
        """Return the address of the whole column of Allocation's table."""
        return f"Allocation!{span(FIRST, self.last_line, ALLOCATION.index(column), fixed=True)}"

    def where(self, column: str, year: int, source: str | None = None) -> str:
        """Return the sum of a column of Allocation in a year, of one source or all, by the cells of a line of Funds."""
        figures, years, names = (self.allocation(name) for name in (column, "Year", "Source"))
        line = self.fund_row[self.result.scenario.sources[0].name if source is None else source, year]
        that_year, that_name = (f"Funds!{ref(line, FUNDS.index(n), fixed=True)}" for n in ("Year", "Source"))
        if source is None:
            return f"SUMIFS({figures},{years},{that_year})"
        if not plain_criterion(source):
            return f"SUMPRODUCT(({years}={that_year})*({names}={that_name})*{figures})"
        return f"SUMIFS({figures},{years},{that_year},{names},{that_name})"

    def keys(self, areas: Iterable[str], years: Iterable[int], sources: Iterable[str]) -> list[Key]:
        """Return the amounts of these areas, years and sources that stand on Allocation."""
        return [key for key in keys_of(areas, years, sources) if key in self.line]

    def total(self, keys: Iterable[Key], column: str = "In force") -> str:
        """Return the formula of the sum of these amounts."""
        return self._sum([self.line[key] for key in keys], column)

    def formula(self, linear: Linear) -> str | None:
        """Return `linear`, a sum or difference of amounts, over those in force.

        None where no workbook would take so long a formula, or where it would hold a number: formulas hold none.
        """
        groups: dict[Fraction, list[int]] = {}
        for key, coefficient in linear.terms.items():
            if key in self.line:
                groups.setdefault(coefficient, []).append(self.line[key])
        if linear.constant or not {abs(coefficient) for coefficient in groups} <= {1}:
            return None
        text = joined([_signed(coefficient, self._sum(rows, "In force")) for coefficient, rows in groups.items()])
        return text if len(text) <= LONGEST_FORMULA else None

    def _sum(self, rows: Sequence[int], column: str) -> str:
        ranges = runs(rows)
        listed = _listed(ranges, ALLOCATION.index(column))
        if len(ranges) < 6:
            return listed
        return min(listed, self._by_condition(frozenset(rows), column), key=len)

    def _by_condition(self, rows: frozenset[int], column: str) -> str:
        """Return the sum by year and source, less what is not meant."""
        pieces = []
        for year in self.years:
            mine = rows & self._of_year.get(year, frozenset())
            if mine and mine == self._of_year[year]:
                pieces.append(self.where(column, year))
                continue
            for source in self.result.scenario.sources:
                block = self._of.get((year, source.name), frozenset())
                pieces.extend(self._block(mine & block, block, self.where(column, year, source.name), column))
        return joined(pieces)

    @staticmethod
    def _block(mine: frozenset[int], block: frozenset[int], whole: str, column: str) -> list[str]:
        """Return the sum over `mine`, a part of the `block` of a year and source."""
        if not mine:
            return []
        index = ALLOCATION.index(column)
        rest = [f"-({_listed(runs(block - mine), index)})"] if block - mine else []
        return min([_listed(runs(mine), index)], [whole, *rest], key=lambda pieces: len("".join(pieces)))

    # -- Plan ------------------------------------------------------------------------------------------------

    @cached_property
    def tree(self) -> tuple[tuple[Area, int], ...]:
        """All areas, each followed by its parts, with their depth."""
        children: dict[str | None, list[Area]] = {}
        for area in self.result.scenario.areas:
            children.setdefault(area.part_of, []).append(area)

        def walk(parent: str | None, depth: int) -> Iterable[tuple[Area, int]]:
            for area in children.get(parent, []):
                yield area, depth
                yield from walk(area.name, depth + 1)

        return tuple(walk(None, 0))

    @cached_property
    def tops(self) -> tuple[Area, ...]:
        """The areas that are part of no other."""
        return tuple(area for area, depth in self.tree if not depth)

    @cached_property
    def plan_row(self) -> Mapping[str, int]:
        """Area → its row on Plan."""
        return {area.name: FIRST + i for i, (area, _) in enumerate(self.tree)}

    @property
    def total_row(self) -> int:
        """Plan's row of totals; the budget stands below it."""
        return FIRST + len(self.tree)

    def plan_column(self, family: str, year: int) -> int:
        """Return Plan's column of `family` (amount, budget, share, change) in `year`."""
        families = ["amount", "budget", "share", "change"] if self.mixed else ["amount", "share", "change"]
        wanted = "amount" if family == "budget" and not self.mixed else family
        return 2 + families.index(wanted) * len(self.years) + self.years.index(year)

    def plan(self, area: str | None, family: str, year: int, *, fixed: bool = False) -> str:
        """Return the address of an area's figure on Plan; of the total for None."""
        row = self.total_row if area is None else self.plan_row[area]
        return f"Plan!{ref(row, self.plan_column(family, year), fixed=fixed)}"

    def plan_last_year(self, area: str | None) -> str:
        """Return the address of an area's Last year on Plan; of the total for None."""
        return f"Plan!{ref(self.total_row if area is None else self.plan_row[area], 1)}"

    def budget(self, year: int) -> str:
        """Return the address of the year's budget on Plan."""
        return f"Plan!{ref(self.total_row + 1, self.plan_column('budget', year), fixed=True)}"

    # -- Funds -----------------------------------------------------------------------------------------------

    @cached_property
    def fund_row(self) -> Mapping[tuple[str, int], int]:
        """(source, year) → its row on Funds."""
        return {(fund.source, fund.year): FIRST + i for i, fund in enumerate(self.funds)}

    def fund(self, source: str, year: int, column: str) -> str:
        """Return the address of a figure on Funds."""
        return f"Funds!{ref(self.fund_row[source, year], FUNDS.index(column))}"

    def funds_of(self, sources: Iterable[str], years: Sequence[int], column: str) -> str:
        """Return the formula of the sum of a column of Funds over sources and years."""
        rows = [self.fund_row[source, year] for source in sources for year in years]
        return _listed(runs(rows), FUNDS.index(column), "Funds")

    def available(self, sources: tuple[str, ...], years: Sequence[int]) -> str:
        """Return the formula of what sources make available over years; the budget itself stands on Plan."""
        if sources != self.result.scenario.budget_sources:
            return self.funds_of(sources, years, "Available")
        columns = runs(self.plan_column("budget", year) for year in years)
        row = self.total_row + 1
        texts = [f"Plan!{ref(row, a)}" if a == b else f"SUM(Plan!{ref(row, a)}:{ref(row, b)})" for a, b in columns]
        return "+".join(texts)

    def available_before(self, sources: tuple[str, ...], year: int) -> str:
        """Return the formula of what sources made available in the year before `year`."""
        if year > self.years[0]:
            return self.available(sources, [year - 1])
        return self.funds_of(sources, [year], "Last year")

    def money_before(self, areas: Sequence[str], year: int, sources: tuple[str, ...]) -> str:
        """Return the formula of what areas without parts had from sources in the year before `year`."""
        if year > self.years[0]:
            return self.total(self.keys(areas, [year - 1], sources))
        if sources == self.result.scenario.budget_sources:
            return _listed(runs(self.plan_row[area] for area in areas), 1, "Plan")
        return self.total(self.keys(areas, [year], sources), "Last year")

    def count(self, years: Sequence[int]) -> str:
        """Return the formula of how many years these are, counted on Funds."""
        source, column = self.result.scenario.sources[0].name, FUNDS.index("Year")
        return f"COUNT({','.join(_ranges(runs(self.fund_row[source, year] for year in years), column, 'Funds'))})"

    # -- the other sheets ------------------------------------------------------------------------------------

    def parameter(self, name: str) -> str:
        """Return the address of a parameter on Checks."""
        return f"Checks!{ref(FIRST + PARAMETERS.index(name), PARAMETER_COLUMN + 1, fixed=True)}"

    def rule(self, index: int, column: str) -> str:
        """Return the address of a figure of the row `index` of the result on Rules."""
        return f"Rules!{ref(FIRST + index, RULES.index(column))}"

    @cached_property
    def budget_index(self) -> Mapping[tuple[str, int | None], int]:
        """(source, year) → the index of its Budget row on Rules."""
        rows = enumerate(figures.row for figures in self.result.rows)
        return {(row.subject, row.year): index for index, row in rows if row.kind.supply}

    @cached_property
    def indicator_row(self) -> Mapping[tuple[str, int], int]:
        """(indicator, year) → its row on Indicators."""
        return {(f.indicator, f.year): FIRST + i for i, f in enumerate(self.result.indicators)}

    def indicator(self, name: str, year: int, column: str = "Reached") -> str:
        """Return the address of an indicator's figure; its value."""
        return f"Indicators!{ref(self.indicator_row[name, year], INDICATORS.index(column), fixed=True)}"

    def moved(self, indicator: str) -> tuple[str, ...]:
        """Return the areas that move an indicator, in the workbook's order."""
        effects = self.result.scenario.effects.get(indicator, {})
        return tuple(area.name for area in self.result.scenario.leaves if area.name in effects)

    @cached_property
    def part_rows(self) -> tuple[range, ...]:
        """For each figure of Indicators the rows of the areas' parts in it; none where there are too many to list."""
        at = FIRST + max(len(self.result.indicators), 1) + 3
        counts = [len(self.moved(figures.indicator)) for figures in self.result.indicators]
        if sum(counts) > MOST_PARTS:
            counts = [0] * len(counts)
        starts = accumulate(counts, initial=at)
        return tuple(range(start, start + count) for start, count in zip(starts, counts, strict=False))

    @cached_property
    def _effect_row(self) -> Mapping[tuple[str, int, str], int]:
        return {
            (figures.indicator, figures.year, area): row
            for figures, rows in zip(self.result.indicators, self.part_rows, strict=True)
            for area, row in zip(self.moved(figures.indicator), rows, strict=False)
        }

    def effect(self, indicator: str, year: int, area: str) -> str | None:
        """Return the address of an area's effect on an indicator that is measured in `year`; None where it has none."""
        row = self._effect_row.get((indicator, year, area))
        return None if row is None else f"Indicators!{ref(row, PARTS.index('Effect'), fixed=True)}"


def _ranges(ranges: Sequence[tuple[int, int]], column: int, sheet: str) -> list[str]:
    """Return stretches of a column of a sheet."""
    return [f"{sheet}!{span(first, last, column)}" for first, last in ranges]


def _listed(ranges: Sequence[tuple[int, int]], column: int, sheet: str = "Allocation") -> str:
    """Return the sum of stretches of rows, cell by cell where it is one."""
    texts = _ranges(ranges, column, sheet)
    if not texts:
        return "0"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return texts[0]
    chunks = [texts[i : i + MOST_ARGUMENTS] for i in range(0, len(texts), MOST_ARGUMENTS)]
    return joined([f"SUM({','.join(chunk)})" for chunk in chunks])


def _signed(sign: Fraction, text: str) -> str:
    """Return the formula of a sum, or of minus that."""
    if sign == 1:
        return text
    return f"-({text})" if re.search(r"[+-]", text) else f"-{text}"
