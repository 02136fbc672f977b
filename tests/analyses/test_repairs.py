"""What would make a plan: known answers, and random scenarios without a plan with the exact simplex as judge."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable
from fractions import Fraction

import pytest

from allocator.analyses.analyse import analyse
from allocator.analyses.repair_cells import adjustable_cells
from allocator.analyses.repairs import Repair, RepairKind, repairs
from allocator.errors import ScenarioError
from allocator.programme.build import Programme, build
from allocator.programme.solve import solve
from allocator.programme.status import Status
from allocator.scenario.model import Cell, Scenario
from allocator.scenario.reading import with_edits
from allocator.wording.conflict import clash_text
from no_plan_cases import YEAR, case, read, rule, typed
from oracle_meaning import Content, Meaning
from oracle_solve import Tableau
from oracle_solve import build as exact_programme
from random_scenarios import seeded
from textbook import CASES, scenario_of


def menu(content: Content, folder) -> tuple[Repair, ...]:
    return repairs(build(read(content, folder)))


def has_plan(content: Content) -> bool:
    """Whether a plan exists, told by a simplex in whole numbers that shares nothing with the package."""
    return Tableau(exact_programme(Meaning(content), ties=False)).feasible()


def told(found: tuple[Repair, ...]) -> dict[tuple[tuple[str, object], ...], float]:
    """The repairs by what they change, with the size of each."""
    return {tuple((edit.rule, edit.after) for edit in repair.edits): repair.size for repair in found}


# ---------------------------------------------------------------- what holds for every menu


def judge(content: Content, scenario: Scenario, found: tuple[Repair, ...]) -> None:
    cells = {cell.cell: cell for cell in adjustable_cells(build(scenario))}
    laws = {row.cell for row in build(scenario).rows if row.strength.kind == "law"}
    assert [repair.size for repair in found] == sorted(repair.size for repair in found)
    sets = [frozenset((edit.cell, edit.after) for edit in repair.edits) for repair in found]
    assert len(set(sets)) == len(sets)
    assert not any(one < other for one in sets for other in sets)
    for repair in found:
        assert repair.edits
        assert not laws & {edit.cell for edit in repair.edits}
        numbers = [edit for edit in repair.edits if not edit.of_keyword]
        assert all(edit.numbers[0] == cells[edit.cell].value != edit.numbers[1] for edit in numbers)
        if numbers == list(repair.edits):
            changed = typed(content, {edit.cell: edit.numbers[1] for edit in numbers})
            equal = [c.cell for c in numbers if cells[c.cell].equality and c.cell.sheet in ("Rules", "Indicators")]
            assert has_plan(nearly(changed, equal)), repair
        solution = solve(build(with_edits(scenario, repair.edits)))
        assert solution.status is Status.OPTIMAL
        assert repair.objective is not None
        assert float(repair.objective) == pytest.approx(solution.objective, rel=0.2, abs=2 + float(scenario.step) * 99)
        if len(repair.edits) == 1 == len(numbers):
            no_smaller(content, cells[numbers[0].cell], numbers[0].numbers[1])


def nearly(content: Content, equalities: Iterable[Cell]) -> Content:
    """The content with equalities that only have to hold in twelve digits: thirds can't be typed."""
    changed, part = copy.deepcopy(content), Fraction(1, 10**12)
    for cell in equalities:
        row, heading = changed[cell.sheet][cell.row - 2], "Value" if cell.sheet == "Rules" else "Target"
        value = Fraction(row[heading])
        other = {"Rule": f"{row['Rule']} <="} if cell.sheet == "Rules" else {}
        changed[cell.sheet].append(row | {"Operator": "<=", heading: value + abs(value) * part} | other)
        row |= {"Operator": ">=", heading: value - abs(value) * part}
    return changed


def nothing_cheaper(content: Content, scenario: Scenario, found: tuple[Repair, ...]) -> None:
    """No cell alone lets a plan exist by less than the least single change of the menu; by any, where it has none.

    Equalities, and budgets that shares of two years are computed from, may help in a stretch and no longer beyond it.
    """
    least = min((repair.size for repair in found if len(repair.edits) == 1), default=None)
    for cell in adjustable_cells(build(scenario)):
        if cell.equality or (cell.budget and cell.curved):
            continue
        for sign in cell.signs:
            farthest = loosest(cell, sign)
            value = farthest
            if least is not None:
                moved = Fraction(999, 1000) * Fraction(least) * cell.measure - cell.grid
                value = min(cell.value + moved, farthest) if sign > 0 else max(cell.value - moved, farthest)
                if moved <= 0:
                    continue
            assert not has_plan(typed(content, {cell.cell: value})), (cell.rule, float(value))


def nothing_helps(content: Content, scenario: Scenario) -> None:
    """No plan exists even with every cell as loose as it may be; equalities may fit no number that one types."""
    cells = adjustable_cells(build(scenario))
    far = {cell.cell: loosest(cell, cell.signs[0]) for cell in cells if not (cell.budget and cell.curved)}
    assert any(cell.equality for cell in cells) or not has_plan(typed(content, far))


def loosest(cell, sign: int) -> Fraction:
    limit = cell.limit(sign)
    return limit if limit is not None else cell.value + sign * 1000 * max(abs(cell.value), Fraction(10**6))


def no_smaller(content: Content, cell, after: Fraction) -> None:
    """No plan exists where the cell moves a thousandth less, and the rounding less."""
    less = cell.value + Fraction(999, 1000) * (after - cell.value)
    sign = 1 if after > cell.value else -1
    if abs(less - cell.value) > cell.grid:
        assert not has_plan(typed(content, {cell.cell: less - sign * cell.grid})), (cell.rule, float(after))


# ---------------------------------------------------------------- known answers


def test_floors_above_the_budget(tmp_path):
    content = case(Rules=[rule("A", "Schools", ">=", 0.7), rule("B", "Roads", ">=", 0.4)])
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({(("A", 0.6),): 1 / 7, (("B", 0.3),): 0.25})
    judge(content, read(content, tmp_path), found)
    assert [edit.unit for repair in found for edit in repair.edits] == ["%", "%"]
    assert found[0].objective == 60 * 3 + 40 * 2
    assert dict(found[0].amounts) == {("Schools", YEAR, "City"): 60, ("Roads", YEAR, "City"): 40}


def test_amounts_above_the_budget(tmp_path):
    content = case()
    content["Areas"][0]["Minimum"], content["Areas"][1]["Minimum"] = 80, 50
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({
        (("Budget: City", 130),): 0.3,
        (("Minimum: Schools", 50),): 30 / 80,
        (("Minimum: Roads", 20),): 0.6,
    })  # fmt: skip
    assert {repair.kind for repair in found} == {RepairKind.ONE_RULE}


def test_law_stays_as_it_is(tmp_path):
    rules = [rule("A", "Schools", ">=", 0.7, Strength="law"), rule("B", "Roads", ">=", 0.4, Strength="must")]
    assert told(menu(case(Rules=rules), tmp_path)) == pytest.approx({(("B", 0.3),): 0.25})


def test_no_repair_is_open_where_laws_clash(tmp_path):
    rules = [rule("A", "Schools", ">=", 0.7, Strength="law"), rule("B", "Roads", ">=", 0.4, Strength="law")]
    rules.append(rule("C", "Roads", ">=", 0.1))
    assert menu(case(Rules=rules), tmp_path) == ()


def test_money_helps_laws_that_ask_for_amounts(tmp_path):
    rules = [rule("A", "Schools", ">=", 80, "amount", Strength="law"), rule("B", "Roads", ">=", 40.5, "amount")]
    rules[1]["Strength"] = "law"
    assert told(menu(case(Rules=rules), tmp_path)) == pytest.approx({(("Budget: City", 121),): 0.21})


def test_a_cap_below_the_floor_on_last_year(tmp_path):
    content = case(Rules=[rule("Growth", "Schools", ">=", 0.1, "change on last year")])
    content["Areas"][0]["Maximum"] = 52
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({(("Maximum: Schools", 55),): 3 / 52, (("Growth", 0.04),): 0.6})


def test_a_target_out_of_reach(tmp_path):
    content = case(
        Indicators=[{"Indicator": "Places", "Unit": "places", "Operator": ">=", "Target": 900}],
        Effects=[{"Area": "Schools", "Places": 8}],
    )
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({(("Places", 800),): 1 / 9, (("Budget: City", 113),): 0.13})
    assert [repair.edits[0].unit for repair in found] == ["places", "million"]


def test_two_conflicts_need_two_changes(tmp_path):
    years = {"Source": "City", "Last year": 90, 2026: 100, 2027: 100}
    rules = [
        rule("A26", "Schools", ">=", 0.7, Years="2026"),
        rule("B26", "Roads", ">=", 0.4, Years="2026", Strength="law"),
        rule("A27", "Schools", ">=", 0.8, Years="2027"),
        rule("B27", "Roads", ">=", 0.5, Years="2027"),
    ]
    found = menu(case(Budget=[years], Rules=rules), tmp_path)
    assert told(found) == pytest.approx({
        (("A27", 0.5), ("A26", 0.6)): 1 / 7 + 3 / 8,
        (("B27", 0.2), ("A26", 0.6)): 1 / 7 + 3 / 5,
    })  # fmt: skip


def test_all_years_of_a_rule_move_together(tmp_path):
    years = {"Source": "City", "Last year": 90, 2026: 100, 2027: 50}
    content = case(Budget=[years], Rules=[rule("A", "Schools", ">=", 60, "amount")])
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({(("A", 50),): 1 / 6, (("Budget: City", 60),): 0.2})
    assert [repair.edits[0].year for repair in found] == [None, 2027]


def test_a_share_of_other_money(tmp_path):
    """The basis is what roads get: at most 30, so 24 of it are 80 %."""
    content = case(Rules=[rule("Ratio", "Schools", "<=", 0.5, "Roads"), rule("Need", "Schools", ">=", 24, "amount")])
    content["Areas"][1]["Maximum"] = 30
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({
        (("Need", 15),): 9 / 24,
        (("Ratio", 0.8),): 0.6,
        (("Maximum: Roads", 48),): 0.6,
    })  # fmt: skip


def test_the_money_must_be_spent(tmp_path):
    content = case()
    content["Budget"][0]["Spend"] = "all"
    content["Areas"][0]["Maximum"], content["Areas"][1]["Maximum"] = 50, 40
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({
        (("Budget: City", 90),): 0.1,
        (("Maximum: Schools", 60),): 0.2,
        (("Maximum: Roads", 50),): 0.25,
        (("Budget: City", "up to"),): 0.1,
    })  # fmt: skip


def worded(found: tuple[Repair, ...]) -> set[tuple[str, str, str]]:
    """The repairs that change one keyword: cell, what was typed, what is to be typed."""
    edits = [repair.edits[0] for repair in found if len(repair.edits) == 1]
    return {(str(edit.cell), str(edit.before), str(edit.after)) for edit in edits if edit.of_keyword}


def numbers(found: tuple[Repair, ...]) -> dict[str, float]:
    """The repairs that change one number: cell and what is to be typed."""
    edits = [repair.edits[0] for repair in found if len(repair.edits) == 1]
    return {str(edit.cell): float(edit.numbers[1]) for edit in edits if not edit.of_keyword}


def planned_in_steps(scenario: Scenario, found: tuple[Repair, ...]) -> None:
    """Each repair, typed in, gives the amounts that the menu shows."""
    for repair in found:
        result = analyse(with_edits(scenario, repair.edits), explain=False)
        assert result.status is Status.OPTIMAL, repair
        planned = {key: value for key, value in result.amounts.items() if value}
        assert planned == {key: value for key, value in repair.amounts if value}


def test_a_source_that_must_be_spent_and_may_not(tmp_path):
    content = case()
    content["Budget"] = [{"Source": "City", "Kind": "budget", YEAR: 100, "Spend": "up to"},
                         {"Source": "ODA", "Kind": "other", YEAR: 10, "Spend": "all"}]  # fmt: skip
    for area in content["Areas"]:
        area["Sources"] = "City"
    scenario = read(content, tmp_path)
    found = repairs(build(scenario))
    assert numbers(found) == {"Budget!C3": 0}
    assert worded(found) == {("Budget!D3", "all", "up to")}
    planned_in_steps(scenario, found)


@pytest.mark.parametrize(
    ("areas", "share", "exact"),
    [(3, 0.3333, 1 / 3), (6, 0.1667, 1 / 6), (7, 0.1429, 1 / 7), (9, 0.1111, 1 / 9), (8, 0.126, 0.125)],
)
def test_equal_shares_that_do_not_add_up(tmp_path, areas, share, exact):
    content = case(Rules=[rule("Equal parts", "every area", "=", share)])
    content["Scenario"] = [{"Setting": "Unit", "Value": "bn"}, {"Setting": "Step", "Value": 1}]
    content["Budget"] = [{"Source": "City", YEAR: 1000, "Spend": "all"}]
    content["Areas"] = [{"Area": f"Area {n}", "Benefit": 1 + n} for n in range(areas)]
    scenario = read(content, tmp_path)
    found = repairs(build(scenario))
    # a third has no end in decimals: no number in the cell adds up to the whole, another operator does
    assert numbers(found).get("Rules!D2") == (exact if areas == 8 else None)
    signs = {after for cell, _, after in worded(found) if cell == "Rules!C2"}
    assert signs == {">=" if areas * share < 1 else "<="}
    planned_in_steps(scenario, found)


def test_shares_of_several_rules_that_do_not_add_up(tmp_path):
    shares = {"Schools": 0.333, "Roads": 0.333, "Parks": 0.333}
    content = case(Rules=[rule(f"Part of {area}", area, "=", share) for area, share in shares.items()])
    content["Budget"] = [{"Source": "City", YEAR: 1000, "Spend": "all"}]
    content["Areas"] = [{"Area": name, "Benefit": 1} for name in shares]
    scenario = read(content, tmp_path)
    found = repairs(build(scenario))
    assert set(numbers(found).values()) & {0.334}
    assert worded(found)
    planned_in_steps(scenario, found)


def test_a_strict_rule_at_its_limit(tmp_path):
    content = case(Rules=[rule("More for schools", "Schools", ">", 0.04)])
    content["Areas"][0]["Maximum share"] = 0.04
    found = repairs(build(read(content, tmp_path)))
    assert worded(found) == {("Rules!C2", ">", ">=")}
    planned_in_steps(read(content, tmp_path), found)


def test_the_first_figure_is_what_must_be_made_good_in_all(tmp_path):
    content = case()
    content["Areas"] = [{"Area": name, "Minimum": floor, "Benefit": 1} for name, floor in
                        (("Schools", 70), ("Roads", 70), ("Parks", 35))]  # fmt: skip
    result = analyse(read(content, tmp_path))
    headline = result.conflicts[0].headline
    assert headline is not None
    assert clash_text(headline) == (
        "The floors of 3 areas ask for 175 million in 2026, 175 % of what City has (100): 75 too much."
    )
    assert result.conflicts[0].short_by < 75
    assert sum(abs(edit.moves_by) for edit in result.repairs[0].edits) == 75


def test_a_word_of_law_stays(tmp_path):
    content = case(Rules=[rule("By law", "every area", "=", 0.3, Strength="law")])
    content["Budget"][0]["Spend"] = "all"
    found = repairs(build(read(content, tmp_path)))
    assert not {cell for cell, _, _ in worded(found)} & {"Rules!C2"}
    assert worded(found) == {(cell, "all", "up to") for cell, _, _ in worded(found)}
    assert worded(found)


def test_rounding_goes_outward_and_no_farther(tmp_path):
    content = case(Rules=[rule("A", "Schools", ">=", 2 / 3), rule("B", "Roads", ">=", 1 / 3 + 0.01)])
    found = menu(content, tmp_path)
    judge(content, read(content, tmp_path), found)
    (edit,) = found[0].edits
    assert edit.numbers[1] % Fraction(1, 10**6) == 0


def test_a_band_that_ends_too_soon(tmp_path):
    content = case(
        Benefits=[{"Area": "Schools", "Up to, of last year": 0.8, "Up to": None, "Benefit": 3}],
        Rules=[rule("A", "Schools", ">=", 45, "amount")],
    )
    found = menu(content, tmp_path)
    assert told(found) == pytest.approx({(("A", 40),): 1 / 9, (("Last band: Schools", 0.9),): 0.125})
    assert found[1].edits[0].percent


def test_goals_are_never_in_the_way(tmp_path):
    content = case(Rules=[rule("A", "Schools", ">=", 0.7), rule("B", "Roads", ">=", 0.4, Strength="goal 1")])
    assert menu(content, tmp_path) == ()


def test_applied_it_reads_the_cell(tmp_path):
    scenario = read(case(Rules=[rule("A", "Schools", ">=", 0.7), rule("B", "Roads", ">=", 0.4)]), tmp_path)
    found = repairs(build(scenario))
    assert [rule.value for rule in with_edits(scenario, found[0].edits).rules] == [Fraction(6, 10), Fraction(4, 10)]
    assert [rule.value for rule in scenario.rules] == [Fraction(7, 10), Fraction(4, 10)]


@pytest.mark.parametrize(
    "name",
    [name for name, one in CASES.items() if one["published"].get("infeasible") or "objective" not in one["computed"]],
)
def test_published_cases(name, tmp_path):
    content = scenario_of(CASES[name])
    scenario = read(content, tmp_path)
    found = repairs(build(scenario))
    assert found
    judge(content, scenario, found)


# ---------------------------------------------------------------- random scenarios


def tightened(seed: int) -> Content:
    """A random scenario, some of its demands raised."""
    content = seeded(seed)
    rng = random.Random(seed)  # noqa: S311
    floors = [row for row in content.get("Rules", []) if row["Operator"] in (">=", ">")]
    for row in rng.sample(floors, min(2, len(floors))):
        by = rng.uniform(1.05, 2.5)
        row["Value"] = round(row["Value"] * by if row["Value"] > 0 else row["Value"] / by + 0.1, 4)
        if row["Basis"] in ("budget", "spending"):
            row["Value"] = min(row["Value"], 0.99)
    for row in content["Areas"]:
        if row.get("Minimum") and rng.random() < 0.3 and not row.get("Maximum"):
            row["Minimum"] = round(row["Minimum"] * rng.uniform(1.1, 3), 2)
    return content


def check(content: Content, folder) -> bool:
    """Judge a menu; False where the scenario has a plan."""
    if has_plan(content):
        return False
    try:
        scenario = read(content, folder)
    except ScenarioError:  # a minimum above its maximum
        return False
    if solve(build(scenario)).status is not Status.INFEASIBLE:  # but for a solver's last digits
        return False
    found = repairs(build(scenario))
    judge(content, scenario, found)
    nothing_cheaper(content, scenario, found)
    if not found:
        nothing_helps(content, scenario)
    return True


@pytest.mark.slow
def test_random_ones(tmp_path):
    assert sum(check(tightened(seed), tmp_path) for seed in range(50_000, 50_008)) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("start", range(51_000, 52_000, 50))
def test_random_ones_many_times(start, tmp_path):
    assert sum(check(tightened(seed), tmp_path) for seed in range(start, start + 50)) >= 5


def test_every_adjustable_cell_is_no_law(tmp_path):
    programme: Programme = build(read(case(Rules=[rule("A", "Schools", ">=", 0.2, Strength="law")]), tmp_path))
    assert [cell.rule for cell in adjustable_cells(programme)] == ["Budget: City"]
