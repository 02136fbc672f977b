"""What an output column and an output table are.

A figure is one column: its key for programs, its heading and help for readers, its role, the value of a row, and the
formula that a workbook holds beside that value. Sheets, console, JSON, DataFrames, docs and `verify` follow it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from allocator.spreadsheet.references import column_letters

type Record = dict[str, Any]
"""A row as programs get it: texts, finite numbers, truth values, None, and lists of such records."""


class Role(Enum):
    """What a column holds; decides its number format, alignment and colour, and its type in a DataFrame."""

    TEXT = "text"
    LONG = "text that wraps"
    YEAR = "year"
    COUNT = "whole number"
    AMOUNT = "money in the scenario's unit"
    SHARE = "part of a whole, shown as a percentage"
    NUMBER = "number with a unit of its own"
    PRICE = "price or coefficient: up to six decimals, none wasted"
    FLAG = "TRUE or FALSE"
    LINK = "an input cell, with a link to where it is shown"
    RECORDS = "a table in a cell, for programs alone"
    ENTRY_AMOUNT = "money to fill in"
    ENTRY_TEXT = "text to fill in"

    @property
    def numeric(self) -> bool:
        """Whether headings stand to the right, over their numbers."""
        return self in _NUMERIC

    @property
    def entry(self) -> bool:
        """Whether it is to be filled in."""
        return self in (Role.ENTRY_AMOUNT, Role.ENTRY_TEXT)


_NUMERIC = frozenset({Role.AMOUNT, Role.SHARE, Role.NUMBER, Role.PRICE, Role.COUNT, Role.ENTRY_AMOUNT})


@dataclass(frozen=True)
class Place:
    """Where a row of a table stands on its sheet, for formulas and looks that hang on it."""

    table: Table[Any]
    row: int
    """From 0, as XlsxWriter has it."""
    book: Any
    """The workbook while it is written: its `result`, `layout`, `trace` and `styles`, all above this file."""
    rows: range = range(0)
    """All rows of the table."""
    column: int = 0
    """From 0."""
    item: Any = None
    """In a column of a family: its item."""
    properties: Mapping[str, object] = field(default_factory=dict)
    """Of the formats of all cells of the row, such as bold."""

    @property
    def styles(self) -> Any:
        """The workbook's formats."""
        return self.book.styles

    def __getitem__(self, heading: str) -> str:
        """Return the address of the cell in this row under that heading."""
        return self.in_row(heading, self.row)

    def in_row(self, heading: str, row: int) -> str:
        """Return the address of the cell in that row, from 0, under that heading."""
        return f"{column_letters(self.table.index(heading) + 1)}{row + 1}"

    def of(self, family: str, item: Any = None) -> str:
        """Return the address of the cell in this row in a family's column of that item; of its own item for None."""
        at = self.table.at(family, self.item if item is None else item)
        return f"{column_letters(at + 1)}{self.row + 1}"

    def across(self, family: str) -> str:
        """Return the address of the cells in this row in a family's columns."""
        items = self.table.items(family)
        return f"{self.of(family, items[0])}:{self.of(family, items[-1])}"

    def whole(self, heading: str) -> str:
        """Return the fixed address of the table's cells under that heading."""
        letters = column_letters(self.table.index(heading) + 1)
        return f"${letters}${self.rows[0] + 1}:${letters}${self.rows[-1] + 1}"


def plain(value: Any) -> Any:
    """Return a value as programs get it: a finite number, whole where it is one exactly; None where there is none.

    >>> plain(Fraction(9317)), plain(Fraction(1, 8)), plain(-0.0), plain(math.inf), plain("Culture")
    (9317, 0.125, 0.0, None, 'Culture')
    """
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    if isinstance(value, float):
        return value + 0.0 if math.isfinite(value) else None  # −0.0 becomes 0.0
    return value.value if isinstance(value, Enum) else value


@dataclass(frozen=True)
class Column[R]:
    """A column of an output table, whose rows are `R`."""

    name: str
    """Its heading on a sheet; empty for a column that only programs get."""
    help: str = ""
    role: Role = Role.TEXT
    width: float = 12
    """The least width, in characters; content may widen it."""
    family: str = ""
    """For headings that the workbook makes up, one for each item such as a year: `name` shows the pattern, YEAR."""
    key: str = ""
    """Its name in JSON and DataFrames; empty for a column that only readers get."""
    value: Callable[[R], Any] | None = None
    """What a row holds: a text, a number or None; None where the sheet's writer says it."""
    each: Callable[[R, Any], Any] | None = None
    """Of a family: what a row holds for one of its items."""
    item: Any = None
    """Of a family's column: its item."""
    formula: Callable[[Place, R], str | None] | None = None
    """What a workbook works the value out by, without its ``=``; None where the value is typed."""
    missing: Callable[[R], str] | str = ""
    """The words that stand in place of a number that is not known; empty: the cell is blank."""
    look: Callable[[Place, R], Any] | None = None
    """How one cell is shown where its role alone does not say it: a look of the workbook's styles."""
    digits: int = 0
    """Where it is not 0, all its numbers get the decimals that show so many digits of the largest one."""
    alike: tuple[str, ...] = ()
    """The headings of all columns that get the same decimals as it, itself among them."""
    properties: Mapping[str, object] = field(default_factory=dict)
    """Of the cells' format, such as bold."""

    def of(self, row: R) -> Any:
        """Return what a row holds in this column."""
        if self.each is not None:
            return self.each(row, self.item)
        assert self.value is not None, self.name  # noqa: S101 - a declaration without a value has a writer of its own
        return self.value(row)

    def within(self, member: int, name: str = "") -> Column[R]:
        """Return the column of one member, such as a year, of a family, whose value and formula are asked for it."""
        value, formula = self.value, self.formula
        return replace(
            self,
            name=name or self.name.replace("YEAR", str(member)),
            value=value and (lambda row: value((row, member))),  # type: ignore[arg-type]
            formula=formula and (lambda place, row: formula(place, (row, member))),  # type: ignore[arg-type]
        )


def fact(key: str, role: Role = Role.TEXT, value: Callable[[Any], Any] | None = None) -> Column[Any]:
    """Return a column that programs alone get: the row's field of that name, or a value of it."""
    return Column("", role=role, key=key, value=value or attrgetter(key))


def named[R](column: Column[R], name: str, item: Any) -> Column[R]:
    """Return a family's column of an item: its name takes the place of the word in capitals."""
    return replace(column, name=re.sub(r"\b[A-Z]+\b", lambda _: name, column.name, count=1), item=item)


@dataclass(frozen=True)
class Table[R]:
    """An output table and the sheet it stands on."""

    sheet: str
    title: str
    help: str
    columns: tuple[Column[R], ...]
    keys: tuple[str, ...] = ()
    """The order of the columns in JSON and DataFrames; empty: as they stand."""

    @cached_property
    def on_sheet(self) -> tuple[Column[R], ...]:
        """The columns that a sheet has."""
        return tuple(column for column in self.columns if column.name or column.family)

    @property
    def recorded(self) -> tuple[Column[R], ...]:
        """The columns that programs get, in their order."""
        found = {column.key: column for column in self.columns if column.key}
        return tuple(found[key] for key in self.keys or found)

    def column(self, name: str) -> Column[R]:
        """Return the column of that heading (of that pattern, for a family)."""
        return next(column for column in self.columns if column.name == name)

    def index(self, name: str) -> int:
        """Return the position, from 0, of the column of that heading; only for tables without families."""
        return self._places[name]

    def at(self, family: str, item: Any = None) -> int:
        """Return the position, from 0, of a family's first column, or of its first one of that item."""
        return self._places[family, self.items(family)[0] if item is None else item]

    def items(self, family: str) -> tuple[Any, ...]:
        """Return the items of a family, in the order of its columns."""
        return tuple(dict.fromkeys(column.item for column in self.on_sheet if column.family == family))

    @cached_property
    def _places(self) -> Mapping[object, int]:
        places = list(enumerate(self.on_sheet))[::-1]  # the first of several counts
        found: dict[object, int] = {column.name: i for i, column in places}
        return found | {(column.family, column.item): i for i, column in places}

    def along(self, **families: Sequence[tuple[str, Any]]) -> Table[R]:
        """Return the table with each family's columns once for each of its items, given with their names.

        A family's columns that stand side by side are repeated together; its name takes the place of the pattern.
        """
        columns: list[Column[R]] = []
        for family, group in groupby(self.columns, key=lambda column: column.family):
            own = list(group)
            made = [named(column, *pair) for pair in families.get(family, ()) for column in own]
            columns += made if family else own
        return replace(self, columns=tuple(columns))

    def record(self, row: R) -> Record:
        """Return a row as programs get it."""
        return {column.key: plain(column.of(row)) for column in self.recorded}

    def records(self, rows: Iterable[R]) -> list[Record]:
        """Return rows as programs get them: every number finite, None for what has no value or no limit."""
        return [self.record(row) for row in rows]


@dataclass(frozen=True)
class Sheet[R]:
    """A sheet that holds one table of a result and needs no writer of its own."""

    table: Table[R]
    rows: Callable[[Any], Sequence[R]]
    """The table's rows of a result."""
    message: Callable[[Any], str]
    """The sentence below the title."""
    note: Callable[[Any], str]
    """Units, and what to know of the table."""
