"""Variants: one by its name, the scenario with its changes, and what it changes in words."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from allocator.errors import UsageError
from allocator.scenario import cells
from allocator.scenario.addresses import NUMBERS, column_spec
from allocator.scenario.cells import fold, is_blank, suggestion
from allocator.scenario.model import Edit, Raw, Scenario, Variant
from allocator.scenario.reading import reread
from allocator.scenario.tables import TABLES
from allocator.scenario.what_if import changes


def find_variant(scenario: Scenario, name: str) -> Variant:
    """Return the variant of that name; case, spaces and Unicode form don't count.

    Raises
    ------
    UsageError
        If there is none; the message gives the nearest name, or those there are.
    """
    found = next((variant for variant in scenario.variants if fold(variant.name) == fold(name)), None)
    if found is not None:
        return found
    if scenario.variant:
        raise UsageError(f'there is no variant "{name}": these figures are those of the {scenario.variant} already')
    if not scenario.variants:
        raise UsageError(f'there is no variant "{name}": the scenario has none; they stand on a sheet What-if')
    ending = suggestion(name, [variant.name for variant in scenario.variants], "type one of")
    raise UsageError(f'there is no variant "{name}"; {ending}')


def with_variant(scenario: Scenario, variant: Variant) -> Scenario:
    """Return the scenario read anew with a variant's changes, which it says of itself.

    A removed row is gone as if it had been deleted in the workbook: the rows below have moved up. The What-if sheet is
    left out of its inputs, and it has no variants.

    Raises
    ------
    ScenarioError
        If the content has problems with these changes; it lists all of them, each with its cell.
    """
    values, removed = changes(variant)
    found = reread(scenario, values, removed)
    told = f'variant "{variant.name}"'
    texts = tuple(
        edit_text(edit, briefly=number > 0 and variant.edits[number - 1].origin.row == edit.origin.row)
        for number, edit in enumerate(variant.edits)
    )
    messages = (f"Planned with {told}: {'; '.join(texts)}", *found.messages)
    return replace(found, variant=told, changed=texts, messages=messages)


def edit_text(edit: Edit, *, briefly: bool = False) -> str:
    """Return what an edit does: ``Budget/City budget/2026: 227,250 → 204,525 (assumption: a tenth less land revenue)``.

    What stands in brackets is the What-if row's Status, Evidence and Note; `briefly` leaves out the latter two.
    """
    why = "" if briefly else "; ".join(filter(None, (edit.origin.evidence, edit.origin.note)))
    beside = ": ".join(filter(None, (edit.origin.status, why)))
    ending = f" ({beside})" if beside else ""
    if edit.cell is None:
        return f"{edit.sheet}/{edit.row}: row removed{ending}"
    before, after = (_shown(edit, value) for value in (edit.before, edit.after))
    return f"{edit.sheet}/{edit.row}/{edit.column}: {before} → {after}{ending}"


def _shown(edit: Edit, value: Raw) -> str:
    """Return what a cell holds as one reads it: ``−4.5 %``, ``1,200``, ``off``, ``2027`` where years are, ``blank``."""
    if is_blank(value):
        return "blank"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return cells.tidy(cells.text(value))
    number = cells.exact(value)
    if edit.percent:
        return f"{_grouped(number * 100)} %"
    return _grouped(number) if _is_figure(edit) else cells.plain(number)


def _is_figure(edit: Edit) -> bool:
    table = next((table for table in TABLES if fold(table.sheet) == fold(edit.sheet)), None)
    return table is not None and column_spec(table, edit.column).content in NUMBERS


def _grouped(number: Fraction) -> str:
    whole, point, rest = cells.plain(abs(number)).partition(".")
    return f"{'\N{MINUS SIGN}' * (number < 0)}{int(whole):,}{point}{rest}"
