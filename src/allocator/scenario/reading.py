"""Workbook → Scenario: all problems together, each with its cell.

The order is that of dependence: settings, budget (which gives the years), areas, then what names them. Each part is
read as far as it can be, so that one slip does not hide the others.

`Patches` read a scenario again and again with other values in a few of its cells, sharing all that stays as it is: a
row whose cells change is read by the same readers as ever, and what follows from it is derived by them; nothing else is
looked at. Where a change might reach further (another name or source, a filled cell that was blank, a problem, a
message), the whole scenario is read anew: then, too, what comes out is what `reread` gives.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.errors import ScenarioError, WorkbookError
from allocator.scenario import cells, rules, what_if
from allocator.scenario.areas import Areas, check_reach
from allocator.scenario.cells import Misread, fold, is_blank, suggestion
from allocator.scenario.model import (
    LIMIT_HEADINGS,
    Area,
    Cell,
    Edit,
    InputSheet,
    Objective,
    Raw,
    Rule,
    Scenario,
    Setting,
    Source,
    SourceKind,
    Variant,
    values_of,
)
from allocator.scenario.problems import HiddenSheet, Problems
from allocator.scenario.records import Record, Rows, TableReader, input_sheet
from allocator.scenario.rules import Rules
from allocator.scenario.schema import (
    AREAS,
    ASSIGNMENT,
    BENEFITS,
    BUDGET_TABLE,
    EFFECTS,
    INDICATORS,
    LIMITS,
    PROJECTS,
    PROVENANCE,
    RULES,
    SCENARIO,
    SETTINGS,
    TABLES,
    WHAT_IF,
    Content,
    Family,
    Table,
)
from allocator.scenario.sheets import KeptWorkbook, ReadWorkbook, Sheet, bears_headings_of, near, open_workbook

DEFAULT_STEP = Fraction(1, 1000)
_HIGHEST_RATE = Fraction(10)
_MEANINGFUL = ("Title", "Unit", "Step", "Objective", "Discount rate")
"""The settings that a slip in their name would silently put out of force."""
_OURS = {
    ("Summary", "Allocation"): "a plan",
    ("Summary", "Conflict"): "a report on why no plan exists",
    ("Summary", "Cross table"): "a comparison",
    ("Sweep", "Amounts"): "a sweep",
}
"""Sheets by which workbooks are known that are made from scenarios."""


def read_scenario(path: str | os.PathLike[str]) -> Scenario:
    """Read a scenario workbook.

    Parameters
    ----------
    path
        An ``.xlsx`` or ``.xlsm`` file laid out as docs/format.md says. Blank cells mean what that page says of
        their column; where nothing is said they are problems, never zeros.

    Returns
    -------
    Scenario
        Its money is in the unit that the sheet Scenario names, its shares are parts (4 % is 4/100), all exact.

    Raises
    ------
    WorkbookError
        There is no such file, or it is no workbook that can be read.
    ScenarioError
        The content has problems; it lists all of them, each with its cell.
    """
    workbook = open_workbook(Path(path))
    names = {sheet.name for sheet in workbook.sheets}
    what = next((what for sheets, what in _OURS.items() if names >= {*sheets, "About"}), None)
    if what is not None:
        raise WorkbookError(
            f"{path} is {what}, not a scenario; give the workbook that it was made from (see its sheet About)"
        )
    return _Reader(workbook).scenario(try_variants=True)


def reread(
    scenario: Scenario, changes: Mapping[Cell, Raw], removed: Collection[tuple[str, int]] = frozenset()
) -> Scenario:
    """Return `scenario` as it would be read with other values in some cells.

    The What-if sheet is left out: its variants are changes of the scenario as it was.

    Parameters
    ----------
    scenario
        As it was read.
    changes
        Cell → its new value; None clears it. A number in a cell that was read as a percentage, or that stands under a
        heading of percentages, is the stored one: 0.04 is 4 %.
    removed
        Rows (sheet and number) that are deleted, once the cells have their values.

    Returns
    -------
    Scenario
        What reading the changed workbook would give.

    Raises
    ------
    ScenarioError
        The content has problems with these values; it lists all of them, each with its cell.
    """
    sheets = [sheet for sheet in scenario.inputs if sheet.table != WHAT_IF.sheet]
    return _Reader(KeptWorkbook(scenario.path, scenario.sha256, sheets, changes, removed)).scenario()


def with_edits(scenario: Scenario, edits: Iterable[Edit]) -> Scenario:
    """Return `scenario` as `reread` reads it with these edits made: first the cells, then the rows that go."""
    return reread(scenario, *values_of(edits))


def read_sheets(name: str, sha256: str, sheets: Iterable[InputSheet]) -> Scenario:
    """Return the scenario that sheets hold, as if it was read from a file.

    Parameters
    ----------
    name, sha256
        The file's name, and its SHA-256.
    sheets
        Of each only its name, its values and its percentages count; a number in a cell that isn't one of the
        percentages is a plain number.

    Returns
    -------
    Scenario
        As `read_scenario` returns it.

    Raises
    ------
    ScenarioError
        The content has problems; it lists all of them, each with its cell.
    """
    return _Reader(KeptWorkbook(name, sha256, tuple(sheets))).scenario()


class _Reader:
    def __init__(self, workbook: ReadWorkbook) -> None:
        self.workbook = workbook
        self.problems = Problems()
        self.years: tuple[int, ...] = ()
        self.found: dict[str, Rows] = {}
        self.sheets = self._sheets()

    def _sheets(self) -> dict[str, Sheet]:
        """Return the known sheets by their table's name; report the others that look like one."""
        by_fold = {fold(table.sheet): table for table in TABLES}
        known: dict[str, Sheet] = {}
        others = []
        for sheet in self.workbook.sheets:
            table = by_fold.get(fold(sheet.name))
            if table is None:
                others.append(sheet)
            elif first := known.get(table.sheet):
                also = f'two sheets are called {table.sheet} (also "{first.name}")'
                self.problems.add(sheet.name, f"{also}; remove or rename one")
            else:
                known[table.sheet] = sheet
                if sheet.stray:
                    self.problems.add(
                        sheet.name,
                        f"the sheet reaches as far as {sheet.stray}; delete what stands far right of the table or far "
                        "below it (whole columns and rows), then save",
                    )
                if not sheet.visible:
                    self.problems.say(HiddenSheet(sheet.name))
        for sheet in others:
            if (table := bears_headings_of(sheet, TABLES)) is not None:
                action = f'rename it to "{table.sheet}"' if table.sheet not in known else "remove it, or its headings"
                self.problems.add(sheet.name, f"the sheet has the headings of {table.sheet} but another name; {action}")
        return known

    def _table(self, table: Table, made_up: Sequence[str] = ()) -> list[Record]:
        sheet = self.sheets.get(table.sheet)
        if sheet is None or sheet.stray:
            return []
        rows = TableReader(table, sheet, self.problems, self.years).read(made_up)
        self.found[table.sheet] = rows
        return rows.records

    def scenario(self, *, try_variants: bool = False) -> Scenario:
        """Return the scenario; with `try_variants` each variant is read too, and its problems reported.

        Problems that say the same at several cells are then one; those of a changed scenario are told cell by cell.
        """
        settings = self._settings()
        sources = self._sources()
        budget = self.found.get("Budget", Rows(BUDGET_TABLE))
        sources_read = not any("Source" in record.unreadable for record in budget.records)
        records = self._table(AREAS, (*(source.name for source in sources), *map(cells.tidy, budget.alone)))
        areas = Areas(records, sources, self.years, self.problems, sources_read=sources_read, unclear=budget.alone)
        if not areas.areas:
            self._needs_rows(AREAS, "an area")
        limits = areas.limits(self._table(LIMITS))
        bands = areas.bands(self._table(BENEFITS))
        indicators = rules.indicators(self._table(INDICATORS), self.years, self.problems)
        effects = rules.effects(
            self._table(EFFECTS, tuple(i.name for i in indicators)), areas, indicators, self.problems
        )
        objective = self._objective(settings, [indicator.name for indicator in indicators])
        scenario = Scenario(
            title=_text(settings, "Title") or Path(self.workbook.name).stem,
            unit=_text(settings, "Unit"),
            step=self._number(settings, "Step", DEFAULT_STEP),
            objective=objective,
            discount_rate=self._discount_rate(settings),
            settings=tuple(settings.values()),
            years=self.years,
            sources=sources,
            areas=tuple(areas.areas),
            limits=limits,
            bands=bands,
            rules=(),
            indicators=indicators,
            effects=effects,
            path=self.workbook.name,
            sha256=self.workbook.sha256,
        )
        found = Rules(scenario, areas, self.problems).read(self._table(RULES))
        if self._table(PROJECTS):
            self.problems.add("Projects", "projects are not planned by this version; remove the sheet's rows")
        check_reach(scenario, self.problems)
        base_is_sound = not self.problems.found
        variants = self._variants()
        if try_variants and base_is_sound:
            self._try(replace(scenario, inputs=self._inputs()), variants)
        if self.problems.found:
            order = [sheet.name for sheet in self.workbook.sheets]
            raise ScenarioError(self.problems.in_order(order, grouped=try_variants))
        inputs, messages = self._inputs(), tuple(self.problems.messages)
        return replace(scenario, rules=found, inputs=inputs, messages=messages, variants=variants)

    def _variants(self) -> tuple[Variant, ...]:
        if not self._table(WHAT_IF):
            return ()
        inputs = [sheet for sheet in self._inputs() if sheet.table != WHAT_IF.sheet]
        return what_if.variants(self.found[WHAT_IF.sheet], self.sheets[WHAT_IF.sheet], inputs, self.problems)

    def _try(self, scenario: Scenario, variants: Iterable[Variant]) -> None:
        """Read each variant, and report what is wrong with it at the What-if row to which that is due."""
        for variant in variants:
            try:
                with_edits(scenario, variant.edits)
            except ScenarioError as error:
                for problem in error.problems:
                    self.problems.at(*what_if.blame(variant, problem))

    def _inputs(self) -> tuple[InputSheet, ...]:
        found = ((sheet, self.found[table]) for table, sheet in self.sheets.items() if table in self.found)
        return tuple(input_sheet(sheet, rows) for sheet, rows in found)

    def _needs_rows(self, table: Table, what: str) -> None:
        headings = ", ".join(table.required) + (" and a year such as 2026" if table is BUDGET_TABLE else "")
        sheet = self.sheets.get(table.sheet)
        if sheet is None:
            there = ", ".join(sheet.name for sheet in self.workbook.sheets)
            message = f"the sheet is missing; add it with the headings {headings} (sheets here: {there})"
            self.problems.add(table.sheet, message)
        elif not self.problems.on(sheet.name):
            message = f"the sheet has no rows; type at least {what}, below the headings {headings}"
            self.problems.add(sheet.name, message)

    # Settings

    def _settings(self) -> dict[str, Setting]:
        settings: dict[str, Setting] = {}
        names = [spec.name for spec in SETTINGS]
        known = {fold(name): name for name in names}
        if "Scenario" not in self.sheets:
            self.problems.add(
                "Scenario", "the sheet is missing; add it with the headings Setting, Value and a row Unit"
            )
            return settings
        for record in self._table(SCENARIO):
            typed = record.text("Setting")
            name = known.get(fold(typed), typed)
            if not typed:
                continue
            if name in settings:
                self.problems.twice(record.origin, "Setting", name, settings[name].origin, "remove one")
            if name not in names and (meant := near(name, _MEANINGFUL) or _begun(name)):
                own = "if it is a setting of your own, give it another name"
                self.problems.at(record.origin, "Setting", f'"{typed}" is not known; did you mean "{meant}"? ({own})')
            raw = record.values.get("Value")
            settings[name] = Setting(name, raw if isinstance(raw, str | int | float) else None, record.origin)
        unit = settings.get("Unit")
        if unit is None or is_blank(unit.value):
            message = "Unit is missing; type the unit of every amount, e.g. VND billion"
            if unit is not None:
                self.problems.follow_up(unit.origin, "Value", message)
            elif self.sheets["Scenario"].name not in self.problems.places | self.problems.hidden_headings:
                message = "the row Unit is missing; add it: Unit under Setting, e.g. VND billion under Value"
                self.problems.add(self.sheets["Scenario"].name, message)
        return settings

    def _number(self, settings: dict[str, Setting], name: str, default: Fraction) -> Fraction:
        setting = settings.get(name)
        if setting is None or is_blank(setting.value):
            return default
        sheet, cell = self.sheets["Scenario"], setting.origin.cell("Value")
        place = (cell.row, cell.column)
        try:
            if next(spec.content for spec in SETTINGS if spec.name == name) is Content.SHARE:
                self.found["Scenario"].percent.add(place)
                return cells.share(setting.value, formatted=sheet.is_percentage(*place))
            return cells.amount(setting.value, formatted=place in sheet.percentages)
        except Misread as misread:
            self.problems.at(setting.origin, "Value", f"{name}: {misread}")
            return default

    def _discount_rate(self, settings: dict[str, Setting]) -> Fraction:
        rate = self._number(settings, "Discount rate", Fraction(0))
        said = cells.percent(rate) if abs(rate) < 1000 else f"{float(rate * 100):.3g} %"
        if rate <= -1:
            message = f"Discount rate: {said} is too low, it must be above -100 %; type a rate per year such as 3%"
        elif rate > _HIGHEST_RATE:
            message = f"Discount rate: {said} is too high to be meant; type a rate per year such as 3%"
        else:
            return rate
        self.problems.at(settings["Discount rate"].origin, "Value", message)
        return Fraction(0)

    def _objective(self, settings: dict[str, Setting], indicators: list[str]) -> Objective:
        typed = _text(settings, "Objective")
        if not typed:
            return Objective()
        verb, _, what = cells.tidy(typed).partition(" ")
        maximise = fold(verb) in ("maximise", "maximize")
        if maximise or fold(verb) in ("minimise", "minimize"):
            if fold(what) == ("benefit" if maximise else "spending"):
                return Objective(maximise)
            for name in indicators:
                if fold(name) == fold(what):
                    return Objective(maximise, name)
        if "Indicators" in self.problems.hidden_headings:
            return Objective()  # it may name one that could not be read
        choices = ["maximise benefit", "minimise spending"]
        choices += [f"{v} {name}" for name in indicators for v in ("maximise", "minimise")]
        ending = suggestion(typed, choices, "type one of")
        self.problems.at(settings["Objective"].origin, "Value", f'Objective: "{typed}" is not known; {ending}')
        return Objective()

    # Budget

    def _sources(self) -> tuple[Source, ...]:
        records = self._table(BUDGET_TABLE)
        rows = self.found.get("Budget")
        hidden = "Budget" in self.problems.hidden_headings  # any of its columns may be that of a year
        columns = sorted(int(name) for name in (rows.columns if rows and not hidden else ()) if Family.YEAR.has(name))
        self.years = tuple(columns)
        gaps = [year for year in range(columns[0], columns[-1]) if year not in columns] if columns else []
        if gaps and rows:
            self.problems.add(
                rows.heading_cell(str(columns[0])),
                f"the years have gaps: {', '.join(map(str, gaps[:5]))}{', …' if len(gaps) > 5 else ''} missing between "
                f"{columns[0]} and {columns[-1]}; add a column for each year",
            )
        sources = tuple(filter(None, (source_of(record, self.years) for record in records)))
        self._check_sources(sources)
        return sources

    def _check_sources(self, sources: tuple[Source, ...]) -> None:
        if not sources:
            self._needs_rows(BUDGET_TABLE, "a funding source")
        elif "Budget" in self.problems.hidden_headings or self.found["Budget"].alone:
            pass  # what a source could not be read of may be that it is the government's own
        elif not any(source.kind is SourceKind.BUDGET for source in sources):
            self.problems.follow_up(
                sources[0].origin, "Kind", "no source is the government's own money; type budget for at least one"
            )
        seen: dict[str, Source] = {}
        for source in sources:
            if cells.is_total(source.name):
                message = f'"{source.name}": is this a total row? remove it; totals are computed'
                self.problems.at(source.origin, "Source", message)
            if fold(source.name) in seen:
                self.problems.twice(source.origin, "Source", source.name, seen[fold(source.name)].origin)
            seen.setdefault(fold(source.name), source)


def _text(settings: Mapping[str, Setting], name: str) -> str:
    setting = settings.get(name)
    return "" if setting is None or is_blank(setting.value) else cells.text(setting.value)


def source_of(record: Record, years: Iterable[int]) -> Source | None:
    """Return the source of a row of Budget; None where it has no name."""
    if not record.text("Source"):
        return None
    return Source(
        name=record.text("Source"),
        kind=SourceKind(record.text("Kind") or SourceKind.BUDGET.value),
        last_year=record.get("Last year", Fraction),
        available={year: record.get(str(year), Fraction) or Fraction(0) for year in years},
        spend_all=record.text("Spend") == "all",
        carry_over=record.text("Carry over") == "yes",
        origin=record.origin,
    )


def _begun(typed: str) -> str | None:
    """Return the setting whose name begins with `typed`: Discount for Discount rate."""
    begun = [name for name in _MEANINGFUL if len(typed) > 3 and fold(name).startswith(fold(typed))]
    return begun[0] if begun else None


# ---- Read again and again -------------------------------------------------------------------------------------------

_HIGHEST_PATCHED = 1
"""A discount rate beyond it is left to the reader."""
_PROVENANCE = frozenset(column.name for column in PROVENANCE)
_AREA_FIGURES = _PROVENANCE | LIMIT_HEADINGS | {column.name for column in ASSIGNMENT} | {"Benefit"}
"""Headings of Areas whose cells may be filled or cleared without anything else asking for them."""
_LIMIT_FIGURES = frozenset(LIMITS.by_name) - {"Area"}
_BAND_FIGURES = frozenset(BENEFITS.by_name) - {"Area"}
_INDICATOR_FIGURES = frozenset(INDICATORS.by_name) - {"Indicator", "Counts", "Measured from"}
_LOOKUPS = {"sources": ("source", "budget_sources"), "areas": ("area", "parts", "leaves")}
"""Field of a scenario → what it keeps that follows from that field alone."""


class _Further(Exception):  # noqa: N818  (never leaves this file)
    """A change that reaches further than what is derived here."""


@dataclass(frozen=True)
class _State:
    """A scenario that was read, with what it was read from."""

    scenario: Scenario
    changes: Mapping[Cell, Raw]
    """The cells in which it differs from the base scenario."""
    records: Mapping[str, list[Record]]
    """Table → its rows."""
    areas: Areas


class Patches:
    """The scenarios that differ from one in the values of some cells.

    The What-if sheet is left out: its variants are changes of the scenario as it stands.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.base = scenario = _plain(scenario)
        self.start: Scenario | None = None
        """What the last scenario was made of, `base` or the one before; None: it was read anew."""
        self.read_anew = 0
        """How often the whole scenario had to be read."""
        workbook = KeptWorkbook(scenario.path, scenario.sha256, scenario.inputs)
        self.sheets: dict[str, Sheet] = {sheet.name: sheet for sheet in workbook.sheets}
        self.readers: dict[str, TableReader] = {}
        """Sheet → a reader that knows its headings."""
        sources = tuple(source.name for source in scenario.sources)
        indicators = tuple(indicator.name for indicator in scenario.indicators)
        made_up = {AREAS.sheet: sources, EFFECTS.sheet: indicators}
        by_table = {sheet.table: self.sheets[sheet.name] for sheet in scenario.inputs}
        records: dict[str, list[Record]] = {}
        for table in (BUDGET_TABLE, AREAS, LIMITS, BENEFITS, RULES, INDICATORS, EFFECTS):
            records[table.sheet] = []
            if table.sheet in by_table:
                reader = TableReader(table, by_table[table.sheet], Problems(), scenario.years)
                records[table.sheet] = reader.read(made_up.get(table.sheet, ())).records
                self.readers[reader.sheet.name] = reader
        self.places = {name: {record.origin.row: i for i, record in enumerate(own)} for name, own in records.items()}
        """Table → row → the place of its record."""
        problems = Problems()
        areas = Areas(records[AREAS.sheet], scenario.sources, scenario.years, problems)
        self.area_messages = list(problems.messages)
        self.band_areas = [area.name if area else "" for area in map(areas.find, records[BENEFITS.sheet])]
        """For each row of Benefits its area."""
        self._first = self._last = _State(scenario, {}, records, areas)

    def at(self, changes: Mapping[Cell, Raw], removed: Collection[tuple[str, int]] = frozenset()) -> Scenario:
        """Return the scenario as `reread` gives it with these values and without these rows; None clears a cell.

        What it shares it shares with the scenario asked for before, or with `base`, whichever is nearer.

        Raises
        ------
        ScenarioError
            If the content has problems with these values; it lists all of them, each with its cell.
        """
        try:
            if removed:
                raise _Further
            self._patch(changes)
        except _Further:
            self.start = None
            self.read_anew += 1
            return reread(self.base, changes, removed)
        return self._last.scenario

    def _patch(self, changes: Mapping[Cell, Raw]) -> None:
        """Make the scenario with these values the last one; raise _Further where more has to be read."""
        if not self.sheets.keys() >= {cell.sheet for cell in changes}:
            raise _Further
        found = {cell: value for cell, value in changes.items() if not _same(value, self._raw(cell))}
        start, different = self._first, found
        if len(found) > 1:
            since = self._since(self._last.changes, found)
            if len(since) < len(found):
                start, different = self._last, since
        rows: dict[tuple[str, int], dict[int, Raw]] = {}
        for cell, value in different.items():
            rows.setdefault((cell.sheet, cell.row), {})[cell.column] = value
        reading = _Patch(self, start)
        for (sheet, row), values in rows.items():
            reading.take(sheet, row, values)
        self._last, self.start = reading.state(found), start.scenario

    def _raw(self, cell: Cell) -> Raw:
        """Return what the base scenario has in a cell."""
        return self.sheets[cell.sheet].value(cell.row, cell.column)

    def _since(self, before: Mapping[Cell, Raw], after: Mapping[Cell, Raw]) -> dict[Cell, Raw]:
        """Return the cells that differ between two sets of changes, as they are after the second."""
        back = {cell: self._raw(cell) for cell in before if cell not in after}
        on = {cell: v for cell, v in after.items() if cell not in before or not _same(before[cell], v)}
        return back | on


def _plain(scenario: Scenario) -> Scenario:
    """Return a scenario without its variants and without what is told of changes made before."""
    sheets = tuple(sheet for sheet in scenario.inputs if sheet.table != WHAT_IF.sheet)
    if len(sheets) == len(scenario.inputs) and scenario.changed_by is None:
        return scenario
    alone = read_sheets(scenario.path, scenario.sha256, sheets)
    pairs = {each.name: (getattr(alone, each.name), getattr(scenario, each.name)) for each in fields(alone)}
    return replace(alone, **{name: theirs for name, (own, theirs) in pairs.items() if own == theirs})


def _same(one: Raw, other: Raw) -> bool:
    return type(one) is type(other) and one == other


class _Patch:
    """One scenario in the making: the rows that differ, then what follows from them."""

    def __init__(self, patches: Patches, start: _State) -> None:
        self.patches = patches
        self.start = start
        self.base = start.scenario
        self.problems = Problems()
        self.inputs: dict[str, InputSheet] = {}
        self.records: dict[str, list[Record]] = {**start.records}
        self.changed: dict[str, list[int]] = {}
        """Table → the places of its changed records."""
        self.parts: dict[str, Any] = {}
        """What differs from the scenario that it starts from, by field."""

    # Rows

    def take(self, sheet: str, row: int, values: Mapping[int, Raw]) -> None:
        """Read a row of a sheet with other values in some columns."""
        page = self.patches.sheets[sheet]
        inputs = self.inputs.get(sheet) or next(each for each in self.base.inputs if each.name == sheet)
        if inputs.header_row is None or not inputs.header_row < row <= (inputs.last_row or 0):
            raise _Further
        line = list(inputs.rows[row - 1])
        for column, value in values.items():
            line += [None] * (column - len(line))
            line[column - 1] = value
        while line and line[-1] is None and len(line) > len(page.row(row)):
            line.pop()
        if sheet not in self.patches.readers:
            self._setting(inputs, row, line, values)
            return
        reader = self.patches.readers[sheet]
        if not set(values) <= reader.headed.keys():
            raise _Further
        self._record(reader, row, line, inputs, values)

    def _record(
        self, reader: TableReader, row: int, line: list[Raw], inputs: InputSheet, columns: Iterable[int]
    ) -> None:
        name = reader.table.sheet
        place = self.patches.places[name].get(row)
        if place is None or not any(not is_blank(line[n - 1]) for n in reader.headed if n <= len(line)):
            raise _Further
        before = self.records[name][place]
        kept, percent = reader.sheet.rows[row - 1], reader.rows.percent
        reader.problems, reader.rows.percent = self.problems, set()
        reader.sheet.rows[row - 1] = line
        try:
            record = reader.again(before, columns)
            percentages = reader.rows.percent
        finally:
            reader.sheet.rows[row - 1], reader.rows.percent = kept, percent
        if record.unreadable or self.problems.found:
            raise _Further
        self._keep(inputs, row, line, None if record.origin is before.origin else percentages)
        if record.origin == before.origin:
            record = Record(record.values, before.origin)
        if name not in self.changed:
            self.records[name] = list(self.records[name])
        self.records[name][place] = record
        self.changed.setdefault(name, []).append(place)

    def _keep(self, inputs: InputSheet, row: int, line: list[Raw], percent: set[tuple[int, int]] | None) -> None:
        """Note the sheet as it is now; `percent`: the row's percentages, None where they are as before."""
        rows = list(inputs.rows)
        rows[row - 1] = tuple(line)
        marks = inputs.percent
        if percent is not None:
            marks = frozenset(mark for mark in marks if mark[0] != row) | percent
        self.inputs[inputs.name] = replace(inputs, rows=tuple(rows), percent=marks)

    def _setting(self, inputs: InputSheet, row: int, line: list[Raw], values: Mapping[int, Raw]) -> None:
        """Read the Discount rate, the one setting that is a figure and leaves the rest as it is."""
        settings = self.base.settings
        place = next((i for i, each in enumerate(settings) if each.origin.row == row), None)
        if place is None or settings[place].name != "Discount rate":
            raise _Further
        column = settings[place].origin.cell("Value").column
        if set(values) != {column} or is_blank(values[column]):
            raise _Further
        try:
            rate = cells.share(values[column], formatted=(row, column) in inputs.percent)
        except Misread:
            raise _Further from None
        if not 0 <= rate <= _HIGHEST_PATCHED:
            raise _Further
        setting = replace(settings[place], value=values[column])
        self.parts["settings"] = (*settings[:place], setting, *settings[place + 1 :])
        self.parts["discount_rate"] = rate
        self._keep(inputs, row, line, None)

    # What follows

    def state(self, changes: Mapping[Cell, Raw]) -> _State:
        """Return the scenario that the rows give; `changes` tells it from the base scenario."""
        if BUDGET_TABLE.sheet in self.changed:
            self._budget()
        areas = self._areas() if AREAS.sheet in self.changed else self.start.areas
        if LIMITS.sheet in self.changed or (AREAS.sheet in self.changed and self._differ(AREAS, LIMIT_HEADINGS)):
            self._limits(areas)
        if BENEFITS.sheet in self.changed or (AREAS.sheet in self.changed and self._differ(AREAS, {"Last year"})):
            self._bands(areas)
        if INDICATORS.sheet in self.changed:
            self._indicators()
        if EFFECTS.sheet in self.changed:
            self._effects(areas)
        if RULES.sheet in self.changed:
            self._rules(areas)
        if self.problems.found:
            raise _Further
        if self.inputs:
            self.parts["inputs"] = tuple(self.inputs.get(sheet.name, sheet) for sheet in self.base.inputs)
        scenario = self._made()
        return _State(scenario, changes, self.records, areas)

    def _made(self) -> Scenario:
        """Return the scenario as far as it is made; look-ups that stay as they are needn't be made anew."""
        if not self.parts:
            return self.base
        scenario = copy(self.base)
        vars(scenario).update(self.parts)
        for field in self.parts.keys() & _LOOKUPS.keys():
            for name in _LOOKUPS[field]:
                vars(scenario).pop(name, None)
        return scenario

    def _pairs(self, table: Table) -> list[tuple[int, Record, Record]]:
        """Return place, former and present record of each row that changed."""
        name = table.sheet
        return [(i, self.start.records[name][i], self.records[name][i]) for i in self.changed[name]]

    def _differ(self, table: Table, headings: Iterable[str]) -> bool:
        """Whether a cell under one of the headings differs."""
        return any(was.values.get(h) != now.values.get(h) for _, was, now in self._pairs(table) for h in headings)

    def _only(self, table: Table, free: frozenset[str]) -> None:
        """Raise _Further unless all that differs is under `free` headings, or another amount where there was one."""
        for _, was, now in self._pairs(table):
            for heading in {*was.values, *now.values} - free:
                one, other = was.values.get(heading), now.values.get(heading)
                if one == other:
                    continue
                column = table.column(heading)
                amount = column is not None and column.content is Content.AMOUNT
                if not (amount and isinstance(one, Fraction) and isinstance(other, Fraction)):
                    raise _Further

    def _budget(self) -> None:
        self._only(BUDGET_TABLE, _PROVENANCE)
        shares = any(rule.basis.of_share for rule in self.base.rules) or RULES.sheet in self.changed
        sources = list(self.base.sources)
        for place, was, now in self._pairs(BUDGET_TABLE):
            figures = ("Last year", *map(str, self.base.years))
            if shares and any(was.values.get(heading) and now.values.get(heading) == 0 for heading in figures):
                raise _Further  # no area had a share of nothing
            sources[place] = source_of(now, self.base.years) or sources[place]
        self.parts["sources"] = tuple(sources)

    def _areas(self) -> Areas:
        self._only(AREAS, _AREA_FIGURES)
        problems = Problems()
        sources = self.parts.get("sources", self.base.sources)
        areas = Areas(self.records[AREAS.sheet], sources, self.base.years, problems)
        if problems.found or list(problems.messages) != self.patches.area_messages:
            raise _Further
        found: list[Area] = [old if old == new else new for old, new in zip(self.base.areas, areas.areas, strict=True)]
        if any(old is not new for old, new in zip(self.base.areas, found, strict=True)):
            self.parts["areas"] = tuple(found)
        return areas

    def _limits(self, areas: Areas) -> None:
        if LIMITS.sheet in self.changed:
            self._only(LIMITS, _LIMIT_FIGURES)
        areas.problems = self.problems
        found, old = areas.limits(self.records[LIMITS.sheet]), self.base.limits
        self.parts["limits"] = _shared(found, old)
        shares = {s for each in (old, found) for own in each.values() for s in (own.minimum_share, own.maximum_share)}
        if any(share is not None and share > 1 for share in shares):  # something is said of it
            raise _Further

    def _bands(self, areas: Areas) -> None:
        if BENEFITS.sheet in self.changed:
            self._only(BENEFITS, _BAND_FIGURES)
        owners, old = self.patches.band_areas, self.base.bands
        mine = {owners[place] for place in self.changed.get(BENEFITS.sheet, ())}
        if AREAS.sheet in self.changed:
            mine |= {now.text("Area") for _, _, now in self._pairs(AREAS)}
        areas.problems = self.problems
        records = zip(self.records[BENEFITS.sheet], owners, strict=True)
        found = areas.bands([record for record, owner in records if owner in mine])
        if found.keys() != {at for at in old if at[0] in mine}:
            raise _Further
        self.parts["bands"] = {**old, **found}

    def _indicators(self) -> None:
        self._only(INDICATORS, _INDICATOR_FIGURES)
        found = rules.indicators(self.records[INDICATORS.sheet], self.base.years, self.problems)
        old = {indicator.name: indicator for indicator in self.base.indicators}
        self.parts["indicators"] = tuple(_shared({each.name: each for each in found}, old).values())

    def _effects(self, areas: Areas) -> None:
        pairs = self._pairs(EFFECTS)
        if any(one.text(name) != other.text(name) for _, one, other in pairs for name in ("Area", "Indicator")):
            raise _Further
        areas.problems = self.problems
        indicators = self.parts.get("indicators", self.base.indicators)
        found = rules.effects(self.records[EFFECTS.sheet], areas, indicators, self.problems)
        self.parts["effects"] = _shared(found, self.base.effects)

    def _rules(self, areas: Areas) -> None:
        scenario = self._made()
        rules = list(self.base.rules)
        for place, was, now in self._pairs(RULES):
            if was.text("Rule") != now.text("Rule"):
                raise _Further
            (old, before), (new, after) = (self._rule(scenario, areas, record) for record in (was, now))
            if old is None or new is None or after.found or list(before.messages) != list(after.messages):
                raise _Further
            rules[place] = new
        self.parts["rules"] = tuple(rules)

    @staticmethod
    def _rule(scenario: Scenario, areas: Areas, record: Record) -> tuple[Rule | None, Problems]:
        areas.problems = problems = Problems()
        return next(iter(Rules(scenario, areas, problems).read([record])), None), problems


def _shared[K, V](found: Mapping[K, V], old: Mapping[K, V]) -> dict[K, V]:
    """Return what was found; what is as it was is the same object."""
    return {key: old[key] if old.get(key) == value else value for key, value in found.items()}
