"""What would make a plan: a few different repairs of a scenario that has none, the least change first.

A repair changes input cells in their own units. It is checked by planning the scenario with the changed cells; rows of
strength `law` are never touched. Rounding goes outward: to the nearest number that one would type and that lets a
plan exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from allocator.analyses.conflict import whole
from allocator.analyses.messages import RepairsCutShort
from allocator.analyses.no_plan import Repair, RepairKind
from allocator.analyses.outcomes import LOST, Analysis, Ending, ending
from allocator.analyses.progress import Analysing
from allocator.analyses.repair_cells import adjustable_cells, hard_rows
from allocator.analyses.repair_edits import keyword_edits
from allocator.analyses.repair_exact import small_repairs
from allocator.analyses.repair_lp import LooseCells
from allocator.analyses.repair_search import Moved, Search
from allocator.analyses.result import Result
from allocator.errors import ScenarioError, SolverError
from allocator.programme.build import Programme, build
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.progress import Progress, silent
from allocator.programme.rows import ZERO, Key
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Status
from allocator.programme.whole import Rounded, round_plan
from allocator.scenario.edits import RuleEdit
from allocator.scenario.model import Operator
from allocator.scenario.origin import Cell
from allocator.scenario.reading import with_edits

MOST, FEW = 4, 3
"""So many repairs are shown at most; with fewer than so many, further ones are looked for."""
LONGEST = 30.0
"""Seconds after which no further repairs are looked for; thousands of rows that clash everywhere may take hours."""
WORDS = 2
"""So many repairs that change a keyword are shown beside them."""
_WORDS_TRIED = 8
_FIRST = 3
"""So many single changes come before what changes several cells."""
_NUDGES = (1, 10)
"""By how many units of its grid a change goes on where rounding still leaves no plan."""
_SOON = 6.0
"""Seconds for whole steps: at the very edge of what has a plan they may take minutes to find, a little beyond none."""
_AGAIN = 4
"""How often cells that act on each other are moved on."""


def repairs(
    programme: Programme, deadline: Deadline | None = None, progress: Progress | None = None
) -> tuple[Repair, ...]:
    """Return different repairs of a programme without a plan: four of numbers, two of keywords.

    Among them are the least changes of one cell alone, the least total change and the fewest cells changed, where there
    are such.

    Parameters
    ----------
    programme
        One without a plan.
    deadline
        When to stop; None: after `LONGEST`.
    progress
        Called with what is being done and, where known, the part done (0 to 1).

    Returns
    -------
    tuple of Repair
        The least change first; none where rows of strength `law` clash by themselves, or no cell that may be changed
        helps.

    Raises
    ------
    OutOfTime
        The deadline came.
    SolverError
        The solver stopped without an answer.
    """
    return _menu(programme, deadline or Deadline(None), progress).repairs()


def _menu(programme: Programme, deadline: Deadline, progress: Progress | None) -> _Menu:
    return _Menu(programme, deadline, progress or silent)


def with_repairs(result: Result, programme: Programme, deadline: Deadline, progress: Progress | None = None) -> Result:
    """Return `result` with its repairs; `outcomes` and a message say where not all could be looked for."""
    try:
        menu = _menu(programme, deadline, progress)
        found = _with_headline(replace(result, repairs=menu.repairs()), programme, deadline)
    except (OutOfTime, *LOST) as error:
        return result.without((Analysis.REPAIRS,), ending(error))
    if not menu.cut_short:
        return found.with_done(Analysis.REPAIRS)
    found = replace(found, messages=(*found.messages, RepairsCutShort(LONGEST)))
    return found.with_done(Analysis.REPAIRS, Ending.CUT_SHORT)


def _with_headline(result: Result, programme: Programme, deadline: Deadline) -> Result:
    """Return the result with a headline for the first conflict: what the smallest repair makes good."""
    if not result.conflicts or not result.repairs:
        return result
    first, *others = result.conflicts
    told = whole(programme, first, result.repairs[0], deadline)
    return replace(result, conflicts=(replace(first, headline=told.clash), *others))


class _Menu:
    def __init__(self, programme: Programme, deadline: Deadline, say: Progress) -> None:
        left = deadline.left()
        self.programme = programme
        self.given = deadline
        self.deadline = Deadline(LONGEST if left is None else min(left, LONGEST))
        self.say = say
        self.cells = adjustable_cells(programme)
        self.search = Search(LooseCells(programme, self.cells, self.deadline))
        self.found: list[Repair] = []
        self.cut_short = False

    def repairs(self) -> tuple[Repair, ...]:
        self.say(Analysing.LOOKING_FOR_REPAIRS, None)
        try:
            self._look()
        except OutOfTime:
            self.given.left()  # raises where it was this one that came
            self.cut_short = True
        return self._sorted()

    def _look(self) -> None:
        with suppress(ArithmeticError, SolverError):  # numbers that floating-point ones can't hold together
            self._look_widely()
        if not self.found:
            self._look_closely()

    def _look_widely(self) -> None:
        if self.search.start():
            for kind, moved in self._candidates():
                if len(self.found) == MOST:
                    break
                self._add(kind, moved)
            self._add_words()

    def _look_closely(self) -> None:
        """Look for repairs of a clash that is too small for the solver to see."""
        for moved in small_repairs(self.programme, self.cells, self.deadline):
            if len(self.found) == MOST:
                return
            self._add(self._kind(moved, RepairKind.LEAST_CHANGE), moved)

    def _sorted(self) -> tuple[Repair, ...]:
        return tuple(sorted(self.found, key=lambda repair: (repair.size, len(repair.edits))))

    def _candidates(self) -> Iterator[tuple[RepairKind, Moved]]:
        """Yield the repairs to check, the most telling first."""
        single = self.search.single()
        yield from ((RepairKind.ONE_RULE, moved) for moved in single[:_FIRST])
        least = self.search.least()
        if least is not None:
            yield self._kind(least, RepairKind.LEAST_CHANGE), least
        fewest = [] if single else self.search.fewest()
        yield from ((self._kind(moved, RepairKind.FEWEST_RULES), moved) for moved in fewest[:1])
        yield from ((RepairKind.ONE_RULE, moved) for moved in single[_FIRST:])
        if len(self.found) < FEW:
            yield from ((RepairKind.FEWEST_RULES, moved) for moved in fewest[1:FEW])
            yield from self._others()

    def _others(self) -> Iterator[tuple[RepairKind, Moved]]:
        """Yield the least changes that leave out cells of the repairs found so far, until there are a few."""
        tried: set[frozenset[Cell]] = set()
        while len(self.found) < FEW:
            avoided = next((cells for cells in self._avoidable() if cells not in tried), None)
            if avoided is None:
                return
            tried.add(avoided)
            other = self.search.least(without=[n for n, cell in enumerate(self.cells) if cell.cell in avoided])
            if other is not None:
                yield self._kind(other, RepairKind.ANOTHER_WAY), other

    def _avoidable(self) -> Iterator[frozenset[Cell]]:
        """Yield sets of changed cells: what changes most in each repair, all that change, then each of them."""
        yield frozenset(repair.edits[0].cell for repair in self.found)
        yield frozenset(edit.cell for repair in self.found for edit in repair.edits)
        yield from (frozenset([edit.cell]) for repair in self.found for edit in repair.edits)

    def _kind(self, moved: Moved, kind: RepairKind) -> RepairKind:
        return RepairKind.ONE_RULE if len(moved) == 1 else kind

    # Checking

    def _add(self, kind: RepairKind, moved: Moved) -> None:
        """Plan with these changes, and keep the repair where there is a plan and no other says the same."""
        for values in self._ever_farther(moved):
            edits = self.search.edits(values)
            if not edits or any(_holds(edits, repair.edits) for repair in self.found):
                return
            planned = self._plan(edits)
            if planned is not None:
                objective, amounts = planned
                self.found = [repair for repair in self.found if not _holds(repair.edits, edits)]
                self.found.append(Repair(kind, edits, self.search.size(values), objective, amounts))
                return

    def _add_words(self) -> None:
        """Keep the keywords that let a plan exist, each as large a change as the number that does the same."""
        tried = islice(keyword_edits(self.programme, self.search.stuck), _WORDS_TRIED)
        helped: list[RuleEdit] = []
        for edit in tried:
            if len(helped) == WORDS or any(edit.cell == other.cell for other in helped):
                continue
            planned = self._plan((edit,))
            if planned is not None:
                helped.append(edit)
                same = (r.size for r in self.found if [e.rule for e in r.edits] == [edit.rule])
                self.found.append(Repair(RepairKind.ONE_RULE, (edit,), min(same, default=1.0), *planned))

    def _ever_farther(self, moved: Moved) -> Iterator[Moved]:
        """Yield the changes, then a little more: what rounding asks for, or cells that act on each other."""
        yield moved
        further = self._further(moved) if len(moved) > 1 else None
        if further is not None and further != moved:
            yield further
        for nudge in _NUDGES:
            yield {n: self.search.further(n, value, nudge) for n, value in (further or moved).items()}
        exact = {n: self.search.exact.get((n, v), v) if self.cells[n].equality else v for n, v in moved.items()}
        if exact != moved:
            yield exact

    def _further(self, moved: Moved) -> Moved | None:
        """Return how far the cells must move on, once each of them stands where it was moved to."""
        values = dict(moved)
        number = {self.cells[n].cell: n for n in values}
        for _ in range(_AGAIN):
            try:
                scenario = with_edits(self.programme.scenario, self.search.edits(values))
            except ScenarioError:
                return None
            programme = build(scenario)
            cells = [cell for cell in adjustable_cells(programme) if cell.cell in number]
            found = LooseCells(programme, cells, self.deadline).least_moves(range(len(cells)))
            if not isinstance(found, Mapping):
                return None
            if not found:
                return values
            for n, value in found.items():
                own = number[cells[n].cell]
                values[own] = self.search.typed(own, value)
        return values

    def _plan(self, edits: tuple[RuleEdit, ...]) -> tuple[Fraction, tuple[tuple[Key, Fraction], ...]] | None:
        """Return the objective and the plan with these edits; None where there is none, or they can't be read."""
        self.say(Analysing.PLANNING_A_REPAIR, len(self.found) / MOST)
        try:
            programme = build(with_edits(self.programme.scenario, edits))
        except ScenarioError:
            return None
        solution = solve(programme, time_limit=self.deadline.left())
        if solution.status is Status.STOPPED:
            raise OutOfTime
        if solution.status is Status.INFEASIBLE:
            return None
        rounded = self._rounded(programme, solution)
        if rounded is None:
            return None
        amounts = rounded.amounts
        if rounded.step and rounded.step == programme.scenario.step and not _keeps_steps(programme, rounded):
            return None
        return programme.objective(amounts), tuple((key, amounts.get(key, ZERO)) for key in programme.keys)

    def _rounded(self, programme: Programme, solution: Solution) -> Rounded | None:
        """Return the plan in whole steps, as whoever chooses the repair will have it; None: not found soon."""
        left = self.deadline.left()
        soon = Deadline(_SOON if left is None else min(left, _SOON))
        try:
            return round_plan(programme, solution.amounts, solution.goal_sums, soon)
        except OutOfTime:
            self.deadline.left()
            return None


def _holds(edits: tuple[RuleEdit, ...], others: tuple[RuleEdit, ...]) -> bool:
    """Whether edits comprise all of the others, each moved as far or farther: then they say nothing new."""
    far = {edit.cell: abs(edit.moves_by) for edit in edits}
    return all(abs(other.moves_by) <= far.get(other.cell, -1) for other in others)


def _keeps_steps(programme: Programme, rounded: Rounded) -> bool:
    """Whether whole steps keep every row that must hold, an equality to less than what one Step moves."""
    for index in hard_rows(programme.rows):
        row = programme.rows[index]
        reach = rounded.step * max(map(abs, row.body.terms.values()), default=ZERO)
        off = row.slack(rounded.amounts)
        if off < 0 and not (row.operator is Operator.EQUAL and -off < reach):
            return False
    return True
