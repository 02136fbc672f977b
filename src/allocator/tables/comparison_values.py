"""The sheets of a comparison on which every plan is valued elsewhere: cross table, bridges, alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from allocator.analyses.compare import PlannedCase
from allocator.analyses.figures import Alternative, Broken, Valuation
from allocator.analyses.side_by_side import ALL
from allocator.programme.rows import ZERO
from allocator.tables.columns import Column, Place, Role, Table
from allocator.tables.comparison import TOTAL, Grid, goals_missed, toned
from allocator.tables.formulas import difference, ref
from allocator.wording.alternatives import assumption_texts
from allocator.wording.comparison import NO_PLAN, as_optimised, regret, worst_regret
from allocator.wording.numbers import decimals_of, magnitude

_PLAN = "The plan"
_SHORT_DIGITS = 5

# ---- the cross table ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BrokenLine:
    """A rule that amounts break under a scenario."""

    case: PlannedCase
    """The scenario."""
    plan: str
    """Whose amounts."""
    broken: Broken


@dataclass(frozen=True)
class PlanLine:
    """A plan valued under every scenario."""

    grid: Grid
    number: int
    listed: Mapping[tuple[str, str], range]
    """(plan, scenario) → the rows of the rules listed as broken."""

    @property
    def case(self) -> PlannedCase:
        """Whose plan."""
        return self.grid.planned[self.number]

    @property
    def values(self) -> tuple[Valuation | None, ...]:
        """What it is worth under each scenario."""
        return self.grid.comparison.cross[self.grid.own(self.number)]

    def objective(self, scenario: int) -> Fraction | None:
        """Return its objective under a scenario."""
        value = self.values[scenario]
        return None if value is None else value.objective

    def tone(self, scenario: int) -> str:
        """Return the tone of its figure under a scenario."""
        return "own" if self.grid.own(self.number) == scenario else ""

    def regret(self, scenario: int) -> Fraction | str:
        """Return how much worse it is than a scenario's own best plan; words where that has none."""
        loss = regret(self.grid, self.number, scenario)
        if loss is not None:
            return difference(loss, ZERO)
        return "" if self.grid.cases[scenario].planned else NO_PLAN

    def regret_formula(self, scenario: int) -> str | None:
        """Return the formula of the same; None where the best plan's objective stands nowhere."""
        other = self.grid.cases[scenario]
        if not as_optimised(other) or isinstance(self.regret(scenario), str):
            return None
        plans = (self.number, self.grid.number[other.name])
        here, best = (self.grid.cross_at(0, number, scenario, sheet=False) for number in plans)
        return f"{best}-{here}" if other.scenario.objective.maximise else f"{here}-{best}"

    def worst_formula(self, at: Place) -> str:
        """Return the formula of the largest regret."""
        comparable = (j for j, other in enumerate(self.grid.cases) if self.grid.comparable(other))
        cells = (at.of("scenario", j) for j in comparable if not isinstance(self.regret(j), str))
        return f"MAX({','.join(cells)})"

    def broken(self, scenario: int) -> int:
        """Return how many rules it breaks under a scenario."""
        value = self.values[scenario]
        return 0 if value is None else len(value.broken)

    def broken_formula(self, scenario: int) -> str | None:
        """Return the formula that counts them where all are listed."""
        rows = self.listed.get((self.case.name, self.grid.cases[scenario].name), range(0))
        return count_of(rows, self.broken(scenario))

    @property
    def holds(self) -> int:
        """In how many scenarios it breaks nothing, and all its money has a place."""
        return sum(value is not None and not value.broken and not value.unknown for value in self.values)

    @property
    def placed(self) -> bool:
        """Whether where it breaks nothing all its money has a place."""
        return all(value is None or value.broken or not value.unknown for value in self.values)


def count_of(rows: range, count: int) -> str | None:
    """Return the formula that counts listed rows; None where not just these are listed."""
    return f"COUNTA({ref(rows[0], 0)}:{ref(rows[-1], 0)})" if rows and len(rows) == count else None


def _regret_look(at: Place, line: PlanLine) -> Any:
    if isinstance(line.regret(at.item), str):
        return at.book.styles.text(align="right")
    return toned(at, line.grid.objective_decimals, line.tone(at.item))


_WHOSE = Column[PlanLine]("Plan", "Whose plan.", Role.TEXT, 34, value=lambda line: line.case.name)
CROSS = Table[PlanLine](
    "Cross table",
    "Objective of each plan under each scenario",
    "Row: whose plan. Column: whose benefits, effects and rules.",
    (
        _WHOSE,
        Column(
            "NAME", "Under that scenario's assumptions.", Role.NUMBER, 13, family="scenario",
            each=lambda line, j: line.objective(j),
            look=lambda at, line: toned(at, line.grid.objective_decimals, line.tone(at.item)),
        ),
    ),
)  # fmt: skip
REGRET = Table[PlanLine](
    "Cross table",
    "Regret: how much worse than the scenario's own best plan",
    "Below nothing: better than the best, by breaking rules or within a step of rounding.",
    (
        _WHOSE,
        Column(
            "NAME", "Under that scenario.", Role.NUMBER, 13, family="scenario",
            each=lambda line, j: line.regret(j), formula=lambda at, line: line.regret_formula(at.item),
            look=_regret_look,
        ),
        Column(
            "Largest regret", "Over all scenarios.", Role.NUMBER, 13,
            value=lambda line: worst_regret(line.grid, line.number), formula=lambda at, line: line.worst_formula(at),
            look=lambda at, line: toned(at, line.grid.objective_decimals, "strong"),
        ),
    ),
)  # fmt: skip
BROKEN_COUNT = Table[PlanLine](
    "Cross table",
    "How many rules each plan breaks under each scenario",
    "Budgets, limits, rules and targets that must be kept, each year counted; no goals.",
    (
        _WHOSE,
        Column(
            "NAME", "Under that scenario.", Role.NUMBER, 13, family="scenario",
            each=lambda line, j: line.broken(j), formula=lambda at, line: line.broken_formula(at.item),
            look=lambda at, line: toned(at, 0, "missed" if line.broken(at.item) else ""),
        ),
        Column(
            "Holds in", "In how many scenarios it breaks nothing, and all its money has a place.", Role.NUMBER, 13,
            value=lambda line: line.holds,
            formula=lambda at, line: f"COUNTIF({at.across('scenario')},0)" if line.placed else None,
            look=lambda at, _: toned(at, 0, "strong"),
        ),
    ),
)  # fmt: skip


def _short_look(at: Place, line: BrokenLine) -> Any:
    """Return the look of a shortfall: the decimals it needs, of about five digits at most."""
    by = line.broken.by
    most = min(6, max(0, _SHORT_DIGITS - 1 - magnitude(float(by))))
    return toned(at, min(most, decimals_of(by, 6)), "broken")


def _broken_columns(width: float, role: Role) -> tuple[Column[BrokenLine], ...]:
    """Return what both lists of broken rules say of one; the last two columns are so wide, texts of that role."""
    return (
        Column("Year", "The year.", Role.YEAR, 13, value=lambda line: line.broken.row.year),
        Column(
            "Short by", "Or over by, where it is an upper bound.", Role.NUMBER, 13,
            value=lambda line: line.broken.by, look=_short_look,
        ),
        Column("Unit", "Its unit.", role, 13, value=lambda line: line.broken.row.unit),
        Column("Strength", "must or law.", Role.TEXT, width, value=lambda line: line.broken.row.strength.kind),
        Column("Cell", "The input cell.", role, width, value=lambda line: str(line.broken.row.cell)),
    )  # fmt: skip


BROKEN = Table[BrokenLine](
    "Cross table",
    "The rules that are broken",
    "Worst first, as a part of their size.",
    (
        Column("Rule", "The row's name.", Role.LONG, 34, value=lambda line: line.broken.row.name),
        Column("Plan", "Whose plan.", Role.LONG, 13, value=lambda line: line.plan),
        Column("Scenario", "Under whose assumptions.", Role.LONG, 13, value=lambda line: line.case.name),
        *_broken_columns(13, Role.LONG),
        Column(
            "Legal basis", "As in the scenario.", Role.TEXT, 13,
            value=lambda line: line.broken.row.origin.legal_basis,
            look=lambda at, _: at.book.styles.cell(align="left", indent=1),  # not measured: it runs over what is right
        ),
    ),
)  # fmt: skip


# ---- Alternatives -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beside:
    """A plan, or the alternative of that number beside it, from 1 on."""

    grid: Grid
    case: PlannedCase
    beside: int
    listed: range
    """The rows of the rules listed as broken."""

    @property
    def other(self) -> Alternative | None:
        """The alternative; None for the plan itself."""
        return self.case.alternatives[self.beside - 1] if self.beside else None

    @property
    def valued(self) -> Valuation | None:
        """What it is worth under its scenario."""
        return self.other.valuation if self.other else self.case.valuation

    @property
    def objective(self) -> Fraction | None:
        """Its objective."""
        return self.other.valuation.objective if self.other else self.case.objective

    @property
    def change(self) -> Fraction | None:
        """Its objective less the plan's."""
        return difference(self.other.valuation.objective, self.case.objective or ZERO) if self.other else None

    @property
    def part(self) -> Fraction | None:
        """The same as a part of the plan's."""
        best = self.case.objective
        return (self.other.valuation.objective - best) / abs(best) if self.other and best else None

    @property
    def broken(self) -> int:
        """How many rules it breaks."""
        return len(self.valued.broken) if self.valued else 0

    def objective_formula(self) -> str | None:
        """Return where the plan's objective stands."""
        return None if self.other else self.grid.objective_at(self.grid.number[self.case.name])

    def broken_formula(self) -> str | None:
        """Return where the plan's rules broken stand, or how an alternative's are counted."""
        if self.other:
            return count_of(self.listed, self.broken)
        number = self.grid.number[self.case.name]
        return self.grid.cross_at(2, number, self.grid.own(number))


ALTERNATIVES = Table[Beside](
    "Alternatives",
    "Better than what",
    "Each plan beside the draft and last year's plan scaled to the budget, under its own scenario.",
    (
        Column("Scenario", "Whose assumptions.", Role.TEXT, 26, value=lambda line: line.case.name),
        Column(
            "Plan", "The best plan, Proposed (the draft), Pro rata.", Role.TEXT, 22,
            value=lambda line: line.other.name if line.other else _PLAN,
        ),
        Column(
            "Objective", "Under that scenario.", Role.NUMBER, 13,
            value=lambda line: line.objective, formula=lambda _, line: line.objective_formula(),
            look=lambda at, line: at.book.styles.number(line.grid.objective_decimals, **at.properties),
        ),
        Column(
            "Difference from the plan", "Its objective less the best plan's.", Role.NUMBER, 13,
            value=lambda line: line.change,
            formula=lambda at, line: f"{at['Objective']}-{at.in_row('Objective', at.row - line.beside)}",
            look=lambda at, line: at.book.styles.signed(line.grid.objective_decimals),
        ),
        Column(
            "in %", "Of the best plan's.", Role.SHARE, 13,
            value=lambda line: line.part,
            formula=lambda at, line: (
                f"{at['Difference from the plan']}/ABS({at.in_row('Objective', at.row - line.beside)})"
            ),
            look=lambda at, _: at.book.styles.signed(1, percent=True),
        ),
        Column(
            "Rules broken, by year", "Counted in the list below.", Role.NUMBER, 11,
            value=lambda line: line.broken, formula=lambda _, line: line.broken_formula(),
            look=lambda at, line: toned(at, 0, "missed" if line.other and line.broken else ""),
        ),
        Column(
            "Goals missed, by year", "Each year counted.", Role.NUMBER, 11,
            value=lambda line: goals_missed(line.valued), look=lambda at, _: toned(at, 0),
        ),
        Column(
            "What was assumed", "To make amounts of it.", Role.LONG, 46,
            value=lambda line: "; ".join(assumption_texts(line.other)) if line.other else "",
            properties={"bold": False},
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class DraftLine:
    """An area's amount in a plan and in the alternatives beside it; the sum of all areas for None."""

    grid: Grid
    case: PlannedCase
    area: str | None
    drafts: Mapping[str, Mapping[str, Fraction]]
    """Alternative → area → its amount over the years that are summed up."""

    @property
    def amount(self) -> Fraction:
        """The plan's amount."""
        return self.grid.total(self.case, ALL) if self.area is None else self.grid.amount(self.case, self.area, ALL)

    def draft(self, name: str) -> Fraction | None:
        """Return an alternative's amount; None where the plan has no such alternative."""
        if name not in self.drafts:
            return None
        amounts = self.drafts[name]
        return sum(amounts.values(), ZERO) if self.area is None else amounts.get(self.area, ZERO)

    def change(self, name: str) -> Fraction | None:
        """Return the same less the plan's."""
        draft = self.draft(name)
        return None if draft is None else difference(draft, self.amount)

    def sum_formula(self, at: Place) -> str | None:
        """Return the sum of the areas above; None for an area."""
        count = len(self.case.scenario.leaves)
        return f"SUM({ref(at.row - count, at.column)}:{ref(at.row - 1, at.column)})" if self.area is None else None

    def formula(self, at: Place) -> str | None:
        """Return where the plan's amount stands."""
        if self.area is None:
            return self.sum_formula(at)
        return self.grid.at(self.grid.place(self.area, ALL), "scenario", self.grid.number[self.case.name])


ALTERNATIVES_AREAS = Table[DraftLine](
    "Alternatives",
    "Areas",
    "Over all years and sources.",
    (
        Column("Scenario", "Whose assumptions.", Role.TEXT, 26, value=lambda line: line.case.name),
        Column("Area", "The area.", Role.TEXT, 22, value=lambda line: line.area or TOTAL),
        Column(
            "Plan", "The best plan's amount.", Role.AMOUNT, 13,
            value=lambda line: line.amount, formula=lambda at, line: line.formula(at),
        ),
        Column(
            "NAME", "The draft's (Proposed), or last year's, scaled (Pro rata).", Role.AMOUNT, 11, family="draft",
            each=lambda line, name: line.draft(name), formula=lambda at, line: line.sum_formula(at),
        ),
        Column(
            "difference", "Less the best plan's.", Role.AMOUNT, 11, family="draft",
            each=lambda line, name: line.change(name), formula=lambda at, _: f"{at.of('draft')}-{at['Plan']}",
            look=lambda at, _: at.book.styles.signed(at.book.styles.decimals, **at.properties),
        ),
    ),
)  # fmt: skip
ALTERNATIVES_BROKEN = Table[BrokenLine](
    "Alternatives",
    "The rules that they break",
    "Worst first, as a part of their size.",
    (
        Column("Scenario", "Whose assumptions.", Role.TEXT, 26, value=lambda line: line.case.name),
        Column("Plan", "Proposed or Pro rata.", Role.TEXT, 22, value=lambda line: line.plan),
        *_broken_columns(11, Role.TEXT),
        Column(
            "Rule and legal basis", "Which.", Role.LONG, 46,
            value=lambda line: _with_basis(line.broken.row.name, line.broken.row.origin.legal_basis),
        ),
    ),
)  # fmt: skip


def _with_basis(name: str, basis: str) -> str:
    return f"{name} ({basis})" if basis else name


BRIDGE: Table[Any] = Table(
    "Bridge",
    "What makes the difference",
    "The difference from the first scenario's plan, split among the inputs that were changed.",
    (
        Column("Input changed", "The sheet and row, or several that were changed together.", Role.LONG, 40),
        Column("Objective", "Its part in the difference of the objective.", Role.NUMBER, 13),
        Column("Error", "Of that part, where orders were sampled.", Role.NUMBER, 9, family="error"),
        Column("AREA", "Its part in the difference of that area's amount.", Role.AMOUNT, 12, family="area"),
    ),
)
BRIDGE_YEARS: Table[Any] = Table(
    "Bridge",
    "By area and year",
    "The same for each area and year; columns are the inputs changed.",
    (
        Column("Area and year", "The area and the year.", Role.TEXT, 40),
        Column("INPUT", "The part of that input.", Role.AMOUNT, 12, family="input"),
        Column("Sum", "Of the parts.", Role.AMOUNT, 12),
        Column("Difference", "Of the amounts, from the sheet Amounts.", Role.AMOUNT, 12),
        Column("Adds up", "Whether both agree.", Role.FLAG, 9),
    ),
)
CROSSED = (CROSS, REGRET, BROKEN_COUNT)
"""The matrices of the sheet Cross table, in their order."""
TABLES = (*CROSSED, BROKEN, BRIDGE, BRIDGE_YEARS, ALTERNATIVES, ALTERNATIVES_AREAS, ALTERNATIVES_BROKEN)
