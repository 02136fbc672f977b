"""Basis `budget`: S[t] op Value · C[t], where C[t] are the Budget cells of the basis' sources."""

from __future__ import annotations

from typing import override

from allocator.scenario.bases.basis import Basis, Demand, Funds


class Budget(Basis):
    """A part of what sources make available."""

    word = "budget"
    meant = (
        "of budget", "the budget", "of the budget", "total budget", "of total budget", "budget total", "year's budget",
        "annual budget", "budget share", "share of budget", "total", "ngân sách", "tổng ngân sách", "của ngân sách",
        "dự toán",
    )  # fmt: skip
    phrase = "of the budget"
    meaning = "what the counted sources make available that year, before anything is carried in"
    example = "Science, at least, 4%"
    sentence = "Education, >=, 20%, budget: at least a fifth of that year's budget."
    whole = True

    @override
    def base(self, demand: Demand) -> Funds:
        return Funds(self.sources, demand.years)
