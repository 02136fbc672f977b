"""A scenario as it is planned: with one of its variants, with a repair, or with a repair of a variant."""

from __future__ import annotations

from dataclasses import dataclass, replace

from allocator.analyses.analyse import analyse
from allocator.analyses.outcomes import Analysis, Ending
from allocator.analyses.repairs import with_repairs
from allocator.analyses.result import Result
from allocator.programme.build import build
from allocator.programme.deadline import Deadline
from allocator.programme.progress import Progress
from allocator.programme.status import Status
from allocator.scenario.edits import ChangedBy
from allocator.scenario.model import Scenario, Variant
from allocator.scenario.reading import with_edits
from allocator.scenario.variants import find_variant, with_variant


@dataclass(frozen=True)
class NotRepaired:
    """There is no repair of that number, or none is known; `result` shows why: that there is a plan, for one."""

    number: int
    result: Result
    """The scenario's without a repair, with those that there are."""


def changed_by(
    scenario: Scenario,
    variant: str | Variant | None,
    repair: int | None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Scenario | NotRepaired:
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
    Scenario or NotRepaired
        With `changed_by` saying what was edited; or why there is no such repair.

    Raises
    ------
    UsageError
        There is no variant of that name.
    ScenarioError
        The variant's cells can't be read.
    """
    if variant is not None:
        scenario = with_variant(scenario, find_variant(scenario, variant) if isinstance(variant, str) else variant)
    return scenario if repair is None else _repaired(scenario, repair, time_limit, progress)


def _repaired(
    scenario: Scenario, number: int, time_limit: float | None, progress: Progress | None
) -> Scenario | NotRepaired:
    result = analyse(scenario, time_limit=time_limit, explain=False, progress=progress)
    if result.status is not Status.INFEASIBLE:
        return NotRepaired(number, result)
    result = with_repairs(result, build(scenario), Deadline(time_limit), progress)
    if result.outcomes[Analysis.REPAIRS] is not Ending.DONE or not 1 <= number <= len(result.repairs):
        return NotRepaired(number, result)
    repair = result.repairs[number - 1]
    by = scenario.changed_by or ChangedBy()
    found = with_edits(scenario, repair.edits)
    return replace(found, changed_by=replace(by, repair=number, edits=(*by.edits, *repair.edits)))
