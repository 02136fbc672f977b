"""`allocate verify`: what it accepts, what it lists, and what it says."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from allocator import optimise, read_scenario
from allocator.analyses.analyse import analyse
from allocator.analyses.messages import REPORT, Analysis, Ending
from allocator.analyses.report import ENTRIES
from allocator.analyses.result import Result
from allocator.audit.comparison import NOT_RECALCULATED, NOT_STORED, shift
from allocator.audit.findings import Kind, Verdict
from allocator.audit.proving import with_amounts
from allocator.audit.verify import ANOTHER, ANOTHER_PLAN, NO_SECOND, SAVED_AGAIN, THE_SAME, Auditor, verify
from allocator.audit.workbook import PlanWorkbook, plan_workbook, read_plan_workbook
from allocator.errors import SolverError, WorkbookError
from allocator.programme.decision import BoundedProgramme, certify
from allocator.programme.status import OutOfTime
from allocator.render.workbook import plan_bytes
from allocator.scenario.model import Cell as CellPlace
from allocator.scenario.reading import reread
from allocator.scenario.writing import new_scenario
from allocator.spreadsheet.cells import Content
from allocator.wording.messages import message_text, message_texts
from commands import Sheets, run_command, write_book
from places import SCENARIOS
from quick_part import quick_part
from second_solver import NOTES, needs_cbc
from shipped import shipped_plan
from tampering import SMALL_PLAN, Cell, PlanFile, edited

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl", "ignore::DeprecationWarning:openpyxl")
MADE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
DECIDED, REASON = 5, 7
"""Columns of Allocation."""


def planned(folder: Path, sheets: Sheets = SMALL_PLAN) -> Result:
    """Return the plan of some sheets."""
    return optimise(read_scenario(write_book(folder / "small.xlsx", sheets))).result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("verify")


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return planned(folder)


@pytest.fixture(scope="module")
def data(result: Result) -> bytes:
    return plan_bytes(result, made=MADE)


@pytest.fixture(scope="module")
def book(data: bytes) -> PlanWorkbook:
    return plan_workbook(data, "small.plan.xlsx")


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor()


def lines(book: PlanWorkbook) -> dict[tuple[str, int, str], int]:
    """Return (area, year, source) → row of Allocation."""
    cells = book.sheets["Allocation"].cells
    rows = [row for row, column in cells if column == 1 and row > 5]
    found = {row: [cells[row, column].value for column in (1, 2, 3)] for row in rows}
    return {(str(a), int(float(y or 0)), str(s)): row for row, (a, y, s) in found.items()}


def decided(book: PlanWorkbook, **amounts: object) -> PlanWorkbook:
    """Return a copy with amounts decided for lines of City money, named ``Roads_2026``."""
    rows = lines(book)
    for name, amount in amounts.items():
        area, _, year = name.partition("_")
        cell = Cell("Allocation", (rows[area, int(year), "City"], DECIDED))
        book = edited(book, cell, Content(amount))  # type: ignore[arg-type]
    return book


def texts(verdict: Verdict) -> list[str]:
    return [str(finding) for finding in verdict.findings]


# -- saved again by others -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def saved_by_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    base = tmp_path_factory.mktemp("libreoffice")

    def save(path: Path) -> Path:
        command = ["soffice", f"-env:UserInstallation=file://{base}/profile", "--headless", "--convert-to", "xlsx"]
        subprocess.run([*command, "--outdir", str(base), str(path)], check=True, capture_output=True, timeout=180)
        return base / path.name

    return save


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    "name",
    [
        "small",
        "hanoi-2026",
        "hanoi-2026-2030",
    ],
)
def test_a_plan_that_libreoffice_saved_again_is_right(
    name: str, result: Result, tmp_path: Path, saved_by_libreoffice: Callable[[Path], Path]
) -> None:
    path = tmp_path / f"{name}.plan.xlsx"
    found = result if name == "small" else shipped_plan(SCENARIOS / f"{name}.xlsx").result
    path.write_bytes(plan_bytes(found, made=MADE))
    one, other = read_plan_workbook(path), read_plan_workbook(saved_by_libreoffice(path))
    auditor = Auditor()
    before, after = auditor.check(one), auditor.check(other)
    assert (texts(before), texts(after), after.notes) == ([], [], NOTES)
    assert after.counts == before.counts
    assert after.digest == before.digest
    amount = Cell("Allocation", (6, 4))
    changed = edited(other, amount, Content(float(other.sheets["Allocation"].cells[amount.place].value or 0) + 0.001))
    assert str(amount) in [finding.cell for finding in auditor.check(changed).findings]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_decisions_that_libreoffice_recalculated_are_no_findings(
    data: bytes, book: PlanWorkbook, auditor: Auditor, tmp_path: Path, saved_by_libreoffice: Callable[[Path], Path]
) -> None:
    path = tmp_path / "decided.plan.xlsx"
    workbook = openpyxl.load_workbook(PlanFile(data).save(path))
    row = lines(book)["Schools", 2026, "City"]
    workbook["Allocation"].cell(row, DECIDED, 37)
    workbook["Allocation"].cell(row, REASON, "bridge")
    workbook.save(path)
    verdict = auditor.check(read_plan_workbook(saved_by_libreoffice(path)))
    assert texts(verdict) == []
    assert verdict.notes == NOTES
    assert [(d.cell, d.heading, d.value) for d in verdict.decisions] == [
        (f"Allocation!E{row}", "Decided", 37.0),
        (f"Allocation!G{row}", "Reason", "bridge"),
    ]


def test_a_plan_that_openpyxl_saved_again_has_no_results(data: bytes, auditor: Auditor, tmp_path: Path) -> None:
    path = PlanFile(data).save(tmp_path / "plan.xlsx")
    openpyxl.load_workbook(path).save(path)
    verdict = auditor.check(read_plan_workbook(path))
    assert (texts(verdict), verdict.notes, verdict.counts["results"]) == ([], (*NOTES, NOT_STORED), 0)


# -- decisions -----------------------------------------------------------------------------------------------


def test_decisions_are_listed_and_no_findings(book: PlanWorkbook, auditor: Auditor) -> None:
    changed = decided(book, Schools_2026=37.0)
    changed = edited(changed, Cell("About", (7, 2)), Content("Nguyễn An"))
    verdict = auditor.check(changed)
    assert texts(verdict) == []
    assert verdict.notes == (*NOTES, NOT_RECALCULATED)
    row = lines(book)["Schools", 2026, "City"]
    assert [str(decision) for decision in verdict.decisions] == [
        'About!B7 Name: "Nguyễn An" (Prepared)',
        f"Allocation!E{row} Decided: 37 instead of {_amount(book, row):g} (Schools, 2026, City)",
    ]
    assert verdict.digest == auditor.check(book).digest


def _amount(book: PlanWorkbook, row: int) -> float:
    value = book.sheets["Allocation"].cells[row, 4].value
    assert isinstance(value, float)
    return value


def test_a_decision_that_breaks_a_law_is_a_finding(book: PlanWorkbook, auditor: Auditor) -> None:
    verdict = auditor.check(decided(book, Roads_2026=10.0))
    cell = f"Allocation!E{lines(book)['Roads', 2026, 'City']} Decided"
    found = [text for text in texts(verdict) if text.startswith(cell)]
    assert any(
        '"Roads floor 2026" is broken by 15 tỷ đồng (a law, Resolution 7); it demands ≥ 25 % of the budget' in text
        for text in found
    ), found
    assert {finding.kind for finding in verdict.findings} == {Kind.DECISION}


def test_a_decision_may_miss_a_goal_and_a_budget_may_not_be_passed(book: PlanWorkbook, auditor: Auditor) -> None:
    assert auditor.check(decided(book, Nurseries_2026=1.0)).right
    verdict = auditor.check(decided(book, Schools_2026=500.0))
    assert any('"Budget: City 2026" is broken' in text for text in texts(verdict))


@pytest.mark.parametrize(
    ("value", "said"),
    [(-1.0, "−1 is negative"), ("30", '"30" is no number'), (True, "TRUE is no number")],
)
def test_a_decided_amount_must_be_one(book: PlanWorkbook, auditor: Auditor, value: object, said: str) -> None:
    verdict = auditor.check(decided(book, Roads_2026=value))
    assert any(said in text for text in texts(verdict)), texts(verdict)


def test_a_decided_formula_is_computed(book: PlanWorkbook, auditor: Auditor) -> None:
    row = lines(book)["Roads", 2026, "City"]
    cell = Cell("Allocation", (row, DECIDED))
    verdict = auditor.check(edited(book, cell, Content(_amount(book, row) + 1, f"D{row}+1")))
    assert verdict.decisions[0].value == f"=D{row}+1"
    verdict = auditor.check(edited(book, cell, Content(1.0, f"D{row}+1")))
    assert any(finding.cell == str(cell) for finding in verdict.findings)


@pytest.mark.slow
def test_results_that_follow_from_a_changed_amount_are_told_apart(
    data: bytes, book: PlanWorkbook, auditor: Auditor, tmp_path: Path, saved_by_libreoffice: Callable[[Path], Path]
) -> None:
    path = tmp_path / "changed.plan.xlsx"
    file = PlanFile(data)
    row = lines(book)["Roads", 2026, "City"]
    cell = Cell("Allocation", (row, 4))
    file.set(cell, Content(_amount(book, row) + 1))
    workbook = openpyxl.load_workbook(file.save(path))
    workbook.save(path)
    verdict = auditor.check(read_plan_workbook(saved_by_libreoffice(path)))
    kinds = {finding.kind for finding in verdict.findings}
    own = [finding for finding in verdict.findings if finding.kind is not Kind.FOLLOWS]
    assert Kind.FOLLOWS in kinds
    assert str(cell) in [finding.cell for finding in own]
    assert {finding.kind for finding in own} <= {Kind.VALUE, Kind.PROOF}


# -- what is read --------------------------------------------------------------------------------------------


def test_what_was_hidden_in_the_scenario_is_still_said(tmp_path: Path, auditor: Auditor) -> None:
    path = write_book(tmp_path / "small.xlsx", SMALL_PLAN)
    workbook = openpyxl.load_workbook(path)
    workbook["Areas"].row_dimensions[3].hidden = True
    workbook["Budget"].sheet_state = "hidden"
    workbook.save(path)
    found = optimise(read_scenario(path)).result
    assert sum("read like any other" in message for message in message_texts(found.messages)) == 2
    assert texts(auditor.check(plan_workbook(plan_bytes(found)))) == []


def test_long_sheet_names_percentages_and_dates_are_read_back(tmp_path: Path, auditor: Auditor) -> None:
    path = write_book(tmp_path / "typed.xlsx", SMALL_PLAN)
    workbook = openpyxl.load_workbook(path)
    rules = workbook["Rules"]
    rules["D2"], rules["D2"].number_format = 0.25, "0.00%"
    rules["I1"], rules["I2"] = "Seen on", datetime(2026, 1, 5)  # noqa: DTZ001 - workbooks know no time zones
    workbook["Areas"]["K1"], workbook["Areas"]["K3"] = "Sure", True
    workbook["Areas"]["A3"], workbook["Areas"]["L20"] = " Schools ", "a note\nin two lines"
    workbook.save(path)
    assert texts(auditor.check(plan_workbook(plan_bytes(optimise(read_scenario(path)).result)))) == []


def test_a_plan_without_its_report_is_right(result: Result, folder: Path, auditor: Auditor) -> None:
    plain = optimise(result.scenario, explain=False).result
    verdict = auditor.check(plan_workbook(plan_bytes(plain)))
    assert (texts(verdict), verdict.counts["sheets"]) == ([], 21)


@pytest.mark.parametrize("analysis", quick_part(list(REPORT), 2))
def test_a_plan_whose_report_a_time_limit_cut_short_is_right(
    result: Result, auditor: Auditor, monkeypatch: pytest.MonkeyPatch, analysis: Analysis
) -> None:
    def late(*_: object) -> None:
        raise OutOfTime

    with monkeypatch.context() as patch:
        patch.setitem(ENTRIES, analysis, late)
        cut = optimise(result.scenario).result
    assert cut.outcomes[analysis] is Ending.OUT_OF_TIME
    assert message_text(cut.messages[-1]).endswith("the time limit came first")
    assert texts(auditor.check(plan_workbook(plan_bytes(cut, made=MADE)))) == []


@needs_cbc
def test_a_plan_that_a_second_solver_confirmed_is_right(result: Result, auditor: Auditor) -> None:
    confirmed = optimise(result.scenario, solver="cbc", time_limit=60).result
    assert confirmed.run.confirmed_by
    assert texts(auditor.check(plan_workbook(plan_bytes(confirmed, made=MADE)))) == []


@pytest.mark.parametrize("proved", [True, False])
def test_a_second_solver_that_does_not_confirm_counts_only_without_a_proof(
    book: PlanWorkbook, monkeypatch: pytest.MonkeyPatch, proved: bool
) -> None:
    def disagreeing(*arguments: Any, solver: str, **options: Any) -> Result:
        if solver != "HiGHS":
            raise SolverError("COIN_CMD and HiGHS disagree (optimal 3, optimal 4); no plan is written")
        found = analyse(*arguments, solver=solver, **options)
        return found if proved else replace(found, certificate=None)

    monkeypatch.setattr("allocator.audit.verify.analyse", disagreeing)
    verdict = Auditor().check(book)
    if proved:
        assert (texts(verdict), len(verdict.solvers)) == ([], 1)
        assert "disagree" in verdict.notes[0]
    else:
        assert [finding.kind for finding in verdict.findings] == [Kind.SOLVER]


def test_where_there_is_no_second_solver_it_is_said(book: PlanWorkbook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allocator.audit.verify.SECOND", "no such solver")
    verdict = Auditor().check(book)
    assert (texts(verdict), verdict.notes, len(verdict.solvers)) == ([], (NO_SECOND,), 1)


@pytest.mark.parametrize("step", ["0", "0.001", "5"])
def test_a_plan_in_any_step_is_right(tmp_path: Path, auditor: Auditor, step: str) -> None:
    sheets = {**SMALL_PLAN, "Scenario": [*SMALL_PLAN["Scenario"][:3], ["Step", float(step)]]}
    verdict = auditor.check(plan_workbook(plan_bytes(planned(tmp_path, sheets))))
    assert texts(verdict) == []
    assert verdict.proof


@pytest.mark.parametrize("name", ["scenario", "text", "missing"])
def test_what_is_no_plan_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.xlsx"
    if name == "scenario":
        write_book(path, SMALL_PLAN)
    elif name == "text":
        path.write_text("no workbook")
    with pytest.raises(WorkbookError):
        verify(path)


# -- other versions ------------------------------------------------------------------------------------------


def test_a_plan_of_another_solver_version_is_compared_to_six_digits(result: Result, auditor: Auditor) -> None:
    older = replace(result, run=replace(result.run, solver="HiGHS 1.5.0"))
    book = plan_workbook(plan_bytes(older, made=MADE))
    verdict = auditor.check(book)
    assert texts(verdict) == []
    assert "HiGHS 1.5.0 (here" in verdict.notes[len(NOTES)]
    prices = [(p, c) for p, c in book.sheets["Sensitivity"].cells.items() if isinstance(c.value, float) and c.value > 9]
    place, content = next((p, c) for p, c in prices if not c.formula)
    assert isinstance(content.value, float)
    for part, right in ((1e-8, True), (1e-4, False)):
        changed = edited(book, Cell("Sensitivity", place), Content(content.value * (1 + part)))
        found = [finding for finding in auditor.check(changed).findings if finding.sheet == "Sensitivity"]
        assert bool(found) is not right


TIED: Sheets = {
    "Scenario": [["Setting", "Value"], ["Unit", "million"], ["Step", 1]],
    "Budget": [["Source", 2026], ["City", 100]],
    "Areas": [["Area", "Maximum", "Benefit"], ["Schools", 80, 2], ["Roads", 80, 2]],
}


def test_another_plan_that_proves_itself_is_accepted_of_another_version_only(tmp_path: Path, auditor: Auditor) -> None:
    found = planned(tmp_path, TIED)
    assert found.certificate is not None
    table = found.certificate.bounded
    amounts = dict(found.amounts)
    amounts["Schools", 2026, "City"], amounts["Roads", 2026, "City"] = Fraction(77), Fraction(23)
    assert amounts != found.amounts
    prices = [dict(enumerate(proof.prices)) for proof in found.certificate.proofs]
    proof = certify(BoundedProgramme(table.matrix, amounts, table.step), prices)
    other = with_amounts(found, amounts, proof)
    verdict = auditor.check(plan_workbook(plan_bytes(other, made=MADE)))
    assert any(finding.cell == "Allocation!D6" for finding in verdict.findings)
    older = replace(other, run=replace(other.run, solver="HiGHS 1.5.0"))
    verdict = auditor.check(plan_workbook(plan_bytes(older, made=MADE)))
    held = [finding for finding in verdict.findings if finding.heading != "Held by"]
    assert [str(finding) for finding in held] == []
    assert ANOTHER_PLAN in verdict.notes
    assert verdict.proof


def test_a_worse_plan_is_not_accepted_of_any_version(tmp_path: Path, auditor: Auditor) -> None:
    found = planned(tmp_path, TIED)
    assert found.certificate is not None
    table = found.certificate.bounded
    amounts = {**found.amounts, ("Schools", 2026, "City"): Fraction(10), ("Roads", 2026, "City"): Fraction(10)}
    prices = [dict(enumerate(proof.prices)) for proof in found.certificate.proofs]
    proof = certify(BoundedProgramme(table.matrix, amounts, table.step), prices)
    older = replace(with_amounts(found, amounts, proof), run=replace(found.run, solver="HiGHS 1.5.0"))
    verdict = auditor.check(plan_workbook(plan_bytes(older, made=MADE)))
    assert {"Allocation!D6", "Allocation!D7"} <= {finding.cell for finding in verdict.findings}
    assert any(f.kind is Kind.PROOF and "doesn't close" in f.text for f in verdict.findings)


# -- the scenario file ---------------------------------------------------------------------------------------


def test_the_scenario_file_is_compared(folder: Path, book: PlanWorkbook, auditor: Auditor, tmp_path: Path) -> None:
    verdict = auditor.check(book, read_scenario(folder / "small.xlsx"))
    assert (texts(verdict), verdict.notes) == ([], (*NOTES, THE_SAME))
    workbook = openpyxl.load_workbook(folder / "small.xlsx")
    workbook["Notes"] if "Notes" in workbook.sheetnames else workbook.create_sheet("Notes")
    workbook.save(tmp_path / "again.xlsx")
    verdict = auditor.check(book, read_scenario(tmp_path / "again.xlsx"))
    assert (texts(verdict), verdict.notes) == ([], (*NOTES, SAVED_AGAIN))
    workbook["Areas"]["D4"] = 11
    workbook.save(tmp_path / "other.xlsx")
    verdict = auditor.check(book, read_scenario(tmp_path / "other.xlsx"))
    assert verdict.notes == (*NOTES, ANOTHER)
    assert texts(verdict) == ["Inputs Areas!D4 Minimum: the plan was made with nothing, the scenario file has 11"]


# -- the command ---------------------------------------------------------------------------------------------


def ran(*arguments: object, cwd: Path) -> tuple[int, str, str]:
    """Run the command line; return exit code, output and errors."""
    done = run_command(*arguments, cwd=cwd)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_command_says_what_was_checked(data: bytes, tmp_path: Path) -> None:
    PlanFile(data).save(tmp_path / "small.plan.xlsx")
    code, shown, errors = ran("verify", "small.plan.xlsx", cwd=tmp_path)
    assert code == 0, shown + errors
    assert shown.startswith("small.plan.xlsx: nothing wrong.")
    assert "Proved in rational arithmetic" in shown
    assert re.search(r"\n  [0-9a-f]{64}\n", shown)
    assert ran("verify", "small.plan.xlsx", "--quiet", cwd=tmp_path) == (0, "", "")


@pytest.mark.slow
def test_the_command_lists_findings_on_one_screen(data: bytes, tmp_path: Path) -> None:
    file = PlanFile(data)
    for row in range(6, 60):
        file.set(Cell("Rules", (row, 1)), Content("something else"))
    file.save(tmp_path / "bad.plan.xlsx")
    code, text, _ = ran("verify", "bad.plan.xlsx", cwd=tmp_path)
    shown = text.splitlines()
    assert (code, len(shown) <= 40, max(map(len, shown)) <= 80) == (1, True, True), text
    assert re.match(r"bad\.plan\.xlsx: \d+ findings\.", shown[0])
    assert re.search(r"and \d+ more: see --json", text)
    code, text, _ = ran("verify", "bad.plan.xlsx", "--json", cwd=tmp_path)
    found = json.loads(text)
    assert (code, found["verdict"]) == (1, "wrong")
    assert set(found["findings"][0]) == {"cell", "sheet", "heading", "found", "expected", "text", "kind"}
    assert "Rules!A6" in [finding["cell"] for finding in found["findings"]]


def test_the_command_refuses_what_is_no_plan(tmp_path: Path) -> None:
    write_book(tmp_path / "small.xlsx", SMALL_PLAN)
    code, _, errors = ran("verify", "small.xlsx", cwd=tmp_path)
    assert (code, "is no plan made by allocate" in errors) == (2, True)


# -- parts ---------------------------------------------------------------------------------------------------


def test_lines_that_moved_are_told_from_lines_that_changed() -> None:
    before = dict(enumerate("abcdefgh", start=1))
    assert shift(before, before) is None
    assert shift(before, {**before, 3: "x"}) is None
    gone = shift(before, dict(enumerate("abdefgh", start=1)))
    assert gone is not None
    assert (gone.missing, gone.inserted, gone.moved[3]) == ((3,), (), 4)
    assert gone.text() == "row 3 is missing; what follows stands elsewhere than it was written"
    new = shift(before, dict(enumerate("abcxydefgh", start=1)))
    assert new is not None
    assert (new.missing, new.inserted, new.moved[10]) == ((), (4, 5), 8)


def test_a_bound_is_stored_as_the_sum_of_its_stored_parts(tmp_path: Path) -> None:
    """Surpluses are told to so many decimals: the exact bound beside them would round to another gap now and then."""
    new_scenario(tmp_path / "example.xlsx")
    scenario = reread(read_scenario(tmp_path / "example.xlsx"), {CellPlace("Budget", 5, 4): 1065.0})
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(optimise(scenario).result, MADE)), data_only=True)
    page = book["Certificate"]
    heads = next(row for row in page.iter_rows() if [cell.value for cell in row][:2] == ["Sought", "Plan"])
    at = {cell.value: cell.column for cell in heads}
    line = next(n for n in range(heads[0].row, 20) if page.cell(n, 1).value == "maximise benefit")
    value = {name: page.cell(line, column).value for name, column in at.items() if name}
    assert value["Bound"] == pytest.approx(value["Constant"] + value["Priced rows"] + value["Surplus"], rel=1e-15)
    assert value["Gap"] == round(value["Bound"] - value["Plan"], 8) != 0
