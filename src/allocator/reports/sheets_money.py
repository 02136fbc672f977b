"""The sheets about money: Plan, Allocation, Funds, Assignments."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.figures import FundFigures
from allocator.analyses.result import Allotment
from allocator.reports import tables
from allocator.reports.columns import Column, Role
from allocator.reports.layout import FIRST, difference, ref
from allocator.reports.page import Book, Page
from allocator.reports.words import decimals_of, distinguishing_decimals, magnitude, number, percent, years_text
from allocator.scenario.model import Area
from allocator.wording.held_by import held_by_text

ZERO = Fraction(0)
MOST_COLUMNS = 18
"""Wider plans print each family of columns on pages of their own."""
DECIDED = {
    "validate": "decimal",
    "criteria": ">=",
    "value": 0,
    "error_title": "Decided",
    "error_message": "An amount of 0 or more; leave the cell blank to keep the amount as optimised.",
}


def shown(value: Fraction | float, decimals: int) -> str:
    """Return `value` without idle zeros, with at most `decimals`; more where it would be shown as 0.

    >>> shown(Fraction(160), 4), shown(Fraction(1, 8), 2), shown(Fraction(-123, 10**6), 1)
    ('160', '0.13', '−0.00012')
    """
    if value and abs(value) * 10**decimals < Fraction(1, 2):
        decimals = min(18, 1 - magnitude(float(value)))
    text = number(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(book: Book, value: Fraction) -> str:
    """Return an amount with the decimals of Step; with five digits where nothing is rounded."""
    step = book.result.step
    return shown(value, decimals_of(step) if step else max(0, 4 - magnitude(float(value))))


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "area"), counted(1200, "area")
    ('1 area', '1,200 areas')
    """
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def last_year_by_source(book: Book, area: str, source: str) -> Fraction | None:
    """Return what an area had from a source before the first year; None where that is not given."""
    scenario = book.result.scenario
    figures = scenario.area[area]
    if source in figures.last_year_by_source:
        return figures.last_year_by_source[source]
    return figures.last_year if scenario.budget_sources == (source,) else None


def total(book: Book, year: int, sources: tuple[str, ...] | None = None) -> Fraction:
    """Return what the plan allots in a year."""
    return sum((book.result.amount(area.name, year, sources) for area in book.layout.tops), ZERO)


def write_allocation(book: Book) -> None:
    """Write the only sheet with typed amounts."""
    layout, scenario = book.layout, book.result.scenario
    page = Page(
        book,
        "Allocation",
        f"Allocation — {scenario.title}",
        f"{counted(len(layout.lines), 'amount')}, as optimised; a figure typed under Decided replaces one, and the "
        "whole workbook follows.",
        rows=len(layout.lines),
    )
    page.unit(f"{scenario.unit}. Yellow cells are to be filled in. Last year: the year before that of the line.")
    page.table(tables.ALLOCATION)
    for i, line in enumerate(layout.lines):
        _allocation_line(page, FIRST + i, line)
    if layout.lines:
        column = tables.ALLOCATION.index("Decided")
        page.sheet.data_validation(FIRST, column, FIRST + len(layout.lines) - 1, column, DECIDED)
    page.finish(freeze=3)


def _allocation_line(page: Page, row: int, line: Allotment) -> None:
    table, styles = tables.ALLOCATION, page.styles
    at = {column.name: i for i, column in enumerate(table.columns)}
    page.text(row, at["Area"], line.area, styles.text())
    page.number(row, at["Year"], line.year, styles.of(Role.YEAR))
    page.text(row, at["Source"], line.source, styles.text())
    page.number(row, at["Amount"], line.amount, styles.amount())
    for name in ("Decided", "Reason", "By"):
        page.entry(row, at[name], table.column(name).role)
    amount, decided, force = (ref(row, at[name]) for name in ("Amount", "Decided", "In force"))
    formula = f"IF(ISNUMBER({decided}),{decided},{amount})"
    page.formula(row, at["In force"], formula, line.amount, styles.amount(bold=True))
    _allocation_share(page, row, line, force)
    _allocation_change(page, row, line, force)
    page.text(row, at["Held by"], held_by_text(line.held_by), styles.of(Role.LONG))


def _allocation_share(page: Page, row: int, line: Allotment, force: str) -> None:
    scenario, column = page.book.result.scenario, tables.ALLOCATION.index("Share")
    budget = scenario.budget(line.year)
    if line.source not in scenario.budget_sources or not budget:
        page.text(row, column, "", page.styles.text())
        return
    formula = f"{force}/{page.book.layout.budget(line.year)}"
    page.formula(row, column, formula, line.amount / budget, page.styles.share())


def _allocation_change(page: Page, row: int, line: Allotment, force: str) -> None:
    book, styles = page.book, page.styles
    column, change = tables.ALLOCATION.index("Last year"), tables.ALLOCATION.index("Change")
    year_before = line.key._replace(year=line.year - 1)
    earlier = book.layout.line.get(year_before)
    if earlier is None:
        before = last_year_by_source(book, line.area, line.source)
        link = book.trace.last_year(book.result.scenario.area[line.area], line.source, before)
        page.figure(row, column, link, before, styles.amount())
    else:
        before = book.result.amounts[year_before]
        page.formula(row, column, ref(earlier, tables.ALLOCATION.index("In force")), before, styles.amount())
    if before is None:
        page.text(row, change, "", styles.text())
    else:
        page.formula(row, change, f"{force}-{ref(row, column)}", difference(line.amount, before), styles.amount())


def write_plan_sheet(book: Book) -> None:
    """Write areas down, years across."""
    layout, scenario = book.layout, book.result.scenario
    page = Page(book, "Plan", f"The plan — {scenario.title}", plan_message(book), rows=len(layout.tree))
    note = "Share and change are of budget money." if layout.mixed else "Share: of the year's budget."
    page.unit(f"{scenario.unit}. {note} Change: on the year before, the first year's on Last year.")
    columns = plan_columns(book)
    page.head(columns)
    for area, depth in layout.tree:
        _plan_line(page, area, depth)
    _plan_total(page)
    _plan_budget(page)
    starts = sorted({layout.plan_column(family, layout.years[0]) for family in ("budget", "share", "change")} - {2})
    page.finish(pages=[*starts, len(columns)] if len(columns) > MOST_COLUMNS else ())


def plan_message(book: Book) -> str:
    """Return the plan in one sentence."""
    scenario = book.result.scenario
    allotted = sum((total(book, year) for year in scenario.years), ZERO)
    available = sum((scenario.available(scenario.source, year) for year in scenario.years), ZERO)
    part = ""
    if available:
        decimals_needed = distinguishing_decimals(allotted / available * 100, Fraction(100), 1, 6)
        whole = allotted == available
        part = (
            ", all that is available"
            if whole
            else f", {percent(allotted / available, decimals_needed)} of what is available"
        )
    return (
        f"As optimised, {money_text(book, allotted)} {scenario.unit} go to {counted(len(book.layout.tops), 'area')} "
        f"in {years_text(scenario.years)}{part}."
    )


def plan_columns(book: Book) -> list[tuple[str, Column]]:
    """Return Plan's headings."""
    families = ["amount", "budget", "share", "change"] if book.layout.mixed else ["amount", "share", "change"]
    by_family = {column.family: column for column in tables.PLAN.columns if column.family}
    columns = [(column.name, column) for column in tables.PLAN.columns if not column.family]
    for family in families:
        column = by_family[family]
        columns += [(column.name.replace("YEAR", str(year)), column) for year in book.layout.years]
    return columns


def _plan_line(page: Page, area: Area, depth: int) -> None:
    book, layout = page.book, page.book.layout
    row, bold = layout.plan_row[area.name], {"bold": True} if depth == 0 else {}
    children = [layout.plan_row[other.name] for other in book.result.scenario.areas if other.part_of == area.name]
    page.text(row, 0, area.name, page.styles.text(indent=depth, **bold))
    _plan_last_year(page, row, area, children)
    scenario, result = book.result.scenario, book.result
    for year in layout.years:
        for family, sources in (("amount", tuple(scenario.source)), ("budget", scenario.budget_sources)):
            if family == "budget" and not layout.mixed:
                continue
            column = layout.plan_column(family, year)
            formula = (
                _children_sum(children, column) if children else layout.total(layout.keys([area.name], [year], sources))
            )
            page.formula(row, column, formula, result.amount(area.name, year, sources), page.styles.amount(**bold))
        _share_and_change(page, row, year, area.name, result.last_year(area.name))


def _plan_last_year(page: Page, row: int, area: Area, children: list[int]) -> None:
    before, trace = page.book.result.last_year(area.name), page.book.trace
    name = f"Last year of {area.name}"
    formula = _children_sum(children, 1) if children else trace.under(area.origin, "Last year", name, before)
    page.figure(row, 1, formula, before, page.styles.amount(font_color="#6B7280"))


def _children_sum(rows: list[int], column: int) -> str:
    return "+".join(ref(row, column) for row in rows)


def _share_and_change(page: Page, row: int, year: int, area: str | None, before: Fraction | None) -> None:
    """Write share and change of an area, or of the total."""
    book, layout, scenario = page.book, page.book.layout, page.book.result.scenario

    def of(t: int) -> Fraction:
        own = scenario.budget_sources
        return total(book, t, own) if area is None else book.result.amount(area, t, own)

    look = {"bold": True, "top": 1} if area is None else {}
    money, budget = ref(row, layout.plan_column("budget", year)), scenario.budget(year)
    share, change = layout.plan_column("share", year), layout.plan_column("change", year)
    if budget:
        base = ref(layout.total_row + 1, layout.plan_column("budget", year), fixed=True)
        page.formula(row, share, f"{money}/{base}", of(year) / budget, page.styles.share(**look))
    else:
        page.text(row, share, "", page.styles.text(**look))
    if year != layout.years[0]:
        before = of(year - 1)
        earlier = ref(row, layout.plan_column("budget", year - 1))
    else:
        earlier = ref(row, 1)
    if before is None:
        page.text(row, change, "", page.styles.text(**look))
    else:
        page.formula(row, change, f"{money}-{earlier}", difference(of(year), before), page.styles.amount(**look))


def _plan_total(page: Page) -> None:
    book, layout, scenario = page.book, page.book.layout, page.book.result.scenario
    row, look = layout.total_row, {"bold": True, "top": 1}
    tops = [layout.plan_row[area.name] for area in layout.tops]
    page.text(row, 0, "Total", page.styles.text(**look))
    before = [book.result.last_year(area.name) for area in layout.tops]
    known = None if any(amount is None for amount in before) else sum((a for a in before if a is not None), ZERO)
    if known is None:
        page.text(row, 1, "", page.styles.text(**look))
    else:
        page.formula(row, 1, total_formula(book, tops, 1), known, page.styles.amount(**look))
    for year in layout.years:
        for family, sources in (("amount", None), ("budget", scenario.budget_sources)):
            if family == "amount" or layout.mixed:
                column = layout.plan_column(family, year)
                value = total(book, year, sources)
                page.formula(row, column, total_formula(book, tops, column), value, page.styles.amount(**look))
        _share_and_change(page, row, year, None, known)


def total_formula(book: Book, tops: list[int], column: int) -> str:
    """Return the sum over the areas that are part of no other: one range where no area has parts."""
    if len(tops) == len(book.layout.tree):
        return f"SUM({ref(tops[0], column)}:{ref(tops[-1], column)})"
    chunks = [tops[i : i + 250] for i in range(0, len(tops), 250)]
    return "+".join(f"SUM({','.join(ref(row, column) for row in chunk)})" for chunk in chunks)


def _plan_budget(page: Page) -> None:
    """Write the budget below the totals: what shares are parts of."""
    layout, scenario = page.book.layout, page.book.result.scenario
    row = layout.total_row + 1
    page.text(row, 0, "Budget", page.styles.text(font_color="#6B7280"))
    before = [source.last_year for source in scenario.sources if source.name in scenario.budget_sources]
    if all(amount is not None for amount in before):
        known = sum((a for a in before if a is not None), ZERO)
        formula = layout.funds_of(scenario.budget_sources, layout.years[:1], "Last year")
        page.formula(row, 1, formula, known, page.styles.amount(font_color="#6B7280"))
    for year in layout.years:
        cells = [layout.fund(name, year, "Available") for name in scenario.budget_sources]
        column = layout.plan_column("budget", year)
        page.formula(row, column, "+".join(cells), scenario.budget(year), page.styles.amount(font_color="#6B7280"))


def write_funds(book: Book) -> None:
    """Write the accounts of each source."""
    layout, scenario = book.layout, book.result.scenario
    left = sum((fund.unspent for fund in layout.funds), ZERO)
    said = f"{money_text(book, left)} {scenario.unit} are left unspent" if left else "Every source is spent in full"
    page = Page(book, "Funds", f"Funds — {scenario.title}", f"As optimised: {said}.", rows=len(layout.funds))
    page.unit(f"{scenario.unit}. Opening + Available = Spent + Carried forward + Unspent.")
    page.table(tables.FUNDS)
    for i, fund in enumerate(layout.funds):
        _fund_line(page, FIRST + i, fund)
    page.finish(freeze=1)


def _fund_line(page: Page, row: int, fund: FundFigures) -> None:
    layout, scenario, styles = page.book.layout, page.book.result.scenario, page.styles
    at = {column.name: i for i, column in enumerate(tables.FUNDS.columns)}
    cell = {name: ref(row, column) for name, column in at.items()}
    source = scenario.source[fund.source]
    page.text(row, at["Source"], fund.source, styles.text())
    page.text(row, at["Kind"], source.kind.value, styles.text())
    page.number(row, at["Year"], fund.year, styles.of(Role.YEAR))
    earlier = layout.fund_row.get((fund.source, fund.year - 1))
    account = page.book.remainders.accounts[fund.source, fund.year]
    if earlier is None:
        page.number(row, at["Opening"], fund.opening, styles.amount())
    else:
        page.formula(row, at["Opening"], ref(earlier, at["Carried forward"]), account.opening, styles.amount())
    link = page.book.trace.under(source.origin, str(fund.year), f"Budget {fund.source} {fund.year}", fund.available)
    page.figure(row, at["Available"], link, fund.available, styles.amount())
    spent = layout.total(layout.keys((a.name for a in scenario.leaves), [fund.year], [fund.source]))
    spent = spent.replace("Funds!", "")
    page.formula(row, at["Spent"], spent, fund.spent, styles.amount())
    left = f"{cell['Opening']}+{cell['Available']}-{cell['Spent']}"
    carries = source.carry_over and fund.year != scenario.years[-1]
    if carries or fund.carried_forward:
        page.formula(
            row, at["Carried forward"], settled_formula(page.book, left), account.carried_forward, styles.amount()
        )
    else:
        page.number(row, at["Carried forward"], fund.carried_forward, styles.amount())
    unspent = settled_formula(page.book, f"{left}-{cell['Carried forward']}")
    page.formula(row, at["Unspent"], unspent, account.unspent, styles.amount())
    _fund_before(page, row, fund)


def _fund_before(page: Page, row: int, fund: FundFigures) -> None:
    """Write what the source made available in the year before: as the scenario says, or as the line above has it."""
    book, column, look = page.book, tables.FUNDS.index("Last year"), page.styles.amount(font_color="#6B7280")
    source, earlier = book.result.scenario.source[fund.source], book.layout.fund_row.get((fund.source, fund.year - 1))
    if earlier is None:
        link = book.trace.under(source.origin, "Last year", f"Last year of {source.name}", source.last_year)
        page.figure(row, column, link, source.last_year, look)
    else:
        available = ref(earlier, tables.FUNDS.index("Available"))
        page.formula(row, column, available, source.available[fund.year - 1], look)


def settled_formula(book: Book, formula: str) -> str:
    """Return a remainder without the noise of the arithmetic: what no Step could be, or the solver leaves behind."""
    if book.result.step:
        return f"ROUND({formula},{book.layout.parameter('Decimals of remainders')})"
    return f"IF(ABS({formula})<{book.layout.parameter('Least remainder')},0,{formula})"


def write_assignments(book: Book) -> None:
    """Write who does what until when."""
    layout, scenario = book.layout, book.result.scenario
    named = sum(1 for area, _ in layout.tree if area.assignment.lead_agency)
    page = Page(
        book,
        "Assignments",
        f"Assignments — {scenario.title}",
        f"{named} of {counted(len(layout.tree), 'area')} {'has' if named == 1 else 'have'} a lead agency.",
        rows=len(layout.tree),
    )
    page.unit(f"Amount: {years_text(scenario.years)}, {scenario.unit}, from all sources.")
    page.table(tables.ASSIGNMENTS)
    for i, (area, depth) in enumerate(layout.tree):
        row, given = FIRST + i, area.assignment
        page.text(row, 0, area.name, page.styles.of(Role.LONG, indent=depth, bold=not depth))
        cells = [layout.plan(area.name, "amount", year) for year in layout.years]
        formula = cells[0] if len(cells) == 1 else f"SUM({cells[0]}:{cells[-1].removeprefix('Plan!')})"
        amount = sum((book.result.amount(area.name, year) for year in layout.years), ZERO)
        page.formula(row, 1, formula, amount, page.styles.amount(bold=not depth))
        texts = (
            given.lead_agency,
            given.coordinating_agency,
            given.responsible,
            given.start,
            given.completion,
            given.output,
        )
        for column, text in enumerate(texts, start=2):
            page.text(row, column, text, page.styles.of(Role.LONG))
    page.finish(freeze=1)
