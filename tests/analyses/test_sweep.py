"""Sweeps against brute force: the objective at many values of a cell, each planned from scratch."""

import io
import json
import random
import re
import shlex
import shutil
import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from allocator import read_scenario
from allocator.analyses.sweep import ABOVE, CHANGE, END, GRID, TODAY, Sweep, sweep
from allocator.errors import ScenarioError, UsageError
from allocator.programme.build import build
from allocator.programme.solve import solve
from allocator.programme.status import Status
from allocator.render.sweep import sweep_bytes
from allocator.scenario.changes import read_range, with_value
from allocator.wording.sweep import change_texts, message, remark_texts, title
from commands import run_command
from content_workbook import write_content
from places import ROOT, SCENARIOS
from quick_part import quick_part
from random_sweeps import TWO, random_sweep, scenario
from textbook import CASES, row_name, scenario_of

NEAR = 1e-6
"""So near to the end of the values with a plan, as a part of the way, nothing is compared."""


def from_scratch(asked: Sweep, value: float) -> float | None:
    solution = solve(build(with_value(asked.scenario, asked.asked.found, value)))
    return solution.objective if solution.status is Status.OPTIMAL else None


def by_lines(found: Sweep, value: float) -> float | None:
    """The objective between two neighbouring points, by the straight line between them."""
    points = found.points
    right = next(i for i, point in enumerate(points) if point.value >= value)
    one, two = points[max(right - 1, 0)], points[max(right, 1)]
    if one.plan is None or two.plan is None:
        return None
    part = (value - one.value) / (two.value - one.value)
    return one.plan.objective + part * (two.plan.objective - one.plan.objective)


def same(one: float | None, other: float | None, size: float) -> bool:
    if one is None or other is None:
        return one is other
    return one == pytest.approx(other, rel=1e-6, abs=1e-7 * max(1.0, size))


def wrong_values(found: Sweep, values: list[float]) -> list[str]:
    span = found.points[-1].value - found.points[0].value
    size = max([abs(point.plan.objective) for point in found.planned] or [1.0])
    wrong = []
    for value in values:
        if any(abs(point.value - value) < NEAR * span for point in found.points):
            continue
        true, said = from_scratch(found, value), by_lines(found, value)
        if not same(true, said, size):
            wrong.append(f"{value}: {true} but {said}")
    return wrong


def wrong_slopes(found: Sweep) -> list[str]:
    """Where the slopes beside a piece aren't those of the line through its ends."""
    span = found.points[-1].value - found.points[0].value
    size = max([abs(point.plan.objective) for point in found.planned] or [1.0]) / span
    wrong = []
    for one, two in pairwise(found.points):
        if one.plan is None or two.plan is None or two.value - one.value < 1e-5 * span:
            continue
        true = (two.plan.objective - one.plan.objective) / (two.value - one.value)
        wrong += [
            f"{one.value}: {slope}, not {true}"
            for slope in (one.slope_right, two.slope_left)
            if slope != pytest.approx(true, rel=1e-4, abs=1e-4 * max(size, 1e-9))
        ]
    return wrong


def wrong_curves(found: Sweep) -> list[str]:
    """Where the objective half-way between two points isn't what the cubic through their values and slopes says."""
    wrong = []
    span = found.points[-1].value - found.points[0].value
    for one, two in pairwise(found.points):
        step = two.value - one.value
        if one.plan is None or two.plan is None or step < 1e-4 * span:
            continue
        middle = (one.plan.objective + two.plan.objective) / 2 + step / 8 * (one.slope_right - two.slope_left)
        size = max(1.0, abs(one.plan.objective), abs(two.plan.objective))
        inside = [from_scratch(found, one.value + 1e-6 * span), from_scratch(found, two.value - 1e-6 * span)]
        ends = (one.plan.objective, two.plan.objective)
        if any(v is not None and abs(v - end) > 1e-3 * size for v, end in zip(inside, ends, strict=True)):
            continue  # the optimum jumps there: a coefficient passes a value at which a goal can suddenly be met
        true = from_scratch(found, (one.value + two.value) / 2)
        if true is None or abs(true - middle) > 1e-5 * size:
            wrong.append(f"{one.value} to {two.value}: {true}, not {middle}")
    return wrong


def check(seed: int, folder, size: str = "small") -> bool:
    """Compare a random sweep with brute force; whether there was one that is straight."""
    found = random_sweep(seed, folder, size)
    if found is None:
        return False
    rng = random.Random(seed)  # noqa: S311
    if found.straight:
        values = [rng.uniform(found.points[0].value, found.points[-1].value) for _ in range(12)]
        assert wrong_values(found, values) == []
        assert wrong_slopes(found) == []
    else:
        assert wrong_curves(found) == []
    for point in found.points:
        if point.plan is not None and (found.straight or CHANGE not in point.why):
            true = from_scratch(found, point.value)
            assert true is None or true == pytest.approx(point.plan.objective, rel=1e-6, abs=1e-6)
    return found.straight and bool(found.planned)


@pytest.mark.parametrize("seed", quick_part(range(4), 2))
def test_random_sweeps(seed, tmp_path):
    check(seed, tmp_path)


CURVED = (2025, 2011, 2031, 2046)
"""Seeds whose sweep is curved."""


@pytest.mark.parametrize("seed", quick_part(CURVED, 1))
def test_random_curves(seed, tmp_path):
    found = random_sweep(seed, tmp_path)
    assert found is not None
    assert not found.straight
    assert wrong_curves(found) == []


@pytest.mark.slow
def test_most_random_sweeps_are_compared(tmp_path):
    assert sum(check(seed, tmp_path, "tiny") for seed in range(100, 112)) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(4, 8), *range(1000, 1200)])
def test_random_sweeps_many_times(seed, tmp_path):
    check(seed, tmp_path)


# ---- curves that are known ----------------------------------------------------------------------------------------


def ends(found: Sweep) -> list[float]:
    return [point.value for point in found.points if CHANGE in point.why]


def slopes(found: Sweep) -> list[float | None]:
    """The slope of each piece, from the left."""
    return [point.slope_right for point in found.points if {CHANGE, END} & set(point.why)][:-1]


def of(content: dict, folder, asked: str) -> Sweep:
    base = scenario(content, folder)
    return sweep(base, read_range(base, asked))


def test_wyndors_third_plant(tmp_path):
    """Hillier and Lieberman: 1 a unit between 12 and 24; below the second plant makes way, above nothing is gained."""
    found = of(scenario_of(CASES["wyndor"]), tmp_path, f"Indicators/{row_name('plant3')}/Target=6..30")
    assert found.straight
    assert ends(found) == pytest.approx([12, 24], abs=1e-8)
    assert slopes(found) == pytest.approx([2.5, 1, 0], abs=1e-8)
    assert [p.plan.objective for p in found.points if TODAY in p.why] == pytest.approx([36])


def test_wyndors_second_product(tmp_path):
    """Its coefficient leaves the plan as it is above 2, and jumps to the corner (4, 3) below."""
    found = of(scenario_of(CASES["wyndor"]), tmp_path, "Effects/x2/z value=0.5..8")
    assert found.straight
    assert found.steady
    assert ends(found) == pytest.approx([2], abs=1e-8)
    assert slopes(found) == pytest.approx([3, 6], abs=1e-8)


def test_a_budget_cell_takes_the_shares_along(tmp_path):
    """Roads' 40 % grow with the budget: below 50, schools get the rest of it, at 5; above, roads take all, at 2."""
    found = of(TWO, tmp_path, "Budget/City/2026=20..200")
    assert ends(found) == pytest.approx([50], abs=1e-7)
    assert slopes(found) == pytest.approx([0.4 * 2 + 0.6 * 5, 2], abs=1e-8)
    assert found.points[0].plan.amounts["Roads", 2026] == pytest.approx(8)


def test_the_end_of_a_band(tmp_path):
    found = of(TWO, tmp_path, "Benefits/Schools / 1/Up to=10..90")
    assert ends(found) == pytest.approx([60], abs=1e-7)
    assert slopes(found) == pytest.approx([3, 0], abs=1e-8)
    assert any("Schools, band 1 (2026)" in text for text in change_texts(found.changes[0]))


def test_a_benefit_that_overtakes_another(tmp_path):
    found = of(TWO, tmp_path, "Areas/Roads/Benefit=0.5..6")
    assert found.steady
    assert ends(found) == pytest.approx([1, 5], abs=1e-7)
    assert slopes(found) == pytest.approx([40, 70, 100], abs=1e-6)


def test_the_discount_rate_is_curved_and_moves_nothing(tmp_path):
    settings = [*TWO["Scenario"], {"Setting": "Discount rate", "Value": 0.05}]
    content = TWO | {"Budget": [{"Source": "City", 2026: 100, 2027: 110}], "Scenario": settings}
    found = of(content, tmp_path, "Scenario/Discount rate=0%..10%:3")
    assert not found.straight
    assert ends(found) == []
    first, last = 5 * 30 + 2 * 70, 5 * 30 + 2 * 80
    for point in found.points:
        assert point.plan.objective == pytest.approx(first + last / (1 + point.value))
        if point.slope_right is not None:
            assert point.slope_right == pytest.approx(-last / (1 + point.value) ** 2, rel=1e-6)
    assert len([point for point in found.points if GRID in point.why]) == 3


def test_where_plans_begin_and_end(tmp_path):
    content = TWO | {"Areas": [dict(TWO["Areas"][0], Minimum=45), TWO["Areas"][1]]}
    found = of(content, tmp_path, "Rules/Roads first/Value=0%..90%")
    assert ends(found) == pytest.approx([0.55], abs=1e-8)
    assert found.points[-1].plan is None
    assert change_texts(found.changes[0]) == ["no plan exists beyond"]
    assert found.changes[0].plan.objective == pytest.approx(5 * 30 + 15 + 2 * 55)
    assert remark_texts(found) == ["No plan exists from 55 % to 90 %"]
    found = of(content, tmp_path, "Budget/City/2026=10..200")
    assert ends(found)[0] == pytest.approx(75, abs=1e-6)
    assert found.points[0].plan is None
    none = of(content, tmp_path, "Rules/Roads first/Value=60%..90%")
    assert none.planned == ()


def test_a_goal_begins_to_be_missed(tmp_path):
    rules = [
        dict(TWO["Rules"][0], Strength="goal 1"),
        dict(TWO["Rules"][0], Rule="Few roads", Operator="<=", Value=0.6),
    ]
    found = of(TWO | {"Rules": rules}, tmp_path, "Rules/Roads first/Value=30%..90%")
    at = next(point for point in found.points if abs(point.value - 0.6) < 1e-8)
    assert "begins to be missed: Roads first (2026)" in change_texts(at)
    assert found.points[-1].plan.missed == {("Roads first", 2026): pytest.approx(30)}
    assert found.points[0].plan.missed == {}


def test_an_effect_that_bends_the_curve(tmp_path):
    content = TWO | {
        "Indicators": [{"Indicator": "Places", "Operator": ">=", "Target": 100, "Year": 2026}],
        "Effects": [{"Area": "Schools", "Places": 2.5}],
    }
    found = of(content, tmp_path, "Effects/Schools/Places=1.8..4")
    assert not found.straight
    assert ends(found) == pytest.approx([100 / 30], abs=1e-7)
    for point in found.points:
        if point.value < 3.3:
            schools = 100 / point.value
            assert point.plan.objective == pytest.approx(150 + schools - 30 + 2 * (100 - schools), rel=1e-8)
            assert point.slope_right == pytest.approx(100 / point.value**2, rel=1e-5)


def test_names_and_numbers_that_are_not_understood(tmp_path):
    base = scenario(TWO, tmp_path)
    for asked, said in {
        "Rules/Roads frst/Value=3%..8%": 'did you mean "Rules/Roads first/Value"',
        "Rules/Roads first/Value=3..8": "could be 3 %",
        "Rules/Roads first/Value=5%..5%": "both ends",
        "Rules/Roads first/Value": "SHEET/ROW/COLUMN=FROM..TO",
        "Rules/Roads first/Value=1%..2%:1": "from 2 to 1000",
        "Roles/Roads first/Value=1%..2%": 'did you mean "Rules"',
        "Scenario/Unit=1..2": "Discount rate and Step",
    }.items():
        with pytest.raises(UsageError, match=re.escape(said)):
            read_range(base, asked)
    assert read_range(base, "budget/CITY /2026 = 1.5 … 2,75:7").low == Fraction(3, 2)


def test_values_that_the_reader_refuses(tmp_path):
    with pytest.raises(ScenarioError, match="benefit rises"):
        of(TWO, tmp_path, "Benefits/Schools / 2/Benefit=1..6")


# ---- wide and narrow ways -----------------------------------------------------------------------------------------

FIVE, ONE = "hanoi-2026-2030.xlsx", "hanoi-2026.xlsx"
RISES, JUMP = "Rules/Culture rises by 0.3 points a year/Value", "Rules/No jump after 2026/Value"
CITY = "Budget/City budget/2026"


def city(name: str, asked: str) -> Sweep:
    base = read_scenario(SCENARIOS / name)
    return sweep(base, read_range(base, asked))


def planned_between(found: Sweep) -> tuple[float, float]:
    return found.planned[0].value, found.planned[-1].value


@pytest.mark.parametrize(
    ("name", "narrow", "wide"),
    [
        pytest.param(FIVE, f"{RISES}=0.3%..0.4%", f"{RISES}=0.3%..100%", marks=pytest.mark.slow),
        pytest.param(FIVE, f"{RISES}=0.2%..0.4%", f"{RISES}=0.2%..10%", marks=pytest.mark.slow),
        pytest.param(ONE, f"{CITY}=183000..264100", f"{CITY}=0..300000", marks=pytest.mark.slow),
        pytest.param(FIVE, f"{CITY}=255000..256000", f"{CITY}=255000..300000", marks=pytest.mark.slow),
        pytest.param(FIVE, f"{JUMP}=17.5%..18%", f"{JUMP}=0%..18%", marks=pytest.mark.slow),
    ],
)
def test_a_wide_way_finds_the_ends_of_a_narrow_one(name, narrow, wide):
    one, other = city(name, narrow), city(name, wide)
    assert planned_between(one) == pytest.approx(planned_between(other), rel=1e-7)
    assert len(one.planned) < len(one.points)
    # and it ends there: a plan just inside, none just outside
    for value, inwards in zip(planned_between(other), (1, -1), strict=True):
        if value not in (float(other.asked.low), float(other.asked.high)):
            beside = [from_scratch(other, value * (1 + sign * inwards * 1e-6)) for sign in (1, -1)]
            assert [objective is None for objective in beside] == [False, True]


def test_a_very_narrow_way():
    found = city(ONE, f"{CITY}=183180..183185")
    assert planned_between(found)[0] == pytest.approx(183180.43478, abs=1e-4)
    assert remark_texts(found) == ["No plan exists from 183,180 to 183,180.434783"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [f"{RISES}=-10%..10%", f"{RISES}=-100%..100%", f"{JUMP}=-50%..100%"],
)
def test_todays_value_has_its_plan(asked):
    found = city(FIVE, asked)
    today = next(point for point in found.points if TODAY in point.why)
    assert today.value == float(found.asked.found.value)
    assert today.plan is not None
    assert today.plan.objective == pytest.approx(from_scratch(found, today.value), rel=1e-9)


@pytest.mark.slow
def test_changes_do_not_depend_on_the_way():
    narrow, wide = city(FIVE, f"{RISES}=0.2%..0.4%"), city(FIVE, f"{RISES}=-100%..100%")
    inside = [point for point in wide.changes if point.value > 0.002]
    assert [p.value for p in narrow.changes] == pytest.approx([p.value for p in inside], rel=1e-7)
    assert [p.changes for p in narrow.changes] == [p.changes for p in inside]
    for one, other in zip(narrow.changes, inside, strict=True):
        assert one.slope_left == pytest.approx(other.slope_left, rel=1e-6)
    three, minus = (city(ONE, f"Rules/Culture over 4 %/Value={low}%..5%") for low in (3, -3))
    assert [p.changes for p in three.changes] == [p.changes for p in minus.changes]
    assert change_texts(three.changes[1]) == [
        "begins to fall: Health & social security (2026)",
        "stops falling: Education & training (2026)",
    ]


def test_switches_between_equally_good_plans_are_no_change(tmp_path):
    """Roads and schools are worth the same: their floor binds or doesn't, and nothing comes of it."""
    areas = [dict(area, Benefit=2) for area in TWO["Areas"]]
    found = of({k: v for k, v in TWO.items() if k != "Benefits"} | {"Areas": areas}, tmp_path, f"{ROADS}=10%..90%")
    assert ends(found) == []
    assert {point.slope_right for point in found.points[:-1]} == {0}


ROADS = "Rules/Roads first/Value"


def test_a_budget_that_may_be_nothing(tmp_path, recwarn):
    """Where a goal is a part of nothing its scale has no size: no division by zero, and still straight."""
    rules = [dict(TWO["Rules"][0], Strength="goal 1"), dict(TWO["Rules"][0], Rule="Few", Operator="<=", Value=0.3)]
    found = of(TWO | {"Rules": rules}, tmp_path, "Budget/City/2026=0..200")
    assert found.straight
    assert not recwarn.list
    assert found.points[0].plan.objective == pytest.approx(0)


@pytest.mark.slow
def test_an_objective_that_jumps_and_climbs_back():
    found = city(ONE, "Effects/Environment/Good air/Effect=0..0.005")
    first, above = found.points[:2]
    assert (first.value, above.value) == (0, 0)
    assert (first.slope_right, above.why) == (None, (ABOVE,))
    assert above.plan.objective == pytest.approx(627078.34, rel=1e-4)
    assert above.plan.objective == pytest.approx(from_scratch(found, 1e-5), rel=1e-4)
    assert change_texts(first)[0].startswith("jumps to 627,0")
    said = message(found)
    assert re.search(r"falls from 648,313 to 627,078\S* benefit points, then rises to 648,313", said)
    assert said.endswith("it jumps at 0.")


def test_titles_have_separators_and_a_real_minus(tmp_path):
    assert title(of(TWO, tmp_path, "Budget/City/2026=20..2000")) == "Budget/City/2026 from 20 to 2,000"
    assert title(of(TWO, tmp_path, f"{ROADS}=-3%..5.5%")) == f"{ROADS} from −3 % to 5.5 %"


# ---- the command line ---------------------------------------------------------------------------------------------


def run(folder, *arguments):
    return run_command("sweep", *arguments, cwd=folder, env={"COLUMNS": "80", "PYTHONUTF8": "1"})


def test_the_command_writes_a_workbook_and_fits_the_screen(tmp_path):
    scenario(TWO, tmp_path)
    told = run(tmp_path, "scenario.xlsx", "--vary", "budget/city/2026=20..200")
    assert told.returncode == 0, told.stderr.decode()
    lines = told.stdout.decode().splitlines()
    assert len(lines) <= 40
    assert all(len(line) <= 80 for line in lines)
    assert lines[-1] == "Sweep: scenario.sweep.xlsx"
    book = openpyxl.load_workbook(tmp_path / "scenario.sweep.xlsx")
    assert book.sheetnames == ["Sweep", "Amounts", "About"]
    sheet = book["Sweep"]
    assert [cell.value for cell in sheet[5]][:5] == ["Value", "Point", "Objective", "Price down", "Price up"]
    rows = [[cell.value for cell in row][:5] for row in sheet.iter_rows(min_row=6, max_row=9)]
    assert [row[0] for row in rows] == pytest.approx([20, 50, 100, 200], abs=1e-7)
    assert rows[1][2:] == pytest.approx([190, 3.8, 2])
    assert [len(book[name]._charts) for name in ("Sweep", "Amounts")] == [1, 1]
    formulas = [
        cell.value
        for page in book
        for row in page.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith("=")
    ]
    assert all(re.fullmatch(r"=[A-Z]+\d+-[A-Z]+\d+", formula) for formula in formulas)


def test_the_screen_keeps_what_matters(tmp_path):
    """Of many points: the ends of the plans, today with its neighbours, and goals; the others evenly, gaps marked."""
    shutil.copy(SCENARIOS / ONE, tmp_path)
    told = run(tmp_path, ONE, "--vary", f"{CITY}=0..300000")
    assert told.stderr == b""
    lines = told.stdout.decode().splitlines()
    assert len(lines) <= 40
    table = [line.split()[0] for line in lines if re.match(r" *(…$|[0-9,]+ )", line)]
    assert {"0", "183,180", "264,000", "300,000"} <= set(table)
    at = table.index("227,250")
    assert table[at - 1 : at + 2] == ["222,970", "227,250", "230,003"]
    assert "…" in table
    assert not any(two == "…" for one, two in pairwise(table) if one == "…")
    goals = [line for line in lines if "missed" in line]
    assert [line.split("  ")[-1] for line in goals] == [
        "Is no longer missed: Good air",
        "Is no longer missed: Digital economy",
    ]


def test_the_chart_stays_on_one_page(tmp_path):
    """With so many points it would stand across the end of the first page: a page begins with it."""
    sheet = openpyxl.load_workbook(io.BytesIO(sweep_bytes(of(TWO, tmp_path, "Budget/City/2026=20..200:18"))))["Sweep"]
    assert [page.id for page in sheet.row_breaks.brk] == [sheet._charts[0].anchor._from.row]


def test_the_commands_are_told_in_a_line():
    lines = run_command("--help", env={"COLUMNS": "80", "PYTHONUTF8": "1"}).stdout.decode().splitlines()
    told = [line for line in lines if line.startswith(("  seek ", "  sweep "))]
    assert len(told) == 2
    assert all(line.endswith(".") and not line.endswith("..") for line in told)


def test_text_of_cells_stays_text(tmp_path):
    evil = '=HYPERLINK("http://x","y")'
    book = openpyxl.load_workbook(write_content(TWO, tmp_path / "scenario.xlsx"))
    for cell in (cell for name in ("Areas", "Benefits") for row in book[name] for cell in row):
        if cell.value == "Schools":
            cell.value, cell.data_type = evil, "s"
    book.save(tmp_path / "scenario.xlsx")
    base = read_scenario(tmp_path / "scenario.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sweep_bytes(sweep(base, read_range(base, "Budget/City/2026=20..200")))))
    found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value == evil]
    assert found
    assert {cell.data_type for cell in found} == {"s"}


def test_the_same_sweep_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    base = scenario(TWO, tmp_path)
    one, two = (sweep_bytes(sweep(base, read_range(base, "Budget/City/2026=20..200"))) for _ in range(2))
    assert one == two


@pytest.mark.slow
def test_files_of_others_stay(tmp_path):
    scenario(TWO, tmp_path)
    mine = tmp_path / "scenario.sweep.xlsx"
    for content in (b"mine", (tmp_path / "scenario.xlsx").read_bytes()):
        mine.write_bytes(content)
        told = run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..200")
        assert told.returncode == 2
        assert b"no sweep made by allocate" in told.stderr
        assert mine.read_bytes() == content
    assert run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..200", "--force").returncode == 0
    assert run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..150").returncode == 0
    onto = run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..150", "-o", "scenario.xlsx", "--force")
    assert onto.returncode == 2
    plan = run_command("scenario.xlsx", "-o", "scenario.sweep.xlsx", cwd=tmp_path)
    assert plan.returncode == 2
    assert not list(tmp_path.glob(".*"))


def test_json_and_exit_codes(tmp_path):
    scenario(TWO, tmp_path)
    told = run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..200", "--json")
    found = json.loads(told.stdout)
    assert [point["value"] for point in found["points"]] == pytest.approx([20, 50, 100, 200], abs=1e-7)
    assert not (tmp_path / "scenario.sweep.xlsx").exists()
    wrong = run(tmp_path, "scenario.xlsx", "--vary", "Benefits/Schools / 2/Benefit=1..6")
    assert wrong.returncode == 2
    assert b"with Benefits/Schools / 2/Benefit = 6" in wrong.stderr
    assert b"benefit rises" in wrong.stderr
    assert run(tmp_path, "scenario.xlsx", "--vary", "Budget/Citi/2026=1..2").returncode == 2
    rules = [dict(TWO["Rules"][0]), dict(TWO["Rules"][0], Rule="No roads", Operator="<=", Value=0.1)]
    scenario(TWO | {"Rules": rules}, tmp_path)
    assert run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..200", "--quiet").returncode == 1


def test_a_time_limit_is_no_answer(tmp_path):
    scenario(TWO, tmp_path)
    told = run(tmp_path, "scenario.xlsx", "--vary", "Budget/City/2026=20..200", "--time-limit", "0.000001")
    assert told.returncode == 3
    assert b"time limit" in told.stderr
    assert not (tmp_path / "scenario.sweep.xlsx").exists()


@pytest.mark.slow
def test_the_page_on_what_ifs():
    """Its example is run as it stands there, and its figures are the program's."""
    text = (ROOT / "docs" / "what-if.md").read_text("utf-8")
    found = re.findall(r"^```\nallocate (\w+) ([^\n]*)\n```\n\n```text\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert [name for name, *_ in found] == ["sweep", "seek"]
    assert text.count("```text\n") == len(found)  # nothing is shown that isn't run here
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(SCENARIOS / "hanoi-2026.xlsx", folder)
        for name, rest, printed in found:
            told = run_command(name, *shlex.split(rest), cwd=Path(folder), env={"COLUMNS": "80", "PYTHONUTF8": "1"})
            assert told.returncode == 0, told.stderr.decode()
            assert told.stdout.decode() == printed
