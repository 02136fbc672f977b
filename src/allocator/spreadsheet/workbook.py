"""Which parts of a file are its sheets, texts and styles, and how its days are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree import ElementTree as ET

from allocator.spreadsheet.package import Package, attribute, local, no_workbook

_TRUE = ("1", "true", "on", "t")
_MADE_BY = "Made by"


@dataclass(frozen=True)
class SheetPart:
    """One sheet of a workbook: its name and the part that holds it."""

    name: str
    part: str
    kind: str
    """``worksheet`` for a sheet of cells; ``chartsheet`` and the like for others."""
    visible: bool = True


class Workbook:
    """A file's workbook: what it says of its sheets.

    Raises
    ------
    WorkbookError
        If the file can't be read (as `Package`), holds no workbook, or can be taken for two different ones: two
        workbooks, two sheets of one name or in one part, a sheet outside the file or without a part.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.package = Package(name, data)
        self.main = self.package.related("officeDocument")
        if not self.main or not self.package.has(self.main) or self.main.lower().endswith(".bin"):
            raise no_workbook(name, self.package.parts)
        self.root = self.package.tree(self.main)
        if local(self.root.tag) != "workbook":
            raise no_workbook(name, self.package.parts)
        self.sheets = tuple(self._sheets())

    def _sheets(self) -> Iterator[SheetPart]:
        relations = {relation.id: relation for relation in self.package.relations(self.main)}
        names: set[str] = set()
        parts: set[str] = set()
        for element in self._elements("sheet"):
            name = element.get("name", "")
            relation = relations.get(attribute(element.attrib, "id"))
            if relation is None:
                raise self.package.damaged(f'the sheet "{name}" is missing')
            if relation.external:
                raise self.package.damaged(f'the sheet "{name}" lies outside the file, at {relation.target}')
            if name.casefold() in names:
                raise self.package.damaged(f'it has two sheets "{name}"')
            if relation.target.lower() in parts:
                raise self.package.damaged(f'the sheet "{name}" is the same part as another sheet')
            if not self.package.has(relation.target):
                raise self.package.damaged(f'{relation.target} is missing, which holds the sheet "{name}"')
            names.add(name.casefold())
            parts.add(relation.target.lower())
            yield SheetPart(name, relation.target, relation.kind, element.get("state", "visible") == "visible")

    def _elements(self, name: str) -> Iterator[ET.Element]:
        return (element for element in self.root.iter() if local(element.tag) == name)

    @cached_property
    def texts(self) -> str:
        """The part that holds the texts of all sheets; empty where there is none."""
        return self._optional("sharedStrings")

    @cached_property
    def styles(self) -> ET.Element:
        """The workbook's styles, empty where it has none."""
        part = self._optional("styles")
        return self.package.tree(part) if part else ET.Element("styleSheet")

    def _optional(self, kind: str) -> str:
        """Return the part of this kind; empty where there is none, or where only its relation was left behind."""
        part = self.package.related(kind, self.main)
        return part if self.package.has(part) else ""

    @cached_property
    def from_1904(self) -> bool:
        """Whether days are counted from 1904, as on old Macintosh computers."""
        return any(element.get("date1904", "").strip().lower() in _TRUE for element in self._elements("workbookPr"))

    @property
    def defined_names(self) -> Iterator[tuple[str, str]]:
        """Each name given to cells or a formula, and what it stands for."""
        return ((element.get("name", ""), element.text or "") for element in self._elements("definedName"))

    @cached_property
    def made_by(self) -> str:
        """The document property "Made by"; empty where there is none."""
        return self.properties.get(_MADE_BY, "")

    @cached_property
    def properties(self) -> dict[str, str]:
        """The document's properties that no program knows by itself, as text."""
        part = self.package.related("custom-properties")
        root = self.package.tree(part) if self.package.has(part) else ET.Element("Properties")
        found = (element for element in root.iter() if local(element.tag) == "property")
        return {element.get("name", ""): "".join(element.itertext()).strip() for element in found}
