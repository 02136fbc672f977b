"""HiGHS: no other file calls it, sets an option of it or reads what a status of it means.

A `Session` owns one model in the solver and keeps it warm. Columns and rows count as in the `Arrays` that it was made
of, those that are added after them. It always minimises: maximising HiGHS answers some questions wrongly.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from allocator.errors import SolverError, SolverStoppedError
from allocator.programme.simplex import Basis, Watch
from allocator.programme.status import Status

# -- options and attempts ----------------------------------------------------------------------------------------------
#
# How HiGHS is asked: its options, each with its reason, and the attempts that follow until there is an answer.

type Options = Mapping[str, Any]

# ---------------------------------------------------------------- options

TIGHT: Options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""As tight as HiGHS allows, so that near-ties are told apart; money is scaled to 1e2 … 1e6 before."""
LOOSE: Options = {"primal_feasibility_tolerance": 1e-7, "dual_feasibility_tolerance": 1e-7}
"""HiGHS' own, for questions about plans where the tightest finds none though there is one."""
TIGHTEST, LOOSEST = TIGHT["primal_feasibility_tolerance"], LOOSE["primal_feasibility_tolerance"]
"""How far a bound may be missed by, in the model's units, and still count as kept."""
MIDDLE: Options = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
"""Where faults have been scaled up to 1, so that nothing smaller matters."""
STEADY: Options = {
    "threads": 1, "parallel": "off", "random_seed": 0, "small_matrix_value": 1e-12, "large_matrix_value": 1e50,
    "infinite_bound": 1e50, "infinite_cost": 1e50, "output_flag": False,
}  # fmt: skip
"""Of every session: the same input gives the same plan; no coefficient is dropped, or refused, that a scaled row may
well have (HiGHS' own bounds are 1e-9 and 1e15); nothing is printed."""
SIMPLEX: Options = {"solver": "simplex"}
"""It alone leaves a basis that can be looked at, and started from."""
DIRECT: Options = {"presolve": "off"}
"""A basis to start from is lost by presolve, and so is the ray of a programme that it finds infeasible."""
DUAL: Options = {"simplex_strategy": 1}
"""The simplex method that goes on from a basis whose bounds have changed."""
PRIMAL: Options = {"simplex_strategy": 4}
"""The one that goes on from a basis whose costs have changed: the point stays feasible."""
SCALED: Options = {"simplex_scale_strategy": 2}
UNSCALED: Options = {"simplex_scale_strategy": 0}
"""A programme that is infeasible as HiGHS scales it may be neither that nor optimal as it stands."""
ROUNDS = 5
"""A run is ended after so many iterations per row and column, and some more: it goes in circles, honest ones take a
part of that."""
SAFETY = 60.0
"""Seconds after which branch and bound is stopped whatever its node limit; where it hits, it has lost its way."""
MIXED: Options = {
    "mip_rel_gap": 0.0, "mip_feasibility_tolerance": 1e-7, "primal_feasibility_tolerance": 1e-9,
}  # fmt: skip
"""Whole-number programmes are checked in fractions afterwards; the gap is asked for in absolute numbers."""
_PRESOLVE_ROWS = 20
"""Columns per row above which presolve costs more than it saves (measured: 36 s down to 5 s)."""

# ---------------------------------------------------------------- attempts


@dataclass(frozen=True)
class Attempt:
    """One way to ask; options that it doesn't name stay as they are."""

    options: Options
    cold: bool = False
    """Whether the basis that the attempt before ended with is forgotten."""


def usual(columns: int, rows: int) -> list[Attempt]:
    """Return the attempts at a programme of this size."""
    presolve = "off" if columns > _PRESOLVE_ROWS * rows else "choose"
    return [
        Attempt({**DUAL, **TIGHT, "presolve": presolve}),
        Attempt({**DUAL, **TIGHT, **DIRECT}),  # presolve may lose a plan, or leave no basis
        Attempt({**DUAL, **LOOSE, **DIRECT}),  # plans at the very edge
        Attempt({**DUAL, **LOOSE, "presolve": "on"}),
    ]


def cold(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the same attempts, each from no basis."""
    return [Attempt(attempt.options, cold=True) for attempt in attempts]


def loosened(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Return the same attempts at HiGHS' own tolerance, so that what holds by the last bit holds."""
    return [Attempt({**attempt.options, **LOOSE}, attempt.cold) for attempt in attempts]


LOST: Sequence[Attempt] = (Attempt({**TIGHT, **DIRECT, **PRIMAL}), Attempt({**LOOSE, **DIRECT, **PRIMAL}))
"""After the usual ones where none says anything: the dual simplex method may lose its way at the very edge of what has
a plan."""
WARM: Sequence[Attempt] = (Attempt({**DUAL, **TIGHT, **DIRECT}),)
"""One look from where it stands, which nothing hangs on."""
ELASTIC: Sequence[Attempt] = (
    Attempt({**TIGHT, **PRIMAL, **DIRECT}),  # costs change from question to question
    Attempt({**TIGHT, **DUAL, **DIRECT}),
    Attempt({**LOOSE, **DUAL, **DIRECT}, cold=True),
)
REPAIR: Sequence[Attempt] = (
    Attempt({**TIGHT, **DUAL, **SCALED}),
    Attempt({**TIGHT, **PRIMAL, **UNSCALED}, cold=True),
    Attempt({**TIGHT, **DUAL, **UNSCALED}, cold=True),
    Attempt({**LOOSE, **DUAL, **SCALED}, cold=True),
    Attempt({**LOOSE, **PRIMAL, **UNSCALED}, cold=True),
)
"""Where the dual simplex method loses its way it does so at every tolerance, after many seconds; the primal one mostly
has the answer at once."""
AT_OPTIMUM: Sequence[Attempt] = (Attempt({}), Attempt(LOOSE))
"""Of a programme that has an optimum; once the tightest tolerance can't be met, HiGHS' own stays."""


# -- the solver --------------------------------------------------------------------------------------------------------

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int32]
type Flags = NDArray[np.bool_]
type Terms = Mapping[int, float]
"""Column → coefficient."""
type RowNumbers = tuple[Terms, float, float]
"""A row: terms, lower and upper end."""
type SavedBasis = Any
"""A basis as HiGHS keeps it: of use to the session that gave it, and to others of the same shape."""

# ---------------------------------------------------------------- statuses

_STATUS: Mapping[Any, Status] = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Status.UNBOUNDED,
}
"""Any other is STOPPED."""
_MIXED_STATUS: Mapping[Any, Status] = {
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Status.INFEASIBLE,  # no programme that is asked has no end
}
"""With whole numbers; any other is OPTIMAL where a solution was found, within the limits that were given."""
_HAS_SOLUTION = 2
"""HiGHS' `primal_solution_status` of a feasible point."""
_REST: Any = highspy.HighsBasisStatus


# ---------------------------------------------------------------- what goes in and comes out


@dataclass(frozen=True, eq=False)
class Arrays:
    """A programme as HiGHS takes it: minimise ``cost·x``, ``lower ≤ x ≤ upper``, each row between its ends."""

    upper: Floats
    rows: Iterable[RowNumbers]
    cost: Floats | None = None
    """None: nothing is sought."""
    lower: Floats | None = None
    """None: no column is below 0."""
    whole: Flags | None = None
    """Which columns are whole numbers; None: none is."""


@dataclass(frozen=True)
class BasicSolution:
    """What a basis gives: values and duals of items (columns, then rows counted through), and which are basic."""

    width: int
    """The number of columns."""
    values: Floats
    dual: Floats
    basic: NDArray[np.int64]

    @property
    def x(self) -> Floats:
        """The columns' values."""
        return self.values[: self.width]

    @cached_property
    def rests(self) -> Flags:
        """The items that are not basic."""
        rests = np.ones(len(self.values), dtype=bool)
        rests[self.basic] = False
        return rests


# ---------------------------------------------------------------- the session


class Session:
    """One HiGHS model; `watch` gives the seconds left, or raises."""

    def __init__(self, programme: Arrays | None, watch: Watch, options: Options = SIMPLEX) -> None:
        """`programme` None: a model without columns and rows."""
        self.watch = watch
        self._highs: Any = _new()
        self._options: dict[str, Any] = {}
        self._mixed = False
        self._ended = ""
        self.use({**STEADY, **options})
        if programme is not None:
            self._load(programme)

    def _load(self, p: Arrays) -> None:
        none = np.zeros(len(p.upper))
        self._add_columns(none if p.cost is None else p.cost, none if p.lower is None else p.lower, p.upper)
        self.add_rows(p.rows)
        if p.whole is not None:
            self._mixed = True
            whole = np.flatnonzero(p.whole).astype(np.int32)
            kinds = np.full(len(whole), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
            self._highs.changeColsIntegrality(len(whole), whole, kinds)
        else:
            self.limit_iterations(ROUNDS)

    def copy(self) -> Session:
        """Return a session of its own at the same basis: what is done to it leaves this one as it is."""
        twin = Session(None, self.watch, {**SIMPLEX, **DIRECT})
        twin._highs.passModel(self._highs.getLp())
        twin.start_from(self.basis())
        return twin

    @property
    def width(self) -> int:
        """How many columns there are."""
        return int(self._highs.getNumCol())

    @property
    def height(self) -> int:
        """How many rows there are."""
        return int(self._highs.getNumRow())

    def arrays(self) -> tuple[Floats, Floats, Floats]:
        """Return the columns' costs, and lower and upper bounds of columns and then of rows."""
        lp = self._highs.getLp()
        lower = np.concatenate([lp.col_lower_, lp.row_lower_])
        return np.array(lp.col_cost_), lower, np.concatenate([lp.col_upper_, lp.row_upper_])

    # Options

    def use(self, options: Options) -> None:
        """Set these options from now on."""
        for name, value in options.items():
            if self._options.get(name) != value:
                self._highs.setOptionValue(name, value)
                self._options[name] = value

    def limit_iterations(self, rounds: int) -> None:
        """End every run after so many iterations per row and column, and a thousand more."""
        self.use({"simplex_iteration_limit": rounds * (self.width + self.height) + 1000})

    # Changing the programme

    def bound_columns(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Give columns other bounds."""
        if len(columns):
            self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def bound_column(self, column: int, lower: float, upper: float) -> None:
        """Give a column other bounds."""
        self._highs.changeColBounds(column, lower, upper)

    def bound_rows(self, rows: Ints, lower: Floats, upper: Floats) -> None:
        """Give rows other ends."""
        if len(rows):
            self._highs.changeRowsBounds(len(rows), rows, lower, upper)

    def bound_row(self, row: int, lower: float, upper: float) -> None:
        """Give a row other ends."""
        self._highs.changeRowBounds(row, lower, upper)

    def price_columns(self, columns: Ints, costs: Floats) -> None:
        """Give columns other costs."""
        if len(columns):
            self._highs.changeColsCost(len(columns), columns, costs)

    def seek(self, costs: Floats) -> None:
        """Minimise ``costs·x`` from now on."""
        self.price_columns(np.arange(len(costs), dtype=np.int32), costs)

    def set_entry(self, row: int, column: int, value: float) -> None:
        """Give a row another coefficient."""
        self._highs.changeCoeff(row, column, value)

    def add_columns(self, upper: Sequence[float], cost: float = 0.0) -> range:
        """Add columns from 0 to `upper` that stand in no row yet; return their numbers."""
        first = self.width
        self._add_columns(np.full(len(upper), cost), np.zeros(len(upper)), np.array(upper, dtype=np.float64))
        return range(first, first + len(upper))

    def _add_columns(self, cost: Floats, lower: Floats, upper: Floats) -> None:
        empty = np.zeros(0, dtype=np.int32)
        self._highs.addCols(len(cost), cost, lower, upper, 0, empty, empty, np.zeros(0))

    def add_rows(self, rows: Iterable[RowNumbers]) -> range:
        """Add rows; return their numbers."""
        first = self.height
        starts: list[int] = []
        columns: list[int] = []
        entries: list[float] = []
        ends: list[tuple[float, float]] = []
        for terms, low, high in rows:
            starts.append(len(columns))
            columns += terms
            entries += terms.values()
            ends.append((low, high))
        lower, upper = np.array(ends, dtype=np.float64).reshape(-1, 2).T.copy()
        places = np.array(starts, dtype=np.int32), np.array(columns, dtype=np.int32)
        self._highs.addRows(len(ends), lower, upper, len(columns), *places, np.array(entries, dtype=np.float64))
        return range(first, first + len(ends))

    def column(self, number: int) -> tuple[Ints, Floats]:
        """Return the rows that a column stands in, and its coefficients there."""
        _, rows, values = self._highs.getColEntries(number)
        return rows, values

    def row(self, number: int) -> tuple[Ints, Floats]:
        """Return the columns that stand in a row, and their coefficients."""
        _, columns, values = self._highs.getRowEntries(number)
        return columns, values

    # Solving

    def run(self, *, at_most: float = math.inf) -> Status:
        """Solve from where it stands, in `at_most` seconds; raise what `watch` raises where time is over before."""
        left = self.watch()
        seconds = min(math.inf if left is None else left, at_most)
        # HiGHS' clock runs on over all runs of one object
        self.use({"time_limit": seconds if math.isinf(seconds) else self._highs.getRunTime() + seconds})
        self._run()
        status = self._status()
        if status is not Status.OPTIMAL:
            self.watch()
        return status

    def _run(self) -> None:
        refused = self._highs.run() == highspy.HighsStatus.kError
        if refused and self._highs.getModelStatus() == highspy.HighsModelStatus.kNotset:
            # HiGHS has one scheduler for the whole process, with the threads of whoever came first: where another
            # library gave it others than ours, no model of ours runs
            highspy.Highs.resetGlobalScheduler(True)
            self._highs.run()

    def _status(self) -> Status:
        ended = self._highs.getModelStatus()
        self._ended = str(ended.name)
        if not self._mixed:
            return _STATUS.get(ended, Status.STOPPED)
        found = self._highs.getInfo().primal_solution_status == _HAS_SOLUTION
        return _MIXED_STATUS.get(ended, Status.OPTIMAL if found else Status.STOPPED)

    def attempt(
        self, attempts: Iterable[Attempt], *, until: Collection[Status] = frozenset({Status.OPTIMAL})
    ) -> list[Status]:
        """Make one attempt after the other until one ends as wanted; return how each ended."""
        seen: list[Status] = []
        for attempt in attempts:
            if attempt.cold:
                self.forget()
            self.use(attempt.options)
            seen.append(self.run())
            if seen[-1] in until:
                break
        return seen

    def settle(self, attempts: Iterable[Attempt], lost: Iterable[Attempt]) -> list[Status]:
        """Attempt until there is an optimum; where nothing was said by then, in the ways of `lost` until something is.

        Return how each ended.
        """
        said = (Status.OPTIMAL, Status.INFEASIBLE)
        seen = self.attempt(attempts)
        return seen if set(said) & set(seen) else seen + self.attempt(lost, until=said)

    def forget(self) -> None:
        """Forget the basis, and all else that runs have left."""
        self._highs.clearSolver()

    def lost(self) -> SolverError:
        """Return the error that says how the last run ended, which gave no answer."""
        return SolverStoppedError(self._ended)

    # What a run has left

    @property
    def objective(self) -> float:
        """The value of what was minimised."""
        return float(self._highs.getObjectiveValue())

    @property
    def iterations(self) -> int:
        """How many iterations of the simplex method the last run took."""
        return int(self._highs.getInfo().simplex_iteration_count)

    def point(self) -> Floats:
        """Return the columns' values."""
        return np.array(self._highs.getSolution().col_value)

    def duals(self) -> tuple[Floats, Floats]:
        """Return the duals of columns and rows."""
        solution = self._highs.getSolution()
        return np.array(solution.col_dual), np.array(solution.row_dual)

    def point_and_prices(self) -> tuple[Floats, Floats]:
        """Return the columns' values and the rows' duals."""
        solution = self._highs.getSolution()
        return np.array(solution.col_value), np.array(solution.row_dual)

    def basic_solution(self) -> BasicSolution:
        """Return all that the basis gives."""
        solution = self._highs.getSolution()
        # copies: arrays of highspy are views that the next run changes
        values = np.concatenate([solution.col_value, solution.row_value])
        dual = np.concatenate([solution.col_dual, solution.row_dual])
        # the basis' own statuses come as Python objects, one for each column: 30 times as slow
        basic = np.array(self._highs.getBasicVariables()[1], dtype=np.int64)
        return BasicSolution(self.width, values, dual, np.where(basic >= 0, basic, self.width - 1 - basic))

    def dual_ray(self) -> Floats | None:
        """Return the multipliers of the rows by which they contradict each other; None where HiGHS has none."""
        _, there, ray = self._highs.getDualRay()
        return np.array(ray) if there else None

    # Bases

    def basis(self) -> SavedBasis:
        """Return the present basis."""
        return self._highs.getBasis()

    def start_from(self, basis: SavedBasis) -> None:
        """Stand at a basis that was saved before."""
        self._highs.setBasis(basis)

    def proposed(self) -> Basis:
        """Return the basis that a run ended with, however it ended; an empty one where there is none."""
        basis = self._highs.getBasis()
        if not basis.valid:
            return Basis((), frozenset())
        kinds = [*basis.col_status, *basis.row_status]
        basic = tuple(item for item, kind in enumerate(kinds) if kind == _REST.kBasic)
        return Basis(basic, frozenset(item for item, kind in enumerate(kinds) if kind == _REST.kUpper))

    def stand_at(self, basis: Basis, lower: Iterable[float], upper: Iterable[float]) -> None:
        """Stand at a basis that was found elsewhere; the bounds are those of columns, then of rows."""
        basic = set(basis.basic)
        kinds = [
            _REST.kBasic if item in basic else _resting(low, high, upper=item in basis.at_upper)
            for item, (low, high) in enumerate(zip(lower, upper, strict=True))
        ]
        found, width = highspy.HighsBasis(), self.width
        found.col_status, found.row_status, found.valid = kinds[:width], kinds[width:], True
        self._highs.setBasis(found)

    def look(self) -> BasicSolution:
        """Return what the present basis gives, whether it is optimal or not: without a step away from it."""
        limit = self._options["simplex_iteration_limit"]
        self.use({"simplex_iteration_limit": 0})
        self.run()
        self.use({"simplex_iteration_limit": limit})
        return self.basic_solution()

    def tableau_row(self, position: int) -> tuple[Floats, Floats]:
        """Return a basic item's row of the basis inverse times the columns, and times the rows."""
        _, columns = self._highs.getReducedRow(position)
        _, rows = self._highs.getBasisInverseRow(position)
        return np.array(columns), np.array(rows)

    def solve_basis(self, right: Floats) -> Floats:
        """Return the basic items' values for right-hand sides, one a row."""
        return np.array(self._highs.getBasisSolve(right)[1])


def _resting(low: float, high: float, *, upper: bool) -> Any:
    if math.isinf(low) and math.isinf(high):
        return _REST.kZero
    return _REST.kUpper if (upper or math.isinf(low)) and not math.isinf(high) else _REST.kLower


def solve_mixed(
    programme: Arrays, *, nodes: int, gap: float, solutions: int, watch: Watch
) -> tuple[Status, Floats | None]:
    """Solve a programme with whole-number columns by branch and bound, until one of the limits is met.

    Returns OPTIMAL with the best solution found (within the node limit), INFEASIBLE, or STOPPED where the limit
    came before any solution.
    """
    limits = {"mip_max_nodes": nodes, "mip_abs_gap": gap, "mip_max_improving_sols": solutions}
    session = Session(programme, watch, {**MIXED, **limits})
    status = session.run(at_most=SAFETY)
    return status, session.point() if status is Status.OPTIMAL else None


def version() -> str:
    """Return the solver's version."""
    return str(_new().version())


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
