"""`allocate compare` as it is typed: files, plans, variants; where it writes; what it says when it can't."""

import json
import re
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest

from allocator import cli, read_scenario
from allocator.analyses import compare as compare_module
from allocator.analyses.analyse import analyse
from allocator.cli.comparing import Asked, asked, default_target, read_cases
from allocator.render.files import save_plan
from allocator.scenario.changes import find_variant, with_variant
from allocator.tables.comparison import MADE_BY
from commands import Sheets, allocate, infeasible, small, write_book

WHAT_IF = [
    ["Variant", "Sheet", "Row", "Column", "Change", "Value"],
    ["Less revenue", "Budget", "City budget", 2026, "change by", "-20%"],
    ["Roads later", "Rules", "Roads first", None, "remove", None],
]


def with_variants(title: str = "Hai lĩnh vực") -> Sheets:
    sheets = small()
    sheets["Scenario"][1][1] = title
    return {**sheets, "What-if": WHAT_IF}


def less() -> Sheets:
    sheets = small()
    sheets["Scenario"][1][1] = "Less money"
    sheets["Budget"][1][2] = 80
    return sheets


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """A folder with a few scenarios and a plan, to be copied."""
    folder = tmp_path_factory.mktemp("written")
    write_book(folder / "a.xlsx", with_variants())
    write_book(folder / "b.xlsx", less())
    write_book(folder / "stuck.xlsx", infeasible())
    save_plan(analyse(read_scenario(folder / "b.xlsx"), explain=False), folder / "b.plan.xlsx")
    return folder


@pytest.fixture
def folder(written, tmp_path, monkeypatch) -> Path:
    """A folder with a few scenarios and a plan, in which commands are run."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(written, tmp_path, dirs_exist_ok=True))


def run(*arguments: str) -> int:
    return cli.run(["compare", *arguments])


def names(*arguments: str, variants: tuple[str, ...] = ()) -> list[str]:
    return [case.name for case in read_cases(arguments, variants)]


def made_by(path: Path) -> dict[str, str]:
    book = openpyxl.load_workbook(path)
    return {entry.name: str(entry.value) for entry in book.custom_doc_props}


def type_in(heading: str, value: object, name: str = "Allocation") -> None:
    """Type something into the first line of a sheet of b.plan.xlsx, under a heading."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl loses what charts and icons need, not what cells hold
        book = openpyxl.load_workbook("b.plan.xlsx")
    sheet = book[name]
    head = next(row for row in sheet.iter_rows() if heading in [cell.value for cell in row])
    column = next(cell.column for cell in head if cell.value == heading)
    sheet.cell(head[0].row + 1, column).value = value
    book.save("b.plan.xlsx")


@contextmanager
def values_of(name: str) -> Iterator[openpyxl.Workbook]:
    """Open a workbook for its values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield openpyxl.load_workbook(name, data_only=True)


# Files, variants, plans


def test_two_files_in_a_process_of_their_own(folder):
    told = allocate("compare", "a.xlsx", "b.xlsx", cwd=folder)
    assert told.stderr.decode() == ""
    assert told.returncode == 0
    lines = told.stdout.decode().splitlines()
    assert lines[0] == "Both have a plan."
    assert lines[-1] == "Comparison: a.compare.xlsx"
    assert MADE_BY in made_by(folder / "a.compare.xlsx")


def test_one_file_alone_is_compared_with_its_variants(folder):
    assert names("a.xlsx") == ["Hai lĩnh vực", "Less revenue", "Roads later"]
    less_revenue, later = read_cases(["a.xlsx"])[1:]
    assert less_revenue.scenario.budget(2026) == 80
    assert later.scenario.rules == ()


def test_variants_by_name(folder):
    assert names("a.xlsx:Less revenue", "b.xlsx") == ["Less revenue", "Less money"]
    assert names("a.xlsx:all") == ["Less revenue", "Roads later"]
    assert names("b.xlsx", "a.xlsx:ROADS  LATER") == ["Less money", "Roads later"]
    assert names("a.xlsx", variants=("Roads later",)) == ["Hai lĩnh vực", "Roads later"]
    assert names("a.xlsx", "b.xlsx", variants=("all",)) == ["Hai lĩnh vực", "Less revenue", "Roads later", "Less money"]


def test_names_are_as_short_as_they_can_be(folder):
    shutil.copy("a.xlsx", "c.xlsx")
    (folder / "d").mkdir()
    shutil.copy("a.xlsx", "d/c.xlsx")
    assert names("a.xlsx", "c.xlsx", "b.xlsx") == ["a", "c", "Less money"]
    assert names("a.xlsx:Less revenue", "c.xlsx:Less revenue") == ["a: Less revenue", "c: Less revenue"]
    assert names("c.xlsx", "d/c.xlsx") == ["c.xlsx", "d/c.xlsx"]
    write_book(folder / "long.xlsx", with_variants("A" * 60))
    write_book(folder / "colon.xlsx", with_variants(f"Hanoi 2026: {'five years ' * 8}"))
    assert names("long.xlsx", "colon.xlsx") == ["long", "Hanoi 2026"]


def test_a_file_with_a_colon_in_its_name_is_a_file(folder):
    shutil.copy("b.xlsx", "a.xlsx:Less revenue")
    shutil.copy("b.xlsx", "Plan: B.xlsx")
    assert asked("a.xlsx:Less revenue") == Asked(Path("a.xlsx:Less revenue"))
    assert asked("Plan: B.xlsx:all") == Asked(Path("Plan: B.xlsx"), "all")
    assert asked("Plan: B.xlsx") == Asked(Path("Plan: B.xlsx"))
    assert asked("a.xlsx:Ratio 1:2") == Asked(Path("a.xlsx"), "Ratio 1:2")
    assert names("Plan: B.xlsx", "a.xlsx") == ["Less money", "Hai lĩnh vực"]


@pytest.mark.parametrize("given", ["a.xlsx", "a.plan.xlsx", "a.xlsx:Less revenue"])
def test_where_it_goes(folder, given):
    (folder / "a.plan.xlsx").touch()
    assert default_target(str(folder / given)) == folder / "a.compare.xlsx"


def test_a_plan_with_a_decision(folder, capsys):
    type_in("Decided", 50)
    assert run("a.xlsx", "b.plan.xlsx", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    base, decided = record["scenarios"]
    assert (decided["name"], decided["path"]) == ("Less money", "b.plan.xlsx")
    assert decided["decided"] == [{"area": "Giáo dục", "year": 2026, "source": "City budget", "amount": 50}]
    assert decided["objective"] == 50 * 3 + 32 * 2
    assert [row["rule"] for row in decided["broken"]] == ["Budget: City budget"]
    assert record["core"][0]["amount"] == 50
    assert (base["decided"], base["broken"]) == ([], [])
    assert decided["notes"] == ["1 amount decided by hand is in force"]


def test_a_plan_is_its_scenario_where_nothing_was_typed(folder):
    own, file = read_cases(["b.plan.xlsx", "b.xlsx"])
    assert (own.name, file.name) == ("b.plan", "b")
    assert own.scenario.areas == file.scenario.areas
    assert own.notes == ()
    found = compare_module.compare([own, file])
    assert found.cases[0].amounts == found.cases[1].amounts
    assert found.cases[0].notes == ()
    assert found.changed == ((), ())


def test_a_plan_whose_sources_are_limited_is_as_its_inputs_lead_to(folder):
    sheets = small(Budget=[["Source", "Kind", 2026], ["City budget", "budget", 100], ["Donors", "other", 5]])
    sheets["Areas"] = [[*row, own] for row, own in zip(sheets["Areas"], ["Sources", "City budget", None], strict=True)]
    write_book(folder / "limited.xlsx", sheets)
    save_plan(analyse(read_scenario("limited.xlsx"), explain=False), folder / "limited.plan.xlsx")
    own = compare_module.compare(read_cases(["limited.plan.xlsx", "limited.xlsx"])).cases[0]
    assert own.notes == ()


def test_what_was_decided_by_hand_is_a_part_of_the_difference(folder, capsys):
    type_in("Decided", 40)
    assert run("b.xlsx", "b.plan.xlsx") == 0
    assert "b.plan: −24 = Amounts decided by hand −24\n" in capsys.readouterr().out
    with values_of("b.compare.xlsx") as found:
        regret = next(row for row in found["Cross table"].iter_rows(min_row=10, values_only=True) if row[0] == "b")
        assert regret[1:3] == (0, 0), "the best plan is as good as the best, whatever was decided"


def test_a_plan_of_a_variant_keeps_its_name(folder):
    base = read_scenario("a.xlsx")
    save_plan(analyse(with_variant(base, find_variant(base, "less revenue")), explain=False), folder / "a.plan.xlsx")
    assert names("a.xlsx", "a.plan.xlsx", "b.xlsx") == ["Hai lĩnh vực", "Less revenue", "Less money"]
    assert names("a.plan.xlsx", "a.xlsx:Less revenue") == ["a.plan: Less revenue", "a: Less revenue"]
    own, file = read_cases(["a.plan.xlsx", "a.xlsx:Less revenue"])
    assert own.scenario.changed_by.variant == file.scenario.changed_by.variant == "Less revenue"
    found = compare_module.compare([own, file])
    assert found.cases[0].amounts == found.cases[1].amounts
    assert found.changed == ((), ())


def test_a_plan_whose_amounts_were_changed_is_compared_as_it_stands(folder, capsys):
    type_in("Amount", 45)
    assert run("b.plan.xlsx", "a.xlsx", "--json") == 0
    changed = json.loads(capsys.readouterr().out)["scenarios"][0]
    assert changed["areas"][0]["amount"] == 45
    assert "Run: allocate verify b.plan.xlsx" in changed["notes"][0]


def test_a_plan_whose_inputs_were_changed_says_so(folder, capsys):
    type_in("Minimum", 12, "Inputs Areas")
    assert run("b.plan.xlsx", "a.xlsx", "--json") == 0
    own = json.loads(capsys.readouterr().out)["scenarios"][0]
    assert own["notes"][0].startswith("The inputs in b.plan.xlsx were changed after the plan was made.")


def test_a_decision_that_is_no_amount_is_left_out(folder, capsys):
    type_in("Decided", "much")
    assert run("b.plan.xlsx", "a.xlsx", "--json") == 0
    own = json.loads(capsys.readouterr().out)["scenarios"][0]
    assert own["decided"] == []
    assert own["notes"] == ['Decided for Giáo dục, 2026, City budget: "much" is no amount, so that it was left out']


# What can't be used


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["b.xlsx"],
            "nothing to compare b.xlsx with (it has no variants of its own); type: allocate compare b.xlsx OTHER",
        ),
        (["a.xlsx", "./a.xlsx"], "a.xlsx twice"),
        (["a.xlsx:all", "a.xlsx:less revenue"], 'the variant "Less revenue" of a.xlsx twice'),
        (["a.xlsx:Les revenue", "b.xlsx"], "Less revenue"),
        (["a.xlsx:", "b.xlsx"], "names no variant; type a.xlsx:NAME, a.xlsx:all, or a.xlsx alone"),
        (["b.xlsx:all", "a.xlsx"], "b.xlsx has no variants"),
        (["a.xlsx", "none.xlsx:Slump"], "none.xlsx"),
        (["b.plan.xlsx:Slump", "a.xlsx"], "is a plan, which has no variants"),
        (["a.xlsx", "b.xlsx", "-o", "b.xlsx"], "this is the scenario itself"),
        (["a.xlsx", "b.xlsx", "-o", "b.xlsx", "--force"], "this is the scenario itself"),
        (["a.xlsx", "b.xlsx", "-o", "stuck.xlsx"], "this file is no comparison made by allocate"),
        (["a.xlsx", "b.xlsx", "-o", "found.pdf"], "ends in .xlsx"),
        (["a.xlsx", "b.xlsx", "--time-limit", "0"], "above 0"),
        ([], "SCENARIO"),
    ],
)
def test_what_can_not_be_used_is_said(folder, capsys, arguments, said):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in " ".join(err.split())
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_problems_of_all_files_are_shown(folder, capsys):
    for name, benefit in (("one", "lots"), ("two", "many")):
        sheets = less()
        sheets["Areas"][1][4] = benefit
        write_book(folder / f"{name}.xlsx", sheets)
    assert run("a.xlsx", "one.xlsx", "two.xlsx") == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if not line.startswith("  ")][1:] == ["one.xlsx: 1 problem", "two.xlsx: 1 problem"]
    assert [line.split(":")[0] for line in lines if line.startswith("  ")] == ["  Areas!E2 Benefit"] * 2


def test_twenty_are_enough(folder, capsys):
    paths = [f"{number}.xlsx" for number in range(21)]
    for path in paths:
        shutil.copy("b.xlsx", path)
    assert run(*paths) == 2
    assert "21 scenarios are named, but at most 20" in capsys.readouterr().err


# Exit codes, and where it goes


def test_no_plan_anywhere(folder, capsys):
    shutil.copy("stuck.xlsx", "other.xlsx")
    assert run("stuck.xlsx", "other.xlsx", "-o", "found.xlsx") == 1
    assert capsys.readouterr().out.startswith("None of the scenarios has a plan.")
    assert MADE_BY in made_by(folder / "found.xlsx")
    with values_of("found.xlsx") as found:
        said = {sheet.title: sheet["A2"].value for sheet in found}
    assert said["Bridge"] == "No difference could be split; the reasons stand below."
    assert said["Alternatives"] == "Without a plan there is nothing to set beside a draft."
    assert said["Indicators"] == "Without a plan no target is met or missed."


def test_none_in_time(folder, capsys):
    assert run("a.xlsx", "b.xlsx", "--time-limit", "1e-9") == 3
    assert "not known" in " ".join(capsys.readouterr().out.split())
    assert not (folder / "a.compare.xlsx").exists()


def test_one_without_a_plan_among_others(folder, capsys):
    assert run("a.xlsx", "stuck.xlsx", "b.xlsx") == 0
    out = capsys.readouterr().out
    assert out.startswith("Two of three have a plan.")
    assert re.search(r"^stuck +no plan$", out, re.MULTILINE)


def test_json_and_quiet(folder, capsys):
    assert run("a.xlsx", "b.xlsx", "--json") == 0
    assert not (folder / "a.compare.xlsx").exists()
    json.loads(capsys.readouterr().out)
    assert run("a.xlsx", "b.xlsx", "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert run("a.xlsx", "b.xlsx", "--quiet") == 0, "a comparison takes the place of another"


class Interrupted:
    """Plans scenarios until the third, whose planning is interrupted."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, *given, **options):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return analyse(*given, **options)


def test_an_interrupt_keeps_what_is_done(folder, capsys, monkeypatch):
    monkeypatch.setattr(compare_module, "analyse", Interrupted(2))
    assert run("a.xlsx", "b.xlsx", "stuck.xlsx") == 130
    out, err = capsys.readouterr()
    assert out.startswith("Both have a plan.")
    assert err.splitlines() == ["Interrupted: stuck was not planned, and why the other plans differ was not worked out"]
    assert MADE_BY in made_by(folder / "a.compare.xlsx")


def test_an_early_interrupt_leaves_nothing(folder, capsys, monkeypatch):
    monkeypatch.setattr(compare_module, "analyse", Interrupted(1))
    assert run("a.xlsx", "b.xlsx") == 130
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Interrupted.\n")
    assert not (folder / "a.compare.xlsx").exists()


def test_a_comparison_is_no_scenario(folder, capsys):
    assert run("a.xlsx", "b.xlsx", "-o", "both.xlsx", "--quiet") == 0
    assert run("both.xlsx", "a.xlsx") == 2
    assert "both.xlsx is a comparison, not a scenario" in capsys.readouterr().err
