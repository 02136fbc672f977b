"""What one more or one less of something does, in words: the money that moves, goals, and the objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from allocator.analyses.moves import Move, PriceCard, Rest
from allocator.analyses.result import Result
from allocator.scenario.model import Scenario
from allocator.wording.names import subject_name
from allocator.wording.numbers import listing, objective_unit, significant

DIGITS = 4
"""Sentences round what lies behind the fourth digit."""
MOST_NAMES = 3
NOISE = 1e-9
"""Smaller parts of a change are arithmetic, not money."""


def effect(scenario: Scenario, change: float | None, *, third: bool = False) -> str:
    """Return what a change of the objective is: ``bring 909 benefit points``; `third`: ``brings …``.

    The sign is in the verb. None is a step beyond which no plan exists.
    """
    s = "s" if third else ""
    if change is None:
        return "leaves no plan at all" if third else "leave no plan at all"
    if not change:
        return f"change{s} nothing"
    objective, figure, unit = scenario.objective, significant(abs(change), DIGITS), objective_unit(scenario)
    unit = "benefit point" if figure == "1" and unit == "benefit points" else unit
    size = f"{figure} {unit}".rstrip()
    if objective.indicator is not None:
        return f"{'raise' if change > 0 else 'lower'}{s} {objective.indicator} by {size}"
    if objective.maximise:
        return f"{'bring' if change > 0 else 'cost'}{s} {size}"
    return f"{'cost' if change > 0 else 'save'}{s} {size}"


def step_words(card: PriceCard, scenario: Scenario, *, more: bool) -> str:
    """Return a card's step: ``1 point more``, ``1 VND billion less``."""
    return f"1 {'point' if card.points else scenario.unit} {'more' if more else 'less'}"


def summed(moves: Iterable[tuple[str | Rest, int, float]], home: int | None = None) -> dict[str, float]:
    """Return what each area moves over the years, the largest first; with `home`, other years stand apart.

    >>> summed([("A", 2026, 5.0), ("B", 2026, -7.0), ("A", 2027, 1.0)])
    {'B': -7.0, 'A': 6.0}
    >>> summed([("A", 2026, 5.0), ("A", 2027, 1.0)], 2026)
    {'A': 5.0, 'A 2027': 1.0}
    """
    found: dict[str, float] = {}
    for area, year, change in moves:
        name = subject_name(area) if home is None or year == home else f"{subject_name(area)} {year}"
        found[name] = found.get(name, 0.0) + change
    least = NOISE * max(map(abs, found.values()), default=0.0)
    return dict(sorted(((n, c) for n, c in found.items() if abs(c) > least), key=lambda pair: -abs(pair[1])))


def movers(changes: Mapping[str, float], *, gain: bool, most: int = MOST_NAMES, brackets: bool = False) -> str:
    """Return who gains (or gives) how much, the largest first, the rest as a number.

    >>> movers({"A": 5.0, "B": -7.25, "C": 2.0}, gain=True), movers({"B": -7.25}, gain=False, brackets=True)
    ('A +5, C +2', 'B (−7.25)')
    """
    mine = [(name, change) for name, change in changes.items() if (change > 0) == gain]
    sign = "+" if gain else ""
    shape = "{} ({}{})" if brackets else "{} {}{}"
    texts = [shape.format(name, sign, significant(change, DIGITS)) for name, change in mine[:most]]
    rest = [change for _, change in mine[most:]]
    if rest:
        other = "1 other" if len(rest) == 1 else f"{len(rest):,} others"
        texts.append(shape.format(other, sign, significant(sum(rest), DIGITS)))
    return listing(texts) if brackets else ", ".join(texts)


def step_effect(move: Move, result: Result, *, third: bool = False) -> str:
    """Return what a step does: the money that moves, goals, what it is worth in money, and the objective.

    `third`: ``moves …, brings …``, else ``move …, bring …``.
    """
    scenario, s = result.scenario, "s" if third else ""
    if move.change is None:
        return effect(scenario, None, third=third)
    changes = summed(move.moves).values()
    money = max(sum(c for c in changes if c > 0), -sum(c for c in changes if c < 0), 0.0)
    told = money and not spends_least(scenario)  # what is saved or spent is the money that moves
    done = [f"move{s} {significant(money, DIGITS)} {scenario.unit}"] if told else []
    if missed := missed_words(move, result):
        done.append(missed if third else missed.replace("misses", "miss", 1))
    if move.change or not done:
        done.append(_worth_first(move, scenario, third=third))
    return listing(done)


def _worth_first(move: Move, scenario: Scenario, *, third: bool) -> str:
    """Return what a change is worth in money, then what it is: ``bring what 420 billion more would: 588 points``."""
    said = effect(scenario, move.change, third=third)
    if not move.worth or not move.change or spends_least(scenario):
        return said
    objective = scenario.objective
    better = (move.change > 0) == objective.maximise
    money = f"what {significant(abs(move.worth), DIGITS)} {scenario.unit} {'more' if better else 'less'} would"
    if len(scenario.years) > 1 and not third:
        money += ", at the budget's prices of the years concerned"
    if objective.indicator is not None:
        return f"do{'es' if third else ''} {money}: {said}"
    verb, _, points = said.partition(" ")
    return f"{verb} {money}: {points}"


def missed_words(move: Move, result: Result) -> str:
    """Return by how much more, or less, a step makes goals be missed; nothing where that stays.

    Goals come before the objective, so that it may gain where a goal loses.
    """
    units = {figures.row.label: figures.row.unit for figures in result.rows}
    texts = [
        f"{name} by {significant(abs(change), DIGITS)} {units.get(name, '')}".rstrip()
        + (" more" if change > 0 else " less")
        for name, change in move.missed
    ]
    more = len(texts) - MOST_NAMES
    others = [f"{more:,} goal{'s' * (more > 1)} otherwise"] if more > 0 else []
    return f"misses {listing([*texts[:MOST_NAMES], *others])}" if texts else ""


def spends_least(scenario: Scenario) -> bool:
    """Return whether it is spending that is sought to be least."""
    return scenario.objective.indicator is None and not scenario.objective.maximise
