"""The programme's matrix: in exact numbers, in the units of solvers, as a PuLP model."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.rows import ONE, ZERO, Key, Piece, Row
from allocator.programme.session import Arrays, Floats, RowNumbers, Terms
from allocator.programme.simplex import Bound, StandardForm
from allocator.scenario.model import Operator

if TYPE_CHECKING:
    import pulp

# -- in exact numbers --------------------------------------------------------------------------------------------------
#
# The programme in exact numbers, column by column and row by row, in the order in which the solver has them.
#
# Columns are the amounts, then the pieces of the areas and years that have several or several payers, then what goals
# fall short by; rows are the workbook's demands, then one for each area and year that adds its sources up to its
# pieces. A stage seeks one sum: the shortfalls of a priority, each divided as its row says, or at last the objective.

WORTHS_APART, MONEY_APART = 10**4, 10**6
"""Coefficients of the objective, and right-hand sides or coefficients of a row, this many times each other: HiGHS tells
costs apart to 1e-10 of the largest, and money (which is scaled to 1e6 at most) to 1e-10."""


@dataclass(frozen=True)
class Column:
    """An amount, a piece of an area's yearly amount, or what a goal falls short by; never below 0."""

    key: Key | None = None
    """Of an amount."""
    pair: tuple[str, int] | None = None
    """(area, year) of a piece."""
    piece: int = 0
    """Its place among the pieces of that area and year."""
    goal: int | None = None
    """Index in `Programme.rows` of a shortfall's row."""
    above: bool = False
    """Whether it is the excess of an ``=``."""
    upper: Bound = None


@dataclass(frozen=True)
class MatrixRow:
    """``Σ coefficient · column operator bound``."""

    terms: Mapping[int, Fraction]
    operator: Operator
    bound: Fraction
    index: int | None = None
    """In `Programme.rows`; None for a row that adds up."""
    pair: tuple[str, int] | None = None
    """(area, year) of a row that adds up its sources and takes off its pieces."""

    @property
    def low(self) -> Bound:
        """What the sum is at least."""
        return None if self.operator.upper else self.bound

    @property
    def high(self) -> Bound:
        """What it is at most."""
        return None if self.operator.lower else self.bound


@dataclass(frozen=True)
class Stage:
    """What one solve seeks: a priority's sum of shortfalls, to be made least, or at last the objective."""

    costs: Mapping[int, Fraction]
    """Column → what one unit of it adds."""
    maximise: bool = False
    constant: Fraction = ZERO
    """What the sum is without any column."""
    group: int | None = None
    """The place of the priority among all; None: the objective is sought."""
    priority: int | None = None
    weights: Mapping[int, Fraction] = field(default_factory=dict)
    """Index of each of the goals' rows in `Programme.rows` → what one unit of its shortfall counts."""

    def total(self, programme: Programme, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return the sum of shortfalls at a plan."""
        rows = programme.rows
        return sum((max(ZERO, -rows[i].slack(amounts)) * weight for i, weight in self.weights.items()), ZERO)


class Matrix:
    """Columns, rows and stages of a programme."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.columns: tuple[Column, ...] = tuple(self._columns())
        self.column_of: Mapping[object, int] = {identity(column): at for at, column in enumerate(self.columns)}
        """What a column is → its number: a key, (area, year, place of the piece), (goal's index, above)."""
        self.rows: tuple[MatrixRow, ...] = tuple(self._rows())

    @cached_property
    def pieces(self) -> Mapping[tuple[str, int], Sequence[int]]:
        """(area, year) → the columns of its pieces; missing where one source pays and one coefficient holds."""
        column = self.column_of
        return {pair: [column[*pair, place] for place in range(len(pieces))] for pair, pieces in self.split.items()}

    @cached_property
    def shortfalls(self) -> Mapping[int, Sequence[int]]:
        """Index of a goal's row in `Programme.rows` → the column of its shortfall, for ``=`` also of its excess."""
        found: dict[int, list[int]] = {}
        for at, column in enumerate(self.columns):
            if column.goal is not None:
                found.setdefault(column.goal, []).append(at)
        return found

    @cached_property
    def row_at(self) -> Sequence[int | None]:
        """For each of `Programme.rows` its place among `rows`; None where no amount is in it."""
        places = {row.index: at for at, row in enumerate(self.rows)}
        return [places.get(index) for index in range(len(self.programme.rows))]

    @cached_property
    def sum_row(self) -> Mapping[tuple[str, int], int]:
        """(area, year) → the row that says its amounts add up to its pieces."""
        return {row.pair: at for at, row in enumerate(self.rows) if row.pair is not None}

    @cached_property
    def split(self) -> Mapping[tuple[str, int], tuple[Piece, ...]]:
        """The areas and years whose amount is cut into pieces, or comes from several sources."""
        keys_of, pieces = self.programme.keys_of, self.programme.pieces
        return {pair: found for pair, found in pieces.items() if len(found) > 1 or len(keys_of[pair]) > 1}

    @cached_property
    def goals(self) -> Mapping[int, Stage]:
        """Priority → the stage in which its shortfalls are made least, in order."""
        weights: dict[int, dict[int, Fraction]] = {priority: {} for priority in self.programme.priorities}
        for index in self.shortfalls:
            row = self.programme.rows[index]
            weights[row.strength.priority][index] = 1 / row.divisor
        return {
            priority: Stage(
                {column: weight for index, weight in own.items() for column in self.shortfalls[index]},
                group=group,
                priority=priority,
                weights=own,
            )
            for group, (priority, own) in enumerate(weights.items())
        }

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The goals by priority, then the objective as stated."""
        return (*self.goals.values(), Stage(self.worth, self.programme.maximise, self.programme.constant))

    @cached_property
    def worth(self) -> Mapping[int, Fraction]:
        """Column → what one unit of it adds to the objective as stated."""
        costs: dict[int, Fraction] = {}
        for at, column in enumerate(self.columns):
            if column.pair is not None:
                costs[at] = self.programme.pieces[column.pair][column.piece].slope
            elif column.key is not None and column.key.pair not in self.split:
                costs[at] = self.programme.pieces[column.key.pair][0].slope
        return {at: cost for at, cost in costs.items() if cost}

    @cached_property
    def entries(self) -> int:
        """How many coefficients are not 0."""
        return sum(len(row.terms) for row in self.rows)

    @cached_property
    def wide(self) -> bool:
        """Whether numbers of very different sizes meet, so that floating-point ones may lose the small ones."""
        worth = list(self.worth.values())
        money = [row.bound / max(map(abs, row.terms.values())) for row in self.rows if row.bound]
        money += [column.upper for column in self.columns if column.upper]
        if _spread(worth) > WORTHS_APART or _spread(money) > MONEY_APART:
            return True
        amounts = ([c for at, c in row.terms.items() if self.columns[at].goal is None] for row in self.rows)
        return any(_spread(terms) > MONEY_APART for terms in amounts)

    def standard_form(self) -> StandardForm:
        """Return what the simplex method needs of it."""
        columns: list[list[tuple[int, Fraction]]] = [[] for _ in self.columns]
        for number, row in enumerate(self.rows):
            for at, coefficient in row.terms.items():
                columns[at].append((number, coefficient))
        return StandardForm(
            columns,
            [ZERO] * len(columns),
            [column.upper for column in self.columns],
            [row.low for row in self.rows],
            [row.high for row in self.rows],
        )

    def _columns(self) -> Iterator[Column]:
        for key in self.programme.keys:
            yield Column(key=key)
        for pair, pieces in self.split.items():
            for place, piece in enumerate(pieces):
                yield Column(pair=pair, piece=place, upper=piece.width)
        for index, row in enumerate(self.programme.rows):
            if row.strength.kind == "goal":
                yield Column(goal=index)
                if row.operator is Operator.EQUAL:
                    yield Column(goal=index, above=True)

    def _rows(self) -> Iterator[MatrixRow]:
        column = self.column_of
        for index, row in enumerate(self.programme.rows):
            terms = {column[key]: c for key, c in row.body.terms.items()}
            if row.strength.kind == "goal":
                signs = (ONE, -ONE) if row.operator is Operator.EQUAL else (ONE if row.operator.lower else -ONE,)
                terms |= zip(self.shortfalls[index], signs, strict=True)
            if terms:
                yield MatrixRow(terms, row.operator, row.bound, index=index)
        for pair, pieces in self.split.items():
            money = {column[key]: ONE for key in self.programme.keys_of[pair]}
            parts = {column[*pair, place]: -ONE for place in range(len(pieces))}
            yield MatrixRow(money | parts, Operator.EQUAL, ZERO, pair=pair)


def _spread(numbers: Sequence[Fraction]) -> Fraction:
    """Return how many times the smallest the largest is, signs and zeros aside."""
    sizes = [abs(number) for number in numbers if number]
    return max(sizes) / min(sizes) if sizes else ZERO


def identity(column: Column) -> object:
    """Return what a column is, as `Matrix.column_of` has it."""
    if column.key is not None:
        return column.key
    if column.pair is not None:
        return (*column.pair, column.piece)
    return column.goal, column.above


# -- in floating-point numbers -----------------------------------------------------------------------------------------
#
# The matrix in the units of solvers: floating-point numbers, scaled.
#
# Money is scaled by a power of ten so that a year's total lies between 1e2 and 1e6, each indicator row and the
# objective by powers of ten so that their largest coefficients lie between 1e-3 and 1e3; solvers work with absolute
# tolerances and drop what is tiny. What is sought is always a minimum, since HiGHS is surest there. All scales are
# decided here; nothing outside this package sees them.

MONEY = (1e2, 1e6)
"""Between what the largest sum of money lies."""
WORTH = (1e-3, 1e3)
"""Between what the objective's largest coefficient lies."""
INDICATOR = (1e-2, 1e2)
"""Between what an indicator row's largest coefficient lies."""
HIDES = 1e6
"""A weight so many times another's is huge: what is left of the other comes near to a solver's tolerances."""


def power_of_ten(size: float, low: float, high: float) -> int:
    """Return the exponent that brings `size` to the lower decade above `low` where it isn't between the two."""
    if not size or low <= size <= high:
        return 0
    return math.floor(math.log10(size)) - math.floor(math.log10(math.sqrt(low * high)))


def body(row: Row) -> Mapping[Key, Fraction]:
    """Return the terms of `Row.body`, without arithmetic where the right side is a constant."""
    return row.body.terms if row.right.terms else row.left.terms


def never_missed(row: Row) -> bool:
    """Whether a goal is met by any amounts, since none is below 0."""
    if row.operator is Operator.EQUAL:
        return False
    sign = 1 if row.operator.lower else -1
    return sign * row.bound <= 0 and all(sign * c >= 0 for c in body(row).values())


def scaled_values(values: Iterable[Fraction], money: float, scale: float) -> list[float]:
    """Return coefficients of amounts in the units of a row; neighbours are often the same number."""
    found: list[float] = []
    before, number = None, 0.0
    for value in values:
        if value is not before:
            before, number = value, float(value) * money / scale
        found.append(number)
    return found


@dataclass(frozen=True)
class ScaledStage:
    """A priority's sum of shortfalls, which is made least before what follows."""

    priority: int
    columns: tuple[int, ...]
    weights: tuple[float, ...]
    """The largest is 1: divisors are whole budgets, and a solver's tolerance on their inverses would be worth money.

    A huge one of a goal that every plan meets (a part of next to nothing) is cut to 1: its shortfall is 0 at any
    weight, and it would leave the others none that a solver sees.
    """
    scale: float
    """What one unit of the sum is in the sum as stated."""

    @property
    def terms(self) -> Terms:
        """The sum, as a row has it."""
        return dict(zip(self.columns, self.weights, strict=True))


class ScaledMatrix:
    """A programme's matrix in floating-point numbers; columns and rows are those of `matrix`."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.matrix = Matrix(programme)
        scenario = programme.scenario
        largest = max(float(scenario.available(scenario.source, year)) for year in scenario.years)
        self.money = 10.0 ** power_of_ten(largest, *MONEY)
        """Units of the workbook in one unit of money here."""
        slopes = [abs(float(piece.slope)) * self.money for pieces in programme.pieces.values() for piece in pieces]
        scale = 10.0 ** power_of_ten(max(slopes, default=0), *WORTH)
        self.objective_scale = -scale if programme.maximise else scale
        """The objective in one unit of it here; negative where the programme maximises."""
        self.row_scale: Sequence[float] = [self._row_scale(row) for row in programme.rows]
        """For each of `programme.rows`: units of the row in one unit of it here."""

    def _row_scale(self, row: Row) -> float:
        if row.kind.money:
            return self.money
        largest = max((abs(float(c)) * self.money for c in row.body.terms.values()), default=0.0)
        return 10.0 ** power_of_ten(largest, *INDICATOR)

    @cached_property
    def impossible(self) -> list[Row]:
        """Rows without amounts that don't hold: no plan exists."""
        places = zip(self.programme.rows, self.matrix.row_at, strict=True)
        return [row for row, at in places if at is None and row.slack({}) < 0]

    @cached_property
    def stages(self) -> tuple[ScaledStage, ...]:
        """The goals' sums, in the order in which they are sought."""
        return self.stages_of(self.programme)

    def stages_of(self, programme: Programme) -> tuple[ScaledStage, ...]:
        """Return the goals' sums of a programme whose goals are these rows, at these scales."""
        return tuple(self._stage(programme, priority) for priority in programme.priorities)

    def _stage(self, programme: Programme, priority: int) -> ScaledStage:
        weights: dict[int, float] = {}
        felt: list[float] = []
        for index, columns in self.matrix.shortfalls.items():
            row = programme.rows[index]
            if row.strength.priority == priority:
                weight = self.row_scale[index] / float(row.divisor)
                weights |= dict.fromkeys(columns, weight)
                felt += [] if never_missed(row) else [weight]
        largest = max(weights.values())
        scale = max(felt) if felt and largest > HIDES * max(felt) else largest
        return ScaledStage(priority, tuple(weights), tuple(min(1.0, w / scale) for w in weights.values()), scale)

    @cached_property
    def cost(self) -> Floats:
        """What one unit of each column adds to the objective."""
        cost, factor = np.zeros(len(self.matrix.columns)), self.money / self.objective_scale
        for column, worth in self.matrix.worth.items():
            cost[column] = float(worth) * factor
        return cost

    @cached_property
    def upper(self) -> Floats:
        """What each column is at most; none is below 0."""
        ends = (column.upper for column in self.matrix.columns)
        return np.array([math.inf if end is None else float(end / Fraction(self.money)) for end in ends])

    @cached_property
    def rows(self) -> Sequence[RowNumbers]:
        """The rows, each with its lower and upper end."""
        return list(self._rows())

    def _rows(self) -> Iterator[RowNumbers]:
        amounts = len(self.programme.keys)
        for row in self.matrix.rows:
            whole = {column: float(c) for column, c in row.terms.items() if row.index is None or column >= amounts}
            if row.index is None:
                yield whole, *ends_at(row.operator, float(row.bound))
            else:
                own = self.programme.rows[row.index]
                yield self.terms(row.index, own) | whole, *self.ends(row.index, own)

    def terms(self, index: int, row: Row) -> dict[int, float]:
        """Return coefficients of amounts, by column, of a row in the place of the programme's one at `index`."""
        exact, column = body(row), self.matrix.column_of
        values = scaled_values(exact.values(), self.money, self.row_scale[index])
        return {column[key]: value for key, value in zip(exact, values, strict=True)}

    def bound(self, index: int, value: Fraction) -> float:
        """Return a right-hand side in the units of the programme's row at `index`."""
        return float(value) / self.row_scale[index]

    def ends(self, index: int, row: Row) -> tuple[float, float]:
        """Return the lower and upper end of a row in the place of the programme's one at `index`."""
        return ends_at(row.operator, self.bound(index, row.bound))

    def arrays(self, cost: Floats, more: Iterable[RowNumbers] = ()) -> Arrays:
        """Return it as HiGHS takes it, with these costs and rows below its own."""
        return Arrays(self.upper, [*self.rows, *more], cost=cost)

    def costs_of(self, stage: ScaledStage) -> Floats:
        """Return the costs by which a stage's sum is made least."""
        cost = np.zeros(len(self.matrix.columns))
        cost[list(stage.columns)] = stage.weights
        return cost


def ends_at(operator: Operator, bound: float) -> tuple[float, float]:
    """Return between what the left side of a row may lie."""
    return -math.inf if operator.upper else bound, math.inf if operator.lower else bound


# -- in PuLP -----------------------------------------------------------------------------------------------------------
#
# The scaled matrix as a PuLP model: named, to be written to a file or solved by any solver that PuLP knows.

_NAME_LENGTH = 80
"""PuLP writes no name of over 100 characters into an LP file; numbers are added to some."""
_MEANS_ELSE = re.compile(
    r"\d|e\d|inf|nan|goal_(\d+_)?held|"
    r"(obj|max(imi[sz]e|imum)?|min(imi[sz]e|imum)?|s_?t|such_that|subject(_to)?|to|bounds?|free|end|"
    r"sec(tion)?|sos[12]?|semis?(_continuous)?|ranges?|bin(ary|aries)?|gens?|generals?|int(egers?)?|lazy|cuts?)$",
    re.IGNORECASE,
)
"""Texts that LP files read as a number or a word of their own, and the names of rows that hold goals' sums. HiGHS 1.15
takes the first letters of Infrastructure for infinity."""


class Names:
    """Names for rows and columns that say what they are, in letters that every LP reader takes, each once.

    They are for reading alone: what a row or column means is kept in maps, never taken from its name.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}
        """The number that the next name of a text gets that was taken before."""

    def make(self, *parts: object) -> str:
        """Return a name of `parts`: without accents and signs, numbered where it would stand twice."""
        text = "_".join(str(part) for part in parts if part is not None)
        text = unicodedata.normalize("NFKD", text).replace("đ", "d").replace("Đ", "D")
        text = "".join(c for c in text if not unicodedata.combining(c))
        text = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")[:_NAME_LENGTH] or "unnamed"
        name = base = f"x_{text}" if _MEANS_ELSE.match(text) else text
        while name in self._taken:
            number = self._next.get(base, 2)
            self._next[base] = number + 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def lp_problem(
    scaled: ScaledMatrix, sought: Terms | None, held: Sequence[tuple[ScaledStage, float]] = ()
) -> pulp.LpProblem:
    """Return a PuLP problem that minimises `sought` (None: nothing yet), sums of goals held at what stands by them."""
    import pulp

    problem = pulp.LpProblem(Names().make(scaled.programme.scenario.title), pulp.LpMinimize)
    view = _View(scaled, problem)
    view.add()
    for stage, bound in held:
        problem.addConstraint(view.sum_of(stage.terms) <= bound, f"Goal_{stage.priority}_held")
    if sought is not None:
        problem.setObjective(view.sum_of(sought))
    return problem


def objective_terms(scaled: ScaledMatrix) -> Terms:
    """Return the objective without what is worth nothing; PuLP adds a variable of its own where no term is left."""
    pieces = scaled.programme.pieces
    first = next(iter(pieces))
    column = scaled.matrix.pieces[first][0] if first in scaled.matrix.pieces else 0
    return {int(at): float(scaled.cost[at]) for at in scaled.cost.nonzero()[0]} or {column: 0.0}


class _View:
    """Names and adds columns and rows, in the order in which the matrix has them."""

    def __init__(self, scaled: ScaledMatrix, problem: pulp.LpProblem) -> None:
        self.scaled, self.problem, self.names = scaled, problem, Names()
        self.variables: list[pulp.LpVariable] = []

    def add(self) -> None:
        matrix = self.scaled.matrix
        shortfalls = matrix.shortfalls
        for at, column in enumerate(matrix.columns):
            if column.goal is None:
                self._add_column(at, column)
        for row, numbers in zip(matrix.rows, self.scaled.rows, strict=True):
            for at in shortfalls.get(row.index, ()) if row.index is not None else ():
                self._add_column(at, matrix.columns[at])
            self._add_row(row, numbers)

    def sum_of(self, terms: Terms) -> pulp.LpAffineExpression:
        """Return Σ coefficient · column."""
        import pulp

        return pulp.lpSum_vars_coefs([(self.variables[at], coefficient) for at, coefficient in terms.items()])

    def _add_column(self, at: int, column: Column) -> None:
        upper = None if column.upper is None else float(self.scaled.upper[at])
        self.variables.append(self.problem.add_variable(self.names.make(*self._column_name(column)), 0, upper))

    def _column_name(self, column: Column) -> Sequence[object]:
        if column.key is not None:
            return column.key
        if column.pair is not None:
            pieces = self.scaled.matrix.split[column.pair]
            return *column.pair, "all_sources" if len(pieces) == 1 else f"band_{pieces[column.piece].number}"
        assert column.goal is not None  # noqa: S101 - a column is one of the three
        return self.scaled.programme.rows[column.goal].label, "exceeded by" if column.above else "missed by"

    def _add_row(self, row: MatrixRow, numbers: RowNumbers) -> None:
        terms, low, high = numbers
        if row.index is not None:
            name = self.names.make(self.scaled.programme.rows[row.index].label)
        else:
            name = self.names.make("Sum", *(row.pair or ()))
        left = self.sum_of(terms)
        constraint = left == low if low == high else left <= high if row.operator.upper else left >= low
        self.problem.addConstraint(constraint, name)
