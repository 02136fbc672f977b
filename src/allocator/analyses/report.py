"""The sensitivity report: a planned result → the same with all that takes solves of its own.

Each analysis is one entry of `ENTRIES`; what became of it stands in `Result.outcomes`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from allocator.analyses.conflict import whole
from allocator.analyses.existence import early_warning
from allocator.analyses.figures import RowStatus
from allocator.analyses.messages import LOST, REPORT, Analysis, Ending, LeftOut, RepairsCutShort, Reporting, ending
from allocator.analyses.moves import Moves, least_and_most, next_money, price_card, room, room_message
from allocator.analyses.prices import Prices, Sensitivity, part_figures
from allocator.analyses.repairs import LONGEST, RepairMenu, explain_goals
from allocator.analyses.result import AreaFigures, Result, RowFigures
from allocator.analyses.rule_costs import rule_costs
from allocator.programme.build import Programme
from allocator.programme.optimum import Optimum
from allocator.programme.rows import yearly_sums
from allocator.programme.solve import Solution
from allocator.programme.status import Deadline, OutOfTime, Progress, silent
from allocator.programme.what_ifs import WhatIfs


class Optimal:
    """An optimum that analyses ask, and until when; raises `OutOfTime` and `LOST`."""

    def __init__(self, programme: Programme, solution: Solution, optimum: Optimum, deadline: Deadline) -> None:
        deadline.left()
        self.programme, self.solution, self.optimum, self.deadline = programme, solution, optimum, deadline
        self.sensitivity = Sensitivity(Prices(programme, solution), optimum)
        what_ifs = WhatIfs(programme, deadline, optimum.engine.session.basis())
        self.moves = Moves(self.sensitivity, solution.amounts, what_ifs)
        self.yearly = yearly_sums(solution.amounts)
        """(area, year) → the unrounded amount over all sources."""


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
        optimal = Optimal(programme, solution, optimum, deadline)
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


def with_repairs(result: Result, programme: Programme, deadline: Deadline, progress: Progress | None = None) -> Result:
    """Return `result` with its repairs; `outcomes` and a message say where not all could be looked for."""
    try:
        menu = RepairMenu(programme, deadline, progress)
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
    told = whole(programme, first, [edit.cell for edit in result.repairs[0].edits], deadline)
    return replace(result, conflicts=(replace(first, headline=told.clash), *others))


# The analyses


def _prices(result: Result, optimal: Optimal) -> Result:
    sensitivity, yearly = optimal.sensitivity, optimal.yearly
    lost: list[str] = []
    rows = tuple(
        _with_price(row, row.row.label, lost, partial(_row_price, index, row, sensitivity))
        for index, row in enumerate(result.rows)
    )
    areas = tuple(
        _with_price(area, f"{area.area} {area.year}", lost, partial(_area_price, area, optimal))
        for area in result.areas
    )
    parts = tuple(part_figures(sensitivity, result.amounts, yearly)) if sensitivity.thorough else ()
    unpriced = (LeftOut((Analysis.PRICES,), Ending.NO_ANSWER, tuple(lost)),) if lost else ()
    messages = (*result.messages, *unpriced, *filter(None, (sensitivity.message,)))
    return replace(result, rows=rows, areas=areas, parts=parts, messages=messages)


def _room(result: Result, optimal: Optimal) -> Result:
    optimum, face = optimal.optimum, optimal.sensitivity.face
    found = room(optimum, face)
    message = room_message(result.scenario)
    if message:
        own = least_and_most(optimum, face)
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


def _rule_costs(result: Result, optimal: Optimal) -> Result:
    found = rule_costs(optimal.programme, optimal.solution.amounts, optimal.moves.what_ifs)
    return replace(result, rule_costs=tuple(found))


def _missed_goals(result: Result, optimal: Optimal) -> Result:
    programme, solution = optimal.programme, optimal.solution
    index = {id(row): number for number, row in enumerate(programme.rows)}
    missed = {index[id(goal.row)]: goal.missed_by for goal in result.goals if goal.missed_by}
    sums = {priority: float(least) for priority, least in solution.goal_sums.items()}
    amounts = {key: float(amount) for key, amount in solution.amounts.items()}
    return replace(result, goals_explained=explain_goals(programme, missed, sums, optimal.deadline, amounts))


def _early_warning(result: Result, optimal: Optimal) -> Result:
    found = early_warning(optimal.programme, optimal.deadline)
    return replace(result, warnings=found.budgets, tight=found.tight)


ENTRIES: dict[Analysis, Callable[[Result, Optimal], Result]] = {
    Analysis.PRICES: _prices,
    Analysis.ROOM: _room,
    Analysis.PRICE_CARD: _price_card,
    Analysis.NEXT_MONEY: _next_money,
    Analysis.RULE_COSTS: _rule_costs,
    Analysis.MISSED_GOALS: _missed_goals,
    Analysis.EARLY_WARNING: _early_warning,
}
"""In the order of `REPORT`. Each returns the result with what it learns from the optimum; raises `OutOfTime`, `LOST`.

A further analysis is a file, a member of `Analysis`, an entry here, and a field of `Result` for what it learns.
"""


# Prices, row by row and area by area


def _with_price[F: (RowFigures, AreaFigures)](
    figures: F, label: str, lost: list[str], price: Callable[[], Mapping[str, Any]]
) -> F:
    """Return figures with their price; without, and noted as `lost`, where the arithmetic fails."""
    try:
        return replace(figures, **price())
    except ArithmeticError:
        lost.append(label)
        return figures


def _row_price(index: int, figures: RowFigures, sensitivity: Sensitivity) -> Mapping[str, Any]:
    strength = figures.row.strength
    if index in sensitivity.prices.missed or (figures.status is RowStatus.MISSED and strength.kind == "goal"):
        return {}
    if figures.row.goal_bound:
        price = sensitivity.of_goals(strength.priority, figures.shadow_price or 0.0)
    else:
        price = sensitivity.of_row(index)
    no_plan = {"no_plan_up": price.price_up is None, "no_plan_down": price.price_down is None}
    return {**vars(price), **no_plan, "shadow_price": price.single}


def _area_price(figures: AreaFigures, optimal: Optimal) -> Mapping[str, Any]:
    at = figures.area, figures.year
    return vars(optimal.sensitivity.of_area(*at, optimal.yearly[at]))
