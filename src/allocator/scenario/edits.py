"""Edits of repairs and of comparisons, and what edits make of cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from allocator.scenario.model import Cell, Edit, Raw


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


def values_of(edits: Iterable[Edit]) -> tuple[dict[Cell, Raw], frozenset[tuple[str, int]]]:
    """Return edits as what cells are to hold, and the rows (sheet, number) that go."""
    edits = tuple(edits)
    values = {edit.cell: edit.after for edit in edits if not edit.removes_row}
    return values, frozenset((edit.cell.sheet, edit.cell.row) for edit in edits if edit.removes_row)
