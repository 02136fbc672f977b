"""The simplex method in fractions: what it says is checked by what proves it, without another solver."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.programme.factor import Factor, SingularError
from allocator.programme.simplex import Basis, Simplex, StandardForm, Vertex
from allocator.programme.status import Status
from quick_part import quick_part
from random_programmes import ZERO, number, programme, start


def ends(form: StandardForm) -> list[tuple[Fraction | None, Fraction | None]]:
    return list(zip([*form.lower, *form.row_lower], [*form.upper, *form.row_upper], strict=True))


def is_kept(form: StandardForm, values: list[Fraction] | tuple[Fraction, ...]) -> bool:
    sums = [ZERO] * len(form.row_lower)
    for value, entries in zip(values, form.columns, strict=False):
        for row, entry in entries:
            sums[row] += entry * value
    assert list(values[len(form.columns) :]) == sums
    return all(
        (low is None or value >= low) and (high is None or value <= high)
        for value, (low, high) in zip(values, ends(form), strict=True)
    )


def bound(form: StandardForm, costs: dict[int, Fraction], prices: dict[int, Fraction]) -> Fraction | None:
    """What no solution can fall below, from prices alone (weak duality); None: the prices say nothing."""
    total = ZERO
    reduced = [
        costs.get(at, ZERO) - sum((entry * prices.get(row, ZERO) for row, entry in entries), ZERO)
        for at, entries in enumerate(form.columns)
    ]
    priced = [*reduced, *(prices.get(row, ZERO) for row in range(len(form.row_lower)))]
    for price, (low, high) in zip(priced, ends(form), strict=True):
        end = low if price > 0 else high
        if price and end is None:
            return None
        total += price * (end or ZERO)
    return total


def proved(form: StandardForm, costs: dict[int, Fraction], found: Vertex) -> None:
    prices = dict(found.prices)
    if found.status is Status.INFEASIBLE:
        # prices by which all bounds together ask for more than nothing: no point keeps them (Farkas)
        least = bound(form, {}, prices)
        assert least is not None
        assert least > 0
        return
    assert is_kept(form, found.values)
    if found.status is Status.OPTIMAL:
        assert bound(form, costs, prices) == sum(costs[at] * found.values[at] for at in costs)


@pytest.mark.parametrize("seed", quick_part(range(300), 40))
def test_what_it_says_is_proved(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    form, costs = programme(rng)
    proved(form, costs, Simplex(form, start(rng, form)).minimise(costs))


def test_all_ends_are_met() -> None:
    seen = set()
    for seed in range(300):
        rng = random.Random(seed)  # noqa: S311
        form, costs = programme(rng)
        seen.add(Simplex(form, start(rng, form)).minimise(costs).status)
    assert seen == set(Status) - {Status.STOPPED}


def test_a_programme_that_cycles_by_the_largest_coefficient_ends() -> None:
    """E. M. L. Beale, Cycling in the dual simplex algorithm, Naval Research Logistics Quarterly 2, 1955."""
    quarter = Fraction(1, 4)
    columns = [
        [(0, quarter), (1, Fraction(1, 2))],
        [(0, Fraction(-60)), (1, Fraction(-90))],
        [(0, Fraction(-1, 25)), (1, Fraction(-1, 50)), (2, Fraction(1))],
        [(0, Fraction(9)), (1, Fraction(3))],
    ]
    form = StandardForm(columns, [ZERO] * 4, [None] * 4, [None] * 3, [ZERO, ZERO, Fraction(1)])
    costs = {0: Fraction(-3, 4), 1: Fraction(150), 2: Fraction(-1, 50), 3: Fraction(6)}
    found = Simplex(form, Basis((4, 5, 6), frozenset())).minimise(costs)
    assert found.status is Status.OPTIMAL
    assert sum(costs[at] * found.values[at] for at in costs) == Fraction(-1, 20)


@pytest.mark.parametrize("seed", quick_part(range(60), 15))
def test_columns_grow_in_order(seed: int) -> None:
    """Each column in turn is as large as it can be beside those before it, as programmes of their own find it."""
    rng = random.Random(seed)  # noqa: S311
    form, _ = programme(rng)
    form = StandardForm(
        form.columns, form.lower, [end or Fraction(10**6) for end in form.upper], form.row_lower, form.row_upper
    )
    simplex = Simplex(form, start(rng, form))
    if simplex.minimise({}).status is Status.INFEASIBLE:
        return
    order = rng.sample(range(len(form.columns)), len(form.columns))
    simplex.maximise_in_order(order)
    found, held = simplex.minimise({}), form
    for at in order:
        most = Simplex(held, Basis((), frozenset())).minimise({at: Fraction(-1)}).values[at]
        assert found.values[at] == most
        ends_of = [[most if n == at else end for n, end in enumerate(own)] for own in (held.lower, held.upper)]
        held = replace(held, lower=ends_of[0], upper=ends_of[1])


@given(st.randoms(use_true_random=False), st.integers(1, 9))
def test_a_factorised_matrix_solves_both_ways(rng: random.Random, size: int) -> None:
    columns = [{row: number(rng) for row in range(size) if rng.random() < 0.5} for _ in range(size)]
    right = {at: number(rng) for at in range(size) if rng.random() < 0.7}
    try:
        factor = Factor(columns)
    except SingularError:
        assume(False)
    for _ in range(rng.randint(0, 4)):
        new = {row: number(rng) for row in range(size) if rng.random() < 0.5}
        seen = {at: entry for at, entry in factor.solve(new).items() if entry}
        if not seen:
            continue
        place = rng.choice(sorted(seen))
        factor.exchange(place, seen)
        columns[place] = new
    found, prices = factor.solve(right), factor.solve_transposed(right)
    for row in range(size):
        assert sum((c.get(row, ZERO) * found.get(at, ZERO) for at, c in enumerate(columns)), ZERO) == right.get(
            row, ZERO
        )
    for at, column in enumerate(columns):
        assert sum((entry * prices.get(row, ZERO) for row, entry in column.items()), ZERO) == right.get(at, ZERO)
