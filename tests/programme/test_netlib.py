"""Programmes of NETLIB's shape, larger than a textbook's, against scipy."""

import random

import pytest

from allocator import optimise, read_scenario
from content_workbook import write_content
from netlib import content_of, generated, linprog_of

SIZES = [(32, 27)]
LARGE = [(138, 56), (300, 200), (1028, 471), (1600, 800)]


@pytest.mark.parametrize("size", [*SIZES, *(pytest.param(size, marks=pytest.mark.slow) for size in LARGE)])
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_objective(size, seed, tmp_path):
    case = generated(random.Random(seed), *size)  # noqa: S311
    wanted = linprog_of(case)
    path = write_content(content_of(case, 10**7), tmp_path / "generated.xlsx")
    plan = optimise(read_scenario(path))
    assert plan.status == ("optimal" if wanted.status == 0 else "infeasible")
    assert plan.unrounded_objective == pytest.approx(wanted.fun, rel=1e-7)
