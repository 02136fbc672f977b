"""One number's way in fractions: what `FloatGrowth` asks of HiGHS is decided exactly here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from allocator.programme.decision import Decided, Decision, decide, on_face, with_columns, with_rows
from allocator.programme.exact_questions import ExactCone, Following
from allocator.programme.growth import Growth, NextRegion, Parameter
from allocator.programme.optimum import Optimum
from allocator.programme.rows import ONE, ZERO, Key
from allocator.programme.simplex import Basis, Simplex


@dataclass(frozen=True)
class ExactAnswer:
    """The optimum where a number has grown."""

    decision: Decision

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
        keys_of, first = matrix.programme.keys_of, len(form.columns)
        rows = []
        for number, (pair, amount) in enumerate(reference.items(), start=first):
            terms = {matrix.column_of[key]: ONE for key in keys_of[pair]}
            rows += [({**terms, number: -ONE}, None, amount), ({**terms, number: ONE}, amount, None)]
        face = with_rows(with_columns(on_face(form, vertex), len(reference)), rows)
        basic = [item + (item >= first) * len(reference) for item in vertex.basis.basic]
        upper = frozenset(item + (item >= first) * len(reference) for item in vertex.basis.at_upper)
        new = range(first + len(reference) + len(form.row_lower), len(face.columns) + len(face.row_lower))
        simplex = Simplex(face, Basis((*basic, *new), upper), self.decision.watch)
        simplex.minimise(dict.fromkeys(range(first, first + len(reference)), ONE))
        return dict(zip(matrix.programme.keys, simplex.values, strict=False))


class ExactGrowth(Growth):
    """One number's way, decided anew wherever it is asked."""

    step: Fraction
    tiny = followed = Fraction(1, 10**40)
    """No change of course is as near: all arithmetic being exact, it is seen in full."""
    nothing = same = noise = 0
    """Nor does any tolerance decide."""

    def __init__(self, optimum: Optimum, parameter: Parameter) -> None:
        super().__init__(optimum.model.programme, parameter, parameter.step, optimum.decision.objective)
        self._optimum = optimum
        self._start = [stage.vertex.basis for stage in optimum.decision.stages]
        self._known = cache(self._decided)

    def optimum(self, growth: Fraction) -> ExactAnswer | None:
        """Return the optimum where the number has grown by so much; None: no plan."""
        return self._known(growth)

    def _decided(self, growth: Fraction) -> ExactAnswer | None:
        decision = decide(self.parameter.changed(growth), self._start, self._optimum.engine.watch)
        return None if decision is None else ExactAnswer(decision)

    def beside(self, _growth: Fraction) -> Fraction:
        """Return how far beside a value is looked."""
        return self.step * self.tiny

    def region_beyond(self, growth: Fraction, sign: int) -> NextRegion | None:
        """Return the critical region that follows in a direction just beyond `growth`; None where no plan is there."""
        start = growth + sign * self.beside(growth)
        there = self.optimum(start)
        if there is None:
            return None
        direction = self._optimum.at({index: sign * row.bound for index, row in self.moving.items()})
        slope = ExactCone(there.decision, there.last.vertex.values, there.decision.watch).slope_in_order(direction)
        if slope is None:
            return None
        following = Following(there.last, there.decision.watch)
        end = following.follow(slope.direction, slope.priced)
        reach = math.inf if end is None else following.distance(end)
        return NextRegion(start + sign * reach, sign * slope.value)
