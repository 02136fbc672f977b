"""Everything that can go wrong, as one tree.

::

    AllocateError                 exit code 2 unless said otherwise
    ├── WorkbookError             the file can't be read as a workbook
    ├── ScenarioError             the workbook is read, but its content has problems: all of them, each at its cell
    ├── OutputError               what was asked for can't be written there
    ├── UsageError                an option that names something that isn't there
    └── SolverError               exit code 3: the solver stopped without an answer

That no plan exists is no error but a result: `Plan.status` is ``infeasible``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field


class AllocateError(Exception):
    """Base of all errors that this package raises on purpose; its text is written for the user."""

    exit_code = 2


class WorkbookError(AllocateError):
    """The file is missing, or is no workbook that can be read."""


_SHOWN = 6
"""Of a problem's cells so many are shown."""
_FIRST = re.compile(r"(.*)!([A-Z]+)(\d+)(?=[:,]|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a workbook, where it stands, and what to do about it."""

    cell: str
    """The cell as a spreadsheet writes it, ``Rules!D7``; a sheet's name alone where no cell is to blame.

    A problem that several cells share names them all: ``Areas!A6:C36``, ``Rules!C3:C5, C9``.
    """
    message: str
    """What was found, what is expected, and what to type."""
    heading: str = ""
    """The column's heading, shown after the cell."""
    cause: str = field(default="", compare=False)
    """What makes it one with others of its column, however they are worded; never shown."""

    @property
    def first(self) -> tuple[str, str, int]:
        """Sheet, letters and row of its first cell; ``("Rules", "", 0)`` of a whole sheet."""
        match = _FIRST.match(self.cell)
        return (match[1], match[2], int(match[3])) if match else (self.cell, "", 0)

    @property
    def where(self) -> str:
        """The cell and its heading, as messages show them; of many cells the first few."""
        first = self.cell.split(", ") if "!" in self.cell else [self.cell]
        cells = ", ".join([*first[:_SHOWN], "…"] if len(first) > _SHOWN + 1 else first)
        return f"{cells} {self.heading}".rstrip()

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class ScenarioError(AllocateError):
    """The workbook's content has problems; `problems` holds every one of them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OutputError(AllocateError):
    """A file can't be written, or must not be overwritten."""


class UsageError(AllocateError):
    """An option that names something that does not exist."""


class SolverError(AllocateError):
    """The solver stopped without an answer: nothing is known about the programme."""

    exit_code = 3
