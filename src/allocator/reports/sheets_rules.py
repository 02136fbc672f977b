"""The sheet Rules: every demand, live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.figures import RowStatus
from allocator.analyses.result import Result, RowFigures
from allocator.programme.rows import Key, Linear, Row
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.layout import FIRST, ref, span
from allocator.reports.noise import LAST_BITS, steady_decimals
from allocator.reports.page import Book, Page
from allocator.reports.sides import Sides
from allocator.reports.styles import BREACH, GREY, PLAN, Look
from allocator.reports.words import SYMBOLS, as_written, decimals_of, distinguishing_decimals, magnitude
from allocator.scenario.model import Operator
from allocator.scenario.origin import Cell

DIGITS, SPARE = 12, 2
"""Slack is rounded to so many digits of its row's sides, a few more where Step needs them: what lies below is noise."""
ZERO = Fraction(0)
LAST_DIGITS = 1e-6
"""A slack that is all noise is computed again only to this part of it."""
RELATIVE = 1e-9
"""What is noise where amounts are not rounded, as a part of a row's size."""
MOST_LINKS = 5_000
"""More links to cells than this slow a workbook down."""


@dataclass(frozen=True)
class Bounds:
    """How a row's slack is read: rounded to `digits` decimals, kept above −`kept`, binding below `binding`."""

    digits: int
    kept: float
    binding: float
    slack: float

    @property
    def status(self) -> RowStatus:
        """The status that the sheet's formula gives."""
        if self.slack < -self.kept:
            return RowStatus.MISSED
        return RowStatus.BINDING if abs(self.slack) < self.binding else RowStatus.NOT_BINDING


def bounds(figures: RowFigures, result: Result) -> Bounds:
    """Return how a row's slack is read, so that the formula gives the status that was computed exactly."""
    row, step = figures.row, result.step
    size = _noise_base(row, result)
    exact = figures.rhs - missed_sum(figures, result) if row.goal_bound else row.slack(result.amounts)
    digits = _digits(row, step, size, exact)
    slack = float(round(exact, digits))
    kept, binding = _within(row, step, size)
    if figures.status is RowStatus.MISSED:
        return Bounds(digits, min(kept, -slack / 2) if slack else kept, binding, slack)
    if slack < -kept:
        kept = _just_above(-slack, digits)
    if (figures.status is RowStatus.BINDING) != (abs(slack) < binding):
        binds = figures.status is RowStatus.BINDING
        binding = _just_above(abs(slack), digits) if binds else abs(slack) * (1 - LAST_DIGITS)
    return Bounds(digits, kept, binding, slack)


def missed_sum(held: RowFigures, result: Result) -> Fraction:
    """Return the sum of a priority's shortfalls as the sheet adds them up."""
    goals = (f for f in result.rows if f.row.strength == held.row.strength and not f.row.goal_bound)
    return sum((_missed_part(figures, result) for figures in goals), ZERO)


def _missed_part(figures: RowFigures, result: Result) -> Fraction:
    """Return a goal's shortfall, without what lies below its decimals, as a part of its divisor."""
    missed = max(ZERO, -figures.row.slack(result.amounts))
    return round(missed, bounds(figures, result).digits) / figures.row.divisor


def _just_above(slack: float, digits: int) -> float:
    """Return a bound that the slack stays within, whatever its last digits come to when it is computed again."""
    return slack + max(10.0**-digits, LAST_DIGITS * slack)


def _digits(row: Row, step: Fraction, size: float, slack: Fraction) -> int:
    """Return the decimals of slack: those that noise leaves, and to which it rounds the same in a spreadsheet."""
    digits = DIGITS - 1 - magnitude(size)
    most = digits + SPARE
    wanted = max(digits, min(decimals_of(step) + 1, most + 1)) if step else digits
    if row.goal_bound:
        wanted = most = digits - SPARE
    return steady_decimals([slack], wanted, LAST_BITS * Fraction(size), max(wanted, most))


def _within(row: Row, step: Fraction, size: float) -> tuple[float, float]:
    """Return what a shortfall and a slack may be for the row to count as kept and as binding."""
    weights = [abs(weight) for weight in row.body.terms.values()]
    if step and weights:
        reach = float(step * max(weights))
        kept = reach if row.operator is Operator.EQUAL else min(1e-12 * size, reach / 10)
        return kept, float(step * sum(weights))
    noise = RELATIVE * size
    return min(noise, float(row.margin) / 2) if row.margin else noise, noise


def _in_money(row: Row) -> bool:
    """Whether a row's sides are money: neither an outcome nor a goal's sum of shortfalls."""
    return row.kind.money and not row.goal_bound


def _noise_base(row: Row, result: Result) -> float:
    """Return what noise is measured by: the row's size; for money not less than a billionth of the plan's."""
    size = max(_size(row.left, result.amounts), _size(row.right, result.amounts))
    if not _in_money(row):
        return size
    return max(size, RELATIVE * float(max(map(abs, result.amounts.values()), default=Fraction(0))))


def _size(side: Linear, amounts: Mapping[Key, Fraction]) -> float:
    """Return the sum of the absolute values that a side adds up: what its noise is a part of."""
    money = sum((abs(c * amounts.get(key, Fraction(0))) for key, c in side.terms.items()), Fraction(0))
    return float(money + abs(side.constant))


def demand_look(page: Page, row: Row, typed: Fraction | None = None) -> Look:
    """Return the look of a row's sides: money as Step has it, an indicator or a goal's sum with what it needs.

    `typed` is a figure that no decision changes: its own decimals do.
    """
    if not _in_money(row):
        return page.styles.price() if typed is None else page.styles.typed(typed)
    return page.styles.amount()


def reached_look(page: Page, figures: RowFigures, **properties: object) -> Look:
    """Return the look of Reached: decimals enough to tell it from the demand."""
    row, reached = figures.row, figures.reached
    if reached is None:
        return page.styles.text(**properties)
    if row.base is not None:
        least = min(2, max(decimals_of(row.value * 100, 4), decimals_of(reached * 100, 2)))
        return page.styles.percent(distinguishing_decimals(reached * 100, row.value * 100, least), **properties)
    if not row.kind.money:
        least = min(3, max(decimals_of(row.value, 3), decimals_of(reached, 3)))
        return page.styles.number(distinguishing_decimals(reached, row.value, least), **properties)
    return page.styles.number(distinguishing_decimals(reached, row.value, page.styles.decimals), **properties)


def write_rules(book: Book) -> None:
    """Write every row of the programme with live sides, slack and status."""
    rows = book.result.rows
    page = Page(book, "Rules", f"Rules — {book.result.scenario.title}", rules_message(book), rows=len(rows))
    page.unit(
        "Right-hand side = (Offset + Value) × Basis amount. Slack is the room left, 0 or more where kept, strict "
        "rules' margin included. Binding: no room left."
    )
    page.table(tables.RULES)
    sides = Sides(book)
    for i, figures in enumerate(rows):
        _RuleLine(page, FIRST + i, figures, sides).write()
    _colour_status(page, len(rows))
    page.finish(freeze=1, pages=[tables.RULES.index("Cell") + 1])


def rules_message(book: Book) -> str:
    """Return how the rows stand in one sentence."""
    counts, rows = rows_counted(book.result)
    binding, missed = counts[RowStatus.BINDING], counts[RowStatus.MISSED]
    goals = f"{missed} goal row{'s are' if missed != 1 else ' is'} missed" if missed else "none is missed"
    verb = "binds" if binding == 1 else "bind"
    return f"As optimised, {binding} of {rows} row{'' if rows == 1 else 's'} {verb} and {goals}."


def rows_counted(result: Result) -> tuple[Mapping[RowStatus, int], int]:
    """Return how many rows have each status, and of how many: budgets count, goals' bounds do not, being no demands."""
    rows = [f for f in result.rows if not f.row.goal_bound]
    return {status: sum(1 for f in rows if f.status is status) for status in RowStatus}, len(rows)


def _colour_status(page: Page, count: int) -> None:
    column = tables.RULES.index("Status")
    for status, colour in ((RowStatus.MISSED, BREACH), (RowStatus.BINDING, PLAN), (RowStatus.NOT_BINDING, GREY)):
        form = page.book.workbook.add_format({"font_color": colour, "bold": status is not RowStatus.NOT_BINDING})
        rule = {"type": "cell", "criteria": "==", "value": f'"{status.value}"', "format": form}
        page.sheet.conditional_format(FIRST, column, FIRST + max(count, 1) - 1, column, rule)


class _RuleLine:
    """One line of Rules."""

    def __init__(self, page: Page, row: int, figures: RowFigures, sides: Sides) -> None:
        self.page, self.row, self.figures, self.sides = page, row, figures, sides
        self.bounds = bounds(figures, page.book.result)
        self.too_long = False

    def at(self, name: str) -> int:
        return tables.RULES.index(name)

    def cell(self, name: str) -> str:
        return ref(self.row, self.at(name))

    def write(self) -> None:
        """Write the line."""
        self._words()
        self._sides()
        self._judgement()
        self._inputs()

    def _words(self) -> None:
        page, row = self.page, self.figures.row
        basis = row.origin.legal_basis
        for name, text in (
            ("Rule", row.name),
            ("Subject", "sum of shortfalls" if row.goal_bound else row.subject),
            ("Operator", SYMBOLS[row.operator]),
            ("Unit", row.unit),
            ("As written", as_written(row)),
            ("Strength", str(row.strength)),
            ("Legal basis", basis),
        ):
            page.text(self.row, self.at(name), text, page.styles.of(tables.RULES.column(name).role))
        page.number(self.row, self.at("Year"), row.year, page.styles.of(Role.YEAR))
        link_cell(page, self.row, self.at("Cell"), row.cell)

    def _sides(self) -> None:
        page, figures = self.page, self.figures
        look = demand_look(page, figures.row)
        final = missed_sum(figures, page.book.result) if figures.row.goal_bound else figures.final_value
        page.formula(self.row, self.at("Final Value"), self._known(self._left()), final, look)
        page.formula(self.row, self.at("Constraint R.H. Side"), self._known(self._right()), figures.rhs, look)

    def _known(self, formula: str | None) -> str | None:
        """Note a side that has no formula."""
        self.too_long = self.too_long or formula is None
        return formula

    def _left(self) -> str | None:
        return self._missed_parts() if self.figures.row.goal_bound else self.sides.left(self.figures.row)

    def _missed_parts(self) -> str:
        """Return the sum of a priority's shortfalls, each divided as the programme divides it."""
        last = FIRST + len(self.page.book.result.rows) - 1
        parts, strengths = (span(FIRST, last, self.at(name), fixed=True) for name in ("Missed part", "Strength"))
        return f"SUMIFS({parts},{strengths},{self.cell('Strength')})"

    def _right(self) -> str | None:
        row = self.figures.row
        if row.base is not None and row.right == row.base * (row.offset + row.value):
            return f"({self.cell('Offset')}+{self.cell('Value')})*{self.cell('Basis amount')}"
        return self.cell("Value") if row.right == Linear({}, row.value) else self.sides.layout.formula(row.right)

    def _judgement(self) -> None:
        page, row, known, decimals = self.page, self.figures.row, self.bounds, self.cell("Decimals")
        left, right, margin = self.cell("Final Value"), self.cell("Constraint R.H. Side"), self.cell("Margin")
        if row.operator is Operator.EQUAL:
            formula = f"-ABS(ROUND({left}-{right},{decimals}))"
        elif row.operator.lower:
            formula = f"ROUND({left}-{right}-{margin},{decimals})"
        else:
            formula = f"ROUND({right}-{left}-{margin},{decimals})"
        page.formula(self.row, self.at("Slack"), formula, known.slack, self._slack_look(known.slack))
        slack, kept, binding = self.cell("Slack"), self.cell("Kept within"), self.cell("Binding within")
        status = f'IF({slack}<-{kept},"Missed",IF(ABS({slack})<{binding},"Binding","Not Binding"))'
        page.formula(self.row, self.at("Status"), status, known.status.value, page.styles.text())
        self._reached()

    def _slack_look(self, slack: float) -> Look:
        """Return the look of slack: as the sides, but with decimals enough not to show a little as nothing."""
        row, styles = self.figures.row, self.page.styles
        if not _in_money(row):
            return demand_look(self.page, row)
        return styles.number(
            distinguishing_decimals(Fraction(slack), ZERO, styles.decimals) if slack else styles.decimals
        )

    def _reached(self) -> None:
        page, base = self.page, self.cell("Basis amount")
        held = self.figures.row.goal_bound
        reached = missed_sum(self.figures, page.book.result) if held else self.figures.reached
        formula = self.cell("Final Value")
        if self.figures.row.base is not None:
            formula = f'IF({base}=0,"",{formula}/{base}-{self.cell("Offset")})'
        value = "" if reached is None else reached
        page.formula(self.row, self.at("Reached"), formula, value, reached_look(page, self.figures))

    def _inputs(self) -> None:
        page, row, styles = self.page, self.figures.row, self.page.styles
        value = styles.typed(row.value) if row.base is None else styles.percent(decimals_of(row.value * 100, 6))
        page.figure(self.row, self.at("Value"), self.sides.value(row), row.value, value)
        self._basis()
        page.number(self.row, self.at("Offset"), row.offset, styles.typed(row.offset))
        step = page.book.trace.setting("Step", row.margin) if row.margin else None
        page.figure(self.row, self.at("Margin"), step, row.margin, styles.typed(row.margin))
        page.number(self.row, self.at("Kept within"), self.bounds.kept, self._small())
        page.number(self.row, self.at("Binding within"), self.bounds.binding, self._small())
        page.number(self.row, self.at("Decimals"), self.bounds.digits, styles.number(0, num_format="0"))
        self._goal()
        remark = "value only: no formula, or too long a one" if self.too_long else ""
        page.text(self.row, self.at("Remark"), remark, styles.text(font_color=BREACH))

    def _basis(self) -> None:
        """Write what Value is a part of; blank for amounts and targets."""
        page, base = self.page, self.figures.row.base
        if base is None:
            page.text(self.row, self.at("Basis amount"), "", page.styles.text())
            return
        formula = self.sides.basis(self.figures.row)
        self.too_long = self.too_long or (formula is None and bool(base.terms))
        amount = base.value(page.book.result.amounts)
        page.figure(self.row, self.at("Basis amount"), formula, amount, page.styles.amount())

    def _goal(self) -> None:
        """Write a goal's shortfall as the programme sums it; blank for other rows."""
        page, row = self.page, self.figures.row
        if row.strength.kind != "goal" or row.goal_bound:
            page.text(self.row, self.at("Divisor"), "", page.styles.text())
            page.text(self.row, self.at("Missed part"), "", page.styles.text())
            return
        formula = self.sides.divisor(row, self.cell("Value"))
        page.figure(self.row, self.at("Divisor"), formula, row.divisor, page.styles.typed(row.divisor))
        left, right, margin = (self.cell(name) for name in ("Final Value", "Constraint R.H. Side", "Margin"))
        if row.operator is Operator.EQUAL:
            short = f"ABS({left}-{right})"
        else:
            short = f"MAX(0,{right}+{margin}-{left})" if row.operator.lower else f"MAX(0,{left}+{margin}-{right})"
        short = f"ROUND({short},{self.cell('Decimals')})/{self.cell('Divisor')}"
        missed = _missed_part(self.figures, page.book.result)
        page.formula(self.row, self.at("Missed part"), short, missed, page.styles.price())

    def _small(self) -> Look:
        return Look(self.page.styles.cell(align="right", num_format="0.##E+0"), lambda value: f"{value:.2e}")


def link_cell(page: Page, row: int, column: int, cell: Cell) -> None:
    """Write an input cell's address as a link to the sheet that shows it."""
    names = {sheet.name: name for sheet, name in zip(page.book.result.scenario.inputs, page.book.inputs, strict=True)}
    page.text(row, column, str(cell), page.styles.text())
    if cell.sheet in names and row < MOST_LINKS:
        target = names[cell.sheet].replace("'", "''")
        look = page.styles.cell(align="left", indent=1, font_color=PLAN)
        url = f"internal:'{target}'!{ref(cell.row - 1, cell.column - 1)}"
        page.sheet.write_url(row, column, url, look, str(cell))
