"""The Summary of a comparison: what is the same, what became of each scenario, who gets what; one printed page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from allocator.programme.rows import ZERO
from allocator.reports import comparison_tables as tables
from allocator.reports import comparison_words as words
from allocator.reports.columns import Role, Table
from allocator.reports.comparison_grid import ALL, BUDGET, FEW, MONEY, TOTAL, Grid
from allocator.reports.comparison_page import ComparedPage, columns_of, differing
from allocator.reports.comparison_sheet_rules import goal_rows, item_decimals, reached, reached_look
from allocator.reports.comparison_summary_charts import LOWEST, SummaryCharts
from allocator.reports.layout import FIRST, difference, ref
from allocator.reports.page import Book
from allocator.reports.styles import BREACH, FILL, SOFT, WARNING, Look
from allocator.reports.words import number, objective_unit
from allocator.version import __version__
from allocator.wording.comparison import interrupted_text, note_texts, remark_texts

if TYPE_CHECKING:
    from allocator.analyses.compare import PlannedCase

_LEFT = 7
"""The last column of the tables at the left; charts stand beyond it."""
_WIDTHS = {0: 26, 1: 14} | dict.fromkeys(range(2, 8), 12)
_WIDE_TABLE = 4
"""From so many plans on the areas' table is nearly as wide as the charts need."""
_MOST_INDICATORS, _MOST_MESSAGES = 8, 4
_COLOURS = dict.fromkeys(("stopped", words.AS_DECIDED, words.AS_WRITTEN), WARNING) | {"no plan exists": BREACH}


def write_summary(book: Book, grid: Grid) -> None:
    """Write the sheet."""
    _Summary(book, grid).write()


class _Summary:
    """The sheet while it is written; `row` is the next free one."""

    def __init__(self, book: Book, grid: Grid) -> None:
        self.book, self.grid, self.styles = book, grid, book.styles
        self.page = ComparedPage(book, grid, "Summary", words.core_message(grid))
        self.page.widen(_WIDTHS | {_LEFT + 1: 34} | dict.fromkeys(range(_LEFT + 1, self._last), 9) | {self._last: 34})
        self.page.widen({self._end: 46 if len(grid.planned) < _WIDE_TABLE or not grid.few else 26})  # for the charts
        self.row = self._scenario_first = 3
        self.unit = grid.first.scenario.unit

    def write(self) -> None:
        self._said()
        top = self.row
        self._scenarios()
        self._losers()
        self._indicators()
        while len(self.grid.planned) > 1 and self.page.pixels(top, self.row) < LOWEST:
            self.row += 1
        below = self.row
        self._areas()
        self._messages()
        beside = range(_LEFT + 1, self._end + 1)
        SummaryCharts(self.page, self.grid, 3).insert(range(top, below), beside, self._scenario_first)
        self.page.finish(freeze=0, repeat=None)
        self.page.print_setup(1, 1 if self.grid.few and len(self.grid.cases) <= FEW + 2 else 2)
        self.page.sheet.activate()

    def _said(self) -> None:
        """Write what was interrupted, and in a sentence each what differs and which plan can stand elsewhere."""
        interrupted = interrupted_text(self.grid.comparison.interrupted)
        if interrupted:
            self.row = self.page.wide(self.row, f"{interrupted.rstrip('.')}.", self._wide, colour=BREACH, bold=True)
        for text in filter(None, (words.differ_most(self.grid), words.stands_best(self.grid))):
            self.row = self.page.wide(self.row, f"• {text}", self._wide)
        if not self.grid.based and self.grid.planned:
            text = (
                f"• {self.grid.first.name}, the first scenario, has no plan: there are no differences from it to show."
            )
            self.row = self.page.wide(self.row, text, self._wide)
        self.row += 1

    @property
    def _wide(self) -> int:
        """The column up to which sentences at the top run."""
        return self._end

    # ---- the scenarios ------------------------------------------------------------------------------------------

    def _scenarios(self) -> None:
        unit = objective_unit(self.grid.first.scenario)
        self._section(tables.SCENARIOS, f"; objective: {unit}" if unit else "")
        self._scenario_first = self.row
        for case in self.grid.cases:
            self._scenario(case)
            self.row += 1
        self.row += 1

    def _scenario(self, case: PlannedCase) -> None:
        page, row, styles = self.page, self.row, self.styles
        verdict = words.verdict(case)
        colour = {"font_color": _COLOURS[verdict], "bold": True} if verdict in _COLOURS else {}
        page.text(row, 0, case.name, styles.text(bold=case is self.grid.first, text_wrap=True))
        page.text(row, 1, verdict, styles.text(**colour))
        for column in range(2, _LEFT + 1):
            page.text(row, column, "", styles.text())
        if not case.planned:
            return
        number_of = self.grid.number[case.name]
        decimals = self.grid.objective_decimals
        page.formula(row, 2, self.grid.objective_at(number_of), case.objective, styles.number(decimals))
        self._against_first(row, case, decimals)
        self._missed(row, number_of)
        own, last = self.grid.own(number_of), len(self.grid.cases) - 1
        cross = self.grid.comparison.cross[own]
        elsewhere = sum(len(value.broken) for j, value in enumerate(cross) if value is not None and j != own)
        at = (self.grid.cross_at(2, number_of, j) for j in (0, last))
        cells = ":".join(cell if not i else cell.partition("!")[2] for i, cell in enumerate(at))
        page.formula(row, 6, f"SUM({cells})-{self.grid.cross_at(2, number_of, own)}", elsewhere, styles.number(0))
        if self.grid.based and case is not self.grid.first:
            page.number(row, 7, len(self.grid.losers(case, words.LOSS)), styles.number(0))

    def _against_first(self, row: int, case: PlannedCase, decimals: int) -> None:
        grid, first = self.grid, self._scenario_first
        if not grid.based or case is grid.first or not grid.comparable(case):
            return
        value, base = case.objective or ZERO, grid.first.objective or ZERO
        formula = f"{ref(row, 2)}-{ref(first, 2)}"
        self.page.formula(row, 3, formula, difference(value, base), differing(self.styles, decimals))
        if base:
            part = difference(value, base) / abs(base)
            look = differing(self.styles, _percent_decimals(part), percent=True)
            self.page.formula(row, 4, f"{ref(row, 3)}/ABS({ref(first, 2)})", part, look)

    def _missed(self, row: int, number_of: int) -> None:
        rows = goal_rows(self.grid)
        case = self.grid.planned[number_of]
        goals = case.valuation.goals if case.valuation else case.result.goals
        missed = sum(goal.missed_by > 0 for goal in goals)
        look = self.styles.number(0, **({"font_color": WARNING, "bold": True} if missed else {}))
        if rows:
            column = 4 + number_of
            cells = f"Indicators!{ref(rows.start, column)}:{ref(rows.stop - 1, column)}"
            self.page.formula(row, 5, f'COUNTIF({cells},">0")', missed, look)
        else:
            self.page.number(row, 5, 0, look)

    def _losers(self) -> None:
        """Write why a scenario has no plan, and who loses in the others."""
        for case in self.grid.cases:
            why = words.why_none(case)
            if why:
                text = f"• {case.name}, {words.verdict(case)}: {why}"
                self.row = self.page.wide(self.row, text, _LEFT, colour=BREACH)
        for case in self.grid.planned:
            count = len(case.valuation.broken) if case.valuation else 0
            if count:
                text = f"• {case.name}, {words.verdict(case)}: breaks {count} rule{'s' * (count > 1)} of its own"
                self.row = self.page.wide(self.row, f"{text} scenario: see Cross table.", _LEFT, colour=BREACH)
        losing = [c for c in self.grid.others if self.grid.losers(c, words.LOSS)]
        shown = losing if len(losing) <= FEW else losing[: FEW - 1]
        for case in shown:
            self.row = self.page.wide(self.row, f"• {words.losers_text(self.grid, case)}", _LEFT)
        if len(shown) < len(losing):
            text = f"• In {len(losing) - len(shown)} more scenarios areas get over 5 % less: see Amounts."
            self.row = self.page.wide(self.row, text, _LEFT)
        none = [c.name for c in self.grid.others if c not in losing]
        if none and self.grid.based:
            text = f"• {words.some(none, 5)}: no area gets over 5 % less than in {self.grid.first.name}."
            self.row = self.page.wide(self.row, text, _LEFT)
        self.row += 1

    # ---- indicators ---------------------------------------------------------------------------------------------

    def _indicators(self) -> None:
        found = reached(self.grid)
        order = {(item.name, item.year): FIRST + i for i, item in enumerate(found)}
        shown = [item for item in found if item.target] or found
        if len(shown) > _MOST_INDICATORS:
            last = {item.name: item.year for item in shown}
            shown = [item for item in shown if last[item.name] == item.year][:_MOST_INDICATORS]
        if not shown:
            return
        left = len([item for item in found if item.target]) - len(shown)
        note = f"; {left} more on Indicators" if left > 0 else ""
        names = [case.name for case in self.grid.planned[:FEW]]
        self._section(tables.SUMMARY_INDICATORS, note, {"scenario": names})
        for item in shown:
            label = f"{item.name} {item.year}" if self.grid.multi else item.name
            unit = f" ({item.unit})" if item.unit else ""
            self.page.text(self.row, 0, f"{label}{unit}", self.styles.of(Role.LONG))
            self.page.text(self.row, 1, item.target, self.styles.text())
            for i, figures in enumerate(item.each[:FEW]):
                look = reached_look(self.styles, figures, item_decimals(item))
                where = f"Indicators!{ref(order[item.name, item.year], 4 + i)}"
                self.page.figure(
                    self.row, 2 + i, where if figures else None, figures.reached if figures else None, look
                )
            self.row += 1
        if len(self.grid.planned) > FEW:
            text = f"The first {FEW} of {len(self.grid.planned)} plans; the others stand on Indicators."
            self.page.text(self.row, 0, text, self.styles.note)
            self.row += 1
        self.row += 1

    # ---- areas --------------------------------------------------------------------------------------------------

    def _areas(self) -> None:
        if not self.grid.planned:
            return
        when = f", {self.grid.period}" if self.grid.multi else f" {self.grid.period}"
        if self.grid.few:
            names = [case.name for case in self.grid.planned]
            gap = self._gap_headings()
            self._section(
                tables.SUMMARY_AREAS, f"; {self.unit}{when}", {"scenario": names, "share": names, "pair": gap}
            )
        else:
            self._section(tables.SUMMARY_RANGE, f"; {self.unit}{when}; all plans: see Amounts")
        for name, depth in self.grid.tree:
            self._area(name, depth)
            self.row += 1
        for foot in self.grid.feet:
            self._foot(foot)
            self.row += 1
        self._core_share()

    def _area(self, name: str, depth: int) -> None:
        grid, styles = self.grid, self.styles
        parent = grid.below[name] != (name,)
        strong: dict[str, object] = {"bold": True} if parent else {}
        self.page.text(self.row, 0, name, styles.text(indent=depth, **strong))
        at = grid.place(name, ALL)
        self.page.formula(self.row, 1, grid.at(at, "core"), grid.core(name, ALL), styles.amount(bold=True))
        values = [grid.amount(case, name, ALL) for case in grid.planned]
        shares = [self._share_of(case, name) for case in grid.planned]
        self._figures(at, values, shares, strong)
        self.page.text(
            self.row,
            self._last,
            words.largest_change(grid, name, styles.decimals) if grid.others else "",
            styles.text(),
        )

    def _share_of(self, case: PlannedCase, name: str | None) -> Fraction | None:
        whole = self.grid.money(case, ALL, budget=True)
        return self.grid.budget_money(case, name, ALL) / whole if whole else None

    @property
    def _last(self) -> int:
        """The last column of the areas' table."""
        return max(2 + 2 * len(self.grid.planned), _LEFT + 1) if self.grid.few else _LEFT + 1

    def _figures(
        self, at: int, values: Sequence[Fraction], shares: Sequence[Fraction | None], properties: dict[str, object]
    ) -> None:
        """Write amounts and shares of each plan; of many plans the first's, the least and the most."""
        grid, amount, share = self.grid, self.styles.amount(**properties), self.styles.share(**properties)
        if grid.few:
            for i, value in enumerate(values):
                self.page.formula(self.row, 2 + i, grid.at(at, "scenario", i), value, amount)
            for i, part in enumerate(shares):
                self._part(2 + len(values) + i, grid.at(at, "share", i), part, share)
            self._pair(at, values, properties)
            return
        self.page.formula(self.row, 2, grid.at(at, "scenario"), values[0], amount)
        cells = f"{grid.at(at, 'scenario')}:{ref(at, grid.column('scenario', len(values) - 1))}"
        for column, name, best in ((3, "MIN", min), (4, "MAX", max)):
            self.page.formula(self.row, column, f"{name}({cells})", best(values), amount)
        known = [part for part in shares if part is not None]
        cells = f"{grid.at(at, 'share')}:{ref(at, grid.column('share', len(values) - 1))}"
        self._part(5, grid.at(at, "share"), shares[0], share)
        for column, name, best in ((6, "MIN", min), (7, "MAX", max)):
            self._part(column, f"{name}({cells})", best(known) if known else None, share)

    def _gap_headings(self) -> tuple[str, ...]:
        """Return the headings of what stands between shares and the largest change: of two plans their difference."""
        if len(self.grid.planned) == 2 and self.grid.based:
            return ("Difference", "in %")
        return ("",) * (self._last - 2 - 2 * len(self.grid.planned))

    def _pair(self, at: int, values: Sequence[Fraction], properties: dict[str, object]) -> None:
        """Write the difference of two plans; leave the columns blank where they are not two."""
        first = 2 + 2 * len(values)
        for column in range(first, self._last):
            self.page.text(self.row, column, "", self.styles.text(**properties))
        if len(values) != 2 or not self.grid.based:
            return
        change = difference(values[1], values[0])
        look = differing(self.styles, self.styles.decimals, properties)
        self.page.formula(self.row, first, self.grid.at(at, "difference", 1), change, look)
        if values[0]:
            look = differing(self.styles, 1, properties, percent=True)
            self.page.formula(
                self.row, first + 1, f"{ref(self.row, first)}/{ref(self.row, 2)}", change / values[0], look
            )

    def _part(self, column: int, formula: str, value: Fraction | None, look: Look) -> None:
        if value is None:
            self.page.text(self.row, column, "", look)
        else:
            self.page.formula(self.row, column, formula, value, look)

    def _foot(self, foot: str) -> None:
        grid, styles = self.grid, self.styles
        strong: dict[str, object] = {"bold": True, "bg_color": FILL} if foot == TOTAL else {"font_color": SOFT}
        at = grid.foot(foot, ALL)
        label = {BUDGET: "Budget", MONEY: "All money there is"}.get(foot, foot)
        self.page.text(self.row, 0, label, styles.text(**strong))
        if foot == TOTAL:
            self.page.formula(self.row, 1, grid.at(at, "core"), grid.core_total, styles.amount(**strong))
            values = [grid.total(case, ALL) for case in grid.planned]
            shares = [self._share_of(case, None) for case in grid.planned]
        else:
            self.page.text(self.row, 1, "", styles.text(**strong))
            values = [grid.money(case, ALL, budget=foot == BUDGET) for case in grid.planned]
            shares = [None] * len(values)
        if grid.few or foot == TOTAL:
            self._figures(at, values, shares, strong)
        else:
            self._money_range(at, values, strong)
        self.page.text(self.row, self._last, "", styles.text(**strong))

    def _money_range(self, at: int, values: Sequence[Fraction], properties: dict[str, object]) -> None:
        grid, look = self.grid, self.styles.amount(**properties)
        cells = f"{grid.at(at, 'scenario')}:{ref(at, grid.column('scenario', len(values) - 1))}"
        self.page.formula(self.row, 2, grid.at(at, "scenario"), values[0], look)
        for column, name, best in ((3, "MIN", min), (4, "MAX", max)):
            self.page.formula(self.row, column, f"{name}({cells})", best(values), look)
        for column in (5, 6, 7):
            self.page.text(self.row, column, "", look)

    def _core_share(self) -> None:
        """Write the core as a part of the smallest budget."""
        grid, n = self.grid, len(self.grid.planned)
        least = min(grid.money(case, ALL, budget=False) for case in grid.planned)
        if not least:
            return
        at = grid.foot(MONEY if grid.mixed else BUDGET, ALL)
        cells = f"{grid.at(at, 'scenario')}:{ref(at, grid.column('scenario', n - 1))}"
        total = self.row - len(grid.feet)
        bold = self.styles.text(bold=True)
        self.page.text(self.row, 0, "Core / least money there is" if grid.mixed else "Core / smallest budget", bold)
        self.page.formula(
            self.row, 1, f"{ref(total, 1)}/MIN({cells})", grid.core_total / least, self.styles.share(bold=True)
        )
        self.row += 1

    # ---- the rest -----------------------------------------------------------------------------------------------

    def _section(self, table: Table, note: str = "", families: dict[str, Sequence[str]] | None = None) -> None:
        """Write a table's title with a note, and its headings below."""
        self.page.text(self.row, 0, f"{table.title}{note}", self.styles.section)
        heads = columns_of(table, families or {})
        narrow = [(n, replace(c, width=min(c.width, 12)) if 2 <= i <= _LEFT else c) for i, (n, c) in enumerate(heads)]
        self.page.head(narrow, self.row + 1)
        self.row += 2

    def _messages(self) -> None:
        grid = self.grid
        self.row += 1
        notes = [f"{case.name}: {note}" for case in grid.cases for note in note_texts(case)]
        messages = [*remark_texts(grid.comparison), *notes]
        for text in messages[:_MOST_MESSAGES]:
            self.row = self.page.wide(self.row, f"• {text.rstrip('.')}.", self._end, colour=WARNING)
        if len(messages) > _MOST_MESSAGES:
            text = f"and {len(messages) - _MOST_MESSAGES} more: see About"
            self.row = self.page.wide(self.row, text, self._end, colour=WARNING)
        made = f"Made by allocate {__version__}; what is compared, how, and limits of use: see About."
        self.row = self.page.wide(self.row, made, self._end, colour=SOFT, size=9)

    @property
    def _end(self) -> int:
        """The last column that is printed."""
        return self._last + 1


def _percent_decimals(part: Fraction) -> int:
    """Return the decimals of a small difference: 1, or those that show it is not nothing."""
    return next((d for d in (1, 2, 3) if number(abs(part) * 100, d) != number(0, d)), 4) if part else 1
