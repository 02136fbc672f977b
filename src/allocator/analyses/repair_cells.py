"""The input cells that a repair may change, and the rows that no plan may break, loosened by them in the solver.

Rows of strength `law` have no such cells. A cell that rules several years or areas moves all their rows together. A
Budget cell moves its own row and all shares that are computed from it; where all of it must be spent it may shrink
too, else it may only grow.

For each cell and direction the programme has a column: how far the cell moves, as a part of what it holds. What is
minimised is their sum. A column that may not be used is fixed at 0; where no plan exists then, the solver's ray
(Farkas) names rows that can't stand together however the open cells are moved: every repair must change one of them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from allocator.errors import NoPlanFoundError
from allocator.programme.build import Programme
from allocator.programme.constraints import BudgetConstraint, budget_name
from allocator.programme.rows import ZERO, Key, Ledger, Number, Row
from allocator.programme.session import DIRECT, REPAIR, Floats, loosened
from allocator.programme.solve import held_bound
from allocator.programme.status import Deadline, Status
from allocator.programme.what_ifs import WarmModel
from allocator.scenario.cells import magnitude
from allocator.scenario.model import Cell, Operator, RuleEdit, Scenario, Source
from allocator.scenario.records import CellNames

# -- the cells --------------------------------------------------------------------------------------------------------

SHARE_GRID = Fraction(1, 10**6)
"""Shares are changed to whole ten-thousandths of a percent."""
_DIGITS = 6
"""Figures that no Step rounds have so many significant digits."""
_COARSE = Fraction(1, 10**11)
"""Money is changed by no less than this part of the largest budget: solvers tell no more."""
_FLOOR_SHARE, _FLOOR_MONEY = Fraction(1, 100), Fraction(1, 1000)
"""A change of a cell that holds nothing is measured by 1 %, or by 0.1 % of a year's budget."""

type Rows = dict[int, Row]
"""Index in `Programme.rows` → the row as it would be."""


@dataclass(frozen=True)
class Adjustable:
    """An input cell that may be changed."""

    rule: str
    year: int | None
    """None where the cell holds for several years."""
    cell: Cell
    value: Fraction
    unit: str
    share: bool
    measure: Fraction
    """By what a change is divided to compare it with others."""
    grid: Fraction
    """Changed numbers are whole multiples of it."""
    signs: tuple[int, ...]
    """Which ways it may move: 1 up, -1 down."""
    least: Fraction | None
    """It may not fall below."""
    most: Fraction | None
    rows: tuple[int, ...]
    """Indices of the rows that a change of the cell changes."""
    budget: bool
    growth: Fraction
    once: Rows
    """The rows where the cell holds so much more."""
    twice: Rows | None
    """And with twice as much more; None where rows and right-hand sides move by as much again."""
    strict: bool
    """Whether it asks for more, or less, than its number by a margin that is too small for a solver to tell."""
    curved: bool
    """Whether a change turns rows, not only moves their right-hand sides in a straight line."""

    @property
    def one_way(self) -> bool:
        """Whether moving on in its direction never breaks what has been made possible."""
        return len(self.signs) == 1 and not self.budget

    @property
    def equality(self) -> bool:
        """Whether its rows ask for exactly its number."""
        return len(self.signs) == 2 and not self.budget

    def limit(self, sign: int) -> Fraction | None:
        """Return the farthest number in a direction, None where there is no end."""
        return self.most if sign > 0 else self.least

    def allows(self, value: Fraction, sign: int) -> bool:
        """Whether the cell may move in a direction, and as far as to `value`."""
        limit = self.limit(sign)
        return sign in self.signs and (limit is None or (limit - value) * sign >= 0)

    def outward(self, exact: Fraction, sign: int) -> Fraction:
        """Return the nearest number that one would type, not short of `exact` in the direction of `sign`.

        What is off such a number by no more than a solver's last digits counts as that number.
        """
        units = exact / self.grid
        near = round(units) + (sign if self.strict else 0)
        if abs(units - round(units)) > Fraction(1, 10**4):
            near = math.ceil(units) if sign > 0 else math.floor(units)
        return self.within(near * self.grid)

    def within(self, value: Fraction) -> Fraction:
        """Return the number nearest to `value` that the cell may hold."""
        low = value if self.least is None else max(value, self.least)
        return low if self.most is None else min(low, self.most)


def adjustable_cells(programme: Programme) -> tuple[Adjustable, ...]:
    """Return the cells behind the rows that must hold: Budget cells first, then the others in the rows' order."""
    return tuple(_Cells(programme).all())


class _Cells:
    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.scenario = programme.scenario
        self.ledger = Ledger(self.scenario)
        scenario = self.scenario
        self.constraint = {i: row.of for i, row in enumerate(programme.rows) if row.of is not None}
        self.largest = max(scenario.available(scenario.source, year) for year in scenario.years)

    def all(self) -> Iterator[Adjustable]:
        for source in self.scenario.sources:
            for year in self.scenario.years:
                yield from self._of_budget(source, year)
        groups: dict[Cell, list[int]] = {}
        for index, constraint in self.constraint.items():
            row = self.programme.rows[index]
            if not row.kind.supply and row.strength.kind == "must":
                groups.setdefault(constraint.number(row, self.scenario).cell, []).append(index)
        for cell, indices in groups.items():
            yield self._of_rows(cell, tuple(indices))

    # Budget

    def _of_budget(self, source: Source, year: int) -> Iterator[Adjustable]:
        value = source.available[year]
        growth = value or self.largest
        once = self._with_money(source, year, value + growth)
        if not once:
            return
        twice = self._with_money(source, year, value + 2 * growth)
        bends, turns = self._bends(once, twice)
        grid = self._money_grid(value)
        yield Adjustable(
            rule=budget_name(source),
            year=year,
            cell=source.origin.cell(str(year)),
            value=value,
            unit=self.scenario.unit,
            share=False,
            measure=value or _FLOOR_MONEY * (self.scenario.budget(year) or Fraction(1)),
            grid=grid,
            signs=(1, -1) if source.spend_all and value else (1,),
            least=ZERO if self._spare(source, year) and not (bends or turns) else min(grid, value),
            most=None,
            rows=tuple(once),
            budget=True,
            strict=False,
            growth=growth,
            once=once,
            twice=twice if bends else None,
            curved=bends or turns,
        )

    def _spare(self, source: Source, year: int) -> bool:
        """Whether the budget is more than this source's money: without any, shares of it have no meaning."""
        own = source.available[year] if source.name in self.scenario.budget_sources else ZERO
        return self.scenario.budget(year) > own

    def _bends(self, once: Rows, twice: Rows) -> tuple[bool, bool]:
        """Whether rows don't move by twice as much for twice the money, and whether they turn at all."""
        rows = [(self.programme.rows[i], row, twice.get(i, row)) for i, row in once.items()]
        turns = any(one.body.terms != before.body.terms for before, one, _ in rows)
        bends = any(two.bound - before.bound != 2 * (one.bound - before.bound) for before, one, two in rows)
        return bends or any(
            (two.body - one.body).terms != (one.body - before.body).terms for before, one, two in rows
        ), turns

    def _with_money(self, source: Source, year: int, value: Fraction) -> Rows:
        """Return the rows that are others where a source has `value` in `year`."""
        changed = replace(source, available={**source.available, year: value})
        sources = tuple(changed if other.name == source.name else other for other in self.scenario.sources)
        ledger = Ledger(replace(self.scenario, sources=sources), like=self.ledger)
        found: Rows = {}
        for index, constraint in self.constraint.items():
            if isinstance(constraint, BudgetConstraint):
                if constraint.source.name == source.name and year in constraint.years:
                    found[index] = replace(constraint, source=changed).row(ledger)
            elif year in constraint.reads.budgets:
                found[index] = constraint.row(ledger)
        return {index: row for index, row in found.items() if not _same(self.programme.rows[index], row)}

    def _money_grid(self, value: Fraction) -> Fraction:
        step = self.scenario.step
        if not step:
            return _six_digits(max(abs(value), self.largest / 1000))
        least = self.largest * _COARSE
        return step * Fraction(10) ** max(0, -magnitude(step / least)) if least else step

    # Limits, bands, rules, targets

    def _of_rows(self, cell: Cell, indices: tuple[int, ...]) -> Adjustable:
        rows = [self.programme.rows[i] for i in indices]
        first, constraint = rows[0], self.constraint[indices[0]]
        number = constraint.number(first, self.scenario)
        growth = abs(number.value) or Fraction(1)
        return Adjustable(
            rule=first.name if len({row.name for row in rows}) == 1 else first.title or first.name,
            year=first.year if len(indices) == 1 else None,
            cell=cell,
            value=number.value,
            unit="%" if number.share else first.unit,
            share=number.share,
            measure=self._measure(number, first),
            grid=SHARE_GRID if number.share else self._grid(number.value, first),
            signs=_signs(first.operator),
            least=number.least,
            most=number.most,
            rows=indices,
            budget=False,
            strict=first.operator.strict and not self.scenario.step,
            growth=growth,
            once={i: self.constraint[i].at(number.value + growth, self.scenario).row(self.ledger) for i in indices},
            twice=None,
            curved=any(row.base is not None and row.base.terms for row in rows),
        )

    def _measure(self, number: Number, row: Row) -> Fraction:
        if number.value:
            return abs(number.value)
        if number.share:
            return _FLOOR_SHARE
        if not row.kind.money:
            return Fraction(1)
        return _FLOOR_MONEY * (self.scenario.budget(row.year or self.scenario.years[0]) or Fraction(1))

    def _grid(self, value: Fraction, row: Row) -> Fraction:
        if not row.kind.money:
            return _six_digits(abs(value) or Fraction(1))
        return self._money_grid(value)


def _signs(operator: Operator) -> tuple[int, ...]:
    """Return which way a number helps: a floor's down, a ceiling's up, an equality's either."""
    return (-1,) if operator.lower else (1,) if operator.upper else (1, -1)


def _same(before: Row, after: Row) -> bool:
    if before is after:
        return True
    return before.bound == after.bound and before.body.terms == after.body.terms


def _six_digits(size: Fraction) -> Fraction:
    return Fraction(10) ** (magnitude(size) + 1 - _DIGITS)


# -- their edits ------------------------------------------------------------------------------------------------------

LOOSER = {
    Operator.EQUAL: (">=", "<="),
    Operator.OVER: (">=",),
    Operator.UNDER: ("<=",),
}
"""The operators that ask for less, as they are typed."""


def number_edit(names: CellNames, cell: Adjustable, after: Fraction) -> RuleEdit:
    """Return the edit that lets a cell hold another number, as one would type it."""
    row, column = names.of(cell.cell)
    return RuleEdit(
        sheet=cell.cell.sheet,
        row=row,
        column=column,
        cell=cell.cell,
        before=float(cell.value),
        after=float(after),
        percent=cell.share,
        rule=cell.rule,
        year=cell.year,
        unit=cell.unit,
    )


def keyword_edits(programme: Programme, stuck: Collection[int]) -> Iterator[RuleEdit]:
    """Yield the keywords to try: those that loosen one of these rows, of strength must; Spend first."""
    scenario = programme.scenario
    rows = [programme.rows[index] for index in sorted(stuck)]
    names = {row.subject: row.name for row in rows if row.kind.supply}
    for source in scenario.sources:
        if source.spend_all and source.name in names:
            yield _keyword_edit(scenario, names[source.name], source.origin.cell("Spend"), "up to")
    seen: set[Cell] = set()
    for row in rows:
        if row.kind.stated and row.strength.kind == "must":
            cell = row.origin.cell("Operator")
            if cell not in seen:
                seen.add(cell)
                name = row.title or row.name  # a rule for every area has a row for each
                yield from (_keyword_edit(scenario, name, cell, sign) for sign in LOOSER.get(row.operator, ()))


def _keyword_edit(scenario: Scenario, rule: str, cell: Cell, after: str) -> RuleEdit:
    row, column = CellNames(scenario).of(cell)
    before = str(scenario.raw(cell)).strip()
    return RuleEdit(cell.sheet, row, column, cell, before, after, percent=False, rule=rule, year=None, unit="")


# -- the rows, loosened -----------------------------------------------------------------------------------------------

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

    def __init__(self, programme: Programme, cells: Sequence[Adjustable], deadline: Deadline) -> None:
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
        self._courses = [tuple(self._course(cell, index) for index in cell.rows) for cell in cells]
        moves = [(n, sign) for n, cell in enumerate(cells) for sign in cell.signs]
        self.columns = {move: self._session.add_columns([0.0], cost=1.0)[0] for move in moves}
        for n, cell in enumerate(cells):
            if not cell.curved:
                self.turn(n, cell.value, {})
        self._ends = dict.fromkeys(moves, (0.0, 0.0))

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
            ends = moves.get(move, (0.0, 0.0))
            if ends != self._ends[move]:
                self._session.bound_column(column, *ends)
                self._ends[move] = ends

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
                if all(abs(values[n] - at[n]) <= self.cells[n].grid / 100 for n in turning):
                    return {
                        n: value
                        for n, value in values.items()
                        if abs(value - self.cells[n].value) > _NOISE * self.cells[n].measure
                    }
                at = {n: values[n] for n in turning}
                amounts = self.model.amounts(found.x)
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


def _bend(before: Row, once: Row, twice: Row, growth: Fraction) -> float | None:
    """Return c where the row's numbers are those of p + q ÷ (c + growth of the cell); None: of a straight line."""
    numbers = [(row.bound, row.body.terms) for row in (before, once, twice)]
    for key in (None, *(before.body.terms.keys() | once.body.terms.keys())):
        first, second, third = (bound if key is None else terms.get(key, ZERO) for bound, terms in numbers)
        if third - second != second - first and third != second:
            ratio = (second - first) / (third - second)
            return float(2 * growth / (ratio - 1))
    return None
