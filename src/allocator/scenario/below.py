"""What stands below a table's end: blocks of rows, some of which are data that a blank row cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from allocator.scenario import cells
from allocator.scenario.cells import is_blank
from allocator.scenario.origin import Cell
from allocator.scenario.sheets import Sheet
from allocator.spreadsheet.references import column_letters


@dataclass(frozen=True)
class Block:
    """Rows between blank ones below a table, of which at least one fills two or more of its columns."""

    rows: Sequence[int]
    data: Sequence[int]
    """Those that fill two or more of the table's columns and are no totals."""
    first: Cell
    right: int
    """The last column that is filled."""
    title: str
    """What its first cell holds, as messages show it."""

    @property
    def place(self) -> str:
        """The cells that it covers; where it is a single row its first one."""
        return str(self.first) if len(self.rows) == 1 else f"{self.first}:{column_letters(self.right)}{self.rows[-1]}"

    def message(self, last: int) -> str:
        """Return what is wrong with it, where the table ends at row `last`."""
        ends = f"the table ends at row {last}"
        if not self.data:
            return f"data after a blank row: {ends}; remove this row; totals are computed"
        if len(self.rows) == 1:
            return f"data after a blank row: {ends}; delete the blank row, or this row"
        title = f", and the title {self.title}" if self.data[0] != self.rows[0] else ""
        return (
            f"{len(self.rows):,} rows below a blank row, where {ends}; delete the blank row{title}, so that the table "
            "goes on, or remove these rows"
        )


def blocks(sheet: Sheet, filled: Callable[[int], Sequence[int]], last: int) -> Iterator[Block]:
    """Yield the blocks of data below row `last`; `filled` tells which of the table's columns a row fills."""
    rows: list[int] = []
    for number in range(last + 1, sheet.height + 2):
        if filled(number):
            rows.append(number)
        elif rows and all(is_blank(value) for value in sheet.row(number)):
            if any(len(filled(row)) > 1 for row in rows):
                yield _block(sheet, rows, [filled(row) for row in rows])
            rows = []


def _block(sheet: Sheet, rows: Sequence[int], columns: Sequence[Sequence[int]]) -> Block:
    names = [sheet.value(row, own[0]) for row, own in zip(rows, columns, strict=True)]
    totals = [isinstance(name, str) and cells.is_total(name) for name in names]
    data = [row for row, own, total in zip(rows, columns, totals, strict=True) if len(own) > 1 and not total]
    left, right = min(own[0] for own in columns), max(own[-1] for own in columns)
    return Block(rows, data, Cell(sheet.name, rows[0], left), right, cells.shown(names[0]))
