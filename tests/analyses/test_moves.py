"""What a number does when it moves, in cases that can be worked out by hand."""

import math

import pytest

from allocator import optimise, read_scenario
from allocator.analyses.moves import NextMoney, PriceCard
from allocator.analyses.result import Result
from content_workbook import scenario, write_content

AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}]


def rule(name: str, area: str, operator: str, value: float, basis: str, **more: object) -> dict:
    return {"Rule": name, "Area": area, "Operator": operator, "Value": value, "Basis": basis, **more}


def planned(folder, **content) -> Result:
    return optimise(read_scenario(write_content(scenario(**content), folder / "scenario.xlsx"))).result


def card(result: Result, name: str) -> PriceCard:
    return next(card for card in result.price_card if card.rule.name == name)


def money(result: Result) -> NextMoney:
    return result.next_money[0]


def test_a_goal_that_loses_is_named(tmp_path):
    """Half for Roads is all that can be had beside 60 % for Schools: the goal of 50 is missed by 10, then by 11."""
    rules = [
        rule("Schools first", "Schools", ">=", 0.6, "budget"),
        rule("Roads half", "Roads", ">=", 50, "amount", Strength="goal 1"),
    ]
    result = planned(tmp_path, areas=AREAS, Rules=rules)
    more, less = card(result, "Schools first").more, card(result, "Schools first").less
    assert more.missed == (("Roads half 2026", pytest.approx(1.0)),)
    assert less.missed == (("Roads half 2026", pytest.approx(-1.0)),)
    assert (more.change, less.change) == pytest.approx((1.0, -1.0))
    assert card(result, "Roads half").more is None


def test_a_goal_that_loses_nothing_is_not(tmp_path):
    rules = [
        rule("Roads", "Roads", ">=", 0.3, "budget"),
        rule("Some", "Schools", ">=", 10, "amount", Strength="goal 1"),
    ]
    result = planned(tmp_path, areas=AREAS, Rules=rules)
    assert card(result, "Roads").more.missed == ()
    assert card(result, "Roads").more.change == pytest.approx(-1.0)


def test_where_plans_end_is_said(tmp_path):
    """Roads may get no more than 60: Schools can be pressed down to 40 when all has to be spent, no further."""
    areas = [AREAS[0], {**AREAS[1], "Maximum": 60}]
    content = {"areas": areas, "budget": [{"Source": "City", 2026: 100, "Spend": "all"}]}
    result = planned(tmp_path, **content, Rules=[rule("Cap", "Schools", "<=", 0.7, "budget")])
    less = card(result, "Cap").less
    assert (less.price, less.holds, less.next_price, less.ends) == (pytest.approx(1.0), pytest.approx(30.0), None, True)
    more = card(result, "Cap").more
    assert (more.holds, more.next_price, more.ends) == (pytest.approx(30.0), pytest.approx(0.0), False)


def test_money_ends_where_nothing_may_take_it(tmp_path):
    areas = [{**AREAS[0], "Maximum": 60}, {**AREAS[1], "Maximum": 60}]
    result = planned(tmp_path, areas=areas, budget=[{"Source": "City", 2026: 100, "Spend": "all"}])
    more = money(result).more
    assert (more.price, more.holds, more.ends) == (pytest.approx(2.0), pytest.approx(20.0), True)
    assert more.moves == (("Roads", 2026, pytest.approx(1.0)),)


def test_a_curved_rule_that_does_not_bind_is_free_until_it_does(tmp_path):
    """Schools get 40 of 100 spent; at most 90 % of what is spent binds only once that is below 40 %."""
    areas = [{**AREAS[0], "Maximum": 40}, AREAS[1]]
    result = planned(tmp_path, areas=areas, Rules=[rule("Wide", "Schools", "<=", 0.9, "spending")])
    found = card(result, "Wide")
    assert found.curved
    assert (found.less.price, found.less.holds) == (0.0, pytest.approx(50.0))
    assert (found.more.price, found.more.holds) == (0.0, math.inf)


def test_worth_is_at_the_price_of_the_budget(tmp_path):
    """A point of 100 moved from 3 to 2 costs 1, which half a unit of money would bring back."""
    result = planned(tmp_path, areas=AREAS, Rules=[rule("Roads", "Roads", ">=", 0.3, "budget")])
    more = card(result, "Roads").more
    assert (more.change, more.worth) == (pytest.approx(-1.0), pytest.approx(-1 / 3))


def test_without_a_price_of_money_nothing_is_worth_any(tmp_path):
    areas = [{**AREAS[0], "Maximum": 30}, {**AREAS[1], "Maximum": 30}]
    result = planned(tmp_path, areas=areas, Rules=[rule("Roads", "Schools", "<=", 0.2, "budget")])
    assert card(result, "Roads").more.change == pytest.approx(3.0)
    assert card(result, "Roads").more.worth is None
