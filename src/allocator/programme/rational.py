"""From the solver's basis to exact numbers: prices, and a plan that lies on its tight rows to the last digit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from allocator.programme.exact import Equation, solve_equations
from allocator.programme.highs import Floats
from allocator.programme.optimum import Optimum
from allocator.programme.proof import DIGITS, Certificate, broken_rows, certify
from allocator.programme.rows import ZERO, Key
from allocator.programme.table import GoalGroup, Table, TableColumn, TableRow
from allocator.scenario.model import Operator

NEAR = Fraction(1, 10**8)
"""A row or a column within this part of its size of its bound is taken to lie on it."""
MOST_TRIES = 8
"""How often what was crossed by a hair is added to what is tight."""
MOST_ROWS = 30_000
"""Above so many rows the equations of a basis are not solved; the solver's own prices bound the optimum too."""


def goal_groups(optimum: Optimum) -> tuple[GoalGroup, ...]:
    """Return which shortfalls were made least together, in order."""
    model = optimum.model
    rows = model.programme.rows
    return tuple(
        GoalGroup(priority, {index: 1 / rows[index].divisor for index, _ in group})
        for priority in model.programme.priorities
        for group, _ in model.goal_groups(priority)
    )


def certificate(optimum: Optimum, amounts: Mapping[Key, Fraction], step: Fraction) -> Certificate:
    """Return the proof that `amounts`, whole multiples of `step` (0: not rounded), are the best plan there is."""
    table = Table(optimum.model.programme, goal_groups(optimum), amounts, step)
    place = _Places(optimum, table)
    return certify(table, [*place.goal_prices(), place.objective_prices()])


def _decimal(value: float) -> Fraction:
    return Fraction(f"{value:.{DIGITS}g}")


class _Places:
    """Where the table's rows and columns stand in the solver, and in which units."""

    def __init__(self, optimum: Optimum, table: Table) -> None:
        self.optimum, self.table = optimum, table
        self.model = optimum.model
        self.groups = [
            (priority, scale)
            for priority in self.model.programme.priorities
            for _, scale in self.model.goal_groups(priority)
        ]
        self.row = [self._row(row) for row in table.rows]
        self.column = [self._column(column) for column in table.columns]

    def _row(self, row: TableRow) -> tuple[int, float]:
        """Return a row's place, and what one unit of the solver's row is in its own."""
        if row.index is not None:
            at = self.optimum.rows[row.index]
            assert at is not None  # noqa: S101 - the table leaves out rows without columns, as the model does
            return at, self.model.row_scale[row.index]
        if row.pair is not None:
            return self.optimum.row[self.model.sum_of[row.pair]], self.model.money
        assert row.group is not None  # noqa: S101 - a row is one of the three
        return self.optimum.stages[row.group].held, self.groups[row.group][1]

    def _column(self, column: TableColumn) -> int:
        if column.key is not None:
            return self.optimum.amounts[column.key]
        if column.pair is not None:
            return self.optimum.pieces[column.pair][column.piece][1]
        assert column.goal is not None  # noqa: S101 - a column is one of the three
        return self.optimum.column[self.model.shortfalls[column.goal][int(column.above)].id]

    def goal_prices(self) -> Iterator[Mapping[int, Fraction]]:
        """Yield the solver's prices of each goal stage."""
        for stage, (_, scale) in zip(self.optimum.stages, self.groups, strict=True):
            yield self._from_solver(stage.row_dual, scale)

    def objective_prices(self) -> Mapping[int, Fraction]:
        """Return the last stage's prices: those of its basis, exactly, where the equations give them."""
        if len(self.row) <= MOST_ROWS and (found := self._from_basis()) is not None:
            return found
        return self._from_solver(self.optimum.engine.row_dual, self.model.objective_scale)

    def _from_solver(self, duals: Floats, scale: float) -> dict[int, Fraction]:
        return {
            number: _decimal(scale * float(duals[at]) / own) for number, (at, own) in enumerate(self.row) if duals[at]
        }

    def _from_basis(self) -> Mapping[int, Fraction] | None:
        """Solve for the prices at which each basic column is worth just what it costs; None: no such prices."""
        engine = self.optimum.engine
        resting = {number for number, (at, _) in enumerate(self.row) if engine.row_free[at]}
        costs = self.table.stages[-1].costs
        equations = [
            Equation({row: c for row, c in rows if row in resting}, costs.get(number, ZERO))
            for number, rows in enumerate(self.table.by_column)
            if not engine.column_free[self.column[number]]
        ]
        solved = solve_equations(equations)
        return None if solved.contradicted else solved.values


# A plan in rational numbers


def rational_plan(optimum: Optimum, amounts: Mapping[Key, float]) -> Mapping[Key, Fraction] | None:
    """Return the plan shown with every tight row tight to the last digit; None where that can't be told.

    Nothing is rounded: the solver's amounts are within its tolerance of rows that they are meant to lie on; these rows'
    equations are solved in fractions, what they leave free keeps its value.
    """
    near = {key: Fraction(f"{amount:.12g}") for key, amount in amounts.items()}
    table = Table(optimum.model.programme, goal_groups(optimum), near, ZERO)
    face, tried = _Face(optimum, table), set[int | None]()
    for _ in range(MOST_TRIES):
        found = face.solved()
        plan = {key: found[at] for at, key in enumerate(table.programme.keys)}
        exact = Table(table.programme, table.groups, plan, ZERO)
        broken = {row.index for row in broken_rows(exact)}
        missed = face.missed(exact)
        if not broken and missed <= tried and all(amount >= 0 for amount in plan.values()):
            return plan
        tried |= missed
        face.add(broken | missed, {at for at, value in enumerate(found) if value < 0})
    return None


class _Face:
    """What is tight at the plan shown: columns at a bound, rows on their right side."""

    def __init__(self, optimum: Optimum, table: Table) -> None:
        self.table = table
        places = _Places(optimum, table)
        at_lower, at_upper = optimum.tight_columns
        self.guess = dict(enumerate(table.values()))
        self.fixed: dict[int, Fraction] = {}
        for number, at in enumerate(places.column):
            if at_lower[at]:
                self.fixed[number] = ZERO
            elif at_upper[at]:
                self.fixed[number] = self._width(number)
        lower, upper = optimum.tight_rows
        self.rows = {
            number
            for number, (at, _) in enumerate(places.row)
            if table.rows[number].group is None
            and (lower[at] or upper[at] or table.rows[number].operator is Operator.EQUAL)
        }

    def _width(self, number: int) -> Fraction:
        """Return a piece's width: no other column has an upper bound of its own."""
        column = self.table.columns[number]
        width = None if column.pair is None else self.table.split[column.pair][column.piece].width
        return self.guess[number] if width is None else width

    def solved(self) -> list[Fraction]:
        """Return every column's value at which what is tight is so to the last digit."""
        equations = []
        for number in sorted(self.rows):
            row = self.table.rows[number]
            held = sum((c * self.fixed[at] for at, c in row.terms.items() if at in self.fixed), ZERO)
            free = {at: c for at, c in row.terms.items() if at not in self.fixed}
            equations.append(Equation(free, row.low - held))
        solved = solve_equations(equations, {at: v for at, v in self.guess.items() if at not in self.fixed})
        values = {
            **solved.values,
            **self.fixed,
        }  # a row that contradicts the others is kept, or broken_rows says it isn't
        return [values[at] for at in range(len(self.table.columns))]

    def missed(self, exact: Table) -> set[int | None]:
        """Return the goals that the solver met and the exact plan misses by a hair."""
        values = exact.values()
        return {exact.columns[at].goal for at, value in self.fixed.items() if exact.columns[at].goal is not None
                and values[at] != value}  # fmt: skip

    def add(self, broken: set[int | None], negative: set[int]) -> None:
        """Take what was crossed by a hair as tight too."""
        self.rows |= {number for number, row in enumerate(self.table.rows) if row.index in broken}
        self.fixed |= dict.fromkeys(negative, ZERO)
