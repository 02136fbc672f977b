"""What a repair is the best at, and why there is none, in words."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from allocator.analyses.analyse import NotRepaired
from allocator.analyses.messages import Analysis, Ending
from allocator.analyses.repairs import Repair, RepairKind
from allocator.analyses.result import Result
from allocator.errors import AllocateError, SolverError, UsageError
from allocator.programme.rows import Row
from allocator.programme.status import Status
from allocator.wording.edits import cause, options_text, quoted, rule_edit_short
from allocator.wording.messages import message_text
from allocator.wording.numbers import objective_unit, significant

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


def repair_short(repair: Repair) -> str:
    """Return all edits of a repair without their cells."""
    return "; ".join(map(rule_edit_short, repair.edits))


def objective_text(result: Result, value: Fraction | float) -> str:
    """Return an objective with its unit."""
    return f"{significant(value)} {objective_unit(result.scenario)}".rstrip()


def against_first(result: Result, repair: Repair) -> Fraction | None:
    """Return by how much a repair's objective differs from the first one's; None where either is not known."""
    first = result.repairs[0].objective
    return None if first is None or repair.objective is None else repair.objective - first


def next_steps(result: Result, name: str) -> list[str]:
    """Return what to do next; `name` is the scenario's file."""
    shown = f"{quoted(name)}{options_text(result.scenario)}"
    if not result.repairs:
        return [
            "Look whether each rule of the conflict is entered as it was meant; every one has its cell.",
            f"Change what may be changed, then run: allocate {shown}",
        ]
    adopt = "type its numbers into the cells named, or paste its rows (sheet Repairs) into What-if"
    by = result.scenario.changed_by
    if by is not None and by.variant is not None:
        adopt = f"add its rows (sheet Repairs) on What-if to those of the {cause(by)}"
    return [
        f"To see the plan of a repair: allocate {shown} --repair 1 (or another number). The scenario stays as it is.",
        f"To adopt one: {adopt}.",
        "Or turn a rule that isn't law into a goal (Strength: goal 1): it is then met as far as possible.",
    ]
