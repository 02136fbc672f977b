"""What stands in a folder after a command was killed, or could not write: the former file whole, and nothing else."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from allocator import cli
from allocator.errors import OutputError
from allocator.spreadsheet import saving as files
from commands import allocate, small, write_book

OLD, NEW = b"the former plan" * 100, b"the new plan" * 5_000
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and permissions are those of POSIX")
LINUX = pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without a name")


@pytest.fixture(params=["unnamed", "named", "unlinkable"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The ways to write a file: without a name where the system can, or beside the target."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "named":
        monkeypatch.setattr(files, "_open_unnamed", lambda _: None)
    elif request.param == "unlinkable":
        monkeypatch.setattr(files.os, "link", refuse)
    return str(request.param)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -- writing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("former", [None, OLD])
def test_a_file_is_written_whole_and_alone(way: str, tmp_path: Path, former: bytes | None) -> None:
    target = tmp_path / ("Kế hoạch " * 15 + ".xlsx")
    if former is not None:
        target.write_bytes(former)
    files.save_bytes(NEW, target)
    assert target.read_bytes() == NEW
    assert names(tmp_path) == [target.name]


@POSIX
def test_permissions_are_kept_or_those_of_any_new_file(way: str, tmp_path: Path) -> None:
    former, fresh = tmp_path / "former.xlsx", tmp_path / "fresh.xlsx"
    former.write_bytes(OLD)
    former.chmod(0o640)
    mask = os.umask(0o027)
    try:
        files.save_bytes(NEW, former)
        files.save_bytes(NEW, fresh)
    finally:
        os.umask(mask)
    assert [path.stat().st_mode & 0o777 for path in (former, fresh)] == [0o640, 0o640]
    former.chmod(0o604)
    files.save_bytes(OLD, former)
    assert former.stat().st_mode & 0o777 == 0o604


def test_a_link_stays_a_link(way: str, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link, real = tmp_path / "plan.xlsx", tmp_path / "real" / "plan.xlsx"
    link.symlink_to(real)
    for content in (OLD, NEW):
        files.save_bytes(content, link)
        assert link.is_symlink()
        assert real.read_bytes() == content
    assert names(tmp_path / "real") == ["plan.xlsx"]


def test_who_has_the_former_file_open_still_reads_it_whole(way: str, tmp_path: Path) -> None:
    target = tmp_path / "plan.xlsx"
    target.write_bytes(OLD)
    with target.open("rb") as reader:
        start = reader.read(10)
        files.save_bytes(NEW, target)
        assert start + reader.read() == OLD
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("former", [None, OLD])
def test_nothing_written_changes_nothing(way: str, tmp_path: Path, former: bytes | None) -> None:
    target = tmp_path / "programme.lp"
    if former is not None:
        target.write_bytes(former)
    with files.in_one_step(target):
        pass
    assert (target.read_bytes() if target.exists() else None) == former
    with pytest.raises(ZeroDivisionError), files.in_one_step(target) as part:  # noqa: PT012
        part.write_bytes(NEW)
        raise ZeroDivisionError
    assert names(tmp_path) == ([] if former is None else [target.name])
    assert (target.read_bytes() if target.exists() else None) == former


# -- what can't be written -----------------------------------------------------------------------------------


def test_a_full_disk(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "plan.xlsx"
    target.write_bytes(OLD)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="the disk is full"):
        files.save_bytes(NEW, target)
    assert (names(tmp_path), target.read_bytes()) == ([target.name], OLD)


@POSIX
@pytest.mark.parametrize(("room", "kept"), [(0, []), (4_000, ["new.lp"])])
def test_a_file_that_may_not_grow(tmp_path: Path, room: int, kept: list[str]) -> None:
    """The system itself stops the writing after so many bytes: of both files, or of the plan alone."""
    scenario = write_book(tmp_path / "scenario.xlsx", small())
    assert allocate(scenario).returncode == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code = f"""
import resource, sys
from allocator import cli
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
sys.exit(cli.run(sys.argv[1:]))
"""
    told = subprocess.run(
        [sys.executable, "-c", code, str(scenario), "--lp", str(tmp_path / "new.lp")], capture_output=True, check=False
    )
    assert told.returncode == 2
    assert b"can't be written" in told.stderr
    assert b"Traceback" not in told.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name not in kept} == before
    assert names(tmp_path) == sorted([*before, *kept])


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing may be created, not even by the superuser, who lays that down for the while."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    (folder / "plan.xlsx").write_bytes(OLD)
    (folder / "plan.xlsx").chmod(0o444)
    folder.chmod(0o555)
    user, ways = os.geteuid(), [folder, *folder.parents]
    modes = [(path, path.stat().st_mode & 0o777) for path in ways if path.stat().st_uid == user]
    if user == 0:
        for path, mode in modes[1:]:
            path.chmod(mode | 0o111)
        os.seteuid(65_534)
    yield folder
    if user == 0:
        os.seteuid(user)
    for path, mode in reversed(modes):
        path.chmod(mode)
    folder.chmod(0o755)


@POSIX
def test_a_folder_that_is_read_only(way: str, read_only: Path) -> None:
    target = read_only / "plan.xlsx"
    with pytest.raises(OutputError, match="is the folder read-only"):
        files.save_bytes(NEW, target)
    assert (names(read_only), target.read_bytes()) == (["plan.xlsx"], OLD)


# -- what killed processes leave -----------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from allocator.spreadsheet import saving as files

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

way, moment, target, former = sys.argv[1:]
if way == "named":
    files._open_unnamed = lambda _: None
if moment == "written":
    os.fsync = die
elif moment == "linked":
    link = os.link
    os.link = lambda *a, **k: (link(*a, **k), die())
else:
    Path.replace = die
if former:
    Path(target).write_bytes(b"former")
files.save_bytes(b"new", Path(target))
"""


@LINUX
@pytest.mark.parametrize(
    ("way", "moment", "former", "found", "litter"),
    [
        ("unnamed", "written", False, None, 0),
        ("unnamed", "written", True, b"former", 0),
        ("unnamed", "linked", False, b"new", 0),
        ("unnamed", "linked", True, b"former", 1),  # between two calls of the system, with no work between them
        ("named", "written", False, None, 1),
        ("named", "written", True, b"former", 1),
        ("named", "replace", True, b"former", 1),
    ],
)
def test_killed_at_its_worst_moments(
    tmp_path: Path, way: str, moment: str, former: bool, found: bytes | None, litter: int
) -> None:
    target = tmp_path / "plan.xlsx"
    arguments = [way, moment, str(target), "former" if former else ""]
    told = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, capture_output=True)
    assert told.returncode == -signal.SIGKILL, told.stderr
    assert (target.read_bytes() if target.exists() else None) == found
    assert len(names(tmp_path)) == litter + (found is not None)
    files.save_bytes(NEW, target)
    assert (names(tmp_path), target.read_bytes()) == (["plan.xlsx"], NEW)


@POSIX
def test_only_litter_of_processes_that_are_gone_is_removed(way: str, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        ended.wait()
    running = f".plan.xlsx.{os.getppid()}-00000000.tmp"
    mine = [running, ".plan.xlsx.notes.tmp", f".other.xlsx.{ended.pid}-00000000.tmp", "plan.xlsx.tmp"]
    for name in (*mine, f".plan.xlsx.{ended.pid}-0123abcd.tmp"):
        (tmp_path / name).write_bytes(b"x")
    files.save_bytes(NEW, tmp_path / "plan.xlsx")
    assert names(tmp_path) == sorted([*mine, "plan.xlsx"])


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_command_in_order(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    scenario = write_book(tmp_path / "scenario.xlsx", small())
    plan, programme = tmp_path / "scenario.plan.xlsx", tmp_path / "programme.lp"
    programme.write_bytes(b"\\* the former programme *\\")
    assert cli.run([str(scenario)]) == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    handlers = [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP)]
    for step in ("_finish", "_mode"):
        with monkeypatch.context() as patch:
            patch.setattr(files, step, lambda *_: os.kill(os.getpid(), number))
            assert cli.run([str(scenario), "--lp", str(programme), "--force"]) == code
            assert cli.run(["sweep", str(scenario), "--vary", "Rules/Roads first/Value=30%..50%"]) == code
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP)] == handlers
    assert plan.read_bytes() == before[plan.name]


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_that_comes_in_a_callback_is_not_lost(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    number: signal.Signals,
    code: int,
) -> None:
    """What is raised there, Python tells and forgets."""
    scenario = write_book(tmp_path / "scenario.xlsx", small())

    def forgotten(*_: Any) -> None:
        class Gone: ...

        gone = Gone()
        kept = weakref.ref(gone, lambda _: os.kill(os.getpid(), number))
        del gone
        assert kept() is None
        time.sleep(60)

    monkeypatch.setattr(files, "_finish", forgotten)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert cli.run([str(scenario), "--quiet"]) == code
    finally:
        signal.signal(signal.SIGINT, before)
    assert "Traceback" not in capfd.readouterr().err
    assert names(tmp_path) == [scenario.name]


@POSIX
def test_a_signal_that_is_ignored_stays_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `nohup` has it."""
    scenario = write_book(tmp_path / "scenario.xlsx", small())
    finish: Callable[..., Any] = files._finish

    def hang_up(*arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        finish(*arguments)

    monkeypatch.setattr(files, "_finish", hang_up)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert cli.run([str(scenario), "--quiet"]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (tmp_path / "scenario.plan.xlsx").exists()


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed_at_any_moment(tmp_path: Path, number: signal.Signals) -> None:
    """25 random moments, of which a third lies where the plan is being written."""
    scenario = write_book(tmp_path / "scenario.xlsx", small())
    plan, programme = tmp_path / "scenario.plan.xlsx", tmp_path / "programme.lp"
    arguments = [sys.executable, "-m", "allocator", str(scenario), "--lp", str(programme), "--quiet"]
    made = []
    for epoch in ("1", "2"):
        start = time.monotonic()
        subprocess.run(arguments, env=os.environ | {"SOURCE_DATE_EPOCH": epoch}, check=True)
        made.append({path.name: path.read_bytes() for path in tmp_path.iterdir()})
    took = time.monotonic() - start
    former, new = made
    assert former[plan.name] != new[plan.name]
    rng, ends = random.Random(number), []  # noqa: S311
    for trial in range(25):
        plan.write_bytes(former[plan.name])
        running = subprocess.Popen(arguments, env=os.environ | {"SOURCE_DATE_EPOCH": "2"}, stderr=subprocess.PIPE)
        time.sleep(rng.uniform(0.85, 1.02) * took if trial % 3 == 0 else rng.uniform(0, took))
        running.send_signal(number)
        _, said = running.communicate()
        ends.append(running.returncode)
        assert b"Traceback" not in said or running.returncode == -number  # Python itself may be starting
        found = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        assert found in (former, new)
        assert running.returncode in (0, -number, 128 + number)
        assert running.returncode or found == new
    assert any(ends)
