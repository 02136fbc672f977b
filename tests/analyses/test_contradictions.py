"""What `check` says where no plan exists, and nowhere else: at a cell that may be changed, and what to type there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from allocator.analyses.existence import Contradiction, contradictions
from allocator.errors import ScenarioError
from allocator.programme.build import build
from allocator.programme.elastic import Elastic
from allocator.programme.solve import solve
from allocator.programme.status import Deadline, Status
from allocator.scenario.model import Scenario
from allocator.scenario.reading import read_scenario, reread
from allocator.wording.contradictions import no_plan
from commands import Sheets, infeasible, run_command, small, write_book
from content_workbook import write_content
from random_scenarios import seeded

RULES = ["Rule", "Area", "Operator", "Value", "Basis", "Years", "Strength", "Legal basis"]
TWO_YEARS = {
    "Budget": [["Source", "Last year", 2026, 2027], ["City budget", 90, 100, 120]],
    "Areas": [["Area", "Last year", "Benefit"], ["Schools", 60, 3], ["Roads", 30, 2]],
}  # fmt: skip


def found(tmp_path: Path, **changes: list[list[object]] | None) -> list[str]:
    return told(tmp_path, small(**changes))


def told(tmp_path: Path, sheets: Sheets) -> list[str]:
    scenario = read_scenario(write_book(tmp_path / "scenario.xlsx", sheets))
    problems = no_plan(scenario)
    assert bool(problems) == (solve(build(scenario)).status is Status.INFEASIBLE)
    return [str(problem) for problem in problems]


def rule(name: str, area: str, operator: str, value: object, basis: str, *more: object) -> list[object]:
    return [name, area, operator, value, basis, *more]


# -- what is said ----------------------------------------------------------------------------------------------------


def test_floors_above_the_whole_budget(tmp_path):
    (said,) = told(tmp_path, infeasible())
    assert said.startswith("Rules!D3: no plan can exist: in 2026")
    assert "110 million in all, but Budget: City budget (Budget!C2) has only 100" in said
    assert said.endswith("type at most 60% in Rules!D3 or at most 30% in Rules!D2")


def test_what_it_says_to_type_makes_a_plan(tmp_path):
    sheets = infeasible()
    sheets["Rules"][-1][3] = "60%"
    assert told(tmp_path, sheets) == []
    assert solve(build(read_scenario(tmp_path / "scenario.xlsx"))).status is Status.OPTIMAL


def test_minimums_above_all_money(tmp_path):
    areas = [["Area", "Minimum", "Benefit"], ["Schools", 70, 3], ["Roads", 40, 2]]
    (said,) = found(tmp_path, Areas=areas, Rules=None)
    assert "Minimum: Schools (Areas!B2) and Minimum: Roads (Areas!B3) ask for at least 110" in said
    assert said.endswith("type at most 60 in Areas!B2 or at most 30 in Areas!B3 or at least 110 in Budget!C2")


def test_all_of_them_at_once_though_they_are_held_against_the_same_money(tmp_path):
    areas = [["Area", "Benefit"], ["Schools", 3], ["Roads", 2]]
    rules = [RULES, rule("A", "Roads", ">=", 120, "amount"), rule("B", "Schools", ">=", 130, "amount")]
    said = found(tmp_path, Areas=areas, Rules=rules)
    assert [text.partition(":")[0] for text in said] == ["Rules!D3", "Rules!D2"]
    assert said[0].endswith("but Budget: City budget (Budget!C2) has only 100; type at most 100 in Rules!D3 or "
                            "at least 130 in Budget!C2")  # fmt: skip


def in_haste(tmp_path: Path, rules: list[list[object]]) -> list[str]:
    """What is told where there is no time to look for few rows: what exact multipliers name."""
    scenario = read_scenario(write_book(tmp_path / "scenario.xlsx", small(**TWO_YEARS, Rules=rules)))
    return [str(problem) for problem in no_plan(scenario, Deadline(0))]


def test_without_time_each_year_is_told_by_itself(tmp_path):
    rules = [
        RULES,
        rule("A", "Roads", ">=", "70%", "budget", 2026),
        rule("B", "Schools", ">=", "60%", "budget"),
        rule("C", "Roads", ">=", "80%", "budget", 2027),
    ]
    first, second = in_haste(tmp_path, rules)
    assert '"A" (Rules!D2) and "B" (Rules!D3) ask for at least 130 million in all' in first
    assert '"C" (Rules!D4) and "B" (Rules!D3) ask for at least 168 million in all' in second


def test_without_time_what_clashes_across_years_alone_is_told_too(tmp_path):
    rules = [
        RULES,
        rule("Much", "Roads", ">=", 90, "amount", 2026),
        rule("More", "Roads", ">=", "200%", "last year", 2027),
    ]
    (said,) = in_haste(tmp_path, rules)
    assert all(name in said for name in ("Much", "More", "Budget: City budget"))


def test_a_law_is_never_the_one_to_change(tmp_path):
    rules = [
        RULES,
        rule("Law", "Roads", ">=", "60%", "budget", None, "law", "Law 12/2024"),
        rule("Cap", "Roads", "<=", "50%", "budget"),
    ]
    (said,) = found(tmp_path, Rules=rules, Areas=[["Area", "Benefit"], ["Schools", 3], ["Roads", 2]])
    assert said.startswith("Rules!D3: ")
    assert '"Law" (Rules!D2; Law 12/2024) asks for at least 60' in said
    assert said.endswith("type at least 60% in Rules!D3")


def test_a_maximum_below_what_a_share_asks(tmp_path):
    rules = [RULES, rule("Law", "Roads", ">=", "80%", "budget", None, "law")]
    (said,) = found(tmp_path, Rules=rules)
    assert "Maximum: Roads (Areas!D3) allows at most 70; type at least 80 in Areas!D3" in said


def test_an_area_that_no_source_may_pay(tmp_path):
    budget = [["Source", "Kind", 2026], ["City budget", "budget", 100], ["Loans", "other", 50]]
    areas = [["Area", "Benefit", "Sources"], ["Schools", 3, None], ["Roads", 2, "Loans"]]
    rules = [RULES, rule("Floor", "Roads", ">=", "10%", "budget")]
    try:
        said = found(tmp_path, Budget=budget, Areas=areas, Rules=rules)
    except ScenarioError as error:
        said = [str(problem) for problem in error.problems]
    assert any(text.startswith("Rules!") and "pay" in text for text in said)


def test_growth_beyond_the_cap(tmp_path):
    rules = [
        RULES,
        rule("Growth", "Roads", ">=", "50%", "change on last year"),
        rule("Cap", "Roads", "<=", 50, "amount"),
    ]
    (said,) = found(tmp_path, **TWO_YEARS, Rules=rules)
    assert said.startswith("Rules!D3: ")
    assert '"Growth" (Rules!D2)' in said
    assert said.endswith("type at least 67.5 in Rules!D3")


def test_the_same_in_several_years_is_told_once_and_what_to_type_is_enough_for_all(tmp_path):
    areas = [["Area", "Last year", "Minimum share", "Maximum", "Benefit"], ["Schools", 60, "80%", 70, 3], ["Roads", 30]]
    (said,) = found(tmp_path, Budget=TWO_YEARS["Budget"], Areas=areas, Rules=None)
    assert "in 2027 Minimum share: Schools (Areas!C2) asks for at least 96" in said
    assert "(and so in 2026)" in said
    assert said.endswith("type at most 58.3333% in Areas!C2 or at least 96 in Areas!D2")


def test_what_shares_a_row_with_a_contradiction_counts_in_what_to_type(tmp_path):
    rules = [
        RULES,
        rule("Floor", "Roads", ">=", "25%", "budget"),
        rule("Law", "Roads", ">=", "30%", "budget", None, "law"),
        rule("Cap", "Roads", "<=", "20%", "budget"),
    ]
    (said,) = found(tmp_path, Rules=rules, Areas=[["Area", "Benefit"], ["Schools", 3], ["Roads", 2]])
    assert '"Floor" (Rules!D2) asks for at least 25' in said
    assert said.endswith("type at least 30% in Rules!D4")


def test_contradictions_that_share_no_demand_are_all_told(tmp_path):
    areas = [["Area", "Minimum", "Benefit"], ["Schools", 20, 3], ["Roads", 30, 2]]
    caps = [rule("Few schools", "Schools", "<=", 10, "amount"), rule("Few roads", "Roads", "<=", 20, "amount")]
    said = found(tmp_path, Areas=areas, Rules=[RULES, *caps])
    assert {text.partition(":")[0] for text in said} == {"Areas!B2", "Areas!B3"}
    assert all("type at most" in text for text in said)


def test_caps_that_leave_money_that_must_be_spent(tmp_path):
    budget = [["Source", 2026, "Spend"], ["City budget", 100, "all"]]
    areas = [["Area", "Maximum", "Benefit"], ["Schools", 40, 3], ["Roads", 50, 2]]
    (said,) = found(tmp_path, Budget=budget, Areas=areas, Rules=None)
    assert "Maximum: Schools (Areas!B2) and Maximum: Roads (Areas!B3) allow at most 90" in said


def test_a_rule_over_several_years_together(tmp_path):
    rules = [RULES, rule("Programme", "Roads", ">=", 300, "amount", "2026-2027 together")]
    assert found(tmp_path, **TWO_YEARS, Rules=rules)[0].startswith("Rules!D2: ")
    rules[1][3] = 220
    assert found(tmp_path, **TWO_YEARS, Rules=rules) == []


def test_a_cap_below_nothing(tmp_path):
    rules = [RULES, rule("Cut", "Roads", "<=", "-150%", "change on last year")]
    (said,) = found(tmp_path, Rules=rules)
    assert '"Cut" (Rules!D2) would need spending of \N{MINUS SIGN}15 million or less' in said
    assert said.endswith("type at least -100% in Rules!D2")


@pytest.mark.parametrize(("target", "reached"), [(201, None), (199, True)])
def test_a_target_that_no_money_reaches(tmp_path, target, reached):
    sheets = small(
        Indicators=[["Indicator", "Baseline", "Operator", "Target", "Year"], ["Pupils", 60, ">=", target, 2026]],
        Effects=[["Area", "Pupils"], ["Giáo dục", 2], ["Roads", 0]],
        Areas=[["Area", "Maximum", "Benefit"], ["Giáo dục", 70, 3], ["Roads", None, 2]],
        Rules=None,
    )
    said = told(tmp_path, sheets)
    if reached:
        assert said == []
    else:
        assert said[0].startswith("Indicators!D2 Target: no plan can exist: Pupils can't be brought to 201 by 2026: ")
        assert "“Maximum: Giáo dục” leaves it at 200 at most" in said[0]
        assert "type at most 200 in Indicators!D2 or at least 70.5 in Areas!B2, or make it a goal" in said[0]


def test_goals_and_rules_that_are_off_contradict_nothing(tmp_path):
    for strength in ("goal 1", "off"):
        sheets = infeasible()
        sheets["Rules"] = [[*row, "Strength" if not i else strength] for i, row in enumerate(sheets["Rules"])]
        assert told(tmp_path, sheets) == []


# -- the command -----------------------------------------------------------------------------------------------------


def test_check_tells_and_marks_them(tmp_path):
    path = write_book(tmp_path / "scenario.xlsx", infeasible())
    told = run_command("check", path, "--mark", tmp_path / "marked.xlsx", env={"PYTHONUTF8": "1"})
    text = told.stdout.decode()
    assert told.returncode == 1
    assert "it can be read, but no plan can exist" in text
    assert "• Rules!D3: no plan can exist" in text
    assert (tmp_path / "marked.xlsx").exists()
    assert read_scenario(path).title == "Hai lĩnh vực"


# -- property --------------------------------------------------------------------------------------------------------


def outcomes(tmp_path: Path, seeds: range, size: str) -> tuple[int, int, int]:
    """Count scenarios with a plan, without one, and cells to type that end a contradiction; anything untrue fails."""
    planned = without = ways = 0
    for seed in seeds:
        try:
            scenario = read_scenario(write_content(seeded(seed, size), tmp_path / "scenario.xlsx"))
        except ScenarioError:
            continue
        problems = contradictions(scenario)
        if solve(build(scenario)).status is Status.INFEASIBLE:
            without += 1
            assert problems, f"seed {seed}: not told"
            ways += sum(map(ends, [scenario] * len(problems), problems))
        else:
            planned += 1
            assert problems == (), f"seed {seed}: {problems[0]}"
    return planned, without, ways


def ends(scenario: Scenario, found: Contradiction) -> int:
    """Count the cells that are advised, having typed each: then the demands can stand together."""
    alike = {(member.row.name, member.row.year) for member in found.conflict.members}
    for way in found.ways:
        programme = build(reread(scenario, {way.cell: float(way.value)}))
        rows = tuple(row for row in programme.rows if (row.name, row.year) in alike)
        assert all(row.slack({}) >= 0 for row in rows if not row.body.terms), str(way.cell)
        assert Elastic(replace(programme, rows=rows)).feasible(exactly=True), str(way.cell)
    return len(found.ways)


@pytest.mark.slow
def test_told_where_no_plan_exists_and_nowhere_else(tmp_path):
    planned, without, ways = outcomes(tmp_path, range(60), "small")
    assert planned > 30
    assert ways > without > 3


@pytest.mark.slow
@pytest.mark.parametrize("size", ["tiny", "small", "medium"])
def test_told_on_hundreds_of_scenarios_and_nowhere_else(tmp_path, size, share):
    seeds = share(range(1000, 1300))
    planned, without, ways = outcomes(tmp_path, seeds, size)
    assert planned > 150 or len(seeds) < 300
    assert ways > without or len(seeds) < 300
