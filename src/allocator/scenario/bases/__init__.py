"""What a rule's Value may be a part of: a class for each kind of basis, one line here.

Reading, templates, the format's page, the linear programme, repairs, formulas and words all follow a basis' class.
"""

from __future__ import annotations

from allocator.scenario.bases.amount import Amount
from allocator.scenario.bases.area import AreaMoney
from allocator.scenario.bases.basis import Basis, Demand
from allocator.scenario.bases.budget import Budget
from allocator.scenario.bases.last_share import LastShare, Points
from allocator.scenario.bases.last_year import Change, LastYear
from allocator.scenario.bases.spending import Spending

__all__ = ["BASES", "Basis", "Demand"]

BASES: tuple[type[Basis], ...] = (Amount, Budget, Spending, AreaMoney, LastYear, Change, LastShare, Points)
"""In the order in which lists and docs show them."""
