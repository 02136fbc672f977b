"""All plans in whole Steps of a tiny scenario, tried one by one in whole numbers."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.rows import Key, Row
from allocator.scenario.model import Operator
from golden_cases import Content, rule, scenario

AREAS = ("Schools", "Clinics", "Roads", "Parks")


def tiny(seed: int, *, goals: bool = False) -> Content:
    """Two to four areas, one year, at most 14 Steps of money a source, awkward numbers."""
    rng = random.Random(seed)  # noqa: S311
    step = rng.choice((1, 1, 0.5, 2, 5))
    names = AREAS[: rng.randint(2, 4)]
    sources = ["City"] if len(names) > 2 or rng.random() < 0.6 else ["City", "Donors"]
    budget = [
        {
            "Source": source,
            "Kind": "budget",
            "Last year": 10 * step,
            2026: round(step * (rng.randint(4, 13) + rng.choice((0, 0, 0.3, 0.77))), 3),
            "Spend": rng.choice(("up to", "up to", "all")),
        }
        for source in sources
    ]
    funds = sum(row[2026] for row in budget)
    plan = [rng.random() for _ in names]
    plan = [funds * part / sum(plan) for part in plan]
    areas = []
    for name, amount in zip(names, plan, strict=True):
        row = {"Area": name, "Last year": round(amount, 1), "Benefit": round(rng.uniform(0.2, 5), 2)}
        if rng.random() < 0.3:
            row["Minimum"] = round(amount * rng.uniform(0.3, 0.9), 2)
        if rng.random() < 0.3:
            row["Maximum"] = round(amount * rng.uniform(1, 1.6), 2)
        if rng.random() < 0.15:
            row["Maximum share"] = round(amount / funds * rng.uniform(1, 1.3), 3)
        areas.append(row)
    made = [a_rule(rng, number, names, plan, goals=goals) for number in range(rng.randint(0, 3) + goals)]
    content = scenario("tiny", budget=budget, areas=areas, step=step)
    if rng.random() < 0.25:
        content["Scenario"].append({"Setting": "Objective", "Value": "minimise spending"})
    elif rng.random() < 0.4:
        end, name = round(plan[0] * rng.uniform(0.3, 0.9), 2), names[0]
        content["Benefits"] = [
            {"Area": name, "Up to": end, "Benefit": 4},
            {"Area": name, "Benefit": round(rng.uniform(-1, 3), 1)},
        ]
    return {**content, "Rules": made} if made else content


def a_rule(rng: random.Random, number: int, names: tuple[str, ...], plan: list[float], *, goals: bool) -> dict:
    """A rule around `plan`: a share, a ratio, a change or an amount; an equality now and then."""
    one, other = rng.sample(range(len(names)), 2)
    basis, ratio = rng.choice(
        (
            ("budget", plan[one] / sum(plan)),
            ("spending", plan[one] / sum(plan)),
            (names[other], plan[one] / plan[other]),
            ("change on last year", 0.0),
            ("amount", plan[one]),
        )
    )
    operator = rng.choice((">=", ">=", "<=", "<=", ">", "<", "="))
    tight = 0 if operator == "=" else rng.choice((0.0, 0.05, 0.2)) * (1 if operator in ("<=", "<") else -1)
    value = round(ratio * (1 + tight), 3) if basis != "change on last year" else round(tight, 2)
    strength = rng.choice(("goal 1", "goal 1", "goal 2")) if goals and (number == 0 or rng.random() < 0.5) else "must"
    return rule(names[one], operator, max(value, -0.9), basis, name=f"Rule {number}", strength=strength)


class Grid:
    """Every plan whose amounts are whole Steps, with what is spent within each source's money."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.step = programme.scenario.step
        most = [int(programme.scenario.source[s].available[t] / self.step) for _, t, s in programme.keys]
        self.steps = np.indices([m + 1 for m in most]).reshape(len(most), -1)
        self.column: dict[Key, int] = {key: n for n, key in enumerate(programme.keys)}

    def gap(self, row: Row) -> tuple[np.ndarray, int]:
        """(body − bound) of each plan times a whole number, and that number."""
        body = {key: c * self.step for key, c in row.body.terms.items()}
        common = math.lcm(row.bound.denominator, *(c.denominator for c in body.values()))
        total = np.full(self.steps.shape[1], -int(row.bound * common), dtype=np.int64)
        for key, c in body.items():
            total += int(c * common) * self.steps[self.column[key]]
        return total, common

    def kept(self, row: Row) -> np.ndarray:
        """Which plans keep a row; an equality to less than one Step, so exactly where whole Steps alone stand in it."""
        gap, common = self.gap(row)
        if row.operator.lower:
            return gap >= 0
        if row.operator.upper:
            return gap <= 0
        near = np.abs(gap) < common * room(row, self.step)
        return near & (gap <= 0) if row.kind.supply else near

    def plans(self) -> np.ndarray:
        """Which plans keep all musts."""
        musts = [row for row in self.programme.rows if row.strength.kind != "goal"]
        return np.logical_and.reduce([self.kept(row) for row in musts])

    def objectives(self) -> np.ndarray:
        """Each plan's objective."""
        total = np.full(self.steps.shape[1], float(self.programme.constant))
        for (area, year), pieces in self.programme.pieces.items():
            left = float(self.step) * sum(self.steps[n] for key, n in self.column.items() if key[:2] == (area, year))
            for piece in pieces:
                part = left if piece.width is None else np.minimum(left, float(piece.width))
                total += float(piece.slope) * part
                left = left - part
        return total

    def missed(self, priority: int) -> np.ndarray:
        """Each plan's sum of shortfalls of one priority."""
        total = np.zeros(self.steps.shape[1])
        for row in self.programme.rows:
            if row.strength.priority == priority:
                gap, common = self.gap(row)
                short = np.abs(gap) if row.operator is Operator.EQUAL else -gap if row.operator.lower else gap
                total += np.maximum(short, 0) / common / float(row.divisor)
        return total


def room(row: Row, step: Fraction) -> Fraction:
    """How far an equality that no whole Steps reach may be off: one Step, of an indicator what one Step does."""
    if not row.kind.money:
        return step * max((abs(c) for c in row.body.terms.values()), default=Fraction(0))
    return step
