"""Progress on long runs: the pace and the time left, shown on a terminal only."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from allocator.analyses.messages import Analysing, Explaining, Planning, PlanningPoints
from allocator.console import progress as shown
from allocator.console.progress import Pace, progress_display
from allocator.programme.status import Doing, Solving
from allocator.wording.progress import Counted, counts_of

LOOKING, ROUNDING = Analysing.LOOKING_FOR_CHANGES, Solving.ROUNDING


def pace_of(*reports: tuple[float, Doing, float | None]) -> Pace:
    """Return the pace after reports ``(seconds, doing, part)``."""
    pace = Pace()
    for at, doing, part in reports:
        pace.note(counts_of(doing), part, at)
    return pace


def test_the_time_left_follows_from_the_part_done() -> None:
    pace = pace_of((10.0, LOOKING, 0.2), (12.0, LOOKING, 0.3), (14.0, LOOKING, 0.4))
    assert pace.words(14.0) == "12 s left"
    assert pace.words(17.0) == "9 s left"  # it counts down between reports
    assert pace.words(99.0) == "0 s left"


def test_the_rate_follows_from_counts() -> None:
    first, then = (Explaining("X", PlanningPoints(done, 1000)) for done in (100, 132))
    pace = pace_of((0.0, first, 0.1), (4.0, then, 0.132))
    assert pace.words(4.0) == "8/s, 108 s left".replace("108 s", "2 min")
    one, two = (Counted(f"Variant {done} of 3, A: Rounding", done, 3) for done in (1, 2))
    slow = pace_of((0.0, one, 0.0), (8.0, two, 1 / 3))
    assert slow.words(8.0) == "8 s each, 16 s left"


@pytest.mark.parametrize(
    "reports",
    [
        (),
        ((0.0, Solving.BUILDING, None),),
        ((0.0, LOOKING, 0.5),),
        ((0.0, LOOKING, 0.1), (0.1, LOOKING, 0.2)),  # too short to be measured
        ((0.0, LOOKING, 0.1), (5.0, LOOKING, 0.1)),  # no way was made
        ((0.0, LOOKING, 0.1), (5.0, LOOKING, 0.9), (6.0, PlanningPoints(0, 9), 0.0)),  # something new
        ((0.0, LOOKING, 0.1), (5.0, LOOKING, 0.9), (6.0, ROUNDING, None)),
        ((0.0, PlanningPoints(1, 8), 0.1), (5.0, PlanningPoints(2, 9), 0.9)),
        ((0.0, Planning("1 of 9 bridges"), 0.1), (0.4, Planning("2 of 9 bridges"), 0.9)),  # a name is no count
    ],
)
def test_nothing_is_said_of_what_is_not_known(reports: tuple[tuple[float, Doing, float | None], ...]) -> None:
    assert pace_of(*reports).words(6.0) == ""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("terminal", [True, False])
def test_it_stands_beside_the_bar(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> None:
    monkeypatch.setattr(shown, "PROGRESS_AFTER", 0.0)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal() if terminal else io.StringIO()
    with progress_display(Console(file=stream, force_terminal=terminal or None, width=100)) as report:
        report(Counted("Plans: 0 of 64 \x1b]0;title\x07", 0, 64), 0.0)
        time.sleep(0.6)
        report(PlanningPoints(32, 64), 0.5)
        time.sleep(0.2)
    said = stream.getvalue()
    if not terminal:
        assert said == ""
        return
    assert "32 of 64" in said
    assert "/s, " in said
    assert " s left" in said
    assert "\x1b]0;" not in said
