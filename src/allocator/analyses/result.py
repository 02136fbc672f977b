"""What is known once a scenario is solved: every figure that workbook, console and JSON show.

Amounts, final values, slacks and indicators are exact and those of the rounded plan; coefficients, reduced costs,
prices and ranges are the unrounded optimum's, in the scenario's unit, as floating-point numbers. `None` is "not
known or has no meaning", `math.inf` is "no limit".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property

from allocator.programme.rows import Key, Row
from allocator.scenario.model import Cell, Operator, Scenario


class Status(Enum):
    """What became of the search."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    STOPPED = "stopped"


class RowStatus(Enum):
    """How a row stands in the plan."""

    BINDING = "Binding"
    NOT_BINDING = "Not Binding"
    MISSED = "Missed"


@dataclass(frozen=True)
class HeldBy:
    """What stops an amount from growing: in words, and the input cell it comes from."""

    text: str
    cell: Cell | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.cell})" if self.cell else self.text


@dataclass(frozen=True)
class Allotment:
    """Money for one area (without parts) from one source in one year."""

    area: str
    year: int
    source: str
    amount: Fraction
    unrounded: float
    eligible: bool
    """Whether the area's Sources let this source pay for it."""
    held_by: HeldBy | None = None


@dataclass(frozen=True)
class AreaFigures:
    """An area without parts in one year: its amount over all sources, and what the optimum says of it."""

    area: str
    year: int
    final_value: Fraction
    reduced_cost: float | None = None
    objective_coefficient: float | None = None
    allowable_increase: float | None = None
    allowable_decrease: float | None = None
    least: float | None = None
    most: float | None = None
    limiting_item: str = ""


@dataclass(frozen=True)
class RowFigures:
    """A row of the programme at the plan, with its price at the optimum."""

    row: Row
    final_value: Fraction
    """The left side."""
    rhs: Fraction
    """The right side at the plan, margin of a strict row not included."""
    slack: Fraction
    """Distance to what is demanded, a strict row's margin included; negative where missed."""
    status: RowStatus
    reached: Fraction | None
    """The left side in the rule's own unit."""
    shadow_price: float | None = None
    price_up: float | None = None
    price_down: float | None = None
    allowable_increase: float | None = None
    allowable_decrease: float | None = None
    degenerate: bool | None = None


@dataclass(frozen=True)
class IndicatorFigures:
    """An indicator in one of its years."""

    indicator: str
    unit: str
    year: int
    baseline: Fraction
    reached: Fraction
    operator: Operator | None
    target: Fraction | None
    met: bool | None
    """None where there is no target."""
    parts: Mapping[str, Fraction] = field(default_factory=dict)
    """Area → what its money adds to the baseline; areas without effect are left out."""


@dataclass(frozen=True)
class GoalFigures:
    """A goal and by how much it is missed, in its row's unit; 0 where it is met."""

    row: Row
    priority: int
    missed_by: Fraction


@dataclass(frozen=True)
class FundFigures:
    """A source in one year: opening + available = spent + carried forward + unspent."""

    source: str
    year: int
    opening: Fraction
    available: Fraction
    spent: Fraction
    carried_forward: Fraction
    unspent: Fraction


@dataclass(frozen=True)
class Run:
    """How the plan was made."""

    solver: str
    """Name and version."""
    versions: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    columns: int = 0
    rows: int = 0


@dataclass(frozen=True)
class Result:
    """The plan and everything said about it; tuples stand in order of area, year, source as in the workbook."""

    scenario: Scenario
    status: Status
    run: Run
    objective: Fraction | None = None
    """Of the plan, i.e. rounded; None where there is none."""
    unrounded_objective: float | None = None
    """Of the programme's optimum: the best that any plan could reach."""
    step: Fraction = Fraction(0)
    """The Step that the amounts really are multiples of; 0 where they are not rounded."""
    tie: bool = False
    """Whether other plans were equally good."""
    allotments: tuple[Allotment, ...] = ()
    areas: tuple[AreaFigures, ...] = ()
    rows: tuple[RowFigures, ...] = ()
    indicators: tuple[IndicatorFigures, ...] = ()
    goals: tuple[GoalFigures, ...] = ()
    funds: tuple[FundFigures, ...] = ()
    conflict: tuple[Row, ...] = ()
    """Where no plan exists: rows that can't stand together."""
    messages: tuple[str, ...] = ()

    @cached_property
    def amounts(self) -> Mapping[Key, Fraction]:
        """(area, year, source) → amount."""
        return {(a.area, a.year, a.source): a.amount for a in self.allotments}

    def amount(self, area: str, year: int, sources: tuple[str, ...] | None = None) -> Fraction:
        """Return what `area` (with or without parts) gets in `year` from `sources` (None: all)."""
        names = sources if sources is not None else tuple(s.name for s in self.scenario.sources)
        return sum(
            (self.amounts[leaf, year, name] for leaf in self.scenario.parts[area] for name in names),
            Fraction(0),
        )

    def share(self, area: str, year: int) -> Fraction | None:
        """Return the area's budget money as a part of that year's budget; None where there is no budget."""
        budget = self.scenario.budget(year)
        return self.amount(area, year, self.scenario.budget_sources) / budget if budget else None

    def last_year(self, area: str) -> Fraction | None:
        """Return Last year of `area`, summed over its parts; None where one of them is blank."""
        amounts = [self.scenario.area[leaf].last_year for leaf in self.scenario.parts[area]]
        return None if any(a is None for a in amounts) else sum((a for a in amounts if a is not None), Fraction(0))
