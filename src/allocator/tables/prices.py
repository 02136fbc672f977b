"""The tables of Price card, Next money, Rule costs and Room: what rules cost, where money goes, what is free."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.analyses.moves import Move, NextMoney, PriceCard, RoomFigures, of_rule
from allocator.analyses.result import Result
from allocator.analyses.rule_costs import RuleCost
from allocator.programme.rows import Row
from allocator.tables.columns import Column, Place, Role, Sheet, Table, fact
from allocator.tables.formulas import FIRST, span
from allocator.tables.money import FUNDS
from allocator.tables.rules import NO_MEANING, NO_PLAN, NO_PLAN_BEYOND, NOTHING
from allocator.wording.findings import RULE_ITSELF, long_step, rows_of, short_reach
from allocator.wording.names import subject_name
from allocator.wording.numbers import decimals_of, distinguishing_decimals, magnitude, objective_unit, rule_written
from allocator.wording.rule_costs import dearest_off, goals_words, remark
from allocator.wording.steps import NOISE, missed_words, movers, step_words, summed

CURVED = (
    "What it is a part of moves with the plan. Objective is exact; Price is today's slope, and changes a little even "
    "within its range (where the same rules bind)."
)
BENDS_LATER = "Beyond its range the price changes gradually."


def _moved(name: str, otherwise: Any = None) -> Callable[[Any], Any]:
    """Return what a row's move has under a name; where there is none, another value."""
    return lambda row: otherwise if row.move is None else getattr(row.move, name)


MOVE: tuple[Column[Any], ...] = (
    fact("price", Role.PRICE, _moved("price")),
    fact("no_plan", Role.FLAG, _moved("no_plan")),
    fact("holds", Role.NUMBER, _moved("holds")),
    fact("next_price", Role.PRICE, _moved("next_price")),
    fact("ends", value=_moved("ends")),
    fact("change", Role.NUMBER, _moved("change")),
    fact("worth", Role.AMOUNT, _moved("worth")),
    fact("missed", Role.RECORDS, lambda row: [{"rule": n, "change": c + 0.0} for n, c in _moved("missed", ())(row)]),
    fact(
        "moves", Role.RECORDS,
        lambda row: [{"area": subject_name(n), "year": t, "change": c + 0.0} for n, t, c in _moved("moves", ())(row)],
    ),
)  # fmt: skip
"""What programs get of what one more or one less does; all None where it has no price."""
DIRECTION = fact("direction", value=lambda row: "more" if row.more else "less")


def _grey(place: Place, row: CardLine | MoneyLine) -> Any:
    """Return the look of a text that a rule's or source's second line repeats: grey there."""
    return place.styles.of(place.table.on_sheet[0].role, **_colour(place, row))


def _colour(place: Place, row: CardLine | MoneyLine) -> dict[str, object]:
    return {"font_color": place.styles.soft} if row.second else {}


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


# -- Price card ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CardLine:
    """A line of the sheet: a card in one direction, or a card that has no price."""

    result: Result
    card: PriceCard
    more: bool
    move: Move | None

    @property
    def second(self) -> bool:
        """Whether it is the second line of its rule."""
        return not self.more and self.card.more is not None

    @property
    def holds(self) -> float | None:
        """How far the price holds; None where that is not known."""
        holds = None if self.move is None else self.move.holds
        return None if holds is None or math.isnan(holds) else holds

    def price(self, name: str) -> float | None:
        """Return a price of the move, what is only the noise of arithmetic as 0."""
        price: float | None = _moved(name)(self)
        least = NOISE * abs(float(self.result.unrounded_objective or 0))
        return 0.0 if price is not None and abs(price) < least else price

    def end(self, upper: bool) -> float | None:
        """Return an end of the range in which the price holds: Value, or as far as it holds from there."""
        value, part = float(self.card.rule.value), (100 if self.card.points else 1)
        if self.holds is None or upper != self.more:
            return None if self.holds is None else value
        return value + (1 if upper else -1) * self.holds / part

    @property
    def written(self) -> str:
        """The demand, with its years where they are not all."""
        rows = [figures.row for figures in rows_of(self.card, self.result)]
        return rule_written(self.card.rule, rows, self.result.scenario)

    def movers(self, gain: bool) -> str:
        """Return who gains or pays."""
        return movers(summed(_moved("moves", ())(self)), gain=gain) or NOTHING

    @property
    def no_next(self) -> str:
        """Why there is no next price."""
        if self.move is None or self.move.holds is None or not math.isfinite(self.move.holds):
            return NO_MEANING
        return NO_PLAN_BEYOND if self.move.ends else "curved" if self.card.curved else NO_MEANING

    @property
    def remark(self) -> str:
        """What there is to know about this price; a dash where nothing is."""
        if self.move is None:
            return self._without_price
        if self.move.no_plan:
            return "No plan exists in this direction, however small the step."
        larger, step = long_step(self.card), "A point" if self.card.points else f"1 {self.result.scenario.unit}"
        known = (
            _capital(missed_words(self.move, self.result)),
            "No plan exists for a whole step." if self.move.change is None else "",
            f"{step} is more than {larger}." if larger == RULE_ITSELF or (larger and short_reach(self.move)) else "",
            _bend(self.move) if self.card.curved else "",
        )
        return " ".join(filter(None, known)) or NOTHING

    @property
    def _without_price(self) -> str:
        strength = self.card.rule.strength
        if strength.kind == "off":
            return "Off: it is not part of the programme."
        if strength.kind == "goal" and self.result.goals:
            own = [goal for goal in self.result.goals if goal.row.origin is self.card.rule.origin]
            if own and not any(goal.missed_by for goal in own):
                return "It has no price: before rounding it is missed, by less than one Step, which counts as met."
            return "A goal that is missed has no price."
        return "It has no price."


def _bend(move: Move) -> str:
    """Return what to know of a price where the optimum is curved; nothing where no step changes anything."""
    if move.change or move.price:
        return CURVED
    return BENDS_LATER if move.holds is not None and math.isfinite(move.holds) else ""


def card_rows(result: Result) -> list[CardLine]:
    """Return two lines a rule, in the order of the Rules sheet, as programs get them."""
    pairs = ((card, more) for card in result.price_card for more in (True, False))
    return [CardLine(result, card, more, card.more if more else card.less) for card, more in pairs]


def card_lines(result: Result) -> list[CardLine]:
    """Return the sheet's lines: as programs get them, but one for a rule that has no price."""
    return [line for line in card_rows(result) if line.move is not None or (line.more and line.card.less is None)]


def _no_plan(line: CardLine | MoneyLine) -> str:
    return NO_PLAN if line.move is not None and line.move.no_plan else NO_MEANING


def _no_whole_step(line: CardLine) -> str:
    return NO_MEANING if line.move is None else NO_PLAN


def _reach_look(place: Place, line: CardLine) -> Any:
    """Return the look of how far a price holds: four digits, however small it is, none idle."""
    holds = line.holds
    if not holds or not math.isfinite(holds):
        return place.styles.number(0)
    most = min(12, max(0, 3 - magnitude(holds)))
    return place.styles.number(decimals_of(Fraction(f"{holds:.{most}f}"), most))


def _value_look(place: Place, line: CardLine) -> Any:
    """Return the look of Value in its own unit: decimals enough to tell it from the other end of its range."""
    value, points = line.card.rule.value, line.card.points
    reach = Fraction(0) if line.holds is None or math.isinf(line.holds) else Fraction(line.holds)
    far = value + (1 if line.more else -1) * reach / (100 if points else 1)
    if points:
        least = min(4, max(2, decimals_of(value * 100, 4)))
        return place.styles.percent(distinguishing_decimals(far * 100, value * 100, least, 12))
    least = max(place.styles.decimals, decimals_of(value, 6))
    return place.styles.number(distinguishing_decimals(far, value, least, 12))


def _end(upper: bool) -> Callable[[Place, CardLine], str | None]:
    """Return the formula of an end of a price's range: the rule's cell, or as far from there as the price holds."""

    def formula(at: Place, line: CardLine) -> str | None:
        if upper != line.more:
            link: str | None = at.book.trace.link(line.card.rule.origin.cell("Value"), line.card.rule.value)
            return link
        part = f"/{at.book.layout.parameter('Points in a whole')}" if line.card.points else ""
        return f"{at['Valid from']}+{at['Holds for']}{part}" if upper else f"{at['Valid to']}-{at['Holds for']}{part}"

    return formula


PRICE_CARD = Table[CardLine](
    "Price card",
    "Price card",
    "What each row of the Rules sheet costs, in its own unit; all its years and areas move together.",
    (
        Column(
            "Rule", "The row of the Rules sheet; two lines, one for each direction.", Role.LONG, 26,
            key="rule", value=lambda c: c.card.rule.name, look=_grey,
        ),
        Column(
            "As written", "The demand, with its years where they are not all.", Role.LONG, 20,
            value=lambda c: c.written, look=_grey,
        ),
        Column(
            "Step", "What is tried: one percentage point, or one unit of money, more or less.", width=13,
            value=lambda c: step_words(c.card, c.result.scenario, more=c.more) if c.move else NOTHING,
        ),
        Column(
            "Objective", "The exact change of the objective by that step.", Role.NUMBER, 11, value=_moved("change"),
            missing=_no_whole_step, digits=6, properties={"bold": True},
        ),
        Column(
            "In money", "The same in money, at what one more unit of the budget brings.", Role.AMOUNT, 11,
            value=_moved("worth"), missing=NO_MEANING, digits=6,
        ),
        Column(
            "Price", "Change of the objective per point (per unit) of growth, at today's Value.", Role.NUMBER, 11,
            value=lambda c: c.price("price"), missing=_no_plan, digits=7, alike=("Price", "Next price"),
        ),
        Column(
            "Holds for", "How far Value may move while the price stays, in points or units.", Role.NUMBER, 9,
            value=_moved("holds"), missing=NO_MEANING, look=_reach_look,
        ),
        Column(
            "Valid from", "The lowest Value for which the price holds.", Role.NUMBER, 9,
            value=lambda c: c.end(upper=False), formula=_end(upper=False), missing=NO_MEANING, look=_value_look,
        ),
        Column(
            "Valid to", "The highest Value for which the price holds.", Role.NUMBER, 9,
            value=lambda c: c.end(upper=True), formula=_end(upper=True), missing=NO_MEANING, look=_value_look,
        ),
        Column(
            "Next price", "The price beyond that, or that no plan exists there.", Role.NUMBER, 11,
            value=lambda c: c.price("next_price"), missing=lambda c: c.no_next, digits=7, alike=("Price", "Next price"),
        ),
        Column(
            "Gains", "The areas that gain by the whole step, with amounts over all years.", Role.LONG, 27,
            value=lambda c: c.movers(gain=True),
        ),
        Column("Pays", "The areas that pay for it.", Role.LONG, 27, value=lambda c: c.movers(gain=False)),
        Column(
            "Remark", "What to know about this price, such as the goals that are missed by more.", Role.LONG, 30,
            value=lambda c: c.remark,
        ),
        DIRECTION,
        fact("points", Role.FLAG, lambda c: c.card.points),
        fact("curved", Role.FLAG, lambda c: c.card.curved),
        *MOVE,
    ),
)  # fmt: skip


# -- Next money ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MoneyLine:
    """A line of the sheet: a source's year, 1 % more or 1 % less."""

    result: Result
    found: NextMoney
    more: bool
    move: Move

    @property
    def second(self) -> bool:
        """Whether it is the second line of its source and year."""
        return not self.more

    @property
    def available(self) -> Fraction:
        """The Budget cell."""
        return self.result.scenario.source[self.found.source].available[self.found.year]

    @property
    def step(self) -> float:
        """The step, below 0 for less."""
        return self.found.step if self.more else -self.found.step

    @property
    def per_unit(self) -> float | None:
        """The change of the objective for each unit of the step."""
        return self.move.change / self.step if self.move.change is not None and self.step else None

    @property
    def holds_to(self) -> float | None:
        """How high or low the Budget cell may go while the marginal figure stays."""
        holds = self.move.holds
        if holds is None or math.isinf(holds):
            return holds
        return float(self.available) + (holds if self.more else -holds)

    def movers(self, gain: bool) -> str:
        """Return who gets more, or less."""
        return movers(summed(self.move.moves, self.found.year), gain=gain, most=4) or NOTHING

    @property
    def remark(self) -> str:
        """What there is to know about this step; a dash where nothing is."""
        if self.move.no_plan:
            return "No plan exists in this direction, however small the step."
        if self.move.change is None:
            return "No plan exists for a whole step."
        return _capital(missed_words(self.move, self.result)) or NOTHING


def money_lines(result: Result) -> list[MoneyLine]:
    """Return two lines for each source and year with money in it."""
    return [
        MoneyLine(result, found, more, found.more if more else found.less)
        for found in result.next_money
        for more in (True, False)
    ]


def _budget_cell(place: Place, line: MoneyLine) -> str | None:
    layout, found = place.book.layout, line.found
    known = (found.source, found.year) in layout.fund_row
    return str(layout.fund(found.source, found.year, "Available")) if known else None


NEXT_MONEY = Table[MoneyLine](
    "Next money",
    "Next money",
    "Where 1 % more of each source and year would go, and where 1 % less would come from.",
    (
        Column(
            "Source", "The funding source; two lines a year, one for each direction.", width=24,
            key="source", value=lambda m: m.found.source, look=_grey,
        ),
        Column(
            "Year", "The year.", Role.YEAR, 7,
            key="year", value=lambda m: m.found.year, look=lambda at, m: at.styles.of(Role.YEAR, **_colour(at, m)),
        ),
        Column(
            "Step", "1 % more or 1 % less of the Budget cell.", width=11,
            value=lambda m: f"1 % {'more' if m.more else 'less'}",
        ),
        Column(
            "Available", "The Budget cell: what the source makes available in the year.", Role.AMOUNT, 12,
            value=lambda m: m.available, formula=_budget_cell,
        ),
        Column(
            "Money", "The step in money.", Role.AMOUNT, 12, value=lambda m: m.step, digits=6,
            formula=lambda at, m: (
                f"{'' if m.more else '-'}{at['Available']}*{at.book.layout.parameter('Step of Next money')}"
            ),
        ),
        Column(
            "Objective", "The exact change of the objective by the whole step.", Role.NUMBER, 13,
            value=_moved("change"), missing=NO_PLAN, digits=6, properties={"bold": True},
        ),
        Column(
            "Per unit", "The same for each unit of the step, on average.", Role.PRICE, 12, missing=NO_MEANING,
            value=lambda m: m.per_unit, formula=lambda at, _: f"{at['Objective']}/{at['Money']}",
        ),
        Column(
            "Marginal", "The change by the next unit; by the last unit that is there, for less.", Role.PRICE, 12,
            value=_moved("price"), missing=_no_plan,
        ),
        Column(
            "Holds for", "By how much Available may move while Marginal stays.", Role.AMOUNT, 12,
            value=_moved("holds"), missing=NO_MEANING,
        ),
        Column(
            "Holds to", "Where Available then stands.", Role.AMOUNT, 12, missing=NO_MEANING,
            value=lambda m: m.holds_to,
            formula=lambda at, m: f"{at['Available']}{'+' if m.more else '-'}{at['Holds for']}",
        ),
        Column(
            "Next marginal", "The change per unit beyond that, or that no plan exists there.", Role.PRICE, 12,
            value=_moved("next_price"), missing=lambda m: NO_PLAN_BEYOND if m.move.ends else NO_MEANING,
        ),
        Column(
            "Gains", "The areas that get more, with amounts for the whole step.", Role.LONG, 34,
            value=lambda m: m.movers(gain=True),
        ),
        Column("Gives up", "The areas that get less.", Role.LONG, 34, value=lambda m: m.movers(gain=False)),
        Column(
            "Remark", "What to know about this step, such as the goals that are missed by more.", Role.LONG, 18,
            value=lambda m: m.remark,
        ),
        DIRECTION,
        fact("step", Role.AMOUNT, lambda m: m.found.step),
        *MOVE,
    ),
)  # fmt: skip


# -- Room ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoomLine:
    """A line of Room: an area's, or a group's, in one year."""

    figures: RoomFigures
    depth: int = 0
    """How deep the area stands below the areas that are part of no other."""

    @property
    def fall(self) -> float:
        """By how much it could fall."""
        return max(0.0, self.figures.value - self.figures.least_near)

    @property
    def rise(self) -> float:
        """By how much it could rise."""
        return max(0.0, self.figures.most_near - self.figures.value)


@dataclass(frozen=True)
class ForcedLine:
    """What is forced in one year, in which no money counts twice."""

    year: int
    forced: float
    money: float
    available: float


def _part(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _part_look(place: Place, _row: object) -> Any:
    return place.styles.percent(1, **place.properties)


_PLAN, _LEAST, _MOST = "In the plan", "Least, 0.5 % worse", "Most, 0.5 % worse"

ROOM = Table[RoomLine](
    "Room",
    "Room",
    "How little and how much each area can get in each year: what is forced and what is free.",
    (
        Column(
            "Area", "The area, with or without parts, or a group where there are very many areas.", width=30,
            value=lambda r: subject_name(r.figures.name),
            look=lambda at, r: at.styles.text(indent=r.depth, bold=r.figures.whole, **at.properties),
        ),
        Column("Year", "The year.", Role.YEAR, 7, key="year", value=lambda r: r.figures.year),
        Column(
            _PLAN, "What it gets at the optimum before rounding, from all sources.", Role.AMOUNT, 12,
            key="value", value=lambda r: r.figures.value, properties={"bold": True},
        ),
        Column(
            "Least, as good", "The least it gets in any plan that is as good.", Role.AMOUNT, 12,
            key="least", value=lambda r: r.figures.least,
        ),
        Column(
            "Most, as good", "The most it gets in any plan that is as good.", Role.AMOUNT, 12,
            key="most", value=lambda r: r.figures.most,
        ),
        Column(
            _LEAST, "The least in any plan whose objective is at most 0.5 % worse.", Role.AMOUNT, 12,
            key="least_near", value=lambda r: r.figures.least_near,
        ),
        Column(
            _MOST, "The most in any such plan.", Role.AMOUNT, 12,
            key="most_near", value=lambda r: r.figures.most_near,
        ),
        Column(
            "Could fall by", "In the plan, less the least at 0.5 % worse.", Role.AMOUNT, 13,
            value=lambda r: r.fall, formula=lambda at, _: f"MAX(0,{at[_PLAN]}-{at[_LEAST]})",
        ),
        Column(
            "Could rise by", "The most at 0.5 % worse, less what is in the plan.", Role.AMOUNT, 13,
            value=lambda r: r.rise, formula=lambda at, _: f"MAX(0,{at[_MOST]}-{at[_PLAN]})",
        ),
        Column(
            "Forced part", "The least at 0.5 % worse as a part of what is in the plan.", Role.SHARE, 11,
            value=lambda r: _part(r.figures.least_near, r.figures.value), missing=NO_MEANING, look=_part_look,
            formula=lambda at, _: f"{at[_LEAST]}/{at[_PLAN]}",
        ),
        Column(
            "In sums", "no: it comprises other lines of this table.", width=8,
            value=lambda r: "no" if r.figures.whole else "yes",
        ),
        fact("name", value=lambda r: subject_name(r.figures.name)),
        fact("whole", Role.FLAG, lambda r: r.figures.whole),
    ),
    keys=("name", "year", "value", "least", "most", "least_near", "most_near", "whole"),
)  # fmt: skip


def _sums(heading: str) -> Callable[[Place, ForcedLine], str]:
    """Return the formula of the sum of a column of Room over a year's lines, those left out that comprise others."""

    def formula(at: Place, _line: ForcedLine) -> str:
        last = FIRST + max(1, len(at.book.result.room)) - 1
        names = (heading, "Year", "In sums")
        figures, years, counts = (span(FIRST, last, ROOM.index(name), fixed=True) for name in names)
        return f'SUMIFS({figures},{years},{at["Year"]},{counts},"yes")'

    return formula


def _available(at: Place, _line: ForcedLine) -> str | None:
    """Return the sum of what all sources make available in a year, from Funds."""
    last = FIRST + len(at.book.layout.funds) - 1
    figures, years = (f"Funds!{span(FIRST, last, FUNDS.index(n), fixed=True)}" for n in ("Available", "Year"))
    return f"SUMIFS({figures},{years},{at['Year']})" if at.book.layout.funds else None


_BOLD = {"bold": True}

FORCED = Table[ForcedLine](
    "Room",
    "Forced and free",
    "What is forced in each year, and what is free to negotiate, over all lines that count in sums.",
    (
        Column("Forced and free", "Of the money in the plan.", width=30, value=lambda _: "All areas"),
        Column("Year", "The year.", Role.YEAR, 7, value=lambda f: f.year, properties={"bold": False}),
        Column(
            _PLAN, "All money in the plan.", Role.AMOUNT, 12,
            value=lambda f: f.money, formula=_sums(_PLAN),
        ),
        Column(
            "Forced, at least", "What stays in every plan at most 0.5 % worse: the sum of the least.", Role.AMOUNT, 12,
            value=lambda f: f.forced, formula=_sums(_LEAST),
        ),
        Column(
            "Free, at most", "The rest: no such plan moves more, and most move less.", Role.AMOUNT, 12,
            value=lambda f: f.money - f.forced, formula=lambda at, _: f"{at[_PLAN]}-{at['Forced, at least']}",
        ),
        Column(
            "Forced part", "Forced as a part of the money in the plan.", Role.SHARE, 12, missing=NO_MEANING,
            value=lambda f: _part(f.forced, f.money), look=_part_look,
            formula=lambda at, _: f"{at['Forced, at least']}/{at[_PLAN]}",
        ),
        Column(
            "Available", "All money that the scenario's sources make available in the year.", Role.AMOUNT, 12,
            value=lambda f: f.available, formula=_available,
        ),
        Column(
            "Forced at least, of available", "Forced as a part of it.", Role.SHARE, 13, missing=NO_MEANING,
            value=lambda f: _part(f.forced, f.available), look=_part_look,
            formula=lambda at, _: f"{at['Forced, at least']}/{at['Available']}",
        ),
        Column(
            "Free at most, of available", "Free as a part of it.", Role.SHARE, 13, missing=NO_MEANING,
            value=lambda f: _part(f.money - f.forced, f.available), look=_part_look,
            formula=lambda at, _: f"{at['Free, at most']}/{at['Available']}",
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class RuleCostLine:
    """A line of the table: a rule's cost in a result."""

    cost: RuleCost
    result: Result

    @property
    def rows(self) -> list[Row]:
        """The programme's rows of the rule; none where it is off."""
        return [figures.row for figures in self.result.rows if of_rule(figures.row, self.cost.rule)]

    @property
    def plan(self) -> float | None:
        """The objective where the rule is switched; None: no plan exists then."""
        if self.cost.change is None or self.result.unrounded_objective is None:
            return None
        return float(self.result.unrounded_objective) + self.cost.change

    def who(self, *, gain: bool) -> str:
        """Return who gains, or pays, how much over all years."""
        return movers(summed(self.cost.moves), gain=gain) or NOTHING


def rule_cost_lines(result: Result) -> Sequence[RuleCostLine]:
    """Return the table's lines in the order of the sheet Rules."""
    return [RuleCostLine(cost, result) for cost in result.rule_costs]


def _switched(at: Place, _: RuleCostLine) -> str:
    return f"{at['As it is']}+{at['Change']}"


def _missed_records(line: RuleCostLine) -> list[dict[str, Any]]:
    return [{"rule": name, "change": change} for name, change in line.cost.missed]


def _move_records(line: RuleCostLine) -> list[dict[str, Any]]:
    return [{"area": subject_name(name), "year": year, "change": change} for name, year, change in line.cost.moves]


_OBJECTIVES = ("As it is", "With it switched")
"""What shows the same decimals."""

RULE_COSTS = Table[RuleCostLine](
    "Rule costs",
    "Rule costs",
    "What each row of the Rules sheet costs or brings as a whole: the best plan with it switched off, or on.",
    (
        Column(
            "Rule", "The row of the Rules sheet, with all its years and areas.", Role.LONG, 26,
            key="rule", value=lambda line: line.cost.rule.name,
        ),
        Column(
            "As written", "The demand, with its years where they are not all.", Role.LONG, 22,
            value=lambda line: rule_written(line.cost.rule, line.rows, line.result.scenario),
        ),
        Column(
            "Strength", "must, law, or goal and its priority; one that is off is switched on, as a must.", width=9,
            key="strength", value=lambda line: str(line.cost.rule.strength),
        ),
        Column("", role=Role.FLAG, key="on", value=lambda line: line.cost.on),
        Column(
            "Switched", "off: the plan without it; on: the plan with it.", width=9,
            value=lambda line: "off" if line.cost.on else "on",
        ),
        Column(
            "As it is", "The objective of the plan before rounding.", Role.NUMBER, 13,
            value=lambda line: float(line.result.unrounded_objective or 0), digits=7, alike=_OBJECTIVES,
        ),
        Column(
            "Change", "Of the objective by switching the rule.", Role.NUMBER, 13,
            key="change", value=lambda line: line.cost.change, missing=NO_PLAN, digits=6, properties={"bold": True},
        ),
        Column(
            "With it switched", "The objective of the best plan then.", Role.NUMBER, 13,
            key="objective", value=lambda line: line.plan, formula=_switched, missing=NO_PLAN, digits=7,
            alike=_OBJECTIVES,
        ),
        Column(
            "Money that moves", "What areas gain by it (or lose, where that is more), over all years.", Role.AMOUNT, 12,
            key="money", value=lambda line: line.cost.money,
        ),
        Column(
            "Gains", "Who gains by switching it, over all years.", Role.LONG, 27, value=lambda line: line.who(gain=True)
        ),
        Column(
            "Loses", "Who loses by switching it, over all years.", Role.LONG, 27,
            value=lambda line: line.who(gain=False),
        ),
        Column(
            "Remark", "Which goals are missed by more, or by less, then; and what else to know.", Role.LONG, 26,
            value=lambda line: goals_words(line.cost, line.result) or remark(line.cost) or NOTHING,
        ),
        Column("", role=Role.RECORDS, key="missed", value=_missed_records),
        Column("", role=Role.RECORDS, key="moves", value=_move_records),
        Column("", key="cell", value=lambda line: str(line.cost.rule.origin.cell("Rule"))),
    ),
)  # fmt: skip

RULE_COSTS_SHEET = Sheet[RuleCostLine](
    RULE_COSTS,
    rule_cost_lines,
    lambda result: dearest_off(result) or "No rule costs anything as a whole.",
    lambda result: (
        f"Objective: {objective_unit(result.scenario) or result.scenario.objective}; money: {result.scenario.unit}. "
        "Each rule alone, all else as it is; the best plans before rounding. Goals come before the objective."
    ),
)
