"""The scenario's sheets as a reader sees them: names, figures and their cells, whatever they come to mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.scenario import cells
from allocator.scenario.cells import Misread, fold, is_blank
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.numerals import has_percent
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.tables import TABLES, Content, Table
from allocator.spreadsheet.references import column_letters

ANSWER = "or type yes under Checked"
"""How a doubt ends: what to type where all is as it should be."""


@dataclass(frozen=True)
class Doubt:
    """Something that may be right but rarely is: the cell or range that it is about, and what to do about it."""

    first: Cell
    last: Cell
    text: str
    heading: str = ""
    also: tuple[Cell, ...] = ()
    """Cells in whose rows ``yes`` under Checked answers it too."""

    @property
    def place(self) -> str:
        """The range as a spreadsheet writes it: ``Areas!C4:C30``."""
        end = "" if self.first == self.last else f":{column_letters(self.last.column)}{self.last.row}"
        return f"{self.first}{end}"


def doubt_at(cell: Cell, text: str, heading: str = "", also: tuple[Cell, ...] = ()) -> Doubt:
    """Return a doubt about one cell."""
    return Doubt(cell, cell, text, heading, also)


@dataclass(frozen=True)
class Figure:
    """An amount or another number of a table."""

    value: Fraction
    cell: Cell
    heading: str
    name: str
    """Of its row."""


class View:
    """One table: `rows` are the numbers of those below its headings that hold anything."""

    def __init__(self, sheet: InputSheet, table: Table) -> None:
        self.sheet, self.table = sheet, table
        self.column = {heading: number for number, heading in sheet.headings.items()}
        self.header = sheet.header_row or 0
        self._names: dict[int, str] = {}
        self._folded: dict[int, str] = {}
        self._figures: dict[tuple[int, str], Figure | None] = {}
        self.rows = list(range(self.header + 1, (sheet.last_row or 0) + 1))

    def raw(self, row: int, heading: str) -> Raw:
        """Return what stands in a cell; None where it is blank or the table has no such column."""
        return self.at(row, self.column.get(heading, 0))

    def at(self, row: int, column: int) -> Raw:
        """Return what stands in a cell by its column's number."""
        values = self.sheet.rows[row - 1]
        raw = values[column - 1] if 0 < column <= len(values) else None
        return None if is_blank(raw) else raw

    def name(self, row: int) -> str:
        """Return what stands in the first required column."""
        if row not in self._names:
            raw = self.raw(row, self.table.required[0])
            self._names[row] = "" if raw is None else cells.tidy(cells.text(raw))
        return self._names[row]

    def folded(self, row: int) -> str:
        """Return the row's name as names are compared."""
        if row not in self._folded:
            self._folded[row] = fold(self.name(row))
        return self._folded[row]

    def cell(self, row: int, heading: str) -> Cell:
        """Return the row's cell under `heading`, or its first cell where the table has no such column."""
        column = self.column.get(heading) or min(self.column.values(), default=1)
        return Cell(self.sheet.name, row, column)

    def filled(self, row: int) -> list[int]:
        """Return the numbers of the table's columns that hold something in `row`."""
        return [number for number in sorted(self.sheet.headings) if self.at(row, number) is not None]

    def figure(self, row: int, heading: str) -> Figure | None:
        """Return a cell's number; None where it is blank or a word."""
        if (row, heading) not in self._figures:
            self._figures[row, heading] = self._figure(row, heading)
        return self._figures[row, heading]

    def _figure(self, row: int, heading: str) -> Figure | None:
        raw = self.raw(row, heading)
        if raw is None or isinstance(raw, bool):
            return None
        try:
            value = cells.share(raw, formatted=True) if has_percent(raw) else cells.number(raw)
        except Misread:
            return None
        return Figure(value, self.cell(row, heading), heading, self.name(row))

    def figures(self, heading: str) -> list[Figure]:
        """Return a column's numbers, in the order of the rows."""
        return [found for row in self.rows if (found := self.figure(row, heading)) is not None]

    @cached_property
    def amounts(self) -> tuple[str, ...]:
        """The headings of amounts."""
        return tuple(h for h in self.column if (own := self.table.column(h)) and own.content is Content.AMOUNT)

    def checked(self, row: int) -> bool:
        """Whether the row says yes under Checked."""
        raw = self.raw(row, "Checked")
        return raw is True or (isinstance(raw, str) and fold(raw) == "yes")


class Views:
    """All tables of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        by_name = {table.sheet: table for table in TABLES}
        self.by_table = {
            sheet.table: View(sheet, by_name[sheet.table])
            for sheet in scenario.inputs
            if sheet.table and sheet.header_row
        }

    def __iter__(self) -> Iterator[View]:
        """Yield the tables in the workbook's order."""
        return iter(self.by_table.values())

    def get(self, table: str) -> View | None:
        """Return a table by its name; None where the workbook has none."""
        return self.by_table.get(table)

    @cached_property
    def wholes(self) -> frozenset[str]:
        """The folded names of areas that have parts."""
        return frozenset(fold(area.part_of) for area in self.scenario.areas if area.part_of)

    def leaves(self, view: View) -> list[int]:
        """Return the rows of areas that get money themselves."""
        return [row for row in view.rows if view.folded(row) not in self.wholes]

    def leave_out(self, found: Iterable[Doubt]) -> None:
        """Leave rows out of all that is asked next, unless they were answered: what is asked about them is enough."""
        asked = [doubt for doubt in found if not self.answered(doubt)]
        rows = {(doubt.first.sheet, row) for doubt in asked for row in range(doubt.first.row, doubt.last.row + 1)}
        for view in self:
            view.rows = [row for row in view.rows if (view.sheet.name, row) not in rows]

    def answered(self, doubt: Doubt) -> bool:
        """Whether the row of a doubt's first cell, or one that stands for it, says yes under Checked."""
        by_name = {view.sheet.name: view for view in self}
        return any(
            cell.sheet in by_name and by_name[cell.sheet].checked(cell.row) for cell in (doubt.first, *doubt.also)
        )


def column_range(figures: Sequence[Figure]) -> tuple[Cell, Cell]:
    """Return the first and the last cell of a column's figures."""
    return figures[0].cell, figures[-1].cell


def times(ratio: Fraction) -> str:
    """Return how many times, in two digits: ``1,800 times``, ``1,800 times less than``."""
    factor = ratio if ratio >= 1 else 1 / ratio
    digits = max(0, len(str(int(factor))) - 2)
    rounded = round(factor / 10**digits) * 10**digits
    return f"{rounded:,} times" if ratio >= 1 else f"{rounded:,} times less than"
