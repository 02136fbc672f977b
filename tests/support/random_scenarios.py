"""Random scenarios of every feature that docs/formats names, as content; `content_workbook` writes it to a file.

Rules are made around a random plan, so that most scenarios have one; some are left to chance.
"""

from __future__ import annotations

import random

from random_ground import Content, Ground, tidy, years_text

INDICATORS = ("School places", "Tỷ lệ số hoá", "Clinics", "Jobs")


def random_content(rng: random.Random, *, size: str = "small") -> Content:
    """A scenario; `size` is tiny (for exact ties), small or medium."""
    return Maker(rng, size).content()


def seeded(seed: int, size: str = "small") -> Content:
    """The scenario of a seed."""
    return random_content(random.Random(seed), size=size)  # noqa: S311


class Maker(Ground):
    """Indicators, rules and the objective on that ground."""

    def content(self) -> Content:
        self.make_structure()
        budget, areas = self.make_budget(), self.make_areas()
        self.make_plan()
        content = {"Scenario": self.make_settings(), "Budget": budget, "Areas": areas}
        self.make_limits(content)
        self.make_bands(content)
        self.make_indicators(content)
        self.make_rules(content)
        self.choose_objective(content)
        return {sheet: rows for sheet, rows in content.items() if rows}

    # -------------------------------------------------------- indicators

    def make_indicators(self, content: Content) -> None:
        self.indicators: list[str] = []
        if self.chance(0.45):
            return
        self.indicators = self.rng.sample(INDICATORS, self.rng.randint(1, 3))
        self.effects = {
            (i, a): tidy(round(self.rng.uniform(-0.5, 3), 2))
            for i in self.indicators
            for a in self.leaves
            if self.chance(0.6)
        }
        content["Indicators"] = [row for name in self.indicators for row in self.indicator_rows(name)]
        content["Effects"] = self.effect_rows()

    def indicator_rows(self, name: str) -> list[dict]:
        counts = self.rng.choice(("cumulative", "year"))
        measured = self.last_known and self.chance(0.3)
        first = {"Indicator": name, "Unit": "places"}
        if self.chance(0.6):
            first["Baseline"] = self.amount(self.scale)
        if counts == "year" or self.chance(0.3):
            first["Counts"] = counts
        if measured or self.chance(0.2):
            first["Measured from"] = "last year" if measured else "nothing"
        if self.chance(0.3):
            first["Weight"] = tidy(round(self.rng.uniform(-0.2, 1), 2))
        baseline = first.get("Baseline", 0)
        if self.chance(0.2):
            return [first]
        chosen = [[year] for year in self.rng.sample(self.years, self.rng.randint(1, min(2, len(self.years))))]
        if len(chosen) == 1 and self.chance(0.3):
            chosen = [self.rng.choice(self.year_sets())]
        rows = [first, *({"Indicator": name} for _ in chosen[1:])]
        for row, years in zip(rows, chosen, strict=True):
            row |= self.target(name, years, counts, baseline, measured=measured)
        if chosen == [self.years if counts == "year" else self.years[-1:]] and self.chance(0.5):
            del first["Year"]
        if len(rows) == 2 and self.chance(0.3):
            rows[1] |= {head: first.pop(head) for head in ("Baseline", "Weight", "Counts") if head in first}
        return rows

    def target(self, name: str, years: list[int], counts: str, baseline: float, *, measured: bool) -> dict:
        values = [self.reached(name, t, counts, baseline, measured=measured) for t in years]
        operator = self.rng.choice((">=", ">=", "<=", ">", "<", "="))
        slack = self.rng.choice((0.0, 0.02, 0.3)) * max(1.0, *map(abs, values))
        if not self.feasible and self.chance(0.3):
            slack = -slack
        value = max(values) + slack if operator in ("<", "<=") else min(values) - slack
        if operator == "=" and self.chance(0.5):
            value = min(values)
        row = {
            "Operator": operator,
            "Target": tidy(round(value, self.rng.choice((0, 1, 3)))),
            "Year": years_text(years, self.rng),
        }
        if operator == "=":
            row["Strength"] = self.rng.choice(("goal 1", "goal 2", "must"))
        elif self.chance(0.5):
            row["Strength"] = self.strength()
        return row

    def reached(self, name: str, year: int, counts: str, baseline: float, *, measured: bool) -> float:
        value = baseline
        for t in self.years:
            if t == year or (counts == "cumulative" and t < year):
                for a in self.leaves:
                    base = self.last[a] if measured else 0
                    value += self.effects.get((name, a), 0) * (self.paid([a], t, self.sources) - base)
        return value

    def effect_rows(self) -> list[dict]:
        if self.chance(0.6):
            rows = [{"Area": a} | {i: self.effects.get((i, a)) for i in self.indicators} for a in self.leaves]
            return [row for row in rows if self.chance(0.9) or any(row.get(i) for i in self.indicators)]
        way = self.rng.choice(("Effect", "Cost per unit", "points"))
        rows = [self.long_effect(i, a, effect, way) for (i, a), effect in self.effects.items() if effect]
        return rows or [{"Area": self.leaves[0], "Indicator": self.indicators[0], "Effect": 0}]

    def long_effect(self, indicator: str, area: str, effect: float, way: str) -> dict:
        row: dict = {"Area": area, "Indicator": indicator}
        if way == "Effect" or self.chance(0.2):
            row["Effect"] = effect
        elif way == "Cost per unit":
            cost = round(1 / effect, 2) or 1
            row["Cost per unit"] = tidy(cost)
            self.effects[indicator, area] = 1 / cost
        else:
            start, result = self.amount(self.scale), self.amount(100)
            end, there = tidy(start + round(self.scale / 7)), tidy(round(result + effect * round(self.scale / 7), 2))
            row |= {"Spending 1": start, "Result 1": result, "Spending 2": end, "Result 2": there}
            self.effects[indicator, area] = (there - result) / (end - start)
        return row

    # -------------------------------------------------------- rules

    def make_rules(self, content: Content) -> None:
        if self.chance(0.1):
            return
        names = [f"Rule {number}" if self.chance(0.8) else f"Quy định số {number}" for number in range(1, 12)]
        content["Rules"] = [self.rule(name) for name in names[: self.rng.randint(1, 7)]]

    def rule(self, name: str) -> dict:
        row: dict = {"Rule": name, "Area": self.subject()}
        bases = ["amount", "budget", "budget", "spending", "area"]
        later = len(self.years) > 1 and self.chance(0.5)
        if self.last_known or later:
            bases += ["last year", "change on last year", "last year's share", "points on last year's share"]
        basis = self.rng.choice(bases)
        counted = self.some_sources(row, "Source", 0.5, basis)
        of = counted
        if basis not in ("amount", "last year's share", "points on last year's share"):
            of = self.some_sources(row, "Basis source", 0.15, basis) if self.chance(0.5) else counted
        years = self.rule_years(row, basis)
        if not self.last_known and "last year" in basis:
            years = self.rng.choice((self.years[1:], self.years[-1:]))
            row["Years"] = years_text(years, self.rng)
        if basis.endswith("share") and not all(sum(self.cells[s, t] for s in counted) for t in self.years):
            basis = "amount"  # a share of nothing is an error
        row["Basis"] = self.other_area(row["Area"]) if basis == "area" else basis
        row["Strength"] = self.strength()
        self.set_value(row, basis, counted, of, years)
        if row["Strength"] == "must" and self.chance(0.5):
            del row["Strength"]
        return row

    def subject(self) -> str:
        kinds = ["area", "area", "area", "total", "every"]
        kind = self.rng.choice([*kinds, *(["group", "every in"] if self.groups else [])])
        if kind == "every in":
            return f"every area in {self.rng.choice(list(self.groups))}"
        picks = {"area": self.rng.choice(self.areas), "total": "total", "every": "every area"}
        return picks[kind] if kind in picks else self.rng.choice(list(self.groups))

    def other_area(self, subject: str) -> str:
        others = [name for name in (*self.areas, *self.groups) if name != subject]
        return self.rng.choice(others)

    def some_sources(self, row: dict, heading: str, share: float, basis: str) -> list[str]:
        """Fill the heading, or leave it blank; which sources count then."""
        if heading == "Source" and not self.chance(share):
            return self.sources if basis == "amount" else self.own
        if self.chance(0.5):
            row[heading] = self.rng.choice(("budget", "all"))
            return self.own if row[heading] == "budget" else self.sources
        chosen = self.rng.sample(self.sources, self.rng.randint(1, len(self.sources)))
        row[heading] = "; ".join(chosen)
        return chosen

    def rule_years(self, row: dict, basis: str) -> list[int]:
        years = self.rng.choice(self.year_sets())
        if years != self.years or self.chance(0.3):
            row["Years"] = years_text(years, self.rng)
        together = basis in ("amount", "budget", "spending", "area") and len(years) > 1 and self.chance(0.3)
        if together:
            row["Years"] = f"{years[0]}-{years[-1]} together"
        return years

    def strength(self) -> str:
        return self.rng.choice(("must",) * 5 + ("law", "goal 1", "goal 2", "goal 5", "goal 1", "off"))

    def set_value(self, row: dict, basis: str, counted: list[str], of: list[str], years: list[int]) -> None:
        together = "together" in str(row.get("Years", ""))
        subjects = self.subjects(row, counted)
        pairs = [pair for s in subjects for pair in self.sides(s, row["Basis"], counted, of, years, together=together)]
        ratios = [self.ratio(basis, left, right) for left, right in pairs if right] or [0.0]
        row["Operator"], value = self.compare(ratios, goal=row["Strength"].startswith("goal"))
        if basis in ("budget", "spending") and row["Operator"] in (">", ">=", "="):
            value = min(value, 0.99)
        if basis == "change on last year":
            value = max(value, -0.99)
        if basis == "amount":
            value = self.typed(max(value, 0.0), share=False, up=row["Operator"] in ("<", "<="))
        row["Value"] = tidy(value)

    def subjects(self, row: dict, counted: list[str]) -> list[list[str]]:
        if not row["Area"].startswith("every area"):
            return [self.comprised(row["Area"])]
        group = row["Area"].removeprefix("every area").removeprefix(" in ")
        without = self.comprised(row["Basis"]) if row["Basis"] in self.areas else []
        leaves = self.comprised(group) if group else self.leaves
        return [[a] for a in leaves if a not in without and set(counted) & set(self.pays[a])]

    def sides(
        self, leaves: list[str], basis: str, counted: list[str], of: list[str], years: list[int], *, together: bool
    ) -> list[tuple[float, float]]:
        found = [(self.paid(leaves, t, counted), self.basis(leaves, basis, counted, of, t)) for t in years]
        whole = found[0][1] if basis == "amount" else sum(right for _, right in found)
        return [(sum(left for left, _ in found), whole)] if together else found

    def basis(self, leaves: list[str], basis: str, counted: list[str], of: list[str], year: int) -> float:
        if basis == "amount":
            return 1
        if basis == "budget":
            return sum(self.cells[s, year] for s in of)
        if basis == "spending":
            return self.paid(self.leaves, year, of)
        if basis in ("last year", "change on last year"):
            return self.before(leaves, year, of)
        if basis.endswith("share"):
            now, then = (sum(self.fund(s, t) for s in counted) for t in (year, year - 1))
            return self.before(leaves, year, counted) * now / then if then else 0
        return self.paid(self.comprised(basis), year, of)

    def fund(self, source: str, year: int) -> float:
        return self.cells.get((source, year), self.funds_before[source])

    def before(self, leaves: list[str], year: int, sources: list[str]) -> float:
        if year > self.years[0]:
            return self.paid(leaves, year - 1, sources)
        return sum(self.last_from[a, s] for a in leaves for s in sources)

    def ratio(self, basis: str, left: float, right: float) -> float:
        if basis == "points on last year's share":
            return (left - right) / (self.scale * len(self.own))
        return left / right - (basis == "change on last year")

    def compare(self, ratios: list[float], *, goal: bool) -> tuple[str, float]:
        """An operator and a value; by chance, a goal, or else one that the plan meets."""
        low, high = min(ratios), max(ratios)
        operator = self.rng.choice((">=", ">=", ">=", "<=", "<=", ">", "<", "="))
        if operator == "=" and not goal and (high - low > 1e-9 or self.chance(0.5)):
            operator = self.rng.choice((">=", "<="))
        slack = self.rng.choice((0, 0.01, 0.1, 0.5)) * max(abs(low), abs(high))
        if goal or (not self.feasible and self.chance(0.2)):
            slack = -slack
        digits = self.rng.choice((2, 3, 4))
        if operator in (">", ">="):
            return operator, round(low - slack - 10**-digits / 2, digits)
        return operator, round(high + slack + (10**-digits / 2 if operator != "=" else 0), digits)

    # -------------------------------------------------------- the objective

    def choose_objective(self, content: Content) -> None:
        choices = ["", "", "maximise benefit", "minimise spending"]
        choices += [f"{sense} {name}" for sense in ("maximise", "minimise") for name in self.indicators]
        objective = self.rng.choice(choices)
        if objective:
            content["Scenario"].append({"Setting": "Objective", "Value": objective})
