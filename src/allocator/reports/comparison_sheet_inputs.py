"""The sheet Inputs changed of a comparison: cell by cell, what differs from the first scenario."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from allocator.reports import comparison_tables as tables
from allocator.reports.columns import Role
from allocator.reports.comparison_page import ComparedPage, differing
from allocator.reports.comparison_words import some
from allocator.reports.layout import FIRST, difference, ref
from allocator.reports.page import Book
from allocator.reports.styles import SOFT, Look
from allocator.reports.words import decimals_of
from allocator.scenario.edits import VariantEdit

if TYPE_CHECKING:
    from allocator.analyses.compare import PlannedCase
    from allocator.reports.comparison_grid import Grid
    from allocator.scenario.differences import RowDifference
    from allocator.scenario.edits import CellDifference, ChangedBy
    from allocator.scenario.model import Scenario
    from allocator.scenario.origin import Origin, Raw

_KINDS = {"changed": "cell", "added": "row added", "removed": "row removed"}
_MOST_DECIMALS = 6
_YEARS = ("Year", "Years", "Start", "Completion")
"""Columns whose numbers are no figures."""


def write_inputs(book: Book, grid: Grid) -> None:
    """Write every cell in which a scenario differs from the first."""
    lines = list(_lines(grid))
    page = ComparedPage(book, grid, "Inputs changed", _message(grid), rows=len(lines))
    page.unit(f"Before: as in {grid.first.name}; evidence and status: of the change on What-if, else of the row")
    page.table(tables.INPUTS)
    for row, (case, found, edit) in enumerate(lines, FIRST):
        _write_line(page, row, grid, case, found, edit)
    page.finish(freeze=1)


def _lines(grid: Grid) -> Iterator[tuple[PlannedCase, RowDifference, CellDifference]]:
    for case, rows in zip(grid.cases, grid.comparison.changed, strict=True):
        for row in rows:
            for edit in row.edits:
                yield case, row, edit


def _message(grid: Grid) -> str:
    """Return how many inputs each scenario changes."""
    texts = []
    for case, rows in list(zip(grid.cases, grid.comparison.changed, strict=True))[1:]:
        cells = sum(len(row.edits) for row in rows)
        texts.append(f"{case.name} {cells} cell{'s' * (cells != 1)} in {len(rows)} row{'s' * (len(rows) != 1)}")
    return f"Against {grid.first.name} these differ: {some(texts, 5)}." if texts else "Nothing was changed."


def _write_line(
    page: ComparedPage, row: int, grid: Grid, case: PlannedCase, found: RowDifference, edit: CellDifference
) -> None:
    styles = page.styles
    for column, text in enumerate((case.name, edit.sheet, edit.row, edit.column)):
        page.text(row, column, text, styles.text())
    look = _look(page, edit)
    for column, raw in ((4, edit.before), (5, edit.after)):
        _write_value(page, row, column, str(raw) if edit.column in _YEARS and raw is not None else raw, look)
    if edit.column not in _YEARS and _is_number(edit.before) and _is_number(edit.after):
        signed = differing(styles, _decimals(edit), percent=edit.percent)
        value = difference(_exact(edit.after), _exact(edit.before))
        page.formula(row, 6, f"{ref(row, 5)}-{ref(row, 4)}", value, signed)
    else:
        page.text(row, 6, "", styles.text())
    page.text(row, 7, _cells(edit), styles.text())
    page.text(row, 8, _KINDS[found.kind], styles.text())
    page.text(row, 9, "yes" if found.counts else "no", styles.text(**({} if found.counts else {"font_color": SOFT})))
    origin = _origin(grid, case, edit)
    page.text(row, 10, origin.evidence if origin else "", styles.of(Role.LONG))
    page.text(row, 11, origin.status if origin else "", styles.text())


def _write_value(page: ComparedPage, row: int, column: int, value: Raw, look: Look) -> None:
    if value is None:
        page.text(row, column, "blank", page.styles.text(align="right", font_color=SOFT))
    elif _is_number(value):
        page.number(row, column, _exact(value), look)
    else:
        page.text(row, column, "TRUE" if value is True else "FALSE" if value is False else str(value), _text(page))


def _text(page: ComparedPage) -> Look:
    return page.styles.text(align="right", text_wrap=True)


def _is_number(value: Raw) -> bool:
    """Whether a cell holds a figure to subtract."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exact(value: Raw) -> Fraction:
    return Fraction(str(value))


def _decimals(edit: CellDifference) -> int:
    """Return the decimals that both numbers need, of percentages after the factor of a hundred."""
    scale = 100 if edit.percent else 1
    numbers = [_exact(value) * scale for value in (edit.before, edit.after) if _is_number(value)]
    return max((decimals_of(value, _MOST_DECIMALS) for value in numbers), default=0)


def _look(page: ComparedPage, edit: CellDifference) -> Look:
    decimals = _decimals(edit)
    return page.styles.percent(decimals) if edit.percent else page.styles.number(decimals)


def _cells(edit: CellDifference) -> str:
    """Return where it stands; both places where they differ."""
    places = dict.fromkeys(str(cell) for cell in (edit.after_cell, edit.before_cell) if cell is not None)
    return ", before: ".join(places)


def _origin(grid: Grid, case: PlannedCase, difference: CellDifference) -> Origin | None:
    """Return the What-if row that made a edit, or else the row that it changed, if one of them is at hand."""
    for edit in _variant_edits(grid, case.scenario.changed_by):
        if (edit.sheet, edit.row) == (difference.sheet, difference.row) and edit.column in ("", difference.column):
            return edit.origin
    return _row_origin(case.scenario, difference)


def _variant_edits(grid: Grid, by: ChangedBy | None) -> Iterator[VariantEdit]:
    """Yield the edits of the variant that made a scenario; of a plan, those of the variants of that name at hand."""
    if by is None:
        return
    if by.told and by.repair is None:
        variants = (variant for case in grid.cases for variant in case.scenario.variants)
        yield from (edit for variant in variants if variant.name == by.variant for edit in variant.edits)
    yield from (edit for edit in by.edits if isinstance(edit, VariantEdit))


def _row_origin(scenario: Scenario, edit: CellDifference) -> Origin | None:
    cell = edit.after_cell
    if cell is None:
        return None
    origins = [rule.origin for rule in scenario.rules] + [source.origin for source in scenario.sources]
    origins += [area.origin for area in scenario.areas]
    origins += [target.origin for indicator in scenario.indicators for target in indicator.targets]
    return next((o for o in origins if (o.sheet, o.row) == (cell.sheet, cell.row)), None)
