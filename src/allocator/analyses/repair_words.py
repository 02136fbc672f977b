"""Repairs that type another keyword: a looser operator, or Spend "up to" where all was to be spent."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from allocator.analyses.no_plan import Change, Word
from allocator.programme.build import Programme
from allocator.programme.rows import ZERO, RowKind
from allocator.scenario.model import Cell, Operator, Scenario

LOOSER = {
    Operator.EQUAL: (">=", "<="),
    Operator.OVER: (">=",),
    Operator.UNDER: ("<=",),
}
"""The operators that ask for less, as they are typed."""


def word_changes(programme: Programme, stuck: Collection[int]) -> Iterator[Change]:
    """Yield the keywords to try: those that loosen one of these rows, of strength must; Spend first."""
    scenario = programme.scenario
    rows = [programme.rows[index] for index in sorted(stuck)]
    names = {row.subject: row.name for row in rows if row.kind is RowKind.BUDGET}
    for source in scenario.sources:
        if source.spend_all and source.name in names:
            yield _change(scenario, names[source.name], source.origin.cell("Spend"), "Spend", "up to")
    rules = {rule.origin.cell("Value"): rule.name for rule in scenario.rules}
    seen: set[Cell] = set()
    for row in rows:
        if row.kind in (RowKind.RULE, RowKind.INDICATOR) and row.strength.kind == "must":
            cell = row.origin.cell("Operator")
            if cell not in seen:
                seen.add(cell)
                name = rules.get(row.cell, row.name)  # a rule for every area has a row for each
                yield from (_change(scenario, name, cell, "Operator", sign) for sign in LOOSER.get(row.operator, ()))


def _change(scenario: Scenario, rule: str, cell: Cell, heading: str, after: str) -> Change:
    word = Word(heading, str(scenario.raw(cell)).strip(), after)
    return Change(rule, None, cell, ZERO, ZERO, "", share=False, word=word)
