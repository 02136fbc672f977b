"""Basis `amount`: S[t] op Value; of years together it is the whole period's."""

from __future__ import annotations

from typing import ClassVar, override

from allocator.scenario.bases.basis import Basis, Demand


class Amount(Basis):
    """An amount of money, a part of nothing."""

    word = "amount"
    meant = (
        "fixed", "absolute", "fixed amount", "money", "sum", "value", "number", "vnd", "usd", "số tiền", "tuyệt đối",
    )  # fmt: skip
    meaning = "nothing: it is an amount"
    example = "Education, at least, 45000"
    sentence = "Education, >=, 45000, amount: at least 45,000 in the unit of the workbook."
    percent = False
    most: ClassVar[None] = None

    @override
    def base(self, demand: Demand) -> None:
        return None
