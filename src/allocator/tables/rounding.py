"""To how many decimals figures are told, so that the noise of a spreadsheet's arithmetic tips none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import count

from allocator.analyses.figures import FundFigures
from allocator.analyses.result import Result
from allocator.programme.rows import ZERO, Key
from allocator.tables.formulas import LAST_BITS, is_steady, steady_decimals
from allocator.wording.numbers import decimals_of, magnitude

_ZERO = Fraction(0)
_MOST_DIGITS = 15
"""No number in a workbook has more."""


@dataclass(frozen=True)
class Account:
    """A line of Funds as its formulas come to it."""

    opening: Fraction
    left: Fraction
    """What is left of opening and available, before it is rounded."""
    rest: Fraction
    """What is left of that beyond what is carried forward, before it is rounded."""
    carried_forward: Fraction
    unspent: Fraction


class Remainders:
    """What is carried forward and left unspent, without the noise of arithmetic.

    With a Step these are rounded to `decimals`, and a year opens with what the year before carried forward as rounded.
    Without one what the solver leaves behind is nothing: less than the last of the decimals.
    """

    def __init__(self, funds: Sequence[FundFigures], step: Fraction) -> None:
        self._funds, self._step = sorted(funds, key=lambda fund: fund.year), step

    @cached_property
    def decimals(self) -> int:
        """Those of Step and of the funds as typed, at least twelve digits of the largest; nine without a Step.

        A spreadsheet's last bits tip none of the remainders.
        """
        largest = max((abs(fund.opening + fund.available) for fund in self._funds), default=Fraction(1))
        size = magnitude(float(largest))
        if not self._step:
            return 8 - size
        typed = (decimals_of(figure, _MOST_DIGITS) for fund in self._funds for figure in (fund.opening, fund.available))
        wanted = max(11 - size, decimals_of(self._step), *typed)
        return next(d for d in count(wanted, -1) if self._is_steady(d, LAST_BITS * largest))

    def _is_steady(self, decimals: int, noise: Fraction) -> bool:
        accounts = self._accounts(lambda amount: round(amount, decimals)).values()
        return is_steady((left for each in accounts for left in (each.left, each.rest)), decimals, noise)

    @cached_property
    def accounts(self) -> Mapping[tuple[str, int], Account]:
        """(source, year) → its line."""
        return self._accounts(self._settled)

    def _settled(self, amount: Fraction) -> Fraction:
        if self._step:
            return round(amount, self.decimals)
        return amount if abs(amount) >= Fraction(10) ** -self.decimals else _ZERO

    def _accounts(self, settled: Callable[[Fraction], Fraction]) -> dict[tuple[str, int], Account]:
        found: dict[tuple[str, int], Account] = {}
        for fund in self._funds:
            before = found.get((fund.source, fund.year - 1))
            opening = before.carried_forward if before else fund.opening
            left = opening + fund.available - fund.spent
            carried = settled(left) if fund.carried_forward else _ZERO
            rest = left - carried
            found[fund.source, fund.year] = Account(opening, left, rest, carried, settled(rest))
        return found

    @cached_property
    def blur(self) -> Fraction:
        """The most that a remainder is off, where Step's decimals are more than a spreadsheet keeps."""
        apart = (
            abs(exact - told)
            for fund in self._funds
            for account in [self.accounts[fund.source, fund.year]]
            for exact, told in ((fund.carried_forward, account.carried_forward), (fund.unspent, account.unspent))
        )
        return max(apart, default=_ZERO)


MONEY, WORTH = "Decimals of differences in money", "Decimals of differences in the objective"
"""What they are called among the parameters on Checks."""
_MONEY_DIGITS = 12
"""Of the largest amount, if Step needs no more."""


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
