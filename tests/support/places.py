"""Where the repository's files are, for tests."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios"
DATA = ROOT / "tests" / "data"
GOLDEN = ROOT / "tests" / "golden"
