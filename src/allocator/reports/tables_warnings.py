"""The tables of the sheet Warnings: how near the scenario is to having no plan."""

from __future__ import annotations

from allocator.reports.columns import Column, Role, Table

BUDGETS = Table(
    "Warnings",
    "Warnings",
    "How near it is to having no plan: how far each budget may fall, and which rules could hardly be tightened.",
    (
        Column("Source", "The funding source; only what can't fall to nothing, the nearest first.", Role.LONG, 34),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Available", "The Budget cell.", Role.AMOUNT, 13),
        Column("Least", "With less than that, all else as it is, no plan exists.", Role.AMOUNT, 13),
        Column("May fall by", "Available less Least.", Role.AMOUNT, 13),
        Column("As a part", "The same as a part of Available.", Role.SHARE, 10),
        Column("What clashes first", "The rows that can't stand together just below Least.", Role.LONG, 46),
    ),
)

TIGHT = Table(
    "Warnings",
    "Rules and targets with little room",
    "What could ask for hardly more than it does, at most 5 %, before no plan exists; equalities are left out.",
    (
        Column("Rule", "The row's name, as on Rules.", Role.LONG, 34),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7),
        Column("Room", "How much more it could ask for, or take away, in its unit.", Role.NUMBER, 13),
        Column("Unit", "Of Room.", width=13),
        Column("Room as a part", "Room as a part of what it asks for or allows.", Role.SHARE, 13),
        Column("Cell", "The scenario's cell; the sheet Inputs shows it.", width=10),
        Column("As written", "The demand in the rule's own unit, with its legal basis.", Role.LONG, 46),
    ),
)

GOALS = Table(
    "Warnings",
    "Goals that are missed",
    "By how much, what change of one cell would let each be met, and what stands in its way.",
    (
        Column("Goal", "The row's name, as on Rules.", Role.LONG, 34),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7),
        Column("Missed by", "In its unit.", Role.NUMBER, 13),
        Column("Unit", "Of Missed by.", width=13),
        Column("Priority", "Of the goal: 1 comes first.", width=13),
        Column("Cell", "The scenario's cell; the sheet Inputs shows it.", width=10),
        Column("What it would take", "More money, or another change of one cell; what is in the way.", Role.LONG, 46),
    ),
)

DOUBTS = Table(
    "Warnings",
    "Doubts about the inputs",
    "What may be right but rarely is, as allocate check lists it; yes under Checked in its row answers it.",
    (
        Column("Cell", "The scenario's cell or range; the sheet Inputs shows it.", Role.LONG, 34),
        Column("Doubt", "What is doubtful, and what to type.", width=7),
    ),
)

TABLES = (BUDGETS, TIGHT, GOALS, DOUBTS)
