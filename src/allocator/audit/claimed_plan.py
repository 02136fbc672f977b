"""Another plan than the one found here, which proves itself: the result with its amounts.

Another version of a solver may choose another among equally good plans, or round another way. Such a plan is as good as
its proof; whatever follows from its amounts is computed from them, what is known of the optimum stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from allocator.analyses import figures
from allocator.analyses.result import Result, RowFigures
from allocator.programme.build import Programme
from allocator.programme.proof import Certificate
from allocator.programme.rows import ZERO, Key, Linear


def with_amounts(result: Result, amounts: Mapping[Key, Fraction], certificate: Certificate) -> Result:
    """Return `result` with other amounts, which `certificate` proves."""
    programme = certificate.bounded.programme
    yearly = programme.yearly(amounts)
    goals = figures.goal_figures(programme, amounts, result.step)
    return replace(
        result,
        objective=programme.objective(amounts),
        allotments=tuple(replace(a, amount=amounts[a.key]) for a in result.allotments),
        areas=tuple(replace(area, final_value=yearly[area.area, area.year]) for area in result.areas),
        rows=tuple(_row(row, programme, amounts, result.step) for row in result.rows),
        indicators=figures.indicator_figures(programme, amounts, result.step),
        goals=goals,
        funds=figures.fund_figures(result.scenario, amounts),
        certificate=certificate,
    )


def _row(found: RowFigures, programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction) -> RowFigures:
    row = found.row
    if row.goal_bound:
        goals = figures.goal_figures(programme, amounts, step)
        total = sum((g.missed_by / g.row.divisor for g in goals if g.priority == row.strength.priority), ZERO)
        held = replace(row, left=Linear(constant=total))
        return replace(found, row=held, final_value=total, slack=found.rhs - total, reached=total)
    return replace(
        found,
        final_value=row.left.value(amounts),
        rhs=row.right.value(amounts),
        slack=figures.slack(row, amounts, step),
        status=figures.status(row, amounts, step),
        reached=row.reached(amounts),
    )
