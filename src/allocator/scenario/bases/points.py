"""Basis `points on last year's share`: S[t] − S[t−1]·C[t]/C[t−1] op Value · C[t], all of the rule's sources."""

from __future__ import annotations

from typing import ClassVar, override

from allocator.scenario.bases.basis import Basis, Demand
from allocator.scenario.quantities import Funds, Sum, difference


class Points(Basis):
    """Percentage points of the budget by which the share of a year before moves."""

    word = "points on last year's share"
    phrase = "on last year's share"
    meaning = "the budget; Value is how many points the share moves"
    example = "Culture, at least, 0.5%"
    sentence = "Culture, >=, 0.5%, points on last year's share: half a point up."
    points = True
    looks_back = 1
    of_share = True
    least: ClassVar[None] = None
    most: ClassVar[None] = None

    @override
    def left(self, demand: Demand) -> Sum:
        return difference(demand.money, self.share_before(demand))

    @override
    def base(self, demand: Demand) -> Funds:
        return Funds(self.sources, demand.years)
