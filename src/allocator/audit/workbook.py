"""A plan's workbook: every cell, whichever spreadsheet program saved it last, its tables, and what doesn't belong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from allocator.errors import WorkbookError
from allocator.programme.rows import Key
from allocator.render.seal import INPUTS
from allocator.scenario.cells import fold
from allocator.scenario.schema import TABLES
from allocator.scenario.sheets import workbook_bytes
from allocator.spreadsheet.cells import BLANK, Content, Sheet, read_sheets
from allocator.spreadsheet.formulas import Evaluator
from allocator.spreadsheet.package import Package, Workbook, local
from allocator.spreadsheet.references import Place
from allocator.spreadsheet.syntax import FormulaError, Value
from allocator.tables import plan as tables
from allocator.tables.columns import Table

_OWN = re.compile(
    r"\[content_types\]\.xml|.*\.rels|docprops/(app|core|custom)\.xml|docprops/thumbnail\.\w+|"
    r"docmetadata/labelinfo\.xml|xl/(calcchain|metadata|styles|sharedstrings|workbook)\.xml|xl/theme/.*|"
    r"xl/worksheets/[^/]*\.xml|xl/drawings/drawing\d+\.xml|xl/charts/(chart|style|colors)\d+\.xml|"
    r"xl/printersettings/.*|xl/persons/.*"
)
"""Parts that a plan has, as written here or saved again by a spreadsheet program; in lower case."""
_FOREIGN = (
    (r".*vbaproject.*|.*vbadata.*|xl/macrosheets/.*|xl/dialogsheets/.*", "macros"),
    (r"xl/externallinks/.*", "links to other workbooks"),
    (r"xl/embeddings/.*|.*\.ole.*", "embedded objects"),
    (r"customxml/.*", "custom XML"),
    (r"xl/connections\.xml|xl/querytables/.*|xl/model/.*", "data connections"),
    (r"xl/activex/.*|xl/ctrlprops/.*", "form controls"),
    (r"customui/.*|userCustomization/.*", "an altered ribbon"),
    (r"xl/webextensions/.*", "add-ins"),
    (r"xl/pivot.*", "pivot tables"),
    (r"xl/tables/.*", "tables of a spreadsheet's own kind"),
    (r"xl/comments.*|xl/threadedcomments/.*|xl/drawings/vmldrawing.*|xl/worksheets/comments.*", "cell notes"),
    (r"xl/media/.*|xl/drawings/.*\.(png|jpe?g|emf|wmf)", "pictures"),
    (r"xl/chartsheets/.*", "chart sheets"),
)
"""What else a file may hold, in words."""


def foreign(package: Package) -> Iterator[str]:
    """Yield in words what doesn't belong in a plan."""
    for part in package.parts:
        name = part.lower()
        if not _OWN.fullmatch(name):
            words = (text for pattern, text in _FOREIGN if re.fullmatch(pattern, name))
            yield next(words, f"a part of unknown purpose ({part})")
        if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name):
            kinds = {local(element.tag) for element in package.tree(part).iter()}
            if kinds & {"sp", "pic", "cxnSp"}:
                yield "pictures or shapes drawn over cells"
        if name.endswith(".rels"):
            for element in package.tree(part):
                if element.get("TargetMode", "").strip().lower() == "external":
                    yield f"a link to {element.get('Target', '')}"


_BUILT_IN_NAMES = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")


@dataclass
class PlanWorkbook:
    """A workbook as it was read: its sheets in order, its file's name and SHA-256."""

    name: str
    sha256: str
    sheets: dict[str, Sheet] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    """What doesn't belong in a plan, in words: macros, links to other workbooks, names for cells, hidden parts."""
    made_by: str = ""
    """The document property that says which program wrote it."""

    def at(self, sheet: str, place: Place) -> Content:
        """Return what a cell holds, be it nothing, or on no sheet that there is."""
        return self.sheets[sheet].at(place) if sheet in self.sheets else BLANK


def shown_input(sheet: str) -> str | None:
    """Return the name of the scenario's sheet that a sheet of the plan shows, as far as it is there; None: none."""
    return sheet.removeprefix(INPUTS) if sheet.startswith(INPUTS) else None


def read_plan_workbook(path: Path) -> PlanWorkbook:
    """Read a workbook's cells.

    Raises
    ------
    WorkbookError
        If the file is missing, is no ``.xlsx`` or ``.xlsm`` workbook, is protected or damaged, or is larger than any
        plan.
    """
    return plan_workbook(workbook_bytes(path), str(path))


def plan_workbook(data: bytes, name: str = "") -> PlanWorkbook:
    """Read a workbook's cells from its file's bytes; `name` is the file's, for messages.

    Raises
    ------
    WorkbookError
        As `read_plan_workbook`.
    """
    workbook = Workbook(name or "the workbook", data)
    others = [f'the sheet "{each.name}", which is no table' for each in workbook.sheets if each.kind != "worksheet"]
    extras = tuple(dict.fromkeys([*foreign(workbook.package), *others, *_names(workbook)]))
    sha256 = hashlib.sha256(data).hexdigest()
    return PlanWorkbook(
        Path(name).name, sha256, read_sheets(workbook), extras, workbook.properties.get(tables.MADE_BY, "")
    )


def _names(workbook: Workbook) -> Iterator[str]:
    """Yield the names given to cells or formulas, but for those of prints and filters."""
    for name, meaning in workbook.defined_names:
        if name not in _BUILT_IN_NAMES:
            yield f'the defined name "{name}" ({meaning})'


# -- headings and tables ---------------------------------------------------------------------------------------------

LEAST = 2
"""Declared headings that a row must hold to be the head of a table."""


class Headings:
    """The headings of one sheet, found by the names that are declared for its tables."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._names = _declared(sheet.name)
        counts: dict[int, int] = {}
        for (row, _), content in sheet.cells.items():
            if isinstance(content.value, str) and fold(content.value) in self._names:
                counts[row] = counts.get(row, 0) + 1
        self._heads = sorted(row for row, count in counts.items() if count >= LEAST)

    def of(self, place: Place) -> str:
        """Return the heading of a cell's column in the table above it, else the label of its row, else nothing."""
        row, column = place
        heads = [head for head in self._heads if head < row]
        if heads:
            title = next((r for r in range(row, heads[-1], -1) if self._is_gap(r)), None)
            text = self._text((heads[-1], column))
            if text and title is None:
                return text
        return self._text((row, 1)) if column > 1 else ""

    def _is_gap(self, row: int) -> bool:
        """Whether nothing stands at the start of a row: the table above has ended there."""
        return (row, 1) not in self._sheet.cells

    def _text(self, place: Place) -> str:
        value = self._sheet.at(place).value
        if isinstance(value, str):
            return " ".join(value.split())
        return "" if value is None else f"{value:g}"


def _declared(sheet: str) -> frozenset[str]:
    """Return the headings that are declared for a sheet's tables, in the form in which names are compared."""
    if (shown := shown_input(sheet)) is not None:  # with a number after its name where two would bear the same
        own = [table for table in TABLES if fold(shown).startswith(fold(table.sheet))]
        return frozenset(fold(column.name) for table in own for column in table.columns)
    return frozenset(fold(column.name) for table in tables.TABLES if table.sheet == sheet for column in table.columns)


type Row = Mapping[str, Value]
"""Heading → value."""

NEEDED = ("Summary", "Allocation", "Rules", "Indicators", "About")


@dataclass(frozen=True)
class PlanTables:
    """A plan's workbook as tables."""

    workbook: PlanWorkbook

    @cached_property
    def _evaluator(self) -> Evaluator:
        return Evaluator({name: sheet.cells for name, sheet in self.workbook.sheets.items()})

    def check(self) -> None:
        """Raise WorkbookError where the workbook is no plan."""
        missing = [name for name in NEEDED if name not in self.workbook.sheets]
        if missing:
            raise WorkbookError(f'{self.workbook.name} is no plan made by allocate: it has no sheet "{missing[0]}"')

    def value(self, sheet: str, place: Place) -> Value:
        """Return what a cell says: a formula's result worked out here, the stored one where that can't be done."""
        content = self.workbook.at(sheet, place)
        if content.formula:
            found = self._evaluator.value(sheet, place)
            if not isinstance(found, FormulaError):
                return found
        return content.result

    def rows(self, table: Table[Any], names: Sequence[str]) -> Iterator[Row]:
        """Yield the rows of a table, of its columns those named, up to its end, where the first of them is blank.

        Raises
        ------
        WorkbookError
            If the sheet has no such table.
        """
        head, columns = self._head(table, [column.name for column in table.columns])
        if names[0] not in columns:
            raise WorkbookError(f'{self.workbook.name}: the sheet "{table.sheet}" has no column "{names[0]}"')
        row = head + 1
        while self.value(table.sheet, (row, columns[names[0]])) is not None:
            yield {name: self.value(table.sheet, (row, columns[name])) if name in columns else None for name in names}
            row += 1

    def _head(self, table: Table[Any], names: Sequence[str]) -> tuple[int, dict[str, int]]:
        """Return the row of a table's headings and their columns: the first of those that hold most of them."""
        found: dict[int, dict[str, int]] = {0: {}}
        for (row, column), content in sorted(self.workbook.sheets[table.sheet].cells.items()):
            if isinstance(content.value, str) and content.value in names:
                found.setdefault(row, {}).setdefault(content.value, column)
        row = max(found, key=lambda at: (len(found[at]), -at))
        return row, found[row]

    def labelled(self, sheet: str, label: str) -> Value:
        """Return what stands beside a label in the first column; None where there is no such label."""
        cells = self.workbook.sheets[sheet].cells
        rows = (row for row, column in sorted(cells) if column == 1 and cells[row, 1].value == label)
        return next((self.value(sheet, (row, 2)) for row in rows), None)

    def text(self, sheet: str, label: str) -> str:
        """Return the text beside a label; empty where there is none."""
        found = self.labelled(sheet, label)
        return "" if found is None else str(found)


def key_of(area: Value, year: Value, source: Value) -> Key:
    """Return the amount that a line of Allocation is about."""
    return Key(str(area), int(year) if isinstance(year, float) else 0, str(source))


def fraction_of(value: Value) -> Fraction | None:
    """Return a number that stands in a cell, to the 15 digits that spreadsheets keep; None for anything else."""
    return Fraction(f"{value:.15g}") if isinstance(value, float) else None
