"""The rows that no plan may break, kept in the solver, and loosened: which cells, moved how far, let a plan exist.

For each cell and direction the programme has a column: how far the cell moves, as a part of what it holds. What is
minimised is their sum. A column that may not be used is fixed at 0; where no plan exists then, the solver's ray
(Farkas) names rows that can't stand together however the open cells are moved: every repair must change one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocator.analyses.repair_cells import Adjustable
from allocator.errors import NoPlanFoundError
from allocator.programme.attempts import DIRECT, REPAIR, loosened
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline
from allocator.programme.rows import ZERO, Key, Row
from allocator.programme.session import Floats
from allocator.programme.solve import held_bound
from allocator.programme.status import Status
from allocator.programme.warm import WarmModel

_SEEN = 1e-9
"""A row has a part in a ray where its weight is above this part of the largest."""
_STILL = 1e-9
"""A cell moved by less than this part of what it holds hasn't moved."""
_NOISE = Fraction(1, 10**8)
"""A cell that is to move by less than this part of what it holds may stay."""
_ROUNDS = 12
"""How often rows that turn with a cell are set anew at the plan found."""

type Move = tuple[int, int]
"""A cell's number in the list, and the direction (1 up, -1 down)."""


@dataclass(frozen=True)
class Point:
    """A plan, and how far each open cell moves for it, as a part of its measure."""

    x: Floats
    moved: Mapping[Move, float]

    @property
    def total(self) -> float:
        """The sum of the moves."""
        return sum(self.moved.values())


@dataclass(frozen=True)
class Course:
    """How a row of the model moves with a cell: straight, or with 1 ÷ (the cell + all that stands beside it)."""

    place: int
    start: float
    """What the cell holds."""
    beside: float | None
    """The cell and what stands beside it, of a ratio of budgets; None where the row moves in a straight line."""
    bound: float
    """Change of the bound per unit of `way`, and of the coefficients, in the model's units."""
    slopes: Mapping[Key, float]
    money: float

    def way(self, value: float) -> float:
        """Return how far the row has gone where the cell holds `value`."""
        moved = value - self.start
        return moved if self.beside is None else 1 / (self.beside + moved) - 1 / self.beside

    def steepness(self, value: float) -> float:
        """Return the derivative of `way`."""
        return 1.0 if self.beside is None else -((self.beside + value - self.start) ** -2)

    def asked(self, amounts: Mapping[Key, float]) -> float:
        """Return by how much the bound, less the left side, grows per unit of `way`, at these amounts."""
        return self.bound - sum(slope * amounts.get(key, 0.0) for key, slope in self.slopes.items()) / self.money


class LooseCells:
    """A programme without objective, its cells to be opened.

    Parameters
    ----------
    programme, cells
        The rows, and what may change them.
    deadline
        When to stop; the methods then raise `OutOfTime`.
    """

    def __init__(
        self,
        programme: Programme,
        cells: Sequence[Adjustable],
        deadline: Deadline,
    ) -> None:
        self.programme = programme
        self.cells = cells
        self.deadline = deadline
        self.model = WarmModel(programme, deadline)
        self._session = self.model.session
        self._scaled = self.model.layout.scaled
        self.scale = self._scaled.row_scale
        self._session.use(DIRECT)
        self._session.seek(np.zeros(self._session.width))
        self._met: frozenset[int] = frozenset()
        self.meet((), {})
        self.row = self._places()
        """Index in `Programme.rows` → row of the model."""
        self._index = {row: index for index, row in self.row.items()}
        self._sent: set[int] = set()
        """Rows of the model that aren't as the scenario has them."""
        self._turned: dict[int, frozenset[Key]] = {}
        self._courses = [tuple(self._course(cell, index) for index in cell.rows if index in self.row) for cell in cells]
        self.columns = {(n, sign): self._add_column() for n, cell in enumerate(cells) for sign in cell.signs}
        for n, cell in enumerate(cells):
            if not cell.curved:
                self.turn(n, cell.value, {})
        self._upper = dict.fromkeys(self.columns.values(), 0.0)
        self._lower = dict.fromkeys(self.columns.values(), 0.0)

    # Making it

    def meet(self, goals: Iterable[int], held: Mapping[int, float]) -> None:
        """Ask of every plan that it meets these goals' rows and exceeds none of these sums, given by priority.

        All other goals may be missed by as much as one likes.
        """
        stages = self.model.layout.first.stages
        for number, stage in enumerate(stages):
            bound = held.get(stage.priority)
            self.model.hold(number, math.inf if bound is None else held_bound(bound / stage.scale))
        met = frozenset(goals)
        for index in met ^ self._met:
            for column in self.model.layout.shortfalls[index]:
                self._session.bound_column(column, 0.0, 0.0 if index in met else math.inf)
        self._met = met

    def _places(self) -> dict[int, int]:
        found = {}
        for index, row in enumerate(self.programme.rows):
            place = self.model.layout.row[index]
            if place is None:  # without amounts the row may still be made true by its cell
                (place,) = self._session.add_rows([({}, *self._scaled.ends(index, row))])
            found[index] = place
        return found

    def _course(self, cell: Adjustable, index: int) -> Course:
        before, once = self.programme.rows[index], cell.once[index]
        twice = None if cell.twice is None else cell.twice.get(index)
        bent = None if twice is None else _bend(before, once, twice, cell.growth)
        start, growth = float(cell.value), float(cell.growth)
        way = growth if bent is None else 1 / (growth + bent) - 1 / bent
        slopes = {} if once.body.terms == before.body.terms else (once.body - before.body).terms
        factor = self._scaled.money / self.scale[index]
        return Course(
            self.row[index],
            start,
            bent,
            float(once.bound - before.bound) / self.scale[index] / way,
            {key: float(slope) * factor / way for key, slope in slopes.items()},
            self._scaled.money,
        )

    def _add_column(self) -> int:
        (column,) = self._session.add_columns([0.0], cost=1.0)
        return column

    def _even_spread(self) -> dict[Key, float]:
        """Return a plan to begin with: each source's money in even parts."""
        scenario = self.programme.scenario
        count = len(scenario.leaves)
        return {key: float(scenario.source[key.source].available[key.year]) / count for key in self.programme.keys}

    # Changing it

    def turn(self, n: int, value: Fraction, amounts: Mapping[Key, float]) -> None:
        """Give the cell's columns what a small move from `value` does to its rows, at these amounts."""
        cell = self.cells[n]
        for course in self._courses[n]:
            asked = course.asked(amounts) * course.steepness(float(value)) * float(cell.measure)
            for sign in cell.signs:
                self._session.set_entry(course.place, self.columns[n, sign], -sign * asked)

    def send(self, values: Mapping[int, Fraction]) -> None:
        """Set the rows as they are where these cells hold these numbers, all others what they hold in the scenario.

        Of a row that several of them move the changes are added up.
        """
        rows: dict[int, list[tuple[Course, float]]] = {place: [] for place in self._sent}
        for n, value in values.items():
            for course in self._courses[n]:
                rows.setdefault(course.place, []).append((course, course.way(float(value))))
        self._sent = {place for place, courses in rows.items() if courses}
        for place, courses in rows.items():
            self._send_row(place, courses)

    def _send_row(self, place: int, courses: Iterable[tuple[Course, float]]) -> None:
        index = self._index[place]
        more: dict[Key, float] = dict.fromkeys(self._turned.pop(place, ()), 0.0)
        bound = 0.0
        for course, way in courses:
            bound += course.bound * way
            for key, slope in course.slopes.items():
                more[key] = more.get(key, 0.0) + slope * way
        own = self._scaled.terms(index, self.programme.rows[index]) if more else {}
        for key, change in more.items():
            column = self.model.layout.amounts[key]
            self._session.set_entry(place, column, own.get(column, 0.0) + change)
        if any(more.values()):
            self._turned[place] = frozenset(more)
        self._shift(place, bound)

    def _shift(self, place: int, by: float, sides: tuple[bool, bool] = (False, False)) -> None:
        """Move a row's bounds from where the scenario has them, or lift the lower or the upper one."""
        index = self._index[place]
        low, high = self._scaled.ends(index, self.programme.rows[index])
        self._session.bound_row(place, -math.inf if sides[0] else low + by, math.inf if sides[1] else high + by)

    def free(self, n: int, sides: tuple[bool, bool] = (True, True), value: Fraction | None = None) -> None:
        """Lift the lower, the upper or both bounds of the cell's rows, as they are at `value`, until rows are sent."""
        for course in self._courses[n]:
            self._shift(course.place, 0.0 if value is None else course.bound * course.way(float(value)), sides)
            self._sent.add(course.place)

    def open(self, moves: Mapping[Move, tuple[float, float]]) -> None:
        """Let these cells move between two ends, as parts of their measures, and no others."""
        for move, column in self.columns.items():
            low, high = moves.get(move, (0.0, 0.0))
            if (low, high) != (self._lower[column], self._upper[column]):
                self._session.bound_column(column, low, high)
                self._lower[column], self._upper[column] = low, high

    def room(self, move: Move, value: Fraction | None = None) -> float:
        """Return how far a cell may move from `value` (None: from what it holds), as a part of its measure."""
        cell = self.cells[move[0]]
        limit = cell.limit(move[1])
        start = cell.value if value is None else value
        return math.inf if limit is None else max(0.0, float(abs(limit - start) / cell.measure))

    # Solving

    def solve(self, *, loosely: bool = False) -> Point | frozenset[int]:
        """Return the plan for which open cells move least; or, where none exists, rows that can't stand together.

        `loosely`: with the solver's own tolerance, so that what holds by the last bit holds.

        Raises
        ------
        OutOfTime
            The deadline came.
        SolverError
            The solver stopped without an answer.
        """
        attempts = loosened(REPAIR) if loosely else REPAIR
        status = self._session.attempt(attempts, until=(Status.OPTIMAL, Status.INFEASIBLE))[-1]
        if status is Status.OPTIMAL:
            x = self._session.point()
            moved = {move: float(x[at]) for move, at in self.columns.items() if abs(x[at]) > _STILL}
            return Point(x, moved)
        if status is Status.INFEASIBLE:
            return self._ray()
        raise self._session.lost()

    def least_shortfall(self, index: int) -> float:
        """Return by how much a goal's row is missed at least, in its unit, whatever it was that was asked to be met."""
        columns = self.model.layout.shortfalls[index]
        places = np.array(columns, dtype=np.int32)
        for column in columns:
            self._session.bound_column(column, 0.0, math.inf)
        self._session.price_columns(places, np.ones(len(places)))
        self.open({})
        try:
            found = self.solve()
        finally:
            most = 0.0 if index in self._met else math.inf
            for column in columns:
                self._session.bound_column(column, 0.0, most)
            self._session.price_columns(places, np.zeros(len(places)))
        if not isinstance(found, Point):
            raise NoPlanFoundError
        return sum(float(found.x[column]) for column in columns) * self.scale[index]

    def _ray(self) -> frozenset[int]:
        """Return the rows of the solver's ray; all of them where it has none."""
        ray = self._session.dual_ray()
        if ray is None:
            return frozenset(self.row)
        weights = np.abs(ray)
        rows = np.flatnonzero(weights > _SEEN * weights.max(initial=0.0))
        return frozenset(self._index[int(row)] for row in rows if int(row) in self._index)

    def amounts(self, point: Point) -> dict[Key, float]:
        """Return the plan of a point, in the workbook's unit."""
        return self.model.amounts(point.x)

    # What is asked of it

    def least_moves(self, open_cells: Iterable[int]) -> dict[int, Fraction] | frozenset[int] | None:
        """Return what the open cells are to hold so that, all told, they move least; cells that stay are left out.

        Where rows turn with a cell they are set anew at each plan found until it stays (successive linear programmes,
        F. Palacios-Gomez, L. Lasdon, M. Engquist, 1982); then the moves may be a little more than the least, and None
        says that none were found. Rows that can't stand together, where no plan exists and nothing turns.
        """
        cells = sorted(open_cells)
        turning = [n for n in cells if self.cells[n].curved]
        at = {n: self.cells[n].value for n in turning}
        amounts = self._even_spread()
        try:
            for _ in range(_ROUNDS if turning else 1):
                self.send(at)
                for n in turning:
                    self.turn(n, at[n], amounts)
                self.open(self._moves(cells, at))
                found = self.solve()
                if not isinstance(found, Point):
                    return None if turning else found
                values = self._values(cells, at, found)
                still = all(abs(values[n] - at[n]) <= self.cells[n].grid / 100 for n in turning)
                if still:
                    return {n: value for n, value in values.items() if self._moves_on(n, value)}
                at = {n: values[n] for n in turning}
                amounts = self.amounts(found)
        finally:
            self.send({})
            self.open({})
        return None

    def _moves(self, cells: Iterable[int], at: Mapping[int, Fraction]) -> dict[Move, tuple[float, float]]:
        """Return how far each cell may move from where it is: back to what it holds, and on to its limit."""
        moves: dict[Move, tuple[float, float]] = {}
        for n in cells:
            cell = self.cells[n]
            value = at.get(n, cell.value)
            for sign in cell.signs:
                back = float((value - cell.value) * sign / cell.measure)
                if back >= 0:
                    moves[n, sign] = (-back, self.room((n, sign), value))
        return moves

    def _values(self, cells: Iterable[int], at: Mapping[int, Fraction], found: Point) -> dict[int, Fraction]:
        values = {n: at.get(n, self.cells[n].value) for n in cells}
        for (n, sign), part in found.moved.items():
            values[n] += sign * self.cells[n].measure * Fraction(part)
        return {n: self.cells[n].within(v) if v != self.cells[n].value else v for n, v in values.items()}

    def _moves_on(self, n: int, value: Fraction) -> bool:
        return abs(value - self.cells[n].value) > _NOISE * self.cells[n].measure


def _bend(before: Row, once: Row, twice: Row, growth: Fraction) -> float | None:
    """Return c where the row's numbers are those of p + q ÷ (c + growth of the cell); None: of a straight line."""
    numbers = [(row.bound, row.body.terms) for row in (before, once, twice)]
    for key in (None, *(before.body.terms.keys() | once.body.terms.keys())):
        first, second, third = (bound if key is None else terms.get(key, ZERO) for bound, terms in numbers)
        if third - second != second - first and third != second:
            ratio = (second - first) / (third - second)
            return float(2 * growth / (ratio - 1))
    return None
