"""Does a plan agree with the oracle? Every sentence of the contract that a random scenario can put to the test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from oracle import Row, as_plan, check_plan, linear_objective, objective_at, rows, step_used
from oracle_meaning import Content, Meaning, Var, norm
from oracle_solve import Outcome, solve_exact

CLOSE = 1e-9
SLACK_SIGN = {">=": 1, ">": 1, "<=": -1, "<": -1}


def disagreements(content: Content, result: dict, unrounded: float | None, *, ties: bool = False) -> list[str]:
    """What differs between the JSON of a plan and the oracle; `ties`: compare the plan that Ties names (Step 0)."""
    m = Meaning(content)
    exact = solve_exact(content, ties=ties and not m.step)
    if result["status"] != exact.status:
        return [f"status {result['status']}, not {exact.status}"]
    if exact.status != "optimal":
        return []
    size = max(1.0, abs(float(exact.objective)), 1e-5 * float(sum(sum(s.cells.values()) for s in m.sources.values())))
    found = list(differs("unrounded objective", unrounded, exact.objective, 1e-7, size))
    found += check_plan(content, result["allocation"])
    if step_used(m, as_plan(result["allocation"])) != m.step and not any("step" in text for text in result["messages"]):
        found.append("finer than Step, and no message says so")
    found += objective_differences(m, result)
    found += row_differences(m, result)
    found += indicator_differences(m, result)
    found += area_differences(m, result)
    found += certificate_differences(m, result)
    found += goal_differences(m, result, exact)
    if ties and not m.step:
        found += plan_differences(m, result, exact)
    return found


def differs(
    what: str, value: float | None, expected: Fraction | float, tolerance: float = CLOSE, size: float | None = None
) -> Iterator[str]:
    """A message where the value is missing or off by more than `tolerance` of `size`, by default max(1, |expected|)."""
    if value is None or abs(value - float(expected)) > tolerance * (size or max(1.0, abs(float(expected)))):
        yield f"{what}: {value}, not {float(expected)}"


def objective_differences(m: Meaning, result: dict) -> Iterator[str]:
    yield from differs("objective", result["objective"], objective_at(m, as_plan(result["allocation"])))


def row_differences(m: Meaning, result: dict) -> Iterator[str]:
    plan = as_plan(result["allocation"])
    mine = {(row.name, row.year): row for row in rows(m)}
    theirs = {(norm(row["rule"]), row["year"]): row for row in result["rules"]}
    missing = sorted(key for key in mine.keys() - theirs.keys() if not empty(mine[key]))
    yield from (f"no row {key}" for key in missing)
    held = {(f"goal {row.priority}", None) for row in mine.values() if row.priority}
    yield from (f"unexpected row {key}" for key in sorted(theirs.keys() - mine.keys() - held, key=str))
    yield from (f"no held sum {key}" for key in held - theirs.keys())
    for key in mine.keys() & theirs.keys():
        yield from one_row(mine[key], theirs[key], plan)


def empty(row: Row) -> bool:
    """Whether no money stands in it, as in a Minimum of 0 on nothing."""
    return not row.difference.coefs


def gross(row: Row, plan: dict) -> float:
    """What stands on both sides of a row, without regard to sign: its figures are as exact as that allows."""
    moved = sum((abs(c * plan[var]) for side in (row.left, row.right) for var, c in side.coefs.items()), Fraction(0))
    return max(1.0, float(moved + abs(row.left.const) + abs(row.right.const)))


def one_row(mine: Row, theirs: dict, plan: dict) -> Iterator[str]:
    name = f"row {mine.name} {mine.year}"
    left, right, size = mine.left.at(plan), mine.right.at(plan), gross(mine, plan)
    yield from differs(f"{name} final_value", theirs["final_value"], left, size=size)
    yield from differs(f"{name} rhs", theirs["rhs"], right, size=size)
    sign = SLACK_SIGN.get(mine.operator)
    slack = sign * (left - right) if sign else abs(left - right)
    stated = theirs["slack"] if sign else abs(theirs["slack"])
    if abs(stated - float(slack)) > CLOSE * size and abs(stated - float(slack - mine.margin)) > CLOSE * size:
        yield f"{name} slack: {stated}, not {float(slack)}"
    for field, expected in (("kind", mine.kind), ("operator", mine.operator), ("strength", mine.strength)):
        if theirs[field] != expected:
            yield f"{name} {field}: {theirs[field]}, not {expected}"
    shortfall, missed = float(mine.shortfall(plan)), theirs["status"] == "Missed"
    if mine.priority and (shortfall > CLOSE * size if not missed else not shortfall) and mine.operator != "=":
        yield f"{name} status: {theirs['status']}, shortfall {shortfall}"


def indicator_differences(m: Meaning, result: dict) -> Iterator[str]:
    plan = as_plan(result["allocation"])
    targets = {(row.name, row.year): row for row in rows(m) if row.kind == "indicator"}
    for entry in result["indicators"]:
        row = targets.pop((norm(entry["indicator"]), entry["year"]), None)
        if row and entry["target"] is not None:
            yield from differs(f"indicator {row.name} {row.year}", entry["reached"], row.left.at(plan))
            shortfall = float(row.shortfall(plan))
            wrong = shortfall > CLOSE * max(1, row.scale) if entry["met"] else not shortfall
            if entry["operator"] != "=" and wrong:
                yield f"indicator {row.name} {row.year} met: {entry['met']}"
    yield from (f"no indicator {key}" for key in targets)
    told = {norm(entry["indicator"]) for entry in result["indicators"]}
    yield from (f"indicator {name} is not told" for name in m.indicators.keys() - told)


def area_differences(m: Meaning, result: dict) -> Iterator[str]:
    plan = as_plan(result["allocation"])
    wanted = {(area, year) for area in m.leaves for year in m.years}
    for row in result["areas"]:
        key = norm(row["area"]), row["year"]
        amount = m.all_money([key[0]], key[1]).at(plan)
        yield from differs(f"area {key}", row["final_value"], amount)
        wanted.discard(key)
        coefficients = {float(c) for c in coefficients_at(m, key, amount)}
        if not m.step and all(abs(row["objective_coefficient"] - c) > CLOSE * max(1.0, abs(c)) for c in coefficients):
            yield f"area {key} coefficient: {row['objective_coefficient']}, not {coefficients}"
    yield from (f"no area {key}" for key in wanted)


def coefficients_at(m: Meaning, key: tuple[str, int], amount: Fraction) -> set[Fraction]:
    """The coefficient in force at the margin; several where a band's end is too near to tell."""
    linear = linear_objective(m)[1].coefs
    rest = next((linear.get((*key, s), Fraction(0)) for s in m.eligible[key[0]]), Fraction(0))
    if m.objective != "maximise benefit" or key not in m.bands:
        return {rest}
    bands, found, start = m.bands[key], set(), Fraction(0)
    near = Fraction(1, 10**7) * max(Fraction(1), amount)
    for number, (end, benefit) in enumerate(bands):
        last = number == len(bands) - 1
        if start - near <= amount and (last or end is None or amount < end + near):
            found.add(rest + m.discount(key[1]) * benefit)
        start = end
    return found


def certificate_differences(m: Meaning, result: dict) -> Iterator[str]:
    """The bound is one: no plan found is better, but by what an equality may be off for rounding."""
    certificate = result["certificate"]
    yield from differs("certificate objective", certificate["objective"], result["objective"])
    sign = linear_objective(m)[0]
    ahead = sign * (certificate["objective"] - certificate["bound"])
    if ahead > CLOSE * max(1.0, abs(certificate["bound"])):
        yield f"certificate: objective {certificate['objective']} beyond its bound {certificate['bound']}"


def goal_differences(m: Meaning, result: dict, exact: Outcome) -> Iterator[str]:
    plan = as_plan(result["allocation"])
    goals = {(row.name, row.year): row for row in rows(m) if row.priority}
    stated = {(norm(goal["rule"]), goal["year"]): goal for goal in result["goals"]}
    yield from (f"goal {key} is not told" for key in goals.keys() - stated.keys())
    yield from (f"no such goal {key}" for key in stated.keys() - goals.keys())
    sums = dict.fromkeys(exact.goals, 0.0)
    for key in goals.keys() & stated.keys():
        row, goal = goals[key], stated[key]
        sums[row.priority] += float(row.shortfall(plan) / row.scale)
        size = gross(row, plan)
        missed = Fraction(0) if nearly_met(row, plan, step_used(m, plan)) else row.shortfall(plan)
        yield from differs(f"goal {key} missed_by", goal["missed_by"], missed, size=size)
        if goal["priority"] != row.priority:
            yield f"goal {key} priority: {goal['priority']}"
    if not step_used(m, plan):
        for priority, least in exact.goals.items():
            yield from differs(f"sum of goal {priority}", sums[priority], least, 1e-7)


def nearly_met(row: Row, plan: Mapping[Var, Fraction], step: Fraction) -> bool:
    """An ``=`` goal counts as met when off by less than one Step, an indicator's by less than its largest effect."""
    largest = max(map(abs, row.difference.coefs.values()), default=Fraction(0)) if row.kind == "indicator" else 1
    return row.operator == "=" and row.shortfall(plan) < step * largest


def plan_differences(m: Meaning, result: dict, exact: Outcome) -> Iterator[str]:
    plan = as_plan(result["allocation"])
    cells = [cell for source in m.sources.values() for cell in source.cells.values()]
    tolerance = max(1e-6, 1e-6 * float(max(exact.plan.values())), 1e-9 * float(max(cells)))
    for var, amount in exact.plan.items():
        if abs(plan[var] - amount) > tolerance:
            yield f"ties: {var} gets {float(plan[var])}, not {float(amount)}"
