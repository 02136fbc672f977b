"""The command line as users meet it: a process, its streams and its exit code."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest
from openpyxl import load_workbook

import allocator
from allocator import cli
from commands import allocate, infeasible, run_command, small, write_book
from quick_part import quick_part

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")  # openpyxl on our charts


class Done(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: bytes
    stderr: bytes


class Command(Protocol):
    """The command line in this process, for the many tests that need no process of their own."""

    def __call__(self, *arguments: object, cwd: Path | None = None) -> Done: ...


@pytest.fixture
def command(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Command:
    def run(*arguments: object, cwd: Path | None = None) -> Done:
        with monkeypatch.context() as patch:
            if cwd is not None:
                patch.chdir(cwd)
            code = cli.run([str(argument) for argument in arguments])
        return Done(code, *capsysbinary.readouterr())

    return run


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    return write_book(tmp_path / "scenario.xlsx", small())


def text(output: bytes) -> str:
    decoded = output.decode("utf-8")
    assert "Traceback" not in decoded
    return decoded


def test_it_works_as_it_stands(scenario: Path) -> None:
    done = allocate(scenario.name, cwd=scenario.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    shown = text(done.stdout)
    assert shown.startswith("Best plan found for Hai lĩnh vực: 260 benefit points.")
    assert shown.rstrip().endswith("Plan: scenario.plan.xlsx")
    assert "\x1b" not in shown
    assert "Allocation" in load_workbook(scenario.with_name("scenario.plan.xlsx")).sheetnames


def test_output_goes_where_it_is_told(command: Command, scenario: Path, tmp_path: Path) -> None:
    done = command(scenario, "-o", tmp_path / "kế hoạch.xlsx")
    assert done.returncode == 0
    assert (tmp_path / "kế hoạch.xlsx").exists()
    assert not (tmp_path / "scenario.plan.xlsx").exists()
    assert "kế hoạch.xlsx" in text(done.stdout)


def test_options_may_stand_before_the_scenario(command: Command, scenario: Path, tmp_path: Path) -> None:
    assert command("--quiet", "-o", tmp_path / "plan.xlsx", scenario).returncode == 0
    assert (tmp_path / "plan.xlsx").exists()


def test_the_default_output_stands_beside_the_scenario(command: Command, scenario: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert command(f"../{scenario.name}", cwd=elsewhere).returncode == 0
    assert (tmp_path / "scenario.plan.xlsx").exists()
    assert not list(elsewhere.iterdir())


def test_json_is_all_there_is_on_stdout_and_no_workbook_is_written(scenario: Path, tmp_path: Path) -> None:
    done = allocate(scenario, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(text(done.stdout))
    assert (found["status"], found["objective"]) == ("optimal", 260)
    assert {record["area"]: record["amount"] for record in found["allocation"]} == {"Giáo dục": 60, "Roads": 40}
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.xlsx"]


def test_json_with_an_output_writes_both(command: Command, scenario: Path, tmp_path: Path) -> None:
    done = command(scenario, "--json", "--quiet", "-o", tmp_path / "plan.xlsx")
    assert json.loads(text(done.stdout))["status"] == "optimal"
    assert (tmp_path / "plan.xlsx").exists()


def test_json_is_utf8_whatever_the_terminal(scenario: Path) -> None:
    done = allocate(scenario, "--json", env={"PYTHONIOENCODING": "ascii"})
    assert "Giáo dục" in text(done.stdout)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "env",
    quick_part(
        [{"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}], 1
    ),
)
def test_no_encoding_stops_it(scenario: Path, env: dict[str, str]) -> None:
    done = allocate(scenario, env=env)
    assert done.returncode == 0
    assert b"Plan: " in done.stdout
    assert allocate("check", scenario, env=env).returncode == 0
    write_book(
        scenario, small(Rules=[["Rule", "Area", "Operator", "Value", "Basis"], ["Ộ", "Giáo dụk", "≥", 4, "ngân"]])
    )
    done = allocate(scenario, env=env)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_quiet_prints_nothing(scenario: Path) -> None:
    done = run_command(scenario, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert scenario.with_name("scenario.plan.xlsx").exists()


NOISY = """
import ctypes, os
from allocator.analyses import analyse as module
from allocator.scenario import reading

def noisy(real):
    def call(*arguments, **options):
        os.write(1, b"a banner\\n")
        ctypes.CDLL(None).puts(b"a compiled library's own buffer")
        os.system("echo a process of its own")
        return real(*arguments, **options)
    return call

reading.open_workbook = noisy(reading.open_workbook)
analyse = noisy(module.analyse)
def printing(*arguments, **options):
    print("a library in Python")
    return analyse(*arguments, **options)
module.analyse = printing
from allocator.cli import main
main()
"""
"""The command line beneath libraries that print whatever they like."""


@pytest.mark.skipif(os.name == "nt", reason="the C library is loaded otherwise there")
@pytest.mark.parametrize("options", quick_part([["--json"], ["--quiet"], []], 1))
def test_what_libraries_print_is_not_on_stdout(scenario: Path, options: list[str]) -> None:
    expected = run_command(scenario, *options, "--force")
    command = [sys.executable, "-c", NOISY, str(scenario), *options, "--force"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected.stdout, b"")
    assert len(done.stdout) > 500 or "--quiet" in options


def test_the_python_interface_prints_nothing(scenario: Path) -> None:
    script = "import sys; from allocator import *; optimise(read_scenario(sys.argv[1])).to_json()"
    done = subprocess.run([sys.executable, "-c", script, str(scenario)], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_stdout_may_be_closed(scenario: Path) -> None:
    command = f'{shlex.quote(sys.executable)} -m allocator "$0" >&-'
    done = subprocess.run(["sh", "-c", command, str(scenario)], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert scenario.with_name("scenario.plan.xlsx").exists()


def test_quiet_still_tells_that_there_is_no_plan(command: Command, tmp_path: Path) -> None:
    done = command(write_book(tmp_path / "scenario.xlsx", infeasible()), "--quiet")
    assert (done.returncode, done.stdout) == (1, b"")
    assert "No plan exists" in text(done.stderr)


def test_where_no_plan_exists_it_says_why_also_in_a_workbook(tmp_path: Path) -> None:
    path = write_book(tmp_path / "scenario.xlsx", infeasible())
    done = run_command(path)
    assert done.returncode == 1
    shown = text(done.stdout)
    assert shown.startswith("No plan exists for Hai lĩnh vực")
    assert "Rules!D2" in shown
    assert "Rules!D3" in shown
    assert sorted(found.name for found in tmp_path.iterdir()) == ["scenario.plan.xlsx", "scenario.xlsx"]
    assert load_workbook(tmp_path / "scenario.plan.xlsx")["Summary"]["A1"].value == "No plan exists — Hai lĩnh vực"


def test_a_plan_of_an_earlier_run_is_not_taken_for_the_answer(command: Command, tmp_path: Path) -> None:
    path = write_book(tmp_path / "scenario.xlsx", small())
    assert command(path).returncode == 0
    write_book(path, infeasible())
    done = command(path)
    assert done.returncode == 1
    assert "Plan:" not in text(done.stdout)
    assert "Allocation" not in load_workbook(tmp_path / "scenario.plan.xlsx").sheetnames


def test_json_where_no_plan_exists(command: Command, tmp_path: Path) -> None:
    done = command(write_book(tmp_path / "scenario.xlsx", infeasible()), "--json", "-o", tmp_path / "plan.xlsx")
    assert done.returncode == 1
    found = json.loads(text(done.stdout))
    assert (found["status"], found["objective"]) == ("infeasible", None)
    assert {row["rule"] for row in found["conflict"]} >= {"Roads first", "Schools first"}
    assert load_workbook(tmp_path / "plan.xlsx").sheetnames[:3] == ["Summary", "Conflict", "Repairs"]


def test_on_unusable_input_json_prints_nothing_on_stdout(tmp_path: Path) -> None:
    done = run_command(tmp_path / "missing.xlsx", "--json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "missing.xlsx" in text(done.stderr)
    path = write_book(tmp_path / "scenario.xlsx", small(Areas=None))
    done = run_command(path, "--json")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "Areas" in text(done.stderr)


# ---- files it must not harm ---------------------------------------------------------------------------------------


def test_the_scenario_is_never_overwritten(command: Command, scenario: Path) -> None:
    before = scenario.read_bytes()
    for arguments in (["-o", scenario], ["-o", scenario, "--force"], ["--lp", scenario], ["--lp", scenario, "--force"]):
        done = command(scenario, *arguments)
        assert done.returncode == 2, arguments
        assert text(done.stderr).startswith("Error: ")
        assert scenario.read_bytes() == before
    os.link(scenario, scenario.with_name("link.xlsx"))
    assert command(scenario, "-o", scenario.with_name("link.xlsx"), "--force").returncode == 2
    assert scenario.read_bytes() == before


@pytest.mark.parametrize("content", ["a workbook", "text"])
def test_a_file_that_is_no_plan_is_only_overwritten_with_force(
    command: Command, scenario: Path, tmp_path: Path, content: str
) -> None:
    target = tmp_path / "other.xlsx"
    if content == "text":
        target.write_text("my notes")
    else:
        write_book(target, {"Notes": [["mine"]]})
    before = target.read_bytes()
    done = command(scenario, "-o", target)
    assert done.returncode == 2
    assert "--force" in text(done.stderr)
    assert target.read_bytes() == before
    assert command(scenario, "-o", target, "--force").returncode == 0
    assert target.read_bytes() != before


def test_a_plan_is_overwritten_unless_somebody_has_decided_something_in_it(command: Command, scenario: Path) -> None:
    plan = scenario.with_name("scenario.plan.xlsx")
    assert command(scenario).returncode == 0
    assert command(scenario).returncode == 0
    decide(plan)
    before = plan.read_bytes()
    done = command(scenario)
    assert done.returncode == 2
    assert "--force" in text(done.stderr)
    assert plan.read_bytes() == before
    assert command(scenario, "--force").returncode == 0
    assert plan.read_bytes() != before


def decide(plan: Path) -> None:
    """Fill in the first Decided cell."""
    book = load_workbook(plan)
    sheet = book["Allocation"]
    heading = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "Decided")
    sheet.cell(heading.row + 1, heading.column, 50)
    book.save(plan)


@pytest.mark.parametrize("target", ["missing/plan.xlsx", "folder", "plan.csv"])
def test_an_output_that_can_not_be_written_is_a_clear_error(
    command: Command, scenario: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "folder").mkdir()
    done = command(scenario, "-o", tmp_path / target)
    assert (done.returncode, done.stdout) == (2, b"")
    assert target.split("/")[0] in text(done.stderr)
    assert not list((tmp_path / "folder").iterdir())


def test_lp(command: Command, scenario: Path, tmp_path: Path) -> None:
    done = command(scenario, "--json", "--lp", tmp_path / "programme.lp")
    assert done.returncode == 0
    assert "Subject To" in (tmp_path / "programme.lp").read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["programme.lp", "scenario.xlsx"]


def test_lp_replaces_only_lp_files(command: Command, scenario: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("what I must not lose", encoding="utf-8")
    assert command(scenario, "--json", "--lp", notes).returncode == 2
    assert notes.read_text(encoding="utf-8") == "what I must not lose"
    assert command(scenario, "--json", "--lp", notes, "--force").returncode == 0
    assert command(scenario, "--json", "--lp", notes).returncode == 0


@pytest.mark.parametrize("target", ["missing/programme.lp", ".", "other.xlsx"])
def test_lp_targets_that_make_no_sense(command: Command, scenario: Path, tmp_path: Path, target: str) -> None:
    done = command(scenario, "--lp", tmp_path / target)
    assert (done.returncode, done.stdout) == (2, b"")
    assert text(done.stderr).startswith("Error: ")
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.xlsx"]


# ---- options ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--time-limit", "-3"], "--time-limit"),
        (["--time-limit", "0"], "--time-limit"),
        (["--time-limit", "nan"], "--time-limit"),
        (["--time-limit", "inf"], "--time-limit"),
        (["--time-limit", "soon"], "--time-limit"),
        (["--jsn"], "--json"),
        (["--repair", "1"], "--repair"),
        (["extra.xlsx"], "extra.xlsx"),
        (["-o"], "-o"),
        (["--solver", "Hihgs"], "Hihgs"),
    ],
)
def test_a_wrong_command_line_is_told(command: Command, scenario: Path, arguments: list[str], hint: str) -> None:
    done = command(scenario, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert hint in text(done.stderr)
    assert not scenario.with_name("scenario.plan.xlsx").exists()


def test_a_generous_time_limit_changes_nothing(command: Command, scenario: Path) -> None:
    limited = json.loads(command(scenario, "--json", "--time-limit", "100").stdout)
    assert limited == json.loads(command(scenario, "--json").stdout)


def test_a_search_that_ran_out_of_time_has_no_answer(command: Command, scenario: Path) -> None:
    done = command(scenario, "--time-limit", "1e-9")
    assert done.returncode == 3
    assert text(done.stdout).startswith("Stopped without an answer for Hai lĩnh vực")
    done = command(scenario, "--time-limit", "1e-9", "--json")
    assert done.returncode == 3
    found = json.loads(text(done.stdout))
    assert (found["status"], found["objective"], found["allocation"]) == ("stopped", None, [])
    assert not scenario.with_name("scenario.plan.xlsx").exists()


def test_help_and_version(command: Command) -> None:
    for arguments in (["--help"], ["-h"]):
        done = command(*arguments)
        shown = text(done.stdout)
        assert done.returncode == 0
        for word in ("SCENARIO", "--output", "--json", "--time-limit", "check", "new", "--version"):
            assert word in shown
    assert command("anything.xlsx", "--help").stdout == command("--help").stdout
    assert text(command("--version").stdout) == f"allocate {allocator.__version__}\n"
    assert "--mark" in text(command("check", "--help").stdout)


def test_alone_it_shows_help(command: Command) -> None:
    done = command()
    assert done.returncode == 2
    assert "Usage: allocate SCENARIO" in text(done.stderr)


def test_a_misspelt_command_is_understood(command: Command) -> None:
    done = command("chekc", "scenario.xlsx")
    assert done.returncode == 2
    assert "Did you mean 'check'?" in text(done.stderr)


def test_a_file_may_be_called_like_a_command(command: Command, tmp_path: Path) -> None:
    write_book(tmp_path / "check.xlsx", small()).rename(tmp_path / "check")
    done = command("./check", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert command("--", "-odd.xlsx", cwd=tmp_path).returncode == 2
    write_book(tmp_path / "-odd.xlsx", small())
    assert command("--json", "--", "-odd.xlsx", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "heavy", ["pandas", "pulp", "highspy", "numpy", "openpyxl", "xlsxwriter", "rich", "python_calamine"]
)
def test_the_command_line_starts_without_what_it_may_not_need(heavy: str) -> None:
    code = f"import allocator, allocator.cli, sys; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_public_names_are_there_when_asked_for() -> None:
    assert set(allocator.__all__) <= set(dir(allocator))
    assert allocator.Plan.__module__ == "allocator.api"
    with pytest.raises(AttributeError, match="nothing"):
        allocator.nothing  # noqa: B018


# ---- check and new ------------------------------------------------------------------------------------------------


def test_check_of_a_good_scenario(command: Command, scenario: Path) -> None:
    done = command("check", scenario.name, cwd=scenario.parent)
    assert (done.returncode, done.stderr) == (0, b"")
    expected = "scenario.xlsx: nothing wrong. 1 source, 2 areas, 1 year (2026), 1 rule, 0 indicators."
    assert text(done.stdout).splitlines()[0] == expected


def bad_book(path: Path) -> Path:
    return write_book(
        path, small(Rules=[["Rule", "Area", "Operator", "Value", "Basis"], ["R", "Raods", ">=", 4, "budget"]])
    )


def test_check_lists_all_problems(command: Command, tmp_path: Path) -> None:
    bad_book(tmp_path / "bad.xlsx")
    done = command("check", "bad.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, b"")
    shown = text(done.stdout)
    assert shown.startswith("bad.xlsx: 2 problems\n")
    assert "Rules!B2" in shown
    assert "Rules!D2" in shown
    assert "allocate check bad.xlsx --mark COPY.xlsx" in shown
    done = command("bad.xlsx", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert text(done.stderr) == shown


def test_check_marks_problems_in_a_copy(command: Command, tmp_path: Path) -> None:
    path = bad_book(tmp_path / "bad.xlsx")
    before = path.read_bytes()
    done = command("check", path, "--mark", tmp_path / "copy.xlsx")
    assert done.returncode == 1
    assert "copy.xlsx" in text(done.stdout)
    comment = load_workbook(tmp_path / "copy.xlsx")["Rules"]["B2"].comment
    assert comment is not None
    assert "Roads" in comment.text
    assert path.read_bytes() == before


def test_check_never_marks_over_a_file(command: Command, tmp_path: Path) -> None:
    path = bad_book(tmp_path / "bad.xlsx")
    other = write_book(tmp_path / "other.xlsx", small())
    for target in (path, other, tmp_path, tmp_path / "missing" / "copy.xlsx"):
        before = (path.read_bytes(), other.read_bytes())
        done = command("check", path, "--mark", target)
        assert done.returncode == 2, target
        assert (path.read_bytes(), other.read_bytes()) == before


def test_check_with_nothing_to_mark_writes_nothing(command: Command, scenario: Path) -> None:
    done = command("check", scenario, "--mark", scenario.with_name("copy.xlsx"))
    assert done.returncode == 0
    assert "was not written" in text(done.stdout)
    assert not scenario.with_name("copy.xlsx").exists()


def test_check_of_what_is_no_workbook(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.xlsx").write_text("notes")
    done = command("check", tmp_path / "notes.xlsx")
    assert (done.returncode, done.stdout) == (2, b"")
    assert "notes.xlsx" in text(done.stderr)


def test_new_writes_a_scenario_that_works(command: Command, tmp_path: Path) -> None:
    done = command("new", cwd=tmp_path)
    assert done.returncode == 0
    assert "allocate scenario.xlsx" in text(done.stdout)
    assert command("check", "scenario.xlsx", cwd=tmp_path).returncode == 0
    assert command("scenario.xlsx", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("target", ["there.xlsx", "missing/new.xlsx", "new.txt", "dangling.xlsx"])
def test_new_never_overwrites(command: Command, tmp_path: Path, target: str) -> None:
    (tmp_path / "there.xlsx").write_text("mine")
    (tmp_path / "dangling.xlsx").symlink_to("nowhere")
    done = command("new", target, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert target in text(done.stderr)
    assert (tmp_path / "there.xlsx").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dangling.xlsx", "there.xlsx"]


# ---- interruptions ------------------------------------------------------------------------------------------------


def test_a_closed_pipe_is_no_accident(scenario: Path) -> None:
    command = [sys.executable, "-m", "allocator", str(scenario), "--json"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["--json"], ["--force"]])
def test_a_full_disk_under_stdout_is_told(scenario: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "allocator", str(scenario), *arguments]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert "No space left" in text(done.stderr)


def test_an_interrupt_ends_it_quietly(tmp_path: Path) -> None:
    pipe = tmp_path / "slow.xlsx"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "allocator", str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        writer = os.open(pipe, os.O_WRONLY)  # waits until the command reads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        os.close(writer)
    assert (process.returncode, out, err) == (130, b"", b"Interrupted.\n")


def test_a_mistake_of_its_own_does_not_look_like_an_answer(
    scenario: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("allocator.scenario.reading.read_scenario", lambda _path: 1 / 0)
    monkeypatch.setattr("sys.argv", ["allocate", str(scenario)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 70
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "ZeroDivisionError" in captured.err
    assert "please report it" in captured.err
