"""Plans that follow a few typed figures more than anyone may have meant: said, with what would soften them.

A linear programme gives each further unit to where it does most, until something stops it. So a plan may put nearly
all money on one area, leave much of it unspent, or stand where a band or a limit ends in most areas.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from allocator.analyses.figures import RowStatus
from allocator.analyses.messages import AtEnds, MuchUnspent, OneArea
from allocator.analyses.result import AreaFigures, Result
from allocator.programme.rows import ZERO

NEARLY_ALL = Fraction(9, 10)
"""One area that gets this part of what is spent, or more, has nearly all of it."""
MUCH = Fraction(1, 3)
"""This part of the money left unspent, or more, is much."""
MOST = Fraction(1, 2)
"""More than this part of the amounts are most of them."""
FEW = 3
"""Of fewer areas, or amounts, it isn't said that most of them stand at an end."""
_LAST_DIGIT = Fraction(1, 10**6)
"""An amount that isn't rounded stands at an end where it differs by less than this part of it (at least of 1)."""


def one_sided(result: Result) -> Iterator[OneArea | MuchUnspent | AtEnds]:
    """Yield a message for each way in which the plan is one-sided; none where spending is what is made least."""
    objective = result.scenario.objective
    if objective.indicator is None and not objective.maximise:
        return
    yield from _one_area(result)
    yield from _unspent(result)
    yield from _at_ends(result)


def _one_area(result: Result) -> Iterator[OneArea]:
    money: dict[str, Fraction] = {}
    for figures in result.areas:
        money[figures.area] = money.get(figures.area, ZERO) + figures.final_value
    spent, most = sum(money.values(), ZERO), max(money.values(), default=ZERO)
    if len(money) > 1 and spent and most >= NEARLY_ALL * spent:
        name = next(area for area, amount in money.items() if amount == most)
        yield OneArea(name, most, spent, result.scenario.unit)


def _unspent(result: Result) -> Iterator[MuchUnspent]:
    available = sum((fund.available for fund in result.funds), ZERO)
    unspent = sum((fund.unspent for fund in result.funds), ZERO)
    if not available or unspent < MUCH * available:
        return
    spent = sum((Fraction(a.unrounded) for a in result.allotments), ZERO)
    by_steps = available - spent < MUCH * available
    yield MuchUnspent(unspent, available, result.scenario.unit, result.step if by_steps else None)


def _at_ends(result: Result) -> Iterator[AtEnds]:
    paid = [figures for figures in result.areas if figures.final_value]
    limits = {
        (f.row.subject, f.row.year)
        for f in result.rows
        if f.row.kind.of_area and f.status is RowStatus.BINDING and f.row.bound
    }
    ends = sum(_at_band_end(result, figures) for figures in paid)
    limited = sum((f.area, f.year) in limits and not _at_band_end(result, f) for f in paid)
    if len({figures.area for figures in paid}) < FEW or ends + limited <= MOST * len(paid):
        return
    yield AtEnds(len(paid), at_bands=ends, at_limits=limited, yearly=len(result.scenario.years) > 1)


def _at_band_end(result: Result, figures: AreaFigures) -> bool:
    """Whether an amount stands where a band ends, but for less than a step."""
    bands = result.scenario.bands.get((figures.area, figures.year), ())
    amount = figures.final_value
    near = result.step or _LAST_DIGIT * max(Fraction(1), amount)
    return any(band.end is not None and abs(amount - band.end) < near for band in bands)
