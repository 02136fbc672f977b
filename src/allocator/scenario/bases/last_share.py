"""Bases of what a year before's share would be of this year's budget, S[t−1]·C[t]/C[t−1], of all the rule's sources.

`last year's share`: S[t] op Value · S[t−1]·C[t]/C[t−1].
`points on last year's share`: S[t] − S[t−1]·C[t]/C[t−1] op Value · C[t].
"""

from __future__ import annotations

from typing import ClassVar, override

from allocator.scenario.bases.basis import Basis, Demand, Funds, Rescaled, Sum, difference


class LastShare(Basis):
    """A part of what the share of a year before would be of this year's budget."""

    word = "last year's share"
    meant = (
        "prior year's share", "previous year's share", "prior year share", "previous share", "last share",
        "share last year", "share of last year", "tỷ trọng năm trước", "tỷ lệ năm trước",
    )  # fmt: skip
    phrase = "of last year's share"
    meaning = "the budget, times the share it had a year before"
    example = "Culture, at least, 100%"
    sentence = "Culture, >=, 100%, last year's share: its share of the budget doesn't fall."
    looks_back = 1
    of_share = True

    @override
    def base(self, demand: Demand) -> Rescaled:
        return self.share_before(demand)


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
