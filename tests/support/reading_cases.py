"""Small workbooks with one thing changed, and what the reader says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from allocator import read_scenario
from allocator.errors import Problem, ScenarioError
from allocator.scenario.model import Scenario
from commands import Sheets, small, write_book

type Rows = list[list[object]]
type Case = tuple[Sheets, str, str]

SCHOOLS: list[object] = ["Giáo dục", 60, 10, None, 3]
ROADS: list[object] = ["Roads", 30, None, 70, 2]
AREA_HEADINGS: list[object] = ["Area", "Last year", "Minimum", "Maximum", "Benefit"]
TWO_YEARS: Rows = [["Source", "Last year", 2026, 2027], ["City budget", 90, 100, 110]]
TWO_SOURCES: Rows = [
    ["Source", "Kind", "Last year", 2026, 2027],
    ["City budget", "budget", 90, 100, 110],
    ["ODA", "other", 5, 20, 30],
]
RULES: Rows = [["Rule", "Area", "Operator", "Value", "Basis"]]
LONG = ["Area", "Indicator", "Effect", "Cost per unit", "Spending 1", "Result 1", "Spending 2", "Result 2"]


def read(tmp_path: Path, sheets: Sheets) -> Scenario:
    return read_scenario(write_book(tmp_path / "budget.xlsx", sheets))


def problems(path: Path) -> list[Problem]:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    return list(caught.value.problems)


def settings(*rows: list[object], **more: Rows) -> Sheets:
    return small(Scenario=[["Setting", "Value"], ["Unit", "million"], *rows], **more)


def areas(*rows: list[object], headings: str = "", **more: Rows) -> Sheets:
    return small(**{"Areas": [headings.split(";") if headings else list(AREA_HEADINGS), *rows], "Rules": RULES, **more})


def column(heading: object, first: object, second: object = None, **more: Rows) -> Sheets:
    """Return the small scenario with one more column on Areas."""
    return areas([*SCHOOLS, first], [*ROADS, second], headings=f"{';'.join(map(str, AREA_HEADINGS))};{heading}", **more)


def limits(*rows: list[object], headings: str = "Area;Years;Minimum;Maximum") -> Sheets:
    return small(Budget=TWO_YEARS, Limits=[headings.split(";"), *rows])


def bands(*rows: list[object], headings: str = "Area;Up to;Benefit", **more: Rows) -> Sheets:
    return small(Benefits=[headings.split(";"), *rows], **more)


def rule(heading: str = "Value", value: object = None, **more: Rows) -> Sheets:
    """Return the small scenario over two years with one rule, of which one cell is as given."""
    cells: dict[str, object] = {"Rule": "R", "Area": "Roads", "Operator": ">=", "Value": "4 %", "Basis": "budget"}
    cells[heading] = value
    return small(**{"Budget": TWO_SOURCES, "Rules": [list(cells), list(cells.values())], **more})


def indicators(*rows: list[object], headings: str = "Indicator;Operator;Target", effects: Rows | None = None) -> Sheets:
    more = {} if effects is None else {"Effects": effects}
    return small(Budget=TWO_YEARS, Indicators=[headings.split(";"), *rows], **more)


def effects(*rows: list[object], headings: list[str]) -> Sheets:
    return indicators(["Places", ">=", 30], effects=[list(headings), *rows])


def budget(*rows: list[object]) -> Sheets:
    return small(Budget=list(rows))


def prefixed(xml: str) -> str:
    """Return XML whose elements bear a prefix instead of a default namespace."""
    return re.sub(r"<(/?)([A-Za-z]+)(?=[ />])", r"<\1x:\2", xml).replace(" xmlns=", " xmlns:x=")
