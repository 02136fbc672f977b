"""Better than what: each plan beside the draft and last year's plan scaled, under its own scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from allocator.programme.rows import ZERO
from allocator.reports import comparison_tables as tables
from allocator.reports.alternative_words import faults
from allocator.reports.columns import Role
from allocator.reports.comparison_grid import ALL
from allocator.reports.comparison_page import ComparedPage, breached, differing
from allocator.reports.comparison_sheet_cross import short_decimals
from allocator.reports.layout import FIRST, difference, ref
from allocator.reports.page import Book
from allocator.reports.styles import BREACH
from allocator.reports.words import listing, objective_unit, percent
from allocator.wording.alternatives import assumption_texts

if TYPE_CHECKING:
    from allocator.analyses.alternatives import Alternative
    from allocator.analyses.compare import PlannedCase
    from allocator.analyses.valuation import Broken, Valuation
    from allocator.programme.rows import Key
    from allocator.reports.comparison_grid import Grid

_PLAN = "The plan"
_MOST_BROKEN = 2_000


def write_alternatives(book: Book, grid: Grid) -> None:
    """Write objectives and rules broken, then amounts by area, then which rules."""
    page = ComparedPage(book, grid, "Alternatives", _message(grid))
    scenario = grid.first.scenario
    unit = objective_unit(scenario) or str(scenario.objective)
    page.unit(f"Objective: {unit}; each under its own scenario; amounts in {scenario.unit}")
    if any(case.alternatives for case in grid.planned):
        _Alternatives(page, grid).write()
    page.finish(freeze=0, repeat=None)


class _Alternatives:
    """The sheet while it is written: all its tables stand one below the other."""

    def __init__(self, page: ComparedPage, grid: Grid) -> None:
        self.page, self.grid, self.styles = page, grid, page.styles
        self.compared = [case for case in grid.planned if case.alternatives]
        self.names = list(dict.fromkeys(a.name for c in self.compared for a in c.alternatives))[:2]
        self.broken = list(_broken(self.compared))
        self.amounts_row = FIRST + sum(1 + len(c.alternatives) for c in self.compared) + 3
        self.broken_row = self.amounts_row + sum(len(c.scenario.leaves) + 1 for c in self.compared) + 3

    def write(self) -> None:
        self._objectives()
        self._amounts()
        self._rules()

    def _objectives(self) -> None:
        self.page.table(tables.ALTERNATIVES)
        row = FIRST
        for case in self.compared:
            plan = row
            self._objective_of_plan(row, case)
            for row, other in enumerate(case.alternatives, plan + 1):
                self._objective_of(row, plan, case, other)
            row += 1

    def _objective_of_plan(self, row: int, case: PlannedCase) -> None:
        self.page.text(row, 0, case.name, self.styles.text(bold=True))
        self.page.text(row, 1, _PLAN, self.styles.text(bold=True))
        look = self.styles.number(self.grid.objective_decimals, bold=True)
        number = self.grid.number[case.name]
        self.page.formula(row, 2, self.grid.objective_at(number), case.objective, look)
        for column in (3, 4):
            self.page.text(row, column, "", self.styles.text())
        at = self.grid.cross_at(2, number, self.grid.own(number))
        self.page.formula(row, 5, at, len(case.valuation.broken) if case.valuation else 0, self.styles.number(0))
        self.page.number(row, 6, _missed(case.valuation), self.styles.number(0))
        self.page.text(row, 7, "", self.styles.text())

    def _objective_of(self, row: int, plan: int, case: PlannedCase, other: Alternative) -> None:
        decimals = self.grid.objective_decimals
        self.page.text(row, 0, case.name, self.styles.text())
        self.page.text(row, 1, other.name, self.styles.text())
        value, best = other.valuation.objective, case.objective or ZERO
        self.page.number(row, 2, value, self.styles.number(decimals))
        self.page.formula(
            row, 3, f"{ref(row, 2)}-{ref(plan, 2)}", difference(value, best), differing(self.styles, decimals)
        )
        part = (value - best) / abs(best) if best else None
        self.page.figure(row, 4, f"{ref(row, 3)}/ABS({ref(plan, 2)})", part, differing(self.styles, 1, percent=True))
        self._count(row, case, other)
        self.page.number(row, 6, _missed(other.valuation), self.styles.number(0))
        self.page.text(row, 7, "; ".join(assumption_texts(other)), self.styles.of(Role.LONG))

    def _count(self, row: int, case: PlannedCase, other: Alternative) -> None:
        """Write how many rules are broken, counted in the list below where it holds them all."""
        at = [i for i, (who, what, _) in enumerate(self.broken) if (who.name, what.name) == (case.name, other.name)]
        count = len(other.valuation.broken)
        look = breached(self.styles, 0) if count else self.styles.number(0)
        if at and len(at) == count:
            first, last = self.broken_row + at[0], self.broken_row + at[-1]
            self.page.formula(row, 5, f"COUNTA({ref(first, 0)}:{ref(last, 0)})", count, look)
        else:
            self.page.number(row, 5, count, look)

    def _amounts(self) -> None:
        row = self.amounts_row
        when = f" {self.grid.period}" if self.grid.multi else ""
        self.page.section(row - 2, f"{tables.ALTERNATIVES_AREAS.title}: amounts{when}, {self.grid.first.scenario.unit}")
        headings = [column.name for column in tables.ALTERNATIVES_AREAS.columns]
        headings[3:] = [text for name in self.names for text in (name, "difference")]
        columns = tables.ALTERNATIVES_AREAS.columns[: len(headings)]
        self.page.head(list(zip(headings, columns, strict=True)), row - 1)
        for case in self.compared:
            by_name = {other.name: _by_area(self.grid, case, other.amounts) for other in case.alternatives}
            first = row
            for leaf in (area.name for area in case.scenario.leaves):
                self._area(row, case, leaf, by_name)
                row += 1
            self._sum(row, first, case, by_name)
            row += 1

    def _area(self, row: int, case: PlannedCase, area: str, drafts: Mapping[str, Mapping[str, Fraction]]) -> None:
        grid = self.grid
        self.page.text(row, 0, case.name, self.styles.text())
        self.page.text(row, 1, area, self.styles.text())
        value = grid.amount(case, area, ALL)
        where = grid.at(grid.place(area, ALL), "scenario", grid.number[case.name])
        self.page.formula(row, 2, where, value, self.styles.amount())
        for column, name in zip((3, 5), self.names, strict=False):
            if name in drafts:
                amount = drafts[name].get(area, ZERO)
                self.page.number(row, column, amount, self.styles.amount())
                self._less(row, column, difference(amount, value), {})

    def _sum(self, row: int, first: int, case: PlannedCase, drafts: Mapping[str, Mapping[str, Fraction]]) -> None:
        grid = self.grid
        strong = {"bold": True}
        self.page.text(row, 0, case.name, self.styles.text(**strong))
        self.page.text(row, 1, "All areas", self.styles.text(**strong))
        total = grid.total(case, ALL)
        self.page.formula(row, 2, f"SUM({ref(first, 2)}:{ref(row - 1, 2)})", total, self.styles.amount(**strong))
        for column, name in zip((3, 5), self.names, strict=False):
            if name in drafts:
                amount = sum(drafts[name].values(), ZERO)
                cells = f"SUM({ref(first, column)}:{ref(row - 1, column)})"
                self.page.formula(row, column, cells, amount, self.styles.amount(**strong))
                self._less(row, column, difference(amount, total), strong)

    def _less(self, row: int, column: int, value: Fraction, properties: Mapping[str, object]) -> None:
        look = differing(self.styles, self.styles.decimals, properties)
        self.page.formula(row, column + 1, f"{ref(row, column)}-{ref(row, 2)}", value, look)

    def _rules(self) -> None:
        first = self.broken_row
        if not self.broken:
            self.page.text(first - 1, 0, "None of them breaks a rule.", self.styles.text())
            return
        self.page.section(first - 2, tables.ALTERNATIVES_BROKEN.title)
        self.page.table(tables.ALTERNATIVES_BROKEN, first - 1)
        for row, (case, other, broken) in enumerate(self.broken, first):
            demand = broken.row
            self.page.text(row, 0, case.name, self.styles.text())
            self.page.text(row, 1, other.name, self.styles.text())
            self.page.number(row, 2, demand.year, self.styles.of(Role.YEAR))
            self.page.number(row, 3, broken.by, self.styles.number(short_decimals(broken), font_color=BREACH))
            self.page.text(row, 4, demand.unit, self.styles.text())
            self.page.text(row, 5, demand.strength.kind, self.styles.text())
            self.page.text(row, 6, str(demand.cell), self.styles.text())
            basis = demand.origin.legal_basis
            self.page.text(row, 7, f"{demand.name} ({basis})" if basis else demand.name, self.styles.of(Role.LONG))


def _broken(compared: list[PlannedCase]) -> Iterator[tuple[PlannedCase, Alternative, Broken]]:
    """Yield (scenario, draft, row broken), as many as are listed."""
    left = _MOST_BROKEN
    for case in compared:
        for other in case.alternatives:
            for broken in other.valuation.broken[:left]:
                yield case, other, broken
                left -= 1


def _missed(valuation: Valuation | None) -> int:
    """Return how many goals are missed, each year counted."""
    return sum(goal.missed_by > 0 for goal in valuation.goals) if valuation else 0


def _by_area(grid: Grid, case: PlannedCase, amounts: Mapping[Key, Fraction]) -> dict[str, Fraction]:
    """Return what each area gets over the years that are summed up."""
    found = dict.fromkeys((area.name for area in case.scenario.leaves), ZERO)
    for key, amount in amounts.items():
        if key.area in found and key.year in grid.summed:
            found[key.area] += amount
    return found


def _message(grid: Grid) -> str:
    """Return how much better the first plan is than the draft, or else than last year's plan scaled."""
    if not grid.planned:
        return "Without a plan there is nothing to set beside a draft."
    if not any(case.alternatives for case in grid.planned):
        return "There is neither a draft (Proposed) nor last year's money (Last year) to set beside the plans."
    case = next(c for c in grid.planned if c.alternatives)
    texts = []
    for other in case.alternatives:
        best, value = case.objective or ZERO, other.valuation.objective
        less = (best - value) / abs(best) * (1 if case.scenario.objective.maximise else -1) if best else ZERO
        side = "worse" if less >= 0 else "better"
        texts.append(f"{other.name} is {percent(abs(less), 1)} {side} and {faults(other.valuation)}")
    return f"{case.name}: beside its plan, {listing(texts)}."
