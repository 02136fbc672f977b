"""Scenarios side by side: what is the same in all, every plan under every scenario, and what an interrupt leaves."""

import copy
import json
import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from allocator import read_scenario
from allocator.analyses import compare as compare_module
from allocator.analyses.analyse import analyse
from allocator.analyses.bridge import OtherPeriods, Part, WithoutPlan
from allocator.analyses.compare import MOST, Case, Comparison, compare
from allocator.analyses.messages import Moment, Stopped, TimeUp
from allocator.analyses.result import Result, Run
from allocator.console.comparisons import print_comparison
from allocator.errors import UsageError
from allocator.programme.build import build
from allocator.programme.rows import Key
from allocator.programme.status import Doing, Status
from allocator.render.records import comparison_json
from allocator.scenario.model import Scenario
from allocator.tables.comparison import Grid
from allocator.wording.comparison import interrupted_text, note_texts, remark_texts, stands_best, unsplit_text
from allocator.wording.messages import message_text
from allocator.wording.progress import doing_text
from commands import Sheets, infeasible, small, write_book
from content_workbook import write_content
from places import ROOT
from quick_part import quick_part
from random_scenarios import seeded

SCHOOLS, ROADS, CITY = "Giáo dục", "Roads", "City budget"


def changed(cells: dict[tuple[str, int, int], object], base: Sheets | None = None) -> Sheets:
    """The small scenario with other values in some cells: (sheet, row, column), both from 0."""
    sheets = copy.deepcopy(base or small())
    for (sheet, row, column), value in cells.items():
        sheets[sheet][row][column] = value
    return sheets


LESS = changed({("Budget", 1, 2): 80})
TURNED = changed({("Areas", 2, 4): 5})
"""Roads are worth more than schools, so that they get all they may."""


@pytest.fixture
def scenario(tmp_path):
    def read(sheets: Sheets) -> Scenario:
        return read_scenario(write_book(tmp_path / "scenario.xlsx", sheets))

    return read


@pytest.fixture
def cases(scenario):
    """The small scenario, one with less money, one with other benefits."""
    sheets = {"Base": small(), "Less": LESS, "Turned": TURNED}
    return [Case(name, scenario(own), path=f"{name}.xlsx") for name, own in sheets.items()]


def shown(found: Comparison, width: int = 80) -> list[str]:
    """What is printed, in lines."""
    out = StringIO()
    print_comparison(found, Console(file=out, width=width), Path("base.compare.xlsx"))
    return out.getvalue().splitlines()


# What is the same, what differs


def test_the_first_is_what_others_are_compared_with(cases):
    found = compare(cases)
    assert [case.name for case in found.cases] == ["Base", "Less", "Turned"]
    assert [case.objective for case in found.cases] == [260, 208, 440]
    assert found.changed[0] == ()
    assert [[group.name for group in groups] for groups in found.changed[1:]] == [
        ["Budget / City budget"],
        ["Areas / Roads"],
    ]
    assert found.bridges[0] is None
    assert [bridge.objective for bridge in found.bridges[1:]] == [-52, 180]
    assert found.interrupted is None
    assert found.messages == ()


def test_the_core_is_the_least_that_each_area_gets(cases):
    found = compare(cases)
    by_hand = {"Base": (60, 40), "Less": (48, 32), "Turned": (30, 70)}
    assert {c.name: (c.amount(SCHOOLS, 2026), c.amount(ROADS, 2026)) for c in found.cases} == by_hand
    assert found.core == {(SCHOOLS, 2026): 30, (ROADS, 2026): 32}
    assert found.cases[1].share(SCHOOLS, 2026) == Fraction(48, 80)


def test_every_plan_is_valued_under_every_scenario(cases):
    cross = compare(cases).cross
    assert [[value.objective for value in row] for row in cross] == [
        [60 * 3 + 40 * 2, 60 * 3 + 40 * 2, 60 * 3 + 40 * 5],
        [48 * 3 + 32 * 2, 48 * 3 + 32 * 2, 48 * 3 + 32 * 5],
        [30 * 3 + 70 * 2, 30 * 3 + 70 * 2, 30 * 3 + 70 * 5],
    ]
    broken = [[[b.row.name for b in value.broken] for value in row] for row in cross]
    # less money: the other plans spend more than there is; 32 are 40 % of 80, but not of 100
    assert broken == [[[], ["Budget: City budget"], []], [["Roads first"], [], ["Roads first"]],
                      [[], ["Budget: City budget"], []]]  # fmt: skip
    assert cross[1][0].broken[0].by == 8


@pytest.mark.parametrize("seed", quick_part(range(4), 2))
def test_random_scenarios_side_by_side(tmp_path, monkeypatch, seed):
    monkeypatch.setattr(compare_module, "bridge", lambda *_given, **_options: "not asked for")
    one, other = (
        read_scenario(write_content(seeded(number), tmp_path / f"{number}.xlsx")) for number in (seed, seed + 100)
    )
    found = compare([Case("One", one), Case("Other", other), Case("Again", one)])
    for i, case in enumerate(found.cases):
        if not case.planned:
            assert found.cross[i] == (None,) * 3
            continue
        own = found.cross[i][i]
        assert own.objective == case.objective == build(case.scenario).objective(case.amounts)
        assert own == case.valuation
        assert [b.row.name for b in own.broken] == []
        for (area, year), least in found.core.items():
            assert 0 <= least <= case.amount(area, year)
    planned = [case for case in found.cases if case.planned]
    for (area, year), least in found.core.items():
        assert any(case.amount(area, year) == least for case in planned)
    assert found.changed[2] == ()
    json.loads(comparison_json(found))
    assert len(shown(found)) <= 40


# Scenarios without a plan


def test_one_without_a_plan_stands_there_with_its_conflict(cases, scenario):
    found = compare([cases[0], Case("Both floors", scenario(infeasible())), cases[1]])
    stuck = found.cases[1]
    assert (stuck.planned, stuck.amounts, stuck.objective) == (False, {}, None)
    assert {row.name for row in stuck.result.conflict} >= {"Schools first", "Roads first"}
    assert found.cross[1] == (None, None, None)
    assert [b.row.name for b in found.cross[0][1].broken] == ["Schools first"]
    assert found.core == {(SCHOOLS, 2026): 48, (ROADS, 2026): 32}
    assert isinstance(found.bridges[1], WithoutPlan | OtherPeriods)
    lines = shown(found)
    assert lines[0] == "Two of three have a plan."
    assert any("Both floors" in line and "no plan" in line for line in lines)
    assert any("• Both floors: “Schools first”" in line or "• Both floors: “Roads first”" in line for line in lines)
    record = json.loads(comparison_json(found))
    assert record["scenarios"][1]["status"] == "infeasible"
    assert {row["rule"] for row in record["scenarios"][1]["conflict"]} >= {"Schools first", "Roads first"}


def test_none_has_a_plan(scenario):
    stuck = scenario(infeasible())
    found = compare([Case("One", stuck), Case("Other", stuck)])
    assert (found.planned, found.core) == ((), {})
    assert found.cross == ((None, None), (None, None))
    assert found.status is Status.INFEASIBLE
    assert shown(found)[0] == "None of the scenarios has a plan."


def test_the_first_may_have_no_plan(cases, scenario):
    found = compare([Case("Stuck", scenario(infeasible())), *cases[:2]])
    assert found.core == {(SCHOOLS, 2026): 48, (ROADS, 2026): 32}
    assert all(isinstance(bridge, WithoutPlan) for bridge in found.bridges[1:])
    assert shown(found)[0] == "Two of three have a plan."
    json.loads(comparison_json(found))


def test_one_that_is_not_planned_in_time_stands_there_without_a_plan(cases):
    found = compare(cases, time_limit=1e-9)
    assert [case.result.status for case in found.cases] == [Status.STOPPED] * 3
    assert all("Stopped without a plan" in message_text(case.result.messages[-1]) for case in found.cases)
    assert found.status is Status.STOPPED
    lines = shown(found)
    assert " ".join(lines[:2]).startswith(
        "A plan was found for none of three; whether Base, Less and Turned have one is"
    )
    assert sum(line.split()[-1:] == ["stopped"] for line in lines) == 3
    assert not any("None of the scenarios has a plan" in line for line in lines)


def test_one_that_was_not_planned_in_time_may_still_have_a_plan(cases, monkeypatch):
    planned = iter([analyse(cases[0].scenario, explain=False)])

    def late(scenario: Scenario, *, time_limit: float, **_options: object) -> Result:
        stopped = Stopped(TimeUp(Moment.BEFORE_THE_ANSWER, time_limit))
        return next(planned, None) or Result(scenario, Status.STOPPED, Run(""), messages=(stopped,))

    monkeypatch.setattr(compare_module, "analyse", late)
    found = compare(cases, time_limit=60)
    text = " ".join(shown(found))
    assert "Only Base was planned, so there is nothing to compare it with." in text
    assert "Only Base has a plan" not in text
    assert found.cases[1].result.messages == (Stopped(TimeUp(Moment.BEFORE_THE_ANSWER)),)


def test_money_without_a_place_holds_nowhere(cases, scenario):
    """A plan that pays for an area that a scenario lacks can't be carried out there, though no rule is broken."""
    sheets = changed({("Areas", 1, 3): 60}, small(Rules=None))
    more = changed({("Areas", 2, 0): "Bridges"}, sheets)
    found = compare([Case("Base", scenario(sheets)), Case("More", scenario(more))])
    assert found.cross[0][1].unknown
    assert not found.cross[0][1].broken
    assert re.search(r"^Base .* 1 of 2", "\n".join(shown(found)), re.MULTILINE)
    assert stands_best(Grid(found)) == "No plan holds in any scenario but its own."


# Scenarios that are not alike


def test_what_can_not_be_compared_is_refused(cases, scenario):
    with pytest.raises(UsageError, match="From 2 to 20 scenarios can be compared, but 1 was given"):
        compare(cases[:1])
    many = [Case(str(number), cases[0].scenario) for number in range(MOST + 1)]
    with pytest.raises(UsageError, match="but 21 were given"):
        compare(many)
    with pytest.raises(UsageError, match='Two of the scenarios are called "Base"'):
        compare([cases[0], Case("base", cases[1].scenario)])
    euros = scenario(changed({("Scenario", 2, 1): "thousand"}))
    with pytest.raises(UsageError, match='"Base" counts in million, "Euros" in thousand'):
        compare([cases[0], Case("Euros", euros)])


def test_other_years_and_areas_are_compared_as_far_as_they_go(cases, scenario):
    sheets = small(Budget=[["Source", "Last year", 2026, 2027], ["City budget", 90, 100, 100]])
    sheets["Areas"][2][0] = sheets["Rules"][1][1] = "Culture"
    found = compare([cases[0], Case("Longer", scenario(sheets))])
    assert set(found.core) == {(SCHOOLS, 2026), (ROADS, 2026), ("Culture", 2026)}
    assert found.core[ROADS, 2026] == found.core["Culture", 2026] == 0
    assert any("don't cover the same years" in text and "2026" in text for text in remark_texts(found))
    assert "Base has no area Culture, which counts as 0 there" in remark_texts(found)
    assert "Longer has no area Roads, which counts as 0 there" in remark_texts(found)
    assert isinstance(found.bridges[1], WithoutPlan | OtherPeriods)
    assert found.cross[1][0].unknown
    assert len(shown(found)) <= 40


def test_no_year_in_common(cases, scenario):
    later = small(Budget=[["Source", "Last year", 2031], ["City budget", 90, 100]])
    found = compare([cases[0], Case("Later", scenario(later))])
    assert found.core == {}
    assert any("no year in common" in text for text in remark_texts(found))
    json.loads(comparison_json(found))
    assert shown(found)


def test_objectives_of_another_kind_are_not_subtracted(cases, scenario):
    sheets = small()
    sheets["Scenario"].append(["Objective", "minimise spending"])
    found = compare([cases[0], Case("Thrift", scenario(sheets))])
    assert any("not of one kind (maximise benefit and minimise spending)" in text for text in remark_texts(found))
    thrift = next(line for line in shown(found) if line.startswith("Thrift"))
    assert thrift.split()[2] == "–"


# Decisions


def test_decided_amounts_are_what_is_compared(cases):
    base = cases[0]
    moved = {Key(SCHOOLS, 2026, CITY): Fraction(65), Key(ROADS, 2026, CITY): Fraction(35)}
    found = compare([base, Case("Decided", base.scenario, moved, "a.plan.xlsx")])
    decided = found.cases[1]
    assert decided.objective == 65 * 3 + 35 * 2
    assert decided.result.objective == 260
    assert [value.objective for value in found.cross[1]] == [65 * 3 + 35 * 2] * 2
    assert [b.row.name for b in decided.valuation.broken] == ["Roads first"]
    assert found.core == {(SCHOOLS, 2026): 60, (ROADS, 2026): 35}
    assert note_texts(decided) == ["2 amounts decided by hand are in force"]
    assert any("Decided; why the plans differ" in text for text in remark_texts(found))
    record = json.loads(comparison_json(found))["scenarios"][1]
    assert record["decided"] == [
        {"area": SCHOOLS, "year": 2026, "source": CITY, "amount": 65},
        {"area": ROADS, "year": 2026, "source": CITY, "amount": 35},
    ]


def test_amounts_of_a_plan_that_are_not_found_again_are_compared_with_a_note(cases):
    base = cases[0]
    same = {Key(SCHOOLS, 2026, CITY): Fraction(60), Key(ROADS, 2026, CITY): Fraction(40)}
    other = {**same, Key(SCHOOLS, 2026, CITY): Fraction(50)}
    found = compare([
        Case("Same", base.scenario, path="same.plan.xlsx", written=same),
        Case("Other", base.scenario, path="my other.plan.xlsx", written=other),
    ])  # fmt: skip
    assert found.cases[0].notes == ()
    assert found.cases[1].amount(SCHOOLS, 2026) == 50
    assert 'allocate verify "my other.plan.xlsx"' in note_texts(found.cases[1])[0]


# Interrupts


class Interrupting:
    """A progress callback that is interrupted when it is told of something, and each time after where asked."""

    def __init__(self, at: str, *, again: bool = False) -> None:
        self.at, self.again, self.done = at, again, False
        self.parts: list[float | None] = []

    def __call__(self, doing: Doing, part: float | None) -> None:
        self.parts.append(part)
        if self.done and not self.again:
            return
        if self.done or doing_text(doing).startswith(self.at):
            self.done = True
            raise KeyboardInterrupt


def test_what_is_planned_is_kept(cases):
    found = compare(cases, progress=Interrupting("Planning Turned"))
    assert [case.name for case in found.cases] == ["Base", "Less"]
    assert [len(row) for row in found.cross] == [2, 2]
    assert found.bridges == (None, found.interrupted)
    assert unsplit_text(found.interrupted) == "the work was interrupted before that"
    assert interrupted_text(found.interrupted).startswith("Interrupted: Turned was not planned")
    assert json.loads(comparison_json(found))["interrupted"] == interrupted_text(found.interrupted)
    assert shown(found)[0] == "Both have a plan."


def test_with_fewer_than_two_planned_nothing_is_kept(cases):
    with pytest.raises(KeyboardInterrupt):
        compare(cases, progress=Interrupting("Planning Less"))


def test_the_bridges_that_are_done_are_kept(cases):
    whole = compare(cases)
    found = compare(cases, progress=Interrupting("Explaining Turned"))
    assert found.bridges[:2] == whole.bridges[:2]
    assert found.bridges[2] == found.interrupted
    assert interrupted_text(found.interrupted) == "Interrupted: why Turned differs was not worked out"
    assert (found.cross, found.core) == (whole.cross, whole.core)


def test_what_is_quick_is_done_all_the_same(cases):
    found = compare(cases, progress=Interrupting("Valuing"))
    assert found.cross == compare(cases).cross
    assert interrupted_text(found.interrupted) == "Interrupted: why Less and Turned differ was not worked out"


@pytest.mark.parametrize("at", ["Planning Turned", "Valuing"])
def test_a_second_interrupt_ends_it(cases, at):
    with pytest.raises(KeyboardInterrupt):
        compare(cases, progress=Interrupting(at, again=True))


def test_progress_never_runs_backwards(cases):
    seen = Interrupting("never")
    compare(cases, progress=seen)
    assert seen.parts[0] == 0
    assert all(0 <= one <= other <= 1 for one, other in zip(seen.parts, seen.parts[1:], strict=False))


# The console


def test_what_is_printed(cases):
    lines = shown(compare(cases))
    assert lines[0] == "All three have a plan."
    assert "62 million" in lines[1]
    assert re.search(r"^Scenario +Objective +Difference", "\n".join(lines), re.MULTILINE)
    rows = {line.split()[0]: line.split()[1:] for line in lines if line.startswith(("Base ", "Less ", "Turned "))}
    assert rows["Base"] == ["260", "–", "2", "of", "3"]
    assert rows["Less"] == ["208", "−52", "–", "1", "of", "3", "2"]
    assert rows["Turned"] == ["440", "+180", "–", "2", "of", "3", "1"]
    assert "• Less: −52 = Budget / City budget −52" in lines
    assert "• Turned: +180 = Areas / Roads +180" in lines
    assert f"• Turned: {SCHOOLS} −50.0 %" in lines
    assert lines[-1] == "Comparison: base.compare.xlsx"


@pytest.mark.parametrize(
    "sizes", [["-40.25", "-11.75"], ["-333.3333", "-333.3333", "-333.3334"], ["9", "-8", "7", "2", "1", "-0.5"]]
)
def test_the_parts_that_are_printed_add_up(cases, sizes):
    found = compare(cases[:2])
    values = [Fraction(size) for size in sizes]
    parts = tuple(Part(f"Input {i}", (), value, 0.0, {}, 0.0) for i, value in enumerate(values))
    other = replace(found.bridges[1], parts=parts, objective=sum(values))
    lines = shown(replace(found, bridges=(None, other)))
    start = next(i for i, line in enumerate(lines) if line.startswith("• Less: ") and "=" in line)
    said = " ".join(" ".join(lines[start : lines.index("", start)]).split())
    numbers = [Fraction(text.replace(",", "").replace("−", "-")) for text in re.findall(r"[−+][\d,.]*\d", said)]
    assert numbers[0] == sum(numbers[1:]) == sum(values)
    assert len(numbers) == 1 + min(len(values), 4)
    assert ("3 others" in said) == (len(values) > 4)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Kịch bản thu ngân sách giảm mạnh do thị trường bất động sản", marks=pytest.mark.slow),
        "都市予算大幅削減計画" * 4,
    ],
)
def test_many_with_long_names_fit_a_screen(cases, scenario, name):
    own = [cases[0], Case(f"{name} 0", scenario(infeasible()))]
    for number in range(1, MOST - 1):
        sheets = changed({("Budget", 1, 2): 100 - number, ("Areas", 1, 4): 3 + number % 7})
        own.append(Case(f"{name} {number}", scenario(sheets)))
    found = compare(own)
    for width in (60, 80, 200):
        lines = shown(found, width)
        assert len(lines) <= 40
        assert all(cell_len(line) <= width for line in lines)
        assert lines[-1] == "Comparison: base.compare.xlsx"


def test_the_console_spells_signs_out_where_there_is_only_ascii(cases):
    out = StringIO()
    found = compare([e for e in cases if e.name != "Turned"])

    class Plain(Console):
        @property
        def encoding(self) -> str:
            return "ascii"

    print_comparison(found, Plain(file=out, width=80), None)
    assert "-52" in out.getvalue()
    assert "−" not in out.getvalue()
    assert "Comparison:" not in out.getvalue()


# JSON


def test_the_json_holds_it_all(cases):
    record = json.loads(comparison_json(compare(cases)))
    assert record["unit"] == "million"
    assert [each["name"] for each in record["scenarios"]] == ["Base", "Less", "Turned"]
    assert record["core"] == [
        {"area": SCHOOLS, "year": 2026, "amount": 30},
        {"area": ROADS, "year": 2026, "amount": 32},
    ]
    assert record["scenarios"][1]["areas"][0] == {"area": SCHOOLS, "year": 2026, "amount": 48, "share": 0.6}
    assert [[value["broken"] for value in row] for row in record["cross"]] == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert record["cross"][1][0]["worst"] == "Roads first"
    assert record["changed"][0]["groups"][0]["changes"][0]["before"] == 100
    for bridge in record["bridges"]:
        assert bridge["from"] == "Base"
        assert sum(part["objective"] for part in bridge["parts"]) == bridge["objective"]
        assert bridge["exact"] is True


def test_every_key_of_the_json_is_written_about(cases, scenario):
    page = (ROOT / "docs" / "what-if.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", page.partition("### JSON of a comparison")[2], re.MULTILINE)
    written = {key: set(re.findall(r"`(\w+)`", said)) for key, said in rows}
    moved = {Key(SCHOOLS, 2026, CITY): Fraction(65)}
    own = [*cases, Case("Decided", cases[0].scenario, moved), Case("Stuck", scenario(infeasible()))]
    record = json.loads(comparison_json(compare(own)))
    assert set(record) == set(written)
    for key, value in record.items():
        for each in value if isinstance(value, list) else []:
            for one in each if isinstance(each, list) else [each]:
                assert isinstance(one, str) or set(one or ()) <= written[key], key
    assert {*record["scenarios"][3]["decided"][0], *record["scenarios"][3]["broken"][0]} <= written["scenarios"]
    assert {*record["changed"][0]["groups"][0], *record["changed"][0]["groups"][0]["changes"][0]} <= written["changed"]
    assert set(record["bridges"][0]["parts"][0]) <= written["bridges"]
