"""The form in which formulas are sealed and the form in which they are compared are the same."""

from pathlib import Path

import pytest

from allocator.analyses.analyse import analyse
from allocator.audit.tokens import canonical
from allocator.audit.workbook import plan_workbook
from allocator.reports.seal import canonical_formula
from allocator.reports.workbook import plan_bytes
from allocator.scenario.reading import read_scenario

HANOI = Path(__file__).parent.parent / "scenarios" / "hanoi-2026.xlsx"
SAVED_AGAIN = (
    "IF( A1>0.1, FALSE(), 'a b'!C1)",
    "SUM(Plan!$B$2:$B$9)/1.50",
    'IF(A1="a  b"" FALSE() 1.50",TRUE(),1E3)',
    "0.30000000000000004+1234567890123456.7",
)


def test_every_formula_of_a_plan_has_one_form() -> None:
    book = plan_workbook(plan_bytes(analyse(read_scenario(HANOI))))
    formulas = {content.formula for sheet in book.sheets.values() for content in sheet.cells.values()} - {""}
    assert len(formulas) > 1000
    assert [formula for formula in formulas if canonical(formula) != canonical_formula(formula)] == []


@pytest.mark.parametrize("formula", SAVED_AGAIN)
def test_what_programs_write_otherwise_has_one_form(formula: str) -> None:
    assert canonical(formula) == canonical_formula(formula)
