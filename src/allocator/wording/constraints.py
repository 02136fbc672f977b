"""How a row's demand is told: what its number is a part of, and in which years it counts."""

from __future__ import annotations

from allocator.programme.constraints import BudgetConstraint, LimitConstraint, RuleConstraint
from allocator.programme.rows import Row
from allocator.scenario.model import Rule


def of_what(row: Row) -> str:
    """Return what a row's value is a part of, and over which years: ``of the budget``; empty for plain amounts."""
    match row.of:
        case BudgetConstraint(years=years) if len(years) > 1:
            return _together(years)
        case LimitConstraint(of_share=True):
            return "of the budget"
        case RuleConstraint(rule=rule, years=years):
            return f"{_of_basis(rule)} {_together(years) if len(years) > 1 else ''}".strip()
    return ""


def unit_of(row: Row) -> str:
    """Return what a row's number is written in: ``%``, ``percentage points``, or its own unit."""
    if row.base is None:
        return row.unit
    return unit_of_rule(row.of.rule) if isinstance(row.of, RuleConstraint) else "%"


def unit_of_rule(rule: Rule) -> str:
    """Return what a rule's Value that is a share is written in."""
    return "percentage points" if rule.basis.points else "%"


def phrase(rule: Rule) -> str:
    """Return what a rule's Value is a part of: ``of last year``, ``of Education``."""
    return rule.basis.phrase.format(rule.basis.name)


def _of_basis(rule: Rule) -> str:
    other_share = rule.basis.whole and rule.counted != "budget"
    words = f"{phrase(rule)} ({rule.counted})" if other_share else phrase(rule)
    return words if rule.basis.sources == rule.sources else f"{words} ({'; '.join(rule.basis.sources)})"


def _together(years: tuple[int, ...]) -> str:
    if years == tuple(range(years[0], years[-1] + 1)):
        return f"in {years[0]}–{years[-1]} together"
    return f"in {', '.join(map(str, years))} together"
