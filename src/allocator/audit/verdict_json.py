"""The verdict as JSON."""

from __future__ import annotations

import json
import math

from allocator.audit.findings import Decision, Finding, Value, Verdict

type Record = dict[str, object]


def verdict_json(verdict: Verdict) -> str:
    """Return what ``allocate verify --json`` prints: every finding, decision and note.

    Parameters
    ----------
    verdict
        As `verify` returns it.

    Returns
    -------
    str
        One JSON object.
    """
    content: Record = {
        "verdict": "right" if verdict.right else "wrong",
        "plan": verdict.plan,
        "title": verdict.title,
        "findings": [_finding(finding) for finding in verdict.findings],
        "decisions": [_decision(decision) for decision in verdict.decisions],
        "notes": list(verdict.notes),
        "proof": list(verdict.proof),
        "solvers": list(verdict.solvers),
        "digest": verdict.digest,
        "counts": dict(verdict.counts),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _finding(finding: Finding) -> Record:
    return {
        "cell": finding.cell,
        "sheet": finding.sheet,
        "heading": finding.heading,
        "found": _number(finding.found),
        "expected": _number(finding.expected),
        "text": finding.text,
        "kind": finding.kind.value,
    }


def _decision(decision: Decision) -> Record:
    return {
        "cell": decision.cell,
        "sheet": decision.sheet,
        "heading": decision.heading,
        "subject": decision.subject,
        "value": _number(decision.value),
        "instead_of": decision.instead_of,
    }


def _number(value: Value) -> Value:
    """Return a value that JSON can hold."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
