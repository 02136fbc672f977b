"""Whether any plan can exist, as `check` asks: what clashes, and which number in a single cell would end that."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.analyses.conflict import LOST, conflicts, named
from allocator.analyses.no_plan import Conflict, Member
from allocator.analyses.repair_cells import Adjustable, adjustable_cells
from allocator.analyses.repair_exact import least_changes
from allocator.programme.build import Programme, build
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.elastic import Elastic
from allocator.programme.rows import HARD, Row
from allocator.scenario.model import Scenario
from allocator.scenario.numerals import magnitude
from allocator.scenario.origin import Cell

PATIENCE = 5.0
"""Seconds for conflicts as small as can be; after that what exact multipliers name is told as it is."""
MOST = 30
"""Conflicts that are looked for at most, of all years together."""
SMALL = 600
"""Among more rows than these a way is one that ends its own conflict, whatever others share a row with that."""
TRIED = 6
"""So many cells are tried of the demands, and so many of the money."""
DIGITS = 6
"""Numbers to type have so many significant digits, or as many as tell them from what is there."""


@dataclass(frozen=True)
class Way:
    """A cell that alone would end a contradiction, and the nearest number to type there."""

    cell: Cell
    value: Fraction
    share: bool
    up: bool
    """Whether it must be at least so much; else at most."""
    budget: bool
    """Whether it is the money that there is."""


@dataclass(frozen=True)
class Contradiction:
    """Demands that no plan can keep together: in one year, or in several the same."""

    conflict: Conflict
    """Of these years the one that lacks most."""
    at: Cell
    """What is the easiest to change: no law, not the money that there is, a cell that alone would end it."""
    also: tuple[int, ...]
    """The other years in which the same cells clash."""
    ways: tuple[Way, ...]
    """What each alone ends it; demands first, then what they are held against, then money."""
    always: bool
    """Whether they end it in all these years; else in those of `conflict` only."""

    @property
    def lawful(self) -> bool:
        """Whether all of it but the money is law."""
        return all(m.row.strength.kind == "law" for m in self.conflict.members if not m.row.kind.supply)


def contradictions(scenario: Scenario, deadline: Deadline | None = None) -> tuple[Contradiction, ...]:
    """Return why no plan of a scenario can exist, with what to type.

    Parameters
    ----------
    scenario
        What is asked.
    deadline
        When to stop looking for smaller and further conflicts, and for what ends them; None: after `PATIENCE` each.

    Returns
    -------
    tuple of Contradiction
        Each at the cell that is easiest to change; empty where a plan exists.
    """
    programme = build(scenario)
    elastic = Elastic(programme)
    if not elastic.model.impossible and elastic.feasible(exactly=True):
        return ()
    # many demands may be held against the same money
    found = conflicts(programme, deadline or Deadline(PATIENCE), MOST, lambda row: row.kind.supply)
    found = found or tuple(_at_once(elastic))
    deadline = deadline or Deadline(PATIENCE)  # for what ends them
    alike: dict[frozenset[Cell], list[Conflict]] = {}
    for conflict in found:
        alike.setdefault(_cells(conflict), []).append(conflict)
    return tuple(
        _contradiction(programme, same, _demands(c for c in found if c not in same), deadline)
        for same in alike.values()
    )


def _at_once(elastic: Elastic) -> Iterator[Conflict]:
    """Yield what exact multipliers name in each year by itself; where none clashes so, what they name of all."""
    rows = elastic.programme.rows
    years = sorted({year for index in elastic.rows if (year := rows[index].year) is not None})
    told = False
    for year in years:
        elastic.keep(index for index in elastic.rows if rows[index].year == year)
        if not elastic.feasible(exactly=True):
            told = True
            yield named(elastic)
    if not told:
        elastic.keep(elastic.rows)
        elastic.feasible(exactly=True)
        yield named(elastic)


def in_order(members: Iterable[Member]) -> list[Member]:
    """Return members as they are told: what asks for most first, then what allows as it stands; money last."""

    def place(member: Member) -> tuple[bool, bool, Fraction]:
        asked = abs(member.weight * member.row.bound) if member.at_least else Fraction(0)
        return member.row.kind.supply, not member.at_least, -asked

    return sorted(members, key=place)


def _cells(conflict: Conflict) -> frozenset[Cell]:
    """Return the cells of a conflict's demands: not of the money there is, which differ from year to year."""
    demands = [row.cell for row in _demands([conflict])]
    return frozenset(demands or [member.row.cell for member in conflict.members])


def _demands(conflicts: Iterable[Conflict]) -> list[Row]:
    """Return the rows of conflicts, those of the money there is left out."""
    return [member.row for conflict in conflicts for member in conflict.members if not member.row.kind.supply]


def _contradiction(
    programme: Programme, same: Sequence[Conflict], others: Collection[Row], deadline: Deadline | None
) -> Contradiction:
    """Return what conflicts of the same cells come to; `others` are the demands of all other conflicts."""
    first = same[0]
    easiest = min(in_order(first.members), key=lambda m: (m.row.kind.supply, m.row.strength.kind == "law"))
    each = _ways(programme, same, deadline)
    ways = _common(each) if len(each) == len(same) else ()
    always, ways = bool(ways), ways or tuple(next(iter(each), {}).values())
    ways = _lasting(programme, ways, others, deadline) or ways
    years = {member.row.year for member in first.members}
    return Contradiction(
        conflict=first,
        at=ways[0].cell if ways and not ways[0].budget else easiest.row.cell,
        also=tuple(sorted({y for other in same for m in other.members if (y := m.row.year) is not None} - years)),
        ways=ways,
        always=always,
    )


def _ways(programme: Programme, same: Sequence[Conflict], deadline: Deadline | None) -> list[dict[Cell, Way]]:
    """Return what ends each conflict by itself; fewer where time ran out or the solver lost its way."""
    found: list[dict[Cell, Way]] = []
    with suppress(OutOfTime, *LOST):
        found.extend({way.cell: way for way in _ways_of(programme, conflict, deadline)} for conflict in same)
    return found


def _common(each: Sequence[dict[Cell, Way]]) -> tuple[Way, ...]:
    """Return the cells that end every one of the conflicts, with the number that is enough for all."""
    ways = [[known[cell] for known in each] for cell in each[0] if all(cell in known for known in each)]
    alike = [same for same in ways if len({way.up for way in same}) == 1]
    return tuple((max if same[0].up else min)(same, key=lambda way: way.value) for same in alike)


def _ways_of(programme: Programme, conflict: Conflict, deadline: Deadline | None) -> Iterator[Way]:
    members = in_order(conflict.members)
    alone = replace(programme, rows=tuple(member.row for member in members))
    place: dict[Cell, int] = {}
    for number, member in enumerate(members):
        place.setdefault(member.row.cell, number)
    cells = sorted(adjustable_cells(alone), key=lambda cell: (cell.budget, place.get(cell.cell, len(members))))
    demands, money = ([cell for cell in cells if cell.budget is budget] for budget in (False, True))
    tried = (*demands[:TRIED], *money[:TRIED])
    yield from (_way(cell, value) for cell, value in least_changes(alone, tried, deadline))


def _lasting(
    programme: Programme, ways: Sequence[Way], others: Collection[Row], deadline: Deadline | None
) -> tuple[Way, ...]:
    """Return those that let a plan exist but for the other conflicts, with the number that does; none in haste.

    Another conflict may share a row with the one that was found: what ends this one only isn't enough then.
    """
    hidden = {id(row) for row in others}
    rows = tuple(row for row in programme.rows if row.strength.kind in HARD and id(row) not in hidden)
    if len(rows) > SMALL:
        return ()
    wanted = {way.cell: number for number, way in enumerate(ways[:TRIED])}
    rest = replace(programme, rows=rows)
    cells = tuple(cell for cell in adjustable_cells(rest) if cell.cell in wanted)
    found: list[Way] = []
    with suppress(OutOfTime, *LOST):
        found += [_way(cell, value) for cell, value in least_changes(rest, cells, deadline)]
    return tuple(sorted(found, key=lambda way: wanted[way.cell]))


def _way(cell: Adjustable, exact: Fraction) -> Way:
    """Return what is to be typed: not short of the exact number, with as many digits as tell it from what is there."""
    change, up = abs(exact - cell.value), exact > cell.value
    digits = max(DIGITS, magnitude(exact) - magnitude(change) + DIGITS // 2) if exact else DIGITS
    grid = Fraction(10) ** (magnitude(exact) + 1 - digits) if exact else Fraction(1)
    value = (math.ceil(exact / grid) if up else math.floor(exact / grid)) * grid
    return Way(cell.cell, cell.within(value), cell.share, up, cell.budget)
