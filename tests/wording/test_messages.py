"""What is said where every plan is equally good."""

import pytest

from allocator import optimise, read_scenario
from content_workbook import write_content


@pytest.mark.parametrize(
    ("objective", "says"),
    [("maximise benefit", "no area has a benefit"), ("maximise Homes", 'No area has an effect on "Homes"')],
)
def test_an_objective_that_no_money_moves(tmp_path, objective, says):
    content = {
        "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Objective", "Value": objective}],
        "Budget": [{"Source": "City", "2026": 10}],
        "Areas": [{"Area": "Roads"}],
        "Indicators": [{"Indicator": "Homes", "Unit": "homes"}],
    }
    plan = optimise(read_scenario(write_content(content, tmp_path / "scenario.xlsx")))
    said = [*plan.messages, *plan.doubts["text"]]
    assert sum(text.startswith(says) for text in said) == 1
