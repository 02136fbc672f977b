"""The tables of a plan's workbook, found by their headings, with formulas worked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from allocator.audit.formulas import Evaluator, FormulaError
from allocator.audit.workbook import Content, Place, PlanWorkbook
from allocator.errors import WorkbookError
from allocator.reports.columns import Table

type Value = str | float | bool | None
type Row = Mapping[str, Value]
"""Heading → value."""

NEEDED = ("Summary", "Allocation", "Rules", "Indicators", "About")


@dataclass(frozen=True)
class PlanTables:
    """A plan's workbook as tables."""

    workbook: PlanWorkbook

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator({name: sheet.cells for name, sheet in self.workbook.sheets.items()})

    def check(self) -> None:
        """Raise WorkbookError where the workbook is no plan."""
        missing = [name for name in NEEDED if name not in self.workbook.sheets]
        if missing:
            raise WorkbookError(f'{self.workbook.name} is no plan made by allocate: it has no sheet "{missing[0]}"')

    def value(self, sheet: str, place: Place) -> Value:
        """Return what a cell says: a formula's result worked out here, the stored one where that can't be done."""
        content = self.workbook.sheets[sheet].cells.get(place, Content(None))
        if content.formula:
            found = self._evaluator.value(sheet, place)
            if not isinstance(found, FormulaError):
                return found
        return content.error or content.value

    def rows(self, table: Table, names: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of a table, of its columns those named, up to its end, where the first of them is blank.

        Raises
        ------
        WorkbookError
            If the sheet has no such table.
        """
        head, columns = self._head(table, [column.name for column in table.columns])
        if names[0] not in columns:
            raise WorkbookError(f'{self.workbook.name}: the sheet "{table.sheet}" has no column "{names[0]}"')
        row = head + 1
        while self.value(table.sheet, (row, columns[names[0]])) is not None:
            yield {name: self.value(table.sheet, (row, columns[name])) if name in columns else None for name in names}
            row += 1

    def _head(self, table: Table, names: Sequence[str]) -> tuple[int, dict[str, int]]:
        """Return the row of a table's headings and their columns: the first of those that hold most of them."""
        found: dict[int, dict[str, int]] = {0: {}}
        for (row, column), content in sorted(self.workbook.sheets[table.sheet].cells.items()):
            if isinstance(content.value, str) and content.value in names:
                found.setdefault(row, {}).setdefault(content.value, column)
        row = max(found, key=lambda at: (len(found[at]), -at))
        return row, found[row]

    def labelled(self, sheet: str, label: str) -> Value:
        """Return what stands beside a label in the first column; None where there is no such label."""
        cells = self.workbook.sheets[sheet].cells
        rows = (row for row, column in sorted(cells) if column == 1 and cells[row, 1].value == label)
        return next((self.value(sheet, (row, 2)) for row in rows), None)

    def text(self, sheet: str, label: str) -> str:
        """Return the text beside a label; empty where there is none."""
        found = self.labelled(sheet, label)
        return "" if found is None else str(found)
