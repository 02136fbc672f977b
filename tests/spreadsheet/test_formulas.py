"""Formulas are read in one form and worked out as spreadsheets do it."""

from __future__ import annotations

import math
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from allocator.audit.workbook import PlanWorkbook, read_plan_workbook
from allocator.spreadsheet.cells import Content
from allocator.spreadsheet.formulas import Evaluator
from allocator.spreadsheet.functions import AGGREGATES, SCALARS
from allocator.spreadsheet.references import Place
from allocator.spreadsheet.syntax import FormulaError, NoFormula, canonical, parsed
from places import SCENARIOS
from shipped import shipped_plan

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>"""

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory) -> Callable[[Path], PlanWorkbook]:
    """Return a function that lets LibreOffice work out a workbook's formulas."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile, out = tmp_path_factory.mktemp("profile"), tmp_path_factory.mktemp("recalculated")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE)

    def run(path: Path) -> PlanWorkbook:
        command = [soffice, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx", "--outdir"]
        subprocess.run([*command, str(out), str(path)], check=True, capture_output=True, timeout=180)
        return read_plan_workbook(out / path.name)

    return run


# ---- one form -----------------------------------------------------------------------------------------------------

FORMS = {
    " SUM( A1 : B2 , 1.50 ) ": "SUM(A1:B2,1.5)",
    "=a1+b2": "A1+B2",
    'if(FALSE(),"Two  ""words"" , x",True)': 'IF(FALSE,"Two  ""words"" , x",TRUE)',
    "1.0693069306930694*A1": "1.06930693069307*A1",
    "1.06930693069307*A1": "1.06930693069307*A1",
    "0.005454545454545455": "0.00545454545454546",
    "0.00545454545454546": "0.00545454545454546",
    "3.771603413289168E-07": "3.7716034132892e-07",
    "0.00000037716034132892": "3.7716034132892e-07",
    "$a$1+A$2+$A3": "$A$1+A$2+$A3",
    "'Plan'!B6+'Price card'!B6+'A1'!B6+'It''s'!B6": "Plan!B6+'Price card'!B6+'A1'!B6+'It''s'!B6",
    "'Giáo'!B6": "Giáo!B6",
    "sum(f:f, $5:$5)": "SUM(F:F,$5:$5)",
    "SUM(A1:B2 B1:C3)": "SUM(A1:B2 B1:C3)",
    "IF(A1<>1,\n\t-2^2 ,3%)": "IF(A1<>1,-2^2,3%)",
    "IF(A1,,#REF!)": "IF(A1,,#REF!)",
    "TRUER+LOG10(5)": "TRUER+LOG10(5)",
    "[1]Other!A1": "[1]Other!A1",
    "  what is this?!": "what is this?!",
    "1E999*a1": "1E999*a1",
    "": "",
}


@pytest.mark.parametrize("text", FORMS)
def test_formulas_have_one_form(text):
    assert canonical(text) == FORMS[text]
    assert canonical(canonical(text)) == canonical(text)


@given(st.text(alphabet="A1$:!'\"(),+-*/^&=<> .%TRUEFALSE#N{};é~", max_size=40))
@example("==")
def test_any_text_has_a_form_that_stays(text):
    assert canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("A1", "$A1"), ("A1-B1", "A1+B1"), ('"a"', '"A"'), ('"a b"', '"ab"'), ("1.0693069306930", "1.069306930694"),
     ("A1:B2", "A1,B2"), ("(A1)", "A1"), ("Plan!A1", "'plan '!A1"), ("TRUE", '"TRUE"'), ("A1 B1", "A1B1")],
)  # fmt: skip
def test_different_formulas_have_different_forms(one, other):
    assert canonical(one) != canonical(other)


def test_forms_are_found_fast():
    texts = [f"IF(ISNUMBER(E{i}),E{i},Allocation!$D${i}*1.0693069306930694)" for i in range(5_000)]
    start = time.process_time()
    for text in texts:
        canonical(text)
    assert time.process_time() - start < 0.5


# ---- what formulas give -------------------------------------------------------------------------------------------

DATA: list[list[object]] = [
    ["City budget", 2026, 0.1, True],
    ["city BUDGET", 2026, 0.2, False],
    ["Donors", 2027, 0.3, None],
    ["12", 2027, -5, "x"],
    [None, "2026", "7", None],
    [None, None, None, None],
    ["rural roads", 12, 1e15, "#"],
    ["a*b", 2028, 2.675, "TRUE"],
]
AGREED: dict[str, object] = {
    "0.1+0.2-0.3": 0.0, "C1+C2-C3": 0.0, "C1+C2=C3": True, "C1+C2<C3": False, "1E15+1-1E15": 1.0,
    "0.3-0.1-0.2": 0.0, "1.1-1-0.1": 0.0, "SUM(0.1,0.2,-0.3)": 0.0, "SUM(C1:C4)": -4.4,
    "SUM(A1:D8)": 1000000000010144.2, "MAX(A1:A8)": 0.0, "MIN(C1:C8)": -5.0, "MAX(-3,D6)": -3.0, "COUNTA(A1:D8)": 25.0,
    "COUNTBLANK(A1:D8)": 7.0, 'COUNTIF(A1:A8,"city budget")': 2.0, 'COUNTIF(A1:A8,"*ROADS")': 1.0,
    'COUNTIF(A1:A8,"a~*b")': 1.0, 'COUNTIF(A1:A8,"????*")': 4.0, 'COUNTIF(B1:B8,">2026")': 3.0,
    'COUNTIF(A1:A8,"<>")': 6.0, 'COUNTIF(A1:A8,"=")': 2.0, 'COUNTIF(A1:A8,"12")': 1.0, "COUNTIF(D1:D8,FALSE)": 1.0,
    'COUNTIFS(A1:A8,"city*",B1:B8,2026)': 2.0, 'SUMIFS(C1:C8,A1:A8,"City Budget",B1:B8,2026)': 0.30000000000000004,
    "SUMIFS(C1:C8,A1:A8,A1)": 0.30000000000000004, 'SUMIF(A1:A8,"donors",C1:C8)': 0.3, 'SUMIF(C1:C4,">0")': 0.6,
    "SUMPRODUCT(--(C1:C4>0.15))": 2.0, "SUMPRODUCT(C1:C4,B1:B4)": -8919.1, "SUMPRODUCT((B1:B4=2026)*C1:C4)": 0.3,
    "SUMPRODUCT(--(ABS(C1:C4-ROUND(C1:C4,0))>0.15))": 2.0, 'SUMPRODUCT(--(A1:A8="city budget"))': 2.0,
    '"a"="A"': True, '"a"<"B"': True, '1<"a"': True, "D6=0": True, 'D6=""': True, "D6=FALSE": True, 'A6&"x"': "x",
    '1.5&"x"': "1.5x", '1/3&""': "0.333333333333333", '1000000&""': "1000000", '0.00001&""': "0.00001",
    "IF(1,2)": 2.0, "IF(0,2)": False, "IF(D6,1,2)": 2.0, 'IF("x",1,2)': "#VALUE!", "IF(1/0,1,2)": "#DIV/0!",
    "IF(TRUE,,5)": 0.0, "IF(TRUE,1,1/0)": 1.0, 'IFERROR(1/0,"e")': "e", 'IFERROR(NOSUCH(1),"n")': "n",
    "NOSUCH(1)": "#NAME?",
    "AND(D1:D2)": False, "AND(D1:D1,1)": True, "OR(D1:D8)": True, "NOT(0)": True, "-2^2": 4.0, "2^3^2": 64.0,
    "5%": 0.05, "200%*3": 6.0, "2*-3": -6.0, '"3"*2': 6.0, '"x"*2': "#VALUE!", "D6+1": 1.0, "1/0": "#DIV/0!",
    "10^400": "#NUM!", "ISNUMBER(C5)": False, "ISNUMBER(C1)": True, "ISNUMBER(D6)": False, "ISNUMBER(1/0)": False,
    "FIXED(1234567.891,2)": "1,234,567.89", "FIXED(1234567.891,0)": "1,234,568", "FIXED(-0.5,0)": "-1",
    "FIXED(0.125,2)": "0.13", "FIXED(1234567.891,1,TRUE)": "1234567.9", "FIXED(1234,-2)": "1,200",
    "ROUND(2.675,2)": 2.68, "ROUND(1.005,2)": 1.01, "ROUND(0.285*100,0)": 28.0, "ROUND(-0.5,0)": -1.0,
    "ROUND(1250,-2)": 1300.0, "ROUND(4.35*100,0)": 435.0, "INDEX(A1:C8,2,3)": 0.2, "INDEX(C1:C8,3)": 0.3,
    'MATCH("donors",A1:A8,0)': 3.0, "MATCH(2027,B1:B8,0)": 3.0, 'MATCH("zzz",A1:A8,0)': "#N/A",
    'INDEX(C1:C8,MATCH("donors",A1:A8,0))': 0.3, 'ABS("x")': "#VALUE!", "A1:A3+1": "#VALUE!", "COUNTA(A:D)": 25.0,
    "SUM(C:C)": 999999999999998.2, 'EXACT("a","A")': False, "INT(-1.5)": -2.0, "MOD(-3,2)": 1.0, "A99": 0.0,
    "1.1*1.1=1.21": True, "SUM(#REF!,1)": "#REF!", "3--2": 5.0, "+A1": "City budget", '"x"&D6&"y"': "xy",
    "1+2*3-4/2&5%^2=B1": False, "ROWS(A1:A8)": 8.0, "D6": 0.0, 'COUNTIF(A1:A8,"<z")': 6.0, '""=0': False,
}  # fmt: skip
"""Formula → result, on which LibreOffice agrees."""
AS_EXCEL: dict[str, object] = {
    'SUM("3",TRUE,2)': 6.0, "SUM(D1,D2,1)": 1.0, "COUNT(A1:D8)": 12.0, 'COUNT("3",TRUE,"x")': 2.0,
    "COUNTIF(B1:B8,2026)": 3.0, 'TRUE>"z"': True, 'TRUE&""': "TRUE", "1=TRUE": False, "0^0": "#NUM!",
    "(-8)^0.5": "#NUM!", "Nope!A1": "#REF!", '1E+20&""': "1E+20",
}  # fmt: skip
"""Where the two differ: LibreOffice takes TRUE for 1, texts for none in numbers, and writes exponents otherwise."""


def sheet(rows: list[list[object]]) -> dict[Place, Content]:
    return {
        (r, c): Content(float(value) if isinstance(value, int) and not isinstance(value, bool) else value)
        for r, row in enumerate(rows, 1)
        for c, value in enumerate(row, 1)
        if value is not None
    }


def result(formula: str) -> object:
    found = Evaluator({"D": sheet(DATA) | {(20, 9): Content(None, canonical(formula))}}).value("D", (20, 9))
    return found.code if isinstance(found, FormulaError) else found


def alike(one: object, other: object, part: float = 1e-9) -> bool:
    """Whether two results are the same, numbers to `part` of themselves; LibreOffice stores TRUE as 1."""
    if isinstance(one, str) or isinstance(other, str) or one is None or other is None:
        return one == other
    assert isinstance(one, float | bool)
    assert isinstance(other, float | bool)
    return abs(one - other) <= part * max(abs(one), abs(other))


@pytest.mark.parametrize("formula", AGREED | AS_EXCEL)
def test_results_are_those_of_spreadsheets(formula):
    found, expected = result(formula), (AGREED | AS_EXCEL)[formula]
    assert type(found) is type(expected)
    assert alike(found, expected, 1e-13), found


@pytest.mark.slow
def test_numbers_in_formulas_are_the_same_after_libreoffice_saved_them(tmp_path, recalculated):
    rnd = random.Random(11)  # noqa: S311
    numbers = [rnd.randint(1, 999) / rnd.randint(3, 999) * 10.0 ** rnd.randint(-4, 9) for _ in range(500)]
    numbers += [float(f"{rnd.randint(10**14, 10**15 - 1)}5e{rnd.randint(-19, -5)}") for _ in range(500)]
    book = openpyxl.Workbook()
    for row, number in enumerate(numbers, 1):
        book.active.cell(row, 1, f"=B1*{number!r}")
    book.save(tmp_path / "numbers.xlsx")
    theirs = recalculated(tmp_path / "numbers.xlsx").sheets["Sheet"].cells
    ours = read_plan_workbook(tmp_path / "numbers.xlsx").sheets["Sheet"].cells
    assert [cell.formula for cell in theirs.values()] == [cell.formula for cell in ours.values()]


@pytest.mark.slow
def test_libreoffice_agrees(tmp_path, recalculated):
    rnd = random.Random(20261)  # noqa: S311
    formulas = [*AGREED, *(roundings(rnd) for _ in range(200)), *(near_misses(rnd) for _ in range(300))]
    book = openpyxl.Workbook()
    page = book.active
    page.title = "D"
    for row in DATA:
        page.append(row)
    for i, formula in enumerate(formulas):
        page.cell(20 + i, 9, f"={formula}")
    book.save(tmp_path / "formulas.xlsx")
    theirs = recalculated(tmp_path / "formulas.xlsx").sheets["D"].cells
    differing = {
        formula: (result(formula), told)
        for i, formula in enumerate(formulas)
        if not alike(result(formula), (told := stored(theirs[20 + i, 9])), 1e-13)
    }
    assert differing == {}


def roundings(rnd: random.Random) -> str:
    digits = rnd.randint(0, 6)
    number = rnd.choice([rnd.uniform(-1e6, 1e6), (rnd.randint(-(10**6), 10**6) + 0.5) / 10**digits])
    return f"ROUND({number:.15g},{digits})"


def near_misses(rnd: random.Random) -> str:
    """Return an operation on two numbers that differ about where digits are no longer kept."""
    one = float(f"{rnd.uniform(0.1, 1) * 10 ** rnd.randint(-3, 9):.15g}")
    apart = rnd.choice([0, 1, 2, 5, 10, 50]) * 10.0 ** (len(str(int(one))) - 15)
    return f"{one!r}{rnd.choice('-=<')}({one!r}{rnd.choice('+-')}{apart!r})"


def stored(content: Content) -> object:
    return content.error or content.value


# ---- chains, circles, what can't be read ---------------------------------------------------------------------------


def evaluator(formulas: dict[str, str], **overrides: object) -> Evaluator:
    from openpyxl.utils.cell import coordinate_to_tuple

    cells = {coordinate_to_tuple(at): Content(None, canonical(text)) for at, text in formulas.items()}
    return Evaluator({"S": cells}, {("S", coordinate_to_tuple(at)): v for at, v in overrides.items()})


@pytest.mark.slow
def test_long_chains_are_worked_out():
    chain = {f"A{i}": f"A{i - 1}+1" for i in range(2, 50_001)} | {"A1": "1", "B1": "SUM(A1:A50000)"}
    assert evaluator(chain).value("S", (1, 2)) == 50_000 * 50_001 / 2


def test_long_formulas_are_worked_out():
    assert evaluator({"A1": "+".join(["MAX(0,1)"] * 900)}).value("S", (1, 1)) == 900


@pytest.mark.parametrize(
    "formulas", [{"A1": "A1+1"}, {"A1": "B1", "B1": "C1*2", "C1": "SUM(A1:B1)"}, {"A1": "SUM(A:A)"}]
)
def test_circles_are_an_error(formulas):
    assert evaluator(formulas).value("S", (1, 1)) == FormulaError("circular")


def test_what_hangs_on_a_circle_is_an_error_too_and_the_rest_is_not():
    found = evaluator({"A1": "B1", "B1": "A1", "C1": "A1+1", "D1": "2"})
    assert found.value("S", (1, 3)) == FormulaError("circular")
    assert found.value("S", (1, 4)) == 2.0


def test_what_is_typed_in_stands_instead():
    formulas = {"A1": "2", "B1": "IF(ISNUMBER(C1),C1,A1)", "D1": "B1*10", "E1": "SUM(A1:D1)"}
    assert evaluator(formulas).value("S", (1, 5)) == 24.0
    assert evaluator(formulas, C1=5).value("S", (1, 5)) == 62.0
    assert evaluator(formulas, B1=7).value("S", (1, 5)) == 79.0
    assert evaluator(formulas, A1="none").value("S", (1, 4)) == FormulaError("#VALUE!")


NO_FORMULAS = [
    "Rate*2", "{1,2}", "A1 B1", "[1]S!A1", "1+", "(1", "SUM(1", "A1:Rate", "1 2", "", "((" * 999, "-" * 999 + "1",
    "XFE1", "A1048577",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_FORMULAS)
def test_what_no_plan_holds_is_no_formula(text):
    with pytest.raises(NoFormula):
        parsed(text)
    assert Evaluator({"S": {(1, 1): Content(9.0, text or "?")}}).value("S", (1, 1)) == FormulaError("#NAME?")


WORDS = [
    "A1", "B1", "B2", "C1", "C3", "A1:D8", "B:B", "2:3", "Nope!A1", "1", "-1", "1E308", "1E-308", "0.5", '""', '"x"',
    '"3"', '">1"', '"a*"', "TRUE", "#N/A", "D9", "400", "1E999",
]  # fmt: skip


def made_up(rnd: random.Random, depth: int) -> str:
    """Return a formula of any kind, whether it makes sense or not."""
    if depth == 0 or rnd.random() < 0.35:
        return rnd.choice(WORDS)
    inner = [made_up(rnd, depth - 1) for _ in range(rnd.choice([0, 1, 1, 2, 2, 3, 4]))]
    name = rnd.choice([*SCALARS, *AGGREGATES, "IF", "IFERROR", "NOSUCH"])
    forms = [
        f"{name}({','.join(inner)})",
        f"({rnd.choice('+-*/^&=<>').join(inner or ['1'])})",
        f"-{name}({','.join(inner)})%",
    ]
    return rnd.choice(forms)


def test_whatever_stands_there_gives_a_value_or_an_error():
    rnd = random.Random(5)  # noqa: S311
    kinds: set[type] = set()
    for _ in range(5_000):
        formula = made_up(rnd, 4)
        found = result(formula)
        assert isinstance(found, str | float | bool), formula
        assert not isinstance(found, float) or math.isfinite(found), formula
        kinds.add(type(found))
    assert kinds == {str, float, bool}


# ---- plans --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["hanoi-2026", pytest.param("hanoi-2026-2030", marks=pytest.mark.slow)])
def plan(request, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("plan") / f"{request.param}.plan.xlsx"
    shipped_plan(SCENARIOS / f"{request.param}.xlsx").to_excel(path)
    return path


def formulas_of(book: PlanWorkbook) -> list[tuple[str, Place, Content]]:
    return [(s.name, place, cell) for s in book.sheets.values() for place, cell in s.cells.items() if cell.formula]


def differing(evaluated: Evaluator, told: PlanWorkbook) -> list[object]:
    return [
        (name, place, evaluated.value(name, place), stored(cell), cell.formula)
        for name, place, cell in formulas_of(told)
        if not alike(evaluated.value(name, place), stored(cell))
    ]


def cells_of(book: PlanWorkbook) -> dict[str, dict[Place, Content]]:
    return {name: found.cells for name, found in book.sheets.items()}


def test_every_formula_of_a_plan_gives_what_is_stored(plan):
    book = read_plan_workbook(plan)
    assert len(formulas_of(book)) > 800
    assert differing(Evaluator(cells_of(book)), book) == []


@pytest.mark.slow
def test_with_decisions_a_plan_gives_what_libreoffice_gives(plan, tmp_path, recalculated):
    decided = {6: 99999.5, 9: 123.25, 12: 0.0}
    copy = tmp_path / plan.name
    book = openpyxl.load_workbook(plan)
    for row, amount in decided.items():
        book["Allocation"].cell(row, 5, amount)
    book.save(copy)
    told, ours = recalculated(copy), read_plan_workbook(plan)
    assert [(*at, cell.formula) for *at, cell in formulas_of(told)] == [
        (*at, cell.formula) for *at, cell in formulas_of(ours)
    ]
    evaluated = Evaluator(cells_of(ours), {("Allocation", (row, 5)): amount for row, amount in decided.items()})
    assert differing(evaluated, told) == []
    assert evaluated.value("Checks", (3, 2)) is False
