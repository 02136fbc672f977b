"""The words of the scenario workbook: keywords, the spellings of operators, names that mean something else."""

from __future__ import annotations

import re

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

_LAST_YEAR, _CHANGE, _LAST_SHARE = "last year", "change on last year", "last year's share"
BASES_MEANT = {
    **dict.fromkeys(
        ("prior year", "previous year", "last years", "year before", "the year before", "preceding year", "past year",
         "last year's budget", "last year budget", "of last year", "prior years", "last fiscal year",
         "năm trước", "năm ngoái", "năm liền trước", "năm trước đó", "so với năm trước", "cùng kỳ", "t-1"), _LAST_YEAR),
    **dict.fromkeys(
        ("change", "growth", "increase", "change on prior year", "change on previous year", "growth on last year",
         "change over last year", "change from last year", "change to last year", "year on year", "yoy", "tăng trưởng",
         "tăng so với năm trước", "mức tăng", "thay đổi so với năm trước"), _CHANGE),
    **dict.fromkeys(
        ("prior year's share", "previous year's share", "prior year share", "previous share", "last share",
         "share last year", "share of last year", "tỷ trọng năm trước", "tỷ lệ năm trước"), _LAST_SHARE),
    **dict.fromkeys(
        ("of budget", "the budget", "of the budget", "total budget", "of total budget", "budget total", "year's budget",
         "annual budget", "budget share", "share of budget", "total", "ngân sách", "tổng ngân sách",
         "của ngân sách", "dự toán"), "budget"),
    **dict.fromkeys(
        ("total spending", "of spending", "spent", "expenditure", "total expenditure", "all spending", "chi",
         "tổng chi", "chi tiêu"), "spending"),
    **dict.fromkeys(
        ("fixed", "absolute", "fixed amount", "money", "sum", "value", "number", "vnd", "usd", "số tiền", "tuyệt đối"),
        "amount"),
}  # fmt: skip
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

RULE_KEYWORDS = (TOTAL, EVERY_AREA, ALL, NONE, TOGETHER, "off", *BASES)
"""Words that mean something in Rules, so that no area, group or source may bear them."""
