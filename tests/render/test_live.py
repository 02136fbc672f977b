"""The plan's figures live: each comes from the Inputs sheets by formulas without numbers, and follows what changes."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import pytest

from allocator import read_scenario
from allocator.analyses.analyse import analyse
from allocator.analyses.figures import RowStatus
from allocator.analyses.result import Result
from allocator.errors import ScenarioError
from allocator.programme.build import build
from allocator.render.checks_sheets import Workings
from allocator.render.workbook import plan_bytes
from allocator.scenario.model import Cell, Raw, Scenario
from allocator.scenario.reading import reread
from allocator.scenario.schema import TABLES, Content
from allocator.spreadsheet.references import column_letters
from allocator.tables import proof as tables_workings
from allocator.tables.formulas import FIRST, ref
from allocator.tables.layout import Layout
from allocator.tables.rules import RULES
from allocator.tables.trace import Trace
from content_workbook import write_content
from plan_cells import (
    _TEXTS,
    Cells,
    Office,
    assert_same_values,
    cells,
    constants,
    find,
    formulas,
    label,
    with_values,
)
from random_scenarios import seeded
from sample_result import sample_result
from shipped import SHIPPED, shipped_plan

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl", "ignore::DeprecationWarning:openpyxl")
SEEDS = range(1, 25)
"""Of random scenarios written the way people type them; those without a plan are left out."""
OFFICE_SEEDS = (1, 5, 8, 12, 16, 20, 25)
"""Those that LibreOffice recalculates: bands, weights, goals, several sources, carried money, amounts of 1e14."""
FIGURES = (Content.AMOUNT, Content.NUMBER, Content.SHARE)


@cache
def planned(seed: int, folder: Path, *, typed: bool = True) -> Result | None:
    """Return the plan of a seed's scenario; None where it has none. `typed`: some cells the way people type them."""
    rng = random.Random(seed) if typed else None  # noqa: S311
    scenario = read_scenario(write_content(seeded(seed), folder / f"{seed}-{typed}.xlsx", rng))
    result = analyse(scenario, explain=typed and seed in OFFICE_SEEDS)
    return result if result.allotments else None


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scenarios")


@pytest.fixture(scope="session", params=["few", pytest.param("many", marks=pytest.mark.slow)])
def results(request: pytest.FixtureRequest, folder: Path) -> dict[str, Result]:
    """Plans of all kinds: shipped, made by hand, random."""
    shipped, seeds, fewest = (SHIPPED, SEEDS, 15) if request.param == "many" else (SHIPPED[:1], SEEDS[:8], 5)
    found = {path.stem: shipped_plan(path).result for path in shipped}
    found["sample"] = sample_result((2026, 2027), hostile=True)
    found["unrounded sample"] = replace(sample_result((2026,)), step=Fraction(0))
    found |= {str(seed): plan for seed in seeds if (plan := planned(seed, folder))}
    assert len(found) > fewest
    return found


@pytest.fixture(scope="session")
def contents(results: dict[str, Result]) -> dict[str, bytes]:
    return {name: plan_bytes(result) for name, result in results.items()}


# -- no numbers in formulas ----------------------------------------------------------------------------------


def test_no_formula_holds_a_number(contents: dict[str, bytes]) -> None:
    for name, content in contents.items():
        found = formulas(content)
        assert len(found) > 100
        assert not [(name, at, text) for at, text in found.items() if constants(text)]


def test_no_name_of_a_year_or_source_is_typed_into_a_formula(contents: dict[str, bytes]) -> None:
    for content in contents.values():
        for at, text in formulas(content).items():
            sums = re.findall(r"SUMIFS?\([^)]*", text)
            assert {said for part in sums for said in _TEXTS.findall(part)} <= {'"yes"'}, at


# -- figures trace to the Inputs sheets ----------------------------------------------------------------------


def test_a_figure_is_linked_where_its_cell_holds_that_number() -> None:
    trace = Trace(sample_result((2026,)).scenario, ("Inputs Areas", "Inputs O'Hara", "Inputs x"))
    area = Cell("Areas", 4, 3)
    assert trace.raw(area) == 8100
    assert trace.link(area, Fraction(8100)) == "'Inputs Areas'!C4"
    assert trace.link(area, Fraction(8101)) is None
    assert trace.link(Cell("Areas", 4, 1), Fraction(1)) is None
    assert trace.link(Cell("Areas", 999, 9), Fraction(1)) is None
    assert trace.link(Cell("Nowhere", 1, 1), Fraction(1)) is None
    flag = Cell("A sheet with a name of 31 letter", 3, 2)
    assert trace.raw(flag) is True
    assert trace.link(flag, Fraction(1)) is None
    percent = replace(flag, row=2)
    assert trace.link(percent, Fraction(1, 25)) == "'Inputs O''Hara'!B2"


TYPED_ON = {
    "Plan": ("Last year",),
    "Allocation": ("Last year",),
    "Funds": ("Available", "Last year"),
    "Rules": ("Value", "Basis amount"),
    "Indicators": ("Baseline", "Target"),
    "Workings": ("From", "To", "Benefit", "Weights"),
}
"""Columns whose figures are the scenario's: a number that is typed there is 0, or stands in the list of typed ones."""


def test_what_is_typed_though_the_scenario_has_it_is_listed(contents: dict[str, bytes]) -> None:
    listed = 0
    for name, content in contents.items():
        if "sample" in name:
            continue  # its rows are made by hand: their cells hold other numbers
        found, live = cells(content), formulas(content)
        known = set(typed_figures(found))
        listed += len(known)
        for sheet, columns in TYPED_ON.items():
            letters = heads(found, sheet, columns)
            for row in lines(found, sheet):
                places = [(sheet, f"{letter}{row}") for letter in letters]
                typed = {found[at] for at in places if found.get(at) and at not in live}
                held = sheet == "Rules" and re.fullmatch(r"Goal \d+", str(found[sheet, f"A{row}"]))
                assert held or typed <= known, (name, sheet, row)
    assert listed > len(contents)


def heads(found: Cells, sheet: str, columns: Sequence[str]) -> list[str]:
    """Return the letters of columns of a sheet's first table."""
    letters = {
        value: re.sub(r"\d", "", at) for (s, at), value in found.items() if s == sheet and re.fullmatch("[A-Z]+5", at)
    }
    return [letters[column] for column in columns]


def lines(found: Cells, sheet: str) -> Iterator[int]:
    """Yield the rows of a sheet's first table."""
    return takewhile(lambda row: (sheet, f"A{row}") in found, count(FIRST + 1))


def typed_figures(found: Cells) -> list[float]:
    """Return the figures of the list on Workings."""
    title = tables_workings.TYPED.title
    start = next(
        (int(at[1:]) + 2 for (sheet, at), value in found.items() if (sheet, value) == ("Workings", title)), None
    )
    rows = () if start is None else takewhile(lambda row: ("Workings", f"A{row}") in found, count(start))
    return [found["Workings", f"B{row}"] for row in rows]


@pytest.mark.slow
def test_typed_figures_are_checked_to_stand_as_text(folder: Path, office: Office) -> None:
    result = planned(1, folder)
    assert result is not None
    content = plan_bytes(result)
    found = cells(content)
    head = next(at for at, value in found.items() if value == tables_workings.TYPED.title)
    row = int(head[1][1:]) + 2
    sheet, _, at = str(found["Workings", f"C{row}"]).rpartition("!")
    assert isinstance(found["Workings", f"D{row}"], str)
    check = {"Check": "Every figure that is typed stands as text in the scenario"}
    assert find(found, "Checks", check, "Holds") is True
    (after,) = office.recalculated(with_values(content, {(f"Inputs {sheet}", at): 5}))
    assert find(after, "Checks", check, "Holds") in (False, 0)
    assert after["Checks", "B3"] in (False, 0)


# -- the objective -------------------------------------------------------------------------------------------


def test_workings_are_the_programme_s_objective(results: dict[str, Result], contents: dict[str, bytes]) -> None:
    for name, result in results.items():
        if "sample" in name:
            continue
        programme, found = build(result.scenario), cells(contents[name])
        total = programme.objective(result.amounts)
        row = max(int(at[1:]) for (s, at), v in found.items() if s == "Workings" and str(v).startswith("Objective,"))
        column = column_letters(tables_workings.WORKINGS.index("From In force") + 1)
        assert found["Workings", f"{column}{row}"] == pytest.approx(float(total), rel=1e-9)


def test_addresses_of_pieces_and_effects_hold_the_programme_s_numbers(
    results: dict[str, Result], contents: dict[str, bytes]
) -> None:
    effects = 0
    for name, result in results.items():
        found, layout = cells(contents[name]), Layout(result)
        workings = Workings(a_book(result, layout))
        for (area, year), pieces in build(result.scenario).pieces.items():
            start = Fraction(0)
            for index, piece in enumerate(pieces):
                at = {head: workings.piece_cell(area, year, index, head) for head in ("Per unit", "From", "To")}
                known = {head: found.get(tuple(address.split("!"))) for head, address in at.items()}  # type: ignore[arg-type]
                assert known["Per unit"] == pytest.approx(float(piece.slope), rel=1e-12)
                assert known["From"] == pytest.approx(float(start))
                start += piece.width or 0
                assert known["To"] == (None if piece.width is None else pytest.approx(float(start)))
        for figures in result.indicators:
            for area, effect in result.scenario.effects.get(figures.indicator, {}).items():
                address = layout.effect(figures.indicator, figures.year, area)
                assert address is not None
                place = address.replace("$", "").split("!")
                assert found[place[0], place[1]] == pytest.approx(float(effect.value))
                effects += 1
        assert layout.effect("no such indicator", 2026, "no area") is None
    assert effects > 2 * len(results)


def a_book(result: Result, layout: Layout) -> Any:
    """Return as much of a book as Workings need for its addresses."""

    class Stub:
        trace = Trace(result.scenario, [f"Inputs {sheet.name}" for sheet in result.scenario.inputs])

    stub: Any = Stub()
    stub.result, stub.layout = result, layout
    return stub


# -- recalculation -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_recalculated_values_are_the_stored_ones(folder: Path, office: Office) -> None:
    plans = [plan_bytes(result) for seed in OFFICE_SEEDS if (result := planned(seed, folder))]
    assert len(plans) == len(OFFICE_SEEDS)
    for content, again in zip(plans, office.recalculated(*plans), strict=True):
        stored = cells(content)
        assert stored["Checks", "B3"] is True
        assert_same_values(stored, again, list(formulas(content)))


@pytest.mark.slow
def test_a_decision_flips_rules_and_checks_and_has_its_cost_on_summary(office: Office) -> None:
    result = shipped_plan(SHIPPED[-1]).result
    content = plan_bytes(result)
    line = max(Layout(result).lines, key=lambda a: a.amount)
    row = FIRST + 1 + Layout(result).lines.index(line)
    decided = {("Allocation", f"E{row}"): float(line.amount) / 2}
    before, after = cells(content), office.recalculated(with_values(content, decided))[0]
    amounts = {**result.amounts, (line.area, line.year, line.source): line.amount / 2}
    programme = build(result.scenario)
    cost = float(programme.objective(amounts) - programme.objective(result.amounts))
    assert label(before, "Summary", "What decisions change") == 0
    assert label(after, "Summary", "What decisions change") == pytest.approx(cost)
    assert (label(before, "Summary", "Every check holds"), label(after, "Summary", "Every check holds")) == (
        "yes",
        "NO",
    )
    status = column_letters(RULES.index("Status") + 1)
    flipped = [
        figures.row.label
        for i, figures in enumerate(result.rows)
        if figures.status is not RowStatus.MISSED and after["Rules", f"{status}{FIRST + 1 + i}"] == "Missed"
    ]
    broken = [row.label for row in programme.rows if row.slack(amounts) < 0 <= row.slack(result.amounts)]
    assert flipped == broken != []


# -- inputs --------------------------------------------------------------------------------------------------


def numbers_to_move(scenario: Scenario) -> Mapping[Cell, Raw]:
    """Return the figures of the scenario, each a hundredth smaller, as it would be typed; years and Step stay."""
    kinds = {(table.sheet, column.name): column.content for table in TABLES for column in table.columns}
    moved: dict[Cell, Raw] = {}
    for sheet in scenario.inputs:
        for r in range(sheet.header_row or 0, sheet.last_row or 0):
            for column, raw in enumerate(sheet.rows[r], start=1):
                kind = kinds.get((str(sheet.table), sheet.headings.get(column, "")), Content.NUMBER)
                counts = kind in FIGURES or sheet.table == "Rules" or sheet.rows[r][0] == "Discount rate"
                if isinstance(raw, int | float) and not isinstance(raw, bool) and counts:
                    moved[Cell(sheet.name, r + 1, column)] = float(f"{raw * 0.99:.12g}")
    return moved


@pytest.mark.slow
def test_figures_typed_over_on_the_inputs_sheets_go_through_the_workbook(folder: Path, office: Office) -> None:
    cases: list[tuple[Result, Scenario, bytes]] = []
    for seed in range(1, 20):
        result = planned(seed, folder, typed=False)
        if result is None or len(cases) == 5:
            continue
        moved = numbers_to_move(result.scenario)
        try:
            other = reread(result.scenario, moved)
        except ScenarioError:
            continue
        changes = {(f"Inputs {c.sheet}", ref(c.row - 1, c.column - 1)): value for c, value in moved.items()}
        cases.append((result, other, with_values(plan_bytes(result), changes)))
    assert len(cases) == 5
    found = office.recalculated(*(content for _, _, content in cases))
    for (result, other, _), after in zip(cases, found, strict=True):
        assert_follows(result, other, after)


def assert_follows(result: Result, other: Scenario, after: Cells) -> None:
    """Rules and the objective on the workbook are those of the other scenario at the same amounts."""
    programme, places = (
        build(other),
        {name: RULES.index(name) for name in ("Final Value", "Constraint R.H. Side")},
    )
    for i, row in enumerate(programme.rows):
        for name, side in (("Final Value", row.left), ("Constraint R.H. Side", row.right)):
            stands = after["Rules", ref(FIRST + i, places[name])]
            size = sum(abs(float(c * result.amounts[key])) for key, c in side.terms.items()) + abs(side.constant)
            assert stands == pytest.approx(float(side.value(result.amounts)), abs=1e-9 * float(size) + 1e-12), row.label
    total = programme.objective(result.amounts)
    assert label(after, "Summary", "Objective as optimised") == pytest.approx(float(total), rel=1e-9)
    assert any(row.kind.supply for row in programme.rows)
