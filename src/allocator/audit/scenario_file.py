"""The scenario file beside the plan's inputs: whether it is the one, and which of its cells differ."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.analyses.changed_by import NotRepaired, changed_by
from allocator.audit.claims import Claims
from allocator.audit.diff_inputs import same_content
from allocator.audit.findings import Finding, Kind, shown
from allocator.audit.seals import ABOUT
from allocator.errors import ScenarioError, SolverError, UsageError
from allocator.programme.progress import Progress
from allocator.reports import tables
from allocator.reports.sheet_inputs import input_names
from allocator.reports.sheets_about import CHANGED_BY
from allocator.scenario.differences import Match, row_differences
from allocator.scenario.model import InputSheet, Scenario
from allocator.wording.edits import cause, changes_text
from allocator.wording.repairs import not_repaired

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
    shown_as = dict(zip((sheet.name for sheet in plan), input_names(plan, tables.SHEETS), strict=True))
    theirs = {sheet.name: sheet for sheet in file}
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
