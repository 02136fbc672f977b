"""Why no plan exists, in words: the arithmetic that shows it, its figures rounded so that they still add up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import singledispatch

from allocator.analyses.conflict import Clash, Conflict, Contradiction, KeptByNone, OutOfReach, TooLittleMoney
from allocator.analyses.result import Result
from allocator.programme.constraints import LimitConstraint
from allocator.programme.rows import ZERO, Row

NAMED = 3
"""Rows that a sentence names at most; of more it says how many they are."""
_TOLD = Fraction(1, 200)
"""By how much the rounded shortage may differ from the true one, as a part of it."""
_DECIMALS = 12


@singledispatch
def clash_text(clash: Clash) -> str:
    """Return the sentence on a clash."""
    raise TypeError(clash)


# Figures


def figures(*values: Fraction) -> list[str]:
    """Return the values as text, the last being the difference of the first two: rounded alike, and adding up.

    >>> figures(Fraction(10000, 11), Fraction(900), Fraction(100, 11))
    ['909.1', '900', '9.1']
    """
    decimals = next((d for d in range(_DECIMALS) if _tells(values, d)), _DECIMALS)
    return [figure(value, decimals) for value in values]


def _tells(values: Sequence[Fraction], decimals: int) -> bool:
    rounded = [Fraction(round(value * 10**decimals), 10**decimals) for value in values]
    if rounded == list(values):
        return True
    asked, available, short = rounded
    return asked - available == short and abs(short - values[-1]) <= _TOLD * abs(values[-1])


def figure(value: Fraction, decimals: int) -> str:
    """Return a number with thousands separators, a real minus, and no more decimals than it needs.

    >>> figure(Fraction(-12345, 10), 3)
    '−1,234.5'
    """
    text = f"{value:,.{decimals}f}"
    if decimals:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}") if text.strip("-0.") else "0"


def _share(part: Fraction, whole: Fraction) -> str:
    """Return a part above the whole as a percentage that shows that it is above."""
    decimals = next((d for d in range(1, _DECIMALS) if round(part / whole * 100, d) != 100), _DECIMALS)
    return f"{figure(part / whole * 100, decimals)} %"


# Indicators


@clash_text.register
def _out_of_reach(clash: OutOfReach) -> str:
    """Say how far the indicator can be brought by what the other members leave."""
    row, others = clash.target, clash.others
    to, reached, _ = figures(clash.wanted, clash.best, clash.wanted - clash.best)
    unit = f" {row.unit}" if row.unit else ""
    when = f" {'by' if clash.cumulative else 'in'} {row.year}"
    end = "at most" if clash.at_least else "at least"
    if not others:
        moves = "raises" if clash.at_least else "lowers"
        return f"No money can bring {row.name} to {to}{unit}{when}: it is {reached} without any, and none {moves} it."
    if clash.only_money:
        return f"No money can bring {row.name} to {to}{unit}{when}: all that is there brings {reached} {end}."
    leave = "leaves" if len(others) == 1 else "leave"
    brought = "brought" if clash.at_least else "brought down"
    by = f"{_listed(others, by_year=_several_years((row, *others)))} {leave}"
    return f"{row.name} can't be {brought} to {to}{unit}{when}: {by} it at {reached} {end}."


# Money


@clash_text.register
def _kept_by_none(clash: KeptByNone) -> str:
    row, name, short = clash.row, _label(clash.row), clash.short
    if row.body.terms:
        return f"No plan keeps {name}: whatever is spent, it is missed by {figures(short, ZERO, short)[0]} at least."
    end = "at least" if clash.at_least else "at most"
    reached, wanted, _ = figures(row.left.constant, row.left.constant + row.bound, -row.bound)
    return f"No plan keeps {name}: no money counts in it, so that it is {reached} where {wanted} {end} is asked for."


@clash_text.register
def _too_little_money(clash: TooLittleMoney) -> str:
    """Say it of sums of money that are asked for, and sums of money that can be had."""
    lower, upper, asked, available = clash.asking, clash.allowing, clash.asked, clash.available
    much, little, short = figures(asked, available, asked - available)
    unit, when = f" {clash.unit}" if clash.unit else "", _when((*lower, *upper))
    by_year = _several_years((*lower, *upper))
    if len(upper) == 1 and upper[0].kind.of_area:
        may = f"{upper[0].subject} may get at most {little}{unit}{when} ({_limit(upper[0])})"
        asking = _asking(lower, much, "", by_year=by_year, known=upper[0].subject)
        return f"{may}, but {asking}: {short} too much."
    asking = _asking(lower, f"{much}{unit}", when, by_year=by_year)
    asking = asking[0].upper() + asking[1:]
    if len(upper) == 1 and upper[0].kind.supply:
        if not available:
            return f"{asking}, but {upper[0].subject} has nothing: {short} too much."
        return f"{asking}, {_share(asked, available)} of what {upper[0].subject} has ({little}): {short} too much."
    leave = "leaves" if len(upper) == 1 else "leave"
    return f"{asking}, but {_listed(upper, by_year=by_year)} {leave} at most {little}: {short} too much."


def _asking(lower: Sequence[Row], much: str, when: str, *, by_year: bool, known: str = "") -> str:
    """Return the clause that says who asks for money, and for how much; `known`: the area that is named already."""
    if len(lower) > 1:
        areas = {row.subject for row in lower}
        if all(row.kind.of_area for row in lower) and len(areas) > 1:
            return f"the floors of {len(areas)} areas ask for {much}{when}"
        spend = ", all to be spent," if all(row.kind.supply for row in lower) else ""
        return f"{_listed(lower, by_year=by_year)}{spend} ask for at least {much}{when}"
    row = lower[0]
    if row.kind.supply:
        return f"all that {row.subject} has, {much}, is to be spent{when}"
    if row.kind.of_area:
        who = "" if row.subject == known else f"{row.subject} "
        return f"{who}is to get at least {much}{when} ({_limit(row)})"
    return f"{_label(row, by_year=by_year)} asks for at least {much}{when}"


def _limit(row: Row) -> str:
    return f"its {row.of.heading}" if isinstance(row.of, LimitConstraint) else "the end of its last band"


def _when(rows: Sequence[Row]) -> str:
    years = sorted({row.year for row in rows if row.year is not None})
    if len(years) == 1 and all(row.year is not None for row in rows):
        return f" in {years[0]}"
    return f" in {years[0]}–{years[-1]}" if len(years) > 1 else ""


# Anything


@clash_text.register
def _contradiction(clash: Contradiction) -> str:
    """Say it of any rows: the amounts on their left sides cancel, or can only make it worse."""
    lower, upper, asked, available = clash.asking, clash.allowing, clash.asked, clash.available
    much, little, short = figures(asked, available, asked - available)
    by_year = _several_years((*lower, *upper))
    more = f"{short} {clash.unit}".rstrip() + " more than"
    weighed = " (each multiplied by its weight)" if clash.weighed else ""
    if not upper:
        asks = "asks" if len(lower) == 1 else "ask together"
        return f"Whatever is spent, {_listed(lower, by_year=by_year)} {asks} for {more} there can be{weighed}."
    allows = "allows" if len(upper) == 1 else "allow"
    if not lower:
        return f"Whatever is spent, it comes to {more} {_listed(upper, by_year=by_year)} {allows}{weighed}."
    asks = "asks" if len(lower) == 1 else "ask"
    against = f": {much} against {little}" if asked and available else ""
    return (
        f"Whatever is spent, {_listed(lower, by_year=by_year)} {asks} for {more} "
        f"{_listed(upper, by_year=by_year)} {allows}{weighed}{against}."
    )


def _several_years(rows: Sequence[Row]) -> bool:
    return len({row.year for row in rows}) > 1


def _listed(rows: Sequence[Row], *, by_year: bool) -> str:
    """Return rows by name, or how many they are; with their years where these tell them apart."""
    if len(rows) > 1 and all(row.kind.supply for row in rows):
        return f"the budgets of {len(rows)} years" if len({row.subject for row in rows}) == 1 else "the budgets"
    if len(rows) > NAMED:
        if all(row.kind.of_area for row in rows):
            return f"the limits of {len({row.subject for row in rows})} areas"
        return f"{len(rows)} {_alike(rows)}"
    names = [_label(row, by_year=by_year) for row in rows]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _alike(rows: Sequence[Row]) -> str:
    """Return what rows are called together."""
    outcomes = {row.kind.outcome for row in rows if row.kind.stated}
    if len(outcomes) > 1 or not all(row.kind.stated for row in rows):
        return "rules and limits"
    return "targets" if outcomes.pop() else "rules"


def _label(row: Row, *, by_year: bool = True) -> str:
    """Return how a row is called in a sentence."""
    return f"“{row.name}”" if row.year is None or not by_year else f"“{row.name}” {row.year}"


# Whole conflicts


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
