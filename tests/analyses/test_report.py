"""The report as a whole: what can't be had is left out and said, the plan stands."""

import pytest

from allocator import optimise, read_scenario
from allocator.analyses.messages import REPORT, Analysis, Ending
from allocator.analyses.report import ENTRIES, with_report
from allocator.analyses.result import Result
from allocator.programme.build import Programme, build
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Deadline, OutOfTime
from allocator.wording.messages import message_texts
from allocator.wording.progress import doing_text
from content_workbook import scenario, write_content
from random_scenarios import seeded

AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}]
FLOOR = [{"Rule": "Floor", "Area": "Roads", "Operator": ">=", "Value": 0.2, "Basis": "budget"}]


@pytest.fixture
def solved(tmp_path) -> tuple[Result, Programme, Solution]:
    asked = read_scenario(write_content(scenario(areas=AREAS, Rules=FLOOR), tmp_path / "scenario.xlsx"))
    programme = build(asked)
    return optimise(asked, explain=False).result, programme, solve(programme)


def filled(result: Result) -> tuple[bool, bool, bool, bool]:
    priced = all(row.price_up is not None for row in result.rows)
    return priced, bool(result.room), bool(result.price_card), bool(result.next_money)


def test_everything_is_there(solved):
    result, programme, solution = solved
    assert filled(result) == (False, False, False, False)
    found = with_report(result, programme, solution, Deadline(None))
    assert filled(found) == (True, True, True, True)
    assert found.messages == result.messages
    assert found.outcomes == {**result.outcomes, **dict.fromkeys(REPORT, Ending.DONE)}


def test_when_time_is_up_the_plan_stands(solved):
    result, programme, solution = solved
    found = with_report(result, programme, solution, Deadline(0))
    assert found.allotments == result.allotments
    assert filled(found) == (False, False, False, False)
    (text,) = message_texts(found.messages)
    assert text == "Left out of the report: the sensitivity report; the time limit came first"
    assert found.outcomes == dict.fromkeys(REPORT, Ending.OUT_OF_TIME)


@pytest.mark.parametrize("error", [OutOfTime(), ArithmeticError("lost")])
def test_what_is_lost_on_the_way_is_named(solved, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setitem(ENTRIES, Analysis.PRICE_CARD, fail)
    found = with_report(*solved, Deadline(None))
    in_time = isinstance(error, ArithmeticError)
    assert filled(found) == (True, True, False, in_time)
    later = "where money would go, what switching rules would do, what missed goals would take, "
    later += "how near it is to having no plan"
    late = f"what rules cost, {later}; the time limit"
    named = "what rules cost; the solver" if in_time else late
    (message,) = message_texts(found.messages)
    assert message.startswith(f"Left out of the report: {named}")
    assert found.outcomes[Analysis.NEXT_MONEY] is (Ending.DONE if in_time else Ending.OUT_OF_TIME)


@pytest.mark.parametrize("first", range(len(REPORT)))
def test_a_report_can_be_made_as_if_time_had_come(solved, first):
    late = REPORT[first:]
    found = with_report(*solved, Deadline(None), out_of_time=late)
    made = dict.fromkeys(REPORT[:first], Ending.DONE)
    assert found.outcomes == {**made, **dict.fromkeys(late, Ending.OUT_OF_TIME)}
    assert [message.analyses for message in found.messages] == [late]


def test_progress_says_what_is_being_done(solved):
    said = []
    with_report(*solved, Deadline(None), lambda doing, part: said.append((doing_text(doing), part)))
    assert said[0] == ("Prices and their ranges", 0.0)
    assert [part for _, part in said] == sorted(part for _, part in said)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_nothing_is_left_out_of_random_reports(seed, tmp_path):
    content = seeded(95_000 + seed, "medium" if seed % 4 == 0 else "small")
    plan = optimise(read_scenario(write_content(content, tmp_path / "scenario.xlsx")))
    assert not any(message.startswith("Left out") for message in plan.messages)
