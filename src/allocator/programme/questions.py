"""What may be asked of an optimum: how fast it changes in a direction, how far that lasts, what is free meanwhile.

A direction is what rows of the solver grow by, per unit of the question, in the workbook's units; so are all answers.
They are fractions of a programme small enough to be asked exactly, else floating-point numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from typing import Protocol

from allocator.programme.session import Floats

type Rows = Mapping[int, Fraction]
"""The solver's row → growth of its right-hand side per unit of the question."""


@dataclass(frozen=True)
class Slope:
    """The derivative of a stage's optimum along a direction."""

    value: Fraction | float
    """Of the objective, as stated: per unit of the question."""
    direction: Rows
    """The direction it belongs to, bounds of goals included."""
    move: Callable[[], Floats]
    """How the plan moves along it, column by column; worked out when asked for."""


class RangeEnd(Enum):
    """What ends a way without being met on it."""

    BEGINS = auto()
    """The row that is asked about begins to bind."""
    NO_PLAN = auto()
    """No plan exists beyond."""


@dataclass(frozen=True)
class RowBinds:
    """A row begins, or ceases, to bind: `label` is its name and year."""

    label: str


@dataclass(frozen=True)
class AtZero:
    """An amount comes to, or leaves, 0; `source` is None where only one may pay."""

    area: str
    year: int
    source: str | None = None


@dataclass(frozen=True)
class BandEnds:
    """An amount comes to, or leaves, the end of a band of that number."""

    area: str
    year: int
    band: int


@dataclass(frozen=True)
class GoalTurns:
    """A goal begins to be missed or to be met: `label` is its row's name and year."""

    label: str


type Stop = RangeEnd | RowBinds | AtZero | BandEnds | GoalTurns
"""What ends a direction."""


@dataclass(frozen=True)
class Reach:
    """How far a direction goes while its price holds, in units of the question; `inf`: no limit."""

    distance: Fraction | float
    stops: Stop | None = None
    """What ends it; None where nothing does or it has no name."""
    exact: bool = True
    """False where the price may hold farther: the end is that of one optimal basis."""


class Cone(Protocol):
    """The ways in which the plan shown can move."""

    @property
    def nondegenerate(self) -> bool:
        """Whether nothing tight is in the basis: then every price is the same to both sides."""

    def slope(self, direction: Rows, *, forced: Rows | None = None) -> Slope | None:
        """Return the derivative of the objective along `direction`; None where no plan exists that way.

        `forced` makes columns move by so much, whatever their bounds.
        """

    def slope_in_order(self, direction: Rows) -> Slope | None:
        """Return the same where the sums of goals follow: each is made least anew along the way."""


class Region(Protocol):
    """A set of plans, of which least and most values are asked."""

    def span(self, terms: Mapping[int, Fraction]) -> tuple[Fraction | float, Fraction | float]:
        """Return the least and the most of Σ coefficient · column, of columns that are money; infinite: no end."""


class Face(Region, Protocol):
    """The optimal plans, and how far directions lead while given prices stay optimal."""

    @property
    def single(self) -> bool:
        """Whether the optimal plan is the only one."""

    def holds_still(self, area: str, year: int, *, whole: bool) -> bool:
        """Whether an area's amounts of a year (with `whole`: at least their sum) are the same in all optimal plans."""

    def reach(self, direction: Rows, slope: Slope | None = None) -> Reach:
        """Return how far `direction` goes while the prices of `slope` stay (None: those of the vertex)."""
