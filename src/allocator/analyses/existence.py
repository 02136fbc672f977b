"""Whether any plan can exist, as `check` asks: what contradicts itself for all to see, else what clashes exactly."""

from __future__ import annotations

from allocator.analyses.conflict import conflicts
from allocator.analyses.no_plan import Conflict
from allocator.errors import Problem
from allocator.programme.build import build
from allocator.programme.deadline import Deadline
from allocator.programme.rows import Row, RowKind
from allocator.scenario.model import Scenario


def no_plan(scenario: Scenario, deadline: Deadline | None = None) -> tuple[Problem, ...]:
    """Return why no plan of `scenario` can exist, each at the cell that is easiest to change; empty where one does."""
    return tuple(map(_problem, conflicts(build(scenario), deadline)))


def _problem(conflict: Conflict) -> Problem:
    rows = [member.row for member in conflict.members]
    at = min(rows, key=_fixed)
    others = ", ".join(dict.fromkeys(f"{row.name} ({row.cell})" for row in rows))
    text = conflict.sentence.strip().rstrip(".")
    return Problem(str(at.cell), f"no plan can exist: {text}; these can't stand together: {others}")


def _fixed(row: Row) -> tuple[bool, bool]:
    """Return how hard a row is to change: law hardest, then the money that there is."""
    return row.strength.kind == "law", row.kind is RowKind.BUDGET
