"""Seek: the least change that reaches a target, against hand-made answers and against planning anew."""

import json
import random

import pytest

from allocator import read_scenario
from allocator.analyses.seek import Sought, seek
from allocator.analyses.sweep import TODAY, Course
from allocator.console.comparisons import answer
from allocator.errors import UsageError
from allocator.programme.build import build
from allocator.programme.solve import solve
from allocator.programme.status import Deadline
from allocator.scenario.changes import find_cell, with_value
from allocator.scenario.writing import new_scenario
from commands import run_command
from content_workbook import write_content
from places import SCENARIOS
from quick_part import quick_part
from random_sweeps import TWO, random_sweep

PLACES = TWO | {
    "Indicators": [{"Indicator": "Places", "Unit": "%", "Baseline": 10, "Year": 2026}],
    "Effects": [{"Area": "Schools", "Places": 0.5}],
}


def sought(content: dict, folder, vary: str, until: str) -> Sought:
    return seek(read_scenario(write_content(content, folder / "scenario.xlsx")), vary, until)


@pytest.mark.parametrize(
    ("vary", "until", "value"),
    [
        ("Rules/Roads first/Value", "Areas/Roads >= 75", 0.75),
        ("Rules/Roads first/Value", "Areas/Roads/2026 at least 75", 0.75),
        ("Rules/Roads first/Value", "Objective <= 280", 0.7 + 0.1 / 3),
        ("Rules/Roads first/Value=10%..100%", "Indicators/Places < 20", 0.8 + 2e-6 * 20 / 100),
        ("Budget/City/2026", "Objective >= 300", 105),
        ("Budget/City/2026", "indicators/places/2026 <= 20", 20 / 0.6),
        ("Benefits/Schools / 1/Up to", "Areas/Roads >= 40", 30),
        ("Areas/Roads/Benefit", "Areas/Roads >= 100", 5),
        ("Areas/Roads/Benefit", "Areas/Schools >= 60", 1),
        ("Effects/Schools/Places", "Indicators/Places >= 31 %", 0.7),
        ("Effects/Schools/Places", "Indicators/Places >= 4", 0.5),
        ("Areas/Schools/Maximum", "Areas/Schools <= 20", 20),
    ],
)
def test_answers_by_hand(vary, until, value, tmp_path):
    found = sought(PLACES, tmp_path, vary, until)
    assert found.reached is not None
    assert found.reached.value == pytest.approx(value, abs=1e-7 * max(1, value))
    assert found.condition.gap(found.reached.measured) == 0
    assert found.reached.plan.objective == pytest.approx(
        solve(build(with_value(found.scenario, found.found, found.reached.value))).objective
    )


def test_the_nearer_of_two_ways(tmp_path):
    """Below today's value and above it the target is reached: the nearer one is the answer."""
    found = sought(PLACES, tmp_path, "Budget/City/2026=20..400", "Objective <= 250")
    assert found.reached.value == pytest.approx(80)


def test_not_within_the_limits(tmp_path):
    found = sought(PLACES, tmp_path, "Rules/Roads first/Value=40%..72%", "Areas/Roads >= 75")
    assert found.reached is None
    assert (found.nearest.value, found.nearest.measured) == pytest.approx((0.72, 72))
    never = sought(PLACES, tmp_path, "Rules/Roads first/Value", "Objective >= 1000")
    assert never.reached is None
    assert never.nearest.measured == pytest.approx(290)


def test_limits_of_its_own(tmp_path):
    assert sought(PLACES, tmp_path, "Budget/City/2026", "Objective >= 1e6").high == 300
    assert sought(PLACES, tmp_path, "Rules/Roads first/Value", "Objective >= 1e6").high == 1
    bands = [{"Area": "Schools", "Up to": 30, "Benefit": 5}, {"Area": "Schools", "Up to": None, "Benefit": 2}]
    found = sought(PLACES | {"Benefits": bands}, tmp_path, "Benefits/Schools / 2/Benefit", "Objective >= 1e6")
    assert found.high == pytest.approx(5, rel=1e-5), "a later band is never worth more than the one before"


@pytest.mark.parametrize(
    ("vary", "until", "said"),
    [
        ("Rules/Roads first/Value", "Areas/Rods >= 1", 'did you mean "Roads"'),
        ("Rules/Roads first/Value", "Indicators/Places/2031 >= 1", "not a year"),
        ("Rules/Roads first/Value", "Places >= 1", "type a condition"),
        ("Rules/Roads first/Value", "Objective = 1", "type >= or <="),
        ("Rules/Roads first/Value", "Objective >= lots", "expected a number"),
        ("Areas/Schools/Benefits", "Objective >= 1", 'did you mean "Areas/Schools/Benefit"'),
        ("Areas/Schools/Last year=1..1", "Objective >= 1", "both ends"),
    ],
)
def test_what_is_not_understood(vary, until, said, tmp_path):
    with pytest.raises(UsageError, match=said):
        sought(PLACES | {"Areas": [{"Area": "Schools", "Last year": 1}, TWO["Areas"][1]]}, tmp_path, vary, until)


def test_a_blank_cell_needs_limits(tmp_path):
    content = PLACES | {"Areas": [dict(TWO["Areas"][0]), dict(TWO["Areas"][1], Maximum=None, Minimum=5)]}
    with pytest.raises(UsageError, match="is blank"):
        sought(content, tmp_path, "Areas/Roads/Maximum", "Areas/Roads <= 50")
    found = sought(content, tmp_path, "Areas/Roads/Maximum=45..100", "Areas/Roads >= 60")
    assert found.reached.value == pytest.approx(60)


def city(name: str, vary: str, until: str) -> Sought:
    return seek(read_scenario(SCENARIOS / name), vary, until)


RISES = "Rules/Culture rises by 0.3 points a year/Value"


@pytest.mark.slow
def test_its_own_limits_find_what_narrow_ones_do():
    wide, narrow = (
        city("hanoi-2026-2030.xlsx", vary, "Areas/Culture/2030 >= 12000") for vary in (RISES, f"{RISES}=0.3%..0.4%")
    )
    assert wide.reached is not None
    assert wide.reached.value == pytest.approx(0.0030451511, rel=1e-7)
    assert wide.reached.value == narrow.reached.value
    assert wide.in_steps >= 12000 - 1e-6
    jump = city("hanoi-2026-2030.xlsx", "Rules/No jump after 2026/Value", "Objective <= 3500000")
    assert jump.reached.value == pytest.approx(0.1792625, rel=1e-7)


@pytest.mark.slow
def test_limits_that_end_where_nothing_is_left(tmp_path):
    """A budget of 0 can't be used here, and next to 0 its goal outweighs the other year's beyond measure."""
    new_scenario(tmp_path / "example.xlsx")
    found = seek(read_scenario(tmp_path / "example.xlsx"), "Budget/City budget/2027", "Objective >= 4000")
    assert found.reached is not None
    assert found.reached.value == pytest.approx(1081.0192, abs=1e-3)
    assert 0 < found.low < 0.01


def test_numbers_are_read_beside_where_weights_differ_beyond_measure(tmp_path):
    new_scenario(tmp_path / "example.xlsx")
    example = read_scenario(tmp_path / "example.xlsx")
    way = Course(example, find_cell(example, "Budget/City budget/2027"), 1e-7, 3000.0, Deadline(None))
    near, beside = way.numbers(1e-7), way.numbers(1e-7 + 3000 * 1e-7)
    assert [stage.columns for stage in near.stages] == [stage.columns for stage in beside.stages]
    assert [stage.columns for stage in near.stages] == [stage.columns for stage in way.numbers(1000.0).stages]


@pytest.mark.slow
def test_where_plans_exist_is_told():
    found = city("hanoi-2026.xlsx", "Budget/City budget/2026", "Indicators/Good air >= 85")
    assert found.reached is None
    assert found.planned == (pytest.approx((183180.43478, 264000)),)
    assert found.nearest.value == found.today.value, "no other value comes nearer"
    assert "Plans exist only from 183,180.4 to 264,000." in list(answer(found))


def test_the_answer_can_be_typed(tmp_path):
    """At 1 a unit schools are worth as much as roads, and the plan nearest to last year stays: the next number up."""
    content = PLACES | {
        "Areas": [dict(TWO["Areas"][0], **{"Last year": 30}), dict(TWO["Areas"][1], **{"Last year": 70})]
    }
    found = sought(content, tmp_path, "Benefits/Schools / 2/Benefit", "Areas/Schools >= 50")
    assert (found.tie, found.reached.value) == (2, 2.0000001)
    assert found.reached.measured >= 50
    assert "At 2 itself another plan is as good, which doesn't reach it." in list(answer(found))
    other = sought(PLACES, tmp_path, "Rules/Roads first/Value", "Objective <= 280")
    assert (other.tie, other.reached.value) == (None, 0.73333334)


@pytest.mark.slow
def test_a_plan_in_whole_steps_may_miss_it():
    found = city("hanoi-2026.xlsx", "Budget/City budget/2026", "Objective >= 680000")
    assert found.reached.measured >= 680000
    assert found.in_steps < 680000
    assert any("the plan in whole steps misses the target by" in text for text in answer(found))
    reached = city("hanoi-2026.xlsx", "Areas/Culture/Minimum=0..20000", "Areas/Culture >= 10000")
    assert reached.in_steps == 10000
    assert any(text.startswith("The plan in whole steps reaches it too") for text in answer(reached))


def test_todays_state_of_a_blank_cell(tmp_path):
    content = PLACES | {"Areas": [dict(TWO["Areas"][0], Minimum=5), dict(TWO["Areas"][1], Minimum=None)]}
    found = sought(content, tmp_path, "Areas/Roads/Minimum=0..100", "Areas/Roads >= 80")
    assert (found.today.value, found.today.measured) == (None, pytest.approx(70))
    said = list(answer(found))
    assert "Today: blank, with 70 million." in said
    assert any(text.startswith("The objective falls by") for text in said)


@pytest.mark.parametrize("seed", quick_part(range(200, 206), 2))
def test_no_nearer_value_reaches_it(seed, tmp_path):
    """On random scenarios: the answer reaches the objective asked for, and values nearer to today's don't."""
    swept = random_sweep(seed, tmp_path)
    if swept is None or len(swept.planned) < 2:
        return
    today = next((p for p in swept.points if TODAY in p.why and p.plan), None)
    best = max(swept.planned, key=lambda point: point.plan.objective)
    if today is None or best.plan.objective <= today.plan.objective + 1e-3 * abs(today.plan.objective):
        return
    wanted = (today.plan.objective + best.plan.objective) / 2
    cell, show = swept.asked.found, swept.asked.found.show
    ends = f"{show(swept.asked.low)}..{show(swept.asked.high)}"
    found = seek(swept.scenario, f"{cell.address}={ends}", f"Objective >= {wanted:.9f}")
    assert found.reached is not None
    rng = random.Random(seed)  # noqa: S311
    for _ in range(8):
        value = today.value + rng.uniform(0, 0.999) * (found.reached.value - today.value)
        mirrored = 2 * today.value - value
        for nearer in (value, min(max(mirrored, float(swept.asked.low)), float(swept.asked.high))):
            solution = solve(build(with_value(swept.scenario, cell, nearer)))
            assert not solution.objective >= wanted + 1e-6 * abs(wanted)


def test_the_command(tmp_path):
    write_content(PLACES, tmp_path / "scenario.xlsx")
    arguments = ["scenario.xlsx", "--vary", "Rules/Roads first/Value", "--until"]
    env = {"COLUMNS": "80", "PYTHONUTF8": "1"}
    told = run_command("seek", *arguments, "Areas/Roads >= 75", cwd=tmp_path, env=env)
    assert told.returncode == 0, told.stderr.decode()
    lines = told.stdout.decode().splitlines()
    assert lines[0] == "Rules/Roads first/Value = 75 % reaches Roads >= 75."
    assert lines[1] == "Today: 40 %, with 70 million."
    assert lines[2] == "The objective falls by 15, from 290 to 275 benefit points."
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    told = run_command("seek", *arguments, "Areas/Roads >= 175", "--json", cwd=tmp_path, env=env)
    assert told.returncode == 1
    found = json.loads(told.stdout)
    assert (found["status"], found["reached"]) == ("not reached", None)
    assert found["nearest"]["measured"] == pytest.approx(100)
    assert run_command("seek", *arguments, "Areas/Rods >= 1", cwd=tmp_path).returncode == 2
    already = run_command("seek", *arguments, "Areas/Roads >= 10", cwd=tmp_path, env=env)
    assert already.stdout.decode().startswith("Roads >= 10 is reached already")
