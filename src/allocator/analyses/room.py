"""Room: how little and how much each area can get in plans as good as the optimum, and in plans nearly as good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.messages import RoomByGroups
from allocator.analyses.prices import shown
from allocator.analyses.result import Rest, RoomFigures
from allocator.programme.exact_questions import plans_near
from allocator.programme.optimum import Optimum
from allocator.programme.questions import Face, Region
from allocator.programme.rows import ONE, ZERO
from allocator.scenario.model import Scenario

NEAR = Fraction(5, 1000)
"""By how much of its objective a plan may be worse to count as nearly as good."""
SINGLY = 1000
"""Up to so many pairs of area and year each has its room; above that, groups have."""
MOST_GROUPS = 10

type Pair = tuple[str, int]


@dataclass(frozen=True)
class Subject:
    """Whose room is asked: a name, and the areas without parts that it comprises."""

    name: str | Rest
    areas: tuple[str, ...]
    whole: bool = False


def subjects(scenario: Scenario) -> tuple[Subject, ...]:
    """Return the areas in order; where that were too many, the groups that they are in."""
    if not by_group(scenario):
        parts = scenario.parts
        return tuple(Subject(name, parts[name], whole=parts[name] != (name,)) for name in scenario.area)
    groups: dict[str | Rest, list[str]] = {}
    for area in scenario.leaves:
        groups.setdefault(area.groups[0] if area.groups else Rest.UNGROUPED, []).append(area.name)
    found = [Subject(name, tuple(areas)) for name, areas in groups.items()]
    if len(found) <= MOST_GROUPS:
        return tuple(found)
    largest = sorted(found, key=lambda subject: -len(subject.areas))[: MOST_GROUPS - 1]
    rest = tuple(area for subject in found if subject not in largest for area in subject.areas)
    return (*(subject for subject in found if subject in largest), Subject(Rest.OTHER_GROUPS, rest))


def years(scenario: Scenario) -> tuple[int, ...]:
    """Return the years whose room is asked: all, or where groups have it, the first, which is decided next."""
    return scenario.years[:1] if by_group(scenario) else scenario.years


def by_group(scenario: Scenario) -> bool:
    """Whether there are too many areas to ask about each."""
    return len(scenario.leaves) * len(scenario.years) > SINGLY


def message(scenario: Scenario) -> RoomByGroups | None:
    """Return what a reader has to know of how Room was made; None where each area has its own."""
    if not by_group(scenario):
        return None
    pairs = len(scenario.leaves) * len(scenario.years)
    return RoomByGroups(pairs, len(subjects(scenario)), scenario.years[0])


def least_and_most(optimum: Optimum, face: Face) -> dict[Pair, tuple[float, float]]:
    """Return each area's and year's range over all plans as good as the optimum, in the scenario's unit."""
    scenario = optimum.model.programme.scenario
    pairs = [(area.name, year) for area in scenario.leaves for year in scenario.years]
    return {pair: _span(optimum, face, (pair[0],), pair[1]) for pair in pairs}


def room(optimum: Optimum, face: Face) -> tuple[RoomFigures, ...]:
    """Return the room of each subject and year.

    Amounts are the unrounded optimum's, in the scenario's unit; goals are held as they are. "Nearly as good" is an
    objective that is worse by at most 0.5 % of its size, as stated.
    """
    scenario = optimum.model.programme.scenario
    near = plans_near(optimum, NEAR)
    found = []
    for subject in subjects(scenario):
        for year in years(scenario):
            value = _value(optimum, subject.areas, year)
            least, most = _span(optimum, face, subject.areas, year)
            least_near, most_near = _span(optimum, near, subject.areas, year)
            found.append(
                RoomFigures(
                    subject.name,
                    year,
                    value=value,
                    least=min(least, value),
                    most=max(most, value),
                    least_near=min(least_near, least, value),
                    most_near=max(most_near, most, value),
                    whole=subject.whole,
                )
            )
    return tuple(found)


def _columns(optimum: Optimum, areas: tuple[str, ...], year: int) -> Mapping[int, Fraction]:
    """Return what adds up to the areas' money of a year: pieces where there are any, so that fixed ones are seen."""
    keys_of = optimum.model.programme.keys_of
    found: dict[int, Fraction] = {}
    for area in areas:
        if pieces := optimum.pieces.get((area, year)):
            found |= {column: ONE for _, column in pieces}
        else:
            found |= {optimum.amounts[key]: ONE for key in keys_of[area, year]}
    return found


def _value(optimum: Optimum, areas: tuple[str, ...], year: int) -> float:
    return float(sum((optimum.values[column] for column in _columns(optimum, areas, year)), ZERO))


def _span(optimum: Optimum, region: Region, areas: tuple[str, ...], year: int) -> tuple[float, float]:
    least, most = region.span(_columns(optimum, areas, year))
    return shown(max(ZERO, least)), shown(max(ZERO, most))
