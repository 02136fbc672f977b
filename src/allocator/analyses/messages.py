"""What is said of analyses beside their figures: what became of each, what a reader must know, what is being done.

All are facts, which `wording` turns into sentences. A plan says by `Ending`, not by its messages, how much of its
report it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from allocator.errors import SolverError
from allocator.programme.status import Doing, OutOfTime
from allocator.programme.whole import NoWholePlan, StepTooFine
from allocator.scenario.model import Remark

# -- what became of each analysis -------------------------------------------------------------------------------------


class Analysis(Enum):
    """What can be learnt from a plan, or from there being none; in the order in which it is worked out."""

    PRICES = auto()
    ROOM = auto()
    PRICE_CARD = auto()
    NEXT_MONEY = auto()
    RULE_COSTS = auto()
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


REPORT = tuple(analysis for analysis in Analysis if analysis is not Analysis.REPAIRS)
"""The sensitivity report of a plan: each takes solves of its own."""


LOST = (ArithmeticError, SolverError)
"""What is raised where the solver has lost its way: the plan stands, a figure about it is missing."""


def ending(error: Exception) -> Ending:
    """Return how an analysis ended that raised `OutOfTime` or one of `LOST`."""
    return Ending.OUT_OF_TIME if isinstance(error, OutOfTime) else Ending.NO_ANSWER


# -- what a result says -----------------------------------------------------------------------------------------------

# -- how the plan was found -------------------------------------------------------------------------------------------


class Moment(Enum):
    """When the time limit came."""

    BEFORE_ITS_TURN = auto()
    BEFORE_THE_ANSWER = auto()
    WHILE_ROUNDING = auto()


@dataclass(frozen=True)
class TimeUp:
    """The time limit came first; `seconds` is None where what was left of it is nobody's limit."""

    moment: Moment
    seconds: float | None = None


@dataclass(frozen=True)
class Failed:
    """The solver stopped without an answer: what it said."""

    text: str


@dataclass(frozen=True)
class Stopped:
    """The search ended without a plan."""

    reason: TimeUp | Failed


@dataclass(frozen=True)
class Tied:
    """Other plans are as good as the one that was chosen."""


@dataclass(frozen=True)
class NothingMoves:
    """No money does anything for the indicator that is sought."""

    indicator: str


@dataclass(frozen=True)
class KeptNearly:
    """Equalities that no whole steps reach, by their labels."""

    rows: tuple[str, ...]


@dataclass(frozen=True)
class Unproved:
    """The plan is not proved; `rows` are some that amounts this large can't keep to the last digit, by their labels."""

    rows: tuple[str, ...]


# -- one-sided plans --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OneArea:
    """One area gets (nearly) all that is spent."""

    area: str
    amount: Fraction
    spent: Fraction
    unit: str


@dataclass(frozen=True)
class MuchUnspent:
    """Much of the available money stays unspent; `step` is given where whole steps leave it."""

    unspent: Fraction
    available: Fraction
    unit: str
    step: Fraction | None


@dataclass(frozen=True)
class AtEnds:
    """Most of the amounts stand where a band or a limit ends."""

    amounts: int
    at_bands: int
    at_limits: int
    yearly: bool
    """Whether there are several years, so that an area has several amounts."""


# -- what the report lacks --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LeftOut:
    """Analyses that were asked for and could not be had."""

    analyses: tuple[Analysis, ...]
    why: Ending
    only: tuple[str, ...] = ()
    """The rows, and the areas with their years, that lack it; empty: all."""


@dataclass(frozen=True)
class RepairsCutShort:
    """Repairs were looked for during so many seconds only."""

    seconds: float


@dataclass(frozen=True)
class RangesCutShort:
    """So many ranges of a large programme with so many rows are those of one optimal basis."""

    rows: int
    ranges: int


@dataclass(frozen=True)
class RoomByGroups:
    """There are so many pairs of area and year that groups of areas have room, in one year."""

    pairs: int
    groups: int
    year: int


type Message = (
    Remark
    | Stopped
    | Tied
    | NothingMoves
    | NoWholePlan
    | StepTooFine
    | KeptNearly
    | Unproved
    | OneArea
    | MuchUnspent
    | AtEnds
    | LeftOut
    | RepairsCutShort
    | RangesCutShort
    | RoomByGroups
)
"""All that a result may say."""


# -- what is being done -----------------------------------------------------------------------------------------------


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
