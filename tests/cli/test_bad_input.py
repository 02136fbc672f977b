"""Bad input: each case ends with a message that says where and what to do, the right exit code, and nothing lost."""

from __future__ import annotations

import io
import re
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from allocator import cli
from commands import Sheets, allocate, small, write_book

type Capture = pytest.CaptureFixture[str]

RULE_HEADINGS = ["Rule", "Area", "Operator", "Value", "Basis", "Years"]


def outcome(capsys: Capture, *arguments: object) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code, stdout and stderr."""
    code = cli.run([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def is_told(capsys: Capture, path: Path, *hints: str) -> None:
    """Assert that an unusable file is told as such by both commands, and that nothing is written."""
    before = sorted(found.name for found in path.parent.iterdir()) if path.parent.exists() else []
    for arguments in ([path], [path, "--json"], ["check", path]):
        code, out, err = outcome(capsys, *arguments)
        assert (code, out) == (2, ""), arguments
        assert err.startswith("Error: ")
        assert len(err.splitlines()) <= 3
        for hint in (path.name, *hints):
            assert hint.lower() in err.lower(), err
    assert before == (sorted(found.name for found in path.parent.iterdir()) if path.parent.exists() else [])


def is_listed(capsys: Capture, path: Path, *patterns: str) -> str:
    """Assert that content problems are listed by `check` (1) and stop the main command (2); return the list."""
    before = path.read_bytes()
    code, out, err = outcome(capsys, "check", path)
    assert (code, err) == (1, ""), out + err
    for pattern in patterns:
        assert re.search(pattern, out, re.IGNORECASE), f"{pattern!r} not in:\n{out}"
    again, nothing, errors = outcome(capsys, path)
    assert (again, nothing) == (2, "")
    assert errors == out
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return out


# ---- files that are no workbook -----------------------------------------------------------------------------------


def compound_file(*names: str) -> bytes:
    """Return an OLE compound file with empty streams of these names: what .xls and encrypted workbooks are made of."""
    free, chain_end, fat_sector = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, chain_end, 0, chain_end, 0, 0)
    header = header[:76] + struct.pack("<I", 0) + struct.pack("<I", free) * 108
    fat = struct.pack("<II", fat_sector, chain_end) + struct.pack("<I", free) * 126
    entries = [directory_entry("Root Entry", 5, child=1)]
    entries += [
        directory_entry(name, 2, right=index + 2 if index + 1 < len(names) else free)
        for index, name in enumerate(names)
    ]
    directory = b"".join(entries).ljust(512, b"\0")
    return header + fat + directory + bytes(4096)


def directory_entry(name: str, kind: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    fixed = encoded.ljust(64, b"\0") + struct.pack("<HBBIII", len(encoded), kind, 1, 0xFFFFFFFF, right, child)
    return fixed + bytes(16 + 4 + 16) + struct.pack("<IQ", 0xFFFFFFFE, 0)


def zipped(**members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def truncated(path: Path) -> bytes:
    data = write_book(path, small()).read_bytes()
    return data[: len(data) // 2]


PNG = bytes.fromhex("89504E470D0A1A0A0000000D49484452") + bytes(40)
NO_WORKBOOKS: dict[str, tuple[Callable[[Path], bytes], tuple[str, ...]]] = {
    "text": (lambda _: b"Area;Amount\nSchools;5\n", ("workbook", ".xlsx")),
    "csv in UTF-16": (lambda _: "Area,Amount".encode("utf-16"), ("workbook", ".xlsx")),
    "picture": (lambda _: PNG, ("workbook", ".xlsx")),
    "truncated": (truncated, ("damaged",)),
    "zip of something": (lambda _: zipped(notes="hello"), ("workbook",)),
    "word document": (
        lambda _: zipped(**{"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
        ("workbook",),
    ),
    "empty zip": (lambda _: zipped(), ("workbook",)),
    "empty file": (lambda _: b"", ("empty",)),
    "old format": (lambda _: compound_file("Workbook"), (".xls", "save it as", ".xlsx")),
    "password": (lambda _: compound_file("EncryptionInfo", "EncryptedPackage"), ("password",)),
}


@pytest.mark.parametrize("case", NO_WORKBOOKS)
def test_files_that_are_no_workbook(case: str, tmp_path: Path, capsys: Capture) -> None:
    content, hints = NO_WORKBOOKS[case]
    path = tmp_path / "budget.xlsx"
    path.write_bytes(content(path))
    is_told(capsys, path, *hints)


def test_an_old_workbook_by_its_own_name(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "budget.xls"
    path.write_bytes(compound_file("Workbook"))
    is_told(capsys, path, "save it as", ".xlsx")


def test_a_missing_file_and_one_beside_it(tmp_path: Path, capsys: Capture) -> None:
    is_told(capsys, tmp_path / "budget.xlsx", "no such file")
    is_told(capsys, tmp_path / "nowhere" / "budget.xlsx", "no such file")
    write_book(tmp_path / "budgets.xlsx", small())
    is_told(capsys, tmp_path / "budget.xlsx", "budgets.xlsx")


def test_a_folder(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "budgets").mkdir()
    is_told(capsys, tmp_path / "budgets", "folder")


def test_an_empty_name(capsys: Capture) -> None:
    code, out, err = outcome(capsys, "")
    assert (code, out) == (2, "")
    assert err


def test_a_name_with_odd_characters(tmp_path: Path, capsys: Capture) -> None:
    code, _, err = outcome(capsys, tmp_path / "ngân\xa0sách\x1b[31m.xlsx")
    assert code == 2
    assert "ngân\xa0sách␛[31m.xlsx: there is no such file" in err


# ---- content ------------------------------------------------------------------------------------------------------


def areas(*rows: list[object], headings: str = "Area;Last year;Minimum;Maximum;Benefit") -> Sheets:
    return small(Areas=[list(headings.split(";")), *rows])


def rules(*rows: list[object]) -> Sheets:
    return small(Rules=[list(RULE_HEADINGS), *rows])


def budget(*rows: list[object]) -> Sheets:
    return small(Budget=list(rows))


SCHOOLS: list[object] = ["Giáo dục", 60, 10, None, 3]
ROADS: list[object] = ["Roads", 30, None, 70, 2]

CONTENT: dict[str, tuple[Sheets, tuple[str, ...]]] = {
    "empty workbook": ({}, (r"^  Areas", r"^  Budget")),
    "sheets without rows": ({name: [] for name in small()}, ("Areas", "Budget")),
    "no Budget": (small(Budget=None), (r"^  Budget: .*missing",)),
    "no Areas": (small(Areas=None), (r"^  Areas: .*missing",)),
    "no Scenario": (small(Scenario=None), (r"^  Scenario.*Unit",)),
    "no Unit": (small(Scenario=[["Setting", "Value"], ["Title", "T"]]), (r"Scenario.*Unit",)),
    "sheet misnamed": (
        {("Lĩnh vực" if name == "Areas" else name): rows for name, rows in small().items()},
        (r"Lĩnh vực.*Areas",),
    ),
    "no year": (budget(["Source", "Last year"], ["City budget", 1]), ("Budget.*year",)),
    "years with gaps": (budget(["Source", 2026, 2028], ["City budget", 1, 1]), (r"Budget!.*2027",)),
    "year twice": (budget(["Source", 2026, 2026], ["City budget", 1, 1]), (r"Budget!.*2026",)),
    "blank year cell": (budget(["Source", 2026, 2027], ["City budget", 100, None]), (r"Budget!C2 2027.*type 0",)),
    "negative budget": (budget(["Source", "Last year", 2026], ["City budget", 90, -100]), (r"Budget!C2 2026.*-100",)),
    "no source of the government": (
        budget(["Source", "Kind", 2026], ["Donors", "other", 100]),
        (r"Budget!B2 Kind.*budget",),
    ),
    "unknown kind": (budget(["Source", "Kind", 2026], ["City", "budgett", 100]), (r"Budget!B2 Kind.*budget",)),
    "total row in Budget": (
        budget(["Source", 2026], ["City budget", 100], ["Total", 100]),
        (r"Budget!A3 Source.*total row",),
    ),
    "source twice": (
        budget(["Source", 2026], ["City budget", 100], ["city  BUDGET", 100]),
        (r"Budget!A3 Source.*(twice|row 2)",),
    ),
    "heading missing": (
        small(Rules=[["Rule", "Area", "Operator", "Value"], ["R", "Roads", ">=", 0.4]]),
        (r"Rules.*Basis",),
    ),
    "heading misspelt": (areas(SCHOOLS[:4], headings="Area;Last year;Minimun;Maximum"), (r"Areas!C1.*Minimum",)),
    "area twice": (areas(SCHOOLS, ROADS, ["giáo  DỤC", 1, None, None, 1]), (r"Areas!A4 Area.*(twice|row 2)",)),
    "area twice in another Unicode form": (
        areas(SCHOOLS, ROADS, ["Gia\u0301o du\u0323c", 1, None, None, 1]),
        (r"Areas!A4 Area.*(twice|row 2)",),
    ),
    "total row in Areas": (areas(SCHOOLS, ROADS, ["Tổng cộng", 90, None, None, 0]), (r"Areas!A4 Area.*total row",)),
    "area called like a keyword": (areas(SCHOOLS, ROADS, ["every area", 1, None, None, 1]), (r"Areas!A4 Area",)),
    "text for a number": (areas(["Giáo dục", 60, "a lot", None, 3], ROADS), (r'Areas!C2 Minimum.*"a lot"',)),
    "a number that reads two ways": (
        areas(["Giáo dục", 60, "1.234", None, 3], ROADS),
        (r"Areas!C2 Minimum.*1[,]?234.*1\.234|Areas!C2 Minimum.*1\.234.*1[,]?234",),
    ),
    "negative limit": (areas(["Giáo dục", 60, -5, None, 3], ROADS), (r"Areas!C2 Minimum.*-5",)),
    "minimum above maximum": (areas(["Giáo dục", 60, 50, 40, 3], ROADS), (r"Areas!(C2 Minimum|D2 Maximum).*(50|40)",)),
    "unknown area in a rule": (
        rules(["R", "Raods", ">=", "4 %", "budget"]),
        (r'Rules!B2 Area.*"Raods".*did you mean "Roads"',),
    ),
    "unknown basis": (rules(["R", "Roads", ">=", "4 %", "budgett"]), (r'Rules!E2 Basis.*"budgett".*budget',)),
    "unknown operator": (
        rules(["R", "Roads", "atleast", "4 %", "budget"]),
        (r'Rules!C2 Operator.*"atleast".*at least',),
    ),
    "rule twice": (
        rules(["R", "Roads", ">=", "4 %", "budget"], ["r", "Roads", "<=", "90 %", "budget"]),
        (r"Rules!A3 Rule.*(twice|row 2)",),
    ),
    "4 for 4 %": (rules(["R", "Roads", ">=", 4, "budget"]), (r"Rules!D2 Value: 4 could be 4 % or 400 %; type 4%",)),
    "rule without a value": (rules(["R", "Roads", ">=", None, "budget"]), (r"Rules!D2 Value",)),
    "year outside the scenario": (rules(["R", "Roads", ">=", "4 %", "budget", 2031]), (r"Rules!F2 Years.*2031.*2026",)),
    "an error value": (areas(["Giáo dục", 60, "#REF!", None, 3], ROADS), (r"Areas!C2 Minimum.*#REF!",)),
    "a formula nobody has computed": (areas(["Giáo dục", 60, "=5+5", None, 3], ROADS), (r"Areas!C2 Minimum.*formula",)),
    "data after a blank row": (areas(SCHOOLS, [], ROADS), (r"Areas!A?4.*blank row",)),
    "unknown part of": (
        areas([*SCHOOLS, None], [*ROADS, "Giáo dụk"], headings="Area;Last year;Minimum;Maximum;Benefit;Part of"),
        (r'Areas!F3 Part of.*did you mean "Giáo dục"',),
    ),
    "parts in a circle": (
        areas(["A", 1, "B"], ["B", 1, "A"], headings="Area;Last year;Part of"),
        (r"Areas!C[23] Part of",),
    ),
    "unknown objective": (
        small(Scenario=[["Setting", "Value"], ["Unit", "m"], ["Objective", "maximise happiness"]]),
        (r"Scenario!B3 Value.*maximise benefit",),
    ),
    "negative step": (
        small(Scenario=[["Setting", "Value"], ["Unit", "m"], ["Step", -1]]),
        (r"Scenario!B3 Value.*Step",),
    ),
}


@pytest.mark.parametrize("case", CONTENT)
def test_content_problems(case: str, tmp_path: Path, capsys: Capture) -> None:
    sheets, patterns = CONTENT[case]
    is_listed(capsys, write_book(tmp_path / "budget.xlsx", sheets), *(f"(?m){pattern}" for pattern in patterns))


def test_all_problems_come_together(tmp_path: Path, capsys: Capture) -> None:
    sheets = areas(["Giáo dục", 60, "a lot", None, 3], ["Roads", "-", None, None, "x"])
    sheets["Rules"] = [list(RULE_HEADINGS), ["R", "Raods", "atleast", 4, "budgett", None]]
    out = is_listed(
        capsys, write_book(tmp_path / "budget.xlsx", sheets), "Areas!C2", "Areas!E3", "Rules!B2", "Rules!D2"
    )
    count = int(re.search(r"(\d+) problems", out).group(1))  # type: ignore[union-attr]
    assert count == len(out.splitlines()) - 2
    assert out.splitlines()[-1].endswith("--mark COPY.xlsx")


def test_every_problem_can_be_marked(tmp_path: Path, capsys: Capture) -> None:
    path = write_book(tmp_path / "budget.xlsx", rules(["R", "Raods", "atleast", 4, "budgett", 2031]))
    code, out, _ = outcome(capsys, "check", path, "--mark", tmp_path / "copy.xlsx")
    assert code == 1
    sheet = load_workbook(tmp_path / "copy.xlsx")["Rules"]
    for cell in re.findall(r"Rules!([A-Z]+\d+)", out):
        assert sheet[cell].comment is not None, cell


# ---- size ---------------------------------------------------------------------------------------------------------


def with_blank_rows(path: Path, sheet: int, count: int) -> None:
    """Add `count` formatted rows without content to a sheet of a workbook, as spreadsheets leave them behind."""
    name = f"xl/worksheets/sheet{sheet}.xml"
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    first = 1 + max(map(int, re.findall(rb'<row r="(\d+)"', parts[name])))
    rows = b"".join(b'<row r="%d"><c r="A%d" s="0"/><c r="B%d" s="0"/></row>' % (r, r, r) for r in range(first, count))
    parts[name] = parts[name].replace(b"</sheetData>", rows + b"</sheetData>")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, data in parts.items():
            archive.writestr(entry, data)


def test_a_million_blank_rows_take_seconds(tmp_path: Path) -> None:
    path = write_book(tmp_path / "budget.xlsx", small())
    with_blank_rows(path, 3, 1_048_576)
    start = time.perf_counter()
    done = allocate("check", path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert b"2 areas" in done.stdout
    assert time.perf_counter() - start < 20


@pytest.mark.slow
def test_a_value_far_away_is_told_not_lost(tmp_path: Path, capsys: Capture) -> None:
    path = write_book(tmp_path / "budget.xlsx", small())
    book = load_workbook(path)
    book["Areas"]["A900000"] = "Hospitals"
    book["Areas"]["E900000"] = 3
    book.save(path)
    is_listed(capsys, path, r"Areas!A?900000")
