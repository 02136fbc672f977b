"""Goals that are missed: what stands in the way, and what it would take; known answers and the exact simplex."""

from __future__ import annotations

from fractions import Fraction

import pytest

from allocator.analyses.analyse import analyse
from allocator.analyses.repair_cells import adjustable_cells
from allocator.analyses.repairs import GoalExplained, explain_goals
from allocator.programme.build import Programme, build
from allocator.programme.rows import Row
from allocator.programme.solve import solve
from allocator.programme.status import Deadline, Status
from allocator.wording.warnings import reason
from content_workbook import scenario
from no_plan_cases import YEAR, case, read, rule, typed
from oracle import rows
from oracle_meaning import Content, Linear, Meaning, norm
from oracle_solve import Tableau, solve_exact
from oracle_solve import build as exact_programme
from random_scenarios import seeded


def explained(content: Content, folder) -> tuple[GoalExplained, ...]:
    return analyse(read(content, folder)).goals_explained


def told(goal: GoalExplained) -> tuple[object, ...]:
    changes = [change and (change.rule, change.after) for change in (goal.money, goal.change)]
    return goal.row.name, float(goal.missed_by), *changes, [row.name for row in goal.in_the_way]


def test_a_goal_that_a_must_stands_against(tmp_path):
    rules = [rule("A", "Schools", ">=", 0.7), rule("Wish", "Roads", ">=", 40, "amount", Strength="goal 1")]
    (goal,) = explained(
        case(Rules=rules), tmp_path
    )  # of each further unit roads get no more than 30 %: 0.3 · 134 = 40.2
    assert told(goal) == ("Wish", 10, ("Budget: City", 134), ("A", 0.6), ["Budget: City", "A"])
    assert (goal.priority, goal.possible) == (1, False)


def test_nothing_helps_against_a_law_in_shares(tmp_path):
    rules = [rule("A", "Schools", ">=", 0.7, Strength="law"), rule("Wish", "Roads", ">=", 0.4, Strength="goal 1")]
    (goal,) = explained(case(Rules=rules), tmp_path)
    assert (goal.possible, goal.money, goal.change) == (False, None, None)
    assert [row.name for row in goal.in_the_way] == ["Budget: City", "A"]


def test_an_earlier_goal_stands_in_the_way(tmp_path):
    rules = [
        rule("First", "Schools", ">=", 70, "amount", Strength="goal 1"),
        rule("Second", "Roads", ">=", 50, "amount", Strength="goal 2"),
    ]
    (goal,) = explained(case(Rules=rules), tmp_path)
    assert told(goal) == ("Second", 20, ("Budget: City", 120), None, ["Budget: City", "First"])


def test_a_goal_that_yields_to_one_of_its_own_priority(tmp_path):
    rules = [
        rule("One", "Schools", ">=", 70, "amount", Strength="goal 1"),
        rule("Other", "Roads", ">=", 50, "amount", Strength="goal 1"),
    ]
    (goal,) = explained(case(Rules=rules), tmp_path)
    assert goal.possible
    assert (goal.money, goal.change, goal.in_the_way) == (None, None, ())


def test_goals_that_are_met_need_no_words(tmp_path):
    assert explained(case(Rules=[rule("Wish", "Roads", ">=", 40, "amount", Strength="goal 1")]), tmp_path) == ()


def test_none_where_the_report_is_left_out(tmp_path):
    rules = [rule("A", "Schools", ">=", 0.7), rule("Wish", "Roads", ">=", 40, "amount", Strength="goal 1")]
    assert analyse(read(case(Rules=rules), tmp_path), explain=False).goals_explained == ()


def test_the_source_and_year_that_need_least(tmp_path):
    budget = [{"Source": "City", "Last year": 90, YEAR: 100}, {"Source": "Donors", "Kind": "other", YEAR: 10}]
    rules = [
        rule("A", "Schools", ">=", 0.7, Strength="law"),
        rule("Wish", "Roads", ">=", 50, "amount", Source="all", Strength="goal 1"),
    ]
    (goal,) = explained(case(Budget=budget, Rules=rules), tmp_path)
    assert goal.money is not None
    assert (goal.money.rule, float(goal.money.after)) == ("Budget: Donors", 20)


# ---------------------------------------------------------------- random scenarios


type Sums = tuple[list[tuple[str, Linear]], dict[int, Fraction]]
"""Each priority's sum of shortfalls in the scenario as it stands, and how large it is at least."""


def can_be_met(content: Content, goal: GoalExplained, held: Sums) -> bool:
    """Whether a plan meets the goal's row, and misses no earlier priority by more, in exact arithmetic."""
    meaning = Meaning(content)
    programme = exact_programme(meaning, ties=False)
    objectives, sums = held
    for name, objective in objectives:
        if name.startswith("goal") and int(name.split()[1]) < goal.priority:
            programme.keep(objective, "<=", sums[int(name.split()[1])] + Fraction(1, 10**9))
    wanted = (norm(goal.row.name), goal.row.year)
    number = next(at for at, row in enumerate(rows(meaning)) if (row.name, row.year) == wanted)
    for column in ("lack", number), ("excess", number):
        if column in programme.columns:
            programme.keep(Linear({column: Fraction(1)}), "<=")
    return Tableau(programme).feasible()


def judge(content: Content, folder) -> int:
    """Check all that is said of the goals that are missed; return how many there are."""
    scenario = read(content, folder)
    programme = build(scenario)
    solution = solve(programme)
    if solution.status is not Status.OPTIMAL:
        return 0
    sums = exact_programme(Meaning(content)).objectives, solve_exact(content, ties=False).goals
    slack = {index: row.slack({k: Fraction(v) for k, v in solution.amounts.items()}) for index, row in goals(programme)}
    missed = {index: -by for index, by in slack.items() if -by > Fraction(1, 10**6)}
    cells = {cell.cell: cell for cell in adjustable_cells(programme)}
    found = explain_goals(programme, missed, solution.goal_sums, Deadline(None), solution.amounts)
    assert [goal.row for goal in found] == [programme.rows[index] for index in sorted(missed)]
    for goal in found:
        assert goal.possible == can_be_met(content, goal, sums), goal.row.label
        assert not (goal.possible and goal.in_the_way)
        for change in filter(None, (goal.money, goal.change)):
            assert can_be_met(typed(content, {change.cell: change.numbers[1]}), goal, sums), (goal.row.label, change)
            less = change.numbers[0] + Fraction(999, 1000) * change.moves_by
            sign = 1 if change.moves_by > 0 else -1
            less -= sign * cells[change.cell].grid
            if (less - change.numbers[0]) * sign > 0:
                assert not can_be_met(typed(content, {change.cell: less}), goal, sums), (goal.row.label, change)
    return len(found)


def goals(programme: Programme) -> list[tuple[int, Row]]:
    return [(index, row) for index, row in enumerate(programme.rows) if row.strength.kind == "goal"]


@pytest.mark.slow
def test_random_ones(tmp_path):
    assert sum(judge(seeded(seed), tmp_path) for seed in range(60_030, 60_050)) >= 8


@pytest.mark.slow
@pytest.mark.parametrize("start", range(61_000, 61_600, 50))
def test_random_ones_many_times(start, tmp_path):
    assert sum(judge(seeded(seed), tmp_path) for seed in range(start, start + 50)) >= 5


# ---------------------------------------------------------------- in words


PARKS = [
    {"Area": "Parks", "Group": "Culture", "Maximum": 2, "Benefit": 1},
    {"Area": "Arts", "Group": "Culture", "Maximum": 1.5, "Benefit": 1},
    {"Area": "Roads", "Benefit": 2},
]


def test_the_rows_that_stop_a_goal_are_named_with_their_cells(tmp_path):
    content = scenario(areas=PARKS, Rules=[rule("Culture over 4 %", "Culture", ">", 0.04, Strength="goal 1")])
    (goal,) = explained(content, tmp_path)
    assert goal.short_by == pytest.approx(0.5, abs=1e-5)
    assert reason(goal) == (
        "It can't be met: “Maximum: Parks 2026” (Areas!C2) and “Maximum: Arts 2026” (Areas!C3) leave at most 3.5 where "
        "over 4 million is asked."
    )


def test_an_earlier_goal_is_named_as_one(tmp_path):
    rules = [
        rule("First", "Schools", ">=", 70, "amount", Strength="goal 1"),
        rule("Second", "Roads", ">=", 50, "amount", Strength="goal 2"),
    ]
    (goal,) = explained(case(Rules=rules), tmp_path)
    words = reason(goal)
    assert words.startswith("It can't be met with what comes before it: “First 2026” (goal 1, Rules!")
    assert words.endswith("leave at most 30 where 50 million is asked.")


def test_a_must_is_named_before_an_earlier_goal_that_stands_in_the_way_too(tmp_path):
    rules = [
        rule("First", "Schools", ">=", 70, "amount", Strength="goal 1"),
        rule("Second", "Roads", ">=", 130, "amount", Strength="goal 2"),
    ]
    goal = next(goal for goal in explained(case(Rules=rules), tmp_path) if goal.row.name == "Second")
    assert [row.name for row in goal.in_the_way] == ["Budget: City"]
    assert reason(goal).endswith("(Budget!C2) leaves at most 100 where 130 million is asked.")


def test_one_of_its_own_priority_and_whole_steps_are_told_apart(tmp_path):
    rules = [
        rule("One", "Schools", ">=", 70, "amount", Strength="goal 1"),
        rule("Other", "Roads", ">=", 50, "amount", Strength="goal 1"),
    ]
    (goal,) = explained(case(Rules=rules), tmp_path)
    assert reason(goal).startswith("It could be met, but then other goals of its priority (1) would be missed")
    areas = [{"Area": "Schools", "Benefit": 1}, {"Area": "Roads", "Maximum": 45, "Benefit": 2}]
    wish = [rule("Wish", "Roads", ">=", 45, "amount", Strength="goal 1")]
    (goal,) = explained(scenario(areas=areas, Rules=wish, settings={"Step": 10}), tmp_path)
    assert (goal.possible, goal.whole_steps) == (True, True)
    assert reason(goal) == "It could be met, but not in whole steps: only the unrounded plan meets it."
