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
from enum import Enum
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.rows import ZERO, Key, Piece, Row
from allocator.programme.session import Arrays, RowNumbers, solve_mixed
from allocator.programme.status import Deadline, Status
from allocator.scenario.model import Operator

# -- changes around a plan ---------------------------------------------------------------------------------------------
#
# The whole-number changes around a plan that keep its rows: one small mixed programme, checked exactly.
#
# Amounts are a whole number of Steps each, plus a change within a box. Only rows that such changes can break are handed
# to the solver, with whole coefficients where these are small, so that no tolerance can blur them. Goals come first, in
# the order of their priorities, then the objective; each area's gain lies under the tangents of its pieces.

FARTHEST = 20_000
"""The whole range of coarse Steps; with longer ranges HiGHS 1.15 can hang in its root node."""
NODES = 500
"""Branch-and-bound nodes for the first plan; a tenth of it to improve one that there is."""
_FEW = 100
"""Up to this many moving amounts the search goes on to the end; above, it stops where little is left to gain."""
MOST, ANY = 3000, 2**31 - 1
"""Above so many moving amounts the first plan found is taken (the root node alone would go on for minutes)."""
ENOUGH = 1e-6
"""That little: a part of the objective, or the worth of one Step."""
WHOLE_COEFFICIENTS = 10**7
"""Rows whose coefficients become whole numbers up to this size are handed over as such."""
STAY = 1e-3
"""What leaving the unrounded amount by one Step must gain, as a part of what one Step gains at most."""
TIGHTEN = 1e-7
"""Where a row was broken within the solver's tolerance, it is handed over tighter by this, then ten times that."""
HELD = 1e-7
"""What a goal's sum may rise while what comes after is sought: the solver's tolerance on whole numbers."""


class Goals(Enum):
    """What is asked of goals; one that is off by less than a Step counts as met throughout."""

    EACH = "each"
    """Each that the unrounded optimum meets is met, an inequality exactly; the others' sums are held."""
    SUMS = "sums"
    """The sums are held: what the unrounded optimum misses, rounding may share out otherwise."""
    LEAST = "least"
    """The sums are as small as they can be, one priority after the other."""


type _Terms = dict[int, float]


@dataclass
class Line:
    """A row in Steps around the whole parts: low ≤ Σ coefficient · change ≤ high, exactly."""

    row: Row
    terms: Mapping[int, Fraction]
    low: Fraction | None
    high: Fraction | None
    open: bool = False
    """Whether the ends themselves are excluded: an equality is kept to less than one Step."""
    tightened: float = 0.0

    def total(self, changes: Sequence[int]) -> Fraction:
        """Return Σ coefficient · change."""
        return sum((c * changes[n] for n, c in self.terms.items()), ZERO)

    def holds(self, total: Fraction) -> bool:
        """Whether a sum of changes keeps the row, exactly."""
        if self.open and total in (self.low, self.high):
            return False
        return (self.low is None or total >= self.low) and (self.high is None or total <= self.high)

    def shortfall(self, changes: Sequence[int]) -> Fraction:
        """Return by how much a sum of changes lies outside the row, in Steps."""
        total = self.total(changes)
        below = ZERO if self.low is None else self.low - total
        above = ZERO if self.high is None else total - self.high
        return max(ZERO, below, above)

    @property
    def size(self) -> Fraction:
        """The largest coefficient."""
        return max((abs(c) for c in self.terms.values()), default=Fraction(1))

    def handed(self) -> RowNumbers:
        """Return the row as the solver gets it: in whole numbers where they are small, else scaled and tightened."""
        common = math.lcm(*(c.denominator for c in self.terms.values()))
        if self.size * common <= WHOLE_COEFFICIENTS:
            return {n: float(c * common) for n, c in self.terms.items()}, *_whole_ends(self, common)
        terms, low, high = self.scaled()
        return terms, low + self.tightened, high - self.tightened

    def scaled(self) -> RowNumbers:
        """Return the row divided by its largest coefficient."""
        size = float(self.size)
        low = -math.inf if self.low is None else float(self.low) / size
        high = math.inf if self.high is None else float(self.high) / size
        return {n: float(c) / size for n, c in self.terms.items()}, low, high


def _whole_ends(line: Line, common: int) -> tuple[float, float]:
    """Return a row's ends where its terms, times `common`, are whole: a quarter beyond the last whole number."""
    low, high = -math.inf, math.inf
    if line.low is not None:
        end = line.low * common
        low = math.ceil(end) + (1 if line.open and end.denominator == 1 else 0) - 0.25
    if line.high is not None:
        end = line.high * common
        high = math.floor(end) - (1 if line.open and end.denominator == 1 else 0) + 0.25
    return low, high


def _hard_line(row: Row, terms: Mapping[int, Fraction], rest: Fraction) -> Line:
    """Return a row that must be kept; an equality to less than one Step, a budget that must be spent from below."""
    if row.operator is not Operator.EQUAL:
        return _soft_line(row, terms, rest)
    if row.kind.supply:
        return Line(row, terms, Fraction(math.floor(rest)), Fraction(math.floor(rest)))
    return _soft_line(row, terms, rest, step_tolerance(row))


def _soft_line(row: Row, terms: Mapping[int, Fraction], rest: Fraction, tolerance: Fraction = ZERO) -> Line:
    """Return a row as it stands, or kept to less than `tolerance`."""
    low, high = (None if row.operator.upper else rest - tolerance), (None if row.operator.lower else rest + tolerance)
    return Line(row, terms, low, high, open=tolerance > 0)


def step_tolerance(row: Row) -> Fraction:
    """Return how far from its right-hand side an equality may stay, in Steps; always less than this.

    One Step: so where whole Steps reach the right-hand side, it is kept exactly. An indicator isn't money: there it
    is what one Step does to it at most.
    """
    if row.kind.money:
        return Fraction(1)
    return max((abs(c) for c in row.body.terms.values()), default=ZERO)


class Nearby:
    """The search for the best plan within `reach` Steps of `around` (None: as far as `FARTHEST`)."""

    def __init__(self, around: Around, reach: int | None, goals: Goals, *, improve: bool) -> None:
        self.around, self.goals = around, goals
        self.nodes = NODES // 10 if improve else NODES
        self.lower, self.upper = _box(around, reach)
        self.moving = [j for j in range(len(around.base)) if self.lower[j] < self.upper[j]]
        number = {key: j for j, key in enumerate(around.programme.keys)}
        column = {j: n for n, j in enumerate(self.moving)}
        self.lines: list[Line] = []
        self.soft: list[Line] = []
        self.tightened: dict[int, float] = {}
        """Priority → by how much less its sum is asked for than it may be, as a part of it."""
        for index, row in enumerate(around.programme.rows):
            terms = {column[number[key]]: c for key, c in row.body.terms.items() if number[key] in column}
            rest = (row.bound - row.body.value(around.amounts)) / around.step
            if row.strength.kind != "goal":
                self.lines.append(_hard_line(row, terms, rest))
            elif self._must_be_met(index, row):
                exactly = goals is Goals.EACH and row.operator is not Operator.EQUAL
                self.lines.append(_soft_line(row, terms, rest, ZERO if exactly else step_tolerance(row)))
            else:
                self.soft.append(_soft_line(row, terms, rest, step_tolerance(row)))

    def _must_be_met(self, index: int, row: Row) -> bool:
        if self.goals is Goals.EACH:
            return index not in self.around.missed
        return self.goals is Goals.SUMS and not self.around.least[row.strength.priority]

    def solve(self) -> Mapping[Key, Fraction] | None:
        """Return the plan found, or None."""
        if not all(line.terms or line.holds(ZERO) for line in self.lines):
            return None
        for _ in range(5):
            changes = self._changes()
            if changes is None:
                return None
            broken = [line for line in self.lines if not line.holds(line.total(changes))]
            exceeded = [priority for priority in self.tightened if not self._is_held(priority, changes)]
            if not (broken or exceeded):
                return self._plan(changes)
            for line in broken:
                line.tightened = 10 * line.tightened or TIGHTEN
            for priority in exceeded:
                self.tightened[priority] = 10 * self.tightened[priority] or TIGHTEN
        return None

    def _plan(self, changes: Sequence[int]) -> Mapping[Key, Fraction] | None:
        plan = dict(self.around.amounts)
        for n, j in enumerate(self.moving):
            plan[self.around.programme.keys[j]] = (self.around.base[j] + changes[n]) * self.around.step
        return plan if min(plan.values(), default=ZERO) >= 0 else None

    def _changes(self) -> Sequence[int] | None:
        """Solve for the goals that can be missed, one priority after the other, then for the objective."""
        if not self.moving:
            return []
        self.bounds = [(float(self.lower[j]), float(self.upper[j])) for j in self.moving]
        self.rows = [line.handed() for line in self.lines if line.terms and self._reaches(line)]
        found: Sequence[int] | None = None
        for priority in sorted({line.row.strength.priority for line in self.soft}):
            goals = [line for line in self.soft if line.row.strength.priority == priority]
            if self.goals is not Goals.LEAST:
                self._hold(priority, goals)
                continue
            changes = self._solve_goals(goals)
            if changes is None:
                return found
            found = changes
        return self._solve_gains() or found

    def _is_held(self, priority: int, changes: Sequence[int]) -> bool:
        """Whether a sum of shortfalls is no more than that of the unrounded optimum, exactly."""
        goals = [line for line in self.soft if line.row.strength.priority == priority]
        total = sum((line.shortfall(changes) / line.row.divisor for line in goals), ZERO)
        return total * self.around.step <= self.around.least[priority]

    def _reaches(self, line: Line) -> bool:
        """Whether changes within the box can break a row."""
        ends = [(c * self.lower[self.moving[n]], c * self.upper[self.moving[n]]) for n, c in line.terms.items()]
        least = sum((min(pair) for pair in ends), ZERO)
        most = sum((max(pair) for pair in ends), ZERO)
        return not (line.holds(least) and line.holds(most))

    # One stage

    def _hold(self, priority: int, goals: Sequence[Line]) -> None:
        """Hold a sum of shortfalls at that of the unrounded optimum."""
        held, largest = self._sum_of(goals)
        most = float(self.around.least[priority] / self.around.step / largest)
        self.rows.append((held, -math.inf, most - self.tightened.setdefault(priority, 0.0) * max(1.0, most)))

    def _sum_of(self, goals: Sequence[Line]) -> tuple[_Terms, Fraction]:
        """Return the sum of shortfalls, and what one unit of it is."""
        weights = [line.size / line.row.divisor for line in goals]
        largest = max(weights)
        held: _Terms = {}
        for line, weight in zip(goals, weights, strict=True):
            terms, low, high = line.scaled()
            for sign, bounds in ((1.0, (low, math.inf)), (-1.0, (-math.inf, high))):
                if all(map(math.isinf, bounds)):
                    continue
                held[len(self.bounds)] = float(weight / largest)
                self.rows.append(({**terms, len(self.bounds): sign}, *bounds))
                self.bounds.append((0.0, math.inf))
        return held, largest

    def _solve_goals(self, goals: Sequence[Line]) -> Sequence[int] | None:
        """Find the least sum of shortfalls, and hold it for what comes after."""
        held, largest = self._sum_of(goals)
        changes = self._solve(held, HELD)
        if changes is None:
            return None
        total = sum((line.shortfall(changes) / line.row.divisor for line in goals), ZERO) / largest
        self.rows.append((held, -math.inf, float(total) + HELD))
        return changes

    def _solve_gains(self) -> Sequence[int] | None:
        """Find what serves the objective best."""
        search = self.around
        unit = float(search.steepest * search.step) or 1.0
        sign = 1 if search.programme.maximise else -1
        members: dict[tuple[str, int], list[int]] = {}
        for n, j in enumerate(self.moving):
            members.setdefault(search.programme.keys[j].pair, []).append(n)
        yearly = search.programme.yearly(search.amounts)
        gains: _Terms = {}
        for pair, numbers in members.items():
            column = len(self.bounds)
            gains[column] = -1.0
            self.bounds.append((-math.inf, math.inf))
            least = yearly[pair] + search.step * sum(self.lower[self.moving[n]] for n in numbers)
            most = yearly[pair] + search.step * sum(self.upper[self.moving[n]] for n in numbers)
            for slope, height in _tangents(search.programme.pieces[pair], yearly[pair], least, most):
                terms = dict.fromkeys(numbers, -float(sign * slope * search.step) / unit)
                self.rows.append(({**terms, column: 1.0}, -math.inf, float(sign * height) / unit))
        if len(self.moving) > _FEW:
            return self._solve(gains, max(1.0, ENOUGH * abs(float(search.best)) / unit))
        for numbers in members.values():
            gains |= self._stay(numbers)
        return self._solve(gains, 1e-6)

    def _stay(self, numbers: Sequence[int]) -> _Terms:
        """Let an area's yearly amount leave the unrounded one only for a gain: equals are settled by the ties."""
        column = len(self.bounds)
        self.bounds.append((0.0, math.inf))
        rest = float(sum((self.around.rest[self.moving[n]] for n in numbers), ZERO))
        terms = dict.fromkeys(numbers, 1.0)
        self.rows.append(({**terms, column: 1.0}, rest, math.inf))
        self.rows.append(({**terms, column: -1.0}, -math.inf, rest))
        return {column: STAY}

    def _solve(self, costs: Mapping[int, float], gap: float) -> Sequence[int] | None:
        cost = np.zeros(len(self.bounds))
        for column, value in costs.items():
            cost[column] = value
        whole = np.zeros(len(self.bounds), dtype=bool)
        whole[: len(self.moving)] = True
        lower, upper = np.array(self.bounds).T
        nodes = max(1, self.nodes * _FEW // max(_FEW, len(self.moving)))
        arrays = Arrays(upper.copy(), self.rows, cost=cost, lower=lower.copy(), whole=whole)
        solutions = 1 if len(self.moving) > MOST else ANY
        watch = self.around.deadline.left
        status, values = solve_mixed(arrays, nodes=nodes, gap=gap, solutions=solutions, watch=watch)
        if status is not Status.OPTIMAL or values is None:
            return None
        return [round(float(value)) for value in values[: len(self.moving)]]


def _box(around: Around, reach: int | None) -> tuple[list[int], list[int]]:
    """Return by how many Steps each amount may fall and rise."""
    base = around.base
    up = [int(rest > 0) for rest in around.rest]
    if reach == 0:
        return [0] * len(base), up
    if reach is not None:
        return [-min(reach, b) for b in base], [reach + one for one in up]
    rise = [min(max(most - b, 0), FARTHEST) for most, b in zip(_most(around), base, strict=True)]
    return [-min(b, FARTHEST) for b in base], rise


def _most(around: Around) -> Iterator[int]:
    """Yield how many Steps each amount can have at most: all that its source has up to its year."""
    scenario = around.programme.scenario
    for key in around.programme.keys:
        source = scenario.source[key.source]
        years = [t for t in scenario.years if t <= key.year] if source.carry_over else [key.year]
        yield int(sum((source.available[t] for t in years), ZERO) / around.step)


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


# -- the plan in whole steps -------------------------------------------------------------------------------------------

HELD_EXACTLY = 10**15
"""A spreadsheet, and JSON as most programs read it, hold this many units exactly."""
FINER = 6
"""How often Step is divided by 10 before amounts are left unrounded."""
SNAP = 1e-4
"""Amounts closer than this to a whole number of Steps count as whole: solvers are right to about 1e-9."""
REACHES: tuple[int | None, ...] = (0, 1, 3, 10, 100, None)
"""By how many Steps amounts may move, in the order tried; 0: only those that aren't whole, up or down; None: as far
as coarse Steps can."""
GAIN = 1e-7
"""A cost of rounding below this part of the objective isn't worth a wider search."""
VERY_FEW, MANY = 40, 400
"""Up to so many amounts a plan that was found is still improved: with any reach, with short ones."""


@dataclass(frozen=True)
class NoWholePlan:
    """No plan was found in whole Steps; amounts are multiples of `used`, 0 where they are not rounded."""

    step: Fraction
    used: Fraction


@dataclass(frozen=True)
class StepTooFine:
    """A spreadsheet can't hold amounts of this size to one Step; they are multiples of `used`."""

    step: Fraction
    used: Fraction


@dataclass(frozen=True)
class Rounded:
    """A plan in whole steps; `step` is what its amounts are multiples of, 0 where they are not rounded."""

    amounts: Mapping[Key, Fraction]
    step: Fraction
    message: NoWholePlan | StepTooFine | None = None
    """Why they are no multiples of Step; None where they are."""


def round_plan(
    programme: Programme,
    amounts: Mapping[Key, Fraction],
    goal_sums: Mapping[int, Fraction],
    deadline: Deadline,
) -> Rounded:
    """Return the plan nearest to an optimum in whole Steps that keeps every must and, as far as possible, the goals.

    Inequalities are kept exactly; an equality that no whole Steps reach is kept within one, Budget rows from below.
    Where no such plan is found Step is divided by 10, at most six times; then amounts stay as they are.

    Parameters
    ----------
    programme
        Its scenario says what the Step is; 0: amounts stay as they are.
    amounts
        The optimum's, unrounded, in the scenario's unit; one that is missing is 0.
    goal_sums
        Priority → the least sum of its shortfalls, each divided as its row says.
    deadline
        When to stop.

    Returns
    -------
    Rounded
        The amounts, and the Step that they are multiples of.

    Raises
    ------
    OutOfTime
        The deadline came.
    """
    step = programme.scenario.step
    if not step:
        return Rounded(amounts, ZERO)
    for unit in _units(programme, step):
        found = Around(programme, amounts, goal_sums, unit, deadline).plan()
        if found is not None:
            return Rounded(found, unit, _message(step, unit))
    return Rounded(amounts, ZERO, NoWholePlan(step, ZERO))


def _units(programme: Programme, step: Fraction) -> Iterator[Fraction]:
    """Yield the steps to try: Step, or what a spreadsheet can hold of it; then ever finer ones."""
    scenario = programme.scenario
    largest = max(scenario.available(scenario.source, year) for year in scenario.years)
    coarse = step
    while coarse * HELD_EXACTLY < largest:
        coarse *= 10
    while coarse > step:
        yield coarse
        coarse /= 10
    for finer in range(FINER + 1):
        yield step / 10**finer


def _message(step: Fraction, unit: Fraction) -> NoWholePlan | StepTooFine | None:
    if unit == step:
        return None
    return StepTooFine(step, unit) if unit > step else NoWholePlan(step, unit)


class Around:
    """The search at one Step, around a plan in whole Steps that need not keep its rows.

    Nearby first, then further as long as nothing is found or something is to be gained.
    """

    def __init__(
        self,
        programme: Programme,
        amounts: Mapping[Key, Fraction],
        least: Mapping[int, Fraction],
        step: Fraction,
        deadline: Deadline,
    ) -> None:
        """`least`: priority → the sum of shortfalls of the unrounded optimum, each divided as its row says."""
        self.programme, self.least, self.step, self.deadline = programme, least, step, deadline
        self.best = programme.objective(amounts)
        """The unrounded objective."""
        self.goals = [index for index, row in enumerate(programme.rows) if row.strength.kind == "goal"]
        self.missed = {index for index in self.goals if programme.rows[index].slack(amounts) < 0}
        """Indices of the goals' rows that the unrounded optimum misses."""
        steps = [amounts[key] / step for key in programme.keys]
        self.base = [near if abs(at - (near := round(at))) <= SNAP else math.floor(at) for at in steps]
        """Steps of each amount, in the order of the programme's keys: whole ones but for the solver's last bits."""
        self.rest = [at - base if abs(at - base) > SNAP else ZERO for at, base in zip(steps, self.base, strict=True)]
        """What the unrounded amounts have above `base`, in Steps."""
        self.amounts = {key: whole * step for key, whole in zip(programme.keys, self.base, strict=True)}
        """`base` in money."""

    @cached_property
    def steepest(self) -> Fraction:
        """What one unit of money is worth at most."""
        return max((abs(p.slope) for pieces in self.programme.pieces.values() for p in pieces), default=ZERO)

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
            most = VERY_FEW if reach is None or reach > 10 else MANY
            if len(self.programme.keys) > most or not self._worth_more(found):
                break
            better = self._try(reach, improve=True)
            if better is not None and self._rank(better) < self._rank(found):
                found = better
        return found

    def _worth_more(self, found: Mapping[Key, Fraction]) -> bool:
        """Whether a wider search could gain something that matters."""
        *missed, objective = self._rank(found)
        loss = abs(abs(objective) - abs(self.best))
        return any(missed) or loss > Fraction(GAIN) * max(abs(self.best), Fraction(1))

    def _rank(self, plan: Mapping[Key, Fraction]) -> list[Fraction]:
        """Return what plans are compared by, less being better: what each priority's goals are missed by beyond what
        the unrounded optimum leaves of them, less than a Step not counted; then the objective.
        """
        sums = {priority: -least for priority, least in self.least.items()}
        for index in self.goals:
            row = self.programme.rows[index]
            off = max(ZERO, -row.slack(plan) - step_tolerance(row) * self.step)
            sums[row.strength.priority] += off / row.divisor
        value = self.programme.objective(plan)
        return [*(max(ZERO, total) for total in sums.values()), -value if self.programme.maximise else value]

    def _try(self, reach: int | None, *, improve: bool = False) -> Mapping[Key, Fraction] | None:
        """Search within `reach`: goals are met each by itself, but for what rounding asks for; else in sum; else as
        far as possible. A deviation smaller than a Step is not bought with more than Steps are worth.
        """
        each = Nearby(self, reach, Goals.EACH, improve=improve).solve()
        if not self.least or (each is not None and self._loss(each) <= self._ordinary):
            return each
        sums = Nearby(self, reach, Goals.SUMS, improve=improve).solve()
        if each is None or (sums is not None and self._loss(each) - self._loss(sums) > self._ordinary):
            each = sums
        return each if each is not None else Nearby(self, reach, Goals.LEAST, improve=improve).solve()

    def _loss(self, plan: Mapping[Key, Fraction]) -> Fraction:
        """Return by how much a plan's objective is worse than the unrounded optimum."""
        worse = self.programme.objective(plan) - self.best
        return -worse if self.programme.maximise else worse

    @property
    def _ordinary(self) -> Fraction:
        """What a Step for each goal is worth at most."""
        return len(self.goals) * self.steepest * self.step
