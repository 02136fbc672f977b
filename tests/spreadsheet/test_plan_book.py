"""Every cell of a workbook is read: whoever saved it, and whatever has been done to it."""

from __future__ import annotations

import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from allocator.audit.workbook import PlanWorkbook, plan_workbook, read_plan_workbook
from allocator.errors import WorkbookError
from allocator.spreadsheet import cells, package
from allocator.spreadsheet.cells import Content
from places import SCENARIOS
from reading_cases import prefixed

SHEET = r"xl/worksheets/sheet1\.xml"
XML = r"xl/(workbook|sharedStrings|styles|worksheets/sheet\d+)\.xml"


def written(fill: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    fill(book, book.add_worksheet("Money"))
    book.close()
    return stream.getvalue()


def changed(data: bytes, change: Callable[[str], str], parts: str = SHEET, **added: str) -> bytes:
    """Return a workbook whose parts, those whose names match, are changed, and with further parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if re.fullmatch(parts, name) else content)
        for name, text in added.items():
            new.writestr(name, text)
    return stream.getvalue()


def plain(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet) -> None:
    sheet.write("A1", "Roads")
    sheet.write("B1", 12.5, book.add_format({"num_format": "0.0%"}))
    sheet.write("C1", True)
    sheet.write_formula("A2", "=SUM( b1 , 1.50 )", None, 14)
    sheet.write_formula("B2", '=IF(B1>100,"over","")', None, "")
    sheet.write_formula("C2", "=NOT(C1)", None, False)
    sheet.write_formula("D2", "=1/0", None, "#DIV/0!")
    sheet.write_blank("D1", None, book.add_format({"num_format": "0%"}))
    book.add_worksheet("Price card").write("B3", "Roads")


PLAIN = {
    (1, 1): Content("Roads"),
    (1, 2): Content(12.5),
    (1, 3): Content(True),
    (2, 1): Content(14.0, "SUM(B1,1.5)"),
    (2, 2): Content("", 'IF(B1>100,"over","")'),
    (2, 3): Content(False, "NOT(C1)"),
    (2, 4): Content(None, "1/0", "#DIV/0!"),
}


def strict(xml: str) -> str:
    return xml.replace("schemas.openxmlformats.org/spreadsheetml/2006", "purl.oclc.org/ooxml/spreadsheetml").replace(
        "schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument"
    )


MAKES: dict[str, tuple[Callable[[str], str], str]] = {
    "as written": (str, ""),
    "prefixed": (prefixed, XML),
    "no references": (lambda xml: re.sub(r'(<c|<row) r="\w+"', r"\1", xml), SHEET),
    "strict": (strict, r".*\.(xml|rels)"),
    "rich text": (
        lambda xml: xml.replace(
            "<t>Roads</t>",
            '<r><rPr><b/></rPr><t>Ro</t></r><r><t>ads</t></r><rPh sb="0" eb="1"><t>ロ</t></rPh>',
        ),
        r"xl/sharedStrings\.xml",
    ),
    "inline": (
        lambda xml: re.sub(
            r'<c r="A1" t="s"><v>0</v>', '<c r="A1" t="inlineStr"><is><r><t>Ro</t></r><r><t>ads</t></r></is>', xml
        ),
        SHEET,
    ),
    "cell elements of others": (
        lambda xml: xml.replace(
            "</worksheet>", '<extLst><ext><c xmlns="urn:x"><v>9</v><f>A1</f></c></ext></extLst></worksheet>'
        ),
        SHEET,
    ),
}


@pytest.mark.parametrize("make", MAKES)
def test_whoever_made_it_the_cells_say_the_same(make):
    data = written(plain)
    change, parts = MAKES[make]
    again = changed(data, change, parts)
    assert make == "as written" or again != changed(data, str, "")
    book = plan_workbook(again)
    assert list(book.sheets) == ["Money", "Price card"]
    assert book.sheets["Money"].cells == PLAIN
    assert book.sheets["Money"].percent == {(1, 2)}
    assert book.extras == ()
    if make != "no references":
        assert book.sheets["Price card"].cells == {(3, 2): Content("Roads")}


def test_characters_that_xml_cannot_hold_come_back():
    texts = ["tab\tbell\x07", "_x000D_ typed", "line\nbreak", "  spaced ", "Giáo dục", "<&>", "_x005F_", "😀"]
    data = written(lambda _, sheet: sheet.write_column("A1", texts))
    assert [cell.value for cell in plan_workbook(data).sheets["Money"].cells.values()] == texts


def test_characters_beyond_the_first_plane_written_as_two_escapes():
    data = written(lambda _, sheet: sheet.write("A1", "face"))
    data = changed(data, lambda xml: xml.replace("face", "_xD83D__xDE00_ _xD83D_"), r"xl/sharedStrings\.xml")
    assert plan_workbook(data).sheets["Money"].cells[1, 1].value == "😀 �"


def test_shared_formulas_read_as_they_stand_in_each_cell():
    data = written(lambda _, sheet: [sheet.write_formula(r, 2, f"=A{r + 1}", None, r) for r in range(3)])
    data = changed(
        data,
        lambda xml: (
            xml.replace("<f>A1</f>", '<f t="shared" ref="C1:C3" si="0">A1*$B$1+SUM(A1:A$1)</f>')
            .replace("<f>A2</f>", '<f t="shared" si="0"/>')
            .replace("<f>A3</f>", '<f t="shared" si="0"></f>')
        ),
    )
    assert [cell.formula for cell in plan_workbook(data).sheets["Money"].cells.values()] == [
        "A1*$B$1+SUM(A1:A$1)",
        "A2*$B$1+SUM(A2:A$1)",
        "A3*$B$1+SUM(A3:A$1)",
    ]


def test_array_formulas_are_told_from_others():
    data = written(lambda _, sheet: sheet.write_array_formula("A1:A2", "{=SUM(B1:B2 * C1:C2)}", None, 3))
    cells = plan_workbook(data).sheets["Money"].cells
    assert cells == {(1, 1): Content(3.0, "{SUM(B1:B2*C1:C2)}"), (2, 1): Content(0.0)}


def test_truth_values_are_the_same_typed_or_as_formulas():
    data = written(lambda _, sheet: [sheet.write("A1", True), sheet.write_formula("A2", "=FALSE()", None, 0)])
    assert plan_workbook(data).sheets["Money"].cells == {(1, 1): Content(True), (2, 1): Content(False)}


def test_formulas_that_nobody_computed_have_no_value():
    data = changed(written(plain), lambda xml: re.sub(r"(</f>)<v>[^<]*</v>", r"\1", xml))
    cells = plan_workbook(data).sheets["Money"].cells
    assert cells[2, 1] == Content(None, "SUM(B1,1.5)")
    assert cells[2, 2] == Content(None, 'IF(B1>100,"over","")')


def test_numbers_that_are_none_and_dates():
    data = written(lambda _, sheet: sheet.write_row("A1", [1, 2, 3]))
    data = changed(
        data,
        lambda xml: (
            xml.replace("<v>1</v>", "<v>nan</v>")
            .replace("<v>2</v>", "<v>1,5</v>")
            .replace('"C1"><v>3</v>', '"C1" t="d"><v>2026-01-01T12:00:00</v>')
        ),
    )
    assert [cell.value for cell in plan_workbook(data).sheets["Money"].cells.values()] == ["nan", "1,5", 46023.5]


def test_what_is_hidden_is_told():
    def fill(book, sheet):
        sheet.write_column("A1", [1, 2, 3])
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(2, 0)
        sheet.set_column("C:D", None, None, {"hidden": True})
        sheet.set_column("F:F", 0)
        book.add_worksheet("Two").hide()
        book.add_worksheet("Three").very_hidden()
        book.add_worksheet("Four").set_default_row(hide_unused_rows=True)

    book = plan_workbook(written(fill))
    assert book.sheets["Money"].hidden_rows == {2, 3}
    assert book.sheets["Money"].hidden_columns == {3, 4, 6}
    assert [sheet.hidden for sheet in book.sheets.values()] == [False, True, True, True]


# ---- what is no part of a plan ------------------------------------------------------------------------------------


def extras(fill: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], None]) -> tuple[str, ...]:
    return plan_workbook(written(fill)).extras


def test_prints_filters_and_charts_are_part_of_a_plan():
    def fill(book, sheet):
        sheet.write_column("A1", [1, 2, 3])
        sheet.print_area("A1:B3")
        sheet.repeat_rows(0)
        sheet.autofilter("A1:A3")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Money!$A$1:$A$3"})
        sheet.insert_chart("C1", chart)

    assert extras(fill) == ()


def test_what_is_none_is_told():
    def fill(book, sheet):
        book.define_name("Rate", "=Money!$A$1")
        sheet.write_comment("A1", "Trust me")
        sheet.write_url("A2", "https://example.org/figures")
        sheet.insert_textbox("D4", "12,000")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=Money!$A$1:$A$3"})
        book.add_chartsheet("Picture").set_chart(chart)

    found = extras(fill)
    assert set(found) >= {
        "cell notes",
        "pictures or shapes drawn over cells",
        "a link to https://example.org/figures",
        'the sheet "Picture", which is no table',
        "chart sheets",
        'the defined name "Rate" (Money!$A$1)',
    }


PARTS = {
    "xl/vbaProject.bin": "macros",
    "xl/externalLinks/externalLink1.xml": "links to other workbooks",
    "customXml/item1.xml": "custom XML",
    "xl/embeddings/oleObject1.bin": "embedded objects",
    "xl/connections.xml": "data connections",
    "xl/surprise.xml": "a part of unknown purpose (xl/surprise.xml)",
}


@pytest.mark.parametrize("part", PARTS)
def test_further_parts_are_told(part):
    assert plan_workbook(changed(written(plain), str, "", **{part: "<x/>"})).extras == (PARTS[part],)


# ---- whole workbooks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hanoi-2026", "hanoi-2026-2030"])
def test_the_shipped_scenarios_read_as_openpyxl_reads_them(name):
    path = SCENARIOS / f"{name}.xlsx"
    ours = read_plan_workbook(path)
    values, formulas = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    assert list(ours.sheets) == values.sheetnames
    assert as_openpyxl(values) == {
        (sheet.name, place): cell.value
        for sheet in ours.sheets.values()
        for place, cell in sheet.cells.items()
        if cell.value not in (None, "")
    }
    assert {at: str(text)[1:] for at, text in as_openpyxl(formulas, only="f").items()} == {
        (sheet.name, place): cell.formula
        for sheet in ours.sheets.values()
        for place, cell in sheet.cells.items()
        if cell.formula
    }


def as_openpyxl(book: openpyxl.Workbook, only: str = "") -> dict[tuple[str, tuple[int, int]], object]:
    return {
        (sheet.title, (cell.row, cell.column)): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "") and only in ("", cell.data_type)
    }


def test_a_large_sheet_is_read_fast():
    def fill(book, sheet):
        for row in range(20_000):
            sheet.write_row(row, 0, [f"Area {row}", row, row / 3, "Budget", 0.25])

    data = written(fill)
    start = time.process_time()
    assert len(plan_workbook(data).sheets["Money"].cells) == 100_000
    assert time.process_time() - start < 3


# ---- files that mean harm, or are broken --------------------------------------------------------------------------


def refused(data: bytes) -> str:
    with pytest.raises(WorkbookError) as caught:
        plan_workbook(data, "a.plan.xlsx")
    assert str(caught.value).startswith("a.plan.xlsx")
    return str(caught.value)


BROKEN: dict[str, tuple[Callable[[str], str], str, str]] = {
    "cut off": (lambda xml: xml[:-30], SHEET, "damaged"),
    "not XML": (lambda _: "<<<", SHEET, "damaged"),
    "no such text": (lambda xml: xml.replace("<v>0</v>", "<v>77</v>"), SHEET, "there is no text 77"),
    "negative text": (lambda xml: xml.replace("<v>0</v>", "<v>-1</v>"), SHEET, "there is no text -1"),
    "no such cell": (lambda xml: xml.replace('r="B1"', 'r="BBBB1"'), SHEET, "there is no cell BBBB1"),
    "far cell": (lambda xml: xml.replace('r="B1"', 'r="XFE1"'), SHEET, "there is no cell XFE1"),
    "cell in another row": (lambda xml: xml.replace('r="B1"', 'r="B9"'), SHEET, "B9 stands in row 1"),
    "no such row": (lambda xml: xml.replace('row r="2"', 'row r="2000000"'), SHEET, "there is no row 2000000"),
    "a cell twice": (lambda xml: xml.replace('r="B1"', 'r="A1"'), SHEET, "two cells A1"),
    "a sheet twice": (lambda xml: xml.replace("Price card", "MONEY"), r"xl/workbook\.xml", 'two sheets "MONEY"'),
    "a sheet missing": (
        lambda xml: xml.replace("worksheets/sheet2.xml", "worksheets/sheet9.xml"), r"xl/_rels/workbook\.xml\.rels",
        "sheet9.xml is missing",
    ),
    "a relation missing": (lambda xml: xml.replace("rId2", "rId99"), r"xl/workbook\.xml", '"Price card" is missing'),
    "an unknown shared formula": (
        lambda xml: xml.replace("<f>NOT(C1)</f>", '<f t="shared" si="4"/>'), SHEET, "shared formula",
    ),
    "entities": (
        lambda xml: xml.replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet'),
        SHEET, "declares a document type",
    ),
    "entities in texts": (
        lambda xml: xml.replace("<sst", '<!DOCTYPE x [<!ENTITY a "aaaa">]><sst'), r"xl/sharedStrings\.xml",
        "declares a document type",
    ),
    "entities in the workbook": (
        lambda xml: xml.replace("<workbook", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><workbook', 1),
        r"xl/workbook\.xml", "declares a document type",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_refused_in_words(case):
    change, parts, words = BROKEN[case]
    assert words in refused(changed(written(plain), change, parts))


def test_a_part_that_stands_twice_is_refused():
    stream = io.BytesIO(written(plain))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/Worksheets/Sheet1.xml", "<x/>")
    assert "it holds a part twice" in refused(stream.getvalue())


@pytest.mark.parametrize("data", [b"", b"Area;Amount\n", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)])
def test_what_is_no_workbook_is_refused_as_a_scenario_is(data):
    assert re.search("is empty|is not an Excel workbook|old .xls format", refused(data))


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WorkbookError, match="there is no such file"):
        read_plan_workbook(tmp_path / "none.plan.xlsx")


def test_a_zip_without_a_workbook_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    assert "is not an Excel workbook (it looks like another format)" in refused(stream.getvalue())


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_a_file_that_unpacks_without_end_is_refused_early(part, monkeypatch):
    monkeypatch.setattr(package, "MOST_BYTES", 3_000_000)
    monkeypatch.setattr(package, "MOST_SMALL", 3_000_000)
    big = changed(written(plain), lambda xml: xml.replace("?>", "?>" + " " * 4_000_000, 1), re.escape(part))
    assert len(big) < 100_000
    assert re.search("unpacks to more than 3 MB, too much for a workbook|far too large", refused(big))


def test_sheets_that_all_stand_for_one_part_are_refused():
    sheets = "".join(f'<sheet name="S{i}" sheetId="{i + 3}" r:id="rId1"/>' for i in range(3000))
    data = changed(written(plain), lambda xml: xml.replace("</sheets>", f"{sheets}</sheets>"), r"xl/workbook\.xml")
    assert 'the sheet "S0" is the same part as another sheet' in refused(data)


def test_more_cells_than_any_plan_has_are_refused(monkeypatch):
    monkeypatch.setattr(cells, "MOST_CELLS", 7)
    assert "it has more than 7 cells" in refused(written(plain))


@pytest.mark.slow
def test_elements_without_end_take_no_memory():
    import tracemalloc

    junk = "<x/>" * 500_000
    data = changed(written(plain), lambda xml: xml.replace("</sheetData>", f"</sheetData>{junk}"))
    tracemalloc.start()
    book: PlanWorkbook = plan_workbook(data)
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert book.sheets["Money"].cells == PLAIN


PIECES = ['"', "<", "9", "-", 't="s"', "<v>", "</c>", '<f t="shared" si="1"/>', "<row>", "1e999", "_xD800_"]


def test_whatever_is_damaged_it_is_read_or_refused():
    rnd = random.Random(3)  # noqa: S311
    data = written(plain)
    names = [name for name in zipfile.ZipFile(io.BytesIO(data)).namelist() if "theme" not in name]
    outcomes = {is_read(changed(data, lambda xml: damaged(rnd, xml), re.escape(rnd.choice(names)))) for _ in range(400)}
    assert outcomes == {True, False}


def is_read(data: bytes) -> bool:
    try:
        plan_workbook(data, "a.plan.xlsx")
    except WorkbookError:
        return False
    return True


def damaged(rnd: random.Random, xml: str) -> str:
    at, to = sorted(rnd.randrange(len(xml)) for _ in range(2))
    ways = [
        lambda: xml[:at] + xml[min(to, at + 30) :],
        lambda: xml[:at] + rnd.choice(PIECES) + xml[at:],
        lambda: xml[:at] + xml[to : to + 40] + xml[at:],
        lambda: xml[:at] + chr(rnd.randrange(32, 127)) + xml[at + 1 :],
    ]
    return rnd.choice(ways)()


def test_the_name_and_digest_of_the_file(tmp_path: Path):
    import hashlib

    path = tmp_path / "a.plan.xlsx"
    path.write_bytes(written(plain))
    book = read_plan_workbook(path)
    assert (book.name, book.sha256) == ("a.plan.xlsx", hashlib.sha256(path.read_bytes()).hexdigest())
