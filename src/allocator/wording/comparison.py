"""What has to be said of scenarios side by side, in words."""

from __future__ import annotations

from collections.abc import Sequence

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
from allocator.scenario.remarks import FromFile
from allocator.wording.bridge import no_bridge_text
from allocator.wording.lists import listed

_MOST, _SHOWN = 4, 3
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
            return f"{name} has no area {_named(areas)}, which counts as 0 there"
        case UnlikeKinds(objectives):
            return (
                f"The objectives are not of one kind ({_named(objectives)}), so their values can't be compared; the "
                "cross table values every plan by each"
            )
        case AmountsByHand(names):
            return (
                f"Amounts decided by hand are in force in {_named(names)}; why the plans differ is worked out for "
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
            missing = f"{_named(names)} {were} not planned, and why the other plans differ was not worked out"
        case Unexplained(names):
            missing = f"why {_named(names)} differ{'s' * (len(names) == 1)} was not worked out"
    return f"Interrupted: {missing}"


def unsplit_text(reason: NoBridge | Interrupted) -> str:
    """Return why the difference from the first plan is not split."""
    if isinstance(reason, Unplanned | Unexplained):
        return "the work was interrupted before that"
    return no_bridge_text(reason)


def _named(names: Sequence[str]) -> str:
    return listed(names, _MOST, _SHOWN)
