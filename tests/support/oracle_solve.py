"""The optimum of a scenario by two roads that share only `oracle.rows`: scipy, and a whole-number simplex.

The benefit of bands is the hypograph of its lines, so that no variable per band exists; goals, the objective
and the ties are a list of linear objectives, each sought among the optima of those before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from oracle import Row, linear_objective, rows
from oracle_meaning import Content, Linear, Meaning, Var

RHS, VALUE = -1, -2
PATIENCE = 30
"""Pivots without progress after which Bland's rule, which cannot cycle, takes over."""


@dataclass
class Outcome:
    status: str
    objective: float | Fraction | None = None
    goals: dict[int, float | Fraction] = field(default_factory=dict)
    """The least sum of shortfalls for each priority."""
    plan: dict[Var, float | Fraction] = field(default_factory=dict)
    tied: bool | None = None
    """Whether several plans had the best objective (exact only)."""


@dataclass
class Programme:
    """Minimise `objectives` one after the other over columns ≥ 0."""

    meaning: Meaning
    columns: dict[tuple, int] = field(default_factory=dict)
    rows: list[tuple[Linear, str, Fraction]] = field(default_factory=list)
    objectives: list[tuple[str, Linear]] = field(default_factory=list)
    place: dict[tuple[str, int | None], int] = field(default_factory=dict)
    """Where each row of the scenario stands in `rows`."""

    def column(self, key: tuple) -> tuple:
        self.columns.setdefault(key, len(self.columns))
        return key

    def keep(self, difference: Linear, operator: str, margin: Fraction = Fraction(0)) -> None:
        """difference operator margin"""
        self.rows.append((Linear(difference.coefs), operator, margin - difference.const))


def build(m: Meaning, *, ties: bool = False) -> Programme:
    p = Programme(m)
    for var in m.variables:
        p.column(var)
    goals: dict[int, Linear] = {}
    for number, row in enumerate(rows(m)):
        if row.priority is None:
            keep_row(p, row, row.difference)
        else:
            shortfall, slack = goal_columns(p, row, number)
            keep_row(p, row, row.difference.add(slack))
            goals[row.priority] = goals.get(row.priority, Linear()).add(shortfall, 1 / row.scale)
    p.objectives += [(f"goal {priority}", goals[priority]) for priority in sorted(goals)]
    sign, objective = linear_objective(m)
    if m.objective == "maximise benefit":
        for bands in band_columns(p):
            objective = objective.add(bands)
    p.objectives.append(("objective", Linear().add(objective, -sign)))
    if ties:
        add_ties(p)
    return p


def keep_row(p: Programme, row: Row, difference: Linear) -> None:
    upper = row.operator in ("<", "<=")
    operator = "=" if row.operator == "=" else "<=" if upper else ">="
    p.place[row.name, row.year] = len(p.rows)
    p.keep(difference, operator, -row.margin if upper else row.margin)


def goal_columns(p: Programme, row: Row, number: int) -> tuple[Linear, Linear]:
    """What a goal's row lacks, and how that stands in its row."""
    lack, excess = p.column(("lack", number)), p.column(("excess", number))
    one = Fraction(1)
    if row.operator == "=":
        return Linear({lack: one, excess: one}), Linear({lack: one, excess: -one})
    return Linear({lack: one}), Linear({lack: one if row.operator in (">", ">=") else -one})


def band_columns(p: Programme) -> Iterator[Linear]:
    """The discounted benefit of each banded area and year: at most every line that a band continues."""
    m = p.meaning
    for (area, year), bands in m.bands.items():
        up, down = p.column(("gain", area, year)), p.column(("loss", area, year))
        benefit = Linear({up: Fraction(1), down: Fraction(-1)})
        start, height = Fraction(0), Fraction(0)
        for end, slope in bands:
            line = Linear(const=height - slope * start).add(m.all_money([area], year), slope)
            p.keep(benefit.add(line, -1), "<=")
            if end is not None:
                start, height = end, height + slope * (end - start)
        yield Linear().add(benefit, m.discount(year))


def add_ties(p: Programme) -> None:
    """The three rules of formats.md's Ties, as further objectives."""
    m = p.meaning
    changes, mixes = Linear(), Linear()
    for area in m.leaves:
        for year in m.years:
            money = m.all_money([area], year)
            if m.last[area] is not None:
                changes = changes.add(distance(p, ("change", area, year), money.add(Linear(const=m.last[area]), -1)))
            there = sum((m.sources[s].cells[year] for s in m.eligible[area]), Fraction(0))
            for s in m.eligible[area] if there and len(m.eligible[area]) > 1 else []:
                even = money.add(Linear(), 1)
                part = m.money([area], year, [s]).add(even, -m.sources[s].cells[year] / there)
                mixes = mixes.add(distance(p, ("mix", area, year, s), part))
    p.objectives += [("change", changes), ("mix", mixes)]
    p.objectives += [(f"larger {var}", Linear({var: Fraction(-1)})) for var in m.variables]


def distance(p: Programme, key: tuple, of: Linear) -> Linear:
    size = Linear({p.column(key): Fraction(1)})
    p.keep(size.add(of, -1), ">=")
    p.keep(size.add(of), ">=")
    return size


# ---------------------------------------------------------------- by scipy


def solve_float(content: Content) -> Outcome:
    """Status, unrounded objective and goals' sums by scipy, in units of about the largest budget cell."""
    m = Meaning(content)
    p = build(m)
    cells = [float(c) for s in m.sources.values() for c in s.cells.values()]
    unit = 10.0 ** math.floor(math.log10(max([1e-9, *cells])) - 1)
    arrays = Arrays(p, unit)
    outcome = Outcome("optimal")
    for name, objective in p.objectives:
        found = arrays.minimise(objective)
        if found is None:
            return Outcome("infeasible")
        x, value = found
        if name.startswith("goal"):
            outcome.goals[int(name.split()[1])] = value
        else:
            sign = linear_objective(m)[0]
            outcome.objective = -sign * value
            outcome.plan = {var: x[p.columns[var]] * unit for var in m.variables}
    return outcome


class Arrays:
    """The programme as arrays, each row divided by its largest coefficient."""

    def __init__(self, p: Programme, unit: float) -> None:
        self.p = p
        self.unit = np.full(len(p.columns), unit)
        self.held: list[tuple[np.ndarray, float]] = []
        self.below: list[tuple[np.ndarray, float]] = []
        self.equal: list[tuple[np.ndarray, float]] = []
        for difference, operator, constant in p.rows:
            vector = self.vector(difference)
            size = np.abs(vector).max() if difference.coefs else 1.0
            sign = -1.0 if operator == ">=" else 1.0
            (self.equal if operator == "=" else self.below).append(
                (sign * vector / size, sign * float(constant) / size)
            )

    def vector(self, linear: Linear) -> np.ndarray:
        found = np.zeros(len(self.p.columns))
        for key, value in linear.coefs.items():
            found[self.p.columns[key]] = float(value)
        return found * self.unit

    def minimise(self, objective: Linear) -> tuple[np.ndarray, float] | None:
        """The best columns and the objective, held from now on; None: no plan."""
        cost = self.vector(objective)
        size = np.abs(cost).max() or 1.0
        below = self.below + self.held
        options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
        for presolve in (True, False):
            sides = (*stacked(below, len(cost)), *stacked(self.equal, len(cost)))
            found = linprog(cost / size, *sides, method="highs", options={**options, "presolve": presolve})
            if found.status == 0:
                break
        if found.status == 2:
            return None
        if found.status != 0:
            raise RuntimeError(found.message)
        self.held.append((cost / size, found.fun + 1e-10 * max(1.0, abs(found.fun))))
        return found.x, float(found.fun * size + float(objective.const))


def stacked(pairs: list[tuple[np.ndarray, float]], width: int) -> tuple[csr_array | None, np.ndarray | None]:
    if not pairs:
        return None, None
    return csr_array(np.array([vector for vector, _ in pairs]).reshape(-1, width)), np.array([rhs for _, rhs in pairs])


# ---------------------------------------------------------------- in whole numbers


def solve_exact(content: Content, *, ties: bool = True) -> Outcome:
    """The same without any rounding; with `ties` the one plan that the contract's Ties names."""
    m = Meaning(content)
    p = build(m, ties=ties)
    tableau = Tableau(p)
    if not tableau.feasible():
        return Outcome("infeasible")
    outcome = Outcome("optimal")
    for name, objective in p.objectives:
        value = tableau.minimise(objective)
        if name.startswith("goal"):
            outcome.goals[int(name.split()[1])] = value
        elif name == "objective":
            outcome.objective = -linear_objective(m)[0] * value
            outcome.tied = tableau.choices(p, m.variables)
    found = tableau.point()
    outcome.plan = {var: found.get(p.columns[var], Fraction(0)) for var in m.variables}
    return outcome


class Tableau:
    """Rows Σ a·x = b in whole numbers, b ≥ 0, each with a basic column, a > 0, that no other row has."""

    def __init__(self, p: Programme) -> None:
        self.p = p
        self.rows: list[dict[int, int]] = []
        self.basis: list[int] = []
        self.next = len(p.columns)
        self.artificial: set[int] = set()
        self.fixed: set[int] = set()
        for difference, operator, constant in p.rows:
            self._add({p.columns[key]: value for key, value in difference.coefs.items()}, operator, constant)

    def _add(self, row: dict[int, Fraction], operator: str, constant: Fraction) -> None:
        if operator == ">=":
            row, operator, constant = {j: -a for j, a in row.items()}, "<=", -constant
        basic = None
        if operator == "<=":
            basic = self.next
            row[self.next] = Fraction(1)
            self.next += 1
        if constant < 0:
            row, constant, basic = {j: -a for j, a in row.items()}, -constant, None
        if basic is None:
            basic = self.next
            self.artificial.add(basic)
            row[basic] = Fraction(1)
            self.next += 1
        row[RHS] = constant
        shared = math.lcm(*(a.denominator for a in row.values()))
        self.rows.append(primitive({j: int(a * shared) for j, a in row.items() if a}))
        self.basis.append(basic)

    def feasible(self) -> bool:
        cost = Linear({("artificial", j): Fraction(1) for j in self.artificial})
        lookup = {("artificial", j): j for j in self.artificial}
        if self._minimise(cost, lookup) > 0:
            return False
        self._drop(self.artificial - set(self.basis))
        return True

    def minimise(self, objective: Linear) -> Fraction:
        return self._minimise(objective, self.p.columns) + objective.const

    def _minimise(self, objective: Linear, lookup: dict[tuple, int]) -> Fraction:
        """Pivot to the least value; columns that would worsen it leave the programme."""
        shared = math.lcm(1, *(c.denominator for c in objective.coefs.values()))
        present = set().union(*self.rows) if self.rows else set()
        costs = {lookup[key]: -int(c * shared) for key, c in objective.coefs.items() if c}
        free = [j for j in costs if j not in present | self.fixed and costs[j] > 0]
        if free:
            raise RuntimeError("unbounded")
        line = {VALUE: shared, **{j: c for j, c in costs.items() if j in present}}
        for row, basic in zip(self.rows, self.basis, strict=True):
            line = eliminate(line, row, basic)
        idle = 0
        while (entering := self._entering(line, bland=idle > PATIENCE)) is not None:
            leaving = self._leaving(entering)
            idle = 0 if self.rows[leaving].get(RHS) else idle + 1
            line = self._pivot(leaving, entering, line)
        self._drop({j for j, c in line.items() if j >= 0 and c < 0})
        return Fraction(line.get(RHS, 0), line[VALUE])

    def _entering(self, line: dict[int, int], *, bland: bool) -> int | None:
        better = [j for j, c in line.items() if j >= 0 and c > 0 and j not in self.artificial]
        return None if not better else min(better) if bland else max(better, key=lambda j: (line[j], -j))

    def _leaving(self, entering: int) -> int:
        ratios = [
            (Fraction(row.get(RHS, 0), row[entering]), self.basis[i] not in self.artificial, self.basis[i], i)
            for i, row in enumerate(self.rows)
            if row.get(entering, 0) > 0
        ]
        if not ratios:
            raise RuntimeError("unbounded")
        return min(ratios)[-1]

    def _pivot(self, leaving: int, entering: int, line: dict[int, int]) -> dict[int, int]:
        pivot = self.rows[leaving]
        for i, row in enumerate(self.rows):
            if i != leaving and entering in row:
                self.rows[i] = eliminate(row, pivot, entering)
        self.basis[leaving] = entering
        return eliminate(line, pivot, entering)

    def _drop(self, columns: set[int]) -> None:
        self.fixed = self.fixed | columns
        for row in self.rows:
            for j in columns & row.keys():
                del row[j]

    def point(self) -> dict[int, Fraction]:
        return {j: Fraction(row.get(RHS, 0), row[j]) for row, j in zip(self.rows, self.basis, strict=True)}

    def choices(self, p: Programme, variables: list[Var]) -> bool:
        """Whether some money can still move without loss."""
        wanted = [p.columns[var] for var in variables]
        for j in wanted:
            probe = self.copy()
            here = probe.point().get(j, Fraction(0))
            try:
                most = -probe._minimise(Linear({("it",): Fraction(-1)}), {("it",): j})
                least = self.copy()._minimise(Linear({("it",): Fraction(1)}), {("it",): j})
            except RuntimeError:
                return True
            if least < here or most > here:
                return True
        return False

    def copy(self) -> Tableau:
        twin = object.__new__(Tableau)
        twin.__dict__ = {**self.__dict__, "rows": [dict(row) for row in self.rows], "basis": list(self.basis)}
        return twin


def primitive(row: dict[int, int]) -> dict[int, int]:
    shared = math.gcd(*row.values())
    return {j: a // shared for j, a in row.items()} if shared > 1 else row


def eliminate(row: dict[int, int], pivot: dict[int, int], column: int) -> dict[int, int]:
    """`row` without `column`, by a positive multiple of it less a multiple of `pivot`."""
    mine = row.get(column)
    if not mine:
        return row
    shared = math.gcd(mine, pivot[column])
    keep, take = pivot[column] // shared, mine // shared
    found = {j: a * keep for j, a in row.items()} if keep != 1 else dict(row)
    for j, a in pivot.items():
        value = found.get(j, 0) - take * a
        if value:
            found[j] = value
        else:
            found.pop(j, None)
    return primitive(found)
