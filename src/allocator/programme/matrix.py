"""The programme in exact numbers, column by column and row by row, in the order in which the solver has them.

Columns are the amounts, then the pieces of the areas and years that have several or several payers, then what goals
fall short by; rows are the workbook's demands, then one for each area and year that adds its sources up to its pieces.
A stage seeks one sum: the shortfalls of a priority, each divided as its row says, or at last the objective.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from allocator.programme.build import Programme
from allocator.programme.rows import ONE, ZERO, Key, Piece, Row
from allocator.programme.simplex import Bound, StandardForm
from allocator.scenario.model import Operator

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
                terms |= self._shortfall_terms(index, row)
            if terms:
                yield MatrixRow(terms, row.operator, row.bound, index=index)
        for pair, pieces in self.split.items():
            money = {column[key]: ONE for key in self.programme.keys_of[pair]}
            parts = {column[*pair, place]: -ONE for place in range(len(pieces))}
            yield MatrixRow(money | parts, Operator.EQUAL, ZERO, pair=pair)

    def _shortfall_terms(self, index: int, row: Row) -> dict[int, Fraction]:
        below = self.column_of[index, False]
        if row.operator is Operator.EQUAL:
            return {below: ONE, self.column_of[index, True]: -ONE}
        return {below: ONE if row.operator.lower else -ONE}


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
