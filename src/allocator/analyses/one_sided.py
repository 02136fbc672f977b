"""Plans that follow a few typed figures more than anyone may have meant: said, with what would soften them.

A linear programme gives each further unit to where it does most, until something stops it. So a plan may put nearly
all money on one area, leave much of it unspent, or stand where a band or a limit ends in most areas.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from allocator.analyses.result import AreaFigures, Result, RowStatus
from allocator.programme.rows import ZERO, RowKind
from allocator.scenario.cells import grouped

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


def one_sided(result: Result) -> Iterator[str]:
    """Yield a message for each way in which the plan is one-sided; none where spending is what is made least."""
    objective = result.scenario.objective
    if objective.indicator is None and not objective.maximise:
        return
    yield from _one_area(result)
    yield from _unspent(result)
    yield from _at_ends(result)


def _one_area(result: Result) -> Iterator[str]:
    money: dict[str, Fraction] = {}
    for figures in result.areas:
        money[figures.area] = money.get(figures.area, ZERO) + figures.final_value
    spent, most = sum(money.values(), ZERO), max(money.values(), default=ZERO)
    if len(money) > 1 and spent and most >= NEARLY_ALL * spent:
        name = next(area for area, amount in money.items() if amount == most)
        much = "All" if most == spent else "Nearly all"
        yield (
            f"{much} that is spent goes to one area: {name} gets {_part(most, spent, result)}. To spread it, "
            f"give {name} bands of falling benefit (sheet Benefits) or a Maximum, or others a Minimum or goals"
        )


def _unspent(result: Result) -> Iterator[str]:
    available = sum((fund.available for fund in result.funds), ZERO)
    unspent = sum((fund.unspent for fund in result.funds), ZERO)
    if not available or unspent < MUCH * available:
        return
    said = f"Much money stays unspent: {_part(unspent, available, result)}"
    spent = sum((Fraction(a.unrounded) for a in result.allotments), ZERO)
    if available - spent < MUCH * available:
        yield f"{said}; that is what whole steps of {_figure(result.step)} leave: a smaller Step would use it"
    else:
        yield (
            f"{said}; as limits, bands and rules stand, more spending would not improve the objective. To have it "
            "used, raise a Maximum or the end of a last band, or set Spend to all"
        )


def _at_ends(result: Result) -> Iterator[str]:
    paid = [figures for figures in result.areas if figures.final_value]
    limits = {
        (f.row.subject, f.row.year)
        for f in result.rows
        if f.row.kind is RowKind.LIMIT and f.status is RowStatus.BINDING and f.row.bound
    }
    ends = sum(_at_band_end(result, figures) for figures in paid)
    limited = sum((f.area, f.year) in limits and not _at_band_end(result, f) for f in paid)
    if len({figures.area for figures in paid}) < FEW or ends + limited <= MOST * len(paid):
        return
    what = "areas" if len(result.scenario.years) == 1 else "yearly amounts"
    stand = [f"{ends:,} of {len(paid):,} {what} stand at the end of a band"] if ends else []
    stand += [
        f"{limited:,} at a Minimum or Maximum" if ends else f"{limited:,} of {len(paid):,} {what} stand at a limit"
    ]
    softer = " or ".join((["narrower bands"] if ends else []) + (["other limits"] if limited else []))
    yield f"{', '.join(stand if limited else stand[:1])}: {softer} would soften that"


def _at_band_end(result: Result, figures: AreaFigures) -> bool:
    """Whether an amount stands where a band ends, but for less than a step."""
    bands = result.scenario.bands.get((figures.area, figures.year), ())
    amount = figures.final_value
    near = result.step or _LAST_DIGIT * max(Fraction(1), amount)
    return any(band.end is not None and abs(amount - band.end) < near for band in bands)


def _part(amount: Fraction, whole: Fraction, result: Result) -> str:
    """Return an amount with what it is a part of: ``60 of 100 VND billion (60 %)``."""
    return f"{_figure(amount)} of {_figure(whole)} {result.scenario.unit} ({_figure(amount / whole * 100, 1)} %)"


def _figure(value: Fraction, decimals: int = 3) -> str:
    return grouped(round(value, decimals))
