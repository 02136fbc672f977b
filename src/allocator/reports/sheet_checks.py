"""The sheet Checks: every check with its formula, its tolerance in a cell, and one overall verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.figures import RowStatus
from allocator.analyses.result import RowFigures
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.differences import MONEY, WORTH
from allocator.reports.layout import FIRST, PARAMETER_COLUMN, PARAMETERS, Layout, quoted, ref, span
from allocator.reports.noise import LAST_BITS, steady_decimals
from allocator.reports.page import Book, Page
from allocator.reports.sentences import objective_decimals
from allocator.reports.sheet_workings import Workings
from allocator.reports.sheets_money import counted, total
from allocator.reports.sheets_rules import bounds
from allocator.reports.styles import BREACH, PLAN
from allocator.reports.words import magnitude

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
    column = tables.ALLOCATION.index("In force")
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
    status, strength = (f"Rules!{span(FIRST, last, tables.RULES.index(n), fixed=True)}" for n in ("Status", "Strength"))
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


def difference_decimals(best: float, value: Fraction) -> int:
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
        "Decimals of its difference": None if best is None else difference_decimals(best, workings.value),
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
    page.table(tables.CHECKS)
    limits = parameters(book, workings)
    results = [_write_check(page, FIRST + i, check, limits) for i, check in enumerate(found)]
    holds = span(FIRST, FIRST + len(found) - 1, tables.CHECKS.index("Holds"))
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
    at = {column.name: i for i, column in enumerate(tables.CHECKS.columns)}
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
    names, column = tables.PARAMETERS.columns, PARAMETER_COLUMN
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
    column = tables.CHECKS.index("Holds")
    areas: Iterable[tuple[int, int, int]] = ((FIRST, FIRST + max(count, 1) - 1, column), (VERDICT_ROW, VERDICT_ROW, 1))
    for value, colour in (("TRUE", PLAN), ("FALSE", BREACH)):
        form = page.book.workbook.add_format({"font_color": colour, "bold": True})
        for first, last, at in areas:
            rule = {"type": "cell", "criteria": "==", "value": value, "format": form}
            page.sheet.conditional_format(first, at, last, at, rule)
