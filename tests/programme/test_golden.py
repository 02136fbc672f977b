"""One golden LP file for each family of constraints and each objective: what the solver is asked can be read.

``pytest --refresh-golden`` writes them anew; the difference is to be read before it is committed.
"""

import math
from functools import cache

import pytest

from allocator import read_scenario
from allocator.programme.build import Programme, build
from allocator.programme.constraints import FAMILIES
from allocator.programme.matrix import ScaledMatrix, lp_problem, objective_terms
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Status
from allocator.scenario.bases import BASES
from allocator.scenario.model import Operator
from content_workbook import write_content
from golden_cases import CASES
from places import GOLDEN
from second_solver import by_cbc, by_highs, needs_cbc


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    """The programme, solution and LP text of a case, computed once."""

    @cache
    def of(name: str) -> tuple[Programme, Solution, str]:
        folder = tmp_path_factory.mktemp("golden")
        programme = build(read_scenario(write_content(CASES[name], folder / f"{name}.xlsx")))
        solution = solve(programme, lp_file=folder / f"{name}.lp")
        return programme, solution, (folder / f"{name}.lp").read_text("utf-8")

    return of


@pytest.mark.parametrize("name", CASES)
def test_programme_as_it_was_read_by_eye(name, solved, refresh_golden):
    _, solution, text = solved(name)
    assert solution.status is Status.OPTIMAL
    path = GOLDEN / f"{name}.lp"
    if refresh_golden:
        path.write_text(text, "utf-8")
    assert path.exists(), f"no golden file: look at what --refresh-golden writes to {path.name}"
    assert text == path.read_text("utf-8")


def optimum(programme: Programme, solution: Solution) -> float:
    """The objective in the units of the LP file."""
    return (solution.objective - float(programme.constant)) / ScaledMatrix(programme).objective_scale


@pytest.mark.parametrize("name", CASES)
def test_highs_reads_it_and_agrees(name, solved):
    assert by_highs(GOLDEN / f"{name}.lp") == pytest.approx(optimum(*solved(name)[:2]), rel=1e-7, abs=1e-7)


@needs_cbc
@pytest.mark.parametrize("name", CASES)
def test_another_solver_reads_it_and_agrees(name, solved, tmp_path):
    assert by_cbc(GOLDEN / f"{name}.lp", tmp_path / "answer.txt") == pytest.approx(
        optimum(*solved(name)[:2]), rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("name", CASES)
def test_both_views_of_the_matrix_are_the_same_programme(name, solved):
    scaled = ScaledMatrix(solved(name)[0])
    problem = lp_problem(scaled, objective_terms(scaled))
    column = {variable.id: at for at, variable in enumerate(problem.exported_variables())}
    assert [variable.upBound for variable in problem.exported_variables()] == list(scaled.upper)
    rows = [
        ({column[v.id]: c for v, c in constraint.items()}, constraint.getLb(), constraint.getUb())
        for constraint in problem.constraints()
    ]
    assert rows == [(terms, *(None if math.isinf(end) else end for end in ends)) for terms, *ends in scaled.rows]
    sought = {column[v.id]: c for v, c in problem.objective.items() if c}
    assert sought == {at: c for at, c in enumerate(scaled.cost) if c}


# ---------------------------------------------------------------- none is missing


def test_every_family_of_rows_has_a_golden_file(solved):
    found = {type(row.of) for name in CASES for row in solved(name)[0].rows}
    assert found == set(FAMILIES)


def test_every_basis_has_a_golden_file(solved):
    found = {type(rule.basis) for name in CASES for rule in solved(name)[0].scenario.rules}
    assert found == set(BASES)


@pytest.mark.parametrize("kind", ["rule", "indicator"])
def test_every_operator_has_a_golden_file(kind, solved):
    found = {row.operator for name in CASES for row in solved(name)[0].rows if row.kind.word == kind}
    assert found >= set(Operator) - ({Operator.AT_MOST} if kind == "indicator" else set())


def test_every_objective_has_a_golden_file(solved):
    sought = {(s.objective.maximise, s.objective.indicator is None) for s in (solved(n)[0].scenario for n in CASES)}
    assert sought == {(True, True), (False, True), (True, False), (False, False)}


def test_no_golden_file_without_a_case():
    assert {path.stem for path in GOLDEN.iterdir()} == set(CASES)
