"""What the analyses say of the sample, made by hand: room, price cards, next money, rows with two prices or none."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.figures import RowStatus
from allocator.analyses.moves import Move, NextMoney, PriceCard, RoomFigures
from allocator.analyses.prices import LimitingItem, PartFigures
from allocator.analyses.result import Result, RowFigures
from allocator.programme.constraints import RuleConstraint
from allocator.programme.optimum import RangeEnd, RowBinds
from allocator.scenario.bases.area import AreaMoney
from allocator.scenario.bases.budget import Budget
from allocator.scenario.bases.spending import Spending
from allocator.scenario.model import Operator, Origin, Rule, Strength

POINT = 2272.49
"""One percentage point of the first year's budget."""


def with_prices(result: Result) -> Result:
    """Return `result` with every figure that can be asked for, and the rules that they are about."""
    rules = _rules(result)
    return replace(
        result,
        scenario=replace(result.scenario, rules=tuple(rules)),
        rows=tuple(_row(i, figures) for i, figures in enumerate(result.rows)),
        areas=tuple(replace(a, least=float(a.final_value) * 0.97, most=float(a.final_value)) for a in result.areas),
        parts=tuple(_parts(result)),
        room=tuple(_room(result)),
        price_card=tuple(_cards(result, rules)),
        next_money=tuple(_next(result)),
    )


def _parts(result: Result) -> Iterator[PartFigures]:
    """Two bands and two sources of the first area, in its first year."""
    area = result.areas[0]
    half = area.final_value / 2
    down = (LimitingItem(upward=False, against=("Roads", 2027)),)
    for part, of_band, reduced in (("1", True, 0.5), ("2", True, 0.0), ("City", False, 0.0), ("Fund", False, -0.25)):
        yield PartFigures(area.area, area.year, part, of_band, half, reduced, 1.5, math.inf, 0.5, down)


def _row(index: int, figures: RowFigures) -> RowFigures:
    """Give rows two prices, a plan in one direction only, or what ends their ranges."""
    if figures.status is RowStatus.MISSED:
        blank = {"price_up": None, "price_down": None, "allowable_increase": None, "allowable_decrease": None}
        return replace(figures, shadow_price=None, degenerate=None, **blank)  # type: ignore[arg-type]
    stops = {"stops_increase": RowBinds("Culture at least 4.1 %"), "stops_decrease": RangeEnd.NO_PLAN}
    if index % 5 == 2:
        one = {"shadow_price": None, "price_up": None, "no_plan_up": True, "allowable_increase": None}
        return replace(figures, degenerate=False, **(one | stops))  # type: ignore[arg-type]
    if index % 7 == 5:
        both = {"shadow_price": None, "price_up": -0.25, "price_down": -1.5, "degenerate": True}
        return replace(figures, allowable_increase=12.5, **(both | stops))  # type: ignore[arg-type]
    price = figures.price_down
    return replace(figures, shadow_price=price, price_up=price, degenerate=False, **stops)  # type: ignore[arg-type]


def _rules(result: Result) -> list[Rule]:
    years = result.scenario.years
    demands = (f.row.of for f in result.rows if f.row.year in (years[0], None))
    rules = [replace(demand.rule, years=years) for demand in demands if isinstance(demand, RuleConstraint)]
    waits = replace(
        rules[0],
        name="Sport at most 2 %",
        operator=Operator.AT_MOST,
        value=Fraction(1, 50),
        basis=Budget(),
        strength=Strength("off"),
        origin=Origin("Rules", 5, {"Rule": 1, "Value": 5}),
    )
    return [*rules, waits]


def _moves(result: Result, total: float) -> tuple[tuple[str, int, float], ...]:
    """Return moves of which the last area gains `total`, paid by the others."""
    areas, years = result.scenario.leaves, result.scenario.years
    gains = [(areas[3].name, t, total / len(years)) for t in years]
    pays = [
        (a.name, t, -total * part / len(years))
        for a, part in zip((areas[2], areas[5], areas[6], areas[7], areas[8]), (0.4, 0.3, 0.2, 0.06, 0.04), strict=True)
        for t in years
    ]
    return (*gains, *pays)


def _cards(result: Result, rules: Sequence[Rule]) -> list[PriceCard]:
    return [_card(result, index, rule) for index, rule in enumerate(rules)]


def _card(result: Result, index: int, rule: Rule) -> PriceCard:
    points = rule.basis.percent
    curved = isinstance(rule.basis, Spending | AreaMoney)
    if rule.strength.kind in ("off", "goal"):
        return PriceCard(rule, points, curved)
    size = (POINT if points else 1.0) * len(result.scenario.years)
    price = -0.4 * size / (index + 1) if rule.operator.lower else 0.25 * size / (index + 1)
    next_price = None if curved else price * 1.6
    more = Move(price, False, 0.75, next_price, price * 1.15, price * 1.15 / 1.4, moves=_moves(result, size))
    less = Move(price, False, math.inf, None, -price, -price / 1.4, moves=_moves(result, -size))
    if index == 3:
        more = Move(None, no_plan=True)
    if index == 5:
        more = less = Move(0.0, False, math.inf, None, 0.0, 0.0)
    return PriceCard(rule, points, curved, more, less)


def _room(result: Result) -> list[RoomFigures]:
    found = []
    for i, area in enumerate(result.scenario.areas):
        for year in result.scenario.years:
            value = float(result.amount(area.name, year))
            near = 0.03 + 0.05 * (i % 4)
            whole = result.scenario.parts[area.name] != (area.name,)
            ends = (value * (1 - near / 3), value * (1 + near / 2), value * (1 - near), value * (1 + near))
            found.append(RoomFigures(area.name, year, value, *ends, whole))
    return found


def _next(result: Result) -> list[NextMoney]:
    found = []
    for source in result.scenario.sources:
        for year in result.scenario.years:
            step = float(source.available[year]) / 100
            area, other = result.scenario.leaves[3].name, result.scenario.leaves[6].name
            goes = (
                (area, year, step * 0.8),
                (other, year, step * 0.3),
                ("Đối ngoại và hội nhập quốc tế", year, -step * 0.1),
            )
            back = tuple((name, t, -change) for name, t, change in goes)
            more = Move(1.4, False, 5 * step, 1.2, 1.4 * step, step, moves=goes)
            less = Move(1.45, False, 0.5 * step, 1.6, -1.52 * step, -step, moves=back)
            found.append(NextMoney(source.name, year, step, more, less))
    return found
