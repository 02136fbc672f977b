"""Scenario → Programme, in exact numbers; reads like the contract's section "What it means, exactly".

x[a,t,s] ≥ 0 is the money that area a (one without parts) gets in year t from source s. One function per family of
constraints; each says its equation, its unit, and what its price means. A price is always the change of the
objective per unit that the right-hand side grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from allocator.programme.objective import objective_pieces
from allocator.programme.rows import ONE, ZERO, Key, Ledger, Linear, Piece, Row, RowKind
from allocator.scenario.model import (
    Area,
    Band,
    BasisKind,
    Indicator,
    Limits,
    Operator,
    Rule,
    Scenario,
    Source,
    Strength,
    Subject,
    Target,
)

MUST = Strength()
STRICT_PART = Fraction(1, 10**6)
"""A strict comparison's margin where there is no Step, as a part of the row's constant."""


@dataclass(frozen=True)
class Programme:
    """A scenario's programme: which amounts there are, what is sought, what is demanded."""

    scenario: Scenario
    keys: tuple[Key, ...]
    """The amounts, in order of area, year, source; pairs that Sources rules out are missing."""
    pieces: Mapping[tuple[str, int], tuple[Piece, ...]]
    """(area, year) → the objective's pieces in that area's yearly amount, slopes never rising."""
    constant: Fraction
    """What the objective is with no money at all."""
    maximise: bool
    rows: tuple[Row, ...]
    """All demands, goals included, rules that are off left out."""
    book: Ledger | None = field(default=None, repr=False, compare=False)
    """The sums of amounts that its rows share; None where it was made otherwise than by `build`."""
    slots: tuple[tuple[SlotValues, ...], ...] = field(default=(), repr=False, compare=False)
    """For each of `FAMILIES` what its rows are made of."""

    @property
    def priorities(self) -> tuple[int, ...]:
        """The goals' priorities, in order."""
        return tuple(sorted({row.strength.priority for row in self.rows if row.strength.kind == "goal"}))

    def objective(self, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return the objective of a plan, exactly."""
        total = self.constant
        for (area, year), yearly in self.yearly(amounts).items():
            left = yearly
            for piece in self.pieces[area, year]:
                part = left if piece.width is None else min(left, piece.width)
                total += piece.slope * part
                left -= part
            if left:  # beyond the last band's end: only a decision typed by hand gets there
                total += self.pieces[area, year][-1].slope * left
        return total

    def yearly(self, amounts: Mapping[Key, Fraction]) -> dict[tuple[str, int], Fraction]:
        """Return (area, year) → amount over all sources."""
        totals = dict.fromkeys(self.pieces, ZERO)
        for area, year, source in self.keys:
            totals[area, year] += amounts.get((area, year, source), ZERO)
        return totals


def build(scenario: Scenario) -> Programme:
    """Return the programme of `scenario`."""
    book = Ledger(scenario)
    slots = tuple(tuple(family.slots(scenario)) for family in FAMILIES)
    rows = tuple(family.row(book, *slot) for family, own in zip(FAMILIES, slots, strict=True) for slot in own)
    return Programme(
        scenario=scenario,
        keys=book.keys,
        pieces=objective_pieces(scenario),
        constant=objective_constant(scenario),
        maximise=scenario.objective.maximise,
        rows=rows,
        book=book,
        slots=slots,
    )


# Budget


def budget_rows(book: Ledger) -> Iterator[Row]:
    """Σ_a x[a,t,s] ≤ b[s,t], or = where all must be spent; with carry-over, sums over all years up to t.

    Unit: money. Price: what one more unit of this source in this year would add, the shares left as they are.
    """
    for slot in budget_slots(book.scenario):
        yield budget_row(book, *slot)


def budget_slots(scenario: Scenario) -> Iterator[tuple[Source, int]]:
    """Yield each source and year."""
    for source in scenario.sources:
        for year in scenario.years:
            yield source, year


def budget_row(book: Ledger, source: Source, year: int) -> Row:
    """Return the row of one source and year."""
    years = tuple(t for t in book.scenario.years if t <= year) if source.carry_over else (year,)
    available = sum((source.available[t] for t in years), ZERO)
    binds = source.spend_all and (not source.carry_over or year == book.scenario.years[-1])
    return Row(
        name=f"Budget: {source.name}",
        year=year,
        kind=RowKind.BUDGET,
        subject=source.name,
        left=book.everything(years, (source.name,)),
        operator=Operator.EQUAL if binds else Operator.AT_MOST,
        right=Linear(constant=available),
        value=available,
        basis_words=_together(years) if len(years) > 1 else "",
        unit=book.scenario.unit,
        strength=MUST,
        cell=source.origin.cell(str(year)),
        origin=source.origin,
    )


# Limits


def limit_rows(book: Ledger) -> Iterator[Row]:
    """Minimum ≤ x[a,t] ≤ Maximum; Minimum share·B[t] ≤ xG[a,t] ≤ Maximum share·B[t]; for parts, on their sum.

    Unit: money. Price: what one more unit of the limit adds: at most 0 for a minimum, at least 0 for a maximum.
    """
    for slot in limit_slots(book.scenario):
        yield limit_row(book, *slot)


_LIMITS = {
    "minimum": ("Minimum", Operator.AT_LEAST),
    "maximum": ("Maximum", Operator.AT_MOST),
    "minimum_share": ("Minimum share", Operator.AT_LEAST),
    "maximum_share": ("Maximum share", Operator.AT_MOST),
}


def limit_slots(scenario: Scenario) -> Iterator[tuple[Area, int, str, Limits]]:
    """Yield the limits that are set, in order of area, year and kind."""
    for area in scenario.areas:
        for year in scenario.years:
            if (limits := scenario.limits.get((area.name, year))) is not None:
                for name in _LIMITS:
                    if getattr(limits, name) is not None:
                        yield area, year, name, limits


def limit_row(book: Ledger, area: Area, year: int, limit: str, limits: Limits) -> Row:
    """Return the row of one limit, which is set."""
    name, operator = _LIMITS[limit]
    value: Fraction = getattr(limits, limit)
    of_share = limit.endswith("share")
    budget = Linear(constant=book.available(book.scenario.budget_sources, year)) if of_share else None
    counted = book.scenario.budget_sources if of_share else None
    return Row(
        name=f"{name}: {area.name}",
        year=year,
        kind=RowKind.LIMIT,
        subject=area.name,
        left=book.money(book.scenario.parts[area.name], (year,), counted),
        operator=operator,
        right=Linear(constant=value) if budget is None else budget * value,
        value=value,
        base=budget,
        basis_words="of the budget" if of_share else "",
        unit=book.scenario.unit,
        strength=MUST,
        cell=limits.cells[limit],
        origin=area.origin,
    )


def last_band_rows(book: Ledger) -> Iterator[Row]:
    """x[a,t] ≤ the last band's end, where it has one. Unit: money. Price: as a maximum's."""
    for slot in band_slots(book.scenario):
        yield last_band_row(book, *slot)


def band_slots(scenario: Scenario) -> Iterator[tuple[str, int, Band]]:
    """Yield area, year and last band of all that have an end."""
    for (area, year), bands in scenario.bands.items():
        if bands and bands[-1].end is not None:
            yield area, year, bands[-1]


def last_band_row(book: Ledger, area: str, year: int, band: Band) -> Row:
    """Return the row of one last band, which has an end."""
    end = band.end or ZERO
    return Row(
        name=f"Last band: {area}",
        year=year,
        kind=RowKind.LIMIT,
        subject=area,
        left=book.money((area,), (year,)),
        operator=Operator.AT_MOST,
        right=Linear(constant=end),
        value=end,
        unit=book.scenario.unit,
        strength=MUST,
        cell=band.origin.cell("Up to" if "Up to" in band.origin.columns else "Up to, of last year"),
        origin=band.origin,
    )


# Rules


def rule_rows(book: Ledger) -> Iterator[Row]:
    """S[t] op Value·basis[t] for each subject and year of each rule; `together` sums both sides over the years; an
    amount is then the whole period's.

    Unit: money. Price: what one more unit on the right-hand side adds: at most 0 for a floor, at least 0 for a cap.
    """
    for slot in slots(book.scenario):
        yield rule_row(book, *slot)


type Slot = tuple[Rule, Subject, tuple[int, ...]]
"""A rule's row: whose money, and in which year, or years together."""


def slots(scenario: Scenario) -> Iterator[Slot]:
    """Yield what rows the rules that aren't off have, in order."""
    for rule in scenario.rules:
        if rule.strength.kind != "off":
            for subject in rule.subjects:
                for years in [rule.years] if rule.together else [(year,) for year in rule.years]:
                    yield rule, subject, years


def rule_row(book: Ledger, rule: Rule, subject: Subject, years: tuple[int, ...]) -> Row:
    """Return the row of one subject of a rule, of one year or of years together."""
    left, base, offset = _sides(book, rule, subject, years[0])
    for year in years[1:]:
        left_part, base_part, offset = _sides(book, rule, subject, year)
        left, base = left + left_part, base + base_part
    is_amount = rule.basis.kind is BasisKind.AMOUNT
    if is_amount:
        base = Linear(constant=ONE)  # of years together it is the whole period's
    right = base * (offset + rule.value if offset else rule.value)
    return Row(
        name=rule.row_name(subject),
        year=None if rule.together else years[0],
        kind=RowKind.RULE,
        subject=subject.name if rule.counted in ("budget", "all") else f"{subject.name} ({rule.counted})",
        left=left,
        operator=rule.operator,
        right=right,
        value=rule.value,
        base=None if is_amount else base,
        offset=offset,
        basis_words=_basis_words(rule, years),
        unit=book.scenario.unit,
        strength=rule.strength,
        cell=rule.origin.cell("Value"),
        origin=rule.origin,
        margin=_margin(book.scenario, right.constant - left.constant) if rule.operator.strict else ZERO,
        divisor=_budgets(book.scenario, years) if rule.strength.kind == "goal" else ONE,
    )


def _sides(book: Ledger, rule: Rule, subject: Subject, year: int) -> tuple[Linear, Linear, Fraction]:
    """Return S[t], basis[t], and what is added to Value: the rule reads S[t] op (offset + Value)·basis[t]."""
    basis = rule.basis
    money = book.money(subject.areas, (year,), rule.sources)
    match basis.kind:
        case BasisKind.AMOUNT:
            return money, Linear(constant=ONE), ZERO
        case BasisKind.BUDGET:
            return money, Linear(constant=book.available(basis.sources, year)), ZERO
        case BasisKind.SPENDING:
            return money, book.everything((year,), basis.sources), ZERO
        case BasisKind.AREA:
            return money, book.money(basis.areas, (year,), basis.sources), ZERO
        case BasisKind.LAST_YEAR:
            return money, book.year_before(subject.areas, year, basis.sources), ZERO
        case BasisKind.CHANGE:
            return money, book.year_before(subject.areas, year, basis.sources), ONE
        case BasisKind.LAST_SHARE:
            return money, _share_before(book, rule, subject, year), ZERO
        case BasisKind.POINTS:
            budget = Linear(constant=book.available(rule.sources, year))
            return money - _share_before(book, rule, subject, year), budget, ZERO


def _budgets(scenario: Scenario, years: tuple[int, ...]) -> Fraction:
    """Return what a goal's shortfall is a part of: these years' budgets, or 1 where they are nothing."""
    return sum((scenario.budget(year) for year in years), ZERO) or ONE


def _share_before(book: Ledger, rule: Rule, subject: Subject, year: int) -> Linear:
    """S[t−1]·C[t]/C[t−1]: what last year's share would be of this year's budget."""
    ratio = book.available(rule.sources, year) / book.available_before(rule.sources, year)
    return book.year_before(subject.areas, year, rule.sources) * ratio


def _together(years: tuple[int, ...]) -> str:
    if years == tuple(range(years[0], years[-1] + 1)):
        return f"in {years[0]}–{years[-1]} together"
    return f"in {', '.join(map(str, years))} together"


_WORDS = {
    BasisKind.AMOUNT.value: "",
    BasisKind.SPENDING.value: "of spending",
    BasisKind.LAST_YEAR.value: "of last year",
    BasisKind.CHANGE.value: "on last year",
    BasisKind.LAST_SHARE.value: "of last year's share",
    BasisKind.POINTS.value: "points on last year's share",
}


def _basis_words(rule: Rule, years: tuple[int, ...]) -> str:
    basis = rule.basis
    sources = "" if basis.sources == rule.sources else f" ({'; '.join(basis.sources)})"
    match basis.kind:
        case BasisKind.BUDGET:
            words = "of the budget" if rule.counted == "budget" else f"of the budget ({rule.counted})"
        case BasisKind.AREA:
            words = f"of {basis.name}"
        case kind:
            words = _WORDS[kind.value]
    return f"{words}{sources} {_together(years) if len(years) > 1 else ''}".strip()


def _margin(scenario: Scenario, constant: Fraction) -> Fraction:
    """Return how much a strict comparison is to be exceeded by."""
    return scenario.step or STRICT_PART * max(ONE, abs(constant))


# Indicators


def indicator_rows(book: Ledger) -> Iterator[Row]:
    """value[t] = Baseline + Σ over the years counted Σ_a effect·(x[a,t] − m·Last year[a]), op Target.

    Unit: the indicator's. Price: what one more unit of the target adds.
    """
    for slot in target_slots(book.scenario):
        yield indicator_row(book, *slot)


def target_slots(scenario: Scenario) -> Iterator[tuple[Indicator, Target, int]]:
    """Yield what rows the indicators with targets have, in order."""
    for indicator in scenario.indicators:
        for target in indicator.targets:
            if target.operator is not None and target.value is not None and target.strength.kind != "off":
                for year in target.years:
                    yield indicator, target, year


def indicator_row(book: Ledger, indicator: Indicator, target: Target, year: int) -> Row:
    """Return the row of one target, which has a value, in one year."""
    origin, operator, value = target.origin, target.operator or Operator.AT_LEAST, target.value or ZERO
    return Row(
        name=indicator.name,
        year=year,
        kind=RowKind.INDICATOR,
        subject=indicator.name,
        left=indicator_value(book.scenario, indicator, year, book),
        operator=operator,
        right=Linear(constant=value),
        value=value,
        unit=indicator.unit,
        strength=target.strength,
        cell=origin.cell("Target"),
        origin=origin,
        margin=STRICT_PART * max(ONE, abs(value)) if operator.strict else ZERO,
        divisor=abs(value) or ONE,
        indicator=indicator.name,
    )


def indicator_value(scenario: Scenario, indicator: Indicator, year: int, book: Ledger | None = None) -> Linear:
    """Return an indicator's value in `year` as an expression in the amounts, Baseline included."""
    book = book or Ledger(scenario)
    years = indicator.years_counted(year, scenario.years)
    effects = scenario.effects.get(indicator.name, {})
    constant = indicator.baseline
    if indicator.from_last_year:
        past = (effect.value * (scenario.area[name].last_year or ZERO) for name, effect in effects.items())
        constant -= sum(past, ZERO) * len(years)
    return Linear(book.moved(effects, years).terms, constant)


# Objective


def objective_constant(scenario: Scenario) -> Fraction:
    """Return what the objective is with no money at all: an indicator's value then, else 0."""
    name = scenario.objective.indicator
    if name is None:
        return ZERO
    indicator = next(i for i in scenario.indicators if i.name == name)
    return indicator_value(scenario, indicator, indicator.last_year).constant


# All of them

type SlotValues = tuple[Any, ...]
"""What one row is made of: the arguments of its family's `row`, after the ledger."""


@dataclass(frozen=True)
class Family:
    """A family of constraints: what rows it has, and how one of them is made."""

    kind: str
    slots: Callable[[Scenario], Iterator[SlotValues]]
    row: Callable[..., Row]
    fields: tuple[str, ...]
    """The fields of a scenario that its slots are made of, beside the years."""


FAMILIES = (
    Family("budget", budget_slots, budget_row, ("sources",)),
    Family("limit", limit_slots, limit_row, ("areas", "limits")),
    Family("last band", band_slots, last_band_row, ("bands",)),
    Family("rule", slots, rule_row, ("rules",)),
    Family("target", target_slots, indicator_row, ("indicators",)),
)
"""In the order in which their rows stand."""
