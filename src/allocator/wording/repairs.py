"""What a repair is the best at, and why there is none, in words."""

from __future__ import annotations

from collections.abc import Iterable

from allocator.analyses.changed_by import NotRepaired
from allocator.analyses.no_plan import RepairKind
from allocator.analyses.outcomes import Analysis, Ending
from allocator.analyses.result import Result
from allocator.errors import AllocateError, SolverError, UsageError
from allocator.programme.rows import Row
from allocator.programme.status import Status
from allocator.wording.edits import cause
from allocator.wording.messages import message_text

KINDS = {
    RepairKind.ONE_RULE: "one rule",
    RepairKind.LEAST_CHANGE: "least change",
    RepairKind.FEWEST_RULES: "fewest rules",
    RepairKind.ANOTHER_WAY: "another way",
}
"""As data has it."""
KINDS_IN_FULL = KINDS | {
    RepairKind.ONE_RULE: "changes one rule only",
    RepairKind.LEAST_CHANGE: "least change in all",
    RepairKind.FEWEST_RULES: "fewest rules changed",
}
"""As readers are told."""
LAW_ONLY = "no repair is open to the city"


def no_repair(result: Result) -> str:
    """Say why there is no repair to choose from; empty where there is one."""
    if result.repairs:
        return ""
    law = law_at_odds(result)
    if not law:
        return "No repair was found."
    if len(result.conflicts) > 1:
        rule = _beside_money(law)[0]
        first = f"“{rule.name}” ({rule.cell})"
        return f"One of these conflicts is between rules of law alone, such as {first}: {LAW_ONLY}."
    if all(row.strength.kind == "law" for row in law):
        return f"What can't stand together is all law: {LAW_ONLY}."
    return f"What can't stand together is law, whatever money there is: {LAW_ONLY}."


def law_at_odds(result: Result) -> tuple[Row, ...]:
    """Return the rows of a conflict in which all rules are law; none where there is no such conflict."""
    sets = [tuple(member.row for member in found.members) for found in result.conflicts] or [result.conflict]
    return next((rows for rows in sets if _law_only(rows)), ())


def _law_only(rows: Iterable[Row]) -> bool:
    """Whether all rules among rows are law, so that beside them there is at most the money itself."""
    rules = _beside_money(rows)
    return bool(rules) and all(row.strength.kind == "law" for row in rules)


def _beside_money(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that don't say what money there is."""
    return [row for row in rows if not row.kind.supply]


def not_repaired(found: NotRepaired) -> AllocateError:
    """Return the error that says why a scenario has no such repair."""
    result, number = found.result, found.number
    by, count = result.scenario.changed_by, len(result.repairs)
    if result.status is Status.OPTIMAL:
        what = f"the {cause(by)}" if by else "this scenario"
        return UsageError(f"--repair {number}: {what} has a plan, so there is nothing to repair; leave it out")
    if result.status is Status.STOPPED:
        return SolverError("whether the scenario needs a repair was not found: the search was stopped")
    if result.outcomes[Analysis.REPAIRS] is not Ending.DONE:
        return SolverError(message_text(result.messages[-1]))
    there = f"there are {count}; give a number from 1 to {count}" if count else no_repair(result)
    return UsageError(f"--repair {number}: {there}")
