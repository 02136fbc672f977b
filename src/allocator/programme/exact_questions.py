"""The same questions answered in fractions, by pivots from the optimal basis: no tolerance decides.

What the float classes ask of HiGHS is asked here of `Simplex`: `cone` says why derivatives are cones' optima, `face`
why ranges are programmes over the optimal plans.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache

import numpy as np

from allocator.programme.cone import FloatCone
from allocator.programme.decision import Decided, Decision, free_items, on_face, with_columns, with_rows
from allocator.programme.face import FloatFace, FloatRegion, near_plans
from allocator.programme.optimum import Optimum
from allocator.programme.questions import Cone, Face, RangeEnd, Reach, Region, Rows, Slope, Stop
from allocator.programme.refinement import Refinement
from allocator.programme.rows import ONE, ZERO
from allocator.programme.session import Floats
from allocator.programme.simplex import Basis, Bound, Simplex, StandardForm, Watch
from allocator.programme.status import Status

type Items = frozenset[int]
"""Columns, then rows counted through."""


def cone_of(optimum: Optimum) -> Cone:
    """Return the ways in which the plan shown can move, asked in the arithmetic that suits the programme."""
    return _exact_cone(optimum) if optimum.small else CarefulCone(optimum)


def face_of(optimum: Optimum, *, thorough: bool) -> Face:
    """Return the optimal plans; see `FloatFace` for `thorough`."""
    return ExactFace(optimum) if optimum.small else CarefulFace(optimum, thorough=thorough)


def plans_near(optimum: Optimum, part: Fraction) -> Region:
    """Return all plans whose objective is worse by at most `part` of its size (goals held as they are)."""
    if optimum.small:
        return _exact_near_plans(optimum, part)
    return CarefulRegion(near_plans(optimum, float(part)), lambda: _exact_near_plans(optimum, part))


def _exact_cone(optimum: Optimum) -> ExactCone:
    return ExactCone(optimum.decision, optimum.values, optimum.engine.watch)


@dataclass(frozen=True)
class ExactSlope(Slope):
    """With what has a price there."""

    priced: Items


class ExactCone:
    """The ways in which the plan shown can move, each question a few pivots of the dual simplex method."""

    def __init__(self, decision: Decision, values: Sequence[Fraction], watch: Watch) -> None:
        """`values`: the plan, column by column and then row by row."""
        self.decision, self.values, self.watch = decision, values, watch
        self._stages: dict[int, _Directions] = {}

    @property
    def nondegenerate(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""
        return self._stage(-1).nondegenerate

    def slope(self, direction: Rows, *, forced: Rows | None = None) -> ExactSlope | None:
        """Return the derivative of the objective along `direction`, or with columns `forced` to move."""
        end = self._stage(-1).moved(direction, forced or {})
        if end is None:
            return None
        sign = -1 if self.decision.matrix.programme.maximise else 1
        value = sign * _sum(self._stage(-1).costs, end)
        return ExactSlope(value, dict(direction), lambda: _columns(end), frozenset(end.reduced))

    def slope_in_order(self, direction: Rows) -> ExactSlope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""
        moved = dict(direction)
        for number, held in enumerate(self.decision.held.values()):
            end = self._stage(number).moved(moved, {})
            if end is None:
                return None
            moved[held] = _sum(self._stage(number).costs, end)
        return self.slope(moved)

    def _stage(self, number: int) -> _Directions:
        if number not in self._stages:
            self._stages[number] = _Directions(self.decision.stages[number], self.values, self.watch)
        return self._stages[number]


class _Directions:
    """One stage's cone, at the vertex of its optimum: only what is tight is in the way, all numbers are 0."""

    def __init__(self, stage: Decided, values: Sequence[Fraction], watch: Watch) -> None:
        form, width = stage.form, len(stage.form.columns)
        self.costs = stage.costs
        tight = replace(
            form,
            lower=_zero_where_tight(form.lower, values),
            upper=_zero_where_tight(form.upper, values),
            row_lower=_zero_where_tight(form.row_lower, values[width:]),
            row_upper=_zero_where_tight(form.row_upper, values[width:]),
        )
        self._refinement = Refinement(tight, watch)
        self.simplex = Simplex(tight, Basis(stage.vertex.basis.basic, frozenset()), watch)
        self.simplex.price(stage.costs)

    @property
    def nondegenerate(self) -> bool:
        simplex = self.simplex
        return all(simplex.lower[item] is simplex.upper[item] is None for item in simplex.basic)

    def moved(self, direction: Rows, forced: Rows) -> Simplex | None:
        """Return where the plan moves; None where it can't."""
        simplex = self.simplex.copy()
        moved: dict[int, Fraction] = dict(forced)
        for column, growth in forced.items():
            simplex.lower[column] = simplex.upper[column] = growth
        for row, growth in direction.items():
            item = simplex.width + row
            if row < simplex.height and not (simplex.lower[item] is simplex.upper[item] is None):
                simplex.lower[item] = None if simplex.lower[item] is None else growth
                simplex.upper[item] = None if simplex.upper[item] is None else growth
                moved[item] = growth
        resting = {item: growth for item, growth in moved.items() if item not in simplex.place}
        change = simplex.following(resting)
        simplex.shift(resting, change)
        touched = {*moved, *(simplex.basic[place] for place in change)}
        if not any(simplex.is_outside(item) for item in touched):
            return simplex
        return self._refinement.settled(simplex, simplex.restore, self.costs)


class ExactRegion:
    """A set of plans, of which least and most values are asked: HiGHS proposes the basis of each."""

    def __init__(self, form: StandardForm, proposing: FloatRegion) -> None:
        self._form, self._proposing = form, proposing
        self._refinement = Refinement(form, proposing.engine.watch)

    def span(self, terms: Mapping[int, Fraction]) -> tuple[Fraction | float, Fraction | float]:
        """Return the least and the most of Σ coefficient · column over the region."""
        return self._least(terms, 1), -self._least(terms, -1)

    def _least(self, terms: Mapping[int, Fraction], sign: int) -> Fraction | float:
        with suppress(ArithmeticError):
            self._proposing.least(terms, sign)
        costs = {column: sign * coefficient for column, coefficient in terms.items()}
        found = self._refinement.optimum(self._proposing.session.proposed(), costs)
        if found.status is Status.UNBOUNDED:
            return -math.inf
        return sum((cost * found.values[at] for at, cost in costs.items()), ZERO)


def _exact_near_plans(optimum: Optimum, part: Fraction) -> ExactRegion:
    last = optimum.decision.stages[-1]
    stated = optimum.model.programme.constant + (-last.least if optimum.model.programme.maximise else last.least)
    form = with_rows(last.form, [(last.costs, None, last.least + abs(stated) * part)])
    return ExactRegion(form, near_plans(optimum, float(part)))


def _optimal_plans(optimum: Optimum, form: StandardForm) -> FloatRegion:
    """Return the optimal plans as HiGHS has them; `form`: as they are in fractions."""
    engine = optimum.engine.copy()
    values, (columns, rows) = optimum.values, optimum.units
    width = optimum.width
    fixed = [at for at, (low, high) in enumerate(zip(form.lower, form.upper, strict=True)) if low == high]
    held = [at for at, (low, high) in enumerate(zip(form.row_lower, form.row_upper, strict=True)) if low == high]
    engine.fix(
        {at: float(values[at]) / columns[at] for at in fixed},
        {at: float(values[width + at]) / rows[at] for at in held if form.row_lower[at] is not None},
    )
    return FloatRegion(engine, optimum.model.money)


class ExactFace(ExactRegion):
    """The optimal plans, and how far directions lead while given prices stay optimal."""

    def __init__(self, optimum: Optimum) -> None:
        self.optimum = optimum
        last = optimum.decision.stages[-1]
        self._form = on_face(last.form, last.vertex)
        super().__init__(self._form, _optimal_plans(optimum, self._form))
        self.single = next(iter(free_items(self._form, last.vertex)), None) is None
        """Whether the optimal plan is the only one."""
        self._following = Following(last, optimum.engine.watch)

    def _fixed(self, column: int) -> bool:
        return self._form.lower[column] == self._form.upper[column]

    def span(self, terms: Mapping[int, Fraction]) -> tuple[Fraction | float, Fraction | float]:
        """Return the least and the most of Σ coefficient · column over the optimal plans."""
        if self.single or all(self._fixed(column) for column in terms):
            value = sum((c * self.optimum.values[column] for column, c in terms.items()), ZERO)
            return value, value
        return super().span(terms)

    def holds_still(self, area: str, year: int, *, whole: bool) -> bool:
        """Whether an area's amounts of a year (with `whole`: at least their sum) are the same in all optimal plans."""
        optimum = self.optimum
        keys = optimum.model.programme.keys_of[area, year]
        if self.single:
            return True
        if whole or len(keys) == 1:
            pieces = optimum.pieces.get((area, year))
            if pieces and all(self._fixed(column) for _, column in pieces):
                return True
        return all(self._fixed(optimum.amounts[key]) for key in keys)

    def reach(self, direction: Rows, slope: Slope | None = None) -> Reach:
        """Return how far `direction` goes while the prices of `slope` stay (None: those of the vertex)."""
        assert slope is None or isinstance(slope, ExactSlope)  # noqa: S101 - asked of a cone of the same kind
        if not any(direction.values()):
            return Reach(math.inf)
        simplex = self._following.follow(direction, None if slope is None else slope.priced)
        if simplex is None:
            return Reach(math.inf)
        return Reach(self._following.distance(simplex), self._stops(simplex, direction))

    def _stops(self, simplex: Simplex, direction: Rows) -> Stop | None:
        """Return what ends the way: of all that is not held, what speaks most against another step."""
        columns, rows = self.optimum.units
        width = simplex.width
        found = []
        for item, worth in simplex.reduced.items():
            if simplex.lower[item] is None or simplex.lower[item] != simplex.upper[item]:
                unit = rows[item - width] if item >= width else columns[item]
                found.append((-abs(float(worth)) * unit, item < width, item))
        for _, is_column, item in sorted(found):
            if not is_column and item - width in direction:
                return RangeEnd.BEGINS
            upper = simplex.values[item] == simplex.upper[item]
            stop = self.optimum.column_stop(item, upper=upper) if is_column else self.optimum.row_stop(item - width)
            if stop:
                return stop
        return None


class Following:
    """A stage's programme at its optimum, with a column more: how far a direction is followed."""

    def __init__(self, stage: Decided, watch: Watch) -> None:
        width, basis = len(stage.form.columns), stage.vertex.basis
        self._step = width

        def shifted(items: Iterable[int]) -> Iterable[int]:
            return (item + (item >= width) for item in items)

        start = Basis(tuple(shifted(basis.basic)), frozenset(shifted(basis.at_upper)))
        self._refinement = Refinement(with_columns(stage.form, 1), watch)
        self._simplex = Simplex(self._refinement.form, start, watch)
        priced = [at for at, worth in enumerate(stage.vertex.reduced) if worth]
        self._priced = [*priced, *(width + row for row in stage.vertex.prices)]

    def follow(self, direction: Rows, priced: Iterable[int] | None = None) -> Simplex | None:
        """Return the plan farthest along `direction` in which what is priced stays as it is; None: there is no end.

        `priced`: columns, then rows counted through; None: what has a price at the optimum.
        """
        simplex = self._simplex.copy()
        for item in self._priced if priced is None else priced:
            item += item >= self._step  # the step's own column stands before the rows
            simplex.lower[item] = simplex.upper[item] = simplex.values[item]
        entries = [(row, -growth) for row, growth in direction.items() if growth]
        self._refinement.change_column(self._step, entries)
        simplex.form = self._refinement.form
        costs = {self._step: -ONE}
        simplex.price(costs)
        return self._refinement.settled(simplex, simplex.improve, costs)

    def distance(self, simplex: Simplex) -> Fraction:
        """Return how far that is."""
        return simplex.values[self._step]


def _zero_where_tight(bounds: Iterable[Bound], values: Iterable[Fraction]) -> list[Bound]:
    pairs = zip(bounds, values, strict=False)
    return [ZERO if bound is not None and value == bound else None for bound, value in pairs]


def _sum(costs: Mapping[int, Fraction], simplex: Simplex) -> Fraction:
    return sum((cost * simplex.values[at] for at, cost in costs.items()), ZERO)


def _columns(simplex: Simplex) -> Floats:
    return np.array([float(value) for value in simplex.values[: simplex.width]])


# Where HiGHS loses its way


class CarefulCone:
    """`FloatCone`, and `ExactCone` for the questions of which it finds no end."""

    def __init__(self, optimum: Optimum) -> None:
        self._floats = FloatCone(optimum)
        self._exact = cache(lambda: _exact_cone(optimum))

    @property
    def nondegenerate(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""
        return self._either(lambda cone: cone.nondegenerate)

    def slope(self, direction: Rows, *, forced: Rows | None = None) -> Slope | None:
        """Return the derivative of the objective along `direction`, or with columns `forced` to move."""
        return self._either(lambda cone: cone.slope(direction, forced=forced))

    def slope_in_order(self, direction: Rows) -> Slope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""
        return self._either(lambda cone: cone.slope_in_order(direction))

    def _either[T](self, ask: Callable[[Cone], T]) -> T:
        try:
            return ask(self._floats)
        except ArithmeticError:
            return ask(self._exact())


class CarefulRegion:
    """`FloatRegion`, and `ExactRegion` where it finds no end."""

    def __init__(self, floats: Region, exact: Callable[[], Region]) -> None:
        self._floats, self._exact = floats, cache(exact)

    def span(self, terms: Mapping[int, Fraction]) -> tuple[Fraction | float, Fraction | float]:
        """Return the least and the most of Σ coefficient · column over the region."""
        try:
            return self._floats.span(terms)
        except ArithmeticError:
            return self._exact().span(terms)


class CarefulFace(CarefulRegion):
    """`FloatFace`, and `ExactFace` for the questions of which it finds no end."""

    def __init__(self, optimum: Optimum, *, thorough: bool) -> None:
        self._face = FloatFace(optimum, thorough=thorough)
        self._exact_face = cache(lambda: ExactFace(optimum))
        self._exact_cone = cache(lambda: _exact_cone(optimum))
        super().__init__(self._face, self._exact_face)

    @property
    def single(self) -> bool:
        """Whether the optimal plan is the only one."""
        return self._face.single

    def holds_still(self, area: str, year: int, *, whole: bool) -> bool:
        """Whether an area's amounts of a year (with `whole`: at least their sum) are the same in all optimal plans."""
        return self._face.holds_still(area, year, whole=whole)

    def reach(self, direction: Rows, slope: Slope | None = None) -> Reach:
        """Return how far `direction` goes while the prices of `slope` stay (None: those of the vertex)."""
        if not isinstance(slope, ExactSlope):
            try:
                return self._face.reach(direction, slope)
            except ArithmeticError:
                slope = None if slope is None else self._exact_cone().slope(slope.direction)
        return self._exact_face().reach(direction, slope)
