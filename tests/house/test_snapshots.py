"""Snapshots of whole commands notice whatever a change moves."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell

from commands import small, write_book
from snapshots import compare, run

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
PLAN = {"plan": ("{book} -o plan.xlsx", "verify plan.xlsx"), "json": ("{book} --json",)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("snapshots")
    book = write_book(base / "book.xlsx", small())
    for name in ("before", "after"):
        run(base / name, [book], PLAN)
    return base


def test_the_same_commands_give_the_same(folder: Path) -> None:
    assert compare(folder / "before", folder / "after") == []
    assert {path.name for path in folder.glob("before/*/*")} == {
        *("0.code", "0.err", "0.out", "1.code", "1.err", "1.out", "plan.xlsx")
    }


def value(cell: Cell) -> None:
    cell.value = 17


def formula(cell: Cell) -> None:
    cell.value = "=1+16"


def number_format(cell: Cell) -> None:
    cell.number_format = "0.000"


@pytest.mark.parametrize(
    ("change", "aspect"), [(value, "content"), (formula, "content"), (number_format, "number format")]
)
def test_a_cell_that_changed_is_named(folder: Path, tmp_path: Path, change, aspect: str) -> None:
    for name in ("one", "two"):
        book = openpyxl.load_workbook(folder / "before" / "book@plan" / "plan.xlsx")
        cell = book["Allocation"]["D6"]
        assert isinstance(cell, Cell)
        if name == "two":
            change(cell)
        (tmp_path / name).mkdir()
        book.save(tmp_path / name / "plan.xlsx")
    found = compare(tmp_path / "one", tmp_path / "two")
    assert [line for line in found if line.startswith(f"plan.xlsx: Allocation!D6 {aspect}: ")]
    assert all(line.startswith("plan.xlsx: Allocation!D6 ") for line in found)


def test_what_is_printed_otherwise_is_told(folder: Path, tmp_path: Path) -> None:
    for name, text in (("one", "Plan: 3\nDone\n"), ("two", "Plan: 4\nDone\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "0.out").write_text(text)
    assert compare(tmp_path / "one", tmp_path / "two") == ["0.out: -Plan: 3", "0.out: +Plan: 4"]
    (tmp_path / "two" / "1.out").write_text("more")
    assert compare(tmp_path / "one", tmp_path / "two")[-1] == f"1.out: only in {tmp_path / 'two'}"
