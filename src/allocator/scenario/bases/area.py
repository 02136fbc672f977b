"""Basis of an area's or a group's name: S[t] op Value · that area's money, of the basis' sources."""

from __future__ import annotations

from typing import override

from allocator.scenario.bases.basis import Basis, Demand, Money


class AreaMoney(Basis):
    """A part of what an area or a group gets."""

    phrase = "of {}"
    meaning = "what that area or group gets"
    example = "Prevention, at least, 30% of Health"
    sentence = "Prevention, >=, 30%, Health: at least 30 % of what Health gets."

    @override
    def base(self, demand: Demand) -> Money:
        return Money(self.areas, self.sources, demand.years)
