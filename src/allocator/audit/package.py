"""The parts of a workbook's file: read within bounds, and what among them is no part of a plan."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.parsers import expat

from allocator.errors import WorkbookError
from allocator.scenario.sheets import refuse_other_formats

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BYTES = 1_000_000_000
"""What is read of a file, unpacked; a plan of 20,000 areas in 5 years has a tenth of it."""
MOST_SMALL = 32_000_000
"""Of a part that is held in memory as a whole: all but sheets and texts."""
CHUNK = 1 << 18
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""How the reading of a damaged archive fails; RuntimeError where a part is protected or packed in an unknown way."""

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
    """A workbook's file, whose parts are unpacked no further than a plan can need.

    Raises
    ------
    WorkbookError
        If it is no workbook, is damaged, unpacks to more than `MOST_BYTES`, or declares XML entities.
    """

    def __init__(self, name: str, data: bytes) -> None:
        refuse_other_formats(Path(name), data)
        self.name = name
        self._left = MOST_BYTES
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _UNREADABLE as error:
            raise self.damaged(error) from None
        names = [info.filename for info in self._archive.infolist() if not info.is_dir()]
        self._members = {member.lower(): member for member in names}
        if len(self._members) < len(names):
            raise self.damaged("it holds a part twice")

    def damaged(self, reason: object, what: str = "") -> WorkbookError:
        """Return the error that tells what can't be read, and why."""
        return WorkbookError(
            f"{': '.join(filter(None, (self.name, what)))} is damaged and can't be read ({reason}); "
            "save it again as .xlsx"
        )

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return part.lower() in self._members

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield a part's bytes, a stretch at a time."""
        if not self.has(part):
            raise self.damaged(f"{part} is missing")
        try:
            with self._archive.open(self._members[part.lower()]) as stream:
                while chunk := stream.read(CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise WorkbookError(
                            f"{self.name} unpacks to more than {MOST_BYTES / 1e6:,.0f} MB; no plan is so large"
                        )
                    yield chunk
        except _UNREADABLE as error:
            raise self.damaged(error, part) from None

    def scan(self, part: str, connect: Callable[[expat.XMLParserType], None]) -> None:
        """Parse a part without holding it; `connect` sets the parser's handlers. Names are ``namespace name``."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        connect(parser)
        try:
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            raise self.damaged(error, part) from None

    def _refuse_doctype(self, *_: object) -> None:
        raise WorkbookError(
            f"{self.name}: this is no workbook of a spreadsheet program: its XML declares a document type"
        )

    def tree(self, part: str) -> ET.Element:
        """Return a small part's XML."""
        builder = ET.TreeBuilder()
        size = 0

        def connect(parser: expat.XMLParserType) -> None:
            parser.StartElementHandler = start
            parser.EndElementHandler = lambda tag: builder.end(named(tag))
            parser.CharacterDataHandler = builder.data

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal size
            size += 1
            if size > MOST_SMALL // 16:
                raise self.damaged("it is far too large", part)
            builder.start(named(tag), {named(name): value for name, value in attributes.items()})

        def named(tag: str) -> str:
            space, _, local = tag.rpartition(" ")
            return f"{{{space}}}{local}" if space else local

        if self.has(part) and self._archive.getinfo(self._members[part.lower()]).file_size > MOST_SMALL:
            raise self.damaged("it is far too large", part)
        self.scan(part, connect)
        return builder.close()

    def relations(self, part: str = "") -> list[Relation]:
        """Return what a part refers to; the whole file for none."""
        folder, name = posixpath.split(part)
        at = posixpath.join(folder, "_rels", f"{name}.rels")
        return [_relation(element, folder) for element in self.tree(at)] if self.has(at) else []

    def foreign(self) -> Iterator[str]:
        """Yield in words what doesn't belong in a plan: macros, links, objects, parts of unknown purpose."""
        for member in sorted(self._members):
            if not _OWN.fullmatch(member):
                words = (text for pattern, text in _FOREIGN if re.fullmatch(pattern, member))
                yield next(words, f"a part of unknown purpose ({self._members[member]})")
            if re.fullmatch(r"xl/drawings/drawing\d+\.xml", member):
                kinds = {_local(element.tag) for element in self.tree(member).iter()}
                if kinds & {"sp", "pic", "cxnSp"}:
                    yield "pictures or shapes drawn over cells"
            if member.endswith(".rels"):
                folder = posixpath.dirname(posixpath.dirname(member))
                for relation in (_relation(element, folder) for element in self.tree(member)):
                    if relation.external:
                        yield f"a link to {relation.target}"


def _relation(element: ET.Element, folder: str) -> Relation:
    target, external = element.get("Target", ""), element.get("TargetMode") == "External"
    if not external:
        target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return Relation(element.get("Id", ""), element.get("Type", "").rpartition("/")[2], target, external)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
