"""A programme with some numbers of its scenario changed: only the rows that follow from them are built anew.

Rows that stay as they are are the same objects, so that whoever sends numbers to a solver may pass over them.
"""

from __future__ import annotations

from dataclasses import replace

from allocator.programme.build import Ledger, Programme, Slot, budget_row, limits_of, rule_row, slots
from allocator.programme.rows import RowKind
from allocator.scenario.model import BasisKind, Rule, Source


def with_rule(programme: Programme, rule: Rule) -> Programme:
    """Return `programme` with the rows of the rule from the same cells replaced by `rule`'s; others stay the same."""
    scenario = programme.scenario
    rules = tuple(rule if other.origin is rule.origin else other for other in scenario.rules)
    book = Ledger(replace(scenario, rules=rules))
    places = iter(slots(book.scenario))
    rows = []
    for row in programme.rows:
        slot = next(places) if row.kind is RowKind.RULE else None
        rows.append(rule_row(book, *slot) if slot is not None and slot[0] is rule else row)
    return replace(programme, scenario=book.scenario, rows=tuple(rows))


def with_money(programme: Programme, source: Source) -> Programme:
    """Return `programme` with other amounts available from a source; rows that don't follow from them stay the same."""
    before = programme.scenario
    changed = {year for year in before.years if before.source[source.name].available[year] != source.available[year]}
    sources = tuple(source if other.name == source.name else other for other in before.sources)
    book = Ledger(replace(before, sources=sources))
    places = iter(slots(before))
    rows = []
    for row in programme.rows:
        slot = next(places) if row.kind is RowKind.RULE else None
        if row.kind is RowKind.BUDGET and row.subject == source.name and row.year is not None:
            row = budget_row(book, source, row.year)
        elif row.kind is RowKind.LIMIT and row.base is not None and row.year in changed:
            row = next(r for r in limits_of(book, book.scenario.area[row.subject], row.year) if r.name == row.name)
        elif slot is not None and _follows(slot, changed):
            row = rule_row(book, *slot)
        rows.append(row)
    return replace(programme, scenario=book.scenario, rows=tuple(rows))


def _follows(slot: Slot, changed: set[int]) -> bool:
    """Whether a rule's row has the budgets of `changed` years in it: as a basis or, for a goal, as a measure."""
    rule, _, years = slot
    before = {year - 1 for year in years} if rule.basis.kind.of_share else set()
    uses = rule.basis.kind is BasisKind.BUDGET or rule.basis.kind.of_share or rule.strength.kind == "goal"
    return uses and bool(changed & ({*years} | before))
