"""What-ifs of one scenario are answered as if each were planned from a workbook of its own."""

import gc
import random
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from allocator import read_scenario
from allocator.errors import ScenarioError
from allocator.programme.build import Programme, altered, build
from allocator.programme.matrix import ScaledMatrix
from allocator.programme.session import Session
from allocator.programme.solve import solve
from allocator.programme.status import Deadline, OutOfTime
from allocator.programme.what_ifs import Layout, Numbers, OtherShape, WarmModel, WhatIfs
from allocator.scenario.changes import find_cell
from allocator.scenario.model import Cell, Scenario
from allocator.scenario.reading import Patches, read_sheets, reread
from content_workbook import write_content
from moved_numbers import TWO as WITHOUT_GOAL
from moved_numbers import differences
from places import SCENARIOS
from quick_part import quick_part
from random_edits import figures_of, random_changes, without_row
from random_scenarios import seeded

HANOI = SCENARIOS / "hanoi-2026-2030.xlsx"
PARTS = ("keys", "pieces", "constant", "maximise", "rows")


def random_scenario(seed: int, folder: Path, rng: random.Random) -> Scenario:
    return read_scenario(write_content(seeded(seed, ("small", "medium", "tiny")[seed % 3]), folder / "s.xlsx", rng))


def what_ifs_of(scenario: Scenario, deadline: Deadline | None = None) -> WhatIfs:
    return WhatIfs(build(scenario), deadline, goals_met=True)


def outcome(work):
    """What `work` returns, or the text of its ScenarioError."""
    try:
        return work()
    except ScenarioError as error:
        return str(error)


def own_workbook(inputs, path: Path) -> Path:
    """A workbook of sheets as they were read, without any other change."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in inputs:
        page = book.create_sheet(sheet.name)
        for number, row in enumerate(sheet.rows, 1):
            for column, value in enumerate(row, 1):
                cell = page.cell(number, column, value)
                if (number, column) in sheet.percent:
                    cell.number_format = "0.00%"
    book.save(path)
    return path


# -- reading and building what changed, and nothing else --------------------------------------------------------------


def as_it_says(one: Programme, other: Programme) -> bool:
    """Whether two programmes differ in the rows and pieces in which they say they do."""
    if len(one.rows) != len(other.rows) or one.keys != other.keys:
        return other.first is other
    rows = [index for index, row in enumerate(one.rows) if row is not other.rows[index]]
    pieces = {pair for pair, own in one.pieces.items() if own is not other.pieces[pair]}
    return other.rows_unlike(one) == rows and set(other.pieces_unlike(one)) == pieces


def numbers_in(layout: Layout, programme: Programme, *known: Numbers) -> Numbers | None:
    """All numbers of a programme; None where there is no place for one."""
    try:
        return layout.numbers(programme, *known)
    except OtherShape:
        return None


def content(numbers: Numbers | None) -> list | None:
    return numbers and [*(part.tolist() for part in numbers.parts()), numbers.broken, numbers.stages]


def compare_programmes(seed: int, folder: Path, edits: int) -> list[str]:
    """What is wrong with scenarios that were patched, and with programmes that were altered."""
    rng = random.Random(seed)  # noqa: S311
    scenario = random_scenario(seed, folder, rng)
    patches, programme = Patches(scenario), build(scenario)
    layout = Layout(ScaledMatrix(programme))
    known = layout.first
    found = []
    for number in range(edits):
        changes = random_changes(scenario, rng)
        want, got = outcome(lambda c=changes: reread(scenario, c)), outcome(lambda c=changes: patches.at(c))
        if want != got:
            found.append(f"{number}: the scenario with {changes}")
        elif isinstance(got, Scenario):
            fresh, made = build(want), altered(programme, got)
            found += [f"{number}: {p} with {changes}" for p in PARTS if getattr(fresh, p) != getattr(made, p)]
            if not as_it_says(programme, made):
                found.append(f"{number}: what differs with {changes}")
            numbers = numbers_in(layout, made, known)
            if content(numbers) != content(numbers_in(layout, fresh)):
                found.append(f"{number}: the numbers with {changes}")
            known = numbers or known
            programme = made if rng.random() < 0.5 else programme
    return found


@pytest.mark.parametrize("seed", quick_part(range(15), 5))
def test_as_read_and_built_anew(seed, tmp_path):
    assert compare_programmes(seed, tmp_path, 8) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1080))
def test_as_read_and_built_anew_many_times(seed, tmp_path):
    assert compare_programmes(seed, tmp_path, 20) == []


def test_figures_of_every_kind_are_patched():
    scenario = read_scenario(HANOI)
    patches, rng = Patches(scenario), random.Random(3)  # noqa: S311
    kinds = set()
    for cell, heading, raw in figures_of(patches.base):
        if cell.sheet != "Scenario" and heading not in ("Up to", "Up to, of last year", "Years"):
            outcome(lambda c=cell, r=raw: patches.at({c: r * rng.uniform(0.999, 1)}))
            kinds.add((cell.sheet, heading))
    rate = find_cell(scenario, "Scenario/Discount rate").cell
    assert patches.at({rate: 0.07}).discount_rate == pytest.approx(0.07)
    assert len(kinds) > 15
    assert patches.read_anew == 0


def test_what_stays_is_shared():
    scenario = read_scenario(HANOI)
    programme = build(scenario)
    cell = find_cell(scenario, "Rules/Science at least 4 %/Value").cell
    changed = altered(programme, Patches(scenario).at({cell: 0.041}))
    others = [row.name for row, before in zip(changed.rows, programme.rows, strict=True) if row is not before]
    assert set(others) == {"Science at least 4 %"}
    assert changed.pieces is programme.pieces


def test_a_copy_is_no_alteration():
    programme = build(read_scenario(HANOI))
    scenario = programme.scenario
    cell = find_cell(scenario, "Rules/Science at least 4 %/Value").cell
    changed = altered(programme, Patches(scenario).at({cell: 0.041}))
    assert changed.first is programme
    assert replace(changed, rows=changed.rows[::-1]).rows_unlike(programme) != []
    assert replace(changed, rows=programme.rows).first is not programme


def test_rules_and_money_by_hand():
    programme = build(read_scenario(HANOI))
    scenario, what_ifs = programme.scenario, WhatIfs(programme)
    rule, source = scenario.rules[0], scenario.sources[0]
    fresh = build(reread(scenario, {rule.origin.cell("Value"): 0.05}))
    assert what_ifs.with_rule(replace(rule, value=Fraction(5, 100))).rows == fresh.rows
    fresh = build(reread(scenario, {source.origin.cell("2028"): 1e5}))
    assert what_ifs.with_money(source, 2028, Fraction(100_000)).rows == fresh.rows


# -- the same answers as from a workbook of its own ------------------------------------------------------------------


def compare_answers(seed: int, folder: Path, edits: int) -> tuple[list[str], int]:
    """What differs between the engine's answers and those of workbooks of their own; how many plans were compared."""
    rng = random.Random(seed)  # noqa: S311
    scenario = random_scenario(seed, folder, rng)
    what_ifs = what_ifs_of(scenario)
    found, plans = [], 0
    for number in range(edits):
        try:
            if rng.random() < 0.2:
                inputs = without_row(scenario, rng)
                answer = what_ifs.solve(read_sheets(scenario.path, scenario.sha256, inputs))
            else:
                changes = random_changes(scenario, rng, most=3)
                inputs = reread(scenario, changes).inputs
                answer = what_ifs.solve(changes)
        except ScenarioError:
            continue
        own = read_scenario(own_workbook(inputs, folder / f"{number}.xlsx"))
        plans += answer is not None
        found += [f"{number}: {text}" for text in differences(solve(build(own)), answer)]
    return found, plans


@pytest.mark.parametrize("seed", quick_part(range(8), 2))
def test_as_from_a_workbook_of_its_own(seed, tmp_path):
    assert compare_answers(seed, tmp_path, 6)[0] == []


@pytest.mark.slow
def test_most_what_ifs_have_plans(tmp_path):
    assert sum(compare_answers(seed, tmp_path, 4)[1] for seed in (2, 5, 8)) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1040))
def test_as_from_a_workbook_of_its_own_many_times(seed, tmp_path):
    assert compare_answers(seed, tmp_path, 12)[0] == []


# -- the engine itself -----------------------------------------------------------------------------------------------

TWO = WITHOUT_GOAL | {
    "Rules": [
        {"Rule": "Floor", "Area": "C", "Operator": ">=", "Value": 0.1, "Basis": "budget", "Strength": "must"},
        {"Rule": "Aim", "Area": "A", "Operator": ">=", "Value": 0.3, "Basis": "budget", "Strength": "goal 1"},
    ],
}


@pytest.fixture
def two(tmp_path):
    return read_scenario(write_content(TWO, tmp_path / "two.xlsx"))


def test_what_ifs(two):
    what_ifs = what_ifs_of(two)
    money, floor = (find_cell(two, name).cell for name in ("Budget/City/2026", "Rules/Floor/Value"))
    strength = Cell("Rules", 3, 6)
    asked = [{}, {money: 90}, {floor: 0.5}, {floor: "20 %"}, {floor: 0.2, money: 90}, {strength: "off"}, {}]
    answers = [what_ifs.solve(changes) for changes in asked]
    assert [round(a.objective, 6) for a in answers] == [190, 171, 150, 180, 162, 190, 190]
    with pytest.raises(ScenarioError, match="more than there is"):
        what_ifs.solve({floor: 1.5})
    assert what_ifs.solve({}).objective == pytest.approx(190)


def test_edits_of_variants_and_rows_that_go(tmp_path):
    what_if = [
        {"Variant": "Low", "Sheet": "Budget", "Row": "City", "Column": 2026, "Change": "set", "Value": 90},
        {"Variant": "Free", "Sheet": "Rules", "Row": "Floor", "Change": "remove"},
    ]
    scenario = read_scenario(write_content(TWO | {"What-if": what_if}, tmp_path / "s.xlsx"))
    answers = what_ifs_of(scenario).solve_many(variant.edits for variant in scenario.variants)
    assert [answer.objective for answer in answers] == pytest.approx([171, 200])


def test_goals_that_can_and_can_not_be_met(two):
    what_ifs = what_ifs_of(two)
    aim = find_cell(two, "Rules/Aim/Value").cell
    asked = ({aim: value} for value in (0.3, 0.7, 0.2, 0.65, 0.61, 0.6))
    missed = [answer.goal_sums[1] for answer in what_ifs.solve_many(asked)]
    assert missed == pytest.approx([0, 0.1, 0, 0.05, 0.01, 0], abs=1e-9)


def test_no_plan_and_then_one_again(two):
    what_ifs = what_ifs_of(two)
    money, most = find_cell(two, "Budget/City/2026").cell, find_cell(two, "Areas/C/Maximum").cell
    assert [what_ifs.solve(c) is None for c in ({}, {most: 5}, {}, {most: 5, money: 10}, {most: 9, money: 95})] == [
        False, True, False, False, True,
    ]  # fmt: skip


def test_an_interruption_leaves_it_usable(two, monkeypatch):
    what_ifs = what_ifs_of(two)
    money, floor = (find_cell(two, name).cell for name in ("Budget/City/2026", "Rules/Floor/Value"))
    what_ifs.solve({money: 90})
    for owner, name in ((WarmModel, "send"), (WarmModel, "seek"), (Session, "point_and_prices")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                what_ifs.solve({money: 80, floor: 0.5})
        assert what_ifs.solve({money: 90}).objective == pytest.approx(171)
        assert what_ifs.solve({floor: 0.2}).objective == pytest.approx(180)


def interrupted(*_arguments):
    raise KeyboardInterrupt


def test_the_deadline(two):
    with pytest.raises(OutOfTime):
        what_ifs_of(two, Deadline(0)).solve({})


def test_variants_are_not_in_the_base_case(tmp_path):
    what_if = [{"Variant": "Low", "Sheet": "Budget", "Row": "City", "Column": 2026, "Change": "set", "Value": 90}]
    scenario = read_scenario(write_content(TWO | {"What-if": what_if}, tmp_path / "s.xlsx"))
    what_ifs = what_ifs_of(scenario)
    assert what_ifs.scenario({}).variants == ()
    assert what_ifs.solve({find_cell(scenario, "Budget/City/2026").cell: 90}).objective == pytest.approx(171)


def grown(count: int, what_ifs: WhatIfs, scenario: Scenario) -> float:
    """Kilobytes that `count` what-ifs leave behind, once so many were answered before."""
    rng = random.Random(1)  # noqa: S311
    figures = [(cell, raw) for cell, heading, raw in figures_of(scenario) if heading in ("Value", "2026", "Benefit")]
    tracemalloc.start()
    for number in range(2 * count):
        if number == count:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
        cell, raw = rng.choice(figures)
        what_ifs.solve({cell: raw * rng.uniform(0.99, 1.01)})
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / 1024


@pytest.mark.slow
def test_memory_does_not_grow(two):
    assert grown(300, what_ifs_of(two), two) < 30


@pytest.mark.slow
def test_memory_does_not_grow_in_ten_thousand(two):
    assert grown(5000, what_ifs_of(two), two) < 100
