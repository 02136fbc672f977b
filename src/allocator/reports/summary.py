"""The sheet Summary: the plan on one printed page."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator import __version__
from allocator.analyses.result import RowFigures
from allocator.reports import tables
from allocator.reports.charts import ChartData, insert_charts
from allocator.reports.layout import FIRST, HEAD, quoted, ref
from allocator.reports.page import Book, Page
from allocator.reports.sentences import binding_rows, objective_decimals, sentences, verdict_text
from allocator.reports.sheet_checks import verdict
from allocator.reports.sheets_outcome import Workings
from allocator.reports.sheets_rules import reached_look
from allocator.reports.styles import BREACH, CUT_BAR, PLAN, RISE_BAR, SOFT, Look, text_width
from allocator.reports.tables import Column
from allocator.reports.words import as_written, magnitude, years_text

ZERO = Fraction(0)
MOST_AREAS = 24
MOST_YEARS = 6
MOST_BINDING = 8
MOST_MESSAGES = 5
RIGHT = (34, 18, 20)
"""The widths of the right-hand columns: key figures, and the charts below them."""
ROW_PIXELS = 20
CHART_ROWS = 21
"""The charts are at least so many rows high together."""


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
        self.scenario, self.result, self.layout, self.styles = book.result.scenario, book.result, book.layout, book.styles
        self.page = Page(book, "Summary", self.scenario.title, "")
        self.years = _shown_years(self.layout.years)
        self.right = len(self.columns) + 1

    @cached_property
    def proposed(self) -> bool:
        """Whether the draft plan is shown: where it speaks of the last year."""
        return any(self.layout.years[-1] in area.proposed for area, _ in self.layout.tree)

    @cached_property
    def columns(self) -> list[tuple[str, Column]]:
        """The table's headings."""
        found: list[tuple[str, Column]] = []
        for column in tables.SUMMARY.columns:
            if column.family:
                pattern = column.name if len(self.years) == 1 else "YEAR"
                found += [(pattern.replace("YEAR", str(year)), column) for year in self.years]
            elif column.name != "Proposed" or self.proposed:
                suffix = f" {self.years[-1]}" if len(self.years) > 1 and column.name in ("Share", "Change", "Change %") else ""
                found.append((column.name + suffix, column))
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
        self.page.sheet.set_row_pixels(HEAD, 22)
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
            draft = self._value(line, self._draft) if line.area else None
            self.page.number(row, column, draft, self.styles.amount(**look))
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
        earlier = ref(row, 1)
        known = before is not None
        change = money - before if before is not None else None
        self._figure(row, column, f"{_bracketed(budget)}-{earlier}" if known else "", change, look)
        part = change / before if change is not None and before else None
        self._figure(row, column + 1, f"{ref(row, column)}/{earlier}", part, look, percent=1)
        whole = self.scenario.budget(last)
        share = money / whole if whole else None
        formula = f"{_bracketed(budget)}/{self.layout.budget(last)}"
        self._figure(row, column + 2, formula, share, look, percent=self.styles.share_decimals)

    def _draft(self, area: str) -> Fraction | None:
        return self.scenario.area[area].proposed.get(self.layout.years[-1])

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
        shown = self.styles.amount(**look) if percent is None else self.styles.percent(percent, **look)
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

    def key_figures(self) -> int:
        """Write objective and costs at the right of the table; return the row below them."""
        row, column, sheet = HEAD, self.right, self.page.sheet
        for i, (text, right) in enumerate((("Key figures", False), ("", True), ("", False))):
            sheet.write_string(row, column + i, text, self.styles.heading(right=right))
        unit, decimals = self.workings.unit, objective_decimals(self.result)
        force, amount = (self.workings.objective(f"From {name}") for name in ("In force", "Amount"))
        value = self.workings.value
        self._key("Objective of the plan in force", force, value, unit, self.styles.number(decimals, bold=True))
        self._key("Objective as optimised", amount, value, unit, self.styles.number(decimals))
        cells = {name: ref(HEAD + 1 + i, column + 1) for i, name in enumerate(("force", "amount"))}
        self._key("What decisions change", f"{cells['force']}-{cells['amount']}", ZERO, unit, self.styles.number(decimals))
        self._rounding(cells["amount"])
        look = Look(self.styles.cell(align="right", bold=True), str)
        self._key("Every check holds", verdict(), self.checked, "see Checks", look)
        for text, colour in (("TRUE", PLAN), ("FALSE", BREACH)):
            form = self.book.workbook.add_format({"font_color": colour})
            rule = {"type": "cell", "criteria": "==", "value": text, "format": form}
            sheet.conditional_format(self._next_key - 1, column + 1, self._next_key - 1, column + 1, rule)
        return self._next_key

    _next_key = HEAD + 1

    def _key(self, label: str, formula: str | None, value: object, unit: str, look: Look) -> None:
        row, column = self._next_key, self.right
        self.page.text(row, column, label, self.styles.text().format)
        self.page.formula(row, column + 1, formula, value, look)
        self.page.text(row, column + 2, unit, self.styles.text(font_color=SOFT, indent=1).format)
        self._next_key += 1

    def _rounding(self, amount: str) -> None:
        """Write what whole steps cost: the distance from the unrounded optimum, positive where it is worse."""
        best = self.result.unrounded_objective
        if best is None:
            return
        value = float(self.workings.value)
        maximise = self.scenario.objective.maximise
        cost = best - value if maximise else value - best
        digits = min(12, max(0, 11 - magnitude(best)))
        formula = f"ROUND({best!r}-{amount},{digits})" if maximise else f"ROUND({amount}-{best!r},{digits})"
        look = self.styles.number(min(9, max(0, 2 - magnitude(cost))))
        self._key("Cost of rounding to whole steps", formula, round(cost, digits) + 0.0, self.workings.unit, look)

    # -- words -----------------------------------------------------------------------------------------------

    @cached_property
    def width(self) -> float:
        """The page's width in characters."""
        return sum(self.page_widths()) + sum(RIGHT) + 3

    def page_widths(self) -> list[float]:
        """Return the widths of the table's columns."""
        return [self.page.width(i) for i in range(len(self.columns))]

    def opening(self) -> None:
        """Write the verdict, live, and the sentences as optimised."""
        said = verdict_text(self.result, self.workings.unit)
        decided = self.layout.allocation("Decided")
        decimals = objective_decimals(self.result)
        figures = f"FIXED({self.workings.objective('From In force')},{decimals})"
        changed = (
            f'COUNTA({decided})&" amounts are decided otherwise: the objective is "&{figures}&'
            f"{quoted(' ' + self.workings.unit + '; ')}&"
            f'IF({verdict()},"every check still holds.","NOT EVERY CHECK HOLDS, see Checks.")'
        )
        checked = f'IF({verdict()},{quoted(said)},"NOT EVERY CHECK HOLDS, see Checks.")'
        form = self.styles.format(font_size=12, bold=True, font_color=PLAN, valign="vcenter")
        stored = said if self.checked else "NOT EVERY CHECK HOLDS, see Checks."
        sheet = self.page.sheet
        if self.layout.lines and len(said) < 250:
            sheet.write_formula(1, 0, f"=IF(COUNTA({decided})=0,{checked},{changed})", form, stored)
        else:
            sheet.write_string(1, 0, stored, form)
        self._paragraph(2, " ".join(sentences(self.book, self.workings)), self.styles.format(text_wrap=True))
        self.page.unit(f"{self.scenario.unit}. Change and share: budget money in {self.years[-1]}.")

    def _paragraph(self, row: int, text: str, form: object) -> None:
        """Write text over the page's width, in a row high enough for it."""
        sheet, last = self.page.sheet, self.right + len(RIGHT) - 1
        sheet.merge_range(row, 0, row, last, "", form)  # type: ignore[arg-type]
        sheet.write_string(row, 0, text, form)  # type: ignore[arg-type]
        sheet.set_row_pixels(row, 4 + 18 * max(1, math.ceil(text_width(text) * 0.94 / self.width)))

    def binding(self, row: int) -> int:
        """Write what binds over the full width; return the row below."""
        shown, rest = binding_rows(self.result, MOST_BINDING)
        at = self._binding_columns()
        for column in range(self.right + len(RIGHT)):
            self.page.sheet.write_blank(row, column, None, self.styles.heading())
        for heading, name in ((tables.BINDING.title, "Rule"), ("As written",) * 2, ("Reached",) * 2, ("Legal basis",) * 2):
            self.page.sheet.write_string(row, at[name], heading, self.styles.heading())
        for figures, years in shown:
            row += 1
            self._binding_line(row, at, figures, years)
        if rest or not shown:
            row += 1
            text = f"and {rest:,} more, see Rules" if rest else "Nothing binds."
            self.page.text(row, 0, text, self.styles.format(font_color=SOFT))
        return row + 2

    def _binding_columns(self) -> dict[str, int]:
        widths, second = self.page_widths(), 1
        while second < len(widths) - 2 and sum(widths[:second]) < 46:
            second += 1
        return {"Rule": 0, "As written": second, "Reached": self.right, "Legal basis": self.right + 1}

    def _binding_line(self, row: int, at: dict[str, int], figures: RowFigures, years: str) -> None:
        widths = self.page_widths()
        colour = BREACH if figures.status.value == "Missed" else "#1F2937"
        plain = self.styles.cell(font_color=colour)
        for column in range(self.right + len(RIGHT)):
            self.page.sheet.write_blank(row, column, None, plain)
        name = f"{figures.row.name}, {years}" if years else figures.row.name
        name = f"{name} — missed" if figures.status.value == "Missed" else name
        self.page.text(row, 0, _fitted(name, sum(widths[: at["As written"]])), plain)
        self.page.text(row, at["As written"], _fitted(as_written(figures.row), sum(widths[at["As written"] :])), plain)
        index = self.result.rows.index(figures)
        value = "" if figures.reached is None else figures.reached
        look = reached_look(self.page, figures, align="left", font_color=colour)
        self.page.formula(row, at["Reached"], self.layout.rule(index, "Reached"), value, look)
        self.page.text(row, at["Legal basis"], _fitted(figures.row.origin.legal_basis, sum(RIGHT[1:])), plain)

    def closing(self, row: int) -> None:
        """Write messages and how the plan was made."""
        messages = [*self.result.messages[:MOST_MESSAGES]]
        more = len(self.result.messages) - len(messages)
        if messages:
            self.page.text(row, 0, "Warnings and messages", self.styles.section)
        for text in [*messages, *([f"{more} more, see About."] if more > 0 else [])]:
            row += 1
            self._paragraph(row, f"• {text}", self.styles.format(text_wrap=True))
        step = f"Step {self.result.step}" if self.result.step else "not rounded"
        made = (
            f"Made by allocate {__version__} with {self.result.run.solver} from {self.scenario.path or 'a scenario'} "
            f"(SHA-256 {self.scenario.sha256[:16]}…), {years_text(self.scenario.years)}, {step}; more under About."
        )
        self._paragraph(row + 1 if messages else row, made, self.styles.format(font_size=9, font_color=SOFT, text_wrap=True))


def write_summary(book: Book, workings: Workings, data: ChartData, *, checked: bool) -> None:
    """Write the plan on one page."""
    summary = _Summary(book, workings, data, checked=checked)
    below = summary.table()
    chart_row = summary.key_figures() + 1
    end = max(below, chart_row + CHART_ROWS)
    sheet, right = summary.page.sheet, summary.right
    for i, width in enumerate(RIGHT):
        sheet.set_column(right + i, right + i, width)
    sheet.set_column(right - 1, right - 1, 2)
    pixels = sum(width * 7 + 5 for width in RIGHT)
    split = 0.55 if len(book.layout.years) == 1 else 0.58
    insert_charts(book, data, chart_row, right, (pixels, (end - chart_row) * ROW_PIXELS), split)
    summary.page.widen({0: summary.page.width(0)})
    summary.opening()
    summary.closing(summary.binding(end + 1))
    summary.page.finish(freeze=0, repeat=False)
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


