"""Amounts in whole Steps that still keep every rule, checked in exact arithmetic.

The unrounded optimum lies, in units of Step, within a few units of whole-number plans. So each amount is written as
its whole part plus a small whole number, and a small mixed programme chooses those: only rows that such changes can
reach are in it, their coefficients turned into whole numbers where possible, so that no tolerance can blur them.
It starts with the amounts that are not whole, and looks further only as long as nothing is found or something is
to be gained. What it finds is checked with fractions before it is believed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocator.programme.build import Piece, Programme
from allocator.programme.highs import Deadline, Mixed, Outcome, solve_mixed
from allocator.programme.rows import ZERO, Key, Row, RowKind
from allocator.scenario.model import Operator

DIGITS = 10**15
"""A spreadsheet, and JSON as most programs read it, hold this many units exactly."""
FINER = 6
"""How often Step is divided by 10 before amounts are left unrounded."""
SNAP = 1e-4
"""Amounts closer than this to a whole number of Steps count as whole: solvers are right to about 1e-9."""
REACHES: tuple[int | None, ...] = (0, 1, 3, 10, 100, None)
"""By how many Steps amounts may move, in the order tried; 0: only those that aren't whole, up or down; None: as far
as `FARTHEST`."""
FARTHEST = 20_000
"""The whole range of coarse Steps; with longer ranges HiGHS 1.15 can hang in its root node."""
NODES = 500
"""Branch-and-bound nodes for a search; ten times as many for the last one, over the whole range."""
GAIN = 1e-7
"""A cost of rounding below this part of the objective isn't worth a wider search."""
FEW = 100
"""Up to this many moving amounts the search goes on to the end; above, it stops where little is left to gain."""
ENOUGH = 1e-6
"""That little: a part of the objective, or the worth of one Step."""
VERY_FEW, MANY = 40, 400
"""Up to so many amounts a plan that was found is still improved: with any reach, with short ones."""
WHOLE_COEFFICIENTS = 10**7
"""Rows whose coefficients become whole numbers up to this size are handed over as such."""


@dataclass(frozen=True)
class Rounded:
    """A plan in whole steps; `step` is what its amounts are multiples of, 0 where they are not rounded."""

    amounts: Mapping[Key, Fraction]
    step: Fraction
    message: str = ""


def round_plan(
    programme: Programme,
    amounts: Mapping[Key, float],
    goal_sums: Mapping[int, float],
    deadline: Deadline,
) -> Rounded:
    """Return the plan nearest to `amounts` in whole Steps that keeps every must and, as far as possible, the goals.

    Inequalities are kept exactly; an equality that no whole Steps reach is kept within one, Budget rows from below.
    Where no such plan is found Step is divided by 10, at most six times; then amounts stay as they are.
    """
    exact = {key: Fraction(repr(value)) for key, value in amounts.items()}
    step = programme.scenario.step
    if not step:
        return Rounded(exact, ZERO)
    for unit in _units(programme, step):
        found = _Search(programme, exact, goal_sums, unit, deadline).plan()
        if found is not None:
            return Rounded(found, unit, _message(step, unit))
    return Rounded(exact, ZERO, f"No plan in whole steps of {_shown(step)} was found; amounts are not rounded")


def _units(programme: Programme, step: Fraction) -> Iterator[Fraction]:
    """Yield the steps to try: Step, or what a spreadsheet can hold of it; then ever finer ones."""
    scenario = programme.scenario
    largest = max(scenario.available(scenario.source, year) for year in scenario.years)
    coarse = step
    while coarse * DIGITS < largest:
        coarse *= 10
    while coarse > step:
        yield coarse
        coarse /= 10
    for finer in range(FINER + 1):
        yield step / 10**finer


def _message(step: Fraction, unit: Fraction) -> str:
    if unit == step:
        return ""
    if unit > step:
        return f"A spreadsheet can't hold amounts of this size to {_shown(step)}; they are multiples of {_shown(unit)}"
    return f"No plan in whole steps of {_shown(step)} was found; amounts are multiples of {_shown(unit)}"


def _shown(step: Fraction) -> str:
    return f"{float(step):.12g}"


@dataclass
class _Line:
    """A row in units of Step around the whole parts: low ≤ Σ coefficient · change ≤ high, exactly."""

    row: Row
    terms: dict[int, Fraction]
    low: Fraction | None
    high: Fraction | None
    open: bool = False
    """Whether the ends themselves are excluded: an equality is kept to less than one Step."""
    tightened: float = 0.0

    def holds(self, total: Fraction) -> bool:
        """Whether a sum of changes keeps the row, exactly."""
        if self.open and total in (self.low, self.high):
            return False
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)


class _Search:
    """The search at one Step."""

    def __init__(
        self,
        programme: Programme,
        amounts: Mapping[Key, Fraction],
        goal_sums: Mapping[int, float],
        step: Fraction,
        deadline: Deadline,
    ) -> None:
        self.programme = programme
        self.step = step
        self.deadline = deadline
        self.keys = programme.keys
        self.number = {key: j for j, key in enumerate(self.keys)}
        self.base: list[int] = []
        self.broken: list[bool] = []
        for key in self.keys:
            steps = amounts[key] / step
            near = round(steps)
            whole = abs(steps - near) <= SNAP
            self.base.append(near if whole else math.floor(steps))
            self.broken.append(not whole)
        self.at = {key: whole * step for key, whole in zip(self.keys, self.base, strict=True)}
        self.best = programme.objective(amounts)
        self.met = {priority for priority, total in goal_sums.items() if total <= 1e-9}
        self.goal_sums = goal_sums

    def plan(self) -> Mapping[Key, Fraction] | None:
        """Return the best plan found at this Step, None where there seems to be none."""
        for number, reach in enumerate(REACHES):
            found = self._try(reach)
            if found is not None:
                return self._improve(found, REACHES[number + 1 :])
        return None

    def _improve(self, found: Mapping[Key, Fraction], reaches: Sequence[int | None]) -> Mapping[Key, Fraction]:
        """Look a little further as long as there is something to gain."""
        for reach in reaches:
            if len(self.keys) > (VERY_FEW if reach is None or reach > 10 else MANY) or not self._worth_more(found):
                break
            better = self._try(reach)
            if better is not None and self._better(better, found):
                found = better
        return found

    def _worth_more(self, found: Mapping[Key, Fraction]) -> bool:
        """Whether a wider search could gain something that matters."""
        loss = abs(self.best - self.programme.objective(found))
        held = [Fraction(repr(total)) for total in self.goal_sums.values()]
        missed = any(now > least + Fraction(GAIN) for now, least in zip(self._shortfalls(found), held, strict=True))
        return missed or loss > Fraction(GAIN) * max(abs(self.best), Fraction(1))

    def _better(self, one: Mapping[Key, Fraction], other: Mapping[Key, Fraction]) -> bool:
        goals = [self._shortfalls(plan) for plan in (one, other)]
        if goals[0] != goals[1]:
            return goals[0] < goals[1]
        values = self.programme.objective(one), self.programme.objective(other)
        return values[0] > values[1] if self.programme.maximise else values[0] < values[1]

    def _shortfalls(self, plan: Mapping[Key, Fraction]) -> list[Fraction]:
        sums = dict.fromkeys(self.programme.priorities, ZERO)
        for row in self.programme.rows:
            if row.strength.kind == "goal":
                sums[row.strength.priority] += max(ZERO, -row.slack(plan)) / row.divisor
        return list(sums.values())

    def _try(self, reach: int | None) -> Mapping[Key, Fraction] | None:
        """Search within `reach` steps; goals that the optimum meets are kept if possible, then as far as possible."""
        for keep_goals in (True, False) if self.met else (True,):
            chosen = _Local(self, reach, keep_goals=keep_goals).solve()
            if chosen is not None:
                return chosen
        return None


class _Local:
    """One small mixed programme: whole-number changes of the amounts, and what they do to rows and objective."""

    def __init__(self, search: _Search, reach: int | None, *, keep_goals: bool) -> None:
        self.search = search
        self.reach = reach
        self.lower, self.upper = self._box(reach)
        self.moving = [j for j in range(len(search.keys)) if self.lower[j] < self.upper[j]]
        self.column = {j: n for n, j in enumerate(self.moving)}
        self.lines: list[_Line] = []
        self.soft: list[_Line] = []
        for row in search.programme.rows:
            goal = row.strength.kind == "goal"
            hard = not goal or (keep_goals and row.strength.priority in search.met)
            (self.lines if hard else self.soft).append(self._line(row))

    def _box(self, reach: int | None) -> tuple[list[int], list[int]]:
        base, broken = self.search.base, self.search.broken
        if reach == 0:
            return [0] * len(base), [int(b) for b in broken]
        if reach is None:
            most = self._most()
            up = [max(m - b, 0) for m, b in zip(most, base, strict=True)]
            return [-min(b, FARTHEST) for b in base], [min(room, FARTHEST) for room in up]
        return [-min(reach, b) for b in base], [reach + int(b) for b in broken]

    def _most(self) -> list[int]:
        """Return how many Steps each amount can have at most: all that its source has up to its year."""
        scenario, step = self.search.programme.scenario, self.search.step
        most = []
        for _, year, name in self.search.keys:
            source = scenario.source[name]
            years = [t for t in scenario.years if t <= year] if source.carry_over else [year]
            most.append(int(sum((source.available[t] for t in years), ZERO) / step))
        return most

    # Rows

    def _line(self, row: Row) -> _Line:
        search = self.search
        body = row.body
        rest = (row.bound - body.value(search.at)) / search.step
        terms = {
            self.column[j]: coefficient
            for key, coefficient in body.terms.items()
            if (j := search.number[key]) in self.column
        }
        if row.operator is Operator.EQUAL:
            if row.kind is RowKind.BUDGET:
                return _Line(row, terms, Fraction(math.floor(rest)), Fraction(math.floor(rest)))
            return _Line(row, terms, rest - _room(row), rest + _room(row), open=True)
        return _Line(row, terms, rest, None) if row.operator.lower else _Line(row, terms, None, rest)

    def _reaches(self, line: _Line) -> bool:
        """Whether changes within the box can break a row."""
        least = sum((c * (self.lower if c > 0 else self.upper)[self.moving[n]] for n, c in line.terms.items()), ZERO)
        most = sum((c * (self.upper if c > 0 else self.lower)[self.moving[n]] for n, c in line.terms.items()), ZERO)
        return (line.low is not None and least < line.low) or (line.high is not None and most > line.high)

    def _handed(self, line: _Line) -> tuple[dict[int, float], float, float]:
        """Return a row as the solver gets it: in whole numbers where they are small, else scaled and tightened."""
        common = math.lcm(*(c.denominator for c in line.terms.values())) if line.terms else 1
        low: float | Fraction = -math.inf if line.low is None else line.low
        high: float | Fraction = math.inf if line.high is None else line.high
        if max((abs(c) * common for c in line.terms.values()), default=0) <= WHOLE_COEFFICIENTS:
            terms = {n: float(c * common) for n, c in line.terms.items()}
            return terms, *_whole_ends(line, common)
        size = float(max(abs(c) for c in line.terms.values()))
        terms = {n: float(c) / size for n, c in line.terms.items()}
        return terms, float(low) / size + line.tightened, float(high) / size - line.tightened

    # Objective

    def _gains(self) -> Iterator[tuple[dict[int, float], float, float]]:
        """Yield, for each area and year, its changes and what they add: as rows under the objective's tangents."""
        search = self.search
        sign = 1 if search.programme.maximise else -1
        members: dict[tuple[str, int], list[int]] = {}
        for n, j in enumerate(self.moving):
            members.setdefault(search.keys[j][:2], []).append(n)
        self.gain_columns = {pair: len(self.moving) + i for i, pair in enumerate(members)}
        yearly = search.programme.yearly(search.at)
        for pair, numbers in members.items():
            start = yearly[pair]
            least = start + search.step * sum(self.lower[self.moving[n]] for n in numbers)
            most = start + search.step * sum(self.upper[self.moving[n]] for n in numbers)
            for slope, at_start in _tangents(search.programme.pieces[pair], start, least, most):
                terms = {n: -float(sign * slope * search.step) / self.unit for n in numbers}
                terms[self.gain_columns[pair]] = 1.0
                yield terms, -math.inf, float(sign * at_start) / self.unit

    def _unit(self) -> float:
        slopes = [abs(p.slope) for pieces in self.search.programme.pieces.values() for p in pieces]
        return float(max(slopes, default=ZERO) * self.search.step) or 1.0

    def solve(self) -> Mapping[Key, Fraction] | None:
        """Return the plan found, or None."""
        if not all(self._possible(line) for line in self.lines):
            return None
        for _ in range(5):
            outcome, values = self._solve_once()
            if outcome is not Outcome.OPTIMAL or values is None:
                return None
            plan = dict(self.search.at)
            for n, j in enumerate(self.moving):
                plan[self.search.keys[j]] = (self.search.base[j] + round(float(values[n]))) * self.search.step
            broken = [line for line in self.lines if not self._kept(line, values)]
            if not broken:
                return plan if min(plan.values(), default=ZERO) >= 0 else None
            for line in broken:
                line.tightened = 10 * line.tightened or 1e-7
        return None

    def _possible(self, line: _Line) -> bool:
        if line.terms:
            return True
        return line.holds(ZERO)

    def _kept(self, line: _Line, values: np.ndarray) -> bool:
        return line.holds(sum((c * round(float(values[n])) for n, c in line.terms.items()), ZERO))

    def _solve_once(self) -> tuple[Outcome, np.ndarray | None]:
        self.unit = self._unit()
        gains = list(self._gains())
        rows = [self._handed(line) for line in self.lines if line.terms and self._reaches(line)]
        shortfalls = self._shortfall_rows(len(self.moving) + len(self.gain_columns))
        count = len(self.moving) + len(self.gain_columns) + len(shortfalls.weights)
        if not self.moving:
            return Outcome.OPTIMAL, np.zeros(0)
        cost = np.zeros(count)
        for column in self.gain_columns.values():
            cost[column] = -1.0
        for column, weight in shortfalls.weights.items():
            cost[column] = weight
        lower, upper = np.full(count, -np.inf), np.full(count, np.inf)
        lower[: len(self.moving)] = [self.lower[j] for j in self.moving]
        upper[: len(self.moving)] = [self.upper[j] for j in self.moving]
        for column in shortfalls.weights:
            lower[column] = 0.0
        whole = np.zeros(count, dtype=bool)
        whole[: len(self.moving)] = True
        problem = Mixed(cost, lower, upper, whole, [*rows, *gains, *shortfalls.rows])
        few = len(self.moving) <= FEW
        nodes = NODES * (10 if self.reach is None else 1) if few else max(1, NODES * FEW // len(self.moving))
        gap = 1e-6 if few else max(1.0, ENOUGH * abs(float(self.search.best)) / self.unit)
        return solve_mixed(problem, nodes=nodes, gap=gap, deadline=self.search.deadline)

    def _shortfall_rows(self, first: int) -> _Shortfalls:
        """Let goals be missed further, each at a price that no gain in the objective outweighs."""
        weights: dict[int, float] = {}
        rows: list[tuple[dict[int, float], float, float]] = []
        priorities = self.search.programme.priorities
        total = 2.0 * (len(self.moving) + 1) * (max(self.upper, default=1) - min(self.lower, default=0) + 1)
        for line in self.soft:
            if not line.terms:
                continue
            rank = len(priorities) - priorities.index(line.row.strength.priority)
            terms, low, high = self._handed(line)
            size = max(abs(c) for c in terms.values())
            for sign, end in ((1.0, low), (-1.0, high)):
                if math.isinf(end):
                    continue
                column = first + len(weights)
                weights[column] = min(total, 1e4) ** rank / size if rank <= 2 else 1e8
                bounds = (end, math.inf) if sign > 0 else (-math.inf, end)
                rows.append(({**terms, column: sign}, *bounds))
        return _Shortfalls(weights, rows)


@dataclass(frozen=True)
class _Shortfalls:
    weights: Mapping[int, float]
    rows: list[tuple[dict[int, float], float, float]]


def _room(row: Row) -> Fraction:
    """Return how far from its right-hand side an equality may stay, in Steps; always less than this.

    One Step: so where whole Steps reach the right-hand side, it is kept exactly. An indicator isn't money: there it
    is what one Step does to it at most.
    """
    if row.kind is not RowKind.INDICATOR:
        return Fraction(1)
    return max((abs(c) for c in row.body.terms.values()), default=Fraction(1))


def _whole(number: Fraction) -> bool:
    return number.denominator == 1


def _whole_ends(line: _Line, common: int) -> tuple[float, float]:
    """Return a row's ends where its terms, times `common`, are whole: a quarter beyond the last whole number."""
    low, high = -math.inf, math.inf
    if line.low is not None:
        end = line.low * common
        low = math.ceil(end) + (1 if line.open and _whole(end) else 0) - 0.25
    if line.high is not None:
        end = line.high * common
        high = math.floor(end) - (1 if line.open and _whole(end) else 0) + 0.25
    return low, high


def _tangents(
    pieces: tuple[Piece, ...], start: Fraction, least: Fraction, most: Fraction
) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield (slope, height at `start` above the curve) of the pieces' lines that matter between least and most."""
    begin, value_at_begin = ZERO, ZERO
    lines = []
    height = ZERO
    for piece in pieces:
        end = None if piece.width is None else begin + piece.width
        if (end is None or start < end or piece is pieces[-1]) and begin <= start:
            height = value_at_begin + piece.slope * (start - begin)
        if begin <= most and (end is None or end >= least):
            lines.append((piece.slope, value_at_begin + piece.slope * (start - begin)))
        if end is None:
            break
        value_at_begin += piece.slope * piece.width if piece.width is not None else ZERO
        begin = end
    for slope, at_start in lines:
        yield slope, at_start - height
