"""What an output column and an output table are: name, what it holds, role, least width."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What a column holds; decides its number format, alignment and colour."""

    TEXT = "text"
    LONG = "text that wraps"
    YEAR = "year"
    AMOUNT = "money in the scenario's unit"
    SHARE = "part of a whole, shown as a percentage"
    NUMBER = "number with a unit of its own"
    FLAG = "TRUE or FALSE"
    ENTRY_AMOUNT = "money to fill in"
    ENTRY_TEXT = "text to fill in"

    @property
    def numeric(self) -> bool:
        """Whether headings stand to the right, over their numbers."""
        return self in (Role.AMOUNT, Role.SHARE, Role.NUMBER, Role.ENTRY_AMOUNT)


@dataclass(frozen=True)
class Column:
    """A column of an output table."""

    name: str
    help: str
    role: Role = Role.TEXT
    width: float = 12
    """The least width, in characters; content may widen it."""
    family: str = ""
    """For headings that the workbook makes up, one a year: `name` shows the pattern with YEAR in it."""


@dataclass(frozen=True)
class Table:
    """A table of the plan workbook and the sheet it stands on."""

    sheet: str
    title: str
    help: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column of that heading (of that pattern, for a family)."""
        return next(column for column in self.columns if column.name == name)

    def index(self, name: str) -> int:
        """Return the position, from 0, of the column of that heading; only for tables without families."""
        return next(i for i, column in enumerate(self.columns) if column.name == name)
