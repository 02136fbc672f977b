"""A workbook's file: any layout that the conventions allow reads alike; harm and damage end in a message."""

from __future__ import annotations

import dataclasses
import io
import re
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook

from allocator import read_scenario
from allocator.audit.claims import is_plan
from allocator.audit.workbook import plan_workbook
from allocator.errors import OutputError, ScenarioError, WorkbookError
from allocator.render.files import check_target
from allocator.scenario.model import Scenario
from allocator.scenario.problems import mark_problems
from allocator.scenario.records import _UNCOMPUTED
from allocator.scenario.sheets import ReadWorkbook, open_workbook
from commands import small, write_book
from mutated_workbooks import Parts, mutated, parts_of, zipped
from reading_cases import problems

AREAS_PART = "xl/worksheets/sheet3.xml"
NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@cache
def plain() -> bytes:
    """A small scenario with an error value and a formula without a value, as XlsxWriter lays it out."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    for name, rows in {**small(), "Dash": [["hello", 1, 2], ["x", 3, 4]]}.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if name == "Areas":
            sheet.write_formula("D2", "=1/0", None, "#DIV/0!")
            sheet.write_formula("C3", "=C2+50", None, "")
    book.close()
    parts = parts_of(stream.getvalue())
    return zipped({name: content.replace(b"<v></v>", b"") for name, content in parts.items()})


def laid_out(name: Callable[[str], str] = str, text: Callable[[str, str], str] = lambda _, xml: xml) -> bytes:
    """Return the small scenario with other names for its parts, and other XML in them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts_of(plain()).items():
            info = zipfile.ZipInfo("x")
            info.filename = name(part)  # as it is: the constructor would make it plain
            archive.writestr(info, text(part, content.decode()))
    return stream.getvalue()


def moved(old: str, new: str) -> bytes:
    """Return it with one part under another name, which relations and types know, or a whole folder's."""
    return laid_out(lambda part: part.replace(old, new), lambda _, xml: xml.replace(old, new))


def in_relations(old: str, new: str) -> bytes:
    return laid_out(text=lambda part, xml: xml.replace(old, new) if part == "xl/_rels/workbook.xml.rels" else xml)


def strict(_: str, xml: str) -> str:
    return xml.replace("schemas.openxmlformats.org/spreadsheetml/2006", "purl.oclc.org/ooxml/spreadsheetml").replace(
        "schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument"
    )


def without(*names: str) -> bytes:
    return zipped({name: content for name, content in parts_of(plain()).items() if not name.startswith(names)})


LAYOUTS: dict[str, Callable[[], bytes]] = {
    "sheets in capitals": lambda: laid_out(lambda part: part.replace("worksheets/sheet", "worksheets/Sheet")),
    "all in capitals": lambda: laid_out(str.upper),
    "backslashes": lambda: laid_out(lambda part: part.replace("/", "\\")),
    "a slash in front": lambda: laid_out(lambda part: f"/{part}"),
    "dots in names": lambda: laid_out(lambda part: part.replace("xl/", "xl/./", 1)),
    "escapes in names": lambda: laid_out(lambda part: part.replace("sheet", "s%68eet")),
    "workbook in capitals": lambda: laid_out(lambda part: part.replace("xl/workbook", "xl/Workbook")),
    "workbook22, its relations renamed too": lambda: moved("workbook.xml", "workbook22.xml"),
    "workbook22, its relations not": lambda: laid_out(
        lambda part: part.replace("xl/workbook.xml", "xl/workbook22.xml"),
        lambda _, xml: xml.replace("xl/workbook.xml", "xl/workbook22.xml"),
    ),
    "another folder": lambda: moved("xl/", "content/book/"),
    "at the top": lambda: laid_out(
        lambda part: part.replace("xl/", ""), lambda _, xml: xml.replace("/xl/", "/").replace('"xl/', '"')
    ),
    "sheets elsewhere": lambda: laid_out(
        lambda part: part.replace("xl/worksheets/", "tabs/"),
        lambda _, xml: xml.replace("/xl/worksheets/", "/tabs/").replace('"worksheets/', '"../tabs/'),
    ),
    "absolute targets": lambda: in_relations('Target="', 'Target="/xl/'),
    "targets with dots": lambda: in_relations('Target="', 'Target="./x/../'),
    "targets with backslashes": lambda: in_relations('Target="worksheets/', 'Target="worksheets\\'),
    "targets with escapes": lambda: in_relations("sheet3", "sheet%33"),
    "styles and texts by other names": lambda: laid_out(
        lambda part: part.replace("styles", "look").replace("sharedStrings.xml", "words.xml"),
        lambda part, xml: (
            xml.replace("styles.xml", "look.xml").replace("sharedStrings.xml", "words.xml")
            if part.startswith(("[", "xl/_rels"))
            else xml
        ),
    ),
    "strict": lambda: laid_out(text=strict),
    "no properties, no theme, no styles": lambda: without("docProps", "xl/theme", "xl/styles"),
    "another theme's name": lambda: moved("theme1", "colours"),
}  # fmt: skip


def facts(data: bytes, path: Path) -> tuple[object, ...]:
    """What each of the readers finds: problems, cells, marks."""
    path.write_bytes(data)
    book = open_workbook(path)
    found = problems(path)
    copy = path.with_name("copy.xlsx")
    mark_problems(path, copy, found)
    marked = [(s.title, c.coordinate, c.comment.text) for s in load_workbook(copy) for r in s for c in r if c.comment]
    plan = plan_workbook(data)
    values = {(s.name, at): c.value for s in plan.sheets.values() for at, c in s.cells.items() if c.value is not None}
    mine = {
        (sheet.name, (r, c)): value
        for sheet in book.sheets
        for r, row in enumerate(sheet.rows, 1)
        for c, value in enumerate(row, 1)
        if value is not None
    }
    assert values == mine
    assert {(sheet.name, at, text) for sheet in book.sheets for at, text in sheet.errors.items()} == {
        (sheet.name, at, c.error) for sheet in plan.sheets.values() for at, c in sheet.cells.items() if c.error
    }
    assert not is_plan(path)
    return [str(problem) for problem in found], mine, marked


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_reads_alike_in_every_reader(layout: str, tmp_path: Path) -> None:
    data = LAYOUTS[layout]()
    expected = facts(plain(), tmp_path / "plain.xlsx")
    assert expected[0] == [
        "Areas!D2 Maximum: holds the error value #DIV/0!; correct the formula or type a value",
        f"Areas!C3 Minimum: {_UNCOMPUTED}",
    ]
    assert len(expected[2]) == 2  # type: ignore[arg-type]
    assert facts(data, tmp_path / "other.xlsx") == expected


@pytest.mark.parametrize("layout", ["all in capitals", "another folder", "backslashes", "strict"])
def test_a_file_that_may_not_be_overwritten_is_known_in_any_layout(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(LAYOUTS[layout]())
    with pytest.raises(OutputError, match="no plan made by allocate"):
        check_target(path)


ROOT = "_rels/.rels"
BOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def replaced(part: str, old: str, new: str) -> bytes:
    return laid_out(text=lambda name, xml: xml.replace(old, new, 1) if name == part else xml)


def doubled(name: str, content: bytes = b"<x/>") -> bytes:
    stream = io.BytesIO(plain())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def in_directory(offset: int, value: int) -> bytes:
    """Return the file with one byte of what its directory says of the sheet Areas changed."""
    data = bytearray(plain())
    data[data.rindex(AREAS_PART.encode()) - 46 + offset] = value
    return bytes(data)


SECOND = '<Relationship Id="rId77" Type="http://x/officeDocument" Target="other.xml"/></Relationships>'
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a part twice": (lambda: doubled("xl/worksheets/Sheet1.xml"), "holds a part twice"),
    "a part twice by its way": (lambda: doubled("xl/./x/../worksheets\\sheet1.xml"), "holds a part twice"),
    "two workbooks": (lambda: replaced(ROOT, "</Relationships>", SECOND), "more than one part as its officeDocument"),
    "no workbook": (lambda: replaced(ROOT, 'officeDocument"', 'picture"'), "is not an Excel workbook"),
    "no relations": (lambda: without(ROOT), "is not an Excel workbook"),
    "no such workbook": (lambda: replaced(ROOT, "xl/workbook", "xl/nothing"), "is not an Excel workbook"),
    "a Word document": (lambda: replaced(BOOK, "<workbook", "<document"), "damaged"),
    "a sheet nowhere": (lambda: replaced(RELATIONS, "sheet3", "sheet33"), 'sheet33.xml is missing, which holds the sh'),
    "a sheet without relation": (lambda: replaced(BOOK, 'r:id="rId3"', 'r:id="rId99"'), 'the sheet "Areas" is missing'),
    "a sheet elsewhere": (
        lambda: replaced(RELATIONS, 'Target="worksheets/sheet3.xml"', 'Target="http://x/y" TargetMode="External"'),
        'the sheet "Areas" lies outside the file',
    ),
    "two sheets of one name": (lambda: replaced(BOOK, 'name="Dash"', 'name="AREAS"'), 'it has two sheets "AREAS"'),
    "two sheets in a part": (lambda: replaced(RELATIONS, "sheet4", "sheet3"), "the same part as another sheet"),
    "a relation's name twice": (lambda: replaced(RELATIONS, '"rId2"', '"rId1"'), 'two relations are called "rId1"'),
    "a future version": (lambda: in_directory(6, 143), "zip file version 14.3"),
    "encrypted": (lambda: in_directory(8, 1), "protected with a password"),
    "packed in an unknown way": (lambda: in_directory(10, 99), "packed in a way that spreadsheet programs don't know"),
    "packed by bzip2": (lambda: in_directory(10, 12), "packed in a way that spreadsheet programs don't know"),
    "a wrong sum": (lambda: in_directory(16, 77), "damaged"),
    "a wrong size": (lambda: in_directory(24, 3), "damaged"),
    "a wrong place": (lambda: in_directory(42, 9), "damaged"),
    "a name that differs": (lambda: in_directory(46, 66), "damaged"),
    "cut off": (lambda: plain()[:-200], "damaged"),
    "cut in its directory": (lambda: plain()[: plain().index(b"PK\x01\x02") + 60] + plain()[-22:], "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_can_be_read_in_two_ways_or_not_at_all_is_refused_in_words(case: str, tmp_path: Path) -> None:
    make, words = REFUSED[case]
    path = tmp_path / "budget.xlsx"
    path.write_bytes(make())
    with pytest.raises(WorkbookError, match=re.escape(words)) as refusal:
        read_scenario(path)
    assert "budget.xlsx" in str(refusal.value)


# ---- values -------------------------------------------------------------------------------------------------------

ERRORS = [
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!", "#FIELD!", "#GETTING_DATA",
    "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!", "#PYTHON!", "#EXTERNAL!", "#TIMEOUT!", "#LỖI!", "#", "Err:502",
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
def test_any_error_value_is_told_at_its_cell_and_nowhere_else(error: str, tmp_path: Path) -> None:
    path = write_book(tmp_path / "budget.xlsx", small(Dash=[["hello", 1], ["x", 3]]))
    good, parts = read_scenario(path), parts_of(path.read_bytes())
    cell = f'<c r="D9" t="e"><f>1</f><v>{error}</v></c>'

    def with_error(part: str, old: str, new: str) -> None:
        text = parts[part].decode()
        assert re.search(old, text)
        path.write_bytes(zipped({**parts, part: re.sub(old, new, text, count=1).encode()}))

    with_error("xl/worksheets/sheet4.xml", "</sheetData>", f'<row r="9">{cell}</row></sheetData>')
    assert same(read_scenario(path), good)
    with_error(AREAS_PART, r'<c r="B2"[^/]*/?>.*?</c>', cell.replace("D9", "B2"))
    assert [str(problem) for problem in problems(path)] == [
        f"Areas!B2 Last year: holds the error value {error}; correct the formula or type a value"
    ]


def same(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios say the same, their files apart."""
    names = [field.name for field in dataclasses.fields(Scenario) if field.name not in ("inputs", "sha256")]
    return all(getattr(one, name) == getattr(other, name) for name in names)


def book_of(cells: str, styles: str = "", workbook: str = "", texts: str = "") -> ReadWorkbook:
    """Return a workbook of one sheet, with these rows."""
    parts = parts_of(LAYOUTS["no properties, no theme, no styles"]())
    parts[AREAS_PART] = f"<worksheet {NAMESPACE}><sheetData>{cells}</sheetData></worksheet>".encode()
    parts["xl/styles.xml"] = f"<styleSheet {NAMESPACE}>{styles}</styleSheet>".encode()
    parts[BOOK] = re.sub(rb"<workbookPr[^>]*>", f"<workbookPr {workbook}/>".encode(), parts[BOOK])
    parts["xl/sharedStrings.xml"] = f"<sst {NAMESPACE}>{texts}{'<si><t>w</t></si>' * 40}</sst>".encode()
    return ReadWorkbook(Path("budget.xlsx"), zipped(parts))


def row_of(*cells: str, **more: str) -> list[object]:
    book = book_of(f"<row>{''.join(cells)}</row>", **more)
    return list(next(sheet for sheet in book.sheets if sheet.name == "Areas").row(1))


def test_each_type_of_cell_says_what_it_shows() -> None:
    assert row_of(
        '<c t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>',
        '<c t="inlineStr"><is><r><t>Ro</t></r><r><t>ads</t></r><rPh sb="0" eb="1"><t>ロ</t></rPh></is></c>',
        '<c t="str"><f>A1</f><v>a_x000D_b</v></c>', '<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>',
        "<c><v> 12.50 </v></c>", "<c><v>1e999</v></c>", "<c><v>NaN</v></c>", "<c><v>1_000</v></c>",
        '<c t="d"><v>2026-01-31T00:00:00</v></c>', '<c t="d"><v>soon</v></c>', '<c t="s"><v>0</v></c>', "<c/>",
        "<c><v>-1.5E-3</v></c>",
        texts='<si><r><t>Giáo </t></r><r><t xml:space="preserve"> dục</t></r><phoneticPr fontId="1"/></si>',
    ) == [
        " a ", "Roads", "a\rb", True, False, 12.5, "1e999", "NaN", "1_000", "2026-01-31", "soon", "Giáo  dục", None,
        -0.0015,
    ]  # fmt: skip


STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="[h]:mm"/>'
    '<numFmt numFmtId="166" formatCode="#,##0 &quot;days&quot;"/><numFmt numFmtId="167" formatCode="0.0%"/></numFmts>'
    '<cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="22"/>'
    '<xf numFmtId="167"/></cellXfs>'
)


@pytest.mark.parametrize(
    ("workbook", "day", "stated"),
    [("", 46053, "2026-01-31"), ("", 1, "1900-01-01"), ("", 61, "1900-03-01"), ('date1904="1"', 44591, "2026-01-31"),
     ('date1904="true"', 1, "1904-01-02")],
)  # fmt: skip
def test_dates_are_counted_from_either_year(workbook: str, day: int, stated: str) -> None:
    cells = [f'<c s="{style}"><v>{day}</v></c>' for style in (1, 2, 4, 6, 99)]
    assert row_of(*cells, styles=STYLES, workbook=workbook) == [stated, stated, day, day, day]


def test_times_of_day_and_times_that_have_passed() -> None:
    cells = [
        '<c s="1"><v>0.5</v></c>',
        '<c s="5"><v>46053.75</v></c>',
        '<c s="3"><v>1.5</v></c>',
        '<c s="1"><v>-4</v></c>',
    ]
    assert row_of(*cells, styles=STYLES) == ["12:00:00", "2026-01-31T18:00:00", "1 day, 12:00:00", -4]


# ---- files that mean harm -----------------------------------------------------------------------------------------


def sheet_of(rows: bytes) -> Parts:
    return {
        **parts_of(plain()),
        AREAS_PART: f"<worksheet {NAMESPACE}><sheetData>".encode() + rows + b"</sheetData></worksheet>",
    }


def lying(data: bytes, part: str) -> bytes:
    """Return a file that says of a part that it is small."""
    found = bytearray(data)
    for mark, size, name, length in ((b"PK\x01\x02", 24, 46, 28), (b"PK\x03\x04", 22, 30, 26)):
        at = found.find(mark)
        while at >= 0:
            end = name + struct.unpack_from("<H", found, at + length)[0]
            if found[at + name : at + end] == part.encode():
                struct.pack_into("<I", found, at + size, 5000)
            at = found.find(mark, at + 4)
    return bytes(found)


def overlapping() -> bytes:
    """Return a file whose directory names one part of 50 MB 2,000 times."""
    data = zipped({**parts_of(plain()), "xl/media/a.bin": bytes(50_000_000)})
    end = data.rfind(b"PK\x05\x06")
    entry = data[data.rfind(b"PK\x01\x02", 0, end) : end]
    count, start = struct.unpack_from("<H", data, end + 10)[0] + 2000, struct.unpack_from("<I", data, end + 16)[0]
    body = data[:end] + b"".join(entry.replace(b"a.bin", b"%05d" % i) for i in range(2000))
    return body + data[end : end + 8] + struct.pack("<HHIIH", count, count, len(body) - start, start, 0)


FAR = range(1, 9000)
LAUGHS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(10))
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "a huge part": (lambda: zipped(sheet_of(bytes(90_000_000))), "unpacks to more than"),
    "a huge part that says it is small": (lambda: lying(zipped(sheet_of(bytes(90_000_000))), AREAS_PART), "damaged"),
    "parts over each other": (overlapping, "unpacks to more than"),
    "texts without end": (
        lambda: zipped({**parts_of(plain()), "xl/sharedStrings.xml": b"<si><t>a</t></si>" * 3_000_000}),
        "unpacks to more than",
    ),
    "elements within each other": (lambda: zipped(sheet_of(b"<a>" * 1_000_000)), "too deep within each other"),
    "a row without end": (lambda: zipped(sheet_of(b"<row>" + b"<c><v>1</v></c>" * 250_000)), "more cells than a sheet"),
    "entities within entities": (
        lambda: zipped({**sheet_of(b""), AREAS_PART: f"<!DOCTYPE x [{LAUGHS}]><x>&a9;</x>".encode()}),
        "declares a document type",
    ),
    "cells far away": (
        lambda: zipped(sheet_of(b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (i, i) for i in FAR))),
        "reaches as far as XFD8999",
    ),
    "styles without end": (
        lambda: zipped({**parts_of(plain()), "xl/styles.xml": f"<styleSheet {NAMESPACE}>{'<x/>' * 900_000}".encode()}),
        "far too large",
    ),
    "parts without end": (
        lambda: zipped({**parts_of(plain()), **{f"x/{i}.xml": b"" for i in range(20_001)}}), "parts; no workbook",
    ),
}  # fmt: skip
MEASURED = """
import resource, sys, time
from allocator import read_scenario
from allocator.errors import AllocateError
def used():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def attempt(path):
    try:
        read_scenario(path)
    except AllocateError as error:
        return str(error)
attempt(sys.argv[1])
before, start = used(), time.process_time()
said = attempt(sys.argv[2])
print(time.process_time() - start, (used() - before) / 1024, said)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_file_that_unpacks_without_end_takes_neither_time_nor_memory(bomb: str, tmp_path: Path) -> None:
    make, words = BOMBS[bomb]
    path, good = tmp_path / "budget.xlsx", tmp_path / "good.xlsx"
    path.write_bytes(make())
    good.write_bytes(plain())
    assert path.stat().st_size < (3_000_000 if bomb == "parts without end" else 500_000)
    told = subprocess.run([sys.executable, "-c", MEASURED, good, path], capture_output=True, text=True, check=True)
    seconds, megabytes, said = told.stdout.split(" ", 2)
    assert words in said
    assert float(seconds) < 3
    assert float(megabytes) < 64


@pytest.mark.slow
def test_a_large_honest_sheet_is_read(tmp_path: Path) -> None:
    path = tmp_path / "budget.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Areas")
        for number in range(100_000):
            sheet.write_row(number, 0, [f"Area {number}", "Group", *(number / 7 + i for i in range(10))])
    (found,) = open_workbook(path).sheets
    assert (len(found.rows), len(found.rows[-1]), found.value(100_000, 1)) == (100_000, 12, "Area 99999")


# ---- damage at random ---------------------------------------------------------------------------------------------


def outcome(data: bytes, path: Path) -> str:
    """Read a workbook in all ways; whatever is wrong with it must end in a message."""
    path.write_bytes(data)
    try:
        plan_workbook(data, path.name)
        is_plan(path)
    except WorkbookError as error:
        assert path.name in str(error)  # noqa: PT017
    try:
        read_scenario(path)
    except WorkbookError as error:
        return "refused" if path.name in str(error) else f"no name in {error}"
    except ScenarioError as error:
        with_marks(path, error)
        return "problems"
    return "read"


def with_marks(path: Path, found: ScenarioError) -> None:
    try:
        mark_problems(path, path.with_name("marked.xlsx"), found.problems)
    except WorkbookError as error:
        assert path.name in str(error)  # noqa: PT017


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> list[Parts]:
    path = tmp_path_factory.mktemp("base") / "good.xlsx"
    rules = [["Rule", "Area", "Operator", "Value", "Basis"], ["Roads first", "Roads", ">=", 0.2, "budget"]]
    write_book(path, small(Rules=rules, Benefits=[["Area", "Up to", "Benefit"], ["Roads", 20, 2], ["Roads", None, 1]]))
    return [parts_of(plain()), parts_of(path.read_bytes())]


def test_whatever_is_wrong_with_a_workbook_it_is_read_or_told(bases: list[Parts], tmp_path: Path) -> None:
    outcomes = {seed: outcome(mutated(bases[seed % 2], seed), tmp_path / "budget.xlsx") for seed in range(150)}
    assert set(outcomes.values()) == {"read", "problems", "refused"}


@pytest.mark.slow
def test_ten_thousand_workbooks_with_something_wrong_are_read_or_told(
    bases: list[Parts], tmp_path: Path, share: Callable[[Iterable[int]], list[int]]
) -> None:
    seen: set[str] = set()
    end = time.monotonic() + 180
    for seed in share(range(1000, 11_000)):
        seen.add(outcome(mutated(bases[seed % 2], seed), tmp_path / "budget.xlsx"))
        if time.monotonic() > end:
            break
    assert seen == {"read", "problems", "refused"}
    assert seed > 2000, "it takes far longer than it did"
