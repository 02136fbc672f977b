"""What each rule costs as a whole: against plans of workbooks without it."""

import json

import pytest
from python_calamine import CalamineWorkbook

from allocator import optimise, read_scenario
from commands import allocate, infeasible, small, write_book
from content_workbook import write_content
from random_scenarios import seeded

HEADINGS = ["Rule", "Area", "Operator", "Value", "Basis", "Strength"]


def rules(*rows: list) -> dict:
    """The small scenario with other rules."""
    return small(Rules=[HEADINGS, *rows])


@pytest.fixture
def costs(tmp_path):
    """Rule → what switching it does, of a workbook with these sheets."""

    def found(sheets):
        plan = optimise(read_scenario(write_book(tmp_path / "scenario.xlsx", sheets)))
        return {cost.rule.name: cost for cost in plan.result.rule_costs}

    return found


def test_a_rule_that_binds_costs_what_the_plan_without_it_brings_more(costs):
    # 60 for schools at 3, 40 for roads at 2; without the floor schools get all
    cost = costs(small())["Roads first"]
    assert cost.change == 40
    assert cost.money == 40
    assert sorted(cost.moves) == [("Giáo dục", 2026, 40.0), ("Roads", 2026, -40.0)]


def test_a_rule_with_room_costs_nothing_and_one_that_is_off_is_switched_on(costs):
    found = costs(
        rules(
            ["Roads first", "Roads", ">=", "40 %", "budget", None],
            ["Schools a little", "Giáo dục", ">=", "20 %", "budget", None],
            ["Roads half", "Roads", ">=", "50 %", "budget", "off"],
            ["Schools most", "Giáo dục", ">=", "70 %", "budget", "off"],
        )
    )
    assert (found["Schools a little"].change, found["Schools a little"].moves) == (0, ())
    assert (found["Roads half"].on, found["Roads half"].change) == (False, -10)
    assert found["Schools most"].change is None


def test_two_rules_that_ask_for_the_same_cost_nothing_one_by_one(costs):
    same = ["Roads", ">=", "40 %", "budget", None]
    found = costs(rules(["One", *same], ["Other", *same]))
    assert [cost.change for cost in found.values()] == [0, 0]


def test_goals_that_are_met_without_a_rule_are_named(costs):
    found = costs(
        rules(
            ["Roads first", "Roads", ">=", "40 %", "budget", None],
            ["Schools most", "Giáo dục", ">=", "70 %", "budget", "goal 1"],
        )
    )
    assert found["Roads first"].missed == (("Schools most 2026", -10),)
    # without the goal nothing changes: the floor holds schools where they are
    assert found["Schools most"].change == 0


@pytest.mark.parametrize("seed", [0, 3, 5, 9])
def test_as_in_a_workbook_without_the_rule(tmp_path, seed):
    content = seeded(seed)
    plan = optimise(read_scenario(write_content(content, tmp_path / "with.xlsx")))
    for cost in plan.result.rule_costs:
        other = {**content, "Rules": [dict(row) for row in content["Rules"]]}
        row = next(row for row in other["Rules"] if row["Rule"] == cost.rule.name)
        row["Strength"] = "off" if cost.on else "must"
        switched = optimise(read_scenario(write_content(other, tmp_path / "without.xlsx")), explain=False)
        if cost.change is None:
            assert switched.status == "infeasible"
        else:
            before, after = plan.unrounded_objective, switched.unrounded_objective
            assert before + cost.change == pytest.approx(after, rel=1e-7, abs=1e-7)


def test_on_a_sheet_in_json_and_on_the_console(tmp_path):
    book = write_book(tmp_path / "scenario.xlsx", small())
    done = allocate(book, "-o", tmp_path / "plan.xlsx")
    assert "Dearest as a whole: Roads first; without it the best plan brings 40" in done.stdout.decode()
    sheet = CalamineWorkbook.from_path(tmp_path / "plan.xlsx").get_sheet_by_name("Rule costs")
    heads, line = sheet.to_python()[4:6]
    shown = dict(zip(heads, line, strict=True))
    assert (shown["Rule"], shown["Switched"], shown["As it is"], shown["Change"]) == ("Roads first", "off", 260, 40)
    assert (shown["With it switched"], shown["Gains"], shown["Loses"]) == (300, "Giáo dục +40", "Roads −40")
    (told,) = json.loads(allocate(book, "--json").stdout)["rule_costs"]
    assert (told["rule"], told["on"], told["change"], told["objective"], told["money"]) == (
        "Roads first", True, 40, 300, 40,
    )  # fmt: skip
    assert allocate("verify", tmp_path / "plan.xlsx").returncode == 0


def test_without_a_plan_there_are_none(costs):
    assert costs(infeasible()) == {}
