"""Merged cells in a table: what they hold for all their rows, and which of them can't be read in one way.

A spreadsheet program keeps a merged range's value in its first cell; the others are blank. A text merged downwards
(a group, a lead agency) is meant for all its rows and is filled in. A name, a figure, a heading, or a range over
several columns isn't: that is a problem at the range, and its blank cells are no problems of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from allocator.scenario import cells
from allocator.scenario.cells import is_blank
from allocator.scenario.sheets import Sheet
from allocator.scenario.tables import Column, Content
from allocator.spreadsheet.references import Place, column_letters

_FILLED = (Content.TEXT, Content.NAMES, Content.KEYWORD, Content.YEARS)
_ALSO_FILLED = ("Start", "Completion")


@dataclass
class Merged:
    """What merged cells do to a table."""

    problems: list[tuple[str, str, str]] = field(default_factory=list)
    """Range, message, heading."""
    holding: list[str] = field(default_factory=list)
    """The ranges whose value was filled in."""
    headings: bool = False
    """Whether headings are merged with rows below, so that these can't be told from them."""
    hides_columns: bool = False
    """Whether headings are merged, so that columns may have lost theirs."""
    unreadable: dict[int, set[int]] = field(default_factory=dict)
    """Row → columns of blank cells that a problem is about."""


def unmerge(sheet: Sheet, header: int, columns: Mapping[int, str], typed: Mapping[int, Column]) -> Merged:
    """Fill `sheet` with what its merged cells hold; `columns` are the table's, and `typed` those that it knows."""
    found = Merged()
    ranges = sheet.facts.merged
    last = _last_row(sheet, header) if ranges else header
    headings: list[tuple[Place, Place]] = []
    for first, end in ranges:
        inside = [number for number in columns if first[1] <= number <= end[1]]
        beside = not inside and (end[0] != header or first[1] > max(columns))
        if beside or end[0] < header or first[0] > last:
            continue
        if first[0] <= header:
            several = len(inside) > 1 or (inside and end[0] > header)
            if several or _figures_below(sheet, header, last, first[1], end[1], columns):
                headings.append((first, end))
        elif is_blank(sheet.value(*first)):
            continue
        elif inside != [first[1]]:
            _across(found, sheet, first, end, [columns[number] for number in inside])
        elif end[0] > first[0]:
            _downwards(found, sheet, first, end, columns[first[1]], typed.get(first[1]))
    if headings:
        _of_headings(found, sheet, header, headings)
    return found


def _last_row(sheet: Sheet, header: int) -> int:
    """Return the table's last row: the one before the first blank one."""
    for number in range(header + 1, sheet.height + 1):
        if number not in sheet.facts.rows and all(is_blank(value) for value in sheet.row(number)):
            return number - 1
    return sheet.height


def _figures_below(sheet: Sheet, header: int, last: int, left: int, right: int, columns: Mapping[int, str]) -> bool:
    """Whether a column without a heading of its own, below a merged heading, holds anything."""
    bare = [number for number in range(left, min(right, left + 50) + 1) if number not in columns]
    return any(not is_blank(sheet.value(row, number)) for row in range(header + 1, last + 1) for number in bare)


def _range(first: Place, end: Place) -> str:
    return f"{column_letters(first[1])}{first[0]}:{column_letters(end[1])}{end[0]}"


def _of_headings(found: Merged, sheet: Sheet, header: int, ranges: list[tuple[Place, Place]]) -> None:
    """Report merged headings, all of them as one."""
    first = min(a for (a, _), _ in ranges), min(b for (_, b), _ in ranges)
    end = max(a for _, (a, _) in ranges), max(b for _, (_, b) in ranges)
    where = _range(*(ranges[0] if len(ranges) == 1 else (first, end)))
    way = "type all headings in one row, with the data right below"
    if end[0] == header == first[0]:
        way = "type a heading above each column"
    found.headings, found.hides_columns = end[0] > header, True
    for range_ in ranges:
        _close(found, sheet, *range_)
    it = "the heading is" if len(ranges) == 1 else "headings are"
    found.problems.append((f"{sheet.name}!{where}", f"{it} merged with other cells; unmerge them and {way}", ""))


def _across(found: Merged, sheet: Sheet, first: Place, end: Place, headings: list[str]) -> None:
    said = f"{cells.shown(sheet.value(*first))} is merged over the columns {_listed(headings)}"
    if len(headings) == 1:
        said = f"{cells.shown(sheet.value(*first))} is merged into the column {headings[0]} from the one before it"
    way = "unmerge the cells and type what each is to hold, or remove the row if it is a title"
    found.problems.append((f"{sheet.name}!{_range(first, end)}", f"{said}; {way}", ""))
    _close(found, sheet, first, end)


def _listed(headings: list[str]) -> str:
    shown = headings if len(headings) <= 3 else [headings[0], headings[1], "…", headings[-1]]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _downwards(found: Merged, sheet: Sheet, first: Place, end: Place, heading: str, column: Column | None) -> None:
    value, rows = sheet.value(*first), range(first[0] + 1, min(end[0], sheet.height) + 1)
    shown, many = cells.shown(value), end[0] - first[0] + 1
    if column is None or column.content in _FILLED or column.name in _ALSO_FILLED:
        for row in rows:
            if any(not is_blank(other) for other in sheet.row(row)):
                sheet.fill(row, first[1], value)
        found.holding.append(f"{_range(first, end)} ({heading}: {shown})")
        return
    if column.content is Content.NAME:
        said = f"{shown} is merged over {many} rows, and each row needs its own {heading};"
        way = "unmerge the cells and type a name in each row, or remove the rows that are none"
    else:
        said = f"{shown} is merged over {many} rows; is it {shown} for each of them, or for all together?"
        way = "unmerge the cells and type a figure in each row"
    found.problems.append((f"{sheet.name}!{_range(first, end)}", f"{said} {way}", heading))
    _close(found, sheet, first, end)


def _close(found: Merged, sheet: Sheet, first: Place, end: Place) -> None:
    """Note the blank cells of a range, so that they are no problems of their own."""
    right = min(end[1], len(sheet.row(first[0])))
    rows = range(first[0], min(end[0], sheet.height) + 1)
    for row in rows:
        found.unreadable.setdefault(row, set()).update(range(first[1], right + 1))
    found.unreadable[first[0]].discard(first[1])
