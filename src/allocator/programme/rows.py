"""The rows of the programme in exact numbers: what each demands, of whom, and where it stands in the workbook.

A row says ``left operator right``, where both sides are linear in the amounts. Everything that must be exact
(rounding, checks, the figures shown) is computed from these; the solver gets them as floating-point numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from allocator.scenario.model import Cell, Operator, Origin, Strength

type Key = tuple[str, int, str]
"""An amount: (area without parts, year, source)."""

ZERO = Fraction(0)


@dataclass(frozen=True)
class Linear:
    """Σ coefficient · amount + constant; zero coefficients are left out."""

    terms: Mapping[Key, Fraction] = field(default_factory=dict)
    constant: Fraction = ZERO

    def value(self, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return the value at `amounts`; an amount that is missing counts as 0."""
        return sum((c * amounts.get(key, ZERO) for key, c in self.terms.items()), self.constant)

    def __add__(self, other: Linear) -> Linear:
        terms = dict(self.terms)
        for key, coefficient in other.terms.items():
            terms[key] = terms.get(key, ZERO) + coefficient
        return Linear({k: c for k, c in terms.items() if c}, self.constant + other.constant)

    def __mul__(self, factor: Fraction | int) -> Linear:
        return Linear({k: c * factor for k, c in self.terms.items()} if factor else {}, self.constant * factor)

    def __sub__(self, other: Linear) -> Linear:
        return self + other * -1


class RowKind(Enum):
    """What sort of demand a row is."""

    BUDGET = "budget"
    LIMIT = "limit"
    RULE = "rule"
    INDICATOR = "indicator"


@dataclass(frozen=True)
class Row:
    """One demand on the plan: ``left operator right``, by `margin` where it is strict.

    ``right = (offset + value) · base`` where there is a base, and the value alone otherwise; `base` and `offset`
    turn the left side back into the rule's own unit (4.1 % of the budget, −3 % on last year).
    """

    name: str
    """As in the contract: ``Budget: SOURCE``, ``Minimum: AREA``, a rule's or an indicator's name."""
    year: int | None
    """None where years count together."""
    kind: RowKind
    subject: str
    """Whose money it is about, as text; `total` for all areas."""
    left: Linear
    operator: Operator
    right: Linear
    value: Fraction
    """The number as written: a part (0.04), an amount, a target."""
    unit: str
    """Unit of both sides."""
    strength: Strength
    cell: Cell
    """The input cell that holds the demand's number."""
    origin: Origin
    base: Linear | None = None
    offset: Fraction = ZERO
    basis_words: str = ""
    """What the value is a part of, in words: ``of the budget``; empty for amounts and targets."""
    margin: Fraction = ZERO
    divisor: Fraction = Fraction(1)
    """What a goal's shortfall is divided by when goals are summed."""
    indicator: str | None = None
    held_sum: bool = False
    """Whether it is no demand of the workbook but a priority's sum of shortfalls, held while the next was sought."""

    @property
    def label(self) -> str:
        """Name and year, as messages and the LP file have them."""
        return self.name if self.year is None else f"{self.name} {self.year}"

    @property
    def body(self) -> Linear:
        """All money on the left: ``left − right`` without its constant; what the programme's row holds."""
        return Linear((self.left - self.right).terms)

    @property
    def bound(self) -> Fraction:
        """The constant that `body` is compared with, the margin of a strict row included."""
        constant = self.right.constant - self.left.constant
        if self.operator.lower:
            return constant + self.margin
        return constant - self.margin if self.operator.upper else constant

    def slack(self, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return how far the row is from its bound at `amounts`, margin included: negative where it is broken.

        For ``=`` it is minus the distance, so that 0 means kept.
        """
        difference = self.body.value(amounts) - self.bound
        if self.operator is Operator.EQUAL:
            return -abs(difference)
        return difference if self.operator.lower else -difference

    def reached(self, amounts: Mapping[Key, Fraction]) -> Fraction | None:
        """Return the left side in the rule's own unit; None where that would divide by nothing."""
        left = self.left.value(amounts)
        if self.base is None:
            return left
        base = self.base.value(amounts)
        return left / base - self.offset if base else None


type Progress = Callable[[str, float | None], None]
"""Called with what is being done and, where known, the part done (0 to 1)."""
