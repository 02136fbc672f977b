"""Scenarios at every magnitude, from thousandths of a unit to hundreds of billions of thousands, and odd numbers."""

from __future__ import annotations

import random
from fractions import Fraction

from content_workbook import Content

STEPS = (0, 0.001, 0.01, 1, 5, 1000)
PERCENTAGES = (-0.27, -0.275, -0.12345, -0.333, 0.0175, 0.073, 0.1)
"""Those by which typed amounts come to halves and long fractions."""
AREAS = ("Education", "Roads", "Health", "Culture", "Parks")


def of_magnitude(seed: int) -> Content:
    """A scenario with amounts of about 10^-3 … 10^14 Steps, several years and sources, rules of all bases."""
    rng = random.Random(seed)  # noqa: S311
    scale = 10.0 ** rng.randint(-3, 14)
    step = rng.choice([s for s in STEPS if s <= scale / 100 or not s])
    amount = _amounts(rng, scale, step)
    years = list(range(2026, 2026 + rng.randint(1, 3)))
    areas = AREAS[: rng.randint(2, 5)]
    two = rng.random() < 0.4
    objective = rng.choice(("maximise benefit", "minimise spending"))
    content: Content = {
        "Scenario": _settings({"Unit": "dong", "Step": step, "Objective": objective,
                               "Discount rate": rng.choice((0, 0, 0.05, 0.0725))}),
        "Budget": [_source("City", amount(5, 9), {y: amount(5, 9) for y in years}, rng)],
        "Areas": [_area(name, amount, rng, places=rng.choice((1, 3, 6))) for name in areas],
        "Rules": list(_rules(rng, areas, amount, years)),
    }  # fmt: skip
    if two:
        content["Budget"].append(_source("Fund", amount(0.5, 1), {y: amount(0.5, 1) for y in years}, rng, kind="other"))
    if rng.random() < 0.5:
        content["Indicators"] = [_indicator(rng, scale)]
        content["Effects"] = [{"Area": a, "Jobs": round(rng.uniform(0.1, 3), 3)} for a in areas]
    return content


def _settings(values: dict[str, object]) -> list[dict]:
    return [{"Setting": key, "Value": value} for key, value in values.items()]


def _amounts(rng: random.Random, scale: float, step: float):
    """Return a maker of typed amounts between two multiples of `scale`: whole Steps, whole units or long fractions."""
    kind = rng.choice(("steps", "steps", "digits"))

    def amount(low: float, high: float) -> float:
        value = Fraction(rng.uniform(low, high)) * Fraction(scale)
        if kind == "steps" and step:
            unit = Fraction(str(step))
            return float(round(value / unit) * unit)
        return float(f"{float(value):.12g}")

    return amount


def _source(name: str, last: float, money: dict[int, float], rng: random.Random, kind: str = "budget") -> dict:
    return {"Source": name, "Kind": kind, "Last year": last, **money,
            "Carry over": "yes" if rng.random() < 0.3 else None}  # fmt: skip


def _area(name: str, amount, rng: random.Random, places: int) -> dict:
    row = {"Area": name, "Last year": amount(0.5, 1.2), "Benefit": round(rng.uniform(0.5, 4), places)}
    if rng.random() < 0.4:
        row["Minimum"] = amount(0.1, 0.5)
    if rng.random() < 0.5:
        row["Maximum"] = amount(1.5, 4)
    if rng.random() < 0.2:
        row["Minimum share"] = round(rng.uniform(0.01, 0.08), 5)
    return row


def _rules(rng: random.Random, areas: tuple[str, ...], amount, years: list[int]):
    change = rng.choice(PERCENTAGES[:4])
    yield _rule("No deep cut", rng.choice((areas[0], "every area")), ">=", change, "change on last year")
    first, second = rng.sample(areas, 2)
    if rng.random() < 0.6:
        yield _rule("Ratio", first, ">=", round(rng.uniform(0.05, 0.5), 4), second)
    if rng.random() < 0.5:
        yield _rule("Share", second, ">=", rng.choice(PERCENTAGES[4:]), rng.choice(("budget", "spending")))
    if rng.random() < 0.4:
        yield _rule("Points", first, ">=", -0.0213, "points on last year's share", rng.choice(("must", "goal 1")))
    if rng.random() < 0.4:
        yield _rule("Share kept", second, rng.choice((">=", ">")), 0.7123, "last year's share", "goal 1")
    if rng.random() < 0.5:
        yield _rule("Goal", first, ">=", amount(3, 9), "amount", rng.choice(("goal 1", "goal 2")))
    if len(years) > 1 and rng.random() < 0.5:
        yield _rule("Together", second, "<=", 0.4321, "spending", Years=f"{years[0]}-{years[-1]} together")
    if rng.random() < 0.3:
        yield _rule("Exactly", first, "=", amount(0.9, 1.1), "amount", rng.choice(("goal 1", "goal 2")))


def _rule(name: str, area: str, operator: str, value: float, basis: str, strength: str = "must", **more) -> dict:
    return {"Rule": name, "Area": area, "Operator": operator, "Value": value, "Basis": basis, "Strength": strength,
            "Years": None} | more  # fmt: skip


def _indicator(rng: random.Random, scale: float) -> dict:
    return {"Indicator": "Jobs", "Baseline": round(rng.uniform(0, 100), 2), "Operator": ">=",
            "Target": float(f"{rng.uniform(0.5, 9) * scale:.4g}"), "Counts": rng.choice(("cumulative", "year")),
            "Measured from": rng.choice(("nothing", "last year")),
            "Strength": "goal 2", "Weight": rng.choice((0, 0, 0.25))}  # fmt: skip
