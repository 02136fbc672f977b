"""Scenario → Programme, in exact numbers; reads like the contract's section "What it means, exactly".

x[a,t,s] ≥ 0 is the money that area a (one without parts) gets in year t from source s. One class per family of
constraints (`programme.constraints`); each says its equation, its unit, and what its price means. A price is always
the change of the objective per unit that the right-hand side grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from allocator.programme.constraints import FAMILIES
from allocator.programme.constraints.targets import indicator_value
from allocator.programme.objective import objective_pieces
from allocator.programme.rows import ZERO, Constraint, Key, Ledger, Piece, Row
from allocator.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Alteration:
    """In what a programme differs from the one that `build` made, of which `altered` made it."""

    of: Programme | None = None
    """None: it is none, and may differ from any other in all."""
    rows: frozenset[int] = frozenset()
    """Indices of the rows that may differ; there are as many."""
    pieces: frozenset[tuple[str, int]] = frozenset()
    """The areas and years whose pieces may differ."""


NO_ALTERATION = Alteration()


@dataclass(frozen=True)
class Programme:
    """A scenario's programme: which amounts there are, what is sought, what is demanded."""

    scenario: Scenario
    keys: tuple[Key, ...]
    """The amounts, in order of area, year, source; pairs that Sources rules out are missing."""
    pieces: Mapping[tuple[str, int], tuple[Piece, ...]]
    """(area, year) → the objective's pieces in that area's yearly amount, slopes never rising."""
    constant: Fraction
    """What the objective is with no money at all."""
    maximise: bool
    rows: tuple[Row, ...]
    """All demands, goals included, rules that are off left out."""
    ledger: Ledger | None = field(default=None, repr=False, compare=False)
    """The sums of amounts that its rows share; None where it was made otherwise than by `build`."""
    constraints: tuple[tuple[Constraint, ...], ...] = field(default=(), repr=False, compare=False)
    """For each of `FAMILIES` the demands that `build` made rows of, in order."""
    alteration: Alteration = field(default=NO_ALTERATION, init=False, repr=False, compare=False)
    """Said by `altered` alone: a copy with other rows is no alteration of anything."""

    @property
    def first(self) -> Programme:
        """The programme that it is an alteration of, or else itself."""
        return self.alteration.of or self

    def rows_unlike(self, other: Programme) -> list[int]:
        """Return the indices of rows that are not those of another programme with as many."""
        known = self.first is other.first
        rows = self.alteration.rows | other.alteration.rows if known else range(len(self.rows))
        return sorted(index for index in rows if self.rows[index] is not other.rows[index])

    def pieces_unlike(self, other: Programme) -> list[tuple[str, int]]:
        """Return the areas and years whose pieces are not those of another programme with the same amounts."""
        known = self.first is other.first
        pairs = self.alteration.pieces | other.alteration.pieces if known else self.pieces.keys()
        return [pair for pair in pairs if self.pieces[pair] is not other.pieces.get(pair)]

    @property
    def priorities(self) -> tuple[int, ...]:
        """The goals' priorities, in order."""
        return tuple(sorted({row.strength.priority for row in self.rows if row.strength.kind == "goal"}))

    def objective(self, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return the objective of a plan, exactly."""
        total = self.constant
        for (area, year), yearly in self.yearly(amounts).items():
            left = yearly
            for piece in self.pieces[area, year]:
                part = left if piece.width is None else min(left, piece.width)
                total += piece.slope * part
                left -= part
            if left:  # beyond the last band's end: only a decision typed by hand gets there
                total += self.pieces[area, year][-1].slope * left
        return total

    def yearly(self, amounts: Mapping[Key, Fraction]) -> dict[tuple[str, int], Fraction]:
        """Return (area, year) → amount over all sources."""
        totals = dict.fromkeys(self.pieces, ZERO)
        for key in self.keys:
            totals[key.pair] += amounts.get(key, ZERO)
        return totals

    @cached_property
    def keys_of(self) -> Mapping[tuple[str, int], Sequence[Key]]:
        """(area, year) → its amounts, one for each source that may pay it."""
        found: dict[tuple[str, int], list[Key]] = {pair: [] for pair in self.pieces}
        for key in self.keys:
            found[key.pair].append(key)
        return found


def build(scenario: Scenario) -> Programme:
    """Return the linear programme of a scenario, in exact numbers.

    Parameters
    ----------
    scenario
        As `read_scenario` returns it; rules that are off are left out.

    Returns
    -------
    Programme
        Money in the scenario's unit.
    """
    ledger = Ledger(scenario)
    constraints = tuple(tuple(family.all_in(scenario)) for family in FAMILIES)
    return Programme(
        scenario=scenario,
        keys=ledger.keys,
        pieces=objective_pieces(scenario),
        constant=objective_constant(scenario),
        maximise=scenario.objective.maximise,
        rows=tuple(constraint.row(ledger) for family in constraints for constraint in family),
        ledger=ledger,
        constraints=constraints,
    )


def objective_constant(scenario: Scenario) -> Fraction:
    """Return what the objective is with no money at all: an indicator's value then, else 0."""
    name = scenario.objective.indicator
    if name is None:
        return ZERO
    indicator = next(i for i in scenario.indicators if i.name == name)
    return indicator_value(scenario, indicator, indicator.last_year).constant
