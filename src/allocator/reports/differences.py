"""To how many decimals alternatives are told to differ from the plan: what lies below is noise of their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocator.analyses.result import Result
from allocator.programme.rows import ZERO, Key
from allocator.reports.noise import LAST_BITS, steady_decimals
from allocator.reports.words import decimals_of, magnitude

MONEY, WORTH = "Decimals of differences in money", "Decimals of differences in the objective"
"""What they are called among the parameters on Checks."""
_MONEY_DIGITS, _MOST_DIGITS = 12, 15
"""Of the largest amount, if Step needs no more; no number in a workbook has more than the other."""


def difference_decimals(result: Result, worth: Fraction) -> Mapping[str, int]:
    """Return the decimals of both, for a plan whose objective is `worth`; empty where there are no alternatives."""
    if not result.alternatives:
        return {}
    own, *plans = (_lines(amounts) for amounts in (result.amounts, *(each.amounts for each in result.alternatives)))
    apart = [plan.get(line, ZERO) - own.get(line, ZERO) for plan in plans for line in {*own, *plan}]
    largest = max((abs(amount) for plan in (own, *plans) for amount in plan.values()), default=ZERO)
    worths = [each.valuation.objective for each in result.alternatives]
    both = abs(worth) + max(map(abs, worths))
    wanted = max(_last_of(_MONEY_DIGITS, largest), decimals_of(result.step))
    return {
        MONEY: steady_decimals(apart, wanted, LAST_BITS * largest),
        WORTH: steady_decimals([each - worth for each in worths], _last_of(_MOST_DIGITS, both), LAST_BITS * both),
    }


def _last_of(digits: int, size: Fraction) -> int:
    """Return the decimals that a number of this size has where it has so many digits."""
    return digits - 1 - magnitude(float(size))


def _lines(amounts: Mapping[Key, Fraction]) -> Mapping[tuple[str | None, int], Fraction]:
    """Return (area, year) → its amount, and (None, year) → that of all areas."""
    found: dict[tuple[str | None, int], Fraction] = {}
    for key, amount in amounts.items():
        for line in (key.pair, (None, key.year)):
            found[line] = found.get(line, ZERO) + amount
    return found
