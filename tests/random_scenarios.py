"""Random scenarios of every feature that docs/formats names, as content and as workbooks.

Rules are made around a random plan, so that most scenarios have one; some are left to chance. `write_content`
can write the same content the way people type it: text numbers, other Unicode forms, words for operators.
"""

from __future__ import annotations

import random
import unicodedata
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

Content = dict[str, list[dict]]
AREAS = (
    "Education", "Health", "Văn hoá", "Khoa học và công nghệ", "Giao thông", "Environment", "Y tế dự phòng", "Sport",
    "Digital services", "Thuỷ lợi", "Public safety", "Housing", "Nông nghiệp", "Energy", "Research", "Tourism",
)  # fmt: skip
SOURCES = ("City budget", "Ngân sách trung ương", "Donors", "Private capital")
GROUPS = ("Social", "Kinh tế", "Priority", "Hạ tầng")
INDICATORS = ("School places", "Tỷ lệ số hoá", "Clinics", "Jobs")
PERCENT = ("Minimum share", "Maximum share", "Up to, of last year", "Discount rate")
WORDS = {
    ">=": (">=", "≥", "at least"), "<=": ("<=", "≤", "at most"), "=": ("=", "equals"),
    ">": (">", "over", "more than"), "<": ("<", "under", "less than"),
}  # fmt: skip


def random_content(rng: random.Random, *, size: str = "small") -> Content:
    """A scenario; `size` is tiny (for exact ties), small or medium."""
    return Maker(rng, size).content()


def seeded(seed: int, size: str = "small") -> Content:
    """The scenario of a seed."""
    return random_content(random.Random(seed), size=size)  # noqa: S311


class Maker:
    """One scenario in the making; `plan` is the plan around which its rules are made."""

    def __init__(self, rng: random.Random, size: str) -> None:
        self.rng = rng
        self.size = size
        most_areas, most_years, most_sources = {"tiny": (4, 2, 2), "small": (9, 4, 4), "medium": (16, 6, 4)}[size]
        self.years = [2026 + i for i in range(self.few(1, most_years))]
        self.sources = list(SOURCES)[: self.few(1, most_sources)]
        rng.shuffle(self.sources)
        self.own = self.sources[: max(1, rng.randint(1, len(self.sources)))]
        self.scale = rng.choice((10, 100, 1000, 1000, 100_000, 20_000_000))
        self.step = rng.choice((0, 0, 0.001, 0.001, 0.5, 1, 10, self.scale / 50))
        self.leaves = rng.sample(AREAS, rng.randint(2, most_areas))
        self.parents: dict[str, str] = {}
        self.groups: dict[str, list[str]] = {}
        self.feasible = rng.random() < 0.8

    def few(self, least: int, most: int) -> int:
        return min(self.rng.randint(least, most), self.rng.randint(least, most))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def amount(self, upto: float) -> float:
        """A typed amount of at most `upto`."""
        return tidy(round(self.rng.uniform(0, upto), self.digits(upto)))

    def digits(self, size: float) -> int:
        return 3 if size < 20 else 1 if size < 2000 else -2

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

    # -------------------------------------------------------- the ground

    def make_structure(self) -> None:
        if self.chance(0.4) and len(self.leaves) > 2:
            self.put_under("All services", self.rng.sample(self.leaves, self.rng.randint(1, len(self.leaves) - 1)))
            if self.chance(0.4):
                others = [leaf for leaf in self.leaves if leaf not in self.parents]
                self.put_under("Toàn ngành", ["All services", *self.rng.sample(others, min(1, len(others)))])
        self.areas = [*self.leaves, *dict.fromkeys(self.parents.values())]
        if self.chance(0.5):
            self.rng.shuffle(self.areas)
        for group in self.rng.sample(GROUPS, self.rng.randint(0, 3)):
            self.groups[group] = self.rng.sample(self.areas, self.rng.randint(1, len(self.areas)))

    def put_under(self, parent: str, parts: list[str]) -> None:
        self.parents.update(dict.fromkeys(parts, parent))

    def comprised(self, subject: str) -> list[str]:
        if subject == "total":
            return self.leaves
        found = set(self.groups.get(subject, [subject]))
        while more := {part for part, parent in self.parents.items() if parent in found} - found:
            found |= more
        return [leaf for leaf in self.leaves if leaf in found]

    def make_settings(self) -> list[dict]:
        self.settings = {"Title": "Random scenario", "Unit": "VND billion"}
        if self.step != 0.001 or self.chance(0.5):
            self.settings["Step"] = tidy(self.step)
        self.rate = self.rng.choice((0, 0, 0.05, 0.1, 0.085))
        if self.rate:
            self.settings["Discount rate"] = self.rate
        if self.chance(0.2):
            self.settings["Mayor's remark"] = "carried along"
        return [{"Setting": key, "Value": value} for key, value in self.settings.items()]

    def make_budget(self) -> list[dict]:
        self.cells, self.funds_before, rows = {}, {}, []
        self.spend_all = {s: self.chance(0.25) for s in self.sources}
        self.carry = {s: self.chance(0.3) and len(self.years) > 1 for s in self.sources}
        for source in self.sources:
            self.funds_before[source] = max(self.amount(self.scale), self.scale)
            row = {"Source": source, "Last year": self.funds_before[source]}
            if source not in self.own or self.chance(0.3):
                row["Kind"] = "budget" if source in self.own else "other"
            for year in self.years:
                cell = tidy(self.scale / 2 + self.amount(self.scale))
                rare = source != self.own[0] and self.chance(0.04)
                self.cells[source, year] = row[year] = 0 if rare else cell
            if self.spend_all[source] or self.chance(0.2):
                row["Spend"] = "all" if self.spend_all[source] else "up to"
            if self.carry[source] or self.chance(0.2):
                row["Carry over"] = "yes" if self.carry[source] else "no"
            rows.append(row)
        return rows

    def make_areas(self) -> list[dict]:
        self.pays = {leaf: self.choose_sources() for leaf in self.leaves}
        self.last_from = {
            (leaf, s): self.amount(self.scale / len(self.leaves)) if s in self.pays[leaf] else 0
            for leaf in self.leaves
            for s in self.sources
        }
        self.last = {leaf: tidy(sum(self.last_from[leaf, s] for s in self.own)) for leaf in self.leaves}
        self.last_known = self.chance(0.8)
        self.benefit = {leaf: tidy(self.rng.choice((1, 2, round(self.rng.uniform(0.1, 4), 2)))) for leaf in self.leaves}
        ties = self.chance(0.25)
        return [self.area_row(area, ties=ties) for area in self.areas]

    def choose_sources(self) -> list[str]:
        if self.chance(0.7):
            return list(self.sources)
        return self.rng.sample(self.sources, self.rng.randint(1, len(self.sources)))

    def area_row(self, area: str, *, ties: bool) -> dict:
        row: dict = {"Area": area}
        if area in self.parents:
            row["Part of"] = self.parents[area]
        if mine := [group for group, members in self.groups.items() if area in members]:
            row["Group"] = "; ".join(mine)
        if area in self.leaves:
            if ties:
                self.benefit[area] = 1
            if self.last_known or self.chance(0.5):
                row["Last year"] = self.last[area]
            if self.last_known:
                row |= {f"Last year: {s}": self.last_from[area, s] for s in self.sources if self.tells(s, area)}
            if self.chance(0.9):
                row["Benefit"] = self.benefit[area]
            if len(self.pays[area]) < len(self.sources):
                row["Sources"] = "; ".join(self.pays[area])
        return row

    def tells(self, source: str, area: str) -> bool:
        """Whether the heading `Last year: SOURCE` is filled: always, but where Last year serves for it."""
        return source in self.pays[area] and (self.own != [source] or len(area) % 2 == 0)

    # -------------------------------------------------------- a plan to make rules around

    def make_plan(self) -> None:
        """Amounts that keep Budget and Spend, as far as somebody may be paid."""
        self.plan = {(a, t, s): 0.0 for a in self.leaves for t in self.years for s in self.sources}
        for (source, year), cell in self.cells.items():
            payees = [a for a in self.leaves if source in self.pays[a]]
            left = cell if self.spend_all[source] or self.chance(0.5) else cell * self.rng.uniform(0.5, 1)
            weights = [self.rng.choice((0, 1, 2, 3, 5)) for _ in payees] if payees else []
            for area, weight in zip(payees, weights, strict=True):
                share = left * weight / (sum(weights) or 1)
                self.plan[area, year, source] = round(share, self.digits(self.scale))

    def paid(self, areas: list[str], year: int, sources: list[str]) -> float:
        return sum(self.plan[a, year, s] for a in areas for s in sources)

    # -------------------------------------------------------- limits, bands

    def make_limits(self, content: Content) -> None:
        for row in content["Areas"]:
            row |= {head: self.limit(head, row["Area"], self.years) for head in self.heads(0.15)}
            without_contradiction(row)
        rows = []
        for area in self.areas if self.chance(0.4) else []:
            for years in self.rng.sample(self.year_sets(), 1) if self.chance(0.4) else []:
                row = {"Area": area, "Years": years_text(years, self.rng)}
                if years == self.years and self.chance(0.5):
                    del row["Years"]
                for head in self.heads(0.4):
                    row[head] = "none" if self.chance(0.25) else self.limit(head, area, years)
                base = next(r for r in content["Areas"] if r["Area"] == area)
                rows.append(without_contradiction(row, base))
        content["Limits"] = rows

    def heads(self, share: float) -> list[str]:
        return [h for h in ("Minimum", "Maximum", "Minimum share", "Maximum share") if self.chance(share)]

    def year_sets(self) -> list[list[int]]:
        first = self.rng.randrange(len(self.years))
        last = self.rng.randrange(first, len(self.years))
        return [self.years, [self.rng.choice(self.years)], self.years[first : last + 1]]

    def limit(self, head: str, area: str, years: list[int]) -> float:
        leaves = self.comprised(area)
        if head.endswith("share"):
            values = [self.paid(leaves, t, self.own) / sum(self.cells[s, t] for s in self.own) for t in years]
        else:
            values = [self.paid(leaves, t, self.sources) for t in years]
        if head.startswith("Minimum"):
            value = self.below(min(values), share=head.endswith("share"))
            return min(value, 0.99) if head.endswith("share") else value
        return self.above(max(values), share=head.endswith("share"))

    def below(self, value: float, *, share: bool) -> float:
        """Something that `value` reaches; something else where the scenario is left to chance."""
        if not self.feasible and self.chance(0.15):
            value *= self.rng.uniform(1, 1.6)
        return self.typed(max(0.0, value) * self.rng.choice((1, 1, 0.95, 0.7, 0.3)), share=share, up=False)

    def above(self, value: float, *, share: bool) -> float:
        if not self.feasible and self.chance(0.15):
            value *= self.rng.uniform(0.5, 1)
        return self.typed(max(0.0, value) * self.rng.choice((1, 1, 1.05, 1.3, 2)), share=share, up=True)

    def typed(self, value: float, *, share: bool, up: bool) -> float:
        """The value with the few decimals that people type."""
        digits = self.rng.choice((2, 3, 4)) if share else self.digits(self.scale)
        unit = 10.0**-digits
        rounded = round(value, digits)
        if up and rounded < value:
            rounded += unit
        if not up and rounded > value:
            rounded -= unit
        return tidy(round(rounded, digits))

    def make_bands(self, content: Content) -> None:
        rows = []
        for leaf in self.leaves if self.chance(0.5) else []:
            if self.chance(0.5):
                years = self.rng.choice(self.year_sets())
                dated = self.chance(0.3)
                rows += self.bands_of(leaf, years if dated else None)
                if dated and self.chance(0.5):
                    rows += self.bands_of(leaf, None)
        content["Benefits"] = rows

    def bands_of(self, leaf: str, years: list[int] | None) -> list[dict]:
        level = max(self.paid([leaf], t, self.sources) for t in self.years) or self.scale / 10
        count = self.rng.randint(1, 4)
        ends = sorted(
            {self.typed(level * self.rng.uniform(0.1, 1.4), share=False, up=True) for _ in range(count)} - {0}
        )
        slopes = sorted((round(self.rng.uniform(-0.2, 5), 2) for _ in ends), reverse=True)
        of_last = self.last_known and self.last[leaf] > 0 and self.chance(0.3)
        rows = []
        for end, slope in zip(ends, slopes, strict=True):
            row = {"Area": leaf, "Benefit": slope}
            if of_last:
                row["Up to, of last year"] = self.typed(end / self.last[leaf], share=True, up=True)
            else:
                row["Up to"] = end
            if years:
                row["Years"] = years_text(years, self.rng)
            rows.append(row)
        return self.open_end(strictly_rising(rows))

    def open_end(self, rows: list[dict]) -> list[dict]:
        last = rows[-1] if rows else {}
        if self.chance(0.6):
            last.pop("Up to", None)
            last.pop("Up to, of last year", None)
        return rows

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
        chosen = self.rng.sample(self.years, self.rng.randint(1, min(2, len(self.years))))
        rows = [first, *({"Indicator": name} for _ in chosen[1:])]
        for row, year in zip(rows, chosen, strict=True):
            row |= self.target(name, year, counts, baseline, measured=measured)
        if len(rows) == 1 and self.chance(0.3):
            if counts == "year":
                rows[0] |= self.target(name, None, counts, baseline, measured=measured)
            rows[0].pop("Year", None) if counts == "year" else rows[0].update(Year=self.years[-1])
        return rows

    def target(self, name: str, year: int | None, counts: str, baseline: float, *, measured: bool) -> dict:
        values = [self.reached(name, t, counts, baseline, measured=measured) for t in ([year] if year else self.years)]
        operator = self.rng.choice((">=", ">=", "<=", ">", "<", "="))
        slack = self.rng.choice((0.0, 0.02, 0.3)) * max(1.0, *map(abs, values))
        if not self.feasible and self.chance(0.3):
            slack = -slack
        value = max(values) + slack if operator in ("<", "<=") else min(values) - slack
        if operator == "=" and self.chance(0.5):
            value = min(values)
        row = {"Operator": operator, "Target": tidy(round(value, self.rng.choice((0, 1, 3)))), "Year": year}
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
        if self.last_known:
            bases += ["last year", "change on last year", "last year's share", "points on last year's share"]
        basis = self.rng.choice(bases)
        counted = self.some_sources(row, "Source", 0.5, basis)
        of = counted
        if basis not in ("amount", "last year's share", "points on last year's share"):
            of = self.some_sources(row, "Basis source", 0.15, basis) if self.chance(0.5) else counted
        years = self.rule_years(row, basis, counted)
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

    def rule_years(self, row: dict, basis: str, counted: list[str]) -> list[int]:
        years = self.rng.choice(self.year_sets())
        if years != self.years or self.chance(0.3):
            row["Years"] = years_text(years, self.rng)
        together = basis in ("amount", "budget", "spending", "area") and len(years) > 1 and self.chance(0.3)
        if together:
            row["Years"] = f"{years[0]}-{years[-1]} together"
        if basis.endswith("share") and not all(sum(self.cells[s, t] for s in counted) for t in self.years):
            row["Years"] = str(self.years[0])
            years = self.years[:1]
        return years

    def strength(self) -> str:
        return self.rng.choice(("must",) * 5 + ("law", "goal 1", "goal 2", "goal 3", "goal 1", "off"))

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
        return [(sum(left for left, _ in found), sum(right for _, right in found))] if together else found

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


def without_contradiction(row: dict, base: dict | None = None) -> dict:
    """A row of limits, on top of `base`, whose maxima are no less than its minima: the reader refuses others."""
    merged = {**(base or {}), **row}
    for least, most in (("Minimum", "Maximum"), ("Minimum share", "Maximum share")):
        low, high = merged.get(least), merged.get(most)
        if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
            row[most] = "none" if base else None
    return row


def strictly_rising(rows: list[dict]) -> list[dict]:
    """Bands without those that end where the one before does."""
    found: list[dict] = []
    for row in rows:
        end = row.get("Up to", row.get("Up to, of last year"))
        if not found or end > found[-1].get("Up to", found[-1].get("Up to, of last year")):
            found.append(row)
    return found


def tidy(value: float) -> float:
    """Without binary dust; whole numbers as int."""
    value = round(float(value), 6)
    return int(value) if value == int(value) else value


def years_text(years: list[int], rng: random.Random) -> str | int:
    if len(years) == 1:
        return rng.choice((years[0], str(years[0])))
    if rng.random() < 0.3:
        return ";".join(map(str, years))
    return f"{years[0]}-{years[-1]}"


# ---------------------------------------------------------------- workbooks


def write_content(content: Content, path: Path, rng: random.Random | None = None) -> Path:
    """A workbook with one table per sheet; with `rng`, some cells as people type them."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet, rows in content.items():
        page = book.create_sheet(sheet)
        if rng and rng.random() < 0.3:
            page.append([f"{sheet} of the plan"])
            page.append([])
        heads = headings(rows, rng)
        page.append([typed_text(head, rng) if isinstance(head, str) else head for head in heads])
        for row in rows:
            write_row(page, heads, row, rng)
    book.save(path)
    return path


def headings(rows: list[dict], rng: random.Random | None) -> list:
    heads = list(dict.fromkeys(head for row in rows for head in row))
    if rng and rng.random() < 0.3:
        rest = heads[1:]
        rng.shuffle(rest)
        heads[1:] = rest
    return heads


def write_row(page: Worksheet, heads: list, row: dict, rng: random.Random | None) -> None:
    line = page.max_row + 1
    for column, head in enumerate(heads, start=1):
        value = row.get(head)
        if value is None:
            continue
        percent = is_percentage(head, row)
        cell = page.cell(line, column, shown(value, head, rng, percent=percent))
        if percent and isinstance(cell.value, (int, float)) and (abs(value) > 1 or (rng and rng.random() < 0.5)):
            cell.number_format = "0.00%"


def is_percentage(head: object, row: dict) -> bool:
    if head == "Value":
        return row.get("Setting") == "Discount rate" or ("Rule" in row and row["Basis"] != "amount")
    return head in PERCENT


def shown(value: object, head: object, rng: random.Random | None, *, percent: bool) -> object:
    if rng is None or head in ("Year", "Years", "Title"):
        return value
    if head == "Operator":
        return rng.choice(WORDS[value])
    if isinstance(value, str):
        return typed_text(value, rng)
    return text_number(value, rng, percent=percent) if rng.random() < 0.1 else value


def typed_text(text: str, rng: random.Random | None) -> str:
    """The same name in another Unicode form, case or spacing."""
    way = rng.random() if rng else 1
    if way < 0.3:
        return unicodedata.normalize("NFD", text)
    if way < 0.4:
        return text.replace(" ", "  ") + " "
    return text.upper() if 0.4 < way < 0.45 else text


def text_number(value: float, rng: random.Random, *, percent: bool) -> object:
    """Such as `4,5 %` or `1.234.567,89`; the number itself where its text could be read in two ways."""
    exact = Decimal(repr(value)) * (100 if percent else 1)
    whole, _, decimals = f"{abs(exact):f}".partition(".")
    decimals = decimals.rstrip("0")
    mark, group = rng.choice(((",", "."), (".", ","), (",", " "), (".", " ")))
    grouped = f"{int(whole):,}".replace(",", group)
    separators = grouped.count(group) + bool(decimals)
    if separators == 1 and (not decimals or len(decimals) == 3):
        return value
    text = grouped + (mark + decimals if decimals else "")
    return ("-" if value < 0 else "") + text + (rng.choice((" %", "%")) if percent else "")
