"""Why two plans differ: the difference split among the edited inputs, so that the parts add up exactly.

The edited rows are the players of a game, whose value for a set of them is the optimum of the one scenario with those
rows as in the other: its objective, and the amount of each area and year. Their Shapley values (L. S. Shapley, "A
Value for n-Person Games", Contributions to the Theory of Games II, 1953), exact or by sampled orders, add up to the
difference of the two optima; what rounding to whole steps adds to it is a part of its own.

The players of a game are 0, 1, …; a set of them is a mask of bits; the value of a set is a vector, or None where the
set has none. Players whose sets lack a value are merged into blocks, which then are the players.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.analyses.messages import Analysing, Failed
from allocator.analyses.result import Result
from allocator.errors import ScenarioError, SolverError
from allocator.programme.build import build
from allocator.programme.rows import ZERO, Key
from allocator.programme.session import Floats
from allocator.programme.status import Deadline, OutOfTime, Progress, Status, silent
from allocator.programme.what_ifs import Answer, WhatIfs
from allocator.scenario.cells import fold
from allocator.scenario.changes import Mixtures, RowDifference, differences
from allocator.scenario.model import Scenario

# -- shapley values ---------------------------------------------------------------------------------------------------

MOST_EXACT = 8
"""Up to so many players (or blocks of them) all sets are valued."""
MOST_ORDERS = 200
FEWEST_PAIRS = 5
"""Fewer orders with their reverses say nothing of the error."""
ERROR = 0.01
"""Sampling ends where the error is no more than this part of the largest share."""
_SEED = 20260101
_NORMAL = 1.959963985
"""The quantile of the normal distribution that 95 % lie within, both ways."""

_OUTSIDE = 0.05
"""One part in twenty may lie outside."""

type Vector = NDArray[Any]
"""Values of one set: floats, or exact fractions as objects."""
type Say = Callable[[int, int], None]
"""Called with how many sets or orders are done, of how many."""


@dataclass(frozen=True)
class Split:
    """What each block of players adds to the value of all, over the value of none."""

    blocks: tuple[int, ...]
    """Masks, in order of their first players."""
    shares: tuple[Vector, ...]
    """One vector for each block; they add up to the whole difference."""
    errors: tuple[Floats, ...]
    """Within so much of the share the true one lies, with 95 % confidence; zeros where it is exact."""
    orders: int
    """How many were sampled; 0: all sets were valued, the shares are exact."""


class Game:
    """The values of sets of players, each sought once.

    Parameters
    ----------
    count
        How many players there are.
    values
        Yields the vectors of sets, in order, None for one that has none; those of no and of all players must have one.
    """

    def __init__(self, count: int, values: Callable[[Sequence[int]], Iterator[Vector | None]]) -> None:
        self.count = count
        self.everyone = (1 << count) - 1
        self.known: dict[int, Vector | None] = {}
        self._values = values

    def at(self, players: int) -> Vector | None:
        """Return the value of a set."""
        return next(self.each((players,)))

    def each(self, sets: Sequence[int]) -> Iterator[Vector | None]:
        """Yield the values of different sets, in order; those that aren't known are sought together."""
        found = self._values([players for players in sets if players not in self.known])
        for players in sets:
            if players not in self.known:
                self.known[players] = next(found)
            yield self.known[players]

    def vector(self, players: int) -> Vector:
        """Return the value of a set that has one."""
        value = self.at(players)
        if value is None:
            raise ValueError(players)
        return value


def split(game: Game, families: Sequence[slice] = (slice(None),), say: Say | None = None) -> Split:
    """Return the shares of all players: exact for up to `MOST_EXACT` of them, else by sampled orders.

    Parameters
    ----------
    game
        What is split.
    families
        Components of the vectors that are of one unit: sampling goes on until each family's error is small.
    say
        Told how far it is.

    Raises
    ------
    OutOfTime
        As the game's value function; kept back where enough orders were sampled before.
    """
    blocks = [1 << player for player in range(game.count)]
    while len(blocks) > MOST_EXACT:
        try:
            return _sampled(game, blocks, families, say)
        except _NoValue as broken:
            blocks = _merged(blocks, broken.together)
    return _exact(game, blocks, say)


# All sets


def _exact(game: Game, blocks: Sequence[int], say: Say | None) -> Split:
    sets = [union(blocks, chosen) for chosen in range(1 << len(blocks))]
    values = game.each(sets)
    for number in range(len(sets)):
        if say:
            say(number, len(sets))
        next(values)
    lacking = {chosen for chosen, players in enumerate(sets) if game.known[players] is None}
    blocks = [union(blocks, block) for block in finest_partition(len(blocks), lacking)]
    shares = shapley_values(len(blocks), lambda chosen: game.vector(union(blocks, chosen)))
    return Split(tuple(blocks), shares, tuple(np.zeros(len(share)) for share in shares), 0)


def shapley_values(count: int, value: Callable[[int], Vector]) -> tuple[Vector, ...]:
    """Return Σ over the sets S without player i of |S|!·(n − |S| − 1)!/n! · (v(S ∪ i) − v(S)), for each i.

    >>> glove = {0: 0, 1: 0, 2: 0, 3: 0, 4: 0, 5: 6, 6: 6, 7: 6}  # the third player holds the only right glove
    >>> [int(share[0]) for share in shapley_values(3, lambda players: np.array([glove[players]]))]
    [1, 1, 4]
    """
    values = [value(players) for players in range(1 << count)]
    shares = []
    for player in range(count):
        sums = [np.zeros_like(values[0]) for _ in range(count)]
        for players in range(1 << count):
            if not players >> player & 1:
                size = players.bit_count()
                sums[size] = sums[size] + (values[players | 1 << player] - values[players])
        weighted = [math.factorial(n) * math.factorial(count - n - 1) * total for n, total in enumerate(sums)]
        shares.append(np.sum(weighted, axis=0) / math.factorial(count))
    return tuple(shares)


def finest_partition(count: int, lacking: set[int]) -> list[int]:
    """Return the blocks, as masks, of the partition with the most blocks none of whose unions is in `lacking`.

    Among several, that which keeps the earlier players together. The sets of none and of all must not be lacking.
    """
    if not lacking:
        return [1 << player for player in range(count)]
    partitions = sorted(_partitions(count), key=len, reverse=True)
    return next(blocks for blocks in partitions if lacking.isdisjoint(_unions(blocks)))


def _partitions(count: int) -> Iterator[list[int]]:
    if count == 0:
        yield []
        return
    last = 1 << count - 1
    for blocks in _partitions(count - 1):
        for number, block in enumerate(blocks):
            yield [*blocks[:number], block | last, *blocks[number + 1 :]]
        yield [*blocks, last]


def _unions(blocks: Sequence[int]) -> Iterator[int]:
    return (union(blocks, chosen) for chosen in range(1 << len(blocks)))


def union(blocks: Sequence[int], chosen: int) -> int:
    """Return the players in those blocks whose bits are set in `chosen`."""
    return sum(block for number, block in enumerate(blocks) if chosen >> number & 1)


# Sampled orders


class _NoValue(Exception):  # noqa: N818  (never leaves this file)
    """A set met on the way has no value."""

    def __init__(self, together: int) -> None:
        self.together = together
        """The players that must be merged."""


def _sampled(game: Game, blocks: Sequence[int], families: Sequence[slice], say: Say | None) -> Split:
    """Return the shares by sampled orders; raise `_NoValue` where blocks must be merged first."""
    rng = random.Random(_SEED)  # noqa: S311
    pairs: list[Vector] = []
    try:
        while 2 * len(pairs) < MOST_ORDERS:
            if say:
                say(2 * len(pairs), MOST_ORDERS)
            order = rng.sample(range(len(blocks)), len(blocks))
            # an order and its reverse err in opposite directions
            pairs.append(np.mean([_added(game, blocks, each) for each in (order, order[::-1])], axis=0))
            if len(pairs) >= FEWEST_PAIRS and _settled(pairs, families):
                break
    except OutOfTime:
        if len(pairs) < FEWEST_PAIRS:
            raise
    return Split(tuple(blocks), tuple(np.mean(pairs, axis=0)), tuple(_errors(pairs)), 2 * len(pairs))


def _added(game: Game, blocks: Sequence[int], order: Sequence[int]) -> Vector:
    """Return what each block adds when it joins in this order: a row for each."""
    sets = [0]
    for block in order:
        sets.append(sets[-1] | blocks[block])
    for number, players in enumerate(sets):  # one by one: without a value, what is asked next is another set
        if game.at(players) is None:
            joining, *later = (blocks[block] for block in order[number - 1 :])
            raise _NoValue(_needed(game, sets[number - 1], joining, later))
    values = [game.vector(players) for players in sets]
    added = [later - earlier for earlier, later in pairwise(values)]
    return np.array([added[order.index(block)] for block in range(len(blocks))])


def _needed(game: Game, before: int, joining: int, later: Sequence[int]) -> int:
    """Return `joining` with later blocks that give it a value again after `before`: none of them could be left out."""
    needed: list[int] = []
    for block in later:
        needed.append(block)
        if game.at(before | joining | sum(needed)) is not None:
            break
    for block in needed[:-1]:
        fewer = [other for other in needed if other != block]
        if game.at(before | joining | sum(fewer)) is not None:
            needed = fewer
    return joining | sum(needed)


def _merged(blocks: Sequence[int], mask: int) -> list[int]:
    """Return the blocks with those in `mask` made one, in order of their first players."""
    return sorted([mask, *(block for block in blocks if not block & mask)], key=lambda block: block & -block)


def _settled(pairs: Sequence[Vector], families: Sequence[slice]) -> bool:
    shares, errors = np.abs(np.mean(np.array(pairs, dtype=float), axis=0)), _errors(pairs)
    return all(errors[:, part].max(initial=0) <= ERROR * shares[:, part].max(initial=0) for part in families)


def _errors(pairs: Sequence[Vector]) -> Floats:
    """Return for each block and component the half-width of the 95 % confidence interval, from the pairs' spread.

    What shows in few orders may not have been met yet, so that a block's own spread can be 0 by chance. An event not
    seen in n pairs has a probability of at most 1 − 0.05^(1/n), and may move as much as any block moved there.
    """
    met = np.array(pairs, dtype=float)
    seen = met.std(axis=0, ddof=1) * (_student(len(pairs) - 1) / math.sqrt(len(pairs)))
    unseen = (1 - _OUTSIDE ** (1 / len(pairs))) * np.ptp(met, axis=0).max(axis=0)
    errors: Floats = seen + unseen
    return errors


def _student(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t, by its expansion about the normal one (1e-2 at 4 degrees).

    >>> round(_student(9), 2), round(_student(99), 3)
    (2.26, 1.984)
    """
    z = _NORMAL
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


# Onto a grid


def on_grid(shares: Sequence[float], grid: Fraction, noise: float) -> list[Fraction]:
    """Return the shares as whole multiples of `grid` that add up to the multiple nearest to the shares' sum.

    Each is one of the two multiples next to its share: the largest remainders go up. Shares up to `noise` are 0, and
    what is within it of a multiple is that one.

    >>> [str(share) for share in on_grid([1.4, 1.4, 0.2], Fraction(1), 1e-9)]
    ['2', '1', '0']
    """
    units = [0.0 if abs(share) <= noise else share / float(grid) for share in shares]
    near = min(noise / float(grid), 0.25)
    units = [float(round(unit)) if abs(unit - round(unit)) <= near else unit for unit in units]
    floors = [math.floor(unit) for unit in units]
    up = round(math.fsum(units)) - sum(floors)
    # remainders that differ in the last bits are equal: then the earlier one goes up
    by_remainder = sorted(range(len(units)), key=lambda i: -round(units[i] - floors[i], 6))
    for index in by_remainder[:up]:
        floors[index] += 1
    return [number * grid for number in floors]


def players_of(mask: int) -> tuple[int, ...]:
    """Return the players in a mask, in order.

    >>> players_of(0b1101)
    (0, 2, 3)
    """
    return tuple(player for player in range(mask.bit_length()) if mask >> player & 1)


def smallest_parting(block: int, lacking: Mapping[int, object]) -> int:
    """Return the smallest of the sets in `lacking` that part a merged block: with some of its players, but not all."""
    parting = [players for players in lacking if 0 < players & block < block]
    return min(parting, key=lambda players: (players.bit_count(), players))


# -- the game ---------------------------------------------------------------------------------------------------------


class Lacking(Enum):
    """Why a mixture has no value."""

    NO_PLAN = auto()
    UNREADABLE = auto()
    UNANSWERED = auto()
    """The solver found no answer."""


type At = tuple[str, int]
"""(area, year)"""


class Places:
    """Where the figures of a plan stand in a vector: the objective first, then the amount of each area and year.

    Areas of both scenarios, those with parts too: in a mixture one may have lost its parts. Names match as they do in
    workbooks.
    """

    def __init__(self, one: Scenario, other: Scenario) -> None:
        self.same_kind = str(one.objective) == str(other.objective)
        """Whether the two objectives can be compared; else they count as 0."""
        self._leaves = {fold(leaf.name) for scenario in (one, other) for leaf in scenario.leaves}
        self._names: dict[str, str] = {}
        for area in (*one.areas, *other.areas):
            self._names.setdefault(fold(area.name), area.name)
        self._column = {at: number for number, at in enumerate(product(self._names, one.years), start=1)}
        self.width = 1 + len(self._column)

    def figures(self, objective: Any, amounts: Mapping[Key, Any]) -> list[Any]:
        """Return a plan's figures as they stand in a vector."""
        found = [ZERO] * self.width
        if self.same_kind:
            found[0] += objective
        for key, amount in amounts.items():
            found[self._column[fold(key.area), key.year]] += amount
        return found

    def named(self, figures: Sequence[Fraction], *, every: bool = False) -> dict[At, Fraction]:
        """Return the amounts that aren't 0; with `every`, those of all areas without parts."""
        return {
            (self._names[name], year): figures[column]
            for (name, year), column in self._column.items()
            if figures[column] or (every and name in self._leaves)
        }


class MixtureValues:
    """The optimum of each mixture: `low` with some of the rows as in `high`."""

    def __init__(
        self, low: Scenario, high: Scenario, rows: tuple[RowDifference, ...], places: Places, deadline: Deadline
    ) -> None:
        self._places = places
        self._mixtures = Mixtures(low, high, rows)
        self._what_ifs = WhatIfs(build(low), deadline, goals_met=True)
        self.lacking: dict[int, Lacking] = {}
        """The sets of rows that have no value, and why."""

    def of(self, sets: Sequence[int]) -> Iterator[Vector | None]:
        """Yield for each set of rows the optimum of the first scenario with these as in the second; None: it has none.

        What is asked for together is answered one from the other.
        """
        answers = self._what_ifs.solve_many(self._mixtures.mixture(players_of(players)) for players in sets)
        return (self._value(players, answers) for players in sets)

    def _value(self, players: int, answers: Iterator[Answer | None]) -> Vector | None:
        try:
            answer = next(answers)
            if answer is not None:
                return np.array(self._places.figures(answer.objective, answer.chosen()), dtype=float)
            self.lacking[players] = Lacking.NO_PLAN
        except ScenarioError:
            self.lacking[players] = Lacking.UNREADABLE
        except SolverError:
            self.lacking[players] = Lacking.UNANSWERED
        return None


def digest(scenario: Scenario) -> bytes:
    """Return a digest of the inputs' content."""
    content = [(sheet.name, sheet.rows, sorted(sheet.percent)) for sheet in scenario.inputs]
    return hashlib.sha256(repr(content).encode()).digest()


# -- the bridge -------------------------------------------------------------------------------------------------------

ROUNDING = ""
"""The name of the part that rounding the plans adds."""
_OBJECTIVE_GRID, _AMOUNT_GRID = -9, -7
"""Powers of ten: parts are told to so much of the largest value; amounts only where they are not in whole steps."""
_OBJECTIVE_NOISE, _AMOUNT_NOISE = 1e-8, 1e-7
"""What is smaller, as a part of the largest value, may be the solver's arithmetic: it counts as nothing."""
_FAMILIES = (slice(0, 1), slice(1, None))
"""Of a value's components: the objective, and the amounts."""
_MOST_NAMED = 3
"""A note names no more inputs that were changed."""


@dataclass(frozen=True)
class WithoutPlan:
    """One has no plan: none exists, or none was found."""

    name: str
    none_exists: bool


@dataclass(frozen=True)
class OtherPeriods:
    """The two are for other years."""

    names: tuple[str, str]
    years: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class OtherUnits:
    """The two count in other units."""

    names: tuple[str, str]
    units: tuple[str, str]


@dataclass(frozen=True)
class NotFoundAgain:
    """The plan of one could not be found again."""

    name: str


@dataclass(frozen=True)
class TooFewMixtures:
    """The time limit came after so many mixtures."""

    count: int


type NoBridge = WithoutPlan | OtherPeriods | OtherUnits | NotFoundAgain | TooFewMixtures | Failed
"""Why a difference is not split."""


@dataclass(frozen=True)
class NoDifference:
    """The two differ in no input that a plan depends on."""


@dataclass(frozen=True)
class UnlikeObjectives:
    """The two seek different things, so that the difference of their objectives means nothing."""

    one: str
    other: str


@dataclass(frozen=True)
class CountAsOne:
    """Inputs that count as one, since a mixture with some of them has no value.

    The mixture has those that are `changed`, and not those that are `unchanged`; both are empty where it is larger
    than can be named.
    """

    names: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    why: Lacking


@dataclass(frozen=True)
class Sampled:
    """The parts were sampled: each lies within these errors with 95 % confidence."""

    orders: int
    changes: int
    objective_error: float | None
    """None where the two objectives are not of one kind."""
    amount_error: float
    unit: str


type Note = NoDifference | UnlikeObjectives | CountAsOne | Sampled
"""What there is to know of a split."""


@dataclass(frozen=True)
class Part:
    """What one edited row, or several that count as one, adds to the difference."""

    name: str
    """Of its rows, joined by ``+``; `ROUNDING` for what rounding the plans adds."""
    rows: tuple[RowDifference, ...]
    objective: Fraction | None
    """None where the two objectives are not of one kind."""
    objective_error: float
    """The true part lies within so much of it, with 95 % confidence; 0 where it is exact."""
    amounts: Mapping[At, Fraction]
    """(area without parts, year) → what it adds there; zeros are left out."""
    amount_error: float
    """As `objective_error`: the largest among the amounts."""


@dataclass(frozen=True)
class Bridge:
    """The way from one plan to another, in parts that add up exactly."""

    parts: tuple[Part, ...]
    """The largest first, rounding last."""
    objective: Fraction | None
    """The whole difference, other − one; None where the two objectives are not of one kind."""
    amounts: Mapping[At, Fraction]
    """The whole differences, for each area without parts of either scenario and each year."""
    exact: bool
    """Whether all mixtures were solved; otherwise the parts were sampled, with errors."""
    orders: int
    """How many orders were sampled; 0 where it is exact."""
    solved: int
    """How many mixtures were solved."""
    notes: tuple[Note, ...]
    """Which inputs count as one and why, how far a sample can be trusted, …"""


def bridge(
    one: Result,
    other: Result,
    *,
    deadline: Deadline | None = None,
    progress: Progress | None = None,
    names: tuple[str, str],
) -> Bridge | NoBridge:
    """Split the difference of two plans, ``other`` − ``one``, among the inputs in which their scenarios differ.

    The other way round gives the same parts with the opposite signs.

    Parameters
    ----------
    one, other
        Two planned scenarios; amounts are compared in their unit.
    deadline
        When to stop; enough sampled orders are used, otherwise there is no bridge.
    progress
        Told the part of the mixtures (or orders) that are done.
    names
        What to call the two scenarios.

    Returns
    -------
    Bridge or NoBridge
        The bridge, or why there is none.
    """
    reason = _no_bridge(one, other, names)
    if reason:
        return reason
    run = _Run(one, other, deadline or Deadline(None), progress)
    try:
        for result, players in ((run.low, 0), (run.high, run.game.everyone)):
            if run.game.at(players) is None:
                return NotFoundAgain(names[0] if result is one else names[1])
        return run.bridge()
    except OutOfTime:
        return TooFewMixtures(len(run.game.known))


def _no_bridge(one: Result, other: Result, names: tuple[str, str]) -> NoBridge | None:
    """Return why the two can't be compared part by part; None where they can."""
    for result, name in zip((one, other), names, strict=True):
        if result.objective is None:
            return WithoutPlan(name, none_exists=result.status is Status.INFEASIBLE)
    years = one.scenario.years, other.scenario.years
    if (years[0][0], years[0][-1]) != (years[1][0], years[1][-1]):
        return OtherPeriods(names, years)
    units = one.scenario.unit, other.scenario.unit
    return OtherUnits(names, units) if fold(units[0]) != fold(units[1]) else None


class _Run:
    """One bridge; computed from the scenario whose content comes first, so that both ways give the same parts."""

    def __init__(self, one: Result, other: Result, deadline: Deadline, progress: Progress | None) -> None:
        self.swapped = digest(other.scenario) < digest(one.scenario)
        self.low, self.high = (other, one) if self.swapped else (one, other)
        self.say = progress or silent
        self.rows = tuple(row for row in differences(self.low.scenario, self.high.scenario) if row.counts)
        self.places = Places(one.scenario, other.scenario)
        self.same_kind = self.places.same_kind
        self.objectives = str(one.scenario.objective), str(other.scenario.objective)
        self.values = MixtureValues(self.low.scenario, self.high.scenario, self.rows, self.places, deadline)
        self.game = Game(len(self.rows), self.values.of)

    def bridge(self) -> Bridge:
        shared = split(self.game, _FAMILIES, self._progress)
        low, high = (self.places.figures(result.objective, result.amounts) for result in (self.low, self.high))
        whole = [a - b for a, b in zip(high, low, strict=True)]
        shares, rest = self._on_grids(shared, whole)
        parts = [
            self._part(players_of(block), share, errors)
            for block, share, errors in zip(shared.blocks, shares, shared.errors, strict=True)
        ]
        parts.sort(key=_size, reverse=True)
        if any(rest):
            parts.append(self._part((), rest, np.zeros(len(rest))))
        return Bridge(
            parts=tuple(parts),
            objective=self._turned(whole)[0] if self.same_kind else None,
            amounts=self.places.named(self._turned(whole), every=True),
            exact=not shared.orders,
            orders=shared.orders,
            solved=len(self.game.known),
            notes=tuple(self._notes(shared)),
        )

    def _turned(self, figures: Sequence[Fraction]) -> list[Fraction]:
        """Return figures as those of the way that was asked for."""
        return [-figure for figure in figures] if self.swapped else list(figures)

    def _progress(self, done: int, of: int) -> None:
        self.say(Analysing.SPLITTING, done / of)

    # Figures

    def _on_grids(self, shared: Split, whole: Sequence[Fraction]) -> tuple[list[list[Fraction]], list[Fraction]]:
        """Return the shares of each block as multiples of each column's grid, and what is left of `whole`.

        What is left and no larger than the noise of arithmetic goes to the block that matters most.
        """
        grids = list(self._grids())
        columns = [
            on_grid([float(share[column]) for share in shared.shares], grid, noise)
            for column, (grid, noise) in enumerate(grids)
        ]
        rest = [all_of_it - sum(column, ZERO) for all_of_it, column in zip(whole, columns, strict=True)]
        found = [[column[block] for column in columns] for block in range(len(shared.blocks))]
        by_size = sorted((figures for figures in found if any(figures)), key=lambda f: [*map(abs, f)], reverse=True)
        for column, (_, noise) in enumerate(grids):
            if by_size and abs(rest[column]) <= noise:
                heir = max(by_size, key=lambda figures: abs(figures[column]))
                heir[column] += rest[column]
                rest[column] = ZERO
        return found, rest

    def _grids(self) -> Iterator[tuple[Fraction, float]]:
        """Yield for each column what its parts are multiples of, and what counts as nothing."""
        largest = np.max([np.abs(value) for value in self.game.known.values() if value is not None], axis=0)
        objective, amount = float(largest[0]), float(largest[1:].max(initial=0))
        yield _power(objective, _OBJECTIVE_GRID), _OBJECTIVE_NOISE * objective
        steps = (self.low.step, self.high.step)
        grid = _common(*steps) if all(steps) else _power(amount, _AMOUNT_GRID)
        yield from [(grid, _AMOUNT_NOISE * amount)] * (self.places.width - 1)

    def _part(self, players: Sequence[int], figures: Sequence[Fraction], errors: Floats) -> Part:
        """Return the part of some players; without any, that of rounding."""
        figures = self._turned(figures)
        rows = tuple(self.rows[player].turned if self.swapped else self.rows[player] for player in players)
        return Part(
            name=" + ".join(row.name for row in rows) or ROUNDING,
            rows=rows,
            objective=figures[0] if self.same_kind else None,
            objective_error=float(errors[0]),
            amounts=self.places.named(figures),
            amount_error=float(errors[1:].max(initial=0)),
        )

    # Notes

    def _notes(self, shared: Split) -> Iterator[Note]:
        if not self.rows:
            yield NoDifference()
        if not self.same_kind:
            yield UnlikeObjectives(*self.objectives)
        yield from (self._merged(block) for block in shared.blocks if block.bit_count() > 1)
        if shared.orders:
            yield self._sampled(shared)

    def _merged(self, block: int) -> CountAsOne:
        """Return why some rows count as one, of the mixtures as the reader sees them."""
        turned = self.game.everyone if self.swapped else 0
        lacking = {players ^ turned: why for players, why in self.values.lacking.items()}
        parting = smallest_parting(block, lacking)
        alone = parting & block == parting
        named = alone or parting.bit_count() <= _MOST_NAMED
        return CountAsOne(
            self._names(block),
            changed=self._names(parting) if named else (),
            unchanged=self._names(block & ~parting) if named and not alone else (),
            why=lacking[parting],
        )

    def _names(self, players: int) -> tuple[str, ...]:
        return tuple(self.rows[player].name for player in players_of(players))

    def _sampled(self, shared: Split) -> Sampled:
        errors = np.max(shared.errors, axis=0)
        return Sampled(
            shared.orders,
            len(shared.blocks),
            objective_error=float(errors[0]) if self.same_kind else None,
            amount_error=float(errors[1:].max(initial=0)),
            unit=self.low.scenario.unit,
        )


def _size(part: Part) -> Fraction:
    """Return what parts are ordered by: the objective's, or else all money that it moves."""
    return sum(map(abs, part.amounts.values()), ZERO) if part.objective is None else abs(part.objective)


def _power(size: float, exponent: int) -> Fraction:
    """Return a power of ten: that of `size` (of 1 for 0), times ten to `exponent`."""
    return Fraction(10) ** (math.floor(math.log10(size or 1.0)) + exponent)


def _common(one: Fraction, other: Fraction) -> Fraction:
    """Return the largest step that both are whole multiples of."""
    return Fraction(math.gcd(one.numerator * other.denominator, other.numerator * one.denominator)) / (
        one.denominator * other.denominator
    )
