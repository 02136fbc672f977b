"""What a plan stores beside its formulas is what a spreadsheet comes to, from thousandths to hundreds of billions."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator import read_scenario
from allocator.analyses.analyse import analyse
from allocator.audit.verify import Auditor
from allocator.audit.workbook import plan_workbook
from allocator.render.workbook import plan_bytes
from commands import Sheets, write_book
from content_workbook import write_content
from plan_cells import Office, assert_same_values, cells, find, formulas
from quick_part import quick_part
from random_magnitudes import of_magnitude

HARD = (3, 12, 20, 35, 129, 1177, 1215, 1327)
"""Seeds whose slack, gaps, remainders (also carried over) or sums lie at a half, or below what a spreadsheet keeps."""


def plan_of(seed: int, folder: Path, *, explain: bool = False) -> bytes | None:
    """Return the plan's workbook of a random scenario; None where it has none."""
    scenario = read_scenario(write_content(of_magnitude(seed), folder / f"{seed}.xlsx"))
    result = analyse(scenario, explain=explain)
    return plan_bytes(result) if result.allotments else None


def findings(content: bytes) -> list[str]:
    """Return what `verify` finds in a fresh plan."""
    found = Auditor().check(plan_workbook(content, "plan.xlsx")).findings
    return [f"{f.sheet}!{f.place} {f.heading}: {f.text}" for f in found]


def half(last: float, change: str, tmp_path: Path) -> bytes:
    """Return the plan of one area that may fall by a percentage, so that the least is no whole Step."""
    sheets: Sheets = {
        "Scenario": [["Setting", "Value"], ["Unit", "dong"], ["Step", 1], ["Objective", "minimise spending"]],
        "Budget": [["Source", 2026], ["City", 10**15]],
        "Areas": [["Area", "Last year"], ["Education", last], ["Roads", 0]],
        "Rules": [["Rule", "Area", "Operator", "Value", "Basis"],
                  ["No deep cut", "Education", ">=", change, "change on last year"]],
    }  # fmt: skip
    return plan_bytes(analyse(read_scenario(write_book(tmp_path / "half.xlsx", sheets)), explain=False))


@pytest.mark.parametrize(
    ("last", "change", "slack"),
    [(1_716_849_737, "-27.5%", 0.675), (171_684_973_755, "-27%", 0.85), (17_168_497_375_550, "-27%", 0.5)],
)
def test_a_slack_at_a_half_is_told_in_full(tmp_path: Path, last: float, change: str, slack: float) -> None:
    content = half(last, change, tmp_path)
    assert find(cells(content), "Rules", {"Rule": "No deep cut"}, "Slack") == slack
    assert findings(content) == []


def test_where_a_spreadsheet_keeps_no_such_digit_none_is_told(tmp_path: Path) -> None:
    content = half(171_684_973_755_001, "-27%", tmp_path)  # the least is …,650.73, a double's last digit there 0.016
    slack = find(cells(content), "Rules", {"Rule": "No deep cut"}, "Slack")
    assert abs(slack - 0.27) <= 0.5
    assert findings(content) == []


@pytest.mark.parametrize("seed", quick_part(HARD, 2))
def test_untouched_plans_are_right(tmp_path: Path, seed: int) -> None:
    content = plan_of(seed, tmp_path)
    assert content is not None
    assert findings(content) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1500, 10))
def test_hundreds_of_untouched_plans_are_right(tmp_path: Path, first: int) -> None:
    plans = {seed: plan_of(seed, tmp_path, explain=seed % 4 == 0) for seed in range(first, first + 10)}
    assert {seed: found for seed, plan in plans.items() if plan and (found := findings(plan))} == {}


@pytest.mark.slow
def test_libreoffice_comes_to_what_is_stored(tmp_path: Path) -> None:
    plans = [plan for seed in (*HARD, *range(2000, 2018)) if (plan := plan_of(seed, tmp_path))]
    assert len(plans) > 20
    recalculated = Office(tmp_path).recalculated(*plans)
    for plan, recomputed in zip(plans, recalculated, strict=True):
        assert_same_values(cells(plan), recomputed, list(formulas(plan)))
