"""Linear equations in exact fractions, and what they give: the prices of a basis, the plan of a face.

The solver says which rows and columns are tight; its numbers are right to some ten digits. Solving the equations of
what is tight in fractions gives the numbers themselves (exact rational reconstruction from a basis, as in Applegate,
Cook, Dash and Espinoza, "Exact solutions to linear programming problems", Operations Research Letters 35, 2007).
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

ZERO = Fraction(0)

type Terms = Mapping[int, Fraction]


@dataclass(frozen=True)
class Equation:
    """Σ coefficient · unknown = right."""

    terms: Terms
    right: Fraction


@dataclass(frozen=True)
class Solved:
    """Values that satisfy every equation but those that contradict the others."""

    values: Mapping[int, Fraction]
    contradicted: tuple[int, ...] = ()
    """Indices of equations that the others don't allow."""


class _System:
    """Equations under elimination: always the shortest one next, by the unknown that stands in fewest others."""

    def __init__(self, equations: Sequence[Equation]) -> None:
        self.rows = [{k: c for k, c in e.terms.items() if c} for e in equations]
        self.right = [e.right for e in equations]
        self.used: dict[int, set[int]] = {}
        for number, row in enumerate(self.rows):
            for unknown in row:
                self.used.setdefault(unknown, set()).add(number)
        self.waiting = [(len(row), number) for number, row in enumerate(self.rows)]
        heapq.heapify(self.waiting)
        self.done = [False] * len(self.rows)
        self.order: list[tuple[int, int]] = []
        """(equation, the unknown that it gives), in order of elimination."""
        self.contradicted: list[int] = []

    def eliminate(self) -> None:
        while self.waiting:
            length, number = heapq.heappop(self.waiting)
            if self.done[number]:
                continue
            if length != len(self.rows[number]):
                heapq.heappush(self.waiting, (len(self.rows[number]), number))
                continue
            self.done[number] = True
            if self.rows[number]:
                self._pivot(number)
            elif self.right[number]:
                self.contradicted.append(number)

    def _pivot(self, number: int) -> None:
        row = self.rows[number]
        for unknown in row:
            self.used[unknown].discard(number)
        pivot = min(row, key=lambda unknown: (len(self.used[unknown]), unknown))
        self.order.append((number, pivot))
        for other in sorted(self.used[pivot]):
            self._subtract(other, number, self.rows[other][pivot] / row[pivot])
        self.used[pivot].clear()

    def _subtract(self, other: int, number: int, factor: Fraction) -> None:
        target = self.rows[other]
        for unknown, coefficient in self.rows[number].items():
            left = target.get(unknown, ZERO) - factor * coefficient
            if left:
                target[unknown] = left
                self.used[unknown].add(other)
            elif unknown in target:
                del target[unknown]
                self.used[unknown].discard(other)
        self.right[other] -= factor * self.right[number]
        heapq.heappush(self.waiting, (len(target), other))


def solve_equations(equations: Sequence[Equation], guess: Mapping[int, Fraction] | None = None) -> Solved:
    """Return values of the unknowns; those that the equations leave free have their value in `guess` (else 0).

    >>> thirds = solve_equations([Equation({0: Fraction(3)}, Fraction(1)), Equation({0: 1, 1: 1}, Fraction(1))])
    >>> thirds.values[0], thirds.values[1]
    (Fraction(1, 3), Fraction(2, 3))
    """
    system = _System(equations)
    system.eliminate()
    values = dict(guess or {})
    for number, pivot in reversed(system.order):
        row = system.rows[number]
        rest = sum((c * values.get(unknown, ZERO) for unknown, c in row.items() if unknown != pivot), ZERO)
        values[pivot] = (system.right[number] - rest) / row[pivot]
    return Solved(values, tuple(system.contradicted))
