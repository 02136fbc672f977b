"""A result as JSON: its records under the keys of the contract, for programs to go on from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from allocator.analyses.result import (
    Result,
)
from allocator.programme.status import Status
from allocator.reports import records
from allocator.wording.messages import all_messages


def as_json(result: Result) -> str:
    """Return the result as one JSON object with the keys of the contract, one record to a line."""
    scenario = result.scenario
    about = {
        "title": scenario.title,
        "unit": scenario.unit,
        "step": records.number(scenario.step),
        "years": list(scenario.years),
        "sha256": scenario.sha256,
        **records.variant_record(scenario),
    }
    parts: dict[str, object] = {
        "status": result.status.value,
        "objective": records.number(result.objective),
        "scenario": about,
        "allocation": records.allocation_records(result),
        "areas": records.area_records(result),
        "rules": records.rule_records(result),
        "indicators": records.indicator_records(result),
        "goals": records.goal_records(result),
        "certificate": records.certificate_record(result),
    }
    if result.status is Status.INFEASIBLE:
        parts |= {"conflict": records.conflict_records(result), "repairs": records.repair_records(result)}
    parts["doubts"] = records.doubt_records(result)
    parts["messages"] = list(all_messages(result))
    parts |= {
        "room": records.room_records(result),
        "price_card": records.price_card_records(result),
        "next_money": records.next_money_records(result),
        "parts": records.part_records(result),
        "warnings": records.warning_records(result),
        "tight": records.tight_records(result),
        "goals_explained": records.goal_explained_records(result),
        "alternatives": records.alternative_records(result),
    }
    if result.status is Status.INFEASIBLE:
        parts["conflicts"] = records.conflicts_records(result)
    return _laid_out(parts)


def _laid_out(parts: Mapping[str, object]) -> str:
    """Return an object with each of its keys, and each item of its lists, on a line of its own."""
    return "{\n" + ",\n".join(f'  "{key}": {_value(part)}' for key, part in parts.items()) + "\n}"


def _value(part: object) -> str:
    if isinstance(part, Sequence) and not isinstance(part, str) and part:
        return "[\n    " + ",\n    ".join(_compact(part)) + "\n  ]"
    return _dumped(part)


def _compact(items: Iterable[object]) -> Iterable[str]:
    return (_dumped(item) for item in items)


def _dumped(part: object) -> str:
    return json.dumps(part, ensure_ascii=False, allow_nan=False)
