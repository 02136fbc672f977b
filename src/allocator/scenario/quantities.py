"""Sums of money as a rule speaks of them: what areas get, what sources have, and what follows from these.

A small algebra that knows neither a linear programme nor a workbook: the programme turns a quantity into a linear
expression, the report into a formula, and its dependencies (which Budget cells, whether the year before the first) are
read off it. Years before the scenario's first are what Areas and Budget say under Last year.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


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
