"""Number formats that show another number than the one that stands in the cell."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_BUILT_IN_DATES = frozenset(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))


def misleading_styles(root: ET.Element) -> frozenset[int]:
    """Return the cell styles, of a workbook's styles, whose number format shows another number or none."""
    codes = {e.get("numFmtId", ""): e.get("formatCode", "") for e in root.iter() if _local(e.tag) == "numFmt"}
    wrong = {number for number, code in codes.items() if misleads(code)} | (_BUILT_IN_DATES - codes.keys())
    formats = next((list(e) for e in root.iter() if _local(e.tag) == "cellXfs"), [])
    return frozenset(i for i, xf in enumerate(formats) if xf.get("numFmtId") in wrong)


def misleads(code: str) -> bool:
    r"""Whether a format hides a number, scales it, shows it as a date, or shows digits that are not its own.

    >>> [misleads(code) for code in ('#,##0.0;"−"#,##0.0;"–"', '0.0" "%', "General", "@", "0.##E+0")]
    [False, False, False, False, False]
    >>> [misleads(code) for code in ('"1,200"', ";;;", "#,##0,", "yyyy", '0"9"', r"0\5")]
    [True, True, True, True, True, True]
    """
    sections = _BRACKETS.sub("", _LITERAL.sub(_hollow, code)).split(";")
    literals = "".join(_LITERAL.findall(code))
    if any(char.isdigit() for char in literals):
        return True
    return any(_shows_another(section) for section in sections[: 1 if len(sections) < 2 else 2])


def _hollow(literal: re.Match[str]) -> str:
    return " " * len(literal[0])


def _shows_another(section: str) -> bool:
    plain = section.strip()
    if plain.casefold() in ("general", "standard", "@"):
        return False
    if not re.search(r"[0#?]", plain) or _SCALED.search(plain):
        return True
    return bool(re.search(r"[ymdhs]", plain, re.IGNORECASE))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
