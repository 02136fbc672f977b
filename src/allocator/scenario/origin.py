"""Where a figure came from: its cell, its row, and what travels with that row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from allocator.spreadsheet.references import column_letters

type Raw = str | int | float | bool | None
"""A cell's value as read; dates come as ISO text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the scenario workbook; row and column count from 1."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.sheet}!{column_letters(self.column)}{self.row}"


@dataclass(frozen=True)
class Origin:
    """The row of a table that something was read from, and what travels with that row."""

    sheet: str
    row: int
    columns: Mapping[str, int] = field(default_factory=dict, repr=False)
    """Canonical heading → column number, for the table's headings that are there."""
    evidence: str = ""
    status: str = ""
    legal_basis: str = ""
    note: str = ""

    def cell(self, heading: str) -> Cell:
        """Return the row's cell under `heading`, or its first cell where the table has no such column."""
        column = self.columns.get(heading) or min(self.columns.values(), default=1)
        return Cell(self.sheet, self.row, column)
