"""The sensitivity report: a planned result → the same with all that takes solves of its own.

Each analysis is one entry of `ENTRIES`; what became of it stands in `Result.outcomes`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.analyses import room
from allocator.analyses.early_warning import early_warning
from allocator.analyses.figures import RowStatus
from allocator.analyses.goals_explained import explain_goals
from allocator.analyses.messages import LeftOut
from allocator.analyses.moves import Moves
from allocator.analyses.next_money import next_money
from allocator.analyses.outcomes import LOST, REPORT, Analysis, Ending, ending
from allocator.analyses.parts import part_figures
from allocator.analyses.price_card import price_card
from allocator.analyses.prices import Prices
from allocator.analyses.progress import Reporting
from allocator.analyses.result import AreaFigures, Result, RowFigures
from allocator.analyses.sensitivity import RowPrice, Sensitivity
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.optimum import Optimum
from allocator.programme.progress import Progress, silent
from allocator.programme.rows import Key, yearly_sums
from allocator.programme.solve import Solution
from allocator.programme.what_ifs import WhatIfs


@dataclass(frozen=True)
class Optimal:
    """An optimum that analyses ask, and until when."""

    programme: Programme
    solution: Solution
    optimum: Optimum
    deadline: Deadline
    sensitivity: Sensitivity
    moves: Moves

    @classmethod
    def of(cls, programme: Programme, solution: Solution, optimum: Optimum, deadline: Deadline) -> Optimal:
        """Return an optimum ready to be asked; raises `OutOfTime` and `LOST`."""
        deadline.left()
        sensitivity = Sensitivity(Prices(programme, solution), optimum)
        what_ifs = WhatIfs(programme, deadline, optimum.engine.session.basis())
        return cls(programme, solution, optimum, deadline, sensitivity, Moves(sensitivity, solution.amounts, what_ifs))

    @property
    def yearly(self) -> Mapping[tuple[str, int], Fraction]:
        """(area, year) → the unrounded amount over all sources."""
        return yearly_sums(self.solution.amounts)

    @property
    def amounts(self) -> dict[Key, float]:
        """The unrounded amounts."""
        return {key: float(amount) for key, amount in self.solution.amounts.items()}


def with_report(
    result: Result,
    programme: Programme,
    solution: Solution,
    deadline: Deadline,
    progress: Progress | None = None,
    out_of_time: Collection[Analysis] = (),
) -> Result:
    """Return `result` with the sensitivity report filled in, and what became of each part of it.

    Parameters
    ----------
    result, programme, solution
        A plan, in the scenario's unit, and the optimum that it was rounded from.
    deadline
        When to stop: what isn't done by then is left out.
    progress
        Called with what is being done.
    out_of_time
        What is left out as if the time limit had come before it, as from a plan that is made anew.
    """
    say = progress or silent
    optimum = solution.optimum
    if optimum is None:
        return result
    try:
        if set(REPORT) <= set(out_of_time):
            raise OutOfTime
        optimal = Optimal.of(programme, solution, optimum, deadline)
    except (OutOfTime, *LOST) as error:
        return result.without(REPORT, ending(error))
    for number, analysis in enumerate(REPORT):
        say(Reporting(analysis), number / len(REPORT))
        try:
            if analysis in out_of_time:
                raise OutOfTime
            deadline.left()
            result = ENTRIES[analysis](result, optimal).with_done(analysis)
        except OutOfTime:
            return result.without(REPORT[number:], Ending.OUT_OF_TIME)
        except LOST:
            result = result.without((analysis,), Ending.NO_ANSWER)
    return result


# The analyses


def _prices(result: Result, optimal: Optimal) -> Result:
    sensitivity, yearly = optimal.sensitivity, optimal.yearly
    lost: list[str] = []
    rows = _priced_rows(result.rows, sensitivity, lost)
    areas = tuple(_priced_area(area, sensitivity, yearly[area.area, area.year], lost) for area in result.areas)
    parts = tuple(part_figures(sensitivity, result.amounts, yearly)) if sensitivity.thorough else ()
    unpriced = (LeftOut((Analysis.PRICES,), Ending.NO_ANSWER, tuple(lost)),) if lost else ()
    messages = (*result.messages, *unpriced, *filter(None, (sensitivity.message,)))
    return replace(result, rows=rows, areas=areas, parts=parts, messages=messages)


def _room(result: Result, optimal: Optimal) -> Result:
    optimum, face = optimal.optimum, optimal.sensitivity.face
    found = room.room(optimum, face)
    message = room.message(result.scenario)
    if message:
        own = room.least_and_most(optimum, face)
    else:
        own = {(r.name, r.year): (r.least, r.most) for r in found if isinstance(r.name, str)}
    areas = tuple(
        replace(area, least=own[area.area, area.year][0], most=own[area.area, area.year][1]) for area in result.areas
    )
    return replace(result, areas=areas, room=found, messages=(*result.messages, *filter(None, (message,))))


def _price_card(result: Result, optimal: Optimal) -> Result:
    missed = {index for index, row in enumerate(result.rows) if row.status is RowStatus.MISSED}
    missed |= optimal.sensitivity.prices.missed
    return replace(result, price_card=tuple(price_card(optimal.moves, missed)))


def _next_money(result: Result, optimal: Optimal) -> Result:
    return replace(result, next_money=tuple(next_money(optimal.moves)))


def _missed_goals(result: Result, optimal: Optimal) -> Result:
    programme, solution = optimal.programme, optimal.solution
    index = {id(row): number for number, row in enumerate(programme.rows)}
    missed = {index[id(goal.row)]: goal.missed_by for goal in result.goals if goal.missed_by}
    sums = {priority: float(least) for priority, least in solution.goal_sums.items()}
    return replace(result, goals_explained=explain_goals(programme, missed, sums, optimal.deadline, optimal.amounts))


def _early_warning(result: Result, optimal: Optimal) -> Result:
    found = early_warning(optimal.programme, optimal.deadline)
    return replace(result, warnings=found.budgets, tight=found.tight)


ENTRIES: dict[Analysis, Callable[[Result, Optimal], Result]] = {
    Analysis.PRICES: _prices,
    Analysis.ROOM: _room,
    Analysis.PRICE_CARD: _price_card,
    Analysis.NEXT_MONEY: _next_money,
    Analysis.MISSED_GOALS: _missed_goals,
    Analysis.EARLY_WARNING: _early_warning,
}
"""Each returns the result with what it learns from the optimum; raises `OutOfTime` and `LOST`."""


# Prices, row by row and area by area


def _priced_rows(rows: tuple[RowFigures, ...], sensitivity: Sensitivity, lost: list[str]) -> tuple[RowFigures, ...]:
    found = []
    for index, row in enumerate(rows):
        try:
            found.append(_priced(index, row, sensitivity))
        except ArithmeticError:
            lost.append(row.row.label)
            found.append(row)
    return tuple(found)


def _priced(index: int, figures: RowFigures, sensitivity: Sensitivity) -> RowFigures:
    strength = figures.row.strength
    if index in sensitivity.prices.missed or (figures.status is RowStatus.MISSED and strength.kind == "goal"):
        return figures
    if figures.row.goal_bound:
        return _priced_row(figures, sensitivity.of_goals(strength.priority, figures.shadow_price or 0.0))
    return _priced_row(figures, sensitivity.of_row(index))


def _priced_row(figures: RowFigures, price: RowPrice) -> RowFigures:
    return replace(
        figures,
        shadow_price=price.single,
        price_up=price.up,
        price_down=price.down,
        allowable_increase=price.increase,
        allowable_decrease=price.decrease,
        degenerate=not price.same,
        no_plan_up=price.up is None,
        no_plan_down=price.down is None,
        stops_increase=price.stops_increase,
        stops_decrease=price.stops_decrease,
    )


def _priced_area(figures: AreaFigures, sensitivity: Sensitivity, yearly: Fraction, lost: list[str]) -> AreaFigures:
    try:
        price = sensitivity.of_area(figures.area, figures.year, yearly)
    except ArithmeticError:
        lost.append(f"{figures.area} {figures.year}")
        return figures
    return replace(
        figures,
        reduced_cost=price.reduced_cost,
        allowable_increase=price.increase,
        allowable_decrease=price.decrease,
        limiting=price.limiting,
    )
