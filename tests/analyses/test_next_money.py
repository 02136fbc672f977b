"""Next money: where 1 % more of a Budget cell goes, and where 1 % less comes from, with all that follows."""

import pytest

from content_workbook import scenario
from exact_figures import result_of

AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}]


def test_shares_follow_the_cell(tmp_path):
    # roads get 40 % of the budget: of one more unit, 0.6 for schools and 0.4 for roads, worth 2.6
    rules = [{"Rule": "Floor", "Area": "Roads", "Operator": ">=", "Value": 0.4, "Basis": "budget"}]
    result = result_of(scenario(areas=AREAS, Rules=rules), tmp_path)
    (money,) = result.next_money
    assert (money.source, money.year, money.step) == ("City", 2026, pytest.approx(1))
    assert (money.more.price, money.more.change) == pytest.approx((2.6, 2.6))
    assert (money.less.price, money.less.change) == pytest.approx((2.6, -2.6))
    assert money.more.moves == (("Schools", 2026, pytest.approx(0.6)), ("Roads", 2026, pytest.approx(0.4)))
    assert money.less.moves == (("Schools", 2026, pytest.approx(-0.6)), ("Roads", 2026, pytest.approx(-0.4)))
    (row,) = (row for row in result.rows if row.row.name == "Budget: City")
    assert row.price_up == pytest.approx(3)  # the row alone: the floor stays at 40


def test_money_that_no_one_can_use(tmp_path):
    areas = [area | {"Maximum": 50} for area in AREAS]
    (money,) = result_of(scenario(areas=areas), tmp_path).next_money
    assert (money.more.price, money.less.price) == pytest.approx((0, 2), abs=1e-9)
    assert money.more.moves == ()
    assert money.less.moves == (("Roads", 2026, pytest.approx(-1)),)


def test_only_cells_with_money_in_them(tmp_path):
    budget = [{"Source": "City", 2026: 100, 2027: 50}, {"Source": "State", 2026: 0, 2027: 20}]
    found = result_of(scenario(areas=AREAS, budget=budget), tmp_path).next_money
    assert [(money.source, money.year, money.step) for money in found] == [
        ("City", 2026, 1),
        ("City", 2027, 0.5),
        ("State", 2027, 0.2),
    ]
