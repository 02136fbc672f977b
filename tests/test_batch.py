"""The batch engine: what-ifs of one scenario are answered as if each were planned from a workbook of its own."""

import gc
import random
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest

from allocator import read_scenario
from allocator.analyses.batch import Batch
from allocator.errors import ScenarioError
from allocator.programme.altered import altered, with_money, with_rule
from allocator.programme.build import build
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.session import Session
from allocator.programme.solve import solve
from allocator.programme.warm import Kept
from allocator.scenario.changes import find_cell
from allocator.scenario.model import Cell, Scenario
from allocator.scenario.patching import Patches
from allocator.scenario.reading import read_sheets, reread
from content_workbook import write_content
from random_edits import figures_of, random_changes, without_row
from random_scenarios import seeded
from test_warm import differences

HANOI = Path(__file__).parent.parent / "scenarios" / "hanoi-2026-2030.xlsx"
PARTS = ("keys", "pieces", "constant", "maximise", "rows")


def random_scenario(seed: int, folder: Path, rng: random.Random) -> Scenario:
    return read_scenario(write_content(seeded(seed, ("small", "medium", "tiny")[seed % 3]), folder / "s.xlsx", rng))


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


def compare_programmes(seed: int, folder: Path, edits: int) -> list[str]:
    """What is wrong with scenarios that were patched, and with programmes that were altered."""
    rng = random.Random(seed)  # noqa: S311
    scenario = random_scenario(seed, folder, rng)
    patches, programme = Patches(scenario), build(scenario)
    found = []
    for number in range(edits):
        changes = random_changes(scenario, rng)
        want, got = outcome(lambda c=changes: reread(scenario, c)), outcome(lambda c=changes: patches.at(c))
        if want != got:
            found.append(f"{number}: the scenario with {changes}")
        elif isinstance(got, Scenario):
            fresh, made = build(want), altered(programme, got)
            found += [f"{number}: {p} with {changes}" for p in PARTS if getattr(fresh, p) != getattr(made, p)]
            programme = made if rng.random() < 0.5 else programme
    return found


@pytest.mark.parametrize("seed", range(15))
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


def test_rules_and_money_by_hand():
    programme = build(read_scenario(HANOI))
    scenario = programme.scenario
    rule, source = scenario.rules[0], scenario.sources[0]
    fresh = build(reread(scenario, {rule.origin.cell("Value"): 0.05}))
    assert with_rule(programme, replace(rule, value=Fraction(5, 100))).rows == fresh.rows
    fresh = build(reread(scenario, {source.origin.cell("2028"): 1e5}))
    assert with_money(programme, fresh.scenario.sources[0]).rows == fresh.rows


# -- the same answers as from a workbook of its own ------------------------------------------------------------------


def compare_answers(seed: int, folder: Path, edits: int) -> tuple[list[str], int]:
    """What differs between the engine's answers and those of workbooks of their own; how many plans were compared."""
    rng = random.Random(seed)  # noqa: S311
    scenario = random_scenario(seed, folder, rng)
    batch = Batch(scenario)
    found, plans = [], 0
    for number in range(edits):
        try:
            if rng.random() < 0.2:
                inputs = without_row(scenario, rng)
                answer = batch.of(read_sheets(scenario.path, scenario.sha256, inputs))
            else:
                changes = random_changes(scenario, rng, most=3)
                inputs = reread(scenario, changes).inputs
                answer = batch.at(changes)
        except ScenarioError:
            continue
        own = read_scenario(own_workbook(inputs, folder / f"{number}.xlsx"))
        plans += answer is not None
        found += [f"{number}: {text}" for text in differences(solve(build(own)), answer)]
    return found, plans


@pytest.mark.parametrize("seed", range(8))
def test_as_from_a_workbook_of_its_own(seed, tmp_path):
    assert compare_answers(seed, tmp_path, 6)[0] == []


def test_most_what_ifs_have_plans(tmp_path):
    assert sum(compare_answers(seed, tmp_path, 4)[1] for seed in (2, 5, 8)) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1040))
def test_as_from_a_workbook_of_its_own_many_times(seed, tmp_path):
    assert compare_answers(seed, tmp_path, 12)[0] == []


# -- the engine itself -----------------------------------------------------------------------------------------------

TWO = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}, {"Setting": "Step", "Value": 0}],
    "Budget": [{"Source": "City", 2026: 100}],
    "Areas": [
        {"Area": name, "Last year": 20, "Maximum": 60, "Benefit": benefit}
        for name, benefit in (("A", 2), ("B", 2), ("C", 1))
    ],
    "Rules": [
        {"Rule": "Floor", "Area": "C", "Operator": ">=", "Value": 0.1, "Basis": "budget", "Strength": "must"},
        {"Rule": "Aim", "Area": "A", "Operator": ">=", "Value": 0.3, "Basis": "budget", "Strength": "goal 1"},
    ],
}


@pytest.fixture
def two(tmp_path):
    return read_scenario(write_content(TWO, tmp_path / "two.xlsx"))


def test_what_ifs(two):
    batch = Batch(two)
    money, floor = (find_cell(two, name).cell for name in ("Budget/City/2026", "Rules/Floor/Value"))
    strength = Cell("Rules", 3, 6)
    asked = [{}, {money: 90}, {floor: 0.5}, {floor: "20 %"}, {floor: 0.2, money: 90}, {strength: "off"}, {}]
    answers = [batch.at(changes) for changes in asked]
    assert [round(a.objective, 6) for a in answers] == [190, 171, 150, 180, 162, 190, 190]
    assert batch.solved == len(asked)
    with pytest.raises(ScenarioError, match="more than there is"):
        batch.at({floor: 1.5})
    assert batch.at({}).objective == pytest.approx(190)


def test_goals_that_can_and_can_not_be_met(two):
    batch = Batch(two)
    aim = find_cell(two, "Rules/Aim/Value").cell
    asked = ({aim: value} for value in (0.3, 0.7, 0.2, 0.65, 0.61, 0.6))
    missed = [answer.goal_sums[1] for answer in map(batch.at, asked)]
    assert missed == pytest.approx([0, 0.1, 0, 0.05, 0.01, 0], abs=1e-9)


def test_no_plan_and_then_one_again(two):
    batch = Batch(two)
    money, most = find_cell(two, "Budget/City/2026").cell, find_cell(two, "Areas/C/Maximum").cell
    assert [batch.at(c) is None for c in ({}, {most: 5}, {}, {most: 5, money: 10}, {most: 9, money: 95})] == [
        False, True, False, False, True,
    ]  # fmt: skip


def test_an_interruption_leaves_it_usable(two, monkeypatch):
    batch = Batch(two)
    money, floor = (find_cell(two, name).cell for name in ("Budget/City/2026", "Rules/Floor/Value"))
    batch.at({money: 90})
    for owner, name in ((Kept, "send"), (Kept, "seek"), (Session, "point_and_prices")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, interrupted)
            with pytest.raises(KeyboardInterrupt):
                batch.at({money: 80, floor: 0.5})
        assert batch.at({money: 90}).objective == pytest.approx(171)
        assert batch.at({floor: 0.2}).objective == pytest.approx(180)
    assert batch.solved == 7


def interrupted(*_arguments):
    raise KeyboardInterrupt


def test_the_deadline(two):
    with pytest.raises(OutOfTime):
        Batch(two, Deadline(0)).at({})


def test_variants_are_not_in_the_base_case(tmp_path):
    what_if = [{"Variant": "Low", "Sheet": "Budget", "Row": "City", "Column": 2026, "Change": "set", "Value": 90}]
    scenario = read_scenario(write_content(TWO | {"What-if": what_if}, tmp_path / "s.xlsx"))
    batch = Batch(scenario)
    assert batch.scenario.variants == ()
    assert batch.at({find_cell(scenario, "Budget/City/2026").cell: 90}).objective == pytest.approx(171)


def grown(count: int, batch: Batch, scenario: Scenario) -> float:
    """Kilobytes that `count` what-ifs leave behind, once so many were answered before."""
    rng = random.Random(1)  # noqa: S311
    figures = [(cell, raw) for cell, heading, raw in figures_of(scenario) if heading in ("Value", "2026", "Benefit")]
    tracemalloc.start()
    for number in range(2 * count):
        if number == count:
            gc.collect()
            before = tracemalloc.get_traced_memory()[0]
        cell, raw = rng.choice(figures)
        batch.at({cell: raw * rng.uniform(0.99, 1.01)})
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) / 1024


def test_memory_does_not_grow(two):
    assert grown(300, Batch(two), two) < 30


@pytest.mark.slow
def test_memory_does_not_grow_in_ten_thousand(two):
    assert grown(5000, Batch(two), two) < 100
