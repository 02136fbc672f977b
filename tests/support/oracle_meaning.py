"""What a scenario's sheets say, read a second time from docs/formats alone, in exact fractions.

Nothing of the package is used here. A scenario is plain content, ``{sheet: [{heading: value}, …]}``, the same
that `content_workbook.write_content` writes to a workbook.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce

Content = dict[str, list[dict]]
Var = tuple  # (area, year, source)
OPERATORS = {
    ">=": ">=", "≥": ">=", "at least": ">=", "<=": "<=", "≤": "<=", "at most": "<=", "=": "=", "equals": "=",
    ">": ">", "over": ">", "more than": ">", "<": "<", "under": "<", "less than": "<",
}  # fmt: skip


def norm(text: object) -> str:
    return " ".join(unicodedata.normalize("NFC", str(text)).casefold().split())


def number(value: object) -> Fraction | None:
    """The cell's number as it is written, not as the nearest binary fraction."""
    if value is None or value == "":
        return None
    return value if isinstance(value, Fraction) else Fraction(repr(value) if isinstance(value, float) else str(value))


def names_in(value: object) -> list[str]:
    return [norm(part) for part in str(value or "").split(";") if part.strip()]


# ---------------------------------------------------------------- affine expressions


@dataclass
class Linear:
    """Σ coefficient · money + constant."""

    coefs: dict[Var, Fraction] = field(default_factory=dict)
    const: Fraction = Fraction(0)

    def add(self, other: Linear, factor: Fraction | int = 1) -> Linear:
        coefs = dict(self.coefs)
        for var, value in other.coefs.items():
            coefs[var] = coefs.get(var, Fraction(0)) + factor * value
        return Linear({v: c for v, c in coefs.items() if c}, self.const + factor * other.const)

    def at(self, plan: Mapping[Var, Fraction]) -> Fraction:
        return self.const + sum((c * plan.get(v, 0) for v, c in self.coefs.items()), Fraction(0))


def total(parts: Iterable[Linear]) -> Linear:
    return reduce(lambda a, b: a.add(b), parts, Linear())


# ---------------------------------------------------------------- what the sheets say


@dataclass
class Source:
    name: str
    budget: bool
    last: Fraction | None
    cells: dict[int, Fraction]
    spend_all: bool
    carry: bool


@dataclass
class Indicator:
    name: str
    baseline: Fraction
    counts: str
    measured: bool
    weight: Fraction
    targets: list[tuple[str, Fraction, list[int], str]]
    last_year: int
    effects: dict[str, Fraction]


def years_in(cell: object, years: list[int]) -> tuple[list[int], bool]:
    text = norm("" if cell is None else cell).replace("–", "-")
    together = text.endswith("together")
    text = text.removesuffix("together").strip()
    if not text:
        return list(years), together
    found: list[int] = []
    for part in re.split(r"[;,]", text):
        ends = [int(float(year)) for year in part.split("-")]
        found += range(ends[0], ends[-1] + 1)
    return found, together


class Meaning:
    """The sheets, by normalised names."""

    def __init__(self, content: Content) -> None:
        self.content = content
        settings = {norm(row["Setting"]): row.get("Value") for row in content["Scenario"]}
        step = number(settings.get("step"))
        self.step = Fraction(1, 1000) if step is None else step
        self.rate = number(settings.get("discount rate")) or Fraction(0)
        self.objective = norm(settings.get("objective") or "maximise benefit")
        self.years = sorted({int(key) for row in content["Budget"] for key in row if re.fullmatch(r"\d{4}", str(key))})
        self.first = self.years[0]
        self.sources = {norm(row["Source"]): self._source(row) for row in content["Budget"]}
        self.own = [s.name for s in self.sources.values() if s.budget]
        self._areas(content["Areas"])
        self._limits(content.get("Limits", []))
        self._bands(content.get("Benefits", []))
        self._indicators(content.get("Indicators", []), content.get("Effects", []))

    def _source(self, row: dict) -> Source:
        cells = {year: number(row.get(year, row.get(str(year)))) for year in self.years}
        kind, spend = norm(row.get("Kind") or "budget"), norm(row.get("Spend") or "up to")
        carry = norm(row.get("Carry over") or "no") == "yes"
        last = number(row.get("Last year"))
        return Source(norm(row["Source"]), kind == "budget", last, cells, spend == "all", carry)

    def _areas(self, rows: list[dict]) -> None:
        self.areas = {norm(row["Area"]): row for row in rows}
        self.parent = {name: norm(row["Part of"]) for name, row in self.areas.items() if row.get("Part of")}
        self.leaves = [name for name in self.areas if name not in self.parent.values()]
        self.groups: dict[str, list[str]] = {}
        for name, row in self.areas.items():
            for group in names_in(row.get("Group")):
                self.groups.setdefault(group, []).append(name)
        self.eligible = {
            leaf: [
                s
                for s in self.sources
                if s in names_in(self.areas[leaf].get("Sources")) or not self.areas[leaf].get("Sources")
            ]
            for leaf in self.leaves
        }
        self.last = {leaf: number(self.areas[leaf].get("Last year")) for leaf in self.leaves}
        self.benefit = {leaf: number(self.areas[leaf].get("Benefit")) or Fraction(0) for leaf in self.leaves}

    def _limits(self, rows: list[dict]) -> None:
        heads = ("Minimum", "Maximum", "Minimum share", "Maximum share")
        self.limits = {
            (area, year, head): number(row.get(head))
            for area, row in self.areas.items()
            for year in self.years
            for head in heads
        }
        for row in rows:
            for year in years_in(row.get("Years"), self.years)[0]:
                for head in heads:
                    if row.get(head) is not None:
                        lifted = norm(row[head]) == "none"
                        self.limits[norm(row["Area"]), year, head] = None if lifted else number(row[head])

    def _bands(self, rows: list[dict]) -> None:
        self.bands: dict[tuple[str, int], list[tuple[Fraction | None, Fraction]]] = {}
        for leaf in self.leaves:
            mine = [row for row in rows if norm(row["Area"]) == leaf]
            for year in self.years:
                dated = [row for row in mine if row.get("Years") and year in years_in(row["Years"], self.years)[0]]
                chosen = dated or [row for row in mine if not row.get("Years")]
                if chosen:
                    self.bands[leaf, year] = [(self._end(leaf, row), number(row["Benefit"])) for row in chosen]

    def _end(self, leaf: str, row: dict) -> Fraction | None:
        part = number(row.get("Up to, of last year"))
        return number(row.get("Up to")) if part is None else part * self.last[leaf]

    def _indicators(self, rows: list[dict], effects: list[dict]) -> None:
        self.indicators: dict[str, Indicator] = {}
        for name in dict.fromkeys(norm(row["Indicator"]) for row in rows):
            mine = [row for row in rows if norm(row["Indicator"]) == name]

            def one(heading: str, mine: list[dict] = mine) -> object:
                return next((row[heading] for row in mine if row.get(heading) is not None), None)

            counts = norm(one("Counts") or "cumulative")
            blank = self.years if counts == "year" else self.years[-1:]
            stated = [years_in(row["Year"], self.years)[0] if row.get("Year") else blank for row in mine]
            targets = [
                (
                    OPERATORS[norm(row["Operator"])],
                    number(row["Target"]),
                    years,
                    norm(row.get("Strength") or "must"),
                )
                for row, years in zip(mine, stated, strict=True)
                if row.get("Target") is not None
            ]
            self.indicators[name] = Indicator(
                name=name,
                baseline=number(one("Baseline")) or Fraction(0),
                counts=counts,
                measured=norm(one("Measured from") or "nothing") == "last year",
                weight=number(one("Weight")) or Fraction(0),
                targets=targets,
                last_year=max(max(years) for years in stated),
                effects=effects_of(name, effects),
            )

    # ------------------------------------------------------------ money

    def comprised(self, subject: str) -> list[str]:
        """The areas without parts that an area, a group or the total comprises."""
        if subject == "total":
            return self.leaves
        members = [subject] if subject in self.areas else self.groups[subject]
        return [leaf for leaf in self.leaves if any(self._within(leaf, member) for member in members)]

    def _within(self, leaf: str, member: str) -> bool:
        while leaf != member and leaf in self.parent:
            leaf = self.parent[leaf]
        return leaf == member

    def counted(self, cell: object, default: str) -> list[str]:
        asked = names_in(cell) or [default]
        words = {"budget": self.own, "all": list(self.sources)}
        return words[asked[0]] if asked[0] in words else [s for s in self.sources if s in asked]

    def money(self, leaves: Iterable[str], year: int, sources: Iterable[str]) -> Linear:
        wanted = set(sources)
        return Linear({(a, year, s): Fraction(1) for a in leaves for s in self.eligible[a] if s in wanted})

    def all_money(self, leaves: Iterable[str], year: int) -> Linear:
        return self.money(leaves, year, self.sources)

    def before(self, leaves: list[str], year: int, sources: list[str]) -> Linear:
        """S[t−1]."""
        if year > self.first:
            return self.money(leaves, year - 1, sources)
        if set(sources) == set(self.own):
            return Linear(const=sum((self.last[a] for a in leaves), Fraction(0)))
        return Linear(
            const=sum((self._last_from(a, s) for a in leaves for s in sources if s in self.eligible[a]), Fraction(0))
        )

    def _last_from(self, area: str, source: str) -> Fraction:
        row = {norm(key): value for key, value in self.areas[area].items()}
        given = number(row.get(f"last year: {source}"))
        return self.last[area] if given is None and self.own == [source] else given

    def funds(self, sources: Iterable[str], year: int) -> Fraction:
        found = [self.sources[s] for s in sources]
        return sum((s.cells[year] if year >= self.first else s.last for s in found), Fraction(0))

    def discount(self, year: int) -> Fraction:
        return 1 / (1 + self.rate) ** (year - self.first)

    @property
    def variables(self) -> list[Var]:
        """In the order of area, year, source."""
        return [(a, t, s) for a in self.leaves for t in self.years for s in self.sources if s in self.eligible[a]]


def effects_of(indicator: str, rows: list[dict]) -> dict[str, Fraction]:
    if rows and "Indicator" in rows[0]:
        return {norm(row["Area"]): _long_effect(row) for row in rows if norm(row["Indicator"]) == indicator}
    columns = [{norm(key): value for key, value in row.items()} for row in rows]
    return {norm(row["area"]): number(row[indicator]) for row in columns if row.get(indicator) is not None}


def _long_effect(row: dict) -> Fraction:
    if row.get("Effect") is not None:
        return number(row["Effect"])
    if row.get("Cost per unit") is not None:
        return 1 / number(row["Cost per unit"])
    rise, run = (
        number(row["Result 2"]) - number(row["Result 1"]),
        number(row["Spending 2"]) - number(row["Spending 1"]),
    )
    return rise / run
