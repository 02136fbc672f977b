"""Conflicts against the exact simplex of the oracle: infeasible alone, feasible without any one, and proved."""

from __future__ import annotations

import itertools
import random
import re
from fractions import Fraction
from pathlib import Path

import pytest

from allocator.analyses.analyse import analyse
from allocator.analyses.conflict import MOST, Conflict, Search, conflicts
from allocator.errors import ScenarioError
from allocator.programme.build import Programme, build
from allocator.programme.elastic import Elastic
from allocator.programme.solve import solve
from allocator.programme.status import Status
from allocator.scenario.reading import read_scenario
from allocator.wording.conflict import clash_text
from content_workbook import scenario, write_content
from exact_clash import Exact
from netlib import content_of, generated
from oracle_meaning import Content, Linear
from quick_part import quick_part
from random_conflicts import KINDS, of_kind, tightened
from random_scenarios import seeded
from textbook import CASES, row_name, scenario_of

QUICK = quick_part(range(24), 8)
MANY = range(1000, 1600)
SMALLEST = 0.95
"""Of small scenarios at least this part has a conflict shown that is as small as any."""


def contradiction(exact: Exact, conflict: Conflict) -> Fraction:
    """By how much the members' weighted sum contradicts itself, by the oracle's rows; fails where it doesn't."""
    total, asked = Linear(), Fraction(0)
    for member in conflict.members:
        left, operator, bound = exact.side(member.row)
        assert operator in ("=", ">=" if member.at_least else "<=")
        assert member.weight > 0
        weight = member.weight if member.at_least else -member.weight
        total, asked = total.add(left, weight), asked + weight * bound
    assert all(c <= 0 for c in total.coefs.values())
    assert asked > 0
    return asked


def programme_of(content: Content, folder: Path) -> Programme:
    return build(read_scenario(write_content(content, folder / "scenario.xlsx")))


def assert_right(content: Content, found: tuple[Conflict, ...]) -> None:
    """What is said of every conflict holds exactly."""
    exact = Exact(content)
    seen: set[int] = set()
    for conflict in found:
        members = {exact.of(m.row) for m in conflict.members}
        assert len(members) == len(conflict.members)
        assert not exact.feasible(members)
        for member in members:
            assert exact.feasible(members - {member}), clash_text(conflict.clash)
        assert not members & seen
        seen |= members
        assert contradiction(exact, conflict) == conflict.short_by == conflict.asked - conflict.available
        assert_adds_up(conflict)
    if len(found) < MOST:
        assert exact.feasible(exact.everything - seen)
    assert_no_needless_law(exact, found)


def assert_no_needless_law(exact: Exact, found: tuple[Conflict, ...]) -> None:
    """Law is named only where the city's own rows, less the conflicts among them, can stand together."""
    rows_of = [{exact.of(m.row) for m in conflict.members} for conflict in found]
    own = exact.everything - exact.laws
    for rows in rows_of:
        own -= rows if not rows & exact.laws else set()
    if any(rows & exact.laws and len(rows) > 1 for rows in rows_of):
        assert exact.feasible(own)
    assert [bool(rows & exact.laws) for rows in rows_of] == sorted(bool(rows & exact.laws) for rows in rows_of)


def assert_adds_up(conflict: Conflict) -> None:
    """The figures of the sentence are the members' weighted sums, rounded alike, and add up."""
    for total, at_least in ((conflict.asked, True), (conflict.available, False)):
        of = [m for m in conflict.members if m.at_least is at_least]
        assert total == sum((m.weight * m.row.bound for m in of), Fraction(0))
    figures = told(clash_text(conflict.clash), conflict)
    if figures is None:
        return
    asked, available, short = figures
    assert asked - available == short
    assert float(short) == pytest.approx(float(conflict.short_by), rel=0.005, abs=1e-11)


NUMBER = r"(−?[\d,]+(?:\.\d+)?)"


def told(sentence: str, conflict: Conflict) -> tuple[Fraction, Fraction, Fraction] | None:
    """What the sentence says is asked for, can be had, and is missing; None where it says only the last."""
    unit = rf"(?: {re.escape(conflict.unit)})?"
    ways = (
        (rf"at most {NUMBER}{unit} .*\(.*?\), but .*?(?:least|for) {NUMBER}\b.*: {NUMBER} too much\.$", (1, 0, 2)),
        (rf"(?:least|for|has,) {NUMBER}{unit},? .*% of what .* has \({NUMBER}\): {NUMBER} too much\.$", (0, 1, 2)),
        (rf"(?:least|for|has,) {NUMBER}{unit},? .*but .* at most {NUMBER}: {NUMBER} too much\.$", (0, 1, 2)),
        (rf"for {NUMBER}{unit} more than .*: {NUMBER} against {NUMBER}\.$", (1, 2, 0)),
    )  # fmt: skip
    for pattern, order in ways:
        if match := re.search(pattern, sentence):
            numbers = [Fraction(text.replace(",", "").replace("−", "-")) for text in match.groups()]
            return numbers[order[0]], numbers[order[1]], numbers[order[2]]
    return None


# ---------------------------------------------------------------- published, and of every kind


@pytest.mark.parametrize("name", ["highs_three_iis", "sas_iis", "wyndor_infeasible"])
def test_published_cases(name, tmp_path):
    content = scenario_of(CASES[name])
    found = conflicts(programme_of(content, tmp_path))
    assert found
    assert_right(content, found)


def test_the_published_irreducible_set_of_sas_is_found(tmp_path):
    found = conflicts(programme_of(scenario_of(CASES["sas_iis"]), tmp_path))
    published = CASES["sas_iis"]["published"]["iis"][:3]  # the fourth is x3 ≥ 0, which every amount is
    rows = {row_name(name.removesuffix(":hi"), "high" if name.endswith(":hi") else "") for name in published}
    assert [{m.row.name for m in c.members} for c in found] == [rows]


def test_a_published_row_that_conflicts_with_bounds_alone(tmp_path):
    found = conflicts(programme_of(scenario_of(CASES["highs_three_iis"]), tmp_path))
    published = [{row_name("a")}, {row_name("b", "high")}, {row_name("c")}]
    assert {m.row.name for m in found[0].members if m.row.indicator} in published


@pytest.mark.parametrize("seed", [122, 146])
def test_programmes_of_the_shape_of_netlibs(seed, tmp_path):
    """With coefficients from 0.001 to 1,000; of 122 nine rows fit only with amounts of 1e13, which a ray calls none."""
    rng = random.Random(seed)  # noqa: S311
    case = generated(rng, 20, 15)
    for row in rng.sample(case["constraints"], rng.choice((1, 1, 2, 3))):
        much = abs(row["rhs"]) * rng.uniform(0.05, 1.5) + rng.choice((1, 10, 100))
        row["rhs"] = round(row["rhs"] + (much if row["sense"] == ">=" else -much), 3)
    content = content_of(case, 10**7)
    found = conflicts(programme_of(content, tmp_path))
    exact = Exact(content)
    assert found
    for conflict in found:
        members = {exact.of(member.row) for member in conflict.members}
        assert not exact.feasible(members)
        assert all(exact.feasible(members - {member}) for member in members)
        assert contradiction(exact, conflict) == conflict.short_by


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_every_kind(number, tmp_path):
    check_kind(number, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(KINDS), 40 * len(KINDS)))
def test_every_kind_many_times(number, tmp_path):
    check_kind(number, tmp_path)


def check_kind(number: int, folder: Path) -> None:
    content = of_kind(number)
    found = conflicts(programme_of(content, folder))
    assert found
    assert_right(content, found)


# ---------------------------------------------------------------- at random


@pytest.mark.parametrize("seed", QUICK)
def test_tightened_scenarios(seed, tmp_path):
    check_tightened(seed, "tiny" if seed % 2 else "small", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_tightened_scenarios_many_times(seed, tmp_path):
    check_tightened(seed, "small", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2000, 2060))
def test_larger_tightened_scenarios(seed, tmp_path):
    check_tightened(seed, "medium", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_random_scenarios_as_they_are(seed, tmp_path):
    content = seeded(seed)
    programme = programme_of(content, tmp_path)
    found = conflicts(programme)
    assert bool(found) == (solve(programme).status is Status.INFEASIBLE)
    assert_right(content, found)


def check_tightened(seed: int, size: str, folder: Path) -> None:
    content = tightened(seed, size)
    try:
        programme = programme_of(content, folder)
    except ScenarioError:
        return  # tightened until a cell contradicts another one in sight, which is told there
    found = conflicts(programme)
    assert bool(found) == (solve(programme).status is Status.INFEASIBLE)
    assert_right(content, found)


@pytest.mark.slow
def test_nearly_all_are_as_small_as_any(tmp_path):
    smallest: list[bool] = []
    for seed in range(3000, 3400):
        content = tightened(seed, "tiny")
        try:
            found = conflicts(programme_of(content, tmp_path))
        except ScenarioError:
            continue
        if found and 2 < len(found[0].members) < 6:
            smallest.append(not smaller(Exact(content), found[0]))
    assert len(smallest) > 10
    assert sum(smallest) >= SMALLEST * len(smallest)


def smaller(exact: Exact, conflict: Conflict) -> bool:
    """Whether fewer rows clash, of a conflict without `law` fewer rows without it."""
    with_law = any(member.row.strength.kind == "law" for member in conflict.members)
    among = sorted(exact.everything if with_law else exact.everything - exact.laws)
    sizes = range(1, len(conflict.members))
    return any(not exact.feasible(set(some)) for few in sizes for some in itertools.combinations(among, few))


# ---------------------------------------------------------------- what is said


def sentences(number: int, folder: Path) -> list[str]:
    return [clash_text(conflict.clash) for conflict in conflicts(programme_of(of_kind(number), folder))]


def test_floors_are_added_up(tmp_path):
    assert re.fullmatch(
        r"The floors of \d areas ask for [\d,.]+ billion in 202\d, 1\d\d(\.\d)? % of what City budget has "
        r"\([\d,]+\): [\d.]+ too much\.",
        sentences(0, tmp_path)[0],
    )


def test_a_cap_below_a_rule(tmp_path):
    assert sentences(1, tmp_path)[0] == (
        "Culture may get at most 30 billion in 2027 (its Maximum), but “Culture over 4 %” asks for at least 41.8: "
        "11.8 too much."
    )


def test_a_target_out_of_reach_says_how_far_money_brings_it(tmp_path):
    content = of_kind(5)
    (conflict,) = conflicts(programme_of(content, tmp_path))
    best = 50_000 - conflict.short_by
    assert f"all that is there brings {float(best):,.0f} at most" in clash_text(conflict.clash)


def test_independent_conflicts_are_all_shown(tmp_path):
    found = conflicts(programme_of(of_kind(8), tmp_path))
    assert [{m.row.label for m in c.members} for c in found] == [
        {"Maximum: Culture 2027", "Culture first 2027"},
        {"Maximum: Culture 2026", "Culture first 2026"},
        {"Minimum: Schools 2027", "Schools last 2027"},
    ]


def test_law_is_left_out_where_the_city_contradicts_itself(tmp_path):
    (found,) = conflicts(programme_of(of_kind(9), tmp_path))
    assert {m.row.name for m in found.members} == {"City's floor", "City's cap"}


def test_where_only_law_clashes_it_is_named(tmp_path):
    (found,) = conflicts(programme_of(of_kind(10), tmp_path))
    assert {m.row.strength.kind for m in found.members} == {"law"}


def test_a_strict_margin_alone_is_a_conflict(tmp_path):
    content = of_kind(9)
    content["Rules"] = [
        {"Rule": "Over", "Area": "Culture", "Operator": ">", "Value": 0.2, "Basis": "budget"},
        {"Rule": "At most", "Area": "Culture", "Operator": "<=", "Value": 0.2, "Basis": "budget"},
    ]
    (found,) = conflicts(programme_of(content, tmp_path))
    assert found.short_by == Fraction("0.001")


def test_the_result_has_them(tmp_path):
    result = analyse(read_scenario(write_content(of_kind(8), tmp_path / "scenario.xlsx")))
    assert result.status is Status.INFEASIBLE
    assert len(result.conflicts) == 3
    assert result.conflict == tuple(m.row for m in result.conflicts[0].members)


def test_goals_are_never_in_a_conflict(tmp_path):
    content = of_kind(9)
    content["Rules"] = [row | {"Strength": "goal 1"} for row in content["Rules"]]
    assert conflicts(programme_of(content, tmp_path)) == ()


# ---------------------------------------------------------------- the engine


def test_the_engine_moves_leaves_out_and_loosens_rows(tmp_path):
    programme = programme_of(of_kind(9), tmp_path)
    number = {row.name: index for index, row in enumerate(programme.rows)}
    floor, cap, law = number["City's floor"], number["City's cap"], number["The law"]
    elastic = Elastic(programme)
    assert not elastic.feasible()
    assert {side.index for side in elastic.contradiction()} in ({floor, cap}, {law, cap})
    elastic.keep([floor, law])
    assert elastic.feasible()
    elastic.keep(elastic.rows)
    elastic.move(cap, programme.rows[law].bound)
    assert elastic.feasible()
    elastic.move(cap, None)
    assert not elastic.feasible()
    one = Fraction(1)
    loosened = elastic.exact_loosening({cap: one, floor: one})
    assert loosened is not None
    loose, amounts = loosened
    assert (loose, programme.rows[law].slack(amounts) >= 0) == ({cap}, True)
    assert elastic.exact_loosening({floor: one}) is None
    assert not elastic.feasible()
    elastic.change(cap, programme.rows[number["City's floor"]])
    elastic.keep([cap, floor])
    assert elastic.feasible()


def test_where_the_search_loses_its_way_what_clashes_is_named_all_the_same(tmp_path, monkeypatch):
    def lost(*_):
        raise ArithmeticError("lost")

    content = scenario(areas=[{"Area": name, "Minimum": 60} for name in ("A", "B")])
    monkeypatch.setattr(Search, "smallest", lost)
    (conflict,) = conflicts(programme_of(content, tmp_path))
    assert {member.row.label for member in conflict.members} == {
        "Budget: City 2026", "Minimum: A 2026", "Minimum: B 2026"
    }  # fmt: skip
    assert conflict.short_by == 20
