"""Doubts about what the plan is for: no benefit anywhere, an area without, settings and shares out of the ordinary."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from statistics import median

from allocator.scenario.cells import grouped, percent
from allocator.scenario.doubts.views import ANSWER, Doubt, View, Views, doubt_at, times
from allocator.scenario.model import Area, Scenario
from allocator.scenario.origin import Cell

_HIGH_RATE = Fraction(3, 10)
_STEPS = 500
"""A Step is large where a year's money is fewer of it."""
_SMALL = Fraction(1, 1000)
_HUNDRED = 100


def has_benefit(scenario: Scenario) -> bool:
    """Whether anything can earn benefit points, or cost some."""
    weights = {indicator.name for indicator in scenario.indicators if indicator.weight}
    return (
        any(area.benefit for area in scenario.areas)
        or any(band.benefit for bands in scenario.bands.values() for band in bands)
        or any(scenario.effects.get(name) for name in weights)
    )


def lacks_purpose(scenario: Scenario) -> bool:
    """Whether benefit is to be maximised, and nothing has any: then every plan that keeps the rules is as good."""
    objective = scenario.objective
    return objective.maximise and objective.indicator is None and not has_benefit(scenario)


def no_benefit(views: Views) -> Iterator[Doubt]:
    """Yield that no area has a benefit, where benefit is to be maximised."""
    view, scenario = views.get("Areas"), views.scenario
    if view is None or not view.rows or not lacks_purpose(scenario):
        return
    heading = "Benefit" if "Benefit" in view.column else "Area"
    ends = (view.cell(view.rows[0], heading), view.cell(view.rows[-1], heading))
    where = "under Benefit" if heading == "Benefit" else "in a column Benefit"
    text = (
        f"no area has a benefit, so every plan that keeps the rules is as good; type points per unit of money {where} "
        f"(or bands on the sheet Benefits), or minimise spending as Objective on the sheet Scenario, {ANSWER}"
    )
    setting = tuple(s.origin.cell("Value") for s in scenario.settings if s.name == "Objective")
    yield Doubt(*ends, text, "Benefit", setting)


def without_benefit(views: Views) -> Iterator[Doubt]:
    """Yield areas whose Benefit is blank while nearly all others have one, and that nothing else asks for."""
    view, scenario = views.get("Areas"), views.scenario
    if view is None or not (scenario.objective.maximise and scenario.objective.indicator is None):
        return
    rows = views.leaves(view)
    without = [row for row in rows if not _earns(scenario, view, row)]
    if len(rows) < 4 or len(without) * 5 > len(rows):
        return
    leaves = {area.name for area in scenario.leaves}
    spoken_of = {
        name
        for rule in scenario.rules
        for subject in rule.subjects
        if not rule.each and not leaves.issubset(subject.areas)
        for name in subject.areas
    }
    for row in without:
        area = scenario.area.get(view.name(row))
        if (
            area is not None
            and view.figure(row, "Benefit") is None
            and not (area.name in spoken_of or _has_use(scenario, area))
        ):
            text = (
                f'"{area.name}" has no benefit while all others have, so it gets only what it must; type one, {ANSWER}'
            )
            yield doubt_at(view.cell(row, "Benefit"), text, "Benefit")


def _earns(scenario: Scenario, view: View, row: int) -> bool:
    name = view.name(row)
    weights = {indicator.name for indicator in scenario.indicators if indicator.weight}
    return (
        view.figure(row, "Benefit") is not None
        or any((name, year) in scenario.bands for year in scenario.years)
        or any(name in scenario.effects.get(indicator, {}) for indicator in weights)
    )


def _has_use(scenario: Scenario, area: Area) -> bool:
    """Whether a limit or an effect speaks of the area, so that it may get money without benefit."""
    limits = (scenario.limits.get((area.name, year)) for year in scenario.years)
    return any(limit is not None and (limit.minimum or limit.minimum_share) for limit in limits) or any(
        area.name in effects for effects in scenario.effects.values()
    )


def settings(views: Views) -> Iterator[Doubt]:
    """Yield a Discount rate above 30 % or below 0, and a Step as large as areas."""
    scenario = views.scenario
    cells = {setting.name: setting.origin.cell("Value") for setting in scenario.settings}
    rate = scenario.discount_rate
    if "Discount rate" in cells and not 0 <= rate <= _HIGH_RATE:
        text = f"{percent(rate)} a year is rare, mostly it is 2 to 10 %; type it with its sign, such as 3%, {ANSWER}"
        yield doubt_at(cells["Discount rate"], text, "Discount rate")
    yield from _step(scenario, cells.get("Step"))


def _step(scenario: Scenario, cell: Cell | None) -> Iterator[Doubt]:
    amounts = sorted(area.last_year for area in scenario.leaves if area.last_year)
    if cell is None or not scenario.step or not amounts:
        return
    below = [amount for amount in amounts if amount < scenario.step]
    most = max(scenario.available(scenario.source, year) for year in scenario.years)
    if len(below) * 10 > len(amounts) and scenario.step * _STEPS > most:
        text = (
            f"{len(below)} of {len(amounts)} areas had less last year than one Step ({grouped(scenario.step)}), and "
            f"every amount is a whole multiple of it; type a smaller one, {ANSWER}"
        )
        yield doubt_at(cell, text, "Step")


def large_amounts(views: Views) -> Iterator[Doubt]:
    """Yield amounts in Rules that are a hundred times all the money there is in a year."""
    scenario = views.scenario
    most = max((scenario.available(scenario.source, year) for year in scenario.years), default=Fraction(0))
    for rule in scenario.rules:
        if most and not rule.basis.percent and rule.value >= _HUNDRED * len(rule.years) * most:
            text = (
                f"{grouped(rule.value)} is {times(rule.value / most)} all the money of a year ({grouped(most)}): "
                f"another unit? type it in the scenario's, {ANSWER}"
            )
            yield doubt_at(rule.origin.cell("Value"), text, "Value")


def small_shares(views: Views) -> Iterator[Doubt]:
    """Yield shares below 0.1 % in Rules where the others are thirty times as large: 0.04 % typed for 4 %."""
    shares = [
        rule for rule in views.scenario.rules if rule.basis.percent and not rule.basis.looks_back and rule.value > 0
    ]
    for rule in shares:
        others = [other.value for other in shares if other is not rule]
        if others and rule.value < _SMALL and Fraction(median(others)) >= 30 * rule.value:
            text = f"{percent(rule.value)} is very little; is {percent(rule.value * 100)} meant? type it, {ANSWER}"
            yield doubt_at(rule.origin.cell("Value"), text, "Value")
