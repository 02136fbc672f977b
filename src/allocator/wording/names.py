"""What those are called that have no name of their own in a workbook."""

from __future__ import annotations

from allocator.analyses.result import Rest

_RESTS = {Rest.OTHER_GROUPS: "the other groups", Rest.UNGROUPED: "areas without a group"}


def subject_name(name: str | Rest) -> str:
    """Return the name of an area or group, or of the areas that have none."""
    return _RESTS[name] if isinstance(name, Rest) else name
