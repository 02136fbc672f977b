"""Where everything stands on the sheet Certificate: four tables, one below the other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.programme.bounded import BoundedRow
from allocator.programme.proof import Certificate, Proof
from allocator.programme.rows import ZERO
from allocator.reports import tables_proof as tables
from allocator.reports.columns import Column, Table
from allocator.reports.layout import FIRST, ref, span
from allocator.reports.noise import LAST_BITS, steady_decimals
from allocator.reports.words import magnitude

LIVE = 20_000
"""Above so many coefficients the sheet holds values: spreadsheets would stall on so many formulas."""
SIGNIFICANT = 13
"""Digits of sums that count."""
LISTED = 200_000
"""Above so many they are not listed: no reader wants them, and `verify` makes them anew."""


@dataclass(frozen=True)
class Places:
    """Where the tables stand on the sheet, one below the other."""

    stages: int
    rows: int
    columns: int
    terms: int
    goal_terms: int
    """How many of the last coefficients are those of shortfalls."""

    @property
    def proof(self) -> int:
        """The first line of the proof."""
        return FIRST

    @property
    def row(self) -> int:
        """The first of the rows."""
        return FIRST + self.stages + 3

    @property
    def column(self) -> int:
        """The first of the columns."""
        return self.row + self.rows + 3

    @property
    def term(self) -> int:
        """The first coefficient."""
        return self.column + self.columns + 3


class Families:
    """A table's columns with those of each stage written out."""

    def __init__(self, table: Table, stages: dict[int, str]) -> None:
        fixed = [column for column in table.columns if not column.family]
        family = [column for column in table.columns if column.family]
        self.heads: list[tuple[str, Column]] = [(column.name, column) for column in fixed]
        self._at = {column.name: i for i, column in enumerate(fixed)}
        self._of: dict[tuple[str, int], int] = {}
        for number_, stage in stages.items():
            for column in family:
                self._of[column.name.removesuffix(f" {tables.STAGE}"), number_] = len(self.heads)
                self.heads.append((column.name.replace(f" {tables.STAGE}", stage), column))

    def __getitem__(self, name: str) -> int:
        return self._at[name]

    def of(self, name: str, stage: int) -> int:
        """Return the column of a stage."""
        return self._of[name, stage]


def decimals(size: Fraction, *values: Fraction) -> int:
    """Return to how many decimals sums of figures of this size are told: what lies below is noise of arithmetic.

    `values` are the sums; none of them is so near a half that noise decides how it is rounded.
    """
    wanted = SIGNIFICANT - 1 - (magnitude(float(size)) if size else 0)
    return steady_decimals(values, wanted, LAST_BITS * size, most=wanted + 1)


def settled(value: Fraction, places: int) -> Fraction:
    """Return a value to so many decimals, as the sheet's formulas have it."""
    return round(value, places)


class Frame:
    """The tables' places, and the addresses of their figures."""

    def __init__(self, certificate: Certificate) -> None:
        self.certificate = certificate
        self.bounded = certificate.bounded
        last = len(self.names) - 1
        stages = {stage: "" if stage == last else f": {self.names[stage]}" for stage in self.priced}
        self.at_rows = Families(tables.ROWS, stages)
        self.at_columns = Families(tables.COLUMNS, stages)
        self.at_terms = Families(tables.COEFFICIENTS, stages)
        terms = sum(map(len, self.bounded.by_column))
        goals = sum(
            len(t) for c, t in zip(self.bounded.columns, self.bounded.by_column, strict=True) if c.goal is not None
        )
        self.listed = terms <= LISTED
        self.places = Places(
            len(certificate.proofs), len(self.bounded.rows), len(self.bounded.columns), terms * self.listed, goals
        )
        self.live = terms <= LIVE

    @cached_property
    def names(self) -> list[str]:
        """What each stage is called."""
        found: list[str] = []
        for group in self.bounded.groups:
            name = f"Goal {group.priority}"
            same = sum(1 for other in found if other.split(" (")[0] == name)
            found.append(f"{name} ({same + 1})" if same else name)
        return [*found, "Objective"]

    @cached_property
    def priced(self) -> dict[int, Proof]:
        """The stages whose bound rests on prices, by number; a sum of what is missed is never below 0 without any."""
        proofs = self.certificate.proofs
        return {at: p for at, p in enumerate(proofs) if any(p.prices) or p.stage.group is None}

    # Decimals

    @cached_property
    def values(self) -> list[Fraction]:
        """What each column is at the plan."""
        return self.bounded.values()

    @cached_property
    def line_of(self) -> dict[int, int]:
        """Index of a programme's row → its place in the table."""
        return {row.index: at for at, row in enumerate(self.bounded.rows) if row.index is not None}

    @cached_property
    def told(self) -> list[Fraction]:
        """What each column is as the sheet has it: what a goal falls short by is a difference of rounded sums."""
        found = list(self.values)
        for n, column in enumerate(self.bounded.columns):
            if column.goal is not None:
                at = self.line_of[column.goal]
                row, places = self.bounded.rows[at], self._plain_decimals[at]
                short = row.low - settled(self._plain_sum(row), places)
                missed = -short if column.above or row.operator.upper else short
                found[n] = settled(max(ZERO, missed), places)
        return found

    def left_side(self, row: BoundedRow) -> Fraction:
        """Return what a row's columns add up to; without a goal's shortfall, which would make it what is asked for."""
        if row.group is None:
            return self._plain_sum(row)
        return sum((c * self.told[n] for n, c in row.terms.items()), ZERO)

    def _plain_sum(self, row: BoundedRow) -> Fraction:
        return sum((c * self.values[n] for n, c in row.terms.items() if self.bounded.columns[n].goal is None), ZERO)

    def size(self, row: BoundedRow) -> Fraction:
        """Return all that a row adds and takes away."""
        return sum((abs(c * self.values[n]) for n, c in row.terms.items()), abs(row.low))

    @cached_property
    def _plain_decimals(self) -> dict[int, int]:
        """To how many decimals each row but the sums of goals is told."""
        rows = ((at, row) for at, row in enumerate(self.bounded.rows) if row.group is None)
        goals = self.bounded.group_of
        return {
            at: decimals(self.size(row), self._plain_sum(row), *([row.low] if row.index in goals else []))
            for at, row in rows
        }

    @cached_property
    def row_decimals(self) -> list[int]:
        """To how many decimals each row's left side is told, and what its goal falls short by."""
        plain = self._plain_decimals
        return [
            plain[at] if row.group is None else decimals(self.size(row), self.left_side(row))
            for at, row in enumerate(self.bounded.rows)
        ]

    def reached(self, proof: Proof) -> Fraction:
        """Return what the plan reaches as the sheet has it: a sum of goals is told to its row's decimals."""
        if proof.stage.group is None:
            return proof.value
        return self.right_side(self.held_at(proof.stage.group))

    def held_at(self, group: int) -> int:
        """Return the place of the row that holds a sum of goals."""
        return next(at for at, row in enumerate(self.bounded.rows) if row.group == group)

    def right_side(self, at: int) -> Fraction:
        """Return a row's right side as the sheet has it: a sum of goals is held at what it is told to be."""
        row = self.bounded.rows[at]
        return row.low if row.group is None else settled(self.left_side(row), self.row_decimals[at])

    def priced_row(self, at: int, proof: Proof) -> Fraction:
        """Return what a row adds to a stage's bound, as the sheet has it."""
        return proof.priced_rows[at] if self.bounded.rows[at].group is None else proof.prices[at] * self.right_side(at)

    def sums(self, stage: int) -> tuple[Fraction, Fraction]:
        """Return what rows and columns add to a stage's bound, as the sheet has it."""
        if stage not in self.priced:
            return ZERO, ZERO
        places = self.proof_decimals(stage)
        priced, surplus = self._plain_sums(stage)
        return settled(priced, places), settled(surplus, places)

    def _plain_sums(self, stage: int) -> tuple[Fraction, Fraction]:
        proof = self.certificate.proofs[stage]
        rows = range(len(self.bounded.rows))
        return sum((self.priced_row(at, proof) for at in rows), ZERO), sum(self.surpluses[stage], ZERO)

    def proof_decimals(self, stage: int) -> int:
        """Return to how many decimals a stage's sums and gap are told: they are made of parts that may be larger."""
        proof = self.certificate.proofs[stage]
        parts = (abs(proof.value), sum(map(abs, proof.priced_rows), ZERO), sum(map(abs, proof.surpluses), ZERO))
        size = max(abs(proof.bound), *parts)
        told = [*self._plain_sums(stage), self.reached(proof) - proof.stage.constant]
        return steady_decimals(told, decimals(size) - 1, LAST_BITS * size)

    @cached_property
    def column_decimals(self) -> list[int]:
        """For each column, to how many decimals its priced use and reduced values are told."""
        return [self._column_decimals(at) for at in range(len(self.bounded.columns))]

    def _column_decimals(self, at: int) -> int:
        sizes = [ZERO]
        for proof in self.certificate.proofs:
            sizes += [abs(proof.prices[row] * c) for row, c in self.bounded.by_column[at]]
            sizes.append(abs(proof.stage.costs.get(at, ZERO)))
        reduced = [proof.reduced[at] for proof in self.certificate.proofs]
        used = [proof.stage.costs.get(at, ZERO) - proof.reduced[at] for proof in self.certificate.proofs]
        return decimals(max(sizes), *reduced, *used)

    @cached_property
    def used(self) -> list[list[Fraction]]:
        """For each stage, the columns' priced use as the sheet has it."""
        return [
            [
                settled(proof.stage.costs.get(at, ZERO) - reduced, self.column_decimals[at])
                for at, reduced in enumerate(proof.reduced)
            ]
            for proof in self.certificate.proofs
        ]

    @cached_property
    def reduced(self) -> list[list[Fraction]]:
        """For each stage, the columns' reduced values as the sheet has them."""
        return [
            [settled(reduced, places) for reduced, places in zip(proof.reduced, self.column_decimals, strict=True)]
            for proof in self.certificate.proofs
        ]

    @cached_property
    def surpluses(self) -> list[list[Fraction]]:
        """For each stage, what its columns add to the bound, as the sheet has it."""
        found = []
        for stage, proof in enumerate(self.certificate.proofs):
            pick = max if proof.stage.maximise else min
            pairs = zip(self.reduced[stage], self.bounded.columns, strict=True)
            found.append([pick(ZERO, value) * column.limit for value, column in pairs])
        return found

    # Addresses

    def row_cell(self, row: int, column: str, stage: int | None = None) -> str:
        """Return the address of a figure of a row, by its place in the table."""
        at = self.at_rows[column] if stage is None else self.at_rows.of(column, stage)
        return ref(self.places.row + row, at)

    def column_cell(self, column: int, name: str, stage: int | None = None) -> str:
        """Return the address of a figure of a column."""
        at = self.at_columns[name] if stage is None else self.at_columns.of(name, stage)
        return ref(self.places.column + column, at)

    def rows_span(self, column: str, stage: int | None = None) -> str:
        """Return the stretch of a column of Rows."""
        at = self.at_rows[column] if stage is None else self.at_rows.of(column, stage)
        return span(self.places.row, self.places.row + self.places.rows - 1, at, fixed=True)

    def columns_span(self, column: str, stage: int | None = None) -> str:
        """Return the stretch of a column of Columns."""
        at = self.at_columns[column] if stage is None else self.at_columns.of(column, stage)
        return span(self.places.column, self.places.column + self.places.columns - 1, at, fixed=True)

    def terms_span(self, at: int, *, goals: bool | None = None) -> str:
        """Return the stretch of a column of Coefficients: of all, of shortfalls only, or of all but these."""
        first, last = self.places.term, self.places.term + self.places.terms - 1
        border = last - self.places.goal_terms
        if goals is None:
            return span(first, last, at, fixed=True)
        return span(border + 1, last, at, fixed=True) if goals else span(first, border, at, fixed=True)

    def closes(self) -> str:
        """Return the address of the verdicts, one for each stage."""
        first = self.places.proof
        where = span(first, first + self.places.stages - 1, tables.PROOF.index("Closes"), fixed=True)
        return f"Certificate!{where}"
