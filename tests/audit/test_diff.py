"""What changed from one plan to another: matched by name, told by size, the same from both sides."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import random
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from rich.console import Console

from allocator import optimise, read_scenario
from allocator.audit.diff import (
    AmountChange,
    AreaChange,
    Change,
    Difference,
    FactChange,
    InputChange,
    RuleChange,
    diff,
    diff_json,
    shown,
)
from allocator.console.audit import print_diff
from allocator.errors import WorkbookError
from commands import Sheets, small, write_book
from places import SCENARIOS

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")

type Edit = Callable[[openpyxl.Workbook], None]


def unchanged(_: openpyxl.Workbook) -> None:
    pass


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Callable[..., Path]:
    """Return a function that plans the shipped scenario of one year after an edit."""

    def run(edit: Edit = unchanged, name: str = "edited") -> Path:
        folder = tmp_path_factory.mktemp("plans")
        book = openpyxl.load_workbook(SCENARIOS / "hanoi-2026.xlsx")
        edit(book)
        book.save(folder / f"{name}.xlsx")
        optimise(read_scenario(folder / f"{name}.xlsx")).to_excel(folder / f"{name}.plan.xlsx")
        return folder / f"{name}.plan.xlsx"

    return run


@pytest.fixture(scope="module")
def original(planned) -> Path:
    return planned(name="original")


def row_of(sheet: Worksheet, name: str) -> int:
    return next(row[0].row for row in sheet.iter_rows() if row[0].value == name)


def column_of(sheet: Worksheet, heading: str) -> int:
    return next(cell.column for row in sheet.iter_rows() for cell in row if cell.value == heading)


def put(book: openpyxl.Workbook, sheet: str, row: str, heading: str, value: object) -> None:
    page = book[sheet]
    page.cell(row_of(page, row), column_of(page, heading)).value = value


def empty(difference: Difference) -> bool:
    fields = [getattr(difference, field.name) for field in dataclasses.fields(difference)]
    return not difference.differs and not any(part for part in fields if isinstance(part, tuple))


# ---- nothing ------------------------------------------------------------------------------------------------------


def test_a_plan_does_not_differ_from_itself(original):
    assert empty(diff(original, original))


def test_a_plan_saved_by_another_program_does_not_differ(original, tmp_path):
    book = openpyxl.load_workbook(original)
    book.save(tmp_path / "again.plan.xlsx")  # which drops every stored result
    assert empty(diff(original, tmp_path / "again.plan.xlsx"))


@pytest.mark.slow
def test_the_same_scenario_planned_again_does_not_differ(original, planned):
    assert empty(diff(original, planned(name="again")))


# ---- each kind of change ------------------------------------------------------------------------------------------


def test_a_value(original, planned):
    found = diff(original, planned(lambda book: put(book, "Rules", "Education at least 20 %", "Value", 0.22)))
    assert found.inputs == (
        InputChange(
            "changed", "Rules", "Education at least 20 %", "Value", "Rules!E6", "Rules!E6", 0.2, 0.22, percent=True
        ),
    )
    rules = {(c.rule, c.year, c.what): (c.old, c.new) for c in found.rules}
    assert rules["Education at least 20 %", 2026, "As written"] == ("≥ 20 % of the budget", "≥ 22 % of the budget")
    assert rules["Education at least 20 %", 2026, "Status"] == ("Not Binding", "Binding")
    assert not found.decisions


def test_amounts_and_their_sums(original, planned):
    new = planned(lambda book: put(book, "Rules", "Culture over 4 %", "Value", 0.045))
    found = diff(original, new)
    changes = {(c.area, c.source): c for c in found.amounts}
    culture = changes["Culture", "City budget"]
    # over 4.5 % of 227,250, which is 10,226.25, by at least one Step of 1
    assert (culture.old, culture.new, culture.difference) == (9091.0, 10228.0, 1137.0)
    assert (culture.old_in_force, culture.new_in_force) == (9091.0, 10228.0)
    assert sum(c.difference for c in found.amounts) == 0
    for area in found.areas:
        assert area.difference == area.new - area.old
        assert area.difference == pytest.approx(sum(c.difference for c in found.amounts if c.area == area.area))
    (force, optimised) = found.objective
    assert force.subject == "Objective of the plan in force"
    assert (force.old, force.new) == (optimised.old, optimised.new)
    assert isinstance(force.old, float)
    assert isinstance(force.new, float)
    assert force.new < force.old


@pytest.mark.slow
def test_a_row_put_in_is_one_change(original, planned):
    def edit(book):
        page = book["Rules"]
        page.insert_rows(row_of(page, "Culture at least 2 %"))
        at = row_of(page, "Culture at least 2 %") - 1
        for heading, value in {
            "Rule": "Green", "Area": "Environment", "Operator": ">=", "Value": 0.03, "Basis": "budget",
        }.items():  # fmt: skip
            page.cell(at, column_of(page, heading)).value = value

    new = planned(edit)
    (found,) = diff(original, new).inputs
    assert (found.kind, found.sheet, found.row, found.old_cell, found.new_cell) == (
        "row added", "Rules", "Green", "", "Rules!A7",
    )  # fmt: skip
    assert "Area Environment; Operator >=" in str(found.new)
    assert RuleChange("Green", 2026, "added", "", "≥ 3 % of the budget (must)") in diff(original, new).rules
    (gone,) = diff(new, original).inputs
    assert (gone.kind, gone.row, gone.old_cell) == ("row removed", "Green", "Rules!A7")


@pytest.mark.slow
def test_a_band_put_in_front_of_others_of_its_area_is_one_change(original, planned):
    def edit(book):
        page = book["Benefits"]
        at = row_of(page, "Culture")
        first = [cell.value for cell in page[at]]
        page.insert_rows(at)
        for column, value in enumerate(first, 1):
            page.cell(at, column).value = value
        page.cell(at, column_of(page, "Up to")).value = 5
        page.cell(at, column_of(page, "Benefit")).value = 9

    found = [change for change in diff(original, planned(edit)).inputs if change.kind != "changed"]
    assert [(change.kind, change.row) for change in found] == [("row added", "Culture")]


@pytest.mark.slow
def test_what_a_rule_says_but_for_its_value(original, planned):
    def edit(book):
        put(book, "Rules", "Science at least 4 %", "Strength", "must")
        put(book, "Rules", "Science at least 4 %", "Legal basis", "Resolution 99")
        put(book, "Rules", "Education at least 20 %", "Operator", ">")

    found = {(c.rule, c.what): (c.old, c.new) for c in diff(original, planned(edit)).rules}
    assert found["Science at least 4 %", "Strength"] == ("law", "must")
    assert found["Science at least 4 %", "Legal basis"] == ("Resolution 57-NQ/TW (22 Dec 2024)", "Resolution 99")
    assert found["Education at least 20 %", "Operator"] == ("≥", ">")


@pytest.mark.slow
def test_columns_sheets_and_what_stands_above_a_table(original, planned):
    def edit(book):
        areas = book["Areas"]
        heads = row_of(areas, "Area")
        areas.cell(heads, areas.max_column + 1).value = "Remark"
        areas.cell(row_of(areas, "Culture"), areas.max_column).value = "see annex"
        areas.cell(1, 1).value = "Areas, revised"
        areas.delete_cols(column_of(areas, "Output"))
        del book["Limits"]

    found = {(c.kind, c.sheet, c.row, c.column): c for c in diff(original, planned(edit)).inputs}
    assert ("sheet removed", "Limits", "", "") in found
    assert ("column added", "Areas", "", "Remark") in found
    assert ("column removed", "Areas", "", "Output") in found
    assert found["changed", "Areas", "row 1", ""].new == "Areas, revised"
    assert len(found) == 4


def test_an_indicator(original, planned):
    found = diff(original, planned(lambda book: put(book, "Indicators", "Social homes", "Target", 18700)))
    changes = {(c.subject, c.year, c.what): (c.old, c.new) for c in found.indicators}
    assert changes["Social homes", 2026, "Target"] == (18000.0, 18700.0)
    assert ("Social homes", 2026, "Reached") in changes


def test_decisions_and_sign_off(original, tmp_path):
    book = openpyxl.load_workbook(original)
    page = book["Allocation"]
    at = next(row[0].row for row in page.iter_rows(min_row=6) if row[0].value == "Culture")
    amount = page.cell(at, 4).value
    page.cell(at, 5).value, page.cell(at, 7).value, page.cell(at, 8).value = 8000, "Museum put off", "An"
    page.cell(at + 1, 5).value = page.cell(at + 1, 4).value
    book["About"].cell(row_of(book["About"], "Reviewed"), 2).value = "Bình"
    book.save(tmp_path / "decided.plan.xlsx")
    found = diff(original, tmp_path / "decided.plan.xlsx")
    where = f"Culture, 2026, {page.cell(at, 3).value}"
    assert FactChange(where, 2026, "Decided", None, 8000.0) in found.decisions
    assert FactChange(where, 2026, "Reason", None, "Museum put off") in found.decisions
    assert FactChange(where, 2026, "By", None, "An") in found.decisions
    assert FactChange("Sign-off: Reviewed", None, "Name", None, "Bình") in found.decisions
    (change,) = found.amounts  # the second decision changes nothing
    assert (change.old, change.new, change.difference) == (amount, amount, 0.0)
    assert (change.old_in_force, change.new_in_force) == (amount, 8000.0)
    (area,) = found.areas
    assert (area.difference, area.difference_in_force) == (0.0, 8000.0 - amount)
    assert not found.inputs
    assert ("Culture over 4 %", "Binding", "Missed") in {(c.rule, c.old, c.new) for c in found.rules}
    assert [c.subject for c in found.objective] == ["Objective of the plan in force"]


# ---- properties ---------------------------------------------------------------------------------------------------

SOURCES = ["City budget", "Donors"]


def drawn(rnd: random.Random) -> Sheets:
    """Return a small scenario, one of many that differ from each other in every kind of way."""
    sheets = small()
    sheets["Budget"][1][2] = rnd.choice([100, 120])
    areas = [["Giáo dục", 60, 10, None, 3], ["Roads", 30, None, 70, 2], ["Parks", 5, None, 20, rnd.choice([1, 4])]]
    rnd.shuffle(areas)
    sheets["Areas"] = [sheets["Areas"][0], *areas[: rnd.choice([2, 3])]]
    if not {"Roads"} <= {str(row[0]) for row in areas[: len(sheets["Areas"]) - 1]}:
        sheets["Rules"] = [sheets["Rules"][0], ["Room left", "total", "<=", 90, "amount"]]
    elif rnd.random() < 0.5:
        sheets["Rules"].append(["Room left", "total", "<=", rnd.choice([80, 95]), "amount"])
    if rnd.random() < 0.5:
        sheets["Budget"].insert(rnd.choice([1, 2]), ["Donors", 3, 7])
    return sheets


def mirrored(found: Difference) -> Difference:
    """Return what the difference should be, seen from the other side."""
    return dataclasses.replace(
        found,
        old=found.new,
        new=found.old,
        inputs=ordered(
            dataclasses.replace(
                c, kind=swapped(c.kind), old=c.new, new=c.old, old_cell=c.new_cell, new_cell=c.old_cell
            )
            for c in found.inputs
        ),
        rules=ordered(RuleChange(c.rule, c.year, swapped(c.what), c.new, c.old) for c in found.rules),
        amounts=ordered(
            AmountChange(c.area, c.year, c.source, c.new, c.old, -c.difference, c.new_in_force, c.old_in_force)
            for c in found.amounts
        ),
        areas=ordered(
            AreaChange(
                c.area, c.new, c.old, -c.difference, c.new_in_force, c.old_in_force, -c.difference_in_force
            )
            for c in found.areas
        ),
        **{
            name: ordered(FactChange(c.subject, c.year, c.what, c.new, c.old) for c in getattr(found, name))
            for name in ("made", "indicators", "objective", "decisions")
        },
    )  # fmt: skip


def swapped(words: str) -> str:
    return words.replace("added", "REMOVED").replace("removed", "added").replace("REMOVED", "removed")


def ordered(changes: object) -> tuple[object, ...]:
    return tuple(sorted(changes, key=repr))


@pytest.mark.slow
def test_seen_from_the_other_side_it_is_the_same(tmp_path):
    rnd = random.Random(7)  # noqa: S311
    plans = []
    for i in range(6):
        path = write_book(tmp_path / f"{i}.xlsx", drawn(rnd))
        optimise(read_scenario(path)).to_excel(tmp_path / f"{i}.plan.xlsx")
        plans.append(tmp_path / f"{i}.plan.xlsx")
    kinds = set()
    assert all(empty(diff(plan, plan)) for plan in plans)
    for one, other in itertools.combinations(plans, 2):
        there, back = diff(one, other), mirrored(diff(other, one))
        for field in dataclasses.fields(Difference):
            left, right = getattr(there, field.name), getattr(back, field.name)
            assert (ordered(left) if isinstance(left, tuple) else left) == right
        kinds |= {change.kind for change in there.inputs}
    assert kinds == {"changed", "row added", "row removed"}


# ---- how it is shown ----------------------------------------------------------------------------------------------


def printed(difference: Difference, encoding: str = "utf-8", width: int = 80) -> list[str]:
    stream = io.BytesIO()
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace")
    print_diff(difference, Console(file=text, width=width))
    text.flush()
    return stream.getvalue().decode(encoding).splitlines()


@pytest.fixture(scope="module")
def much(original, planned) -> Difference:
    def edit(book):
        for i, rule in enumerate(["Education at least 20 %", "Culture at least 2 %", "Environment at least 1 %"]):
            put(book, "Rules", rule, "Value", 0.03 + i / 100 if i else 0.22)
            put(book, "Rules", rule, "Note", f"Changed after the hearing of 3 May, paragraph {i}, for good reasons")
        note = [cell.value for cell in book["Areas"][4]].index("Note")
        for row in book["Areas"].iter_rows(min_row=5):
            if row[0].value:
                row[note].value = f"Note on {row[0].value}"

    return diff(original, planned(edit))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_it_fits_a_screen(much, encoding):
    lines = printed(much, encoding)
    assert 30 <= len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("  and ") and line.endswith(" more") for line in lines)
    assert "\x1b" not in "".join(lines)


def test_the_largest_change_comes_first(much):
    lines = printed(much)
    start = next(i for i, line in enumerate(lines) if line.startswith("Amounts (VND billion"))
    first = max(much.amounts, key=lambda change: abs(change.difference))
    assert lines[start + 1].startswith(f"  {first.area}, 2026")
    assert f"Amounts (VND billion; old, new, difference): {len(much.amounts)} changes" == lines[start]


def test_nothing_differs_in_words(original):
    assert printed(diff(original, original))[-1] == "Nothing differs: same inputs, rules, amounts and decisions."


def test_texts_of_cells_cannot_steer_a_terminal(much):
    change = dataclasses.replace(much.inputs[0], kind=Change.CHANGED, new="\x1b[31mred\nline", row="\x1b]0;x\x07")
    facts = dataclasses.replace(much.old, file="\x1b[2J.plan.xlsx")
    lines = printed(dataclasses.replace(much, inputs=(change,), old=facts))
    assert not {char for line in lines for char in line if ord(char) < 32}
    assert any("[31mred line" in line for line in lines)


def test_json_holds_everything(much):
    record = json.loads(diff_json(much))
    assert record["differs"] is True
    assert len(record["inputs"]) == len(much.inputs)
    assert record["amounts"][0] == dataclasses.asdict(much.amounts[0])
    assert set(record) == {"differs", *(field.name for field in dataclasses.fields(Difference))}


@pytest.mark.parametrize(
    ("value", "text"), [(None, "blank"), (True, "TRUE"), (-1250.5, "−1,250.5"), (1e-7, "1e−07"), ("x", "x")]
)
def test_values_in_words(value, text):
    assert shown(value) == text


def test_what_is_no_plan_is_refused(original, tmp_path):
    with pytest.raises(WorkbookError, match=r'hanoi-2026.xlsx is no plan made by allocate: it has no sheet "Summary"'):
        diff(original, SCENARIOS / "hanoi-2026.xlsx")
    book = openpyxl.load_workbook(original)
    book["Allocation"]["A5"].value = "Region"
    book.save(tmp_path / "x.plan.xlsx")
    with pytest.raises(WorkbookError, match='the sheet "Allocation" has no column "Area"'):
        diff(original, tmp_path / "x.plan.xlsx")
    with pytest.raises(WorkbookError, match="there is no such file"):
        diff(tmp_path / "none.plan.xlsx", original)
