"""The sheet Next money: where 1 % more of each source would go, and where 1 % less would come from."""

from __future__ import annotations

import math

from allocator.analyses.result import Move, NextMoney, Result
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.findings import findings
from allocator.reports.layout import FIRST, ref
from allocator.reports.page import Book, Page
from allocator.reports.sheet_price_card import GOALS_FIRST
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
from allocator.reports.step_words import missed_words, movers, summed
from allocator.reports.styles import SOFT, Look
from allocator.reports.words import objective_unit

AT = {column.name: i for i, column in enumerate(tables.NEXT_MONEY.columns)}


def write_next_money(book: Book) -> None:
    """Write two lines for each source and year with money in it."""
    result = book.result
    said = next((finding.text for finding in findings(result) if finding.head == "Next money"), "")
    said = said or "No source has any money."
    page = Page(book, "Next money", f"Next money — {result.scenario.title}", said, rows=2 * len(result.next_money))
    unit = objective_unit(result.scenario) or result.scenario.objective
    page.unit(
        f"Money: {result.scenario.unit}; objective: {unit}. The Budget cell moves with all that follows from it, "
        "shares of the budget too. Next marginal n/a: there is none, or it changes gradually."
        + (GOALS_FIRST if result.goals else "")
    )
    page.table(tables.NEXT_MONEY)
    moves = [move for found in result.next_money for move in (found.more, found.less)]
    looks = (
        column_look(page, [m.change for m in moves], bold=True),
        column_look(page, [f.step for f in result.next_money]),
    )
    for i, found in enumerate(result.next_money):
        for j, (more, move) in enumerate(((True, found.more), (False, found.less))):
            _line(page, FIRST + 2 * i + j, found, move, looks, more=more)
    page.finish(freeze=3)


def _line(page: Page, row: int, found: NextMoney, move: Move, looks: tuple[Look, Look], *, more: bool) -> None:
    """Write a line; `looks` are those of the change of the objective and of the step in money."""
    _words(page, row, found, move, more=more)
    _money(page, row, found, looks[1], more=more)
    styles = page.styles
    quantity(page, row, AT["Objective"], move.change, looks[0], NO_PLAN)
    _per_unit(page, row, found, move, more=more)
    quantity(page, row, AT["Marginal"], move.price, styles.price(), NO_PLAN if move.no_plan else NO_MEANING)
    quantity(page, row, AT["Holds for"], move.holds, styles.amount())
    _holds_to(page, row, found, move, more=more)
    beyond = NO_PLAN_BEYOND if move.ends else NO_MEANING
    quantity(page, row, AT["Next marginal"], move.next_price, styles.price(), beyond)


def _words(page: Page, row: int, found: NextMoney, move: Move, *, more: bool) -> None:
    """Write source, year and step, the second line in grey, and who gains and who gives up."""
    styles, colour = page.styles, {} if more else {"font_color": SOFT}
    page.text(row, AT["Source"], found.source, styles.text(**colour))
    page.number(row, AT["Year"], found.year, styles.of(Role.YEAR, **colour))
    page.text(row, AT["Step"], f"1 % {'more' if more else 'less'}", styles.text())
    changes = summed(move.moves, found.year)
    page.text(row, AT["Gains"], movers(changes, gain=True, most=4) or NOTHING, styles.of(Role.LONG))
    page.text(row, AT["Gives up"], movers(changes, gain=False, most=4) or NOTHING, styles.of(Role.LONG))
    page.text(row, AT["Remark"], _remark(move, page.book.result), styles.of(Role.LONG))


def _remark(move: Move, result: Result) -> str:
    """Return what there is to know about this step; a dash where nothing is."""
    if move.no_plan:
        return "No plan exists in this direction, however small the step."
    if move.change is None:
        return "No plan exists for a whole step."
    missed = missed_words(move, result)
    return f"{missed[:1].upper()}{missed[1:]}." if missed else NOTHING


def _money(page: Page, row: int, found: NextMoney, look: Look, *, more: bool) -> None:
    """Write the Budget cell, from Funds, and 1 % of it."""
    book, styles = page.book, page.styles
    available = book.result.scenario.source[found.source].available[found.year]
    known = (found.source, found.year) in book.layout.fund_row
    link = book.layout.fund(found.source, found.year, "Available") if known else None
    page.formula(row, AT["Available"], link, available, styles.amount())
    sign = "" if more else "-"
    formula = f"{sign}{ref(row, AT['Available'])}*{book.layout.parameter('Step of Next money')}"
    page.formula(row, AT["Money"], formula, found.step if more else -found.step, look)


def _per_unit(page: Page, row: int, found: NextMoney, move: Move, *, more: bool) -> None:
    if move.change is None or not found.step:
        page.text(row, AT["Per unit"], NO_MEANING, words_look(page))
        return
    formula = f"{ref(row, AT['Objective'])}/{ref(row, AT['Money'])}"
    value = move.change / (found.step if more else -found.step)
    page.formula(row, AT["Per unit"], formula, value + 0.0, page.styles.price())


def _holds_to(page: Page, row: int, found: NextMoney, move: Move, *, more: bool) -> None:
    """Write how high or low the Budget cell may go while the marginal figure stays."""
    column = AT["Holds to"]
    if move.holds is None or not math.isfinite(move.holds):
        endless = move.holds is not None and math.isinf(move.holds)
        page.text(row, column, NO_LIMIT if endless else NO_MEANING, words_look(page))
        return
    available = float(page.book.result.scenario.source[found.source].available[found.year])
    formula = f"{ref(row, AT['Available'])}{'+' if more else '-'}{ref(row, AT['Holds for'])}"
    page.formula(row, column, formula, available + (move.holds if more else -move.holds), page.styles.amount())
