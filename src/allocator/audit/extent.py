"""How much of its report a plan has: all, none of what takes solves of its own, or as much as a time limit let it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocator.analyses.messages import FromFile
from allocator.analyses.result import Result
from allocator.analyses.room import message
from allocator.audit.claims import Claims
from allocator.audit.seals import ABOUT, Seals
from allocator.audit.workbook import PlanBook
from allocator.reports import tables
from allocator.reports.sheets_about import section_of

LEFT_OUT, FOR_TIME = "Left out of the report: ", "; the time limit came first"
STEPS = PRICES, ROOM, CARDS, NEXT, GOALS, WARNINGS = (
    "prices and their ranges",
    "room of each area",
    "what rules cost",
    "where money would go",
    "what missed goals would take",
    "how near it is to having no plan",
)
"""The steps of the report by the names that messages give them, in their order."""
ALL = "the sensitivity report"


@dataclass(frozen=True)
class Extent:
    """Which parts of the report a plan has."""

    asked: bool
    message: str = ""
    """What says that the time limit came before the report was done; empty where it didn't."""

    @property
    def explained(self) -> bool:
        """Whether the plan has anything of the report: its first step are the prices."""
        return self.asked or (bool(self.message) and PRICES in self._done)

    @property
    def _done(self) -> tuple[str, ...]:
        left = self.message.removeprefix(LEFT_OUT).removesuffix(FOR_TIME)
        return () if left == ALL else tuple(step for step in STEPS if step not in left.split(", "))

    def cut(self, result: Result) -> Result:
        """Return a plan with a whole report as it is without the parts that the time limit left out."""
        if not self.message:
            return result
        done = self._done
        if ROOM not in done:
            areas = tuple(replace(area, least=None, most=None) for area in result.areas)
            said = message(result.scenario)
            result = replace(result, areas=areas, room=(), messages=tuple(m for m in result.messages if m != said))
        return replace(
            result,
            price_card=result.price_card if CARDS in done else (),
            next_money=result.next_money if NEXT in done else (),
            goals_explained=result.goals_explained if GOALS in done else (),
            warnings=result.warnings if WARNINGS in done else (),
            tight=result.tight if WARNINGS in done else (),
            messages=(*result.messages, FromFile(self.message)),
        )


def extent_of(book: PlanBook, seals: Seals, claims: Claims) -> Extent:
    """Return how much of the report a plan has: by its sheets, those that About lists, and its messages."""
    listed = dict(section_of(seals.cells.get(ABOUT, ()), tables.SHEET_LIST.title))
    asked = any(name in book.sheets or name in listed for name in tables.ASKED)
    cut = (text for text in claims.messages if text.startswith(LEFT_OUT) and text.endswith(FOR_TIME))
    return Extent(asked, next(cut, ""))
