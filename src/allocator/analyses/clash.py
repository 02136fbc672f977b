"""The sentence of arithmetic that shows a conflict: what is asked for at least, and what can be had at most.

Its figures are Σ weight · bound of the members on either side (`Conflict.asked`, `.available`, `.short_by`), or for
an indicator the same seen from its target. They are rounded so that they still add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.analyses.no_plan import Member
from allocator.programme.constraints import LimitConstraint
from allocator.programme.rows import ZERO, Row, RowKind
from allocator.scenario.model import Scenario

NAMED = 3
"""Rows that a sentence names at most; of more it says how many they are."""
_TOLD = Fraction(1, 200)
"""By how much the rounded shortage may differ from the true one, as a part of it."""
_DECIMALS = 12


def sentence(scenario: Scenario, members: Sequence[Member], about: Row) -> str:
    """Return the sentence on a conflict whose multipliers are such that the row `about` has weight 1."""
    asked = sum((m.weight * m.row.bound for m in members if m.at_least), ZERO)
    available = sum((m.weight * m.row.bound for m in members if not m.at_least), ZERO)
    first = next(member for member in members if member.row is about)
    if about.kind is RowKind.INDICATOR and first.weight:
        return _of_indicator(scenario, first, members, asked - available)
    if len(members) == 1:
        return _of_one(members[0], asked - available)
    if all(_plain(member) for member in members) and asked > 0 and available >= 0:
        return _of_money(scenario, members, asked, available)
    return _of_many(members, about, asked, available)


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


def _of_indicator(scenario: Scenario, target: Member, members: Sequence[Member], short: Fraction) -> str:
    """Say how far the indicator can be brought by what the other members leave."""
    row = target.row
    sign = 1 if target.at_least else -1
    short /= target.weight
    wanted = row.bound + row.left.constant  # the target, a strict one's margin included
    best = wanted - sign * short
    to, reached, _ = figures(*((wanted, best, short) if target.at_least else (wanted, best, -short)))
    unit = f" {row.unit}" if row.unit else ""
    cumulative = not next(i.yearly for i in scenario.indicators if i.name == row.indicator)
    when = f" {'by' if cumulative else 'in'} {row.year}"
    others = [member for member in members if member is not target]
    end = "at most" if target.at_least else "at least"
    if not others:
        moves = "raises" if target.at_least else "lowers"
        return f"No money can bring {row.name} to {to}{unit}{when}: it is {reached} without any, and none {moves} it."
    if all(member.row.kind is RowKind.BUDGET and not member.at_least for member in others):
        return f"No money can bring {row.name} to {to}{unit}{when}: all that is there brings {reached} {end}."
    rows = [member.row for member in others]
    by_year = len({member.row.year for member in members}) > 1
    leave = "leaves" if len(rows) == 1 else "leave"
    brought = "brought" if target.at_least else "brought down"
    by = f"{_listed(rows, by_year=by_year)} {leave}"
    return f"{row.name} can't be {brought} to {to}{unit}{when}: {by} it at {reached} {end}."


# Money


def _plain(member: Member) -> bool:
    """Whether the row is about a sum of money alone, counted once."""
    row = member.row
    money = row.kind is not RowKind.INDICATOR and all(c == 1 for c in row.body.terms.values())
    return money and member.weight == 1 and row.bound >= 0


def _of_one(member: Member, short: Fraction) -> str:
    row, name = member.row, _label(member.row)
    if row.body.terms:
        return f"No plan keeps {name}: whatever is spent, it is missed by {figures(short, ZERO, short)[0]} at least."
    end = "at least" if member.at_least else "at most"
    reached, wanted, _ = figures(row.left.constant, row.left.constant + row.bound, -row.bound)
    return f"No plan keeps {name}: no money counts in it, so that it is {reached} where {wanted} {end} is asked for."


def _of_money(scenario: Scenario, members: Sequence[Member], asked: Fraction, available: Fraction) -> str:
    """Say it of sums of money that are asked for, and sums of money that can be had."""
    lower = [member.row for member in members if member.at_least]
    upper = [member.row for member in members if not member.at_least]
    much, little, short = figures(asked, available, asked - available)
    unit, when = f" {scenario.unit}" if scenario.unit else "", _when([member.row for member in members])
    by_year = len({row.year for row in (*lower, *upper)}) > 1
    if len(upper) == 1 and upper[0].kind is RowKind.LIMIT:
        may = f"{upper[0].subject} may get at most {little}{unit}{when} ({_limit(upper[0])})"
        asking = _asking(lower, much, "", by_year=by_year).removeprefix(f"{upper[0].subject} ")
        return f"{may}, but {asking}: {short} too much."
    asking = _asking(lower, f"{much}{unit}", when, by_year=by_year)
    asking = asking[0].upper() + asking[1:]
    if len(upper) == 1 and upper[0].kind is RowKind.BUDGET:
        if not available:
            return f"{asking}, but {upper[0].subject} has nothing: {short} too much."
        return f"{asking}, {_share(asked, available)} of what {upper[0].subject} has ({little}): {short} too much."
    leave = "leaves" if len(upper) == 1 else "leave"
    return f"{asking}, but {_listed(upper, by_year=by_year)} {leave} at most {little}: {short} too much."


def _asking(lower: Sequence[Row], much: str, when: str, *, by_year: bool) -> str:
    """Return the clause that says who asks for money, and for how much."""
    if len(lower) > 1:
        areas = {row.subject for row in lower}
        if all(row.kind is RowKind.LIMIT for row in lower) and len(areas) > 1:
            return f"the floors of {len(areas)} areas ask for {much}{when}"
        spend = ", all to be spent," if all(row.kind is RowKind.BUDGET for row in lower) else ""
        return f"{_listed(lower, by_year=by_year)}{spend} ask for at least {much}{when}"
    row = lower[0]
    if row.kind is RowKind.BUDGET:
        return f"all that {row.subject} has, {much}, is to be spent{when}"
    if row.kind is RowKind.LIMIT:
        return f"{row.subject} is to get at least {much}{when} ({_limit(row)})"
    return f"{_label(row, by_year=by_year)} asks for at least {much}{when}"


def _limit(row: Row) -> str:
    return f"its {row.of.heading}" if isinstance(row.of, LimitConstraint) else "the end of its last band"


def _when(rows: Sequence[Row]) -> str:
    years = sorted({row.year for row in rows if row.year is not None})
    if len(years) == 1 and all(row.year is not None for row in rows):
        return f" in {years[0]}"
    return f" in {years[0]}–{years[-1]}" if len(years) > 1 else ""


# Anything


def _of_many(members: Sequence[Member], about: Row, asked: Fraction, available: Fraction) -> str:
    """Say it of any rows: the amounts on their left sides cancel, or can only make it worse."""
    lower = [member.row for member in members if member.at_least]
    upper = [member.row for member in members if not member.at_least]
    much, little, short = figures(asked, available, asked - available)
    by_year = len({member.row.year for member in members}) > 1
    more = f"{short} {about.unit}".rstrip() + " more than"
    weighed = "" if all(member.weight == 1 for member in members) else " (each multiplied by its weight)"
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


def _listed(rows: Sequence[Row], *, by_year: bool) -> str:
    """Return rows by name, or how many they are; with their years where these tell them apart."""
    if len(rows) > 1 and all(row.kind is RowKind.BUDGET for row in rows):
        return f"the budgets of {len(rows)} years" if len({row.subject for row in rows}) == 1 else "the budgets"
    if len(rows) > NAMED:
        kinds = {row.kind for row in rows}
        if kinds == {RowKind.LIMIT}:
            return f"the limits of {len({row.subject for row in rows})} areas"
        one_kind = {RowKind.RULE: "rules", RowKind.INDICATOR: "targets"}
        return f"{len(rows)} {one_kind[kinds.pop()] if len(kinds) == 1 else 'rules and limits'}"
    names = [_label(row, by_year=by_year) for row in rows]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _label(row: Row, *, by_year: bool = True) -> str:
    """Return how a row is called in a sentence."""
    return f"“{row.name}”" if row.year is None or not by_year else f"“{row.name}” {row.year}"
