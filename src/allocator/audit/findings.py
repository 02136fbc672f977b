"""What a check of a plan comes to: findings, decisions, notes, and the verdict that holds them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from allocator.spreadsheet.cells import Content
from allocator.spreadsheet.references import Place, reference_of
from allocator.spreadsheet.syntax import Value
from allocator.wording.numbers import MINUS

LONGEST_SHOWN = 120
"""Characters of a text or formula that a finding repeats."""


class Kind(Enum):
    """What sort of finding it is."""

    SHEET = "sheet"
    ROW = "row"
    VALUE = "value"
    FORMULA = "formula"
    RESULT = "result"
    FOLLOWS = "follows"
    """The result of a formula that changed because another cell was changed, which is a finding of its own."""
    HIDDEN = "hidden"
    FORMAT = "format"
    PART = "part"
    INPUT = "input"
    DECISION = "decision"
    PROOF = "proof"
    SOLVER = "solver"
    SCENARIO = "scenario"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be, and where."""

    kind: Kind
    text: str
    """What stands there, what should, and what follows."""
    sheet: str = ""
    place: Place | None = None
    """Row and column, from 1; None where it is about a sheet, or the workbook as a whole."""
    row: int | None = None
    """The row, where it is about a row as a whole."""
    heading: str = ""
    """The heading of the cell's column; on sheets without columns, the label of its row."""
    found: Value = None
    expected: Value = None

    @property
    def cell(self) -> str:
        """The cell as a spreadsheet writes it, ``Allocation!D7``; a row ``Plan!9:9``; a sheet's name; or nothing."""
        if self.place is not None:
            return address(self.sheet, self.place)
        return f"{self.sheet}!{self.row}:{self.row}" if self.row is not None else self.sheet

    def __str__(self) -> str:
        where = " ".join(filter(None, (self.cell, self.heading)))
        return f"{where}: {self.text}" if where else self.text


@dataclass(frozen=True)
class Decision:
    """An entry cell that was filled in."""

    sheet: str
    place: Place
    heading: str
    subject: str
    """The line it stands on: area, year and source; or the step of the sign-off."""
    value: Value
    instead_of: float | None = None
    """Of a Decided amount: the amount as optimised."""

    @property
    def cell(self) -> str:
        """The cell, as a spreadsheet writes it."""
        return address(self.sheet, self.place)

    def __str__(self) -> str:
        instead = "" if self.instead_of is None else f" instead of {shown(self.instead_of)}"
        return f"{self.cell} {self.heading}: {shown(self.value)}{instead} ({self.subject})"


@dataclass(frozen=True)
class Verdict:
    """What `verify` found. `right` is what counts: whether there are no findings at all."""

    plan: str
    """The plan's file name."""
    title: str
    findings: tuple[Finding, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader ought to know though nothing is wrong."""
    proof: tuple[str, ...] = ()
    """What was proved, in plain words; empty where nothing was."""
    solvers: tuple[str, ...] = ()
    """Who planned it anew, the second solver last."""
    digest: str = ""
    """SHA-256 of the workbook's canonical content, entries left out: the same however often it is saved again."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many `cells` and `formulas` were compared, and `sealed` lines."""

    @property
    def right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def address(sheet: str, place: Place) -> str:
    """Return a cell's address.

    >>> address("Inputs Areas", (7, 4))
    'Inputs Areas!D7'
    """
    return f"{sheet}!{reference_of(place)}"


def shown(value: Value) -> str:
    """Return a cell's value as a finding shows it: text in quotes, numbers with all digits that count.

    >>> shown(1234.5), shown("Hanoi"), shown(None), shown(True), shown(-0.1)
    ('1,234.5', '"Hanoi"', 'nothing', 'TRUE', '−0.1')
    """
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return f'"{cut(value)}"'
    if not math.isfinite(value) or abs(value) >= 1e15 or 0 < abs(value) < 1e-4:
        return f"{value:.15g}".replace("-", MINUS)
    whole, point, decimals = f"{value:.15g}".partition(".")
    return f"{int(whole):,}{point}{decimals}".replace("-", MINUS) if whole != "-0" else f"{MINUS}0{point}{decimals}"


def shown_content(content: Content | None) -> str:
    """Return what a cell holds, its formula where it has one."""
    if content is None:
        return "nothing"
    if content.formula:
        return f"the formula ={cut(content.formula)}"
    return content.error or shown(content.value)


def cut(text: str) -> str:
    """Return text short enough for a finding, its middle left out where it is longer."""
    if len(text) <= LONGEST_SHOWN:
        return text
    half = (LONGEST_SHOWN - 3) // 2
    return f"{text[:half]} … {text[-half:]}"


def differing(found: str, expected: str) -> str:
    """Return where two texts differ that look alike: which character stands there; nothing where one sees it.

    >>> differing("Cu\u0441ture", "Culture"), differing("Roads", "Rails")
    ('character 3 is cyrillic small letter es', '')
    """
    import unicodedata

    for number, (one, other) in enumerate(zip(found, expected, strict=False), start=1):
        if one != other:
            unseen = not (one.isascii() and other.isascii()) or one.isspace() or other.isspace()
            return f"character {number} is {unicodedata.name(one, f'U+{ord(one):04X}').lower()}" if unseen else ""
    return (
        f"with {abs(len(found) - len(expected))} characters more or less" if found.strip() == expected.strip() else ""
    )


def verdict_json(verdict: Verdict) -> str:
    """Return what ``allocate verify --json`` prints: every finding, decision and note.

    Parameters
    ----------
    verdict
        As `verify` returns it.

    Returns
    -------
    str
        One JSON object.
    """
    finding = ("cell", "sheet", "heading", "found", "expected", "text", "kind")
    decision = ("cell", "sheet", "heading", "subject", "value", "instead_of")
    content = {
        "verdict": "right" if verdict.right else "wrong",
        "plan": verdict.plan,
        "title": verdict.title,
        "findings": [{name: _plain(getattr(each, name)) for name in finding} for each in verdict.findings],
        "decisions": [{name: _plain(getattr(each, name)) for name in decision} for each in verdict.decisions],
        "notes": verdict.notes,
        "proof": verdict.proof,
        "solvers": verdict.solvers,
        "digest": verdict.digest,
        "counts": dict(verdict.counts),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: Value | Kind) -> Value:
    """Return a value that JSON can hold."""
    if isinstance(value, Kind):
        return value.value
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
