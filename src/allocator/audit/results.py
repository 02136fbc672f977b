"""The stored results of formulas against what the formulas come to: evaluated here, with the decisions typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocator.audit.cells_compared import Comparison
from allocator.audit.findings import Finding, Kind, Value, shown
from allocator.audit.formulas import Evaluator, FormulaError
from allocator.audit.workbook import Content, Place

NOT_STORED = "No formula has a stored result: the program that saved the plan last doesn't compute. None were compared."
NOT_RECALCULATED = (
    "The plan was not recalculated since amounts were decided: results of formulas are those without decisions. "
    "Open it in a spreadsheet program and save it."
)
MOVED = "Results of formulas were not compared, since rows are missing or were put in."


@dataclass(frozen=True)
class Checked:
    """What the stored results come to."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    count: int = 0
    """How many results were compared."""


def check_results(comparison: Comparison, entries: Mapping[tuple[str, Place], Content], *, touched: bool) -> Checked:
    """Compare the stored results of formulas.

    `entries` are the cells that were filled in. Where cells are `touched` (other findings exist), a result that is
    what the formulas of the workbook come to as it stands follows from those.
    """
    stored = list(comparison.formulas())
    if comparison.shifts:
        return Checked(notes=(MOVED,))
    if stored and not any(found.value not in (None, "") or found.error for _, _, found in stored):
        return Checked(notes=(NOT_STORED,))
    evaluator = comparison.expected.evaluator(entries)
    wrong = [
        (sheet, place, found)
        for sheet, place, found in stored
        if not comparison.agrees(sheet, place, found, evaluator.value(sheet, place))
    ]
    if not wrong:
        return Checked(count=len(stored))
    if entries and _as_optimised(comparison, stored):
        return Checked(notes=(NOT_RECALCULATED,), count=len(stored))
    follows = _following(comparison, wrong) if touched else frozenset()
    findings = tuple(
        _finding(comparison, sheet, place, found, evaluator.value(sheet, place), follows=(sheet, place) in follows)
        for sheet, place, found in wrong
    )
    return Checked(findings, count=len(stored))


def _as_optimised(comparison: Comparison, stored: list[tuple[str, Place, Content]]) -> bool:
    """Whether all results are those of the plan without decisions."""
    workbook = comparison.expected.workbook
    return all(
        comparison.agrees(sheet, place, found, workbook.sheets[sheet].cells[place].value)
        for sheet, place, found in stored
    )


def _following(comparison: Comparison, wrong: list[tuple[str, Place, Content]]) -> frozenset[tuple[str, Place]]:
    """Return which of the results are what the formulas come to in the workbook as it stands."""
    evaluator = Evaluator({name: sheet.cells for name, sheet in comparison.found.sheets.items()})
    return frozenset(
        (sheet, place)
        for sheet, place, found in wrong
        if comparison.agrees(sheet, place, found, evaluator.value(sheet, place))
    )


def _finding(
    comparison: Comparison, sheet: str, place: Place, found: Content, computed: object, *, follows: bool
) -> Finding:
    value = _value(computed)
    stands = found.error or shown(found.value)
    text = f"{stands} is stored as the formula's result, it comes to {_told_apart(value, found.value)}"
    if follows:
        text = f"{stands} follows from the cells that were changed; in the plan it is {_told_apart(value, found.value)}"
    return Finding(
        Kind.FOLLOWS if follows else Kind.RESULT,
        text,
        sheet,
        place,
        heading=comparison.heading(sheet, place),
        found=found.error or found.value,
        expected=value,
    )


def _value(computed: object) -> Value:
    if isinstance(computed, FormulaError):
        return str(computed)
    return computed if isinstance(computed, str | float | int | bool) else None


def _told_apart(value: Value, found: Value) -> str:
    """Return the value so that it differs in writing from what is found."""
    return f"{value!r}" if shown(value) == shown(found) and isinstance(value, float) else shown(value)
