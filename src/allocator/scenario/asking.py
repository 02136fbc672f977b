"""What to type into a cell that is blank, or that holds what its column doesn't take."""

from __future__ import annotations

from allocator.scenario import cells
from allocator.scenario.families import Family
from allocator.scenario.said import Said
from allocator.scenario.tables import Column, Content

SHARES = {
    "Minimum": "a share of the budget goes under Minimum share",
    "Maximum": "a share of the budget goes under Maximum share",
    "Up to": "a part of Last year goes under Up to, of last year",
    "Value": "Basis is amount; for a share of the budget type budget there",
}
"""Columns of amounts, and where a percentage would be right."""


def instead(column: Column) -> str:
    """Return what to type where a figure was expected."""
    if column.can_lift:
        return "type one, or none for no limit"
    return f"type one, or clear the cell ({column.default})" if column.default else cells.TYPE_ONE


def alone(typed: str, instead: str) -> Said:
    """Return what to say of a text that is all its row holds; `instead` is what to do if it is no note or title."""
    guess, why = ("a total row", ", since totals are computed") if cells.is_total(typed) else ("a note or a title", "")
    form = "{} stands alone in its row: is it {}? remove the row{}, or {}"
    return Said(form, cells.shown(typed), guess, why, instead)


def needed(column: Column) -> str:
    """Return what to type into a blank cell that must be filled."""
    if column.family is Family.YEAR:
        return "type 0 for no money"
    if column.content is Content.NAME:
        total = " (is this a total row? totals are computed)" if column.name in ("Area", "Source") else ""
        return f"type the {column.name.lower()}'s name, or remove the row{total}"
    return f"type {column.help[0].lower()}{column.help[1:].rstrip('.')}"
