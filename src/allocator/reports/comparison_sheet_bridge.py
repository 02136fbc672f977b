"""The bridges: for each scenario, what every changed input adds to the difference from the first one's plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from allocator.analyses.bridge import Bridge
from allocator.programme.rows import ZERO
from allocator.reports import comparison_tables as tables
from allocator.reports.columns import Role
from allocator.reports.comparison_charts import write_waterfall
from allocator.reports.comparison_grid import ALL, TOTAL, Grid
from allocator.reports.comparison_page import ComparedPage, differing
from allocator.reports.comparison_words import short, some
from allocator.reports.layout import HEAD, difference, ref, span
from allocator.reports.page import Book
from allocator.reports.styles import BREACH, PLAN, SOFT, Look
from allocator.reports.words import magnitude, objective_unit, signed_significant
from allocator.wording.bridge import bridge_note, part_name
from allocator.wording.comparison import unsplit_text

if TYPE_CHECKING:
    from allocator.analyses.bridge import Part
    from allocator.analyses.compare import PlannedCase

_MOST_AREAS, _MOST_INPUTS = 12, 20
"""More columns of areas, or of inputs, are drawn together."""
_MOST_CHARTS = 5
_OTHER_AREAS, _OTHER_INPUTS = "Other areas", "Other inputs"
_TOLERANCE = 1e-9
_TOLERANCE_TEXT = "Checks: sums may differ by this part of the figures"
_FIRST_BLOCK = HEAD + 2
_WIDTH = 11
"""Columns over which sentences run."""


def write_bridges(book: Book, grid: Grid) -> None:
    """Write each scenario's bridge, one block below the other, with a chart for the first few."""
    page = ComparedPage(book, grid, "Bridge", _message(grid))
    note = f"; charts: the first {_MOST_CHARTS} scenarios" if len(_bridges(grid)) > _MOST_CHARTS else ""
    unit = objective_unit(grid.first.scenario) or str(grid.first.scenario.objective)
    page.unit(
        f"Objective: {unit}; amounts: {', '.join(filter(None, (grid.first.scenario.unit, grid.period)))}; "
        f"differences from {grid.first.name}{note}"
    )
    page.widen({0: 40} | dict.fromkeys(range(1, _WIDTH + 1), 12))
    page.text(HEAD, 0, _TOLERANCE_TEXT, page.styles.note)
    page.number(HEAD, 1, _TOLERANCE, page.styles.small())
    writer = _Writer(page, grid)
    starts, row, charts = [], _FIRST_BLOCK, 0
    for case, found in list(zip(grid.cases, grid.comparison.bridges, strict=True))[1:]:
        starts.append(row)
        if not isinstance(found, Bridge):
            row = writer.none(row, case, "it was not worked out" if found is None else unsplit_text(found))
        else:
            charts += 1
            row = writer.block(row, _Bridged(grid, case, found), chart=charts <= _MOST_CHARTS)
    page.finish(freeze=0, repeat=None, blocks=starts)


def _bridges(grid: Grid) -> list[tuple[PlannedCase, Bridge]]:
    pairs = zip(grid.cases, grid.comparison.bridges, strict=True)
    return [(case, found) for case, found in pairs if isinstance(found, Bridge)]


def _message(grid: Grid) -> str:
    """Return what moves the objective most in each scenario."""
    texts = []
    for case, found in _bridges(grid):
        part = max(found.parts, key=lambda p: abs(p.objective or ZERO), default=None)
        if part is not None and part.objective:
            texts.append(f"{case.name} by {part_name(part)} ({signed_significant(part.objective)})")
    if texts:
        return f"The objective is moved most in {some(texts)}."
    if not _bridges(grid):
        return "No difference could be split; the reasons stand below."
    return "Nothing that was changed in the inputs moves an objective."


@dataclass(frozen=True)
class _Bridged:
    """A bridge and the figures it is to add up to."""

    grid: Grid
    case: PlannedCase
    found: Bridge

    @property
    def number(self) -> int:
        """Which of the plans it is."""
        return self.grid.number[self.case.name]

    @cached_property
    def linked(self) -> bool:
        """Whether it splits the plans that are compared: not where amounts were decided by hand."""
        grid = self.grid
        return all(
            abs(
                grid.amount(self.case, area, year)
                - grid.amount(grid.first, area, year)
                - self.found.amounts.get((area, year), ZERO)
            )
            <= Fraction(1, 10**7)
            for area in grid.leaves
            for year in grid.summed
        )

    def of_area(self, amounts: Mapping[tuple[str, int], Fraction], area: str) -> Fraction:
        """Return an area's amount over the years."""
        return sum((amounts.get((area, year), ZERO) for year in self.grid.summed), ZERO)

    @cached_property
    def moving(self) -> tuple[str, ...]:
        """The areas in which any part is not 0, in the table's order."""
        names = {area for part in self.found.parts for (area, _), amount in part.amounts.items() if amount}
        return tuple(leaf for leaf in self.grid.leaves if leaf in names)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The areas that have a column: all that move, or the ones that move most."""
        if len(self.moving) <= _MOST_AREAS:
            return self.moving
        size = {area: max(abs(self.of_area(p.amounts, area)) for p in self.found.parts) for area in self.moving}
        kept = set(sorted(self.moving, key=lambda area: -size[area])[: _MOST_AREAS - 1])
        return tuple(area for area in self.moving if area in kept)

    @property
    def rest(self) -> tuple[str, ...]:
        """The areas that move and have no column."""
        return tuple(area for area in self.moving if area not in self.columns)


class _Writer:
    """The sheet while it is written."""

    def __init__(self, page: ComparedPage, grid: Grid) -> None:
        self.page, self.grid, self.styles = page, grid, page.styles
        self.tolerance = ref(HEAD, 1, fixed=True)
        self.amount = differing(self.styles, self.styles.decimals)
        self.sampled = any(not found.exact for _, found in _bridges(grid))
        self.lead = 3 if self.sampled else 2
        """The first column of areas."""

    def none(self, row: int, case: PlannedCase, why: str) -> int:
        """Say why there is no bridge; return the row of the next block."""
        self.page.section(row, self._title(case))
        text = f"{why[:1].upper()}{why[1:].rstrip('.')}."
        return self.page.wide(row + 1, text, _WIDTH, colour=SOFT) + 1

    def _title(self, case: PlannedCase) -> str:
        return f"From {self.grid.first.name} to {case.name}"

    def block(self, row: int, it: _Bridged, *, chart: bool) -> int:
        """Write the table of parts, its chart, and the table of years; return the row of the next block."""
        self.page.section(row, self._title(it.case))
        first, last = self._parts(row + 1, it)
        at = self._notes(last + 4, it)
        if chart and it.found.objective is not None and it.found.parts:
            steps = [(short(part_name(part)), float(part.objective or ZERO)) for part in it.found.parts]
            at = write_waterfall(self.page, at + 1, steps, first, self._title(it.case), self._objective_decimals(it))
        if self.grid.multi and it.moving:
            at = self._years(at + 1, it)
        return at + 1

    def _objective_decimals(self, it: _Bridged) -> int:
        """Return the decimals of parts of the objective: five digits of the largest, those of objectives at least."""
        largest = max((abs(float(p.objective or ZERO)) for p in it.found.parts), default=0.0)
        return max(self.grid.objective_decimals, min(6, max(0, 4 - magnitude(largest))))

    # ---- parts by area ------------------------------------------------------------------------------------------

    def _parts(self, head: int, it: _Bridged) -> tuple[int, int]:
        """Write parts, their sums, the differences and checks; return the first and last row of the parts."""
        areas = [*it.columns, *([_OTHER_AREAS] if it.rest else [])]
        self.page.headings(tables.BRIDGE, {"area": areas, "error": ["Error"] * self.sampled}, head)
        first, parts = head + 1, it.found.parts
        last = first + max(len(parts), 1) - 1
        objective = differing(self.styles, self._objective_decimals(it))
        for row, part in enumerate(parts, first):
            self.page.text(row, 0, part_name(part), self.styles.of(Role.LONG))
            self.page.number(row, 1, part.objective, objective)
            if self.sampled:
                error = part.objective_error if not it.found.exact else None
                self.page.number(row, 2, error, self.styles.number(self._objective_decimals(it)))
            for column, amount in enumerate(self._amounts_of(it, part), self.lead):
                self.page.number(row, column, amount, self.amount)
        if not parts:
            self.page.text(first, 0, "No input that counts was changed", self.styles.text())
        self._sums(it, first, last)
        return first, last

    def _amounts_of(self, it: _Bridged, part: Part) -> list[Fraction]:
        found = [it.of_area(part.amounts, area) for area in it.columns]
        if it.rest:
            found.append(sum((it.of_area(part.amounts, area) for area in it.rest), ZERO))
        return found

    def _sums(self, it: _Bridged, first: int, last: int) -> None:
        """Write below the parts their sum, the difference where it stands, and whether they agree."""
        strong: dict[str, object] = {"bold": True}
        for row, text in zip(range(last + 1, last + 4), ("Sum of the parts", "Difference", "Adds up"), strict=True):
            self.page.text(row, 0, text, self.styles.text(**strong))
            if self.sampled:
                self.page.text(row, 2, "", self.styles.text())
        if it.found.objective is not None:
            look = differing(self.styles, self._objective_decimals(it), strong)
            values = [part.objective or ZERO for part in it.found.parts]
            own, base = self.grid.objective_at(it.number), self.grid.objective_at(0)
            linked = f"{own}-{base}" if it.linked else None
            self._sum(1, (first, last), values, it.found.objective, linked, look, base)
        amount = differing(self.styles, self.styles.decimals, strong)
        columns = [self._amounts_of(it, part) for part in it.found.parts]
        for i, area in enumerate(it.columns):
            linked = self.grid.at(self.grid.place(area, ALL), "difference", it.number) if it.linked else None
            values = [amounts[i] for amounts in columns]
            self._sum(self.lead + i, (first, last), values, it.of_area(it.found.amounts, area), linked, amount)
        if it.rest:
            column = self.lead + len(it.columns)
            total = self.grid.at(self.grid.foot(TOTAL, ALL), "difference", it.number)
            listed = span_across(last + 2, self.lead, column - 1)
            whole = sum((it.of_area(it.found.amounts, area) for area in it.rest), ZERO)
            linked = f"{total}-SUM({listed})" if it.linked else None
            self._sum(column, (first, last), [amounts[-1] for amounts in columns], whole, linked, amount)

    def _sum(
        self, column: int, rows: tuple[int, int], values: Sequence[Fraction], whole: Fraction, linked: str | None,
        look: Look, size: str = "",
    ) -> None:  # fmt: skip
        cells, last = span(*rows, column), rows[1]
        self.page.formula(last + 1, column, f"SUM({cells})", _added(values), look)
        self.page.figure(last + 2, column, linked, whole, look)
        self._check(last + 3, column, ref(last + 1, column), ref(last + 2, column), cells, size)

    def _check(self, row: int, column: int, one: str, other: str, cells: str, size: str = "") -> None:
        scale = f"MAX(1,MAX({cells}),-MIN({cells}){f',ABS({size})' if size else ''})"
        look = self.styles.of(Role.FLAG, align="right", font_color=PLAN)
        self.page.formula(row, column, f"ABS({one}-{other})<={self.tolerance}*{scale}", True, look)
        wrong = self.styles.format(font_color=BREACH, bold=True)
        rule = {"type": "cell", "criteria": "==", "value": "FALSE", "format": wrong}
        self.page.sheet.conditional_format(row, column, row, column, rule)

    def _notes(self, row: int, it: _Bridged) -> int:
        found = it.found
        how = (
            f"Exact: {found.solved:,} combinations of the changed rows were planned."
            if found.exact
            else f"Sampled: {found.orders:,} orders; {found.solved:,} combinations of the changed rows were planned."
        )
        texts = [how, *map(bridge_note, found.notes)]
        if not it.linked:
            texts.append("It splits the plans as optimised: amounts decided by hand are not in it.")
        still = len(self.grid.leaves) - len(it.moving)
        if still:
            texts.append(f"{still} of {len(self.grid.leaves)} areas do not move.")
        for text in texts:
            row = self.page.wide(row, f"{text.rstrip('.')}.", _WIDTH, colour=SOFT, size=9)
        return row

    # ---- parts by area and year ---------------------------------------------------------------------------------

    def _years(self, row: int, it: _Bridged) -> int:
        """Write for each area and year the parts across; return the row after."""
        self.page.section(row, f"{tables.BRIDGE_YEARS.title}: {self._title(it.case)}")
        parts = it.found.parts
        listed, rest = (
            (parts, ()) if len(parts) <= _MOST_INPUTS else (parts[: _MOST_INPUTS - 1], parts[_MOST_INPUTS - 1 :])
        )
        names = [*(part_name(part) for part in listed), *([_OTHER_INPUTS] if rest else [])]
        self.page.headings(tables.BRIDGE_YEARS, {"input": names}, row + 1)
        places = [(area, year) for area in it.moving for year in self.grid.summed
                  if any(part.amounts.get((area, year)) for part in parts)]  # fmt: skip
        n = len(names)
        first = row + 2
        for row, (area, year) in enumerate(places, first):
            self.page.text(row, 0, f"{area} {year}", self.styles.text())
            values = [part.amounts.get((area, year), ZERO) for part in listed]
            if rest:
                values.append(sum((part.amounts.get((area, year), ZERO) for part in rest), ZERO))
            for column, value in enumerate(values, 1):
                self.page.number(row, column, value, self.amount)
            cells = span_across(row, 1, n)
            self.page.formula(row, 1 + n, f"SUM({cells})", _added(values), self.amount)
            linked = self.grid.at(self.grid.place(area, year), "difference", it.number) if it.linked else None
            self.page.figure(row, 2 + n, linked, it.found.amounts.get((area, year), ZERO), self.amount)
            self._check(row, 3 + n, ref(row, 1 + n), ref(row, 2 + n), cells)
        return row + 1


def span_across(row: int, first: int, last: int) -> str:
    """Return the address of a stretch of a row; of one cell where it is one column."""
    return ref(row, first) if first == last else f"{ref(row, first)}:{ref(row, last)}"


def _added(values: Sequence[Fraction]) -> Fraction:
    """Return the sum as spreadsheets have it: of floating-point numbers, their last digits left out."""
    total = math.fsum(map(float, values))
    largest = max((abs(float(value)) for value in values), default=0.0)
    return difference(Fraction(total), ZERO) if abs(total) > largest * 1e-14 else ZERO
