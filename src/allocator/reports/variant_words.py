"""What is said of variants, and of a scenario that was changed by a variant, a repair, or the repair of a variant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from allocator.scenario.model import Scenario

_PARTS = re.compile(r'(?:variant "(?P<name>.*)")?(?P<both> and )?(?:repair (?P<repair>\d+))?', re.DOTALL)
BEGINNING = re.compile(r'variant ".*?"(?: and repair \d+)?(?=: )|repair \d+(?=: )', re.DOTALL)
"""How the line begins that says by what a scenario was changed, ``variant "Slump": …``."""
SEPARATOR = "; "
"""Between the texts of several changes."""


@dataclass(frozen=True)
class PlannedWith:
    """What a scenario was changed by: a variant, a repair, both (the repair of a variant), or neither."""

    variant: str | None = None
    repair: int | None = None


def planned_with(said: str) -> PlannedWith:
    """Return what `Scenario.variant` says in words.

    >>> planned_with('variant "Slump" and repair 2')
    PlannedWith(variant='Slump', repair=2)
    """
    match = _PARTS.fullmatch(said)
    if match is None or bool(match["both"]) != (match["name"] is not None and match["repair"] is not None):
        return PlannedWith()
    return PlannedWith(match["name"], None if match["repair"] is None else int(match["repair"]))


def joined(texts: Iterable[str]) -> str:
    """Return the texts of changes as one."""
    return SEPARATOR.join(texts)


def message_of(said: str, changed: str) -> str:
    """Return what is said of a plan that was made with a variant or a repair, and what that changed."""
    found = planned_with(said)
    of = "the variant has no plan without it" if found.variant is not None else "no plan exists without a change"
    return f"Planned with {said}{f', since {of}' if found.repair is not None else ''}: {changed}"


def variants_text(scenario: Scenario) -> str:
    """Return the variants with how much each changes: ``Slump (3 changes), Late grants (1 change)``."""
    counts = ((variant.name, len(variant.edits)) for variant in scenario.variants)
    return ", ".join(f"{name} ({count} change{'s' if count != 1 else ''})" for name, count in counts)


def options_text(scenario: Scenario) -> str:
    """Return what was typed to get this scenario, with a space before: `` --variant "Slump"``; empty for the base."""
    name = planned_with(scenario.variant).variant
    return "" if name is None else f" --variant {quoted(name)}"


def quoted(name: str) -> str:
    """Return a name as one types it on the command line.

    >>> quoted("Slump"), quoted("Late grants")
    ('Slump', '"Late grants"')
    """
    if re.fullmatch(r"[\w./:\\-]+", name):
        return name
    return f"'{name}'" if '"' in name else f'"{name}"'
