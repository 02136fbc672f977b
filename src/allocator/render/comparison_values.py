"""Every plan valued elsewhere: the cross table, the bridges, and the draft and last year's plan beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby, islice
from typing import TYPE_CHECKING

from allocator.analyses.bridge import Bridge, Part
from allocator.analyses.side_by_side import ALL
from allocator.programme.rows import ZERO
from allocator.render.comparison_page import ComparedPage, write_waterfall
from allocator.render.page import Book, write_rows
from allocator.render.styles import BREACH, PLAN, SOFT, Look
from allocator.tables import comparison_values as tables
from allocator.tables.columns import Role
from allocator.tables.comparison import TOTAL, Grid
from allocator.tables.comparison_values import Beside, BrokenLine, DraftLine, PlanLine
from allocator.tables.formulas import FIRST, HEAD, difference, ref, span
from allocator.wording.alternatives import faults, unknown_texts
from allocator.wording.bridge import bridge_note, part_name
from allocator.wording.comparison import short, some, stands_best, unsplit_text
from allocator.wording.numbers import listing, magnitude, objective_unit, percent, signed_significant

if TYPE_CHECKING:
    from allocator.analyses.compare import PlannedCase
    from allocator.programme.rows import Key

_MOST_LISTED, _MOST_BESIDE = 5_000, 2_000
"""So many broken rules are listed; the rest are counted only."""


# ---- the cross table ----------------------------------------------------------------------------------------------


def write_cross(book: Book, grid: Grid) -> None:
    """Write objectives, regret, how many rules are broken, and which."""
    message = stands_best(grid) or "There is no second plan to set beside the first."
    page = ComparedPage(book, grid, "Cross table", message)
    kinds = list(dict.fromkeys(str(case.scenario.objective) for case in grid.cases))
    unit = objective_unit(grid.first.scenario) if len(kinds) == 1 else "each column in its scenario's own unit"
    page.unit(f"{tables.CROSS.title}, {unit}. {tables.CROSS.help}".replace("..", "."))
    if grid.planned:
        _write_matrices(page, grid)
    page.finish(freeze=0, repeat=None)


def _write_matrices(page: ComparedPage, grid: Grid) -> None:
    listed, first = list(islice(_broken(grid), _MOST_LISTED)), grid.cross_row(3, 0)
    rows = _rows_of(listed, first)
    lines = [PlanLine(grid, number, rows) for number in range(len(grid.planned))]
    for matrix, table in enumerate(tables.CROSSED):
        row = grid.cross_row(matrix, 0)
        if matrix:
            page.section(row - 2, f"{table.title}. {table.help}")
        whole = table.along(scenario=[(case.name, j) for j, case in enumerate(grid.cases)])
        page.table(whole, row - 1)
        write_rows(page, whole, lines, row)
    if listed:
        page.section(first - 2, tables.BROKEN.title)
        page.table(tables.BROKEN, first - 1)
        last = write_rows(page, tables.BROKEN, listed, first) - 1
        width = max(len(line.broken.row.origin.legal_basis) for line in listed)
        page.reach(last, len(tables.BROKEN.columns) - 1 + min(4, width // 12))
    else:
        page.text(first - 1, 0, "No plan breaks a rule in any scenario.", page.styles.text())
    unknown = page.styles.format(font_size=9, font_color=SOFT)
    for row, said in enumerate(_unknown(grid), first + len(listed) + 1):
        page.text(row, 0, said, unknown)


def _broken(grid: Grid) -> Iterator[BrokenLine]:
    """Yield the rules broken in the order of plans and scenarios."""
    for number, plan in enumerate(grid.planned):
        for scenario, value in zip(grid.cases, grid.comparison.cross[grid.own(number)], strict=True):
            yield from (BrokenLine(scenario, plan.name, broken) for broken in (value.broken if value else ()))


def _rows_of(listed: Sequence[BrokenLine], first: int) -> Mapping[tuple[str, str], range]:
    """Return (plan, scenario) → the rows that are theirs."""
    found, row = {}, first
    for pair, lines in groupby(listed, key=lambda line: (line.plan, line.case.name)):
        found[pair] = range(row, row := row + len(list(lines)))
    return found


def _unknown(grid: Grid) -> Iterator[str]:
    """Yield what money of a plan a scenario does not know."""
    for number, plan in enumerate(grid.planned):
        for case, value in zip(grid.cases, grid.comparison.cross[grid.own(number)], strict=True):
            for text in unknown_texts(value) if value is not None else ():
                yield f"{plan.name} under {case.name}: not counted, since that scenario does not know it: {text}"


# ---- alternatives -------------------------------------------------------------------------------------------------


def write_alternatives(book: Book, grid: Grid) -> None:
    """Write objectives and rules broken, then amounts by area, then which rules."""
    page = ComparedPage(book, grid, "Alternatives", _alternatives_message(grid))
    scenario = grid.first.scenario
    unit = objective_unit(scenario) or str(scenario.objective)
    page.unit(f"Objective: {unit}; each under its own scenario; amounts in {scenario.unit}")
    compared = [case for case in grid.planned if case.alternatives]
    if compared:
        _write_beside(page, grid, compared)
    page.finish(freeze=0, repeat=None)


def _write_beside(page: ComparedPage, grid: Grid, compared: Sequence[PlannedCase]) -> None:
    """Write the three tables, one below the other."""
    drafts = _drafts(grid, compared)
    amounts = FIRST + sum(1 + len(case.alternatives) for case in compared) + 3
    first = amounts + len(drafts) + 3
    listed = list(islice(_breaking(compared), _MOST_BESIDE))
    rows = _rows_of(listed, first)
    page.table(tables.ALTERNATIVES)
    lines = [
        Beside(grid, case, number, rows.get((name, case.name), range(0)))
        for case in compared
        for number, name in enumerate(["", *(other.name for other in case.alternatives)])
    ]
    write_rows(page, tables.ALTERNATIVES, lines, emphasis=lambda line: {} if line.beside else {"bold": True})
    names = list(dict.fromkeys(other.name for case in compared for other in case.alternatives))[:2]
    areas = tables.ALTERNATIVES_AREAS.along(draft=[(name, name) for name in names])
    when = f" {grid.period}" if grid.multi else ""
    page.section(amounts - 2, f"{areas.title}: amounts{when}, {grid.first.scenario.unit}")
    page.table(areas, amounts - 1)
    write_rows(page, areas, drafts, amounts, lambda line: {"bold": True} if line.area is None else {})
    if not listed:
        page.text(first - 1, 0, "None of them breaks a rule.", page.styles.text())
        return
    page.section(first - 2, tables.ALTERNATIVES_BROKEN.title)
    page.table(tables.ALTERNATIVES_BROKEN, first - 1)
    write_rows(page, tables.ALTERNATIVES_BROKEN, listed, first)


def _drafts(grid: Grid, compared: Sequence[PlannedCase]) -> list[DraftLine]:
    """Return each plan's areas, and their sum, with the amounts of its alternatives."""
    lines = []
    for case in compared:
        drafts = {other.name: _by_area(grid, case, other.amounts) for other in case.alternatives}
        areas = [area.name for area in case.scenario.leaves]
        lines += [DraftLine(grid, case, area, drafts) for area in (*areas, None)]
    return lines


def _breaking(compared: Sequence[PlannedCase]) -> Iterator[BrokenLine]:
    for case in compared:
        for other in case.alternatives:
            yield from (BrokenLine(case, other.name, broken) for broken in other.valuation.broken)


def _by_area(grid: Grid, case: PlannedCase, amounts: Mapping[Key, Fraction]) -> dict[str, Fraction]:
    """Return what each area gets over the years that are summed up."""
    found = dict.fromkeys((area.name for area in case.scenario.leaves), ZERO)
    for key, amount in amounts.items():
        if key.area in found and key.year in grid.summed:
            found[key.area] += amount
    return found


def _alternatives_message(grid: Grid) -> str:
    """Return how much better the first plan is than the draft, or else than last year's plan scaled."""
    if not grid.planned:
        return "Without a plan there is nothing to set beside a draft."
    if not any(case.alternatives for case in grid.planned):
        return "There is neither a draft (Proposed) nor last year's money (Last year) to set beside the plans."
    case = next(c for c in grid.planned if c.alternatives)
    texts = []
    for other in case.alternatives:
        best, value = case.objective or ZERO, other.valuation.objective
        less = (best - value) / abs(best) * (1 if case.scenario.objective.maximise else -1) if best else ZERO
        side = "worse" if less >= 0 else "better"
        texts.append(f"{other.name} is {percent(abs(less), 1)} {side} and {faults(other.valuation)}")
    return f"{case.name}: beside its plan, {listing(texts)}."


# ---- bridges ------------------------------------------------------------------------------------------------------

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
    page = ComparedPage(book, grid, "Bridge", _bridge_message(grid))
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


def _bridge_message(grid: Grid) -> str:
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
        self.amount = self.styles.signed(self.styles.decimals)
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
        self.page.table(
            tables.BRIDGE.along(area=[(area, area) for area in areas], error=[("Error", 0)] * self.sampled), head
        )
        first, parts = head + 1, it.found.parts
        last = first + max(len(parts), 1) - 1
        objective = self.styles.signed(self._objective_decimals(it))
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
        for row, text in zip(range(last + 1, last + 4), ("Sum of the parts", "Difference", "Adds up"), strict=True):
            self.page.text(row, 0, text, self.styles.text(bold=True))
            if self.sampled:
                self.page.text(row, 2, "", self.styles.text())
        if it.found.objective is not None:
            look = self.styles.signed(self._objective_decimals(it), bold=True)
            values = [part.objective or ZERO for part in it.found.parts]
            own, base = self.grid.objective_at(it.number), self.grid.objective_at(0)
            linked = f"{own}-{base}" if it.linked else None
            self._sum(1, (first, last), values, it.found.objective, linked, look, base)
        amount = self.styles.signed(self.styles.decimals, bold=True)
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
        self.page.table(tables.BRIDGE_YEARS.along(input=list(zip(names, names, strict=True))), row + 1)
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
