"""Among equally good plans, the one that the contract chooses.

First the least Σ |x[a,t] − Last year[a]| (areas with a blank Last year left out), then the least
Σ |x[a,t,s] − x[a,t]·b[s,t]/Σ_{eligible} b|, then the larger amount in order of area, year, source. Each stage
keeps to the optimal face of the one before, by fixing what has a price there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocator.programme.highs import Engine
from allocator.programme.rows import Key
from allocator.scenario.model import Scenario

type Sums = list[tuple[Mapping[int, float], float]]


def break_ties(engine: Engine, scenario: Scenario, column: Mapping[Key, int], money: float) -> bool:
    """Move `engine` to the chosen plan; return whether there was a choice.

    `column` says where each amount stands, `money` how many units of the workbook are one of the model's.
    """
    if engine.unique() or not engine.spreads(list(column.values())):
        return False
    settled = False  # what `spreads` left behind says nothing of the plans that are equally good
    for sums in (_last_year_sums(scenario, column, money), _source_sums(scenario, column)):
        if sums and not settled:
            distances = engine.add_distances(sums)
            engine.minimise(dict.fromkeys(distances, 1.0))
            settled = engine.unique()
            engine.hold_face()
    if not settled:
        engine.maximise_in_order(list(column.values()))
    return True


def _last_year_sums(scenario: Scenario, column: Mapping[Key, int], money: float) -> Sums:
    """Return x[a,t] and Last year[a] for each area that has one, and each year."""
    return [
        ({column[area.name, year, source]: 1.0 for source in area.sources}, float(area.last_year) / money)
        for area in scenario.leaves
        if area.last_year is not None
        for year in scenario.years
    ]


def _source_sums(scenario: Scenario, column: Mapping[Key, int]) -> Sums:
    """Return x[a,t,s] − x[a,t]·b[s,t]/Σ b for each area and year that more than one source may pay."""
    sums: Sums = []
    for area in scenario.leaves:
        for year in scenario.years:
            available = scenario.available(area.sources, year)
            if len(area.sources) < 2 or not available:
                continue
            for source in area.sources:
                part = float(scenario.source[source].available[year] / available)
                sums.append((_less_part(column, (area.name, year, source), area.sources, part), 0.0))
    return sums


def _less_part(column: Mapping[Key, int], key: Key, sources: Sequence[str], part: float) -> Mapping[int, float]:
    area, year, _source = key
    terms = {column[area, year, other]: -part for other in sources}
    terms[column[key]] += 1.0
    return {number: value for number, value in terms.items() if value}
