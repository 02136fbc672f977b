"""What number formats make of a number: a percentage, a day, a time."""

from __future__ import annotations

import datetime as dt
import re
from enum import Enum
from xml.etree import ElementTree as ET

from allocator.spreadsheet.package import local

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_FRACTIONS = re.compile(r"([sS\]])[.,]0+")
_DIGITS, _DATES = re.compile(r"[0#?@]|general", re.IGNORECASE), re.compile(r"[ymdhs]", re.IGNORECASE)
_BUILT_IN_PERCENT = ("9", "10")
_BUILT_IN_DATES = frozenset(map(str, (*range(14, 23), *range(27, 37), 45, 47, *range(50, 59))))
_BUILT_IN_ELAPSED = frozenset({"46"})
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days know no time zone
_LAST_DAY = 2_958_466
"""The day after 9999-12-31."""
_APART, _LEAP = 1462, 60
"""Days between the two ways of counting; the 29th of February 1900, which was none."""


class Shown(Enum):
    """What a number is shown as."""

    DATE = "a day or a time of day"
    ELAPSED = "a time that has passed"


def percent_styles(root: ET.Element) -> frozenset[int]:
    """Return the cell styles whose number format is a percentage, of a workbook's styles."""
    percent = {number for number, code in _codes(root).items() if "%" in _QUOTED.sub("", code)}
    percent.update(_BUILT_IN_PERCENT)
    return frozenset(i for i, number in enumerate(_numbers(root)) if number in percent)


def date_styles(root: ET.Element) -> dict[int, Shown]:
    """Return the cell styles that show a number as a date or time, of a workbook's styles."""
    shown = dict.fromkeys(_BUILT_IN_DATES, Shown.DATE) | dict.fromkeys(_BUILT_IN_ELAPSED, Shown.ELAPSED)
    kinds: dict[str, Shown | None] = {**shown, **{number: kind_of(code) for number, code in _codes(root).items()}}
    found = ((i, kinds.get(number)) for i, number in enumerate(_numbers(root)))
    return {i: kind for i, kind in found if kind is not None}


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


def _codes(root: ET.Element) -> dict[str, str]:
    found = (element for element in root.iter() if local(element.tag) == "numFmt")
    return {element.get("numFmtId", ""): element.get("formatCode", "") for element in found}


def _numbers(root: ET.Element) -> list[str]:
    """Return the number format of each cell style."""
    formats = next((list(element) for element in root.iter() if local(element.tag) == "cellXfs"), [])
    return [xf.get("numFmtId", "0") for xf in formats]
