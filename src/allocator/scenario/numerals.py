"""Figures as people and their programs type them: what stands around the digits, and the digits themselves.

Around them stand signs, accounting's brackets for what is negative, a currency, a percent sign. They are taken off
where one reading is possible. A word that multiplies (million, tỷ) is never dropped: the figure is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

_GROUPED_BY_SPACE = re.compile(r"\d{1,3}( \d{3})+([.,]\d+)?")
_EXPONENT = re.compile(r"\d+([.,]\d+)?[eE][+-]?\d{1,3}")
_DIGITS = re.compile(r"\d+")
_CURRENCY = (
    r"(?:us|a|au|c|ca|s|sg|hk|nt|nz|r)?\$|[£€¥₫₹₩฿₱]|vnd|vnđ|đồng|dong|đ|usd|eur|euros?|gbp|jpy|cny|rmb|krw|aud|cad|"
    r"chf|sgd|thb|dollars?"
)
_BEFORE = re.compile(rf"({_CURRENCY})\s*(?=[\d.,(+-])", re.IGNORECASE)
_AFTER = re.compile(rf"(?<=[\d.,)])\s*({_CURRENCY})$", re.IGNORECASE)
_PERCENT = re.compile(r"(?<=[\d.,)-])\s*(%|per ?cent|pct\.?|phần trăm)$", re.IGNORECASE)
_MULTIPLES = re.compile(
    r"(?<![^\W\d_])(thousands?|k|millions?|mil|mln|mio|mn|m|billions?|bil|bln|bn|b|trillions?|trn|tn|nghìn|ngàn|triệu|tr|"
    r"trđ|tỷ|tỉ|ty|dozens?|hundreds?|trăm|lakhs?|crores?)(?![^\W\d_])",
    re.IGNORECASE,
)
_ALTERED = ("<super>", "<sub>", "<circle>", "<square>", "<fraction>")


@dataclass(frozen=True)
class TwoReadings:
    """A text whose one mark may group its digits or be the decimal one, and the numbers that it may mean."""

    typed: str
    whole: str
    decimal: str
    once: str
    """The decimal number as it is read in one way alone: never with three digits after its mark."""


class Unread(ValueError):  # noqa: N818  (it says what happened to a text, and never leaves the package)
    """A text that is no figure, or may be two."""

    def __init__(self, readings: TwoReadings | None = None) -> None:
        self.readings = readings
        super().__init__(readings)


@dataclass(frozen=True)
class Figure:
    """What a text says: the number before its percent sign, and what stood around it."""

    number: Fraction
    percent: bool = False
    currency: bool = False


def figure(typed: str) -> Figure:
    """Return the figure that a text holds.

    >>> figure("($1,234.5)").number, figure("(5 %)")
    (Fraction(-2469, 2), Figure(number=Fraction(-5, 1), percent=True, currency=False))
    """
    if any(unicodedata.decomposition(letter).startswith(_ALTERED) for letter in typed):
        raise Unread
    body = unicodedata.normalize("NFKC", typed).replace("−", "-").replace("’", " ").replace("'", " ")
    body = " ".join(body.split())
    signs: set[str] = set()
    while (found := _peeled(body)) is not None:
        body, sign = found
        if sign in signs:
            raise Unread
        signs.add(sign)
    if {"%", "currency"} <= signs or {"-", "+"} <= signs or {"-", "("} <= signs or not body:
        raise Unread
    number = _unsigned(body, "-" if signs & {"-", "("} else "")
    return Figure(-number if signs & {"-", "("} else number, "%" in signs, "currency" in signs)


def multiple(typed: str) -> str | None:
    """Return the word in a text that multiplies its figure: 5 tỷ, 3.2 million; None where there is none.

    >>> multiple("5 tỷ đồng"), multiple("12k"), multiple("about 5")
    ('tỷ', 'k', None)
    """
    text = unicodedata.normalize("NFC", typed)
    found = _MULTIPLES.search(text) if re.search(r"\d", text) else None
    return found[1] if found else None


def has_percent(typed: object) -> bool:
    """Whether a cell holds a text that ends like a percentage."""
    text = unicodedata.normalize("NFKC", typed).strip().rstrip(")").rstrip() if isinstance(typed, str) else ""
    return bool(_PERCENT.search(text))


def _peeled(body: str) -> tuple[str, str] | None:
    """Return the text without one thing around its digits, and which that was; None where nothing is around them."""
    if body.startswith("(") and body.endswith(")"):
        return body[1:-1].strip(), "("
    if body[:1] in ("+", "-"):
        return body[1:].strip(), body[0]
    if body.endswith("-"):
        return body[:-1].strip(), "-"
    for pattern, sign in ((_PERCENT, "%"), (_AFTER, "currency")):
        if found := pattern.search(body):
            return body[: found.start()].strip(), sign
    if found := _BEFORE.match(body):
        return body[found.end() :].strip(), "currency"
    return None


def magnitude(number: Fraction) -> int:
    """Return the power of ten of a number's first digit, exactly: 3 for 1,234; 0 for 0.

    >>> magnitude(Fraction(1234)), magnitude(Fraction(-1, 10**400)), magnitude(Fraction(0))
    (3, -400, 0)
    """
    if not number:
        return 0
    size = abs(number)
    power = math.floor(math.log10(size.numerator) - math.log10(size.denominator))
    while Fraction(10) ** power > size:
        power -= 1
    while Fraction(10) ** (power + 1) <= size:
        power += 1
    return power


def decimal(whole: str, part: str) -> Fraction:
    """Return the number with these digits before and after its mark."""
    return Fraction(Decimal(f"{whole or '0'}.{part or '0'}"))


def _ungroup(digits: str, separator: str) -> str:
    groups = digits.split(separator)
    if not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise Unread
    return "".join(groups)


def _one_separator(body: str, separator: str, sign: str) -> Fraction:
    if body.count(separator) > 1:
        return Fraction(int(_ungroup(body, separator)))
    whole, part = body.split(separator)
    if not part:
        raise Unread
    smaller = decimal(whole, part)
    if len(part) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0":
        once = f"{sign}{_read_once(whole, part)}"
        raise Unread(TwoReadings(f"{sign}{body}", f"{sign}{whole}{part}", f"{sign}{float(smaller):.15g}", once))
    return smaller


def _read_once(whole: str, part: str) -> str:
    digits = part.rstrip("0")
    return f"{whole}.{digits}{'0' * (len(digits) == 3)}" if digits else whole


def _unsigned(body: str, sign: str) -> Fraction:
    if _DIGITS.fullmatch(body):
        return Fraction(int(body))
    if _GROUPED_BY_SPACE.fullmatch(body):
        return Fraction(Decimal(body.replace(" ", "").replace(",", ".")))
    if _EXPONENT.fullmatch(body):
        return Fraction(Decimal(body.replace(",", ".")))
    if not re.fullmatch(r"[\d.,]+", body) or not re.search(r"\d", body):
        raise Unread
    if "." in body and "," in body:
        mark = max(".", ",", key=body.rfind)
        if body.count(mark) > 1:
            raise Unread
        whole, part = body.split(mark)
        if not _DIGITS.fullmatch(part):
            raise Unread
        return decimal(_ungroup(whole, "," if mark == "." else "."), part)
    return _one_separator(body, "." if "." in body else ",", sign)
