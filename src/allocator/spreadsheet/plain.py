"""A workbook's file laid out as the simplest of readers expect it: openpyxl knows some parts by their names alone."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from allocator.spreadsheet.package import UNREADABLE, Package, Relation, local, part_name, relation_of, relations_part

OPENPYXL_FAILURES = (*UNREADABLE, ArithmeticError, AssertionError, AttributeError, LookupError, SyntaxError, TypeError)
"""How openpyxl fails at what it doesn't expect in a workbook (SyntaxError: XML that is broken)."""
_TYPES = "[Content_Types].xml"
_USUAL = {
    "officeDocument": "xl/workbook.xml", "styles": "xl/styles.xml", "theme": "xl/theme/theme1.xml",
    "sharedStrings": "xl/sharedStrings.xml", "core-properties": "docProps/core.xml",
    "extended-properties": "docProps/app.xml", "custom-properties": "docProps/custom.xml",
}  # fmt: skip
_RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_OTHER_NAMES = ((b"/extendedProperties", b"/extended-properties"), (b"/customProperties", b"/custom-properties"))


def plain_copy(package: Package) -> bytes:
    """Return a copy of a workbook's file with the same content, its parts under their usual names.

    Parts that no relation leads to are left out; relations tell their targets from the top; strict Open XML becomes
    transitional.

    Raises
    ------
    WorkbookError
        If a part is damaged, or declares a document type.
    """
    names = _names(package)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(_TYPES, _types(package, names))
        for part in ("", *(spelled for spelled in map(package.spelled, names))):
            if part:
                archive.writestr(names[part.lower()], _content(package, part))
            if package.has(package.relations_at(part)):
                archive.writestr(relations_part(names.get(part.lower(), "")), _relations(package, part, names))
    return data.getvalue()


def _names(package: Package) -> dict[str, str]:
    """Return the parts that relations lead to, in lower case, each with the name it gets."""
    names: dict[str, str] = {}
    taken = {name.lower() for name in _USUAL.values()}
    waiting = [""]
    while waiting:
        for relation in _inside(package, waiting.pop()):
            key = relation.target.lower()
            if key in names:
                continue
            usual = _USUAL.get(relation.kind, "")
            free = usual and usual not in names.values()
            names[key] = usual if free else _unlike(package.spelled(relation.target), taken)
            waiting.append(relation.target)
    return names


def _unlike(name: str, taken: set[str]) -> str:
    """Return a name that no other part gets."""
    while name.lower() in taken:
        folder, last = posixpath.split(name)
        name = posixpath.join(folder, f"other-{last}")
    taken.add(name.lower())
    return name


def _inside(package: Package, part: str) -> Iterator[Relation]:
    return (r for r in package.relations(part) if not r.external and package.has(r.target))


def _relations(package: Package, part: str, names: dict[str, str]) -> bytes:
    """Return what a part refers to, with the targets' new names."""
    root = ET.Element(f"{{{_RELATED}}}Relationships")
    for element in package.tree(package.relations_at(part)):
        relation = relation_of(element, part)
        attributes = {local(name): value for name, value in element.items()}
        if not relation.external:
            if relation.target.lower() not in names:
                continue  # it leads nowhere
            attributes["Target"] = f"/{names[relation.target.lower()]}"
        ET.SubElement(root, f"{{{_RELATED}}}Relationship", attributes)
    return _transitional(_xml(root))


def _types(package: Package, names: dict[str, str]) -> bytes:
    """Return the list of what kind each part is, under the new names."""
    root = package.tree(_TYPES)
    for element in list(root):
        if local(element.tag) == "Override":
            name = names.get(part_name(element.get("PartName", "")).lower())
            if name is None:
                root.remove(element)
            else:
                element.set("PartName", f"/{name}")
    return _xml(root)


def _xml(root: ET.Element) -> bytes:
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _content(package: Package, part: str) -> bytes:
    """Return a part's bytes; those of XML are looked through first, so that nothing in it can do harm."""
    data = b"".join(package.chunks(part))
    if not part.lower().endswith((".xml", ".rels")):
        return data
    package.scan(part, lambda _: None)
    return _transitional(data) if b"purl.oclc.org" in data else data


def _transitional(xml: bytes) -> bytes:
    for strict, usual in _OTHER_NAMES:
        xml = xml.replace(b"ooxml/officeDocument" + strict, b"ooxml/officeDocument" + usual)
    return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", xml)
