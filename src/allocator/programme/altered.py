"""A programme with some figures of its scenario changed: only what follows from them is built anew.

What that is it carries as its `Alteration`, so that whoever sends numbers to a solver needn't look for it. What comes
out equals `build` of the changed scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from allocator.programme.build import Alteration, Programme, build, objective_constant
from allocator.programme.constraints import FAMILIES
from allocator.programme.objective import benefit_pieces, benefit_weights, objective_pieces
from allocator.programme.rows import NOTHING, Constraint, Ledger, Piece, Row
from allocator.scenario.model import Scenario

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
