"""What is known once a scenario is solved: every figure that workbook, console and JSON show.

Amounts, final values, slacks and indicators are exact and those of the rounded plan; coefficients, reduced costs,
prices and ranges are the unrounded optimum's, in the scenario's unit, as floating-point numbers. `None` is "not
known or has no meaning", `math.inf` is "no limit".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from allocator.analyses.conflict import Conflict
from allocator.analyses.existence import BudgetWarning, TightRow
from allocator.analyses.figures import Alternative, FundFigures, GoalFigures, IndicatorFigures, RowStatus
from allocator.analyses.messages import Analysis, Ending, LeftOut, Message
from allocator.analyses.moves import NextMoney, PriceCard, RoomFigures
from allocator.analyses.prices import HeldBy, LimitingItem, PartFigures
from allocator.analyses.repairs import GoalExplained, Repair
from allocator.analyses.rule_costs import RuleCost
from allocator.errors import Problem
from allocator.programme.decision import Certificate
from allocator.programme.optimum import Stop
from allocator.programme.rows import Key, Row, total
from allocator.programme.solve import StageRun
from allocator.programme.status import Status
from allocator.scenario.doubts import doubts
from allocator.scenario.model import Scenario
from allocator.scenario.problems import FromFile


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

    @property
    def key(self) -> Key:
        """The amount that it is."""
        return Key(self.area, self.year, self.source)


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
    limiting: tuple[LimitingItem, ...] = ()
    """What would change at either end of the coefficient's range; empty where there is no end."""

    @property
    def name(self) -> str:
        """The area's name, as `PartFigures` has one."""
        return self.area


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
    """Both of the following where they are equal; None where they differ, or one of them has no plan."""
    price_up: float | None = None
    price_down: float | None = None
    allowable_increase: float | None = None
    """How far the right-hand side grows while `price_up` stays."""
    allowable_decrease: float | None = None
    degenerate: bool | None = None
    no_plan_up: bool = False
    """No plan exists once the right-hand side grows, however little; then `price_up` is None."""
    no_plan_down: bool = False
    stops_increase: Stop | None = None
    """What ends the range upwards: the item that begins to bind, or that no plan exists beyond."""
    stops_decrease: Stop | None = None


@dataclass(frozen=True)
class Run:
    """How the plan was made."""

    solver: str
    """Name and version."""
    versions: Mapping[str, str] = field(default_factory=dict)
    time_limit: float | None = None
    """Seconds; None: no limit."""
    confirmed_by: str = ""
    """The other solver that found the same objective; empty where none was asked."""
    columns: int = 0
    rows: int = 0
    log: tuple[StageRun | FromFile, ...] = ()
    """One for each programme that was solved."""


@dataclass(frozen=True)
class Result:
    """The plan and everything said about it; tuples stand in order of area, year, source as in the workbook."""

    scenario: Scenario
    status: Status
    run: Run
    objective: Fraction | None = None
    """Of the plan, i.e. rounded; None where there is none."""
    unrounded_objective: Fraction | None = None
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
    parts: tuple[PartFigures, ...] = ()
    """Bands and sources of areas that have several, in order of area, year, band and source."""
    room: tuple[RoomFigures, ...] = ()
    price_card: tuple[PriceCard, ...] = ()
    """One for each row of the Rules sheet, in its order."""
    next_money: tuple[NextMoney, ...] = ()
    """One for each source and year with money in it, in the Budget sheet's order."""
    rule_costs: tuple[RuleCost, ...] = ()
    """One for each row of the Rules sheet, in its order."""
    certificate: Certificate | None = None
    """The proof that the plan is the best; None where there is no plan."""
    conflict: tuple[Row, ...] = ()
    """Where no plan exists: rows that can't stand together."""
    conflicts: tuple[Conflict, ...] = ()
    """The same with the arithmetic, the clearest first; several where they have no row in common."""
    repairs: tuple[Repair, ...] = ()
    """What would make a plan, the least change first."""
    warnings: tuple[BudgetWarning, ...] = ()
    """How far budgets may fall before no plan exists, the nearest first; those that may fall to nothing left out."""
    tight: tuple[TightRow, ...] = ()
    """Rules and targets that could hardly ask for more before no plan exists, the tightest first."""
    goals_explained: tuple[GoalExplained, ...] = ()
    """What stands in the way of goals that are missed, and what it would take to meet each."""
    alternatives: tuple[Alternative, ...] = ()
    """What the plan is compared with: the proposed draft, and last year scaled to the budget, as far as given."""
    messages: tuple[Message, ...] = ()
    outcomes: Mapping[Analysis, Ending] = field(default_factory=dict)
    """What became of each analysis; one that had nothing to work on, as repairs of a plan, is missing."""

    def with_done(self, analysis: Analysis, how: Ending = Ending.DONE) -> Result:
        """Return the same with an analysis noted as done."""
        return replace(self, outcomes={**self.outcomes, analysis: how})

    def without(self, analyses: tuple[Analysis, ...], why: Ending) -> Result:
        """Return the same with analyses noted as left out, and said to be."""
        outcomes = {**self.outcomes, **dict.fromkeys(analyses, why)}
        return replace(self, outcomes=outcomes, messages=(*self.messages, LeftOut(analyses, why)))

    @cached_property
    def doubts(self) -> tuple[Problem, ...]:
        """What may be right in the scenario but rarely is, each at its cell or range, in the workbook's order."""
        return doubts(self.scenario)

    @property
    def proved_best(self) -> bool:
        """Whether whole steps explain all that keeps the plan from the bound: a larger gap may hide a better plan."""
        return self.certificate is None or self.certificate.closes

    @cached_property
    def amounts(self) -> Mapping[Key, Fraction]:
        """Each allotment's amount."""
        return {allotment.key: allotment.amount for allotment in self.allotments}

    def amount(self, area: str, year: int, sources: tuple[str, ...] | None = None) -> Fraction:
        """Return what `area` (with or without parts) gets in `year` from `sources` (None: all)."""
        names = sources if sources is not None else tuple(s.name for s in self.scenario.sources)
        return total(self.amounts, self.scenario.parts[area], (year,), names)

    def share(self, area: str, year: int) -> Fraction | None:
        """Return the area's budget money as a part of that year's budget; None where there is no budget."""
        budget = self.scenario.budget(year)
        return self.amount(area, year, self.scenario.budget_sources) / budget if budget else None

    def last_year(self, area: str) -> Fraction | None:
        """Return Last year of `area`, summed over its parts; None where one of them is blank."""
        amounts = [self.scenario.area[leaf].last_year for leaf in self.scenario.parts[area]]
        return None if any(a is None for a in amounts) else sum((a for a in amounts if a is not None), Fraction(0))
