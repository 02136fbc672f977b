"""Published optima, found again through the workbook."""

import json
import math

import pytest

from allocator import optimise, read_scenario
from allocator.analyses.result import Result
from commands import run_command
from content_workbook import write_content
from exact_figures import TABLES, result_of
from oracle_solve import solve_exact
from textbook import CASES, NEGATIVE, has_free_variable, one_sided, row_name, scenario_of, unique_plan

FEASIBLE = [name for name, case in CASES.items() if "objective" in case["computed"]]
INFEASIBLE = [name for name, case in CASES.items() if "objective" not in case["computed"]]
SINGLE_PRICES = [name for name in FEASIBLE if not CASES[name]["computed"]["degenerate_prices"]]


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The JSON of each case, computed once."""
    done: dict[str, dict] = {}

    def of(name: str) -> dict:
        if name not in done:
            path = write_content(scenario_of(CASES[name]), tmp_path_factory.mktemp("cases") / f"{name}.xlsx")
            done[name] = json.loads(optimise(read_scenario(path)).to_json())
        return done[name]

    return of


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    """The same as a Result, which tells what is without limit from what is not known."""
    done: dict[str, Result] = {}

    def of(name: str) -> Result:
        if name not in done:
            done[name] = result_of(scenario_of(CASES[name]), tmp_path_factory.mktemp("figures"))
        return done[name]

    return of


def values(result: dict) -> dict[str, float]:
    found: dict[str, float] = {}
    for entry in result["allocation"]:
        sign = -1 if entry["area"].endswith(NEGATIVE) else 1
        name = entry["area"].removesuffix(NEGATIVE)
        found[name] = found.get(name, 0) + sign * entry["amount"]
    return found


def test_the_cases_are_all_here():
    assert (len(FEASIBLE), len(INFEASIBLE)) == (14, 3)


@pytest.mark.parametrize("name", FEASIBLE)
def test_objective(name, result):
    case = CASES[name]
    assert result(name)["status"] == "optimal"
    assert result(name)["objective"] == pytest.approx(case["computed"]["objective"], rel=1e-7, abs=1e-7)
    published = case["published"].get("objective", case["published"].get("objective_rounded"))
    decimals = len(str(published).partition(".")[2])
    assert result(name)["objective"] == pytest.approx(published, rel=1e-6, abs=10.0**-decimals / 2)


@pytest.mark.parametrize("name", [name for name in FEASIBLE if unique_plan(CASES[name])])
def test_plan_where_there_is_only_one(name, result):
    assert values(result(name)) == pytest.approx(unique_plan(CASES[name]), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", [name for name in FEASIBLE if not unique_plan(CASES[name])])
def test_plan_among_several(name, result):
    for variable, (low, high) in CASES[name]["computed"]["x_range_over_optimal_solutions"].items():
        assert float(low) - 1e-6 <= values(result(name))[variable] <= float(high) + 1e-6
    exact = {area: float(amount) for (area, _, _), amount in solve_exact(scenario_of(CASES[name])).plan.items()}
    assert {e["area"].casefold(): e["amount"] for e in result(name)["allocation"]} == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("name", INFEASIBLE)
def test_infeasible(name, result):
    assert result(name)["status"] == "infeasible"
    assert result(name)["objective"] is None


@pytest.mark.parametrize("name", [FEASIBLE[0], INFEASIBLE[-1]])
def test_exit_code(name, tmp_path):
    path = write_content(scenario_of(CASES[name]), tmp_path / f"{name}.xlsx")
    run = run_command(path, "--json")
    assert run.returncode == int(name in INFEASIBLE)
    assert json.loads(run.stdout)["status"] == ("infeasible" if name in INFEASIBLE else "optimal")


def priced(result: dict, table: str, key: str, figure: str) -> dict[str, float]:
    return {row[key]: row[figure] for row in result[table]}


@pytest.mark.parametrize("name", SINGLE_PRICES)
def test_shadow_prices(name, result):
    """The same from both sides, and shown; of a row with two sides the sum, as one of them has none."""
    case = CASES[name]
    for figure in ("shadow_price", "price_up", "price_down"):
        found = priced(result(name), "rules", "rule", figure)
        for constraint in case["constraints"]:
            mine = sum(found[row] for row, *_ in one_sided(constraint))
            low, high = case["computed"]["shadow_price_interval"][constraint["name"]]
            assert low == high
            assert mine == pytest.approx(low, rel=1e-6, abs=1e-6)
    assert not any(row["degenerate"] for row in result(name)["rules"])


@pytest.mark.parametrize("name", sorted(set(FEASIBLE) - set(SINGLE_PRICES)))
def test_one_sided_prices(name, result):
    rows = {row["rule"]: row for row in result(name)["rules"]}
    computed = CASES[name]["computed"]
    for constraint, (low, high) in computed["shadow_price_interval"].items():
        row = rows[row_name(constraint)]
        assert sorted((row["price_up"], row["price_down"])) == pytest.approx([low, high], rel=1e-6, abs=1e-6)
        assert row["degenerate"] is (low != high)
        assert row["shadow_price"] == (None if low != high else pytest.approx(low, rel=1e-6, abs=1e-6))
    for constraint, price in computed["one_sided_prices"].items():
        row = rows[row_name(constraint)]
        assert row["price_up"] == pytest.approx(price["for_more"], rel=1e-6, abs=1e-6)
        assert row["price_down"] == pytest.approx(price["for_less"], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", SINGLE_PRICES)
def test_right_hand_side_ranges(name, figures):
    """A row's range is how far its own price stays; published ones are of one basis, so single prices only."""
    case = CASES[name]
    rows = {row.row.name: row for row in figures(name).rows}
    for constraint in case["constraints"]:
        if constraint["sense"] != "range":
            low, high = map(float, case["computed"]["rhs_range_true_for_highs_prices"][constraint["name"]])
            row, rhs = rows[row_name(constraint["name"])], constraint["rhs"]
            assert reach(row.allowable_increase, rhs) == pytest.approx(high - rhs, rel=1e-6, abs=1e-6)
            assert reach(row.allowable_decrease, rhs) == pytest.approx(rhs - low, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", SINGLE_PRICES)
def test_the_range_of_a_row_with_two_sides_is_its_active_ones(name, figures):
    """The side that binds moves as far as published; one without a price has the room up to the plan."""
    case = CASES[name]
    rows = {row.row.name: row for row in figures(name).rows}
    for constraint in case["constraints"]:
        if constraint["sense"] == "range":
            low, high = map(float, case["computed"]["rhs_range_true_for_highs_prices"][constraint["name"]])
            active = max((rows[row] for row, *_ in one_sided(constraint)), key=lambda row: abs(row.shadow_price))
            rhs = float(active.rhs)
            assert reach(active.allowable_increase, rhs) == pytest.approx(high - rhs, rel=1e-6, abs=1e-6)
            assert reach(active.allowable_decrease, rhs) == pytest.approx(rhs - low, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", FEASIBLE)
def test_reduced_costs(name, result):
    reduced = priced(result(name), "areas", "area", "reduced_cost")
    for variable, (low, high) in CASES[name]["computed"]["reduced_cost_interval"].items():
        assert low - 1e-6 <= reduced[variable] <= high + 1e-6


@pytest.mark.parametrize("name", [name for name in FEASIBLE if unique_plan(CASES[name])])
def test_coefficient_ranges(name, figures):
    """Where several plans are as good, the plan shown isn't the one published: see the next test."""
    case = CASES[name]
    areas = {area.area: area for area in figures(name).areas}
    for variable, (low, high) in case["computed"]["cost_range_true"].items():
        area, coefficient = areas[variable], case["objective"][variable]
        assert area.objective_coefficient == pytest.approx(coefficient)
        assert area.allowable_increase == pytest.approx(float(high) - coefficient, rel=1e-6, abs=1e-6)
        assert area.allowable_decrease == pytest.approx(coefficient - float(low), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", FEASIBLE)
def test_every_figure_in_exact_fractions(name, figures):
    """At the plan shown, with its added budget: nothing is left to where a range of the published case ends."""
    content = scenario_of(CASES[name])
    assert [text for table in TABLES for text in table(content, figures(name))] == []


@pytest.mark.parametrize("name", [name for name in FEASIBLE if not has_free_variable(CASES[name])])
def test_room_is_the_range_over_all_optimal_plans(name, figures):
    areas = {area.area: area for area in figures(name).areas}
    for variable, (low, high) in CASES[name]["computed"]["x_range_over_optimal_solutions"].items():
        assert areas[variable].least == pytest.approx(low, rel=1e-6, abs=1e-6)
        assert areas[variable].most == pytest.approx(high, rel=1e-6, abs=1e-6)


def reach(value: float, scale: float) -> float:
    """No limit is also one a hundred times `scale` away, where the added budget begins to bind."""
    return math.inf if value > 100 * max(1, abs(scale)) else value
