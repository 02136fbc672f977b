"""The tables of the workbook that is written where no plan exists, declared as those of a plan."""

from __future__ import annotations

from allocator.reports.columns import Column, Role, Table

SUMMARY = Table(
    "Summary",
    "What would make a plan possible",
    "Why no plan exists, what would make one possible, and what to do next, on one page.",
    (
        Column("Repair", "Its number, as `--repair` takes it.", width=9),
        Column("What to change", "Each cell, the rule that it belongs to, and what to type.", Role.LONG, 46),
        Column("What it is", "What it is the best at.", Role.LONG, 23),
        Column("Size", "All its changes, each as a part of what the cell holds, added up.", Role.SHARE, 10),
        Column("Objective", "Of the best plan that there is then.", Role.NUMBER, 16),
        Column("Against repair 1", "By how much that differs from the plan of the smallest repair.", Role.NUMBER, 16),
    ),
)

CONFLICT = Table(
    "Conflict",
    "Conflict",
    "The few rules that can't stand together, and the arithmetic that shows it; without any one of them it is gone.",
    (
        Column("Rule", "The row's name, as on a plan's sheet Rules.", Role.LONG, 30),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7),
        Column("As written", "The demand in the rule's own unit.", Role.LONG, 26),
        Column("Asks for at least", "The demand in figures, where it is for so much or more.", Role.NUMBER, 13),
        Column("Allows at most", "The same, where it is for so much or less.", Role.NUMBER, 13),
        Column("Unit", "Of the two.", width=11),
        Column("Times", "By what it is multiplied before all are added up.", Role.NUMBER, 8),
        Column("Asked for", "Its part in what is asked for: Times × Asks for at least.", Role.NUMBER, 13),
        Column("There is", "Its part in what there is: Times × Allows at most.", Role.NUMBER, 13),
        Column("Strength", "law, must, or goal and its priority.", width=9),
        Column("Legal basis", "The law or decision behind it.", Role.LONG, 24),
        Column("Cell", "The scenario's cell that holds the demand; the sheet Inputs shows it.", width=14),
    ),
)

REPAIRS = Table(
    "Repairs",
    "Repairs",
    "What would make a plan possible, the smallest change first. What the law asks stays as it is.",
    (
        Column("Repair", "Its number; a line for each cell that it changes.", width=32),
        Column("What it is", "What it is the best at.", Role.LONG, 18),
        Column("Rule", "The row whose number changes.", Role.LONG, 34),
        Column("Year", "The year; blank where the cell holds for several.", width=10),
        Column("Cell", "The scenario's cell; the sheet Inputs shows it.", width=14),
        Column("From", "What the cell holds.", Role.NUMBER, 13),
        Column("To", "What to type.", Role.NUMBER, 13),
        Column("Change", "To less From; of a keyword the heading of its column.", Role.NUMBER, 13),
        Column("Unit", "Of the three.", width=12),
        Column("Size", "All changes of the repair, each as a part of what the cell holds, added up.", Role.SHARE, 10),
        Column("Objective", "Of the best plan that there is then.", Role.NUMBER, 16),
        Column("Against repair 1", "By how much that differs from the plan of the smallest repair.", Role.NUMBER, 16),
    ),
)

PASTE = Table(
    "Repairs",
    "Rows for the sheet What-if",
    "The same repairs, to be pasted into the scenario's sheet What-if below its headings.",
    (
        Column("Variant", "The repair."),
        Column("Sheet", "The input sheet."),
        Column("Row", "The name in the table's first column."),
        Column("Column", "A year or heading."),
        Column("Change", "`set`: Value takes the place of what stands there."),
        Column("Value", "The number to type.", Role.NUMBER),
    ),
)

AMOUNTS = Table(
    "Repairs",
    "What each area would get",
    "The plans that the repairs lead to, side by side.",
    (
        Column("Area", "The area, without parts."),
        Column("Year", "The year."),
        Column("Last year", "Budget money in the year before the first.", Role.AMOUNT),
        Column("Repair N", "What it gets with that repair, from all sources.", Role.AMOUNT, family="repair"),
    ),
)

TABLES = (SUMMARY, CONFLICT, REPAIRS, PASTE, AMOUNTS)
"""Every table of its own, in the order of its sheets."""

INPUTS = "Inputs …"
SHEETS = {
    "Summary": SUMMARY.help,
    "Conflict": CONFLICT.help,
    "Repairs": REPAIRS.help,
    INPUTS: "The scenario's sheets as they were read, every cell at its own address.",
    "About": "How it was found that no plan exists, messages, and what the scenario rests on.",
}
"""Sheet → what it holds, in order."""

ROLES = {"Summary": "results", "Conflict": "results", "Repairs": "results", INPUTS: "inputs", "About": "contents"}
"""Sheet → what it is for."""
