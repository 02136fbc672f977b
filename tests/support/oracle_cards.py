"""The optimum as a function of one number of the scenario, exactly: a rule's Value, a Budget cell and what follows.

The scenario itself is read and solved anew for every value asked for, goals and all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from allocator.analyses.figures import RowStatus
from allocator.analyses.moves import Move, NextMoney
from allocator.analyses.result import Result
from oracle import linear_objective, rows
from oracle_coefficients import Pair
from oracle_meaning import Content, Linear, Meaning, norm, number
from oracle_prices import CLOSE, NEAR, SMALL, hold_goals, missed_goals, worth
from oracle_solve import Programme, Tableau, build, distance, solve_float

POINT = Fraction(1, 100)
BESIDE = 4 * NEAR
"""How far from the end of a range it is tried, as a part of it: a strict rule's margin of 1e-6 may bend there."""
NEARLY_ALL = Fraction(9999, 10000)
"""A range that takes a Budget cell so far down is without limit."""
ONE = Fraction(1)
FOLLOWED = 50
"""What is said to have no limit is looked at so far: a Value of 50, an amount of 50 times the largest budget."""


class Solved:
    """The last programme of a content, its goals held at their least."""

    def __init__(self, content: Content) -> None:
        self.m = Meaning(content)
        self.p = build(self.m)
        self.sign = linear_objective(self.m)[0]
        *goals, (_, self.objective) = self.p.objectives
        self.best: Fraction | None = None
        self.held = hold_goals(self.p, goals)
        if self.held is None:
            return
        self.tableau = Tracked(self.p)
        if self.tableau.feasible():
            self.best = -self.sign * self.tableau.minimise(self.objective)

    def nearest(self, yearly: Mapping[Pair, Fraction]) -> Fraction:
        """The least Σ|amount − yearly| of a plan that is optimal."""
        p = replace(self.p, rows=[*self.p.rows], columns=dict(self.p.columns))
        p.keep(self.objective.add(Linear(const=self.sign * self.best)), "<=")
        apart = Linear()
        for (area, year), amount in yearly.items():
            money = self.m.all_money([area], year).add(Linear(const=amount), -1)
            apart = apart.add(distance(p, ("apart", area, year), money))
        tableau = Tableau(p)
        tableau.feasible()
        return tableau.minimise(apart)

    def nearly(self) -> bool:
        """Whether a plan exists for those who calculate in floating point."""
        return solve_float(self.m.content).status == "optimal"

    def of_basis(self, other: Solved) -> Fraction | None:
        """This programme's objective at the point that `other`'s optimal basis describes; None: it describes none."""
        rows_kept, columns = other.tableau.tight()
        index = {column: place for place, column in enumerate(columns)}
        equations = []
        for row in rows_kept:
            difference, _, constant = self.p.rows[row]
            line = {index[j]: c for key, c in difference.coefs.items() if (j := self.p.columns[key]) in index}
            equations.append((line, constant))
        point = solve_equations(equations, len(columns))
        if point is None:
            return None
        names = {column: key for key, column in self.p.columns.items()}
        return -self.sign * self.objective.at({names[c]: point[index[c]] for c in columns})


class Tracked(Tableau):
    """A tableau that knows which slack belongs to which row."""

    def __init__(self, p: Programme) -> None:
        self.slack: dict[int, int] = {}
        super().__init__(p)

    def _add(self, row: dict[int, Fraction], operator: str, constant: Fraction) -> None:
        if operator != "=":
            self.slack[len(self.rows)] = self.next
        super()._add(row, operator, constant)

    def tight(self) -> tuple[list[int], list[int]]:
        """The rows that a basis makes equations, and the programme's columns that it leaves free."""
        basic = set(self.basis)
        idle = {place for place, column in enumerate(self.basis) if column in self.artificial}
        columns = sorted(j for j in basic if j < len(self.p.columns))
        tight = [row for row in range(len(self.rows)) if self.slack.get(row) not in basic]
        return (tight, columns) if not idle else (self._independent(tight, columns), columns)

    def _independent(self, tight: list[int], columns: list[int]) -> list[int]:
        """Without equations that follow from others."""
        kept: list[int] = []
        lines: list[dict[int, Fraction]] = []
        for row in tight:
            coefs = self.p.rows[row][0].coefs
            line = {j: c for key, c in coefs.items() if (j := self.p.columns[key]) in set(columns)}
            for other in lines:
                line = without(line, other)
            if line:
                kept.append(row)
                lines.append(line)
        return kept


def without(line: dict[int, Fraction], other: dict[int, Fraction]) -> dict[int, Fraction]:
    """`line` less the multiple of `other` that takes away `other`'s first column."""
    first = next(iter(other))
    if first not in line:
        return line
    factor = line[first] / other[first]
    found = {j: line.get(j, 0) - factor * other.get(j, 0) for j in [*line, *other]}
    return {j: c for j, c in found.items() if c}


def solve_equations(equations: list[tuple[dict[int, Fraction], Fraction]], width: int) -> list[Fraction] | None:
    """The one solution; None: there are none or many."""
    lines = [{**line, width: constant} for line, constant in equations]
    pivots: dict[int, dict[int, Fraction]] = {}
    for line in lines:
        for column, pivot in pivots.items():
            if column in line:
                factor = line[column] / pivot[column]
                line = {j: line.get(j, 0) - factor * pivot.get(j, 0) for j in {*line, *pivot}}
                line = {j: c for j, c in line.items() if c}
        first = next((j for j in line if j != width), None)
        if first is None:
            if line:
                return None
            continue
        for column, pivot in pivots.items():
            if first in pivot:
                factor = pivot[first] / line[first]
                changed = {j: pivot.get(j, 0) - factor * line.get(j, 0) for j in {*line, *pivot}}
                pivots[column] = {j: c for j, c in changed.items() if c}
        pivots[first] = line
    if len(pivots) < width:
        return None
    return [pivots[j].get(width, Fraction(0)) / pivots[j][j] for j in range(width)]


# ---------------------------------------------------------------- the curve


class Curve:
    """The optimum over one number of the scenario, which is now `here`."""

    def __init__(
        self, content: Content, change: Callable[[Fraction], Content], here: Fraction, *, is_cell: bool = False
    ) -> None:
        self.change, self.here = change, here
        self.is_cell = is_cell
        """Whether it is a Budget cell, which is no less than 0."""
        self.now = Solved(content)
        self.size = max([ONE, *(c for s in self.now.m.sources.values() for c in s.cells.values())])
        self.seen: dict[Fraction, Solved] = {here: self.now}
        self.worth = worth(self.now.m, self.now.p, self.now.objective)

    def at(self, value: Fraction) -> Solved:
        if value not in self.seen:
            self.seen[value] = Solved(self.change(value))
        return self.seen[value]

    def slope(self, value: Fraction, direction: int) -> Fraction | None:
        step = direction * SMALL * max(ONE, abs(value))
        here, there = self.at(value).best, self.at(value + step).best
        return None if here is None or there is None else (there - here) / step

    def jumps(self, direction: int) -> bool:
        """Whether the optimum is another at once, as where ``A ≤ 0 · B`` turns negative: it has no derivative."""
        there = self.at(self.here + direction * SMALL * max(ONE, abs(self.here))).best
        return abs(there - self.now.best) > Fraction(1, 10**9) * self.worth * self.size

    @cached_property
    def reach(self) -> Fraction:
        """The most money that one unit of the number moves; at least a tiny one."""
        moved = [abs(d.const) + self.size * max(map(abs, d.coefs.values()), default=0) for d in self._growth]
        return max([Fraction(1, 10**9), *moved])

    @cached_property
    def curved(self) -> bool:
        """Whether the number stands before money that is allotted."""
        return any(d.coefs for d in self._growth)

    @cached_property
    def _growth(self) -> list[Linear]:
        """How the two sides of each row change with the number; margins aside."""
        there = {(row.name, row.year): row.difference for row in rows(self.at(self.here + 1).m)}
        return [there[row.name, row.year].add(row.difference, -1) for row in rows(self.now.m)]


def rule_curve(content: Content, index: int) -> Curve:
    """The optimum over the Value of a row of Rules, all its years and areas together."""

    def change(value: Fraction) -> Content:
        changed = [{**row, "Value": value} if n == index else row for n, row in enumerate(content["Rules"])]
        return {**content, "Rules": changed}

    return Curve(content, change, number(content["Rules"][index]["Value"]))


def cell_curve(content: Content, source: str, year: int) -> Curve:
    """The optimum over a cell of Budget."""

    def change(value: Fraction) -> Content:
        changed = [{**row, year: value} if norm(row["Source"]) == norm(source) else row for row in content["Budget"]]
        return {**content, "Budget": changed}

    return Curve(content, change, Meaning(content).sources[norm(source)].cells[year], is_cell=True)


# ---------------------------------------------------------------- a move along it


class Judge:
    """Compares one Move with the curve."""

    def __init__(self, curve: Curve, direction: int, unit: Fraction, step: Fraction, *, goal: bool = False) -> None:
        self.curve, self.direction, self.unit, self.step = curve, direction, unit, step
        """`unit`: what prices and `holds` count in; `step`: the whole step; both in units of the number."""
        self.goal = goal

    def differences(self, told: Move, present: Mapping[Pair, Fraction]) -> Iterator[str]:
        curve = self.curve
        price = curve.slope(curve.here, self.direction)
        if told.no_plan != (price is None):
            yield f"no plan: {told.no_plan}, price {price and float(price * self.unit)}"
        if price is not None and curve.jumps(self.direction):
            price = None
        if (told.price is None) != (price is None):
            yield f"price {told.price}, not {price and float(price * self.unit)}"
        if told.price is not None and price is not None:
            if not self.alike(told.price, price):
                yield f"price {told.price}, not {float(price * self.unit)}"
            yield from self.range_differences(told, price)
        yield from self.step_differences(told, present)

    def alike(self, told: float, slope: Fraction) -> bool:
        floor = max(self.curve.worth * self.curve.reach, abs(self.curve.now.best) / 10**6)
        return abs(told - float(slope * self.unit)) <= CLOSE * float(self.unit * max(abs(slope), floor))

    def end(self, told: Move) -> Fraction:
        if not math.isinf(told.holds):
            return Fraction(told.holds) * self.unit
        far = FOLLOWED * max(ONE, self.curve.size if self.unit == 1 else ONE)
        if self.curve.is_cell and self.curve.curved:
            far = self.curve.here  # a cell is followed to its double
        return min(far, self.curve.here * NEARLY_ALL) if self.curve.is_cell and self.direction < 0 else far

    def range_differences(self, told: Move, price: Fraction) -> Iterator[str]:
        if told.holds is None:
            yield "how far the price holds isn't told"
            return
        end = self.end(told)
        blur = BESIDE * max(end, self.step if self.curve.curved else SMALL * max(ONE, abs(self.curve.here)))
        inside = self.curve.here + self.direction * max(Fraction(0), end - blur)
        outside = self.curve.here + self.direction * (end + blur)
        if self.curve.curved:
            yield from self.basis_differences(told, inside)
            return
        there = self.curve.slope(inside, self.direction)
        if there is None or not self.alike(float(there * self.unit), price):
            yield f"holds {told.holds}: the price there is {there and float(there * self.unit)}, not {told.price}"
        if math.isinf(told.holds):
            return
        beyond = self.curve.slope(outside, self.direction)
        if self.goal and beyond is not None and self.curve.at(outside).held != self.curve.now.held:
            return  # a goal that is missed there has no price
        if beyond is not None and beyond == price:
            yield f"holds {told.holds}: the price {told.price} holds beyond"
        if (told.next_price is None) != (beyond is None):
            yield f"next price {told.next_price}, not {beyond and float(beyond * self.unit)}"
        elif beyond is not None and not self.alike(told.next_price, beyond):
            yield f"next price {told.next_price}, not {float(beyond * self.unit)}"

    def basis_differences(self, told: Move, inside: Fraction) -> Iterator[str]:
        """One basis gives the optimum up to the end."""
        if told.next_price is not None:
            yield f"next price {told.next_price} of a curve"
        here = self.curve.here
        bases = [self.curve.at(here + (inside - here) * part) for part in (Fraction(1, 2), Fraction(9, 10))]
        bases = [basis for basis in bases if basis.best is not None]
        asked = [here + (inside - here) * part for part in (Fraction(1, 97), Fraction(1, 3), ONE)]
        for value in asked:
            solved = self.curve.at(value)
            if told.price == 0 and solved.best == self.curve.now.best:
                continue  # nothing changes at all, whatever the basis
            if solved.best is None or not any(self.same(solved.of_basis(basis), solved.best) for basis in bases):
                yield f"holds {told.holds}: no single basis up to {float(value)}"
                return

    def same(self, value: Fraction | None, best: Fraction) -> bool:
        return value is not None and abs(value - best) <= Fraction(1, 10**12) * max(ONE, abs(best))

    def step_differences(self, told: Move, present: Mapping[Pair, Fraction]) -> Iterator[str]:
        curve = self.curve
        there = curve.at(curve.here + self.direction * self.step)
        if there.best is None and told.change is not None and there.nearly():
            return
        if (told.change is None) != (there.best is None):
            yield f"change {told.change}, not {there.best and float(there.best - curve.now.best)}"
        if told.change is None or there.best is None:
            if told.moves:
                yield f"moves without a plan: {told.moves}"
            return
        change = there.best - curve.now.best
        slack = CLOSE * float(max(abs(change), curve.worth * curve.reach * self.step, abs(curve.now.best) / 10**6))
        if abs(told.change - float(change)) > slack:
            yield f"change {told.change}, not {float(change)}"
        yield from self.move_differences(told, there, present)

    def move_differences(self, told: Move, there: Solved, present: Mapping[Pair, Fraction]) -> Iterator[str]:
        """The moved plan is optimal there and no optimal plan is nearer to the present one."""
        slack = CLOSE * self.curve.size
        moved = {(norm(area), year): Fraction(by) for area, year, by in told.moves}
        if len(moved) != len(told.moves) or not moved.keys() <= present.keys() or not all(moved.values()):
            yield f"moves aren't one for each area and year that moves: {told.moves}"
        sizes = [abs(by) for *_, by in told.moves]
        if any(later > earlier * (1 + CLOSE) for earlier, later in pairwise(sizes)):
            yield f"moves: the largest isn't first: {told.moves}"
        off = there.nearest({pair: amount + moved.get(pair, 0) for pair, amount in present.items()})
        if off > slack * len(present):
            yield f"moves: not an optimal plan, off by {float(off)}: {told.moves}"
        nearest = there.nearest(present)
        if abs(sum(sizes) - float(nearest)) > float(slack) * len(present):
            yield f"moves: {sum(sizes)} in all where {float(nearest)} is enough: {told.moves}"


# ---------------------------------------------------------------- the tables


def card_differences(content: Content, result: Result, present: Mapping[Pair, Fraction]) -> Iterator[str]:
    """Where the price card differs from what moving each rule's Value does."""
    given = content.get("Rules", [])
    if [norm(card.rule.name) for card in result.price_card] != [norm(row["Rule"]) for row in given]:
        yield f"price card for {[card.rule.name for card in result.price_card]}"
        return
    missed = {name.partition(": ")[0] for name, _ in missed_goals(Meaning(content), result)}
    bearing = {row.name.partition(": ")[0] for row in rows(Meaning(content))}
    blurred = {norm(row.row.name).partition(": ")[0] for row in result.rows if row.status is RowStatus.MISSED}
    for index, card in enumerate(result.price_card):
        name = f"card {card.rule.name!r}"
        row = given[index]
        if norm(row.get("Strength") or "must") == "off" or norm(row["Rule"]) in missed:
            yield from (f"{name}: {move}" for move in (card.more, card.less) if move)
            continue
        bare = norm(row["Rule"]) not in bearing
        if (bare or norm(row["Rule"]) in blurred) and card.more is None and card.less is None:
            continue  # nobody in it, or missed by rounding alone
        curve = rule_curve(content, index)
        points = norm(row["Basis"]) != "amount"
        if (card.points, card.curved) != (points, curve.curved):
            yield f"{name}: points {card.points}, curved {card.curved}, not {(points, curve.curved)}"
        unit = POINT if points else ONE
        goal = norm(row.get("Strength") or "must").startswith("goal")
        for move, direction in ((card.more, 1), (card.less, -1)):
            what = f"{name} {'more' if direction > 0 else 'less'}"
            if move is None:
                yield f"{what} isn't told"
            else:
                found = Judge(curve, direction, unit, unit, goal=goal).differences(move, present)
                yield from (f"{what}: {text}" for text in found)


def money_differences(content: Content, result: Result, present: Mapping[Pair, Fraction]) -> Iterator[str]:
    """Where Next money differs from what moving each Budget cell does."""
    m = Meaning(content)
    wanted = [(name, year) for name, source in m.sources.items() for year, cell in source.cells.items() if cell]
    if [(norm(money.source), money.year) for money in result.next_money] != wanted:
        yield f"next money for {[(money.source, money.year) for money in result.next_money]}, not {wanted}"
        return
    for money in result.next_money:
        yield from cell_differences(content, money, present)


def cell_differences(content: Content, money: NextMoney, present: Mapping[Pair, Fraction]) -> Iterator[str]:
    curve = cell_curve(content, money.source, money.year)
    step = curve.here / 100
    if abs(money.step - float(step)) > CLOSE * float(step):
        yield f"next money {money.source} {money.year} step: {money.step}, not {float(step)}"
    for move, direction in ((money.more, 1), (money.less, -1)):
        what = f"next money {money.source} {money.year} {'more' if direction > 0 else 'less'}"
        found = Judge(curve, direction, ONE, step).differences(move, present)
        yield from (f"{what}: {text}" for text in found)
