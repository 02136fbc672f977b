"""Small scenarios with rules that can't stand together, and the same with other numbers typed."""

from __future__ import annotations

import copy
from fractions import Fraction

from allocator import read_scenario
from allocator.scenario.model import Cell, Scenario
from content_workbook import headings, write_content
from oracle_meaning import Content

YEAR = 2026
BASE: Content = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 1}],
    "Budget": [{"Source": "City", "Last year": 90, YEAR: 100}],
    "Areas": [
        {"Area": "Schools", "Last year": 50, "Minimum": None, "Maximum": None, "Benefit": 3},
        {"Area": "Roads", "Last year": 40, "Minimum": None, "Maximum": None, "Benefit": 2},
    ],
}


def read(content: Content, folder) -> Scenario:
    return read_scenario(write_content(content, folder / "scenario.xlsx"))


def typed(content: Content, changes: dict[Cell, Fraction]) -> Content:
    """The content with other numbers in some cells."""
    changed = copy.deepcopy(content)
    for cell, value in changes.items():
        heading = headings(content[cell.sheet], None)[cell.column - 1]
        changed[cell.sheet][cell.row - 2][heading] = value
    return changed


def rule(name: str, area: str, operator: str, value: float, basis: str = "budget", **more: object) -> dict:
    return {"Rule": name, "Area": area, "Operator": operator, "Value": value, "Basis": basis, **more}


def case(**sheets: list[dict]) -> Content:
    return {**copy.deepcopy(BASE), **sheets}
