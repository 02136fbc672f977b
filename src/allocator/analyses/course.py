"""One cell of the scenario moves: the programme's numbers on the way, and what stands out in the plan there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import lru_cache

import numpy as np

from allocator.errors import ScenarioError, TooNearToAChangeError
from allocator.programme.build import Programme, build
from allocator.programme.constraints.targets import indicator_value
from allocator.programme.critical_regions import ProgrammeBetween
from allocator.programme.deadline import Deadline
from allocator.programme.numbers import Layout, Numbers, OtherShape
from allocator.programme.rows import Key, yearly_sums
from allocator.programme.warm import Answer, WarmModel
from allocator.programme.what_ifs import WhatIfs
from allocator.scenario.changes import NumberCell, with_value
from allocator.scenario.model import Scenario

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
