"""Warm re-solves: other numbers in the kept model give what solving from scratch gives."""

import random

import pytest

from allocator import read_scenario
from allocator.errors import ScenarioError
from allocator.programme.build import build
from allocator.programme.matrix import ScaledMatrix
from allocator.programme.solve import solve
from allocator.programme.what_ifs import WhatIfs
from content_workbook import write_content
from moved_numbers import TWO, changed, differences
from quick_part import quick_part
from random_scenarios import seeded

CHANGES = 6


def compare(seed: int, folder, size: str) -> tuple[list[str], int]:
    """What differs, and how often a plan was compared."""
    rng = random.Random(seed)  # noqa: S311
    content = seeded(seed, size)
    warm = WhatIfs(build(read_scenario(write_content(content, folder / "first.xlsx"))))
    found, plans = [], 0
    for number in range(CHANGES):
        other = changed(content, rng) if number else content
        try:
            programme = build(read_scenario(write_content(other, folder / f"{number}.xlsx")))
        except ScenarioError:
            continue
        optimum = warm.optimum(programme)
        plans += optimum is not None
        found += [f"change {number}: {text}" for text in differences(solve(programme), optimum)]
    return found, plans


@pytest.mark.parametrize("seed", quick_part(range(10), 3))
def test_as_from_scratch(seed, tmp_path):
    assert compare(seed, tmp_path, "small")[0] == []


@pytest.mark.slow
def test_most_scenarios_have_plans(tmp_path):
    assert sum(compare(seed, tmp_path, "tiny")[1] for seed in range(10)) >= CHANGES * 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_as_from_scratch_many_times(seed, tmp_path):
    assert compare(seed, tmp_path, "small" if seed % 3 else "medium")[0] == []


def programme(content: dict, folder):
    return build(read_scenario(write_content(content, folder / "scenario.xlsx")))


def test_prices_are_those_of_the_rows(tmp_path):
    asked = programme(TWO, tmp_path)
    prices = dict(zip([row.name for row in asked.rows], WhatIfs(asked).solve({}).prices, strict=True))
    assert (prices["Budget: City"], prices["Floor"]) == pytest.approx((2, -1))


def test_a_goal_met_by_every_plan_hides_no_other(tmp_path):
    targets = (("Never", "C", -1e-14, "goal 1"), ("First", "A", 50, "goal 1"), ("Second", "B", 60, "goal 2"))
    asked = programme(
        TWO
        | {
            "Indicators": [
                {"Indicator": name, "Unit": "places", "Operator": ">=", "Target": target, "Strength": strength}
                for name, _, target, strength in targets
            ],
            "Effects": [{"Area": area, "Indicator": name, "Effect": 1} for name, area, _, _ in targets],
        },
        tmp_path,
    )
    found = WhatIfs(asked).solve({})
    assert differences(solve(asked), found) == []
    assert found.amounts["A", 2026, "City"] == pytest.approx(50)
    assert found.goal_sums == pytest.approx({1: 0, 2: 1 / 3})


def test_a_goal_weighs_the_same_whether_it_can_be_missed_or_not(tmp_path):
    """Its number may move from the one to the other, and the numbers in between are interpolated."""

    def weights(value: float) -> list[tuple[float, ...]]:
        goals = [
            {"Rule": area, "Area": area, "Operator": ">=", "Value": most, "Basis": "amount", "Years": year}
            for area, most, year in (("A", value, 2026), ("B", 50, 2027))
        ]
        content = TWO | {
            "Budget": [{"Source": "City", 2026: 100, 2027: 200}],
            "Rules": [goal | {"Strength": "goal 1"} for goal in goals],
        }
        return [stage.weights for stage in ScaledMatrix(programme(content, tmp_path)).stages]

    assert weights(0) == weights(5) == [(1.0, 0.5)]


def test_the_nearest_among_plans_as_good(tmp_path):
    asked = programme(TWO, tmp_path)
    found = WhatIfs(asked).solve({})
    for amount in (35.0, 42.0, 60.0):
        near = found.nearest({("A", 2026): amount, ("B", 2026): 90 - amount, ("C", 2026): 10.0})
        assert [near[area, 2026, "City"] for area in "ABC"] == pytest.approx([amount, 90 - amount, 10])
    assert found.objective == pytest.approx(190)


def test_another_shape_becomes_the_kept_one(tmp_path):
    asked = programme(TWO, tmp_path)
    warm = WhatIfs(asked)
    bands = [{"Area": "C", "Up to": 5, "Benefit": 9}, {"Area": "C", "Up to": None, "Benefit": 1}]
    other = programme(
        TWO | {"Benefits": bands, "Areas": [TWO["Areas"][0], TWO["Areas"][1], {"Area": "C", "Last year": 20}]}, tmp_path
    )
    assert warm.optimum(other).objective == pytest.approx(2 * 90 + 5 * 9 + 5)
    assert warm.optimum(asked).objective == pytest.approx(190)
    first = warm.optimum(asked)
    assert warm.optimum(other) is not None
    assert first.chosen()["C", 2026, "City"] == pytest.approx(10), "an optimum outlives what came after it"


def test_no_plan_and_then_one_again(tmp_path):
    asked = programme(TWO, tmp_path)
    none = programme(TWO | {"Rules": [dict(TWO["Rules"][0], Value=0.7)]}, tmp_path)
    warm = WhatIfs(asked)
    assert [answer is None for answer in map(warm.optimum, (none, asked, none, asked))] == [True, False, True, False]
