"""Every cell of a plan's workbook: value and formula, whichever spreadsheet program saved it last."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from allocator.audit.number_formats import misleading_styles
from allocator.audit.package import Package, Relation
from allocator.audit.sheet_xml import Content, Place, PlanSheet, SheetScan, shared_texts
from allocator.scenario.sheets import percent_styles, workbook_bytes

__all__ = ["Content", "Place", "PlanBook", "PlanSheet", "plan_book", "read_plan_book"]

_BUILT_IN_NAMES = ("_xlnm.Print_Area", "_xlnm.Print_Titles", "_xlnm._FilterDatabase")
_MADE_BY = "Made by"


@dataclass
class PlanBook:
    """A workbook as it was read: its sheets in order, its file's name and SHA-256."""

    name: str
    sha256: str
    sheets: dict[str, PlanSheet] = field(default_factory=dict)
    extras: tuple[str, ...] = ()
    """What doesn't belong in a plan, in words: macros, links to other workbooks, names for cells, hidden parts."""
    made_by: str = ""
    """The document property that says which program wrote it."""


def read_plan_book(path: Path) -> PlanBook:
    """Read a workbook's cells.

    Raises
    ------
    WorkbookError
        If the file is missing, is no ``.xlsx`` or ``.xlsm`` workbook, is protected or damaged, or is larger than any
        plan.
    """
    return plan_book(workbook_bytes(path), str(path))


def plan_book(data: bytes, name: str = "") -> PlanBook:
    """Read a workbook's cells from its file's bytes; `name` is the file's, for messages.

    Raises
    ------
    WorkbookError
        As `read_plan_book`.
    """
    package = Package(name or "the workbook", data)
    main = next((r.target for r in package.relations() if r.kind == "officeDocument"), "xl/workbook.xml")
    root, relations = package.tree(main), package.relations(main)
    book = PlanBook(Path(name).name, hashlib.sha256(data).hexdigest(), made_by=_made_by(package))
    texts = shared_texts(package, _part(relations, "sharedStrings"))
    styles = _part(relations, "styles")
    look = package.tree(styles) if styles else ET.Element("styleSheet")
    scan = SheetScan(package, texts, percent_styles(look), misleading_styles(look))
    targets = {relation.id: relation for relation in relations}
    others = []
    for element in _elements(root, "sheet"):
        sheet = element.get("name", "")
        relation = next((targets[v] for k, v in element.items() if k.endswith("}id") and v in targets), None)
        if relation is None:
            raise package.damaged(f'the sheet "{sheet}" is missing')
        if sheet.casefold() in map(str.casefold, book.sheets):
            raise package.damaged(f'it has two sheets "{sheet}"')
        if relation.kind != "worksheet":
            others.append(f'the sheet "{sheet}", which is no table')
            continue
        found = scan.read(relation.target, sheet)
        found.hidden = found.hidden or element.get("state", "visible") != "visible"
        book.sheets[sheet] = found
    extras = [*package.foreign(), *others, *_names(root)]
    book.extras = tuple(dict.fromkeys(extras))
    return book


def _part(relations: list[Relation], kind: str) -> str:
    """Return the part of this kind; empty where there is none."""
    return next((relation.target for relation in relations if relation.kind == kind), "")


def _names(root: ET.Element) -> Iterator[str]:
    """Yield the names given to cells or formulas, but for those of prints and filters."""
    for element in _elements(root, "definedName"):
        name = element.get("name", "")
        if name not in _BUILT_IN_NAMES:
            yield f'the defined name "{name}" ({element.text or ""})'


def _made_by(package: Package) -> str:
    """Return the document property "Made by"; empty where there is none."""
    if not package.has("docProps/custom.xml"):
        return ""
    for element in _elements(package.tree("docProps/custom.xml"), "property"):
        if element.get("name") == _MADE_BY:
            return "".join(element.itertext()).strip()
    return ""


def _elements(root: ET.Element, name: str) -> Iterator[ET.Element]:
    return (element for element in root.iter() if element.tag.rpartition("}")[2] == name)
