"""The plan in plain sentences, built from its figures."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.figures import GoalFigures, RowStatus
from allocator.analyses.result import Result, RowFigures
from allocator.programme.rows import Row
from allocator.reports.doubt_words import doubt_finding, without_purpose
from allocator.reports.findings import Finding, dearest_price, findings
from allocator.reports.page import Book
from allocator.reports.sheet_workings import Workings
from allocator.reports.sheets_money import counted, money_text, plan_message, shown
from allocator.reports.sheets_rules import rows_counted
from allocator.reports.words import listing, magnitude
from allocator.scenario.model import Operator
from allocator.wording.edits import cause

ZERO = Fraction(0)
MOST_GOALS = 3


def objective_decimals(result: Result) -> int:
    """Return the decimals of the objective: seven digits in all."""
    return min(6, max(0, 6 - magnitude(float(result.objective or 0))))


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
