"""The way from figures back to the cells of the Inputs sheets, and each side of a row as a formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import batched

from allocator.programme.rows import Row
from allocator.scenario.bases.basis import Funds, Money, Quantity, Rescaled, Sum
from allocator.scenario.cells import exact, fold, is_blank
from allocator.scenario.model import Area, Band, Cell, Effect, Indicator, Origin, Raw, Scenario
from allocator.tables.formulas import LONGEST_FORMULA, MOST_ARGUMENTS, joined
from allocator.tables.layout import Layout

POINTS = ("Result 2", "Result 1", "Spending 2", "Spending 1")
"""Headings of the two known points of an effect."""
SAME = 1e-12
"""What floating-point arithmetic may make of a figure that follows from several cells."""


@dataclass(frozen=True)
class Typed:
    """A figure that could not be linked, since its input cell holds text."""

    name: str
    value: Fraction
    cell: Cell


class Trace:
    """The way from figures back to the cells of one plan's Inputs sheets."""

    def __init__(self, scenario: Scenario, names: Sequence[str]) -> None:
        """`names` are those of the sheets that show the scenario's, in its order."""
        self._scenario = scenario
        self._rows = {sheet.name: sheet.rows for sheet in scenario.inputs}
        self._names = {sheet.name: name.replace("'", "''") for sheet, name in zip(scenario.inputs, names, strict=True)}
        self._typed: dict[Cell, Typed] = {}

    @property
    def typed(self) -> tuple[Typed, ...]:
        """The figures typed so far because their cells hold text, each once."""
        return tuple(self._typed.values())

    def raw(self, cell: Cell) -> Raw:
        """Return what the cell holds as read; None where it or its sheet is not there."""
        rows = self._rows.get(cell.sheet, ())
        row = rows[cell.row - 1] if 0 < cell.row <= len(rows) else ()
        return row[cell.column - 1] if 0 < cell.column <= len(row) else None

    def address(self, cell: Cell) -> str:
        """Return the cell's address on its Inputs sheet, as formulas write it."""
        return f"'{self._names[cell.sheet]}'!{str(cell).rpartition('!')[2]}"

    def total(self, cells: Sequence[Cell]) -> str:
        """Return the formula of the sum of cells, those below each other as one range."""
        ranges: list[tuple[Cell, Cell]] = []
        for cell in cells:
            if ranges and replace(ranges[-1][1], row=ranges[-1][1].row + 1) == cell:
                ranges[-1] = ranges[-1][0], cell
            else:
                ranges.append((cell, cell))
        texts = [self.address(a) + ("" if a == b else f":{str(b).rpartition('!')[2]}") for a, b in ranges]
        return "+".join(f"SUM({','.join(part)})" for part in batched(texts, MOST_ARGUMENTS))

    def link(self, cell: Cell | None, value: Fraction | None) -> str | None:
        """Return the formula that reads `value` from its cell; None where the cell does not hold that number.

        >>> Trace.holds(0.04, Fraction(1, 25)), Trace.holds("4 %", Fraction(1, 25)), Trace.holds(True, Fraction(1))
        (True, False, False)
        """
        return self.address(cell) if cell is not None and self.holds(self.raw(cell), value) else None

    @staticmethod
    def holds(raw: Raw, value: Fraction | None) -> bool:
        """Whether a raw value is that number."""
        if value is None or isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
            return False
        return raw == float(value) and exact(raw) == value

    def figure(self, name: str, cell: Cell | None, value: Fraction | None) -> str | None:
        """Return the same as `link`, and note the figure `name` as typed where its cell holds text."""
        found = self.link(cell, value)
        if found is None and cell is not None and value is not None:
            raw = self.raw(cell)
            if isinstance(raw, str) and not is_blank(raw):
                self._typed.setdefault(cell, Typed(name, value, cell))
        return found

    def under(self, origin: Origin, heading: str, name: str, value: Fraction | None) -> str | None:
        """Return the formula of the figure `name` in a row's cell under `heading`; None also without that column."""
        return self.figure(name, _cell(origin, heading), value)

    # -- figures by what they are ----------------------------------------------------------------------------

    def setting(self, name: str, value: Fraction) -> str | None:
        """Return the formula of a setting of the sheet Scenario."""
        found = next((s for s in self._scenario.settings if fold(s.name) == fold(name)), None)
        return self.under(found.origin, "Value", name, value) if found else None

    def proposed(self, area: str, year: int) -> str | None:
        """Return the formula of the draft's amount for an area; of one with parts, that of the sum of theirs."""
        names = (area,) if year in self._scenario.area[area].proposed else self._scenario.parts[area]
        links = []
        for leaf in names:
            origin, value = self._scenario.area[leaf].origin, self._scenario.area[leaf].proposed.get(year)
            heading = f"Proposed {year}" if f"Proposed {year}" in origin.columns else "Proposed"
            links.append(self.link(_cell(origin, heading), value))
        return None if None in links else "+".join(link for link in links if link)

    def last_year(self, area: Area, source: str, value: Fraction | None) -> str | None:
        """Return the formula of what an area had from a source in the year before the first."""
        heading = f"Last year: {source}" if source in area.last_year_by_source else "Last year"
        return self.under(area.origin, heading, f"{heading} of {area.name}", value)

    def baseline(self, indicator: Indicator) -> str | None:
        """Return the formula of an indicator's baseline, on whichever of its rows gives it."""
        return self._once(indicator, "Baseline", indicator.baseline)

    def weight(self, indicator: Indicator) -> str | None:
        """Return the formula of an indicator's weight, on whichever of its rows gives it."""
        return self._once(indicator, "Weight", indicator.weight)

    def reference(self, indicator: Indicator, value: Fraction) -> str | None:
        """Return the formula of an indicator's benchmark."""
        cells = (_cell(target.origin, "Reference") for target in indicator.targets)
        return next(filter(None, (self.link(cell, value) for cell in cells)), None)

    def _once(self, indicator: Indicator, heading: str, value: Fraction) -> str | None:
        origins = (target.origin for target in indicator.targets)
        found = (self.under(origin, heading, f"{heading} of {indicator.name}", value) for origin in origins)
        return next(filter(None, found), None)

    def effect(self, indicator: str, area: str, effect: Effect) -> str | None:
        """Return the formula of an effect: a link, 1 ÷ the cost of a unit, or the slope through two points."""
        name, columns = f"Effect of {area} on {indicator}", effect.origin.columns
        if columns.get("Cost per unit") == effect.cell.column:
            cost = self.figure(name, effect.cell, 1 / effect.value)
            return f"1/{cost}" if cost else None
        if columns.get("Result 2") == effect.cell.column:
            return self._slope(name, effect)
        return self.figure(name, effect.cell, effect.value)

    def _slope(self, name: str, effect: Effect) -> str | None:
        cells = [effect.origin.cell(heading) for heading in POINTS]
        raws = [self.raw(cell) for cell in cells]
        numbers = [float(raw) for raw in raws if isinstance(raw, int | float) and not isinstance(raw, bool)]
        if len(numbers) < len(cells):
            text = next(cell for cell, raw in zip(cells, raws, strict=True) if isinstance(raw, str))
            return self.figure(name, text, effect.value)
        there, result, end, start = numbers
        if end == start or not math.isclose((there - result) / (end - start), float(effect.value), rel_tol=SAME):
            return None
        there_at, result_at, end_at, start_at = map(self.address, cells)
        return f"({there_at}-{result_at})/({end_at}-{start_at})"

    def band_end(self, area: Area, band: Band, last_year: str) -> str | None:
        """Return the formula of where a band ends; `last_year` is the address of the area's Last year."""
        name, origin = f"End of {area.name} / {band.number}", band.origin
        amount, part = _cell(origin, "Up to"), _cell(origin, "Up to, of last year")
        if amount is not None and not is_blank(self.raw(amount)):
            return self.figure(name, amount, band.end)
        if part is None or band.end is None or not area.last_year:
            return None
        link = self.figure(name, part, band.end / area.last_year)
        return f"{link}*{last_year}" if link else None


def _cell(origin: Origin, heading: str) -> Cell | None:
    """Return a row's cell under a heading; None where its table has no such column."""
    return origin.cell(heading) if heading in origin.columns else None


class Sides:
    """Formulas for the figures of rows; None stands for a figure that no cells hold: it is typed.

    What a row is made of it is asked itself; this says where that stands (`programme.rows.Formulas`).
    """

    def __init__(self, layout: Layout, trace: Trace) -> None:
        self.layout, self.trace, self.scenario = layout, trace, layout.result.scenario

    # The figures of a row

    def left(self, row: Row) -> str | None:
        """Return the formula of the left side."""
        return self.layout.formula(row.left) if row.of is None else _short(row.of.left_formula(self))

    def value(self, row: Row) -> str | None:
        """Return the formula of Value, the number as written: the input cell, or a sum of Budget cells."""
        return None if row.of is None else row.of.value_formula(row, self)

    def basis(self, row: Row) -> str | None:
        """Return the formula of the basis amount: money on Allocation, or Budget cells on Plan and Funds."""
        return None if row.of is None else _short(row.of.base_formula(self))

    def divisor(self, row: Row, value: str) -> str | None:
        """Return the formula of what a goal's shortfall is divided by; `value` is the address of its Value."""
        return None if row.of is None else row.of.divisor_formula(value, self)

    # Where what it is made of stands

    def quantity(self, quantity: Quantity) -> str:
        """Return the formula of a quantity."""
        match quantity:
            case Money():
                return self._money(quantity)
            case Funds(sources, years) if years[0] < self.scenario.years[0]:
                return self.layout.available_before(sources, years[0] + 1)
            case Funds(sources, years):
                return self.layout.available(sources, years)
            case Rescaled(of, now, then):
                return "/".join(["*".join(map(self._factor, (of, now))), self._factor(then)])
            case Sum(parts):
                return joined([self._part(factor, part) for factor, part in parts])

    def _money(self, money: Money) -> str:
        areas = tuple(area.name for area in self.scenario.leaves) if money.areas is None else money.areas
        if money.years[0] < self.scenario.years[0]:
            return self.layout.money_before(areas, money.years[0] + 1, money.sources)
        return self.layout.total(self.layout.keys(areas, money.years, money.sources))

    def _factor(self, quantity: Quantity) -> str:
        return _bracketed(self.quantity(quantity))

    def _part(self, factor: Fraction, quantity: Quantity) -> str:
        if factor == 1:
            return self.quantity(quantity)
        times = "" if abs(factor.numerator) == 1 else f"{abs(factor.numerator)}*"
        over = "" if factor.denominator == 1 else f"/{factor.denominator}"
        return f"{'-' if factor < 0 else ''}{times}{self._factor(quantity)}{over}"

    def figure(self, row: Row) -> str | None:
        """Return the formula that reads the row's number from its cell."""
        return self.trace.figure(row.label, row.cell, row.value)

    def available(self, source: str, years: Sequence[int], row: Row) -> str | None:
        """Return the formula of a Budget row's right side: that year's cell, or with carry-over all up to it."""
        link = self.trace.link(row.cell, row.value) if len(years) == 1 else None
        return link or self.layout.funds_of([source], years, "Available")

    def band_end(self, area: str, band: Band) -> str | None:
        """Return the formula of where an area's band ends."""
        return self.trace.band_end(self.scenario.area[area], band, self.layout.plan_last_year(area))

    def indicator(self, name: str, year: int) -> str | None:
        """Return the formula of an indicator's value."""
        return self.layout.indicator(name, year) if (name, year) in self.layout.indicator_row else None

    def budget(self, year: int) -> str:
        """Return the formula of a year's budget."""
        return self.layout.budget(year)

    def budgets(self, years: Sequence[int]) -> str | None:
        """Return the formula of these years' budgets; None where they are nothing."""
        some = any(self.scenario.budget(year) for year in years)
        return self.layout.available(self.scenario.budget_sources, years) if some else None


def _bracketed(text: str) -> str:
    return f"({text})" if "+" in text or "-" in text else text


def _short(text: str | None) -> str | None:
    return None if text is None or len(text) > LONGEST_FORMULA else text
