"""Equations solved digit by digit, against elimination in fractions."""

import random
from fractions import Fraction
from math import prod

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.programme import factor as factors
from allocator.programme.factor import PRIMES, Factor, Lifting, SingularError, SingularModuloError
from quick_part import quick_part

ZERO = Fraction(0)
Columns = list[dict[int, Fraction]]


def matrix(rng: random.Random, size: int, each: int) -> Columns:
    """Sparse, with no sparse order of elimination: some entries of each column are anywhere."""

    def entry() -> Fraction:
        whole = rng.choice((1, -1, rng.randint(1, 2000), -rng.randint(1, 10**9)))
        return Fraction(whole, 10 ** rng.choice((0, 0, 2, 6)))

    return [{row: entry() for row in {at, *(rng.randrange(size) for _ in range(each))}} for at in range(size)]


def times(columns: Columns, vector: dict[int, Fraction]) -> dict[int, Fraction]:
    sums: dict[int, Fraction] = {}
    for at, value in vector.items():
        for row, entry in columns[at].items():
            sums[row] = sums.get(row, ZERO) + entry * value
    return {row: total for row, total in sums.items() if total}


def transposed(columns: Columns) -> Columns:
    rows: Columns = [{} for _ in columns]
    for at, column in enumerate(columns):
        for row, entry in column.items():
            rows[row][at] = entry
    return rows


@pytest.mark.slow
@given(st.randoms(use_true_random=False), st.integers(1, 60), st.integers(1, 4))
def test_what_is_lifted_solves_the_equations(rng: random.Random, size: int, each: int) -> None:
    columns = matrix(rng, size, each)
    right = {at: Fraction(rng.randint(-(10**14), 10**14), rng.randint(1, 10**6)) for at in range(size)}
    right = {at: value for at, value in right.items() if value and rng.random() < 0.7}
    try:
        lifting = Lifting(columns)
    except SingularModuloError:
        assume(False)
    assert times(columns, lifting.solve(right)) == right
    assert times(transposed(columns), lifting.solve_transposed(right)) == right


@pytest.mark.parametrize("seed", quick_part(range(3), 1))
def test_a_basis_that_fills_in_is_lifted(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and columns that stand alone are eliminated; the answers are those of elimination alone."""
    rng = random.Random(seed)  # noqa: S311
    core = matrix(rng, 120, 5)
    columns = [
        *core,
        *({at: Fraction(3), rng.randrange(120): Fraction(7, 10), at - 1: Fraction(1)} for at in range(121, 140)),
        {120: Fraction(1, 3)},
    ]
    for column in range(0, 100, 7):
        core[column][rng.randrange(120, 140)] = Fraction(11, 100)
    rng.shuffle(columns)
    right = {at: Fraction(rng.randint(-999, 999), 10) for at in range(140)}
    factor = Factor(columns)
    assert factor._core is not None
    monkeypatch.setattr(factors, "LARGEST", 0)
    eliminated = Factor(columns)
    assert eliminated._core is None
    new = {at: Fraction(rng.randint(-999, 999), 10) for at in rng.sample(range(140), 30)}
    for each in (factor, eliminated):
        each.exchange(5, each.solve(new))
    for ask in (Factor.solve, Factor.solve_transposed):
        answers = [{at: value for at, value in ask(each, right).items() if value} for each in (factor, eliminated)]
        assert answers[0] == answers[1]


def test_another_prime_is_taken_where_one_divides_the_determinant() -> None:
    assert Lifting([{0: Fraction(PRIMES[0])}]).solve({0: Fraction(5)}) == {0: Fraction(5, PRIMES[0])}
    with pytest.raises(SingularModuloError):
        Lifting([{0: Fraction(prod(PRIMES))}])


@pytest.mark.parametrize("twins", quick_part((True, False), 1))
def test_a_large_basis_without_inverse_says_which_columns_depend(twins: bool) -> None:
    columns = matrix(random.Random(1), 120, 5)  # noqa: S311
    if twins:
        columns[17] = {row: 3 * entry for row, entry in columns[90].items()}
    else:
        columns = [{row: entry for row, entry in column.items() if row != 5} or {6: Fraction(1)} for column in columns]
    with pytest.raises(SingularError) as found:
        Factor(columns)
    assert len(found.value.columns) == len(found.value.rows) == 1
    if twins:
        assert found.value.columns[0] in (17, 90)
    else:
        assert found.value.rows == [5]
