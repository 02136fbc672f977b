"""The sheets and columns of a comparison's workbook, declared once, and where its figures stand.

Columns of a family stand there once for each scenario that has a plan, which is their item by its number; NAME is its
name. Rows and columns count from 0, as XlsxWriter has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.analyses.compare import PlannedCase
from allocator.analyses.figures import GoalFigures, IndicatorFigures, RowStatus
from allocator.analyses.result import RowFigures
from allocator.analyses.side_by_side import ALL, SideBySide
from allocator.programme.rows import ZERO
from allocator.scenario.changes import RowDifference
from allocator.scenario.model import CellDifference, ChangedBy, Origin, Raw, VariantEdit
from allocator.tables.columns import Column, Place, Role, Table
from allocator.tables.formulas import FIRST, MOST_ARGUMENTS, difference, ref, runs, span
from allocator.wording.comparison import target_text
from allocator.wording.numbers import as_written, decimals_of, magnitude, step_decimals, year_runs

_KINDS = {"changed": "cell", "added": "row added", "removed": "row removed"}
_NO_FIGURES = ("Year", "Years", "Start", "Completion")
"""Columns of inputs whose numbers are no figures."""
TOTAL, BUDGET, MONEY = "All areas", "Budget", "All sources"
"""What stands below the areas: their sum, the budget, and all money there is."""
_STATUS_TONES = {RowStatus.BINDING: "strong", RowStatus.NOT_BINDING: "soft", RowStatus.MISSED: "missed"}
_MOST_DECIMALS = 6
_MOST_OF_INDICATORS = 3


class Grid(SideBySide):
    """The plans side by side, with the addresses of their figures."""

    @property
    def period(self) -> str:
        """The years summed up, in words."""
        return year_runs(self.summed)

    @cached_property
    def decimals(self) -> int:
        """The decimals of amounts."""
        largest = max((float(amount) for case in self.planned for amount in case.amounts.values()), default=1.0)
        return max((step_decimals(case.result.step, largest) for case in self.planned), default=0)

    @cached_property
    def objective_decimals(self) -> int:
        """The decimals of objectives: seven digits of the largest."""
        found = [float(v.objective) for row in self.comparison.cross for v in row if v is not None]
        return min(6, max(0, 6 - magnitude(max(map(abs, found), default=0.0))))

    def plans(self, *, but_first: bool = False) -> list[tuple[str, int]]:
        """Return what families of columns go over: each plan's name and number; none but the first's differences."""
        found = [(case.name, i) for i, case in enumerate(self.planned)]
        return found if not but_first else found[1:] if self.based else []

    # ---- Amounts ------------------------------------------------------------------------------------------------

    @cached_property
    def amounts(self) -> Table[AmountLine]:
        """The table of amounts with its columns."""
        plans = self.plans()
        budget = plans if self.mixed else []
        return AMOUNTS.along(scenario=plans, difference=self.plans(but_first=True), budget=budget, share=plans)

    @cached_property
    def row(self) -> Mapping[tuple[str, int | None], int]:
        """(area or what stands below the areas, year) → its row on Amounts; with several years ALL has one too."""
        names = [name for name, _ in self.tree] + [f"\0{name}" for name in self.feet]
        years = [*self.years, ALL] if self.multi else list(self.years)
        return {pair: FIRST + i for i, pair in enumerate((name, year) for name in names for year in years)}

    @property
    def feet(self) -> tuple[str, ...]:
        """What stands below the areas."""
        return (TOTAL, BUDGET, MONEY) if self.mixed else (TOTAL, BUDGET)

    def place(self, area: str, year: int | None) -> int:
        """Return the row of an area; for one year alone the sum is that year's."""
        return self.row[area, year if self.multi or year is not ALL else self.years[0]]

    def foot(self, name: str, year: int | None) -> int:
        """Return the row of what stands below the areas."""
        return self.place(f"\0{name}", year)

    def at(self, row: int, family: str, number: int = 0) -> str:
        """Return the address of a figure of Amounts from another sheet."""
        return f"{AMOUNTS.sheet}!{ref(row, self.amounts.at(family, number))}"

    def core_at(self, row: int) -> str:
        """Return the address of the core on Amounts from another sheet."""
        return f"{AMOUNTS.sheet}!{ref(row, self.amounts.index('Core'))}"

    def across(self, row: int, family: str) -> str:
        """Return the addresses of all plans' figures in a row of Amounts from another sheet."""
        return f"{self.at(row, family)}:{ref(row, self.amounts.at(family, len(self.planned) - 1))}"

    # ---- Rules and Indicators -----------------------------------------------------------------------------------

    @cached_property
    def rules(self) -> tuple[RuleLine, ...]:
        """Every row of the programmes, but for the bounds of goals, with what each plan makes of it."""
        found: dict[tuple[str, int | None], list[RowFigures | None]] = {}
        for number, case in enumerate(self.planned):
            for figures in case.result.rows:
                if not figures.row.goal_bound:
                    line = found.setdefault((figures.row.name, figures.row.year), [None] * len(self.planned))
                    line[number] = figures
        return tuple(RuleLine(name, year, tuple(each)) for (name, year), each in found.items())

    @cached_property
    def reached(self) -> tuple[Reached, ...]:
        """All indicators, year by year, in the order of the first scenario that has them."""
        found: dict[tuple[str, int], list[IndicatorFigures | None]] = {}
        for number, case in enumerate(self.planned):
            for one in (case.valuation or case.result).indicators:
                found.setdefault((one.indicator, one.year), [None] * len(self.planned))[number] = one
        return tuple(Reached(i, *named, tuple(each), self.multi) for i, (named, each) in enumerate(found.items()))

    @cached_property
    def goals(self) -> tuple[GoalLine, ...]:
        """All goals, with by how much each plan misses them."""
        found: dict[tuple[str, int | None], list[GoalFigures | None]] = {}
        for number, case in enumerate(self.planned):
            for goal in (case.valuation or case.result).goals:
                found.setdefault((goal.row.name, goal.row.year), [None] * len(self.planned))[number] = goal
        return tuple(GoalLine(*named, tuple(each)) for named, each in found.items())

    @property
    def goal_rows(self) -> range:
        """The rows of the goals' table on the sheet Indicators."""
        start = FIRST + len(self.reached) + 3
        return range(start, start + len(self.goals))

    # ---- the cross table ----------------------------------------------------------------------------------------

    def cross_row(self, matrix: int, number: int) -> int:
        """Return the row of a plan in the matrix 0 (objectives), 1 (regret), 2 (rules broken)."""
        return FIRST + matrix * (len(self.planned) + 3) + number

    def cross_at(self, matrix: int, number: int, scenario: int, *, sheet: bool = True) -> str:
        """Return the address of a plan's figure under the scenario of that position."""
        return f"{_CROSS if sheet else ''}{ref(self.cross_row(matrix, number), 1 + scenario)}"

    def objective_at(self, number: int) -> str:
        """Return the address of a plan's objective under its own scenario."""
        return self.cross_at(0, number, self.own(number))


_CROSS = "'Cross table'!"


def sum_of(rows: Iterable[int], column: int) -> str:
    """Return the formula of the sum of a column's cells in these rows, stretches drawn together; 0 for none."""
    found = [span(first, last, column) for first, last in runs(rows)]
    if len(found) == 1 and ":" not in found[0]:
        return found[0]
    chunks = [found[i : i + MOST_ARGUMENTS] for i in range(0, len(found), MOST_ARGUMENTS)]
    return "+".join(f"SUM({','.join(chunk)})" for chunk in chunks) or "0"


def toned(at: Place, decimals: int, tone: str = "") -> Any:
    """Return the look of a number in a tone of the styles."""
    styles = at.book.styles
    return styles.number(decimals, **styles.tones[tone])


def goals_missed(found: Any) -> int:
    """Return how many goals a valuation or a result misses, each year counted; 0 for None."""
    return sum(goal.missed_by > 0 for goal in found.goals) if found else 0


def reached_look(at: Place, line: Reached) -> Any:
    """Return the look of what is reached: red and bold where it misses its target."""
    figures = line.each[at.item]
    return toned(at, line.decimals, "missed" if figures is not None and figures.met is False else "")


# ---- Amounts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AmountLine:
    """A row of Amounts: an area, or what stands below the areas, in a year or over all that are summed up."""

    grid: Grid
    key: str
    year: int | None

    @property
    def foot(self) -> bool:
        """Whether it stands below the areas."""
        return self.key.startswith("\0")

    @property
    def name(self) -> str:
        """What it is called."""
        return self.key.removeprefix("\0")

    @property
    def money(self) -> bool:
        """Whether it is the money there is."""
        return self.foot and self.name != TOTAL

    @property
    def parent(self) -> bool:
        """Whether it is an area with parts."""
        return not self.foot and self.grid.below[self.name] != (self.name,)

    def total(self, number: int) -> Fraction:
        """Return a plan's amount, of a foot all areas' or the money there is; 0 where it has no such area or year."""
        grid, case = self.grid, self.grid.planned[number]
        if not self.foot:
            return grid.amount(case, self.name, self.year)
        return grid.money(case, self.year, budget=self.name == BUDGET) if self.money else grid.total(case, self.year)

    def amount(self, number: int) -> Fraction | None:
        """Return a plan's amount; None where it has no such area or year."""
        return self.total(number) if self.known(self.grid.planned[number]) else None

    def difference(self, number: int) -> Fraction:
        """Return a plan's amount less the first one's."""
        return difference(self.total(number), self.total(0))

    def budget_money(self, number: int) -> Fraction | None:
        """Return the part of it that is budget money."""
        case = self.grid.planned[number]
        if self.money or not self.known(case):
            return None
        return self.grid.budget_money(case, None if self.foot else self.name, self.year)

    def share(self, number: int) -> Fraction | None:
        """Return budget money as a part of the budget; None where there is no budget."""
        part = self.budget_money(number)
        whole = self.grid.money(self.grid.planned[number], self.year, budget=True)
        return None if part is None or not whole else part / whole

    @property
    def core(self) -> Fraction | None:
        """The least of all plans; None where nothing is compared."""
        if self.money or not (self.year is ALL or self.year in self.grid.summed):
            return None
        return sum((self.grid.core(leaf, self.year) for leaf in self._leaves), ZERO)

    @property
    def _leaves(self) -> tuple[str, ...]:
        return self.grid.leaves if self.foot else (self.name,)

    def known(self, case: PlannedCase) -> bool:
        """Whether a plan has such an area and year."""
        in_years = self.year is ALL or self.year in case.scenario.years
        return in_years and (self.foot or self.name in case.scenario.area)

    def sum_formula(self, at: Place) -> str | None:
        """Return the sum of years, of parts or of areas; None for what is typed."""
        grid, year = self.grid, self.year
        own = grid.leaves_of[grid.planned[at.item].name]
        if year is ALL:
            return sum_of([grid.place(self.key, t) for t in grid.summed], at.column)
        if self.money or self.name in own:
            return None
        inside = [area for area, _ in grid.tree] if self.foot else grid.below[self.name]
        return sum_of([grid.place(area, year) for area in inside if area in own], at.column)

    def core_formula(self, at: Place) -> str:
        """Return the least of a row's amounts; of years, parts and areas the sum."""
        grid, year = self.grid, self.year
        if year is ALL:
            return sum_of([grid.place(self.key, t) for t in grid.summed], at.column)
        if self.foot or self.parent:
            inside = grid.leaves if self.foot else grid.below[self.name]
            return sum_of([grid.place(leaf, year) for leaf in inside], at.column)
        lacking = not all(map(self.known, grid.planned))
        return f"MIN({'0,' if lacking else ''}{ref(at.row, 2)}:{ref(at.row, at.column - 1)})"

    def share_formula(self, at: Place) -> str:
        """Return budget money over the budget."""
        part = at.of("budget" if self.grid.mixed else "scenario")
        return f"{part}/{ref(self.grid.foot(BUDGET, self.year), at.table.at('scenario', at.item))}"


def area_look(at: Place, line: AmountLine) -> Any:
    """Return the look of an area's name: indented by its depth."""
    indent = {} if line.foot else {"indent": dict(line.grid.tree)[line.name]}
    return at.book.styles.text(**at.properties, **indent)


def _share_look(at: Place, line: AmountLine) -> Any:
    bold = line.foot or line.year is ALL
    return at.book.styles.share(**{name: value for name, value in at.properties.items() if bold or name != "bold"})


AMOUNTS = Table[AmountLine](
    "Amounts",
    "Amounts",
    "Each area's amount in each year, over all sources.",
    (
        Column(
            "Area", "The area; parts stand below theirs.", Role.TEXT, 28,
            value=lambda line: line.name, look=area_look,
        ),
        Column(
            "Year", "The year, or the years summed.", Role.YEAR, 10,
            value=lambda line: line.grid.period if line.year is ALL else line.year,
        ),
        Column(
            "NAME", "That plan's amount; blank where its scenario has no such area.", Role.AMOUNT, 12, "scenario",
            each=lambda line, i: line.amount(i), formula=lambda at, line: line.sum_formula(at),
        ),
        Column(
            "Core", "The least of them; 0 where one scenario lacks the area.", Role.AMOUNT, 12,
            value=lambda line: line.core, formula=lambda at, line: line.core_formula(at),
        ),
        Column(
            "NAME: difference", "Less the first plan's amount.", Role.AMOUNT, 12, family="difference",
            each=lambda line, i: line.difference(i),
            formula=lambda at, _: f"{at.of('scenario')}-{at.of('scenario', 0)}",
            look=lambda at, _: at.book.styles.signed(at.book.styles.decimals, **at.properties),
        ),
        Column(
            "NAME: budget money", "The part from sources of Kind budget.", Role.AMOUNT, 12, family="budget",
            each=lambda line, i: line.budget_money(i), formula=lambda at, line: line.sum_formula(at),
        ),
        Column(
            "NAME: share", "Budget money as a part of the year's budget.", Role.SHARE, 10, family="share",
            each=lambda line, i: line.share(i), formula=lambda at, line: line.share_formula(at), look=_share_look,
        ),
    ),
)  # fmt: skip


# ---- Rules --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleLine:
    """A row of the programmes with what each plan makes of it; None where a scenario has no such row."""

    name: str
    year: int | None
    each: tuple[RowFigures | None, ...]

    @cached_property
    def known(self) -> RowFigures:
        """What the first that has it makes of it."""
        return next(figures for figures in self.each if figures)

    def status(self, number: int) -> str:
        """Return whether it binds in a plan."""
        figures = self.each[number]
        return "–" if figures is None else figures.status.value

    def price(self, number: int) -> float | None:
        """Return its price in a plan."""
        figures = self.each[number]
        return None if figures is None else figures.shadow_price

    @property
    def binding(self) -> list[bool]:
        """In which plans it binds."""
        return [figures is not None and figures.status is RowStatus.BINDING for figures in self.each]


def _status_look(at: Place, line: RuleLine) -> Any:
    figures, styles = line.each[at.item], at.book.styles
    return styles.text(**styles.tones["soft" if figures is None else _STATUS_TONES[figures.status]])


RULES = Table[RuleLine](
    "Rules",
    "Rules",
    "Every row of the programmes side by side.",
    (
        Column("Rule", "The row's name, as in the plan workbook.", Role.TEXT, 34, value=lambda line: line.name),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7, value=lambda line: line.year),
        Column(
            "As written", "The demand in its own unit; where scenarios differ, the first one's.", Role.LONG, 26,
            value=lambda line: as_written(line.known.row),
        ),
        Column(
            "NAME", "Binding, Not Binding, Missed; – where that scenario has no such row.", Role.TEXT, 12, "scenario",
            each=lambda line, i: line.status(i), look=_status_look,
        ),
        Column(
            "Binding in", "In how many plans it binds.", Role.NUMBER, 9,
            value=lambda line: sum(line.binding),
            formula=lambda at, _: f'COUNTIF({at.across("scenario")},"{RowStatus.BINDING.value}")',
            look=lambda at, _: toned(at, 0),
        ),
        Column(
            "NAME: price", "Change of the objective per unit of growth.", Role.NUMBER, 12, family="price",
            each=lambda line, i: line.price(i),
            look=lambda at, line: toned(at, min(6, max(0, 3 - magnitude(line.price(at.item) or 0.0)))),
        ),
        Column(
            "Legal basis", "As in the scenario.", Role.LONG, 26, value=lambda line: line.known.row.origin.legal_basis
        ),
        Column(
            "Cell", "The input cell that holds the demand.", Role.TEXT, 16, value=lambda line: str(line.known.row.cell)
        ),
    ),
)  # fmt: skip


# ---- Indicators ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """An indicator in a year with what each plan reaches; None where its scenario does not have it."""

    index: int
    """Which of the indicators and years it is."""
    name: str
    year: int
    each: tuple[IndicatorFigures | None, ...]
    of_several: bool
    """Whether there are several years."""

    @property
    def label(self) -> str:
        """Its name, with its year where there are several, and its unit."""
        name = f"{self.name} {self.year}" if self.of_several else self.name
        return f"{name} ({self.unit})" if self.unit else name

    @cached_property
    def unit(self) -> str:
        """Its unit."""
        return next(figures.unit for figures in self.each if figures)

    @property
    def target(self) -> str:
        """What is asked for, as the first that has it states it; where scenarios differ, all of them."""
        texts = dict.fromkeys(target_text(figures) for figures in self.each if figures)
        return " / ".join(filter(None, texts))

    def reached(self, number: int) -> Fraction | None:
        """Return what a plan reaches."""
        figures = self.each[number]
        return None if figures is None else figures.reached

    def difference(self, number: int) -> Fraction | None:
        """Return what a plan reaches less what the first reaches."""
        one, other = self.reached(0), self.reached(number)
        return None if one is None or other is None else difference(other, one)

    def missed(self, number: int) -> bool:
        """Whether a plan misses its target."""
        figures = self.each[number]
        return figures is not None and figures.met is False

    @cached_property
    def decimals(self) -> int:
        """The decimals that tell apart what the plans reach, three at most; two where it is the same."""
        values = [float(figures.reached) for figures in self.each if figures]
        least = min(2, max(0, 3 - magnitude(max(map(abs, values), default=0.0))))
        differences = [abs(value - values[0]) for value in values if value != values[0]]
        return min(_MOST_OF_INDICATORS, max(least, -magnitude(min(differences)))) if differences else least


@dataclass(frozen=True)
class GoalLine:
    """A goal with by how much each plan misses it; None where its scenario does not have it."""

    name: str
    year: int | None
    each: tuple[GoalFigures | None, ...]

    @property
    def known(self) -> GoalFigures:
        """What the first that has it says of it."""
        return next(goal for goal in self.each if goal)

    def missed(self, number: int) -> Fraction | None:
        """Return by how much a plan misses it."""
        goal = self.each[number]
        return None if goal is None else goal.missed_by

    @property
    def decimals(self) -> int:
        """Four digits of the least that is missed."""
        least = min((float(goal.missed_by) for goal in self.each if goal and goal.missed_by > 0), default=1.0)
        return min(6, max(0, 3 - magnitude(least)))


INDICATORS = Table[Reached](
    "Indicators",
    "Indicators",
    "What each plan reaches.",
    (
        Column("Indicator", "The indicator.", Role.TEXT, 30, value=lambda line: line.name),
        Column("Unit", "Its unit.", Role.TEXT, 16, value=lambda line: line.unit),
        Column("Year", "The year.", Role.YEAR, 7, value=lambda line: line.year),
        Column(
            "Target", "The target; where scenarios differ, each one's.", Role.LONG, 16, value=lambda line: line.target
        ),
        Column(
            "NAME", "What that plan reaches under its own scenario.", Role.NUMBER, 12, family="scenario",
            each=lambda line, i: line.reached(i), look=reached_look,
        ),
        Column(
            "NAME: difference", "Less what the first plan reaches.", Role.NUMBER, 12, family="difference",
            each=lambda line, i: line.difference(i),
            formula=lambda at, _: f"{at.of('scenario')}-{at.of('scenario', 0)}",
            look=lambda at, line: at.book.styles.signed(line.decimals),
        ),
    ),
)  # fmt: skip
GOALS = Table[GoalLine](
    "Indicators",
    "Goals",
    "By how much each plan misses each goal, in the row's unit; a dash where it is met.",
    (
        Column("Goal", "The goal's row.", Role.TEXT, 30, value=lambda line: line.name),
        Column("Unit", "Its unit.", Role.TEXT, 16, value=lambda line: line.known.row.unit),
        Column("Year", "The year.", Role.YEAR, 7, value=lambda line: line.year),
        Column(
            "Priority", "Of the first scenario that has it.", Role.TEXT, 16,
            value=lambda line: f"goal {line.known.priority}",
        ),
        Column(
            "NAME", "By how much that plan misses it.", Role.NUMBER, 12, family="scenario",
            each=lambda line, i: line.missed(i),
            look=lambda at, line: toned(at, line.decimals, "warned" if line.missed(at.item) else ""),
        ),
    ),
)  # fmt: skip


# ---- Inputs changed -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InputLine:
    """A cell in which a scenario differs from the first."""

    grid: Grid
    case: PlannedCase
    found: RowDifference
    edit: CellDifference

    @property
    def change(self) -> Fraction | None:
        """After less before, where both are figures."""
        edit = self.edit
        if edit.column in _NO_FIGURES or not (_is_number(edit.before) and _is_number(edit.after)):
            return None
        return difference(_exact(edit.after), _exact(edit.before))

    def shown(self, raw: Raw) -> Fraction | str:
        """Return what a cell holds, as a figure or in words."""
        if raw is None:
            return "blank"
        if self.edit.column not in _NO_FIGURES and _is_number(raw):
            return _exact(raw)
        return str(raw).upper() if isinstance(raw, bool) else str(raw)

    def look(self, at: Place, raw: Raw) -> Any:
        """Return how it is shown."""
        styles = at.book.styles
        if isinstance(self.shown(raw), str):
            return styles.text(align="right", **(styles.tones["soft"] if raw is None else {"text_wrap": True}))
        return styles.percent(self.decimals) if self.edit.percent else styles.number(self.decimals)

    @property
    def decimals(self) -> int:
        """The decimals that both numbers need, of percentages after the factor of a hundred."""
        scale = 100 if self.edit.percent else 1
        numbers = [_exact(value) * scale for value in (self.edit.before, self.edit.after) if _is_number(value)]
        return max((decimals_of(value, _MOST_DECIMALS) for value in numbers), default=0)

    @property
    def cells(self) -> str:
        """Where it stands; both places where they differ."""
        places = (self.edit.after_cell, self.edit.before_cell)
        return ", before: ".join(dict.fromkeys(str(cell) for cell in places if cell is not None))

    @cached_property
    def origin(self) -> Origin | None:
        """The What-if row that made the edit, or else the row that it changed, if one of them is at hand."""
        for edit in self._variant_edits(self.case.scenario.changed_by):
            if (edit.sheet, edit.row) == (self.edit.sheet, self.edit.row) and edit.column in ("", self.edit.column):
                return edit.origin
        return self._row_origin()

    def _variant_edits(self, by: ChangedBy | None) -> Iterator[VariantEdit]:
        """Yield the edits of the variant that made a scenario; of a plan, of the variants of that name at hand."""
        if by is None:
            return
        if by.told and by.repair is None:
            variants = (variant for case in self.grid.cases for variant in case.scenario.variants)
            yield from (edit for variant in variants if variant.name == by.variant for edit in variant.edits)
        yield from (edit for edit in by.edits if isinstance(edit, VariantEdit))

    def _row_origin(self) -> Origin | None:
        scenario, cell = self.case.scenario, self.edit.after_cell
        if cell is None:
            return None
        origins = [rule.origin for rule in scenario.rules] + [source.origin for source in scenario.sources]
        origins += [area.origin for area in scenario.areas]
        origins += [target.origin for indicator in scenario.indicators for target in indicator.targets]
        return next((o for o in origins if (o.sheet, o.row) == (cell.sheet, cell.row)), None)


def _is_number(value: Raw) -> bool:
    """Whether a cell holds a figure to subtract."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exact(value: Raw) -> Fraction:
    return Fraction(str(value))


def _change_look(at: Place, line: InputLine) -> Any:
    styles = at.book.styles
    return styles.text() if line.change is None else styles.signed(line.decimals, percent=line.edit.percent)


INPUTS = Table[InputLine](
    "Inputs changed",
    "Inputs changed",
    "Every cell that differs from the first scenario's.",
    (
        Column("Scenario", "Whose inputs.", Role.TEXT, 18, value=lambda line: line.case.name),
        Column("Sheet", "The sheet.", Role.TEXT, 10, value=lambda line: line.edit.sheet),
        Column("Row", "The row, by its name.", Role.TEXT, 26, value=lambda line: line.edit.row),
        Column("Column", "The column.", Role.TEXT, 10, value=lambda line: line.edit.column),
        Column(
            "Before", "As in the first scenario.", Role.NUMBER, 11,
            value=lambda line: line.shown(line.edit.before), look=lambda at, line: line.look(at, line.edit.before),
        ),
        Column(
            "After", "As in this one.", Role.NUMBER, 11,
            value=lambda line: line.shown(line.edit.after), look=lambda at, line: line.look(at, line.edit.after),
        ),
        Column(
            "Difference", "After less before, where both are numbers.", Role.NUMBER, 11,
            value=lambda line: line.change, formula=lambda at, _: f"{at['After']}-{at['Before']}", look=_change_look,
        ),
        Column(
            "Cell", "Where it stands; in the first scenario, if its place differs.", Role.TEXT, 13,
            value=lambda line: line.cells,
        ),
        Column(
            "What changed", "The cell, or the whole row added or removed.", Role.TEXT, 11,
            value=lambda line: _KINDS[line.found.kind],
        ),
        Column(
            "Counts", "Whether the plan may depend on it.", Role.TEXT, 7,
            value=lambda line: "yes" if line.found.counts else "no",
            look=lambda at, line: at.book.styles.text(**at.book.styles.tones["" if line.found.counts else "soft"]),
        ),
        Column(
            "Evidence", "Of the change, or of the row.", Role.LONG, 34,
            value=lambda line: line.origin.evidence if line.origin else "",
        ),
        Column(
            "Status", "The same: approved, estimate, assumption.", Role.TEXT, 11,
            value=lambda line: line.origin.status if line.origin else "",
        ),
    ),
)  # fmt: skip


ABOUT: Table[Any] = Table(
    "About",
    "About",
    "What each scenario is, and how the comparison was made.",
    (
        Column("Item", "What.", Role.TEXT, 30),
        Column("Content", "The fact.", Role.LONG, 100),
    ),
)
SHEETS = (
    *("Summary", "Amounts", "Rules", "Indicators"),
    *("Inputs changed", "Cross table", "Bridge", "Alternatives", "About"),
)
TABLES = (AMOUNTS, RULES, INDICATORS, GOALS, INPUTS, ABOUT)
MADE_BY = "Compared by"
"""Name of the document property by which a comparison's workbook is recognised."""
