"""A result's tables as records: the keys of the contract, for programs to go on from.

Every number is finite: what has no value, or no limit, is None (``null``). Money is in the scenario's unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from allocator.analyses.alternatives import Alternative
from allocator.analyses.figures import GoalFigures, IndicatorFigures
from allocator.analyses.no_plan import Member
from allocator.analyses.result import AreaFigures, Move, NextMoney, PriceCard, Result, RoomFigures, RowFigures
from allocator.analyses.valuation import Broken
from allocator.programme.rows import Key, Row, keys_of
from allocator.scenario.edits import ChangedBy, RuleEdit
from allocator.scenario.model import Scenario
from allocator.wording.alternatives import assumption_texts
from allocator.wording.conflict import clash_text
from allocator.wording.edits import edit_texts
from allocator.wording.names import subject_name
from allocator.wording.repairs import KINDS
from allocator.wording.stops import limiting_text

type Value = str | int | float | bool | list[dict[str, str | int | float | None]] | None
type Record = dict[str, Value]

ALLOCATION = ("area", "year", "source", "amount")
AREAS = (
    "area",
    "year",
    "final_value",
    "reduced_cost",
    "objective_coefficient",
    "allowable_increase",
    "allowable_decrease",
    "least",
    "most",
)
RULES = (
    "rule",
    "year",
    "kind",
    "final_value",
    "operator",
    "rhs",
    "unit",
    "slack",
    "status",
    "shadow_price",
    "price_up",
    "price_down",
    "allowable_increase",
    "allowable_decrease",
    "degenerate",
    "strength",
    "legal_basis",
    "cell",
)
INDICATORS = ("indicator", "year", "baseline", "reached", "operator", "target", "met")
GOALS = ("rule", "year", "priority", "missed_by")
DOUBTS = ("cell", "text")
CONFLICT = ("rule", "year", "cell", "legal_basis")
WARNINGS = ("source", "year", "amount", "least", "part", "rules")
TIGHT = ("rule", "year", "room", "unit", "part", "cell")
GOALS_EXPLAINED = ("rule", "year", "missed_by", "possible", "changes", "in_the_way")
CONFLICTS = ("sentence", "short_by", "unit", "rules")
REPAIRS = ("changes", "objective", "allocation", "kind", "size")
CHANGES = ("rule", "year", "from", "to", "unit", "cell")
REPAIR_TABLE = ("repair", "kind", *CHANGES, "size", "objective")
ROOM = ("name", "year", "value", "least", "most", "least_near", "most_near", "whole")
MOVE = ("price", "no_plan", "holds", "next_price", "ends", "change", "worth", "missed", "moves")
PRICE_CARD = ("rule", "direction", "points", "curved", *MOVE)
PARTS = (
    *("area", "year", "band", "source", "final_value", "reduced_cost", "objective_coefficient"),
    *("allowable_increase", "allowable_decrease", "limiting_item"),
)
NEXT_MONEY = ("source", "year", "direction", "step", *MOVE)
ALTERNATIVES = ("name", "objective", "difference", "broken", "goals", "amounts", "notes")


def number(value: Fraction | float | None) -> int | float | None:
    """Return a plain finite number: whole where it is one exactly, None where it is unknown or without limit.

    >>> number(Fraction(9317)), number(Fraction(1, 8)), number(-0.0), number(math.inf)
    (9317, 0.125, 0.0, None)
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return float(value) + 0.0  # −0.0 becomes 0.0


def allocation_records(result: Result) -> list[Record]:
    """Return one record per area without parts, year and source: 0 where the source may not pay.

    Without a plan there are none.
    """
    return [{**amount} for amount in _amounts(result, result.amounts)] if result.allotments else []


def _amounts(result: Result, amounts: Mapping[Key, Fraction]) -> list[dict[str, str | int | float | None]]:
    scenario = result.scenario
    keys = keys_of((area.name for area in scenario.leaves), scenario.years, scenario.source)
    return [
        {
            "area": key.area,
            "year": key.year,
            "source": key.source,
            "amount": number(amounts.get(key, Fraction(0))),
        }
        for key in keys
    ]


def area_records(result: Result) -> list[Record]:
    """Return one record per area without parts and year: its amount, and what the optimum says of it."""
    return [_area(figures) for figures in result.areas]


def _area(figures: AreaFigures) -> Record:
    return {
        "area": figures.area,
        "year": figures.year,
        "final_value": number(figures.final_value),
        "reduced_cost": number(figures.reduced_cost),
        "objective_coefficient": number(figures.objective_coefficient),
        "allowable_increase": number(figures.allowable_increase),
        "allowable_decrease": number(figures.allowable_decrease),
        "least": number(figures.least),
        "most": number(figures.most),
    }


def rule_records(result: Result) -> list[Record]:
    """Return one record per row of the programme: budgets, limits, rules and indicators' targets."""
    return [_rule(figures) for figures in result.rows]


def _rule(figures: RowFigures) -> Record:
    row = figures.row
    return {
        "rule": row.name,
        "year": row.year,
        "kind": row.kind.word,
        "final_value": number(figures.final_value),
        "operator": row.operator.value,
        "rhs": number(figures.rhs),
        "unit": row.unit,
        "slack": number(figures.slack),
        "status": figures.status.value,
        "shadow_price": number(figures.shadow_price),
        "price_up": number(figures.price_up),
        "price_down": number(figures.price_down),
        "allowable_increase": number(figures.allowable_increase),
        "allowable_decrease": number(figures.allowable_decrease),
        "degenerate": figures.degenerate,
        "strength": str(row.strength),
        "legal_basis": row.origin.legal_basis,
        "cell": str(row.cell),
    }


def indicator_records(result: Result) -> list[Record]:
    """Return one record per indicator and year of its targets, in the indicator's own unit."""
    return [_indicator(figures) for figures in result.indicators]


def _indicator(figures: IndicatorFigures) -> Record:
    return {
        "indicator": figures.indicator,
        "year": figures.year,
        "baseline": number(figures.baseline),
        "reached": number(figures.reached),
        "operator": figures.operator.value if figures.operator else None,
        "target": number(figures.target),
        "met": figures.met,
    }


def goal_records(result: Result) -> list[Record]:
    """Return one record per goal: by how much it is missed, in its row's unit."""
    return [_goal(figures) for figures in result.goals]


def _goal(figures: GoalFigures) -> Record:
    return {
        "rule": figures.row.name,
        "year": figures.row.year,
        "priority": figures.priority,
        "missed_by": number(figures.missed_by),
    }


def conflict_records(result: Result) -> list[Record]:
    """Return the rows that can't stand together, where no plan exists."""
    return [{**_conflict(row)} for row in result.conflict]


def _conflict(row: Row) -> dict[str, str | int | float | None]:
    return {"rule": row.name, "year": row.year, "cell": str(row.cell), "legal_basis": row.origin.legal_basis}


def conflicts_records(result: Result) -> list[Record]:
    """Return every conflict with its arithmetic; `rules` are its rows, each with its multiplier."""
    return [
        {
            "sentence": clash_text(conflict.clash),
            "short_by": number(conflict.short_by),
            "unit": conflict.unit,
            "rules": [_member(member) for member in conflict.members],
        }
        for conflict in result.conflicts
    ]


def _member(member: Member) -> dict[str, str | int | float | None]:
    side = "at least" if member.at_least else "at most"
    figures = {"side": side, "demand": number(member.row.bound), "times": number(member.weight)}
    return {**_conflict(member.row), **figures}


def warning_records(result: Result) -> list[Record]:
    """Return one record per Budget cell that can't fall to nothing: how far it may fall, and what clashes then."""
    return [
        {
            "source": found.source,
            "year": found.year,
            "amount": number(found.amount),
            "least": number(found.least),
            "part": number(found.falls),
            "rules": [{"rule": row.name, "year": row.year, "cell": str(row.cell)} for row in found.rows],
        }
        for found in result.warnings
    ]


def tight_records(result: Result) -> list[Record]:
    """Return one record per rule and target that could hardly ask for more before no plan exists."""
    return [
        {
            "rule": found.row.name,
            "year": found.row.year,
            "room": number(found.room),
            "unit": found.row.unit,
            "part": number(found.part),
            "cell": str(found.row.cell),
        }
        for found in result.tight
    ]


def goal_explained_records(result: Result) -> list[Record]:
    """Return one record per missed goal: what change of one cell would let it be met, and what is in the way."""
    return [
        {
            "rule": goal.row.name,
            "year": goal.row.year,
            "missed_by": number(goal.missed_by),
            "possible": goal.possible,
            "changes": [_edit(edit) for edit in (goal.money, goal.change) if edit is not None],
            "in_the_way": [{"rule": row.name, "year": row.year, "cell": str(row.cell)} for row in goal.in_the_way],
        }
        for goal in result.goals_explained
    ]


def repair_records(result: Result) -> list[Record]:
    """Return every repair: the cells that it changes, and the plan that it leads to.

    `from` and `to` are the numbers that the cell holds: with the unit ``%`` 0.06 is 6 %. Where a keyword changes (an
    operator, or Spend) they are texts, and the unit is empty.
    """
    return [
        {
            "changes": [_edit(edit) for edit in repair.edits],
            "objective": number(repair.objective),
            "allocation": _amounts(result, dict(repair.amounts)),
            "kind": KINDS[repair.kind],
            "size": number(repair.size),
        }
        for repair in result.repairs
    ]


def changes_of(repair: Record) -> list[dict[str, str | int | float | None]]:
    """Return the changes of a repair's record."""
    found = repair["changes"]
    return found if isinstance(found, list) else []


def _edit(edit: RuleEdit) -> dict[str, str | int | float | None]:
    before, after = (str(edit.before), str(edit.after)) if edit.of_keyword else map(number, edit.numbers)
    return {
        "rule": edit.rule,
        "year": edit.year,
        "from": before,
        "to": after,
        "unit": edit.unit,
        "cell": str(edit.cell),
    }


def room_records(result: Result) -> list[Record]:
    """Return one record per area (or group) and year: the least and most it can get, as good and at 0.5 % worse."""
    return [_room(figures) for figures in result.room]


def _room(figures: RoomFigures) -> Record:
    return {
        "name": subject_name(figures.name),
        "year": figures.year,
        "value": number(figures.value),
        "least": number(figures.least),
        "most": number(figures.most),
        "least_near": number(figures.least_near),
        "most_near": number(figures.most_near),
        "whole": figures.whole,
    }


def price_card_records(result: Result) -> list[Record]:
    """Return two records per row of the Rules sheet, one for each direction in which its Value can move.

    Of a rule that is off, or a goal that is missed, all figures are None.
    """
    return [
        _card(card, direction, move)
        for card in result.price_card
        for direction, move in (("more", card.more), ("less", card.less))
    ]


def _card(card: PriceCard, direction: str, move: Move | None) -> Record:
    about: Record = {"rule": card.rule.name, "direction": direction, "points": card.points, "curved": card.curved}
    return about | _move(move)


def part_records(result: Result) -> list[Record]:
    """Return one record per band (`band` is its number) or source of an area and year that has several of them."""
    return [
        {
            "area": found.area,
            "year": found.year,
            "band": found.part if found.of_band else None,
            "source": None if found.of_band else found.part,
            "final_value": number(found.final_value),
            "reduced_cost": number(found.reduced_cost),
            "objective_coefficient": number(found.objective_coefficient),
            "allowable_increase": number(found.allowable_increase),
            "allowable_decrease": number(found.allowable_decrease),
            "limiting_item": limiting_text(found.limiting),
        }
        for found in result.parts
    ]


def next_money_records(result: Result) -> list[Record]:
    """Return two records per source and year with money in it: 1 % more, and 1 % less."""
    return [
        _next(found, direction, move)
        for found in result.next_money
        for direction, move in (("more", found.more), ("less", found.less))
    ]


def _next(found: NextMoney, direction: str, move: Move) -> Record:
    about: Record = {"source": found.source, "year": found.year, "direction": direction, "step": number(found.step)}
    return about | _move(move)


def _move(move: Move | None) -> Record:
    if move is None:
        return dict.fromkeys(MOVE) | {"missed": [], "moves": []}
    return {
        "price": number(move.price),
        "no_plan": move.no_plan,
        "holds": number(move.holds),
        "next_price": number(move.next_price),
        "ends": move.ends,
        "change": number(move.change),
        "worth": number(move.worth),
        "missed": [{"rule": name, "change": number(change)} for name, change in move.missed],
        "moves": [
            {"area": subject_name(name), "year": year, "change": number(change)} for name, year, change in move.moves
        ],
    }


def alternative_records(result: Result) -> list[dict[str, object]]:
    """Return one record per alternative; none where the scenario gives no draft and no Last year, or has no plan."""
    return [_alternative(result, alternative) for alternative in result.alternatives]


def _alternative(result: Result, alternative: Alternative) -> dict[str, object]:
    valued, scenario = alternative.valuation, result.scenario
    return {
        "name": alternative.name,
        "objective": number(valued.objective),
        "difference": number(valued.objective - (result.objective or Fraction(0))),
        "broken": [_broken(broken) for broken in valued.broken],
        "goals": [_broken(Broken(goal.row, goal.missed_by)) for goal in valued.goals if goal.missed_by > 0],
        "amounts": [
            {"area": area.name, "year": year, "amount": number(alternative.amount(scenario, area.name, year))}
            for area in scenario.leaves
            for year in scenario.years
        ],
        "notes": assumption_texts(alternative),
    }


def _broken(broken: Broken) -> dict[str, object]:
    row = broken.row
    return {
        "rule": row.name,
        "year": row.year,
        "by": number(broken.by),
        "unit": row.unit,
        "cell": str(row.cell),
        "legal_basis": row.origin.legal_basis,
        "strength": str(row.strength),
    }


def certificate_record(result: Result) -> Record:
    """Return the plan's objective, what no plan can pass, and the gap between them.

    `exact`: that the plan keeps every rule, and that no plan passes the bound, was proved in rational arithmetic.
    Without a proof the bound is the solver's own.
    """
    objective, best, exact = result.objective, result.unrounded_objective, False
    if result.certificate is not None:
        proof = result.certificate.objective
        objective, best, exact = proof.value, proof.bound, result.certificate.exact
    gap = None
    if objective is not None and best is not None:
        gap = best - objective if result.scenario.objective.maximise else objective - best
    return {"objective": number(objective), "bound": number(best), "gap": number(gap), "exact": exact}


def doubt_records(result: Result) -> list[Record]:
    """Return what may be right in the scenario but rarely is, each with its cell or range."""
    return [{"cell": doubt.cell, "text": doubt.message} for doubt in result.doubts]


def variant_record(scenario: Scenario) -> dict[str, object]:
    """Return which variants there are, and by which one, or which repair, this scenario was changed."""
    by = scenario.changed_by or ChangedBy()
    return {
        "variants": [variant.name for variant in scenario.variants],
        "variant": by.variant,
        "repair": by.repair,
        "changed": list(edit_texts(by)),
    }
