"""A programme with some figures of its scenario changed: only what follows from them is built anew.

Rows and pieces that stay as they are stay the same objects, so that whoever sends numbers to a solver may pass over
them. What comes out equals `build` of the changed scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from allocator.programme.build import Programme, build, objective_constant
from allocator.programme.constraints import FAMILIES
from allocator.programme.objective import benefit_pieces, benefit_weights, objective_pieces
from allocator.programme.rows import NOTHING, Constraint, Ledger, Piece, Row
from allocator.scenario.model import Rule, Scenario, Source

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
    rows, constraints = _rows(programme, ledger, changes)
    return Programme(
        scenario=scenario,
        keys=programme.keys,
        pieces=_pieces(programme.pieces, before, scenario, changes),
        constant=objective_constant(scenario),
        maximise=scenario.objective.maximise,
        rows=tuple(rows),
        ledger=ledger,
        constraints=constraints,
    )


def with_rule(programme: Programme, rule: Rule) -> Programme:
    """Return `programme` with `rule` in place of the rule from the same cells."""
    scenario = programme.scenario
    rules = tuple(rule if other.origin is rule.origin else other for other in scenario.rules)
    return altered(programme, replace(scenario, rules=rules))


def with_money(programme: Programme, source: Source) -> Programme:
    """Return `programme` with other amounts available from a source."""
    sources = tuple(source if other.name == source.name else other for other in programme.scenario.sources)
    return altered(programme, replace(programme.scenario, sources=sources))


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

    def follows(self, constraint: Constraint) -> bool:
        """Whether a demand's row has other figures in it though the demand is as before."""
        reads = constraint.reads
        return reads is not NOTHING and (
            (self.past and reads.past)
            or not self.budgets.isdisjoint(reads.budgets)
            or not self.effects.isdisjoint(reads.effects)
        )

    @property
    def any(self) -> bool:
        """Whether any row may have other figures in it."""
        return self.past or bool(self.budgets) or bool(self.effects)


def _rows(
    programme: Programme, ledger: Ledger, changes: _Changes
) -> tuple[list[Row], tuple[tuple[Constraint, ...], ...]]:
    """Return all rows in order, and the demands that they are of.

    Those whose demand and whose other figures are as before are the same objects.
    """
    rows: list[Row] = []
    demands: list[tuple[Constraint, ...]] = []
    start = 0
    for family, before in zip(FAMILIES, programme.constraints, strict=True):
        old = programme.rows[start : start + len(before)]
        start += len(before)
        same = all(getattr(changes.before, field) is getattr(changes.after, field) for field in family.fields)
        after = before if same else tuple(family.all_in(changes.after))
        if not same and len(after) == len(before):
            after = tuple(was if was == now else now for was, now in zip(before, after, strict=True))
        demands.append(after)
        if same and not changes.any:
            rows += old
        elif len(after) != len(before):
            rows += [constraint.row(ledger) for constraint in after]
        else:
            rows += [
                row if was is now and not (changes.any and changes.follows(now)) else now.row(ledger)
                for was, now, row in zip(before, after, old, strict=True)
            ]
    return rows, tuple(demands)


def _pieces(pieces: Pieces, before: Scenario, after: Scenario, changes: _Changes) -> Pieces:
    """Return the objective's pieces; the very same mapping where none of them changes."""
    same_effects = not changes.effects and before.indicators == after.indicators
    if before.objective != after.objective or before.discount_rate != after.discount_rate:
        return _shared(pieces, objective_pieces(after))
    if after.objective.indicator is not None:
        return pieces if same_effects else _shared(pieces, objective_pieces(after))
    if not after.objective.maximise:
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


def _shared(before: Pieces, after: Pieces) -> Pieces:
    return {at: before[at] if before[at] == pieces else pieces for at, pieces in after.items()}
