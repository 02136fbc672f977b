"""A planned result → the same with all that takes solves of its own: prices of both sides, ranges, room, and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from allocator.analyses import room
from allocator.analyses.early_warning import early_warning
from allocator.analyses.goals_explained import explain_goals
from allocator.analyses.messages import LeftOut, Lost
from allocator.analyses.moves import Moves
from allocator.analyses.next_money import next_money
from allocator.analyses.parts import part_figures
from allocator.analyses.price_card import price_card
from allocator.analyses.prices import Prices, unrounded_yearly
from allocator.analyses.progress import Reporting
from allocator.analyses.result import AreaFigures, Result, RowFigures, RowStatus
from allocator.analyses.sensitivity import RowPrice, Sensitivity
from allocator.errors import SolverError
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline, OutOfTime
from allocator.programme.optimum import Optimum
from allocator.programme.progress import Progress
from allocator.programme.questions import Face
from allocator.programme.rows import Key
from allocator.programme.solve import Solution
from allocator.programme.warm import WarmProgramme


def explained(
    result: Result, programme: Programme, solution: Solution, deadline: Deadline, progress: Progress | None = None
) -> Result:
    """Return `result` with the sensitivity report filled in; a message names what could not be."""
    say = progress or (lambda _text, _part: None)
    optimum = solution.optimum
    if optimum is None:
        return result
    try:
        deadline.left()
        sensitivity = Sensitivity(Prices(programme, solution), optimum)
        moves = Moves(sensitivity, solution.amounts, WarmProgramme(programme, deadline, optimum.engine.session.basis()))
    except (OutOfTime, *LOST) as error:
        return _lacking(result, "the sensitivity report", error)
    yearly = unrounded_yearly(solution.amounts)
    steps: tuple[tuple[str, Callable[[Result], Result]], ...] = (
        ("prices and their ranges", lambda found: _with_prices(found, sensitivity, yearly)),
        ("room of each area", lambda found: _with_room(found, optimum, sensitivity.face)),
        ("what rules cost", lambda found: _with_cards(found, moves)),
        ("where money would go", lambda found: replace(found, next_money=tuple(next_money(moves)))),
        ("what missed goals would take", lambda found: _with_goals(found, programme, solution, deadline)),
        ("how near it is to having no plan", lambda found: _with_warnings(found, programme, deadline)),
    )
    for number, (what, step) in enumerate(steps):
        say(Reporting(what), number / len(steps))
        try:
            deadline.left()
            result = step(result)
        except OutOfTime as error:
            return _lacking(result, ", ".join(what for what, _ in steps[number:]), error)
        except LOST as error:
            result = _lacking(result, what, error)
    return result


def _floats(solution: Solution) -> dict[Key, float]:
    return {key: float(amount) for key, amount in solution.amounts.items()}


def _with_goals(result: Result, programme: Programme, solution: Solution, deadline: Deadline) -> Result:
    index = {id(row): number for number, row in enumerate(programme.rows)}
    missed = {index[id(goal.row)]: goal.missed_by for goal in result.goals if goal.missed_by}
    sums = {priority: float(least) for priority, least in solution.goal_sums.items()}
    return replace(result, goals_explained=explain_goals(programme, missed, sums, deadline, _floats(solution)))


LOST = (ArithmeticError, SolverError)
"""What is raised where the solver has lost its way: the plan stands, a figure about it is missing."""


def _lacking(result: Result, what: str, error: Exception) -> Result:
    why = Lost.TIME if isinstance(error, OutOfTime) else Lost.SOLVER
    return replace(result, messages=(*result.messages, LeftOut(what, why)))


def _with_prices(result: Result, sensitivity: Sensitivity, yearly: Mapping[tuple[str, int], Fraction]) -> Result:
    lost: list[str] = []
    rows = _priced_rows(result.rows, sensitivity, lost)
    areas = tuple(_priced_area(area, sensitivity, yearly[area.area, area.year], lost) for area in result.areas)
    if lost:
        result = _lacking(result, f"prices of {', '.join(lost)}", ArithmeticError())
    parts = tuple(part_figures(sensitivity, result.amounts, yearly)) if sensitivity.thorough else ()
    messages = (*result.messages, *filter(None, (sensitivity.message,)))
    return replace(result, rows=rows, areas=areas, parts=parts, messages=messages)


def _with_cards(result: Result, moves: Moves) -> Result:
    missed = {index for index, row in enumerate(result.rows) if row.status is RowStatus.MISSED}
    return replace(result, price_card=tuple(price_card(moves, missed | moves.sensitivity.prices.missed)))


def _with_warnings(result: Result, programme: Programme, deadline: Deadline) -> Result:
    found = early_warning(programme, deadline)
    return replace(result, warnings=found.budgets, tight=found.tight)


def _with_room(result: Result, optimum: Optimum, face: Face) -> Result:
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
    if figures.row.held_sum:
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
