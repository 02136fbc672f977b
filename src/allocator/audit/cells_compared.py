"""Two workbooks, cell by cell: the plan as it was found, and the same plan made anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from allocator.audit.alignment import Shift, shift
from allocator.audit.findings import Finding, Kind, Value, differing, shown, shown_content
from allocator.audit.formulas import Evaluator
from allocator.audit.headings import Headings
from allocator.audit.workbook import Content, Place, PlanSheet, PlanWorkbook
from allocator.reports import seal
from allocator.spreadsheet.references import column_number

TYPED = 1e-12
"""Numbers that are typed agree within this part: spreadsheets keep 15 digits."""
COMPUTED = 1e-9
"""Results of formulas agree within this part of themselves."""
NOISE = 1e-14
"""Where a difference of large figures is small, results agree within this part of the largest figure in their row."""
YEARS = range(1900, 2201)
"""Whole numbers that are years, not figures that arithmetic could blur."""
LOOSE = 1e-6
"""Figures that another version of a solver found agree within this part."""
LEAST_MOVED = 2
"""Rows that differ where one was deleted or inserted: itself and at least one that moved."""
MOST_KEPT = 4
"""Sets of decisions whose results are kept."""
type Filled = tuple[tuple[tuple[str, Place], Content], ...]
type Entries = frozenset[tuple[str, Place]]

_QUOTED = re.compile(r"'(?:[^']|'')*'")
_LINK = re.compile(r"(?:('(?:[^']|'')+'|[\w.]+)!)?\$?([A-Z]{1,3})\$?(\d+)")
_ADDS = re.compile(r"[-+(]")
"""Only where figures are added or taken from each other is there noise that is large beside the result."""


@dataclass
class Expected:
    """A plan's workbook made anew."""

    workbook: PlanWorkbook
    entries: Entries
    """(sheet, place) of the cells to fill in."""
    loose: bool = False
    """Whether other versions made it, whose figures may differ in what comes after six digits."""
    made_by: tuple[str, str] = ("", "")
    """The program that made the plan, and this one: a text may name the one where it ought to name the other."""
    _headings: dict[str, Headings] = field(default_factory=dict)
    _evaluators: dict[Filled, Evaluator] = field(default_factory=dict)

    def evaluator(self, filled: Mapping[tuple[str, Place], Content]) -> Evaluator:
        """Return what computes its formulas with these entries filled in."""
        key = tuple(sorted(filled.items(), key=lambda entry: entry[0]))
        if key not in self._evaluators:
            if len(self._evaluators) >= MOST_KEPT:
                self._evaluators.clear()
            cells = {name: dict(sheet.cells) for name, sheet in self.workbook.sheets.items()}
            for (sheet, place), content in filled.items():
                cells[sheet][place] = content
            self._evaluators[key] = Evaluator(cells)
        return self._evaluators[key]

    def heading(self, sheet: str, place: Place) -> str:
        """Return the heading above a cell, or what stands at the start of its row."""
        if sheet not in self.workbook.sheets:
            return ""
        if sheet not in self._headings:
            self._headings[sheet] = Headings(self.workbook.sheets[sheet])
        return self._headings[sheet].of(place)

    @cached_property
    def row_sizes(self) -> Mapping[tuple[str, int], float]:
        """The largest figure in each row, by sheet and row."""
        sizes: dict[tuple[str, int], float] = {}
        for sheet in self.workbook.sheets.values():
            for (row, _), content in sheet.cells.items():
                value = content.value
                if isinstance(value, float | int) and not isinstance(value, bool) and value not in YEARS:
                    sizes[sheet.name, row] = max(sizes.get((sheet.name, row), 0.0), abs(value))
        return sizes


class Comparison:
    """What differs between `expected` and `found`, results of formulas apart (see `results`)."""

    def __init__(self, expected: Expected, found: PlanWorkbook) -> None:
        self.expected = expected
        self.found = found
        self.names = [name for name in expected.workbook.sheets if name in found.sheets]
        self.shifts: dict[str, Shift] = {}
        self.cells: dict[str, Mapping[Place, Content]] = {}
        """Of each sheet the cells found, at the places where they were written."""
        for name in self.names:
            one, other = expected.workbook.sheets[name], found.sheets[name]
            moved = self._shift(one, other)
            self.cells[name] = other.cells if moved is None else _moved_back(other.cells, moved)
            if moved is not None:
                self.shifts[name] = moved

    def findings(self) -> Iterator[Finding]:
        """Yield everything that differs, but for results of formulas."""
        yield from (Finding(Kind.PART, f"the file holds {what}, which no plan does") for what in self._extras())
        yield from self._sheets()
        for name in self.names:
            yield from self._frame(name)
            if name in self.shifts:
                moved = self.shifts[name]
                row = (*moved.missing, *moved.inserted)[0]
                yield Finding(Kind.ROW, moved.text("row"), name, row=row)
            yield from _rows_together(list(self._cells(name)), self._is_row_gone)

    def _extras(self) -> Iterator[str]:
        known = set(self.expected.workbook.extras)
        return (what for what in self.found.extras if what not in known)

    def _sheets(self) -> Iterator[Finding]:
        expected, found = self.expected.workbook.sheets, self.found.sheets
        yield from (Finding(Kind.SHEET, "the sheet is missing", name) for name in expected if name not in found)
        yield from (Finding(Kind.SHEET, "the plan has no such sheet", name) for name in found if name not in expected)
        order = [name for name in found if name in expected]
        moved = next((name for name, other in zip(order, self.names, strict=True) if name != other), None)
        if moved is not None:
            yield Finding(Kind.SHEET, "the sheets stand in another order, from this one on", moved)

    def _frame(self, name: str) -> Iterator[Finding]:
        """Yield what is hidden, and which numbers are formatted so that one reads another."""
        expected, found = self.expected.workbook.sheets[name], self.found.sheets[name]
        if found.hidden and not expected.hidden:
            yield Finding(Kind.HIDDEN, "the sheet is hidden", name)
        for row in sorted({row for row, _ in found.cells} & (found.hidden_rows - expected.hidden_rows)):
            yield Finding(Kind.HIDDEN, "the row is hidden", name, row=row)
        for column in sorted({column for _, column in found.cells} & (found.hidden_columns - expected.hidden_columns)):
            place = (min(row for row, other in found.cells if other == column), column)
            yield Finding(Kind.HIDDEN, "the column is hidden", name, place)
        yield from self._formats(name)

    def _formats(self, name: str) -> Iterator[Finding]:
        """Yield the numbers that are formatted so that one reads another."""
        expected, found = self.expected.workbook.sheets[name], self.found.sheets[name]
        if name in self.shifts:
            return
        for place in sorted(expected.percent ^ found.percent):
            if _is_number(expected.cells.get(place)) and _is_number(found.cells.get(place)):
                text = "is no longer" if place in expected.percent else "is newly"
                yield self._finding(Kind.FORMAT, name, place, f"the number {text} formatted as a percentage")
        for place in sorted(found.misleading - expected.misleading):
            if _is_number(found.cells.get(place)):
                yield self._finding(Kind.FORMAT, name, place, "the number is formatted so that one reads another")

    # -- cells -----------------------------------------------------------------------------------------------

    def _cells(self, name: str) -> Iterator[Finding]:
        expected, found = self.expected.workbook.sheets[name].cells, self.cells[name]
        entries = self.expected.entries
        gone = self.shifts[name].missing if name in self.shifts else ()
        for place, content in expected.items():
            if content != found.get(place) and (name, place) not in entries and place[0] not in gone:
                yield from self._cell(name, place, content, found.get(place))
        for place, content in found.items():
            if place not in expected and (name, place) not in entries and _holds(content):
                yield from self._cell(name, place, None, content)

    def _cell(self, sheet: str, place: Place, expected: Content | None, found: Content | None) -> Iterator[Finding]:
        if expected is not None and not _holds(expected):
            expected = None
        if found is not None and not _holds(found):
            found = None
        if expected is None or found is None:
            if expected is not found:
                text = f"{shown_content(found)} stands here, the plan has {shown_content(expected)}"
                yield self._finding(Kind.VALUE, sheet, place, text, found, expected)
        elif expected.formula or found.formula:
            yield from self._formula(sheet, place, expected, found)
        elif not self._same(found, expected):
            text = f"{shown_content(found)} stands here, the plan has {_contrast(found, expected)}"
            yield self._finding(Kind.VALUE, sheet, place, text, found, expected)

    def _formula(self, sheet: str, place: Place, expected: Content, found: Content) -> Iterator[Finding]:
        if found.formula == expected.formula or (found.formula and self._refers_to_shifted(sheet, expected.formula)):
            return
        if not found.formula:
            text = f"the constant {shown_content(found)} stands in place of {shown_content(expected)}"
        elif not expected.formula:
            text = f"{shown_content(found)} stands in place of {shown_content(expected)}"
        else:
            text = f"{shown_content(found)} stands here, the plan has ={shown_content(expected).partition('=')[2]}"
        yield self._finding(Kind.FORMULA, sheet, place, text, found, expected)

    def _refers_to_shifted(self, sheet: str, formula: str) -> bool:
        """Whether a formula is about cells that moved: programs then change it, or it means others."""
        return any(name == sheet or name in formula for name in self.shifts)

    def _same(self, found: Content, expected: Content) -> bool:
        if found.error or expected.error:
            return found.error == expected.error
        value = found.value
        if self.expected.loose and isinstance(value, str):
            value = value.replace(*self.expected.made_by)
        return same(value, expected.value, LOOSE if self.expected.loose else TYPED)

    def _is_row_gone(self, sheet: str, row: int) -> bool:
        """Whether nothing is left of a row that held several cells."""
        places = [place for place in self.expected.workbook.sheets[sheet].cells if place[0] == row]
        found = self.cells[sheet]
        return len(places) > 1 and not any(_holds(found[place]) for place in places if place in found)

    # -- results ---------------------------------------------------------------------------------------------

    def formulas(self) -> Iterator[tuple[str, Place, Content]]:
        """Yield sheet, place and what stands there of the formulas that are found as they were written."""
        for name in self.names:
            found = self.cells[name]
            for place, content in self.expected.workbook.sheets[name].cells.items():
                there = found.get(place)
                if content.formula and there is not None and there.formula == content.formula:
                    yield name, place, there

    def agrees(self, sheet: str, place: Place, found: Content, value: object) -> bool:
        """Whether a stored result is `value`, but for the noise of the arithmetic."""
        if found.error:
            return False
        formula = self.expected.workbook.sheets[sheet].cells[place].formula
        exact = not _ADDS.search(_QUOTED.sub("", formula)) and not self._copies(sheet, formula, found)
        size = 0.0 if exact else self.expected.row_sizes.get((sheet, place[0]), 0.0)
        stored = "" if found.value is None and value == "" else found.value
        if isinstance(value, bool) and stored in (0, 1) and not isinstance(stored, str):
            stored = bool(stored)  # LibreOffice stores a truth as a number
        return same(stored, value, LOOSE if self.expected.loose else COMPUTED, size)

    def _copies(self, sheet: str, formula: str, found: Content) -> bool:
        """Whether a formula is a mere link, and its result what stands in the cell that it links to."""
        match = _LINK.fullmatch(formula)
        if match is None:
            return False
        name = (match[1] or sheet).strip("'").replace("''", "'")
        source = self.cells.get(name, {}).get((int(match[3]), column_number(match[2])))
        return source is not None and source.value == found.value

    # -- words -----------------------------------------------------------------------------------------------

    def _finding(
        self, kind: Kind, sheet: str, place: Place, text: str, found: Content | None = None,
        expected: Content | None = None,
    ) -> Finding:  # fmt: skip
        at = self.place_now(sheet, place)
        heading = self.expected.heading(sheet, place)
        return Finding(kind, text, sheet, at, heading=heading, found=_plain(found), expected=_plain(expected))

    def place_now(self, sheet: str, place: Place) -> Place:
        """Return where a cell stands now that was written at `place`."""
        moved = self.shifts.get(sheet)
        if moved is None:
            return place
        return next((now for now, then in moved.moved.items() if then == place[0]), place[0]), place[1]

    def heading(self, sheet: str, place: Place) -> str:
        """Return the heading of a cell by the place where it was written."""
        return self.expected.heading(sheet, place)

    def _shift(self, expected: PlanSheet, found: PlanSheet) -> Shift | None:
        changed = {
            place[0]
            for one, other in ((expected.cells, found.cells), (found.cells, expected.cells))
            for place, content in one.items()
            if not _is_like(content, other.get(place)) and (expected.name, place) not in self.expected.entries
        }
        if len(changed) < LEAST_MOVED:
            return None
        entries = self.expected.entries
        by_look = shift(_row_tokens(expected, entries), _row_tokens(found, entries))
        if by_look is None:
            return None
        by_formulas = shift(_row_tokens(expected, entries, whole=True), _row_tokens(found, entries, whole=True))
        same_size = by_formulas is not None and len(by_formulas.missing) == len(by_look.missing)
        return by_formulas if same_size else by_look  # programs adapt formulas where they delete a row; others don't


def same(found: object, expected: object, part: float, size: float = 0.0) -> bool:
    """Whether two values are the same: of one type, numbers within a `part` of them or the noise of a figure of `size`.

    >>> same(1.0, 1.0 + 1e-13, 1e-12), same("1", 1.0, 1e-12), same(True, 1.0, 1e-12), same(1e-14, 0.0, 1e-12, 5.0)
    (True, False, False, True)
    """
    if isinstance(found, bool) or isinstance(expected, bool) or isinstance(found, str) or isinstance(expected, str):
        if isinstance(found, str) and isinstance(expected, str):
            return _line_ends(found) == _line_ends(expected)
        return type(found) is type(expected) and found == expected
    if not isinstance(found, float | int) or not isinstance(expected, float | int):
        return found is expected
    return found == expected or abs(found - expected) <= max(part * max(abs(found), abs(expected)), NOISE * size)


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _holds(content: Content) -> bool:
    return bool(content.formula or content.error or content.value not in (None, ""))


def _is_like(content: Content, other: Content | None) -> bool:
    """Whether two cells look alike: the same formula, or the same value."""
    if content is other:
        return True
    if other is None:
        return not _holds(content)
    if content.formula or other.formula:
        return content.formula == other.formula
    return content == other


def _is_number(content: Content | None) -> bool:
    return content is not None and isinstance(content.value, float | int) and not isinstance(content.value, bool)


def _plain(content: Content | None) -> Value:
    """Return what a cell holds as one value: a formula as its text."""
    if content is None:
        return None
    return f"={content.formula}" if content.formula else content.error or content.value


def _contrast(found: Content, expected: Content) -> str:
    """Return what is expected, in words that tell it from what is found."""
    text = shown_content(expected)
    if isinstance(found.value, str) and isinstance(expected.value, str):
        where = differing(found.value, expected.value)
        return f"{text} ({where})" if where else text
    if isinstance(found.value, str) and _is_number(expected):
        return f"the number {text}"
    if isinstance(expected.value, str) and _is_number(found):
        return f"the text {text}"
    if text == shown(found.value) and _is_number(expected):
        return f"{expected.value!r} (stored: {found.value!r})"
    return text


def _row_tokens(sheet: PlanSheet, entries: Entries, *, whole: bool = False) -> dict[int, tuple[tuple[int, str], ...]]:
    """Return of each row what tells it from others: its texts and numbers, and where it has formulas.

    With `whole`, what these formulas are, too.
    """
    rows: dict[int, list[tuple[int, str]]] = {}
    for place, content in sheet.cells.items():
        if (sheet.name, place) not in entries and _holds(content):
            kind = "t" if isinstance(content.value, str) else ""
            formula = content.formula if whole else ""
            text = f"={formula}" if content.formula else kind + (content.error or seal.canonical_value(content.value))
            rows.setdefault(place[0], []).append((place[1], text))
    return {row: tuple(sorted(cells)) for row, cells in rows.items()}


def _moved_back(cells: Mapping[Place, Content], moved: Shift) -> dict[Place, Content]:
    """Return the cells at the places where they were written; those of rows that were put in are left out."""
    return {(moved.moved[row], column): content for (row, column), content in cells.items() if row in moved.moved}


def _rows_together(findings: list[Finding], is_gone: Callable[[str, int], bool]) -> Iterator[Finding]:
    """Yield findings; one for each row of which nothing is left, in place of one for each of its cells."""
    gone: dict[tuple[str, int], bool] = {}
    for finding in findings:
        row = finding.place[0] if finding.place is not None and finding.found is None else 0
        at = finding.sheet, row
        if row and at not in gone:
            gone[at] = is_gone(*at)
            if gone[at]:
                yield Finding(Kind.ROW, "the row is missing: nothing stands in it any more", finding.sheet, row=row)
        if not gone.get(at):
            yield finding
