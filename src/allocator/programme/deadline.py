"""Until when there is time."""

from __future__ import annotations

import time


class OutOfTime(Exception):  # noqa: N818  (never leaves the package)
    """The time limit came before the answer."""


class Deadline:
    """When to stop; None is never."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float | None:
        """Return the seconds that are left; raise `OutOfTime` where none are."""
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise OutOfTime
        return left
