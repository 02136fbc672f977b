"""Whether any plan can exist, as `check` asks; and where one does, how near the scenario is to having none.

Where none can: what clashes, and which number in a single cell would end that. Where one does: how far each budget may
fall, with all that follows from its cell, before no plan exists, and which rules clash first then; and which rules and
targets could hardly be tightened. Goals don't count: they can always be missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial

from allocator.analyses.conflict import Conflict, Member, Search, conflicts, named
from allocator.analyses.messages import LOST
from allocator.analyses.repair_cells import Adjustable, adjustable_cells
from allocator.analyses.repair_search import least_changes
from allocator.programme.build import Programme, build
from allocator.programme.elastic import Elastic, Side
from allocator.programme.rows import HARD, ZERO, Row
from allocator.programme.status import Deadline, OutOfTime
from allocator.programme.what_ifs import OtherShape, WhatIfs
from allocator.scenario.cells import magnitude
from allocator.scenario.model import Cell, Scenario

# -- whether any plan can exist ---------------------------------------------------------------------------------------

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


# -- how near a plan is to having none --------------------------------------------------------------------------------

LITTLE = 0.05
"""A rule or target is named where it could be tightened by no more than this part of it."""
NEAR = Fraction(1, 10**7)
"""How near the end of the values with a plan is closed in on, as a part of the cell."""
JUST_BELOW = Fraction(1, 10**5)
"""How far below that end the clash is looked for, as a part of the cell: beyond every tolerance of the solver."""
LEFT = Fraction(1, 1000)
"""A cell that may fall to this part of it may as well fall to nothing."""
_TRIES = 40
_PATIENCE = 40
"""Questions to the solver for one clash."""
_FEW = 300
"""Of so many rows a clash is looked for in fractions; of more, where floating-point numbers see it."""
_LARGE = 3000
"""With more rows than these no early warning is given."""


@dataclass(frozen=True)
class BudgetWarning:
    """How far a source's year may fall, all else as it is."""

    source: str
    year: int
    amount: Fraction
    """What the Budget cell holds."""
    least: float
    """Below this no plan exists, in the scenario's unit."""
    falls: float
    """How far that is below the cell, as a part of it: 0.03 is 3 %."""
    rows: tuple[Row, ...]
    """The rows that can't stand together just below `least`, as they are in the scenario."""


@dataclass(frozen=True)
class TightRow:
    """A rule or target that could hardly ask for more."""

    row: Row
    room: float
    """How much more it could ask for (a floor) or take away (a cap) before no plan exists, in its row's unit."""
    part: float
    """The same as a part of what it asks for now."""


@dataclass(frozen=True)
class EarlyWarning:
    """What would end it first."""

    budgets: tuple[BudgetWarning, ...] = ()
    """The cell that may fall the least first, as a part of it; cells that may fall to nothing are left out."""
    tight: tuple[TightRow, ...] = ()
    """The tightest first; those that could be tightened by more than `LITTLE` of what they ask for are left out."""


def early_warning(programme: Programme, deadline: Deadline | None = None) -> EarlyWarning:
    """Return how near a programme that has a plan is to having none.

    Parameters
    ----------
    programme
        Its goals don't count: they can be missed.
    deadline
        When to stop; None: no limit.

    Returns
    -------
    EarlyWarning
        How far each budget may fall, as a part of it, and the rows that could ask for at most 5 % more; empty for a
        very large programme, and at the very edge of what has a plan.

    Raises
    ------
    OutOfTime
        The deadline came.
    SolverError
        The solver stopped without an answer.
    """
    if len(programme.rows) > _LARGE:
        return EarlyWarning()
    elastic = Elastic(programme, deadline)
    if not elastic.feasible():  # at the very edge of what has a plan: nothing surer can be said
        return EarlyWarning()
    tight = sorted(_tight_rows(elastic), key=lambda row: row.part)
    budgets = sorted(_budgets(elastic), key=lambda budget: budget.falls)
    return EarlyWarning(tuple(budgets), tuple(tight))


# Rules and targets


def _tight_rows(elastic: Elastic) -> Iterator[TightRow]:
    """Yield the rules and targets with little room; an equality has none by its nature and is left out."""
    for side in elastic.sides:
        row = elastic.programme.rows[side.index]
        if not row.kind.stated or not (row.operator.lower or row.operator.upper):
            continue
        try:
            room = elastic.farthest(side)
        except ArithmeticError:
            continue
        size = _size(elastic, row)
        if room <= LITTLE * size:
            yield TightRow(row, room, room / size if size else 0.0)


def _size(elastic: Elastic, row: Row) -> float:
    """Return the row's right side where it is tightened the most: what it asks for, or allows."""
    amounts = elastic.amounts()
    right = sum((float(c) * amounts.get(key, 0.0) for key, c in row.right.terms.items()), float(row.right.constant))
    if row.offset or not (row.right.constant or row.right.terms):  # −5 % on last year: last year's is the size
        left = sum((float(c) * amounts.get(key, 0.0) for key, c in row.left.terms.items()), float(row.left.constant))
        return max(abs(left), abs(right))
    return abs(right)


# Budgets


def _budgets(elastic: Elastic) -> Iterator[BudgetWarning]:
    what_ifs, scenario = WhatIfs(elastic.programme), elastic.programme.scenario
    for source in scenario.sources:
        for year in scenario.years:
            cell = source.available[year]
            if cell <= 0:
                continue
            changed = cache(partial(what_ifs.with_money, source, year))
            try:
                least = _Fall(elastic, changed, cell).least()
                if least is not None:
                    rows = _clash(elastic, changed(max(least - JUST_BELOW * cell, ZERO)))
                    yield BudgetWarning(source.name, year, cell, float(least), float(1 - least / cell), rows)
            except OtherShape:
                continue
            finally:
                elastic.keep(elastic.rows)
                elastic.become(elastic.programme)


class _Fall:
    """The least amount of one Budget cell with which a plan exists.

    Where no plan exists, the multipliers of the contradiction tell how much money would end it, were the rows' bodies
    not to change; so the next amount tried is nearly always the end itself.
    """

    def __init__(self, elastic: Elastic, changed: Callable[[Fraction], Programme], cell: Fraction) -> None:
        self.elastic = elastic
        self.changed = changed
        self.cell = cell

    def least(self) -> Fraction | None:
        """Return it, to `NEAR` of the cell; None where the cell may as well be empty."""
        good, bad = self.cell, LEFT * self.cell
        at_bad = self._contradiction(bad)
        if at_bad is None:
            return None
        for _ in range(_TRIES):
            if good - bad <= NEAR * self.cell:
                break
            amount = self._ending(at_bad, good, bad) or (good + bad) / 2
            found = self._contradiction(amount)
            if found is not None:
                bad, at_bad = amount, found
                continue
            good, below = amount, amount - NEAR * self.cell
            if below > bad:
                found = self._contradiction(below)
                if found is not None:
                    bad, at_bad = below, found
                else:
                    good = below
                    at_bad = {}
        return good

    def _contradiction(self, amount: Fraction) -> dict[Side, float] | None:
        """Return multipliers that contradict each other at an amount; None where a plan exists."""
        programme = self.changed(amount)
        if _broken(programme):
            return {}
        self.elastic.become(programme)
        return None if self.elastic.feasible() else self.elastic.contradiction()

    def _ending(self, multipliers: dict[Side, float], good: Fraction, bad: Fraction) -> Fraction | None:
        """Return the amount, between the two, at which the contradiction ends, on a straight line through both."""
        if not multipliers:
            return None
        at_good, at_bad = (self._sum(multipliers, amount) for amount in (good, bad))
        if not at_good < 0 < at_bad:
            return None
        part = Fraction(at_bad / (at_bad - at_good)).limit_denominator(10**12)
        amount = bad + part * (good - bad)
        return amount if bad + NEAR * self.cell < amount < good - NEAR * self.cell else None

    def _sum(self, multipliers: dict[Side, float], amount: Fraction) -> float:
        rows, scale = self.changed(amount).rows, self.elastic.model.row_scale
        return sum(
            (1 if side.at_least else -1) * weight * float(rows[side.index].bound) / scale[side.index]
            for side, weight in multipliers.items()
        )


def _broken(programme: Programme) -> Row | None:
    """Return a hard row without amounts that doesn't hold."""
    rows = (row for row in programme.rows if row.strength.kind in HARD and not row.left.terms and not row.body.terms)
    return next((row for row in rows if row.slack({}) < 0), None)


def _clash(elastic: Elastic, programme: Programme) -> tuple[Row, ...]:
    """Return the rows of the scenario that clash with the numbers of `programme`."""
    if broken := _broken(programme):
        return (elastic.programme.rows[programme.rows.index(broken)],)
    elastic.become(programme)
    search = Search(elastic, patience=_PATIENCE)
    rows = frozenset(elastic.rows)
    members = search.smallest(rows) if len(rows) <= _FEW else search.roughly(rows)
    return tuple(elastic.programme.rows[index] for index in sorted(members))
