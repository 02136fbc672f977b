"""Warnings in words: which rows can't stand together, what stops a goal, and what would let it be met."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.analyses.repairs import GoalExplained
from allocator.programme.rows import Row
from allocator.scenario.model import Operator
from allocator.wording.conflict import figures
from allocator.wording.edits import rule_edit_text
from allocator.wording.numbers import listing, significant

MOST_NAMED = 3
MOST_ROWS = 14
"""So many of the rows that clash are named on a sheet."""
DIGITS = 4


def money_last(rows: Sequence[Row]) -> list[Row]:
    """Return rows in the order in which they are told: rules first, the money last."""
    return sorted(rows, key=lambda row: row.kind.supply)


def clash(rows: Sequence[Row], most: int = MOST_NAMED) -> str:
    """Say which rows can't stand together: rules first, the money last."""
    ranked = money_last(rows)
    names = [f"“{row.label}”" for row in ranked[:most]]
    more = len(ranked) - len(names)
    listed = listing([*names, *([f"{more} more"] if more > 0 else [])])
    if not names:
        return "its rules can't stand together"
    if len(ranked) == 1:
        return f"{names[0]} can't be kept"
    return f"{listed} can't stand together"


def takes(goal: GoalExplained) -> str:
    """Say what change of one cell would let a goal be met; nothing where none is needed."""
    if goal.possible:
        return ""
    ways = [rule_edit_text(edit) for edit in (goal.money, goal.change) if edit is not None]
    return f" To meet it: {' or '.join(ways)}." if ways else " No change of one cell alone would do."


def reason(goal: GoalExplained, most: int = MOST_NAMED) -> str:
    """Say what stops a goal: the rows that do, with their cells, what they leave and what is asked for."""
    if goal.whole_steps:
        return "It could be met, but not in whole steps: only the unrounded plan meets it."
    if goal.possible:
        return (
            f"It could be met, but then other goals of its priority ({goal.priority}) would be missed by as much "
            "or more in all."
        )
    if not goal.in_the_way:
        return f"It can't be met: {_left(goal.row, goal.short_by, 'no money leaves')}."
    earlier = any(row.strength.kind == "goal" for row in goal.in_the_way)
    before = " with what comes before it" if earlier else ""
    verb = "leaves" if len(goal.in_the_way) == 1 else "leave"
    return f"It can't be met{before}: {_left(goal.row, goal.short_by, f'{_with_cells(goal.in_the_way, most)} {verb}')}."


def _left(row: Row, short_by: float, who: str) -> str:
    """Say what is left for a goal at most, where it is about one sum; else by how much it falls short."""
    short = Fraction(f"{short_by:.9g}")
    if row.right.terms or row.operator is Operator.EQUAL:
        return f"{who} it {significant(short, DIGITS)} {row.unit}".rstrip() + " off at least"
    lower = row.operator.lower
    wanted = row.right.constant
    best = wanted + (row.margin - short if lower else short - row.margin)
    asked, left, _ = figures(wanted, best, abs(wanted - best))
    strict = {Operator.OVER: "over ", Operator.UNDER: "under "}.get(row.operator, "")
    return f"{who} {'at most' if lower else 'at least'} {left} where {strict}{asked} {row.unit}".rstrip() + " is asked"


def _with_cells(rows: Sequence[Row], most: int) -> str:
    """Name rows with their cells, rules first, the money last; goals with their priority."""
    ranked = money_last(rows)
    names = [f"“{row.label}” ({_strength(row)}{row.cell})" for row in ranked[:most]]
    more = len(ranked) - len(names)
    return listing([*names, *([f"{more} more"] if more > 0 else [])])


def _strength(row: Row) -> str:
    return f"{row.strength}, " if row.strength.kind == "goal" else ""


def clashing(rows: Sequence[Row]) -> str:
    """Return the rows that clash with their cells, the money last."""
    ranked = money_last(rows)
    names = [f"{row.label} ({row.cell})" for row in ranked[:MOST_ROWS]]
    more = len(ranked) - len(names)
    return "; ".join([*names, *([f"{more} more"] if more > 0 else [])])
