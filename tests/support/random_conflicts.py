"""Scenarios without a plan, of the kinds that budgets run into, and feasible ones tightened until they have none."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

from random_scenarios import Content, seeded

AREAS = ("Culture", "Schools", "Roads", "Health", "Parks", "Housing", "Water")


def ground(rng: random.Random, years: int = 1, step: float = 0.001) -> Content:
    """Areas without limits, one source of about 1,000 a year."""
    budget = {2026 + number: rng.randint(900, 1100) for number in range(years)}
    settings = {"Title": "No plan", "Unit": "billion", "Step": step}
    return {
        "Scenario": [{"Setting": key, "Value": value} for key, value in settings.items()],
        "Budget": [{"Source": "City budget", "Last year": 950, **budget}],
        "Areas": [{"Area": name, "Last year": rng.randint(50, 150), "Benefit": rng.randint(1, 5)} for name in AREAS],
        "Rules": [],
    }


def rule(name: str, area: str, operator: str, value: float, basis: str, **more: object) -> dict:
    return {"Rule": name, "Area": area, "Operator": operator, "Value": value, "Basis": basis, **more}


def floors_above_the_budget(rng: random.Random) -> Content:
    content = ground(rng, rng.randint(1, 3))
    for area in content["Areas"]:
        area |= {"Minimum share": round(rng.uniform(0.15, 0.2), 3)} if rng.random() < 0.9 else {"Minimum": 200}
    return content


def cap_below_a_rule(rng: random.Random) -> Content:
    content = ground(rng, 2)
    content["Areas"][0]["Maximum"] = 30
    strength = {"Strength": rng.choice(("must", "law"))}
    content["Rules"] = [rule("Culture over 4 %", "Culture", rng.choice((">=", ">")), 0.04, "budget", **strength)]
    return content


def chain_of_ratios(rng: random.Random) -> Content:
    """Each area a multiple of the next, the last has a floor, the first a cap."""
    content = ground(rng)
    length = rng.randint(2, 5)
    for number in range(length - 1):
        ratio = round(rng.uniform(0.5, 2), 2)
        content["Rules"].append(rule(f"Ratio {number}", AREAS[number], ">=", ratio, AREAS[number + 1]))
    content["Areas"][length - 1]["Minimum"] = 100
    content["Areas"][0]["Maximum"] = 5
    return content


def cyclic_ratios(rng: random.Random) -> Content:
    content = ground(rng)
    length = rng.randint(2, 4)
    for number in range(length):
        other = AREAS[(number + 1) % length]
        content["Rules"].append(rule(f"More than {other}", AREAS[number], ">=", round(rng.uniform(1.1, 2), 1), other))
    content["Rules"].append(rule("Some of it", AREAS[0], ">", 0.01, "budget"))
    return content


def cumulative_budget(rng: random.Random) -> Content:
    """What is left moves on, so that the sums over the years are what binds."""
    content = ground(rng, 3)
    content["Budget"][0]["Carry over"] = "yes"
    content["Rules"] = [
        rule("Rising", "total", ">=", round(rng.uniform(0.4, 0.5), 2), "change on last year", Years="2027-2028"),
        rule("At the start", "total", ">=", round(rng.uniform(0.85, 0.95), 2), "budget", Years=2026),
        rule("Never mind", "Roads", "<=", 0.5, "spending"),
    ]
    return content


def target_out_of_reach(rng: random.Random) -> Content:
    content = ground(rng, 2)
    year = rng.choice((2026, 2027))
    target = {"Indicator": "Jobs", "Unit": "jobs", "Baseline": 1000, "Operator": rng.choice((">=", ">", "="))}
    content["Indicators"] = [target | {"Target": 50_000, "Year": year}]
    if rng.random() < 0.5:
        content["Indicators"].append({"Indicator": "Smoke", "Operator": "<=", "Target": 10})
    content["Effects"] = [{"Area": a, "Jobs": round(rng.uniform(0.1, 9), 2), "Smoke": 0.001} for a in AREAS[:4]]
    if len(content["Indicators"]) == 1:
        for row in content["Effects"]:
            del row["Smoke"]
    return content


def target_that_no_money_moves(rng: random.Random) -> Content:
    content = ground(rng)
    upper = rng.random() < 0.5
    content["Indicators"] = [
        {"Indicator": "Waiting", "Baseline": 10, "Operator": "<=" if upper else ">=", "Target": 4 if upper else 14}
    ]
    content["Effects"] = [{"Area": "Health", "Waiting": 0.5 if upper else -0.5}]
    return content


def all_to_be_spent(rng: random.Random) -> Content:
    content = ground(rng, 2)
    content["Budget"][0]["Spend"] = "all"
    for area in content["Areas"]:
        area["Maximum"] = rng.randint(90, 120)
    return content


def two_apart(rng: random.Random) -> Content:
    """Conflicts that have nothing to do with each other."""
    content = ground(rng, 2)
    content["Areas"][0] |= {"Maximum": 10}
    content["Areas"][1] |= {"Minimum": 300}
    content["Rules"] = [
        rule("Culture first", "Culture", ">=", 0.1, "budget"),
        rule("Schools last", "Schools", "<", 0.05, "budget", Years=2027),
    ]
    return content


def law_and_city(rng: random.Random) -> Content:
    """A law is in a conflict with two rules, which are in another one without it."""
    content = ground(rng)
    content["Rules"] = [
        rule("The law", "Culture", ">=", 0.3, "budget", Strength="law"),
        rule("City's floor", "Culture", ">=", 0.25, "budget"),
        rule("City's cap", "Culture", "<=", 0.2, "budget"),
    ]
    rng.shuffle(content["Rules"])
    return content


def only_law(rng: random.Random) -> Content:
    content = ground(rng)
    content["Rules"] = [
        rule("One law", "Culture", ">=", 0.6, "budget", Strength="law"),
        rule("Another law", "Culture", "<=", 0.5, "budget", Strength="law"),
        rule("City's", "Roads", "<=", 0.5, "budget"),
    ]
    rng.shuffle(content["Rules"])
    return content


KINDS: tuple[Callable[[random.Random], Content], ...] = (
    floors_above_the_budget, cap_below_a_rule, chain_of_ratios, cyclic_ratios, cumulative_budget, target_out_of_reach,
    target_that_no_money_moves, all_to_be_spent, two_apart, law_and_city, only_law,
)  # fmt: skip


def of_kind(number: int) -> Content:
    """The scenario without a plan of a number: kinds take turns."""
    return KINDS[number % len(KINDS)](random.Random(number))  # noqa: S311


def tightened(seed: int, size: str = "small") -> Content:
    """A random scenario made much tighter, in one of several ways; most of them then have no plan."""
    rng = random.Random(seed)  # noqa: S311
    content = copy.deepcopy(seeded(seed, size))
    for tighten in rng.sample((_less_money, _higher_floors, _stricter_rules, _more_law), rng.randint(2, 4)):
        tighten(content, rng)
    return content


def _less_money(content: Content, rng: random.Random) -> None:
    for row in content["Budget"]:
        for head, value in row.items():
            if isinstance(head, int) and rng.random() < 0.5 and isinstance(value, int | float):
                row[head] = round(value * 0.4)


def _higher_floors(content: Content, rng: random.Random) -> None:
    for row in content["Areas"]:
        for head in ("Minimum", "Minimum share"):
            if isinstance(row.get(head), int | float) and rng.random() < 0.7:
                row[head] = round(row[head] * 2, 3)
        if rng.random() < 0.3 and not row.get("Minimum share") and not row.get("Maximum share"):
            row["Minimum share"] = 0.3


def _stricter_rules(content: Content, rng: random.Random) -> None:
    for row in content.get("Rules", []):
        if isinstance(row["Value"], int | float) and rng.random() < 0.5:
            row["Value"] = round(row["Value"] * (0.5 if row["Operator"] in ("<", "<=") else 1.5), 4)
            if row.get("Strength", "must").startswith("goal"):
                row["Strength"] = "must"


def _more_law(content: Content, rng: random.Random) -> None:
    for row in content.get("Rules", []):
        if row.get("Strength", "must") == "must" and rng.random() < 0.5:
            row["Strength"] = "law"
