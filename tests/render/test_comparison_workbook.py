"""A comparison's workbook: live, safe from odd names, honest about what is missing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple

from allocator import read_scenario
from allocator.analyses.compare import Case, Comparison, PlannedCase, Unexplained, compare
from allocator.analyses.messages import Failed, Stopped
from allocator.analyses.result import Result
from allocator.audit.workbook import plan_workbook
from allocator.programme.status import Status
from allocator.render import comparison_values
from allocator.render.comparison import comparison_bytes
from allocator.scenario.changes import find_cell, with_value
from allocator.spreadsheet.formulas import Evaluator
from allocator.tables import comparison as tables
from allocator.tables import comparison_summary
from allocator.tables import comparison_values as values
from allocator.wording.conflict import clash_text
from places import SCENARIOS
from plan_cells import Cells, Office, assert_same_values, cells, constants, formulas

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl", "ignore::DeprecationWarning:openpyxl")
EDITS = {
    "Slump": {"Budget/City budget/2026": "204525", "Rules/Science at least 4 %/Value": "0.05"},
    "Impossible": {"Rules/Science at least 4 %/Value": "0.9"},
    "Culture path": {"Rules/Culture over 4 %/Value": "0.05", "Budget/ODA loans/2026": "1000"},
}
ODD = ("=1+1", "<r>&</r>", "Thiếu hụt ngân sách thành phố năm 2026, rất dài và còn dài hơn nữa", "*a?~", "{=SUM(A1)}")


def cases(path: Path) -> list[Case]:
    """Return the base case and its variants."""
    base = read_scenario(path)
    found = [Case("Base case", base, path=base.path)]
    for name, edits in EDITS.items():
        changed = base
        for address, value in edits.items():
            changed = with_value(changed, find_cell(changed, address), float(value))
        found.append(Case(name, changed, path=base.path))
    return found


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return compare(cases(SCENARIOS / "hanoi-2026.xlsx"))


@pytest.fixture(scope="module")
def content(compared: Comparison) -> bytes:
    return comparison_bytes(compared)


@pytest.fixture(scope="module")
def years() -> Comparison:
    """Two scenarios that share one year only."""
    one, five = (read_scenario(SCENARIOS / f"{name}.xlsx") for name in ("hanoi-2026", "hanoi-2026-2030"))
    return compare([Case("One year", one), Case("Five years", five)])


def picked(compared: Comparison, which: list[int], names: list[str]) -> Comparison:
    """Return a comparison of these cases under other names."""
    cases = tuple(replace(compared.cases[i], name=name) for i, name in zip(which, names, strict=True))
    planned = [case for case in cases if case.planned]
    core = {(area, t): min((c.amount(area, t) for c in planned), default=Fraction(0)) for area, t in compared.core}
    return replace(
        compared,
        cases=cases,
        core=core,
        changed=tuple(compared.changed[i] for i in which),
        cross=tuple(tuple(compared.cross[i][j] for j in which) for i in which),
        bridges=tuple(compared.bridges[i] for i in which),
    )


def column_of(at: str) -> str:
    """Return the letters of an address."""
    return re.sub(r"\d", "", at)


def named_columns(found: Cells, sheet: str, row: int) -> dict[str, str]:
    """Return the column of each heading."""
    places = {at: value for (name, at), value in found.items() if name == sheet}
    return {str(value): column_of(at) for at, value in places.items() if at == f"{column_of(at)}{row}"}


def rows_of(found: Cells, sheet: str, column: str, text: str) -> list[int]:
    """Return the rows that hold a text in a column."""
    places = [at for (name, at), value in found.items() if name == sheet and value == text]
    return sorted(int(at.removeprefix(column)) for at in places if column_of(at) == column)


def row_of(found: Cells, sheet: str, column: str, text: str, after: int = 0) -> int:
    """Return the first row below `after` that holds a text in a column."""
    return next(row for row in rows_of(found, sheet, column, text) if row > after)


def evaluated(content: bytes, overrides: dict[tuple[str, str], object] | None = None) -> Callable[[str, str], object]:
    """Return a function that works out a cell; `overrides` are typed in first."""
    sheets = {name: sheet.cells for name, sheet in plan_workbook(content).sheets.items()}
    typed = {(sheet, coordinate_to_tuple(at)): value for (sheet, at), value in (overrides or {}).items()}
    work = Evaluator(sheets, typed)
    return lambda sheet, at: work.value(sheet, coordinate_to_tuple(at))


def assert_live(content: bytes) -> None:
    """Every formula gives what is stored beside it, and holds no number but 0 and 1."""
    stored, written, value = cells(content), formulas(content), evaluated(content)
    assert len(written) > 100
    again = {at: value(*at) for at in written}
    assert_same_values(stored, again, list(written))
    assert not [(at, text) for at, text in written.items() if constants(text)]


# ---- what stands there ----------------------------------------------------------------------------------------------


def test_every_sheet_stands_there_with_its_tables_headings(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == list(tables.SHEETS)
    for table in (*comparison_summary.TABLES, *tables.TABLES, *values.TABLES):
        if table not in (comparison_summary.SUMMARY_RANGE, values.BRIDGE_YEARS):  # of many plans, of several years
            texts = {cell.value for row in book[table.sheet].iter_rows() for cell in row}
            assert {column.name for column in table.columns if not column.family} <= texts, table.title
    for sheet in book:
        assert "compared" in sheet["A1"].value
        assert sheet["A2"].value.endswith(".")
        assert "4 scenarios compared" in sheet.oddFooter.left.text
        assert sheet.page_setup.orientation == "landscape"


def test_every_formula_gives_what_is_stored_and_holds_no_constant(content):
    assert_live(content)


@pytest.mark.slow
def test_libreoffice_gives_what_is_stored(content, years, tmp_path):
    both = [content, comparison_bytes(years)]
    for stored, recalculated in zip(both, Office(tmp_path).recalculated(*both), strict=True):
        assert_same_values(cells(stored), recalculated, list(formulas(stored)))


def test_the_same_comparison_gives_the_same_bytes(compared, content, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert comparison_bytes(compared) == comparison_bytes(compared)
    assert "2026-09-21" in str(cells(comparison_bytes(compared)).values())


def test_figures_are_those_of_the_comparison(compared, content):
    found = cells(content)
    heads = named_columns(found, "Amounts", 5)
    for area, _ in compared.core:
        row = row_of(found, "Amounts", "A", area)
        least = min(case.amount(area, 2026) for case in compared.planned)
        assert found["Amounts", f"{heads['Core']}{row}"] == pytest.approx(float(least))
        for case in compared.planned:
            assert found["Amounts", f"{heads[case.name]}{row}"] == pytest.approx(float(case.amount(area, 2026)))
            share = found["Amounts", f"{heads[f'{case.name}: share']}{row}"]
            assert share == pytest.approx(float(case.share(area, 2026)))
    assert "Impossible" not in heads
    total = row_of(found, "Amounts", "A", "All areas")
    assert found["Amounts", f"{heads['Core']}{total}"] == pytest.approx(float(sum(compared.core.values())))


def test_regret_is_what_is_lost_against_the_best_of_a_scenario(compared, content):
    found = cells(content)
    regret = row_of(found, "Cross table", "A", "Base case", after=10)
    best = compared.cases[1].objective
    value = compared.cross[0][1].objective
    assert found["Cross table", f"C{regret}"] == pytest.approx(float(best - value))
    assert found["Cross table", f"D{regret}"] == "no plan"
    counts = row_of(found, "Cross table", "A", "Base case", after=regret)
    assert found["Cross table", f"C{counts}"] == len(compared.cross[0][1].broken) > 0
    listed = [row for row in rows_of(found, "Cross table", "B", "Base case") if row > counts]
    assert len(listed) == sum(len(value.broken) for value in compared.cross[0])


def test_inputs_changed_are_listed_with_live_differences(compared, content):
    found = cells(content)
    heads = named_columns(found, "Inputs changed", 5)
    row = row_of(found, "Inputs changed", heads["Row"], "City budget")
    line = {name: found.get(("Inputs changed", f"{column}{row}")) for name, column in heads.items()}
    assert (line["Scenario"], line["Before"], line["After"], line["Difference"]) == ("Slump", 227250, 204525, -22725)
    assert (line["Cell"], line["Counts"]) == ("Budget!D5", "yes")
    assert formulas(content)["Inputs changed", f"{heads['Difference']}{row}"].startswith("=")
    assert sum(at[0] == "A" and int(at[1:]) > 5 for sheet, at in found if sheet == "Inputs changed") == 5


# ---- it follows what is typed ---------------------------------------------------------------------------------------


def test_totals_core_shares_and_summary_follow_an_amount(compared, content):
    found = cells(content)
    heads = named_columns(found, "Amounts", 5)
    row, total = row_of(found, "Amounts", "A", "Education & training"), row_of(found, "Amounts", "A", "All areas")
    slump = f"{heads['Slump']}{row}"
    before = evaluated(content)
    after = evaluated(content, {("Amounts", slump): 1.0})
    moved = 1 - found["Amounts", slump]
    for at in (
        f"{heads['Slump']}{total}",
        f"{heads['Slump: difference']}{row}",
        f"{heads['Slump: difference']}{total}",
    ):
        assert after("Amounts", at) - before("Amounts", at) == pytest.approx(moved)
    assert after("Amounts", f"{heads['Core']}{row}") == 1
    summary = row_of(found, "Summary", "A", "Education & training")
    assert after("Summary", f"B{summary}") == 1
    share = row_of(found, "Summary", "A", "Core / least money there is")
    assert after("Summary", f"B{share}") < before("Summary", f"B{share}")


def test_bridges_add_up_and_their_checks_notice_when_they_do_not(content):
    found, written = cells(content), formulas(content)
    checks = [at for (sheet, at), text in written.items() if sheet == "Bridge" and "<=" in text]
    assert len(checks) > 10
    assert all(found["Bridge", at] is True for at in checks)
    first = row_of(found, "Bridge", "A", "Sum of the parts")
    part = f"B{first - 1}"
    assert evaluated(content, {("Bridge", part): 123456.0})("Bridge", f"B{first + 2}") is False
    objective = next(
        at
        for (sheet, at), text in written.items()
        if sheet == "Bridge" and text == "='Cross table'!C7-'Cross table'!B6"
    )
    assert objective == f"B{first + 1}"


def test_a_sampled_bridge_states_its_errors(compared):
    bridge = compared.bridges[1]
    parts = tuple(replace(part, objective_error=1.5) for part in bridge.parts)
    bridges = (None, replace(bridge, parts=parts, exact=False, orders=400), *compared.bridges[2:])
    content = comparison_bytes(replace(compared, bridges=bridges))
    assert_live(content)
    found = cells(content)
    row = row_of(found, "Bridge", "A", "Sum of the parts")
    assert found["Bridge", f"C{row - 1}"] == 1.5
    assert any(str(value).startswith("Sampled: 400 orders") for (sheet, _), value in found.items() if sheet == "Bridge")


def test_areas_beyond_the_page_are_drawn_together_and_still_add_up(compared, monkeypatch):
    monkeypatch.setattr(comparison_values, "_MOST_AREAS", 3)
    content = comparison_bytes(compared)
    assert_live(content)
    found = cells(content)
    row = row_of(found, "Bridge", "A", "Adds up")
    heads = named_columns(found, "Bridge", row_of(found, "Bridge", "A", "Input changed"))
    assert found["Bridge", f"{heads['Other areas']}{row}"] is True
    rest = found["Bridge", f"{heads['Other areas']}{row - 1}"]
    kept = {area for (area, _) in compared.core if area in heads}
    assert len(kept) == 2
    difference = sum(amount for (area, _), amount in compared.bridges[1].amounts.items() if area not in kept)
    assert rest == pytest.approx(float(difference))


@pytest.mark.slow
def test_five_years_add_up_area_by_area_and_year_by_year(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison_values, "_MOST_INPUTS", 3)
    base = read_scenario(SCENARIOS / "hanoi-2026-2030.xlsx")
    edits = {
        "Budget/City budget/2028": "256000",
        "Budget/ODA loans/2027": "3000",
        "Budget/Private and PPP capital/2026": "5000",
        "Rules/Education at least 20 %/Value": "0.21",
    }
    changed = base
    for address, value in edits.items():
        changed = with_value(changed, find_cell(changed, address), float(value))
    compared = compare([Case("Base case", base), Case("All", changed)])
    content = comparison_bytes(compared)
    assert_live(content)
    assert_same_values(cells(content), Office(tmp_path).recalculated(content)[0], list(formulas(content)))
    found = cells(content)
    heads = named_columns(found, "Bridge", row_of(found, "Bridge", "A", "Area and year"))
    assert "Other inputs" in heads
    for (area, year), amount in compared.bridges[1].amounts.items():
        if amount:
            row = row_of(found, "Bridge", "A", f"{area} {year}")
            assert found["Bridge", f"{heads['Difference']}{row}"] == pytest.approx(float(amount))
            assert found["Bridge", f"{heads['Adds up']}{row}"] is True


# ---- what is missing, odd or large ----------------------------------------------------------------------------------


def summary(content: bytes) -> str:
    """Return all texts of the Summary."""
    return "\n".join(str(value) for (sheet, _), value in cells(content).items() if sheet == "Summary")


def test_a_scenario_without_a_plan_stands_there_with_its_conflict(compared, content):
    text = summary(content)
    assert "no plan exists" in text
    assert clash_text(compared.cases[2].result.conflicts[0].clash).rstrip(".") in text
    assert "The same in all 3 plans" in text


def stopped(case: PlannedCase, reason: str) -> PlannedCase:
    """Return it as if the solver had given no answer."""
    result = Result(case.scenario, Status.STOPPED, case.result.run, messages=(Stopped(Failed(reason)),))
    return replace(case, result=result, amounts={}, valuation=None, alternatives=())


def test_one_that_was_stopped_is_not_said_to_have_no_plan(compared):
    cases = (*compared.cases[:3], stopped(compared.cases[3], "the time limit came"))
    cross = (*compared.cross[:3], (None,) * 4)
    bridges = (*compared.bridges[:3], Failed("it was not planned"))
    content = comparison_bytes(replace(compared, cases=cases, cross=cross, bridges=bridges))
    assert_live(content)
    text = summary(content)
    assert "Culture path, stopped: Stopped without a plan: the time limit came." in text
    assert "Culture path, no plan exists" not in text


@pytest.mark.parametrize("which", [[2, 0, 1], [2, 2], [0, 2]])
def test_scenarios_without_a_plan_may_stand_anywhere(compared, which):
    content = comparison_bytes(picked(compared, which, [f"Scenario {i}" for i in range(len(which))]))
    again, stored = evaluated(content), cells(content)
    assert_same_values(stored, {at: again(*at) for at in formulas(content)}, list(formulas(content)))
    assert "no plan exists" in summary(content)


def test_an_interrupt_is_said_first(compared):
    content = comparison_bytes(replace(compared, interrupted=Unexplained(("Slump",))))
    found = cells(content)
    assert found["Summary", "A4"] == "Interrupted: why Slump differs was not worked out."
    assert "why Slump differs was not worked out" in str([v for (s, _), v in found.items() if s == "About"])


@pytest.mark.parametrize("count", [2, 6, 20])
def test_many_scenarios_with_odd_names(compared, count):
    names = [*ODD, *(f"Revenue {i}" for i in range(len(ODD), 20))][:count]
    which = [(0, 1, 3)[i % 3] for i in range(count)]
    content = comparison_bytes(picked(compared, which, names))
    assert_live(content)
    found, written = cells(content), formulas(content)
    for sheet, column in (("Summary", "A"), ("Cross table", "A"), ("About", "A")):
        texts = {at: value for (name, at), value in found.items() if name == sheet and at[0] == column}
        assert set(names) <= set(texts.values())
        assert not [at for at, value in texts.items() if value in names and (sheet, at) in written]


def test_areas_and_years_that_one_lacks_are_blank_and_count_as_nothing(years):
    content = comparison_bytes(years)
    assert_live(content)
    found = cells(content)
    heads = named_columns(found, "Amounts", 5)
    later = next(
        int(at[1:]) for (sheet, at), value in found.items() if sheet == "Amounts" and at[0] == "B" and value == 2028
    )
    assert ("Amounts", f"{heads['One year']}{later}") not in found
    assert ("Amounts", f"{heads['Core']}{later}") not in found
    core = row_of(found, "Summary", "A", "All areas")
    assert found["Summary", f"B{core}"] == pytest.approx(float(sum(years.core.values())))


def test_an_area_that_one_scenario_lacks_has_no_core(compared):
    first, second = compared.cases[0], compared.cases[1]
    scenario = second.scenario
    areas = tuple(area for area in scenario.areas if area.name != "Culture")
    lacking = replace(second, result=replace(second.result, scenario=replace(scenario, areas=areas)))
    both = replace(picked(compared, [0, 1], ["Base case", "Slump"]), cases=(first, lacking))
    core = {(area, year): amount for (area, year), amount in both.core.items()} | {("Culture", 2026): Fraction(0)}
    content = comparison_bytes(replace(both, core=core, bridges=(None, Failed("not worked out"))))
    assert_live(content)
    found = cells(content)
    row = row_of(found, "Amounts", "A", "Culture")
    assert ("Amounts", f"D{row}") not in found
    assert found["Amounts", f"E{row}"] == 0
    assert found["Amounts", f"F{row}"] == -found["Amounts", f"C{row}"]


@pytest.mark.slow
def test_a_five_year_comparison_is_written_within_a_second(years):
    from time import process_time

    five = years.cases[1]
    names = [f"Scenario {i}" for i in range(5)]
    cross = tuple((years.cross[1][1],) * 5 for _ in names)
    areas = [area.name for area in five.scenario.leaves]
    core = {(area, year): five.amount(area, year) for area in areas for year in five.scenario.years}
    alike = replace(
        years, cases=tuple(replace(five, name=name) for name in names), changed=((),) * 5, cross=cross,
        bridges=(None, *[Failed("nothing differs")] * 4), core=core,
    )  # fmt: skip
    start = process_time()
    comparison_bytes(alike)
    assert process_time() - start < 1
