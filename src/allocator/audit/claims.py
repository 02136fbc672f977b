"""What a plan says of itself that can't be computed anew: its scenario's file, when and with what it was made.

It is read from the sheet About; the seals tell whether it is still what was written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from allocator.analyses.result import Run
from allocator.audit.findings import Finding, Kind
from allocator.audit.seals import ABOUT, CHANGED, Seals
from allocator.audit.workbook import PlanSheet, PlanWorkbook, shown_input
from allocator.reports import seal, tables
from allocator.reports.sheet_inputs import input_names
from allocator.reports.sheets_about import (
    CHANGED_BY,
    FACTS,
    MESSAGES,
    NO_LOG,
    NO_MESSAGES,
    PLANNED_WITH,
    REPAIR,
    SOLVER_LOG,
    TIME,
    VARIANT,
    section_of,
)
from allocator.scenario.edits import ChangedBy
from allocator.scenario.model import InputSheet, Remark
from allocator.scenario.origin import Raw
from allocator.scenario.remarks import FromFile, is_of_file_alone
from allocator.wording.edits import cause, planned_with_what
from allocator.wording.run import log_texts

FILE, SHA256, MADE_AT, MADE_BY, SOLVER = (
    "Scenario file",
    "SHA-256 of the scenario file",
    "Made at",
    "Made by",
    "Solver",
)
NEEDED = (FILE, SHA256, MADE_AT)
"""Without these nothing can be made anew."""
VERSION, OPTION = "Version of ", "Option "
LIMIT, CONFIRMED = "time limit", "confirmed by"
OPTIONS = {LIMIT: r"none|\d+(\.\d+)?(e[+-]\d+)? s", CONFIRMED: r"\w+"}
"""What the options may say."""


@dataclass(frozen=True)
class Claims:
    """What About says; texts are empty where it says nothing."""

    file: str
    sha256: str
    made: datetime
    made_by: str
    solver: str
    versions: Mapping[str, str]
    options: Mapping[str, str]
    log: tuple[str, ...]
    messages: tuple[str, ...]
    changed_by: ChangedBy | None = None
    """With which variant or repair it was planned, and in words what that changed; None: with none."""

    @property
    def key(self) -> tuple[object, ...]:
        """What the workbook made anew follows from, besides the plan."""
        return self.made, self.made_by, self.solver, *self.versions.items(), *self.options.items(), self.log

    def of_run(self, own: Run) -> Run:
        """Return how the plan was made, as it says, where the same figures were found here: `own`."""
        same = _without_figures(self.log) == _without_figures(log_texts(own))
        return replace(
            own,
            solver=self.solver or own.solver,
            versions={name: self.versions.get(name, text) for name, text in own.versions.items()},
            time_limit=_seconds(self.options[LIMIT]) if LIMIT in self.options else own.time_limit,
            confirmed_by=self.options.get(CONFIRMED, own.confirmed_by),
            log=tuple(map(FromFile, self.log)) if same else own.log,
        )

    def with_messages(self, own: tuple[Remark, ...]) -> tuple[Remark, ...]:
        """Return the messages of the scenario as it was read from its file; `own`: as read from the plan."""
        known = {str(message): message for message in own}
        ordered = [known.get(m) or FromFile(m) for m in self.messages if m in known or is_of_file_alone(m)]
        from_file = [message for message in ordered if message not in own]
        return tuple(ordered) if set(own) <= set(ordered) else (*from_file, *own)


def read_claims(seals: Seals) -> Claims | list[Finding]:
    """Return what About says; findings where so much of it is gone or changed that nothing can be made anew.

    A line that isn't as sealed counts only where nothing else can take its place.
    """
    about = seals.cells.get(ABOUT)
    if about is None:
        return [Finding(Kind.SHEET, "the sheet is missing; without it nothing more can be checked", ABOUT)]
    moved = seals.moved(ABOUT) if seals.about else None
    if moved is not None:
        return [moved]
    off = frozenset(seals.about.rows if seals.about else ())
    rows = _rows(about)
    facts = _facts(rows)
    lost = [label for label in NEEDED if label not in facts]
    changed = [label for label in (*NEEDED, VARIANT, REPAIR) if label in facts and facts[label][0] in off]
    made = _time(facts.get(MADE_AT, (0, ""))[1])
    kept = {label: text for label, (row, text) in facts.items() if row not in off}
    messages = _lines(about, MESSAGES, NO_MESSAGES, rows, off)
    changed_by = _changed_by(kept, messages)
    if off and not changed and kept.get(PLANNED_WITH, "") not in ("", cause(changed_by)):
        lost.append(VARIANT)  # its label, or the repair's, is what was changed
    if lost or changed or made is None:
        formulas = {row for (row, column), formula, _ in about if column == 1 and formula}
        return _gone(facts, lost, changed or [MADE_AT] * (made is None and not lost), off, formulas)
    return Claims(
        file=facts[FILE][1],
        sha256=facts[SHA256][1],
        made=made,
        made_by=_of_form(kept.get(MADE_BY, ""), r"allocate [\w.+-]+"),
        solver=_of_form(kept.get(SOLVER, ""), r"\w+ [\w.+-]+"),
        versions={name: text for name, text in _family(kept, VERSION).items() if _of_form(text, r"[\w.+-]+")},
        options={name: text for name, text in _family(kept, OPTION).items() if _of_form(text, OPTIONS.get(name, "$."))},
        log=_lines(about, SOLVER_LOG, NO_LOG, rows, off),
        messages=messages,
        changed_by=changed_by,
    )


def _changed_by(kept: Mapping[str, str], messages: tuple[str, ...]) -> ChangedBy | None:
    """Return with what it was planned; what that changed stands there twice: lost in one line, it is in the other."""
    repair = _of_form(kept.get(REPAIR, ""), r"[1-9]\d*")
    by = ChangedBy(kept.get(VARIANT), int(repair) if repair else None)
    if by == ChangedBy():
        return None
    lines = ((f"{cause(by)}: ", kept.get(CHANGED_BY, "")), *((planned_with_what(by), text) for text in messages))
    told = (text.removeprefix(beginning) for beginning, text in lines if text.startswith(beginning))
    return replace(by, told=next(told, ""))


def _rows(about: Iterable[seal.Cell]) -> dict[int, tuple[str, str]]:
    """Return row → label and text."""
    texts = {place: "" if value is None else str(value) for place, _, value in about}
    return {row: (text, texts.get((row, 2), "")) for (row, column), text in texts.items() if column == 1}


def _facts(rows: Mapping[int, tuple[str, str]]) -> dict[str, tuple[int, str]]:
    """Return label → row and text of how the plan was made.

    The first line of a label counts, above the messages: what the scenario can name comes further down.
    """
    start = min((row for row, (label, _) in rows.items() if label == FACTS), default=0)
    found: dict[str, tuple[int, str]] = {}
    for row in sorted(row for row in rows if row > start):
        label, text = rows[row]
        if label == MESSAGES:
            break
        found.setdefault(label, (row, text))
    return found


def _gone(
    facts: Mapping[str, tuple[int, str]], lost: list[str], changed: list[str], off: frozenset[int], formulas: set[int]
) -> list[Finding]:
    """Return what is wrong with About where it doesn't say how the plan was made.

    A line whose label is gone was changed at its label; so was one whose label is now a formula (`formulas`).
    """
    labels = {facts[label][0]: label for label in changed}
    found = [
        Finding(Kind.VALUE, CHANGED, ABOUT, (row, 2 if row in labels and row not in formulas else 1),
                heading=labels.get(row, ""))
        for row in sorted(off | labels.keys())
    ]  # fmt: skip
    if lost and not found:
        text = f"the line {', '.join(lost)} is missing; without it nothing can be checked"
        found = [Finding(Kind.VALUE, text, ABOUT)]
    return found


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _of_form(text: str, pattern: str) -> str:
    """Return a text of this form, else nothing: what isn't of it is none that was written here."""
    return text if re.fullmatch(pattern, text) else ""


def _without_figures(log: tuple[str, ...]) -> list[str]:
    """Return the solver's log without what may differ from one machine to the next."""
    return [re.sub(r"\d[\d.,e+-]*", "0", line.replace(" at attempt", "")) for line in log]


def _seconds(text: str) -> float | None:
    """Return the time limit that an option tells."""
    return None if text == "none" else float(text.removesuffix(" s"))


def _family(facts: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {label.removeprefix(prefix): text for label, text in facts.items() if label.startswith(prefix)}


def _lines(
    about: Iterable[seal.Cell], title: str, none: str, rows: Mapping[int, tuple[str, str]], off: frozenset[int]
) -> tuple[str, ...]:
    """Return the sentences of a numbered section; none where a line of it was changed."""
    texts = tuple(text for _, text in section_of(about, title))
    start = min((row for row, (label, _) in rows.items() if label == title), default=0)
    changed = any(start < row <= start + len(texts) + 1 for row in off)
    return () if texts == (none,) or changed else texts


# -- the inputs ----------------------------------------------------------------------------------------------


def input_sheets(workbook: PlanWorkbook, seals: Seals) -> tuple[InputSheet, ...]:
    """Return the scenario's sheets as the plan shows them, under the names that they have in the scenario file."""
    names = [name for name in workbook.sheets if shown_input(name) is not None]
    originals = _original_names(seals.cells.get(ABOUT, ()), names)
    return tuple(input_sheet(originals[name], workbook.sheets[name]) for name in names)


def input_sheet(name: str, sheet: PlanSheet) -> InputSheet:
    """Return a sheet of the plan as one of the scenario; an error value counts as its text."""
    height = max((row for row, _ in sheet.cells), default=0)
    width = max((column for _, column in sheet.cells), default=0)
    rows: list[list[Raw]] = [[None] * width for _ in range(height)]
    for (row, column), content in sheet.cells.items():
        rows[row - 1][column - 1] = content.error or content.value
    return InputSheet(name, tuple(map(tuple, rows)), None, None, None, percent=sheet.percent)


def _original_names(about: Iterable[seal.Cell], names: list[str]) -> dict[str, str]:
    """Return the sheets' names in the scenario file: as About lists them, where that gives the names they have here."""
    listed = dict(section_of(about, tables.INPUT_LIST.title))
    claimed = [listed.get(name, "") for name in names]
    sheets = [InputSheet(name, (), None, None, None) for name in claimed]
    if all(claimed) and list(input_names(sheets, tables.SHEETS)) == names:
        return dict(zip(names, claimed, strict=True))
    return {name: shown_input(name) or name for name in names}
