"""The second solver, CBC: its 180 MB are there only where they are asked for, with ``uv run --extra cbc pytest``."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import highspy
import pytest

from allocator.audit.verify import NO_SECOND

HAS_CBC = find_spec("cbcbox") is not None
needs_cbc = pytest.mark.skipif(not HAS_CBC, reason="CBC is not installed: uv run --extra cbc pytest")
NOTES: tuple[str, ...] = () if HAS_CBC else (NO_SECOND,)
"""What `verify` says of the solvers, before anything else it has to note."""


def by_highs(path: Path) -> float:
    """The optimum of an LP file, as HiGHS reads it."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return highs.getObjectiveValue()


def by_cbc(path: Path, answer: Path) -> float:
    """The optimum of an LP file, as CBC reads it; `answer` is a file that it writes."""
    from cbcbox import cbc_bin_path

    command = [cbc_bin_path(), path, "-solve", "-solution", answer]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    first = answer.read_text().splitlines()[0]
    assert first.startswith("Optimal - objective value"), told.stdout
    return float(first.split()[-1])
