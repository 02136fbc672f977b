"""What is typed in place of a keyword, a list or a name's path: the message offers what was most likely meant."""

from pathlib import Path

import pytest

from allocator import read_scenario
from allocator.errors import ScenarioError, UsageError
from allocator.scenario import cells
from allocator.scenario.cells import Misread
from allocator.scenario.changes import find_cell, read_range
from allocator.scenario.model import Cell, values_of
from allocator.scenario.reading import with_edits
from allocator.scenario.schema import BASES_MEANT, BASIS_WORDS, OPERATOR_WORDS, OPERATORS_MEANT
from commands import small, write_book

RULE = ["Rule", "Area", "Operator", "Value", "Basis", "Years", "Source"]


def problems(tmp_path: Path, **sheets) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(write_book(tmp_path / "s.xlsx", small(**sheets)))
    return list(map(str, caught.value.problems))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("prior year", "last year"), ("Previous  Year", "last year"), ("last years", "last year"),
     ("năm trước", "last year"), ("of budget", "budget"), ("total budget", "budget"), ("growth", "change on last year"),
     ("expenditure", "spending"), ("prior year's share", "last year's share"), ("budgett", "budget")],
)  # fmt: skip
def test_a_basis_in_other_words(typed, meant, tmp_path):
    (said,) = problems(tmp_path, Rules=[RULE, ["R", "Roads", ">=", "5%", typed]])
    assert said.startswith("Rules!E2 Basis: ")
    assert said.endswith(f'did you mean "{meant}"?')


def test_an_amount_in_other_words_leaves_value_alone(tmp_path):
    (said,) = problems(tmp_path, Rules=[RULE, ["R", "Roads", ">=", 50, "fixed amount"]])
    assert said == 'Rules!E2 Basis: "fixed amount" is no area or group; did you mean "amount"?'


def test_a_basis_like_nothing_gets_the_list(tmp_path):
    (said,) = problems(tmp_path, Rules=[RULE, ["R", "Roads", ">=", "5%", "GRDP"]])
    assert "type an area or group of the sheet Areas: Giáo dục, Roads, amount, budget" in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("=>", ">="), ("=<", "<="), ("Not less than", ">="), ("min.", ">="), ("ít nhất", ">="), ("tối đa", "<="),
     ("dưới", "<"), ("==", "=")],
)  # fmt: skip
def test_an_operator_in_other_words(typed, meant):
    with pytest.raises(Misread, match=f'is no comparison; did you mean "{meant}"[?]'):
        cells.operator(typed)


def test_offers_are_words_that_are_read_and_are_none_themselves():
    assert set(BASES_MEANT.values()) <= set(BASIS_WORDS)
    assert not set(BASES_MEANT) & set(BASIS_WORDS)
    assert set(OPERATORS_MEANT.values()) <= set(OPERATOR_WORDS)
    assert not set(OPERATORS_MEANT) & set(OPERATOR_WORDS)
    assert all(cells.fold(word) == word for word in (*BASES_MEANT, *OPERATORS_MEANT))


# ---- lists --------------------------------------------------------------------------------------------------------

MONEY = [["Source", 2026], ["City budget", 100], ["ODA", 10]]


@pytest.mark.parametrize("typed", ["City budget, ODA", "oda,city  budget", "City budget / ODA", "City budget and ODA"])
def test_sources_with_a_comma(typed, tmp_path):
    areas = [["Area", "Sources", "Benefit"], ["Roads", typed, 1], ["Giáo dục", None, 1]]
    (said,) = problems(tmp_path, Budget=MONEY, Areas=areas)
    assert said.startswith("Areas!B2 Sources: ")
    assert "names are separated by ; : type " in said
    assert ";" in said.rpartition("type ")[2]


def test_sources_of_a_rule_with_a_comma(tmp_path):
    rules = [RULE, ["R", "Roads", ">=", "5%", "budget", None, "City budget, ODA"]]
    said = 'Rules!G2 Source: "City budget, ODA" is no source; names are separated by ; : type City budget; ODA'
    assert problems(tmp_path, Budget=MONEY, Rules=rules) == [said]


def test_groups_with_a_comma(tmp_path):
    areas = [["Area", "Group", "Benefit"], ["Roads", "Works", 1], ["Lakes", "Works, Green", 1], ["Parks", "Green", 1]]
    assert problems(tmp_path, Areas=areas, Rules=None) == [
        'Areas!B3 Group: "Works, Green" is one group; names are separated by ; : type Works; Green'
    ]


def test_names_with_a_comma_stay(tmp_path):
    areas = [["Area", "Group", "Benefit"], ["Roads, bridges", "Works, Green", 1], ["Parks", "Green", 1]]
    rules = [RULE, ["R", "Roads, bridges", ">=", "5%", "budget"], ["S", "Works, Green", ">=", "5%", "budget"]]
    scenario = read_scenario(write_book(tmp_path / "s.xlsx", small(Areas=areas, Rules=rules)))
    assert [rule.subjects[0].areas for rule in scenario.rules] == [("Roads, bridges",)] * 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("2026, 2028", "2026; 2028"), ("2026,2027,2028", "2026; 2027; 2028"), (20262028, "2026; 2028"),
     ("2026 to 2028", "2026-2028"), ("2026, 2027 together", "2026; 2027 together"), ("năm 2026", "2026")],
)  # fmt: skip
def test_years_with_a_comma(typed, meant):
    with pytest.raises(Misread) as caught:
        cells.years(typed, range(2026, 2031))
    assert str(caught.value).endswith(f"type {meant}")
    assert cells.years(meant, range(2026, 2031))


def test_several_areas_in_one_rule(tmp_path):
    (said,) = problems(tmp_path, Rules=[RULE, ["R", "Roads; Giáo dục", ">=", "5%", "budget"]])
    assert "is several areas, and a rule names one" in said


# ---- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Rules!D2", "rules!d2", "'Rules'!$D$2", " Rules!$D2 "])
def test_an_address_is_the_cell(typed, tmp_path):
    scenario = read_scenario(write_book(tmp_path / "s.xlsx", small()))
    assert find_cell(scenario, typed) == find_cell(scenario, "Rules/Roads first/Value")
    asked = read_range(scenario, f"{typed}=30%..60%:3")
    assert (asked.found.cell, float(asked.low), float(asked.high), asked.grid) == (Cell("Rules", 2, 4), 0.3, 0.6, 3)


@pytest.mark.parametrize(
    ("typed", "said"),
    [("Rule!D2", 'there is no sheet "Rule"; did you mean "Rules"?'), ("Rules!D2:D3", "is a range; name one of its"),
     ("Rules!A2", 'is Roads first/Rule, which holds "Roads first", no number'), ("Rules!D9", '"Rules!D9" is blank'),
     ("Rules!D1", 'holds "Value" and is no cell'), ("Rules!ZZ2", "columns A (Rule), B (Area)"),
     ("What-if!A2", 'there is no sheet "What-if"')],
)  # fmt: skip
def test_an_address_of_no_number(typed, said, tmp_path):
    scenario = read_scenario(write_book(tmp_path / "s.xlsx", small()))
    with pytest.raises(UsageError) as caught:
        find_cell(scenario, typed)
    assert said in str(caught.value)


@pytest.mark.parametrize(("row", "column"), [("D2", None), ("Rules!D2", None), ("$D$2", "Value")])
def test_a_variant_names_its_cell_by_address(row, column, tmp_path):
    what_if = [["Variant", "Sheet", "Row", "Column", "Change", "Value"], ["V", "Rules", row, column, "set", "20%"]]
    scenario = read_scenario(write_book(tmp_path / "s.xlsx", small(**{"What-if": what_if})))
    (variant,) = scenario.variants
    assert values_of(variant.edits) == ({Cell("Rules", 2, 4): 0.2}, frozenset())
    assert float(with_edits(scenario, variant.edits).rules[0].value) == 0.2
