"""What a result says to its reader beside its figures: facts, which `wording.messages` turns into sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from allocator.analyses.outcomes import Analysis, Ending
from allocator.programme.whole import NoWholePlan, StepTooFine
from allocator.scenario.model import Remark

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
