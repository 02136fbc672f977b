"""Every output table and column of the plan workbook, declared once.

The sheets' headings, widths and number formats and the docs' page on the plan workbook all follow this file. A new
column is one line here and its use in the sheet's writer.
"""

from __future__ import annotations

from allocator.reports.columns import Column, Role, Table
from allocator.reports.tables_alternatives import TABLES as ALTERNATIVE_TABLES
from allocator.reports.tables_proof import TABLES as PROOF_TABLES
from allocator.reports.tables_warnings import TABLES as WARNING_TABLES
from allocator.reports.tables_workings import CHART_DATA, FACTORS, PRICE_BARS, ROOM_BARS, TYPED, WORKINGS

SUMMARY = Table(
    "Summary",
    "Summary",
    "The plan on one page: verdict, figures, charts, what binds, warnings, how it was made.",
    (
        Column("Area", "The priority area; parts stand indented under their area.", width=26),
        Column("Last year", "Budget money in the year before the first.", Role.AMOUNT, 11),
        Column("Proposed", "The draft plan's amount, where the scenario gives one.", Role.AMOUNT, 11),
        Column("Plan YEAR", "The amount in force.", Role.AMOUNT, 11, family="year"),
        Column("Of it budget", "Its budget money, where other money takes part.", Role.AMOUNT, 12),
        Column("Change", "Budget money of the year shown last, less Last year.", Role.AMOUNT, 11),
        Column("Change %", "The same as a part of Last year.", Role.SHARE, 10),
        Column("Share", "Budget money as a part of that year's budget.", Role.SHARE, 11),
        Column("Least", "The least it can get in a plan that is at most 0.5 % worse; see Room.", Role.AMOUNT, 11),
        Column("Most", "The most it can get in such a plan; blank for the total.", Role.AMOUNT, 11),
    ),
)

PLAN = Table(
    "Plan",
    "The plan",
    "Areas down, years across: amount, share of the year's budget, change on the year before.",
    (
        Column("Area", "The priority area; parts stand indented under their area.", width=30),
        Column("Last year", "Budget money in the year before the first.", Role.AMOUNT),
        Column("YEAR", "The amount in force, from all sources.", Role.AMOUNT, family="amount"),
        Column("Budget money YEAR", "The part of it that is the government's own money.", Role.AMOUNT, family="budget"),
        Column("Share YEAR", "Budget money as a part of that year's budget.", Role.SHARE, 10, family="share"),
        Column("Change YEAR", "Budget money less that of the year before.", Role.AMOUNT, family="change"),
    ),
)

ALLOCATION = Table(
    "Allocation",
    "Allocation",
    "The only typed amounts: each area, year and source that may pay; all other sheets follow the column In force.",
    (
        Column("Area", "The priority area, one without parts.", width=26),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Source", "The funding source.", width=16),
        Column("Amount", "As optimised.", Role.AMOUNT),
        Column("Decided", "Type an amount here to depart from the optimum; blank: as optimised.", Role.ENTRY_AMOUNT),
        Column("In force", "Decided where it is filled, else Amount.", Role.AMOUNT),
        Column("Reason", "Why it was decided otherwise.", Role.ENTRY_TEXT, 20),
        Column("By", "Who decided.", Role.ENTRY_TEXT, 10),
        Column("Share", "In force as a part of the year's budget; budget money only.", Role.SHARE, 9),
        Column("Last year", "The year before: of the first year as in Areas, later the plan's own.", Role.AMOUNT),
        Column("Change", "In force less Last year.", Role.AMOUNT),
        Column("Held by", "What stops Amount from growing, with its input cell.", Role.LONG, 34),
    ),
)

FUNDS = Table(
    "Funds",
    "Funds",
    "Where the money of each source goes in each year.",
    (
        Column("Source", "The funding source.", width=24),
        Column("Kind", "budget: the government's own money; other: private, donors, …", width=10),
        Column("Year", "The year.", Role.YEAR, 8),
        Column("Opening", "Carried over from the year before.", Role.AMOUNT, 14),
        Column("Available", "What the source makes available in the year.", Role.AMOUNT, 14),
        Column("Spent", "What the plan allots from it.", Role.AMOUNT, 14),
        Column("Carried forward", "What moves to the next year.", Role.AMOUNT, 16),
        Column("Unspent", "What is left and moves nowhere.", Role.AMOUNT, 14),
        Column("Last year", "What the source made available in the year before; blank: not given.", Role.AMOUNT, 14),
    ),
)

RULES = Table(
    "Rules",
    "Rules",
    "Every row of the programme: budgets, limits, rules and targets, how far each is from its bound.",
    (
        Column("Rule", "The row's name.", Role.LONG, 30),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7),
        Column("Subject", "Whose money it is about.", width=14),
        Column("Final Value", "The left side, at the amounts in force.", Role.NUMBER, 13),
        Column("Operator", "How the left side compares with the right side.", width=9),
        Column("Constraint R.H. Side", "The right side, at the amounts in force.", Role.NUMBER, 13),
        Column("Unit", "Of both sides.", width=9),
        Column("Slack", "Distance to what is demanded: 0 or more where it is kept.", Role.NUMBER, 12),
        Column("Status", "Binding, Not Binding or Missed.", width=12),
        Column("As written", "The demand in the rule's own unit.", Role.LONG, 24),
        Column("Reached", "The left side in the rule's own unit.", Role.NUMBER, 12),
        Column("Strength", "must, law, or goal and its priority.", width=9),
        Column("Legal basis", "The law or decision behind it.", Role.LONG, 20),
        Column("Cell", "The scenario's cell that holds the demand; the sheet Inputs shows it.", width=16),
        Column("Value", "The number as written.", Role.NUMBER, 11),
        Column("Basis amount", "What Value is a part of, in money.", Role.NUMBER, 13),
        Column("Offset", "Added to Value before it multiplies the basis.", Role.NUMBER, 9),
        Column("Margin", "By how much a strict rule must be exceeded.", Role.NUMBER, 9),
        Column("Kept within", "A shortfall up to this counts as kept: rounding noise, one Step for =.", Role.NUMBER, 9),
        Column("Binding within", "Slack below this counts as binding: one Step of the amounts.", Role.NUMBER, 9),
        Column("Decimals", "To so many decimals Slack is rounded: what lies below is noise.", Role.NUMBER, 9),
        Column("Divisor", "What a goal's shortfall is divided by when goals are summed.", Role.NUMBER, 12),
        Column("Missed part", "A goal's shortfall as a part of Divisor.", Role.NUMBER, 11),
        Column("Remark", "Where a formula would be too long for a workbook.", width=14),
    ),
)

VARIABLE_CELLS = Table(
    "Sensitivity",
    "Variable Cells",
    "What the optimum says of each area's yearly amount; below them of each band and source, where there are several.",
    (
        Column("Name", "X", Role.LONG, 36),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Final Value", "Its amount as optimised, from all sources.", Role.AMOUNT, 13),
        Column("Reduced Cost", "Change of the objective per unit that the amount is forced up.", Role.NUMBER, 13),
        Column("Objective Coefficient", "Change of the objective per unit at the margin.", Role.NUMBER, 13),
        Column("Allowable Increase", "How far the coefficient rises while the plan stays optimal.", Role.NUMBER, 13),
        Column("Allowable Decrease", "How far it falls while the plan stays optimal.", Role.NUMBER, 13),
        Column("Limiting item", "What would change at the ends of that range.", Role.LONG, 40),
    ),
)

CONSTRAINTS = Table(
    "Sensitivity",
    "Constraints",
    "What each row of the programme is worth.",
    (
        Column("Name", "The row's name.", Role.LONG, 36),
        Column("Year", "The year; a dash where years count together.", Role.YEAR, 7),
        Column("Final Value", "The left side as optimised.", Role.NUMBER, 13),
        Column(
            "Shadow Price",
            "Change of the objective per unit of growth of the right side; in words where it is not one number.",
            Role.NUMBER,
            13,
        ),
        Column("Constraint R.H. Side", "The right side as optimised.", Role.NUMBER, 13),
        Column("Allowable Increase", "How far the right side grows while Price up stays.", Role.NUMBER, 13),
        Column("Allowable Decrease", "How far it shrinks while Price down stays.", Role.NUMBER, 13),
        Column("Price up", "Change of the objective per unit when the right side grows.", Role.NUMBER, 13),
        Column("Price down", "Change of the objective per unit of growth, seen when it shrinks.", Role.NUMBER, 13),
        Column("Unit", "Of the right side.", width=12),
        Column("Degenerate", "two prices: Price up and Price down differ.", width=12),
        Column("Stops increase", "What ends the range upwards.", Role.LONG, 24),
        Column("Stops decrease", "What ends the range downwards.", Role.LONG, 24),
    ),
)

PRICE_CARD = Table(
    "Price card",
    "Price card",
    "What each row of the Rules sheet costs, in its own unit; all its years and areas move together.",
    (
        Column("Rule", "The row of the Rules sheet; two lines, one for each direction.", Role.LONG, 26),
        Column("As written", "The demand, with its years where they are not all.", Role.LONG, 20),
        Column("Step", "What is tried: one percentage point, or one unit of money, more or less.", width=13),
        Column("Objective", "The exact change of the objective by that step.", Role.NUMBER, 11),
        Column("In money", "The same in money, at what one more unit of the budget brings.", Role.AMOUNT, 11),
        Column("Price", "Change of the objective per point (per unit) of growth, at today's Value.", Role.NUMBER, 11),
        Column("Holds for", "How far Value may move while the price stays, in points or units.", Role.NUMBER, 9),
        Column("Valid from", "The lowest Value for which the price holds.", Role.NUMBER, 9),
        Column("Valid to", "The highest Value for which the price holds.", Role.NUMBER, 9),
        Column("Next price", "The price beyond that, or that no plan exists there.", Role.NUMBER, 11),
        Column("Gains", "The areas that gain by the whole step, with amounts over all years.", Role.LONG, 27),
        Column("Pays", "The areas that pay for it.", Role.LONG, 27),
        Column("Remark", "What to know about this price, such as the goals that are missed by more.", Role.LONG, 30),
    ),
)

ROOM = Table(
    "Room",
    "Room",
    "How little and how much each area can get in each year: what is forced and what is free.",
    (
        Column("Area", "The area, with or without parts, or a group where there are very many areas.", width=30),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("In the plan", "What it gets at the optimum before rounding, from all sources.", Role.AMOUNT, 12),
        Column("Least, as good", "The least it gets in any plan that is as good.", Role.AMOUNT, 12),
        Column("Most, as good", "The most it gets in any plan that is as good.", Role.AMOUNT, 12),
        Column("Least, 0.5 % worse", "The least in any plan whose objective is at most 0.5 % worse.", Role.AMOUNT, 12),
        Column("Most, 0.5 % worse", "The most in any such plan.", Role.AMOUNT, 12),
        Column("Could fall by", "In the plan, less the least at 0.5 % worse.", Role.AMOUNT, 13),
        Column("Could rise by", "The most at 0.5 % worse, less what is in the plan.", Role.AMOUNT, 13),
        Column("Forced part", "The least at 0.5 % worse as a part of what is in the plan.", Role.SHARE, 11),
        Column("In sums", "no: it comprises other lines of this table.", width=8),
    ),
)

FORCED = Table(
    "Room",
    "Forced and free",
    "What is forced in each year, and what is free to negotiate, over all lines that count in sums.",
    (
        Column("Forced and free", "Of the money in the plan.", width=30),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("In the plan", "All money in the plan.", Role.AMOUNT, 12),
        Column(
            "Forced, at least", "What stays in every plan at most 0.5 % worse: the sum of the least.", Role.AMOUNT, 12
        ),
        Column("Free, at most", "The rest: no such plan moves more, and most move less.", Role.AMOUNT, 12),
        Column("Forced part", "Forced as a part of the money in the plan.", Role.SHARE, 12),
        Column("Available", "All money that the scenario's sources make available in the year.", Role.AMOUNT, 12),
        Column("Forced at least, of available", "Forced as a part of it.", Role.SHARE, 13),
        Column("Free at most, of available", "Free as a part of it.", Role.SHARE, 13),
    ),
)

NEXT_MONEY = Table(
    "Next money",
    "Next money",
    "Where 1 % more of each source and year would go, and where 1 % less would come from.",
    (
        Column("Source", "The funding source; two lines a year, one for each direction.", width=24),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Step", "1 % more or 1 % less of the Budget cell.", width=11),
        Column("Available", "The Budget cell: what the source makes available in the year.", Role.AMOUNT, 12),
        Column("Money", "The step in money.", Role.AMOUNT, 12),
        Column("Objective", "The exact change of the objective by the whole step.", Role.NUMBER, 13),
        Column("Per unit", "The same for each unit of the step, on average.", Role.NUMBER, 12),
        Column("Marginal", "The change by the next unit; by the last unit that is there, for less.", Role.NUMBER, 12),
        Column("Holds for", "By how much Available may move while Marginal stays.", Role.AMOUNT, 12),
        Column("Holds to", "Where Available then stands.", Role.AMOUNT, 12),
        Column("Next marginal", "The change per unit beyond that, or that no plan exists there.", Role.NUMBER, 12),
        Column("Gains", "The areas that get more, with amounts for the whole step.", Role.LONG, 34),
        Column("Gives up", "The areas that get less.", Role.LONG, 34),
        Column("Remark", "What to know about this step, such as the goals that are missed by more.", Role.LONG, 18),
    ),
)

INDICATORS = Table(
    "Indicators",
    "Indicators",
    "What the money achieves: each indicator in each of its years.",
    (
        Column("Indicator", "The indicator.", Role.LONG, 30),
        Column("Year", "The year.", Role.YEAR, 8),
        Column("Unit", "Its unit.", width=22),
        Column("Baseline", "Its value without the money counted.", Role.NUMBER, 14),
        Column("Operator", "How it compares with the target.", width=14),
        Column("Target", "What it is to reach.", Role.NUMBER, 14),
        Column("Reached", "Its value at the amounts in force: Baseline and the parts below.", Role.NUMBER, 14),
        Column("Met", "Whether the target is met; blank without one.", Role.FLAG, 9),
        Column("Reference", "A benchmark to show beside it.", width=14),
    ),
)

PARTS = Table(
    "Indicators",
    "Each area's part",
    "What each area's money adds to the baseline of an indicator.",
    (
        Column("Indicator", "The indicator.", Role.LONG, 30),
        Column("Year", "The year in which it is measured.", Role.YEAR, 8),
        Column("Area", "The area.", width=22),
        Column("Effect", "Change of the indicator per unit of money.", Role.NUMBER, 14),
        Column("Money in force", "The area's money over the years counted.", Role.AMOUNT, 14),
        Column("Not counted", "Of it, what only repeats last year's money.", Role.AMOUNT, 14),
        Column("Part", "Effect times the money counted.", Role.NUMBER, 14),
    ),
)

ASSIGNMENTS = Table(
    "Assignments",
    "Assignments",
    "Who does what until when.",
    (
        Column("Area", "The priority area; parts stand indented under their area.", Role.LONG, 28),
        Column("Amount", "What it gets over all years, from all sources.", Role.AMOUNT, 13),
        Column("Lead agency", "Who answers for it.", Role.LONG, 20),
        Column("Coordinating agency", "Who works with the lead agency.", Role.LONG, 20),
        Column("Responsible", "The person, by name or office.", Role.LONG, 16),
        Column("Start", "When the work starts.", width=10),
        Column("Completion", "When it is due.", width=11),
        Column("Output", "What is handed over at the end.", Role.LONG, 32),
    ),
)

CHECKS = Table(
    "Checks",
    "Checks",
    "Every check of the plan, recomputed by the workbook itself.",
    (
        Column("Check", "What is checked.", Role.LONG, 44),
        Column("Subject", "Of what.", Role.LONG, 30),
        Column("Year", "In which year.", Role.YEAR, 8),
        Column("Found", "What the sheets hold.", Role.NUMBER, 16),
        Column("Must be", "How it is to compare.", width=9),
        Column("Compared with", "What it is compared with.", Role.NUMBER, 16),
        Column("Tolerance", "How far off rounding noise may be.", Role.NUMBER, 12),
        Column("Holds", "TRUE or FALSE.", Role.FLAG, 9),
    ),
)

PARAMETERS = Table(
    "Checks",
    "Parameters",
    "To the right of the checks: tolerances, decimals and other numbers that formulas of the workbook refer to.",
    (
        Column("Tolerance or parameter", "What it is.", width=22),
        Column("Value", "The number.", Role.NUMBER, 14),
    ),
)

BINDING = Table(
    "Summary",
    "What binds",
    "Rules without room in the plan, the dearest first, and goals that are missed.",
    (
        Column("Rule", "The row's name, with its years.", width=26),
        Column("As written", "The demand in the rule's own unit."),
        Column("Reached", "The left side in the rule's own unit.", Role.NUMBER),
        Column("Legal basis", "The law or decision behind it."),
    ),
)

SEALS = Table(
    "Seals",
    "Seals",
    "Digests of the inputs and of About, line by line, by which allocate verify finds a cell that was changed.",
    (
        Column("Sheet", "The sheet; its own name.", width=36),
        Column("Line", "A row or, on inputs, also a column.", width=24),
        Column("Digest", "The first 16 hexadecimal digits of the SHA-256 of what the line holds.", width=44),
    ),
)

SHEET_LIST = Table(
    "About",
    "Contents",
    "The sheets of this workbook.",
    (
        Column("Sheet", "Its name."),
        Column("Role", "Contents, inputs, workings, results or checks; the tabs are coloured by it."),
        Column("Holds", "What stands on it."),
    ),
)

INPUT_LIST = Table(
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

ASSUMPTIONS = Table(
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

SIGN_OFF = Table(
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
    *WARNING_TABLES,
    INDICATORS,
    PARTS,
    *ALTERNATIVE_TABLES,
    ASSIGNMENTS,
    *PROOF_TABLES,
    CHECKS,
    PARAMETERS,
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

ASKED = ("Price card", "Room", "Next money", "Warnings")
"""Sheets that are left out where their figures were not asked for."""

MADE_BY = "Made by"
"""Name of the document property by which a plan is recognised."""
