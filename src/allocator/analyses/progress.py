"""What is being done while a plan is explained, varied or compared: facts, which `wording.progress` puts in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from allocator.analyses.outcomes import Analysis
from allocator.programme.progress import Doing


class Analysing(Doing, Enum):
    """Steps of analyses."""

    READING_BOTH_ENDS = auto()
    """The scenario is read with either end of the way in its cell."""
    LOOKING_FOR_CHANGES = auto()
    LOOKING_FOR_REPAIRS = auto()
    PLANNING_A_REPAIR = auto()
    SPLITTING = auto()
    """The difference of two plans is split among the inputs."""
    VALUING = auto()
    """Every plan is valued under every scenario."""


@dataclass(frozen=True)
class Reporting(Doing):
    """An analysis of the report is made."""

    analysis: Analysis


@dataclass(frozen=True)
class PlanningPoints(Doing):
    """The plans at the points of a way."""

    done: int
    of: int


@dataclass(frozen=True)
class Planning(Doing):
    """One of several scenarios is planned."""

    name: str


@dataclass(frozen=True)
class Explaining(Doing):
    """Why one of several plans differs from the first is worked out; `step`: what of it."""

    name: str
    step: Doing | None = None
