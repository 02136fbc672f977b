"""The objective's coefficients: for each area and year its pieces, weights and discount included."""

from __future__ import annotations

from fractions import Fraction

from allocator.programme.rows import ZERO, Piece
from allocator.scenario.model import Area, Scenario


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
