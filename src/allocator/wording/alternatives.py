"""What was assumed of another plan, and what money it has no place for, in words."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.alternatives import (
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
)
from allocator.analyses.valuation import UnplacedMoney, Valuation, WhyUnplaced
from allocator.wording.lists import listed

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
