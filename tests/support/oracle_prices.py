"""Prices, their ranges and room, exactly: the optimum as a function of right-hand sides.

The optimum is piecewise linear in a right-hand side, so a shift that is small enough gives the true derivative.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from allocator.analyses.figures import RowStatus
from allocator.analyses.result import Result, RowFigures
from oracle import Row, linear_objective, rows
from oracle_meaning import Content, Linear, Meaning, Var, norm
from oracle_solve import Programme, Tableau, build

SMALL = Fraction(1, 10**40)
NEAR = Fraction(1, 10**6)
FAR = 10**4
CLOSE = 1e-6
HALF_A_PERCENT = Fraction(1, 200)

type RowKey = tuple[str, int | None]


class Prices:
    """The last programme of a scenario, its goals held, with any right-hand sides moved."""

    def __init__(self, content: Content) -> None:
        self.m = Meaning(content)
        self.p = build(self.m)
        self.sign = linear_objective(self.m)[0]
        cells = [cell for source in self.m.sources.values() for cell in source.cells.values()]
        self.size = max([Fraction(1), *cells])
        *goals, (_, self.objective) = self.p.objectives
        hold_goals(self.p, goals)
        best = self.value({})
        if best is None:
            raise ValueError("no plan")
        self.best = best
        self.worth = worth(self.m, self.p, self.objective)
        """The largest change of the objective that one unit of money makes."""

    def tableau(self, shifts: Mapping[RowKey, Fraction]) -> Tableau | None:
        """A feasible plan after right-hand sides grew by `shifts`; None: there is none."""
        moved = list(self.p.rows)
        for row, shift in shifts.items():
            difference, operator, constant = moved[self.p.place[row]]
            moved[self.p.place[row]] = (difference, operator, constant + shift)
        tableau = Tableau(replace(self.p, rows=moved))
        return tableau if tableau.feasible() else None

    def value(self, shifts: Mapping[RowKey, Fraction]) -> Fraction | None:
        """The optimum, as stated; None: no plan."""
        tableau = self.tableau(shifts)
        return None if tableau is None else -self.sign * tableau.minimise(self.objective)

    def slope(self, row: RowKey, at: Fraction, direction: int) -> Fraction | None:
        """The derivative at the shift `at` to the right (1) or the left (−1)."""
        step = direction * SMALL * self.scale(row)
        here, there = self.value({row: at}) if at else self.best, self.value({row: at + step})
        return None if here is None or there is None else (there - here) / step

    def derivative(self, shifts: Mapping[RowKey, Fraction]) -> Fraction | None:
        """The change of the optimum per unit of moving several right-hand sides together; None: no plan."""
        step = SMALL * self.size
        there = self.value({row: shift * step for row, shift in shifts.items()})
        return None if there is None else (there - self.best) / step

    def largest(self, row: RowKey) -> Fraction:
        """A row's largest coefficient."""
        return max(map(abs, self.p.rows[self.p.place[row]][0].coefs.values()), default=Fraction(1))

    def scale(self, row: RowKey) -> Fraction:
        """How large a row's numbers are."""
        return self.size * self.largest(row)

    def tolerance(self, row: RowKey, price: Fraction) -> float:
        """What a row's price may be off by: a millionth of it, or of what its money is worth at most."""
        return CLOSE * max(abs(float(price)), float(self.worth / self.largest(row)))

    def room(self, loss: Fraction = Fraction(0)) -> dict[tuple[str, int], tuple[Fraction, Fraction]]:
        """(area, with or without parts, year) → least and most over all plans at most `loss` of |objective| worse."""
        sought = -self.sign * self.best
        near = Linear().add(self.objective).add(Linear(const=-sought - loss * abs(self.best)))
        p = replace(self.p, rows=[*self.p.rows])
        p.keep(near, "<=")
        tableau = Tableau(p)
        tableau.feasible()
        found = {}
        for area in self.m.areas:
            for year in self.m.years:
                money = self.m.all_money(self.m.comprised(area), year)
                most = -tableau.copy().minimise(Linear().add(money, -1))
                found[area, year] = (tableau.copy().minimise(money), most)
        return found


def hold_goals(p: Programme, goals: list[tuple[str, Linear]]) -> dict[str, Fraction] | None:
    """Seek the goals one after the other and hold their sums as rows; what they are, None: no plan."""
    tableau = Tableau(p)
    if not tableau.feasible():
        return None
    held = {name: tableau.minimise(goal) for name, goal in goals}
    for name, goal in goals:
        p.place[name, None] = len(p.rows)
        p.keep(goal.add(Linear(const=held[name]), -1), "<=")
    return held


def worth(m: Meaning, p: Programme, objective: Linear) -> Fraction:
    """The largest change of the objective that one unit of money makes; at least a tiny one."""
    slopes = [abs(c) for key, c in objective.coefs.items() if key in set(m.variables)]
    if any(key[0] == "gain" for key in p.columns):
        slopes += [abs(benefit) for bands in m.bands.values() for _, benefit in bands]
    return max([Fraction(1, 10**9), *slopes])


def missed_goals(m: Meaning, result: Result) -> set[RowKey]:
    """The goals that the unrounded plan misses."""
    plan = {(norm(a.area), a.year, norm(a.source)): Fraction(a.unrounded) for a in result.allotments}
    return {(row.name, row.year) for row in rows(m) if row.priority and row.shortfall(plan) > dust(row, plan)}


def dust(row: Row, plan: Mapping[Var, Fraction]) -> Fraction:
    """What the solver's arithmetic may leave of a shortfall."""
    size = sum((abs(c * plan.get(var, 0)) for var, c in row.difference.coefs.items()), abs(row.difference.const))
    return Fraction(1, 10**8) * max(size, row.scale / 10**4)


# ---------------------------------------------------------------- the rows


def price_differences(content: Content, result: Result, *, ranges: bool = False) -> Iterator[str]:
    """Where prices, and their ranges, differ from the optimum's derivatives; nothing where it has none."""
    prices = Prices(content)
    missed = missed_goals(prices.m, result)
    for figures in result.rows:
        key = (norm(figures.row.name), figures.row.year)
        if key not in prices.p.place:
            continue
        if key in missed:
            told = (figures.shadow_price, figures.price_up, figures.price_down)
            yield from (f"{key} is missed, priced at {price}" for price in told if price is not None)
            continue
        if figures.status is RowStatus.MISSED and figures.price_up is None and figures.price_down is None:
            continue  # missed by rounding alone
        for direction in (1, -1):
            yield from direction_differences(prices, key, figures, direction, ranges=ranges)
        yield from degeneracy_differences(prices, key, figures)


def direction_differences(
    prices: Prices, key: RowKey, figures: RowFigures, direction: int, *, ranges: bool
) -> Iterator[str]:
    """One of the two prices of a row, and how far it holds."""
    name = "price_up" if direction > 0 else "price_down"
    told, none = getattr(figures, name), figures.no_plan_up if direction > 0 else figures.no_plan_down
    price = prices.slope(key, Fraction(0), direction)
    if none != (price is None):
        yield f"{key} {name}: {'no' if none else 'a'} plan is said to exist, {price} is true"
    if (told is None) != (price is None):
        yield f"{key} {name}: {told}, not {None if price is None else float(price)}"
    if told is None or price is None:
        return
    if abs(told - float(price)) > prices.tolerance(key, price):
        yield f"{key} {name}: {told}, not {float(price)}"
    if ranges:
        yield from range_differences(prices, key, figures, direction, price)


def range_differences(
    prices: Prices, key: RowKey, figures: RowFigures, direction: int, price: Fraction
) -> Iterator[str]:
    """The price holds just before the end of its range and no longer just after it."""
    field = "allowable_increase" if direction > 0 else "allowable_decrease"
    told = getattr(figures, field)
    if told is None:
        yield f"{key} {field} isn't told"
        return
    end = FAR * prices.scale(key) if math.isinf(told) else Fraction(told)
    blur = NEAR * max(end, SMALL * prices.scale(key))
    inside = prices.slope(key, direction * max(Fraction(0), end - blur), direction)
    if inside is None or abs(float(inside - price)) > prices.tolerance(key, price):
        slope = None if inside is None else float(inside)
        yield f"{key} {field}: {told}, where the slope is {slope}, not {float(price)}"
    if not math.isinf(told):
        outside = prices.slope(key, direction * (end + blur), direction)
        if outside is not None and outside == price:
            yield f"{key} {field}: {told}, but the price {float(price)} holds beyond"


def degeneracy_differences(prices: Prices, key: RowKey, figures: RowFigures) -> Iterator[str]:
    """`degenerate` where the two differ; one price where they don't."""
    ends = [prices.slope(key, Fraction(0), direction) for direction in (-1, 1)]
    if None in ends:
        if figures.shadow_price is not None:
            yield f"{key} shadow_price: {figures.shadow_price} where a direction has no plan"
        return
    differ = abs(float(ends[0] - ends[1])) > prices.tolerance(key, max(ends, key=abs))
    if figures.degenerate != differ:
        yield f"{key} degenerate: {figures.degenerate}, prices {float(ends[0])} and {float(ends[1])}"
    if (figures.shadow_price is None) != differ:
        yield f"{key} shadow_price: {figures.shadow_price}, prices {float(ends[0])} and {float(ends[1])}"
    elif not differ and abs(figures.shadow_price - float(ends[0])) > prices.tolerance(key, ends[0]):
        yield f"{key} shadow_price: {figures.shadow_price}, not {float(ends[0])}"


# ---------------------------------------------------------------- room


def room_differences(content: Content, result: Result) -> Iterator[str]:
    """Where least and most, at the same objective and near it, differ from the exact ranges."""
    prices = Prices(content)
    exact, near = prices.room(), prices.room(HALF_A_PERCENT)
    slack = CLOSE * float(prices.size)
    for row in result.areas:
        for field, value in zip(("least", "most"), exact[norm(row.area), row.year], strict=True):
            yield from amount_difference(f"{row.area} {row.year} {field}", getattr(row, field), value, slack)
    told = {(norm(room.name), room.year): room for room in result.room}
    yield from (f"no room for {key}" for key in exact if key not in told)
    for key in exact.keys() & told.keys():
        wanted = dict(zip(("least", "most", "least_near", "most_near"), (*exact[key], *near[key]), strict=True))
        for field, value in wanted.items():
            yield from amount_difference(f"room {key} {field}", getattr(told[key], field), value, slack)
        yield from room_shape(prices, key, told[key], result)


def room_shape(prices: Prices, key: tuple[str, int], told: object, result: Result) -> Iterator[str]:
    """`value` is the plan's, `whole` says that it has parts."""
    leaves = prices.m.comprised(key[0])
    value = sum(a.unrounded for a in result.allotments if norm(a.area) in leaves and a.year == key[1])
    yield from amount_difference(f"room {key} value", told.value, Fraction(value), CLOSE * float(prices.size))
    if told.whole != (leaves != [key[0]]):
        yield f"room {key} whole: {told.whole}"


def amount_difference(what: str, told: float | None, value: Fraction, slack: float) -> Iterator[str]:
    if told is None or abs(told - float(value)) > slack:
        yield f"{what}: {told}, not {float(value)}"
