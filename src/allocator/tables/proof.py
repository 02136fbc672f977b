"""The tables of the sheets Certificate and Workings.

Columns with STAGE are there for each sum of goals and for the objective.
"""

from __future__ import annotations

from typing import Any

from allocator.tables.columns import Column, Role, Table

STAGE = "STAGE"

PROOF: Table[Any] = Table(
    "Certificate",
    "The proof",
    "What the plan reaches, what no plan can pass, and the gap between them, which is the proof.",
    (
        Column("Sought", "A priority's sum of goals missed, made least first; at last the objective.", Role.LONG, 26),
        Column("Plan", "What Amount on Allocation reaches: constant + Σ worth × amount.", Role.NUMBER, 15),
        Column("Constant", "What there is without any money.", Role.NUMBER, 12),
        Column("Priced rows", "Σ price × right side, over the rows below.", Role.NUMBER, 15),
        Column("Surplus", "Σ surplus, over the columns below.", Role.NUMBER, 12),
        Column("Bound", "Constant + Priced rows + Surplus: no plan can pass it.", Role.NUMBER, 15),
        Column("Gap", "How far the plan is from the bound.", Role.NUMBER, 13),
        Column("Gap, relative", "The gap as a part of the bound.", Role.NUMBER, 12),
        Column("Rounding explains", "A Step to either side at each row's largest coefficient.", Role.NUMBER, 13),
        Column("Noise", "What the fifteen digits of prices can account for.", Role.NUMBER, 10),
        Column("Decimals", "To so many decimals the gap is told: what lies below is noise.", Role.NUMBER, 9),
        Column("Signs right", "Whether each price has the sign that its row's operator asks for.", Role.FLAG, 9),
        Column("Rows kept", "Whether Amount keeps every row below.", Role.FLAG, 9),
        Column("Closes", "Signs right, rows kept, and a gap no larger than rounding explains.", Role.FLAG, 9),
        Column("Exact", "Whether the same was proved in rational arithmetic when the plan was made.", Role.FLAG, 9),
    ),
)

ROWS: Table[Any] = Table(
    "Certificate",
    "Rows",
    "The programme's rows: Σ coefficient × column, compared with the right side.",
    (
        Column("Row", "The row's name, as on Rules; or what it adds up or holds.", Role.LONG, 26),
        Column("Year", "The year; blank where years count together.", Role.YEAR, 7),
        Column("Number", "By which Coefficients refers to it.", Role.NUMBER, 9),
        Column("Operator", "How the left side compares with the right side.", width=9),
        Column("Right side", "What stands right once all money stands left; margins included.", Role.NUMBER, 14),
        Column("Up to", "Where a row need only be kept to within one Step: its right side at most.", Role.NUMBER, 12),
        Column("Left side", "Σ coefficient × amount; a goal's shortfall is not in it.", Role.NUMBER, 14),
        Column("Within", "How far off rounding noise may be.", Role.NUMBER, 10),
        Column("Decimals", "To so many decimals the left side is told.", Role.NUMBER, 9),
        Column("Kept", "Whether it is kept; a goal always is, by what it falls short.", Role.FLAG, 8),
        Column("Cell", "The scenario's cell that it comes from.", Role.LONG, 18),
        Column("Largest", "The largest coefficient of an amount in it.", Role.NUMBER, 10),
        Column("Counts in", "The sum of goals in which it counts.", width=10),
        Column("Weight", "What one unit that a goal is missed by counts in its sum.", Role.NUMBER, 12),
        Column("Price STAGE", "Change of what is sought per unit of the right side.", Role.NUMBER, 14, family=STAGE),
        Column("Price × right side STAGE", "Its part in the bound.", Role.NUMBER, 15, family=STAGE),
    ),
)

COLUMNS: Table[Any] = Table(
    "Certificate",
    "Columns",
    "The programme's columns: amounts, parts of them with a benefit of their own, and what goals fall short by.",
    (
        Column("Column", "An area, or a goal's row.", Role.LONG, 26),
        Column("Year", "The year.", Role.YEAR, 7),
        Column("What", "The source that pays, the piece of the area's yearly amount, or what it is.", width=18),
        Column("Amount", "What the plan has of it.", Role.NUMBER, 14),
        Column("At most", "What any plan can have of it.", Role.NUMBER, 14),
        Column("Decimals", "To so many decimals priced use and reduced values are told.", Role.NUMBER, 9),
        Column("Worth STAGE", "What one unit adds to what is sought.", Role.NUMBER, 14, family=STAGE),
        Column("Priced use STAGE", "Σ price × coefficient, over the rows it stands in.", Role.NUMBER, 14, family=STAGE),
        Column("Reduced value STAGE", "Worth less priced use.", Role.NUMBER, 14, family=STAGE),
        Column("Surplus STAGE", "Reduced value × At most, where that helps; else 0.", Role.NUMBER, 14, family=STAGE),
    ),
)

COEFFICIENTS: Table[Any] = Table(
    "Certificate",
    "Coefficients",
    "Where columns stand in rows, column after column.",
    (
        Column("Column", "As above.", Role.LONG, 26),
        Column("Year", "The column's year.", Role.YEAR, 7),
        Column("What", "The source, the piece, or what a goal is missed by, as above.", width=18),
        Column("Number", "The row's number.", Role.NUMBER, 9),
        Column("Row", "The row's name and year.", Role.LONG, 30),
        Column("Coefficient", "What one unit of the column adds to the row's left side.", Role.NUMBER, 14),
        Column("× amount", "Coefficient × what the plan has of the column.", Role.NUMBER, 14),
        Column("Price × coefficient STAGE", "Its part in the priced use.", Role.NUMBER, 15, family=STAGE),
    ),
)

TABLES = (PROOF, ROWS, COLUMNS, COEFFICIENTS)


WORKINGS: Table[Any] = Table(
    "Workings",
    "Workings",
    "The objective, piece by piece: a line for each area, year and band of benefit, so that it follows the amounts in "
    "force.",
    (
        Column("Area", "The area.", width=28),
        Column("Year", "The year.", Role.YEAR, 8),
        Column("Band", "The first band that the piece comes from; neighbours of equal benefit are one.", Role.YEAR, 7),
        Column("From", "Where the piece of the area's yearly amount begins.", Role.AMOUNT, 12),
        Column("To", "Where it ends; blank: no end.", Role.AMOUNT, 12),
        Column("Benefit", "Per unit of money, as in the scenario.", Role.NUMBER, 10),
        Column("Weights", "Per unit of money, from indicators that have a weight.", Role.NUMBER, 10),
        Column("Discount factor", "What a point of that year counts today.", Role.NUMBER, 15),
        Column("Per unit", "Change of the objective per unit: (Benefit + Weights) × Discount factor.", Role.NUMBER, 11),
        Column("Total amount", "The area's amount in the year as optimised, from all sources.", Role.AMOUNT, 12),
        Column("Total in force", "The same in force.", Role.AMOUNT, 12),
        Column(
            "Amount", "The part of Total amount in this piece; the last piece takes all that is left.", Role.AMOUNT, 12
        ),
        Column("In force", "The part of Total in force in this piece.", Role.AMOUNT, 12),
        Column("From Amount", "Its part in the objective, as optimised.", Role.NUMBER, 14),
        Column("From In force", "Its part in the objective, at the amounts in force.", Role.NUMBER, 14),
    ),
)

FACTORS: Table[Any] = Table(
    "Workings",
    "Factors",
    "What the lines above are computed with.",
    (
        Column("Factor", "Discount rate, first year, or the weight of an indicator.", width=28),
        Column("Value", "Linked to the scenario where it stands there as a number.", Role.NUMBER, 14),
    ),
)

TYPED: Table[Any] = Table(
    "Workings",
    "Typed figures",
    "Figures whose input cell holds text that was read as a number, so that no formula can read it there.",
    (
        Column("Figure", "What it is.", width=28),
        Column("Value", "The number that was read.", Role.NUMBER, 14),
        Column("Cell", "The scenario's cell.", width=18),
        Column("The cell says", "What stands there.", width=14),
    ),
)

CHART_DATA: Table[Any] = Table(
    "Workings",
    "Chart data",
    "The figures behind the Summary's charts.",
    (
        Column("Area", "The area.", width=28),
        Column("Last year", "Budget money in the year before the first.", Role.AMOUNT, 14),
        Column("Proposed", "The draft plan's amount.", Role.AMOUNT, 14),
        Column("Plan", "Amount in force in the year of the chart.", Role.AMOUNT, 14),
        Column("Share last year", "Share of last year's budget.", Role.SHARE, 12),
        Column("Share YEAR", "Share of that year's budget.", Role.SHARE, 12, family="share"),
    ),
)

PRICE_BARS: Table[Any] = Table(
    "Workings",
    "Price bars",
    "The figures behind the chart on Price card: the dearest rules.",
    (
        Column("Rule", "The rule, and its step.", width=28),
        Column("One less", "Change of the objective by one step less.", Role.NUMBER, 14),
        Column("One more", "Change of the objective by one step more.", Role.NUMBER, 14),
    ),
)

ROOM_BARS: Table[Any] = Table(
    "Workings",
    "Room bars",
    "The figures behind the charts on Room: the largest areas of a year.",
    (
        Column("Area", "The area.", width=28),
        Column("Year", "The year.", Role.YEAR, 14),
        Column("Least", "Where the bar starts: the least at 0.5 % worse.", Role.AMOUNT, 14),
        Column("Could fall by", "The bar's first part, up to what is in the plan.", Role.AMOUNT, 14),
        Column("Could rise by", "Its second part.", Role.AMOUNT, 14),
    ),
)
