"""Many what-ifs of one scenario: one programme kept warm in the solver, whose numbers change.

From a changed cell to the solver only what follows from it is looked at: the row of its table is read again, the rows
of the programme that have it in them are built again, and the numbers that differ are sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import is_not

from allocator.programme.altered import altered
from allocator.programme.build import Programme, build
from allocator.programme.deadline import Deadline
from allocator.programme.warm import Answer, WarmProgramme
from allocator.scenario.model import Cell, Raw, Scenario
from allocator.scenario.patching import Patches


class Batch:
    """The optimum of a scenario under many changes, one after the other.

    An interruption (Ctrl-C, a deadline, a solver that stopped) leaves it usable: what comes next starts from the
    scenario's own programme.

    Parameters
    ----------
    scenario
        The base scenario, whose cells `at` changes; its What-if sheet doesn't count.
    deadline
        When to stop; `at` and `of` then raise `OutOfTime`.
    """

    def __init__(self, scenario: Scenario, deadline: Deadline | None = None) -> None:
        self._deadline = deadline
        self._patches = Patches(scenario)
        self.scenario = self._patches.base
        self.solved = 0
        """How many what-ifs were answered."""
        self._base = self._last = build(self.scenario)
        self._warm = WarmProgramme(self._base, deadline, goals_met=True)
        self._busy = False

    @property
    def read_anew(self) -> int:
        """How many what-ifs could only be had by reading the whole scenario anew."""
        return self._patches.read_anew

    def at(self, changes: Mapping[Cell, Raw]) -> Answer | None:
        """Return the optimum with other values in some cells of the base scenario; None: no plan exists.

        A value is the stored one (0.04 is 4 %), or text as one would type it; None clears a cell.

        Raises
        ------
        ScenarioError
            If the content has problems with these values; it lists all of them, each with its cell.
        OutOfTime
            The deadline came.
        SolverError
            The solver stopped without an answer.
        """
        return self.of(self._patches.at(changes))

    def of(self, scenario: Scenario) -> Answer | None:
        """Return the optimum of any scenario; None: no plan exists. Raises as `at`, but for ScenarioError.

        The more it shares with the base scenario, or with the one before, the less there is to do.
        """
        if self._busy:  # it was interrupted, so that what the solver holds is not known
            self._last, self._warm = self._base, WarmProgramme(self._base, self._deadline, goals_met=True)
        self._busy = True
        start = min((self._base, self._last), key=lambda programme: _unlike(programme.scenario, scenario))
        programme: Programme = altered(start, scenario)
        answer = self._warm.solve(programme)
        self._last, self._busy = programme, False
        self.solved += 1
        return answer


def _unlike(one: Scenario, other: Scenario) -> int:
    """Return roughly how much the two don't share."""
    tuples = ((one.sources, other.sources), (one.areas, other.areas), (one.rules, other.rules))
    maps = ((one.limits, other.limits), (one.bands, other.bands))
    count = sum(sum(map(is_not, mine, theirs)) for mine, theirs in tuples if mine is not theirs)
    count += sum(sum(map(is_not, mine.values(), theirs.values())) for mine, theirs in maps if mine is not theirs)
    return count + (one.indicators is not other.indicators) + (one.effects is not other.effects)
