"""Scenarios whose numbers are of all magnitudes at once, from millionths to a hundred trillion."""

from __future__ import annotations

import random
from fractions import Fraction

from content_workbook import Content
from random_scenarios import seeded

MONEY = ("Last year", "Minimum", "Maximum")
BY_YEAR = ("Minimum 2", "Maximum 2", "Last year: ")
POWERS = (-6, -3, 0, 0, 3, 6, 9, 14)


def mixed(seed: int) -> Content:
    """A small scenario, its sources, areas, benefits and effects each multiplied by a power of ten of its own.

    Most keep what belongs together together, so that there are plans: the areas of a source, what a rule is about.
    """
    rng = random.Random(seed)  # noqa: S311
    content = {sheet: [dict(row) for row in rows] for sheet, rows in seeded(600_000 + seed, "tiny").items()}
    content["Scenario"] = [row for row in content["Scenario"] if row["Setting"] != "Step"]
    content["Scenario"].append({"Setting": "Step", "Value": 0})
    wild = rng.random() < 0.3
    of_source = {row["Source"]: rng.choice(POWERS) for row in content["Budget"]}
    for row in content["Budget"]:
        _scale_money(row, of_source[row["Source"]])
    for row in content["Areas"]:
        paid = [
            of_source[name.strip()] for name in str(row.get("Sources") or "").split(";") if name.strip() in of_source
        ]
        _scale_money(row, rng.choice(POWERS) if wild else max(paid or of_source.values()))
        if "Benefit" in row:
            row["Benefit"] = _times(row["Benefit"], rng.choice((-6, -3, 0, 0, 3, 6)))
    large = rng.choice(POWERS)
    for row in content.get("Rules", []):
        if row.get("Basis") == "amount":
            row["Value"] = _times(row["Value"], rng.choice(POWERS) if wild else large)
        elif rng.random() < 0.2:
            row["Value"] = _times(row["Value"], rng.choice((-3, 0)))
    for row in content.get("Effects", []):
        row |= {head: _times(value, rng.choice((-6, -3, 0, 0, 3))) for head, value in row.items() if head != "Area"}
    return content


def _scale_money(row: dict, power: int) -> None:
    for heading, value in row.items():
        if isinstance(heading, int) or heading in MONEY or str(heading).startswith(BY_YEAR):
            row[heading] = _times(value, power)


def _times(value: object, power: int) -> object:
    """Return a typed number times a power of ten, as a cell holds it."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    exact = Fraction(str(value)) * Fraction(10) ** power
    return float(exact) if abs(exact) < 10**15 else value
