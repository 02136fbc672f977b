"""Scenario → Programme, in exact numbers; reads like the contract's section "What it means, exactly".

x[a,t,s] ≥ 0 is the money that area a (one without parts) gets in year t from source s. One function per family of
constraints; each says its equation, its unit, and what its price means. A price is always the change of the
objective per unit that the right-hand side grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from allocator.programme.rows import ZERO, Key, Linear, Row, RowKind
from allocator.scenario.model import (
    Area,
    BasisKind,
    Indicator,
    Operator,
    Origin,
    Rule,
    Scenario,
    Source,
    Strength,
    Subject,
    Target,
)
from allocator.scenario.rules import last_year_amount

MUST = Strength()
STRICT_PART = Fraction(1, 10**6)
"""A strict comparison's margin where there is no Step, as a part of the row's constant."""


@dataclass(frozen=True)
class Piece:
    """A stretch of an area's yearly amount with one benefit per unit; `width` None is no end."""

    width: Fraction | None
    slope: Fraction
    number: int
    """Of the first band that it comes from; 1 where there are no bands."""


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
    rows = (
        *budget_rows(book),
        *limit_rows(book),
        *last_band_rows(book),
        *rule_rows(book),
        *indicator_rows(book),
    )
    return Programme(
        scenario=scenario,
        keys=book.keys,
        pieces=objective_pieces(book),
        constant=_objective_constant(book),
        maximise=scenario.objective.maximise,
        rows=rows,
    )


class Ledger:
    """Sums of amounts, as linear expressions."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.keys: tuple[Key, ...] = tuple(
            (area.name, year, source) for area in scenario.leaves for year in scenario.years for source in area.sources
        )
        self._payers = {area.name: area.sources for area in scenario.leaves}
        self._all = tuple(scenario.source)

    def money(self, areas: Iterable[str], years: Iterable[int], sources: Iterable[str] | None = None) -> Linear:
        """Return Σ x[a,t,s] over leaf areas, years and sources (None: all)."""
        counted = set(self._all if sources is None else sources)
        years = tuple(years)
        return Linear(
            {
                (area, year, source): Fraction(1)
                for area in areas
                for year in years
                for source in self._payers[area]
                if source in counted
            }
        )

    def everything(self, years: Iterable[int], sources: Iterable[str] | None = None) -> Linear:
        """Return all that is allotted in `years` from `sources`."""
        return self.money(self._payers, years, sources)

    def year_before(self, areas: Iterable[str], year: int, sources: tuple[str, ...]) -> Linear:
        """Return S[t−1]: amounts, or for the first year what Areas says of the year before it."""
        if year > self.scenario.years[0]:
            return self.money(areas, (year - 1,), sources)
        return Linear(constant=sum((last_year_amount(self.scenario, a, sources) for a in areas), ZERO))

    def available_before(self, sources: tuple[str, ...], year: int) -> Fraction:
        """Return C[t−1]: Budget cells, or for the first year Budget's Last year."""
        if year > self.scenario.years[0]:
            return self.scenario.available(sources, year - 1)
        return sum((self.scenario.source[name].last_year or ZERO for name in sources), ZERO)


# Budget


def budget_rows(book: Ledger) -> Iterator[Row]:
    """Σ_a x[a,t,s] ≤ b[s,t], or = where all must be spent; with carry-over, sums over all years up to t.

    Unit: money. Price: what one more unit of this source in this year would add, the shares left as they are.
    """
    for source in book.scenario.sources:
        for year in book.scenario.years:
            yield budget_row(book, source, year)


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
    for area in book.scenario.areas:
        for year in book.scenario.years:
            yield from limits_of(book, area, year)


def limits_of(book: Ledger, area: Area, year: int) -> Iterator[Row]:
    """Yield the rows of an area's limits in one year."""
    limits = book.scenario.limits.get((area.name, year))
    if limits is None:
        return
    leaves = book.scenario.parts[area.name]
    budget = Linear(constant=book.scenario.budget(year))
    for name, field, operator in (
        ("Minimum", "minimum", Operator.AT_LEAST),
        ("Maximum", "maximum", Operator.AT_MOST),
        ("Minimum share", "minimum_share", Operator.AT_LEAST),
        ("Maximum share", "maximum_share", Operator.AT_MOST),
    ):
        value: Fraction | None = getattr(limits, field)
        if value is None:
            continue
        of_share = field.endswith("share")
        yield Row(
            name=f"{name}: {area.name}",
            year=year,
            kind=RowKind.LIMIT,
            subject=area.name,
            left=book.money(leaves, (year,), book.scenario.budget_sources if of_share else None),
            operator=operator,
            right=budget * value if of_share else Linear(constant=value),
            value=value,
            base=budget if of_share else None,
            basis_words="of the budget" if of_share else "",
            unit=book.scenario.unit,
            strength=MUST,
            cell=limits.cells[field],
            origin=area.origin,
        )


def last_band_rows(book: Ledger) -> Iterator[Row]:
    """x[a,t] ≤ the last band's end, where it has one. Unit: money. Price: as a maximum's."""
    for (area, year), bands in book.scenario.bands.items():
        if bands and bands[-1].end is not None:
            origin = bands[-1].origin
            yield Row(
                name=f"Last band: {area}",
                year=year,
                kind=RowKind.LIMIT,
                subject=area,
                left=book.money((area,), (year,)),
                operator=Operator.AT_MOST,
                right=Linear(constant=bands[-1].end),
                value=bands[-1].end,
                unit=book.scenario.unit,
                strength=MUST,
                cell=origin.cell("Up to" if "Up to" in origin.columns else "Up to, of last year"),
                origin=origin,
            )


# Rules


def rule_rows(book: Ledger) -> Iterator[Row]:
    """S[t] op Value·basis[t] for each subject and year of each rule; `together` sums both sides over the years.

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
    left, base, offset = Linear(), Linear(), ZERO
    for year in years:
        left_part, base_part, offset = _sides(book, rule, subject, year)
        left, base = left + left_part, base + base_part
    right = base * (offset + rule.value)
    budgets = sum((book.scenario.budget(year) for year in years), ZERO)
    is_amount = rule.basis.kind is BasisKind.AMOUNT
    return Row(
        name=rule.row_name(subject),
        year=None if rule.together else years[0],
        kind=RowKind.RULE,
        subject=subject.name if rule.counted in ("budget", "all") else f"{subject.name} ({rule.counted})",
        left=left,
        operator=rule.operator,
        right=right,
        value=right.constant if is_amount else rule.value,
        base=None if is_amount else base,
        offset=offset,
        basis_words=_basis_words(rule, years),
        unit=book.scenario.unit,
        strength=rule.strength,
        cell=rule.origin.cell("Value"),
        origin=rule.origin,
        margin=_margin(book.scenario, rule.operator, right.constant - left.constant),
        divisor=budgets or Fraction(1),
    )


def _sides(book: Ledger, rule: Rule, subject: Subject, year: int) -> tuple[Linear, Linear, Fraction]:
    """Return S[t], basis[t], and what is added to Value: the rule reads S[t] op (offset + Value)·basis[t]."""
    scenario, basis = book.scenario, rule.basis
    money = book.money(subject.areas, (year,), rule.sources)
    match basis.kind:
        case BasisKind.AMOUNT:
            return money, Linear(constant=Fraction(1)), ZERO
        case BasisKind.BUDGET:
            return money, Linear(constant=scenario.available(basis.sources, year)), ZERO
        case BasisKind.SPENDING:
            return money, book.everything((year,), basis.sources), ZERO
        case BasisKind.AREA:
            return money, book.money(basis.areas, (year,), basis.sources), ZERO
        case BasisKind.LAST_YEAR:
            return money, book.year_before(subject.areas, year, basis.sources), ZERO
        case BasisKind.CHANGE:
            return money, book.year_before(subject.areas, year, basis.sources), Fraction(1)
        case BasisKind.LAST_SHARE:
            return money, _share_before(book, rule, subject, year), ZERO
        case BasisKind.POINTS:
            budget = Linear(constant=scenario.available(rule.sources, year))
            return money - _share_before(book, rule, subject, year), budget, ZERO


def _share_before(book: Ledger, rule: Rule, subject: Subject, year: int) -> Linear:
    """S[t−1]·C[t]/C[t−1]: what last year's share would be of this year's budget."""
    ratio = book.scenario.available(rule.sources, year) / book.available_before(rule.sources, year)
    return book.year_before(subject.areas, year, rule.sources) * ratio


def _together(years: tuple[int, ...]) -> str:
    if years == tuple(range(years[0], years[-1] + 1)):
        return f"in {years[0]}–{years[-1]} together"
    return f"in {', '.join(map(str, years))} together"


def _basis_words(rule: Rule, years: tuple[int, ...]) -> str:
    basis = rule.basis
    sources = "" if basis.sources == rule.sources else f" ({'; '.join(basis.sources)})"
    words = {
        BasisKind.AMOUNT: "",
        BasisKind.BUDGET: "of the budget" if rule.counted == "budget" else f"of the budget ({rule.counted})",
        BasisKind.SPENDING: "of spending",
        BasisKind.AREA: f"of {basis.name}",
        BasisKind.LAST_YEAR: "of last year",
        BasisKind.CHANGE: "on last year",
        BasisKind.LAST_SHARE: "of last year's share",
        BasisKind.POINTS: "points on last year's share",
    }[basis.kind]
    return f"{words}{sources} {_together(years) if len(years) > 1 else ''}".strip()


def _margin(scenario: Scenario, operator: Operator, constant: Fraction) -> Fraction:
    """Return how much a strict comparison is to be exceeded by."""
    if not operator.strict:
        return ZERO
    return scenario.step or STRICT_PART * max(Fraction(1), abs(constant))


# Indicators


def indicator_rows(book: Ledger) -> Iterator[Row]:
    """value[t] = Baseline + Σ over the years counted Σ_a effect·(x[a,t] − m·Last year[a]), op Target.

    Unit: the indicator's. Price: what one more unit of the target adds.
    """
    for indicator in book.scenario.indicators:
        for target in indicator.targets:
            if target.operator is None or target.value is None or target.strength.kind == "off":
                continue
            for year in target.years:
                yield _indicator_row(book, indicator, target, target.operator, target.value, year)


def _indicator_row(
    book: Ledger, indicator: Indicator, target: Target, operator: Operator, value: Fraction, year: int
) -> Row:
    origin: Origin = target.origin
    return Row(
        name=indicator.name,
        year=year,
        kind=RowKind.INDICATOR,
        subject=indicator.name,
        left=indicator_value(book.scenario, indicator, year),
        operator=operator,
        right=Linear(constant=value),
        value=value,
        unit=indicator.unit,
        strength=target.strength,
        cell=origin.cell("Target"),
        origin=origin,
        margin=STRICT_PART * max(Fraction(1), abs(value)) if operator.strict else ZERO,
        divisor=abs(value) or Fraction(1),
        indicator=indicator.name,
    )


def indicator_value(scenario: Scenario, indicator: Indicator, year: int) -> Linear:
    """Return an indicator's value in `year` as an expression in the amounts, Baseline included."""
    years = indicator.years_counted(year, scenario.years)
    terms: dict[Key, Fraction] = {}
    constant = indicator.baseline
    for name, effect in scenario.effects.get(indicator.name, {}).items():
        area = scenario.area[name]
        if indicator.from_last_year:
            constant -= effect.value * (area.last_year or ZERO) * len(years)
        terms.update({(name, t, source): effect.value for t in years for source in area.sources})
    return Linear(terms, constant)


# Objective


def objective_pieces(book: Ledger) -> dict[tuple[str, int], tuple[Piece, ...]]:
    """Return the objective's coefficients: for each area and year its pieces, weights and discount included.

    maximise benefit: Σ_t (1+r)^-(t−first) Σ_a (band benefit of x[a,t], or Benefit·x[a,t], + Σ_i Weight·effect·x[a,t])
    minimise spending: Σ_t x[t]; maximise or minimise an indicator: its value in its last year, undiscounted.
    """
    scenario = book.scenario
    if scenario.objective.indicator is not None:
        return _indicator_pieces(scenario, scenario.objective.indicator)
    if not scenario.objective.maximise:
        one = (Piece(None, Fraction(1), 1),)
        return {(area.name, year): one for area in scenario.leaves for year in scenario.years}
    weights = _weights(scenario)
    return {
        (area.name, year): tuple(
            Piece(piece.width, (piece.slope + weights[area.name]) * scenario.discount(year), piece.number)
            for piece in _benefit_pieces(scenario, area, year)
        )
        for area in scenario.leaves
        for year in scenario.years
    }


def _weights(scenario: Scenario) -> dict[str, Fraction]:
    """Return Σ_i Weight[i]·effect[i,a] for each area."""
    weights = dict.fromkeys(scenario.area, ZERO)
    for indicator in scenario.indicators:
        if indicator.weight:
            for name, effect in scenario.effects.get(indicator.name, {}).items():
                weights[name] += indicator.weight * effect.value
    return weights


def _benefit_pieces(scenario: Scenario, area: Area, year: int) -> tuple[Piece, ...]:
    """Return an area's bands as pieces, neighbours of equal benefit as one; the last piece has no end."""
    bands = scenario.bands.get((area.name, year), ())
    if not bands:
        return (Piece(None, area.benefit, 1),)
    pieces: list[Piece] = []
    for band in bands:
        # the last band's end is a row of its own, so that it has a price
        width = None if band is bands[-1] or band.end is None else band.end - band.start
        if pieces and pieces[-1].slope == band.benefit:
            before = pieces.pop()
            joined = None if width is None or before.width is None else before.width + width
            pieces.append(Piece(joined, band.benefit, before.number))
        else:
            pieces.append(Piece(width, band.benefit, band.number))
    return tuple(pieces)


def _indicator_pieces(scenario: Scenario, name: str) -> dict[tuple[str, int], tuple[Piece, ...]]:
    indicator = next(i for i in scenario.indicators if i.name == name)
    counted = indicator.years_counted(indicator.last_year, scenario.years)
    effects = scenario.effects.get(name, {})
    return {
        (area.name, year): (
            Piece(None, effects[area.name].value if area.name in effects and year in counted else ZERO, 1),
        )
        for area in scenario.leaves
        for year in scenario.years
    }


def _objective_constant(book: Ledger) -> Fraction:
    name = book.scenario.objective.indicator
    if name is None:
        return ZERO
    indicator = next(i for i in book.scenario.indicators if i.name == name)
    return indicator_value(book.scenario, indicator, indicator.last_year).constant
