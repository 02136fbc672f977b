"""What a scenario demands of a plan: each family of constraints a class, each demand an instance of one."""

from __future__ import annotations

from allocator.programme.constraints.budgets import BudgetConstraint
from allocator.programme.constraints.last_bands import LastBandConstraint
from allocator.programme.constraints.limits import LimitConstraint
from allocator.programme.constraints.rules import RuleConstraint
from allocator.programme.constraints.targets import TargetConstraint
from allocator.programme.rows import Constraint

__all__ = [
    "FAMILIES",
    "BudgetConstraint",
    "LastBandConstraint",
    "LimitConstraint",
    "RuleConstraint",
    "TargetConstraint",
]

FAMILIES: tuple[type[Constraint], ...] = (
    BudgetConstraint,
    LimitConstraint,
    LastBandConstraint,
    RuleConstraint,
    TargetConstraint,
)
"""In the order in which their rows stand."""
