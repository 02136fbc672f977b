"""What is wrong in a workbook, collected while it is read, so that a user sees all of it together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from allocator.errors import Problem
from allocator.scenario.grouping import grouped
from allocator.scenario.model import Cell, Origin

_QUOTED = re.compile(r'"([^"]*)"')
_LONGEST = 80
"""A quotation of so many letters is too long for a message; of a longer one there are 60."""
_PLACE = re.compile(r"(.*)!([A-Z]+)(\d+)(?=[:,]|$)", re.DOTALL)


class Problems:
    """Collects what is wrong, once each, and the messages that are no errors."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Problem] = {}
        self.places: set[str] = set()
        """Cells and sheets that have a problem."""
        self.missing: set[tuple[str, str]] = set()
        """Sheets and headings of columns that are missing though figures of them are needed."""
        self.hidden_headings: set[str] = set()
        """Tables and sheets with headings that could not be read: which columns they have can't be told."""
        self.messages: dict[str, None] = {}

    def add(self, cell: Cell | str, message: str, heading: str = "") -> None:
        """Note a problem at a cell (or at a sheet, by its name)."""
        message = _QUOTED.sub(_cut, message)
        self.places.add(str(cell))
        self.found.setdefault((str(cell), message), Problem(str(cell), message, heading))

    def at(self, origin: Origin, heading: str, message: str) -> None:
        """Note a problem at a row's cell under `heading`."""
        self.add(origin.cell(heading), message, heading if heading in origin.columns else "")

    def follow_up(self, origin: Origin, heading: str, message: str) -> None:
        """Note what is missing in a cell, unless that cell already has a problem of which this is but a consequence."""
        if heading not in origin.columns or str(origin.cell(heading)) not in self.places:
            self.at(origin, heading, message)

    def lacks(self, origin: Origin, heading: str, why: str, hint: str = "") -> None:
        """Note that an amount is missing and why it is needed; where the column is missing, once for all its cells."""
        if heading in origin.columns:
            self.follow_up(origin, heading, f"is blank, but {why}; type the amount, 0 for none{hint}")
        elif (origin.sheet, heading) not in self.missing:
            self.missing.add((origin.sheet, heading))
            meant = f'did you mean "{heading}"?'
            here = [problem.message for problem in self.found.values() if problem.cell.startswith(f"{origin.sheet}!")]
            if origin.sheet not in self.hidden_headings and not any(meant in message for message in here):
                said = f'the column "{heading}" is missing, but {why}; add it, with an amount in each row'
                self.add(origin.cell(heading), said)

    def in_order(self, sheets: Sequence[str], *, as_one: bool = False) -> list[Problem]:
        """Return the problems by sheet (those that aren't in `sheets` first), row and column.

        With `as_one` those that say the same at several cells of a column are one.
        """
        places = {name: number for number, name in enumerate(sheets)}

        def key(problem: Problem) -> tuple[int, int, int, str]:
            match = _PLACE.match(problem.cell)
            sheet, letters, row = match.groups() if match else (problem.cell, "", "0")
            return places.get(sheet, -1), int(row), len(letters), letters

        found = self.found.values()
        return sorted(grouped(found) if as_one else found, key=key)

    def say(self, message: str) -> None:
        """Note something the reader ought to know though it is no error."""
        self.messages.setdefault(message)


def _cut(quotation: re.Match[str]) -> str:
    return quotation[0] if len(quotation[1]) < _LONGEST else f'"{quotation[1][:60]}…"'
