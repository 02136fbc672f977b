"""What differs between two sets of inputs is found by one comparer: compare, diff and verify tell the same cells."""

from pathlib import Path

from allocator import optimise, read_scenario
from allocator.audit.diff import diff
from allocator.audit.verify import verify
from allocator.scenario.changes import Held, Match, differences, row_differences
from allocator.scenario.model import Cell, CellDifference, Edit, InputSheet, values_of
from commands import small, write_book


def sheet(*rows: tuple[object, ...]) -> InputSheet:
    return InputSheet("Notes", rows, None, None, None)  # type: ignore[arg-type]


def equal(one: Held, other: Held, _heading: str) -> bool:
    return one == other


def test_all_three_find_the_same_cells(tmp_path: Path) -> None:
    book = small()
    one = read_scenario(write_book(tmp_path / "one.xlsx", book))
    book["Budget"][1][2] = 120
    book["Areas"][1][1] = 61
    other = read_scenario(write_book(tmp_path / "other.xlsx", book))
    found = {str(edit.cell) for row in differences(one, other) for edit in row.edits}
    assert len(found) == 2
    for name, scenario in (("one", one), ("other", other)):
        optimise(scenario, explain=False).to_excel(tmp_path / f"{name}.plan.xlsx")
    told = diff(tmp_path / "one.plan.xlsx", tmp_path / "other.plan.xlsx")
    assert {change.old_cell for change in told.inputs} == {change.new_cell for change in told.inputs} == found
    findings = verify(tmp_path / "one.plan.xlsx", scenario=other).findings
    assert {finding.cell.removeprefix("Inputs ") for finding in findings} == found


def test_what_is_missing_counts_as_blank() -> None:
    before, after = (
        sheet(("a", 1, None), ("b", 2, "  ")),
        sheet(
            ("b", 3),
        ),
    )
    rows = [Match("a", 1, None), Match("b", 2, 1)]
    columns = [Match("Name", 1, 1), Match("Figure", 2, 2), Match("Note", 3, None)]
    gone, changed = row_differences(before, after, rows, columns, equal)
    assert (gone.kind, [edit.before for edit in gone.edits]) == ("removed", ["a", 1])
    assert all(edit.after is None and edit.after_cell is None for edit in gone.edits)
    place = Cell("Notes", 2, 2)
    here = {"before_cell": place, "after_cell": Cell("Notes", 1, 2)}
    assert changed.edits == (CellDifference("Notes", "b", "Figure", place, 2, 3, percent=False, **here),)
    assert gone.turned.kind == "added"
    assert [(edit.before, edit.after, str(edit.cell)) for edit in changed.turned.edits] == [(3, 2, "Notes!B1")]
    assert changed.turned.turned == changed


def test_edits_are_what_cells_are_to_hold_and_rows_that_go() -> None:
    cell, gone = Cell("Rules", 3, 4), Cell("Rules", 5, 1)
    edits = (
        Edit("Rules", "Floor", "Value", cell, 0.3, 0.1, percent=True),
        Edit("Rules", "Cap", "", gone, None, None, percent=False),
    )
    assert values_of(edits) == ({cell: 0.1}, {("Rules", 5)})
    assert [edit.moves_by * 10 for edit in edits] == [-2, 0]
