"""One number of the scenario on its way, in fractions: what `Path` asks of HiGHS is decided exactly here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from allocator.analyses.path import BESIDE, Number
from allocator.programme.decision import Decided, Decision, decide, on_face, with_columns, with_rows
from allocator.programme.exact_questions import ExactCone, ExactSlope, Following
from allocator.programme.optimum import Direction, Optimum
from allocator.programme.rows import ONE, ZERO, Key
from allocator.programme.simplex import Basis, Simplex, Watch

TINY = Fraction(1, 10**40)
"""Part of a step that no change of course is as near as: all arithmetic being exact, it is seen in full."""
PIECES = 60
"""So many pieces of one price are followed."""


@dataclass(frozen=True)
class ExactAnswer:
    """The optimum where a number has grown."""

    decision: Decision
    watch: Watch

    @property
    def objective(self) -> Fraction:
        """The best objective, as stated."""
        return self.decision.objective

    @property
    def last(self) -> Decided:
        """The last stage."""
        return self.decision.stages[-1]

    @cached_property
    def amounts(self) -> dict[Key, Fraction]:
        """One of the best plans."""
        return dict(zip(self.decision.matrix.programme.keys, self.last.vertex.values, strict=False))

    @cached_property
    def missed(self) -> dict[int, Fraction]:
        """Index of each goal's row → by how much it is missed, in the row's unit."""
        rows = self.decision.matrix.programme.rows
        goals = (index for index, row in enumerate(rows) if row.strength.kind == "goal")
        return {index: max(ZERO, -rows[index].slack(self.amounts)) for index in goals}

    def nearest(self, reference: Mapping[tuple[str, int], Fraction]) -> dict[Key, Fraction]:
        """Return the amounts, among plans as good, with the least Σ |x[a,t] − reference[a,t]|."""
        matrix, form, vertex = self.decision.matrix, self.last.form, self.last.vertex
        sources, first = matrix.programme.scenario.area, len(form.columns)
        rows = []
        for number, ((area, year), amount) in enumerate(reference.items(), start=first):
            terms = {matrix.column_of[area, year, source]: ONE for source in sources[area].sources}
            rows += [({**terms, number: -ONE}, None, amount), ({**terms, number: ONE}, amount, None)]
        face = with_rows(with_columns(on_face(form, vertex), len(reference)), rows)
        basic = [item + (item >= first) * len(reference) for item in vertex.basis.basic]
        upper = frozenset(item + (item >= first) * len(reference) for item in vertex.basis.at_upper)
        new = range(first + len(reference) + len(form.row_lower), len(face.columns) + len(face.row_lower))
        simplex = Simplex(face, Basis((*basic, *new), upper), self.watch)
        simplex.minimise(dict.fromkeys(range(first, first + len(reference)), ONE))
        return dict(zip(matrix.programme.keys, simplex.values, strict=False))

    def slope(self, direction: Direction, optimum: Optimum) -> ExactSlope | None:
        """Return the derivative of the optimum in a direction of the rows."""
        cone = ExactCone(self.decision, self.last.vertex.values, self.watch)
        return cone.slope_in_order(optimum.at(direction))

    def reach(self, slope: ExactSlope) -> Fraction | float:
        """Return how far that lasts."""
        following = Following(self.last, self.watch)
        end = following.follow(slope.direction, slope.priced)
        return math.inf if end is None else following.distance(end)


class ExactPath:
    """The optimum along one number, decided anew wherever it is asked."""

    def __init__(self, optimum: Optimum, number: Number) -> None:
        self.programme, self.number, self.step = optimum.model.programme, number, number.step
        self.grown = number.changed(number.step)
        self._optimum = optimum
        self._start = [stage.vertex.basis for stage in optimum.decision.stages]
        self._watch = optimum.engine.watch
        self.at = cache(self._at)

    def _at(self, growth: Fraction) -> ExactAnswer | None:
        """Return the optimum where the number has grown by so much; None: no plan."""
        decision = decide(self.number.changed(growth), self._start, self._watch)
        return None if decision is None else ExactAnswer(decision, self._watch)

    def plan_beyond(self, growth: Fraction | float, sign: int) -> bool:
        """Whether a plan exists just beyond where the number has grown by `growth` in a direction."""
        return self.at(sign * (Fraction(growth) + self.step * TINY)) is not None

    def straight(
        self, direction: Direction, slope: ExactSlope, distance: Fraction | float, sign: int
    ) -> tuple[Fraction | float, Fraction | None]:
        """Return how far a price holds, and the next one; None: no plan beyond.

        `direction` of the rows has `slope`, which holds for `distance` at least: where sums of goals follow, their
        prices may change while the objective's doesn't.
        """
        holds, price = distance, slope.value
        for _ in range(PIECES):
            if math.isinf(holds) or (sign < 0 and -holds <= self.number.floor * (1 - BESIDE)):
                return math.inf, None
            beyond = Fraction(holds) + self.step * TINY
            there = self.at(sign * beyond)
            if there is None:
                return holds, None
            found = there.slope(direction, self._optimum)
            if found is None or found.value != price:
                return holds, None if found is None else sign * Fraction(found.value)
            holds = beyond + there.reach(found)
        return holds, None

    def derivative(self, sign: int) -> Fraction | None:
        """Return the derivative at the present value, in a direction, where the optimum may jump; None: it does."""
        small = sign * self.step * TINY
        here, near, far = self.at(ZERO), self.at(small), self.at(2 * small)
        if here is None or near is None or far is None:
            return None
        first, second = (near.objective - here.objective) / small, (far.objective - near.objective) / small
        return first if abs(first - second) <= max(abs(first), abs(second)) / 10 else None
