"""The cross table: every plan valued and checked under every scenario's own assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from allocator.reports import comparison_tables as tables
from allocator.reports.columns import Role, Table
from allocator.reports.comparison_page import ComparedPage, breached
from allocator.reports.comparison_words import as_optimised, regret, stands_best, worst_regret
from allocator.reports.layout import difference, ref
from allocator.reports.page import Book
from allocator.reports.styles import BREACH, FILL, SOFT
from allocator.reports.words import decimals_of, magnitude, objective_unit
from allocator.wording.alternatives import unknown_texts

if TYPE_CHECKING:
    from allocator.analyses.compare import PlannedCase
    from allocator.analyses.valuation import Broken
    from allocator.reports.comparison_grid import Grid

_MOST_BROKEN = 5_000
"""So many broken rules are listed; the rest are counted only."""
_SIGNIFICANT = 5


def write_cross(book: Book, grid: Grid) -> None:
    """Write objectives, regret, how many rules are broken, and which."""
    page = ComparedPage(
        book, grid, "Cross table", stands_best(grid) or "There is no second plan to set beside the first."
    )
    kinds = list(dict.fromkeys(str(case.scenario.objective) for case in grid.cases))
    unit = objective_unit(grid.first.scenario) if len(kinds) == 1 else "each column in its scenario's own unit"
    page.unit(f"{tables.CROSS.title}, {unit}. {tables.CROSS.help}".replace("..", "."))
    if grid.planned:
        _Cross(page, grid).write()
    page.finish(freeze=0, repeat=None)


class _Cross:
    """The sheet while it is written."""

    def __init__(self, page: ComparedPage, grid: Grid) -> None:
        self.page, self.grid, self.styles = page, grid, page.styles
        self.names = [case.name for case in grid.cases]
        self.count = len(grid.cases)
        self.list_row = grid.cross_row(3, 0)
        self.listed = list(_broken(grid))
        self.rows_of: dict[tuple[str, str], range] = {}
        """(plan, scenario) → which of the listed rows are theirs."""
        for i, (plan, scenario, _) in enumerate(self.listed):
            known = self.rows_of.get((plan.name, scenario.name), range(i, i))
            self.rows_of[plan.name, scenario.name] = range(known.start, i + 1)

    def write(self) -> None:
        self._objectives()
        self._regret()
        self._counts()
        after = self._list()
        self._unknown(after + 1)

    def _head(self, table: Table, matrix: int) -> None:
        row = self.grid.cross_row(matrix, 0) - 1
        if matrix:
            self.page.section(row - 1, f"{table.title}. {table.help}")
        self.page.headings(table, {"scenario": self.names}, row)

    def _name(self, matrix: int, number: int) -> int:
        row = self.grid.cross_row(matrix, number)
        self.page.text(row, 0, self.grid.planned[number].name, self.styles.text())
        return row

    def _own(self, number: int, scenario: int) -> dict[str, object]:
        """Return the format of a plan's own scenario."""
        return {"bold": True, "bg_color": FILL} if self.grid.own(number) == scenario else {}

    def _objectives(self) -> None:
        grid = self.grid
        self._head(tables.CROSS, 0)
        for number in range(len(grid.planned)):
            row = self._name(0, number)
            for j, value in enumerate(grid.comparison.cross[grid.own(number)]):
                look = self.styles.number(grid.objective_decimals, **self._own(number, j))
                self.page.number(row, 1 + j, None if value is None else value.objective, look)

    def _regret(self) -> None:
        grid, last = self.grid, self.count
        self._head(tables.REGRET, 1)
        for number in range(len(grid.planned)):
            row = self._name(1, number)
            columns = []
            for j, other in enumerate(grid.cases):
                value, look = (
                    regret(grid, number, j),
                    self.styles.number(grid.objective_decimals, **self._own(number, j)),
                )
                if value is None:
                    self.page.text(row, 1 + j, "no plan" if not other.planned else "", self.styles.text(align="right"))
                    continue
                here, best = (grid.cross_at(0, k, j, sheet=False) for k in (number, grid.number[other.name]))
                up = other.scenario.objective.maximise
                formula = f"{best}-{here}" if up else f"{here}-{best}"
                live = as_optimised(other)  # otherwise the best plan's objective stands nowhere
                self.page.figure(row, 1 + j, formula if live else None, difference(value, value * 0), look)
                if grid.comparable(other):
                    columns.append(ref(row, 1 + j))
            worst = worst_regret(grid, number)
            if worst is not None:
                look = self.styles.number(grid.objective_decimals, bold=True)
                self.page.formula(row, 1 + last, f"MAX({','.join(columns)})", worst, look)

    def _counts(self) -> None:
        grid, start = self.grid, self.list_row
        self._head(tables.BROKEN_COUNT, 2)
        zero, some = self.styles.number(0), breached(self.styles, 0)
        for number in range(len(grid.planned)):
            row = self._name(2, number)
            values = grid.comparison.cross[grid.own(number)]
            for j, value in enumerate(values):
                count = 0 if value is None else len(value.broken)
                where = self.rows_of.get((grid.planned[number].name, self.names[j]), range(0))
                formula = f"COUNTA({ref(start + where.start, 0)}:{ref(start + where.stop - 1, 0)})" if where else None
                if formula is None or len(where) != count:
                    self.page.number(row, 1 + j, count, some if count else zero)
                else:
                    self.page.formula(row, 1 + j, formula, count, some)
            clean = sum(value is not None and not value.broken and not value.unknown for value in values)
            formula = f"COUNTIF({ref(row, 1)}:{ref(row, self.count)},0)"
            placed = all(value is None or value.broken or not value.unknown for value in values)
            self.page.figure(row, 1 + self.count, formula if placed else None, clean, self.styles.number(0, bold=True))

    def _list(self) -> int:
        """Write the rules that are broken; return the row after them."""
        row = self.list_row
        if not self.listed:
            self.page.text(row - 1, 0, "No plan breaks a rule in any scenario.", self.styles.text())
            return row
        self.page.section(row - 2, tables.BROKEN.title)
        self.page.table(tables.BROKEN, row - 1)
        for row, (plan, scenario, broken) in enumerate(self.listed, self.list_row):
            demand = broken.row
            self.page.text(row, 0, demand.name, self.styles.of(Role.LONG))
            self.page.text(row, 1, plan.name, self.styles.of(Role.LONG))
            self.page.text(row, 2, scenario.name, self.styles.of(Role.LONG))
            self.page.number(row, 3, demand.year, self.styles.of(Role.YEAR))
            self.page.number(row, 4, broken.by, self.styles.number(short_decimals(broken), font_color=BREACH))
            self.page.text(row, 5, demand.unit, self.styles.of(Role.LONG))
            self.page.text(row, 6, demand.strength.kind, self.styles.text())
            self.page.text(row, 7, str(demand.cell), self.styles.of(Role.LONG))
            # not measured: it runs over the columns to its right
            self.page.text(row, 8, demand.origin.legal_basis, self.styles.cell(align="left", indent=1))
            self.page.reach(row, 8 + min(4, len(demand.origin.legal_basis) // 12))
        return row + 1

    def _unknown(self, row: int) -> None:
        """Write what money of a plan a scenario does not know."""
        for number, plan in enumerate(self.grid.planned):
            for j, value in enumerate(self.grid.comparison.cross[self.grid.own(number)]):
                for text in unknown_texts(value) if value is not None else ():
                    said = (
                        f"{plan.name} under {self.names[j]}: not counted, since that scenario does not know it: {text}"
                    )
                    self.page.text(row, 0, said, self.styles.format(font_size=9, font_color=SOFT))
                    row += 1


def _broken(grid: Grid) -> Iterator[tuple[PlannedCase, PlannedCase, Broken]]:
    """Yield (plan, scenario, row broken) in the order of plans and scenarios, as many as are listed."""
    left = _MOST_BROKEN
    for number, plan in enumerate(grid.planned):
        for scenario, value in zip(grid.cases, grid.comparison.cross[grid.own(number)], strict=True):
            for broken in value.broken[:left] if value is not None else ():
                yield plan, scenario, broken
                left -= 1


def short_decimals(broken: Broken) -> int:
    """Return the decimals of a shortfall: those it needs, of about five digits at most."""
    most = min(6, max(0, _SIGNIFICANT - 1 - magnitude(float(broken.by))))
    return min(most, decimals_of(broken.by, 6))
