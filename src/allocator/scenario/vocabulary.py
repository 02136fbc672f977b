"""The words of the scenario workbook: keywords, the spellings of operators, names that mean something else."""

from __future__ import annotations

from allocator.scenario.model import BasisKind, Operator

STATUSES = ("approved", "estimate", "assumption")
STRENGTHS = ("must", "law", "goal 1", "goal 2", "goal 3", "off")
OPERATORS = tuple(operator.value for operator in Operator)
KINDS = ("budget", "other")
SPEND = ("up to", "all")
YES = ("yes", "no")
COUNTS = ("cumulative", "year")
MEASURED_FROM = ("nothing", "last year")
BASES = tuple(kind.value for kind in BasisKind if kind is not BasisKind.AREA)
TOTAL = "total"
EVERY_AREA = "every area"
EVERY_AREA_IN = "every area in "
TOGETHER = "together"
EVERY_YEAR = "every year"
NONE = "none"
BUDGET = "budget"
ALL = "all"

OPERATOR_WORDS = {
    ">=": Operator.AT_LEAST,
    "≥": Operator.AT_LEAST,
    "at least": Operator.AT_LEAST,
    "<=": Operator.AT_MOST,
    "≤": Operator.AT_MOST,
    "at most": Operator.AT_MOST,
    "=": Operator.EQUAL,
    "equals": Operator.EQUAL,
    ">": Operator.OVER,
    "over": Operator.OVER,
    "more than": Operator.OVER,
    "<": Operator.UNDER,
    "under": Operator.UNDER,
    "less than": Operator.UNDER,
}

TOTAL_WORDS = (
    "total",
    "totals",
    "grand total",
    "subtotal",
    "sub-total",
    "sum",
    "tổng",
    "tổng cộng",
    "tổng số",
    "cộng",
    "tổng chi",
    "tổng ngân sách",
    "tổng vốn",
)
"""Names that mean a total row left among areas or sources."""

TOTAL_FILLERS = frozenset(
    (
        "of",
        "the",
        "all",
        "in",
        "for",
        "budget",
        "spending",
        "expenditure",
        "areas",
        "sources",
        "amount",
        "sum",
        "year",
        "years",
        "planned",
        "plan",
        "and",
        "chi",
        "thu",
        "ngân",
        "sách",
        "vốn",
        "kinh",
        "phí",
        "năm",
        "các",
        "lĩnh",
        "vực",
        "nguồn",
        "cả",
        "dự",
        "toán",
        "kế",
        "hoạch",
        "giai",
        "đoạn",
        "toàn",
        "thành",
        "phố",
    )
)
"""Words that leave it a total row: Total spending of all areas."""

RULE_KEYWORDS = (TOTAL, EVERY_AREA, ALL, NONE, TOGETHER, "off", *BASES)
"""Words that mean something in Rules, so that no area, group or source may bear them."""
