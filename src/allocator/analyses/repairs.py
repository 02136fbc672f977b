"""What would make a plan, the least change first; and what it would take to meet the goals that a plan misses.

A repair changes input cells in their own units. It is checked by planning the scenario with the changed cells; rows of
strength `law` are never touched. Rounding goes outward: to the nearest number that one would type and that lets a
plan exist.

A goal is met without breaking a must and without missing goals of an earlier priority by more than they are; goals of
its own priority and later ones may lose. Then amounts are not rounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from itertools import islice

from allocator.analyses.messages import Analysing
from allocator.analyses.repair_cells import LooseCells, Point, adjustable_cells, keyword_edits
from allocator.analyses.repair_search import CellSearch, Moved, small_repairs
from allocator.errors import ScenarioError, SolverError
from allocator.programme.build import Programme, build
from allocator.programme.rows import HARD, ONE, ZERO, Key, Row
from allocator.programme.solve import Solution, solve
from allocator.programme.status import Deadline, OutOfTime, Progress, Status, silent
from allocator.programme.whole import Rounded, round_plan
from allocator.scenario.model import Cell, Operator, RuleEdit
from allocator.scenario.reading import with_edits

# -- repairs ----------------------------------------------------------------------------------------------------------


class RepairKind(Enum):
    """What a repair is the best at."""

    ONE_RULE = auto()
    """It changes one cell alone."""
    LEAST_CHANGE = auto()
    FEWEST_RULES = auto()
    ANOTHER_WAY = auto()
    """The least change that leaves out cells of the others."""


@dataclass(frozen=True)
class Repair:
    """A set of edits that lets a plan exist, and the best plan there is then."""

    kind: RepairKind
    edits: tuple[RuleEdit, ...]
    size: float
    """Σ of the changes, each as a part of what the cell held."""
    objective: Fraction | None
    amounts: tuple[tuple[Key, Fraction], ...]
    """The plan that it leads to, in the scenario's order."""


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
    return RepairMenu(programme, deadline or Deadline(None), progress).repairs()


class RepairMenu:
    """The repairs of a programme, as they are found."""

    def __init__(self, programme: Programme, deadline: Deadline, progress: Progress | None) -> None:
        left = deadline.left()
        self.programme = programme
        self.given = deadline
        self.deadline = Deadline(LONGEST if left is None else min(left, LONGEST))
        self.say = progress or silent
        self.cells = adjustable_cells(programme)
        self.search = CellSearch(LooseCells(programme, self.cells, self.deadline))
        self.found: list[Repair] = []
        self.cut_short = False

    def repairs(self) -> tuple[Repair, ...]:
        """Look for repairs and return them, the least change first; `cut_short` says whether there may be more."""
        self.say(Analysing.LOOKING_FOR_REPAIRS, None)
        try:
            self._look()
        except OutOfTime:
            self.given.left()  # raises where it was this one that came
            self.cut_short = True
        return tuple(sorted(self.found, key=lambda repair: (repair.size, len(repair.edits))))

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
            self._add(RepairKind.LEAST_CHANGE, moved)

    def _candidates(self) -> Iterator[tuple[RepairKind, Moved]]:
        """Yield the repairs to check, the most telling first."""
        single = self.search.single()
        yield from ((RepairKind.ONE_RULE, moved) for moved in single[:_FIRST])
        least = self.search.least()
        if least is not None:
            yield RepairKind.LEAST_CHANGE, least
        fewest = [] if single else self.search.fewest()
        yield from ((RepairKind.FEWEST_RULES, moved) for moved in fewest[:1])
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
                yield RepairKind.ANOTHER_WAY, other

    def _avoidable(self) -> Iterator[frozenset[Cell]]:
        """Yield sets of changed cells: what changes most in each repair, all that change, then each of them."""
        yield frozenset(repair.edits[0].cell for repair in self.found)
        yield frozenset(edit.cell for repair in self.found for edit in repair.edits)
        yield from (frozenset([edit.cell]) for repair in self.found for edit in repair.edits)

    # Checking

    def _add(self, kind: RepairKind, moved: Moved) -> None:
        """Plan with these changes, and keep the repair where there is a plan and no other says the same."""
        for values in self._ever_farther(moved):
            edits = self.search.edits(values)
            if not edits or any(_holds(edits, repair.edits) for repair in self.found):
                return
            planned = self._plan(edits)
            if planned is not None:
                kind = RepairKind.ONE_RULE if len(values) == 1 else kind
                self.found = [repair for repair in self.found if not _holds(repair.edits, edits)]
                self.found.append(Repair(kind, edits, self.search.size(values), *planned))
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
    for row in (row for row in programme.rows if row.strength.kind in HARD):
        reach = rounded.step * max(map(abs, row.body.terms.values()), default=ZERO)
        off = row.slack(rounded.amounts)
        if off < 0 and not (row.operator is Operator.EQUAL and -off < reach):
            return False
    return True


# -- goals that are missed --------------------------------------------------------------------------------------------

MOST_EXPLAINED = 40
"""So many missed goals are explained, in the workbook's order."""
MET = Fraction(1, 10**7)
"""A goal that is missed by less than this part of what it asks for (at least of 1) is met, but for a last digit."""


@dataclass(frozen=True)
class GoalExplained:
    """One row of a goal that is missed."""

    row: Row
    priority: int
    missed_by: Fraction
    """In the row's unit, of the plan in whole steps."""
    possible: bool
    """Whether it can be met as things are: then goals of its own priority, or whole steps, were served before it."""
    whole_steps: bool
    """Whether the unrounded optimum meets it, so that nothing but whole steps stops it."""
    short_by: float
    """By how much the rows in the way make it miss at least, in its row's unit; 0 where it is possible."""
    money: RuleEdit | None
    """The least more money of one source in one year that lets it be met; None: none does, or it is possible."""
    change: RuleEdit | None
    """The least change, as a part of what it holds, of one other cell that lets it be met; None likewise."""
    in_the_way: tuple[Row, ...]
    """Rows that can't stand together with the goal: those that no plan may break, if these alone suffice, else goals
    that come before it too; none where it is possible."""


def explain_goals(
    programme: Programme,
    missed: Mapping[int, Fraction],
    goal_sums: Mapping[int, float],
    deadline: Deadline,
    unrounded: Mapping[Key, float],
) -> tuple[GoalExplained, ...]:
    """Return what is to be said of the goals that are missed, the first `MOST_EXPLAINED` of them.

    Parameters
    ----------
    programme
        One with a plan.
    missed
        Index in `programme.rows` → by how much the row is missed, above 0.
    goal_sums
        Priority → the least sum of its shortfalls, as `Solution` has them.
    deadline
        When to stop.
    unrounded
        The amounts of the unrounded optimum, in the scenario's unit.

    Returns
    -------
    tuple of GoalExplained
        In the order of their priorities.

    Raises
    ------
    OutOfTime
        The deadline came.
    SolverError
        The solver stopped without an answer.
    """
    if not missed:
        return ()
    loose = LooseCells(programme, adjustable_cells(programme), deadline)
    amounts = {key: Fraction(amount) for key, amount in unrounded.items()}
    return tuple(
        _explained(loose, index, missed[index], goal_sums, amounts) for index in sorted(missed)[:MOST_EXPLAINED]
    )


def _explained(
    loose: LooseCells,
    index: int,
    missed_by: Fraction,
    goal_sums: Mapping[int, float],
    unrounded: Mapping[Key, Fraction],
) -> GoalExplained:
    rows = loose.programme.rows
    row, priority = rows[index], rows[index].strength.priority
    held = {earlier: total for earlier, total in goal_sums.items() if earlier < priority}
    loose.meet([index], held)
    search = CellSearch(loose)
    alone = all(other is row or other.strength != row.strength for other in rows)
    # a goal alone in its priority that the optimum misses can't be met, by however little
    if not search.start(loosely=not alone or _met(row, unrounded)):
        return GoalExplained(row, priority, missed_by, True, alone or _met(row, unrounded), 0.0, None, None, ())
    money, change = _money(search), _other(search)
    stuck, short_by = _in_the_way(loose, index, held, search.stuck)
    in_the_way = tuple(rows[i] for i in sorted(stuck - {index}))
    return GoalExplained(row, priority, missed_by, False, False, short_by, money, change, in_the_way)


def _met(row: Row, amounts: Mapping[Key, Fraction]) -> bool:
    return -row.slack(amounts) <= MET * max(ONE, abs(row.bound))


def _in_the_way(
    loose: LooseCells, index: int, held: Mapping[int, float], stuck: frozenset[int]
) -> tuple[frozenset[int], float]:
    """Return the rows that stop a goal, and by how much it is missed at least: by musts alone where they suffice."""
    if held:
        loose.meet([index], {})
        found = loose.solve(loosely=True)
        if isinstance(found, Point):
            loose.meet([index], held)
        else:
            stuck = found
    return stuck, loose.least_shortfall(index)


def _money(search: CellSearch) -> RuleEdit | None:
    """Return the least money to be added to one Budget cell."""
    budgets = [n for n, cell in enumerate(search.cells) if cell.budget]
    edits = _sure(search, search.single(budgets, many=len(budgets) + 1))
    return min((edit for edit in edits if edit.moves_by > 0), key=lambda edit: edit.moves_by, default=None)


def _other(search: CellSearch) -> RuleEdit | None:
    """Return the least change of a cell that isn't one of Budget's."""
    others = [n for n, cell in enumerate(search.cells) if not cell.budget]
    return next(_sure(search, search.single(others, many=1)), None)


def _sure(search: CellSearch, found: Iterable[Moved]) -> Iterator[RuleEdit]:
    """Yield the edits with which the goal is met, but for a last digit."""
    for moved in map(search.sure, found):
        if moved is not None:
            yield from search.edits(moved)
