"""A formula's words, and the one form in which formulas are compared."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from allocator.reports.seal import canonical_value

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    |(?P<text>"(?:[^"]|"")*")
    |(?P<sheet>(?:'(?:[^'\[\]:]|'')+'|[^\W\d][\w.]*)!)
    |(?P<error>\#(?:REF!|DIV/0!|N/A|VALUE!|NAME\?|NUM!|NULL!))
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<logical>(?:TRUE|FALSE)(?:\s*\(\s*\)|(?!\s*\()(?![\w.$])))
    |(?P<function>[^\W\d][\w.]*)\s*(?=\()
    |(?P<word>\$?[^\W\d][\w.$]*|\$\d+)
    |(?P<sign><>|<=|>=|[-+*/^&=<>%(),:{};])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN_SHEET = re.compile(r"[^\W\d][\w.]*")
_LIKE_A_CELL = re.compile(r"[A-Z]{1,3}\d+|R\d*C\d*|R\d*|C\d*|TRUE|FALSE", re.IGNORECASE)
REMEMBERED = 1 << 16
SMALL, LAST_DECIMAL = 1e-5, Decimal("1e-20")
"""LibreOffice writes numbers in formulas without exponents, with so many decimals at most."""


class Token(NamedTuple):
    """One word of a formula: its kind, and how it is written in canonical form."""

    kind: str
    text: str


class NoFormula(ValueError):  # noqa: N818 - what the text is, not what went wrong
    """The text is no formula of the kinds that a plan holds."""


def tokens(text: str) -> Iterator[Token]:
    """Yield a formula's words; spaces only where they stand between two operands, as they then mean an operation.

    Raises
    ------
    NoFormula
        Where something is no word of a formula.
    """
    at, spaced, ends_operand = 0, False, False
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NoFormula(f"{text[at : at + 20]!r} is no part of a formula")
        at, kind = match.end(), match.lastgroup or ""
        if kind == "space":
            spaced = ends_operand
            continue
        word = match[kind]
        sign = kind == "sign"
        if spaced and (not sign or word in "({"):
            yield Token("sign", " ")
        yield Token(kind, word if sign else _written(kind, word))
        spaced, ends_operand = False, (not sign and kind not in ("sheet", "function")) or word in ")}"


def _written(kind: str, word: str) -> str:
    """Return a word as canonical form has it."""
    match kind:
        case "text":
            return word
        case "number":
            if math.isinf(number := float(word)):
                raise NoFormula(f"{word} is too large a number")
            return number_text(number)
        case "sheet":
            return f"{sheet_name(sheet_of(word))}!"
        case "logical":
            return "TRUE" if word[0] in "tT" else "FALSE"
    return word.upper()


@lru_cache(REMEMBERED)
def number_text(number: float) -> str:
    """Return a number that is written in a formula with the digits that every spreadsheet program keeps.

    These are 15, and none after the 20th decimal; halves are rounded up in the shortest text of the number.

    >>> number_text(1.0693069306930694), number_text(2026), number_text(0.005454545454545455)
    ('1.06930693069307', '2026', '0.00545454545454546')
    """
    if 0 < abs(number) < SMALL:
        number = float(Decimal(canonical_value(number)).quantize(LAST_DECIMAL, ROUND_HALF_UP))
    return canonical_value(float(number))


def sheet_of(word: str) -> str:
    """Return the name of the sheet that a word such as ``'Price card'!`` points to."""
    return word[1:-2].replace("''", "'") if word.startswith("'") else word[:-1]


def sheet_name(name: str) -> str:
    """Return a sheet's name as formulas write it: in quotes only where it could be read as something else.

    >>> sheet_name("Plan"), sheet_name("Price card"), sheet_name("A1")
    ('Plan', "'Price card'", "'A1'")
    """
    if _PLAIN_SHEET.fullmatch(name) and not _LIKE_A_CELL.fullmatch(name):
        return name
    return "'" + name.replace("'", "''") + "'"


@lru_cache(REMEMBERED)
def canonical(text: str) -> str:
    """Return a formula, without ``=``, in the form that is the same whichever spreadsheet program saved it last.

    No spaces outside texts, function names and cells in capitals, ``FALSE()`` as ``FALSE``, sheets in quotes only
    where they must be, numbers with 15 digits. What can't be read as a formula is returned as it is, stripped.

    >>> canonical("if( a1 > 0.50, FALSE(), 'Plan'!$B$2 )")
    'IF(A1>0.5,FALSE,Plan!$B$2)'
    """
    stripped = text.strip().lstrip("= ")
    try:
        return "".join(token.text for token in tokens(stripped))
    except NoFormula:
        return text.strip()
