"""Two workbooks, cell by cell: the plan as it was found, and the same plan made anew."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from allocator.audit.findings import Finding, Kind, differing, shown, shown_content
from allocator.audit.workbook import Headings, PlanWorkbook
from allocator.spreadsheet.cells import BLANK, Content, Sheet
from allocator.spreadsheet.formulas import Evaluator
from allocator.spreadsheet.references import Place, column_number
from allocator.spreadsheet.syntax import FormulaError, Scalar, Value, canonical_value

type Lines = Mapping[int, Hashable]
"""Number of a line that holds anything → what it holds; lines that hold nothing are left out."""
MOST_COMPARED = 4_000
"""Lines between the first and the last that moved; more take too long to compare with each other."""


@dataclass(frozen=True)
class Shift:
    """How the lines of a sheet moved."""

    missing: tuple[int, ...]
    """Lines, by their number in the plan as it was written, that are no longer there."""
    inserted: tuple[int, ...]
    """Lines, by their number now, that were not there."""
    moved: Mapping[int, int]
    """Every other line: its number now → its number as it was written."""

    def text(self) -> str:
        """Return what happened, in words."""
        parts = []
        if self.missing:
            parts.append(f"row {_listed(self.missing)} {'is' if len(self.missing) == 1 else 'are'} missing")
        if self.inserted:
            parts.append(f"row {_listed(self.inserted)} {'was' if len(self.inserted) == 1 else 'were'} put in")
        return f"{' and '.join(parts)}; what follows stands elsewhere than it was written"

    def finding(self, sheet: str) -> Finding:
        """Return the finding that rows of a sheet moved."""
        return Finding(Kind.ROW, self.text(), sheet, row=(*self.missing, *self.inserted)[0])


def shift(expected: Lines, found: Lines) -> Shift | None:
    """Return how lines moved; None unless that explains more of them than that they were changed where they stand.

    >>> shift({1: "a", 2: "b", 3: "c", 4: "d"}, {1: "a", 2: "c", 3: "d"}).missing
    (2,)
    >>> shift({1: "a", 2: "b", 3: "c"}, {1: "a", 2: "x", 3: "c"}) is None
    True
    """
    one, other = _listed_lines(expected), _listed_lines(found)
    same = sum(a == b and a is not None for a, b in zip(one, other, strict=False))
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    middle, there = one[start : len(one) - end], other[start : len(other) - end]
    if max(len(middle), len(there)) > MOST_COMPARED:
        return None
    matcher = SequenceMatcher(None, middle, there, False)
    blocks = [(start + a, start + b, n) for a, b, n in matcher.get_matching_blocks()]
    blocks = [(0, 0, start), *blocks, (len(one) - end, len(other) - end, end)]
    matched = sum(one[a + i] is not None for a, _, n in blocks for i in range(n))
    if matched <= same:
        return None
    return _shift(one, other, [block for block in blocks if block[2]])


def _shift(one: list[Hashable], other: list[Hashable], blocks: list[tuple[int, int, int]]) -> Shift:
    """Return the shift that matching runs (from, to, length) tell; unequal lines between them pair up in order."""
    moved: dict[int, int] = {}
    missing: list[int] = []
    inserted: list[int] = []
    a = b = 0
    for at, to, length in (*blocks, (len(one), len(other), 0)):
        pairs = min(at - a, to - b)
        moved |= {b + i + 1: a + i + 1 for i in range(pairs)}
        missing += range(a + pairs + 1, at + 1)
        inserted += range(b + pairs + 1, to + 1)
        moved |= {to + i + 1: at + i + 1 for i in range(length)}
        a, b = at + length, to + length
    return Shift(tuple(missing), tuple(inserted), moved)


def _listed_lines(lines: Lines) -> list[Hashable]:
    return [lines.get(number) for number in range(1, max(lines, default=0) + 1)]


def _common(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return how many lines are the same from the start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))


def _listed(numbers: tuple[int, ...]) -> str:
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and last - first + 1 == len(numbers):
        return f"{first} to {last}"
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")


# -- cells -----------------------------------------------------------------------------------------------------------

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
type Filled = Mapping[tuple[str, Place], Content]
"""Cells that were filled in."""
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
    _evaluator: tuple[Filled, Evaluator] | None = None
    """For the entries that were filled in last."""

    def evaluator(self, filled: Filled) -> Evaluator:
        """Return what computes its formulas with these entries filled in."""
        if self._evaluator is None or self._evaluator[0] != filled:
            cells = {name: dict(sheet.cells) for name, sheet in self.workbook.sheets.items()}
            for (sheet, place), content in filled.items():
                cells[sheet][place] = content
            self._evaluator = filled, Evaluator(cells)
        return self._evaluator[1]

    @cached_property
    def headings(self) -> Mapping[str, Headings]:
        """The headings of each sheet."""
        return {name: Headings(sheet) for name, sheet in self.workbook.sheets.items()}

    @cached_property
    def row_sizes(self) -> Mapping[tuple[str, int], float]:
        """The largest figure in each row, by sheet and row."""
        sizes: dict[tuple[str, int], float] = {}
        for sheet in self.workbook.sheets.values():
            for (row, _), content in sheet.cells.items():
                if isinstance(content.value, float) and content.value not in YEARS:
                    sizes[sheet.name, row] = max(sizes.get((sheet.name, row), 0.0), abs(content.value))
        return sizes


class Stored(NamedTuple):
    """A formula that is found as it was written: where, and what stands there."""

    sheet: str
    place: Place
    content: Content


class Comparison:
    """What differs between `expected` and `found`, results of formulas apart (see `check_results`)."""

    def __init__(self, expected: Expected, found: PlanWorkbook) -> None:
        self.expected = expected
        self.found = found
        self.names = [name for name in expected.workbook.sheets if name in found.sheets]
        self.shifts: dict[str, Shift] = {}
        self.cells: dict[str, Mapping[Place, Content]] = {}
        """Of each sheet the cells found, at the places where they were written."""
        for name in self.names:
            one, other = expected.workbook.sheets[name], found.sheets[name]
            self.cells[name] = other.cells
            moved = self._shift(one, other)
            if moved is not None:
                self.shifts[name] = moved
                self.cells[name] = {(moved.moved[r], c): x for (r, c), x in other.cells.items() if r in moved.moved}

    def findings(self) -> Iterator[Finding]:
        """Yield everything that differs, but for results of formulas."""
        extras = [what for what in self.found.extras if what not in self.expected.workbook.extras]
        yield from (Finding(Kind.PART, f"the file holds {what}, which no plan does") for what in extras)
        yield from self._sheets()
        for name in self.names:
            yield from self._hidden(name)
            if name in self.shifts:
                yield self.shifts[name].finding(name)
            else:
                yield from self._formats(name)
            yield from self._rows_together(name)

    def _sheets(self) -> Iterator[Finding]:
        expected, found = self.expected.workbook.sheets, self.found.sheets
        yield from (Finding(Kind.SHEET, "the sheet is missing", name) for name in expected if name not in found)
        yield from (Finding(Kind.SHEET, "the plan has no such sheet", name) for name in found if name not in expected)
        order = [name for name in found if name in expected]
        moved = next((name for name, other in zip(order, self.names, strict=True) if name != other), None)
        if moved is not None:
            yield Finding(Kind.SHEET, "the sheets stand in another order, from this one on", moved)

    def _hidden(self, name: str) -> Iterator[Finding]:
        expected, found = self.expected.workbook.sheets[name], self.found.sheets[name]
        if found.hidden and not expected.hidden:
            yield Finding(Kind.HIDDEN, "the sheet is hidden", name)
        for row in sorted({row for row, _ in found.cells} & (found.hidden_rows - expected.hidden_rows)):
            yield Finding(Kind.HIDDEN, "the row is hidden", name, row=row)
        for column in sorted({column for _, column in found.cells} & (found.hidden_columns - expected.hidden_columns)):
            place = (min(row for row, other in found.cells if other == column), column)
            yield Finding(Kind.HIDDEN, "the column is hidden", name, place)

    def _formats(self, name: str) -> Iterator[Finding]:
        """Yield the numbers that are formatted so that one reads another."""
        expected, found = self.expected.workbook.sheets[name], self.found.sheets[name]
        for place in sorted(expected.percent ^ found.percent):
            if expected.at(place).is_number and found.at(place).is_number:
                text = "is no longer" if place in expected.percent else "is newly"
                yield self._finding(Kind.FORMAT, name, place, f"the number {text} formatted as a percentage")
        for place in sorted(found.misleading - expected.misleading):
            if found.at(place).is_number:
                yield self._finding(Kind.FORMAT, name, place, "the number is formatted so that one reads another")

    # -- cells -----------------------------------------------------------------------------------------------

    def content(self, sheet: str, place: Place) -> Content:
        """Return what is found in a cell, by the place where it was written."""
        return self.cells.get(sheet, {}).get(place, BLANK)

    def _rows_together(self, name: str) -> Iterator[Finding]:
        """Yield the cells that differ; one finding for each row of which nothing is left in place of its cells."""
        gone: dict[int, bool] = {}
        for finding in self._cells(name):
            row = finding.place[0] if finding.place is not None and finding.found is None else 0
            if row and row not in gone:
                gone[row] = self._is_row_gone(name, row)
                if gone[row]:
                    yield Finding(Kind.ROW, "the row is missing: nothing stands in it any more", name, row=row)
            if not gone.get(row):
                yield finding

    def _is_row_gone(self, sheet: str, row: int) -> bool:
        """Whether nothing is left of a row that held several cells."""
        places = [place for place in self.expected.workbook.sheets[sheet].cells if place[0] == row]
        return len(places) > 1 and all(self.content(sheet, place).is_blank for place in places)

    def _cells(self, name: str) -> Iterator[Finding]:
        expected, found = self.expected.workbook.sheets[name], self.cells[name]
        gone = self.shifts[name].missing if name in self.shifts else ()
        for place in (*expected.cells, *(place for place in found if place not in expected.cells)):
            one, other = expected.at(place), found.get(place, BLANK)
            if one != other and (name, place) not in self.expected.entries and place[0] not in gone:
                found_text = self._differing(name, one, other)
                if found_text:
                    kind, text = found_text
                    yield self._finding(kind, name, place, text, other, one)

    def _differing(self, sheet: str, expected: Content, found: Content) -> tuple[Kind, str] | None:
        """Return in words how what is found differs from what is expected; None where it doesn't."""
        there, wanted = shown_content(found), shown_content(expected)
        if expected.is_blank or found.is_blank:
            alike = expected.is_blank and found.is_blank
            return None if alike else (Kind.VALUE, f"{there} stands here, the plan has {wanted}")
        if not (expected.formula or found.formula):
            alike = self._same(found, expected)
            return None if alike else (Kind.VALUE, f"{there} stands here, the plan has {_contrast(found, expected)}")
        if found.formula == expected.formula or (found.formula and self._refers_to_shifted(sheet, expected.formula)):
            return None
        if not found.formula:
            return Kind.FORMULA, f"the constant {there} stands in place of {wanted}"
        if not expected.formula:
            return Kind.FORMULA, f"{there} stands in place of {wanted}"
        return Kind.FORMULA, f"{there} stands here, the plan has ={wanted.partition('=')[2]}"

    def _refers_to_shifted(self, sheet: str, formula: str) -> bool:
        """Whether a formula is about cells that moved: programs then change it, or it means others."""
        return any(name == sheet or name in formula for name in self.shifts)

    def _same(self, found: Content, expected: Content) -> bool:
        value = found.result
        if self.expected.loose and isinstance(value, str):
            value = value.replace(*self.expected.made_by)
        errors_alike = bool(found.error) == bool(expected.error)
        return errors_alike and same(value, expected.result, LOOSE if self.expected.loose else TYPED)

    # -- results ---------------------------------------------------------------------------------------------

    def formulas(self) -> Iterator[Stored]:
        """Yield the formulas that are found as they were written."""
        for name in self.names:
            for place, content in self.expected.workbook.sheets[name].cells.items():
                there = self.content(name, place)
                if content.formula and there.formula == content.formula:
                    yield Stored(name, place, there)

    def agrees(self, stored: Stored, value: object) -> bool:
        """Whether a stored result is `value`, but for the noise of the arithmetic."""
        sheet, place, found = stored
        if found.error:
            return False
        exact = not _ADDS.search(_QUOTED.sub("", found.formula)) and not self._copies(sheet, found)
        size = 0.0 if exact else self.expected.row_sizes.get((sheet, place[0]), 0.0)
        result = "" if found.value is None and value == "" else found.value
        if isinstance(value, bool) and isinstance(result, float) and result in (0, 1):
            result = bool(result)  # LibreOffice stores a truth as a number
        return same(result, value, LOOSE if self.expected.loose else COMPUTED, size)

    def _copies(self, sheet: str, found: Content) -> bool:
        """Whether a formula is a mere link, and its result what stands in the cell that it links to."""
        match = _LINK.fullmatch(found.formula)
        if match is None:
            return False
        name = (match[1] or sheet).strip("'").replace("''", "'")
        source = self.cells.get(name, {}).get((int(match[3]), column_number(match[2])))
        return source is not None and source.value == found.value

    # -- places ----------------------------------------------------------------------------------------------

    def _finding(
        self, kind: Kind, sheet: str, place: Place, text: str, found: Content = BLANK, expected: Content = BLANK
    ) -> Finding:
        now, heading = self.place_now(sheet, place), self.heading(sheet, place)
        held = [None if content.is_blank else content.written for content in (found, expected)]
        return Finding(kind, text, sheet, now, heading=heading, found=held[0], expected=held[1])

    def place_now(self, sheet: str, place: Place) -> Place:
        """Return where a cell stands now that was written at `place`."""
        moved = self.shifts[sheet].moved if sheet in self.shifts else {}
        return next((now for now, then in moved.items() if then == place[0]), place[0]), place[1]

    def heading(self, sheet: str, place: Place) -> str:
        """Return the heading of a cell by the place where it was written."""
        return self.expected.headings[sheet].of(place) if sheet in self.expected.headings else ""

    def _shift(self, expected: Sheet, found: Sheet) -> Shift | None:
        entries = self.expected.entries
        changed = {
            place[0]
            for place in expected.cells.keys() | found.cells.keys()
            if not _is_like(expected.at(place), found.at(place)) and (expected.name, place) not in entries
        }
        if len(changed) < LEAST_MOVED:
            return None
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
    if isinstance(found, str) and isinstance(expected, str):
        return _line_ends(found) == _line_ends(expected)
    if not isinstance(found, float) or not isinstance(expected, float):
        return type(found) is type(expected) and found == expected
    return found == expected or abs(found - expected) <= max(part * max(abs(found), abs(expected)), NOISE * size)


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_like(content: Content, other: Content) -> bool:
    """Whether two cells look alike: the same formula, or the same value."""
    if content is other or (content.is_blank and other.is_blank):
        return True
    if content.formula or other.formula:
        return content.formula == other.formula
    return content == other


def _contrast(found: Content, expected: Content) -> str:
    """Return what is expected, in words that tell it from what is found."""
    text = shown_content(expected)
    if isinstance(found.value, str) and isinstance(expected.value, str):
        where = differing(found.value, expected.value)
        return f"{text} ({where})" if where else text
    if isinstance(found.value, str) and expected.is_number:
        return f"the number {text}"
    if isinstance(expected.value, str) and found.is_number:
        return f"the text {text}"
    if text == shown(found.value) and expected.is_number:
        return f"{expected.value!r} (stored: {found.value!r})"
    return text


def _row_tokens(sheet: Sheet, entries: Entries, *, whole: bool = False) -> dict[int, tuple[tuple[int, str], ...]]:
    """Return of each row what tells it from others: its texts and numbers, and where it has formulas.

    With `whole`, what these formulas are, too.
    """
    rows: dict[int, list[tuple[int, str]]] = {}
    for place, content in sheet.cells.items():
        if (sheet.name, place) not in entries and not content.is_blank:
            kind = "t" if isinstance(content.value, str) else ""
            formula = content.formula if whole else ""
            text = f"={formula}" if content.formula else kind + (content.error or canonical_value(content.value))
            rows.setdefault(place[0], []).append((place[1], text))
    return {row: tuple(sorted(cells)) for row, cells in rows.items()}


# -- results of formulas ---------------------------------------------------------------------------------------------


NOT_STORED = "No formula has a stored result: the program that saved the plan last doesn't compute. None were compared."
NOT_RECALCULATED = (
    "The plan was not recalculated since amounts were decided: results of formulas are those without decisions. "
    "Open it in a spreadsheet program and save it."
)
MOVED = "Results of formulas were not compared, since rows are missing or were put in."


@dataclass(frozen=True)
class Checked:
    """What the stored results come to."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    count: int = 0
    """How many results were compared."""


def check_results(comparison: Comparison, entries: Filled, *, touched: bool) -> Checked:
    """Compare the stored results of formulas with what the formulas come to, with the decisions typed in.

    `entries` are the cells that were filled in. Where cells are `touched` (other findings exist), a result that is
    what the formulas of the workbook come to as it stands follows from those.
    """
    if comparison.shifts:
        return Checked(notes=(MOVED,))
    stored = list(comparison.formulas())
    if stored and all(each.content.result in (None, "") for each in stored):
        return Checked(notes=(NOT_STORED,))
    evaluator = comparison.expected.evaluator(entries)
    wrong = [each for each in stored if not comparison.agrees(each, evaluator.value(each.sheet, each.place))]
    if not wrong:
        return Checked(count=len(stored))
    sheets = comparison.expected.workbook.sheets
    if entries and all(comparison.agrees(s, sheets[s.sheet].cells[s.place].value) for s in stored):
        return Checked(notes=(NOT_RECALCULATED,), count=len(stored))
    there = Evaluator({name: sheet.cells for name, sheet in comparison.found.sheets.items()})
    findings = []
    for each in wrong:
        follows = touched and comparison.agrees(each, there.value(each.sheet, each.place))
        findings.append(_wrong_result(comparison, each, evaluator.value(each.sheet, each.place), follows=follows))
    return Checked(tuple(findings), count=len(stored))


def _wrong_result(comparison: Comparison, stored: Stored, computed: Scalar, *, follows: bool) -> Finding:
    sheet, place, found = stored
    value: Value = str(computed) if isinstance(computed, FormulaError) else computed
    alike = shown(value) == shown(found.value) and isinstance(value, float)
    told = f"{value!r}" if alike else shown(value)
    stands = found.error or shown(found.value)
    text = f"{stands} is stored as the formula's result, it comes to {told}"
    if follows:
        text = f"{stands} follows from the cells that were changed; in the plan it is {told}"
    kind, heading = Kind.FOLLOWS if follows else Kind.RESULT, comparison.heading(sheet, place)
    return Finding(kind, text, sheet, place, heading=heading, found=found.result, expected=value)
