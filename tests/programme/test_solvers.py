"""Whoever solves, however long it may take: one plan, one status, and nothing called optimal that isn't."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pulp
import pytest

from allocator import optimise, read_scenario
from allocator.errors import SolverError, UsageError
from allocator.programme.build import Programme, build
from allocator.programme.rows import Linear, Row
from allocator.programme.simplex import Basis
from allocator.programme.solve import _Run, solve
from allocator.programme.status import Status
from allocator.scenario.model import Limits, Operator, Scenario
from commands import infeasible, run_command, small, write_book
from content_workbook import write_content
from golden_cases import CASES
from golden_cases import scenario as content_of
from random_scenarios import seeded
from second_solver import needs_cbc

NEVER = 1e-9
"""Seconds in which nothing can be found."""
IMPOSSIBLE = content_of(
    "More than there is", areas=[{"Area": "Schools", "Minimum": 60}, {"Area": "Roads", "Minimum": 41}]
)


def read(content: dict, folder: Path) -> Scenario:
    return read_scenario(write_content(content, folder / "scenario.xlsx"))


# ---------------------------------------------------------------- another solver


def assert_same_plan(scenario: Scenario) -> None:
    mine, other = (json.loads(optimise(scenario, solver=name, explain=False).to_json()) for name in ("HiGHS", "CBC"))
    assert other["status"] == mine["status"]
    assert other["allocation"] == mine["allocation"]
    assert other["objective"] == mine["objective"]
    assert other["goals"] == mine["goals"]


@needs_cbc
@pytest.mark.parametrize("name", ["budget-several-sources", "limit-last-band", "rule-strict", "goals", "scaled"])
def test_cbc_gives_the_same_plan(name, tmp_path):
    assert_same_plan(read(CASES[name], tmp_path))


@needs_cbc
@pytest.mark.parametrize("seed", range(12))
def test_cbc_gives_the_same_plan_of_random_scenarios(seed, tmp_path):
    assert_same_plan(read(seeded(90_000 + seed), tmp_path))


@needs_cbc
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_cbc_gives_the_same_plan_many_times(seed, tmp_path):
    assert_same_plan(read(seeded(91_000 + seed), tmp_path))


@needs_cbc
@pytest.mark.parametrize("name", ["cbc", "COIN_CMD", "coin_cmd", "CBC"])
def test_solvers_go_by_several_names(name, tmp_path):
    assert optimise(read(CASES["rule-budget"], tmp_path), solver=name).status == "optimal"


@pytest.mark.parametrize("name", ["Simplex3000", "", "GUROBI"])
def test_a_solver_that_is_not_there(name, tmp_path):
    scenario = read(CASES["rule-budget"], tmp_path)
    with pytest.raises(UsageError) as refused:
        optimise(scenario, solver=name)
    for there in pulp.listSolvers(onlyAvailable=True):
        assert there in str(refused.value)
    assert "--solver" in str(refused.value)
    assert name in str(refused.value)


@needs_cbc
@pytest.mark.parametrize("other", [(Status.OPTIMAL, -1.0), (Status.INFEASIBLE, float("nan"))])
def test_solvers_that_disagree_give_no_plan(other, tmp_path, monkeypatch):
    monkeypatch.setattr(_Run, "_ask_other", lambda *_: other)
    with pytest.raises(SolverError, match="disagree"):
        optimise(read(CASES["rule-budget"], tmp_path), solver="CBC")


OTHERS = """
import sys, highspy
from allocator import optimise, read_scenario
highs = highspy.Highs()
for option, value in (("output_flag", False), ("threads", 2)):
    highs.setOptionValue(option, value)
highs.addVar(0, 1)
assert highs.run() == highspy.HighsStatus.kOk
print(optimise(read_scenario(sys.argv[1])).status)
"""
"""A process in which somebody else solves with HiGHS too, on two processors."""


def test_others_may_use_highs_with_other_threads(tmp_path):
    path = write_book(tmp_path / "scenario.xlsx", small())
    done = subprocess.run([sys.executable, "-c", OTHERS, str(path)], capture_output=True, text=True, check=False)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("optimal", "")


# ---------------------------------------------------------------- time limits and statuses


def test_a_time_limit_that_is_too_short(tmp_path):
    for content in (CASES["rule-budget"], CASES["goals"]):
        plan = optimise(read(content, tmp_path), time_limit=NEVER)
        assert (plan.status, plan.objective) == ("stopped", None)
        assert plan.result.allotments == ()
        assert any("time limit" in message for message in plan.messages)


def test_nothing_is_written_when_time_is_up(tmp_path):
    book = write_book(tmp_path / "scenario.xlsx", small())
    before = sorted(tmp_path.iterdir())
    done = run_command(book, "--time-limit", NEVER, "--lp", tmp_path / "programme.lp")
    assert done.returncode == 3
    assert [path for path in sorted(tmp_path.iterdir()) if path.suffix == ".xlsx"] == before


@pytest.mark.parametrize(("sheets", "expected"), [(small(), "optimal"), (infeasible(), "infeasible")])
def test_a_time_limit_never_changes_the_answer(sheets, expected, tmp_path):
    scenario = read_scenario(write_book(tmp_path / "scenario.xlsx", sheets))
    answer = optimise(scenario).to_json()
    assert json.loads(answer)["status"] == expected
    for limit in (NEVER, 1e-4, 1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 60):
        plan = optimise(scenario, time_limit=limit)
        assert plan.status in ("stopped", expected)
        if plan.status == expected == "optimal":
            assert json.loads(plan.to_json())["allocation"] == json.loads(answer)["allocation"]
    assert plan.status == expected


@pytest.mark.parametrize("content", [CASES["rule-budget"], CASES["goals"], IMPOSSIBLE])
def test_where_the_solver_has_no_answer_fractions_have_one(content, tmp_path, monkeypatch):
    scenario = read(content, tmp_path)
    usual = json.loads(optimise(scenario).to_json())
    monkeypatch.setattr(_Run, "_proposed", lambda *_: Basis((), frozenset()))
    found = json.loads(optimise(scenario).to_json())
    assert [found[key] for key in ("status", "objective")] == [usual[key] for key in ("status", "objective")]


# ---------------------------------------------------------------- same input, same plan


@pytest.mark.parametrize("seed", range(6))
def test_twice_the_same(seed, tmp_path):
    path = write_content(seeded(92_000 + seed), tmp_path / "scenario.xlsx")
    assert optimise(read_scenario(path)).to_json() == optimise(read_scenario(path)).to_json()


def test_the_same_in_another_process(tmp_path):
    paths = [write_content(seeded(92_100 + seed), tmp_path / f"{seed}.xlsx") for seed in range(4)]
    code = (
        "import sys; from allocator import optimise, read_scenario\n"
        "for path in sys.argv[1:]: print(optimise(read_scenario(path)).to_json())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert told.stdout == "".join(optimise(read_scenario(path)).to_json() + "\n" for path in paths)


# ---------------------------------------------------------------- looser never worsens


def judged(programme: Programme) -> tuple[float, ...] | None:
    """What a programme's optimum is judged by, less is better: its goals in order, then the objective."""
    solution = solve(programme)
    if solution.status is not Status.OPTIMAL:
        assert solution.status is Status.INFEASIBLE
        return None
    objective = -solution.objective if programme.maximise else solution.objective
    return (*(solution.goal_sums[priority] for priority in programme.priorities), objective)


def assert_no_worse(before: Programme, after: Programme) -> None:
    was, now = judged(before), judged(after)
    if was is None:
        return
    assert now is not None, "no plan any more"
    funds = max(float(before.scenario.available(before.scenario.source, t)) for t in before.scenario.years)
    worth = max(abs(float(p.slope)) for pieces in before.pieces.values() for p in pieces)
    sizes = [*(1.0 for _ in before.priorities), max(abs(was[-1]), funds * worth)]
    for old, new, size in zip(was, now, sizes, strict=True):
        if new < old - 1e-7 * size:
            return  # better in what comes first: what comes later may be worse
        assert new <= old + 1e-7 * size, (was, now)


def random_ones(first: int, count: int, folder: Path) -> Iterator[tuple[random.Random, Scenario]]:
    for seed in range(first, first + count):
        yield random.Random(seed), read(seeded(seed), folder)  # noqa: S311


def loosened(row: Row, by: Fraction) -> Row:
    return replace(row, right=Linear(row.right.terms, row.right.constant + (-by if row.operator.lower else by)))


def check_rows(first: int, count: int, folder: Path) -> int:
    """Loosen one row of each scenario, whichever it is."""
    done = 0
    for rng, scenario in random_ones(first, count, folder):
        programme = build(scenario)
        free = [n for n, row in enumerate(programme.rows) if row.operator is not Operator.EQUAL and row.body.terms]
        if free:
            number = rng.choice(free)
            row = programme.rows[number]
            rows = list(programme.rows)
            rows[number] = loosened(row, max(abs(row.bound), Fraction(1)) * Fraction(rng.choice((1, 10, 50)), 100))
            assert_no_worse(programme, replace(programme, rows=tuple(rows)))
            done += 1
    return done


def check_limits(first: int, count: int, folder: Path) -> int:
    """Raise every Maximum and lower every Minimum by a tenth."""
    done = 0
    for _, scenario in random_ones(first, count, folder):
        if scenario.limits:
            wide = {pair: widened(limits) for pair, limits in scenario.limits.items()}
            assert_no_worse(build(scenario), build(replace(scenario, limits=wide)))
            done += 1
    return done


def widened(limits: Limits) -> Limits:
    def times(value: Fraction | None, part: str) -> Fraction | None:
        return None if value is None else value * Fraction(part)

    return replace(
        limits,
        minimum=times(limits.minimum, "0.9"),
        minimum_share=times(limits.minimum_share, "0.9"),
        maximum=times(limits.maximum, "1.1"),
        maximum_share=times(limits.maximum_share, "1.1"),
    )


def check_budgets(first: int, count: int, folder: Path) -> int:
    """Raise a Budget cell that no other row is computed from, of a source that may be left unspent."""
    done = 0
    for rng, scenario in random_ones(first, count, folder):
        source, year = rng.choice(scenario.sources), rng.choice(scenario.years)
        if source.spend_all:
            continue
        more = replace(source, available={**source.available, year: source.available[year] * Fraction("1.1")})
        richer = replace(scenario, sources=tuple(more if s is source else s for s in scenario.sources))
        before, after = build(scenario), build(richer)
        pairs = zip(before.rows, after.rows, strict=True)
        if all(
            (a.bound, a.body, a.divisor) == (b.bound, b.body, b.divisor) or a.subject == source.name for a, b in pairs
        ):
            assert_no_worse(before, after)
            done += 1
    return done


CHECKS = {"rows": check_rows, "limits": check_limits, "budgets": check_budgets}


@pytest.mark.parametrize("what", CHECKS)
def test_a_looser_scenario_is_never_worse(what, tmp_path):
    assert CHECKS[what](93_000, 12, tmp_path) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("what", CHECKS)
def test_many_looser_scenarios_are_never_worse(what, part, tmp_path):
    assert CHECKS[what](94_000 + 40 * part, 40, tmp_path) >= 1
