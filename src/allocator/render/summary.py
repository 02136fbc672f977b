"""The sheet Summary: the plan on one printed page, and its sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from allocator.analyses.figures import GoalFigures, RowStatus
from allocator.analyses.moves import RoomFigures
from allocator.analyses.result import Result, RowFigures
from allocator.programme.rows import Row
from allocator.render.charts import ChartData, draft, insert_charts
from allocator.render.checks_sheets import Workings, gap_decimals, objective_decimals, verdict
from allocator.render.page import LINE_HEIGHT, ROW_HEIGHT, Book, Page, wrapped_lines
from allocator.render.sheets import counted, money_text, plan_message, room_cell, room_lines, room_rows, shown
from allocator.render.styles import BREACH, CUT_BAR, INK, PLAN, RISE_BAR, SOFT, Look
from allocator.scenario.model import Operator
from allocator.spreadsheet.printing import text_width
from allocator.tables.columns import Column, Role
from allocator.tables.formulas import FIRST, HEAD, LONGEST_FORMULA, difference, quoted, ref
from allocator.tables.money import SUMMARY
from allocator.tables.rules import BINDING, reached_look, rows_counted
from allocator.version import __version__
from allocator.wording.alternatives import alternatives_finding
from allocator.wording.edits import cause, planned_with
from allocator.wording.findings import Finding, dearest_price, doubt_finding, findings, without_purpose
from allocator.wording.messages import told
from allocator.wording.numbers import as_written, exactly, listing, magnitude, years_text

if TYPE_CHECKING:
    from xlsxwriter.format import Format


ZERO = Fraction(0)
MOST_GOALS = 3


def verdict_text(result: Result, unit: str) -> str:
    """Return the verdict in one sentence."""
    goals = {goal.row.name for goal in result.goals if goal.missed_by > 0}
    missed = f"{counted(len(goals), 'goal')} missed as little as possible"
    if aimless := without_purpose(result.scenario):
        return f"{aimless}; this is one of them{f', {missed}' if goals else ''}."
    figure = f"{shown(result.objective or ZERO, objective_decimals(result))} {unit}".rstrip()
    best = "The best plan" if not result.step else "The best plan found in whole steps"
    best = best if result.proved_best else "A plan in whole steps, not proved to be the best"
    best += f", with {cause(by)}" if (by := result.scenario.changed_by) else ""
    objective, distance = result.scenario.objective, _distance(result)
    if objective.indicator is None and not objective.maximise:
        said = f"{best}: {figure} spent{distance or ', the least that keeps every rule'}"
        return f"{said}; {missed}." if goals else f"{said}."
    return f"{best}: {figure}{distance}; every rule is kept{f', {missed}' if goals else ''}."


def _distance(result: Result) -> str:
    """Return how near the plan is to the unrounded optimum; better where whole steps loosen what must be equal."""
    if not result.step or result.unrounded_objective is None or result.objective is None:
        return ""
    objective, best = result.scenario.objective, result.unrounded_objective
    spending = objective.indicator is None and not objective.maximise
    worse = (best - result.objective) * (1 if objective.maximise else -1)
    if not worse:
        return "" if spending else ", as good as any plan could be"
    if worse < 0:
        return f", {_gap(-worse, best)} better than the unrounded optimum{_why_better(result)}"
    side = "below" if objective.maximise else "above"
    bound = "the least that keeps every rule" if spending else "what any plan could reach"
    return f", at most {_gap(worse, best, up=True)} {side} {bound}"


def _gap(gap: Fraction, best: Fraction, *, up: bool = False) -> str:
    """Return a gap as a part of what it is measured by; as a figure where that is 0; `up`: rounded up."""
    value = float(gap / abs(best) * 100 if best else gap)
    decimals = min(12, max(1, -magnitude(value)))
    value = math.ceil(value * 10**decimals) / 10**decimals if up else value
    return f"{shown(value, decimals)} %" if best else shown(value, decimals)


def _why_better(result: Result) -> str:
    if any(figures.row.operator is Operator.EQUAL for figures in result.rows):
        return ", because equalities are kept only to within one Step"
    return ", because goals may be missed by what rounding needs" if result.goals else ""


def sentences(book: Book, workings: Workings) -> list[Finding]:
    """Return what a reader wants to know first: what the plan reaches, and what the figures say."""
    said = [
        replace(f, text=f"{f.text} {_counts(book.result)}".rstrip()) if f.head == "What binds" else f
        for f in findings(book.result)
    ]
    return [doubt_finding(book.result), Finding("What it reaches", _reaches(book, workings)), *said]


def changes(book: Book) -> Finding:
    """Return the largest areas, and what changes against last year."""
    return Finding("What changes", " ".join(filter(None, (_largest(book), _moves(book)))))


def _reaches(book: Book, workings: Workings) -> str:
    """Return the money and what it achieves: the objective, targets that are met, goals that are missed."""
    result, objective = book.result, book.result.scenario.objective
    value = f"{shown(result.objective or ZERO, objective_decimals(result))} {workings.unit}".rstrip()
    if objective.indicator is not None:
        reached = f"It brings {objective.indicator} to {value}"
    elif objective.maximise:
        reached = f"It reaches {value}"
    else:
        reached = f"It spends {value}, the least that was found"
    targets = [figures.met for figures in result.indicators if figures.met is not None]
    met = f"; {sum(targets)} of {counted(len(targets), 'target')} {_verb(targets)} met" if targets else ""
    return " ".join(filter(None, [plan_message(book), f"{reached}{met}.", _goals(book)]))


def _verb(targets: list[bool]) -> str:
    return "is" if len(targets) == 1 or sum(targets) == 1 else "are"


def _largest(book: Book) -> str:
    """Return the largest areas with their shares: by budget money where there is a budget and other money beside it."""
    year, scenario = book.layout.years[-1], book.result.scenario
    own = book.layout.mixed and bool(scenario.budget(year))
    sources = scenario.budget_sources if own else None
    size = [(book.result.amount(area.name, year, sources), area.name) for area in book.layout.tops]
    top = sorted(size, key=lambda pair: -pair[0])[:3]
    texts = []
    for amount, name in top:
        share = book.result.share(name, year)
        part = f", {shown(share * 100, 1)} % of the budget" if share else ""
        texts.append(f"{name} ({money_text(book, amount)}{part})")
    several = f"In {year} the" if len(book.layout.years) > 1 else "The"
    by = " by budget money" if own else ""
    noun, verb = ("areas", "are") if len(texts) > 1 else ("area", "is")
    return f"{several} largest {noun}{by} {verb} {listing(texts)}." if texts else ""


def _moves(book: Book) -> str:
    """Return the biggest rise and cut of budget money, from Last year to the last year."""
    result, year = book.result, book.layout.years[-1]
    changes = []
    for area in book.layout.tops:
        before = result.last_year(area.name)
        if before is not None:
            change = result.amount(area.name, year, result.scenario.budget_sources) - before
            changes.append((change, area.name, change / before if before else None))
    if not changes:
        return ""
    most, least = max(changes, key=lambda c: c[0]), min(changes, key=lambda c: c[0])
    parts = []
    for (change, name, part), verb in ((most, "rises"), (least, "falls")):
        if (change > 0) == (verb == "rises") and change:
            sign = "+" if change > 0 else ""
            by = f"{sign}{money_text(book, change)}" + (f", {sign}{shown(part * 100, 1)} %" if part else "")
            parts.append(f"{name} {verb} most ({by})")
    money = ", in budget money," if book.layout.mixed else ""
    if not parts:
        return f"No area differs from last year{money.rstrip(',')}."
    return f"Against last year{money} {listing(parts)}."


def _counts(result: Result) -> str:
    """Return how many rows bind, counted as on Rules."""
    counts, rows = rows_counted(result)
    binding = counts[RowStatus.BINDING]
    if not binding:
        return ""
    binds, have = ("binds", "it has") if binding == 1 else ("bind", "they have")
    return f"{binding} of {counted(rows, 'row')} on Rules {binds}, that is, {have} no room left."


def _goals(book: Book) -> str:
    """Return which goals are missed, each once, by the most in any of its years."""
    missed: dict[str, list[GoalFigures]] = {}
    for goal in book.result.goals:
        if goal.missed_by > 0:
            missed.setdefault(goal.row.name, []).append(goal)
    texts = []
    for name, goals in list(missed.items())[:MOST_GOALS]:
        worst = max(goals, key=lambda goal: goal.missed_by)
        missed_by = worst.missed_by
        amount = shown(missed_by, 3) if not worst.row.kind.money else money_text(book, missed_by)
        years = _years([goal.row for goal in goals]) if len(book.layout.years) > 1 else ""
        by = f"by {'up to ' if len(goals) > 1 else ''}{amount} {worst.row.unit}"
        texts.append(" ".join(filter(None, [name, years and f"in {years}", by])))
    more = len(missed) - MOST_GOALS
    if more > 0:
        texts.append(f"{more} more")
    return f"Missed: {listing(texts)}." if texts else ""


def binding_rows(result: Result, most: int) -> tuple[list[tuple[list[RowFigures], str]], int]:
    """Return missed rows and what binds, the dearest first, each name once with its years; and how many more."""
    missed = [f for f in result.rows if f.status is RowStatus.MISSED and not f.row.goal_bound]
    binding = [f for f in result.rows if f.status is RowStatus.BINDING and not f.row.goal_bound]
    binding.sort(key=lambda f: -dearest_price(f))
    groups: dict[tuple[str, RowStatus], list[RowFigures]] = {}
    for figures in [*missed, *binding]:
        groups.setdefault((figures.row.name, figures.status), []).append(figures)
    several = len(result.scenario.years) > 1
    found = [
        (sorted(g, key=lambda f: f.row.year or 0), _years([f.row for f in g]) if several else "")
        for g in groups.values()
    ]
    return found[:most], max(0, len(found) - most)


def span_text(texts: list[str]) -> str:
    """Return the one text that all years share, or the first and the last year's, operator and unit only once.

    >>> span_text(["≤ 5 million", "≤ 6 million", "≤ 7 million"]), span_text(["4 %", "4 %"])
    ('≤ 5 … 7 million', '4 %')
    """
    if len(set(texts)) == 1:
        return texts[0]
    first, last = texts[0].split(" "), texts[-1].lstrip("≥≤=>< ")
    for word in reversed(last.split(" ")[1:]):
        if first[-1] != word:
            break
        first.pop()
    return f"{' '.join(first)} … {last}"


def _years(rows: list[Row]) -> str:
    years = sorted(row.year for row in rows if row.year is not None)
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return ", ".join(map(str, years))


MOST_AREAS = 24
MOST_YEARS = 6
MOST_BINDING = 8
MOST_MESSAGES = 5
CHART_ROWS = 24
"""The charts are at least so many rows high together."""
RULE_WIDTH = 50
"""The least width of the names of what binds, in characters."""
OF_YEAR = ("Of it budget", "Share", "Change", "Change %", "Least", "Most")
"""Headings of figures that are of one year."""
GAP = 2
"""The width of the column between table and charts."""
CHART_WIDTHS = (60, 120)
"""The least and the greatest width of the charts, in characters."""
PAPER = 1.5
"""Width by height of what can be printed on the paper."""
POINTS = 5.4
"""The width of a character, in points."""


@dataclass(frozen=True)
class _Line:
    """A line of the table: an area, the rest of them, or the total."""

    name: str
    area: str | None = None
    depth: int = 0
    rest: tuple[str, ...] = ()
    """The areas shown, where the line is all others."""


class _Summary:
    """The Summary while it is written."""

    def __init__(self, book: Book, workings: Workings, data: ChartData, *, checked: bool) -> None:
        self.book, self.workings, self.data, self.checked = book, workings, data, checked
        self.scenario, self.result = book.result.scenario, book.result
        self.layout, self.styles = book.layout, book.styles
        self.page = Page(book, "Summary", self.scenario.title, "")
        self.years = _shown_years(self.layout.years)
        self.right = len(self.columns) + 1
        """The column of the charts."""
        self.end = FIRST
        """The row below what stands beside the charts."""
        size = max((float(self.scenario.budget(year)) for year in self.years), default=0.0)
        self.decimals = min(self.styles.decimals, max(0, 6 - magnitude(size)))

    @cached_property
    def proposed(self) -> bool:
        """Whether the draft plan is shown: where it speaks of the last year."""
        return any(self._draft(area.name) is not None for area in self.layout.tops)

    @cached_property
    def room(self) -> Mapping[str, RoomFigures]:
        """Area → its room in the last year; empty where it was not asked for, or is known for groups only."""
        areas = self.scenario.area
        lines = (r for r in room_lines(self.book) if r.year == self.years[-1])
        return {r.name: r for r in lines if isinstance(r.name, str) and r.name in areas}

    @cached_property
    def columns(self) -> list[tuple[str, Column[Any]]]:
        """The table's headings."""
        found: list[tuple[str, Column[Any]]] = []
        room = bool(self.room)
        shown = {"Proposed": self.proposed, "Of it budget": self.layout.mixed, "Least": room, "Most": room}
        for column in SUMMARY.columns:
            if column.family:
                pattern = column.name if len(self.years) == 1 else "YEAR"
                found += [(pattern.replace("YEAR", str(year)), column) for year in self.years]
            elif shown.get(column.name, True):
                of_year = len(self.years) > 1 and column.name in OF_YEAR
                found.append((f"{column.name} {self.years[-1]}" if of_year else column.name, column))
        return found

    @cached_property
    def lines(self) -> list[_Line]:
        """The areas shown: all, or those that are part of no other, or the largest of these and the rest."""
        tree, tops = self.layout.tree, self.layout.tops
        if len(tree) <= MOST_AREAS:
            return [_Line(area.name, area.name, depth) for area, depth in tree]
        if len(tops) <= MOST_AREAS:
            return [_Line(area.name, area.name) for area in tops]
        year = self.years[-1]
        order = sorted(tops, key=lambda area: -self.result.amount(area.name, year))[: MOST_AREAS - 1]
        shown = tuple(area.name for area in tops if area in order)
        return [*(_Line(name, name) for name in shown), _Line(f"{len(tops) - len(shown):,} other areas", rest=shown)]

    # -- the table -------------------------------------------------------------------------------------------

    def table(self) -> int:
        """Write the table; return the row below it."""
        self.page.head(self.columns)
        for i, line in enumerate(self.lines):
            self._line(FIRST + i, line, {"indent": line.depth}, {})
        last = FIRST + len(self.lines)
        self._line(last, _Line("Total"), {"bold": True, "top": 1}, {"bold": True, "top": 1})
        self._bars(last - 1)
        return last + 1

    def _line(self, row: int, line: _Line, name: dict[str, object], look: dict[str, object]) -> None:
        self.page.text(row, 0, line.name, self.styles.text(**name))
        column, last = 1, self.years[-1]
        before = self._value(line, lambda area: self.result.last_year(area))
        self._figure(row, column, self._formula(line, self.layout.plan_last_year), before, look | {"font_color": SOFT})
        if self.proposed:
            column += 1
            drafted = self.styles.number(self.decimals, **look)
            self.page.figure(row, column, self._draft_formula(line), self._value(line, self._draft), drafted)
        for year in self.years:
            column += 1
            value = self._value(line, lambda area, year=year: self.result.amount(area, year))  # type: ignore[misc]
            formula = self._formula(line, lambda area, year=year: self.layout.plan(area, "amount", year))  # type: ignore[misc]
            self._figure(row, column, formula, value, look | ({"bold": True} if year == last else {}))
        self._change(row, column + 1, line, before, look)

    def _change(self, row: int, column: int, line: _Line, before: Fraction | None, look: dict[str, object]) -> None:
        """Write change, change % and share, all of budget money in the last year."""
        last = self.years[-1]
        money = self._value(line, lambda area: self.result.amount(area, last, self.scenario.budget_sources)) or ZERO
        budget = self._formula(line, lambda area: self.layout.plan(area, "budget", last))
        if self.layout.mixed:
            self._figure(row, column, budget, money, look)
            column, budget = column + 1, ref(row, column)
        earlier = ref(row, 1)
        known = before is not None
        change = difference(money, before) if before is not None else None
        self._figure(row, column, f"{_bracketed(budget)}-{earlier}" if known else "", change, look)
        part = change / before if change is not None and before else None
        self._figure(row, column + 1, f"{ref(row, column)}/{earlier}", part, look, percent=1)
        whole = self.scenario.budget(last)
        share = money / whole if whole else None
        formula = f"{_bracketed(budget)}/{self.layout.budget(last)}"
        self._figure(row, column + 2, formula, share, look, percent=self.styles.share_decimals)
        if self.room:
            self._ends(row, column + 3, line, look)

    def _ends(self, row: int, column: int, line: _Line, look: dict[str, object]) -> None:
        """Write the least and the most, from Room; a dash where they are not known, as for all other areas."""
        room, year = self.room.get(line.area or ""), self.years[-1]
        for i, name in enumerate(("Least, 0.5 % worse", "Most, 0.5 % worse")):
            if room is None:
                self.page.text(row, column + i, "–", self.styles.text(**look | {"align": "right", "font_color": SOFT}))
                continue
            formula = room_cell(room_rows(self.book)[room.name, year], name)
            value = Fraction(room.most_near if i else room.least_near)
            self._figure(row, column + i, formula, value, look)

    def _draft(self, area: str) -> Fraction | None:
        return draft(self.book, area, self.layout.years[-1])

    def _draft_formula(self, line: _Line) -> str | None:
        """Return the formula of a line's draft amount, from Inputs; None where a cell of it holds text."""
        tops = [area.name for area in self.layout.tops if area.name not in line.rest]
        links = [self.book.trace.proposed(name, self.layout.years[-1]) for name in ([line.area] if line.area else tops)]
        text = "+".join(link or "" for link in links)
        return text if all(links) and len(text) <= LONGEST_FORMULA else None

    def _value(self, line: _Line, of: Callable[[str], Fraction | None]) -> Fraction | None:
        """Return a line's figure: the area's, or the sum over all others, or over all."""
        if line.area is not None:
            return of(line.area)
        values = [of(area.name) for area in self.layout.tops if area.name not in line.rest]
        return None if any(v is None for v in values) else sum((v for v in values if v is not None), ZERO)

    def _formula(self, line: _Line, of: Callable[[str | None], str]) -> str:
        """Return the reference to a line's figure on Plan; all others are the total less those shown."""
        rest = "".join(f"-{of(name)}" for name in line.rest)
        return of(line.area) + rest

    def _figure(
        self, row: int, column: int, formula: str, value: Fraction | None, look: dict[str, object],
        *, percent: int | None = None,
    ) -> None:  # fmt: skip
        shown = self.styles.number(self.decimals, **look) if percent is None else self.styles.percent(percent, **look)
        if value is None:
            self.page.text(row, column, "", self.styles.text(**look))
        else:
            self.page.formula(row, column, formula, value, shown)

    def _bars(self, last: int) -> None:
        """Show changes as signed bars."""
        column = next(i for i, (_, c) in enumerate(self.columns) if c.name == "Change")
        bar = {
            "type": "data_bar", "bar_solid": True, "bar_color": RISE_BAR, "bar_negative_color": CUT_BAR,
            "bar_border_color": RISE_BAR, "bar_negative_border_color": CUT_BAR, "bar_axis_color": SOFT,
            "data_bar_2010": True,
        }  # fmt: skip
        self.page.sheet.conditional_format(FIRST, column, last, column, bar)

    # -- key figures and charts ------------------------------------------------------------------------------

    def key_figures(self, row: int) -> int:
        """Write objective and costs below the table; return the row below them."""
        self._next_key = row + 1
        for i in range(len(self.columns)):
            self.page.text(row, i, "" if i else "Key figures", self.styles.heading(first=not i))
        unit, decimals = self.workings.unit, objective_decimals(self.result)
        force, amount = (self.workings.objective(f"From {name}") for name in ("In force", "Amount"))
        value = self.workings.value
        self._key("Objective of the plan in force", force, value, unit, self.styles.number(decimals, bold=True))
        self._key("Objective as optimised", amount, value, unit, self.styles.number(decimals))
        cells = {name: ref(row + 1 + i, 1) for i, name in enumerate(("force", "amount"))}
        changed = f"{cells['force']}-{cells['amount']}"
        self._key("What decisions change", changed, ZERO, unit, self.styles.number(decimals))
        self._rounding(cells["amount"])
        look = Look(self.styles.cell(align="right", bold=True, font_color=PLAN if self.checked else BREACH), str)
        said = "yes" if self.checked else "NO"
        self._key("Every check holds", f'IF({verdict()},"yes","NO")', said, "see Checks", look)
        return self._next_key

    def _key(self, label: str, formula: str | None, value: object, unit: str, look: Look) -> None:
        row = self._next_key
        for column in range(2, len(self.columns)):
            self.page.text(row, column, "", self.styles.text())
        self.page.text(row, 0, label, self.styles.text())
        self.page.formula(row, 1, formula, value, look)
        self.page.text(row, 2, unit, self.styles.text(font_color=SOFT, indent=1).format)
        self._next_key += 1

    def _rounding(self, amount: str) -> None:
        """Write what whole steps cost, or gain where the plan is better than the unrounded optimum."""
        if self.result.unrounded_objective is None:
            return
        best = float(self.result.unrounded_objective)
        value, maximise = self.workings.value, self.scenario.objective.maximise
        more = Fraction(best) - value if maximise else value - Fraction(best)
        cost = float(round(more, gap_decimals(best, value)))
        better = cost < 0
        optimum, decimals = (
            self.layout.parameter(n) for n in ("Optimum before rounding", "Decimals of its difference")
        )
        difference = f"{optimum}-{amount}" if maximise != better else f"{amount}-{optimum}"
        formula = f"ROUND({difference},{decimals})"
        look = self.styles.number(min(9, max(0, 2 - magnitude(cost))))
        label = f"{'Gain' if better else 'Cost'} of rounding to whole steps"
        label = label if self.result.proved_best else "What a better plan could gain at most"
        self._key(label, formula, abs(cost), self.workings.unit, look)

    # -- words -----------------------------------------------------------------------------------------------

    @cached_property
    def widths(self) -> list[float]:
        """The widths of the table's columns, in characters; fixed once the table is written."""
        return [self.page.width(i) for i in range(len(self.columns))]

    @cached_property
    def chart_width(self) -> float:
        """The width of the charts, in characters: what gives the page the shape of the paper."""
        height = ROW_HEIGHT * self.rows
        return min(CHART_WIDTHS[1], max(CHART_WIDTHS[0], height * PAPER / POINTS - sum(self.widths)))

    @property
    def rows(self) -> int:
        """About how many rows the page takes, the higher ones counted double."""
        told = len(planned_with(self.scenario)) + len(self.result.messages)
        return self.end + min(told, MOST_MESSAGES) + 9

    def stretch(self) -> None:
        """Make rows higher where the page would be wider than the paper: no empty half at its foot."""
        wanted = self.width * POINTS / PAPER / self.rows
        self.page.row_height = min(ROW_HEIGHT * 1.5, max(ROW_HEIGHT, wanted))

    @property
    def width(self) -> float:
        """The page's width, in characters."""
        return sum(self.widths) + GAP + self.chart_width

    def opening(self) -> None:
        """Write the verdict, live, and the sentences as optimised."""
        said = verdict_text(self.result, self.workings.unit)
        decided = self.layout.allocation("Decided")
        decimals = self.layout.parameter("Decimals of the objective")
        figures = f"FIXED({self.workings.objective('From In force')},{decimals})"
        changed = (
            f'COUNT({decided})&IF(COUNT({decided})=1," amount is"," amounts are")&'
            f'" decided otherwise: the objective is "&{figures}&'
            f"{quoted(' ' + self.workings.unit + '; ')}&"
            f'IF({verdict()},"every check still holds.","NOT EVERY CHECK HOLDS, see Checks.")'
        )
        checked = f'IF({verdict()},{quoted(said)},"NOT EVERY CHECK HOLDS, see Checks.")'
        form = self.styles.format(font_size=12, bold=True, font_color=PLAN, valign="vcenter")
        stored = said if self.checked else "NOT EVERY CHECK HOLDS, see Checks."
        sheet = self.page.sheet
        if self.layout.lines and len(said) < 250:
            sheet.write_formula(1, 0, f"=IF(COUNT({decided})=0,{checked},{changed})", form, stored)
        else:
            sheet.write_string(1, 0, stored, form)
        self._findings(2, sentences(self.book, self.workings))
        room = f" Least and most: at 0.5 % worse in {self.years[-1]}, see Room." if self.room else ""
        own = " Last year, change and share" if self.layout.mixed else " Change and share"
        self.page.unit(f"{self.scenario.unit}.{own}: budget money in {self.years[-1]}.{room}")

    def _findings(self, row: int, findings: Sequence[Finding]) -> None:
        """Write what the figures say, a paragraph for each finding under its bold head, in one cell."""
        said = [finding for finding in findings if finding.text]
        if not said:
            return
        plain, bold = self.styles.format(text_wrap=True), self.styles.format(bold=True)
        self._paragraph(row, "\n".join(f"{f.head}. {f.text}" for f in said), plain)
        pieces: list[object] = []
        for i, finding in enumerate(said):
            line = "" if i == len(said) - 1 else "\n"
            pieces += [bold, f"{finding.head}. ", self.styles.format(), f"{finding.text}{line}"]
        self.page.sheet.write_rich_string(row, 0, *pieces, plain)

    def _paragraph(self, row: int, text: str, form: Format) -> None:
        """Write text over the page's width, in a row high enough for it."""
        self.page.sheet.merge_range(row, 0, row, self.right, "", form)
        self.page.text(row, self.right, "", form)
        self.page.text(row, 0, text, form)
        self.page.height(row, LINE_HEIGHT * wrapped_lines(text, self.width) + 3)

    def binding(self, row: int) -> int:
        """Write what binds over the full width; return the row below."""
        shown, rest = binding_rows(self.result, MOST_BINDING)
        at = self._binding_columns()
        for column in range(self.right + 1):
            self.page.text(row, column, "", self.styles.heading())
        for name, column in at.items():
            text = f"{BINDING.title} in the optimised plan" if name == "Rule" else name
            role = Role.NUMBER if name == "Reached" else Role.TEXT
            self.page.text(row, column, text, self.styles.heading(role, first=not column))
        for group, years in shown:
            row += 1
            self._binding_line(row, at, group, years)
        if rest or not shown:
            row += 1
            text = f"and {rest:,} more, see Rules" if rest else "Nothing binds."
            self.page.text(row, 0, text, self.styles.format(font_color=SOFT))
        return row + 2

    def _binding_columns(self) -> dict[str, int]:
        """Return where each heading stands: the text between two of them runs over the columns."""
        last, written = len(self.columns) - 1, 1
        while written < last - 2 and sum(self.widths[:written]) < RULE_WIDTH:
            written += 1
        return {"Rule": 0, "As written": written, "Reached": last, "Legal basis": self.right}

    def _binding_line(self, row: int, at: dict[str, int], group: list[RowFigures], years: str) -> None:
        """Write a rule with its years; where they differ, from the first one's figure to the last one's."""
        figures = group[-1]
        missed = figures.status is RowStatus.MISSED
        colour = BREACH if missed else INK
        for column in range(self.right + 1):
            self.page.text(row, column, "", self.styles.cell(font_color=colour))
        name = ", ".join(filter(None, [figures.row.name, years])) + (" — missed" if missed else "")
        reached = self._reached(group)
        over = max(0.0, text_width(reached) - self.widths[at["Reached"]])
        spans = {
            at["Rule"]: (name, sum(self.widths[: at["As written"]])),
            at["As written"]: (
                span_text([as_written(f.row) for f in group]),
                sum(self.widths[at["As written"] : at["Reached"]]) - over,
            ),
            at["Legal basis"]: (figures.row.origin.legal_basis, self.chart_width),
        }
        for column, (text, width) in spans.items():
            look = self.styles.cell(font_color=colour, indent=1 if column else 0)
            self.page.text(row, column, _fitted(text, width), look)
        self.page.text(row, at["Reached"], reached, self.styles.cell(font_color=colour, align="right"))

    def _reached(self, group: list[RowFigures]) -> str:
        return span_text([
            "–" if f.reached is None else reached_look(self.page.styles, f).show(float(f.reached)) for f in group
        ])  # fmt: skip

    def closing(self, row: int) -> None:
        """Write what changes, messages and how the plan was made."""
        better = alternatives_finding(self.result)
        self._findings(row, [changes(self.book), *([better] if better else [])])
        row += 2
        said = told(self.result)
        messages = said[:MOST_MESSAGES]
        more = len(said) - len(messages)
        if messages:
            self.page.text(row, 0, "Warnings and messages", self.styles.section)
        for text in [*messages, *([f"{more} more, see About."] if more > 0 else [])]:
            row += 1
            self._paragraph(row, f"• {text}", self.styles.format(text_wrap=True))
        step = f"Step {exactly(self.result.step, 12)}" if self.result.step else "not rounded"
        made = (
            f"Made by allocate {__version__} with {self.result.run.solver} from {self.scenario.path or 'a scenario'} "
            f"(SHA-256 {self.scenario.sha256[:16]}…), {years_text(self.scenario.years)}, {step}; more under About."
        )
        form = self.styles.format(font_size=9, font_color=SOFT, text_wrap=True)
        self._paragraph(row + 1 if messages else row, made, form)


def write_summary(book: Book, workings: Workings, data: ChartData, *, checked: bool) -> None:
    """Write the plan on one page."""
    summary = _Summary(book, workings, data, checked=checked)
    beside = max(summary.key_figures(summary.table() + 1), HEAD + CHART_ROWS)
    summary.end = summary.binding(beside + 1)
    sheet, right = summary.page.sheet, summary.right
    sheet.set_column(right, right, summary.chart_width)
    sheet.set_column(right - 1, right - 1, GAP)
    summary.stretch()
    pixels = round(summary.chart_width * 7 + 5)
    insert_charts(book, data, HEAD, right, (pixels, round((beside - HEAD) * summary.page.row_height / 0.75)), 0.55)
    summary.opening()
    summary.closing(summary.end)
    summary.page.finish(freeze=0, repeat=None)
    summary.page.print_setup(1, 1)
    sheet.activate()


def _shown_years(years: tuple[int, ...]) -> tuple[int, ...]:
    """Return the years of the table: all, or the first, the last and some between."""
    if len(years) <= MOST_YEARS:
        return years
    last = len(years) - 1
    return tuple(years[round(i * last / (MOST_YEARS - 1))] for i in range(MOST_YEARS))


def _bracketed(formula: str) -> str:
    return f"({formula})" if "-" in formula else formula


def _fitted(text: str, width: float) -> str:
    """Return `text` cut to a width, with an ellipsis; it stands in full on Rules."""
    most = int(width * 1.1)
    return text if text_width(text) <= most else text[: most - 1].rstrip() + "…"
