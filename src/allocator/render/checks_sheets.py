"""The sheets Workings and Checks: the objective in live formulas, and every check with its tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.analyses.figures import RowStatus
from allocator.analyses.result import Result, RowFigures
from allocator.programme.build import objective_pieces
from allocator.programme.constraints import indicator_value
from allocator.programme.rows import Piece
from allocator.render.page import Book, Page
from allocator.render.sheets import counted
from allocator.render.styles import BREACH, PLAN
from allocator.scenario.model import Band, Indicator
from allocator.tables import proof
from allocator.tables.columns import Role
from allocator.tables.formulas import FIRST, LAST_BITS, LIVE_ROWS, LONGEST_FORMULA, quoted, ref, span, steady_decimals
from allocator.tables.layout import PARAMETER_COLUMN, PARAMETERS, Layout
from allocator.tables.money import ALLOCATION, PARTS, total
from allocator.tables.rounding import MONEY, WORTH, difference_decimals
from allocator.tables.rules import CHECKS, PARAMETER, RULES, bounds
from allocator.wording.numbers import magnitude, number, objective_unit

ONE = Fraction(1)
AT = {column.name: i for i, column in enumerate(proof.WORKINGS.columns)}
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
        return f"Workings!{span(first, last, proof.TYPED.index(column), fixed=True)}"

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
            f"Indicators!{span(rows[0], rows[-1], PARTS.index(name), fixed=True)}" for name in ("Effect", "Not counted")
        )
        return f"{baseline}-SUMPRODUCT({effects},{repeated})" if sought.from_last_year else baseline


def objective_decimals(result: Result) -> int:
    """Return the decimals of the objective: seven digits in all."""
    return min(6, max(0, 6 - magnitude(float(result.objective or 0))))


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
    page.table(proof.WORKINGS)
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
    for column in range(1, len(proof.WORKINGS.columns)):
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
    page.section(row, proof.FACTORS.title, proof.FACTORS.help)
    page.table(proof.FACTORS, row + 1)
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
    page.section(row, proof.TYPED.title, proof.TYPED.help)
    page.table(proof.TYPED, row + 1)
    for i, typed in enumerate(trace.typed, start=row + 2):
        page.text(i, 0, typed.name, page.styles.text())
        page.number(i, 1, typed.value, page.styles.typed(typed.value))
        page.text(i, 2, str(typed.cell), page.styles.text())
        page.formula(i, 3, trace.address(typed.cell), str(trace.raw(typed.cell)), page.styles.text())
    return row + 3 + len(trace.typed)


ZERO = Fraction(0)
_MOST_REMAINDERS = 4
"""More rounded remainders than these stand in no check."""
MOST_ROWS = 5_000
"""Above so many rows of the programme they are counted, not listed."""
VERDICT_ROW = 2
LEAST_SHOWN = 1e-4
"""A parameter below this is shown with an exponent."""
BROKEN = ("does not hold; it is marked", "do not hold; they are marked")
"""How one check that fails is spoken of, and how several."""


def verdict() -> str:
    """Return the address of the overall verdict."""
    return f"Checks!{ref(VERDICT_ROW, 1, fixed=True)}"


def tolerance(name: str) -> str:
    """Return the address of a tolerance on Checks itself."""
    return ref(FIRST + PARAMETERS.index(name), PARAMETER_COLUMN + 1, fixed=True)


@dataclass(frozen=True)
class Check:
    """One check: two figures, how they are to compare, and what it comes to."""

    name: str
    found: str
    found_value: Fraction | float
    compared: str | None
    """None: the value is typed."""
    compared_value: Fraction | float
    must: str = "="
    """``=``, ``≤`` or ``≥``; or ``kept``, then the row's status decides."""
    tolerance: str = "Amounts"
    subject: str = ""
    year: int | None = None
    status: str = ""
    """The address of the row's status, where ``must`` is ``kept``."""
    kept: bool = True


def checks(book: Book, workings: Workings, closes: str = "") -> Iterator[Check]:
    """Yield every check of the plan, family after family."""
    for family in (_amounts, _totals, _funds, _shares, _inputs):
        yield from family(book)
    for of_workings in (_typed, _objective):
        yield from of_workings(book, workings)
    yield from _certificate(book, closes)
    yield from _rules(book)


def _certificate(book: Book, closes: str) -> Iterator[Check]:
    """Yield that each bound meets Amount, but for what rounding explains; `closes` are its verdicts' cells."""
    if book.result.certificate is not None and closes:
        certificate = book.result.certificate.published
        closed = sum(1 for proof in certificate.proofs if proof.closes and not certificate.broken)
        yield Check("The certificate closes, for each sum of goals and the objective",
                    f"COUNTIF({closes},TRUE)", closed,
                    f"COUNTA({closes})", len(certificate.proofs), tolerance="Exact")  # fmt: skip


def _amounts(book: Book) -> Iterator[Check]:
    layout, step = book.layout, book.result.step
    if not layout.lines:
        return
    force, decided = layout.allocation("In force"), layout.allocation("Decided")
    noise = tolerance("Amounts")
    yield Check("No amount is negative", f"SUMPRODUCT(--({force}<-{noise}))", 0, None, 0, tolerance="Exact")
    yield Check("Every decided amount is a number", f"COUNT({decided})", 0, f"COUNTA({decided})", 0, tolerance="Exact")
    if step:
        steps = f"{force}/{tolerance('Step')}"
        broken = f"SUMPRODUCT(--(ABS({steps}-ROUND({steps},0))>{tolerance('Part of a Step')}))"
        yield Check("Every amount is a whole multiple of Step", broken, 0, None, 0, tolerance="Exact")
    column = ALLOCATION.index("In force")
    letter = ref(0, column).rstrip("1")
    money = sum((line.amount for line in layout.lines), ZERO)
    yield Check(
        "No money outside the lines of sources that may pay",
        f"SUM(Allocation!{letter}:{letter})",
        money,
        f"SUM({force})",
        money,
    )


def _totals(book: Book) -> Iterator[Check]:
    layout, scenario = book.layout, book.result.scenario
    for year in layout.years:
        allotted = total(book, year)
        yield Check(
            "Plan adds up to Allocation",
            layout.plan(None, "amount", year),
            allotted,
            layout.where("In force", year),
            allotted,
            year=year,
        )
    for area, _ in layout.tree:
        if len(scenario.parts[area.name]) > 1 or scenario.parts[area.name] != (area.name,):
            for year in layout.years:
                yield _parts_check(layout, area.name, year)


def _parts_check(layout: Layout, area: str, year: int) -> Check:
    scenario, amount = layout.result.scenario, layout.result.amount(area, year)
    keys = layout.keys(scenario.parts[area], [year], scenario.source)
    return Check(
        "An area is the sum of its parts",
        layout.plan(area, "amount", year),
        amount,
        layout.total(keys),
        amount,
        subject=area,
        year=year,
    )


def _funds(book: Book) -> Iterator[Check]:
    layout = book.layout
    for fund in layout.funds:
        at = {name: layout.fund(fund.source, fund.year, name) for name in ("Opening", "Available", "Spent")}
        rest = [layout.fund(fund.source, fund.year, name) for name in ("Carried forward", "Unspent")]
        account = book.remainders.accounts[fund.source, fund.year]
        opening_and_new = account.opening + fund.available
        inflow = f"{at['Opening']}+{at['Available']}"
        yield Check(
            "Spent within what is available",
            at["Spent"],
            fund.spent,
            inflow,
            opening_and_new,
            "≤",
            subject=fund.source,
            year=fund.year,
        )
        yield Check(
            "Opening + Available = Spent + Carried forward + Unspent",
            inflow,
            opening_and_new,
            "+".join([at["Spent"], *rest]),
            fund.spent + account.carried_forward + account.unspent,
            subject=fund.source,
            year=fund.year,
        )
        where = layout.where("In force", fund.year, fund.source)
        yield Check(
            "Funds spend what Allocation allots",
            at["Spent"],
            fund.spent,
            where,
            fund.spent,
            subject=fund.source,
            year=fund.year,
        )


def _shares(book: Book) -> Iterator[Check]:
    layout, scenario = book.layout, book.result.scenario
    for year in layout.years:
        budget = scenario.budget(year)
        if not budget:
            continue
        spent = sum((f.spent for f in layout.funds if f.year == year and f.source in scenario.budget_sources), ZERO)
        cells = "+".join(layout.fund(name, year, "Spent") for name in scenario.budget_sources)
        yield Check(
            "Shares add up to spent ÷ budget",
            layout.where("Share", year),
            spent / budget,
            f"({cells})/{layout.budget(year)}",
            spent / budget,
            tolerance="Shares",
            year=year,
        )


def _inputs(book: Book) -> Iterator[Check]:
    """Compare sums of the sheets Inputs … with what the plan works with, where no cell holds a number as text."""
    layout, scenario, trace = book.layout, book.result.scenario, book.trace
    for year in layout.years:
        cells = [s.origin.cell(str(year)) for s in scenario.sources]
        if all(trace.link(cell, s.available[year]) for cell, s in zip(cells, scenario.sources, strict=True)):
            money = scenario.available(scenario.source, year)
            found = layout.funds_of(scenario.source, [year], "Available")
            yield Check("Inputs equal the copy: Budget", found, money, trace.total(cells), money, year=year)
    leaves = [area for area in scenario.leaves if area.last_year is not None]
    cells = [area.origin.cell("Last year") for area in leaves]
    if leaves and all(trace.link(cell, area.last_year) for cell, area in zip(cells, leaves, strict=True)):
        money = sum((area.last_year or ZERO for area in leaves), ZERO)
        found = layout.money_before([area.name for area in leaves], layout.years[0], scenario.budget_sources)
        yield Check("Inputs equal the copy: Last year of the areas", found, money, trace.total(cells), money)


def _typed(book: Book, workings: Workings) -> Iterator[Check]:
    """Check that each figure was typed for the one reason that there is: its input cell holds text."""
    if book.trace.typed:
        values, says = (workings.typed_cells(name) for name in ("Value", "The cell says"))
        texts = sum(1 for typed in book.trace.typed if isinstance(book.trace.raw(typed.cell), str))
        yield Check("Every figure that is typed stands as text in the scenario", f"COUNT({values})",
                    len(book.trace.typed), f"SUMPRODUCT(--ISTEXT({says}))", texts, tolerance="Exact")  # fmt: skip


def _objective(book: Book, workings: Workings) -> Iterator[Check]:
    stated = book.result.objective
    if stated is not None and workings.live:
        formula = workings.objective("From Amount")
        yield Check("The objective of Amount, recomputed, is the one stated", formula, workings.value,
                    tolerance("Objective as stated"), stated, tolerance="Objective")  # fmt: skip


def _rules(book: Book) -> Iterator[Check]:
    rows = book.result.rows
    musts = [(i, f) for i, f in enumerate(rows) if f.row.strength.kind != "goal"]
    goals = [(i, f) for i, f in enumerate(rows) if f.row.strength.kind == "goal"]
    if len(rows) > MOST_ROWS:
        yield _rules_counted(book, len(musts))
    else:
        yield from (_rule_check(book.layout, i, f) for i, f in musts)
        yield from (_goal_check(book.layout, i, f) for i, f in goals)


def _rule_check(layout: Layout, index: int, figures: RowFigures) -> Check:
    return Check(
        "The rule is kept",
        layout.rule(index, "Final Value"),
        figures.final_value,
        layout.rule(index, "Constraint R.H. Side"),
        figures.rhs,
        "kept",
        subject=figures.row.name,
        year=figures.row.year,
        status=layout.rule(index, "Status"),
        kept=bounds(figures, layout.result).status is not RowStatus.MISSED,
    )


def _goal_check(layout: Layout, index: int, figures: RowFigures) -> Check:
    """Return the check that a goal is no further away than the plan as optimised had to leave it."""
    slack = bounds(figures, layout.result).slack
    missed = min(0.0, slack)
    return Check(
        "The goal is met as far as the optimum could",
        layout.rule(index, "Slack"),
        slack,
        None,
        missed,
        "≥",
        subject=figures.row.name,
        year=figures.row.year,
    )


def _rules_counted(book: Book, count: int) -> Check:
    rows = book.result.rows
    last = FIRST + len(rows) - 1
    status, strength = (f"Rules!{span(FIRST, last, RULES.index(n), fixed=True)}" for n in ("Status", "Strength"))
    missed = sum(1 for f in rows if f.row.strength.kind != "goal" and f.status is RowStatus.MISSED)
    return Check(
        "Rules that are missed, goals aside",
        f'COUNTIFS({status},"Missed",{strength},"<>goal*")',
        missed,
        None,
        0,
        tolerance="Exact",
        subject=f"{count:,} rows",
    )


def gap_decimals(best: float, value: Fraction) -> int:
    """Return the decimals of the difference between the optimum and the plan's objective: noise lies below."""
    noise = LAST_BITS * (Fraction(abs(best)) + abs(value))
    return steady_decimals([Fraction(best) - value], min(12, 11 - magnitude(best)), noise)


# -- writing -------------------------------------------------------------------------------------------------


def parameters(book: Book, workings: Workings) -> dict[str, float | None]:
    """Return the parameters, None where there is none of it; tolerances are noise of sums, far below a Step."""
    result, digits = book.result, book.remainders.decimals
    step = float(result.step)
    best = None if result.unrounded_objective is None else float(result.unrounded_objective)
    size = max((abs(float(fund.opening + fund.available)) for fund in book.layout.funds), default=1.0)
    noise = 10.0 ** (magnitude(size) - 9)
    objective, blur = float(result.objective or 0), float(book.remainders.blur)
    return {
        "Amounts": max(min(noise, step / 100), _MOST_REMAINDERS * blur) if step else noise * 10,
        "Shares": 1e-9,
        "Part of a Step": 1e-3,
        "Objective": 10.0 ** (magnitude(objective) - 9),
        "Exact": 0.0,
        "Step": step,
        "Objective as stated": None if result.objective is None else objective,
        "Optimum before rounding": best,
        "Decimals of the objective": objective_decimals(result),
        "Decimals of its difference": None if best is None else gap_decimals(best, workings.value),
        "Decimals of remainders": digits if step else None,
        **{name: workings.difference_decimals.get(name) for name in (MONEY, WORTH)},
        "Least remainder": None if step else float(Fraction(10) ** -digits),
        "Points in a whole": 100,
        "Step of Next money": 0.01,
    }


def write_checks(book: Book, workings: Workings, closes: str = "") -> bool:
    """Write every check and the overall verdict; return the verdict as stored."""
    found = list(checks(book, workings, closes))
    page = Page(book, "Checks", f"Checks — {book.result.scenario.title}", "", rows=len(found))
    page.table(CHECKS)
    limits = parameters(book, workings)
    results = [_write_check(page, FIRST + i, check, limits) for i, check in enumerate(found)]
    holds = span(FIRST, FIRST + len(found) - 1, CHECKS.index("Holds"))
    _write_verdict(page, holds, results)
    _write_parameters(page, limits)
    _colour(page, len(found))
    page.finish(freeze=1)
    return all(results)


def _write_verdict(page: Page, holds: str, results: list[bool]) -> None:
    bold = page.styles.of(Role.FLAG, bold=True, font_size=12)
    page.text(VERDICT_ROW, 0, "Overall verdict: every check holds", page.styles.format(bold=True, font_size=12))
    page.formula(VERDICT_ROW, 1, f"AND({holds})", all(results), bold)
    good = f"All {len(results):,} checks hold." if len(results) != 1 else "The one check holds."
    failed = f"COUNTIF({holds},FALSE)"
    count = results.count(False)
    one, several = (f" of {counted(len(results), 'check')} {ends} below." for ends in BROKEN)
    bad = f"{failed}&IF({failed}=1,{quoted(one)},{quoted(several)})"
    message = good if not count else f"{count}{one if count == 1 else several}"
    styles = page.styles
    form = styles.message
    if page.live:
        formula = f"=IF({ref(VERDICT_ROW, 1)},{quoted(good)},{bad})"
        page.sheet.write_formula(1, 0, formula, form, message)


def _write_check(page: Page, row: int, check: Check, limits: dict[str, float | None]) -> bool:
    at = {column.name: i for i, column in enumerate(CHECKS.columns)}
    styles, cell = page.styles, {name: ref(row, column) for name, column in at.items()}
    page.text(row, at["Check"], check.name, styles.of(Role.LONG))
    page.text(row, at["Subject"], check.subject, styles.of(Role.LONG))
    page.number(row, at["Year"], check.year, styles.of(Role.YEAR))
    page.formula(row, at["Found"], check.found, check.found_value, styles.price())
    page.text(row, at["Must be"], check.must, styles.text(indent=1))
    page.figure(row, at["Compared with"], check.compared, check.compared_value, styles.price())
    holds = check.kept
    if check.must == "kept":
        page.text(row, at["Tolerance"], "as on Rules", styles.text(align="right"))
        formula = f'{check.status}<>"Missed"'
    else:
        limit = limits[check.tolerance] or 0.0
        page.formula(row, at["Tolerance"], tolerance(check.tolerance), limit, styles.price(num_format="0.##E+0"))
        difference = f"{cell['Found']}-{cell['Compared with']}"
        compared = {
            "=": f"ABS({difference})<={cell['Tolerance']}",
            "≤": f"{difference}<={cell['Tolerance']}",
            "≥": f"{difference}>=-{cell['Tolerance']}",
        }
        formula = compared[check.must]
        gap = float(check.found_value) - float(check.compared_value)
        holds = {"=": abs(gap) <= limit, "≤": gap <= limit, "≥": gap >= -limit}[check.must]
    page.formula(row, at["Holds"], f"IFERROR({formula},FALSE)", holds, styles.of(Role.FLAG))
    return holds


def _write_parameters(page: Page, values: dict[str, float | None]) -> None:
    names, column = PARAMETER.columns, PARAMETER_COLUMN
    page.widen({column - 1: 2} | {column + i: part.width for i, part in enumerate(names)})
    for i, part in enumerate(names):
        page.text(FIRST - 1, column + i, part.name, page.styles.heading(part.role))
    for i, name in enumerate(PARAMETERS):
        value = values[name]
        page.text(FIRST + i, column, name, page.styles.text())
        tiny = value is not None and 0 < value < LEAST_SHOWN
        look = page.styles.price(num_format="0.##E+0" if tiny else '#,##0.######;"−"#,##0.######;0')
        link = page.book.trace.setting(name, page.book.result.step) if name == "Step" else None
        page.figure(FIRST + i, column + 1, link, value, look)


def _colour(page: Page, count: int) -> None:
    column = CHECKS.index("Holds")
    areas: Iterable[tuple[int, int, int]] = ((FIRST, FIRST + max(count, 1) - 1, column), (VERDICT_ROW, VERDICT_ROW, 1))
    for value, colour in (("TRUE", PLAN), ("FALSE", BREACH)):
        form = page.book.workbook.add_format({"font_color": colour, "bold": True})
        for first, last, at in areas:
            rule = {"type": "cell", "criteria": "==", "value": value, "format": form}
            page.sheet.conditional_format(first, at, last, at, rule)
