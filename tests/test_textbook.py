"""Published optima, found again through the workbook."""

import json
import math
import subprocess
import sys

import pytest

from allocator import optimise, read_scenario
from content_workbook import write_content
from oracle_solve import solve_exact
from textbook import CASES, NEGATIVE, one_sided, row_name, scenario_of, unique_plan

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
    run = subprocess.run([sys.executable, "-m", "allocator", path, "--json"], capture_output=True, check=False)
    assert run.returncode == int(name in INFEASIBLE)
    assert json.loads(run.stdout)["status"] == ("infeasible" if name in INFEASIBLE else "optimal")


def priced(result: dict, table: str, key: str, figure: str) -> dict[str, float]:
    return {row[key]: row[figure] for row in result[table]}


@pytest.mark.parametrize("name", SINGLE_PRICES)
def test_shadow_prices(name, result):
    case = CASES[name]
    found = priced(result(name), "rules", "rule", "shadow_price")
    for constraint in case["constraints"]:
        mine = sum(found[row] for row, *_ in one_sided(constraint))
        assert mine == pytest.approx(case["computed"]["shadow_prices_highs"][constraint["name"]], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", sorted(set(FEASIBLE) - set(SINGLE_PRICES)))
def test_shadow_prices_lie_between_the_one_sided_ones(name, result):
    found = priced(result(name), "rules", "rule", "shadow_price")
    for constraint, price in CASES[name]["computed"]["one_sided_prices"].items():
        low, high = sorted((price["for_more"], price["for_less"]))
        assert low - 1e-6 <= found[row_name(constraint)] <= high + 1e-6


@pytest.mark.parametrize("name", [name for name in SINGLE_PRICES if unique_plan(CASES[name])])
def test_right_hand_side_ranges(name, result):
    """A row's range is how far its own price stays; published ones are of one basis, so single prices only."""
    case = CASES[name]
    more = priced(result(name), "rules", "rule", "allowable_increase")
    less = {row["rule"]: row["allowable_decrease"] for row in result(name)["rules"]}
    for constraint in case["constraints"]:
        if constraint["sense"] != "range":
            low, high = map(float, case["computed"]["rhs_range_true_for_highs_prices"][constraint["name"]])
            row, rhs = row_name(constraint["name"]), constraint["rhs"]
            assert reach(more[row], scale=rhs) == pytest.approx(high - rhs, rel=1e-6, abs=1e-6)
            assert reach(less[row], scale=rhs) == pytest.approx(rhs - low, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", SINGLE_PRICES)
def test_reduced_costs_and_coefficient_ranges(name, result):
    case = CASES[name]
    reduced = priced(result(name), "areas", "area", "reduced_cost")
    rows = {row["area"]: row for row in result(name)["areas"]}
    for variable, value in case["computed"]["reduced_costs_highs"].items():
        assert reduced[variable] == pytest.approx(value, rel=1e-6, abs=1e-6)
    for variable, (low, high) in case["computed"]["cost_range_true"].items() if unique_plan(case) else ():
        row, coefficient = rows[variable], case["objective"][variable]
        assert row["objective_coefficient"] == pytest.approx(coefficient)
        assert reach(row["allowable_increase"]) == pytest.approx(float(high) - coefficient, rel=1e-6, abs=1e-6)
        assert reach(row["allowable_decrease"]) == pytest.approx(coefficient - float(low), rel=1e-6, abs=1e-6)


def reach(value: float | None, scale: float = math.inf) -> float:
    """The JSON's null is no limit; nor is one a hundred times `scale` away, where the added budget begins to bind."""
    return math.inf if value is None or value > 100 * max(1, abs(scale)) else value
