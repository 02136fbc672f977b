"""Basis `last year`: S[t] op Value · S[t−1], the latter of the basis' sources."""

from __future__ import annotations

from typing import override

from allocator.scenario.bases.basis import Basis, Demand
from allocator.scenario.quantities import Money


class LastYear(Basis):
    """A part of the same money a year before."""

    word = "last year"
    meant = (
        "prior year", "previous year", "last years", "year before", "the year before", "preceding year", "past year",
        "last year's budget", "last year budget", "of last year", "prior years", "last fiscal year", "năm trước",
        "năm ngoái", "năm liền trước", "năm trước đó", "so với năm trước", "cùng kỳ", "t-1",
    )  # fmt: skip
    phrase = "of last year"
    meaning = "the same money a year before"
    example = "Roads, at most, 120%"
    sentence = "Roads, <=, 120%, last year: at most 1.2 times the year before."
    looks_back = 1

    @override
    def base(self, demand: Demand) -> Money:
        return self.before(demand)
