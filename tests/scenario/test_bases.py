"""A kind of basis is one class: what it says of a rule's right-hand side is all that the programme asks."""

from dataclasses import replace
from fractions import Fraction
from typing import override

import pytest

from allocator import read_scenario
from allocator.programme.build import build
from allocator.scenario.bases import Basis, Demand
from allocator.scenario.bases.basis import Quantity, Sum
from content_workbook import write_content

CONTENT = {
    "Scenario": [{"Setting": "Unit", "Value": "million"}],
    "Budget": [{"Source": "City", "Last year": 80, 2026: 100, 2027: 200, 2028: 400}],
    "Areas": [{"Area": "Schools", "Last year": 20}, {"Area": "Roads", "Last year": 60}],
    "Rules": [
        {"Rule": "Steady", "Area": "Schools", "Operator": ">=", "Value": 0.5, "Basis": "last year's share"},
    ],
}


class MeanShare(Basis):
    """A part of what the mean share of the two years before would be of this year's budget."""

    looks_back = 2
    of_share = True

    @override
    def base(self, demand: Demand) -> Quantity:
        shares = [self.share_before(demand, n) for n in (1, 2) if min(demand.years) - n >= demand.earliest]
        return Sum(tuple((Fraction(1, len(shares)), share) for share in shares))


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    scenario = read_scenario(write_content(CONTENT, tmp_path_factory.mktemp("bases") / "s.xlsx"))
    (rule,) = scenario.rules
    basis = MeanShare(sources=rule.basis.sources)
    return [row for row in build(replace(scenario, rules=(replace(rule, basis=basis),))).rows if row.name == "Steady"]


def test_it_looks_back_no_further_than_anything_is_known(rows):
    assert rows[0].right.terms == {}
    assert rows[0].right.constant == Fraction(1, 2) * Fraction(20, 80) * 100


def test_the_year_before_the_first_is_known(rows):
    assert rows[1].right.terms == {("Schools", 2026, "City"): Fraction(1, 2) * Fraction(1, 2) * 2}
    assert rows[1].right.constant == Fraction(1, 2) * Fraction(1, 2) * Fraction(20, 80) * 200


def test_years_that_are_planned_are_amounts(rows):
    half = Fraction(1, 2) * Fraction(1, 2)
    assert rows[2].right.terms == {("Schools", 2027, "City"): half * 2, ("Schools", 2026, "City"): half * 4}
    assert rows[2].right.constant == 0
