"""The words of the scenario workbook: keywords, the spellings of operators, names that mean something else."""

from __future__ import annotations

import re

from allocator.scenario.bases import BASES
from allocator.scenario.model import Operator

STATUSES = ("approved", "estimate", "assumption")
STRENGTHS = ("must", "law", "goal 1", "goal 2", "goal 3", "off")
OPERATORS = tuple(operator.value for operator in Operator)
KINDS = ("budget", "other")
SPEND = ("up to", "all")
YES = ("yes", "no")
COUNTS = ("cumulative", "year")
MEASURED_FROM = ("nothing", "last year")
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

CONDITION = re.compile(
    r"(.+?)\s*(>=|<=|≥|≤|=|>|<|\bat least\b|\bat most\b|\bmore than\b|\bover\b|\bunder\b)\s*([^<>=]+)"
)
"""What is to be reached, as it is typed: a name, an operator and a number."""

OPERATORS_MEANT = {
    "=>": ">=", "≧": ">=", "⩾": ">=", "gte": ">=", "ge": ">=", "not less than": ">=", "no less than": ">=",
    "not below": ">=", "not under": ">=", "minimum": ">=", "min": ">=", "at the least": ">=", "at minimum": ">=",
    "from": ">=", "greater than or equal": ">=", "greater than or equal to": ">=", "greater or equal": ">=",
    "ít nhất": ">=", "tối thiểu": ">=", "không ít hơn": ">=", "không dưới": ">=", "không thấp hơn": ">=", "từ": ">=",
    "=<": "<=", "≦": "<=", "⩽": "<=", "lte": "<=", "le": "<=", "not more than": "<=", "no more than": "<=",
    "not over": "<=", "not above": "<=", "not exceeding": "<=", "maximum": "<=", "max": "<=", "at the most": "<=",
    "at maximum": "<=", "up to": "<=", "less than or equal": "<=", "less than or equal to": "<=",
    "less or equal": "<=", "nhiều nhất": "<=", "tối đa": "<=", "không quá": "<=", "không vượt quá": "<=",
    "không nhiều hơn": "<=", "không cao hơn": "<=",
    "==": "=", "equal": "=", "equal to": "=", "is": "=", "exactly": "=", "eq": "=", "bằng": "=", "đúng bằng": "=",
    "greater than": ">", "greater": ">", "above": ">", "exceeds": ">", "higher than": ">", "gt": ">", "hơn": ">",
    "lớn hơn": ">", "trên": ">", "nhiều hơn": ">", "vượt": ">", "cao hơn": ">",
    "below": "<", "lower than": "<", "smaller than": "<", "fewer than": "<", "lt": "<", "nhỏ hơn": "<", "dưới": "<",
    "ít hơn": "<", "thấp hơn": "<",
}  # fmt: skip
"""Other ways in which comparisons are typed: not read, but offered as what they most likely mean."""

BASES_MEANT = {meant: basis.word for basis in BASES for meant in basis.meant}
"""Other ways in which bases are typed: not read, but offered as what they most likely mean."""

TOTAL_MEANT = frozenset(
    ("all", "everything", "whole", "overall", "altogether", "budget", "the budget", "whole budget", "the whole budget",
     "entire budget", "the entire budget", "all spending", "all money", "spending", "together", "all together",
     "toan bo", "tat ca", "ngan sach", "toan bo ngan sach", "tat ca ngan sach", "toan thanh pho")
)  # fmt: skip
"""Words typed for the sum of all areas, without accents: not read, but offered as total."""

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

RULE_KEYWORDS = (TOTAL, EVERY_AREA, ALL, NONE, TOGETHER, "off", *BASIS_WORDS)
"""Words that mean something in Rules, so that no area, group or source may bear them."""
