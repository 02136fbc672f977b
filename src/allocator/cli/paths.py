"""Where a command may write: never over its input, nor over a file that isn't its own kind."""

from __future__ import annotations

import os
from pathlib import Path

from allocator.errors import OutputError

LP_START = b"\\*"
"""How PuLP begins an LP file: with a comment."""
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def check_suffix(path: Path, what: str) -> None:
    """Raise OutputError unless the name is a workbook's."""
    if path.suffix.lower() != ".xlsx":
        raise OutputError(f"{path}: {what} is an Excel workbook; give it a name that ends in .xlsx")


def check_lp(lp: Path, scenario: Path, plan: Path | None, *, force: bool) -> None:
    """Raise OutputError unless the LP file may be written there: never over an input, nor over what is no LP file."""
    if same(lp, scenario) or (plan is not None and same(lp, plan)):
        raise OutputError(f"--lp {lp}: that is the scenario or the plan; give the LP file a name of its own")
    if lp.suffix.lower() in WORKBOOKS:
        raise OutputError(f"--lp {lp}: that is a workbook's name; an LP file is text, name it FILE.lp")
    check_folder(lp)
    if lp.exists() and not lp.is_file():
        raise OutputError(f"--lp {lp}: that is no ordinary file; name one")
    if lp.exists() and not force and lp.stat().st_size and not lp.read_bytes()[:2] == LP_START:
        raise OutputError(f"--lp {lp}: that file is no LP file; give another name, or --force to replace it")


def check_copy(copy: Path, scenario: Path) -> None:
    """Raise OutputError unless the marked copy may be written there: it never replaces anything."""
    if same(copy, scenario):
        raise OutputError(f"--mark {copy}: that is the scenario itself; give the copy a name of its own")
    if os.path.lexists(copy):
        raise OutputError(f"--mark {copy}: a file of that name is there already; delete it or give another name")
    check_folder(copy)


def check_folder(path: Path) -> None:
    """Raise OutputError unless a file can stand there."""
    if path.is_dir():
        raise OutputError(f"{path} is a folder; give the name of a file")
    if not path.absolute().parent.is_dir():
        raise OutputError(f"{path}: there is no folder {path.parent}; make it first, or give another place")


def same(one: Path, other: Path) -> bool:
    """Return whether two names are one file, whatever links and spellings lead there."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()
