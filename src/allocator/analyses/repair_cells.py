"""The input cells that a repair may change: what each holds, which way it helps, and the rows at any other number.

Rows of strength `law` have no such cells. A cell that rules several years or areas moves all their rows together. A
Budget cell moves its own row and all shares that are computed from it; where all of it must be spent it may shrink
too, else it may only grow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.programme.build import Programme
from allocator.programme.constraints import BudgetConstraint
from allocator.programme.constraints.budgets import budget_name
from allocator.programme.rows import HARD, ZERO, Ledger, Number, Row
from allocator.scenario.model import Operator, Source
from allocator.scenario.numerals import magnitude
from allocator.scenario.origin import Cell

SHARE_GRID = Fraction(1, 10**6)
"""Shares are changed to whole ten-thousandths of a percent."""
_DIGITS = 6
"""Figures that no Step rounds have so many significant digits."""
_COARSE = Fraction(1, 10**11)
"""Money is changed by no less than this part of the largest budget: solvers tell no more."""
_FLOOR_SHARE, _FLOOR_MONEY = Fraction(1, 100), Fraction(1, 1000)
"""A change of a cell that holds nothing is measured by 1 %, or by 0.1 % of a year's budget."""

type Rows = dict[int, Row]
"""Index in `Programme.rows` → the row as it would be."""


@dataclass(frozen=True)
class Adjustable:
    """An input cell that may be changed."""

    rule: str
    year: int | None
    """None where the cell holds for several years."""
    cell: Cell
    value: Fraction
    unit: str
    share: bool
    measure: Fraction
    """By what a change is divided to compare it with others."""
    grid: Fraction
    """Changed numbers are whole multiples of it."""
    signs: tuple[int, ...]
    """Which ways it may move: 1 up, -1 down."""
    least: Fraction | None
    """It may not fall below."""
    most: Fraction | None
    rows: tuple[int, ...]
    """Indices of the rows that a change of the cell changes."""
    budget: bool
    growth: Fraction
    once: Rows
    """The rows where the cell holds so much more."""
    twice: Rows | None
    """And with twice as much more; None where rows and right-hand sides move by as much again."""
    strict: bool
    """Whether it asks for more, or less, than its number by a margin that is too small for a solver to tell."""
    curved: bool
    """Whether a change turns rows, not only moves their right-hand sides in a straight line."""

    @property
    def one_way(self) -> bool:
        """Whether moving on in its direction never breaks what has been made possible."""
        return len(self.signs) == 1 and not self.budget

    @property
    def equality(self) -> bool:
        """Whether its rows ask for exactly its number."""
        return len(self.signs) == 2 and not self.budget

    def limit(self, sign: int) -> Fraction | None:
        """Return the farthest number in a direction, None where there is no end."""
        return self.most if sign > 0 else self.least

    def outward(self, exact: Fraction, sign: int) -> Fraction:
        """Return the nearest number that one would type, not short of `exact` in the direction of `sign`.

        What is off such a number by no more than a solver's last digits counts as that number.
        """
        units = exact / self.grid
        near = round(units) + (sign if self.strict else 0)
        if abs(units - round(units)) > Fraction(1, 10**4):
            near = math.ceil(units) if sign > 0 else math.floor(units)
        return self.within(near * self.grid)

    def within(self, value: Fraction) -> Fraction:
        """Return the number nearest to `value` that the cell may hold."""
        low = value if self.least is None else max(value, self.least)
        return low if self.most is None else min(low, self.most)


def adjustable_cells(programme: Programme) -> tuple[Adjustable, ...]:
    """Return the cells behind the rows that must hold: Budget cells first, then the others in the rows' order."""
    return tuple(_Cells(programme).all())


class _Cells:
    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.scenario = programme.scenario
        self.ledger = Ledger(self.scenario)
        scenario = self.scenario
        self.constraint = {i: row.of for i, row in enumerate(programme.rows) if row.of is not None}
        self.largest = max(scenario.available(scenario.source, year) for year in scenario.years)

    def all(self) -> Iterator[Adjustable]:
        for source in self.scenario.sources:
            for year in self.scenario.years:
                yield from self._of_budget(source, year)
        groups: dict[Cell, list[int]] = {}
        for index, constraint in self.constraint.items():
            row = self.programme.rows[index]
            if not row.kind.supply and row.strength.kind == "must":
                groups.setdefault(constraint.number(row, self.scenario).cell, []).append(index)
        for cell, indices in groups.items():
            yield self._of_rows(cell, tuple(indices))

    # Budget

    def _of_budget(self, source: Source, year: int) -> Iterator[Adjustable]:
        value = source.available[year]
        growth = value or self.largest
        once = self._with_money(source, year, value + growth)
        if not once:
            return
        twice = self._with_money(source, year, value + 2 * growth)
        bends, turns = self._bends(once, twice)
        grid = self._money_grid(value)
        yield Adjustable(
            rule=budget_name(source),
            year=year,
            cell=source.origin.cell(str(year)),
            value=value,
            unit=self.scenario.unit,
            share=False,
            measure=value or _FLOOR_MONEY * (self.scenario.budget(year) or Fraction(1)),
            grid=grid,
            signs=(1, -1) if source.spend_all and value else (1,),
            least=ZERO if self._spare(source, year) and not (bends or turns) else min(grid, value),
            most=None,
            rows=tuple(once),
            budget=True,
            strict=False,
            growth=growth,
            once=once,
            twice=twice if bends else None,
            curved=bends or turns,
        )

    def _spare(self, source: Source, year: int) -> bool:
        """Whether the budget is more than this source's money: without any, shares of it have no meaning."""
        own = source.available[year] if source.name in self.scenario.budget_sources else ZERO
        return self.scenario.budget(year) > own

    def _bends(self, once: Rows, twice: Rows) -> tuple[bool, bool]:
        """Whether rows don't move by twice as much for twice the money, and whether they turn at all."""
        rows = [(self.programme.rows[i], row, twice.get(i, row)) for i, row in once.items()]
        turns = any(one.body.terms != before.body.terms for before, one, _ in rows)
        bends = any(two.bound - before.bound != 2 * (one.bound - before.bound) for before, one, two in rows)
        return bends or any(
            (two.body - one.body).terms != (one.body - before.body).terms for before, one, two in rows
        ), turns

    def _with_money(self, source: Source, year: int, value: Fraction) -> Rows:
        """Return the rows that are others where a source has `value` in `year`."""
        changed = replace(source, available={**source.available, year: value})
        sources = tuple(changed if other.name == source.name else other for other in self.scenario.sources)
        ledger = Ledger(replace(self.scenario, sources=sources), like=self.ledger)
        found: Rows = {}
        for index, constraint in self.constraint.items():
            if isinstance(constraint, BudgetConstraint):
                if constraint.source.name == source.name and year in constraint.years:
                    found[index] = replace(constraint, source=changed).row(ledger)
            elif year in constraint.reads.budgets:
                found[index] = constraint.row(ledger)
        return {index: row for index, row in found.items() if not _same(self.programme.rows[index], row)}

    def _money_grid(self, value: Fraction) -> Fraction:
        step = self.scenario.step
        if not step:
            return _six_digits(max(abs(value), self.largest / 1000))
        least = self.largest * _COARSE
        return step * Fraction(10) ** max(0, -magnitude(step / least)) if least else step

    # Limits, bands, rules, targets

    def _of_rows(self, cell: Cell, indices: tuple[int, ...]) -> Adjustable:
        rows = [self.programme.rows[i] for i in indices]
        first, constraint = rows[0], self.constraint[indices[0]]
        number = constraint.number(first, self.scenario)
        growth = abs(number.value) or Fraction(1)
        return Adjustable(
            rule=first.name if len({row.name for row in rows}) == 1 else first.title or first.name,
            year=first.year if len(indices) == 1 else None,
            cell=cell,
            value=number.value,
            unit="%" if number.share else first.unit,
            share=number.share,
            measure=self._measure(number, first),
            grid=SHARE_GRID if number.share else self._grid(number.value, first),
            signs=_signs(first.operator),
            least=number.least,
            most=number.most,
            rows=indices,
            budget=False,
            strict=first.operator.strict and not self.scenario.step,
            growth=growth,
            once={i: self.constraint[i].at(number.value + growth, self.scenario).row(self.ledger) for i in indices},
            twice=None,
            curved=any(row.base is not None and row.base.terms for row in rows),
        )

    def _measure(self, number: Number, row: Row) -> Fraction:
        if number.value:
            return abs(number.value)
        if number.share:
            return _FLOOR_SHARE
        if not row.kind.money:
            return Fraction(1)
        return _FLOOR_MONEY * (self.scenario.budget(row.year or self.scenario.years[0]) or Fraction(1))

    def _grid(self, value: Fraction, row: Row) -> Fraction:
        if not row.kind.money:
            return _six_digits(abs(value) or Fraction(1))
        return self._money_grid(value)


def _signs(operator: Operator) -> tuple[int, ...]:
    """Return which way a number helps: a floor's down, a ceiling's up, an equality's either."""
    return (-1,) if operator.lower else (1,) if operator.upper else (1, -1)


def _same(before: Row, after: Row) -> bool:
    if before is after:
        return True
    return before.bound == after.bound and before.body.terms == after.body.terms


def _six_digits(size: Fraction) -> Fraction:
    return Fraction(10) ** (magnitude(size) + 1 - _DIGITS)


def hard_rows(rows: Iterable[Row]) -> tuple[int, ...]:
    """Return the indices of the rows that no plan may break."""
    return tuple(index for index, row in enumerate(rows) if row.strength.kind in HARD)
