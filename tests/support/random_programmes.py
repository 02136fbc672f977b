"""Random programmes in standard form, and bases to start from."""

from __future__ import annotations

import random
from fractions import Fraction

from allocator.programme.simplex import Basis, StandardForm

ZERO = Fraction(0)
SIZES = [Fraction(10) ** power for power in (-6, -3, 0, 0, 0, 3, 9, 14)]


def number(rng: random.Random) -> Fraction:
    return rng.choice([1, -1]) * rng.randint(1, 99) * rng.choice(SIZES)


def programme(rng: random.Random) -> tuple[StandardForm, dict[int, Fraction]]:
    """Some columns and rows with magnitudes mixed, of which some solution may keep all."""
    width, height = rng.randint(1, 8), rng.randint(0, 7)
    columns = [[(row, number(rng)) for row in range(height) if rng.random() < 0.5] for _ in range(width)]
    point = [abs(number(rng)) if rng.random() < 0.6 else ZERO for _ in range(width)]
    sums = [ZERO] * height
    for value, entries in zip(point, columns, strict=True):
        for row, entry in entries:
            sums[row] += entry * value
    off = number(rng) if rng.random() < 0.3 else ZERO
    low: list[Fraction | None] = []
    high: list[Fraction | None] = []
    for total in sums:
        kind = rng.choice(["=", "<", ">", "between"])
        end = total + off
        low.append(None if kind == "<" else end)
        high.append(None if kind == ">" else end if kind != "between" else end + abs(number(rng)))
    upper = [None if rng.random() < 0.6 else value + abs(number(rng)) for value in point]
    return StandardForm(columns, [ZERO] * width, upper, low, high), {at: number(rng) for at in range(width)}


def start(rng: random.Random, form: StandardForm) -> Basis:
    """Any basis at all, also one whose columns depend on each other."""
    items = range(len(form.columns) + len(form.row_lower))
    count = rng.choice([len(form.row_lower), rng.randint(0, len(items))])
    return Basis(tuple(rng.sample(items, count)), frozenset(rng.sample(items, len(items) // 2)))
