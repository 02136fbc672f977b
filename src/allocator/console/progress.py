"""Progress on long runs: what is done, how fast it gets on, and how long the rest will take."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn
from rich.text import Text

from allocator.console.lines import clean
from allocator.programme.status import Doing
from allocator.wording.progress import Shown, counts_of, doing_text

PROGRESS_AFTER = 1.0
"""Seconds before progress is shown: shorter work would only flicker."""
MEASURED = 0.5
"""Seconds over which a pace is measured before it is told: a shorter one would jump about."""


@dataclass(frozen=True)
class _Mark:
    """How far the work was at a time (in seconds): the part done, and how many pieces of how many."""

    at: float
    part: float
    counts: tuple[int, int] | None

    @property
    def of(self) -> int | None:
        """How many pieces there are."""
        return None if self.counts is None else self.counts[1]


class Pace:
    """The pace of work whose progress is reported as ``(counts, part)``.

    A part that is unknown, or smaller than the one before, begins something new.
    """

    def __init__(self) -> None:
        self._first: _Mark | None = None
        self._last: _Mark | None = None

    def note(self, counts: tuple[int, int] | None, part: float | None, now: float) -> None:
        """Take down a report made at `now`, in seconds; `counts`: how many pieces are done, and of how many."""
        if part is None:
            self._first = self._last = None
            return
        mark = _Mark(now, part, counts)
        if self._first is None or self._last is None or part < self._last.part or mark.of != self._first.of:
            self._first = mark
        self._last = mark

    def words(self, now: float) -> str:
        """Return the pace and the time left at `now`, ``8/s, 5 s left``; what is not known yet is left out.

        >>> pace = Pace()
        >>> for second, count in enumerate((0, 8, 16)):
        ...     pace.note((count, 64), count / 64, float(second))
        >>> pace.words(2.0)
        '8/s, 6 s left'
        """
        first, last = self._first, self._last
        if first is None or last is None:
            return ""
        seconds, done = last.at - first.at, last.part - first.part
        if seconds < MEASURED or done <= 0:
            return ""
        left = max(0.0, (1 - last.part) * seconds / done - (now - last.at))
        told = [f"{_length(left)} left"]
        if first.counts and last.counts and last.counts[0] > first.counts[0]:
            told.insert(0, _rate((last.counts[0] - first.counts[0]) / seconds))
        return ", ".join(told)


def _rate(per_second: float) -> str:
    """Return a rate in words, of what takes long the other way round: ``8/s``, ``4 s each``."""
    return f"{per_second:,.0f}/s" if per_second >= 1.5 else f"{_length(1 / per_second)} each"


def _length(seconds: float) -> str:
    """Return a length of time, ``5 s`` or ``3 min``."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:,.0f} min"


class PaceColumn(ProgressColumn):
    """Shows a pace beside the bar."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self._pace = pace

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich calls it with the task
        """Return what is known now, whatever the task."""
        return Text(self._pace.words(time.monotonic()), style="dim")


@contextmanager
def progress_display(console: Console) -> Iterator[Shown]:
    """Yield a callback ``(doing, part)`` that shows progress: on a terminal only, after a second, gone at the end."""
    if not console.is_interactive:
        yield lambda _doing, _part: None
        return
    pace = Pace()
    parts = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(30), PaceColumn(pace))
    display = Progress(*parts, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    task = display.add_task("", total=None)

    def report(doing: Doing | str, part: float | None) -> None:
        text = clean(doing if isinstance(doing, str) else doing_text(doing))
        pace.note(counts_of(doing), part, time.monotonic())
        display.update(task, description=text, total=None if part is None else 1.0, completed=part or 0.0)

    try:
        with _after(PROGRESS_AFTER, display.start):
            yield report
    finally:
        display.stop()


@contextmanager
def _after(seconds: float, start: Callable[[], None]) -> Iterator[None]:
    """Call `start` from a thread of its own unless the block ends before."""
    timer = threading.Timer(seconds, start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
