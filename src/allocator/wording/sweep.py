"""What changes while one cell moves, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from allocator.analyses.course import Band, Change, Event, Happens, Named
from allocator.analyses.sweep import (
    ABOVE,
    BELOW,
    JumpsAbove,
    JumpsHere,
    NoPlanBetween,
    Point,
    Remark,
    SearchedOnly,
    Sweep,
    Why,
)

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
