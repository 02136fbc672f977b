"""One cause is one message: the same problem down a column, or across columns, becomes one with all its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from allocator.errors import Problem
from allocator.spreadsheet.references import column_letters, column_number

_PLACE = re.compile(r"(.*)!([A-Z]+)(\d+)", re.DOTALL)
_VARIES = re.compile(r'"[^"]*"|(?<![A-Z])\d[\d.,]*')
_BLANK = "is blank, but "
_ACROSS = 3
"""So many columns side by side with the same problem in the same rows are one range."""
_FIGURES = 3
"""So many problems that differ in their figures alone are one."""
type _Key = tuple[str, str, int, str]
"""Sheet, what is said, column, heading."""


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Return `problems` with those that say the same of one column, but for figures, as one at all their cells.

    What they say is what the first of them says. The others' figures may differ from it: where a column of shares
    holds 4, 5 and 6, the one at 4 shows how each is meant to be typed. Problems of a sheet or a range stay as they are.
    """
    alone: list[Problem] = []
    columns: dict[_Key, dict[int, Problem]] = {}
    problems = tuple(problems)
    often = Counter(_alike(problem.message) for problem in problems)
    for problem in problems:
        match = _PLACE.fullmatch(problem.cell)
        if match is None:
            alone.append(problem)
            continue
        said = _alike(problem.message)
        key = match[1], said if often[said] >= _FIGURES else problem.message, column_number(match[2]), problem.heading
        if columns.setdefault(key, {}).setdefault(int(match[3]), problem) is not problem:
            alone.append(problem)
    return alone + [_one(keys, [columns[key] for key in keys]) for keys in _side_by_side(columns)]


def _alike(message: str) -> str:
    """Return a message without its figures; names in quotation marks stay, whatever digits they hold.

    What is blank is so for one cause, whatever needs it.
    """
    if message.startswith(_BLANK):
        return _BLANK
    return _VARIES.sub(lambda part: part[0] if any(map(str.isalpha, part[0])) else "#", message)


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
    """Return rows as the first and last of each stretch."""
    ends = [n for n, row in enumerate(rows) if n + 1 == len(rows) or rows[n + 1] != row + 1]
    return [(rows[start], rows[end]) for start, end in zip([0, *(end + 1 for end in ends)], ends, strict=False)]
