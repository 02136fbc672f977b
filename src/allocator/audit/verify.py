"""A plan checked: its inputs by their seals, all the rest made anew and compared, the proof proved again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from allocator.analyses.analyse import NotRepaired, analyse, changed_by
from allocator.analyses.result import Result
from allocator.audit.claims import (
    ABOUT,
    CHANGED,
    SEALS,
    Claims,
    Extent,
    Seals,
    extent_of,
    input_sheets,
    read_claims,
    seal_cells,
)
from allocator.audit.comparison import Comparison, Expected, check_results
from allocator.audit.diff import same_content
from allocator.audit.findings import Finding, Kind, Verdict, shown
from allocator.audit.proving import Decisions, as_good, claimed_amounts, filled_entries, prove, with_amounts
from allocator.audit.workbook import PlanWorkbook, plan_workbook, read_plan_workbook, shown_input
from allocator.errors import ScenarioError, SolverError, UsageError, WorkbookError
from allocator.programme.status import Progress, Status
from allocator.render import seal
from allocator.render.about_sheets import CHANGED_BY, input_names
from allocator.render.workbook import plan_bytes
from allocator.scenario.changes import Match, row_differences
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.reading import read_sheets
from allocator.spreadsheet.references import column_number
from allocator.tables import plan as tables
from allocator.tables.money import ALLOCATION
from allocator.version import __version__
from allocator.wording.edits import cause, changes_text
from allocator.wording.progress import Said, Told, in_words
from allocator.wording.repairs import not_repaired

# -- the plan made anew ----------------------------------------------------------------------------------------------

MADE_BY = f"allocate {__version__}"
FIRST, SECOND = "HiGHS", "CBC"
NO_SECOND = "There is no second solver here (CBC); HiGHS alone planned it anew."
NOT_CONFIRMED = "The second solver did not confirm it, though the proof closes"


@dataclass(frozen=True)
class Remade:
    """A plan as it was found here."""

    result: Result
    solvers: tuple[str, ...]
    """Those that planned it, the second one last."""
    key: tuple[object, ...] = ()
    """What it follows from."""
    notes: tuple[str, ...] = ()


class Remaking:
    """Makes plans anew and keeps them, so that copies of one plan are planned once."""

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._plans: dict[tuple[object, ...], Remade | list[Finding]] = {}
        self._books: dict[tuple[object, ...], Expected] = {}

    def plan(self, seals: Seals, claims: Claims) -> Remade | list[Finding]:
        """Return the plan for the inputs that stand in a workbook; findings where there is none."""
        extent = extent_of(seals, claims)
        sheets = input_sheets(seals)
        key = (repr(sheets), claims.file, extent)
        if key not in self._plans:
            self._plans[key] = self._planned(sheets, claims, extent)
        found = self._plans[key]
        return replace(_as_read(found, claims), key=key) if isinstance(found, Remade) else found

    def _planned(self, sheets: tuple[InputSheet, ...], claims: Claims, extent: Extent) -> Remade | list[Finding]:
        try:
            scenario = read_sheets(claims.file, claims.sha256, sheets)
        except ScenarioError as error:
            return _problems(error, sheets)
        return self._solved(scenario, extent)

    def _solved(self, scenario: Scenario, extent: Extent) -> Remade | list[Finding]:
        analysed = partial(
            analyse, scenario, explain=extent.asked, out_of_time=extent.out_of_time, progress=self._progress
        )
        notes: tuple[str, ...] = ()
        try:
            result = analysed(solver=SECOND)
        except UsageError:
            notes = (NO_SECOND,)
            result = analysed(solver=FIRST)
        except SolverError as error:
            notes = (f"{NOT_CONFIRMED}: {error}",)
            result = analysed(solver=FIRST)
            if result.certificate is None or not result.certificate.closes:
                return [Finding(Kind.SOLVER, f"planned anew, {error}, and no proof tells which of them is right")]
        if result.status is not Status.OPTIMAL:
            return [Finding(Kind.PROOF, f"for the inputs that stand here no plan is found: {result.status.value}")]
        solvers = (result.run.solver,) if notes else (result.run.solver, SECOND)
        return Remade(replace(result, run=replace(result.run, confirmed_by="")), solvers, notes=notes)

    def workbook(self, remade: Remade, claims: Claims) -> Expected:
        """Return the workbook as it ought to be, made when and with what the plan says."""
        key = (*remade.key, repr(claims))
        if key not in self._books:
            if self._progress:
                self._progress(Said("Making the workbook anew"), None)
            run = claims.of_run(remade.result.run)
            made = plan_workbook(plan_bytes(replace(remade.result, run=run), made=claims.made))
            cells = {name: seal_cells(sheet) for name, sheet in made.sheets.items()}
            loose, made_by = bool(other_versions(remade, claims)), (claims.made_by or MADE_BY, MADE_BY)
            self._books[key] = Expected(made, seal.entry_places(cells), loose, made_by)
        return self._books[key]


def _as_read(found: Remade, claims: Claims) -> Remade:
    """Return the plan with what only the scenario file can tell: its SHA-256, what was hidden, and what was changed."""
    own, result = found.result.scenario.messages, found.result
    messages = claims.with_messages(own)
    scenario = replace(result.scenario, sha256=claims.sha256, messages=messages, changed_by=claims.changed_by)
    result = replace(result, scenario=scenario, messages=(*messages, *result.messages[len(own) :]))
    return replace(found, result=result)


def other_versions(remade: Remade, claims: Claims) -> list[str]:
    """Return, in words, which of the programs that figures depend on are of another version here."""
    own = remade.result.run
    pairs = [
        ("allocate", claims.made_by.removeprefix("allocate ") or __version__, __version__),
        ("solver", claims.solver or own.solver, own.solver),
        *((name, claims.versions.get(name, text), text) for name, text in own.versions.items() if name in _COUNTING),
    ]
    return [f"{name} {then} (here {now})" for name, then, now in pairs if then != now]


_COUNTING = ("pulp", "highspy", "numpy")


def _problems(error: ScenarioError, sheets: tuple[InputSheet, ...]) -> list[Finding]:
    """Return the problems of the inputs as findings at the cells of the sheets that show them."""
    shown, found = _shown_as(sheets), []
    for problem in error.problems:
        sheet, letters, row = problem.first
        place = (row, column_number(letters)) if letters else None
        found.append(Finding(Kind.INPUT, problem.message, shown.get(sheet, sheet), place, heading=problem.heading))
    return found


def _shown_as(sheets: tuple[InputSheet, ...]) -> dict[str, str]:
    """Return the sheets' names in the scenario, each with the name of the plan's sheet that shows it."""
    return dict(zip((sheet.name for sheet in sheets), input_names(sheets, tables.SHEETS), strict=True))


# -- the scenario file -----------------------------------------------------------------------------------------------

THE_SAME = "The scenario file is the one that the plan was made from, byte for byte."
SAVED_AGAIN = "The scenario file was saved again since (its SHA-256 differs), but its inputs are those of the plan."
ANOTHER = "The scenario file is not the one that the plan was made from: its SHA-256 differs."
NOT_ITS_OWN = "The SHA-256 is that of the scenario file, and yet the plan's inputs are not its inputs."


def compare_scenario(
    scenario: Scenario, claims: Claims, plan: tuple[InputSheet, ...], progress: Progress | None = None
) -> tuple[list[Finding], str]:
    """Return which inputs differ between a scenario file and a plan, and a note on the file as a whole.

    A plan of a variant, or with a repair, is compared with the file's own variant of that name, or with the repair of
    that number as it is found here.
    """
    changed = _changed(scenario, claims, progress)
    if isinstance(changed, Finding):
        found = [changed]
    else:
        found = [*_differences(changed.inputs, plan), *_texts(changed, claims)]
    same_file = scenario.sha256 == claims.sha256
    if found:
        return found, NOT_ITS_OWN if same_file else ANOTHER
    return found, THE_SAME if same_file else SAVED_AGAIN


def _changed(scenario: Scenario, claims: Claims, progress: Progress | None) -> Scenario | Finding:
    """Return the file's scenario with the variant and the repair that the plan names; a finding where it has none."""
    asked = claims.changed_by
    if asked is None:
        return scenario
    try:
        changed = changed_by(scenario, asked.variant, asked.repair, progress=progress)
        if isinstance(changed, NotRepaired):
            raise not_repaired(changed)
    except (UsageError, SolverError, ScenarioError) as error:
        text = f"the scenario file has no {cause(asked)}: {error}"
        return Finding(Kind.SCENARIO, text, ABOUT, heading=CHANGED_BY)
    return changed


def _texts(file: Scenario, claims: Claims) -> Iterator[Finding]:
    """Yield the finding that a plan doesn't say what its variant or repair changes."""
    if file.changed_by is None or claims.changed_by is None:
        return
    found, expected = claims.changed_by.told, changes_text(file.changed_by)
    if found != expected:
        text = f"the plan says that it was changed otherwise than the scenario file's {cause(file.changed_by)} does"
        yield Finding(Kind.SCENARIO, text, ABOUT, heading=CHANGED_BY, found=found, expected=expected)


def _differences(file: tuple[InputSheet, ...], plan: tuple[InputSheet, ...]) -> Iterator[Finding]:
    shown_as, theirs = _shown_as(plan), {sheet.name: sheet for sheet in file}
    for sheet in plan:
        if sheet.name not in theirs:
            yield Finding(Kind.SCENARIO, "the scenario file has no such sheet", shown_as[sheet.name])
    for sheet in file:
        if sheet.name not in shown_as:
            yield Finding(Kind.SCENARIO, f'the plan has no inputs of the scenario file\'s sheet "{sheet.name}"')
    for sheet in plan:
        if sheet.name in theirs:
            yield from _cells(shown_as[sheet.name], sheet, theirs[sheet.name])


def _cells(name: str, plan: InputSheet, file: InputSheet) -> Iterator[Finding]:
    """Yield the cells of a sheet that differ, each at its own address."""
    height = max(len(sheet.rows) for sheet in (plan, file))
    width = max((len(row) for sheet in (plan, file) for row in sheet.rows), default=0)
    rows = (Match(str(number), number, number) for number in range(1, height + 1))
    columns = [Match(file.headings.get(number, ""), number, number) for number in range(1, width + 1)]
    for edit in (e for row in row_differences(plan, file, rows, columns, same_content) for e in row.edits):
        here, there, place = edit.before, edit.after, (edit.cell.row, edit.cell.column)
        text = f"the plan was made with {shown(here)}, the scenario file has {shown(there)}"
        yield Finding(Kind.SCENARIO, text, name, place, heading=edit.column, found=here, expected=there)


# -- the verdict -----------------------------------------------------------------------------------------------------

CORE = ("Summary", "Plan", "Allocation", "Funds", "Rules", "Sensitivity", "Checks", "About")
LEAST_CORE = 3
"""So many of these sheets make a workbook a plan of ours, even where the mark is gone."""
STOPPED_AT_INPUTS = "The plan does not follow from inputs that were changed, so nothing else was compared."
STOPPED_AT_ABOUT = "Without what About says of how the plan was made, nothing else was compared."
COMPARED_LOOSELY = "Figures were compared to six digits; texts and formulas may differ for that reason alone."
ANOTHER_PLAN = (
    "Another plan was found here; the amounts that stand in the workbook were taken, since they prove themselves."
)
_FIRST = (Kind.SHEET, Kind.ROW, Kind.INPUT, Kind.DECISION, Kind.PROOF, Kind.SOLVER)
"""Findings that are shown before the others, in this order; what follows from others comes last."""
_RANKS = {kind: (*_FIRST, kind).index(kind) for kind in Kind} | {Kind.FOLLOWS: len(_FIRST) + 1}


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
        title = workbook.at("Summary", (1, 1)).value or ""
        found = Verdict(workbook.name, str(title), digest=seals.digest)
        changed = [*_missing_inputs(seals), *seals.input_findings()]
        if changed:
            return replace(found, findings=tuple(changed), notes=(STOPPED_AT_INPUTS,))
        claims = read_claims(seals)
        if not isinstance(claims, Claims):
            return replace(found, findings=tuple(claims), notes=(STOPPED_AT_ABOUT,))
        remade = self._remaking.plan(seals, claims)
        if not isinstance(remade, Remade):
            return replace(found, findings=tuple(remade), notes=(STOPPED_AT_INPUTS,))
        other = ", ".join(other_versions(remade, claims))
        notes = [f"Made with other versions than those here: {other}. {COMPARED_LOOSELY}"] if other else []
        found = replace(found, solvers=remade.solvers, notes=(*remade.notes, *notes))
        case = self._case(seals, claims, remade)
        claimed = self._as_claimed(case, remade) if case.comparison.expected.loose else None
        if claimed is not None:
            case, found = claimed, replace(found, notes=(*found.notes, ANOTHER_PLAN))
        return _compared(found, case, scenario, self._progress)

    def _case(self, seals: Seals, claims: Claims, remade: Remade) -> _Case:
        comparison = Comparison(self._remaking.workbook(remade, claims), seals.workbook)
        return _Case(seals, claims, remade.result, comparison)

    def _as_claimed(self, case: _Case, remade: Remade) -> _Case | None:
        """Return the case of the plan's own amounts, where they are other than found here and prove themselves."""
        proved, amounts = prove(case.comparison, case.result), claimed_amounts(case.comparison, case.result)
        if proved.certificate is None or not proved.holds or amounts is None or amounts == case.result.amounts:
            return None
        if case.result.certificate is None or not as_good(proved.certificate, case.result.certificate):
            return None
        result = with_amounts(remade.result, amounts, proved.certificate)
        key = (*remade.key, *amounts.items())
        return self._case(case.seals, case.claims, replace(remade, result=result, key=key))


class _Case(NamedTuple):
    """A plan, what it says, and the same plan made anew."""

    seals: Seals
    claims: Claims
    result: Result
    comparison: Comparison


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
        differing, note = compare_scenario(scenario, case.claims, input_sheets(case.seals), progress)
        findings += differing
        notes.append(note)
    counts = {
        "sheets": len(comparison.names),
        "cells": sum(map(len, comparison.cells.values())),
        "formulas": sum(1 for _ in comparison.formulas()),
        "results": results.count,
    }
    return replace(
        found,
        findings=tuple(sorted(findings, key=lambda finding: _RANKS[finding.kind])),
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
        elif finding.sheet == ABOUT or (finding.sheet == SEALS and _is_seal_of(case.seals.workbook, finding, own)):
            continue
        yield finding
    for row in broken.rows:
        if row not in told:
            label = case.seals.workbook.at(ABOUT, (row, 1)).value
            yield Finding(Kind.VALUE, CHANGED, ABOUT, (row, 2), heading=str(label or ""))


def _is_seal_of(workbook: PlanWorkbook, finding: Finding, lines: set[str]) -> bool:
    """Whether a finding on Seals is about the seal of one of these lines of About."""
    row = finding.place[0] if finding.place else finding.row or 0
    return workbook.at(SEALS, (row, 1)).value == ABOUT and workbook.at(SEALS, (row, 2)).value in lines


def _missing_inputs(seals: Seals) -> Iterator[Finding]:
    """Yield the sheets of the inputs that the seals know and the workbook doesn't have."""
    for name in seals.stored:
        if shown_input(name) is not None and name not in seals.workbook.sheets and len(seals.stored[name]) > 1:
            yield Finding(Kind.SHEET, "the sheet is missing", name)


def _refuse_others(workbook: PlanWorkbook) -> None:
    """Raise WorkbookError unless the workbook is a plan of ours, by its mark or by its sheets."""
    if {"Conflict", "Repairs"} <= set(workbook.sheets) and ALLOCATION.sheet not in workbook.sheets:
        raise WorkbookError(f"{workbook.name} says why no plan exists, so there is no plan in it to verify")
    if not workbook.made_by.startswith("allocate") and sum(name in workbook.sheets for name in CORE) < LEAST_CORE:
        raise WorkbookError(
            f"{workbook.name} is no plan made by allocate; give a workbook that allocate wrote, "
            "such as scenario.plan.xlsx"
        )
