"""What a plan says of itself that can't be computed anew, and whether it is still what was written there.

The seals tell whether inputs and About were changed, and where; About tells the scenario's file, when and with what the
plan was made, and how much of its report it has. With inputs and amounts that makes it a case to compare with others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from allocator.analyses.compare import Case
from allocator.analyses.messages import REPORT, Analysis, Ending, LeftOut
from allocator.analyses.result import Run
from allocator.audit.comparison import shift
from allocator.audit.findings import Finding, Kind
from allocator.audit.workbook import (
    Headings,
    PlanTables,
    PlanWorkbook,
    fraction_of,
    key_of,
    read_plan_workbook,
    shown_input,
)
from allocator.errors import WorkbookError
from allocator.programme.rows import Key
from allocator.render import seal
from allocator.render.about_sheets import (
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
    input_names,
    section_of,
)
from allocator.scenario.model import ChangedBy, InputSheet, Raw, Remark
from allocator.scenario.problems import FromFile, is_of_file_alone
from allocator.scenario.reading import read_sheets
from allocator.scenario.sheets import sheet_names
from allocator.spreadsheet.cells import Sheet
from allocator.spreadsheet.digests import Cell
from allocator.spreadsheet.references import column_number
from allocator.tables import plan as tables
from allocator.tables.money import ALLOCATION
from allocator.wording.edits import cause, planned_with_what, quoted
from allocator.wording.messages import message_text
from allocator.wording.progress import log_texts

# -- seals -----------------------------------------------------------------------------------------------------------

ABOUT, SEALS = tables.SIGN_OFF.sheet, tables.SEALS.sheet
_LINE = re.compile(r"(row|column) (\d+|[A-Z]+)")
_CHANGED = "was changed after the plan was made: {} isn't what its seal says"
CHANGED = _CHANGED.format("it")


@dataclass(frozen=True)
class Broken:
    """The lines of one sheet that are not as sealed."""

    sheet: str
    rows: tuple[int, ...]
    columns: tuple[str, ...]
    missing: frozenset[int]
    """Those of the rows that hold nothing any more."""


class Seals:
    """The seals of a workbook, and what they say of it."""

    def __init__(self, workbook: PlanWorkbook) -> None:
        self.workbook = workbook
        self.stored = _stored(workbook)
        self.sealed = tuple(name for name in workbook.sheets if seal.is_sealed(name))

    @cached_property
    def cells(self) -> Mapping[str, tuple[Cell, ...]]:
        """The cells of every sheet, as digests take them."""
        return {name: seal_cells(sheet) for name, sheet in self.workbook.sheets.items()}

    @cached_property
    def digest(self) -> str:
        """The digest of the workbook's content as it is."""
        return seal.content_digest(self.cells.items())

    @cached_property
    def stored_digest(self) -> str:
        """The digest that About gives; empty where it doesn't."""
        about = self.cells.get(ABOUT, ())
        place = seal.digest_place(about)
        return next((str(value) for at, _, value in about if at == place), "")

    @cached_property
    def lines(self) -> Mapping[str, Mapping[str, str]]:
        """The digests of the sealed sheets' lines, as they are."""
        out = seal.left_out(self.cells)
        return {
            name: seal.line_seals(name, [cell for cell in self.cells[name] if (name, cell[0]) not in out])
            for name in self.sealed
        }

    def broken(self, sheet: str) -> Broken:
        """Return the lines of a sheet that are not as sealed."""
        now, then = self.lines[sheet], self.stored.get(sheet, {})
        off = {line: digest for line, digest in {**now, **then}.items() if now.get(line) != then.get(line)}
        rows, columns = _rows(off), sorted(_named("column", off), key=column_number)
        return Broken(sheet, tuple(sorted(rows)), tuple(columns), frozenset(rows.keys() - _rows(now).keys()))

    @cached_property
    def whole(self) -> bool:
        """Whether every sealed sheet is as sealed."""
        return all(self.lines[name] == self.stored.get(name, {}) for name in self.sealed)

    @cached_property
    def about(self) -> Broken | None:
        """The rows of About that were changed; None where none was, or where it was the seals that were changed."""
        if ABOUT not in self.lines or not self.stored.get(ABOUT) or self.digest == self.stored_digest:
            return None
        broken = self.broken(ABOUT)
        return broken if broken.rows else None

    def input_findings(self) -> Iterator[Finding]:
        """Yield what was changed on the inputs.

        Where only a row's seal is broken and no column's, or the other way, the seal was changed, not the input.
        """
        for sheet in self.sealed:
            if shown_input(sheet) is not None and self.stored.get(sheet):
                broken = self.broken(sheet)
                if broken.rows and broken.columns:
                    yield from self._changed(broken)

    def _changed(self, broken: Broken) -> Iterator[Finding]:
        sheet = broken.sheet
        moved = self.moved(sheet)
        if moved is not None:
            yield moved
            return
        for row in broken.rows:
            places = [(row, column_number(column)) for column in broken.columns]
            if row in broken.missing:
                yield Finding(Kind.INPUT, f"the row is missing; {CHANGED}", sheet, row=row)
            elif len(broken.rows) == 1 or len(places) == 1:
                there = self.workbook.sheets[sheet]
                for place in places:
                    heading = Headings(there).of(place)
                    yield Finding(Kind.INPUT, CHANGED, sheet, place, heading=heading, found=there.at(place).value)
            else:
                where = f"one or more of its cells in the columns {', '.join(broken.columns)}"
                yield Finding(Kind.INPUT, f"{where} {_CHANGED.format('the row')}", sheet, row=row)

    def moved(self, sheet: str) -> Finding | None:
        """Return the finding that rows of a sealed sheet were deleted or inserted; None where they weren't."""
        found = shift(_rows(self.stored.get(sheet, {})), _rows(self.lines[sheet]))
        return None if found is None else found.finding(sheet)


def seal_cells(sheet: Sheet) -> tuple[Cell, ...]:
    """Return a sheet's cells as digests take them; an error value counts as its text."""
    return tuple((place, content.formula, content.result) for place, content in sheet.cells.items())


def _stored(workbook: PlanWorkbook) -> dict[str, dict[str, str]]:
    """Return sheet → line → digest, as the sheet Seals gives them; of two for one line the first."""
    seals = workbook.sheets.get(SEALS, Sheet(SEALS))
    stored: dict[str, dict[str, str]] = {}
    for row in sorted({row for row, _ in seals.cells}):
        sheet, line, digest = (str(seals.at((row, column)).value) for column in (1, 2, 3))
        if _LINE.fullmatch(line) and seal.is_sealed(sheet):
            stored.setdefault(sheet, {}).setdefault(line, digest)
    return stored


def _rows(lines: Mapping[str, str]) -> dict[int, str]:
    return {int(row): digest for row, digest in _named("row", lines).items()}


def _named(kind: str, lines: Mapping[str, str]) -> dict[str, str]:
    """Return the number or the letters of each line that is a row, or a column, with its digest."""
    found = ((_LINE.fullmatch(line), digest) for line, digest in lines.items())
    return {line[2]: digest for line, digest in found if line and line[1] == kind}


# -- what About says -------------------------------------------------------------------------------------------------

FILE, SHA256 = "Scenario file", "SHA-256 of the scenario file"
MADE_AT, MADE_BY, SOLVER = "Made at", "Made by", "Solver"
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
    facts = _facts(about)
    lost = [label for label in NEEDED if label not in facts]
    changed = [label for label in (*NEEDED, VARIANT, REPAIR) if label in facts and facts[label][0] in off]
    made = _time(facts.get(MADE_AT, (0, ""))[1])
    kept = {label: text for label, (row, text) in facts.items() if row not in off}
    messages = _lines(about, MESSAGES, NO_MESSAGES, off)
    changed_by = _changed_by(kept, messages)
    if off and not changed and kept.get(PLANNED_WITH, "") not in ("", cause(changed_by)):
        lost.append(VARIANT)  # its label, or the repair's, is what was changed
    if lost or changed or made is None:
        labels = {facts[label][0]: label for label in changed or [MADE_AT] * (made is None and not lost)}
        return _gone(about, labels, lost, off)
    return Claims(
        file=facts[FILE][1],
        sha256=facts[SHA256][1],
        made=made,
        made_by=_of_form(kept.get(MADE_BY, ""), r"allocate [\w.+-]+"),
        solver=_of_form(kept.get(SOLVER, ""), r"\w+ [\w.+-]+"),
        versions={name: text for name, text in _family(kept, VERSION).items() if _of_form(text, r"[\w.+-]+")},
        options={name: text for name, text in _family(kept, OPTION).items() if _of_form(text, OPTIONS.get(name, "$."))},
        log=_lines(about, SOLVER_LOG, NO_LOG, off),
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


def _labels(about: Iterable[Cell]) -> list[tuple[int, str]]:
    """Return the rows of About, each with its label."""
    return sorted((row, "" if value is None else str(value)) for (row, column), _, value in about if column == 1)


def _facts(about: Iterable[Cell]) -> dict[str, tuple[int, str]]:
    """Return label → row and text of how the plan was made.

    The first line of a label counts, above the messages: what the scenario can name comes further down.
    """
    texts = {row: "" if value is None else str(value) for (row, column), _, value in about if column == 2}
    labels = _labels(about)
    start = next((number for number, (_, label) in enumerate(labels) if label == FACTS), -1) + 1
    lines = takewhile(lambda line: line[1] != MESSAGES, labels[start:])
    return {label: (row, texts.get(row, "")) for row, label in reversed([*lines])}


def _gone(about: Iterable[Cell], labels: Mapping[int, str], lost: list[str], off: frozenset[int]) -> list[Finding]:
    """Return what is wrong with About where it doesn't say how the plan was made; `labels` of lines that changed.

    A line whose label is gone was changed at its label; so was one whose label is now a formula.
    """
    formulas = {row for (row, column), formula, _ in about if column == 1 and formula}
    found = []
    for row in sorted(off | labels.keys()):
        place = (row, 2 if row in labels and row not in formulas else 1)
        found.append(Finding(Kind.VALUE, CHANGED, ABOUT, place, heading=labels.get(row, "")))
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


def _lines(about: Iterable[Cell], title: str, none: str, off: frozenset[int]) -> tuple[str, ...]:
    """Return the sentences of a numbered section; none where a line of it was changed."""
    texts = tuple(text for _, text in section_of(about, title))
    start = next((row for row, label in _labels(about) if label == title), 0)
    changed = any(start < row <= start + len(texts) + 1 for row in off)
    return () if texts == (none,) or changed else texts


# -- the inputs ----------------------------------------------------------------------------------------------


def input_sheets(seals: Seals) -> tuple[InputSheet, ...]:
    """Return the scenario's sheets as the plan shows them, under the names that they have in the scenario file."""
    sheets = seals.workbook.sheets
    names = [name for name in sheets if shown_input(name) is not None]
    originals = _original_names(seals.cells.get(ABOUT, ()), names)
    return tuple(input_sheet(originals[name], sheets[name]) for name in names)


def input_sheet(name: str, sheet: Sheet) -> InputSheet:
    """Return a sheet of the plan as one of the scenario; an error value counts as its text."""
    height = max((row for row, _ in sheet.cells), default=0)
    width = max((column for _, column in sheet.cells), default=0)
    rows: list[list[Raw]] = [[None] * width for _ in range(height)]
    for (row, column), content in sheet.cells.items():
        rows[row - 1][column - 1] = content.result
    return InputSheet(name, tuple(map(tuple, rows)), None, None, None, percent=sheet.percent)


def _original_names(about: Iterable[Cell], names: list[str]) -> dict[str, str]:
    """Return the sheets' names in the scenario file: as About lists them, where that gives the names they have here."""
    listed = dict(section_of(about, tables.INPUT_LIST.title))
    claimed = [listed.get(name, "") for name in names]
    sheets = [InputSheet(name, (), None, None, None) for name in claimed]
    if all(claimed) and list(input_names(sheets, tables.SHEETS)) == names:
        return dict(zip(names, claimed, strict=True))
    return {name: shown_input(name) or name for name in names}


@dataclass(frozen=True)
class Extent:
    """Which parts of the report a plan has."""

    asked: bool
    out_of_time: tuple[Analysis, ...] = ()
    """Those before which the time limit came: the last ones."""


def extent_of(seals: Seals, claims: Claims) -> Extent:
    """Return how much of the report a plan has: by its sheets, those that About lists, and its messages.

    A message is never read: it is one of those that a time limit may have led to, or it is none of them.
    """
    listed = dict(section_of(seals.cells.get(ABOUT, ()), tables.SHEET_LIST.title))
    asked = any(name in seals.workbook.sheets or name in listed for name in tables.ASKED)
    possible = (REPORT[number:] for number in range(len(REPORT)))
    told = ((late, message_text(LeftOut(late, Ending.OUT_OF_TIME))) for late in possible)
    late = next((late for late, text in told if text in claims.messages), ())
    return Extent(asked or bool(late), late)


# -- a plan as a case to compare -------------------------------------------------------------------------------------

PLAN = frozenset({"Summary", "Allocation", "About"})
"""Sheets by which a plan is told from a scenario."""
_COLUMNS = ("Area", "Year", "Source", "Amount", "Decided")
_LOOK = "Run: allocate verify"


def is_plan(path: Path) -> bool:
    """Return whether a workbook is a plan.

    Parameters
    ----------
    path
        Any file.

    Returns
    -------
    bool
        Whether allocate wrote it as a plan.

    Raises
    ------
    WorkbookError
        There is no such file, or it is no workbook that can be read.
    """
    return sheet_names(path) >= PLAN


def plan_case(path: Path) -> Case:
    """Return a plan as it stands, its scenario rebuilt from its own Inputs; its name is the file's.

    Amounts and decisions are read from the sheet Allocation; what is no amount is left out, with a note.

    Parameters
    ----------
    path
        A plan that allocate wrote.

    Returns
    -------
    Case
        To be compared with others; amounts in the scenario's unit.

    Raises
    ------
    WorkbookError
        The file can't be read, or no longer says what it was made from.
    ScenarioError
        Its inputs were changed so that they can't be read.
    """
    plan = PlanTables(read_plan_workbook(path))
    plan.check()
    seals = Seals(plan.workbook)
    claims = read_claims(seals)
    if not isinstance(claims, Claims):
        raise WorkbookError(f"{path}: its sheet About no longer says what the plan was made from ({claims[0]})")
    scenario = read_sheets(claims.file, claims.sha256, input_sheets(seals))
    if claims.changed_by is not None:
        scenario = replace(scenario, changed_by=claims.changed_by, variants=())
    written, decided, notes = _amounts(plan)
    if any(seals.input_findings()):
        notes.insert(0, f"The inputs in {path.name} were changed after the plan was made. {_LOOK} {quoted(path.name)}")
    return Case(path.name, scenario, decided, path.name, tuple(notes), written)


def _amounts(plan: PlanTables) -> tuple[dict[Key, Fraction], dict[Key, Fraction], list[str]]:
    """Return the amounts as optimised, those decided, and what has to be said of entries that are none."""
    written: dict[Key, Fraction] = {}
    decided: dict[Key, Fraction] = {}
    notes = []
    for row in plan.rows(ALLOCATION, _COLUMNS):
        key = key_of(row["Area"], row["Year"], row["Source"])
        for name, amounts in (("Amount", written), ("Decided", decided)):
            amount = fraction_of(row[name])
            if amount is not None and amount >= 0:
                amounts[key] = amount
        if key not in decided and str(row["Decided"] or "").strip():
            line = ", ".join(map(str, key))
            notes.append(f'Decided for {line}: "{row["Decided"]}" is no amount, so that it was left out')
    return written, decided, notes
