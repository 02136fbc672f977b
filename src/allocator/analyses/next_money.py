"""Next money: where 1 % more of each source and year would go, and where 1 % less would come from.

The Budget cell moves with all that follows from it: shares of the budget, growth on last year's share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from allocator.analyses.moves import Moves
from allocator.analyses.result import NextMoney
from allocator.programme.build import Programme
from allocator.programme.growth import Parameter
from allocator.programme.what_ifs import WhatIfs
from allocator.scenario.model import Source

PART = Fraction(1, 100)
FAR = (1.0, 10.0, 100.0)
"""How many hundredths of a cell it is followed where the optimum is curved in it, one after the other."""


def next_money(moves: Moves) -> Iterator[NextMoney]:
    """Yield where money goes, for each source and year that has some; amounts in the scenario's unit."""
    scenario = moves.programme.scenario
    for source in scenario.sources:
        for year in scenario.years:
            step = source.available[year] * PART
            if step > 0:
                whole = float(source.available[year])
                changed = _changed(moves.what_ifs, source, year)
                more, less, _ = moves.both(Parameter(changed, step, proportional=False, far=FAR, floor=-whole))
                yield NextMoney(source.name, year, float(step), more, less)


def _changed(what_ifs: WhatIfs, source: Source, year: int) -> Callable[[Fraction], Programme]:
    return lambda growth: what_ifs.with_money(source, year, source.available[year] + growth)
