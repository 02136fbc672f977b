"""What every family of constraints says of its demands: their rows, what these rest on, and what may be changed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Protocol, Self

from allocator.programme.rows import ZERO, Ledger, Row, RowKind
from allocator.scenario.model import Band, Cell, Scenario, Strength
from allocator.scenario.quantities import Quantity

MUST = Strength()
STRICT_PART = Fraction(1, 10**6)
"""A strict comparison's margin where there is no Step, as a part of the row's constant."""


@dataclass(frozen=True)
class Reads:
    """The figures that a row holds beside the number in its own cell."""

    budgets: frozenset[int] = frozenset()
    """The years whose Budget cells it counts."""
    past: bool = False
    """Whether it counts what is said of the year before the first."""
    effects: frozenset[str] = frozenset()
    """The indicators whose effects it counts."""


NOTHING = Reads()


@dataclass(frozen=True)
class Number:
    """The number in the input cell behind a row, and how far it may be changed."""

    cell: Cell
    value: Fraction
    share: bool
    """Whether it is a part of something: 0.04 is 4 %."""
    least: Fraction | None
    most: Fraction | None


class Formulas(Protocol):
    """Turns what a row is made of into formulas over a workbook's cells; None where no cells hold it."""

    def quantity(self, quantity: Quantity) -> str | None:
        """Return the formula of a quantity."""

    def figure(self, row: Row) -> str | None:
        """Return the formula that reads the row's number from its cell."""

    def available(self, source: str, years: Sequence[int], row: Row) -> str | None:
        """Return the formula of what a source makes available; `row`: its Budget row."""

    def band_end(self, area: str, band: Band) -> str | None:
        """Return the formula of where an area's band ends."""

    def indicator(self, name: str, year: int) -> str | None:
        """Return the formula of an indicator's value."""

    def budget(self, year: int) -> str:
        """Return the formula of a year's budget."""

    def budgets(self, years: Sequence[int]) -> str | None:
        """Return the formula of these years' budgets; None where they are nothing."""


class Constraint(ABC):
    """One demand of a scenario on its plans: what a row of the programme is made of."""

    fields: ClassVar[tuple[str, ...]]
    """The fields of a scenario that the family's demands are made of, beside the years."""
    kind: ClassVar[RowKind]
    """What its rows are."""

    @classmethod
    @abstractmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        """Yield the family's demands in order."""

    @abstractmethod
    def row(self, ledger: Ledger) -> Row:
        """Return its row."""

    @property
    def title(self) -> str | None:
        """The name that its author gave it, which several rows may share; None where rows are named after cells."""
        return None

    @property
    def reads(self) -> Reads:
        """What follows from other cells than its own."""
        return NOTHING

    # What may be changed in it

    def number(self, row: Row, scenario: Scenario) -> Number:  # noqa: ARG002 - a band's end asks the scenario
        """Return the number that a repair may change; `row` is its own."""
        least = min(ZERO, row.value)
        return Number(row.cell, row.value, share=row.base is not None, least=least, most=None)

    @abstractmethod
    def at(self, value: Fraction, scenario: Scenario) -> Constraint:
        """Return the demand with another number in its cell."""

    # Its sides as formulas

    @abstractmethod
    def left_formula(self, formulas: Formulas) -> str | None:
        """Return the formula of the left side."""

    def value_formula(self, row: Row, formulas: Formulas) -> str | None:
        """Return the formula of Value."""
        return formulas.figure(row)

    def base_formula(self, formulas: Formulas) -> str | None:  # noqa: ARG002 - most have none
        """Return the formula of what Value is multiplied by."""
        return None

    def divisor_formula(self, value: str, formulas: Formulas) -> str | None:  # noqa: ARG002 - the same
        """Return the formula of what a goal's shortfall is divided by; `value` is the address of Value."""
        return None
