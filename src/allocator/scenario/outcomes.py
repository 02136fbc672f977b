"""Indicators with their targets, and the effects of money on them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from allocator.scenario import cells
from allocator.scenario.areas import Areas
from allocator.scenario.cells import fold, plain, suggestion
from allocator.scenario.families import Family
from allocator.scenario.model import Effect, Indicator, Operator, Strength, Target
from allocator.scenario.problems import Problems
from allocator.scenario.records import Record
from allocator.scenario.said import Said
from allocator.scenario.tables import TABLES

_TAKEN = {fold(column.name) for table in TABLES for column in table.columns} | {"benefit", "spending"}
_POINTS = ("Spending 1", "Result 1", "Spending 2", "Result 2")
_ONCE = ("Baseline", "Counts", "Measured from", "Weight")


def indicators(records: Sequence[Record], years: Sequence[int], problems: Problems) -> tuple[Indicator, ...]:
    """Return the indicators; rows of one name are one indicator with several targets."""
    rows: dict[str, list[Record]] = {}
    for record in records:
        if name := record.text("Indicator"):
            made_up = cells.year(name) or Family.SOURCE.has(name) or Family.PROPOSED.has(name)
            if fold(name) in _TAKEN or made_up:
                message = f'"{name}" is a heading or keyword of these tables; give the indicator another name'
                problems.at(record.origin, "Indicator", message)
            rows.setdefault(fold(name), []).append(record)
    return tuple(_indicator(own, years, problems) for own in rows.values())


def _indicator(records: Sequence[Record], years: Sequence[int], problems: Problems) -> Indicator:
    once = {heading: _shared(records, heading, problems) for heading in _ONCE}
    first = records[0]
    yearly = once["Counts"] == "year"
    baseline, weight = once["Baseline"], once["Weight"]
    return Indicator(
        name=first.text("Indicator"),
        unit=next(filter(None, (record.text("Unit") for record in records)), ""),
        baseline=baseline if isinstance(baseline, Fraction) else Fraction(0),
        yearly=yearly,
        from_last_year=once["Measured from"] == "last year",
        weight=weight if isinstance(weight, Fraction) else Fraction(0),
        reference=next((r.values["Reference"] for r in records if "Reference" in r.values), None),  # type: ignore[arg-type]
        targets=tuple(_target(record, years, yearly, problems) for record in records),
        origin=first.origin,
    )


def _shared(records: Sequence[Record], heading: str, problems: Problems) -> object:
    """Return what all rows of an indicator agree on; blank in some of them is no disagreement."""
    first: Record | None = None
    for record in records:
        if heading not in record.values:
            continue
        if first is not None and record.values[heading] != first.values[heading]:
            problems.at(
                record.origin,
                heading,
                Said(
                    "{} has {} here, but {} in row {}; type it once, or the same in each row",
                    *(f'"{record.text("Indicator")}"', _shown(record.values[heading])),
                    *(_shown(first.values[heading]), first.origin.row),
                ),
            )
        first = first or record
    return first.values[heading] if first else None


def _shown(value: object) -> str:
    return plain(value) if isinstance(value, Fraction) else f'"{value}"'


def _target(record: Record, years: Sequence[int], yearly: bool, problems: Problems) -> Target:
    operator, value = record.get("Operator", Operator), record.get("Target", Fraction)
    if value is not None and operator is None and "Operator" not in record.unreadable:
        problems.at(record.origin, "Operator", "is blank, but there is a Target; type >=, <=, =, > or <")
    named = record.get("Year", tuple)
    chosen = tuple(years) if yearly else tuple(years[-1:])
    if named is not None:
        chosen, together = named
        if together:
            problems.at(record.origin, "Year", '"together" has no meaning here; name the years alone')
    return Target(
        operator=operator if value is not None else None,
        value=value,
        years=chosen,
        strength=record.get("Strength", Strength) or Strength(),
        origin=record.origin,
    )


def effects(
    records: Sequence[Record], areas: Areas, known: Sequence[Indicator], problems: Problems
) -> dict[str, dict[str, Effect]]:
    """Return indicator → area → effect, from the matrix or the long form; zero effects are left out."""
    found: dict[str, dict[str, Effect]] = {indicator.name: {} for indicator in known}
    seen: dict[tuple[str, str], int] = {}
    by_fold = {fold(indicator.name): indicator for indicator in known}
    for record in records:
        area = areas.find(record)
        if area is None:
            continue
        if areas.has_parts(area):
            problems.at(record.origin, "Area", f'"{area.name}" has parts; give effects to the parts instead')
            continue
        twice: dict[str, int] = {}
        for name, heading, value in _values(record, by_fold, problems):
            if first := seen.get((area.name, name)):
                twice[name] = first
                continue
            seen[area.name, name] = record.origin.row
            if value:
                found[name][area.name] = Effect(value, record.origin.cell(heading), record.origin)
        if twice:
            pairs = ", ".join(f'"{name}"' for name in twice)
            form = "{} has two effects on {} (also in row {}); remove one"
            message = Said(form, f'"{area.name}"', pairs, max(twice.values()))
            problems.at(record.origin, "Area", message)
    _check_last_year(found, areas, known, problems)
    return {name: own for name, own in found.items() if own}


def _values(record: Record, known: dict[str, Indicator], problems: Problems) -> list[tuple[str, str, Fraction]]:
    """Return a row's effects as (indicator, heading, effect)."""
    if "Indicator" not in record.origin.columns:
        for heading in filter(record.has, ("Effect", "Cost per unit", *_POINTS)):
            problems.at(record.origin, heading, f"{heading} of what? add the column Indicator, and name it in each row")
        names = {indicator.name for indicator in known.values()}
        return [(name, name, v) for name, v in record.values.items() if name in names and isinstance(v, Fraction)]
    typed = record.text("Indicator")
    indicator = known.get(fold(typed))
    if indicator is None and typed and "Indicators" in problems.hidden_headings:
        return []  # it may be one of those that could not be read
    if indicator is None and typed:
        ending = suggestion(typed, [i.name for i in known.values()], "type an indicator of the sheet Indicators")
        problems.unknown(record.origin, "Indicator", typed, "indicator", ending)
    elif indicator is None:
        problems.at(record.origin, "Indicator", "is blank; type the indicator's name")
    if indicator is None:
        return []
    found = _long_value(record, problems)
    return [] if found is None else [(indicator.name, *found)]


def _long_value(record: Record, problems: Problems) -> tuple[str, Fraction] | None:
    """Return the heading and the effect that a row of the long form gives in one of its three ways."""
    points = [heading for heading in _POINTS if record.has(heading)]
    ways = [heading for heading in ("Effect", "Cost per unit") if record.has(heading)] + points[:1]
    if len(ways) != 1:
        problems.at(
            record.origin,
            ways[1] if ways else "Effect",
            f"{'the row has two effects' if ways else 'the row has no effect'}; give one of: Effect; Cost per unit; "
            "or two points (Spending 1, Result 1, Spending 2, Result 2)",
        )
        return None
    if ways[0] == "Effect":
        effect = record.get("Effect", Fraction)
        return None if effect is None else ("Effect", effect)
    if ways[0] == "Cost per unit":
        return _by_cost(record, problems)
    return _by_points(record, problems)


def _by_cost(record: Record, problems: Problems) -> tuple[str, Fraction] | None:
    cost = record.get("Cost per unit", Fraction)
    if cost == 0:
        problems.at(record.origin, "Cost per unit", "0 would buy any number of units; type the money for one unit")
    return ("Cost per unit", 1 / cost) if cost else None


def _by_points(record: Record, problems: Problems) -> tuple[str, Fraction] | None:
    for heading in _POINTS:
        if not record.has(heading):
            problems.at(record.origin, heading, "is blank; two points need all four figures: type it")
    values = [record.get(heading, Fraction) for heading in _POINTS]
    s1, r1, s2, r2 = values
    if s1 is None or r1 is None or s2 is None or r2 is None:
        return None
    if s1 == s2:
        problems.at(record.origin, "Spending 2", Said("is {} like Spending 1; type two that differ", plain(s2)))
        return None
    return "Result 2", (r2 - r1) / (s2 - s1)


def _check_last_year(
    found: dict[str, dict[str, Effect]], areas: Areas, known: Sequence[Indicator], problems: Problems
) -> None:
    """Ask for Last year where an indicator is measured from it."""
    for indicator in known:
        if not indicator.from_last_year:
            continue
        for name, effect in found[indicator.name].items():
            area = areas.by_fold[fold(name)]
            if area.last_year is None:
                why = f'the indicator "{indicator.name}" is measured from it ({effect.cell})'
                problems.lacks(area.origin, "Last year", why)
