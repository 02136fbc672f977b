"""The What-if sheet → variants: every row resolved to the cells that it changes, or reported at its own cells.

Rows are resolved against the scenario as it stands, in any order: what a row adds to is what the workbook holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from allocator.errors import Problem
from allocator.scenario import cells
from allocator.scenario.cells import Misread, Said, fold, is_blank, suggestion
from allocator.scenario.model import Cell, InputSheet, Origin, Raw, Variant, VariantEdit, values_of
from allocator.scenario.problems import Problems
from allocator.scenario.records import NUMBERS, Record, Rows, SheetRows, address_form, column_spec
from allocator.scenario.schema import (
    ADD,
    AMOUNTS,
    CHANGE_BY,
    EVERY_YEAR,
    NONE,
    REMOVE,
    RULES,
    SCENARIO,
    SET,
    SETTINGS,
    Column,
    Content,
    Family,
)
from allocator.scenario.sheets import Sheet
from allocator.spreadsheet.references import column_letters, column_number

RESERVED = {"all": "every variant", "base": "the scenario as it stands"}
"""Names that mean something where variants are named."""
_LISTED = 6
_TOO = "change or remove this cell or its row in the variant too"
_ADDRESS = re.compile(r"(?:(.+)!)?\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")


@dataclass
class _Draft:
    """A variant while its rows are resolved."""

    name: str
    origin: Origin
    edits: list[VariantEdit] = field(default_factory=list)
    sound: bool = True
    """Whether all of its rows could be resolved."""


def variants(rows: Rows, sheet: Sheet, inputs: Iterable[InputSheet], problems: Problems) -> tuple[Variant, ...]:
    """Return the variants whose every row names cells that exist; what is wrong with others goes to `problems`.

    `rows` are those of the What-if sheet, `sheet` that sheet itself, `inputs` the other sheets with a table. The Value
    cells that are percentages are noted in `rows`.
    """
    return _Resolver(rows, sheet, inputs, problems).variants()


class _Resolver:
    def __init__(self, rows: Rows, sheet: Sheet, inputs: Iterable[InputSheet], problems: Problems) -> None:
        self.rows = rows
        self.sheet = sheet
        self.inputs = {sheet.table: sheet for sheet in inputs if sheet.table and sheet.header_row}
        self.problems = problems
        self.targets: dict[str, SheetRows] = {}
        self.unread: dict[str, bool] = {}
        """Sheet → whether names of its rows have problems."""
        self.bases: dict[tuple[str, int], str] = {}
        """(variant, row of Rules) → the Basis that the variant gives that rule."""

    def variants(self) -> tuple[Variant, ...]:
        self._note_bases()
        drafts: dict[str, _Draft] = {}
        for record in self.rows.records:
            name = cells.tidy(record.text("Variant"))
            if not name:
                continue
            if meaning := RESERVED.get(fold(name)):
                self._say(record, "Variant", f'"{name}" means {meaning}; choose another name')
            draft = drafts.setdefault(fold(name), _Draft(name, record.origin))
            edits = self._edits(record)
            draft.sound &= bool(edits) and all(self._first(draft, record, edit) for edit in edits)
            draft.edits += edits
        return tuple(Variant(d.name, tuple(d.edits), d.origin) for d in drafts.values() if d.sound)

    def _say(self, record: Record, heading: str, message: Said | str) -> None:
        self.problems.at(record.origin, heading, message)

    def _say_blank(self, record: Record, heading: str, message: str) -> None:
        """Say what is missing in a cell; once at the headings, where the sheet has no such column."""
        if heading in self.rows.columns:
            self.problems.follow_up(record.origin, heading, f"is blank; {message}")
        elif self.rows.table.sheet not in self.problems.hidden_headings:
            place = Cell(record.origin.sheet, self.rows.header_row or 1, min(self.rows.columns.values()))
            self.problems.add(place, f"the sheet has no column {heading}; add it, with that heading")

    def _note_bases(self) -> None:
        for record in self.rows.records:
            rules = self._target(RULES.sheet) if record.text("Sheet") == RULES.sheet else None
            if rules and record.text("Change") == SET and fold(record.text("Column")) == "basis":
                label = rules.label_like(record.text("Row"))
                if label is not None:
                    basis = record.values.get("Value")
                    text = cells.text(basis) if isinstance(basis, str | int | float) else ""
                    self.bases[fold(record.text("Variant")), rules.rows[label]] = fold(text)

    def _target(self, table: str) -> SheetRows | None:
        if table not in self.targets and table in self.inputs:
            self.targets[table] = SheetRows(self.inputs[table])
        return self.targets.get(table)

    def _first(self, draft: _Draft, record: Record, edit: VariantEdit) -> bool:
        """Whether an edit is the first of its variant at its cell (or row, if a row is removed); else report it."""
        name = self._named(draft, record)
        for other in draft.edits:
            if (other.cell.sheet, other.cell.row) != (edit.cell.sheet, edit.cell.row):
                continue
            row = other.origin.row
            if other.removes_row or edit.removes_row:
                self._say(record, "Row", Said("{} already removes or changes this row (row {}); remove one", name, row))
                return False
            if other.cell == edit.cell:
                self._say(
                    record, "Column", Said("{} already changes {} (row {}); remove one", name, str(edit.cell), row)
                )
                return False
        return True

    @staticmethod
    def _named(draft: _Draft, record: Record) -> str:
        """Return the variant's name as it is first spelt, and that another spelling is the same name."""
        typed = cells.tidy(record.text("Variant"))
        return f'"{draft.name}"' + (f' ("{typed}" is the same name)' if typed != draft.name else "")

    # What a row names

    def _edits(self, record: Record) -> tuple[VariantEdit, ...]:
        rows = self._sheet(record)
        change = record.text("Change")
        self._check_value(record, change)
        if rows is None:
            return ()
        number = self._row(record, rows)
        headings = self._headings(record, rows, change)
        if number is None or headings is None or not change:
            return ()
        if not headings:
            label = rows.label_of(number) or record.text("Row")
            cell = rows.cell(number, 1)
            gone = VariantEdit(rows.sheet.name, label, "", cell, None, None, percent=False, origin=record.origin)
            return () if record.has("Value") else (gone,)
        found = [self._edit(record, rows, number, heading) for heading in headings]
        edits = tuple(edit for edit in found if edit is not None)
        return edits if len(edits) == len(found) else ()

    def _sheet(self, record: Record) -> SheetRows | None:
        name = record.text("Sheet")
        rows = self._target(name) if name else None
        if name and rows is None and not self.problems.on(name):  # of which a missing table is but a consequence
            self._say(
                record, "Sheet", f"the workbook has no table {name}; add the sheet, with the row that is to change"
            )
        return rows

    def _row(self, record: Record, rows: SheetRows) -> int | None:
        typed = cells.tidy(record.text("Row"))
        label = rows.label_like(typed)
        if label is None and (cell := self._address(record, rows)) and rows.label_of(cell.row):
            return cell.row
        if label is None and typed and not self._unread_names(rows):
            self._say(record, "Row", self._no_row(typed, rows))
        return None if label is None else rows.rows[label]

    def _unread_names(self, rows: SheetRows) -> bool:
        """Whether a row's name has a problem: one that isn't found may be that."""
        if (known := self.unread.get(rows.sheet.name)) is not None:
            return known
        first = column_letters(rows.headings.get(rows.table.required[0], 1))
        below = rows.sheet.header_row or 0
        unread = any(letters == first and row > below for letters, row in self.problems.cells[rows.sheet.name])
        self.unread[rows.sheet.name] = unread
        return unread

    @staticmethod
    def _address(record: Record, rows: SheetRows) -> Cell | None:
        """Return the cell that Row names by its address, ``E5`` or ``Rules!E5``; None where it is a name."""
        match = _ADDRESS.fullmatch(cells.tidy(record.text("Row")))
        if match is None or fold(match[1] or rows.sheet.name).strip("'") != fold(rows.sheet.name):
            return None
        return Cell(rows.sheet.name, int(match[3]), column_number(match[2]))

    @staticmethod
    def _no_row(typed: str, rows: SheetRows) -> Said | str:
        sheet = rows.sheet.name
        shared = [label for label in rows.rows if address_form(label).startswith(f"{address_form(typed)}/")]
        if shared:
            listed = ", ".join(f'"{label}"' for label in shared[:_LISTED]) + (", …" if len(shared) > _LISTED else "")
            return f'"{typed}" names several rows of {sheet}, or none; type {"one of " * (len(shared) > 1)}{listed}'
        if rows.table is SCENARIO:
            absent = next((setting for setting in SETTINGS if fold(setting.name) == fold(typed)), None)
            if absent is not None:
                default = f", with its default {absent.default}" if absent.default else ""
                return f"the sheet {sheet} has no row {absent.name}; add it there{default}"
        ending = suggestion(typed, list(rows.rows), "its rows are" if rows.rows else "it has no rows")
        return Said("the sheet {} has no row {}; {}", sheet, f'"{typed}"', ending)

    def _headings(self, record: Record, rows: SheetRows, change: str) -> tuple[str, ...] | None:
        """Return the columns that are named; none of them where the whole row is removed, None where it is wrong."""
        typed = cells.tidy(record.text("Column"))
        if not typed:
            cell = None if rows.label_like(cells.tidy(record.text("Row"))) else self._address(record, rows)
            heading = rows.sheet.headings.get(cell.column) if cell else None
            return (heading,) if heading else self._without_column(record, rows, change)
        if fold(typed) == EVERY_YEAR:
            years = tuple(h for h in rows.headings if column_spec(rows.table, h).family is Family.YEAR)
            if not years:
                example = next((h for h in rows.headings if column_spec(rows.table, h).content in NUMBERS), "Value")
                self._say(record, "Column", f"{rows.sheet.name} has no year columns; type a heading, such as {example}")
            return years or None
        named = {fold(heading): heading for heading in (*rows.headings, *rows.own)}
        if fold(typed) in named:
            return (named[fold(typed)],)
        if not self._slips_in_headings(rows.sheet):
            self._say(record, "Column", _no_column(typed, rows))
        return None

    def _without_column(self, record: Record, rows: SheetRows, change: str) -> tuple[str, ...] | None:
        if change == REMOVE and not record.has("Column"):
            return ()
        if rows.table is SCENARIO:
            return ("Value",)
        if change:
            example = "every year, or a year" if rows.table.sheet == "Budget" else "a heading of that sheet"
            self._say_blank(record, "Column", f"type {example}; blank is for remove, which then removes the row")
        return None

    def _slips_in_headings(self, sheet: InputSheet) -> bool:
        """Whether a heading of a sheet has a problem, of which a column that isn't there may be but a consequence."""
        rows = {row for _, row in self.problems.cells[sheet.name]}  # 0: the sheet itself
        return sheet.name in self.problems.hidden_headings or bool(rows & {0, sheet.header_row})

    # What becomes of a cell

    def _check_value(self, record: Record, change: str) -> None:
        if change == REMOVE and record.has("Value"):
            self._say(record, "Value", "remove takes no Value; clear this cell, or type set as Change")
        elif change and change != REMOVE and not record.has("Value"):
            what = "what the cell is to hold" if change == SET else "by how much, such as 10%"
            self._say_blank(record, "Value", f"type {what if change != ADD else 'what is to be added'}")

    def _edit(self, record: Record, rows: SheetRows, number: int, heading: str) -> VariantEdit | None:
        """Return what becomes of a cell; None where it can't be so, or has a problem of its own."""
        column = rows.headings.get(heading) or rows.own[heading]
        cell, before = rows.cell(number, column), rows.raw(number, column)
        if str(cell) in self.problems.places:
            return None
        own, default = rows.spec(number, heading)
        content = self._content(record, rows, number, heading, own)
        change = record.text("Change")
        spec = column_spec(rows.table, rows.sheet.headings.get(column, ""))
        after: Raw = None
        if change == REMOVE and is_blank(before):
            self._say(record, "Column", f"{cell} is blank already, so there is nothing to remove")
        elif change == REMOVE:
            after = None
        elif change == SET and (content not in NUMBERS or (spec.can_lift and _lifts(record))):
            after = NONE if content in NUMBERS else _raw(record)
        elif content not in NUMBERS:
            self._say(record, "Change", f"{change} is for numbers, but {cell} ({heading}) holds {own.value}; type set")
        else:
            found = self._number(record, cell, spec, content if change != CHANGE_BY else Content.SHARE)
            if found is not None and change != SET:
                found = self._moved(record, cell, before, found, own, content, default)
            after = None if found is None else float(found)
        if after is None and (change != REMOVE or is_blank(before) or record.has("Value")):
            return None
        label = rows.label_of(number) or record.text("Row")
        percent = own is content is Content.SHARE
        return VariantEdit(rows.sheet.name, label, heading, cell, before, after, percent, origin=record.origin)

    def _content(self, record: Record, rows: SheetRows, number: int, heading: str, own: Content) -> Content:
        """Return what a cell will hold: a rule's Value is a percentage or an amount as the variant's Basis has it."""
        basis = self.bases.get((fold(record.text("Variant")), number))
        if rows.table is not RULES or heading != "Value" or not basis:
            return own
        return Content.NUMBER if basis in AMOUNTS else Content.SHARE

    def _number(self, record: Record, cell: Cell, spec: Column, content: Content) -> Fraction | None:
        """Return Value as a number; None where it is none, or not there."""
        raw = _raw(record)
        if is_blank(raw):
            return None
        place = record.origin.cell("Value")
        formatted = not isinstance(raw, str) and self.sheet.is_percentage(place.row, place.column)
        if content is Content.AMOUNT and (typed := _percentage(raw, formatted=formatted)):
            ending = f"type an amount, in a cell that isn't formatted as a percentage, or {CHANGE_BY} as Change"
            self._say(record, "Value", Said("{} is a percentage, but {} holds an amount; {}", typed, str(cell), ending))
            return None
        try:
            if content is not Content.SHARE:
                return cells.number(raw)
            found = cells.share(raw, formatted=formatted)
        except Misread as misread:
            self._say(record, "Value", misread.told(_instead(record, spec)))
            return None
        self.rows.percent.add((place.row, place.column))
        return found

    def _moved(
        self, record: Record, cell: Cell, before: Raw, by: Fraction, own: Content, content: Content, default: str
    ) -> Fraction | None:
        """Return what a cell holds after `add` or `change by`; None where it holds nothing that can be moved."""
        change = record.text("Change")
        if own is not content:
            self._say(record, "Change", f"the rule's Basis changes too, so that {cell} means another thing; type set")
            return None
        blank = is_blank(before)
        if (blank and default not in ("0", "0 %")) or (isinstance(before, str) and fold(before) == NONE):
            found = "blank" if blank else "none"
            self._say(record, "Change", f"{cell} is {found}, which no {change} can move; type set")
            return None
        try:
            now = Fraction(0) if blank else _figure(before, own)
        except Misread:
            return None  # what is wrong with its row is reported there
        return now + by if change == ADD else now * (1 + by)


def _raw(record: Record) -> Raw:
    value = record.values.get("Value")
    return value if isinstance(value, str | int | float) else None


def _lifts(record: Record) -> bool:
    raw = _raw(record)
    return isinstance(raw, str) and fold(raw) == NONE


def _instead(record: Record, spec: Column) -> str:
    """Return what to type where a figure was expected."""
    if record.text("Change") != SET:
        return "type one"
    if spec.can_lift:
        return "type one, or none for no limit"
    return f"type one, or remove as Change (blank: {spec.default})" if spec.default else cells.TYPE_ONE


def _percentage(raw: Raw, *, formatted: bool) -> str:
    """Return a percentage as it was typed; empty where it is none."""
    if isinstance(raw, str):
        return cells.tidy(raw) if cells.tidy(raw).endswith("%") else ""
    return cells.percent(cells.exact(raw)) if formatted and raw is not None else ""


def _figure(raw: Raw, content: Content) -> Fraction:
    return cells.share(raw, formatted=True) if content is Content.SHARE else cells.number(raw)


def _no_column(typed: str, rows: SheetRows) -> Said | str:
    sheet, table = rows.sheet.name, rows.table
    known = {fold(column.name): column for column in table.columns if not column.family}
    column = known.get(fold(typed))
    if column is not None:
        meaning = f" (blank means: {column.default})" if column.default else ""
        return f"the sheet {sheet} has no column {column.name}; add it there first{meaning}"
    ending = suggestion(typed, list(rows.headings), "its columns are")
    return Said("the sheet {} has no column {}; {}", sheet, f'"{typed}"', ending)


# Variants that are read


def _left_behind(edit: VariantEdit, found: Problem) -> str:
    """Return a problem's message; one that misses the row which the edit removes doesn't propose another's name."""
    unknown = found.unknown
    if unknown is None or not edit.removes_row or unknown.name != edit.row:
        return found.message
    way = "no variant removes a heading, so keep the row and clear its cells" if unknown.in_heading else _TOO
    return f"{unknown.said}, since this row removes it; {way}"


def blame(variant: Variant, found: Problem) -> tuple[Origin, str, str]:
    """Return the What-if row and heading to which a problem of the scenario with the variant is due, and its text.

    The problem's place is told as the workbook has it, whatever rows the variant removes.
    """
    sheet, letters, row = found.first
    for gone in sorted(number for at, number in values_of(variant.edits)[1] if at == sheet):
        row += row >= gone
    place = f"{sheet}!{letters}{row}" if letters else sheet

    def nearness(edit: VariantEdit) -> int:
        tests = (
            not edit.removes_row and str(edit.cell) == place,
            (edit.cell.sheet, edit.cell.row) == (sheet, row),
            edit.removes_row,
            edit.sheet == sheet,
        )
        return tests.index(True) if any(tests) else len(tests)

    edit = min(variant.edits, key=nearness)
    heading = "Row" if edit.removes_row else "Column" if edit.after is None else "Value"
    text = str(Problem(place, _left_behind(edit, found), found.heading))
    return edit.origin, heading, f'with the variant "{variant.name}", {text}'
