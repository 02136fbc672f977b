"""The sheet Amounts of a comparison: area by area and year by year, with differences, the core and shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from allocator.analyses.compare import PlannedCase
from allocator.programme.rows import ZERO
from allocator.reports import comparison_tables as tables
from allocator.reports.columns import Role
from allocator.reports.comparison_grid import ALL, BUDGET, MONEY, TOTAL, Grid, sum_of
from allocator.reports.comparison_page import ComparedPage, differing
from allocator.reports.comparison_words import core_message, differ_most
from allocator.reports.layout import difference, ref
from allocator.reports.page import Book
from allocator.reports.styles import FILL, Look

_ON_PAGE = 10
"""More columns of figures do not print side by side."""


def write_amounts(book: Book, grid: Grid) -> None:
    """Write the sheet; plans' amounts are typed, everything else is worked out from them."""
    page = ComparedPage(book, grid, "Amounts", differ_most(grid) or core_message(grid), rows=len(grid.row))
    lacking = [case.name for case in grid.cases if not case.planned]
    without = f". Without a plan, and so not here: {', '.join(lacking)}" if lacking else ""
    page.unit(f"{grid.first.scenario.unit}; core: the least of all plans; differences from {grid.first.name}{without}")
    names = [case.name for case in grid.planned]
    others = [case.name for case in grid.others]
    families = {"scenario": names, "difference": others, "budget": names if grid.mixed else (), "share": names}
    columns = page.headings(tables.AMOUNTS, families)
    sheet = _Amounts(page, grid)
    for (name, year), row in grid.row.items():
        sheet.line(name, year, row)
    page.finish(freeze=2, pages=_pages(grid, columns))


def _pages(grid: Grid, columns: int) -> Sequence[int]:
    """Return the column after the last one of each page, families kept together; none where all fit on one page."""
    if columns <= _ON_PAGE + 5:
        return ()
    pages, start, last = [], 2, 2
    for end in sorted({grid.column("core") + 1, grid.column("budget"), grid.column("share"), columns}):
        if end - start > _ON_PAGE and last > start:
            pages.append(last)
            start = last
        while end - start > _ON_PAGE + 1:
            start += _ON_PAGE
            pages.append(start)
        last = end
    return [*pages, columns]


class _Amounts:
    """The table while it is written."""

    def __init__(self, page: ComparedPage, grid: Grid) -> None:
        self.page, self.grid, self.styles = page, grid, page.styles
        self.depth = dict(grid.tree)

    def line(self, name: str, year: int | None, row: int) -> None:
        """Write the row of an area, or of what stands below the areas, in a year or over all of them."""
        foot = name.removeprefix("\0") if name.startswith("\0") else ""
        strong = bool(foot) or (year is ALL and self.grid.multi) or self.grid.below.get(name, (name,)) != (name,)
        look: dict[str, object] = {"bold": True} if strong else {}
        if year is ALL:
            look["bg_color"] = FILL
        text = self.styles.text(**look | ({} if foot else {"indent": self.depth[name]}))
        self.page.text(row, 0, foot or name, text)
        if year is ALL:
            self.page.text(row, 1, self.grid.period, self.styles.text(align="center", **look))
        else:
            self.page.number(row, 1, year, self.styles.of(Role.YEAR, **look))
        amount = self.styles.amount(**look)
        for number, case in enumerate(self.grid.planned):
            self._figures(name, foot, year, row, number, case, amount)
        if foot in (BUDGET, MONEY):
            self.page.text(row, self.grid.column("core"), "", amount)
        else:
            self._core(name, foot, year, row, amount)
        if self.grid.based:
            self._differences(name, foot, year, row, strong=strong)

    # ---- one plan -----------------------------------------------------------------------------------------------

    def _figures(
        self, name: str, foot: str, year: int | None, row: int, number: int, case: PlannedCase, look: Look
    ) -> None:
        grid = self.grid
        value = _value(grid, name, foot, case)
        scenario = grid.column("scenario", number)
        own = grid.leaves_of[case.name]
        self._figure(name, foot, year, row, scenario, look, value, own, known=_known(case, name, foot, year))
        budget = scenario
        if grid.mixed:
            budget = grid.column("budget", number)
            if foot in (BUDGET, MONEY):
                self.page.text(row, budget, "", look)
            else:
                area = None if foot else name
                money: _Value = lambda t: grid.budget_money(case, area, t)  # noqa: E731
                known = _known(case, name, foot, year)
                self._figure(name, foot, year, row, budget, look, money, own, known=known)
        self._share(name, foot, year, row, number, case, budget)

    def _figure(
        self, name: str, foot: str, year: int | None, row: int, column: int, look: Look, value: _Value,
        own: frozenset[str], *, known: bool,
    ) -> None:  # fmt: skip
        """Write an amount: a sum of years, of parts or of areas by formula, else typed."""
        grid, page = self.grid, self.page
        if not known:
            page.text(row, column, "", look)
        elif year is ALL:
            rows = [grid.place(name, t) for t in grid.summed]
            page.formula(row, column, sum_of(rows, column), value(year), look)
        elif foot == TOTAL:
            rows = [grid.place(area, year) for area, _ in grid.tree if area in own]
            page.formula(row, column, sum_of(rows, column), value(year), look)
        elif foot or name in own:
            page.number(row, column, value(year), look)
        else:
            rows = [grid.place(area, year) for area in grid.below[name] if area in own]
            page.formula(row, column, sum_of(rows, column), value(year), look)

    def _share(
        self, name: str, foot: str, year: int | None, row: int, number: int, case: PlannedCase, budget: int
    ) -> None:
        grid, column = self.grid, self.grid.column("share", number)
        strong = {"bold": True} if foot or year is ALL else {}
        look = self.styles.share(**strong | ({"bg_color": FILL} if year is ALL else {}))
        whole = grid.money(case, year, budget=True)
        if foot in (BUDGET, MONEY) or not whole or not _known(case, name, foot, year):
            self.page.text(row, column, "", look)
            return
        part = grid.budget_money(case, None if foot else name, year)
        of = ref(grid.foot(BUDGET, year), grid.column("scenario", number))
        self.page.formula(row, column, f"{ref(row, budget)}/{of}", part / whole, look)

    # ---- across plans -------------------------------------------------------------------------------------------

    def _core(self, name: str, foot: str, year: int | None, row: int, look: Look) -> None:
        """Write the least of all plans; of years, parts and areas the sum."""
        grid, page, column = self.grid, self.page, self.grid.column("core")
        if year is not ALL and year not in grid.summed:
            page.text(row, column, "", look)
            return
        value = sum((grid.core(leaf, year) for leaf in (grid.leaves if foot else (name,))), ZERO)
        if year is ALL:
            formula = sum_of([grid.place(name, t) for t in grid.summed], column)
        elif foot or grid.below[name] != (name,):
            formula = sum_of([grid.place(leaf, year) for leaf in (grid.leaves if foot else grid.below[name])], column)
        else:
            cells = f"{ref(row, 2)}:{ref(row, column - 1)}"
            lacking = not all(_known(case, name, foot, year) for case in grid.planned)
            formula = f"MIN(0,{cells})" if lacking else f"MIN({cells})"
        page.formula(row, column, formula, value, look)

    def _differences(self, name: str, foot: str, year: int | None, row: int, *, strong: bool) -> None:
        grid = self.grid
        properties = ({"bold": True} if strong else {}) | ({"bg_color": FILL} if year is ALL else {})
        look = differing(self.styles, self.styles.decimals, properties)
        first = _value(grid, name, foot, grid.first)(year)
        base = ref(row, grid.column("scenario"))
        for number, case in enumerate(grid.planned[1:], start=1):
            formula = f"{ref(row, grid.column('scenario', number))}-{base}"
            value = difference(_value(grid, name, foot, case)(year), first)
            self.page.formula(row, grid.column("difference", number), formula, value, look)


type _Value = Callable[[int | None], Fraction]


def _value(grid: Grid, name: str, foot: str, case: PlannedCase) -> _Value:
    """Return what stands in a plan's column, by year."""
    if foot == TOTAL:
        return lambda year: grid.total(case, year)
    if foot:
        return lambda year: grid.money(case, year, budget=foot == BUDGET)
    return lambda year: grid.amount(case, name, year)


def _known(case: PlannedCase, name: str, foot: str, year: int | None) -> bool:
    """Whether a plan has such an area and year."""
    return (year is ALL or year in case.scenario.years) and (bool(foot) or name in case.scenario.area)
