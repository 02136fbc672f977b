"""What things are called in sentences: subjects, analyses, what holds an amount, what ends a range."""

from __future__ import annotations

from collections.abc import Sequence

from allocator.analyses.messages import Analysis
from allocator.analyses.moves import Rest
from allocator.analyses.prices import HeldBy, HeldByRow, LimitingItem, NoGain, Rival, Scarce
from allocator.programme.optimum import AtZero, BandEnds, GoalTurns, RangeEnd, RowBinds, Stop

_RESTS = {Rest.OTHER_GROUPS: "the other groups", Rest.UNGROUPED: "areas without a group"}
_ANALYSES = {
    Analysis.PRICES: "prices and their ranges",
    Analysis.ROOM: "room of each area",
    Analysis.PRICE_CARD: "what rules cost",
    Analysis.NEXT_MONEY: "where money would go",
    Analysis.RULE_COSTS: "what switching rules would do",
    Analysis.MISSED_GOALS: "what missed goals would take",
    Analysis.EARLY_WARNING: "how near it is to having no plan",
    Analysis.REPAIRS: "repairs",
}


def analysis_name(analysis: Analysis) -> str:
    """Return what an analysis finds, as a part of a sentence."""
    return _ANALYSES[analysis]


def subject_name(name: str | Rest) -> str:
    """Return the name of an area or group, or of the areas that have none."""
    return _RESTS[name] if isinstance(name, Rest) else name


def listed(names: Sequence[str], most: int | None = None, shown: int | None = None) -> str:
    """Return names as a sentence lists them; of more than `most` the first ones, `shown` of them (`most`).

    >>> listed(["A"]), listed(["A", "B", "C"]), listed(["A", "B", "C", "D"], most=3, shown=2)
    ('A', 'A, B and C', 'A, B and 2 more')
    """
    if most is not None and len(names) > most:
        first, last = names[: shown or most], f"{len(names) - (shown or most)} more"
    else:
        *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def held_by_text(held: HeldBy | None) -> str:
    """Return what holds an amount, with its input cell; empty where nothing does."""
    if held is None:
        return ""
    text = _text(held)
    return f"{text} ({held.cell})" if held.cell else text


def _text(held: HeldBy) -> str:
    match held:
        case HeldByRow(name, kind, _, raised_by):
            more = f" (more for {raised_by} asks more of it)" if raised_by else ""
            return f"{f'{kind.word} ' if kind.stated else ''}{name}{more}"
        case Scarce(source, _, elsewhere, band):
            if not elsewhere:
                return f"all money from {source} is spent"
            return f"money from {source} does more elsewhere{f' than band {band} here' if band else ''}"
        case NoGain(worse, after_band, _):
            says = "more makes the objective worse" if worse else "more adds nothing"
            return f"end of band {after_band}: {says}" if after_band else says


_ENDS = {RangeEnd.BEGINS: "begins to bind", RangeEnd.NO_PLAN: "no plan exists beyond"}
_RIVALS = {Rival.UNSPENT: "money left unspent", Rival.OWN: "the area's own bands or sources"}


def stop_text(stop: Stop | None) -> str:
    """Return what ends a direction; empty where nothing does, or nothing with a name."""
    match stop:
        case None:
            return ""
        case RangeEnd():
            return _ENDS[stop]
        case RowBinds(label):
            return label
        case AtZero(area, year, source):
            return f"{area} {year} at 0" if source is None else f"{area} {year} from {source} at 0"
        case BandEnds(area, year, band):
            return f"{area} {year}: end of band {band}"
        case GoalTurns(label):
            return f"goal {label}"


def limiting_text(items: tuple[LimitingItem, ...]) -> str:
    """Return what would change at either end of a coefficient's range; empty where there is no end."""
    return "; ".join(f"{'up' if item.upward else 'down'}: {_against(item)}" for item in items)


def _against(item: LimitingItem) -> str:
    return _RIVALS[item.against] if isinstance(item.against, Rival) else "{} {}".format(*item.against)
