"""How near a scenario is to having no plan, against the oracle's exact simplex."""

from __future__ import annotations

import copy
from fractions import Fraction

import pytest

from allocator.analyses.analyse import analyse
from allocator.analyses.existence import JUST_BELOW, LEFT, LITTLE, NEAR, early_warning
from allocator.programme.build import Programme, build
from allocator.programme.rows import Row
from allocator.programme.solve import solve
from allocator.programme.status import Status
from allocator.scenario.reading import read_scenario
from content_workbook import write_content
from exact_clash import Exact
from oracle_meaning import Content, norm
from quick_part import quick_part
from random_conflicts import of_kind, rule
from random_scenarios import seeded

QUICK = quick_part(range(14), 4)
MANY = range(500, 800)
CLOSE = Fraction(1, 10**4)


def programme_of(content: Content, folder) -> Programme:
    return build(read_scenario(write_content(content, folder / "scenario.xlsx")))


def with_cell(content: Content, source: str, year: int, amount: Fraction) -> Exact:
    """The rows with another amount in a Budget cell."""
    changed = copy.deepcopy(content)
    row = next(row for row in changed["Budget"] if norm(row["Source"]) == norm(source))
    row[year] = amount
    return Exact(changed)


def check(content: Content, programme: Programme) -> None:
    exact = Exact(content)
    if not exact.feasible(exact.everything):
        assert solve(programme).status is Status.INFEASIBLE
        return
    warning = early_warning(programme)
    for budget in warning.budgets:
        assert budget.falls == pytest.approx(1 - budget.least / float(budget.amount))
        enough = with_cell(content, budget.source, budget.year, Fraction(budget.least) + 2 * NEAR * budget.amount)
        assert enough.nearly_feasible(enough.everything)
        below = Fraction(budget.least) - JUST_BELOW * budget.amount
        little = with_cell(content, budget.source, budget.year, max(below, Fraction(0)))
        assert not little.feasible({little.of(row) for row in budget.rows})
    named = {(budget.source, budget.year) for budget in warning.budgets}
    for source in programme.scenario.sources:
        for year, amount in source.available.items():
            if amount > 0 and (source.name, year) not in named:
                left = with_cell(content, source.name, year, LEFT * amount)
                assert left.nearly_feasible(left.everything)
    check_tight(exact, programme, {id(t.row): Fraction(t.room) for t in warning.tight})


def check_tight(exact: Exact, programme: Programme, tight: dict[int, Fraction]) -> None:
    for row in programme.rows:
        if row.strength.kind == "goal" or not row.kind.stated or not row.body.terms:
            continue
        size = abs(row.right.constant) + 1
        if id(row) in tight:
            room = tight[id(row)]
            assert tightened(exact, row, room * (1 - CLOSE) - size * CLOSE**2)
            assert not tightened(exact, row, room * (1 + CLOSE) + size * CLOSE)
        elif row.right.constant and not row.right.terms and not row.offset and row.operator.value != "=":
            # what isn't named could ask for a twentieth more
            assert tightened(exact, row, Fraction(LITTLE) * abs(row.right.constant) * (1 - CLOSE))


def tightened(exact: Exact, row: Row, by: Fraction) -> bool:
    return exact.feasible(exact.everything, tightened={exact.of(row): by})


@pytest.mark.parametrize("seed", QUICK)
def test_budgets_may_fall_as_far_as_said(seed, tmp_path):
    content = seeded(seed, "tiny")
    check(content, programme_of(content, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_budgets_may_fall_as_far_as_said_many_times(seed, tmp_path):
    content = seeded(seed)
    check(content, programme_of(content, tmp_path))


def floors() -> Content:
    """Floors of 700 in 2026, of which 150 are a share of the budget; a cap that keeps a rule from growing."""
    content = of_kind(9)
    content["Budget"] = [{"Source": "City budget", "Last year": 950, 2026: 1000}]
    content["Rules"] = [rule("Culture at least", "Culture", ">=", 0.15, "budget")]
    content["Areas"][0]["Maximum share"] = 0.155
    for area in content["Areas"][1:]:
        area["Minimum"] = 100
    return content


def test_shares_fall_with_the_budget(tmp_path):
    warning = early_warning(programme_of(floors(), tmp_path))
    (budget,) = warning.budgets
    assert budget.least == pytest.approx(600 / 0.85, rel=1e-6)
    assert "Culture at least" in {row.name for row in budget.rows}
    (tight,) = warning.tight
    assert (tight.row.name, tight.room) == ("Culture at least", pytest.approx(5))
    assert tight.part == pytest.approx(5 / 150)


def test_the_result_has_it(tmp_path):
    scenario = read_scenario(write_content(floors(), tmp_path / "scenario.xlsx"))
    result = analyse(scenario)
    assert [(w.source, w.year) for w in result.warnings] == [("City budget", 2026)]
    assert [t.row.name for t in result.tight] == ["Culture at least"]
    assert analyse(scenario, explain=False).warnings == ()


def test_without_a_plan_there_is_no_warning(tmp_path):
    warning = early_warning(programme_of(of_kind(1), tmp_path))
    assert (warning.budgets, warning.tight) == ((), ())
