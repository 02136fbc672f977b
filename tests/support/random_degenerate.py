"""Random scenarios whose optimum is degenerate: caps that sum to the whole budget, rules given twice, floors that are
caps, equal benefits, sources that share an area. `content_workbook` writes them.
"""

from __future__ import annotations

import random

from random_ground import tidy

Content = dict[str, list[dict]]
AREAS = ("Schools", "Roads", "Clinics", "Parks", "Sport", "Housing")
SOURCES = ("City", "State", "Donors")


def degenerate(seed: int) -> Content:
    """The degenerate scenario of a seed."""
    return Tight(random.Random(seed)).content()  # noqa: S311


class Tight:
    """Most demands are made to hold exactly at one plan."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.areas = list(AREAS[: rng.randint(2, 5)])
        self.years = [2026 + n for n in range(rng.choice((1, 1, 2, 3)))]
        self.sources = list(SOURCES[: rng.choice((1, 1, 1, 2, 3))])
        self.unit = rng.choice((1, 1, 10, 1000))
        self.pays = {a: self.payers() for a in self.areas}
        self.plan = {
            (a, t, s): self.unit * rng.choice((0, 5, 5, 10, 20, 25)) if s in self.pays[a] else 0
            for a in self.areas
            for t in self.years
            for s in self.sources
        }
        self.cells = {(s, t): self.cell(s, t) for s in self.sources for t in self.years}
        self.benefit = {a: rng.choice((1, 1, 2, 3, 0.5)) for a in self.areas}

    def payers(self) -> list[str]:
        return self.sources if self.rng.random() < 0.6 else [self.rng.choice(self.sources)]

    def cell(self, source: str, year: int) -> float:
        """What the plan spends, or a little more."""
        spent = sum(self.plan[a, year, source] for a in self.areas)
        return spent + (self.unit * self.rng.choice((0, 0, 0, 5)) if spent else self.unit * 10)

    def paid(self, area: str, year: int) -> float:
        return sum(self.plan[area, year, s] for s in self.sources)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def content(self) -> Content:
        settings = {"Unit": "million", "Step": self.rng.choice((0, 0, self.unit))}
        if self.chance(0.2):
            settings["Discount rate"] = 0.25
        content = {
            "Scenario": [{"Setting": key, "Value": value} for key, value in settings.items()],
            "Budget": [self.budget_row(s) for s in self.sources],
            "Areas": [self.area_row(a) for a in self.areas],
            "Benefits": [row for a in self.areas if self.chance(0.25) for row in self.bands(a)],
            "Rules": [rule for number in range(self.rng.randint(1, 3)) for rule in self.rules(number)],
        }
        if self.chance(0.35):
            self.add_indicator(content)
        return {sheet: rows for sheet, rows in content.items() if rows}

    def budget_row(self, source: str) -> dict:
        row = {"Source": source, "Last year": self.unit * 50} | {t: self.cells[source, t] for t in self.years}
        if source != self.sources[0] and self.chance(0.3):
            row["Kind"] = "other"
        if len(self.years) > 1 and self.chance(0.25):
            row["Carry over"] = "yes"
        return row

    def area_row(self, area: str) -> dict:
        row = {"Area": area, "Benefit": self.benefit[area], "Last year": self.unit * 10}
        row |= {f"Last year: {s}": self.unit * 5 if s in self.pays[area] else 0 for s in self.sources}
        if self.pays[area] != self.sources:
            row["Sources"] = "; ".join(self.pays[area])
        if self.chance(0.6):
            row["Maximum"] = max(self.paid(area, t) for t in self.years)
        if self.chance(0.3):
            row["Minimum"] = min(self.paid(area, t) for t in self.years)
        return row

    def bands(self, area: str) -> list[dict]:
        """A band that ends where the plan is, one that begins there."""
        end = max(self.paid(area, t) for t in self.years)
        if not end:
            return []
        top = self.rng.choice((3, 2))
        return [{"Area": area, "Up to": end, "Benefit": top}, {"Area": area, "Benefit": self.rng.choice((top, 1, 0.5))}]

    def rules(self, number: int) -> list[dict]:
        """A rule that the plan just meets, sometimes twice, sometimes for every area."""
        area, year = self.rng.choice(self.areas), self.rng.choice(self.years)
        rule = {"Rule": f"R{number}", "Area": area, "Operator": self.rng.choice((">=", "<=", "<=", "=")), "Years": year}
        way = self.rng.choice(("amount", "budget", "spending", "area", "every", "last year", "pair"))
        money, all_money = self.paid(area, year), sum(self.paid(a, year) for a in self.areas)
        if way == "amount" or not all_money:
            rule |= {"Value": money, "Basis": "amount"}
        elif way in ("budget", "spending"):
            part = self.cells_of(year) if way == "budget" else all_money
            rule |= {"Source": "all", "Value": tidy(min(round(money / part, 4), 0.99)), "Basis": way}
        elif way == "area":
            other = self.rng.choice([a for a in self.areas if a != area])
            rule |= {"Value": tidy(round(money / (self.paid(other, year) or 1), 4) % 10), "Basis": other}
        elif way == "every":
            most = max(self.paid(a, year) for a in self.areas)
            rule |= {"Area": "every area", "Operator": "<=", "Value": most, "Basis": "amount"}
        elif way == "last year":
            before = self.paid(area, year - 1) if year > self.years[0] else self.before(area)
            rule |= {"Source": "all", "Value": tidy(round(money / (before or 1), 4)), "Basis": "last year"}
        else:
            rule |= {"Area": "total", "Value": all_money, "Operator": "<=", "Basis": "amount"}
        if rule["Operator"] == "=" and rule["Basis"] != "amount":
            rule["Operator"] = "<="
        twin = {**rule, "Rule": f"R{number} again"}
        return [rule, twin] if self.chance(0.4) else [rule]

    def before(self, area: str) -> float:
        return self.unit * 5 * len(self.pays[area])

    def cells_of(self, year: int) -> float:
        return sum(self.cells[s, year] for s in self.sources)

    def add_indicator(self, content: Content) -> None:
        """A target that the plan just reaches."""
        effects = {a: self.rng.choice((0, 1, 1, 0.5)) for a in self.areas}
        year = self.rng.choice(self.years)
        reached = sum(effects[a] * self.paid(a, year) for a in self.areas)
        row = {"Indicator": "Places", "Operator": self.rng.choice((">=", "<=")), "Target": reached, "Year": year}
        content["Indicators"] = [{**row, "Counts": "year"}]
        content["Effects"] = [{"Area": a, "Places": effect} for a, effect in effects.items()]
