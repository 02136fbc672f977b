"""Basis `spending`: S[t] op Value · Σ_a x[a,t], over the basis' sources."""

from __future__ import annotations

from typing import override

from allocator.scenario.bases.basis import Basis, Demand, Money


class Spending(Basis):
    """A part of all that is allotted."""

    word = "spending"
    meant = (
        "total spending", "of spending", "spent", "expenditure", "total expenditure", "all spending", "chi", "tổng chi",
        "chi tiêu",
    )  # fmt: skip
    phrase = "of spending"
    meaning = "all money of the counted sources that is allotted that year"
    example = "Health, at most, 30%"
    sentence = "Health, <=, 30%, spending: at most 30 % of all that is allotted that year."

    @override
    def base(self, demand: Demand) -> Money:
        return Money(None, self.sources, demand.years)
