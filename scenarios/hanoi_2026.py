"""Hanoi, 2026: one year, the ten areas of the action programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hanoi import (
    AREAS,
    CHOSEN,
    CITY,
    CULTURE,
    DEFENCE,
    EDUCATION,
    ENVIRONMENT,
    FOREIGN,
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
    SOCIAL,
    WHAT_IF,
    WORKS,
    Content,
    Table,
    bands,
    rows,
    settings,
)

TITLE = "Hanoi 2026: one year of the action programme"

_BUDGET: Table = (
    ("Source", "Kind", "Last year", "2026", "Spend", "Evidence", "Status", "Note"),
    (
        (
            CITY,
            "budget",
            155734,
            227250,
            "up to",
            f"2025: VnExpress, 4 Jan 2026 (expenditure). 2026: from {SGGP}",
            "estimate",
            "9,090 / 4 %; the expenditure estimate itself was not seen.",
        ),
        (PPP, "other", 12000, 18000, "up to", CHOSEN, "assumption", "Only what joins in public projects."),
        (ODA, "other", 3500, 5000, "up to", CHOSEN, "assumption", None),
    ),
)

_PROPOSED = {
    INSTITUTIONS: 14500,
    MODEL: 19500,
    SCIENCE: 9090,
    ENVIRONMENT: 4800,
    WORKS: 98000,
    CULTURE: 7200,
    EDUCATION: 47500,
    HEALTH: 29500,
    DEFENCE: 8600,
    FOREIGN: 560,
    PARTY: 11000,
}

_LIMITS: Table = (
    ("Area", "Years", "Maximum", "Evidence", "Status", "Note"),
    (
        (
            WORKS,
            "2026",
            104000,
            "Chosen, below the public investment plan of 126,000 bn (Asiacity, 9 Jan 2026)",
            "assumption",
            "What sites and boards can build in a year.",
        ),
        (SCIENCE, "2026", 12000, CHOSEN, "assumption", "From 915 bn: what the new programmes can absorb."),
    ),
)

_MORE_RULES: Table = (
    RULES[0],
    (
        (
            "Culture over 4 %",
            CULTURE,
            "budget",
            ">",
            0.04,
            "budget",
            None,
            None,
            "must",
            "Resolution 80-NQ/TW (7 Jan 2026)",
            PROGRAMME,
            "assumption",
            "The programme says by 2030; asking it in 2026 already is the assumption.",
        ),
        (
            "No sudden growth of services",
            "every area in Services",
            "budget",
            "<=",
            0.6,
            "change on last year",
            None,
            None,
            "must",
            None,
            CHOSEN,
            "assumption",
            "Staff and sites can't follow faster.",
        ),
        (
            "Social areas at least 40 %",
            SOCIAL,
            "budget",
            ">=",
            0.4,
            "budget",
            None,
            None,
            "goal 1",
            None,
            CHOSEN,
            "assumption",
            "Leaving no one behind, as far as the rules allow.",
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
    ),
    (
        (
            "Digital economy",
            "% of GRDP",
            19,
            ">=",
            22,
            2026,
            "year",
            "last year",
            "goal 2",
            "central aim 14.5",
            "Target: SGGP, 25 Dec 2025; baseline: chosen",
            "assumption",
        ),
        (
            "Social homes",
            "homes",
            0,
            ">=",
            18000,
            2026,
            "year",
            "last year",
            "must",
            None,
            "Target: plan of 2026 (thanglong.chinhphu.vn)",
            "approved",
        ),
        (
            "Good air",
            "% of days",
            72,
            "over",
            80,
            2026,
            "year",
            "last year",
            "goal 2",
            None,
            "Target: plan of 2026 (thanglong.chinhphu.vn); baseline: chosen",
            "assumption",
        ),
        (
            "New school places",
            "thousand places",
            0,
            ">=",
            25,
            2026,
            "year",
            "last year",
            "must",
            None,
            CHOSEN,
            "assumption",
        ),
        ("Metro and ring roads", "km", 0, None, None, 2026, "year", "last year", "must", None, CHOSEN, "assumption"),
    ),
)

_BANDS: Mapping[str, Sequence[tuple[int | None, float]]] = {
    INSTITUTIONS: ((11000, 3.0), (12500, 2.1), (14500, 1.5), (16500, 1.1), (None, 0.6)),
    MODEL: ((12500, 2.7), (15500, 2.0), (19000, 1.7), (24000, 1.35), (None, 0.8)),
    SCIENCE: ((4000, 3.0), (8000, 2.2), (9800, 1.7), (14000, 1.3), (None, 0.9)),
    ENVIRONMENT: ((3100, 3.1), (4500, 2.2), (5800, 1.7), (7500, 1.2), (None, 0.8)),
    WORKS: ((55000, 2.8), (72000, 2.15), (86000, 1.72), (110000, 1.38), (None, 0.9)),
    CULTURE: ((3900, 2.8), (5500, 2.0), (7500, 1.6), (10500, 1.0), (None, 0.7)),
    EDUCATION: ((33000, 3.3), (42000, 2.4), (50000, 1.78), (60000, 1.32), (None, 0.9)),
    HEALTH: ((20500, 3.2), (26000, 2.35), (32000, 1.76), (40000, 1.4), (None, 0.9)),
    DEFENCE: ((6800, 3.0), (7800, 1.9), (9200, 1.45), (10500, 1.0), (None, 0.6)),
    FOREIGN: ((419, 2.5), (520, 1.9), (650, 1.5), (800, 1.2), (None, 0.6)),
    PARTY: ((8600, 2.7), (9600, 1.9), (11000, 1.4), (12500, 1.0), (None, 0.6)),
}
_BANDS_WHY = "Chosen: first what runs already, then what programmes ask, then what could be absorbed"

_EFFECTS: Table = (
    ("Area", "Indicator", "Effect", "Cost per unit", "Evidence", "Status"),
    (
        (SCIENCE, "Digital economy", 0.0004, None, CHOSEN, "assumption"),
        (MODEL, "Digital economy", 0.00005, None, CHOSEN, "assumption"),
        (WORKS, "Social homes", 0.6, None, CHOSEN, "assumption"),
        (ENVIRONMENT, "Good air", 0.0025, None, CHOSEN, "assumption"),
        (EDUCATION, "New school places", None, 550, CHOSEN, "assumption"),
        (WORKS, "Metro and ring roads", None, 2500, CHOSEN, "assumption"),
    ),
)

_WHAT_IF: Table = (
    WHAT_IF,
    (
        (
            "Less revenue",
            "Budget",
            CITY,
            2026,
            "change by",
            -0.1,
            LESS_REVENUE,
            "assumption",
            "A weak market for land.",
        ),
        (
            "Culture higher",
            "Rules",
            "Culture over 4 %",
            "Value",
            "set",
            0.05,
            ILLUSTRATIVE,
            "assumption",
            "A point beyond the aim of 2030.",
        ),
        (
            "Private half",
            "Budget",
            PPP,
            2026,
            "change by",
            -0.5,
            ILLUSTRATIVE,
            "assumption",
            "Contracts are signed half a year late.",
        ),
    ),
)

_SERVICES = (INSTITUTIONS, EDUCATION, HEALTH, DEFENCE, FOREIGN, PARTY)


def content() -> Content:
    """Return the scenario, sheet by sheet."""
    areas = []
    for row in rows(AREAS):
        name = str(row["Area"])
        group = f"{row['Group']}; Services" if name in _SERVICES else row["Group"]
        areas.append({**row, "Group": group, "Proposed": _PROPOSED.get(name)})
    return {
        "Scenario": settings(TITLE),
        "Budget": rows(_BUDGET),
        "Areas": areas,
        "Limits": rows(_LIMITS),
        "Benefits": [row for area, parts in _BANDS.items() for row in bands(area, parts, _BANDS_WHY)],
        "Rules": rows(RULES) + rows(_MORE_RULES),
        "Indicators": rows(_INDICATORS),
        "Effects": rows(_EFFECTS),
        "What-if": rows(_WHAT_IF),
    }
