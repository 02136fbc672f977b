"""Early warning in sentences: how near a scenario is to having no plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from allocator.analyses.early_warning import BudgetWarning
from allocator.analyses.goals_explained import GoalExplained
from allocator.analyses.result import Result
from allocator.programme.rows import Row, RowKind
from allocator.reports.findings import Finding
from allocator.reports.no_plan_words import change_text
from allocator.reports.words import listing, magnitude, percent, significant

HEAD = "How near the edge"
TOLD = 0.1
"""A budget that may fall by more than this part is no news for the console."""
MOST_NAMED = 3
LEAST_TOLD = 0.0001
DIGITS = 4


def early_finding(result: Result) -> Finding | None:
    """Return the nearest way to no plan in a sentence; None where nothing was found."""
    if not result.warnings:
        return Finding(HEAD, _tight(result)) if result.tight else None
    first = result.warnings[0]
    text = f"{_fall(first, result)}; then {clash(first.rows)}. {_tight(result)}".strip()
    short = f"{HEAD}: {_fall(first, result)}." if first.falls <= TOLD else ""
    return Finding(HEAD, text, short)


def _fall(warning: BudgetWarning, result: Result) -> str:
    """Say by how much a budget may fall; down to a figure that is safe to type."""
    when = f" {warning.year}" if len(result.scenario.years) > 1 else ""
    part = f"{significant(_down(warning.falls * 100))} %" if warning.falls > LEAST_TOLD else "less than 0.01 %"
    falls = significant(_down(warning.falls * float(warning.amount)), DIGITS)
    return f"{warning.source}{when} may fall by {part} ({falls} {result.scenario.unit}) before no plan exists"


def _down(value: float) -> Fraction:
    """Return a number rounded down to three digits, so that what is said to be possible is."""
    if value <= 0:
        return Fraction(0)
    unit = Fraction(10) ** (magnitude(value) - 2)
    return math.floor(Fraction(value) / unit) * unit


def clash(rows: Sequence[Row], most: int = MOST_NAMED, *, bare: bool = False) -> str:
    """Say which rows can't stand together: rules first, the money last; `bare`: name them alone."""
    ranked = sorted(rows, key=lambda row: row.kind is RowKind.BUDGET)
    names = [f"“{row.label}”" for row in ranked[:most]]
    more = len(ranked) - len(names)
    listed = listing([*names, *([f"{more} more"] if more > 0 else [])])
    if bare:
        return listed
    if not names:
        return "its rules can't stand together"
    if len(ranked) == 1:
        return f"{names[0]} can't be kept"
    return f"{listed} can't stand together"


def goals_finding(result: Result) -> Finding | None:
    """Return what it would take to meet the first goal that is missed; None where all are met."""
    if not result.goals_explained:
        return None
    first = result.goals_explained[0]
    count = len(result.goals_explained)
    more = f" {count - 1} more: see Warnings." if count > 1 else ""
    missed = f"“{first.row.label}” is missed by {significant(first.missed_by, DIGITS)} {first.row.unit}".rstrip()
    text = f"{missed}. {takes(first)}{in_the_way(first)}{more}"
    return Finding("Goals missed", text, f"To meet {first.row.label}: {takes(first, short=True)}")


def takes(goal: GoalExplained, *, short: bool = False) -> str:
    """Say what change of one cell would let a goal be met; `short`: as the end of a sentence that names it."""
    if goal.possible:
        return "it could be met, but not with the goals that come before it or in whole steps."
    ways = [change_text(change) for change in (goal.money, goal.change) if change is not None]
    if not ways:
        return f"{'n' if short else 'N'}o change of one cell alone would do."
    return f"{' or '.join(ways)}." if short else f"To meet it: {' or '.join(ways)}."


def in_the_way(goal: GoalExplained) -> str:
    """Say which rows can't stand together with a goal; nothing where none are known."""
    return f" In its way: {clash(goal.in_the_way, bare=True)}." if goal.in_the_way else ""


def _tight(result: Result) -> str:
    """Say how many rules and targets could hardly be tightened."""
    count = len(result.tight)
    if not count:
        return ""
    tightest = result.tight[0]
    rules = "1 rule or target has" if count == 1 else f"{count} rules and targets have"
    room = percent(tightest.part, 1 if tightest.part >= 0.01 else 3)
    return f"{rules} at most 5 % of room, the least “{tightest.row.label}” ({room})."
