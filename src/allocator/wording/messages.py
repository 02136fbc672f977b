"""What a result says to its reader, as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import singledispatch

from allocator.analyses.messages import (
    REPORT,
    AtEnds,
    Ending,
    Failed,
    KeptNearly,
    LeftOut,
    Message,
    Moment,
    MuchUnspent,
    NothingMoves,
    OneArea,
    RangesCutShort,
    RepairsCutShort,
    RoomByGroups,
    Stopped,
    Tied,
    TimeUp,
    Unproved,
)
from allocator.analyses.result import Result
from allocator.programme.whole import NoWholePlan, StepTooFine
from allocator.scenario.cells import grouped
from allocator.scenario.model import Remark
from allocator.wording.edits import planned_with
from allocator.wording.names import analysis_name

_MOMENTS = {
    Moment.BEFORE_ITS_TURN: "before it was its turn",
    Moment.BEFORE_THE_ANSWER: "before the answer",
    Moment.WHILE_ROUNDING: "while the plan was being rounded",
}
_ENDINGS = {
    Ending.OUT_OF_TIME: "the time limit came first",
    Ending.NO_ANSWER: "the solver stopped without an answer",
}


def message_texts(messages: Iterable[Message]) -> tuple[str, ...]:
    """Return messages as sentences without a full stop, in their order."""
    return tuple(map(message_text, messages))


def told(result: Result) -> tuple[str, ...]:
    """Return with what a scenario was planned, and what its result says."""
    return (*planned_with(result.scenario), *message_texts(result.messages))


def all_messages(result: Result) -> tuple[str, ...]:
    """Return with what a scenario was planned, the reader's messages and the result's, each once."""
    said = (*planned_with(result.scenario), *message_texts((*result.scenario.messages, *result.messages)))
    return tuple(dict.fromkeys(said))


@singledispatch
def message_text(message: Message) -> str:
    """Return one message as a sentence without a full stop."""
    raise TypeError(message)


@message_text.register
def _remark(message: Remark) -> str:
    return str(message)


@message_text.register
def _stopped(message: Stopped) -> str:
    return f"Stopped without a plan: {reason_text(message.reason)}"


def reason_text(reason: TimeUp | Failed) -> str:
    """Return why a search ended without an answer."""
    if isinstance(reason, Failed):
        return reason.text
    own = "" if reason.seconds is None else f" of {reason.seconds:g} seconds"
    return f"the time limit{own} came {_MOMENTS[reason.moment]}"


@message_text.register
def _tied(_: Tied) -> str:
    return "Other plans are as good; the one nearest to last year's amounts was chosen"


@message_text.register
def _nothing_moves(message: NothingMoves) -> str:
    return f'No area has an effect on "{message.indicator}", so every plan is equally good; type its effects in Effects'


@message_text.register
def _no_whole_plan(message: NoWholePlan) -> str:
    instead = f"multiples of {_step(message.used)}" if message.used else "not rounded"
    return f"No plan in whole steps of {_step(message.step)} was found; amounts are {instead}"


@message_text.register
def _step_too_fine(message: StepTooFine) -> str:
    held = f"A spreadsheet can't hold amounts of this size to {_step(message.step)}"
    return f"{held}; they are multiples of {_step(message.used)}"


def _step(step: Fraction) -> str:
    return f"{float(step):.12g}"


@message_text.register
def _kept_nearly(message: KeptNearly) -> str:
    return f"In whole steps these are kept to less than one step, not exactly: {', '.join(message.rows)}"


@message_text.register
def _unproved(message: Unproved) -> str:
    why = f": amounts are too large to keep {', '.join(message.rows)} to the last digit" if message.rows else ""
    return f"Not proved in exact arithmetic{why}"


@message_text.register
def _one_area(message: OneArea) -> str:
    much = "All" if message.amount == message.spent else "Nearly all"
    name = message.area
    return (
        f"{much} that is spent goes to one area: {name} gets {_part(message.amount, message.spent, message.unit)}. "
        f"To spread it, give {name} bands of falling benefit (sheet Benefits) or a Maximum, or others a Minimum or "
        "goals"
    )


@message_text.register
def _much_unspent(message: MuchUnspent) -> str:
    said = f"Much money stays unspent: {_part(message.unspent, message.available, message.unit)}"
    if message.step is not None:
        return f"{said}; that is what whole steps of {_figure(message.step)} leave: a smaller Step would use it"
    return (
        f"{said}; as limits, bands and rules stand, more spending would not improve the objective. To have it "
        "used, raise a Maximum or the end of a last band, or set Spend to all"
    )


@message_text.register
def _at_ends(message: AtEnds) -> str:
    of = f"of {message.amounts:,} {'yearly amounts' if message.yearly else 'areas'}"
    bands, limits = message.at_bands, message.at_limits
    stand = [f"{bands:,} {of} stand at the end of a band"] if bands else []
    if limits:
        stand.append(f"{limits:,} at a Minimum or Maximum" if bands else f"{limits:,} {of} stand at a limit")
    softer = [word for word, count in (("narrower bands", bands), ("other limits", limits)) if count]
    return f"{', '.join(stand)}: {' or '.join(softer)} would soften that"


def _part(amount: Fraction, whole: Fraction, unit: str) -> str:
    """Return an amount with what it is a part of: ``60 of 100 VND billion (60 %)``."""
    return f"{_figure(amount)} of {_figure(whole)} {unit} ({_figure(amount / whole * 100, 1)} %)"


def _figure(value: Fraction, decimals: int = 3) -> str:
    return grouped(round(value, decimals))


@message_text.register
def _left_out(message: LeftOut) -> str:
    return f"Left out of the report: {_what(message)}; {_ENDINGS[message.why]}"


def _what(message: LeftOut) -> str:
    if message.analyses == REPORT:
        return "the sensitivity report"
    if message.only:
        return f"prices of {', '.join(message.only)}"
    return ", ".join(map(analysis_name, message.analyses))


@message_text.register
def _repairs_cut_short(message: RepairsCutShort) -> str:
    return f"Repairs were looked for during {message.seconds:g} seconds only; there may be others, and smaller ones"


@message_text.register
def _ranges_cut_short(message: RangesCutShort) -> str:
    return (
        f"There are {message.rows:,} rows; {message.ranges:,} of the allowable increases and decreases are those of "
        "one optimal basis: the prices hold at least so far. Bands and sources have no lines of their own, limiting "
        "items and the ranges and next prices of curved rules are left out, and who moves is said by groups"
    )


@message_text.register
def _room_by_groups(message: RoomByGroups) -> str:
    return (
        f"There are {message.pairs:,} pairs of area and year; Room is given for {message.groups} groups of areas, "
        f"each area under the first group that it is in, and for {message.year} alone"
    )
