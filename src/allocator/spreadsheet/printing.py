"""Headers and footers of printed sheets, and how wide text stands in them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MOST_FOOTER = 140
"""So many characters of a title fit to the left of a footer's page number; footers hold 255 in all."""
_CAPITAL = 0.4
"""By so much of a character capitals are wider than others."""


def footer(title: str, source: str) -> str:
    """Return a footer: as much of the title as fits beside the rest, then what the sheet is made from, and the page."""
    # a space ends the size: a title may begin with a digit
    return f"&L&8 {shortened(title)}&R&8 {source} · Page &P of &N"


def shortened(text: str) -> str:
    """Return `text` for a header or footer: ``&`` doubled, and no longer than there is room for."""
    if len(text) > MOST_FOOTER:
        text = f"{text[: MOST_FOOTER - 1]}…"
    while text_units(text.replace("&", "&&")) > MOST_FOOTER or _printed_width(text) > MOST_FOOTER:
        text = text[:-2] + "…"
    return text.replace("&", "&&")


def _printed_width(text: str) -> float:
    return text_width(text) + _CAPITAL * sum(map(str.isupper, text))


def text_units(text: str) -> int:
    """Return the length of `text` as workbooks count it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@lru_cache(maxsize=10_000)
def text_width(text: str) -> float:
    """Return about how many characters wide `text` stands: combining marks take no room, ideographs take two.

    >>> text_width("Văn hóa"), text_width(unicodedata.normalize("NFD", "Văn hóa"))
    (7, 7)
    """
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
