"""Contradictions that can be seen without solving: what is asked for adds up to more than is allowed.

Each one means that no plan exists. That there is none doesn't mean that a plan exists.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from allocator.errors import Problem
from allocator.scenario.bounds import ZERO, Bound, Bounds, total
from allocator.scenario.cells import grouped, plain
from allocator.scenario.model import Cell, Indicator, Operator, Scenario, Target

DIGITS = 6
MOST_NAMED = 6


@dataclass(frozen=True)
class _Clash:
    """Floors that add up to more than caps, in one year or over years."""

    floors: tuple[Bound, ...]
    caps: tuple[Bound, ...]
    years: tuple[int, ...]

    @cached_property
    def cells(self) -> frozenset[Cell]:
        """The cells of the demands; not those of the money there is, which differ from year to year."""
        return frozenset(cell for bound in (*self.floors, *self.caps) if not bound.money for cell in bound.cells)

    @property
    def excess(self) -> Fraction:
        return total(self.floors) - total(self.caps)

    @property
    def digits(self) -> int:
        """How many digits its figures need to be told apart."""
        sizes = [abs(amount) for amount in (total(self.floors), total(self.caps)) if amount]
        if not sizes or not self.excess:
            return DIGITS
        return max(DIGITS, _magnitude(max(sizes)) - _magnitude(abs(self.excess)) + 3)


def contradictions(scenario: Scenario) -> tuple[Problem, ...]:
    """Return the contradictions of a scenario, each at the cell that is easiest to change, the shortest first.

    One that others are part of is left out. Floors and caps are compared year by year, over the years of rules that
    hold for years together, and indicators' targets with what all money spent on the best areas would reach.
    """
    bounds = Bounds(scenario)
    clashes = sorted(_clashes(bounds), key=lambda clash: (len(clash.cells), -clash.excess))
    shown: dict[frozenset[Cell], _Clash] = {}
    for clash in clashes:
        if not any(known <= clash.cells for known in shown):
            shown[clash.cells] = clash
    found = [_problem(clash, scenario, _also(clash, clashes)) for clash in shown.values()]
    for indicator in scenario.indicators:
        found += _targets(indicator, bounds)
    return tuple(found)


def _also(clash: _Clash, clashes: Sequence[_Clash]) -> tuple[int, ...]:
    """Return the other years in which the same cells clash, by themselves or with more."""
    years = {year for other in clashes if clash.cells <= other.cells for year in other.years}
    return tuple(sorted(years - set(clash.years)))


# -- floors and caps -------------------------------------------------------------------------------------------------


def _clashes(bounds: Bounds) -> Iterator[_Clash]:
    for year, found in bounds.years.items():
        for floor in found.floors:
            if not floor.mask:
                yield _Clash((floor,), (), (year,))
        for cap in found.caps:
            floors = found.least(cap.mask)
            if _exceeds(total(floors), cap.amount):
                yield _Clash(_needed(floors, cap.amount), (cap,), (year,))
        for floor in found.floors:
            caps = found.most(floor.mask)
            if len(caps) > 1 and _exceeds(floor.amount, total(caps)):
                yield _Clash((floor,), caps, (year,))
    yield from _over_years(bounds)


def _over_years(bounds: Bounds) -> Iterator[_Clash]:
    for _, bound, years in bounds.together():
        each = [bounds.years[year] for year in years]
        if bound.floor:
            caps = [year.most(bound.mask) for year in each]
            if bound.amount > 0 and (not bound.mask or all(caps)):
                flat = tuple(cap for found in caps for cap in found)
                if _exceeds(bound.amount, total(flat)):
                    yield _Clash((bound,), flat, years)
        else:
            floors = tuple(floor for year in each for floor in year.least(bound.mask))
            if _exceeds(total(floors), bound.amount):
                yield _Clash(_needed(floors, bound.amount), (bound,), years)


def _exceeds(asked: Fraction, allowed: Fraction) -> bool:
    return asked > allowed


def _needed(floors: Sequence[Bound], allowed: Fraction) -> tuple[Bound, ...]:
    """Return the few floors that are enough for a clash: laws are left out first, then the small ones."""
    kept = list(floors)
    for floor in sorted(floors, key=lambda f: (f.strength.kind != "law", f.amount)):
        if _exceeds(total(kept) - floor.amount, allowed):
            kept.remove(floor)
    return tuple(kept)


# -- in words --------------------------------------------------------------------------------------------------------


def _problem(clash: _Clash, scenario: Scenario, also: tuple[int, ...]) -> Problem:
    """Return the clash at its first cell that may be changed; `also`: the other years with the same one."""
    bounds = [bound for bound in (*clash.floors, *clash.caps) if not bound.money]
    at = min(bounds, key=lambda bound: bound.strength.kind == "law")
    too = f" (and so {_years(also)})" if also else ""
    advice = f"for {clash.years[0]} {_advice(clash)}" if also else _advice(clash)
    return Problem(str(at.cells[0]), f"no plan can exist: {_arithmetic(clash, scenario)}{too}; {advice}")


def _arithmetic(clash: _Clash, scenario: Scenario) -> str:
    when, unit = _years(clash.years), scenario.unit
    asked, allowed = (_money(total(bounds), clash.digits) for bounds in (clash.floors, clash.caps))
    if not clash.caps:
        floor = clash.floors[0]
        return f"{when} {_named(floor)} asks for at least {asked} {unit}, but no source that counts may pay"
    if not clash.floors:
        return f"{when} {_listed(clash.caps)} would need spending of {allowed} {unit} or less"
    many = len({floor.cells[0] for floor in clash.floors}) > 1
    asks = f"{_listed(clash.floors)} ask for at least" if many else f"{_listed(clash.floors)} asks for at least"
    allow = "allow" if len(clash.caps) > 1 else "allows"
    if all(cap.money for cap in clash.caps):
        there = f"{_listed(clash.caps)} has only {allowed}"
    else:
        there = f"{_listed(clash.caps)} {allow} at most {allowed}"
    in_all = " in all" if many else ""
    return f"{when} {asks} {asked} {unit}{in_all}, but {there}"


def _advice(clash: _Clash) -> str:
    """Return what to type: each cell alone that would do; a money cell only where no share grows with it."""
    short = clash.excess
    ways = []
    owners = Counter(bound.cells[0] for bound in {b.name: b for b in (*clash.floors, *clash.caps)}.values())
    for bound in (*clash.floors, *clash.caps):
        if owners[bound.cells[0]] > 1 or len(clash.years) > 1:
            continue
        number = bound.typed(bound.amount - short if bound.floor else bound.amount + short)
        if bound.strength.kind == "law" or bound.money or number is None or (bound.floor and number < 0):
            continue
        text = _typed(number, clash.digits, floor=bound.floor, in_percent=bound.percent)
        ways.append(f"{'at most' if bound.floor else 'at least'} {text} in {bound.cells[0]}")
    money = [cap for cap in clash.caps if cap.money]
    if money and not any(bound.percent for bound in clash.floors):
        ways.append(f"{_money(short, clash.digits, up=True)} more in {money[0].cells[0]}")
    if ways:
        return f"type {' or '.join(ways[:3])}"
    if all(bound.strength.kind == "law" for bound in (*clash.floors, *clash.caps) if not bound.money):
        return "all of it is law: look whether each is entered as the law has it"
    return f"they have to come {_money(short, clash.digits, up=True)} nearer to each other"


def _typed(number: Fraction, digits: int, *, floor: bool, in_percent: bool) -> str:
    """Return the number to type, rounded to the side that is safe."""
    scaled = number * 100 if in_percent else number
    text = plain(_rounded(scaled, math.floor if floor else math.ceil, digits))
    return f"{text}%" if in_percent else text


def _magnitude(number: Fraction) -> int:
    return math.floor(math.log10(number))


def _rounded(number: Fraction, way: Callable[[Fraction], int], digits: int = DIGITS) -> Fraction:
    if not number:
        return number
    places = digits - 1 - _magnitude(abs(number))
    factor = Fraction(10) ** places
    return way(number * factor) / factor


def _money(amount: Fraction, digits: int, *, up: bool = False) -> str:
    return grouped(_rounded(amount, math.ceil if up else round, digits))


def _named(bound: Bound, count: int = 1) -> str:
    """Return a bound with its cell and legal basis; `count`: for how many areas its cell gives one."""
    own = bound.cells if bound.money else bound.cells[:1]
    places = ", ".join(map(str, own[:3])) + (", …" if len(own) > 3 else "")
    name = bound.name.partition(": ")[0] if count > 1 else bound.name
    name = name if ":" in name or bound.money else f'"{name}"'
    many = f" for {count} areas" if count > 1 else ""
    return f"{name}{many} ({'; '.join(filter(None, (places, bound.legal_basis)))})"


def _listed(bounds: Sequence[Bound]) -> str:
    """Return bounds as a sentence lists them, those of one cell as one."""
    of_cell: dict[tuple[Cell, ...], dict[str, Bound]] = {}
    for bound in bounds:
        of_cell.setdefault(bound.cells if bound.money else bound.cells[:1], {})[bound.name] = bound
    names = [_named(next(iter(mine.values())), len(mine)) for mine in of_cell.values()]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _years(years: Sequence[int]) -> str:
    first, last = years[0], years[-1]
    if len(years) > 2 and last - first == len(years) - 1:
        return f"in {first}-{last}"
    return "in " + " and ".join(filter(None, [", ".join(map(str, years[:-1])), str(last)]))


# -- targets ---------------------------------------------------------------------------------------------------------


def _targets(indicator: Indicator, bounds: Bounds) -> Iterator[Problem]:
    for target in indicator.targets:
        if target.operator is None or target.value is None or target.strength.kind not in ("must", "law"):
            continue
        missed = [year for year in target.years if _out_of_reach(indicator, target, bounds, year) is not None]
        if missed:
            best = _out_of_reach(indicator, target, bounds, missed[0])
            yield _target_problem(indicator, target, missed, best or ZERO)


def _target_problem(indicator: Indicator, target: Target, years: list[int], best: Fraction) -> Problem:
    assert target.value is not None  # noqa: S101 - the caller has seen to it
    upwards = _upwards(target, best)
    basis = f" ({target.origin.legal_basis})" if target.origin.legal_basis else ""
    found = plain(_rounded(best, math.floor if upwards else math.ceil))
    side = "at most" if upwards else "at least"
    unit = f" {indicator.unit}" if indicator.unit else ""
    operator = target.operator.value if target.operator else ""
    change = "" if target.strength.kind == "law" else f"; type {side} {found}, or make it a goal (Strength: goal 1)"
    message = (
        f"no plan can exist: {_years(years)} {indicator.name} is to be {operator} {plain(target.value)}{unit}{basis}, "
        f"but however the money is spent it comes to {side} {found}{change}"
    )
    return Problem(str(target.origin.cell("Target")), message, "Target")


def _upwards(target: Target, best: Fraction) -> bool:
    return target.value is not None and best < target.value


def _out_of_reach(indicator: Indicator, target: Target, bounds: Bounds, year: int) -> Fraction | None:
    """Return the nearest value to a target that all money could reach; None where it reaches the target."""
    assert target.operator is not None  # noqa: S101 - the caller has seen to it
    assert target.value is not None  # noqa: S101 - the same
    if target.operator.lower or target.operator is Operator.EQUAL:
        most = _extreme(indicator, bounds, year, sign=1)
        if target.value > most:
            return most
    if target.operator.upper or target.operator is Operator.EQUAL:
        least = _extreme(indicator, bounds, year, sign=-1)
        if least > target.value:
            return least
    return None


def _extreme(indicator: Indicator, bounds: Bounds, year: int, *, sign: int) -> Fraction:
    """Return the highest (`sign` 1) or lowest value of an indicator if only money, and what areas may take, counted."""
    scenario = bounds.scenario
    years = indicator.years_counted(year, scenario.years)
    effects = scenario.effects.get(indicator.name, {})
    value = indicator.baseline
    if indicator.from_last_year:
        value -= sum((e.value * (scenario.area[a].last_year or ZERO) for a, e in effects.items()), ZERO) * len(years)
    ranked = sorted(((e.value * sign, name) for name, e in effects.items() if e.value * sign > 0), reverse=True)
    sources = tuple({source for _, name in ranked for source in scenario.area[name].sources})
    carried = any(scenario.source[name].carry_over for name in sources)
    if carried and len(years) > 1:  # what is carried over counts once
        groups = [(years, sum((_cells(bounds, sources, t) for t in scenario.years if t <= year), ZERO))]
    else:
        groups = [((t,), bounds.available(sources, t)) for t in years]
    for together, money in groups:
        left = money
        for effect, name in ranked:
            part = min(left, _most(bounds, name, together, left))
            value += sign * effect * part
            left -= part
    return value


def _cells(bounds: Bounds, sources: Sequence[str], year: int) -> Fraction:
    return bounds.scenario.available(sources, year)


def _most(bounds: Bounds, area: str, years: Sequence[int], otherwise: Fraction) -> Fraction:
    """Return the most that an area may get over years."""
    mask = bounds.masks.money((area,), bounds.scenario.source)
    found = [bounds.years[year].most(mask) for year in years]
    return total(cap for caps in found for cap in caps) if all(found) else otherwise
