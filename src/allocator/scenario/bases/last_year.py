"""Bases of the same money a year before, S[t−1] of the basis' sources.

`last year`: S[t] op Value · S[t−1]. `change on last year`: S[t] op (1 + Value) · S[t−1].
"""

from __future__ import annotations

from fractions import Fraction
from typing import override

from allocator.scenario.bases.basis import Basis, Demand, Money


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


class Change(Basis):
    """A change on the same money a year before."""

    word = "change on last year"
    meant = (
        "change", "growth", "increase", "change on prior year", "change on previous year", "growth on last year",
        "change over last year", "change from last year", "change to last year", "year on year", "yoy", "tăng trưởng",
        "tăng so với năm trước", "mức tăng", "thay đổi so với năm trước",
    )  # fmt: skip
    phrase = "on last year"
    meaning = "the same, but Value is the change"
    example = "every area, at least, -5%"
    sentence = "every area, >=, -5%, change on last year: no cut deeper than 5 %."
    looks_back = 1
    offset = Fraction(1)
    least = Fraction(-1)

    @override
    def base(self, demand: Demand) -> Money:
        return self.before(demand)
