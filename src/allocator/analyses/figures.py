"""What amounts come to, in exact numbers: every row, indicator, goal and fund, and what they bring and break.

They may be the rounded plan's own or any others: another scenario's plan, decisions, the proposed draft, last year
scaled to the budget. Of the last two only areas' sums are known; where several sources may pay, the split is chosen in
their favour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from fractions import Fraction

from allocator.programme.build import Programme
from allocator.programme.constraints import indicator_value
from allocator.programme.dividing import AreaSum, Divided, divided, in_units
from allocator.programme.rows import ZERO, Key, Row, total
from allocator.programme.whole import step_tolerance
from allocator.scenario.model import Area, Indicator, Operator, Scenario, Source, SourceKind, Target

# -- what amounts are -------------------------------------------------------------------------------------------------

UNROUNDED = Fraction(1, 10**9)
"""Where amounts are not rounded, a row is kept or binding within this part of its size (at least of 1)."""

type Amounts = Mapping[Key, Fraction]


class RowStatus(Enum):
    """How a row stands in the plan."""

    BINDING = "Binding"
    NOT_BINDING = "Not Binding"
    MISSED = "Missed"


@dataclass(frozen=True)
class IndicatorFigures:
    """An indicator in one of its years."""

    indicator: str
    unit: str
    year: int
    baseline: Fraction
    reached: Fraction
    operator: Operator | None
    target: Fraction | None
    met: bool | None
    """None where there is no target."""
    parts: Mapping[str, Fraction] = field(default_factory=dict)
    """Area → what its money adds to the baseline; areas without effect are left out."""


@dataclass(frozen=True)
class GoalFigures:
    """A goal and by how much it is missed, in its row's unit; 0 where it is met."""

    row: Row
    priority: int
    missed_by: Fraction


@dataclass(frozen=True)
class FundFigures:
    """A source in one year: opening + available = spent + carried forward + unspent."""

    source: str
    year: int
    opening: Fraction
    available: Fraction
    spent: Fraction
    carried_forward: Fraction
    unspent: Fraction


def tolerance(row: Row, amounts: Amounts, step: Fraction) -> Fraction:
    """Return the slack below which a row binds: what moving each of its amounts by one Step could do."""
    if step:
        return step * sum(map(abs, row.body.terms.values()), ZERO)
    size = sum((abs(c * amounts.get(key, ZERO)) for key, c in row.body.terms.items()), abs(row.bound))
    return UNROUNDED * max(Fraction(1), size)


def slack(row: Row, amounts: Amounts, step: Fraction) -> Fraction:
    """Return a row's slack; where amounts are not rounded, the solver's last digits don't count."""
    found = row.slack(amounts)
    if not step and abs(found) <= tolerance(row, amounts, step):
        return ZERO
    return found


def status(row: Row, amounts: Amounts, step: Fraction) -> RowStatus:
    """Return how a row stands: missed, binding (|slack| below its tolerance) or not binding."""
    room = slack(row, amounts, step)
    if row.strength.kind == "goal" and missed_by(row, amounts, step):
        return RowStatus.MISSED
    # a must below 0 is an equality that no whole Steps reach: kept within one
    binds = room <= 0 or room < tolerance(row, amounts, step)
    return RowStatus.BINDING if binds else RowStatus.NOT_BINDING


def missed_by(row: Row, amounts: Amounts, step: Fraction) -> Fraction:
    """Return by how much a row is missed, undivided; an ``=`` that is off by less than one Step counts as met."""
    short = max(ZERO, -slack(row, amounts, step))
    near = row.operator is Operator.EQUAL and short < step * step_tolerance(row)
    return ZERO if near else short


def goal_figures(programme: Programme, amounts: Amounts, step: Fraction) -> tuple[GoalFigures, ...]:
    """Return each goal with what it is missed by, undivided, a strict one's margin included."""
    return tuple(
        GoalFigures(row, row.strength.priority, missed_by(row, amounts, step))
        for row in programme.rows
        if row.strength.kind == "goal"
    )


def indicator_figures(programme: Programme, amounts: Amounts, step: Fraction) -> tuple[IndicatorFigures, ...]:
    """Return each indicator in each year that one of its rows names."""
    scenario = programme.scenario
    kept: dict[object, bool] = {
        (row.indicator, row.year, row.operator, row.value): not missed_by(row, amounts, step)
        for row in programme.rows
        if row.indicator is not None
    }
    found = []
    for indicator in scenario.indicators:
        for target, year in ((each, year) for each in indicator.targets for year in each.years):
            reached = indicator_value(scenario, indicator, year).value(amounts)
            asked = (indicator.name, year, target.operator, target.value)
            figures = IndicatorFigures(
                indicator=indicator.name,
                unit=indicator.unit,
                year=year,
                baseline=indicator.baseline,
                reached=reached,
                operator=target.operator,
                target=target.value,
                met=kept[asked] if asked in kept else _met(target, reached),
                parts=dict(_parts(scenario, indicator, year, amounts)),
            )
            found.append(figures)
    return tuple(found)


def _met(target: Target, reached: Fraction) -> bool | None:
    """Return whether a target that is off is reached; a strict one asks for a margin of a millionth."""
    if target.operator is None or target.value is None:
        return None
    size = max(Fraction(1), abs(target.value))
    margin, blur = (size / 10**6 if target.operator.strict else ZERO), UNROUNDED * size
    if target.operator is Operator.EQUAL:
        return abs(reached - target.value) <= blur
    if target.operator.lower:
        return reached >= target.value + margin - blur
    return reached <= target.value - margin + blur


def _parts(scenario: Scenario, indicator: Indicator, year: int, amounts: Amounts) -> Iterator[tuple[str, Fraction]]:
    """Yield each area's part: its effect times the money that counts."""
    years = indicator.years_counted(year, scenario.years)
    for name, effect in scenario.effects.get(indicator.name, {}).items():
        area = scenario.area[name]
        money = total(amounts, (name,), years, area.sources)
        last = (area.last_year or ZERO) * len(years) if indicator.from_last_year else ZERO
        yield name, effect.value * (money - last)


def fund_figures(scenario: Scenario, amounts: Amounts) -> tuple[FundFigures, ...]:
    """Return each source's year: opening + available = spent + carried forward + unspent."""
    figures = []
    for source in scenario.sources:
        opening = ZERO
        for year in scenario.years:
            spent = sum((x for key, x in amounts.items() if key.source == source.name and key.year == year), ZERO)
            left = opening + source.available[year] - spent
            carries = source.carry_over and year != scenario.years[-1]
            forward, unspent = (left, ZERO) if carries else (ZERO, left)
            figures.append(FundFigures(source.name, year, opening, source.available[year], spent, forward, unspent))
            opening = forward
    return tuple(figures)


# -- any amounts, valued ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """A row that amounts don't keep."""

    row: Row
    by: Fraction
    """Above 0, in the row's unit; a strict row's margin included."""


class WhyUnplaced(Enum):
    """Why money has no place in a scenario."""

    NO_AREA = auto()
    HAS_PARTS = auto()
    NO_YEAR = auto()
    NO_SOURCE = auto()
    MAY_NOT_PAY = auto()


@dataclass(frozen=True)
class UnplacedMoney:
    """Money that the scenario has no place for; what is None has no part in the reason."""

    total: Fraction
    unit: str
    why: WhyUnplaced
    area: str | None = None
    year: int | None = None
    source: str | None = None


@dataclass(frozen=True)
class Valuation:
    """What amounts bring under a scenario's assumptions, and what they break."""

    objective: Fraction
    broken: tuple[Broken, ...]
    """Budgets, limits, rules and targets of strength must or law that are not kept, worst first as a part of their
    size."""
    goals: tuple[GoalFigures, ...]
    indicators: tuple[IndicatorFigures, ...]
    unknown: tuple[UnplacedMoney, ...]
    """Money that the scenario has no place for: other areas, years or sources. Nothing else counts it."""

    @property
    def rules_broken(self) -> int:
        """How many rows are broken, those of several years counting once."""
        return len({broken.row.name for broken in self.broken})

    @property
    def goals_missed(self) -> int:
        """How many goals are missed, those of several years counting once."""
        return len({goal.row.name for goal in self.goals if goal.missed_by > 0})


def valuation(programme: Programme, amounts: Mapping[Key, Fraction], step: Fraction) -> Valuation:
    """Return what `amounts` (in the scenario's unit; what is missing is 0) come to in `programme`.

    `step` is what they are multiples of, 0 where they are not rounded: an ``=`` is kept within one step, and without
    steps all rows are kept but for the solver's last digits, so that the plan's own amounts break nothing.
    """
    known = {key: amount for key in programme.keys if (amount := amounts.get(key, ZERO))}
    return Valuation(
        objective=programme.objective(known),
        broken=_broken(programme.rows, known, step),
        goals=goal_figures(programme, known, step),
        indicators=indicator_figures(programme, known, step),
        unknown=_unknown(programme, amounts),
    )


def _broken(rows: Iterable[Row], amounts: Mapping[Key, Fraction], step: Fraction) -> tuple[Broken, ...]:
    hard = (row for row in rows if row.strength.kind != "goal")
    found = [Broken(row, by) for row in hard if (by := shortfall(row, amounts, step))]
    return tuple(sorted(found, key=lambda broken: -broken.by / _size(broken.row, amounts)))


def shortfall(row: Row, amounts: Mapping[Key, Fraction], step: Fraction) -> Fraction:
    """Return by how much a row is broken, 0 where it is kept: an ``=`` within one step, a budget's from below."""
    short = -slack(row, amounts, step)
    if short <= 0:
        return ZERO
    if row.operator is Operator.EQUAL and step:
        within = short <= step * max(map(abs, row.body.terms.values()), default=ZERO)
        above = row.kind.supply and row.left.value(amounts) > row.right.value(amounts)
        return ZERO if within and not above else short
    return short


def _size(row: Row, amounts: Mapping[Key, Fraction]) -> Fraction:
    """Return what a shortfall is a part of: the larger of the row's sides; 1 where both are 0."""
    return max(abs(row.right.value(amounts)), abs(row.left.value(amounts))) or Fraction(1)


def _unknown(programme: Programme, amounts: Mapping[Key, Fraction]) -> tuple[UnplacedMoney, ...]:
    """Return the money that has no place, each reason once with its sum."""
    known = set(programme.keys)
    sums: dict[_Reason, Fraction] = {}
    for key, amount in amounts.items():
        if amount and key not in known:
            reason = _reason(programme.scenario, key)
            sums[reason] = sums.get(reason, ZERO) + amount
    unit = programme.scenario.unit
    return tuple(UnplacedMoney(total, unit, *reason) for reason, total in sums.items())


type _Reason = tuple[WhyUnplaced, str | None, int | None, str | None]


def _reason(scenario: Scenario, key: Key) -> _Reason:
    """Return why an amount has no place, with the area, year and source that have a part in it."""
    if key.area not in scenario.area:
        return WhyUnplaced.NO_AREA, key.area, None, None
    if scenario.parts[key.area] != (key.area,):
        return WhyUnplaced.HAS_PARTS, key.area, None, None
    if key.year not in scenario.years:
        return WhyUnplaced.NO_YEAR, None, key.year, None
    if key.source not in scenario.source:
        return WhyUnplaced.NO_SOURCE, None, None, key.source
    return WhyUnplaced.MAY_NOT_PAY, key.area, None, key.source


# -- what a plan is compared with -------------------------------------------------------------------------------------

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
