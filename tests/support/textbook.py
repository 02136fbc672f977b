"""Published linear programmes as scenarios: variables are areas, rows are targets of indicators.

The cases stand in data/lp_cases.json with their sources. A variable that may be negative becomes two areas.
"""

from __future__ import annotations

import json

from places import DATA


def load(name: str) -> dict[str, dict]:
    """Cases of a file in data/, by their id."""
    path = DATA / name
    return {case["id"]: case for case in json.loads(path.read_text("utf-8"))["cases"]}


CASES = load("lp_cases.json")
YEAR = 2026
VALUE = "z value"
NEGATIVE = " negative"


def scenario_of(case: dict) -> dict[str, list[dict]]:
    """One year, Step 0, one budget that is too large to bind."""
    sense = "maximise" if case["sense"] == "max" else "minimise"
    settings = {"Title": case["name"], "Unit": "units", "Step": 0, "Objective": f"{sense} {VALUE}"}
    rows = [row for constraint in case["constraints"] for row in one_sided(constraint)]
    content = {
        "Scenario": [{"Setting": key, "Value": value} for key, value in settings.items()],
        "Budget": [{"Source": "Enough", YEAR: enough(case)}],
        "Areas": [area for variable in case["variables"] for area in areas_of(variable)],
        "Indicators": [
            {"Indicator": VALUE},
            *({"Indicator": name, "Operator": op, "Target": rhs} for name, op, rhs, _ in rows),
        ],
    }
    coefs = {VALUE: case["objective"]} | {name: coefs for name, _, _, coefs in rows}
    content["Effects"] = effects_of(case["variables"], coefs)
    return content


def target(name: str, operator: str, value: float) -> dict:
    return {"Indicator": name, "Operator": operator, "Target": value}


def row_name(constraint: str, side: str = "") -> str:
    """A name that is no heading, which an indicator's may not be."""
    return f"row {constraint} {side}".strip()


def one_sided(constraint: dict) -> list[tuple[str, str, float, dict]]:
    name, coefs = constraint["name"], constraint["coefs"]
    if constraint["sense"] == "range":
        return [
            (row_name(name, "low"), ">=", constraint["lo"], coefs),
            (row_name(name, "high"), "<=", constraint["hi"], coefs),
        ]
    return [(row_name(name), constraint["sense"], constraint["rhs"], coefs)]


def areas_of(variable: dict) -> list[dict]:
    area = {"Area": variable["name"]}
    if variable["ub"] != "inf":
        area["Maximum"] = variable["ub"]
    if variable["lb"] == "-inf":
        return [area, {"Area": variable["name"] + NEGATIVE}]
    return [area | {"Minimum": variable["lb"]}] if variable["lb"] else [area]


def effects_of(variables: list[dict], coefs: dict[str, dict]) -> list[dict]:
    rows = []
    for variable in variables:
        name = variable["name"]
        effects = {row: mine[name] for row, mine in coefs.items() if mine.get(name)}
        rows.append({"Area": name} | effects)
        if variable["lb"] == "-inf":
            rows.append({"Area": name + NEGATIVE} | {row: -effect for row, effect in effects.items()})
    rows[0] = {"Area": rows[0]["Area"]} | dict.fromkeys(coefs) | rows[0]
    return rows


def enough(case: dict) -> int:
    """A power of ten well above what any best plan spends."""
    published = case["published"].get("x", {}).values()
    bounds = [v[end] for v in case["variables"] for end in ("lb", "ub") if not isinstance(v[end], str)]
    return 10 ** (len(str(int(sum(map(abs, published)) + sum(map(abs, bounds))))) + 2)


def unique_plan(case: dict) -> dict[str, float] | None:
    """The variables' values where no other plan is as good."""
    ranges = case["computed"].get("x_range_over_optimal_solutions", {})
    if not ranges or any(low != high for low, high in ranges.values()):
        return None
    return {name: low for name, (low, _) in ranges.items()}


def has_free_variable(case: dict) -> bool:
    return any(variable["lb"] == "-inf" for variable in case["variables"])
