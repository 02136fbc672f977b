"""Workbooks with something wrong in them, made at random from a good one: cells, tables, XML, bytes; for tests."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

CELL = re.compile(r"<c\b[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
ROW = re.compile(r"<row\b.*?</row>", re.DOTALL)
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
VALUE = re.compile(r"(?<=<v>)[^<]*(?=</v>)")
TEXTS = [
    "", " ", "-1", "0", "1", "99999999999999999999", "1e999", "-1e-400", "NaN", "INF", "-INF", "nan", "1_000", "٣", "x",
    "4 %", "A0", "ZZZZ99", "A1048577", "XFD1", "XFE1", "B2:A1", "A1:", ":", "-3:5", "true", "#REF!", "#SPILL!", "s",
    "n", "d", "e", "b", "str", "inlineStr", "2026-13-45", "2026-02-28T10:00:00", "&#0;", "&#xD800;", "&amp;", "&nope;",
    "<", "]]>", "_xD800_", "_x0000_", "\u0000", "\ud7ff", "\ufffe", "Total", "every area", "./a", "../../a", "/", "\\",
    "%", "%00", "file:///etc/passwd", "rId1", "rId2", "16384", "65536", "4294967296", "0.0000001", "Área\u0301",
    "x" * 40_000,
]  # fmt: skip
PIECES = [
    '"', "'", "<", ">", "/", "&", "&a;", "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<![CDATA[ <c/> ]]>", "<!-- -->", "<?x?>",
    "<v>1</v>", "<f>1+</f>", "</c>", "<row>", "</row>", '<c r="B2" t="e"><v>#X!</v></c>', '<is><t>y</t></is>', "\ufeff",
    '<f t="shared" si="9"/>', '<c r="C3"/>', "<a>" * 200, 'xmlns="urn:x"', '<mergeCell ref="A1:ZZZ9"/>', "<t>", "\x0b",
    '<col min="-5" max="99999999" hidden="1"/>', '<sheet name="Areas" sheetId="9" r:id="rId1"/>', "<r><t>z</t></r>",
]  # fmt: skip
type Parts = dict[str, bytes]
type Change = Callable[[str, random.Random], str]


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Parts) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def mutated(parts: Parts, seed: int) -> bytes:
    """Return a workbook with between one and six things changed; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311
    changed = dict(parts)
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        chance.choice(CHANGES)(changed, chance)
    data = zipped(changed)
    return _bytes(data, chance) if chance.random() < 0.2 else data


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """Change bytes of the file itself, most often in its directory; or cut it off, or double a stretch of it."""
    found = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5])):
        start = data.rfind(b"PK\x01\x02") if chance.random() < 0.3 else data.find(b"PK\x01\x02")
        at = chance.randrange(start, len(found)) if chance.random() < 0.7 else chance.randrange(len(found))
        found[at] = chance.choice([0, 1, 255, 143, chance.randrange(256)])
    if chance.random() < 0.1:
        del found[chance.randrange(len(found)) :]
    if chance.random() < 0.1:
        found += found[chance.randrange(len(found)) :]
    return bytes(found)


def _change(pattern: str, change: Change) -> Callable[[Parts, random.Random], None]:
    def act(parts: Parts, chance: random.Random) -> None:
        names = [name for name in parts if re.fullmatch(pattern, name)]
        if names:
            name = chance.choice(names)
            text = parts[name].decode("utf-8", "replace")
            parts[name] = change(text, chance).encode("utf-8", "surrogatepass")

    return act


def _replaced(
    pattern: re.Pattern[str], new: Callable[[str, random.Random], str]
) -> Callable[[str, random.Random], str]:
    def change(text: str, chance: random.Random) -> str:
        found = list(pattern.finditer(text))
        if not found:
            return text
        match = chance.choice(found)
        return text[: match.start()] + new(match[0], chance) + text[match.end() :]

    return change


def _odd(_: str, chance: random.Random) -> str:
    text = chance.choice(TEXTS)
    return text if chance.random() < 0.1 else escape(re.sub(r"[^\t -\ud7ff\ue000-\ufffd]", "", text))


def _attribute(text: str, chance: random.Random) -> str:
    name = text.partition("=")[0]
    return f'{name}="{_odd(text, chance)}"' if chance.random() < 0.8 else ""


def _other_cell(text: str, chance: random.Random) -> str:
    found = CELL.findall(text)
    one, other = (chance.choice(found), chance.choice(found)) if found else ("", "")
    return text.replace(one, other, 1) if one else text


def _typed(cell: str, chance: random.Random) -> str:
    kind = chance.choice(["s", "n", "d", "e", "b", "str", "inlineStr", "x", ""])
    return re.sub(r"<c\b", f'<c t="{kind}"', re.sub(r'\st="\w*"', "", cell, count=1), count=1)


def _shuffled_rows(text: str, chance: random.Random) -> str:
    """Swap two rows' content, clear one, double one, or leave one out."""
    rows = ROW.findall(text)
    if len(rows) < 2:
        return text
    one, other = chance.sample(rows, 2)
    match chance.randrange(4):
        case 0:
            return text.replace(one, other, 1)
        case 1:
            return text.replace(one, "", 1)
        case 2:
            return text.replace(one, one + one, 1)
        case _:
            return text.replace(one, re.sub(r"<c\b.*</c>", "", one), 1)


def _spliced(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(PIECES) + text[at + chance.choice([0, 0, 1, 5, 40]) :]


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _left_out(parts: Parts, chance: random.Random) -> None:
    del parts[chance.choice(list(parts))]


def _renamed(parts: Parts, chance: random.Random) -> None:
    name = chance.choice(list(parts))
    ways = [name.upper(), name.replace("/", "\\"), f"/{name}", f"./{name}", name.replace("xl", "xl2", 1), f"{name}x"]
    parts[chance.choice(ways)] = parts.pop(name)


SHEETS, TEXTS_PART, ANY = r"xl/worksheets/sheet\d+\.xml", r"xl/sharedStrings\.xml", r".*\.(xml|rels)"
BOOK = r"xl/workbook\.xml|.*\.rels|\[Content_Types\]\.xml|xl/styles\.xml|xl/sharedStrings\.xml"
CHANGES: list[Callable[[Parts, random.Random], None]] = [
    *[_change(SHEETS, _replaced(VALUE, _odd))] * 4,
    *[_change(SHEETS, _replaced(CELL, _typed))] * 2,
    *[_change(SHEETS, _other_cell)] * 2,
    *[_change(SHEETS, _shuffled_rows)] * 2,
    *[_change(SHEETS, _replaced(ATTRIBUTE, _attribute))] * 4,
    *[_change(BOOK, _replaced(ATTRIBUTE, _attribute))] * 3,
    *[_change(TEXTS_PART, _replaced(re.compile(r"(?<=<t>)[^<]*(?=</t>)"), _odd))] * 3,
    *[_change(ANY, _spliced)] * 3,
    _change(ANY, _cut),
    _left_out,
    _renamed,
]
