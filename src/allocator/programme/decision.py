"""What is feasible and best, decided in fractions: HiGHS proposes a basis for each stage, exact arithmetic disposes.

A basis that floating-point numbers ended with is, as a rule, optimal in exact numbers too; that is seen by solving
its equations in fractions. Where it isn't, exact pivots go on from it (Applegate, Cook, Dash, Espinoza, Exact solutions
to linear programming problems, Operations Research Letters 35, 2007), and where a few of them aren't enough HiGHS looks
again at what is left (`refinement`). The goals are sought in their order, each sum held at its exact least while the
next is sought.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.programme.bounded import BoundedProgramme
from allocator.programme.build import Programme
from allocator.programme.matrix import Matrix
from allocator.programme.proof import Certificate, certify
from allocator.programme.refinement import optimum
from allocator.programme.rows import HARD, ZERO, Key
from allocator.programme.simplex import Basis, Bound, StandardForm, Vertex, Watch
from allocator.programme.status import Status

type Units = tuple[Sequence[Fraction], Sequence[Fraction]]
"""How much of the workbook's unit one unit of the solver's columns, and of its rows, is."""


@dataclass(frozen=True)
class Decided:
    """A stage's exact optimum."""

    vertex: Vertex
    least: Fraction
    """What was minimised: a sum of shortfalls, or the objective, its sign turned where more is better."""
    form: StandardForm
    """The programme in which it was."""
    costs: Mapping[int, Fraction]
    """What one unit of each column adds to it."""


class Decision:
    """The stages of a programme, one after the other."""

    def __init__(self, matrix: Matrix, watch: Watch) -> None:
        self.matrix, self.watch = matrix, watch
        self.form = matrix.standard_form()
        self.held: dict[int, int] = {}
        """Priority → the row that holds its sum of shortfalls, counted as in `form`."""
        self.stages: list[Decided] = []

    def seek_goals(self, priority: int, proposed: Basis) -> Decided | None:
        """Make a priority's sum of shortfalls least, and hold it there; None: no plan exists."""
        costs = self.matrix.goals[priority].costs
        found = self._seek(costs, proposed)
        if found is not None:
            self.held[priority] = len(self.form.row_lower)
            self.form = with_rows(self.form, [(costs, None, found.least)])
        return found

    @property
    def objective(self) -> Fraction:
        """The best objective, as stated."""
        programme, least = self.matrix.programme, self.stages[-1].least
        return programme.constant + (-least if programme.maximise else least)

    def seek_objective(self, proposed: Basis) -> Decided | None:
        """Make the objective best; None: no plan exists."""
        sign = -1 if self.matrix.programme.maximise else 1
        return self._seek({at: sign * worth for at, worth in self.matrix.worth.items()}, proposed)

    def _seek(self, costs: Mapping[int, Fraction], proposed: Basis) -> Decided | None:
        vertex = optimum(self.form, proposed, costs, self.watch)
        least = sum((cost * vertex.values[at] for at, cost in costs.items()), ZERO)
        self.stages.append(Decided(vertex, least, self.form, costs))
        return self.stages[-1] if vertex.status is Status.OPTIMAL else None


def decide(programme: Programme, start: Sequence[Basis], watch: Watch) -> Decision | None:
    """Return the exact optima of all stages, sought from bases near them, one a stage; None: no plan exists."""
    if any(not row.body.terms and row.strength.kind in HARD and row.slack({}) < 0 for row in programme.rows):
        return None
    decision = Decision(Matrix(programme), watch)
    *goals, last = start
    for priority, basis in zip(decision.matrix.goals, goals, strict=True):
        if decision.seek_goals(priority, basis) is None:
            return None
    return decision if decision.seek_objective(last) is not None else None


def certificate(decision: Decision, amounts: Mapping[Key, Fraction], step: Fraction) -> Certificate:
    """Return the proof that `amounts`, whole multiples of `step` (0: not rounded), are the best plan there is."""
    bounded = BoundedProgramme(decision.matrix, amounts, step)
    sign = -1 if decision.matrix.programme.maximise else 1
    *goals, last = (stage.vertex.prices for stage in decision.stages)
    return certify(bounded, [*goals, {at: sign * price for at, price in last.items()}])


def with_rows(form: StandardForm, rows: Sequence[tuple[Mapping[int, Fraction], Bound, Bound]]) -> StandardForm:
    """Return a programme with these rows (terms, lower, upper) below its own."""
    columns: list[Sequence[tuple[int, Fraction]]] = list(form.columns)
    for number, (terms, _, _) in enumerate(rows, start=len(form.row_lower)):
        for at, entry in terms.items():
            columns[at] = (*columns[at], (number, entry))
    return replace(
        form,
        columns=columns,
        row_lower=[*form.row_lower, *(low for _, low, _ in rows)],
        row_upper=[*form.row_upper, *(high for _, _, high in rows)],
    )


def with_columns(form: StandardForm, count: int) -> StandardForm:
    """Return a programme with empty columns of 0 or more to the right of its own."""
    return replace(
        form,
        columns=[*form.columns, *((),) * count],
        lower=[*form.lower, *(ZERO,) * count],
        upper=[*form.upper, *(None,) * count],
    )


def on_face(form: StandardForm, vertex: Vertex) -> StandardForm:
    """Return the optimal solutions of a programme as one: what has a price at an optimal vertex is held where it is."""
    width = len(form.columns)
    basic = set(vertex.basis.basic)
    priced = [*vertex.reduced, *(vertex.prices.get(row, ZERO) for row in range(len(form.row_lower)))]
    fixed = {item for item, price in enumerate(priced) if price and item not in basic}

    def held(bounds: Sequence[Bound], first: int) -> list[Bound]:
        return [vertex.values[first + at] if first + at in fixed else bound for at, bound in enumerate(bounds)]

    return replace(
        form,
        lower=held(form.lower, 0),
        upper=held(form.upper, 0),
        row_lower=held(form.row_lower, width),
        row_upper=held(form.row_upper, width),
    )


def free_items(form: StandardForm, vertex: Vertex) -> Iterable[int]:
    """Yield the items at rest that may move: none of them, and the solution is the only one."""
    basic = set(vertex.basis.basic)
    ends = zip([*form.lower, *form.row_lower], [*form.upper, *form.row_upper], strict=True)
    for item, (low, high) in enumerate(ends):
        if item not in basic and (low is None or low != high):
            yield item
