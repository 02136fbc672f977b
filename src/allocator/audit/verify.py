"""A plan checked: its inputs by their seals, all the rest made anew and compared, the proof proved again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path

from allocator.analyses.result import Result
from allocator.audit.cells_compared import Comparison, Expected
from allocator.audit.claimed_plan import with_amounts
from allocator.audit.claims import Claims, input_sheets, read_claims
from allocator.audit.decisions import Decisions, filled_entries
from allocator.audit.findings import Finding, Kind, Verdict
from allocator.audit.proving import as_good, claimed_amounts, prove
from allocator.audit.remaking import Remade, Remaking, other_versions
from allocator.audit.results import check_results
from allocator.audit.scenario_file import compare_scenario
from allocator.audit.seals import ABOUT, CHANGED, SEALS, Seals
from allocator.audit.workbook import PlanWorkbook, read_plan_workbook, shown_input
from allocator.errors import WorkbookError
from allocator.programme.progress import Progress
from allocator.reports import seal, tables
from allocator.scenario.model import Scenario
from allocator.wording.progress import Told, in_words

CORE = ("Summary", "Plan", "Allocation", "Funds", "Rules", "Sensitivity", "Checks", "About")
LEAST_CORE = 3
"""So many of these sheets make a workbook a plan of ours, even where the mark is gone."""
STOPPED_AT_INPUTS = "The plan does not follow from inputs that were changed, so nothing else was compared."
STOPPED_AT_ABOUT = "Without what About says of how the plan was made, nothing else was compared."
COMPARED_LOOSELY = "Figures were compared to six digits; texts and formulas may differ for that reason alone."
ANOTHER_PLAN = (
    "Another plan was found here; the amounts that stand in the workbook were taken, since they prove themselves."
)
ORDER = (Kind.SHEET, Kind.ROW, Kind.INPUT, Kind.DECISION, Kind.PROOF, Kind.SOLVER)
"""Findings that are shown before the others, in this order; what follows from others comes last."""


def verify(path: str | PathLike[str], *, scenario: Scenario | None = None, progress: Told | None = None) -> Verdict:
    """Check a plan's workbook: that it is what follows from its inputs, in every cell.

    Parameters
    ----------
    path
        The plan, as it was written or as a spreadsheet program saved it again.
    scenario
        The scenario file that it ought to be made from, as `read_scenario` returns it: then its cells are compared
        with the plan's inputs.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Verdict
        Every cell that isn't as it ought to be, decisions made by hand, and what was proved again.

    Raises
    ------
    WorkbookError
        The file can't be read, or is no plan made by allocate.
    """
    return Auditor(progress).check(read_plan_workbook(Path(path)), scenario)


class Auditor:
    """Checks plans; what it makes anew it keeps, so that many copies of one plan are checked fast."""

    def __init__(self, progress: Told | None = None) -> None:
        self._progress = in_words(progress)
        self._remaking = Remaking(self._progress)

    def check(self, workbook: PlanWorkbook, scenario: Scenario | None = None) -> Verdict:
        """Return the verdict on a plan; `scenario` is the file that it ought to be made from.

        Raises
        ------
        WorkbookError
            The workbook is no plan made by allocate.
        """
        _refuse_others(workbook)
        seals = Seals(workbook)
        found = Verdict(workbook.name, _title(workbook), digest=seals.digest)
        changed = [*_missing_inputs(workbook, seals), *seals.input_findings()]
        if changed:
            return replace(found, findings=tuple(changed), notes=(STOPPED_AT_INPUTS,))
        claims = read_claims(seals)
        if not isinstance(claims, Claims):
            return replace(found, findings=tuple(claims), notes=(STOPPED_AT_ABOUT,))
        remade = self._remaking.plan(workbook, seals, claims)
        if not isinstance(remade, Remade):
            return replace(found, findings=tuple(remade), notes=(STOPPED_AT_INPUTS,))
        found = replace(found, solvers=remade.solvers, notes=(*remade.notes, *_notes(remade, claims)))
        case = self._case(workbook, seals, claims, remade)
        other = self._as_claimed(case, remade) if case.comparison.expected.loose else None
        if other is not None:
            case, found = other, replace(found, notes=(*found.notes, ANOTHER_PLAN))
        return _compared(found, case, scenario, self._progress)

    def _case(self, workbook: PlanWorkbook, seals: Seals, claims: Claims, remade: Remade) -> _Case:
        return _Case(workbook, seals, claims, remade.result, self._remaking.workbook(remade, claims))

    def _as_claimed(self, case: _Case, remade: Remade) -> _Case | None:
        """Return the case of the plan's own amounts, where they are other than found here and prove themselves."""
        proved, amounts = prove(case.comparison, case.result), claimed_amounts(case.comparison, case.result)
        if proved.certificate is None or not proved.holds or amounts is None or amounts == case.result.amounts:
            return None
        if case.result.certificate is None or not as_good(proved.certificate, case.result.certificate):
            return None
        result = with_amounts(remade.result, amounts, proved.certificate)
        key = (*remade.key, *amounts.items())
        return self._case(case.workbook, case.seals, case.claims, replace(remade, result=result, key=key))


class _Case:
    """A plan, what it says, and the same plan made anew."""

    def __init__(
        self, workbook: PlanWorkbook, seals: Seals, claims: Claims, result: Result, expected: Expected
    ) -> None:
        self.workbook = workbook
        self.seals = seals
        self.claims = claims
        self.result = result
        self.comparison = Comparison(expected, workbook)


def _compared(found: Verdict, case: _Case, scenario: Scenario | None, progress: Progress | None) -> Verdict:
    """Return the verdict once there is a plan to compare with."""
    comparison = case.comparison
    findings = list(_of_about(_of_seals(comparison.findings(), case), case))
    filled = filled_entries(comparison)
    decisions = Decisions(comparison, filled, case.result)
    results = check_results(comparison, filled, touched=bool(findings))
    proved = prove(comparison, case.result)
    findings += [*results.findings, *decisions.findings(), *proved.findings]
    notes = [*found.notes, *results.notes]
    if scenario is not None:
        differing, note = compare_scenario(scenario, case.claims, input_sheets(case.workbook, case.seals), progress)
        findings += differing
        notes.append(note)
    cells = sum(len(cells) for cells in comparison.cells.values())
    counts = {
        "sheets": len(comparison.names),
        "cells": cells,
        "formulas": sum(1 for _ in comparison.formulas()),
        "results": results.count,
    }
    return replace(
        found,
        findings=tuple(sorted(findings, key=_rank)),
        decisions=decisions.listed(),
        notes=tuple(notes),
        proof=proved.sentences,
        counts=counts,
    )


def _of_seals(findings: Iterable[Finding], case: _Case) -> list[Finding]:
    """Return findings; a plan that other versions made has seals of its own, which need only fit what they seal."""
    seals = case.seals
    if not case.comparison.expected.loose or seals.digest != seals.stored_digest or not seals.whole:
        return list(findings)
    digest = ABOUT, seal.digest_place(seals.cells[ABOUT])
    return [f for f in findings if f.sheet != SEALS and (f.sheet, f.place) != digest]


def _of_about(findings: Iterable[Finding], case: _Case) -> Iterator[Finding]:
    """Yield findings; where lines of About were changed, their seals and the content's digest are right as they are.

    A changed line of which no cell differs from what was made anew is one of those that only it can tell.
    """
    broken = case.seals.about
    if broken is None:
        yield from findings
        return
    digest = seal.digest_place(case.seals.cells[ABOUT])
    own = {f"row {row}" for row in broken.rows}
    told: set[int] = set()
    for finding in findings:
        if finding.sheet == ABOUT and finding.place != digest:
            told.add(finding.place[0] if finding.place else finding.row or 0)
        elif finding.sheet == ABOUT or (finding.sheet == SEALS and _is_seal_of(case.workbook, finding, ABOUT, own)):
            continue
        yield finding
    for row in broken.rows:
        if row not in told:
            label = case.workbook.sheets[ABOUT].cells.get((row, 1))
            heading = str(label.value) if label else ""
            yield Finding(Kind.VALUE, CHANGED, ABOUT, (row, 2), heading=heading)


def _is_seal_of(workbook: PlanWorkbook, finding: Finding, sheet: str, lines: set[str]) -> bool:
    """Whether a finding on Seals is about the seal of one of these lines."""
    row = finding.place[0] if finding.place else finding.row or 0
    cells = workbook.sheets[SEALS].cells
    texts = [cells[row, column].value if (row, column) in cells else "" for column in (1, 2)]
    return texts[0] == sheet and texts[1] in lines


def _missing_inputs(workbook: PlanWorkbook, seals: Seals) -> Iterator[Finding]:
    """Yield the sheets of the inputs that the seals know and the workbook doesn't have."""
    for name in seals.stored:
        if shown_input(name) is not None and name not in workbook.sheets and len(seals.stored[name]) > 1:
            yield Finding(Kind.SHEET, "the sheet is missing", name)


def _notes(remade: Remade, claims: Claims) -> tuple[str, ...]:
    other = other_versions(remade, claims)
    if not other:
        return ()
    listed = ", ".join(other)
    return (f"Made with other versions than those here: {listed}. {COMPARED_LOOSELY}",)


def _rank(finding: Finding) -> tuple[int, int]:
    if finding.kind is Kind.FOLLOWS:
        return len(ORDER) + 1, 0
    return (ORDER.index(finding.kind) if finding.kind in ORDER else len(ORDER)), 0


def _title(workbook: PlanWorkbook) -> str:
    summary = workbook.sheets.get("Summary")
    content = summary.cells.get((1, 1)) if summary else None
    return str(content.value) if content and content.value else ""


def _refuse_others(workbook: PlanWorkbook) -> None:
    """Raise WorkbookError unless the workbook is a plan of ours, by its mark or by its sheets."""
    if {"Conflict", "Repairs"} <= set(workbook.sheets) and tables.ALLOCATION.sheet not in workbook.sheets:
        raise WorkbookError(f"{workbook.name} says why no plan exists, so there is no plan in it to verify")
    if workbook.made_by.startswith("allocate") and tables.ALLOCATION.sheet in {*workbook.sheets, *CORE}:
        return
    if sum(name in workbook.sheets for name in CORE) < LEAST_CORE:
        raise WorkbookError(
            f"{workbook.name} is no plan made by allocate; give a workbook that allocate wrote, "
            "such as scenario.plan.xlsx"
        )
