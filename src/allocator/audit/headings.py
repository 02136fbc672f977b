"""What stands above a cell, or beside it: the words by which a reader finds it again."""

from __future__ import annotations

from allocator.audit.workbook import Content, Place, PlanSheet, shown_input
from allocator.reports import tables
from allocator.scenario.cells import fold
from allocator.scenario.tables import TABLES

LEAST = 2
"""Declared headings that a row must hold to be the head of a table."""


class Headings:
    """The headings of one sheet, found by the names that are declared for its tables."""

    def __init__(self, sheet: PlanSheet) -> None:
        self._cells = sheet.cells
        self._names = _declared(sheet.name)
        counts: dict[int, int] = {}
        for (row, _), content in sheet.cells.items():
            if isinstance(content.value, str) and fold(content.value) in self._names:
                counts[row] = counts.get(row, 0) + 1
        self._heads = sorted(row for row, count in counts.items() if count >= LEAST)

    def of(self, place: Place) -> str:
        """Return the heading of a cell's column in the table above it, else the label of its row, else nothing."""
        row, column = place
        heads = [head for head in self._heads if head < row]
        if heads:
            title = next((r for r in range(row, heads[-1], -1) if self._is_gap(r)), None)
            text = self._text((heads[-1], column))
            if text and title is None:
                return text
        return self._text((row, 1)) if column > 1 else ""

    def _is_gap(self, row: int) -> bool:
        """Whether nothing stands at the start of a row: the table above has ended there."""
        return (row, 1) not in self._cells

    def _text(self, place: Place) -> str:
        content = self._cells.get(place, Content(None))
        if isinstance(content.value, str):
            return " ".join(content.value.split())
        return "" if content.value is None else f"{content.value:g}"


def _declared(sheet: str) -> frozenset[str]:
    """Return the headings that are declared for a sheet's tables, in the form in which names are compared."""
    if (shown := shown_input(sheet)) is not None:  # with a number after its name where two would bear the same
        own = [table for table in TABLES if fold(shown).startswith(fold(table.sheet))]
        return frozenset(fold(column.name) for table in own for column in table.columns)
    return frozenset(fold(column.name) for table in tables.TABLES if table.sheet == sheet for column in table.columns)
