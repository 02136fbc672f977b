"""The tables of the sheet Warnings: how near the scenario is to having no plan."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from allocator.analyses.existence import BudgetWarning, TightRow
from allocator.analyses.repairs import GoalExplained
from allocator.errors import Problem
from allocator.programme.rows import Row
from allocator.scenario.model import RuleEdit
from allocator.tables.columns import Column, Place, Record, Role, Table, plain
from allocator.wording.numbers import as_written
from allocator.wording.warnings import MOST_ROWS, clashing, reason, takes

SHEET = "Warnings"


def rows_named(rows: tuple[Row, ...]) -> list[Record]:
    """Return rows as programs get them where they are named in another table."""
    return [{"rule": row.name, "year": row.year, "cell": str(row.cell)} for row in rows]


def change_record(edit: RuleEdit) -> Record:
    """Return a change of one cell; its numbers are those that the cell holds, a keyword's are texts."""
    before, after = (str(edit.before), str(edit.after)) if edit.of_keyword else map(plain, edit.numbers)
    facts = {"rule": edit.rule, "year": edit.year, "from": before, "to": after}
    return {**facts, "unit": edit.unit, "cell": str(edit.cell)}


def _percent(place: Place, _row: object) -> Any:
    return place.book.styles.percent(2)


def _in_unit(place: Place, found: TightRow | GoalExplained) -> Any:
    """Return the look of a figure in its row's unit."""
    return place.book.styles.amount() if found.row.kind.money else place.book.styles.price()


def _budget_cell(place: Place, found: BudgetWarning) -> str | None:
    layout = place.book.layout
    known = (found.source, found.year) in layout.fund_row
    return str(layout.fund(found.source, found.year, "Available")) if known else None


BUDGETS = Table[BudgetWarning](
    SHEET,
    "Warnings",
    "How near it is to having no plan: how far each budget may fall, and which rules could hardly be tightened.",
    (
        Column(
            "Source", "The funding source; only what can't fall to nothing, the nearest first.", Role.LONG, 34,
            key="source", value=lambda w: w.source,
        ),
        Column("Year", "The year.", Role.YEAR, 7, key="year", value=lambda w: w.year),
        Column(
            "Available", "The Budget cell.", Role.AMOUNT, 13,
            key="amount", value=lambda w: w.amount, formula=_budget_cell,
        ),
        Column(
            "Least", "With less than that, all else as it is, no plan exists.", Role.AMOUNT, 13,
            key="least", value=lambda w: w.least,
        ),
        Column(
            "May fall by", "Available less Least.", Role.AMOUNT, 13,
            value=lambda w: float(w.amount) - w.least, formula=lambda at, _: f"{at['Available']}-{at['Least']}",
            properties={"bold": True},
        ),
        Column(
            "As a part", "The same as a part of Available.", Role.SHARE, 10,
            value=lambda w: (float(w.amount) - w.least) / float(w.amount),
            formula=lambda at, _: f"{at['May fall by']}/{at['Available']}", look=_percent,
        ),
        Column(
            "What clashes first", "The rows that can't stand together just below Least.", Role.LONG, 46,
            value=lambda w: clashing(w.rows),
        ),
        Column("", role=Role.SHARE, key="part", value=lambda w: w.falls),
        Column("", role=Role.RECORDS, key="rules", value=lambda w: rows_named(w.rows)),
    ),
)  # fmt: skip

TIGHT = Table[TightRow](
    SHEET,
    "Rules and targets with little room",
    "What could ask for hardly more than it does, at most 5 %, before no plan exists; equalities are left out.",
    (
        Column("Rule", "The row's name, as on Rules.", Role.LONG, 34, key="rule", value=lambda t: t.row.name),
        Column(
            "Year", "The year; blank where years count together.", Role.YEAR, 7, key="year", value=lambda t: t.row.year
        ),
        Column(
            "Room", "How much more it could ask for, or take away, in its unit.", Role.NUMBER, 13,
            key="room", value=lambda t: t.room, look=_in_unit,
        ),
        Column("Unit", "Of Room.", width=13, key="unit", value=lambda t: t.row.unit),
        Column(
            "Room as a part", "Room as a part of what it asks for or allows.", Role.SHARE, 13,
            value=lambda t: Fraction(repr(t.part)), look=_percent,
        ),
        Column("", role=Role.SHARE, key="part", value=lambda t: t.part),
        Column("Cell", "The scenario's cell; the sheet Inputs shows it.", Role.LINK, 10, value=lambda t: t.row.cell),
        Column("", key="cell", value=lambda t: str(t.row.cell)),
        Column(
            "As written", "The demand in the rule's own unit, with its legal basis.", Role.LONG, 46,
            value=lambda t: "; ".join(filter(None, (as_written(t.row), t.row.origin.legal_basis))),
        ),
    ),
)  # fmt: skip

GOALS = Table[GoalExplained](
    SHEET,
    "Goals that are missed",
    "By how much, what change of one cell would let each be met, and what stands in its way.",
    (
        Column("Goal", "The row's name, as on Rules.", Role.LONG, 34, key="rule", value=lambda g: g.row.name),
        Column(
            "Year", "The year; blank where years count together.", Role.YEAR, 7, key="year", value=lambda g: g.row.year
        ),
        Column(
            "Missed by", "In its unit.", Role.NUMBER, 13,
            key="missed_by", value=lambda g: g.missed_by, look=_in_unit,
        ),
        Column("Unit", "Of Missed by.", width=13, value=lambda g: g.row.unit),
        Column("Priority", "Of the goal: 1 comes first.", width=13, value=lambda g: str(g.row.strength)),
        Column("Cell", "The scenario's cell; the sheet Inputs shows it.", Role.LINK, 10, value=lambda g: g.row.cell),
        Column(
            "What it would take", "More money, or another change of one cell; what is in the way.", Role.LONG, 46,
            value=lambda g: f"{reason(g, MOST_ROWS)}{takes(g)}",
        ),
        Column("", role=Role.FLAG, key="possible", value=lambda g: g.possible),
        Column(
            "", role=Role.RECORDS, key="changes",
            value=lambda g: [change_record(edit) for edit in (g.money, g.change) if edit is not None],
        ),
        Column("", role=Role.RECORDS, key="in_the_way", value=lambda g: rows_named(g.in_the_way)),
    ),
)  # fmt: skip

DOUBTS = Table[Problem](
    SHEET,
    "Doubts about the inputs",
    "What may be right but rarely is, as allocate check lists it; yes under Checked in its row answers it.",
    (
        Column(
            "Cell", "The scenario's cell or range; the sheet Inputs shows it.", Role.LONG, 34,
            value=lambda doubt: f"{doubt.cell} {doubt.heading}".strip(),
        ),
        Column("", key="cell", value=lambda doubt: doubt.cell),
        Column(
            "Doubt", "What is doubtful, and what to type.", width=7, key="text", value=lambda doubt: doubt.message
        ),
    ),
)  # fmt: skip

TABLES: tuple[Table[Any], ...] = (BUDGETS, TIGHT, GOALS, DOUBTS)
