"""How much of its report a plan has: all, none of what takes solves of its own, or as much as a time limit let it."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.analyses.messages import LeftOut
from allocator.analyses.outcomes import REPORT, Analysis, Ending
from allocator.audit.claims import Claims
from allocator.audit.seals import ABOUT, Seals
from allocator.audit.workbook import PlanWorkbook
from allocator.reports import tables
from allocator.reports.sheets_about import section_of
from allocator.wording.messages import message_text


@dataclass(frozen=True)
class Extent:
    """Which parts of the report a plan has."""

    asked: bool
    out_of_time: tuple[Analysis, ...] = ()
    """Those before which the time limit came: the last ones."""


def extent_of(workbook: PlanWorkbook, seals: Seals, claims: Claims) -> Extent:
    """Return how much of the report a plan has: by its sheets, those that About lists, and its messages.

    A message is never read: it is one of those that a time limit may have led to, or it is none of them.
    """
    listed = dict(section_of(seals.cells.get(ABOUT, ()), tables.SHEET_LIST.title))
    asked = any(name in workbook.sheets or name in listed for name in tables.ASKED)
    possible = (REPORT[number:] for number in range(len(REPORT)))
    late = next((late for late in possible if _told(late) in claims.messages), ())
    return Extent(asked or bool(late), late)


def _told(late: tuple[Analysis, ...]) -> str:
    return message_text(LeftOut(late, Ending.OUT_OF_TIME))
