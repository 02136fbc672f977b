"""Addresses of cells, the parts that formulas are made of, and rounding that noise can't tip.

Rows and columns count from 0 here, as XlsxWriter has it; only the text of a formula counts rows from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain, count

from allocator.spreadsheet.references import column_letters
from allocator.spreadsheet.syntax import nearly_equal

LAST_BITS = Fraction(1, 2**49)
"""What a sum of a few products may be off, as a part of all that it adds and takes away: a difference is nothing to a
spreadsheet where it is below 2⁻⁴⁸ of either number, and so below half of that part of both."""
_HALF = Fraction(1, 2)


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


HEAD, FIRST = 4, 5
"""The row of a sheet's headings and the first below them."""
LIVE_ROWS = 20_000
"""Above so many rows a sheet holds values only."""
LONGEST_FORMULA = 8_000
"""Workbooks allow 8,192 characters."""
MOST_ARGUMENTS = 250
"""Workbooks allow 255 arguments of a function."""
MOST_PARTS = 60_000
"""More lines of areas' parts in indicators no reader wants, and no spreadsheet opens in a moment."""


def ref(row: int, column: int, *, fixed: bool = False) -> str:
    """Return a cell's address.

    >>> ref(5, 2), ref(5, 2, fixed=True)
    ('C6', '$C$6')
    """
    mark = "$" if fixed else ""
    return f"{mark}{column_letters(column + 1)}{mark}{row + 1}"


def span(first: int, last: int, column: int, *, fixed: bool = False) -> str:
    """Return the address of a stretch of a column; of one cell where it is one row."""
    start = ref(first, column, fixed=fixed)
    return start if first == last else f"{start}:{ref(last, column, fixed=fixed)}"


def quoted(text: str) -> str:
    """Return `text` as a formula writes it."""
    return '"' + text.replace('"', '""') + '"'


def difference(one: Fraction, other: Fraction) -> Fraction:
    """Return ``one − other`` as spreadsheets subtract.

    They do so in floating point, and numbers that are equal in all the digits that are kept leave nothing.
    """
    left, right = float(one), float(other)
    return Fraction(0) if nearly_equal(left, right) else Fraction(left - right)


def runs(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Return the stretches of consecutive rows.

    >>> runs([7, 5, 6, 9])
    [(5, 7), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for row in sorted(rows):
        if found and row == found[-1][1] + 1:
            found[-1] = (found[-1][0], row)
        else:
            found.append((row, row))
    return found


def joined(pieces: Sequence[str]) -> str:
    """Return a sum of pieces, those that open with a minus subtracted."""
    text = "".join(piece if piece.startswith("-") else f"+{piece}" for piece in pieces)
    return text.removeprefix("+") or "0"


def plain_criterion(text: str) -> bool:
    """Whether SUMIFS would look for just this text, not for a pattern or a comparison."""
    return len(text) < 250 and not re.search(r"[*?~]|^[<>=]", text)
