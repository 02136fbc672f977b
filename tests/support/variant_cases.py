"""Workbooks with a sheet What-if, and scenarios changed by its variants."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from allocator import read_scenario
from allocator.scenario.changes import find_variant, with_variant
from allocator.scenario.model import Scenario
from commands import Sheets, small, write_book

HEADINGS = ["Variant", "Sheet", "Row", "Column", "Change", "Value"]
BOOK: Sheets = small(
    Scenario=[["Setting", "Value"], ["Unit", "million"], ["Step", 1], ["Discount rate", None], ["Notes", "first"]],
    Budget=[
        ["Source", "Kind", "Last year", 2026, 2027],
        ["City budget", "budget", 90, 100, 110.5],
        ["ODA", "other", 5, 20, "1.234,5"],
    ],
    Areas=[
        ["Area", "Group", "Last year", "Minimum", "Maximum share", "Benefit", "Note", "Own column"],
        ["Giáo dục", "Social", 60, 10, None, 3, "schools", "x"],
        ["Văn hoá", "Social", 10, None, 0.5, None, None, None],
        ["Roads", None, 30, None, "60 %", 2, None, 7],
    ],
    Limits=[
        ["Area", "Years", "Minimum", "Maximum"],
        ["Roads", 2026, None, 70],
        ["Roads", 2027, "none", 80],
        ["Văn hoá", None, 2, None],
    ],
    Benefits=[
        ["Area", "Up to", "Up to, of last year", "Benefit"],
        ["Văn hoá", None, 1.0, 5],
        ["Văn hoá", None, None, 4],
    ],
    Rules=[
        ["Rule", "Area", "Operator", "Value", "Basis", "Years", "Strength"],
        ["Roads first", "Roads", ">=", "10 %", "budget", None, None],
        ["Văn hoá's part", "Văn hoá", ">=", 0.04, "budget", None, "off"],
        ["Fixed", "Văn hoá", ">=", 2, "amount", None, "goal 1"],
    ],
)


def with_rows(*rows: list[object], headings: list[str] = HEADINGS, book: Sheets = BOOK) -> Sheets:
    return {**book, "What-if": [list(headings), *rows]}


def read(tmp_path: Path, *rows: list[object], headings: list[str] = HEADINGS, book: Sheets = BOOK) -> Scenario:
    return read_scenario(write_book(tmp_path / "scenario.xlsx", with_rows(*rows, headings=headings, book=book)))


def changed(scenario: Scenario, name: str = "V") -> Scenario:
    return with_variant(scenario, find_variant(scenario, name))


def alike(one: Scenario, other: Scenario) -> None:
    """Both are the same scenario, whatever file it is from and whatever was said of how it came about."""
    parts = {"sha256": "", "changed_by": None, "messages": (), "inputs": ()}
    assert dataclasses.replace(one, **parts) == dataclasses.replace(other, **parts)
    for mine, theirs in zip(one.inputs, other.inputs, strict=True):
        assert (mine.name, mine.last_row, mine.headings) == (theirs.name, theirs.last_row, theirs.headings)
        assert mine.percent == theirs.percent
        assert content(mine.rows) == content(theirs.rows)


SHIPPED = ["hanoi-2026.xlsx", "hanoi-2026-2030.xlsx"]


def content(rows: tuple[tuple[object, ...], ...]) -> list[list[object]]:
    """A sheet's cells without the blank ones at the ends, which a file may hold or not."""
    found = [list(row) for row in rows]
    for row in found:
        while row and row[-1] is None:
            row.pop()
    while found and not found[-1]:
        found.pop()
    return found
