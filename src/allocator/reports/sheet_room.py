"""The sheet Room: how little and how much each area can get, and so what is forced and what is free."""

from __future__ import annotations

from dataclasses import replace

from allocator.analyses.result import Rest, RoomFigures
from allocator.reports import tables
from allocator.reports.columns import Role
from allocator.reports.findings import findings, forced_and_all
from allocator.reports.layout import FIRST, ref, span
from allocator.reports.page import Book, Page
from allocator.reports.sheet_sensitivity import NO_MEANING, words_look
from allocator.reports.styles import Look
from allocator.wording.names import subject_name

AT = {column.name: i for i, column in enumerate(tables.ROOM.columns)}
FINEST = 6
"""Decimals more than Step has: what lies below is noise of arithmetic."""
SAME = 1e-10
"""A least or most that is so near the plan's amount (as a part of the year's money) is that amount: solvers' noise."""


def room_lines(book: Book) -> list[RoomFigures]:
    """Return the sheet's lines: year by year, in the order of the result; nothing below a millionth of Step."""
    years = {year: i for i, year in enumerate(book.layout.years)}
    return sorted((_tidied(book, r) for r in book.result.room), key=lambda r: years[r.year])


def _tidied(book: Book, room: RoomFigures) -> RoomFigures:
    digits, scenario = FINEST + book.styles.decimals, book.result.scenario
    money = float(scenario.available(scenario.source, room.year))

    def tidy(value: float) -> float:
        same = abs(value - room.value) <= SAME * money
        return round(room.value if same else value, digits) + 0.0

    return replace(
        room, value=tidy(room.value), least=tidy(room.least), most=tidy(room.most),
        least_near=tidy(room.least_near), most_near=tidy(room.most_near),
    )  # fmt: skip


def room_rows(book: Book) -> dict[tuple[str | Rest, int], int]:
    """Return the row of each area (or group) and year."""
    return {(r.name, r.year): FIRST + i for i, r in enumerate(room_lines(book))}


def room_cell(row: int, column: str) -> str:
    """Return the address of a figure on Room."""
    return f"Room!{ref(row, AT[column])}"


def write_room(book: Book) -> tuple[Page, int, list[int]]:
    """Write the least and most of each area, and below it what is forced and free.

    Returns the page, not finished, the row below all that, and the rows where a year, the sums, and what follows begin.
    """
    result, lines = book.result, room_lines(book)
    said = next((finding.text for finding in findings(result) if finding.head == "Free to negotiate"), "")
    page = Page(book, "Room", f"Room — {result.scenario.title}", said, rows=len(lines))
    page.unit(
        f"{result.scenario.unit}, from all sources, before rounding. As good: over all plans with the same objective. "
        "0.5 % worse: over all plans whose objective is at most 0.5 % worse."
    )
    page.table(tables.ROOM)
    depth = {area.name: depth for area, depth in book.layout.tree}
    for i, room in enumerate(lines):
        first = i > 0 and room.year != lines[i - 1].year
        _room_line(page, FIRST + i, room, depth.get(subject_name(room.name), 0), {"top": 1} if first else {})
    begins = [FIRST + i for i, room in enumerate(lines) if i == 0 or room.year != lines[i - 1].year]
    below = _forced(page, lines) + 1
    return page, below, [*begins, FIRST + len(lines), below]


def _room_line(page: Page, row: int, room: RoomFigures, depth: int, edge: dict[str, object]) -> None:
    """Write a line; `edge` is the rule above the first one of a year."""
    styles, look = page.styles, page.styles.amount(**edge)
    page.text(row, AT["Area"], subject_name(room.name), styles.text(indent=depth, bold=room.whole, **edge))
    page.number(row, AT["Year"], room.year, styles.of(Role.YEAR, **edge))
    page.number(row, AT["In the plan"], room.value + 0.0, styles.amount(bold=True, **edge))
    figures = (room.least, room.most, room.least_near, room.most_near)
    for column, value in enumerate(figures, start=AT["Least, as good"]):
        page.number(row, column, value + 0.0, look)
    plan, least, most = (ref(row, AT[n]) for n in ("In the plan", "Least, 0.5 % worse", "Most, 0.5 % worse"))
    page.formula(row, AT["Could fall by"], f"MAX(0,{plan}-{least})", max(0.0, room.value - room.least_near), look)
    page.formula(row, AT["Could rise by"], f"MAX(0,{most}-{plan})", max(0.0, room.most_near - room.value), look)
    _part(page, row, AT["Forced part"], (least, room.least_near), (plan, room.value), **edge)
    page.text(row, AT["In sums"], "no" if room.whole else "yes", styles.text(**edge))


def _part(
    page: Page, row: int, column: int, part: tuple[str, float], whole: tuple[str, float], **properties: object
) -> None:
    """Write one figure as a part of another, each given by its cell and value; a dash where there is no whole."""
    if whole[1]:
        look = page.styles.percent(1, **properties)
        page.formula(row, column, f"{part[0]}/{whole[0]}", part[1] / whole[1], look)
    else:
        page.text(row, column, NO_MEANING, words_look(page, **properties))


# -- forced and free -------------------------------------------------------------------------------------------------


def _forced(page: Page, lines: list[RoomFigures]) -> int:
    """Write the sums of each year, in which no money counts twice; return the row below."""
    below = FIRST + len(lines) + 1
    page.head([(column.name, column) for column in tables.FORCED.columns], below)
    last = FIRST + max(len(lines), 1) - 1
    for i, year in enumerate(page.book.layout.years):
        _forced_line(page, below + 1 + i, year, lines, last)
    return below + 1 + len(page.book.layout.years)


def _forced_line(page: Page, row: int, year: int, lines: list[RoomFigures], last: int) -> None:
    at = {column.name: i for i, column in enumerate(tables.FORCED.columns)}
    forced, money = forced_and_all(lines, year)
    scenario, bold = page.book.result.scenario, {"bold": True}
    available = float(scenario.available(scenario.source, year))

    def sums(column: str) -> str:
        figures, years, counts = (span(FIRST, last, AT[n], fixed=True) for n in (column, "Year", "In sums"))
        return f'SUMIFS({figures},{years},{ref(row, at["Year"])},{counts},"yes")'

    page.text(row, 0, "All areas", page.styles.text(**bold))
    page.number(row, at["Year"], year, page.styles.of(Role.YEAR))
    cells = {name: ref(row, i) for name, i in at.items()}
    look: Look = page.styles.amount(**bold)
    page.formula(row, at["In the plan"], sums("In the plan"), money, look)
    page.formula(row, at["Forced, at least"], sums("Least, 0.5 % worse"), forced, look)
    page.formula(row, at["Free, at most"], f"{cells['In the plan']}-{cells['Forced, at least']}", money - forced, look)
    page.formula(row, at["Available"], _available(page.book, cells["Year"]), available, look)
    whole, there = (cells["In the plan"], money), (cells["Available"], available)
    _part(page, row, at["Forced part"], (cells["Forced, at least"], forced), whole, **bold)
    _part(page, row, at["Forced at least, of available"], (cells["Forced, at least"], forced), there, **bold)
    _part(page, row, at["Free at most, of available"], (cells["Free, at most"], money - forced), there, **bold)


def _available(book: Book, year: str) -> str | None:
    """Return the sum of what all sources make available in a year, from Funds."""
    if not book.layout.funds:
        return None
    last = FIRST + len(book.layout.funds) - 1
    figures, years = (f"Funds!{span(FIRST, last, tables.FUNDS.index(n), fixed=True)}" for n in ("Available", "Year"))
    return f"SUMIFS({figures},{years},{year})"
