"""Early warning on a scenario that has a plan: how near it is to having none.

How far each budget may fall, with all that follows from its cell, before no plan exists, and which rules clash first
then; and which rules and targets could hardly be tightened. Goals don't count: they can always be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from allocator.analyses.conflict import Search
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline
from allocator.programme.elastic import Elastic, Side
from allocator.programme.numbers import OtherShape
from allocator.programme.rows import HARD, ZERO, Row
from allocator.programme.what_ifs import WhatIfs

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
