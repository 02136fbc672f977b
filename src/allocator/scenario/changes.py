"""A cell of the scenario by name, and the scenario with another number in it.

A cell is addressed as ``Sheet/Row/Column``: ``Rules/Culture floor/Value``, ``Budget/City budget/2027``,
``Benefits/Culture / 2/Benefit`` (the second band), ``Scenario/Discount rate``. Rows that share a name are told apart by
what follows it: ``Indicators/Literacy/2028/Target``, ``Limits/Culture/2027-2028/Maximum``,
``Effects/Culture/Visitors/Effect``. The address that a spreadsheet shows does as well: ``Rules!E5``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.errors import ScenarioError, UsageError
from allocator.scenario import cells
from allocator.scenario.addresses import NUMBERS, SheetRows, address_form, column_spec
from allocator.scenario.cells import Misread, fold, is_blank, nearest
from allocator.scenario.edits import Edit
from allocator.scenario.model import Scenario
from allocator.scenario.origin import Cell
from allocator.scenario.reading import with_edits
from allocator.scenario.tables import WHAT_IF, Content
from allocator.spreadsheet.references import column_letters, column_number

_SETTINGS = {"Discount rate": "0", "Step": "0.001"}
"""The settings that are numbers, and what they are where they aren't given."""
_LISTED = 6
_RANGE = re.compile(r"(.+?)\s*=\s*([^=]+?)\s*(?:\.\.+|…)\s*([^=:]+?)\s*(?::\s*(\d{1,9}))?", re.DOTALL)
_RANGE_HELP = (
    'type SHEET/ROW/COLUMN=FROM..TO, such as "Rules/Culture floor/Value=3%..8%", or with an address "Rules!E5=3%..8%"'
)
_ADDRESS = re.compile(
    r"(?:'((?:[^']|'')+)'|([^!/]+))!(\$?[A-Za-z]{1,3}\$?[1-9]\d{0,6})((?::\$?[A-Za-z]{0,3}\$?\d{0,7})?)"
)
_GRID = (2, 1000)
"""The fewest and the most points of a grid."""


@dataclass(frozen=True)
class NumberCell:
    """A cell that holds a number, or may hold one."""

    row: str
    """The row's label, as addresses spell it."""
    heading: str
    cell: Cell
    percent: bool
    """Whether the number is a percentage (0.04 is 4 %)."""
    value: Fraction | None
    """What stands there; None where it is blank or says `none`."""

    @property
    def address(self) -> str:
        """The address as the workbook spells it."""
        return "/".join([self.cell.sheet, self.row, self.heading])

    def edit(self, value: float) -> Edit:
        """Return the edit that lets it hold another number."""
        before = None if self.value is None else float(self.value)
        return Edit(self.cell.sheet, self.row, self.heading, self.cell, before, float(value), self.percent)

    def read(self, typed: str) -> Fraction:
        """Return the number that was typed for this cell; raise UsageError where it is none."""
        try:
            return cells.share(typed, formatted=False) if self.percent else cells.number(typed)
        except Misread as misread:
            raise UsageError(f"{self.address}: {misread}") from None

    def show(self, value: float | Fraction) -> str:
        """Return a value as one would type it here: ``4.5 %`` or ``1200``."""
        exact = value if isinstance(value, Fraction) else cells.exact(value)
        return cells.percent(exact) if self.percent else cells.plain(exact)

    def shown(self, value: float | Fraction) -> str:
        """Return a value as one reads it: ``−4.5 %`` or ``1,200``."""
        exact = value if isinstance(value, Fraction) else cells.exact(value)
        return cells.as_read(exact, percent=self.percent)


@dataclass(frozen=True)
class Range:
    """A cell and the numbers between which it is to move."""

    found: NumberCell
    low: Fraction
    high: Fraction
    grid: int = 0
    """How many points, evenly spread, are wanted too; 0: none."""


def read_range(scenario: Scenario, asked: str) -> Range:
    """Return what ``Sheet/Row/Column=3%..8%`` asks for, or ``…=3%..8%:21`` with a grid of 21 points.

    Parameters
    ----------
    scenario
        Whose cell it is.
    asked
        As typed; names match whatever their case, spaces and Unicode form.

    Returns
    -------
    Range
        The cell, and the ends in its own unit (3 % is 3/100).

    Raises
    ------
    UsageError
        The cell doesn't exist, or an end is no number for it; the message gives the nearest name.
    """
    match = _RANGE.fullmatch(cells.tidy(asked))
    if match is None:
        raise UsageError(f'"{asked}": {_RANGE_HELP}')
    address, low, high, grid = match.groups()
    found = find_cell(scenario, address)
    ends = sorted((found.read(low), found.read(high)))
    if ends[0] == ends[1]:
        raise UsageError(f'"{asked}": both ends are {found.show(ends[0])}; type two different ones')
    points = int(grid or 0)
    if grid and not _GRID[0] <= points <= _GRID[1]:
        raise UsageError(f'"{asked}": :{grid} asks for {points} points; type a number from {_GRID[0]} to {_GRID[1]}')
    return Range(found, ends[0], ends[1], points)


def with_value(scenario: Scenario, found: NumberCell, value: float) -> Scenario:
    """Return the scenario with `value` in the cell, read anew with all that follows.

    Raises
    ------
    ScenarioError
        As `with_edits`; its note says which value it was.
    """
    try:
        return with_edits(scenario, [found.edit(value)])
    except ScenarioError as error:
        error.add_note(f"with {found.address} = {found.show(float(f'{value:.10g}'))}")
        raise


def find_cell(scenario: Scenario, address: str) -> NumberCell:
    """Return the cell that `address` names; case, spaces and Unicode form don't count.

    Raises
    ------
    UsageError
        If there is no such cell, or it holds no number; the message gives the nearest that does.
    """
    if match := _ADDRESS.fullmatch(cells.tidy(address)):
        return _at_address(scenario, address, *match.groups())
    sheet_name, _, rest = cells.tidy(address).partition("/")
    sheets = {fold(sheet.name): sheet for sheet in scenario.inputs if sheet.table not in (None, WHAT_IF.sheet)}
    sheet = sheets.get(fold(sheet_name))
    if sheet is None:
        ending = cells.suggestion(cells.tidy(sheet_name), [s.name for s in sheets.values()], "type one of")
        raise UsageError(f'"{address}": there is no sheet "{cells.tidy(sheet_name)}"; {ending} (SHEET/ROW/COLUMN)')
    return _Sheet(sheet).find(address_form(rest), address)


def _at_address(
    scenario: Scenario, typed: str, quoted: str | None, plain: str | None, cell: str, end: str
) -> NumberCell:
    """Return the cell at an address such as ``Rules!E5`` or ``'What a name'!$E$5``."""
    name = quoted.replace("''", "'") if quoted is not None else plain or ""
    sheets = {fold(sheet.name): sheet for sheet in scenario.inputs if sheet.table not in (None, WHAT_IF.sheet)}
    sheet = sheets.get(fold(name))
    if sheet is None:
        ending = cells.suggestion(cells.tidy(name), [s.name for s in sheets.values()], "type one of")
        raise UsageError(
            f'"{typed}": there is no sheet "{cells.tidy(name)}"; {ending} (SHEET!CELL or SHEET/ROW/COLUMN)'
        )
    if end:
        raise UsageError(f'"{typed}" is a range; name one of its cells, such as "{sheet.name}!{cell.replace("$", "")}"')
    letters, row = re.fullmatch(r"\$?([A-Za-z]+)\$?(\d+)", cell).groups()  # type: ignore[union-attr]
    return _Sheet(sheet).at(int(row), column_number(letters), typed)


class _Sheet(SheetRows):
    """The numbers of one input sheet, by what their rows and columns are called."""

    # Finding

    def find(self, rest: str, address: str) -> NumberCell:
        """Return the cell that `rest` (row and column, in `address_form`) names."""
        labels = {address_form(label): label for label in self.rows}
        beginning = [form for form in labels if rest == form or rest.startswith(f"{form}/")]
        if not beginning:
            raise UsageError(f'"{address}": {self._no_row(rest, labels)}')
        found: list[tuple[str, str]] = []
        for form in sorted(beginning, key=len, reverse=True):
            heading = rest[len(form) + 1 :]
            found += [(labels[form], name) for name in self._headings(labels[form]) if address_form(name) == heading]
            if not heading and self.table.sheet == "Scenario":
                found += [(labels[form], name) for name in self._headings(labels[form])]
        if not found:
            longest = max(beginning, key=len)
            raise UsageError(f'"{address}": {self._no_column(rest[len(longest) + 1 :], labels[longest])}')
        return self._found(*found[0])

    def at(self, row: int, column: int, address: str) -> NumberCell:
        """Return the cell at a row and column, both from 1."""
        label, heading = self.label_of(row), self.sheet.headings.get(column)
        first, last = (self.sheet.header_row or 1) + 1, self.sheet.last_row or 0
        if not label or not heading:
            here = self.raw(row, column)
            there = f"holds {cells.shown(here)}" if not is_blank(here) else "is blank"
            span = f"the table {self.sheet.name} has rows {first} to {last}, columns " + ", ".join(
                f"{column_letters(number)} ({name})" for number, name in list(self.sheet.headings.items())[:_LISTED]
            )
            raise UsageError(f'"{address}" {there} and is no cell of a row and a column of the table; {span}')
        if heading not in self._headings(label):
            there = f"{label}/{heading}, which holds {cells.shown(self.raw(row, column) or 'nothing')}"
            raise UsageError(f'"{address}" is {there}, no number; {self._no_column("", label)}')
        return self._found(label, heading)

    def _headings(self, label: str) -> list[str]:
        """Return the columns that hold numbers in a row."""
        if self.table.sheet == "Scenario":
            return ["Value"] if fold(label) in map(fold, _SETTINGS) else []
        return [heading for heading in self.headings if self._content(heading) in NUMBERS]

    def _content(self, heading: str) -> Content:
        return Content.SHARE if heading == "Value" else column_spec(self.table, heading).content

    def _found(self, label: str, heading: str) -> NumberCell:
        row, column = self.rows[label], self.headings[heading]
        raw = self.raw(row, column)
        words = isinstance(raw, str) and not re.search(r"\d", raw)  # blank, or none
        percent = (row, column) in self.sheet.percent
        if is_blank(raw) or words:
            percent = self._content(heading) is Content.SHARE
        value = None if is_blank(raw) or words else _number(raw, percent=percent)
        return NumberCell(label, heading, Cell(self.sheet.name, row, column), percent, value)

    # What to say where there is none

    def _no_row(self, rest: str, labels: Mapping[str, str]) -> str:
        parts = rest.split("/")
        shared = [label for form, label in labels.items() if form.startswith(f"{parts[0]}/")]
        heading = parts[-1] if len(parts) > 1 else ""
        meant = self._meant(heading)
        if shared:
            listed = ", ".join(f'"{self.sheet.name}/{label}/{meant}"' for label in shared[:_LISTED])
            return f"no row is called that; type one of {listed}" + (", …" if len(shared) > _LISTED else "")
        row = "/".join(parts[:-1]) or rest
        settings = {address_form(name): name for name in _SETTINGS} if self.table.sheet == "Scenario" else {}
        absent = settings.get(address_form(parts[0]))
        if absent is not None and address_form(absent) not in labels:
            return f"the sheet {self.sheet.name} has no row {absent}; add it, with its default {_SETTINGS[absent]}"
        near = nearest(row, labels.values()) or nearest(rest, labels.values())
        if near is not None:
            return f'there is no such row on the sheet {self.sheet.name}; did you mean "{self._address(near, meant)}"?'
        listed = ", ".join(list(labels.values())[:_LISTED]) + (", …" if len(labels) > _LISTED else "")
        return f"there is no such row on the sheet {self.sheet.name}; its rows are: {listed}"

    def _meant(self, heading: str) -> str:
        """Return the column that `heading` most likely means."""
        columns = [name for name in self.headings if self._content(name) in NUMBERS]
        return nearest(heading, columns) or (columns[0] if columns else "COLUMN")

    def _no_column(self, heading: str, label: str) -> str:
        numbers = self._headings(label)
        if not numbers:
            return f"{label} is no number that can be varied; of this sheet {' and '.join(_SETTINGS)} can"
        near = nearest(heading, numbers) if heading else None
        if near is not None:
            return f'there is no such column of numbers; did you mean "{self._address(label, near)}"?'
        listed = ", ".join(f'"{self._address(label, name)}"' for name in numbers[:_LISTED])
        return f"name a column that holds numbers; type {'one of ' * (len(numbers) > 1)}{listed}"

    def _address(self, label: str, heading: str) -> str:
        return "/".join([self.sheet.name, label, heading])


def _number(raw: object, *, percent: bool) -> Fraction:
    value = raw if isinstance(raw, str | int | float) else 0
    return cells.share(value, formatted=True) if percent else cells.number(value)
