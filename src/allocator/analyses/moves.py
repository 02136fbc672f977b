"""How amounts can move: their room at the optimum, and what one number of the scenario does to it when it moves.

Room is how little and how much each area can get in plans as good as the optimum, and in plans nearly as good. Of a
number that moves it is told what it is worth, how far that holds, the exact change, and who moves: of each row of the
Rules sheet (price card), in its own unit, all its years and areas moving together; and of each Budget cell (next
money), with all that follows from it: shares of the budget, growth on last year's share.

A number that only moves right-hand sides makes the optimum piecewise linear. One that moves coefficients (a share of
what is spent, a ratio of two budgets) makes it curved: then its price is the derivative at the present value
(H. D. Mills, Marginal values of matrix games and linear programs, 1956), and a range is that of one optimal basis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from allocator.analyses.messages import RoomByGroups
from allocator.analyses.prices import Sensitivity, shown, tidy
from allocator.programme.build import Programme
from allocator.programme.optimum import Direction, Optimum, Slope
from allocator.programme.parametric import ExactAnswer, ExactGrowth, FloatGrowth, Growth, Parameter, RowGrowth
from allocator.programme.questions import Face, Region, plans_near
from allocator.programme.rows import ONE, ZERO, Key, Row, yearly_sums
from allocator.programme.what_ifs import Answer, WhatIfs
from allocator.scenario.model import Rule, Scenario, Source

# -- room -------------------------------------------------------------------------------------------------------------


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


NEAR = Fraction(5, 1000)
"""By how much of its objective a plan may be worse to count as nearly as good."""
SINGLY = 1000
"""Up to so many pairs of area and year each has its room; above that, groups have."""
MOST_GROUPS = 10

type Pair = tuple[str, int]


@dataclass(frozen=True)
class Subject:
    """Whose room is asked: a name, and the areas without parts that it comprises."""

    name: str | Rest
    areas: tuple[str, ...]
    whole: bool = False


def subjects(scenario: Scenario) -> tuple[Subject, ...]:
    """Return the areas in order; where that were too many, the groups that they are in."""
    if not by_group(scenario):
        parts = scenario.parts
        return tuple(Subject(name, parts[name], whole=parts[name] != (name,)) for name in scenario.area)
    groups: dict[str | Rest, list[str]] = {}
    for area in scenario.leaves:
        groups.setdefault(area.groups[0] if area.groups else Rest.UNGROUPED, []).append(area.name)
    found = [Subject(name, tuple(areas)) for name, areas in groups.items()]
    if len(found) <= MOST_GROUPS:
        return tuple(found)
    largest = sorted(found, key=lambda subject: -len(subject.areas))[: MOST_GROUPS - 1]
    rest = tuple(area for subject in found if subject not in largest for area in subject.areas)
    return (*(subject for subject in found if subject in largest), Subject(Rest.OTHER_GROUPS, rest))


def years(scenario: Scenario) -> tuple[int, ...]:
    """Return the years whose room is asked: all, or where groups have it, the first, which is decided next."""
    return scenario.years[:1] if by_group(scenario) else scenario.years


def by_group(scenario: Scenario) -> bool:
    """Whether there are too many areas to ask about each."""
    return len(scenario.leaves) * len(scenario.years) > SINGLY


def room_message(scenario: Scenario) -> RoomByGroups | None:
    """Return what a reader has to know of how Room was made; None where each area has its own."""
    if not by_group(scenario):
        return None
    pairs = len(scenario.leaves) * len(scenario.years)
    return RoomByGroups(pairs, len(subjects(scenario)), scenario.years[0])


def least_and_most(optimum: Optimum, face: Face) -> dict[Pair, tuple[float, float]]:
    """Return each area's and year's range over all plans as good as the optimum, in the scenario's unit."""
    scenario = optimum.model.programme.scenario
    pairs = [(area.name, year) for area in scenario.leaves for year in scenario.years]
    return {pair: _span(optimum, face, (pair[0],), pair[1]) for pair in pairs}


def room(optimum: Optimum, face: Face) -> tuple[RoomFigures, ...]:
    """Return the room of each subject and year.

    Amounts are the unrounded optimum's, in the scenario's unit; goals are held as they are. "Nearly as good" is an
    objective that is worse by at most 0.5 % of its size, as stated.
    """
    scenario = optimum.model.programme.scenario
    near = plans_near(optimum, NEAR)
    found = []
    for subject in subjects(scenario):
        for year in years(scenario):
            value = _value(optimum, subject.areas, year)
            least, most = _span(optimum, face, subject.areas, year)
            least_near, most_near = _span(optimum, near, subject.areas, year)
            found.append(
                RoomFigures(
                    subject.name,
                    year,
                    value=value,
                    least=min(least, value),
                    most=max(most, value),
                    least_near=min(least_near, least, value),
                    most_near=max(most_near, most, value),
                    whole=subject.whole,
                )
            )
    return tuple(found)


def _columns(optimum: Optimum, areas: tuple[str, ...], year: int) -> Mapping[int, Fraction]:
    """Return what adds up to the areas' money of a year: pieces where there are any, so that fixed ones are seen."""
    keys_of = optimum.model.programme.keys_of
    found: dict[int, Fraction] = {}
    for area in areas:
        if pieces := optimum.pieces.get((area, year)):
            found |= {column: ONE for _, column in pieces}
        else:
            found |= {optimum.amounts[key]: ONE for key in keys_of[area, year]}
    return found


def _value(optimum: Optimum, areas: tuple[str, ...], year: int) -> float:
    return float(sum((optimum.values[column] for column in _columns(optimum, areas, year)), ZERO))


def _span(optimum: Optimum, region: Region, areas: tuple[str, ...], year: int) -> tuple[float, float]:
    least, most = region.span(_columns(optimum, areas, year))
    return shown(max(ZERO, least)), shown(max(ZERO, most))


# -- what one number does ---------------------------------------------------------------------------------------------


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


STIRS = 1e-8
"""A change of an amount below this part of the largest budget is none."""
SETTLED = 1e-7
"""Where coefficients move, plans as good count as one if what moves with them differs by less than this part."""
GOAL_MOVES = 1e-7
"""A goal that is missed by more or less than this part of what it asks for (at least of 1) is so by as much."""
AGREED = 50
"""Of so many rows it is asked whether all plans as good agree on them; with more the optimum is followed instead."""
NOISE = 1e-12
"""A change of the objective below this part of it (at least of 1) is none."""


type Yearly = Mapping[tuple[str, int], Any]
"""(area, year) → amount over all sources: fractions where the programme is asked exactly, else floating-point."""


@dataclass(frozen=True)
class _Way:
    """How the programme's rows move as the number grows by one."""

    direction: Direction
    curved: bool
    settled: bool
    """Whether all plans as good agree on how the rows move."""


def _yearly(answer: Answer | ExactAnswer) -> Yearly:
    amounts: Mapping[Key, Any] = answer.amounts
    return yearly_sums(amounts)


def _signed(way: _Way, sign: int) -> Direction:
    return {index: sign * growth for index, growth in way.direction.items()}


class Moves:
    """Follows numbers of the scenario from the present optimum, one after the other."""

    def __init__(self, sensitivity: Sensitivity, amounts: Mapping[Key, Fraction], what_ifs: WhatIfs) -> None:
        """`amounts` are those of the plan shown, unrounded; `what_ifs` are of its programme."""
        self.sensitivity = sensitivity
        self.programme = sensitivity.programme
        self._optimum = sensitivity.optimum
        self.what_ifs = what_ifs
        self._amounts = amounts
        exactly = yearly_sums(amounts)
        self._yearly: Yearly = exactly if self._optimum.small else {pair: float(x) for pair, x in exactly.items()}
        present = self._first_answer()
        self._present: Any = math.nan if present is None else present.objective
        self._missed: Mapping[int, Any] = {} if present is None else present.missed
        scenario = self.programme.scenario
        largest = max(float(scenario.available(scenario.source, year)) for year in scenario.years)
        self._stirs = 0.0 if self._optimum.small else STIRS * largest
        self._noise = 0.0 if self._optimum.small else NOISE * max(1.0, abs(float(self._present)))
        self._vertex = None if present is None or sensitivity.thorough else _yearly(present)
        """Where there are very many rows: the amounts that moves are counted from, those of the solver's own plan."""
        self._group = {area: subject.name for subject in subjects(scenario) for area in subject.areas}

    def _first_answer(self) -> Answer | ExactAnswer | None:
        """Return the optimum as things are."""
        if self._optimum.small:
            return ExactAnswer(self._optimum.decision)
        return self.what_ifs.optimum(self.what_ifs.base)

    def both(self, parameter: Parameter, worth: float | None = None) -> tuple[Move, Move, bool]:
        """Return what growth and decline of a number by its step do, and whether the optimum is curved in it.

        `worth` is what one unit of the objective is in money; None where money has no price.
        """
        growth = ExactGrowth(self._optimum, parameter) if self._optimum.small else self._floats(parameter)
        way = self._way(growth.moving)
        more, less = (self._move(growth, way, sign, worth) for sign in (1, -1))
        return more, less, way.curved

    def _floats(self, parameter: Parameter) -> FloatGrowth:
        return FloatGrowth(self.what_ifs, parameter, self._present, self._noise)

    # How the programme changes

    def _way(self, moving: Mapping[int, RowGrowth]) -> _Way:
        direction: dict[int, Fraction] = {}
        curved, settled, asked = False, True, 0
        for index, row in moving.items():
            direction[index] = row.bound
            if row.terms:
                curved = True
                direction[index] -= sum((c * self._amounts.get(key, ZERO) for key, c in row.terms.items()), ZERO)
                if settled and self._tight(index):
                    asked += 1
                    settled = asked <= AGREED and self._optimum.rows[index] is not None and self._agree(row.terms)
        return _Way({index: growth for index, growth in direction.items() if growth}, curved, settled)

    def _tight(self, index: int) -> bool:
        """Whether a row binds; one without amounts may get some."""
        at = self._optimum.rows[index]
        return at is None or any(bool(tight[at]) for tight in self._optimum.tight_rows)

    def _agree(self, turn: Mapping[Key, Fraction]) -> bool:
        """Whether all plans as good have the same Σ coefficient · amount, of a row that has amounts already."""
        least, most = self.sensitivity.face.span({self._optimum.amounts[key]: c for key, c in turn.items()})
        if isinstance(least, Fraction) and isinstance(most, Fraction):
            return least == most
        return float(most - least) <= SETTLED * max(1.0, abs(float(least)), abs(float(most)))

    # One direction

    def _move(self, growth: Growth, way: _Way, sign: int, worth: float | None) -> Move:
        answer = growth.optimum(sign * growth.step)
        change = None if answer is None else self._shown(answer.objective - self._present)
        price, slope = self._price(growth, way, sign)
        holds, beyond = self._range(growth, way, price, slope, sign)
        ended = holds is not None and math.isfinite(holds) and beyond is None
        return Move(
            price=None if price is None else self._shown(price, float(growth.step)),
            no_plan=price is None and (not way.curved or not growth.plan_beyond(0.0, sign)),
            holds=None if holds is None else shown(holds),
            next_price=None if beyond is None else self._shown(beyond, float(growth.step)),
            change=change,
            worth=None if change is None or worth is None else tidy(change * worth),
            ends=ended and not growth.plan_beyond(holds or 0, sign),
            missed=() if answer is None else self._goals_that_move(answer),
            moves=() if answer is None else self._who_moves(answer),
        )

    def _range(
        self, growth: Growth, way: _Way, price: Fraction | float | None, slope: Slope | None, sign: int
    ) -> tuple[Fraction | float | None, Fraction | float | None]:
        """Return how far a price holds, and the next one."""
        if price is None:
            return None, None
        thorough = self.sensitivity.thorough
        if slope is not None and not way.curved:
            reach = self.sensitivity.face.reach(slope.direction, slope).distance
            return growth.price_range(price, reach, sign, thorough=thorough)
        if not thorough:
            return math.nan, None
        if growth.parameter.proportional and not any(self._tight(index) for index in way.direction):
            return self._until_it_binds(way, sign), None
        floats = growth if isinstance(growth, FloatGrowth) else self._floats(growth.parameter)
        return floats.basis_holds(sign), None

    def _until_it_binds(self, way: _Way, sign: int) -> float:
        """Return how far a rule that doesn't bind may move before the plan shown breaks it: so far nothing changes."""
        found = math.inf
        for index, growth in way.direction.items():
            row = self.programme.rows[index]
            tightens = sign * growth if row.operator.lower else -sign * growth
            if tightens > 0:
                value = sum((c * self._amounts.get(key, ZERO) for key, c in row.body.terms.items()), ZERO)
                found = min(found, float(abs(value - row.bound) / tightens))
        return found

    def _price(self, growth: Growth, way: _Way, sign: int) -> tuple[Fraction | float | None, Slope | None]:
        """Return the derivative of the optimum in this direction, per unit of growth; None: no plan, or a jump."""
        if not way.settled:
            return growth.derivative(sign), None
        slope = self.sensitivity.cone.slope_in_order(self._optimum.at(_signed(way, sign)))
        return (None, None) if slope is None else (sign * slope.value, slope)

    def _who_moves(self, answer: Answer | ExactAnswer) -> tuple[tuple[str | Rest, int, float], ...]:
        """Return who gets more and who less in the plan that is nearest to the present one."""
        before: Yearly
        after: Yearly
        names: Mapping[str, str | Rest] = {}
        if self._vertex is None:
            nearest: Mapping[Key, Any] = answer.nearest(self._yearly)
            before, after = self._yearly, yearly_sums(nearest)
        else:  # which groups do, from one plan of the solver to its next
            before, after, names = self._vertex, _yearly(answer), self._group
        moved: dict[tuple[str | Rest, int], Any] = {}
        for (area, year), amount in after.items():
            at = names.get(area, area), year
            moved[at] = moved.get(at, 0) + amount - before[area, year]
        found = [(name, year, shown(change)) for (name, year), change in moved.items() if abs(change) > self._stirs]
        return tuple(sorted(found, key=lambda move: -abs(move[2])))

    def _goals_that_move(self, answer: Answer | ExactAnswer) -> tuple[tuple[str, float], ...]:
        """Return the goals that are missed by more or by less, and by how much."""
        rows = self.programme.rows
        missed: Mapping[int, Any] = answer.missed
        changes = {index: each - self._missed.get(index, 0) for index, each in missed.items()}
        little = 0.0 if self._optimum.small else GOAL_MOVES
        return tuple(
            (rows[index].label, shown(change))
            for index, change in changes.items()
            if abs(change) > little * max(1.0, abs(float(rows[index].bound)))
        )

    def _shown(self, value: Fraction | float, per: float = 1.0) -> float:
        """Return a change of the objective, or a change per unit of `per`, without the arithmetic's last bits."""
        if isinstance(value, Fraction):
            return float(value)
        return tidy(value) if abs(value) * per > self._noise else 0.0


# -- price card -------------------------------------------------------------------------------------------------------

POINT = Fraction(1, 100)


def price_card(moves: Moves, missed: Collection[int]) -> Iterator[PriceCard]:
    """Yield a card for each rule, blank where any of its rows is `missed`. Units: one percentage point, or of money."""
    worth = BudgetPrices(moves)
    for rule in moves.programme.scenario.rules:
        points = rule.basis.percent
        rows = [index for index, row in enumerate(moves.programme.rows) if of_rule(row, rule)]
        if not rows or any(index in missed for index in rows):
            yield PriceCard(rule, points, curved=False)
            continue
        unit = POINT if points else ONE
        changed = _with_rule(moves.what_ifs, rule, unit)
        more, less, curved = moves.both(Parameter(changed, ONE, proportional=True), worth.of_rule(rule, rows, unit))
        yield PriceCard(rule, points, curved, more, less)


def of_rule(row: Row, rule: Rule) -> bool:
    """Whether a row of the programme is one of a rule's."""
    return row.origin is rule.origin


def _with_rule(what_ifs: WhatIfs, rule: Rule, unit: Fraction) -> Callable[[Fraction], Programme]:
    return lambda growth: what_ifs.with_rule(replace(rule, value=rule.value + growth * unit))


class BudgetPrices:
    """What a unit of money is worth in each year: the price of the dearest source of the government's own."""

    def __init__(self, moves: Moves) -> None:
        self.scenario: Scenario = moves.programme.scenario
        self.sensitivity = moves.sensitivity
        self.prices = moves.sensitivity.prices
        self.programme = moves.programme
        self.of_year = {year: self._of_year(year) for year in self.scenario.years}

    def _of_year(self, year: int) -> float:
        found = [self._of_cell(source, year) for source in self.scenario.budget_sources]
        return max(found, key=abs, default=0.0)

    def _of_cell(self, name: str, year: int) -> float:
        """Return the price of money of a source in a year; carried over, it also serves every later year."""
        carries = self.scenario.source[name].carry_over
        return sum(
            self._price(index)
            for index, row in enumerate(self.programme.rows)
            if row.kind.supply
            and row.subject == name
            and row.year is not None
            and (row.year >= year if carries else row.year == year)
        )

    def _price(self, index: int) -> float:
        """Return a row's price; none where it isn't the same to both sides."""
        if not self.sensitivity.thorough:
            return self.prices.of_row(index) or 0.0
        return self.sensitivity.of_row(index).single or 0.0

    def of_rule(self, rule: Rule, rows: list[int], unit: Fraction) -> float | None:
        """Return what a unit of the objective is in money where `rule` earns or costs it; None: money has no price."""
        effects = [(self._effect(index, unit), self._mean(self._years(index, rule))) for index in rows]
        effects = [(effect, price) for effect, price in effects if price]
        total = sum(effect for effect, _ in effects)
        if total:
            return sum(effect / price for effect, price in effects) / total
        price = self._mean(rule.years)
        return 1 / price if price else None

    def _effect(self, index: int, unit: Fraction) -> float:
        """Return what the rule's Value does through one of its rows, by the prices of the optimum."""
        row = self.programme.rows[index]
        base = ONE if row.base is None else row.base.value({})
        return (self.prices.of_row(index) or 0.0) * float(base * unit)

    def _years(self, index: int, rule: Rule) -> tuple[int, ...]:
        year = self.programme.rows[index].year
        return rule.years if year is None else (year,)

    def _mean(self, years: tuple[int, ...]) -> float:
        return sum(self.of_year[year] for year in years) / len(years)


# -- next money -------------------------------------------------------------------------------------------------------

PART = Fraction(1, 100)
FAR = (1.0, 10.0, 100.0)
"""How many hundredths of a cell it is followed where the optimum is curved in it, one after the other."""


def next_money(moves: Moves) -> Iterator[NextMoney]:
    """Yield where money goes, for each source and year that has some; amounts in the scenario's unit."""
    scenario = moves.programme.scenario
    for source in scenario.sources:
        for year in scenario.years:
            step = source.available[year] * PART
            if step > 0:
                whole = float(source.available[year])
                changed = _with_money(moves.what_ifs, source, year)
                more, less, _ = moves.both(Parameter(changed, step, proportional=False, far=FAR, floor=-whole))
                yield NextMoney(source.name, year, float(step), more, less)


def _with_money(what_ifs: WhatIfs, source: Source, year: int) -> Callable[[Fraction], Programme]:
    return lambda growth: what_ifs.with_money(source, year, source.available[year] + growth)
