"""What stops an amount from growing: the rule, limit, band end or scarcity, with its input cell."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from allocator.analyses.prices import Prices, piece_at
from allocator.programme.build import Programme
from allocator.programme.rows import Key, Row, RowKind
from allocator.scenario.model import Band
from allocator.scenario.origin import Cell


@dataclass(frozen=True)
class HeldByRow:
    """A limit, rule or target whose price speaks against more."""

    name: str
    kind: RowKind
    cell: Cell
    raised_by: str | None = None
    """The area, where more for it would raise what the rule asks others to get."""


@dataclass(frozen=True)
class Scarce:
    """Money is short: all of the source's is spent, or does more elsewhere."""

    source: str
    cell: Cell
    elsewhere: bool
    band: int | None = None
    """The band that the next unit would fall into, from the second on."""


@dataclass(frozen=True)
class NoGain:
    """More would not help: it adds nothing, or makes the objective worse."""

    worse: bool
    after_band: int | None = None
    """The band that ends here, where another follows."""
    cell: Cell | None = None
    """That of the band that follows."""


type HeldBy = HeldByRow | Scarce | NoGain


def held_by(prices: Prices, key: Key, yearly: Fraction) -> HeldBy | None:
    """Return what holds an amount at the unrounded optimum; None where nothing does.

    A limit or rule whose price speaks against it comes before scarcity of money, the dearest first.
    """
    against = prices.against(key)
    for row, _ in against:
        if not row.kind.supply:
            return _row(row, key)
    if against:
        return _scarce(prices, key, yearly, against[0][0])
    return _no_gain(prices.programme, key, yearly)


def _row(row: Row, key: Key) -> HeldByRow:
    # a floor holds an area down where the area stands on its other side: it would raise what others must get
    raises = row.kind.money and row.operator.lower and row.body.terms.get(key, 0) <= 0
    return HeldByRow(row.name, row.kind, row.cell, key.area if raises else None)


def _scarce(prices: Prices, key: Key, yearly: Fraction, budget: Row) -> Scarce:
    """Return whether all money is spent, or does more elsewhere than the next unit would here."""
    if prices.idle(key, yearly):
        return Scarce(budget.subject, budget.cell, elsewhere=False)
    band = _band(prices.programme, *key.pair, yearly)
    later = band.number if band is not None and band.number > 1 else None
    return Scarce(budget.subject, budget.cell, elsewhere=True, band=later)


def _band(programme: Programme, area: str, year: int, yearly: Fraction) -> Band | None:
    """Return the band that the next unit falls into."""
    bands = programme.scenario.bands.get((area, year), ())
    if not bands:
        return None
    number = piece_at(programme.pieces[area, year], yearly).number
    return next((band for band in bands if band.number == number), None)


def _no_gain(programme: Programme, key: Key, yearly: Fraction) -> NoGain | None:
    """Return that more would not help, where that is so."""
    slope = piece_at(programme.pieces[key.pair], yearly).slope
    helps = slope if programme.maximise else -slope
    if helps > 0:
        return None
    band = _band(programme, *key.pair, yearly)
    if band is not None and band.number > 1:
        return NoGain(bool(helps), band.number - 1, band.origin.cell("Benefit"))
    return NoGain(bool(helps))
