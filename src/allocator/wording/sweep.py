"""What a sweep says in words and figures: shared by workbook, console and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from allocator.analyses.sweep import (
    ABOVE,
    BELOW,
    CHANGE,
    Band,
    Change,
    Event,
    Happens,
    JumpsAbove,
    JumpsHere,
    Named,
    NoPlanBetween,
    Point,
    Remark,
    SearchedOnly,
    Sweep,
    Why,
)
from allocator.scenario.changes import NumberCell
from allocator.wording.numbers import listing, number, objective_unit, significant

_WHY = {BELOW: "just below", ABOVE: "just above"}
_EVENTS = {
    Event.MISSED: "begins to be missed",
    Event.MET: "is no longer missed",
    Event.BINDS: "begins to bind",
    Event.LOOSE: "no longer binds",
    Event.PAID: "gets money from here on",
    Event.UNPAID: "gets nothing from here on",
    Event.FULL: "is full",
    Event.NOT_FULL: "is no longer full",
    Event.RISES: "begins to rise",
    Event.FALLS: "begins to fall",
    Event.RISEN: "stops rising",
    Event.FALLEN: "stops falling",
    Event.OTHER_RATE: "moves at another rate",
}
_CHANGES = {
    Change.PRICES: "prices change, amounts go on as before",
    Change.PLANS_BEGIN: "plans exist from here on",
    Change.PLANS_END: "no plan exists beyond",
}
_REMARKS = {
    Remark.NOT_CHOSEN: (
        "The scenario is so large that, among equally good plans, the one found first is shown at each value, "
        "not the one nearest to last year"
    ),
    Remark.TOO_NEAR: "Some changes are nearer together than the arithmetic can tell apart",
}


def why_text(why: Why) -> str:
    """Return why a point is listed."""
    return _WHY.get(why, why.value)


def change_texts(point: Point) -> list[str]:
    """Return what changes at a point as the value grows."""
    return list(map(change_text, point.changes))


def change_text(change: Happens | Change | JumpsHere | JumpsAbove) -> str:
    """Return one change."""
    match change:
        case Happens(event, named):
            return f"{_EVENTS[event]}: {names(named)}"
        case Change():
            return _CHANGES[change]
        case JumpsHere(before, here):
            return f"jumps from {before:,.7g} to {here:,.7g} here"
        case JumpsAbove(above):
            return f"jumps to {above:,.7g} just above"


def remark_texts(found: Sweep) -> list[str]:
    """Return what a reader of a sweep ought to know, as sentences without a full stop."""
    return [_remark(found, remark) for remark in found.messages]


def _remark(found: Sweep, remark: NoPlanBetween | SearchedOnly | Remark) -> str:
    show = found.asked.found.shown
    match remark:
        case NoPlanBetween(low, high):
            return f"No plan exists from {show(low)} to {show(high)}"
        case SearchedOnly(low, high):
            return f"Interrupted: only {show(low)} to {show(high)} was searched"
        case Remark():
            return remark_text(remark)


def remark_text(remark: Remark) -> str:
    """Return a remark that needs no figures."""
    return _REMARKS[remark]


def names(found: Iterable[Named]) -> str:
    """Return names with their years, each name once.

    >>> names([("Floor", 2027), ("Floor", 2026), ("Cap", 2026), ("Whole", None)])
    'Cap (2026), Floor (2026-2027), Whole'
    """
    years: dict[str, list[int]] = {}
    for name, year in found:
        called = f"{name.area}, band {name.number}" if isinstance(name, Band) else name
        years.setdefault(called, []).extend([] if year is None else [year])
    return ", ".join(f"{name} ({_spans(sorted(own))})" if own else name for name, own in sorted(years.items()))


def _spans(years: Sequence[int]) -> str:
    spans: list[list[int]] = []
    for year in years:
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


_MOST_DECIMALS = 9
_MOST_TURNS = 3
"""More turns of the objective aren't told one by one."""
_FOUND = (
    "The optimal plan was followed from end to end: every value is listed at which another rule, limit, budget or band "
    "begins or ceases to hold it, but for switches between equally good plans, which change no objective and no price. "
    "The scenario is read anew with each value, so that all that follows from the cell (shares of a budget, say) moves "
    "with it."
)
_STEADY = (
    "Only coefficients of the objective move: the plan stays as it is between two changes and jumps there; the "
    "objective is a straight line between them. This is exact."
)
_STRAIGHT = (
    "Objective and prices are exact: the objective is a straight line between two neighbouring points. So are the "
    "amounts, unless several plans are equally good."
)
_CURVED = (
    'The optimum is curved between two changes; the points marked "between" are samples, each solved exactly. The '
    "changes are found to a billionth of the value's size. Where the objective jumps, the plan just beside that value "
    "is listed too, and no price is given across the jump."
)
_AMOUNTS = (
    "Those of the unrounded optimum: a plan in whole steps can be a little worse. Among equally good plans the one "
    "nearest to last year's amounts is shown, as in the plan."
)
_PRICES = (
    "The change of the objective, as stated, for each {} that the cell grows: just below and just above the value. "
    "Blank: no plan exists on that side, or it lies outside the way."
)


class Values:
    """How the values of a cell are shown: percentages as such, and with decimals enough to tell points apart."""

    def __init__(self, found: NumberCell, values: Sequence[float]) -> None:
        self.percent = found.percent
        self.scale = 100.0 if found.percent else 1.0
        ordered = sorted({value * self.scale for value in values})
        span = ordered[-1] - ordered[0]
        gaps = [two - one for one, two in pairwise(ordered) if two - one > 1e-7 * span]
        finest = min(span / 100, *gaps) if gaps else max(abs(ordered[0]) / 100, 1e-3)
        self.decimals = min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(finest)))) if finest else 2

    def show(self, value: float) -> str:
        """Return a value in its own unit, idle zeros left out."""
        text = number(value * self.scale, self.decimals)
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return f"{text} %" if self.percent else text

    def price(self, slope: float | None) -> float | None:
        """Return a slope per percentage point, or per unit."""
        return None if slope is None else slope / self.scale

    @property
    def step(self) -> str:
        """What a price is for."""
        return "percentage point" if self.percent else "unit"


def values_of(found: Sweep) -> Values:
    """Return how the values of a sweep's cell are shown."""
    return Values(found.asked.found, [point.value for point in found.points])


def title(found: Sweep) -> str:
    """Return the title: the cell and where it moves."""
    show = found.asked.found.shown
    return f"{found.asked.found.address} from {show(found.asked.low)} to {show(found.asked.high)}"


def message(found: Sweep) -> str:
    """Return what the sweep says, in a sentence or two."""
    planned = found.planned
    if not planned:
        return "No plan exists at any value that was looked at."
    values, unit = values_of(found), objective_unit(found.scenario)
    first, last = planned[0], planned[-1]
    said = _move([point.plan.objective for point in planned if point.plan], unit)
    between = f"from {values.show(first.value)} to {values.show(last.value)}"
    count = sum(CHANGE in point.why for point in found.points)
    changes = "no change of course" if not count else f"{count} change{'s' * (count > 1)} of course"
    jumps = [values.show(point.value) for point in found.points if set(point.why) & {BELOW, ABOVE}]
    jumping = f"; it jumps at {listing(list(dict.fromkeys(jumps)))}" if jumps else ""
    text = f"{between[0].upper()}{between[1:]} the objective {said}, with {changes} on the way{jumping}."
    return " ".join([text, *(f"{note}." for note in remark_texts(found))])


def _move(objectives: Sequence[float], unit: str) -> str:
    """Return how the objective goes, each time it turns.

    >>> _move([5.0, 3.0, 3.0, 5.0], "points"), _move([2.0, 2.0], "points")
    ('falls from 5 to 3 points, then rises to 5', 'stays at 2 points')
    """
    turns = _turns(objectives)
    first, *others = map(significant, turns)
    if not others:
        return f"stays at {first} {unit}".strip()
    verbs = ["rises" if two > one else "falls" for one, two in pairwise(turns)]
    said = f"{verbs[0]} from {first} to {others[0]} {unit}".strip()
    if len(verbs) <= _MOST_TURNS:
        return ", then ".join([said, *(f"{verb} to {to}" for verb, to in zip(verbs[1:], others[1:], strict=True))])
    least, most = significant(min(turns)), significant(max(turns))
    return f"rises and falls between {least} and {most} {unit}".strip() + f", from {first} to {others[-1]}"


def _turns(figures: Sequence[float]) -> list[float]:
    """Return the first figure, those at which they turn, and the last; what can't be told apart when shown is one."""
    found = [figures[0]]
    for figure in figures[1:]:
        if significant(figure) == significant(found[-1]):
            continue
        if len(found) > 1 and (found[-1] > found[-2]) == (figure > found[-1]):
            found.pop()
        found.append(figure)
    return found


def why(point: Point) -> str:
    """Return why a point is listed."""
    return ", ".join(map(why_text, point.why))


def what_changes(point: Point) -> str:
    """Return what changes at a point, in a line."""
    said = "; ".join(change_texts(point))
    if point.plan is None and not said:
        return "no plan exists"
    return sentence_case(said)


def sentence_case(said: str) -> str:
    """Return a text with a capital at its beginning."""
    return said[:1].upper() + said[1:]


def missed(point: Point) -> str:
    """Return the goals that are missed at a point, and by how much."""
    if point.plan is None:
        return ""
    by_size = sorted(point.plan.missed.items(), key=lambda item: str(item[0]))
    return "; ".join(f"{names([name])} by {significant(amount, 5)}" for name, amount in by_size)


def method(found: Sweep) -> Iterator[tuple[str, str]]:
    """Yield how the sweep was made, and what its figures mean."""
    yield "How it was found", _FOUND
    yield "Between the points", _CURVED if not found.straight else _STEADY if found.steady else _STRAIGHT
    yield "Objective and amounts", _AMOUNTS
    yield "Price down, Price up", _PRICES.format(values_of(found).step)


def changing_areas(found: Sweep, year: int, most: int) -> list[str]:
    """Return the areas whose amounts move most in a year, those that move most first; ones that stay are left out."""
    moves = {area.name: _spread(found, area.name, year) for area in found.scenario.leaves}
    largest = max(moves.values(), default=0.0)
    moving = [name for name, move in moves.items() if move > 1e-9 * max(1.0, largest)]
    return sorted(moving, key=lambda name: -blurred(moves[name]))[:most]


def busiest_year(found: Sweep) -> int:
    """Return the year in which most money moves; the last of equals."""
    total = {
        year: sum(_spread(found, area.name, year) for area in found.scenario.leaves) for year in found.scenario.years
    }
    return max(reversed(found.scenario.years), key=lambda year: round(total[year], 6))


def blurred(change: float) -> float:
    """Return the size of a change without its last bits, so that equal ones keep the workbook's order."""
    return float(f"{abs(change):.6g}")


def _spread(found: Sweep, area: str, year: int) -> float:
    amounts = [point.plan.amounts[area, year] for point in found.points if point.plan is not None]
    return max(amounts) - min(amounts) if amounts else 0.0


def sentence(parts: Sequence[str]) -> str:
    """Return parts as a sentence lists them."""
    return listing(list(parts))
