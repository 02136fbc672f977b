"""The scenario of make.py as a plain PuLP script would do it: no checks, no ties, no prices, no rounding.

Reads with pandas, builds with loops and lpSum, solves with HiGHS, writes a table of amounts. It knows what make.py
writes and nothing else. Prints its objective and the seconds that each part took, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas as pd
import pulp

HEADINGS = 3
"""The row of the headings, counted from 0."""


def main(source: str, target: str) -> None:
    start = time.perf_counter()
    sheets = pd.read_excel(source, sheet_name=None, header=HEADINGS, engine="openpyxl")
    read = time.perf_counter()
    problem, x, goal, objective = build(sheets)
    built = time.perf_counter()
    solver = pulp.HiGHS(msg=False)
    problem.setObjective(goal)
    problem.solve(solver)
    problem += goal <= (pulp.value(goal) or 0) + 1e-9
    problem.setObjective(-objective)
    stats = problem.solve(solver)
    assert stats.status == pulp.LpSolveStatus.Optimal
    solved = time.perf_counter()
    rows = [(*key, variable.value()) for key, variable in x.items()]
    pd.DataFrame(rows, columns=["Area", "Year", "Source", "Amount"]).to_excel(target, index=False)
    written = time.perf_counter()
    times = {"read": read - start, "build": built - read, "solve": solved - built, "write": written - solved}
    print(json.dumps({"objective": pulp.value(objective), **times}))


def build(sheets: dict[str, pd.DataFrame]) -> tuple:
    settings = table(sheets, "Scenario", "Setting")["Value"]
    rate = float(settings["Discount rate"])
    budget = table(sheets, "Budget", "Source")
    years = [column for column in budget.columns if str(column).isdigit()]
    areas = table(sheets, "Areas", "Area")
    payers = {a: names(row.get("Sources")) or list(budget.index) for a, row in areas.iterrows()}
    problem = pulp.LpProblem("city", pulp.LpMinimize)
    x = {
        (a, t, s): problem.add_variable(f"x_{i}_{t}_{j}", 0)
        for i, a in enumerate(areas.index)
        for t in years
        for j, s in enumerate(budget.index)
        if s in payers[a]
    }
    everything = {(a, t): pulp.lpSum(x[a, t, s] for s in payers[a]) for a in areas.index for t in years}
    own = {(a, t): x[a, t, "City budget"] for a in areas.index for t in years}
    groups: dict[str, list[str]] = {}
    for a, group in areas["Group"].items():
        groups.setdefault(group, []).append(a)
    city = budget.loc["City budget"]
    for s, row in budget.iterrows():
        for number, t in enumerate(years):
            span = years[: number + 1] if row["Carry over"] == "yes" else [t]
            paid = pulp.lpSum(x[a, u, s] for a in areas.index for u in span if s in payers[a])
            problem += paid <= sum(row[u] for u in span)
    benefit = []
    bands = sheets["Benefits"].dropna(subset=["Area"])
    for a, rows in bands.groupby("Area", sort=False):
        last = areas.loc[a, "Last year"]
        ends = [part * last for part in rows["Up to, of last year"]]
        for number, t in enumerate(years):
            parts = []
            for band, (low, high) in enumerate(zip([0, *ends], ends, strict=False)):
                part = problem.add_variable(f"band_{a}_{t}_{band}".replace(" ", "_"), 0, high - low)
                parts.append(part)
                benefit.append(rows["Benefit"].iloc[band] * (1 + rate) ** -number * part)
            problem += everything[a, t] == pulp.lpSum(parts)
            problem += everything[a, t] >= areas.loc[a, "Minimum"]
            problem += everything[a, t] <= areas.loc[a, "Maximum"]
    goals = []
    for _, rule in sheets["Rules"].dropna(subset=["Rule"]).iterrows():
        for number, t in enumerate(years):
            before = years[number - 1] if number else None
            if rule["Basis"] == "budget":
                problem += pulp.lpSum(own[a, t] for a in groups[rule["Area"]]) >= rule["Value"] * city[t]
            elif rule["Basis"] == "change on last year":
                for a in areas.index:
                    earlier = own[a, before] if before else areas.loc[a, "Last year"]
                    problem += own[a, t] >= (1 + rule["Value"]) * earlier
            elif rule["Basis"] == "points on last year's share":
                members = groups[rule["Area"]]
                earlier = [own[a, before] if before else areas.loc[a, "Last year"] for a in members]
                kept = pulp.lpSum(earlier) * (city[t] / city[before or "Last year"])
                problem += pulp.lpSum(own[a, t] for a in members) - kept >= rule["Value"] * city[t]
            elif int(rule["Years"]) == int(t):
                missed = problem.add_variable(f"missed_{t}", 0)
                spent = pulp.lpSum(own[a, t] for a in areas.index)
                problem += pulp.lpSum(own[a, t] for a in groups[rule["Area"]]) + missed >= rule["Value"] * spent
                goals.append(missed * (1 / city[t]))
    effects = table(sheets, "Effects", "Area")
    for _, row in sheets["Indicators"].dropna(subset=["Indicator"]).iterrows():
        effect = effects[row["Indicator"]].fillna(0)
        moved = [(a, t) for a in areas.index for t in years if effect[a]]
        if pd.notna(row.get("Target")):
            problem += pulp.lpSum(effect[a] * everything[a, t] for a, t in moved) >= row["Target"]
        benefit += [row["Weight"] * effect[a] * (1 + rate) ** -years.index(t) * everything[a, t] for a, t in moved]
    return problem, x, pulp.lpSum(goals), pulp.lpSum(benefit)


def table(sheets: dict[str, pd.DataFrame], sheet: str, key: str) -> pd.DataFrame:
    return sheets[sheet].dropna(subset=[key]).set_index(key)


def names(cell: object) -> list[str]:
    return [name.strip() for name in cell.split(";")] if isinstance(cell, str) else []


if __name__ == "__main__":
    main(str(Path(sys.argv[1])), str(Path(sys.argv[2])))
