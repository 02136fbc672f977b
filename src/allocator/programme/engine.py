"""An optimal basis kept in the solver, and the optimal solutions around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from allocator.programme.attempts import AT_OPTIMUM, DIRECT, PRIMAL, TIGHT
from allocator.programme.session import BasicSolution, Floats, RowNumbers, Session, Terms
from allocator.programme.simplex import Basis, Watch
from allocator.programme.status import Status

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

    `lower` to `row_upper` are the programme's bounds: what questions give the session for a while leaves them alone.
    """

    def __init__(self, session: Session, *, still: bool = False) -> None:
        """`still`: the basis is known to be optimal, and stays, whatever floating-point numbers make of it."""
        self.session = session
        session.use({**TIGHT, **DIRECT})
        session.limit_iterations(_ROUNDS)
        self.cost, self.lower, self.upper, self.row_lower, self.row_upper = session.arrays()
        if still:
            self._read(session.look())
        else:
            self.run()  # without presolve, from the optimal basis: no iteration, but a factorisation

    def copy(self) -> Engine:
        """Return an engine of its own at the same basis: what is done to it leaves this one as it is."""
        return Engine(self.session.copy(), still=True)

    @property
    def watch(self) -> Watch:
        """What gives the seconds left."""
        return self.session.watch

    def take(self, basis: Basis) -> None:
        """Stand at a basis that was found elsewhere."""
        self.session.stand_at(basis, chain(self.lower, self.row_lower), chain(self.upper, self.row_upper))
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
        self.x, self.activity = found.x, found.activity
        self.column_dual, self.row_dual, self.basic = found.column_dual, found.row_dual, found.basic
        self.column_free = np.ones(len(self.x), dtype=bool)
        self.row_free = np.ones(len(self.activity), dtype=bool)
        self.column_free[self.basic[self.basic >= 0]] = False
        self.row_free[-1 - self.basic[self.basic < 0]] = False

    # The optimal face

    def zero(self) -> float:
        """Return the size below which a dual value counts as zero."""
        return ZERO_DUAL * max(1.0, float(np.abs(self.cost).max(initial=0.0)))

    def _movable(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the nonbasic columns and rows that could leave their bound at no cost."""
        zero = self.zero()
        columns = self.column_free & (np.abs(self.column_dual) <= zero) & (self.lower < self.upper)
        rows = self.row_free & (np.abs(self.row_dual) <= zero) & (self.row_lower < self.row_upper)
        return columns, rows

    def unique(self) -> bool:
        """Whether nothing can move at no cost; False may also mean that it is degenerate."""
        columns, rows = self._movable()
        return not (columns.any() or rows.any())

    def hold_face(self) -> None:
        """Fix what has a price, by complementary slackness: exactly the optimal solutions stay feasible."""
        columns, rows = self.priced()
        self._fix_columns(np.flatnonzero(columns & (self.lower < self.upper)))
        self._fix_rows(np.flatnonzero(rows & (self.row_lower < self.row_upper)))

    def fix(self, columns: Mapping[int, float], rows: Mapping[int, float]) -> None:
        """Fix these columns and rows at these values."""
        for lower, upper, send, wanted in (
            (self.lower, self.upper, self.session.bound_columns, columns),
            (self.row_lower, self.row_upper, self.session.bound_rows, rows),
        ):
            places = np.fromiter((n for n in wanted if lower[n] < upper[n]), dtype=np.int32)
            values = np.array([wanted[int(n)] for n in places])
            lower[places] = upper[places] = values
            send(places, values, values)

    def priced(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the columns and rows that have a price."""
        zero = self.zero()
        columns = self.column_free & (np.abs(self.column_dual) > zero)
        return columns, self.row_free & (np.abs(self.row_dual) > zero)

    def minimise(self, costs: Mapping[int, float]) -> None:
        """Minimise Σ cost · column from where it stands; other columns cost nothing."""
        self.cost = np.zeros(len(self.lower))
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
        free_columns, free_rows = self._movable()
        rises = self._at_lower(self.x, self.lower, self.upper)
        for column in np.flatnonzero(free_columns):
            costs[int(column)] = -1.0 if rises[column] else 1.0
        rises = self._at_lower(self.activity, self.row_lower, self.row_upper)
        for row in np.flatnonzero(free_rows):
            for column, value in zip(*self.session.row(int(row)), strict=True):
                costs[int(column)] = costs.get(int(column), 0.0) + (-value if rises[row] else value)
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
            free_columns = self.column_free & (self.lower < self.upper)
            free_rows = self.row_free & (self.row_lower < self.row_upper)
            if not (free_columns.any() or free_rows.any()):
                return
            by_columns, by_rows = self._followers(column, free_columns, free_rows)
            if max(by_columns.max(initial=0.0), by_rows.max(initial=0.0)) > STILL:
                self.minimise({column: -1.0})
                self.hold_face()
            else:
                self._fix_columns(np.flatnonzero(by_columns < -STILL))
                self._fix_rows(np.flatnonzero(by_rows < -STILL))

    def _followers(
        self, column: int, free_columns: NDArray[np.bool_], free_rows: NDArray[np.bool_]
    ) -> tuple[Floats, Floats]:
        """Return how `column` changes as each free nonbasic column, and each free row, leaves its bound."""
        away = np.where(self._at_lower(self.x, self.lower, self.upper), 1.0, -1.0)
        place = np.flatnonzero(self.basic == column)
        if not len(place):
            alone = np.zeros(len(self.lower))
            alone[column] = away[column] if free_columns[column] else 0.0
            return alone, np.zeros(len(self.row_lower))
        reduced, inverse = self.session.tableau_row(int(place[0]))
        away_rows = np.where(self._at_lower(self.activity, self.row_lower, self.row_upper), 1.0, -1.0)
        return np.where(free_columns, -reduced * away, 0.0), np.where(free_rows, inverse * away_rows, 0.0)

    @staticmethod
    def _at_lower(values: Floats, lower: Floats, upper: Floats) -> NDArray[np.bool_]:
        return np.abs(values - lower) <= np.abs(values - upper)

    def _fix_columns(self, columns: NDArray[np.int64]) -> None:
        at = _nearer_bound(self.x, self.lower, self.upper)[columns]
        self.lower[columns] = self.upper[columns] = at
        self.session.bound_columns(columns.astype(np.int32), at, at)

    def _fix_rows(self, rows: NDArray[np.int64]) -> None:
        at = _nearer_bound(self.activity, self.row_lower, self.row_upper)[rows]
        self.row_lower[rows] = self.row_upper[rows] = at
        self.session.bound_rows(rows.astype(np.int32), at, at)

    def add_distances(self, sums: Sequence[tuple[Terms, float]]) -> range:
        """Add a column d ≥ |Σ coefficient · column − target| for each of `sums`; return the columns."""
        columns = self.session.add_columns([np.inf] * len(sums))
        rows: list[RowNumbers] = []
        for column, (terms, target) in zip(columns, sums, strict=True):
            rows += [({**terms, column: -1.0}, -np.inf, target), ({**terms, column: 1.0}, target, np.inf)]
        self.session.add_rows(rows)
        self.lower = np.append(self.lower, np.zeros(len(sums)))
        self.upper = np.append(self.upper, np.full(len(sums), np.inf))
        self.row_lower = np.append(self.row_lower, [low for _, low, _ in rows])
        self.row_upper = np.append(self.row_upper, [high for _, _, high in rows])
        return columns


def _nearer_bound(values: Floats, lower: Floats, upper: Floats) -> Floats:
    return np.where(np.abs(values - lower) <= np.abs(values - upper), lower, upper)
