"""Basis `last year's share`: S[t] op Value · S[t−1]·C[t]/C[t−1], all of the rule's sources."""

from __future__ import annotations

from typing import override

from allocator.scenario.bases.basis import Basis, Demand
from allocator.scenario.quantities import Rescaled


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
