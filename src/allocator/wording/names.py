"""What those are called that have no name of their own in a workbook."""

from __future__ import annotations

from allocator.analyses.outcomes import Analysis
from allocator.analyses.result import Rest

_RESTS = {Rest.OTHER_GROUPS: "the other groups", Rest.UNGROUPED: "areas without a group"}
_ANALYSES = {
    Analysis.PRICES: "prices and their ranges",
    Analysis.ROOM: "room of each area",
    Analysis.PRICE_CARD: "what rules cost",
    Analysis.NEXT_MONEY: "where money would go",
    Analysis.MISSED_GOALS: "what missed goals would take",
    Analysis.EARLY_WARNING: "how near it is to having no plan",
    Analysis.REPAIRS: "repairs",
}


def analysis_name(analysis: Analysis) -> str:
    """Return what an analysis finds, as a part of a sentence."""
    return _ANALYSES[analysis]


def subject_name(name: str | Rest) -> str:
    """Return the name of an area or group, or of the areas that have none."""
    return _RESTS[name] if isinstance(name, Rest) else name
