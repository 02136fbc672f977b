"""Any amounts, valued and checked under a scenario's own assumptions."""

import math
from fractions import Fraction

import pytest

from allocator import read_scenario
from allocator.analyses.analyse import analyse
from allocator.analyses.figures import valuation
from allocator.programme.build import build
from allocator.programme.rows import Key
from allocator.wording.alternatives import amount_words, unknown_texts
from allocator.wording.messages import message_texts
from content_workbook import scenario, write_content
from quick_part import quick_part
from random_scenarios import seeded

CITY = "City"
AREAS = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2, "Maximum": 70}]
RULES = [
    {"Rule": "Roads first", "Area": "Roads", "Operator": ">=", "Value": 0.4, "Basis": "budget", "Strength": "law"},
    {"Rule": "Few schools", "Area": "Schools", "Operator": "<", "Value": 60, "Basis": "amount"},
    {"Rule": "Half", "Area": "Schools", "Operator": ">=", "Value": 50, "Basis": "amount", "Strength": "goal 1"},
]


def programme(folder, **content):
    return build(read_scenario(write_content(scenario(**content), folder / "scenario.xlsx")))


def money(**amounts: object) -> dict:
    return {Key(area, 2026, CITY): Fraction(str(amount)) for area, amount in amounts.items()}


def broken(valued) -> list[tuple[str, Fraction, str]]:
    return [(each.row.label, each.by, str(each.row.cell)) for each in valued.broken]


def test_by_hand(tmp_path):
    """80 and 30 of 100: 300 points; 10 too much in all, 10 short of 40 %, 20 and a millionth of 60 over its margin."""
    made = programme(tmp_path, areas=AREAS, Rules=RULES)
    valued = valuation(made, money(Schools=80, Roads=30), Fraction(1, 1000))
    assert valued.objective == 300
    assert broken(valued) == [
        ("Few schools 2026", Fraction("20.00006"), "Rules!D3"),  # of 80
        ("Roads first 2026", Fraction(10), "Rules!D2"),  # of 40
        ("Budget: City 2026", Fraction(10), "Budget!B2"),  # of 110
    ]
    assert [goal.missed_by for goal in valued.goals] == [0]
    assert (valued.rules_broken, valued.goals_missed, valued.unknown) == (3, 0, ())


def test_what_is_kept_is_not_broken(tmp_path):
    made = programme(tmp_path, areas=AREAS, Rules=RULES)
    valued = valuation(made, money(Schools=45, Roads=50), Fraction(1, 1000))
    assert broken(valued) == []
    assert [goal.missed_by for goal in valued.goals] == [5]
    assert valued.goals_missed == 1


def test_equalities_are_kept_within_a_step_budgets_from_below(tmp_path):
    budget = [{"Source": CITY, 2026: 100, "Spend": "all"}]
    rules = [{"Rule": "A third", "Area": "Schools", "Operator": "=", "Value": 1 / 3, "Basis": "amount"}]
    made = programme(tmp_path, areas=AREAS[:1], budget=budget, Rules=rules)
    for amount, names in (("99.5", ["A third 2026"]), (100, ["A third 2026"]), ("100.5", ["A third 2026", CITY])):
        valued = valuation(made, money(Schools=amount), Fraction(1))
        assert [name.replace("Budget: City 2026", CITY) for name, _, _ in broken(valued)] == names
    assert broken(valuation(made, money(Schools=1), Fraction(1))) == [("Budget: City 2026", Fraction(99), "Budget!B2")]
    assert [name for name, _, _ in broken(valuation(made, money(Schools=1), Fraction(0)))] == [
        "Budget: City 2026",
        "A third 2026",
    ]


def test_money_without_a_place_is_told_and_not_counted(tmp_path):
    areas = [*AREAS, {"Area": "Works", "Part of": None}, {"Area": "Bridges", "Part of": "Works", "Sources": CITY}]
    budget = [{"Source": CITY, 2026: 100}, {"Source": "Donors", "Kind": "other", 2026: 10}]
    made = programme(tmp_path, areas=areas, budget=budget)
    odd = {
        Key("Sport", 2026, CITY): Fraction(5),
        Key("Sport", 2027, CITY): Fraction("1.25"),
        Key("Works", 2026, CITY): Fraction(1),
        Key("Schools", 2027, CITY): Fraction(2),
        Key("Schools", 2026, "Lottery"): Fraction(3),
        Key("Bridges", 2026, "Donors"): Fraction(4),
        Key("Health", 2026, CITY): Fraction(0),
    }
    valued = valuation(made, money(Schools=10) | odd, Fraction(1, 1000))
    assert valued.objective == 30
    unit = made.scenario.unit
    assert unknown_texts(valued) == [
        f"6.25 {unit} for Sport, which is no area here",
        f"1 {unit} for Works, which has parts here",
        f"2 {unit} in 2027, which is no year here",
        f"3 {unit} from Lottery, which is no source here",
        f"4 {unit} for Bridges from Donors, which may not pay for it here",
    ]


def test_indicators_follow_the_amounts(tmp_path):
    indicators = [{"Indicator": "Places", "Unit": "places", "Baseline": 7, "Operator": ">=", "Target": 20}]
    effects = [{"Area": "Schools", "Places": 0.5}]
    made = programme(tmp_path, areas=AREAS, Indicators=indicators, Effects=effects)
    valued = valuation(made, money(Schools=10), Fraction(1, 1000))
    assert [(each.reached, each.met) for each in valued.indicators] == [(12, False)]
    assert broken(valued) == [("Places 2026", Fraction(8), "Indicators!E2")]


@pytest.mark.parametrize("seed", quick_part(range(60_000, 60_012), 3))
def test_the_plan_itself_breaks_nothing(seed, tmp_path):
    assert own(seed, tmp_path) in ("no plan", "kept")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60_012, 60_400))
def test_many_plans_break_nothing(seed, tmp_path):
    assert own(seed, tmp_path) in ("no plan", "kept")


@pytest.mark.slow
def test_some_of_those_have_a_plan(tmp_path):
    assert [own(seed, tmp_path) for seed in range(60_000, 60_006)].count("kept") > 2


def own(seed: int, folder) -> str:
    """What the plan's own valuation says of it: that it is kept, has the same objective and goals."""
    content = seeded(seed)
    result = analyse(read_scenario(write_content(content, folder / f"{seed}.xlsx")), explain=False)
    if result.objective is None:
        return "no plan"
    valued = valuation(build(result.scenario), result.amounts, result.step)
    assert valued.objective == result.objective
    assert (valued.goals, valued.indicators, valued.unknown) == (result.goals, result.indicators, ())
    if valued.broken and result.certificate is not None and not result.certificate.exact:
        # amounts of 1e14, not rounded: the plan's own message names what is not kept to the last digit
        assert all(any(each.row.label in text for text in message_texts(result.messages)) for each in valued.broken)
        return "kept"
    return "kept" if not valued.broken else f"{broken(valued)} broken"


def test_amounts_in_words():
    assert [amount_words(Fraction(text)) for text in ("0", "14500", "0.1", "1/3000000000")] == [
        "0", "14,500", "0.1", "3.33e-10",
    ]  # fmt: skip
    assert math.isclose(float(amount_words(Fraction("1234567.891")).replace(",", "")), 1234567.891)
