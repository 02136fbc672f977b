"""Areas with their parts, groups and sources; the limits and benefit bands that hold for each in each year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from allocator.scenario.cells import Said, fold, is_total, percent, plain, separated, tidy
from allocator.scenario.model import LIMIT_KINDS, Area, Assignment, Band, Cell, Limits, Origin, Scenario, Source
from allocator.scenario.problems import LastYearNotUsed, LooseMaximum, NotCounted, Problems
from allocator.scenario.records import Lifted, Record, alone
from allocator.scenario.schema import BASIS_WORDS, EVERY_AREA_IN, RULE_KEYWORDS, Family

MORE_THAN_ALL = "{} of the budget is more than there is; type a share up to 100%"
_RESERVED = {fold(word) for word in (*RULE_KEYWORDS, *BASIS_WORDS)}


class Areas:
    """The areas that were read, with look-ups by name for the tables that name them."""

    def __init__(
        self,
        records: Sequence[Record],
        sources: Sequence[Source],
        years: Sequence[int],
        problems: Problems,
        *,
        sources_read: bool = True,
        unclear: Sequence[str] = (),
    ) -> None:
        """`sources_read`: whether the name of each source could be read; `unclear`: what may be names of others."""
        self.problems = problems
        self.years = years
        self.sources = {fold(source.name): source.name for source in sources}
        self.areas: list[Area] = []
        self.by_fold: dict[str, Area] = {}
        self.parts: dict[str, list[str]] = {}
        """Area with parts → its parts, one level down."""
        self.groups: dict[str, tuple[str, list[str]]] = {}
        self.sources_read = sources_read
        self.unclear = frozenset(map(fold, unclear))
        self.all_read = not any("Area" in record.unreadable for record in records)
        """Whether every name could be read: where not, one that isn't found may be that."""
        self._records: dict[str, Record] = {}
        for record in records:
            self._add(record, sources)
        self._resolve_parts()
        self._check_names(sources)

    # Areas

    def _add(self, record: Record, sources: Sequence[Source]) -> None:
        name = record.text("Area")
        if not name:
            return
        if fold(name) in self.by_fold:
            self.problems.twice(record.origin, "Area", name, self.by_fold[fold(name)].origin)
            return
        self._check_own_name(name, record.origin)
        area = Area(
            name=name,
            part_of=record.text("Part of") or None,
            groups=tuple(map(tidy, record.get("Group", tuple) or ())),
            last_year=record.get("Last year", Fraction),
            last_year_by_source=_by_source(record),
            benefit=record.get("Benefit", Fraction) or Fraction(0),
            sources=self._sources_of(record, sources),
            proposed=self._proposed(record),
            assignment=_assignment(record),
            origin=record.origin,
        )
        for source, amount in area.last_year_by_source.items():
            if amount and source not in area.sources:
                cell = record.origin.cell(Family.SOURCE.heading(source))
                self.problems.say(NotCounted(cell, amount, name, source))
        self.areas.append(area)
        self.by_fold[fold(name)] = area
        self._records[name] = record
        for group in area.groups:
            _shown, members = self.groups.setdefault(fold(group), (group, []))
            if name not in members:
                members.append(name)

    def _check_own_name(self, name: str, origin: Origin) -> None:
        if is_total(name):
            self.problems.at(origin, "Area", f'"{name}": is this a total row? remove it; totals are computed')
        elif _is_reserved(name):
            self.problems.at(origin, "Area", f'"{name}" means something else in Rules; give the area another name')

    def _sources_of(self, record: Record, sources: Sequence[Source]) -> tuple[str, ...]:
        typed = record.get("Sources", tuple)
        if typed is None:
            return tuple(source.name for source in sources)
        named = {self.source_named(name, record.origin, "Sources") for name in typed}
        return tuple(source.name for source in sources if source.name in named)

    def source_named(self, typed: str, origin: Origin, heading: str, words: Sequence[str] = ()) -> str | None:
        """Return the source of a name; report it where there is none, `words` being what else may stand there."""
        found = self.sources.get(fold(typed))
        if found is not None or self.may_be_source(typed) or not self.sources:
            return found
        if meant := separated(typed, {*self.sources, *words}):
            self.problems.unknown(origin, heading, tidy(typed), "source", f"names are separated by ; : type {meant}")
        else:
            known = [*self.sources.values(), *words]
            self.problems.unlisted(origin, heading, typed, "source", known, "type sources of the sheet Budget")
        return None

    def _proposed(self, record: Record) -> Mapping[int, Fraction]:
        found = {year: record.get(Family.PROPOSED.heading(year), Fraction) for year in self.years}
        plain_amount = record.get("Proposed", Fraction)
        if plain_amount is not None and len(self.years) == 1:
            found[self.years[0]] = plain_amount
        elif plain_amount is not None and self.years:
            first = Family.PROPOSED.heading(self.years[0])
            message = f'which year? head the column "{first}" (one for each year)'
            self.problems.at(record.origin, "Proposed", message)
        return {year: amount for year, amount in found.items() if amount is not None}

    def _resolve_parts(self) -> None:
        names = [area.name for area in self.areas]
        for index, area in enumerate(self.areas):
            if area.part_of is None:
                continue
            whole = self.by_fold.get(fold(area.part_of))
            if whole is None:
                self.problems.unlisted(
                    area.origin, "Part of", area.part_of, "area", names, "type an area of this sheet"
                )
            self._replace(index, replace(area, part_of=whole.name if whole else None))
        self._break_circles()
        for area in self.areas:
            if area.part_of is not None:
                self.parts.setdefault(area.part_of, []).append(area.name)
        for name in self.parts:
            self._check_whole(self.by_fold[fold(name)], self._records[name])

    def _replace(self, index: int, area: Area) -> None:
        self.areas[index] = area
        self.by_fold[fold(area.name)] = area

    def _break_circles(self) -> None:
        for index, area in enumerate(self.areas):
            seen, above = {area.name}, area.part_of
            while above is not None and above not in seen:
                seen.add(above)
                above = self.by_fold[fold(above)].part_of
            if above is not None:
                through = "" if area.part_of == area.name else f' (through "{area.part_of}")'
                message = f'"{area.name}" is a part of itself{through}; correct one of the rows'
                self.problems.at(area.origin, "Part of", message)
                self._replace(index, replace(area, part_of=None))

    def _check_whole(self, whole: Area, record: Record) -> None:
        for heading in ("Benefit", "Sources"):
            if record.has(heading):
                self.problems.at(
                    whole.origin,
                    heading,
                    f'"{whole.name}" has parts, so its money is theirs; clear the cell, give {heading} to the parts',
                )
        amounts = [self.by_fold[fold(leaf)].last_year for leaf in self.leaves(whole.name)]
        parts = sum((amount or Fraction(0) for amount in amounts), Fraction(0))
        if whole.last_year is not None and whole.last_year != parts:
            cell = whole.origin.cell("Last year")
            self.problems.say(LastYearNotUsed(cell, whole.last_year, whole.name, parts))

    def _check_names(self, sources: Sequence[Source]) -> None:
        for source in sources:
            if fold(source.name) in self.by_fold:
                self.problems.at(
                    self.by_fold[fold(source.name)].origin,
                    "Area",
                    f'"{source.name}" is also a source; rename one of them',
                )
            if _is_reserved(source.name) and not is_total(source.name):
                self.problems.at(
                    source.origin, "Source", f'"{source.name}" means something else in Rules; give it another name'
                )
        self._check_groups()
        taken = {fold(source.name): "a source" for source in sources} | dict.fromkeys(self.by_fold, "an area")
        for key, (group, members) in self.groups.items():
            origin = self.by_fold[fold(members[0])].origin
            if key in taken:
                self.problems.at(origin, "Group", f'"{group}" is also {taken[key]}; rename one of them')
            elif _is_reserved(group) or is_total(group):
                self.problems.at(origin, "Group", f'"{group}" means something else in Rules; give it another name')

    def _check_groups(self) -> None:
        """Report groups that are several, with a comma or a line break between them where a semicolon belongs."""
        for record in self._records.values():
            for group in record.get("Group", tuple) or ():
                if meant := separated(group, self.groups):
                    message = f'"{tidy(group)}" is one group; names are separated by ; : type {meant}'
                    self.problems.at(record.origin, "Group", message)

    # Look-ups

    def may_be_source(self, typed: str) -> bool:
        """Whether a name that no source bears may be that of a row of Budget which could not be read."""
        return not self.sources_read or fold(typed) in self.unclear

    def find(self, record: Record, heading: str = "Area") -> Area | None:
        """Return the area that a row of another table names; report it where there is none."""
        typed = record.text(heading)
        if not typed:
            return None
        area = self.by_fold.get(fold(typed))
        if area is None and record.values.keys() | record.unreadable == {heading}:
            self.problems.at(record.origin, heading, alone(typed, "name an area of the sheet Areas"))
        elif area is None and self.areas and self.all_read:  # where an area could not be read, that is the problem
            names = (area.name for area in self.areas)
            self.problems.unlisted(record.origin, heading, typed, "area", names, "type an area of the sheet Areas")
        return area

    def holds_name_alone(self, name: str) -> bool:
        """Whether the area's row has nothing but its name, as a title or a note has."""
        return set(self._records[name].values) == {"Area"}

    def has_parts(self, area: Area) -> bool:
        """Whether `area` is the sum of others."""
        return area.name in self.parts

    def leaves(self, name: str) -> tuple[str, ...]:
        """Return the areas without parts that `name` comprises."""
        return tuple(leaf for part in self.parts.get(name, ()) for leaf in self.leaves(part)) or (name,)

    def in_order(self, names: set[str]) -> tuple[str, ...]:
        """Return `names` in the order of the Areas sheet."""
        return tuple(area.name for area in self.areas if area.name in names)

    # Limits

    def limits(self, records: Sequence[Record]) -> dict[tuple[str, int], Limits]:
        """Return each area's limits in each year: those of Areas, replaced by those of Limits where filled."""
        found = {
            (area.name, year): base
            for area in self.areas
            if (base := _limits(self._records[area.name], Limits())) != Limits()
            for year in self.years
        }
        named: dict[tuple[str, int], Origin] = {}
        for record in records:
            area = self.find(record)
            if area is None or "Years" in record.unreadable:
                continue
            twice: list[int] = []
            for year in self._years(record, "Years"):
                if (area.name, year) in named:
                    twice.append(year)
                    continue
                named[area.name, year] = record.origin
                found[area.name, year] = _limits(record, found.get((area.name, year), Limits()))
            if twice:
                years = ", ".join(map(str, twice))
                rows = ", ".join(str(row) for row in sorted({named[area.name, year].row for year in twice}))
                message = f'two rows for "{area.name}" in {years} (also row {rows}); put them into one'
                self.problems.at(record.origin, "Area", message)
        for limits in found.values():
            self._check_limits(limits)
        return {pair: limits for pair, limits in found.items() if limits.cells}

    def _years(self, record: Record, heading: str) -> tuple[int, ...]:
        typed = record.get(heading, tuple)
        if typed is None:
            return tuple(self.years)
        years, together = typed
        if together:
            self.problems.at(record.origin, heading, 'limits and bands hold year by year; leave out "together"')
        return tuple(years)

    def _check_limits(self, limits: Limits) -> None:
        pairs: list[tuple[str, str, str, Callable[[Fraction], str]]] = [
            ("Minimum", "minimum", "maximum", plain),
            ("Minimum share", "minimum_share", "maximum_share", percent),
        ]
        for heading, lower, upper, show in pairs:
            low, high = getattr(limits, lower), getattr(limits, upper)
            if low is not None and high is not None and low > high:
                form = "the minimum {} is above the maximum {} ({}); lower one or raise the other"
                said = Said(form, show(low), show(high), str(limits.cells[upper]))
                self.problems.add(limits.cells[lower], said, heading)

    # Bands

    def bands(self, records: Sequence[Record]) -> dict[tuple[str, int], tuple[Band, ...]]:
        """Return the bands of each area and year: the rows that name the year, or else those without Years."""
        rows: dict[str, list[Record]] = {}
        for record in records:
            area = self.find(record)
            if area is None:
                continue
            if self.has_parts(area):
                self.problems.at(record.origin, "Area", f'"{area.name}" has parts; give bands to the parts instead')
            elif "Years" not in record.unreadable:
                rows.setdefault(area.name, []).append(record)
        found = {}
        for name, own in rows.items():
            stacks: dict[tuple[int, ...], tuple[Band, ...]] = {}  # most years have the same bands
            for year in self.years:
                named = [r for r in own if r.has("Years") and year in self._years(r, "Years")]
                chosen = named or [r for r in own if not r.has("Years")]
                rows_of = tuple(record.origin.row for record in chosen)
                if chosen and rows_of not in stacks:
                    stacks[rows_of] = self._stack(self.by_fold[fold(name)], chosen)
                if chosen:
                    found[name, year] = stacks[rows_of]
        return found

    def _stack(self, area: Area, records: Sequence[Record]) -> tuple[Band, ...]:
        bands: list[Band] = []
        start = Fraction(0)
        for number, record in enumerate(records, 1):
            benefit = record.get("Benefit", Fraction)
            end, readable = self._end(area, record)
            if benefit is None or not readable:
                return ()
            heading = "Up to, of last year"
            if record.has("Up to") or heading not in record.origin.columns or not record.has(heading):
                heading = "Up to" if "Up to" in record.origin.columns else heading
            if end is None and record is not records[-1]:
                self.problems.at(record.origin, heading, "only the last band may have no end; type where this one ends")
                return ()
            if end is not None and end <= start:
                message = Said("the first band ends at {}; type an end above 0", plain(end))
                if bands:
                    message = Said(
                        "the band ends at {}, but starts at {}, where the row above it ends; type an end above that, "
                        "or a smaller one in {}",
                        *(plain(end), plain(start), str(bands[-1].origin.cell(heading))),
                    )
                self.problems.at(record.origin, heading, message)
                return ()
            if bands and benefit > bands[-1].benefit:
                self._rising(record, benefit, bands[-1].benefit)
            bands.append(Band(start, end, benefit, number, record.origin))
            start = end or start
        return tuple(bands)

    def _end(self, area: Area, record: Record) -> tuple[Fraction | None, bool]:
        """Return where a band ends (None: no end), and whether that could be read."""
        amount, part = record.get("Up to", Fraction), record.get("Up to, of last year", Fraction)
        if amount is not None and part is not None:
            self.problems.at(record.origin, "Up to, of last year", "the band has two ends; clear this cell, or Up to")
        if {"Up to", "Up to, of last year"} & record.unreadable:
            return None, False
        if part is None:
            return amount, True
        if area.last_year is None:
            why = f"a band ({record.origin.cell('Up to, of last year')}) ends at a percentage of it"
            self.problems.lacks(area.origin, "Last year", why)
            return None, False
        return part * area.last_year, True

    def _rising(self, record: Record, benefit: Fraction, before: Fraction) -> None:
        self.problems.at(
            record.origin,
            "Benefit",
            Said(
                "the benefit rises from {0} to {1}, so the plan (a linear programme) would fill this band before the "
                "one above it; type {0} or less",
                *(plain(before), plain(benefit)),
            ),
        )


def _is_reserved(name: str) -> bool:
    """Whether a name means something else where Rules name areas, groups and sources."""
    return fold(name) in _RESERVED or fold(name).startswith((EVERY_AREA_IN, "place:"))


def _by_source(record: Record) -> dict[str, Fraction]:
    by_member = ((Family.SOURCE.member(heading), value) for heading, value in record.values.items())
    return {source: value for source, value in by_member if source is not None and isinstance(value, Fraction)}


def _assignment(record: Record) -> Assignment:
    headings = ("Lead agency", "Coordinating agency", "Responsible", "Start", "Completion", "Output")
    return Assignment(*(record.text(heading) for heading in headings))


def _limits(record: Record, below: Limits) -> Limits:
    """Return `below` with the limits that a row fills in."""
    values = {field: getattr(below, field) for field in LIMIT_KINDS}
    cells: dict[str, Cell] = dict(below.cells)
    for field, limit in LIMIT_KINDS.items():
        typed = record.values.get(limit.heading)
        if isinstance(typed, Lifted):
            values[field] = None
            cells.pop(field, None)
        elif isinstance(typed, Fraction):
            values[field] = typed
            cells[field] = record.origin.cell(limit.heading)
    return Limits(**values, cells=cells)


def check_reach(scenario: Scenario, problems: Problems) -> None:
    """Say which limits can't matter or can't be kept whatever the plan."""
    carried = any(scenario.source[name].carry_over for name in scenario.budget_sources)
    for (area, _), limits in scenario.limits.items():
        if limits.maximum_share is not None and limits.maximum_share > 1:
            cell = limits.cells["maximum_share"]
            problems.say(LooseMaximum(cell, limits.maximum_share, area))
        if limits.minimum_share is not None and limits.minimum_share > 1 and not carried:
            problems.add(
                limits.cells["minimum_share"],
                Said(MORE_THAN_ALL, percent(limits.minimum_share)),
                "Minimum share",
            )
