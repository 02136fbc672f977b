"""The oracle against hand-computed examples, and its two solvers against each other."""

from fractions import Fraction

import pytest

from content_workbook import WORDS, scenario
from oracle import LAST_BASES, check_plan, objective_of, rows
from oracle_meaning import Meaning
from oracle_solve import solve_exact, solve_float
from quick_part import quick_part
from random_scenarios import seeded


def amounts(plan: dict) -> dict:
    return {(area, year): float(amount) for (area, year, _), amount in plan.items()}


AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}]


def test_share_of_the_budget():
    # 100 to spend, roads at least 40 %: 60·3 + 40·2.
    found = solve_exact(scenario(areas=AREAS, Rules=[floor("budget", 0.4)]))
    assert (found.objective, amounts(found.plan)) == (260, {("schools", 2026): 60, ("roads", 2026): 40})


def floor(basis: str, value: float, operator: str = ">=", **more) -> dict:
    return {"Rule": "Floor", "Area": "Roads", "Operator": operator, "Value": value, "Basis": basis, **more}


def test_share_of_spending_and_of_an_area():
    assert solve_exact(scenario(areas=AREAS, Rules=[floor("spending", 0.25)])).objective == 275
    assert solve_exact(scenario(areas=AREAS, Rules=[floor("Schools", 1)])).objective == 250


def test_strict_by_one_step_or_a_millionth_of_the_constant():
    whole = scenario(areas=AREAS, settings={"Step": 1}, Rules=[floor("budget", 0.4, ">")])
    assert solve_exact(whole).objective == 259
    fine = scenario(areas=AREAS, Rules=[floor("budget", 0.4, ">")])
    assert solve_exact(fine).objective == 260 - 40 * Fraction(1, 10**6)


def test_last_year_bases():
    areas = [{**AREAS[0], "Last year": 60}, {**AREAS[1], "Last year": 40}]
    budget = [{"Source": "City", "Last year": 80, 2026: 100, 2027: 120}]

    def least(basis: str, value: float) -> dict:
        rule = floor(basis, value)
        return amounts(solve_exact(scenario(areas=areas, budget=budget, Rules=[rule])).plan)

    assert least("last year", 0.5) == {
        ("schools", 2026): 80,
        ("schools", 2027): 110,
        ("roads", 2026): 20,
        ("roads", 2027): 10,
    }
    assert least("change on last year", -0.1)["roads", 2027] == pytest.approx(32.4)
    assert least("last year's share", 1) == {
        ("schools", 2026): 50, ("roads", 2026): 50, ("schools", 2027): 60, ("roads", 2027): 60,
    }  # fmt: skip
    assert least("points on last year's share", 0.05)["roads", 2026] == 55
    assert least("points on last year's share", 0.05)["roads", 2027] == 72


def test_carry_over_and_spend_all():
    budget = [{"Source": "City", 2026: 100, 2027: 50, "Carry over": "yes", "Spend": "all"}]
    areas = [{"Area": "Schools", "Benefit": -1, "Maximum": 80}, {"Area": "Roads", "Benefit": -2}]
    found = solve_exact(scenario(areas=areas, budget=budget, settings={"Discount rate": 0.25}))
    # The earlier money may wait: 80 in 2027 to schools; 70 in 2026 to schools (−1), cheaper than −2/1.25.
    assert amounts(found.plan) == {("schools", 2026): 70, ("schools", 2027): 80, ("roads", 2026): 0, ("roads", 2027): 0}
    assert found.objective == -70 - 80 / Fraction(5, 4)


def test_bands_in_some_years_and_of_last_year():
    areas = [{"Area": "Schools", "Last year": 50, "Benefit": 1}]
    budget = [{"Source": "City", 2026: 100, 2027: 100}]
    bands = [
        {"Area": "Schools", "Up to, of last year": 0.5, "Benefit": 3, "Years": 2027},
        {"Area": "Schools", "Up to": 60, "Benefit": 0.5, "Years": 2027},
    ]
    found = solve_exact(scenario(areas=areas, budget=budget, Benefits=bands))
    assert found.objective == 100 + 25 * 3 + 35 * Fraction(1, 2)


def test_indicator_measured_from_last_year_with_weight():
    areas = [{"Area": "Schools", "Last year": 50}, {"Area": "Roads", "Benefit": 1}]
    points = {"Spending 1": 10, "Result 1": 0, "Spending 2": 20, "Result 2": 5}
    sheets = {
        "Indicators": [{"Indicator": "Places", "Baseline": 7, "Measured from": "last year", "Weight": 0.1}],
        "Effects": [{"Area": "Schools", "Indicator": "Places"} | points],
    }
    assert solve_exact(scenario(areas=areas, **sheets)).objective == 100
    most = solve_exact(scenario(areas=areas, settings={"Objective": "maximise places"}, **sheets))
    assert most.objective == 7 + Fraction(1, 2) * (100 - 50)


def test_goals_in_order_of_priority():
    rules = [
        {"Rule": "A", "Area": "Schools", "Operator": ">=", "Value": 0.7, "Basis": "budget", "Strength": "goal 1"},
        {"Rule": "B", "Area": "Roads", "Operator": "=", "Value": 60, "Basis": "amount", "Strength": "goal 2"},
    ]
    found = solve_exact(scenario(areas=AREAS, Rules=rules))
    assert found.goals == {1: 0, 2: Fraction(3, 10)}
    assert amounts(found.plan) == {("schools", 2026): 70, ("roads", 2026): 30}


def test_together_sums_both_sides():
    budget = [{"Source": "City", 2026: 100, 2027: 50}]
    rule = floor("budget", 0.5, Years="2026-2027 together")
    assert solve_exact(scenario(areas=AREAS, budget=budget, Rules=[rule])).objective == 75 * 3 + 75 * 2


def test_parts_and_groups_comprise_areas_without_parts():
    areas = [
        {"Area": "All", "Group": "G"}, {"Area": "Middle", "Part of": "All"}, {"Area": "X", "Part of": "Middle"},
        {"Area": "Y", "Part of": "All", "Group": "G"}, {"Area": "Z", "Sources": "City"},
    ]  # fmt: skip
    m = Meaning(scenario(areas=areas))
    assert m.comprised("all") == m.comprised("g") == ["x", "y"]
    assert m.comprised("middle") == ["x"]
    assert m.comprised("total") == ["x", "y", "z"]


def test_every_area_leaves_out_the_basis_and_what_its_sources_may_not_pay():
    budget = [{"Source": "City", 2026: 100}, {"Source": "Donors", "Kind": "other", 2026: 10}]
    areas = [*AREAS, {"Area": "Parks", "Sources": "Donors"}, {"Area": "Sport"}]
    rule = {"Rule": "Each", "Area": "every area", "Operator": "<=", "Value": 0.5, "Basis": "Schools"}
    found = [
        row.name for row in rows(Meaning(scenario(areas=areas, budget=budget, Rules=[rule]))) if row.kind == "rule"
    ]
    assert found == ["each: roads", "each: sport"]


def test_ties_prefer_last_year_then_an_even_mix_then_the_first():
    areas = [{"Area": "A", "Benefit": 1, "Last year": 30}, {"Area": "B", "Benefit": 1}]
    found = solve_exact(scenario(areas=areas))
    assert found.tied
    assert amounts(found.plan) == {("a", 2026): 30, ("b", 2026): 70}
    budget = [{"Source": "City", 2026: 75}, {"Source": "State", 2026: 25}]
    mixed = solve_exact(scenario(areas=areas, budget=budget)).plan
    assert mixed["a", 2026, "city"] == Fraction(45, 2)
    blank = [{"Area": "A", "Benefit": 1}, {"Area": "B", "Benefit": 1}]
    assert amounts(solve_exact(scenario(areas=blank)).plan) == {("a", 2026): 100, ("b", 2026): 0}


def test_the_judge_finds_what_is_wrong():
    content = scenario(areas=AREAS, settings={"Step": 1}, Rules=[floor("budget", 0.4, ">")])

    def judge(schools: float, roads: float) -> list[str]:
        given = {"Schools": schools, "Roads": roads}
        plan = [{"area": area, "year": 2026, "source": "City", "amount": value} for area, value in given.items()]
        assert objective_of(content, plan) == 3 * Fraction(str(schools)) + 2 * Fraction(str(roads))
        return check_plan(content, plan)

    assert judge(59, 41) == []
    assert judge(60, 40) == ["floor 2026: > broken by 1"]
    assert judge(60, 41) == ["budget: city 2026: <= broken by 1"]


def test_infeasible():
    assert solve_exact(scenario(areas=AREAS, Rules=[floor("amount", 101)])).status == "infeasible"
    assert solve_float(scenario(areas=AREAS, Rules=[floor("amount", 101)])).status == "infeasible"


@pytest.mark.parametrize("seed", quick_part(range(40), 10))
def test_both_solvers_agree(seed):
    content = seeded(seed)
    exact, rough = solve_exact(content, ties=False), solve_float(content)
    assert exact.status == rough.status
    if exact.status == "optimal":
        assert rough.objective == pytest.approx(float(exact.objective), rel=1e-6, abs=1e-3)
        assert rough.goals == pytest.approx({k: float(v) for k, v in exact.goals.items()}, abs=1e-8)


@pytest.mark.slow
def test_random_scenarios_cover_the_rules():
    """What the property tests can be trusted with: every basis with every operator, and each feature somewhere."""
    contents = [seeded(seed) for seed in range(500)]
    rules = [rule for content in contents for rule in content.get("Rules", [])]
    bases = {rule["Basis"] for rule in rules}
    named = ("amount", "budget", "spending", *LAST_BASES)
    assert bases >= set(named)
    assert len(bases) > len(named)
    assert {(rule["Basis"], rule["Operator"]) for rule in rules} >= {(basis, op) for basis in named for op in WORDS}
    assert {rule.get("Strength", "must") for rule in rules} == {"must", "law", "goal 1", "goal 2", "goal 5", "off"}
    assert any("together" in str(rule.get("Years")) for rule in rules)
    assert any(rule["Area"].startswith("every area in") for rule in rules)
    assert {len(content["Budget"]) for content in contents} == {1, 2, 3, 4}
    statuses = [solve_exact(content, ties=False).status for content in contents[:150]]
    assert 0.6 < statuses.count("optimal") / len(statuses) < 0.95
