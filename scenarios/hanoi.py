"""Two scenarios for Hanoi from published figures; every figure that is not published says that it is an assumption.

Amounts are in billions of dong. What is known: the city's expenditure in 2025, the money for science in 2026 and the
share that it is, the shares that resolutions name, and targets. What is not known, above all how the money of 2025
was spread over the ten areas of the action programme and what more money would do, is assumed so that the figures add
up to the published totals, and marked `assumption`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allocator.scenario.writing import Row, Value

type Content = Mapping[str, Sequence[Row]]
type Table = tuple[Sequence[str], Sequence[Sequence[Value]]]

CITY, PPP, ODA = "City budget", "Private and PPP capital", "ODA loans"

SPLIT_2025 = "2025: chosen so that all areas add up to 155,734 bn (VnExpress, 4 Jan 2026). Agency: by its field"
SCIENCE_2025 = "2025: 914.9 bn estimated (VTC News, 24 Nov 2025). Agency: by its field"
CHOSEN = "Chosen for this scenario; no published source"
SGGP = "SGGP, 25 Dec 2025: 9,090 bn = 4 % of city budget expenditure"
DANTRI = "Dân Trí, 28 Aug 2025: education at least 20 % of total state budget spending"
HATINH = "Hà Tĩnh 24h, 13 Jan 2026: at least 2 % of total state budget spending a year, rising"
PROGRAMME = "Press reports on Hanoi's conference of 25 Feb 2026: more than 4 % of annual budget spending by 2030"
GROWTH = "Press reports of 7 Feb 2026 on Hanoi's programme: growth of at least 11 % a year"

INSTITUTIONS, MODEL, SCIENCE = "Institutions & governance", "Development model", "Science & digital"
URBAN, ENVIRONMENT, WORKS = "Urban & rural development", "Environment", "Transport & other urban works"
CULTURE, EDUCATION, HEALTH = "Culture", "Education & training", "Health & social security"
DEFENCE, FOREIGN, PARTY = "Defence & security", "Foreign affairs & integration", "Party & political system"

SOCIAL, ECONOMY, STATE = "Social", "Economy", "State"

AREAS: Table = (
    (
        "Area",
        "Part of",
        "Group",
        "Last year",
        "Sources",
        "Lead agency",
        "Coordinating agency",
        "Output",
        "Evidence",
        "Status",
        "Note",
    ),
    (
        (
            INSTITUTIONS,
            None,
            STATE,
            11000,
            CITY,
            "Department of Home Affairs",
            "Department of Justice",
            "Two-tier local government at work in 126 wards and communes",
            SPLIT_2025,
            "assumption",
            "Thể chế, quản trị và huy động nguồn lực",
        ),
        (
            MODEL,
            None,
            ECONOMY,
            12500,
            f"{CITY}; {PPP}",
            "Department of Finance",
            "Department of Industry and Trade",
            "Growth led by productivity; industrial and trade zones",
            SPLIT_2025,
            "assumption",
            "Mô hình phát triển",
        ),
        (
            SCIENCE,
            None,
            ECONOMY,
            915,
            f"{CITY}; {PPP}",
            "Department of Science and Technology",
            "Hoa Lac Hi-Tech Park board",
            "Key laboratories; public services fully online",
            SCIENCE_2025,
            "estimate",
            "Khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số",
        ),
        (
            URBAN,
            None,
            ECONOMY,
            None,
            None,
            "Department of Construction",
            "Department of Planning and Architecture",
            None,
            "Agency: by its field",
            "assumption",
            "Quy hoạch, phát triển đô thị và nông thôn; the sum of its parts",
        ),
        (
            ENVIRONMENT,
            URBAN,
            None,
            3100,
            f"{CITY}; {ODA}",
            "Department of Agriculture and Environment",
            "Department of Construction",
            "Cleaner air, rivers revived, waste treated",
            SPLIT_2025,
            "assumption",
            "Môi trường",
        ),
        (
            WORKS,
            URBAN,
            None,
            55000,
            None,
            "Department of Construction",
            "Metro and project management boards",
            "Metro lines, ring roads, flood protection, rural roads",
            SPLIT_2025,
            "assumption",
            "Giao thông và công trình đô thị, nông thôn khác",
        ),
        (
            CULTURE,
            None,
            SOCIAL,
            3900,
            f"{CITY}; {PPP}",
            "Department of Culture and Sports",
            "Department of Tourism",
            "Creative spaces, heritage restored, facilities in every commune",
            SPLIT_2025,
            "assumption",
            "Văn hóa",
        ),
        (
            EDUCATION,
            None,
            SOCIAL,
            33000,
            f"{CITY}; {PPP}; {ODA}",
            "Department of Education and Training",
            "Department of Construction",
            "New schools where classes are overcrowded",
            SPLIT_2025,
            "assumption",
            "Giáo dục và đào tạo",
        ),
        (
            HEALTH,
            None,
            SOCIAL,
            20500,
            f"{CITY}; {PPP}; {ODA}",
            "Department of Health",
            "Social insurance of the city",
            "Yearly check-ups, commune health stations, social assistance",
            SPLIT_2025,
            "assumption",
            "Y tế và an sinh xã hội",
        ),
        (
            DEFENCE,
            None,
            STATE,
            6800,
            CITY,
            "Capital Command",
            "City Police",
            "Security of the capital",
            SPLIT_2025,
            "assumption",
            "Quốc phòng, an ninh",
        ),
        (
            FOREIGN,
            None,
            STATE,
            419,
            CITY,
            "Department of Foreign Affairs",
            "Department of Industry and Trade",
            "Partnerships with cities abroad",
            SPLIT_2025,
            "assumption",
            "Đối ngoại và hội nhập quốc tế",
        ),
        (
            PARTY,
            None,
            STATE,
            8600,
            CITY,
            "Office of the City Party Committee",
            "Fatherland Front of the city",
            "Training of officials; grass-roots organisations",
            SPLIT_2025,
            "assumption",
            "Xây dựng Đảng và hệ thống chính trị",
        ),
    ),
)

RULES: Table = (
    (
        "Rule",
        "Area",
        "Source",
        "Operator",
        "Value",
        "Basis",
        "Basis source",
        "Years",
        "Strength",
        "Legal basis",
        "Evidence",
        "Status",
        "Note",
    ),
    (
        (
            "Science at least 4 %",
            SCIENCE,
            "budget",
            ">=",
            0.04,
            "budget",
            None,
            None,
            "law",
            "Resolution 57-NQ/TW (22 Dec 2024)",
            SGGP,
            "approved",
            None,
        ),
        (
            "Education at least 20 %",
            EDUCATION,
            "budget",
            ">=",
            0.2,
            "budget",
            None,
            None,
            "law",
            "Resolution 71-NQ/TW (22 Aug 2025)",
            DANTRI,
            "approved",
            "A share of all state spending; holding the city to it is an assumption.",
        ),
        (
            "Culture at least 2 %",
            CULTURE,
            "budget",
            ">=",
            0.02,
            "budget",
            None,
            None,
            "law",
            "Resolution 80-NQ/TW (7 Jan 2026)",
            HATINH,
            "approved",
            "A share of all state spending; holding the city to it is an assumption.",
        ),
        (
            "Environment at least 1 %",
            ENVIRONMENT,
            "budget",
            ">=",
            0.01,
            "budget",
            None,
            None,
            "must",
            None,
            "Press reports of 2006–2018: at least 1 % of state budget spending",
            "assumption",
            "Whether it is still in force was not verified.",
        ),
        (
            "No deep cut",
            "every area",
            "budget",
            ">=",
            -0.05,
            "change on last year",
            None,
            None,
            "must",
            None,
            CHOSEN,
            "assumption",
            "Continuity with the programmes that run.",
        ),
        (
            "No area left out",
            "every area",
            "all",
            ">=",
            400,
            "amount",
            None,
            None,
            "must",
            None,
            CHOSEN,
            "assumption",
            "Each of the ten areas of the programme is carried out.",
        ),
        (
            "State grows no faster than the budget",
            STATE,
            "budget",
            "<=",
            1,
            "last year's share",
            None,
            None,
            "must",
            None,
            "Chosen, in the spirit of the savings of 2026 (VietnamPlus: 10 % of recurrent spending)",
            "assumption",
            None,
        ),
        (
            "Private capital in works at most a quarter",
            WORKS,
            PPP,
            "<=",
            0.25,
            WORKS,
            "all",
            None,
            "must",
            None,
            CHOSEN,
            "assumption",
            "The city remains master of its networks.",
        ),
    ),
)


WHAT_IF = ("Variant", "Sheet", "Row", "Column", "Change", "Value", "Evidence", "Status", "Note")
"""The headings of What-if."""
LESS_REVENUE = "Illustrative. Land-use fees were about 89,000 of an estimated 641,710 bn in 2025 (CafeF, 26 Nov 2025)"
ILLUSTRATIVE = "Illustrative; no published source"


def rows(table: Table, **more: Value) -> list[Row]:
    """Return a table's rows by heading, with `more` where a row doesn't say otherwise."""
    headings, lines = table
    return [{**more, **dict(zip(headings, line, strict=True))} for line in lines]


def bands(area: str, parts: Sequence[tuple[int | None, float]], why: str) -> list[Row]:
    """Return an area's rows of Benefits: where each band ends, and its benefit points per billion."""
    return [
        {"Area": area, "Up to": end, "Benefit": benefit, "Evidence": why, "Status": "assumption"}
        for end, benefit in parts
    ]


def settings(title: str, **more: Value) -> list[Row]:
    """Return the rows of Scenario."""
    values: dict[str, Value] = {
        "Title": title,
        "Unit": "VND billion",
        "Step": 1,
        "Objective": "maximise benefit",
        **{name.replace("_", " "): value for name, value in more.items()},
        "Prepared by": "The allocate authors, as a demonstration",
        "Version": "1",
        "Notes": "No document of the city: published figures are cited, all others are assumptions.",
    }
    return [{"Setting": name, "Value": value} for name, value in values.items()]
