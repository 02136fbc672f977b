"""A comparison as JSON: one object, amounts in the unit that all scenarios share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from allocator.analyses.bridge import Bridge, Part
from allocator.analyses.compare import Comparison, PlannedCase, Split
from allocator.analyses.valuation import Valuation
from allocator.scenario.differences import RowDifference
from allocator.scenario.origin import Cell
from allocator.wording.alternatives import assumption_texts, unknown_texts
from allocator.wording.bridge import bridge_note, part_name
from allocator.wording.comparison import interrupted_text, note_texts, remark_texts, unsplit_text
from allocator.wording.conflict import clash_text
from allocator.wording.edits import cause
from allocator.wording.messages import all_messages

type Record = dict[str, Any]


def comparison_json(found: Comparison) -> str:
    """Return a comparison as ``allocate compare --json`` prints it.

    Parameters
    ----------
    found
        As `allocator.analyses.compare.compare` returns it.

    Returns
    -------
    str
        One JSON object; money in the scenarios' unit, null where a figure is unknown or has no meaning.
    """
    bridges = zip(found.cases[1:], found.bridges[1:], strict=True)
    record = {
        "unit": found.first.scenario.unit,
        "scenarios": [_scenario(case) for case in found.cases],
        "core": _amounts(found.core),
        "changed": [
            {"from": found.first.name, "to": case.name, "groups": [_row(row) for row in rows]}
            for case, rows in zip(found.cases[1:], found.changed[1:], strict=True)
        ],
        "cross": [[None if value is None else _valuation(value) for value in row] for row in found.cross],
        "bridges": [_bridge(found.first, case, bridge) for case, bridge in bridges],
        "interrupted": interrupted_text(found.interrupted) or None,
        "messages": remark_texts(found),
    }
    return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)


def _scenario(case: PlannedCase) -> Record:
    result, scenario, own = case.result, case.scenario, case.valuation
    return {
        "name": case.name,
        "path": case.path,
        "variant": cause(scenario.changed_by) or None,
        "title": scenario.title,
        "sha256": scenario.sha256,
        "years": list(scenario.years),
        "status": result.status.value,
        "sought": str(scenario.objective),
        "objective": _number(case.objective),
        "decided": [
            {"area": key.area, "year": key.year, "source": key.source, "amount": float(amount)}
            for key, amount in case.amounts.items()
            if key in case.decided
        ],
        "broken": [] if own is None else _broken(own),
        "goals": [] if own is None else _goals(own),
        "indicators": [] if own is None else _indicators(own),
        "areas": [
            _area(case, a.name, year) for a in scenario.leaves for year in scenario.years if case.planned
        ],
        "conflict": [
            {"rule": row.name, "year": row.year, "cell": str(row.cell), "legal_basis": row.origin.legal_basis}
            for row in result.conflict
        ],
        "conflict_sentence": clash_text(result.conflicts[0].clash) if result.conflicts else None,
        "alternatives": [
            {"name": other.name, **_valuation(other.valuation), "notes": assumption_texts(other)}
            for other in case.alternatives
        ],
        "notes": note_texts(case),
        "messages": list(all_messages(result)),
    }  # fmt: skip


def _area(case: PlannedCase, area: str, year: int) -> Record:
    """Return what an area gets in a year; its share is budget money, None where there is no budget."""
    amount, share = case.amount(area, year), case.share(area, year)
    return {"area": area, "year": year, "amount": float(amount), "share": _number(share)}


def _amounts(amounts: Mapping[tuple[str, int], Fraction]) -> list[Record]:
    return [{"area": area, "year": year, "amount": float(amount)} for (area, year), amount in amounts.items()]


# Valuations


def _valuation(found: Valuation) -> Record:
    worst = found.broken[0] if found.broken else None
    return {
        "objective": float(found.objective),
        "broken": found.rules_broken,
        "worst": None if worst is None else worst.row.name,
        "worst_year": None if worst is None else worst.row.year,
        "worst_by": None if worst is None else float(worst.by),
        "worst_unit": None if worst is None else worst.row.unit,
        "goals_missed": found.goals_missed,
        "unknown": unknown_texts(found),
    }


def _broken(found: Valuation) -> list[Record]:
    return [
        {"rule": b.row.name, "year": b.row.year, "cell": str(b.row.cell), "by": float(b.by), "unit": b.row.unit}
        for b in found.broken
    ]


def _goals(found: Valuation) -> list[Record]:
    return [
        {"rule": g.row.name, "year": g.row.year, "priority": g.priority, "missed_by": float(g.missed_by)}
        for g in found.goals
    ]


def _indicators(found: Valuation) -> list[Record]:
    return [
        {"indicator": i.indicator, "year": i.year, "unit": i.unit, "baseline": float(i.baseline),
         "reached": float(i.reached), "operator": None if i.operator is None else i.operator.value,
         "target": _number(i.target), "met": i.met}
        for i in found.indicators
    ]  # fmt: skip


# What differs, and why


def _row(row: RowDifference) -> Record:
    return {
        "name": row.name,
        "kind": row.kind,
        "counts": row.counts,
        "changes": [
            {"column": c.column, "before": c.before, "after": c.after, "percent": c.percent,
             "before_cell": _cell(c.before_cell), "after_cell": _cell(c.after_cell)}
            for c in row.edits
        ],
    }  # fmt: skip


def _cell(cell: Cell | None) -> str | None:
    return None if cell is None else str(cell)


def _bridge(first: PlannedCase, other: PlannedCase, bridge: Split | None) -> Record:
    ends: Record = {"from": first.name, "to": other.name}
    if not isinstance(bridge, Bridge):
        reason = None if bridge is None else unsplit_text(bridge)
        return ends | {"reason": reason, "exact": None, "objective": None, "amounts": [], "parts": [], "notes": []}
    return ends | {
        "reason": None,
        "exact": bridge.exact,
        "objective": _number(bridge.objective),
        "amounts": _amounts(bridge.amounts),
        "parts": [_part(part) for part in bridge.parts],
        "notes": list(map(bridge_note, bridge.notes)),
    }


def _part(part: Part) -> Record:
    return {
        "name": part_name(part),
        "objective": _number(part.objective),
        "error": part.objective_error,
        "amounts": _amounts(part.amounts),
        "amount_error": part.amount_error,
    }


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
