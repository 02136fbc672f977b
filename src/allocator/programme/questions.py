"""Questions of an optimum: what it gains at once when something moves, how far that lasts, what is free meanwhile.

HiGHS answers them in floating-point numbers; where the programme is small, or HiGHS loses its way, the same is asked in
fractions. `Cone` and `Face` ask in the arithmetic that suits the programme.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import cache, cached_property

import numpy as np

from allocator.programme.decision import Decided, Decision, Refinement, free_items, on_face, with_columns, with_rows
from allocator.programme.optimum import (
    STILL,
    Engine,
    Exchange,
    GoalStage,
    Optimum,
    RangeEnd,
    Reach,
    Rows,
    Slope,
    Stop,
    Tableau,
)
from allocator.programme.rows import ONE, ZERO
from allocator.programme.session import DUAL, PRIMAL, Flags, Floats
from allocator.programme.simplex import Basis, Bound, Simplex, StandardForm, Watch
from allocator.programme.status import Status

# -- what is gained at once --------------------------------------------------------------------------------------------
#
# What the optimum gains at once when something moves: true one-sided derivatives, degenerate or not.
#
# Only what is tight in the plan shown can stand in the way of a small move. The directions in which the plan can move
# form a cone: tight rows and bounds with right-hand sides of zero, the others left out. The cheapest of them, when the
# right-hand sides in question grow by one, is the derivative of the optimum; by duality it is the extreme of that price
# over all optimal prices (A. C. Williams, Marginal values in linear programming, 1963; M. Akgül, A note on shadow
# prices in linear programming, 1984). As all numbers but the direction are zero, nothing depends on how small a step
# is.

_FEW = 64
"""Up to so many tight basic items what each follows is kept."""


@dataclass(frozen=True)
class FloatSlope(Slope):
    """With the prices that give it, in the model's units."""

    dual: Floats
    """Of columns, then of rows."""
    at_vertex: bool
    """Whether the prices are those of the vertex itself."""


class FloatCone:
    """The ways in which the plan shown can move, one solver for each stage, warm from question to question."""

    def __init__(self, optimum: Optimum) -> None:
        self.optimum = optimum
        self._stages: dict[int, _FloatDirections] = {}
        self.last = len(optimum.stages)
        """The number of the last stage, the objective's."""

    def slope(self, direction: Rows, *, forced: Rows | None = None) -> FloatSlope | None:
        """Return the derivative of the objective along `direction`, or with columns `forced` to move."""
        columns, rows = self.optimum.units
        found = self._stage(self.last).slope(
            {row: float(growth) / rows[row] for row, growth in direction.items()},
            {column: float(growth) / columns[column] for column, growth in (forced or {}).items()},
        )
        if found is None:
            return None
        value = self.optimum.objective(found.value)
        return FloatSlope(value, dict(direction), lambda: found.move() * columns, found.dual, found.at_vertex)

    def slope_in_order(self, direction: Rows) -> FloatSlope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""
        rows = self.optimum.units[1]
        moved = dict(direction)
        for number, stage in enumerate(self.optimum.stages):
            found = self._stage(number).slope({row: float(growth) / rows[row] for row, growth in moved.items()}, {})
            if found is None:
                return None
            moved[stage.held] = Fraction(found.value * rows[stage.held])
        return self.slope(moved)

    @property
    def nondegenerate(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""
        return not len(self._stage(self.last).tight)

    def _stage(self, number: int) -> _FloatDirections:
        if number not in self._stages:
            self._stages[number] = _FloatDirections(self.optimum, self.optimum.stages[number:])
        return self._stages[number]


class _Unsure(Enum):
    """The basis alone doesn't tell."""

    UNSURE = "unsure"


UNSURE = _Unsure.UNSURE


class NoDerivativeError(ArithmeticError):
    """The solver found no derivative at an optimum."""


@dataclass(frozen=True)
class _Derivative:
    """A stage's, in the model's units."""

    value: float
    dual: Floats
    """The items' duals: of the optimal prices that give this derivative."""
    move: Callable[[], Floats]
    at_vertex: bool = False


class _FloatDirections:
    """One stage's cone in HiGHS; what moves are columns, and right-hand sides of rows counted after them."""

    def __init__(self, optimum: Optimum, stages: tuple[GoalStage, ...]) -> None:
        """`stages`: this one's and those after it, whose sums aren't held yet; empty for the last."""
        self.engine = engine = optimum.engine.copy()
        at_lower, at_upper = map(np.concatenate, zip(optimum.tight_columns, optimum.tight_rows, strict=True))
        later = [engine.width + stage.held for stage in stages]
        at_lower[later] = at_upper[later] = False
        self._in_the_way = at_lower | at_upper
        self.lower, self.upper = np.where(at_lower, 0.0, -np.inf), np.where(at_upper, 0.0, np.inf)
        engine.bound(np.arange(len(self.lower)), self.lower, self.upper)
        if stages:
            engine.minimise(dict(enumerate(stages[0].cost)))
            engine.session.use(DUAL)
        else:
            engine.run()
        engine.lower, engine.upper = self.lower, self.upper
        self.tableau = Tableau(engine)
        self._as_it_was = bool((np.sort(engine.basic) == np.sort(optimum.engine.basic)).all())
        self.tight = np.flatnonzero(np.isfinite(self.tableau.lower) | np.isfinite(self.tableau.upper))
        """Positions of basic items that are tight: where there are none, all prices are two-sided."""

    def slope(self, direction: Mapping[int, float], forced: Mapping[int, float]) -> _Derivative | None:
        width = self.engine.width
        rows = {width + row: growth for row, growth in direction.items() if self._in_the_way[width + row]}
        moved = {**rows, **forced}
        size = max(map(abs, moved.values()), default=0.0)
        if not size:
            return self._known(0.0, lambda: np.zeros(width))
        found = self._unit_slope({item: growth / size for item, growth in moved.items()})
        if found is None:
            return None
        move = found.move
        return replace(found, value=found.value * size, move=lambda: move() * size)

    def _unit_slope(self, moved: Mapping[int, float]) -> _Derivative | None:
        """Return the slope of a direction whose largest part is 1."""
        known = self._at_vertex(moved)
        if not isinstance(known, _Unsure):
            return known
        self._push(moved)
        try:
            return self._solved()
        finally:
            self._push(dict.fromkeys(moved))

    def _solved(self) -> _Derivative | None:
        status = self._solver.attempt()
        if status is Status.INFEASIBLE:
            return None
        if status is not Status.OPTIMAL:
            raise NoDerivativeError
        session = self._solver.session
        point = session.point()
        return _Derivative(session.objective, np.concatenate(session.duals()), lambda: point)

    @cached_property
    def _solver(self) -> Engine:
        """A solver that may turn to another basis; `tableau` keeps to its own."""
        return self.engine.copy()

    # What the basis knows

    def _at_vertex(self, moved: Mapping[int, float]) -> _Derivative | _Unsure | None:
        """Return the slope where the basis stays optimal for a small move, or one exchange makes it so."""
        if all(item >= self.engine.width for item in moved):
            if not self._can_follow(moved):
                return UNSURE
            value = sum(growth * float(self.engine.dual[item]) for item, growth in moved.items())
            return self._known(value, lambda: self.tableau.spread(self.tableau.follow(moved)))
        if len(moved) > 1:
            return UNSURE
        ((column, growth),) = moved.items()
        place = self.tableau.place_of(column)
        if place is not None:
            return self._exchanged(self.tableau.cheapest(place, growth))
        return self._exchanged(Exchange(float(self.engine.dual[column]) * growth, column, growth))

    def _exchanged(self, exchange: Exchange | None) -> _Derivative | _Unsure | None:
        """Return the slope where one item at rest moves, if all that is tight allows it; None: nothing can move."""
        if exchange is None:
            return None
        if not self._can_follow({exchange.entering: exchange.growth}):
            return UNSURE
        return self._known(exchange.price, lambda: self.tableau.entered(exchange))

    def _can_follow(self, moved: Mapping[int, float]) -> bool:
        """Whether the tight basic items stay within their bounds as right-hand sides and resting columns grow."""
        if not len(self.tight):
            return True
        if self._responses is None:
            change = self.tableau.follow(moved)[self.tight]
        else:
            change = np.zeros(len(self.tight))
            for item, growth in moved.items():
                place = self.tableau.place_of(item)
                own = self._responses[:, item] * growth
                change += own if place is None else np.where(self.tight == place, -growth, 0.0)
        rises = (change > STILL) & np.isfinite(self.tableau.upper[self.tight])
        falls = (change < -STILL) & np.isfinite(self.tableau.lower[self.tight])
        return not (rises | falls).any()

    @cached_property
    def _responses(self) -> Floats | None:
        """How the tight basic items follow each item; None where they are too many to keep that."""
        if len(self.tight) > _FEW:
            return None
        return np.array([self.tableau.response(int(place)) for place in self.tight])

    def _known(self, value: float, move: Callable[[], Floats]) -> _Derivative:
        return _Derivative(value, self.engine.dual, move, at_vertex=self._as_it_was)

    def _push(self, moved: Mapping[int, float | None]) -> None:
        """Force columns to move by so much, and let the bounds of rows; None: as they were."""
        items = np.array(list(moved))
        lower, upper = self.lower[items], self.upper[items]
        for place, (item, growth) in enumerate(moved.items()):
            if growth is not None:
                row = item >= self.engine.width
                lower[place], upper[place] = (lower[place] + growth, upper[place] + growth) if row else (growth, growth)
        self._solver.bound(items, lower, upper)


# -- how far it lasts --------------------------------------------------------------------------------------------------
#
# How far a price holds, and what is free meanwhile: linear programmes over the optimal plans.
#
# A plan is optimal exactly where it is complementary to optimal prices: what has a price stays at its bound. Along a
# direction those prices stay optimal as long as some plan with the moved right-hand sides is complementary to them, so
# the end of a price's range is one linear programme, and no chain of bases can mislead it.

FAR = 1e9
"""In the model's units, where a year's money is at most 1e6: what lies farther is no limit."""


class NoOptimalPlanError(ArithmeticError):
    """The solver found no plan among the optimal ones."""


class FloatRegion:
    """A set of plans in HiGHS, of which least and most values are asked."""

    def __init__(self, engine: Engine, money: float) -> None:
        self.engine, self._money = engine, money
        self.session = engine.session
        self.session.use(PRIMAL)
        self._count = self.session.width
        self.session.seek(np.zeros(self._count))

    def span(self, terms: Mapping[int, Fraction]) -> tuple[float, float]:
        """Return the least and the most of Σ coefficient · column over the region."""
        return self.least(terms, 1) * self._money, -self.least(terms, -1) * self._money

    def least(self, terms: Mapping[int, Fraction], sign: int) -> float:
        """Return the least of Σ sign · coefficient · column, in the model's units."""
        costs = np.zeros(self._count)
        for column, coefficient in terms.items():
            costs[column] = sign * float(coefficient)
        self.session.seek(costs)
        return self.session.objective + 0.0 if self._has_end() else -math.inf

    def _has_end(self) -> bool:
        """Solve; whether what is sought has a least value."""
        status = self.engine.attempt()
        if status not in (Status.UNBOUNDED, Status.OPTIMAL):
            raise NoOptimalPlanError
        return status is Status.OPTIMAL


def near_plans(optimum: Optimum, part: float) -> FloatRegion:
    """Return all plans whose objective is worse by at most `part` of its size (goals held as they are)."""
    engine = optimum.engine.copy()
    terms = {int(column): float(engine.cost[column]) for column in np.flatnonzero(engine.cost)}
    found = float(engine.cost @ engine.x)
    stated = optimum.objective(found) + float(optimum.model.programme.constant)
    allowed = found + abs(stated / optimum.model.objective_scale) * part
    engine.session.add_rows([(terms, -math.inf, allowed)])
    return FloatRegion(engine, optimum.model.money)


class FloatFace(FloatRegion):
    """The optimal plans, and how far directions lead while given prices stay optimal."""

    def __init__(self, optimum: Optimum, *, thorough: bool = True) -> None:
        """Without `thorough` no programme is solved where the basis alone doesn't tell how far a price holds."""
        self.optimum = optimum
        self._thorough = thorough
        self._tableau = Tableau(optimum.engine)
        source = optimum.engine
        engine = source.copy()
        engine.session.add_columns([0.0])
        super().__init__(engine, optimum.model.money)
        self._step = self._count - 1
        """The column of how far the direction is followed."""
        self._bounds = source.lower.copy(), source.upper.copy()
        self._own = self._held(source.priced())
        self._fixed = self._own[0] == self._own[1]
        self._hold(self._own)
        self._basis = engine.session.basis()
        self.single = source.unique()
        """Whether the optimal plan is the only one."""

    def fixed(self, column: int) -> bool:
        """Whether a column is the same in all of them."""
        return bool(self._fixed[column])

    def span(self, terms: Mapping[int, Fraction]) -> tuple[float, float]:
        """Return the least and the most of Σ coefficient · column over the optimal plans."""
        self._hold(self._own)
        return super().span(terms)

    def reach(self, direction: Rows, slope: Slope | None = None) -> Reach:
        """Return how far `direction` goes while the prices of `slope` stay (None: those of the vertex)."""
        assert slope is None or isinstance(slope, FloatSlope)  # noqa: S101 - asked of a cone of the same kind
        units = self.optimum.units[1]
        return self._reach({row: float(growth) / units[row] for row, growth in direction.items()}, slope)

    def _reach(self, direction: Mapping[int, float], slope: FloatSlope | None) -> Reach:
        size = max(map(abs, direction.values()), default=0.0)
        if not size:
            return Reach(math.inf)
        if slope is None or slope.at_vertex:
            known = self._at_vertex({row: growth / size for row, growth in direction.items()})
            if known.exact or not self._thorough:
                return Reach(known.distance / size, known.stops, known.exact)
            slope = None
        self._hold(self._own if slope is None else self._held(np.abs(slope.dual) > self.optimum.engine.zero()))
        session, step = self.session, self._step
        for row, growth in direction.items():
            session.set_entry(row, step, -growth / size)
        session.bound_column(step, 0.0, math.inf)
        costs = np.zeros(self._count)
        costs[step] = -1.0
        session.seek(costs)
        session.start_from(self._basis)
        try:
            distance = max(0.0, -session.objective) if self._has_end() else math.inf
            return Reach(math.inf) if distance > FAR else Reach(distance / size, self._stops(direction))
        finally:
            for row in direction:
                session.set_entry(row, step, 0.0)
            session.bound_column(step, 0.0, 0.0)
            session.start_from(self._basis)

    def _at_vertex(self, direction: Mapping[int, float]) -> Reach:
        """Return how far the basis stays optimal; exact where the price surely changes there."""
        tableau, width = self._tableau, self.optimum.width
        leaving = tableau.first_to_leave(tableau.follow({width + row: growth for row, growth in direction.items()}))
        if leaving is None or leaving.distance > FAR:
            return Reach(math.inf)
        exact = self._thorough and tableau.price_changes(leaving)
        item = int(self.optimum.engine.basic[leaving.position])
        begins = item - width in direction
        return Reach(
            leaving.distance, RangeEnd.BEGINS if begins else self.optimum.stop(item, upper=leaving.rises), exact
        )

    # What prices hold

    def _held(self, priced: Flags) -> tuple[Floats, Floats]:
        """Return the bounds of items where those that have a price stay as they are at the vertex.

        There they lie on their bounds but for the last digits, with which the vertex is sure to be feasible.
        """
        source = self.optimum.engine
        return np.where(priced, source.values, source.lower), np.where(priced, source.values, source.upper)

    def _hold(self, bounds: tuple[Floats, Floats]) -> None:
        """Send HiGHS the bounds that differ from those it has."""
        (low, high), (before_low, before_high) = bounds, self._bounds
        changed = np.flatnonzero((low != before_low) | (high != before_high))
        self.engine.bound(changed, low[changed], high[changed])
        self._bounds = bounds

    def _stops(self, direction: Mapping[int, float]) -> Stop | None:
        """Return what ends the way: of all that is not held, what speaks most against another step."""
        columns, rows = self.session.duals()
        point, source = self.session.point(), self.optimum.engine
        dual = np.abs(np.concatenate([columns[: source.width], rows]))
        speaking = np.flatnonzero((self._bounds[0] < self._bounds[1]) & (dual > 1e-9)).tolist()

        def nearer_upper(column: int) -> bool:
            return bool(abs(point[column] - source.upper[column]) < abs(point[column] - source.lower[column]))

        return first_stop(self.optimum, {item: dual[item] for item in speaking}, direction, nearer_upper)


def first_stop(
    optimum: Optimum, weights: Mapping[int, float], direction: Container[int], at_upper: Callable[[int], bool]
) -> Stop | None:
    """Return what ends a way along `direction`: the first item with a name, by how much speaks against another step.

    `at_upper` says of a column at which of its bounds it is.
    """
    width = optimum.width
    for _, is_column, item in sorted((-weight, item < width, item) for item, weight in weights.items()):
        if item - width in direction:
            return RangeEnd.BEGINS
        stop = optimum.stop(item, upper=is_column and at_upper(item))
        if stop:
            return stop
    return None


# -- in fractions ------------------------------------------------------------------------------------------------------
#
# What is asked of HiGHS above is asked here of `Simplex`, by pivots from the optimal basis: no tolerance decides.

type Items = frozenset[int]
"""Columns, then rows counted through."""


@dataclass(frozen=True)
class ExactSlope(Slope):
    """With what has a price there."""

    priced: Items


class ExactCone:
    """The ways in which the plan shown can move, each question a few pivots of the dual simplex method."""

    def __init__(self, decision: Decision, values: Sequence[Fraction]) -> None:
        """`values`: the plan, column by column and then row by row."""
        self.decision, self.values = decision, values
        self._stages: dict[int, _ExactDirections] = {}

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

    def _stage(self, number: int) -> _ExactDirections:
        if number not in self._stages:
            self._stages[number] = _ExactDirections(self.decision.stages[number], self.values, self.decision.watch)
        return self._stages[number]


class _ExactDirections:
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
        if not any(simplex.outside_by(item) for item in touched):
            return simplex
        return self._refinement.settled(simplex, simplex.restore, self.costs)


class ExactRegion:
    """A set of plans, of which least and most values are asked: HiGHS proposes the basis of each."""

    def __init__(self, form: StandardForm, proposing: FloatRegion) -> None:
        self._form, self._proposing = form, proposing
        self._refinement = Refinement(form, proposing.session.watch)

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


def _optimal_plans(optimum: Optimum, form: StandardForm) -> FloatRegion:
    """Return the optimal plans as HiGHS has them; `form`: as they are in fractions."""
    engine, units = optimum.engine.copy(), np.concatenate(optimum.units)
    ends = zip([*form.lower, *form.row_lower], [*form.upper, *form.row_upper], strict=True)
    fixed = [item for item, (low, high) in enumerate(ends) if low == high is not None]
    engine.fix({item: float(optimum.values[item]) / units[item] for item in fixed})
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
        self._following = Following(last, optimum.decision.watch)

    def fixed(self, column: int) -> bool:
        """Whether a column is the same in all of them."""
        return self._form.lower[column] == self._form.upper[column]

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
        units = np.concatenate(self.optimum.units)
        weights = {
            item - (item >= simplex.width): abs(float(worth))  # the step's own column stands before the rows
            for item, worth in simplex.reduced.items()
            if simplex.lower[item] is None or simplex.lower[item] != simplex.upper[item]
        }
        weights = {item: weight * units[item] for item, weight in weights.items()}
        return first_stop(self.optimum, weights, direction, lambda item: simplex.values[item] == simplex.upper[item])


class Following:
    """A stage's programme at its optimum, with a column more: how far a direction is followed."""

    def __init__(self, stage: Decided, watch: Watch) -> None:
        width, basis = len(stage.form.columns), stage.vertex.basis
        self._step = width

        def shifted(items: Iterable[int]) -> Iterable[int]:
            return (item + (item >= width) for item in items)

        start = Basis(tuple(shifted(basis.basic)), frozenset(shifted(basis.at_upper)))
        self._refinement = Refinement(with_columns(stage.form, [()]), watch)
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


# -- in the arithmetic that suits the programme ------------------------------------------------------------------------


class _Asked[F, E]:
    """Floating-point numbers as long as they find an end, then fractions."""

    def __init__(self, floats: F | None, exact: Callable[[], E]) -> None:
        """`floats` None: fractions alone, of a programme small enough."""
        self._floats, self._exact = floats, cache(exact)

    def _ask[T](self, question: Callable[[F | E], T]) -> T:
        with suppress(ArithmeticError):
            if self._floats is not None:
                return question(self._floats)
        return question(self._exact())


class Cone(_Asked[FloatCone, ExactCone]):
    """The ways in which the plan shown can move."""

    def __init__(self, optimum: Optimum) -> None:
        super().__init__(None if optimum.small else FloatCone(optimum), lambda: _exact_cone(optimum))

    @property
    def nondegenerate(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""
        return self._ask(lambda cone: cone.nondegenerate)

    def slope(self, direction: Rows, *, forced: Rows | None = None) -> Slope | None:
        """Return the derivative of the objective along `direction`; None where no plan exists that way.

        `forced` makes columns move by so much, whatever their bounds.
        """
        return self._ask(lambda cone: cone.slope(direction, forced=forced))

    def slope_in_order(self, direction: Rows) -> Slope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""
        return self._ask(lambda cone: cone.slope_in_order(direction))


class Region(_Asked[FloatRegion, ExactRegion]):
    """A set of plans, of which least and most values are asked."""

    def span(self, terms: Mapping[int, Fraction]) -> tuple[Fraction | float, Fraction | float]:
        """Return the least and the most of Σ coefficient · column, of columns that are money; infinite: no end."""
        return self._ask(lambda region: region.span(terms))


def plans_near(optimum: Optimum, part: Fraction) -> Region:
    """Return all plans whose objective is worse by at most `part` of its size (goals held as they are)."""

    def exact() -> ExactRegion:
        last = optimum.decision.stages[-1]
        most = last.least + abs(optimum.decision.objective) * part
        return ExactRegion(with_rows(last.form, [(last.costs, None, most)]), near_plans(optimum, float(part)))

    return Region(None if optimum.small else near_plans(optimum, float(part)), exact)


class Face(Region):
    """The optimal plans, and how far directions lead while given prices stay optimal."""

    def __init__(self, optimum: Optimum, *, thorough: bool) -> None:
        """See `FloatFace` for `thorough`."""
        self._optimum = optimum
        self._float_face = None if optimum.small else FloatFace(optimum, thorough=thorough)
        self._exact_face = cache(lambda: ExactFace(optimum))
        self._exact_cone = cache(lambda: _exact_cone(optimum))
        super().__init__(self._float_face, self._exact_face)

    @property
    def _known(self) -> FloatFace | ExactFace:
        return self._float_face or self._exact_face()

    @property
    def single(self) -> bool:
        """Whether the optimal plan is the only one."""
        return self._known.single

    def span(self, terms: Mapping[int, Fraction]) -> tuple[Fraction | float, Fraction | float]:
        """Return the least and the most of Σ coefficient · column over the optimal plans."""
        if not (self.single or all(map(self._known.fixed, terms))):
            return super().span(terms)
        value = sum((c * self._optimum.values[column] for column, c in terms.items()), ZERO)
        return (value, value) if self._float_face is None else (float(value), float(value))

    def holds_still(self, area: str, year: int, *, whole: bool) -> bool:
        """Whether an area's amounts of a year (with `whole`: at least their sum) are the same in all optimal plans."""
        keys = self._optimum.model.programme.keys_of[area, year]
        if self.single:
            return True
        pieces = self._optimum.pieces.get((area, year)) if whole or len(keys) == 1 else None
        if pieces and all(self._known.fixed(column) for _, column in pieces):
            return True
        return all(self._known.fixed(self._optimum.amounts[key]) for key in keys)

    def reach(self, direction: Rows, slope: Slope | None = None) -> Reach:
        """Return how far `direction` goes while the prices of `slope` stay (None: those of the vertex)."""
        if self._float_face is not None and not isinstance(slope, ExactSlope):
            try:
                return self._float_face.reach(direction, slope)
            except ArithmeticError:
                slope = None if slope is None else self._exact_cone().slope(slope.direction)
        return self._exact_face().reach(direction, slope)


def _exact_cone(optimum: Optimum) -> ExactCone:
    return ExactCone(optimum.decision, optimum.values)
