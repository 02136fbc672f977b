"""Amounts in whole Steps that still keep every rule, checked in exact arithmetic.

The unrounded optimum lies, in units of Step, within a few units of whole-number plans. So each amount is written as
its whole part plus a small whole number, and a small mixed programme chooses those: only rows that such changes can
reach are in it, their coefficients turned into whole numbers where possible, so that no tolerance can blur them.
It starts with the amounts that are not whole, and looks further only as long as nothing is found or something is
to be gained. What it finds is checked with fractions before it is believed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline
from allocator.programme.nearby import Around, Goals, Nearby, step_tolerance
from allocator.programme.rows import ZERO, Key

DIGITS = 10**15
"""A spreadsheet, and JSON as most programs read it, hold this many units exactly."""
FINER = 6
"""How often Step is divided by 10 before amounts are left unrounded."""
SNAP = 1e-4
"""Amounts closer than this to a whole number of Steps count as whole: solvers are right to about 1e-9."""
REACHES: tuple[int | None, ...] = (0, 1, 3, 10, 100, None)
"""By how many Steps amounts may move, in the order tried; 0: only those that aren't whole, up or down; None: as far
as coarse Steps can."""
GAIN = 1e-7
"""A cost of rounding below this part of the objective isn't worth a wider search."""
VERY_FEW, MANY = 40, 400
"""Up to so many amounts a plan that was found is still improved: with any reach, with short ones."""


@dataclass(frozen=True)
class NoWholePlan:
    """No plan was found in whole Steps; amounts are multiples of `used`, 0 where they are not rounded."""

    step: Fraction
    used: Fraction


@dataclass(frozen=True)
class StepTooFine:
    """A spreadsheet can't hold amounts of this size to one Step; they are multiples of `used`."""

    step: Fraction
    used: Fraction


@dataclass(frozen=True)
class Rounded:
    """A plan in whole steps; `step` is what its amounts are multiples of, 0 where they are not rounded."""

    amounts: Mapping[Key, Fraction]
    step: Fraction
    message: NoWholePlan | StepTooFine | None = None
    """Why they are no multiples of Step; None where they are."""


def round_plan(
    programme: Programme,
    amounts: Mapping[Key, Fraction],
    goal_sums: Mapping[int, Fraction],
    deadline: Deadline,
) -> Rounded:
    """Return the plan nearest to an optimum in whole Steps that keeps every must and, as far as possible, the goals.

    Inequalities are kept exactly; an equality that no whole Steps reach is kept within one, Budget rows from below.
    Where no such plan is found Step is divided by 10, at most six times; then amounts stay as they are.

    Parameters
    ----------
    programme
        Its scenario says what the Step is; 0: amounts stay as they are.
    amounts
        The optimum's, unrounded, in the scenario's unit; one that is missing is 0.
    goal_sums
        Priority → the least sum of its shortfalls, each divided as its row says.
    deadline
        When to stop.

    Returns
    -------
    Rounded
        The amounts, and the Step that they are multiples of.

    Raises
    ------
    OutOfTime
        The deadline came.
    """
    step = programme.scenario.step
    if not step:
        return Rounded(amounts, ZERO)
    for unit in _units(programme, step):
        found = _Search(programme, amounts, goal_sums, unit, deadline).plan()
        if found is not None:
            return Rounded(found, unit, _message(step, unit))
    return Rounded(amounts, ZERO, NoWholePlan(step, ZERO))


def _units(programme: Programme, step: Fraction) -> Iterator[Fraction]:
    """Yield the steps to try: Step, or what a spreadsheet can hold of it; then ever finer ones."""
    scenario = programme.scenario
    largest = max(scenario.available(scenario.source, year) for year in scenario.years)
    coarse = step
    while coarse * DIGITS < largest:
        coarse *= 10
    while coarse > step:
        yield coarse
        coarse /= 10
    for finer in range(FINER + 1):
        yield step / 10**finer


def _message(step: Fraction, unit: Fraction) -> NoWholePlan | StepTooFine | None:
    if unit == step:
        return None
    return StepTooFine(step, unit) if unit > step else NoWholePlan(step, unit)


class _Search:
    """The search at one Step: nearby first, then further as long as nothing is found or something is to be gained."""

    def __init__(
        self,
        programme: Programme,
        amounts: Mapping[Key, Fraction],
        goal_sums: Mapping[int, Fraction],
        step: Fraction,
        deadline: Deadline,
    ) -> None:
        self.programme = programme
        self.best = programme.objective(amounts)
        base, rest = _split(programme, amounts, step)
        self.around = Around(
            programme=programme,
            step=step,
            base=base,
            rest=rest,
            amounts={key: whole * step for key, whole in zip(programme.keys, base, strict=True)},
            least=goal_sums,
            missed=frozenset(
                index
                for index, row in enumerate(programme.rows)
                if row.strength.kind == "goal" and row.slack(amounts) < 0
            ),
            best=abs(float(self.best)),
            deadline=deadline,
        )

    def plan(self) -> Mapping[Key, Fraction] | None:
        """Return the best plan found at this Step, None where there seems to be none."""
        for number, reach in enumerate(REACHES):
            found = self._try(reach)
            if found is not None:
                return self._improve(found, REACHES[number + 1 :])
        return None

    def _improve(self, found: Mapping[Key, Fraction], reaches: Sequence[int | None]) -> Mapping[Key, Fraction]:
        """Look a little further as long as there is something to gain."""
        for reach in reaches:
            most = VERY_FEW if reach is None or reach > 10 else MANY
            if len(self.programme.keys) > most or not self._worth_more(found):
                break
            better = self._try(reach, improve=True)
            if better is not None and self._rank(better) < self._rank(found):
                found = better
        return found

    def _worth_more(self, found: Mapping[Key, Fraction]) -> bool:
        """Whether a wider search could gain something that matters."""
        *missed, objective = self._rank(found)
        loss = abs(abs(objective) - abs(self.best))
        return any(missed) or loss > Fraction(GAIN) * max(abs(self.best), Fraction(1))

    def _rank(self, plan: Mapping[Key, Fraction]) -> list[Fraction]:
        """Return what plans are compared by, less being better: what each priority's goals are missed by beyond what
        the unrounded optimum leaves of them, less than a Step not counted; then the objective.
        """
        sums = {priority: -least for priority, least in self.around.least.items()}
        for row in self.programme.rows:
            if row.strength.kind == "goal":
                off = max(ZERO, -row.slack(plan) - step_tolerance(row) * self.around.step)
                sums[row.strength.priority] += off / row.divisor
        value = self.programme.objective(plan)
        return [*(max(ZERO, total) for total in sums.values()), -value if self.programme.maximise else value]

    def _try(self, reach: int | None, *, improve: bool = False) -> Mapping[Key, Fraction] | None:
        """Search within `reach`: goals are met each by itself, but for what rounding asks for; else in sum; else as
        far as possible. A deviation smaller than a Step is not bought with more than Steps are worth.
        """
        each = Nearby(self.around, reach, Goals.EACH, improve=improve).solve()
        if not self.around.least or (each is not None and self._loss(each) <= self._ordinary):
            return each
        sums = Nearby(self.around, reach, Goals.SUMS, improve=improve).solve()
        if each is None or (sums is not None and self._loss(each) - self._loss(sums) > self._ordinary):
            each = sums
        return each if each is not None else Nearby(self.around, reach, Goals.LEAST, improve=improve).solve()

    def _loss(self, plan: Mapping[Key, Fraction]) -> Fraction:
        """Return by how much a plan's objective is worse than the unrounded optimum."""
        worse = self.programme.objective(plan) - self.best
        return -worse if self.programme.maximise else worse

    @property
    def _ordinary(self) -> Fraction:
        """What a Step for each goal is worth at most."""
        slopes = [abs(p.slope) for pieces in self.programme.pieces.values() for p in pieces]
        goals = sum(1 for row in self.programme.rows if row.strength.kind == "goal")
        return goals * max(slopes, default=ZERO) * self.around.step


def _split(programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction) -> tuple[list[int], list[Fraction]]:
    """Return each amount's whole Steps, and what is above them; 0 where it is whole but for the solver's last bits."""
    base: list[int] = []
    rest: list[Fraction] = []
    for key in programme.keys:
        steps = amounts[key] / step
        near = round(steps)
        whole = near if abs(steps - near) <= SNAP else math.floor(steps)
        base.append(whole)
        rest.append(ZERO if whole == near and abs(steps - near) <= SNAP else steps - whole)
    return base, rest
