"""The tables of a comparison's Summary: what became of each scenario, what is reached, and who gets what."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.analyses.compare import PlannedCase
from allocator.analyses.side_by_side import ALL
from allocator.programme.rows import ZERO
from allocator.tables.columns import Column, Place, Role, Table
from allocator.tables.comparison import (
    GOALS,
    INDICATORS,
    MONEY,
    AmountLine,
    Grid,
    Reached,
    area_look,
    goals_missed,
    reached_look,
    toned,
)
from allocator.tables.formulas import FIRST, difference, ref
from allocator.wording.comparison import AS_DECIDED, AS_WRITTEN, LOSS, largest_change, verdict
from allocator.wording.numbers import number

_VERDICT_TONES = dict.fromkeys(("stopped", AS_DECIDED, AS_WRITTEN), "warned") | {"no plan exists": "missed"}


@dataclass(frozen=True)
class ScenarioLine:
    """What became of a scenario; its rows on the Summary begin with the first scenario's."""

    grid: Grid
    case: PlannedCase

    @property
    def number(self) -> int | None:
        """Which of the plans it is; None without a plan."""
        return self.grid.number[self.case.name] if self.case.planned else None

    @property
    def change(self) -> Fraction | None:
        """Its objective less the first one's; None where they don't compare."""
        grid, case = self.grid, self.case
        if not case.planned or not grid.based or case is grid.first or not grid.comparable(case):
            return None
        return difference(case.objective or ZERO, grid.first.objective or ZERO)

    @property
    def part(self) -> Fraction | None:
        """The same as a part of the first one's."""
        base = self.grid.first.objective
        return None if self.change is None or not base else self.change / abs(base)

    @property
    def missed(self) -> int | None:
        """How many goals it misses, each year counted."""
        return goals_missed(self.case.valuation or self.case.result) if self.case.planned else None

    @property
    def elsewhere(self) -> int | None:
        """How many rules it breaks in the other scenarios."""
        if self.number is None:
            return None
        own = self.grid.own(self.number)
        values = enumerate(self.grid.comparison.cross[own])
        return sum(len(value.broken) for j, value in values if value is not None and j != own)

    @property
    def losers(self) -> int | None:
        """How many areas get over 5 % less than in the first."""
        shown = self.case.planned and self.grid.based and self.case is not self.grid.first
        return len(self.grid.losers(self.case, LOSS)) if shown else None

    def missed_formula(self) -> str | None:
        """Return the formula that counts the goals missed on Indicators."""
        rows = self.grid.goal_rows
        if self.number is None or not rows:
            return None
        column = GOALS.index("Priority") + 1 + self.number
        return f'COUNTIF(Indicators!{ref(rows.start, column)}:{ref(rows.stop - 1, column)},">0")'

    def elsewhere_formula(self) -> str | None:
        """Return the formula that sums the rules broken on the cross table, but for its own scenario's."""
        if self.number is None:
            return None
        grid, last = self.grid, len(self.grid.cases) - 1
        cells = f"{grid.cross_at(2, self.number, 0)}:{grid.cross_at(2, self.number, last, sheet=False)}"
        return f"SUM({cells})-{grid.cross_at(2, self.number, grid.own(self.number))}"


def _percent_decimals(part: Fraction | None) -> int:
    """Return the decimals of a small difference: 1, or those that show it is not nothing."""
    return next((d for d in (1, 2, 3) if number(abs(part) * 100, d) != number(0, d)), 4) if part else 1


def _verdict_look(at: Place, line: ScenarioLine) -> Any:
    styles = at.book.styles
    return styles.text(**styles.tones[_VERDICT_TONES.get(verdict(line.case), "")])


SCENARIOS = Table[ScenarioLine](
    "Summary",
    "The scenarios",
    "What became of each, and how its best plan differs from the first one's.",
    (
        Column(
            "Scenario", "Its name; the first is what the others are compared with.", Role.TEXT, 26,
            value=lambda line: line.case.name,
            look=lambda at, line: at.book.styles.text(bold=line.case is line.grid.first, text_wrap=True),
        ),
        Column(
            "Verdict", "best plan, no plan exists, or stopped.", Role.TEXT, 14,
            value=lambda line: verdict(line.case), look=_verdict_look,
        ),
        Column(
            "Objective", "Of its plan, as its own scenario states it.", Role.NUMBER, 12,
            value=lambda line: line.case.objective if line.case.planned else None,
            formula=lambda _, line: None if line.number is None else line.grid.objective_at(line.number),
            look=lambda at, line: toned(at, line.grid.objective_decimals),
        ),
        Column(
            "Difference", "Less the first one's, where both seek the same.", Role.NUMBER, 11,
            value=lambda line: line.change,
            formula=lambda at, _: f"{at['Objective']}-{at.in_row('Objective', at.rows[0])}",
            look=lambda at, line: at.book.styles.signed(line.grid.objective_decimals),
        ),
        Column(
            "in %", "Of the first one's.", Role.SHARE, 11,
            value=lambda line: line.part,
            formula=lambda at, _: f"{at['Difference']}/ABS({at.in_row('Objective', at.rows[0])})",
            look=lambda at, line: at.book.styles.signed(_percent_decimals(line.part), percent=True),
        ),
        Column(
            "Goals missed, by year", "Each year counted.", Role.NUMBER, 11,
            value=lambda line: line.missed, formula=lambda _, line: line.missed_formula(),
            look=lambda at, line: toned(at, 0, "warned" if line.missed else ""),
        ),
        Column(
            "Rules broken in others", "In all the other scenarios together, each year counted.", Role.NUMBER, 11,
            value=lambda line: line.elsewhere, formula=lambda _, line: line.elsewhere_formula(),
            look=lambda at, _: toned(at, 0),
        ),
        Column(
            "Areas that lose over 5 %", "Against the first, over all years.", Role.NUMBER, 11,
            value=lambda line: line.losers, look=lambda at, _: toned(at, 0),
        ),
    ),
)  # fmt: skip


SUMMARY_INDICATORS = Table[Reached](
    "Summary",
    "What is reached",
    "Indicators with targets; what misses its target is in red.",
    (
        Column(
            "Indicator", "The indicator, its year and unit.", Role.LONG, 26,
            value=lambda line: line.label,
        ),
        Column("Target", "The first scenario's.", Role.TEXT, 14, value=lambda line: line.target),
        Column(
            "NAME", "What that plan reaches.", Role.NUMBER, 12, family="scenario",
            each=lambda line, i: line.reached(i), look=reached_look,
            formula=lambda at, line: f"Indicators!{ref(FIRST + line.index, INDICATORS.index('Target') + 1 + at.item)}",
        ),
    ),
)  # fmt: skip


class SumLine(AmountLine):
    """What an area, or what stands below the areas, comes to over all years in each plan."""

    @property
    def row(self) -> int:
        """Its row on Amounts."""
        return self.grid.place(self.key, ALL)

    @property
    def label(self) -> str:
        """What it is called."""
        return "All money there is" if self.foot and self.name == MONEY else self.name

    @cached_property
    def values(self) -> tuple[Fraction, ...]:
        """Each plan's amount."""
        return tuple(map(self.total, range(len(self.grid.planned))))

    @cached_property
    def shares(self) -> tuple[Fraction | None, ...]:
        """Each plan's share of its budget; None of the money there is, or where there is no budget."""
        return tuple(None if self.money else self._share(case) for case in self.grid.planned)

    def _share(self, case: PlannedCase) -> Fraction | None:
        whole = self.grid.money(case, ALL, budget=True)
        return self.grid.budget_money(case, None if self.foot else self.name, ALL) / whole if whole else None

    @property
    def largest_change(self) -> str:
        """Which scenario's amount differs most from the first's, and by how much."""
        grid = self.grid
        return "" if self.foot or not grid.others else largest_change(grid, self.name, grid.decimals)

    @property
    def change(self) -> Fraction:
        """Of two plans the second's amount less the first's."""
        return self.difference(1)

    @property
    def part(self) -> Fraction | None:
        """The same as a part of the first's."""
        return self.change / self.values[0] if self.values[0] else None


def _core_look(at: Place, line: SumLine) -> Any:
    return at.book.styles.amount(**({"bold": True} if not line.foot else at.properties))


def _pair_value(line: SumLine, what: str) -> Any:
    return {"difference": line.change, "percent": line.part}[what] if what in _PAIR else ""


_PAIR = {"difference": "Difference", "percent": "in %"}
"""What two plans' table shows beside their amounts."""


def _pair_formula(at: Place, line: SumLine) -> str | None:
    if at.item == "difference":
        return line.grid.at(line.row, "difference", 1)
    return f"{at.of('pair', 'difference')}/{at.of('scenario', 0)}" if at.item == "percent" else None


def _pair_look(at: Place, line: SumLine) -> Any:
    styles = at.book.styles
    if at.item not in _PAIR or (at.item == "percent" and line.part is None):
        return styles.text(**at.properties)
    percent = at.item == "percent"
    return styles.signed(1 if percent else styles.decimals, percent=percent, **at.properties)


def pair_columns(grid: Grid, most: int) -> list[tuple[str, str]]:
    """Return what stands between shares and the largest change: of two plans their difference, else blanks."""
    if len(grid.planned) == 2 and grid.based:
        return [(name, what) for what, name in _PAIR.items()]
    return [("", str(i)) for i in range(most)]


_SUM_AREA = Column[SumLine](
    "Area", "The area; parts stand below theirs.", Role.TEXT, 26,
    value=lambda line: line.label, look=area_look,
)  # fmt: skip


_SUM_CORE = Column[SumLine](
    "Core", "The least of its amounts over all plans, year by year.", Role.AMOUNT, 14,
    value=lambda line: line.core, formula=lambda _, line: line.grid.core_at(line.row), look=_core_look,
)  # fmt: skip


_SUM_CHANGE = Column[SumLine](
    "Largest change", "The scenario that differs most from the first.", Role.TEXT, 34,
    value=lambda line: line.largest_change,
    look=lambda at, line: at.book.styles.text(**(at.properties if line.foot else {})),
)  # fmt: skip


SUMMARY_AREAS = Table[SumLine](
    "Summary",
    "Amounts",
    "Over all years and sources; shares are budget money as a part of the budget.",
    (
        _SUM_AREA,
        _SUM_CORE,
        Column(
            "NAME", "That plan's amount.", Role.AMOUNT, 12, family="scenario",
            each=lambda line, i: line.values[i], formula=lambda at, line: line.grid.at(line.row, "scenario", at.item),
        ),
        Column(
            "NAME: share", "Of the budget.", Role.SHARE, 10, family="share",
            each=lambda line, i: line.shares[i], formula=lambda at, line: line.grid.at(line.row, "share", at.item),
        ),
        Column(
            "NAME", "Of two plans: Difference, and in % of the first.", Role.AMOUNT, 11, family="pair",
            each=_pair_value, formula=_pair_formula, look=_pair_look,
        ),
        _SUM_CHANGE,
    ),
)  # fmt: skip


def _extreme(name: str, help_: str, function: str, family: str) -> Column[SumLine]:
    """Return the column of the least or most of all plans' amounts or shares."""

    def value(line: SumLine) -> Fraction | None:
        known = [figure for figure in (line.shares if family == "share" else line.values) if figure is not None]
        return (min if function == "MIN" else max)(known, default=None)

    return Column(
        name, help_, Role.SHARE if family == "share" else Role.AMOUNT, 11,
        value=value, formula=lambda _, line: f"{function}({line.grid.across(line.row, family)})",
    )  # fmt: skip


SUMMARY_RANGE = Table[SumLine](
    "Summary",
    "Amounts",
    "The same where there are more than five plans: the range over all of them.",
    (
        _SUM_AREA,
        _SUM_CORE,
        Column(
            "First", "The first plan's amount.", Role.AMOUNT, 11,
            value=lambda line: line.values[0], formula=lambda _, line: line.grid.at(line.row, "scenario"),
        ),
        _extreme("Least", "The least over the plans, of all years together.", "MIN", "scenario"),
        _extreme("Most", "The most.", "MAX", "scenario"),
        Column(
            "Share of the first", "Of its budget.", Role.SHARE, 11,
            value=lambda line: line.shares[0], formula=lambda _, line: line.grid.at(line.row, "share"),
        ),
        _extreme("Least share", "Over the plans.", "MIN", "share"),
        _extreme("Most share", "Over the plans.", "MAX", "share"),
        _SUM_CHANGE,
    ),
)  # fmt: skip
TABLES = (SCENARIOS, SUMMARY_INDICATORS, SUMMARY_AREAS, SUMMARY_RANGE)
