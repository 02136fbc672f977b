"""What stops an amount from growing, in words."""

from __future__ import annotations

from allocator.analyses.held_by import HeldBy, HeldByRow, NoGain, Scarce


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
