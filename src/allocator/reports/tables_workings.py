"""The tables of the sheet Workings, declared once as those in `tables`."""

from __future__ import annotations

from allocator.reports.columns import Column, Role, Table

WORKINGS = Table(
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

FACTORS = Table(
    "Workings",
    "Factors",
    "What the lines above are computed with.",
    (
        Column("Factor", "Discount rate, first year, or the weight of an indicator.", width=28),
        Column("Value", "Linked to the scenario where it stands there as a number.", Role.NUMBER, 14),
    ),
)

TYPED = Table(
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

CHART_DATA = Table(
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

PRICE_BARS = Table(
    "Workings",
    "Price bars",
    "The figures behind the chart on Price card: the dearest rules.",
    (
        Column("Rule", "The rule, and its step.", width=28),
        Column("One less", "Change of the objective by one step less.", Role.NUMBER, 14),
        Column("One more", "Change of the objective by one step more.", Role.NUMBER, 14),
    ),
)

ROOM_BARS = Table(
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
