"""The sheets About, Inputs … and Seals: how the plan was made, what it was made from, and digests of both."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allocator.render.page import LINE_HEIGHT, Book, Page, set_print, wrapped_lines
from allocator.render.seal import CONTENT_DIGEST, content_digest, digest_place, is_sealed, left_out, line_seals
from allocator.render.styles import FILL
from allocator.scenario import schema as scenario_tables
from allocator.scenario.model import Cell as InputCell
from allocator.scenario.model import ChangedBy, InputSheet, Raw, Scenario
from allocator.spreadsheet.digests import Cell, written
from allocator.spreadsheet.printing import shortened, text_units, text_width
from allocator.tables import no_plan as tables_no_plan
from allocator.tables import plan as tables
from allocator.tables.columns import Role, Table
from allocator.tables.formulas import FIRST, ref
from allocator.version import __version__
from allocator.wording.edits import cause, changes_text, variants_text
from allocator.wording.messages import told
from allocator.wording.numbers import decimals_of, exactly, number
from allocator.wording.progress import log_texts, option_texts

if TYPE_CHECKING:
    pass


MOST_ASSUMPTIONS = 400
FACTS, MESSAGES, SOLVER_LOG = "How it was made", "Messages", "Solver log"
"""The titles of sections that `section_of` reads back."""
TIME = "%Y-%m-%d %H:%M:%S UTC"
LIMITS_OF_USE = (
    (
        "The plan is the best for the scenario as given: objective, benefits, effects, rules and limits are the "
        "scenario's, and the plan is no better than they are."
    ),
    (
        "Benefit and effects are taken as proportional to money within each band; nothing is said about "
        "thresholds, delays or side effects that the scenario does not hold."
    ),
    (
        "Prices and ranges are those of the unrounded optimum, change one figure at a time, and hold only within the "
        "ranges given."
    ),
    "A plan with decisions is no longer the optimum; Summary shows what they change, Checks whether rules are kept.",
    (
        "What is proved of the plan is proved of the amounts as optimised (Amount on Allocation), not of amounts that "
        "were decided otherwise."
    ),
    (
        "The digests here and on Seals tell whether the content is the original one only to those who know the SHA-256 "
        "from elsewhere, such as a log or a mail: they are no signature, and whoever changes a cell can make new ones."
    ),
    "The plan supports a decision and does not take it: law, procedure and judgement stay with those who sign.",
)


NO_PLAN_LIMITS = (
    "That no plan exists is said of the scenario as given: its rules, limits, budgets and targets.",
    "There may be other conflicts, and other repairs, than those shown; every repair shown makes a plan possible.",
    "Whether a rule may be changed is for those to say who answer for it: law, procedure and judgement are theirs.",
)


class _About:
    """The sheet About while it is written, section after section."""

    def __init__(self, book: Book) -> None:
        self.book, self.styles, self.row = book, book.styles, 4
        scenario = book.result.scenario
        self.page = Page(book, "About", f"About this {_what(book)} — {scenario.title}", _message(book))

    def title(self, text: str) -> None:
        self.page.text(self.row, 0, text, self.styles.section)
        self.row += 1

    def facts(self, title: str, facts: Iterable[tuple[str, str]]) -> None:
        """Write a section of labels and texts."""
        self.title(title)
        for label, text in facts:
            self.page.text(self.row, 0, label, self.styles.of(Role.LONG, font_color="#6B7280"))
            self._wide(text)
        self.row += 1

    def lines(self, title: str, texts: Iterable[str]) -> None:
        """Write a section of numbered sentences."""
        self.facts(title, ((str(i), text) for i, text in enumerate(texts, start=1)))

    def _wide(self, text: str) -> None:
        """Write text over the width of the page, with a row high enough for it."""
        form = self.styles.cell(text_wrap=True, align="left")
        lines = sum(max(1, math.ceil(text_width(line) / 118)) for line in (text.split("\n") or [""]))
        self.page.sheet.merge_range(self.row, 1, self.row, 3, "", form)
        self.page.text(self.row, 1, text, form)
        self.page.height(self.row, 13 * min(lines, 25) + 2)
        self.row += 1

    def sign_off(self) -> None:
        self._headings(tables.SIGN_OFF)
        for step in ("Prepared", "Reviewed", "Approved"):
            self.page.height(self.row, 22)
            self.page.text(self.row, 0, step, self.styles.text(valign="vcenter"))
            for entry in (1, 2):
                self.page.entry(self.row, entry, Role.ENTRY_TEXT)
            self.row += 1
        self.row += 1

    def sheets(self) -> None:
        """Write what stands on which sheet."""
        self._headings(tables.SHEET_LIST)
        self.page.text(self.row - 1, len(tables.SHEET_LIST.columns), "", self.styles.heading())
        for sheet, role, holds in _contents(self.book):
            self._line([sheet, role, holds])
            form = self.styles.cell(text_wrap=True, align="left", indent=1)
            self.page.sheet.merge_range(self.row - 1, 2, self.row - 1, 3, "", form)
            self.page.text(self.row - 1, 2, holds, form)
            lines = wrapped_lines(holds, (self.page.width(2) + self.page.width(3)) * 1.12)
            self.page.height(self.row - 1, LINE_HEIGHT * lines + 3)
        self.row += 1

    def inputs(self) -> None:
        """Write which sheet shows which sheet of the scenario file, and how much of it."""
        self._headings(tables.INPUT_LIST)
        for name, sheet in zip(self.book.inputs, self.book.result.scenario.inputs, strict=True):
            area, filled = filled_range(sheet)
            self._line([name, sheet.name, area])
            self.page.number(self.row - 1, 3, filled, self.styles.number(0, align="left", indent=1))
        self.row += 1

    def assumptions(self) -> None:
        found = list(assumptions(self.book))
        self._headings(tables.ASSUMPTIONS)
        for entry in found[:MOST_ASSUMPTIONS]:
            self._line(entry)
        rest = len(found) - MOST_ASSUMPTIONS
        if rest > 0 or not found:
            text = f"and {rest:,} more rows without evidence" if found else "None: every row names its source."
            self.page.text(self.row, 0, text, self.styles.text())
            self.row += 1
        self.row += 1

    def _headings(self, table: Table[Any]) -> None:
        self.title(table.title)
        for i, column in enumerate(table.columns):
            self.page.text(self.row, i, column.name, self.styles.heading(first=not i))
        self.row += 1

    def _line(self, texts: Sequence[str]) -> None:
        for i, text in enumerate(texts):
            self.page.text(self.row, i, text, self.styles.of(Role.LONG))
        self.row += 1


def write_about(book: Book) -> None:
    """Write how the plan was made and what it rests on; the place of the content's digest is left blank.

    What the scenario can name comes last, so that no name of its own is taken for a title or label above it.
    """
    about, result = _About(book), book.result
    about.page.widen({i: column.width for i, column in enumerate(tables.ASSUMPTIONS.columns)})
    if result.allotments:
        about.sign_off()
    about.facts(FACTS, _facts(book))
    about.sheets()
    about.inputs()
    about.lines(MESSAGES, told(result) or (NO_MESSAGES,))
    about.lines("Limits of use", LIMITS_OF_USE if result.allotments else NO_PLAN_LIMITS)
    about.lines(SOLVER_LOG, log_texts(result.run) or (NO_LOG,))
    about.facts("From the scenario", _settings(book))
    about.assumptions()
    about.page.finish(freeze=0, repeat=None)


def section_of(about: Iterable[Cell], title: str) -> list[tuple[str, str]]:
    """Return the labels and texts of a section of About, read back from its cells; none where its title is gone."""
    texts = {place: value for place, _, value in about}
    row = min((row for (row, column), value in texts.items() if column == 1 and value == title), default=0)
    found: list[tuple[str, str]] = []
    while row and (label := texts.get((row := row + 1, 1))) not in (None, ""):
        text = texts.get((row, 2))
        found.append((str(label), "" if text is None else str(text)))
    return found


def _what(book: Book) -> str:
    return "plan" if book.result.allotments else "answer"


def _message(book: Book) -> str:
    if not book.result.allotments:
        return f"Made by allocate {__version__} from {book.result.scenario.path or 'a scenario'}: no plan exists."
    step = book.result.step
    rounded = (
        f"amounts are whole multiples of {exactly(step)} {book.result.scenario.unit}"
        if step
        else "amounts are not rounded"
    )
    return f"Made by allocate {__version__} from {book.result.scenario.path or 'a scenario'}; {rounded}."


def _facts(book: Book) -> Iterator[tuple[str, str]]:
    result, scenario, run = book.result, book.result.scenario, book.result.run
    yield "Scenario file", scenario.path
    yield "SHA-256 of the scenario file", scenario.sha256
    yield CONTENT_DIGEST, ""
    yield "Made at", book.made.strftime(TIME)
    yield "Made by", f"allocate {__version__}"
    yield "Solver", run.solver
    if run.columns or run.rows:
        yield "Programme", f"{run.columns:,} columns, {run.rows:,} rows"
    yield (
        "SHA-256 of the solver log",
        hashlib.sha256("\n".join(log_texts(run)).encode()).hexdigest() if run.log else NO_LOG,
    )
    yield from ((f"Version of {name}", text) for name, text in run.versions.items())
    yield from ((f"Option {name}", text) for name, text in option_texts(run).items())
    yield "Objective", str(scenario.objective)
    if result.objective is not None:
        yield "Objective of the plan", exactly(result.objective)
    if result.unrounded_objective is not None:
        yield "Objective of the unrounded optimum", number(result.unrounded_objective, 6)
    yield "Unit", scenario.unit
    yield from _changed_by(scenario.changed_by)
    if scenario.variants:
        yield VARIANTS, f"{variants_text(scenario)}; this is the base case"
    if not result.allotments:
        return
    asked = "" if result.step == scenario.step else f" (asked for: {exactly(scenario.step, 12)})"
    yield "Step used", (exactly(result.step, 12) if result.step else "not rounded") + asked
    yield "Equally good plans", TIE if result.tie else "None: the optimum is unique."


def _changed_by(by: ChangedBy | None) -> Iterator[tuple[str, str]]:
    """Yield what changed the scenario: by name and number, for programs to read, and in words."""
    if by is None:
        return
    yield PLANNED_WITH, cause(by)
    if by.variant is not None:
        yield VARIANT, by.variant
    if by.repair is not None:
        yield REPAIR, str(by.repair)
    yield CHANGED_BY, f"{cause(by)}: {changes_text(by)}"


PLANNED_WITH, CHANGED_BY, VARIANTS = "Planned with", "Changed from the scenario file", "Variants"
VARIANT, REPAIR = "Variant", "Repair"
NO_MESSAGES, NO_LOG = "None.", "None was kept."
TIE = (
    "There are others: among equally good plans this is the one closest to last year, then the one that spreads "
    "sources evenly, then the first in order of area, year and source."
)


def _settings(book: Book) -> Iterator[tuple[str, str]]:
    for setting in book.result.scenario.settings:
        yield setting.name, "" if setting.value is None else str(setting.value)


def _contents(book: Book) -> Iterator[tuple[str, str, str]]:
    planned = bool(book.result.allotments)
    sheets, roles = (tables.SHEETS, tables.ROLES) if planned else (tables_no_plan.SHEETS, tables_no_plan.ROLES)
    for sheet, holds in sheets.items():
        if sheet == tables.INPUTS or book.workbook.get_worksheet_by_name(sheet) is not None:
            yield sheet, roles[sheet], holds


def filled_range(sheet: InputSheet) -> tuple[str, int]:
    """Return the least range that takes in all filled cells of a sheet, and their number; "none" where there are none.

    >>> filled_range(InputSheet("Notes", ((None,), (None, "a", 1.0)), None, None, None))
    ('B2:C2', 2)
    """
    places = [(r, c) for r, row in enumerate(sheet.rows) for c, value in enumerate(row) if value not in (None, "")]
    if not places:
        return "none", 0
    rows, columns = zip(*places, strict=True)
    return f"{ref(min(rows), min(columns))}:{ref(max(rows), max(columns))}", len(places)


def assumptions(book: Book) -> Iterator[tuple[str, str, str, str]]:
    """Yield the input rows that are marked as assumption, or whose table has Evidence and they have none."""
    for sheet in book.result.scenario.inputs:
        if sheet.table in (None, scenario_tables.SCENARIO.sheet) or not sheet.header_row or not sheet.last_row:
            continue
        at = {heading: column - 1 for column, heading in sheet.headings.items()}
        names = next(table for table in scenario_tables.TABLES if table.sheet == sheet.table)
        first = at.get(names.columns[0].name, 0)
        for r in range(sheet.header_row, sheet.last_row):
            row = sheet.rows[r]
            why = _why(_text(row, at.get("Status")), _text(row, at.get("Evidence")))
            if why and any(value not in (None, "") for value in row):
                yield str(InputCell(sheet.name, r + 1, first + 1)), _text(row, first), why, _text(row, at.get("Note"))


def _why(status: str, evidence: str) -> str:
    assumed = status.casefold() == "assumption"
    return "; ".join(["assumption"] * assumed + ["no evidence given"] * (not evidence))


def _text(row: Sequence[Raw], column: int | None) -> str:
    if column is None or column >= len(row) or row[column] is None:
        return ""
    return str(row[column])


LONGEST_NAME = 31
WIDEST_INPUT = 40
CHARACTERS_WIDE = 230
"""So wide a sheet still reads well on one page."""
UNGROUPED = frozenset({"Start", "Completion", "Year", "Years", "Date", "Version", None})
"""Headings of numbers that are no quantities; None: no table's column."""


def input_names(inputs: Sequence[InputSheet], taken: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the sheets that show the inputs: ``Inputs NAME``, shortened and numbered where needed."""
    used = {name.casefold() for name in taken}
    names: list[str] = []
    for sheet in inputs:
        base = f"Inputs {sheet.name}".rstrip("'")
        name, count = _cut(base, LONGEST_NAME), 1
        while name.casefold() in used:
            count += 1
            name = f"{_cut(base, LONGEST_NAME - len(f' {count}'))} {count}"
        used.add(name.casefold())
        names.append(name)
    return tuple(names)


def _cut(text: str, units: int) -> str:
    while text_units(text) > units:
        text = text[:-1]
    return text.rstrip(" '")


def write_inputs(book: Book) -> None:
    """Write the scenario's sheets as they were read, every cell at its own address."""
    for name, sheet in zip(book.inputs, book.result.scenario.inputs, strict=True):
        _write_input(book, name, sheet)


def _write_input(book: Book, name: str, sheet: InputSheet) -> None:
    out = book.sheet(name)
    widths: dict[int, float] = {}
    for r, row in enumerate(sheet.rows):
        for c, value in enumerate(row):
            if value is not None:
                _write_raw(book, name, sheet, r, c, value)
                if not isinstance(value, bool):
                    shown = value if isinstance(value, str) else _input_text(value, (r + 1, c + 1) in sheet.percent)
                    widths[c] = max(widths.get(c, 8), min(WIDEST_INPUT, text_width(shown) + 2))
    for column, width in widths.items():
        out.set_column(column, column, width)
    for r, row in enumerate(sheet.rows):
        texts = ((c, value) for c, value in enumerate(row) if isinstance(value, str))
        lines = max((wrapped_lines(text, widths[c] * 1.1) for c, text in texts), default=1)
        out.set_row(r, LINE_HEIGHT * min(lines, 30) + 3.5)
    out.hide_gridlines(1)
    if sheet.header_row:
        out.freeze_panes(sheet.header_row, 1)
        out.repeat_rows(sheet.header_row - 1)
    pages = max(1, round(sum(widths.values()) / CHARACTERS_WIDE))
    set_print(book, out, (pages, 0))
    if pages > 1:
        out.repeat_columns(0)
    out.set_header(f"&L&8&A: {_origin(book.result.scenario)}", {"margin": 0.2})


def _origin(scenario: Scenario) -> str:
    """Return where the cells are from; a row that a variant removes is gone from them."""
    if scenario.changed_by is None:
        return "as read from the scenario, every cell at its own address"
    by = cause(scenario.changed_by)
    return shortened(f"as read from the scenario and changed by {by} (what was changed: sheet About)")


def _input_text(value: float, percent: bool) -> str:
    return exactly(Fraction(repr(value)) * (100 if percent else 1), 6) + (" %" if percent else "")


def _write_raw(book: Book, name: str, sheet: InputSheet, r: int, c: int, value: Raw) -> None:
    out, styles = book.sheet(name), book.styles
    head = r + 1 == sheet.header_row
    properties = {"bold": True, "bg_color": FILL, "text_wrap": True} if head else {"text_wrap": isinstance(value, str)}
    if isinstance(value, str):
        out.write_string(r, c, value, styles.cell(**properties))
    elif isinstance(value, bool):
        out.write_boolean(r, c, value, styles.cell(**properties))
    elif value is not None and math.isfinite(value):
        percent = (r + 1, c + 1) in sheet.percent
        exact = Fraction(repr(value)) * (100 if percent else 1)
        places = "." + "0" * decimals_of(exact, 6) if exact.denominator > 1 else ""
        grouped = "0" if sheet.headings.get(c + 1) in UNGROUPED or head else "#,##0"
        out.write_number(
            r, c, value, styles.cell(**properties, num_format=grouped + places + ('" "%' if percent else ""))
        )


MESSAGE = (
    "By these digests allocate verify finds which cell was changed, where it can't be computed anew; they are no "
    "signature: whoever changes a cell can make new ones, so keep the SHA-256 of the content (About) elsewhere too."
)


def write_seals(book: Book) -> None:
    """Write the digests of the lines of the inputs and of About; all other sheets have to be written by now."""
    page = Page(book, tables.SEALS.sheet, f"Seals — {book.result.scenario.title}", MESSAGE)
    page.unit("A line that holds nothing has none. Cells to be filled in are left out, and the content's own SHA-256.")
    page.table(tables.SEALS)
    contents = dict(written(book.workbook))
    out = left_out(contents)
    row = FIRST
    for sheet, cells in contents.items():
        if is_sealed(sheet):
            kept = [cell for cell in cells if (sheet, cell[0]) not in out]
            for line, digest in line_seals(sheet, kept).items():
                for column, text in enumerate((sheet, line, digest)):
                    page.text(row, column, text, book.styles.text())
                row += 1
    page.finish()


def write_content_digest(book: Book) -> None:
    """Write the digest of all that was written to its place on About; it is the last thing to write."""
    contents = dict(written(book.workbook))
    place = digest_place(contents[tables.SIGN_OFF.sheet])
    assert place is not None  # noqa: S101 - write_about left a line for it
    row, column = place
    form = book.styles.cell(text_wrap=True, align="left")
    book.sheet(tables.SIGN_OFF.sheet).write_string(row - 1, column - 1, content_digest(contents.items()), form)
