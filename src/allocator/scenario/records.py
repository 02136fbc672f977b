"""Sheets → typed rows: finds each table, reads its cells by what `tables` says of their columns, keeps the origins.

All problems go to one `Problems`, each at its cell, so that a user sees them together.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from allocator.errors import Problem
from allocator.scenario import cells
from allocator.scenario.cells import Misread, fold, is_blank, suggestion
from allocator.scenario.model import Cell, InputSheet, Origin, Raw, column_letters
from allocator.scenario.sheets import Sheet
from allocator.scenario.tables import NONE, PROVENANCE, Column, Content, Table

_YEAR = re.compile(r"(?:19|20|21)\d\d")
_PROPOSED = re.compile(r"proposed (\d{4})")
_CLOSE = 0.85
PROVENANCE_NAMES = tuple(column.name for column in PROVENANCE)


class Problems:
    """Collects what is wrong, once each, and the messages that are no errors."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Problem] = {}
        self.messages: dict[str, None] = {}

    def add(self, cell: Cell | str, message: str, heading: str = "") -> None:
        """Note a problem at a cell (or at a sheet, by its name)."""
        self.found.setdefault((str(cell), message), Problem(str(cell), message, heading))

    def at(self, origin: Origin, heading: str, message: str) -> None:
        """Note a problem at a row's cell under `heading`."""
        self.add(origin.cell(heading), message, heading if heading in origin.columns else "")

    def say(self, message: str) -> None:
        """Note something the reader ought to know though it is no error."""
        self.messages.setdefault(message)


class Lifted:
    """The word `none` in a limit's cell."""


LIFTED = Lifted()
type Value = object
"""A cell's meaning: Fraction, str, tuple of names, Operator, Strength, (years, together), Lifted or raw."""


@dataclass(frozen=True)
class Record:
    """One row of a table, typed; blank and unreadable cells are missing from `values`."""

    values: Mapping[str, Value]
    origin: Origin
    unreadable: frozenset[str] = frozenset()
    """Headings whose cell holds something that could not be understood (and was reported)."""

    def get[T](self, heading: str, kind: type[T]) -> T | None:
        """Return the value under `heading`, None where it is blank."""
        value = self.values.get(heading)
        return value if isinstance(value, kind) else None

    def text(self, heading: str) -> str:
        """Return the text under `heading`, empty where blank."""
        return self.get(heading, str) or ""

    def has(self, heading: str) -> bool:
        """Whether the cell holds anything, readable or not."""
        return heading in self.values or heading in self.unreadable


@dataclass
class Rows:
    """A table that was found: its rows and its place."""

    table: Table
    records: list[Record] = field(default_factory=list)
    header_row: int | None = None
    last_row: int | None = None
    columns: dict[str, int] = field(default_factory=dict)
    percent: set[tuple[int, int]] = field(default_factory=set)

    def heading_cell(self, heading: str) -> Cell:
        """Return the cell of a heading, or of the table's first one."""
        column = self.columns.get(heading) or min(self.columns.values(), default=1)
        return Cell(self.table.sheet, self.header_row or 1, column)


def input_sheet(sheet: Sheet, rows: Rows | None) -> InputSheet:
    """Return a sheet as it was read, for the plan's copy of the inputs."""
    return InputSheet(
        name=sheet.name,
        rows=tuple(tuple(row) for row in sheet.rows),
        table=rows.table.sheet if rows else None,
        header_row=rows.header_row if rows else None,
        last_row=rows.last_row if rows else None,
        headings={number: heading for heading, number in rows.columns.items()} if rows else {},
        percent=frozenset(rows.percent) if rows else frozenset(),
    )


def is_year(value: Raw) -> bool:
    """Whether a heading is a year."""
    return not is_blank(value) and _YEAR.fullmatch(cells.text(value)) is not None


class TableReader:
    """Reads one table of one sheet. `years` are the scenario's, empty while the Budget sheet itself is read."""

    def __init__(self, table: Table, sheet: Sheet, problems: Problems, years: Sequence[int] = ()) -> None:
        self.table = table
        self.sheet = sheet
        self.problems = problems
        self.years = years
        self.rows = Rows(table)
        self.typed: dict[int, Column] = {}
        self.unknown: dict[int, str] = {}

    def read(self, made_up: Iterable[str] = ()) -> Rows:
        """Read the table; `made_up` are the names that family headings may bear (sources, indicators)."""
        header = header_row(self.table, self.sheet)
        if header is None:
            self._no_header()
            return self.rows
        self.rows.header_row = header
        self._headings(header, tuple(made_up))
        last = self._body(header)
        self.rows.last_row = last
        self._after(last)
        self._hidden(header, last)
        return self.rows

    def _no_header(self) -> None:
        if not any(not is_blank(value) for row in self.sheet.rows for value in row):
            return
        needed = ", ".join(self.table.required)
        family = " and a column headed by a year" if self.table.sheet == "Budget" else ""
        self.problems.add(self.sheet.name, f"no row holds the headings {needed}{family}; {self._nearest_header()}")

    def _nearest_header(self) -> str:
        wanted = {fold(name) for name in self.table.required}
        best = max(
            enumerate(self.sheet.rows, 1),
            key=lambda row: len(wanted & {fold(cells.text(v)) for v in row[1] if not is_blank(v)}),
            default=(0, []),
        )
        there = {fold(cells.text(v)) for v in best[1] if not is_blank(v)}
        if not wanted & there:
            return "type them in one row, the data below"
        missing = [name for name in self.table.required if fold(name) not in there]
        return f"row {best[0]} lacks {', '.join(missing)}" if missing else f"row {best[0]} lacks the year"

    def _headings(self, header: int, made_up: Sequence[str]) -> None:
        seen: dict[str, int] = {}
        known = {fold(c.name): c for c in self.table.columns if not c.family}
        long_form = fold("Indicator") in {fold(cells.text(v)) for v in self.sheet.rows[header - 1] if not is_blank(v)}
        for number, raw in enumerate(self.sheet.rows[header - 1], 1):
            if is_blank(raw):
                continue
            heading = cells.tidy(cells.text(raw))
            if fold(heading) in seen:
                self.problems.add(
                    Cell(self.sheet.name, header, number),
                    f'the heading "{heading}" stands twice (also in {column_letters(seen[fold(heading)])}{header})',
                )
                continue
            seen[fold(heading)] = number
            if column := known.get(fold(heading)):
                self._take(column.name, number, column)
            elif not self._family(heading, number, made_up, long_form=long_form):
                self._unknown_heading(heading, number, header)
        if self.unknown:
            listed = ", ".join(self.unknown.values())
            self.problems.say(f"{self.sheet.name}: columns not known here travel with the plan: {listed}")

    def _take(self, name: str, number: int, column: Column) -> None:
        self.rows.columns[name] = number
        self.typed[number] = column

    def _family(self, heading: str, number: int, made_up: Sequence[str], *, long_form: bool) -> bool:
        """Take a heading that the workbook makes up; False where it is none."""
        for column in self.table.columns:
            match column.family:
                case "year" if is_year(heading):
                    self._take(heading, number, column)
                case "proposed" if year := _PROPOSED.fullmatch(fold(heading)):
                    self._take(f"Proposed {year[1]}", number, column)
                case "source" if fold(heading).startswith("last year:"):
                    self._made_up(column, heading, heading.partition(":")[2], number, made_up, "Last year: ")
                case "indicator" if not long_form and _near(heading, PROVENANCE_NAMES) is None:
                    self._made_up(column, heading, heading, number, made_up, "")
                case _:
                    continue
            return True
        return False

    def _made_up(self, column: Column, heading: str, name: str, number: int, known: Sequence[str], prefix: str) -> None:
        match = next((k for k in known if fold(k) == fold(name)), None)
        if match is None:
            cell = Cell(self.sheet.name, self.rows.header_row or 1, number)
            ending = suggestion(name, known, f"type one of the {column.family}s")
            self.problems.add(cell, f'the heading "{heading}" names no {column.family}; {ending}')
            return
        self._take(f"{prefix}{match}", number, column)

    def _unknown_heading(self, heading: str, number: int, header: int) -> None:
        near = _near(heading, [c.name for c in self.table.columns if not c.family])
        if near is not None and near not in self.rows.columns:
            self.problems.add(
                Cell(self.sheet.name, header, number),
                f'the heading "{heading}" is not known; did you mean "{near}"? '
                "(if it is a column of your own, give it another name)",
            )
            return
        self.unknown[number] = heading

    def _body(self, header: int) -> int:
        """Read the rows below the headings; return the last one."""
        last = header
        for number in range(header + 1, len(self.sheet.rows) + 1):
            row = self.sheet.rows[number - 1]
            if not self._filled(number):
                if all(is_blank(value) for value in row) and not self._odd(number):
                    break
                continue
            last = number
            record = self._record(number)
            self.rows.records.append(record)
        return last

    def _odd(self, row: int) -> bool:
        """Whether a row without values holds errors or uncomputed formulas in the table's columns."""
        facts = self.sheet.facts
        return any((row, column) in facts.errors or (row, column) in facts.unvalued for column in self.typed)

    def _filled(self, row: int) -> int:
        """Count the table's columns that hold something in `row`."""
        numbers = (*self.typed, *self.unknown)
        facts = self.sheet.facts
        return sum(
            not is_blank(self.sheet.value(row, column))
            or (row, column) in facts.errors
            or (row, column) in facts.unvalued
            for column in numbers
        )

    def _after(self, last: int) -> None:
        for number in range(last + 2, len(self.sheet.rows) + 1):
            if self._filled(number) >= 2:
                first = min(c for c in (*self.typed, *self.unknown) if not is_blank(self.sheet.value(number, c)))
                self.problems.add(
                    Cell(self.sheet.name, number, first),
                    f"data after a blank row: the table ends at row {last}; delete the blank row, or this row",
                )

    def _hidden(self, header: int, last: int) -> None:
        facts = self.sheet.facts
        rows = sorted(row for row in facts.hidden_rows if header <= row <= last)
        columns = sorted(column for column in facts.hidden_columns if column in self.typed)
        parts = []
        if rows:
            parts.append(f"row{'s' * (len(rows) > 1)} {', '.join(map(str, rows[:20]))}")
        if columns:
            parts.append(f"column{'s' * (len(columns) > 1)} {', '.join(map(column_letters, columns[:20]))}")
        if parts:
            self.problems.say(f"{self.sheet.name}: hidden {' and '.join(parts)} were read like any other")

    def _record(self, row: int) -> Record:
        columns = dict(self.rows.columns)
        columns.update({heading: number for number, heading in self.unknown.items()})
        values: dict[str, Value] = {}
        unreadable: set[str] = set()
        for heading, number in self.rows.columns.items():
            column, place = self.typed[number], Cell(self.sheet.name, row, number)
            try:
                raw = self._cell(row, number)
                if raw is None:
                    if column.required and not column.may_be_blank:
                        raise Misread(f"is blank; {_needed(column)}")
                    continue
                values[heading] = self._value(column, raw, row, number)
            except Misread as misread:
                unreadable.add(heading)
                self.problems.add(place, str(misread), heading)
        extra = {heading: self.sheet.value(row, number) for number, heading in self.unknown.items()}
        origin = Origin(
            self.sheet.name,
            row,
            columns,
            evidence=str(values.get("Evidence") or ""),
            status=str(values.get("Status") or ""),
            legal_basis=str(values.get("Legal basis") or ""),
            note=str(values.get("Note") or ""),
            extra={heading: value for heading, value in extra.items() if not is_blank(value)},
        )
        return Record(values, origin, frozenset(unreadable))

    def _cell(self, row: int, column: int) -> Raw:
        value = self.sheet.value(row, column)
        if not is_blank(value):
            return value
        facts = self.sheet.facts
        if (row, column) in facts.errors:
            raise Misread(f"holds the error value {facts.errors[row, column]}; correct the formula or type a value")
        if (row, column) in facts.unvalued:
            raise Misread(
                "holds a formula without a computed value; open the workbook in a spreadsheet program and save it"
            )
        return None

    def _value(self, column: Column, raw: Raw, row: int, number: int) -> Value:
        if column.can_lift and isinstance(raw, str) and fold(raw) == NONE:
            return LIFTED
        if column.content is Content.SHARE:
            return self._share(column, raw, row, number)
        if column.content is Content.YEARS:
            return cells.years(raw, self.years)
        if column.content is Content.KEYWORD and column.name not in _READERS and column.keywords:
            return cells.keyword(raw, column.keywords)
        return _READERS.get(column.name, _READERS.get(column.content, _text_of(column)))(raw)

    def _share(self, column: Column, raw: Raw, row: int, number: int) -> Value:
        """Read a percentage; a rule's Value is an amount where its Basis says so."""
        basis = self.rows.columns.get("Basis") if column.name == "Value" else None
        if basis is not None and fold(cells.text(self.sheet.value(row, basis) or "")) == "amount":
            return cells.number(raw)
        formatted = not isinstance(raw, str) and abs(float(raw or 0)) > 1 and self.sheet.is_percentage(row, number)
        value = cells.share(raw, formatted=formatted)
        self.rows.percent.add((row, number))
        return value


_READERS: Mapping[str | Content, Callable[[Raw], Value]] = {
    "Operator": cells.operator,
    "Strength": cells.strength,
    "Value": lambda raw: raw,
    "Reference": lambda raw: raw,
    Content.AMOUNT: cells.amount,
    Content.NUMBER: cells.number,
    Content.NAME: cells.name,
    Content.NAMES: cells.names,
}
"""How cells are read: by the column's name where that says more than its content."""


def _text_of(column: Column) -> Callable[[Raw], str]:
    return (lambda raw: cells.tidy(cells.text(raw))) if column.refers_to else cells.text


def header_row(table: Table, sheet: Sheet) -> int | None:
    """Return the first row that holds all the table's required headings, from 1; None where there is none."""
    wanted = {fold(name) for name in table.required}
    for number, row in enumerate(sheet.rows, 1):
        folded = {fold(cells.text(value)) for value in row if not is_blank(value)}
        if wanted <= folded and (table.sheet != "Budget" or any(is_year(value) for value in row)):
            return number
    return None


def bears_headings_of(sheet: Sheet, tables: Iterable[Table]) -> Iterator[Table]:
    """Yield the tables whose headings stand in a row of `sheet`: the required ones, and at least three in all."""
    for table in tables:
        row = header_row(table, sheet)
        if row is None:
            continue
        there = {fold(cells.text(value)) for value in sheet.rows[row - 1] if not is_blank(value)}
        provenance = {fold(column.name) for column in PROVENANCE}
        own = {fold(c.name) for c in table.columns if not c.family} - provenance
        years = sum(is_year(value) for value in sheet.rows[row - 1]) if table.sheet == "Budget" else 0
        if len(own & there) + years >= min(3, len(own)):
            yield table


def _near(heading: str, known: Iterable[str]) -> str | None:
    """Return the known heading that `heading` is a slip of; None where it is a heading of its own."""
    by_fold = {fold(name): name for name in known}
    typed = fold(heading)
    if typed in by_fold or (re.search(r"\d", typed) and not re.search(r"\d", "".join(by_fold))):
        return by_fold.get(typed)
    close = difflib.get_close_matches(typed, by_fold, n=1, cutoff=_CLOSE)
    return by_fold[close[0]] if close else None


def _needed(column: Column) -> str:
    if column.family == "year":
        return "type 0 for no money"
    return f"type {column.help[0].lower()}{column.help[1:].rstrip('.')}"
