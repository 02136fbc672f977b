"""The sheet What-if: variants as they are read, applied, refused, and carried along."""

from __future__ import annotations

import dataclasses
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl import load_workbook

from allocator import read_scenario
from allocator.errors import UsageError
from allocator.scenario.changes import find_cell, find_variant, with_variant
from allocator.scenario.model import Scenario
from allocator.scenario.reading import read_sheets, reread
from allocator.scenario.records import SheetRows
from allocator.scenario.writing import new_scenario
from allocator.wording.edits import edit_texts, planned_with, variant_edit_text
from commands import small, write_book
from places import SCENARIOS
from reading_cases import problems
from variant_cases import BOOK, HEADINGS, SHIPPED, alike, changed, read, with_rows


def by_hand(folder: Path, sheet: str, row: int, column: int | None, value: object) -> Scenario:
    """The same scenario in which a person typed a value (or deleted a row: no column), and no sheet What-if."""
    folder.mkdir()
    path = write_book(folder / "scenario.xlsx", BOOK)
    book = load_workbook(path)
    if column is None:
        book[sheet].delete_rows(row)
    else:
        cell = book[sheet].cell(row, column)
        cell.value = value
        cell.number_format = "0%" if value == 1.5 else "General"
        cell.data_type = "s" if isinstance(value, str) else cell.data_type
    book.save(path)
    return read_scenario(path)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


# ---- what each change does -----------------------------------------------------------------------------------------


CHANGES: dict[str, tuple[list[object], tuple[str, int, int | None, object], str]] = {
    "set an amount": (["Budget", "ODA", 2026, "set", 25], ("Budget", 3, 4, 25), "Budget/ODA/2026: 20 → 25"),
    "add": (["Budget", "City budget", "2027", "add", -0.1], ("Budget", 2, 5, 110.4), "2027: 110.5 → 110.4"),
    "change by": (["Budget", "City budget", 2026, "change by", "-7 %"], ("Budget", 2, 4, 93), "2026: 100 → 93"),
    "text number": (["Budget", "ODA", 2027, "change by", 0.1], ("Budget", 3, 5, 1357.95), "1.234,5 → 1,357.95"),
    "share": (["Rules", "Roads first", "Value", "add", "2,5 %"], ("Rules", 2, 4, 0.125), "Value: 10 % → 12.5 %"),
    "share of a share": (["Areas", "Văn hoá", "Maximum share", "change by", 0.1], ("Areas", 3, 5, 0.55), "→ 55 %"),
    "a blank share": (
        ["Benefits", "Văn hoá / 2", "Up to, of last year", "set", "150%"],
        ("Benefits", 3, 3, 1.5),
        "Benefits/Văn hoá / 2/Up to, of last year: blank → 150 %",
    ),
    "an amount in Rules": (["Rules", "Fixed", "Value", "change by", 1], ("Rules", 4, 4, 4), "Rules/Fixed/Value: 2 → 4"),
    "a blank that is 0": (["Areas", "Văn hoá", "Benefit", "add", 1.5], ("Areas", 3, 6, 1.5), "Benefit: blank → 1.5"),
    "text": (["Rules", "Văn hoá's part", "Strength", "set", "must"], ("Rules", 3, 7, "must"), "Strength: off → must"),
    "names": (["Areas", "Roads", "Group", "set", "Social"], ("Areas", 4, 2, "Social"), "Group: blank → Social"),
    "years": (["Rules", "Roads first", "Years", "set", 2027], ("Rules", 2, 6, 2027), "Years: blank → 2027"),
    "none": (["Limits", "Roads/2026", "Maximum", "set", "None"], ("Limits", 2, 4, "none"), "Maximum: 70 → none"),
    "from none": (["Limits", "Roads / 2027", "Minimum", "set", 5], ("Limits", 3, 3, 5), "Minimum: none → 5"),
    "only row of a name": (["Limits", "Văn hoá", "Minimum", "set", 3], ("Limits", 4, 3, 3), "Limits/Văn hoá/Minimum"),
    "clear": (["Areas", "Giáo dục", "Minimum", "remove", None], ("Areas", 2, 4, None), "Minimum: 10 → blank"),
    "a row": (
        ["Rules", "Roads first", None, "remove", None],
        ("Rules", 2, None, None),
        "Rules/Roads first: row removed",
    ),
    "a middle row": (["Limits", "Roads/2027", None, "remove", None], ("Limits", 3, None, None), "row removed"),
    "a setting": (["Scenario", "Step", "Value", "set", 0.5], ("Scenario", 3, 2, 0.5), "Scenario/Step/Value: 1 → 0.5"),
    "without a column": (["Scenario", "Step", None, "add", 4], ("Scenario", 3, 2, 5), "Scenario/Step/Value: 1 → 5"),
    "a blank rate": (["Scenario", "Discount rate", None, "add", 0.03], ("Scenario", 4, 2, 0.03), "blank → 3 %"),
    "a text setting": (["Scenario", "Notes", None, "set", "second"], ("Scenario", 5, 2, "second"), "first → second"),
    "a row of Scenario": (["Scenario", "Notes", None, "remove", None], ("Scenario", 5, None, None), "row removed"),
    "a column of one's own": (["Areas", "Roads", "own  COLUMN", "set", 8], ("Areas", 4, 8, 8), "Own column: 7 → 8"),
    "a note": (["Areas", "Giáo dục", "Note", "set", "more"], ("Areas", 2, 7, "more"), "Note: schools → more"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_what_a_person_would_type(case: str, tmp_path: Path) -> None:
    row, (sheet, number, column, value), said = CHANGES[case]
    variant = changed(read(tmp_path, ["V", *row]))
    alike(variant, by_hand(tmp_path / "by hand", sheet, number, column, value))
    assert said in edit_texts(variant.changed_by)[0]
    assert (variant.changed_by.variant, variant.variants) == ("V", ())
    assert [found.name for found in variant.inputs] == list(BOOK)
    assert planned_with(variant) == (f'Planned with variant "V": {edit_texts(variant.changed_by)[0]}',)


def test_every_year_is_each_of_the_budget(tmp_path: Path) -> None:
    scenario = read(tmp_path, ["V", "budget", "city  BUDGET", "Every Year", "Change by", "-10 %"])
    assert [(edit.column, edit.after) for edit in scenario.variants[0].edits] == [("2026", 90), ("2027", 99.45)]
    variant = changed(scenario)
    assert [variant.source["City budget"].available[year] for year in (2026, 2027)] == [90, Fraction("99.45")]
    assert variant.source["City budget"].last_year == 90
    assert scenario.budget(2026) == 100


def test_rows_of_one_variant_need_not_stand_together(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        ["Khủng hoảng", "Budget", "ODA", 2026, "set", 1],
        ["Other", "Budget", "ODA", 2026, "set", 2],
        [nfd("KHỦNG  hoảng"), "Areas", nfd("văn hoá"), "Benefit", "set", 3],
        [unicodedata.normalize("NFC", "Khủng hoảng"), "Limits", "Roads/2026", None, "remove", None],
    )
    assert [(variant.name, len(variant.edits)) for variant in scenario.variants] == [("Khủng hoảng", 3), ("Other", 1)]
    assert [edit.row for edit in scenario.variants[0].edits] == ["ODA", "Văn hoá", "Roads/2026"]
    assert tuple(map(str, scenario.messages)) == ("Areas: columns not known here travel with the plan: Own column",)
    for form in ("NFC", "NFD"):
        found = find_variant(scenario, unicodedata.normalize(form, " khủng hoảng"))
        assert with_variant(scenario, found).source["ODA"].available[2026] == 1
    variant = with_variant(scenario, scenario.variants[0])
    assert variant.limits["Roads", 2027].maximum == 80
    assert variant.limits["Roads", 2027].cells["maximum"].row == 2
    assert ("Roads", 2026) not in variant.limits or variant.limits["Roads", 2026].maximum is None


def test_a_rule_that_is_off_is_switched_on(tmp_path: Path) -> None:
    scenario = read(tmp_path, ["V", "Rules", "Văn hoá’s part", "Strength", "set", "must"])
    assert [rule.strength.kind for rule in scenario.rules] == ["must", "off", "goal"]
    assert [rule.strength.kind for rule in changed(scenario).rules] == ["must", "must", "goal"]


def test_value_is_read_as_the_basis_that_the_variant_gives(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        ["V", "Rules", "Roads first", "Value", "set", 1500],
        ["V", "Rules", "Roads first", "Basis", "set", "amount"],
        ["V", "Rules", "Fixed", "Basis", "set", "budget"],
        ["V", "Rules", "Fixed", "Value", "set", "3 %"],
    )
    variant = changed(scenario)
    assert [rule.value for rule in variant.rules] == [1500, Fraction(4, 100), Fraction(3, 100)]
    texts = edit_texts(variant.changed_by)
    assert (texts[0], texts[3]) == ("Rules/Roads first/Value: 10 % → 1,500", "Rules/Fixed/Value: 2 → 0.03")


def test_sums_are_those_of_the_decimals(tmp_path: Path) -> None:
    book = small(Budget=[["Source", 2026], ["City budget", 0.1]], Areas=[["Area", "Benefit"], ["A", 1]], Rules=None)
    scenario = read(tmp_path, ["V", "Budget", "City budget", 2026, "add", 0.2], book=book)
    assert repr(scenario.variants[0].edits[0].after) == "0.3"
    assert changed(scenario).budget(2026) == Fraction(3, 10)


def test_where_the_figure_is_from_travels_into_the_words(tmp_path: Path) -> None:
    headings = [*HEADINGS, "Evidence", "Status", "Note"]
    rows: list[list[object]] = [
        ["V", "Budget", "City budget", "every year", "add", -10, "a tenth less", "assumption", "land"],
        ["V", "Budget", "ODA", 2026, "set", 0, None, None, "no loan"],
        ["V", "Budget", "ODA", 2027, "set", -0.0, None, "approved", None],
    ]
    scenario = read(tmp_path, *rows, headings=headings)
    assert edit_texts(changed(scenario).changed_by) == (
        "Budget/City budget/2026: 100 → 90 (assumption: a tenth less; land)",
        "Budget/City budget/2027: 110.5 → 100.5 (assumption)",
        "Budget/ODA/2026: 20 → 0 (no loan)",
        "Budget/ODA/2027: 1.234,5 → 0 (approved)",
    )
    assert variant_edit_text(scenario.variants[0].edits[1]).endswith("(assumption: a tenth less; land)")


# ---- what is refused -----------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[list[object], str, str]] = {
    "a sheet": (["Rule", "Roads first", "Value", "set", 1], "B2 Sheet", 'did you mean "Rules"?'),
    "What-if": (["What-if", "V", "Value", "set", 1], "B2 Sheet", '"What-if" is not known here'),
    "a sheet that isn't there": (["Indicators", "X", "Target", "set", 1], "B2 Sheet", "no table Indicators; add the"),
    "a row": (["Areas", "Van hoa", "Benefit", "set", 1], "C2 Row", 'no row "Van hoa"; did you mean "Văn hoá"?'),
    "one of several rows": (["Limits", "Roads", "Maximum", "set", 1], "C2 Row", 'one of "Roads/2026", "Roads/2027"'),
    "a band": (["Benefits", "Văn hoá", "Benefit", "set", 1], "C2 Row", '"Văn hoá / 1", "Văn hoá / 2"'),
    "a third band": (["Benefits", "Văn hoá / 3", "Benefit", "set", 1], "C2 Row", 'did you mean "Văn hoá / 2"?'),
    "a setting": (["Scenario", "Objective", "Value", "set", "x"], "C2 Row", "no row Objective; add it there, with its"),
    "a year": (["Budget", "ODA", 2028, "set", 1], "D2 Column", 'no column "2028"; did you mean "2027"?'),
    "a slip": (["Areas", "Roads", "Minimun", "set", 1], "D2 Column", 'did you mean "Minimum"?'),
    "a column to add": (["Areas", "Roads", "Maximum", "set", 1], "D2 Column", "no column Maximum; add it there first"),
    "no years": (
        ["Areas", "Roads", "every year", "set", 1],
        "D2 Column",
        "has no year columns; type a heading, such",
    ),
    "no column": (["Budget", "ODA", None, "set", 1], "D2 Column", "is blank; type every year, or a year; blank is for"),
    "blank already": (["Areas", "Roads", "Minimum", "remove", None], "D2 Column", "Areas!D4 is blank already"),
    "a change": (["Budget", "ODA", 2026, "multiply", 1], "E2 Change", "type one of: set, add, change by, remove"),
    "add to text": (["Rules", "Roads first", "Strength", "add", 1], "E2 Change", "add is for numbers"),
    "change years": (["Limits", "Roads/2026", "Years", "change by", "1%"], "E2 Change", "change by is for numbers"),
    "add to blank": (["Areas", "Roads", "Minimum", "add", 1], "E2 Change", "Areas!D4 is blank, which no add can move"),
    "move none": (
        ["Limits", "Roads/2027", "Minimum", "add", 1],
        "E2 Change",
        "is none, which no add can move",
    ),
    "value missing": (["Budget", "ODA", 2026, "set", None], "F2 Value", "is blank; type what the cell is to hold"),
    "by how much": (["Budget", "ODA", 2026, "change by", None], "F2 Value", "is blank; type by how much, such as 10%"),
    "value too many": (["Areas", "Giáo dục", "Minimum", "remove", 1], "F2 Value", "remove takes no Value"),
    "value of a row": (["Areas", "Giáo dục", None, "remove", 1], "F2 Value", "remove takes no Value"),
    "share twice": (["Rules", "Roads first", "Value", "set", 4], "F2 Value", "4 could be 4 % or 400 %; type 4%"),
    "change twice": (["Budget", "ODA", 2026, "change by", 10], "F2 Value", "10 could be 10 % or 1000 %"),
    "number twice": (["Budget", "ODA", 2026, "set", "1.234"], "F2 Value", "can be read as 1234 or as 1.234"),
    "percent of an amount": (
        ["Budget", "ODA", 2026, "add", "5 %"],
        "F2 Value",
        "5 % is a percentage, but Budget!D3 holds an amount; type an amount, in a cell",
    ),
    "none nowhere": (["Budget", "ODA", 2026, "set", "none"], "F2 Value", 'expected a number, got "none"'),
    "negative": (
        *(["Budget", "ODA", 2026, "add", -30], "F2 Value"),
        'with the variant "V", Budget!D3 2026: -10 is negative, which no amount may be; type 0 or more',
    ),
    "a keyword": (
        *(["Rules", "Roads first", "Strength", "set", "mst"], "F2 Value"),
        'with the variant "V", Rules!G2 Strength: "mst" is not known here; did you mean "must"?',
    ),
    "a name": (["Rules", "Fixed", "Area", "set", "Văn hóa x"], "F2 Value", 'with the variant "V", Rules!B4 Area: '),
    "an area that goes": (["Areas", "Roads", None, "remove", None], "C2 Row", 'with the variant "V", Limits!A2 Area: '),
    "a cell that is needed": (
        *(["Budget", "ODA", 2026, "remove", None], "D2 Column"),
        'with the variant "V", Budget!D3 2026: is blank; type 0 for no money',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_at_its_cell(case: str, tmp_path: Path) -> None:
    row, place, said = REFUSED[case]
    found = problems(write_book(tmp_path / "scenario.xlsx", with_rows(["V", *row])))
    assert {str(problem).partition(": ")[0] for problem in found} == {f"What-if!{place}"}, found
    assert said in "\n".join(map(str, found))


@pytest.mark.parametrize("name", ["all", "Base", " ALL "])
def test_reserved_names(name: str, tmp_path: Path) -> None:
    row: list[object] = [name, "Budget", "ODA", 2026, "set", 1]
    found = problems(write_book(tmp_path / "scenario.xlsx", with_rows(row)))
    assert [problem.cell for problem in found] == ["What-if!A2"]
    assert "choose another name" in found[0].message


def test_one_cell_is_changed_once(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["V", "Budget", "ODA", "every year", "set", 1],
        ["v", "Budget", "oda", 2027, "set", 2],
        ["V", "Rules", "Fixed", None, "remove", None],
        ["V", "Rules", "Fixed", None, "remove", None],
        ["V", "Rules", "Fixed", "Value", "set", 3],
        ["W", "Budget", "ODA", 2027, "set", 2],
    ]
    found = problems(write_book(tmp_path / "scenario.xlsx", with_rows(*rows)))
    assert [str(problem) for problem in found] == [
        'What-if!D3 Column: "V" ("v" is the same name) already changes Budget!E3 (row 2); remove one',
        'What-if!C5:C6 Row: "V" already removes or changes this row (row 4); remove one (in both cells)',
    ]


def test_all_problems_come_together(tmp_path: Path) -> None:
    """Those of the scenario, of What-if's rows, and (where the scenario itself is sound) of each variant."""
    rows: list[list[object]] = [
        ["V", "Budget", "ODA", 2026, "set", -1],
        ["W", "Budget", "OD", 2026, "set", 1],
        ["X", "Rules", "Roads first", None, "remove", None],
        ["X", "Rules", "Fixed", "Value", "set", -1],
        ["X", "Rules", "Fixed", "Strength", "set", "goal"],
    ]
    path = write_book(tmp_path / "scenario.xlsx", with_rows(*rows))
    assert [problem.cell for problem in problems(path)] == ["What-if!F2", "What-if!C3", "What-if!F6"]
    assert "Rules!G4 Strength" in problems(path)[-1].message, "told as the workbook has it, before the row is gone"
    broken = {**with_rows(*rows), "Areas": [*BOOK["Areas"], ["Roads", None, "many"]]}
    cells = [problem.cell for problem in problems(write_book(path, broken))]
    assert cells == ["Areas!A5", "Areas!C5", "What-if!C3"]


def test_a_cell_with_a_problem_of_its_own_is_reported_once(tmp_path: Path) -> None:
    book = {
        **BOOK,
        "Budget": [["Source", "Kind", 2026, 2027], ["City budget", "budget", "many", 1], ["ODA", "other", 1, 1]],
    }
    rows: list[list[object]] = [
        ["V", "Budget", "City budget", "every year", "add", 1],
        ["V", "Budgets", "City budget", "every year", "add", 1],
    ]
    found = problems(write_book(tmp_path / "scenario.xlsx", with_rows(*rows, book=book)))
    assert [problem.cell for problem in found] == ["Budget!C2", "What-if!B3"]


# ---- by name -------------------------------------------------------------------------------------------------------


def test_variants_by_name(tmp_path: Path) -> None:
    scenario = read(
        tmp_path, ["Less money", "Budget", "ODA", 2026, "set", 1], ["Late", "Budget", "ODA", 2026, "set", 2]
    )
    assert find_variant(scenario, "LESS  money").edits[0].after == 1
    with pytest.raises(UsageError, match=r'no variant "les mony"; did you mean "Less money"\?'):
        find_variant(scenario, "les mony")
    with pytest.raises(UsageError, match=r'no variant "x"; type one of: Less money, Late'):
        find_variant(scenario, "x")
    with pytest.raises(UsageError, match="the scenario has none; they stand on a sheet What-if"):
        find_variant(read_scenario(write_book(tmp_path / "plain.xlsx", BOOK)), "x")
    with pytest.raises(UsageError, match='those of the variant "Late" already'):
        find_variant(changed(scenario, "late"), "Less money")


def test_labels_name_their_rows(tmp_path: Path) -> None:
    scenario = read_scenario(write_book(tmp_path / "scenario.xlsx", BOOK))
    for sheet in scenario.inputs:
        rows = SheetRows(sheet)
        for label, number in rows.rows.items():
            assert rows.label_like(label.upper().replace(" / ", "/")) in rows.rows
            assert rows.rows[rows.label_of(number) or ""] == number
            assert rows.rows[rows.label_like(unicodedata.normalize("NFD", label)) or ""] == number
    assert list(SheetRows(next(sheet for sheet in scenario.inputs if sheet.name == "Limits")).rows) == [
        "Roads/2026",
        "Roads/2027",
        "Văn hoá",
    ]
    assert find_cell(scenario, "Limits/Roads/2027/Minimum").value is None


# ---- carried along -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[*SHIPPED, "example.xlsx"])
def shipped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    if request.param in SHIPPED:
        return read_scenario(SCENARIOS / request.param)
    path = tmp_path_factory.mktemp("example") / "example.xlsx"
    new_scenario(path)
    return read_scenario(path)


def test_variants_survive_the_copy_of_the_inputs(shipped: Scenario) -> None:
    assert len(shipped.variants) == 3
    assert shipped.messages == ()
    again = read_sheets(shipped.path, shipped.sha256, shipped.inputs)
    assert again.variants == shipped.variants
    assert again == shipped
    bare = [dataclasses.replace(sheet, table=None, headings={}, header_row=None) for sheet in shipped.inputs]
    assert read_sheets(shipped.path, shipped.sha256, bare) == shipped
    for variant in shipped.variants:
        made = with_variant(shipped, variant)
        assert with_variant(again, variant) == made
        copied = read_sheets(made.path, made.sha256, made.inputs)
        assert dataclasses.replace(copied, changed_by=made.changed_by) == made
        assert all(edit.origin.status == "assumption" for edit in variant.edits)


def test_other_values_leave_variants_out(shipped: Scenario) -> None:
    again = reread(shipped, {})
    assert again.variants == ()
    assert "What-if" not in {sheet.name for sheet in again.inputs}
    assert dataclasses.replace(again, variants=shipped.variants, inputs=shipped.inputs) == shipped


def test_percentages_above_one_are_known_again(tmp_path: Path) -> None:
    path = write_book(tmp_path / "scenario.xlsx", with_rows(["V", "Budget", "ODA", 2026, "change by", 2.5]))
    book = load_workbook(path)
    book["What-if"]["F2"].number_format = "0%"
    book.save(path)
    scenario = read_scenario(path)
    assert scenario.inputs[-1].percent == {(2, 6)}
    assert scenario.variants[0].edits[0].after == 70
    assert read_sheets("scenario.xlsx", scenario.sha256, scenario.inputs).variants == scenario.variants


def test_shipped_variants_say_what_they_are() -> None:
    names = [[variant.name for variant in read_scenario(SCENARIOS / name).variants] for name in SHIPPED]
    assert names == [
        ["Less revenue", "Culture higher", "Private half"],
        ["Less revenue", "Culture higher", "Private late"],
    ]
    late = find_variant(read_scenario(SCENARIOS / SHIPPED[1]), "private late")
    moved = [Fraction(repr(edit.after)) - Fraction(repr(edit.before)) for edit in late.edits]
    assert sum(moved) == 0
    assert moved[0] < 0 < moved[-1]


def test_a_sheet_without_rows_holds_no_variants(tmp_path: Path) -> None:
    path = write_book(tmp_path / "scenario.xlsx", {**BOOK, "What-if": [HEADINGS]})
    bare = read_scenario(write_book(tmp_path / "bare.xlsx", BOOK))
    found = read_scenario(path)
    assert found.variants == ()
    assert found.inputs[:-1] == bare.inputs
