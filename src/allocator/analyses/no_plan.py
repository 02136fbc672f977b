"""Why no plan exists, and what would make one: the nouns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from allocator.programme.rows import Key, Row
from allocator.scenario.edits import RuleEdit


@dataclass(frozen=True)
class Member:
    """One row of a conflict."""

    row: Row
    weight: Fraction
    """By what it is multiplied, above 0, so that the members' sum contradicts itself; 1 for the row in whose unit the
    sum is."""
    at_least: bool = True
    """Whether it counts for what it asks for at least, or for what it allows at most; an ``=`` can be either."""

    @property
    def plain(self) -> bool:
        """Whether it is about a sum of money, counted once."""
        return self.row.kind.money and self.weight == 1 and all(c == 1 for c in self.row.body.terms.values())


@dataclass(frozen=True)
class OutOfReach:
    """A target that an indicator can't be brought to."""

    target: Row
    at_least: bool
    wanted: Fraction
    """The target in its own unit, a strict one's margin included."""
    best: Fraction
    """How far it can be brought."""
    others: tuple[Row, ...]
    """What leaves it there; none: no money moves it."""
    only_money: bool
    """Whether those are budgets alone."""
    cumulative: bool
    """Whether the indicator counts what earlier years did."""


@dataclass(frozen=True)
class KeptByNone:
    """A row that no plan keeps by itself."""

    row: Row
    at_least: bool
    short: Fraction
    """By how much it is missed at least, in its unit."""


@dataclass(frozen=True)
class TooLittleMoney:
    """Sums of money that are asked for, and sums of money that can be had, each counted once."""

    asking: tuple[Row, ...]
    allowing: tuple[Row, ...]
    asked: Fraction
    available: Fraction
    unit: str


@dataclass(frozen=True)
class Contradiction:
    """Any rows: the amounts on their left sides cancel, or can only make it worse."""

    asking: tuple[Row, ...]
    allowing: tuple[Row, ...]
    asked: Fraction
    available: Fraction
    unit: str
    weighed: bool
    """Whether some count other than once."""


type Clash = OutOfReach | KeptByNone | TooLittleMoney | Contradiction
"""The arithmetic that shows why rows can't stand together."""


@dataclass(frozen=True)
class Conflict:
    """A few rows that can't stand together; leave out any one of them and the others can."""

    members: tuple[Member, ...]
    clash: Clash
    """The arithmetic that shows it."""
    short_by: Fraction
    """By how much what is asked for exceeds what is there, in `unit`: by so much the row of weight 1 that the clash
    is about (an indicator's target, else what asks for money) must give way at least, if no other member does."""
    unit: str
    asked: Fraction = Fraction(0)
    """Σ weight · bound of the members that ask for at least so much, in `unit`; `asked − available = short_by`."""
    available: Fraction = Fraction(0)
    """Σ weight · bound of the members that allow at most so much: all that there can be."""
    headline: Clash | None = None
    """The same arithmetic of all rows that clash there, not of the fewest: what must be made good in all."""


class RepairKind(Enum):
    """What a repair is the best at."""

    ONE_RULE = auto()
    """It changes one cell alone."""
    LEAST_CHANGE = auto()
    FEWEST_RULES = auto()
    ANOTHER_WAY = auto()
    """The least change that leaves out cells of the others."""


@dataclass(frozen=True)
class Repair:
    """A set of edits that lets a plan exist, and the best plan there is then."""

    kind: RepairKind
    edits: tuple[RuleEdit, ...]
    size: float
    """Σ of the changes, each as a part of what the cell held."""
    objective: Fraction | None
    amounts: tuple[tuple[Key, Fraction], ...]
    """The plan that it leads to, in the scenario's order."""
