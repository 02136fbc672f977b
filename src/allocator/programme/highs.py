"""HiGHS, kept warm: what is asked of the solver beyond one solve. No other file imports highspy.

An `Engine` holds the HiGHS model that PuLP leaves behind after a solve. Columns and rows count as in
``problem.exported_variables()`` and ``problem.constraints()``. It always minimises.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import chain
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from allocator.programme.deadline import Deadline

type Floats = NDArray[np.float64]

TOLERANCES = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""As tight as HiGHS allows, so that near-ties are told apart; money is scaled to 1e2 … 1e6 before."""
LOOSE = {"primal_feasibility_tolerance": 1e-7, "dual_feasibility_tolerance": 1e-7}
"""HiGHS' own, for questions about plans where the tightest finds none though there is one."""
STEADY = {
    "threads": 1, "parallel": "off", "random_seed": 0, "small_matrix_value": 1e-12, "large_matrix_value": 1e50,
    "infinite_bound": 1e50, "infinite_cost": 1e50,
}  # fmt: skip
"""Same input, same plan; and no coefficient is dropped, or refused, that a scaled row may well have (HiGHS' own bounds
are 1e-9 and 1e15)."""
ZERO_DUAL = 1e-9
"""Below this part of the largest cost (at least of 1) a dual value counts as zero; ten times the dual tolerance."""
SAFETY = 60.0
"""Seconds after which branch and bound is stopped whatever its node limit; where it hits, it has lost its way."""
MOVES = 1e-6
"""Plans are called equally good only where an amount differs by more than this part of its size (at least of 1)."""
STILL = 1e-9
"""A column that moves by less than this part of its size (at least of 1) hasn't moved."""


def iterations(columns: int, rows: int, times: int = 5) -> dict[str, int]:
    """Return the option that ends a run which goes in circles: honest ones take a part of so many iterations."""
    return {"simplex_iteration_limit": times * (columns + rows) + 1000}


class Outcome(Enum):
    """What a solver's stop means; anything but the first two says nothing about the programme."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"


_ATTEMPTS = {
    highspy.HighsModelStatus.kOptimal: Outcome.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Outcome.INFEASIBLE,
}


_STATUS: Any = highspy.HighsBasisStatus


def proposed(highs: Any) -> tuple[tuple[int, ...], frozenset[int]]:
    """Return the basis that a run ended with, however it ended: what is basic, and what rests at its upper end.

    Columns, then rows, counted through; empty where there is none.
    """
    basis = highs.getBasis()
    if not basis.valid:
        return (), frozenset()
    kinds = [*basis.col_status, *basis.row_status]
    basic = tuple(item for item, kind in enumerate(kinds) if kind == _STATUS.kBasic)
    return basic, frozenset(item for item, kind in enumerate(kinds) if kind == _STATUS.kUpper)


def _resting(low: float, high: float, *, upper: bool) -> Any:
    if math.isinf(low) and math.isinf(high):
        return _STATUS.kZero
    return _STATUS.kUpper if (upper or math.isinf(low)) and not math.isinf(high) else _STATUS.kLower


def stand(highs: Any, ends: Iterable[tuple[float, float]], basic: Collection[int], at_upper: Collection[int]) -> None:
    """Give a model a basis as `proposed` returns it; `ends` are the bounds of columns, then of rows."""
    kinds = [
        _STATUS.kBasic if item in basic else _resting(low, high, upper=item in at_upper)
        for item, (low, high) in enumerate(ends)
    ]
    basis, width = highspy.HighsBasis(), highs.getNumCol()
    basis.col_status, basis.row_status, basis.valid = kinds[:width], kinds[width:], True
    highs.setBasis(basis)


def outcome(highs: Any) -> Outcome | None:
    """Return what a run's end means; None is "without limit": the objective can be made as small as one likes."""
    status = highs.getModelStatus()
    return None if status == highspy.HighsModelStatus.kUnbounded else _ATTEMPTS.get(status, Outcome.STOPPED)


class Engine:
    """A HiGHS model at an optimal basis."""

    def __init__(self, highs: Any, deadline: Deadline, *, still: bool = False) -> None:
        """`still`: the basis is known to be optimal, and stays, whatever floating-point numbers make of it."""
        self.highs = highs
        self.deadline = deadline
        for name, value in {**TOLERANCES, **STEADY, "presolve": "off", "output_flag": False}.items():
            highs.setOptionValue(name, value)
        lp = highs.getLp()
        self._iterations = iterations(lp.num_col_, lp.num_row_, 2)["simplex_iteration_limit"]
        highs.setOptionValue("simplex_iteration_limit", self._iterations)
        self.cost: Floats = np.array(lp.col_cost_)
        self.lower: Floats = np.array(lp.col_lower_)
        self.upper: Floats = np.array(lp.col_upper_)
        self.row_lower: Floats = np.array(lp.row_lower_)
        self.row_upper: Floats = np.array(lp.row_upper_)
        if still:
            self._look()
        else:
            self.run()  # without presolve, from the optimal basis: no iteration, but a factorisation

    def copy(self) -> Engine:
        """Return an engine of its own at the same basis: what is done to it leaves this one as it is."""
        highs = _new()
        for name, value in {**STEADY, "output_flag": False, "solver": "simplex", "presolve": "off"}.items():
            highs.setOptionValue(name, value)
        highs.passModel(self.highs.getLp())
        highs.setBasis(self.highs.getBasis())
        return Engine(highs, self.deadline, still=True)

    def take(self, basic: Collection[int], at_upper: Collection[int]) -> None:
        """Stand at a basis that was found elsewhere: columns, then rows, counted through."""
        low, high = (chain(*ends) for ends in ((self.lower, self.row_lower), (self.upper, self.row_upper)))
        stand(self.highs, zip(low, high, strict=True), basic, at_upper)
        self._look()

    def _look(self) -> None:
        """Compute what the basis gives, without a step away from it."""
        self.highs.setOptionValue("simplex_iteration_limit", 0)
        self.highs.run()
        self.highs.setOptionValue("simplex_iteration_limit", self._iterations)
        self._read()

    def attempt(self) -> Outcome | None:
        """Solve again from where it stands, at the tightest tolerance, and read no more than the objective."""
        left = self.deadline.left()
        self.highs.setOptionValue("time_limit", math.inf if left is None else self.highs.getRunTime() + left)
        self.highs.run()
        self.deadline.left()
        return outcome(self.highs)

    def duals(self) -> tuple[Floats, Floats]:
        """Return the duals of columns and rows that the last run left."""
        solution = self.highs.getSolution()
        return np.array(solution.col_dual), np.array(solution.row_dual)

    def point(self) -> Floats:
        """Return the columns' values that the last run left."""
        return np.array(self.highs.getSolution().col_value)

    def bound_columns(self, columns: NDArray[np.int32], lower: Floats, upper: Floats) -> None:
        """Give `columns` new bounds, for HiGHS only: `lower` and `upper` of this object stay the programme's."""
        self.highs.changeColsBounds(len(columns), columns, lower, upper)

    def bound_rows(self, rows: NDArray[np.int32], lower: Floats, upper: Floats) -> None:
        """Give `rows` new bounds, for HiGHS only: `row_lower` and `row_upper` stay the programme's."""
        self.highs.changeRowsBounds(len(rows), rows, lower, upper)

    def _read(self) -> None:
        """Copy what the last run left: arrays of highspy are views that the next run changes."""
        solution = self.highs.getSolution()
        self.x: Floats = np.array(solution.col_value)
        self.activity: Floats = np.array(solution.row_value)
        self.column_dual: Floats = np.array(solution.col_dual)
        self.row_dual: Floats = np.array(solution.row_dual)
        # the basis' own statuses come as Python objects, one for each column: 30 times as slow
        _, self.basic = self.highs.getBasicVariables()
        self.column_free = np.ones(len(self.x), dtype=bool)
        self.row_free = np.ones(len(self.activity), dtype=bool)
        self.column_free[self.basic[self.basic >= 0]] = False
        self.row_free[-1 - self.basic[self.basic < 0]] = False

    def run(self) -> None:
        """Solve again from where it stands; where the tightest tolerance can't be met, with HiGHS' own."""
        for tolerances in ({}, LOOSE):
            for name, value in tolerances.items():
                self.highs.setOptionValue(name, value)
            left = self.deadline.left()
            # HiGHS' clock runs on over all runs of one object
            limit = math.inf if left is None else self.highs.getRunTime() + left
            self.highs.setOptionValue("time_limit", limit)
            self.highs.run()
            if self.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                self._read()
                return
            self.deadline.left()
        raise ArithmeticError(f"HiGHS stopped with {self.highs.getModelStatus()} on a programme with a solution")

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
        for bounds, send, wanted in (
            ((self.lower, self.upper), self.highs.changeColsBounds, columns),
            ((self.row_lower, self.row_upper), self.highs.changeRowsBounds, rows),
        ):
            places = np.fromiter((n for n in wanted if bounds[0][n] < bounds[1][n]), dtype=np.int32)
            values = np.array([wanted[int(n)] for n in places])
            bounds[0][places] = bounds[1][places] = values
            if len(places):
                send(len(places), places, values, values)

    def priced(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the columns and rows that have a price."""
        zero = self.zero()
        columns = self.column_free & (np.abs(self.column_dual) > zero)
        return columns, self.row_free & (np.abs(self.row_dual) > zero)

    def _costs(self, costs: Mapping[int, float]) -> None:
        self.cost = np.zeros(len(self.lower))
        for column, value in costs.items():
            self.cost[column] = value
        self.highs.changeColsCost(len(self.cost), np.arange(len(self.cost), dtype=np.int32), self.cost)

    def minimise(self, costs: Mapping[int, float]) -> None:
        """Minimise Σ cost · column from where it stands; other columns cost nothing."""
        self._costs(costs)
        self.highs.setOptionValue("simplex_strategy", 4)  # primal: the point stays feasible when costs change
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
            _, indices, values = self.highs.getRowEntries(int(row))
            for column, value in zip(indices, values, strict=True):
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
        _, reduced = self.highs.getReducedRow(int(place[0]))
        _, inverse = self.highs.getBasisInverseRow(int(place[0]))
        away_rows = np.where(self._at_lower(self.activity, self.row_lower, self.row_upper), 1.0, -1.0)
        return np.where(free_columns, -np.array(reduced) * away, 0.0), np.where(
            free_rows, np.array(inverse) * away_rows, 0.0
        )

    @staticmethod
    def _at_lower(values: Floats, lower: Floats, upper: Floats) -> NDArray[np.bool_]:
        return np.abs(values - lower) <= np.abs(values - upper)

    def _fix_columns(self, columns: NDArray[np.int64]) -> None:
        at = _nearer_bound(self.x, self.lower, self.upper)[columns]
        self.lower[columns] = self.upper[columns] = at
        self.highs.changeColsBounds(len(columns), columns.astype(np.int32), at, at)

    def _fix_rows(self, rows: NDArray[np.int64]) -> None:
        at = _nearer_bound(self.activity, self.row_lower, self.row_upper)[rows]
        self.row_lower[rows] = self.row_upper[rows] = at
        for row, value in zip(rows, at, strict=True):
            self.highs.changeRowBounds(int(row), float(value), float(value))

    def add_distances(self, sums: Sequence[tuple[Mapping[int, float], float]]) -> list[int]:
        """Add a column d ≥ |Σ coefficient · column − target| for each of `sums`; return the columns."""
        first = self.highs.getNumCol()
        count = len(sums)
        empty = np.zeros(0, dtype=np.int32)
        self.highs.addCols(
            count, np.zeros(count), np.zeros(count), np.full(count, np.inf), 0, empty, empty, np.zeros(0)
        )
        starts: list[int] = []
        indices: list[int] = []
        values: list[float] = []
        lower: list[float] = []
        upper: list[float] = []
        for number, (terms, target) in enumerate(sums):
            for sign, low, high in ((-1.0, -np.inf, target), (1.0, target, np.inf)):
                starts.append(len(indices))
                indices += [*terms, first + number]
                values += [*terms.values(), sign]
                lower.append(low)
                upper.append(high)
        self.highs.addRows(
            2 * count,
            np.array(lower),
            np.array(upper),
            len(indices),
            np.array(starts, dtype=np.int32),
            np.array(indices, dtype=np.int32),
            np.array(values, dtype=np.float64),
        )
        self.lower = np.append(self.lower, np.zeros(count))
        self.upper = np.append(self.upper, np.full(count, np.inf))
        self.row_lower = np.append(self.row_lower, lower)
        self.row_upper = np.append(self.row_upper, upper)
        return list(range(first, first + count))


def _nearer_bound(values: Floats, lower: Floats, upper: Floats) -> Floats:
    return np.where(np.abs(values - lower) <= np.abs(values - upper), lower, upper)


def rows_alone(upper: Floats, rows: Sequence[tuple[Mapping[int, float], float, float]]) -> Any:
    """Return a HiGHS model with nothing to be sought: columns from 0 to `upper`, rows as (terms, lower, upper)."""
    highs: Any = _new()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("small_matrix_value", STEADY["small_matrix_value"])
    count = len(upper)
    empty = np.zeros(0, dtype=np.int32)
    highs.addCols(count, np.zeros(count), np.zeros(count), upper, 0, empty, empty, np.zeros(0))
    _pass_rows(highs, rows)
    return highs


@dataclass(frozen=True)
class Mixed:
    """A programme with whole-number columns, to be minimised: rows are (terms, lower, upper)."""

    cost: Floats
    lower: Floats
    upper: Floats
    whole: NDArray[np.bool_]
    rows: Sequence[tuple[Mapping[int, float], float, float]]


def solve_mixed(
    problem: Mixed, *, nodes: int, gap: float, solutions: int, deadline: Deadline
) -> tuple[Outcome, Floats | None]:
    """Solve a mixed programme by branch and bound, until one of the limits is met.

    Returns OPTIMAL with the best solution found (within the node limit), INFEASIBLE, or STOPPED where the limit
    came before any solution.
    """
    highs: Any = _new()
    options: dict[str, Any] = {**STEADY, "output_flag": False, "mip_max_nodes": nodes}
    options |= {"mip_rel_gap": 0.0, "mip_abs_gap": gap, "mip_max_improving_sols": solutions}
    options |= {"mip_feasibility_tolerance": 1e-7, "primal_feasibility_tolerance": 1e-9}
    left = deadline.left()
    options["time_limit"] = SAFETY if left is None else min(left, SAFETY)
    for name, value in options.items():
        highs.setOptionValue(name, value)
    count = len(problem.cost)
    empty = np.zeros(0, dtype=np.int32)
    highs.addCols(count, problem.cost, problem.lower, problem.upper, 0, empty, empty, np.zeros(0))
    whole = np.flatnonzero(problem.whole).astype(np.int32)
    kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    highs.changeColsIntegrality(len(whole), whole, kinds)
    _pass_rows(highs, problem.rows)
    highs.run()
    status = highs.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return Outcome.INFEASIBLE, None
    found = highs.getInfo().primal_solution_status == 2  # feasible
    if not found:
        deadline.left()
        return Outcome.STOPPED, None
    return Outcome.OPTIMAL, np.array(highs.getSolution().col_value)


def _pass_rows(highs: Any, rows: Iterable[tuple[Mapping[int, float], float, float]]) -> None:
    starts: list[int] = []
    indices: list[int] = []
    values: list[float] = []
    lower: list[float] = []
    upper: list[float] = []
    for terms, low, high in rows:
        starts.append(len(indices))
        indices += terms
        values += terms.values()
        lower.append(low)
        upper.append(high)
    highs.addRows(
        len(lower),
        np.array(lower, dtype=np.float64),
        np.array(upper, dtype=np.float64),
        len(indices),
        np.array(starts, dtype=np.int32),
        np.array(indices, dtype=np.int32),
        np.array(values, dtype=np.float64),
    )


def version() -> str:
    """Return the solver's version."""
    return str(_new().version())


def prepare() -> None:
    """See to it that models of ours run in this process, and silently; before PuLP makes one.

    HiGHS has one scheduler for the whole process, with the threads of whoever came first: where another library gave
    it others than ours, no model of ours would run.
    """
    probe = _new()
    for name, value in {**STEADY, "output_flag": False}.items():
        probe.setOptionValue(name, value)
    probe.addVar(0.0, 1.0)
    if probe.run() == highspy.HighsStatus.kError:
        highspy.Highs.resetGlobalScheduler(True)


def _new() -> Any:
    _take_greeting()
    return highspy.Highs()  # type: ignore[no-untyped-call]


@cache
def _take_greeting() -> None:
    """Make the process's first model where nobody reads: HiGHS 1.16 greets on descriptor 1 then, whatever its options.

    A script that prints a plan as JSON must not begin with a licence.
    """
    try:
        kept = os.dup(1)
    except OSError:  # there is no standard output
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()  # type: ignore[no-untyped-call]
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
