"""What has to be said of scenarios side by side, in words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from allocator.analyses.bridge import NoBridge
from allocator.analyses.compare import (
    AmountsByHand,
    Comparison,
    DecidedByHand,
    Interrupted,
    LacksAreas,
    Note,
    NoYearInCommon,
    OtherAmounts,
    PlannedCase,
    Remark,
    SomeYearsInCommon,
    Unexplained,
    UnlikeKinds,
    Unplanned,
)
from allocator.analyses.messages import Stopped
from allocator.programme.status import Status
from allocator.scenario.problems import FromFile
from allocator.wording.bridge import no_bridge_text
from allocator.wording.conflict import sentence
from allocator.wording.messages import message_text
from allocator.wording.names import listed
from allocator.wording.numbers import SYMBOLS, exactly, listing, number, objective_unit, percent, signed, significant

if TYPE_CHECKING:
    from allocator.analyses.compare import PlannedCase
    from allocator.analyses.figures import IndicatorFigures
    from allocator.analyses.side_by_side import SideBySide

_MOST_NAMES, _NAMES_SHOWN = 4, 3
"""Of more names than so many a message shows so many, and counts the others."""


def remark_text(remark: Remark) -> str:
    """Return what is to be said of scenarios that are not alike, as a sentence without a full stop."""
    match remark:
        case NoYearInCommon():
            return "The scenarios have no year in common, so amounts can't be set side by side"
        case SomeYearsInCommon(years):
            common = ", ".join(map(str, years))
            return f"The scenarios don't cover the same years; what is the same in all of them is found for {common}"
        case LacksAreas(name, areas):
            return f"{name} has no area {_names(areas)}, which counts as 0 there"
        case UnlikeKinds(objectives):
            return (
                f"The objectives are not of one kind ({_names(objectives)}), so their values can't be compared; the "
                "cross table values every plan by each"
            )
        case AmountsByHand(names):
            return (
                f"Amounts decided by hand are in force in {_names(names)}; why the plans differ is worked out for "
                "the plans as optimised"
            )


def remark_texts(found: Comparison) -> list[str]:
    """Return all that is to be said of a comparison."""
    return list(map(remark_text, found.messages))


def note_text(note: Note) -> str:
    """Return what is to be said of one scenario's amounts, as a sentence without a full stop."""
    match note:
        case FromFile(text):
            return text
        case OtherAmounts(path):
            quoted = f'"{path}"' if " " in path else path
            return (
                f"The amounts in {path} are not those that its inputs lead to here; the file's are compared. "
                f"Run: allocate verify {quoted}"
            )
        case DecidedByHand(count):
            return f"{count} amount{'s' * (count > 1)} decided by hand {'are' if count > 1 else 'is'} in force"


def note_texts(case: PlannedCase) -> list[str]:
    """Return all that is to be said of one scenario's amounts."""
    return list(map(note_text, case.notes))


def interrupted_text(interrupted: Interrupted | None) -> str:
    """Return what is missing since the work was interrupted; empty where nothing is."""
    match interrupted:
        case None:
            return ""
        case Unplanned(names):
            were = "was" if len(names) == 1 else "were"
            missing = f"{_names(names)} {were} not planned, and why the other plans differ was not worked out"
        case Unexplained(names):
            missing = f"why {_names(names)} differ{'s' * (len(names) == 1)} was not worked out"
    return f"Interrupted: {missing}"


def unsplit_text(reason: NoBridge | Interrupted) -> str:
    """Return why the difference from the first plan is not split."""
    if isinstance(reason, Unplanned | Unexplained):
        return "the work was interrupted before that"
    return no_bridge_text(reason)


def _names(names: Sequence[str]) -> str:
    return listed(names, _MOST_NAMES, _NAMES_SHOWN)


LOSS = Fraction(5, 100)
"""A cut deeper than this part of the first plan's amount is said."""
_SHORT = 24
"""Characters of a name on a chart."""
_NAMED = 3
AS_DECIDED, AS_WRITTEN = "as decided", "as in its file"
"""Verdicts on amounts that are not the best plan's: decided by hand, or others than its inputs lead to."""
ALSO = "and {} more"
NO_PLAN = "no plan"
VERDICTS = {Status.OPTIMAL: "best plan", Status.INFEASIBLE: "no plan exists", Status.STOPPED: "stopped"}


def title(grid: SideBySide) -> str:
    """Return what is compared: ``Hanoi 2026–2030: …: 4 scenarios compared``."""
    titles = {case.scenario.title for case in grid.cases}
    count = f"{len(grid.cases)} scenarios compared"
    return f"{count} — {grid.first.scenario.title}" if len(titles) == 1 else f"{count} — {grid.first.name} and others"


def short(name: str) -> str:
    """Return a name as charts have room for it.

    >>> short("A very long name of a scenario"), short("Slump")
    ('A very long name of a s…', 'Slump')
    """
    return name if len(name) <= _SHORT else f"{name[: _SHORT - 1]}…"


def some(names: Sequence[str], most: int = _NAMED) -> str:
    """Return names as a sentence lists them, the first few of many.

    >>> some(["A", "B", "C", "D", "E"])
    'A, B, C and 2 more'
    """
    if len(names) <= most + 1:
        return listing(list(names))
    return f"{', '.join(names[:most])} {ALSO.format(len(names) - most)}"


def as_optimised(case: PlannedCase) -> bool:
    """Whether the amounts in force are those of the best plan."""
    return all(case.amounts.get(key) == amount for key, amount in case.result.amounts.items())


def verdict(case: PlannedCase) -> str:
    """Return what became of a scenario, in a word or two."""
    if case.planned and not as_optimised(case):
        return AS_DECIDED if case.decided else AS_WRITTEN
    return VERDICTS[case.result.status]


def why_none(case: PlannedCase) -> str:
    """Return why a scenario has no plan; empty where it has one."""
    result = case.result
    if result.status is Status.INFEASIBLE:
        said = sentence(result.conflicts[0]) if result.conflicts else "Nothing can keep every limit, rule and target."
        more = len(result.conflicts) - 1
        return f"{said} {more} more conflict{'s' * (more > 1)} beside this one." if more > 0 else said
    if result.status is Status.STOPPED:
        stopped = (message for message in reversed(result.messages) if isinstance(message, Stopped))
        return next((message_text(message) for message in stopped), "Stopped without a plan") + "."
    return ""


def core_message(grid: SideBySide) -> str:
    """Return what is the same in all plans: the answer to the first question."""
    known = all(case.result.status is not Status.STOPPED for case in grid.cases)
    if not grid.planned:
        return "None of the scenarios has a plan." if known else "A plan was found for none of the scenarios."
    unit = grid.first.scenario.unit
    if len(grid.planned) == 1:
        has = f"Only {grid.planned[0].name} has a plan" if known else f"Only {grid.planned[0].name} was planned"
        return f"{has}, so there is nothing to compare it with."
    least = min(grid.money(case, None, budget=False) for case in grid.planned)
    of = "all the money in the poorest scenario" if grid.mixed else "the smallest budget"
    part = f", {percent(grid.core_total / least)} of {of}" if least else ""
    amount = f"{significant(grid.core_total)} {unit}{part}"
    plans = f"all {len(grid.planned)} plans" if len(grid.planned) > 2 else "both plans"
    return f"The same in {plans}: {amount}, goes to the same areas whichever scenario comes."


def differ_most(grid: SideBySide) -> str:
    """Return which areas the plans differ in most; empty where they don't."""
    moving = sorted((name for name in grid.leaves if grid.spread[name]), key=lambda name: -grid.spread[name])
    if len(grid.planned) < 2:
        return ""
    over = ", all years together" if grid.multi else ""  # from year to year they may differ all the same
    if not moving:
        return f"The plans are the same in every area{over}."
    texts = []
    for name in moving[:_NAMED]:
        by = {c.name: grid.amount(c, name, None) for c in grid.planned}
        low, high = min(by, key=lambda n: by[n]), max(by, key=lambda n: by[n])
        texts.append(f"{name} (from {significant(by[low])} in {low} to {significant(by[high])} in {high})")
    same = len(grid.leaves) - len(moving)
    kept = f" {same} of {len(grid.leaves)} areas get the same everywhere{over}." if same else ""
    return f"They differ most in {listing(texts)}.{kept}"


def stands_best(grid: SideBySide) -> str:
    """Return which plan can be carried out in most scenarios, and with the least to regret."""
    if len(grid.planned) < 2:
        return ""
    count = {c.name: sum(v is not None and not v.broken and not v.unknown for v in grid.comparison.cross[grid.own(i)])
             for i, c in enumerate(grid.planned)}  # fmt: skip
    of, best = len(grid.cases), max(count.values())
    names = [name for name, stands in count.items() if stands == best]
    if not best:
        return "No plan keeps every rule of any of the scenarios."
    who = f"The plan of {names[0]}" if len(names) == 1 else f"The plans of {some(names)}"
    verb = "breaks" if len(names) == 1 else "break"
    if best < of:
        only = " its own scenario only" if best == 1 and len(names) == 1 else f" {best} of {of} scenarios"
        if best == 1:
            return (
                "No plan holds in any scenario but its own."
                if len(names) == len(count)
                else (f"{who} {'keeps' if len(names) == 1 else 'keep'} every rule in{only}, the others in fewer.")
            )
        return f"{who} {'keeps' if len(names) == 1 else 'keep'} every rule in{only}, more than any other plan."
    regret = {name: worst_regret(grid, grid.number[name]) for name in names}
    known = {name: value for name, value in regret.items() if value is not None}
    said = f"{who} {verb} no rule in any scenario"
    if not known:
        return f"{said}."
    least = min(known, key=lambda name: known[name])
    if known[least] <= 0:
        who = "it is" if len(names) == 1 else f"of these, {least} is"
        return f"{said}; {who} as good as each scenario's own best."
    figure = f"{significant(known[least])} {objective_unit(grid.first.scenario)}".rstrip()
    if len(names) == 1:
        return f"{said}; at worst it is {figure} below that scenario's own best."
    return f"{said}; of these, {least} has the least to regret: {figure} at worst."


def regret(grid: SideBySide, plan: int, scenario: int) -> Fraction | None:
    """Return how much worse a plan is than the scenario's own best as optimised; None where that has none."""
    other = grid.cases[scenario]
    value, best = grid.comparison.cross[grid.own(plan)][scenario], other.result.objective
    if value is None or best is None or not other.planned:
        return None
    loss = best - value.objective
    return loss if other.scenario.objective.maximise else -loss


def worst_regret(grid: SideBySide, plan: int) -> Fraction | None:
    """Return a plan's largest regret over all scenarios that have a plan and an objective of the first's kind."""
    found = [
        value
        for j, other in enumerate(grid.cases)
        if grid.comparable(other) and (value := regret(grid, plan, j)) is not None
    ]
    return max(found, default=None)


def losers_text(grid: SideBySide, case: PlannedCase) -> str:
    """Return who loses more than 5 % against the first, with what else is to be known of a scenario's plan."""
    lost = grid.losers(case, LOSS)
    if not lost:
        return f"{case.name}: no area gets {percent(LOSS, 0)} less than in {grid.first.name}."
    texts = [f"{name} ({_loss(change)})" for name, change in lost]
    return f"{case.name}: over {percent(LOSS, 0)} less than in {grid.first.name} for {some(texts, 5)}."


def _loss(change: Fraction) -> str:
    """Return a loss above 5 % as a figure that shows it is above."""
    return percent(change, next((d for d in (1, 2, 3) if percent(change, d) != percent(-LOSS, d)), 4))


def largest_change(grid: SideBySide, area: str, decimals: int) -> str:
    """Return which scenario's amount of an area differs most from the first's, and by how much."""
    before = grid.amount(grid.first, area, None)
    changes = {c.name: grid.amount(c, area, None) - before for c in grid.others}
    name = max(changes, key=lambda n: abs(changes[n]), default="")
    if not name or not changes[name]:
        return "–"
    figure = f"{short(name)}: {signed(changes[name], decimals)}"
    if not before:
        return figure
    part = number(changes[name] / before * 100, 1)
    return (
        f"{figure} (under 0.1 %)"
        if not part.strip("−0.")
        else f"{figure} ({part if changes[name] < 0 else f'+{part}'} %)"
    )


def target_text(figures: IndicatorFigures) -> str:
    """Return a target as ``≥ 25``; empty for an indicator that is only reported."""
    if figures.operator is None or figures.target is None:
        return ""
    return f"{SYMBOLS[figures.operator]} {exactly(figures.target)}"
