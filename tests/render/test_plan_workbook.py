"""The plan workbook: that it recomputes itself, follows decisions, keeps text text, and is saved without harm."""

from __future__ import annotations

import errno
import io
import math
import os
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from allocator.analyses.figures import RowStatus, alternatives
from allocator.analyses.moves import Move
from allocator.analyses.result import AreaFigures, Result
from allocator.errors import OutputError
from allocator.programme.build import build
from allocator.programme.rows import Linear
from allocator.render import workbook
from allocator.render.about_sheets import input_names
from allocator.render.files import check_target, save_plan
from allocator.render.summary import verdict_text
from allocator.scenario.model import InputSheet, Objective, Operator
from allocator.scenario.problems import FromFile
from allocator.spreadsheet import saving
from allocator.spreadsheet.printing import footer, text_units
from allocator.tables import plan as tables
from allocator.tables.layout import Layout
from allocator.tables.money import ALLOCATION, FUNDS, INDICATORS
from allocator.tables.prices import NEXT_MONEY, PRICE_CARD, ROOM
from allocator.tables.rules import CHECKS, CONSTRAINTS, RULES, VARIABLE_CELLS, rows_counted
from allocator.wording.messages import message_texts
from places import SCENARIOS
from plan_cells import Cells, Office, assert_same_values, cells, find, formulas, label
from sample_prices import POINT
from sample_result import CULTURE, EDUCATION, HEALTH, HOSTILE, ODA, PLACES, SCHOOLS, STEP, plan_bytes, sample_result
from shipped import shipped_plan

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl", "ignore::DeprecationWarning:openpyxl")
YEARS = {"one year": (2026,), "five years": (2026, 2027, 2028, 2029, 2030)}
LATER = [YEARS["one year"], pytest.param(YEARS["five years"], marks=pytest.mark.slow)]


@pytest.fixture
def convert(office: Office) -> Callable[[bytes, str], Path]:
    """Return a function that converts a workbook with LibreOffice, formulas recalculated."""
    return lambda content, to: office.convert([content], to)[0]


# -- values --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("years", LATER, ids=YEARS)
def test_recalculated_values_are_the_stored_ones(years: tuple[int, ...], convert: Callable[[bytes, str], Path]) -> None:
    content = plan_bytes(sample_result(years, hostile=len(years) > 1))
    again = cells(convert(content, "xlsx"))
    where = list(formulas(content))
    assert len(where) > 150
    assert_same_values(cells(content), again, where)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [SCENARIOS / "hanoi-2026.xlsx", SCENARIOS / "hanoi-2026-2030.xlsx"],
    ids=["one year", "five years"],
)
def test_the_shipped_scenarios_recompute_and_print(path: Path, convert: Callable[[bytes, str], Path]) -> None:
    result = shipped_plan(path).result
    content = plan_bytes(result)
    stored = cells(content)
    assert stored["Checks", "B3"] is True
    assert_same_values(stored, cells(convert(content, "xlsx")), list(formulas(content)))
    assert convert(content, "pdf").stat().st_size > 50_000
    for figures, row in zip(result.rows, range(6, 10**6), strict=False):
        assert stored["Rules", f"I{row}"] == figures.status.value


@pytest.mark.slow
@pytest.mark.parametrize("years", LATER, ids=YEARS)
def test_it_prints(years: tuple[int, ...], convert: Callable[[bytes, str], Path]) -> None:
    result = sample_result(years)
    pdf = convert(plan_bytes(result), "pdf")
    pages = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True).stdout
    assert "841.89 x 595.304" in pages or "842 x 595" in pages.replace("841.89", "842").replace("595.3", "595")


def test_every_formula_has_its_value_beside_it() -> None:
    content = plan_bytes(sample_result((2026, 2027)))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = archive.read(name).decode()
                assert text.count("<f>") == len(re.findall(r"</f><v>", text)), name


def test_figures_are_those_of_the_result() -> None:
    result = sample_result((2026, 2027))
    stored = cells(plan_bytes(result))
    for figures in result.rows:
        row = {"Rule": figures.row.name, "Year": figures.row.year}
        if figures.row.year is None:
            row.pop("Year")
        assert find(stored, "Rules", row, "Status") == figures.status.value
        assert find(stored, "Rules", row, "Slack") == pytest.approx(float(figures.slack), rel=1e-9, abs=1e-6)
        assert find(stored, "Rules", row, "Constraint R.H. Side") == pytest.approx(float(figures.rhs))
        assert find(stored, "Rules", row, "Reached") == pytest.approx(float(figures.reached or 0))
    for line in result.allotments:
        if line.eligible:
            row = {"Area": line.area, "Year": line.year, "Source": line.source}
            assert find(stored, "Allocation", row, "Amount") == pytest.approx(float(line.amount))
    for fund in result.funds:
        assert find(stored, "Funds", {"Source": fund.source, "Year": fund.year}, "Unspent") == pytest.approx(
            float(fund.unspent)
        )
    assert stored["Checks", "B3"] is True


# -- decisions -----------------------------------------------------------------------------------------------


def decided(content: bytes, area: str, year: int, source: str, amount: object) -> bytes:
    """Return the workbook with an amount typed under Decided, and no stored values."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["Allocation"]
    heads = {cell.value: cell.column for cell in sheet[5]}
    for row in sheet.iter_rows(min_row=6):
        if [row[heads[name] - 1].value for name in ("Area", "Year", "Source")] == [area, year, source]:
            row[heads["Decided"] - 1].value = amount
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.slow
def test_a_decision_goes_through_the_whole_workbook(convert: Callable[[bytes, str], Path]) -> None:
    result = sample_result((2026, 2027))
    content = plan_bytes(result)
    city = result.scenario.sources[0].name
    before = cells(content)
    row = {"Area": SCHOOLS, "Year": 2026, "Source": city}
    amount = find(before, "Allocation", row, "Amount")
    after = cells(convert(decided(content, SCHOOLS, 2026, city, amount + 20000), "xlsx"))
    assert find(after, "Allocation", row, "In force") == pytest.approx(amount + 20000)
    assert find(after, "Plan", {"Area": SCHOOLS}, "2026") == pytest.approx(amount + 20000)
    assert find(after, "Plan", {"Area": "Total"}, "2026") == pytest.approx(
        find(before, "Plan", {"Area": "Total"}, "2026") + 20000
    )
    budget = {"Rule": f"Budget: {city}", "Year": 2026}
    assert (find(before, "Rules", budget, "Status"), find(after, "Rules", budget, "Status")) == ("Binding", "Missed")
    assert find(after, "Rules", budget, "Slack") == pytest.approx(-20000)
    assert find(after, "Funds", {"Source": city, "Year": 2026}, "Unspent") == pytest.approx(-20000)
    effect = float(result.scenario.effects[PLACES][SCHOOLS].value)
    place = {"Indicator": PLACES, "Year": 2027}
    assert find(after, "Indicators", place, "Reached") == pytest.approx(
        find(before, "Indicators", place, "Reached") + 20000 * effect
    )
    assert (before["Checks", "B3"], after["Checks", "B3"]) in {(True, False), (True, 0)}
    change = label(after, "Summary", "What decisions change")
    assert change == pytest.approx(20000 * (1.3 + 0.5 * effect), rel=1e-6)
    assert label(after, "Summary", "Every check holds") == "NO"
    assert "NOT EVERY CHECK HOLDS" in after["Summary", "A2"]
    assert label(before, "Summary", "What decisions change") == 0


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["lots", " "])
def test_text_under_decided_fails_a_check_and_no_more(typed: str, convert: Callable[[bytes, str], Path]) -> None:
    result = sample_result((2026,))
    content, source = plan_bytes(result), result.scenario.sources[0].name
    after = cells(convert(decided(content, CULTURE, 2026, source, typed), "xlsx"))
    row = {"Area": CULTURE, "Year": 2026, "Source": source}
    assert find(after, "Allocation", row, "In force") == find(cells(content), "Allocation", row, "Amount")
    assert after["Checks", "B3"] in (False, 0)
    assert re.match("1 of [0-9]+ checks does not hold", after["Checks", "A2"])
    assert after["Summary", "A2"].startswith("NOT EVERY CHECK HOLDS")


# -- sentences -----------------------------------------------------------------------------------------------


def test_the_verdict_says_on_which_side_of_the_optimum_the_plan_is() -> None:
    result = replace(sample_result((2026,)), objective=Fraction(160), goals=())
    equal = replace(result.rows[0], row=replace(result.rows[0].row, operator=Operator.EQUAL))
    result = replace(result, rows=(equal, *result.rows))
    sides = (replace(result, unrounded_objective=Fraction(best)) for best in (161, 158))
    below, better = (verdict_text(side, "points") for side in sides)
    assert below.startswith("The best plan found in whole steps: 160 points, at most 0.7 % below what any plan could")
    assert "1.3 % better than the unrounded optimum, because equalities are kept only to within one Step;" in better
    stored = cells(plan_bytes(replace(result, unrounded_objective=Fraction(158))))
    assert "Gain of rounding to whole steps" in stored.values()
    least = replace(result, scenario=replace(result.scenario, objective=Objective(maximise=False)))
    said = verdict_text(replace(least, unrounded_objective=Fraction(160)), "million")
    assert said == "The best plan found in whole steps: 160 million spent, the least that keeps every rule."
    said = verdict_text(replace(least, unrounded_objective=Fraction(158)), "million")
    assert "160 million spent, at most 1.3 % above the least that keeps every rule" in said
    assert "better" in verdict_text(replace(least, unrounded_objective=Fraction(161)), "million")


def below_the_table(stored: Cells) -> str:
    """Return the paragraph of the Summary on what changes."""
    texts = [value for (sheet, _), value in stored.items() if sheet == "Summary" and isinstance(value, str)]
    return next(text for text in texts if text.startswith("What changes. "))


def test_sentences_tell_tiny_amounts_and_an_impossible_draft() -> None:
    result = sample_result((2026, 2027))
    tiny = Fraction(1, 10**9)
    small = replace(
        result,
        step=STEP * tiny,
        allotments=tuple(replace(line, amount=line.amount * tiny) for line in result.allotments),
        scenario=replace(
            result.scenario,
            areas=tuple(
                replace(a, proposed={t: Fraction(40000) for t in result.scenario.years}) for a in result.scenario.areas
            ),
        ),
    )
    small = replace(small, alternatives=alternatives(build(small.scenario), small.amounts, small.step))
    stored = cells(plan_bytes(small))
    text = stored["Summary", "A3"] + below_the_table(stored)
    assert "As optimised, 0.0004902975 tỷ đồng go to 10 areas" in text
    assert "by budget money are" in text
    assert "in budget money," in text
    assert re.search(r"falls most \(−[1-9]", text)
    better = r"The proposed draft would bring [\d,.]+ benefit points more \(\+[\d,.]+ %\) but breaks [1-9]\d* rule"
    assert re.search(better, text)


def test_a_little_slack_is_not_shown_as_nothing() -> None:
    result = replace(sample_result((2026,)), step=Fraction(1))
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)), data_only=True)["Rules"]
    heads = {cell.value: cell.column for cell in book[5]}
    slacks = [book.cell(6 + i, heads["Slack"]) for i in range(len(result.rows))]
    little = [cell for cell in slacks if cell.value and abs(cell.value) < 0.5]
    assert little
    for cell in slacks:
        decimals = len(re.findall("[0#]", cell.number_format.split(";")[0].partition(".")[2]))
        assert not cell.value or abs(cell.value) >= 0.5 * 10**-decimals, cell.coordinate


def test_what_binds_is_counted_alike_and_shows_every_year() -> None:
    result = sample_result((2026, 2027))
    stored = cells(plan_bytes(result))
    counts, rows = rows_counted(result)
    said = f"{counts[RowStatus.BINDING]} of {rows} rows"
    assert f"{said} bind and" in stored["Rules", "A2"]
    assert f"{said} on Rules bind, that is, they have no room left." in stored["Summary", "A3"]
    assert {"What binds in the optimised plan", "≤ 227,249 … 238,549 tỷ đồng"} <= set(stored.values())
    held = replace(result.rows[0], row=replace(result.rows[0].row, goal_bound=True))
    assert rows_counted(replace(result, rows=(*result.rows, held))) == (counts, rows)


# -- text stays text -----------------------------------------------------------------------------------------


def test_names_that_look_like_formulas_stay_text() -> None:
    result = sample_result((2026, 2027), hostile=True)
    content = plan_bytes(replace(result, messages=tuple(map(FromFile, ("=1+1", "@x", "http://example.org/")))))
    found = openpyxl.load_workbook(io.BytesIO(content))
    hostile = {*HOSTILE.values(), "=1+1", "@x", '=HYPERLINK("http://example.org")'}
    seen: set[str] = set()
    for sheet in found:
        for cell in (cell for row in sheet for cell in row):
            if cell.value in hostile:
                assert cell.data_type == "s", (sheet.title, cell.coordinate)
                seen.add(str(cell.value))
    assert hostile - seen <= {"=1+1", "@x"}  # messages on Summary have a bullet before them


def test_it_holds_nothing_active_and_nothing_hidden() -> None:
    content = plan_bytes(sample_result((2026, 2027), hostile=True))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert not [
            name for name in names if "externalLink" in name or "vba" in name.lower() or "macro" in name.lower()
        ]
        for name in names:
            text = archive.read(name).decode("utf-8", "replace")
            if name.endswith(".rels"):
                assert 'TargetMode="External"' not in text, name
            if name == "xl/workbook.xml":
                assert "hidden" not in text.lower()
    assert all(sheet.sheet_state == "visible" for sheet in openpyxl.load_workbook(io.BytesIO(content)))


# -- sheets and headings -------------------------------------------------------------------------------------


def test_sheets_and_headings_are_the_contract() -> None:
    result = sample_result((2026,))
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)))
    fixed = [name for name in tables.SHEETS if name not in ("Certificate", "Inputs …", "Seals", "About")]
    assert book.sheetnames[: len(fixed)] == fixed
    assert book.sheetnames[-2:] == ["Seals", "About"]
    assert "Inputs Areas" in book.sheetnames
    for table in (
        ALLOCATION,
        FUNDS,
        RULES,
        VARIABLE_CELLS,
        PRICE_CARD,
        ROOM,
        NEXT_MONEY,
        INDICATORS,
        CHECKS,
    ):
        assert [cell.value for cell in book[table.sheet][5]][: len(table.on_sheet)] == [c.name for c in table.on_sheet]
    rule = book["Allocation"].data_validations.dataValidation[0]
    assert (rule.type, rule.operator, rule.formula1) == ("decimal", "greaterThanOrEqual", "0")
    assert str(rule.sqref) == f"E6:E{5 + sum(line.eligible for line in result.allotments)}"
    headings = [[cell.value for cell in row] for row in book["Sensitivity"].iter_rows()]
    assert [column.name for column in CONSTRAINTS.on_sheet] in headings
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == "9"
        assert "5f2c9d00" in str(sheet.oddFooter.right.text)


@pytest.mark.parametrize("title", ["Hà Nội 2026", "w" * 300, "BUDGET & PLAN " * 20, "&" * 300, "预算" * 100, "😀" * 99])
def test_a_footer_has_its_page_number_at_the_right_and_cuts_what_would_run_into_it(title: str) -> None:
    left, right = footer(title, "scenario 5f2c9d00").removeprefix("&L&8 ").split("&R&8 ")
    assert right == "scenario 5f2c9d00 · Page &P of &N"
    assert text_units(left) <= 140
    told = left.replace("&&", "")
    assert "&" not in told, "no half of a doubled one"
    assert sum(1.4 if c.isupper() else 2 if c in "预算😀" else 1 for c in left.replace("&&", "&")) <= 140
    assert left == title or left.endswith("…")


def test_input_sheets_have_names_of_their_own_and_their_own_addresses() -> None:
    result = sample_result((2026,))
    names = input_names(result.scenario.inputs, tables.SHEETS)
    assert len({name.casefold() for name in names}) == len(names)
    assert all(text_units(name) <= 31 for name in names)
    stored = cells(plan_bytes(result))
    for name, sheet in zip(names, result.scenario.inputs, strict=True):
        for r, row in enumerate(sheet.rows):
            for c, value in enumerate(row):
                if value is not None:
                    assert stored[name, f"{'ABCDEFGHIJ'[c]}{r + 1}"] == value


def test_input_names_clash_with_no_other() -> None:
    sheets = [InputSheet(name, (), None, None, None) for name in ("A" * 31, "a" * 30, "A" * 29 + "'", "x")]
    names = input_names(sheets, ["inputs x"])
    assert len({name.casefold() for name in names}) == 4
    assert not any(name.endswith("'") for name in names)


def rows_below(content: bytes, sheet: str, first: str) -> list[dict[str, Any]]:
    """Return the rows of the table on `sheet` whose first heading is `first`, by heading."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    lines = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
    start = next(i for i, line in enumerate(lines) if line[0] == first)
    heads = [head for head in lines[start] if head is not None]
    table = lines[start + 1 :]
    end = next((i for i, line in enumerate(table) if line[0] is None), len(table))
    return [dict(zip(heads, line, strict=False)) for line in table[:end]]


def test_sensitivity_has_a_row_for_everything_and_no_blank_cell() -> None:
    result = sample_result((2026, 2027))
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(result)))["Sensitivity"]
    lines = [[cell.value for cell in row] for row in book.iter_rows(min_row=6)]
    below = next(i for i, line in enumerate(lines) if line[0] == "Constraints")
    cells, rows = lines[: below - 2], lines[below + 2 :]
    assert [(line[0], line[1]) for line in cells] == [(a.name, a.year) for a in (*result.areas, *result.parts)]
    assert {line[0].rsplit(" ", 2)[-2] for line in cells} >= {"/", "from"}
    assert all(None not in line[:8] for line in cells)
    assert [line[0] for line in rows] == [f.row.name for f in result.rows]
    assert all(None not in line for line in rows)


def test_sensitivity_puts_in_words_what_is_no_number() -> None:
    result = sample_result((2026,))
    stored = {row["Name"]: row for row in rows_below(plan_bytes(result), "Sensitivity", "Name")}
    texts = cells(plan_bytes(result))
    assert "no limit" in [row["Allowable Increase"] for row in stored.values()]
    below = [at for (sheet, at), value in texts.items() if sheet == "Sensitivity" and value == "Shadow Price"]
    table = {
        texts["Sensitivity", f"A{row}"]: [texts["Sensitivity", f"{c}{row}"] for c in "DFGHIKLM"]
        for row in range(int(below[0][1:]) + 1, int(below[0][1:]) + 1 + len(result.rows))
    }
    two = table["Culture at least 4.1 %"]
    assert two[0] == two[5] == "two prices"
    assert two[3:5] == [-0.25, -1.5]
    assert table[f"Minimum: {HEALTH}"][:4] == ["one way", "no plan", 99.25, "no plan"]
    assert table[f"Minimum: {HEALTH}"][6:] == ["Culture at least 4.1 %", "no plan exists beyond"]
    assert table["Science at least 12 %"] == ["n/a", "n/a", "n/a", "n/a", "n/a", "missed goal", "–", "–"]


def test_sensitivity_shows_its_signs_with_its_own_figures() -> None:
    result = sample_result((2026,))
    said = cells(plan_bytes(result))["Sensitivity", "A2"]
    assert said.startswith(
        "A price is the change of the objective (benefit points) per unit that a right-hand side grows"
    )
    figures = result.rows[0]
    assert f"1 more than the 227,249 tỷ đồng of “{figures.row.name}” 2026 changes it by +1.2346" in said
    assert "each further unit up to 1,234.5 more" in said
    idle = tuple(replace(f, price_up=0.0) for f in result.rows)
    assert ":" not in cells(plan_bytes(replace(result, rows=idle)))["Sensitivity", "A2"]
    assert "Both sides were not asked for" not in cells(plan_bytes(result))["Sensitivity", "A3"]
    unasked = tuple(replace(f, price_up=None, price_down=None, degenerate=None) for f in result.rows)
    assert "Both sides were not asked for" in cells(plan_bytes(replace(result, rows=unasked)))["Sensitivity", "A3"]


# -- price card, room, next money ----------------------------------------------------------------------------


def test_price_card_has_two_lines_a_rule_in_its_own_unit() -> None:
    result = sample_result((2026,))
    lines = rows_below(plan_bytes(result), "Price card", "Rule")
    more, less = lines[:2]
    assert (more["Rule"], more["As written"]) == ("Culture at least 4.1 %", "≥ 4.1 % of the budget")
    assert (more["Step"], less["Step"]) == ("1 point more", "1 point less")
    assert (more["Valid from"], more["Valid to"]) == (0.041, pytest.approx(0.0485))
    assert (less["Valid from"], less["Valid to"]) == ("no limit", 0.041)
    assert more["Objective"] == pytest.approx(-0.4 * POINT * 1.15)
    assert more["Gains"].endswith("+2,272")
    assert more["Pays"].endswith("2 others −227.2")
    amount = next(line for line in lines if line["Rule"] == "Party work under 12,000" and "less" in line["Step"])
    assert (amount["Step"], amount["Valid to"], amount["Valid from"]) == ("1 tỷ đồng less", 12000, "no limit")


def test_price_card_says_why_there_is_no_price() -> None:
    lines = rows_below(plan_bytes(sample_result((2026,))), "Price card", "Rule")
    remarks = {line["Rule"]: line["Remark"] for line in reversed(lines)}
    assert remarks["Party work under 12,000"] == "No plan exists in this direction, however small the step."
    assert remarks["Science at least 12 %"] == "A goal that is missed has no price."
    assert remarks["Sport at most 2 %"] == "Off: it is not part of the programme."
    assert "Price is today's slope, and changes a little even within its range" in remarks["Education over 15 %"]
    names = [line["Rule"] for line in lines]
    assert [names.count(name) for name in ("Sport at most 2 %", "Science at least 12 %", "Education over 15 %")] == [
        1,
        1,
        2,
    ]
    assert all(None not in line.values() for line in lines)


def test_price_card_shows_noise_as_nothing_and_says_that_goals_come_first() -> None:
    result = sample_result((2026,))
    noise = replace(result.price_card[5], more=Move(-1e-7, holds=1.0, change=0.0))
    content = plan_bytes(replace(result, price_card=(noise,)))
    assert rows_below(content, "Price card", "Rule")[0]["Price"] == 0
    assert "Goals come before the objective" in cells(content)["Price card", "A4"]
    assert "Goals come" not in cells(plan_bytes(replace(result, goals=())))["Price card", "A4"]


def first_card(result: Result, **moves: Move) -> list[dict[str, Any]]:
    """Return the two lines of the first rule's card, its moves replaced."""
    card = replace(result.price_card[0], **moves)  # type: ignore[arg-type]
    return rows_below(plan_bytes(replace(result, price_card=(card,))), "Price card", "Rule")


def test_price_card_says_no_plan_where_there_is_none_and_nothing_else() -> None:
    stuck = Move(None, no_plan=True)
    more, less = first_card(sample_result((2026,)), more=stuck, less=replace(stuck, ends=True))
    for line in (more, less):
        assert [line[name] for name in ("Objective", "Price")] == ["no plan"] * 2
        rest = ("In money", "Holds for", "Valid from", "Valid to", "Next price")
        assert [line[name] for name in rest] == ["n/a"] * 5


def test_where_plans_end_there_is_no_next_price() -> None:
    result = sample_result((2026,))
    ends = Move(-1.0, holds=0.5, ends=True)
    gradual = Move(-1.0, holds=0.5)
    assert [line["Next price"] for line in first_card(result, more=ends, less=gradual)] == ["no plan beyond", "n/a"]
    found = replace(result.next_money[0], more=ends, less=gradual)
    lines = rows_below(plan_bytes(replace(result, next_money=(found,))), "Next money", "Source")
    assert [line["Next marginal"] for line in lines] == ["no plan beyond", "n/a"]
    assert [line["Objective"] for line in lines] == ["no plan"] * 2
    assert [line["Remark"] for line in lines] == ["No plan exists for a whole step."] * 2


def test_goals_that_a_step_misses_are_remarked_on() -> None:
    result = sample_result((2026,))
    goal = next(f.row for f in result.rows if f.row.strength.kind == "goal")
    trade = Move(5.0, holds=2.0, change=5.0, missed=((goal.label, 2.5),))
    said = f"Misses {goal.label} by 2.5 {goal.unit} more."
    assert first_card(result, more=trade)[0]["Remark"] == said
    found = replace(result.next_money[0], more=trade)
    lines = rows_below(plan_bytes(replace(result, next_money=(found,))), "Next money", "Source")
    assert (lines[0]["Remark"], lines[1]["Remark"]) == (said, "–")


def test_both_ends_of_a_range_can_be_told_apart() -> None:
    result = sample_result((2026,))
    card = replace(result.price_card[0], less=Move(-1.0, holds=0.0007869, next_price=-0.5, change=1.0))
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(replace(result, price_card=(card,)))))["Price card"]
    heads = {cell.value: cell.column for cell in book[5]}
    ends = [book.cell(7, heads[name]) for name in ("Valid from", "Valid to")]
    assert [cell.number_format.split(";")[0] for cell in ends] == ['0.000" "%'] * 2
    assert book.cell(7, heads["Holds for"]).number_format.split(";")[0] == "#,##0.0000000"
    assert first_card(result, less=card.less)[1]["Remark"] == "A point is more than what its price holds for."


def test_the_chart_names_the_direction_without_a_plan() -> None:
    result = sample_result((2026,))
    stuck = replace(result.price_card[0], more=Move(None, no_plan=True))
    labels = [v for (s, _), v in cells(plan_bytes(replace(result, price_card=(stuck,)))).items() if s == "Workings"]
    assert "Culture at least 4.1 % (1 point; more: no plan)" in labels
    trade = replace(result.price_card[0], less=Move(-5.0, change=5.0, missed=(("Goal 2026", 1.0),)))
    labels = [v for (s, _), v in cells(plan_bytes(replace(result, price_card=(trade,)))).items() if s == "Workings"]
    assert "Culture at least 4.1 % (1 point; goals change too)" in labels


def test_a_rule_that_is_off_is_written_as_the_others_are() -> None:
    lines = rows_below(plan_bytes(sample_result((2026,))), "Price card", "Rule")
    off = next(line for line in lines if line["Rule"] == "Sport at most 2 %")
    assert off["As written"] == "≤ 2 % of the budget"


def test_noise_below_a_millionth_of_step_is_not_shown_as_room() -> None:
    result = sample_result((2026,))
    first = replace(result.room[0], value=8170 + 1e-10, most_near=8170 + 2e-10, least=8170 - 1e-10)
    line = rows_below(plan_bytes(replace(result, room=(first, *result.room[1:]))), "Room", "Area")[0]
    assert (line["In the plan"], line["Most, 0.5 % worse"], line["Least, as good"]) == (8170, 8170, 8170)
    assert line["Could rise by"] == 0


def test_a_year_of_room_is_not_cut_by_the_end_of_a_page() -> None:
    years = tuple(range(2026, 2031))
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(sample_result(years))))["Room"]
    breaks = [mark.id for mark in book.row_breaks.brk]
    assert breaks
    begins = [i for i in range(7, book.max_row + 1) if book.cell(i, 2).value != book.cell(i - 1, 2).value]
    charts = max(i for i in range(7, book.max_row + 1) if book.cell(i, 1).value) + 1
    assert set(breaks) <= {charts, *(i - 1 for i in begins)}


def test_a_price_card_is_not_made_tiny_to_fit_its_chart_on_the_page() -> None:
    result = sample_result((2026,))
    free = Move(0.0, holds=math.inf, change=0.0)
    idle = replace(result.price_card[1], more=free, less=free)

    def printed(cards: int) -> tuple[int, int | None]:
        shown = replace(result, price_card=(result.price_card[0], *[idle] * cards))
        sheet = openpyxl.load_workbook(io.BytesIO(plan_bytes(shown)))["Price card"]
        return len(sheet.row_breaks.brk), sheet.page_setup.scale

    assert printed(15) == (0, None), "a little smaller, on one page"
    breaks, scale = printed(20)
    assert breaks == 1
    assert scale is not None
    assert scale >= 55


def test_axes_have_a_nought() -> None:
    with zipfile.ZipFile(io.BytesIO(plan_bytes(sample_result((2026, 2027))))) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    axes = [axis for chart in charts for axis in re.findall(r"<c:valAx>.*?</c:valAx>", chart, re.DOTALL)]
    shown = [axis for axis in axes if '<c:delete val="1"/>' not in axis]
    assert shown
    assert not [axis for axis in shown if "–" in axis]


def test_room_adds_up_what_is_forced_without_counting_twice() -> None:
    result = sample_result((2026, 2027))
    content = plan_bytes(result)
    lines = rows_below(content, "Room", "Area")
    assert len(lines) == len(result.room)
    assert {line["Area"] for line in lines if line["In sums"] == "no"} == {EDUCATION}
    for year, sums in zip((2026, 2027), rows_below(content, "Room", "Forced and free"), strict=True):
        mine = [r for r in result.room if r.year == year and not r.whole]
        assert sums["Year"] == year
        assert sums["Forced, at least"] == pytest.approx(sum(r.least_near for r in mine))
        assert sums["In the plan"] == pytest.approx(sum(r.value for r in mine))
        assert sums["Free, at most"] == pytest.approx(sums["In the plan"] - sums["Forced, at least"])
        assert sums["Available"] == sum(s.available[year] for s in result.scenario.sources)
    culture = next(line for line in lines if line["Area"] == CULTURE)
    room = next(r for r in result.room if r.name == CULTURE)
    assert culture["Could fall by"] == pytest.approx(room.value - room.least_near)
    assert culture["Forced part"] == pytest.approx(room.least_near / room.value)


def test_the_summary_shows_the_room_of_the_last_year() -> None:
    result = sample_result((2026, 2027))
    lines = rows_below(plan_bytes(result), "Summary", "Area")
    culture = next(line for line in lines if line["Area"] == CULTURE)
    room = next(r for r in result.room if (r.name, r.year) == (CULTURE, 2027))
    assert (culture["Least 2027"], culture["Most 2027"]) == pytest.approx((room.least_near, room.most_near))
    total = next(line for line in lines if line["Area"] == "Total")
    assert (total["Least 2027"], total["Most 2027"]) == ("–", "–")
    groups = tuple(replace(r, name=f"Group of {r.name}") for r in result.room)
    shown = plan_bytes(replace(result, room=groups))
    assert "Least 2027" not in cells(shown).values()
    assert rows_below(shown, "Room", "Area")[0]["Area"].startswith("Group of")


def test_a_sentence_wider_than_its_table_wraps_above_it() -> None:
    book = openpyxl.load_workbook(io.BytesIO(plan_bytes(sample_result((2026,)))))
    room, plan = book["Room"], book["Plan"]
    assert "A2:K2" in [str(merged) for merged in room.merged_cells.ranges]
    assert room.row_dimensions[2].height > 25
    assert room["A2"].alignment.wrap_text
    assert "A2" not in plan.merged_cells


def test_next_money_follows_each_source_both_ways() -> None:
    result = sample_result((2026, 2027))
    lines = rows_below(plan_bytes(result), "Next money", "Source")
    assert len(lines) == 2 * len(result.next_money)
    more, less = lines[:2]
    step = float(result.scenario.sources[0].available[2026]) / 100
    assert (more["Money"], less["Money"]) == (pytest.approx(step), pytest.approx(-step))
    assert (more["Per unit"], less["Per unit"]) == (pytest.approx(1.4), pytest.approx(1.52))
    assert more["Holds to"] == pytest.approx(more["Available"] + 5 * step)
    assert less["Holds to"] == pytest.approx(less["Available"] - step / 2)
    assert "+1,818" in more["Gains"]
    assert "−1,818" in less["Gives up"]


def charts_of(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(name.startswith("xl/charts/chart") for name in archive.namelist())


def test_sheets_whose_figures_were_not_asked_for_are_left_out(tmp_path: Path) -> None:
    plain = sample_result((2026,), prices=False)
    content = plan_bytes(plain)
    names = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert not {"Price card", "Room", "Next money"} & set(names)
    stored = cells(content)
    assert "Price card" not in [value for (sheet, _), value in stored.items() if sheet == "About"]
    assert "Dearest rule" not in stored["Summary", "A3"]
    save_plan(plain, tmp_path / "plain.xlsx")
    save_plan(sample_result((2026,)), tmp_path / "plain.xlsx")
    assert [charts_of(plan_bytes(r)) for r in (plain, sample_result((2026,)), sample_result((2026, 2027)))] == [2, 4, 5]


def test_a_scenario_without_rules_has_a_price_card_that_says_so() -> None:
    result = replace(sample_result((2026,)), price_card=())
    stored = cells(plan_bytes(result))
    assert stored["Price card", "A2"] == "The scenario has no rules beside its budgets, limits and targets."
    assert stored["Price card", "A5"] == "Rule"


def test_the_summary_opens_with_the_five_sentences() -> None:
    result = sample_result((2026, 2027))
    said = cells(plan_bytes(result))["Summary", "A3"].split("\n")
    heads = ["What it reaches", "What binds", "Dearest rule", "Free to negotiate", "Next money"]
    assert [line.split(". ")[0] for line in said] == heads
    assert f"It reaches {float(result.objective or 0):,.1f} benefit points; 0 of" in said[0]
    assert "; 0 of 1 target is met." in said[0]
    assert "largest areas" in below_the_table(cells(plan_bytes(result)))
    least = replace(sample_result((2026,)).scenario, objective=Objective(maximise=False))
    said = cells(plan_bytes(replace(sample_result((2026,)), scenario=least)))["Summary", "A3"].split("\n")
    assert "the least that was found" in said[0]
    assert "benefit" not in " ".join(said[:5])


def test_the_same_result_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    first = workbook.plan_bytes(sample_result((2026, 2027)))
    assert first == workbook.plan_bytes(sample_result((2026, 2027)))
    about = [value for (sheet, _), value in cells(first).items() if sheet == "About"]
    assert "2026-01-01 00:00:00 UTC" in about


def test_about_lists_assumptions_and_messages() -> None:
    result = sample_result((2026,))
    about = [value for (sheet, _), value in cells(plan_bytes(result)).items() if sheet == "About"]
    assert {"assumption", "no evidence given", result.scenario.sha256, *message_texts(result.messages)} <= set(about)


def test_scenario_without_extras_and_an_unrounded_plan() -> None:
    result = sample_result((2026,), draft=False)
    bare = replace(
        result,
        step=Fraction(0),
        goals=(),
        indicators=(),
        messages=(),
        tie=False,
        unrounded_objective=None,
        rows=tuple(f for f in result.rows if f.row.indicator is None and f.status is not RowStatus.MISSED),
        scenario=replace(result.scenario, sha256="", path="", inputs=(), indicators=(), effects={}),
    )
    stored = cells(plan_bytes(replace(bare, objective=Fraction(308138))))
    assert stored["Indicators", "A2"] == "The scenario has no indicators."


# -- formulas ------------------------------------------------------------------------------------------------


def test_formulas_stay_short() -> None:
    result = sample_result(tuple(range(2026, 2031)))
    layout = Layout(result)
    whole = Linear({a.key: Fraction(1) for a in layout.lines if a.year == 2028})
    assert layout.formula(whole) == layout.where("In force", 2028)
    without = Linear({key: c for key, c in whole.terms.items() if key[0] != CULTURE or key[2] == ODA})
    assert len(layout.formula(without) or "") < 220


@pytest.mark.slow
def test_a_big_plan_is_written_in_seconds() -> None:
    import time

    result = big(1600, (2026, 2027, 2028))
    start = time.perf_counter()
    content = plan_bytes(result)
    assert time.perf_counter() - start < 30
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert "Values only" in str(book["Allocation"]["A2"].value) or len(Layout(result).lines) <= 20_000


def big(count: int, years: tuple[int, ...]) -> Result:
    """Return a plan of many areas; its figures mean nothing."""
    result = sample_result(years)
    scenario, template = result.scenario, result.scenario.area[CULTURE]
    areas = tuple(replace(template, name=f"Area {i}") for i in range(count))
    amount = result.allotments[0]
    lines = tuple(
        replace(amount, area=a.name, year=t, source=s.name) for a in areas for t in years for s in scenario.sources
    )
    row = result.rows[0]
    every = Linear({line.key: Fraction(i % 3 + 1) for i, line in enumerate(lines)})
    rows = tuple(replace(row, row=replace(row.row, name=f"Rule {i}", left=every)) for i in range(3))
    figures = tuple(AreaFigures(a.name, t, Fraction(1)) for a in areas for t in years)
    plain = replace(scenario, areas=areas, rules=(), bands={}, effects={}, indicators=())
    many = replace(result, scenario=plain, allotments=lines, rows=rows, areas=figures, goals=(), indicators=())
    return replace(many, alternatives=alternatives(build(plain), many.amounts, many.step))


# -- saving --------------------------------------------------------------------------------------------------


@pytest.fixture
def plan() -> Result:
    return sample_result((2026,))


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "hanoi.xlsx"
    path.write_bytes(b"the scenario")
    return path


def litter(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_saves_and_overwrites_its_own_plan(plan: Result, tmp_path: Path, scenario_file: Path) -> None:
    target = tmp_path / "hanoi.plan.xlsx"
    save_plan(plan, target, scenario_path=scenario_file)
    save_plan(plan, target, scenario_path=scenario_file)
    assert litter(tmp_path) == {"hanoi.xlsx", "hanoi.plan.xlsx"}
    assert openpyxl.load_workbook(target)["Summary"]["A1"].value == plan.scenario.title
    umask = os.umask(0)
    os.umask(umask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask


def test_never_overwrites_the_scenario(plan: Result, tmp_path: Path, scenario_file: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.hardlink_to(scenario_file)
    for target in (scenario_file, tmp_path / "." / "hanoi.xlsx", link):
        with pytest.raises(OutputError, match="the scenario itself"):
            save_plan(plan, target, force=True, scenario_path=scenario_file)
    assert scenario_file.read_bytes() == b"the scenario"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"my notes"])
def test_refuses_what_is_no_plan(plan: Result, tmp_path: Path, content: bytes) -> None:
    target = tmp_path / "notes.xlsx"
    target.write_bytes(content)
    with pytest.raises(OutputError, match=r"no plan made by allocate.*--force"):
        check_target(target)
    assert target.read_bytes() == content
    save_plan(plan, target, force=True)
    assert target.read_bytes() != content


def test_refuses_a_workbook_that_is_no_plan(tmp_path: Path) -> None:
    target = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(target)
    with pytest.raises(OutputError, match="no plan made by allocate"):
        check_target(target)


@pytest.mark.parametrize(
    ("sheet", "cell", "value"),
    [
        ("Allocation", "E8", 12),
        ("Allocation", "E6", 0),
        ("Allocation", "G7", "as agreed"),
        ("Allocation", "H6", "NVA"),
        ("About", "B8", "Lê Văn A"),
    ],
)
def test_refuses_a_plan_with_entries(plan: Result, tmp_path: Path, sheet: str, cell: str, value: object) -> None:
    target = tmp_path / "a.plan.xlsx"
    target.write_bytes(plan_bytes(plan))
    book = openpyxl.load_workbook(target)
    book[sheet][cell] = value  # type: ignore[assignment]
    book.save(target)
    before = target.read_bytes()
    with pytest.raises(OutputError, match=rf"{sheet}!{cell}.*--force"):
        save_plan(plan, target)
    assert target.read_bytes() == before
    save_plan(plan, target, force=True)
    check_target(target)


@pytest.mark.parametrize("sheet", [None, "Allocation", "About"])
def test_refuses_a_plan_with_other_sheets(plan: Result, tmp_path: Path, sheet: str | None) -> None:
    target = tmp_path / "a.plan.xlsx"
    target.write_bytes(plan_bytes(plan))
    book = openpyxl.load_workbook(target)
    if sheet is None:
        book.create_sheet("My notes")
    else:
        book[sheet].title = "My notes"
    book.save(target)
    with pytest.raises(OutputError, match=rf"has a sheet 'My notes'{f'.*{sheet}' if sheet else ''}.*--force"):
        check_target(target)
    check_target(target, force=True)


def test_recognises_a_plan_that_lost_its_mark(plan: Result, tmp_path: Path) -> None:
    target = tmp_path / "a.plan.xlsx"
    target.write_bytes(plan_bytes(plan))
    book = openpyxl.load_workbook(target)
    book.custom_doc_props.props.clear()  # type: ignore[attr-defined]
    book.save(target)
    check_target(target)


def test_says_what_is_wrong_with_the_folder(plan: Result, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"folder .*does not exist"):
        save_plan(plan, tmp_path / "missing" / "a.xlsx")
    with pytest.raises(OutputError, match="is a folder"):
        save_plan(plan, tmp_path, force=True)


@pytest.fixture(params=["fsync", "replace", "interrupt"])
def failure(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[type[BaseException], str]]:
    """Make saving fail at its worst moments."""

    def fail(error: BaseException) -> Callable[..., None]:
        def raising(*_: object, **__: object) -> None:
            raise error

        return raising

    if request.param == "fsync":
        monkeypatch.setattr(saving.os, "fsync", fail(OSError(errno.ENOSPC, "No space left on device")))
        yield OutputError, "disk is full"
    elif request.param == "replace":
        monkeypatch.setattr(Path, "replace", fail(PermissionError(errno.EACCES, "Permission denied")))
        yield OutputError, "open in another program"
    else:
        monkeypatch.setattr(saving.os, "fsync", fail(KeyboardInterrupt()))
        yield KeyboardInterrupt, ""


def test_a_failure_leaves_the_old_plan_whole_and_no_litter(
    plan: Result, tmp_path: Path, failure: tuple[type[BaseException], str]
) -> None:
    target = tmp_path / "a.plan.xlsx"
    target.write_bytes(plan_bytes(plan))
    before = target.read_bytes()
    with pytest.raises(failure[0], match=failure[1] or None):
        save_plan(plan, target)
    assert litter(tmp_path) == {"a.plan.xlsx"}
    assert target.read_bytes() == before
