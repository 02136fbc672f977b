"""Options of the suite, and what continuous integration adds to it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from plan_cells import Office

# where no bytecode may be written beside its source, it is kept in pytest's cache: else each worker and each command
# that a test starts would compile the package and its libraries anew, which takes longer than most tests
if sys.dont_write_bytecode:
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / ".pytest_cache" / "bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

# how fast a machine is decides no test
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

MANY = 8
"""Of so many cases and more, each commit may run others."""


# whoever runs the suite in the background or under nohup ignores signals, and so would every process that tests start
_HEEDED = {signal.SIGINT: signal.default_int_handler, getattr(signal, "SIGHUP", signal.SIGTERM): signal.SIG_DFL}
for _number, _handler in _HEEDED.items():
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden",
        action="store_true",
        help="write tests/golden anew, to be read before it is committed",
    )
    parser.addoption(
        "--tenth",
        type=int,
        choices=range(10),
        help="of the many cases of slow tests run one in ten, beginning with this one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out nine in ten of the many cases of slow tests where ``--tenth`` says so."""
    tenth = config.getoption("--tenth")
    if tenth is None:
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("slow"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left_out: set[pytest.Item] = set()
    for family in cases.values():
        if len(family) >= MANY:
            every = min(len(family), 10)
            left_out |= {item for number, item in enumerate(family) if number % every != tenth % every}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


type Share = Callable[[Iterable[Any]], list[Any]]


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> Share:
    """What picks those of the many cases within a slow test that are tried: one in ten with ``--tenth``, else all."""
    tenth = request.config.getoption("--tenth")
    return lambda cases: list(cases) if tenth is None else list(cases)[tenth::10]


@pytest.fixture
def refresh_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written rather than compared with."""
    return bool(request.config.getoption("--refresh-golden"))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, to recalculate and to print; tests that need it are skipped where it is not installed."""
    from plan_cells import Office

    return Office(tmp_path_factory.mktemp("office"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count a skipped test as a failed one in continuous integration, where everything it needs is to be there."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is a failure here: {report.longrepr}"
    return report
