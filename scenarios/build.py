"""Write the workbooks of this folder: ``python scenarios/build.py`` gives the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import hanoi_2026
import hanoi_2026_2030

from allocator.scenario.writing import write_scenario

SCENARIOS = {"hanoi-2026.xlsx": hanoi_2026, "hanoi-2026-2030.xlsx": hanoi_2026_2030}


def build(folder: Path) -> None:
    """Write every scenario into `folder`."""
    for name, scenario in SCENARIOS.items():
        write_scenario(folder / name, scenario.content(), title=scenario.TITLE)


if __name__ == "__main__":
    build(Path(__file__).parent)
