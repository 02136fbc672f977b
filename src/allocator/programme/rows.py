"""The rows of the programme in exact numbers: what each demands, of whom, and where it stands in the workbook.

What a family of constraints says of its demands is here too, as each row knows the demand that it is made of.

A row says ``left operator right``, where both sides are linear in the amounts. Everything that must be exact
(rounding, checks, the figures shown) is computed from these; the solver gets them as floating-point numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, product, starmap
from typing import ClassVar, NamedTuple, Protocol, Self

from allocator.scenario.bases.basis import Funds, Money, Quantity, Rescaled, Sum
from allocator.scenario.model import Band, Cell, Effect, Operator, Origin, Scenario, Strength
from allocator.scenario.rules import last_year_amount


class Key(NamedTuple):
    """An amount: what an area gets in a year from a source."""

    area: str
    """One without parts."""
    year: int
    source: str

    @property
    def pair(self) -> tuple[str, int]:
        """Its area and year, as the objective and yearly sums know it."""
        return self.area, self.year


def keys_of(areas: Iterable[str], years: Iterable[int], sources: Iterable[str]) -> Iterator[Key]:
    """Yield the amounts of these areas (without parts), years and sources, in this order, be they in use or not."""
    return starmap(Key, product(areas, years, sources))


def total(
    amounts: Mapping[Key, Fraction], areas: Iterable[str], years: Iterable[int], sources: Iterable[str]
) -> Fraction:
    """Return the sum of the amounts of these areas (without parts), years and sources; a missing one counts as 0."""
    return sum((amounts.get(key, ZERO) for key in keys_of(areas, years, sources)), ZERO)


def yearly_sums[T: (float, Fraction)](amounts: Mapping[Key, T]) -> dict[tuple[str, int], T]:
    """Return (area, year) → amount over all sources, of those areas and years that have one."""
    totals: dict[tuple[str, int], T] = {}
    for key, amount in amounts.items():
        pair = key.pair
        totals[pair] = totals[pair] + amount if pair in totals else amount
    return totals


HARD = frozenset({"must", "law"})
"""Strengths of the rows that no plan may break."""
ZERO = Fraction(0)
ONE = Fraction(1)
"""The coefficient of an amount in a sum: always this object, so that it is known without arithmetic."""
_MINUS_ONE = Fraction(-1)
MUST = Strength()
STRICT_PART = Fraction(1, 10**6)
"""A strict comparison's margin where there is no Step, as a part of the row's constant."""


@dataclass(frozen=True)
class Linear:
    """Σ coefficient · amount + constant; zero coefficients are left out."""

    terms: Mapping[Key, Fraction] = field(default_factory=dict)
    constant: Fraction = ZERO

    def value(self, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return the value at `amounts`; an amount that is missing counts as 0."""
        return sum((c * amounts.get(key, ZERO) for key, c in self.terms.items()), self.constant)

    def __add__(self, other: Linear) -> Linear:
        constant = (
            self.constant + other.constant if self.constant and other.constant else self.constant or other.constant
        )
        if not self.terms or not other.terms:  # the same terms may then be the same object
            return Linear(self.terms or other.terms, constant)
        terms = dict(self.terms)
        for key, coefficient in other.terms.items():
            terms[key] = terms[key] + coefficient if key in terms else coefficient
        return Linear({k: c for k, c in terms.items() if c}, constant)

    def __mul__(self, factor: Fraction | int) -> Linear:
        constant = self.constant * factor if self.constant else ZERO
        if not self.terms or not factor:
            return Linear(constant=constant)
        once = ONE if factor == 1 else Fraction(factor)
        return Linear({k: once if c is ONE else c * factor for k, c in self.terms.items()}, constant)

    def __sub__(self, other: Linear) -> Linear:
        constant = self.constant - other.constant if other.constant else self.constant
        if not other.terms:
            return Linear(self.terms, constant)
        terms = dict(self.terms)
        before, minus = ONE, _MINUS_ONE
        for key, coefficient in other.terms.items():
            if coefficient is not before:
                before, minus = coefficient, -coefficient
            terms[key] = terms[key] - coefficient if key in terms else minus
        return Linear({k: c for k, c in terms.items() if c}, constant)


@dataclass(frozen=True)
class Piece:
    """A segment of an area's yearly amount with one benefit per unit; `width` None is no end."""

    width: Fraction | None
    slope: Fraction
    number: int
    """Of the first band that it comes from; 1 where there are no bands."""


@dataclass(frozen=True)
class RowKind:
    """What the rows of a family of constraints are, whatever they demand; said once, in the family's file."""

    word: str
    """What JSON calls it."""
    money: bool = True
    """Whether both sides are sums of money; else they are in a unit of their own."""
    supply: bool = False
    """Whether it says what money there is, which others are held against; `Row.subject` is the source.

    An equality of these is kept from below, since nothing can be spent that isn't there.
    """
    of_area: bool = False
    """Whether it bounds what one area gets by itself; `Row.subject` is the area."""
    outcome: bool = False
    """Whether it is about what the money brings about."""
    stated: bool = False
    """Whether it is stated with an operator and a strength, each in a cell of its own."""


@dataclass(frozen=True)
class Row:
    """One demand on the plan: ``left operator right``, by `margin` where it is strict.

    ``right = (offset + value) · base`` where there is a base, and the value alone otherwise; `base` and `offset`
    turn the left side back into the rule's own unit (4.1 % of the budget, −3 % on last year).
    """

    name: str
    """As in the contract: ``Budget: SOURCE``, ``Minimum: AREA``, a rule's or an indicator's name."""
    year: int | None
    """None where years count together."""
    kind: RowKind
    subject: str
    """Whose money it is about, as text; `total` for all areas."""
    left: Linear
    operator: Operator
    right: Linear
    value: Fraction
    """The number as written: a part (0.04), an amount, a target."""
    unit: str
    """Unit of both sides."""
    strength: Strength
    cell: Cell
    """The input cell that holds the demand's number."""
    origin: Origin
    base: Linear | None = None
    offset: Fraction = ZERO
    margin: Fraction = ZERO
    divisor: Fraction = ONE
    """What a goal's shortfall is divided by when goals are summed."""
    indicator: str | None = None
    goal_bound: bool = False
    """Whether it is no demand of the workbook but a priority's sum of shortfalls, held while the next was sought."""
    of: Constraint | None = field(default=None, repr=False, compare=False)
    """The demand of the scenario that it is the row of; None for rows that are none of its."""

    @property
    def label(self) -> str:
        """Name and year, as messages and the LP file have them."""
        return self.name if self.year is None else f"{self.name} {self.year}"

    @property
    def title(self) -> str | None:
        """The name that its author gave the demand, which other rows may share; None where they gave none."""
        return None if self.of is None else self.of.title

    @property
    def body(self) -> Linear:
        """All money on the left: ``left − right`` without its constant; what the programme's row holds."""
        return Linear((self.left - Linear(self.right.terms)).terms)

    @property
    def bound(self) -> Fraction:
        """The constant that `body` is compared with, the margin of a strict row included."""
        constant = self.right.constant - self.left.constant if self.left.constant else self.right.constant
        if self.operator.lower:
            return constant + self.margin
        return constant - self.margin if self.operator.upper else constant

    def slack(self, amounts: Mapping[Key, Fraction]) -> Fraction:
        """Return how far the row is from its bound at `amounts`, margin included: negative where it is broken.

        For ``=`` it is minus the distance, so that 0 means kept.
        """
        difference = self.body.value(amounts) - self.bound
        if self.operator is Operator.EQUAL:
            return -abs(difference)
        return difference if self.operator.lower else -difference

    def reached(self, amounts: Mapping[Key, Fraction]) -> Fraction | None:
        """Return the left side in the rule's own unit; None where that would divide by nothing."""
        left = self.left.value(amounts)
        if self.base is None:
            return left
        base = self.base.value(amounts)
        return left / base - self.offset if base else None


_MOST_MOVES = 64
"""So many sums of effects are kept at most."""
type _Asked = tuple[tuple[str, ...], tuple[int, ...], tuple[str, ...]]
"""Areas, years and sources of a sum."""


class Ledger:
    """Sums of amounts, as linear expressions."""

    keys: tuple[Key, ...]
    """Every amount."""
    _payers: Mapping[str, tuple[str, ...]]
    _keys_of: Mapping[tuple[str, int], tuple[Key, ...]]
    _sums: dict[_Asked, Linear]
    _moves: dict[tuple[int, tuple[int, ...]], tuple[Mapping[str, Effect], Linear]]

    def __init__(self, scenario: Scenario, like: Ledger | None = None) -> None:
        """`like`: the ledger of a scenario with the same amounts, whose sums are shared."""
        self.scenario = scenario
        self._all = tuple(scenario.source)
        self._available: dict[tuple[tuple[str, ...], int], Fraction] = {}
        if like is not None:
            self._payers, self._keys_of, self.keys = like._payers, like._keys_of, like.keys
            self._sums, self._moves = like._sums, like._moves
            return
        self._payers = {area.name: area.sources for area in scenario.leaves}
        self._keys_of = {
            (area, year): tuple(keys_of((area,), (year,), own))
            for area, own in self._payers.items()
            for year in scenario.years
        }
        self.keys = tuple(chain.from_iterable(self._keys_of.values()))
        self._sums = {}
        self._moves = {}

    def money(self, areas: Iterable[str], years: Iterable[int], sources: Iterable[str] | None = None) -> Linear:
        """Return Σ x[a,t,s] over leaf areas, years and sources (None: all)."""
        asked = (tuple(areas), tuple(years), self._all if sources is None else tuple(sources))
        found = self._sums.get(asked)
        if found is None:
            found = self._sums[asked] = self._sum(*asked)
        return found

    def _sum(self, areas: Iterable[str], years: Iterable[int], sources: Iterable[str]) -> Linear:
        counted = set(sources)
        return Linear(
            {key: ONE for area in areas for year in years for key in self._keys_of[area, year] if key.source in counted}
        )

    def moved(self, effects: Mapping[str, Effect], years: tuple[int, ...]) -> Linear:
        """Return Σ effect · x[a,t,s] over the areas of `effects` and years."""
        known, found = self._moves.get((id(effects), years), (None, Linear()))
        if known is not effects:
            terms: dict[Key, Fraction] = {}
            for name, effect in effects.items():
                terms.update(dict.fromkeys(self.money((name,), years).terms, effect.value))
            found = Linear(terms)
            if len(self._moves) >= _MOST_MOVES:
                self._moves.clear()
            self._moves[id(effects), years] = effects, found
        return found

    def linear(self, quantity: Quantity) -> Linear:
        """Return a quantity as an expression in the amounts."""
        match quantity:
            case Money(areas, sources, years):
                return self._added(self._money_of(areas, sources, year) for year in years)
            case Funds(sources, years):
                return Linear(constant=self._funds(sources, years))
            case Rescaled(of, now, then):
                return self.linear(of) * (self._funds(now.sources, now.years) / self._funds(then.sources, then.years))
            case Sum(parts):
                return self._added(self.linear(part) * factor for factor, part in parts)

    @staticmethod
    def _added(parts: Iterable[Linear]) -> Linear:
        first, *rest = parts
        for part in rest:
            first += part
        return first

    def _money_of(self, areas: tuple[str, ...] | None, sources: tuple[str, ...], year: int) -> Linear:
        """Return what areas get in a year: amounts, or before the first year what Areas says."""
        paid = tuple(self._payers) if areas is None else areas
        if year >= self.scenario.years[0]:
            return self.money(paid, (year,), sources)
        return Linear(constant=sum((last_year_amount(self.scenario, area, sources) for area in paid), ZERO))

    def _funds(self, sources: tuple[str, ...], years: tuple[int, ...]) -> Fraction:
        """Return the sum of Budget's cells; of a year before the first its Last year."""
        first = self.scenario.years[0]
        past = (self.scenario.source[name].last_year or ZERO for t in years if t < first for name in sources)
        return sum((self.available(sources, t) for t in years if t >= first), sum(past, ZERO))

    def available(self, sources: tuple[str, ...], year: int) -> Fraction:
        """Return the sum of the Budget cells of `sources` in `year`."""
        found = self._available.get((sources, year))
        if found is None:
            found = self._available[sources, year] = self.scenario.available(sources, year)
        return found


# -- what rows are made of --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reads:
    """The figures that a row holds beside the number in its own cell."""

    budgets: frozenset[int] = frozenset()
    """The years whose Budget cells it counts."""
    past: bool = False
    """Whether it counts what is said of the year before the first."""
    effects: frozenset[str] = frozenset()
    """The indicators whose effects it counts."""


NOTHING = Reads()


@dataclass(frozen=True)
class Number:
    """The number in the input cell behind a row, and how far it may be changed."""

    cell: Cell
    value: Fraction
    share: bool
    """Whether it is a part of something: 0.04 is 4 %."""
    least: Fraction | None
    most: Fraction | None


class Formulas(Protocol):
    """Turns what a row is made of into formulas over a workbook's cells; None where no cells hold it."""

    def quantity(self, quantity: Quantity) -> str | None:
        """Return the formula of a quantity."""

    def figure(self, row: Row) -> str | None:
        """Return the formula that reads the row's number from its cell."""

    def available(self, source: str, years: Sequence[int], row: Row) -> str | None:
        """Return the formula of what a source makes available; `row`: its Budget row."""

    def band_end(self, area: str, band: Band) -> str | None:
        """Return the formula of where an area's band ends."""

    def indicator(self, name: str, year: int) -> str | None:
        """Return the formula of an indicator's value."""

    def budget(self, year: int) -> str:
        """Return the formula of a year's budget."""

    def budgets(self, years: Sequence[int]) -> str | None:
        """Return the formula of these years' budgets; None where they are nothing."""


class Constraint(ABC):
    """One demand of a scenario on its plans: what a row of the programme is made of."""

    fields: ClassVar[tuple[str, ...]]
    """The fields of a scenario that the family's demands are made of, beside the years."""
    kind: ClassVar[RowKind]
    """What its rows are."""

    @classmethod
    @abstractmethod
    def all_in(cls, scenario: Scenario) -> Iterator[Self]:
        """Yield the family's demands in order."""

    @abstractmethod
    def row(self, ledger: Ledger) -> Row:
        """Return its row."""

    @property
    def title(self) -> str | None:
        """The name that its author gave it, which several rows may share; None where rows are named after cells."""
        return None

    @property
    def reads(self) -> Reads:
        """What follows from other cells than its own."""
        return NOTHING

    # What may be changed in it

    def number(self, row: Row, scenario: Scenario) -> Number:  # noqa: ARG002 - a band's end asks the scenario
        """Return the number that a repair may change; `row` is its own."""
        least = min(ZERO, row.value)
        return Number(row.cell, row.value, share=row.base is not None, least=least, most=None)

    @abstractmethod
    def at(self, value: Fraction, scenario: Scenario) -> Constraint:
        """Return the demand with another number in its cell."""

    # Its sides as formulas

    @abstractmethod
    def left_formula(self, formulas: Formulas) -> str | None:
        """Return the formula of the left side."""

    def value_formula(self, row: Row, formulas: Formulas) -> str | None:
        """Return the formula of Value."""
        return formulas.figure(row)

    def base_formula(self, formulas: Formulas) -> str | None:  # noqa: ARG002 - most have none
        """Return the formula of what Value is multiplied by."""
        return None

    def divisor_formula(self, value: str, formulas: Formulas) -> str | None:  # noqa: ARG002 - the same
        """Return the formula of what a goal's shortfall is divided by; `value` is the address of Value."""
        return None
