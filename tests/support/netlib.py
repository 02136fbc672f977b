"""A linear programme in MPS form as a case of `textbook`, so that it can be planned through a workbook.

For collections such as NETLIB, tried from a folder of one's own: ``python tests/support/netlib.py FOLDER``. Free
variables become two areas, other negative lower bounds are moved to 0. `generated` makes programmes of that shape.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.optimize import OptimizeResult, linprog
from scipy.sparse import csr_array

from content_workbook import write_content
from textbook import scenario_of

OPTIMA = {
    "afiro": -464.75314286, "adlittle": 225494.96316, "blend": -30.812149846, "sc50a": -64.575077059, "sc50b": -70.0,
    "kb2": -1749.9001299, "share2b": -415.73224074, "stocfor1": -41131.976219, "scagr7": -2331389.8243,
    "israel": -896644.82186, "brandy": 1518.5098965, "lotfi": -25.264706062, "share1b": -76589.318579,
}  # fmt: skip
"""Published optimal values of the NETLIB collection, to their printed digits."""
SENSES = {"L": "<=", "G": ">=", "E": "="}


def read_mps(text: str) -> dict:
    """The programme as a case: sense, variables, objective, constraints; free form, no integers."""
    senses: dict[str, str] = {}
    columns: dict[str, dict[str, float]] = {}
    rhs: dict[str, float] = {}
    ranges: dict[str, float] = {}
    bounds: dict[str, list] = {}
    for section, fields in lines_of(text):
        if section == "ROWS":
            senses[fields[1]] = fields[0]
        elif section == "COLUMNS":
            columns.setdefault(fields[0], {}).update(pairs(fields[1:]))
            bounds.setdefault(fields[0], [0, "inf"])
        elif section in ("RHS", "RANGES"):
            (rhs if section == "RHS" else ranges).update(pairs(fields[len(fields) % 2 :]))
        elif section == "BOUNDS":
            bounds[fields[2]] = bounded(bounds[fields[2]], fields[0], number(fields[3]) if len(fields) > 3 else 0)
    costs = next(row for row, sense in senses.items() if sense == "N")
    return {
        "name": "MPS",
        "sense": "min",
        "variables": [{"name": name, "lb": low, "ub": high} for name, (low, high) in bounds.items()],
        "objective": {name: column[costs] for name, column in columns.items() if column.get(costs)},
        "constraints": [
            constraint(
                row, sense, {name: column[row] for name, column in columns.items() if column.get(row)}, rhs, ranges
            )
            for row, sense in senses.items()
            if sense != "N"
        ],
        "published": {},
        "constant": -rhs.get(costs, 0),
    }


def lines_of(text: str) -> Iterator[tuple[str, list[str]]]:
    section = ""
    for line in text.splitlines():
        if line.strip() and not line.startswith("*"):
            if line[0] != " ":
                section = line.split()[0]
            else:
                yield section, line.split()


def number(text: str) -> float:
    value = float(text)
    return int(value) if value == int(value) else value


def pairs(fields: list[str]) -> dict[str, float]:
    return {row: number(value) for row, value in zip(fields[::2], fields[1::2], strict=True)}


def bounded(old: list, kind: str, value: float) -> list:
    ends = {"FX": [value, value], "FR": ["-inf", "inf"], "MI": ["-inf", old[1]], "PL": [old[0], "inf"]}
    return ends.get(kind) or ([value, old[1]] if kind == "LO" else [old[0], value])


def constraint(row: str, sense: str, coefs: dict, rhs: dict, ranges: dict) -> dict:
    end = rhs.get(row, 0)
    made = {"name": row, "coefs": coefs, "sense": SENSES[sense], "rhs": end}
    if row in ranges:
        reach = ranges[row]
        up = sense == "G" or (sense == "E" and reach > 0)
        low, high = (end, end + abs(reach)) if up else (end - abs(reach), end)
        made |= {"sense": "range", "lo": low, "hi": high}
    return made


def content_of(case: dict, budget: float) -> dict[str, list[dict]]:
    """A scenario with indicators of their own values: bounded areas, effects in long form."""
    content = scenario_of(case)
    content["Budget"] = [{"Source": "Enough", 2026: budget}]
    effects = content["Effects"]
    content["Effects"] = [
        {"Area": row["Area"], "Indicator": name, "Effect": effect}
        for row in effects
        for name, effect in row.items()
        if name != "Area" and effect is not None
    ]
    return content


def shifted(case: dict) -> dict:
    """The same with each negative lower bound moved to 0, and with what that adds to the objective."""
    low = {v["name"]: v["lb"] for v in case["variables"] if not isinstance(v["lb"], str) and v["lb"] < 0}
    variables = [v if v["name"] not in low else v | {"lb": 0, "ub": above(v["ub"], v["lb"])} for v in case["variables"]]
    moved = [{**row, **{end: less(row[end], row["coefs"], low) for end in ("rhs", "lo", "hi") if end in row}}
             for row in case["constraints"]]  # fmt: skip
    constant = case["constant"] - less(0, case["objective"], low)
    return case | {"variables": variables, "constraints": moved, "constant": constant}


def above(end: float | str, start: float) -> float | str:
    return end if isinstance(end, str) else float(Fraction(str(end)) - Fraction(str(start)))


def less(value: float, coefs: dict, low: dict) -> float:
    exact = Fraction(str(value)) - sum(Fraction(str(c)) * Fraction(str(low[n])) for n, c in coefs.items() if n in low)
    return float(exact) if exact else 0


def generated(rng: random.Random, variables: int, rows: int) -> dict:
    """A programme of NETLIB's kind: sparse, badly scaled, degenerate; equalities hold exactly at a known plan."""
    names = [f"v{number}" for number in range(variables)]
    plan = {name: rng.choice((0, 0, rng.randint(1, 500), Fraction(rng.randint(1, 9999), 10))) for name in names}
    constraints = []
    for number in range(rows):
        coefs = {name: coefficient(rng) for name in rng.sample(names, min(variables, rng.randint(2, 8)))}
        reached = sum(Fraction(str(c)) * plan[name] for name, c in coefs.items())
        sense = rng.choice(("=", "<=", "<=", ">="))
        slack = 0 if sense == "=" or rng.random() < 0.4 else Fraction(rng.randint(1, 900), 10)
        end = reached - slack if sense == ">=" else reached + slack
        constraints.append({"name": f"r{number}", "coefs": coefs, "sense": sense, "rhs": float(end)})
    return {
        "name": "Generated",
        "sense": rng.choice(("min", "max")),
        "variables": [{"name": name, "lb": 0, "ub": 1000} for name in names],
        "objective": {name: coefficient(rng) for name in names if rng.random() < 0.6},
        "constraints": constraints,
        "published": {},
        "constant": 0,
    }


def coefficient(rng: random.Random) -> float:
    """One of few digits, between 0.001 and 1,000, of either sign."""
    return rng.choice(
        (1, 1, -1, -1, 0.001, 0.301, -1.06, 2.364, -0.43, 12.5, -107.5, 1000, round(rng.uniform(-20, 20), 2) or 1)
    )


def linprog_of(case: dict) -> OptimizeResult:
    """The optimum by scipy, as stated."""
    place = {v["name"]: i for i, v in enumerate(case["variables"])}
    rows: dict[str, list] = {"=": [], "<=": []}
    ends: dict[str, list] = {"=": [], "<=": []}
    for row in case["constraints"]:
        sign, side = -1 if row["sense"] == ">=" else 1, "=" if row["sense"] == "=" else "<="
        rows[side].append(dense(row["coefs"], place, sign))
        ends[side].append(sign * row["rhs"])
    sign = -1 if case["sense"] == "max" else 1
    below, equal = (csr_array(np.array(rows[side]).reshape(-1, len(place))) for side in ("<=", "="))
    bounds = [(v["lb"], v["ub"]) for v in case["variables"]]
    cost = dense(case["objective"], place, sign)
    found = linprog(cost, below, ends["<="], equal, ends["="], bounds, method="highs")
    found.fun = sign * found.fun if found.status == 0 else None
    return found


def dense(coefs: dict, place: dict[str, int], sign: int) -> np.ndarray:
    line = np.zeros(len(place))
    for name, value in coefs.items():
        line[place[name]] = sign * value
    return line


def main(folder: Path) -> None:
    from allocator import optimise, read_scenario

    for path in sorted(folder.glob("*.mps")):
        case = shifted(read_mps(path.read_text("utf-8")))
        book = write_content(content_of(case, 10**7), folder / f"{path.stem}.xlsx")
        start = time.perf_counter()
        plan = optimise(read_scenario(book))
        found = float(Fraction(plan.unrounded_objective)) + case["constant"]
        wanted = OPTIMA.get(path.stem.casefold())
        error = "" if wanted is None else f"error {abs(found - wanted) / abs(wanted):.1e}"
        took = f"{time.perf_counter() - start:.1f} s"
        print(path.stem, plan.status, found, error, took, len(case["variables"]))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
