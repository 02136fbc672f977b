"""Why no plan exists, and what would make one: the nouns."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Conflict:
    """A few rows that can't stand together; leave out any one of them and the others can."""

    members: tuple[Member, ...]
    sentence: str
    """The arithmetic that shows it, in the reader's words."""
    short_by: Fraction
    """By how much what is asked for exceeds what is there, in `unit`: by so much the row of weight 1 that the sentence
    is about (an indicator's target, else what asks for money) must give way at least, if no other member does."""
    unit: str
    asked: Fraction = Fraction(0)
    """Σ weight · bound of the members that ask for at least so much, in `unit`; `asked − available = short_by`."""
    available: Fraction = Fraction(0)
    """Σ weight · bound of the members that allow at most so much: all that there can be."""
    headline: str = ""
    """The same arithmetic of all rows that clash there, not of the fewest: what must be made good in all."""


@dataclass(frozen=True)
class Repair:
    """A set of edits that lets a plan exist, and the best plan there is then."""

    kind: str
    """What it is the best at: ``one rule``, ``least change``, ``fewest rules``."""
    edits: tuple[RuleEdit, ...]
    size: float
    """Σ of the changes, each as a part of what the cell held."""
    objective: Fraction | None
    amounts: tuple[tuple[Key, Fraction], ...]
    """The plan that it leads to, in the scenario's order."""
