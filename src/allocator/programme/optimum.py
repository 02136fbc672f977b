"""The optimum kept in the solver: its basis, what that knows, and what may be asked of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from allocator.programme.decision import Decision, Units
from allocator.programme.matrix import ScaledMatrix
from allocator.programme.rows import Key, Piece
from allocator.programme.session import (
    AT_OPTIMUM,
    DIRECT,
    PRIMAL,
    TIGHT,
    BasicSolution,
    Flags,
    Floats,
    RowNumbers,
    Session,
    Terms,
)
from allocator.programme.simplex import Basis, Bound
from allocator.programme.status import Status

# -- the basis ---------------------------------------------------------------------------------------------------------
#
# An optimal basis kept in the solver, and the optimal solutions around it.

ZERO_DUAL = 1e-9
"""Below this part of the largest cost (at least of 1) a dual value counts as zero; ten times the dual tolerance."""
MOVES = 1e-6
"""Plans are called equally good only where an amount differs by more than this part of its size (at least of 1)."""
STILL = 1e-9
"""What moves by less, as what moves it moves by one, doesn't move; nor by less than this part of what moves most."""
_ROUNDS = 2
"""From an optimal basis to the next one there is less to do than from none."""


class NoOptimumError(ArithmeticError):
    """The solver found no optimum of a programme that has one."""


class Engine:
    """A session at an optimal basis.

    Items are columns, then rows counted through. `lower` and `upper` are the programme's bounds of them: what questions
    give the session for a while leaves them alone.
    """

    def __init__(self, session: Session, *, still: bool = False) -> None:
        """`still`: the basis is known to be optimal, and stays, whatever floating-point numbers make of it."""
        self.session = session
        session.use({**TIGHT, **DIRECT})
        session.limit_iterations(_ROUNDS)
        self.cost, self.lower, self.upper = session.arrays()
        self.width = session.width
        if still:
            self._read(session.look())
        else:
            self.run()  # without presolve, from the optimal basis: no iteration, but a factorisation

    def copy(self) -> Engine:
        """Return an engine of its own at the same basis: what is done to it leaves this one as it is."""
        return Engine(self.session.copy(), still=True)

    @property
    def x(self) -> Floats:
        """The columns' values."""
        return self.values[: self.width]

    def take(self, basis: Basis) -> None:
        """Stand at a basis that was found elsewhere."""
        self.session.stand_at(basis, self.lower, self.upper)
        self._read(self.session.look())

    def attempt(self) -> Status:
        """Solve again from where it stands, and read nothing."""
        return self.session.run()

    def run(self) -> None:
        """Solve again from where it stands; where the tightest tolerance can't be met, with HiGHS' own."""
        if Status.OPTIMAL not in self.session.attempt(AT_OPTIMUM):
            raise NoOptimumError from self.session.lost()
        self._read(self.session.basic_solution())

    def _read(self, found: BasicSolution) -> None:
        self.values, self.dual, self.basic, self.rests = found.values, found.dual, found.basic, found.rests

    def bound(self, items: NDArray[np.int64], lower: Floats, upper: Floats) -> None:
        """Give items other bounds in the session."""
        columns = items < self.width
        rows = ~columns
        self.session.bound_columns(items[columns].astype(np.int32), lower[columns], upper[columns])
        self.session.bound_rows((items[rows] - self.width).astype(np.int32), lower[rows], upper[rows])

    # The optimal face

    def zero(self) -> float:
        """Return the size below which a dual value counts as zero."""
        return ZERO_DUAL * max(1.0, float(np.abs(self.cost).max(initial=0.0)))

    @property
    def movable(self) -> Flags:
        """The nonbasic items that could leave their bound."""
        return self.rests & (self.lower < self.upper)

    def _free(self) -> Flags:
        """Return those that could at no cost."""
        return self.movable & (np.abs(self.dual) <= self.zero())

    def unique(self) -> bool:
        """Whether nothing can move at no cost; False may also mean that it is degenerate."""
        return not self._free().any()

    def priced(self) -> Flags:
        """Return the items that have a price."""
        return self.rests & (np.abs(self.dual) > self.zero())

    def hold_face(self) -> None:
        """Fix what has a price, by complementary slackness: exactly the optimal solutions stay feasible."""
        self._fix_at_bound(self.priced() & (self.lower < self.upper))

    def _fix_at_bound(self, chosen: Flags) -> None:
        self._fix(np.flatnonzero(chosen), np.where(self._at_lower(), self.lower, self.upper)[chosen])

    def fix(self, values: Mapping[int, float]) -> None:
        """Fix these items at these values."""
        items = np.fromiter((item for item in values if self.lower[item] < self.upper[item]), dtype=np.int64)
        self._fix(items, np.array([values[int(item)] for item in items]))

    def _fix(self, items: NDArray[np.int64], values: Floats) -> None:
        self.lower[items] = self.upper[items] = values
        self.bound(items, values, values)

    def minimise(self, costs: Mapping[int, float]) -> None:
        """Minimise Σ cost · column from where it stands; other columns cost nothing."""
        self.cost = np.zeros(self.width)
        self.cost[list(costs)] = list(costs.values())
        self.session.seek(self.cost)
        self.session.use(PRIMAL)
        self.run()

    def spreads(self, columns: Sequence[int]) -> bool:
        """Whether any of `columns` can move within the face: by pushing all that is free as far as it goes.

        A basic solution is the only one where the sum of the distances of its nonbasic items from their bounds
        can't be made positive (O. L. Mangasarian, Uniqueness of solution in linear programming, 1979).
        """
        before = self.x[list(columns)]
        costs: dict[int, float] = {}
        rises = self._at_lower()
        for item in np.flatnonzero(self._free()).tolist():
            if item < self.width:
                costs[item] = -1.0 if rises[item] else 1.0
                continue
            for column, value in zip(*self.session.row(item - self.width), strict=True):
                costs[int(column)] = costs.get(int(column), 0.0) + (-value if rises[item] else value)
        self.hold_face()
        self.minimise(costs)
        moved = np.abs(self.x[list(columns)] - before)
        return bool((moved > MOVES * np.maximum(1.0, np.abs(before))).any())

    def maximise_in_order(self, columns: Sequence[int]) -> None:
        """Make the first column as large as it can be, then the second, and so on.

        At a vertex any move is a sum of moves of single nonbasic items off their bounds, the basic columns
        following by their rows of the basis inverse. Where all that moves a column makes it smaller, that stays
        where it is for good; only where something makes it larger the simplex method is needed.
        """
        # weights that fall along the order settle most exchanges between two columns at once
        self.minimise({column: number / len(columns) - 1.0 for number, column in enumerate(columns)})
        for column in columns:
            if not self.movable.any():
                return
            followers = self._followers(column)
            if followers.max(initial=0.0) > STILL:
                self.minimise({column: -1.0})
                self.hold_face()
            else:
                self._fix_at_bound(followers < -STILL)

    def _followers(self, column: int) -> Floats:
        """Return how `column` changes as each nonbasic item that may leaves its bound."""
        moves = np.where(self.movable, self.away(), 0.0)
        place = np.flatnonzero(self.basic == column)
        if len(place):
            return self.response(int(place[0])) * moves
        alone = np.zeros(len(self.lower))
        alone[column] = moves[column]
        return alone

    def response(self, position: int) -> Floats:
        """Return how the basic item at a position changes as each column, and each row's right-hand side, grows."""
        columns, rows = self.session.tableau_row(position)
        # a basic row stands in the basis with the opposite sign of its activity
        return np.concatenate([-columns, rows]) * (1.0 if self.basic[position] < self.width else -1.0)

    def _at_lower(self) -> Flags:
        with np.errstate(invalid="ignore"):
            nearer: Flags = np.abs(self.values - self.lower) <= np.abs(self.values - self.upper)
        return nearer

    def away(self) -> Floats:
        """Return the direction in which each item leaves the bound that it is nearer to."""
        return np.where(self._at_lower(), 1.0, -1.0)

    def add_distances(self, sums: Sequence[tuple[Terms, float]]) -> range:
        """Add a column d ≥ |Σ coefficient · column − target| for each of `sums`; return the columns."""
        columns = self.session.add_columns([np.inf] * len(sums))
        rows: list[RowNumbers] = []
        for column, (terms, target) in zip(columns, sums, strict=True):
            rows += [({**terms, column: -1.0}, -np.inf, target), ({**terms, column: 1.0}, target, np.inf)]
        self.session.add_rows(rows)
        first, zeros = self.width, np.zeros(len(sums))
        self.lower = np.concatenate([self.lower[:first], zeros, self.lower[first:], [low for _, low, _ in rows]])
        self.upper = np.concatenate([self.upper[:first], zeros + np.inf, self.upper[first:], [h for _, _, h in rows]])
        self.width = columns.stop
        return columns


# -- its tableau -------------------------------------------------------------------------------------------------------
#
# What the basis of an optimal vertex knows without another solve: who follows when something moves, and how far.
#
# Positions count as in the solver's list of basic items. A nonbasic item moves *away* from the bound it rests on.


@dataclass(frozen=True)
class Leaving:
    """The basic item that first reaches a bound along a direction."""

    distance: float
    position: int
    rises: bool


@dataclass(frozen=True)
class Exchange:
    """A basic item moves because one at rest does."""

    price: float
    entering: int
    """The item that moves."""
    growth: float
    """By how much it grows; of a row, its right-hand side."""


class Tableau:
    """The basis of an engine, which nobody else moves."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        basic = engine.basic
        self.values, self.lower, self.upper = engine.values[basic], engine.lower[basic], engine.upper[basic]
        self._columns = basic < engine.width
        self._place: dict[int, int] = {item: position for position, item in enumerate(basic.tolist())}
        self._away, self._movable = engine.away(), engine.movable

    def place_of(self, item: int) -> int | None:
        """Return the position of a basic item; None for one that rests."""
        return self._place.get(item)

    def follow(self, moved: Mapping[int, float]) -> Floats:
        """Return how basic items change against their bounds as resting columns, and right-hand sides of rows, grow."""
        engine = self.engine
        right, own = np.zeros(len(engine.values) - engine.width), np.zeros(len(self.values))
        for item, growth in moved.items():
            place = self._place.get(item)
            if place is not None:  # a row that doesn't bind: only its own bounds move
                own[place] = growth
            elif item < engine.width:
                rows, values = engine.session.column(item)
                right[rows] += -growth * values
            else:
                right[item - engine.width] += growth
        if not right.any():
            return -own
        # a basic row stands in the basis with the opposite sign of its activity
        found: Floats = np.where(self._columns, 1.0, -1.0) * engine.session.solve_basis(right) - own
        return found

    def spread(self, change: Floats) -> Floats:
        """Return a change of the basic items as one of all columns; resting ones stay."""
        found = np.zeros(self.engine.width)
        found[self.engine.basic[self._columns]] = change[self._columns]
        return found

    def response(self, position: int) -> Floats:
        """Return how a basic item changes as each resting column, and each resting row's right-hand side, grows."""
        return np.where(self.engine.rests, self.engine.response(position), 0.0)

    def first_to_leave(self, change: Floats) -> Leaving | None:
        """Return which basic item first reaches a bound when all change by `change`; None: none ever does."""
        still = STILL * max(1.0, float(np.abs(change).max(initial=0.0)))
        with np.errstate(invalid="ignore", divide="ignore"):
            up = np.where(change > still, (self.upper - self.values) / change, math.inf)
            down = np.where(change < -still, (self.lower - self.values) / change, math.inf)
        nearest = np.minimum(up, down)
        position = int(np.argmin(nearest)) if len(nearest) else 0
        if not len(nearest) or math.isinf(nearest[position]):
            return None
        return Leaving(max(0.0, float(nearest[position])), position, bool(change[position] > 0))

    def _ratios(self, effect: Floats) -> Floats:
        """Return the price per unit of effect of each item that may move; inf for the others."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self._movable & (effect > STILL), np.abs(self.engine.dual) / effect, math.inf)

    def price_changes(self, leaving: Leaving) -> bool:
        """Whether prices surely change, or no plan exists, once an item that reached its bound would go beyond it."""
        back = -self._away if leaving.rises else self._away
        ratios = self._ratios(self.response(leaving.position) * back)
        return float(ratios.min(initial=math.inf)) > self.engine.zero()

    def cheapest(self, position: int, growth: float) -> Exchange | None:
        """Return the cheapest way to move a basic item: a resting one moves away, the others follow. None: no way."""
        response = self.response(position)
        away = self._away if growth > 0 else -self._away
        unbounded = np.isinf(self.engine.lower) & np.isinf(self.engine.upper)
        # what has no bound may move either way
        ratios = self._ratios(np.where(unbounded, np.abs(response), response * away))
        entering = int(np.argmin(ratios))
        if math.isinf(ratios[entering]):
            return None
        return Exchange(float(ratios[entering]) * abs(growth), entering, growth / float(response[entering]))

    def entered(self, exchange: Exchange) -> Floats:
        """Return how all columns change in an exchange."""
        move = self.spread(self.follow({exchange.entering: exchange.growth}))
        if exchange.entering < len(move):
            move[exchange.entering] = exchange.growth
        return move


# -- what may be asked -------------------------------------------------------------------------------------------------
#
# What may be asked of an optimum: how fast it changes in a direction, how far that lasts, what is free meanwhile.
#
# A direction is what rows of the solver grow by, per unit of the question, in the workbook's units; so are all answers.
# They are fractions of a programme small enough to be asked exactly, else floating-point numbers.

type Rows = Mapping[int, Fraction]
"""The solver's row → growth of its right-hand side per unit of the question."""


@dataclass(frozen=True)
class Slope:
    """The derivative of a stage's optimum along a direction."""

    value: Fraction | float
    """Of the objective, as stated: per unit of the question."""
    direction: Rows
    """The direction it belongs to, bounds of goals included."""
    move: Callable[[], Floats]
    """How the plan moves along it, column by column; worked out when asked for."""


class RangeEnd(Enum):
    """What ends a way without being met on it."""

    BEGINS = auto()
    """The row that is asked about begins to bind."""
    NO_PLAN = auto()
    """No plan exists beyond."""


@dataclass(frozen=True)
class RowBinds:
    """A row begins, or ceases, to bind: `label` is its name and year."""

    label: str


@dataclass(frozen=True)
class AtZero:
    """An amount comes to, or leaves, 0; `source` is None where only one may pay."""

    area: str
    year: int
    source: str | None = None


@dataclass(frozen=True)
class BandEnds:
    """An amount comes to, or leaves, the end of a band of that number."""

    area: str
    year: int
    band: int


@dataclass(frozen=True)
class GoalTurns:
    """A goal begins to be missed or to be met: `label` is its row's name and year."""

    label: str


type Stop = RangeEnd | RowBinds | AtZero | BandEnds | GoalTurns
"""What ends a direction."""


@dataclass(frozen=True)
class Reach:
    """How far a direction goes while its price holds, in units of the question; `inf`: no limit."""

    distance: Fraction | float
    stops: Stop | None = None
    """What ends it; None where nothing does or it has no name."""
    exact: bool = True
    """False where the price may hold farther: the end is that of one optimal basis."""


# -- the optimum -------------------------------------------------------------------------------------------------------
#
# The optimum kept in the solver, and the names and units in which it is questioned.
#
# A question is a *direction*: right-hand sides of rows that move together, each by so much per unit of what is asked
# about. `Cone` answers what the optimum gains at once, `Face` how far that lasts and what is free meanwhile.

MOST_WORK, MOST_WORK_IF_WIDE = 2 * 10**4, 10**6
"""Each of so many questions (one for each row and column) looks at every coefficient: up to so much work in all they
are answered in fractions. The larger bound is for programmes in which floating-point numbers may lose the small ones;
without them fractions give the same figures (to 12 digits) some twenty times as slowly."""

type Tight = tuple[Flags, Flags]
type Direction = Mapping[int, Fraction]
"""Index in `Programme.rows` → growth of that row's right-hand side, in its own unit, per unit of the question."""


@dataclass(frozen=True)
class GoalStage:
    """A sum of shortfalls that was made least before the objective was sought."""

    cost: Floats
    held: int
    """The row that holds it at its least."""


@dataclass
class Optimum:
    """The last programme at an optimal vertex, and the plan that was chosen among the optimal ones."""

    model: ScaledMatrix
    engine: Engine
    """At a vertex; nobody changes it, each question works on a copy."""
    decision: Decision
    """The exact optima of all stages."""
    values: Sequence[Fraction]
    """The plan shown, column by column and then row by row, in the workbook's units."""
    exact_units: Units

    @cached_property
    def small(self) -> bool:
        """Whether it is questioned in fractions."""
        matrix = self.decision.matrix
        work = matrix.entries * (len(matrix.columns) + len(matrix.rows))
        return work <= (MOST_WORK_IF_WIDE if matrix.wide else MOST_WORK)

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.decision.form.columns)

    @cached_property
    def tight_columns(self) -> Tight:
        """The columns at their lower and at their upper bound in the plan shown, exactly."""
        form = self.decision.form
        return _tight(self.values[: self.width], form.lower, form.upper)

    @cached_property
    def tight_rows(self) -> Tight:
        """The rows at their lower and at their upper end."""
        form = self.decision.form
        return _tight(self.values[self.width :], form.row_lower, form.row_upper)

    @cached_property
    def stages(self) -> tuple[GoalStage, ...]:
        """What was made least before, in the model's units."""
        columns, rows = self.units
        found = []
        for held, stage in zip(self.decision.held.values(), self.decision.stages, strict=False):
            cost = np.zeros(len(columns))
            for at, each in stage.costs.items():
                cost[at] = float(each) * columns[at] / rows[held]
            found.append(GoalStage(cost, held))
        return tuple(found)

    @cached_property
    def amounts(self) -> Mapping[Key, int]:
        """The columns of the amounts."""
        return {key: at for at, key in enumerate(self.model.programme.keys)}

    @cached_property
    def pieces(self) -> Mapping[tuple[str, int], list[tuple[Piece, int]]]:
        """The columns of the pieces, of the areas and years that have some."""
        matrix = self.model.matrix
        return {pair: list(zip(matrix.split[pair], columns, strict=True)) for pair, columns in matrix.pieces.items()}

    @property
    def rows(self) -> Sequence[int | None]:
        """For each of the programme's rows where it stands in the solver; None for one without amounts."""
        return self.model.matrix.row_at

    @property
    def goal_rows(self) -> Mapping[int, int]:
        """Priority → the row that holds its sum of shortfalls."""
        return self.decision.held

    def margin_column(self, area: str, year: int) -> int:
        """Return the column whose coefficient is in force for the next unit of an area's yearly amount."""
        if pieces := self.pieces.get((area, year)):
            at_end = self.tight_columns[1]
            return next((column for _, column in pieces if not at_end[column]), pieces[-1][1])
        return self.amounts[self.model.programme.keys_of[area, year][0]]

    # Units

    def at(self, direction: Direction) -> dict[int, Fraction]:
        """Return a direction as rows of the solver."""
        found = {self.rows[index]: growth for index, growth in direction.items() if growth}
        return {row: growth for row, growth in found.items() if row is not None}

    def objective(self, value: float) -> float:
        """Return a change of the model's objective as a change of the stated one."""
        return self.model.objective_scale * value + 0.0

    @cached_property
    def units(self) -> tuple[Floats, Floats]:
        """How much of the workbook's unit one of the solver's columns, and of its rows, is."""
        columns, rows = self.exact_units
        return np.array([float(unit) for unit in columns]), np.array([float(unit) for unit in rows])

    # What ends a direction

    def stop(self, item: int, *, upper: bool) -> Stop | None:
        """Return what it means that a column is at its lower, or its upper, bound, or that a row binds.

        Rows are counted after the columns; None for one that only adds up.
        """
        return self._stops.get(item, (None, None))[upper]

    @cached_property
    def _stops(self) -> Mapping[int, tuple[Stop, Stop]]:
        programme, width = self.model.programme, self.width
        single: dict[int, Stop] = {
            column: AtZero(*key.pair, key.source if len(programme.keys_of[key.pair]) > 1 else None)
            for key, column in self.amounts.items()
        }
        for index, columns in self.model.matrix.shortfalls.items():
            single |= dict.fromkeys(columns, GoalTurns(programme.rows[index].label))
        for at, row in zip(self.rows, programme.rows, strict=True):
            if at is not None:
                single[width + at] = RowBinds(row.label)
        single |= {width + at: RowBinds(f"Goal {priority}") for priority, at in self.goal_rows.items()}
        stops = {item: (stop, stop) for item, stop in single.items()}
        for (area, year), pieces in self.pieces.items():
            for piece, column in pieces:
                start = BandEnds(area, year, piece.number - 1) if piece.number > 1 else AtZero(area, year)
                stops[column] = (start, BandEnds(area, year, piece.number))
        return stops


def _tight(values: Sequence[Fraction], lower: Sequence[Bound], upper: Sequence[Bound]) -> Tight:
    """Return which values are at their lower, and which at their upper end."""
    at_lower = [value == bound for value, bound in zip(values, lower, strict=True)]
    at_upper = [value == bound for value, bound in zip(values, upper, strict=True)]
    return np.array(at_lower, dtype=np.bool_), np.array(at_upper, dtype=np.bool_)
