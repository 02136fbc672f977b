"""Any amounts, valued and checked under a scenario's own assumptions: a draft, another scenario's plan, decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from allocator.analyses.figures import GoalFigures, IndicatorFigures, goal_figures, indicator_figures, slack
from allocator.programme.build import Programme
from allocator.programme.rows import ZERO, Key, Row
from allocator.scenario.model import Operator, Scenario


@dataclass(frozen=True)
class Broken:
    """A row that amounts don't keep."""

    row: Row
    by: Fraction
    """Above 0, in the row's unit; a strict row's margin included."""


class WhyUnplaced(Enum):
    """Why money has no place in a scenario."""

    NO_AREA = auto()
    HAS_PARTS = auto()
    NO_YEAR = auto()
    NO_SOURCE = auto()
    MAY_NOT_PAY = auto()


@dataclass(frozen=True)
class UnplacedMoney:
    """Money that the scenario has no place for; what is None has no part in the reason."""

    total: Fraction
    unit: str
    why: WhyUnplaced
    area: str | None = None
    year: int | None = None
    source: str | None = None


@dataclass(frozen=True)
class Valuation:
    """What amounts bring under a scenario's assumptions, and what they break."""

    objective: Fraction
    broken: tuple[Broken, ...]
    """Budgets, limits, rules and targets of strength must or law that are not kept, worst first as a part of their
    size."""
    goals: tuple[GoalFigures, ...]
    indicators: tuple[IndicatorFigures, ...]
    unknown: tuple[UnplacedMoney, ...]
    """Money that the scenario has no place for: other areas, years or sources. Nothing else counts it."""

    @property
    def rules_broken(self) -> int:
        """How many rows are broken, those of several years counting once."""
        return len({broken.row.name for broken in self.broken})

    @property
    def goals_missed(self) -> int:
        """How many goals are missed, those of several years counting once."""
        return len({goal.row.name for goal in self.goals if goal.missed_by > 0})


def valuation(programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction) -> Valuation:
    """Return what `amounts` (in the scenario's unit; what is missing is 0) come to in `programme`.

    `step` is what they are multiples of, 0 where they are not rounded: an ``=`` is kept within one step, and without
    steps all rows are kept but for the solver's last digits, so that the plan's own amounts break nothing.
    """
    known = {key: amount for key in programme.keys if (amount := amounts.get(key, ZERO))}
    return Valuation(
        objective=programme.objective(known),
        broken=_broken(programme.rows, known, step),
        goals=goal_figures(programme, known, step),
        indicators=indicator_figures(programme, known, step),
        unknown=_unknown(programme, amounts),
    )


def _broken(rows: Iterable[Row], amounts: Mapping[Key, Fraction], step: Fraction) -> tuple[Broken, ...]:
    hard = (row for row in rows if row.strength.kind != "goal")
    found = [Broken(row, by) for row in hard if (by := shortfall(row, amounts, step))]
    return tuple(sorted(found, key=lambda broken: -broken.by / _size(broken.row, amounts)))


def shortfall(row: Row, amounts: Mapping[Key, Fraction], step: Fraction) -> Fraction:
    """Return by how much a row is broken, 0 where it is kept: an ``=`` within one step, a budget's from below."""
    short = -slack(row, amounts, step)
    if short <= 0:
        return ZERO
    if row.operator is Operator.EQUAL and step:
        within = short <= step * max(map(abs, row.body.terms.values()), default=ZERO)
        above = row.kind.supply and row.left.value(amounts) > row.right.value(amounts)
        return ZERO if within and not above else short
    return short


def _size(row: Row, amounts: Mapping[Key, Fraction]) -> Fraction:
    """Return what a shortfall is a part of: the larger of the row's sides; 1 where both are 0."""
    return max(abs(row.right.value(amounts)), abs(row.left.value(amounts))) or Fraction(1)


def _unknown(programme: Programme, amounts: Mapping[Key, Fraction]) -> tuple[UnplacedMoney, ...]:
    """Return the money that has no place, each reason once with its sum."""
    known = set(programme.keys)
    sums: dict[_Reason, Fraction] = {}
    for key, amount in amounts.items():
        if amount and key not in known:
            reason = _reason(programme.scenario, key)
            sums[reason] = sums.get(reason, ZERO) + amount
    unit = programme.scenario.unit
    return tuple(UnplacedMoney(total, unit, *reason) for reason, total in sums.items())


type _Reason = tuple[WhyUnplaced, str | None, int | None, str | None]


def _reason(scenario: Scenario, key: Key) -> _Reason:
    """Return why an amount has no place, with the area, year and source that have a part in it."""
    if key.area not in scenario.area:
        return WhyUnplaced.NO_AREA, key.area, None, None
    if scenario.parts[key.area] != (key.area,):
        return WhyUnplaced.HAS_PARTS, key.area, None, None
    if key.year not in scenario.years:
        return WhyUnplaced.NO_YEAR, None, key.year, None
    if key.source not in scenario.source:
        return WhyUnplaced.NO_SOURCE, None, None, key.source
    return WhyUnplaced.MAY_NOT_PAY, key.area, None, key.source
