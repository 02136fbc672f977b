"""One cell of the scenario moves: the programme's numbers on the way, and what stands out in the plan there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import numpy as np

from allocator.errors import ScenarioError, TooNearToAChangeError
from allocator.programme.altered import altered
from allocator.programme.build import Programme, build
from allocator.programme.constraints.targets import indicator_value
from allocator.programme.deadline import Deadline
from allocator.programme.numbers import Interpolation, Layout, Numbers, OtherShape
from allocator.programme.parametric import Way
from allocator.programme.rows import Key
from allocator.programme.warm import Answer, Kept
from allocator.scenario.changes import NumberCell, with_value
from allocator.scenario.model import Scenario
from allocator.scenario.patching import Patches

MOST_CHOSEN = 1000
"""With more amounts, choosing among equally good plans takes seconds, at each of hundreds of values."""
_INSIDE = (0.0713, 0.2911, 0.5237, 0.7549, 0.9371)
"""Parts of the way at which numbers are read to see whether they move in a straight line."""
_NODES = (2, 9, 25)
"""At how many places numbers are read to interpolate between: two where they move in a straight line."""
_NUDGES = (1e-9, 1e-7, 1e-5)
"""Where two bands happen to be one, or goals differ in weight beyond measure, numbers are read these parts of the way
beside."""
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


class Course(Way):
    """The scenario while `found` moves from `low` to `high`. Raises ScenarioError at values that can't be used."""

    def __init__(self, scenario: Scenario, found: NumberCell, low: float, high: float, deadline: Deadline) -> None:
        self.found = found
        self._base = scenario
        self._patches = Patches(scenario)
        self._low, self._high = low, high
        self._known: dict[float, Scenario] = {}
        self._numbers: dict[float, Numbers] = {}
        self.scenario(low), self.scenario(high)
        inside = [low + part * (high - low) for part in _INSIDE]
        self.kept = Kept(build(self.scenario(inside[2])), deadline)
        self._between: Interpolation | None = None
        checks = [(value, self._read(value)) for value in (*inside, low, high)]
        for count in _NODES:
            self._between = self._interpolation(count, checks)
            if self._between is not None:
                break
        first, last = self.numbers(inside[0]), self.numbers(inside[-1])
        line = self._between is not None and count == _NODES[0]
        self.steady = line and first.only_costs_move(last)
        """Whether only coefficients of the objective move: the plan then stays the same between changes."""
        self.straight = self.steady or (line and first.only_bounds_move(last))
        """Whether the objective is piecewise linear in the value, and so are the amounts."""

    def _interpolation(self, count: int, checks: Sequence[tuple[float, Numbers | None]]) -> Interpolation | None:
        """Return the interpolation through so many places; None where it isn't that of the scenario."""
        angles = (2 * np.arange(count) + 1) * np.pi / (2 * count)
        values = [float(v) for v in (self._low + self._high) / 2 - np.cos(angles) * (self._high - self._low) / 2]
        numbers = [self._read(value) for value in values]
        there = [each for each in numbers if each is not None]
        if len(there) < count:
            return None
        try:
            found = Interpolation(values, there, self.kept.layout.empty)
        except OtherShape:
            return None
        return found if all(read is None or found.at(value).same(read) for value, read in checks) else None

    def _read(self, value: float) -> Numbers | None:
        """Return the numbers at `value` by reading the scenario anew; None where two bands happen to be one there."""
        try:
            return self.kept.layout.numbers(self._programme(value))
        except OtherShape:
            return None

    def _programme(self, value: float) -> Programme:
        return altered(self.kept.layout.model.programme, self.scenario(value))

    def numbers(self, value: float) -> Numbers:
        """Return the programme's numbers at `value`."""
        if self._between is not None:
            return self._between.at(value)
        if value not in self._numbers:
            numbers = self._read(value) or self._beside(value)
            self._numbers = {**dict(list(self._numbers.items())[-7:]), value: numbers}
        return self._numbers[value]

    def _beside(self, value: float) -> Numbers:
        """Return the numbers of the nearest value that has the programme's shape, as those near an end may not."""
        inwards = (self._high - self._low) * (1 if value < (self._low + self._high) / 2 else -1)
        for nudge in _NUDGES:
            numbers = self._read(value + nudge * inwards)
            if numbers is not None:
                return numbers
        raise TooNearToAChangeError(self.found.address, self.found.shown(value))

    def scenario(self, value: float) -> Scenario:
        """Return the scenario with `value` in the cell."""
        if value not in self._known:
            try:
                changed = self._patches.at({self.found.cell: float(value)})
            except ScenarioError:
                changed = with_value(self._base, self.found, value)  # says which value can't be used
            self._known = {**dict(list(self._known.items())[-15:]), value: changed}
        return self._known[value]

    # Plans

    def plan(self, value: float, optimum: Answer) -> Plan:
        """Return the plan that the contract chooses at `value`, whose optimum is known."""
        return plan_at(self.kept, self.scenario(value), value, optimum)

    def state(self, optimum: Answer) -> State:
        """Return what stands out in the plan that was found first, among those as good."""
        return _state(self.kept.layout, optimum.numbers, optimum.amounts)[0]


def plan_at(kept: Kept, scenario: Scenario, value: float, optimum: Answer) -> Plan:
    """Return the plan that the contract chooses for `scenario`, in which the cell is `value`.

    Where there are more than `MOST_CHOSEN` amounts, it is the plan found first.
    """
    choose = len(kept.layout.amounts) <= MOST_CHOSEN
    amounts = replace(optimum, scenario=scenario).chosen() if choose else optimum.amounts
    state, missed = _state(kept.layout, optimum.numbers, amounts)
    yearly = _yearly(kept.layout.model.programme, amounts)
    return Plan(value, optimum.objective, yearly, _indicators(scenario, amounts), missed, state)


def _state(layout: Layout, numbers: Numbers, amounts: Mapping[Key, float]) -> tuple[State, dict[Named, float]]:
    """Return what stands out at `amounts`, and by how much goals are missed, in their own units."""
    programme = layout.model.programme  # its rows and pieces bear the names, `numbers` what they say now
    activity, size = layout.activity(numbers, amounts)
    slack = np.minimum(activity - numbers.row_lower, numbers.row_upper - activity)
    blur = _BINDS * np.maximum(1.0, size)
    missed: dict[Named, float] = {
        (row.name, row.year): -float(slack[index]) * layout.model.row_scale[index]
        for index, row in enumerate(programme.rows)
        if row.strength.kind == "goal" and slack[index] < -blur[index]
    }
    yearly = _yearly(programme, amounts)
    money = layout.model.money
    state = State(
        binding=frozenset(
            (row.name, row.year) for row, binds in zip(programme.rows, np.abs(slack) <= blur, strict=True) if binds
        ),
        missed=frozenset(missed),
        empty=frozenset(at for at, amount in yearly.items() if amount <= _BINDS * money),
        full=_full_bands(layout, numbers, yearly),
    )
    return state, missed


def _full_bands(layout: Layout, numbers: Numbers, yearly: Mapping[tuple[str, int], float]) -> frozenset[Named]:
    full: set[Named] = set()
    for (area, year), columns in layout.pieces.items():
        end = 0.0
        for piece, column in zip(layout.model.programme.pieces[area, year][:-1], columns[:-1], strict=True):
            end += float(numbers.upper[column]) * layout.model.money
            if yearly[area, year] >= end * (1 - _BINDS):
                full.add((Band(area, piece.number), year))
    return frozenset(full)


def _yearly(programme: Programme, amounts: Mapping[Key, float]) -> dict[tuple[str, int], float]:
    totals = dict.fromkeys(programme.pieces, 0.0)
    for (area, year, _source), amount in amounts.items():
        totals[area, year] += amount
    return totals


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
