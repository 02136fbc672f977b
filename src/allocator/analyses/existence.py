"""Whether any plan can exist, as `check` asks: what contradicts itself for all to see, else what clashes exactly."""

from __future__ import annotations

from allocator.analyses.conflict import conflicts
from allocator.analyses.no_plan import Conflict
from allocator.programme.build import build
from allocator.programme.deadline import Deadline
from allocator.programme.rows import Row, RowKind
from allocator.scenario.model import Scenario


def no_plan(scenario: Scenario, deadline: Deadline | None = None) -> tuple[Conflict, ...]:
    """Return why no plan of `scenario` can exist; empty where one does."""
    return conflicts(build(scenario), deadline)


def easiest_to_change(conflict: Conflict) -> Row:
    """Return the row of a conflict whose cell is the easiest to change."""
    return min((member.row for member in conflict.members), key=_fixed)


def _fixed(row: Row) -> tuple[bool, bool]:
    """Return how hard a row is to change: law hardest, then the money that there is."""
    return row.strength.kind == "law", row.kind is RowKind.BUDGET
