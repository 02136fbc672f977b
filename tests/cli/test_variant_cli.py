"""Variants on the command line: planning one or each, where plans go, what they say, verify, diff and interrupts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import allocator
from allocator import cli
from allocator.analyses import sweep as sweeping
from allocator.api import Plan, optimise
from allocator.audit.claims import Claims, Seals, read_claims
from allocator.audit.diff import diff
from allocator.audit.verify import Auditor, verify
from allocator.audit.workbook import plan_workbook
from allocator.cli import variants
from allocator.cli.variants import file_names, safe_name
from allocator.errors import UsageError
from allocator.render.workbook import plan_bytes
from allocator.scenario.model import ChangedBy, Origin, Scenario, Variant
from allocator.scenario.reading import read_scenario
from allocator.spreadsheet.cells import Content
from allocator.wording.edits import cause, planned_with, planned_with_what, short_name
from commands import Sheets, run_command, small, write_book
from tampering import Cell, edited

pytestmark = pytest.mark.filterwarnings("ignore:.* extension is not supported:UserWarning")  # openpyxl, of sparklines

WHAT_IF: list[list[object]] = [
    ["Variant", "Sheet", "Row", "Column", "Change", "Value"],
    ["Slump: bad", "Budget", "City budget", 2026, "change by", "-20 %"],
    ["Slump: bad", "Areas", "Roads", "Benefit", "set", 2.5],
    ["Không luật", "Rules", "Roads first", None, "remove", None],
    ["Too much", "Areas", "Giáo dục", "Minimum", "set", 90],
]
NAMES = ["Slump: bad", "Không luật", "Too much"]
FILES = ["s.Không-luật.plan.xlsx", "s.Slump-bad.plan.xlsx", "s.Too-much.plan.xlsx"]
UTF8 = {"PYTHONUTF8": "1", "COLUMNS": "80"}


def sheets() -> Sheets:
    return {**small(), "What-if": WHAT_IF}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_book(tmp_path / "s.xlsx", sheets())


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return read_scenario(write_book(tmp_path_factory.mktemp("variants") / "s.xlsx", sheets()))


def plans_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*.plan.xlsx"))


def run(*arguments: object) -> int:
    return cli.run([str(argument) for argument in arguments])


# -- the base case lists them ----------------------------------------------------------------------------------------


def test_the_base_case_is_planned_and_lists_the_variants(path: Path) -> None:
    told = run_command(path.name, cwd=path.parent, env=UTF8)
    assert told.returncode == 0, told.stderr.decode()
    said = told.stdout.decode()
    assert "Best plan found for Hai lĩnh vực: 260" in said
    assert "Variants (changes): Slump: bad (2), Không luật (1), Too" in said
    assert "allocate compare s.xlsx" in said
    assert len(said.splitlines()) <= 40
    assert plans_in(path.parent) == ["s.plan.xlsx"]
    about = openpyxl.load_workbook(path.parent / "s.plan.xlsx")["About"]
    facts = {row[0]: row[1] for row in about.iter_rows(max_col=2, values_only=True) if row[0]}
    assert (
        facts["Variants"] == "Slump: bad (2 changes), Không luật (1 change), Too much (1 change); this is the base case"
    )
    assert verify(path.parent / "s.plan.xlsx", scenario=read_scenario(path)).findings == ()


def test_a_scenario_without_variants_says_nothing_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_book(tmp_path / "plain.xlsx", small())
    assert run(path) == 0
    assert "ariant" not in capsys.readouterr().out
    assert run(path, "--variant", "all") == run(path, "--variant", "X") == 2
    assert capsys.readouterr().err.count("has no variants") == 2


def test_the_json_tells_base_and_variant_apart(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "--json") == 0
    base = json.loads(capsys.readouterr().out)["scenario"]
    assert (base["variants"], base["variant"], base["changed"]) == (NAMES, None, [])
    assert run(path, "--json", "--variant", "too MUCH", "--repair", 1) == 0
    told = json.loads(capsys.readouterr().out)
    of = told["scenario"]
    assert (of["variants"], of["variant"], of["repair"], len(of["changed"])) == ([], "Too much", 1, 2)
    assert told["status"] == "optimal"


def test_check_counts_them_and_sees_what_can_have_no_plan(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", path) == 0
    said = capsys.readouterr().out
    assert "3 variants." in said
    assert 'With the variant "Too much": ' in said
    assert said.count("With the variant") == 1


# -- one of them -----------------------------------------------------------------------------------------------------


def test_a_plan_of_a_variant_says_so_on_every_page(path: Path) -> None:
    told = run_command(path, "--variant", "slump: BAD", env=UTF8)
    assert told.returncode == 0, told.stderr.decode()
    said = told.stdout.decode()
    assert 'with variant "Slump: bad": 224 benefit points' in " ".join(said.split())
    assert plans_in(path.parent) == [FILES[1]]
    book = openpyxl.load_workbook(path.parent / FILES[1])
    assert "Inputs What-if" not in book.sheetnames
    for sheet in book.worksheets:
        footer = str(sheet.oddFooter and sheet.oddFooter.left and sheet.oddFooter.left.text)
        assert 'with variant "Slump: bad"' in footer, sheet.title
        assert "Budget/City budget/2026" in footer, sheet.title
        assert sheet.title.startswith("Inputs ") or 'with variant "Slump: bad"' in str(sheet["A1"].value), sheet.title
    assert book["Inputs Budget"]["C2"].value == 80
    texts = [str(cell.value) for row in book["About"].iter_rows() for cell in row if cell.value]
    assert 'variant "Slump: bad"' in texts
    assert not any("no plan exists without" in text for text in texts)


def test_it_is_planned_as_its_own_workbook_would_be(path: Path, tmp_path: Path) -> None:
    own = small()
    own["Budget"][1][2] = 80
    own["Areas"][2][4] = 2.5
    apart = optimise(read_scenario(write_book(tmp_path / "own.xlsx", own)))
    plan = optimise(read_scenario(path), variant="slump: bad")
    assert plan.objective == apart.objective == 224
    assert plan.allocation.equals(apart.allocation)


def test_a_name_that_is_none(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "--variant", "Slump: bat\x1b[31m") == 2
    told = capsys.readouterr()
    assert "\x1b" not in told.out + told.err
    assert run(path, "--variant", "Slump: bat") == 2
    assert "Slump: bad" in capsys.readouterr().err
    with pytest.raises(UsageError):
        optimise(read_scenario(path), variant="nothing like it")
    assert plans_in(path.parent) == []


def test_a_variant_without_a_plan_says_how_to_repair_it(path: Path) -> None:
    told = run_command(path.name, "--variant", "Too much", cwd=path.parent, env=UTF8)
    assert told.returncode == 1
    said = told.stdout.decode()
    assert 'allocate s.xlsx --variant "Too much" --repair 1' in said
    assert 'with variant "Too much"' in said
    texts = [str(c.value) for row in openpyxl.load_workbook(path.parent / FILES[2])["Summary"].iter_rows() for c in row]
    assert any('allocate s.xlsx --variant "Too much" --repair 1' in text for text in texts)


def test_sweep_and_seek_take_a_variant(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    way = ("--vary", "Rules/Roads first/Value=30%..60%")
    out = path.parent / "s.Slump-bad.sweep.xlsx"
    assert run("sweep", path, "--variant", "Slump: bad", *way, "--json", "-o", out) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["scenario"]["variant"] == "Slump: bad"
    assert [round(point["objective"], 6) for point in found["points"]][::2] == [228, 216]
    assert 'with variant "Slump: bad"' in str(openpyxl.load_workbook(out)["Sweep"]["A1"].value)
    assert run("sweep", path, "--variant", "Slump: bad", *way, "--quiet") == 0  # its own name, and its own mark
    assert [file.name for file in path.parent.glob("*.sweep.xlsx")] == [out.name]
    assert run("seek", path, "--variant", "Slump: bad", *way, "--until", "Objective >= 226", "--json") == 0
    assert json.loads(capsys.readouterr().out)["reached"]["value"] == pytest.approx(0.35)
    assert run("sweep", path, "--variant", "Không luật", *way) == 2  # its rule is gone
    assert run("seek", path, "--variant", "ALL", *way, "--until", "Objective >= 1") == 2
    assert "takes one variant" in capsys.readouterr().err


# -- each of them ----------------------------------------------------------------------------------------------------


def test_each_variant_gets_a_workbook(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "--variant", "all") == 1  # one of them has no plan
    assert plans_in(path.parent) == FILES
    said = capsys.readouterr().out
    rows = {line.split("  ")[0]: line for line in said.splitlines()}
    assert "best plan" in rows["Slump: bad"]
    assert "224 benefit points" in rows["Slump: bad"]
    assert "300 benefit points" in rows["Không luật"]
    assert "no plan exists" in rows["Too much"]
    assert all(file in said for file in FILES)


def test_json_of_each_writes_no_workbook(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "--variant", "all", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(plan["scenario"]["variant"], plan["objective"]) for plan in found["variants"]] == [
        *(("Slump: bad", 224), ("Không luật", 300), ("Too much", None))
    ]
    assert found["missing"] == []
    assert plans_in(path.parent) == []
    (tmp_path / "plans").mkdir()
    assert run(path, "--variant", "all", "--json", "-o", tmp_path / "plans") == 1
    assert len(json.loads(capsys.readouterr().out)["variants"]) == 3
    assert (plans_in(tmp_path / "plans"), plans_in(path.parent)) == (FILES, [])


@pytest.mark.parametrize("more", [["--lp", "x.lp"], ["--repair", 1], ["-o", "nowhere"], ["-o", "s.xlsx"]])
def test_what_each_variant_can_not_have(path: Path, more: list[object], capsys: pytest.CaptureFixture[str]) -> None:
    more = [path.parent / str(part) if "." in str(part) or part == "nowhere" else part for part in more]
    assert run(path, "--variant", "All", *more) == 2
    told = capsys.readouterr()
    assert (told.out, plans_in(path.parent)) == ("", [])
    assert str(more[0]) in told.err


def test_all_places_are_looked_at_before_anything_is_planned(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path.parent / FILES[2]).write_text("a note of mine")
    assert run(path, "--variant", "all") == 2
    assert plans_in(path.parent) == [FILES[2]]
    assert "--force" in capsys.readouterr().err
    assert run(path, "--variant", "all", "--force", "--quiet") == 1
    assert plans_in(path.parent) == FILES


def test_quiet_prints_only_what_went_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_book(tmp_path / "s.xlsx", {**small(), "What-if": WHAT_IF[:4]})
    assert run(path, "--variant", "all", "--quiet") == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def named(*names: str) -> list[Variant]:
    return [Variant(name, (), Origin("What-if", row)) for row, name in enumerate(names, 2)]


def test_names_of_files_are_safe_and_differ() -> None:
    assert safe_name("../../etc/passwd") == "etc-passwd"
    assert safe_name("a\\b:c*?\x00|<>\n.") == "a-b-c"
    assert safe_name("Văn hoá") == safe_name("Va\u0306n hoa\u0301") == "Văn-hoá"
    assert len(safe_name("ộ" * 500).encode()) <= 100
    files = file_names(Path("x/my city.v2.xlsx"), named("a b", "A-B", "a?b", "a-b-2", "…"))
    assert list(files.values()) == [
        f"my city.v2.{n}.plan.xlsx" for n in ("a-b", "A-B-2", "a-b-3", "a-b-2-2", "variant")
    ]
    assert len({name.casefold() for name in files.values()}) == 5


# -- interrupts ------------------------------------------------------------------------------------------------------


def interrupted_at(number: int, function: Callable[..., object]) -> Callable[..., object]:
    """Return the function, which stops as at Ctrl-C when it is called for the `number`th time."""
    calls = []

    def called(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == number:
            raise KeyboardInterrupt
        return function(*arguments, **options)

    return called


def test_an_interrupt_keeps_the_plans_that_are_there(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(variants, "optimise", interrupted_at(3, optimise))
    assert run(path, "--variant", "all") == 130
    told = capsys.readouterr()
    assert told.err == "Interrupted: 2 of 3 variants were planned and written; not: Too much.\n"
    assert "Slump: bad" in told.out
    assert plans_in(path.parent) == FILES[:2]
    monkeypatch.setattr(variants, "optimise", interrupted_at(2, optimise))
    assert run(path, "--variant", "all", "--json") == 130
    told = capsys.readouterr()
    assert json.loads(told.out)["missing"] == NAMES[1:]
    assert told.err == "Interrupted: 1 of 3 variants was planned; not: Không luật, Too much.\n"


def test_an_interrupt_before_the_first_plan(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(variants, "optimise", interrupted_at(1, optimise))
    assert run(path, "--variant", "all") == 130
    assert (plans_in(path.parent), capsys.readouterr().err) == ([], "Interrupted.\n")


def test_an_interrupted_sweep_keeps_its_points(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    way = ["--vary", "Rules/Roads first/Value=0%..100%:11"]
    assert run("sweep", path, *way, "--json") == 0
    whole = json.loads(capsys.readouterr().out)
    monkeypatch.setattr(sweeping._Run, "_points", interrupted_at(6, sweeping._Run._points))
    assert run("sweep", path, *way) == 130
    told = capsys.readouterr()
    assert told.err == "Interrupted: only 0 % to 40 % was searched.\n"
    assert "from 0 % to 40 %" in told.out
    assert (path.parent / "s.sweep.xlsx").exists()
    monkeypatch.setattr(sweeping._Run, "_points", interrupted_at(1, sweeping._Run._points))
    assert run("sweep", path, *way, "--json") == 130
    assert capsys.readouterr().out == ""
    monkeypatch.undo()
    monkeypatch.setattr(sweeping._Run, "_points", interrupted_at(6, sweeping._Run._points))
    assert run("sweep", path, *way, "--json") == 130
    cut = json.loads(capsys.readouterr().out)
    assert cut["points"] == whole["points"][:5]
    assert (cut["to"], cut["messages"][0]) == (0.4, "Interrupted: only 0 % to 40 % was searched")


# -- verify and diff -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plans(scenario: Scenario) -> dict[str, bytes]:
    made: dict[str, Plan] = {name: optimise(scenario, variant=name) for name in NAMES[:2]}
    made["repaired"] = optimise(scenario, variant="Too much", repair=1)
    made["base"] = optimise(scenario)
    return {name: plan_bytes(plan.result) for name, plan in made.items()}


@pytest.mark.parametrize("name", [*NAMES[:2], "repaired", "base"])
@pytest.mark.parametrize("beside", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_plans_of_variants_are_verified(
    plans: dict[str, bytes], scenario: Scenario, tmp_path: Path, name: str, *, beside: bool
) -> None:
    (tmp_path / "p.xlsx").write_bytes(plans[name])
    assert verify(tmp_path / "p.xlsx", scenario=scenario if beside else None).findings == ()


def test_a_scenario_file_with_another_variant_is_found(plans: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_bytes(plans["Slump: bad"])
    other = sheets()
    other["What-if"] = [row[:] for row in WHAT_IF]
    other["What-if"][2][5] = 2.75
    found = verify(tmp_path / "p.xlsx", scenario=read_scenario(write_book(tmp_path / "s.xlsx", other))).findings
    assert {f.sheet for f in found} == {"Inputs Areas", "About"}
    del other["What-if"][1:3]
    found = verify(tmp_path / "p.xlsx", scenario=read_scenario(write_book(tmp_path / "t.xlsx", other))).findings
    assert len(found) == 1
    assert 'has no variant "Slump: bad"' in found[0].text


def test_what_a_plan_says_it_changed_is_sealed(plans: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_bytes(plans["Slump: bad"])
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    about = book["About"]
    rows = {about.cell(row, 1).value: row for row in range(1, 40)}
    for label, text in (("Changed from the scenario file", 'variant "Slump: bad": nothing much'), ("Planned with", "")):
        content = edited(plan_workbook(plans["Slump: bad"]), Cell("About", (rows[label], 2)), Content(text or None))
        claims = read_claims(Seals(content))
        assert isinstance(claims, Claims)
        assert claims.changed_by is not None
        assert (claims.changed_by.variant, claims.changed_by.repair) == ("Slump: bad", None)
        assert claims.changed_by.told.startswith("Budget/City budget/2026")
        cells = {(f.sheet, f.place[0]) for f in Auditor().check(content).findings if f.place}
        assert cells == {("About", rows[label])}


@pytest.mark.parametrize("column", [1, 2])
@pytest.mark.parametrize(("name", "label"), [(NAMES[0], "Variant"), ("repaired", "Variant"), ("repaired", "Repair")])
def test_without_the_name_of_its_variant_a_plan_is_not_checked(
    plans: dict[str, bytes], name: str, label: str, column: int
) -> None:
    book = plan_workbook(plans[name])
    row = next(row for (row, at), content in book.sheets["About"].cells.items() if at == 1 and content.value == label)
    content = edited(book, Cell("About", (row, column)), Content("7"))
    found = Auditor().check(content)
    assert [(f.sheet, f.place) for f in found.findings] == [("About", (row, column))]


def test_a_setting_is_not_taken_for_a_variant(tmp_path: Path) -> None:
    own = sheets()
    own["Scenario"] = [*own["Scenario"], ["Variant", "Slump"], ["Repair", 2]]
    path = write_book(tmp_path / "s.xlsx", own)
    optimise(read_scenario(path)).to_excel(tmp_path / "p.xlsx")
    claims = read_claims(Seals(plan_workbook((tmp_path / "p.xlsx").read_bytes())))
    assert isinstance(claims, Claims)
    assert claims.changed_by is None
    assert verify(tmp_path / "p.xlsx").findings == ()


def test_the_difference_between_base_and_variant_names_it(plans: dict[str, bytes], tmp_path: Path) -> None:
    for name, file in (("base", "a.xlsx"), ("Slump: bad", "b.xlsx")):
        (tmp_path / file).write_bytes(plans[name])
    found = diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert (found.old.planned_with, found.new.planned_with) == ("", 'variant "Slump: bad"')
    assert {(c.sheet, c.row, c.column) for c in found.inputs} == {
        *(("Budget", "City budget", "2026"), ("Areas", "Roads", "Benefit"))
    }
    told = run_command("diff", tmp_path / "a.xlsx", tmp_path / "b.xlsx", env=UTF8).stdout.decode()
    assert 'b.xlsx, with variant "Slump: bad"' in told


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variant", "repair", "said", "short"),
    [
        (None, 12, "repair 12", "repair 12"),
        ("a", None, 'variant "a"', "a"),
        ('a" and repair 1', None, 'variant "a" and repair 1"', 'a" and repair 1'),
        ("a", 1, 'variant "a" and repair 1', "a, repair 1"),
        ('say "x": y', None, 'variant "say "x": y"', 'say "x": y'),
    ],
)
def test_what_a_scenario_was_planned_with(variant: str | None, repair: int | None, said: str, short: str) -> None:
    by = ChangedBy(variant, repair)
    assert (cause(by), short_name(by)) == (said, short)


def test_messages_give_a_reason_only_where_there_is_one(scenario: Scenario) -> None:
    plan = optimise(scenario, variant=NAMES[0], explain=False)
    assert plan.messages[: len(planned_with(plan.scenario))] == planned_with(plan.scenario) != ()
    assert "since" not in planned_with_what(ChangedBy("A"))
    assert "since no plan exists" in planned_with_what(ChangedBy(repair=1))


def test_the_package_knows_variants(scenario: Scenario) -> None:
    assert [variant.name for variant in scenario.variants] == NAMES
    assert allocator.optimise(scenario, variant=scenario.variants[1], explain=False).objective == 300
