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

from allocator.programme.constraints import FAMILIES, indicator_value
from allocator.programme.rows import NOTHING, ZERO, Constraint, Key, Ledger, Piece, Row
from allocator.scenario.model import Area, Scenario


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


# -- the objective -----------------------------------------------------------------------------------------------------
#
# The objective's coefficients: for each area and year its pieces, weights and discount included.


def objective_pieces(scenario: Scenario) -> dict[tuple[str, int], tuple[Piece, ...]]:
    """Return the objective's coefficients: for each area and year its pieces, weights and discount included.

    maximise benefit: Σ_t (1+r)^-(t−first) Σ_a (band benefit of x[a,t], or Benefit·x[a,t], + Σ_i Weight·effect·x[a,t])
    minimise spending: Σ_t x[t]; maximise or minimise an indicator: its value in its last year, undiscounted.
    """
    if scenario.objective.indicator is not None:
        return _indicator_pieces(scenario, scenario.objective.indicator)
    if not scenario.objective.maximise:
        one = (Piece(None, Fraction(1), 1),)
        return {(area.name, year): one for area in scenario.leaves for year in scenario.years}
    weights = benefit_weights(scenario)
    discounts = {year: scenario.discount(year) for year in scenario.years}
    return {
        (area.name, year): benefit_pieces(scenario, area, year, weights[area.name], discounts[year])
        for area in scenario.leaves
        for year in scenario.years
    }


def benefit_weights(scenario: Scenario) -> dict[str, Fraction]:
    """Return Σ_i Weight[i]·effect[i,a] for each area."""
    weights = dict.fromkeys(scenario.area, ZERO)
    for indicator in scenario.indicators:
        if indicator.weight:
            for name, effect in scenario.effects.get(indicator.name, {}).items():
                weights[name] += indicator.weight * effect.value
    return weights


def benefit_pieces(
    scenario: Scenario, area: Area, year: int, weight: Fraction, discount: Fraction
) -> tuple[Piece, ...]:
    """Return an area's bands as pieces, neighbours of equal benefit as one; the last piece has no end.

    `weight` is what all indicators' weights come to per unit of its money.
    """
    bands = scenario.bands.get((area.name, year), ())
    if not bands:
        return (Piece(None, (area.benefit + weight) * discount, 1),)
    pieces: list[Piece] = []
    benefit: Fraction | None = None
    for band in bands:
        # the last band's end is a row of its own, so that it has a price
        width = None if band is bands[-1] or band.end is None else band.end - band.start
        if band.benefit == benefit:
            before = pieces.pop()
            joined = None if width is None or before.width is None else before.width + width
            pieces.append(Piece(joined, before.slope, before.number))
        else:
            pieces.append(Piece(width, (band.benefit + weight) * discount, band.number))
        benefit = band.benefit
    return tuple(pieces)


def _indicator_pieces(scenario: Scenario, name: str) -> dict[tuple[str, int], tuple[Piece, ...]]:
    indicator = next(i for i in scenario.indicators if i.name == name)
    counted = indicator.years_counted(indicator.last_year, scenario.years)
    effects = scenario.effects.get(name, {})
    return {
        (area.name, year): (
            Piece(None, effects[area.name].value if area.name in effects and year in counted else ZERO, 1),
        )
        for area in scenario.leaves
        for year in scenario.years
    }


# -- with changed figures ----------------------------------------------------------------------------------------------
#
# A programme with some figures of its scenario changed: only what follows from them is built anew.
#
# What that is it carries as its `Alteration`, so that whoever sends numbers to a solver needn't look for it. What comes
# out equals `build` of the changed scenario.

type Pieces = Mapping[tuple[str, int], tuple[Piece, ...]]


def altered(programme: Programme, scenario: Scenario) -> Programme:
    """Return the programme of `scenario`, made from that of one like it; what doesn't follow from changes is shared.

    Objects that both scenarios share are passed over without a look. Other years, areas, sources or units, or another
    Step, leave nothing to share.
    """
    before = programme.scenario
    if scenario is before:
        return programme
    known = programme.ledger is not None and sum(map(len, programme.constraints)) == len(programme.rows)
    if not known or not _same_amounts(before, scenario):
        return build(scenario)
    ledger = Ledger(scenario, like=programme.ledger)
    changes = _Changes(before, scenario)
    constraints = _demands(programme, changes)
    rows, anew = _rows(programme, ledger, constraints, changes)
    pieces = _pieces(programme.pieces, before, scenario, changes)
    as_many = all(len(was) == len(now) for was, now in zip(programme.constraints, constraints, strict=True))
    made = Programme(
        scenario=scenario,
        keys=programme.keys,
        pieces=pieces,
        constant=objective_constant(scenario),
        maximise=scenario.objective.maximise,
        rows=tuple(rows),
        ledger=ledger,
        constraints=constraints,
    )
    if as_many:
        object.__setattr__(made, "alteration", _alteration(programme, anew, pieces))
    return made


def _alteration(programme: Programme, anew: frozenset[int], pieces: Pieces) -> Alteration:
    """Return in what the programme made of `programme` differs from the first; the rows `anew` were built now."""
    first, before = programme.first, programme.alteration
    others = before.pieces
    if pieces is not programme.pieces:
        others |= {pair for pair, own in pieces.items() if own is not programme.pieces[pair]}
    return Alteration(first, before.rows | anew, others)


def _same_amounts(one: Scenario, other: Scenario) -> bool:
    """Whether both have the same amounts and units, so that sums of amounts can be shared."""
    if (one.years, one.unit, one.step) != (other.years, other.unit, other.step):
        return False
    if one.sources is not other.sources:
        names = ([(source.name, source.kind) for source in each.sources] for each in (one, other))
        if next(names) != next(names):
            return False
    if one.areas is other.areas:
        return True
    shapes = ([(area.name, area.part_of, area.sources) for area in each.areas] for each in (one, other))
    return next(shapes) == next(shapes)


class _Changes:
    """What differs between two scenarios that rows have beside the figure in their own cell."""

    def __init__(self, before: Scenario, after: Scenario) -> None:
        self.before, self.after = before, after
        self.budgets: set[int] = set()
        """The years whose Budget cells differ."""
        self.past = False
        """Whether anything differs that is said of the year before the first."""
        for old, new in zip(before.sources, after.sources, strict=True):
            if old is not new:
                self.budgets |= {year for year in after.years if old.available[year] != new.available[year]}
                self.past |= old.last_year != new.last_year
        if before.areas is not after.areas:
            for one, other in zip(before.areas, after.areas, strict=True):
                self.past |= one is not other and (
                    one.last_year != other.last_year or one.last_year_by_source != other.last_year_by_source
                )
        self.effects = (
            {name for name in {*before.effects, *after.effects} if before.effects.get(name) != after.effects.get(name)}
            if before.effects is not after.effects
            else set[str]()
        )
        """The indicators that are moved by other effects."""
        self.any = self.past or bool(self.budgets) or bool(self.effects)
        """Whether any row may have other figures in it."""

    def follows(self, constraint: Constraint) -> bool:
        """Whether a demand's row has other figures in it though the demand is as before."""
        reads = constraint.reads
        return reads is not NOTHING and (
            (self.past and reads.past)
            or not self.budgets.isdisjoint(reads.budgets)
            or not self.effects.isdisjoint(reads.effects)
        )


def _demands(programme: Programme, changes: _Changes) -> tuple[tuple[Constraint, ...], ...]:
    """Return the demands of each family; those that are as before are the same objects."""
    found: list[tuple[Constraint, ...]] = []
    for family, before in zip(FAMILIES, programme.constraints, strict=True):
        if all(getattr(changes.before, field) is getattr(changes.after, field) for field in family.fields):
            found.append(before)
            continue
        after = tuple(family.all_in(changes.after))
        if len(after) == len(before):
            after = tuple(was if was == now else now for was, now in zip(before, after, strict=True))
        found.append(after)
    return tuple(found)


def _rows(
    programme: Programme, ledger: Ledger, constraints: tuple[tuple[Constraint, ...], ...], changes: _Changes
) -> tuple[list[Row], frozenset[int]]:
    """Return all rows in order, and the indices of those built anew: their demand or their other figures differ."""
    rows: list[Row] = []
    anew: list[int] = []
    start = 0
    for before, after in zip(programme.constraints, constraints, strict=True):
        own = list(programme.rows[start : start + len(before)])
        start += len(before)
        if len(after) != len(before):
            own = [constraint.row(ledger) for constraint in after]
        elif after is not before or changes.any:
            for place, (was, now) in enumerate(zip(before, after, strict=True)):
                if was is not now or changes.follows(now):
                    own[place] = now.row(ledger)
                    anew.append(len(rows) + place)
        rows += own
    return rows, frozenset(anew)


def _pieces(pieces: Pieces, before: Scenario, after: Scenario, changes: _Changes) -> Pieces:
    """Return the objective's pieces; the very same mapping where none of them changes."""
    same_effects = not changes.effects and before.indicators == after.indicators
    of_indicator = after.objective.indicator is not None
    other_objective = before.objective != after.objective or before.discount_rate != after.discount_rate
    if other_objective or (of_indicator and not same_effects):
        made = objective_pieces(after)
        return {at: was if was == made[at] else made[at] for at, was in pieces.items()}
    if of_indicator or not after.objective.maximise:
        return pieces
    return _benefits(pieces, before, after, same_weights=same_effects)


def _benefits(pieces: Pieces, before: Scenario, after: Scenario, *, same_weights: bool) -> Pieces:
    """Return the pieces of benefit, of the same objective and discount rate."""
    changed: set[tuple[str, int]] = set()
    if before.bands is not after.bands:
        changed = {at for at in pieces if before.bands.get(at) != after.bands.get(at)}
    weights: Mapping[str, Fraction] | None = None
    areas: set[str] = set()
    if not same_weights:
        weights, old = benefit_weights(after), benefit_weights(before)
        areas = {name for name, weight in weights.items() if weight != old[name]}
    if before.areas is not after.areas:
        areas |= {new.name for old, new in zip(before.areas, after.areas, strict=True) if old.benefit != new.benefit}
    changed |= {at for at in pieces if at[0] in areas}
    if not changed:
        return pieces
    weights = weights or benefit_weights(after)
    made: dict[tuple[str, int, Fraction], tuple[Piece, ...]] = {}
    found = dict(pieces)
    discounts = {year: after.discount(year) for year in {year for _, year in changed}}
    for area, year in changed:
        # years with the same bands and no discount between them have the same pieces
        same = area, id(after.bands.get((area, year))), discounts[year]
        if same not in made:
            made[same] = benefit_pieces(after, after.area[area], year, weights[area], same[-1])
        found[area, year] = made[same]
    return found
