"""Hanoi, 2026–2030: five years, culture's share rising, growth and cultural industries as goals."""

from __future__ import annotations

from collections.abc import Mapping

from hanoi import (
    AREAS,
    CHOSEN,
    CITY,
    CULTURE,
    DEFENCE,
    EDUCATION,
    ENVIRONMENT,
    FOREIGN,
    GROWTH,
    HATINH,
    HEALTH,
    ILLUSTRATIVE,
    INSTITUTIONS,
    LESS_REVENUE,
    MODEL,
    ODA,
    PARTY,
    PPP,
    PROGRAMME,
    RULES,
    SCIENCE,
    SGGP,
    WHAT_IF,
    WORKS,
    Content,
    Table,
    bands,
    rows,
    settings,
)

from allocator.scenario.writing import Row

TITLE = "Hanoi 2026–2030: five years of the action programme"
YEARS = ("2026", "2027", "2028", "2029", "2030")

_BUDGET: Table = (
    ("Source", "Kind", "Last year", *YEARS, "Spend", "Carry over", "Evidence", "Status", "Note"),
    (
        (
            CITY,
            "budget",
            155734,
            227250,
            243000,
            260000,
            278000,
            298000,
            "up to",
            "no",
            f"2025: VnExpress, 4 Jan 2026 (expenditure). 2026: from {SGGP}",
            "assumption",
            "2026 is 9,090 / 4 %; 2027 to 2030 grow by about 7 % a year, chosen.",
        ),
        (
            PPP,
            "other",
            12000,
            18000,
            21000,
            24000,
            27000,
            30000,
            "up to",
            "yes",
            CHOSEN,
            "assumption",
            "What is not called up in a year stays available.",
        ),
        (ODA, "other", 3500, 5000, 6000, 6500, 6500, 6000, "up to", "no", CHOSEN, "assumption", None),
    ),
)

_LIMITS: Table = (
    ("Area", "Years", "Maximum", "Evidence", "Status", "Note"),
    (
        (SCIENCE, "2026", 12000, CHOSEN, "assumption", "From 915 bn: what the new programmes can absorb."),
        (
            WORKS,
            "2026",
            104000,
            "Chosen, below the public investment plan of 126,000 bn (Asiacity, 9 Jan 2026)",
            "assumption",
            "What sites and boards can build in the first year.",
        ),
    ),
)

_MORE_RULES: Table = (
    RULES[0],
    (
        (
            "Culture rises by 0.3 points a year",
            CULTURE,
            "budget",
            ">=",
            0.003,
            "points on last year's share",
            None,
            None,
            "must",
            "Resolution 80-NQ/TW (7 Jan 2026)",
            f"{HATINH}. How fast it rises: chosen",
            "assumption",
            "From 2.5 % in 2025 (assumed).",
        ),
        (
            "Culture rises by 0.5 points at most",
            CULTURE,
            "budget",
            "<=",
            0.005,
            "points on last year's share",
            None,
            None,
            "must",
            None,
            CHOSEN,
            "assumption",
            "No faster than programmes can be prepared.",
        ),
        (
            "Culture over 4 % by 2030",
            CULTURE,
            "budget",
            ">",
            0.04,
            "budget",
            None,
            "2030",
            "law",
            "Resolution 80-NQ/TW (7 Jan 2026)",
            PROGRAMME,
            "approved",
            None,
        ),
        (
            "No jump after 2026",
            "every area",
            "budget",
            "<=",
            0.2,
            "change on last year",
            None,
            "2027-2030",
            "must",
            None,
            CHOSEN,
            "assumption",
            "Areas grow steadily once the programme runs.",
        ),
    ),
)

_INDICATORS: Table = (
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
        "Evidence",
        "Status",
        "Note",
    ),
    (
        (
            "GRDP growth",
            "% a year",
            9.8,
            ">=",
            11,
            "2026-2030",
            "year",
            "last year",
            "goal 1",
            "8.16 in 2025 (VnExpress, 4 Jan 2026)",
            f"Target: {GROWTH}. Baseline: chosen",
            "assumption",
            "Baseline: what private investment and reform are assumed to bring without more public money.",
        ),
        (
            "Cultural industries",
            "% of GRDP",
            5.5,
            ">=",
            9,
            2030,
            "cumulative",
            "last year",
            "goal 2",
            "next aim: 12 by 2045",
            "Target: press reports on the conference of 25 Feb 2026. Baseline: chosen",
            "assumption",
            None,
        ),
        (
            "New school places",
            "thousand places",
            0,
            ">=",
            150,
            2030,
            "cumulative",
            "last year",
            "must",
            None,
            CHOSEN,
            "assumption",
            None,
        ),
    ),
)

_STAGES: Mapping[str, tuple[int, int, int, float]] = {
    INSTITUTIONS: (11000, 14500, 17500, 0.99),
    MODEL: (12500, 19000, 27500, 1.02),
    SCIENCE: (915, 9500, 14500, 1.03),
    ENVIRONMENT: (3100, 5500, 9000, 1.04),
    WORKS: (55000, 88000, 117000, 1.0),
    CULTURE: (3900, 5800, 10500, 1.01),
    EDUCATION: (33000, 52000, 69000, 1.06),
    HEALTH: (20500, 34000, 46500, 1.05),
    DEFENCE: (6800, 9000, 11300, 0.98),
    FOREIGN: (419, 620, 850, 0.97),
    PARTY: (8600, 10000, 11900, 0.96),
}
"""Area → what it had in 2025, what programmes ask in 2026 and in 2030, and its weight."""
_POINTS = (3.0, 2.2, 1.95, 1.7, 1.5, 1.3, 0.6)
"""Benefit per billion: of what runs already, of what each of the five years asks, and beyond, before weighting."""
_STAGES_WHY = "Chosen: what runs already, then what programmes ask for 2026, 2027, … 2030, then beyond"


def _bands() -> list[Row]:
    """Return the rows of Benefits; what programmes ask grows evenly from 2026 to 2030."""
    found = []
    for area, (before, first, last, weight) in _STAGES.items():
        rounded = 10 if last < 1000 else 100
        growth = (last / first) ** 0.25
        ends = [round(first * growth**year / rounded) * rounded for year in range(5)]
        points = [round(point * weight, 3) for point in _POINTS]
        found += bands(area, list(zip([before, *ends, None], points, strict=True)), _STAGES_WHY)
    return found


_EFFECTS: Table = (
    ("Area", "GRDP growth", "Cultural industries", "New school places", "Evidence", "Status"),
    (
        (MODEL, 0.000028, None, None, CHOSEN, "assumption"),
        (SCIENCE, 0.000035, 0.00001, None, CHOSEN, "assumption"),
        (ENVIRONMENT, 0.000007, None, None, CHOSEN, "assumption"),
        (WORKS, 0.000014, None, None, CHOSEN, "assumption"),
        (CULTURE, 0.000007, 0.00012, None, CHOSEN, "assumption"),
        (EDUCATION, 0.000007, 0.000001, 0.0012, CHOSEN, "assumption"),
        (HEALTH, 0.0000035, None, None, CHOSEN, "assumption"),
    ),
)


_LATE: Mapping[int, int] = {2026: -9000, 2027: -7000, 2028: -4000, 2029: 8000, 2030: 12000}
"""What private capital brings less, then more; the sum stays."""

_WHAT_IF: Table = (
    WHAT_IF,
    (
        (
            "Less revenue",
            "Budget",
            CITY,
            "every year",
            "change by",
            -0.1,
            LESS_REVENUE,
            "assumption",
            "A weak market for land.",
        ),
        (
            "Culture higher",
            "Rules",
            "Culture rises by 0.3 points a year",
            "Value",
            "set",
            0.0035,
            ILLUSTRATIVE,
            "assumption",
            "A steeper path from the first year on.",
        ),
        (
            "Culture higher",
            "Rules",
            "Culture over 4 % by 2030",
            "Value",
            "set",
            0.044,
            ILLUSTRATIVE,
            "assumption",
            "Four tenths of a point beyond the aim.",
        ),
        *(
            (
                "Private late",
                "Budget",
                PPP,
                year,
                "add",
                moved,
                ILLUSTRATIVE,
                "assumption",
                "Contracts are signed late; over the five years it is the same sum.",
            )
            for year, moved in _LATE.items()
        ),
    ),
)


def content() -> Content:
    """Return the scenario, sheet by sheet."""
    return {
        "Scenario": settings(TITLE, Discount_rate=0.04),
        "Budget": rows(_BUDGET),
        "Areas": [{**row, "Start": 2026, "Completion": 2030} for row in rows(AREAS)],
        "Limits": rows(_LIMITS),
        "Benefits": _bands(),
        "Rules": rows(RULES) + rows(_MORE_RULES),
        "Indicators": rows(_INDICATORS),
        "Effects": rows(_EFFECTS),
        "What-if": rows(_WHAT_IF),
    }
