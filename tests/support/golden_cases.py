"""A small scenario for each family of constraints and each objective; the golden LP file of each is read by eye.

Money stays between 1e2 and 1e6 and coefficients are simple, so that a golden file shows the numbers of its case;
`scaled` is the one where units are not the solver's.
"""

from __future__ import annotations

type Rows = list[dict]
type Content = dict[str, Rows]

LAST = "Last year"


def scenario(title: str, *, budget: Rows | None = None, areas: Rows | None = None, **more: object) -> Content:
    """Two areas that share 100 in 2026; `step` and `settings` go to the Scenario sheet, other names are sheets."""
    settings = {"Title": title, "Unit": "million", "Step": more.pop("step", 0), **more.pop("settings", {})}
    sheets = {name.replace("_", "-"): rows for name, rows in more.items()}
    return {
        "Scenario": [{"Setting": name, "Value": value} for name, value in settings.items()],
        "Budget": budget or [{"Source": "City", LAST: 80, 2026: 100}],
        "Areas": areas or AREAS,
        **sheets,
    }


AREAS = [
    {"Area": "Schools", "Group": "Social", LAST: 40, "Benefit": 3},
    {"Area": "Clinics", "Group": "Social", LAST: 25, "Benefit": 4},
    {"Area": "Roads", LAST: 15, "Benefit": 5},
]
TWO_YEARS = [{"Source": "City", LAST: 80, 2026: 100, 2027: 110}]
TWO_SOURCES = [
    {"Source": "City", "Kind": "budget", LAST: 80, 2026: 100},
    {"Source": "Donors", "Kind": "other", LAST: 20, 2026: 30},
]
BY_SOURCE = [
    {"Area": "Schools", LAST: 40, f"{LAST}: City": 40, f"{LAST}: Donors": 10, "Benefit": 3},
    {"Area": "Roads", LAST: 40, f"{LAST}: City": 40, f"{LAST}: Donors": 10, "Benefit": 5},
]


def rule(area: str, operator: str, value: float, basis: str, **more: object) -> dict:
    """A rule, named after what it says."""
    words = {">=": "at least", "<=": "at most", "=": "equals", ">": "over", "<": "under"}[operator]
    extra = {name.replace("_", " ").capitalize(): text for name, text in more.items() if name != "name"}
    name = str(more.get("name") or f"{area} {words} {value} {basis}").replace(":", "")
    return {"Rule": name, "Area": area, "Operator": operator, "Value": value, "Basis": basis, **extra}


def rules(title: str, *rows: dict, **more: object) -> Content:
    """A scenario with these rules."""
    return scenario(title, Rules=list(rows), **more)


def outcomes(title: str, *rows: dict, **more: object) -> Content:
    """A scenario over two years in which schools and clinics move the indicator Places."""
    return scenario(
        title,
        budget=TWO_YEARS,
        Indicators=list(rows),
        Effects=[{"Area": "Schools", "Places": 0.5}, {"Area": "Clinics", "Places": 0.25}],
        **more,
    )


def places(operator: str | None = None, target: float | None = None, **more: object) -> dict:
    """A row of the indicator Places."""
    return {"Indicator": "Places", "Unit": "places", "Operator": operator, "Target": target, **more}


BUDGETS: dict[str, Content] = {
    "budget-up-to": scenario("Budget, spend up to", budget=TWO_YEARS),
    "budget-all": scenario("Budget, spend all", budget=[{**TWO_YEARS[0], "Spend": "all"}]),
    "budget-carry-over": scenario("Budget, carry over", budget=[{**TWO_YEARS[0], 2028: 121, "Carry over": "yes"}]),
    "budget-carry-over-all": scenario(
        "Budget, carry over and spend all", budget=[{**TWO_YEARS[0], "Carry over": "yes", "Spend": "all"}]
    ),
    "budget-several-sources": scenario(
        "Several sources, some of which may not pay for an area",
        budget=TWO_SOURCES,
        areas=[
            {"Area": "Schools", "Benefit": 3, "Sources": "City"},
            {"Area": "Clinics", "Benefit": 4, "Sources": "Donors"},
            {"Area": "Roads", "Benefit": 5, "Maximum": 60},
        ],
    ),
}
LIMITS: dict[str, Content] = {
    "limit-amounts": scenario(
        "Minimum and Maximum",
        areas=[{"Area": "Schools", "Benefit": 3, "Minimum": 20}, {"Area": "Roads", "Benefit": 5, "Maximum": 30}],
    ),
    "limit-parts": scenario(
        "Limits on an area with parts are on their sum",
        areas=[
            {"Area": "Education", "Minimum": 30, "Maximum share": 0.7},
            {"Area": "Schools", "Part of": "Education", "Benefit": 3},
            {"Area": "Universities", "Part of": "Education", "Benefit": 2, "Minimum": 5},
            {"Area": "Roads", "Benefit": 5},
        ],
    ),
    "limit-shares": scenario(
        "Shares count the budget's money in the budget",
        budget=TWO_SOURCES,
        areas=[
            {"Area": "Schools", "Benefit": 3, "Minimum share": 0.2},
            {"Area": "Roads", "Benefit": 5, "Maximum share": 0.3},
        ],
    ),
    "limit-by-year": scenario(
        "A filled cell of Limits replaces that of Areas, none lifts it",
        budget=TWO_YEARS,
        areas=[{"Area": "Schools", "Benefit": 3, "Minimum": 20}, {"Area": "Roads", "Benefit": 5, "Maximum": 30}],
        Limits=[
            {"Area": "Schools", "Years": 2027, "Minimum": "none", "Maximum": 70},
            {"Area": "Roads", "Years": 2027, "Maximum": 35},
        ],
    ),
    "limit-last-band": scenario(
        "The last band's end is a row",
        Benefits=[
            {"Area": "Roads", "Up to": 20, "Benefit": 5},
            {"Area": "Roads", "Up to": 45, "Benefit": 2},
            {"Area": "Schools", "Up to": 50, "Benefit": 4},
            {"Area": "Schools", "Benefit": 1},
        ],
    ),
}
RULES: dict[str, Content] = {
    "rule-amount": rules(
        "Amounts of all money, in each year",
        rule("Schools", ">=", 30, "amount"),
        rule("Social", "<=", 90, "amount"),
        rule("Clinics", "=", 10, "amount", source="City"),
        rule("Roads", "<", 45, "amount"),
        budget=TWO_SOURCES,
    ),
    "rule-budget": rules(
        "Parts of that year's Budget cells",
        rule("Schools", ">=", 0.2, "budget"),
        rule("Schools", "<=", 0.4, "budget", source="all"),
        rule("Social", ">", 0.5, "budget", source="Donors"),
        rule("Roads", "=", 0.25, "budget"),
        budget=TWO_SOURCES,
    ),
    "rule-budget-by-year": rules(
        "In some years",
        rule("Schools", ">=", 0.2, "budget", years="2026;2028"),
        rule("Roads", "<=", 0.3, "budget", years="2027-2028"),
        rule("Clinics", ">=", 0.1, "budget", years=2027),
        budget=[{**TWO_YEARS[0], 2028: 120}],
    ),
    "rule-together": rules(
        "Both sides summed over the years",
        rule("Schools", ">=", 0.2, "budget", years="2026-2027 together"),
        rule("Roads", "<=", 60, "amount", years="2026-2027 together"),
        rule("Social", "<=", 0.75, "spending", years="2026-2027 together"),
        rule("Clinics", ">=", 0.5, "Schools", years="2026-2027 together"),
        budget=TWO_YEARS,
    ),
    "rule-spending": rules(
        "Parts of all that is allotted",
        rule("Schools", ">=", 0.2, "spending"),
        rule("Roads", "<=", 0.5, "spending", source="all"),
        rule("Clinics", "=", 0.25, "spending"),
        budget=TWO_SOURCES,
    ),
    "rule-area": rules(
        "Parts of another area's or a group's money",
        rule("Schools", ">=", 1.5, "Roads"),
        rule("Roads", "<=", 0.5, "Social"),
        rule("Clinics", "=", 0.5, "Schools"),
    ),
    "rule-last-year": rules(
        "Parts of the same subject's money a year before",
        rule("Schools", ">=", 0.9, "last year"),
        rule("Roads", "<=", 2, "last year"),
        rule("Social", "<", 1.5, "last year"),
        budget=TWO_YEARS,
    ),
    "rule-change": rules(
        "Change on the year before",
        rule("Schools", ">=", -0.05, "change on last year"),
        rule("total", "<=", 0.3, "change on last year"),
        rule("Clinics", "=", 0.1, "change on last year"),
        budget=TWO_YEARS,
    ),
    "rule-last-share": rules(
        "Parts of last year's share of the budget",
        rule("Schools", ">=", 0.9, "last year's share"),
        rule("Roads", "<=", 2, "last year's share"),
        rule("Clinics", ">", 0.5, "last year's share", years=2027),
        budget=TWO_YEARS,
    ),
    "rule-points": rules(
        "Points on last year's share of the budget",
        rule("Clinics", ">=", 0.005, "points on last year's share"),
        rule("Roads", "<=", 0.05, "points on last year's share"),
        budget=TWO_YEARS,
    ),
    "rule-strict-step": rules(
        "Over and under, by one Step",
        rule("Schools", ">", 0.2, "budget"),
        rule("Clinics", "<", 30, "amount"),
        rule("Roads", "<", 0.5, "spending"),
        step=0.5,
    ),
    "rule-strict": rules(
        "Over and under, by a millionth of the constant where there is no Step",
        rule("Schools", ">", 0.2, "budget"),
        rule("Clinics", "<", 30, "amount"),
        rule("Roads", "<", 0.5, "spending"),
    ),
    "rule-every-area": rules(
        "A row for each area, less the basis area",
        rule("every area", ">=", 0.1, "budget"),
        rule("every area", "<=", 2, "Schools"),
        rule("every area in Social", ">=", -0.1, "change on last year"),
    ),
    "rule-source": rules(
        "Money from one source, as a part of the subject's before",
        rule("Schools", ">=", 0.5, "last year", source="Donors"),
        rule("Schools", "<=", 0.1, "points on last year's share", source="all"),
        budget=TWO_SOURCES,
        areas=BY_SOURCE,
    ),
    "rule-basis-source": rules(
        "Other money counts in the basis",
        rule("Schools", ">=", 0.25, "budget", source="City", basis_source="all"),
        rule("Roads", "<=", 0.5, "spending", source="Donors", basis_source="City"),
        rule("Schools", ">=", 0.1, "Roads", source="Donors", basis_source="City"),
        rule("Roads", "<=", 1.5, "last year", source="City", basis_source="all"),
        budget=TWO_SOURCES,
        areas=BY_SOURCE,
    ),
    "rule-strengths": rules(
        "A law is a row, what is off is none",
        rule("Schools", ">=", 0.2, "budget", strength="law"),
        rule("Roads", "<=", 0.1, "budget", strength="off"),
    ),
}
INDICATORS: dict[str, Content] = {
    "indicator-cumulative": outcomes(
        "Spending of all years up to the target's",
        places(">=", 60, Baseline=10, Year=2027),
        places(">=", 25, Year=2026),
    ),
    "indicator-yearly": outcomes("That year's spending", places(">=", 15, Counts="year")),
    "indicator-from-last-year": outcomes(
        "Only money above last year's", places(">=", -5, Baseline=10, **{"Measured from": "last year"})
    ),
    "indicator-strict": outcomes(
        "By a millionth of the target", places(">", 40, Year=2027), places("<", 20, Year=2026), step=0.5
    ),
    "indicator-equal": outcomes("Exactly", places("=", 40, Year=2027)),
}
OBJECTIVES: dict[str, Content] = {
    "objective-benefit": outcomes(
        "Benefit with an indicator's weight, discounted",
        places(Weight=2, Baseline=10),
        settings={"Discount rate": 0.25},
    ),
    "objective-bands": scenario(
        "Diminishing returns; bands of one benefit are one piece",
        budget=TWO_YEARS,
        Benefits=[
            {"Area": "Schools", "Up to": 30, "Benefit": 6},
            {"Area": "Schools", "Up to": 40, "Benefit": 6},
            {"Area": "Schools", "Benefit": 1},
            {"Area": "Roads", "Up to, of last year": 1, "Benefit": 5, "Years": 2026},
            {"Area": "Roads", "Up to, of last year": 2, "Benefit": 2, "Years": 2026},
        ],
        settings={"Discount rate": 0.25},
    ),
    "objective-spending": rules(
        "The least spending",
        rule("Social", ">=", 0.5, "budget"),
        rule("Roads", ">=", 10, "amount"),
        settings={"Objective": "minimise spending"},
    ),
    "objective-maximise-indicator": outcomes(
        "The most of an indicator in its last year, discounting nothing",
        places(Baseline=10, Year=2026),
        settings={"Objective": "maximise Places", "Discount rate": 0.25},
    ),
    "objective-minimise-indicator": scenario(
        "The least of an indicator",
        budget=[{**TWO_SOURCES[0], "Spend": "all"}, TWO_SOURCES[1]],
        Indicators=[{"Indicator": "Emissions", "Unit": "t", "Baseline": 50}],
        Effects=[{"Area": "Roads", "Emissions": 0.5}, {"Area": "Clinics", "Emissions": -0.25}],
        settings={"Objective": "minimise Emissions"},
    ),
    "scaled": rules(
        "Dong: one unit of money is ten billion",
        rule("Schools", ">=", 0.2, "budget"),
        budget=[{"Source": "City", LAST: 8e13, 2026: 1e14}],
    ),
}
GOALS: dict[str, Content] = {
    "goals": outcomes(
        "Two priorities: the first is missed and held, the second is met",
        places(">=", 125, Year=2027, Strength="goal 1"),
        Rules=[
            rule("Roads", "=", 0.5, "budget", strength="goal 1", years=2026),
            rule("Clinics", "<=", 0.5, "spending", strength="goal 2", years="2026-2027 together"),
        ],
    ),
    "goals-strict": rules(
        "A strict goal's margin counts",
        rule("Schools", ">", 0.75, "budget", strength="goal 1"),
        rule("Roads", "<", 50, "amount", strength="goal 2"),
        rule("Clinics", ">=", 30, "amount"),
        step=0.5,
    ),
}
CASES: dict[str, Content] = {**BUDGETS, **LIMITS, **RULES, **INDICATORS, **OBJECTIVES, **GOALS}
