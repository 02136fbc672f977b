"""Rule costs: each row of the sheet Rules switched off, or on where it is off, all else as it is.

What is switched is a whole rule, with all its years and areas; the price card moves its Value by one step instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from allocator.analyses.moves import Rest, of_rule, subjects
from allocator.analyses.prices import tidy
from allocator.programme.build import Programme
from allocator.programme.rows import Key, yearly_sums
from allocator.programme.what_ifs import Answer, WhatIfs
from allocator.scenario.model import Rule, Strength

LITTLE = 1e-8
"""A change below this part of what it changes (of the largest budget, of the objective, of a target) is arithmetic."""
ON, OFF = Strength("must"), Strength("off")


@dataclass(frozen=True)
class RuleCost:
    """What becomes of the optimum where one rule is switched."""

    rule: Rule
    """As it stands; one whose strength is off is switched on, as a must."""
    change: float | None = None
    """Of the objective, by switching it; None: no plan exists then."""
    missed: tuple[tuple[str, float], ...] = ()
    """(goal's row, by how much more it is missed by switching, in its row's unit), of goals for which that changes."""
    moves: tuple[tuple[str | Rest, int, float], ...] = ()
    """(area, or group where there are very many areas, year, change of its amount), the largest first, in the plan
    nearest to the present one."""

    @property
    def on(self) -> bool:
        """Whether the rule counts in the plan."""
        return self.rule.strength.kind != "off"

    @property
    def money(self) -> float:
        """How much money goes elsewhere: what areas gain, or lose where that is more, over all years."""
        changes = [change for _, _, change in self.moves]
        return max(sum(c for c in changes if c > 0), -sum(c for c in changes if c < 0), 0.0)


def rule_costs(programme: Programme, amounts: Mapping[Key, Fraction], what_ifs: WhatIfs) -> Iterator[RuleCost]:
    """Yield what switching each rule does, in the order of the sheet Rules.

    Parameters
    ----------
    programme, amounts
        The programme and its unrounded optimum, in the scenario's unit.
    what_ifs
        Of that programme.

    Raises
    ------
    OutOfTime, SolverError
        As `WhatIfs.optimum`.
    """
    present = _Present(programme, amounts)
    for rule in programme.scenario.rules:
        rows = [row for row in programme.rows if of_rule(row, rule)]
        # the optimum of a linear programme stays where a row that has room goes
        if rows and all(row.slack(amounts) > 0 for row in rows):
            yield RuleCost(rule, 0.0)
            continue
        switched = what_ifs.with_rule(replace(rule, strength=ON if rule.strength.kind == "off" else OFF))
        answer = what_ifs.optimum(switched)
        yield RuleCost(rule) if answer is None else present.beside(rule, switched, answer)


class _Present:
    """The optimum as things are, beside which others are put."""

    def __init__(self, programme: Programme, amounts: Mapping[Key, Fraction]) -> None:
        scenario = programme.scenario
        self.objective = float(programme.objective(amounts))
        self.yearly = {pair: float(amount) for pair, amount in yearly_sums(amounts).items()}
        goals = [row for row in programme.rows if row.strength.kind == "goal"]
        self.missed = {row.label: max(0.0, -float(row.slack(amounts))) for row in goals}
        self.group = {
            area: subject.name for subject in subjects(scenario) if not subject.whole for area in subject.areas
        }
        self.budget = max(float(scenario.available(scenario.source, year)) for year in scenario.years)

    def beside(self, rule: Rule, programme: Programme, answer: Answer) -> RuleCost:
        change = answer.objective - self.objective
        noise = LITTLE * max(1.0, abs(self.objective))
        missed = tuple(self._missed(programme, answer))
        return RuleCost(rule, tidy(change) if abs(change) > noise else 0.0, missed, self._moves(answer))

    def _missed(self, programme: Programme, answer: Answer) -> Iterator[tuple[str, float]]:
        for index, by in answer.missed.items():
            row = programme.rows[index]
            if row.label in self.missed:
                change = by - self.missed[row.label]
                if abs(change) > LITTLE * max(1.0, abs(float(row.bound))):
                    yield row.label, tidy(change)

    def _moves(self, answer: Answer) -> tuple[tuple[str | Rest, int, float], ...]:
        found: dict[tuple[str | Rest, int], float] = {}
        for (area, year), amount in yearly_sums(answer.nearest(self.yearly)).items():
            subject = self.group[area], year
            found[subject] = found.get(subject, 0.0) + float(amount) - self.yearly[area, year]
        moved = [(name, year, tidy(c)) for (name, year), c in found.items() if abs(c) > LITTLE * self.budget]
        return tuple(sorted(moved, key=lambda move: -abs(move[2])))
