"""Amounts by area and year, divided among the sources that may pay for them so that as little as possible is broken.

A draft says what an area is to get, not from where. The split is chosen in its favour: by a linear programme in which
the given sums stand and every demand may give way, the sum of what they give way by, each as a part of its size, being
least; then the split nearest to what the sources make available; then whole steps that keep what was kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.constraints import RuleConstraint
from allocator.programme.matrix import MONEY, ends_at, power_of_ten
from allocator.programme.optimum import Engine
from allocator.programme.rows import ZERO, Key, Linear, Piece, Row, keys_of
from allocator.programme.session import Arrays, RowNumbers, Session
from allocator.programme.status import Deadline
from allocator.programme.whole import round_plan
from allocator.scenario.model import Cell, Operator, Origin, Scenario, Strength

FINER = 6
"""How often Step is divided by 10 for sums that are typed finer than it."""
MOST = 2_000
"""With more amounts to choose the search would take longer than it is worth: they are divided in proportion."""
KEPT = 1e-7
"""A demand that gives way by less than this part of its size is kept: far above the solver's tolerance."""


@dataclass(frozen=True)
class AreaSum:
    """A sum for an area (without parts) in one year, and the sources that may pay it."""

    area: str
    year: int
    sources: tuple[str, ...]
    amount: Fraction

    @property
    def keys(self) -> tuple[Key, ...]:
        """The amounts that it is divided into."""
        return tuple(keys_of((self.area,), (self.year,), self.sources))


@dataclass(frozen=True)
class Divided:
    """The amounts, and how they were found."""

    amounts: Mapping[Key, Fraction]
    step: Fraction
    """What they are multiples of; 0 where they are not rounded."""
    chosen: bool
    """Whether any sum had several sources to choose from."""
    sought: bool = True
    """Whether the split that breaks the least was looked for: not where there are very many amounts."""


def divided(programme: Programme, sums: Sequence[AreaSum], step: Fraction) -> Divided:
    """Divide each sum among its sources, in whole steps (finer ones where a sum is no multiple of it); 0: no steps.

    Sums without sources are left out. No amount may belong to two sums.
    """
    unit = _unit(sums, step)
    scenario = programme.scenario
    amounts = {key: part for given in sums if given.sources for key, part in _in_proportion(scenario, given, unit)}
    free = [given for given in sums if len(given.sources) > 1 and given.amount]
    if not free:
        return Divided(amounts, unit, chosen=False)
    if sum(len(given.sources) for given in free) > MOST:
        return Divided(amounts, unit, chosen=True, sought=False)
    split = _Split(programme, free, amounts, unit)
    return Divided({**amounts, **split.best()}, unit, chosen=True)


def _unit(sums: Sequence[AreaSum], step: Fraction) -> Fraction:
    """Return the largest of Step, Step/10, … that all sums are multiples of; 0 where none is."""
    units = (step / 10**finer for finer in range(FINER + 1)) if step else ()
    return next((unit for unit in units if all((given.amount / unit).denominator == 1 for given in sums)), ZERO)


def _in_proportion(scenario: Scenario, given: AreaSum, unit: Fraction) -> Iterator[tuple[Key, Fraction]]:
    """Yield a sum divided as its sources' money of that year stands to each other; equally where there is none."""
    money = [scenario.source[source].available[given.year] for source in given.sources]
    weights = money if any(money) else [Fraction(1)] * len(money)
    parts = in_units([given.amount * weight / sum(weights) for weight in weights], given.amount, unit)
    return zip(given.keys, parts, strict=True)


def in_units(parts: Sequence[Fraction], total: Fraction, unit: Fraction) -> list[Fraction]:
    """Return `parts`, which add up to `total`, in whole units that add up to it, by the largest remainders; 0: as is.

    >>> [int(part) for part in in_units([Fraction(10, 3)] * 3, Fraction(10), Fraction(1))]
    [4, 3, 3]
    """
    if not unit:
        return list(parts)
    whole = [math.floor(part / unit) for part in parts]
    left = math.floor(total / unit) - sum(whole)
    order = sorted(range(len(parts)), key=lambda n: (whole[n] - parts[n] / unit, n))
    for n in order[:left]:
        whole[n] += 1
    return [number * unit for number in whole]


class _Split:
    """The search for the split of the sums that have several sources, all other amounts standing."""

    def __init__(
        self, programme: Programme, sums: Sequence[AreaSum], amounts: Mapping[Key, Fraction], unit: Fraction
    ) -> None:
        self.programme, self.sums, self.unit = programme, sums, unit
        self.keys = tuple(key for given in sums for key in given.keys)
        self.column = {key: number for number, key in enumerate(self.keys)}
        self.sum_of = {key: given for given in sums for key in given.keys}
        self.even = {key: amounts[key] for key in self.keys}
        standing = {key: amount for key, amount in amounts.items() if key not in self.column}
        self.rows = [self._reduced(row, standing) for row in programme.rows if self._hangs_on_it(row)]

    def best(self) -> Mapping[Key, Fraction]:
        """Return the split that breaks the least."""
        if all(self._kept(row, self.even) for row in self.rows):
            return self.even
        try:
            found, kept = self._least()
        except ArithmeticError:  # the solver gave up: what stands in proportion is a split too
            return self.even
        near = self._in_units(found)
        if all(self._kept(row, near) for row in kept):
            return near
        return self._whole(found, kept) or near

    def _hangs_on_it(self, row: Row) -> bool:
        """Whether a row that must be kept depends on the split: it counts a sum's sources differently."""
        if row.strength.kind == "goal":
            return False
        terms = row.body.terms
        sums = {self.sum_of[key] for key in terms if key in self.sum_of}
        return any(len({terms.get(key, ZERO) for key in given.keys}) > 1 for given in sums)

    def _reduced(self, row: Row, standing: Mapping[Key, Fraction]) -> Row:
        """Return the row with what stands as a constant."""
        terms = row.body.terms
        constant = sum((c * standing.get(key, ZERO) for key, c in terms.items() if key not in self.column), ZERO)
        free = {key: c for key, c in terms.items() if key in self.column}
        return replace(row, left=Linear(free, constant), right=Linear(constant=row.right.constant - row.left.constant))

    def _kept(self, row: Row, amounts: Mapping[Key, Fraction]) -> bool:
        slack = row.slack(amounts)
        if not self.unit:
            return slack >= -Fraction(KEPT) * self._size(row)
        if row.operator is Operator.EQUAL:
            above = row.kind.supply and row.body.value(amounts) > row.bound
            return not above and -slack <= self.unit * max(map(abs, row.body.terms.values()))
        return slack >= 0

    def _least(self) -> tuple[Mapping[Key, float], list[Row]]:
        """Return the split that gives way the least, nearest to proportion, and the rows that it keeps."""
        scale = 10.0 ** power_of_ten(float(max(given.amount for given in self.sums)), *MONEY)
        rows: list[RowNumbers] = []
        for given in self.sums:
            total = float(given.amount) / scale
            rows.append(({self.column[key]: 1.0 for key in given.keys}, total, total))
        first = len(self.keys)
        costs: dict[int, float] = {}
        gives: list[range] = []
        for row in self.rows:
            size = self._size(row)
            terms = {self.column[key]: float(c / size) * scale for key, c in row.body.terms.items()}
            ends = ends_at(row.operator, float(row.bound / size))
            signs = [sign for sign, end in zip((1.0, -1.0), ends, strict=True) if math.isfinite(end)]
            mine = range(first + len(costs), first + len(costs) + len(signs))
            rows.append((terms | dict(zip(mine, signs, strict=True)), *ends))
            costs |= dict.fromkeys(mine, 1.0)
            gives.append(mine)
        engine = Engine(Session(Arrays(np.full(first + len(costs), np.inf), rows), Deadline(None).left))
        engine.minimise(costs)
        kept = [row for row, mine in zip(self.rows, gives, strict=True) if sum(engine.x[n] for n in mine) <= KEPT]
        engine.hold_face()
        near = {self.column[key]: float(amount) / scale for key, amount in self.even.items()}
        engine.minimise(dict.fromkeys(engine.add_distances([({n: 1.0}, at) for n, at in near.items()]), 1.0))
        engine.hold_face()
        engine.maximise_in_order(range(first))
        return {key: max(0.0, float(engine.x[n])) * scale for key, n in self.column.items()}, kept

    def _size(self, row: Row) -> Fraction:
        """Return what a row's giving way is a part of: its bound, else all the money that it counts."""
        counted = sum((abs(c) * self.even[key] for key, c in row.body.terms.items()), ZERO)
        return abs(row.right.constant) or counted or Fraction(1)

    def _in_units(self, found: Mapping[Key, float]) -> Mapping[Key, Fraction]:
        amounts: dict[Key, Fraction] = {}
        for given in self.sums:
            exact = [Fraction(repr(found[key])) for key in given.keys]
            factor = given.amount / sum(exact)
            parts = in_units([_snapped(part * factor, self.unit) for part in exact], given.amount, self.unit)
            amounts |= dict(zip(given.keys, parts, strict=True))
        return amounts

    def _whole(self, found: Mapping[Key, float], kept: Sequence[Row]) -> Mapping[Key, Fraction] | None:
        """Return a split in whole units that keeps all of `kept`; None where none is found."""
        if not self.unit:
            return None
        pairs = {(given.area, given.year): (Piece(None, ZERO, 1),) for given in self.sums}
        totals = [_total(given) for given in self.sums]
        scenario = replace(self.programme.scenario, step=self.unit)
        alone = Programme(scenario, self.keys, pairs, ZERO, self.programme.maximise, (*totals, *kept))
        rounded = round_plan(alone, {key: Fraction(part) for key, part in found.items()}, {}, Deadline(None))
        return rounded.amounts if rounded.step else None


def _snapped(part: Fraction, unit: Fraction) -> Fraction:
    """Return `part` without the solver's last digits, where it is as good as whole."""
    near = round(part / unit) * unit if unit else part
    return near if unit and abs(near - part) <= unit / 10**4 else part


def _total(given: AreaSum) -> Row:
    """Return the demand that a sum's parts add up to it."""
    return Row(
        name=f"Sum: {given.area}",
        year=given.year,
        kind=RuleConstraint.kind,
        subject=given.area,
        left=Linear(dict.fromkeys(given.keys, Fraction(1))),
        operator=Operator.EQUAL,
        right=Linear(constant=given.amount),
        value=given.amount,
        unit="",
        strength=Strength(),
        cell=Cell("", 0, 0),
        origin=Origin("", 0),
    )
