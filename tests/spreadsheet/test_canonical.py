"""The form in which formulas are sealed and compared is the form in which they are written."""

import pytest

from allocator.audit.workbook import plan_workbook
from allocator.render.workbook import plan_bytes
from allocator.spreadsheet.syntax import canonical
from places import SCENARIOS
from shipped import shipped_plan

HANOI = SCENARIOS / "hanoi-2026.xlsx"
SAVED_AGAIN = (
    ("IF( A1>0.1, FALSE(), 'a b'!C1)", "IF(A1>0.1,FALSE,'a b'!C1)"),
    ("SUM(Plan!$B$2:$B$9)/1.50", "SUM(Plan!$B$2:$B$9)/1.5"),
    ('IF(A1="a  b"" FALSE() 1.50",TRUE(),1E3)', 'IF(A1="a  b"" FALSE() 1.50",TRUE,1000)'),
    ("0.30000000000000004+1234567890123456.7", "0.3+1.23456789012346e+15"),
)


def test_every_formula_of_a_plan_stays_what_it_is() -> None:
    book = plan_workbook(plan_bytes(shipped_plan(HANOI).result))
    formulas = {content.formula for sheet in book.sheets.values() for content in sheet.cells.values()} - {""}
    assert len(formulas) > 1000
    assert [formula for formula in formulas if canonical(formula) != formula] == []


@pytest.mark.parametrize(("saved", "written"), SAVED_AGAIN)
def test_what_programs_write_otherwise_has_one_form(saved: str, written: str) -> None:
    assert canonical(saved) == written
