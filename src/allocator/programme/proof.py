"""A bound that no plan can pass, from prices alone, in rational arithmetic (weak duality).

Give every row a price of the right sign: then no plan reaches more than what the prices make of the right sides, plus,
for each column that is worth more than it costs at these prices, that surplus times the most it can be:

    maximise Σ c·x,  rows Σ a·x ≤ b,  0 ≤ x ≤ u:   Σ c·x  ≤  Σ price·b + Σ max(0, c − Σ price·a)·u

This holds for *any* prices, wherever they come from; good ones make the bound meet the plan, and the gap between the
two is the proof. It is the sum, row by row, of price times slack, and of what columns away from their limit forgo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from allocator.programme.bounded import BoundedProgramme, BoundedRow
from allocator.programme.matrix import Stage
from allocator.programme.rows import ZERO
from allocator.scenario.model import Operator

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
