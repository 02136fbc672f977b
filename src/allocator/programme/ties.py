"""Among equally good plans, the one that the contract chooses.

First the least Σ |x[a,t] − Last year[a]| (areas with a blank Last year left out), then the least
Σ |x[a,t,s] − x[a,t]·b[s,t]/Σ_{eligible} b|, then the larger amount in order of area, year, source. Each stage
keeps to the optimal face of the one before, by fixing what has a price there: in fractions, so that plans are equally
good only where they are so exactly. HiGHS proposes the basis of each stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from allocator.programme.decision import Units, free_items, on_face, with_columns, with_rows
from allocator.programme.engine import Engine
from allocator.programme.matrix import Matrix
from allocator.programme.refinement import optimum
from allocator.programme.rows import ONE, Key, keys_of
from allocator.programme.simplex import Basis, Simplex, StandardForm, Vertex, Watch
from allocator.scenario.model import Scenario

type Sums = list[tuple[Mapping[int, Fraction], Fraction]]


@dataclass(frozen=True)
class Chosen:
    """The plan that is shown, column by column, and whether there was a choice."""

    values: Sequence[Fraction]
    tie: bool


def break_ties(
    matrix: Matrix, form: StandardForm, vertex: Vertex, engine: Engine, units: Units, watch: Watch
) -> Chosen:
    """Return the chosen one among all plans that are as good as that of `vertex`, an optimum of `form`.

    `engine` stands at the same basis, and is moved; `units` are what one of its own is of each column and row.
    """
    width = len(form.columns)
    face = _Face(form, vertex, engine, units, watch)
    if face.settled or not face.spreads(len(matrix.programme.keys)):
        return Chosen(vertex.values[:width], tie=False)
    scenario = matrix.programme.scenario
    column = {key: at for at, key in enumerate(matrix.programme.keys)}
    for sums in (_last_year_sums(scenario, column), _source_sums(scenario, column)):
        if sums and not face.settled:
            face.draw_near(sums)
    if not face.settled:
        face.maximise_in_order(range(len(matrix.programme.keys)))
    return Chosen(face.vertex.values[:width], tie=True)


def choose_roughly(engine: Engine, scenario: Scenario, column: Mapping[Key, int], money: float) -> None:
    """Move `engine` to nearly the same plan by floating-point numbers alone, where very many are looked at."""
    if engine.unique() or not engine.spreads(list(column.values())):
        return
    settled = False  # what `spreads` left behind says nothing of the plans that are equally good
    for sums in (_last_year_sums(scenario, column), _source_sums(scenario, column)):
        if sums and not settled:
            engine.minimise(dict.fromkeys(engine.add_distances(_in_floats(sums, money)), 1.0))
            settled = engine.unique()
            engine.hold_face()
    if not settled:
        engine.maximise_in_order(list(column.values()))


def _in_floats(sums: Sums, money: float) -> list[tuple[Mapping[int, float], float]]:
    return [({at: float(c) for at, c in terms.items()}, float(target) / money) for terms, target in sums]


class _Face:
    """Optimal plans, in fractions and in HiGHS side by side."""

    def __init__(self, form: StandardForm, vertex: Vertex, engine: Engine, units: Units, watch: Watch) -> None:
        self.engine, self.units, self.watch = engine, units, watch
        self.form, self.vertex = on_face(form, vertex), vertex
        self._hold()

    def _hold(self) -> None:
        width, values = len(self.form.columns), self.vertex.values
        ends = zip([*self.form.lower, *self.form.row_lower], [*self.form.upper, *self.form.row_upper], strict=True)
        fixed = [item for item, (low, high) in enumerate(ends) if low is not None and low == high]
        units = [*self.units[0], *self.units[1]]
        at = {item: float(values[item] / units[item]) for item in fixed}
        columns = {item: value for item, value in at.items() if item < width}
        self.engine.fix(columns, {item - width: value for item, value in at.items() if item >= width})

    @property
    def settled(self) -> bool:
        """Whether there is only one plan left."""
        return next(iter(free_items(self.form, self.vertex)), None) is None

    def spreads(self, count: int) -> bool:
        """Whether any of the first `count` columns can move: by pushing all that is free as far as it goes.

        A basic solution is the only one where the sum of the distances of its nonbasic items from their bounds
        can't be made positive (O. L. Mangasarian, Uniqueness of solution in linear programming, 1979).
        """
        width, before = len(self.form.columns), self.vertex
        lower = [*self.form.lower, *self.form.row_lower]
        away = {item: -ONE if before.values[item] == lower[item] else ONE for item in free_items(self.form, before)}
        costs = {item: cost for item, cost in away.items() if item < width}
        for at, entries in enumerate(self.form.columns):
            added = sum(
                (entry * away[width + row] for row, entry in entries if width + row in away), costs.get(at, Fraction(0))
            )
            if added:
                costs[at] = added
        found = self._minimise(costs)
        return found.values[:count] != before.values[:count]

    def draw_near(self, sums: Sums) -> None:
        """Make Σ |Σ coefficient · column − target| least, and keep to the plans where it is."""
        first = len(self.form.columns)
        money = self.units[0][0]
        self.engine.add_distances(_in_floats(sums, float(money)))
        self.units = [*self.units[0], *(money for _ in sums)], [*self.units[1], *(money for _ in sums for _ in (0, 1))]
        rows = []
        for number, (terms, target) in enumerate(sums, start=first):
            rows += [({**terms, number: -ONE}, None, target), ({**terms, number: ONE}, target, None)]
        form = with_rows(with_columns(self.form, len(sums)), rows)
        self.form = form
        self.vertex = self._minimise(dict.fromkeys(range(first, first + len(sums)), ONE))
        self.form = on_face(form, self.vertex)
        self._hold()

    def maximise_in_order(self, columns: Sequence[int]) -> None:
        """Make the first column as large as it can be, then the second, and so on."""
        with suppress(ArithmeticError):
            self.engine.maximise_in_order(columns)
        simplex = Simplex(self.form, self._proposed(), self.watch)
        simplex.minimise({})
        simplex.maximise_in_order(columns)
        self.vertex = simplex.minimise({})

    def _minimise(self, costs: Mapping[int, Fraction]) -> Vertex:
        with suppress(ArithmeticError):  # then its last basis is as good a start as any
            self.engine.minimise({at: float(cost) for at, cost in costs.items()})
        return optimum(self.form, self._proposed(), costs, self.watch)

    def _proposed(self) -> Basis:
        return self.engine.session.proposed()


def _last_year_sums(scenario: Scenario, column: Mapping[Key, int]) -> Sums:
    """Return x[a,t] and Last year[a] for each area that has one, and each year."""
    return [
        ({column[key]: ONE for key in keys_of((area.name,), (year,), area.sources)}, area.last_year)
        for area in scenario.leaves
        if area.last_year is not None
        for year in scenario.years
    ]


def _source_sums(scenario: Scenario, column: Mapping[Key, int]) -> Sums:
    """Return x[a,t,s] − x[a,t]·b[s,t]/Σ b for each area and year that more than one source may pay."""
    sums: Sums = []
    for area in scenario.leaves:
        for year in scenario.years:
            available = scenario.available(area.sources, year)
            if len(area.sources) < 2 or not available:
                continue
            keys = list(keys_of((area.name,), (year,), area.sources))
            for key in keys:
                part = scenario.source[key.source].available[year] / available
                terms = {column[other]: -part for other in keys}
                terms[column[key]] += ONE
                sums.append(({number: value for number, value in terms.items() if value}, Fraction(0)))
    return sums
