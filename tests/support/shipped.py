"""The plans of the shipped scenarios, made once for all tests of a process; not to be changed."""

from functools import cache
from pathlib import Path

from allocator import Plan, optimise, read_scenario
from places import SCENARIOS

SHIPPED = [SCENARIOS / f"{name}.xlsx" for name in ("hanoi-2026", "hanoi-2026-2030")]
"""Of one year and of five."""


@cache
def shipped_plan(path: Path, *, explain: bool = True) -> Plan:
    return optimise(read_scenario(path), explain=explain)
