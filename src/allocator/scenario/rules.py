"""What the plan must keep and is to reach: the sheets Rules, Indicators and Effects, and whether they lack figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from allocator.scenario import cells
from allocator.scenario.areas import MORE_THAN_ALL, Areas
from allocator.scenario.bases import BASES, Basis
from allocator.scenario.cells import (
    Said,
    fold,
    is_total,
    nearest,
    percent,
    plain,
    separated,
    suggestion,
    tidy,
    unaccented,
)
from allocator.scenario.model import Effect, Indicator, Operator, Rule, Scenario, Strength, Subject, Target
from allocator.scenario.problems import AreasLeftOut, BasisSourceNotUsed, LooseRule, NoAreaLeft, Problems
from allocator.scenario.records import Record
from allocator.scenario.schema import (
    ALL,
    BASES_MEANT,
    BASIS_WORDS,
    BUDGET,
    EVERY_AREA,
    EVERY_AREA_IN,
    TABLES,
    TOTAL,
    TOTAL_MEANT,
    Family,
)

_KINDS = {fold(kind.word): kind for kind in BASES if kind.word}
_NAMED = next(kind for kind in BASES if not kind.word)
_OR_NO_AREA = " (if the row is a title or a note, remove it)"


class Rules:
    """Reads rules against the rest of the scenario."""

    def __init__(self, scenario: Scenario, areas: Areas, problems: Problems) -> None:
        self.scenario = scenario
        self.areas = areas
        self.problems = problems

    def read(self, records: Sequence[Record]) -> tuple[Rule, ...]:
        """Return the rules in the sheet's order; those that can't be understood are reported and left out."""
        rules: dict[str, Rule] = {}
        for record in records:
            rule = self._rule(record)
            if rule is None:
                continue
            if first := rules.get(fold(rule.name)):
                self.problems.twice(record.origin, "Rule", rule.name, first.origin, "rename one")
            rules[fold(rule.name)] = rule
        return tuple(rules.values())

    def _rule(self, record: Record) -> Rule | None:
        subjects = self._subjects(record)
        kind = self._basis_kind(record)
        counted = self._sources(record, "Source", _counted(kind))
        basis = self._basis(record, kind, counted)
        operator, value = record.get("Operator", Operator), record.get("Value", Fraction)
        named = record.get("Years", tuple)
        years, together = named if named is not None else (self.scenario.years, False)
        strength = record.get("Strength", Strength) or Strength()
        if basis is not None and not record.has("Value"):
            # an area or group that sounds like amount: the reader of the cell left open what Value means
            message = f'type it as a percentage with its sign, or rename "{basis.name}", which sounds like amount'
            self.problems.at(record.origin, "Value", message)
        complete = record.text("Rule") and subjects and counted and basis and operator and value is not None
        if not complete or record.unreadable or basis is None or operator is None or value is None:
            return None
        each = fold(record.text("Area")).startswith(EVERY_AREA)
        rule = Rule(
            name=record.text("Rule"),
            subjects=self._payable(record, subjects, counted, basis) if each else subjects,
            each=each,
            sources=counted,
            counted="; ".join(map(tidy, record.get("Source", tuple) or (_counted(kind),))),
            operator=operator,
            value=value,
            basis=basis,
            years=tuple(years),
            together=together,
            strength=strength,
            origin=record.origin,
        )
        self._check(rule)
        return rule

    # Subjects

    def _subjects(self, record: Record) -> tuple[Subject, ...]:
        typed = record.text("Area")
        folded = fold(typed)
        leaves = [area.name for area in self.areas.areas if not self.areas.has_parts(area)]
        if not typed:
            return ()
        if folded == TOTAL:
            return (Subject(TOTAL, tuple(leaves)),)
        if folded == EVERY_AREA:
            return tuple(Subject(name, (name,)) for name in leaves)
        if folded.startswith(EVERY_AREA_IN):
            members = self._group(folded.removeprefix(EVERY_AREA_IN))
            if members is None:
                self._unknown(record, "Area", typed[len(EVERY_AREA_IN) :], groups_only=True)
            return tuple(Subject(name, (name,)) for name in members or ())
        found = self._named(folded)
        if found is None:
            self._unknown(record, "Area", typed)
            return ()
        return (Subject(*found),)

    def _group(self, folded: str) -> tuple[str, ...] | None:
        """Return the areas without parts that a group comprises, each once."""
        group = self.areas.groups.get(folded)
        if group is None:
            return None
        return self.areas.in_order({leaf for member in group[1] for leaf in self.areas.leaves(member)})

    def _named(self, folded: str) -> tuple[str, tuple[str, ...]] | None:
        """Return name and areas without parts of an area or a group."""
        if area := self.areas.by_fold.get(folded):
            return area.name, self.areas.leaves(area.name)
        members = self._group(folded)
        return None if members is None else (self.areas.groups[folded][0], members)

    def _unknown(self, record: Record, heading: str, typed: str, *, groups_only: bool = False) -> None:
        if not self.areas.areas or not self.areas.all_read or "Areas" in self.problems.hidden_headings:
            return  # where an area or the groups could not be read, that is the problem
        groups = [shown for shown, _ in self.areas.groups.values()]
        names = groups if groups_only else [area.name for area in self.areas.areas] + groups
        words = [] if groups_only else [TOTAL, EVERY_AREA] if heading == "Area" else list(BASIS_WORDS)
        what = "group" if groups_only else "area or group"
        if not groups_only and separated(typed.replace(";", ","), {*self.areas.by_fold, *self.areas.groups}):
            advice = "give them a Group of their own and name that, or a row each"
            self.problems.at(record.origin, heading, f'"{typed}" is several areas, and a rule names one; {advice}')
            return
        meant = BASES_MEANT.get(fold(typed)) if heading == "Basis" else _subject_meant(record.text("Area"), groups)
        if meant:
            ending = f'did you mean "{meant}"?'
        else:
            ending = suggestion(typed, names + words, f"type a{'n' * (what[0] == 'a')} {what} of the sheet Areas")
        self.problems.unknown(record.origin, heading, typed, what, ending)

    def _payable(
        self, record: Record, subjects: tuple[Subject, ...], counted: tuple[str, ...], basis: Basis
    ) -> tuple[Subject, ...]:
        """Leave out of `every area` the basis area and areas that none of the counted sources may pay."""
        own = set(basis.areas) if fold(basis.name) in self.areas.by_fold else set()
        unpaid = [
            subject.name
            for subject in subjects
            if not set(self.areas.by_fold[fold(subject.name)].sources) & set(counted)
        ]
        if unpaid:
            self.problems.say(AreasLeftOut(record.origin.cell("Area"), record.text("Rule"), tuple(unpaid)))
        kept = tuple(s for s in subjects if s.name not in own and s.name not in unpaid)
        if not kept:
            self.problems.say(NoAreaLeft(record.origin.cell("Area"), record.text("Rule")))
        return kept

    # Money that counts, bases

    def _sources(self, record: Record, heading: str, default: str) -> tuple[str, ...]:
        typed = record.get(heading, tuple) or (default,)
        named: set[str] = set()
        for name in typed:
            if fold(name) == ALL:
                named.update(self.scenario.source)
            elif fold(name) == BUDGET:
                named.update(self.scenario.budget_sources)
            elif found := self.areas.source_named(name, record.origin, heading, (BUDGET, ALL)):
                named.add(found)
            elif self.areas.may_be_source(name):
                return ()
        return tuple(name for name in self.scenario.source if name in named)

    def _basis_kind(self, record: Record) -> type[Basis] | None:
        typed = fold(record.text("Basis"))
        return _KINDS.get(typed) or (_NAMED if typed else None)

    def _basis(self, record: Record, kind: type[Basis] | None, counted: tuple[str, ...]) -> Basis | None:
        if kind is None:
            return None
        sources = self._sources(record, "Basis source", ALL) if record.has("Basis source") else counted
        if kind.of_share and record.has("Basis source"):
            self.problems.at(
                record.origin, "Basis source", "shares of two years compare the same money; leave it blank"
            )
        if not kind.percent and record.has("Basis source"):
            self.problems.say(BasisSourceNotUsed(record.origin.cell("Basis source"), kind.word))
        if kind is not _NAMED:
            return kind(sources)
        found = self._named(fold(record.text("Basis")))
        if found is None:
            self._unknown(record, "Basis", record.text("Basis"))
            return None
        return kind(sources, *found)

    # Figures that a rule needs

    def _check(self, rule: Rule) -> None:
        if rule.together and rule.basis.looks_back:
            self.problems.at(
                rule.origin,
                "Years",
                '"together" has no meaning where a year is compared with the one before; type the years alone',
            )
        self._check_reach(rule)
        if not rule.basis.looks_back or rule.strength.kind == "off":
            return
        years = self.scenario.years
        if years and any(year - rule.basis.looks_back < years[0] for year in rule.years):
            self._check_last_year(rule)
        if rule.basis.of_share:
            self._check_budgets(rule)

    def _check_reach(self, rule: Rule) -> None:
        """Report shares of the budget that no plan can reach, or that limit nothing."""
        if not rule.basis.whole or rule.value <= 1 or rule.strength.kind == "off":
            return
        if rule.operator.upper:
            self.problems.say(LooseRule(rule.origin.cell("Value"), rule.value, rule.name))
        elif rule.basis.sources == rule.sources and not any(
            self.scenario.source[name].carry_over for name in rule.sources
        ):
            self.problems.at(rule.origin, "Value", Said(MORE_THAN_ALL, percent(rule.value)))

    def _check_last_year(self, rule: Rule) -> None:
        # `last year` counts the basis sources' money a year before; the other bases the rule's own
        sources = rule.basis.sources
        missing = [
            (self.areas.by_fold[fold(name)].origin, heading, _OR_NO_AREA if self.areas.holds_name_alone(name) else "")
            for name in self.areas.in_order({leaf for subject in rule.subjects for leaf in subject.areas})
            for heading in missing_last_year(self.scenario, name, sources)
        ]
        if rule.basis.of_share:
            funds = [self.scenario.source[name] for name in sources]
            missing += [(fund.origin, "Last year", "") for fund in funds if fund.last_year is None]
        for origin, heading, hint in missing:
            self.problems.lacks(origin, heading, _looks_back(rule), hint)

    def _check_budgets(self, rule: Rule) -> None:
        years = self.scenario.years
        compared = dict.fromkeys((year, year - n) for year in rule.years for n in range(1, rule.basis.looks_back + 1))
        for year, then in compared:
            first = not years or then == years[0] - 1
            amounts = [
                self.scenario.source[name].last_year if first else self.scenario.source[name].available.get(then)
                for name in rule.sources
            ]
            if all(amount is not None for amount in amounts) and not sum(a or 0 for a in amounts):
                heading = "Last year" if first else str(then)
                origin = self.scenario.source[rule.sources[0]].origin
                message = f"the budget of {'last year' if first else then} is 0, so no area had a share of it"
                action = f"type the amount, or leave {year} out of the rule's Years"
                self.problems.follow_up(origin, heading, f"{message}, but {_looks_back(rule)}; {action}")


_EACH_MEANT = re.compile(
    r"(?:(?:for |in )?(?:each|all|any|every|every single)(?: of)?(?: the| cac)? ?(?:areas?|sectors?|fields?|one)?"
    r"|(?:the )?(?:areas|sectors)|(?:moi|tung|cac|tat ca|tat ca cac|toan bo)(?: cac)? (?:linh vuc|nganh))"
    r"(?: (?:in|of|within|under|from|trong|thuoc|cua) (?:the )?(?:group |nhom )?(?P<group>.+))?"
)
"""Other ways of naming every area, without accents."""


def _subject_meant(typed: str, groups: Iterable[str]) -> str | None:
    """Return the words that a rule's Area most likely means; None where it is none of them.

    >>> _subject_meant("mỗi lĩnh vực", []), _subject_meant("all areas in people", ["People"]), _subject_meant("all", [])
    ('every area', 'every area in People', 'total')
    """
    plainly = unaccented(typed).strip(".:*")
    if plainly in TOTAL_MEANT or is_total(typed):
        return TOTAL
    found = _EACH_MEANT.fullmatch(plainly)
    if found is None or found["group"] is None:
        return EVERY_AREA if found else None
    group = nearest(found["group"], groups)
    return f"{EVERY_AREA_IN}{group}" if group else None


def _counted(kind: type[Basis] | None) -> str:
    """Return the sources that count where Source is blank."""
    return ALL if kind is not None and not kind.percent else BUDGET


def _looks_back(rule: Rule) -> str:
    return f'the rule "{rule.name}" ({rule.origin.cell("Rule")}) compares with it'


def missing_last_year(scenario: Scenario, name: str, sources: tuple[str, ...]) -> list[str]:
    """Return the headings of Areas that must be filled to know what `name` got from `sources` last year."""
    area = scenario.area[name]
    if sources == scenario.budget_sources:
        return ["Last year"] if area.last_year is None else []
    missing = []
    for source in sources:
        alone = scenario.budget_sources == (source,)
        known = source in area.last_year_by_source or (alone and area.last_year is not None)
        if not known and source in area.sources:
            missing.append("Last year" if alone else Family.SOURCE.heading(source))
    return missing


def last_year_amount(scenario: Scenario, name: str, sources: tuple[str, ...]) -> Fraction:
    """Return what `name` (without parts) got from `sources` in the year before the first.

    Last year serves where the sources are all those of Kind `budget`; otherwise the columns ``Last year: SOURCE``,
    which count 0 where a source may not pay for the area.
    """
    area = scenario.area[name]
    if sources == scenario.budget_sources:
        return area.last_year or Fraction(0)
    total = Fraction(0)
    for source in sources:
        if source in area.sources:
            alone = area.last_year if scenario.budget_sources == (source,) else None
            total += area.last_year_by_source.get(source, alone or Fraction(0))
    return total


# ---- Indicators and effects -----------------------------------------------------------------------------------------


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
        listed = (indicator.name for indicator in known.values())
        expected = "type an indicator of the sheet Indicators"
        problems.unlisted(record.origin, "Indicator", typed, "indicator", listed, expected)
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
