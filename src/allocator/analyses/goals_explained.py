"""Goals that the plan misses: what stands in the way of each, and what it would take to meet it.

A goal is met here without breaking a must and without missing goals of an earlier priority by more than they are;
goals of its own priority and later ones may lose. Amounts are not rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.repair_cells import adjustable_cells
from allocator.analyses.repair_lp import LooseCells, Point
from allocator.analyses.repair_search import Moved, Search
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline
from allocator.programme.rows import ONE, Key, Row
from allocator.scenario.edits import RuleEdit

MOST = 40
"""So many missed goals are explained, in the workbook's order."""
MET = Fraction(1, 10**7)
"""A goal that is missed by less than this part of what it asks for (at least of 1) is met, but for a last digit."""


@dataclass(frozen=True)
class GoalExplained:
    """One row of a goal that is missed."""

    row: Row
    priority: int
    missed_by: Fraction
    """In the row's unit, of the plan in whole steps."""
    possible: bool
    """Whether it can be met as things are: then goals of its own priority, or whole steps, were served before it."""
    whole_steps: bool
    """Whether the unrounded optimum meets it, so that nothing but whole steps stops it."""
    short_by: float
    """By how much the rows in the way make it miss at least, in its row's unit; 0 where it is possible."""
    money: RuleEdit | None
    """The least more money of one source in one year that lets it be met; None: none does, or it is possible."""
    change: RuleEdit | None
    """The least change, as a part of what it holds, of one other cell that lets it be met; None likewise."""
    in_the_way: tuple[Row, ...]
    """Rows that can't stand together with the goal: those that no plan may break, if these alone suffice, else goals
    that come before it too; none where it is possible."""


def explain_goals(
    programme: Programme,
    missed: Mapping[int, Fraction],
    goal_sums: Mapping[int, float],
    deadline: Deadline,
    unrounded: Mapping[Key, float],
) -> tuple[GoalExplained, ...]:
    """Return what is to be said of the goals that are missed, the first `MOST` of them.

    Parameters
    ----------
    programme
        One with a plan.
    missed
        Index in `programme.rows` → by how much the row is missed, above 0.
    goal_sums
        Priority → the least sum of its shortfalls, as `Solution` has them.
    deadline
        When to stop.
    unrounded
        The amounts of the unrounded optimum, in the scenario's unit.

    Returns
    -------
    tuple of GoalExplained
        In the order of their priorities.

    Raises
    ------
    OutOfTime
        The deadline came.
    SolverError
        The solver stopped without an answer.
    """
    if not missed:
        return ()
    loose = LooseCells(programme, adjustable_cells(programme), deadline)
    amounts = {key: Fraction(amount) for key, amount in unrounded.items()}
    return tuple(_explained(loose, index, missed[index], goal_sums, amounts) for index in sorted(missed)[:MOST])


def _explained(
    loose: LooseCells,
    index: int,
    missed_by: Fraction,
    goal_sums: Mapping[int, float],
    unrounded: Mapping[Key, Fraction],
) -> GoalExplained:
    rows = loose.programme.rows
    row, priority = rows[index], rows[index].strength.priority
    held = {earlier: total for earlier, total in goal_sums.items() if earlier < priority}
    loose.meet([index], held)
    search = Search(loose)
    alone = all(other is row or other.strength != row.strength for other in rows)
    # a goal alone in its priority that the optimum misses can't be met, by however little
    if not search.start(loosely=not alone or _met(row, unrounded)):
        return GoalExplained(row, priority, missed_by, True, alone or _met(row, unrounded), 0.0, None, None, ())
    money, change = _money(search), _other(search)
    stuck, short_by = _in_the_way(loose, index, held, search.stuck)
    in_the_way = tuple(rows[i] for i in sorted(stuck - {index}))
    return GoalExplained(row, priority, missed_by, False, False, short_by, money, change, in_the_way)


def _met(row: Row, amounts: Mapping[Key, Fraction]) -> bool:
    return -row.slack(amounts) <= MET * max(ONE, abs(row.bound))


def _in_the_way(
    loose: LooseCells, index: int, held: Mapping[int, float], stuck: frozenset[int]
) -> tuple[frozenset[int], float]:
    """Return the rows that stop a goal, and by how much it is missed at least: by musts alone where they suffice."""
    if held:
        loose.meet([index], {})
        found = loose.solve(loosely=True)
        if isinstance(found, Point):
            loose.meet([index], held)
        else:
            stuck = found
    return stuck, loose.least_shortfall(index)


def _money(search: Search) -> RuleEdit | None:
    """Return the least money to be added to one Budget cell."""
    budgets = [n for n, cell in enumerate(search.cells) if cell.budget]
    edits = _sure(search, search.single(budgets, many=len(budgets) + 1))
    return min((edit for edit in edits if edit.moves_by > 0), key=lambda edit: edit.moves_by, default=None)


def _other(search: Search) -> RuleEdit | None:
    """Return the least change of a cell that isn't one of Budget's."""
    others = [n for n, cell in enumerate(search.cells) if not cell.budget]
    return next(_sure(search, search.single(others, many=1)), None)


def _sure(search: Search, found: Iterable[Moved]) -> Iterator[RuleEdit]:
    """Yield the edits with which the goal is met, but for a last digit."""
    for moved in map(search.sure, found):
        if moved is not None:
            yield from search.edits(moved)
