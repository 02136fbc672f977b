"""A rule's basis: how it is typed and told, and the two sides of the rows that it leads to.

A row of a rule says ``left op (offset + Value) · base``, or ``left op Value`` where there is no base. Both are sums of
money, a small algebra that knows neither a linear programme nor a workbook: the programme turns a quantity into a
linear expression, the report into a formula, and its dependencies (which Budget cells, whether the year before the
first) are read off it. Years before the scenario's first are what Areas and Budget say under Last year.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

# ---- Sums of money --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Money:
    """What areas (without parts; None: all) get from sources in years, summed."""

    areas: tuple[str, ...] | None
    sources: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class Funds:
    """What sources make available in years, summed: Budget cells, nothing carried over."""

    sources: tuple[str, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class Rescaled:
    """`of` · `now` ÷ `then`: what the same share of other funds would be."""

    of: Quantity
    now: Funds
    then: Funds


@dataclass(frozen=True)
class Sum:
    """Σ factor · quantity."""

    parts: tuple[tuple[Fraction, Quantity], ...]


type Quantity = Money | Funds | Rescaled | Sum


def atoms(quantity: Quantity) -> Iterator[Money | Funds]:
    """Yield the sums that a quantity is made of."""
    match quantity:
        case Money() | Funds():
            yield quantity
        case Rescaled(of, now, then):
            yield from (*atoms(of), now, then)
        case Sum(parts):
            for _, part in parts:
                yield from atoms(part)


def difference(one: Quantity, other: Quantity) -> Sum:
    """Return one quantity less another."""
    return Sum(((Fraction(1), one), (Fraction(-1), other)))


# ---- Bases ----------------------------------------------------------------------------------------------------------


FARTHEST = Fraction(100)
"""A share of what is spent, or of last year, is raised no higher than this (10,000 %)."""


@dataclass(frozen=True)
class Demand:
    """What a row of a rule is about: whose money, from which sources, in which year, or years together."""

    areas: tuple[str, ...]
    """Without parts."""
    sources: tuple[str, ...]
    years: tuple[int, ...]
    """One, where the basis looks back."""
    earliest: int
    """The earliest year of which anything is known, the one before the scenario's first: no basis looks beyond it."""

    @property
    def money(self) -> Money:
        """The money that the rule counts."""
        return Money(self.areas, self.sources, self.years)


@dataclass(frozen=True)
class Basis(ABC):
    """What a rule's Value is a part of; each kind is a class of its own, listed in `BASES`."""

    sources: tuple[str, ...] = ()
    """The sources whose money counts in it."""
    name: str = ""
    """Of an area or a group; empty for all others."""
    areas: tuple[str, ...] = ()
    """Those without parts that the area or group comprises."""

    word: ClassVar[str] = ""
    """As typed under Basis; empty: the name of an area or a group is."""
    meant: ClassVar[tuple[str, ...]] = ()
    """Other ways of typing it: not read, but offered as what they most likely mean."""
    phrase: ClassVar[str] = ""
    """How it goes on after Value: ``4 %`` *of the budget*; ``{}`` stands for its name."""
    meaning: ClassVar[str]
    """What Value is a part of, for the format's page."""
    example: ClassVar[str]
    sentence: ClassVar[str]
    """A rule as it is typed, and what that asks for, for the guide in a new workbook."""

    percent: ClassVar[bool] = True
    """Whether Value is a percentage; else it is an amount, of all sources unless Source says otherwise."""
    points: ClassVar[bool] = False
    """Whether Value is percentage points, not a part of something."""
    looks_back: ClassVar[int] = 0
    """So many years before its own a row needs to know."""
    of_share: ClassVar[bool] = False
    """Whether it compares shares of the budget in two years, of the same money."""
    whole: ClassVar[bool] = False
    """Whether 100 % is all there is, so that nothing can be asked to be more."""
    offset: ClassVar[Fraction] = Fraction(0)
    least: ClassVar[Fraction | None] = Fraction(0)
    """What Value may sensibly be at least; None where there is no end."""
    most: ClassVar[Fraction | None] = FARTHEST
    """What Value may sensibly be raised to."""

    def left(self, demand: Demand) -> Quantity:
        """Return the left side: the money that counts, or its distance from what it is compared with."""
        return demand.money

    @abstractmethod
    def base(self, demand: Demand) -> Quantity | None:
        """Return what Value is multiplied by; None where Value is the right side itself."""

    def before(self, demand: Demand, years: int = 1) -> Money:
        """Return the same areas' money of the basis' sources, some years before."""
        return Money(demand.areas, self.sources, tuple(year - years for year in demand.years))

    @staticmethod
    def share_before(demand: Demand, years: int = 1) -> Rescaled:
        """Return S[t−n]·C[t]/C[t−n]: what an earlier year's share would be of this year's budget."""
        then = tuple(year - years for year in demand.years)
        of = Money(demand.areas, demand.sources, then)
        return Rescaled(of, Funds(demand.sources, demand.years), Funds(demand.sources, then))
