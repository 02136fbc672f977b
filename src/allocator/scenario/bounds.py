"""What a scenario asks for at least and allows at most, year by year, as far as that can be seen without solving.

Each bound is on the money that some areas get from some sources in one year. A bound that rests on other money (a part
of another area's, growth on the year before) is found from the bounds of that money, so every bound here follows from
the scenario; there may be tighter ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.scenario.model import BasisKind, Cell, Limits, Operator, Rule, Scenario, Strength, Subject
from allocator.scenario.rules import last_year_amount

ZERO = Fraction(0)
MUST = Strength()
_LIMITS = (
    ("Minimum", "minimum", True),
    ("Maximum", "maximum", False),
    ("Minimum share", "minimum_share", True),
    ("Maximum share", "maximum_share", False),
)


@dataclass(frozen=True)
class Bound:
    """At least (`floor`) or at most `amount` for the money `mask` in one year."""

    name: str
    """As on the plan's sheet Rules: ``Minimum: Schools``, a rule's name, ``Budget``."""
    floor: bool
    mask: int
    """The money it is on: a bit for each pair of area (without parts) and source that may pay for it."""
    amount: Fraction
    cells: tuple[Cell, ...]
    """The cells that give it: its own first, then those of the bounds that it rests on."""
    legal_basis: str = ""
    strength: Strength = MUST
    base: Fraction | None = Fraction(1)
    """What the number in its cell is multiplied by; None where no one number there would do."""
    offset: Fraction = ZERO
    percent: bool = False
    money: bool = False
    """Whether it is what sources make available."""

    def typed(self, amount: Fraction) -> Fraction | None:
        """Return the number in its cell that would ask for (or allow) `amount`; None where there is none."""
        return amount / self.base - self.offset if self.base else None


class Year:
    """The bounds of one year."""

    def __init__(self, masks: Masks, year: int) -> None:
        self.masks, self.year = masks, year
        self.floors: list[Bound] = []
        self.caps: list[Bound] = []

    def add(self, bound: Bound) -> None:
        """Take a bound in; a floor of nothing says nothing."""
        if not bound.floor:
            self.caps.append(bound)
        elif bound.amount > 0:
            self.floors.append(bound)

    def least(self, mask: int) -> tuple[Bound, ...]:
        """Return floors that don't overlap, all on money of `mask`: their sum is spent on it at least."""
        mine = [floor for floor in self.floors if not floor.mask & ~mask]
        ways: tuple[Callable[[Bound], Fraction | int], ...] = (lambda f: -f.amount, lambda f: f.mask.bit_count())
        return max((_apart(sorted(mine, key=way)) for way in ways), key=total)

    def most(self, mask: int) -> tuple[Bound, ...]:
        """Return caps that together hold all money of `mask`: their sum is the most; none for no money, or no end."""
        if not mask:
            return ()
        whole = self._cap(mask)
        parts = [self._cap(part) for part in self.masks.by_area(mask)]
        if parts and None not in parts:
            each = tuple(cap for cap in parts if cap is not None)
            if whole is None or total(each) < whole.amount:
                return each
        return (whole,) if whole is not None else ()

    def _cap(self, mask: int) -> Bound | None:
        return min((cap for cap in self.caps if not mask & ~cap.mask), key=lambda cap: cap.amount, default=None)


def total(bounds: Iterable[Bound]) -> Fraction:
    """Return the sum of bounds."""
    return sum((bound.amount for bound in bounds), ZERO)


def _apart(floors: Iterable[Bound]) -> tuple[Bound, ...]:
    """Return the first floor, then each that overlaps with none before it."""
    taken, found = 0, []
    for floor in floors:
        if not floor.mask & taken:
            taken |= floor.mask
            found.append(floor)
    return tuple(found)


class Masks:
    """Pairs of area and source as bits."""

    def __init__(self, scenario: Scenario) -> None:
        self._bit: dict[tuple[str, str], int] = {}
        self._area: list[int] = []
        for area in scenario.leaves:
            before = len(self._bit)
            self._bit.update({(area.name, source): 1 << before + i for i, source in enumerate(area.sources)})
            self._area.append((1 << len(self._bit)) - (1 << before))
        self._payers = {area.name: area.sources for area in scenario.leaves}

    def money(self, areas: Iterable[str], sources: Iterable[str]) -> int:
        """Return the money of areas without parts from sources, as far as these may pay for them."""
        counted, mask = frozenset(sources), 0
        for area in areas:
            for source in self._payers[area]:
                if source in counted:
                    mask |= self._bit[area, source]
        return mask

    def by_area(self, mask: int) -> list[int]:
        """Return `mask` area by area."""
        return [mask & own for own in self._area if mask & own]

    @cached_property
    def all(self) -> int:
        """All money."""
        return (1 << len(self._bit)) - 1

    def sources(self, mask: int) -> frozenset[str]:
        """Return the sources whose money it is."""
        return frozenset(source for (_, source), bit in self._bit.items() if bit & mask)


class Bounds:
    """All bounds of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.masks = Masks(scenario)
        self.years: dict[int, Year] = {}
        for year in scenario.years:
            self._year(year)

    def _year(self, year: int) -> None:
        found = self.years[year] = Year(self.masks, year)
        for bound in (*self._limits(year), *self._last_bands(year), *self._spend_all(year)):
            found.add(bound)
        rules = [rule for rule in self.scenario.rules if rule.strength.kind in ("must", "law") and not rule.together]
        mine = [(rule, subject) for rule in rules if year in rule.years for subject in rule.subjects]
        derived = [pair for pair in mine if pair[0].basis.kind in (BasisKind.SPENDING, BasisKind.AREA)]
        for rule, subject in mine:
            if (rule, subject) not in derived:
                self._add_all(found, self._rule(rule, subject, year))
        for bound in self._money(found):
            found.add(bound)
        for bound in [bound for rule, subject in derived for bound in self._rule(rule, subject, year)]:
            found.add(bound)

    @staticmethod
    def _add_all(year: Year, bounds: Iterable[Bound]) -> None:
        for bound in bounds:
            year.add(bound)

    # -- money there is --------------------------------------------------------------------------------------

    def available(self, sources: Iterable[str], year: int) -> Fraction:
        """Return the most that sources can pay in `year`, all that was carried over included."""
        return sum((self._most_of(name, year) for name in sources), ZERO)

    def _most_of(self, name: str, year: int) -> Fraction:
        source = self.scenario.source[name]
        years = [t for t in self.scenario.years if t <= year] if source.carry_over else [year]
        return sum((source.available[t] for t in years), ZERO)

    def _money(self, found: Year) -> Iterator[Bound]:
        """Yield what each set of sources makes available that a floor is on, and what all do."""
        names = tuple(self.scenario.source)
        sets = {frozenset(names), frozenset(self.scenario.budget_sources), *(frozenset([name]) for name in names)}
        for sources in sets | {self.masks.sources(floor.mask) for floor in found.floors}:
            chosen = tuple(name for name in names if name in sources)
            if chosen:
                yield Bound(
                    _money_name(self.scenario, chosen),
                    False,
                    self.masks.money((area.name for area in self.scenario.leaves), chosen),
                    self.available(chosen, found.year),
                    tuple(self.scenario.source[name].origin.cell(str(found.year)) for name in chosen),
                    money=True,
                )

    def _spend_all(self, year: int) -> Iterator[Bound]:
        for source in self.scenario.sources:
            if source.spend_all and not source.carry_over:
                mask = self.masks.money((area.name for area in self.scenario.leaves), (source.name,))
                cell = source.origin.cell(str(year))
                yield Bound(f"Budget: {source.name}, Spend all", True, mask, source.available[year], (cell,), base=None)

    # -- limits ----------------------------------------------------------------------------------------------

    def _limits(self, year: int) -> Iterator[Bound]:
        for area in self.scenario.areas:
            limits = self.scenario.limits.get((area.name, year))
            if limits is not None:
                yield from self._limits_of(area.name, area.origin.legal_basis, limits, year)

    def _limits_of(self, area: str, legal_basis: str, limits: Limits, year: int) -> Iterator[Bound]:
        for heading, field, floor in _LIMITS:
            value: Fraction | None = getattr(limits, field)
            if value is None:
                continue
            share = field.endswith("share")
            base = self.scenario.budget(year) if share else Fraction(1)
            sources = self.scenario.budget_sources if share else tuple(self.scenario.source)
            yield Bound(
                f"{heading}: {area}",
                floor,
                self.masks.money(self.scenario.parts[area], sources),
                value * base,
                (limits.cells[field],),
                legal_basis,
                base=base,
                percent=share,
            )

    def _last_bands(self, year: int) -> Iterator[Bound]:
        for (area, t), bands in self.scenario.bands.items():
            if t == year and bands and bands[-1].end is not None:
                origin = bands[-1].origin
                cell = origin.cell("Up to" if "Up to" in origin.columns else "Up to, of last year")
                mask = self.masks.money((area,), self.scenario.source)
                base = Fraction(1) if "Up to" in origin.columns else None
                yield Bound(f"Last band: {area}", False, mask, bands[-1].end, (cell,), origin.legal_basis, base=base)

    # -- rules -----------------------------------------------------------------------------------------------

    def _rule(self, rule: Rule, subject: Subject, year: int) -> Iterator[Bound]:
        """Yield the bounds of one subject in one year: ``S op constant + factor · other money``."""
        side = _Side(self, rule, subject, year)
        for floor in (True, False):
            if rule.operator is Operator.EQUAL or rule.operator.lower == floor:
                found = side.bound(floor=floor)
                if found is not None:
                    yield found

    def together(self) -> Iterator[tuple[Rule, Bound, tuple[int, ...]]]:
        """Yield the bounds of rules that sum over years, where they are a fixed amount."""
        for rule in self.scenario.rules:
            fixed = rule.basis.kind in (BasisKind.AMOUNT, BasisKind.BUDGET) and rule.strength.kind in ("must", "law")
            if not rule.together or not fixed:
                continue
            base = Fraction(1)  # an amount is the whole period's
            if rule.basis.kind is BasisKind.BUDGET:
                base = sum((self.scenario.available(rule.basis.sources, t) for t in rule.years), ZERO)
            for subject in rule.subjects:
                for floor in (True, False):
                    if rule.operator is Operator.EQUAL or rule.operator.lower == floor:
                        yield rule, _rule_bound(self, rule, subject, floor, ZERO, base), rule.years


class _Side:
    """The right side of a rule: ``constant + factor · money`` of some year."""

    def __init__(self, bounds: Bounds, rule: Rule, subject: Subject, year: int) -> None:
        self.bounds, self.rule, self.subject, self.year = bounds, rule, subject, year

    def bound(self, *, floor: bool) -> Bound | None:
        """Return the bound that follows; None where the money that it is a part of has no end."""
        rule, scenario, kind = self.rule, self.bounds.scenario, self.rule.basis.kind
        match kind:
            case BasisKind.AMOUNT:
                return _rule_bound(self.bounds, rule, self.subject, floor, ZERO, Fraction(1))
            case BasisKind.BUDGET:
                base = scenario.available(rule.basis.sources, self.year)
                return _rule_bound(self.bounds, rule, self.subject, floor, ZERO, base)
            case BasisKind.SPENDING:
                areas = tuple(area.name for area in scenario.leaves)
                return self._resting(floor, rule.value, areas, rule.basis.sources, self.year)
            case BasisKind.AREA:
                return self._resting(floor, rule.value, rule.basis.areas, rule.basis.sources, self.year)
            case BasisKind.LAST_YEAR | BasisKind.CHANGE:
                factor = rule.value + (kind is BasisKind.CHANGE)
                return self._looking_back(floor, factor, ZERO, rule.basis.sources, kind is BasisKind.CHANGE)
            case BasisKind.LAST_SHARE | BasisKind.POINTS:
                return self._of_shares(floor)

    def _of_shares(self, floor: bool) -> Bound | None:
        scenario, rule = self.bounds.scenario, self.rule
        money, before = scenario.available(rule.sources, self.year), self._available_before()
        if not before:
            return None
        points = rule.basis.kind is BasisKind.POINTS
        factor = money / before * (1 if points else rule.value)
        return self._looking_back(floor, factor, rule.value * money if points else ZERO, rule.sources, False)

    def _available_before(self) -> Fraction:
        scenario, sources = self.bounds.scenario, self.rule.sources
        if self.year > scenario.years[0]:
            return scenario.available(sources, self.year - 1)
        return sum((scenario.source[name].last_year or ZERO for name in sources), ZERO)

    def _looking_back(
        self, floor: bool, factor: Fraction, constant: Fraction, sources: tuple[str, ...], change: bool
    ) -> Bound | None:
        scenario, areas = self.bounds.scenario, self.subject.areas
        if self.year > scenario.years[0]:
            return self._resting(floor, factor, areas, sources, self.year - 1, constant)
        past = sum((last_year_amount(scenario, area, sources) for area in areas), ZERO)
        plain = self.rule.basis.kind in (BasisKind.LAST_YEAR, BasisKind.CHANGE)
        found = _rule_bound(
            self.bounds, self.rule, self.subject, floor, Fraction(1 if change else 0), past if plain else None
        )
        return found if plain else _with_amount(found, constant + factor * past + _margin(self.bounds, self.rule))

    def _resting(
        self, floor: bool, factor: Fraction, areas: Sequence[str], sources: tuple[str, ...], year: int,
        constant: Fraction = ZERO,
    ) -> Bound | None:  # fmt: skip
        """Return ``S op constant + factor · money``, by the least or the most that the money can be."""
        found = self.bounds.years[year]
        mask = self.bounds.masks.money(areas, sources)
        least = floor == (factor >= 0)
        rests = found.least(mask) if least else found.most(mask)
        if not least and not rests and mask:
            return None
        amount = constant + factor * total(rests) + _margin(self.bounds, self.rule)
        bound = _rule_bound(self.bounds, self.rule, self.subject, floor, ZERO, None)
        cells = tuple(dict.fromkeys((*bound.cells, *(cell for rest in rests for cell in rest.cells))))
        return _with_amount(bound, amount, cells)


def _rule_bound(
    bounds: Bounds, rule: Rule, subject: Subject, floor: bool, offset: Fraction, base: Fraction | None
) -> Bound:
    """Return ``S op (offset + Value) · base``; of no amount yet where the base is None."""
    return Bound(
        rule.row_name(subject),
        floor,
        bounds.masks.money(subject.areas, rule.sources),
        ZERO if base is None else (offset + rule.value) * base + _margin(bounds, rule),
        (rule.origin.cell("Value"),),
        rule.origin.legal_basis,
        rule.strength,
        base=base,
        offset=offset,
        percent=rule.basis.kind is not BasisKind.AMOUNT,
    )


def _with_amount(bound: Bound, amount: Fraction, cells: tuple[Cell, ...] | None = None) -> Bound:
    return Bound(
        bound.name, bound.floor, bound.mask, amount, bound.cells if cells is None else cells, bound.legal_basis,
        bound.strength, base=None, percent=bound.percent,
    )  # fmt: skip


def _margin(bounds: Bounds, rule: Rule) -> Fraction:
    """Return what a strict rule adds: a Step; where there is none its margin is too small to count here."""
    if not rule.operator.strict:
        return ZERO
    return bounds.scenario.step if rule.operator.lower else -bounds.scenario.step


def _money_name(scenario: Scenario, chosen: tuple[str, ...]) -> str:
    if len(chosen) == 1:
        return f"Budget: {chosen[0]}"
    if chosen == scenario.budget_sources:
        return "the budget"
    return "all money" if len(chosen) == len(scenario.source) else f"the money of {', '.join(chosen)}"
