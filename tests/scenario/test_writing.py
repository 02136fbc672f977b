"""The scenario workbooks that we write: complete, safe, helpful, readable by others."""

import dataclasses
import importlib
import re
import shutil
import subprocess
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from allocator import optimise, read_scenario
from allocator.errors import OutputError
from allocator.scenario.guide import GUIDE_SHEET, made_parts, reference
from allocator.scenario.schema import STATUSES, TABLES, Content
from allocator.scenario.writing import FIRST_ROW, HEADING_ROW, decimals, example, fields, new_scenario, write_scenario
from allocator.spreadsheet.references import column_letters
from places import ROOT, SCENARIOS
from quick_part import quick_part
from shipped import shipped_plan

WRITTEN = [table for table in TABLES if not table.later]
SMALL = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 1}],
    "Budget": [{"Source": "City", "2026": 10, "2027": 12}],
    "Areas": [{"Area": "Roads"}, {"Area": "Schools"}],
}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("written") / "example.xlsx"
    new_scenario(path)
    return path


@pytest.fixture(scope="module")
def book(written):
    return load_workbook(written)


def headings(sheet):
    return [cell.value for cell in sheet[HEADING_ROW + 1] if cell.value is not None]


def test_values_come_back_as_they_were(written):
    sheets = CalamineWorkbook.from_path(str(written))
    for name, rows in example().items():
        values = sheets.get_sheet_by_name(name).to_python(skip_empty_area=False)
        there = [str(int(h)) if isinstance(h, float) else h for h in values[HEADING_ROW]]
        for offset, row in enumerate(rows):
            found = dict(zip(there, values[FIRST_ROW + offset], strict=True))
            for heading, value in row.items():
                assert found[heading] == ("" if value is None else value)


def test_every_declared_column_is_there_in_order(book):
    for table in WRITTEN:
        there = headings(book[table.sheet])
        plain = [c.name for c in table.columns if not c.family and c.name in there]
        assert [h for h in there if h in plain] == plain
        missing = {c.name for c in table.columns if not c.family} - set(there)
        long_form = {"Indicator", "Effect", "Cost per unit", "Spending 1", "Result 1", "Spending 2", "Result 2"}
        assert missing == {"Effects": long_form, "Areas": {"Proposed"}}.get(table.sheet, set())


def test_families_stand_where_they_are_declared(book):
    assert headings(book["Budget"])[:6] == ["Source", "Kind", "Last year", 2027, 2028, "Spend"]
    assert headings(book["Effects"])[:3] == ["Area", "School places", "Bus passengers"]
    columns = headings(book["Areas"])
    assert columns[columns.index("Proposed 2027") + 1] == "Proposed 2028"


def test_sheets_without_rows_are_there_to_be_filled_in():
    data = BytesIO()
    write_scenario(data, {})
    book = load_workbook(data)
    assert book.sheetnames == [GUIDE_SHEET, *(table.sheet for table in WRITTEN), "Lists"]
    assert "Cost per unit" in headings(book["Effects"])
    assert [row[0].value for row in book["Scenario"].iter_rows(min_row=5, max_row=6)] == ["Title", "Unit"]


def test_headings_carry_help_default_and_example(book):
    for table in WRITTEN:
        for cell in book[table.sheet][HEADING_ROW + 1]:
            if cell.value is not None:
                assert cell.comment is not None, (table.sheet, cell.value)
    notes = {cell.value: cell.comment.text for cell in book["Rules"][HEADING_ROW + 1]}
    assert "Required." in notes["Value"]
    assert "For example: 4%" in notes["Value"]
    assert "Blank means: each year." in notes["Years"]


def validated(sheet):
    """The letters of the columns whose first entry cell has a validation, with it."""
    found = {}
    for validation in sheet.data_validations.dataValidation:
        for cells in validation.sqref.ranges:
            if cells.min_row <= FIRST_ROW + 1 <= cells.max_row:
                found[column_letters(cells.min_col)] = validation
    return found


def test_every_keyword_and_name_column_has_a_list(book):
    content = example()
    for table in WRITTEN:
        checks = validated(book[table.sheet])
        for position, field in enumerate(fields(table, content), 1):
            column = field.column
            if column and (column.keywords or column.refers_to) and column.content is not Content.SHARE:
                check = checks[column_letters(position)]
                assert check.type == "list", (table.sheet, field.heading)
                assert check.error
                if check.formula1.startswith('"'):
                    assert set(column.keywords) <= set(check.formula1.strip('"').split(","))


def test_lists_of_names_refer_to_the_sheets_that_declare_them(book):
    assert "Areas!$A$5" in validated(book["Limits"])["A"].formula1
    sources = column_letters(headings(book["Areas"]).index("Sources") + 1)
    assert "Budget!$A$5" in validated(book["Areas"])[sources].formula1
    lists = book["Lists"]
    words = [cell.value for cell in lists["A"][FIRST_ROW:]]
    assert words[:6] == ["total", "every area", "People", "City", "every area in People", "every area in City"]
    assert words[6] == '=IF(Areas!$A$5="","",Areas!$A$5)'


def test_variants_choose_among_the_rows_and_columns_of_their_sheet(book):
    checks = validated(book["What-if"])
    rows, columns = checks["C"].formula1, checks["D"].formula1
    assert rows == """OFFSET(INDIRECT("'"&$B5&"'!$A$5"),0,0,MAX(1,COUNTA(INDIRECT("'"&$B5&"'!$A$5:$A$1004"))),1)"""
    assert columns.startswith('IF($B5="Budget",Lists!$E$5:$E$11,OFFSET(INDIRECT(')
    assert len(columns) <= 255
    words = [cell.value for cell in book["Lists"]["E"][FIRST_ROW:] if cell.value]
    assert words == ["every year", "2027", "2028", "Kind", "Last year", "Spend", "Carry over"]
    assert checks["B"].formula1.startswith('"Scenario,Budget,Areas,')
    assert checks["E"].formula1 == '"set,add,change by,remove"'
    assert book["What-if"]["F5"].number_format == "0%"


def test_figures_are_checked_where_they_are_typed(book):
    checks = validated(book["Rules"])
    value = next(c for c in checks.values() if c.error and "percentage" in c.error)
    assert value.formula1 == 'OR($F5="amount",AND(ISNUMBER(E5),ABS(N(E5))<=2))'


def test_nothing_typed_becomes_a_formula_or_a_link(tmp_path):
    nasty = ["=1+1", "+1", "-1", "@SUM(A1)", "http://example.com", "internal:Areas!A1", "0012", "1e3", "{=A1}", "'x"]
    rows = [{"Area": f"Area {i}", "Note": text, "Output": text} for i, text in enumerate(nasty)]
    target = tmp_path / "nasty.xlsx"
    write_scenario(target, {**SMALL, "Areas": rows}, title="=HYPERLINK(1)")
    book = load_workbook(target)
    column = headings(book["Areas"]).index("Note") + 1
    cells = [book["Areas"].cell(FIRST_ROW + 1 + i, column) for i in range(len(nasty))]
    assert [cell.value for cell in cells] == nasty
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    formulas = {cell.data_type for name in book.sheetnames if name != "Lists" for row in book[name] for cell in row}
    assert "f" not in formulas


@pytest.mark.parametrize("title", ["2026 budget", "Roads & schools", "&" * 300])
def test_a_title_is_printed_in_the_footer_as_it_is(title):
    data = BytesIO()
    write_scenario(data, SMALL, title=title)
    left = load_workbook(data)["Budget"].oddFooter.left
    assert left.size == 8
    shown = left.text.strip().removesuffix("…")
    assert shown
    assert shown.count("&") == 2 * shown.replace("&&", "&").count("&")
    assert title.startswith(shown.replace("&&", "&"))


def test_numbers_show_the_decimals_that_they_have(tmp_path):
    rules = [
        {"Rule": "a", "Area": "Roads", "Operator": ">=", "Value": Decimal("0.0425"), "Basis": "budget"},
        {"Rule": "b", "Area": "Roads", "Operator": ">=", "Value": Decimal("2.5"), "Basis": "amount"},
    ]
    target = tmp_path / "formats.xlsx"
    write_scenario(target, {**SMALL, "Rules": rules})
    book = load_workbook(target)
    assert book["Rules"]["E5"].number_format == "0.00%"
    assert book["Rules"]["E6"].number_format == "#,##0.0"
    assert book["Rules"]["E7"].number_format == "General"
    assert book["Budget"]["D5"].number_format == "#,##0"
    assert decimals("text") == 0


def test_assumptions_are_marked(book):
    for table in WRITTEN[1:]:
        formats = book[table.sheet].conditional_formatting
        assert any('"assumption"' in str(rule.formula) for cells in formats for rule in cells.rules)


def test_headings_are_frozen_and_pages_fit(book):
    for table in WRITTEN:
        sheet = book[table.sheet]
        assert sheet.freeze_panes == "B5"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToHeight == 0


def test_same_content_gives_same_bytes(written, tmp_path):
    again = BytesIO()
    new_scenario(again)
    assert again.getvalue() == written.read_bytes()


def test_an_unknown_sheet_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="Area list"):
        write_scenario(BytesIO(), {"Area list": []})


def test_a_text_too_long_for_a_cell_is_refused():
    with pytest.raises(OutputError, match="too long"):
        write_scenario(BytesIO(), {**SMALL, "Areas": [{"Area": "x" * 40000}]})


def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path):
    target = tmp_path / "taken.xlsx"
    target.mkdir()
    with pytest.raises(OutputError, match=re.escape(str(target))):
        write_scenario(target, SMALL)
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(OutputError, match="can't write"):
        write_scenario(tmp_path / "no such folder" / "new.xlsx", SMALL)


def test_the_example_reads_without_a_word(written):
    scenario = read_scenario(written)
    assert scenario.messages == ()
    assert scenario.years == (2027, 2028)
    assert {rule.strength.kind for rule in scenario.rules} == {"must", "law", "goal", "off"}
    assert scenario.parts["Environment"] == ("Water and waste", "Parks and clean air")


def test_every_figure_of_the_example_says_that_it_is_assumed():
    rows = [row for sheet, rows in example().items() if sheet != "Scenario" for row in rows]
    assert {row["Status"] for row in rows} == {"assumption"}


def test_the_example_has_a_sensible_plan(written):
    plan = optimise(read_scenario(written)).result
    assert plan.status.value == "optimal"
    assert all(goal.missed_by == 0 for goal in plan.goals)
    for area in plan.scenario.leaves:
        for year in plan.scenario.years:
            assert area.last_year is not None
            assert Fraction(95, 100) <= plan.amount(area.name, year) / area.last_year <= Fraction(16, 10), area.name


@pytest.fixture
def hanoi(monkeypatch):
    monkeypatch.syspath_prepend(str(SCENARIOS))
    return importlib.import_module("build")


def shown_in(path):
    """All that people see in a workbook: its cells, the notes on them, the hints where they type, the footers."""
    return {
        sheet.title: (
            [(cell.coordinate, cell.value, cell.comment and cell.comment.text) for row in sheet for cell in row],
            sorted((str(each.sqref), each.promptTitle, each.prompt) for each in sheet.data_validations.dataValidation),
            (sheet.oddFooter.left.text, sheet.oddFooter.right.text),
        )
        for sheet in load_workbook(path)
    }


@pytest.mark.parametrize("name", quick_part(["hanoi-2026.xlsx", "hanoi-2026-2030.xlsx"], 1))
def test_a_shipped_scenario_is_the_built_one_and_has_a_plan(hanoi, name, tmp_path):
    hanoi.build(tmp_path)
    scenario = read_scenario(SCENARIOS / name)
    built = dataclasses.replace(read_scenario(tmp_path / name), sha256=scenario.sha256)
    assert built == scenario, "python scenarios/build.py"
    assert shown_in(tmp_path / name) == shown_in(SCENARIOS / name), "python scenarios/build.py"
    assert scenario.messages == ()
    plan = shipped_plan(SCENARIOS / name).result
    assert plan.status.value == "optimal"
    assert all(goal.missed_by == 0 for goal in plan.goals)
    for year in scenario.years:
        assert plan.share("Science & digital", year) >= Fraction(4, 100)
        assert plan.share("Education & training", year) >= Fraction(20, 100)
        assert all(plan.amount(area.name, year) >= 400 for area in scenario.areas)
    assert plan.share("Culture", scenario.years[-1]) > Fraction(4, 100)


@pytest.mark.parametrize("name", ["hanoi-2026.xlsx", "hanoi-2026-2030.xlsx"])
def test_every_figure_of_a_shipped_scenario_says_where_it_is_from(hanoi, name):
    content = hanoi.SCENARIOS[name].content()
    for sheet, rows in content.items():
        for row in rows:
            if sheet != "Scenario":
                assert row["Evidence"], (sheet, row)
                assert row["Status"] in STATUSES
                said = str(row["Evidence"])
                assert row["Status"] == "assumption" or not said.startswith("Chosen"), (sheet, row)
                assert not re.search(r"shared|\.md|\b[FSTG]-\d", said)


def test_the_reference_page_says_what_is_declared():
    page = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    assert page == reference(page), "python -m allocator.scenario.guide docs/format.md"
    assert set(re.findall("<!-- made: (.+) -->", page)) == set(made_parts())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed here")
def test_libreoffice_opens_and_prints_it(written, tmp_path):
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(written)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    assert (tmp_path / "example.pdf").read_bytes().startswith(b"%PDF")
