"""What a plan is compared with, in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.analyses.figures import (
    PROPOSED,
    Alternative,
    BudgetOnly,
    Caveat,
    DraftDivided,
    GeneralNote,
    NoDraft,
    NoLastYear,
    Note,
    OnlyYears,
    OtherYears,
    PartsCount,
    UnplacedMoney,
    Valuation,
    WhyUnplaced,
)
from allocator.analyses.result import Result
from allocator.wording.findings import Finding
from allocator.wording.names import listed
from allocator.wording.numbers import listing, objective_unit, signed, signed_significant, significant

_MOST_NAMED = 4
"""More areas a note doesn't name."""
_PLAINLY = {
    GeneralNote.IN_FAVOUR: (
        "Where several sources may pay, its money is divided among them so that as little as possible is broken"
    ),
    GeneralNote.IN_PROPORTION: (
        "Where several sources may pay, its money is divided among them in proportion to what they make available"
    ),
    GeneralNote.NOT_ROUNDED: (
        "Not rounded to whole steps, so that it adds up to the budget and keeps last year's shares exactly"
    ),
}
_CAVEATS = {Caveat.NOTHING_FOR_BLANKS: "with nothing where it is blank", Caveat.ONLY_BUDGET: "without other money"}


def assumption_text(note: Note) -> str:
    """Return what was assumed, as a sentence without a full stop."""
    match note:
        case GeneralNote():
            return _PLAINLY[note]
        case NoDraft(areas, year):
            return f"No draft for {listed(areas, _MOST_NAMED)} in {year}: counted as 0"
        case OtherYears(years):
            return f"No draft for {listed(list(map(str, years)), _MOST_NAMED)}: the plan's own amounts stand there"
        case PartsCount(area, year, parts, own):
            sums = f"{amount_words(parts)}, not {amount_words(own)}"
            return f"The parts of {area} come to {sums} in {year}: the parts count"
        case DraftDivided(area, parts, by_last_year):
            way = "in proportion to Last year" if by_last_year else "equally"
            return f"The draft for {area} is divided among {listed(parts, _MOST_NAMED)} {way}"
        case NoLastYear(areas):
            return f"No Last year for {listed(areas, _MOST_NAMED)}: counted as 0"
        case BudgetOnly(sources):
            return f"Budget money only: no Last year from {listed(sources, _MOST_NAMED)}"


def assumption_texts(alternative: Alternative) -> list[str]:
    """Return all that was assumed of an alternative."""
    return list(map(assumption_text, alternative.notes))


def caveat_text(alternative: Alternative) -> str:
    """Return the most important of it in a few words, to stand behind its name; empty where it is complete."""
    return ", ".join(
        f"for {listed(list(map(str, caveat.years)), _MOST_NAMED)} only"
        if isinstance(caveat, OnlyYears)
        else _CAVEATS[caveat]
        for caveat in alternative.caveats
    )


def unknown_texts(valuation: Valuation) -> list[str]:
    """Return the money that the scenario has no place for, each reason once with its sum."""
    return [f"{amount_words(each.total)} {each.unit} {_reason(each)}" for each in valuation.unknown]


def _reason(money: UnplacedMoney) -> str:
    match money.why:
        case WhyUnplaced.NO_AREA:
            return f"for {money.area}, which is no area here"
        case WhyUnplaced.HAS_PARTS:
            return f"for {money.area}, which has parts here"
        case WhyUnplaced.NO_YEAR:
            return f"in {money.year}, which is no year here"
        case WhyUnplaced.NO_SOURCE:
            return f"from {money.source}, which is no source here"
        case WhyUnplaced.MAY_NOT_PAY:
            return f"for {money.area} from {money.source}, which may not pay for it here"


def amount_words(amount: Fraction) -> str:
    """Return an amount with thousands separators and the digits it has.

    >>> amount_words(Fraction(12345678, 1000))
    '12,345.678'
    """
    text = f"{float(amount):,.6f}".rstrip("0").rstrip(".")
    return text if float(text.replace(",", "")) else f"{float(amount):.3g}"


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
