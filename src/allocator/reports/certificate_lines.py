"""The lines of the sheet Certificate: the programme's rows, columns and coefficients, and where each comes from."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property

from allocator.analyses.result import RowFigures
from allocator.programme.bounded import BoundedColumn, BoundedRow
from allocator.programme.proof import Proof, counts
from allocator.programme.rows import ZERO
from allocator.reports.certificate_frame import Frame, settled
from allocator.reports.columns import Role
from allocator.reports.layout import ref, span
from allocator.reports.page import Page
from allocator.reports.sheet_workings import Workings
from allocator.reports.tables import ALLOCATION
from allocator.scenario.model import Operator

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
