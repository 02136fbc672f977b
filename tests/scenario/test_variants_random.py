"""Random edits of the shipped scenarios: a variant is what a person would type, whatever the kind of cell."""

from __future__ import annotations

import random
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.cell_range import CellRange

from allocator import read_scenario
from allocator.errors import Problem, ScenarioError
from allocator.scenario.model import Scenario
from allocator.scenario.records import SheetRows
from allocator.scenario.schema import TABLES, Content
from places import SCENARIOS
from quick_part import quick_part
from variant_cases import SHIPPED, alike, changed


def random_row(scenario: Scenario, rng: random.Random, used: set[tuple[str, int]]) -> tuple[list[object], tuple] | None:
    """A row of What-if about any cell, and what a person would type: sheet, row, column, value."""
    sheet = rng.choice([sheet for sheet in scenario.inputs if sheet.table not in ("What-if", "Scenario")])
    rows = SheetRows(sheet)
    label = rng.choice(list(rows.rows))
    number = rows.rows[label]
    heading = rng.choice([h for h in rows.headings if h != rows.table.required[0]])
    place = (sheet.name, number)
    if place in used:
        return None
    used.add(place)
    if rng.random() < 0.1:
        return [sheet.name, label, None, "remove", None], (sheet.name, number, None, None)
    column, before = rows.headings[heading], rows.raw(number, rows.headings[heading])
    kind = rows.spec(number, heading)[0]
    where = (sheet.name, number, column)
    if before is not None and rng.random() < 0.1:
        return [sheet.name, label, heading, "remove", None], (*where, None)
    if kind not in (Content.AMOUNT, Content.NUMBER, Content.SHARE):
        words = next(table for table in TABLES if table.sheet == sheet.table).by_name[heading].keywords
        value = rng.choice(words) if words else f"{before or ''} +"
        return [sheet.name, label, heading, "set", value], (*where, value)
    if not isinstance(before, int | float):
        value = rng.choice([0.25, 0.5]) if kind is Content.SHARE else rng.choice([5, 700.25])
        return [sheet.name, label, heading, "set", value], (*where, value)
    now = Fraction(repr(before))
    by = Fraction(rng.randint(-99, 99), 1000)
    if rng.random() < 0.5:
        return [sheet.name, label, heading, "change by", float(by)], (*where, float(now * (1 + by)))
    return [sheet.name, label, heading, "add", float(by)], (*where, float(now + by))


def typed_by_hand(source: Path, target: Path, cells: list[tuple]) -> Path:
    """Write a copy in which a person typed values and deleted rows, and which has no sheet What-if."""
    book = load_workbook(source)
    del book["What-if"]
    for sheet, row, column, value in cells:
        if column is not None:
            book[sheet].cell(row, column).value = value
    for sheet, row, column, _ in sorted(cells, key=lambda cell: -cell[1]):
        if column is None:
            book[sheet].delete_rows(row)
    book.save(target)
    return target


def with_variants(source: Path, target: Path, rows: list[list[object]]) -> Path:
    """Write a copy with these rows of What-if in place of its own."""
    book = load_workbook(source)
    sheet = book["What-if"]
    sheet.delete_rows(5, sheet.max_row)
    for number, row in enumerate(rows, start=5):
        for column, value in enumerate(["V", *row], start=1):
            sheet.cell(number, column).value = value
    book.save(target)
    return target


@pytest.mark.parametrize("seed", quick_part(range(60), 2))
def test_random_edits_are_what_a_person_would_type(seed: int, tmp_path: Path) -> None:
    source = SCENARIOS / SHIPPED[seed % 2]
    scenario = read_scenario(source)
    rng = random.Random(seed)  # noqa: S311
    used: set[tuple[str, int]] = set()
    edits = list(filter(None, (random_row(scenario, rng, used) for _ in range(rng.randint(1, 6)))))
    mine, theirs = tmp_path / "mine" / source.name, tmp_path / "theirs" / source.name
    mine.parent.mkdir()
    theirs.parent.mkdir()
    with_variants(source, mine, [row for row, _ in edits])
    typed_by_hand(source, theirs, [cell for _, cell in edits])
    expected, wrong = attempt(theirs)
    found, wrong_too = attempt(mine)
    if expected is None:
        assert 1 <= covered(wrong_too) == covered(wrong), (wrong_too, wrong)
        assert all('with the variant "V", ' in problem.message for problem in wrong_too)
    else:
        assert found is not None, wrong_too
        alike(changed(found), expected)


def covered(problems: Iterable[Problem]) -> int:
    """How many cells problems name: several of one cause are one message, with all their cells."""
    found = 0
    for problem in problems:
        for part in problem.cell.rpartition("!")[2].split(", "):
            first, _, last = part.partition(":")
            found += sum(map(len, CellRange(f"{first}:{last or first}").rows))
    return found


def attempt(path: Path) -> tuple[Scenario | None, tuple[Problem, ...]]:
    try:
        return read_scenario(path), ()
    except ScenarioError as error:
        return None, error.problems
