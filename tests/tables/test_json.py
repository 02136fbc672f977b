"""The JSON of a result has exactly the keys of the contract, plain finite numbers, and the tables of Plan follow it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from fractions import Fraction

import pytest

from allocator.analyses.result import Result
from allocator.api import Plan
from allocator.errors import OutputError
from allocator.programme.status import Status
from allocator.render.records import as_json
from allocator.scenario.problems import FromFile
from allocator.tables.columns import plain
from made_results import CITY, VIETNAMESE, a_goal, a_result, an_indicator, row_figures, share_row
from sample_prices import POINT, with_prices

KEYS = [
    "status",
    "objective",
    "scenario",
    "allocation",
    "areas",
    "rules",
    "indicators",
    "goals",
    "certificate",
    "doubts",
    "messages",
    "room",
    "price_card",
    "rule_costs",
    "next_money",
    "parts",
    "warnings",
    "tight",
    "goals_explained",
    "alternatives",
]
MOVE = "price no_plan holds next_price ends change worth missed moves"
TABLES = {
    "allocation": "area year source amount",
    "areas": "area year final_value reduced_cost objective_coefficient allowable_increase allowable_decrease "
    "least most",
    "rules": "rule year kind final_value operator rhs unit slack status shadow_price price_up price_down "
    "allowable_increase allowable_decrease degenerate strength legal_basis cell",
    "indicators": "indicator year baseline reached operator target met",
    "goals": "rule year priority missed_by",
    "room": "name year value least most least_near most_near whole",
    "price_card": f"rule direction points curved {MOVE}",
    "next_money": f"source year direction step {MOVE}",
    "parts": "area year band source final_value reduced_cost objective_coefficient allowable_increase "
    "allowable_decrease limiting_item",
}


def full_result() -> Result:
    """A result with something in every table, and something missing in some."""
    _, figures = an_indicator("Chỗ học mới", "thousand places", 2027)
    together = row_figures(share_row("Together", None, "0.04"), price=None, degenerate=None)
    result = a_result(years=(2026, 2027), messages=(FromFile("a message"),))
    result = with_prices(replace(result, rows=(*result.rows, together)))
    return replace(
        result,
        scenario=replace(result.scenario, messages=(FromFile("from the reader"), FromFile("a message"))),
        indicators=(figures, replace(figures, year=2026, operator=None, target=None, met=None)),
        goals=(a_goal("G", 2026, "0.125"),),
    )


def test_it_has_the_keys_of_the_contract_in_its_order() -> None:
    found = json.loads(as_json(full_result()))
    assert list(found) == KEYS
    about = ["title", "unit", "step", "years", "sha256", "variants", "variant", "repair", "changed"]
    assert list(found["scenario"]) == about
    assert list(found["certificate"]) == ["objective", "bound", "gap", "exact"]
    for table, columns in TABLES.items():
        assert found[table], table
        assert all(list(record) == columns.split() for record in found[table]), table


def test_numbers_are_plain_and_finite() -> None:
    text = as_json(full_result())
    assert not re.search(r"NaN|Infinity|-0\.0\b", text)
    found = json.loads(text)
    assert found["areas"][0]["allowable_increase"] is None
    assert found["areas"][0]["reduced_cost"] == 0
    assert math.copysign(1, found["areas"][0]["reduced_cost"]) == 1
    assert found["goals"][0]["missed_by"] == 0.125
    assert found["objective"] == 27123.4567


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (math.inf, None),
        (-math.inf, None),
        (math.nan, None),
        (Fraction(10**17 + 1), 10**17 + 1),
        (Fraction(1, 3), 1 / 3),
        (2.5, 2.5),
    ],
)
def test_number(value: Fraction | float | None, expected: float | None) -> None:
    assert plain(value) == expected


def test_two_prices_have_no_shadow_price_and_no_plan_no_price() -> None:
    found = json.loads(as_json(with_prices(a_result(years=(2026, 2027), rules=4))))["rules"]
    degenerate = [record for record in found if record["degenerate"]]
    assert [record["price_up"] for record in degenerate] == [-0.25]
    assert {(r["shadow_price"], r["price_down"]) for r in degenerate} == {(None, -1.5)}
    one_way = [r for r in found if r["price_up"] is None and r["price_down"] is not None]
    assert one_way
    assert {(r["shadow_price"], r["allowable_increase"]) for r in one_way} == {(None, None)}


def test_a_price_card_has_a_record_for_each_direction() -> None:
    result = full_result()
    cards = json.loads(as_json(result))["price_card"]
    assert [r["direction"] for r in cards] == ["more", "less"] * len(result.price_card)
    more, less = cards[:2]
    assert (more["rule"], more["holds"], less["holds"], less["next_price"]) == (
        result.price_card[0].rule.name,
        0.75,
        None,
        None,
    )
    assert more["price"] == less["price"] == pytest.approx(-0.8 * POINT)
    assert more["moves"][0] == {"area": VIETNAMESE[3], "year": 2026, "change": POINT}
    assert cards[6]["no_plan"] is True
    off = cards[-1]
    assert {off[key] for key in MOVE.split() if key not in ("missed", "moves")} == {None}
    assert off["missed"] == off["moves"] == []


def test_a_move_says_where_plans_end_and_which_goals_it_misses() -> None:
    result = full_result()
    more = replace(result.next_money[0].more, ends=True, missed=(("Good air 2026", 4.0),))
    first = replace(result.next_money[0], more=more)
    records = json.loads(as_json(replace(result, next_money=(first,))))["next_money"]
    assert [r["ends"] for r in records] == [True, False]
    assert [r["missed"] for r in records] == [[{"rule": "Good air 2026", "change": 4.0}], []]


def test_room_says_which_lines_comprise_others() -> None:
    room = json.loads(as_json(with_prices(a_result(parts=True))))["room"]
    assert [r["name"] for r in room if r["whole"]] == [VIETNAMESE[-1]]
    assert all(r["least_near"] <= r["least"] <= r["value"] <= r["most"] <= r["most_near"] for r in room)


def test_parts_are_bands_or_sources() -> None:
    found = json.loads(as_json(full_result()))["parts"]
    assert {(part["band"] is None) == (part["source"] is not None) for part in found} == {True}
    assert {part["band"] for part in found} >= {"1", "2", None}


def test_next_money_is_of_every_source_and_year_both_ways() -> None:
    found = json.loads(as_json(full_result()))["next_money"]
    assert [(r["source"], r["year"], r["direction"]) for r in found] == [
        (CITY, 2026, "more"),
        (CITY, 2026, "less"),
        (CITY, 2027, "more"),
        (CITY, 2027, "less"),
    ]
    assert found[0]["step"] == 130
    assert found[1]["change"] < 0 < found[0]["change"]


def test_names_stay_readable() -> None:
    text = as_json(full_result())
    assert "Giáo dục và đào tạo" in text
    assert "\\u" not in text


def test_allocation_has_a_record_for_every_area_year_and_source() -> None:
    result = a_result(years=(2026, 2027), parts=True)
    private = replace(result.scenario.sources[0], name="Private")
    result = replace(result, scenario=replace(result.scenario, sources=(*result.scenario.sources, private)))
    records = json.loads(as_json(result))["allocation"]
    assert len(records) == len(result.scenario.leaves) * 2 * 2
    assert {record["amount"] for record in records if record["source"] == "Private"} == {0}
    assert "Xây dựng Đảng và hệ thống chính trị" not in {record["area"] for record in records}


def test_the_certificate_says_how_far_the_plan_is_from_the_bound() -> None:
    certificate = json.loads(as_json(full_result()))["certificate"]
    assert certificate["bound"] == 27123.6
    assert certificate["gap"] == pytest.approx(0.1433)
    assert certificate["exact"] is False


def test_messages_are_said_once() -> None:
    assert json.loads(as_json(full_result()))["messages"] == ["from the reader", "a message"]


def no_plan(status: Status) -> Result:
    conflict = (share_row("Culture over 4 %", 2026, "0.04"),) if status is Status.INFEASIBLE else ()
    result = a_result(status=status, objective=None, unrounded_objective=None, conflict=conflict)
    return replace(result, allotments=(), areas=(), rows=(), funds=())


def test_without_a_plan_it_names_the_conflict() -> None:
    found = json.loads(as_json(no_plan(Status.INFEASIBLE)))
    assert list(found) == [*KEYS[:-11], "conflict", "repairs", *KEYS[-11:], "conflicts"]
    assert found["room"] == found["price_card"] == found["next_money"] == found["parts"] == []
    assert found["status"] == "infeasible"
    assert found["objective"] is None
    assert found["allocation"] == []
    assert found["certificate"] == {"objective": None, "bound": None, "gap": None, "exact": False}
    expected = {"rule": "Culture over 4 %", "year": 2026, "cell": "Rules!E7", "legal_basis": "Nghị quyết 80"}
    assert found["conflict"] == [expected]
    assert found["repairs"] == found["conflicts"] == []


def test_a_stopped_search_has_neither_plan_nor_conflict() -> None:
    found = json.loads(as_json(no_plan(Status.STOPPED)))
    assert list(found) == KEYS
    assert found["status"] == "stopped"


@pytest.mark.parametrize("table", TABLES)
def test_plan_has_the_same_tables(table: str) -> None:
    plan = Plan(full_result())
    frame = getattr(plan, table)
    assert list(frame.columns) == TABLES[table].split()
    records = json.loads(plan.to_json())[table]
    for column in frame.columns:
        expected = [record[column] for record in records]
        found = [None if missing else value for value, missing in zip(frame[column], frame[column].isna(), strict=True)]
        assert found == expected, column


@pytest.mark.parametrize("table", [*TABLES, "conflict"])
def test_empty_tables_keep_columns_and_types(table: str) -> None:
    frame = getattr(Plan(no_plan(Status.STOPPED)), table)
    assert len(frame) == 0
    assert frame["holds" if table == "price_card" else "year"].dtype == (
        "float64" if table == "price_card" else "int64"
    )


def test_plan_says_what_the_result_says() -> None:
    plan = Plan(full_result())
    assert (plan.status, plan.objective, plan.unrounded_objective) == ("optimal", 27123.4567, 27123.6)
    assert plan.messages == ("from the reader", "a message")
    assert plan.allocation.loc[0, "source"] == CITY
    frame = plan.allocation
    frame.loc[0, "amount"] = -1
    assert plan.allocation.loc[0, "amount"] == 1000


def test_of_a_stopped_search_nothing_is_written(tmp_path: object) -> None:
    with pytest.raises(OutputError, match="no plan to write"):
        Plan(no_plan(Status.STOPPED)).to_excel(f"{tmp_path}/plan.xlsx")
