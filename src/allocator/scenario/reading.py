"""Workbook → Scenario: all problems together, each with its cell.

The order is that of dependence: settings, budget (which gives the years), areas, then what names them. Each part is
read as far as it can be, so that one slip does not hide the others.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from allocator.errors import ScenarioError, WorkbookError
from allocator.scenario import areas as area_parts
from allocator.scenario import cells, outcomes, rules, what_if
from allocator.scenario.cells import Misread, fold, is_blank, suggestion
from allocator.scenario.edits import Edit, values_of
from allocator.scenario.families import Family
from allocator.scenario.headings import bears_headings_of, near
from allocator.scenario.model import InputSheet, Objective, Scenario, Setting, Source, SourceKind, Variant
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.problems import Problems
from allocator.scenario.records import Record, Rows, TableReader, input_sheet
from allocator.scenario.remarks import HiddenSheet
from allocator.scenario.said import Said
from allocator.scenario.settings import SETTINGS, SettingSpec
from allocator.scenario.sheets import KeptWorkbook, ReadWorkbook, Sheet, open_workbook
from allocator.scenario.tables import (
    AREAS,
    BENEFITS,
    BUDGET_TABLE,
    EFFECTS,
    INDICATORS,
    LIMITS,
    PROJECTS,
    RULES,
    SCENARIO,
    TABLES,
    WHAT_IF,
    Content,
    Table,
)

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
    """Return `scenario` as it would be read with these edits made: first the cells, then the rows that go.

    Raises
    ------
    ScenarioError
        As `reread`.
    """
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
                self.problems.add(
                    sheet.name, f'two sheets are called {table.sheet} (also "{first.name}"); remove or rename one'
                )
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
        areas = area_parts.Areas(
            records, sources, self.years, self.problems, sources_read=sources_read, unclear=budget.alone
        )
        if not areas.areas:
            self._needs_rows(AREAS, "an area")
        limits = areas.limits(self._table(LIMITS))
        bands = areas.bands(self._table(BENEFITS))
        indicators = outcomes.indicators(self._table(INDICATORS), self.years, self.problems)
        effects = outcomes.effects(
            self._table(EFFECTS, tuple(i.name for i in indicators)), areas, indicators, self.problems
        )
        objective = self._objective(settings, [indicator.name for indicator in indicators])
        scenario = Scenario(
            title=self._text(settings, "Title") or Path(self.workbook.name).stem,
            unit=self._text(settings, "Unit"),
            step=self._step(settings),
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
        found = rules.Rules(scenario, areas, self.problems).read(self._table(RULES))
        self._later()
        area_parts.check_reach(scenario, self.problems)
        base_is_sound = not self.problems.found
        variants = self._variants()
        if try_variants and base_is_sound and variants:
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
        by_fold = {fold(name): rows for name, rows in self.found.items()}
        return tuple(
            input_sheet(sheet, by_fold[fold(sheet.name)])
            for sheet in self.workbook.sheets
            if fold(sheet.name) in by_fold
        )

    def _later(self) -> None:
        if self._table(PROJECTS):
            self.problems.add("Projects", "projects are not planned by this version; remove the sheet's rows")

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
                said = Said("{} stands twice (also in row {}); remove one", f'"{name}"', settings[name].origin.row)
                self.problems.at(record.origin, "Setting", said)
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

    def _text(self, settings: dict[str, Setting], name: str) -> str:
        setting = settings.get(name)
        return "" if setting is None or is_blank(setting.value) else cells.text(setting.value)

    def _number(self, settings: dict[str, Setting], spec_name: str, default: Fraction) -> Fraction:
        spec: SettingSpec = next(spec for spec in SETTINGS if spec.name == spec_name)
        setting = settings.get(spec_name)
        if setting is None or is_blank(setting.value):
            return default
        cell = setting.origin.cell("Value")
        try:
            if spec.content is Content.SHARE:
                formatted = self.sheets["Scenario"].is_percentage(cell.row, cell.column)
                self.found["Scenario"].percent.add((cell.row, cell.column))
                return cells.share(setting.value, formatted=formatted)
            formatted = (cell.row, cell.column) in self.sheets["Scenario"].percentages
            return cells.amount(setting.value, formatted=formatted)
        except Misread as misread:
            self.problems.at(setting.origin, "Value", f"{spec_name}: {misread}")
            return default

    def _step(self, settings: dict[str, Setting]) -> Fraction:
        return self._number(settings, "Step", DEFAULT_STEP)

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
        typed = self._text(settings, "Objective")
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
        sources = tuple(filter(None, (self._source(record) for record in records)))
        self._check_sources(sources)
        return sources

    def _source(self, record: Record) -> Source | None:
        name = record.text("Source")
        if not name:
            return None
        available = {year: record.get(str(year), Fraction) or Fraction(0) for year in self.years}
        return Source(
            name=name,
            kind=SourceKind(record.text("Kind") or SourceKind.BUDGET.value),
            last_year=record.get("Last year", Fraction),
            available=available,
            spend_all=record.text("Spend") == "all",
            carry_over=record.text("Carry over") == "yes",
            origin=record.origin,
        )

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
                row = seen[fold(source.name)].origin.row
                said = Said("{} stands twice (also in row {}); remove or rename one", f'"{source.name}"', row)
                self.problems.at(source.origin, "Source", said)
            seen.setdefault(fold(source.name), source)


def _begun(typed: str) -> str | None:
    """Return the setting whose name begins with `typed`: Discount for Discount rate."""
    begun = [name for name in _MEANINGFUL if len(typed) > 3 and fold(name).startswith(fold(typed))]
    return begun[0] if begun else None
