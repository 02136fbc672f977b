"""The dearest rule is the one whose step, planned again, brings most: goals in their order, then the objective."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from allocator.analyses.analyse import analyse
from allocator.analyses.compare import Case, compare
from allocator.programme.build import build
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Status
from allocator.scenario.model import Rule, Scenario
from allocator.wording.findings import dearest_cards, findings
from content_workbook import scenario
from exact_figures import result_of
from no_plan_cases import read, rule
from random_scenarios import seeded

type Gain = tuple[float, ...]
NOTHING = 1e-7


def stepped(of: Scenario, changed: Rule, sign: int) -> Scenario:
    step = Fraction(1, 100) if changed.basis.percent else Fraction(1)
    other = replace(changed, value=changed.value + sign * step)
    return replace(of, rules=tuple(other if one is changed else one for one in of.rules))


def gain(base: Solution, other: Solution, sign: int) -> Gain:
    """By how much less goals are missed, by priority, and by how much better the objective is; noise is 0."""
    assert base.objective is not None
    assert other.objective is not None
    goals = [base.goal_sums[p] - other.goal_sums.get(p, 0.0) for p in sorted(base.goal_sums)]
    better = sign * (other.objective - base.objective)
    return (
        *(part if abs(part) > NOTHING else 0.0 for part in goals),
        better if abs(better) > NOTHING * max(1.0, abs(base.objective)) else 0.0,
    )


def gains(of: Scenario, base: Solution) -> dict[str, Gain]:
    """What each rule's better step brings, by planning again."""
    found = {}
    for one in of.rules:
        tried = [solve(build(stepped(of, one, sign))) for sign in (1, -1)]
        known = [s for s in tried if s.status is Status.OPTIMAL]
        sign = 1 if of.objective.maximise else -1
        found[one.name] = max((gain(base, s, sign) for s in known), default=(0.0,))
    return found


def judge(of: Scenario) -> bool:
    """Check which rule is called the dearest; return whether one is."""
    result = analyse(of)
    if result.status is not Status.OPTIMAL or not any(card.more or card.less for card in result.price_card):
        return False
    told = dearest_cards(result)
    asked = {card.rule.name for card in result.price_card if card.more or card.less}
    found = {name: brings for name, brings in gains(of, solve(build(of))).items() if name in asked}
    best = max(found.values())
    if not any(best):
        least = 1e-6 * max(1.0, abs(result.unrounded_objective or 0.0))
        assert all(abs(card.more.change or 0) <= least for card in told if card.more), found
        return False
    assert told, found
    assert found[told[0].rule.name] == pytest.approx(best, rel=1e-5, abs=1e-6), found
    return True


@pytest.mark.slow
def test_of_random_scenarios(tmp_path: Path) -> None:
    assert sum(judge(read(seeded(seed), tmp_path)) for seed in range(60_000, 60_010)) >= 3


@pytest.mark.slow
@pytest.mark.parametrize("start", range(62_000, 62_200, 50))
def test_of_random_scenarios_many_times(start: int, tmp_path: Path) -> None:
    assert sum(judge(read(seeded(seed), tmp_path)) for seed in range(start, start + 50)) >= 10


def test_a_rule_that_keeps_a_goal_from_being_met_is_not_passed_over(tmp_path: Path) -> None:
    # parks can't have their 75 beside culture's 30, and are worth 18.6 more; safety's ceiling moves 1 from roads
    areas = [
        {"Area": "Culture", "Benefit": 1, "Sources": "City"},
        {"Area": "Parks", "Benefit": 19.6, "Sources": "City"},
        {"Area": "Safety", "Benefit": 2.98, "Sources": "Fund"},
        {"Area": "Roads", "Benefit": 2, "Sources": "Fund"},
    ]
    rules = [
        rule("Safety's ceiling", "Safety", "<=", 5, "amount"),
        rule("Culture's floor", "Culture", ">=", 0.3),
        rule("Parks", "Parks", ">=", 75, "amount", Strength="goal 1"),
    ]
    budget = [{"Source": "City", 2026: 100}, {"Source": "Fund", "Kind": "other", 2026: 10}]
    result = result_of(scenario(areas=areas, budget=budget, Rules=rules), tmp_path)
    assert [(card.rule.name, card.less and card.less.change) for card in dearest_cards(result)] == [
        ("Culture's floor", pytest.approx(18.6)),
        ("Safety's ceiling", pytest.approx(-0.98)),
    ]
    (found,) = (f for f in findings(result) if f.head == "Dearest rule")
    assert found.text.startswith(
        "“Culture's floor” (≥ 30 % of the budget): one percentage point less would move 1 million, miss Parks 2026 "
        "by 1 million less and bring "
    )
    assert "18.6 benefit points; one more would" in found.text


def test_compare_shows_the_same_figure(tmp_path: Path) -> None:
    areas = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}, {"Area": "Parks", "Benefit": 1}]
    content = scenario(areas=areas, Rules=[rule("A", "Roads", ">=", 0.4), rule("B", "Parks", ">=", 0.1)])
    of = read(content, tmp_path)
    (first, *_) = dearest_cards(analyse(of))
    assert (first.rule.name, first.less and first.less.change) == ("B", pytest.approx(2))
    less = stepped(of, of.rules[1], -1)
    found = compare([Case("base", of), Case("less", less)])
    base, other = (case.result.objective for case in found.cases)
    assert base is not None
    assert other is not None
    assert float(other - base) == pytest.approx(2)
