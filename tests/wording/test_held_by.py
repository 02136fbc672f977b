"""What is said to hold an amount is true of it."""

from fractions import Fraction

import pytest

from allocator import Plan, optimise, read_scenario
from allocator.wording.names import held_by_text
from content_workbook import write_content

CITY = {"Source": "City", "2026": 100}


def plan(tmp_path, areas: list[dict], objective: str = "maximise benefit", **sheets: list[dict]) -> Plan:
    settings = [("Unit", "million"), ("Step", 1), ("Objective", objective)]
    content = {
        "Scenario": [{"Setting": name, "Value": value} for name, value in settings],
        "Budget": [CITY],
        "Areas": areas,
        **sheets,
    }
    return optimise(read_scenario(write_content(content, tmp_path / "scenario.xlsx")))


def held(made: Plan) -> dict[str, str]:
    return {a.area: held_by_text(a.held_by) for a in made.result.allotments}


def test_the_only_area_has_all_the_money(tmp_path):
    assert held(plan(tmp_path, [{"Area": "Roads", "Benefit": 2}])) == {
        "Roads": "all money from City is spent (Budget!B2)"
    }


def test_the_best_and_the_second_best(tmp_path):
    areas = [{"Area": "Roads", "Benefit": 2, "Maximum": 60}, {"Area": "Schools", "Benefit": 1}, {"Area": "Parks"}]
    assert held(plan(tmp_path, areas)) == {
        "Roads": "Maximum: Roads (Areas!C2)",
        "Schools": "all money from City is spent (Budget!B2)",
        "Parks": "money from City does more elsewhere (Budget!B2)",
    }


@pytest.mark.parametrize(
    ("objective", "benefit", "says"),
    [
        ("maximise benefit", 0, "more adds nothing"),
        ("maximise benefit", -1, "more makes the objective worse"),
        ("minimise spending", 1, "more makes the objective worse"),
    ],
)
def test_more_that_would_not_help(tmp_path, objective, benefit, says):
    areas = [{"Area": "Roads", "Benefit": benefit, "Minimum": 5}]
    assert held(plan(tmp_path, areas, objective)) == {"Roads": says}


def test_an_equality_that_no_whole_steps_reach_is_named(tmp_path):
    rule = {"Rule": "A third", "Area": "A", "Operator": "=", "Value": 0.333, "Basis": "budget"}
    made = plan(tmp_path, [{"Area": "A", "Benefit": 5}, {"Area": "B", "Benefit": 1}], Rules=[rule])
    assert made.objective == 34 * 5 + 66
    assert any("A third 2026" in message for message in made.messages)
    # no plan that keeps the rule to within a Step has more than 34.3 in A
    assert made.result.certificate.objective.bound == Fraction("237.2")
    assert made.result.certificate.exact
