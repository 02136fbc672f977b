"""The sentences that open the Summary and stand on the console: true for every objective, left out where unknown."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from allocator.analyses.figures import GoalFigures, RowStatus
from allocator.analyses.moves import Move, RoomFigures
from allocator.analyses.result import Result
from allocator.scenario.model import Objective
from allocator.wording.findings import dearest_cards, findings
from allocator.wording.steps import effect, movers, summed
from made_results import a_result, an_indicator
from sample_prices import with_prices
from sample_result import PLACES, sample_result

LEAST, PLACES_MOST = Objective(maximise=False), Objective(indicator=PLACES)


def said(result: Result) -> dict[str, str]:
    return {finding.head: finding.text for finding in findings(result)}


def aiming(objective: Objective, result: Result | None = None) -> Result:
    result = result or sample_result((2026,))
    return replace(result, scenario=replace(result.scenario, objective=objective))


def with_card(result: Result, more: Move, less: Move) -> Result:
    """Return `result` with the first of its price cards alone, and these moves on it."""
    return replace(result, price_card=(replace(result.price_card[0], more=more, less=less),))


# -- words for figures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "change", "words"),
    [
        (Objective(), 908.996, "bring 909 benefit points"),
        (Objective(), -0.5, "cost 0.5 benefit points"),
        (Objective(), 1.0, "bring 1 benefit point"),
        (LEAST, 12.0, "cost 12 tỷ đồng"),
        (LEAST, -12.0, "save 12 tỷ đồng"),
        (PLACES_MOST, -2.5, f"lower {PLACES} by 2.5 thousand places"),
        (replace(PLACES_MOST, maximise=False), 2.5, f"raise {PLACES} by 2.5 thousand places"),
        (Objective(), 0.0, "change nothing"),
        (Objective(), None, "leave no plan at all"),
    ],
)
def test_the_sign_of_a_change_is_in_its_verb(objective: Objective, change: float | None, words: str) -> None:
    assert effect(aiming(objective).scenario, change) == words


def test_moves_are_summed_over_years_and_the_rest_is_counted() -> None:
    moves = [
        ("A", 2026, 5.0),
        ("A", 2027, 5.0),
        ("B", 2026, 4.0),
        ("C", 2026, 2.0),
        ("D", 2026, 1.0),
        ("E", 2026, -9.0),
    ]
    assert movers(summed(moves), gain=True, most=2) == "A +10, B +4, 2 others +3"
    assert movers(summed(moves), gain=False) == "E −9"
    assert movers(summed(moves, 2026), gain=True, most=1, brackets=True) == "A (+5) and 4 others (+12)"
    assert movers(summed([("A", 2026, 1.0), ("A", 2027, -1.0)]), gain=True) == ""


# -- the four sentences ----------------------------------------------------------------------------------------------


def test_they_say_what_binds_costs_is_free_and_comes_next() -> None:
    found = said(sample_result((2026,)))
    assert list(found) == ["What binds", "Dearest rule", "Free to negotiate", "Next money"]
    assert found["What binds"].startswith("Ngân sách thành phố is spent in full. Amounts are held where they are by")
    assert (
        "one percentage point less would move 2,272 tỷ đồng and bring what 649.3 tỷ đồng more would: 909 benefit "
        "points; one more would move 2,272 tỷ đồng and cost what 746.7 tỷ đồng less would: 1,045"
        in (found["Dearest rule"])
    )
    assert found["Free to negotiate"].startswith(
        "At least 210,126 tỷ đồng (87.8 %) stays where it is in every plan that loses at most 0.5 % of the benefit; "
        "at most 29,123 (12.2 %) can move. Most room: "
    )
    assert (
        "(+1,818) and Đào tạo nghề (+681.7) and bring 3,181 benefit points, 1.4 for each tỷ đồng."
        in found["Next money"]
    )


def test_several_years_are_told_apart() -> None:
    found = said(sample_result((2026, 2027, 2028)))
    assert found["What binds"].startswith("Ngân sách thành phố is spent in full.")
    assert found["Free to negotiate"].startswith("In 2026 at least 210,126 tỷ đồng (87.8 %) stays")
    assert "; at most 29,123 (12.2 %) can move, in 2028 at most 12.2 %." in found["Free to negotiate"]
    assert "tỷ đồng more would, at the budget's prices of the years concerned: 2,727" in found["Dearest rule"]
    assert found["Next money"].startswith("1 % more of Ngân sách thành phố in 2026 (2,272 tỷ đồng)")


def test_they_need_figures() -> None:
    assert list(said(sample_result((2026,), prices=False))) == ["What binds"]
    assert findings(replace(sample_result((2026,)), allotments=())) == []


def test_a_scenario_without_rules_says_so() -> None:
    found = said(replace(sample_result((2026,)), price_card=()))
    assert found["Dearest rule"] == "The scenario has no rules beside its budgets, limits and targets."


def test_rules_that_cost_nothing_are_said_to() -> None:
    free = Move(0.0, holds=math.inf, change=0.0)
    result = sample_result((2026,))
    result = replace(result, price_card=tuple(replace(c, more=free, less=free) for c in result.price_card))
    assert "No rule costs anything" in said(result)["Dearest rule"]
    assert not next(f for f in findings(result) if f.head == "Dearest rule").short


def test_the_looser_direction_comes_first_whatever_the_objective() -> None:
    up, down = Move(3.0, holds=5.0, change=3.0), Move(3.0, holds=5.0, change=-3.0)
    best = with_card(sample_result((2026,)), up, down)
    assert "one percentage point more would bring 3 benefit points; one less would cost 3" in said(best)["Dearest rule"]
    least = said(aiming(LEAST, best))["Dearest rule"]
    assert "one percentage point less would save 3 tỷ đồng; one more would cost 3 tỷ đồng" in least
    stuck = with_card(sample_result((2026,)), Move(None, no_plan=True), replace(down, change=3.0))
    assert "less would bring 3 benefit points; one more would leave no plan at all" in said(stuck)["Dearest rule"]


def test_the_console_tells_the_direction_that_changes_something() -> None:
    both = with_card(sample_result((2026,)), Move(-3.0, holds=5.0, change=-3.0), Move(-2.0, holds=5.0, change=2.0))
    only = with_card(sample_result((2026,)), Move(-3.0, holds=5.0, change=-3.0), Move(0.0, holds=5.0, change=0.0))
    short = [next(f.short for f in findings(r) if f.head == "Dearest rule") for r in (both, only)]
    assert short[0].endswith("1 point less brings 2 benefit points.")
    assert (
        short[1] == "Dearest rule: none as they stand; of Culture at least 4.1 % 1 point more costs 3 benefit points."
    )
    assert said(only)["Dearest rule"].startswith("No rule costs anything: one point or unit less of any one of them")


def test_of_rules_that_are_as_dear_the_one_with_the_larger_changes_comes_first() -> None:
    result = sample_result((2026,))
    up = Move(-3.0, holds=5.0, change=-3.0)
    short, long = (Move(-3.0000000000001, holds=5.0, change=change) for change in (1.0, 3.0))
    cards = [replace(result.price_card[i], more=up, less=less) for i, less in enumerate((short, long))]
    assert result.price_card[1].rule.name in said(replace(result, price_card=tuple(cards)))["Dearest rule"]


def test_nothing_scarce_and_nothing_binding() -> None:
    result = sample_result((2026,))
    idle = tuple(replace(f, status=RowStatus.NOT_BINDING) for f in result.rows)
    assert said(replace(result, rows=idle))["What binds"] == (
        "Nothing: every rule has room, and no source is spent in full."
    )
    rules = [f for f in result.rows if f.row.kind.word == "rule"]
    held = tuple(replace(f, status=RowStatus.BINDING) for f in rules)
    found = said(replace(result, rows=held))["What binds"]
    assert found.startswith("Money is not what is scarce: no source is spent in full. Amounts are held")
    assert "“Culture at least 4.1 %”" in found


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (Objective(), "every plan that loses at most 0.5 % of the benefit;"),
        (LEAST, "every plan that spends at most 0.5 % more;"),
        (PLACES_MOST, f"every plan in which {PLACES} is at most 0.5 % worse;"),
    ],
)
def test_what_is_free_is_said_with_its_price(objective: Objective, words: str) -> None:
    result = aiming(objective)
    assert words in said(result)["Free to negotiate"]
    fixed = tuple(replace(r, least_near=r.value, most_near=r.value) for r in result.room)
    assert said(replace(result, room=fixed))["Free to negotiate"].startswith(
        "Nothing: every amount is the same in every plan"
    )


def test_parts_do_not_count_twice() -> None:
    room = (
        RoomFigures("Whole", 2026, 100, 0, 100, 0, 100, True),
        RoomFigures("Part", 2026, 60, 60, 60, 50, 60, False),
        RoomFigures("Other part", 2026, 40, 40, 40, 40, 50, False),
    )
    text = said(replace(sample_result((2026,)), room=room))["Free to negotiate"]
    assert text.startswith("At least 90 tỷ đồng (90.0 %) stays")
    assert "; at most 10 (10.0 %) can move." in text
    assert "Whole" not in text


def test_money_that_helps_nobody_or_has_no_plan() -> None:
    result = sample_result((2026,))

    def next_move(move: Move) -> str:
        return said(replace(result, next_money=(replace(result.next_money[0], more=move),)))["Next money"]

    assert next_move(Move(0.0, change=0.0)).endswith("would change nothing.")
    assert "could not be used" in next_move(Move(None, no_plan=True))
    away = Move(0.0, change=0.0, moves=((PLACES, 2026, 3.0),))
    assert next_move(away).endswith(f"would go to {PLACES} (+3) and change nothing.")


def test_where_spending_is_least_more_money_only_raises_what_follows_the_budget() -> None:
    text = said(aiming(LEAST))["Next money"]
    assert "would raise spending by 3,181 tỷ đồng, as rules follow the budget; more for Quy hoạch" in text


def test_of_the_sources_the_budget_counts_first() -> None:
    result = sample_result((2026,))
    other = replace(result.next_money[1], step=1e9)
    assert "Ngân sách" in said(replace(result, next_money=(other, result.next_money[0])))["Next money"]
    assert said(replace(result, next_money=(other,)))["Next money"].startswith("1 % more of ODA loans")


def test_a_rule_that_is_off_or_missed_is_never_the_dearest() -> None:
    result = sample_result((2026,))
    silent = tuple(card for card in result.price_card if card.more is None)
    assert len(silent) == 2
    assert "No rule has a price" in said(replace(result, price_card=silent))["Dearest rule"]


def test_targets_are_not_called_rules() -> None:
    result = sample_result((2026,))
    target = next(f for f in result.rows if f.row.kind.outcome)
    rule = next(f for f in result.rows if f.row.kind.word == "rule")
    both = tuple(replace(f, status=RowStatus.BINDING) for f in (rule, target))
    found = said(replace(result, rows=both))["What binds"]
    assert f"held where they are by the rule “{rule.row.name}”, and by the target of “{target.row.name}”." in found


def test_a_rule_that_gains_because_a_goal_loses_is_never_the_dearest() -> None:
    result = sample_result((2026,))
    goal = next(f.row for f in result.rows if f.row.strength.kind == "goal")
    up, down = Move(9e6, holds=2.0, change=9e6, missed=((goal.label, 4.0),)), Move(9e6, holds=2.0, change=-9e6)
    traded = replace(result.price_card[0], more=up, less=down)
    honest = replace(result.price_card[1], more=Move(-3.0, holds=5.0, change=-3.0), less=Move(-3.0, change=1.0))
    found = said(replace(result, price_card=(traded, honest)))["Dearest rule"]
    assert found.startswith(f"“{honest.rule.name}”")
    assert "No rule costs anything" in said(replace(result, price_card=(traded,)))["Dearest rule"]


def test_a_rule_that_keeps_a_goal_from_being_met_comes_before_one_that_costs_benefit() -> None:
    result = sample_result((2026,))
    goal = next(f.row for f in result.rows if f.row.strength.kind == "goal")
    nearer = Move(-18.6, holds=5.0, change=-18.6, missed=((goal.label, -4.0),))
    first = replace(result.price_card[0], more=Move(1.0, holds=5.0, change=1.0), less=nearer)
    other = replace(result.price_card[1], more=Move(-9.0, holds=5.0, change=-9.0), less=Move(-9.0, change=9.0))
    with_goals = replace(result, goals=(GoalFigures(goal, 1, Fraction(0)),))
    assert [card.rule for card in dearest_cards(replace(with_goals, price_card=(other, first)))] == [
        first.rule,
        other.rule,
    ]
    found = said(replace(with_goals, price_card=(other, first)))["Dearest rule"]
    assert f"one percentage point less would miss {goal.label} by 4 {goal.unit} less and cost 18.6" in found


def test_next_money_says_which_goals_it_misses() -> None:
    result = sample_result((2026,))
    goal = next(f.row for f in result.rows if f.row.strength.kind == "goal")
    move = replace(result.next_money[0].more, missed=((goal.label, 4.5), ("Another goal 2026", -2.0)))
    found = findings(replace(result, next_money=(replace(result.next_money[0], more=move),)))
    words = f"misses {goal.label} by 4.5 {goal.unit} more and Another goal 2026 by 2 less."
    assert found[-1].text.endswith(f"; it {words}")
    assert found[-1].short.endswith(f"; {words}")


def test_a_step_that_goes_beyond_its_price_comes_with_the_price_at_the_margin() -> None:
    result = sample_result((2026,))
    rule = result.price_card[0].rule
    wide = with_card(result, Move(-3.0, holds=5.0, change=-3.0), Move(-2.0, holds=5.0, change=2.0))
    assert "for small changes" not in said(wide)["Dearest rule"]
    short = with_card(result, Move(-3.0, holds=0.25, change=-1.5), Move(0.0, holds=0.25, change=1.0))
    assert said(short)["Dearest rule"].endswith(
        " A point is more than what its price holds for; for small changes its price is 3 benefit points per point."
    )
    small = replace(wide.price_card[0], rule=replace(rule, value=Fraction(3, 1000)))
    found = findings(replace(wide, price_card=(small,)))
    assert "A point is more than the rule itself; for small changes its price is 3" in found[1].text
    assert found[1].short.endswith("; 1 point less, more than the rule itself, brings 2 benefit points.")


def test_the_console_says_at_most_of_what_is_free() -> None:
    for objective, words in (
        (Objective(), "at most 29,123 (12.2 %) at 0.5 % less benefit."),
        (LEAST, "at most 29,123 (12.2 %) at 0.5 % more spending."),
        (PLACES_MOST, f"at most 29,123 (12.2 %) if {PLACES} may be 0.5 % worse."),
    ):
        short = next(f.short for f in findings(aiming(objective)) if f.head == "Free to negotiate")
        assert short == f"Free to move: {words}"


def test_every_objective_of_a_plain_scenario_has_its_words() -> None:
    indicator, figures = an_indicator("Chỗ học", "places", 2026)
    result = with_prices(a_result())
    for objective in (Objective(), LEAST, Objective(indicator="Chỗ học"), Objective(False, "Chỗ học")):
        scenario = replace(result.scenario, objective=objective, indicators=(indicator,))
        found = findings(replace(result, scenario=scenario, indicators=(figures,)))
        assert len(found) == 4
        assert all(f.text.endswith(".") for f in found)
        assert all(f.short.endswith(".") for f in found[1:])
