"""The copy in which problems are shown at their cells."""

import hashlib

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from allocator.errors import OutputError, Problem, ScenarioError, WorkbookError
from allocator.scenario.problems import HEADINGS, PROBLEMS_SHEET, RULE, mark_problems
from allocator.scenario.reading import read_scenario
from allocator.scenario.writing import new_scenario


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "scenario.xlsx"
    book = Workbook()
    rules = book.active
    rules.title = "Rules"
    rules["A1"] = "Rule"
    rules["D7"] = 4
    rules["D7"].comment = Comment("Ask Lan about this", "Lan")
    rules["E7"].value, rules["E7"].data_type = "=not a formula", "s"
    rules["F7"] = "=D7*2"
    rules.merge_cells("G7:H8")
    book.create_sheet("My own sheet")["A1"] = "kept"
    book.save(path)
    return path


def mark(source, *problems):
    target = source.with_name("marked.xlsx")
    mark_problems(source, target, problems)
    return load_workbook(target)


def test_a_problem_turns_its_cell_red_and_joins_its_note(source):
    before = hashlib.sha256(source.read_bytes()).digest()
    problem = Problem("Rules!D7", "4 could be 4 % or 400 %; type 4%", "Value")
    book = mark(source, problem, Problem("Rules!D7", "and more"))
    cell = book["Rules"]["D7"]
    assert cell.fill.start_color.rgb == "00FECACA"
    assert cell.comment.text == f"Ask Lan about this\n\n{RULE}\n4 could be 4 % or 400 %; type 4%\nand more"
    assert book.sheetnames == ["Rules", "My own sheet"]
    assert hashlib.sha256(source.read_bytes()).digest() == before


def test_what_else_is_there_stays(source):
    book = mark(source, Problem("Rules!A1", "wrong"))
    assert book["Rules"]["D7"].comment.text == "Ask Lan about this"
    assert book["Rules"]["E7"].value == "=not a formula"
    assert book["Rules"]["E7"].data_type == "s"
    assert book["Rules"]["F7"].value == "=D7*2"
    assert book["My own sheet"]["A1"].value == "kept"


def test_merged_cells_are_marked_where_they_show(source):
    assert mark(source, Problem("Rules!H8", "wrong"))["Rules"]["G7"].comment.text == f"{RULE}\nwrong"


def test_problems_without_a_cell_are_listed_first(source):
    problems = [
        Problem("Budget", "=the sheet is missing\x07"),
        Problem("Rules!D7", "4 could be 4 % or 400 %", "Value"),
        Problem("Rules", "no rows"),
    ]
    book = mark(source, *problems)
    sheet = book[PROBLEMS_SHEET]
    assert book.sheetnames[0] == PROBLEMS_SHEET
    assert book.active.title == PROBLEMS_SHEET
    assert tuple(cell.value for cell in sheet[4]) == HEADINGS
    assert [cell.value or "" for cell in sheet[5]] == [1, "Budget", "", "", "=the sheet is missing\ufffd"]
    assert [cell.value for cell in sheet[6]] == [2, "Rules", "D7", "Value", "4 could be 4 % or 400 %"]
    assert sheet["E5"].data_type == "s"
    assert all(cell.hyperlink is None for row in sheet for cell in row)


def test_marking_a_marked_copy_replaces_what_was_said(source):
    mark(source, Problem("Rules!D7", "first"), Problem("Budget", "missing"))
    again = source.with_name("again.xlsx")
    mark_problems(source.with_name("marked.xlsx"), again, [Problem("Rules!D7", "second")])
    book = load_workbook(again)
    assert book["Rules"]["D7"].comment.text == f"Ask Lan about this\n\n{RULE}\nsecond"
    assert PROBLEMS_SHEET not in book.sheetnames


def test_the_source_is_never_written_over(source):
    with pytest.raises(OutputError, match="another name"):
        mark_problems(source, source, [])
    with pytest.raises(OutputError, match=r"\.xlsx too"):
        mark_problems(source, source.with_name("copy.xlsm"), [])


def test_a_copy_that_cannot_be_written(source, tmp_path):
    with pytest.raises(OutputError, match="can't write"):
        mark_problems(source, tmp_path / "no such folder" / "copy.xlsx", [])


def test_a_file_that_is_no_workbook(tmp_path):
    path = tmp_path / "text.xlsx"
    path.write_text("no workbook")
    with pytest.raises(WorkbookError, match="is not an Excel workbook"):
        mark_problems(path, tmp_path / "copy.xlsx", [])


def test_every_problem_of_a_bad_scenario_is_marked(tmp_path):
    path = tmp_path / "bad.xlsx"
    new_scenario(path)
    book = load_workbook(path)
    book["Rules"]["E5"] = "lots"
    book["Areas"]["D5"] = -3
    book.save(path)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    marked = tmp_path / "marked.xlsx"
    mark_problems(path, marked, caught.value.problems)
    result = load_workbook(marked)
    assert "lots" in result["Rules"]["E5"].comment.text
    assert result["Areas"]["D5"].comment is not None
    assert result["Rules"].data_validations.dataValidation
