"""Options of the suite, and what continuous integration adds to it."""

import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from plan_cells import Office

# how fast a machine is decides no test
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

MANY = 30
"""So many cases are random ones, of which each commit may run others."""


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
        "--fifth",
        type=int,
        choices=range(5),
        help="of slow tests with many random cases run one case in five, beginning with this one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out four in five of the random cases of slow tests where ``--fifth`` says so."""
    fifth = config.getoption("--fifth")
    if fifth is None:
        return
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("slow"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    families = (family for family in cases.values() if len(family) >= MANY)
    left_out = {item for family in families for number, item in enumerate(family) if number % 5 != fifth}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def refresh_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written rather than compared with."""
    return bool(request.config.getoption("--refresh-golden"))


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """LibreOffice, to recalculate and to print; tests that need it are skipped where it is not installed."""
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
