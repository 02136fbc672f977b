"""Last bands: no area gets more than there is benefit for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self, override

from allocator.programme.rows import MUST, ZERO, Constraint, Formulas, Ledger, Linear, Number, Row, RowKind
from allocator.scenario.cells import is_blank
from allocator.scenario.model import Band, Operator, Scenario
from allocator.scenario.quantities import Money

AMOUNT, PART = "Up to", "Up to, of last year"
"""The columns of Benefits that a band's end may stand in."""


@dataclass(frozen=True)
class LastBandConstraint(Constraint):
    """x[a,t] ≤ the last band's end, where it has one. Unit: money. Price: as a maximum's."""

    area: str
    sources: tuple[str, ...]
    """All of them."""
    year: int
    band: Band
    end: Fraction

    fields = ("bands",)
    kind = RowKind("limit", of_area=True)

    @override
    @classmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        sources = tuple(scenario.source)
        for (area, year), bands in scenario.bands.items():
            if bands and (end := bands[-1].end) is not None:
                yield cls(area, sources, year, bands[-1], end)

    @property
    def left(self) -> Money:
        """The money that it limits."""
        return Money((self.area,), self.sources, (self.year,))

    @override
    def row(self, ledger: Ledger) -> Row:
        origin = self.band.origin
        return Row(
            name=f"Last band: {self.area}",
            year=self.year,
            kind=self.kind,
            subject=self.area,
            left=ledger.linear(self.left),
            operator=Operator.AT_MOST,
            right=Linear(constant=self.end),
            value=self.end,
            unit=ledger.scenario.unit,
            strength=MUST,
            cell=origin.cell(AMOUNT if AMOUNT in origin.columns else PART),
            origin=origin,
            of=self,
        )

    def of_last_year(self, scenario: Scenario) -> bool:
        """Whether its end is typed as a part of what the area got last year."""
        columns = self.band.origin.columns
        return PART in columns and (AMOUNT not in columns or is_blank(scenario.raw(self.band.origin.cell(AMOUNT))))

    @override
    def number(self, row: Row, scenario: Scenario) -> Number:
        number = super().number(row, scenario)
        if not self.of_last_year(scenario):
            return number
        last = scenario.area[self.area].last_year
        value = self.end / last if last else ZERO
        return replace(number, cell=self.band.origin.cell(PART), value=value, share=True)

    @override
    def at(self, value: Fraction, scenario: Scenario) -> LastBandConstraint:
        last = scenario.area[self.area].last_year or ZERO
        return replace(self, end=value * last if self.of_last_year(scenario) else value)

    @override
    def left_formula(self, formulas: Formulas) -> str | None:
        return formulas.quantity(self.left)

    @override
    def value_formula(self, row: Row, formulas: Formulas) -> str | None:
        return formulas.band_end(self.area, self.band)
