"""What the rounded plan is: every row, indicator, goal and fund at its amounts, in exact numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from allocator.programme.build import Programme
from allocator.programme.constraints.targets import indicator_value
from allocator.programme.nearby import step_tolerance
from allocator.programme.rows import ZERO, Key, Row, total
from allocator.scenario.model import Indicator, Operator, Scenario, Target

UNROUNDED = Fraction(1, 10**9)
"""Where amounts are not rounded, a row is kept or binding within this part of its size (at least of 1)."""

type Amounts = Mapping[Key, Fraction]


class RowStatus(Enum):
    """How a row stands in the plan."""

    BINDING = "Binding"
    NOT_BINDING = "Not Binding"
    MISSED = "Missed"


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


def tolerance(row: Row, amounts: Amounts, step: Fraction) -> Fraction:
    """Return the slack below which a row binds: what moving each of its amounts by one Step could do."""
    if step:
        return step * sum(map(abs, row.body.terms.values()), ZERO)
    size = sum((abs(c * amounts.get(key, ZERO)) for key, c in row.body.terms.items()), abs(row.bound))
    return UNROUNDED * max(Fraction(1), size)


def slack(row: Row, amounts: Amounts, step: Fraction) -> Fraction:
    """Return a row's slack; where amounts are not rounded, the solver's last digits don't count."""
    found = row.slack(amounts)
    if not step and abs(found) <= tolerance(row, amounts, step):
        return ZERO
    return found


def status(row: Row, amounts: Amounts, step: Fraction) -> RowStatus:
    """Return how a row stands: missed, binding (|slack| below its tolerance) or not binding."""
    room = slack(row, amounts, step)
    if row.strength.kind == "goal" and missed_by(row, amounts, step):
        return RowStatus.MISSED
    # a must below 0 is an equality that no whole Steps reach: kept within one
    binds = room <= 0 or room < tolerance(row, amounts, step)
    return RowStatus.BINDING if binds else RowStatus.NOT_BINDING


def missed_by(row: Row, amounts: Amounts, step: Fraction) -> Fraction:
    """Return by how much a row is missed, undivided; an ``=`` that is off by less than one Step counts as met."""
    short = max(ZERO, -slack(row, amounts, step))
    near = row.operator is Operator.EQUAL and short < step * step_tolerance(row)
    return ZERO if near else short


def goal_figures(programme: Programme, amounts: Amounts, step: Fraction) -> tuple[GoalFigures, ...]:
    """Return each goal with what it is missed by, undivided, a strict one's margin included."""
    return tuple(
        GoalFigures(row, row.strength.priority, missed_by(row, amounts, step))
        for row in programme.rows
        if row.strength.kind == "goal"
    )


def indicator_figures(programme: Programme, amounts: Amounts, step: Fraction) -> tuple[IndicatorFigures, ...]:
    """Return each indicator in each year that one of its rows names."""
    scenario = programme.scenario
    kept: dict[object, bool] = {
        (row.indicator, row.year, row.operator, row.value): not missed_by(row, amounts, step)
        for row in programme.rows
        if row.indicator is not None
    }
    return tuple(
        _indicator(scenario, indicator, target, year, amounts, kept)
        for indicator in scenario.indicators
        for target in indicator.targets
        for year in target.years
    )


def _indicator(
    scenario: Scenario,
    indicator: Indicator,
    target: Target,
    year: int,
    amounts: Amounts,
    kept: Mapping[object, bool],
) -> IndicatorFigures:
    reached = indicator_value(scenario, indicator, year).value(amounts)
    asked = (indicator.name, year, target.operator, target.value)
    return IndicatorFigures(
        indicator=indicator.name,
        unit=indicator.unit,
        year=year,
        baseline=indicator.baseline,
        reached=reached,
        operator=target.operator,
        target=target.value,
        met=kept[asked] if asked in kept else _met(target, reached),
        parts=dict(_parts(scenario, indicator, year, amounts)),
    )


def _met(target: Target, reached: Fraction) -> bool | None:
    """Return whether a target that is off is reached; a strict one asks for a margin of a millionth."""
    if target.operator is None or target.value is None:
        return None
    size = max(Fraction(1), abs(target.value))
    margin, blur = (size / 10**6 if target.operator.strict else ZERO), UNROUNDED * size
    if target.operator is Operator.EQUAL:
        return abs(reached - target.value) <= blur
    if target.operator.lower:
        return reached >= target.value + margin - blur
    return reached <= target.value - margin + blur


def _parts(scenario: Scenario, indicator: Indicator, year: int, amounts: Amounts) -> Iterator[tuple[str, Fraction]]:
    """Yield each area's part: its effect times the money that counts."""
    years = indicator.years_counted(year, scenario.years)
    for name, effect in scenario.effects.get(indicator.name, {}).items():
        area = scenario.area[name]
        money = total(amounts, (name,), years, area.sources)
        last = (area.last_year or ZERO) * len(years) if indicator.from_last_year else ZERO
        yield name, effect.value * (money - last)


def fund_figures(scenario: Scenario, amounts: Amounts) -> tuple[FundFigures, ...]:
    """Return each source's year: opening + available = spent + carried forward + unspent."""
    figures = []
    for source in scenario.sources:
        opening = ZERO
        for year in scenario.years:
            spent = sum((x for key, x in amounts.items() if key.source == source.name and key.year == year), ZERO)
            left = opening + source.available[year] - spent
            carries = source.carry_over and year != scenario.years[-1]
            forward, unspent = (left, ZERO) if carries else (ZERO, left)
            figures.append(FundFigures(source.name, year, opening, source.available[year], spent, forward, unspent))
            opening = forward
    return tuple(figures)
