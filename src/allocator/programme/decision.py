"""What is feasible and best, decided in fractions, and the proof that a plan is the best.

The programme around a plan and the proof come first, then the search: HiGHS proposes a basis for each stage, exact
arithmetic disposes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import count

import numpy as np
from numpy.typing import NDArray

from allocator.programme.build import Programme
from allocator.programme.matrix import Column, Matrix, Stage
from allocator.programme.rows import HARD, ONE, ZERO, Key, Piece, Row
from allocator.programme.session import DIRECT, MIDDLE, SIMPLEX, Arrays, Floats, Session
from allocator.programme.simplex import Basis, Bound, Simplex, StandardForm, Vertex, Watch
from allocator.programme.status import Status
from allocator.scenario.model import Operator

# -- the programme around one plan -------------------------------------------------------------------------------------
#
# The programme around one plan: how large each column can be at most, and between what each right side may lie.
#
# A stage seeks one sum: the shortfalls of a goal's priority, or at last the objective. Each column says how large it
# can be at most in any plan that is as good as the one at hand; the rows are the matrix's, then the bounds of goals'
# sums.


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
        object.__setattr__(self, "columns", tuple(_bounded_columns(self)))
        object.__setattr__(self, "rows", tuple(_bounded_rows(self)))

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


def _bounded_columns(bounded: BoundedProgramme) -> Iterator[BoundedColumn]:
    programme = bounded.programme
    most = _most_of_sources(programme)
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


def _most_of_sources(programme: Programme) -> dict[tuple[str, int], Fraction]:
    """Return (source, year) → what its Budget row lets one area have at most."""
    scenario = programme.scenario
    budgets = [row for row in programme.rows if row.kind.supply]
    return {(row.subject, row.year or scenario.years[0]): row.right.constant for row in budgets}


def _bounded_rows(bounded: BoundedProgramme) -> Iterator[BoundedRow]:
    for row in bounded.matrix.rows:
        low, high = (row.bound, row.bound) if row.index is None else _within(bounded.programme.rows[row.index], bounded)
        yield BoundedRow(row.terms, row.operator, low, high, index=row.index, pair=row.pair)
    for number, (group, total) in enumerate(zip(bounded.groups, bounded.sums, strict=True)):
        yield BoundedRow(group.costs, Operator.AT_MOST, total, total, group=number)


def _within(row: Row, bounded: BoundedProgramme) -> tuple[Fraction, Fraction]:
    """Return between what the right side may lie: one Step for an ``=`` that the plan doesn't keep exactly."""
    must_be_met = row.operator is Operator.EQUAL and row.strength.kind != "goal"
    if not (must_be_met and bounded.step and row.slack(bounded.amounts)):
        return row.bound, row.bound
    reach = bounded.step * max(map(abs, row.body.terms.values()))
    return row.bound - reach, row.bound + (ZERO if row.kind.supply else reach)


# -- the proof ---------------------------------------------------------------------------------------------------------
#
# A bound that no plan can pass, from prices alone, in rational arithmetic (weak duality).
#
# Give every row a price of the right sign: then no plan reaches more than what the prices make of the right sides,
# plus, for each column that is worth more than it costs at these prices, that surplus times the most it can be:
#
#     maximise Σ c·x,  rows Σ a·x ≤ b,  0 ≤ x ≤ u:   Σ c·x  ≤  Σ price·b + Σ max(0, c − Σ price·a)·u
#
# This holds for *any* prices, wherever they come from; good ones make the bound meet the plan, and the gap between the
# two is the proof. It is the sum, row by row, of price times slack, and of what columns away from their limit forgo.

CLOSE = Fraction(1, 10**9)
"""At prices of 15 digits a gap below this part of what is bounded closes."""
DIGITS = 15
"""Of published prices: spreadsheets keep so many when they save a workbook again."""
LAST_DIGIT = Fraction(1, 10 ** (DIGITS - 1))
"""What cutting a price to so many digits changes at most, as a part of it."""


@dataclass(frozen=True)
class Proof:
    """One stage's bound at published prices, beside what the plan reaches."""

    bounded: BoundedProgramme
    stage: Stage
    prices: tuple[Fraction, ...]
    """One for each of its rows: change of what is sought per unit that the right side grows."""
    cut: bool = False
    """Whether they are cut to so many digits as a cell keeps."""

    @cached_property
    def value(self) -> Fraction:
        """What the plan reaches."""
        values = self.bounded.values()
        return self.stage.constant + sum((cost * values[at] for at, cost in self.stage.costs.items()), ZERO)

    @cached_property
    def priced_rows(self) -> tuple[Fraction, ...]:
        """Price times right side, row by row; where that may vary, at its end that is better for what is sought."""
        rows = zip(self.bounded.rows, self.prices, strict=True)
        return tuple(price * end(row, price, maximise=self.stage.maximise) for row, price in rows)

    @cached_property
    def reduced(self) -> tuple[Fraction, ...]:
        """What one unit of each column adds, less the priced use of rows."""
        return tuple(
            self.stage.costs.get(at, ZERO) - sum((c * self.prices[row] for row, c in rows if self.prices[row]), ZERO)
            for at, rows in enumerate(self.bounded.by_column)
        )

    @cached_property
    def surpluses(self) -> tuple[Fraction, ...]:
        """What each column can add beyond the priced rows at most."""
        pick = max if self.stage.maximise else min
        columns = zip(self.bounded.columns, self.reduced, strict=True)
        return tuple(pick(ZERO, reduced) * column.limit for column, reduced in columns)

    @cached_property
    def bound(self) -> Fraction:
        """What no plan can pass."""
        return self.stage.constant + sum(self.priced_rows, ZERO) + sum(self.surpluses, ZERO)

    @property
    def gap(self) -> Fraction:
        """How far the plan is from the bound, never negative for a plan that keeps the rows."""
        return self.bound - self.value if self.stage.maximise else self.value - self.bound

    @property
    def signed(self) -> bool:
        """Whether every price has the sign that its row's operator asks for."""
        rows = zip(self.bounded.rows, self.prices, strict=True)
        return all(price == fit(row, price, maximise=self.stage.maximise) for row, price in rows)

    @cached_property
    def explained(self) -> Fraction:
        """What rounding can account for: a Step to either side at each row's largest coefficient, at the row's price.

        A goal that is sought may be missed by so much where its price is nothing, too.
        """
        prices = [abs(price) for price in self.prices]
        if self.stage.group is not None:
            weights = self.bounded.groups[self.stage.group].weights
            prices = [
                price + (ZERO if row.index is None else weights.get(row.index, ZERO))
                for row, price in zip(self.bounded.rows, prices, strict=True)
            ]
        reach = sum((price * size for price, size in zip(prices, self.bounded.sizes, strict=True)), ZERO)
        return 2 * self.bounded.step * reach + self.noise

    @cached_property
    def noise(self) -> Fraction:
        """What the digits that prices are cut to can account for."""
        if not self.cut:
            return ZERO
        columns = self.bounded.columns
        largest = max((abs(cost) * columns[at].limit for at, cost in self.stage.costs.items()), default=ZERO)
        usual = CLOSE * max(abs(self.bound), *map(abs, self.priced_rows), largest / 1000, CLOSE)
        used = (
            sum((abs(c * self.prices[row]) for row, c in rows if self.prices[row]), ZERO) * column.limit
            for column, rows in zip(columns, self.bounded.by_column, strict=True)
        )
        return max(usual, LAST_DIGIT * (sum(map(abs, self.priced_rows), ZERO) + sum(used, ZERO)))

    @property
    def closes(self) -> bool:
        """Whether plan and bound meet, but for what rounding can account for."""
        return self.signed and ZERO <= self.gap <= self.explained


@dataclass(frozen=True)
class Certificate:
    """The proof that a plan is the best: of each goal group's sum in order, then of the objective."""

    proofs: tuple[Proof, ...]
    broken: tuple[BoundedRow, ...]
    """Rows that the plan does not keep in exact arithmetic; none for a proved plan."""

    @cached_property
    def published(self) -> Certificate:
        """The same at prices as they are written into a workbook, with 15 digits."""
        proofs = tuple(replace(proof, prices=tuple(map(_cut, proof.prices)), cut=True) for proof in self.proofs)
        return Certificate(proofs, self.broken)

    @property
    def bounded(self) -> BoundedProgramme:
        """The rows and columns that all its proofs share."""
        return self.proofs[-1].bounded

    @property
    def objective(self) -> Proof:
        """The proof of the objective; the ceilings of goals are at what the plan leaves of them."""
        return self.proofs[-1]

    @property
    def exact(self) -> bool:
        """Whether plan and bounds are proved in rational arithmetic: every row kept, every price of the right sign."""
        return not self.broken and all(proof.signed and proof.gap >= 0 for proof in self.proofs)

    @property
    def closes(self) -> bool:
        """Whether, on top of that, every gap is no larger than rounding explains."""
        return self.exact and all(proof.closes for proof in self.proofs)


def certify(bounded: BoundedProgramme, prices: Sequence[Mapping[int, Fraction]], *, cut: bool = False) -> Certificate:
    """Return the certificate of its plan at `prices`: for each stage row → price; missing ones are 0.

    Prices of the wrong sign, or of rows that are no part of a stage, count as 0. `cut`: they stood in cells.
    """
    stages = zip(bounded.stages, prices, strict=True)
    proofs = [Proof(bounded, stage, _fitting(bounded, stage, given), cut) for stage, given in stages]
    return Certificate(tuple(proofs), tuple(broken_rows(bounded)))


def _fitting(bounded: BoundedProgramme, stage: Stage, prices: Mapping[int, Fraction]) -> tuple[Fraction, ...]:
    """Return one price for each row, of the right sign; a stage knows only the goals up to its own."""
    return tuple(
        fit(row, prices.get(number, ZERO), maximise=stage.maximise) if counts(bounded, stage, row) else ZERO
        for number, row in enumerate(bounded.rows)
    )


def _cut(price: Fraction) -> Fraction:
    return Fraction(f"{float(price):.{DIGITS}g}")


def counts(bounded: BoundedProgramme, stage: Stage, row: BoundedRow) -> bool:
    """Whether a row is part of a stage's programme; a group's own sum is sought there, not held."""
    if stage.group is None:
        return True
    if row.group is not None:
        return row.group < stage.group
    return row.index is None or bounded.group_of.get(row.index, 0) <= stage.group


def fit(row: BoundedRow, price: Fraction, *, maximise: bool) -> Fraction:
    """Return a price, 0 where its sign isn't the one that its row's operator asks for."""
    if row.operator is Operator.EQUAL:
        return price
    helps = row.operator.upper == maximise
    return max(ZERO, price) if helps else min(ZERO, price)


def end(row: BoundedRow, price: Fraction, *, maximise: bool) -> Fraction:
    """Return the end of a right side's range at which it is worth most for what is sought."""
    return row.high if (price > 0) == maximise else row.low


def broken_rows(bounded: BoundedProgramme) -> Iterator[BoundedRow]:
    """Yield the rows that the plan breaks, and those of columns below 0."""
    values = bounded.values()
    for row in bounded.rows:
        left = sum((c * values[at] for at, c in row.terms.items()), ZERO)
        if not _kept(row, left) or any(values[at] < 0 for at in row.terms):
            yield row


def _kept(row: BoundedRow, left: Fraction) -> bool:
    if row.operator is Operator.EQUAL:
        return row.low <= left <= row.high
    return left >= row.low if row.operator.lower else left <= row.high


# -- from any basis to an optimal one ----------------------------------------------------------------------------------
#
# From any basis to an optimal one, in fractions: a few exact pivots, then floating point looks again at what is left.
#
# Where a basis is wrong by more than a few pivots, because HiGHS lost its way or could not see small numbers beside
# large ones, the programme is taken as seen from the basis' exact solution: distances to the bounds and reduced costs,
# worked out in fractions and scaled up until the worst fault is 1. HiGHS goes on from the same basis, and what it ends
# with is looked at in the same way (A. M. Gleixner, D. E. Steffy, K. Wolter, Iterative refinement for linear
# programming, INFORMS Journal on Computing 28, 2016; there the point is refined, here the basis, whose solution is
# known exactly). Where that gets no further exact pivots do.

FEW = 3
"""Exact pivots that are tried before floating point is asked again: a round of that costs about as much."""
REFINEMENTS = 12
_ZERO, _ONE = Fraction(0), Fraction(1)
_FAR = 1e18
"""A bound further away than this many times the worst fault is none."""


class _EnoughError(Exception):
    """A few pivots weren't enough."""


def optimum(form: StandardForm, start: Basis, costs: Mapping[int, Fraction], watch: Watch) -> Vertex:
    """Return a vertex at which Σ cost · column is least, or that proves that there is none."""
    return Refinement(form, watch).optimum(start, costs)


class Refinement:
    """A programme of which several sums are made least, one after the other, also within other bounds."""

    def __init__(self, form: StandardForm, watch: Watch) -> None:
        self.form, self.watch = form, watch

    @cached_property
    def _view(self) -> _View:
        return _View(self.form, self.watch)

    def change_column(self, column: int, entries: Sequence[tuple[int, Fraction]]) -> None:
        """Give a column other entries."""
        columns = list(self.form.columns)
        columns[column] = entries
        self.form = replace(self.form, columns=columns)
        if "_view" in self.__dict__:
            self._view.change_column(column, entries)

    def optimum(self, start: Basis, costs: Mapping[int, Fraction]) -> Vertex:
        """Return a vertex at which Σ cost · column is least, or that proves that there is none."""
        simplex = Simplex(self.form, start, self.watch)
        found = self._few(simplex, lambda: simplex.minimise(costs))
        return self._resumed(simplex, costs)[0] if found is None else found

    def settled(self, simplex: Simplex, pivots: Callable[[], bool], costs: Mapping[int, Fraction]) -> Simplex | None:
        """Return the programme, with the bounds of `simplex`, where Σ cost · column is least; None: there is no least.

        `pivots` takes `simplex` there, as a rule in a few, and says whether there is one.
        """
        found = self._few(simplex, pivots)
        if found is None:
            vertex, simplex = self._resumed(simplex, costs)
            found = vertex.status is Status.OPTIMAL
        return simplex if found else None

    def _few[T](self, simplex: Simplex, pivots: Callable[[], T]) -> T | None:
        """Let `simplex` pivot, and return what that gives; None where more than a few are needed."""
        moves = count(1)

        def watch() -> None:
            self.watch()
            if next(moves) > FEW:
                raise _EnoughError

        simplex.watch = watch
        try:
            return pivots()
        except _EnoughError:
            return None
        finally:
            simplex.watch = self.watch

    def _resumed(self, simplex: Simplex, costs: Mapping[int, Fraction]) -> tuple[Vertex, Simplex]:
        """Return the vertex to which the programme, with the bounds of `simplex`, comes from there, and it there."""
        simplex = _refined(self._view, simplex, costs)
        if self._view.infeasible:
            known = self._nearest(simplex)
            if known.status is Status.INFEASIBLE:
                return known, simplex
            simplex = _refined(self._view, simplex.at(known.basis), costs)
        return simplex.minimise(costs), simplex

    def _nearest(self, simplex: Simplex) -> Vertex:
        """Return a vertex that misses the rows by as little as can be, each miss counted in the view's unit.

        Where that is more than nothing, its prices prove that no solution exists, and it says so.
        """
        width, height = simplex.width, simplex.height
        first, after = width, width + 2 * height
        elastic = StandardForm(
            [*simplex.form.columns, *([(row, sign)] for row in range(height) for sign in (_ONE, -_ONE))],
            [*simplex.lower[:width], *(_ZERO,) * (2 * height)],
            [*simplex.upper[:width], *(None,) * (2 * height)],
            simplex.lower[width:],
            simplex.upper[width:],
        )
        costs = {first + 2 * row + n: Fraction(size) for row, size in enumerate(self._view.rows) for n in (0, 1)}
        basis = Basis(tuple(item if item < first else item + 2 * height for item in simplex.basic), frozenset())
        start = Simplex(elastic, basis, self.watch, simplex.pivots)
        found = _refined(_View(elastic, self.watch), start, costs).minimise(costs)

        def own(items: Iterable[int]) -> Iterator[int]:
            return (item if item < first else item - 2 * height for item in items if item < first or item >= after)

        return Vertex(
            Status.INFEASIBLE if any(found.values[item] for item in costs) else Status.OPTIMAL,
            Basis(tuple(own(found.basis.basic)), frozenset(own(found.basis.at_upper))),
            (*found.values[:first], *found.values[after:]),
            found.prices,
            found.reduced[:width],
            found.pivots,
        )


def _refined(view: _View, simplex: Simplex, costs: Mapping[int, Fraction]) -> Simplex:
    """Return the programme at a basis in which floating-point numbers find no fault, however near they look."""
    view.infeasible = False
    seen: set[frozenset[int]] = set()
    for _ in range(REFINEMENTS):
        simplex.price(costs)
        basis = frozenset(simplex.basic)
        if basis in seen or not (simplex.gainful() or any(map(simplex.outside_by, basis))):
            break
        seen.add(basis)
        proposed = view.proposed(simplex)
        if proposed is None or view.infeasible:
            break
        simplex = simplex.at(proposed)
    return simplex


class _View:
    """A programme in floating-point numbers, ``A·x − activity = 0``, its entries brought near to 1 by powers of two."""

    def __init__(self, form: StandardForm, watch: Watch) -> None:
        width, height = len(form.columns), len(form.row_lower)
        rows, columns = _scales(form)
        self.rows, self.infeasible = rows, False
        self.units: Floats = np.concatenate([columns, 1 / rows])
        """How much of the programme's own unit one of the view's is, of columns and of activities."""
        terms: list[dict[int, float]] = [{width + row: -1.0} for row in range(height)]
        for at, entries in enumerate(form.columns):
            for row, entry in entries:
                terms[row][at] = float(entry) * rows[row] * columns[at]
        arrays = Arrays(np.zeros(width + height), [(own, 0.0, 0.0) for own in terms])
        self._session = Session(arrays, watch, {**SIMPLEX, **DIRECT, **MIDDLE})

    def change_column(self, column: int, entries: Sequence[tuple[int, Fraction]]) -> None:
        """Give a column other entries; its scale stays."""
        unit = self.units[column]
        now = {row: float(entry) * self.rows[row] * unit for row, entry in entries}
        before, _ = self._session.column(column)
        for row in {*(int(row) for row in before), *now}:
            self._session.set_entry(row, column, now.get(row, 0.0))

    def proposed(self, simplex: Simplex) -> Basis | None:
        """Return the basis that HiGHS goes on to from an exact one, whose faults are scaled up; None: it has none."""
        down = self._distances(simplex.values, simplex.lower, -math.inf)
        up = self._distances(simplex.values, simplex.upper, math.inf)
        worst = max(float(down.max(initial=0.0)), float(-up.min(initial=0.0)))
        if worst > 0:
            down, up = down / worst, up / worst
        gains = np.zeros(len(self.units))
        for item, worth in simplex.reduced.items():
            gains[item] = _float(worth) * self.units[item]
        wrong = max((abs(float(gains[item])) for item, _ in simplex.gainful()), default=0.0)
        largest = float(np.abs(gains).max(initial=0.0))
        if wrong or largest:
            gains /= wrong or largest
        down[down < -_FAR], up[up > _FAR] = -math.inf, math.inf
        at_upper = frozenset(item for item, value in enumerate(simplex.values) if value == simplex.upper[item])
        return self._improved(down, up, gains, Basis(tuple(simplex.basic), at_upper))

    def _improved(self, down: Floats, up: Floats, gains: Floats, start: Basis) -> Basis | None:
        session, still = self._session, (0.0,) * len(self.rows)
        session.bound_columns(np.arange(len(self.units), dtype=np.int32), down, up)
        session.seek(gains)
        session.stand_at(start, [*down.tolist(), *still], [*up.tolist(), *still])
        self.infeasible = session.run() is Status.INFEASIBLE
        found = session.proposed()
        return found if found.basic else None

    def _distances(self, values: Sequence[Fraction], ends: Sequence[Fraction | None], none: float) -> Floats:
        """Return end − value in the view's units; `none` where there is no end."""
        pairs = zip(values, ends, strict=True)
        return np.array([none if end is None else _float(end - value) for value, end in pairs]) / self.units


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.copysign(1e300, number)


def _scales(form: StandardForm) -> tuple[Floats, Floats]:
    """Return what rows and columns are multiplied by: the geometric means of their entries come near to 1."""
    rows = np.array([row for entries in form.columns for row, _ in entries], dtype=np.intp)
    columns = np.array([at for at, entries in enumerate(form.columns) for _ in entries], dtype=np.intp)
    sizes = np.log2(np.array([abs(float(entry)) for entries in form.columns for _, entry in entries]))
    by_row, by_column = np.zeros(len(form.row_lower)), np.zeros(len(form.columns))

    def balanced(places: NDArray[np.intp], others: Floats, count: int) -> Floats:
        return -np.bincount(places, sizes + others, count) / np.maximum(np.bincount(places, minlength=count), 1)

    for _ in range(4):
        by_row = balanced(rows, by_column[columns], len(by_row))
        by_column = balanced(columns, by_row[rows], len(by_column))
    return np.exp2(np.rint(by_row)), np.exp2(np.rint(by_column))


# -- the decision ------------------------------------------------------------------------------------------------------
#
# What is feasible and best, decided in fractions: HiGHS proposes a basis for each stage, exact arithmetic disposes.
#
# A basis that floating-point numbers ended with is, as a rule, optimal in exact numbers too; that is seen by solving
# its equations in fractions. Where it isn't, exact pivots go on from it (Applegate, Cook, Dash, Espinoza, Exact
# solutions to linear programming problems, Operations Research Letters 35, 2007), and where a few of them aren't enough
# HiGHS looks again at what is left (`Refinement`). The goals are sought in their order, each sum held at its exact
# least while the next is sought.

type Units = tuple[Sequence[Fraction], Sequence[Fraction]]
"""How much of the workbook's unit one unit of the solver's columns, and of its rows, is."""


@dataclass(frozen=True)
class Decided:
    """A stage's exact optimum."""

    vertex: Vertex
    least: Fraction
    """What was minimised: a sum of shortfalls, or the objective, its sign turned where more is better."""
    form: StandardForm
    """The programme in which it was."""
    costs: Mapping[int, Fraction]
    """What one unit of each column adds to it."""


class Decision:
    """The stages of a programme, one after the other."""

    def __init__(self, matrix: Matrix, watch: Watch) -> None:
        self.matrix, self.watch = matrix, watch
        self.form = matrix.standard_form()
        self.held: dict[int, int] = {}
        """Priority → the row that holds its sum of shortfalls, counted as in `form`."""
        self.stages: list[Decided] = []

    def seek_goals(self, priority: int, proposed: Basis) -> Decided | None:
        """Make a priority's sum of shortfalls least, and hold it there; None: no plan exists."""
        costs = self.matrix.goals[priority].costs
        found = self._seek(costs, proposed)
        if found is not None:
            self.held[priority] = len(self.form.row_lower)
            self.form = with_rows(self.form, [(costs, None, found.least)])
        return found

    @property
    def objective(self) -> Fraction:
        """The best objective, as stated."""
        programme, least = self.matrix.programme, self.stages[-1].least
        return programme.constant + (-least if programme.maximise else least)

    def seek_objective(self, proposed: Basis) -> Decided | None:
        """Make the objective best; None: no plan exists."""
        sign = -1 if self.matrix.programme.maximise else 1
        return self._seek({at: sign * worth for at, worth in self.matrix.worth.items()}, proposed)

    def _seek(self, costs: Mapping[int, Fraction], proposed: Basis) -> Decided | None:
        vertex = optimum(self.form, proposed, costs, self.watch)
        least = sum((cost * vertex.values[at] for at, cost in costs.items()), ZERO)
        self.stages.append(Decided(vertex, least, self.form, costs))
        return self.stages[-1] if vertex.status is Status.OPTIMAL else None


def decide(programme: Programme, start: Sequence[Basis], watch: Watch) -> Decision | None:
    """Return the exact optima of all stages, sought from bases near them, one a stage; None: no plan exists."""
    if any(not row.body.terms and row.strength.kind in HARD and row.slack({}) < 0 for row in programme.rows):
        return None
    decision = Decision(Matrix(programme), watch)
    *goals, last = start
    for priority, basis in zip(decision.matrix.goals, goals, strict=True):
        if decision.seek_goals(priority, basis) is None:
            return None
    return decision if decision.seek_objective(last) is not None else None


def certificate(decision: Decision, amounts: Mapping[Key, Fraction], step: Fraction) -> Certificate:
    """Return the proof that `amounts`, whole multiples of `step` (0: not rounded), are the best plan there is."""
    bounded = BoundedProgramme(decision.matrix, amounts, step)
    sign = -1 if decision.matrix.programme.maximise else 1
    *goals, last = (stage.vertex.prices for stage in decision.stages)
    return certify(bounded, [*goals, {at: sign * price for at, price in last.items()}])


def with_rows(form: StandardForm, rows: Sequence[tuple[Mapping[int, Fraction], Bound, Bound]]) -> StandardForm:
    """Return a programme with these rows (terms, lower, upper) below its own."""
    columns: list[Sequence[tuple[int, Fraction]]] = list(form.columns)
    for number, (terms, _, _) in enumerate(rows, start=len(form.row_lower)):
        for at, entry in terms.items():
            columns[at] = (*columns[at], (number, entry))
    return replace(
        form,
        columns=columns,
        row_lower=[*form.row_lower, *(low for _, low, _ in rows)],
        row_upper=[*form.row_upper, *(high for _, _, high in rows)],
    )


def with_columns(
    form: StandardForm, columns: Sequence[Sequence[tuple[int, Fraction]]], upper: Sequence[Bound] | None = None
) -> StandardForm:
    """Return a programme with these columns to the right of its own, of 0 or more, up to `upper` where it is given."""
    return replace(
        form,
        columns=[*form.columns, *columns],
        lower=[*form.lower, *(ZERO for _ in columns)],
        upper=[*form.upper, *(upper or (None for _ in columns))],
    )


def with_distances(form: StandardForm, sums: Sequence[tuple[Mapping[int, Fraction], Fraction]]) -> StandardForm:
    """Return a programme with a column d ≥ |Σ coefficient · column − target| for each of `sums`, right of its own."""
    rows: list[tuple[Mapping[int, Fraction], Bound, Bound]] = []
    for number, (terms, target) in enumerate(sums, start=len(form.columns)):
        rows += [({**terms, number: -ONE}, None, target), ({**terms, number: ONE}, target, None)]
    return with_rows(with_columns(form, [()] * len(sums)), rows)


def on_face(form: StandardForm, vertex: Vertex) -> StandardForm:
    """Return the optimal solutions of a programme as one: what has a price at an optimal vertex is held where it is."""
    width = len(form.columns)
    basic = set(vertex.basis.basic)
    priced = [*vertex.reduced, *(vertex.prices.get(row, ZERO) for row in range(len(form.row_lower)))]
    fixed = {item for item, price in enumerate(priced) if price and item not in basic}

    def held(bounds: Sequence[Bound], first: int) -> list[Bound]:
        return [vertex.values[first + at] if first + at in fixed else bound for at, bound in enumerate(bounds)]

    return replace(
        form,
        lower=held(form.lower, 0),
        upper=held(form.upper, 0),
        row_lower=held(form.row_lower, width),
        row_upper=held(form.row_upper, width),
    )


def free_items(form: StandardForm, vertex: Vertex) -> Iterable[int]:
    """Yield the items at rest that may move: none of them, and the solution is the only one."""
    basic = set(vertex.basis.basic)
    ends = zip([*form.lower, *form.row_lower], [*form.upper, *form.row_upper], strict=True)
    for item, (low, high) in enumerate(ends):
        if item not in basic and (low is None or low != high):
            yield item
