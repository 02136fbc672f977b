"""Slips of the hand typed into the shipped scenarios: each is asked about at its cell, before anything is planned."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from allocator import read_scenario
from allocator.audit.verify import verify
from allocator.errors import Problem, ScenarioError
from allocator.scenario.problems import MergedCells, as_one
from commands import run_command, small, write_book

ONE = Path("scenarios/hanoi-2026.xlsx").resolve()
FIVE = Path("scenarios/hanoi-2026-2030.xlsx").resolve()
type Edit = Callable[[Workbook], object]


def typed(cell: str, value: object) -> Edit:
    sheet, place = cell.split("!")
    return lambda book: book[sheet].__setitem__(place, value)


def filled(sheet: str, cells: str, value: object) -> Edit:
    def edit(book: Workbook) -> None:
        for row in book[sheet][cells]:
            for cell in row:
                cell.value = value

    return edit


def formatted(cell: str, value: object, code: str = "0%") -> Edit:
    def edit(book: Workbook) -> None:
        sheet, place = cell.split("!")
        book[sheet][place].value, book[sheet][place].number_format = value, code

    return edit


def as_percentages(sheet: str, cells: str) -> Edit:
    def edit(book: Workbook) -> None:
        for row in book[sheet][cells]:
            for cell in row:
                cell.number_format = "0.00%"

    return edit


def merged(sheet: str, cells: str) -> Edit:
    return lambda book: book[sheet].merge_cells(cells)


def titled(sheet: str, row: int, title: str | None = "MORE OF IT") -> Edit:
    """A blank row and a title before a row."""

    def edit(book: Workbook) -> None:
        book[sheet].insert_rows(row, 1 + (title is not None))
        book[sheet].cell(row + 1, 1).value = title or book[sheet].cell(row + 1, 1).value

    return edit


def found(source: Path, edit: Edit, folder: Path) -> list[Problem]:
    """What is wrong with a shipped scenario after an edit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(source)
    edit(book)
    book.save(folder / "slip.xlsx")
    try:
        read_scenario(folder / "slip.xlsx")
    except ScenarioError as error:
        return list(error.problems)
    return []


PERCENT = "An amount is expected, not a percentage"
PERCENTAGES = {
    "a budget": (ONE, formatted("Budget!D5", 0.7), "Budget!D5", f"70 %, or 0.7? {PERCENT}"),
    "a budget as text": (ONE, typed("Budget!D6", "70 %"), "Budget!D6", f"70 %, or 0.7? {PERCENT}"),
    "a budget of last year": (FIVE, formatted("Budget!C5", 155734), "Budget!C5", "or 155734? "),
    "all years of a budget": (FIVE, as_percentages("Budget", "D5:H7"), "Budget!D5:H7", PERCENT),
    "last year": (ONE, formatted("Areas!D9", 0.02, "0.0%"), "Areas!D9", f"2 %, or 0.02? {PERCENT}"),
    "last year of all": (ONE, as_percentages("Areas", "D9:D16"), "Areas!D9:D16", PERCENT),
    "a minimum": (ONE, formatted("Areas!E11", 0.04), "Areas!E11", "a share of the budget goes under Minimum share"),
    "a minimum as text": (FIVE, typed("Areas!E11", "4%"), "Areas!E11", "goes under Minimum share"),
    "a minimum in brackets": (FIVE, typed("Areas!E11", "(4%)"), "Areas!E11", "-4 %, or -0.04?"),
    "a maximum": (ONE, formatted("Areas!F11", 1.2, "0.0%;[Red]-0.0%"), "Areas!F11", "goes under Maximum share"),
    "the draft": (ONE, formatted("Areas!K11", 0.1, "0 %"), "Areas!K11", "10 %, or 0.1?"),
    "a limit of a year": (ONE, formatted("Limits!D5", 0.5), "Limits!D5", "goes under Maximum share"),
    "a minimum of a year": (FIVE, typed("Limits!C5", "50 ％"), "Limits!C5", "goes under Minimum share"),
    "a band's end": (
        ONE,
        formatted("Benefits!B5", 1.2),
        "Benefits!B5",
        "a part of Last year goes under Up to, of last",
    ),
    "all bands' ends": (ONE, as_percentages("Benefits", "B5:B7"), "Benefits!B5:B7", PERCENT),
    "a rule's amount": (ONE, formatted("Rules!E10", 0.4), "Rules!E10", "Basis is amount; for a share of the budget"),
    "a rule's amount as text": (ONE, typed("Rules!E10", "40 %"), "Rules!E10", "40 %, or 0.4?"),
    "the step": (ONE, formatted("Scenario!B7", 1), "Scenario!B7", "100 %, or 1?"),
    "a cost": (ONE, formatted("Effects!D10", 0.5), "Effects!D10", "50 %, or 0.5?"),
    "a target": (ONE, formatted("Indicators!E5", 0.22), "Indicators!E5", "22 %, or 0.22? Figures are in the indicator"),
    "a target as text": (ONE, typed("Indicators!E5", "22%"), "Indicators!E5", "type 0.22, or 22"),
    "a baseline": (ONE, formatted("Indicators!C7", 0.72), "Indicators!C7", "type 72, or 0.72"),
}
MERGES = {
    "two amounts": (ONE, merged("Areas", "D5:D6"), "Areas!D5:D6", "is it 11000 for each of them, or for all together?"),
    "two budgets": (FIVE, merged("Budget", "D5:D6"), "Budget!D5:D6", "type a figure in each row"),
    "two names": (ONE, merged("Areas", "A5:A7"), "Areas!A5:A7", "each row needs its own Area"),
    "two sources": (ONE, merged("Budget", "A5:A6"), "Budget!A5:A6", "each row needs its own Source"),
    "two rules": (ONE, merged("Rules", "A5:A6"), "Rules!A5:A6", "its own Rule"),
    "two values": (ONE, merged("Rules", "E5:E6"), "Rules!E5:E6", "0.04 is merged over 2 rows"),
    "two benefits": (ONE, merged("Benefits", "D5:D7"), "Benefits!D5:D7", "type a figure in each row"),
    "two ends": (FIVE, merged("Benefits", "B5:B6"), "Benefits!B5:B6", "type a figure in each row"),
    "two targets": (ONE, merged("Indicators", "E5:E6"), "Indicators!E5:E6", "22 is merged over 2 rows"),
    "two effects": (ONE, merged("Effects", "C5:C7"), "Effects!C5:C7", "type a figure in each row"),
    "two settings": (ONE, merged("Scenario", "B6:B7"), "Scenario!B6:B7", "is merged over 2 rows"),
    "two columns": (ONE, merged("Areas", "D7:E7"), "Areas!D7:E7", "is merged over the columns Last year and Minimum"),
    "a whole row": (ONE, merged("Areas", "A7:U7"), "Areas!A7:U7", "or remove the row if it is a title"),
    "a block": (ONE, merged("Areas", "C5:D8"), "Areas!C5:D8", "Group and Last year"),
    "two headings": (ONE, merged("Areas", "C4:D4"), "Areas!C4:D4", "type a heading above each column"),
    "headings of two rows": (ONE, merged("Areas", "D4:D5"), "Areas!D4:D5", "type all headings in one row"),
    "headings from above": (ONE, merged("Areas", "A3:A4"), "Areas!A3:A4", "merged cells hide headings"),
}
SECTIONS = {
    "areas": (
        ONE,
        titled("Areas", 8),
        "Areas!A9:U18",
        "10 rows below a blank row, where the table ends at row 7; delete",
    ),
    "areas, no title": (FIVE, titled("Areas", 8, None), "Areas!A9:Y17", "9 rows below a blank row"),
    "sources": (ONE, titled("Budget", 6), "Budget!A7:J9", 'and the title "MORE OF IT"'),
    "rules": (ONE, titled("Rules", 8), "Rules!A9:M17", "9 rows below a blank row"),
    "bands": (ONE, titled("Benefits", 20), "Benefits!A21:G61", "41 rows below a blank row"),
    "limits": (ONE, titled("Limits", 6), "Limits!A7:J8", "2 rows below a blank row"),
    "indicators": (ONE, titled("Indicators", 6), "Indicators!A7:M11", "5 rows below a blank row"),
    "effects": (ONE, titled("Effects", 7), "Effects!A8:J12", "5 rows below a blank row"),
    "settings": (ONE, titled("Scenario", 7), "Scenario!A8:B13", "6 rows below a blank row"),
    "variants": (ONE, titled("What-if", 6), "What-if!A7:J9", "3 rows below a blank row"),
}
WHOLE_COLUMNS = {
    "a heading": (ONE, typed("Areas!D4", "Last yaer"), "Areas!D4", 'did you mean "Last year"?'),
    "last year by its number": (ONE, typed("Areas!D4", 2025), "Areas!D4", 'did you mean "Last year"?'),
    "no figure of last year": (ONE, filled("Areas", "D5:D16", None), "Areas!D5:D7, D9:D16", "(and so in 10 more)"),
    "an error": (ONE, filled("Areas", "D5:D16", "#REF!"), "Areas!D5:D16", "(in all 12 cells)"),
    "figures of two readings": (ONE, filled("Areas", "K5:K16", "9.090"), "Areas!K5:K16", "type 9090, or 9.09"),
    "shares without a sign": (ONE, filled("Limits", "E5:E6", "4"), "Limits!E5:E6", "type 4%, or 400%"),
    "no money": (FIVE, filled("Budget", "D5:H7", None), "Budget!D5:H7", "type 0 for no money (in all 15 cells)"),
    "no benefit": (ONE, filled("Benefits", "D5:D30", None), "Benefits!D5:D30", "(in all 26 cells)"),
    "no year": (ONE, typed("Budget!D4", "Year 2026"), "Budget!D4", "did you mean 2026?"),
    "other words": (ONE, filled("Rules", "F5:F15", "prior year"), "Rules!F5:F15", 'did you mean "last year"?'),
    "words that multiply": (ONE, filled("Areas", "D5:D7", "3 tỷ"), "Areas!D5:D7", '"tỷ" is not read as a part of it'),
    "negative": (
        ONE,
        filled("Areas", "D5:D7", "($1,234.5)"),
        "Areas!D5:D7",
        '"($1,234.5)" (which is -1234.5) is negative',
    ),
    "a comma": (ONE, typed("Areas!J9", "City budget, ODA loans"), "Areas!J9", "type City budget; ODA loans"),
    "years": (FIVE, typed("Limits!B5", "2026, 2028"), "Limits!B5", "type 2026; 2028"),
}
ALL = {
    f"{kind}: {name}": case
    for kind, cases in {"percent": PERCENTAGES, "merged": MERGES, "section": SECTIONS, "column": WHOLE_COLUMNS}.items()
    for name, case in cases.items()
}
QUICK = {name for at, name in enumerate(ALL) if at % 6 == 0}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.slow]) for n in ALL])
def test_one_slip_is_one_problem_at_its_cells(name, tmp_path):
    source, edit, cell, said = ALL[name]
    problems = found(source, edit, tmp_path)
    assert [problem.cell for problem in problems] == [cell], "\n".join(map(str, problems))
    assert said in problems[0].message


@pytest.mark.parametrize("source", [ONE, FIVE], ids=["one year", "five years"])
def test_the_shipped_scenarios_have_no_problem(source, tmp_path):
    assert found(source, lambda _book: None, tmp_path) == []


# ---- read in one way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "value"),
    [("$5,842.5", "5842.5"), ("US$ 1,200.50", "1200.5"), ("5 000 VND", "5000"), ("60 đ", "60"), ("60₫", "60"),
     ("€1.234,5", "1234.5"), ("1 234 567 VNĐ", "1234567"), ("£ 60", "60"), ("60 USD", "60"), ("＄６０", "60"),
     ("60\u00a0€", "60"), ("\u00a0$\u202f60 ", "60"), ("+$60", "60"), ("¥1,234,567", "1234567"), ("60 đồng", "60"),
     ("(0)", "0"), ("VND 60", "60"), ("60.5$", "60.5"), ("1'234'567 CHF", "1234567"), ("$.5", "0.5")],
)  # fmt: skip
def test_a_currency_around_an_amount(figure, value, tmp_path):
    areas = [["Area", "Last year", "Benefit"], ["Police", figure, 2], ["Roads", 60, 1]]
    scenario = read_scenario(write_book(tmp_path / "s.xlsx", small(Areas=areas, Rules=None)))
    assert str(float(scenario.areas[0].last_year)) == str(float(value))


@pytest.mark.parametrize("figure", ["(5%)", "-5%", "( 5 % )", "5%-", "(5)%", "−5 %", "（5％）", "-5 percent", "(0.05)"])
def test_brackets_around_a_percentage(figure, tmp_path):
    rules = [["Rule", "Area", "Operator", "Value", "Basis"], ["Not cut", "Roads", ">=", figure, "change on last year"]]
    assert float(read_scenario(write_book(tmp_path / "s.xlsx", small(Rules=rules))).rules[0].value) == -0.05


@pytest.mark.parametrize(
    ("figure", "said"),
    [("$1.234", '"1.234" can be read as 1234'), ("5 tỷ", '"tỷ" is not read'), ("$3.2 million", '"million"'),
     ("12k", '"k" is not read'), ("5 tỷ đồng", '"tỷ"'), ("5k$", '"k"'), ("3 bn VND", '"bn"'),
     ("(1,234)", "can be read"),
     ("($60)", '"($60)" (which is -60) is negative'), ("60-", "-60 is negative"), ("$5%", "expected a number"),
     ("((5))", "expected a number"), ("5 USD 3", "expected a number"), ("$", "expected a number"), ("()", "expected")],
)  # fmt: skip
def test_amounts_that_are_asked_about(figure, said, tmp_path):
    areas = [["Area", "Last year", "Benefit"], ["Police", figure, 2], ["Roads", 60, 1]]
    with pytest.raises(ScenarioError) as caught:
        read_scenario(write_book(tmp_path / "s.xlsx", small(Areas=areas, Rules=None)))
    (problem,) = caught.value.problems
    assert problem.cell == "Areas!B2"
    assert said in problem.message


def test_a_zero_formatted_as_a_percentage_is_nothing_either_way(tmp_path):
    assert found(ONE, formatted("Areas!E11", 0), tmp_path) == []


HELD = {
    "group": (
        merged("Areas", "C12:C13"),
        lambda s: s.area["Health & social security"].groups == ("Social", "Services"),
    ),
    "agency": (merged("Areas", "L5:L7"), lambda s: s.areas[2].assignment.lead_agency == "Department of Home Affairs"),
    "sources": (merged("Areas", "J12:J13"), lambda s: len(s.areas[8].sources) == 3),
    "area of bands": (merged("Benefits", "A5:A8"), lambda s: len(s.bands["Institutions & governance", 2026]) == 5),
    "evidence": (merged("Rules", "J5:J8"), lambda s: s.rules[3].origin.evidence.startswith("SGGP")),
    "strength": (merged("Rules", "I5:I7"), lambda s: s.rules[2].strength.kind == "law"),
    "a title above": (merged("Areas", "A1:H1"), lambda s: len(s.areas) == 12),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[] if n == "group" else [pytest.mark.slow]) for n in HELD])
def test_a_merged_text_holds_for_all_its_rows(name, tmp_path):
    edit, holds = HELD[name]
    assert found(ONE, edit, tmp_path) == []
    scenario = read_scenario(tmp_path / "slip.xlsx")
    assert holds(scenario)
    said = [message for message in scenario.messages if isinstance(message, MergedCells)]
    assert len(said) == (name != "a title above")


def test_a_plan_from_merged_cells_is_verified_from_its_own_inputs(tmp_path):
    areas = [
        ["Area", "Group", "Benefit"],
        ["Police", "Safety", 2],
        ["Fire", None, 2],
        ["Rescue", None, 1],
        ["Parks", None, 3],
    ]
    rules = [["Rule", "Area", "Operator", "Value", "Basis"], ["Half", "Safety", ">=", "50%", "budget"]]
    path = write_book(tmp_path / "s.xlsx", small(Areas=areas, Rules=rules))
    book = load_workbook(path)
    book["Areas"].merge_cells("B2:B4")
    book.save(path)
    assert read_scenario(path).rules[0].subjects[0].areas == ("Police", "Fire", "Rescue")
    assert run_command(path, "-o", tmp_path / "p.xlsx").returncode == 0
    assert verify(tmp_path / "p.xlsx").right


# ---- one cause, one message -----------------------------------------------------------------------------------------


def test_names_with_digits_are_causes_of_their_own():
    problems = [Problem(f"Areas!B{row}", f'"Park {row}" is no source', "Sources") for row in (2, 3, 4)]
    assert as_one(problems) == problems


def test_two_problems_at_one_cell_both_stay():
    problems = [Problem("Areas!B2", f"{n} is too much", cause=("{} is too much", "#")) for n in (1, 2, 3)]
    assert {problem.message.partition(" (")[0] for problem in as_one(problems)} == {p.message for p in problems}


def test_cells_of_a_range_are_all_marked(tmp_path):
    found(ONE, filled("Areas", "D5:D7", "3 tỷ"), tmp_path)
    assert run_command("check", tmp_path / "slip.xlsx", "--mark", tmp_path / "m.xlsx").returncode == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sheet = load_workbook(tmp_path / "m.xlsx")["Areas"]
    marked = [row for row in range(5, 17) if "tỷ" in (sheet.cell(row, 4).comment or _NONE).text]
    assert marked == [5, 6, 7]


class _NONE:
    text = ""


def put(sheet: str, row: int, values: dict[str, object]) -> Edit:
    """A row before another, with these values by column letter."""

    def edit(book: Workbook) -> None:
        book[sheet].insert_rows(row)
        for letters, value in values.items():
            book[sheet][f"{letters}{row}"].value = value

    return edit


def headings_again(sheet: str, row: int, *, after_blank: bool = False) -> Edit:
    def edit(book: Workbook) -> None:
        headings = [cell.value for cell in book[sheet][4]]
        book[sheet].insert_rows(row, 1 + after_blank)
        for column, heading in enumerate(headings, 1):
            book[sheet].cell(row + after_blank, column).value = heading

    return edit


NOTE = "Note: figures are estimates"
ALONE = {
    "budget": (ONE, put("Budget", 6, {"A": NOTE}), "Budget!A6", f'"{NOTE}" stands alone in its row: is it a note or a'),
    "budget of years": (FIVE, put("Budget", 8, {"A": "* no transfers"}), "Budget!A8", "or fill in 2026, 2027, 2028"),
    "budget's total": (FIVE, put("Budget", 8, {"A": "Tổng cộng"}), "Budget!A8", "a total row? remove the row, since"),
    "rules": (ONE, put("Rules", 7, {"A": "Rules about growth"}), "Rules!A7", "or fill in Area, Operator, Value, Basis"),
    "rules, in another column": (ONE, put("Rules", 7, {"M": NOTE}), "Rules!M7", "or fill in Rule, Area, Operator"),
    "limits": (ONE, put("Limits", 5, {"A": NOTE}), "Limits!A5", "remove the row, or name an area of the sheet Areas"),
    "limits, in another column": (ONE, put("Limits", 6, {"B": NOTE}), "Limits!B6", "or fill in Area"),
    "benefits": (FIVE, put("Benefits", 9, {"A": "First bands"}), "Benefits!A9", "remove the row, or fill in Benefit"),
    "effects": (ONE, put("Effects", 6, {"A": "Total"}), "Effects!A6", "is it a total row?"),
    "effects by indicator": (FIVE, put("Effects", 6, {"B": NOTE}), "Effects!B6", "or fill in Area"),
    "variants": (FIVE, put("What-if", 6, {"A": "Lower revenue"}), "What-if!A6", "or fill in Sheet, Row, Change"),
    "headings of rules": (ONE, headings_again("Rules", 8), "Rules!A8:N8", "is this a second heading row? remove it"),
    "headings of areas": (FIVE, headings_again("Areas", 8), "Areas!A8:Z8", "is this a second heading row? remove it"),
    "headings of sources": (FIVE, headings_again("Budget", 6), "Budget!A6:O6", "a second heading row? remove it"),
    "headings of effects": (FIVE, headings_again("Effects", 6), "Effects!A6:I6", "a second heading row? remove it"),
}


@pytest.mark.parametrize("name", ALONE)
def test_a_row_that_is_none_is_one_problem(name, tmp_path):
    source, edit, cell, said = ALONE[name]
    (problem,) = found(source, edit, tmp_path)
    assert problem.cell == cell
    assert said in problem.message


def test_headings_again_after_a_blank_row(tmp_path):
    problems = found(ONE, headings_again("Rules", 8, after_blank=True), tmp_path)
    assert [problem.cell for problem in problems] == ["Rules!A9:N17", "Rules!A9:N9"]


def test_a_title_is_one_whatever_numbers_its_row(tmp_path):
    def edit(book: Workbook) -> None:
        book["Rules"]["P4"].value = "No."
        put("Rules", 7, {"A": "II. Growth", "P": "II"})(book)

    (problem,) = found(ONE, edit, tmp_path)
    assert (problem.cell, problem.heading) == ("Rules!A7", "Rule")


def test_a_source_without_any_figure_is_still_its_name(tmp_path):
    problems = found(ONE, filled("Budget", "B7:K7", None), tmp_path)
    assert [problem.cell for problem in problems] == ["Budget!A7"]
    assert problems[0].message.endswith("or fill in 2026")


@pytest.mark.parametrize(
    ("area", "meant"),
    [
        ("all areas", "every area"),
        ("each area", "every area"),
        ("Any area", "every area"),
        ("areas", "every area"),
        ("every", "every area"),
        ("mỗi lĩnh vực", "every area"),
        ("Tất cả các lĩnh vực", "every area"),
        ("each area in Social", "every area in Social"),
        ("any area in Socail", "every area in Social"),
        ("All of the areas in the group social", "every area in Social"),
        ("các lĩnh vực thuộc nhóm Social", "every area in Social"),
        ("whole budget", "total"),
        ("all", "total"),
        ("everything", "total"),
        ("tổng", "total"),
        ("Tổng cộng", "total"),
        ("toàn bộ", "total"),
    ],
)
def test_words_for_a_rule_s_area(area, meant, tmp_path):
    (problem,) = found(ONE, typed("Rules!B5", area), tmp_path)
    assert str(problem) == f'Rules!B5 Area: "{area}" is no area or group; did you mean "{meant}"?'
    assert found(ONE, typed("Rules!B10", meant), tmp_path) == []


LISTS = {
    "sources": (typed("Areas!J9", "City budget\nODA loans"), "Areas!J9", "type City budget; ODA loans"),
    "a longer list": (
        typed("Areas!J9", "City budget\r\nPrivate and PPP capital\n ODA loans\n"),
        "Areas!J9",
        "type City budget; Private and PPP capital; ODA loans",
    ),
    "source of a rule": (typed("Rules!C5", "City budget\nODA loans"), "Rules!C5", "type City budget; ODA loans"),
    "groups": (typed("Areas!C5", "State\nSocial"), "Areas!C5", "type State; Social"),
    "two marks": (
        typed("Areas!J9", "City budget, ODA loans and Private and PPP capital"),
        "Areas!J9",
        "type City budget; ODA loans; Private and PPP capital",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_names_are_told_apart_whatever_is_between_them(name, tmp_path):
    edit, cell, said = LISTS[name]
    (problem,) = found(ONE, edit, tmp_path)
    assert problem.cell == cell
    assert "names are separated by ;" in problem.message
    assert problem.message.endswith(said)


def test_a_line_break_within_a_name_or_beside_a_semicolon_is_a_space(tmp_path):
    def edit(book: Workbook) -> None:
        book["Areas"]["J9"].value = "City\nbudget;\nODA loans"
        book["Areas"]["C5"].value = "State\naffairs"
        book["Rules"]["B5"].value = "State affairs"

    assert found(ONE, edit, tmp_path) == []
    scenario = read_scenario(tmp_path / "slip.xlsx")
    assert scenario.areas[0].groups == ("State affairs",)
    assert scenario.area["Environment"].sources == ("City budget", "ODA loans")


def merged_with(sheet: str, cells: str, value: object) -> Edit:
    """Merged cells as a spreadsheet program leaves them: the first holds the value."""

    def edit(book: Workbook) -> None:
        first, _, last = cells.partition(":")
        book[sheet][last].value, book[sheet][first].value = None, value
        book[sheet].merge_cells(cells)

    return edit


HIDDEN_HEADINGS = {
    "years": (FIVE, merged("Budget", "D4:H4"), "Budget!D4:H4"),
    "years in the middle": (FIVE, merged("Budget", "E4:F4"), "Budget!E4:F4"),
    "all of a budget": (FIVE, merged("Budget", "A4:O4"), "Budget!A4:O4"),
    "sources and the first year": (FIVE, merged("Budget", "A4:D4"), "Budget!A4:D4"),
    "a year from above": (FIVE, merged_with("Budget", "D3:D4", 2026), "Budget!D3:D4"),
    "a source": (FIVE, merged("Budget", "A4:A5"), "Budget!A4:A5"),
    "areas": (FIVE, merged_with("Areas", "A3:A4", "Area"), "Areas!A3:A4"),
    "areas' title": (ONE, merged_with("Areas", "A3:A4", "AREAS"), "Areas!A3:A4"),
    "last year": (ONE, merged_with("Areas", "D3:D4", "Last year"), "Areas!D3:D4"),
    "groups": (ONE, merged("Areas", "B4:C4"), "Areas!B4:C4"),
    "indicators": (FIVE, merged("Indicators", "A3:A4"), "Indicators!A3:A4"),
    "indicators of the long form": (ONE, merged("Indicators", "A3:A4"), "Indicators!A3:A4"),
    "settings": (FIVE, merged("Scenario", "A4:B4"), "Scenario!A4:B4"),
    "variants": (FIVE, merged("What-if", "C4:D4"), "What-if!C4:D4"),
}


@pytest.mark.parametrize("name", HIDDEN_HEADINGS)
def test_a_merged_heading_is_the_only_problem(name, tmp_path):
    source, edit, cell = HIDDEN_HEADINGS[name]
    (problem,) = found(source, edit, tmp_path)
    assert problem.cell == cell
    assert "unmerge them" in problem.message


def test_what_a_merged_heading_does_not_hide_is_told_with_it(tmp_path):
    def edit(book: Workbook) -> None:
        book["Budget"].merge_cells("D4:H4")
        book["Rules"]["B5"].value = "Sciense & digital"
        book["Areas"]["D9"].value = "3 tỷ"

    assert [problem.cell for problem in found(FIVE, edit, tmp_path)] == ["Budget!D4:H4", "Areas!D9", "Rules!B5"]


def test_a_box_beside_the_table_hides_no_heading(tmp_path):
    def edit(book: Workbook) -> None:
        book["Budget"]["R3"].value, book["Budget"]["R6"].value = "Read this first", "and this"
        book["Budget"].merge_cells("R3:S4")

    assert found(FIVE, edit, tmp_path) == []
