"""How the plan answers while one number of the scenario moves: every change of course between two ends.

What-ifs tell the programmes at a few values; from these the numbers at any value follow (`Course`). Between
neighbouring points the objective is a straight line where only right-hand sides or only coefficients of the objective
move (rules, limits, budgets, targets, benefits); where the matrix itself moves (effects, shares of money that is
allotted) it is curved, and points between the changes are sampled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from fractions import Fraction
from functools import lru_cache

import numpy as np

from allocator.analyses.messages import Analysing, PlanningPoints
from allocator.errors import ScenarioError, TimeLimitReachedError, TooNearToAChangeError
from allocator.programme.build import Programme, build
from allocator.programme.constraints import indicator_value
from allocator.programme.parametric import APART, CriticalRegion, OptimalBases, ProgrammeBetween
from allocator.programme.rows import Key, yearly_sums
from allocator.programme.status import Deadline, OutOfTime, Progress, silent
from allocator.programme.what_ifs import Answer, Layout, Numbers, OtherShape, WarmModel, WhatIfs
from allocator.scenario.cells import exact
from allocator.scenario.changes import NumberCell, Range, with_value
from allocator.scenario.model import Scenario

# -- the way ----------------------------------------------------------------------------------------------------------

MOST_CHOSEN = 1000
"""With more amounts, choosing among equally good plans takes seconds, at each of hundreds of values."""
_BINDS = 1e-7
"""A row binds where its slack is below this part of its size (at least of 1, in the model's units)."""

_STILL = 1e-3
"""An amount stays where it moves by less than this part of what moves most."""


@dataclass(frozen=True)
class Band:
    """A band of an area's benefits."""

    area: str
    number: int


type Named = tuple[str | Band, int | None]
"""What something is called, and its year; None where years count together."""


class Event(Enum):
    """What happens to rows, amounts or bands."""

    MISSED = auto()
    MET = auto()
    """A goal is no longer missed."""
    BINDS = auto()
    LOOSE = auto()
    """A row no longer binds."""
    PAID = auto()
    UNPAID = auto()
    FULL = auto()
    NOT_FULL = auto()
    RISES = auto()
    FALLS = auto()
    RISEN = auto()
    """An amount rises no longer."""
    FALLEN = auto()
    OTHER_RATE = auto()
    """An amount goes on moving, faster or slower."""


@dataclass(frozen=True)
class Happens:
    """From here on something happens to all of these."""

    event: Event
    named: frozenset[Named]


class Change(Enum):
    """What changes as a whole."""

    PRICES = auto()
    """Prices alone: amounts go on as before."""
    PLANS_BEGIN = auto()
    PLANS_END = auto()


@dataclass(frozen=True)
class State:
    """What stands out in a plan: it changes where the plan takes another course."""

    binding: frozenset[Named]
    missed: frozenset[Named]
    empty: frozenset[Named]
    """Areas without money."""
    full: frozenset[Named]
    """Bands that are filled."""


@dataclass(frozen=True)
class Plan:
    """The plan at one value of the cell, among equally good ones as the contract chooses; not rounded."""

    value: float
    objective: float
    amounts: Mapping[tuple[str, int], float]
    """(area without parts, year) → amount over all sources."""
    indicators: Mapping[tuple[str, int], float]
    missed: Mapping[Named, float]
    """Goals that are missed, and by how much, in their own unit."""
    state: State = field(repr=False)


class Course(ProgrammeBetween):
    """The scenario while `found` moves from `low` to `high`. Raises ScenarioError at values that can't be used.

    What-ifs tell the programmes at a few values. From these the numbers at any value are interpolated, and solved in a
    model of its own, whose bases are looked at besides: each next value follows from the last answers.
    """

    def __init__(self, scenario: Scenario, found: NumberCell, low: float, high: float, deadline: Deadline) -> None:
        self.found = found
        self.what_ifs = WhatIfs(build(scenario), deadline)
        self.scenario = lru_cache(maxsize=16)(self._scenario)
        """The scenario with a value in the cell."""
        self.scenario(low), self.scenario(high)
        super().__init__(low, high, None if found.value is None else float(found.value), deadline)

    def programme_at(self, value: float) -> Programme:
        """Return the programme with `value` in the cell."""
        return self.what_ifs.programme(self.scenario(value))

    def read(self, value: float) -> Numbers:
        """Return its numbers; raise TooNearToAChangeError where it has another shape, and so it has just beside."""
        try:
            return super().read(value)
        except OtherShape:
            raise TooNearToAChangeError(self.found.address, self.found.shown(value)) from None

    def _scenario(self, value: float) -> Scenario:
        try:
            return self.what_ifs.scenario({self.found.cell: float(value)})
        except ScenarioError:
            return with_value(self.what_ifs.base.scenario, self.found, value)  # says which value can't be used

    # Plans

    def plan(self, value: float, optimum: Answer) -> Plan:
        """Return the plan that the contract chooses at `value`, whose optimum is known."""
        return plan_at(self.model, self.scenario(value), value, optimum)

    def state(self, optimum: Answer) -> State:
        """Return what stands out in the plan that was found first, among those as good."""
        return _state(self.model.layout, optimum.numbers, optimum.amounts)[0]


def plan_at(model: WarmModel, scenario: Scenario, value: float, optimum: Answer) -> Plan:
    """Return the plan that the contract chooses for `scenario`, in which the cell is `value`.

    Where there are more than `MOST_CHOSEN` amounts, it is the plan found first.
    """
    choose = len(model.layout.amounts) <= MOST_CHOSEN
    amounts = replace(optimum, scenario=scenario).chosen() if choose else optimum.amounts
    state, missed = _state(model.layout, optimum.numbers, amounts)
    return Plan(value, optimum.objective, yearly_sums(amounts), _indicators(scenario, amounts), missed, state)


def _state(layout: Layout, numbers: Numbers, amounts: Mapping[Key, float]) -> tuple[State, dict[Named, float]]:
    """Return what stands out at `amounts`, and by how much goals are missed, in their own units."""
    programme = layout.programme  # its rows and pieces bear the names, `numbers` what they say now
    activity, size = layout.activity(numbers, amounts)
    slack = np.minimum(activity - numbers.row_lower, numbers.row_upper - activity)
    blur = _BINDS * np.maximum(1.0, size)
    missed: dict[Named, float] = {
        (row.name, row.year): -float(slack[index]) * layout.scaled.row_scale[index]
        for index, row in enumerate(programme.rows)
        if row.strength.kind == "goal" and slack[index] < -blur[index]
    }
    totals = yearly_sums(amounts)
    money = layout.scaled.money
    state = State(
        binding=frozenset(
            (row.name, row.year) for row, binds in zip(programme.rows, np.abs(slack) <= blur, strict=True) if binds
        ),
        missed=frozenset(missed),
        empty=frozenset(at for at, amount in totals.items() if amount <= _BINDS * money),
        full=_full_bands(layout, numbers, totals),
    )
    return state, missed


def _full_bands(layout: Layout, numbers: Numbers, totals: Mapping[tuple[str, int], float]) -> frozenset[Named]:
    full: set[Named] = set()
    for (area, year), columns in layout.pieces.items():
        end = 0.0
        for piece, column in zip(layout.programme.pieces[area, year][:-1], columns[:-1], strict=True):
            end += float(numbers.upper[column]) * layout.scaled.money
            if totals[area, year] >= end * (1 - _BINDS):
                full.add((Band(area, piece.number), year))
    return frozenset(full)


def _indicators(scenario: Scenario, amounts: Mapping[Key, float]) -> dict[tuple[str, int], float]:
    found = {}
    for indicator in scenario.indicators:
        for year in sorted({year for target in indicator.targets for year in target.years}):
            value = indicator_value(scenario, indicator, year)
            terms = (float(c) * amounts.get(key, 0.0) for key, c in value.terms.items())
            found[indicator.name, year] = float(value.constant) + sum(terms)
    return found


def differences(before: State, after: State) -> list[Happens]:
    """Return what changes from one state to the next."""
    parts = (
        (Event.MISSED, after.missed - before.missed),
        (Event.MET, before.missed - after.missed),
        # a goal that is missed doesn't bind either
        (Event.BINDS, after.binding - before.binding - before.missed),
        (Event.LOOSE, before.binding - after.binding - after.missed),
        (Event.PAID, before.empty - after.empty),
        (Event.UNPAID, after.empty - before.empty),
        (Event.FULL, after.full - before.full),
        (Event.NOT_FULL, before.full - after.full),
    )
    return [Happens(event, found) for event, found in parts if found]


def other_rates(before: Mapping[Named, float], after: Mapping[Named, float]) -> list[Happens] | list[Change]:
    """Return which amounts begin or cease to move, or else move at another rate.

    >>> rates = other_rates({("A", 2026): 0.0, ("B", 2026): -1.0}, {("A", 2026): -1.0, ("B", 2026): 0.0})
    >>> [(happens.event.name, *happens.named) for happens in rates]
    [('FALLS', ('A', 2026)), ('FALLEN', ('B', 2026))]
    """
    largest = max((abs(rate) for rate in (*before.values(), *after.values())), default=0.0)
    still = _STILL * largest
    rose, rises = (frozenset(at for at, rate in rates.items() if rate > still) for rates in (before, after))
    fell, falls = (frozenset(at for at, rate in rates.items() if rate < -still) for rates in (before, after))
    parts = (
        (Event.RISES, rises - rose),
        (Event.FALLS, falls - fell),
        (Event.RISEN, rose - rises - falls),
        (Event.FALLEN, fell - falls - rises),
    )
    if found := [Happens(event, named) for event, named in parts if named]:
        return found
    other = frozenset(at for at in rises | falls if abs(after[at] - before[at]) > still)
    return [Happens(Event.OTHER_RATE, other)] if other else [Change.PRICES]


# -- the sweep --------------------------------------------------------------------------------------------------------


class Why(Enum):
    """Why a value is listed."""

    END = "end"
    TODAY = "today"
    CHANGE = "change"
    GRID = "grid"
    BETWEEN = "between"
    BELOW = "below"
    """Just below a value at which the objective jumps."""
    ABOVE = "above"


END, TODAY, CHANGE, GRID, BETWEEN, BELOW, ABOVE = Why
_SAMPLES = 24
"""Into how many parts the whole way is cut by samples where it is curved."""
_SAME_SLOPE = 1e-7
"""Slopes that differ by less than this part of their size are the same."""
_NOTHING = 1e-10
"""A change of the objective below this part of its size (at least of 1), while the value doubles, is none."""
_NO_SLOPE = 1e-7
"""The same where a derivative is taken from nodes."""
_BESIDE = 1e-3
"""How far beside a change it is looked what differs, as a part of the value's size (and at most of a piece)."""
_JUMP = 1e-6
"""The objective jumps where it changes by more than this part of its size (at least of 1) in no distance."""
_MULTIPLES = (2, 20, 200, 2000, 20_000, 200_000)
"""How far inside of the end of the values with a plan one is looked for, in distances that can't be told apart."""
_NODES = 1e-3
"""How far apart, as a part of the value's size, the nodes of a derivative stand where the optimum is curved."""


class Remark(Enum):
    """What a reader of the whole ought to know."""

    NOT_CHOSEN = auto()
    """There are so many amounts that among equally good plans the one found first is shown."""
    TOO_NEAR = auto()
    """Some changes are nearer together than the arithmetic can tell apart."""


@dataclass(frozen=True)
class NoPlanBetween:
    """No plan exists between two values of the cell."""

    low: float
    high: float


@dataclass(frozen=True)
class SearchedOnly:
    """The search was interrupted, so that only these values were searched."""

    low: Fraction
    high: float


@dataclass(frozen=True)
class JumpsHere:
    """The objective jumps at the value."""

    before: float
    here: float


@dataclass(frozen=True)
class JumpsAbove:
    """The objective jumps just above the value."""

    above: float


@dataclass(frozen=True)
class Point:
    """One value of the cell, and the plan there."""

    value: float
    why: tuple[Why, ...]
    plan: Plan | None
    """None where no plan exists."""
    slope_left: float | None = None
    """The change of the objective per unit of the cell's growth, towards lower values; None: no plan, or a jump."""
    slope_right: float | None = None
    changes: tuple[JumpsHere | JumpsAbove | Happens | Change, ...] = ()
    """What changes here as the value grows."""


@dataclass(frozen=True)
class Sweep:
    """All changes of course of the optimal plan between two values of a cell."""

    scenario: Scenario
    asked: Range
    points: tuple[Point, ...]
    """By value; the ends, today's value, every change, and grid points."""
    straight: bool
    """Whether the objective is a straight line between neighbouring points."""
    steady: bool
    """Whether the plan stays the same between neighbouring changes, and jumps there."""
    solved: int
    """How many pieces the way consists of."""
    messages: tuple[SearchedOnly | NoPlanBetween | Remark, ...] = ()
    interrupted: bool = False
    """Whether it was stopped at the keyboard; `asked` then ends where the points do."""

    @property
    def changes(self) -> tuple[Point, ...]:
        """The points at which the plan takes another course."""
        return tuple(point for point in self.points if CHANGE in point.why)

    @property
    def planned(self) -> tuple[Point, ...]:
        """The points at which a plan exists."""
        return tuple(point for point in self.points if point.plan is not None)


def sweep(
    scenario: Scenario, asked: Range, *, time_limit: float | None = None, progress: Progress | None = None
) -> Sweep:
    """Return all changes of the optimal plan while one cell moves between two ends.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it.
    asked
        The cell and its ends, as `read_range` returns them.
    time_limit
        Seconds for the whole work; None: no limit.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Sweep
        The values at which something changes, in order, with the plan at each; amounts in the scenario's unit.

    Raises
    ------
    ScenarioError
        A value at or between the ends can't be used; the problems are the reader's own.
    SolverError
        The time limit came, or the solver stopped without an answer.
    """
    say = progress or silent
    try:
        return _Run(scenario, asked, Deadline(time_limit), say).sweep()
    except OutOfTime:
        raise TimeLimitReachedError(time_limit) from None


class _Run:
    def __init__(self, scenario: Scenario, asked: Range, deadline: Deadline, say: Progress) -> None:
        self.scenario = scenario
        self.asked = asked
        self.say = say
        say(Analysing.READING_BOTH_ENDS, None)
        self.course = Course(scenario, asked.found, float(asked.low), float(asked.high), deadline)
        self.low, self.high, self.today = self.course.low, self.course.high, self.course.today
        self._slopes: dict[int, float | None] = {}
        """The slopes that were computed, by their bases."""

    def sweep(self) -> Sweep:
        pieces = self._pieces(self.course.regions(lambda part: self.say(Analysing.LOOKING_FOR_CHANGES, part)))
        wanted = self._wanted(pieces)
        points: list[Point] = []
        try:
            for number, (value, why) in enumerate(wanted):
                self.say(PlanningPoints(number, len(wanted)), number / len(wanted))
                points += list(self._points(value, why, pieces))
        except KeyboardInterrupt:
            if not any(point.plan for point in points) or points[-1].value == self.low:
                raise
            return self._cut_short(points, pieces)
        return self._sweep(self.asked, points, pieces)

    def _sweep(self, asked: Range, points: Sequence[Point], pieces: Sequence[_Piece]) -> Sweep:
        return Sweep(
            self.scenario,
            asked,
            tuple(points),
            straight=self.course.straight,
            steady=self.course.steady,
            solved=len(pieces),
            messages=tuple(self._messages(pieces)),
        )

    def _cut_short(self, points: Sequence[Point], pieces: Sequence[_Piece]) -> Sweep:
        """Return the sweep of the points that were planned before an interrupt; nothing is said of what lies beyond."""
        last = points[-1].value
        searched = [replace(piece, end=min(piece.end, last)) for piece in pieces if piece.start < last]
        found = self._sweep(replace(self.asked, high=exact(last), grid=0), points, searched)
        only = SearchedOnly(self.asked.low, self._short(last))
        return replace(found, messages=(only, *found.messages), interrupted=True)

    # Pieces

    def _pieces(self, regions: Sequence[CriticalRegion]) -> list[_Piece]:
        """Return the regions with what stands out in each; neighbours that don't differ in it are one."""
        found: list[_Piece] = []
        for region in regions:
            piece = self._piece(region)
            if found and self._same(found[-1], piece):
                before = found.pop()
                piece = replace(piece, start=before.start, regions=(*before.regions, *piece.regions))
            found.append(piece)
        return found

    def _piece(self, region: CriticalRegion) -> _Piece:
        bases = region.bases
        state = None if bases is None else self.course.state(bases.optimum)
        return _Piece(region.start, region.end, (region,), state)

    def _same(self, one: _Piece, other: _Piece) -> bool:
        """Whether the plan keeps its course: what binds can change among equally good plans, which is none."""
        if one.state is None or other.state is None:
            return one.state is other.state
        if one.state.missed != other.state.missed:
            return False
        at = other.start
        slopes = [self._slope(region, at) or 0.0 for region in (one.regions[-1], other.regions[0])]
        bases = one.regions[-1].bases
        objective = bases.optimum.objective if bases else 0.0
        noise = 10 * _NOTHING * max(1.0, abs(objective)) / self.course.scale(at)
        return abs(slopes[0] - slopes[1]) <= _SAME_SLOPE * max(map(abs, slopes)) + noise

    def _slope(self, region: CriticalRegion, value: float) -> float | None:
        """Return the derivative at `value` of the objective that a region's basis gives; None without a plan."""
        bases = region.bases
        if bases is None:
            return None
        if self.course.straight:
            if id(bases) not in self._slopes:
                self._slopes[id(bases)] = self._straight_slope(bases)
            if (known := self._slopes[id(bases)]) is not None:
                return known
        step = _NODES * self.course.scale(value)
        nodes = np.arange(-2.0, 3.0) * step
        nodes -= min(0.0, value + nodes[0] - self.low) + max(0.0, value + nodes[-1] - self.high)
        values = [bases.objective(value + node) for node in nodes]
        there = [(node, f) for node, f in zip(nodes / step, values, strict=True) if f is not None]
        first = there[0][1]
        fit = np.polyfit([node for node, _ in there], [f - first for _, f in there], len(there) - 1)
        if len(there) < 2:
            return None
        slope = float(fit[-2]) / step
        return slope if abs(slope) * self.course.scale(value) > _NO_SLOPE * max(1.0, abs(first)) else 0.0

    def _straight_slope(self, bases: OptimalBases) -> float | None:
        """Return the slope of a straight piece, from end to end of the way; None where the basis is none there."""
        first, last = bases.objective(self.low), bases.objective(self.high)
        if first is None or last is None:
            return None
        return self._clean((last - first) / self.course.span, bases.optimum.objective, bases.value)

    def _clean(self, slope: float, objective: float, value: float) -> float:
        """Return a slope about `value`; what is but the last bits of the objective's is 0."""
        return slope if abs(slope) * self.course.scale(value) > _NOTHING * max(1.0, abs(objective)) else 0.0

    # Points

    def _wanted(self, pieces: Sequence[_Piece]) -> list[tuple[float, tuple[Why, ...]]]:
        """Return the values to be shown, in order, and why."""
        reasons: list[tuple[float, Why]] = [(self.low, END), (self.high, END)]
        reasons += [(self._short(piece.start), CHANGE) for piece in pieces[1:]]
        if self.today is not None and self.low <= self.today <= self.high:
            reasons.append((self.today, TODAY))
        if self.asked.grid:
            reasons += [(float(value), GRID) for value in np.linspace(self.low, self.high, self.asked.grid)]
        if not self.course.straight:
            samples = [float(value) for value in np.linspace(self.low, self.high, _SAMPLES + 1)[1:-1]]
            reasons += [(v, BETWEEN) for v in samples if any(p.start <= v <= p.end and p.state for p in pieces)]
        # what was typed goes before what was computed, should both be one
        order = (END, TODAY, CHANGE, GRID, BETWEEN)
        found: list[tuple[float, tuple[Why, ...]]] = []
        for value, why in sorted(reasons, key=lambda reason: order.index(reason[1])):
            near = next((i for i, (v, _) in enumerate(found) if abs(v - value) <= 2 * self.course.near(value)), None)
            if near is None:
                found.append((value, (why,)))
            elif why != BETWEEN and why not in found[near][1]:
                found[near] = found[near][0], (*found[near][1], why)
        return sorted(found)

    def _points(self, value: float, why: tuple[Why, ...], pieces: Sequence[_Piece]) -> Iterator[Point]:
        """Yield the point at `value`; where the objective jumps there, what is just beside has a point of its own."""
        near = 2 * self.course.near(value)
        left = next((p for p in pieces if p.start < value - near and p.end >= value - near), None)
        right = next((p for p in pieces if p.start <= value + near and p.end > value + near), None)
        plan = self._plan(value, [piece.near(value) for piece in (left, right) if piece is not None])
        below, above = self._jump(plan, value, left), self._jump(plan, value, right)
        slope_left = self._slope(left.near(value), value) if plan and left else None
        slope_right = self._slope(right.near(value), value) if plan and right else None
        changes: Sequence[Happens | Change] = []
        if CHANGE in why and left is not None and right is not None:
            changes = self._changes(plan, value, left, right)
        if below is not None:
            yield Point(value, (BELOW,), below, slope_left=slope_left)
        yield Point(
            value,
            why,
            plan,
            slope_left=slope_left if below is None else None,
            slope_right=slope_right if above is None else None,
            changes=(*_jumps(plan, below, above), *changes),
        )
        if above is not None:
            yield Point(value, (ABOVE,), above, slope_right=slope_right)

    def _jump(self, plan: Plan | None, value: float, beside: _Piece | None) -> Plan | None:
        """Return the plan just beside `value`, where its objective isn't nearly that of the plan at `value`."""
        bases = None if beside is None else beside.near(value).bases
        if self.course.straight or plan is None or bases is None:
            return None
        places = [value + (1 if bases.value > value else -1) * self.course.near(value) * times for times in _MULTIPLES]
        # at the value itself the basis may be none: an effect of 0 has no cost per unit
        limit = next((f for f in map(bases.objective, (value, *places)) if f is not None), None)
        least = _JUMP * max(1.0, abs(plan.objective))
        if limit is None or abs(limit - plan.objective) <= least:
            return None
        optima = [(at, optimum) for at in places if (optimum := self.course.optimum(at)) is not None]
        at, optimum = min(optima, key=lambda pair: abs(pair[1].objective - limit), default=(value, None))
        return None if optimum is None else replace(self.course.plan(at, optimum), value=value)

    def _changes(self, plan: Plan | None, value: float, left: _Piece, right: _Piece) -> Sequence[Happens | Change]:
        """Return what changes at `value`, between one piece and the next."""
        if left.state is None:
            return [Change.PLANS_BEGIN]
        if right.state is None:
            return [Change.PLANS_END]
        step = _BESIDE * self.course.scale(value)
        back, on = (min(step, (piece.end - piece.start) / 4) for piece in (left, right))
        before = self._plan(value - back, [left.near(value - back)])
        after = self._plan(value + on, [right.near(value + on)])
        if before is None or after is None or plan is None:
            return differences(left.state, right.state)
        found = differences(before.state, after.state)
        return found or other_rates(_rates(before, plan, back), _rates(plan, after, on))

    def _plan(self, value: float, beside: Sequence[CriticalRegion]) -> Plan | None:
        """Return the plan at `value`; at the end of the values with a plan, arithmetic may need a hair's breadth."""
        inside = [1 if region.bases.value > value else -1 for region in beside if region.bases]
        if not inside and value != self.today:
            return None
        near = self.course.near(value)
        for at in (value, *(value + sign * near * times for times in _MULTIPLES for sign in inside)):
            optimum = self.course.optimum(at)
            if optimum is not None:
                return replace(self.course.plan(at, optimum), value=value)
        return None

    def _short(self, value: float, digits: int = 10) -> float:
        """Return a computed value without the last bits of arithmetic."""
        return round(value, digits - math.ceil(math.log10(self.course.scale(value))))

    # What is said

    def _messages(self, pieces: Sequence[_Piece]) -> Iterator[NoPlanBetween | Remark]:
        for piece in pieces:
            if piece.state is None:
                yield NoPlanBetween(self._short(piece.start, 7), self._short(piece.end, 7))
        if len(self.course.model.layout.amounts) > MOST_CHOSEN:
            yield Remark.NOT_CHOSEN
        unsure = [region for piece in pieces for region in piece.regions if not region.sure]
        if any(region.end - region.start > APART * abs(region.end) for region in unsure):
            yield Remark.TOO_NEAR


@dataclass(frozen=True)
class _Piece:
    """Values between which the plan keeps its course."""

    start: float
    end: float
    regions: tuple[CriticalRegion, ...]
    """In order: one optimal basis after the other."""
    state: State | None
    """What stands out in it; None where no plan exists."""

    def near(self, value: float) -> CriticalRegion:
        """Return the region in which `value` lies, or else the one next to it."""
        return min(self.regions, key=lambda region: max(region.start - value, value - region.end))


def _jumps(plan: Plan | None, below: Plan | None, above: Plan | None) -> Iterator[JumpsHere | JumpsAbove]:
    if plan is not None and below is not None:
        yield JumpsHere(below.objective, plan.objective)
    if plan is not None and above is not None:
        yield JumpsAbove(above.objective)


def _rates(before: Plan, after: Plan, distance: float) -> dict[Named, float]:
    """Return by how much each amount grows per unit of the cell."""
    return {at: (amount - before.amounts[at]) / distance for at, amount in after.amounts.items()}


def indicator_columns(scenario: Scenario) -> Mapping[tuple[str, int], str]:
    """Return (indicator, year) → its unit, for each year that one of its rows names."""
    return {
        (indicator.name, year): indicator.unit
        for indicator in scenario.indicators
        for year in sorted({year for target in indicator.targets for year in target.years})
    }
