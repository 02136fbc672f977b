"""Which rows can stand together: a programme's hard rows kept in the solver, to be left out, moved or loosened.

Goals are not among them: they can always be missed. Each row stands there by its sides (an equality has two, any
other row one), in the model's units. Every side has a slack column, closed until `exact_loosening` opens it, and all
share one more, which `least_violation` opens. Asked exactly, infeasible is what `solve` calls so, and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.programme.build import Programme
from allocator.programme.decision import optimum, with_columns
from allocator.programme.matrix import ScaledMatrix, body
from allocator.programme.rows import HARD, ONE, ZERO, Key, Row
from allocator.programme.session import ELASTIC, LOOSEST, LOST, TIGHTEST, WARM, Arrays, Floats, Session, cold, usual
from allocator.programme.simplex import Basis, StandardForm, Vertex
from allocator.programme.status import Deadline, Status
from allocator.programme.what_ifs import OtherShape

SURELY = 10 * LOOSEST
"""A contradiction by more than this part of what is summed is one at every tolerance that `solve` tries."""
_ROUNDING = 1e-10
"""A multiplier below this part of the largest is none."""
_HARMLESS = 1e-13
"""What is left of a coefficient by rounding, as a part of the largest one summed: of more, amounts without an end
could make a sum that doesn't contradict itself."""


@dataclass(frozen=True)
class Side:
    """One side of a row: what it demands at least, or what it allows at most."""

    index: int
    """Of the row in `programme.rows`."""
    at_least: bool


class NoPointError(ArithmeticError):
    """However the rows give way, no point keeps them."""


class NoMultipliersError(ArithmeticError):
    """The solver found a point, but no multipliers."""


class Elastic:
    """The hard rows of a programme in one warm HiGHS model; amounts are ≥ 0, and nothing is sought but a point.

    Parameters
    ----------
    programme
        Its rows count by their index in `programme.rows`. Rows without amounts have no place here: they hold or
        don't, whatever the plan (`ScaledMatrix.impossible`).
    deadline
        When to stop; every question then raises `OutOfTime`.

    Raises
    ------
    SolverError
        From every question, where the solver stops without an answer.
    """

    def __init__(self, programme: Programme, deadline: Deadline | None = None) -> None:
        self.programme = programme
        self.deadline = deadline or Deadline(None)
        self.model = ScaledMatrix(programme)
        self.rows: tuple[int, ...] = tuple(
            index
            for index, row in enumerate(programme.rows)
            if row.strength.kind in HARD and self.model.matrix.row_at[index] is not None
        )
        """Indices of all hard rows with amounts, in order."""
        self.sides: tuple[Side, ...] = tuple(
            side for index in self.rows for side in _sides(programme.rows[index], index)
        )
        self._index = np.array([side.index for side in self.sides], dtype=np.int64)
        self._place = {side: place for place, side in enumerate(self.sides)}
        self._column = {key: number for number, key in enumerate(programme.keys)}
        self._bound = np.array([self.model.bound(side.index, programme.rows[side.index].bound) for side in self.sides])
        self._sent = self._bound.copy()
        self._kept = np.ones(len(self.sides), dtype=bool)
        self._terms = [self.model.terms(side.index, programme.rows[side.index]) for side in self.sides]
        self._signs = np.array([1.0 if side.at_least else -1.0 for side in self.sides])
        self._sizes: Floats = np.ones(len(self.sides))
        self._cost: Floats = np.zeros(self._width)
        self._arrays: tuple[NDArray[np.int64], NDArray[np.int64], Floats] | None = None
        self._now = {index: programme.rows[index] for index in self.rows}
        """The rows as they are now."""
        self._changed: set[int] = set()
        """Indices of rows whose numbers `become` has changed."""
        self._exact_bound = {index: row.bound for index, row in self._now.items()}
        self._exact_columns: list[list[tuple[int, Fraction]]] | None = None
        self._proof: dict[Side, Fraction] | None = None
        """The multipliers by which exact arithmetic has just refused rows."""
        self._session = self._hand_over()

    # Which rows stand

    def keep(self, rows: Iterable[int]) -> None:
        """Let these rows stand, at their present bounds, and no others."""
        chosen = np.zeros(len(self.programme.rows), dtype=bool)
        chosen[list(rows)] = True
        self._set_kept(chosen[self._index])

    def move(self, index: int, bound: Fraction | None) -> None:
        """Give a row another bound (what `Row.bound` is, in its unit); None: its own again."""
        exact = self.programme.rows[index].bound if bound is None else bound
        self._exact_bound[index] = exact
        value = self.model.bound(index, exact)
        for side in _sides(self.programme.rows[index], index):
            self._bound[self._place[side]] = value
        self._set_kept(self._kept)

    def change(self, index: int, row: Row) -> None:
        """Give a row other numbers, coefficients and bound, of amounts that it has already; raise OtherShape else."""
        terms = self.model.terms(index, row)
        for side in _sides(self.programme.rows[index], index):
            place = self._place[side]
            if terms.keys() - self._terms[place].keys():
                raise OtherShape
            for column, old in self._terms[place].items():
                if terms.get(column, 0.0) != old:
                    self._session.set_entry(place, column, terms.get(column, 0.0))
            self._terms[place] = {column: terms.get(column, 0.0) for column in self._terms[place]}
        self._arrays = None
        self._now[index] = row
        self._exact_columns = None
        self.move(index, row.bound)

    def become(self, programme: Programme) -> None:
        """Give all rows the numbers of another programme of the same shape; those that it shares are passed.

        Raises
        ------
        OtherShape
            Where a row has an amount that it didn't have.
        """
        unlike = {*self._changed, *programme.rows_unlike(self.programme)}
        for index in sorted(unlike & self._now.keys()):
            before, after = self._now[index], programme.rows[index]
            if before is after:
                continue
            if body(before) == body(after):
                self.move(index, after.bound)
            else:
                self.change(index, after)
            self._now[index] = after
            self._changed.add(index)

    # Questions

    def feasible(self, *, exactly: bool = False) -> bool:
        """Whether the rows that stand can stand together: exactly as `solve` judges, or but for its tolerances."""
        self._seek({})
        (status,), self._proof = self._session.attempt(WARM), None
        if exactly:
            vertex = self._decide({})
            if vertex.status is Status.INFEASIBLE:
                self._proof = self._multipliers(vertex)
            return vertex.status is not Status.INFEASIBLE
        if status is Status.INFEASIBLE and self._surely(self._ray()):
            return False
        return status is Status.OPTIMAL or self._feasible_anyhow(status)

    def _feasible_anyhow(self, first: Status) -> bool:
        """Ask again, from no basis, in all ways that `solve` does; `first`: how the first run ended."""
        seen = self._session.settle(cold(usual(len(self._column), len(self.rows))), cold(LOST))
        if Status.OPTIMAL in seen:
            return True
        self._session.forget()
        if Status.INFEASIBLE not in (first, *seen):
            raise self._session.lost()
        return False

    def contradiction(self) -> dict[Side, float]:
        """Return multipliers > 0 by which the sides that stand, found not feasible just now, contradict each other.

        Each side is read as ``body ≥ bound`` (as ``−body ≥ −bound`` where it allows at most), in the model's units;
        only ratios mean anything. Empty where the solver can't tell: ask `least_violation` then.
        """
        if self._proof is not None:
            return {side: float(w * Fraction(self.model.row_scale[side.index])) for side, w in self._proof.items()}
        ray = self._ray()
        return {} if ray is None else self._by_side(ray)

    def exact_multipliers(self) -> dict[tuple[int, bool], Fraction]:
        """Return the same of rows that were found, exactly, not to be feasible just now: (row, at least) → per unit."""
        proof = self._proof if self._proof is not None else self._multipliers(self._decide({}))
        return {(side.index, side.at_least): weight for side, weight in proof.items()}

    def exact_bound(self, index: int) -> Fraction:
        """Return a row's present bound."""
        return self._exact_bound[index]

    def exact_contradiction(self, about: int) -> dict[Side, Fraction] | None:
        """Return exact multipliers ≥ 0, each per unit of its row, by which the sides that stand contradict each other.

        They are those by which row `about` misses its bound by the most, its own multiplier being 1; where it has no
        part in it, any. None where the rows can stand together.
        """
        own = [giving for side, giving in zip(self.sides, self._giving, strict=True) if side.index == about]
        first = len(self._column)
        vertex = self._decide({first + n: ONE for n in range(len(own))}, with_columns(self._form(), own))
        found = self._multipliers(vertex)
        if vertex.status is Status.INFEASIBLE or not found:
            vertex = self._decide({})
            found = self._multipliers(vertex) if vertex.status is Status.INFEASIBLE else {}
        unit = next((weight for side, weight in found.items() if side.index == about), next(iter(found.values()), ZERO))
        return {side: weight / unit for side, weight in found.items()} or None

    @property
    def _giving(self) -> list[list[tuple[int, Fraction]]]:
        """The columns by which sides give way."""
        return [[(place, ONE if side.at_least else -ONE)] for place, side in enumerate(self.sides)]

    def _form(self) -> StandardForm:
        """Return the rows that stand, by their sides, in exact numbers."""
        if self._exact_columns is None:
            self._exact_columns = [[] for _ in self._column]
            for place, side in enumerate(self.sides):
                for key, coefficient in self._now[side.index].body.terms.items():
                    self._exact_columns[self._column[key]].append((place, coefficient))
        standing = list(zip(self.sides, self._kept, strict=True))
        return StandardForm(
            self._exact_columns,
            [ZERO] * len(self._column),
            [None] * len(self._column),
            [self._exact_bound[side.index] if kept and side.at_least else None for side, kept in standing],
            [self._exact_bound[side.index] if kept and not side.at_least else None for side, kept in standing],
        )

    def _decide(self, costs: Mapping[int, Fraction], form: StandardForm | None = None) -> Vertex:
        """Solve in fractions, from the basis that HiGHS ended with."""
        form = form or self._form()
        shift, width = self._width, len(form.columns)
        basic = self._session.proposed().basic
        alike = shift if width == shift else len(self._column)
        items = [item if item < alike else width + item - shift for item in basic if item < alike or item >= shift]
        return optimum(form, Basis(tuple(items), frozenset()), costs, self.deadline.left)

    def _multipliers(self, vertex: Vertex) -> dict[Side, Fraction]:
        return {self.sides[place]: abs(price) for place, price in sorted(vertex.prices.items())}

    def least_violation(self, weights: Mapping[int, float] | None = None) -> tuple[float, dict[Side, float]]:
        """Return by how much all rows that stand must give way together, and the multipliers that say so.

        A row gives way by its weight (1 where it has none) times the common amount, in the model's units. The
        multipliers, as in `contradiction`, are those with Σ weight · multiplier = 1 that contradict the most, so
        that a row of large weight is one to do without.
        """
        common = self._width - 1
        sizes = np.array([(weights or {}).get(side.index, 1.0) for side in self.sides])
        for place in np.flatnonzero(sizes != self._sizes):
            self._session.set_entry(int(place), common, float(sizes[place] * self._signs[place]))
        self._sizes = sizes
        self._open([common])
        self._seek({common: 1.0})
        least = self._optimum()
        _, duals = self._session.point_and_prices()
        self._close([common])
        if len(duals) < len(self.sides):
            raise NoMultipliersError
        return least, self._by_side(duals * self._signs)

    def exact_loosening(self, costs: Mapping[int, Fraction]) -> tuple[set[int], dict[Key, Fraction]] | None:
        """Return, exactly, which rows give way at the least Σ cost · slack, and the plan that keeps all others then.

        `costs` (> 0) are by row, per unit of the row; the other rows stand. None where nothing helps.
        """
        opened = {place: costs[side.index] for place, side in enumerate(self.sides) if side.index in costs}
        self._seek_loosening({index: float(cost) for index, cost in costs.items()})
        first = len(self._column)
        upper = [*(None if place in opened else ZERO for place in range(len(self.sides))), ZERO]
        wide = with_columns(self._form(), [*self._giving, ()], upper)  # as the solver has them, so that its basis fits
        vertex = self._decide({first + place: cost for place, cost in opened.items()}, wide)
        if vertex.status is not Status.OPTIMAL:
            return None
        loose = {self.sides[place].index for place in opened if vertex.values[first + place]}
        return loose, {key: vertex.values[column] for key, column in self._column.items()}

    def _seek_loosening(self, costs: Mapping[int, float]) -> None:
        """Leave the solver where the rows of `costs` give way at the least Σ cost · slack, as far as it can tell."""
        opened = {
            len(self._column) + place: costs[side.index] * self.model.row_scale[side.index]
            for place, side in enumerate(self.sides)
            if side.index in costs and self._kept[place]
        }
        largest = max(opened.values(), default=1.0)
        self._open(opened)
        self._seek({column: cost / largest for column, cost in opened.items()})
        try:
            self._optimum()
        except ArithmeticError:
            return  # what is exact is decided from there
        finally:
            self._close(opened)

    def farthest(self, side: Side) -> float:
        """Return how far a side could be tightened, the rows that stand standing: 0 or more, in its row's unit.

        Raises ArithmeticError where the rows can't stand together, or there is no end.
        """
        place = self._place[side]
        sign, scale = float(self._signs[place]), self.model.row_scale[side.index]
        self._seek({column: -sign * value for column, value in self._terms[place].items()})
        return max(0.0, (-self._optimum() - sign * float(self._bound[place])) * scale)

    def amounts(self) -> dict[Key, float]:
        """Return the point that was found last, in the workbook's unit."""
        x, money = self._session.point(), self.model.money
        return {key: float(x[n]) * money if x[n] > TIGHTEST else 0.0 for key, n in self._column.items()}

    # The solver's model

    @property
    def _width(self) -> int:
        return len(self._column) + len(self.sides) + 1

    def _entries(self) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Return the amounts' coefficients as arrays of side, column and value, to sum rows quickly."""
        if self._arrays is None:
            self._arrays = (
                np.repeat(np.arange(len(self.sides)), [len(terms) for terms in self._terms]),
                np.array([column for terms in self._terms for column in terms], dtype=np.int64),
                np.array([value for terms in self._terms for value in terms.values()]),
            )
        return self._arrays

    def _hand_over(self) -> Session:
        first, common = len(self._column), self._width - 1
        rows = []
        for place, terms in enumerate(self._terms):
            sign, bound = float(self._signs[place]), float(self._bound[place])
            limits = (bound, math.inf) if sign > 0 else (-math.inf, bound)
            rows.append(({**terms, first + place: sign, common: sign}, *limits))
        upper = np.zeros(self._width)
        upper[:first] = math.inf
        return Session(Arrays(upper, rows), self.deadline.left)

    def _set_kept(self, kept: Any) -> None:
        places = np.flatnonzero((kept != self._kept) | (kept & (self._bound != self._sent))).astype(np.int32)
        bound, stands, at_least = self._bound[places], kept[places], self._signs[places] > 0
        low = np.where(stands & at_least, bound, -np.inf)
        self._session.bound_rows(places, low, np.where(stands & ~at_least, bound, np.inf))
        self._sent = self._bound.copy()
        self._kept = kept.copy()

    def _open(self, columns: Iterable[int]) -> None:
        for column in columns:
            self._session.bound_column(column, 0.0, math.inf)

    def _close(self, columns: Iterable[int]) -> None:
        for column in columns:
            self._session.bound_column(column, 0.0, 0.0)

    def _seek(self, costs: Mapping[int, float]) -> None:
        wanted = np.zeros(self._width)
        wanted[list(costs)] = list(costs.values())
        changed = np.flatnonzero(wanted != self._cost).astype(np.int32)
        self._session.price_columns(changed, wanted[changed])
        self._cost = wanted

    def _optimum(self) -> float:
        """Return the least of what is sought; raise ArithmeticError where there is no point at all."""
        seen = self._session.attempt(ELASTIC)
        if seen[-1] is Status.OPTIMAL:
            return self._session.objective
        self._session.forget()
        if Status.INFEASIBLE in seen:
            raise NoPointError
        raise self._session.lost()

    def _ray(self) -> Floats | None:
        """Return the multiplier of each side, each read as in `contradiction`; None where HiGHS has none."""
        ray = self._session.dual_ray()
        if ray is None:
            return None
        multipliers: Floats = ray * self._signs * self._kept
        return multipliers if float(multipliers @ (self._bound * self._signs)) > 0 else -multipliers

    def _by_side(self, multipliers: Floats) -> dict[Side, float]:
        largest = float(np.abs(multipliers).max(initial=0.0))
        places = np.flatnonzero((multipliers > _ROUNDING * largest) & self._kept)
        return {self.sides[place]: float(multipliers[place]) for place in places}

    def _surely(self, ray: Floats | None) -> bool:
        """Whether the rows contradict each other by far more than any tolerance that `solve` tries."""
        if ray is None:
            return False
        ray = np.maximum(ray, 0.0)  # a row read the other way proves nothing, however little it weighs
        sides, columns, values = self._entries()
        parts = ray[sides] * self._signs[sides] * values
        coefficients = np.bincount(columns, parts, len(self._column))
        size = float(np.abs(parts).max(initial=0.0))
        sums = float(ray.sum() + np.abs(coefficients).sum())
        harmless = float(coefficients.max(initial=0.0)) <= _HARMLESS * size
        return harmless and float(ray @ (self._bound * self._signs)) > SURELY * sums


def _sides(row: Row, index: int) -> tuple[Side, ...]:
    at_least = () if row.operator.upper else (Side(index, at_least=True),)
    return (*at_least, *(() if row.operator.lower else (Side(index, at_least=False),)))
