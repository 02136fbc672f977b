"""What stops an amount from growing: the rule, limit, band end or scarcity, in words, with its input cell."""

from __future__ import annotations

from fractions import Fraction

from allocator.analyses.prices import Prices, piece_at
from allocator.analyses.result import HeldBy
from allocator.programme.build import Programme
from allocator.programme.rows import Key, Row, RowKind
from allocator.scenario.model import Band, Operator


def held_by(prices: Prices, key: Key, yearly: Fraction) -> HeldBy | None:
    """Return what holds an amount at the unrounded optimum; None where nothing does.

    A limit or rule whose price speaks against it comes before scarcity of money, the dearest first.
    """
    against = prices.against(key)
    for row, _ in against:
        if row.kind is not RowKind.BUDGET:
            return HeldBy(_words(row, key), row.cell)
    if against:
        row = against[0][0]
        return HeldBy(_scarcity(prices, key, yearly, row.subject), row.cell)
    return _no_gain(prices.programme, key, yearly)


def _words(row: Row, key: Key) -> str:
    area = key[0]
    if row.kind is RowKind.LIMIT:
        return row.name
    if row.kind is RowKind.INDICATOR:
        return f"indicator {row.name}"
    caps = row.operator.upper or row.operator is Operator.EQUAL
    # a floor holds an area down where the area stands on its other side: it would raise what others must get
    return (
        f"rule {row.name}"
        if caps or row.body.terms.get(key, 0) > 0
        else f"rule {row.name} (more for {area} asks more of it)"
    )


def _scarcity(prices: Prices, key: Key, yearly: Fraction, source: str) -> str:
    """Say that money is short: all of it is spent, or it does more elsewhere than the next unit would here."""
    if prices.idle(key, yearly):
        return f"all money from {source} is spent"
    band = _band(prices.programme, key[0], key[1], yearly)
    if band is not None and band.number > 1:
        return f"money from {source} does more elsewhere than band {band.number} here"
    return f"money from {source} does more elsewhere"


def _band(programme: Programme, area: str, year: int, yearly: Fraction) -> Band | None:
    """Return the band that the next unit falls into."""
    bands = programme.scenario.bands.get((area, year), ())
    if not bands:
        return None
    number = piece_at(programme.pieces[area, year], yearly).number
    return next((band for band in bands if band.number == number), None)


def _no_gain(programme: Programme, key: Key, yearly: Fraction) -> HeldBy | None:
    """Say that more would not help, where that is so."""
    area, year, _ = key
    slope = piece_at(programme.pieces[area, year], yearly).slope
    helps = slope if programme.maximise else -slope
    if helps > 0:
        return None
    says = "more adds nothing" if not helps else "more makes the objective worse"
    band = _band(programme, area, year, yearly)
    if band is not None and band.number > 1:
        return HeldBy(f"end of band {band.number - 1}: {says}", band.origin.cell("Benefit"))
    return HeldBy(says)
