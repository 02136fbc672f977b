"""What in a workbook's file is no part of a plan: macros, links to other files, objects, parts of unknown purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from allocator.spreadsheet.package import Package, local

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
