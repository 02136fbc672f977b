"""Headings: where a table's heading row stands, which sheet bears whose headings, which heading is a slip of one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from allocator.scenario import cells
from allocator.scenario.cells import fold, is_blank
from allocator.scenario.model import LIMIT_KINDS
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.said import Said
from allocator.scenario.sheets import Sheet
from allocator.scenario.tables import PROVENANCE, Column, Content, Table
from allocator.spreadsheet.formats import serial, written_date

PROVENANCE_NAMES = tuple(column.name for column in PROVENANCE)
_FIGURES = (Content.AMOUNT, Content.NUMBER, Content.SHARE)
_YEAR_INSIDE = re.compile(r"(?<!\d)(?:19|20|21)\d\d(?!\d)")
_DECORATION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[*:.,;]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_CLOSE = 0.85
_LIMIT_HEADINGS = frozenset(limit.heading for limit in LIMIT_KINDS.values())


def _folded(row: Iterable[Raw]) -> set[str]:
    return {fold(cells.text(value)) for value in row if not is_blank(value)}


def header_row(table: Table, sheet: Sheet) -> int | None:
    """Return the first row that holds all the table's required headings, from 1; None where there is none."""
    wanted = {fold(name) for name in table.required}
    for number, row in enumerate(sheet.rows, 1):
        if row.count(None) + len(wanted) > len(row) or not wanted <= _folded(row):
            continue
        if table.sheet != "Budget" or any(cells.year(value) for value in row):
            return number
    return None


def bears_headings_of(sheet: Sheet, tables: Iterable[Table]) -> Table | None:
    """Return the table whose headings stand in a row of `sheet`; None where there is none.

    These are the required ones and at least three in all, or fewer where the sheet's name is a slip of the table's.
    Of several tables it is the one with most of its headings there.
    """
    best: tuple[int, Table] | None = None
    for table in tables:
        row = header_row(table, sheet)
        if row is None:
            continue
        there = _folded(sheet.rows[row - 1])
        own = {fold(c.name) for c in table.columns if not c.family} - set(map(fold, PROVENANCE_NAMES))
        years = sum(cells.year(value) is not None for value in sheet.rows[row - 1]) if table.sheet == "Budget" else 0
        count = len(own & there) + years
        named = near(sheet.name, [table.sheet]) is not None
        if (named or count >= min(3, len(own))) and (best is None or count + 10 * named > best[0]):
            best = count + 10 * named, table
    return best[1] if best else None


def near(heading: str, known: Iterable[str]) -> str | None:
    """Return the known heading that `heading` is a slip or a short form of; None where it is a heading of its own.

    >>> near("Minimun", ["Minimum"]), near("Max share", ["Maximum share"]), near("Minimum (VND)", ["Minimum"])
    ('Minimum', 'Maximum share', 'Minimum')
    """
    by_fold = {fold(name): name for name in known}
    typed = " ".join(_DECORATION.sub(" ", fold(heading)).split())
    if not typed or typed in by_fold:
        return by_fold.get(typed)
    if re.search(r"\d", typed) and not re.search(r"\d", "".join(by_fold)):
        return None
    close = difflib.get_close_matches(typed, by_fold, n=1, cutoff=_CLOSE)
    short = [form for form in by_fold if _is_short_form(typed, form)]
    swapped = [form for form in by_fold if len(typed) > 3 and sorted(typed) == sorted(form)]
    found = close or short or swapped
    return by_fold[found[0]] if found else None


def _is_short_form(typed: str, form: str) -> bool:
    """Whether each word of `typed` begins the word of `form` in its place: max share, Maximum share."""
    words, whole = typed.split(), form.split()
    return len(words) == len(whole) and all(
        len(word) > 2 and full.startswith(word) for word, full in zip(words, whole, strict=True)
    )


class Slip(NamedTuple):
    """A heading that is almost a known one."""

    said: Said | str
    """What to say of it."""
    meant: str = ""
    """The known one; empty where that is a year."""


def slip(heading: str, table: Table, years: Sequence[int]) -> Slip | None:
    """Return what an unknown heading is a slip of; None where it is one of its own.

    `years` are the years known so far: the scenario's, or those that head columns of Budget.
    """
    fixed = [column for column in table.columns if not column.family]
    own = "if it is a column of your own, give it another name"
    if (found := near(heading, [*PROVENANCE_NAMES, *(column.name for column in fixed)])) is not None:
        return _slip_of(found, heading, own)
    if table.sheet == "Budget":
        said = _year_slip(heading, years)
        return Slip(said) if said else None
    if years and heading == str(min(years) - 1) and "Last year" in table.by_name:
        return _slip_of("Last year", heading, own)
    return _limit_slip(heading, fixed, own)


def _slip_of(meant: str, heading: str, own: str) -> Slip:
    return Slip(f'the heading "{heading}" is not known; did you mean "{meant}"? ({own})', meant)


def _year_slip(heading: str, years: Sequence[int]) -> Said | str | None:
    """Return what to say of a heading in Budget that seems to mean a year."""
    if _DATE.fullmatch(heading) and (day := written_date(heading)):
        days = int(serial(day))  # a year that is shown as a date is that many days
        meant = days if cells.year(days) else day.year
        return Said("the heading is the date {}; format the cell as a number and type the year, {}", heading, meant)
    found = _YEAR_INSIDE.findall(heading)
    if len(found) == 1 and int(found[0]) not in years and (not years or min(years) <= int(found[0]) <= max(years) + 1):
        return (
            f'the heading "{heading}" is no year; did you mean {found[0]}? (if it is a column of your own, '
            "give it a name without a year)"
        )
    return None


def _limit_slip(heading: str, fixed: Iterable[Column], own: str) -> Slip | None:
    """Return what a figure's heading with a year in it, such as Minimum 2027, is a slip of."""
    if not _YEAR_INSIDE.search(heading):
        return None
    found = near(_YEAR_INSIDE.sub(" ", heading), [c.name for c in fixed if c.content in _FIGURES])
    if found is None:
        return None
    if found in _LIMIT_HEADINGS:
        own = f"what holds in some years only stands on the sheet Limits; {own}"
    return _slip_of(found, heading, own)


_COLUMN_NUMBER = re.compile(r"[\[(]?(?:(\d{1,2})|[a-zđ]|[ivx]{1,4})[\])]?(?:\s*=.*)?")


def numbers_columns(cells_of_row: Mapping[int, Raw]) -> bool:
    """Whether the filled cells of a row, by column, number or letter the columns: ``A, 1, 2, 3 = 1 + 2``.

    >>> numbers_columns({1: "A", 2: 1, 3: 2}), numbers_columns({1: 1, 4: 4}), numbers_columns({1: "Roads", 2: 1, 3: 2})
    (True, True, False)
    """
    values = list(cells_of_row.values())
    found = [_COLUMN_NUMBER.fullmatch(fold(cells.text(value))) for value in values]
    if len(found) < 2 or not all(found):
        return False  # a name, or a figure that numbers nothing
    numbers = [int(match[1]) for match in found if match is not None and match[1]]
    first = numbers[0] if numbers else 0
    letters = [match[0].strip("()[]") for match in found if match is not None and not match[1]]
    places = [column for column, match in zip(cells_of_row, found, strict=True) if match is not None and match[1]]
    offsets = {number - column for number, column in zip(numbers, places, strict=True)}
    in_order = numbers == list(range(first, first + len(numbers))) or len(offsets) == 1
    in_order &= first <= max(len(values), 2) or offsets <= {0, -1}
    return in_order and (len(numbers) > 1 or (not numbers and letters[:3] in (["a", "b", "c"], ["i", "ii", "iii"])))


def likely_header(table: Table, sheet: Sheet) -> int:
    """Return the row that bears most of the table's headings, from 1, though not all that are required."""
    known = {fold(column.name) for column in table.columns if not column.family}
    counts = [len(known & _folded(row)) if any(row) else -1 for row in sheet.rows]
    return 1 + max(range(len(counts)), key=counts.__getitem__, default=0)


def missing_headings(table: Table, sheet: Sheet) -> tuple[Cell | str, Said | str]:
    """Return the place and the text of what is wrong where no row holds all the required headings."""
    number = likely_header(table, sheet)
    row = sheet.row(number)
    wanted, there = {fold(name): name for name in table.required}, _folded(row)
    missing = [name for form, name in wanted.items() if form not in there]
    for column, raw in enumerate(row, 1):
        found = None if is_blank(raw) or fold(cells.text(raw)) in wanted else near(cells.text(raw), missing)
        if found is not None:
            return Cell(sheet.name, number, column), f'{cells.shown(raw)} is no heading; did you mean "{found}"?'
    if table.sheet == "Budget" and not missing:
        for column, raw in enumerate(row, 1):
            if not is_blank(raw) and (said := _year_slip(cells.tidy(cells.text(raw)), ())):
                return Cell(sheet.name, number, column), said
        return sheet.name, f"row {number} has no year; type the year, such as 2026, above each column of amounts"
    needed = ", ".join(table.required) + (" and a column headed by a year" if table.sheet == "Budget" else "")
    if not wanted.keys() & there:
        return sheet.name, f"no row holds the headings {needed}; type them in one row, the data below"
    return sheet.name, f"row {number} lacks the heading {', '.join(missing)}; the table needs {needed}"
