"""Each band and each source of an area's amount: what it is worth by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from allocator.analyses.result import PartFigures
from allocator.analyses.sensitivity import AreaPrice, Sensitivity
from allocator.programme.rows import ZERO, Key, Piece


def part_figures(
    sensitivity: Sensitivity, amounts: Mapping[Key, Fraction], yearly: Mapping[tuple[str, int], Fraction]
) -> Iterator[PartFigures]:
    """Yield the bands and the sources of areas that have several; `amounts` are the plan's, `yearly` the optimum's."""
    programme, optimum = sensitivity.programme, sensitivity.optimum
    totals = programme.yearly(amounts)
    for (area, year), pieces in programme.pieces.items():
        if len(pieces) > 1 and (area, year) in optimum.pieces:
            for place, (piece, money) in enumerate(_filled(pieces, totals[area, year])):
                price = sensitivity.of_band(area, year, place)
                yield _figures((area, year), str(piece.number), True, money, price)
        keys = programme.keys_of[area, year]
        for key in keys if len(keys) > 1 else ():
            price = sensitivity.of_source(key, yearly[area, year])
            yield _figures((area, year), key.source, False, amounts.get(key, ZERO), price)


def _filled(pieces: tuple[Piece, ...], total: Fraction) -> Iterator[tuple[Piece, Fraction]]:
    """Yield the pieces with the money in each; they fill in order, since their benefit never rises."""
    for piece in pieces:
        money = total if piece.width is None else min(total, piece.width)
        yield piece, money
        total -= money


def _figures(pair: tuple[str, int], part: str, of_band: bool, money: Fraction, price: AreaPrice) -> PartFigures:
    return PartFigures(
        *pair,
        part=part,
        of_band=of_band,
        final_value=money,
        reduced_cost=price.reduced_cost,
        objective_coefficient=price.coefficient,
        allowable_increase=price.increase,
        allowable_decrease=price.decrease,
        limiting=price.limiting,
    )
