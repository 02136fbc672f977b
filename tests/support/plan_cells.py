"""The cells of a plan workbook, and LibreOffice to recalculate them; for tests."""

from __future__ import annotations

import io
import math
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>"""
"""LibreOffice otherwise shows the stored values of workbooks that other programs wrote."""
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
ERROR = re.compile(r"#(REF|NAME|VALUE|DIV|N/A|NUM)|Err:")

type Cells = dict[tuple[str, str], Any]


class Office:
    """LibreOffice with a profile of its own, in which formulas are recalculated when a workbook is opened."""

    def __init__(self, folder: Path) -> None:
        soffice = shutil.which("soffice")
        if soffice is None:
            pytest.skip("LibreOffice (soffice) is not installed")
        self.folder = folder
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE)
        self.command = [soffice, f"-env:UserInstallation=file://{profile}", "--headless"]
        self.runs = 0

    def convert(self, contents: Sequence[bytes], to: str) -> list[Path]:
        """Return the workbooks as files of another kind, formulas recalculated; one start for all of them."""
        self.runs += 1
        folder = self.folder / str(self.runs)
        folder.mkdir()
        paths = [folder / f"plan{i}.xlsx" for i in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        command = [*self.command, "--convert-to", to, "--outdir", str(folder / "out"), *map(str, paths)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return [folder / "out" / f"{path.stem}.{to}" for path in paths]

    def recalculated(self, *contents: bytes) -> list[Cells]:
        """Return the cells' values after recalculation."""
        return [cells(path) for path in self.convert(contents, "xlsx")]


def cells(source: bytes | Path) -> Cells:
    """Return every filled cell's value by sheet and address; not to be changed, since the next caller gets the same."""
    return _read(source)[0]


def formulas(content: bytes) -> dict[tuple[str, str], str]:
    """Return the formulas, each with its equals sign; text that looks like one is none."""
    return _read(content)[1]


@cache
def _read(source: bytes | Path) -> tuple[Cells, dict[tuple[str, str], str]]:
    """Return values and formulas; openpyxl would read the workbook twice for both, and takes ten times as long."""
    values: Cells = {}
    found: dict[tuple[str, str], str] = {}
    with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
        texts = ["".join(t.text or "" for t in item.iter(f"{MAIN}t")) for item in _xml(archive, "xl/sharedStrings.xml")]
        targets = {item.get("Id"): item.get("Target", "") for item in _xml(archive, "xl/_rels/workbook.xml.rels")}
        for sheet in _xml(archive, "xl/workbook.xml").iter(f"{MAIN}sheet"):
            for cell in _xml(archive, f"xl/{targets[sheet.get(RELATION)]}").iter(f"{MAIN}c"):
                at = sheet.get("name", ""), cell.get("r", "")
                formula, value = cell.find(f"{MAIN}f"), cell.findtext(f"{MAIN}v")
                if formula is not None:
                    found[at] = f"={formula.text}"
                if value not in (None, ""):
                    values[at] = _value(str(value), cell.get("t", "n"), texts)
    return values, found


def _xml(archive: zipfile.ZipFile, name: str) -> ET.Element:
    return ET.fromstring(archive.read(name))  # noqa: S314 - written by ourselves or by LibreOffice


def _value(text: str, kind: str, texts: Sequence[str]) -> str | float | bool:
    if kind == "s":
        return texts[int(text)]
    return text == "1" if kind == "b" else float(text) if kind == "n" else text


def find(all_cells: Mapping[tuple[str, str], Any], sheet: str, row: Mapping[str, object], column: str) -> Any:
    """Return what stands under `column` in the row of the sheet's first table that has these values."""
    heads = {
        value: re.sub(r"\d", "", at)
        for (name, at), value in all_cells.items()
        if name == sheet and at.endswith("5") and len(re.sub(r"\D", "", at)) == 1
    }
    for number in range(6, 400):
        if all(all_cells.get((sheet, f"{heads[key]}{number}")) == value for key, value in row.items()):
            return all_cells.get((sheet, f"{heads[column]}{number}"))
    raise AssertionError(f"{sheet}: no row {row}")


def label(all_cells: Cells, sheet: str, text: str) -> Any:
    """Return what stands to the right of a label in column A."""
    row = next(at[1:] for (name, at), value in all_cells.items() if name == sheet and value == text)
    return all_cells[sheet, f"B{row}"]


def assert_same_values(stored: Cells, recomputed: Cells, where: Sequence[tuple[str, str]]) -> None:
    """Each of these cells has the same value, numbers to a relative 1e-9, and no cell at all holds an error."""
    wrong = []
    for at in where:
        one, other = stored.get(at, ""), recomputed.get(at, "")
        if isinstance(one, bool) or isinstance(other, bool) or isinstance(one, str):
            same = one == other or (isinstance(one, bool) and other == int(one))
        else:
            same = isinstance(other, int | float) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
        if not same:
            wrong.append((at, one, other))
    assert not wrong, wrong[:10]
    assert not list(errors(recomputed))


def errors(found: Cells) -> Iterator[tuple[str, str]]:
    """Yield the cells that show an error."""
    return (at for at, value in found.items() if isinstance(value, str) and ERROR.match(value))


def with_values(content: bytes, changes: Mapping[tuple[str, str], object]) -> bytes:
    """Return the workbook with other values in some cells, and no stored values."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (sheet, at), value in changes.items():
        book[sheet][at].value = value  # type: ignore[assignment]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_TEXTS = re.compile(r'"(?:[^"]|"")*"')


_NAMES = re.compile(r"'(?:[^']|'')*'!|\b[A-Za-z_][\w.]*!|\b[A-Z][A-Z0-9.]*(?=\()|\$?\b[A-Z]{1,3}\$?\d+\b")


_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def constants(formula: str) -> list[str]:
    """Return the numbers other than 0 and 1 in a formula, outside texts, names of sheets and functions, and addresses.

    >>> constants("=SUM('Inputs 2026'!A1:B2)*1.07+IF(C3=1,0,2E-3)"), constants('=ATAN2(A1,0)&"3"')
    (['1.07', '2E-3'], [])
    """
    return [n for n in _NUMBER.findall(_NAMES.sub("", _TEXTS.sub("", formula))) if n not in ("0", "1")]
