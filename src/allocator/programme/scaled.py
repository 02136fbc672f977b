"""The matrix in the units of solvers: floating-point numbers, scaled.

Money is scaled by a power of ten so that a year's total lies between 1e2 and 1e6, each indicator row and the
objective by powers of ten so that their largest coefficients lie between 1e-3 and 1e3; solvers work with absolute
tolerances and drop what is tiny. What is sought is always a minimum, since HiGHS is surest there. All scales are
decided here; nothing outside this package sees them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from allocator.programme.build import Programme
from allocator.programme.matrix import Matrix
from allocator.programme.rows import Key, Row
from allocator.programme.session import Arrays, Floats, RowNumbers, Terms
from allocator.scenario.model import Operator

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
                yield whole, *_ends(row.operator, float(row.bound))
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
        return _ends(row.operator, self.bound(index, row.bound))

    def arrays(self, cost: Floats, more: Iterable[RowNumbers] = ()) -> Arrays:
        """Return it as HiGHS takes it, with these costs and rows below its own."""
        return Arrays.of(self.upper, [*self.rows, *more], cost=cost)

    def costs_of(self, stage: ScaledStage) -> Floats:
        """Return the costs by which a stage's sum is made least."""
        cost = np.zeros(len(self.matrix.columns))
        cost[list(stage.columns)] = stage.weights
        return cost


def _ends(operator: Operator, bound: float) -> tuple[float, float]:
    return -math.inf if operator.upper else bound, math.inf if operator.lower else bound
