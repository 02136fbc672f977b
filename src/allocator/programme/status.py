"""What becomes of a search, until when there is time for it, and what is being done meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocator.scenario.model import Objective


class Status(Enum):
    """How a search ends. STOPPED says nothing about the programme: neither that a plan exists nor that none does."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    """Only of questions about an optimum: what a scenario seeks always has an end."""
    STOPPED = "stopped"


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


class Doing:
    """A piece of work; each room has its own."""


type Progress = Callable[[Doing, float | None], None]
"""Called with what is being done and, where known, the part done (0 to 1)."""


def silent(_doing: Doing, _part: float | None) -> None:
    """Tell nobody."""


class Solving(Doing, Enum):
    """Steps of a solve."""

    BUILDING = auto()
    CHOOSING = auto()
    """Among equally good plans."""
    ROUNDING = auto()
    """To whole steps."""


@dataclass(frozen=True)
class SeekingGoals(Doing):
    """The shortfalls of a priority's goals are made least."""

    priority: int


@dataclass(frozen=True)
class SeekingObjective(Doing):
    """The objective is sought."""

    objective: Objective
