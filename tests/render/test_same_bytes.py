"""The same scenario, versions and SOURCE_DATE_EPOCH give the same file, byte for byte, whoever runs it where."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from allocator.scenario.writing import new_scenario
from content_workbook import write_content
from places import SCENARIOS
from random_scenarios import random_content

SURROUNDINGS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("a", ".", {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}),
    (
        "b c/Kế hoạch",
        "b c/Kế hoạch",
        {"PYTHONHASHSEED": "77", "TZ": "Asia/Ho_Chi_Minh", "LC_ALL": "C"},
    ),
    ("d", "/", {"PYTHONHASHSEED": "random", "TZ": "America/St_Johns", "LANG": "vi_VN.UTF-8", "LC_ALL": "POSIX"}),
)
"""The scenario's folder, the working directory, the environment."""
RICH_SEED = 50
"""Of a random scenario with bands, parts, several sources and years, goals, indicators; typed the way people do."""


def plans(scenario: Path, folder: Path) -> list[bytes]:
    """The plan's file, made in each of the surroundings, at different times."""
    found = []
    for place, working, changes in SURROUNDINGS:
        here = folder / place
        here.mkdir(parents=True)
        shutil.copy(scenario, here / scenario.name)
        command = [sys.executable, "-m", "allocator", str(here / scenario.name), "--quiet"]
        if working == place:
            command[3] = scenario.name
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"} | changes
        subprocess.run(command, cwd=folder / working, env=environment, check=True)
        found.append((here / scenario.name).with_suffix(".plan.xlsx").read_bytes())
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["rich", "example", "hanoi-2026", "hanoi-2026-2030"],
)
def test_the_same_bytes(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS / f"{name}.xlsx"
    if name == "example":
        scenario = tmp_path / "scenario.xlsx"
        new_scenario(scenario)
    elif name == "rich":
        content = random_content(random.Random(RICH_SEED))  # noqa: S311
        scenario = write_content(content, tmp_path / "rich.xlsx", random.Random(RICH_SEED))  # noqa: S311
    first, *others = plans(scenario, tmp_path)
    assert [other == first for other in others] == [True] * len(others)


@pytest.mark.slow
def test_another_time_gives_other_bytes(tmp_path: Path) -> None:
    """The comparison above would see a time."""
    new_scenario(tmp_path / "scenario.xlsx")
    made = []
    for epoch in ("1700000000", "1700000001"):
        command = [sys.executable, "-m", "allocator", "scenario.xlsx", "--quiet"]
        subprocess.run(command, cwd=tmp_path, env=os.environ | {"SOURCE_DATE_EPOCH": epoch}, check=True)
        made.append((tmp_path / "scenario.plan.xlsx").read_bytes())
    assert made[0] != made[1]
