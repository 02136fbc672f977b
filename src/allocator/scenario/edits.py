"""Edits: a cell with its value before and after, and what is known besides of who asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.scenario.origin import Cell, Origin, Raw


@dataclass(frozen=True)
class Edit:
    """A cell with its value before and after, or a whole row that goes."""

    sheet: str
    """As the workbook spells it."""
    row: str
    """The row's label, as addresses spell it: ``Culture / 2``, ``Literacy/2028``."""
    column: str
    """The heading; empty where the whole row is removed."""
    cell: Cell
    """Where it stands; the row's first cell where the whole row is removed."""
    before: Raw
    after: Raw
    """None: the cell is cleared."""
    percent: bool
    """Whether numbers there are percentages: 0.04 is 4 %."""

    @property
    def removes_row(self) -> bool:
        """Whether it is a whole row that goes."""
        return not self.column

    @property
    def numbers(self) -> tuple[Fraction, Fraction]:
        """The numbers before and after, in the decimals that stand in the cells; 0 for what is no number."""
        return _decimal(self.before), _decimal(self.after)

    @property
    def moves_by(self) -> Fraction:
        """By how much the number changes."""
        before, after = self.numbers
        return after - before


@dataclass(frozen=True, kw_only=True)
class VariantEdit(Edit):
    """An edit that a variant asks for."""

    origin: Origin
    """Its row on the What-if sheet, with evidence and status of the change."""


@dataclass(frozen=True, kw_only=True)
class RuleEdit(Edit):
    """An edit that loosens a rule, a limit, a budget or a target, as repairs do: a number, or a keyword."""

    rule: str
    """The row's name, as on Rules."""
    year: int | None
    """None where the cell holds for several years."""
    unit: str
    """``%`` for a share, else the scenario's or the indicator's unit; empty for a keyword."""

    @property
    def of_keyword(self) -> bool:
        """Whether it types a keyword in place of another: an operator, or what Spend says."""
        return isinstance(self.after, str)


@dataclass(frozen=True, kw_only=True)
class CellDifference(Edit):
    """A cell in which a second scenario differs from a first; one whose row or column is missing counts as blank."""

    before_cell: Cell | None
    """Where it stands in the first; None where its row or column is missing there."""
    after_cell: Cell | None

    @property
    def turned(self) -> CellDifference:
        """The same on the way back."""
        return replace(
            self,
            before=self.after,
            after=self.before,
            cell=self.after_cell or self.cell,
            before_cell=self.after_cell,
            after_cell=self.before_cell,
        )


@dataclass(frozen=True)
class ChangedBy:
    """What changed a scenario's figures since its file was read: a variant, a repair, or a variant and its repair."""

    variant: str | None = None
    """The variant's name."""
    repair: int | None = None
    """The repair's number, from 1."""
    edits: tuple[Edit, ...] = ()
    """The variant's, then the repair's."""
    told: str = ""
    """What was changed, as a plan's workbook says it that the scenario was read from: there are no edits in it."""


def values_of(edits: Iterable[Edit]) -> tuple[dict[Cell, Raw], frozenset[tuple[str, int]]]:
    """Return edits as what cells are to hold, and the rows (sheet, number) that go."""
    edits = tuple(edits)
    values = {edit.cell: edit.after for edit in edits if not edit.removes_row}
    return values, frozenset((edit.cell.sheet, edit.cell.row) for edit in edits if edit.removes_row)


def _decimal(raw: Raw) -> Fraction:
    return Fraction(repr(raw)) if isinstance(raw, int | float) and not isinstance(raw, bool) else Fraction(0)
