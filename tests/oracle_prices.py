"""Prices, their ranges and room, exactly: the optimum as a function of one right-hand side.

The optimum is piecewise linear in a right-hand side, so a shift that is small enough gives the true derivative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from oracle import linear_objective, rows
from oracle_meaning import Content, Linear, Meaning, norm
from oracle_solve import Tableau, build

SMALL = Fraction(1, 10**15)
NEAR = Fraction(1, 10**5)
FAR = 10**4
CLOSE = 1e-6


class Prices:
    """The last programme of a scenario, its goals held, with any right-hand side moved."""

    def __init__(self, content: Content) -> None:
        self.m = Meaning(content)
        self.p = build(self.m)
        self.sign = linear_objective(self.m)[0]
        cells = [cell for source in self.m.sources.values() for cell in source.cells.values()]
        self.size = max([Fraction(1), *cells])
        *goals, (_, self.objective) = self.p.objectives
        tableau = Tableau(self.p)
        tableau.feasible()
        for name, goal in goals:
            least = tableau.minimise(goal)
            self.p.place[name, None] = len(self.p.rows)
            self.p.keep(goal.add(Linear(const=least), -1), "<=")
        self.best = self.value(None, Fraction(0))
        point = tableau_at_best(tableau, self.objective)
        self.missed = {
            (row.name, row.year)
            for number, row in enumerate(rows(self.m))
            if row.priority and any(point.get(self.p.columns[kind, number], 0) for kind in ("lack", "excess"))
        }

    def value(self, row: tuple[str, int | None] | None, shift: Fraction) -> Fraction | None:
        """The optimum, as stated, after the row's right-hand side grew by `shift`; None: no plan."""
        moved = list(self.p.rows)
        if row is not None:
            difference, operator, constant = moved[self.p.place[row]]
            moved[self.p.place[row]] = (difference, operator, constant + shift)
        tableau = Tableau(replace(self.p, rows=moved))
        return -self.sign * tableau.minimise(self.objective) if tableau.feasible() else None

    def slope(self, row: tuple[str, int | None], at: Fraction, direction: int) -> Fraction | None:
        """The derivative at the shift `at` to the right (1) or the left (−1)."""
        step = direction * SMALL * self.size
        here, there = self.value(row, at) if at else self.best, self.value(row, at + step)
        return None if here is None or there is None else (there - here) / step

    def room(self) -> dict[tuple[str, int], tuple[Fraction, Fraction]]:
        """(area, year) → least and most over all best plans."""
        tableau = Tableau(self.p)
        tableau.feasible()
        tableau.minimise(self.objective)
        found = {}
        for area in self.m.leaves:
            for year in self.m.years:
                money = self.m.all_money([area], year)
                most = -tableau.copy().minimise(Linear().add(money, -1))
                found[area, year] = (tableau.copy().minimise(money), most)
        return found


def tableau_at_best(tableau: Tableau, objective: Linear) -> dict[int, Fraction]:
    tableau.minimise(objective)
    return tableau.point()


def price_differences(content: Content, result: dict, *, ranges: bool = False) -> Iterator[str]:
    """Where the JSON's prices, and their ranges, differ from the optimum's derivatives; nothing where it has none."""
    prices = Prices(content)
    if all(row["price_up"] is None and row["price_down"] is None for row in result["rules"]):
        yield from single_differences(prices, result)
        return
    for row in result["rules"]:
        key = (norm(row["rule"]), row["year"])
        if key not in prices.p.place:
            continue
        if key in prices.missed:
            told = [row[field] for field in ("shadow_price", "price_up", "price_down") if row[field] is not None]
            yield from (f"{key} is missed, priced at {price}" for price in told[:1])
            continue
        for field, direction in (("price_up", 1), ("price_down", -1)):
            price = prices.slope(key, Fraction(0), direction)
            yield from price_difference(f"{key} {field}", row[field], price)
            if ranges and price is not None and row[field] is not None:
                yield from range_differences(prices, key, row, direction, price)
        yield from degeneracy_differences(key, row)


def single_differences(prices: Prices, result: dict) -> Iterator[str]:
    """Where only single prices are told: each lies between the two derivatives."""
    for row in result["rules"]:
        key, told = (norm(row["rule"]), row["year"]), row["shadow_price"]
        if key in prices.p.place and key not in prices.missed and told is not None:
            ends = [prices.slope(key, Fraction(0), direction) for direction in (-1, 1)]
            low, high = (min(known), max(known)) if (known := [e for e in ends if e is not None]) else (None, None)
            slack = CLOSE * max(1.0, abs(told))
            if None not in ends and not float(low) - slack <= told <= float(high) + slack:
                yield f"{key} shadow_price: {told}, not between {float(low)} and {float(high)}"


def price_difference(what: str, told: float | None, price: Fraction | None) -> Iterator[str]:
    if (told is None) != (price is None) or (price is not None and not alike(told, price)):
        yield f"{what}: {told}, not {None if price is None else float(price)}"


def alike(told: float, price: Fraction) -> bool:
    return abs(told - float(price)) <= CLOSE * max(1.0, abs(float(price)))


def range_differences(
    prices: Prices, key: tuple[str, int | None], row: dict, direction: int, price: Fraction
) -> Iterator[str]:
    """The price holds just before the end of its range and no longer just after it."""
    field = "allowable_increase" if direction > 0 else "allowable_decrease"
    told = row[field]
    end = FAR * prices.size if told is None else Fraction(told)
    inside = prices.slope(key, direction * end * (1 - NEAR), direction)
    if inside is None or not alike(float(inside), price):
        slope = None if inside is None else float(inside)
        yield f"{key} {field}: {told}, where the slope is {slope}, not {float(price)}"
    if told is not None:
        outside = prices.slope(key, direction * (end * (1 + NEAR) + SMALL * prices.size), direction)
        if outside is not None and abs(outside - price) < Fraction(1, 10**9):
            yield f"{key} {field}: {told}, but the price {float(price)} holds beyond"


def degeneracy_differences(key: tuple[str, int | None], row: dict) -> Iterator[str]:
    up, down = row["price_up"], row["price_down"]
    if up is not None and down is not None:
        differ = not alike(up, Fraction(down))
        if row["degenerate"] != differ:
            yield f"{key} degenerate: {row['degenerate']}, prices {down} and {up}"
        if not differ and (row["shadow_price"] is None or not alike(row["shadow_price"], Fraction(up))):
            yield f"{key} shadow_price: {row['shadow_price']}, not {up}"


def room_differences(content: Content, result: dict) -> Iterator[str]:
    """Where `least` and `most` differ from the exact range over all best plans; nothing where there are none."""
    if all(row["least"] is None for row in result["areas"]):
        return
    prices = Prices(content)
    room = prices.room()
    for row in result["areas"]:
        for field, value in zip(("least", "most"), room[norm(row["area"]), row["year"]], strict=True):
            if row[field] is None or abs(row[field] - float(value)) > CLOSE * float(prices.size):
                yield f"{row['area']} {row['year']} {field}: {row[field]}, not {float(value)}"
