"""The tables of the sheets Rules, Checks and Sensitivity; and what programs get of rows and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.analyses.figures import RowStatus
from allocator.analyses.prices import PartFigures
from allocator.analyses.result import AreaFigures, Result, RowFigures
from allocator.programme.rows import Key, Linear, Row
from allocator.scenario.model import Operator
from allocator.tables.columns import Column, Place, Role, Table, fact
from allocator.tables.formulas import LAST_BITS, steady_decimals
from allocator.wording.names import limiting_text, stop_text
from allocator.wording.numbers import SYMBOLS, as_written, decimals_of, distinguishing_decimals, magnitude

DIGITS, SPARE = 12, 2
"""Slack is rounded to so many digits of its row's sides, a few more where Step needs them: what lies below is noise."""
ZERO = Fraction(0)
LAST_DIGITS = 1e-6
"""A slack that is all noise is computed again only to this part of it."""
RELATIVE = 1e-9
"""What is noise where amounts are not rounded, as a part of a row's size."""


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


def demand_look(styles: Any, row: Row, typed: Fraction | None = None) -> Any:
    """Return the look of a row's sides: money as Step has it, an indicator or a goal's sum with what it needs.

    `typed` is a figure that no decision changes: its own decimals do.
    """
    if not _in_money(row):
        return styles.price() if typed is None else styles.typed(typed)
    return styles.amount()


def reached_look(styles: Any, figures: RowFigures, **properties: object) -> Any:
    """Return the look of Reached: decimals enough to tell it from the demand."""
    row, reached = figures.row, figures.reached
    if reached is None:
        return styles.text(**properties)
    if row.base is not None:
        least = min(2, max(decimals_of(row.value * 100, 4), decimals_of(reached * 100, 2)))
        return styles.percent(distinguishing_decimals(reached * 100, row.value * 100, least), **properties)
    if not row.kind.money:
        least = min(3, max(decimals_of(row.value, 3), decimals_of(reached, 3)))
        return styles.number(distinguishing_decimals(reached, row.value, least), **properties)
    return styles.number(distinguishing_decimals(reached, row.value, styles.decimals), **properties)


def rows_counted(result: Result) -> tuple[Mapping[RowStatus, int], int]:
    """Return how many rows have each status, and of how many: budgets count, goals' bounds do not, being no demands."""
    rows = [f for f in result.rows if not f.row.goal_bound]
    return {status: sum(1 for f in rows if f.status is status) for status in RowStatus}, len(rows)


# -- Rules -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleLine:
    """A line of Rules; `sides` has the formulas of its figures."""

    figures: RowFigures
    result: Result
    sides: Any

    @property
    def row(self) -> Row:
        """The row of the programme."""
        return self.figures.row

    @cached_property
    def bounds(self) -> Bounds:
        """How its slack is read."""
        return bounds(self.figures, self.result)

    @cached_property
    def missed(self) -> Fraction | None:
        """The sum of a priority's shortfalls, where the row holds it; else None."""
        return missed_sum(self.figures, self.result) if self.row.goal_bound else None

    @property
    def summed_goal(self) -> bool:
        """Whether it is a goal, whose shortfall counts in such a sum."""
        return self.row.strength.kind == "goal" and not self.row.goal_bound

    @cached_property
    def left(self) -> str | None:
        """The formula of the left side."""
        left: str | None = self.sides.left(self.row)
        return left

    @property
    def part_of_basis(self) -> bool:
        """Whether the right side is a part of the basis amount."""
        return self.row.base is not None and self.row.right == self.row.base * (self.row.offset + self.row.value)

    @cached_property
    def right(self) -> str | None:
        """The formula of a right side that is neither Value nor a part of the basis amount."""
        right: str | None = self.sides.layout.formula(self.row.right)
        return right

    @property
    def own_right(self) -> bool:
        """Whether the right side follows from cells of its own line."""
        return self.part_of_basis or self.row.right == Linear({}, self.row.value)

    @cached_property
    def basis(self) -> str | None:
        """The formula of the basis amount."""
        basis: str | None = self.sides.basis(self.row)
        return basis

    @property
    def remark(self) -> str:
        """What is said of a figure that stands there without its formula."""
        known = self.row.goal_bound or self.left is not None
        known = known and (self.own_right or self.right is not None)
        typed = self.row.base is not None and bool(self.row.base.terms) and self.basis is None
        return "" if known and not typed else "value only: no formula, or too long a one"


def _left(at: Place, line: RuleLine) -> str | None:
    if not line.row.goal_bound:
        return line.left
    return f"SUMIFS({at.whole('Missed part')},{at.whole('Strength')},{at['Strength']})"


def _right(at: Place, line: RuleLine) -> str | None:
    if line.part_of_basis:
        return f"({at['Offset']}+{at['Value']})*{at['Basis amount']}"
    return at["Value"] if line.own_right else line.right


def _slack(at: Place, line: RuleLine) -> str:
    left, right, margin = at["Final Value"], at["Constraint R.H. Side"], at["Margin"]
    if line.row.operator is Operator.EQUAL:
        return f"-ABS(ROUND({left}-{right},{at['Decimals']}))"
    room = f"{left}-{right}" if line.row.operator.lower else f"{right}-{left}"
    return f"ROUND({room}-{margin},{at['Decimals']})"


def _slack_look(at: Place, line: RuleLine) -> Any:
    """Return the look of slack: as the sides, but with decimals enough not to show a little as nothing."""
    slack, least = line.bounds.slack, at.styles.decimals
    if not _in_money(line.row):
        return demand_look(at.styles, line.row)
    return at.styles.number(distinguishing_decimals(Fraction(slack), ZERO, least) if slack else least)


def _status(at: Place, _line: RuleLine) -> str:
    slack = at["Slack"]
    binding = f'IF(ABS({slack})<{at["Binding within"]},"Binding","Not Binding")'
    return f'IF({slack}<-{at["Kept within"]},"Missed",{binding})'


def _reached(line: RuleLine) -> Fraction | str:
    reached = line.figures.reached if line.missed is None else line.missed
    return "" if reached is None else reached


def _reached_formula(at: Place, line: RuleLine) -> str:
    base, left = at["Basis amount"], at["Final Value"]
    return left if line.row.base is None else f'IF({base}=0,"",{left}/{base}-{at["Offset"]})'


def _value_look(at: Place, line: RuleLine) -> Any:
    value = line.row.value
    return at.styles.typed(value) if line.row.base is None else at.styles.percent(decimals_of(value * 100, 6))


def _shortfall(at: Place, line: RuleLine) -> str:
    """Return the formula of a goal's shortfall as the programme sums it."""
    left, right, margin = at["Final Value"], at["Constraint R.H. Side"], at["Margin"]
    if line.row.operator is Operator.EQUAL:
        short = f"ABS({left}-{right})"
    else:
        short = f"MAX(0,{right}+{margin}-{left})" if line.row.operator.lower else f"MAX(0,{left}+{margin}-{right})"
    return f"ROUND({short},{at['Decimals']})/{at['Divisor']}"


def _side_look(at: Place, line: RuleLine) -> Any:
    return demand_look(at.styles, line.row)


def _small(at: Place, _line: RuleLine) -> Any:
    return at.styles.small()


RULES = Table[RuleLine](
    "Rules",
    "Rules",
    "Every row of the programme: budgets, limits, rules and targets, how far each is from its bound.",
    (
        Column("Rule", "The row's name.", Role.LONG, 30, value=lambda r: r.row.name),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7, value=lambda r: r.row.year),
        Column(
            "Subject", "Whose money it is about.", width=14,
            value=lambda r: "sum of shortfalls" if r.row.goal_bound else r.row.subject,
        ),
        Column(
            "Final Value", "The left side, at the amounts in force.", Role.NUMBER, 13, look=_side_look,
            value=lambda r: r.figures.final_value if r.missed is None else r.missed, formula=_left,
        ),
        Column(
            "Operator", "How the left side compares with the right side.", width=9,
            value=lambda r: SYMBOLS[r.row.operator],
        ),
        Column(
            "Constraint R.H. Side", "The right side, at the amounts in force.", Role.NUMBER, 13, look=_side_look,
            value=lambda r: r.figures.rhs, formula=_right,
        ),
        Column("Unit", "Of both sides.", width=9, value=lambda r: r.row.unit),
        Column(
            "Slack", "Distance to what is demanded: 0 or more where it is kept.", Role.NUMBER, 12, look=_slack_look,
            value=lambda r: r.bounds.slack, formula=_slack,
        ),
        Column(
            "Status", "Binding, Not Binding or Missed.", width=12,
            value=lambda r: r.bounds.status.value, formula=_status,
        ),
        Column("As written", "The demand in the rule's own unit.", Role.LONG, 24, value=lambda r: as_written(r.row)),
        Column(
            "Reached", "The left side in the rule's own unit.", Role.NUMBER, 12,
            value=_reached, formula=_reached_formula, look=lambda at, r: reached_look(at.styles, r.figures),
        ),
        Column("Strength", "must, law, or goal and its priority.", width=9, value=lambda r: str(r.row.strength)),
        Column(
            "Legal basis", "The law or decision behind it.", Role.LONG, 20, value=lambda r: r.row.origin.legal_basis
        ),
        Column(
            "Cell", "The scenario's cell that holds the demand; the sheet Inputs shows it.", width=16,
            value=lambda r: r.row.cell,
        ),
        Column(
            "Value", "The number as written.", Role.NUMBER, 11,
            value=lambda r: r.row.value, formula=lambda _, r: r.sides.value(r.row), look=_value_look,
        ),
        Column(
            "Basis amount", "What Value is a part of, in money.", Role.AMOUNT, 13,
            value=lambda r: "" if r.row.base is None else r.row.base.value(r.result.amounts),
            formula=lambda _, r: None if r.row.base is None else r.basis,
        ),
        Column(
            "Offset", "Added to Value before it multiplies the basis.", Role.NUMBER, 9,
            value=lambda r: r.row.offset, look=lambda at, r: at.styles.typed(r.row.offset),
        ),
        Column(
            "Margin", "By how much a strict rule must be exceeded.", Role.NUMBER, 9,
            value=lambda r: r.row.margin, look=lambda at, r: at.styles.typed(r.row.margin),
            formula=lambda at, r: at.book.trace.setting("Step", r.row.margin) if r.row.margin else None,
        ),
        Column(
            "Kept within", "A shortfall up to this counts as kept: rounding noise, one Step for =.", Role.NUMBER, 9,
            value=lambda r: r.bounds.kept, look=_small,
        ),
        Column(
            "Binding within", "Slack below this counts as binding: one Step of the amounts.", Role.NUMBER, 9,
            value=lambda r: r.bounds.binding, look=_small,
        ),
        Column(
            "Decimals", "To so many decimals Slack is rounded: what lies below is noise.", Role.NUMBER, 9,
            value=lambda r: r.bounds.digits, look=lambda at, _: at.styles.number(0, num_format="0"),
        ),
        Column(
            "Divisor", "What a goal's shortfall is divided by when goals are summed.", Role.NUMBER, 12,
            value=lambda r: r.row.divisor if r.summed_goal else "",
            formula=lambda at, r: r.sides.divisor(r.row, at["Value"]) if r.summed_goal else None,
            look=lambda at, r: at.styles.typed(r.row.divisor),
        ),
        Column(
            "Missed part", "A goal's shortfall as a part of Divisor.", Role.PRICE, 11,
            value=lambda r: _missed_part(r.figures, r.result) if r.summed_goal else "",
            formula=lambda at, r: _shortfall(at, r) if r.summed_goal else None,
        ),
        Column(
            "Remark", "Where a formula would be too long for a workbook.", width=14,
            value=lambda r: r.remark, look=lambda at, _: at.styles.text(font_color=at.styles.breach),
        ),
    ),
)  # fmt: skip

BINDING: Table[Any] = Table(
    "Summary",
    "What binds",
    "Rules without room in the plan, the dearest first, and goals that are missed.",
    (
        Column("Rule", "The row's name, with its years.", width=26),
        Column("As written", "The demand in the rule's own unit."),
        Column("Reached", "The left side in the rule's own unit.", Role.NUMBER),
        Column("Legal basis", "The law or decision behind it."),
    ),
)

CHECKS: Table[Any] = Table(
    "Checks",
    "Checks",
    "Every check of the plan, recomputed by the workbook itself.",
    (
        Column("Check", "What is checked.", Role.LONG, 44),
        Column("Subject", "Of what.", Role.LONG, 30),
        Column("Year", "In which year.", Role.YEAR, 8),
        Column("Found", "What the sheets hold.", Role.NUMBER, 16),
        Column("Must be", "How it is to compare.", width=9),
        Column("Compared with", "What it is compared with.", Role.NUMBER, 16),
        Column("Tolerance", "How far off rounding noise may be.", Role.NUMBER, 12),
        Column("Holds", "TRUE or FALSE.", Role.FLAG, 9),
    ),
)

PARAMETER: Table[Any] = Table(
    "Checks",
    "Parameters",
    "To the right of the checks: tolerances, decimals and other numbers that formulas of the workbook refer to.",
    (
        Column("Tolerance or parameter", "What it is.", width=22),
        Column("Value", "The number.", Role.NUMBER, 14),
    ),
)


NO_PLAN, TWO_PRICES, ONE_WAY, NO_MEANING = "no plan", "two prices", "one way", "n/a"
NO_PLAN_BEYOND = "no plan beyond"
"""What stands in a cell instead of a number."""
NOTHING = "–"
"""What stands for a text where there is none."""


def _up(figures: RowFigures) -> str:
    return NO_PLAN if figures.no_plan_up else NO_MEANING


def _down(figures: RowFigures) -> str:
    return NO_PLAN if figures.no_plan_down else NO_MEANING


def _no_price(figures: RowFigures) -> str:
    """Return what stands under Shadow Price where it is not one number."""
    if figures.no_plan_up and figures.no_plan_down:
        return NO_PLAN
    if figures.no_plan_up or figures.no_plan_down:
        return ONE_WAY
    return TWO_PRICES if figures.degenerate else NO_MEANING


def _degenerate(figures: RowFigures) -> str:
    if figures.status is RowStatus.MISSED and figures.shadow_price is None:
        return "missed goal"
    if figures.degenerate:
        return _no_price(figures)
    return NO_MEANING if figures.degenerate is None else "no"


def _no_stop(no_plan: bool) -> str:
    return NO_PLAN if no_plan else NOTHING


VARIABLE_CELLS: Table[Any] = Table(
    "Sensitivity",
    "Variable Cells",
    "What the optimum says of each area's yearly amount; below them of each band and source, where there are several.",
    (
        Column("Name", "X", Role.LONG, 36, value=lambda a: a.name),
        Column("Year", "The year.", Role.YEAR, 7, key="year", value=lambda a: a.year),
        Column(
            "Final Value", "Its amount as optimised, from all sources.", Role.AMOUNT, 13,
            key="final_value", value=lambda a: a.final_value,
        ),
        Column(
            "Reduced Cost", "Change of the objective per unit that the amount is forced up.", Role.PRICE, 13,
            key="reduced_cost", value=lambda a: a.reduced_cost, missing=NO_MEANING,
        ),
        Column(
            "Objective Coefficient", "Change of the objective per unit at the margin.", Role.PRICE, 13,
            key="objective_coefficient", value=lambda a: a.objective_coefficient, missing=NO_MEANING,
        ),
        Column(
            "Allowable Increase", "How far the coefficient rises while the plan stays optimal.", Role.PRICE, 13,
            key="allowable_increase", value=lambda a: a.allowable_increase, missing=NO_MEANING,
        ),
        Column(
            "Allowable Decrease", "How far it falls while the plan stays optimal.", Role.PRICE, 13,
            key="allowable_decrease", value=lambda a: a.allowable_decrease, missing=NO_MEANING,
        ),
        Column(
            "Limiting item", "What would change at the ends of that range.", Role.LONG, 40,
            value=lambda a: limiting_text(a.limiting) or NOTHING,
            look=lambda at, _: at.styles.cell(align="left", indent=1),
        ),
        fact("area"),
        fact("least", Role.AMOUNT),
        fact("most", Role.AMOUNT),
        fact("band", value=lambda a: a.part if a.of_band else None),
        fact("source", value=lambda a: None if a.of_band else a.part),
        fact("limiting_item", value=lambda a: limiting_text(a.limiting)),
    ),
)  # fmt: skip

_PRICED = ("final_value", "reduced_cost", "objective_coefficient", "allowable_increase", "allowable_decrease")
AREAS: Table[AreaFigures] = replace(VARIABLE_CELLS, keys=("area", "year", *_PRICED, "least", "most"))
"""What programs get of each area without parts and year."""
AREA_PARTS: Table[PartFigures] = replace(
    VARIABLE_CELLS, keys=("area", "year", "band", "source", *_PRICED, "limiting_item")
)  # fmt: skip
"""What they get of each band (`band` is its number) or source of an area and year that has several of them."""


def _side(name: str) -> Any:
    return lambda at, figures: demand_look(at.styles, figures.row, getattr(figures, name))


def _range(name: str) -> Any:
    """Return the look of one range: about six digits, none idle."""
    return lambda at, figures: at.styles.fitted([getattr(figures, name)])


def _bold_price(at: Place, _figures: RowFigures) -> Any:
    return at.styles.price(bold=True)


CONSTRAINTS = Table[RowFigures](
    "Sensitivity",
    "Constraints",
    "What each row of the programme is worth.",
    (
        Column("Name", "The row's name.", Role.LONG, 36, key="rule", value=lambda f: f.row.name),
        Column(
            "Year", "The year; a dash where years count together.", Role.YEAR, 7,
            key="year", value=lambda f: f.row.year, missing=NOTHING,
        ),
        Column(
            "Final Value", "The left side as optimised.", Role.NUMBER, 13,
            key="final_value", value=lambda f: f.final_value, look=_side("final_value"),
        ),
        Column(
            "Shadow Price",
            "Change of the objective per unit of growth of the right side; in words where it is not one number.",
            Role.PRICE, 13, key="shadow_price", value=lambda f: f.shadow_price, missing=_no_price, look=_bold_price,
        ),
        Column(
            "Constraint R.H. Side", "The right side as optimised.", Role.NUMBER, 13,
            key="rhs", value=lambda f: f.rhs, look=_side("rhs"),
        ),
        Column(
            "Allowable Increase", "How far the right side grows while Price up stays.", Role.NUMBER, 13,
            key="allowable_increase", value=lambda f: f.allowable_increase, missing=_up,
            look=_range("allowable_increase"),
        ),
        Column(
            "Allowable Decrease", "How far it shrinks while Price down stays.", Role.NUMBER, 13,
            key="allowable_decrease", value=lambda f: f.allowable_decrease, missing=_down,
            look=_range("allowable_decrease"),
        ),
        Column(
            "Price up", "Change of the objective per unit when the right side grows.", Role.PRICE, 13,
            key="price_up", value=lambda f: f.price_up, missing=_up,
        ),
        Column(
            "Price down", "Change of the objective per unit of growth, seen when it shrinks.", Role.PRICE, 13,
            key="price_down", value=lambda f: f.price_down, missing=_down,
        ),
        Column("Unit", "Of the right side.", width=12, value=lambda f: f.row.unit or NOTHING),
        Column("Degenerate", "two prices: Price up and Price down differ.", width=12, value=_degenerate),
        Column(
            "Stops increase", "What ends the range upwards.", Role.LONG, 24,
            value=lambda f: stop_text(f.stops_increase) or _no_stop(f.no_plan_up),
        ),
        Column(
            "Stops decrease", "What ends the range downwards.", Role.LONG, 24,
            value=lambda f: stop_text(f.stops_decrease) or _no_stop(f.no_plan_down),
        ),
        fact("kind", value=lambda f: f.row.kind.word),
        fact("operator", value=lambda f: f.row.operator),
        fact("unit", value=lambda f: f.row.unit),
        fact("slack", Role.NUMBER),
        fact("status"),
        fact("degenerate", Role.FLAG),
        fact("strength", value=lambda f: str(f.row.strength)),
        fact("legal_basis", value=lambda f: f.row.origin.legal_basis),
        fact("cell", value=lambda f: str(f.row.cell)),
    ),
    keys=(
        *("rule", "year", "kind", "final_value", "operator", "rhs", "unit", "slack", "status"),
        *("shadow_price", "price_up", "price_down", "allowable_increase", "allowable_decrease", "degenerate"),
        *("strength", "legal_basis", "cell"),
    ),
)  # fmt: skip
