"""The sheet What-if: what a person reads who made a slip on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from allocator import read_scenario
from allocator.cli.variants import EachPlanned
from allocator.console.plan import variant_lines
from allocator.errors import UsageError
from allocator.scenario.changes import find_cell
from allocator.scenario.problems import Problems
from commands import write_book
from reading_cases import problems
from variant_cases import BOOK, HEADINGS, changed, read, with_rows


def said(tmp_path: Path, *rows: list[object], headings: list[str] = HEADINGS) -> list[str]:
    book = write_book(tmp_path / "scenario.xlsx", with_rows(*rows, headings=headings))
    return [f"{problem.cell}: {problem.message}" for problem in problems(book)]


@pytest.mark.parametrize("column", ["Column", "Value"])
def test_a_column_that_the_sheet_lacks_is_said_once_at_the_headings(column: str, tmp_path: Path) -> None:
    row = dict(zip(HEADINGS, ["V", "Budget", "ODA", 2026, "set", 5], strict=True))
    del row[column]
    found = said(tmp_path, list(row.values()), ["W", *list(row.values())[1:]], headings=list(row))
    assert found == [f"What-if!A1: the sheet has no column {column}; add it, with that heading"]


def test_another_spelling_is_said_to_be_the_same_variant(tmp_path: Path) -> None:
    found = said(tmp_path, ["Slump", "Budget", "ODA", 2026, "set", 5], ["SLUMP ", "Budget", "ODA", 2026, "set", 6])
    assert found == [
        'What-if!D3: "Slump" ("SLUMP" is the same name) already changes Budget!D3 (row 2); remove one',
    ]


@pytest.mark.parametrize(
    ("row", "ending"),
    [
        (["Areas", "Giáo dục", "Minimum", "set", "none"], "type one, or remove as Change (blank: no limit)"),
        (["Limits", "Văn hoá", "Minimum", "set", "much"], "type one, or none for no limit"),
        (["Limits", "Văn hoá", "Minimum", "add", "none"], "type one"),
        (["Budget", "ODA", 2026, "set", "much"], "type one, 0 if nothing is meant"),
    ],
)
def test_what_to_type_where_a_figure_was_expected(row: list[object], ending: str, tmp_path: Path) -> None:
    (found,) = said(tmp_path, ["V", *row])
    assert found.startswith("What-if!F2: expected a number")
    assert found.endswith(f"; {ending}")


def test_what_a_removed_row_leaves_behind_is_no_slip_of_the_pen(tmp_path: Path) -> None:
    found = said(tmp_path, ["V", "Areas", "Roads", None, "remove", None])
    assert found
    assert all("did you mean" not in text for text in found)
    assert any(
        text.startswith(
            'What-if!C2: with the variant "V", Limits!A2 Area: "Roads" is no area, since this row removes it;'
        )
        for text in found
    )


def test_a_removed_row_whose_name_is_a_heading(tmp_path: Path) -> None:
    areas = [["Area", "Last year", "Last year: ODA", "Benefit"], ["Roads", 30, 5, 2]]
    book = {"Scenario": BOOK["Scenario"], "Budget": BOOK["Budget"], "Areas": areas}
    rows = with_rows(["V", "Budget", "ODA", None, "remove", None], book=book)
    (found,) = problems(write_book(tmp_path / "scenario.xlsx", rows))
    assert found.message.endswith(
        'Areas!C1: the heading "Last year: ODA" names no source, since this row removes it; '
        "no variant removes a heading, so keep the row and clear its cells"
    )


def test_only_what_is_quoted_is_cut_short(tmp_path: Path) -> None:
    name = "V" * 90
    (found,) = said(tmp_path, [name, "Rules", "Roads first", "Operator", "set", '"'])
    assert f'with the variant "{"V" * 60}…", Rules!C2 Operator: ' in found
    (found,) = said(tmp_path, ["V", "Budget", "ODA", 2026, "set", -1], headings=HEADINGS)
    assert (
        found
        == 'What-if!F2: with the variant "V", Budget!D3 2026: -1 is negative, which no amount may be; type 0 or more'
    )
    messages = Problems()
    long = "between two short quotations there may stand as many words as the message needs, and more than eighty"
    messages.add("Rules!A1", f'"A" {long} "B"')
    assert [problem.message for problem in messages.found.values()] == [f'"A" {long} "B"']


def test_what_a_variant_changes_by_is_no_cell_to_vary(tmp_path: Path) -> None:
    scenario = read(tmp_path, ["Slump", "Budget", "ODA", 2026, "set", 5])
    with pytest.raises(UsageError, match='there is no sheet "What-if"'):
        find_cell(scenario, "What-if/Slump/Value")


def test_many_variants_are_listed_as_far_as_there_is_room(tmp_path: Path) -> None:
    scenario = read(tmp_path, *([f"{'V' * 90} {n}", "Budget", "ODA", 2026, "set", n] for n in range(30)))
    lines = [line.plain for line in variant_lines(scenario, 78, None)]
    assert len(lines) <= 3
    assert all(len(line) <= 78 for line in lines)
    assert f"{'V' * 29}… (1)" in lines[0] + lines[1]
    assert lines[-2].endswith(" … and 28 more")


def test_an_interrupt_names_ten_of_those_it_left() -> None:
    said = EachPlanned("City", (), tuple(f"V{n}" for n in range(12))).interrupted
    assert said.endswith("not: V0, V1, V2, V3, V4, V5, V6, V7, V8, V9 and 2 more")
    assert EachPlanned("City", (), ("V0", "V1")).interrupted.endswith("not: V0, V1")


@pytest.mark.parametrize("change", ["add", "set"])
@pytest.mark.parametrize("typed", [-0.1, "-10 %"])
def test_a_percentage_is_not_added_to_an_amount(change: str, typed: object, tmp_path: Path) -> None:
    """Spreadsheets show -10% where -0.1 is stored: without a word the budget would fall by a tenth of a unit."""
    path = write_book(tmp_path / "scenario.xlsx", with_rows(["V", "Budget", "ODA", 2026, change, typed]))
    book = load_workbook(path)
    book["What-if"]["F2"].number_format = "0%"
    book.save(path)
    (found,) = problems(path)
    assert (found.cell, found.message.partition(";")[0]) == (
        "What-if!F2",
        "-10 % is a percentage, but Budget!D3 holds an amount",
    )
    book["What-if"]["E2"] = "change by"
    book.save(path)
    assert changed(read_scenario(path)).source["ODA"].available[2026] == 18
