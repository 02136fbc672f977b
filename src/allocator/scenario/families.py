"""Headings that a workbook makes up: ``2027``, ``Last year: City budget``, ``Proposed 2027``, an indicator's name."""

from __future__ import annotations

import re
from enum import Enum


class Family(Enum):
    """What such a heading names, its member: a year, a source or an indicator.

    >>> Family.SOURCE.heading("ODA"), Family.PROPOSED.heading(2027), Family.YEAR.heading(2027)
    ('Last year: ODA', 'Proposed 2027', '2027')
    >>> Family.SOURCE.member("last year:ODA"), Family.PROPOSED.member("Proposed 2027"), Family.YEAR.member("Note")
    ('ODA', '2027', None)
    """

    YEAR = "year"
    SOURCE = "source"
    PROPOSED = "proposed"
    INDICATOR = "indicator"

    def heading(self, member: object) -> str:
        """Return a member's heading as the tables have it."""
        return f"{_BEFORE[self]}{member}"

    def member(self, heading: str) -> str | None:
        """Return the member that a tidy heading names, whatever its letters' case; None where it is of no such form."""
        found = _FORMS[self].fullmatch(heading)
        return found[1].strip() if found else None

    def has(self, heading: str) -> bool:
        """Whether a tidy heading is of the family; any is of the indicators'."""
        return _FORMS[self].fullmatch(heading) is not None


_BEFORE = {Family.YEAR: "", Family.SOURCE: "Last year: ", Family.PROPOSED: "Proposed ", Family.INDICATOR: ""}
_MEMBERS = {Family.YEAR: r"(\d{4})", Family.SOURCE: "(.*)", Family.PROPOSED: r"(\d{4})", Family.INDICATOR: "(.+)"}
_FORMS = {
    family: re.compile(before.replace(": ", ": ?") + _MEMBERS[family], re.IGNORECASE | re.DOTALL)
    for family, before in _BEFORE.items()
}
