"""Several scenarios side by side: a plan for each, what is the same in all, and why the others differ.

Every plan is valued under every scenario's own assumptions, since objectives under different benefits can't be
compared, and the difference from the first one is split among the inputs that differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from allocator.analyses.analyse import analyse
from allocator.analyses.bridge import Bridge, NoBridge, bridge
from allocator.analyses.figures import Alternative, Valuation, alternatives, valuation
from allocator.analyses.messages import Analysing, Explaining, Failed, Message, Moment, Planning, Stopped, TimeUp
from allocator.analyses.result import Result, Run
from allocator.errors import NamedTwiceError, NotComparableInNumberError, SolverError, UnlikeUnitsError
from allocator.programme.build import Programme, build
from allocator.programme.rows import ZERO, Key, total
from allocator.programme.status import Deadline, Doing, OutOfTime, Progress, Status, silent
from allocator.scenario.cells import fold
from allocator.scenario.changes import RowDifference, differences
from allocator.scenario.model import Scenario
from allocator.scenario.problems import FromFile

FEWEST, MOST = 2, 20
"""How many scenarios can be compared at once."""
_TYPED = Fraction(1, 10**12)
"""Amounts agree within this part: spreadsheets keep 15 digits."""


@dataclass(frozen=True)
class OtherAmounts:
    """The amounts that stand in a plan's workbook are not those that its inputs lead to here."""

    path: str


@dataclass(frozen=True)
class DecidedByHand:
    """So many amounts are in force that were decided otherwise than optimised."""

    count: int


type Note = FromFile | OtherAmounts | DecidedByHand
"""What is to be said of one scenario's amounts."""


@dataclass(frozen=True)
class NoYearInCommon:
    """The scenarios have no year in common."""


@dataclass(frozen=True)
class SomeYearsInCommon:
    """The scenarios have only these years in common."""

    years: tuple[int, ...]


@dataclass(frozen=True)
class LacksAreas:
    """A scenario lacks areas that others have: they count as 0."""

    name: str
    areas: tuple[str, ...]


@dataclass(frozen=True)
class UnlikeKinds:
    """The scenarios seek different things, so that values of their objectives can't be compared."""

    objectives: tuple[str, ...]


@dataclass(frozen=True)
class AmountsByHand:
    """In these scenarios amounts are in force that were decided by hand; bridges are between plans as optimised."""

    names: tuple[str, ...]


type Remark = NoYearInCommon | SomeYearsInCommon | LacksAreas | UnlikeKinds | AmountsByHand
"""What is to be said of scenarios that are not alike."""


@dataclass(frozen=True)
class Unplanned:
    """These were not planned, and why the others differ was not worked out, since the work was interrupted."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Unexplained:
    """Why these differ was not worked out, since the work was interrupted."""

    names: tuple[str, ...]


type Interrupted = Unplanned | Unexplained
"""What an interrupt left out."""


@dataclass(frozen=True)
class Case:
    """A scenario to be compared, and what is known of its plan beforehand."""

    name: str
    """Short; what readers know it by."""
    scenario: Scenario
    decided: Mapping[Key, Fraction] = field(default_factory=dict)
    """The amounts that were decided otherwise than optimised; none of a scenario file."""
    path: str = ""
    """The file's name, without folders."""
    notes: tuple[str, ...] = ()
    """What a reader ought to know of where it comes from."""
    written: Mapping[Key, Fraction] = field(default_factory=dict)
    """Every amount that stands in a plan's workbook as optimised; none of a scenario file."""


@dataclass(frozen=True)
class PlannedCase:
    """A scenario that is compared with others, and its plan."""

    name: str
    """Unique among those compared."""
    result: Result
    """Its plan as optimised, without prices of both sides, ranges and repairs; `status` says whether there is one."""
    amounts: Mapping[Key, Fraction]
    """The amounts in force, decisions of a plan's workbook included; empty without a plan."""
    valuation: Valuation | None
    """Of `amounts` under its own scenario; None without a plan."""
    alternatives: tuple[Alternative, ...] = ()
    """The draft and last year's plan scaled, under its own scenario; none without a plan."""
    path: str = ""
    """The file's name, without folders; empty where it comes from no file."""
    notes: tuple[Note, ...] = ()
    decided: frozenset[Key] = frozenset()
    """Which of the amounts were decided otherwise than optimised."""

    @property
    def scenario(self) -> Scenario:
        """What was asked."""
        return self.result.scenario

    @property
    def planned(self) -> bool:
        """Whether there is a plan."""
        return self.result.status is Status.OPTIMAL

    @property
    def objective(self) -> Fraction | None:
        """The objective of the amounts in force, as its own scenario states it; None without a plan."""
        return None if self.valuation is None else self.valuation.objective

    def amount(self, area: str, year: int) -> Fraction:
        """Return what an area, with or without parts, gets in a year; 0 where there is no such area or year."""
        return total(self.amounts, self.scenario.parts.get(area, ()), (year,), self.scenario.source)

    def share(self, area: str, year: int) -> Fraction | None:
        """Return an area's budget money as a part of that year's budget; None where there is no budget or year."""
        scenario = self.scenario
        budget = scenario.budget(year) if year in scenario.years else ZERO
        if not budget:
            return None
        return total(self.amounts, scenario.parts.get(area, ()), (year,), scenario.budget_sources) / budget


type Split = Bridge | NoBridge | Interrupted
"""A difference that is split among the inputs, or why it is not."""


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side; the first is what the others are compared with."""

    cases: tuple[PlannedCase, ...]
    changed: tuple[tuple[RowDifference, ...], ...]
    """What differs in each one's inputs from the first one's; () for the first."""
    cross: tuple[tuple[Valuation | None, ...], ...]
    """``cross[i][j]``: plan i under the assumptions of scenario j; None where i has no plan."""
    core: Mapping[tuple[str, int], Fraction]
    """(area without parts, year) → the least of its amounts over all that have a plan, in the years that all of them
    have; 0 where one of them lacks the area."""
    bridges: tuple[Split | None, ...]
    """How each one's plan differs from the first one's, split among the inputs, or why it is not split; None for the
    first."""
    interrupted: Interrupted | None = None
    """What is missing since the work was interrupted; None where nothing is."""
    messages: tuple[Remark, ...] = ()

    @property
    def first(self) -> PlannedCase:
        """What the others are compared with."""
        return self.cases[0]

    @property
    def planned(self) -> tuple[PlannedCase, ...]:
        """Those that have a plan."""
        return tuple(case for case in self.cases if case.planned)

    @property
    def status(self) -> Status:
        """Optimal where one has a plan; otherwise stopped where one might have, infeasible where none has."""
        found = {case.result.status for case in self.cases}
        return next(status for status in (Status.OPTIMAL, Status.STOPPED, Status.INFEASIBLE) if status in found)


def compare(cases: Sequence[Case], *, time_limit: float | None = None, progress: Progress | None = None) -> Comparison:
    """Plan every scenario and set the plans side by side; the first is what the others are compared with.

    An interrupt (Ctrl-C) once two are planned ends the work early: what is done is returned, and
    `Comparison.interrupted` says what is missing. One that comes earlier, or a second one, is raised.

    Parameters
    ----------
    cases
        Two to twenty scenarios with names that differ and amounts in one unit; years, areas, sources, objectives may
        differ.
    time_limit
        Seconds for the whole work; a scenario that can't be planned in time stands there without a plan.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Comparison
        Exact figures; amounts in the scenarios' unit, 0 for an area or year that a scenario lacks.

    Raises
    ------
    UsageError
        There are too few or too many, two have one name, or their units differ.
    """
    _check(cases)
    return _Work(cases, Deadline(time_limit), progress or silent).comparison()


def _check(cases: Sequence[Case]) -> None:
    """Raise UsageError unless the scenarios can be compared."""
    if not FEWEST <= len(cases) <= MOST:
        raise NotComparableInNumberError(len(cases), FEWEST, MOST)
    names = [fold(case.name) for case in cases]
    twice = next((e.name for e, name in zip(cases, names, strict=True) if names.count(name) > 1), None)
    if twice is not None:
        raise NamedTwiceError(twice)
    first = cases[0]
    for case in cases[1:]:
        if fold(case.scenario.unit) != fold(first.scenario.unit):
            raise UnlikeUnitsError(first.name, first.scenario.unit, case.name, case.scenario.unit)


class _Work:
    """A comparison in the making."""

    def __init__(self, cases: Sequence[Case], deadline: Deadline, say: Progress) -> None:
        self.asked = cases
        self.deadline = deadline
        self.say = say
        self.steps = 2 * len(cases) - 1  # a plan for each, and a bridge to each but the first
        self.results: list[Result] = []
        self.cases: tuple[PlannedCase, ...] = ()
        self.changed: tuple[tuple[RowDifference, ...], ...] = ()
        self.cross: tuple[tuple[Valuation | None, ...], ...] = ()
        self.bridges: list[Split | None] = [None]
        self.interrupted: Interrupted | None = None

    def comparison(self) -> Comparison:
        """Do the work, as far as it isn't interrupted."""
        try:
            for work in (self._plan, self._value, self._explain):
                work()
        except KeyboardInterrupt:
            if len(self.results) < FEWEST:
                raise
            self.interrupted = self._missing()
            self._value()  # quick, and needed whatever came of it before; a second interrupt is not caught
        missing = [] if self.interrupted is None else [self.interrupted] * (len(self.cases) - len(self.bridges))
        return Comparison(
            cases=self.cases,
            changed=self.changed,
            cross=self.cross,
            core=_core(self.cases),
            bridges=(*self.bridges, *missing),
            interrupted=self.interrupted,
            messages=tuple(_remarks(self.cases)),
        )

    def _missing(self) -> Interrupted:
        """Return what an interrupt now leaves out."""
        unplanned, unexplained = (
            tuple(case.name for case in self.asked[len(done) :]) for done in (self.results, self.bridges)
        )
        return Unplanned(unplanned) if unplanned else Unexplained(unexplained)

    # Plans

    def _plan(self) -> None:
        for case in self.asked:
            self.say(Planning(case.name), len(self.results) / self.steps)
            self.results.append(self._planned(case.scenario))

    def _planned(self, scenario: Scenario) -> Result:
        """Return the plan, or that there is none in time."""
        try:
            left = self.deadline.left()
        except OutOfTime:
            return _stopped(scenario, TimeUp(Moment.BEFORE_ITS_TURN))
        try:
            result = analyse(scenario, explain=False, time_limit=left)
        except OutOfTime:
            return _stopped(scenario, TimeUp(Moment.BEFORE_THE_ANSWER))
        except SolverError as error:
            return _stopped(scenario, Failed(str(error)))
        if result.status is not Status.STOPPED or left is None:
            return result
        return replace(result, messages=tuple(map(_without_seconds, result.messages)))

    # What follows from them at once

    def _value(self) -> None:
        """Value every plan, under its own scenario's assumptions and under every other's, and find what differs."""
        self.say(Analysing.VALUING, len(self.asked) / self.steps)
        programmes = [_programme(result) for result in self.results]
        planned = zip(self.asked, self.results, programmes, strict=False)  # an interrupt may have left some out
        self.cases = tuple(_planned_case(*each) for each in planned)
        self.cross = tuple(
            tuple(valuation(p, c.amounts, c.result.step) if c.planned else None for p in programmes) for c in self.cases
        )
        first, *others = (result.scenario for result in self.results)
        self.changed = (), *(differences(first, other) for other in others)

    # Why they differ

    def _explain(self) -> None:
        first = self.results[0]
        for number, other in enumerate(self.results[1:], start=1):
            self.bridges.append(self._bridge(first, other, number))

    def _bridge(self, first: Result, other: Result, number: int) -> Bridge | NoBridge:
        """Return what splits the difference from the first one, or why it is not split."""

        def say(step: Doing | None, part: float | None) -> None:
            done = (len(self.results) + number - 1 + (part or 0.0)) / self.steps
            self.say(Explaining(self.asked[number].name, step), done)

        say(None, None)
        try:
            names = (self.asked[0].name, self.asked[number].name)
            return bridge(first, other, deadline=self.deadline, progress=say, names=names)
        except SolverError as error:
            return Failed(str(error))


def _programme(result: Result) -> Programme:
    """Return the programme that a plan came from; the proof of the plan has it already."""
    return build(result.scenario) if result.certificate is None else result.certificate.bounded.programme


def _planned_case(case: Case, result: Result, programme: Programme) -> PlannedCase:
    """Return what was planned, with the amounts in force."""
    notes = tuple(map(FromFile, case.notes))
    if result.status is not Status.OPTIMAL:
        return PlannedCase(case.name, result, {}, None, path=case.path, notes=notes)
    decided = {key: amount for key, amount in case.decided.items() if key in result.amounts}
    amounts = {**result.amounts, **_other_amounts(case, result), **decided}
    return PlannedCase(
        case.name,
        result,
        amounts,
        valuation(programme, amounts, result.step),
        alternatives(programme, result.amounts, result.step),
        case.path,
        (*notes, *_own_amounts(case, result)),
        frozenset(decided),
    )


def _other_amounts(case: Case, result: Result) -> dict[Key, Fraction]:
    """Return the amounts of a plan's workbook that are others than found here."""
    return {
        key: amount
        for key, amount in case.written.items()
        if key in result.amounts
        and abs(amount - result.amounts[key]) > _TYPED * max(Fraction(1), abs(result.amounts[key]))
    }


def _stopped(scenario: Scenario, reason: TimeUp | Failed) -> Result:
    """Return what is known where the solver gave no answer."""
    return Result(scenario, Status.STOPPED, Run(""), messages=(*scenario.messages, Stopped(reason)))


def _without_seconds(message: Message) -> Message:
    """Return a message without the seconds that were left for one scenario: they aren't what the user typed."""
    if isinstance(message, Stopped) and isinstance(message.reason, TimeUp):
        return Stopped(TimeUp(message.reason.moment))
    return message


def _own_amounts(case: Case, result: Result) -> Iterator[OtherAmounts | DecidedByHand]:
    """Yield what is to be said of amounts that are others than found here."""
    if _strange_keys(case, result) or _other_amounts(case, result):
        yield OtherAmounts(case.path)
    if case.decided:
        yield DecidedByHand(len(case.decided))


def _strange_keys(case: Case, result: Result) -> bool:
    """Whether the file lacks an amount or has one for a place that isn't known; sources that may not pay have none."""
    needed = {key for key, amount in result.amounts.items() if amount}
    return bool(case.written) and not needed <= case.written.keys() <= result.amounts.keys()


def _core(cases: Sequence[PlannedCase]) -> dict[tuple[str, int], Fraction]:
    """Return the least that each area gets in each year over all that have a plan."""
    planned = [case for case in cases if case.planned]
    if not planned:
        return {}
    common = set.intersection(*(set(case.scenario.years) for case in planned))
    years = [year for year in planned[0].scenario.years if year in common]
    areas = dict.fromkeys(area.name for case in planned for area in case.scenario.leaves)
    return {(area, year): min(c.amount(area, year) for c in planned) for area in areas for year in years}


# What has to be said of scenarios that are not alike


def _remarks(cases: Sequence[PlannedCase]) -> Iterator[Remark]:
    yield from _of_years(cases)
    yield from _of_areas(cases)
    objectives = dict.fromkeys(str(case.scenario.objective) for case in cases)
    if len(objectives) > 1:
        yield UnlikeKinds(tuple(objectives))
    decided = tuple(case.name for case in cases if case.decided)
    if decided:
        yield AmountsByHand(decided)


def _of_years(cases: Sequence[PlannedCase]) -> Iterator[Remark]:
    spans = [set(case.scenario.years) for case in cases]
    common, every = set.intersection(*spans), set.union(*spans)
    if not common:
        yield NoYearInCommon()
    elif common != every:
        yield SomeYearsInCommon(tuple(sorted(common)))


def _of_areas(cases: Sequence[PlannedCase]) -> Iterator[LacksAreas]:
    every = dict.fromkeys(area.name for case in cases for area in case.scenario.leaves)
    for case in cases:
        lacking = tuple(name for name in every if name not in case.scenario.area)
        if lacking:
            yield LacksAreas(case.name, lacking)
