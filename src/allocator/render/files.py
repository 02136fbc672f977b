"""Saving a plan without harm: what stands there stays whole, and entries made by hand are not lost unasked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.errors import OutputError, WorkbookError
from allocator.spreadsheet.cells import Sheet, read_sheets
from allocator.spreadsheet.package import Workbook
from allocator.spreadsheet.references import LAST_ROW, reference_of
from allocator.spreadsheet.saving import reason, save_bytes
from allocator.spreadsheet.syntax import canonical_value
from allocator.tables import no_plan as tables_no_plan
from allocator.tables import plan as tables
from allocator.tables.money import ALLOCATION

if TYPE_CHECKING:
    from allocator.analyses.result import Result

WAYS_OUT = "use --force to overwrite it, or -o to write another file"
ENTRY_COLUMNS = ("Decided", "Reason", "By")
NOT_ALWAYS = (*tables.ASKED, "Alternatives", "Certificate", tables.SEALS.sheet)
"""Sheets that a plan of ours may lack: not asked for, not provable, or made before there were such."""


def save_plan(result: Result, path: Path, *, force: bool = False, scenario_path: Path | None = None) -> None:
    """Write the plan's workbook, or why there is none: to a file beside it, which then takes its place.

    Parameters
    ----------
    result
        A plan, or why there is none, as `analyse` returns it.
    path
        Where it goes.
    force
        Whether to write over a file that is no plan of ours, or holds entries.
    scenario_path
        The scenario's file, which is never written over.

    Raises
    ------
    OutputError
        `path` may not be overwritten (see `check_target`), or can't be written.
    """
    check_target(path, force=force, scenario_path=scenario_path)
    # all sheets' writers, which those who only ask whether a file may be written need not wait for
    from allocator.render.no_plan import no_plan_bytes
    from allocator.render.workbook import plan_bytes

    save_bytes(plan_bytes(result) if result.allotments else no_plan_bytes(result), path)


def check_own(path: Path, mark: str, what: str, *, force: bool = False, scenario_path: Path | None = None) -> None:
    """Make sure that a workbook other than a plan, known by a document property, may be written to a path.

    Parameters
    ----------
    path
        Where it is to go.
    mark
        The property that such workbooks bear.
    what
        What it is called, such as ``comparison``.
    force
        Whether it may take the place of a file without the mark.
    scenario_path
        The scenario's file, which is never written over.

    Raises
    ------
    OutputError
        As `check_target`; without `force` also where the file that stands there doesn't bear the mark.
    """
    check_place(path, scenario_path)
    if not path.exists() or force:
        return
    book = _opened(path)
    if book is None or not _bears(book, mark):
        raise OutputError(f"{path}: this file is no {what} made by allocate; {WAYS_OUT}")


def check_target(path: Path, force: bool = False, scenario_path: Path | None = None) -> None:
    """Make sure that a plan may be written to a path; cheap enough to ask before a long solve.

    Parameters
    ----------
    path
        Where the plan is to go.
    force
        Whether it may take the place of what is no plan of ours, or holds entries.
    scenario_path
        The scenario's file, which is never written over.

    Raises
    ------
    OutputError
        `path` is the scenario itself, is a folder or lies in none that exists; or, without `force`, it is no plan
        of ours, holds entries (Decided, Reason, By, sign-off), or its sheets are not all ours.
    """
    check_place(path, scenario_path)
    if path.exists() and not force:
        _check_content(path)


def check_place(path: Path, scenario_path: Path | None = None) -> None:
    """Make sure that a path is not the scenario, and that a file can stand there.

    Parameters
    ----------
    path
        Where something is to go.
    scenario_path
        The scenario's file.

    Raises
    ------
    OutputError
        It can't go there.
    """
    if scenario_path is not None and _same(path, scenario_path):
        raise OutputError(f"{path}: this is the scenario itself; name another file with -o")
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder; name a file with -o")
    if not path.resolve().parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist; create it, or name another file with -o")


def _same(one: Path, other: Path) -> bool:
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)


# -- what stands there ---------------------------------------------------------------------------------------


def _check_content(path: Path) -> None:
    """Refuse to overwrite what is no plan, or what somebody has filled in or added to."""
    book = _opened(path)
    try:
        sheets = read_sheets(book, (ALLOCATION.sheet, tables.SIGN_OFF.sheet)) if book else {}
    except WorkbookError as error:
        raise OutputError(f"{path}: this plan is damaged and can't be read; {WAYS_OUT}") from error
    if book is None or not _is_plan(book, sheets):
        raise OutputError(f"{path}: this file is no plan made by allocate; {WAYS_OUT}")
    filled = next(_entries(sheets), None)
    if filled is not None:
        cell, text = filled
        raise OutputError(f"{path}: this plan has entries of yours, the first at {cell} ({text}); {WAYS_OUT}")
    if changed := _changed_sheets([part.name for part in book.sheets]):
        raise OutputError(f"{path}: this plan has been changed by hand: {changed}; {WAYS_OUT}")


def _opened(path: Path) -> Workbook | None:
    """Return the workbook that stands there; None where it is none."""
    try:
        return Workbook(str(path), path.read_bytes())
    except WorkbookError:
        return None
    except OSError as error:
        raise OutputError(f"{path}: this file can't be read ({reason(error)}); {WAYS_OUT}") from error


def _is_plan(book: Workbook, sheets: Mapping[str, Sheet]) -> bool:
    """Whether it was made here: by its mark, or by its sheets where another program has lost the mark."""
    if _bears(book, tables.MADE_BY):
        return True
    if not {"Summary", "Plan", "Allocation", "About"} <= {part.name for part in book.sheets}:
        return False
    headings = {column.name for column in ALLOCATION.columns}
    return any(headings <= {*texts.values()} for row, texts in _rows(sheets["Allocation"]).items() if row <= 10)


def _bears(book: Workbook, mark: str) -> bool:
    return book.properties.get(mark, "").startswith("allocate")


def _changed_sheets(names: Sequence[str]) -> str:
    """Return which sheet was added, or is no longer there under its name (entries may stand on it); else nothing."""
    no_plan = "Allocation" not in names and "Conflict" in names
    ours = [name for name in (tables_no_plan.SHEETS if no_plan else tables.SHEETS) if name != tables.INPUTS]
    added = [name for name in names if name not in ours and not name.startswith(tables.INPUTS.rstrip("…"))]
    missing = [name for name in ours if name not in names and name not in NOT_ALWAYS]
    found = [*(f"it has a sheet {name!r}" for name in added[:1]), *(f"its sheet {n!r} is gone" for n in missing[:1])]
    return " and ".join(found)


def _rows(sheet: Sheet) -> dict[int, dict[int, str]]:
    """Return row → column → what was entered, as text."""
    rows: dict[int, dict[int, str]] = {}
    for (row, column), content in sorted(sheet.cells.items(), key=lambda cell: cell[0]):
        rows.setdefault(row, {})[column] = canonical_value(content.written)
    return rows


def _entries(sheets: Mapping[str, Sheet]) -> Iterator[tuple[str, str]]:
    """Yield every filled entry: its cell and what stands there."""
    for table, headings, most in ((ALLOCATION, ENTRY_COLUMNS, LAST_ROW), (tables.SIGN_OFF, ("Name", "Date"), 3)):
        if table.sheet in sheets:
            yield from _filled(sheets[table.sheet], table.columns[0].name, headings, most)


def _filled(sheet: Sheet, first: str, headings: tuple[str, ...], most: int) -> Iterator[tuple[str, str]]:
    """Yield the filled cells below these headings, found by the heading row itself, not by its place."""
    columns: list[int] = []
    last = 0
    for row, texts in _rows(sheet).items():
        places = {text: column for column, text in reversed(texts.items())}
        if texts.get(1) == first and all(heading in places for heading in headings):
            columns, last = [places[heading] for heading in headings], row + most
        elif row <= last:
            filled = ((column, texts.get(column, "").strip()) for column in columns)
            yield from ((f"{sheet.name}!{reference_of((row, c))}", text) for c, text in filled if text)
