"""How two scenarios differ, row by row, and the scenarios between them."""

import copy
import random

import pytest

from allocator import read_scenario
from allocator.errors import ScenarioError
from allocator.programme.build import build
from allocator.programme.what_ifs import WhatIfs
from allocator.scenario.changes import Mixtures, differences
from content_workbook import write_content
from quick_part import quick_part
from random_edits import random_content_edits
from random_scenarios import seeded

CITY = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 0}],
    "Budget": [{"Source": "City", 2026: 100, 2027: 110}],
    "Areas": [
        {"Area": name, "Last year": 20, "Maximum": 60, "Benefit": b} for name, b in (("A", 3), ("B", 2), ("C", 1))
    ],
    "Benefits": [{"Area": "A", "Up to": end, "Benefit": b} for end, b in ((10, 5), (None, 3))],
    "Rules": [
        {"Rule": "Floor", "Area": "C", "Operator": ">=", "Value": 0.1, "Basis": "budget", "Evidence": "Letter 1"},
        {"Rule": "Cap", "Area": "A", "Operator": "<=", "Value": 0.5, "Basis": "budget"},
    ],
    "Indicators": [{"Indicator": "Places", "Operator": ">=", "Target": 10, "Weight": 0.1}],
    "Effects": [{"Area": "A", "Places": 0.5}, {"Area": "B", "Places": 0.2}],
}


def scenarios(folder, other: dict, one: dict = CITY):
    return tuple(read_scenario(write_content(c, folder / f"{n}.xlsx")) for n, c in (("one", one), ("other", other)))


def told(group) -> tuple:
    return group.name, group.kind, group.counts, {c.column: (c.before, c.after) for c in group.edits}


def other_city(**sheets) -> dict:
    return copy.deepcopy(CITY) | sheets


def test_cells_rows_and_columns(tmp_path):
    rules = [dict(CITY["Rules"][0], Value=0.12, Years="2027"), {**CITY["Rules"][1], "Rule": "Ceiling"}]
    one, other = scenarios(tmp_path, other_city(Rules=rules))
    floor, cap, ceiling = differences(one, other)
    assert told(floor) == ("Rules / Floor", "changed", True, {"Value": (0.1, 0.12), "Years": (None, "2027")})
    assert [c.percent for c in floor.edits] == [True, False]
    assert [(str(c.before_cell), str(c.after_cell)) for c in floor.edits] == [
        ("Rules!D2", "Rules!D2"), ("None", "Rules!G2"),
    ]  # fmt: skip
    assert (cap.name, cap.kind, cap.counts) == ("Rules / Cap", "removed", True)
    assert (ceiling.name, ceiling.kind) == ("Rules / Ceiling", "added")
    assert {c.column: c.after for c in ceiling.edits}["Value"] == 0.5


def test_rows_are_matched_by_name_not_by_place(tmp_path):
    one, other = scenarios(tmp_path, other_city(Areas=CITY["Areas"][::-1], Rules=CITY["Rules"][::-1]))
    assert differences(one, other) == ()


def test_texts_do_not_count(tmp_path):
    rules = [dict(CITY["Rules"][0], Evidence="Letter 2", Mood="good"), CITY["Rules"][1]]
    settings = [*CITY["Scenario"], {"Setting": "Title", "Value": "Another"}]
    one, other = scenarios(tmp_path, other_city(Rules=rules, Scenario=settings))
    assert [told(g)[:3] for g in differences(one, other)] == [
        ("Scenario / Title", "added", False), ("Rules / Floor", "changed", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "typed"), [("Value", "10 %"), ("Value", "10,0 %"), ("Operator", "at least"), ("Basis", "Budget"),
                           ("Area", "c"), ("Rule", "FLOOR")]
)  # fmt: skip
def test_another_spelling_is_no_difference(heading, typed, tmp_path):
    one, other = scenarios(tmp_path, other_city(Rules=[CITY["Rules"][0] | {heading: typed}, CITY["Rules"][1]]))
    assert differences(one, other) == ()


def test_bands_by_number_and_targets_by_year(tmp_path):
    bands = [dict(CITY["Benefits"][0], Benefit=6), CITY["Benefits"][1]]
    targets = [
        dict(CITY["Indicators"][0], Year=2026),
        {"Indicator": "Places", "Operator": ">=", "Target": 12, "Year": 2027},
    ]
    one, other = scenarios(tmp_path, other_city(Benefits=bands, Indicators=targets))
    names = [g.name for g in differences(one, other)]
    assert names == ["Benefits / A / 1", "Indicators / Places", "Indicators / Places/2026", "Indicators / Places/2027"]


def test_the_what_if_sheet_is_not_compared(tmp_path):
    what_if = [{"Variant": "Low", "Sheet": "Budget", "Row": "City", "Column": 2026, "Change": "set", "Value": 90}]
    one, other = scenarios(tmp_path, other_city(**{"What-if": what_if}))
    assert differences(one, other) == ()


def mixing(one, other):
    """Which rows are taken of the other → the mixture, read."""
    mixtures, what_ifs = Mixtures(one, other, differences(one, other)), WhatIfs(build(one))
    return lambda taken: what_ifs.scenario(mixtures.mixture(taken))


def test_between(tmp_path):
    rules = [dict(CITY["Rules"][0], Value=0.2), {**CITY["Rules"][1], "Rule": "New cap"}]
    one, other = scenarios(tmp_path, other_city(Rules=rules, Budget=[{"Source": "City", 2026: 90, 2027: 110}]))
    groups = differences(one, other)
    assert [g.name for g in groups] == ["Budget / City", "Rules / Floor", "Rules / Cap", "Rules / New cap"]
    between = mixing(one, other)
    figures = {
        taken: (scenario.sources[0].available[2026], [(rule.name, float(rule.value)) for rule in scenario.rules])
        for taken in ((), (0,), (1,), (2,), (0, 1, 3))
        for scenario in [between(frozenset(taken))]
    }
    assert figures == {
        (): (100, [("Floor", 0.1), ("Cap", 0.5)]),
        (0,): (90, [("Floor", 0.1), ("Cap", 0.5)]),
        (1,): (100, [("Floor", 0.2), ("Cap", 0.5)]),
        (2,): (100, [("Floor", 0.1)]),
        (0, 1, 3): (90, [("Floor", 0.2), ("New cap", 0.5), ("Cap", 0.5)]),
    }


def test_a_mixture_that_can_not_be_read(tmp_path):
    areas = [*CITY["Areas"], {"Area": "D", "Last year": 1, "Benefit": 9}]
    rules = [*CITY["Rules"], {"Rule": "For D", "Area": "D", "Operator": ">=", "Value": 5, "Basis": "amount"}]
    one, other = scenarios(tmp_path, other_city(Areas=areas, Rules=rules))
    between = mixing(one, other)
    with pytest.raises(ScenarioError):
        between(frozenset({1}))
    assert [a.name for a in between(frozenset({0})).areas] == ["A", "B", "C", "D"]


def test_an_indicator_that_goes_takes_its_column_along(tmp_path):
    other = {name: rows for name, rows in CITY.items() if name not in ("Indicators", "Effects")}
    one, other = scenarios(tmp_path, other)
    groups = differences(one, other)
    assert {g.kind for g in groups} == {"removed"}
    assert mixing(one, other)(range(len(groups))).indicators == ()


def same_programme(one, other) -> list[str]:
    """What differs between the programmes of two scenarios, where rows and areas may stand in another order."""
    mine, theirs = build(one), build(other)
    parts = {
        "amounts": (set(mine.keys), set(theirs.keys)),
        "pieces": (mine.pieces, theirs.pieces),
        "constant": (mine.constant, theirs.constant),
        "rows": tuple(
            sorted((r.label, r.kind.word, r.operator.value, *parts_of(r)) for r in programme.rows)
            for programme in (mine, theirs)
        ),
    }
    return [name for name, (first, second) in parts.items() if first != second]


def parts_of(row) -> tuple:
    return sorted(row.body.terms.items()), row.bound, row.strength


def compare(seed: int, folder) -> tuple[list[str], int]:
    """What is wrong with the mixtures of a random scenario and a random other one, and how many there were."""
    rng = random.Random(seed)  # noqa: S311
    content = seeded(seed, ("small", "tiny")[seed % 2])
    try:
        one, other = scenarios(folder, random_content_edits(content, rng), content)
    except ScenarioError:
        return [], 0
    groups = differences(one, other)
    between = mixing(one, other)
    found = [f"none: {part}" for part in same_programme(between(frozenset()), one)]
    found += [f"all: {part}" for part in same_programme(between(frozenset(range(len(groups)))), other)]
    counting = [number for number, group in enumerate(groups) if group.counts]
    found += [f"those that count: {part}" for part in same_programme(between(counting), other)]
    back = [(g.name, len(g.edits)) for g in differences(other, one)]
    if sorted(back) != sorted((g.name, len(g.edits)) for g in groups):
        found.append("the way back has other differences")
    return found, len(groups)


@pytest.mark.parametrize("seed", quick_part(range(12), 3))
def test_all_and_none(seed, tmp_path):
    assert compare(seed, tmp_path)[0] == []


def test_most_random_pairs_differ(tmp_path):
    assert sum(compare(seed, tmp_path)[1] > 0 for seed in range(8)) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1150))
def test_all_and_none_many_times(seed, tmp_path):
    assert compare(seed, tmp_path)[0] == []


def test_a_mixture_is_planned_as_it_reads(tmp_path):
    one, other = scenarios(tmp_path, other_city(Rules=[dict(CITY["Rules"][0], Value=0.2), CITY["Rules"][1]]))
    between = mixing(one, other)(frozenset({0}))
    assert WhatIfs(build(between)).solve({}).objective == pytest.approx(WhatIfs(build(other)).solve({}).objective)
