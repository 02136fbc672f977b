"""What ends a range, in words."""

from __future__ import annotations

from allocator.analyses.result import LimitingItem, Rival
from allocator.programme.questions import AtZero, BandEnds, GoalTurns, RangeEnd, RowBinds, Stop

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
