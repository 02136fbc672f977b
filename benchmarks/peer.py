"""The scenario of make.py as a plain PuLP script would do it: no checks, no ties, no prices, no rounding.

Reads with pandas, builds with loops and lpSum, solves with HiGHS, writes a table of amounts. It knows what make.py
writes and nothing else. Prints its objective and the seconds that each part took, as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import pandas as pd
import pulp

HEADINGS = 3
"""The row of the headings, counted from 0."""
CITY = "City budget"


def main(source: str, target: str) -> None:
    start = time.perf_counter()
    sheets = pd.read_excel(source, sheet_name=None, header=HEADINGS, engine="openpyxl")
    read = time.perf_counter()
    script = Script(sheets)
    built = time.perf_counter()
    objective = script.solve()
    solved = time.perf_counter()
    rows = [(*key, variable.value()) for key, variable in script.x.items()]
    pd.DataFrame(rows, columns=["Area", "Year", "Source", "Amount"]).to_excel(target, index=False)
    written = time.perf_counter()
    times = {"read": read - start, "build": built - read, "solve": solved - built, "write": written - solved}
    print(json.dumps({"objective": objective, **times}))


def table(sheets: dict[str, pd.DataFrame], sheet: str, key: str) -> pd.DataFrame:
    return sheets[sheet].dropna(subset=[key]).set_index(key)


def names(cell: object) -> list[str]:
    return [name.strip() for name in cell.split(";")] if isinstance(cell, str) else []


class Script:
    """The programme, built on the way."""

    def __init__(self, sheets: dict[str, pd.DataFrame]) -> None:
        self.rate = float(table(sheets, "Scenario", "Setting")["Value"]["Discount rate"])
        self.budget = table(sheets, "Budget", "Source")
        self.years = [column for column in self.budget.columns if str(column).isdigit()]
        self.areas = table(sheets, "Areas", "Area")
        self.problem = pulp.LpProblem("city", pulp.LpMinimize)
        self.payers = {a: names(row.get("Sources")) or list(self.budget.index) for a, row in self.areas.iterrows()}
        self.x = {
            (a, t, s): self.problem.add_variable(f"x_{i}_{t}_{s}".replace(" ", "_"), 0)
            for i, a in enumerate(self.areas.index)
            for t in self.years
            for s in self.payers[a]
        }
        self.total = {
            (a, t): pulp.lpSum(self.x[a, t, s] for s in self.payers[a]) for a in self.areas.index for t in self.years
        }
        self.benefit: list = []
        self.goals: list = []
        self.budgets()
        for a, bands in sheets["Benefits"].dropna(subset=["Area"]).groupby("Area", sort=False):
            self.area(a, bands)
        for _, rule in sheets["Rules"].dropna(subset=["Rule"]).iterrows():
            for number in range(len(self.years)):
                self.rule(rule, number)
        effects = table(sheets, "Effects", "Area").fillna(0)
        for _, indicator in sheets["Indicators"].dropna(subset=["Indicator"]).iterrows():
            self.indicator(indicator, effects[indicator["Indicator"]])

    def budgets(self) -> None:
        for s, row in self.budget.iterrows():
            for number, t in enumerate(self.years):
                span = self.years[: number + 1] if row["Carry over"] == "yes" else [t]
                paid = [self.x[a, u, s] for a in self.areas.index for u in span if s in self.payers[a]]
                self.problem += pulp.lpSum(paid) <= sum(row[u] for u in span)

    def area(self, a: str, bands: pd.DataFrame) -> None:
        area = self.areas.loc[a]
        ends = [part * area["Last year"] for part in bands["Up to, of last year"]]
        for number, t in enumerate(self.years):
            parts = []
            for band, (low, high) in enumerate(zip([0, *ends], ends, strict=False)):
                part = self.problem.add_variable(f"band_{a}_{t}_{band}".replace(" ", "_"), 0, high - low)
                parts.append(part)
                self.benefit.append(bands["Benefit"].iloc[band] * (1 + self.rate) ** -number * part)
            self.problem += self.total[a, t] == pulp.lpSum(parts)
            self.problem += self.total[a, t] >= area["Minimum"]
            self.problem += self.total[a, t] <= area["Maximum"]

    def rule(self, rule: pd.Series, number: int) -> None:
        t, before = self.years[number], self.years[number - 1] if number else None
        group = [a for a, name in self.areas["Group"].items() if name == rule["Area"]]
        paid = pulp.lpSum(self.x[a, t, CITY] for a in group)
        city = self.budget.loc[CITY]
        if rule["Basis"] == "budget":
            self.problem += paid >= rule["Value"] * city[t]
        elif rule["Basis"] == "change on last year":
            for a in self.areas.index:
                self.problem += self.x[a, t, CITY] >= (1 + rule["Value"]) * self.earlier(a, before)
        elif rule["Basis"] == "points on last year's share":
            kept = pulp.lpSum(self.earlier(a, before) for a in group) * (city[t] / city[before or "Last year"])
            self.problem += paid - kept >= rule["Value"] * city[t]
        elif int(rule["Years"]) == int(t):
            missed = self.problem.add_variable(f"missed_{t}", 0)
            spent = pulp.lpSum(self.x[a, t, CITY] for a in self.areas.index)
            self.problem += paid + missed >= rule["Value"] * spent
            self.goals.append(missed * (1 / city[t]))

    def earlier(self, a: str, year: object) -> object:
        return self.x[a, year, CITY] if year else self.areas.loc[a, "Last year"]

    def indicator(self, indicator: pd.Series, effect: pd.Series) -> None:
        moved = [(a, t) for a in self.areas.index for t in self.years if effect[a]]
        if pd.notna(indicator["Target"]):
            reached = pulp.lpSum(effect[a] * self.total[a, t] for a, t in moved)
            self.problem += reached >= indicator["Target"]
        for a, t in moved:
            worth = indicator["Weight"] * effect[a] * (1 + self.rate) ** -self.years.index(t)
            self.benefit.append(worth * self.total[a, t])

    def solve(self) -> float:
        solver = pulp.HiGHS(msg=False)
        missed, benefit = pulp.lpSum(self.goals), pulp.lpSum(self.benefit)
        self.problem.setObjective(missed)
        self.problem.solve(solver)
        self.problem += missed <= (pulp.value(missed) or 0) + 1e-9
        self.problem.setObjective(-benefit)
        if self.problem.solve(solver).status != pulp.LpSolveStatus.Optimal:
            raise SystemExit("no optimum")
        return pulp.value(benefit)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
