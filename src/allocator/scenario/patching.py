"""A scenario read again and again with other values in a few of its cells, sharing all that stays as it is.

A row whose cells change is read by the same readers as ever, and what follows from it is derived by them; nothing else
is looked at. Where a change might reach further (another name or source, a filled cell that was blank, a problem, a
message), the whole scenario is read anew: then, too, what comes out is what `reread` gives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from allocator.scenario import cells, outcomes
from allocator.scenario.areas import Areas
from allocator.scenario.cells import Misread, fold, is_blank
from allocator.scenario.model import LIMIT_KINDS, Area, InputSheet, Limits, Rule, Scenario, Source
from allocator.scenario.origin import Cell, Raw
from allocator.scenario.problems import Problems
from allocator.scenario.reading import read_sheets, reread
from allocator.scenario.records import Record, TableReader
from allocator.scenario.rules import Rules
from allocator.scenario.sheets import KeptWorkbook, Sheet
from allocator.scenario.tables import (
    AREAS,
    ASSIGNMENT,
    BENEFITS,
    BUDGET_TABLE,
    EFFECTS,
    INDICATORS,
    LIMITS,
    PROVENANCE,
    RULES,
    WHAT_IF,
    Content,
    Table,
)

_HIGHEST_RATE = 1
"""A discount rate beyond it is left to the reader."""
_LIMIT_HEADINGS = frozenset(limit.heading for limit in LIMIT_KINDS.values())
_PROVENANCE = frozenset(column.name for column in PROVENANCE)
_AREA_FIGURES = _PROVENANCE | {column.name for column in ASSIGNMENT} | _LIMIT_HEADINGS | {"Benefit"}
"""Headings of Areas whose cells may be filled or cleared without anything else asking for them."""
_LIMIT_FIGURES = _PROVENANCE | _LIMIT_HEADINGS | {"Years"}
_BAND_FIGURES = _PROVENANCE | {"Up to", "Up to, of last year", "Benefit", "Years"}
_INDICATOR_FIGURES = _PROVENANCE | {
    *("Unit", "Baseline", "Operator", "Target", "Year", "Strength", "Weight", "Reference"),
}


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
        found = (areas.find(record) for record in records[BENEFITS.sheet])
        self.band_areas = [area.name if area else "" for area in found]
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
        found = {cell: value for cell, value in changes.items() if not _same(value, self._raw(cell))}
        start, different = self._first, found
        if len(found) > 1:
            since = self._since(self._last.changes, found)
            if len(since) < len(found):
                start, different = self._last, since
        rows: dict[tuple[str, int], dict[int, Raw]] = {}
        for cell, value in different.items():
            rows.setdefault((cell.sheet, cell.row), {})[cell.column] = value
        reading = _Reading(self, start)
        for (sheet, row), values in rows.items():
            reading.take(sheet, row, values)
        self._last, self.start = reading.state(found), start.scenario

    def _raw(self, cell: Cell) -> Raw:
        """Return what the base scenario has in a cell."""
        if cell.sheet not in self.sheets:
            raise _Further
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


class _Reading:
    """One scenario in the making: the rows that differ, then what follows from them."""

    def __init__(self, patches: Patches, start: _State) -> None:
        self.patches = patches
        self.start = start
        self.base = start.scenario
        self.problems = Problems()
        self.inputs: dict[str, InputSheet] = {}
        self.records: dict[str, list[Record]] = {}
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
        before = self.records.get(name, self.start.records[name])[place]
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
        self.records.setdefault(name, list(self.start.records[name]))[place] = record
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
        if not 0 <= rate <= _HIGHEST_RATE:
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
        if LIMITS.sheet in self.changed or (AREAS.sheet in self.changed and self._differ(AREAS, _LIMIT_HEADINGS)):
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
        return _State(scenario, changes, {**self.start.records, **self.records}, areas)

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
        years = tuple(map(str, self.base.years))
        self._only(BUDGET_TABLE, _PROVENANCE)
        shares = any(rule.basis.of_share for rule in self.base.rules) or RULES.sheet in self.changed
        sources = list(self.base.sources)
        for place, was, now in self._pairs(BUDGET_TABLE):
            figures = {heading: now.values[heading] for heading in ("Last year", *years) if heading in now.values}
            if shares and any(not value and was.values[heading] for heading, value in figures.items()):
                raise _Further  # no area had a share of nothing
            sources[place] = _source(sources[place], now)
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

    def _now(self, table: Table) -> list[Record]:
        return self.records.get(table.sheet, self.start.records[table.sheet])

    def _limits(self, areas: Areas) -> None:
        if LIMITS.sheet in self.changed:
            self._only(LIMITS, _LIMIT_FIGURES)
        areas.problems = self.problems
        found, old = areas.limits(self._now(LIMITS)), self.base.limits
        self.parts["limits"] = {at: old[at] if old.get(at) == limits else limits for at, limits in found.items()}
        beyond = [limits for each in (old, found) for limits in each.values() if _beyond(limits)]
        if beyond:  # something is said of it
            raise _Further

    def _bands(self, areas: Areas) -> None:
        if BENEFITS.sheet in self.changed:
            self._only(BENEFITS, _BAND_FIGURES)
        places = self.changed.get(BENEFITS.sheet, [])
        records = self._now(BENEFITS)
        owners = self.patches.band_areas
        mine = {owners[place] for place in places}
        if AREAS.sheet in self.changed:
            mine |= {now.text("Area") for _, _, now in self._pairs(AREAS)}
        areas.problems = self.problems
        found = areas.bands([record for record, owner in zip(records, owners, strict=True) if owner in mine])
        old = self.base.bands
        if set(found) != {at for at in old if at[0] in mine}:
            raise _Further
        self.parts["bands"] = {at: found.get(at, bands) for at, bands in old.items()}

    def _indicators(self) -> None:
        self._only(INDICATORS, _INDICATOR_FIGURES)
        found = list(self.base.indicators)
        names = {fold(now.text("Indicator")) for _, _, now in self._pairs(INDICATORS)}
        for place, old in enumerate(found):
            if fold(old.name) in names:
                mine = [r for r in self._now(INDICATORS) if fold(r.text("Indicator")) == fold(old.name)]
                found[place] = outcomes.indicators(mine, self.base.years, self.problems)[0]
        self.parts["indicators"] = tuple(found)

    def _effects(self, areas: Areas) -> None:
        areas.problems = self.problems
        indicators = self.parts.get("indicators", self.base.indicators)
        old = self.base.effects
        pairs = self._pairs(EFFECTS)
        if any(one.text(name) != other.text(name) for _, one, other in pairs for name in ("Area", "Indicator")):
            raise _Further
        was, now = (
            outcomes.effects(records, areas, indicators, self.problems)
            for records in ([was for _, was, _ in pairs], [now for _, _, now in pairs])
        )
        if {name: own.keys() for name, own in was.items()} == {name: own.keys() for name, own in now.items()}:
            self.parts["effects"] = {name: {**own, **now[name]} if name in now else own for name, own in old.items()}
        else:  # there is an effect where there was none, or none any more
            self.parts["effects"] = outcomes.effects(self._now(EFFECTS), areas, indicators, self.problems)

    def _rules(self, areas: Areas) -> None:
        scenario = self._made()
        rules = list(self.base.rules)
        for place, was, now in self._pairs(RULES):
            if was.text("Rule") != now.text("Rule"):
                raise _Further
            before, after = Problems(), Problems()
            old, new = (
                self._rule(scenario, areas, record, problems) for record, problems in ((was, before), (now, after))
            )
            if old is None or new is None or after.found or list(before.messages) != list(after.messages):
                raise _Further
            rules[place] = new
        self.parts["rules"] = tuple(rules)

    @staticmethod
    def _rule(scenario: Scenario, areas: Areas, record: Record, problems: Problems) -> Rule | None:
        areas.problems = problems
        return next(iter(Rules(scenario, areas, problems).read([record])), None)


def _source(source: Source, record: Record) -> Source:
    """Return a source with the figures of its row."""
    return replace(
        source,
        last_year=record.get("Last year", Fraction),
        available={year: record.get(str(year), Fraction) or Fraction(0) for year in source.available},
        origin=record.origin if record.origin != source.origin else source.origin,
    )


def _beyond(limits: Limits) -> bool:
    """Whether a share is of more than there is."""
    return any(share is not None and share > 1 for share in (limits.minimum_share, limits.maximum_share))
