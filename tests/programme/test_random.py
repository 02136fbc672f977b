"""Random scenarios of every feature: the engine against the oracle, which was written from docs/formats alone."""

import json
import random

import pytest

from agreement import disagreements
from allocator import optimise, read_scenario
from content_workbook import write_content
from quick_part import quick_part
from random_scenarios import seeded

SMALL = quick_part(range(90), 12)
TINY = quick_part(range(40), 10)
MANY = 1200


def compare(content: dict, path, typing: random.Random | None = None, *, ties: bool = False) -> list[str]:
    plan = optimise(read_scenario(write_content(content, path, typing)), explain=False)
    return disagreements(content, json.loads(plan.to_json()), plan.unrounded_objective, ties=ties)


@pytest.mark.parametrize("seed", SMALL)
def test_agrees_with_the_oracle(seed, tmp_path):
    assert compare(seeded(seed), tmp_path / "scenario.xlsx") == []


@pytest.mark.parametrize("seed", TINY)
def test_ties_are_broken_as_written(seed, tmp_path):
    content = seeded(10_000 + seed, "tiny")
    assert compare(unrounded(content), tmp_path / "scenario.xlsx", ties=True) == []


@pytest.mark.parametrize("seed", quick_part(range(20), 4))
def test_the_same_however_it_is_typed(seed, tmp_path):
    typing = random.Random(seed)  # noqa: S311
    assert compare(seeded(20_000 + seed), tmp_path / "scenario.xlsx", typing) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1000 + MANY))
def test_agrees_with_the_oracle_many_times(seed, tmp_path):
    typing = random.Random(seed) if seed % 4 == 0 else None  # noqa: S311
    assert compare(seeded(seed), tmp_path / "scenario.xlsx", typing) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300))
def test_ties_many_times(seed, tmp_path):
    assert compare(unrounded(seeded(30_000 + seed, "tiny")), tmp_path / "scenario.xlsx", ties=True) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_larger_ones(seed, tmp_path):
    assert compare(seeded(40_000 + seed, "medium"), tmp_path / "scenario.xlsx") == []


def unrounded(content: dict) -> dict:
    """The same with Step 0."""
    settings = [row for row in content["Scenario"] if row["Setting"] != "Step"]
    return {**content, "Scenario": [*settings, {"Setting": "Step", "Value": 0}]}
