"""An amount of years together is the whole period's: worked by hand, in the plan, its prices, repairs and formulas."""

import json
import warnings

import pytest

from allocator.audit.verify import verify
from commands import run_command, write_book

YEARS = [2026, 2027, 2028, 2029, 2030]


def book(folder, operator, value, years="2026-2030 together", strength="must"):
    """Five years of 1,000; schools bring 3 for each unit, roads 2."""
    rules = [["Rule", "Area", "Operator", "Value", "Basis", "Years", "Strength"]]
    rules += [["Roads programme", "Roads", operator, value, "amount", years, strength]]
    return write_book(folder / "s.xlsx", {
        "Scenario": [["Setting", "Value"], ["Unit", "bn"], ["Step", 1]],
        "Budget": [["Source", *YEARS], ["City", *[1000] * 5]],
        "Areas": [["Area", "Benefit"], ["Schools", 3], ["Roads", 2]],
        "Rules": rules,
    })  # fmt: skip


def told(path, *options):
    return json.loads(run_command(path, "--json", *options).stdout)


def test_the_right_hand_side_is_the_amount_as_it_stands(tmp_path):
    found = told(book(tmp_path, ">=", 1500))
    row = next(rule for rule in found["rules"] if rule["rule"] == "Roads programme")
    assert (row["year"], row["rhs"], row["final_value"], row["slack"]) == (None, 1500, 1500, 0)
    assert row["shadow_price"] == pytest.approx(-1)
    # the year's prices hold until roads have all 5,000, or nothing
    assert (row["allowable_increase"], row["allowable_decrease"]) == pytest.approx((3500, 1500))
    assert found["objective"] == pytest.approx(3500 * 3 + 1500 * 2)
    assert sum(line["amount"] for line in found["allocation"] if line["area"] == "Roads") == pytest.approx(1500)


def test_a_ceiling_over_some_years(tmp_path):
    path = book(tmp_path, "<=", 300, "2027;2029 together")
    found = told(path)
    row = next(rule for rule in found["rules"] if rule["rule"] == "Roads programme")
    assert (row["rhs"], row["final_value"], row["slack"]) == (300, 0, 300)


def test_more_than_all_the_money_of_the_period(tmp_path):
    path = book(tmp_path, ">=", 5200)
    assert told(book(tmp_path, ">=", 5000))["status"] == "optimal"
    path = book(tmp_path, ">=", 5200)
    check = run_command("check", path)
    assert check.returncode == 1
    assert "Rules!D2: no plan can exist: in 2026-2030" in check.stdout.decode()
    found = told(path)
    assert found["status"] == "infeasible"
    changes = [change for repair in found["repairs"] for change in repair["changes"]]
    assert ("Roads programme", 5200, 5000) in [(c["rule"], c["from"], c["to"]) for c in changes]


def test_a_missed_goal_is_a_part_of_the_periods_budget(tmp_path):
    found = told(book(tmp_path, ">=", 5200, strength="goal 1"))
    assert found["goals"] == [{"rule": "Roads programme", "year": None, "priority": 1, "missed_by": 200}]


def test_formulas_and_words_say_the_same(tmp_path):
    from openpyxl import load_workbook

    warnings.simplefilter("ignore")  # openpyxl leaves out what it does not know
    assert run_command(book(tmp_path, ">=", 1500), "-o", tmp_path / "p.xlsx").returncode == 0
    assert verify(tmp_path / "p.xlsx").right
    sheet = load_workbook(tmp_path / "p.xlsx", data_only=True)["Rules"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heads = next(line for line in lines if "Constraint R.H. Side" in line)
    row = next(line for line in lines if "Roads programme" in line)
    assert row[heads.index("Constraint R.H. Side")] == 1500
    assert row[heads.index("As written")] == "≥ 1,500 bn in 2026–2030 together"
