"""What became of each analysis: a plan says by this, not by its messages, how much of its report it has."""

from __future__ import annotations

from enum import Enum, auto

from allocator.errors import SolverError
from allocator.programme.deadline import OutOfTime


class Analysis(Enum):
    """What can be learnt from a plan, or from there being none; in the order in which it is worked out."""

    PRICES = auto()
    ROOM = auto()
    PRICE_CARD = auto()
    NEXT_MONEY = auto()
    MISSED_GOALS = auto()
    EARLY_WARNING = auto()
    REPAIRS = auto()


class Ending(Enum):
    """How an analysis ended."""

    DONE = auto()
    NOT_ASKED = auto()
    OUT_OF_TIME = auto()
    """The time limit came first."""
    NO_ANSWER = auto()
    """The solver stopped without one."""
    CUT_SHORT = auto()
    """There may be more to find: the search has a time of its own, and that was up."""


REPORT = (
    Analysis.PRICES,
    Analysis.ROOM,
    Analysis.PRICE_CARD,
    Analysis.NEXT_MONEY,
    Analysis.MISSED_GOALS,
    Analysis.EARLY_WARNING,
)
"""The sensitivity report of a plan: each takes solves of its own."""


LOST = (ArithmeticError, SolverError)
"""What is raised where the solver has lost its way: the plan stands, a figure about it is missing."""


def ending(error: Exception) -> Ending:
    """Return how an analysis ended that raised `OutOfTime` or one of `LOST`."""
    return Ending.OUT_OF_TIME if isinstance(error, OutOfTime) else Ending.NO_ANSWER
