"""What is known once a scenario is solved: every figure that workbook, console and JSON show.

Amounts, final values, slacks and indicators are exact and those of the rounded plan; coefficients, reduced costs,
prices and ranges are the unrounded optimum's, in the scenario's unit, as floating-point numbers. `None` is "not
known or has no meaning", `math.inf` is "no limit".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from fractions import Fraction
from functools import cached_property

from allocator.analyses.alternatives import Alternative
from allocator.analyses.early_warning import BudgetWarning, TightRow
from allocator.analyses.figures import FundFigures, GoalFigures, IndicatorFigures, RowStatus
from allocator.analyses.goals_explained import GoalExplained
from allocator.analyses.held_by import HeldBy
from allocator.analyses.messages import LeftOut, Message
from allocator.analyses.no_plan import Conflict, Repair
from allocator.analyses.outcomes import Analysis, Ending
from allocator.errors import Problem
from allocator.programme.proof import Certificate
from allocator.programme.questions import Stop
from allocator.programme.rows import Key, Row, total
from allocator.programme.solve import StageRun
from allocator.programme.status import Status
from allocator.scenario.doubts import doubts
from allocator.scenario.model import Rule, Scenario
from allocator.scenario.remarks import FromFile


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


class Rival(Enum):
    """What an amount competes with where no other amount moves against it."""

    UNSPENT = auto()
    """Money left unspent."""
    OWN = auto()
    """The area's own bands or sources."""


@dataclass(frozen=True)
class LimitingItem:
    """What would change at one end of a coefficient's range: another area's amount of a year, or a rival."""

    upward: bool
    against: tuple[str, int] | Rival


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
class PartFigures:
    """One band, or one source, of an area's amount in a year; only of areas that have several of them."""

    area: str
    year: int
    part: str
    """The band's number, as in the What-if sheet, or the source's name."""
    of_band: bool
    final_value: Fraction
    """The money in the band, or from the source."""
    reduced_cost: float
    """The change of the objective per unit that this part is forced up, its own bounds and limits set aside."""
    objective_coefficient: float
    allowable_increase: float
    """How far the coefficient of this part alone grows while the plan shown stays optimal."""
    allowable_decrease: float
    limiting: tuple[LimitingItem, ...] = ()

    @property
    def name(self) -> str:
        """How the part is called: ``Culture / 2``, or ``Culture from City budget``."""
        return f"{self.area} / {self.part}" if self.of_band else f"{self.area} from {self.part}"


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


class Rest(Enum):
    """Areas that are told together, without a name of their own."""

    OTHER_GROUPS = auto()
    """Those of all groups but the largest."""
    UNGROUPED = auto()
    """Those without a group."""


@dataclass(frozen=True)
class RoomFigures:
    """How little and how much an area, or a group where there are very many areas, can get in a year."""

    name: str | Rest
    """An area, with or without parts, or a group."""
    year: int
    value: float
    """What it gets at the unrounded optimum."""
    least: float
    most: float
    """Over all plans that are as good as the optimum."""
    least_near: float
    most_near: float
    """Over all plans whose objective is at most 0.5 % worse."""
    whole: bool
    """Whether it comprises others that stand in the table too (an area with parts), so that sums leave it out."""


@dataclass(frozen=True)
class Move:
    """What the plan does when one number of the scenario moves, in one direction, and what that is worth."""

    price: float | None
    """The change of the objective per unit of the number's growth, at its present value: the one-sided derivative;
    None where no plan exists in this direction, or it has no meaning (a goal that is missed)."""
    no_plan: bool = False
    """No plan exists in this direction, however small the move."""
    holds: float | None = None
    """How far the number may move in this direction, ≥ 0, while the price stays; inf: without limit."""
    next_price: float | None = None
    """The price beyond that; None where `holds` is no limit, no plan exists beyond, or the optimum is curved."""
    change: float | None = None
    """The exact change of the objective when the number moves by the whole step; None where no plan exists there."""
    worth: float | None = None
    """`change` in money, at the budget price of the years concerned; None where money has no price there."""
    ends: bool = False
    """No plan exists beyond `holds`."""
    missed: tuple[tuple[str, float], ...] = ()
    """(goal's row, by how much more it is missed, in its row's unit) for the whole step, of goals for which that
    changes: goals come before the objective, so that it may gain where a goal loses."""
    moves: tuple[tuple[str | Rest, int, float], ...] = ()
    """(area or group, year, change of its amount) for the whole step, of the plan nearest to the present one; the
    largest first; areas that don't move are left out."""


@dataclass(frozen=True)
class PriceCard:
    """What a row of the Rules sheet costs, in its own unit; all its years and areas move together."""

    rule: Rule
    points: bool
    """Whether its Value is a percentage: then the step is one percentage point, otherwise one unit of money."""
    curved: bool
    """Whether the basis itself is money that is allotted: then the optimum is no straight line in Value, `holds` is
    the range of one optimal basis and `price` the derivative at the present Value."""
    more: Move | None = None
    """Value grows; price and next_price are per point (per unit of money), `holds` in points (units of money).
    None where the rule is off, or a goal that is missed."""
    less: Move | None = None


@dataclass(frozen=True)
class NextMoney:
    """Where 1 % more of a source's year would go, and where 1 % less would come from, with all that follows."""

    source: str
    year: int
    step: float
    """1 % of the Budget cell, in money."""
    more: Move
    less: Move
    """The cell shrinks: `price` is still per unit of growth, `change` and `moves` are what the cut does."""


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
