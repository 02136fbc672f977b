"""Variants: one by its name, and the scenario with its changes."""

from __future__ import annotations

from dataclasses import replace

from allocator.errors import UsageError
from allocator.scenario.cells import fold, suggestion
from allocator.scenario.edits import ChangedBy
from allocator.scenario.model import Scenario, Variant
from allocator.scenario.reading import with_edits


def find_variant(scenario: Scenario, name: str) -> Variant:
    """Return the variant of a name.

    Parameters
    ----------
    scenario
        One that was read from a file, with its variants.
    name
        Case, spaces and Unicode form don't count.

    Returns
    -------
    Variant
        As the sheet What-if has it.

    Raises
    ------
    UsageError
        There is none; the message gives the nearest name, or those there are.
    """
    found = next((variant for variant in scenario.variants if fold(variant.name) == fold(name)), None)
    if found is not None:
        return found
    by = scenario.changed_by
    if by is not None:
        said = f"the repair {by.repair}" if by.variant is None else f'the variant "{by.variant}"'
        raise UsageError(f'there is no variant "{name}": these figures are those of {said} already')
    if not scenario.variants:
        raise UsageError(f'there is no variant "{name}": the scenario has none; they stand on a sheet What-if')
    ending = suggestion(name, [variant.name for variant in scenario.variants], "type one of")
    raise UsageError(f'there is no variant "{name}"; {ending}')


def with_variant(scenario: Scenario, variant: Variant) -> Scenario:
    """Return a scenario read anew with a variant's edits, which it says of itself.

    A removed row is gone as if it had been deleted in the workbook: the rows below have moved up. The What-if sheet is
    left out of its inputs, and it has no variants.

    Parameters
    ----------
    scenario
        As it was read.
    variant
        One of its variants.

    Returns
    -------
    Scenario
        With `changed_by` saying what was edited.

    Raises
    ------
    ScenarioError
        The content has problems with these edits; it lists all of them, each with its cell.
    """
    found = with_edits(scenario, variant.edits)
    return replace(found, changed_by=ChangedBy(variant=variant.name, edits=variant.edits))
