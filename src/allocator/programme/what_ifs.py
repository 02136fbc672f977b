"""Many what-ifs of one scenario: one programme kept warm in the solver, whose numbers change.

From an edit to the solver each layer says what changed, and the next looks at nothing else: the row of a table is read
again (`Patches`), the demands that have it in them are built again (`altered`), the numbers that differ are read
(`Layout`) and sent (`WarmModel`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from allocator.programme.altered import altered
from allocator.programme.build import Programme
from allocator.programme.deadline import Deadline
from allocator.programme.numbers import Numbers, OtherShape
from allocator.programme.session import SavedBasis
from allocator.programme.warm import Answer, WarmModel
from allocator.scenario.edits import Edit, values_of
from allocator.scenario.model import Rule, Scenario, Source
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.patching import Patches

SIZES = 1e3
"""A programme whose budgets are so many times larger or smaller than a model's is scaled anew."""
SHAPES = 8
"""So many models of different shapes are kept at most: mixtures of scenarios come back to them."""

type Asked = Mapping[Cell, Raw] | Iterable[Edit] | Scenario
"""What-ifs: cells with their values (0.04 is 4 %; text as one would type it; None clears a cell), edits, or a scenario
that edits of cells can't make: with a row more, or with a figure that no cell holds."""


class WhatIfs:
    """What a scenario's programme and its optimum are under many changes, one after the other.

    An interruption (Ctrl-C, a deadline, a solver that stopped) leaves it usable: what comes next starts from the
    scenario's own programme.

    Parameters
    ----------
    base
        The programme of the base scenario, whose cells edits change; its What-if sheet doesn't count.
    deadline
        When to stop; what solves then raises `OutOfTime`.
    start
        A basis of the programme's last stage to start from, where it was solved before.
    goals_met
        Whether, once all goals were met, it is tried first if they can be again: most often one solve instead of one
        for each priority. Among plans that are as good another may then be found first.
    """

    def __init__(
        self,
        base: Programme,
        deadline: Deadline | None = None,
        start: SavedBasis = None,
        *,
        goals_met: bool = False,
    ) -> None:
        self.base = base
        self._deadline = deadline or Deadline(None)
        self._start = start
        self._goals_met = goals_met
        self._last = base
        """The programme of the edits that were asked for last."""
        self._models: list[WarmModel] = []
        """Those of different shapes, the one that was solved last first."""

    @cached_property
    def _patches(self) -> Patches:
        return Patches(self.base.scenario)

    @property
    def read_anew(self) -> int:
        """How many edits could only be had by reading the whole scenario anew."""
        return self._patches.read_anew

    # What is asked

    def scenario(self, asked: Asked) -> Scenario:
        """Return the scenario as it would be read with these edits.

        Raises
        ------
        ScenarioError
            If the content has problems with these values; it lists all of them, each with its cell.
        """
        if isinstance(asked, Scenario):
            return asked
        return self._patches.at(asked) if isinstance(asked, Mapping) else self._patches.at(*values_of(asked))

    def programme(self, asked: Asked) -> Programme:
        """Return the programme with these edits. Raises as `scenario`."""
        scenario = self.scenario(asked)
        start = None if isinstance(asked, Scenario) else self._patches.start
        if start is None:
            return altered(self.base, scenario)
        self._last = altered(self._last if self._last.scenario is start else self.base, scenario)
        return self._last

    def with_rule(self, rule: Rule) -> Programme:
        """Return the programme with `rule` in place of the rule from the same cells, be its figure allowed or not."""
        scenario = self.base.scenario
        rules = tuple(rule if other.origin is rule.origin else other for other in scenario.rules)
        return self.programme(replace(scenario, rules=rules))

    def with_money(self, source: Source, year: int, amount: Fraction) -> Programme:
        """Return the programme with exactly so much available from a source in a year."""
        scenario = self.base.scenario
        changed = replace(source, available={**source.available, year: amount})
        sources = tuple(changed if other.name == source.name else other for other in scenario.sources)
        return self.programme(replace(scenario, sources=sources))

    # Answers

    def solve(self, asked: Asked) -> Answer | None:
        """Return the optimum with these edits; None: no plan exists.

        Raises
        ------
        ScenarioError
            If the content has problems with these values; it lists all of them, each with its cell.
        OutOfTime
            The deadline came.
        SolverError
            The solver stopped without an answer.
        """
        return self.optimum(self.programme(asked))

    def solve_many(self, asked: Iterable[Asked]) -> Iterator[Answer | None]:
        """Yield the optimum of each, as `solve` returns it, warm from the one before; after an error it goes on."""
        return map(self.solve, asked)

    def optimum(self, programme: Programme) -> Answer | None:
        """Return the optimum of any programme, however made; None: no plan exists. Raises as `solve`.

        The more it shares with the base programme, or with the last, the less there is to do. One of another shape (a
        band more, an effect where there was none) is kept beside it; the last few are.
        """
        models = [self.model, *self._models[1:]]
        self._models = []  # where it is interrupted, what these hold is not known
        model, numbers = self._fit(programme, models)
        answer = model.solve(numbers, programme.scenario)
        self._models = [model, *(other for other in models if other is not model)][:SHAPES]
        return answer

    @property
    def model(self) -> WarmModel:
        """The model that was solved last, or else the base programme's."""
        if not self._models:
            self._models = [WarmModel(self.base, self._deadline, self._start, goals_met=self._goals_met)]
        return self._models[0]

    def _fit(self, programme: Programme, models: Iterable[WarmModel]) -> tuple[WarmModel, Numbers]:
        """Return a model of the programme's shape and size, a new one where there is none, and its numbers in it."""
        for model in models:
            if _alike(programme, model.layout.programme):
                with suppress(OtherShape):
                    return model, model.numbers(programme)
        model = WarmModel(programme, self._deadline, goals_met=self._goals_met)
        return model, model.layout.first


def _alike(one: Programme, other: Programme) -> bool:
    """Whether the budgets of both are of a size, so that the scale of the one suits the other."""
    if one.scenario.sources is other.scenario.sources:
        return True
    sizes = [
        max(sum(float(source.available[year]) for source in s.sources) for year in s.years)
        for s in (one.scenario, other.scenario)
    ]
    return sizes[1] / SIZES <= sizes[0] <= sizes[1] * SIZES
