"""The plan's alternatives as records: the draft, and last year scaled to the budget, valued and checked."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.alternatives import Alternative
from allocator.analyses.result import Result
from allocator.analyses.valuation import Broken
from allocator.reports.json import number
from allocator.wording.alternatives import assumption_texts

ALTERNATIVES = ("name", "objective", "difference", "broken", "goals", "amounts", "notes")
BROKEN = ("rule", "year", "by", "unit", "cell", "legal_basis", "strength")
AMOUNTS = ("area", "year", "amount")


def alternative_records(result: Result) -> list[dict[str, object]]:
    """Return one record per alternative; none where the scenario gives no draft and no Last year, or has no plan."""
    return [_alternative(result, alternative) for alternative in result.alternatives]


def _alternative(result: Result, alternative: Alternative) -> dict[str, object]:
    valued, scenario = alternative.valuation, result.scenario
    return {
        "name": alternative.name,
        "objective": number(valued.objective),
        "difference": number(valued.objective - (result.objective or Fraction(0))),
        "broken": [_broken(broken) for broken in valued.broken],
        "goals": [_broken(Broken(goal.row, goal.missed_by)) for goal in valued.goals if goal.missed_by > 0],
        "amounts": [
            {"area": area.name, "year": year, "amount": number(alternative.amount(scenario, area.name, year))}
            for area in scenario.leaves
            for year in scenario.years
        ],
        "notes": assumption_texts(alternative),
    }


def _broken(broken: Broken) -> dict[str, object]:
    row = broken.row
    return {
        "rule": row.name,
        "year": row.year,
        "by": number(broken.by),
        "unit": row.unit,
        "cell": str(row.cell),
        "legal_basis": row.origin.legal_basis,
        "strength": str(row.strength),
    }
