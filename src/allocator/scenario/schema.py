"""The scenario workbook's words, sheets, columns and settings, each declared once.

Reading, the template of ``allocate new`` with its help and lists, and the format's page in docs/ follow this file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, partial

from allocator.scenario.bases import BASES
from allocator.scenario.model import Operator

# ---- Headings that a workbook makes up ------------------------------------------------------------------------------


class Family(Enum):
    """What such a heading names, its member: a year, a source or an indicator.

    >>> Family.SOURCE.heading("ODA"), Family.PROPOSED.heading(2027), Family.YEAR.heading(2027)
    ('Last year: ODA', 'Proposed 2027', '2027')
    >>> Family.SOURCE.member("last year:ODA"), Family.PROPOSED.member("Proposed 2027"), Family.YEAR.member("Note")
    ('ODA', '2027', None)
    """

    YEAR = "year"
    SOURCE = "source"
    PROPOSED = "proposed"
    INDICATOR = "indicator"

    def heading(self, member: object) -> str:
        """Return a member's heading as the tables have it."""
        return f"{_BEFORE[self]}{member}"

    def member(self, heading: str) -> str | None:
        """Return the member that a tidy heading names, whatever its letters' case; None where it is of no such form."""
        found = _FORMS[self].fullmatch(heading)
        return found[1].strip() if found else None

    def has(self, heading: str) -> bool:
        """Whether a tidy heading is of the family; any is of the indicators'."""
        return _FORMS[self].fullmatch(heading) is not None


_BEFORE = {Family.YEAR: "", Family.SOURCE: "Last year: ", Family.PROPOSED: "Proposed ", Family.INDICATOR: ""}
_MEMBERS = {Family.YEAR: r"(\d{4})", Family.SOURCE: "(.*)", Family.PROPOSED: r"(\d{4})", Family.INDICATOR: "(.+)"}
_FORMS = {
    family: re.compile(before.replace(": ", ": ?") + _MEMBERS[family], re.IGNORECASE | re.DOTALL)
    for family, before in _BEFORE.items()
}
_PATTERNS = {
    Family.YEAR.heading("YEAR"): Family.YEAR,
    Family.SOURCE.heading("SOURCE"): Family.SOURCE,
    Family.PROPOSED.heading("YEAR"): Family.PROPOSED,
    Family.INDICATOR.heading("INDICATOR"): Family.INDICATOR,
}
"""The names that columns of families are declared by."""


# ---- Words ----------------------------------------------------------------------------------------------------------


def _words(listed: str) -> tuple[str, ...]:
    """Return the words that stand in a list, with a comma between them."""
    return tuple(listed.split(", "))


STATUSES = ("approved", "estimate", "assumption")
STRENGTHS = ("must", "law", "goal 1", "goal 2", "goal 3", "off")
OPERATORS = tuple(operator.value for operator in Operator)
KINDS = ("budget", "other")
SPEND = ("up to", "all")
YES = ("yes", "no")
COUNTS = ("cumulative", "year")
MEASURED_FROM = ("nothing", "last year")
CHANGES = SET, ADD, CHANGE_BY, REMOVE = ("set", "add", "change by", "remove")
BASIS_WORDS = tuple(basis.word for basis in BASES if basis.word)
AMOUNTS = tuple(basis.word for basis in BASES if not basis.percent)
"""The bases whose Value is an amount, not a percentage."""
TOTAL = "total"
EVERY_AREA = "every area"
EVERY_AREA_IN = "every area in "
TOGETHER = "together"
EVERY_YEAR = "every year"
NONE = "none"
BUDGET = "budget"
ALL = "all"

OPERATOR_WORDS = {
    word: operator
    for operator, words in {
        Operator.AT_LEAST: (">=", "≥", "at least"),
        Operator.AT_MOST: ("<=", "≤", "at most"),
        Operator.EQUAL: ("=", "equals"),
        Operator.OVER: (">", "over", "more than"),
        Operator.UNDER: ("<", "under", "less than"),
    }.items()
    for word in words
}

CONDITION = re.compile(
    r"(.+?)\s*(>=|<=|≥|≤|=|>|<|\bat least\b|\bat most\b|\bmore than\b|\bover\b|\bunder\b)\s*([^<>=]+)"
)
"""What is to be reached, as it is typed: a name, an operator and a number."""

_COMPARISONS_MEANT = {
    ">=": (
        "=>, ≧, ⩾, gte, ge, not less than, no less than, not below, not under, minimum, min, at the least, at "
        "minimum, from, greater than or equal, greater than or equal to, greater or equal, ít nhất, tối thiểu, "
        "không ít hơn, không dưới, không thấp hơn, từ"
    ),
    "<=": (
        "=<, ≦, ⩽, lte, le, not more than, no more than, not over, not above, not exceeding, maximum, max, at the "
        "most, at maximum, up to, less than or equal, less than or equal to, less or equal, nhiều nhất, tối đa, "
        "không quá, không vượt quá, không nhiều hơn, không cao hơn"
    ),
    "=": "==, equal, equal to, is, exactly, eq, bằng, đúng bằng",
    ">": "greater than, greater, above, exceeds, higher than, gt, hơn, lớn hơn, trên, nhiều hơn, vượt, cao hơn",
    "<": "below, lower than, smaller than, fewer than, lt, nhỏ hơn, dưới, ít hơn, thấp hơn",
}
OPERATORS_MEANT = {word: sign for sign, words in _COMPARISONS_MEANT.items() for word in _words(words)}
"""Other ways in which comparisons are typed: not read, but offered as what they most likely mean."""

BASES_MEANT = {meant: basis.word for basis in BASES for meant in basis.meant}
"""Other ways in which bases are typed: not read, but offered as what they most likely mean."""

TOTAL_MEANT = _words(
    "all, everything, whole, overall, altogether, budget, the budget, whole budget, the whole budget, entire budget, "
    "the entire budget, all spending, all money, spending, together, all together, toan bo, tat ca, ngan sach, toan "
    "bo ngan sach, tat ca ngan sach, toan thanh pho"
)
"""Words typed for the sum of all areas, without accents: not read, but offered as total."""

TOTAL_WORDS = _words(
    "total, totals, grand total, subtotal, sub-total, sum, tổng, tổng cộng, tổng số, cộng, tổng chi, tổng ngân sách, "
    "tổng vốn"
)
"""Names that mean a total row left among areas or sources."""

TOTAL_FILLERS = frozenset(
    _words(
        "of, the, all, in, for, budget, spending, expenditure, areas, sources, amount, sum, year, years, planned, "
        "plan, and, chi, thu, ngân, sách, vốn, kinh, phí, năm, các, lĩnh, vực, nguồn, cả, dự, toán, kế, hoạch, giai, "
        "đoạn, toàn, thành, phố"
    )
)
"""Words that leave it a total row: Total spending of all areas."""

RULE_KEYWORDS = (TOTAL, EVERY_AREA, ALL, NONE, TOGETHER, "off", *BASIS_WORDS)
"""Words that mean something in Rules, so that no area, group or source may bear them."""


# ---- Tables ---------------------------------------------------------------------------------------------------------


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

    content: Content
    name: str
    help: str
    example: str | float | None = None
    default: str = ""
    """What a blank cell means, in words; empty: nothing is asked."""
    required: bool = False
    """Whether the table is recognised only with it, and each row needs it filled."""
    keywords: tuple[str, ...] = ()
    refers_to: str = ""
    """What its names are: area, group, source, indicator, or several separated by a space."""
    may_be_blank: bool = False
    """Whether a row may leave it blank though the table needs the column."""
    can_lift: bool = False
    """Whether the word `none` is allowed and lifts a limit."""

    @cached_property
    def family(self) -> Family | None:
        """Of headings that the workbook makes up; the name shows the pattern."""
        return _PATTERNS.get(self.name)

    @property
    def typed_example(self) -> str:
        """Its example as an officer would type it, empty where there is none.

        >>> Column(Content.SHARE, "Value", "", 0.04).typed_example
        '4%'
        """
        if self.example is None or isinstance(self.example, str):
            return self.example or ""
        if self.content is Content.SHARE:
            return f"{self.example * 100:.6g}%"
        return f"{self.example:,.10g}" if self.content is Content.AMOUNT else f"{self.example:.10g}"


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


_text, _name, _names = (partial(Column, content) for content in (Content.TEXT, Content.NAME, Content.NAMES))
_amount, _number, _share = (partial(Column, content) for content in (Content.AMOUNT, Content.NUMBER, Content.SHARE))
_years, _mixed = (partial(Column, content) for content in (Content.YEARS, Content.MIXED))


def _keyword(
    name: str, told: str, words: tuple[str, ...], *, default: str = "", example: str = "", required: bool = False
) -> Column:
    """Return a column of keywords; its example is what a blank cell means, or the first of its words."""
    shown = example or default or words[0]
    return Column(Content.KEYWORD, name, told, shown, default, required, keywords=words)


PROVENANCE = (
    _text("Evidence", "Where the figure is from: document, table, page.", "Resolution 482, table 3"),
    _keyword("Status", "How firm the figure is: approved, an estimate, or an assumption of yours.", STATUSES),
    _text("Legal basis", "The law or decision behind the row; shown wherever the row binds.", "Resolution 57-NQ/TW"),
    _text("Note", "Anything a reader of this row should know.", "Without the metro loans"),
    _keyword("Checked", "yes: what check asks about the row is right.", YES, default="no", example="yes"),
)

ASSIGNMENT = (
    _text("Lead agency", "Who answers for the area.", "Department of Education"),
    _text("Coordinating agency", "Who works with the lead agency.", "Department of Finance"),
    _text("Responsible", "The person who answers for it, by name or office.", "Director"),
    _mixed("Start", "When the work starts: year, month or date.", 2026),
    _mixed("Completion", "When it is due.", 2030),
    _text("Output", "What is handed over at the end.", "30 new schools"),
)

SCENARIO = Table(
    "Scenario",
    "What the plan is for: title, unit, rounding and objective.",
    (
        _name("Setting", "The setting's name; settings not known here travel with the plan.", "Unit", required=True),
        _mixed("Value", "Its value.", "VND billion", required=True, may_be_blank=True),
    ),
)

BUDGET_TABLE = Table(
    "Budget",
    "The money there is: a row per funding source, a column per year.",
    (
        _name("Source", "The funding source's name, used once.", "City budget", required=True),
        _keyword("Kind", "budget: the government's own money. other: private, donors, …", KINDS, default="budget"),
        _amount("Last year", "What it made available in the year before the first.", 95000),
        _amount("YEAR", "What it makes available in this year; type 0 for nothing.", 100000, required=True),
        _keyword("Spend", "all: everything must be allotted. up to: some may be left.", SPEND, default="up to"),
        _keyword("Carry over", "yes: what is left moves to the next year. no: it lapses.", YES, default="no"),
        *PROVENANCE,
    ),
    optional=False,
)


def _limits(default: str, *, can_lift: bool = False) -> tuple[Column, ...]:
    """Return the columns of limits; a blank cell means `default`."""
    share = "budget money is as a part of that year's budget."
    return (
        _amount("Minimum", "The least it gets in a year, from all sources.", 1000, default, can_lift=can_lift),
        _amount("Maximum", "The most it gets in a year, from all sources.", 5000, default, can_lift=can_lift),
        _share("Minimum share", f"The least its {share}", 0.04, default, can_lift=can_lift),
        _share("Maximum share", f"The most its {share}", 0.2, default, can_lift=can_lift),
    )


AREAS = Table(
    "Areas",
    "What the money is for: a row per priority area.",
    (
        _name("Area", "The area's name, used once; no total row.", "Culture", required=True),
        _text(
            "Part of",
            "Another area of which this one is a part; that one's money is the sum of its parts.",
            refers_to="area",
        ),
        _names("Group", "Group names, separated by ; for rules about them together.", "Social"),
        _amount("Last year", "Budget money it had in the year before the first.", 3200),
        _amount("Last year: SOURCE", "What it had from this source in the year before the first.", 2800),
        *_limits("no limit"),
        _number("Benefit", "Benefit points per unit of money, the same for every unit.", 1.2, "0"),
        _names(
            "Sources", "The sources that may pay for it, separated by ;", "City budget; ODA", "all", refers_to="source"
        ),
        _amount("Proposed", "The draft plan's amount, to compare with (one-year scenarios).", 4000),
        _amount("Proposed YEAR", "The draft plan's amount in this year, to compare with.", 4000),
        *ASSIGNMENT,
        *PROVENANCE,
    ),
    optional=False,
)

LIMITS = Table(
    "Limits",
    "Limits that hold in some years only: a filled cell replaces that of Areas, none lifts it, a blank one leaves it.",
    (
        _text("Area", "The area.", "Culture", required=True, refers_to="area"),
        _years("Years", "2027, or 2027-2029, or 2026;2028.", "2027-2029", "each year"),
        *_limits("as in Areas", can_lift=True),
        *PROVENANCE,
    ),
)

BENEFITS = Table(
    "Benefits",
    "Diminishing returns: consecutive bands of an area's yearly amount, each with its benefit per unit.",
    (
        _text("Area", "The area.", "Culture", required=True, refers_to="area"),
        _amount("Up to", "Where the band ends; it starts where the row above ends.", 5000, "no end"),
        _share("Up to, of last year", "Instead: where it ends, as a percentage of Last year.", 1.2, "no end"),
        _number(
            "Benefit",
            "Benefit points per unit of money in this band; less than in the band before.",
            1.2,
            required=True,
        ),
        _years("Years", "The years in which the band holds.", "2027-2030", "every year that no row of the area names"),
        *PROVENANCE,
    ),
)

RULES = Table(
    "Rules",
    "What the plan must keep: AREA's money from SOURCE, compared with VALUE of BASIS, in YEARS.",
    (
        _name("Rule", "The rule's name, as it should stand in the plan.", "Science at least 4 %", required=True),
        _text(
            "Area",
            "An area, a group, total, every area, or every area in GROUP.",
            "Science",
            required=True,
            keywords=(TOTAL, EVERY_AREA),
            refers_to="area group",
        ),
        _names(
            "Source",
            "Which money counts: sources, budget (all of that Kind) or all.",
            "budget",
            "budget; all where Basis is amount",
            keywords=(BUDGET, ALL),
            refers_to="source",
        ),
        _keyword("Operator", ">=, <=, =, > or <, or at least, at most, equals, over, under.", OPERATORS, required=True),
        _share("Value", "A percentage; an amount where Basis is amount.", 0.04, required=True),
        _text(
            "Basis",
            "What Value is a part of: the budget, last year, an area …",
            "budget",
            required=True,
            keywords=BASIS_WORDS,
            refers_to="area group",
        ),
        _names(
            "Basis source",
            "Which money counts in the basis.",
            "all",
            "as in Source",
            keywords=(BUDGET, ALL),
            refers_to="source",
        ),
        _years("Years", "2030, 2027-2030, 2026;2028, or 2026-2030 together.", "2027-2030", "each year"),
        _keyword("Strength", "must, law (never up for repair), goal 1, goal 2, … or off.", STRENGTHS, default="must"),
        *PROVENANCE,
    ),
)

INDICATORS = Table(
    "Indicators",
    "What the money is to achieve: a row per indicator and target.",
    (
        _name("Indicator", "The indicator's name.", "School places", required=True),
        _text("Unit", "Its unit.", "thousand places"),
        _number("Baseline", "Its value without the money counted.", 0, "0"),
        _keyword("Operator", "How it compares with the target: >=, <=, =, > or <.", OPERATORS),
        _number("Target", "What it is to reach.", 30, "reported only"),
        _years("Year", "When.", 2030, "the last year; every year where Counts is year"),
        _keyword(
            "Counts", "cumulative: spending of all years up to it. year: that year's.", COUNTS, default="cumulative"
        ),
        _keyword(
            "Measured from",
            "nothing, or last year: only money above Last year moves it.",
            MEASURED_FROM,
            default="nothing",
        ),
        _keyword("Strength", "must, law, goal 1, goal 2, … or off.", STRENGTHS, default="must"),
        _number("Weight", "Benefit points per unit of effect.", 0, "0"),
        _mixed("Reference", "A benchmark to show beside it.", "national average 25"),
        *PROVENANCE,
    ),
)

EFFECTS = Table(
    "Effects",
    "How money moves indicators: a column per indicator, or a row per area and indicator.",
    (
        _text("Area", "The area.", "Education", required=True, refers_to="area"),
        _number("INDICATOR", "Change of this indicator per unit of the area's money.", 0.004, "0"),
        _text(
            "Indicator", "Instead of a column each: the indicator of this row.", "School places", refers_to="indicator"
        ),
        _number("Effect", "Change of the indicator per unit of the area's money.", 0.004),
        _number("Cost per unit", "Or: money for one unit of the indicator.", 250),
        _number("Spending 1", "Or two known points: at this spending …", 2000),
        _number("Result 1", "… this result, and", 8),
        _number("Spending 2", "at this spending …", 3000),
        _number("Result 2", "… that result.", 12),
        *PROVENANCE,
    ),
)

PROJECTS = Table(
    "Projects",
    "Single projects inside areas.",
    (
        _name("Project", "The project's name.", required=True),
        _text("Area", "Its area.", required=True, refers_to="area"),
        _text("Place", "Where it stands."),
        _names("Group", "Groups it belongs to."),
        _amount("Minimum", "The least it gets over its whole life."),
        _amount("Maximum", "The most it gets over its whole life."),
        Column(Content.KEYWORD, "All or nothing", "yes: its Maximum or nothing.", keywords=YES),
        _number("Benefit", "Benefit points per unit of money."),
        _names("Requires", "Projects without which it can't go ahead."),
        _names("Excludes", "Projects it rules out."),
        *ASSIGNMENT,
        *PROVENANCE,
    ),
    later=True,
)

_CHANGEABLE = (SCENARIO, BUDGET_TABLE, AREAS, LIMITS, BENEFITS, RULES, INDICATORS, EFFECTS)

WHAT_IF = Table(
    "What-if",
    "Variants: what is planned once more with a few cells changed. Rows with the same Variant belong together.",
    (
        _text(
            "Variant",
            "The variant's name, short enough for a chart; rows of one name belong together.",
            "Less revenue",
            required=True,
        ),
        _keyword(
            "Sheet",
            "The sheet on which something changes.",
            tuple(table.sheet for table in _CHANGEABLE),
            example="Budget",
            required=True,
        ),
        _text(
            "Row",
            "The name in that table's first column; Culture / 2 is an area's second band, Literacy/2028 the target "
            "of that year.",
            "City budget",
            required=True,
        ),
        _text(
            "Column",
            "The heading of the cell that changes: a year, or every year, or any other.",
            "every year",
            "with remove, the whole row; on the sheet Scenario, Value",
        ),
        _keyword(
            "Change",
            "set: Value stands there instead. add: Value is added. change by: it grows by this percentage (-10%: a "
            "tenth less). remove: the cell is cleared, or the row goes.",
            CHANGES,
            example="change by",
            required=True,
        ),
        _mixed("Value", "To what, or by how much; percentages with their sign.", "-10%"),
        *PROVENANCE,
    ),
)

TABLES = (*_CHANGEABLE, PROJECTS, WHAT_IF)
"""Every input sheet, in the order in which a template has them."""


# ---- Settings -------------------------------------------------------------------------------------------------------

SETTINGS = (
    _text("Title", "The plan's title.", default="the file's name"),
    _text("Unit", "The unit of every amount, e.g. VND billion.", required=True),
    _number("Step", "Every allotted amount is a whole multiple of it; 0: not rounded.", default="0.001"),
    Column(
        Content.KEYWORD,
        "Objective",
        "maximise benefit, minimise spending, or maximise or minimise an indicator by its name.",
        default="maximise benefit",
    ),
    _share("Discount rate", "Per year, on benefits.", default="0 %"),
    _text("Prepared by", "Carried into the plan."),
    _mixed("Version", "Carried into the plan."),
    _mixed("Date", "Carried into the plan."),
    _text("Notes", "Carried into the plan."),
)
"""The rows that the sheet Scenario may have; what is said of a column is said of its Value."""
