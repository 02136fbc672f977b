"""The sheets and columns of a comparison's workbook, declared once.

Columns of a family stand there once for each scenario that has a plan; NAME is its name.
"""

from __future__ import annotations

from allocator.reports.columns import Column, Role, Table

SCENARIOS = Table(
    "Summary",
    "The scenarios",
    "What became of each, and how its best plan differs from the first one's.",
    (
        Column("Scenario", "Its name; the first is what the others are compared with.", Role.TEXT, 26),
        Column("Verdict", "best plan, no plan exists, or stopped.", Role.TEXT, 14),
        Column("Objective", "Of its plan, as its own scenario states it.", Role.NUMBER, 12),
        Column("Difference", "Less the first one's, where both seek the same.", Role.NUMBER, 11),
        Column("in %", "Of the first one's.", Role.SHARE, 11),
        Column("Goals missed, by year", "Each year counted.", Role.NUMBER, 11),
        Column("Rules broken in others", "In all the other scenarios together, each year counted.", Role.NUMBER, 11),
        Column("Areas that lose over 5 %", "Against the first, over all years.", Role.NUMBER, 11),
    ),
)
SUMMARY_INDICATORS = Table(
    "Summary",
    "What is reached",
    "Indicators with targets; what misses its target is in red.",
    (
        Column("Indicator", "The indicator, its year and unit.", Role.TEXT, 26),
        Column("Target", "The first scenario's.", Role.TEXT, 14),
        Column("NAME", "What that plan reaches.", Role.NUMBER, 12, family="scenario"),
    ),
)
SUMMARY_AREAS = Table(
    "Summary",
    "Amounts",
    "Over all years and sources; shares are budget money as a part of the budget.",
    (
        Column("Area", "The area; parts stand below theirs.", Role.TEXT, 26),
        Column("Core", "The least of its amounts over all plans, year by year.", Role.AMOUNT, 14),
        Column("NAME", "That plan's amount.", Role.AMOUNT, 12, family="scenario"),
        Column("NAME: share", "Of the budget.", Role.SHARE, 10, family="share"),
        Column("NAME", "Of two plans: Difference, and in % of the first.", Role.AMOUNT, 11, family="pair"),
        Column("Largest change", "The scenario that differs most from the first.", Role.TEXT, 34),
    ),
)
SUMMARY_RANGE = Table(
    "Summary",
    "Amounts",
    "The same where there are more than five plans: the range over all of them.",
    (
        Column("Area", "The area; parts stand below theirs.", Role.TEXT, 26),
        Column("Core", "The least of its amounts over all plans, year by year.", Role.AMOUNT, 14),
        Column("First", "The first plan's amount.", Role.AMOUNT, 11),
        Column("Least", "The least over the plans, of all years together.", Role.AMOUNT, 11),
        Column("Most", "The most.", Role.AMOUNT, 11),
        Column("Share of the first", "Of its budget.", Role.SHARE, 11),
        Column("Least share", "Over the plans.", Role.SHARE, 11),
        Column("Most share", "Over the plans.", Role.SHARE, 11),
        Column("Largest change", "The scenario that differs most from the first.", Role.TEXT, 34),
    ),
)
AMOUNTS = Table(
    "Amounts",
    "Amounts",
    "Each area's amount in each year, over all sources.",
    (
        Column("Area", "The area; parts stand below theirs.", Role.TEXT, 28),
        Column("Year", "The year, or the years summed.", Role.YEAR, 10),
        Column("NAME", "That plan's amount; blank where its scenario has no such area.", Role.AMOUNT, 12, "scenario"),
        Column("Core", "The least of them; 0 where one scenario lacks the area.", Role.AMOUNT, 12),
        Column("NAME: difference", "Less the first plan's amount.", Role.AMOUNT, 12, family="difference"),
        Column("NAME: budget money", "The part from sources of Kind budget.", Role.AMOUNT, 12, family="budget"),
        Column("NAME: share", "Budget money as a part of the year's budget.", Role.SHARE, 10, family="share"),
    ),
)
RULES = Table(
    "Rules",
    "Rules",
    "Every row of the programmes side by side.",
    (
        Column("Rule", "The row's name, as in the plan workbook.", Role.TEXT, 34),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7),
        Column("As written", "The demand in its own unit; where scenarios differ, the first one's.", Role.LONG, 26),
        Column(
            "NAME", "Binding, Not Binding, Missed; – where that scenario has no such row.", Role.TEXT, 12, "scenario"
        ),
        Column("Binding in", "In how many plans it binds.", Role.NUMBER, 9),
        Column("NAME: price", "Change of the objective per unit of growth.", Role.NUMBER, 12, family="price"),
        Column("Legal basis", "As in the scenario.", Role.LONG, 26),
        Column("Cell", "The input cell that holds the demand.", Role.TEXT, 16),
    ),
)
INDICATORS = Table(
    "Indicators",
    "Indicators",
    "What each plan reaches.",
    (
        Column("Indicator", "The indicator.", Role.TEXT, 30),
        Column("Unit", "Its unit.", Role.TEXT, 16),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Target", "The target; where scenarios differ, each one's.", Role.LONG, 16),
        Column("NAME", "What that plan reaches under its own scenario.", Role.NUMBER, 12, family="scenario"),
        Column("NAME: difference", "Less what the first plan reaches.", Role.NUMBER, 12, family="difference"),
    ),
)
GOALS = Table(
    "Indicators",
    "Goals",
    "By how much each plan misses each goal, in the row's unit; a dash where it is met.",
    (
        Column("Goal", "The goal's row.", Role.TEXT, 30),
        Column("Unit", "Its unit.", Role.TEXT, 16),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Priority", "Of the first scenario that has it.", Role.TEXT, 16),
        Column("NAME", "By how much that plan misses it.", Role.NUMBER, 12, family="scenario"),
    ),
)
INPUTS = Table(
    "Inputs changed",
    "Inputs changed",
    "Every cell that differs from the first scenario's.",
    (
        Column("Scenario", "Whose inputs.", Role.TEXT, 18),
        Column("Sheet", "The sheet.", Role.TEXT, 10),
        Column("Row", "The row, by its name.", Role.TEXT, 26),
        Column("Column", "The column.", Role.TEXT, 10),
        Column("Before", "As in the first scenario.", Role.NUMBER, 11),
        Column("After", "As in this one.", Role.NUMBER, 11),
        Column("Difference", "After less before, where both are numbers.", Role.NUMBER, 11),
        Column("Cell", "Where it stands; in the first scenario, if its place differs.", Role.TEXT, 13),
        Column("What changed", "The cell, or the whole row added or removed.", Role.TEXT, 11),
        Column("Counts", "Whether the plan may depend on it.", Role.TEXT, 7),
        Column("Evidence", "Of the change, or of the row.", Role.LONG, 34),
        Column("Status", "The same: approved, estimate, assumption.", Role.TEXT, 11),
    ),
)
CROSS = Table(
    "Cross table",
    "Objective of each plan under each scenario",
    "Row: whose plan. Column: whose benefits, effects and rules.",
    (
        Column("Plan", "Whose plan.", Role.TEXT, 34),
        Column("NAME", "Under that scenario's assumptions.", Role.NUMBER, 13, family="scenario"),
    ),
)
REGRET = Table(
    "Cross table",
    "Regret: how much worse than the scenario's own best plan",
    "Below nothing: better than the best, by breaking rules or within a step of rounding.",
    (
        Column("Plan", "Whose plan.", Role.TEXT, 34),
        Column("NAME", "Under that scenario.", Role.NUMBER, 13, family="scenario"),
        Column("Largest regret", "Over all scenarios.", Role.NUMBER, 13),
    ),
)
BROKEN_COUNT = Table(
    "Cross table",
    "How many rules each plan breaks under each scenario",
    "Budgets, limits, rules and targets that must be kept, each year counted; no goals.",
    (
        Column("Plan", "Whose plan.", Role.TEXT, 34),
        Column("NAME", "Under that scenario.", Role.NUMBER, 13, family="scenario"),
        Column("Holds in", "In how many scenarios it breaks nothing, and all its money has a place.", Role.NUMBER, 13),
    ),
)
BROKEN = Table(
    "Cross table",
    "The rules that are broken",
    "Worst first, as a part of their size.",
    (
        Column("Rule", "The row's name.", Role.TEXT, 34),
        Column("Plan", "Whose plan.", Role.TEXT, 13),
        Column("Scenario", "Under whose assumptions.", Role.TEXT, 13),
        Column("Year", "The year.", Role.YEAR, 13),
        Column("Short by", "Or over by, where it is an upper bound.", Role.NUMBER, 13),
        Column("Unit", "Its unit.", Role.TEXT, 13),
        Column("Strength", "must or law.", Role.TEXT, 13),
        Column("Cell", "The input cell.", Role.TEXT, 13),
        Column("Legal basis", "As in the scenario.", Role.TEXT, 13),
    ),
)
BRIDGE = Table(
    "Bridge",
    "What makes the difference",
    "The difference from the first scenario's plan, split among the inputs that were changed.",
    (
        Column("Input changed", "The sheet and row, or several that were changed together.", Role.LONG, 40),
        Column("Objective", "Its part in the difference of the objective.", Role.NUMBER, 13),
        Column("Error", "Of that part, where orders were sampled.", Role.NUMBER, 9, family="error"),
        Column("AREA", "Its part in the difference of that area's amount.", Role.AMOUNT, 12, family="area"),
    ),
)
BRIDGE_YEARS = Table(
    "Bridge",
    "By area and year",
    "The same for each area and year; columns are the inputs changed.",
    (
        Column("Area and year", "The area and the year.", Role.TEXT, 40),
        Column("INPUT", "The part of that input.", Role.AMOUNT, 12, family="input"),
        Column("Sum", "Of the parts.", Role.AMOUNT, 12),
        Column("Difference", "Of the amounts, from the sheet Amounts.", Role.AMOUNT, 12),
        Column("Adds up", "Whether both agree.", Role.FLAG, 9),
    ),
)
ALTERNATIVES = Table(
    "Alternatives",
    "Better than what",
    "Each plan beside the draft and last year's plan scaled to the budget, under its own scenario.",
    (
        Column("Scenario", "Whose assumptions.", Role.TEXT, 26),
        Column("Plan", "The best plan, Proposed (the draft), Pro rata.", Role.TEXT, 22),
        Column("Objective", "Under that scenario.", Role.NUMBER, 13),
        Column("Difference from the plan", "Its objective less the best plan's.", Role.NUMBER, 13),
        Column("in %", "Of the best plan's.", Role.SHARE, 13),
        Column("Rules broken, by year", "Counted in the list below.", Role.NUMBER, 11),
        Column("Goals missed, by year", "Each year counted.", Role.NUMBER, 11),
        Column("What was assumed", "To make amounts of it.", Role.LONG, 46),
    ),
)
ALTERNATIVES_AREAS = Table(
    "Alternatives",
    "Areas",
    "Over all years and sources.",
    (
        Column("Scenario", "Whose assumptions.", Role.TEXT, 26),
        Column("Area", "The area.", Role.TEXT, 22),
        Column("Plan", "The best plan's amount.", Role.AMOUNT, 13),
        Column("Proposed", "The draft's.", Role.AMOUNT, 13),
        Column("difference", "Proposed less plan.", Role.AMOUNT, 13),
        Column("Pro rata", "Last year's, scaled.", Role.AMOUNT, 11),
        Column("difference", "Pro rata less plan.", Role.AMOUNT, 11),
    ),
)
ALTERNATIVES_BROKEN = Table(
    "Alternatives",
    "The rules that they break",
    "Worst first, as a part of their size.",
    (
        Column("Scenario", "Whose assumptions.", Role.TEXT, 26),
        Column("Plan", "Proposed or Pro rata.", Role.TEXT, 22),
        Column("Year", "The year.", Role.YEAR, 13),
        Column("Short by", "Or over by, where it is an upper bound.", Role.NUMBER, 13),
        Column("Unit", "Its unit.", Role.TEXT, 13),
        Column("Strength", "must or law.", Role.TEXT, 11),
        Column("Cell", "The input cell.", Role.TEXT, 11),
        Column("Rule and legal basis", "Which.", Role.LONG, 46),
    ),
)
ABOUT = Table(
    "About",
    "About",
    "What each scenario is, and how the comparison was made.",
    (
        Column("Item", "What.", Role.TEXT, 30),
        Column("Content", "The fact.", Role.LONG, 100),
    ),
)
SHEETS = (
    "Summary",
    "Amounts",
    "Rules",
    "Indicators",
    "Inputs changed",
    "Cross table",
    "Bridge",
    "Alternatives",
    "About",
)
TABLES = (
    SCENARIOS,
    SUMMARY_INDICATORS,
    SUMMARY_AREAS,
    SUMMARY_RANGE,
    AMOUNTS,
    RULES,
    INDICATORS,
    GOALS,
    INPUTS,
    CROSS,
    REGRET,
    BROKEN_COUNT,
    BROKEN,
    BRIDGE,
    BRIDGE_YEARS,
    ALTERNATIVES,
    ALTERNATIVES_AREAS,
    ALTERNATIVES_BROKEN,
    ABOUT,
)
MADE_BY = "Compared by"
"""Name of the document property by which a comparison's workbook is recognised."""
