"""The best plan for a public budget, from one Excel workbook.

A scenario is a workbook with the sheets Scenario, Budget, Areas and, if wanted, Rules and others. Here is a small one:
100 for two areas, schools worth 3 points per unit and roads worth 2, and roads must get at least 40 % of the budget.

>>> import tempfile
>>> from pathlib import Path
>>> from openpyxl import Workbook
>>> workbook = Workbook()
>>> workbook.active.title = "Scenario"
>>> sheets = {
...     "Scenario": [["Setting", "Value"], ["Title", "Two areas"], ["Unit", "million"], ["Step", 1]],
...     "Budget": [["Source", 2026], ["City budget", 100]],
...     "Areas": [["Area", "Benefit"], ["Schools", 3], ["Roads", 2]],
...     "Rules": [["Rule", "Area", "Operator", "Value", "Basis"], ["Floor", "Roads", ">=", "40 %", "budget"]],
... }
>>> for name, rows in sheets.items():
...     sheet = workbook[name] if name in workbook.sheetnames else workbook.create_sheet(name)
...     for row in rows:
...         sheet.append(row)
>>> folder = tempfile.TemporaryDirectory()
>>> path = Path(folder.name) / "two areas.xlsx"
>>> workbook.save(path)

Read it, find the best plan, look at it:

>>> from allocator import optimise, read_scenario
>>> plan = optimise(read_scenario(path))
>>> plan.status, plan.objective
('optimal', 260.0)
>>> print(plan.allocation.to_string(index=False))
   area  year      source  amount
Schools  2026 City budget    60.0
  Roads  2026 City budget    40.0

A shadow price is the change of the objective, as stated, per unit by which the right-hand side grows: one million more
in the budget brings 3 points; if the rule asked for one million more for roads, the plan would lose 1 point.

>>> print(plan.rules[["rule", "rhs", "shadow_price"]].to_string(index=False))
               rule   rhs  shadow_price
Budget: City budget 100.0           3.0
              Floor  40.0          -1.0

>>> folder.cleanup()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from allocator.version import __version__

if TYPE_CHECKING:
    from allocator.api import Plan, compare, optimise
    from allocator.scenario.model import Scenario
    from allocator.scenario.reading import read_scenario

__all__ = ["Plan", "Scenario", "__version__", "compare", "optimise", "read_scenario"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that commands start fast."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module("allocator.api"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
