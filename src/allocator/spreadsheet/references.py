"""Cells by their letters and numbers."""

from __future__ import annotations

import re
from functools import cache

type Place = tuple[int, int]
"""Row and column, from 1."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


@cache
def column_number(letters: str) -> int:
    """Return the number of a column.

    >>> column_number("AB"), column_number("ab")
    (28, 28)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


@cache
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1.

    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def reference_of(place: Place) -> str:
    """Return a cell as a spreadsheet writes it.

    >>> reference_of((7, 4))
    'D7'
    """
    return f"{column_letters(place[1])}{place[0]}"


def place_of(reference: str) -> Place:
    """Return a cell's row and column.

    Raises
    ------
    ValueError
        If no spreadsheet has such a cell.

    >>> place_of("D7")
    (7, 4)
    """
    match = _REFERENCE.fullmatch(reference)
    row, column = (int(match[2]), column_number(match[1])) if match else (0, 0)
    if not 1 <= row <= LAST_ROW or column > LAST_COLUMN:
        raise ValueError(f"there is no cell {reference}")
    return row, column
