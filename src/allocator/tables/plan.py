"""Every output table and column of the plan workbook, declared once.

The sheets' headings, widths and number formats and the docs' page on the plan workbook all follow this file. A new
column is one line here and its use in the sheet's writer.
"""

from __future__ import annotations

from typing import Any

from allocator.tables.alternatives import TABLES as ALTERNATIVE_TABLES
from allocator.tables.columns import Column, Role, Table
from allocator.tables.money import ALLOCATION, ASSIGNMENTS, FUNDS, INDICATORS, PARTS, PLAN, SUMMARY
from allocator.tables.prices import FORCED, NEXT_MONEY, PRICE_CARD, ROOM, RULE_COSTS
from allocator.tables.proof import CHART_DATA, FACTORS, PRICE_BARS, ROOM_BARS, TYPED, WORKINGS
from allocator.tables.proof import TABLES as PROOF_TABLES
from allocator.tables.rules import BINDING, CHECKS, CONSTRAINTS, PARAMETER, RULES, VARIABLE_CELLS
from allocator.tables.warnings import TABLES as WARNING_TABLES

SEALS: Table[Any] = Table(
    "Seals",
    "Seals",
    "Digests of the inputs and of About, line by line, by which allocate verify finds a cell that was changed.",
    (
        Column("Sheet", "The sheet; its own name.", width=36),
        Column("Line", "A row or, on inputs, also a column.", width=24),
        Column("Digest", "The first 16 hexadecimal digits of the SHA-256 of what the line holds.", width=44),
    ),
)

SHEET_LIST: Table[Any] = Table(
    "About",
    "Contents",
    "The sheets of this workbook.",
    (
        Column("Sheet", "Its name."),
        Column("Role", "Contents, inputs, workings, results or checks; the tabs are coloured by it."),
        Column("Holds", "What stands on it."),
    ),
)

INPUT_LIST: Table[Any] = Table(
    "About",
    "Inputs: values and where each came from",
    "Each input cell stands at the address that it has in the scenario file.",
    (
        Column("Sheet", "The sheet of this workbook.", Role.LONG),
        Column("Sheet in the scenario file", "The sheet that it shows, with its full name.", Role.LONG),
        Column("Range", "The cells that hold anything, from the first to the last."),
        Column("Cells filled", "How many of them do.", Role.NUMBER),
    ),
)

ASSUMPTIONS: Table[Any] = Table(
    "About",
    "Assumptions and figures without a source",
    "Rows of the scenario that are marked as assumption, or that give no Evidence.",
    (
        Column("Sheet", "The input sheet and row.", width=32),
        Column("Row", "Its name.", Role.LONG, 40),
        Column("Why", "assumption, or no evidence given.", Role.LONG, 24),
        Column("Note", "As in the scenario.", Role.LONG, 50),
    ),
)

SIGN_OFF: Table[Any] = Table(
    "About",
    "Sign-off",
    "Who stands for the plan.",
    (
        Column("Step", "Prepared, reviewed, approved."),
        Column("Name", "Who.", Role.ENTRY_TEXT),
        Column("Date", "When.", Role.ENTRY_TEXT),
    ),
)

TABLES = (
    SUMMARY,
    BINDING,
    PLAN,
    ALLOCATION,
    FUNDS,
    RULES,
    VARIABLE_CELLS,
    CONSTRAINTS,
    PRICE_CARD,
    ROOM,
    FORCED,
    NEXT_MONEY,
    RULE_COSTS,
    *WARNING_TABLES,
    INDICATORS,
    PARTS,
    *ALTERNATIVE_TABLES,
    ASSIGNMENTS,
    *PROOF_TABLES,
    CHECKS,
    PARAMETER,
    WORKINGS,
    FACTORS,
    TYPED,
    CHART_DATA,
    PRICE_BARS,
    ROOM_BARS,
    SEALS,
    SIGN_OFF,
    SHEET_LIST,
    INPUT_LIST,
    ASSUMPTIONS,
)
"""Every table of the plan workbook, in the order of its sheets."""

INPUTS = "Inputs …"
"""Stands for the sheets that show the scenario's; their names begin with `Inputs `."""

SHEETS = {
    "Summary": SUMMARY.help,
    "Plan": PLAN.help,
    "Allocation": ALLOCATION.help,
    "Funds": FUNDS.help,
    "Rules": RULES.help,
    "Sensitivity": "Reduced costs, shadow prices and how far they hold, at the optimum.",
    "Price card": PRICE_CARD.help,
    "Room": ROOM.help,
    "Next money": NEXT_MONEY.help,
    "Rule costs": RULE_COSTS.help,
    "Warnings": WARNING_TABLES[0].help,
    "Indicators": "What the money achieves, and each area's part in it.",
    "Alternatives": ALTERNATIVE_TABLES[0].help,
    "Assignments": ASSIGNMENTS.help,
    "Certificate": "The proof that Amount is the best plan there is, in live formulas.",
    "Checks": CHECKS.help,
    "Workings": "The objective in live formulas piece by piece, figures that had to be typed, and the charts' figures.",
    INPUTS: "The scenario's sheets as they were read, every cell at its own address.",
    "Seals": SEALS.help,
    "About": "How the plan was made, its limits, assumptions, and who stands for it.",
}
"""Sheet → what it holds, in order."""

ROLES = {
    "Summary": "results",
    "Plan": "results",
    "Allocation": "results",
    "Funds": "results",
    "Rules": "results",
    "Sensitivity": "results",
    "Price card": "results",
    "Room": "results",
    "Next money": "results",
    "Rule costs": "results",
    "Warnings": "results",
    "Indicators": "results",
    "Alternatives": "results",
    "Assignments": "results",
    "Certificate": "checks",
    "Checks": "checks",
    "Workings": "workings",
    INPUTS: "inputs",
    "Seals": "checks",
    "About": "contents",
}
"""Sheet → what it is for, as the standards for financial models tell sheets apart."""

ASKED = ("Price card", "Room", "Next money", "Rule costs", "Warnings")
"""Sheets that are left out where their figures were not asked for."""

MADE_BY = "Made by"
"""Name of the document property by which a plan is recognised."""
