"""Amounts in whole Steps: every must kept exactly, nothing given away that rounding doesn't ask for."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from allocator import optimise, read_scenario
from allocator.programme.build import Programme, build
from allocator.programme.rows import Key, Row
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Deadline, Status
from allocator.programme.whole import NoWholePlan, Rounded, round_plan
from allocator.scenario.model import Operator
from allocator.wording.messages import message_text
from content_workbook import write_content
from golden_cases import Content, places, rule, rules, scenario
from quick_part import quick_part
from random_scenarios import seeded
from whole_plans import Grid, room, tiny


@dataclass(frozen=True)
class Case:
    """A programme, its unrounded optimum and its plan in whole Steps."""

    programme: Programme
    solution: Solution
    rounded: Rounded

    @property
    def amounts(self) -> dict[str, float]:
        """Area → amount over all years and sources."""
        found: dict[str, float] = {}
        for (area, _, _), amount in self.rounded.amounts.items():
            found[area] = found.get(area, 0.0) + float(amount)
        return found


def planned(content: Content, folder: Path) -> Case | None:
    """The plan of a scenario; None where there is none even unrounded."""
    programme = build(read_scenario(write_content(content, folder / "scenario.xlsx")))
    solution = solve(programme)
    if solution.status is not Status.OPTIMAL:
        return None
    return Case(programme, solution, round_plan(programme, solution.amounts, solution.goal_sums, Deadline(None)))


def plan_of(content: Content, folder: Path) -> Case:
    case = planned(content, folder)
    assert case is not None
    assert_in_whole_steps(case)
    return case


def assert_in_whole_steps(case: Case) -> None:
    """Whole multiples of Step or of a tenth of it, and so on; every must kept, as exactly as its row can be."""
    step, plan = case.rounded.step, case.rounded.amounts
    wanted = case.programme.scenario.step
    assert set(plan) == set(case.programme.keys)
    assert min(plan.values()) >= 0
    if not step:
        assert case.rounded.message or not wanted
        return
    assert step in {wanted / 10**k for k in range(7)}
    assert bool(case.rounded.message) == (step != wanted)
    assert all((amount / step).denominator == 1 for amount in plan.values())
    for row in case.programme.rows:
        if row.strength.kind != "goal":
            assert is_kept(row, plan, step), (row.label, float(row.slack(plan)))


def is_kept(row: Row, plan: dict[Key, Fraction], step: Fraction) -> bool:
    gap = row.body.value(plan) - row.bound
    if row.operator is not Operator.EQUAL:
        return row.slack(plan) >= 0
    if row.kind.supply:
        return -step < gap <= 0
    return abs(gap) < room(row, step) or gap == 0


def values(case: Case, plan: dict[Key, Fraction]) -> list[Fraction]:
    """What a plan is judged by, less is better: the sums of its goals in order, then the objective.

    Each sum may rise by one Step's worth of each of its rows: what is less doesn't count.
    """
    missed = []
    for priority in case.programme.priorities:
        goals = [row for row in case.programme.rows if row.strength.priority == priority]
        total = sum((max(Fraction(0), -row.slack(plan)) / row.divisor for row in goals), Fraction(0))
        may_rise = sum((room(row, case.rounded.step) / row.divisor for row in goals), Fraction(0))
        missed.append(max(Fraction(0), total - case.solution.goal_sums[priority] - may_rise))
    objective = case.programme.objective(plan)
    return [*missed, -objective if case.programme.maximise else objective]


def worth_of_digits(case: Case) -> Fraction:
    """What a Step for each goal is worth at most: more is not given for what a goal is off by less than a Step."""
    goals = sum(row.strength.kind == "goal" for row in case.programme.rows)
    slopes = [abs(piece.slope) for pieces in case.programme.pieces.values() for piece in pieces]
    return goals * max(slopes) * case.rounded.step


# ---------------------------------------------------------------- what is always so


@pytest.mark.parametrize("seed", quick_part(range(30), 6))
def test_every_must_is_kept_in_whole_steps(seed, tmp_path):
    case = planned(seeded(80_000 + seed), tmp_path)
    if case:
        assert_in_whole_steps(case)


@pytest.mark.parametrize("seed", quick_part(range(30), 6))
def test_never_worse_than_cutting_off_digits(seed, tmp_path):
    case = planned(seeded(81_000 + seed) if seed % 2 else tiny(seed), tmp_path)
    if not case or not case.rounded.step:
        return
    step = case.rounded.step
    cut = {key: int(v / step) * step for key, v in case.solution.amounts.items()}
    musts = [row for row in case.programme.rows if row.strength.kind != "goal"]
    if all(is_kept(row, cut, step) for row in musts):
        *missed, objective = values(case, dict(case.rounded.amounts))
        assert [*missed, objective - worth_of_digits(case)] <= values(case, cut)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(500))
def test_many_plans_in_whole_steps(seed, tmp_path):
    test_every_must_is_kept_in_whole_steps(10_000 + seed, tmp_path)
    test_never_worse_than_cutting_off_digits(10_000 + seed, tmp_path)


# ---------------------------------------------------------------- against every whole plan there is


def against_all_plans(content: Content, folder: Path) -> str:
    """Compare with every plan in whole Steps; what there was to compare."""
    case = planned(content, folder)
    if case is None:
        return "no plan at all"
    assert_in_whole_steps(case)
    grid = Grid(case.programme)
    possible = grid.plans()
    if not possible.any():
        assert case.rounded.step < grid.step
        return "none in whole Steps"
    assert case.rounded.step == grid.step, f"{possible.sum()} plans in whole Steps, none found"
    chosen = np.array([[int(case.rounded.amounts[key] / grid.step)] for key in case.programme.keys])
    at = int(np.flatnonzero((grid.steps == chosen).all(axis=0))[0])
    assert possible[at]
    for priority in case.programme.priorities:
        missed = grid.missed(priority)
        goals = [row for row in case.programme.rows if row.strength.priority == priority]
        rounding = sum(float(steps_worth(row, grid.step)) for row in goals)
        assert missed[at] <= missed[possible].min() + rounding + 1e-9
        possible &= missed <= missed[at] + 1e-9
    objectives = grid.objectives() * (1 if case.programme.maximise else -1)
    worth = max(abs(float(p.slope)) for pieces in case.programme.pieces.values() for p in pieces) * float(grid.step)
    if not case.programme.priorities:
        assert objectives[at] >= objectives[possible].max() - worth
    return "compared"


def steps_worth(row: Row, step: Fraction) -> Fraction:
    """What a Step more or less of the amounts in a goal's row changes its part in the sum of its priority by."""
    return step * sum(abs(c) for c in row.body.terms.values()) / row.divisor


@pytest.mark.parametrize("seed", quick_part(range(40), 10))
def test_as_good_as_any_whole_plan(seed, tmp_path):
    against_all_plans(tiny(seed), tmp_path)


@pytest.mark.parametrize("seed", quick_part(range(1, 30, 2), 5))
def test_goals_in_whole_steps(seed, tmp_path):
    against_all_plans(tiny(seed, goals=True), tmp_path)


def test_there_were_plans_to_compare_with(tmp_path):
    told = [against_all_plans(tiny(seed), tmp_path) for seed in range(20)]
    assert told.count("compared") >= 12
    assert "none in whole Steps" in told


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1500))
def test_as_good_as_any_of_many_whole_plans(seed, tmp_path):
    against_all_plans(tiny(1000 + seed, goals=seed % 3 == 0), tmp_path)


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("step", [0.001, 0.1, 0.5, 1, 3, 7, 25])
def test_coarse_and_fine_steps(step, tmp_path):
    case = plan_of(rules("steps", rule("Schools", ">=", 0.337, "budget"), step=step), tmp_path)
    # schools get the first multiple of Step above 33.7; roads what whole Steps are left of 100
    schools = -(-Fraction("33.7") // Fraction(str(step))) * Fraction(str(step))
    assert case.rounded.step == Fraction(str(step))
    assert case.amounts["Schools"] == float(schools)
    assert case.amounts["Roads"] == float((100 - schools) // Fraction(str(step)) * Fraction(str(step)))


def test_a_step_larger_than_any_amount_gives_way(tmp_path):
    case = plan_of(rules("steps", rule("Schools", ">=", 0.337, "budget"), step=1000), tmp_path)
    assert case.rounded.step == 100
    assert case.amounts == {"Schools": 100, "Clinics": 0, "Roads": 0}


def test_limits_between_two_steps(tmp_path):
    areas = [{"Area": "Schools", "Benefit": 1, "Minimum": 10.3, "Maximum": 10.7}, {"Area": "Roads", "Benefit": 2}]
    content = scenario("between", areas=areas, step=1)
    case = plan_of(content, tmp_path)
    assert case.rounded.step == Fraction(1, 10)
    assert case.rounded.message == NoWholePlan(Fraction(1), Fraction(1, 10))
    assert case.amounts == {"Schools": 10.3, "Roads": 89.7}
    plan = optimise(read_scenario(write_content(content, tmp_path / "again.xlsx")))
    assert "No plan in whole steps of 1 was found; amounts are multiples of 0.1" in plan.messages


def test_limits_that_no_step_suits_leave_amounts_unrounded(tmp_path):
    third = "33.333333333"
    areas = [{"Area": "Schools", "Benefit": 1, "Minimum": float(third), "Maximum": float(third)}]
    case = plan_of(scenario("none", areas=areas, step=1), tmp_path)
    assert case.rounded.step == 0
    assert case.rounded.message == NoWholePlan(Fraction(1), Fraction(0))
    assert message_text(case.rounded.message).endswith("amounts are not rounded")
    assert case.amounts["Schools"] == pytest.approx(float(third), rel=1e-12)


@pytest.mark.parametrize(("budget", "spent"), [(10, 10), (10.5, 10), (10.999, 10), (11, 11)])
def test_all_is_spent_as_far_as_whole_steps_go(budget, spent, tmp_path):
    for objective in ("maximise benefit", "minimise spending"):
        source = {"Source": "City", "Last year": 10, 2026: budget, "Spend": "all"}
        content = scenario("all", budget=[source], step=1, settings={"Objective": objective})
        assert sum(plan_of(content, tmp_path).amounts.values()) == spent


def test_all_is_spent_of_several_sources_and_years(tmp_path):
    budget = [
        {"Source": "City", "Kind": "budget", 2026: 10.4, 2027: 11.4, "Spend": "all", "Carry over": "yes"},
        {"Source": "Donors", "Kind": "other", 2026: 3.7, 2027: 2, "Spend": "all"},
    ]
    areas = [{"Area": "Schools", "Benefit": 2, "Maximum": 9.5}, {"Area": "Roads", "Benefit": 1}]
    case = plan_of(scenario("all", budget=budget, areas=areas, step=1), tmp_path)
    spent: dict[tuple, float] = {}
    for (_, year, source), amount in case.rounded.amounts.items():
        spent[source, year] = spent.get((source, year), 0) + float(amount)
    assert spent["Donors", 2026] == 3
    assert spent["Donors", 2027] == 2
    assert spent["City", 2026] + spent["City", 2027] == 21
    assert spent["City", 2026] <= 10


def test_equalities_that_whole_steps_reach_are_kept_exactly(tmp_path):
    case = plan_of(rules("equal", rule("Schools", "=", 0.25, "budget"), step=1), tmp_path)
    assert case.amounts == {"Schools": 25, "Clinics": 0, "Roads": 75}


@pytest.mark.parametrize("value", [0.2537, 0.333333, 0.0411])
def test_equalities_that_they_do_not_reach_are_kept_within_one(value, tmp_path):
    case = plan_of(rules("equal", rule("Schools", "=", value, "budget"), step=1), tmp_path)
    assert case.rounded.step == 1
    assert abs(case.amounts["Schools"] - 100 * value) < 1
    assert sum(case.amounts.values()) == 100


def test_a_ratio_is_kept_within_one_step(tmp_path):
    case = plan_of(rules("ratio", rule("Schools", "=", 0.7, "Roads"), step=1), tmp_path)
    assert abs(case.amounts["Schools"] - 0.7 * case.amounts["Roads"]) < 1
    assert sum(case.amounts.values()) == 100


def test_shares_that_add_up_to_all_of_it(tmp_path):
    shares = [("Schools", 0.3333), ("Clinics", 0.3334), ("Roads", 0.3333)]
    areas = [{"Area": name, "Benefit": 1, "Minimum share": share} for name, share in shares]
    for budget, step in ((100, 0.01), (1000, 0.1), (10_000, 1)):
        source = {"Source": "City", 2026: budget, "Spend": "all"}
        case = plan_of(scenario("shares", budget=[source], areas=areas, step=step), tmp_path)
        assert case.amounts == {name: pytest.approx(share * budget) for name, share in shares}


@pytest.mark.parametrize("budget", [226_931.6, 98_765.432, 12_345])
def test_shares_with_awkward_numbers(budget, tmp_path):
    shares = [("Schools", ">=", 0.2013), ("Clinics", ">=", 0.0437), ("Roads", "<", 0.7501), ("Schools", "<=", 0.2099)]
    made = [rule(area, operator, value, "budget", name=f"Rule {n}") for n, (area, operator, value) in enumerate(shares)]
    source = {"Source": "City", "Last year": 90, 2026: budget, "Spend": "all"}
    for step in (0.001, 0.1, 1, 10):
        case = plan_of(rules("awkward", *made, budget=[source], step=step), tmp_path)
        assert case.rounded.step == Fraction(str(step))
        spent = sum(case.rounded.amounts.values())
        assert 0 <= Fraction(str(budget)) - spent < Fraction(str(step))


def test_a_strict_share_is_exceeded_by_a_step(tmp_path):
    case = plan_of(rules("over", rule("Schools", ">", 0.25, "budget"), step=1), tmp_path)
    assert case.amounts == {"Schools": 26, "Clinics": 0, "Roads": 74}


def test_no_must_is_broken_for_a_goal(tmp_path):
    # unrounded both hold: 3.3 + 7 ≤ 10.5; in whole Steps the must takes 4, and the goal gets what is left
    must = rule("Schools", ">=", 3.3, "amount", name="Must")
    goal = rule("Roads", ">=", 7, "amount", name="Goal", strength="goal 1")
    source = {"Source": "City", "Last year": 10, 2026: 10.5}
    areas = [{"Area": "Schools", "Benefit": 5}, {"Area": "Roads", "Benefit": 1}]
    case = plan_of(scenario("goal", budget=[source], areas=areas, Rules=[must, goal], step=1), tmp_path)
    assert case.solution.goal_sums == {1: pytest.approx(0)}
    assert case.rounded.step == 1
    assert case.amounts == {"Schools": 4, "Roads": 6}


def test_a_goal_that_whole_steps_meet_is_met(tmp_path):
    # the objective wants schools; the goal's 3.3 is met by 4, not missed with 3
    goal = rule("Roads", ">=", 3.3, "amount", name="Goal", strength="goal 1")
    source = {"Source": "City", "Last year": 10, 2026: 10}
    areas = [{"Area": "Schools", "Benefit": 5}, {"Area": "Roads", "Benefit": 1}]
    case = plan_of(scenario("goal", budget=[source], areas=areas, Rules=[goal], step=1), tmp_path)
    assert case.amounts == {"Schools": 6, "Roads": 4}


def test_indicators_in_whole_steps(tmp_path):
    effects = [{"Area": "Schools", "Places": 0.37}]
    content = scenario("places", Indicators=[places(">=", 11)], Effects=effects, step=1)
    case = plan_of(content, tmp_path)
    assert case.amounts == {"Schools": 30, "Clinics": 0, "Roads": 70}


def test_bands_in_whole_steps(tmp_path):
    # benefit 5 up to 12.5, then 1; clinics 4: the unit that the end cuts in half is worth 3, so clinics get it
    bands = [{"Area": "Roads", "Up to": 12.5, "Benefit": 5}, {"Area": "Roads", "Benefit": 1}]
    case = plan_of(scenario("bands", Benefits=bands, step=1), tmp_path)
    assert case.amounts == {"Schools": 0, "Clinics": 88, "Roads": 12}


def test_an_equal_goal_is_missed_by_no_more_than_it_must(tmp_path):
    goal = rule("Roads", "=", 1.9, "amount", name="Goal", strength="goal 1")
    content = rules("goal", goal, step=0.5, settings={"Objective": "minimise spending"})
    assert plan_of(content, tmp_path).amounts["Roads"] == 1.5  # 2 is nearer, but off by less than one Step is met


def test_goals_weigh_as_in_their_sum(tmp_path):
    # (5, 1.5) misses Ratio by 0.351, (4.5, 1) Cap by 0.458, (4, 1) Floor by 0.1665
    made = [
        rule("Schools", ">", 3.234, "Clinics", name="Ratio", strength="goal 1"),
        rule("Schools", "<=", 4.042, "Clinics", name="Cap", strength="goal 1"),
        rule("Schools", ">=", 4.1665, "amount", name="Floor", strength="goal 1"),
        rule("Clinics", "=", 1.287, "amount", name="Must"),
    ]
    areas = [{"Area": "Schools", "Last year": 4}, {"Area": "Clinics", "Last year": 2}]
    source = {"Source": "City", "Last year": 5, 2026: 6.5}
    minimise = {"Objective": "minimise spending"}
    case = plan_of(rules("goals", *made, areas=areas, budget=[source], step=0.5, settings=minimise), tmp_path)
    assert case.amounts == {"Schools": 4, "Clinics": 1}
