"""Shapley values against the textbook's formula, its axioms, and games whose values are known."""

import random
from fractions import Fraction
from functools import partial
from itertools import pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.analyses.bridge import (
    FEWEST_PAIRS,
    MOST_EXACT,
    MOST_ORDERS,
    Game,
    Split,
    finest_partition,
    on_grid,
    players_of,
    shapley_values,
    smallest_parting,
    split,
)
from allocator.programme.status import OutOfTime

FEW = settings(max_examples=30)


def fractions(*numbers) -> np.ndarray:
    return np.array([Fraction(number) for number in numbers], dtype=object)


def by_orders(count: int, values: list[Fraction]) -> list[Fraction]:
    """The mean, over all orders in which the players can join, of what each adds.

    L. S. Shapley, "A Value for n-Person Games", in H. W. Kuhn and A. W. Tucker (eds.), Contributions to the Theory of
    Games II, Princeton 1953, pp. 307-317, section 6.
    """
    orders = list(permutations(range(count)))
    sums = [Fraction(0)] * count
    for order in orders:
        players = 0
        for player in order:
            sums[player] += values[players | 1 << player] - values[players]
            players |= 1 << player
    return [total / len(orders) for total in sums]


def shares(count: int, values: list[Fraction]) -> list[Fraction]:
    return [share[0] for share in shapley_values(count, lambda players: fractions(values[players]))]


@st.composite
def games(draw, most: int = 5):
    count = draw(st.integers(1, most))
    amount = st.fractions(-1000, 1000, max_denominator=60)
    return count, draw(st.lists(amount, min_size=1 << count, max_size=1 << count))


def relabelled(players: int, one: int, two: int) -> int:
    """The same set with two players in each other's place."""
    if (players >> one & 1) == (players >> two & 1):
        return players
    return players ^ (1 << one | 1 << two)


@given(games())
@FEW
def test_shares_are_the_means_over_all_orders(game):
    assert shares(*game) == by_orders(*game)


@given(games(7))
@FEW
def test_shares_add_up(game):
    count, values = game
    assert sum(shares(count, values)) == values[-1] - values[0]


@given(games(), st.data())
@FEW
def test_players_alike_get_the_same(game, data):
    count, values = game
    one, two = (data.draw(st.integers(0, count - 1)) for _ in range(2))
    alike = [values[players] + values[relabelled(players, one, two)] for players in range(1 << count)]
    found = shares(count, alike)
    assert found[one] == found[two]


@given(games(), st.data())
@FEW
def test_who_adds_nothing_gets_nothing(game, data):
    count, values = game
    idle = data.draw(st.integers(0, count - 1))
    found = shares(count, [values[players & ~(1 << idle)] for players in range(1 << count)])
    assert found[idle] == 0


@given(games(), st.data())
@FEW
def test_shares_of_a_sum_are_the_sums_of_shares(game, data):
    count, values = game
    others = data.draw(st.permutations(values))
    both = [one + two for one, two in zip(values, others, strict=True)]
    together = zip(shares(count, values), shares(count, others), strict=True)
    assert shares(count, both) == [one + two for one, two in together]


@given(games())
@FEW
def test_the_other_way_round_every_sign_flips(game):
    count, values = game
    assert shares(count, values[::-1]) == [-share for share in shares(count, values)]


def test_components_are_split_each_for_itself():
    one, two = [Fraction(n * n) for n in range(8)], [Fraction(7 - n) for n in range(8)]
    found = shapley_values(3, lambda players: fractions(one[players], two[players]))
    assert [list(each) for each in found] == [
        list(pair) for pair in zip(by_orders(3, one), by_orders(3, two), strict=True)
    ]


# ---- sets without a value -----------------------------------------------------------------------------------------


def all_partitions(count: int) -> set[frozenset[int]]:
    """By brute force: every way of giving each player a label."""
    found = set()
    for labels in product(range(count), repeat=count):
        found.add(frozenset(sum(1 << p for p in range(count) if labels[p] == label) for label in set(labels)))
    return found


def unions(blocks) -> set[int]:
    found = {0}
    for block in blocks:
        found |= {players | block for players in found}
    return found


@given(st.integers(2, 5), st.data())
@FEW
def test_the_partition_is_the_finest_that_will_do(count, data):
    lacking = data.draw(st.sets(st.integers(1, (1 << count) - 2), max_size=8))
    blocks = finest_partition(count, lacking)
    assert sum(blocks) == (1 << count) - 1
    assert not unions(blocks) & lacking
    assert len(blocks) == max(len(each) for each in all_partitions(count) if not unions(each) & lacking)
    assert blocks == finest_partition(count, lacking)


@pytest.mark.parametrize(
    ("lacking", "blocks"),
    [
        (set(), [0b001, 0b010, 0b100]),
        ({0b001}, [0b011, 0b100]),  # the first one alone is nothing: it may join either of the others
        ({0b010, 0b110}, [0b011, 0b100]),
        ({0b001, 0b010, 0b100}, [0b111]),
    ],
)
def test_players_that_need_each_other_are_merged(lacking, blocks):
    assert finest_partition(3, lacking) == blocks
    game = Game(3, partial(map, lambda players: None if players in lacking else fractions(players.bit_count())))
    found = split(game)
    assert list(found.blocks) == blocks
    assert [share[0] for share in found.shares] == [block.bit_count() for block in blocks]
    assert (found.orders, len(game.known)) == (0, 8)


def test_many_players_in_all_partitions_are_quick():
    everything = (1 << MOST_EXACT) - 1
    assert finest_partition(MOST_EXACT, set(range(1, everything))) == [everything]


def test_the_smallest_set_that_parts_a_block():
    lacking = {0b0111: "", 0b1001: "", 0b1100: "", 0b1111: ""}
    assert smallest_parting(0b0011, lacking) == 0b1001
    assert smallest_parting(0b1111, lacking) == 0b1001
    assert smallest_parting(0b0110, lacking) == 0b1100


# ---- sampled orders -----------------------------------------------------------------------------------------------


def airport(costs: list[float]) -> list[float]:
    """Who shares the cost of a runway as long as the largest of them needs: each stretch by those who need it.

    S. C. Littlechild and G. Owen, "A Simple Expression for the Shapley Value in a Special Case", Management Science 20
    (1973), pp. 370-372.
    """
    found, paid = [0.0] * len(costs), 0.0
    in_order = sorted(range(len(costs)), key=costs.__getitem__)
    for number, (before, player) in enumerate(pairwise([None, *in_order])):
        paid += (costs[player] - (0.0 if before is None else costs[before])) / (len(costs) - number)
        found[player] = paid
    return found


def longest(costs: list[float]) -> Game:
    def value(players: int) -> np.ndarray:
        return np.array([max((c for p, c in enumerate(costs) if players >> p & 1), default=0.0)])

    return Game(len(costs), partial(map, value))


def test_the_runway_of_few_is_split_exactly():
    costs = [3.0, 9.0, 4.0, 4.0, 7.5]
    found = split(longest(costs))
    assert [share[0] for share in found.shares] == pytest.approx(airport(costs), rel=1e-12)
    assert found.orders == 0
    assert not np.any(found.errors)


def test_the_true_share_lies_within_the_stated_error():
    within, parts = 0, 0
    for seed in range(30):
        rng = random.Random(seed)  # noqa: S311
        costs = [rng.uniform(1, 100) for _ in range(rng.randint(9, 14))]
        found = split(longest(costs))
        assert 0 < found.orders <= MOST_ORDERS
        assert sum(share[0] for share in found.shares) == pytest.approx(max(costs), rel=1e-12)
        for share, error, true in zip(found.shares, found.errors, airport(costs), strict=True):
            within += abs(share[0] - true) <= error[0]
            parts += 1
        assert max(error[0] for error in found.errors) < max(costs) / 4
    assert parts > 300
    assert 0.95 * parts <= within


def test_what_shows_in_few_orders_is_within_the_stated_error():
    """Three that together add much, but only before a fourth: most orders of a small sample miss it for some."""
    within, parts = 0, 0
    for seed in range(30):
        rng = random.Random(seed)  # noqa: S311
        alone = [rng.uniform(5000, 10000) for _ in range(9)]
        rare = [(rng.sample(range(9), 4), rng.uniform(5, 40)) for _ in range(4)]

        def value(players: int, alone=alone, rare=rare) -> np.ndarray:
            has = [bool(players >> p & 1) for p in range(9)]
            own = sum(a for a, there in zip(alone, has, strict=True) if there)
            return np.array([own + sum(w for (a, b, c, d), w in rare if has[a] and has[b] and has[c] and not has[d])])

        true, found = shapley_values(9, value), split(Game(9, partial(map, value)))
        assert found.orders == 2 * FEWEST_PAIRS
        for share, error, exact in zip(found.shares, found.errors, true, strict=True):
            within += abs(share[0] - exact[0]) <= error[0] + 1e-9
            parts += 1
        assert max(error[0] for error in found.errors) < sum(weight for _, weight in rare)
    assert 0.95 * parts <= within


def test_what_two_do_together_is_split_in_half_by_an_order_and_its_reverse():
    rng = random.Random(5)  # noqa: S311
    alone = [rng.uniform(-9, 9) for _ in range(11)]
    pairs = {(p, q): rng.uniform(-5, 5) for q in range(11) for p in range(q)}

    def value(players: int) -> np.ndarray:
        members = {p for p in range(11) if players >> p & 1}
        return np.array([sum(alone[p] for p in members) + sum(w for pair, w in pairs.items() if members >= set(pair))])

    found = split(Game(11, partial(map, value)))
    true = [alone[p] + sum(w for pair, w in pairs.items() if p in pair) / 2 for p in range(11)]
    assert [share[0] for share in found.shares] == pytest.approx(true, abs=1e-9)
    assert found.orders == 2 * FEWEST_PAIRS


def test_sampling_goes_on_until_each_family_is_settled():
    costs = [float(c) for c in range(1, 12)]
    exact = np.arange(1.0, 12.0)

    def value(players: int) -> np.ndarray:
        members = [p for p in range(11) if players >> p & 1]
        return np.array([exact[members].sum(), max((costs[p] for p in members), default=0.0)])

    both = split(Game(11, partial(map, value)), (slice(0, 1), slice(1, None)))
    first = split(Game(11, partial(map, value)), (slice(0, 1),))
    assert first.orders == 2 * FEWEST_PAIRS < both.orders
    assert both.orders == MOST_ORDERS or max(e[1] for e in both.errors) <= 0.01 * max(s[1] for s in both.shares)


def test_the_same_game_gives_the_same_sample():
    costs = [float(c) for c in range(1, 12)]
    one, two = split(longest(costs)), split(longest(costs))
    assert np.array_equal(one.shares, two.shares)
    assert np.array_equal(one.errors, two.errors)


@pytest.mark.parametrize("needs", [{3: 9}, {3: 9, 9: 3}, {0: 7, 7: 2, 5: 10}])
def test_sampling_merges_those_that_need_others(needs):
    """A set has a value where each that needs another has it; everyone adds its number."""

    def value(players: int) -> np.ndarray | None:
        if any(players >> one & 1 and not players >> other & 1 for one, other in needs.items()):
            return None
        return np.array([sum(p + 1.0 for p in range(12) if players >> p & 1)])

    found = split(Game(12, partial(map, value)))
    together = {frozenset(pair) for pair in needs.items()}
    while any(a & b for a in together for b in together if a != b):
        a, b = next((a, b) for a in together for b in together if a != b and a & b)
        together = together - {a, b} | {a | b}
    assert {frozenset(players_of(block)) for block in found.blocks if block.bit_count() > 1} == together
    assert sum(found.blocks) == (1 << 12) - 1
    sums = [sum(p + 1 for p in players_of(block)) for block in found.blocks]
    assert [share[0] for share in found.shares] == pytest.approx(sums)
    assert found.orders > 0 or len(found.blocks) <= MOST_EXACT


def test_many_that_need_one_another_end_with_all_sets():
    def value(players: int) -> np.ndarray | None:
        few = players & 0b111
        return None if few not in (0, 0b111) else fractions(players.bit_count())

    found = split(Game(10, partial(map, value)))
    assert found.orders == 0
    assert found.blocks == (0b111, *(1 << p for p in range(3, 10)))
    assert [share[0] for share in found.shares] == [3, *[1] * 7]


def stopping(after: int) -> Game:
    costs = [float(c) for c in range(1, 13)]
    game = longest(costs)
    of = game._values

    def values(sets):
        if len(game.known) >= after:
            raise OutOfTime
        return of(sets)

    game._values = values
    return game


def test_enough_orders_are_kept_when_time_is_up():
    found = split(stopping(300))
    assert isinstance(found, Split)
    assert 2 * FEWEST_PAIRS <= found.orders < split(stopping(10**6)).orders
    with pytest.raises(OutOfTime):
        split(stopping(30))


def test_an_interrupt_passes():
    def value(players: int):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        split(Game(12, partial(map, value)))


@pytest.mark.parametrize("count", [3, 12])
def test_it_tells_how_far_it_is(count):
    told = []
    split(longest([float(c) for c in range(1, count + 1)]), say=lambda done, of: told.append((done, of)))
    assert told[0][0] == 0
    assert all(one < two for one, two in pairwise(told))
    assert {of for _, of in told} == {8 if count == 3 else MOST_ORDERS}


# ---- onto a grid --------------------------------------------------------------------------------------------------

steps = st.sampled_from([Fraction(1), Fraction(1, 1000), Fraction(5, 2), Fraction(100)])


@given(st.lists(st.floats(-1e5, 1e5), max_size=8), steps)
def test_on_the_grid_shares_add_up_and_hardly_move(numbers, grid):
    noise = 1e-9
    found = on_grid(numbers, grid, noise)
    assert all((share / grid).denominator == 1 for share in found)
    assert abs(sum(found) - sum(map(Fraction, numbers))) <= grid / 2 + Fraction(len(numbers)) / 10**8
    for share, number in zip(found, numbers, strict=True):
        assert abs(share - Fraction(number)) < grid + Fraction(1, 10**8)
        assert abs(number) > noise or share == 0


@given(st.lists(st.integers(-1000, 1000), max_size=8), st.floats(-1e-10, 1e-10))
def test_whole_multiples_stay(numbers, noise):
    assert on_grid([number + noise for number in numbers], Fraction(1), 1e-9) == numbers


def test_the_largest_remainders_go_up():
    assert on_grid([1.25, 1.5, -1.75], Fraction(1), 1e-9) == [1, 2, -2]
    assert on_grid([0.5, 0.5, 0.5, 0.5], Fraction(1), 1e-9) == [1, 1, 0, 0]
