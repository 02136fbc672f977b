"""Bridges between two plans: parts that add up, by hand on two areas, on Hanoi, and on random scenarios."""

import copy
import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from allocator import read_scenario
from allocator.analyses import bridge as bridges
from allocator.analyses.analyse import analyse
from allocator.analyses.bridge import ROUNDING, Bridge, NoBridge, Part
from allocator.analyses.result import Result
from allocator.errors import ScenarioError
from allocator.programme.status import Deadline, Doing, Status
from allocator.scenario.changes import find_cell
from allocator.scenario.model import Scenario
from allocator.scenario.reading import reread
from allocator.wording.bridge import bridge_note, no_bridge_text
from allocator.wording.progress import doing_text
from content_workbook import write_content
from moved_numbers import changed
from places import SCENARIOS
from random_edits import random_content_edits
from random_scenarios import seeded

ROADS, SCHOOLS = ("Roads", 2026), ("Schools", 2026)
TWO = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 1}],
    "Budget": [{"Source": "City", "2026": 100, "Last year": 90}],
    "Areas": [
        {"Area": "Roads", "Maximum": 60, "Benefit": 3, "Last year": 40},
        {"Area": "Schools", "Maximum": 80, "Benefit": 2, "Last year": 50},
    ],
}


def edited(content: dict, *edits: tuple) -> dict:
    """The same content with other cells: (sheet, the row's number from 0, heading, value)."""
    found = copy.deepcopy(content)
    for sheet, row, heading, value in edits:
        found[sheet][row][heading] = value
    return found


def planned(content: dict, folder: Path, name: str = "scenario") -> Result:
    return analyse(read_scenario(write_content(content, folder / f"{name}.xlsx")), explain=False)


def bridge(one: Result, other: Result, **options) -> Bridge | NoBridge:
    return bridges.bridge(one, other, **{"names": ("one", "other"), **options})


def noted(found: Bridge) -> list[str]:
    return list(map(bridge_note, found.notes))


def two(folder: Path, one: dict, other: dict, **options) -> Bridge | NoBridge:
    return bridge(planned(one, folder, "one"), planned(other, folder, "other"), **options)


def of(found: Bridge, name: str) -> Part:
    return next(part for part in found.parts if part.name == name)


def wrong_sums(found: Bridge, one: Result, other: Result) -> list[str]:
    """Where the parts don't add up, exactly, to the difference of the plans as they are shown."""
    wrong = []
    if found.objective is not None:
        if found.objective != other.objective - one.objective:
            wrong.append("the whole objective")
        if sum(part.objective for part in found.parts) != found.objective:
            wrong.append("the objective")
    places = {at for part in found.parts for at in part.amounts} | set(found.amounts)
    for area, year in places:
        true = _amount(other, area, year) - _amount(one, area, year)
        parts = sum(part.amounts.get((area, year), 0) for part in found.parts)
        if not true == parts == found.amounts.get((area, year), 0):
            wrong.append(f"{area} {year}: {true}, parts {parts}, whole {found.amounts.get((area, year))}")
    return wrong


def _amount(result: Result, area: str, year: int) -> Fraction:
    return sum((amount for (a, t, _), amount in result.amounts.items() if (a, t) == (area, year)), Fraction(0))


def mirrored(found: Bridge) -> list[tuple]:
    return [
        (
            part.name,
            None if part.objective is None else -part.objective,
            {at: -amount for at, amount in part.amounts.items()},
            part.objective_error,
            part.amount_error,
        )
        for part in found.parts
    ]


def plainly(found: Bridge) -> list[tuple]:
    return [
        (part.name, part.objective, dict(part.amounts), part.objective_error, part.amount_error) for part in found.parts
    ]


# ---- by hand ------------------------------------------------------------------------------------------------------


def test_two_areas_and_two_edits_by_hand(tmp_path):
    """Roads, schools: 60, 40 (worth 260); with more money 60, 60 (300), with worse roads 20, 80 (180), both: 40, 80.

    The budget adds 40 to the one and 20 to the other; worse roads cost 80 or 100.
    """
    found = two(tmp_path, TWO, edited(TWO, ("Budget", 0, "2026", 120), ("Areas", 0, "Benefit", 1)))
    assert found.objective == -60
    assert found.amounts == {ROADS: -20, SCHOOLS: 40}
    assert [part.name for part in found.parts] == ["Areas / Roads", "Budget / City"]
    worse, budget = found.parts
    assert (worse.objective, worse.amounts) == (-90, {ROADS: -30, SCHOOLS: 30})
    assert (budget.objective, budget.amounts) == (30, {ROADS: 10, SCHOOLS: 10})
    assert [change.column for change in budget.rows[0].edits] == ["2026"]
    assert (budget.rows[0].edits[0].before, budget.rows[0].edits[0].after) == (100, 120)
    assert (found.exact, found.orders, found.solved, found.notes) == (True, 0, 4, ())
    assert {part.objective_error for part in found.parts} == {part.amount_error for part in found.parts} == {0}


def test_the_other_way_round_the_cells_are_turned_too(tmp_path):
    one, other = planned(TWO, tmp_path, "one"), planned(edited(TWO, ("Budget", 0, "2026", 120)), tmp_path, "other")
    for found, values in ((bridge(one, other), (100, 120)), (bridge(other, one), (120, 100))):
        (part,) = found.parts
        (change,) = part.rows[0].edits
        assert (change.before, change.after) == values
        assert part.objective == (40 if values == (100, 120) else -40)


def test_shares_are_in_whole_steps(tmp_path):
    """Three edits share 10 alike where only all three let the schools grow: in whole steps of 1, not thirds."""
    rules = [
        {"Rule": f"Cap {n}", "Area": "Schools", "Operator": "<=", "Value": 10, "Basis": "amount"} for n in range(3)
    ]
    base = {**TWO, "Rules": rules}
    found = two(tmp_path, base, edited(base, *(("Rules", n, "Value", 20) for n in range(3))))
    assert [part.amounts for part in found.parts] == [{SCHOOLS: 4}, {SCHOOLS: 3}, {SCHOOLS: 3}]
    assert found.amounts == {ROADS: 0, SCHOOLS: 10}
    assert sum(part.objective for part in found.parts) == found.objective == 20
    assert [float(part.objective) for part in found.parts] == pytest.approx([20 / 3] * 3, abs=1e-6)


def test_what_rounding_adds_is_a_part_of_its_own(tmp_path):
    """Steps of 10: of 104 only 100 can be spent, of 117 110; unrounded, the budget adds 13 at 2 a piece."""
    base = edited(TWO, ("Scenario", 1, "Value", 10), ("Budget", 0, "2026", 104))
    found = two(tmp_path, base, edited(base, ("Budget", 0, "2026", 117)))
    assert found.objective == 20
    assert (of(found, "Budget / City").objective, of(found, ROUNDING).objective) == (26, -6)
    assert found.parts[-1].name == ROUNDING
    assert (of(found, "Budget / City").amounts, of(found, ROUNDING).amounts) == ({SCHOOLS: 10}, {})


@pytest.mark.parametrize("step", [0, 0.001])
def test_unrounded_plans_need_no_rounding(tmp_path, step):
    base = edited(TWO, ("Scenario", 1, "Value", step), ("Budget", 0, "2026", 100.123))
    found = two(tmp_path, base, edited(base, ("Budget", 0, "2026", 111.357), ("Areas", 0, "Benefit", 2.9)))
    assert [part.name for part in found.parts] == ["Budget / City", "Areas / Roads"]
    assert [float(part.objective) for part in found.parts] == pytest.approx([22.468, -6], abs=1e-9)
    assert [dict(part.amounts) for part in found.parts] == [{SCHOOLS: Fraction("11.234")}, {}]


# ---- sets without a plan ------------------------------------------------------------------------------------------

NEEDY = {**TWO, "Areas": [{**TWO["Areas"][0], "Minimum": 55}, {**TWO["Areas"][1], "Minimum": 30}]}


def test_inputs_whose_mixtures_have_no_plan_count_as_one(tmp_path):
    other = edited(NEEDY, ("Budget", 0, "2026", 70), ("Areas", 0, "Minimum", 20), ("Areas", 1, "Benefit", 2.5))
    found = two(tmp_path, NEEDY, other)
    assert [part.name for part in found.parts] == ["Budget / City + Areas / Roads", "Areas / Schools"]
    assert [len(part.rows) for part in found.parts] == [2, 1]
    note = "Budget / City and Areas / Roads count as one: with only Budget / City changed no plan exists"
    assert noted(found) == [note]
    assert found.solved == 8
    # the other way round it is the minimum alone that can't be
    back = two(tmp_path, other, NEEDY)
    assert noted(back) == [note.replace("only Budget / City", "only Areas / Roads")]
    assert plainly(back) == mirrored(found)


def test_inputs_whose_mixtures_cannot_be_read_count_as_one(tmp_path):
    bands = [{"Area": "Roads", "Up to": 30, "Benefit": 4}, {"Area": "Roads", "Up to": 60, "Benefit": 3}]
    areas = [{k: v for k, v in TWO["Areas"][0].items() if k != "Benefit"}, TWO["Areas"][1]]
    base = {**TWO, "Areas": areas, "Benefits": bands}
    found = two(tmp_path, base, edited(base, ("Benefits", 0, "Benefit", 2.5), ("Benefits", 1, "Benefit", 1)))
    (part,) = found.parts
    assert part.name == "Benefits / Roads / 1 + Benefits / Roads / 2"
    assert "with only Benefits / Roads / 1 changed the scenario can't be read" in noted(found)[0]


def test_a_mixture_with_others_may_be_what_has_no_plan(tmp_path):
    """Both minimums can grow, each alone, but only with more money both together."""
    base = edited(NEEDY, ("Areas", 0, "Minimum", 40), ("Areas", 1, "Minimum", 40))
    other = edited(base, ("Areas", 0, "Minimum", 55), ("Areas", 1, "Minimum", 55), ("Budget", 0, "2026", 130))
    found = two(tmp_path, base, other)
    assert [part.name for part in found.parts] == ["Budget / City + Areas / Roads", "Areas / Schools"]
    changed_ones = "with Areas / Roads and Areas / Schools changed but not Budget / City no plan exists"
    assert noted(found) == [f"Budget / City and Areas / Roads count as one: {changed_ones}"]


# ---- what there is no bridge for ----------------------------------------------------------------------------------


def test_reasons_why_there_is_no_bridge(tmp_path):
    poor = planned(edited(NEEDY, ("Budget", 0, "2026", 10)), tmp_path, "poor")
    assert poor.status is Status.INFEASIBLE
    one = planned(TWO, tmp_path, "one")
    assert no_bridge_text(bridge(one, poor)) == "other has no plan"
    assert no_bridge_text(bridge(poor, one)) == "one has no plan"
    assert no_bridge_text(bridge(one, poor, names=("base", "slump"))) == "slump has no plan"
    later = {**TWO, "Budget": [{"Source": "City", "2026": 100, "2027": 100, "Last year": 90}]}
    later = planned(later, tmp_path, "later")
    assert no_bridge_text(bridge(one, later)) == "one is for 2026 and other for 2026–2027"
    dear = planned(edited(TWO, ("Scenario", 0, "Value", "billion")), tmp_path, "dear")
    assert no_bridge_text(bridge(dear, one)) == "one is in billion, other in million"


def test_objectives_of_different_kinds_are_not_split(tmp_path):
    base = {**NEEDY, "Scenario": [*NEEDY["Scenario"], {"Setting": "Objective", "Value": "maximise benefit"}]}
    one = planned(base, tmp_path, "one")
    other = planned(edited(base, ("Scenario", 2, "Value", "minimise spending")), tmp_path, "other")
    found = bridge(one, other)
    assert found.objective is None
    assert [part.objective for part in found.parts] == [None]
    assert found.amounts == {ROADS: -5, SCHOOLS: -10}
    assert found.parts[0].amounts == {ROADS: -5, SCHOOLS: -10}
    assert "do not seek the same (maximise benefit; minimise spending)" in noted(found)[0]
    assert "(minimise spending; maximise benefit)" in noted(bridge(other, one))[0]


def test_an_area_of_only_one_scenario_has_nothing_in_the_other(tmp_path):
    parks = {"Area": "Parks", "Benefit": 4, "Maximum": 10, "Last year": 1}
    found = two(tmp_path, TWO, {**TWO, "Areas": [*TWO["Areas"], parks]})
    (part,) = found.parts
    assert part.name == "Areas / Parks"
    assert part.rows[0].kind == "added"
    assert part.amounts == {("Parks", 2026): 10, SCHOOLS: -10}
    assert part.objective == found.objective == 20
    back = two(tmp_path, {**TWO, "Areas": [*TWO["Areas"], parks]}, TWO)
    assert back.parts[0].rows[0].kind == "removed"
    assert plainly(back) == mirrored(found)


def test_the_same_scenario_twice(tmp_path):
    found = two(tmp_path, TWO, edited(TWO, ("Scenario", 0, "Value", "million")))
    assert (found.parts, found.objective, found.amounts) == ((), 0, {ROADS: 0, SCHOOLS: 0})
    assert noted(found) == ["The two scenarios differ in no input that a plan depends on"]


def test_texts_are_no_parts(tmp_path):
    noted = [{**TWO["Areas"][0], "Note": "bridges first"}, TWO["Areas"][1]]
    found = two(tmp_path, TWO, edited({**TWO, "Areas": noted}, ("Budget", 0, "2026", 120)))
    assert [part.name for part in found.parts] == ["Budget / City"]


# ---- many groups --------------------------------------------------------------------------------------------------


def many(count: int) -> tuple[dict, dict]:
    """Areas with bands, and an edit to each: they share one budget, so all depend on all."""
    rng = random.Random(count)  # noqa: S311
    areas = [
        {"Area": f"Area {n}", "Maximum": rng.randint(10, 40), "Benefit": rng.randint(10, 90) / 10, "Last year": 10}
        for n in range(count - 1)
    ]
    base = {**TWO, "Areas": areas, "Budget": [{"Source": "City", "2026": 11 * count, "Last year": 90}]}
    edits = [("Areas", n, "Benefit", rng.randint(10, 90) / 10 + 0.05) for n in range(count - 1)]
    return base, edited(base, *edits, ("Budget", 0, "2026", 14 * count))


@pytest.mark.slow
def test_many_edits_are_sampled_with_a_stated_error(tmp_path):
    base, other = (planned(content, tmp_path, f"{n}") for n, content in enumerate(many(10)))
    found = bridge(base, other)
    assert not found.exact
    assert 0 < found.orders <= 200
    assert 10 < found.solved <= 2**10
    assert wrong_sums(found, base, other) == []
    assert noted(found)[-1].startswith(f"Sampled: {found.orders} orders of the 10 changes; ± ")
    assert max(part.objective_error for part in found.parts) > 0
    assert max(part.amount_error for part in found.parts) > 0
    assert plainly(bridge(other, base)) == mirrored(found)


@pytest.mark.slow
def test_a_sample_agrees_with_all_orders(tmp_path, monkeypatch):
    base, other = (planned(content, tmp_path, f"{n}") for n, content in enumerate(many(9)))
    sampled = bridge(base, other)
    monkeypatch.setattr("allocator.analyses.bridge.MOST_EXACT", 9)
    exact = bridge(base, other)
    assert (exact.exact, exact.solved, sampled.exact) == (True, 512, False)
    inside = [
        abs(part.objective - of(exact, part.name).objective) <= part.objective_error + 1e-6 for part in sampled.parts
    ]
    assert sum(inside) >= 0.8 * len(inside)


def test_when_time_is_up(tmp_path):
    base, other = (planned(content, tmp_path, f"{n}") for n, content in enumerate(many(6)))
    late = bridge(base, other, deadline=Deadline(0.0))
    assert no_bridge_text(late).startswith("the time limit came after 0 mixtures")


def test_progress_and_interrupts(tmp_path):
    base, other = (planned(content, tmp_path, f"{n}") for n, content in enumerate(many(4)))
    told = []
    bridge(base, other, progress=lambda doing, part: told.append((doing_text(doing), part)))
    assert {text for text, _ in told} == {"Splitting the difference among the inputs"}
    assert [part for _, part in told] == [n / 16 for n in range(16)]

    def interrupt(_doing: Doing, part: float | None) -> None:
        if part and part > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bridge(base, other, progress=interrupt)


# ---- Hanoi --------------------------------------------------------------------------------------------------------

CITY, CULTURE = "Budget/City budget/2026", "Rules/Culture over 4 %/Value"


def hanoi(edits: dict[str, float | str | None], name: str = "hanoi-2026.xlsx") -> tuple[Result, Result]:
    base = read_scenario(SCENARIOS / name)
    return tuple(analyse(scenario, explain=False) for scenario in (base, with_cells(base, edits)))


def with_cells(base: Scenario, edits: dict[str, float | str | None]) -> Scenario:
    return reread(base, {find_cell(base, address).cell: value for address, value in edits.items()})


def test_hanoi_with_less_revenue_and_more_culture():
    one, other = hanoi(
        {
            CITY: 204525.0,
            CULTURE: 0.045,
            "Areas/Foreign affairs & integration/Maximum": 150000.0,  # far above what it gets
            "Indicators/Metro and ring roads/Baseline": 3.0,  # reported only
        }
    )
    found = bridge(one, other)
    assert wrong_sums(found, one, other) == []
    assert [part.name.split("/")[0] for part in found.parts[:2]] == ["Budget ", "Rules "]
    city, culture, *idle = found.parts
    assert city.objective < -30000 < culture.objective < 0
    assert culture.amounts["Culture", 2026] > 0
    for part in idle:
        if part.name != ROUNDING:
            assert (part.objective, part.amounts) == (0, {})
    assert {part.name for part in idle} >= {
        "Areas / Foreign affairs & integration",
        "Indicators / Metro and ring roads",
    }
    assert abs(of(found, ROUNDING).objective) < 10
    assert all(amount.denominator == 1 for part in found.parts for amount in part.amounts.values())
    # each alone, from both ends
    alone = analyse(with_cells(one.scenario, {CITY: 204525.0}), explain=False)
    last = analyse(with_cells(one.scenario, {CULTURE: 0.045}), explain=False)
    mean = (alone.objective - one.objective + other.objective - last.objective) / 2
    assert float(city.objective) == pytest.approx(float(mean), abs=10)
    assert plainly(bridge(other, one)) == mirrored(found)


@pytest.mark.slow
def test_hanoi_in_five_years_with_eight_edits():
    edits = {
        "Scenario/Discount rate": 0.05,
        "Budget/City budget/2027": 240000.0,
        "Budget/ODA loans/2027": 5000.0,
        "Budget/Private and PPP capital/2028": 23000.0,
        "Benefits/Development model / 2/Benefit": 2.2,
        "Rules/Culture rises by 0.3 points a year/Value": 0.0031,
        "Rules/Science at least 4 %/Value": 0.041,
        "Rules/Education at least 20 %/Value": 0.201,
    }
    one, other = hanoi(edits, "hanoi-2026-2030.xlsx")
    found = bridge(one, other)
    assert (found.exact, found.solved, found.notes) == (True, 256, ())
    assert wrong_sums(found, one, other) == []
    # what science and education get is above the floors, before and after
    assert [part.name for part in found.parts if not part.objective and not part.amounts] == [
        "Rules / Science at least 4 %",
        "Rules / Education at least 20 %",
    ]
    assert plainly(bridge(other, one)) == mirrored(found)


# ---- random scenarios ---------------------------------------------------------------------------------------------

IDLE = "Never binds"


def with_idle_rule(content: dict, times: int) -> dict:
    """The scenario with a ceiling on all spending that is many times what there is."""
    value = times * max(
        1, *(cell for row in content["Budget"] for cell in row.values() if isinstance(cell, int | float))
    )
    rule = {"Rule": IDLE, "Area": "total", "Source": "all", "Operator": "<=", "Value": value, "Basis": "amount"}
    return {**content, "Rules": [*content.get("Rules", []), rule]}


def wrong_bridges(seed: int, folder: Path) -> tuple[list[str], int]:
    """What is wrong with the bridge from a random scenario to one with other cells and rows; 1 where there is one."""
    rng = random.Random(seed)  # noqa: S311
    content = seeded(seed, "small")
    try:
        one = planned(with_idle_rule(content, 1000), folder, "one")
        edits = changed if seed % 2 else random_content_edits
        other = planned(with_idle_rule(edits(content, rng), 3000), folder, "other")
    except ScenarioError:
        return [], 0
    found = bridge(one, other)
    if not isinstance(found, Bridge):
        return ([] if None in (one.objective, other.objective) else [no_bridge_text(found)]), 0
    wrong = wrong_sums(found, one, other)
    if plainly(bridge(other, one)) != mirrored(found):
        wrong.append("the other way round")
    idle = of(found, f"Rules / {IDLE}")
    if idle.objective or idle.amounts:
        wrong.append(f"what never binds: {idle.objective} {idle.amounts}")
    if any(_size(one) < _size(two) for one, two in pairwise([p for p in found.parts if p.name != ROUNDING])):
        wrong.append("the order")
    return [f"{seed}: {each}" for each in wrong], 1


def _size(part: Part) -> Fraction:
    return abs(part.objective) if part.objective is not None else sum(map(abs, part.amounts.values()))


def check(seeds: range, folder: Path, fewest: int) -> None:
    wrong, bridges = [], 0
    for seed in seeds:
        found, counted = wrong_bridges(seed, folder)
        wrong += found
        bridges += counted
    assert wrong == []
    assert bridges >= fewest


@pytest.mark.slow
def test_random_bridges_add_up(tmp_path):
    check(range(10), tmp_path, fewest=4)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(100, 500, 50))
def test_more_random_bridges_add_up(first, tmp_path):
    check(range(first, first + 50), tmp_path, fewest=15)
