"""What the reader makes of a workbook: each slip at its cell, in words that say what to type; nothing lost silently."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from fractions import Fraction
from pathlib import Path

import pytest

from allocator.scenario.model import Operator
from commands import small, write_book
from reading_cases import (
    LONG,
    ROADS,
    RULES,
    SCHOOLS,
    TWO_SOURCES,
    TWO_YEARS,
    Case,
    Rows,
    areas,
    bands,
    budget,
    column,
    effects,
    indicators,
    limits,
    problems,
    read,
    rule,
    settings,
)

CASES: dict[str, Case] = {
    # settings
    "step too large": (settings(["Step", 1e300]), "Scenario!B3", "Step: 1e+300 too large to be meant"),
    "step as a text": (settings(["Step", "one"]), "Scenario!B3", 'Step: expected a number "one"'),
    "discount rate that is no rate": (settings(["Discount rate", "1e9"]), "Scenario!B3", "could be 1000000000 %"),
    "discount rate out of this world": (settings(["Discount rate", "1e20 %"]), "Scenario!B3", "too large"),
    "discount rate above 1000 %": (settings(["Discount rate", "2000 %"]), "Scenario!B3", "2000 % too high such as 3%"),
    "discount rate of 3": (settings(["Discount rate", 3]), "Scenario!B3", "3 could be 3 % or 300 %; type 3%"),
    "discount rate of -100 %": (settings(["Discount rate", -1]), "Scenario!B3", "-100 % too low"),
    "setting twice": (settings(["Step", 1], ["step", 2]), "Scenario!A4", '"Step" stands twice row 3'),
    "setting misspelt": (settings(["Discount rat", 0.03]), "Scenario!A3", 'did you mean "Discount rate"'),
    "setting cut short": (settings(["Discount", 0.03]), "Scenario!A3", 'did you mean "Discount rate"'),
    "objective misspelt": (
        settings(["Objective", "maximise benefits"]),
        "Scenario!B3",
        'did you mean "maximise benefit"',
    ),
    "objective of no indicator": (settings(["Objective", "minimise poverty"]), "Scenario!B3", '"minimise poverty"'),
    "no unit": (small(Scenario=[["Setting", "Value"], ["Step", 1]]), "Scenario", "row Unit is missing VND billion"),
    "blank unit": (small(Scenario=[["Setting", "Value"], ["Unit", " "]]), "Scenario!B2", "Unit is missing"),
    # budget
    "year in words": (budget(["Source", "Năm 2026"], ["City", 1]), "Budget!B1", '"Năm 2026" did you mean 2026'),
    "year as a date": (
        budget(["Source", dt.date(2026, 1, 1)], ["City", 1]),
        "Budget!B1",
        "2026-01-01 type the year 2026",
    ),
    "year shown as a date": (budget(["Source", dt.date(1905, 7, 18)], ["City", 1]), "Budget!B1", "the year, 2026"),
    "no day of any month": (
        budget(["Source", "2026-13-45"], ["City", 1]),
        "Budget!B1",
        '"2026-13-45" did you mean 2026',
    ),
    "no year as a date": (budget(["Source", "٢٠٢٦-٠١-٠١"], ["City", 1]), "Budget", "row 1 has no year 2026"),
    "second year in words": (budget(["Source", 2026, "2027*"], ["City", 1, 1]), "Budget!C1", "did you mean 2027"),
    "no year": (budget(["Source", "Amount"], ["City", 1]), "Budget", "row 1 has no year 2026"),
    "year in two forms": (budget(["Source", 2026, "2026.0"], ["City", 1, 1]), "Budget!C1", "2026 stands twice B1"),
    "gap in the years": (budget(["Source", 2026, 2029], ["City", 1, 1]), "Budget!B1", "2027, 2028 missing"),
    "blank year cell": (budget(["Source", 2026], ["City", None]), "Budget!B2", "blank type 0"),
    "error in a heading": (budget(["Source", 2026, "#REF!"], ["City", 1, 1]), "Budget!C1", "heading #REF!"),
    "uncomputed heading": (budget(["Source", 2026, "=B1+1"], ["City", 1, 1]), "Budget!C1", "heading formula"),
    "only uncomputed headings": (budget(["Source", "=2025+1"], ["City", 1]), "Budget!B1", "formula"),
    "keyword as a source": (budget(["Source", 2026], ["budget", 1]), "Budget!A2", '"budget" another name'),
    "source called like an area": (budget(["Source", 2026], ["Roads", 1]), "Areas!A3", "also a source rename"),
    "carry over in words": (budget(["Source", 2026, "Carry over"], ["City", 1, "có"]), "Budget!C2", '"có" yes, no'),
    "an amount in 1e19": (budget(["Source", 2026], ["City", "1e19"]), "Budget!B2", '"1e19" too large to be meant'),
    "a date for an amount": (budget(["Source", 2026], ["City", dt.date(2026, 5, 1)]), "Budget!B2", "date 2026-05-01"),
    "TRUE for an amount": (budget(["Source", 2026], ["City", True]), "Budget!B2", "expected a number TRUE"),
    "unit in the cell": (budget(["Source", 2026], ["City", "5 tỷ"]), "Budget!B2", '"5 tỷ" digits alone'),
    # areas
    "heading misspelt": (column("Grop", "A"), "Areas!F1", 'did you mean "Group"'),
    "heading cut short": (areas(["Roads", 1], headings="Area;Max share"), "Areas!B1", 'did you mean "Maximum share"'),
    "heading with a unit": (column("Proposed (VND)", 1), "Areas!F1", 'did you mean "Proposed"'),
    "heading with a year": (column("Minimum 2026", 1), "Areas!F1", 'did you mean "Minimum" sheet Limits'),
    "heading twice": (column("MINIMUM", 1), "Areas!F1", '"MINIMUM" stands twice C1'),
    "heading of an unknown source": (column("Last year: Citty budget", 1), "Areas!F1", 'did you mean "City budget"'),
    "last year of a source twice": (
        areas(["Roads", 1, 1], headings="Area;Last year: City budget;last year:CITY budget"),
        "Areas!C1",
        "stands twice",
    ),
    "proposed in another year": (column("Proposed 2031", 1), "Areas!F1", "2031 is not a year of this scenario 2026"),
    "required heading misspelt": (areas(["Roads", 1], headings="Aera;Last year"), "Areas!A1", 'did you mean "Area"'),
    "total row with its year": (areas(SCHOOLS, ROADS, ["Total 2026", 90]), "Areas!A4", "total row remove it"),
    "total row in Vietnamese": (areas(SCHOOLS, ROADS, ["Tổng cộng chi:", 90]), "Areas!A4", "total row remove it"),
    "total row without a name": (areas(SCHOOLS, ROADS, [None, 90]), "Areas!A4", "blank total row type the area's name"),
    "total row below a blank one": (
        areas(SCHOOLS, [], ["Cộng", 90]),
        "Areas!A4",
        "after a blank row totals are computed",
    ),
    "name with a semicolon": (areas(["Roads; bridges", 1]), "Areas!A2", '";" separates names'),
    "place: as a name": (areas(["place: Hà Nội", 1]), "Areas!A2", "another name"),
    "name of a basis": (areas(["Last  Year's share", 1]), "Areas!A2", "means something else in Rules"),
    "group called like an area": (column("Group", "Roads"), "Areas!F2", "also an area rename"),
    "group called like a source": (column("Group", "city BUDGET"), "Areas!F2", "also a source rename"),
    "group called like a keyword": (column("Group", "A; every area"), "Areas!F2", "another name"),
    "unknown source": (column("Sources", "City"), "Areas!F2", '"City" did you mean "City budget"'),
    "sources of nobody": (column("Sources", " ; "), "Areas!F2", "no name clear the cell"),
    "part of nothing": (column("Part of", None, "Giao duc"), "Areas!F3", 'did you mean "Giáo dục"'),
    "part of itself": (column("Part of", "Giáo dục"), "Areas!F2", '"Giáo dục" is a part of itself'),
    "parts in a circle": (
        areas(["A", "B"], ["B", "C"], ["C", "A"], headings="Area;Part of"),
        "Areas!B2",
        'part of itself through "B"',
    ),
    "benefit of a whole": (column("Part of", None, "Giáo dục"), "Areas!E2", "has parts give Benefit to the parts"),
    "sources of a whole": (
        areas(["A", "City budget", None], ["B", None, "A"], headings="Area;Sources;Part of"),
        "Areas!B2",
        "has parts give Sources to the parts",
    ),
    "negative share": (column("Minimum share", "-5 %"), "Areas!F2", "-5 % is negative"),
    "share over 100 %": (column("Minimum share", "120 %"), "Areas!F2", "120 % more than there is"),
    "share of 5": (column("Maximum share", 5), "Areas!F2", "5 could be 5 % or 500 %; type 5%"),
    "share that reads two ways": (column("Maximum share", "1.234 %"), "Areas!F2", "1234 1.234 type 1.2340%"),
    "none outside Limits": (column("Proposed", "none"), "Areas!F2", 'expected a number "none"'),
    "which year is proposed": (column("Proposed", 5, Budget=TWO_YEARS), "Areas!F2", '"Proposed 2026"'),
    "minimum share above maximum share": (
        areas(["Roads", 0.2, 0.1], headings="Area;Minimum share;Maximum share"),
        "Areas!B2",
        "20 % above 10 % Areas!C2",
    ),
    # limits
    "two rows for a year": (limits(["Roads", 2026, 1], ["Roads", "2026-2027", 2]), "Limits!A3", "two rows 2026 row 2"),
    "limits together": (limits(["Roads", "2026-2027 together", 1]), "Limits!B2", 'leave out "together"'),
    "limit on Areas and Limits": (limits(["Roads", None, 80]), "Limits!C2", "80 above 70 Areas!D3"),
    "unknown area by its beginning": (
        {**limits(["Cultur", None, 1]), "Areas": [["Area"], ["Culture and sport"], ["Roads"]]},
        "Limits!A2",
        'did you mean "Culture and sport"',
    ),
    "misspelt none": (limits(["Roads", None, "nine"]), "Limits!C2", '"nine" none for no limit'),
    "years in another hand": (limits(["Roads", "2026/2027", 1]), "Limits!B2", "2026-2027 2026;2027"),
    "years backwards": (limits(["Roads", "2027-2026", 1]), "Limits!B2", "type 2026-2027"),
    # benefits
    "rising bands": (bands(["Roads", 10, 1], ["Roads", None, 2]), "Benefits!C3", "rises from 1 to 2 linear programme"),
    "ends that don't rise": (bands(["Roads", 10, 3], ["Roads", 10, 2]), "Benefits!B3", "ends at 10 above 10"),
    "first band without width": (bands(["Roads", 0, 3]), "Benefits!B2", "first band ends at 0 above 0"),
    "blank end in the middle": (bands(["Roads", None, 3], ["Roads", 10, 2]), "Benefits!B2", "only the last band"),
    "band without a benefit": (bands(["Roads", 10, None]), "Benefits!C2", "blank"),
    "two ends": (
        bands(["Roads", 10, 0.5, 3], headings="Area;Up to;Up to, of last year;Benefit"),
        "Benefits!C2",
        "two ends",
    ),
    "end of a blank Last year": (
        bands(["Roads", 0.5, 3], headings="Area;Up to, of last year;Benefit", Areas=[["Area", "Last year"], ["Roads"]]),
        "Areas!B2",
        "Last year: is blank Benefits!B2",
    ),
    "bands of a whole": (
        bands(["A", 10, 3], Areas=[["Area", "Part of"], ["A"], ["B", "A"]], Rules=[]),
        "Benefits!A2",
        "has parts",
    ),
    # rules
    "4 for 4 %": (rule("Value", 4), "Rules!D2", "4 could be 4 % or 400 %; type 4%"),
    "4 as a text": (rule("Value", "4"), "Rules!D2", "4 could be 4 % or 400 %; type 4%"),
    "-5 for -5 %": (rule("Value", -5), "Rules!D2", "-5 could be -5 % or -500 %; type -5%"),
    "percentage for an amount": (
        small(Rules=[["Rule", "Area", "Operator", "Value", "Basis"], ["R", "Roads", ">=", "4 %", "amount"]]),
        "Rules!D2",
        "4 %, or 0.04? An amount is expected",
    ),
    "basis misspelt, amount beside it": (
        small(Rules=[["Rule", "Area", "Operator", "Value", "Basis"], ["R", "Roads", ">=", 5000, "amuont"]]),
        "Rules!E2",
        'did you mean "amount"',
    ),
    "basis called almost like amount": (
        small(
            Areas=[["Area"], ["Roads"], ["Amounts"]],
            Rules=[*RULES, ["R", "Roads", ">=", 4, "Amounts"]],
        ),
        "Rules!D2",
        'percentage rename "Amounts"',
    ),
    "unknown group": (rule("Area", "every area in Sozial"), "Rules!B2", '"Sozial" is no group'),
    "each area": (rule("Area", "each area"), "Rules!B2", 'did you mean "every area"'),
    "year outside": (rule("Years", 2031), "Rules!F2", "2031 is not a year 2026-2027"),
    "goal without a number": (rule("Strength", "goal"), "Rules!F2", "goal 1"),
    "goal 0": (rule("Strength", "goal 0"), "Rules!F2", "priority of 1 or more goal 1"),
    "strength misspelt": (rule("Strength", "most"), "Rules!F2", 'did you mean "must"'),
    "operator in other words": (rule("Operator", ">=="), "Rules!C2", '">==" no comparison >='),
    "source misspelt": (rule("Source", "budget; ODAA"), "Rules!F2", '"ODAA" did you mean "ODA"'),
    "share above what there is": (rule("Value", "101 %"), "Rules!D2", "101 % of the budget is more than there is"),
    "together with last year": (
        small(
            Rules=[
                ["Rule", "Area", "Operator", "Value", "Basis", "Years"],
                ["R", "Roads", ">=", "99 %", "last year", "2026 together"],
            ]
        ),
        "Rules!F2",
        "together no meaning",
    ),
    "last year blank": (
        rule("Basis", "last year", Areas=[["Area", "Last year"], ["Roads", None]]),
        "Areas!B2",
        'Last year: is blank "R" Rules!A2 0 for none',
    ),
    "last year unreadable": (
        rule("Basis", "last year", Areas=[["Area", "Last year"], ["Roads", "?"]]),
        "Areas!B2",
        'expected a number "?"',
    ),
    "last year has no column": (
        rule("Basis", "last year", Areas=[["Area"], ["Roads"], ["Schools"]]),
        "Areas!A2",
        'column "Last year" is missing add it',
    ),
    "last year from one source": (
        {
            **rule("Basis", "last year"),
            "Rules": [
                ["Rule", "Area", "Source", "Operator", "Value", "Basis"],
                ["R", "Roads", "ODA", ">=", "4 %", "last year"],
            ],
        },
        "Areas!A3",
        'column "Last year: ODA" is missing',
    ),
    "budget of last year blank": (
        rule("Basis", "last year's share", Budget=[["Source", "Last year", 2026], ["City", None, 5]]),
        "Budget!B2",
        "Last year: is blank",
    ),
    "budget of last year 0": (
        rule("Basis", "points on last year's share", Budget=[["Source", "Last year", 2026], ["City", 0, 5]]),
        "Budget!B2",
        "budget of last year is 0 2026",
    ),
    "budget of a year 0": (
        rule("Basis", "last year's share", Budget=[["Source", "Last year", 2026, 2027], ["City", 5, 0, 5]]),
        "Budget!C2",
        "budget of 2026 is 0 2027",
    ),
    "basis source of a share": (
        small(
            Rules=[
                ["Rule", "Area", "Operator", "Value", "Basis", "Basis source"],
                ["R", "Roads", ">=", "99 %", "last year's share", "all"],
            ]
        ),
        "Rules!F2",
        "leave it blank",
    ),
    # indicators and effects
    "indicator called like a heading": (indicators(["Benefit", ">=", 1]), "Indicators!A2", "another name"),
    "indicator called spending": (indicators(["SPENDING", ">=", 1]), "Indicators!A2", "another name"),
    "indicator called like a year": (indicators([2026, ">=", 1]), "Indicators!A2", "another name"),
    "target without an operator": (indicators(["Places", None, 1]), "Indicators!B2", "blank Target type >="),
    "rows that disagree": (
        indicators(
            ["Places", 1, 2026, ">=", 1],
            ["PLACES", 2, 2027, ">=", 1],
            headings="Indicator;Baseline;Year;Operator;Target",
        ),
        "Indicators!B3",
        '"PLACES" has 2 here, but 1 in row 2',
    ),
    "target of years together": (
        indicators(["Places", ">=", 1, "2026-2027 together"], headings="Indicator;Operator;Target;Year"),
        "Indicators!D2",
        "no meaning",
    ),
    "effects on no indicator": (
        effects(["Roads", 1], headings=["Area", "Plazes"]),
        "Effects!B1",
        'did you mean "Places"',
    ),
    "effects in two forms": (
        effects(["Roads", "Places", 1, 2], headings=["Area", "Indicator", "Effect", "Places"]),
        "Effects!D1",
        "one of the two forms",
    ),
    "effect of what": (effects(["Roads", 1], headings=["Area", "Effect"]), "Effects!B2", "add the column Indicator"),
    "unknown indicator": (effects(["Roads", "Plces", 1], headings=LONG), "Effects!B2", 'did you mean "Places"'),
    "no effect at all": (effects(["Roads", "Places"], headings=LONG), "Effects!C2", "no effect Cost per unit"),
    "two effects": (effects(["Roads", "Places", 1, 2], headings=LONG), "Effects!D2", "two effects"),
    "cost of 0": (effects(["Roads", "Places", None, 0], headings=LONG), "Effects!D2", "0 money for one unit"),
    "three figures of four": (
        effects(["Roads", "Places", None, None, 1, 2, 3], headings=LONG),
        "Effects!H2",
        "blank all four figures",
    ),
    "two points in one": (
        effects(["Roads", "Places", None, None, 1, 2, 1, 3], headings=LONG),
        "Effects!G2",
        "is 1 like Spending 1 two that differ",
    ),
    "a pair twice": (
        effects(["Roads", "Places", 1], ["roads", "PLACES", 2], headings=LONG),
        "Effects!A3",
        'two effects on "Places" row 2',
    ),
    "effects on a whole": (
        {**effects(["A", 1], headings=["Area", "Places"]), "Areas": [["Area", "Part of"], ["A"], ["Roads", "A"]]},
        "Effects!A2",
        "has parts",
    ),
    "measured from a blank Last year": (
        {
            **indicators(
                ["Places", "last year"],
                headings="Indicator;Measured from",
                effects=[["Area", "Places"], ["Roads", 1]],
            ),
            "Areas": [["Area", "Last year"], ["Roads", None]],
        },
        "Areas!B2",
        'blank "Places" Effects!B2',
    ),
    # sheets
    "misnamed sheet with few headings": (
        small(Rulez=[["Rule", "Area", "Operator", "Value", "Basis"]]),
        "Rulez",
        "Rules",
    ),
    "misnamed Effects": (small(Effect=[["Area", "Places"], ["Roads", 1]]), "Effect", 'rename it to "Effects"'),
    "two sheets of one name": (small(**{"Areas ": [["Area"]]}), "Areas ", "two sheets are called Areas"),
    "projects": (small(Projects=[["Project", "Area"], ["Bridge", "Roads"]]), "Projects", "not planned by this version"),
    "status in other words": (column("Status", "sure"), "Areas!F2", '"sure" approved, estimate, assumption'),
}


@pytest.mark.parametrize("case", CASES)
def test_one_slip_is_one_problem_at_its_cell(case: str, tmp_path: Path) -> None:
    sheets, cell, words = CASES[case]
    found = problems(write_book(tmp_path / "budget.xlsx", sheets))
    assert [problem.cell for problem in found] == [cell], [str(problem) for problem in found]
    message = str(found[0])
    for part in re.findall(r'"[^"]*"|\S+', words):
        assert part in message, f"{part} is not in: {message}"
    assert not re.search(r"Fraction|Decimal|None\b|Traceback|\(\)|<\w+", message), message


def test_problems_come_by_sheet_row_and_column(tmp_path: Path) -> None:
    sheets = {
        "Rules": [*RULES, ["R", "Raods", "?", 4, "budget"]],
        **areas(["A", "?", None, None, "?"], *([f"A{n}", 1] for n in range(8)), ["B", "?", "?"], Budget=[["Source"]]),
    }
    sheets["Rules"] = [*RULES, ["R", "Raods", "?", 4, "budget"]]
    del sheets["Scenario"]
    found = [problem.cell for problem in problems(write_book(tmp_path / "budget.xlsx", sheets))]
    rules = ["Rules!B2", "Rules!C2", "Rules!D2"]
    assert found == ["Scenario", *rules, "Budget", "Areas!B2, B11", "Areas!E2", "Areas!C11"]


def test_an_unreadable_sheet_does_not_make_problems_elsewhere(tmp_path: Path) -> None:
    for sheets in (
        small(Areas=[["Lĩnh vực"], ["Roads"]], Limits=[["Area", "Minimum"], ["Roads", 1]]),
        small(Budget=[["Nguồn", 2026], ["City", 1]], Areas=[["Area", "Sources"], ["Roads", "City"]]),
    ):
        assert len(problems(write_book(tmp_path / "budget.xlsx", sheets))) == 1


# ---- what is read -------------------------------------------------------------------------------------------------


def test_headings_names_and_keywords_in_any_hand(tmp_path: Path) -> None:
    nfd = unicodedata.normalize("NFD", "GIÁO   dục")
    scenario = read(
        tmp_path,
        {
            " scenario": [["Our plan"], ["SETTING", " value "], ["unit", "m"], ["objective", "Maximize  BENEFIT"]],
            "BUDGET": [["Source", "Carry  Over", "2026.0", " 2027 "], ["City", True, "1.234,5", "1 000"]],
            "areas": [["The areas"], [], [None, "area", "SOURCES"], [None, "Giáo dục", "city"], [None, 26, None]],
            "Rules": [*RULES, ["R", nfd, "at  Least", "4,5 %", "Budget"], [7, "26", "≤", 0.9, "SPENDING"]],
        },
    )
    assert scenario.years == (2026, 2027)
    assert scenario.sources[0].available == {2026: Fraction("1234.5"), 2027: Fraction(1000)}
    assert scenario.sources[0].carry_over
    assert [area.name for area in scenario.areas] == ["Giáo dục", "26"]
    assert [(rule.name, rule.subjects[0].name, rule.operator) for rule in scenario.rules] == [
        ("R", "Giáo dục", Operator.AT_LEAST),
        ("7", "26", Operator.AT_MOST),
    ]
    assert scenario.rules[0].value == Fraction("0.045")


def test_notes_and_columns_of_ones_own(tmp_path: Path) -> None:
    rows: Rows = [
        ["Area", "Last year", "Director", None, "Legal basis"],
        ["A", 1, "Mai", "not read", "Decision 5"],
        [None, None, None, None, None, None, "a note at the side"],
        ["B", 2],
        [" ", "\u00a0"],
        ["Source: Resolution 57, table 3"],
    ]
    scenario = read(tmp_path, small(Areas=rows, Rules=RULES))
    assert [(a.name, a.origin.row) for a in scenario.areas] == [("A", 2), ("B", 4)]
    assert scenario.areas[0].origin.legal_basis == "Decision 5"
    assert tuple(map(str, scenario.messages)) == (
        "Areas!D1: the column has no heading, so it is not read",
        "Areas: columns not known here travel with the plan: Director",
    )


def test_evidence_of_a_setting(tmp_path: Path) -> None:
    rows: Rows = [
        ["Setting", "Value", "Evidence"],
        ["Unit", "m"],
        ["Discount rate", "3 %", "Circular 8"],
        ["Step", None],
    ]
    scenario = read(tmp_path, small(Scenario=rows))
    assert scenario.messages == ()
    assert scenario.settings[1].origin.evidence == "Circular 8"
    assert (scenario.discount_rate, scenario.step) == (Fraction("0.03"), Fraction("0.001"))


def test_limits_replace_lift_and_leave(tmp_path: Path) -> None:
    scenario = read(tmp_path, limits(["Giáo dục", 2026, "None", 90], ["Roads", None, 5, None], ["Giáo dục", 2027, 20]))
    found = {pair: (limit.minimum, limit.maximum) for pair, limit in scenario.limits.items()}
    assert found == {
        ("Giáo dục", 2026): (None, 90),
        ("Giáo dục", 2027): (20, None),
        ("Roads", 2026): (5, 70),
        ("Roads", 2027): (5, 70),
    }


def test_bands_of_some_years(tmp_path: Path) -> None:
    scenario = read(
        tmp_path,
        bands(
            ["Roads", "50 %", 3, None],
            ["Roads", "200 %", 3, None],
            ["Roads", None, 5, 2027],
            headings="Area;Up to, of last year;Benefit;Years",
            Budget=TWO_YEARS,
        ),
    )
    assert [(b.start, b.end, b.benefit) for b in scenario.bands["Roads", 2026]] == [(0, 15, 3), (15, 60, 3)]
    assert [(b.start, b.end, b.benefit) for b in scenario.bands["Roads", 2027]] == [(0, None, 5)]


def test_every_area_leaves_out_the_basis_and_who_may_not_be_paid(tmp_path: Path) -> None:
    rows: Rows = [
        ["Area", "Part of", "Group", "Sources"],
        ["Whole", None, "G"],
        ["A", "Whole"],
        ["B", "Whole"],
        ["C", None, "G; H"],
        ["D", None, "H", "ODA"],
    ]
    named = [["R", "every area", ">=", "4 %", "Whole"], ["S", "Every Area in g", "<=", "4 %", "C"]]
    scenario = read(tmp_path, small(Budget=TWO_SOURCES, Areas=rows, Rules=[*RULES, *named]))
    assert [[subject.name for subject in rule.subjects] for rule in scenario.rules] == [["C"], ["A", "B"]]
    assert scenario.rules[0].basis.areas == ("A", "B")
    assert tuple(map(str, scenario.messages)) == ('Rules!B2: "R" leaves out D: no counted source may pay for it',)


def test_last_year_is_asked_only_where_it_is_needed(tmp_path: Path) -> None:
    headings = [*RULES[0], "Years", "Source"]
    sheets = small(
        Budget=[row[:2] + row[3:] for row in TWO_SOURCES],
        Areas=[
            ["Area", "Sources", "Last year", "Last year: ODA"],
            ["A", None, None, 4],
            ["B", "City budget", None, None],
        ],
        Rules=[
            headings,
            ["later", "A", ">=", "4 %", "last year's share", 2027, None],
            ["ODA", "total", ">=", "4 %", "last year", None, "ODA"],
        ],
    )
    assert len(read(tmp_path, sheets).rules) == 2


def test_upper_shares_above_all_there_is_earn_a_note(tmp_path: Path) -> None:
    sheets = column("Maximum share", "150 %", Rules=[*RULES, ["R", "Roads", "<=", "120 %", "budget"]], Budget=TWO_YEARS)
    assert tuple(map(str, read(tmp_path, sheets).messages)) == (
        "Rules!D2: a share of at most 120 % limits nothing (R)",
        "Areas!F2: a maximum share of 150 % limits nothing (Giáo dục)",
    )


def test_effects_in_three_ways(tmp_path: Path) -> None:
    rows: Rows = [["A", "Places", 2], ["B", "Places", None, 4], ["C", "Places", None, None, 1, 10, 3, 40]]
    sheets = {**effects(*rows, headings=LONG), "Areas": [["Area"], ["A"], ["B"], ["C"]], "Rules": RULES}
    found = read(tmp_path, sheets).effects["Places"]
    assert {name: effect.value for name, effect in found.items()} == {"A": 2, "B": Fraction(1, 4), "C": 15}
