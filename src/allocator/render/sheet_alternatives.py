"""The sheet Alternatives: the plan beside the proposed draft, and beside last year scaled to the budget."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.analyses.figures import (
    PRO_RATA,
    PROPOSED,
    Alternative,
    Broken,
    RowStatus,
    last_year_counted,
    last_year_total,
    other_last_year,
)
from allocator.analyses.result import RowFigures
from allocator.programme.rows import ZERO, yearly_sums
from allocator.render.checks_sheets import AT as WORKINGS_AT
from allocator.render.checks_sheets import Workings, objective_decimals
from allocator.render.page import Book, Page, link_cell
from allocator.render.styles import CUT_BAR, RISE_BAR, SOFT, Look
from allocator.scenario.model import Area
from allocator.tables import alternatives as mine
from allocator.tables.columns import Role, Table
from allocator.tables.formulas import FIRST, LIVE_ROWS, LONGEST_FORMULA, ref, span
from allocator.tables.rounding import MONEY, WORTH
from allocator.tables.rules import RULES, bounds, reached_look
from allocator.wording.alternatives import assumption_texts, differing_most, side_by_side
from allocator.wording.numbers import as_written, distinguishing_decimals, magnitude

MOST_LINES, SHOWN_OF_MANY = 1_500, 500
"""Above so many areas and years only those that differ most are shown, and sums are values."""
ONE_PAGE = 36
"""The lines that fit on a page."""
PART_DECIMALS = 2
BAR = {
    "type": "data_bar", "bar_solid": True, "bar_color": RISE_BAR, "bar_negative_color": CUT_BAR,
    "bar_border_color": RISE_BAR, "bar_negative_border_color": CUT_BAR, "bar_axis_color": SOFT, "data_bar_2010": True,
}  # fmt: skip

type Pair = tuple[str, int]
"""Area without parts, year."""


def write_alternatives(book: Book, workings: Workings) -> None:
    """Write the sheet; before Workings, which lists the figures that had to be typed."""
    _Sheet(book, workings).write()


class _Sheet:
    def __init__(self, book: Book, workings: Workings) -> None:
        self.book, self.workings, self.layout = book, workings, book.layout
        self.result, self.scenario = book.result, book.result.scenario
        self.alternatives = self.result.alternatives
        self.money = {a.name: self._money(a) for a in self.alternatives}
        """Alternative → (area, year) → its amount."""
        rows = min(len(self.layout.lines), LIVE_ROWS + 1)
        self.page = Page(book, "Alternatives", f"Alternatives — {self.scenario.title}", self._message(), rows=rows)
        self.styles = self.page.styles
        self.columns = [c for c in mine.SIDE_BY_SIDE.columns if self._shown(c.name)]
        self.at = {column.name: i for i, column in enumerate(self.columns)}
        self.decimals = objective_decimals(self.result)

    def _money(self, alternative: Alternative) -> Mapping[Pair, Fraction]:
        found = {(area.name, year): ZERO for area in self.scenario.leaves for year in self.scenario.years}
        return found | yearly_sums(alternative.amounts)

    def _shown(self, heading: str) -> bool:
        names = {alternative.name for alternative in self.alternatives}
        return not any(heading.startswith(name) and name not in names for name in (PROPOSED, PRO_RATA))

    def _message(self) -> str:
        return side_by_side(self.result)

    # -- where things stand ------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> list[Pair]:
        """The lines of the second table: by year, those that differ most first; of very many only these."""
        order = {area.name: i for i, area in enumerate(self.scenario.leaves)}
        pairs = [(area.name, year) for area in self.scenario.leaves for year in self.scenario.years]
        ranked = sorted(pairs, key=lambda pair: (-self._distance(pair), order[pair[0]], pair[1]))
        shown = ranked if self.whole else ranked[:SHOWN_OF_MANY]
        return sorted(shown, key=lambda pair: pair[1])

    @property
    def whole(self) -> bool:
        """Whether every area and year has its line."""
        return len(self.scenario.leaves) * len(self.scenario.years) <= MOST_LINES

    def _distance(self, pair: Pair) -> Fraction:
        return max(abs(money[pair] - self.plan[pair]) for money in self.money.values())

    @cached_property
    def plan(self) -> Mapping[Pair, Fraction]:
        """(area, year) → the plan's amount."""
        return {(a.name, t): self.result.amount(a.name, t) for a in self.scenario.leaves for t in self.scenario.years}

    @cached_property
    def notes(self) -> list[str]:
        """Where they differ most, and what was assumed, a line each."""
        return [*self._most(), *(f"{a.name}: {note}." for a in self.alternatives for note in assumption_texts(a))]

    @property
    def second(self) -> int:
        """The row of the second table's title."""
        return FIRST + 1 + len(self.alternatives) + len(self.notes) + 1

    @cached_property
    def line(self) -> Mapping[Pair, int]:
        """(area, year) → its row."""
        years = {year: i for i, year in enumerate(self.scenario.years)}
        sums = years if self.whole else dict.fromkeys(years, 0)
        return {pair: self.second + 2 + i + sums[pair[1]] for i, pair in enumerate(self.pairs)}

    @cached_property
    def sums(self) -> Mapping[int, int]:
        """Year → the row of its sum, below its last line; none where not all lines are shown."""
        if not self.whole:
            return {}
        last = {year: row for (_, year), row in self.line.items()}
        return {year: row + 1 for year, row in last.items()}

    @property
    def third(self) -> int:
        """The row of the third table's title."""
        return max([self.second + 2, *self.line.values(), *self.sums.values()]) + 2

    @cached_property
    def faults(self) -> list[tuple[Alternative, Broken]]:
        """The lines of the third table: what each alternative breaks, then the goals it misses."""
        found = []
        for alternative in self.alternatives:
            broken = (*alternative.valuation.broken, *mine.goals_missed(alternative))
            found += [(alternative, each) for each in broken]
        return found

    @property
    def fourth(self) -> int:
        """The row of the fourth table's title."""
        return self.third + 2 + max(1, len(self.faults)) + 1

    # -- writing -----------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write all four tables."""
        self.page.unit(
            f"{self.scenario.unit}. Each alternative is valued and checked by the scenario's own assumptions."
        )
        self._compared()
        self._side_by_side()
        self._broken()
        years = [row + 1 for row in list(self.sums.values())[:-1]]
        blocks = [FIRST, self.second, *years, self.third]
        if any(a.name == PRO_RATA for a in self.alternatives):
            self._scaled()
            blocks.append(self.fourth)
        long = len(self.line) > ONE_PAGE
        self.page.finish(freeze=1, repeat=self.second + 1 if long else None, blocks=blocks)

    def _compared(self) -> None:
        self.page.table(mine.COMPARED)
        self._plan_line()
        for i, alternative in enumerate(self.alternatives, start=FIRST + 1):
            self._compared_line(i, alternative)
        for i, note in enumerate(self.notes, start=FIRST + 1 + len(self.alternatives)):
            self.page.text(i, 0, note, self.styles.note)

    def _plan_line(self) -> None:
        page, at, last = self.page, _places(mine.COMPARED), FIRST + len(self.result.rows) - 1
        status, strength = (
            f"Rules!{span(FIRST, last, RULES.index(name), fixed=True)}" for name in ("Status", "Strength")
        )
        bold = {"bold": True}
        missed = [f for f in self.result.rows if bounds(f, self.result).status is RowStatus.MISSED]
        goals = sum(1 for f in missed if f.row.strength.kind == "goal")
        page.text(FIRST, 0, "Plan", self.styles.text(**bold))
        broken = "+".join(f'COUNTIFS({status},"Missed",{strength},"{kind}")' for kind in ("must", "law"))
        page.formula(FIRST, at["Rules broken, by year"], broken, len(missed) - goals, self._count(**bold))
        formula = f'COUNTIFS({status},"Missed",{strength},"goal*")'
        page.formula(FIRST, at["Goals missed, by year"], formula, goals, self._count(**bold))
        objective = self.workings.objective("From In force")
        page.formula(FIRST, at["Objective"], objective, self.workings.value, self._objective(**bold))
        page.text(FIRST, at["Less the plan"], "", self.styles.text())
        page.text(FIRST, at["As a part"], "", self.styles.text())
        money = sum(self.plan.values(), ZERO)
        page.formula(FIRST, at["Money"], self._sum_of("Plan"), money, self.styles.amount(**bold))

    def _compared_line(self, row: int, alternative: Alternative) -> None:
        page, at = self.page, _places(mine.COMPARED)
        valued, name = alternative.valuation, ref(row, 0)
        page.text(row, 0, alternative.name, self.styles.text())
        names, strengths = (self._fault_cells(heading) for heading in ("By", "Strength"))
        missed = len(mine.goals_missed(alternative))
        broken = "+".join(f'COUNTIFS({names},{name},{strengths},"{kind}")' for kind in ("must", "law"))
        page.formula(row, at["Rules broken, by year"], broken, len(valued.broken), self._count())
        page.formula(
            row, at["Goals missed, by year"], f'COUNTIFS({names},{name},{strengths},"goal*")', missed, self._count()
        )
        total, value = self._objective_sum(alternative), valued.objective
        page.formula(row, at["Objective"], total, value, self._objective())
        here, plan = ref(row, at["Objective"]), ref(FIRST, at["Objective"], fixed=True)
        less = round(value - self.workings.value, self.workings.difference_decimals[WORTH])
        formula = f"ROUND({here}-{plan},{self.layout.parameter(WORTH)})"
        page.formula(row, at["Less the plan"], formula, less, self._objective())
        part = less / abs(self.workings.value) if self.workings.value else ""
        formula = f'IF({plan}=0,"",{ref(row, at["Less the plan"])}/ABS({plan}))'
        page.formula(row, at["As a part"], formula, part, self.styles.percent(PART_DECIMALS))
        money = sum(self.money[alternative.name].values(), ZERO)
        page.formula(row, at["Money"], self._sum_of(alternative.name), money, self.styles.amount())

    def _count(self, **properties: object) -> Look:
        return self.styles.number(0, **properties)

    def _objective(self, **properties: object) -> Look:
        return self.styles.number(self.decimals, **properties)

    def _sum_of(self, heading: str) -> str | None:
        """Return the formula of the sum of a column over all years; None where not all lines are shown."""
        return "+".join(ref(row, self.at[heading]) for row in self.sums.values()) or None

    def _objective_sum(self, alternative: Alternative) -> str | None:
        sums = self._sum_of(f"{alternative.name}: objective")
        constant = f"Workings!{ref(self.workings.total_row - 1, WORKINGS_AT['From In force'])}"
        return f"{constant}+{sums}" if sums else None

    def _fault_cells(self, heading: str) -> str:
        first = self.third + 2
        return span(first, first + max(1, len(self.faults)) - 1, mine.BROKEN.index(heading), fixed=True)

    # -- amounts -----------------------------------------------------------------------------------------------

    def _side_by_side(self) -> None:
        page = self.page
        page.section(self.second, mine.SIDE_BY_SIDE.title)
        page.head([(column.name, column) for column in self.columns], self.second + 1)
        for pair, row in self.line.items():
            self._line(row, pair)
        for year, row in self.sums.items():
            self._year_line(row, year)
        self._bars()

    def _most(self) -> list[str]:
        """Return the areas in which each alternative differs most from the plan, over all years."""
        texts = []
        for name, money in self.money.items():
            sums = {area.name: ZERO for area in self.scenario.leaves}
            for (area, year), amount in money.items():
                sums[area] += amount - self.plan[area, year]
            if said := differing_most(list(sums.items())):
                texts.append(f"{name} differs most from the plan in {said}.")
        return texts

    def _line(self, row: int, pair: Pair) -> None:
        (area, year), page = pair, self.page
        page.text(row, 0, area, self.styles.text())
        page.number(row, 1, year, self.styles.of(Role.YEAR))
        keys = self.layout.keys([area], [year], self.scenario.source)
        page.formula(row, self.at["Plan"], self.layout.total(keys), self.plan[pair], self.styles.amount(bold=True))
        places = [self.workings.row[area, year, n] for n in range(self._pieces(pair))]
        added = f"SUM(Workings!{span(places[0], places[-1], WORKINGS_AT['From In force'])})"
        page.formula(row, self.at["Plan: objective"], added, self._worth(pair, self.plan[pair]), self._objective())
        for alternative in self.alternatives:
            name, amount = alternative.name, self.money[alternative.name][pair]
            formula = self._proposed(pair) if name == PROPOSED else self._pro_rata(pair)
            page.figure(row, self.at[name], formula, amount, self.styles.amount())
            self._difference(row, name, amount - self.plan[pair])
            worth = self._worth(pair, amount)
            page.formula(
                row, self.at[f"{name}: objective"], self._worth_formula(row, name, pair), worth, self._objective()
            )

    def _difference(self, row: int, name: str, value: Fraction, **properties: object) -> None:
        places = self.layout.parameter(MONEY)
        formula = f"ROUND({ref(row, self.at[name])}-{ref(row, self.at['Plan'])},{places})"
        rounded = round(value, self.workings.difference_decimals[MONEY])
        self.page.formula(row, self.at[f"{name} less Plan"], formula, rounded, self.styles.amount(**properties))

    def _year_line(self, row: int, year: int) -> None:
        look = {"bold": True, "top": 1}
        first = min(at for (_, t), at in self.line.items() if t == year)
        self.page.text(row, 0, "Total", self.styles.text(**look))
        self.page.number(row, 1, year, self.styles.of(Role.YEAR, **look))
        money = {"Plan": self.plan, **self.money}
        for name, amounts in money.items():
            here = {pair: amount for pair, amount in amounts.items() if pair[1] == year}
            total, worth = sum(here.values(), ZERO), sum((self._worth(p, x) for p, x in here.items()), ZERO)
            for heading, value, shown in (
                (name, total, self.styles.amount(**look)), (f"{name}: objective", worth, self._objective(**look)),
            ):  # fmt: skip
                self.page.formula(row, self.at[heading], f"SUM({span(first, row - 1, self.at[heading])})", value, shown)
            if name != "Plan":
                less = total - sum((x for (_, t), x in self.plan.items() if t == year), ZERO)
                self._difference(row, name, less, **look)

    def _bars(self) -> None:
        """Show differences as signed bars, those of one year and alternative on one scale."""
        for alternative in self.alternatives:
            column = self.at[f"{alternative.name} less Plan"]
            for year in {year for _, year in self.line}:
                rows = [row for (_, t), row in self.line.items() if t == year]
                self.page.sheet.conditional_format(min(rows), column, max(rows), column, BAR)

    # -- formulas of amounts -----------------------------------------------------------------------------------

    def _proposed(self, pair: Pair) -> str | None:
        """Return the formula of the draft's amount: its cell; in years without a draft the plan as optimised."""
        area, year = pair
        if year in self.scenario.area[area].proposed:
            return self.book.trace.proposed(area, year)
        if any(year in each.proposed for each in self.scenario.areas):
            return None
        return self.layout.total(self.layout.keys([area], [year], self.scenario.source), "Amount")

    def _pro_rata(self, pair: Pair) -> str | None:
        """Return the formula of last year's money scaled; None where a cell of it is missing."""
        terms = []
        for source, sums in self.scaled.items():
            if pair[0] in sums and sums[pair[0]]:
                money = self._scaled_money(source, pair)
                if money is None:
                    return None
                terms.append(f"{money}/{self._scaled_cell(source)}")
        text = "+".join(terms)
        return text if 0 < len(text) <= LONGEST_FORMULA else None

    def _scaled_money(self, source: str | None, pair: Pair) -> str | None:
        area, year = self.scenario.area[pair[0]], pair[1]
        if source is None:
            return f"{self.layout.plan_last_year(area.name)}*{self.layout.budget(year)}"
        link = self._last_year(area, source)
        return f"{link}*{self.layout.fund(source, year, 'Available')}" if link else None

    def _last_year(self, area: Area, source: str) -> str | None:
        return self.book.trace.last_year(area, source, area.last_year_by_source.get(source))

    @cached_property
    def scaled(self) -> Mapping[str | None, Mapping[str, Fraction]]:
        """Source (None: budget money) → area → the money of last year that pro rata scales."""
        budget = {area.name: last_year_counted(self.scenario, area) for area in self.scenario.leaves}
        others = {s.name: other_last_year(self.scenario, s.name) for s in self.scenario.sources
                  if s.name not in self.scenario.budget_sources}  # fmt: skip
        return {None: budget, **{name: sums for name, sums in others.items() if sums}}

    def _scaled_cell(self, source: str | None) -> str:
        return ref(self.fourth + 2 + list(self.scaled).index(source), mine.SCALED.index("Last year"), fixed=True)

    def _scaled(self) -> None:
        self.page.section(self.fourth, mine.SCALED.title)
        self.page.table(mine.SCALED, self.fourth + 1)
        for row, (source, sums) in enumerate(self.scaled.items(), start=self.fourth + 2):
            names = [name for name, amount in sums.items() if amount]
            self.page.text(row, 0, source or "Budget money", self.styles.text())
            self.page.number(row, 1, len(names), self.styles.number(0))
            whole = sum(sums.values(), ZERO) if source else last_year_total(self.scenario)
            self.page.figure(row, 2, self._scaled_sum(source, names), whole, self.styles.amount())

    def _scaled_sum(self, source: str | None, names: list[str]) -> str | None:
        if source is None:
            return self.layout.money_before(names, self.scenario.years[0], self.scenario.budget_sources)
        links = [self._last_year(self.scenario.area[name], source) for name in names]
        return "+".join(filter(None, links)) if all(links) else None

    # -- the objective -----------------------------------------------------------------------------------------

    def _pieces(self, pair: Pair) -> int:
        return self._piece_counts[pair]

    @cached_property
    def _piece_counts(self) -> Mapping[Pair, int]:
        counts: dict[Pair, int] = {}
        for area, year, _piece in self.workings.row:
            counts[area, year] = counts.get((area, year), 0) + 1
        return counts

    def _worth(self, pair: Pair, amount: Fraction) -> Fraction:
        """Return what an area's amount adds to the objective."""
        lines = (self.workings.lines[self.workings.row[*pair, n] - FIRST] for n in range(self._pieces(pair)))
        return sum((line.piece.slope * line.part(amount) for line in lines), ZERO)

    def _worth_formula(self, row: int, name: str, pair: Pair) -> str | None:
        money, count = ref(row, self.at[name]), self._pieces(pair)
        terms = []
        for n in range(count):
            slope, start, end = (self.workings.piece_cell(*pair, n, c) for c in ("Per unit", "From", "To"))
            upper = money if n == count - 1 else f"MIN({money},{end})"
            terms.append(f"{slope}*{money}" if count == 1 else f"{slope}*MAX(0,{upper}-{start})")
        text = "+".join(terms)
        return text if len(text) <= LONGEST_FORMULA else None

    # -- what they break ---------------------------------------------------------------------------------------

    def _broken(self) -> None:
        self.page.section(self.third, mine.BROKEN.title)
        self.page.table(mine.BROKEN, self.third + 1)
        for row, (alternative, broken) in enumerate(self.faults, start=self.third + 2):
            self._broken_line(row, alternative, broken)
        if not self.faults:
            self.page.text(self.third + 2, 0, "Nothing: every rule is kept, and every goal met.", self.styles.text())

    def _broken_line(self, row: int, alternative: Alternative, broken: Broken) -> None:
        page, demand, at = self.page, broken.row, _places(mine.BROKEN)
        page.text(row, 0, demand.name, self.styles.of(Role.LONG))
        page.number(row, at["Year"], demand.year, self.styles.of(Role.YEAR))
        page.text(row, at["By"], alternative.name, self.styles.text())
        page.text(row, at["Demanded"], as_written(demand), self.styles.of(Role.LONG))
        figures = _figures(alternative, broken)
        page.number(row, at["Reached"], figures.reached, reached_look(page.styles, figures))
        page.number(row, at["Short by"], broken.by, self._short_look(broken))
        page.text(row, at["Unit"], demand.unit, self.styles.text())
        page.text(row, at["Strength"], str(demand.strength), self.styles.text())
        page.text(row, at["Legal basis"], demand.origin.legal_basis, self.styles.of(Role.LONG))
        link_cell(page, row, at["Cell"], demand.cell)

    def _short_look(self, broken: Broken) -> Look:
        if not broken.row.kind.money:
            return self.styles.number(max(0, 3 - magnitude(float(broken.by))))
        return self.styles.number(distinguishing_decimals(broken.by, ZERO, self.styles.decimals))


def _figures(alternative: Alternative, broken: Broken) -> RowFigures:
    row, amounts = broken.row, alternative.amounts
    return RowFigures(
        row=row,
        final_value=row.left.value(amounts),
        rhs=row.right.value(amounts),
        slack=-broken.by,
        status=RowStatus.MISSED,
        reached=row.reached(amounts),
    )


def _places(table: Table[Any]) -> Mapping[str, int]:
    return {column.name: i for i, column in enumerate(table.columns)}
