"""A result, a comparison, a sweep for programs: JSON and pandas DataFrames."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from allocator.analyses.bridge import Bridge, Part
from allocator.analyses.compare import Comparison, PlannedCase, Split
from allocator.analyses.figures import Valuation
from allocator.analyses.result import (
    Result,
)
from allocator.analyses.seek import At, Sought, Today
from allocator.analyses.sweep import Plan, Point, Sweep
from allocator.programme.status import Status
from allocator.scenario.changes import RowDifference
from allocator.scenario.model import ChangedBy, Scenario
from allocator.tables import alternatives, money, no_plan, prices, rules, warnings
from allocator.tables.columns import Record, Role, Table, plain
from allocator.wording import sweep as sweep_words
from allocator.wording.alternatives import assumption_texts, unknown_texts
from allocator.wording.bridge import bridge_note, part_name
from allocator.wording.comparison import interrupted_text, note_texts, remark_texts, unsplit_text
from allocator.wording.conflict import clash_text
from allocator.wording.edits import cause, edit_texts
from allocator.wording.messages import all_messages

if TYPE_CHECKING:
    import pandas as pd


def as_json(result: Result) -> str:
    """Return the result as one JSON object with the keys of the contract, one record to a line."""
    scenario, none = result.scenario, result.status is Status.INFEASIBLE
    ways_out = no_plan.WAYS_OUT.records((result, repair) for repair in result.repairs)
    parts: dict[str, object] = {
        "status": result.status.value,
        "objective": plain(result.objective),
        "scenario": {
            "title": scenario.title,
            "unit": scenario.unit,
            "step": plain(scenario.step),
            "years": list(scenario.years),
            "sha256": scenario.sha256,
            **variant_record(scenario),
        },
        "allocation": money.ALLOCATION.records(money.allocation_rows(result)),
        "areas": rules.AREAS.records(result.areas),
        "rules": rules.CONSTRAINTS.records(result.rows),
        "indicators": money.INDICATORS.records(result.indicators),
        "goals": money.GOALS.records(result.goals),
        "certificate": certificate_record(result),
        **({"conflict": no_plan.CLASHING.records(result.conflict), "repairs": ways_out} if none else {}),
        "doubts": warnings.DOUBTS.records(result.doubts),
        "messages": list(all_messages(result)),
        "room": prices.ROOM.records(map(prices.RoomLine, result.room)),
        "price_card": prices.PRICE_CARD.records(prices.card_rows(result)),
        "rule_costs": prices.RULE_COSTS.records(prices.rule_cost_lines(result)),
        "next_money": prices.NEXT_MONEY.records(prices.money_lines(result)),
        "parts": rules.AREA_PARTS.records(result.parts),
        "warnings": warnings.BUDGETS.records(result.warnings),
        "tight": warnings.TIGHT.records(result.tight),
        "goals_explained": warnings.GOALS.records(result.goals_explained),
        "alternatives": alternatives.FOR_PROGRAMS.records((result, other) for other in result.alternatives),
        **({"conflicts": no_plan.CONFLICTS.records(result.conflicts)} if none else {}),
    }
    return _laid_out(parts)


def certificate_record(result: Result) -> Record:
    """Return the plan's objective, what no plan can pass, and the gap between them.

    `exact`: that the plan keeps every rule, and that no plan passes the bound, was proved in rational arithmetic.
    Without a proof the bound is the solver's own.
    """
    objective, best, exact = result.objective, result.unrounded_objective, False
    if result.certificate is not None:
        proof = result.certificate.objective
        objective, best, exact = proof.value, proof.bound, result.certificate.exact
    gap = None
    if objective is not None and best is not None:
        gap = best - objective if result.scenario.objective.maximise else objective - best
    return {"objective": plain(objective), "bound": plain(best), "gap": plain(gap), "exact": exact}


def variant_record(scenario: Scenario) -> Record:
    """Return which variants there are, and by which one, or which repair, this scenario was changed."""
    by = scenario.changed_by or ChangedBy()
    return {
        "variants": [variant.name for variant in scenario.variants],
        "variant": by.variant,
        "repair": by.repair,
        "changed": list(edit_texts(by)),
    }


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
        "scenarios": [_case(case) for case in found.cases],
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
    return _dump(record)


def _case(case: PlannedCase) -> Record:
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
        "objective": case.objective,
        "decided": [
            {"area": key.area, "year": key.year, "source": key.source, "amount": amount}
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
            {"rule": row.name, "year": row.year, "cell": row.cell, "legal_basis": row.origin.legal_basis}
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
    return {"area": area, "year": year, "amount": case.amount(area, year), "share": case.share(area, year)}


def _amounts(amounts: Mapping[tuple[str, int], Fraction]) -> list[Record]:
    return [{"area": area, "year": year, "amount": amount} for (area, year), amount in amounts.items()]


# Valuations


def _valuation(found: Valuation) -> Record:
    worst = found.broken[0] if found.broken else None
    return {
        "objective": found.objective,
        "broken": found.rules_broken,
        "worst": None if worst is None else worst.row.name,
        "worst_year": None if worst is None else worst.row.year,
        "worst_by": None if worst is None else worst.by,
        "worst_unit": None if worst is None else worst.row.unit,
        "goals_missed": found.goals_missed,
        "unknown": unknown_texts(found),
    }


def _broken(found: Valuation) -> list[Record]:
    return [
        {"rule": b.row.name, "year": b.row.year, "cell": b.row.cell, "by": b.by, "unit": b.row.unit}
        for b in found.broken
    ]


def _goals(found: Valuation) -> list[Record]:
    return [
        {"rule": g.row.name, "year": g.row.year, "priority": g.priority, "missed_by": g.missed_by} for g in found.goals
    ]


def _indicators(found: Valuation) -> list[Record]:
    return [
        {"indicator": i.indicator, "year": i.year, "unit": i.unit, "baseline": i.baseline,
         "reached": i.reached, "operator": None if i.operator is None else i.operator.value,
         "target": i.target, "met": i.met}
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
             "before_cell": c.before_cell, "after_cell": c.after_cell}
            for c in row.edits
        ],
    }  # fmt: skip


def _bridge(first: PlannedCase, other: PlannedCase, bridge: Split | None) -> Record:
    ends: Record = {"from": first.name, "to": other.name}
    if not isinstance(bridge, Bridge):
        reason = None if bridge is None else unsplit_text(bridge)
        return ends | {"reason": reason, "exact": None, "objective": None, "amounts": [], "parts": [], "notes": []}
    return ends | {
        "reason": None,
        "exact": bridge.exact,
        "objective": bridge.objective,
        "amounts": _amounts(bridge.amounts),
        "parts": [_part(part) for part in bridge.parts],
        "notes": list(map(bridge_note, bridge.notes)),
    }


def _part(part: Part) -> Record:
    return {
        "name": part_name(part),
        "objective": part.objective,
        "error": part.objective_error,
        "amounts": _amounts(part.amounts),
        "amount_error": part.amount_error,
    }


def sweep_json(found: Sweep) -> str:
    """Return a sweep as ``allocate sweep --json`` prints it.

    Parameters
    ----------
    found
        As `allocator.analyses.sweep.sweep` returns it.

    Returns
    -------
    str
        One JSON object; null where a figure is unknown or has no meaning.
    """
    asked = found.asked
    return _dump({
        "scenario": _scenario(found.scenario),
        "cell": asked.found.address,
        "percent": asked.found.percent,
        "today": asked.found.value,
        "from": asked.low,
        "to": asked.high,
        "straight": found.straight,
        "points": [_point(point) for point in found.points],
        "messages": sweep_words.remark_texts(found),
    })  # fmt: skip


def seek_json(found: Sought) -> str:
    """Return an answer as ``allocate seek --json`` prints it.

    Parameters
    ----------
    found
        As `allocator.analyses.seek.seek` returns it.

    Returns
    -------
    str
        One JSON object; null where a figure is unknown or has no meaning.
    """
    return _dump({
        "scenario": _scenario(found.scenario),
        "cell": found.found.address,
        "percent": found.found.percent,
        "until": found.condition.text,
        "from": found.low,
        "to": found.high,
        "status": "reached" if found.reached else "not reached",
        "today": _at(found.today),
        "reached": _at(found.reached),
        "nearest": _at(found.nearest),
        "tie": found.tie,
        "in_steps": found.in_steps,
        "planned": [list(run) for run in found.planned],
    })  # fmt: skip


def _dump(record: Record) -> str:
    """Return a record laid out; fractions become numbers, cells their addresses."""
    return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False, default=_plain)


def _plain(value: object) -> float | str:
    return float(value) if isinstance(value, Fraction) else str(value)


def _scenario(scenario: Scenario) -> Record:
    return {
        "title": scenario.title,
        "unit": scenario.unit,
        "years": list(scenario.years),
        "sha256": scenario.sha256,
        **variant_record(scenario),
    }


def _point(point: Point) -> Record:
    return {
        "value": point.value,
        "why": list(map(sweep_words.why_text, point.why)),
        "objective": None if point.plan is None else point.plan.objective,
        "price_down": point.slope_left,
        "price_up": point.slope_right,
        "changes": sweep_words.change_texts(point),
    } | _plan(point.plan)


def _at(at: At | Today | None) -> Record | None:
    if at is None:
        return None
    return {"value": at.value, "measured": at.measured, "objective": at.plan.objective} | _plan(at.plan)


def _plan(plan: Plan | None) -> Record:
    if plan is None:
        return {"amounts": [], "indicators": [], "missed": []}
    return {
        "amounts": [{"area": a, "year": t, "amount": amount} for (a, t), amount in plan.amounts.items()],
        "indicators": [{"indicator": i, "year": t, "reached": value} for (i, t), value in plan.indicators.items()],
        "missed": [{"rule": name, "year": t, "missed_by": amount} for (name, t), amount in plan.missed.items()],
    }


_FLOATS = frozenset({Role.AMOUNT, Role.SHARE, Role.NUMBER, Role.PRICE})
_WHOLE = frozenset({Role.YEAR, Role.COUNT})


def frame[R](table: Table[R], rows: Iterable[R]) -> pd.DataFrame:
    """Return a table's rows with the columns of the JSON, whose types are the same whatever is missing in them."""
    import pandas as pd  # needed by none who only read or print

    columns = table.recorded
    found = pd.DataFrame(table.records(rows), columns=[column.key for column in columns])
    numbers = [c for c in columns if not found[c.key].map(lambda value: isinstance(value, str)).any()]
    types = {column.key: _dtype(column.role, bool(found[column.key].isna().any())) for column in numbers}
    return found.astype({key: dtype for key, dtype in types.items() if dtype})


def _dtype(role: Role, gaps: bool) -> str:
    """Return the type of a column of a role; empty for texts and tables, which pandas tells itself."""
    if role in _FLOATS:
        return "float64"
    if role in _WHOLE:
        return "Int64" if gaps else "int64"
    if role is Role.FLAG:
        return "boolean" if gaps else "bool"
    return ""
