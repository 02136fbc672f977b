"""What is being done while a scenario is planned: facts, which `wording.progress` puts in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from allocator.scenario.model import Objective


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
