"""Hanoi, 2026–2030: five years, culture's share rising, growth and cultural industries as goals."""

from __future__ import annotations

from hanoi import (
    AREAS, CHOSEN, CITY, CULTURE, EDUCATION, ENVIRONMENT, GROWTH, HATINH, HEALTH, MODEL, ODA, PPP, PROGRAMME, RULES,
    SCIENCE, SGGP, WORKS, Content, Table, bands, rows, settings,
)

TITLE = "Hanoi 2026–2030: five years of the action programme"
YEARS = ("2026", "2027", "2028", "2029", "2030")

_BUDGET: Table = (
    ("Source", "Kind", "Last year", *YEARS, "Spend", "Carry over", "Evidence", "Status", "Note"),
    (
        (CITY, "budget", 155734, 227250, 243000, 260000, 278000, 298000, "up to", "no",
         f"2025: VnExpress, 4 Jan 2026 (expenditure). 2026: from {SGGP}", "assumption",
         "2026 is 9,090 / 4 %; 2027 to 2030 grow by about 7 % a year, chosen."),
        (PPP, "other", 12000, 18000, 21000, 24000, 27000, 30000, "up to", "yes", CHOSEN, "assumption",
         "What is not called up in a year stays available."),
        (ODA, "other", 3500, 5000, 6000, 6500, 6500, 6000, "up to", "no", CHOSEN, "assumption", None),
    ),
)

_LIMITS: Table = (
    ("Area", "Years", "Maximum", "Evidence", "Status", "Note"),
    (
        (SCIENCE, "2026", 12000, CHOSEN, "assumption", "From 915 bn: what the new programmes can absorb."),
        (WORKS, "2026", 104000, "Chosen, below the public investment plan of 126,000 bn (Asiacity, 9 Jan 2026)",
         "assumption", "What sites and boards can build in the first year."),
    ),
)

_MORE_RULES: Table = (RULES[0], (
    ("Culture rises by 0.3 points a year", CULTURE, "budget", ">=", 0.003, "points on last year's share", None, None,
     "must", "Resolution 80-NQ/TW (7 Jan 2026)", f"{HATINH}. How fast it rises: chosen", "assumption",
     "From 2.5 % in 2025 (assumed)."),
    ("Culture rises by 0.5 points at most", CULTURE, "budget", "<=", 0.005, "points on last year's share", None, None,
     "must", None, CHOSEN, "assumption", "No faster than programmes can be prepared."),
    ("Culture over 4 % by 2030", CULTURE, "budget", ">", 0.04, "budget", None, "2030", "law",
     "Resolution 80-NQ/TW (7 Jan 2026)", PROGRAMME, "approved", None),
    ("No jump after 2026", "every area", "budget", "<=", 0.2, "change on last year", None, "2027-2030", "must", None,
     CHOSEN, "assumption", "Areas grow steadily once the programme runs."),
))

_INDICATORS: Table = (
    ("Indicator", "Unit", "Baseline", "Operator", "Target", "Year", "Counts", "Measured from", "Strength", "Reference",
     "Evidence", "Status", "Note"),
    (
        ("GRDP growth", "% a year", 9.8, ">=", 11, "2026-2030", "year", "last year", "goal 1",
         "8.16 in 2025 (VnExpress, 4 Jan 2026)", f"Target: {GROWTH}. Baseline: chosen", "assumption",
         "Baseline: what private investment and reform are assumed to bring without more public money."),
        ("Cultural industries", "% of GRDP", 5.5, ">=", 9, 2030, "cumulative", "last year", "goal 2",
         "12 by 2045 is the city's next aim", "Target: press reports on the conference of 25 Feb 2026. Baseline: chosen",
         "assumption", None),
        ("New school places", "thousand places", 0, ">=", 150, 2030, "cumulative", "last year", "must", None, CHOSEN,
         "assumption", None),
    ),
)

_EFFECTS: Table = (
    ("Area", "GRDP growth", "Cultural industries", "New school places", "Evidence", "Status"),
    (
        (MODEL, 0.00004, None, None, CHOSEN, "assumption"),
        (SCIENCE, 0.00005, 0.00001, None, CHOSEN, "assumption"),
        (ENVIRONMENT, 0.00001, None, None, CHOSEN, "assumption"),
        (WORKS, 0.00002, None, None, CHOSEN, "assumption"),
        (CULTURE, 0.00001, 0.00013, None, CHOSEN, "assumption"),
        (EDUCATION, 0.00001, 0.000001, 0.0018, CHOSEN, "assumption"),
        (HEALTH, 0.000005, None, None, CHOSEN, "assumption"),
    ),
)


def content() -> Content:
    """Return the scenario, sheet by sheet."""
    return {
        "Scenario": settings(TITLE, Discount_rate=0.04),
        "Budget": rows(_BUDGET),
        "Areas": [{**row, "Start": 2026, "Completion": 2030} for row in rows(AREAS)],
        "Limits": rows(_LIMITS),
        "Benefits": bands(),
        "Rules": rows(RULES) + rows(_MORE_RULES),
        "Indicators": rows(_INDICATORS),
        "Effects": rows(_EFFECTS),
    }
