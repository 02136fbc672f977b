"""The sheet Certificate: a bound that no plan can pass, from published prices, in live formulas (weak duality)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.analyses.result import RowFigures
from allocator.programme.decision import BoundedColumn, BoundedRow, Certificate, Proof, counts
from allocator.programme.rows import ZERO
from allocator.render.checks_sheets import Workings
from allocator.render.page import Book, Page
from allocator.scenario.model import Operator
from allocator.tables import proof as tables
from allocator.tables.columns import Column, Role, Table
from allocator.tables.formulas import FIRST, LAST_BITS, quoted, ref, span, steady_decimals
from allocator.tables.money import ALLOCATION
from allocator.wording.numbers import exactly, magnitude, number

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

    def __init__(self, table: Table[Any], stages: dict[int, str]) -> None:
        fixed = [column for column in table.columns if not column.family]
        family = [column for column in table.columns if column.family]
        self.heads: list[tuple[str, Column[Any]]] = [(column.name, column) for column in fixed]
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


NOISE = Fraction(1, 10**12)
"""What sums of floating-point numbers may be off, as a part of what they add up."""
FREE = 1000
"""Where amounts are not rounded: a thousand times that."""


def operator_sign(operator: Operator) -> str:
    """Return ``≤``, ``≥`` or ``=``: a strict row's margin is in its right side."""
    return "=" if operator is Operator.EQUAL else "≥" if operator.lower else "≤"


class Lines:
    """The three tables while they are written."""

    def __init__(self, page: Page, workings: Workings, frame: Frame) -> None:
        self.page, self.workings, self.frame = page, workings, frame
        self.book, self.bounded, self.certificate = page.book, frame.bounded, frame.certificate
        self.places, self.listed, self.names = frame.places, frame.listed, frame.names
        self.at_rows, self.at_columns, self.at_terms = frame.at_rows, frame.at_columns, frame.at_terms
        self.row_cell, self.column_cell, self.terms_span = frame.row_cell, frame.column_cell, frame.terms_span

    # Rows

    def row(self, at: int, row: BoundedRow) -> None:
        """Write a row of the programme."""
        page, styles, line = self.page, self.page.styles, self.places.row + at
        name, year = self._row_name(row)
        look = styles.price()
        left = self.frame.left_side(row)
        page.text(line, self.at_rows["Row"], name, styles.of(Role.LONG))
        page.number(line, self.at_rows["Year"], year, styles.of(Role.YEAR))
        page.number(line, self.at_rows["Number"], at + 1, styles.number(0))
        page.text(line, self.at_rows["Operator"], operator_sign(row.operator), styles.text(indent=1))
        page.formula(line, self.at_rows["Right side"], self._right(at, row), self.frame.right_side(at), look)
        page.number(line, self.at_rows["Up to"], row.high if row.high != row.low else None, look)
        page.formula(
            line, self.at_rows["Left side"], self._left(at, row), settled(left, self.frame.row_decimals[at]), look
        )
        self._kept(line, at, row)
        cell = str(self.figures(row).row.cell) if row.index is not None else ""
        page.text(line, self.at_rows["Cell"], cell, styles.of(Role.LONG))
        page.number(line, self.at_rows["Largest"], self.bounded.sizes[at], look)
        self._counted(line, row)
        for stage, proof in self.frame.priced.items():
            self._price(line, at, row, stage, proof)

    def _counted(self, line: int, row: BoundedRow) -> None:
        """Write in which sum of goals a row counts, and how much."""
        group = None if row.index is None else self.bounded.group_of.get(row.index)
        name, weight = ("", None) if group is None or row.index is None else (
            self.names[group], self.bounded.groups[group].weights[row.index]
        )  # fmt: skip
        self.page.text(line, self.at_rows["Counts in"], name, self.page.styles.text())
        self.page.number(line, self.at_rows["Weight"], weight, self.page.styles.price())

    def figures(self, row: BoundedRow) -> RowFigures:
        """Return what the sheet Rules says of a row."""
        assert row.index is not None  # noqa: S101 - asked only of the workbook's own demands
        return self.book.result.rows[row.index]

    def _row_name(self, row: BoundedRow) -> tuple[str, int | None]:
        if row.index is not None:
            own = self.figures(row).row
            return own.name, own.year
        if row.pair is not None:
            return f"{row.pair[0]}: sources = pieces", row.pair[1]
        assert row.group is not None  # noqa: S101 - a row is one of the three
        return f"{self.names[row.group]} held", None

    def _right(self, at: int, row: BoundedRow) -> str | None:
        """Return the right side from Rules; None where it is a figure of its own."""
        if row.group is not None:
            return self.row_cell(at, "Left side")
        if row.index is None or row.low != row.high:
            return None
        own, layout = self.figures(row).row, self.book.layout
        if own.right.terms or own.left.constant:
            return None
        right, margin = layout.rule(row.index, "Constraint R.H. Side"), layout.rule(row.index, "Margin")
        if not own.margin:
            return right
        return f"{right}+{margin}" if own.operator.lower else f"{right}-{margin}"

    def _left(self, at: int, row: BoundedRow) -> str | None:
        """Return the sum of what the columns add to a row."""
        goals = row.group is not None
        if not self.listed or self.places.terms == self.places.goal_terms * (not goals):
            return None
        numbers = self.terms_span(self.at_terms["Number"], goals=goals)
        amounts = self.terms_span(self.at_terms["× amount"], goals=goals)
        sums = f"SUMIF({numbers},{self.row_cell(at, 'Number')},{amounts})"
        return f"ROUND({sums},{self.row_cell(at, 'Decimals')})"

    def _kept(self, line: int, at: int, row: BoundedRow) -> None:
        page, styles = self.page, self.page.styles
        size = self.frame.size(row)
        places = self.frame.row_decimals[at]
        within = max(NOISE * size * (1 if self.bounded.step else FREE), Fraction(10) ** -places)
        page.number(line, self.at_rows["Within"], within, styles.small())
        page.number(line, self.at_rows["Decimals"], places, styles.number(0))
        cells = {name: self.row_cell(at, name) for name in ("Left side", "Right side", "Up to", "Within")}
        highest = cells["Right side"] if row.low == row.high else cells["Up to"]
        below = f"{cells['Left side']}-{highest}<={cells['Within']}"
        above = f"{cells['Right side']}-{cells['Left side']}<={cells['Within']}"
        tests = {"≤": below, "≥": above, "=": f"AND({below},{above})"}
        goal = row.index in self.bounded.group_of
        kept = goal or row not in self._broken
        formula = "1=1" if goal else tests[operator_sign(row.operator)]
        page.formula(line, self.at_rows["Kept"], formula, kept, styles.of(Role.FLAG))

    @cached_property
    def _broken(self) -> tuple[BoundedRow, ...]:
        return self.certificate.broken

    def _price(self, line: int, at: int, row: BoundedRow, stage: int, proof: Proof) -> None:
        page, look = self.page, self.page.styles.price()
        price, product = self.at_rows.of("Price", stage), self.at_rows.of("Price × right side", stage)
        if not counts(self.bounded, proof.stage, row):
            page.text(line, price, "", self.page.styles.text())
            page.text(line, product, "", self.page.styles.text())
            return
        page.number(line, price, proof.prices[at], look)
        own, right = self.row_cell(at, "Price", stage), self.row_cell(at, "Right side")
        formula = f"{own}*{right}"
        if row.low != row.high:
            pick = "MAX" if proof.stage.maximise else "MIN"
            formula = f"{pick}({formula},{own}*{self.row_cell(at, 'Up to')})"
        page.formula(line, product, formula, self.frame.priced_row(at, proof), look)

    # Columns

    def column(self, at: int, column: BoundedColumn, term: int) -> int:
        """Write a column whose coefficients begin on line `term`; return the line after them."""
        page, styles, line, look = self.page, self.page.styles, self.places.column + at, self.page.styles.price()
        name, year, what = self._column_name(column)
        page.text(line, self.at_columns["Column"], name, styles.of(Role.LONG))
        page.number(line, self.at_columns["Year"], year, styles.of(Role.YEAR))
        page.text(line, self.at_columns["What"], what, styles.text())
        page.formula(line, self.at_columns["Amount"], self._amount(column), self.frame.told[at], look)
        page.formula(line, self.at_columns["At most"], self._most(column), column.limit, look)
        page.number(line, self.at_columns["Decimals"], self.frame.column_decimals[at], styles.number(0))
        after = term + len(self.bounded.by_column[at])
        for stage, proof in self.frame.priced.items():
            self._reduced(line, at, column, stage, proof, (term, after - 1))
        return after

    def _column_name(self, column: BoundedColumn) -> tuple[str, int | None, str]:
        if column.key is not None:
            return column.key.area, column.key.year, column.key.source
        if column.pair is not None:
            return (*column.pair, f"piece {column.piece + 1}")
        assert column.goal is not None  # noqa: S101 - a column is one of the three
        row = self.book.result.rows[column.goal].row
        return row.name, row.year, "exceeded by" if column.above else "missed by"

    def _amount(self, column: BoundedColumn) -> str | None:
        if column.key is not None:
            line = self.book.layout.line.get(column.key)
            return None if line is None else f"Allocation!{ref(line, ALLOCATION.index('Amount'))}"
        if column.pair is not None:
            return self.workings.piece_cell(*column.pair, column.piece, "Amount")
        assert column.goal is not None  # noqa: S101 - a column is one of the three
        at = self.frame.line_of[column.goal]
        left, right = self.row_cell(at, "Left side"), self.row_cell(at, "Right side")
        short = not column.above and not self.bounded.rows[at].operator.upper
        missed = f"{right}-{left}" if short else f"{left}-{right}"
        return f"ROUND(MAX(0,{missed}),{self.row_cell(at, 'Decimals')})"

    def _most(self, column: BoundedColumn) -> str | None:
        """Return where a column's limit comes from: its source's budget; a goal's sum over its weight."""
        if column.key is not None:
            index = self.book.layout.budget_index.get((column.key.source, column.key.year))
            return None if index is None else self.book.layout.rule(index, "Constraint R.H. Side")
        return None

    def _reduced(
        self, line: int, at: int, column: BoundedColumn, stage: int, proof: Proof, terms: tuple[int, int]
    ) -> None:
        page, look, of = self.page, self.page.styles.price(), self.at_columns.of
        worth = proof.stage.costs.get(at, ZERO)
        page.formula(line, of("Worth", stage), self._worth(column, proof), worth, look)
        used, reduced = self.frame.used[stage][at], self.frame.reduced[stage][at]
        to = self.column_cell(at, "Decimals")
        where = self.at_terms.of("Price × coefficient", stage)
        total = f"SUM({span(*terms, where)})" if self.listed and terms[1] >= terms[0] else ""
        page.formula(line, of("Priced use", stage), f"ROUND({total},{to})" if total else None, used, look)
        cell = {name: ref(line, of(name, stage)) for name in ("Worth", "Priced use", "Reduced value")}
        difference = f"ROUND({cell['Worth']}-{total or cell['Priced use']},{to})"
        page.formula(line, of("Reduced value", stage), difference, reduced, look)
        pick = "MAX" if proof.stage.maximise else "MIN"
        surplus = f"{pick}(0,{cell['Reduced value']})*{self.column_cell(at, 'At most')}"
        page.formula(line, of("Surplus", stage), surplus, self.frame.surpluses[stage][at], look)

    def _worth(self, column: BoundedColumn, proof: Proof) -> str | None:
        """Return where a column's worth comes from: Workings' Per unit, for what carries the objective."""
        if proof.stage.group is not None or column.goal is not None:
            return None
        if column.pair is not None:
            return self.workings.piece_cell(*column.pair, column.piece, "Per unit")
        assert column.key is not None  # noqa: S101 - a column is one of the three
        pair = column.key.pair
        return None if pair in self.bounded.split else self.workings.piece_cell(*pair, 0, "Per unit")

    # Coefficients

    def coefficients(self, number_: int, line: int) -> int:
        """Write a column's coefficients from `line` on; return the line after them."""
        page, styles, look = self.page, self.page.styles, self.page.styles.price()
        column = self.bounded.columns[number_]
        name, year, what = self._column_name(column)
        for at, coefficient in self.bounded.by_column[number_]:
            row = self.bounded.rows[at]
            own, own_year = self._row_name(row)
            page.text(line, self.at_terms["Column"], name, styles.of(Role.LONG))
            page.number(line, self.at_terms["Year"], year, styles.of(Role.YEAR))
            page.text(line, self.at_terms["What"], what, styles.text())
            page.formula(line, self.at_terms["Number"], self.row_cell(at, "Number"), at + 1, styles.number(0))
            label = own if own_year is None else f"{own} {own_year}"
            page.text(line, self.at_terms["Row"], label, styles.of(Role.LONG))
            page.formula(line, self.at_terms["Coefficient"], self._coefficient(column, row), coefficient, look)
            cell = ref(line, self.at_terms["Coefficient"])
            amount = coefficient * self.frame.told[number_]
            page.formula(line, self.at_terms["× amount"], f"{cell}*{self.column_cell(number_, 'Amount')}", amount, look)
            for stage, proof in self.frame.priced.items():
                price = self.row_cell(at, "Price", stage)
                where = self.at_terms.of("Price × coefficient", stage)
                page.formula(line, where, f"{price}*{cell}", proof.prices[at] * coefficient, look)
            line += 1
        return line

    def _coefficient(self, column: BoundedColumn, row: BoundedRow) -> str | None:
        """Return where a coefficient comes from: an indicator's effect, or a rule's Value; None for plain ones."""
        if column.key is None or row.index is None:
            return None
        own, layout = self.figures(row).row, self.book.layout
        if own.indicator is not None and own.year is not None:
            return layout.effect(own.indicator, own.year, column.key.area)
        left, base = (
            own.left.terms.get(column.key, ZERO),
            ZERO if own.base is None else own.base.terms.get(column.key, ZERO),
        )
        if base == 1 and left in (0, 1) and own.right == (own.base or own.right) * (own.offset + own.value):
            value, offset = layout.rule(row.index, "Value"), layout.rule(row.index, "Offset")
            return f"{'1' if left else ''}-({offset}+{value})"
        return None


class _Sheet:
    """The sheet while it is written."""

    def __init__(self, book: Book, workings: Workings, certificate: Certificate, step: str) -> None:
        self.book, self.workings, self.certificate, self.step = book, workings, certificate, step
        self.frame = Frame(certificate)
        page = Page(book, "Certificate", f"Certificate — {book.result.scenario.title}", self._message())
        page.live = self.frame.live
        self.page = page

    def write(self) -> None:
        """Write the proof, then what it rests on: rows, columns, coefficients."""
        frame, places = self.frame, self.frame.places
        self.page.unit(self._note())
        self.page.table(tables.PROOF)
        for stage, proof in enumerate(self.certificate.proofs):
            self._proof(stage, proof)
        lines = Lines(self.page, self.workings, frame)
        self._section(places.row, tables.ROWS, frame.at_rows)
        for at, row in enumerate(frame.bounded.rows):
            lines.row(at, row)
        self._section(places.column, tables.COLUMNS, frame.at_columns)
        line = places.term
        for at, column in enumerate(frame.bounded.columns):
            line = lines.column(at, column, line)
        self._section(places.term, tables.COEFFICIENTS, frame.at_terms)
        line = places.term
        for at in range(len(frame.bounded.columns) if frame.listed else 0):
            line = lines.coefficients(at, line)
        self.page.finish(freeze=1, repeat=None)

    def _message(self) -> str:
        proof, unit = self.certificate.objective, self.workings.unit
        verb = "reach more" if proof.stage.maximise else "do with less"
        said = f"No plan can {verb} than {number(proof.bound, 3)} {unit}; this one has {number(proof.value, 3)}"
        if not self.certificate.closes:
            return f"{said}. The gap is larger than rounding explains."
        if number(proof.bound, 3) == number(proof.value, 3):
            return f"{said}: it is the best there is."
        return f"{said}: it is the best to within {exactly(proof.gap, 6)}, which rounding to whole steps explains."

    def _note(self) -> str:
        note = (
            "For any prices of the right sign: no plan passes Σ price × right side + Σ surplus. Goals are held at "
            "what the plan leaves of them; amounts are those of Amount on Allocation, not decisions."
        )
        if not self.frame.listed:
            note = f"{note} Coefficients are too many to list."
        if not self.frame.live:
            return f"{note} Values only: more than {LIVE:,} coefficients would make live formulas too slow to open."
        return note

    def _section(self, first: int, table: Table[Any], families: Families) -> None:
        self.page.section(first - 2, table.title)
        self.page.head(families.heads, first - 1)

    # The proof

    def _proof(self, stage: int, proof: Proof) -> None:
        page, line, styles = self.page, self.frame.places.proof + stage, self.page.styles
        at = {column.name: i for i, column in enumerate(tables.PROOF.columns)}
        cell = {name: ref(line, column) for name, column in at.items()}
        price, small = styles.price(), self.page.styles.small()
        sought = self.frame.names[stage] if proof.stage.group is not None else str(self.book.result.scenario.objective)
        page.text(line, at["Sought"], sought, styles.of(Role.LONG))
        reached = self.frame.reached(proof)
        page.formula(line, at["Plan"], self._reached(stage, cell["Constant"]), reached, price)
        page.number(line, at["Constant"], proof.stage.constant, price)
        places = self.frame.proof_decimals(stage)
        self._sums(line, stage, cell["Decimals"])
        parts = "+".join(cell[name] for name in ("Constant", "Priced rows", "Surplus"))
        bound = proof.stage.constant + sum(self.frame.sums(stage), ZERO)
        page.formula(line, at["Bound"], parts, bound, price)
        gap = f"{cell['Bound']}-{cell['Plan']}" if proof.stage.maximise else f"{cell['Plan']}-{cell['Bound']}"
        apart = bound - reached if proof.stage.maximise else reached - bound
        stated = settled(apart, places)
        page.formula(line, at["Gap"], f"ROUND({gap},{cell['Decimals']})", stated, price)
        page.number(line, at["Decimals"], places, styles.number(0))
        relative = stated / abs(bound) if bound else ZERO
        page.formula(line, at["Gap, relative"], f"IF({cell['Bound']}=0,0,{cell['Gap']}/ABS({cell['Bound']}))", relative,
                     small)  # fmt: skip
        page.formula(line, at["Rounding explains"], self._explained(stage, cell["Noise"]), proof.explained, price)
        page.number(line, at["Noise"], proof.noise, small)
        self._verdicts(line, at, cell, stage)

    def _reached(self, stage: int, constant: str) -> str:
        """Return what Amount reaches: the objective by its columns, a sum of goals as its row holds it."""
        group = self.certificate.proofs[stage].stage.group
        if group is None:
            worth, amounts = self.frame.columns_span("Worth", stage), self.frame.columns_span("Amount")
            return f"{constant}+SUMPRODUCT({worth},{amounts})"
        return self.frame.row_cell(self.frame.held_at(group), "Left side")

    def _sums(self, line: int, stage: int, places: str) -> None:
        """Write the two parts of the bound; without prices both are 0."""
        for name, columns, value in zip(("Priced rows", "Surplus"), (False, True), self.frame.sums(stage), strict=True):
            at = tables.PROOF.index(name)
            if stage not in self.frame.priced:
                self.page.number(line, at, ZERO, self.page.styles.price())
                continue
            spanned = self.frame.columns_span if columns else self.frame.rows_span
            where = spanned("Surplus" if columns else "Price × right side", stage)
            self.page.formula(line, at, f"ROUND(SUM({where}),{places})", value, self.page.styles.price())

    def _explained(self, stage: int, noise: str) -> str:
        """Return a Step to either side at each row's largest coefficient and price, and for goals sought here."""
        largest, parts = self.frame.rows_span("Largest"), []
        if stage in self.frame.priced:
            parts.append(f"SUMPRODUCT(ABS({self.frame.rows_span('Price', stage)}),{largest})")
        if self.certificate.proofs[stage].stage.group is not None:
            counted = f"({self.frame.rows_span('Counts in')}={quoted(self.frame.names[stage])})"
            parts.append(f"SUMPRODUCT({counted}*{self.frame.rows_span('Weight')}*{largest})")
        return f"({self.step}+{self.step})*({'+'.join(parts)})+{noise}"

    def _verdicts(self, line: int, at: dict[str, int], cell: dict[str, str], stage: int) -> None:
        page, flag, proof = self.page, self.page.styles.of(Role.FLAG), self.certificate.proofs[stage]
        page.formula(line, at["Signs right"], self._signs(stage), proof.signed, flag)
        kept = not self.certificate.broken
        page.formula(line, at["Rows kept"], f"COUNTIF({self.frame.rows_span('Kept')},FALSE)=0", kept, flag)
        close = f"{cell['Gap']}>=-{cell['Noise']},{cell['Gap']}<={cell['Rounding explains']}"
        closes = proof.closes and kept
        page.formula(line, at["Closes"], f"AND({cell['Signs right']},{cell['Rows kept']},{close})", closes, flag)
        page.formula(line, at["Exact"], None, self.certificate.exact, flag)

    def _signs(self, stage: int) -> str | None:
        """Return whether no price has the wrong sign; None where there are none."""
        if stage not in self.frame.priced:
            return None
        operators, prices = self.frame.rows_span("Operator"), self.frame.rows_span("Price", stage)
        wrong = ("<", ">") if self.certificate.proofs[stage].stage.maximise else (">", "<")
        pairs = zip("≤≥", wrong, strict=True)
        return "+".join(f'SUMPRODUCT(({operators}="{sign}")*({prices}{way}0))' for sign, way in pairs) + "=0"


def write_certificate(book: Book, workings: Workings, step: str) -> str:
    """Write the sheet, where there is a certificate; return the address of its verdicts, else nothing.

    `step` is the address of the Step that amounts are multiples of.
    """
    if book.result.certificate is None:
        return ""
    sheet = _Sheet(book, workings, book.result.certificate.published, step)
    sheet.write()
    return sheet.frame.closes()
