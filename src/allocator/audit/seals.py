"""What the sheet Seals tells of the sheets that can't be computed anew: which cell, row or column was changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from allocator.audit.alignment import shift
from allocator.audit.findings import Finding, Kind
from allocator.audit.headings import Headings
from allocator.audit.workbook import Content, PlanSheet, PlanWorkbook, shown_input
from allocator.reports import seal, tables

ABOUT, SEALS = tables.SIGN_OFF.sheet, tables.SEALS.sheet
_LINE = re.compile(r"(row|column) (\d+|[A-Z]+)")
_CHANGED = "was changed after the plan was made: {} isn't what its seal says"
CHANGED = _CHANGED.format("it")


@dataclass(frozen=True)
class Broken:
    """The lines of one sheet that are not as sealed."""

    sheet: str
    rows: tuple[int, ...]
    columns: tuple[str, ...]
    missing: frozenset[int]
    """Those of the rows that hold nothing any more."""


class Seals:
    """The seals of a workbook, and what they say of it."""

    def __init__(self, workbook: PlanWorkbook) -> None:
        self.workbook = workbook
        self.there = SEALS in workbook.sheets
        self.stored = _stored(workbook)
        self.sealed = tuple(name for name in workbook.sheets if seal.is_sealed(name))

    @cached_property
    def cells(self) -> Mapping[str, tuple[seal.Cell, ...]]:
        """The cells of every sheet, as digests take them."""
        return {name: seal_cells(sheet) for name, sheet in self.workbook.sheets.items()}

    @cached_property
    def digest(self) -> str:
        """The digest of the workbook's content as it is."""
        return seal.content_digest(self.cells.items())

    @cached_property
    def stored_digest(self) -> str:
        """The digest that About gives; empty where it doesn't."""
        about = self.cells.get(ABOUT, ())
        place = seal.digest_place(about)
        return next((str(value) for at, _, value in about if at == place), "")

    @cached_property
    def lines(self) -> Mapping[str, Mapping[str, str]]:
        """The digests of the sealed sheets' lines, as they are."""
        out = seal.left_out(self.cells)
        return {
            name: seal.line_seals(name, [cell for cell in self.cells[name] if (name, cell[0]) not in out])
            for name in self.sealed
        }

    @cached_property
    def inputs_digest(self) -> str:
        """What tells one plan's inputs from another's: their columns' digests, and what they are formatted as."""
        parts = [
            f"{name}\n{line}\n{digest}\n{sorted(self.workbook.sheets[name].percent)}"
            for name, lines in self.lines.items()
            if shown_input(name) is not None
            for line, digest in lines.items()
        ]
        return "\n".join(parts)

    def broken(self, sheet: str) -> Broken:
        """Return the lines of a sheet that are not as sealed."""
        now, then = self.lines[sheet], self.stored.get(sheet, {})
        off = {line: digest for line, digest in {**now, **then}.items() if now.get(line) != then.get(line)}
        rows, columns = sorted(_rows(off)), sorted(_named("column", off), key=lambda letters: (len(letters), letters))
        return Broken(sheet, tuple(rows), tuple(columns), frozenset(rows) - _rows(now).keys())

    @cached_property
    def whole(self) -> bool:
        """Whether every sealed sheet is as sealed."""
        return all(self.lines[name] == self.stored.get(name, {}) for name in self.sealed)

    @cached_property
    def about(self) -> Broken | None:
        """The rows of About that were changed; None where none was, or where it was the seals that were changed."""
        if ABOUT not in self.lines or not self.stored.get(ABOUT) or self.digest == self.stored_digest:
            return None
        broken = self.broken(ABOUT)
        return broken if broken.rows else None

    def input_findings(self) -> Iterator[Finding]:
        """Yield what was changed on the inputs.

        Where only a row's seal is broken and no column's, or the other way, the seal was changed, not the input.
        """
        for sheet in self.sealed:
            if shown_input(sheet) is not None and self.stored.get(sheet):
                broken = self.broken(sheet)
                if broken.rows and broken.columns:
                    yield from self._changed(broken)

    def _changed(self, broken: Broken) -> Iterator[Finding]:
        sheet = broken.sheet
        moved = self.moved(sheet)
        if moved is not None:
            yield moved
            return
        for row in broken.rows:
            places = [(row, _number(column)) for column in broken.columns]
            if row in broken.missing:
                yield Finding(Kind.INPUT, f"the row is missing; {CHANGED}", sheet, row=row)
            elif len(broken.rows) == 1 or len(places) == 1:
                for place in places:
                    content = self.workbook.sheets[sheet].cells.get(place)
                    value = None if content is None else content.value
                    yield Finding(
                        Kind.INPUT,
                        CHANGED,
                        sheet,
                        place,
                        heading=Headings(self.workbook.sheets[sheet]).of(place),
                        found=value,
                    )
            else:
                where = f"one or more of its cells in the columns {', '.join(broken.columns)}"
                yield Finding(Kind.INPUT, f"{where} {_CHANGED.format('the row')}", sheet, row=row)

    def moved(self, sheet: str) -> Finding | None:
        """Return the finding that rows of a sealed sheet were deleted or inserted; None where they weren't."""
        found = shift(_rows(self.stored.get(sheet, {})), _rows(self.lines[sheet]))
        if found is None:
            return None
        return Finding(Kind.ROW, found.text("row"), sheet, row=(*found.missing, *found.inserted)[0])


def seal_cells(sheet: PlanSheet) -> tuple[seal.Cell, ...]:
    """Return a sheet's cells as digests take them; an error value counts as its text."""
    return tuple((place, content.formula, content.error or content.value) for place, content in sheet.cells.items())


def _stored(workbook: PlanWorkbook) -> dict[str, dict[str, str]]:
    """Return sheet → line → digest, as the sheet Seals gives them; of two for one line the first."""
    if SEALS not in workbook.sheets:
        return {}
    rows: dict[int, dict[int, Content]] = {}
    for (row, column), content in workbook.sheets[SEALS].cells.items():
        rows.setdefault(row, {})[column] = content
    stored: dict[str, dict[str, str]] = {}
    for row in sorted(rows):
        sheet, line, digest = (_text(rows[row].get(column)) for column in (1, 2, 3))
        if _LINE.fullmatch(line) and seal.is_sealed(sheet):
            stored.setdefault(sheet, {}).setdefault(line, digest)
    return stored


def _text(content: Content | None) -> str:
    return content.value if content is not None and isinstance(content.value, str) else ""


def _rows(lines: Mapping[str, str]) -> dict[int, str]:
    return {int(row): digest for row, digest in _named("row", lines).items()}


def _named(kind: str, lines: Mapping[str, str]) -> dict[str, str]:
    """Return the number or the letters of each line that is a row, or a column, with its digest."""
    found = ((_LINE.fullmatch(line), digest) for line, digest in lines.items())
    return {line[2]: digest for line, digest in found if line and line[1] == kind}


def _number(letters: str) -> int:
    """Return a column's number.

    >>> _number("AB")
    28
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
