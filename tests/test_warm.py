"""Warm re-solves: other numbers in the kept model give what solving from scratch gives."""

import copy
import random

import pytest

from allocator import read_scenario
from allocator.errors import ScenarioError
from allocator.programme.build import build
from allocator.programme.highs import Outcome
from allocator.programme.solve import Solution, solve
from allocator.programme.warm import Optimum, Warm
from content_workbook import write_content
from random_scenarios import seeded

CHANGES = 6
SHEETS = ("Budget", "Areas", "Limits", "Benefits", "Rules", "Indicators", "Effects")
HEADINGS = (
    *("Minimum", "Maximum", "Minimum share", "Maximum share", "Benefit", "Value", "Target", "Weight", "Baseline"),
    *("Up to", "Up to, of last year", "Effect", "Cost per unit", "Result 2", "Last year"),
)


def changed(content: dict, rng: random.Random) -> dict:
    """The same scenario with a few of its numbers moved, sometimes to zero."""
    found = copy.deepcopy(content)
    cells = [
        (row, head)
        for sheet in SHEETS
        for row in found.get(sheet, [])
        for head, value in row.items()
        if isinstance(value, int | float) and (sheet in ("Budget", "Effects") or head in HEADINGS)
    ]
    for row, head in rng.sample(cells, min(len(cells), rng.randint(1, 5))):
        row[head] = 0 if rng.random() < 0.1 else row[head] * rng.choice((0.5, 0.9, 0.99, 1.01, 1.1, 1.7))
    if rng.random() < 0.3:
        found["Scenario"].append({"Setting": "Discount rate", "Value": rng.choice((0, 0.03, 0.5))})
        found["Scenario"] = list({row["Setting"]: row for row in found["Scenario"]}.values())
    return found


def differences(solution: Solution, optimum: Optimum | None) -> list[str]:
    if optimum is None or solution.outcome is not Outcome.OPTIMAL:
        same = (optimum is None) == (solution.outcome is Outcome.INFEASIBLE)
        return [] if same else [f"plan: {optimum is not None}, but from scratch {solution.outcome}"]
    found = []
    if optimum.objective != pytest.approx(solution.objective, rel=1e-7, abs=1e-7):
        found.append(f"objective {optimum.objective} {solution.objective}")
    if optimum.goal_sums != pytest.approx(solution.goal_sums, rel=1e-7, abs=1e-9):
        found.append(f"goals {optimum.goal_sums} {solution.goal_sums}")
    chosen = optimum.chosen()
    size = max(map(abs, chosen.values()), default=1)
    if chosen != pytest.approx(dict(solution.amounts), rel=1e-6, abs=1e-6 * max(size, 1)):
        found.append("the plan chosen among ties")
    return found


def compare(seed: int, folder, size: str) -> tuple[list[str], int]:
    """What differs, and how often a plan was compared."""
    rng = random.Random(seed)  # noqa: S311
    content = seeded(seed, size)
    warm = Warm(build(read_scenario(write_content(content, folder / "first.xlsx"))))
    found, plans = [], 0
    for number in range(CHANGES):
        other = changed(content, rng) if number else content
        try:
            programme = build(read_scenario(write_content(other, folder / f"{number}.xlsx")))
        except ScenarioError:
            continue
        optimum = warm.at(programme)
        plans += optimum is not None
        found += [f"change {number}: {text}" for text in differences(solve(programme), optimum)]
    return found, plans


@pytest.mark.parametrize("seed", range(40))
def test_as_from_scratch(seed, tmp_path):
    assert compare(seed, tmp_path, "small")[0] == []


def test_most_scenarios_have_plans(tmp_path):
    assert sum(compare(seed, tmp_path, "tiny")[1] for seed in range(10)) >= CHANGES * 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_as_from_scratch_many_times(seed, tmp_path):
    assert compare(seed, tmp_path, "small" if seed % 3 else "medium")[0] == []
