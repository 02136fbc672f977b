"""The plan in plain sentences, built from its figures."""

from __future__ import annotations

import math
from fractions import Fraction

from allocator.analyses.result import GoalFigures, Result, RowFigures, RowStatus
from allocator.programme.rows import Row, RowKind
from allocator.reports.page import Book
from allocator.reports.sheets_money import plan_message
from allocator.reports.sheets_outcome import Workings
from allocator.reports.words import listing, magnitude, number, percent, signed

ZERO = Fraction(0)
MOST_GOALS = 3


def objective_decimals(result: Result) -> int:
    """Return the decimals of the objective: seven digits in all."""
    return min(6, max(0, 6 - magnitude(float(result.objective or 0))))


def verdict_text(result: Result, unit: str) -> str:
    """Return the verdict in one sentence."""
    goals = {goal.row.name for goal in result.goals if goal.missed_by > 0}
    figure = number(result.objective or ZERO, objective_decimals(result))
    best = "The best plan" if not result.step else "The best plan found in whole steps"
    distance = _distance(result)
    kept = (
        "every rule is kept"
        if not goals
        else f"every rule is kept, {_count(len(goals), 'goal')} missed as little as possible"
    )
    return f"{best}: {figure} {unit}{distance}; {kept}."


def _distance(result: Result) -> str:
    """Return how near the plan is to what no plan can beat."""
    if not result.step or result.unrounded_objective is None or result.objective is None:
        return ""
    gap = abs(result.unrounded_objective - float(result.objective))
    part = gap / abs(result.unrounded_objective) if result.unrounded_objective else 0.0
    if part < 1e-9:
        return ", as good as any plan could be"
    side = "below" if result.scenario.objective.maximise else "above"
    decimals = min(12, max(1, -magnitude(part * 100)))
    at_most = math.ceil(part * 100 * 10**decimals) / 10**decimals / 100
    return f", at most {percent(at_most, decimals)} {side} what any plan could reach"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def sentences(book: Book, workings: Workings) -> list[str]:
    """Return what a reader wants to know first: total, largest, rises and cuts, what binds, goals, the draft."""
    found = [
        plan_message(book),
        _largest(book),
        _moves(book),
        _binding(book.result),
        _goals(book),
        _draft(book, workings),
    ]
    return [sentence for sentence in found if sentence]


def _amount(book: Book, value: Fraction) -> str:
    decimals = 0 if abs(value) >= 100 else min(book.styles.decimals, 1 if abs(value) >= 1 else 3)
    return number(value, decimals)


def _largest(book: Book) -> str:
    year = book.layout.years[-1]
    size = [(book.result.amount(area.name, year), area.name) for area in book.layout.tops]
    top = sorted(size, key=lambda pair: -pair[0])[:3]
    texts = []
    for amount, name in top:
        share = book.result.share(name, year)
        texts.append(f"{name} ({_amount(book, amount)}" + (f", {percent(share)} of the budget)" if share else ")"))
    several = f"In {year} the" if len(book.layout.years) > 1 else "The"
    return f"{several} largest {'areas are' if len(texts) > 1 else 'area is'} {listing(texts)}." if texts else ""


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
            by = f"{signed(change, 0 if abs(change) >= 100 else min(1, book.styles.decimals))}"
            parts.append(f"{name} {verb} most ({by}{f', {signed(part * 100, 1)} %' if part is not None else ''})")
    return f"Against last year {listing(parts)}." if parts else "No area differs from last year."


def _binding(result: Result) -> str:
    rules = {
        f.row.name
        for f in result.rows
        if f.status is RowStatus.BINDING and f.row.kind is not RowKind.BUDGET and not f.row.held_sum
    }
    if not rules:
        return ""
    return (
        "One rule holds the plan where it is." if len(rules) == 1 else f"{len(rules)} rules hold the plan where it is."
    )


def _goals(book: Book) -> str:
    """Return which goals are missed, each once, by the most in any of its years."""
    missed: dict[str, list[GoalFigures]] = {}
    for goal in book.result.goals:
        if goal.missed_by > 0:
            missed.setdefault(goal.row.name, []).append(goal)
    texts = []
    for name, goals in list(missed.items())[:MOST_GOALS]:
        worst = max(goals, key=lambda goal: goal.missed_by)
        decimals = 3 if worst.row.kind is RowKind.INDICATOR else min(1, book.styles.decimals)
        years = _years([goal.row for goal in goals]) if len(book.layout.years) > 1 else ""
        by = f"by {'up to ' if len(goals) > 1 else ''}{number(worst.missed_by, decimals)} {worst.row.unit}"
        texts.append(" ".join(filter(None, [name, years and f"in {years}", by])))
    more = len(missed) - MOST_GOALS
    if more > 0:
        texts.append(f"{more} more")
    return f"Missed: {listing(texts)}." if texts else ""


def _draft(book: Book, workings: Workings) -> str:
    """Return what the draft plan would reach, where it gives every amount."""
    scenario, unit = book.result.scenario, workings.unit
    amounts = {(a.name, t): a.proposed.get(t) for a in scenario.leaves for t in scenario.years}
    if any(amount is None for amount in amounts.values()):
        return ""
    value = workings.at({pair: amount for pair, amount in amounts.items() if amount is not None})
    decimals = objective_decimals(book.result)
    return f"The proposed draft comes to {number(value, decimals)} {unit}, {number(workings.value, decimals)} here."


def binding_rows(result: Result, most: int) -> tuple[list[tuple[RowFigures, str]], int]:
    """Return missed rows and what binds, the dearest first, each name once with its years; and how many more."""
    missed = [f for f in result.rows if f.status is RowStatus.MISSED and not f.row.held_sum]
    binding = [f for f in result.rows if f.status is RowStatus.BINDING and not f.row.held_sum]
    binding.sort(key=lambda f: -max(abs(f.price_up or 0), abs(f.price_down or 0), abs(f.shadow_price or 0)))
    groups: dict[tuple[str, RowStatus], list[RowFigures]] = {}
    for figures in [*missed, *binding]:
        groups.setdefault((figures.row.name, figures.status), []).append(figures)
    several = len(result.scenario.years) > 1
    shown = [
        (max(g, key=lambda f: f.row.year or 0), _years([f.row for f in g]) if several else "") for g in groups.values()
    ]
    return shown[:most], max(0, len(shown) - most)


def _years(rows: list[Row]) -> str:
    years = sorted(row.year for row in rows if row.year is not None)
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return ", ".join(map(str, years))
