"""Every cell of a plan's workbook: value and formula, whichever spreadsheet program saved it last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from allocator.audit.number_formats import misleading_styles
from allocator.audit.package import foreign
from allocator.audit.sheet_xml import Content, Place, PlanSheet, SheetScan
from allocator.reports.seal import INPUTS
from allocator.scenario.sheets import workbook_bytes
from allocator.spreadsheet.cells import shared_texts
from allocator.spreadsheet.formats import percent_styles
from allocator.spreadsheet.workbook import Workbook

__all__ = ["Content", "Place", "PlanSheet", "PlanWorkbook", "plan_workbook", "read_plan_workbook", "shown_input"]

_BUILT_IN_NAMES = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")


@dataclass
class PlanWorkbook:
    """A workbook as it was read: its sheets in order, its file's name and SHA-256."""

    name: str
    sha256: str
    sheets: dict[str, PlanSheet] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    """What doesn't belong in a plan, in words: macros, links to other workbooks, names for cells, hidden parts."""
    made_by: str = ""
    """The document property that says which program wrote it."""


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
    package, look = workbook.package, workbook.styles
    texts = shared_texts(package, workbook.texts)
    scan = SheetScan(package, texts, percent_styles(look), misleading_styles(look))
    found = PlanWorkbook(Path(name).name, hashlib.sha256(data).hexdigest(), made_by=workbook.made_by)
    others = []
    for sheet in workbook.sheets:
        if sheet.kind == "worksheet":
            found.sheets[sheet.name] = scan.read(sheet)
        else:
            others.append(f'the sheet "{sheet.name}", which is no table')
    found.extras = tuple(dict.fromkeys([*foreign(package), *others, *_names(workbook)]))
    return found


def _names(workbook: Workbook) -> Iterator[str]:
    """Yield the names given to cells or formulas, but for those of prints and filters."""
    for name, meaning in workbook.defined_names:
        if name not in _BUILT_IN_NAMES:
            yield f'the defined name "{name}" ({meaning})'
