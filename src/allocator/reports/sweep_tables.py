"""The sheets and columns of a sweep's workbook, declared once."""

from __future__ import annotations

from allocator.reports.columns import Column, Role, Table

SWEEP = Table(
    "Sweep",
    "Every change of course",
    "Each value at which the plan takes another course, both ends, and today's value.",
    (
        Column("Value", "The number in the cell.", Role.NUMBER, 12),
        Column(
            "Point", "Why it is listed: end, today, change, grid, between; just below or above a jump.", Role.TEXT, 14
        ),
        Column("Objective", "Of the best plan at this value, amounts not rounded.", Role.NUMBER, 14),
        Column(
            "Price down", "Change of the objective per unit that the cell grows, below this value.", Role.NUMBER, 13
        ),
        Column("Price up", "The same above this value.", Role.NUMBER, 13),
        Column("What changes here", "As the value grows.", Role.LONG, 46),
        Column("Goals missed", "Which, and by how much.", Role.LONG, 26),
    ),
)
AMOUNTS = Table(
    "Amounts",
    "Amounts",
    "Each area's amount in each year at each point, over all sources, not rounded.",
    (
        Column("Area", "The area.", Role.TEXT, 24),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("VALUE", "The amount where the cell holds this number.", Role.AMOUNT, 11, family="value"),
    ),
)
INDICATORS = Table(
    "Indicators",
    "Indicators",
    "Each indicator's value at each point.",
    (
        Column("Indicator", "The indicator.", Role.TEXT, 24),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("Unit", "Its unit.", Role.TEXT, 12),
        Column("VALUE", "The indicator where the cell holds this number.", Role.NUMBER, 11, family="value"),
    ),
)
ABOUT = Table(
    "About",
    "About",
    "What was asked, and how it was found.",
    (
        Column("Item", "What.", Role.TEXT, 26),
        Column("Content", "The fact.", Role.LONG, 100),
    ),
)
TABLES = (SWEEP, AMOUNTS, INDICATORS, ABOUT)
MADE_BY = "Sweep made by"
"""Name of the document property by which a sweep's workbook is recognised."""
