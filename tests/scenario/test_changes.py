"""Cells by name, and the scenario read anew with other numbers in them."""

import unicodedata
from fractions import Fraction

import pytest

from allocator import read_scenario
from allocator.errors import ScenarioError, UsageError
from allocator.programme.build import build
from allocator.scenario.changes import find_cell, with_value
from allocator.scenario.model import Cell
from allocator.scenario.reading import reread
from content_workbook import write_content
from random_scenarios import seeded

BOOK = {
    "Scenario": [{"Setting": "Unit", "Value": "tỷ đồng"}, {"Setting": "Discount rate", "Value": 0.03}],
    "Budget": [{"Source": "Thành phố", 2026: 100, 2027: 120}],
    "Areas": [
        {"Area": "Văn hoá/Thể thao", "Last year": 20, "Minimum": 5, "Benefit": None},
        {"Area": "Văn hoá", "Last year": 30, "Minimum": None, "Benefit": 2},
        {"Area": "Đường", "Last year": 40, "Minimum": 7, "Benefit": 1},
    ],
    "Limits": [
        {"Area": "Văn hoá", "Years": "2026", "Maximum": 60},
        {"Area": "Văn hoá", "Years": "2027", "Maximum": 70},
        {"Area": "Đường", "Years": "2027", "Maximum": "none"},
    ],
    "Benefits": [
        {"Area": "Văn hoá/Thể thao", "Years": None, "Up to": 10, "Benefit": 5},
        {"Area": "Văn hoá/Thể thao", "Years": None, "Up to": None, "Benefit": 3},
        {"Area": "Văn hoá/Thể thao", "Years": "2027", "Up to": 20, "Benefit": 4},
    ],
    "Rules": [
        {"Rule": "Sàn 4/5", "Area": "Văn hoá", "Operator": ">=", "Value": 0.1, "Basis": "budget"},
        {"Rule": "Trần", "Area": "Đường", "Operator": "<=", "Value": 90, "Basis": "amount"},
    ],
    "Indicators": [
        {"Indicator": "Trường", "Operator": ">=", "Target": 1, "Year": 2026},
        {"Indicator": "Trường", "Operator": ">=", "Target": 2, "Year": 2027},
        {"Indicator": "Khách", "Operator": ">=", "Target": 0, "Year": 2027},
    ],
    "Effects": [
        {"Area": "Đường", "Indicator": "Trường", "Effect": 0.5},
        {"Area": "Đường", "Indicator": "Khách", "Effect": 0.25},
    ],
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return read_scenario(write_content(BOOK, tmp_path_factory.mktemp("changes") / "scenario.xlsx"))


@pytest.mark.parametrize(
    ("address", "canonical", "value"),
    [
        ("Budget/Thành phố/2027", "Budget/Thành phố/2027", 120),
        ("budget / THÀNH  PHỐ / 2027", "Budget/Thành phố/2027", 120),
        ("Areas/Văn hoá/Benefit", "Areas/Văn hoá/Benefit", 2),
        ("Areas/Văn hoá/Thể thao/Minimum", "Areas/Văn hoá/Thể thao/Minimum", 5),
        ("Areas/Văn hoá/Minimum", "Areas/Văn hoá/Minimum", None),
        ("Limits/Văn hoá/2027/Maximum", "Limits/Văn hoá/2027/Maximum", 70),
        ("Limits/Đường/Maximum", "Limits/Đường/Maximum", None),
        ("Benefits/Văn hoá/Thể thao/2/Benefit", "Benefits/Văn hoá/Thể thao / 2/Benefit", 3),
        ("Benefits/Văn hoá/Thể thao / 1 / 2027/Up to", "Benefits/Văn hoá/Thể thao / 1 / 2027/Up to", 20),
        ("Rules/Sàn 4/5/Value", "Rules/Sàn 4/5/Value", Fraction(1, 10)),
        ("Rules/Trần/Value", "Rules/Trần/Value", 90),
        ("Indicators/Trường/2027/Target", "Indicators/Trường/2027/Target", 2),
        ("Indicators/Khách/Target", "Indicators/Khách/Target", 0),
        ("Indicators/Khách/2027/Target", "Indicators/Khách/2027/Target", 0),
        ("Effects/Đường/Khách/Effect", "Effects/Đường/Khách/Effect", Fraction(1, 4)),
        ("Scenario/Discount rate", "Scenario/Discount rate/Value", Fraction(3, 100)),
        ("Scenario/Discount rate/Value", "Scenario/Discount rate/Value", Fraction(3, 100)),
    ],
)
def test_addresses(book, address, canonical, value):
    for form in ("NFC", "NFD"):
        found = find_cell(book, unicodedata.normalize(form, address))
        assert found.value == value
        assert find_cell(book, found.address) == found
        assert found.address in (canonical, canonical.replace("Khách/2027", "Khách"))
    assert found.percent == (canonical.endswith(("rate/Value", "4/5/Value")))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("Budget/Thanh pho/2027", 'did you mean "Budget/Thành phố/2027"?'),
        ("Budget/Thành phố/2028", 'did you mean "Budget/Thành phố/2027"?'),
        ("Indicators/Trường/Target", '"Indicators/Trường/2026/Target", "Indicators/Trường/2027/Target"'),
        ("Rules/Trần/Operator", 'type "Rules/Trần/Value"'),
        ("Rule/Trần/Value", 'did you mean "Rules"?'),
        ("Areas/Đường/Minimun", 'did you mean "Areas/Đường/Minimum"?'),
        ("Benefits/Văn hoá/Thể thao / 3/Benefit", 'type one of "Benefits/Văn hoá/Thể thao / 1/Benefit", '),
    ],
)
def test_what_is_not_there(book, address, said):
    with pytest.raises(UsageError) as error:
        find_cell(book, address)
    assert said in str(error.value)


def test_a_value_is_read_with_all_that_follows(book):
    changed = with_value(book, find_cell(book, "Budget/Thành phố/2026"), 150.5)
    assert changed.budget(2026) == Fraction(301, 2)
    row = next(row for row in build(changed).rows if row.label == "Sàn 4/5 2026")
    assert row.right.constant == Fraction(301, 20)
    assert with_value(book, find_cell(book, "Rules/Sàn 4/5/Value"), 0.125).rules[0].value == Fraction(1, 8)
    assert book.budget(2026) == 100


def test_problems_are_the_readers_own_and_name_the_value(book):
    with pytest.raises(ScenarioError, match=r"Rules!D2 Value: 120 % of the budget is more than there is") as error:
        with_value(book, find_cell(book, "Rules/Sàn 4/5/Value"), 1.2)
    assert error.value.__notes__ == ["with Rules/Sàn 4/5/Value = 120 %"]


@pytest.mark.parametrize("seed", range(8))
def test_reading_again_changes_nothing(seed, tmp_path):
    first = read_scenario(write_content(seeded(seed), tmp_path / "scenario.xlsx"))
    again = reread(first, {})
    assert build(again).rows == build(first).rows
    assert build(again).pieces == build(first).pieces
    assert (again.title, again.sha256, again.inputs) == (first.title, first.sha256, first.inputs)


def test_a_cell_beyond_the_row_and_a_cleared_one(tmp_path):
    content = {**BOOK, "Areas": [dict(row) for row in BOOK["Areas"]]}
    first = read_scenario(write_content(content, tmp_path / "scenario.xlsx"))
    cell = find_cell(first, "Areas/Đường/Minimum").cell
    assert ("Đường", 2026) not in reread(first, {cell: None}).limits
    with pytest.raises(KeyError):
        reread(first, {Cell("Nowhere", 1, 1): 1})


def test_a_setting_that_is_not_there(tmp_path):
    """It has a default, and no row to vary: the message says which row to add."""
    content = BOOK | {"Scenario": [{"Setting": "Unit", "Value": "tỷ đồng"}]}
    bare = read_scenario(write_content(content, tmp_path / "scenario.xlsx"))
    for address in ("Scenario/Discount rate", "scenario/discount rate/Value"):
        with pytest.raises(UsageError, match="has no row Discount rate; add it, with its default 0"):
            find_cell(bare, address)


def test_values_as_they_are_read(book):
    amount, share = find_cell(book, "Budget/Thành phố/2027"), find_cell(book, "Rules/Sàn 4/5/Value")
    assert [amount.shown(1234567.5), amount.shown(-1234), amount.shown(0)] == ["1,234,567.5", "−1,234", "0"]
    assert [share.shown(-0.035), share.shown(Fraction(12))] == ["−3.5 %", "1,200 %"]
