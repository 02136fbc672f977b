"""What a cell says: numbers as Vietnamese and English hands type them, percentages, names, keywords, years.

Each function takes a cell's raw value, never blank, and returns what it means or raises `Misread`, whose text says
what was found and what to type. Nothing is guessed: a text that can be read in two ways is refused with both.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from allocator.scenario.model import Operator, Raw, Strength
from allocator.scenario.tables import OPERATOR_WORDS, STRENGTHS, TOGETHER

_GROUPED_BY_SPACE = re.compile(r"\d{1,3}( \d{3})+([.,]\d+)?")
_EXPONENT = re.compile(r"\d+([.,]\d+)?[eE][+-]?\d{1,3}")
_DIGITS = re.compile(r"\d+")
_YEARS = re.compile(r"(\d{4})(?:\s*[-–—]\s*(\d{4}))?")
_GOAL = re.compile(r"goal\s*([1-9]\d*)")
_SHOWN = 60


class Misread(ValueError):  # noqa: N818  (it says what happened to a cell, and is never shown by its class name)
    """A cell that can't be understood; the text says what was found and what is expected."""


def fold(text: str) -> str:
    """Return the form in which names and keywords are compared: case, spaces and Unicode form don't count.

    >>> fold("  Văn   Hoá ") == fold(unicodedata.normalize("NFD", "văn hoá"))
    True
    """
    return unicodedata.normalize("NFC", tidy(text).casefold()).replace("’", "'")


def tidy(text: str) -> str:
    """Return `text` in NFC with single inner spaces and none around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_blank(value: Raw) -> bool:
    """Whether a cell holds nothing, or only spaces."""
    return value is None or (isinstance(value, str) and not value.strip())


def shown(value: Raw) -> str:
    """Return a cell's value as messages show it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return plain(exact(value))
    text = tidy(str(value))
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'


def exact(number: float) -> Fraction:
    """Return the decimal that a stored number stands for: 0.04 is 4/100.

    >>> exact(0.04)
    Fraction(1, 25)
    """
    return Fraction(Decimal(repr(number)))


def plain(number: Fraction) -> str:
    """Return a number as one would type it: no exponent, no trailing zeros, at most 15 significant digits.

    >>> plain(Fraction(1, 25)), plain(Fraction(-1500))
    ('0.04', '-1500')
    """
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):.15g}"
    text = f"{Decimal(text):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(number: Fraction) -> str:
    """Return a share as a percentage: ``4.5 %``."""
    return f"{plain(number * 100)} %"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `name`, or None where none is near."""
    by_fold = {fold(candidate): candidate for candidate in candidates}
    found = difflib.get_close_matches(fold(name), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def suggestion(name: str, candidates: Sequence[str], expected: str) -> str:
    """Return the end of a message about an unknown name: the nearest valid one, or what there is."""
    near = nearest(name, candidates)
    if near is not None:
        return f'did you mean "{near}"?'
    listed = ", ".join(candidates[:8]) + (", …" if len(candidates) > 8 else "")
    return f"{expected}: {listed}" if candidates else expected


def text(value: Raw) -> str:
    """Return a cell as text; whole numbers without a decimal point."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return plain(exact(value))
    return unicodedata.normalize("NFC", str(value)).strip()


def name(value: Raw) -> str:
    """Return a name, tidied; ``;`` separates names, so no name may hold it."""
    tidied = tidy(text(value))
    if ";" in tidied:
        raise Misread(f'{shown(value)} holds ";", which separates names; write the name without it')
    return tidied


def names(value: Raw) -> tuple[str, ...]:
    """Return the names that ``;`` separates, tidied, blank ones left out."""
    return tuple(filter(None, (tidy(part) for part in text(value).split(";"))))


def _decimal(whole: str, part: str) -> Fraction:
    return Fraction(Decimal(f"{whole or '0'}.{part or '0'}"))


def _ungroup(digits: str, separator: str) -> str:
    groups = digits.split(separator)
    if not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise Misread("")
    return "".join(groups)


def _one_separator(body: str, separator: str) -> Fraction:
    if body.count(separator) > 1:
        return Fraction(int(_ungroup(body, separator)))
    whole, part = body.split(separator)
    if not part:
        raise Misread("")
    if len(part) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0":
        raise Misread(
            f'"{body}" can be read as {whole}{part} or as {plain(_decimal(whole, part))}; '
            f"type {whole}{part}, or {body}0 for the smaller one"
        )
    return _decimal(whole, part)


def _unsigned(body: str) -> Fraction:
    if _DIGITS.fullmatch(body):
        return Fraction(int(body))
    if _GROUPED_BY_SPACE.fullmatch(body):
        return Fraction(Decimal(body.replace(" ", "").replace(",", ".")))
    if _EXPONENT.fullmatch(body):
        return Fraction(Decimal(body.replace(",", ".")))
    if not re.fullmatch(r"[\d.,]+", body) or not re.search(r"\d", body):
        raise Misread("")
    if "." in body and "," in body:
        mark = max(".", ",", key=body.rfind)
        if body.count(mark) > 1:
            raise Misread("")
        whole, part = body.split(mark)
        if not _DIGITS.fullmatch(part):
            raise Misread("")
        return _decimal(_ungroup(whole, "," if mark == "." else "."), part)
    return _one_separator(body, "." if "." in body else ",")


def _from_text(typed: str) -> Fraction:
    body = unicodedata.normalize("NFKC", typed).replace("−", "-").replace("’", " ").replace("'", " ")
    body = " ".join(body.split())
    sign = -1 if body.startswith("-") else 1
    try:
        return sign * _unsigned(body.lstrip("+-").strip() if body[:1] in "+-" else body)
    except Misread as misread:
        raise Misread(str(misread) or f'expected a number, got "{tidy(typed)[:_SHOWN]}"') from None


def number(value: Raw) -> Fraction:
    """Return a number, stored or typed as text.

    >>> number("1.234.567,89"), number("1 234 567.89") == number("1,234,567.89")
    (Fraction(123456789, 100), True)
    >>> number("1.234")
    Traceback (most recent call last):
    allocator.scenario.cells.Misread: "1.234" can be read as 1234 or as 1.234; type 1234, or 1.2340 for the smaller one
    """
    if isinstance(value, bool) or value is None:
        raise Misread(f"expected a number, got {shown(value)}")
    if isinstance(value, str):
        return _from_text(value)
    return exact(value)


def amount(value: Raw) -> Fraction:
    """Return an amount of money: a number that isn't negative."""
    found = number(value)
    if found < 0:
        raise Misread(f"{plain(found)} is negative; type 0 or more")
    return found


def share(value: Raw, *, formatted: bool) -> Fraction:
    """Return a percentage as its stored number (4 % is 0.04).

    `formatted` says that the cell is formatted as a percentage; a number over 1 in a cell that isn't could mean two
    things and is refused.

    >>> share("4,5 %", formatted=False), share(0.04, formatted=False)
    (Fraction(9, 200), Fraction(1, 25))
    """
    if isinstance(value, str) and value.strip().endswith(("%", "％")):
        return _from_text(value.strip()[:-1]) / 100
    try:
        found = number(value)
    except Misread as misread:
        message = str(misread).replace("expected a number", "expected a percentage")
        raise Misread(message) from None
    if abs(found) > 1 and not formatted:
        raise Misread(f"{plain(found)} could be {plain(found)} % or {percent(found)}; type {plain(found)}%")
    return found


def keyword(value: Raw, words: Sequence[str]) -> str:
    """Return the word of `words` that the cell holds; TRUE and FALSE count as yes and no."""
    typed = {True: "yes", False: "no"}[value] if isinstance(value, bool) else text(value)
    for word in words:
        if fold(typed) == fold(word):
            return word
    raise Misread(f"{shown(value)} is not known here; {suggestion(typed, words, 'type one of')}")


def operator(value: Raw) -> Operator:
    """Return the comparison that the cell holds, as a sign or in words."""
    found = OPERATOR_WORDS.get(fold(text(value)))
    if found is None:
        raise Misread(
            f"{shown(value)} is no comparison; type >=, <=, =, > or <, or at least, at most, equals, over, under"
        )
    return found


def strength(value: Raw) -> Strength:
    """Return how much a rule is meant: must, law, goal 1, goal 2, …, off."""
    typed = fold(text(value))
    if goal := _GOAL.fullmatch(typed):
        return Strength("goal", int(goal[1]))
    for kind in ("must", "law", "off"):
        if typed == kind:
            return Strength(kind)
    if typed == "goal":
        raise Misread('"goal" needs a priority; type goal 1')
    raise Misread(f"{shown(value)} is not known here; {suggestion(typed, STRENGTHS, 'type one of')}")


def years(value: Raw, known: Sequence[int]) -> tuple[tuple[int, ...], bool]:
    """Return the years that a cell names, in order, and whether they count together.

    `known` are the scenario's years; others are refused. Without any (the Budget sheet was unreadable) all pass.

    >>> years("2027-2028; 2030", range(2026, 2031)), years("2026-2030 together", range(2026, 2031))[1]
    (((2027, 2028, 2030), False), True)
    """
    typed = fold(text(value))
    if not known:
        return (), False
    together = typed.endswith(f" {TOGETHER}")
    named: set[int] = set()
    for part in typed.removesuffix(TOGETHER).strip().split(";"):
        match = _YEARS.fullmatch(part.strip())
        if match is None:
            raise Misread(
                f"{shown(value)} names no years; type {known[0]}, {known[0]}-{known[-1]}, "
                f"{known[0]};{known[-1]} or {known[0]}-{known[-1]} together"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise Misread(f"{shown(value)} runs backwards; type {last}-{first}")
        outside = [year for year in (first, last) if year not in known]
        if outside:
            raise Misread(f"{outside[0]} is not a year of this scenario ({known[0]}-{known[-1]}, as in Budget)")
        named.update(range(first, last + 1))
    return tuple(sorted(named)), together
