"""Which line of one sheet is which of another, where lines were deleted or inserted and all below them moved."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

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

    def text(self, what: str) -> str:
        """Return what happened, in words: `what` is ``row`` or ``column``."""
        parts = []
        if self.missing:
            parts.append(f"{what} {_listed(self.missing)} {'is' if len(self.missing) == 1 else 'are'} missing")
        if self.inserted:
            parts.append(f"{what} {_listed(self.inserted)} {'was' if len(self.inserted) == 1 else 'were'} put in")
        return f"{' and '.join(parts)}; what follows stands elsewhere than it was written"


def shift(expected: Lines, found: Lines) -> Shift | None:
    """Return how lines moved; None unless that explains more of them than that they were changed where they stand.

    >>> shift({1: "a", 2: "b", 3: "c", 4: "d"}, {1: "a", 2: "c", 3: "d"}).missing
    (2,)
    >>> shift({1: "a", 2: "b", 3: "c"}, {1: "a", 2: "x", 3: "c"}) is None
    True
    """
    one, other = _listed_lines(expected), _listed_lines(found)
    same = sum(one[i] == other[i] and one[i] is not None for i in range(min(len(one), len(other))))
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


def _common(one: list[Hashable], other: list[Hashable]) -> int:
    """Return how many lines are the same from the start."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _listed(numbers: tuple[int, ...]) -> str:
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and last - first + 1 == len(numbers):
        return f"{first} to {last}"
    return ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
