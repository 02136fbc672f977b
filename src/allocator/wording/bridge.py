"""How two plans' difference was split, and why it wasn't, in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from allocator.analyses.bridge import (
    CountAsOne,
    Lacking,
    NoBridge,
    NoDifference,
    Note,
    NotFoundAgain,
    OtherPeriods,
    OtherUnits,
    Part,
    Sampled,
    TooFewMixtures,
    UnlikeObjectives,
    WithoutPlan,
)
from allocator.analyses.messages import Failed
from allocator.wording.names import listed

_LACKING = {
    Lacking.NO_PLAN: "no plan exists",
    Lacking.UNREADABLE: "the scenario can't be read",
    Lacking.UNANSWERED: "the solver found no answer",
}


def part_name(part: Part) -> str:
    """Return what a part of the difference is called."""
    return part.name or "Rounding to whole steps"


def no_bridge_text(reason: NoBridge) -> str:
    """Return why a difference was not split."""
    match reason:
        case WithoutPlan(name, none_exists):
            return f"{name} has no plan" if none_exists else f"no plan of {name} was found"
        case OtherPeriods((one, other), (years, other_years)):
            return f"{one} is for {_span(years)} and {other} for {_span(other_years)}"
        case OtherUnits((one, other), (unit, other_unit)):
            return f"{one} is in {unit}, {other} in {other_unit}"
        case NotFoundAgain(name):
            return f"the plan of {name} could not be found again"
        case TooFewMixtures(count):
            return f"the time limit came after {count:,} mixtures, too few to split the difference"
        case Failed(text):
            return text


def _span(years: Sequence[int]) -> str:
    return str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}"


def bridge_note(note: Note) -> str:
    """Return what there is to know of a split, as a sentence without a full stop."""
    match note:
        case NoDifference():
            return "The two scenarios differ in no input that a plan depends on"
        case UnlikeObjectives(one, other):
            return (
                f"The two scenarios do not seek the same ({one}; {other}), so the difference of their objectives "
                "means nothing; amounts are split all the same"
            )
        case CountAsOne(names):
            return f"{listed(names)} count as one: {_when(note)} {_LACKING[note.why]}"
        case Sampled(orders, changes, objective_error, amount_error, unit):
            sought = "" if objective_error is None else f"± {_figure(objective_error)} at most in the objective, "
            money = f"± {_figure(amount_error)} {unit} at most in an amount"
            return f"Sampled: {orders} orders of the {changes} changes; {sought}{money} (each 95 %)"


def _when(note: CountAsOne) -> str:
    if not note.changed:
        return "with others and only some of them changed"
    if not note.unchanged:
        return f"with only {listed(note.changed)} changed"
    return f"with {listed(note.changed)} changed but not {listed(note.unchanged)}"


def _figure(value: float) -> str:
    """Return a number in two digits.

    >>> _figure(12345.6), _figure(0.0000123)
    ('12,000', '0.000012')
    """
    return f"{Decimal(f'{value:.2g}'):,f}"
