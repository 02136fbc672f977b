"""The worked example that ``allocate new`` writes: a small invented city, to be replaced by one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from allocator.scenario.writing import Row, Value, write_scenario

TITLE = "Example: the budget of Rivermouth, 2027–2028"

_SETTINGS: Row = {
    "Title": TITLE,
    "Unit": "million",
    "Step": 0.1,
    "Objective": "maximise benefit",
    "Discount rate": 0.03,
    "Prepared by": "Budget office (example)",
    "Version": "1",
    "Notes": "Everything here is invented: write your own figures over it.",
}

_BUDGET = (
    ("Source", "Kind", "Last year", "2027", "2028", "Spend", "Carry over"),
    (
        ("City budget", "budget", 1010, 1070, 1125, "up to", "no"),
        ("Development bank", "other", 35, 50, 60, "up to", "yes"),
    ),
)

_AREAS = (
    (
        "Area",
        "Part of",
        "Group",
        "Last year",
        "Minimum",
        "Maximum",
        "Sources",
        "Proposed 2027",
        "Proposed 2028",
        "Lead agency",
        "Responsible",
        "Output",
    ),
    (
        (
            "Education",
            None,
            "People",
            300,
            None,
            None,
            "City budget",
            315,
            330,
            "Education department",
            "Head of schools",
            "1,200 new school places",
        ),
        (
            "Health",
            None,
            "People",
            220,
            None,
            260,
            "City budget",
            232,
            245,
            "Health department",
            "Head of clinics",
            "Two clinics in the outer districts",
        ),
        (
            "Social care",
            None,
            "People",
            120,
            None,
            None,
            "City budget",
            125,
            130,
            "Welfare department",
            "Head of care",
            "Home care for 900 more people",
        ),
        (
            "Culture and sport",
            None,
            "People",
            40,
            35,
            None,
            "City budget",
            43,
            46,
            "Culture department",
            "Head of culture",
            "Library and sports hall in the north",
        ),
        (
            "Transport",
            None,
            "City",
            190,
            None,
            None,
            None,
            210,
            225,
            "Transport department",
            "Head of transport",
            "Bus lanes on four main roads",
        ),
        (
            "Environment",
            None,
            "City",
            None,
            110,
            None,
            None,
            None,
            None,
            "Environment department",
            "Head of environment",
            None,
        ),
        (
            "Water and waste",
            "Environment",
            "City",
            85,
            None,
            None,
            None,
            95,
            100,
            "Water works",
            "Director of works",
            "Main pipe renewed",
        ),
        (
            "Parks and clean air",
            "Environment",
            "City",
            30,
            None,
            None,
            "City budget",
            32,
            34,
            "Environment department",
            "Head of parks",
            "Three parks, eight measuring stations",
        ),
        (
            "Digital services",
            None,
            "City",
            25,
            None,
            None,
            None,
            30,
            35,
            "Digital office",
            "Chief digital officer",
            "All permits online",
        ),
    ),
)

_LIMITS = (
    ("Area", "Years", "Maximum", "Note"),
    (
        ("Digital services", "2027", 32, "The office can't hire faster in its first year."),
        ("Transport", "2028", 235, "Two of the four roads are done by then."),
    ),
)

_BENEFITS = (
    ("Area", "Up to", "Up to, of last year", "Benefit"),
    (
        ("Education", 300, None, 2.0),
        ("Education", 330, None, 1.5),
        ("Education", None, None, 0.9),
        ("Health", None, 1, 1.9),
        ("Health", None, 1.1, 1.4),
        ("Health", None, None, 0.8),
        ("Social care", None, 1, 1.8),
        ("Social care", None, 1.12, 1.3),
        ("Social care", None, None, 0.7),
        ("Culture and sport", 40, None, 1.6),
        ("Culture and sport", 43, None, 1.25),
        ("Culture and sport", None, None, 0.8),
        ("Transport", 200, None, 1.6),
        ("Transport", 230, None, 1.2),
        ("Transport", None, None, 0.6),
        ("Water and waste", 90, None, 1.7),
        ("Water and waste", 110, None, 1.1),
        ("Water and waste", None, None, 0.5),
        ("Parks and clean air", 32, None, 1.4),
        ("Parks and clean air", None, None, 0.9),
        ("Digital services", 30, None, 1.8),
        ("Digital services", 40, None, 1.2),
        ("Digital services", None, None, 0.4),
    ),
)

_RULES = (
    (
        "Rule",
        "Area",
        "Source",
        "Operator",
        "Value",
        "Basis",
        "Years",
        "Strength",
        "Legal basis",
        "Note",
    ),
    (
        (
            "Education at least 28 %",
            "Education",
            "budget",
            ">=",
            0.28,
            "budget",
            None,
            "law",
            "Education act, article 7 (invented)",
            None,
        ),
        (
            "Culture over 4 %",
            "Culture and sport",
            "budget",
            "over",
            0.04,
            "budget",
            "2028",
            "must",
            "Council decision 12 (invented)",
            "Exactly 4 % would not be enough.",
        ),
        (
            "No deep cut",
            "every area",
            None,
            ">=",
            -0.05,
            "change on last year",
            None,
            "must",
            None,
            "One rule for each area.",
        ),
        (
            "No sudden growth",
            "every area in City",
            "budget",
            "at most",
            0.2,
            "change on last year",
            None,
            "must",
            None,
            "Offices can't spend much more from one year to the next.",
        ),
        (
            "People come first",
            "People",
            "budget",
            ">=",
            0.62,
            "spending",
            None,
            "must",
            None,
            "Of all city money that is allotted.",
        ),
        ("Parks in Environment", "Parks and clean air", "all", ">=", 0.25, "Environment", None, "must", None, None),
        (
            "Care grows faster",
            "Social care",
            "budget",
            ">=",
            0.004,
            "points on last year's share",
            None,
            "goal 1",
            None,
            "0.4 points more of the budget each year, as far as possible.",
        ),
        (
            "Transport capped at 20 %",
            "Transport",
            "budget",
            "<=",
            0.2,
            "budget",
            None,
            "off",
            None,
            "Waits for the variant that switches it on (sheet What-if).",
        ),
    ),
)

_INDICATORS = (
    (
        "Indicator",
        "Unit",
        "Baseline",
        "Operator",
        "Target",
        "Year",
        "Counts",
        "Measured from",
        "Strength",
        "Reference",
        "Note",
    ),
    (
        (
            "School places",
            "thousand places",
            42,
            ">=",
            43.2,
            2028,
            "cumulative",
            "last year",
            "must",
            "national average 40",
            "Only money above last year's builds new places.",
        ),
        (
            "Bus passengers",
            "million a year",
            18,
            ">=",
            24.5,
            2028,
            "year",
            "last year",
            "goal 2",
            "neighbouring city 26",
            None,
        ),
    ),
)

_EFFECTS = (
    ("Area", "School places", "Bus passengers"),
    (
        ("Education", 0.02, None),
        ("Transport", None, 0.15),
    ),
)

_WHAT_IF = (
    ("Variant", "Sheet", "Row", "Column", "Change", "Value", "Note"),
    (
        ("Less revenue", "Budget", "City budget", "every year", "change by", -0.03, "A weak year for land sales."),
        ("Transport capped", "Rules", "Transport capped at 20 %", "Strength", "set", "must", "As the opposition asks."),
        ("Bank pays later", "Budget", "Development bank", 2027, "set", 20, "The loan is signed in autumn."),
        ("Bank pays later", "Budget", "Development bank", 2028, "add", 30, "What didn't come in 2027."),
    ),
)

_SOURCE: Row = {"Evidence": "Invented for this example", "Status": "assumption"}


def _rows(table: tuple[Sequence[str], Sequence[Sequence[Value]]]) -> list[Row]:
    """Return a table's rows, each with the word that it is an assumption."""
    headings, lines = table
    return [{**dict(zip(headings, line, strict=True)), **_SOURCE} for line in lines]


def example() -> Mapping[str, Sequence[Row]]:
    """Return the example's content, sheet by sheet."""
    return {
        "Scenario": [{"Setting": setting, "Value": value} for setting, value in _SETTINGS.items()],
        "Budget": _rows(_BUDGET),
        "Areas": _rows(_AREAS),
        "Limits": _rows(_LIMITS),
        "Benefits": _rows(_BENEFITS),
        "Rules": _rows(_RULES),
        "Indicators": _rows(_INDICATORS),
        "Effects": _rows(_EFFECTS),
        "What-if": _rows(_WHAT_IF),
    }


def new_scenario(target: Path | BinaryIO) -> None:
    """Write an example, a small invented city, as a workbook to start from.

    Parameters
    ----------
    target
        A path, which is written in one step, or a stream.

    Raises
    ------
    OutputError
        It can't be written.
    """
    write_scenario(target, example(), title=TITLE)
