"""How the plan answers while one number of the scenario moves: every change of course between two ends.

Between neighbouring points the objective is a straight line where only right-hand sides or only coefficients of the
objective move (rules, limits, budgets, targets, benefits); where the matrix itself moves (effects, shares of money that
is allotted) it is curved, and points between the changes are sampled.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.analyses.course import MOST_CHOSEN, NOT_CHOSEN, Course, Plan, State, differences
from allocator.errors import SolverError
from allocator.programme.highs import Deadline, OutOfTime
from allocator.programme.parametric import Looker, Search, Stretch
from allocator.programme.rows import Progress
from allocator.scenario.changes import Range
from allocator.scenario.model import Scenario

END, TODAY, CHANGE, GRID, BETWEEN = "end", "today", "change", "grid", "between"
_SAMPLES = 24
"""Into how many parts the whole way is cut by samples where it is curved."""
_SAME_SLOPE = 1e-7
"""Slopes that differ by less than this part of their size (at least of the objective over the way) are the same."""
_NOTHING = 1e-10
"""A change of the objective over the whole way below this part of its size (at least of 1) is none."""
_HAIRS = (2, 20, 200, 2000)
"""How far inside of the end of the values with a plan one is looked for, in distances that can't be told apart."""
_NODES = 1e-3
"""How far apart, as a part of the value's size, the nodes of a derivative stand where the optimum is curved."""


@dataclass(frozen=True)
class Point:
    """One value of the cell, and the plan there."""

    value: float
    why: tuple[str, ...]
    """Why it is listed: end, today, change, grid, between."""
    plan: Plan | None
    """None where no plan exists."""
    slope_left: float | None = None
    """The change of the objective per unit of the cell's growth, towards lower values; None: no plan there."""
    slope_right: float | None = None
    changes: tuple[str, ...] = ()
    """What changes here as the value grows, in words."""


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
    messages: tuple[str, ...] = ()

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
    """Return all changes of the optimal plan while the cell moves between the ends.

    Raises
    ------
    ScenarioError
        A value at or between the ends can't be used; the problems are the reader's own.
    SolverError
        The time limit came, or the solver stopped without an answer.
    """
    say = progress or (lambda _text, _part: None)
    try:
        return _Run(scenario, asked, Deadline(time_limit), say).sweep()
    except OutOfTime:
        raise SolverError(f"the time limit of {time_limit:g} seconds came before the answer") from None


class _Run:
    def __init__(self, scenario: Scenario, asked: Range, deadline: Deadline, say: Progress) -> None:
        self.scenario = scenario
        self.asked = asked
        self.say = say
        self.low, self.high = float(asked.low), float(asked.high)
        say("Reading the scenario at both ends", None)
        self.course = Course(scenario, asked.found, self.low, self.high, deadline)
        today = asked.found.value
        self.today = None if today is None else float(today)
        self.search = Search(
            self.course.kept,
            self.course,
            self.low,
            self.high,
            lambda part: say("Looking for changes", part),
            self.today,
        )

        self._slopes: dict[int, float | None] = {}
        """The slopes that were computed, by their looker."""

    @property
    def span(self) -> float:
        return self.high - self.low

    def sweep(self) -> Sweep:
        pieces = self._pieces(self.search.stretches())
        wanted = self._wanted(pieces)
        points = []
        for number, (value, why) in enumerate(wanted):
            self.say("Plans", number / len(wanted))
            points.append(self._point(value, why, pieces))
        return Sweep(
            self.scenario,
            self.asked,
            tuple(points),
            straight=self.course.straight,
            steady=self.course.steady,
            solved=len(pieces),
            messages=tuple(self._messages(pieces)),
        )

    # Pieces

    def _pieces(self, stretches: Sequence[Stretch]) -> list[_Piece]:
        """Return the stretches with what stands out in each; neighbours that don't differ in it are one."""
        found: list[_Piece] = []
        for stretch in stretches:
            piece = self._piece(stretch)
            if found and self._same(found[-1], piece):
                piece = replace(piece, start=found[-1].start)
                found.pop()
            found.append(piece)
        return found

    def _piece(self, stretch: Stretch) -> _Piece:
        looker = stretch.looker
        state = None if looker is None else self.course.state(looker.value, looker.optimum)
        return _Piece(stretch.start, stretch.end, stretch, state)

    def _same(self, one: _Piece, other: _Piece) -> bool:
        if one.state is None or other.state is None or one.state != other.state:
            return one.state is other.state
        at = other.start
        slopes = [self._slope(piece.stretch, at) or 0.0 for piece in (one, other)]
        objective = one.stretch.looker.optimum.objective if one.stretch.looker else 0.0
        size = max(abs(objective) / self.span, *map(abs, slopes))
        return abs(slopes[0] - slopes[1]) <= _SAME_SLOPE * size

    def _slope(self, stretch: Stretch, value: float) -> float | None:
        """Return the derivative at `value` of the objective that a stretch's basis gives; None without a plan."""
        looker = stretch.looker
        if looker is None:
            return None
        if self.course.straight:
            if id(looker) not in self._slopes:
                self._slopes[id(looker)] = self._straight_slope(looker)
            if (known := self._slopes[id(looker)]) is not None:
                return known
        step = _NODES * self.search.scale(value)
        nodes = np.arange(-2.0, 3.0) * step
        nodes -= min(0.0, value + nodes[0] - self.low) + max(0.0, value + nodes[-1] - self.high)
        values = [looker.objective(value + node) for node in nodes]
        there = [(node, f) for node, f in zip(nodes / step, values, strict=True) if f is not None]
        first = there[0][1]
        fit = np.polyfit([node for node, _ in there], [f - first for _, f in there], len(there) - 1)
        return self._clean(float(fit[-2]) / step, first) if len(there) > 1 else None

    def _straight_slope(self, looker: Looker) -> float | None:
        """Return the slope of a straight piece, from end to end of the way; None where the basis is none there."""
        first, last = looker.objective(self.low), looker.objective(self.high)
        return None if first is None or last is None else self._clean((last - first) / self.span, first)

    def _clean(self, slope: float, objective: float) -> float:
        """Return a slope; what is but the last bits of the objective's is 0."""
        return slope if abs(slope) * self.span > _NOTHING * max(1.0, abs(objective)) else 0.0

    # Points

    def _wanted(self, pieces: Sequence[_Piece]) -> list[tuple[float, tuple[str, ...]]]:
        """Return the values to be shown, in order, and why."""
        reasons: list[tuple[float, str]] = [(self.low, END), (self.high, END)]
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
        found: list[tuple[float, tuple[str, ...]]] = []
        for value, why in sorted(reasons, key=lambda reason: order.index(reason[1])):
            near = next((i for i, (v, _) in enumerate(found) if abs(v - value) <= 2 * self.search.near(value)), None)
            if near is None:
                found.append((value, (why,)))
            elif why != BETWEEN and why not in found[near][1]:
                found[near] = found[near][0], (*found[near][1], why)
        return sorted(found)

    def _point(self, value: float, why: tuple[str, ...], pieces: Sequence[_Piece]) -> Point:
        near = 2 * self.search.near(value)
        left = next((p for p in pieces if p.start < value - near and p.end >= value - near), None)
        right = next((p for p in pieces if p.start <= value + near and p.end > value + near), None)
        beside = [piece for piece in (left, right) if piece is not None and piece.state is not None]
        plan = self._plan(value, beside)
        changes: list[str] = []
        if CHANGE in why and left is not None and right is not None:
            changes = _changes(left.state, right.state)
        return Point(
            value,
            why,
            plan,
            slope_left=self._slope(left.stretch, value) if plan and left else None,
            slope_right=self._slope(right.stretch, value) if plan and right else None,
            changes=tuple(changes),
        )

    def _plan(self, value: float, beside: Sequence[_Piece]) -> Plan | None:
        """Return the plan at `value`; at the end of the values with a plan, arithmetic may need a hair's breadth."""
        if not beside and value != self.today:
            return None
        near = self.search.near(value)
        inside = [1 if piece.stretch.looker.value > value else -1 for piece in beside if piece.stretch.looker]
        for at in (value, *(value + sign * near * times for times in _HAIRS for sign in inside)):
            optimum = self.search.optimum(at)
            if optimum is not None:
                return replace(self.course.plan(at, optimum), value=value)
        return None

    def _short(self, value: float, digits: int = 10) -> float:
        """Return a computed value without the last bits of arithmetic."""
        return round(value, digits - math.ceil(math.log10(self.search.scale(value))))

    # What is said

    def _messages(self, pieces: Sequence[_Piece]) -> Iterator[str]:
        show = self.asked.found.show
        for piece in pieces:
            if piece.state is None:
                yield f"No plan exists from {show(self._short(piece.start, 6))} to {show(self._short(piece.end, 6))}"
        if len(self.course.kept.layout.amounts) > MOST_CHOSEN:
            yield NOT_CHOSEN
        if any(not piece.stretch.sure for piece in pieces):
            yield "Some changes are nearer together than the arithmetic can tell apart"


@dataclass(frozen=True)
class _Piece:
    """Values between which the plan keeps its course."""

    start: float
    end: float
    stretch: Stretch
    state: State | None
    """What stands out in it; None where no plan exists."""


def _changes(before: State | None, after: State | None) -> list[str]:
    if before is None:
        return ["plans exist from here on"]
    if after is None:
        return ["no plan exists beyond"]
    return differences(before, after) or ["the amounts change at another rate"]


def indicator_columns(scenario: Scenario) -> Mapping[tuple[str, int], str]:
    """Return (indicator, year) → its unit, for each year that one of its rows names."""
    return {
        (indicator.name, year): indicator.unit
        for indicator in scenario.indicators
        for year in sorted({year for target in indicator.targets for year in target.years})
    }
