"""Prices: of the right signs, a proof of optimality, and what really happens when a right-hand side moves."""

from dataclasses import replace

import pytest

from allocator import read_scenario
from allocator.analyses.prices import Prices
from allocator.programme.build import Programme, build
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Status
from assertions import assert_optimal
from content_workbook import write_content
from exact_rows import ExactRows, Moved
from golden_cases import CASES, places, rule, rules, scenario
from quick_part import quick_part
from random_scenarios import seeded

PROOFS, MOVED = range(60), range(25)


def solved(content: dict, folder) -> tuple[Programme, Solution]:
    programme = build(read_scenario(write_content(content, folder / "scenario.xlsx")))
    return programme, solve(programme)


def prices_of(content: dict, folder) -> dict[str, float | None]:
    programme, solution = solved(content, folder)
    assert_optimal(programme, solution)
    return {row.name: price for row, price in zip(programme.rows, solution.prices, strict=True)}


# ---------------------------------------------------------------- proofs


@pytest.mark.parametrize("seed", quick_part(PROOFS, 15))
def test_prices_prove_the_optimum(seed, tmp_path):
    programme, solution = solved(seeded(70_000 + seed), tmp_path)
    if solution.status is Status.OPTIMAL:
        assert_optimal(programme, solution)


@pytest.mark.slow
def test_there_was_something_to_prove(tmp_path):
    outcomes = [solved(seeded(70_000 + seed), tmp_path) for seed in PROOFS[:20]]
    optimal = [programme for programme, solution in outcomes if solution.status is Status.OPTIMAL]
    assert len(optimal) >= 10
    assert sum(bool(programme.priorities) for programme in optimal) >= 2


@pytest.mark.parametrize("name", CASES)
def test_prices_prove_the_golden_cases(name, tmp_path):
    assert_optimal(*solved(CASES[name], tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(600))
def test_prices_prove_many_optima(seed, tmp_path):
    programme, solution = solved(seeded(71_000 + seed, "medium" if seed % 3 == 0 else "small"), tmp_path)
    if solution.status is Status.OPTIMAL:
        assert_optimal(programme, solution)


def wrong(solution: Solution) -> dict[str, Solution]:
    """The solution of `rule-amount` with one thing wrong with it each."""
    key, other = list(solution.amounts)[:2]
    prices = list(solution.prices)
    return {
        "more money": replace(solution, amounts={**solution.amounts, key: solution.amounts[key] + 1}),
        "less money": replace(solution, amounts={k: v * 0.99 for k, v in solution.amounts.items()}),
        "moved money": replace(
            solution,
            amounts={**solution.amounts, key: solution.amounts[key] + 1, other: solution.amounts[other] - 1},
        ),
        "signs": replace(solution, prices=[-p if p else p for p in prices]),
        "a price": replace(solution, prices=[prices[0] + 0.01, *prices[1:]]),
        "no prices": replace(solution, prices=[0.0 for _ in prices]),
        "objective": replace(solution, objective=solution.objective + 0.01),
    }


@pytest.mark.parametrize(
    "what", ["more money", "less money", "moved money", "signs", "a price", "no prices", "objective"]
)
def test_what_is_wrong_is_no_proof(what, tmp_path):
    programme, solution = solved(CASES["rule-amount"], tmp_path)
    with pytest.raises(AssertionError):
        assert_optimal(programme, wrong(solution)[what])


# ---------------------------------------------------------------- right-hand sides moved


def confirm(content: dict, folder) -> tuple[int, int]:
    """Move each row and compare; how many prices were checked, and how many of them were two-sided."""
    programme, solution = solved(content, folder)
    if solution.status is not Status.OPTIMAL:
        return 0, 0
    exact = ExactRows(programme, solution.goal_sums)
    base = exact.objective()
    assert base is not None
    worth = max([1e-9, *(abs(float(p.slope)) for pieces in programme.pieces.values() for p in pieces)])
    blur = 2e-8 * max(abs(base), worth * exact.unit)
    assert solution.objective == pytest.approx(base, abs=50 * blur)
    checked = smooth = 0
    for index, (row, price) in enumerate(zip(programme.rows, solution.prices, strict=True)):
        if price is None or not row.body.terms:
            continue
        delta = 1e-2 * exact._size(index)
        sides = [
            None if (value := exact.objective(Moved(rows={index: step}))) is None else (value - base) / step
            for step in (delta, -delta)
        ]
        checked += 1
        smooth += supports(programme, row.label, price, sides, blur / delta)
    return checked, smooth


def supports(programme: Programme, label: str, price: float, sides: list[float | None], slip: float) -> bool:
    """Whether both sides give one price; fails unless `price` lies between them (one side may have no plan)."""
    up, down = sides if programme.maximise else (sides[1], sides[0])
    # what is sought grows ever more slowly as a right-hand side grows: the right price is the lower one
    assert up is None or up <= price + slip, (label, price, sides)
    assert down is None or price <= down + slip, (label, price, sides)
    return up is not None and down is not None and abs(up - down) <= slip


@pytest.mark.parametrize("seed", quick_part(MOVED, 5))
def test_prices_are_what_moving_a_row_brings(seed, tmp_path):
    confirm(seeded(72_000 + seed, "tiny"), tmp_path)


@pytest.mark.slow
def test_many_prices_were_confirmed_from_both_sides(tmp_path):
    checked, smooth = map(sum, zip(*(confirm(seeded(72_000 + s, "tiny"), tmp_path) for s in MOVED[:8]), strict=True))
    assert checked >= 30
    assert smooth >= checked / 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300))
def test_many_prices_are_what_moving_a_row_brings(seed, tmp_path):
    confirm(seeded(73_000 + seed, "small" if seed % 2 else "tiny"), tmp_path)


@pytest.mark.parametrize("seed", quick_part(MOVED, 5))
def test_reduced_costs_are_what_forcing_an_amount_up_brings(seed, tmp_path):
    programme, solution = solved(seeded(74_000 + seed, "tiny"), tmp_path)
    if solution.status is not Status.OPTIMAL:
        return
    exact = ExactRows(programme, solution.goal_sums)
    base = exact.objective()
    prices = Prices(programme, solution)
    sign = 1 if programme.maximise else -1
    worth = max([1e-9, *(abs(float(p.slope)) for pieces in programme.pieces.values() for p in pieces)])
    delta = 1e-2 * exact.unit
    slip = 2e-8 * max(abs(base), worth * exact.unit) / delta
    for (area, year), yearly in exact.yearly(solution.amounts).items():
        reduced = prices.reduced_cost(area, year, yearly)
        forced = exact.objective(Moved(forced={(area, year): yearly + delta}))
        if forced is not None:  # forced by more than a little it costs more, never less
            assert sign * (forced - base) / delta <= sign * reduced + slip, (area, year, reduced)


# ---------------------------------------------------------------- signs, by hand


def test_a_cap_and_a_budget_are_worth_something(tmp_path):
    # 5 a unit for roads up to 30, then 4 for clinics: one more unit of budget brings 4, one more of the cap 5 − 4
    found = prices_of(rules("cap", rule("Roads", "<=", 30, "amount", name="Cap")), tmp_path)
    assert found == {"Budget: City": pytest.approx(4), "Cap": pytest.approx(1)}


def test_a_floor_costs_something(tmp_path):
    # schools (3) take from roads (5)
    found = prices_of(rules("floor", rule("Schools", ">=", 20, "amount", name="Floor")), tmp_path)
    assert found == {"Budget: City": pytest.approx(5), "Floor": pytest.approx(-2)}


def test_limits_of_an_area(tmp_path):
    areas = [{"Area": "Schools", "Benefit": 3, "Minimum": 20}, {"Area": "Roads", "Benefit": 5, "Maximum": 30}]
    found = prices_of(scenario("limits", areas=areas), tmp_path)
    assert found == {
        "Budget: City": pytest.approx(3),
        "Minimum: Schools": pytest.approx(0),
        "Maximum: Roads": pytest.approx(2),
    }


def test_a_share_of_spending_is_priced_per_unit_of_its_right_hand_side(tmp_path):
    # schools ≥ half of spending, roads the rest: 100 at 4; one unit more for schools is one less for roads
    found = prices_of(rules("half", rule("Schools", ">=", 0.5, "spending", name="Half")), tmp_path)
    assert found == {"Budget: City": pytest.approx(4), "Half": pytest.approx(-2)}


def test_an_equality_has_the_sign_of_what_it_stops(tmp_path):
    for amount, price in ((20, -2), (40, -2)):
        found = prices_of(rules("equal", rule("Schools", "=", amount, "amount", name="Equal")), tmp_path)
        assert found["Equal"] == pytest.approx(price)
    found = prices_of(rules("equal", rule("Roads", "=", 20, "amount", name="Equal")), tmp_path)
    assert found["Equal"] == pytest.approx(1)


def test_when_spending_is_minimised_a_floor_costs_and_a_cap_saves(tmp_path):
    minimise = {"settings": {"Objective": "minimise spending"}}
    floor = rule("Schools", ">=", 20, "amount", name="Floor")
    found = prices_of(rules("floor", floor, **minimise), tmp_path)
    assert found == {"Budget: City": pytest.approx(0), "Floor": pytest.approx(1)}
    # three units for schools bring one place, of clinics two units one: a cap on clinics makes places dearer
    target = places(">=", 20)
    effects = [{"Area": "Schools", "Places": 0.25}, {"Area": "Clinics", "Places": 0.5}]
    cap = rule("Clinics", "<=", 30, "amount", name="Cap")
    found = prices_of(rules("cap", cap, Indicators=[target], Effects=effects, **minimise), tmp_path)
    assert found == {"Budget: City": pytest.approx(0), "Cap": pytest.approx(-1), "Places": pytest.approx(4)}


def test_what_an_indicator_costs(tmp_path):
    # 0.5 places a unit of schools, which take from roads: 2 points a unit, so 4 a place
    content = rules("places", Indicators=[places(">=", 20)], Effects=[{"Area": "Schools", "Places": 0.5}])
    assert prices_of({k: v for k, v in content.items() if v}, tmp_path)["Places"] == pytest.approx(-4)


def test_prices_are_in_the_scenarios_units(tmp_path):
    content = CASES["scaled"]
    assert prices_of(content, tmp_path) == {
        "Budget: City": pytest.approx(5),
        "Schools at least 0.2 budget": pytest.approx(-2),
    }


def test_reduced_costs_by_hand(tmp_path):
    programme, solution = solved(CASES["budget-up-to"], tmp_path)
    prices = Prices(programme, solution)
    yearly = ExactRows(programme, {}).yearly(solution.amounts)
    found = {area: prices.reduced_cost(area, 2026, yearly[area, 2026]) for area in ("Schools", "Clinics", "Roads")}
    assert found == {"Schools": pytest.approx(-2), "Clinics": pytest.approx(-1), "Roads": pytest.approx(0)}


def test_a_limit_of_the_areas_own_is_not_in_its_reduced_cost(tmp_path):
    areas = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 5, "Maximum": 30}]
    programme, solution = solved(scenario("limit", areas=areas), tmp_path)
    assert Prices(programme, solution).reduced_cost("Roads", 2026, 30.0) == pytest.approx(2)
