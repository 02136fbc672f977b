"""Bands and sources by themselves: their figures confirmed by solving again with one coefficient moved."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from allocator import optimise, read_scenario
from allocator.analyses.prices import PartFigures
from allocator.analyses.result import Result
from allocator.programme.build import Programme, build
from allocator.programme.rows import Piece
from allocator.programme.solve import solve
from allocator.wording.names import limiting_text
from content_workbook import scenario, write_content
from quick_part import quick_part
from random_scenarios import seeded

SEEDS = quick_part(range(10), 1)
LITTLE = 1e-4
CITY = [{"Source": "City", 2026: 100}, {"Source": "Fund", "Kind": "other", 2026: 20}]


def planned(content: dict, folder) -> Result:
    return optimise(read_scenario(write_content(content, folder / "scenario.xlsx"))).result


def with_slope(programme: Programme, part: PartFigures, growth: float) -> Programme:
    """The programme where the benefit of one band is another."""
    pair = (part.area, part.year)
    pieces = tuple(
        Piece(p.width, p.slope + Fraction(growth), p.number) if str(p.number) == part.part else p
        for p in programme.pieces[pair]
    )
    return replace(programme, pieces={**programme.pieces, pair: pieces})


def stays_best(programme: Programme, result: Result, part: PartFigures, growth: float) -> bool:
    """Whether the plan shown (unrounded) is still as good as any, filled in the order of the columns."""
    amounts = {(a.area, a.year, a.source): a.unrounded for a in result.allotments if a.eligible}
    yearly = sum(v for (area, year, _), v in amounts.items() if (area, year) == (part.area, part.year))
    left, inside = yearly, 0.0
    for piece in programme.pieces[part.area, part.year]:
        money = left if piece.width is None else min(left, float(piece.width))
        inside += money if str(piece.number) == part.part else 0.0
        left -= money
    best = solve(with_slope(programme, part, growth)).objective
    same = result.unrounded_objective + growth * inside
    size = max(1.0, abs(same), abs(growth) * float(sum(amounts.values())))
    return abs(best - same) <= 1e-9 * size


def same_place(one: PartFigures, other: PartFigures) -> bool:
    return (one.area, one.year) == (other.area, other.year)


def check(content: dict, folder) -> int:
    result = planned(content, folder)
    programme = build(result.scenario)
    checked = 0
    for part in result.parts:
        if not part.of_band:
            continue
        for reach, sign in ((part.allowable_increase, 1), (part.allowable_decrease, -1)):
            far = reach if math.isfinite(reach) else 10 * max(1.0, abs(part.objective_coefficient))
            if far > 0:
                assert stays_best(programme, result, part, sign * far * (1 - LITTLE)), (part.name, part.year, sign)
            # what can be lost must show beside the size of the objective
            money = float(sum(p.final_value for p in result.parts if p.of_band and same_place(p, part)))
            shows = (sign > 0 and not money) or money * (far + 1) > 1e-5 * abs(result.unrounded_objective)
            if math.isfinite(reach) and shows:
                outside = sign * (far * 1.02 + 0.02)
                assert not stays_best(programme, result, part, outside), (part.name, part.year, sign)
            checked += 1
    return checked


def for_benefit(seed: int) -> dict:
    """A random scenario that seeks benefit, the first from `seed` on that has bands."""
    content = next(c for c in map(seeded, range(seed, seed + 1000)) if len(c.get("Benefits", [])) >= 3)
    settings = [row for row in content["Scenario"] if row["Setting"] != "Objective"]
    return {**content, "Scenario": settings}


def banded() -> dict:
    """Two areas with two bands each, and two sources."""
    areas = [{"Area": "Schools"}, {"Area": "Roads", "Benefit": 2, "Sources": "City"}]
    bands = [{"Area": "Schools", "Up to": 50, "Benefit": 3}, {"Area": "Schools", "Benefit": 1}]
    return scenario(areas=areas, budget=CITY, Benefits=bands)


def test_by_hand(tmp_path):
    """Schools' first 50 at 3, then Roads at 2 from City only; the Fund's 20 can only go to Schools."""
    parts = {part.name: part for part in planned(banded(), tmp_path).parts}
    first, second = parts["Schools / 1"], parts["Schools / 2"]
    assert (first.final_value, second.final_value) == (50, 0)
    assert (first.objective_coefficient, second.objective_coefficient) == (3, 1)
    assert (first.reduced_cost, second.reduced_cost) == pytest.approx((1, -1))
    assert (first.allowable_increase, first.allowable_decrease) == pytest.approx((math.inf, 1))
    assert (second.allowable_increase, second.allowable_decrease) == pytest.approx((1, math.inf))
    assert limiting_text(first.limiting) == "down: Roads 2026"
    city, fund = parts["Schools from City"], parts["Schools from Fund"]
    assert (city.final_value, fund.final_value) == (30, 20)
    assert city.reduced_cost == fund.reduced_cost == pytest.approx(-1)  # the next unit falls into the second band


@pytest.mark.parametrize("seed", SEEDS)
def test_ranges_of_bands(seed, tmp_path):
    check(for_benefit(80_000 + 10 * seed), tmp_path)


@pytest.mark.slow
def test_there_were_bands(tmp_path):
    assert sum(check(for_benefit(80_000 + 10 * seed), tmp_path) for seed in range(8)) >= 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100))
def test_ranges_of_bands_many_times(seed, tmp_path):
    check(for_benefit(81_000 + 10 * seed), tmp_path)
