"""What changed from one plan to another: in inputs, rules and amounts, for the log that an auditor keeps.

Inputs are matched by sheet, row's name and heading, not by address.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.audit.claims import input_sheet
from allocator.audit.comparison import COMPUTED, TYPED
from allocator.audit.comparison import same as same_value
from allocator.audit.workbook import PlanTables, PlanWorkbook, Row, fraction_of, read_plan_workbook, shown_input
from allocator.programme.rows import ZERO
from allocator.render.about_sheets import CHANGED_BY, PLANNED_WITH
from allocator.scenario.cells import fold, is_blank
from allocator.scenario.changes import Held, Match, RowDifference, row_differences
from allocator.scenario.model import Cell, InputSheet, Raw
from allocator.scenario.schema import TABLES, WHAT_IF
from allocator.spreadsheet.syntax import Value, canonical_value
from allocator.tables import plan as tables
from allocator.tables.columns import Table
from allocator.tables.money import ALLOCATION, INDICATORS
from allocator.tables.rules import RULES


class Change(StrEnum):
    """What becomes of a cell, or of a row, column or sheet."""

    SHEET_ADDED = "sheet added"
    SHEET_REMOVED = "sheet removed"
    COLUMN_ADDED = "column added"
    COLUMN_REMOVED = "column removed"
    ROW_ADDED = "row added"
    ROW_REMOVED = "row removed"
    CHANGED = "changed"
    """A cell's content."""


@dataclass(frozen=True)
class InputChange:
    """A cell that changed, or a row, column or sheet that was added or removed."""

    kind: Change
    sheet: str
    """The sheet in the scenario."""
    row: str
    """The name in its first column; ``NAME / 2`` for the second row of that name; empty for columns and sheets."""
    column: str
    """The heading; empty where there is none."""
    old_cell: str
    """``Rules!D7``, where it stood; empty where it didn't."""
    new_cell: str
    old: Value
    """For a row, what it holds in words."""
    new: Value
    percent: bool = False
    """Whether the numbers are percentages."""


@dataclass(frozen=True)
class _Line:
    """A row of an input table: its number, its name, the how-manieth of that name it is."""

    number: int
    name: str
    count: int


class _Input:
    """One input sheet: its heading row, its columns by heading, its rows by name."""

    def __init__(self, sheet: InputSheet) -> None:
        self.sheet = sheet
        self.lines = {
            number: {column: value for column, value in enumerate(row, 1) if not is_blank(value)}
            for number, row in enumerate(sheet.rows, 1)
        }
        self.head, first = self._find_head()
        headings = {} if self.head is None else self.lines[self.head]
        self.columns = _numbered((column, name_of(text)) for column, text in headings.items())
        self.rows: dict[str, list[_Line]] = {}
        for number, values in self.lines.items():
            if values and number != self.head:
                name = name_of(values.get(first)) if self.head and number > self.head else f"row {number}"
                of_name = self.rows.setdefault(fold(name), [])
                of_name.append(_Line(number, name, len(of_name) + 1))

    def _find_head(self) -> tuple[int | None, int]:
        """Return the heading row of the table that is declared for the sheet, and its first column."""
        for table in TABLES:
            if fold(table.sheet) == fold(self.sheet.name):
                wanted = {fold(name) for name in table.required}
                for row, values in self.lines.items():
                    found = {fold(str(value)): column for column, value in values.items()}
                    if wanted and wanted <= found.keys():
                        return row, found.get(fold(table.columns[0].name), min(values))
        return None, 1

    def heading(self, column: int) -> str:
        """Return the address of a column's heading."""
        return str(Cell(self.sheet.name, self.head or 1, column))

    def content(self, line: _Line) -> list[tuple[str, tuple[bool, str]]]:
        """Return what a row holds, by heading: what tells whether two rows are equal."""
        names = {column: fold(name) for name, column in self.columns.items()}
        return sorted((names.get(column, ""), content(value)) for column, value in self.lines[line.number].items())


def input_changes(old: PlanWorkbook, new: PlanWorkbook, *, variants: bool = True) -> Iterator[InputChange]:
    """Yield what differs between the Inputs sheets of two plans.

    Without `variants` the sheet What-if is left out: the plan of a variant has none.
    """
    before, after = _inputs(old), _inputs(new)
    for name in {**before, **after}:
        if fold(name) == fold(WHAT_IF.sheet) and not variants:
            continue
        if name not in after:
            yield InputChange(Change.SHEET_REMOVED, name, "", "", name, "", "", "")
        elif name not in before:
            yield InputChange(Change.SHEET_ADDED, name, "", "", "", name, "", "")
        else:
            yield from _sheet_changes(before[name], after[name])


def content(value: Raw) -> tuple[bool, str]:
    """Return what the contents of two cells are compared by: whether it is text, and numbers to 15 digits."""
    return isinstance(value, str), canonical_value(value)


def same_content(one: Held, other: Held, _heading: str) -> bool:
    """Whether two cells hold the same, to what spreadsheet programs keep of it."""
    return content(one.value) == content(other.value)


def name_of(value: Value) -> str:
    """Return a heading or a name as a reader writes it: a year without decimals."""
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else "" if value is None else str(value)


def same(one: Value, other: Value, part: float = TYPED) -> bool:
    """Whether two values are the same, numbers to `part` of themselves; a blank is the same as an empty text, or 0."""
    if one is None or other is None:
        return (one or "") == (other or "")
    return same_value(one, other, part)


def shown(value: Value, *, percent: bool = False) -> str:
    """Return a cell's value in words.

    >>> shown(0.045, percent=True), shown(1250.5), shown(None)
    ('4.5 %', '1,250.5', 'blank')
    """
    if value is None or value == "":
        return "blank"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return value
    text = f"{value * 100 if percent else value:,.12g}".replace("-", "−")
    return f"{text} %" if percent else text


def _inputs(workbook: PlanWorkbook) -> dict[str, _Input]:
    names = ((shown_input(name), sheet) for name, sheet in workbook.sheets.items())
    return {own: _Input(input_sheet(own, sheet)) for own, sheet in names if own is not None}


def _numbered(headings: Iterator[tuple[int, str]]) -> dict[str, int]:
    """Return heading → column; a heading that stands there again bears a number."""
    found: dict[str, int] = {}
    for column, text in headings:
        name, count = text, 1
        while fold(name) in map(fold, found):
            count += 1
            name = f"{text} / {count}"
        found[name] = column
    return found


def _sheet_changes(old: _Input, new: _Input) -> Iterator[InputChange]:
    columns = list(_columns(old, new))
    for name, before, after in columns:
        if name and before is None and after is not None:
            yield InputChange(Change.COLUMN_ADDED, new.sheet.name, "", name, "", new.heading(after), "", "")
        elif name and before is not None and after is None:
            yield InputChange(Change.COLUMN_REMOVED, old.sheet.name, "", name, old.heading(before), "", "", "")
    for found in row_differences(old.sheet, new.sheet, _rows(old, new), columns, same_content):
        yield from _cell_changes(found, new.head or 0) if found.kind == "changed" else (_row_change(found),)


def _cell_changes(found: RowDifference, head: int) -> Iterator[InputChange]:
    """Yield the cells of a row that changed; those of a column that came or went are not told one by one."""
    for e in found.edits:
        if e.before_cell is not None and e.after_cell is not None:
            heading = e.column if head and e.after_cell.row > head else ""
            places = str(e.before_cell), str(e.after_cell)
            yield InputChange(Change.CHANGED, e.sheet, e.row, heading, *places, e.before, e.after, percent=e.percent)


def _row_change(found: RowDifference) -> InputChange:
    """Return a row that came or went: where it begins, and what it holds."""
    edits = sorted(found.edits, key=lambda edit: edit.cell.column)
    added = found.kind == "added"
    values = ((e.column, shown(e.after if added else e.before, percent=e.percent)) for e in edits)
    told = "; ".join(f"{heading} {text}".strip() for heading, text in values)
    start = str(edits[0].cell)
    if added:
        return InputChange(Change.ROW_ADDED, found.sheet, found.row, "", "", start, "", told)
    return InputChange(Change.ROW_REMOVED, found.sheet, found.row, "", start, "", told, "")


def _columns(old: _Input, new: _Input) -> Iterator[Match]:
    """Yield the columns of both, by heading; those without a heading by their place."""
    before = {fold(name): (name, column) for name, column in old.columns.items()}
    after = {fold(name): (name, column) for name, column in new.columns.items()}
    for key in {**before, **after}:
        name = (after.get(key) or before[key])[0]
        yield Match(name, before[key][1] if key in before else None, after[key][1] if key in after else None)
    taken = ({*old.columns.values()}, {*new.columns.values()})
    for column in sorted({column for side in (old, new) for values in side.lines.values() for column in values}):
        places = [None if column in headed else column for headed in taken]
        if any(places):
            yield Match("", *places)


def _rows(old: _Input, new: _Input) -> Iterator[Match]:
    """Yield the rows of both by name, with a number where there are several of that name before it."""
    for name in {**old.rows, **new.rows}:
        for pair in _pairs(old, new, old.rows.get(name, []), new.rows.get(name, [])):
            lines = [line for line in pair if line is not None]
            count = min(line.count for line in lines)
            told = f"{lines[-1].name} / {count}" if count > 1 else lines[-1].name
            yield Match(told, *(None if line is None else line.number for line in pair))


def _pairs(
    old: _Input, new: _Input, before: Sequence[_Line], after: Sequence[_Line]
) -> list[tuple[_Line | None, _Line | None]]:
    """Return the rows of one name, each with its counterpart, by order; where rows came or went, equal ones first."""
    if len(before) == len(after):
        return list(zip(before, after, strict=True))
    rest, pairs = list(after), {}
    for one in before:
        alike = next((other for other in rest if old.content(one) == new.content(other)), None)
        if alike is not None:
            rest.remove(alike)
            pairs[one.number] = alike
    for one in before:
        if one.number not in pairs and rest:
            pairs[one.number] = rest.pop(0)
    return [*((one, pairs.get(one.number)) for one in before), *((None, other) for other in rest)]


# -- plans -----------------------------------------------------------------------------------------------------------

ADDED, REMOVED = "added", "removed"
RULE_FACTS = ("As written", "Operator", "Strength", "Legal basis", "Status")
INDICATOR_FACTS = ("Baseline", "Target", "Reached", "Met")
ENTRIES = ("Decided", "Reason", "By")
HOW_MADE = (CHANGED_BY, "Made by", "Solver", "Objective", "Unit", "Step used")
OBJECTIVES = ("Objective of the plan in force", "Objective as optimised")


@dataclass(frozen=True)
class PlanFacts:
    """Which plan it is; texts are empty where About doesn't say."""

    file: str
    sha256: str
    """Of the file itself."""
    title: str
    made_at: str
    scenario_file: str
    scenario_sha256: str
    content_sha256: str
    unit: str
    planned_with: str = ""
    """``variant "Slump"``, ``repair 1``; empty where with neither."""


@dataclass(frozen=True)
class RuleChange:
    """A row of Rules that was added or removed, or one of its facts that changed."""

    rule: str
    year: int | None
    what: str
    """``added``, ``removed``, or the column: As written, Operator, Strength, Legal basis, Status."""
    old: str
    new: str


@dataclass(frozen=True)
class AmountChange:
    """An amount that differs; None where the plan has no such line. In force where it was decided otherwise."""

    area: str
    year: int | None
    source: str
    old: float | None
    new: float | None
    difference: float
    """Of the amounts as optimised: new less old, none counted as 0."""
    old_in_force: float | None
    new_in_force: float | None


@dataclass(frozen=True)
class AreaChange:
    """What an area gets over all years and sources, where that differs."""

    area: str
    old: float
    new: float
    difference: float
    old_in_force: float
    new_in_force: float
    difference_in_force: float


@dataclass(frozen=True)
class FactChange:
    """Anything else that differs: an indicator's figure, an entry, how the plan was made."""

    subject: str
    """The indicator; ``Culture, 2026, City budget``; the step of the sign-off."""
    year: int | None
    what: str
    """The column."""
    old: Value
    new: Value


@dataclass(frozen=True)
class Difference:
    """All that differs between two plans; what doesn't is left out."""

    old: PlanFacts
    new: PlanFacts
    made: tuple[FactChange, ...]
    """How they were made: program, solver, step."""
    inputs: tuple[InputChange, ...]
    rules: tuple[RuleChange, ...]
    amounts: tuple[AmountChange, ...]
    areas: tuple[AreaChange, ...]
    indicators: tuple[FactChange, ...]
    objective: tuple[FactChange, ...]
    decisions: tuple[FactChange, ...]
    """Filled entries: amounts decided, reasons, names, sign-off."""

    @property
    def differs(self) -> bool:
        """Whether there is any difference at all; when and where the plans were made is none."""
        parts = (self.made, self.inputs, self.rules, self.amounts, self.indicators, self.objective, self.decisions)
        return any(parts)


def diff(old: Path, new: Path) -> Difference:
    """Compare two plans' workbooks.

    Formulas are worked out anew, so that plans compare whichever program saved them last.

    Parameters
    ----------
    old, new
        Plans that allocate wrote, as they were or as a spreadsheet program saved them again.

    Returns
    -------
    Difference
        Inputs, amounts and figures that differ, matched by sheet, row's name and heading.

    Raises
    ------
    WorkbookError
        One of them can't be read, or is no plan.
    """
    before, after = PlanTables(read_plan_workbook(old)), PlanTables(read_plan_workbook(new))
    before.check()
    after.check()
    facts = _facts(before), _facts(after)
    return Difference(
        old=facts[0],
        new=facts[1],
        made=tuple(_made(before, after)),
        inputs=tuple(input_changes(before.workbook, after.workbook, variants=not any(f.planned_with for f in facts))),
        rules=tuple(_rules(before, after)),
        amounts=tuple(_amounts(before, after)),
        areas=tuple(_areas(before, after)),
        indicators=tuple(_indicators(before, after)),
        objective=tuple(_objective(before, after)),
        decisions=tuple(_decisions(before, after)),
    )


def diff_json(difference: Difference) -> str:
    """Return all differences as ``allocate diff --json`` prints them, with whether there are any.

    Parameters
    ----------
    difference
        As `diff` returns it.

    Returns
    -------
    str
        One JSON object; numbers as the cells hold them.
    """
    record = {"differs": difference.differs, **asdict(difference)}
    return json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False)


# -- which plans -------------------------------------------------------------------------------------------------


def _facts(plan: PlanTables) -> PlanFacts:
    return PlanFacts(
        file=plan.workbook.name,
        sha256=plan.workbook.sha256,
        title=_text(plan.value("Summary", (1, 1))),
        made_at=plan.text("About", "Made at"),
        scenario_file=plan.text("About", "Scenario file"),
        scenario_sha256=plan.text("About", "SHA-256 of the scenario file"),
        content_sha256=plan.text("About", "SHA-256 of the canonical content"),
        unit=plan.text("About", "Unit"),
        planned_with=plan.text("About", PLANNED_WITH),
    )


def _made(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for label, was, now in _labelled(old, new, "About", HOW_MADE, TYPED):
        yield FactChange("How it was made", None, label, was, now)


def _objective(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for label, was, now in _labelled(old, new, "Summary", OBJECTIVES, COMPUTED):
        yield FactChange(label, None, "Objective", was, now)


def _labelled(
    old: PlanTables, new: PlanTables, sheet: str, labels: tuple[str, ...], part: float
) -> Iterator[tuple[str, Value, Value]]:
    """Yield what stands beside labels, where it differs."""
    values = ((label, old.labelled(sheet, label), new.labelled(sheet, label)) for label in labels)
    return (each for each in values if not same(*each[1:], part))


# -- tables ------------------------------------------------------------------------------------------------------

type Key = tuple[Value | int, ...]


def _matched(
    old: PlanTables, new: PlanTables, table: Table[Any], keys: tuple[str, ...], others: tuple[str, ...]
) -> Iterator[tuple[Key, Row, Row]]:
    """Yield the rows of a table in both plans, matched by the values of `keys`; an empty one where it is missing."""
    before, after = _keyed(old, table, keys, others), _keyed(new, table, keys, others)
    for key in {**before, **after}:
        yield key[:-1], before.get(key, {}), after.get(key, {})


def _keyed(plan: PlanTables, table: Table[Any], keys: tuple[str, ...], others: tuple[str, ...]) -> Mapping[Key, Row]:
    """Return the rows by their keys and a count that tells rows of equal keys apart."""
    found: dict[Key, Row] = {}
    for row in plan.rows(table, keys + others):
        count = 1
        while (key := (*(row[name] for name in keys), count)) in found:
            count += 1
        found[key] = row
    return found


def _year(value: Value | int) -> int | None:
    return int(value) if isinstance(value, float) else None


def _number(row: Row, name: str) -> float | None:
    value = row.get(name)
    return value if isinstance(value, float) else None


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _less(new: float | None, old: float | None) -> float:
    """Return new less old as their decimals show it, a missing one counted as 0."""
    return float(Fraction(repr(new or 0.0)) - Fraction(repr(old or 0.0)))


def _rules(old: PlanTables, new: PlanTables) -> Iterator[RuleChange]:
    for (rule, year), was, now in _matched(old, new, RULES, ("Rule", "Year"), RULE_FACTS):
        if not (was and now):
            there = was or now
            told = f"{_text(there['As written'])} ({_text(there['Strength'])})".strip()
            kind, texts = (REMOVED, (told, "")) if was else (ADDED, ("", told))
            yield RuleChange(str(rule), _year(year), kind, *texts)
            continue
        for name in RULE_FACTS:
            if not same(was[name], now[name]):
                yield RuleChange(str(rule), _year(year), name, _text(was[name]), _text(now[name]))


def _amounts(old: PlanTables, new: PlanTables) -> Iterator[AmountChange]:
    keys, others = ("Area", "Year", "Source"), ("Amount", "In force")
    for (area, year, payer), was, now in _matched(old, new, ALLOCATION, keys, others):
        amounts = _number(was, "Amount"), _number(now, "Amount")
        in_force = _number(was, "In force"), _number(now, "In force")
        if not (same(*amounts) and same(*in_force)) or not (was and now):
            yield AmountChange(str(area), _year(year), _text(payer), *amounts, _less(amounts[1], amounts[0]), *in_force)


def _areas(old: PlanTables, new: PlanTables) -> Iterator[AreaChange]:
    before, after = _totals(old), _totals(new)
    for area in {**before, **after}:
        was, now = before[area], after[area]
        if was != now:
            plain, in_force = (map(float, (was[i], now[i], now[i] - was[i])) for i in (0, 1))
            yield AreaChange(area, *plain, *in_force)


def _totals(plan: PlanTables) -> defaultdict[str, tuple[Fraction, Fraction]]:
    """Return each area's money over all years and sources: as optimised, and in force."""
    found: defaultdict[str, tuple[Fraction, Fraction]] = defaultdict(lambda: (ZERO, ZERO))
    for row in plan.rows(ALLOCATION, ("Area", "Amount", "In force")):
        amount, in_force = (fraction_of(row[name]) or ZERO for name in ("Amount", "In force"))
        plain, forced = found[str(row["Area"])]
        found[str(row["Area"])] = plain + amount, forced + in_force
    return found


def _indicators(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for (name, year), was, now in _matched(old, new, INDICATORS, ("Indicator", "Year"), INDICATOR_FACTS):
        yield from _fact_changes(str(name), _year(year), was, now, INDICATOR_FACTS, COMPUTED)


def _decisions(old: PlanTables, new: PlanTables) -> Iterator[FactChange]:
    for (area, year, payer), was, now in _matched(old, new, ALLOCATION, ("Area", "Year", "Source"), ENTRIES):
        yield from _fact_changes(f"{area}, {_year(year)}, {payer}", _year(year), was, now, ENTRIES)
    for (step,), was, now in _matched(old, new, tables.SIGN_OFF, ("Step",), ("Name", "Date")):
        yield from _fact_changes(f"Sign-off: {step}", None, was, now, ("Name", "Date"))


def _fact_changes(
    subject: str, year: int | None, old: Row, new: Row, names: tuple[str, ...], part: float = TYPED
) -> Iterator[FactChange]:
    values = ((name, old.get(name), new.get(name)) for name in names)
    return (FactChange(subject, year, name, was, now) for name, was, now in values if not same(was, now, part))
