"""No sentence on the console ends in an ellipsis, whatever the width, and a screen is never more than 40 lines."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from allocator.analyses.analyse import analyse
from allocator.analyses.result import Result
from allocator.console.plan import print_summary
from allocator.programme.rows import Row
from allocator.programme.status import Status
from allocator.scenario.problems import FromFile
from commands import run_command
from made_results import VIETNAMESE, a_goal, a_result, row_figures, share_row
from no_plan_cases import case, read, rule
from places import ROOT
from sample_prices import with_prices

LONG = [f"Lĩnh vực ưu tiên số {index} với một cái tên rất dài, dài hơn nửa dòng của màn hình" for index in range(14)]


@cache
def plans() -> list[Result]:
    return list(each_plan())


def each_plan() -> Iterator[Result]:
    rows: tuple[Row, ...] = tuple(share_row(name, 2026, "0.04") for name in LONG[:3])
    many = tuple(FromFile(f"Message {index}: " + "rather long " * 30) for index in range(9))
    missed = tuple(a_goal(f"Mục tiêu {index} " + "dài " * 12, 2026, "3") for index in range(5))
    for names in (VIETNAMESE, LONG):
        for years in ((2026,), (2026, 2027, 2028)):
            plain = a_result(names, years, rules=6, parts=True)
            yield plain
            yield with_prices(plain)
            yield with_prices(replace(plain, goals=missed, messages=many))
            long_title = replace(plain.scenario, title="Kế hoạch " + "rất dài " * 40)
            yield replace(plain, scenario=long_title)
    yield a_result(rows=tuple(map(row_figures, rows)))
    yield a_result(status=Status.INFEASIBLE, objective=None, conflict=rows, allotments=(), rows=(), funds=())
    yield a_result(status=Status.STOPPED, objective=None, allotments=(), rows=(), funds=(), messages=many)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("number", range(len(plans())))
def test_of_plans(number: int, width: int) -> None:
    stream = io.StringIO()
    result = plans()[number]
    print_summary(result, Console(file=stream, width=width), Path("plan.xlsx"))
    lines = stream.getvalue().splitlines()
    assert [line for line in lines if line.endswith(("…", "..."))] == []
    assert max(map(cell_len, lines)) <= width
    if result.status is not Status.STOPPED:
        assert len(lines) <= 40


def ends_cut(output: bytes) -> list[str]:
    return [line for line in output.decode("utf-8").splitlines() if line.rstrip().endswith("…")]


COMMANDS = (
    ("scenarios/hanoi-2026.xlsx", "-o", "{}/a.plan.xlsx"),
    ("compare", "scenarios/hanoi-2026.xlsx", "-o", "{}/c.xlsx"),
    ("sweep", "scenarios/hanoi-2026.xlsx", "--vary", "Rules/Culture over 4 %/Value=3.5%..5%", "-o", "{}/s.xlsx"),
    (
        "seek",
        "scenarios/hanoi-2026.xlsx",
        "--vary",
        "Rules/Culture over 4 %/Value",
        "--until",
        "Areas/Culture >= 10000",
    ),
)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
@pytest.mark.slow
def test_of_commands(words: tuple[str, ...], width: int, tmp_path: Path) -> None:
    env = {"COLUMNS": str(width), "PYTHONUTF8": "1"}
    done = run_command(*(word.format(tmp_path) for word in words), cwd=ROOT, env=env)
    assert done.returncode == 0
    assert ends_cut(done.stdout) == []
    assert len(done.stdout.decode("utf-8").splitlines()) <= 40


def test_of_an_infeasible_scenario_and_what_check_says(tmp_path: Path) -> None:
    name = "A rule with a name that is a good deal longer than half of a line of the screen"
    rules = [rule(f"{name}, for schools", "Schools", ">=", 0.7), rule(f"{name}, for roads", "Roads", ">=", 0.6)]
    result = analyse(read(case(Rules=rules), tmp_path))
    for width in (80, 120):
        stream = io.StringIO()
        print_summary(result, Console(file=stream, width=width), None)
        text = stream.getvalue()
        assert ends_cut(text.encode()) == []
        assert "for schools" in text
        assert "for roads" in text
