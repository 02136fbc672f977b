"""The scenarios that lie between two: one with some of its rows as in the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from allocator.scenario.cells import fold
from allocator.scenario.differences import Held, NamedTable, RowDifference, held, named_tables
from allocator.scenario.edits import values_of
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.reading import read_sheets


class Mixtures:
    """The scenarios between two: the first with some of the rows as in the other.

    `rows` are of `differences(one, other)`, all or some of them; others stay as in `one`.
    """

    def __init__(self, one: Scenario, other: Scenario, rows: Sequence[RowDifference]) -> None:
        self._one = one
        self._rows = tuple(rows)
        self._tables = named_tables(one, other)
        marks = {cell for sheet in one.inputs for cell in (Cell(sheet.name, *place) for place in sheet.percent)}
        self._values = [values_of(row.edits)[0] if _is_plain(row, marks) else None for row in self._rows]

    def mixture(self, taken: Collection[int]) -> Mapping[Cell, Raw] | Scenario:
        """Return what the first scenario's cells hold with the rows of these indices as in the other.

        Where cells of the first alone can't hold it, as when there are more rows, it is a scenario of its own.

        Raises
        ------
        ScenarioError
            Where such a scenario can't be read, as when a rule names an area that isn't there.
        """
        found: dict[Cell, Raw] = {}
        for index in sorted(taken):
            values = self._values[index]
            if values is None:
                return self._mixed([self._rows[i] for i in sorted(taken)])
            found.update(values)
        return found

    def _mixed(self, rows: Sequence[RowDifference]) -> Scenario:
        by_sheet: dict[str, dict[str, RowDifference]] = {}
        for row in rows:
            by_sheet.setdefault(fold(row.sheet), {})[fold(row.row)] = row
        sheets = [_mixed_sheet(mine, theirs, by_sheet) for mine, theirs in self._tables]
        return read_sheets(self._one.path, self._one.sha256, [sheet for sheet in sheets if sheet is not None])


def _is_plain(row: RowDifference, percent: Collection[Cell]) -> bool:
    """Whether a row differs only in what cells of the first scenario hold; `percent` are its percentages."""
    return row.kind == "changed" and all(
        edit.before_cell is not None
        and (not isinstance(edit.after, int | float) or abs(edit.after) <= 1 or (edit.cell in percent) == edit.percent)
        for edit in row.edits
    )


type Line = Mapping[str, Held]
"""Folded heading → what a row has there."""


def _mixed_sheet(
    mine: NamedTable | None, theirs: NamedTable | None, taken: Mapping[str, Mapping[str, RowDifference]]
) -> InputSheet | None:
    """Return a sheet of `mine` with the rows that were taken as in `theirs`; None where nothing is left of it."""
    some = mine or theirs
    if some is None:
        return None
    own = taken.get(fold(some.sheet.name), {})
    lines = [_line(mine, label, own.get(label)) for label in _order(mine, theirs, own)]
    if not lines and (mine is None or own):
        return None
    headings = _headings(mine, theirs, lines)
    rows = [[line.get(key, Held(None)) for key in headings] for line in lines]
    percent = {(r, c) for r, row in enumerate(rows, 2) for c, cell in enumerate(row, 1) if cell.percent}
    values = (tuple(headings.values()), *(tuple(cell.value for cell in row) for row in rows))
    return InputSheet(some.sheet.name, values, None, None, None, percent=frozenset(percent))


def _order(mine: NamedTable | None, theirs: NamedTable | None, taken: Mapping[str, RowDifference]) -> list[str]:
    """Return the rows of a mixture: those of `mine` that stay, an added one after what stands before it in `theirs`."""
    kept = [] if mine is None else [label for label in mine.rows if not _is(taken.get(label), "removed")]
    before = -1
    for label in theirs.rows if theirs is not None else ():
        if _is(taken.get(label), "added"):
            kept.insert(before + 1, label)
        if label in kept:
            before = kept.index(label)
    return kept


def _is(row: RowDifference | None, kind: str) -> bool:
    return row is not None and row.kind == kind


def _line(table: NamedTable | None, label: str, taken: RowDifference | None) -> Line:
    """Return a row of a mixture: as in the first scenario's table, with what was taken of the other's."""
    row = None if table is None else table.rows.get(label)
    own = {} if table is None or row is None else {
        key: held(table.sheet, row, number) for key, (_, number) in table.columns.items()
    }  # fmt: skip
    return own | {fold(edit.column): Held(edit.after, edit.percent) for edit in (taken.edits if taken else ())}


def _headings(mine: NamedTable | None, theirs: NamedTable | None, lines: Sequence[Line]) -> dict[str, str]:
    """Return the columns of a mixture: those of `mine` but for what is blank and only there, then what else is filled.

    A column may be called after something that isn't there in the mixture, such as an indicator.
    """
    first, second = (table.columns if table is not None else {} for table in (mine, theirs))
    filled = {key for line in lines for key, cell in line.items() if cell.value is not None}
    found = {key: heading for key, (heading, _) in first.items() if key in filled or key in second or theirs is None}
    return found | {key: heading for key, (heading, _) in second.items() if key in filled and key not in found}
