"""What the plan is better than: the proposed draft, and last year scaled to the budget, each valued and checked.

Both say what areas are to get; where several sources may pay, the split is chosen in their favour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction

from allocator.analyses.valuation import Valuation, valuation
from allocator.programme.build import Programme
from allocator.programme.dividing import AreaSum, Divided, divided, in_units
from allocator.programme.rows import ZERO, Key, total
from allocator.scenario.model import Area, Scenario, Source, SourceKind

PROPOSED, PRO_RATA = "Proposed", "Pro rata"


class GeneralNote(Enum):
    """What is assumed without any figure."""

    IN_FAVOUR = auto()
    """Where several sources may pay, the split breaks as little as possible."""
    IN_PROPORTION = auto()
    """Where several sources may pay, the split follows what they make available."""
    NOT_ROUNDED = auto()
    """Amounts are not in whole steps, so that they keep last year's shares exactly."""


@dataclass(frozen=True)
class NoDraft:
    """Areas without a draft in a year: they count as 0."""

    areas: tuple[str, ...]
    year: int


@dataclass(frozen=True)
class OtherYears:
    """Years without any draft: the plan's own amounts stand there."""

    years: tuple[int, ...]


@dataclass(frozen=True)
class PartsCount:
    """The drafts of an area's parts don't add up to its own: the parts count."""

    area: str
    year: int
    parts: Fraction
    own: Fraction


@dataclass(frozen=True)
class DraftDivided:
    """An area's draft is divided among its parts: in proportion to Last year, or equally."""

    area: str
    parts: tuple[str, ...]
    by_last_year: bool


@dataclass(frozen=True)
class NoLastYear:
    """Areas whose Last year is blank: they count as 0."""

    areas: tuple[str, ...]


@dataclass(frozen=True)
class BudgetOnly:
    """Other sources whose money of last year isn't given are left out."""

    sources: tuple[str, ...]


type Note = GeneralNote | NoDraft | OtherYears | PartsCount | DraftDivided | NoLastYear | BudgetOnly
"""What was assumed."""


class Caveat(Enum):
    """What an alternative lacks."""

    NOTHING_FOR_BLANKS = auto()
    """Areas without a draft have nothing."""
    ONLY_BUDGET = auto()
    """There is no other money in it."""


@dataclass(frozen=True)
class OnlyYears:
    """The years that it is for, where they are not all."""

    years: tuple[int, ...]


@dataclass(frozen=True)
class Alternative:
    """Another plan, valued under the scenario's own assumptions."""

    name: str
    """`PROPOSED` or `PRO_RATA`."""
    amounts: Mapping[Key, Fraction]
    """Those that are not 0; in the scenario's unit."""
    valuation: Valuation
    notes: tuple[Note, ...]
    """What was assumed."""
    caveats: tuple[Caveat | OnlyYears, ...] = ()
    """The most important of it, to stand behind its name; none where it is complete."""

    def amount(self, scenario: Scenario, area: str, year: int) -> Fraction:
        """Return what an area, with or without parts, gets in a year from all sources."""
        return total(self.amounts, scenario.parts[area], (year,), scenario.source)


def alternatives(programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction) -> tuple[Alternative, ...]:
    """Return what a plan is compared with: the draft, and last year scaled to the budget.

    Parameters
    ----------
    programme
        The scenario's.
    amounts
        The plan's, in the scenario's unit; a draft has them in years that it leaves out.
    step
        What the plan's amounts are multiples of; 0 where they are not rounded.

    Returns
    -------
    tuple of Alternative
        Those that the scenario gives; a blank draft counts as 0 where others of its year are filled, a blank Last year
        as 0. Amounts in the scenario's unit, in whole Steps.
    """
    return tuple(filter(None, (_proposed(programme, amounts, step), _pro_rata(programme))))


def _alternative(
    name: str,
    programme: Programme,
    sums: Sequence[AreaSum],
    step: Fraction,
    notes: Sequence[Note],
    caveats: tuple[Caveat | OnlyYears, ...],
) -> Alternative:
    found = divided(programme, sums, step)
    amounts = {key: amount for key, amount in found.amounts.items() if amount}
    valued = valuation(programme, amounts, found.step)
    return Alternative(name, amounts, valued, (*notes, *_split_note(found)), caveats)


def _split_note(found: Divided) -> tuple[GeneralNote, ...]:
    if not found.chosen:
        return ()
    return (GeneralNote.IN_FAVOUR if found.sought else GeneralNote.IN_PROPORTION,)


# -- the draft -------------------------------------------------------------------------------------------------------


def _proposed(programme: Programme, planned: Mapping[Key, Fraction], step: Fraction) -> Alternative | None:
    """Return the draft: Proposed where it is given, in years without any the plan's own amounts."""
    scenario = programme.scenario
    years = [year for year in scenario.years if any(year in area.proposed for area in scenario.areas)]
    if not years:
        return None
    notes: list[Note] = []
    sums: list[AreaSum] = []
    blank = False
    for year in years:
        draft = _Draft(scenario, year)
        amounts = draft.amounts()
        blank = blank or draft.blank
        notes += (note for note in draft.notes if note not in notes)
        sums += (AreaSum(area.name, year, area.sources, amounts[area.name]) for area in scenario.leaves)
    others = [year for year in scenario.years if year not in years]
    if others:
        notes.insert(0, OtherYears(tuple(others)))
        decided = ((key, amount) for key, amount in planned.items() if key.year in others and amount)
        sums += (AreaSum(key.area, key.year, (key.source,), amount) for key, amount in decided)
    caveats: list[Caveat | OnlyYears] = [Caveat.NOTHING_FOR_BLANKS] if blank else []
    caveats += [OnlyYears(tuple(years))] if others else []
    return _alternative(PROPOSED, programme, sums, step, notes, tuple(caveats))


class _Draft:
    """One year of the draft, for areas without parts."""

    def __init__(self, scenario: Scenario, year: int) -> None:
        self.scenario, self.year = scenario, year
        self.given = {area.name: area.proposed[year] for area in scenario.areas if year in area.proposed}
        self.notes: list[Note] = []
        self.blank = False
        """Whether some area has no draft, once `amounts` was asked."""

    def amounts(self) -> Mapping[str, Fraction]:
        """Return each area's amount; what is given for an area alone is divided among its parts."""
        scenario = self.scenario
        found = {area.name: self.given[area.name] for area in scenario.leaves if area.name in self.given}
        wholes = [area for area in scenario.areas if area.name in self.given and self._has_parts(area)]
        for area in sorted(wholes, key=lambda area: len(scenario.parts[area.name])):  # the innermost first
            found |= self._parts(area, found)
        blank = [area.name for area in scenario.leaves if area.name not in found]
        self.blank = bool(blank)
        if blank:
            self.notes.append(NoDraft(tuple(blank), self.year))
        return dict.fromkeys((area.name for area in scenario.leaves), ZERO) | found

    def _has_parts(self, area: Area) -> bool:
        return self.scenario.parts[area.name] != (area.name,)

    def _parts(self, area: Area, found: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
        """Return the amounts of an area's parts that have none yet: what its own draft leaves for them."""
        parts = self.scenario.parts[area.name]
        known = sum((found[part] for part in parts if part in found), ZERO)
        left, blank = self.given[area.name] - known, [part for part in parts if part not in found]
        if not blank or left < 0:
            if left:
                self.notes.append(PartsCount(area.name, self.year, known, self.given[area.name]))
            return dict.fromkeys(blank, ZERO)
        weights = [self.scenario.area[part].last_year for part in blank]
        last = [weight for weight in weights if weight is not None]
        by_last_year = len(last) == len(weights) and any(last)
        if len(blank) > 1:
            self.notes.append(DraftDivided(area.name, tuple(blank), by_last_year))
        shares = last if by_last_year else [Fraction(1)] * len(blank)
        exact = [left * share / sum(shares) for share in shares]
        return dict(zip(blank, in_units(exact, left, self.scenario.step), strict=True))


# -- last year scaled to the budget ----------------------------------------------------------------------------------


def _pro_rata(programme: Programme) -> Alternative | None:
    """Return last year's budget money scaled to each year's budget; other money as last year's, scaled to its own.

    It isn't rounded: rules that ask for last year's share, or no more than that, are then kept exactly.
    """
    scenario = programme.scenario
    blank = [area.name for area in scenario.leaves if area.last_year is None]
    whole = last_year_total(scenario)
    if not whole or 2 * len(blank) > len(scenario.leaves):
        return None
    notes: list[Note] = [NoLastYear(tuple(blank))] if blank else []
    sums = [
        AreaSum(area.name, year, budget_payers(scenario, area), last_year_counted(scenario, area) * budget / whole)
        for year in scenario.years
        if (budget := scenario.budget(year))
        for area in scenario.leaves
    ]
    for source in scenario.sources:
        if source.kind is SourceKind.OTHER:
            sums += _scaled(scenario, source)
    if left_out := sources_left_out(scenario):
        notes.append(BudgetOnly(tuple(left_out)))
    notes.append(GeneralNote.NOT_ROUNDED)
    return _alternative(PRO_RATA, programme, sums, ZERO, notes, (Caveat.ONLY_BUDGET,) if left_out else ())


def last_year_counted(scenario: Scenario, area: Area) -> Fraction:
    """Return an area's Last year; 0 where it is blank or no budget money may pay for the area."""
    return area.last_year or ZERO if budget_payers(scenario, area) else ZERO


def last_year_total(scenario: Scenario) -> Fraction:
    """Return the sum of Last year over the areas without parts that budget money may pay for."""
    return sum((last_year_counted(scenario, area) for area in scenario.leaves), ZERO)


def budget_payers(scenario: Scenario, area: Area) -> tuple[str, ...]:
    """Return the sources of Kind `budget` that may pay for an area."""
    return tuple(name for name in area.sources if name in scenario.budget_sources)


def other_last_year(scenario: Scenario, source: str) -> dict[str, Fraction]:
    """Return what each area got from one source last year, of those that it may pay; empty where none got any."""
    given = {a.name: a.last_year_by_source.get(source, ZERO) for a in scenario.leaves if source in a.sources}
    return given if any(given.values()) else {}


def sources_left_out(scenario: Scenario) -> list[str]:
    """Return the sources of Kind `other` whose money of last year isn't given, so that pro rata has none of it."""
    others = (source.name for source in scenario.sources if source.kind is SourceKind.OTHER)
    return [name for name in others if not other_last_year(scenario, name)]


def _scaled(scenario: Scenario, source: Source) -> Iterator[AreaSum]:
    """Yield one other source's money: as last year's stands among the areas, scaled to what it makes available."""
    weights = other_last_year(scenario, source.name)
    whole = sum(weights.values(), ZERO)
    for year in scenario.years:
        for name, weight in weights.items():
            yield AreaSum(name, year, (source.name,), weight * source.available[year] / whole)
