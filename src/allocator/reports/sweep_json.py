"""Sweeps and answers of seek as JSON: one object, amounts in the scenario's unit, values as stored numbers."""

from __future__ import annotations

import json
from typing import Any

from allocator.analyses.course import Plan
from allocator.analyses.seek import At, Sought, Today
from allocator.analyses.sweep import Point, Sweep
from allocator.reports.records import variant_record
from allocator.scenario.model import Scenario
from allocator.wording.sweep import change_texts, remark_texts, why_text

type Record = dict[str, Any]


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
        "today": None if asked.found.value is None else float(asked.found.value),
        "from": float(asked.low),
        "to": float(asked.high),
        "straight": found.straight,
        "points": [_point(point) for point in found.points],
        "messages": remark_texts(found),
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
    return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)


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
        "why": list(map(why_text, point.why)),
        "objective": None if point.plan is None else point.plan.objective,
        "price_down": point.slope_left,
        "price_up": point.slope_right,
        "changes": change_texts(point),
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
