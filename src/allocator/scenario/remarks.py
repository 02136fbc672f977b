"""What the reader of a plan ought to know of its scenario though it is no error: facts, each with its one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from allocator.scenario.cells import percent, plain
from allocator.scenario.model import Remark
from allocator.scenario.origin import Cell
from allocator.spreadsheet.references import column_letters

_LISTED = 8
"""So many merged ranges are named."""
_LINES = 20
"""So many hidden rows are named, and so many hidden columns."""


@dataclass(frozen=True)
class FromFile(Remark):
    """What a plan's workbook says, in its own words."""

    text: str

    def __str__(self) -> str:
        return self.text


# -- what the file alone can tell: a plan's workbook shows all its inputs, and nothing of them is merged ---------------


@dataclass(frozen=True)
class HiddenSheet(Remark):
    """A hidden sheet was read."""

    sheet: str

    def __str__(self) -> str:
        return f"{self.sheet}: the hidden sheet was read like any other"


@dataclass(frozen=True)
class HiddenLines(Remark):
    """Hidden rows and columns were read."""

    sheet: str
    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def __str__(self) -> str:
        found = (("row", [*map(str, self.rows)]), ("column", [*map(column_letters, self.columns)]))
        parts = [f"{word}{'s' * (len(all_) > 1)} {', '.join(all_[:_LINES])}" for word, all_ in found if all_]
        verb = "was" if len(self.rows) + len(self.columns) == 1 else "were"
        return f"{self.sheet}: hidden {' and '.join(parts)} {verb} read like any other"


@dataclass(frozen=True)
class MergedCells(Remark):
    """What stands in merged cells was filled in for all their rows."""

    sheet: str
    ranges: tuple[str, ...]
    """Each with its heading and what it holds: ``A2:A3 (Area: "Roads")``."""

    def __str__(self) -> str:
        many = len(self.ranges)
        more = f", … ({many:,} in all)" if many > _LISTED else ""
        held = f"{', '.join(self.ranges[:_LISTED])}{more}"
        if many == 1:
            return f"{self.sheet}: the merged cell {held} holds for all its rows"
        return f"{self.sheet}: the merged cells {held} hold for all their rows"


_OF_FILE_ALONE = re.compile(
    r".+: ((the hidden sheet was|hidden .+ (was|were)) read like any other"
    r"|the merged cells? .+ (holds for all its rows|hold for all their rows))"
)


def is_of_file_alone(text: str) -> bool:
    """Whether a text that stands in a plan's workbook is one of these, told when the file was read."""
    return _OF_FILE_ALONE.fullmatch(text) is not None


# -- tables -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnColumns(Remark):
    """A table has columns that travel with the plan."""

    sheet: str
    headings: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.sheet}: columns not known here travel with the plan: {', '.join(self.headings)}"


@dataclass(frozen=True)
class NoHeading(Remark):
    """A column of figures has no heading; `cell`: where it ought to stand."""

    cell: Cell

    def __str__(self) -> str:
        return f"{self.cell}: the column has no heading, so it is not read"


# -- areas ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotCounted(Remark):
    """An area had money last year from a source that may not pay for it."""

    cell: Cell
    amount: Fraction
    area: str
    source: str

    def __str__(self) -> str:
        return f'{self.cell}: {plain(self.amount)} is not counted; Sources of "{self.area}" leaves {self.source} out'


@dataclass(frozen=True)
class LastYearNotUsed(Remark):
    """Last year of an area with parts is another than the sum of theirs."""

    cell: Cell
    amount: Fraction
    area: str
    of_parts: Fraction

    def __str__(self) -> str:
        return (
            f'{self.cell}: {plain(self.amount)} is not used; "{self.area}" has parts, '
            f"whose Last year comes to {plain(self.of_parts)}"
        )


@dataclass(frozen=True)
class LooseMaximum(Remark):
    """A maximum share is of more than there is."""

    cell: Cell
    share: Fraction
    area: str

    def __str__(self) -> str:
        return f"{self.cell}: a maximum share of {percent(self.share)} limits nothing ({self.area})"


# -- rules ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LooseRule(Remark):
    """A rule lets something have more than there is."""

    cell: Cell
    share: Fraction
    rule: str

    def __str__(self) -> str:
        return f"{self.cell}: a share of at most {percent(self.share)} limits nothing ({self.rule})"


@dataclass(frozen=True)
class AreasLeftOut(Remark):
    """A rule about every area leaves out those for which no source that counts may pay."""

    cell: Cell
    rule: str
    areas: tuple[str, ...]

    def __str__(self) -> str:
        them = "it" if len(self.areas) == 1 else "them"
        return f'{self.cell}: "{self.rule}" leaves out {", ".join(self.areas)}: no counted source may pay for {them}'


@dataclass(frozen=True)
class NoAreaLeft(Remark):
    """A rule about every area is about none."""

    cell: Cell
    rule: str

    def __str__(self) -> str:
        return f'{self.cell}: "{self.rule}" is about no area at all'


@dataclass(frozen=True)
class BasisSourceNotUsed(Remark):
    """A rule names sources of its basis, which is no money."""

    cell: Cell
    basis: str

    def __str__(self) -> str:
        return f"{self.cell}: Basis source has no meaning where Basis is {self.basis}; it is not used"
