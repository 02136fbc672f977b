"""The ground of a random scenario: budgets, areas, limits, bands, and a plan to make rules around."""

from __future__ import annotations

import random

Content = dict[str, list[dict]]
AREAS = (
    "Education", "Health", "Văn hoá", "Khoa học và công nghệ", "Giao thông", "Environment", "Y tế dự phòng", "Sport",
    "Digital services", "Thuỷ lợi", "Public safety", "Housing", "Nông nghiệp", "Energy", "Research", "Tourism",
)  # fmt: skip
SOURCES = ("City budget", "Ngân sách trung ương", "Donors", "Private capital")
GROUPS = ("Social", "Kinh tế", "Priority", "Hạ tầng")


class Ground:
    """Sources, areas, limits and bands of a scenario in the making; `plan` is what its rules are made around."""

    def __init__(self, rng: random.Random, size: str) -> None:
        self.rng = rng
        self.size = size
        most_areas, most_years, most_sources = {"tiny": (4, 2, 2), "small": (9, 4, 4), "medium": (16, 6, 4)}[size]
        self.years = [2026 + i for i in range(self.few(1, most_years))]
        self.sources = list(SOURCES)[: self.few(1, most_sources)]
        rng.shuffle(self.sources)
        self.own = self.sources[: max(1, rng.randint(1, len(self.sources)))]
        self.scale = rng.choice((10, 100, 1000, 1000, 100_000, 20_000_000, 200_000_000_000_000))
        fine = (0.001, 0.001, 0.5, 1, 10) if self.scale < 1e9 else (10**6, 10**7)  # Excel keeps 15 digits
        self.step = rng.choice((0, 0, *fine, self.scale / 50))
        self.leaves = rng.sample(AREAS, rng.randint(2, most_areas))
        self.parents: dict[str, str] = {}
        self.groups: dict[str, list[str]] = {}
        self.feasible = rng.random() < 0.8
        self.last_known = rng.random() < 0.8

    def few(self, least: int, most: int) -> int:
        return min(self.rng.randint(least, most), self.rng.randint(least, most))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def amount(self, upto: float) -> float:
        """A typed amount of at most `upto`."""
        return tidy(round(self.rng.uniform(0, upto), self.digits(upto)))

    def digits(self, size: float) -> int:
        return 3 if size < 20 else 1 if size < 2000 else -2 if size < 1e9 else -8

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
            row: dict = {"Source": source}
            if self.last_known or self.chance(0.5):
                row["Last year"] = self.funds_before[source]
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
                if self.chance(0.1):  # counts 0: that source may not pay
                    barred = [s for s in self.sources if s not in self.pays[area] and s not in self.own]
                    row |= {f"Last year: {s}": self.amount(self.scale / 10) for s in barred}
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
