"""What the rows and columns of an input sheet are called.

A row is called by the name in its table's first column. Rows that share a name are told apart by what follows it:
``Literacy/2028``, ``Culture/2027-2028``, ``Culture/Visitors`` on Indicators, Limits and Effects, and ``Culture / 2``
for an area's second band on Benefits (``Culture / 2 / 2027`` where the band holds in that year only).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from allocator.scenario import cells
from allocator.scenario.cells import fold, is_blank
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.settings import SETTINGS
from allocator.scenario.tables import SCENARIO, TABLES, Column, Content, Table
from allocator.scenario.vocabulary import AMOUNTS

NUMBERS = (Content.AMOUNT, Content.NUMBER, Content.SHARE)
SHARED = {"Limits": "Years", "Indicators": "Year", "Effects": "Indicator"}
"""Tables in which rows may share a name, and the column that tells them apart."""
_OWN = Column("", Content.TEXT, "")
"""A column that no table declares."""


class SheetRows:
    """The rows and columns of one input sheet, by what they are called."""

    def __init__(self, sheet: InputSheet) -> None:
        self.sheet = sheet
        self.table: Table = next(table for table in TABLES if table.sheet == sheet.table)
        self.headings: dict[str, int] = {heading: number for number, heading in sheet.headings.items()}
        """Heading → column number; those of the table, years as ``2026``."""
        self.rows: dict[str, int] = dict(self._rows())
        """Label → row number, from 1. Where a name alone would do, it is a label beside the longer one."""

    def _rows(self) -> Iterator[tuple[str, int]]:
        first, last = self.sheet.header_row or 1, self.sheet.last_row or 0
        names = {row: self.text(row, self.table.required[0]) for row in range(first + 1, last + 1)}
        count: dict[str, int] = {}
        for name in names.values():
            count[fold(name)] = count.get(fold(name), 0) + 1
        bands: dict[tuple[str, str], int] = {}
        for row, name in ((row, name) for row, name in names.items() if name):
            if self.table.sheet == "Benefits":
                years = self.text(row, "Years")
                number = bands[fold(name), fold(years)] = bands.get((fold(name), fold(years)), 0) + 1
                yield f"{name} / {number}" + (f" / {years}" if years else ""), row
            elif self.table.sheet in SHARED:
                beside = self.text(row, SHARED[self.table.sheet])
                if not beside or count[fold(name)] == 1:
                    yield name, row
                if beside:
                    yield f"{name}/{beside}", row
            elif count[fold(name)] == 1:
                yield name, row

    @cached_property
    def _labels(self) -> Mapping[int, str]:
        return {row: label for label, row in reversed(self.rows.items())}

    @cached_property
    def _by_form(self) -> Mapping[str, str]:
        return {address_form(label): label for label in self.rows} | {fold(label): label for label in self.rows}

    @cached_property
    def own(self) -> Mapping[str, int]:
        """Heading → column number of the columns that the table doesn't know, as they are spelt."""
        header = self.sheet.header_row
        values = self.sheet.rows[header - 1] if header else ()
        return {
            cells.tidy(cells.text(value)): number
            for number, value in enumerate(values, 1)
            if number not in self.sheet.headings and not is_blank(value)
        }

    def label_of(self, row: int) -> str | None:
        """Return what a row is called, the shortest of its labels; None where nothing tells it from another."""
        return self._labels.get(row)

    def label_like(self, typed: str) -> str | None:
        """Return the label that was typed, whatever its case, spaces and Unicode form; None where there is none."""
        return self._by_form.get(fold(typed)) or self._by_form.get(address_form(typed))

    def text(self, row: int, heading: str) -> str:
        """Return a cell as tidy text; empty where it is blank or the column is missing."""
        column = self.headings.get(heading)
        raw = self.raw(row, column) if column else None
        return "" if is_blank(raw) else cells.tidy(cells.text(raw))

    def raw(self, row: int, column: int) -> Raw:
        """Return a cell as it was read; None beyond what is filled."""
        values = self.sheet.rows[row - 1] if row <= len(self.sheet.rows) else ()
        return values[column - 1] if column <= len(values) else None

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a row and column."""
        return Cell(self.sheet.name, row, column)

    def spec(self, row: int, heading: str) -> tuple[Content, str]:
        """Return what a cell holds, and what it means where it is blank: its declared default, in words.

        On Scenario that is up to the row's setting; a rule's Value counts as a percentage, unless its Basis is amount.
        """
        if self.table is SCENARIO and heading == "Value":
            name = fold(self.text(row, "Setting"))
            setting = next((spec for spec in SETTINGS if fold(spec.name) == name), None)
            return (setting.content, setting.default) if setting else (Content.MIXED, "")
        column = column_spec(self.table, heading) if heading in self.headings else _OWN
        if heading == "Value" and fold(self.text(row, "Basis")) in AMOUNTS:
            return Content.NUMBER, column.default
        return column.content, column.default


class CellNames:
    """What the cells of a scenario's inputs are called; each sheet is looked through once, when it is asked for."""

    def __init__(self, scenario: Scenario) -> None:
        self._sheets = {sheet.name: sheet for sheet in scenario.inputs if sheet.table}
        self._rows: dict[str, SheetRows] = {}

    def of(self, cell: Cell) -> tuple[str, str]:
        """Return the row's label and the heading; the cell's own address for a row without a label."""
        if cell.sheet not in self._rows:
            self._rows[cell.sheet] = SheetRows(self._sheets[cell.sheet])
        rows = self._rows[cell.sheet]
        return rows.label_of(cell.row) or str(cell), rows.sheet.headings.get(cell.column, "")


def address_form(text: str) -> str:
    """Return the form in which addresses are compared: as `fold`, and spaces around ``/`` don't count."""
    return re.sub(r"\s*/\s*", "/", fold(text))


def column_spec(table: Table, heading: str) -> Column:
    """Return what is declared of a column, be its heading fixed or made up by the workbook."""
    return table.column(heading) or _OWN
