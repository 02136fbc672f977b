"""Sweeps against brute force: the objective at many values of a cell, each planned from scratch."""

import random

import pytest

from allocator import read_scenario
from allocator.analyses.sweep import CHANGE, Sweep, sweep
from allocator.errors import ScenarioError, UsageError
from allocator.programme.build import build
from allocator.programme.highs import Outcome
from allocator.programme.solve import solve
from allocator.scenario.changes import find_cell, read_range, with_value
from content_workbook import write_content
from random_scenarios import seeded
from test_warm import HEADINGS, SHEETS
from textbook import CASES, row_name, scenario_of

NEAR = 1e-6
"""So near to the end of the values with a plan, as a part of the way, nothing is compared."""


def scenario(content: dict, folder):
    return read_scenario(write_content(content, folder / "scenario.xlsx"))


def from_scratch(asked: Sweep, value: float) -> float | None:
    solution = solve(build(with_value(asked.scenario, asked.asked.found, value)))
    return solution.objective if solution.outcome is Outcome.OPTIMAL else None


def by_lines(found: Sweep, value: float) -> float | None:
    """The objective between two neighbouring points, by the straight line between them."""
    points = found.points
    right = next(i for i, point in enumerate(points) if point.value >= value)
    one, two = points[max(right - 1, 0)], points[max(right, 1)]
    if one.plan is None or two.plan is None:
        return None
    part = (value - one.value) / (two.value - one.value)
    return one.plan.objective + part * (two.plan.objective - one.plan.objective)


def wrong_values(found: Sweep, values: list[float]) -> list[str]:
    span = found.points[-1].value - found.points[0].value
    size = max([abs(point.plan.objective) for point in found.planned] or [1.0])
    wrong = []
    for value in values:
        if any(abs(point.value - value) < NEAR * span for point in found.points):
            continue
        true, said = from_scratch(found, value), by_lines(found, value)
        if (true is None) != (said is None):
            wrong.append(f"{value}: {true} but {said}")
        elif true is not None and true != pytest.approx(said, rel=1e-6, abs=1e-7 * max(1.0, size)):
            wrong.append(f"{value}: {true} but {said}")
    return wrong


def wrong_slopes(found: Sweep) -> list[str]:
    """Where the slopes beside a piece aren't those of the line through its ends."""
    span = found.points[-1].value - found.points[0].value
    size = max([abs(point.plan.objective) for point in found.planned] or [1.0]) / span
    wrong = []
    for one, two in zip(found.points, found.points[1:], strict=False):
        if one.plan is None or two.plan is None or two.value - one.value < 1e-5 * span:
            continue
        true = (two.plan.objective - one.plan.objective) / (two.value - one.value)
        wrong += [
            f"{one.value}: {slope}, not {true}"
            for slope in (one.slope_right, two.slope_left)
            if slope != pytest.approx(true, rel=1e-4, abs=1e-4 * max(size, 1e-9))
        ]
    return wrong


def random_cell(content: dict, rng: random.Random) -> tuple[str, float]:
    cells = []
    for sheet in SHEETS:
        rows = content.get(sheet, [])
        names = [next(iter(row.values())) for row in rows]
        for row in rows:
            name = next(iter(row.values()))
            if names.count(name) > 1 or sheet == "Benefits" or "Indicator" in row and sheet == "Effects":
                continue
            cells += [
                (f"{sheet}/{name}/{head}", value)
                for head, value in row.items()
                if isinstance(value, int | float) and value and (sheet in ("Budget", "Effects") or head in HEADINGS)
            ]
    return rng.choice(cells)


def random_sweep(seed: int, folder, size: str = "small") -> Sweep | None:
    """A sweep of any cell of a random scenario; None where the values about today's can't be used."""
    rng = random.Random(seed)  # noqa: S311
    content = seeded(seed, size)
    address, value = random_cell(content, rng)
    base = scenario(content, folder)
    ends = sorted((value * rng.uniform(0.4, 0.98), value * rng.uniform(1.02, 1.6)))
    percent = find_cell(base, address).percent
    typed = "..".join(f"{end * 100:.9f}%" if percent else f"{end:.9f}" for end in ends)
    try:
        return sweep(base, read_range(base, f"{address}={typed}"))
    except ScenarioError:
        return None


def check(seed: int, folder, size: str = "small") -> bool:
    """Compare a random sweep with brute force; whether there was one that is straight."""
    found = random_sweep(seed, folder, size)
    if found is None:
        return False
    rng = random.Random(seed)  # noqa: S311
    if found.straight:
        values = [rng.uniform(found.points[0].value, found.points[-1].value) for _ in range(12)]
        assert wrong_values(found, values) == []
        assert wrong_slopes(found) == []
    for point in found.points:
        if point.plan is not None and (found.straight or CHANGE not in point.why):
            true = from_scratch(found, point.value)
            assert true is None or true == pytest.approx(point.plan.objective, rel=1e-6, abs=1e-6)
    return found.straight and bool(found.planned)


@pytest.mark.parametrize("seed", range(40))
def test_random_sweeps(seed, tmp_path):
    check(seed, tmp_path)


def test_most_random_sweeps_are_compared(tmp_path):
    assert sum(check(seed, tmp_path, "tiny") for seed in range(100, 112)) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_random_sweeps_many_times(seed, tmp_path):
    check(seed, tmp_path)
