"""A few cases for the quick suite, the others for the slow set."""

from collections.abc import Iterable
from typing import Any

import pytest


def quick_part(cases: Iterable[Any], count: int) -> list[Any]:
    """Return the cases, all but the first `count` marked as slow."""
    listed = list(cases)
    return [*listed[:count], *(pytest.param(case, marks=pytest.mark.slow) for case in listed[count:])]
