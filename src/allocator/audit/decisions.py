"""What was decided otherwise than optimised: every entry that was filled in, and whether rules are kept with it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from allocator.analyses.figures import slack, tolerance
from allocator.analyses.result import Result
from allocator.audit.cells_compared import Comparison
from allocator.audit.findings import Decision, Finding, Kind, shown
from allocator.audit.formulas import Evaluator
from allocator.audit.proving import listed_key
from allocator.audit.workbook import Content, Place
from allocator.programme.build import build
from allocator.programme.rows import Key, Row
from allocator.reports import tables
from allocator.reports.words import as_written, exactly
from allocator.scenario.model import Operator

ALLOCATION = tables.ALLOCATION.sheet
DECIDED = "Decided"
_ARITHMETIC = re.compile(r"[0-9.+*/()eE^-]+")
type Filled = Mapping[tuple[str, Place], Content]


def filled_entries(comparison: Comparison) -> Filled:
    """Return the entry cells that hold something, at the places where they were written."""
    return {
        (sheet, place): content
        for sheet, place in sorted(comparison.expected.entries)
        if (content := comparison.cells.get(sheet, {}).get(place)) is not None
        and (content.formula or content.error or str(content.value or "").strip() or content.value == 0)
    }


class Decisions:
    """The filled entries of one plan, and what they do to its rules."""

    def __init__(self, comparison: Comparison, filled: Filled, result: Result) -> None:
        self.comparison = comparison
        self.filled = filled
        self.result = result
        self._lines = comparison.expected.workbook.sheets[ALLOCATION].cells

    def listed(self) -> tuple[Decision, ...]:
        """Return every filled entry."""
        return tuple(self._decision(sheet, place, content) for (sheet, place), content in self.filled.items())

    def findings(self) -> Iterator[Finding]:
        """Yield decided amounts that are none, are negative, or break what must be kept."""
        amounts = dict(self.result.amounts)
        decided: dict[Key, Place] = {}
        for place, content in self._decided():
            text = _no_amount(content)
            if text:
                yield self._finding(place, content, text)
            else:
                key = self._key(place)
                decided[key] = place
                amounts[key] = Fraction(repr(content.value))
        for row, short in self._broken(amounts) if decided else ():
            own = [decided[key] for key in row.body.terms if key in decided]
            for place in own[:1] or list(decided.values())[:1]:
                yield self._finding(place, self.filled[ALLOCATION, place], _breach(row, short, len(own)))

    def _decided(self) -> Iterator[tuple[Place, Content]]:
        for (sheet, place), content in self.filled.items():
            if sheet == ALLOCATION and self._column(place) == DECIDED:
                yield place, content

    def _broken(self, amounts: Mapping[Key, Fraction]) -> Iterator[tuple[Row, Fraction]]:
        """Yield each row that must be kept and isn't, and by how much; what the plan itself breaks is the proof's."""
        step = self.result.step
        for row in build(self.result.scenario).rows:
            room = slack(row, amounts, step)
            allowed = tolerance(row, amounts, step) if row.operator is Operator.EQUAL else Fraction(0)
            if row.strength.kind != "goal" and -room > allowed and room < slack(row, self.result.amounts, step):
                yield row, -room

    def _key(self, place: Place) -> Key:
        return listed_key(self._lines, place[0])

    def _column(self, place: Place) -> str:
        return self.comparison.heading(ALLOCATION, place)

    def _decision(self, sheet: str, place: Place, content: Content) -> Decision:
        value = f"={content.formula}" if content.formula else content.error or content.value
        now = self.comparison.place_now(sheet, place)
        heading = self.comparison.heading(sheet, place)
        if sheet != ALLOCATION:
            label = self.comparison.expected.workbook.sheets[sheet].cells.get((place[0], 1), Content(""))
            return Decision(sheet, now, heading, str(label.value), value)
        key = self._key(place)
        amount = self.result.amounts.get(key) if heading == DECIDED else None
        instead = None if amount is None else float(amount)
        return Decision(sheet, now, heading, ", ".join(map(str, key)), value, instead)

    def _finding(self, place: Place, content: Content, text: str) -> Finding:
        now = self.comparison.place_now(ALLOCATION, place)
        return Finding(Kind.DECISION, text, ALLOCATION, now, heading=DECIDED, found=content.error or content.value)


def _no_amount(content: Content) -> str:
    """Return what is wrong with a decided amount; nothing where it is one."""
    value = content.value
    if content.formula and not _comes_to(content):
        return f"={content.formula} may come to another amount whenever it is computed; type the amount itself"
    if content.error:
        return f"{content.error} is no amount"
    if isinstance(value, bool) or not isinstance(value, float | int):
        return f"{shown(value)} is no number, so In force doesn't follow it; type the amount, or leave the cell blank"
    if not math.isfinite(value) or value < 0:
        return f"{shown(value)} is negative; no area can get less than nothing"
    return ""


def _comes_to(content: Content) -> bool:
    """Whether a formula is mere arithmetic on numbers, and comes to what is stored."""
    if not _ARITHMETIC.fullmatch(content.formula):
        return False
    found = Evaluator({ALLOCATION: {(1, 1): content}}).value(ALLOCATION, (1, 1))
    numbers = isinstance(found, float | int) and isinstance(content.value, float | int)
    return numbers and math.isclose(float(str(found)), float(str(content.value)), rel_tol=1e-12)


def _breach(row: Row, short: Fraction, decided: int) -> str:
    """Return which rule the decisions break, by how much, and what the rule rests on."""
    kind = "a law" if row.strength.kind == "law" else ""
    basis = ", ".join(filter(None, (kind, row.origin.legal_basis)))
    others = f", with {decided - 1} more decided amount{'s' * (decided > 2)}," if decided > 1 else ""
    return (
        f'"{row.label}" is broken{others} by {exactly(short, 9)} {row.unit}{f" ({basis})" if basis else ""}; '
        f"it demands {as_written(row)}, see {row.cell}"
    )
