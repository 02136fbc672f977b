"""What is left of money on Funds: rounded there, and so rounded again in the next year's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import count

from allocator.analyses.figures import FundFigures
from allocator.reports.noise import LAST_BITS, is_steady
from allocator.reports.words import decimals_of, magnitude

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
