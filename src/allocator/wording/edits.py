"""What is said of edits, of variants, and of a scenario that was changed by a variant, a repair, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from allocator.scenario import cells
from allocator.scenario.cells import fold, is_blank
from allocator.scenario.model import ChangedBy, Edit, Raw, RuleEdit, Scenario, VariantEdit
from allocator.scenario.records import NUMBERS, column_spec
from allocator.scenario.schema import TABLES

ARROW = "→"
_SEPARATOR = "; "
"""Between the texts of several edits."""
_DECIMALS = 8
"""No amount of a rule is shown with more."""


# -- what changed a scenario -----------------------------------------------------------------------------------------


def cause(by: ChangedBy | None) -> str:
    """Return what changed a scenario; empty for nothing.

    >>> cause(ChangedBy(variant="Slump", repair=2)), cause(ChangedBy(repair=1)), cause(None)
    ('variant "Slump" and repair 2', 'repair 1', '')
    """
    if by is None:
        return ""
    variant = "" if by.variant is None else f'variant "{by.variant}"'
    repair = "" if by.repair is None else repair_name(by.repair)
    return " and ".join(filter(None, (variant, repair)))


def short_name(by: ChangedBy | None) -> str:
    """Return what to call a scenario by what changed it; empty where nothing did.

    >>> short_name(ChangedBy(variant="Slump", repair=2)), short_name(ChangedBy(repair=1)), short_name(None)
    ('Slump, repair 2', 'repair 1', '')
    """
    if by is None:
        return ""
    return ", ".join(filter(None, (by.variant, "" if by.repair is None else repair_name(by.repair))))


def repair_name(number: int) -> str:
    """Return what a repair is called; numbers count from 1."""
    return f"repair {number}"


def full_title(scenario: Scenario) -> str:
    """Return a scenario's title, with what changed its figures."""
    return f"{scenario.title}, with {cause(scenario.changed_by)}" if scenario.changed_by else scenario.title


def planned_with(scenario: Scenario) -> tuple[str, ...]:
    """Return the sentence that says with what a scenario is planned, and what that changes; none for a base case."""
    by = scenario.changed_by
    return () if by is None else (f"{planned_with_what(by)}{changes_text(by)}",)


def planned_with_what(by: ChangedBy) -> str:
    """Return how that sentence begins: all but what is changed."""
    since = "no plan exists without a change" if by.variant is None else "the variant has no plan without it"
    return f"Planned with {cause(by)}{'' if by.repair is None else f', since {since}'}: "


def options_text(scenario: Scenario) -> str:
    """Return what was typed to get this scenario, with a space before: `` --variant "Slump"``; empty for the base."""
    by = scenario.changed_by
    return "" if by is None or by.variant is None else f" --variant {quoted(by.variant)}"


def variants_text(scenario: Scenario) -> str:
    """Return the variants with how much each changes: ``Slump (3 changes), Late grants (1 change)``."""
    counts = ((variant.name, len(variant.edits)) for variant in scenario.variants)
    return ", ".join(f"{name} ({count} change{'s' if count != 1 else ''})" for name, count in counts)


def quoted(name: str) -> str:
    """Return a name as one types it on the command line.

    >>> quoted("Slump"), quoted("Late grants")
    ('Slump', '"Late grants"')
    """
    if re.fullmatch(r"[\w./:\\-]+", name):
        return name
    return f"'{name}'" if '"' in name else f'"{name}"'


# -- edits -----------------------------------------------------------------------------------------------------------


def changes_text(by: ChangedBy) -> str:
    """Return all that a variant or a repair changes in one text."""
    return _SEPARATOR.join(edit_texts(by))


def edit_texts(by: ChangedBy | None) -> tuple[str, ...]:
    """Return what a variant or a repair changes, a text for each edit."""
    if by is None:
        return ()
    return (by.told,) if by.told else tuple(_edit_texts(by.edits))


def _edit_texts(edits: tuple[Edit, ...]) -> Iterator[str]:
    """Yield a text for each edit; of several that one What-if row asks for the first alone says why."""
    for before, edit in pairwise((None, *edits)):
        if isinstance(edit, RuleEdit):
            yield rule_edit_text(edit)
        elif isinstance(edit, VariantEdit):
            again = isinstance(before, VariantEdit) and before.origin.row == edit.origin.row
            yield variant_edit_text(edit, briefly=again)


def variant_edit_text(edit: VariantEdit, *, briefly: bool = False) -> str:
    """Return what an edit does: ``Budget/City budget/2026: 227,250 → 204,525 (assumption: a tenth less land revenue)``.

    What stands in brackets is the What-if row's Status, Evidence and Note; `briefly` leaves out the latter two.
    """
    why = "" if briefly else "; ".join(filter(None, (edit.origin.evidence, edit.origin.note)))
    beside = ": ".join(filter(None, (edit.origin.status, why)))
    ending = f" ({beside})" if beside else ""
    if edit.removes_row:
        return f"{edit.sheet}/{edit.row}: row removed{ending}"
    before, after = (_shown(edit, value) for value in (edit.before, edit.after))
    return f"{edit.sheet}/{edit.row}/{edit.column}: {before} {ARROW} {after}{ending}"


def _shown(edit: Edit, value: Raw) -> str:
    """Return what a cell holds as one reads it: ``−4.5 %``, ``1,200``, ``off``, ``2027`` where years are, ``blank``."""
    if is_blank(value):
        return "blank"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return cells.tidy(cells.text(value))
    number = cells.exact(value)
    is_figure = edit.percent or _is_figure(edit)
    return cells.as_read(number, percent=edit.percent) if is_figure else cells.plain(number)


def _is_figure(edit: Edit) -> bool:
    table = next((table for table in TABLES if fold(table.sheet) == fold(edit.sheet)), None)
    return table is not None and column_spec(table, edit.column).content in NUMBERS


def rule_edit_text(edit: RuleEdit) -> str:
    """Return an edit with its cell, and for money by how much: ``Budget!C2 Budget: City 2027: 100 → 140 (+40)``."""
    text = f"{edit.cell} {rule_edit_short(edit)}"
    if edit.percent or edit.of_keyword:
        return text
    return f"{text} ({'' if edit.moves_by < 0 else '+'}{_amount(edit.moves_by)})"


def rule_edit_short(edit: RuleEdit) -> str:
    """Return an edit without its cell: ``Culture floor 2026: 6 % → 4.8 %``."""
    name = edit.rule if edit.year is None else f"{edit.rule} {edit.year}"
    if edit.of_keyword:
        return f"{name}, {edit.column}: {edit.before} {ARROW} {edit.after}"
    before, after = edit.numbers
    if edit.percent:
        return f"{name}: {cells.as_read(before, percent=True)} {ARROW} {cells.as_read(after, percent=True)}"
    return f"{name}: {_amount(before)} {ARROW} {_amount(after)} {edit.unit}".rstrip()


def _amount(value: Fraction) -> str:
    return cells.as_read(round(value, _DECIMALS))
