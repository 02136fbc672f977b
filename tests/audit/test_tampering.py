"""Whatever is changed in a plan, `verify` finds it and names the cell; what is left as it was it lets pass."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from allocator import optimise, read_scenario
from allocator.audit.findings import Kind, Verdict
from allocator.audit.verify import Auditor
from allocator.audit.workbook import PlanWorkbook, plan_workbook
from allocator.errors import WorkbookError
from allocator.render import seal
from allocator.render.workbook import plan_bytes
from allocator.spreadsheet.cells import Content
from commands import write_book
from places import SCENARIOS
from second_solver import HAS_CBC, NOTES
from shipped import shipped_plan
from tampering import (
    SMALL_PLAN,
    Cell,
    PlanFile,
    cells_of,
    changed_formula,
    changed_value,
    edited,
    without_row,
)

type Share = Callable[[Iterable[Any]], list[Any]]

HANOI = SCENARIOS / "hanoi-2026-2030.xlsx"
QUICK = 181
"""One in so many cells is edited in the quick suite; the slow one edits all."""
SHEETS = (
    "Summary", "Plan", "Allocation", "Funds", "Rules", "Sensitivity", "Price card", "Room", "Next money", "Rule costs",
    "Warnings", "Indicators", "Alternatives", "Assignments", "Certificate", "Checks", "Workings", "Inputs Scenario",
    "Inputs Budget", "Inputs Areas", "Inputs Benefits", "Inputs Rules", "Inputs Indicators", "Inputs Effects", "Seals",
    "About",
)  # fmt: skip


class Plan:
    """A plan as it was written, and who checks copies of it."""

    def __init__(self, data: bytes) -> None:
        self.file = PlanFile(data)
        self.book = plan_workbook(data, "plan.xlsx")
        self.auditor = Auditor()
        contents = {
            name: [(place, content.formula, content.value) for place, content in sheet.cells.items()]
            for name, sheet in self.book.sheets.items()
        }
        self.entries = seal.entry_places(contents)

    def cells(self) -> Iterator[tuple[Cell, Content]]:
        """Yield every cell but those that are there to be filled in."""
        return (
            (cell, content) for cell, content in cells_of(self.book) if (cell.sheet, cell.place) not in self.entries
        )

    def check(self, book: PlanWorkbook) -> Verdict:
        """Return the verdict on a changed copy."""
        return self.auditor.check(book)

    def check_file(self, file: PlanFile) -> Verdict:
        """Return the verdict on a changed file."""
        return self.auditor.check(plan_workbook(file.data(), "plan.xlsx"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = write_book(tmp_path_factory.mktemp("small") / "small.xlsx", SMALL_PLAN)
    return Plan(plan_bytes(optimise(read_scenario(path)).result))


@pytest.fixture(scope="module")
def hanoi() -> Plan:
    return Plan(plan_bytes(shipped_plan(HANOI).result))


def names(verdict: Verdict, sheet: str, row: int, column: int | None = None) -> bool:
    """Whether a finding is at this cell, or at this row where no column is given or the row as a whole is blamed."""
    return any(
        finding.sheet == sheet
        and (
            finding.row == row
            or (finding.place is not None and finding.place[0] == row and column in (None, finding.place[1]))
        )
        for finding in verdict.findings
    )


def assert_named(verdict: Verdict, cell: Cell, what: object) -> None:
    """Assert that a finding names the cell itself."""
    at = [finding.place for finding in verdict.findings if finding.sheet == cell.sheet]
    assert cell.place in at, (str(cell), what, [str(finding) for finding in verdict.findings[:3]])


def test_the_small_plan_has_every_kind_of_sheet(small: Plan) -> None:
    assert tuple(small.book.sheets) == SHEETS


def test_nothing_is_wrong_with_an_untouched_plan(small: Plan) -> None:
    verdict = small.check(small.book)
    assert (verdict.right, verdict.findings, verdict.notes, verdict.decisions) == (True, (), NOTES, ())
    assert verdict.counts["results"] == sum(bool(content.formula) for _, content in small.cells())
    assert verdict.solvers[-1].startswith("CBC" if HAS_CBC else "HiGHS")
    assert "no plan can reach more than" in verdict.proof[0]


# -- one cell ------------------------------------------------------------------------------------------------

EDITS: tuple[Callable[[Content], Content | None], ...] = (
    changed_value,
    changed_formula,
    lambda _: None,
    lambda content: Content(content.value) if content.formula else Content(str(content.value) + "\N{NO-BREAK SPACE}"),
    lambda content: Content(str(content.value)) if isinstance(content.value, float) else Content(0.0),
)


def test_any_cell_that_is_changed_is_named(small: Plan) -> None:
    for number, (cell, content) in enumerate(small.cells()):
        if number % QUICK == 0:
            edit = EDITS[number // QUICK % len(EDITS)]
            assert_named(small.check(edited(small.book, cell, edit(content))), cell, edit(content))


@pytest.mark.slow
def test_every_cell_that_is_changed_is_named(small: Plan, share: Share) -> None:
    for number, (cell, content) in share(enumerate(small.cells())):
        for edit in (EDITS[0], EDITS[1 + number % (len(EDITS) - 1)]):
            assert_named(small.check(edited(small.book, cell, edit(content))), cell, edit(content))


@pytest.mark.slow
def test_a_cell_that_is_changed_in_the_file_is_named(small: Plan) -> None:
    _check_in_file(small, list(small.cells())[::QUICK])


@pytest.mark.slow
def test_many_cells_that_are_changed_in_the_file_are_named(small: Plan, share: Share) -> None:
    _check_in_file(small, share(list(small.cells())[::4]))


def _check_in_file(plan: Plan, cells: list[tuple[Cell, Content]]) -> None:
    for number, (cell, content) in enumerate(cells):
        there = Content(content.value, _written(plan, cell)) if content.formula else content
        changed = (changed_value, changed_formula)[number % 2](there)
        file = plan.file.copy()
        file.set(cell, changed)
        assert_named(plan.check_file(file), cell, changed)


def _written(plan: Plan, cell: Cell) -> str:
    """Return a formula as it stands in the file."""
    import html
    import re

    match = re.search(rf'<c r="{cell.reference}"[^>]*><f>(.*?)</f>', plan.file.xml(cell.sheet), re.DOTALL)
    assert match is not None, cell
    return html.unescape(match[1])


def test_what_is_typed_into_a_blank_cell_is_named(small: Plan) -> None:
    rng = random.Random(7)  # noqa: S311
    for name, sheet in small.book.sheets.items():
        height, width = max(row for row, _ in sheet.cells), max(column for _, column in sheet.cells)
        blank = [
            (row, column)
            for row in range(1, height + 3)
            for column in range(1, width + 3)
            if (row, column) not in sheet.cells and (name, (row, column)) not in small.entries
        ]
        cell, content = Cell(name, rng.choice(blank)), rng.choice((Content("x"), Content(0.0), Content(2.0, "1+1")))
        assert_named(small.check(edited(small.book, cell, content)), cell, content)


@pytest.mark.slow
def test_two_thousand_random_edits_of_a_large_plan_are_named(hanoi: Plan, share: Share) -> None:
    cells = list(hanoi.cells())
    for number in share(range(2000)):
        rng = random.Random(2030 + number)  # noqa: S311
        cell, content = rng.choice(cells)
        changed = rng.choice(EDITS)(content)
        if isinstance(content.value, float) and rng.random() < 0.5:
            changed = replace(
                content, value=content.value * (1 + rng.choice((-1, 1)) * 10 ** rng.uniform(-8, 1)) or 1.0
            )
        assert_named(hanoi.check(edited(hanoi.book, cell, changed)), cell, changed)


# -- rows and sheets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("moved", [False, True])
@pytest.mark.parametrize("sheet", SHEETS)
def test_a_row_that_is_deleted_is_named(small: Plan, sheet: str, moved: bool) -> None:
    rows = sorted({row for row, _ in small.book.sheets[sheet].cells})
    rng = random.Random(sheet)  # noqa: S311
    for row in rows if len(rows) < 3 else rng.sample(rows, 2):
        verdict = small.check(without_row(small.book, sheet, row, moved=moved))
        assert names(verdict, sheet, row), (row, [str(finding) for finding in verdict.findings[:4]])
        assert len(verdict.findings) < 40, "what moved is not listed cell by cell"


@pytest.mark.slow
@pytest.mark.parametrize("sheet", SHEETS)
def test_every_row_that_is_deleted_is_named(small: Plan, sheet: str) -> None:
    for row in sorted({row for row, _ in small.book.sheets[sheet].cells}):
        for moved in (False, True):
            verdict = small.check(without_row(small.book, sheet, row, moved=moved))
            assert names(verdict, sheet, row), (row, moved, [str(finding) for finding in verdict.findings[:4]])


def test_a_row_that_is_deleted_in_the_file_is_named(small: Plan) -> None:
    for sheet, row in (("Allocation", 7), ("Rules", 9), ("Inputs Areas", 3), ("About", 30), ("Seals", 20)):
        for moved in (False, True):
            file = small.file.copy()
            file.delete_row(sheet, row, moved=moved)
            assert names(small.check_file(file), sheet, row), (sheet, moved)


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_that_is_deleted_is_named(small: Plan, sheet: str) -> None:
    file = small.file.copy()
    file.delete_sheet(sheet)
    verdict = small.check_file(file)
    assert any(f.kind is Kind.SHEET and f.cell == sheet and "missing" in f.text for f in verdict.findings)


def test_sheets_that_were_added_hidden_or_moved_are_named(small: Plan) -> None:
    sheets = small.book.sheets
    more = replace(small.book, sheets={**sheets, "Extra": replace(sheets["Plan"], name="Extra")})
    assert [f.cell for f in small.check(more).findings] == ["Extra"]
    hidden = replace(small.book, sheets={**sheets, "Rules": replace(sheets["Rules"], hidden=True)})
    assert [str(f) for f in small.check(hidden).findings] == ["Rules: the sheet is hidden"]
    moved = replace(small.book, sheets={"Plan": sheets["Plan"], **sheets})
    assert [f.cell for f in small.check(moved).findings] == ["Plan"]


def test_hidden_rows_and_columns_are_named(small: Plan) -> None:
    sheet = small.book.sheets["Rules"]
    rows = replace(small.book, sheets={**small.book.sheets, "Rules": replace(sheet, hidden_rows=frozenset({7}))})
    assert [f.cell for f in small.check(rows).findings] == ["Rules!7:7"]
    columns = replace(small.book, sheets={**small.book.sheets, "Rules": replace(sheet, hidden_columns=frozenset({4}))})
    assert [f.cell for f in small.check(columns).findings] == ["Rules!D5"]


def test_what_belongs_in_no_plan_is_a_finding(small: Plan) -> None:
    verdict = small.check(replace(small.book, extras=("macros",)))
    assert [str(f) for f in verdict.findings] == ["the file holds macros, which no plan does"]


# -- what slips through easily -------------------------------------------------------------------------------


def find(plan: Plan, sheet: str, text: str) -> Cell:
    """Return the first cell that holds a text."""
    return next(cell for cell, content in cells_of(plan.book) if cell.sheet == sheet and content.value == text)


def put(plan: Plan, *edits: tuple[Cell, Content]) -> Verdict:
    """Return the verdict on a plan with several cells changed."""
    book = plan.book
    for cell, content in edits:
        book = edited(book, cell, content)
    return plan.check(book)


def test_a_letter_that_only_looks_the_same_is_named(small: Plan) -> None:
    cell = find(small, "Rules", "Roads floor")
    verdict = put(small, (cell, Content("R\u043eads floor")))
    assert [f.cell for f in verdict.findings] == [str(cell)]
    assert "character 2 is cyrillic small letter o" in verdict.findings[0].text


def test_another_unicode_form_is_named(small: Plan) -> None:
    cell = find(small, "About", "Hai lĩnh vực")
    assert_named(put(small, (cell, Content(unicodedata.normalize("NFD", "Hai lĩnh vực")))), cell, "NFD")


def test_edits_that_cancel_each_other_are_both_named(small: Plan) -> None:
    one, other = Cell("Allocation", (6, 4)), Cell("Allocation", (7, 4))
    amounts = [small.book.sheets["Allocation"].cells[cell.place].value for cell in (one, other)]
    assert all(isinstance(amount, float) for amount in amounts)
    verdict = put(small, (one, Content(float(amounts[0] or 0) + 1)), (other, Content(float(amounts[1] or 0) - 1)))
    assert_named(verdict, one, "one more")
    assert_named(verdict, other, "one less")


def test_a_number_as_text_a_truth_as_number_and_a_constant_for_a_formula_are_named(small: Plan) -> None:
    amount = Cell("Allocation", (6, 4))
    value = small.book.sheets["Allocation"].cells[amount.place].value
    verdict = put(small, (amount, Content(f"{value:g}")))
    assert "the number" in next(f.text for f in verdict.findings if f.cell == str(amount))
    force = Cell("Allocation", (6, 6))
    assert "constant" in put(small, (force, Content(value))).findings[0].text


def test_inputs_are_not_believed_with_new_seals(small: Plan) -> None:
    """Whoever changes an input and seals it anew has a plan that doesn't follow from it."""
    cell = next(c for c, content in cells_of(small.book) if c.sheet == "Inputs Budget" and content.value == 100)
    book = resealed(edited(small.book, cell, Content(80.0)))
    verdict = small.check(book)
    assert not any(f.kind is Kind.INPUT for f in verdict.findings)
    assert any(f.sheet == "Rules" for f in verdict.findings)
    assert any(f.sheet == "Allocation" and f.heading == "Amount" for f in verdict.findings)


def test_what_about_claims_must_be_possible(small: Plan) -> None:
    """A message that nothing gives rise to stays a finding, though About be sealed anew."""
    cell = find(small, "About", "Rules: columns not known here travel with the plan: Odd")
    verdict = small.check(resealed(edited(small.book, cell, Content("Checked by the court of audit"))))
    assert_named(verdict, cell, "a message")


@pytest.mark.parametrize("label", ["Solver", "Made by", "Version of numpy", "Option time limit", "1"])
def test_what_about_claims_must_be_of_the_form_that_was_written(small: Plan, label: str) -> None:
    rows = [cell.place[0] for cell, content in cells_of(small.book) if cell.sheet == "About" and content.value == label]
    cell = Cell("About", (rows[-1], 2))
    text = f"{small.book.sheets['About'].cells[cell.place].value}; examined and found right"
    assert_named(small.check(resealed(edited(small.book, cell, Content(text)))), cell, label)


def resealed(book: PlanWorkbook) -> PlanWorkbook:
    """Return a workbook with seals and digest made anew, as whoever changed it might do."""
    contents = {
        name: [(place, content.formula, content.value) for place, content in sheet.cells.items()]
        for name, sheet in book.sheets.items()
    }
    out = seal.left_out(contents)
    lines = {
        (name, line): digest
        for name, cells in contents.items()
        if seal.is_sealed(name)
        for line, digest in seal.line_seals(name, [c for c in cells if (name, c[0]) not in out]).items()
    }
    seals = dict(book.sheets["Seals"].cells)
    for row, column in list(seals):
        key = tuple(str(seals.get((row, c), Content("")).value) for c in (1, 2))
        if column == 3 and key in lines:
            seals[row, 3] = Content(lines[key[0], key[1]])
    about = dict(book.sheets["About"].cells)
    place = seal.digest_place(contents["About"])
    assert place is not None
    about[place] = Content(seal.content_digest(contents.items()))
    return replace(
        book,
        sheets={
            **book.sheets,
            "Seals": replace(book.sheets["Seals"], cells=seals),
            "About": replace(book.sheets["About"], cells=about),
        },
    )


@pytest.mark.parametrize("code", ['"95"', ";;;", "#,##0,", "0%", "yyyy"])
def test_a_number_that_is_formatted_to_read_as_another_is_named(small: Plan, code: str) -> None:
    file = small.file.copy()
    file.format(Cell("Allocation", (6, 4)), code)
    verdict = small.check_file(file)
    assert [(finding.cell, finding.kind) for finding in verdict.findings] == [("Allocation!D6", Kind.FORMAT)]


@pytest.mark.slow
def test_a_result_that_is_off_by_a_hundred_millionth_is_named(small: Plan, share: Share) -> None:
    """Of results that are not themselves as small as the noise of the figures beside them."""
    results = [
        (cell, c) for cell, c in small.cells() if c.formula and isinstance(c.value, float) and abs(c.value) > 1e-3
    ]
    for cell, content in share(results[::9]):
        assert isinstance(content.value, float)
        changed = Content(content.value * (1 + 1e-8), content.formula)
        assert_named(small.check(edited(small.book, cell, changed)), cell, changed)


# -- what programs read otherwise ----------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["1_0", " 7 ", "\N{FULLWIDTH DIGIT ONE}7", "7.5.", "0x10", "nan"])
def test_a_number_that_programs_read_otherwise_is_named(small: Plan, written: str) -> None:
    file = small.file.copy()
    found = re.sub(r'(<c r="D6"[^>]*>)<v>[^<]*</v>', rf"\1<v>{written}</v>", file.xml("Allocation"))
    file.put("Allocation", found)
    assert names(small.check_file(file), "Allocation", 6)


@pytest.mark.parametrize(
    "pattern",
    [
        (r'<c r="D6"', '<c r="D6" t="zzz"'),
        (r'(<c r="D6"[^>]*>)(<v>[^<]*</v>)', r"\1\2<v>9</v>"),
        (r'(<c r="F6"[^>]*>)(<f>[^<]*</f>)', r"\1<f>1</f>\2"),
    ],
)
def test_a_cell_that_can_be_read_in_two_ways_is_refused(small: Plan, pattern: tuple[str, str]) -> None:
    file = small.file.copy()
    file.put("Allocation", re.sub(*pattern, file.xml("Allocation")))
    with pytest.raises(WorkbookError, match="damaged"):
        small.check_file(file)


def test_a_formula_in_place_of_a_decision_is_a_finding_unless_it_is_arithmetic(small: Plan) -> None:
    decided = Cell("Allocation", (6, 5))
    for formula, value, fine in (("10+0.5", 10.5, True), ("10+0.5", 11.0, False), ("F7", 3.0, False)):
        verdict = small.check(edited(small.book, decided, Content(value, formula)))
        said = [f for f in verdict.findings if f.kind is Kind.DECISION and "type the amount itself" in f.text]
        assert (not said) == fine
