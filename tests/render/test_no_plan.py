"""Where no plan exists: the workbook, the console and the JSON that say why and what would help, and plans repaired."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len
from rich.console import Console

import allocator
from allocator.analyses.conflict import Conflict, Member, TooLittleMoney
from allocator.analyses.repairs import Repair, RepairKind
from allocator.analyses.result import Result, Run
from allocator.api import Plan, optimise
from allocator.audit.verify import verify
from allocator.audit.workbook import plan_workbook
from allocator.console.plan import print_summary
from allocator.errors import OutputError, UsageError, WorkbookError
from allocator.programme.build import build
from allocator.programme.rows import Key, Row
from allocator.programme.status import Status
from allocator.render.no_plan import no_plan_bytes
from allocator.render.records import as_json
from allocator.scenario.changes import find_cell
from allocator.scenario.model import Cell, RuleEdit, Scenario
from allocator.scenario.problems import FromFile
from allocator.scenario.reading import read_scenario
from allocator.scenario.records import CellNames
from allocator.spreadsheet.formulas import Evaluator
from allocator.tables import no_plan as tables
from commands import infeasible, run_command, small, write_book

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl on our charts
SENTENCE = (
    "“Roads first” and “Schools first” ask for at least 110 million in 2026, 110 % of what City budget has (100): "
    "10 too much"
)
HOSTILE = '=HYPERLINK("http://bad.example","x")'


def a_scenario(tmp_path: Path, strength: str = "must") -> Scenario:
    """The scenario whose two floors can't stand together, with a legal basis that would like to be a formula."""
    sheets = infeasible()
    sheets["Rules"] = [
        [*row, *(("Strength", "Legal basis") if not i else (strength, "LAW"))] for i, row in enumerate(sheets["Rules"])
    ]
    path = write_book(tmp_path / "scenario.xlsx", sheets)
    book = openpyxl.load_workbook(path)
    for row in (2, 3):
        cell = book["Rules"].cell(row, 7, HOSTILE)
        cell.data_type = "s"
    book.save(path)
    return read_scenario(path)


def rows_of(scenario: Scenario) -> dict[str, Row]:
    return {row.name: row for row in build(scenario).rows}


def a_conflict(scenario: Scenario) -> Conflict:
    rows, one = rows_of(scenario), Fraction(1)
    members = (
        Member(rows["Budget: City budget"], one, at_least=False),
        Member(rows["Roads first"], one),
        Member(rows["Schools first"], one),
    )
    budget, *rules = (member.row for member in members)
    clash = TooLittleMoney(tuple(rules), (budget,), Fraction(110), Fraction(100), "million")
    return Conflict(members, clash, Fraction(10), "million", Fraction(110), Fraction(100))


def a_menu(scenario: Scenario) -> tuple[Repair, ...]:
    rules, budget = (Cell("Rules", row, 4) for row in (3, 2)), Cell("Budget", 2, 3)
    schools, roads = rules
    amounts = tuple(
        (Key(area, 2026, "City budget"), Fraction(part)) for area, part in (("Giáo dục", 60), ("Roads", 40))
    )
    share, budgets = {"unit": "%", "year": None}, {"rule": "Budget: City budget", "unit": "million", "year": 2026}
    first, second = "Schools first", "Roads first"
    lower = RuleEdit("Rules", first, "Value", schools, 0.7, 0.6, percent=True, rule=first, **share)
    both = (
        RuleEdit("Rules", second, "Value", roads, 0.4, 0.305, percent=True, rule=second, **share),
        RuleEdit("Budget", "City budget", "2026", budget, 100.0, 100.5, percent=False, **budgets),
    )
    return (
        Repair(RepairKind.ONE_RULE, (lower,), 1 / 7, Fraction(260), amounts),
        Repair(RepairKind.LEAST_CHANGE, both, 0.2425, Fraction("270.75"), amounts),
    )


def a_result(tmp_path: Path, **changes: object) -> Result:
    scenario = a_scenario(tmp_path)
    conflict = a_conflict(scenario)
    result = Result(
        scenario,
        Status.INFEASIBLE,
        Run("HiGHS 1.15.1"),
        conflict=tuple(member.row for member in conflict.members),
        conflicts=(conflict,),
        repairs=a_menu(scenario),
        messages=(FromFile("Hidden row 7 of Areas was read."),),
    )
    return replace(result, **changes)  # type: ignore[arg-type]


def opened(result: Result) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(no_plan_bytes(result)))


def texts(sheet: Worksheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def row_with(sheet: Worksheet, text: str, column: int = 1) -> int:
    return next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, column).value == text)


# -- the workbook ----------------------------------------------------------------------------------------------------


def test_the_summary_says_why_and_what_would_help(tmp_path):
    summary = opened(a_result(tmp_path))["Summary"]
    assert summary["A1"].value == "No plan exists — Hai lĩnh vực"
    assert summary["A2"].value == f"{SENTENCE}."
    said = "\n".join(texts(summary))
    assert "Rules!D3 Schools first: 70 % → 60 %" in said
    assert "Rules!D2 Roads first: 40 % → 30.5 %\nBudget!C2 Budget: City budget 2026: 100 → 100.5 million (+0.5)" in said
    assert "allocate scenario.xlsx --repair 1" in said
    assert "Hidden row 7" in said
    assert summary.sheet_properties.pageSetUpPr.fitToPage
    assert summary.page_setup.fitToHeight != 0


def test_it_has_the_inputs_and_about_as_a_plan_has(tmp_path):
    book = opened(a_result(tmp_path))
    inputs = [f"Inputs {name}" for name in ("Scenario", "Budget", "Areas", "Rules")]
    assert book.sheetnames == ["Summary", "Conflict", "Repairs", *inputs, "About"]
    assert book["Inputs Rules"]["D3"].value == "70 %"
    about = texts(book["About"])
    assert "SHA-256 of the scenario file" in about
    assert "Sign-off" not in about
    assert not any("the plan is the best" in text.casefold() for text in about)


def test_both_sides_of_a_conflict_are_added_up_live(tmp_path):
    book = plan_workbook(no_plan_bytes(a_result(tmp_path)))
    sheet = opened(a_result(tmp_path))["Conflict"]
    columns = {sheet.cell(5, c).value: c for c in range(1, 13)}
    added, short = row_with(sheet, "Added up"), row_with(sheet, "Asked for, less what there is")
    evaluator = Evaluator({name: found.cells for name, found in book.sheets.items()})
    assert evaluator.value("Conflict", (added, columns["Asked for"])) == 110
    assert evaluator.value("Conflict", (added, columns["There is"])) == 100
    assert evaluator.value("Conflict", (short, columns["Asked for"])) == 10
    changed = Evaluator(
        {name: found.cells for name, found in book.sheets.items()},
        {("Conflict", (row_with(sheet, "Roads first"), columns["Asks for at least"])): 30.0},
    )
    assert changed.value("Conflict", (short, columns["Asked for"])) == 0


def test_every_formula_comes_to_what_stands_beside_it(tmp_path):
    book = plan_workbook(no_plan_bytes(a_result(tmp_path)))
    evaluator = Evaluator({name: found.cells for name, found in book.sheets.items()})
    formulas = [(n, place, c) for n, s in book.sheets.items() for place, c in s.cells.items() if c.formula]
    assert len(formulas) > 10
    for name, place, content in formulas:
        assert evaluator.value(name, place) == pytest.approx(content.value), (name, place)


def test_members_lead_to_their_cells(tmp_path):
    sheet = opened(a_result(tmp_path))["Conflict"]
    row = row_with(sheet, "Schools first")
    cell = sheet.cell(row, 12)
    assert (cell.value, cell.hyperlink.location) == ("Rules!D3", "'Inputs Rules'!D3")
    assert sheet.cell(row, 3).value == "≥ 70 % of the budget"


def test_no_text_of_a_cell_becomes_a_formula_or_link(tmp_path):
    book = opened(a_result(tmp_path))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == HOSTILE and cell.data_type == "s" for cell in cells)
    assert not any(cell.data_type == "f" and "HYPERLINK" in str(cell.value) for cell in cells)
    links = [cell.hyperlink for cell in cells if cell.hyperlink]
    assert links
    assert all(link.location and not link.target for link in links)


def test_repairs_can_be_pasted_into_what_if(tmp_path):
    result = a_result(tmp_path)
    sheet = opened(result)["Repairs"]
    head = row_with(sheet, "Variant")
    assert [sheet.cell(head, c).value for c in range(1, 7)] == [c.name for c in tables.PASTE.columns]
    rows = [[sheet.cell(r, c).value for c in range(1, 7)] for r in range(head + 1, head + 4)]
    assert rows[0] == ["Repair 1", "Rules", "Schools first", "Value", "set", 0.6]
    assert rows[2] == ["Repair 2", "Budget", "City budget", "2026", "set", 100.5]
    edits = [edit for repair in result.repairs for edit in repair.edits]
    for (_, name, row, column, _, value), edit in zip(rows, edits, strict=True):
        assert find_cell(result.scenario, f"{name}/{row}/{column}").cell == edit.cell
        assert value == edit.after


def test_the_plans_of_all_repairs_stand_side_by_side(tmp_path):
    sheet = opened(a_result(tmp_path))["Repairs"]
    head = row_with(sheet, "Area")
    assert [sheet.cell(head, c).value for c in range(1, 6)] == ["Area", "Year", "Last year", "Repair 1", "Repair 2"]
    assert [sheet.cell(head + 2, c).value for c in range(1, 6)] == ["Roads", 2026, 30, 40, 40]
    assert str(sheet.cell(head + 3, 4).value).startswith("=SUMIFS(")


def test_every_heading_is_declared(tmp_path):
    book = opened(a_result(tmp_path))
    for table in tables.TABLES:
        said = set(texts(book[table.sheet]))
        for column in table.columns:
            assert any(text.startswith(column.name.removesuffix(" N")) for text in said), column.name
    assert {table.sheet for table in tables.TABLES} <= set(tables.SHEETS) == set(tables.ROLES)


def test_cells_are_named_as_addresses_are_read(tmp_path):
    scenario = read_scenario(Path("scenarios/hanoi-2026-2030.xlsx"))
    named, names = 0, CellNames(scenario)
    for sheet in scenario.inputs:
        for row, cells in enumerate(sheet.rows, start=1):
            for column, value in enumerate(cells, start=1):
                label, heading = names.of(Cell(sheet.name, row, column))
                if isinstance(value, float | int) and heading and sheet.header_row and row > sheet.header_row:
                    try:
                        found = find_cell(scenario, f"{sheet.name}/{label}/{heading}")
                    except UsageError:
                        continue
                    assert found.cell == Cell(sheet.name, row, column)
                    named += 1
    assert named > 200


def test_only_what_has_no_plan_has_such_a_workbook(tmp_path):
    with pytest.raises(ValueError, match="stopped"):
        no_plan_bytes(a_result(tmp_path, status=Status.STOPPED))


# -- law only --------------------------------------------------------------------------------------------------------


def of_law(tmp_path: Path) -> Result:
    scenario = a_scenario(tmp_path, "law")
    conflict = a_conflict(scenario)
    rows = tuple(member.row for member in conflict.members)
    return a_result(tmp_path, scenario=scenario, conflict=rows, conflicts=(conflict,), repairs=())


def test_where_all_is_law_no_repair_is_offered(tmp_path):
    result = of_law(tmp_path)
    assert "no repair is open to the city" in " ".join(shown(result).split())
    assert "--repair" not in shown(result)
    book = opened(result)
    assert any("no repair is open to the city" in text for text in texts(book["Summary"]))
    assert any("no repair is open to the city" in text for text in texts(book["Repairs"]))


def test_a_law_that_clashes_beside_the_citys_own_rules_is_named(tmp_path):
    result, own = of_law(tmp_path), a_scenario(tmp_path)
    both = (a_conflict(own), *result.conflicts)
    result = replace(result, conflict=tuple(member.row for member in both[0].members), conflicts=both)
    text = " ".join(shown(result).split())
    assert "between rules of law alone, such as “Roads first” (Rules!D2): no repair is open to the city." in text
    assert "Loosen one of these" not in text


def test_where_the_search_found_none_law_is_not_blamed(tmp_path):
    text = shown(a_result(tmp_path, repairs=()))
    assert "No repair was found." in text
    assert "open to the city" not in text


# -- the console -----------------------------------------------------------------------------------------------------


def shown(result: Result, width: int = 80) -> str:
    stream = io.StringIO()
    print_summary(result, Console(file=stream, width=width), Path("scenario.plan.xlsx"), Path("my scenario.xlsx"))
    return stream.getvalue()


def test_the_console_says_it_in_short(tmp_path):
    text = shown(a_result(tmp_path))
    lines = text.splitlines()
    assert " ".join(text.split()).startswith(f"No plan exists for Hai lĩnh vực: {SENTENCE}.")
    assert any(line.split()[0:2] == ["1", "Rules!D3"] and "70 % → 60 %" in line for line in lines)
    assert any("Budget!C2 Budget: City budget 2026: 100 → 100.5 million (+0.5)" in line for line in lines)
    assert any(line.startswith("  2  Rules!D2") and line.endswith("+10.75") for line in lines)
    assert 'allocate "my scenario.xlsx" --repair 1' in text
    assert HOSTILE in text


def test_it_is_never_longer_than_a_screen(tmp_path):
    result = a_result(tmp_path)
    conflict = replace(result.conflicts[0], members=result.conflicts[0].members * 8)
    many = replace(
        result,
        conflict=tuple(member.row for member in conflict.members),
        conflicts=(conflict,) * 9,
        repairs=tuple(replace(r, edits=r.edits * 6) for r in (*result.repairs, *result.repairs, result.repairs[0])),
        messages=(FromFile("a long message " * 30),) * 9,
    )
    lines = shown(many).splitlines()
    assert len(lines) <= 40
    assert max(map(cell_len, lines)) <= 80
    assert "see sheet Conflict" in shown(many)


# -- JSON and Python -------------------------------------------------------------------------------------------------


def test_the_json_has_conflict_repairs_and_all_conflicts(tmp_path):
    found = json.loads(as_json(a_result(tmp_path)))
    assert found["conflict"][1] == {"rule": "Roads first", "year": 2026, "cell": "Rules!D2", "legal_basis": HOSTILE}
    repair = found["repairs"][0]
    assert repair["changes"] == [
        {"rule": "Schools first", "year": None, "from": 0.7, "to": 0.6, "unit": "%", "cell": "Rules!D3"}
    ]
    assert (repair["objective"], repair["kind"]) == (260, "one rule")
    assert repair["allocation"][1] == {"area": "Roads", "year": 2026, "source": "City budget", "amount": 40}
    (conflict,) = found["conflicts"]
    assert (conflict["sentence"], conflict["short_by"]) == (f"{SENTENCE}.", 10)
    assert [row["side"] for row in conflict["rules"]] == ["at most", "at least", "at least"]
    assert [row["demand"] * row["times"] for row in conflict["rules"]] == [100, 40, 70]


def test_python_has_a_table_of_repairs(tmp_path):
    frame = Plan(a_result(tmp_path)).repairs
    assert list(frame["repair"]) == [1, 2, 2]
    assert list(frame["to"]) == [0.6, 0.305, 100.5]
    assert frame["year"].isna().tolist() == [True, True, False]
    assert len(Plan(a_result(tmp_path, repairs=())).repairs) == 0


def test_python_writes_the_workbook_too(tmp_path):
    Plan(a_result(tmp_path)).to_excel(tmp_path / "why.xlsx")
    assert openpyxl.load_workbook(tmp_path / "why.xlsx").sheetnames[1] == "Conflict"


# -- overwriting -----------------------------------------------------------------------------------------------------


def test_it_may_take_the_place_of_a_plan_and_a_plan_its_place(tmp_path):
    target = tmp_path / "plan.xlsx"
    why, plan = (
        Plan(a_result(tmp_path)),
        optimise(read_scenario(write_book(tmp_path / "s.xlsx", small())), explain=False),
    )
    for each in (why, plan, why, plan):
        each.to_excel(target)


def test_a_plan_with_decisions_stays(tmp_path):
    target = tmp_path / "plan.xlsx"
    optimise(read_scenario(write_book(tmp_path / "s.xlsx", small())), explain=False).to_excel(target)
    book = openpyxl.load_workbook(target)
    book["Allocation"]["E6"] = 12
    book.save(target)
    with pytest.raises(OutputError, match="entries of yours"):
        Plan(a_result(tmp_path)).to_excel(target)
    Plan(a_result(tmp_path)).to_excel(target, force=True)


def test_a_sheet_that_somebody_added_keeps_it_from_being_overwritten(tmp_path):
    target = tmp_path / "why.xlsx"
    Plan(a_result(tmp_path)).to_excel(target)
    book = openpyxl.load_workbook(target)
    book.create_sheet("Notes of the meeting")
    book.save(target)
    with pytest.raises(OutputError, match="Notes of the meeting"):
        Plan(a_result(tmp_path)).to_excel(target)


def test_it_is_no_scenario(tmp_path):
    Plan(a_result(tmp_path)).to_excel(tmp_path / "why.xlsx")
    with pytest.raises(WorkbookError, match="why no plan exists"):
        read_scenario(tmp_path / "why.xlsx")


# -- a plan with a repair --------------------------------------------------------------------------------------------


def test_a_plan_with_a_repair_says_so_everywhere(tmp_path):
    path = write_book(tmp_path / "scenario.xlsx", infeasible())
    menu = allocator.optimise(read_scenario(path)).repairs
    plan = optimise(read_scenario(path), repair=1)
    assert plan.status == "optimal"
    change = f"{menu['cell'][0]} "
    assert plan.messages[0].startswith("Planned with repair 1")
    assert change in plan.messages[0]
    plan.to_excel(tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert "repair 1" in str(book["Summary"]["A2"].value)
    for sheet in book:
        assert "with repair 1" in sheet.oddFooter.left.text, sheet.title
        assert sheet.title.startswith("Inputs ") or "with repair 1" in str(sheet["A1"].value), sheet.title
    assert any(text.startswith("repair 1: ") for text in texts(book["About"]))
    assert plan.objective == pytest.approx(float(allocator.optimise(read_scenario(path)).repairs["objective"][0]))


def test_the_command_plans_with_a_repair(tmp_path):
    path = write_book(tmp_path / "scenario.xlsx", infeasible())
    done = run_command(path, "--repair", 1, env={"PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().startswith("Best plan found for Hai lĩnh vực, with repair 1:")
    told = run_command(path, "--repair", 1, "--json")
    assert json.loads(told.stdout)["messages"][0].startswith("Planned with repair 1")


@pytest.mark.parametrize("number", [0, 99, -1])
def test_there_is_no_such_repair(tmp_path, number):
    path = write_book(tmp_path / "scenario.xlsx", infeasible())
    done = run_command(path, "--repair", number)
    assert (done.returncode, done.stdout) == (2, b"")
    assert "give a number from 1 to" in done.stderr.decode()
    assert not (tmp_path / "scenario.plan.xlsx").exists()


def test_a_scenario_with_a_plan_needs_no_repair(tmp_path):
    with pytest.raises(UsageError, match="has a plan"):
        optimise(read_scenario(write_book(tmp_path / "scenario.xlsx", small())), repair=1)


# -- the page about it -----------------------------------------------------------------------------------------------


def test_the_page_names_every_sheet_and_column():
    page = Path("docs/no-plan.md").read_text("utf-8")
    for sheet, holds in tables.SHEETS.items():
        assert f"| {sheet} | {holds} |" in page
    for table in tables.TABLES:
        _, found, text = page.partition(
            f"### Sheet `{table.sheet}`{f': {table.title}' if table.title != table.sheet else ''}\n"
        )
        assert found, table.title
        for column in table.columns:
            assert f"| {column.name} | {column.help} |" in text.split("\n#")[0]


# -- verify ----------------------------------------------------------------------------------------------------------


def test_a_plan_with_a_repair_is_verified(tmp_path):
    path = write_book(tmp_path / "scenario.xlsx", infeasible())
    optimise(read_scenario(path), repair=2).to_excel(tmp_path / "plan.xlsx")
    verdict = verify(tmp_path / "plan.xlsx")
    assert verdict.right, verdict.findings
    assert verify(tmp_path / "plan.xlsx", scenario=read_scenario(path)).findings == ()  # that file's own repair 2
    other = infeasible()
    other["Rules"][1][3], other["Areas"][2][2] = "41 %", 1
    told = verify(tmp_path / "plan.xlsx", scenario=read_scenario(write_book(path, other))).findings
    assert [finding.sheet for finding in told] == ["Inputs Areas", "About"]  # what the repair changes it from is said
    told = verify(tmp_path / "plan.xlsx", scenario=read_scenario(write_book(path, small()))).findings
    assert ["has no repair 2" in finding.text for finding in told] == [True]


def test_where_there_is_no_plan_there_is_none_to_verify(tmp_path):
    Plan(a_result(tmp_path)).to_excel(tmp_path / "why.xlsx")
    with pytest.raises(WorkbookError, match="no plan in it to verify"):
        verify(tmp_path / "why.xlsx")
