"""Workbooks of any make say the same, and any damage to them ends in problems with cells."""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.styles import Font

from allocator import read_scenario
from allocator.errors import Problem, ScenarioError, WorkbookError
from allocator.scenario.model import Scenario
from allocator.scenario.reading import _Reader
from allocator.scenario.sheets import ReadWorkbook, _raw, open_workbook
from commands import Sheets, small, write_book
from places import SCENARIOS
from reading_cases import RULES, areas, bands, prefixed, problems

# ---- workbooks of other makes -------------------------------------------------------------------------------------


def rewritten(path: Path, change: Callable[[str], str], parts: str = r"xl/worksheets/sheet\d+\.xml") -> Path:
    """Return a copy of a workbook whose parts, those whose names match, are changed."""
    copy = path.with_name(f"copy.{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()) if re.fullmatch(parts, name) else data)
    return copy


def written(path: Path, sheets: Sheets) -> Path:
    """Write a workbook with XlsxWriter: shared strings, and a formatted cell for each blank."""
    book = xlsxwriter.Workbook(path)
    bold, percentage = book.add_format({"bold": True}), book.add_format({"num_format": "[Red]0.0%"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, float):
                    sheet.write_number(r, c, value, percentage)
                else:
                    sheet.write(r, c, value, bold)
    book.close()
    return path


MAKES: dict[str, tuple[Callable[[str], str], str]] = {
    "as written": (str, ""),
    "prefixed": (prefixed, r"xl/(workbook|sharedStrings|styles|worksheets/sheet\d+)\.xml"),
    "cells without references": (lambda xml: re.sub(r'(<c|<row) r="\w+"', r"\1", xml), r"xl/worksheets/sheet\d+\.xml"),
    "single quotes": (
        lambda xml: re.sub(r"<(c|row|f|v)\b[^>]*>", lambda tag: tag[0].replace('"', "'"), xml),
        r"xl/worksheets/sheet\d+\.xml",
    ),
    "rich text": (
        lambda xml: xml.replace("<t>Roads</t>", "<r><rPr><b/></rPr><t>Ro</t></r><r><t>ads</t></r>"),
        r"xl/sharedStrings\.xml",
    ),
    "strict": (
        lambda xml: xml.replace(
            "schemas.openxmlformats.org/spreadsheetml/2006", "purl.oclc.org/ooxml/spreadsheetml"
        ).replace("schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument"),
        r".*\.(xml|rels)",
    ),
}


@pytest.mark.parametrize("make", MAKES)
def test_workbooks_of_any_make_say_the_same(make: str, tmp_path: Path) -> None:
    plain = small(Rules=[*RULES, ["Roads first", "Roads", ">=", 1.5, "Giáo dục"]])
    path = written(tmp_path / "budget.xlsx", plain)
    change, parts = MAKES[make]
    scenario = read_scenario(rewritten(path, change, parts))
    assert scenario.rules[0].value == Fraction(3, 2)
    assert [(a.name, a.last_year, a.benefit) for a in scenario.areas] == [("Giáo dục", 60, 3), ("Roads", 30, 2)]
    assert scenario.limits["Roads", 2026].maximum == 70
    assert scenario.messages == ()


def test_hidden_rows_columns_and_sheets_are_read_and_named(tmp_path: Path) -> None:
    path = write_book(tmp_path / "budget.xlsm", small(Notes=[["hello"]]))
    book = load_workbook(path)
    book["Areas"].row_dimensions[3].hidden = True
    book["Areas"].row_dimensions[30].hidden = True
    book["Areas"].column_dimensions["C"].hidden = True
    book["Rules"].sheet_state = "veryHidden"
    book["Budget"].protection.sheet = True
    book.create_chartsheet("Picture")
    book.save(path)
    assert tuple(map(str, read_scenario(path).messages)) == (
        "Rules: the hidden sheet was read like any other",
        "Areas: hidden row 3 and column C were read like any other",
    )


def test_formulas_count_with_their_stored_values(tmp_path: Path) -> None:
    path = tmp_path / "budget.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, rows in small(Rules=RULES).items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            sheet.write_row(r, 0, row)
        if name == "Areas":
            sheet.write_formula("B2", "=30*2", None, 61)
            sheet.write_formula("C2", '=""', None, "X")
            sheet.write_formula("D3", "=1/0", None, "#DIV/0!")
    book.close()
    path = rewritten(path, lambda xml: xml.replace("<v>X</v>", "<v></v>"))
    assert [str(problem) for problem in problems(path)] == [
        "Areas!D3 Maximum: holds the error value #DIV/0!; correct the formula or type a value"
    ]
    valued = read_scenario(rewritten(path, lambda xml: re.sub(r'<c r="D3".*?</c>', "", xml)))
    assert (valued.areas[0].last_year, ("Giáo dục", 2026) in valued.limits) == (61, False)


def test_rows_of_uncomputed_formulas_are_not_lost(tmp_path: Path) -> None:
    sheets = areas(["A", 1], ["=A2", "=B2"], [], ["=A2", "=B2"])
    found = [problem.cell for problem in problems(write_book(tmp_path / "budget.xlsx", sheets))]
    assert found == ["Areas!A3, A5", "Areas!B3, B5", "Areas!A5"]


def test_a_name_merged_over_rows_holds_for_all_of_them(tmp_path: Path) -> None:
    path = write_book(tmp_path / "budget.xlsx", bands(["Roads", 10, 3], [None, None, 2]))
    book = load_workbook(path)
    book["Benefits"].merge_cells("A2:A3")
    book.save(path)
    scenario = read_scenario(path)
    assert [len(bands) for bands in scenario.bands.values()] == [2]
    assert str(scenario.messages[-1]) == 'Benefits: the merged cell A2:A3 (Area: "Roads") holds for all its rows'


@pytest.mark.parametrize("part", ["xl/worksheets/sheet3.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"])
def test_a_damaged_part_is_told(part: str, tmp_path: Path) -> None:
    path = rewritten(written(tmp_path / "budget.xlsx", small()), lambda xml: xml[: len(xml) * 2 // 3], re.escape(part))
    with pytest.raises(WorkbookError, match="damaged"):
        read_scenario(path)


@pytest.mark.parametrize(("sheet", "cells"), [("Areas", ("XFD1048576",)), ("Scenario", ("A1048576", "XFD1"))])
def test_a_sheet_that_reaches_too_far_is_told(sheet: str, cells: tuple[str, ...], tmp_path: Path) -> None:
    path = write_book(tmp_path / "budget.xlsx", small(Notes=[["hello"]]))
    book = load_workbook(path)
    for cell in cells:
        book[sheet][cell] = " "
        book["Notes"][cell] = "far away"
        book["Budget"][cell].font = Font(bold=True)
    book.save(path)
    (problem,) = problems(path)
    assert problem.cell == sheet
    assert "reaches as far as XFD1048576; delete what stands far right" in problem.message


def test_a_very_long_name_is_shortened_in_messages(tmp_path: Path) -> None:
    sheets = areas(["Roads " * 5000, 1], Limits=[["Area", "Minimum"], ["Bridges " * 4000, 1]])
    (problem,) = problems(write_book(tmp_path / "budget.xlsx", sheets))
    assert problem.cell == "Limits!A2"
    assert "Bridges Bridges" in problem.message
    assert len(problem.message) < 300


@pytest.mark.slow
def test_a_million_blank_rows_below_formulas_are_quick(tmp_path: Path) -> None:
    path = write_book(tmp_path / "budget.xlsx", small())
    blank = "".join(
        f'<row r="{n}" hidden="1"><c r="A{n}" s="0"/><c r="B{n}" s="0"/></row>' for n in range(9, 1_048_577)
    )
    valued, end = "<f>2*30</f><v>60</v>", f"{blank}</sheetData>"
    path = rewritten(
        path,
        lambda xml: xml.replace("<v>60</v>", valued).replace("</sheetData>", end),
        r"xl/worksheets/sheet3\.xml",
    )
    start = time.perf_counter()
    assert read_scenario(path).messages == ()
    assert time.perf_counter() - start < 20


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("name", ["hanoi-2026.xlsx", "hanoi-2026-2030.xlsx"])
def test_libreoffice_says_the_same(name: str, tmp_path: Path) -> None:
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx",
         "--outdir", tmp_path / "out", SCENARIOS / name],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    own, theirs = read_scenario(SCENARIOS / name), read_scenario(tmp_path / "out" / name)
    for field in dataclasses.fields(Scenario):
        if field.name not in ("inputs", "sha256"):
            assert getattr(own, field.name) == getattr(theirs, field.name), field.name


# ---- any damage at all --------------------------------------------------------------------------------------------

ODD: list[object] = [
    None, " ", ";", "a;b;;", "1.234", "4,5 %", "%", "-", "--5", "1e999", "1e300", 1e300, -1e-300, 0, -1, 1, 4, 100,
    True, False, "none", "Total", "every area", "every area in ", "all", "amount", "last year", "last year's share",
    "points on last year's share", "2026-2030", "2030-2026", "2026-2030 together", "9999", ">", "=", "goal 1", "goal",
    "off", "minimise ", "\x00", "\u200b", "½", "x" * 5000, "İ", "a\nb", "#REF!", 2026.5, "Area", "Indicator", "Effect",
    "Proposed 2027", "Last year:", "Last year: x", float("inf"), float("nan"), -0.5,
]  # fmt: skip


@pytest.mark.parametrize("times", [30, pytest.param(150, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["hanoi-2026.xlsx", pytest.param("hanoi-2026-2030.xlsx", marks=pytest.mark.slow)])
def test_any_damage_ends_in_a_scenario_or_in_problems_with_cells(name: str, times: int) -> None:
    book = open_workbook(SCENARIOS / name)
    rows = [[list(row) for row in sheet.rows] for sheet in book.sheets]
    values = [value for sheet in rows for row in sheet for value in row if value is not None]
    chance = random.Random(name)  # noqa: S311
    outcomes: set[type] = set()
    for _ in range(times):
        done = []
        for sheet, whole in zip(book.sheets, rows, strict=True):
            sheet.rows = [list(row) for row in whole]
        for _ in range(chance.choice([1, 1, 2, 5, 20])):
            sheet = chance.choice([sheet for sheet in book.sheets if sheet.rows])
            row = chance.choice(sheet.rows)
            odd = _raw(chance.choice(ODD) if chance.random() < 0.6 else chance.choice(values))
            if row:
                row[column := chance.randrange(len(row))] = odd
                done.append((sheet.name, sheet.rows.index(row) + 1, column + 1, odd))
        outcome = _outcome(book, done)
        outcomes.add(type(outcome))
        assert isinstance(outcome, Scenario) or all(problem.cell and problem.message for problem in outcome), done
    assert outcomes == {Scenario, tuple}


def _outcome(book: ReadWorkbook, done: object) -> Scenario | tuple[Problem, ...]:
    try:
        return _Reader(book).scenario()
    except ScenarioError as error:
        return error.problems
    except Exception as error:
        raise AssertionError(done) from error
