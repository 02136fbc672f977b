"""Why no plan exists and what would make one, in words: the same for workbook, console and messages."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from allocator.analyses.no_plan import Conflict, Repair
from allocator.analyses.result import Result
from allocator.programme.rows import Row
from allocator.reports.words import objective_unit, significant
from allocator.wording.conflict import clash_text
from allocator.wording.edits import cause, options_text, quoted, rule_edit_short

LAW_ONLY = "no repair is open to the city"


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


def law_only(rows: Iterable[Row]) -> bool:
    """Whether all rules among rows are law, so that beside them there is at most the money itself."""
    rules = _beside_money(rows)
    return bool(rules) and all(row.strength.kind == "law" for row in rules)


def _beside_money(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that don't say what money there is."""
    return [row for row in rows if not row.kind.supply]


def rows_of(conflict: Conflict) -> tuple[Row, ...]:
    """Return a conflict's rows."""
    return tuple(member.row for member in conflict.members)


def verdict(result: Result) -> str:
    """Return the arithmetic of the first conflict in a sentence, with how many more there are."""
    if not result.conflicts:
        return "Nothing can keep every limit, rule and target."
    more = len(result.conflicts) - 1
    others = f" {more} more conflict{'s' if more > 1 else ''} beside this one: see Conflict." if more else ""
    return headline(result.conflicts[0]) + others


def _closed(sentence: str) -> str:
    text = sentence.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def sentence(conflict: Conflict) -> str:
    """Return a conflict's arithmetic as a sentence of its own."""
    return _closed(clash_text(conflict.clash))


def headline(conflict: Conflict) -> str:
    """Return the arithmetic of all that clashes there, as a sentence of its own."""
    return _closed(clash_text(conflict.headline or conflict.clash))


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
    sets = [rows_of(conflict) for conflict in result.conflicts] or [result.conflict]
    return next((rows for rows in sets if law_only(rows)), ())


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
