"""What the arithmetic of spreadsheets leaves uncertain, and rounding that it can't tip.

A workbook computes in numbers of 53 bits; what is stored beside a formula was computed exactly. ROUND brings both to
the same figure, unless the exact one lies so near a half that noise decides which way it goes: then more decimals, or
fewer, are told.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain, count

LAST_BITS = Fraction(1, 2**49)
"""What a sum of a few products may be off, as a part of all that it adds and takes away: a difference is nothing to a
spreadsheet where it is below 2⁻⁴⁸ of either number, and so below half of that part of both."""
_HALF = Fraction(1, 2)
_LAST_DIGIT, _WHOLE = 2.0**-48, 2.0**53
"""Below this part of themselves, two numbers differ by no digit that is kept; unless both are whole."""


def steady_decimals(values: Iterable[Fraction], wanted: int, noise: Fraction, most: int | None = None) -> int:
    """Return to how many decimals all of the values round the same, though each is computed only to within `noise`.

    `wanted` where none of them is so near a half; else a few more, up to `most`; else fewer.

    >>> steady_decimals([Fraction("0.675")], 2, Fraction(1, 10**6), most=4)
    3
    >>> steady_decimals([Fraction("0.675")], 2, Fraction(1, 100), most=4)
    1
    """
    found = list(values)
    more = range(wanted, (wanted if most is None else most) + 1)
    return next(decimals for decimals in chain(more, count(wanted - 1, -1)) if is_steady(found, decimals, noise))


def is_steady(values: Iterable[Fraction], decimals: int, noise: Fraction) -> bool:
    """Whether noise tips none of the values; a unit above all values and noise rounds them to 0 for sure."""
    unit = Fraction(10) ** -decimals
    return all(abs(value / unit % 1 - _HALF) * unit > noise for value in values)


def nearly_equal(one: float, other: float) -> bool:
    """Whether two numbers are equal in all the digits that a spreadsheet keeps.

    >>> nearly_equal(0.1 + 0.2, 0.3), nearly_equal(1e15, 1e15 + 1)
    (True, False)
    """
    if one == other:
        return True
    apart = abs(one - other)
    if not apart < _LAST_DIGIT * min(abs(one), abs(other)):
        return False
    return not (one.is_integer() and other.is_integer() and max(abs(one), abs(other)) <= _WHOLE)
