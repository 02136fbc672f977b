"""What may be right but rarely is: a subtotal among the areas, a figure in another unit, no benefit anywhere, …

Each kind has a function of its own, over the scenario and its sheets as they were read; none of them solves anything.
One cause is one doubt, at its cell or range. ``yes`` under Checked in the row of that cell, or in the first row of that
range, answers it.
"""

from __future__ import annotations

from allocator.errors import Problem
from allocator.scenario.doubts.figures import out_of_scale, unlike_budget
from allocator.scenario.doubts.rows import alike_names, notes, number_rows, subtotals
from allocator.scenario.doubts.settings import large_amounts, no_benefit, settings, small_shares, without_benefit
from allocator.scenario.doubts.views import Views
from allocator.scenario.model import Scenario


def doubts(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what a reader of the scenario would ask about, in the order of its sheets; none that was answered."""
    views = Views(scenario)
    rows = [*number_rows(views), *notes(views)]
    views.leave_out(rows)
    sums = subtotals(views)
    views.leave_out(sums)
    figures = out_of_scale(views)
    aimless = list(no_benefit(views))  # then no figure of the plan means anything, so that comes first
    found = [*rows, *sums, *figures, *unlike_budget(views, figures), *alike_names(views)]
    taken = {(doubt.first.sheet, doubt.first.row) for doubt in found if doubt.first == doubt.last}
    found += [d for d in without_benefit(views) if (d.first.sheet, d.first.row) not in taken]
    found += [*settings(views), *large_amounts(views), *small_shares(views)]
    order = {sheet.name: number for number, sheet in enumerate(scenario.inputs)}
    found.sort(key=lambda doubt: (order.get(doubt.first.sheet, -1), doubt.first.row, doubt.first.column))
    asked = [doubt for doubt in dict.fromkeys([*aimless, *found]) if not views.answered(doubt)]
    return tuple(Problem(doubt.place, doubt.text, doubt.heading) for doubt in asked)
