"""The sheet Repairs: what would make a plan possible, the rows to paste into What-if, and what each area would get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from allocator.analyses.no_plan import Repair
from allocator.analyses.result import Result
from allocator.programme.rows import ZERO, yearly_sums
from allocator.reports import tables_no_plan as tables
from allocator.reports.columns import Column, Role, Table
from allocator.reports.layout import FIRST, ref, span
from allocator.reports.no_plan_words import against_first, repair_short
from allocator.reports.page import Book, Page
from allocator.reports.sheets_rules import link_cell
from allocator.reports.styles import Look, Styles
from allocator.reports.words import decimals_of, magnitude, objective_unit
from allocator.scenario.edits import RuleEdit
from allocator.wording.edits import repair_name
from allocator.wording.repairs import KINDS_IN_FULL, no_repair

AT = {column.name: i for i, column in enumerate(tables.REPAIRS.columns)}
MOST_DECIMALS = 9
MOST_AMOUNTS = 5_000
"""More lines of amounts no reader wants."""


def write_repairs(book: Book) -> None:
    """Write the menu, the rows for What-if, and the plans side by side."""
    result = book.result
    page = Page(book, "Repairs", f"Repairs — {result.scenario.title}", message(book))
    unit = objective_unit(result.scenario)
    page.unit(
        f"Each repair alone makes a plan possible. Money: {result.scenario.unit}. Objective"
        f"{f' ({unit})' if unit else ''}: {result.scenario.objective}. From is read from the sheets Inputs …"
    )
    page.table(tables.REPAIRS)
    row = FIRST
    for number, repair in enumerate(result.repairs, start=1):
        row = _write_repair(page, repair, number, row)
    if result.repairs:
        row = _write_paste(page, row + 1)
        _write_amounts(page, row + 1)
    else:
        page.text(row, 0, no_repair(result), page.styles.format())
    page.finish(freeze=1, repeat=None)


def message(book: Book) -> str:
    """Return the sheet's message: the smallest repair, and how many there are."""
    repairs = book.result.repairs
    if not repairs:
        return no_repair(book.result)
    count = f"{len(repairs)} repairs; the smallest: " if len(repairs) > 1 else "One repair: "
    return f"{count}{repair_short(repairs[0])}."


# -- the menu --------------------------------------------------------------------------------------------------------


def _write_repair(page: Page, repair: Repair, number: int, first: int) -> int:
    """Write a line for each change; what is said of the whole repair stands on the first; return the row below."""
    styles = page.styles
    for row, edit in enumerate(repair.edits, start=first):
        begins = row == first
        page.text(row, AT["Repair"], repair_name(number).capitalize() if begins else "", styles.text(bold=True))
        page.text(row, AT["What it is"], KINDS_IN_FULL[repair.kind] if begins else "", styles.of(Role.LONG))
        _write_edit(page, row, edit)
        _write_effect(page, row, repair if begins else None)
    return first + len(repair.edits)


def _write_edit(page: Page, row: int, edit: RuleEdit) -> None:
    page.text(row, AT["Rule"], edit.rule, page.styles.of(Role.LONG))
    page.number(row, AT["Year"], edit.year, page.styles.of(Role.YEAR))
    link_cell(page, row, AT["Cell"], edit.cell)
    page.text(row, AT["Unit"], edit.unit, page.styles.text())
    if edit.of_keyword:
        for name, text in (("From", edit.before), ("To", edit.after), ("Change", edit.column)):
            page.text(row, AT[name], str(text), page.styles.text())
        return
    before, after = edit.numbers
    page.figure(row, AT["From"], page.book.trace.link(edit.cell, before), before, value_look(page, edit, before))
    page.number(row, AT["To"], after, value_look(page, edit, after, bold=True))
    formula = f"{ref(row, AT['To'])}-{ref(row, AT['From'])}"
    page.formula(row, AT["Change"], formula, edit.moves_by, value_look(page, edit, edit.moves_by))


def value_look(page: Page, edit: RuleEdit, value: Fraction, **properties: object) -> Look:
    """Return the look of a number as the changed cell has it: a percentage, or the decimals that it needs."""
    if edit.percent:
        return page.styles.percent(decimals_of(value * 100, MOST_DECIMALS), **properties)
    return page.styles.number(decimals_of(value, MOST_DECIMALS), **properties)


def objective_look(styles: Styles, result: Result) -> Look:
    """Return the look of objectives: seven digits of the largest, no more than six decimals."""
    largest = max((abs(float(r.objective)) for r in result.repairs if r.objective is not None), default=1.0)
    return styles.number(min(6, max(0, 6 - magnitude(largest))))


def _write_effect(page: Page, row: int, repair: Repair | None) -> None:
    """Write size and objective; blank on the further lines of a repair."""
    styles, result = page.styles, page.book.result
    names = ("Size", "Objective", "Against repair 1")
    if repair is None:
        for name in names:
            page.text(row, AT[name], "", styles.text())
        return
    page.number(row, AT["Size"], repair.size, styles.percent(2))
    page.number(row, AT["Objective"], repair.objective, objective_look(styles, result))
    difference = against_first(result, repair)
    own, first = (ref(at, AT["Objective"]) for at in (row, FIRST))
    page.figure(row, AT["Against repair 1"], f"{own}-{first}", difference, objective_look(styles, result))


# -- rows for What-if ------------------------------------------------------------------------------------------------


def _write_paste(page: Page, row: int) -> int:
    """Write each change as a row of the sheet What-if; return the row below."""
    note = "Copy the rows below the headings into the scenario's sheet What-if (as values)."
    page.section(row, tables.PASTE.title)
    page.text(row, 3, note, page.styles.note)
    _headings(page, row + 1, [(column.name, column) for column in tables.PASTE.columns])
    row += 2
    for number, repair in enumerate(page.book.result.repairs, start=1):
        for edit in repair.edits:
            texts = (repair_name(number).capitalize(), edit.sheet, edit.row, edit.column, "set")
            for column, text in enumerate(texts):
                page.text(row, column, text, page.styles.of(Role.LONG) if column == 2 else page.styles.text())
            if edit.of_keyword:
                page.text(row, len(texts), str(edit.after), page.styles.text())
            else:
                _, after = edit.numbers
                page.number(row, len(texts), after, value_look(page, edit, after))
            row += 1
    return row


def _headings(page: Page, row: int, columns: list[tuple[str, Column]]) -> None:
    for i, (name, column) in enumerate(columns):
        page.text(row, i, name, page.styles.heading(column.role, first=not i))


# -- the plans side by side ------------------------------------------------------------------------------------------


def _write_amounts(page: Page, row: int) -> None:
    """Write what each area gets in each year with each repair, and the sums."""
    repairs, scenario = page.book.result.repairs, page.book.result.scenario
    tables_of = [yearly_sums(dict(repair.amounts)) for repair in repairs]
    lines = [(area, year) for area in scenario.leaves for year in scenario.years]
    page.section(row, tables.AMOUNTS.title)
    page.text(row, 3, f"{scenario.unit}, from all sources, at the best plan of each repair.", page.styles.note)
    _headings(page, row + 1, _amount_columns(tables.AMOUNTS, len(repairs)))
    first = row + 2
    for at, (area, year) in enumerate(lines[:MOST_AMOUNTS], start=first):
        page.text(at, 0, area.name, page.styles.of(Role.LONG))
        page.number(at, 1, year, page.styles.of(Role.YEAR))
        page.number(at, 2, area.last_year, page.styles.amount())
        for column, amounts in enumerate(tables_of, start=3):
            page.number(at, column, amounts.get((area.name, year), ZERO), page.styles.amount())
    if len(lines) > MOST_AMOUNTS:
        page.text(first + MOST_AMOUNTS, 0, f"and {len(lines) - MOST_AMOUNTS:,} more lines", page.styles.text())
        return
    _totals(page, first, first + len(lines) - 1, tables_of)


def _totals(page: Page, first: int, last: int, amounts: Sequence[Mapping[tuple[str, int], Fraction]]) -> None:
    years = span(first, last, 1, fixed=True)
    for at, year in enumerate(page.book.result.scenario.years, start=last + 1):
        page.text(at, 0, "Total", page.styles.text(bold=True))
        page.number(at, 1, year, page.styles.of(Role.YEAR, bold=True))
        page.text(at, 2, "", page.styles.text())
        for column, found in enumerate(amounts, start=3):
            total = sum((value for (_, t), value in found.items() if t == year), ZERO)
            formula = f"SUMIFS({span(first, last, column)},{years},{ref(at, 1)})"
            page.formula(at, column, formula, total, page.styles.amount(bold=True))


def _amount_columns(table: Table, count: int) -> list[tuple[str, Column]]:
    fixed = [(column.name, column) for column in table.columns if not column.family]
    family = next(column for column in table.columns if column.family)
    return [*fixed, *((f"Repair {number}", family) for number in range(1, count + 1))]
