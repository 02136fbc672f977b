"""A scenario as it is planned: with one of its variants, with a repair, or with a repair of a variant."""

from __future__ import annotations

from dataclasses import replace

from allocator.analyses.analyse import analyse
from allocator.analyses.outcomes import Analysis, Ending
from allocator.analyses.repairs import with_repairs
from allocator.analyses.result import Result
from allocator.errors import SolverError, UsageError
from allocator.programme.build import build
from allocator.programme.deadline import Deadline
from allocator.programme.progress import Progress
from allocator.programme.status import Status
from allocator.reports.no_plan_words import no_repair
from allocator.scenario.edits import ChangedBy
from allocator.scenario.model import Scenario, Variant
from allocator.scenario.reading import with_edits
from allocator.scenario.variants import find_variant, with_variant
from allocator.wording.edits import cause
from allocator.wording.messages import message_text


def changed_by(
    scenario: Scenario,
    variant: str | Variant | None,
    repair: int | None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Scenario:
    """Return a scenario with one of its variants, and then with a repair, which it says of itself.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it.
    variant
        One of its variants, or its name; None: the base case.
    repair
        The number of a repair, from 1; None: without.
    time_limit
        Seconds for finding repairs; None: no limit.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    Scenario
        With `changed_by` saying what was edited.

    Raises
    ------
    UsageError
        There is no variant of that name, or no repair of that number.
    ScenarioError
        The variant's cells can't be read.
    SolverError
        Repairs were not found in time.
    """
    if variant is not None:
        scenario = with_variant(scenario, find_variant(scenario, variant) if isinstance(variant, str) else variant)
    return scenario if repair is None else _repaired(scenario, repair, time_limit, progress)


def _repaired(scenario: Scenario, number: int, time_limit: float | None, progress: Progress | None) -> Scenario:
    result = analyse(scenario, time_limit=time_limit, explain=False, progress=progress)
    if result.status is Status.OPTIMAL:
        what = f"the {cause(scenario.changed_by)}" if scenario.changed_by else "this scenario"
        raise UsageError(f"--repair {number}: {what} has a plan, so there is nothing to repair; leave it out")
    if result.status is Status.STOPPED:
        raise SolverError("whether the scenario needs a repair was not found: the search was stopped")
    result = _with_all_repairs(result, scenario, time_limit, progress)
    if not 1 <= number <= len(result.repairs):
        there = f"there are {len(result.repairs)}; give a number from 1 to {len(result.repairs)}"
        raise UsageError(f"--repair {number}: {there if result.repairs else no_repair(result)}")
    repair = result.repairs[number - 1]
    by = scenario.changed_by or ChangedBy()
    found = with_edits(scenario, repair.edits)
    return replace(found, changed_by=replace(by, repair=number, edits=(*by.edits, *repair.edits)))


def _with_all_repairs(
    result: Result, scenario: Scenario, time_limit: float | None, progress: Progress | None
) -> Result:
    """Return the result with its repairs; raise SolverError where they could not be sought to the end."""
    result = with_repairs(result, build(scenario), Deadline(time_limit), progress)
    if result.outcomes[Analysis.REPAIRS] is not Ending.DONE:
        raise SolverError(message_text(result.messages[-1]))
    return result
