"""The programme around one plan: how large each column can be at most, and between what each right side may lie.

A stage seeks one sum: the shortfalls of a goal's priority, or at last the objective. Each column says how large it can
be at most in any plan that is as good as the one at hand; the rows are the matrix's, then the bounds of goals' sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from allocator.programme.build import Programme
from allocator.programme.matrix import Column, Matrix, Stage
from allocator.programme.rows import ZERO, Key, Piece, Row
from allocator.scenario.model import Operator


@dataclass(frozen=True)
class BoundedColumn(Column):
    """An amount, a piece of an area's yearly amount, or what a goal falls short by."""

    limit: Fraction = ZERO
    """No plan that is considered has more of it; nor less than 0."""


@dataclass(frozen=True)
class BoundedRow:
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
class BoundedProgramme:
    """The programme around one plan, which gives the sums of goals their ceilings."""

    matrix: Matrix
    amounts: Mapping[Key, Fraction]
    step: Fraction
    columns: tuple[BoundedColumn, ...] = field(init=False)
    rows: tuple[BoundedRow, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(_columns(self)))
        object.__setattr__(self, "rows", tuple(_rows(self)))

    @property
    def programme(self) -> Programme:
        """The programme that it is of."""
        return self.matrix.programme

    @cached_property
    def groups(self) -> tuple[Stage, ...]:
        """The goals, by priority."""
        return tuple(self.matrix.goals.values())

    @cached_property
    def sums(self) -> tuple[Fraction, ...]:
        """What the plan leaves of each group's goals."""
        return tuple(group.total(self.programme, self.amounts) for group in self.groups)

    @cached_property
    def group_of(self) -> Mapping[int, int]:
        """Index of a goal's row → its group."""
        return {index: number for number, group in enumerate(self.groups) for index in group.weights}

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

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The goals' groups in order, then the objective."""
        return self.matrix.stages

    @property
    def split(self) -> Mapping[tuple[str, int], tuple[Piece, ...]]:
        """The areas and years whose amount is cut into pieces, or comes from several sources."""
        return self.matrix.split

    def values(self) -> list[Fraction]:
        """Return the plan, column by column: pieces filled in order, shortfalls as they are."""
        yearly = self.programme.yearly(self.amounts)
        filled = {pair: _filled(yearly[pair], pieces) for pair, pieces in self.split.items()}
        return [self._value(column, filled) for column in self.columns]

    def _value(self, column: BoundedColumn, filled: Mapping[tuple[str, int], list[Fraction]]) -> Fraction:
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


def _filled(amount: Fraction, pieces: tuple[Piece, ...]) -> list[Fraction]:
    """Return how much of an amount lies in each piece, in order."""
    parts, left = [], amount
    for piece in pieces:
        part = left if piece.width is None else min(left, piece.width)
        parts.append(part)
        left -= part
    return parts


def _columns(bounded: BoundedProgramme) -> Iterator[BoundedColumn]:
    programme = bounded.programme
    most = _most(programme)
    sources: dict[tuple[str, int], Fraction] = {}
    for key in programme.keys:
        sources[key.pair] = sources.get(key.pair, ZERO) + most[key.source, key.year]
    for column in bounded.matrix.columns:
        if column.key is not None:
            limit = most[column.key.source, column.key.year]
        elif column.pair is not None:
            limit = sources[column.pair] if column.upper is None else min(column.upper, sources[column.pair])
        else:
            assert column.goal is not None  # noqa: S101 - a column is one of the three
            group = bounded.group_of[column.goal]
            limit = bounded.sums[group] / bounded.groups[group].weights[column.goal]
        yield BoundedColumn(column.key, column.pair, column.piece, column.goal, column.above, column.upper, limit)


def _most(programme: Programme) -> dict[tuple[str, int], Fraction]:
    """Return (source, year) → what its Budget row lets one area have at most."""
    scenario = programme.scenario
    budgets = [row for row in programme.rows if row.kind.supply]
    return {(row.subject, row.year or scenario.years[0]): row.right.constant for row in budgets}


def _rows(bounded: BoundedProgramme) -> Iterator[BoundedRow]:
    for row in bounded.matrix.rows:
        low, high = (row.bound, row.bound) if row.index is None else _within(bounded.programme.rows[row.index], bounded)
        yield BoundedRow(row.terms, row.operator, low, high, index=row.index, pair=row.pair)
    for number, (group, total) in enumerate(zip(bounded.groups, bounded.sums, strict=True)):
        yield BoundedRow(group.costs, Operator.AT_MOST, total, total, group=number)


def _within(row: Row, bounded: BoundedProgramme) -> tuple[Fraction, Fraction]:
    """Return between what the right side may lie: one Step for an ``=`` that the plan doesn't keep exactly."""
    if row.operator is not Operator.EQUAL or row.strength.kind == "goal" or not bounded.step:
        return row.bound, row.bound
    if not row.slack(bounded.amounts):
        return row.bound, row.bound
    reach = bounded.step * max(map(abs, row.body.terms.values()))
    return row.bound - reach, row.bound + (ZERO if row.kind.supply else reach)
