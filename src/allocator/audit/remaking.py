"""A plan made anew from what stands in its workbook: the scenario, the plan, the workbook as it ought to be."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocator.analyses.analyse import analyse
from allocator.analyses.result import Result
from allocator.audit.cells_compared import Expected
from allocator.audit.claims import Claims, input_sheets
from allocator.audit.extent import Extent, extent_of
from allocator.audit.findings import Finding, Kind
from allocator.audit.seals import Seals, seal_cells
from allocator.audit.workbook import PlanWorkbook, plan_workbook
from allocator.errors import ScenarioError, SolverError, UsageError
from allocator.programme.progress import Progress
from allocator.programme.status import Status
from allocator.reports import seal, tables
from allocator.reports.sheet_inputs import input_names
from allocator.reports.workbook import plan_bytes
from allocator.scenario.model import InputSheet, Scenario
from allocator.scenario.reading import read_sheets
from allocator.spreadsheet.references import column_number
from allocator.version import __version__
from allocator.wording.progress import Said

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

    def plan(self, workbook: PlanWorkbook, seals: Seals, claims: Claims) -> Remade | list[Finding]:
        """Return the plan for the inputs that stand in a workbook; findings where there is none."""
        extent = extent_of(workbook, seals, claims)
        sheets = input_sheets(workbook, seals)
        key = (seals.inputs_digest, tuple(sheet.name for sheet in sheets), claims.file, extent)
        if key not in self._plans:
            self._plans[key] = self._planned(sheets, claims, extent)
        found = self._plans[key]
        return _as_read(found, claims, key) if isinstance(found, Remade) else found

    def _planned(self, sheets: tuple[InputSheet, ...], claims: Claims, extent: Extent) -> Remade | list[Finding]:
        try:
            scenario = read_sheets(claims.file, claims.sha256, sheets)
        except ScenarioError as error:
            return _problems(error, sheets)
        return self._solved(scenario, extent)

    def _solved(self, scenario: Scenario, extent: Extent) -> Remade | list[Finding]:
        notes: tuple[str, ...] = ()
        try:
            result = self._analysed(scenario, extent, SECOND)
        except UsageError:
            notes = (NO_SECOND,)
            result = self._analysed(scenario, extent, FIRST)
        except SolverError as error:
            notes = (f"{NOT_CONFIRMED}: {error}",)
            result = self._analysed(scenario, extent, FIRST)
            if result.certificate is None or not result.certificate.closes:
                return [Finding(Kind.SOLVER, f"planned anew, {error}, and no proof tells which of them is right")]
        if result.status is not Status.OPTIMAL:
            return [Finding(Kind.PROOF, f"for the inputs that stand here no plan is found: {result.status.value}")]
        solvers = (result.run.solver,) if notes else (result.run.solver, SECOND)
        return Remade(replace(result, run=replace(result.run, confirmed_by="")), solvers, notes=notes)

    def _analysed(self, scenario: Scenario, extent: Extent, solver: str) -> Result:
        out_of_time = extent.out_of_time
        return analyse(scenario, solver=solver, explain=extent.asked, out_of_time=out_of_time, progress=self._progress)

    def workbook(self, remade: Remade, claims: Claims) -> Expected:
        """Return the workbook as it ought to be, made when and with what the plan says."""
        key = (*remade.key, *claims.key)
        if key not in self._books:
            if self._progress:
                self._progress(Said("Making the workbook anew"), None)
            run = claims.of_run(remade.result.run)
            made = plan_workbook(plan_bytes(replace(remade.result, run=run), made=claims.made))
            cells = {name: seal_cells(sheet) for name, sheet in made.sheets.items()}
            then = claims.made_by or MADE_BY
            versions = bool(other_versions(remade, claims))
            self._books[key] = Expected(made, seal.entry_places(cells), versions, (then, MADE_BY))
        return self._books[key]


def _as_read(found: Remade, claims: Claims, key: tuple[object, ...]) -> Remade:
    """Return the plan with what only the scenario file can tell: its SHA-256, what was hidden, and what was changed."""
    own, result = found.result.scenario.messages, found.result
    messages = claims.with_messages(own)
    scenario = replace(result.scenario, sha256=claims.sha256, messages=messages, changed_by=claims.changed_by)
    result = replace(result, scenario=scenario, messages=(*messages, *result.messages[len(own) :]))
    return replace(found, result=result, key=(*key, claims.sha256, messages, claims.changed_by))


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
    shown = dict(zip((sheet.name for sheet in sheets), input_names(sheets, tables.SHEETS), strict=True))
    found = []
    for problem in error.problems:
        sheet, letters, row = problem.first
        place = (row, column_number(letters)) if letters else None
        found.append(Finding(Kind.INPUT, problem.message, shown.get(sheet, sheet), place, heading=problem.heading))
    return found
