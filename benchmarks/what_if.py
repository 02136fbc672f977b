"""How fast what-ifs of one scenario are answered: the engine beside bare highspy calls on the same warm model.

Both answer the same what-ifs in the same order, taking turns block by block. The engine starts from changed cells of
the workbook; the bare calls from arrays computed beforehand, which hold exactly the numbers that change.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from allocator import read_scenario
from allocator.errors import ScenarioError
from allocator.programme.build import build
from allocator.programme.session import DIRECT, DUAL, TIGHT
from allocator.programme.status import Deadline
from allocator.programme.what_ifs import Answer, Numbers, WarmModel, WhatIfs
from allocator.scenario.model import Cell, Scenario

SHEETS = ("Budget", "Limits", "Benefits", "Rules", "Indicators", "Effects")
"""Whose figures change: budgets, limits, benefits, rule values, targets (weights, baselines) and effects."""
LEFT_OUT = ("Years", "Year", "Up to", "Up to, of last year")
"""Headings of numbers that are no figures, or whose bands would cross."""
SCATTER, WALK = 0.1, 0.01
"""A scattered figure lies within this part of today's; a walking one moves by at most this part a step."""
COUNT, BLOCK, ROUNDS = 200, 25, 5

type Changes = dict[Cell, float]


@dataclass(frozen=True)
class Speed:
    """Seconds for all what-ifs, the fastest round of each block counting."""

    engine: float
    bare: float
    """Each goal sought in turn, as ever, then the objective."""
    bare_met: float
    """The objective alone, goals held as met: they happen to be, which the engine has to find out."""
    count: int
    read_anew: int

    @property
    def ratio(self) -> float:
        """The engine's rate as a part of the bare one."""
        return self.bare / self.engine

    @property
    def ratio_met(self) -> float:
        """The same, against bare calls that take the goals for met."""
        return self.bare_met / self.engine

    @property
    def rate(self) -> float:
        """What-ifs per second."""
        return self.count / self.engine


def measure(book: Path) -> Speed:
    """Answer scattered what-ifs (a figure each) and a random walk (ever more figures), by the engine and without."""
    scenario = read_scenario(book)
    engine = WhatIfs(build(scenario), goals_met=True)
    asked = list(what_ifs(engine, random.Random(11)))  # noqa: S311
    answers = list(engine.solve_many(asked))
    bare, met = (Bare(scenario, answers, staged=staged) for staged in (True, False))
    works = (lambda number: engine.solve(asked[number]), bare.step, met.step)
    blocks = [range(start, min(start + BLOCK, len(asked))) for start in range(0, len(asked), BLOCK)]
    times = [[math.inf] * len(blocks) for _ in works]
    before = engine.read_anew
    for number in range(ROUNDS):
        for place, block in enumerate(blocks):
            # who goes first changes, so that a machine that slows down favours nobody
            for turn in range(len(works)):
                which = (number + turn) % len(works)
                times[which][place] = min(times[which][place], seconds(works[which], block))
    bare.check()
    met.check()
    return Speed(*map(sum, times), len(asked), (engine.read_anew - before) // ROUNDS)


def seconds(work: Callable[[int], object], numbers: range) -> float:
    """How long `work` takes for these what-ifs."""
    start = time.perf_counter()
    for number in numbers:
        work(number)
    return time.perf_counter() - start


def what_ifs(engine: WhatIfs, rng: random.Random) -> Iterator[Changes]:
    """What-ifs that have a plan: first scattered ones, then steps of a walk."""
    figures = {sheet: list(figures_of(engine.base.scenario, sheet)) for sheet in SHEETS}
    found = 0
    while found < COUNT:
        cell, value = rng.choice(figures[SHEETS[found % len(SHEETS)]])
        changes = {cell: value * rng.uniform(1 - SCATTER, 1 + SCATTER)}
        if planned(engine, changes):
            found += 1
            yield changes
    walkers = [rng.choice(figures[sheet]) for sheet in SHEETS for _ in range(2)]
    at: Changes = {}
    while found < 2 * COUNT:
        cell, value = rng.choice(walkers)
        changes = at | {cell: at.get(cell, value) * rng.uniform(1 - WALK, 1 + WALK)}
        if planned(engine, changes):
            at, found = changes, found + 1
            yield changes


def planned(engine: WhatIfs, changes: Changes) -> bool:
    """Whether there is a plan with these changes."""
    try:
        return engine.solve(changes) is not None
    except ScenarioError:
        return False


def figures_of(scenario: Scenario, name: str) -> Iterator[tuple[Cell, float]]:
    """The figures of a sheet."""
    sheet = next(each for each in scenario.inputs if each.table == name)
    for row in range((sheet.header_row or 0) + 1, (sheet.last_row or 0) + 1):
        for column, heading in sheet.headings.items():
            raw = sheet.rows[row - 1][column - 1] if column <= len(sheet.rows[row - 1]) else None
            if isinstance(raw, int | float) and raw and heading not in LEFT_OUT:
                yield Cell(sheet.name, row, column), float(raw)


class Bare:
    """The same models solved by highspy alone; what is to be called lies ready.

    `staged`: each priority's shortfalls are sought in turn; otherwise the goals are held as met.
    """

    def __init__(self, scenario: Scenario, answers: list[Answer], *, staged: bool) -> None:
        numbers = [answer.numbers for answer in answers]
        self.staged = staged
        model = WarmModel(build(scenario), Deadline(None))
        self.layout, self.held = model.layout, model.held_rows
        self.highs = model.session._highs
        first = model.solve(numbers[-1], scenario)  # where a round ends, the next one starts
        for name, value in {**TIGHT, **DIRECT, **DUAL}.items():
            self.highs.setOptionValue(name, value)
        self.bases = list(first.bases)
        self.rows = np.array([-1 if row is None else row for row in self.layout.row], dtype=np.int32)
        self.answers = answers
        self.found = [math.nan] * len(answers)
        self.steps = []
        before, cost = numbers[-1], model.stage_costs(numbers[-1], len(self.held))
        for mine, answer in zip(numbers, answers, strict=True):
            stages = []
            for number in range(len(self.held) + 1)[0 if staged else -1 :]:
                sought = model.stage_costs(mine, number)
                columns = changed(sought, cost)
                stages.append((number, columns, sought[columns], [*answer.held, None][number]))
                cost = sought
            self.steps.append((list(self.calls(before, mine)), stages, mine))
            before = mine

    def calls(self, before: Numbers, after: Numbers) -> Iterator[tuple[Callable[..., object], tuple]]:
        """What is to be called so that the model has other numbers."""
        highs = self.highs
        if len(columns := changed(after.upper, before.upper)):
            yield highs.changeColsBounds, (len(columns), columns, np.zeros(len(columns)), after.upper[columns])
        moved = (after.row_lower != before.row_lower) | (after.row_upper != before.row_upper)
        if len(rows := np.flatnonzero(moved & (self.rows >= 0))):
            yield highs.changeRowsBounds, (len(rows), self.rows[rows], after.row_lower[rows], after.row_upper[rows])
        for place in changed(after.entries, before.entries).tolist():
            row, column = (int(part[place]) for part in self.layout.places)
            yield highs.changeCoeff, (row, column, float(after.entries[place]))
        for held, new, old in zip(self.held, after.stages, before.stages, strict=True):
            for column, weight, was in zip(new.columns, new.weights, old.weights, strict=True):
                if weight != was:
                    yield highs.changeCoeff, (held, column, weight)

    def step(self, number: int) -> None:
        """Solve one what-if: goals in turn, each from its last basis, then the objective; fetch plan and prices."""
        highs, held = self.highs, self.held
        calls, stages, _ = self.steps[number]
        for call, arguments in calls:
            call(*arguments)
        for row in held if self.staged else ():
            highs.changeRowBounds(row, -math.inf, math.inf)
        for stage, columns, costs, bound in stages:
            highs.changeColsCost(len(columns), columns, costs)
            if self.staged:
                highs.setBasis(self.bases[stage])
            highs.run()
            if self.staged:
                self.bases[stage] = highs.getBasis()
            if bound is not None:
                highs.changeRowBounds(held[stage], -math.inf, bound)
        solution = highs.getSolution()
        np.array(solution.col_value), np.array(solution.row_dual)
        self.found[number] = highs.getObjectiveValue()

    def check(self) -> None:
        """Fail unless both found the same."""
        scale = self.layout.scaled.objective_scale
        for found, answer, (_, _, numbers) in zip(self.found, self.answers, self.steps, strict=True):
            if not math.isclose(found * scale + numbers.constant, answer.objective, rel_tol=1e-7, abs_tol=1e-7):
                raise SystemExit(f"bare calls find {found * scale + numbers.constant}, the engine {answer.objective}")


def changed(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Where two arrays differ."""
    return np.flatnonzero(after != before).astype(np.int32)
