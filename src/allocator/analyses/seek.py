"""The least change of one number of the scenario for which the optimal plan reaches a target."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from allocator.analyses.messages import Analysing
from allocator.analyses.sweep import MOST_CHOSEN, Course, Plan, plan_at
from allocator.errors import (
    EqualityAsConditionError,
    MisreadConditionError,
    NoOtherValueError,
    NotAConditionError,
    NotAYearError,
    NowhereToSearchError,
    ScenarioError,
    TimeLimitReachedError,
)
from allocator.programme.build import build
from allocator.programme.constraints import indicator_value
from allocator.programme.parametric import CriticalRegion
from allocator.programme.rows import yearly_sums
from allocator.programme.solve import solve
from allocator.programme.status import Deadline, OutOfTime, Progress, Solving, Status, silent
from allocator.programme.whole import round_plan
from allocator.scenario import cells
from allocator.scenario.cells import Misread, fold
from allocator.scenario.changes import NumberCell, find_cell, read_range, with_value
from allocator.scenario.model import Operator, Scenario
from allocator.scenario.schema import CONDITION, OPERATOR_WORDS

_REACHED = 1e-9
"""A target is reached within this part of its size (at least of 1)."""
_STRICT = 1e-6
"""By what part of the target's size (at least of 1) a strict one is to be exceeded."""
_PARTS = {True: (0.5, 1.0), False: tuple(part / 8 for part in range(1, 9))}
"""Where a piece is looked at: few places where it is straight, more where it is curved."""
_CLOSER = 80
_DIGITS = 8
"""With so many significant digits the answer is given: as one would type it."""
_JUMP = 1e-6
"""The plan jumps where what is measured changes by more than this part of its size (at least of 1) in no distance."""
_TIMES = 3
"""How many times today's number the search goes without limits of its own."""
_HALVED = 20
"""How often the way to a limit that can't be used is halved: to a millionth of today's number."""


@dataclass(frozen=True)
class Condition:
    """What is to be reached."""

    text: str
    """As it is shown: ``Literacy 2030 >= 11``."""
    measure: Callable[[Scenario, Plan], float]
    upwards: bool
    target: float
    unit: str

    def gap(self, measured: float) -> float:
        """Return how far it is from being reached: at most 0 where it is."""
        gap = self.target - measured if self.upwards else measured - self.target
        return 0.0 if gap <= _REACHED * max(1.0, abs(self.target)) else gap


@dataclass(frozen=True)
class At:
    """One value of the cell, what is measured there, and the plan."""

    value: float
    measured: float
    plan: Plan


@dataclass(frozen=True)
class Today:
    """What is measured in the scenario as it stands, and its plan."""

    value: float | None
    """None where the cell is blank."""
    measured: float
    plan: Plan


@dataclass(frozen=True)
class Sought:
    """The answer: the nearest value at which the target is reached, or how near it comes."""

    scenario: Scenario
    found: NumberCell
    condition: Condition
    low: float
    high: float
    given: bool
    """Whether the limits of the search were the user's."""
    straight: bool = True
    """Whether the objective is a straight line between changes, as in `Sweep`."""
    today: Today | None = None
    """None where no plan exists today."""
    reached: At | Today | None = None
    """Today's where it is reached already."""
    nearest: At | None = None
    """Where it isn't reached: the value with the smallest gap, of several the one nearest to today's; None: no plan."""
    tie: float | None = None
    """The value itself, where the target is reached just beyond it; there another plan is as good, which doesn't."""
    in_steps: float | None = None
    """What is measured in the plan in whole steps at the value that reaches it; None where steps aren't asked for."""
    planned: tuple[tuple[float, float], ...] = ()
    """Between which values plans exist, where they don't exist all the way."""


def seek(
    scenario: Scenario, vary: str, until: str, *, time_limit: float | None = None, progress: Progress | None = None
) -> Sought:
    """Return the least change of one cell for which the optimal plan meets a condition.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it.
    vary
        ``Sheet/Row/Column``, or ``Sheet/Row/Column=3%..8%`` to search between these values alone.
    until
        ``Indicators/NAME >= 11``, ``Areas/NAME/2030 >= 500``, ``Objective >= 1000``, in the unit of what it names.
    time_limit
        Seconds for the whole work; None: no limit.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Sought
        The value in the cell's unit, and the plan there; or that no value between the limits will do.

    Raises
    ------
    UsageError
        The cell, or what the condition names, doesn't exist; or the cell is blank and no limits are given.
    ScenarioError
        A value within the limits can't be used.
    SolverError
        The time limit came, or the solver stopped without an answer.
    """
    say = progress or silent
    condition = read_condition(scenario, until)
    given = re.search(r"\.\.|…", vary) is not None
    if given:
        asked = read_range(scenario, vary)
        found, low, high = asked.found, float(asked.low), float(asked.high)
    else:
        found = find_cell(scenario, vary)
        low, high = _limits(scenario, found)
    try:
        return _Run(Sought(scenario, found, condition, low, high, given), Deadline(time_limit), say).sought()
    except OutOfTime:
        raise TimeLimitReachedError(time_limit) from None


# ---- what is asked ------------------------------------------------------------------------------------------------


def read_condition(scenario: Scenario, typed: str) -> Condition:
    """Return the condition that `typed` says; raise UsageError where it can't be understood."""
    match = CONDITION.fullmatch(cells.tidy(typed))
    if match is None:
        raise NotAConditionError(typed)
    what, sign, number = match.groups()
    operator = OPERATOR_WORDS[fold(sign)]
    if operator is Operator.EQUAL:
        raise EqualityAsConditionError(typed)
    name, unit, measure = _measure(scenario, what, typed)
    if unit and fold(number).endswith(fold(unit)):
        number = number.strip()[: -len(unit)].strip() or number
    try:
        target = float(cells.number(number))
    except Misread as misread:
        raise MisreadConditionError(typed, str(misread)) from None
    shown = f"{name} {operator.value} {cells.plain(cells.number(number))}"
    if operator.strict:
        target += _STRICT * max(1.0, abs(target)) * (1 if operator.lower else -1)
    return Condition(shown, measure, operator.lower, target, unit)


def _measure(scenario: Scenario, what: str, typed: str) -> tuple[str, str, Callable[[Scenario, Plan], float]]:
    """Return the name, the unit and the figure that `what` says."""
    kind, _, rest = (part.strip() for part in what.partition("/"))
    if fold(kind) == "objective" and not rest:
        return "Objective", "", lambda _scenario, plan: plan.objective
    known = {"indicators": [i.name for i in scenario.indicators], "areas": [a.name for a in scenario.areas]}
    if fold(kind) not in known:
        raise NotAConditionError(typed)
    name, year = _named(scenario, rest, known[fold(kind)], typed)
    if fold(kind) == "areas":
        years = scenario.years if year is None else (year,)
        parts = scenario.parts[name]
        shown = name if year is None else f"{name} {year}"
        return shown, scenario.unit, lambda _s, plan: sum(plan.amounts[part, t] for part in parts for t in years)
    indicator = next(i for i in scenario.indicators if i.name == name)
    at = indicator.last_year if year is None else year
    return f"{name} {at}", indicator.unit, lambda changed, plan: _indicator(changed, plan, name, at)


def _named(scenario: Scenario, rest: str, known: Sequence[str], typed: str) -> tuple[str, int | None]:
    """Return the name and the year of ``NAME`` or ``NAME/YEAR``; a name may hold a slash."""
    by_fold = {fold(name): name for name in known}
    if fold(rest) in by_fold:
        return by_fold[fold(rest)], None
    name, _, last = rest.rpartition("/")
    if fold(name) in by_fold:
        year = cells.year(last)
        if year not in scenario.years:
            raise NotAYearError(typed, last.strip(), (scenario.years[0], scenario.years[-1]))
        return by_fold[fold(name)], year
    raise MisreadConditionError(typed, cells.suggestion(name if cells.year(last) else rest, known))


def _indicator(scenario: Scenario, plan: Plan, name: str, year: int) -> float:
    indicator = next(i for i in scenario.indicators if i.name == name)
    value = indicator_value(scenario, indicator, year)
    # an area's effect is the same whoever pays
    effects = {key.pair: float(effect) for key, effect in value.terms.items()}
    return float(value.constant) + sum(effect * plan.amounts[at] for at, effect in effects.items())


def _limits(scenario: Scenario, found: NumberCell) -> tuple[float, float]:
    """Return where to search for lack of other limits: what the cell may sensibly hold."""
    today = found.value
    if today is None:
        raise NowhereToSearchError(found.address, blank=True)
    if found.percent:
        low, high = Fraction(-1 if today < 0 or _of_change(scenario, found) else 0), Fraction(1)
    elif today == 0:
        raise NowhereToSearchError(found.address, blank=False)
    else:
        low, high = sorted((Fraction(0), today * _TIMES))
    return _usable(scenario, found, today, min(low, today)), _usable(scenario, found, today, max(high, today))


def _of_change(scenario: Scenario, found: NumberCell) -> bool:
    """Whether the cell is a rule's that compares with last year, so that it may well be negative."""
    return any(r.origin.cell("Value") == found.cell and r.basis.least != 0 for r in scenario.rules)


def _usable(scenario: Scenario, found: NumberCell, good: Fraction, wanted: Fraction) -> float:
    """Return `wanted`, or the value nearest to it that the reader takes."""
    near, far = float(good), float(wanted)
    try:
        with_value(scenario, found, far)
    except ScenarioError:
        for _ in range(_HALVED):
            middle = float(f"{(near + far) / 2:.6g}")
            try:
                with_value(scenario, found, middle)
            except ScenarioError:
                far = middle
            else:
                if middle == near:
                    break
                near = middle
        return near
    return far


def _runs(regions: Sequence[CriticalRegion]) -> Iterator[tuple[float, float]]:
    """Yield from where to where plans exist."""
    for has_plan, run in groupby(regions, key=lambda region: region.bases is not None):
        if has_plan:
            own = list(run)
            yield own[0].start, own[-1].end


# ---- the search ---------------------------------------------------------------------------------------------------


class _Run:
    def __init__(self, asked: Sought, deadline: Deadline, say: Progress) -> None:
        self.asked, self.condition, self.say = asked, asked.condition, say
        self.low, self.high = asked.low, asked.high
        if self.low == self.high:
            raise NoOtherValueError(asked.found.address)
        say(Analysing.READING_BOTH_ENDS, None)
        self.course = Course(asked.scenario, asked.found, self.low, self.high, deadline)
        self.seen: list[At] = []

    def sought(self) -> Sought:
        value = self.course.today
        today = self._today(value)
        answer = replace(self.asked, straight=self.course.straight, today=today)
        inside = value is not None and self.low <= value <= self.high
        if today is not None and not self.condition.gap(today.measured) and inside:
            return replace(answer, reached=today)
        start = min(max(self.low if value is None else value, self.low), self.high)
        regions = self.course.regions(lambda part: self.say(Analysing.LOOKING_FOR_CHANGES, part))
        if any(region.bases is None for region in regions):
            answer = replace(answer, planned=tuple(_runs(regions)))
        regions = [region for region in regions if region.bases is not None]
        ways = [self._first(self._along(regions, start, sign)) for sign in (1, -1)]
        there = [at for at in ways if at is not None]
        if there:
            reached, tie = self._as_typed(min(there, key=lambda at: abs(at.value - start)), start)
            return replace(answer, reached=reached, tie=tie, in_steps=self._in_steps(reached))
        return replace(answer, nearest=self._nearest(start))

    def _nearest(self, start: float) -> At | None:
        """Return where the gap is least; of several such values the one nearest to `start`."""
        if not self.seen:
            return None
        least = min(self.condition.gap(at.measured) for at in self.seen)
        least += _REACHED * max(1.0, abs(self.condition.target))
        alike = [at for at in self.seen if self.condition.gap(at.measured) <= least]
        return min(alike, key=lambda at: abs(at.value - start))

    def _as_typed(self, reached: At, start: float) -> tuple[At, float | None]:
        """Return the value that reaches the target with no more digits than one types; and the value of a tie."""
        size = abs(reached.value)
        if not size or reached.value in (self.low, self.high):
            return reached, None
        unit = Fraction(10) ** (math.floor(math.log10(size)) + 1 - _DIGITS)
        units = Fraction(reached.value) / unit
        away = 1 if reached.value >= start else -1
        nearest = float(round(units) * unit)
        outwards = (math.ceil(units) if away > 0 else math.floor(units)) * unit
        tie: float | None = None
        for value in (nearest, float(outwards), float(outwards + away * unit)):
            at = self._at(value) if self.low <= value <= self.high else None
            if at is None:
                continue
            if not self.condition.gap(at.measured):
                return at, tie
            if abs(at.measured - reached.measured) > _JUMP * max(1.0, abs(at.measured)):
                tie = value
        return reached, tie

    def _in_steps(self, reached: At) -> float | None:
        """Return what is measured in the plan in whole steps; None where there are none, or very many amounts."""
        scenario = self.course.scenario(reached.value)
        if not scenario.step or len(self.course.model.layout.amounts) > MOST_CHOSEN:
            return None
        self.say(Solving.ROUNDING, None)
        programme = build(scenario)
        deadline = self.course.model.deadline
        solution = solve(programme, time_limit=deadline.left())
        if solution.status is Status.STOPPED:
            raise OutOfTime
        if solution.status is Status.INFEASIBLE:
            return None
        rounded = round_plan(programme, solution.amounts, solution.goal_sums, deadline)
        if not rounded.step:
            return None
        amounts = {key: float(amount) for key, amount in rounded.amounts.items()}
        objective = float(programme.objective(rounded.amounts))
        plan = replace(reached.plan, objective=objective, amounts=yearly_sums(amounts))
        return self.condition.measure(scenario, plan)

    def _today(self, value: float | None) -> Today | None:
        """Return what is measured in the scenario as it stands, be the cell's value within the limits or not."""
        what_ifs = self.course.what_ifs
        optimum = what_ifs.optimum(what_ifs.base)
        if optimum is None:
            return None
        plan = plan_at(what_ifs.model, self.asked.scenario, math.nan if value is None else value, optimum)
        return Today(value, self.condition.measure(self.asked.scenario, plan), plan)

    def _at(self, value: float) -> At | None:
        optimum = self.course.optimum(value)
        if optimum is None:
            return None
        plan = self.course.plan(value, optimum)
        at = At(value, self.condition.measure(self.course.scenario(value), plan), plan)
        self.seen.append(at)
        return at

    def _along(self, regions: Sequence[CriticalRegion], start: float, sign: int) -> Iterator[float]:
        """Yield the values to be looked at, from `start` upwards (sign 1) or downwards (-1)."""
        yield start
        for region in regions[::sign]:
            near, far = (region.start, region.end)[::sign]
            if (far - start) * sign > 0:
                yield from self._places(near if (near - start) * sign > 0 else start, far)

    def _places(self, start: float, end: float) -> Iterator[float]:
        """Yield a piece's places: its start, just inside (where the plan may have jumped), inside, and its end."""
        yield start
        yield start + 1e-7 * (end - start)
        for part in _PARTS[self.course.straight]:
            yield start + part * (end - start) if part < 1 else end

    def _first(self, values: Iterator[float]) -> At | None:
        """Return the first of `values`, or of those between them, at which the target is reached."""
        before: At | None = None
        for value in values:
            at = self._at(value)
            if at is None:
                continue
            if not self.condition.gap(at.measured):
                return at if before is None else self._between(before, at)
            before = at
        return None

    def _between(self, missed: At, reached: At) -> At:
        """Return the place nearest to `missed` at which the target is reached, to a billionth of the way."""
        near = self.course.near(reached.value)
        weight = 1.0
        for _ in range(_CLOSER):
            if abs(reached.value - missed.value) <= near:
                break
            margin = abs(reached.measured - self.condition.target)
            if margin <= _REACHED * max(1.0, abs(self.condition.target)):
                break
            gap = self.condition.gap(missed.measured) * weight
            part = gap / (gap + margin)
            value = missed.value + min(max(part, 1e-3), 1 - 1e-9) * (reached.value - missed.value)
            at = self._at(value)
            if at is None:
                break
            if self.condition.gap(at.measured):
                missed, weight = at, 1.0
            else:
                reached, weight = at, weight / 2
        return reached
