"""A difference split among its causes so that the parts add up: Shapley values, exact and by sampled orders.

The causes are players 0, 1, … of a game; a set of them is a mask of bits; the value of a set is a vector, or None
where the set has none. Players whose sets lack a value are merged into blocks, which then are the players. After
L. S. Shapley, "A Value for n-Person Games" (Contributions to the Theory of Games II, 1953).
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.programme.deadline import OutOfTime
from allocator.programme.session import Floats

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
