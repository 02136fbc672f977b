"""What the plan is better than: the proposed draft, and last year scaled to the budget."""

import io
import itertools
import json
import random
from fractions import Fraction

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator import read_scenario
from allocator.analyses.analyse import analyse
from allocator.analyses.figures import PRO_RATA, PROPOSED, Alternative, GeneralNote, alternatives
from allocator.analyses.result import Result
from allocator.programme import dividing
from allocator.programme.build import build
from allocator.programme.dividing import AreaSum, divided, in_units
from allocator.render import sheet_alternatives
from allocator.render.records import as_json
from allocator.render.workbook import plan_bytes
from allocator.tables.alternatives import FOR_PROGRAMS
from allocator.wording.alternatives import (
    alternative_lines,
    alternatives_finding,
    assumption_texts,
    caveat_text,
    side_by_side,
)
from content_workbook import scenario, write_content
from quick_part import quick_part
from random_scenarios import seeded

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
CITY, ODA = "City", "ODA"
YEAR = 2026
AREAS = [
    {"Area": "Schools", "Benefit": 3, "Last year": 30, "Proposed": 60},
    {"Area": "Roads", "Benefit": 2, "Last year": 50, "Proposed": 40},
]
FLOOR = {"Rule": "Roads first", "Area": "Roads", "Operator": ">=", "Value": 0.5, "Basis": "budget"}


def planned(folder, **content) -> Result:
    return analyse(read_scenario(write_content(scenario(**content), folder / "scenario.xlsx")), explain=False)


def named(result: Result, name: str) -> Alternative:
    return next(each for each in result.alternatives if each.name == name)


def broken(alternative: Alternative) -> list[tuple[str, Fraction, str]]:
    return [(each.row.label, each.by, str(each.row.cell)) for each in alternative.valuation.broken]


def yearly(alternative: Alternative) -> dict[tuple[str, int], Fraction]:
    sums: dict[tuple[str, int], Fraction] = {}
    for (area, year, _), amount in alternative.amounts.items():
        sums[area, year] = sums.get((area, year), Fraction(0)) + amount
    return sums


# -- by hand -------------------------------------------------------------------------------------------------


def test_the_draft_by_hand(tmp_path):
    """Of 100, 60 for schools and 40 for roads are worth 260, ten more than the plan, for which roads lack ten."""
    result = planned(tmp_path, areas=AREAS, Rules=[FLOOR])
    draft = named(result, PROPOSED)
    assert result.objective == 250
    assert draft.valuation.objective == 260
    assert yearly(draft) == {("Schools", YEAR): 60, ("Roads", YEAR): 40}
    assert broken(draft) == [("Roads first 2026", Fraction(10), "Rules!D2")]
    assert (draft.notes, draft.caveats) == ((), ())


def test_pro_rata_by_hand(tmp_path):
    """Last year 30 and 50: of 100 that is 37.5 and 62.5, worth 237.5; roads have their half."""
    other = named(planned(tmp_path, areas=AREAS, Rules=[FLOOR]), PRO_RATA)
    assert yearly(other) == {("Schools", YEAR): Fraction("37.5"), ("Roads", YEAR): Fraction("62.5")}
    assert other.valuation.objective == Fraction("237.5")
    assert broken(other) == []


def test_pro_rata_keeps_last_years_shares_to_the_last_digit(tmp_path):
    """A third each: no whole steps are a third of 100, yet it is not told that a share falls."""
    areas = [{"Area": name, "Benefit": 1, "Last year": 7} for name in "ABC"]
    rule = {"Rule": "No lower share", "Area": "every area", "Operator": ">=", "Value": 1, "Basis": "last year's share"}
    budget = [{"Source": CITY, "Last year": 21, YEAR: 100}]
    result = planned(tmp_path, areas=areas, budget=budget, settings={"Step": 1}, Rules=[rule])
    other = named(result, PRO_RATA)
    assert set(yearly(other).values()) == {Fraction(100, 3)}
    assert broken(other) == []


def test_none_where_there_is_no_plan_or_nothing_to_go_by(tmp_path):
    bare = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}]
    assert planned(tmp_path, areas=bare).alternatives == ()
    impossible = [{**FLOOR, "Value": 0.9}, {**FLOOR, "Rule": "Schools too", "Area": "Schools"}]
    assert planned(tmp_path, areas=AREAS, Rules=impossible).alternatives == ()


# -- what is missing -----------------------------------------------------------------------------------------


def test_blanks_count_nothing_and_are_told(tmp_path):
    areas = [*AREAS, {"Area": "Parks", "Benefit": 1}]
    result = planned(tmp_path, areas=areas)
    draft, other = named(result, PROPOSED), named(result, PRO_RATA)
    assert assumption_texts(draft) == ["No draft for Parks in 2026: counted as 0"]
    assert caveat_text(draft) == "with nothing where it is blank"
    assert assumption_texts(other)[0] == "No Last year for Parks: counted as 0"
    assert ("Parks", YEAR) not in yearly(draft) | yearly(other)


def test_pro_rata_needs_last_year_of_half_the_areas(tmp_path):
    areas = [AREAS[0], {"Area": "Roads", "Benefit": 1}, {"Area": "Parks", "Benefit": 1}]
    assert [each.name for each in planned(tmp_path, areas=areas).alternatives] == [PROPOSED]


@pytest.mark.parametrize(
    ("last", "amounts", "way"),
    [((10, 30), (15, 45), "in proportion to Last year"), ((None, 30), (30, 30), "equally")],
)
def test_a_draft_for_an_area_alone_is_divided_among_its_parts(tmp_path, last, amounts, way):
    areas = [
        {"Area": "Works", "Proposed": 60},
        {"Area": "Roads", "Part of": "Works", "Benefit": 2, "Last year": last[0]},
        {"Area": "Bridges", "Part of": "Works", "Benefit": 2, "Last year": last[1]},
        {"Area": "Schools", "Benefit": 3, "Last year": 5, "Proposed": 10},
    ]
    draft = named(planned(tmp_path, areas=areas), PROPOSED)
    found = yearly(draft)
    assert (found["Roads", YEAR], found["Bridges", YEAR]) == amounts
    assert assumption_texts(draft) == [f"The draft for Works is divided among Roads and Bridges {way}"]


def test_parts_that_have_drafts_of_their_own_come_first(tmp_path):
    areas = [
        {"Area": "Works", "Proposed": 60},
        {"Area": "Roads", "Part of": "Works", "Benefit": 2, "Proposed": 45},
        {"Area": "Bridges", "Part of": "Works", "Benefit": 2},
        {"Area": "Ports", "Benefit": 1, "Proposed": 10},
    ]
    draft = named(planned(tmp_path, areas=areas), PROPOSED)
    assert yearly(draft) == {("Roads", YEAR): 45, ("Bridges", YEAR): 15, ("Ports", YEAR): 10}
    areas[2]["Proposed"] = 35
    draft = named(planned(tmp_path, areas=areas), PROPOSED)
    assert yearly(draft)["Bridges", YEAR] == 35
    assert assumption_texts(draft) == ["The parts of Works come to 80, not 60 in 2026: the parts count"]


def test_years_without_a_draft_are_the_plans(tmp_path):
    areas = [
        {"Area": "Schools", "Benefit": 3, "Proposed 2027": 20, "Maximum": 70},
        {"Area": "Roads", "Benefit": 2, "Proposed 2027": 80},
    ]
    result = planned(tmp_path, areas=areas, budget=[{"Source": CITY, 2026: 100, 2027: 100}])
    draft = named(result, PROPOSED)
    assert yearly(draft) == {
        ("Schools", 2026): 70, ("Roads", 2026): 30, ("Schools", 2027): 20, ("Roads", 2027): 80,
    }  # fmt: skip
    assert assumption_texts(draft) == ["No draft for 2026: the plan's own amounts stand there"]
    assert caveat_text(draft) == "for 2027 only"
    assert draft.valuation.objective - result.objective == -50


# -- sources -------------------------------------------------------------------------------------------------

SOURCES = [{"Source": CITY, YEAR: 80}, {"Source": ODA, "Kind": "other", YEAR: 20}]


def test_the_split_among_sources_is_in_the_drafts_favour(tmp_path):
    """In proportion Schools would have 12 of 20 from ODA, and Roads not the half of the City's money."""
    rules = [
        {"Rule": "Roads' share", "Area": "Roads", "Source": CITY, "Operator": ">=", "Value": 0.5, "Basis": "budget"},
        {"Rule": "Schools by the city", "Area": "Schools", "Source": ODA, "Operator": "<=", "Value": 20,
         "Basis": "amount"},
    ]  # fmt: skip
    areas = [{**AREAS[0], "Proposed": 60}, {**AREAS[1], "Proposed": 40}]
    draft = named(planned(tmp_path, areas=areas, budget=SOURCES, Rules=rules), PROPOSED)
    assert broken(draft) == []
    assert draft.notes == (GeneralNote.IN_FAVOUR,)
    assert draft.amounts["Roads", YEAR, CITY] == 40


def test_without_such_rules_it_is_in_proportion(tmp_path):
    draft = named(planned(tmp_path, areas=AREAS, budget=SOURCES), PROPOSED)
    assert draft.amounts == {
        ("Schools", YEAR, CITY): 48, ("Schools", YEAR, ODA): 12, ("Roads", YEAR, CITY): 32, ("Roads", YEAR, ODA): 8,
    }  # fmt: skip


def test_what_no_split_can_keep_is_broken_by_the_least(tmp_path):
    """Roads may not have ODA and are to have 90, ten more than the city has: that is broken, nothing else."""
    areas = [{**AREAS[0], "Proposed": 10}, {**AREAS[1], "Proposed": 90, "Sources": CITY}]
    draft = named(planned(tmp_path, areas=areas, budget=SOURCES), PROPOSED)
    assert broken(draft) == [("Budget: City 2026", Fraction(10), "Budget!B2")]
    assert draft.amounts["Schools", YEAR, ODA] == 10


@pytest.mark.parametrize("seed", quick_part(range(12), 4))
def test_a_draft_that_some_split_keeps_breaks_nothing(seed, tmp_path):
    """The plan's own yearly amounts as the draft: its split keeps every must, so one is to be found that does."""
    assert redrafted(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 250))
def test_many_drafts_that_some_split_keeps(seed, tmp_path):
    assert redrafted(seed, tmp_path)


def redrafted(seed: int, folder) -> bool:
    content = seeded(70_000 + seed)
    result = analyse(read_scenario(write_content(content, folder / "s.xlsx")), explain=False)
    if result.objective is None or not result.step:
        return True  # in a plan that isn't rounded the solver's last digits stand
    pots = [
        AreaSum(area.name, year, area.sources, result.amount(area.name, year))
        for area in result.scenario.leaves
        for year in result.scenario.years
    ]
    programme = build(result.scenario)
    found = divided(programme, pots, result.step)
    for pot in pots:
        assert sum(found.amounts[key] for key in pot.keys) == pot.amount
        assert all((found.amounts[key] / result.step).denominator == 1 for key in pot.keys)
    kept = [row for row in programme.rows if row.strength.kind != "goal" and row.slack(result.amounts) >= 0]
    assert [row.label for row in kept if row.slack(found.amounts) < 0] == []
    return True


def test_sums_that_are_no_whole_steps_are_kept_in_finer_ones(tmp_path):
    areas = [{**AREAS[0], "Proposed": 10.125}, AREAS[1]]
    result = planned(tmp_path, areas=areas, budget=SOURCES, settings={"Step": 1})
    found = named(result, PROPOSED).amounts
    assert sum(amount for (area, _, _), amount in found.items() if area == "Schools") == Fraction("10.125")


# -- properties ----------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any), st.integers(1, 10**9))
@settings(deadline=None, max_examples=60)
def test_whole_units_add_up_to_the_last_one(weights, total):
    whole = sum(weights)
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = in_units(exact, Fraction(total), Fraction(1))
    assert sum(parts) == total
    assert all(part.denominator == 1 and abs(part - here) < 1 for part, here in zip(parts, exact, strict=True))


@pytest.mark.parametrize("seed", quick_part(range(15), 4))
def test_pro_rata_adds_up_and_nothing_feasible_beats_the_optimum(seed, tmp_path):
    assert judged(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(15, 400))
def test_many_alternatives(seed, tmp_path):
    assert judged(seed, tmp_path)


def judged(seed: int, folder) -> bool:
    """Last year and a draft are made up; the budget is spent to the last unit; what breaks nothing is no better."""
    content, rng = seeded(80_000 + seed), random.Random(seed)  # noqa: S311
    for row in content["Areas"]:
        if not any(row["Area"] == other.get("Part of") for other in content["Areas"]):
            row["Last year"] = rng.randint(0, 100)
            years = [head for head in content["Budget"][0] if isinstance(head, int)]
            row |= {"Proposed" if len(years) == 1 else f"Proposed {years[0]}": rng.randint(0, 50)}
    result = analyse(read_scenario(write_content(content, folder / "s.xlsx")), explain=False)
    if result.objective is None:
        assert result.alternatives == ()
        return True
    assert [each.name for each in result.alternatives if each.name == PROPOSED] == [PROPOSED]
    scenario = result.scenario
    for each in result.alternatives:
        if each.name == PRO_RATA and all(set(area.sources) & set(scenario.budget_sources) for area in scenario.leaves):
            for year in scenario.years:
                paid = (x for (_, t, s), x in each.amounts.items() if t == year and s in scenario.budget_sources)
                assert sum(paid, Fraction(0)) == scenario.budget(year)
        if not each.valuation.broken and not each.valuation.goals:
            better = float(each.valuation.objective) - result.unrounded_objective
            better = better if scenario.objective.maximise else -better
            # what is kept within a step, or strict by a millionth, is worth that little
            assert better <= 1e-5 * max(1.0, abs(result.unrounded_objective)) or equal(result)
    assert alternatives(build(scenario), result.amounts, result.step) == result.alternatives
    return True


def equal(result: Result) -> bool:
    return any(figures.row.operator.value == "=" for figures in result.rows)


# -- how it is shown -----------------------------------------------------------------------------------------


def test_the_sheet_by_hand(tmp_path):
    result = planned(tmp_path, areas=AREAS, Rules=[FLOOR])
    content = plan_bytes(result)
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Alternatives"]
    rows = list(sheet.iter_rows(values_only=True))
    by_name = {row[0]: row for row in itertools.islice(rows, 5, 8)}
    assert by_name["Plan"][1:7] == (0, 0, 250, None, None, 100)
    assert by_name["Proposed"][1:7] == (1, 0, 260, 10, 0.04, 100)
    assert by_name["Pro rata"][1:7] == (0, 0, 237.5, -12.5, -0.05, 100)
    line = next(row for row in rows if row[0] == "Roads first")
    assert (line[1], line[2], line[5], line[9]) == (YEAR, "Proposed", 10, "Rules!D2")
    live = openpyxl.load_workbook(io.BytesIO(content))["Alternatives"]
    formulas = [cell.value for row in live.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert any("Inputs Areas" in text for text in formulas)
    assert len(formulas) > 30


def test_there_is_no_sheet_without_alternatives(tmp_path):
    bare = [{"Area": "Schools", "Benefit": 3}, {"Area": "Roads", "Benefit": 2}]
    result = planned(tmp_path, areas=bare)
    assert "Alternatives" not in openpyxl.load_workbook(io.BytesIO(plan_bytes(result))).sheetnames
    assert alternatives_finding(result) is None


def test_of_very_many_areas_those_that_differ_most_are_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_alternatives, "MOST_LINES", 1)
    monkeypatch.setattr(sheet_alternatives, "SHOWN_OF_MANY", 1)
    result = planned(tmp_path, areas=[*AREAS, {"Area": "Parks", "Benefit": 1}], Rules=[FLOOR])
    content = plan_bytes(result)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Alternatives"]
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows if row[1] == YEAR and row[0] != "Roads first"] == ["Schools"]
    proposed = next(row for row in rows if row[0] == "Proposed")
    assert (proposed[3], proposed[6]) == (260, 100)


def test_very_many_amounts_are_divided_in_proportion(tmp_path, monkeypatch):
    monkeypatch.setattr(dividing, "MOST", 3)
    draft = named(planned(tmp_path, areas=AREAS, budget=SOURCES), PROPOSED)
    assert draft.notes == (GeneralNote.IN_PROPORTION,)


def test_the_json(tmp_path):
    result = planned(tmp_path, areas=AREAS, Rules=[{**FLOOR, "Legal basis": "Decree 7"}])
    draft, other = json.loads(as_json(result))["alternatives"]
    assert (draft["name"], draft["objective"], draft["difference"]) == ("Proposed", 260, 10)
    assert draft["broken"] == [
        {"rule": "Roads first", "year": YEAR, "by": 10, "unit": "million", "cell": "Rules!D2",
         "legal_basis": "Decree 7", "strength": "must"}
    ]  # fmt: skip
    assert draft["amounts"] == [
        {"area": "Schools", "year": YEAR, "amount": 60},
        {"area": "Roads", "year": YEAR, "amount": 40},
    ]
    assert (other["name"], other["difference"], other["broken"], other["goals"]) == ("Pro rata", -12.5, [], [])
    assert list(draft) == [column.key for column in FOR_PROGRAMS.recorded]


def test_in_words(tmp_path):
    result = planned(tmp_path, areas=AREAS, Rules=[FLOOR])
    assert alternatives_finding(result).text == (
        "The proposed draft would bring 10 benefit points more (+4.0 %) but breaks 1 rule. "
        "Last year scaled to the budget would bring 12.5 benefit points less (−5.0 %) and keeps every rule. "
        "See Alternatives."
    )
    assert alternative_lines(result) == [
        "Proposed draft: 10 more (+4.0 %), breaks 1 rule.",
        "Last year scaled: 12.5 less (−5.0 %), keeps every rule.",
    ]
    assert side_by_side(result) == (
        "As optimised, the plan brings 250 benefit points; the proposed draft 260 and breaks 1 rule; last year scaled "
        "to the budget 237.5 and keeps every rule."
    )


def test_in_words_where_spending_is_sought(tmp_path):
    goal = {**FLOOR, "Rule": "Schools", "Area": "Schools", "Strength": "goal 1", "Value": 0.5}
    floor = {**FLOOR, "Value": 0.4}
    result = planned(tmp_path, areas=AREAS, settings={"Objective": "minimise spending"}, Rules=[floor, goal])
    assert alternatives_finding(result).text == (
        "The proposed draft would spend 10 million more (+11.1 %) and keeps every rule. "
        "Last year scaled to the budget would spend 10 million more (+11.1 %), keeps every rule and misses 1 goal. "
        "See Alternatives."
    )
    said = "As optimised, the plan spends 90 million; the proposed draft 100 and keeps every rule; "
    assert side_by_side(result).startswith(said)


def test_other_money_follows_last_years_of_its_own(tmp_path):
    areas = [{**AREAS[0], f"Last year: {ODA}": 3}, {**AREAS[1], f"Last year: {ODA}": 1}]
    other = named(planned(tmp_path, areas=areas, budget=SOURCES), PRO_RATA)
    assert (other.amounts["Schools", YEAR, ODA], other.amounts["Roads", YEAR, ODA]) == (15, 5)
    assert sum(other.amounts.values()) == 100
    alone = named(planned(tmp_path, areas=AREAS, budget=SOURCES), PRO_RATA)
    assert caveat_text(alone) == "without other money"
    assert assumption_texts(alone)[0] == "Budget money only: no Last year from ODA"
    assert sum(alone.amounts.values()) == 80
