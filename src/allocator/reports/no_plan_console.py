"""What the terminal shows where no plan exists: why, what would make one possible, and what to type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from allocator.analyses.result import Result
from allocator.programme.rows import Row
from allocator.reports import lines as show
from allocator.reports.console_variants import variant_lines
from allocator.reports.doubt_words import doubt_lines
from allocator.reports.lines import Cells
from allocator.reports.no_plan_words import against_first, headline, objective_text, sentence
from allocator.reports.words import as_written, signed_significant
from allocator.wording.edits import full_title, options_text, quoted, rule_edit_text
from allocator.wording.messages import all_messages
from allocator.wording.repairs import law_at_odds, no_repair

ADVICE = "Or turn a rule that isn't law into a goal (Strength: goal 1)."
INDENT = "  "
LONGEST_TITLE = 120
"""A longer title is quoted without its middle."""


@dataclass(frozen=True)
class _Caps:
    """How many items each part may show."""

    members: int
    others: int
    changes: int
    messages: int
    message_lines: int


CAPS = (_Caps(12, 4, 4, 4, 6), _Caps(8, 3, 3, 3, 4), _Caps(6, 2, 2, 2, 3), _Caps(5, 1, 1, 1, 3), _Caps(4, 0, 1, 0, 0))
"""From roomy to tight: the first that fits is used."""


def no_plan_lines(result: Result, width: int, most: int, scenario_path: Path | None = None) -> list[Text]:
    """Return what to print, in at most `most` lines where that can be."""
    tries = (_lines(result, width, caps, scenario_path) for caps in CAPS)
    return next((found for found in tries if len(found) <= most), None) or _lines(
        result, width, CAPS[-1], scenario_path
    )


def _lines(result: Result, width: int, caps: _Caps, path: Path | None) -> list[Text]:
    parts = (
        _verdict(result, width),
        doubt_lines(result, width, "allocate check lists them"),
        _conflict(result, width, caps.members),
        _others(result, width, caps.others),
        _repairs(result, width, caps.changes),
        _notes(result, width, caps),
        _next(result, width, path),
        variant_lines(result.scenario, width, path),
    )
    return [line for part in parts if part for line in (Text(""), *part)][1:]


def _verdict(result: Result, width: int) -> list[Text]:
    title = show.shortened(show.clean(full_title(result.scenario)), LONGEST_TITLE)
    said = headline(result.conflicts[0]) if result.conflicts else "Nothing can keep every limit and rule."
    lines = show.paragraph(f"No plan exists for {title}: {show.clean(said)}", width, bullet="")
    return [Text(line.plain, style="bold red") for line in lines]


def _conflict(result: Result, width: int, most: int) -> list[Text]:
    """Return the rows of the first conflict, each with its cell and legal basis."""
    rows = result.conflict or tuple(member.row for c in result.conflicts[:1] for member in c.members)
    if not rows:
        return []
    shown = rows[:most]
    table = [Cells((_label(row), show.clean(as_written(row)), str(row.strength), str(row.cell))) for row in shown]
    lines = [Text("These can't stand together:")]
    before = ""
    for row, found in zip(shown, show.table(table, frozenset(), width - len(INDENT)), strict=True):
        lines += [Text(INDENT) + line for line in found]
        basis = show.clean(row.origin.legal_basis)
        if basis and basis != before:
            lines.append(Text(INDENT * 2 + show.shortened(basis, width - 4), style="dim"))
        before = basis
    more = len(rows) - len(shown)
    return [*lines, Text(f"{INDENT}and {more} more: see sheet Conflict", style="dim")] if more > 0 else lines


def _label(row: Row) -> str:
    return show.clean(row.name if row.year is None else f"{row.name} {row.year}")


def _others(result: Result, width: int, most: int) -> list[Text]:
    others = result.conflicts[1:]
    if not others:
        return []
    lines = [Text("Beside that:")]
    lines += [line for c in others[:most] for line in show.paragraph(show.clean(sentence(c)), width)]
    more = len(others) - most
    return [*lines, Text(f"{INDENT}and {more} more: see sheet Conflict", style="dim")] if more > 0 else lines


def _repairs(result: Result, width: int, most: int) -> list[Text]:
    """Return the menu: number, what to type, and what that costs against the smallest repair."""
    if not result.repairs:
        said = no_repair(result) if result.conflicts or result.conflict else ""
        return show.paragraph(said, width, bullet="") if said else []
    lines = show.paragraph(f"Each of these makes a plan possible ({_measure(result)}):", width, bullet="")
    for number, repair in enumerate(result.repairs, start=1):
        texts = [show.clean(rule_edit_text(edit)) for edit in repair.edits]
        shown = texts[:most]
        if len(texts) > most:
            shown[-1] += f" and {len(texts) - most} more"
        cost = _cost(result, number - 1)
        room = width - len(cost) - 6
        first, *rest = [line.plain for text in shown for line in _fitting(text, room)]
        lines.append(Text.assemble((f"{number:>3}  ", "bold"), first.ljust(room + 1) if cost else first, cost))
        lines += [Text(" " * 5 + text) for text in rest]
    return lines


def _fitting(text: str, room: int) -> list[Text]:
    return show.paragraph(text, room, bullet="")


def _measure(result: Result) -> str:
    first = result.repairs[0].objective
    if first is None:
        return "the smallest change first"
    return f"the smallest change first; objective with repair 1: {show.clean(objective_text(result, first))}"


def _cost(result: Result, index: int) -> str:
    """Return what a repair gains or costs against the smallest one; nothing for that itself."""
    difference = against_first(result, result.repairs[index]) if index else None
    return "" if difference is None else signed_significant(difference)


def _notes(result: Result, width: int, caps: _Caps) -> list[Text]:
    messages = [show.clean(message) for message in all_messages(result)]
    return show.paragraphs(messages, width, caps.messages, caps.message_lines, "see sheet About")


def _next(result: Result, width: int, path: Path | None) -> list[Text]:
    """Return what to type next."""
    rows: Sequence[Row] = result.conflict
    if not result.repairs:
        free = bool(rows) and not law_at_odds(result)
        return show.paragraph("Loosen one of these that isn't law. " + ADVICE, width, bullet="") if free else []
    name = show.visible(str(path)) if path else "SCENARIO"
    command = f"allocate {quoted(name)}{show.visible(options_text(result.scenario))} --repair 1"
    return [
        *show.paragraph(f"To plan with one of them: {command}", width, bullet=""),
        *show.paragraph(ADVICE, width, bullet=""),
    ]
