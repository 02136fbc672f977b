"""What number formats make of a number: a percentage, a day, a time, or another number than the one that is there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from enum import Enum
from xml.etree import ElementTree as ET

from allocator.spreadsheet.package import elements

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_FRACTIONS = re.compile(r"([sS\]])[.,]0+")
_DIGITS, _DATES = re.compile(r"[0#?@]|general", re.IGNORECASE), re.compile(r"[ymdhs]", re.IGNORECASE)
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days know no time zone
_LAST_DAY = 2_958_466
"""The day after 9999-12-31."""
_APART, _LEAP = 1462, 60
"""Days between the two ways of counting; the 29th of February 1900, which was none."""


class Shown(Enum):
    """What a number is shown as."""

    DATE = "a day or a time of day"
    ELAPSED = "a time that has passed"


_BUILT_IN_PERCENT = dict.fromkeys(("9", "10"), True)
_BUILT_IN_DATES = {
    **dict.fromkeys(map(str, (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))), Shown.DATE),
    "46": Shown.ELAPSED,
}


def percent_styles(root: ET.Element) -> frozenset[int]:
    """Return the cell styles whose number format is a percentage, of a workbook's styles."""
    return frozenset(_by_style(root, _BUILT_IN_PERCENT, lambda code: "%" in _QUOTED.sub("", code)))


def date_styles(root: ET.Element) -> dict[int, Shown]:
    """Return the cell styles that show a number as a date or time, of a workbook's styles."""
    return _by_style(root, _BUILT_IN_DATES, kind_of)


def misleading_styles(root: ET.Element) -> frozenset[int]:
    """Return the cell styles, of a workbook's styles, whose number format shows another number or none."""
    return frozenset(_by_style(root, dict.fromkeys(_BUILT_IN_DATES, True), misleads))


def _by_style[T](root: ET.Element, built_in: Mapping[str, T], kind: Callable[[str], T | None]) -> dict[int, T]:
    """Return what the number format of each cell style is, by its number or its code; what is nothing is left out."""
    own = {each.get("numFmtId", ""): kind(each.get("formatCode", "")) for each in elements(root, "numFmt")}
    kinds = {**built_in, **own}
    formats = next(elements(root, "cellXfs"), ())
    of_style = ((style, kinds.get(xf.get("numFmtId", "0"))) for style, xf in enumerate(formats))
    return {style: found for style, found in of_style if found}


def kind_of(code: str) -> Shown | None:
    r"""Return what a number format shows a number as; None where that is a number.

    >>> [kind_of(code) for code in ("#,##0 USD", '0.0" days"', "General", "[Red]0", "@", "")]
    [None, None, None, None, None, None]
    >>> {kind_of(code) for code in ("dd/mm/yyyy", "h:mm AM/PM", "[$-409]d-mmm;@", "mm:ss.0", r"yyyy\-mm")}
    {<Shown.DATE: 'a day or a time of day'>}
    >>> kind_of("[h]:mm")
    <Shown.ELAPSED: 'a time that has passed'>
    """
    first = _LITERAL.sub("", code).partition(";")[0]
    if _ELAPSED.search(first):
        return Shown.ELAPSED
    plain = _BRACKETS.sub("", _FRACTIONS.sub(r"\1", first))
    return Shown.DATE if _DATES.search(plain) and not _DIGITS.search(plain) else None


def moment(number: float, kind: Shown, *, from_1904: bool) -> dt.datetime | dt.date | dt.time | dt.timedelta | None:
    """Return the date or time that a number is shown as, to a thousandth of a second; None where it is none."""
    days = number + _APART if from_1904 else number + (number < _LEAP)
    if not number >= 0 or days >= _LAST_DAY:
        return None
    if kind is Shown.ELAPSED:
        return dt.timedelta(milliseconds=round(number * 86_400_000))
    found = _EPOCH + dt.timedelta(milliseconds=round((number if number < 1 else days) * 86_400_000))
    if number < 1:
        return found.time() if found.date() == _EPOCH.date() else None
    return found.date() if found.time() == dt.time() else found


def written_date(text: str) -> dt.datetime | None:
    """Return a date written out, as ``2026-01-31T12:00:00``; None where the text is none."""
    try:
        return dt.datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def serial(day: dt.datetime) -> float:
    """Return the number that stands for a date, counted from 1900.

    >>> serial(dt.datetime(2026, 1, 31, 12))
    46053.5
    """
    return (day - _EPOCH) / dt.timedelta(days=1)


def misleads(code: str) -> bool:
    r"""Whether a format hides a number, scales it, shows it as a date, or shows digits that are not its own.

    >>> [misleads(code) for code in ('#,##0.0;"−"#,##0.0;"–"', '0.0" "%', "General", "@", "0.##E+0")]
    [False, False, False, False, False]
    >>> [misleads(code) for code in ('"1,200"', ";;;", "#,##0,", "yyyy", '0"9"', r"0\5")]
    [True, True, True, True, True, True]
    """
    if any(char.isdigit() for literal in _LITERAL.findall(code) for char in literal):
        return True
    sections = _BRACKETS.sub("", _LITERAL.sub(lambda literal: " " * len(literal[0]), code)).split(";")
    return any(_shows_another(section.strip()) for section in sections[:2])


def _shows_another(section: str) -> bool:
    if section.casefold() in ("general", "standard", "@"):
        return False
    return not re.search(r"[0#?]", section) or bool(_SCALED.search(section) or _DATES.search(section))
