"""Small programmes of the kinds that textbooks print, degenerate ones among them, with figures in exact fractions."""

import math
from fractions import Fraction

import pytest

from allocator.analyses.result import Result
from exact_figures import TABLES, result_of
from oracle_meaning import norm
from textbook import load, scenario_of

CASES = load("small_cases.json")


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """The figures of each case, computed once."""
    done: dict[str, Result] = {}

    def of(name: str) -> Result:
        if name not in done:
            done[name] = result_of(scenario_of(CASES[name]), tmp_path_factory.mktemp("small"))
        return done[name]

    return of


def number(text: str | None) -> float | None:
    return None if text is None else math.inf if text == "inf" else float(Fraction(text))


def same(told: float | None, text: str | None) -> bool:
    wanted = number(text)
    return told is wanted if wanted is None or told is None else told == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_most_of_them_are_degenerate():
    rows = [row for case in CASES.values() for row in case["exact"]["rows"].values()]
    assert sum(row["price_up"] != row["price_down"] for row in rows) >= 20


@pytest.mark.parametrize("name", CASES)
def test_rows(name, result):
    exact = CASES[name]["exact"]
    assert result(name).unrounded_objective == pytest.approx(number(exact["objective"]))
    told = {norm(row.row.name): row for row in result(name).rows}
    for key, row in exact["rows"].items():
        figures = told[key]
        up, down = number(row["price_up"]), number(row["price_down"])
        assert (figures.no_plan_up, figures.no_plan_down) == (up is None, down is None), key
        assert same(figures.price_up, row["price_up"]), key
        assert same(figures.price_down, row["price_down"]), key
        assert same(figures.shadow_price, row["price_up"] if up == down else None), key
        assert figures.degenerate is (up != down), key
        assert up is None or same(figures.allowable_increase, row["increase"]), key
        assert down is None or same(figures.allowable_decrease, row["decrease"]), key


@pytest.mark.parametrize("name", CASES)
def test_variables(name, result):
    told = {norm(area.area): area for area in result(name).areas}
    shown = {norm(a.area): a.unrounded for a in result(name).allotments}
    for key, variable in CASES[name]["exact"]["variables"].items():
        area = told[key]
        assert shown[key] == pytest.approx(number(variable["x"]), abs=1e-6), key
        assert same(area.objective_coefficient, variable["coefficient"]), key
        assert same(area.allowable_increase, variable["increase"]), key
        assert same(area.allowable_decrease, variable["decrease"]), key
        assert area.least == pytest.approx(number(variable["least"]), abs=1e-6), key
        assert area.most == pytest.approx(number(variable["most"]), abs=1e-6), key
        forced, _ = variable["reduced_cost"]
        assert same(area.reduced_cost, forced), key


@pytest.mark.parametrize("name", CASES)
def test_every_figure(name, result):
    """Room near the optimum and Next money too; the small file agrees with the oracle that made it."""
    content = scenario_of(CASES[name])
    assert [text for table in TABLES for text in table(content, result(name))] == []
