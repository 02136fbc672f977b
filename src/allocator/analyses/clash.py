"""The arithmetic that shows a conflict: what is asked for at least, and what can be had at most.

Its figures are Σ weight · bound of the members on either side (`Conflict.asked`, `.available`, `.short_by`), or for
an indicator the same seen from its target.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.analyses.no_plan import Clash, Contradiction, KeptByNone, Member, OutOfReach, TooLittleMoney
from allocator.programme.rows import ZERO, Row
from allocator.scenario.model import Scenario


def clash(scenario: Scenario, members: Sequence[Member], about: Row) -> Clash:
    """Return how members clash whose multipliers are such that the row `about` has weight 1."""
    lower, upper = ([m for m in members if m.at_least is at_least] for at_least in (True, False))
    asked, available = (sum((m.weight * m.row.bound for m in side), ZERO) for side in (lower, upper))
    first = next(member for member in members if member.row is about)
    if about.kind.outcome and first.weight:
        return _out_of_reach(scenario, first, members, asked - available)
    if len(members) == 1:
        return KeptByNone(about, first.at_least, asked - available)
    asking, allowing = tuple(member.row for member in lower), tuple(member.row for member in upper)
    if all(m.plain and m.row.bound >= 0 for m in members) and asked > 0 and available >= 0:
        return TooLittleMoney(asking, allowing, asked, available, scenario.unit)
    weighed = any(member.weight != 1 for member in members)
    return Contradiction(asking, allowing, asked, available, about.unit, weighed)


def _out_of_reach(scenario: Scenario, target: Member, members: Sequence[Member], short: Fraction) -> OutOfReach:
    """Return how far the indicator can be brought by what the other members leave."""
    row = target.row
    wanted = row.bound + row.left.constant  # the target, a strict one's margin included
    others = [member for member in members if member is not target]
    return OutOfReach(
        row,
        target.at_least,
        wanted=wanted,
        best=wanted - (1 if target.at_least else -1) * short / target.weight,
        others=tuple(member.row for member in others),
        only_money=all(member.row.kind.supply and not member.at_least for member in others),
        cumulative=not next(i.yearly for i in scenario.indicators if i.name == row.indicator),
    )
