"""What contradicts itself in a scenario, as `check` tells it: the arithmetic, and what to type in which cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from allocator.analyses.conflict import Conflict, Member
from allocator.analyses.existence import Contradiction, Way, contradictions, in_order
from allocator.errors import Problem
from allocator.programme.constraints import RuleConstraint
from allocator.programme.rows import ZERO
from allocator.programme.status import Deadline
from allocator.scenario.cells import plain
from allocator.scenario.model import Scenario
from allocator.wording.conflict import clash_text, figures

MOST_NAMED = 6
MOST_WAYS = 3


def no_plan(scenario: Scenario, deadline: Deadline | None = None) -> tuple[Problem, ...]:
    """Return why no plan of a scenario can exist, as `check` tells it.

    Parameters
    ----------
    scenario
        What is asked.
    deadline
        As in `contradictions`.

    Returns
    -------
    tuple of Problem
        Each at the cell that is easiest to change, with what to type; empty where a plan exists.
    """
    return tuple(_problem(found, scenario) for found in contradictions(scenario, deadline))


def _problem(found: Contradiction, scenario: Scenario) -> Problem:
    too = f" (and so in {_years(found.also)})" if found.also else ""
    text, members = _arithmetic(found.conflict, scenario), found.conflict.members
    target = any(member.row.kind.outcome and member.row.cell == found.at for member in members)
    return Problem(str(found.at), f"no plan can exist: {text}{too}; {_advice(found)}", "Target" if target else "")


# The arithmetic


def _arithmetic(conflict: Conflict, scenario: Scenario) -> str:
    members = in_order(conflict.members)
    if not all(member.plain for member in members):
        said = clash_text(conflict.clash).rstrip(".")
        return said if len(members) == 1 else f"{said}; these can't stand together: {_listed(members)}"
    return f"in {_years(_years_of(members))} {_of_money(conflict, members, scenario.unit)}"


def _of_money(conflict: Conflict, members: Sequence[Member], unit: str) -> str:
    asking = [member for member in members if member.at_least]
    allowing = [member for member in members if not member.at_least]
    asked, allowed, _ = figures(conflict.asked, conflict.available, conflict.short_by)
    if not asking:
        return f"{_listed(allowing)} would need spending of {allowed} {unit} or less"
    many = len({member.row.cell for member in asking}) > 1
    asks = f"{_listed(asking)} {'ask' if many else 'asks'} for at least {asked} {unit}"
    if not allowing:
        return f"{asks}, but no source that counts may pay"
    asks = f"{asks}{' in all' if many else ''}"
    if all(member.row.kind.supply for member in allowing):
        return f"{asks}, but {_listed(allowing)} {'have' if len(allowing) > 1 else 'has'} only {allowed}"
    return f"{asks}, but {_listed(allowing)} {'allow' if len(allowing) > 1 else 'allows'} at most {allowed}"


def _years_of(members: Iterable[Member]) -> tuple[int, ...]:
    found: set[int] = set()
    for member in members:
        of = member.row.of
        found.update(of.years if isinstance(of, RuleConstraint) else filter(None, [member.row.year]))
    return tuple(sorted(found))


def _years(years: Sequence[int]) -> str:
    first, last = years[0], years[-1]
    if len(years) > 2 and last - first == len(years) - 1:
        return f"{first}-{last}"
    return " and ".join(filter(None, [", ".join(map(str, years[:-1])), str(last)]))


def _listed(members: Sequence[Member]) -> str:
    """Return rows as a sentence lists them, those of one name or one cell as one."""
    alike: dict[object, list[Member]] = {}
    for member in members:
        alike.setdefault(member.row.name if member.row.kind.supply else member.row.cell, []).append(member)
    names = [_named(same) for same in alike.values()]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _named(same: Sequence[Member]) -> str:
    """Return what rows of one cell, or one source's, are called, with cells and legal basis."""
    row = same[0].row
    cells = list(dict.fromkeys(str(member.row.cell) for member in same))
    places = ", ".join(cells[:3]) + (", …" if len(cells) > 3 else "")
    subjects = len({member.row.name for member in same})
    name = row.title or row.name if subjects > 1 else row.name
    name = f"{name}, Spend all" if row.kind.supply and same[0].at_least else name
    name = f'"{name}"' if name == row.title else name
    many = f" for {subjects} areas" if subjects > 1 else ""
    return f"{name}{many} ({'; '.join(filter(None, (places, row.origin.legal_basis)))})"


# What to type


def _advice(found: Contradiction) -> str:
    when = "" if found.always or not found.also else f"for {_years(_years_of(found.conflict.members))} "
    typed = [_typed(way) for way in found.ways[:MOST_WAYS]]
    targets = (m.row for m in found.conflict.members if m.row.kind.outcome)
    missed = next((row for row in targets if row.strength.kind == "must"), None)
    it = "it" if missed is None or missed.cell == found.at else f'"{missed.name}"'
    goal = f"make {it} a goal (Strength: goal 1)" if missed is not None else ""
    if typed:
        return f"{when}type {' or '.join(typed)}{f', or {goal}' if goal else ''}"
    if goal:
        return goal
    if found.lawful:
        return "all of it is law: look whether each is entered as the law has it"
    lacking = found.conflict.short_by
    short, _, _ = figures(lacking, ZERO, lacking)
    return f"they have to come {f'{short} {found.conflict.unit}'.rstrip()} nearer to each other"


def _typed(way: Way) -> str:
    number = f"{plain(way.value * 100)}%" if way.share else plain(way.value)
    return f"{'at least' if way.up else 'at most'} {number} in {way.cell}"
