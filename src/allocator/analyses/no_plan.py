"""Why no plan exists, and what would make one: the nouns."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from allocator.programme.rows import Key, Row
from allocator.scenario.model import Cell


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
class Word:
    """A keyword that a repair types in place of another: an operator, or what Spend says."""

    heading: str
    """Of the cell's column."""
    before: str
    """As it was typed."""
    after: str


@dataclass(frozen=True)
class Change:
    """One input cell that a repair changes: a number, or a keyword."""

    rule: str
    """The row's name, as on Rules."""
    year: int | None
    """None where the cell holds for several years."""
    cell: Cell
    before: Fraction
    after: Fraction
    unit: str
    """``%`` for a share, else the scenario's or the indicator's unit."""
    share: bool
    """Whether before and after are parts (0.06 is 6 %)."""
    word: Word | None = None
    """The keyword that changes; before and after are then 0."""

    @property
    def typed(self) -> float | str:
        """What is typed into the cell."""
        return float(self.after) if self.word is None else self.word.after


@dataclass(frozen=True)
class Repair:
    """A set of changes that lets a plan exist, and the best plan there is then."""

    kind: str
    """What it is the best at: ``one rule``, ``least change``, ``fewest rules``."""
    changes: tuple[Change, ...]
    size: float
    """Σ of the changes, each as a part of what the cell held."""
    objective: Fraction | None
    amounts: tuple[tuple[Key, Fraction], ...]
    """The plan that it leads to, in the scenario's order."""
