"""The sheet Price card: what each row of the Rules sheet costs, in its own unit, and who pays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.result import Move, PriceCard, Result
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.findings import RULE_ITSELF, findings, long_step, rows_of, short_reach
from allocator.reports.layout import FIRST, ref
from allocator.reports.page import Book, Page
from allocator.reports.sheet_sensitivity import (
    NO_LIMIT,
    NO_MEANING,
    NO_PLAN,
    NO_PLAN_BEYOND,
    NOTHING,
    column_look,
    quantity,
    words_look,
)
from allocator.reports.step_words import NOISE, missed_words, movers, step_words, summed
from allocator.reports.styles import SOFT, Look
from allocator.reports.words import decimals_of, distinguishing_decimals, magnitude, objective_unit, rule_written

CURVED = (
    "What it is a part of moves with the plan. Objective is exact; Price is today's slope, and changes a little even "
    "within its range (where the same rules bind)."
)
BENDS_LATER = "Beyond its range the price changes gradually."
GOALS_FIRST = (
    " Goals come before the objective: a step may also change by how much they are missed. The prices on Sensitivity "
    "hold that as it is, so their sign may differ."
)
AT = {column.name: i for i, column in enumerate(tables.PRICE_CARD.columns)}


@dataclass(frozen=True)
class CardLine:
    """A line of the sheet: a card in one direction, or a card that has no price."""

    row: int
    card: PriceCard
    more: bool
    move: Move | None


def card_lines(result: Result) -> list[CardLine]:
    """Return the sheet's lines in the order of the Rules sheet: two a rule, one where it has no price."""
    found: list[CardLine] = []
    for card in result.price_card:
        for more, move in ((True, card.more), (False, card.less)):
            if move is not None or (more and card.less is None):
                found.append(CardLine(FIRST + len(found), card, more, move))
    return found


def write_price_card(book: Book) -> tuple[Page, int]:
    """Write the table; return the page, not finished, and the row below the table, where the chart goes."""
    result, lines = book.result, card_lines(book.result)
    said = next((finding.text for finding in findings(result) if finding.head == "Dearest rule"), "")
    page = Page(book, "Price card", f"Price card — {result.scenario.title}", said)
    unit = objective_unit(result.scenario)
    page.unit(
        f"Objective and prices: {unit or 'the unit of the objective'}; money: {result.scenario.unit}. A rule's years "
        "and areas move together; prices are those of the unrounded optimum, with whole-number choices fixed."
        + (GOALS_FIRST if result.goals else "")
    )
    page.table(tables.PRICE_CARD)
    looks = _Looks(page, lines)
    for line in lines:
        _words(page, line)
        _figures(page, line, looks)
    return page, FIRST + len(lines) + 1


class _Looks:
    """The looks of the columns whose decimals hang on what stands in them."""

    def __init__(self, page: Page, lines: list[CardLine]) -> None:
        moves = [line.move for line in lines if line.move is not None]
        self._least = NOISE * abs(float(page.book.result.unrounded_objective or 0))
        self.change = column_look(page, [m.change for m in moves], bold=True)
        self.worth = column_look(page, [m.worth for m in moves])
        self.price = column_look(page, [price for m in moves for price in (m.price, m.next_price)], 7)

    def tidy(self, price: float | None) -> float | None:
        """Return a price, what is only the noise of arithmetic as 0."""
        return 0.0 if price is not None and abs(price) < self._least else price


def _words(page: Page, line: CardLine) -> None:
    """Write rule, demand and step; the rule's second line in grey."""
    book, styles, card = page.book, page.styles, line.card
    colour = {} if line.more or line.card.more is None else {"font_color": SOFT}
    written = rule_written(card.rule, [f.row for f in rows_of(card, book.result)], book.result.scenario)
    page.text(line.row, AT["Rule"], card.rule.name, styles.of(Role.LONG, **colour))
    page.text(line.row, AT["As written"], written, styles.of(Role.LONG, **colour))
    step = step_words(card, book.result.scenario, more=line.more) if line.move is not None else NOTHING
    page.text(line.row, AT["Step"], step, styles.text())
    changes = summed(line.move.moves) if line.move is not None else {}
    for name, gain in (("Gains", True), ("Pays", False)):
        page.text(line.row, AT[name], movers(changes, gain=gain) or NOTHING, styles.of(Role.LONG))
    page.text(line.row, AT["Remark"], _remark(line, book.result), styles.of(Role.LONG))


def _remark(line: CardLine, result: Result) -> str:
    """Return what there is to know about this price; a dash where nothing is."""
    if line.move is None:
        return _without_price(line.card, result)
    if line.move.no_plan:
        return "No plan exists in this direction, however small the step."
    missed, larger = missed_words(line.move, result), long_step(line.card)
    step = "A point" if line.card.points else f"1 {result.scenario.unit}"
    known = (
        f"{missed[:1].upper()}{missed[1:]}." if missed else "",
        "No plan exists for a whole step." if line.move.change is None else "",
        f"{step} is more than {larger}." if larger == RULE_ITSELF or (larger and short_reach(line.move)) else "",
        _bend(line.move) if line.card.curved else "",
    )
    return " ".join(filter(None, known)) or NOTHING


def _bend(move: Move) -> str:
    """Return what to know of a price where the optimum is curved; nothing where no step changes anything."""
    if move.change or move.price:
        return CURVED
    return BENDS_LATER if move.holds is not None and math.isfinite(move.holds) else ""


def _without_price(card: PriceCard, result: Result) -> str:
    strength = card.rule.strength
    if strength.kind == "off":
        return "Off: it is not part of the programme."
    if strength.kind == "goal" and result.goals:
        own = [goal for goal in result.goals if goal.row.origin is card.rule.origin]
        if own and not any(goal.missed_by for goal in own):
            return "It has no price: before rounding it is missed, by less than one Step, which counts as met."
        return "A goal that is missed has no price."
    return "It has no price."


def _figures(page: Page, line: CardLine, looks: _Looks) -> None:
    """Write what the step does, the price, and from where to where it holds."""
    move, row = line.move, line.row
    if move is None:
        for name in ("Objective", "In money", "Price", "Holds for", "Valid from", "Valid to", "Next price"):
            page.text(row, AT[name], NO_MEANING, words_look(page))
        return
    quantity(page, row, AT["Objective"], move.change, looks.change, NO_PLAN)
    quantity(page, row, AT["In money"], move.worth, looks.worth)
    quantity(page, row, AT["Price"], looks.tidy(move.price), looks.price, NO_PLAN if move.no_plan else NO_MEANING)
    quantity(page, row, AT["Holds for"], move.holds, _reach_look(page, move.holds))
    _valid(page, line)
    quantity(page, row, AT["Next price"], looks.tidy(move.next_price), looks.price, _no_next(line.card, move))


def _no_next(card: PriceCard, move: Move) -> str:
    """Return why there is no next price."""
    if move.holds is None or not math.isfinite(move.holds):
        return NO_MEANING
    return NO_PLAN_BEYOND if move.ends else "curved" if card.curved else NO_MEANING


def _reach_look(page: Page, holds: float | None) -> Look:
    """Return the look of how far a price holds: four digits, however small it is, none idle."""
    if not holds or not math.isfinite(holds):
        return page.styles.number(0)
    most = min(12, max(0, 3 - magnitude(holds)))
    return page.styles.number(decimals_of(Fraction(f"{holds:.{most}f}"), most))


def _value_look(page: Page, card: PriceCard, far: Fraction) -> Look:
    """Return the look of Value in its own unit: decimals enough to tell it from `far`, the other end of its range."""
    value = card.rule.value
    if card.points:
        least = min(4, max(2, decimals_of(value * 100, 4)))
        return page.styles.percent(distinguishing_decimals(far * 100, value * 100, least, 12))
    least = max(page.styles.decimals, decimals_of(value, 6))
    return page.styles.number(distinguishing_decimals(far, value, least, 12))


def _valid(page: Page, line: CardLine) -> None:
    """Write from where to where the price holds: Value at one end; the other one follows from Holds for."""
    move, row, value = line.move, line.row, float(line.card.rule.value)
    ends = (AT["Valid from"], AT["Valid to"])
    here, far = ends if line.more else reversed(ends)
    if move is None or move.holds is None or math.isnan(move.holds):
        for column in ends:
            page.text(row, column, NO_MEANING, words_look(page))
        return
    sign, part = (1 if line.more else -1), (100 if line.card.points else 1)
    link = page.book.trace.link(line.card.rule.origin.cell("Value"), line.card.rule.value)
    if math.isinf(move.holds):
        page.figure(row, here, link, value, _value_look(page, line.card, line.card.rule.value))
        page.text(row, far, NO_LIMIT, words_look(page))
        return
    look = _value_look(page, line.card, line.card.rule.value + sign * Fraction(move.holds) / part)
    page.figure(row, here, link, value, look)
    reach = ref(row, AT["Holds for"])
    if line.card.points:
        reach += f"/{page.book.layout.parameter('Points in a whole')}"
    formula = f"{ref(row, here)}{'+' if sign > 0 else '-'}{reach}"
    page.formula(row, far, formula, value + sign * move.holds / part, look)
