"""Scenarios with some of their numbers moved, for tests that plan them again."""

import copy
import random

import pytest

from allocator.programme.solve import Solution
from allocator.programme.status import Status
from allocator.programme.what_ifs import Answer

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


def differences(solution: Solution, optimum: Answer | None) -> list[str]:
    if optimum is None or solution.status is not Status.OPTIMAL:
        same = (optimum is None) == (solution.status is Status.INFEASIBLE)
        return [] if same else [f"plan: {optimum is not None}, but from scratch {solution.status}"]
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


TWO = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 0}],
    "Budget": [{"Source": "City", 2026: 100}],
    "Areas": [
        {"Area": name, "Last year": 20, "Maximum": 60, "Benefit": benefit}
        for name, benefit in (("A", 2), ("B", 2), ("C", 1))
    ],
    "Rules": [{"Rule": "Floor", "Area": "C", "Operator": ">=", "Value": 0.1, "Basis": "budget"}],
}
