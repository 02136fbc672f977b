"""Questions of an optimum that HiGHS finds no end of: they are asked again in fractions, and told the same."""

import math
from pathlib import Path

import pytest

from allocator import optimise, read_scenario
from allocator.analyses.result import Result
from allocator.programme import optimum
from allocator.programme.optimum import Engine
from allocator.programme.status import Status
from content_workbook import write_content
from random_degenerate import degenerate
from random_scenarios import seeded

ROWS = ("price_up", "price_down", "allowable_increase", "allowable_decrease", "no_plan_up", "no_plan_down")
AREAS = ("reduced_cost", "allowable_increase", "allowable_decrease", "least", "most")


def figures(result: Result) -> list[float]:
    found = [getattr(row, name) for row in result.rows for name in ROWS]
    found += [getattr(area, name) for area in result.areas for name in AREAS]
    return [math.nan if value is None else float(value) for value in found]


@pytest.mark.parametrize(
    ("make", "seed"),
    [
        (degenerate, 1001),
        *(
            pytest.param(make, seed, marks=pytest.mark.slow)
            for make, seed in ((seeded, 60_006), *((degenerate, seed) for seed in (1000, 1002, 1003, 1004)))
        ),
    ],
)
def test_what_floating_point_loses_is_found_in_fractions(make, seed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    scenario = read_scenario(write_content(make(seed), tmp_path / "scenario.xlsx"))
    monkeypatch.setattr(optimum, "MOST_WORK", 0)
    monkeypatch.setattr(optimum, "MOST_WORK_IF_WIDE", 0)
    wanted = optimise(scenario).result
    asked = []

    def lost(engine: Engine) -> Status:
        asked.append(engine)
        return Status.STOPPED

    monkeypatch.setattr(Engine, "attempt", lost)
    found = optimise(scenario).result
    assert asked
    assert wanted.messages == found.messages
    assert figures(found) == pytest.approx(figures(wanted), rel=1e-9, abs=1e-9, nan_ok=True)
