"""Early warning and missed goals on a plan: the sheet Warnings, sentences and JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from rich.console import Console

from allocator.analyses.existence import BudgetWarning, TightRow
from allocator.analyses.result import Result
from allocator.api import optimise
from allocator.audit.workbook import plan_workbook
from allocator.console.plan import print_summary
from allocator.programme.build import build
from allocator.programme.rows import Row
from allocator.render.records import as_json
from allocator.render.workbook import plan_bytes
from allocator.scenario.model import Scenario
from allocator.scenario.reading import read_scenario
from allocator.spreadsheet.formulas import Evaluator
from allocator.tables.warnings import BUDGETS, GOALS
from allocator.wording.findings import early_finding, goals_finding
from commands import small, write_book

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl on our charts


def rows_of(scenario: Scenario) -> dict[str, Row]:
    return {row.name: row for row in build(scenario).rows}


def row_with(sheet: Worksheet, text: str) -> int:
    return next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == text)


def with_warnings(tmp_path: Path, least: float = 97.0, tight: bool = True) -> Result:
    """The plan of the small scenario, said to be near the edge."""
    scenario = read_scenario(write_book(tmp_path / "near.xlsx", small()))
    result = optimise(scenario).result
    rows = rows_of(scenario)
    clashing = (rows["Budget: City budget"], rows["Roads first"], rows["Minimum: Giáo dục"])
    warning = BudgetWarning("City budget", 2026, Fraction(100), least, 1 - least / 100, clashing)
    narrow = (TightRow(rows["Roads first"], 1.5, 0.0375),) if tight else ()
    return replace(result, warnings=(warning,), tight=narrow)


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ([["Giáo dục", 60, 10, None, 3], ["Roads", 30, None, 70, 2]], "City budget may fall by "),
        (
            [["Giáo dục", 60, 10, None, 3], ["Roads", 60, None, 70, 2]],
            "1 doubt about the inputs, below: look at it first. ",
        ),
    ],
)
def test_the_first_line_says_that_there_are_doubts(tmp_path, areas, said):
    """Last year of the areas adds up to Budget's, or doesn't."""
    heads = ["Area", "Last year", "Minimum", "Maximum", "Benefit"]
    result = optimise(read_scenario(write_book(tmp_path / "doubt.xlsx", small(Areas=[heads, *areas])))).result
    assert len(result.doubts) == said.count("doubt")
    sheet = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)))["Warnings"]
    assert str(sheet["A2"].value).startswith(said)


def test_the_warnings_stand_on_a_sheet_of_their_own(tmp_path):
    data = plan_bytes(with_warnings(tmp_path))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Warnings"]
    assert [sheet.cell(5, c).value for c in range(1, 8)] == [column.name for column in BUDGETS.on_sheet]
    assert str(sheet["A2"].value).startswith("City budget may fall by 3 % (3 million) before no plan exists; then ")
    book = plan_workbook(data)
    evaluator = Evaluator({name: found.cells for name, found in book.sheets.items()})
    assert [evaluator.value("Warnings", (6, column)) for column in (3, 4, 5, 6)] == [100, 97, 3, 0.03]
    assert sheet["G6"].value.startswith("Roads first 2026 (Rules!D2); Minimum: Giáo dục 2026 (Areas!C2); Budget: City")
    row = row_with(sheet, "Roads first")
    assert [sheet.cell(row, c).value for c in (3, 4, 5, 6)] == [1.5, "million", 0.0375, "Rules!D2"]


def test_what_a_budget_may_fall_by_is_never_said_too_high(tmp_path):
    finding = early_finding(with_warnings(tmp_path, least=98.0072))
    assert finding is not None
    assert "may fall by 1.99 % (1.99 million)" in finding.text
    assert "1 rule or target has at most 5 % of room, the least “Roads first 2026” (3.8 %)" in finding.text


@pytest.mark.parametrize(("least", "told"), [(97.0, True), (50.0, False)])
def test_the_console_warns_where_the_edge_is_near(tmp_path, least, told):
    stream = io.StringIO()
    print_summary(with_warnings(tmp_path, least), Console(file=stream, width=80), None)
    assert ("How near the edge: City budget may fall by" in stream.getvalue()) == told


def test_where_nothing_is_near_the_sheet_says_so(tmp_path):
    result = replace(with_warnings(tmp_path), warnings=(), tight=())
    assert early_finding(result) is None
    sheet = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)))["Warnings"]
    assert "Nothing near" in str(sheet["A2"].value)


def test_the_json_has_the_warnings(tmp_path):
    found = json.loads(as_json(with_warnings(tmp_path)))
    assert found["warnings"][0] | {"part": 0.03, "rules": []} == {
        "source": "City budget", "year": 2026, "amount": 100, "least": 97, "part": 0.03, "rules": [],
    }  # fmt: skip
    assert found["warnings"][0]["rules"][1] == {"rule": "Roads first", "year": 2026, "cell": "Rules!D2"}
    assert found["tight"][0]["room"] == 1.5


# -- goals -----------------------------------------------------------------------------------------------------------


def with_a_missed_goal(tmp_path: Path, value: str = "75 %") -> Result:
    """The plan of the small scenario with a goal that the rule on roads stands in the way of."""
    sheets = small()
    sheets["Rules"] = [[*row, "Strength" if not i else "must"] for i, row in enumerate(sheets["Rules"])]
    sheets["Rules"].append(["Schools goal", "Giáo dục", ">=", value, "budget", "goal 1"])
    return optimise(read_scenario(write_book(tmp_path / "goal.xlsx", sheets))).result


def test_what_a_missed_goal_would_take_is_told(tmp_path):
    result = with_a_missed_goal(tmp_path)
    finding = goals_finding(result)
    assert finding is not None
    why = (
        "can't be met: “Roads first 2026” (Rules!D2) and “Budget: City budget 2026” (Budget!C2) leave at most 60 where "
        "75 million is asked. To meet it: Rules!D2 Roads first 2026: 40 % → 25 %."
    )
    assert finding.text == f"“Schools goal 2026” is missed by 15 million. It {why}"
    assert finding.short == f"Schools goal 2026 {why}"
    sheet = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)))["Warnings"]
    row = row_with(sheet, "Schools goal")
    assert [sheet.cell(row - 1, c).value for c in range(1, 8)] == [column.name for column in GOALS.on_sheet]
    assert [sheet.cell(row, c).value for c in (2, 3, 4, 5, 6)] == [2026, 15, "million", "goal 1", "Rules!D3"]
    (found,) = json.loads(as_json(result))["goals_explained"]
    assert (found["missed_by"], found["changes"][0]["to"]) == (15, 0.25)


def test_what_is_said_to_be_enough_is(tmp_path):
    result = with_a_missed_goal(tmp_path)
    sheets = small()
    sheets["Rules"] = [[*row, "Strength" if not i else "must"] for i, row in enumerate(sheets["Rules"])]
    change = result.goals_explained[0].change
    assert change is not None
    sheets["Rules"][1][3] = change.after
    sheets["Rules"].append(["Schools goal", "Giáo dục", ">=", "75 %", "budget", "goal 1"])
    after = optimise(read_scenario(write_book(tmp_path / "after.xlsx", sheets)), explain=False).result
    assert [goal.missed_by for goal in after.goals] == [0]


def test_where_all_goals_are_met_nothing_is_said(tmp_path):
    result = with_a_missed_goal(tmp_path, "50 %")
    assert goals_finding(result) is None
    sheet = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)))["Warnings"]
    assert row_with(sheet, "None: every goal is met.")
