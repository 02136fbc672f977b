"""The simplex method in rational numbers: no tolerance decides, and what it says it can prove.

It begins at any basis, as a rule the one that floating-point arithmetic ended with, which is optimal or a few pivots
away. Bounded columns, ranged rows; in a first phase the sum of what lies outside its bounds is made least. Where that
stays above nothing its prices are a proof that no solution exists (J. Farkas, Theorie der einfachen Ungleichungen,
1902). Largest reduced costs enter; after `PATIENCE` pivots without progress the first of those that may, which cannot
cycle (R. G. Bland, New finite pivoting rules for the simplex method, Mathematics of Operations Research 2, 1977).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from allocator.programme.factor import Factor, SingularError, Vector, subtract
from allocator.programme.status import Status

PATIENCE = 20
REFACTOR = 40
"""Exchanges of columns after which the basis is factorised anew."""
_ZERO, _ONE = Fraction(0), Fraction(1)

NO_COSTS: Mapping[int, Fraction] = MappingProxyType({})

type Bound = Fraction | None
"""None: there is none."""
type Watch = Callable[[], float | None]
"""Gives the seconds left, None if there is no limit; raises to stop."""


@dataclass(frozen=True)
class StandardForm:
    """``row_lower ≤ Σ entry · column ≤ row_upper``, ``lower ≤ column ≤ upper``; entries by column."""

    columns: Sequence[Sequence[tuple[int, Fraction]]]
    lower: Sequence[Bound]
    upper: Sequence[Bound]
    row_lower: Sequence[Bound]
    row_upper: Sequence[Bound]

    @cached_property
    def rows(self) -> Sequence[Sequence[tuple[int, Fraction]]]:
        """The same entries by row: (column, entry)."""
        found: list[list[tuple[int, Fraction]]] = [[] for _ in self.row_lower]
        for column, entries in enumerate(self.columns):
            for row, entry in entries:
                found[row].append((column, entry))
        return found


@dataclass(frozen=True)
class Basis:
    """Which items are basic (columns, then rows counted through), and which others rest at their upper end."""

    basic: tuple[int, ...]
    at_upper: frozenset[int]


@dataclass(frozen=True)
class Vertex:
    """Where a run ends: exact values, and prices with ``reduced = cost − Σ entry · price``.

    Of an infeasible programme these are the prices of what lies outside its bounds: a Farkas proof.
    """

    status: Status
    basis: Basis
    values: Sequence[Fraction]
    """Of columns, then of rows."""
    prices: Mapping[int, Fraction]
    """Of rows; missing ones are 0."""
    reduced: Sequence[Fraction]
    """Of columns."""
    pivots: int


class Simplex:
    """A programme at a basis; `minimise` moves it to an optimal one."""

    def __init__(self, form: StandardForm, basis: Basis, watch: Watch = lambda: None, pivots: int = 0) -> None:
        """`watch` is called before each pivot, and may raise to stop; `pivots`: how many there were before."""
        self.form, self.watch = form, watch
        self.width, self.height = len(form.columns), len(form.row_lower)
        self.lower: list[Bound] = [*form.lower, *form.row_lower]
        self.upper: list[Bound] = [*form.upper, *form.row_upper]
        self.pivots = pivots
        self._stand_at(basis)

    def _stand_at(self, basis: Basis) -> None:
        self.reduced: Vector = {}
        """What each item at rest adds to the sum per unit that it grows; of a row that is its price."""
        self.basic = self._square(basis.basic)
        self._factorise()
        self.place = {item: place for place, item in enumerate(self.basic)}
        self.values: list[Fraction] = [_ZERO] * (self.width + self.height)
        for item in range(self.width + self.height):
            if item not in self.place:
                self.values[item] = self._resting(item, upper=item in basis.at_upper)
        self._place_basic()

    def at(self, basis: Basis) -> Simplex:
        """Return another of the same bounds at another basis."""
        other = self._alike()
        other._stand_at(basis)
        return other

    def _alike(self) -> Simplex:
        other = object.__new__(Simplex)
        other.form, other.watch, other.width, other.height = self.form, self.watch, self.width, self.height
        other.lower, other.upper, other.pivots = self.lower.copy(), self.upper.copy(), self.pivots
        return other

    def copy(self) -> Simplex:
        """Return another at the same point, which may go its own way; the factorised basis is shared."""
        other = self._alike()
        other.reduced = self.reduced.copy()
        other.basic, other.place, other.values = self.basic.copy(), self.place.copy(), self.values.copy()
        other.factor = self.factor.copy()
        return other

    def _resting(self, item: int, *, upper: bool) -> Fraction:
        low, high = self.lower[item], self.upper[item]
        found = high if upper and high is not None else low if low is not None else high
        return _ZERO if found is None else found

    # The basis

    def _square(self, proposed: Sequence[int]) -> list[int]:
        """Return as many basic items as there are rows, near to those proposed."""
        basic = list(dict.fromkeys(item for item in proposed if item < self.width + self.height))
        there = set(basic)
        rows = range(self.width + self.height - 1, self.width - 1, -1)
        basic += [item for item in rows if item not in there][: max(0, self.height - len(basic))]
        while len(basic) > self.height:
            basic.remove(next((item for item in rows if item in there and item in basic), basic[-1]))
        return basic

    def _entries(self, item: int) -> Sequence[tuple[int, Fraction]]:
        """Return the column of an item in ``[A, −I]``: rows are columns of their own, of which each is its activity."""
        return self.form.columns[item] if item < self.width else ((item - self.width, -_ONE),)

    def _factorise(self) -> None:
        while True:
            try:
                self.factor = Factor([dict(self._entries(item)) for item in self.basic])
            except SingularError as singular:
                for place, row in zip(singular.columns, singular.rows, strict=True):
                    self.basic[place] = self.width + row
            else:
                return

    def _place_basic(self) -> None:
        right: Vector = {}
        for item, value in enumerate(self.values):
            if value and item not in self.place:
                for row, entry in self._entries(item):
                    right[row] = right.get(row, _ZERO) - entry * value
        found = self.factor.solve(right)
        for place, item in enumerate(self.basic):
            self.values[item] = found.get(place, _ZERO)

    def following(self, grown: Mapping[int, Fraction]) -> Vector:
        """Return by how much the basic items grow, by place, as these items at rest do."""
        right: Vector = {}
        for item, growth in grown.items():
            for row, entry in self._entries(item):
                right[row] = right.get(row, _ZERO) - entry * growth
        return {place: growth for place, growth in self.factor.solve(right).items() if growth}

    def response(self, place: int) -> Vector:
        """Return by how much the basic item at `place` falls, per unit that each item at rest grows."""
        found: Vector = {}
        for row, factor in self.factor.solve_transposed({place: _ONE}).items():
            for column, entry in self.form.rows[row]:
                if column not in self.place:
                    found[column] = found.get(column, _ZERO) + factor * entry
            if self.width + row not in self.place:
                found[self.width + row] = -factor
        return {item: entry for item, entry in found.items() if entry}

    # Prices

    def price(self, costs: Mapping[int, Fraction]) -> None:
        """Seek Σ cost · item from now on; `costs` by item."""
        prices = self.factor.solve_transposed(
            {self.place[item]: cost for item, cost in costs.items() if item in self.place and cost}
        )
        reduced = {item: cost for item, cost in costs.items() if item not in self.place}
        for row, price in prices.items():
            for column, entry in self.form.rows[row]:
                if column not in self.place:
                    reduced[column] = reduced.get(column, _ZERO) - entry * price
            if self.width + row not in self.place:
                reduced[self.width + row] = reduced.get(self.width + row, _ZERO) + price
        self.reduced = {item: worth for item, worth in reduced.items() if worth}

    def _exchange_prices(self, item: int, place: int, response: Vector) -> None:
        """Give `item`, which comes into the basis at `place`, no price, and the one that leaves its own."""
        if item in self.reduced:
            by = self.reduced[item] / response[item]
            subtract(self.reduced, response, by)
            self.reduced[self.basic[place]] = -by

    def _entering(self, *, first: bool) -> tuple[int, bool] | None:
        """Return an item at rest whose move makes the sum smaller, and whether it rises: the first, or the best."""
        gainful = self.gainful()
        if not gainful:
            return None
        item, worth = min(gainful) if first else min(gainful, key=lambda pair: (-abs(pair[1]), pair[0]))
        return item, worth < 0

    def gainful(self) -> list[tuple[int, Fraction]]:
        """Return the items at rest whose move makes the sum that is sought smaller, and by how much per unit."""
        return [(item, worth) for item, worth in self.reduced.items() if self._may_move(item, rises=worth < 0)]

    def _may_move(self, item: int, *, rises: bool) -> bool:
        end = self.upper[item] if rises else self.lower[item]
        return end is None or (self.values[item] < end if rises else self.values[item] > end)

    # Moves

    def outside_by(self, item: int) -> Fraction:
        """Return how far an item lies above its bounds, or (negative) below them; 0: neither."""
        value, low, high = self.values[item], self.lower[item], self.upper[item]
        if low is not None and value < low:
            return value - low
        return value - high if high is not None and value > high else _ZERO

    def _outside(self) -> dict[int, Fraction]:
        """Return the costs of basic items outside their bounds: 1 above, −1 below."""
        return {item: _ONE if by > 0 else -_ONE for item in self.basic if (by := self.outside_by(item))}

    def _move(self, item: int, *, rises: bool, priced: bool) -> bool | None:
        """Let an item at rest move as far as it can; return whether anything moved, None if without end."""
        change = self.following({item: _ONE if rises else -_ONE})
        low, high = self.lower[item], self.upper[item]
        reach: Fraction | None = None if low is None or high is None else high - low
        leaving: tuple[int, bool] | None = None
        for place, rate in change.items():
            far = self._reach(self.basic[place], rate)
            if far is None:
                continue
            distance, upper = far
            if (
                reach is None
                or distance < reach
                or (distance == reach and leaving is not None and self.basic[place] < self.basic[leaving[0]])
            ):
                reach, leaving = distance, (place, upper)
        if reach is None:
            return None
        self.shift({item: reach if rises else -reach}, change, reach)
        if leaving is not None:
            if priced:
                self._exchange_prices(item, leaving[0], self.response(leaving[0]))
            column = {place: -rate if rises else rate for place, rate in change.items()}
            self._exchange(item, leaving[0], column, upper=leaving[1])
        return bool(reach)

    def shift(self, grown: Mapping[int, Fraction], change: Vector, times: Fraction = _ONE) -> None:
        """Let items at rest grow, and the basic ones at each place by `times` what is said."""
        for item, growth in grown.items():
            self.values[item] += growth
        if times:
            for place, growth in change.items():
                self.values[self.basic[place]] += growth * times

    def _reach(self, item: int, rate: Fraction) -> tuple[Fraction, bool] | None:
        """Return how far a basic item lets the entering one go, and whether it stops at its upper bound."""
        value, low, high = self.values[item], self.lower[item], self.upper[item]
        if rate > 0:
            if low is not None and value < low:  # it comes in at its lower bound first; beyond, it has a price no more
                return (low - value) / rate, False
            if high is None or value > high:
                return None
            return (high - value) / rate, True
        if high is not None and value > high:
            return (high - value) / rate, True
        if low is None or value < low:
            return None
        return (low - value) / rate, False

    def _exchange(self, item: int, place: int, column: Vector, *, upper: bool) -> None:
        """Put `item` into the basis at `place`; `column`: by how much each basic item falls as it grows by one."""
        leaving = self.basic[place]
        at = self.upper[leaving] if upper else self.lower[leaving]
        assert at is not None  # noqa: S101 - it stopped there
        self.values[leaving] = at
        self.basic[place] = item
        del self.place[leaving]
        self.place[item] = place
        self.pivots += 1
        if self.factor.updates >= REFACTOR:
            self._factorise()
        else:
            self.factor.exchange(place, column)

    # Runs

    def minimise(self, costs: Mapping[int, Fraction]) -> Vertex:
        """Make Σ cost · column least; `costs` by column."""
        patience = PATIENCE
        while outside := self._outside():
            self.watch()
            self.price(outside)
            entering = self._entering(first=patience <= 0)
            if entering is None:
                return self._vertex(Status.INFEASIBLE, outside)
            moved = self._move(entering[0], rises=entering[1], priced=False)
            patience = PATIENCE if moved else patience - 1
        self.price(costs)
        return self._vertex(Status.OPTIMAL if self.improve() else Status.UNBOUNDED)

    def improve(self) -> bool:
        """Make what `price` was told least, from a point within all bounds; return whether there is a least."""
        patience = PATIENCE
        while (entering := self._entering(first=patience <= 0)) is not None:
            self.watch()
            moved = self._move(entering[0], rises=entering[1], priced=True)
            if moved is None:
                return False
            patience = PATIENCE if moved else patience - 1
        return True

    def restore(self) -> bool:
        """Come back within all bounds from prices that are optimal; return whether that can be (the dual method).

        (C. E. Lemke, The dual method of solving the linear programming problem, Naval Research Logistics Quarterly 1,
        1954.)
        """
        patience = PATIENCE
        while outside := self._outside():
            self.watch()
            leaving = (
                min(outside) if patience <= 0 else max(outside, key=lambda item: (abs(self.outside_by(item)), -item))
            )
            place = self.place[leaving]
            response = self.response(place)
            entering = self._cheapest(response, rises=outside[leaving] < 0)
            if entering is None:
                return False
            growth = self.outside_by(leaving) / response[entering]
            change = self.following({entering: _ONE})
            patience = PATIENCE if entering in self.reduced else patience - 1
            self.shift({entering: growth}, change, growth)
            self._exchange_prices(entering, place, response)
            column = {at: -rate for at, rate in change.items()}
            self._exchange(entering, place, column, upper=outside[leaving] > 0)
        return True

    def _cheapest(self, response: Vector, *, rises: bool) -> int | None:
        """Return the item at rest that lets a basic one rise, or fall, at the least cost per unit."""
        found: tuple[Fraction, int] | None = None
        for item, entry in response.items():
            if self.lower[item] is not None and self.lower[item] == self.upper[item]:
                continue
            if self._may_move(item, rises=(entry < 0) == rises):
                ratio = abs(self.reduced.get(item, _ZERO) / entry), item
                found = ratio if found is None else min(found, ratio)
        return None if found is None else found[1]

    def maximise_in_order(self, order: Sequence[int]) -> None:
        """Make the first of these columns as large as it can be, then the second, and so on; from a feasible point.

        Each item at rest that may move moves some of them; it is worth moving where the first that changes grows.
        """
        rank = {item: number for number, item in enumerate(order)}
        patience = PATIENCE
        while True:
            self.watch()
            best: tuple[int, Fraction] | None = None
            entering: tuple[int, bool] | None = None
            for item in filter(self._is_free, range(self.width + self.height)):
                for rises in (rises for rises in (True, False) if self._may_move(item, rises=rises)):
                    first = self._first_change(item, rank, rises=rises)
                    if first is None or first[1] < 0:
                        continue
                    if best is None or (first[0], -first[1]) < (best[0], -best[1]):
                        best, entering = first, (item, rises)
                if entering is not None and patience <= 0:
                    break
            if entering is None:
                return
            moved = self._move(entering[0], rises=entering[1], priced=False)
            patience = PATIENCE if moved else patience - 1

    def _is_free(self, item: int) -> bool:
        """Whether an item at rest may move at all."""
        low, high = self.lower[item], self.upper[item]
        return item not in self.place and (low is None or low != high)

    def _first_change(self, item: int, rank: Mapping[int, int], *, rises: bool) -> tuple[int, Fraction] | None:
        """Return which of the ranked columns is the first to change as an item moves, and by how much per unit."""
        growth = _ONE if rises else -_ONE
        change = self.following({item: growth})
        found = [(rank[at], rate) for place, rate in change.items() if (at := self.basic[place]) in rank]
        if item in rank:
            found.append((rank[item], growth))
        return min(found, default=None)

    def _vertex(self, status: Status, costs: Mapping[int, Fraction] = NO_COSTS) -> Vertex:
        prices = {item - self.width: worth for item, worth in self.reduced.items() if item >= self.width}
        prices |= {item - self.width: -cost for item, cost in costs.items() if item >= self.width}  # basic ones
        at_upper = frozenset(
            item
            for item, value in enumerate(self.values)
            if item not in self.place and value == self.upper[item] != self.lower[item]
        )
        return Vertex(
            status,
            Basis(tuple(self.basic), at_upper),
            tuple(self.values),
            prices,
            tuple(self.reduced.get(item, _ZERO) for item in range(self.width)),
            self.pivots,
        )
