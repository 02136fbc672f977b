"""The sheets Rules and Indicators of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from allocator.analyses.figures import RowStatus
from allocator.reports import comparison_tables as tables
from allocator.reports.columns import Role
from allocator.reports.comparison_page import ComparedPage, differing
from allocator.reports.comparison_words import as_optimised, some
from allocator.reports.layout import FIRST, difference, ref
from allocator.reports.page import Book
from allocator.reports.styles import BREACH, SOFT, WARNING, Look
from allocator.reports.words import SYMBOLS, as_written, exactly, magnitude

if TYPE_CHECKING:
    from fractions import Fraction

    from allocator.analyses.figures import GoalFigures, IndicatorFigures
    from allocator.analyses.result import RowFigures
    from allocator.reports.comparison_grid import Grid
    from allocator.reports.styles import Styles

type Named = tuple[str, int | None]
"""A row's name and year."""
_BINDING = RowStatus.BINDING.value
_MOST_DECIMALS = 3


# ---- rules --------------------------------------------------------------------------------------------------------


def rule_rows(grid: Grid) -> dict[Named, list[RowFigures | None]]:
    """Return every row of the programmes with what each plan makes of it; None where a scenario has no such row."""
    found: dict[Named, list[RowFigures | None]] = {}
    for number, case in enumerate(grid.planned):
        for figures in case.result.rows:
            if not figures.row.goal_bound:
                name = (figures.row.name, figures.row.year)
                found.setdefault(name, [None] * len(grid.planned))[number] = figures
    return found


def write_rules(book: Book, grid: Grid) -> None:
    """Write which rows bind in which plan, and what each is worth there."""
    rows = rule_rows(grid)
    page = ComparedPage(book, grid, "Rules", _binding_message(grid, rows), rows=len(rows))
    own = "" if all(map(as_optimised, grid.planned)) else "; all of the plans as optimised, not as decided"
    page.unit(f"Price: change of the objective per unit that the right-hand side grows, of the unrounded optimum{own}")
    names = [case.name for case in grid.planned]
    columns = page.headings(tables.RULES, {"scenario": names, "price": names})
    n = len(names)
    for row, ((name, year), each) in enumerate(rows.items(), FIRST):
        known = next(figures for figures in each if figures)
        page.text(row, 0, name, page.styles.text())
        page.number(row, 1, year, page.styles.of(Role.YEAR))
        page.text(row, 2, as_written(known.row), page.styles.of(Role.LONG))
        for number, figures in enumerate(each):
            _status(page, row, 3 + number, figures)
            _price(page, row, 4 + n + number, figures)
        count = sum(f is not None and f.status is RowStatus.BINDING for f in each)
        if n:
            formula = f'COUNTIF({ref(row, 3)}:{ref(row, 2 + n)},"{_BINDING}")'
            page.formula(row, 3 + n, formula, count, page.styles.number(0))
        page.text(row, 4 + 2 * n, known.row.origin.legal_basis, page.styles.of(Role.LONG))
        page.text(row, 5 + 2 * n, str(known.row.cell), page.styles.text())
    wide = columns > 16
    page.finish(freeze=2, pages=[3 + n + 1, 4 + 2 * n, columns] if wide else ())


def _status(page: ComparedPage, row: int, column: int, figures: RowFigures | None) -> None:
    if figures is None:
        page.text(row, column, "–", page.styles.text(font_color=SOFT))
        return
    looks: Mapping[RowStatus, dict[str, object]] = {
        RowStatus.BINDING: {"bold": True},
        RowStatus.NOT_BINDING: {"font_color": SOFT},
        RowStatus.MISSED: {"bold": True, "font_color": BREACH},
    }
    page.text(row, column, figures.status.value, page.styles.text(**looks[figures.status]))


def _price(page: ComparedPage, row: int, column: int, figures: RowFigures | None) -> None:
    """Write a price with about four digits."""
    price = None if figures is None else figures.shadow_price
    decimals = min(6, max(0, 3 - magnitude(price or 0.0)))
    page.number(row, column, price, page.styles.number(decimals))


def _binding_message(grid: Grid, rows: Mapping[Named, Sequence[RowFigures | None]]) -> str:
    """Return which rules bind in all plans and which in some only."""
    if not grid.planned:
        return "Without a plan no rule binds."
    binding = {name: [f is not None and f.status is RowStatus.BINDING for f in each] for name, each in rows.items()}
    everywhere = list(dict.fromkeys(name for (name, _), each in binding.items() if all(each)))
    partly = list(dict.fromkeys(name for (name, _), each in binding.items() if any(each) and not all(each)))
    budgets = {name for (name, _), each in rows.items() for f in each if f and f.row.kind.supply}
    rules = [name for name in everywhere if name not in budgets] or everywhere
    always = f"Whichever scenario comes, {some(rules)} {_bind(rules)}" if rules else "No rule binds everywhere"
    if not partly:
        return f"{always}; what binds in one binds in all."
    return f"{always}; in some scenarios only: {some(partly)}."


def _bind(names: Sequence[str]) -> str:
    return "binds" if len(names) == 1 else "bind"


# ---- indicators ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """An indicator in a year with what each plan reaches; None where its scenario does not have it."""

    name: str
    year: int
    each: tuple[IndicatorFigures | None, ...]

    @cached_property
    def unit(self) -> str:
        """Its unit."""
        return next(figures.unit for figures in self.each if figures)

    @property
    def target(self) -> str:
        """What is asked for, as the first that has it states it; where scenarios differ, all of them."""
        texts = dict.fromkeys(target_text(figures) for figures in self.each if figures)
        return " / ".join(filter(None, texts))


def target_text(figures: IndicatorFigures) -> str:
    """Return a target as ``≥ 25``; empty for an indicator that is only reported."""
    if figures.operator is None or figures.target is None:
        return ""
    return f"{SYMBOLS[figures.operator]} {exactly(figures.target)}"


def reached(grid: Grid) -> list[Reached]:
    """Return all indicators, year by year, in the order of the first scenario that has them."""
    found: dict[tuple[str, int], list[IndicatorFigures | None]] = {}
    for number, case in enumerate(grid.planned):
        figures = case.valuation.indicators if case.valuation else case.result.indicators
        for one in figures:
            found.setdefault((one.indicator, one.year), [None] * len(grid.planned))[number] = one
    return [Reached(name, year, tuple(each)) for (name, year), each in found.items()]


def goals(grid: Grid) -> dict[Named, list[GoalFigures | None]]:
    """Return all goals with by how much each plan misses them."""
    found: dict[Named, list[GoalFigures | None]] = {}
    for number, case in enumerate(grid.planned):
        for goal in case.valuation.goals if case.valuation else case.result.goals:
            found.setdefault((goal.row.name, goal.row.year), [None] * len(grid.planned))[number] = goal
    return found


def goal_rows(grid: Grid) -> range:
    """Return the rows of the goals' table on the sheet Indicators."""
    start = FIRST + len(reached(grid)) + 3
    return range(start, start + len(goals(grid)))


def write_indicators(book: Book, grid: Grid) -> None:
    """Write what each plan reaches, and by how much it misses goals."""
    found = reached(grid)
    page = ComparedPage(book, grid, "Indicators", _indicator_message(grid, found))
    page.unit(f"Each plan under its own scenario; differences from {grid.first.name}; in red: its target is missed")
    names, others = [c.name for c in grid.planned], [c.name for c in grid.others]
    page.headings(tables.INDICATORS, {"scenario": names, "difference": others})
    for row, item in enumerate(found, FIRST):
        page.text(row, 0, item.name, page.styles.text())
        page.text(row, 1, item.unit, page.styles.text())
        page.number(row, 2, item.year, page.styles.of(Role.YEAR))
        page.text(row, 3, item.target, page.styles.of(Role.LONG))
        decimals = item_decimals(item)
        for number, figures in enumerate(item.each):
            page.number(
                row, 4 + number, figures.reached if figures else None, reached_look(page.styles, figures, decimals)
            )
        _indicator_differences(page, grid, row, item, decimals)
    _write_goals(page, grid, names)
    page.finish(freeze=3)


def reached_look(styles: Styles, figures: IndicatorFigures | None, decimals: int) -> Look:
    """Return the look of what is reached: red and bold where it misses its target."""
    missed = figures is not None and figures.met is False
    return styles.number(decimals, **({"font_color": BREACH, "bold": True} if missed else {}))


def item_decimals(item: Reached) -> int:
    """Return the decimals at which what the plans reach can be told apart, three at most; two where it is the same."""
    values = [float(figures.reached) for figures in item.each if figures]
    least = min(2, max(0, 3 - magnitude(max(map(abs, values), default=0.0))))
    differences = [abs(value - values[0]) for value in values if value != values[0]]
    return min(_MOST_DECIMALS, max(least, -magnitude(min(differences)))) if differences else least


def _indicator_differences(page: ComparedPage, grid: Grid, row: int, item: Reached, decimals: int) -> None:
    if not grid.based:
        return
    look, n = differing(page.styles, decimals), len(grid.planned)
    for number in range(1, n):
        one, other = item.each[0], item.each[number]
        if one is None or other is None:
            page.text(row, 3 + n + number, "", look)
            continue
        formula = f"{ref(row, 4 + number)}-{ref(row, 4)}"
        page.formula(row, 3 + n + number, formula, difference(other.reached, one.reached), look)


def _write_goals(page: ComparedPage, grid: Grid, names: Sequence[str]) -> None:
    found, rows = goals(grid), goal_rows(grid)
    if not found:
        return
    page.section(rows.start - 2, tables.GOALS.title)
    page.headings(tables.GOALS, {"scenario": names}, rows.start - 1)
    for row, ((name, year), each) in zip(rows, found.items(), strict=True):
        known = next(goal for goal in each if goal)
        page.text(row, 0, name, page.styles.text())
        page.text(row, 1, known.row.unit, page.styles.text())
        page.number(row, 2, year, page.styles.of(Role.YEAR))
        page.text(row, 3, f"goal {known.priority}", page.styles.text())
        missed = [goal.missed_by for goal in each if goal]
        decimals = _missed_decimals(missed)
        for column, goal in enumerate(each, 4):
            colour = {"font_color": WARNING, "bold": True} if goal and goal.missed_by > 0 else {}
            page.number(row, column, goal.missed_by if goal else None, page.styles.number(decimals, **colour))


def _missed_decimals(missed: Sequence[Fraction]) -> int:
    least = min((float(value) for value in missed if value > 0), default=1.0)
    return min(6, max(0, 3 - magnitude(least)))


def _indicator_message(grid: Grid, found: Sequence[Reached]) -> str:
    """Return how many targets each plan misses."""
    if not grid.planned:
        return "Without a plan no target is met or missed."
    if not found:
        return "There are no indicators to compare."
    missed = {
        case.name: [item for item in found if (f := item.each[i]) is not None and f.met is False]
        for i, case in enumerate(grid.planned)
    }
    asked = sum(any(figures and figures.met is not None for figures in item.each) for item in found)
    if not any(missed.values()):
        return f"Every plan meets all {asked} targets." if asked else "No indicator has a target."
    texts = [f"{name} misses {len(items)}" for name, items in missed.items() if items]
    rest = "" if len(texts) == len(missed) else "; the other plans miss none"
    return f"Of {asked} target{'s' * (asked != 1)}, {some(texts, 5)}{rest}."
