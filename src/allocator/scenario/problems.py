"""What is wrong in a workbook, collected while it is read, so that a user sees all of it together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from allocator.errors import Problem, Unknown
from allocator.scenario.model import Remark
from allocator.scenario.origin import Cell, Origin
from allocator.scenario.said import Said
from allocator.spreadsheet.references import column_letters, column_number

_QUOTED = re.compile(r'"([^"]*)"')
_LONGEST = 80
"""A quotation of so many letters is too long for a message; of a longer one there are 60."""
_BLANK = ("blank",)
"""The cause of what is said of a cell that others need filled, whichever of them."""
_ACROSS = 3
"""So many columns side by side with the same problem in the same rows are one range."""
_FIGURES = 3
"""So many problems that differ in their figures alone are one."""
type _Cause = tuple[str, ...]
type _Key = tuple[str, _Cause, int, str]
"""Sheet, cause, column, heading."""


class Problems:
    """Collects what is wrong, once each, and the messages that are no errors."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], Problem] = {}
        self.places: set[str] = set()
        """Cells and sheets that have a problem."""
        self.cells: dict[str, set[tuple[str, int]]] = defaultdict(set)
        """Sheet → letters and row of its cells that have a problem, of ranges the first; ``("", 0)``: all of it."""
        self.missing: set[tuple[str, str]] = set()
        """Sheets and headings of columns that are missing though figures of them are needed."""
        self.hidden_headings: set[str] = set()
        """Tables and sheets with headings that could not be read: which columns they have can't be told."""
        self.meant: set[tuple[str, str]] = set()
        """Sheets and headings of which a slip stands there."""
        self.messages: dict[Remark, None] = {}

    def add(self, cell: Cell | str, message: Said | str, heading: str = "", cause: _Cause = ()) -> None:
        """Note a problem at a cell (or at a sheet, by its name); `cause`: if it is another than the message's own."""
        cause = cause or (message.cause if isinstance(message, Said) else ())
        self._note(Problem(str(cell), _QUOTED.sub(_cut, str(message)), heading, cause))

    def unknown(self, origin: Origin, heading: str, name: str, what: str, ending: str) -> None:
        """Note that a row's cell names what isn't there: no area, no source; `ending`: what to type instead."""
        said = Said("{} is no {}; {}", f'"{name}"', what, ending)
        unknown = Unknown(name, _QUOTED.sub(_cut, f'"{name}" is no {what}'), in_heading=False)
        heading = heading if heading in origin.columns else ""
        self._note(Problem(str(origin.cell(heading)), _QUOTED.sub(_cut, str(said)), heading, said.cause, unknown))

    def unknown_in_heading(self, cell: Cell, heading: str, name: str, what: str, ending: str) -> None:
        """Note that a heading names what isn't there: no source, no indicator."""
        said = _QUOTED.sub(_cut, f'the heading "{heading}" names no {what}')
        message = f"{said}; {_QUOTED.sub(_cut, ending)}"
        self._note(Problem(str(cell), message, unknown=Unknown(name, said, in_heading=True)))

    def _note(self, problem: Problem) -> None:
        sheet, letters, row = problem.first
        self.places.add(problem.cell)
        self.cells[sheet].add((letters, row))
        self.found.setdefault((problem.cell, problem.message), problem)

    def mark(self, cell: Cell) -> None:
        """Note that a cell has a problem, which is told at another."""
        self.places.add(str(cell))
        self.cells[cell.sheet].add((column_letters(cell.column), cell.row))

    def on(self, sheet: str) -> bool:
        """Whether a sheet, or a cell of it, has a problem."""
        return bool(self.cells.get(sheet))

    def at(self, origin: Origin, heading: str, message: Said | str, cause: _Cause = ()) -> None:
        """Note a problem at a row's cell under `heading`."""
        self.add(origin.cell(heading), message, heading if heading in origin.columns else "", cause)

    def follow_up(self, origin: Origin, heading: str, message: Said | str, cause: _Cause = ()) -> None:
        """Note what is missing in a cell, unless that cell already has a problem of which this is but a consequence."""
        if heading not in origin.columns or str(origin.cell(heading)) not in self.places:
            self.at(origin, heading, message, cause)

    def lacks(self, origin: Origin, heading: str, why: str, hint: str = "") -> None:
        """Note that an amount is missing and why it is needed; where the column is missing, once for all its cells."""
        if heading in origin.columns:
            self.follow_up(origin, heading, f"is blank, but {why}; type the amount, 0 for none{hint}", _BLANK)
        elif (origin.sheet, heading) not in self.missing:
            self.missing.add((origin.sheet, heading))
            if origin.sheet not in self.hidden_headings and (origin.sheet, heading) not in self.meant:
                said = f'the column "{heading}" is missing, but {why}; add it, with an amount in each row'
                self.add(origin.cell(heading), said)

    def in_order(self, sheets: Sequence[str], *, grouped: bool = False) -> list[Problem]:
        """Return the problems by sheet (those that aren't in `sheets` first), row and column.

        With `grouped` those that say the same at several cells of a column are one.
        """
        places = {name: number for number, name in enumerate(sheets)}

        def key(problem: Problem) -> tuple[int, int, int, str]:
            sheet, letters, row = problem.first
            return places.get(sheet, -1), row, len(letters), letters

        found = self.found.values()
        return sorted(as_one(found) if grouped else found, key=key)

    def say(self, message: Remark) -> None:
        """Note something the reader ought to know though it is no error."""
        self.messages.setdefault(message)


def _cut(quotation: re.Match[str]) -> str:
    return quotation[0] if len(quotation[1]) < _LONGEST else f'"{quotation[1][:60]}…"'


# ---- one cause is one message -------------------------------------------------------------------------------------


def as_one(problems: Iterable[Problem]) -> list[Problem]:
    """Return `problems` with those that say the same of one column, but for figures, as one at all their cells.

    What they say is what the first of them says. The others' figures may differ from it: where a column of shares
    holds 4, 5 and 6, the one at 4 shows how each is meant to be typed. Problems of a sheet or a range stay as they are.
    """
    alone: list[Problem] = []
    columns: dict[_Key, dict[int, Problem]] = {}
    problems = tuple(problems)
    often = Counter(problem.cause for problem in problems)
    for problem in problems:
        sheet, letters, row = problem.first
        if problem.cell != f"{sheet}!{letters}{row}":  # a sheet, or a range
            alone.append(problem)
            continue
        same = problem.cause if often[problem.cause] >= _FIGURES else ()
        key = sheet, same or (problem.message,), column_number(letters), problem.heading
        if columns.setdefault(key, {}).setdefault(row, problem) is not problem:
            alone.append(problem)
    return alone + [_one(keys, [columns[key] for key in keys]) for keys in _side_by_side(columns)]


def _side_by_side(columns: dict[_Key, dict[int, Problem]]) -> list[list[_Key]]:
    """Return the columns one by one, those side by side that say the same of the same rows as one."""
    runs: list[list[_Key]] = []
    for key in sorted(columns, key=lambda key: (*key[:2], sorted(columns[key]), key[2])):
        before = runs[-1][-1] if runs else None
        follows = before and before[:2] == key[:2] and before[2] + 1 == key[2]
        if before and follows and columns[before].keys() == columns[key].keys():
            runs[-1].append(key)
        else:
            runs.append([key])
    return [part for run in runs for part in ([run] if len(run) >= _ACROSS else [[key] for key in run])]


def _one(keys: Sequence[_Key], members: Sequence[dict[int, Problem]]) -> Problem:
    first = members[0][min(members[0])]
    count = sum(map(len, members))
    if count == 1:
        return first
    left, right = column_letters(keys[0][2]), column_letters(keys[-1][2])
    places = ", ".join(_span(f"{left}{top}", f"{right}{bottom}") for top, bottom in _runs(sorted(members[0])))
    heading = first.heading if len(keys) == 1 else f"{keys[0][3]} to {keys[-1][3]}".strip()
    same = all(problem.message == first.message for member in members for problem in member.values())
    told = f"(in {f'all {count:,}' if count > 2 else 'both'} cells)" if same else f"(and so in {count - 1:,} more)"
    return Problem(f"{keys[0][0]}!{places}", f"{first.message} {told}", heading)


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}:{last}"


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return rows as the first and last of each run."""
    ends = [n for n, row in enumerate(rows) if n + 1 == len(rows) or rows[n + 1] != row + 1]
    return [(rows[start], rows[end]) for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]
