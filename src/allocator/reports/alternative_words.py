"""The plan's alternatives in words: how far they are from the plan, and what they break."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.analyses.alternatives import PROPOSED, Alternative
from allocator.analyses.result import Result
from allocator.analyses.valuation import Valuation
from allocator.reports.findings import Finding
from allocator.reports.words import listing, objective_unit, signed, signed_significant, significant
from allocator.wording.alternatives import caveat_text

HEAD = "Better than what"
ZERO = Fraction(0)
LEAST_SHOWN = Fraction(1, 20)
"""A smaller percentage would show as 0 with one decimal."""


def alternatives_finding(result: Result) -> Finding | None:
    """Return what the plan is better than, in a sentence for each alternative; None where there is none."""
    if not result.alternatives:
        return None
    told = [f"{_said(result, alternative)}." for alternative in result.alternatives]
    return Finding(HEAD, " ".join([*told, "See Alternatives."]))


def alternative_lines(result: Result) -> list[str]:
    """Return each alternative in short, for a line of 80 characters."""
    found = []
    for alternative in result.alternatives:
        name = "Proposed draft" if alternative.name == PROPOSED else "Last year scaled"
        less, part = difference(result, alternative.valuation.objective)
        said = f"{significant(abs(less), 5)} {'more' if less > 0 else 'less'}" if less else "worth as much"
        found.append(
            f"{name}: {said}{f' ({part})' if less and part else ''}, {faults(alternative.valuation, brief=True)}."
        )
    return found


def side_by_side(result: Result) -> str:
    """Return the objectives of the plan and of its alternatives in one sentence."""
    objective = result.scenario.objective
    if objective.indicator is not None:
        verb = f"brings {objective.indicator} to"
    else:
        verb = "brings" if objective.maximise else "spends"
    unit, value = objective_unit(result.scenario), significant(result.objective or ZERO)
    missed = len({goal.row.name for goal in result.goals if goal.missed_by > 0})
    texts = [
        f"As optimised, the plan {verb} {value} {unit}".rstrip()
        + (f" and misses {_counted(missed, 'goal')}" if missed else "")
    ]
    for alternative in result.alternatives:
        name, there = _name(alternative), significant(alternative.valuation.objective)
        texts.append(f"{name[0].lower()}{name[1:]} {there} and {faults(alternative.valuation)}")
    return f"{'; '.join(texts)}."


def difference(result: Result, objective: Fraction) -> tuple[Fraction, str]:
    """Return another objective less the plan's, and the same as a signed percentage; empty where there is none."""
    less = objective - (result.objective or ZERO)
    if not result.objective:
        return less, ""
    part = less / abs(result.objective) * 100
    return less, f"{signed(part, 1) if abs(part) >= LEAST_SHOWN else signed_significant(part, 1)} %"


def faults(valuation: Valuation, *, brief: bool = False) -> str:
    """Return what amounts break and miss: ``breaks 3 rules in 12 cases and misses 1 goal``; `brief`: without cases."""
    rules, goals = valuation.rules_broken, valuation.goals_missed
    found = []
    if rules:
        cases = 0 if brief else len(valuation.broken)
        found.append(f"breaks {_counted(rules, 'rule')}{f' in {cases:,} cases' if cases > rules else ''}")
    if goals:
        found.append(f"misses {_counted(goals, 'goal')}")
    if not rules:
        found.insert(0, "keeps every rule")
    return listing(found)


def _said(result: Result, alternative: Alternative) -> str:
    less, part = difference(result, alternative.valuation.objective)
    objective, unit = result.scenario.objective, objective_unit(result.scenario)
    lacks = caveat_text(alternative)
    caveat = f", {lacks}," if lacks else ""
    side = "more" if less > 0 else "less"
    by = f"{significant(abs(less), 5)} {unit}".rstrip()
    if not less:
        said = f"would {'bring' if objective.maximise or objective.indicator else 'spend'} as much"
    elif objective.indicator is not None:
        said = f"would bring {objective.indicator} to {significant(alternative.valuation.objective)}, {by} {side}"
    else:
        said = f"would {'bring' if objective.maximise else 'spend'} {by} {side}"
    better = bool(less) and (less > 0) == objective.maximise
    wrong = faults(alternative.valuation)
    but = " but" if better and alternative.valuation.broken else "," if " and " in wrong else " and"
    as_part = f" ({part})" if less and part else ""
    return f"{_name(alternative)}{caveat} {said}{as_part}{but} {wrong}"


def _name(alternative: Alternative) -> str:
    return "The proposed draft" if alternative.name == PROPOSED else "Last year scaled to the budget"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def differing_most(names: Sequence[tuple[str, Fraction]], most: int = 3) -> str:
    """Return the areas that differ most with their differences, largest first; empty where none does."""
    ranked = [pair for pair in sorted(names, key=lambda pair: -abs(pair[1])) if pair[1]][:most]
    return listing([f"{name} ({signed_significant(amount, 5)})" for name, amount in ranked])
