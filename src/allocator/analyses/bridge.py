"""Why two plans differ: the difference split among the edited inputs, so that the parts add up exactly.

The edited rows are the players of a game, whose value for a set of them is the optimum of the one scenario with those
rows as in the other: its objective, and the amount of each area and year. Their Shapley values (see `shapley`) add up
to the difference of the two optima; what rounding to whole steps adds to it is a part of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from allocator.analyses import shapley
from allocator.analyses.messages import Failed
from allocator.analyses.mixture_values import At, Lacking, MixtureValues, Places, digest
from allocator.analyses.progress import Analysing
from allocator.analyses.result import Result
from allocator.analyses.shapley import Game, Split
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.progress import Progress, silent
from allocator.programme.rows import ZERO
from allocator.programme.session import Floats
from allocator.programme.status import Status
from allocator.scenario.cells import fold
from allocator.scenario.differences import RowDifference, differences

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
    if _span(years[0]) != _span(years[1]):
        return OtherPeriods(names, years)
    units = one.scenario.unit, other.scenario.unit
    return OtherUnits(names, units) if fold(units[0]) != fold(units[1]) else None


def _span(years: Sequence[int]) -> tuple[int, int]:
    return years[0], years[-1]


class _Run:
    """One bridge; computed from the scenario whose content comes first, so that both ways give the same parts."""

    def __init__(self, one: Result, other: Result, deadline: Deadline, progress: Progress | None) -> None:
        self.swapped = digest(other.scenario) < digest(one.scenario)
        self.low, self.high = (other, one) if self.swapped else (one, other)
        self.say = progress or silent
        self.rows = tuple(row for row in differences(self.low.scenario, self.high.scenario) if row.counts)
        self.same_kind = str(one.scenario.objective) == str(other.scenario.objective)
        self.places = Places(one.scenario, other.scenario)
        self.values = MixtureValues(self.low.scenario, self.high.scenario, self.rows, self.places, deadline)
        self.game = Game(len(self.rows), self.values.of)

    def bridge(self) -> Bridge:
        split = shapley.split(self.game, _FAMILIES, self._progress)
        whole = [a - b for a, b in zip(self._shown(self.high), self._shown(self.low), strict=True)]
        shares, rest = self._on_grids(split, whole)
        parts = [
            self._part(shapley.players_of(block), share, errors)
            for block, share, errors in zip(split.blocks, shares, split.errors, strict=True)
        ]
        parts.sort(key=_size, reverse=True)
        if any(rest):
            parts.append(self._part((), rest, np.zeros(len(rest))))
        found = Bridge(
            parts=tuple(parts),
            objective=whole[0] if self.same_kind else None,
            amounts=self.places.named(whole, every=True),
            exact=not split.orders,
            orders=split.orders,
            solved=len(self.game.known),
            notes=tuple(self._notes(split)),
        )
        return _turned(found) if self.swapped else found

    def _progress(self, done: int, of: int) -> None:
        self.say(Analysing.SPLITTING, done / of)

    # Figures

    def _shown(self, result: Result) -> list[Fraction]:
        """Return the figures of the plan as it is shown, in the order of the columns."""
        figures = [ZERO] * self.places.width
        if self.same_kind:
            figures[0] = result.objective or ZERO
        for key, amount in result.amounts.items():
            figures[self.places.column(*key.pair)] += amount
        return figures

    def _on_grids(self, split: Split, whole: Sequence[Fraction]) -> tuple[list[list[Fraction]], list[Fraction]]:
        """Return the shares of each block as multiples of each column's grid, and what is left of `whole`.

        What is left and no larger than the noise of arithmetic goes to the block that matters most.
        """
        grids = list(self._grids())
        columns = [
            shapley.on_grid([float(share[column]) for share in split.shares], grid, noise)
            for column, (grid, noise) in enumerate(grids)
        ]
        rest = [all_of_it - sum(column, ZERO) for all_of_it, column in zip(whole, columns, strict=True)]
        found = [[column[block] for column in columns] for block in range(len(split.blocks))]
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
        rows = tuple(self.rows[player] for player in players)
        return Part(
            name=" + ".join(row.name for row in rows) or ROUNDING,
            rows=rows,
            objective=figures[0] if self.same_kind else None,
            objective_error=float(errors[0]),
            amounts=self.places.named(figures),
            amount_error=float(errors[1:].max(initial=0)),
        )

    # Notes

    def _notes(self, split: Split) -> Iterator[Note]:
        if not self.rows:
            yield NoDifference()
        if not self.same_kind:
            one, other = (result.scenario.objective for result in self._as_asked())
            yield UnlikeObjectives(str(one), str(other))
        yield from (self._merged(block) for block in split.blocks if block.bit_count() > 1)
        if split.orders:
            yield self._sampled(split)

    def _as_asked(self) -> tuple[Result, Result]:
        return (self.high, self.low) if self.swapped else (self.low, self.high)

    def _merged(self, block: int) -> CountAsOne:
        """Return why some rows count as one, of the mixtures as the reader sees them."""
        turned = self.game.everyone if self.swapped else 0
        lacking = {players ^ turned: why for players, why in self.values.lacking.items()}
        parting = shapley.smallest_parting(block, lacking)
        alone = parting & block == parting
        named = alone or parting.bit_count() <= _MOST_NAMED
        return CountAsOne(
            self._names(block),
            changed=self._names(parting) if named else (),
            unchanged=self._names(block & ~parting) if named and not alone else (),
            why=lacking[parting],
        )

    def _names(self, players: int) -> tuple[str, ...]:
        return tuple(self.rows[player].name for player in shapley.players_of(players))

    def _sampled(self, split: Split) -> Sampled:
        errors = np.max(split.errors, axis=0)
        return Sampled(
            split.orders,
            len(split.blocks),
            objective_error=float(errors[0]) if self.same_kind else None,
            amount_error=float(errors[1:].max(initial=0)),
            unit=self.low.scenario.unit,
        )


def _turned(found: Bridge) -> Bridge:
    """Return the bridge the other way round."""
    return replace(
        found,
        parts=tuple(
            replace(
                part,
                rows=tuple(row.turned for row in part.rows),
                objective=None if part.objective is None else -part.objective,
                amounts={at: -amount for at, amount in part.amounts.items()},
            )
            for part in found.parts
        ),
        objective=None if found.objective is None else -found.objective,
        amounts={at: -amount for at, amount in found.amounts.items()},
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
