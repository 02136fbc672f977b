"""From any basis to the exact optimum with HiGHS asked again, against the simplex method in fractions alone."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from allocator.programme import decision
from allocator.programme.decision import FEW, optimum
from allocator.programme.simplex import Basis, Simplex, StandardForm, Vertex
from allocator.programme.status import Status
from quick_part import quick_part
from random_programmes import programme, start

ZERO = Fraction(0)
NOTHING = Basis((), frozenset())


def unhurried() -> None:
    """There is no limit of time."""


def activity(form: StandardForm, values: list[Fraction]) -> list[Fraction]:
    sums = [ZERO] * len(form.row_lower)
    for value, entries in zip(values, form.columns, strict=True):
        for row, entry in entries:
            sums[row] += entry * value
    return sums


def optimal(form: StandardForm, costs: dict[int, Fraction], found: Vertex) -> bool:
    """Whether a vertex keeps its programme and its prices prove it optimal."""
    width = len(form.columns)
    values = list(found.values[:width])
    rows = activity(form, values)
    assert rows == list(found.values[width:])
    reduced = [
        costs.get(at, ZERO) - sum((entry * found.prices.get(row, ZERO) for row, entry in entries), ZERO)
        for at, entries in enumerate(form.columns)
    ]
    priced = [*reduced, *(found.prices.get(row, ZERO) for row in range(len(rows)))]
    ends = zip([*form.lower, *form.row_lower], [*form.upper, *form.row_upper], strict=True)
    return all(
        (low is None or value >= low)
        and (high is None or value <= high)
        and (price == 0 or value == (low if price > 0 else high))
        for value, price, (low, high) in zip([*values, *rows], priced, ends, strict=True)
    )


def impossible(form: StandardForm, found: Vertex) -> bool:
    """Whether the prices prove that the programme has no solution; its columns are 0 or more, without end."""
    reached = [-sum((e * found.prices.get(row, ZERO) for row, e in entries), ZERO) for entries in form.columns]
    asked = ZERO
    for row, price in found.prices.items():
        end = form.row_lower[row] if price > 0 else form.row_upper[row]
        if price:
            assert end is not None
            asked += price * end
    return asked > 0 and min(reached) >= 0


def wide(seed: int, periods: int, height: int, width: int) -> tuple[StandardForm, dict[int, Fraction]]:
    """A programme in stages whose columns, and worths, are up to 10¹⁶ times each other; it has a best solution."""
    rng = random.Random(seed)  # noqa: S311

    def number() -> Fraction:
        return Fraction(str(rng.choice((1, 1, 1, -1, -1, 0.5, -0.25, 1.06, -0.301, round(rng.uniform(-9, 9), 2) or 1))))

    kinds = [rng.choice("ELLG") for _ in range(periods * height)]
    prices = [number() * Fraction(10) ** rng.randint(-8, 8) if rng.random() < 0.7 else ZERO for _ in kinds]
    prices = [-abs(y) if kind == "L" else abs(y) if kind == "G" else y for y, kind in zip(prices, kinds, strict=True)]
    columns, plan, costs = [], [], {}
    for at in range(periods * width):
        first = at // width * height
        rows = {first + rng.randrange(height) for _ in range(rng.randint(1, 4))}
        rows |= {first + height + rng.randrange(height) for _ in range(rng.randint(0, 2)) if at < (periods - 1) * width}
        unit = Fraction(10) ** rng.randint(-3, 3)
        columns.append([(row, number() * unit) for row in sorted(rows)])
        is_in = rng.random() < 0.6 * height / width
        plan.append(Fraction(rng.randint(1, 5000), 10) / unit if is_in else ZERO)
        costs[at] = sum((entry * prices[row] for row, entry in columns[-1]), ZERO)
        if not is_in and rng.random() < 0.8:
            costs[at] += Fraction(rng.randint(1, 9999), 100) * unit * Fraction(10) ** rng.randint(-8, 8)
    form = StandardForm(columns, [ZERO] * len(columns), [None] * len(columns), [None] * len(kinds), [None] * len(kinds))
    reached = activity(form, plan)
    return replace(
        form,
        row_lower=[None if kind == "L" else end for end, kind in zip(reached, kinds, strict=True)],
        row_upper=[None if kind == "G" else end for end, kind in zip(reached, kinds, strict=True)],
    ), costs


def contradicted(form: StandardForm, seed: int) -> StandardForm:
    """The same with a row that asks for a millionth of a millionth more than some others together allow."""
    rng, height = random.Random(seed), len(form.row_lower)  # noqa: S311
    upper = {row: end for row, end in enumerate(form.row_upper) if end is not None}
    chosen = {row: 1 / max(abs(entry) for _, entry in form.rows[row]) for row in rng.sample(sorted(upper), 5)}
    most = sum((weight * upper[row] for row, weight in chosen.items()), ZERO)
    columns = []
    for entries in form.columns:
        own = sum((chosen[row] * entry for row, entry in entries if row in chosen), ZERO)
        columns.append([*entries, *([(height, own)] if own else [])])
    return replace(
        form,
        columns=columns,
        row_lower=[*form.row_lower, most + abs(most) / 10**12],
        row_upper=[*form.row_upper, None],
    )


@pytest.mark.parametrize("seed", quick_part(range(300), 40))
def test_the_end_is_that_of_fractions_alone(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked from the first pivot on: small programmes, of which some have no solution, or none that is best."""
    monkeypatch.setattr(decision, "FEW", 0)
    rng = random.Random(seed)  # noqa: S311
    form, costs = programme(rng)
    basis = start(rng, form)
    found, wanted = optimum(form, basis, costs, unhurried), Simplex(form, basis).minimise(costs)
    assert found.status is wanted.status
    if found.status is Status.OPTIMAL:
        assert optimal(form, costs, found)


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_programme_takes_a_few_pivots_from_no_basis_at_all(seed: int) -> None:
    form, costs = wide(seed, 6, 40, 90)
    found = optimum(form, NOTHING, costs, unhurried)
    assert found.status is Status.OPTIMAL
    assert optimal(form, costs, found)
    assert found.pivots <= 2 * FEW


@pytest.mark.parametrize("seed", range(4))
def test_a_small_contradiction_in_a_wide_programme_is_proved(seed: int) -> None:
    form, costs = wide(seed, 6, 40, 90)
    form = contradicted(form, seed)
    found = optimum(form, NOTHING, costs, unhurried)
    assert found.status is Status.INFEASIBLE
    assert impossible(form, found)


def test_it_stops_when_it_is_told_to() -> None:
    class TooLateError(Exception):
        pass

    calls = iter(range(FEW + 1))

    def watch() -> float | None:
        if next(calls, None) is None:
            raise TooLateError
        return 60.0

    form, costs = wide(1, 6, 40, 90)
    with pytest.raises(TooLateError):
        optimum(form, NOTHING, costs, watch)
