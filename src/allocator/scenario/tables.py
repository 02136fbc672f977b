"""Every input sheet and column, declared once.

Reading, the template of ``allocate new`` with its help and lists, and the format's page in docs/ follow this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from allocator.scenario.families import Family
from allocator.scenario.vocabulary import (
    ALL,
    BASIS_WORDS,
    BUDGET,
    COUNTS,
    EVERY_AREA,
    KINDS,
    MEASURED_FROM,
    OPERATORS,
    SPEND,
    STATUSES,
    STRENGTHS,
    TOTAL,
    YES,
)


class Content(Enum):
    """What a column's cells hold; decides how they are read, formatted and offered."""

    TEXT = "text"
    NAME = "name"
    """The row's own, unique name."""
    NAMES = "names"
    """Names separated by ``;``."""
    AMOUNT = "amount"
    """Money in the scenario's unit, not negative."""
    NUMBER = "number"
    SHARE = "percentage"
    KEYWORD = "keyword"
    YEARS = "years"
    MIXED = "text or number"


@dataclass(frozen=True)
class Column:
    """A column of an input table."""

    name: str
    content: Content
    help: str
    example: str | float | None = None
    required: bool = False
    """Whether the table is recognised only with it, and each row needs it filled."""
    default: str = ""
    """What a blank cell means, in words; empty: nothing is asked."""
    keywords: tuple[str, ...] = ()
    refers_to: str = ""
    """What its names are: area, group, source, indicator, or several separated by a space."""
    family: Family | None = None
    """Of headings that the workbook makes up; `name` shows the pattern."""
    may_be_blank: bool = False
    """Whether a row may leave it blank though the table needs the column."""
    can_lift: bool = False
    """Whether the word `none` is allowed and lifts a limit."""


@dataclass(frozen=True)
class Table:
    """An input sheet."""

    sheet: str
    help: str
    columns: tuple[Column, ...]
    optional: bool = True
    later: bool = False
    """Declared so that its name is kept; no reader yet."""

    @property
    def required(self) -> tuple[str, ...]:
        """The headings without which no row is taken for the table's heading row."""
        return tuple(column.name for column in self.columns if column.required and not column.family)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by heading, those of a family by their pattern."""
        return {column.name: column for column in self.columns}

    def column(self, heading: str) -> Column | None:
        """Return what is declared of a column, be its heading fixed or made up by the workbook; None: nothing is."""
        return self.by_name.get(heading) or next((c for c in self.columns if c.family and c.family.has(heading)), None)


PROVENANCE = (
    Column("Evidence", Content.TEXT, "Where the figure is from: document, table, page.", "Resolution 482, table 3"),
    Column(
        "Status",
        Content.KEYWORD,
        "How firm the figure is: approved, an estimate, or an assumption of yours.",
        "approved",
        keywords=STATUSES,
    ),
    Column(
        "Legal basis",
        Content.TEXT,
        "The law or decision behind the row; shown wherever the row binds.",
        "Resolution 57-NQ/TW",
    ),
    Column("Note", Content.TEXT, "Anything a reader of this row should know.", "Without the metro loans"),
    Column(
        "Checked", Content.KEYWORD, "yes: what check asks about the row is right.", "yes", default="no", keywords=YES
    ),
)

ASSIGNMENT = (
    Column("Lead agency", Content.TEXT, "Who answers for the area.", "Department of Education"),
    Column("Coordinating agency", Content.TEXT, "Who works with the lead agency.", "Department of Finance"),
    Column("Responsible", Content.TEXT, "The person who answers for it, by name or office.", "Director"),
    Column("Start", Content.MIXED, "When the work starts: year, month or date.", 2026),
    Column("Completion", Content.MIXED, "When it is due.", 2030),
    Column("Output", Content.TEXT, "What is handed over at the end.", "30 new schools"),
)

SCENARIO = Table(
    "Scenario",
    "What the plan is for: title, unit, rounding and objective.",
    (
        Column(
            "Setting",
            Content.NAME,
            "The setting's name; settings not known here travel with the plan.",
            "Unit",
            required=True,
        ),
        Column("Value", Content.MIXED, "Its value.", "VND billion", required=True, may_be_blank=True),
    ),
)

BUDGET_TABLE = Table(
    "Budget",
    "The money there is: a row per funding source, a column per year.",
    (
        Column("Source", Content.NAME, "The funding source's name, used once.", "City budget", required=True),
        Column(
            "Kind",
            Content.KEYWORD,
            "budget: the government's own money. other: private, donors, …",
            "budget",
            default="budget",
            keywords=KINDS,
        ),
        Column("Last year", Content.AMOUNT, "What it made available in the year before the first.", 95000),
        Column(
            "YEAR",
            Content.AMOUNT,
            "What it makes available in this year; type 0 for nothing.",
            100000,
            family=Family.YEAR,
            required=True,
        ),
        Column(
            "Spend",
            Content.KEYWORD,
            "all: everything must be allotted. up to: some may be left.",
            "up to",
            default="up to",
            keywords=SPEND,
        ),
        Column(
            "Carry over",
            Content.KEYWORD,
            "yes: what is left moves to the next year. no: it lapses.",
            "no",
            default="no",
            keywords=YES,
        ),
        *PROVENANCE,
    ),
    optional=False,
)

_LIMIT_COLUMNS = (
    ("Minimum", Content.AMOUNT, "The least it gets in a year, from all sources.", 1000),
    ("Maximum", Content.AMOUNT, "The most it gets in a year, from all sources.", 5000),
    ("Minimum share", Content.SHARE, "The least its budget money is as a part of that year's budget.", 0.04),
    ("Maximum share", Content.SHARE, "The most its budget money is as a part of that year's budget.", 0.2),
)

AREAS = Table(
    "Areas",
    "What the money is for: a row per priority area.",
    (
        Column("Area", Content.NAME, "The area's name, used once; no total row.", "Culture", required=True),
        Column(
            "Part of",
            Content.TEXT,
            "Another area of which this one is a part; that one's money is the sum of its parts.",
            refers_to="area",
        ),
        Column("Group", Content.NAMES, "Group names, separated by ; for rules about them together.", "Social"),
        Column("Last year", Content.AMOUNT, "Budget money it had in the year before the first.", 3200),
        Column(
            "Last year: SOURCE",
            Content.AMOUNT,
            "What it had from this source in the year before the first.",
            2800,
            family=Family.SOURCE,
        ),
        *(Column(name, content, text, example, default="no limit") for name, content, text, example in _LIMIT_COLUMNS),
        Column(
            "Benefit", Content.NUMBER, "Benefit points per unit of money, the same for every unit.", 1.2, default="0"
        ),
        Column(
            "Sources",
            Content.NAMES,
            "The sources that may pay for it, separated by ;",
            "City budget; ODA",
            default="all",
            refers_to="source",
        ),
        Column("Proposed", Content.AMOUNT, "The draft plan's amount, to compare with (one-year scenarios).", 4000),
        Column(
            "Proposed YEAR",
            Content.AMOUNT,
            "The draft plan's amount in this year, to compare with.",
            4000,
            family=Family.PROPOSED,
        ),
        *ASSIGNMENT,
        *PROVENANCE,
    ),
    optional=False,
)

LIMITS = Table(
    "Limits",
    "Limits that hold in some years only: a filled cell replaces that of Areas, none lifts it, a blank one leaves it.",
    (
        Column("Area", Content.TEXT, "The area.", "Culture", required=True, refers_to="area"),
        Column("Years", Content.YEARS, "2027, or 2027-2029, or 2026;2028.", "2027-2029", default="each year"),
        *(
            Column(name, content, text, example, default="as in Areas", can_lift=True)
            for name, content, text, example in _LIMIT_COLUMNS
        ),
        *PROVENANCE,
    ),
)

BENEFITS = Table(
    "Benefits",
    "Diminishing returns: consecutive bands of an area's yearly amount, each with its benefit per unit.",
    (
        Column("Area", Content.TEXT, "The area.", "Culture", required=True, refers_to="area"),
        Column(
            "Up to", Content.AMOUNT, "Where the band ends; it starts where the row above ends.", 5000, default="no end"
        ),
        Column(
            "Up to, of last year",
            Content.SHARE,
            "Instead: where it ends, as a percentage of Last year.",
            1.2,
            default="no end",
        ),
        Column(
            "Benefit",
            Content.NUMBER,
            "Benefit points per unit of money in this band; less than in the band before.",
            1.2,
            required=True,
        ),
        Column(
            "Years",
            Content.YEARS,
            "The years in which the band holds.",
            "2027-2030",
            default="every year that no row of the area names",
        ),
        *PROVENANCE,
    ),
)

RULES = Table(
    "Rules",
    "What the plan must keep: AREA's money from SOURCE, compared with VALUE of BASIS, in YEARS.",
    (
        Column(
            "Rule",
            Content.NAME,
            "The rule's name, as it should stand in the plan.",
            "Science at least 4 %",
            required=True,
        ),
        Column(
            "Area",
            Content.TEXT,
            "An area, a group, total, every area, or every area in GROUP.",
            "Science",
            required=True,
            keywords=(TOTAL, EVERY_AREA),
            refers_to="area group",
        ),
        Column(
            "Source",
            Content.NAMES,
            "Which money counts: sources, budget (all of that Kind) or all.",
            "budget",
            default="budget; all where Basis is amount",
            keywords=(BUDGET, ALL),
            refers_to="source",
        ),
        Column(
            "Operator",
            Content.KEYWORD,
            ">=, <=, =, > or <, or at least, at most, equals, over, under.",
            ">=",
            required=True,
            keywords=OPERATORS,
        ),
        Column("Value", Content.SHARE, "A percentage; an amount where Basis is amount.", 0.04, required=True),
        Column(
            "Basis",
            Content.TEXT,
            "What Value is a part of: the budget, last year, an area …",
            "budget",
            required=True,
            keywords=BASIS_WORDS,
            refers_to="area group",
        ),
        Column(
            "Basis source",
            Content.NAMES,
            "Which money counts in the basis.",
            "all",
            default="as in Source",
            keywords=(BUDGET, ALL),
            refers_to="source",
        ),
        Column(
            "Years",
            Content.YEARS,
            "2030, 2027-2030, 2026;2028, or 2026-2030 together.",
            "2027-2030",
            default="each year",
        ),
        Column(
            "Strength",
            Content.KEYWORD,
            "must, law (never up for repair), goal 1, goal 2, … or off.",
            "must",
            default="must",
            keywords=STRENGTHS,
        ),
        *PROVENANCE,
    ),
)

INDICATORS = Table(
    "Indicators",
    "What the money is to achieve: a row per indicator and target.",
    (
        Column("Indicator", Content.NAME, "The indicator's name.", "School places", required=True),
        Column("Unit", Content.TEXT, "Its unit.", "thousand places"),
        Column("Baseline", Content.NUMBER, "Its value without the money counted.", 0, default="0"),
        Column(
            "Operator", Content.KEYWORD, "How it compares with the target: >=, <=, =, > or <.", ">=", keywords=OPERATORS
        ),
        Column("Target", Content.NUMBER, "What it is to reach.", 30, default="reported only"),
        Column("Year", Content.YEARS, "When.", 2030, default="the last year; every year where Counts is year"),
        Column(
            "Counts",
            Content.KEYWORD,
            "cumulative: spending of all years up to it. year: that year's.",
            "cumulative",
            default="cumulative",
            keywords=COUNTS,
        ),
        Column(
            "Measured from",
            Content.KEYWORD,
            "nothing, or last year: only money above Last year moves it.",
            "nothing",
            default="nothing",
            keywords=MEASURED_FROM,
        ),
        Column(
            "Strength",
            Content.KEYWORD,
            "must, law, goal 1, goal 2, … or off.",
            "must",
            default="must",
            keywords=STRENGTHS,
        ),
        Column("Weight", Content.NUMBER, "Benefit points per unit of effect.", 0, default="0"),
        Column("Reference", Content.MIXED, "A benchmark to show beside it.", "national average 25"),
        *PROVENANCE,
    ),
)

EFFECTS = Table(
    "Effects",
    "How money moves indicators: a column per indicator, or a row per area and indicator.",
    (
        Column("Area", Content.TEXT, "The area.", "Education", required=True, refers_to="area"),
        Column(
            "INDICATOR",
            Content.NUMBER,
            "Change of this indicator per unit of the area's money.",
            0.004,
            default="0",
            family=Family.INDICATOR,
        ),
        Column(
            "Indicator",
            Content.TEXT,
            "Instead of a column each: the indicator of this row.",
            "School places",
            refers_to="indicator",
        ),
        Column("Effect", Content.NUMBER, "Change of the indicator per unit of the area's money.", 0.004),
        Column("Cost per unit", Content.NUMBER, "Or: money for one unit of the indicator.", 250),
        Column("Spending 1", Content.NUMBER, "Or two known points: at this spending …", 2000),
        Column("Result 1", Content.NUMBER, "… this result, and", 8),
        Column("Spending 2", Content.NUMBER, "at this spending …", 3000),
        Column("Result 2", Content.NUMBER, "… that result.", 12),
        *PROVENANCE,
    ),
)

PROJECTS = Table(
    "Projects",
    "Single projects inside areas.",
    (
        Column("Project", Content.NAME, "The project's name.", required=True),
        Column("Area", Content.TEXT, "Its area.", required=True, refers_to="area"),
        Column("Place", Content.TEXT, "Where it stands."),
        Column("Group", Content.NAMES, "Groups it belongs to."),
        Column("Minimum", Content.AMOUNT, "The least it gets over its whole life."),
        Column("Maximum", Content.AMOUNT, "The most it gets over its whole life."),
        Column("All or nothing", Content.KEYWORD, "yes: its Maximum or nothing.", keywords=YES),
        Column("Benefit", Content.NUMBER, "Benefit points per unit of money."),
        Column("Requires", Content.NAMES, "Projects without which it can't go ahead."),
        Column("Excludes", Content.NAMES, "Projects it rules out."),
        *ASSIGNMENT,
        *PROVENANCE,
    ),
    later=True,
)

WHAT_IF = Table(
    "What-if",
    "Variants: what is planned once more with a few cells changed. Rows with the same Variant belong together.",
    (
        Column(
            "Variant",
            Content.TEXT,
            "The variant's name, short enough for a chart; rows of one name belong together.",
            "Less revenue",
            required=True,
        ),
        Column(
            "Sheet",
            Content.KEYWORD,
            "The sheet on which something changes.",
            "Budget",
            required=True,
            keywords=("Scenario", "Budget", "Areas", "Limits", "Benefits", "Rules", "Indicators", "Effects"),
        ),
        Column(
            "Row",
            Content.TEXT,
            "The name in that table's first column; Culture / 2 is an area's second band, Literacy/2028 the target "
            "of that year.",
            "City budget",
            required=True,
        ),
        Column(
            "Column",
            Content.TEXT,
            "The heading of the cell that changes: a year, or every year, or any other.",
            "every year",
            default="with remove, the whole row; on the sheet Scenario, Value",
        ),
        Column(
            "Change",
            Content.KEYWORD,
            "set: Value stands there instead. add: Value is added. change by: it grows by this percentage (-10%: a "
            "tenth less). remove: the cell is cleared, or the row goes.",
            "change by",
            required=True,
            keywords=("set", "add", "change by", "remove"),
        ),
        Column("Value", Content.MIXED, "To what, or by how much; percentages with their sign.", "-10%"),
        *PROVENANCE,
    ),
)

TABLES = (SCENARIO, BUDGET_TABLE, AREAS, LIMITS, BENEFITS, RULES, INDICATORS, EFFECTS, PROJECTS, WHAT_IF)
"""Every input sheet, in the order in which a template has them."""
