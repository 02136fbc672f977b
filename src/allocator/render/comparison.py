"""A comparison's workbook: Summary, Amounts, Rules, Inputs changed, About."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from allocator.analyses.compare import Comparison
from allocator.analyses.result import Result
from allocator.analyses.side_by_side import ALL, FEW
from allocator.programme.rows import ZERO
from allocator.programme.status import Status
from allocator.render import comparison_page as charts
from allocator.render.comparison_page import ComparedPage
from allocator.render.comparison_values import write_alternatives, write_bridges, write_cross
from allocator.render.page import Book, workbook_bytes, write_rows
from allocator.render.styles import BREACH, FILL, PLAN, SOFT, TAB_COLOURS, WARNING, Styles
from allocator.spreadsheet.printing import footer
from allocator.spreadsheet.saving import time_made
from allocator.tables import comparison as tables
from allocator.tables import comparison_summary as summary_tables
from allocator.tables.columns import Role, Table
from allocator.tables.comparison import BUDGET, MONEY, AmountLine, Grid, InputLine
from allocator.tables.comparison_summary import ScenarioLine, SumLine
from allocator.tables.formulas import FIRST, difference, ref
from allocator.tables.layout import Layout
from allocator.version import __version__
from allocator.wording import comparison as words
from allocator.wording.comparison import (
    as_optimised,
    core_message,
    differ_most,
    interrupted_text,
    note_texts,
    remark_texts,
    some,
    title,
    verdict,
)
from allocator.wording.edits import cause, edit_texts
from allocator.wording.messages import message_texts
from allocator.wording.numbers import exactly, listing, objective_unit, years_text

if TYPE_CHECKING:
    from datetime import datetime

    from xlsxwriter.chart import Chart
    from xlsxwriter.workbook import Workbook

    from allocator.analyses.compare import PlannedCase
    from allocator.render.comparison_page import ComparedPage


_ON_PAGE = 10
"""More columns of figures do not print side by side."""


# ---- Amounts ------------------------------------------------------------------------------------------------------


def write_amounts(book: Book, grid: Grid) -> None:
    """Write the sheet; plans' amounts are typed, everything else is worked out from them."""
    page = ComparedPage(book, grid, "Amounts", differ_most(grid) or core_message(grid), rows=len(grid.row))
    lacking = [case.name for case in grid.cases if not case.planned]
    without = f". Without a plan, and so not here: {', '.join(lacking)}" if lacking else ""
    page.unit(f"{grid.first.scenario.unit}; core: the least of all plans; differences from {grid.first.name}{without}")
    page.table(grid.amounts)
    write_rows(page, grid.amounts, [AmountLine(grid, *key) for key in grid.row], emphasis=_emphasis)
    page.finish(freeze=2, pages=_pages(grid.amounts))


def _emphasis(line: AmountLine) -> Mapping[str, object]:
    bold = line.foot or line.parent or line.year is ALL
    return ({"bold": True} if bold else {}) | ({"bg_color": FILL} if line.year is ALL else {})


def _pages(table: Table[Any]) -> Sequence[int]:
    """Return the column after the last one of each page, families kept together; none where all fit on one page."""
    columns = len(table.on_sheet)
    if columns <= _ON_PAGE + 5:
        return ()
    pages, start, last = [], 2, 2
    families = [column.family for column in table.on_sheet]
    starts = {families.index(name) for name in ("budget", "share") if name in families}
    for end in sorted({table.index("Core") + 1, columns} | starts):
        if end - start > _ON_PAGE and last > start:
            pages.append(last)
            start = last
        while end - start > _ON_PAGE + 1:
            start += _ON_PAGE
            pages.append(start)
        last = end
    return [*pages, columns]


# ---- Rules and Indicators -----------------------------------------------------------------------------------------


def write_rules(book: Book, grid: Grid) -> None:
    """Write which rows bind in which plan, and what each is worth there."""
    page = ComparedPage(book, grid, "Rules", _binding_message(grid), rows=len(grid.rules))
    own = "" if all(map(as_optimised, grid.planned)) else "; all of the plans as optimised, not as decided"
    page.unit(f"Price: change of the objective per unit that the right-hand side grows, of the unrounded optimum{own}")
    table = tables.RULES.along(scenario=grid.plans(), price=grid.plans())
    page.table(table)
    write_rows(page, table, grid.rules)
    columns = len(table.on_sheet)
    ends = [table.index("Binding in") + 1, table.index("Legal basis"), columns]
    page.finish(freeze=2, pages=ends if columns > 16 else ())


def _binding_message(grid: Grid) -> str:
    """Return which rules bind in all plans and which in some only."""
    if not grid.planned:
        return "Without a plan no rule binds."
    everywhere = list(dict.fromkeys(line.name for line in grid.rules if all(line.binding)))
    partly = list(dict.fromkeys(line.name for line in grid.rules if any(line.binding) and not all(line.binding)))
    budgets = {line.name for line in grid.rules if any(f.row.kind.supply for f in line.each if f)}
    rules = [name for name in everywhere if name not in budgets] or everywhere
    bind = "binds" if len(rules) == 1 else "bind"
    always = f"Whichever scenario comes, {some(rules)} {bind}" if rules else "No rule binds everywhere"
    if not partly:
        return f"{always}; what binds in one binds in all."
    return f"{always}; in some scenarios only: {some(partly)}."


def write_indicators(book: Book, grid: Grid) -> None:
    """Write what each plan reaches, and by how much it misses goals."""
    page = ComparedPage(book, grid, "Indicators", _indicator_message(grid))
    page.unit(f"Each plan under its own scenario; differences from {grid.first.name}; in red: its target is missed")
    table = tables.INDICATORS.along(scenario=grid.plans(), difference=grid.plans(but_first=True))
    page.table(table)
    write_rows(page, table, grid.reached)
    if grid.goals:
        goals, first = tables.GOALS.along(scenario=grid.plans()), grid.goal_rows.start
        page.section(first - 2, goals.title)
        page.table(goals, first - 1)
        write_rows(page, goals, grid.goals, first)
    page.finish(freeze=3)


def _indicator_message(grid: Grid) -> str:
    """Return how many targets each plan misses."""
    if not grid.planned:
        return "Without a plan no target is met or missed."
    found = grid.reached
    if not found:
        return "There are no indicators to compare."
    missed = {case.name: [item for item in found if item.missed(i)] for i, case in enumerate(grid.planned)}
    asked = sum(any(figures and figures.met is not None for figures in item.each) for item in found)
    if not any(missed.values()):
        return f"Every plan meets all {asked} targets." if asked else "No indicator has a target."
    texts = [f"{name} misses {len(items)}" for name, items in missed.items() if items]
    rest = "" if len(texts) == len(missed) else "; the other plans miss none"
    return f"Of {asked} target{'s' * (asked != 1)}, {some(texts, 5)}{rest}."


# ---- Inputs changed -----------------------------------------------------------------------------------------------


def write_inputs(book: Book, grid: Grid) -> None:
    """Write every cell in which a scenario differs from the first."""
    changed = zip(grid.cases, grid.comparison.changed, strict=True)
    lines = [InputLine(grid, case, row, edit) for case, rows in changed for row in rows for edit in row.edits]
    page = ComparedPage(book, grid, "Inputs changed", _inputs_message(grid), rows=len(lines))
    page.unit(f"Before: as in {grid.first.name}; evidence and status: of the change on What-if, else of the row")
    page.table(tables.INPUTS)
    write_rows(page, tables.INPUTS, lines)
    page.finish(freeze=1)


def _inputs_message(grid: Grid) -> str:
    """Return how many inputs each scenario changes."""
    texts = []
    for case, rows in list(zip(grid.cases, grid.comparison.changed, strict=True))[1:]:
        cells = sum(len(row.edits) for row in rows)
        texts.append(f"{case.name} {cells} cell{'s' * (cells != 1)} in {len(rows)} row{'s' * (len(rows) != 1)}")
    return f"Against {grid.first.name} these differ: {some(texts, 5)}." if texts else "Nothing was changed."


# ---- About --------------------------------------------------------------------------------------------------------

_TIME = "%Y-%m-%d %H:%M:%S UTC"
_MOST_CHANGES = 12
_METHOD = {
    "The same in all (core)": (
        "For each area without parts and each year, the least of its amounts over all plans. So much of the money "
        "goes to the same place whichever of these scenarios comes, and can be committed first. It is a statement "
        "about these plans, not a plan of its own."
    ),
    "Cross table": (
        "Objectives under different benefits, effects or weights aren't comparable. So every plan's amounts are "
        "valued by the assumptions of every scenario, and checked against its budgets, limits, rules and targets."
    ),
    "Regret": (
        "How much worse a plan is than the best plan of the scenario that comes. The plan with the least largest "
        "regret, of those that break no rule, loses least at worst. A plan that breaks rules may seem better than "
        "the best."
    ),
    "Bridge": (
        "The difference between two best plans is split among the rows of the inputs that differ. Each row gets what "
        "it changes on average when the rows are changed one after another, over all orders (the Shapley value, L. "
        "S. Shapley, A value for n-person games, 1953). The parts add up to the difference; a row that doesn't "
        "matter gets nothing; swapping the two scenarios turns every sign."
    ),
    "Exact and sampled": (
        "With up to 8 rows all their combinations are planned, and the parts are exact. With more, orders are drawn "
        "by chance, always the same ones; the error beside a part says how far the exact one may be, at 95 % "
        "confidence. Rows whose combinations have no plan are counted as one."
    ),
    "Alternatives": (
        "Proposed is the draft in the sheet Areas. Pro rata is last year's plan scaled to each year's budget. What "
        "had to be assumed to make amounts of them stands beside them."
    ),
    "Prices on Rules": (
        "A shadow price is the change of the objective, as stated, per unit by which the right-hand side grows, at "
        "the optimum before rounding. Prices of both sides and their ranges are in each scenario's plan workbook."
    ),
}
_LIMITS = (
    "Each plan is the best for its own scenario, and no better than the scenario's benefits, effects and rules are.",
    "The scenarios are those that were chosen, with no probability attached; nothing is said about others.",
    "A part of a bridge says what a changed input adds to the difference, in this model; it is no proof of a cause.",
    "The comparison supports a decision and does not take it: law, procedure and judgement stay with those who sign.",
)


def write_about(book: Book, grid: Grid) -> None:
    """Write what is compared, how, and with what."""
    page = ComparedPage(book, grid, "About", _about_message(grid))
    page.widest = tables.ABOUT.column("Content").width
    page.table(tables.ABOUT)
    long = page.styles.of(Role.LONG, valign="top")
    row = FIRST
    for part, facts in (
        ("The scenarios", _scenarios(grid)),
        ("How it was made", _made(book, grid)),
        ("How to read it", iter(_METHOD.items())),
        ("Limits of use", ((str(i), text) for i, text in enumerate(_LIMITS, start=1))),
    ):
        page.text(row, 0, part, page.styles.text(bold=True, font_color=PLAN))
        page.text(row, 1, "", page.styles.text())
        row += 1
        for item, content in facts:
            page.text(row, 0, item, long)
            page.text(row, 1, content, long)
            row += 1
    page.finish(freeze=0)


def _about_message(grid: Grid) -> str:
    files = {case.scenario.sha256 for case in grid.cases}
    source = "one file" if len(files) == 1 else f"{len(files)} files"
    return f"{len(grid.cases)} scenarios from {source}; the others are compared with the first, {grid.first.name}."


def _scenarios(grid: Grid) -> Iterator[tuple[str, str]]:
    for case in grid.cases:
        yield case.name, "\n".join(_facts(case))


def _facts(case: PlannedCase) -> Iterator[str]:
    scenario = case.scenario
    name = case.path or scenario.path or "no file"
    yield f"{scenario.title}; {verdict(case)}; {years_text(scenario.years)}, {scenario.unit}, {scenario.objective}"
    yield f"File: {name}, SHA-256 {scenario.sha256 or 'not known'}"
    if by := cause(scenario.changed_by):
        texts = edit_texts(scenario.changed_by)
        more = len(texts[_MOST_CHANGES:])
        rest = f"; and {more} more: see Inputs changed" if more else ""
        yield f"{by[:1].upper()}{by[1:]}: {'; '.join(texts[:_MOST_CHANGES])}{rest}"
    if case.planned:
        step = case.result.step
        yield f"Amounts in steps of {exactly(step)} {scenario.unit}" if step else "Amounts are not rounded"
    yield from note_texts(case)
    yield from message_texts(message for message in case.result.messages if message not in scenario.messages)


def _made(book: Book, grid: Grid) -> Iterator[tuple[str, str]]:
    yield "Made by", f"allocate {__version__}"
    yield "Made at", book.made.strftime(_TIME)
    run = next((c.result.run for c in grid.cases if c.result.run.solver), grid.first.result.run)
    yield "Solver", run.solver or "none was needed"
    yield "Versions", listing([f"{name} {text}" for name, text in run.versions.items()])
    if grid.comparison.interrupted:
        yield "Interrupted", interrupted_text(grid.comparison.interrupted)
    yield from (("Note", message) for message in remark_texts(grid.comparison))


_ROLES = {"Inputs changed": "inputs", "Cross table": "checks", "About": "contents", "Summary": "contents"}
_SHARE_DECIMALS = 1


def comparison_bytes(comparison: Comparison, made: datetime | None = None) -> bytes:
    """Return a comparison's workbook.

    Parameters
    ----------
    comparison
        As `allocator.analyses.compare.compare` returns it.
    made
        When it is said to be made; None: now, or at SOURCE_DATE_EPOCH.

    Returns
    -------
    bytes
        An ``.xlsx`` file; the same comparison and time give the same bytes.
    """
    then = made or time_made()
    grid = Grid(comparison)
    # the pages belong to no single scenario, so none may bear the name of one's variant
    common = replace(grid.first.scenario, title=title(grid), changed_by=None)
    result = Result(common, Status.OPTIMAL, grid.first.result.run)
    return workbook_bytes(common, tables.MADE_BY, then, lambda workbook: _write(workbook, grid, result, then))


def _write(workbook: Workbook, grid: Grid, result: Result, made: datetime) -> None:
    for name in tables.SHEETS:
        workbook.add_worksheet(name).set_tab_color(TAB_COLOURS[_ROLES.get(name, "results")])
    files = sorted({case.scenario.sha256[:8] for case in grid.cases})
    foot = footer(title(grid), f"scenario {files[0]}" if len(files) == 1 else f"{len(files)} files: see About")
    book = Book(workbook, result, Layout(result), Styles(workbook, grid.decimals, _SHARE_DECIMALS), made, (), foot)
    write_summary(book, grid)
    write_amounts(book, grid)
    write_rules(book, grid)
    write_indicators(book, grid)
    write_inputs(book, grid)
    write_cross(book, grid)
    write_bridges(book, grid)
    write_alternatives(book, grid)
    write_about(book, grid)


_MOST_CHARTED = 8
LOWEST, _HIGHEST, _BAR = 330, 820, 11
"""Pixels: of the charts together, which otherwise don't fit on a page, and of a bar with its figure."""
_FIGURES = 40
"""The column of the figures behind charts: beyond what is printed."""


class SummaryCharts:
    """The charts while they are made; `difference_column` is where the scenarios' differences stand."""

    def __init__(self, page: ComparedPage, grid: Grid, difference_column: int) -> None:
        self.page, self.grid, self.difference_column = page, grid, difference_column
        self.unit = grid.first.scenario.unit

    def insert(self, rows: range, columns: range, scenarios: int) -> None:
        """Insert the charts over these rows and columns; `scenarios` is the first one's row."""
        grid, top = self.grid, rows.start
        if len(grid.planned) < 2:
            return
        wide = sum(int(self.page.width(c) * 7 + 5) for c in columns) - 10
        self.page.reach(top, columns[-1])
        high = min(self.page.pixels(top, rows.stop) - charts.PIXELS, _HIGHEST)
        differ = [case for case in grid.others if grid.comparable(case)]
        part = max(140, 50 + min(26, 360 // len(differ)) * len(differ)) if differ else 0
        if differ:
            charts.insert(self.page, self._objective_chart(top, scenarios, differ), top, columns[0], (wide, part))
        bars = len(grid.planned) if grid.few else 1
        areas = max(3, min(_MOST_CHARTED, (high - part - 70) // (_BAR * bars + 6)))
        made = self._amounts_chart(top, self._charted(areas))
        charts.insert(self.page, made, top, columns[0], (wide, high - part - 10), part + 8)

    def _objective_chart(self, top: int, first: int, differ: Sequence[PlannedCase]) -> Chart:
        """Write what scenarios gain and lose against the first, each in a column of its own, and return the chart."""
        grid, page, column = self.grid, self.page, _FIGURES + FEW + 3
        base = grid.first.objective or ZERO
        values = []
        for row, case in enumerate(differ, top):
            change = float(difference(case.objective or ZERO, base))
            values.append(change)
            where = ref(first + grid.cases.index(case), self.difference_column)
            page.unseen(row, column, words.short(case.name))
            page.unseen(row, column + 1, max(change, 0.0), f"MAX(0,{where})")
            page.unseen(row, column + 2, min(change, 0.0), f"MIN(0,{where})")
        unit = objective_unit(grid.first.scenario)
        title = f"Objective: difference from {words.short(grid.first.name)}, {unit}".rstrip(", ")
        rows = (top, top + len(differ) - 1)
        return charts.objective_chart(page, title, rows, column, values, grid.objective_decimals)

    def _charted(self, most: int) -> list[str]:
        """Return the areas that the plans differ in most, the largest of them first; any where they don't differ."""
        differing = [name for name in self.grid.leaves if self.grid.spread[name]] or list(self.grid.leaves)
        names = sorted(differing, key=lambda name: -self.grid.spread[name])[:most]
        return sorted(names, key=lambda name: -self.grid.amount(self.grid.planned[0], name, ALL))

    def _amounts_chart(self, top: int, areas: Sequence[str]) -> Chart:
        """Write the figures behind the chart of amounts, and return it."""
        grid, page, column = self.grid, self.page, _FIGURES
        which = _which(areas, grid)
        page.unseen(top - 1, column, "Figures behind the chart")
        first, last = top + 1, top + len(areas)
        for row, area in enumerate(areas, first):
            page.unseen(row, column, words.short(area))
        if grid.few:
            for i, case in enumerate(grid.planned, 1):
                page.unseen(top, column + i, words.short(case.name))
                for row, area in enumerate(areas, first):
                    where = grid.at(grid.place(area, ALL), "scenario", i - 1)
                    page.unseen(row, column + i, grid.amount(case, area, ALL), where)
            title = f"Amounts of {which}, {self.unit}"
            return charts.amounts_chart(page, title, (top, first, last, column), len(grid.planned))
        for row, area in enumerate(areas, first):
            at = grid.place(area, ALL)
            values = [grid.amount(case, area, ALL) for case in grid.planned]
            cells = grid.across(at, "scenario")
            one = grid.at(at, "scenario")
            page.unseen(row, column + 1, min(values), f"MIN({cells})")
            page.unseen(row, column + 2, values[0] - min(values), f"{one}-{ref(row, column + 1)}")
            page.unseen(row, column + 3, max(values) - values[0], f"MAX({cells})-{one}")
        first_name = words.short(grid.first.name if grid.based else grid.planned[0].name)
        title = f"Range of {which}, {self.unit}: grey from least to {first_name}, striped to most"
        return charts.range_chart(page, title, (top, first, last, column))


def _which(areas: Sequence[str], grid: Grid) -> str:
    """Return which areas a chart shows, in words."""
    differing = sum(bool(grid.spread[name]) for name in grid.leaves)
    if len(areas) == len(grid.leaves):
        return "all areas"
    if not differing:
        return f"{len(areas)} areas; none differs"
    if len(areas) == differing:
        return "the area that differs" if differing == 1 else f"the {differing} areas that differ"
    return f"the {len(areas)} areas that differ most"


_LEFT = 7
"""The last column of the summary_tables at the left; charts stand beyond it."""
_WIDTHS = {0: 26, 1: 14} | dict.fromkeys(range(2, 8), 12)
_WIDE_TABLE = 4
"""From so many plans on the areas' table is nearly as wide as the charts need."""
_MOST_INDICATORS, _MOST_MESSAGES = 8, 4


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

    def _say(self, text: str, last: int = _LEFT, **look: Any) -> None:
        """Write a sentence over the columns up to `last`."""
        self.row = self.page.wide(self.row, text, last, **look)

    def _said(self) -> None:
        """Write what was interrupted, and in a sentence each what differs and which plan can stand elsewhere."""
        grid = self.grid
        interrupted = interrupted_text(grid.comparison.interrupted)
        if interrupted:
            self._say(f"{interrupted.rstrip('.')}.", self._end, colour=BREACH, bold=True)
        for text in filter(None, (words.differ_most(grid), words.stands_best(grid))):
            self._say(f"• {text}", self._end)
        if not grid.based and grid.planned:
            without = f"{grid.first.name}, the first scenario, has no plan"
            self._say(f"• {without}: there are no differences from it to show.", self._end)
        self.row += 1

    # ---- the scenarios ------------------------------------------------------------------------------------------

    def _scenarios(self) -> None:
        unit = objective_unit(self.grid.first.scenario)
        self._section(summary_tables.SCENARIOS, f"; objective: {unit}" if unit else "")
        self._scenario_first = self.row
        lines = [ScenarioLine(self.grid, case) for case in self.grid.cases]
        self.row = write_rows(self.page, summary_tables.SCENARIOS, lines, self.row) + 1

    def _losers(self) -> None:
        """Write why a scenario has no plan, and who loses in the others."""
        grid = self.grid
        for case in grid.cases:
            if why := words.why_none(case):
                self._say(f"• {case.name}, {words.verdict(case)}: {why}", colour=BREACH)
        for case in grid.planned:
            if count := len(case.valuation.broken) if case.valuation else 0:
                breaks = f"breaks {count} rule{'s' * (count > 1)} of its own scenario: see Cross table."
                self._say(f"• {case.name}, {words.verdict(case)}: {breaks}", colour=BREACH)
        losing = [case for case in grid.others if grid.losers(case, words.LOSS)]
        shown = losing if len(losing) <= FEW else losing[: FEW - 1]
        for case in shown:
            self._say(f"• {words.losers_text(grid, case)}")
        if len(shown) < len(losing):
            self._say(f"• In {len(losing) - len(shown)} more scenarios areas get over 5 % less: see Amounts.")
        none = [case.name for case in grid.others if case not in losing]
        if none:
            self._say(f"• {words.some(none, 5)}: no area gets over 5 % less than in {grid.first.name}.")
        self.row += 1

    # ---- indicators ---------------------------------------------------------------------------------------------

    def _indicators(self) -> None:
        found, grid = self.grid.reached, self.grid
        shown = [line for line in found if line.target] or list(found)
        if len(shown) > _MOST_INDICATORS:
            last = {line.name: line.year for line in shown}
            shown = [line for line in shown if last[line.name] == line.year][:_MOST_INDICATORS]
        if not shown:
            return
        left = len([line for line in found if line.target]) - len(shown)
        note = f"; {left} more on Indicators" if left > 0 else ""
        table = summary_tables.SUMMARY_INDICATORS.along(scenario=grid.plans()[:FEW])
        self._section(table, note)
        self.row = write_rows(self.page, table, shown, self.row)
        if not grid.few:
            text = f"The first {FEW} of {len(grid.planned)} plans; the others stand on Indicators."
            self.page.text(self.row, 0, text, self.styles.note)
            self.row += 1
        self.row += 1

    # ---- areas --------------------------------------------------------------------------------------------------

    def _areas(self) -> None:
        grid = self.grid
        if not grid.planned:
            return
        when = f", {grid.period}" if grid.multi else f" {grid.period}"
        if grid.few:
            pair = summary_tables.pair_columns(grid, self._last - 2 - 2 * len(grid.planned))
            table = summary_tables.SUMMARY_AREAS.along(scenario=grid.plans(), share=grid.plans(), pair=pair)
        else:
            table = summary_tables.SUMMARY_RANGE
        self._section(table, f"; {self.unit}{when}{'' if grid.few else '; all plans: see Amounts'}")
        keys = [name for name, _ in grid.tree] + [f"\0{foot}" for foot in grid.feet]
        lines = [SumLine(grid, key, ALL) for key in keys]
        self.row = write_rows(self.page, table, lines, self.row, _sum_emphasis)
        self._core_share()

    @property
    def _last(self) -> int:
        """The last column of the areas' table."""
        return max(2 + 2 * len(self.grid.planned), _LEFT + 1) if self.grid.few else _LEFT + 1

    def _core_share(self) -> None:
        """Write the core as a part of the smallest budget."""
        grid = self.grid
        least = min(grid.money(case, ALL, budget=False) for case in grid.planned)
        if not least:
            return
        at = grid.foot(MONEY if grid.mixed else BUDGET, ALL)
        cells = grid.across(at, "scenario")
        total = self.row - len(grid.feet)
        bold = self.styles.text(bold=True)
        self.page.text(self.row, 0, "Core / least money there is" if grid.mixed else "Core / smallest budget", bold)
        self.page.formula(
            self.row, 1, f"{ref(total, 1)}/MIN({cells})", grid.core_total / least, self.styles.share(bold=True)
        )
        self.row += 1

    # ---- the rest -----------------------------------------------------------------------------------------------

    def _section(self, table: Table[Any], note: str = "") -> None:
        """Write a table's title with a note, and its headings below."""
        self.page.text(self.row, 0, f"{table.title}{note}", self.styles.section)
        narrow = [replace(c, width=min(c.width, 12)) if 2 <= i <= _LEFT else c for i, c in enumerate(table.on_sheet)]
        self.page.head([(column.name, column) for column in narrow], self.row + 1)
        self.row += 2

    def _messages(self) -> None:
        grid = self.grid
        self.row += 1
        notes = [f"{case.name}: {note}" for case in grid.cases for note in note_texts(case)]
        messages = [*remark_texts(grid.comparison), *notes]
        for text in messages[:_MOST_MESSAGES]:
            self._say(f"• {text.rstrip('.')}.", self._end, colour=WARNING)
        if len(messages) > _MOST_MESSAGES:
            self._say(f"and {len(messages) - _MOST_MESSAGES} more: see About", self._end, colour=WARNING)
        made = f"Made by allocate {__version__}; what is compared, how, and limits of use: see About."
        self._say(made, self._end, colour=SOFT, size=9)

    @property
    def _end(self) -> int:
        """The last column that is printed."""
        return self._last + 1


def _sum_emphasis(line: SumLine) -> Mapping[str, object]:
    if not line.foot:
        return {"bold": True} if line.parent else {}
    return {"font_color": SOFT} if line.money else {"bold": True, "bg_color": FILL}
