"""Plans that somebody changed: one cell at a time, in the file's XML or in memory, and what is left as it was."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from xml.sax.saxutils import escape

from allocator.audit.workbook import PlanWorkbook
from allocator.spreadsheet.cells import Content
from allocator.spreadsheet.references import Place, column_letters
from commands import Sheets

SMALL_PLAN: Sheets = {
    "Scenario": [
        ["Setting", "Value"], ["Title", "Hai lĩnh vực"], ["Unit", "tỷ đồng"], ["Step", 0.5], ["Discount rate", 0.03],
        ["Prepared by", "Sở Tài chính"],
    ],
    "Budget": [
        ["Source", "Kind", "Last year", 2026, 2027, "Carry over", "Evidence"],
        ["City", "budget", 90, 100, 104, "yes", "Decision 12"],
        ["Donors", "other", 0, 10, 7.5, None, None],
    ],
    "Areas": [
        ["Area", "Part of", "Last year", "Minimum", "Maximum", "Benefit", "Sources", "Lead agency", "Status"],
        ["Education", None, None, None, 90, None, None, "Department of Education", None],
        ["Schools", "Education", 40, 10, None, 3, None, None, "estimate"],
        ["Nurseries", "Education", 20, None, 35, 2.5, "City", None, "assumption"],
        ["Roads", None, 30, None, 70, None, None, "Department of Transport", None],
    ],
    "Benefits": [["Area", "Up to", "Benefit"], ["Roads", 30, 4], ["Roads", 60, 1.25]],
    "Rules": [
        ["Rule", "Area", "Operator", "Value", "Basis", "Strength", "Legal basis", "Odd"],
        ["Roads floor", "Roads", ">=", 0.25, "budget", "law", "Resolution 7", "x"],
        ["Roads grow", "Roads", ">=", "4 %", "change on last year", "must", None, None],
        ["Nurseries up", "Nurseries", ">", 0.3, "spending", "goal 1", None, None],
    ],
    "Indicators": [
        ["Indicator", "Unit", "Baseline", "Operator", "Target", "Year", "Strength"],
        ["Places", "1,000", 12, ">=", 20, 2027, "must"],
    ],
    "Effects": [["Area", "Places"], ["Schools", 0.05], ["Nurseries", 0.1]],
}  # fmt: skip
"""A scenario of a few lines whose plan has every sheet."""


@dataclass(frozen=True)
class Cell:
    """A cell of a workbook."""

    sheet: str
    place: Place

    @property
    def reference(self) -> str:
        """Its address on its sheet."""
        return f"{column_letters(self.place[1])}{self.place[0]}"

    def __str__(self) -> str:
        return f"{self.sheet}!{self.reference}"


# -- in memory -----------------------------------------------------------------------------------------------


def cells_of(book: PlanWorkbook) -> Iterator[tuple[Cell, Content]]:
    """Yield every cell that holds something."""
    for name, sheet in book.sheets.items():
        for place, content in sheet.cells.items():
            yield Cell(name, place), content


def edited(book: PlanWorkbook, cell: Cell, content: Content | None) -> PlanWorkbook:
    """Return a copy of the book with something else in one cell; None clears it."""
    sheet = book.sheets[cell.sheet]
    cells = dict(sheet.cells)
    if content is None:
        cells.pop(cell.place, None)
    else:
        cells[cell.place] = content
    return replace(book, sheets={**book.sheets, cell.sheet: replace(sheet, cells=cells)})


def without_row(book: PlanWorkbook, sheet: str, row: int, *, moved: bool) -> PlanWorkbook:
    """Return a copy without a row; with `moved` what stood below it stands one row higher."""
    own = book.sheets[sheet]
    cells = {
        (r - 1 if moved and r > row else r, column): content for (r, column), content in own.cells.items() if r != row
    }
    percent = frozenset((r - 1 if moved and r > row else r, c) for r, c in own.percent if r != row)
    return replace(book, sheets={**book.sheets, sheet: replace(own, cells=cells, percent=percent)})


def changed_value(content: Content) -> Content:
    """Return a cell's content with another value, or another stored result beside the same formula."""
    value = content.value
    if isinstance(value, bool):
        return replace(content, value=not value)
    if isinstance(value, str):
        return replace(content, value=f"{value}." if value else "x")
    return replace(content, value=value + 1 if value is not None else 1.0)


def changed_formula(content: Content) -> Content:
    """Return a cell's content with another formula of the same value, or a constant as a formula."""
    return replace(content, formula=f"{content.formula}+0" if content.formula else "1+1")


# -- in the file ---------------------------------------------------------------------------------------------


class PlanFile:
    """A workbook's file as XlsxWriter wrote it, whose sheets can be edited without touching anything else."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}

    def copy(self) -> PlanFile:
        """Return a copy to edit."""
        other = copy.copy(self)
        other.parts = dict(self.parts)
        return other

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Sheet → its part."""
        relations = dict(
            re.findall(r'Id="(rId\d+)"[^>]*?Target="([^"]+)"', self.parts["xl/_rels/workbook.xml.rels"].decode())
        )
        found = re.findall(r'<sheet name="([^"]+)" sheetId="\d+" r:id="(rId\d+)"', self._workbook)
        return {name.replace("&amp;", "&"): f"xl/{relations[identity]}" for name, identity in found}

    @property
    def _workbook(self) -> str:
        return self.parts["xl/workbook.xml"].decode()

    def data(self) -> bytes:
        """Return the file."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    def save(self, path: Path) -> Path:
        """Write the file and return its path."""
        path.write_bytes(self.data())
        return path

    def xml(self, sheet: str) -> str:
        """Return a sheet's XML."""
        return self.parts[self.sheets[sheet]].decode()

    def put(self, sheet: str, xml: str) -> None:
        """Replace a sheet's XML."""
        self.parts[self.sheets[sheet]] = xml.encode()

    def set(self, cell: Cell, content: Content) -> None:
        """Put something else into one cell; its format stays."""
        xml = self.xml(cell.sheet)
        pattern = re.compile(rf'<c r="{cell.reference}"(?P<style>[^>]*?)(?:/>|>.*?</c>)', re.DOTALL)
        match = pattern.search(xml)
        if match is None:
            self.put(cell.sheet, _with_cell(xml, cell, _cell_xml(cell.reference, "", content)))
            return
        style = "".join(re.findall(r' s="\d+"', match["style"]))
        self.put(cell.sheet, xml[: match.start()] + _cell_xml(cell.reference, style, content) + xml[match.end() :])

    def format(self, cell: Cell, code: str) -> None:
        """Give one cell another number format."""
        styles = self.parts["xl/styles.xml"].decode()
        number, style = 900, int(re.findall(r'<cellXfs count="(\d+)"', styles)[0])
        styles = re.sub(
            r"(<numFmts[^>]*>)",
            lambda m: f'{m[1]}<numFmt numFmtId="{number}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>',
            styles,
        )
        styles = styles.replace("</cellXfs>", f'<xf numFmtId="{number}" applyNumberFormat="1"/></cellXfs>')
        self.parts["xl/styles.xml"] = styles.encode()
        xml = re.sub(rf'(<c r="{cell.reference}")( s="\d+")?', rf'\1 s="{style}"', self.xml(cell.sheet))
        self.put(cell.sheet, xml)

    def delete_row(self, sheet: str, row: int, *, moved: bool) -> None:
        """Delete a row; with `moved` the rows below take its place, as a spreadsheet program does it."""
        xml = re.sub(rf'<row r="{row}"[^>]*?(?:/>|>.*?</row>)', "", self.xml(sheet), count=1, flags=re.DOTALL)
        if moved:
            xml = re.sub(r'<row r="(\d+)"', lambda m: f'<row r="{int(m[1]) - (int(m[1]) > row)}"', xml)
            xml = re.sub(r'<c r="([A-Z]+)(\d+)"', lambda m: f'<c r="{m[1]}{int(m[2]) - (int(m[2]) > row)}"', xml)
        self.put(sheet, xml)

    def delete_sheet(self, sheet: str) -> None:
        """Delete a sheet from the workbook."""
        name = re.escape(sheet.replace("&", "&amp;"))
        self.parts["xl/workbook.xml"] = re.sub(rf'<sheet name="{name}"[^>]*/>', "", self._workbook).encode()


def _cell_xml(reference: str, style: str, content: Content) -> str:
    value = content.value
    formula = f"<f>{escape(content.formula)}</f>" if content.formula else ""
    if value is None:
        return f'<c r="{reference}"{style}>{formula}</c>'
    if isinstance(value, bool):
        return f'<c r="{reference}"{style} t="b">{formula}<v>{int(value)}</v></c>'
    if isinstance(value, str):
        if formula:
            return f'<c r="{reference}"{style} t="str">{formula}<v>{escape(value)}</v></c>'
        return f'<c r="{reference}"{style} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{reference}"{style}>{formula}<v>{value!r}</v></c>'


def _with_cell(xml: str, cell: Cell, written: str) -> str:
    """Return a sheet's XML with a cell in a place where none was written."""
    row, column = cell.place
    match = re.search(rf'(<row r="{row}"[^>]*?)(/>|>(.*?)</row>)', xml, re.DOTALL)
    if match is None:
        rows = [m for m in re.finditer(r'<row r="(\d+)"', xml) if int(m[1]) > row]
        at = rows[0].start() if rows else xml.index("</sheetData>")
        return f'{xml[:at]}<row r="{row}">{written}</row>{xml[at:]}'
    cells = re.findall(r'<c r="[A-Z]+\d+"[^>]*?(?:/>|>.*?</c>)', match[3] or "", re.DOTALL)
    before = [c for c in cells if _column(c) < column]
    after = [c for c in cells if _column(c) > column]
    return f"{xml[: match.start()]}{match[1]}>{''.join([*before, written, *after])}</row>{xml[match.end() :]}"


def _column(cell_xml: str) -> int:
    match = re.match(r'<c r="([A-Z]+)', cell_xml)
    assert match is not None
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number
