"""Digests of a plan's cells: the same for the writer and any reader, other as soon as anything is changed."""

from __future__ import annotations

import hashlib
import io
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from xlsxwriter.workbook import Workbook

from allocator.analyses.analyse import analyse
from allocator.audit.workbook import plan_workbook
from allocator.render import seal
from allocator.render.about_sheets import FACTS, MESSAGES, NO_LOG, SOLVER_LOG, filled_range, section_of
from allocator.render.seal import PlanSheet
from allocator.scenario.model import InputSheet
from allocator.scenario.problems import FromFile
from allocator.scenario.reading import read_scenario
from allocator.scenario.writing import new_scenario
from allocator.spreadsheet import digests
from allocator.spreadsheet.digests import written
from allocator.spreadsheet.references import Place
from allocator.spreadsheet.syntax import Value, canonical
from allocator.tables import plan as tables
from allocator.wording.progress import log_texts
from sample_result import plan_bytes, sample_result

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl on our charts
Book = dict[str, dict[Place, tuple[str, Any]]]


def book_of(content: bytes) -> Book:
    """Sheet → place → (formula, value), as another reader finds them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: {
            (cell.row, cell.column): (cell.value, None) if cell.data_type == "f" else ("", cell.value)
            for row in sheet
            for cell in row
            if cell.value is not None
        }
        for sheet in book
    }


def listed(book: Book) -> list[tuple[str, list[digests.Cell]]]:
    return [(name, [(place, *content) for place, content in cells.items()]) for name, cells in book.items()]


def stored_digest(book: Book) -> str:
    place = seal.digest_place(dict(listed(book))["About"])
    assert place is not None
    return book["About"][place][1]


def stored_seals(book: Book) -> dict[tuple[str, str], str]:
    rows = {row for row, column in book["Seals"] if row > 5}
    texts = {place: value for place, (_, value) in book["Seals"].items()}
    return {(texts[row, 1], texts[row, 2]): texts[row, 3] for row in rows}


def made_seals(book: Book) -> dict[tuple[str, str], str]:
    sheets = dict(listed(book))
    out = seal.left_out(sheets)
    return {
        (name, line): digest
        for name, cells in sheets.items()
        if seal.is_sealed(name)
        for line, digest in seal.line_seals(name, [cell for cell in cells if (name, cell[0]) not in out]).items()
    }


def hostile() -> bytes:
    return plan_bytes(sample_result((2026, 2027), hostile=True))


@pytest.mark.parametrize(
    "sample", [{"years": (2026, 2027), "hostile": True}, {"years": (2026,), "prices": False}], ids=["all", "few"]
)
def test_a_reader_of_the_file_finds_the_digests_that_were_written(sample: dict[str, Any]) -> None:
    book = book_of(plan_bytes(sample_result(**sample)))
    assert stored_digest(book) == seal.content_digest(listed(book))
    assert stored_seals(book) == made_seals(book)
    assert {name for name, _ in stored_seals(book)} == {n for n in book if n == "About" or n.startswith("Inputs ")}


def test_verify_reads_what_the_digests_count() -> None:
    book = plan_workbook(hostile())
    cells = {n: [(p, c.formula, c.error or c.value) for p, c in s.cells.items()] for n, s in book.sheets.items()}
    assert seal.content_digest(cells.items()) == stored_digest(book_of(hostile()))


def test_the_digest_does_not_count_what_is_left_out() -> None:
    book = book_of(hostile())
    before, seals = stored_digest(book), stored_seals(book)
    entries = seal.entry_places(dict(listed(book)))
    lines = sum(1 for (row, column) in book["Allocation"] if column == 1 and row > 5)
    assert len(entries) == 3 * lines + 6
    assert {heading for name in ("Allocation", "About") for heading in headings(book, name, entries)} == {
        *("Decided", "Reason", "By", "Name", "Date")
    }
    for sheet, place in entries:
        book[sheet][place] = ("", "somebody")
    book["About"][seal.digest_place(dict(listed(book))["About"]) or (0, 0)] = ("", "f" * 64)
    book["Seals"][6, 3] = ("", "f" * 16)
    shuffled = dict(reversed(book.items()))
    assert seal.content_digest(listed(shuffled)) == before
    assert made_seals(book) == seals


def headings(book: Book, sheet: str, entries: frozenset[tuple[str, Place]]) -> set[str]:
    """What stands above the entries of a sheet."""
    places = [place for name, place in entries if name == sheet]
    head = min(row for row, _ in places) - 1
    return {book[sheet][head, column][1] for _, column in places}


@pytest.mark.parametrize("count", [15, pytest.param(60, marks=pytest.mark.slow)])
def test_any_other_change_shows(count: int) -> None:
    """Each cell of each sheet: another value, none, or one in the place beside it."""
    book = book_of(hostile())
    before, seals = stored_digest(book), stored_seals(book)
    sheets = dict(listed(book))
    out, rng = seal.left_out(sheets), random.Random(7)  # noqa: S311
    places = [(name, place) for name, cells in book.items() if name != "Seals" for place in cells]
    tried = 0
    for name, place in rng.sample(places, count):
        if (name, place) in out:
            continue
        tried += 1
        formula, value = book[name].pop(place)
        changed = (formula + "+0", None) if formula else ("", other(value, rng))
        for content in (changed, None):
            if content is not None:
                book[name][place] = content
            assert seal.content_digest(listed(book)) != before, (name, place, content)
            if seal.is_sealed(name):
                off = {line for line, digest in made_seals(book).items() if seals.get(line) != digest}
                gone = seals.keys() - made_seals(book).keys()
                assert (name, f"row {place[0]}") in off | gone
            book[name].pop(place, None)
        book[name][place] = (formula, value)
    assert tried > count * 2 / 3
    assert seal.content_digest(listed(book)) == before


def other(value: object, rng: random.Random) -> object:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + rng.choice([" ", "x", "\n"])
    assert isinstance(value, int | float)
    return rng.choice([value + 1, str(value), value * (1 + 1e-13) or 1e-12])


def test_a_cell_that_moves_or_a_sheet_renamed_shows() -> None:
    book = book_of(hostile())
    before = stored_digest(book)
    about = book["About"]
    about[100, 9] = about.pop((1, 1))
    assert seal.content_digest(listed(book)) != before
    about[1, 1] = about.pop((100, 9))
    assert seal.content_digest(listed(book)) == before
    book["Inputs Other"] = book.pop("Inputs Areas")
    assert seal.content_digest(listed(book)) != before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.1 + 0.2, 0.3),
        (8.4501890169705546, 8.45018901697056),
        (-0.0, 0),
        (1e300, 1e300 * (1 + 2e-16)),
        ("Văn hóa", "Va\u0306n ho\u0301a"),
        ("a\r\nb", "a\nb"),
        ("", None),
    ],
)
def test_what_saving_again_changes_does_not_count(one: Value, other: digests.Value) -> None:
    assert digests.line_digest([((1, 1), "", one)]) == digests.line_digest([((1, 1), "", other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [(1.0, "1"), (1.0, True), ("TRUE", True), (0.0, None), (1.0, 1.00000000000001), ("a", "A"), ("a", "a ")],
)
def test_what_differs_counts(one: Value, other: digests.Value) -> None:
    assert digests.line_digest([((1, 1), "", one)]) != digests.line_digest([((1, 1), "", other)])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("=SUM( A1 : A3 )", "SUM(A1:A3)"),
        ("IF(A1,TRUE(),FALSE( ))", "=IF(A1,TRUE,FALSE)"),
        ("A1*0.30000000000000004", "A1*0.3"),
        ("A1<1E-06", "A1<0.000001"),
        ("A1<1e-6", "A1<0.000001"),
    ],
)
def test_formulas_as_spreadsheets_save_them(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    "formula", ["\"a  b\"&'Inputs a  b'!A1", '"1.50"&"FALSE()"', "LOG10(A1)", "'x 1.50'!$A$10", "Inputs_2.50!B1"]
)
def test_names_and_texts_in_formulas_stay(formula: str) -> None:
    assert canonical(formula) == formula


def test_a_typed_truth_counts_as_a_formula_that_says_so() -> None:
    """LibreOffice saves a typed TRUE as the formula TRUE()."""
    assert digests.line_digest([((1, 1), "TRUE()", None)]) == digests.line_digest([((1, 1), "", True)])


def test_a_line_keeps_its_digest_when_it_is_moved_but_not_when_its_cells_are() -> None:
    row = [((5, 1), "", "a"), ((5, 3), "", 2.0)]
    assert digests.line_digest(row) == digests.line_digest([((9, c), f, v) for (_, c), f, v in row])
    assert digests.line_digest(row) != digests.line_digest([((5, c + 1), f, v) for (_, c), f, v in row])
    column = [((c, r), f, v) for (r, c), f, v in row]
    assert digests.line_digest(column, column=True) == digests.line_digest(row)


def test_no_two_lists_of_texts_read_the_same() -> None:
    assert digests.line_digest([((1, 1), "", "a"), ((1, 2), "", "b")]) != digests.line_digest([((1, 1), "", "a1:2tb")])
    one = [("A", [((1, 1), "", "x")]), ("B", [])]
    assert seal.content_digest(one) != seal.content_digest([("A", []), ("B", [((1, 1), "", "x")])])


def test_headings_that_the_scenario_copies_open_no_gap() -> None:
    """Only the first row of headings has entries below it, and only while its lines go on."""
    heads = [((r, c), "", text) for r in (3, 9) for c, text in enumerate(("Area", "Decided", "Reason", "By"), start=1)]
    cells = [*heads, ((4, 1), "", "Culture"), ((10, 1), "", "Roads")]
    assert seal.entry_places({"Allocation": cells}) == {("Allocation", (4, c)) for c in (2, 3, 4)}
    assert seal.entry_places({"Rules": cells}) == frozenset()
    assert seal.entry_places({"Allocation": [cell for cell in cells if cell[2] != "By"]}) == frozenset()


@pytest.mark.parametrize("text", ["<r>&</r>", "<r><t>other</t></r>", "<r> </r>", "<r>_x0041_</r>"])
def test_a_text_is_never_taken_for_marked_up_text(text: str) -> None:
    content = plan_bytes(replace(sample_result((2026,)), messages=(FromFile(text),)))
    assert section_of(about_of(content), MESSAGES) == [("1", text)]
    book = book_of(content)
    assert stored_digest(book) == seal.content_digest(listed(book))


# -- About ---------------------------------------------------------------------------------------------------


def about_of(content: bytes) -> list[digests.Cell]:
    return dict(listed(book_of(content)))["About"]


def test_about_can_be_read_back() -> None:
    result = replace(sample_result((2026, 2027)), messages=tuple(map(FromFile, ("one", "two\nlines", "one"))))
    made = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    about = about_of(plan_bytes(result, made))
    facts = dict(section_of(about, FACTS))
    assert facts["Scenario file"] == result.scenario.path
    assert facts["SHA-256 of the scenario file"] == result.scenario.sha256
    assert facts["Made at"] == "2026-03-04 05:06:07 UTC"
    assert facts["SHA-256 of the solver log"] == NO_LOG
    assert {name: facts[f"Version of {name}"] for name in result.run.versions} == dict(result.run.versions)
    assert section_of(about, MESSAGES) == [("1", "one"), ("2", "two\nlines"), ("3", "one")]
    listed_inputs = [label for label, _ in section_of(about, tables.INPUT_LIST.title)][1:]
    assert listed_inputs == [name for name in book_of(plan_bytes(result)) if name.startswith("Inputs ")]
    sheets = [label for label, _ in section_of(about, tables.SHEET_LIST.title)][1:]
    there = [tables.INPUTS if name.startswith("Inputs ") else name for name in book_of(plan_bytes(result))]
    assert sheets == list(dict.fromkeys(there))


def test_names_of_the_scenario_are_taken_for_no_title_of_ours() -> None:
    result = sample_result((2026,))
    first = result.scenario.settings[0]
    named = (MESSAGES, SOLVER_LOG, FACTS, seal.CONTENT_DIGEST, "Made at")
    settings = tuple(replace(first, name=name, value="mine") for name in named)
    content = plan_bytes(replace(result, scenario=replace(result.scenario, settings=settings)))
    about, book = about_of(content), book_of(content)
    assert "mine" not in {text for title in (MESSAGES, SOLVER_LOG, FACTS) for _, text in section_of(about, title)}
    assert dict(section_of(about, "From the scenario")) == dict.fromkeys(named, "mine")
    assert stored_digest(book) == seal.content_digest(listed(book))


def test_every_sheet_has_a_role() -> None:
    assert tables.SHEETS.keys() <= tables.ROLES.keys()
    assert set(tables.ROLES.values()) == {"contents", "inputs", "workings", "results", "checks"}


def test_filled_range_of_a_sheet() -> None:
    sheet = InputSheet("x", ((None, None, ""), (None, 0.0, None), (None, None, "b")), None, None, None)
    assert filled_range(sheet) == ("B2:C3", 2)
    assert filled_range(replace(sheet, rows=((None, ""),))) == ("none", 0)


# -- the solver log ------------------------------------------------------------------------------------------


def test_the_solver_log_has_a_line_for_each_programme(tmp_path: Path) -> None:
    new_scenario(tmp_path / "scenario.xlsx")
    scenario = read_scenario(tmp_path / "scenario.xlsx")
    result = analyse(scenario, explain=False)
    again = analyse(scenario, explain=False)
    assert result.run.log == again.run.log
    sought = {rule.strength.priority for rule in scenario.rules if rule.strength.kind == "goal"} | {
        target.strength.priority for i in scenario.indicators for target in i.targets if target.strength.kind == "goal"
    }
    assert len(result.run.log) == len(sought) + 1
    assert log_texts(result.run)[-1].startswith(
        f"{scenario.objective}: optimal, objective {result.unrounded_objective:.12g},"
    )
    assert log_texts(result.run)[-1].endswith(f"{result.run.rows:,} rows, {result.run.columns:,} columns")
    about = about_of(plan_bytes(result))
    assert tuple(text for _, text in section_of(about, SOLVER_LOG)) == log_texts(result.run)
    digest = hashlib.sha256("\n".join(log_texts(result.run)).encode()).hexdigest()
    assert dict(section_of(about, FACTS))["SHA-256 of the solver log"] == digest


# -- saved again ---------------------------------------------------------------------------------------------


def saved_again(content: bytes, folder: Path) -> bytes:
    """The workbook as LibreOffice saves it."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    (folder / "book.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = [soffice, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder / "again")]
    subprocess.run([*command, str(folder / "book.xlsx")], check=True, capture_output=True, timeout=180)
    return (folder / "again" / "book.xlsx").read_bytes()


@pytest.mark.slow
def test_libreoffice_keeps_every_digest(tmp_path: Path) -> None:
    book = book_of(saved_again(hostile(), tmp_path))
    assert stored_digest(book) == seal.content_digest(listed(book))
    assert stored_seals(book) == made_seals(book) == stored_seals(book_of(hostile()))


@pytest.mark.slow
def test_the_writer_and_libreoffice_round_numbers_as_the_digests_do(tmp_path: Path) -> None:
    rng = random.Random(3)  # noqa: S311
    numbers = [rng.gauss(0, 1) * 10.0 ** rng.randint(-12, 15) for _ in range(4_000)]
    numbers += [rng.randint(1, 10**9) / 7 for _ in range(4_000)] + [0.1 * n for n in range(1_000)]
    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        book.worksheet_class = PlanSheet
        sheet = book.add_worksheet("Inputs x")
        for row, number in enumerate(numbers):
            sheet.write_number(row, 0, number)
        for row, truth in enumerate((True, False)):
            sheet.write_boolean(row, 1, truth, book.add_format({"num_format": "#,##0"}))
        noted = seal.line_seals("Inputs x", dict(written(book))["Inputs x"])
    before, after = (
        listed(book_of(found)) for found in (content.getvalue(), saved_again(content.getvalue(), tmp_path))
    )
    assert [value for (_, column), _, value in before[0][1] if column == 1] == numbers
    assert noted == seal.line_seals("Inputs x", before[0][1]) == seal.line_seals("Inputs x", after[0][1])
