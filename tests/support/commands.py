"""Small workbooks and the command line, for tests of what users type."""

from __future__ import annotations

import contextlib
import copy
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

from openpyxl import Workbook

from allocator import cli

type Sheets = dict[str, list[list[object]]]

SMALL: Sheets = {
    "Scenario": [["Setting", "Value"], ["Title", "Hai lĩnh vực"], ["Unit", "million"], ["Step", 1]],
    "Budget": [["Source", "Last year", 2026], ["City budget", 90, 100]],
    "Areas": [
        ["Area", "Last year", "Minimum", "Maximum", "Benefit"],
        ["Giáo dục", 60, 10, None, 3],
        ["Roads", 30, None, 70, 2],
    ],
    "Rules": [["Rule", "Area", "Operator", "Value", "Basis"], ["Roads first", "Roads", ">=", "40 %", "budget"]],
}


def small(**changes: list[list[object]] | None) -> Sheets:
    """Return the small scenario with some sheets replaced, or left out (None)."""
    sheets = copy.deepcopy(SMALL)
    for name, rows in changes.items():
        if rows is None:
            del sheets[name]
        else:
            sheets[name] = rows
    return sheets


def infeasible() -> Sheets:
    """Return the small scenario with two rules that can't stand together."""
    sheets = small()
    sheets["Rules"].append(["Schools first", "Giáo dục", ">=", "70 %", "budget"])
    return sheets


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    """Write `sheets` as a workbook and return its path."""
    book = Workbook()
    assert book.active is not None
    if sheets:
        book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def run_command(
    *arguments: object, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in this process; `allocate` where signals, encodings or what libraries print matter."""
    typed = [str(argument) for argument in arguments]
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=True) for _ in range(2)]
    out, err = streams
    with (
        mock.patch.dict(os.environ, env or {}),
        contextlib.chdir(cwd or "."),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = cli.run(typed)
    told = [stream.buffer.getvalue() for stream in streams]
    return subprocess.CompletedProcess(typed, code, *told)


def allocate(
    *arguments: object, cwd: Path | None = None, env: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[bytes]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "allocator", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        timeout=timeout,
        check=False,
    )
