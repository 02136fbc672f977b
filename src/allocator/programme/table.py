"""The programme in exact rows and columns: what the solver is given, in the workbook's units and in fractions.

A stage seeks one sum: the shortfalls of a goal's priority, or at last the objective. Each column says what it is worth
in that stage and how large it can be at most in any plan that is as good as the one at hand; the rows are the
workbook's demands, one that adds up an area's sources where it has bands, and the sums of goals that are held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from allocator.programme.build import Programme
from allocator.programme.rows import ZERO, Key, Piece, Row, RowKind
from allocator.scenario.model import Operator

ONE = Fraction(1)


@dataclass(frozen=True)
class TableColumn:
    """An amount, a piece of an area's yearly amount, or what a goal falls short by."""

    limit: Fraction
    """No plan that is considered has more of it; nor less than 0."""
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


@dataclass(frozen=True)
class TableRow:
    """``Σ coefficient · column operator right``; the right side may lie anywhere between `low` and `high`."""

    terms: Mapping[int, Fraction]
    operator: Operator
    low: Fraction
    high: Fraction
    """They differ only for an ``=`` that no whole steps reach: it is kept to within one."""
    index: int | None = None
    """In `Programme.rows`; None for a row that adds up, or holds a sum of goals."""
    pair: tuple[str, int] | None = None
    """(area, year) of a row that adds up its sources and takes off its pieces."""
    group: int | None = None
    """Of a row that holds a sum of goals: its place among the groups."""


@dataclass(frozen=True)
class GoalGroup:
    """Shortfalls that are added up, each times its weight, and made least together."""

    priority: int
    weights: Mapping[int, Fraction]
    """Index in `Programme.rows` → 1 ÷ what its shortfall is divided by."""

    def total(self, programme: Programme, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return the sum at a plan."""
        rows = programme.rows
        return sum((max(ZERO, -rows[i].slack(amounts)) * weight for i, weight in self.weights.items()), ZERO)


@dataclass(frozen=True)
class Stage:
    """What one solve seeks: a goal group's sum (to be made least), or the objective."""

    group: int | None
    maximise: bool
    constant: Fraction
    costs: Mapping[int, Fraction]
    """Column → what one unit of it adds."""


@dataclass(frozen=True)
class Table:
    """The programme around one plan, which gives the sums of goals their ceilings."""

    programme: Programme
    groups: tuple[GoalGroup, ...]
    amounts: Mapping[Key, Fraction]
    step: Fraction
    columns: tuple[TableColumn, ...] = field(init=False)
    rows: tuple[TableRow, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(_columns(self)))
        object.__setattr__(self, "rows", tuple(_rows(self)))

    @cached_property
    def sums(self) -> tuple[Fraction, ...]:
        """What the plan leaves of each group's goals."""
        return tuple(group.total(self.programme, self.amounts) for group in self.groups)

    @cached_property
    def group_of(self) -> Mapping[int, int]:
        """Index of a goal's row → its group."""
        return {index: number for number, group in enumerate(self.groups) for index in group.weights}

    @cached_property
    def column_of(self) -> Mapping[object, int]:
        """What a column is → its number: a key, (area, year, place of the piece), (goal's index, above)."""
        return {_identity(column): number for number, column in enumerate(self.columns)}

    @cached_property
    def by_column(self) -> list[list[tuple[int, Fraction]]]:
        """For each column the rows it stands in, with its coefficients."""
        found: list[list[tuple[int, Fraction]]] = [[] for _ in self.columns]
        for number, row in enumerate(self.rows):
            for column, coefficient in row.terms.items():
                found[column].append((number, coefficient))
        return found

    @cached_property
    def sizes(self) -> tuple[Fraction, ...]:
        """For each of the workbook's rows the largest coefficient of an amount; 0 for one that adds up or holds."""
        return tuple(
            ZERO
            if row.index is None
            else max(map(abs, self.programme.rows[row.index].body.terms.values()), default=ZERO)
            for row in self.rows
        )

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The goals' groups in order, then the objective."""
        programme = self.programme
        goals = (
            Stage(number, False, ZERO, {
                at: group.weights[column.goal]
                for at, column in enumerate(self.columns)
                if column.goal is not None and column.goal in group.weights
            })
            for number, group in enumerate(self.groups)
        )  # fmt: skip
        return (*goals, Stage(None, programme.maximise, programme.constant, self._objective()))

    def _objective(self) -> dict[int, Fraction]:
        costs: dict[int, Fraction] = {}
        for at, column in enumerate(self.columns):
            if column.pair is not None:
                costs[at] = self.programme.pieces[column.pair][column.piece].slope
            elif column.key is not None and column.key[:2] not in self.split:
                costs[at] = self.programme.pieces[column.key[:2]][0].slope
        return costs

    @cached_property
    def split(self) -> Mapping[tuple[str, int], tuple[Piece, ...]]:
        """The areas and years whose amount is cut into pieces, or comes from several sources."""
        payers: dict[tuple[str, int], int] = {}
        for area, year, _ in self.programme.keys:
            payers[area, year] = payers.get((area, year), 0) + 1
        pieces = self.programme.pieces
        return {pair: found for pair, found in pieces.items() if len(found) > 1 or payers.get(pair, 0) > 1}

    def values(self) -> list[Fraction]:
        """Return the plan, column by column: pieces filled in order, shortfalls as they are."""
        yearly = self.programme.yearly(self.amounts)
        filled = {pair: _filled(yearly[pair], pieces) for pair, pieces in self.split.items()}
        return [self._value(column, filled) for column in self.columns]

    def _value(self, column: TableColumn, filled: Mapping[tuple[str, int], list[Fraction]]) -> Fraction:
        if column.key is not None:
            return self.amounts.get(column.key, ZERO)
        if column.pair is not None:
            return filled[column.pair][column.piece]
        assert column.goal is not None  # noqa: S101 - a column is one of the three
        row = self.programme.rows[column.goal]
        short = row.bound - row.body.value(self.amounts)
        if row.operator is Operator.EQUAL:
            return max(ZERO, -short if column.above else short)
        return max(ZERO, short if row.operator.lower else -short)


def _identity(column: TableColumn) -> object:
    if column.key is not None:
        return column.key
    if column.pair is not None:
        return (*column.pair, column.piece)
    return column.goal, column.above


def _filled(amount: Fraction, pieces: tuple[Piece, ...]) -> list[Fraction]:
    """Return how much of an amount lies in each piece, in order."""
    parts, left = [], amount
    for piece in pieces:
        part = left if piece.width is None else min(left, piece.width)
        parts.append(part)
        left -= part
    return parts


# Columns


def _columns(table: Table) -> Iterator[TableColumn]:
    programme = table.programme
    most = _most(programme)
    for key in programme.keys:
        yield TableColumn(most[key[2], key[1]], key=key)
    sources: dict[tuple[str, int], Fraction] = {}
    for area, year, source in programme.keys:
        sources[area, year] = sources.get((area, year), ZERO) + most[source, year]
    for pair, pieces in table.split.items():
        for place, piece in enumerate(pieces):
            limit = sources[pair] if piece.width is None else min(piece.width, sources[pair])
            yield TableColumn(limit, pair=pair, piece=place)
    for number, group in enumerate(table.groups):
        for index, weight in group.weights.items():
            limit = table.sums[number] / weight
            yield TableColumn(limit, goal=index)
            if programme.rows[index].operator is Operator.EQUAL:
                yield TableColumn(limit, goal=index, above=True)


def _most(programme: Programme) -> dict[tuple[str, int], Fraction]:
    """Return (source, year) → what its Budget row lets one area have at most."""
    scenario = programme.scenario
    budgets = [row for row in programme.rows if row.kind is RowKind.BUDGET]
    return {(row.subject, row.year or scenario.years[0]): row.right.constant for row in budgets}


# Rows


def _rows(table: Table) -> Iterator[TableRow]:
    column = table.column_of
    for index, row in enumerate(table.programme.rows):
        terms = {column[key]: c for key, c in row.body.terms.items()}
        if row.strength.kind == "goal":
            terms |= _shortfall_terms(table, index, row)
        if terms:
            low, high = _within(row, table)
            yield TableRow(terms, row.operator, low, high, index=index)
    for pair, pieces in table.split.items():
        money = {column[pair[0], pair[1], s]: ONE for s in table.programme.scenario.area[pair[0]].sources}
        parts = {column[pair[0], pair[1], place]: -ONE for place in range(len(pieces))}
        yield TableRow(money | parts, Operator.EQUAL, ZERO, ZERO, pair=pair)
    for number, (group, total) in enumerate(zip(table.groups, table.sums, strict=True)):
        terms = {column[index, above]: w for index, w in group.weights.items() for above in (False, True)
                 if (index, above) in column}  # fmt: skip
        yield TableRow(terms, Operator.AT_MOST, total, total, group=number)


def _shortfall_terms(table: Table, index: int, row: Row) -> dict[int, Fraction]:
    below = table.column_of[index, False]
    if row.operator is Operator.EQUAL:
        return {below: ONE, table.column_of[index, True]: -ONE}
    return {below: ONE if row.operator.lower else -ONE}


def _within(row: Row, table: Table) -> tuple[Fraction, Fraction]:
    """Return between what the right side may lie: one Step for an ``=`` that the plan doesn't keep exactly."""
    if row.operator is not Operator.EQUAL or row.strength.kind == "goal" or not table.step:
        return row.bound, row.bound
    if not row.slack(table.amounts):
        return row.bound, row.bound
    reach = table.step * max(map(abs, row.body.terms.values()))
    return row.bound - reach, row.bound + (ZERO if row.kind is RowKind.BUDGET else reach)
