"""Sweeps to compare with plans made from scratch."""

import random

from allocator import read_scenario
from allocator.analyses.sweep import Sweep, sweep
from allocator.errors import ScenarioError
from allocator.scenario.changes import find_cell, read_range
from content_workbook import write_content
from moved_numbers import HEADINGS, SHEETS
from random_scenarios import seeded


def scenario(content: dict, folder):
    return read_scenario(write_content(content, folder / "scenario.xlsx"))


def random_cell(content: dict, rng: random.Random) -> tuple[str, float]:
    cells = []
    for sheet in SHEETS:
        rows = content.get(sheet, [])
        names = [next(iter(row.values())) for row in rows]
        for row in rows:
            name = next(iter(row.values()))
            if names.count(name) > 1 or sheet == "Benefits" or (sheet == "Effects" and "Indicator" in row):
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


TWO = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 0}],
    "Budget": [{"Source": "City", 2026: 100}],
    "Areas": [
        {"Area": "Schools", "Last year": 60, "Maximum": 80, "Benefit": None},
        {"Area": "Roads", "Last year": 30, "Benefit": 2},
    ],
    "Benefits": [
        {"Area": "Schools", "Up to": 30, "Benefit": 5},
        {"Area": "Schools", "Up to": None, "Benefit": 1},
    ],
    "Rules": [{"Rule": "Roads first", "Area": "Roads", "Operator": ">=", "Value": 0.4, "Basis": "budget"}],
}
