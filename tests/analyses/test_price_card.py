"""The price card: what really happens when a rule's Value moves, all its years and areas together."""

import math
from fractions import Fraction

import pytest

from allocator.analyses.figures import RowStatus
from allocator.analyses.moves import PriceCard
from allocator.render.workbook import plan_bytes
from content_workbook import scenario
from exact_figures import result_of
from oracle_cards import rule_curve
from plan_cells import cells

AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}, {"Area": "Parks", "Benefit": 1}]


def rule(operator: str, value: float, basis: str, area: str = "Roads", **more) -> dict:
    return {"Rule": "Floor", "Area": area, "Operator": operator, "Value": value, "Basis": basis, **more}


def card_of(content: dict, folder) -> PriceCard:
    (card,) = result_of(content, folder).price_card
    return card


# ---------------------------------------------------------------- by hand


def test_a_share_of_the_budget(tmp_path):
    # roads at least 40 of 100: a point more moves one unit from schools to roads, and costs one point of benefit
    content = scenario(areas=AREAS, Rules=[rule(">=", 0.4, "budget")])
    card = card_of(content, tmp_path)
    assert (card.points, card.curved) == (True, False)
    assert (card.more.price, card.more.change, card.less.price, card.less.change) == pytest.approx((-1, -1, -1, 1))
    assert (card.more.holds, card.less.holds) == pytest.approx((60, 40))
    assert card.more.next_price is None
    assert card.less.next_price == pytest.approx(0, abs=1e-9)
    assert {area: by for area, _, by in card.more.moves} == pytest.approx({"Roads": 1, "Schools": -1})
    assert {area: by for area, _, by in card.less.moves} == pytest.approx({"Roads": -1, "Schools": 1})
    # a unit of budget money brings 3 points
    assert card.more.worth == pytest.approx(-1 / 3)


def test_an_amount_in_both_years_together(tmp_path):
    budget = [{"Source": "City", 2026: 100, 2027: 100}]
    card = card_of(scenario(areas=AREAS, budget=budget, Rules=[rule("<=", 30, "amount", "Schools")]), tmp_path)
    assert (card.points, card.curved) == (False, False)
    assert (card.more.price, card.more.change, card.less.change) == pytest.approx((2, 2, -2))
    assert (card.more.holds, card.less.holds) == pytest.approx((70, 30))
    assert len(card.more.moves) == 4


def test_the_next_price(tmp_path):
    # schools keep their 50, roads pay for parks until they have nothing left, from then on schools
    areas = [AREAS[0] | {"Maximum": 50}, AREAS[1], AREAS[2]]
    card = card_of(scenario(areas=areas, Rules=[rule(">=", 20, "amount", "Parks")]), tmp_path)
    assert (card.more.price, card.more.holds, card.more.next_price) == pytest.approx((-1, 30, -2))
    assert (card.less.price, card.less.holds, card.less.next_price) == pytest.approx((-1, 20, 0), abs=1e-9)


def test_two_prices_where_rules_meet(tmp_path):
    # schools at most 60, roads at least 40 of 100: a point more costs 1, a point less gains nothing
    areas = [AREAS[0] | {"Maximum": 60}, *AREAS[1:]]
    card = card_of(scenario(areas=areas, Rules=[rule(">=", 0.4, "budget")]), tmp_path)
    assert (card.more.price, card.less.price) == pytest.approx((-1, 0), abs=1e-9)
    assert card.less.moves == ()


def test_no_plan(tmp_path):
    card = card_of(scenario(areas=AREAS, Rules=[rule(">=", 100, "amount")]), tmp_path)
    assert (card.more.no_plan, card.more.price, card.more.change, card.more.moves) == (True, None, None, ())
    assert card.less.change == pytest.approx(1)


def test_a_share_of_what_another_area_gets_is_curved(tmp_path):
    # roads ≥ v · schools: schools 100/(1+v), so the optimum is (300 + 200 v)/(1 + v), its slope −100/(1+v)²
    card = card_of(scenario(areas=AREAS, Rules=[rule(">=", 0.25, "Schools")]), tmp_path)
    assert card.curved
    assert card.more.price == pytest.approx(-0.01 * 100 / 1.25**2)
    assert card.less.price == pytest.approx(-0.01 * 100 / 1.25**2)
    assert card.more.change == pytest.approx(352 / 1.26 - 350 / 1.25)
    assert card.less.change == pytest.approx(348 / 1.24 - 350 / 1.25)
    assert card.more.holds == math.inf
    assert card.less.holds == pytest.approx(25)
    assert card.more.next_price is None


def test_off_and_missed_have_none(tmp_path):
    for strength, value in (("off", 10), ("goal 1", 120)):
        card = card_of(scenario(areas=AREAS, Rules=[rule(">=", value, "amount", Strength=strength)]), tmp_path)
        assert (card.more, card.less) == (None, None)


def test_the_oracle_by_hand():
    curve = rule_curve(scenario(areas=AREAS, Rules=[rule(">=", 0.25, "Schools")]), 0)
    assert curve.curved
    assert curve.at(Fraction(1)).best == 250
    assert float(curve.slope(curve.here, 1)) == pytest.approx(-64)
    assert curve.at(Fraction(1)).of_basis(curve.now) == 250


@pytest.mark.parametrize(
    ("most", "said"),
    [
        (10, "It has no price: before rounding it is missed, by less than one Step, which counts as met."),
        (9, "A goal that is missed has no price."),
    ],
)
def test_a_goal_that_is_missed_before_rounding_has_no_price(most, said, tmp_path):
    """Met or not is told as on Rules: 10 of 10.5 asked for is less than one Step off, 9 is more."""
    areas = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2, "Maximum": most}]
    content = scenario(areas=areas, settings={"Step": 1}, Rules=[rule("=", 10.5, "amount", Strength="goal 1")])
    result = result_of(content, tmp_path)
    (goal,) = result.goals
    (row,) = (row for row in result.rows if row.row.name == "Floor")
    assert (goal.missed_by == 0) == (row.status is RowStatus.BINDING) == (most == 10)
    assert (row.shadow_price, row.price_up, row.price_down) == (None, None, None)
    (card,) = result.price_card
    assert card.more is card.less is None
    assert said in cells(plan_bytes(result)).values()
