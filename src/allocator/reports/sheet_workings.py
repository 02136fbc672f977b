"""The sheet Workings: the objective in live formulas, a line for each piece of an area's yearly amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.programme.constraints.targets import indicator_value
from allocator.programme.objective import objective_pieces
from allocator.programme.rows import Piece
from allocator.reports import tables, tables_workings
from allocator.reports.columns import Role
from allocator.reports.differences import difference_decimals
from allocator.reports.layout import FIRST, LIVE_ROWS, LONGEST_FORMULA, ref, span
from allocator.reports.page import Book, Page
from allocator.reports.words import number, objective_unit
from allocator.scenario.model import Band, Indicator

ZERO, ONE = Fraction(0), Fraction(1)
AT = {column.name: i for i, column in enumerate(tables_workings.WORKINGS.columns)}
RATE, FIRST_YEAR = "Discount rate", "First year"


@dataclass(frozen=True)
class Line:
    """A line of the sheet: one piece of an area's yearly amount."""

    area: str
    year: int
    index: int
    """Of the piece, from 0."""
    piece: Piece
    start: Fraction
    last: bool
    """Whether it is the last piece, which has no end."""

    @property
    def end(self) -> Fraction | None:
        """Where the piece ends; None for the last one."""
        return None if self.last or self.piece.width is None else self.start + self.piece.width

    def part(self, total: Fraction) -> Fraction:
        """Return the part of an area's yearly amount that falls into the piece."""
        return max(ZERO, (total if self.end is None else min(total, self.end)) - self.start)


class Workings:
    """The objective as a sum over pieces, at the amounts as optimised and at those in force."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.scenario = book.result.scenario
        self.lines = tuple(self._lines())
        self.row = {(line.area, line.year, line.index): FIRST + i for i, line in enumerate(self.lines)}
        """(area, year, index of the piece) → its row."""
        self.live = len(self.lines) <= LIVE_ROWS

    def _lines(self) -> list[Line]:
        found = []
        for (area, year), pieces in objective_pieces(self.scenario).items():
            start = ZERO
            for index, piece in enumerate(pieces):
                found.append(Line(area, year, index, piece, start, index == len(pieces) - 1))
                start += piece.width or ZERO
        return found

    @cached_property
    def unit(self) -> str:
        """What the objective is measured in."""
        return objective_unit(self.scenario)

    @cached_property
    def of_benefit(self) -> bool:
        """Whether benefit is sought: then bands, weights and the discount rate count."""
        return self.scenario.objective.indicator is None and self.scenario.objective.maximise

    @cached_property
    def indicator(self) -> Indicator | None:
        """The indicator that is sought; None where it is benefit or spending."""
        name = self.scenario.objective.indicator
        return next((each for each in self.scenario.indicators if each.name == name), None)

    @cached_property
    def weighted(self) -> tuple[Indicator, ...]:
        """The indicators whose weight counts in the objective."""
        return tuple(each for each in self.scenario.indicators if each.weight) if self.of_benefit else ()

    @cached_property
    def constant(self) -> Fraction:
        """What the objective is without any money: an indicator's baseline, less what last year's money counts."""
        sought = self.indicator
        return ZERO if sought is None else indicator_value(self.scenario, sought, sought.last_year).constant

    @cached_property
    def value(self) -> Fraction:
        """The objective at the amounts as optimised, recomputed."""
        return self.at({(area, year): self.book.result.amount(area, year) for area, year, _piece in self.row})

    @cached_property
    def difference_decimals(self) -> Mapping[str, int]:
        """To how many decimals alternatives differ from the plan, by the parameters' names."""
        return difference_decimals(self.book.result, self.value)

    def at(self, amounts: Mapping[tuple[str, int], Fraction]) -> Fraction:
        """Return the objective at other yearly amounts of the areas."""
        parts = (line.piece.slope * line.part(amounts[line.area, line.year]) for line in self.lines)
        return sum(parts, self.constant)

    # -- addresses -------------------------------------------------------------------------------------------

    @property
    def total_row(self) -> int:
        """The row of the objective, below the constant's."""
        return FIRST + len(self.lines) + 1

    def objective(self, column: str) -> str:
        """Return the address of the objective, `From Amount` or `From In force`."""
        return f"Workings!{ref(self.total_row, AT[column], fixed=True)}"

    def piece_cell(self, area: str, year: int, index: int, column: str) -> str:
        """Return the address of a figure of an area's piece in a year; pieces are counted from 0."""
        return f"Workings!{ref(self.row[area, year, index], AT[column])}"

    @cached_property
    def factors(self) -> tuple[str, ...]:
        """The names of the factors, in the order of their rows."""
        return (RATE, FIRST_YEAR, *(f"Weight of {each.name}" for each in self.weighted)) if self.of_benefit else ()

    def factor(self, name: str) -> str:
        """Return the address of a factor, on Workings itself."""
        return ref(self.total_row + 4 + self.factors.index(name), 1, fixed=True)

    @property
    def factors_end(self) -> int:
        """The row below the factors."""
        return self.total_row + 4 + len(self.factors) if self.factors else self.total_row + 1

    def typed_cells(self, column: str) -> str:
        """Return the address of a column of the typed figures."""
        first = self.factors_end + 3
        last = first + len(self.book.trace.typed) - 1
        return f"Workings!{span(first, last, tables_workings.TYPED.index(column), fixed=True)}"

    # -- formulas --------------------------------------------------------------------------------------------

    def weights(self, area: str) -> Fraction:
        """Return the benefit per unit of money from indicators that have a weight."""
        effects = self.scenario.effects
        found = ((each, effects.get(each.name, {}).get(area)) for each in self.weighted)
        return sum((each.weight * effect.value for each, effect in found if effect), ZERO)

    def weights_formula(self, area: str) -> str | None:
        """Return the same as a formula; None where a cell is missing."""
        terms = []
        for each in self.weighted:
            if area in self.scenario.effects.get(each.name, {}):
                effect = self.book.layout.effect(each.name, each.last_year, area)
                if effect is None:
                    return None
                terms.append(f"{self.factor(f'Weight of {each.name}')}*{effect}")
        text = "+".join(terms)
        return text if 0 < len(text) <= LONGEST_FORMULA else None

    def band(self, line: Line) -> Band | None:
        """Return the band that a piece starts with; None where its area has none in that year."""
        bands = self.scenario.bands.get((line.area, line.year), ()) if self.of_benefit else ()
        return next((band for band in bands if band.number == line.piece.number), None)

    def end_formula(self, line: Line) -> str | None:
        """Return the formula of where a piece ends, from the Inputs sheets."""
        bands = self.scenario.bands.get((line.area, line.year), ())
        band = next((band for band in bands if band.end == line.end), None)
        if band is None or line.end is None:
            return None
        last_year = self.book.layout.plan_last_year(line.area)
        return self.book.trace.band_end(self.scenario.area[line.area], band, last_year)

    def constant_formula(self) -> str | None:
        """Return the formula of the objective without any money, from Indicators; None where no cells hold it."""
        sought, layout = self.indicator, self.book.layout
        if sought is None or (sought.name, sought.last_year) not in layout.indicator_row:
            return None
        index = layout.indicator_row[sought.name, sought.last_year] - FIRST
        baseline, rows = layout.indicator(sought.name, sought.last_year, "Baseline"), layout.part_rows[index]
        if not rows:
            return None if layout.moved(sought.name) else baseline
        effects, repeated = (
            f"Indicators!{span(rows[0], rows[-1], tables.PARTS.index(name), fixed=True)}"
            for name in ("Effect", "Not counted")
        )
        return f"{baseline}-SUMPRODUCT({effects},{repeated})" if sought.from_last_year else baseline


def write_workings(book: Book, workings: Workings) -> tuple[Page, int]:
    """Write the objective; return the page, to which the charts' figures are added, and the row for them.

    To be called when all sheets with figures of the scenario are written: those that had to be typed are listed.
    """
    objective = book.result.scenario.objective
    page = Page(
        book,
        "Workings",
        f"Workings — {book.result.scenario.title}",
        f"{str(objective).capitalize()}: {number(workings.value, 3)} {workings.unit}, as optimised.",
        rows=len(workings.lines),
    )
    page.unit("From In force = Per unit × In force. In force: what of Total in force lies between From and To.")
    page.table(tables_workings.WORKINGS)
    for i, line in enumerate(workings.lines):
        _working_line(page, FIRST + i, line, workings)
    _working_totals(page, workings)
    _factors(page, workings)
    return page, _typed_figures(page, workings)


def _working_line(page: Page, row: int, line: Line, workings: Workings) -> None:
    book, styles, cell = page.book, page.styles, {name: ref(row, column) for name, column in AT.items()}
    total, layout = book.result.amount(line.area, line.year), book.layout
    page.text(row, AT["Area"], line.area, styles.text())
    page.number(row, AT["Year"], line.year, styles.of(Role.YEAR))
    page.number(row, AT["Band"], line.piece.number, styles.of(Role.YEAR))
    above = ref(row - 1, AT["To"]) if line.index else None
    page.figure(row, AT["From"], above, line.start, styles.amount())
    page.figure(row, AT["To"], workings.end_formula(line), line.end, styles.amount())
    _coefficient(page, row, line, workings)
    keys = layout.keys([line.area], [line.year], book.result.scenario.source)
    page.formula(row, AT["Total amount"], layout.total(keys, "Amount"), total, styles.amount())
    page.formula(row, AT["Total in force"], layout.plan(line.area, "amount", line.year), total, styles.amount())
    part = line.part(total)
    for name, whole in (("Amount", "Total amount"), ("In force", "Total in force")):
        upper = cell[whole] if line.end is None else f"MIN({cell[whole]},{cell['To']})"
        page.formula(row, AT[name], f"MAX(0,{upper}-{cell['From']})", part, styles.amount())
        page.formula(
            row, AT[f"From {name}"], f"{cell['Per unit']}*{cell[name]}", line.piece.slope * part, styles.price()
        )


def _coefficient(page: Page, row: int, line: Line, workings: Workings) -> None:
    """Write the change of the objective per unit in a piece, and what it is made of."""
    book, look, scenario = page.book, page.styles.price(), workings.scenario
    if not workings.of_benefit:
        for name in ("Benefit", "Weights", "Discount factor"):
            page.text(row, AT[name], "", page.styles.text())
        sought = workings.indicator
        counts = sought is not None and line.piece.slope
        effect = book.layout.effect(sought.name, sought.last_year, line.area) if sought and counts else None
        page.figure(row, AT["Per unit"], effect, line.piece.slope, look)
        return
    band, area = workings.band(line), scenario.area[line.area]
    origin, benefit = (area.origin, area.benefit) if band is None else (band.origin, band.benefit)
    name = f"Benefit of {line.area}" + ("" if band is None else f" / {band.number}")
    page.figure(row, AT["Benefit"], book.trace.under(origin, "Benefit", name, benefit), benefit, look)
    weights = workings.weights(line.area)
    page.figure(row, AT["Weights"], workings.weights_formula(line.area), weights, look)
    discount = f"1/(1+{workings.factor(RATE)})^({ref(row, AT['Year'])}-{workings.factor(FIRST_YEAR)})"
    page.formula(row, AT["Discount factor"], discount, scenario.discount(line.year), look)
    benefit_at, weights_at, factor_at = (ref(row, AT[name]) for name in ("Benefit", "Weights", "Discount factor"))
    page.formula(row, AT["Per unit"], f"({benefit_at}+{weights_at})*{factor_at}", line.piece.slope, look)


def _working_totals(page: Page, workings: Workings) -> None:
    row, look = workings.total_row, {"bold": True, "top": 1}
    page.text(row - 1, 0, "Without any money", page.styles.text())
    page.text(row, 0, f"Objective, {workings.unit}", page.styles.text(**look))
    for column in range(1, len(tables_workings.WORKINGS.columns)):
        page.text(row, column, "", page.styles.text(**look))
    for name in ("From Amount", "From In force"):
        column = AT[name]
        page.figure(row - 1, column, workings.constant_formula(), workings.constant, page.styles.price())
        page.formula(row, column, f"SUM({span(FIRST, row - 1, column)})", workings.value, page.styles.price(**look))


def _factors(page: Page, workings: Workings) -> None:
    """Write what the lines are computed with, below them."""
    if not workings.factors:
        return
    row, trace, scenario = workings.total_row + 2, page.book.trace, workings.scenario
    page.section(row, tables_workings.FACTORS.title, tables_workings.FACTORS.help)
    page.table(tables_workings.FACTORS, row + 1)
    first_year = page.book.layout.funds_of([scenario.sources[0].name], scenario.years[:1], "Year")
    figures: list[tuple[str | None, Fraction]] = [
        (trace.setting(RATE, scenario.discount_rate), scenario.discount_rate),
        (first_year, Fraction(scenario.years[0])),
        *((trace.weight(each), each.weight) for each in workings.weighted),
    ]
    for i, (name, (formula, value)) in enumerate(zip(workings.factors, figures, strict=True)):
        page.text(row + 2 + i, 0, name, page.styles.text())
        look = page.styles.of(Role.YEAR, align="right") if name == FIRST_YEAR else page.styles.typed(value)
        page.figure(row + 2 + i, 1, formula, value, look)


def _typed_figures(page: Page, workings: Workings) -> int:
    """List the figures whose cells hold text; return the row below."""
    row, trace = workings.factors_end + 1, page.book.trace
    if not trace.typed:
        return row
    page.section(row, tables_workings.TYPED.title, tables_workings.TYPED.help)
    page.table(tables_workings.TYPED, row + 1)
    for i, typed in enumerate(trace.typed, start=row + 2):
        page.text(i, 0, typed.name, page.styles.text())
        page.number(i, 1, typed.value, page.styles.typed(typed.value))
        page.text(i, 2, str(typed.cell), page.styles.text())
        page.formula(i, 3, trace.address(typed.cell), str(trace.raw(typed.cell)), page.styles.text())
    return row + 3 + len(trace.typed)
