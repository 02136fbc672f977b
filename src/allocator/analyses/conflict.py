"""Why no plan exists: the few rows that can't stand together, and the arithmetic that shows it.

A conflict is an irreducible infeasible set of rows: it has no plan by itself, and has one as soon as any member is
left out (amounts are ≥ 0 throughout). It is found by leaving out row after row (deletion filter) on the rows that a
dual ray names (J. W. Chinneck, Feasibility and Infeasibility in Optimization, 2008, chapter 6). By the lemma of Farkas
its members then have multipliers by which they contradict each other; these are found in exact fractions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from allocator.analyses.messages import LOST
from allocator.programme.build import Programme
from allocator.programme.elastic import Elastic
from allocator.programme.rows import ZERO, Row
from allocator.programme.status import Deadline, OutOfTime
from allocator.scenario.model import Cell, Scenario

# -- the nouns --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Member:
    """One row of a conflict."""

    row: Row
    weight: Fraction
    """By what it is multiplied, above 0, so that the members' sum contradicts itself; 1 for the row in whose unit the
    sum is."""
    at_least: bool = True
    """Whether it counts for what it asks for at least, or for what it allows at most; an ``=`` can be either."""

    @property
    def plain(self) -> bool:
        """Whether it is about a sum of money, counted once."""
        return self.row.kind.money and self.weight == 1 and all(c == 1 for c in self.row.body.terms.values())


@dataclass(frozen=True)
class OutOfReach:
    """A target that an indicator can't be brought to."""

    target: Row
    at_least: bool
    wanted: Fraction
    """The target in its own unit, a strict one's margin included."""
    best: Fraction
    """How far it can be brought."""
    others: tuple[Row, ...]
    """What leaves it there; none: no money moves it."""
    only_money: bool
    """Whether those are budgets alone."""
    cumulative: bool
    """Whether the indicator counts what earlier years did."""


@dataclass(frozen=True)
class KeptByNone:
    """A row that no plan keeps by itself."""

    row: Row
    at_least: bool
    short: Fraction
    """By how much it is missed at least, in its unit."""


@dataclass(frozen=True)
class TooLittleMoney:
    """Sums of money that are asked for, and sums of money that can be had, each counted once."""

    asking: tuple[Row, ...]
    allowing: tuple[Row, ...]
    asked: Fraction
    available: Fraction
    unit: str


@dataclass(frozen=True)
class Contradiction:
    """Any rows: the amounts on their left sides cancel, or can only make it worse."""

    asking: tuple[Row, ...]
    allowing: tuple[Row, ...]
    asked: Fraction
    available: Fraction
    unit: str
    weighed: bool
    """Whether some count other than once."""


type Clash = OutOfReach | KeptByNone | TooLittleMoney | Contradiction
"""The arithmetic that shows why rows can't stand together."""


@dataclass(frozen=True)
class Conflict:
    """A few rows that can't stand together; leave out any one of them and the others can."""

    members: tuple[Member, ...]
    clash: Clash
    """The arithmetic that shows it."""
    short_by: Fraction
    """By how much what is asked for exceeds what is there, in `unit`: by so much the row of weight 1 that the clash
    is about (an indicator's target, else what asks for money) must give way at least, if no other member does."""
    unit: str
    asked: Fraction = Fraction(0)
    """Σ weight · bound of the members that ask for at least so much, in `unit`; `asked − available = short_by`."""
    available: Fraction = Fraction(0)
    """Σ weight · bound of the members that allow at most so much: all that there can be."""
    headline: Clash | None = None
    """The same arithmetic of all rows that clash there, not of the fewest: what must be made good in all."""


# -- the arithmetic ---------------------------------------------------------------------------------------------------


def _clash(scenario: Scenario, members: Sequence[Member], about: Row, asked: Fraction, available: Fraction) -> Clash:
    """Return how members clash whose multipliers are such that the row `about` has weight 1."""
    asking, allowing = (tuple(m.row for m in members if m.at_least is at_least) for at_least in (True, False))
    first = next(member for member in members if member.row is about)
    if about.kind.outcome and first.weight:
        return _out_of_reach(scenario, first, members, asked - available)
    if len(members) == 1:
        return KeptByNone(about, first.at_least, asked - available)
    if all(m.plain and m.row.bound >= 0 for m in members) and asked > 0 and available >= 0:
        return TooLittleMoney(asking, allowing, asked, available, scenario.unit)
    weighed = any(member.weight != 1 for member in members)
    return Contradiction(asking, allowing, asked, available, about.unit, weighed)


def _out_of_reach(scenario: Scenario, target: Member, members: Sequence[Member], short: Fraction) -> OutOfReach:
    """Return how far the indicator can be brought by what the other members leave."""
    row = target.row
    wanted = row.bound + row.left.constant  # the target, a strict one's margin included
    others = [member for member in members if member is not target]
    return OutOfReach(
        row,
        target.at_least,
        wanted=wanted,
        best=wanted - (1 if target.at_least else -1) * short / target.weight,
        others=tuple(member.row for member in others),
        only_money=all(member.row.kind.supply and not member.at_least for member in others),
        cumulative=not next(i.yearly for i in scenario.indicators if i.name == row.indicator),
    )


# -- the search -------------------------------------------------------------------------------------------------------

MOST = 10
"""Conflicts that are shown at most."""
PATIENCE = 150
"""After so many questions to the solver the search for a smaller conflict ends."""
ENOUGH = 3000
"""After so many questions for all conflicts no further one is sought."""
LARGE = 5000
"""Among more rows than these the first conflict that comes up is nearly as good as any: a question takes seconds."""
_HASTE = 10
_SMALL = 2
"""A conflict of so few rows isn't searched for a smaller one: single rows are found before."""
_MANY = 60
"""Of so many rows that clash one order of leaving out is enough."""
_FILTERED = 4
"""So many sets of rows that clash, the smallest, are searched for a conflict."""
_DRAWS = 12
"""How often rows are weighed at random to come upon other conflicts."""
_DECADES = 3.0
"""How far apart those weights are, in powers of ten."""


def conflicts(
    programme: Programme,
    deadline: Deadline | None = None,
    most: int = MOST,
    shared: Callable[[Row], bool] = lambda _: False,
) -> tuple[Conflict, ...]:
    """Return conflicts of a programme: irreducible infeasible sets that share no row, with the arithmetic of each.

    Leaving out all their rows makes a plan possible where fewer than `most` are returned; but where the deadline
    comes, the solver stops without an answer, or conflicts of thousands of rows have taken `ENOUGH` questions, those
    found until then are all.

    Parameters
    ----------
    programme
        Its rows that must be kept are looked at; goals never stand in the way of a plan.
    deadline
        When to stop looking; None: no limit.
    most
        So many are looked for.
    shared
        Whether several conflicts may have a row all the same.

    Returns
    -------
    tuple of Conflict
        Small ones without `law` first, of these the worst first; empty where a plan exists. Figures are exact.
    """
    elastic = Elastic(programme, deadline)
    hopeless = [index for index in elastic.rows if _hopeless(programme.rows[index])]
    left = [index for index in elastic.rows if not _hopeless(programme.rows[index])]
    alone = (*elastic.model.impossible, *(programme.rows[index] for index in hopeless))
    found = [_alone(programme, row) for row in alone[:most]]
    asked = 0
    # that no plan exists is known however the search ends
    with suppress(OutOfTime, *LOST):
        while len(found) < most and asked < ENOUGH:
            search = Search(elastic, PATIENCE // 3 if found else PATIENCE)
            members = search.smallest(left)
            if not members:
                break
            asked += search.asked
            told = shown(elastic, members)
            if told is None:  # what was cut short by the deadline alone is no conflict of its own
                break
            found.append(told)
            own = {index for index in members if not shared(programme.rows[index])} or members
            left = [index for index in left if index not in own]
    with suppress(OutOfTime):
        found = found or list(_whatever(elastic, left))
    return tuple(sorted(found, key=lambda conflict: (_with_law(conflict), len(conflict.members), -_lack(conflict))))


def _whatever(elastic: Elastic, rows: Iterable[int]) -> Iterator[Conflict]:
    """Yield the rows that exact multipliers name, where the search for fewer came to nothing; none: a plan exists."""
    elastic.keep(rows)
    if elastic.feasible(exactly=True):
        return
    members = {side.index for side in elastic.contradiction()}
    told = (shown(elastic, members, about) for about in sorted(members))
    yield from islice(filter(None, told), 1)


def named(elastic: Elastic) -> Conflict:
    """Return the contradiction by which exact arithmetic has just refused rows: true, if of more rows than it needs."""
    programme, weights = elastic.programme, elastic.exact_multipliers()
    about = min(weights, key=lambda side: (_about(programme.rows[side[0]]), side))
    members = tuple(
        Member(programme.rows[index], weight / weights[about], at_least)
        for (index, at_least), weight in sorted(weights.items())
    )
    return _conflict(programme, members, programme.rows[about[0]])


def _lack(conflict: Conflict) -> Fraction:
    """Return what a conflict lacks as a part of what it asks for: of a rule's years the worst is told first."""
    return conflict.short_by / max(abs(conflict.asked), abs(conflict.available)) if conflict.asked else ZERO


def _with_law(conflict: Conflict) -> bool:
    return any(member.row.strength.kind == "law" for member in conflict.members)


def _hopeless(row: Row) -> bool:
    """Whether no amounts ≥ 0 keep the row, whatever else is asked."""
    return any(sign * row.bound > 0 and all(sign * c <= 0 for c in row.body.terms.values()) for sign in _signs_of(row))


def _signs_of(row: Row) -> tuple[int, ...]:
    return (1,) if row.operator.lower else (-1,) if row.operator.upper else (1, -1)


class Search:
    """Looks for a small conflict among rows, as they stand in an `Elastic` at present."""

    def __init__(self, elastic: Elastic, patience: int = PATIENCE) -> None:
        self.elastic = elastic
        self.patience = patience if len(elastic.rows) <= LARGE else patience // _HASTE
        self.rows = elastic.programme.rows
        self.asked = 0
        self._exactly = True
        """Whether each question is decided in fractions, or the solver's word is enough on the way."""

    def smallest(self, rows: Iterable[int]) -> frozenset[int]:
        """Return the smallest conflict found among `rows`, without `law` rows where there is one; empty: none.

        That there is one, and that it is, is decided in fractions; on the way floating-point numbers tell, if they see
        the clash at all, since they are many times as fast.
        """
        among = frozenset(rows)
        if self.clash(among) is None:
            return frozenset()
        city = frozenset(index for index in among if not self._law(index))
        if city != among and self.clash(city) is not None:
            among = city
        members = self.roughly(among)
        return self.irreducible(members) if members and self.clash(members) is not None else self._found(among)

    def roughly(self, among: frozenset[int]) -> frozenset[int]:
        """Return what floating-point numbers find; none where they see no clash, or have no answer."""
        self._exactly = False
        try:
            return frozenset() if self.clash(among) is None else self._found(among)
        except LOST:
            return frozenset()
        finally:
            self._exactly = True

    def _found(self, among: frozenset[int]) -> frozenset[int]:
        """Return the smallest conflict found among rows that clash."""
        best: frozenset[int] = frozenset()
        for support in sorted(self._supports(among), key=self._rank)[:_FILTERED]:
            if best and (len(best) <= _SMALL or self.asked > self.patience):
                break
            for order in self._orders()[: 1 if len(support) > _MANY else None]:
                members = self.irreducible(support, order)
                if not best or self._rank(members) < self._rank(best):
                    best = members
        return self._without_each(among, best)

    def clash(self, rows: frozenset[int]) -> frozenset[int] | None:
        """Return rows among `rows` that can't stand together; None where all of them can."""
        self.asked += 1
        self.elastic.keep(rows)
        if self.elastic.feasible(exactly=self._exactly):
            return None
        named = frozenset(side.index for side in self.elastic.contradiction())
        return named if named and named <= rows else rows

    def irreducible(self, rows: frozenset[int], order: Callable[[int], object] | None = None) -> frozenset[int]:
        """Return a conflict among `rows`, which are known to clash; rows that come first in `order` are left out."""
        order = order or self._orders()[0]
        for trusting in (True, False):
            members = rows
            for index in sorted(rows, key=order):  # type: ignore[arg-type]
                if index in members and (smaller := self.clash(members - {index})) is not None:
                    members = smaller if trusting else members - {index}
            # a ray's rows may lack one whose multiplier is too small to be told from 0
            if self.clash(members) is not None:
                return members
        return rows

    def _without_each(self, among: frozenset[int], best: frozenset[int]) -> frozenset[int]:
        """Return a smaller conflict that does without one member of the best, where there is one; else the best."""
        tried: set[int] = set()
        while len(best) > _SMALL and self.asked < self.patience:
            index = next((i for i in sorted(best, key=lambda i: (not self._law(i), i)) if i not in tried), None)
            if index is None:
                break
            tried.add(index)
            support = self.clash(among - {index})
            if support is not None:
                members = self.irreducible(support)
                best = min(best, members, key=self._rank)
        return best

    def _supports(self, among: frozenset[int]) -> set[frozenset[int]]:
        """Return sets of rows that clash, as different as can be; no more once there is one of the smallest size."""
        found: set[frozenset[int]] = set()
        for part in self._parts(among):
            support = self.clash(part)
            if support is not None:
                found.add(support)
                if len(support) <= _SMALL:
                    break
        return found

    def _parts(self, among: frozenset[int]) -> Iterator[frozenset[int]]:
        """Yield sets of rows to look among: single years first, whose conflicts are the easiest to follow."""
        if len(among) > LARGE:
            yield among
            return
        years = sorted({year for index in among if (year := self.rows[index].year) is not None})
        for year in years if len(years) > 1 else ():
            yield frozenset(index for index in among if self.rows[index].year == year)
        yield among
        # rows of large weight are those to do without: different weights lead to different conflicts
        chance = random.Random(0)  # noqa: S311
        for _ in range(_DRAWS):
            self.elastic.keep(among)
            weights = {index: 10 ** chance.uniform(0, _DECADES) for index in sorted(among)}
            named: frozenset[int] = frozenset()
            with suppress(*LOST):
                named = frozenset(side.index for side in self.elastic.least_violation(weights)[1])
            yield named or among

    def _law(self, index: int) -> bool:
        return self.rows[index].strength.kind == "law"

    def _orders(self) -> tuple[Callable[[int], object], ...]:
        """Return orders of leaving out: `law` first; then later rows first, or rows of much money first."""
        return (
            lambda index: (not self._law(index), -index),
            lambda index: (not self._law(index), -len(self.rows[index].left.terms), index),
        )

    def _rank(self, members: frozenset[int]) -> tuple[int, int, list[int]]:
        return len(members), sum(map(self._law, members)), sorted(members)


# The contradiction


def whole(programme: Programme, conflict: Conflict, cells: Sequence[Cell], deadline: Deadline) -> Conflict:
    """Return all that clashes with what a conflict is about, so that its figure is what must be made good in all.

    A conflict is as few rows as can't stand together; more may ask for the same money, in other years for more of it.
    The figure is that of the cell that a repair changes (`cells`), or where it changes several that of a budget. As it
    was where nothing lacks more, where it is about an indicator, or where the solver loses its way.
    """
    if any(member.row.kind.outcome for member in conflict.members):
        return conflict
    elastic = Elastic(programme, deadline)
    names = {member.row.name for member in conflict.members if member.row.kind.supply}
    budgets = [i for i in elastic.rows if programme.rows[i].name in names]
    moved = [i for i in elastic.rows if programme.rows[i].cell == cells[0]] if len(cells) == 1 else []
    found = [conflict]
    for rows in (moved, budgets):
        for about in rows:
            with suppress(*LOST):
                told = shown(elastic, [i for i in elastic.rows if i == about or i not in rows], about)
                found += [told] if told is not None and told.unit == conflict.unit else []
        if len(found) > 1:
            break
    return max(found, key=lambda told: told.short_by)


def shown(elastic: Elastic, indices: Iterable[int], about: int | None = None) -> Conflict | None:
    """Return a conflict's rows with their multipliers and arithmetic; `about` is the row that it is told of.

    The multipliers are those by which the row that it is told of misses its bound by the most, its own
    being 1: by `short_by` it must give way at least if no other member does. None where it has no part in any.
    """
    programme = elastic.programme
    indices = sorted(indices)
    if about is None:
        about = min(indices, key=lambda index: (_about(programme.rows[index]), index))
    elastic.keep(indices)
    weights = elastic.exact_contradiction(about) or {}
    of_row = {side.index: (weight, side.at_least) for side, weight in weights.items()}
    if about not in of_row:
        return None
    members = tuple(Member(programme.rows[index], *of_row[index]) for index in indices if index in of_row)
    return _conflict(programme, members, programme.rows[about])


def _about(row: Row) -> int:
    """Return how well a conflict is told of a row, the best being 0: an outcome, else what is asked for."""
    if row.kind.outcome:
        return 0 if row.operator.lower else 1
    if row.operator.lower:
        return 3 if row.kind.of_area else 2
    return 5 if row.kind.supply else 4


def _alone(programme: Programme, row: Row) -> Conflict:
    """Return the conflict of a row that no plan keeps."""
    at_least = row.operator.lower or (not row.operator.upper and row.bound > 0)
    return _conflict(programme, (Member(row, Fraction(1), at_least),), row)


def _conflict(programme: Programme, members: tuple[Member, ...], about: Row) -> Conflict:
    asked, available = (
        sum((m.weight * m.row.bound for m in members if m.at_least is at_least), ZERO) for at_least in (True, False)
    )
    clash = _clash(programme.scenario, members, about, asked, available)
    return Conflict(members, clash, asked - available, about.unit, asked, available)
