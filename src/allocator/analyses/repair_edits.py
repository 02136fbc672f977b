"""The edits that repairs make: another number, a looser operator, or Spend "up to" where all was to be spent."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction

from allocator.analyses.repair_cells import Adjustable
from allocator.programme.build import Programme
from allocator.scenario.addresses import CellNames
from allocator.scenario.edits import RuleEdit
from allocator.scenario.model import Operator, Scenario
from allocator.scenario.origin import Cell

LOOSER = {
    Operator.EQUAL: (">=", "<="),
    Operator.OVER: (">=",),
    Operator.UNDER: ("<=",),
}
"""The operators that ask for less, as they are typed."""


def number_edit(names: CellNames, cell: Adjustable, after: Fraction) -> RuleEdit:
    """Return the edit that lets a cell hold another number, as one would type it."""
    row, column = names.of(cell.cell)
    return RuleEdit(
        sheet=cell.cell.sheet,
        row=row,
        column=column,
        cell=cell.cell,
        before=float(cell.value),
        after=float(after),
        percent=cell.share,
        rule=cell.rule,
        year=cell.year,
        unit=cell.unit,
    )


def keyword_edits(programme: Programme, stuck: Collection[int]) -> Iterator[RuleEdit]:
    """Yield the keywords to try: those that loosen one of these rows, of strength must; Spend first."""
    scenario = programme.scenario
    rows = [programme.rows[index] for index in sorted(stuck)]
    names = {row.subject: row.name for row in rows if row.kind.supply}
    for source in scenario.sources:
        if source.spend_all and source.name in names:
            yield _keyword_edit(scenario, names[source.name], source.origin.cell("Spend"), "up to")
    seen: set[Cell] = set()
    for row in rows:
        if row.kind.stated and row.strength.kind == "must":
            cell = row.origin.cell("Operator")
            if cell not in seen:
                seen.add(cell)
                name = row.title or row.name  # a rule for every area has a row for each
                yield from (_keyword_edit(scenario, name, cell, sign) for sign in LOOSER.get(row.operator, ()))


def _keyword_edit(scenario: Scenario, rule: str, cell: Cell, after: str) -> RuleEdit:
    row, column = CellNames(scenario).of(cell)
    before = str(scenario.raw(cell)).strip()
    return RuleEdit(cell.sheet, row, column, cell, before, after, percent=False, rule=rule, year=None, unit="")
