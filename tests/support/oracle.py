"""Every row of a scenario's programme and a judge of its plans, from docs/formats alone, in exact fractions.

`oracle_meaning` reads the content, `oracle_solve` finds the optimum; nothing of the package is used here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from oracle_meaning import OPERATORS, Content, Indicator, Linear, Meaning, Var, norm, number, total, years_in

TINY = Fraction(1, 10**6)
SHARE_BASES = ("last year's share", "points on last year's share")
LAST_BASES = ("last year", "change on last year", *SHARE_BASES)


@dataclass
class Row:
    """left operator right, `margin` more where the operator is strict."""

    name: str
    year: int | None
    kind: str
    left: Linear
    operator: str
    right: Linear
    strength: str = "must"
    margin: Fraction = Fraction(0)
    scale: Fraction = Fraction(1)
    """What a shortfall is divided by in the sum of goals."""

    @property
    def difference(self) -> Linear:
        return self.left.add(self.right, -1)

    @property
    def priority(self) -> int | None:
        return int(self.strength.split()[1]) if self.strength.startswith("goal") else None

    def shortfall(self, plan: Mapping[Var, Fraction]) -> Fraction:
        gap = self.difference.at(plan)
        if self.operator == "=":
            return abs(gap)
        return max(Fraction(0), self.margin - gap if self.operator in (">", ">=") else gap + self.margin)


# ---------------------------------------------------------------- the rows


def rows(m: Meaning) -> list[Row]:
    """Every row of the programme but the goals' holding rows; those of Strength off are left out."""
    found = [*budget_rows(m), *limit_rows(m), *band_rows(m), *rule_rows(m), *indicator_rows(m)]
    return [row for row in found if row.strength != "off"]


def budget_rows(m: Meaning) -> Iterable[Row]:
    for name, source in m.sources.items():
        for year in m.years:
            span = [t for t in m.years if t <= year] if source.carry else [year]
            bound = sum((source.cells[t] for t in span), Fraction(0))
            binds = source.spend_all and (not source.carry or year == m.years[-1])
            spent = total(m.money(m.leaves, t, [name]) for t in span)
            yield Row(f"budget: {name}", year, "budget", spent, "=" if binds else "<=", Linear(const=bound))


def limit_rows(m: Meaning) -> Iterable[Row]:
    for (area, year, head), value in m.limits.items():
        if value is not None:
            share = head.endswith("share")
            amount = value * m.funds(m.own, year) if share else value
            left = m.money(m.comprised(area), year, m.own if share else m.sources)
            operator = ">=" if head.startswith("Minimum") else "<="
            yield Row(f"{norm(head)}: {area}", year, "limit", left, operator, Linear(const=amount))


def band_rows(m: Meaning) -> Iterable[Row]:
    for (area, year), bands in m.bands.items():
        end = bands[-1][0]
        if end is not None:
            yield Row(f"last band: {area}", year, "limit", m.all_money([area], year), "<=", Linear(const=end))


def rule_rows(m: Meaning) -> Iterable[Row]:
    for rule in m.content.get("Rules", []):
        years, together = years_in(rule.get("Years"), m.years)
        for name, leaves in subjects(m, rule):
            sides = [(year, *rule_sides(m, rule, leaves, year)) for year in years]
            if together:
                right = sides[0][2] if norm(rule["Basis"]) == "amount" else total(s[2] for s in sides)
                yield money_row(m, rule, name, None, total(s[1] for s in sides), right, years)
            else:
                for year, left, right in sides:
                    yield money_row(m, rule, name, year, left, right, [year])


def subjects(m: Meaning, rule: dict) -> list[tuple[str, list[str]]]:
    subject, name = norm(rule["Area"]), norm(rule["Rule"])
    if not subject.startswith("every area"):
        return [(name, m.comprised(subject))]
    group = subject.removeprefix("every area").strip().removeprefix("in ").strip()
    basis = norm(rule["Basis"])
    without = m.comprised(basis) if basis in m.areas else []
    payers = set(rule_sources(m, rule))
    chosen = m.comprised(group) if group else m.leaves
    return [(f"{name}: {a}", [a]) for a in chosen if a not in without and payers & set(m.eligible[a])]


def rule_sources(m: Meaning, rule: dict) -> list[str]:
    return m.counted(rule.get("Source"), "all" if norm(rule["Basis"]) == "amount" else "budget")


def rule_sides(m: Meaning, rule: dict, leaves: list[str], year: int) -> tuple[Linear, Linear]:
    counted = rule_sources(m, rule)
    basis, value = norm(rule["Basis"]), number(rule["Value"])
    of = m.counted(rule["Basis source"], "all") if rule.get("Basis source") else counted
    left = m.money(leaves, year, counted)
    if basis in SHARE_BASES:
        kept = Linear().add(m.before(leaves, year, counted), m.funds(counted, year) / m.funds(counted, year - 1))
        if basis == "last year's share":
            return left, Linear().add(kept, value)
        return left.add(kept, -1), Linear(const=value * m.funds(counted, year))
    if basis == "change on last year":
        value += 1
    return left, Linear().add(basis_of(m, basis, leaves, year, of), value)


def basis_of(m: Meaning, basis: str, leaves: list[str], year: int, of: list[str]) -> Linear:
    if basis == "amount":
        return Linear(const=Fraction(1))
    if basis == "budget":
        return Linear(const=m.funds(of, year))
    if basis in ("last year", "change on last year"):
        return m.before(leaves, year, of)
    return m.money(m.leaves if basis == "spending" else m.comprised(basis), year, of)


def money_row(
    m: Meaning, rule: dict, name: str, year: int | None, left: Linear, right: Linear, years: list[int]
) -> Row:
    operator = OPERATORS[norm(rule["Operator"])]
    row = Row(name, year, "rule", left, operator, right, norm(rule.get("Strength") or "must"))
    row.scale = sum((m.funds(m.own, t) for t in years), Fraction(0))
    if operator in ("<", ">"):
        row.margin = m.step or TINY * max(Fraction(1), abs(row.difference.const))
    return row


def value_of(m: Meaning, indicator: Indicator, year: int) -> Linear:
    value = Linear(const=indicator.baseline)
    for t in m.years:
        if t == year or (indicator.counts == "cumulative" and t < year):
            for area, effect in indicator.effects.items():
                if effect:
                    value = value.add(m.all_money([area], t), effect)
                    value.const -= effect * m.last[area] if indicator.measured else 0
    return value


def indicator_rows(m: Meaning) -> Iterable[Row]:
    for indicator in m.indicators.values():
        for operator, target, years, strength in indicator.targets:
            for year in years:
                left = value_of(m, indicator, year)
                row = Row(indicator.name, year, "indicator", left, operator, Linear(const=target), strength)
                row.scale = abs(target) or Fraction(1)
                row.margin = TINY * max(Fraction(1), abs(target)) if operator in ("<", ">") else Fraction(0)
                yield row


# ---------------------------------------------------------------- the objective


def linear_objective(m: Meaning) -> tuple[int, Linear]:
    """1 to maximise, −1 to minimise; the part of the objective that is no band's."""
    sense, _, what = m.objective.partition(" ")
    sign = 1 if sense == "maximise" else -1
    if what == "spending":
        return sign, total(m.all_money(m.leaves, t) for t in m.years)
    if what != "benefit":
        indicator = m.indicators[what]
        return sign, value_of(m, indicator, indicator.last_year)
    objective = Linear()
    for a in m.leaves:
        weight = sum((i.weight * i.effects.get(a, 0) for i in m.indicators.values()), Fraction(0))
        for t in m.years:
            rate = weight + (0 if (a, t) in m.bands else m.benefit[a])
            objective = objective.add(m.all_money([a], t), m.discount(t) * rate)
    return sign, objective


def band_benefit(bands: list[tuple[Fraction | None, Fraction]], amount: Fraction) -> Fraction:
    gained, start = Fraction(0), Fraction(0)
    for end, benefit in bands:
        reach = amount if end is None else min(amount, end)
        gained += benefit * max(Fraction(0), reach - start)
        start = start if end is None else end
    return gained


def as_plan(allocation: Iterable[Mapping]) -> dict[Var, Fraction]:
    return {(norm(e["area"]), int(e["year"]), norm(e["source"])): number(e["amount"]) for e in allocation}


def objective_at(m: Meaning, plan: Mapping[Var, Fraction]) -> Fraction:
    found = linear_objective(m)[1].at(plan)
    if m.objective == "maximise benefit":
        for (area, year), bands in m.bands.items():
            found += m.discount(year) * band_benefit(bands, m.all_money([area], year).at(plan))
    return found


def objective_of(content: Content, allocation: Iterable[Mapping]) -> Fraction:
    """The objective of a plan, exactly."""
    return objective_at(Meaning(content), as_plan(allocation))


# ---------------------------------------------------------------- the judge of rounded plans


def step_used(m: Meaning, plan: Mapping[Var, Fraction]) -> Fraction:
    """Step, or Step divided by ten up to six times, whichever suits every amount; 0: none of them."""
    steps = [m.step / 10**k for k in range(7)] if m.step else []
    return next((step for step in steps if all(amount % step == 0 for amount in plan.values())), Fraction(0))


def check_plan(content: Content, allocation: Iterable[Mapping], tolerance: Fraction = Fraction(1, 10**9)) -> list[str]:
    """What is wrong with a plan, in words; where it is not rounded, beyond a relative `tolerance`."""
    m = Meaning(content)
    plan = as_plan(allocation)
    step = step_used(m, plan)
    wanted = {(a, t, s) for a in m.leaves for t in m.years for s in m.sources}
    wrong = [f"missing {key}" for key in wanted - plan.keys()] + [f"unexpected {key}" for key in plan.keys() - wanted]
    wrong += [f"{key} is negative: {amount}" for key, amount in plan.items() if amount < 0]
    wrong += [f"{key} may not be paid: {plan[key]}" for key in wanted - set(m.variables) if plan.get(key)]
    size = max((abs(cell) for s in m.sources.values() for cell in s.cells.values()), default=Fraction(1))
    for row in rows(m):
        if row.priority is None:
            slip = _slip(row, plan, step, Fraction(0) if step else tolerance * max(size, Fraction(1)))
            wrong += [f"{row.name} {row.year}: {row.operator} broken by {float(slip):.9g}"] if slip else []
    return wrong


def _slip(row: Row, plan: Mapping[Var, Fraction], step: Fraction, slack: Fraction) -> Fraction:
    """By how much a row is broken beyond what rounding and `slack` allow; 0 where it is kept."""
    gap = row.difference.at(plan)
    broken = row.shortfall(plan)
    allowed = slack * max([Fraction(1), *(abs(c) for c in row.difference.coefs.values())])
    if row.operator == "=" and step and not _whole(row.difference, step):
        allowed = step * (
            max(map(abs, row.difference.coefs.values()), default=Fraction(0)) if row.kind == "indicator" else 1
        )
    if row.kind == "budget" and gap > slack:
        return gap
    return broken if broken > allowed else Fraction(0)


def _whole(difference: Linear, step: Fraction) -> bool:
    """Whether whole steps reach equality in a row that only sums money; others, the contract lets be off."""
    if not difference.coefs:
        return True
    shared = math.lcm(*(c.denominator for c in difference.coefs.values()))
    whole = math.gcd(*(int(c * shared) for c in difference.coefs.values()))
    return (difference.const / step * shared / whole).denominator == 1 and shared == 1
