"""Makes scenario workbooks of any size, always the same: a city of N areas over five years."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from allocator.scenario.writing import write_scenario

YEARS = range(2026, 2031)


def content(areas: int, seed: int = 7) -> dict[str, list[dict[str, str | int | float]]]:
    """Three sources, bands, limits, shares, continuity, two indicators and a goal; totals grow by 7 % a year."""
    draw = random.Random(seed)  # noqa: S311
    last = [round(draw.lognormvariate(4, 1), 1) for _ in range(areas)]
    total = sum(last)
    names = [f"Area {number:04d}" for number in range(1, areas + 1)]
    shares = [sum(last[group::10]) / total for group in range(10)]
    budget = {str(year): round(total * 1.07 ** (year - 2025), 1) for year in YEARS}
    return {
        "Scenario": [
            {"Setting": "Title", "Value": f"A city of {areas} areas"},
            {"Setting": "Unit", "Value": "million"},
            {"Setting": "Step", "Value": 0.1},
            {"Setting": "Discount rate", "Value": 0.05},
        ],
        "Budget": [
            {"Source": "City budget", "Kind": "budget", "Last year": round(total, 1), **budget, "Carry over": "yes"},
            {"Source": "Grants", "Kind": "other", "Last year": 0, **{str(y): round(total / 20, 1) for y in YEARS}},
            {"Source": "Loans", "Kind": "other", "Last year": 0, **{str(y): round(total / 30, 1) for y in YEARS}},
        ],
        "Areas": [
            {
                "Area": name,
                "Group": f"Group {number % 10}",
                "Last year": last[number],
                "Minimum": round(last[number] * 0.6, 1),
                "Maximum": round(last[number] * 2.5, 1),
                **({"Sources": "City budget; Grants"} if number % 3 else {}),
            }
            for number, name in enumerate(names)
        ],
        "Benefits": [
            {"Area": name, "Up to, of last year": part, "Benefit": round(base * draw.uniform(0.9, 1.1), 3)}
            for number, name in enumerate(names)
            for base, part in ((3, 1.0), (2, 1.3), (1, 3.0))
        ],
        "Rules": [
            {"Rule": f"Floor {g}", "Area": f"Group {g}", "Operator": ">=", "Value": round(part, 3), "Basis": "budget"}
            for g, part in enumerate(0.9 * share for share in shares)
        ]
        + [
            {
                "Rule": "Continuity",
                "Area": "every area",
                "Operator": ">=",
                "Value": -0.1,
                "Basis": "change on last year",
            },
            {
                "Rule": "Rise",
                "Area": "Group 1",
                "Operator": ">=",
                "Value": 0.001,
                "Basis": "points on last year's share",
            },
            {
                "Rule": "Reserve",
                "Area": "Group 2",
                "Operator": ">=",
                "Value": 0.2,
                "Basis": "spending",
                "Years": 2030,
                "Strength": "goal 1",
            },
        ],
        "Indicators": [
            {"Indicator": "Places", "Unit": "thousand", "Operator": ">=", "Target": round(total / 50), "Weight": 0.5},
            {"Indicator": "Kilometres", "Unit": "km", "Counts": "year", "Weight": 0.1},
        ],
        "Effects": [
            {"Area": name, "Places": 0.02 if number % 4 == 0 else 0, "Kilometres": 0.01 if number % 5 == 0 else 0}
            for number, name in enumerate(names)
        ],
    }


if __name__ == "__main__":
    write_scenario(Path(sys.argv[2]), content(int(sys.argv[1])))
