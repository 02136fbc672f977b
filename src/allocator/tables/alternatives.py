"""The tables of the sheet Alternatives: what the plan is better than."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allocator.analyses.figures import Alternative, Broken
from allocator.analyses.result import Result
from allocator.programme.rows import ZERO
from allocator.tables.columns import Column, Record, Role, Table, fact, plain
from allocator.wording.alternatives import assumption_texts

COMPARED: Table[Any] = Table(
    "Alternatives",
    "Alternatives",
    "The plan beside the proposed draft and last year scaled to the budget: what each brings, and what it breaks.",
    (
        Column("Plan", "The plan in force; Proposed: the draft; Pro rata: last year scaled to the budget.", width=30),
        Column(
            "Rules broken, by year",
            "Rows of Rules that have to be kept and are not, each year by itself.",
            Role.NUMBER,
            9,
        ),
        Column(
            "Goals missed, by year",
            "Rows of Rules that are goals and are missed, each year by itself.",
            Role.NUMBER,
            13,
        ),
        Column("Objective", "What its amounts come to, by the scenario's own assumptions.", Role.NUMBER, 14),
        Column("Less the plan", "Its objective less that of the plan in force.", Role.NUMBER, 14),
        Column("As a part", "The same as a part of the plan's objective.", Role.SHARE, 13),
        Column("Money", "All that it allots, from all sources.", Role.AMOUNT, 13),
    ),
)

SIDE_BY_SIDE: Table[Any] = Table(
    "Alternatives",
    "Amounts side by side",
    "Each area and year, from all sources; within a year those that differ most come first.",
    (
        Column("Area", "The area, one without parts.", width=30),
        Column("Year", "The year.", Role.YEAR, 9),
        Column("Plan", "The amount in force.", Role.AMOUNT, 13),
        Column("Proposed", "The draft's amount.", Role.AMOUNT, 14),
        Column("Proposed less Plan", "The difference.", Role.AMOUNT, 14),
        Column("Pro rata", "Last year times this year's budget ÷ all areas' Last year.", Role.AMOUNT, 13),
        Column("Pro rata less Plan", "The difference.", Role.AMOUNT, 13),
        Column("Plan: objective", "What the area's amount in force adds to the objective.", Role.NUMBER, 13),
        Column("Proposed: objective", "What the draft's amount adds to it.", Role.NUMBER, 13),
        Column("Pro rata: objective", "What the pro-rata amount adds to it.", Role.NUMBER, 14),
    ),
)

BROKEN: Table[Any] = Table(
    "Alternatives",
    "What they break and miss",
    "Each row of Rules that an alternative does not keep, the worst first as a part of its size; then goals it misses.",
    (
        Column("Rule", "The row's name, as on Rules.", Role.LONG, 30),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 9),
        Column("By", "Proposed or Pro rata.", width=13),
        Column("Demanded", "The demand in the rule's own unit.", Role.LONG, 19),
        Column("Reached", "The left side in the rule's own unit.", Role.NUMBER, 14),
        Column("Short by", "How far it is from being kept, a strict rule's margin included.", Role.NUMBER, 13),
        Column("Unit", "Of Short by.", width=13),
        Column("Strength", "must, law, or goal and its priority.", width=13),
        Column("Legal basis", "The law or decision behind it.", Role.LONG, 20),
        Column("Cell", "The scenario's cell that holds the demand; the sheet Inputs shows it.", width=14),
    ),
)

SCALED: Table[Any] = Table(
    "Alternatives",
    "Last year's money that Pro rata scales",
    "The sums that its amounts are computed with.",
    (
        Column("Money", "Budget money, or another source.", width=30),
        Column("Areas", "How many areas had some of it and may have some now.", Role.NUMBER, 9),
        Column("Last year", "Their Last year together.", Role.AMOUNT, 13),
    ),
)


def _broken(broken: Iterable[Broken]) -> list[Record]:
    return [
        {
            "rule": b.row.name,
            "year": b.row.year,
            "by": plain(b.by),
            "unit": b.row.unit,
            "cell": str(b.row.cell),
            "legal_basis": b.row.origin.legal_basis,
            "strength": str(b.row.strength),
        }
        for b in broken
    ]


def goals_missed(alternative: Alternative) -> list[Broken]:
    """Return the goals that an alternative misses."""
    return [Broken(goal.row, goal.missed_by) for goal in alternative.valuation.goals if goal.missed_by > 0]


type Compared = tuple[Result, Alternative]


def _amounts(pair: Compared) -> list[Record]:
    scenario = pair[0].scenario
    return [
        {"area": area.name, "year": year, "amount": plain(pair[1].amount(scenario, area.name, year))}
        for area in scenario.leaves
        for year in scenario.years
    ]


FOR_PROGRAMS = Table[Compared](
    "Alternatives",
    "alternatives",
    "What the plan is compared with; nothing where the scenario gives no draft and no Last year, or has no plan.",
    (
        fact("name", value=lambda pair: pair[1].name),
        fact("objective", Role.NUMBER, lambda pair: pair[1].valuation.objective),
        fact("difference", Role.NUMBER, lambda pair: pair[1].valuation.objective - (pair[0].objective or ZERO)),
        fact("broken", Role.RECORDS, lambda pair: _broken(pair[1].valuation.broken)),
        fact("goals", Role.RECORDS, lambda pair: _broken(goals_missed(pair[1]))),
        fact("amounts", Role.RECORDS, _amounts),
        fact("notes", Role.RECORDS, lambda pair: assumption_texts(pair[1])),
    ),
)

TABLES: tuple[Table[Any], ...] = (COMPARED, SIDE_BY_SIDE, BROKEN, SCALED)
