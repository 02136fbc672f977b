"""The tables of money and what it achieves: Summary, Plan, Allocation, Funds, Assignments, Indicators; and of goals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.analyses.figures import FundFigures, GoalFigures
from allocator.analyses.result import Allotment, Result
from allocator.programme.rows import ZERO, Key, keys_of
from allocator.scenario.model import Area, Source
from allocator.tables.columns import Column, Place, Role, Table, fact
from allocator.tables.formulas import difference, ref
from allocator.wording.names import held_by_text

SUMMARY: Table[Any] = Table(
    "Summary",
    "Summary",
    "The plan on one page: verdict, figures, charts, what binds, warnings, how it was made.",
    (
        Column("Area", "The priority area; parts stand indented under their area.", width=26),
        Column("Last year", "Budget money in the year before the first.", Role.AMOUNT, 11),
        Column("Proposed", "The draft plan's amount, where the scenario gives one.", Role.AMOUNT, 11),
        Column("Plan YEAR", "The amount in force.", Role.AMOUNT, 11, family="year"),
        Column("Of it budget", "Its budget money, where other money takes part.", Role.AMOUNT, 12),
        Column("Change", "Budget money of the year shown last, less Last year.", Role.AMOUNT, 11),
        Column("Change %", "The same as a part of Last year.", Role.SHARE, 10),
        Column("Share", "Budget money as a part of that year's budget.", Role.SHARE, 11),
        Column("Least", "The least it can get in a plan that is at most 0.5 % worse; see Room.", Role.AMOUNT, 11),
        Column("Most", "The most it can get in such a plan; blank for the total.", Role.AMOUNT, 11),
    ),
)


# -- Plan ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlanLine:
    """A line of Plan: an area, or for None the total."""

    book: Any
    area: Area | None
    depth: int = 0

    @property
    def name(self) -> str:
        """What stands in its first column."""
        return "Total" if self.area is None else self.area.name

    @cached_property
    def parts(self) -> list[int]:
        """The rows that it is the sum of; none for an area without parts."""
        layout = self.book.layout
        if self.area is None:
            return [layout.plan_row[area.name] for area in layout.tops]
        areas = self.book.result.scenario.areas
        return [layout.plan_row[other.name] for other in areas if other.part_of == self.area.name]

    def sum_of(self, column: int) -> str | None:
        """Return the formula of the sum of its parts in a column; None where it has none."""
        if self.area is None:
            return total_formula(self.book, self.parts, column)
        return "+".join(ref(row, column) for row in self.parts) or None

    @cached_property
    def last_year(self) -> Fraction | None:
        """Last year; None where it, or that of an area in the total, is not given."""
        result = self.book.result
        if self.area is not None:
            return result.last_year(self.area.name)  # type: ignore[no-any-return]
        before = [result.last_year(area.name) for area in self.book.layout.tops]
        return None if None in before else sum(before, ZERO)

    def money(self, year: int, sources: tuple[str, ...] | None) -> Fraction:
        """Return what it gets in a year from sources."""
        if self.area is None:
            return total(self.book, year, sources)
        return self.book.result.amount(self.area.name, year, sources)  # type: ignore[no-any-return]

    def own(self, year: int) -> Fraction:
        """Return its budget money in a year."""
        return self.money(year, self.book.result.scenario.budget_sources)

    def before(self, year: int) -> Fraction | None:
        """Return its budget money in the year before."""
        return self.last_year if year == self.book.layout.years[0] else self.own(year - 1)


def total(book: Any, year: int, sources: tuple[str, ...] | None = None) -> Fraction:
    """Return what the plan allots in a year."""
    return sum((book.result.amount(area.name, year, sources) for area in book.layout.tops), ZERO)


def total_formula(book: Any, tops: list[int], column: int) -> str:
    """Return the sum over the areas that are part of no other: one range where no area has parts."""
    if len(tops) == len(book.layout.tree):
        return f"SUM({ref(tops[0], column)}:{ref(tops[-1], column)})"
    chunks = [tops[i : i + 250] for i in range(0, len(tops), 250)]
    return "+".join(f"SUM({','.join(ref(row, column) for row in chunk)})" for chunk in chunks)


type OfYear = tuple[PlanLine, int]


def _last_year_formula(at: Place, line: PlanLine) -> str | None:
    if line.parts or line.area is None:
        return None if line.last_year is None else line.sum_of(1)
    link: str | None = at.book.trace.under(
        line.area.origin, "Last year", f"Last year of {line.name}", line.last_year
    )  # fmt: skip
    return link


def _last_year_look(at: Place, line: PlanLine) -> Any:
    if line.area is not None:
        return at.styles.amount(font_color=at.styles.soft)
    return at.styles.text(**at.properties) if line.last_year is None else at.styles.amount(**at.properties)


def _amount_look(at: Place, line: PlanLine) -> Any:
    return at.styles.amount(**{**({"bold": True} if not line.depth else {}), **at.properties})


def _amounts(family: str) -> Callable[[Place, OfYear], str | None]:
    """Return the formula of a line's money in a year: the sum of its parts, or of amounts on Allocation."""

    def formula(at: Place, of: OfYear) -> str | None:
        (line, year), layout = of, at.book.layout
        if line.parts or line.area is None:
            return line.sum_of(layout.plan_column(family, year))
        scenario = at.book.result.scenario
        sources = scenario.budget_sources if family == "budget" else tuple(scenario.source)
        found: str = layout.total(layout.keys([line.area.name], [year], sources))
        return found

    return formula


def _budget_money(at: Place, year: int) -> str:
    return ref(at.row, at.book.layout.plan_column("budget", year))


def _share(of: OfYear) -> Fraction | str:
    line, year = of
    budget = line.book.result.scenario.budget(year)
    return line.own(year) / budget if budget else ""


def _share_formula(at: Place, of: OfYear) -> str | None:
    layout, (_, year) = at.book.layout, of
    base = ref(layout.total_row + 1, layout.plan_column("budget", year), fixed=True)
    return f"{_budget_money(at, year)}/{base}" if at.book.result.scenario.budget(year) else None


def _change(of: OfYear) -> Fraction | str:
    line, year = of
    before = line.before(year)
    return "" if before is None else difference(line.own(year), before)


def _change_formula(at: Place, of: OfYear) -> str | None:
    line, year = of
    earlier = ref(at.row, 1) if year == at.book.layout.years[0] else _budget_money(at, year - 1)
    return None if line.before(year) is None else f"{_budget_money(at, year)}-{earlier}"


PLAN: Table[Any] = Table(
    "Plan",
    "The plan",
    "Areas down, years across: amount, share of the year's budget, change on the year before.",
    (
        Column(
            "Area", "The priority area; parts stand indented under their area.", width=30, value=lambda p: p.name,
            look=lambda at, p: at.styles.text(
                **(at.properties or {"indent": p.depth, **({} if p.depth else {"bold": True})})
            ),
        ),
        Column(
            "Last year", "Budget money in the year before the first.", Role.AMOUNT, look=_last_year_look,
            value=lambda p: "" if p.area is None and p.last_year is None else p.last_year, formula=_last_year_formula,
        ),
        Column(
            "YEAR", "The amount in force, from all sources.", Role.AMOUNT, family="amount",
            value=lambda of: of[0].money(of[1], None), formula=_amounts("amount"),
            look=_amount_look,
        ),
        Column(
            "Budget money YEAR", "The part of it that is the government's own money.", Role.AMOUNT, family="budget",
            value=lambda of: of[0].own(of[1]), formula=_amounts("budget"), look=_amount_look,
        ),
        Column(
            "Share YEAR", "Budget money as a part of that year's budget.", Role.SHARE, 10, family="share",
            value=_share, formula=_share_formula,
        ),
        Column(
            "Change YEAR", "Budget money less that of the year before.", Role.AMOUNT, family="change",
            value=_change, formula=_change_formula,
        ),
    ),
)  # fmt: skip


# -- Allocation ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AllocationLine:
    """A line of Allocation; without a `book` as programs get it."""

    allotment: Allotment
    book: Any = None

    @property
    def share(self) -> Fraction | str:
        """The amount as a part of the year's budget; nothing for other money."""
        scenario, line = self.book.result.scenario, self.allotment
        budget = scenario.budget(line.year)
        return line.amount / budget if line.source in scenario.budget_sources and budget else ""

    @property
    def year_before(self) -> Key:
        """The amount of the year before."""
        return self.allotment.key._replace(year=self.allotment.year - 1)

    @cached_property
    def before(self) -> Fraction | None:
        """What the area had from the source in the year before."""
        if self.year_before in self.book.layout.line:
            return self.book.result.amounts[self.year_before]  # type: ignore[no-any-return]
        return last_year_by_source(self.book, self.allotment.area, self.allotment.source)


def allocation_rows(result: Result) -> list[AllocationLine]:
    """Return a row per area without parts, year and source, as programs get them: 0 where the source may not pay."""
    if not result.allotments:
        return []
    scenario, found = result.scenario, {each.key: each for each in result.allotments}
    keys = keys_of((area.name for area in scenario.leaves), scenario.years, scenario.source)
    return [AllocationLine(found.get(key) or Allotment(*key, ZERO, 0.0, eligible=False)) for key in keys]


def last_year_by_source(book: Any, area: str, source: str) -> Fraction | None:
    """Return what an area had from a source before the first year; None where that is not given."""
    scenario = book.result.scenario
    figures = scenario.area[area]
    if source in figures.last_year_by_source:
        return figures.last_year_by_source[source]  # type: ignore[no-any-return]
    return figures.last_year if scenario.budget_sources == (source,) else None


def _before_formula(at: Place, line: AllocationLine) -> str | None:
    book, own = at.book, line.allotment
    earlier = book.layout.line.get(line.year_before)
    if earlier is not None:
        return ref(earlier, ALLOCATION.index("In force"))
    link: str | None = book.trace.last_year(book.result.scenario.area[own.area], own.source, line.before)
    return link


def _share_of_budget(at: Place, line: AllocationLine) -> str | None:
    return None if line.share == "" else f"{at['In force']}/{at.book.layout.budget(line.allotment.year)}"


ALLOCATION = Table[AllocationLine](
    "Allocation",
    "Allocation",
    "The only typed amounts: each area, year and source that may pay; all other sheets follow the column In force.",
    (
        Column(
            "Area", "The priority area, one without parts.", width=26, key="area", value=lambda a: a.allotment.area
        ),
        Column("Year", "The year.", Role.YEAR, 7, key="year", value=lambda a: a.allotment.year),
        Column("Source", "The funding source.", width=16, key="source", value=lambda a: a.allotment.source),
        Column("Amount", "As optimised.", Role.AMOUNT, key="amount", value=lambda a: a.allotment.amount),
        Column("Decided", "Type an amount here to depart from the optimum; blank: as optimised.", Role.ENTRY_AMOUNT),
        Column(
            "In force", "Decided where it is filled, else Amount.", Role.AMOUNT, properties={"bold": True},
            value=lambda a: a.allotment.amount,
            formula=lambda at, _: f"IF(ISNUMBER({at['Decided']}),{at['Decided']},{at['Amount']})",
        ),
        Column("Reason", "Why it was decided otherwise.", Role.ENTRY_TEXT, 20),
        Column("By", "Who decided.", Role.ENTRY_TEXT, 10),
        Column(
            "Share", "In force as a part of the year's budget; budget money only.", Role.SHARE, 9,
            value=lambda a: a.share,
            formula=_share_of_budget,
        ),
        Column(
            "Last year", "The year before: of the first year as in Areas, later the plan's own.", Role.AMOUNT,
            value=lambda a: a.before, formula=_before_formula,
        ),
        Column(
            "Change", "In force less Last year.", Role.AMOUNT,
            value=lambda a: "" if a.before is None else difference(a.allotment.amount, a.before),
            formula=lambda at, a: None if a.before is None else f"{at['In force']}-{at['Last year']}",
        ),
        Column(
            "Held by", "What stops Amount from growing, with its input cell.", Role.LONG, 34,
            value=lambda a: held_by_text(a.allotment.held_by),
        ),
    ),
)  # fmt: skip


# -- Funds -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FundLine:
    """A line of Funds: a source in one year."""

    fund: FundFigures
    book: Any

    @property
    def source(self) -> Source:
        """The source as the scenario has it."""
        return self.book.result.scenario.source[self.fund.source]  # type: ignore[no-any-return]

    @property
    def earlier(self) -> int | None:
        """The row of the same source in the year before."""
        return self.book.layout.fund_row.get((self.fund.source, self.fund.year - 1))  # type: ignore[no-any-return]

    @property
    def account(self) -> Any:
        """The line as its formulas come to it."""
        return self.book.remainders.accounts[self.fund.source, self.fund.year]

    @property
    def carries(self) -> bool:
        """Whether anything may move to the next year."""
        last = self.book.result.scenario.years[-1]
        return bool(self.source.carry_over and self.fund.year != last) or bool(self.fund.carried_forward)

    def link(self, heading: str, name: str, value: Fraction | None) -> str | None:
        """Return the formula that reads a figure of the source from Inputs."""
        return self.book.trace.under(self.source.origin, heading, name, value)  # type: ignore[no-any-return]


def settled_formula(book: Any, formula: str) -> str:
    """Return a remainder without the noise of the arithmetic: what no Step could be, or the solver leaves behind."""
    if book.result.step:
        return f"ROUND({formula},{book.layout.parameter('Decimals of remainders')})"
    return f"IF(ABS({formula})<{book.layout.parameter('Least remainder')},0,{formula})"


def _available_formula(_at: Place, line: FundLine) -> str | None:
    fund = line.fund
    return line.link(str(fund.year), f"Budget {fund.source} {fund.year}", fund.available)


def _spent_formula(at: Place, line: FundLine) -> str:
    layout, leaves = at.book.layout, at.book.result.scenario.leaves
    keys = layout.keys((area.name for area in leaves), [line.fund.year], [line.fund.source])
    return str(layout.total(keys)).replace("Funds!", "")


def _left(at: Place) -> str:
    return f"{at['Opening']}+{at['Available']}-{at['Spent']}"


def _fund_before(at: Place, line: FundLine) -> str | None:
    """Return what the source made available in the year before: from the scenario, or from the line above."""
    if line.earlier is not None:
        return ref(line.earlier, at.table.index("Available"))
    return line.link("Last year", f"Last year of {line.source.name}", line.source.last_year)


FUNDS = Table[FundLine](
    "Funds",
    "Funds",
    "Where the money of each source goes in each year.",
    (
        Column("Source", "The funding source.", width=24, value=lambda f: f.fund.source),
        Column(
            "Kind", "budget: the government's own money; other: private, donors, …", width=10,
            value=lambda f: f.source.kind.value,
        ),
        Column("Year", "The year.", Role.YEAR, 8, value=lambda f: f.fund.year),
        Column(
            "Opening", "Carried over from the year before.", Role.AMOUNT, 14,
            value=lambda f: f.fund.opening if f.earlier is None else f.account.opening,
            formula=lambda at, f: None if f.earlier is None else ref(f.earlier, at.table.index("Carried forward")),
        ),
        Column(
            "Available", "What the source makes available in the year.", Role.AMOUNT, 14,
            value=lambda f: f.fund.available, formula=_available_formula,
        ),
        Column(
            "Spent", "What the plan allots from it.", Role.AMOUNT, 14,
            value=lambda f: f.fund.spent, formula=_spent_formula,
        ),
        Column(
            "Carried forward", "What moves to the next year.", Role.AMOUNT, 16,
            value=lambda f: f.account.carried_forward if f.carries else f.fund.carried_forward,
            formula=lambda at, f: settled_formula(at.book, _left(at)) if f.carries else None,
        ),
        Column(
            "Unspent", "What is left and moves nowhere.", Role.AMOUNT, 14, value=lambda f: f.account.unspent,
            formula=lambda at, _: settled_formula(at.book, f"{_left(at)}-{at['Carried forward']}"),
        ),
        Column(
            "Last year", "What the source made available in the year before; blank: not given.", Role.AMOUNT, 14,
            value=lambda f: f.source.last_year if f.earlier is None else f.source.available[f.fund.year - 1],
            formula=_fund_before, look=lambda at, _: at.styles.amount(font_color=at.styles.soft),
        ),
    ),
)  # fmt: skip


# -- Assignments -----------------------------------------------------------------------------------------------------


def _yearly_sum(at: Place, line: PlanLine) -> str:
    layout = at.book.layout
    cells = [layout.plan(line.name, "amount", year) for year in layout.years]
    return cells[0] if len(cells) == 1 else f"SUM({cells[0]}:{cells[-1].removeprefix('Plan!')})"


def _given(name: str) -> Callable[[Any], str]:
    return lambda line: getattr(line.area.assignment, name)


def _wrapped(at: Place, _line: PlanLine) -> Any:
    return at.styles.of(Role.LONG)


ASSIGNMENTS = Table[PlanLine](
    "Assignments",
    "Assignments",
    "Who does what until when.",
    (
        Column(
            "Area", "The priority area; parts stand indented under their area.", Role.LONG, 28, value=lambda p: p.name,
            look=lambda at, p: at.styles.of(Role.LONG, indent=p.depth, bold=not p.depth),
        ),
        Column(
            "Amount", "What it gets over all years, from all sources.", Role.AMOUNT, 13, formula=_yearly_sum,
            value=lambda p: sum((p.money(year, None) for year in p.book.layout.years), ZERO),
            look=lambda at, p: at.styles.amount(bold=not p.depth),
        ),
        Column("Lead agency", "Who answers for it.", Role.LONG, 20, value=_given("lead_agency")),
        Column(
            "Coordinating agency", "Who works with the lead agency.", Role.LONG, 20,
            value=_given("coordinating_agency"),
        ),
        Column("Responsible", "The person, by name or office.", Role.LONG, 16, value=_given("responsible")),
        Column("Start", "When the work starts.", width=10, value=_given("start"), look=_wrapped),
        Column("Completion", "When it is due.", width=11, value=_given("completion"), look=_wrapped),
        Column("Output", "What is handed over at the end.", Role.LONG, 32, value=_given("output")),
    ),
)  # fmt: skip


INDICATORS: Table[Any] = Table(
    "Indicators",
    "Indicators",
    "What the money achieves: each indicator in each of its years.",
    (
        Column("Indicator", "The indicator.", Role.LONG, 30, key="indicator", value=lambda f: f.indicator),
        Column("Year", "The year.", Role.YEAR, 8, key="year", value=lambda f: f.year),
        Column("Unit", "Its unit.", width=22),
        Column(
            "Baseline",
            "Its value without the money counted.",
            Role.NUMBER,
            14,
            key="baseline",
            value=lambda f: f.baseline,
        ),
        Column("Operator", "How it compares with the target.", width=14),
        Column("Target", "What it is to reach.", Role.NUMBER, 14, key="target", value=lambda f: f.target),
        Column(
            "Reached",
            "Its value at the amounts in force: Baseline and the parts below.",
            Role.NUMBER,
            14,
            key="reached",
            value=lambda f: f.reached,
        ),
        Column("Met", "Whether the target is met; blank without one.", Role.FLAG, 9, key="met", value=lambda f: f.met),
        Column("Reference", "A benchmark to show beside it.", width=14),
        fact("operator"),
    ),
    keys=("indicator", "year", "baseline", "reached", "operator", "target", "met"),
)

PARTS: Table[Any] = Table(
    "Indicators",
    "Each area's part",
    "What each area's money adds to the baseline of an indicator.",
    (
        Column("Indicator", "The indicator.", Role.LONG, 30),
        Column("Year", "The year in which it is measured.", Role.YEAR, 8),
        Column("Area", "The area.", width=22),
        Column("Effect", "Change of the indicator per unit of money.", Role.NUMBER, 14),
        Column("Money in force", "The area's money over the years counted.", Role.AMOUNT, 14),
        Column("Not counted", "Of it, what only repeats last year's money.", Role.AMOUNT, 14),
        Column("Part", "Effect times the money counted.", Role.NUMBER, 14),
    ),
)

GOALS = Table[GoalFigures](
    "Rules",
    "goals",
    "By how much each goal is missed, in its row's unit.",
    (
        fact("rule", value=lambda goal: goal.row.name),
        fact("year", Role.YEAR, lambda goal: goal.row.year),
        fact("priority", Role.COUNT),
        fact("missed_by", Role.NUMBER),
    ),
)
"""What programs get of goals."""
