"""What becomes of a search: one word for HiGHS, the exact simplex method, a solution and a result."""

from __future__ import annotations

from enum import Enum


class Status(Enum):
    """How a search ends. STOPPED says nothing about the programme: neither that a plan exists nor that none does."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    """Only of questions about an optimum: what a scenario seeks always has an end."""
    STOPPED = "stopped"
