"""Doubts: what may be right but rarely is, is asked about; what real cities write is not."""

from __future__ import annotations

import csv
import json
import random
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from allocator import optimise, read_scenario
from allocator.errors import ScenarioError
from allocator.scenario.doubts import doubts
from allocator.scenario.model import Cell, Scenario
from allocator.scenario.reading import Patches
from allocator.scenario.writing import new_scenario
from commands import run_command
from content_workbook import Content, write_content
from places import DATA, SCENARIOS
from slips import SLIPS, Sheets

SHIPPED = ("hanoi-2026", "hanoi-2026-2030")
BUDGET = [{"Source": "City budget", "Last year": 90, "2026": 100}]


@cache
def shipped(name: str) -> Scenario:
    return read_scenario(SCENARIOS / f"{name}.xlsx")


def small(path: Path, areas: list[dict], budget: list[dict] | None = None, **more: list[dict]) -> Path:
    content: Content = {
        "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 1}],
        "Budget": budget or BUDGET,
        "Areas": areas,
        **more,
    }
    return write_content(content, path / "scenario.xlsx")


pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl on our charts


def asked(path: Path) -> dict[str, str]:
    return {doubt.cell: doubt.message for doubt in doubts(read_scenario(path))}


POLICE, FIRE, PARKS = (
    {"Area": "Police", "Last year": 20, "Benefit": 2},
    {"Area": "Fire", "Last year": 10, "Benefit": 2},
    {"Area": "Parks", "Last year": 60, "Benefit": 1},
)


# ---- slips --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", sorted(SLIPS.keys() - {"unit-other"}))
def test_slips_of_each_kind_are_all_asked_about(kind, count):
    for number in range(count):
        sheets = Sheets(shipped(SHIPPED[number % 2]))
        where = SLIPS[kind](sheets, random.Random(f"{kind} {number}"))  # noqa: S311
        try:
            found = [doubt.cell for doubt in doubts(sheets.read())]
        except ScenarioError as error:  # where the slip can't be right, or a rule needs what is missing
            found = [problem.cell for problem in error.problems]
        assert any(cell.startswith(where) for cell in found), (number, found)
        assert len(found) <= 2, (number, found)


@pytest.mark.slow
def test_most_benefits_effects_and_targets_in_another_unit_are_asked_about():
    count = 0
    for number in range(40):
        sheets = Sheets(shipped(SHIPPED[number % 2]))
        SLIPS["unit-other"](sheets, random.Random(f"unit-other {number}"))  # noqa: S311
        count += bool(doubts(sheets.read()))
    assert count >= 32  # an effect on what has no target can't be told from a right one


# ---- what is right ------------------------------------------------------------------------------------------------


@cache
def city_budgets() -> dict[tuple[str, int], dict[str, int]]:
    found: dict[tuple[str, int], dict[str, int]] = {}
    with (DATA / "city-budgets.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault((row["city"], int(row["year"])), {})[row["department"]] = int(row["dollars"])
    return found


@pytest.mark.parametrize("unit", [1, 1000])
@pytest.mark.parametrize(
    ("city", "year"), [("Philadelphia", 2013), ("Philadelphia", 2022), ("Sacramento", 2020), ("Sacramento", 2024)]
)
def test_a_real_budget_draws_no_doubt(tmp_path, city, year, unit):
    before, after = city_budgets()[city, year - 1], city_budgets()[city, year]
    rng = random.Random(f"{city} {year}")  # noqa: S311
    areas = [
        {
            "Area": name,
            "Last year": round(before.get(name, 0) / unit),
            "Proposed": round(after.get(name, 0) / unit),
            "Benefit": round(rng.uniform(0.5, 3), 2),
        }
        for name in dict.fromkeys([*before, *after])
    ]
    sums = {heading: sum(area[heading] for area in areas) for heading in ("Last year", "Proposed")}
    budget = [{"Source": "All revenue", "Last year": sums["Last year"], str(year): sums["Proposed"]}]
    assert asked(small(tmp_path, areas, budget)) == {}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_scenarios_draw_no_doubt(name):
    assert doubts(shipped(name)) == ()


def test_the_example_draws_no_doubt(tmp_path):
    new_scenario(tmp_path / "new.xlsx")
    assert asked(tmp_path / "new.xlsx") == {}


@pytest.mark.parametrize(
    "areas",
    [
        [POLICE, FIRE, PARKS],
        [POLICE | {"Area": "Tổng cục Thuế"}, FIRE | {"Area": "Cộng đồng"}, PARKS],
        [{"Area": "A", "Last year": 10, "Benefit": 1}, {"Area": "B", "Last year": 20, "Benefit": 2},
         {"Area": "C", "Last year": 30, "Benefit": 3}, {"Area": "D", "Last year": 30, "Benefit": 1}],
        [POLICE | {"Last year": 1}, FIRE | {"Last year": 0}, PARKS | {"Last year": 89}],
        [POLICE | {"Maximum": 999999}, FIRE, PARKS],
        [{"Area": "Safety", "Last year": None}, POLICE | {"Part of": "Safety"}, FIRE | {"Part of": "Safety"}, PARKS],
        [POLICE | {"Area": "District 1"}, FIRE | {"Area": "District 2"}, PARKS | {"Area": "District 3"}],
        [POLICE, FIRE, PARKS | {"Last year": None}],
    ],
)  # fmt: skip
def test_what_is_right_is_not_asked_about(tmp_path, areas):
    assert asked(small(tmp_path, areas)) == {}


# ---- each kind, to the letter -------------------------------------------------------------------------------------


def test_a_subtotal(tmp_path):
    found = asked(small(tmp_path, [POLICE, FIRE, {"Area": "Subtotal safety", "Last year": 30}, PARKS]))
    assert found == {
        "Areas!A4": '"Subtotal safety" is the sum of the rows above (20 + 10): is it a subtotal? remove it, or type '
        "yes under Checked"
    }


@pytest.mark.parametrize("name", ["Public safety", "I. An ninh", "Cộng nhóm I", "of which: uniformed"])
def test_a_subtotal_by_any_name(tmp_path, name):
    assert list(asked(small(tmp_path, [POLICE, FIRE, {"Area": name, "Last year": 30}, PARKS]))) == ["Areas!A4"]


def test_one_figure_in_another_unit(tmp_path):
    areas = [POLICE, {"Area": "Commerce", "Last year": 35_655_094, "Benefit": 2}, PARKS]
    assert asked(small(tmp_path, areas)) == {
        "Areas!B3": "35,655,094 is 890,000 times its neighbours (40): another unit? type it in the scenario's, or type "
        "yes under Checked"
    }


def test_a_column_in_another_unit_is_one_doubt(tmp_path):
    areas = [
        area | {"Last year": area["Last year"] * 1000, "Proposed": area["Last year"]} for area in (POLICE, FIRE, PARKS)
    ]
    found = asked(small(tmp_path, areas))
    assert list(found) == ["Areas!B2:B4"]
    assert "90,000, 1,000 times the budget (90)" in found["Areas!B2:B4"]


def test_last_year_of_areas_and_budget_apart(tmp_path):
    found = asked(small(tmp_path, [POLICE, PARKS | {"Last year": 160}]))
    assert list(found) == ["Areas!B2:B3"]
    assert found["Areas!B2:B3"].startswith("Last year of the areas adds up to 180, Budget says 90:")


def test_a_row_of_column_numbers_and_a_note(tmp_path):
    numbers = {"Area": "A", "Last year": 1, "Benefit": 2}
    found = asked(small(tmp_path, [numbers, POLICE, FIRE, PARKS, {"Area": "Source: Department of Finance"}]))
    assert found == {
        "Areas!A2:C2": "is this a row of column numbers? remove it, or type yes under Checked",
        "Areas!A6": '"Source: Department of Finance" counts as an area: is it a note? remove it, or type yes under '
        "Checked",
    }


def test_column_numbers_that_are_no_amounts_are_one_problem(tmp_path):
    numbers = {"Source": "(1)", "Last year": "(2)", "2026": "(3) = (1)+(2)"}
    with pytest.raises(ScenarioError) as told:
        read_scenario(small(tmp_path, [POLICE, FIRE, PARKS], [numbers, *BUDGET]))
    assert [str(problem) for problem in told.value.problems] == [
        "Budget!A2:C2: is this a row of column numbers? remove it"
    ]


CITY = {"Source": "City", "Last year": 90, "2026": 100}


@pytest.mark.parametrize("factor", [1000, 10**6, 10**9])
def test_a_source_in_another_unit_is_one_doubt_at_its_row(tmp_path, factor):
    loans = {"Source": "Loans", "Kind": "other", "Last year": 4 * factor, "2026": 5 * factor}
    path = small(tmp_path, [POLICE, FIRE, PARKS], [CITY, loans])
    assert list(asked(path)) == ["Budget!B3:C3"]


def test_one_year_of_a_source_in_another_unit_is_a_doubt_at_its_cell(tmp_path):
    budget = [CITY | {"2027": 110}, {"Source": "Loans", "Kind": "other", "Last year": 4, "2026": 5, "2027": 5000}]
    assert list(asked(small(tmp_path, [POLICE, FIRE, PARKS], budget))) == ["Budget!D3"]


def test_a_band_in_another_unit_is_a_doubt_at_its_own_cell(tmp_path):
    parks = {"Area": "Parks", "Last year": 60}
    bands = [{"Area": "Parks", "Up to": end, "Benefit": 3 - n} for n, end in enumerate((0.05, 60, 80))]
    path = small(tmp_path, [POLICE, FIRE, parks], Benefits=bands)
    assert list(asked(path)) == ["Benefits!B2"]


def test_a_source_beside_which_others_are_small_is_none(tmp_path):
    loans = {"Source": "Loans", "Kind": "other", "Last year": 400, "2026": 500}
    assert asked(small(tmp_path, [POLICE, FIRE, PARKS], [CITY, loans])) == {}


@pytest.mark.parametrize("extra", [2, 4])
def test_an_area_that_is_as_much_as_the_sum_is_over_is_no_doubt(tmp_path, extra):
    assert asked(small(tmp_path, [POLICE, FIRE, PARKS, {"Area": "Reserve", "Last year": extra, "Benefit": 1}])) == {}


def test_no_area_is_a_subtotal_where_all_of_them_are_what_budget_says(tmp_path):
    schools = {"Area": "Schools", "Last year": 90, "Benefit": 3}
    budget = [CITY | {"Last year": 180}]
    assert asked(small(tmp_path, [schools, POLICE, FIRE, PARKS], budget)) == {}
    assert list(asked(small(tmp_path, [schools, POLICE, FIRE, PARKS]))) != []


def test_an_amount_in_rules_in_another_unit(tmp_path):
    rule = {"Rule": "Cap", "Area": "Parks", "Operator": "<=", "Value": 70, "Basis": "amount"}
    assert asked(small(tmp_path, [POLICE, FIRE, PARKS], Rules=[rule])) == {}
    assert list(asked(small(tmp_path, [POLICE, FIRE, PARKS], Rules=[rule | {"Value": 70_000}]))) == ["Rules!D2"]


def test_names_that_are_nearly_the_same(tmp_path):
    areas = [{"Area": "Education", "Last year": 40, "Benefit": 1}, {"Area": "Educatoin", "Last year": 50, "Benefit": 1}]
    assert list(asked(small(tmp_path, areas))) == ["Areas!A3"]


def test_a_share_that_lost_its_sign(tmp_path):
    rules = [
        {"Rule": f"R{i}", "Area": name, "Operator": ">=", "Value": value, "Basis": "budget"}
        for i, (name, value) in enumerate([("Police", 0.1), ("Fire", 0.0004), ("Parks", 0.05)])
    ]
    found = asked(small(tmp_path, [POLICE, FIRE, PARKS], Rules=rules))
    assert list(found) == ["Rules!D3"]
    assert found["Rules!D3"].startswith("0.04 % is very little; is 4 % meant?")


# ---- no benefit ---------------------------------------------------------------------------------------------------


def test_no_benefit_is_the_first_thing_said(tmp_path):
    path = small(tmp_path, [{"Area": "Police", "Last year": 30}, {"Area": "Parks", "Last year": 60, "Maximum": 80}])
    told = run_command(str(path), "-o", str(tmp_path / "plan.xlsx"))
    assert told.returncode == 0
    first, *rest = told.stdout.decode().split("\n\n")
    assert " ".join(first.split()).startswith("No area has a benefit, so every plan that keeps the rules is as good;")
    assert "type points per unit of money" in " ".join(rest[0].split())
    summary = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Summary"]
    assert str(summary["A2"].value).count("No area has a benefit") == 1
    assert run_command("verify", str(tmp_path / "plan.xlsx")).returncode == 0


# ---- Checked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["yes", "YES", True])
def test_checked_answers_a_doubt(tmp_path, word):
    areas = [POLICE, FIRE, {"Area": "Subtotal safety", "Last year": 30, "Checked": word}, PARKS | {"Last year": 30}]
    assert asked(small(tmp_path, areas)) == {}


def test_no_and_blank_answer_nothing_and_other_words_are_a_problem(tmp_path):
    areas = [POLICE, FIRE, {"Area": "Subtotal safety", "Last year": 30, "Checked": "no"}, PARKS]
    assert list(asked(small(tmp_path, areas))) == ["Areas!A4"]
    areas[2]["Checked"] = "seen"
    with pytest.raises(ScenarioError, match=r'Areas!D4 Checked: "seen" is not known here'):
        asked(small(tmp_path, areas))


@pytest.mark.parametrize("where", ["Areas", "Budget"])
def test_the_sum_of_last_year_is_answered_in_its_first_row_or_in_budget(tmp_path, where):
    yes = {"Checked": "yes"}
    areas = [POLICE | (yes if where == "Areas" else {}), PARKS | {"Last year": 160}]
    budget = [BUDGET[0] | (yes if where == "Budget" else {})]
    assert asked(small(tmp_path, areas, budget)) == {}


def test_no_benefit_is_answered_on_the_sheet_scenario(tmp_path):
    scenario = [
        {"Setting": "Unit", "Value": "million"},
        {"Setting": "Objective", "Value": "maximise benefit", "Checked": "yes"},
    ]
    path = small(tmp_path, [{"Area": "Police"}, {"Area": "Parks"}], Scenario=scenario)
    assert asked(path) == {}


# ---- where they are shown -----------------------------------------------------------------------------------------


@pytest.fixture
def doubtful(tmp_path) -> Path:
    return small(tmp_path, [POLICE, FIRE, {"Area": "Subtotal safety", "Last year": 30}, PARKS, {"Area": "Note: draft"}])


def test_check_lists_them_and_marks_them(tmp_path, doubtful):
    told = run_command("check", str(doubtful), "--mark", str(tmp_path / "marked.xlsx"))
    assert told.returncode == 1
    assert "it can be read; 2 doubts." in told.stdout.decode()
    assert told.stdout.decode().count("under Checked") == 2
    areas = openpyxl.load_workbook(tmp_path / "marked.xlsx")["Areas"]
    assert [cell.coordinate for row in areas.iter_rows() for cell in row if cell.comment] == ["A4", "A6"]


def test_allocate_plans_and_shows_them(tmp_path, doubtful):
    told = run_command(str(doubtful), "-o", str(tmp_path / "plan.xlsx"))
    assert told.returncode == 0
    assert '? Areas!A4 Area: "Subtotal safety" is the sum' in told.stdout.decode()
    said = told.stdout.decode().partition("Plan: ")[0].splitlines()
    assert max(map(len, said)) <= 80
    assert not any(line.endswith("…") for line in said)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    warned = [cell.value for row in book["Warnings"].iter_rows() for cell in row]
    texts = [doubt.message for doubt in doubts(read_scenario(doubtful))]
    assert all(warned.count(text) == 1 for text in texts)
    assert all(text in str(book["Summary"]["A3"].value) for text in texts)
    assert run_command("verify", str(tmp_path / "plan.xlsx")).returncode == 0


def test_json_and_python_have_them(doubtful):
    plan = optimise(read_scenario(doubtful))
    assert json.loads(plan.to_json())["doubts"] == plan.doubts.to_dict("records")
    assert list(plan.doubts["cell"]) == ["Areas!A4", "Areas!A6"]


def test_where_no_plan_exists_they_are_shown_too(tmp_path):
    areas = [POLICE | {"Minimum": 200}, FIRE, {"Area": "Subtotal safety", "Last year": 30}, PARKS]
    told = run_command(str(small(tmp_path, areas)), "-o", str(tmp_path / "plan.xlsx"))
    assert told.returncode == 1
    assert '? Areas!A4 Area: "Subtotal safety"' in told.stdout.decode()
    summary = [
        cell.value for row in openpyxl.load_workbook(tmp_path / "plan.xlsx")["Summary"].iter_rows() for cell in row
    ]
    assert any(str(value).startswith('• Areas!A4 Area: "Subtotal safety"') for value in summary)


def test_a_changed_scenario_has_the_doubts_of_its_own_cells(doubtful):
    scenario = read_scenario(doubtful)
    other = Patches(scenario).at({Cell("Areas", 4, 2): 31, Cell("Areas", 3, 3): 5})
    assert [doubt.message for doubt in doubts(other) if doubt.cell == "Areas!A4"] == [
        '"Subtotal safety" sounds like a sum of other rows: is it one? remove it, or type yes under Checked'
    ]
