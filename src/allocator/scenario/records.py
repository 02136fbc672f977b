"""Sheets → typed rows: finds each table, reads its cells by what `schema` says of their columns, keeps the origins.

All problems go to one `Problems`, each at its cell, so that a user sees them together.

A row is called by the name in its table's first column. Rows that share a name are told apart by what follows it:
``Literacy/2028``, ``Culture/2027-2028``, ``Culture/Visitors`` on Indicators, Limits and Effects, and ``Culture / 2``
for an area's second band on Benefits (``Culture / 2 / 2027`` where the band holds in that year only).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from allocator.scenario import cells
from allocator.scenario.cells import Misread, Said, fold, has_percent, is_blank, suggestion
from allocator.scenario.model import Cell, InputSheet, Origin, Raw, Scenario
from allocator.scenario.problems import HiddenLines, MergedCells, NoHeading, OwnColumns, Problems
from allocator.scenario.schema import (
    AMOUNTS,
    BASES_MEANT,
    BASIS_WORDS,
    NONE,
    PROVENANCE,
    SCENARIO,
    SETTINGS,
    TABLES,
    Column,
    Content,
    Family,
    Table,
)
from allocator.scenario.sheets import (
    PROVENANCE_NAMES,
    Merged,
    Sheet,
    blocks,
    header_row,
    likely_header,
    missing_headings,
    near,
    numbers_columns,
    slip,
    span,
    unmerge,
)
from allocator.spreadsheet.references import column_letters

# ---- What to say ----------------------------------------------------------------------------------------------------


SHARES = {
    "Minimum": "a share of the budget goes under Minimum share",
    "Maximum": "a share of the budget goes under Maximum share",
    "Up to": "a part of Last year goes under Up to, of last year",
    "Value": "Basis is amount; for a share of the budget type budget there",
}
"""Columns of amounts, and where a percentage would be right."""


def instead(column: Column) -> str:
    """Return what to type where a figure was expected."""
    if column.can_lift:
        return "type one, or none for no limit"
    return f"type one, or clear the cell ({column.default})" if column.default else cells.TYPE_ONE


def alone(typed: str, instead: str) -> Said:
    """Return what to say of a text that is all its row holds; `instead` is what to do if it is no note or title."""
    guess, why = ("a total row", ", since totals are computed") if cells.is_total(typed) else ("a note or a title", "")
    form = "{} stands alone in its row: is it {}? remove the row{}, or {}"
    return Said(form, cells.shown(typed), guess, why, instead)


def needed(column: Column) -> str:
    """Return what to type into a blank cell that must be filled."""
    if column.family is Family.YEAR:
        return "type 0 for no money"
    if column.content is Content.NAME:
        total = " (is this a total row? totals are computed)" if column.name in ("Area", "Source") else ""
        return f"type the {column.name.lower()}'s name, or remove the row{total}"
    return f"type {column.help[0].lower()}{column.help[1:].rstrip('.')}"


# ---- Tables ---------------------------------------------------------------------------------------------------------


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
    alone: list[str] = field(default_factory=list)
    """Texts that were all their rows held: a note, or a name whose figures are missing."""

    def heading_cell(self, heading: str) -> Cell:
        """Return the cell of a heading, or of the table's first one."""
        column = self.columns.get(heading) or min(self.columns.values(), default=1)
        return Cell(self.table.sheet, self.header_row or 1, column)


def input_sheet(sheet: Sheet, rows: Rows) -> InputSheet:
    """Return a sheet as it was read, for the plan's copy of the inputs."""
    return InputSheet(
        name=sheet.name,
        rows=tuple(tuple(row) for row in sheet.rows),
        table=rows.table.sheet,
        header_row=rows.header_row,
        last_row=rows.last_row,
        headings={number: heading for heading, number in rows.columns.items()},
        percent=frozenset(rows.percent),
    )


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
        self.headed: dict[int, str] = {}
        """Column number → heading, once the headings are read."""
        self.columns: dict[str, int] = {}
        self.merged = Merged()
        self.needed: list[int] = []
        """The columns that each row must fill."""

    def read(self, made_up: Iterable[str] = ()) -> Rows:
        """Read the table; `made_up` are the names that family headings may bear (sources, indicators)."""
        header = header_row(self.table, self.sheet)
        if header is None:
            self._no_header()
            return self.rows
        self.rows.header_row = header
        self._headings(header, tuple(made_up))
        self._merged_cells(header)
        self.rows.last_row = self._body(header)
        self._after(self.rows.last_row)
        self._hidden(header, self.rows.last_row)
        return self.rows

    def again(self, record: Record, columns: Iterable[int]) -> Record:
        """Return a row of the table as its cells are now, some of which changed; problems go to `problems` as ever."""
        row = record.origin.row
        figures = {number: self.headed[number] for number in columns}
        if not all(self._stays_figure(record, row, number) for number in figures):
            return self._record(row, self._filled(row))
        values = dict(record.values)
        for number, heading in figures.items():
            try:
                values[heading] = self._value(self.typed[number], self._cell(row, number), row, number)
            except Misread:
                return self._record(row, self._filled(row))
        return Record(values, record.origin)

    def _stays_figure(self, record: Record, row: int, number: int) -> bool:
        """Whether a cell was a figure and holds one, so that nothing else of its row is read otherwise for it."""
        column = self.typed.get(number)
        known = column is not None and column.content in (Content.AMOUNT, Content.NUMBER, Content.SHARE)
        return known and isinstance(self.sheet.value(row, number), int | float) and self.headed[number] in record.values

    def _hides_headings(self) -> None:
        self.problems.hidden_headings.update((self.table.sheet, self.sheet.name))

    def _no_header(self) -> None:
        likely = likely_header(self.table, self.sheet)
        uncomputed = min((place for place in self.sheet.unvalued if place[0] == likely), default=None)
        if uncomputed is not None:
            self.problems.add(Cell(self.sheet.name, *uncomputed), f"the heading {_UNCOMPUTED}")
        elif across := [ends for ends in self.sheet.merged if ends[0][0] <= likely <= ends[1][0]]:
            where = ", ".join(span(*ends) for ends in across)
            needed = ", ".join(self.table.required)
            said = f"merged cells hide headings; unmerge them and type all headings ({needed}) in one row"
            self.problems.add(f"{self.sheet.name}!{where}", said)
        elif any(not is_blank(value) for row in self.sheet.rows for value in row):
            self.problems.add(*missing_headings(self.table, self.sheet))
        else:
            return
        self._hides_headings()

    def _headings(self, header: int, made_up: Sequence[str]) -> None:
        seen: dict[str, int] = {}
        self.made_up = {fold(name): name for name in made_up}
        known = {fold(c.name): c for c in (*PROVENANCE, *self.table.columns) if not c.family}
        row = self.sheet.row(header)
        long_form = fold("Indicator") in {fold(cells.text(value)) for value in row if not is_blank(value)}
        own_years = self.years or [year for value in row if (year := cells.year(value))]
        for number, raw in enumerate(row, 1):
            cell = Cell(self.sheet.name, header, number)
            if is_blank(raw):
                self._blank_heading(cell)
                continue
            heading = cells.tidy(cells.text(raw))
            if self.table.sheet == "Budget" and (year := cells.year(raw)):
                heading = str(year)
            if first := seen.get(fold(heading)):
                self.problems.add(
                    cell, f'the heading "{heading}" stands twice (also in {column_letters(first)}{header}); remove one'
                )
                continue
            seen[fold(heading)] = number
            if column := known.get(fold(heading)):
                self._take(column.name, number, column)
            elif not self._family(heading, cell, made_up, long_form=long_form):
                self._unknown_heading(heading, cell, own_years)
        if self.unknown:
            self.problems.say(OwnColumns(self.sheet.name, tuple(self.unknown.values())))

    def _merged_cells(self, header: int) -> None:
        """Take in what merged cells hold for all their rows, and report those that can't be read in one way."""
        self.headed = {number: heading for heading, number in self.rows.columns.items()} | self.unknown
        self.columns = {heading: number for number, heading in self.headed.items()}
        self.needed = [n for n, column in self.typed.items() if column.required and not column.may_be_blank]
        self.merged = unmerge(self.sheet, header, self.headed, self.typed)
        for problem in self.merged.problems:
            self.problems.add(*problem)
        if self.merged.hides_columns:
            self._hides_headings()
        if self.merged.holding:
            self.problems.say(MergedCells(self.sheet.name, tuple(self.merged.holding)))

    def _blank_heading(self, cell: Cell) -> None:
        """Report a heading that can't be read, and say which column has none though it holds figures."""
        try:
            self._cell(cell.row, cell.column)
        except Misread as misread:
            self.problems.add(cell, f"the heading {misread}")
            return
        if not is_blank(self.sheet.value(cell.row + 1, cell.column)):
            self.problems.say(NoHeading(cell))

    def _take(self, name: str, number: int, column: Column) -> None:
        self.rows.columns[name] = number
        self.typed[number] = column

    def _family(self, heading: str, cell: Cell, made_up: Sequence[str], *, long_form: bool) -> bool:
        """Take a heading that the workbook makes up; False where it is none."""
        column = self.table.column(heading)
        if column is None or (family := column.family) is None or (member := family.member(heading)) is None:
            return False
        match family:
            case Family.YEAR if cells.year(heading):
                self._take(heading, cell.column, column)
            case Family.PROPOSED:
                self._take(family.heading(member), cell.column, column)
                if self.years and int(member) not in self.years:
                    self.problems.add(cell, Said("{} is not a year of this scenario ({})", member, _span(self.years)))
            case Family.SOURCE:
                self._made_up(column, family, heading, cell, made_up)
            case Family.INDICATOR if not long_form and not _slip_of_provenance(heading, made_up):
                self._made_up(column, family, heading, cell, made_up)
            case Family.INDICATOR if fold(heading) in self.made_up:
                self.problems.add(
                    cell,
                    f'the heading "{heading}" is an indicator, but the sheet has the column Indicator; '
                    "give the effects in one of the two forms",
                )
            case _:
                return False
        return True

    def _made_up(self, column: Column, family: Family, heading: str, cell: Cell, known: Sequence[str]) -> None:
        name = family.member(heading) or ""
        match = self.made_up.get(fold(name))
        sheet = "Budget" if family is Family.SOURCE else "Indicators"
        if match is None and not known and sheet in self.problems.hidden_headings:
            return  # what names there are can't be known
        if match is None:
            ending = suggestion(name, known, f"type one of the {family.value}s of the sheet {sheet}")
            self.problems.unknown_in_heading(cell, heading, name, family.value, ending)
        elif family.heading(match) in self.rows.columns:
            self.problems.add(cell, f'the heading "{heading}" stands twice; remove one')
        else:
            self._take(family.heading(match), cell.column, column)

    def _unknown_heading(self, heading: str, cell: Cell, years: Sequence[int]) -> None:
        if found := slip(heading, self.table, years):
            self.problems.add(cell, found.said)
            self.problems.meant.add((self.sheet.name, found.meant))
        else:
            self.unknown[cell.column] = heading

    def _body(self, header: int) -> int:
        """Read the rows below the headings; return the last one."""
        last = header
        for number in range(header + 1, self.sheet.height + 1):
            if filled := self._filled(number):
                last = number
                if number > header + 1 or not self._numbers_columns(number, filled):
                    self._row(number, filled)
            elif all(is_blank(value) for value in self.sheet.row(number)):
                break
        return last

    def _row(self, row: int, filled: Sequence[int]) -> None:
        """Read a row; one that is none (a note, a title, the headings again) is one problem, whatever it lacks."""
        if self.table.sheet != "Scenario" and (self._repeats_headings(row, filled) or self._stands_alone(row, filled)):
            return
        self.rows.records.append(self._record(row, filled))

    def _repeats_headings(self, row: int, filled: Sequence[int]) -> bool:
        """Report a row that holds the headings of its columns and nothing else."""
        pairs = [(self.sheet.value(row, n), self.sheet.value(self.rows.header_row or 1, n)) for n in filled]
        if len(pairs) < 2 or not all(fold(cells.text(value)) == fold(cells.text(above)) for value, above in pairs):
            return False
        place = span((row, filled[0]), (row, filled[-1]))
        self.problems.add(f"{self.sheet.name}!{place}", "is this a second heading row? remove it")
        return True

    def _stands_alone(self, row: int, filled: Sequence[int]) -> bool:
        """Report a text without anything that a row of the table needs; a name is a row where it is all that is needed.

        What stands in columns not known here, such as a number of the row, makes no difference.
        """
        known = [number for number in filled if number in self.typed] or filled
        typed = self.sheet.value(row, known[0])
        if len(known) > 1 or not isinstance(typed, str) or row in self.merged.unreadable:
            return False
        lacking = [self.headed[number] for number in self.needed if number not in known]
        name_alone = len(self.needed) == 1 and self.typed[self.needed[0]].content is Content.NAME
        if not lacking or name_alone or len(self.typed) == 2:  # of two cells the blank one is to be filled
            return False
        said = alone(typed, f"fill in {', '.join(lacking)}")
        self.problems.add(Cell(self.sheet.name, row, known[0]), said, self.headed[known[0]])
        self.rows.alone.append(typed)
        return True

    def _numbers_columns(self, row: int, filled: Sequence[int]) -> bool:
        """Report a first row that numbers the columns and can't be read as a row: one problem for all its cells."""
        if not numbers_columns({number: self.sheet.value(row, number) for number in filled}):
            return False
        all_problems, self.problems = self.problems, Problems()
        self._record(row, filled)
        found, self.problems = self.problems.found, all_problems
        names = any(self.typed[number].refers_to for number in filled[1:] if number in self.typed)
        if found or names:
            place = span((row, filled[0]), (row, filled[-1]))
            self.problems.add(f"{self.sheet.name}!{place}", "is this a row of column numbers? remove it")
        return bool(found) or names

    def _filled(self, row: int) -> list[int]:
        """Return the table's columns that hold something in `row`, be it an error or an uncomputed formula."""
        values = self.sheet.row(row)
        if row not in self.sheet.faulty_rows:
            return [number for number, value in enumerate(values, 1) if number in self.headed and not is_blank(value)]
        held = (n for n in self.headed if self.sheet.is_faulty(row, n) or not is_blank(self.sheet.value(row, n)))
        return sorted(held)

    def _after(self, last: int) -> None:
        """Report each block of data below a blank row; read its rows too, since other sheets name them."""
        for block in blocks(self.sheet, self._filled, last):
            if not self.merged.headings:
                self.problems.add(block.place, block.message(last))
            for number in block.data:
                if {*self.needed} <= {*(filled := self._filled(number))}:
                    self._row(number, filled)
                    self.rows.last_row = number

    def _hidden(self, header: int, last: int) -> None:
        rows = sorted(row for row in self.sheet.hidden_rows if header <= row <= last)
        columns = sorted(self.sheet.hidden_columns & self.headed.keys())
        if rows or columns:
            self.problems.say(HiddenLines(self.sheet.name, tuple(rows), tuple(columns)))

    def _record(self, row: int, filled: Sequence[int]) -> Record:
        values: dict[str, Value] = {}
        unreadable: set[str] = set()
        hidden = self.merged.unreadable.get(row, set()) & self.typed.keys()
        for number in sorted({*filled, *self.needed, *hidden} - self.unknown.keys()):
            heading, column, place = self.headed[number], self.typed[number], Cell(self.sheet.name, row, number)
            try:
                raw = self._cell(row, number)
                if raw is None and number in hidden:
                    unreadable.add(heading)
                    self.problems.mark(place)
                    continue
                if raw is None:
                    raise Misread("is blank{}; {}", self._merged(row, number), needed(column))
                if (value := self._value(column, raw, row, number)) is not None:
                    values[heading] = value
            except Misread as misread:
                unreadable.add(heading)
                self.problems.add(place, misread.told(instead(column)), heading)
        for number, heading in self.unknown.items():
            try:
                self._cell(row, number)
            except Misread as misread:
                self.problems.add(Cell(self.sheet.name, row, number), misread.told(cells.TYPE_ONE), heading)
        origin = Origin(
            self.sheet.name,
            row,
            self.columns,
            evidence=str(values.get("Evidence") or ""),
            status=str(values.get("Status") or ""),
            legal_basis=str(values.get("Legal basis") or ""),
            note=str(values.get("Note") or ""),
        )
        return Record(values, origin, frozenset(unreadable))

    def _cell(self, row: int, column: int) -> Raw:
        value = self.sheet.value(row, column)
        if not is_blank(value):
            return value
        if (row, column) in self.sheet.errors:
            error = self.sheet.errors[row, column]
            raise Misread("holds the error value {}; correct the formula or type a value", error)
        if (row, column) in self.sheet.unvalued:
            raise Misread(_UNCOMPUTED)
        return None

    def _merged(self, row: int, column: int) -> str:
        """Return what to add of a blank cell that is merged with another."""
        for (top, left), (bottom, right) in self.sheet.merged:
            if top <= row <= bottom and left <= column <= right:
                return f" (it is merged with {column_letters(left)}{top}; unmerge them)"
        return ""

    def _value(self, column: Column, raw: Raw, row: int, number: int) -> Value:
        if column.can_lift and isinstance(raw, str) and fold(raw) == NONE:
            return LIFTED
        if column.content is Content.SHARE:
            return self._share(column, raw, row, number)
        if column.content is Content.AMOUNT or column.name in _MONEY:
            return self._money(column, raw, row, number)
        if column.name in _IN_UNIT and (row, number) in self.sheet.percentages:
            self._ask_points(raw, row)
        if column.content is Content.YEARS:
            return cells.years(raw, self.years)
        if column.content is Content.KEYWORD and column.name not in _READERS and column.keywords:
            return cells.keyword(raw, column.keywords)
        return _READERS.get(column.name, _READERS.get(column.content, _text_of(column)))(raw)

    def _share(self, column: Column, raw: Raw, row: int, number: int) -> Value:
        """Read a percentage; a rule's Value is an amount where its Basis says so."""
        if (basis := self.rows.columns.get("Basis")) is not None and column.name == "Value":
            typed = cells.text(self.sheet.value(row, basis) or "")
            if fold(typed) in AMOUNTS:
                return self._money(column, raw, row, number)
            unknown = not typed or fold(typed) in BASES_MEANT or near(typed, BASIS_WORDS) in AMOUNTS
            if unknown and not has_percent(raw):
                return None  # the slip in Basis is reported; what Value means can't be known yet
        formatted = not isinstance(raw, str) and self.sheet.is_percentage(row, number)
        value = cells.share(raw, formatted=formatted)
        if value < 0 and column.name in _NOT_NEGATIVE:
            raise Misread("{} is negative, which no share may be; type 0% or more", cells.percent(value))
        self.rows.percent.add((row, number))
        return value

    def _ask_points(self, raw: Raw, row: int) -> None:
        """Ask about an indicator's figure in a cell formatted as a percentage, where percent is its unit too."""
        unit = cells.text(self.sheet.value(row, self.rows.columns.get("Unit", 0)) or "")
        if raw and isinstance(raw, int | float) and re.search(r"%|per ?cent|phần trăm", fold(unit)):
            stored = cells.exact(raw)
            raise Misread(
                "{0}, or {1}? Figures are in the indicator's Unit ({2}); type {3}, or {1}, in a cell that is formatted "
                "as a number",
                *(cells.percent(stored), cells.plain(stored), unit, cells.plain(stored * 100)),
            )

    def _money(self, column: Column, raw: Raw, row: int, number: int) -> Value:
        """Read an amount: in its column, or as the Value of a rule whose Basis is amount, which may be negative."""
        formatted = not isinstance(raw, str) and (row, number) in self.sheet.percentages
        read = cells.amount if column.content is Content.AMOUNT else cells.money
        return read(raw, formatted=formatted, instead=SHARES.get(column.name, ""))


_UNCOMPUTED = (
    "holds a formula without a computed value; open the workbook in a spreadsheet program and save it, or type a value"
)
_IN_UNIT = ("Baseline", "Target")
_MONEY = ("Cost per unit", "Spending 1", "Spending 2")
"""Numbers that are money."""
_NOT_NEGATIVE = ("Minimum share", "Maximum share", "Up to, of last year")
_READERS: Mapping[str | Content, Callable[[Raw], Value]] = {
    "Operator": cells.operator,
    "Strength": cells.strength,
    "Value": lambda raw: raw,
    "Reference": lambda raw: raw,
    Content.NUMBER: cells.number,
    Content.NAME: cells.name,
    Content.NAMES: cells.names,
}
"""How cells are read: by the column's name where that says more than its content."""


def _text_of(column: Column) -> Callable[[Raw], str]:
    return (lambda raw: cells.tidy(cells.text(raw))) if column.refers_to else cells.text


def _slip_of_provenance(heading: str, made_up: Sequence[str]) -> bool:
    return near(heading, PROVENANCE_NAMES) is not None and fold(heading) not in map(fold, made_up)


def _span(years: Sequence[int]) -> str:
    return f"{years[0]}-{years[-1]}, as in Budget" if len(years) > 1 else f"{years[0]}, as in Budget"


# ---- What rows and columns are called -------------------------------------------------------------------------------


NUMBERS = (Content.AMOUNT, Content.NUMBER, Content.SHARE)
_BESIDE = {"Limits": "Years", "Benefits": "Years", "Indicators": "Year", "Effects": "Indicator"}
"""Tables in which rows may share a name, and the column that helps to tell them apart."""
_OWN = Column(Content.TEXT, "", "")
"""A column that no table declares."""


class SheetRows:
    """The rows and columns of one input sheet, by what they are called."""

    def __init__(self, sheet: InputSheet) -> None:
        self.sheet = sheet
        self.table: Table = next(table for table in TABLES if table.sheet == sheet.table)
        self.headings = sheet.column

    @cached_property
    def names(self) -> Mapping[int, tuple[str, str]]:
        """Row → its name, and what may tell it from others of that name; rows without a name are missing."""
        beside = _BESIDE.get(self.table.sheet, "")
        pairs = ((row, self.text(row, self.table.required[0])) for row in self.sheet.table_rows)
        return {row: (name, self.text(row, beside)) for row, name in pairs if name}

    @cached_property
    def count(self) -> Mapping[str, int]:
        """Folded name → how many rows bear it."""
        return Counter(fold(name) for name, _ in self.names.values())

    def longer(self) -> Iterator[tuple[int, str, str]]:
        """Yield each row with its name, and the longer label that tells it from others; empty where there is none."""
        bands = Counter[tuple[str, str]]()
        for row, (name, beside) in self.names.items():
            if self.table.sheet == "Benefits":
                bands[fold(name), fold(beside)] += 1
                number = bands[fold(name), fold(beside)]
                yield row, name, f"{name} / {number}" + (f" / {beside}" if beside else "")
            else:
                yield row, name, f"{name}/{beside}" if beside else ""

    @cached_property
    def rows(self) -> dict[str, int]:
        """Label → row number, from 1. Where a name alone would do, it is a label beside the longer one."""
        found: dict[str, int] = {}
        shared, bands = self.table.sheet in _BESIDE, self.table.sheet == "Benefits"
        for row, name, longer in self.longer():
            if not bands and (self.count[fold(name)] == 1 or (shared and not longer)):
                found[name] = row
            if longer:
                found[longer] = row
        return found

    @cached_property
    def _labels(self) -> Mapping[int, str]:
        return {row: label for label, row in reversed(self.rows.items())}

    @cached_property
    def _by_form(self) -> Mapping[str, str]:
        return {address_form(label): label for label in self.rows} | {fold(label): label for label in self.rows}

    @cached_property
    def own(self) -> Mapping[str, int]:
        """Heading → column number of the columns that the table doesn't know, as they are spelt."""
        header = self.sheet.rows[self.sheet.header_row - 1] if self.sheet.header_row else ()
        return {
            cells.tidy(cells.text(value)): number
            for number, value in enumerate(header, 1)
            if number not in self.sheet.headings and not is_blank(value)
        }

    def label_of(self, row: int) -> str | None:
        """Return what a row is called, the shortest of its labels; None where nothing tells it from another."""
        return self._labels.get(row)

    def label_like(self, typed: str) -> str | None:
        """Return the label that was typed, whatever its case, spaces and Unicode form; None where there is none."""
        return self._by_form.get(fold(typed)) or self._by_form.get(address_form(typed))

    def text(self, row: int, heading: str) -> str:
        """Return a cell as tidy text; empty where it is blank or the column is missing."""
        raw = self.raw(row, self.headings.get(heading, 0))
        return "" if is_blank(raw) else cells.tidy(cells.text(raw))

    def raw(self, row: int, column: int) -> Raw:
        """Return a cell as it was read; None beyond what is filled."""
        return self.sheet.raw(row, column)

    def cell(self, row: int, column: int) -> Cell:
        """Return the cell at a row and column."""
        return Cell(self.sheet.name, row, column)

    def spec(self, row: int, heading: str) -> tuple[Content, str]:
        """Return what a cell holds, and what it means where it is blank: its declared default, in words.

        On Scenario that is up to the row's setting; a rule's Value counts as a percentage, unless its Basis is amount.
        """
        if self.table is SCENARIO and heading == "Value":
            name = fold(self.text(row, "Setting"))
            setting = next((spec for spec in SETTINGS if fold(spec.name) == name), None)
            return (setting.content, setting.default) if setting else (Content.MIXED, "")
        column = column_spec(self.table, heading) if heading in self.headings else _OWN
        if heading == "Value" and fold(self.text(row, "Basis")) in AMOUNTS:
            return Content.NUMBER, column.default
        return column.content, column.default


class CellNames:
    """What the cells of a scenario's inputs are called; each sheet is looked through once, when it is asked for."""

    def __init__(self, scenario: Scenario) -> None:
        self._sheets = {sheet.name: sheet for sheet in scenario.inputs if sheet.table}
        self._rows: dict[str, SheetRows] = {}

    def of(self, cell: Cell) -> tuple[str, str]:
        """Return the row's label and the heading; the cell's own address for a row without a label."""
        if cell.sheet not in self._rows:
            self._rows[cell.sheet] = SheetRows(self._sheets[cell.sheet])
        rows = self._rows[cell.sheet]
        return rows.label_of(cell.row) or str(cell), rows.sheet.headings.get(cell.column, "")


def address_form(text: str) -> str:
    """Return the form in which addresses are compared: as `fold`, and spaces around ``/`` don't count."""
    return re.sub(r"\s*/\s*", "/", fold(text))


def column_spec(table: Table, heading: str) -> Column:
    """Return what is declared of a column, be its heading fixed or made up by the workbook."""
    return table.column(heading) or _OWN
