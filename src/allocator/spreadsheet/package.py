r"""The parts of a workbook's file, by the Open Packaging Conventions, unpacked within bounds.

A part's name knows no difference between capitals and small letters, ``/`` and ``\``, ``%41`` and ``A``; which part is
the workbook, which its sheets, texts and styles, is told by relations alone, never by a name. Every reader of a
workbook gets its parts here, so that they can't see different ones; for the simplest of readers, which know some parts
by their names alone (openpyxl), there is a `plain_copy`.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.parsers import expat

from allocator.errors import WorkbookError

MOST_BYTES = 1_000_000_000
"""Of a file, unpacked; a plan of 20,000 areas in 5 years has a tenth of it."""
FREE_BYTES, MOST_RATIO = 4_000_000, 50
"""A file may unpack to as many bytes, and to as many times its own size above them; large scenarios have 7 to 20."""
MOST_SMALL = 32_000_000
"""Of a part that is held in memory as a whole: all but sheets and texts."""
MOST_ELEMENTS = 250_000
"""Of such a part; the styles of a workbook are at most 64,000 of some three elements each."""
MOST_PARTS = 20_000
DEEPEST = 100
"""Elements within each other; a spreadsheet program needs about ten, a drawing twenty."""
CHUNK = 1 << 18
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError, OverflowError,
)  # fmt: skip
"""How the reading of a damaged archive fails; RuntimeError where a part is packed in an unknown way."""

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The ways that the conventions allow; how far the others unpack can't be bounded."""
_UNZIPPED = (".bin", "content.xml")


@dataclass(frozen=True)
class Relation:
    """What one part of the file says of another."""

    id: str
    kind: str
    """The last word of its type: ``worksheet``, ``sharedStrings``, …"""
    target: str
    """The other part's name; an address outside the file where it is `external`."""
    external: bool


class Package:
    """A workbook's file; `name` is the file's, for messages.

    Raises
    ------
    WorkbookError
        If it is no zip archive, is damaged or protected, holds a part twice, or unpacks to far more than a file of
        its size can hold.
    """

    def __init__(self, name: str, data: bytes) -> None:
        refuse_other_formats(name, data)
        self.name = name
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except UNREADABLE as error:
            raise self.damaged(error) from None
        infos = self._archive.infolist()
        self._refuse_bombs(infos, len(data))
        self._parts: dict[str, tuple[str, zipfile.ZipInfo]] = {}
        for info in infos:
            if info.filename.endswith(("/", "\\")) and not info.file_size:
                continue  # a folder
            part = part_name(info.filename)
            if part.lower() in self._parts:
                raise self.damaged(f"it holds a part twice: {part}")
            if info.flag_bits & 1:
                raise WorkbookError(f"{name} is protected with a password; save a copy without one")
            if info.compress_type not in _PACKED:
                raise self.damaged(f"{part} is packed in a way that spreadsheet programs don't know")
            self._parts[part.lower()] = (part, info)

    def _refuse_bombs(self, infos: list[zipfile.ZipInfo], size: int) -> None:
        """Refuse what is too large before anything is unpacked; no part unpacks to more than is declared here."""
        if len(infos) > MOST_PARTS:
            raise WorkbookError(f"{self.name} has {len(infos):,} parts; no workbook has so many")
        allowed = min(MOST_BYTES, FREE_BYTES + MOST_RATIO * size)
        if sum(info.file_size for info in infos) > allowed:
            raise WorkbookError(
                f"{self.name} unpacks to more than {allowed / 1e6:,.0f} MB, too much for a workbook of its size; "
                "delete what is empty but formatted, and save it again as .xlsx"
            )

    def damaged(self, reason: object, what: str = "") -> WorkbookError:
        """Return the error that tells what can't be read, and why."""
        return WorkbookError(
            f"{': '.join(filter(None, (self.name, what)))} is damaged and can't be read ({reason}); "
            "save it again as .xlsx"
        )

    @property
    def parts(self) -> list[str]:
        """The names of all parts, as they are spelled in the file, in order."""
        return [part for part, _ in sorted(self._parts.values())]

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._parts

    def spelled(self, part: str) -> str:
        """Return a part's name as the file spells it; as it is asked for where there is no such part."""
        return self._parts[part.lower()][0] if self.has(part) else part

    def chunks(self, part: str, called: str = "") -> Iterator[bytes]:
        """Yield a part's bytes, some at a time; `called` says in messages what it is."""
        if not self.has(part):
            raise self.damaged(f"{part} is missing")
        try:
            with self._archive.open(self._parts[part.lower()][1]) as stream:
                while chunk := stream.read(CHUNK):
                    yield chunk
        except UNREADABLE as error:
            raise self.damaged(error, called or part) from None

    def scan(
        self,
        part: str,
        connect: Callable[[expat.XMLParserType], None],
        thin: Callable[[Iterator[bytes]], Iterator[bytes]] = iter,
        called: str = "",
    ) -> None:
        """Parse a part without holding it; `connect` sets the parser's handlers. Names are ``namespace name``.

        `thin` may leave out what the handlers need not see; `called` says in messages what the part is.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        connect(parser)
        try:
            for chunk in thin(self.chunks(part, called)):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError, OverflowError) as error:
            raise self.damaged(error, called or part) from None

    def _refuse_doctype(self, *_: object) -> None:
        raise WorkbookError(
            f"{self.name}: this is no workbook of a spreadsheet program: its XML declares a document type"
        )

    def tree(self, part: str) -> ET.Element:
        """Return a small part's XML."""
        builder = ET.TreeBuilder()
        size = depth = 0

        def connect(parser: expat.XMLParserType) -> None:
            parser.StartElementHandler = start
            parser.EndElementHandler = end
            parser.CharacterDataHandler = builder.data

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal size, depth
            size, depth = size + 1, depth + 1
            if size > MOST_ELEMENTS or depth > DEEPEST:
                raise ValueError("it is far too large")
            builder.start(_named(tag), {_named(name): value for name, value in attributes.items()})

        def end(tag: str) -> None:
            nonlocal depth
            depth -= 1
            builder.end(_named(tag))

        if self.has(part) and self._parts[part.lower()][1].file_size > MOST_SMALL:
            raise self.damaged("it is far too large", part)
        self.scan(part, connect)
        return builder.close()

    def relations(self, part: str = "") -> list[Relation]:
        """Return what a part refers to; the whole file for none.

        Raises
        ------
        WorkbookError
            If two of them share an identifier, so that it can't be told which is meant.
        """
        at = self.relations_at(part)
        found = [relation_of(element, part) for element in self.tree(at)] if self.has(at) else []
        by_id: dict[str, Relation] = {}
        for relation in found:
            if by_id.setdefault(relation.id, relation) != relation:
                raise self.damaged(f'two relations are called "{relation.id}"', at)
        return found

    def relations_at(self, part: str) -> str:
        """Return the name of the part that says what another one (the whole file for none) refers to.

        Where the workbook was renamed, its relations may have kept their name: those of no other part are its own.
        """
        at = relations_part(part)
        if self.has(at) or not part or part.lower() != self.related("officeDocument").lower():
            return at
        left = [name for name in self.parts if name.lower().endswith(".rels") and self._belongs_to_none(name, at)]
        return left[0] if len(left) == 1 else at

    def _belongs_to_none(self, name: str, at: str) -> bool:
        """Whether relations that stand beside `at` are those of a part that isn't there."""
        folder, last = posixpath.split(name)
        source = posixpath.join(posixpath.dirname(folder), last[: -len(".rels")])
        return folder.lower() == posixpath.dirname(at).lower() and not self.has(source)

    def related(self, kind: str, part: str = "") -> str:
        """Return the one part of this kind that a part refers to (the whole file for none); empty where there is none.

        Raises
        ------
        WorkbookError
            If there are several, or it lies outside the file.
        """
        found = {r.target.lower(): r for r in self.relations(part) if r.kind == kind}
        if len(found) > 1 or any(relation.external for relation in found.values()):
            raise self.damaged(f"it names more than one part as its {kind}, or one outside the file")
        return next((relation.target for relation in found.values()), "")


def part_name(text: str) -> str:
    r"""Return a part's name in plain form, without a slash in front.

    >>> part_name("/xl\\worksheets/./Sheet%31.xml")
    'xl/worksheets/Sheet1.xml'
    """
    return posixpath.normpath("/" + unquote(text).replace("\\", "/")).lstrip("/")


def relations_part(part: str) -> str:
    """Return the name of the part that says what another one (the whole file for none) refers to.

    >>> relations_part("xl/workbook.xml"), relations_part("")
    ('xl/_rels/workbook.xml.rels', '_rels/.rels')
    """
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relation_of(element: ET.Element, part: str) -> Relation:
    """Return a relation of `part` from its XML; its target is relative to that part's folder."""
    target = element.get("Target", "").strip()
    external = element.get("TargetMode", "").strip().lower() == "external"
    if not external:
        inside = target.replace("\\", "/").partition("#")[0]
        target = part_name(inside if inside.startswith("/") else posixpath.join(posixpath.dirname(part), inside))
    return Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, external)


def refuse_other_formats(name: str, data: bytes) -> None:
    """Raise WorkbookError where the bytes are no zip archive: empty, protected, in the old format, or damaged."""
    if not data:
        raise WorkbookError(f"{name} is empty (0 bytes); save it again from the spreadsheet program")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise WorkbookError(
                f"{name} is protected with a password; save a copy without one (File > Info > Protect Workbook)"
            )
        raise WorkbookError(f"{name} is in the old .xls format; save it as Excel Workbook (.xlsx)")
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise WorkbookError(f"{name} is not an Excel workbook, or is damaged; save it as Excel Workbook (.xlsx)")


def no_workbook(name: str, parts: list[str]) -> WorkbookError:
    """Return the error for an archive that holds something else, or a workbook of another format."""
    other = " (it looks like another format)" if any(part.endswith(_UNZIPPED) for part in parts) else ""
    return WorkbookError(f"{name} is not an Excel workbook{other}; save it as Excel Workbook (.xlsx)")


def elements(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield the elements of this name, in whatever namespace, wherever they stand."""
    return (element for element in root.iter() if local(element.tag) == name)


def local(tag: str) -> str:
    """Return an element's or attribute's name without its namespace."""
    return tag.rpartition("}")[2]


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """Return an attribute that stands in a namespace, such as ``r:id``; empty where there is none."""
    return next((value for key, value in attributes.items() if key.endswith(f"}}{name}")), "")


def _named(tag: str) -> str:
    space, _, name = tag.rpartition(" ")
    return f"{{{space}}}{name}" if space else name


_TRUE = frozenset({"1", "true", "on", "t"})


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
        for element in elements(self.root, "sheet"):
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
        return any(
            element.get("date1904", "").strip().lower() in _TRUE for element in elements(self.root, "workbookPr")
        )

    @property
    def defined_names(self) -> Iterator[tuple[str, str]]:
        """Each name given to cells or a formula, and what it stands for."""
        return ((element.get("name", ""), element.text or "") for element in elements(self.root, "definedName"))

    @cached_property
    def properties(self) -> dict[str, str]:
        """The document's properties that no program knows by itself, as text."""
        part = self.package.related("custom-properties")
        root = self.package.tree(part) if self.package.has(part) else ET.Element("Properties")
        return {each.get("name", ""): "".join(each.itertext()).strip() for each in elements(root, "property")}


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
        for part in ("", *map(package.spelled, names)):
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
    for element in [each for each in root if local(each.tag) == "Override"]:
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
