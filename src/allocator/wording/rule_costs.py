"""What switching a rule off, or on, does, in words."""

from __future__ import annotations

import math

from allocator.analyses.moves import Move, PriceCard
from allocator.analyses.result import Result
from allocator.analyses.rule_costs import RuleCost
from allocator.wording.steps import effect, missed_words, movers, summed

SAME = 1e-4
"""Changes of the objective that agree to this part of them read the same."""


def _goals(cost: RuleCost, result: Result) -> str:
    return missed_words(Move(price=None, change=cost.change, missed=cost.missed), result)


def goals_words(cost: RuleCost, result: Result) -> str:
    """Return which goals are missed by more or less; nothing where that stays."""
    said = _goals(cost, result)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def remark(cost: RuleCost) -> str:
    """Return what there is to know about a rule that is switched; nothing where nothing is."""
    if cost.change is None:
        return "With it no plan exists." if not cost.on else "No plan was found without it."
    if not cost.change and not cost.moves and not cost.missed:
        return "It changes nothing." if cost.on else "It would change nothing."
    return ""


def costs_most(result: Result) -> RuleCost | None:
    """Return the rule in force without which the objective gains most; None where none costs anything."""
    sign = 1 if result.scenario.objective.maximise else -1
    costly = [cost for cost in result.rule_costs if cost.on and cost.change and sign * cost.change > 0]
    return max(costly, key=lambda cost: sign * (cost.change or 0), default=None)


def _as_much(cost: RuleCost, card: PriceCard | None) -> bool:
    """Whether one step of a card does what switching off the rule does."""
    if card is None or card.rule is not cost.rule:
        return False
    steps = [move.change for move in (card.more, card.less) if move is not None and move.change is not None]
    return any(math.isclose(step, cost.change or 0.0, rel_tol=SAME) for step in steps)


def switched_off(result: Result, told: PriceCard | None) -> list[str]:
    """Return the rule that costs most as a whole in short, for the console.

    Nothing where none costs anything, or where the card of the dearest rule has `told` as much already.
    """
    cost = costs_most(result)
    if cost is None or cost.change is None or _as_much(cost, told):
        return []
    does = effect(result.scenario, cost.change, third=True)
    return [f"Dearest as a whole: {cost.rule.name}; without it the best plan {does}."]


def dearest_off(result: Result) -> str:
    """Return what the rule that costs most as a whole costs, and who gains without it; nothing where none does."""
    cost = costs_most(result)
    if cost is None:
        return ""
    text = f"Switching off “{cost.rule.name}” would {effect(result.scenario, cost.change)}"
    gains = movers(summed(cost.moves), gain=True, brackets=True)
    goals = _goals(cost, result)
    return f"{text}{f'; {gains} would gain' if gains else ''}{f'; it then {goals}' if goals else ''}."
