"""Saving a plan without harm: what stands there stays whole, and entries made by hand are not lost unasked."""

from __future__ import annotations

import errno
import os
import re
import secrets
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.errors import OutputError, WorkbookError
from allocator.reports import tables, tables_no_plan
from allocator.reports.layout import ref
from allocator.spreadsheet.package import Package
from allocator.spreadsheet.plain import OPENPYXL_FAILURES, plain_copy

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

    from allocator.analyses.result import Result

WAYS_OUT = "use --force to overwrite it, or -o to write another file"
ENTRY_COLUMNS = ("Decided", "Reason", "By")
FIRST_MODE = 0o666
_DAMAGED = tuple(kind for kind in OPENPYXL_FAILURES if kind is not OSError)
"""A file that can't be reached is another matter."""
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
    from allocator.reports.no_plan_workbook import no_plan_bytes
    from allocator.reports.workbook import plan_bytes

    save_bytes(plan_bytes(result) if result.allotments else no_plan_bytes(result), path)


def save_bytes(content: bytes, path: Path) -> None:
    """Put content in a file in one step; the file that stands there stays whole if that fails.

    Parameters
    ----------
    content
        The whole of it.
    path
        Where it goes.

    Raises
    ------
    OutputError
        It can't be written.
    """
    with in_one_step(path) as part:
        part.write_bytes(content)


@contextmanager
def in_one_step(path: Path) -> Iterator[Path]:
    """Yield a file to write to, which takes the place of `path` once all went well and something was written.

    Otherwise what stands at `path` stays, and nothing is left beside it. Where the system can (Linux, on most file
    systems) the file has no name until it is whole, so that even a process that is killed leaves nothing behind;
    elsewhere what a killed process left is removed with the next file that is written to `path`.

    Raises
    ------
    OutputError
        It can't be written.
    """
    target = path.resolve()
    try:
        _remove_litter(target)
        handle = _open_unnamed(target.parent)
        with _named(target) if handle is None else _unnamed(handle, target) as part:
            yield part
    except OSError as error:
        raise OutputError(_failure(path, error)) from error


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
    try:
        book = _opened(path)
    except OSError as error:
        raise OutputError(f"{path}: this file can't be read ({_reason(error)}); {WAYS_OUT}") from error
    if book is None or not _bears(book, mark):
        raise OutputError(f"{path}: this file is no {what} made by allocate; {WAYS_OUT}")
    book.close()


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
    try:
        book = _opened(path)
    except OSError as error:
        raise OutputError(f"{path}: this file can't be read ({_reason(error)}); {WAYS_OUT}") from error
    if book is None or not _is_plan(book):
        raise OutputError(f"{path}: this file is no plan made by allocate; {WAYS_OUT}")
    try:
        changed = _changed_sheets(book)
        filled = next(_entries(book), None)
    except _DAMAGED as error:
        raise OutputError(f"{path}: this plan is damaged and can't be read; {WAYS_OUT}") from error
    finally:
        book.close()
    if filled is not None:
        cell, text = filled
        raise OutputError(f"{path}: this plan has entries of yours, the first at {cell} ({text}); {WAYS_OUT}")
    if changed:
        raise OutputError(f"{path}: this plan has been changed by hand: {changed}; {WAYS_OUT}")


def _opened(path: Path) -> Workbook | None:
    """Return the workbook that stands there; None where it is none."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl can't show does not matter here
        try:
            return load_workbook(BytesIO(plain_copy(Package(str(path), path.read_bytes()))), read_only=True)
        except (WorkbookError, *_DAMAGED):
            return None


def _is_plan(book: Workbook) -> bool:
    """Whether it was made here: by its mark, or by its sheets where another program has lost the mark."""
    if _bears(book, tables.MADE_BY):
        return True
    if not {"Summary", "Plan", "Allocation", "About"} <= set(book.sheetnames):
        return False
    headings = {column.name for column in tables.ALLOCATION.columns}
    return any(headings <= {cell for cell in row if isinstance(cell, str)} for row in _rows(book, "Allocation", 10))


def _bears(book: Workbook, mark: str) -> bool:
    properties: Any = getattr(book, "custom_doc_props", ())  # the stubs do not know it
    return any(entry.name == mark and str(entry.value).startswith("allocate") for entry in properties)


def _changed_sheets(book: Workbook) -> str:
    """Return which sheet was added, or is no longer there under its name (entries may stand on it); else nothing."""
    no_plan = "Allocation" not in book.sheetnames and "Conflict" in book.sheetnames
    ours = [name for name in (tables_no_plan.SHEETS if no_plan else tables.SHEETS) if name != tables.INPUTS]
    added = [name for name in book.sheetnames if name not in ours and not name.startswith(tables.INPUTS.rstrip("…"))]
    missing = [name for name in ours if name not in book.sheetnames and name not in NOT_ALWAYS]
    found = [*(f"it has a sheet {name!r}" for name in added[:1]), *(f"its sheet {n!r} is gone" for n in missing[:1])]
    return " and ".join(found)


def _rows(book: Workbook, sheet: str, most: int | None = None) -> Iterator[tuple[Any, ...]]:
    if sheet in book.sheetnames:
        yield from book[sheet].iter_rows(max_row=most, values_only=True)


def _entries(book: Workbook) -> Iterator[tuple[str, str]]:
    """Yield every filled entry: its cell and what stands there."""
    yield from _filled(book, tables.ALLOCATION.sheet, "Area", ENTRY_COLUMNS)
    yield from _filled(book, tables.SIGN_OFF.sheet, "Step", ("Name", "Date"), 3)


def _filled(
    book: Workbook, sheet: str, first: str, headings: tuple[str, ...], most: int = 1_048_576
) -> Iterator[tuple[str, str]]:
    """Yield the filled cells below these headings, found by the heading row itself, not by its place."""
    columns: dict[int, str] = {}
    left = 0
    for row, cells in enumerate(_rows(book, sheet)):
        if first in cells[:1] and all(heading in cells for heading in headings):
            columns = {cells.index(heading): heading for heading in headings}
            left = most
            continue
        if left <= 0:
            continue
        left -= 1
        for column in columns:
            value = cells[column] if column < len(cells) else None
            if value is not None and str(value).strip():
                yield f"{sheet}!{ref(row, column)}", str(value)


# -- writing -------------------------------------------------------------------------------------------------


def _open_unnamed(folder: Path) -> int | None:
    """Return a new file in `folder` that has no name yet; None where the system or the file system knows no such."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag:
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o600)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL):
            return None
        raise


@contextmanager
def _unnamed(handle: int, target: Path) -> Iterator[Path]:
    """Yield the way to an open file that has no name; it takes the place of `target` once all went well."""
    part = Path(f"/proc/self/fd/{handle}")
    try:
        yield part
        if os.fstat(handle).st_size:
            _finish(handle, target)
            if not _link(handle, target):
                with _named(target) as copy:
                    copy.write_bytes(part.read_bytes())
    finally:
        os.close(handle)


def _finish(handle: int, target: Path) -> None:
    """Let the file have the permissions it is to have, and reach the disk."""
    if hasattr(os, "fchmod"):
        os.fchmod(handle, _mode(target))
    os.fsync(handle)


def _link(handle: int, target: Path) -> bool:
    """Give a file without a name that of `target`; False where the file system can't."""
    source, part = f"/proc/self/fd/{handle}", _part(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        try:
            os.link(source, target.name, dst_dir_fd=folder)  # with a folder named, the link at source is followed
        except FileExistsError:  # no system puts a file without a name in the place of another
            os.link(source, part.name, dst_dir_fd=folder)
            part.replace(target)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EPERM, errno.EXDEV, errno.ENOENT):
            return False
        raise
    finally:
        os.close(folder)
        part.unlink(missing_ok=True)
    return True


@contextmanager
def _named(target: Path) -> Iterator[Path]:
    """Yield a file beside `target`, which takes its place once all went well; nothing is left behind otherwise."""
    part = _part(target)
    try:
        with part.open("xb") as file:
            yield part
            if os.fstat(file.fileno()).st_size:
                _finish(file.fileno(), target)
        if part.stat().st_size:
            part.replace(target)
    finally:  # also an interrupt must leave no litter
        part.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    """Return the name that this process gives a file while it is not whole."""
    return target.with_name(f".{target.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


def _remove_litter(target: Path) -> None:
    """Remove what processes that were killed left when they wrote to `target`."""
    pattern = re.compile(re.escape(f".{target.name[:40]}.") + r"(\d+)-[0-9a-f]{8}\.tmp")
    with suppress(OSError):  # what can't be listed or removed stays
        for path in target.parent.iterdir():
            found = pattern.fullmatch(path.name)
            if found and not _runs(int(found[1])):
                path.unlink()


def _runs(process: int) -> bool:
    """Whether a process of that number is running, as far as can be told."""
    if os.name != "posix" or process == os.getpid():
        return True  # elsewhere the question itself would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _mode(path: Path) -> int:
    """Return the permissions of the file that stands there, or those that any new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return FIRST_MODE & ~mask


def _failure(path: Path, error: OSError) -> str:
    """Return what went wrong and what to do about it."""
    if error.errno == errno.ENOSPC:
        return f"{path}: the disk is full; free some space, or name a file on another disk with -o"
    if isinstance(error, PermissionError):
        return (
            f"{path}: can't be written; is it open in another program, or is the folder read-only? "
            "Close it there, or name another file with -o"
        )
    return f"{path}: can't be written ({_reason(error)}); name another file with -o"


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
