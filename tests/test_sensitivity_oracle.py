"""Prices, ranges, coefficients and reduced costs of random scenarios against the exact oracle."""

import pytest

from exact_figures import figure_differences, rows_table
from oracle_coefficients import area_differences
from random_degenerate import degenerate
from random_scenarios import seeded


@pytest.mark.parametrize("seed", range(40))
def test_degenerate_rows_and_areas(seed, tmp_path):
    assert figure_differences(degenerate(seed), tmp_path, rows_table, area_differences) == []


@pytest.mark.parametrize("seed", range(20))
def test_rows_and_areas(seed, tmp_path):
    assert figure_differences(seeded(50_000 + seed, "tiny"), tmp_path, rows_table, area_differences) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1600))
def test_many_degenerate_ones(seed, tmp_path):
    assert figure_differences(degenerate(seed), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(400))
def test_many_of_every_feature(seed, tmp_path):
    assert figure_differences(seeded(60_000 + seed, "small" if seed % 2 else "tiny"), tmp_path) == []
