"""Rules, areas, sources and indicators may be called anything: what solvers are handed are names that we choose."""

import json
import re
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allocator import read_scenario
from allocator.audit.verify import verify
from allocator.programme.build import build
from allocator.programme.matrix import Names
from allocator.programme.solve import solve
from allocator.scenario.cells import fold, tidy
from commands import run_command, small, write_book
from content_workbook import write_content
from second_solver import by_cbc, by_highs, needs_cbc

KEYWORDS = [
    "st", "s.t.", "subject to", "Subject", "to", "free", "infinity", "inf", "NaN", "end", "bounds", "bound", "max",
    "minimise", "obj", "OBJ", "general", "bin", "int", "sos1", "section", "Goal 1 held", "Goal held 1",
    "e1", "E1 floor", "1e5", "x_1", "__dummy", "_C1",
    "semi-continuous", "Infrastructure", "Nanotechnology",
]  # fmt: skip
NAMES = [
    "1. Roads first", "4% for roads", "(1) Roads", "Дороги", "道路", "# 1", "1. Đường", "طرق", "🚧", "é́", "«»", "'\"",
    "+1", "two\nlines", "a" * 200, "\u202eright to left", "ﬁ", "½", "Ⅳ",
]  # fmt: skip


ALL = list({fold(name): name for name in (*KEYWORDS, *NAMES)}.values())


def content(rule: str, area: str = "Roads", source: str = "City", indicator: str = "Km") -> dict:
    return {
        "Scenario": [{"Setting": "Unit", "Value": "bn"}, {"Setting": "Title", "Value": rule}],
        "Budget": [{"Source": source, "2026": 100}],
        "Areas": [{"Area": area, "Benefit": 1}, {"Area": "Other", "Benefit": 2}],
        "Rules": [
            {"Rule": rule, "Area": area, "Operator": ">=", "Value": 0.4, "Basis": "budget", "Years": "2026 together"},
            {"Rule": f"{rule} 2", "Area": area, "Operator": ">=", "Value": 0.5, "Basis": "budget",
             "Strength": "goal 1"},
        ],
        "Indicators": [{"Indicator": indicator, "Operator": ">=", "Target": 45}],
        "Effects": [{"Area": area, indicator: 1}],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["1. Đường", "道路", "free"])
def test_a_plan_is_made_whatever_the_rule_is_called(name, tmp_path):
    path = write_content(content(name), tmp_path / "s.xlsx")
    told = json.loads(run_command(path, "--json").stdout)
    money = {(line["area"], line["source"]): line["amount"] for line in told["allocation"]}
    assert money == {("Roads", "City"): 50, ("Other", "City"): 50}
    assert tidy(name) in {rule["rule"] for rule in told["rules"]}


@needs_cbc
@pytest.mark.slow
@pytest.mark.parametrize("name", [*NAMES, "st", "free", "inf", "Goal 1 held", "e1"])
def test_everything_works_whatever_all_things_are_called(name, tmp_path):
    short = name[:60]
    path = write_content(content(name, f"{short} area", f"{short} source", f"{short} effect"), tmp_path / "s.xlsx")
    made = run_command(path, "-o", tmp_path / "p.xlsx", "--lp", tmp_path / "p.lp", "--solver", "COIN_CMD")
    assert made.returncode == 0, made.stderr
    assert verify(tmp_path / "p.xlsx").right
    scenario = read_scenario(path)
    amounts = solve(build(scenario)).amounts
    assert {key[0]: round(float(v), 6) for key, v in amounts.items()} == {tidy(f"{short} area"): 50, "Other": 50}


@needs_cbc
def test_lp_files_are_read_by_other_solvers(tmp_path):
    path, book = tmp_path / "p.lp", content("Roads")
    book["Rules"] = [book["Rules"][0] | {"Rule": name, "Value": 0.4 + i / 1000} for i, name in enumerate(ALL)]
    book["Areas"] += [{"Area": f"{name[:60]} a", "Benefit": 1 + i / 100} for i, name in enumerate(ALL)]
    solve(build(read_scenario(write_content(book, tmp_path / "s.xlsx"))), lp_file=path)
    assert by_highs(path) == pytest.approx(by_cbc(path, tmp_path / "answer.txt"), abs=1e-6)
    assert len(set(re.findall(r"^(\w+):", path.read_text(), re.MULTILINE))) >= len(book["Rules"])


@given(st.lists(st.text(min_size=0, max_size=40), max_size=20))
@example(["道路", "道路", "Дороги", "x", "x 2", "x", "X", "1", "x_1", "1"])
def test_names_are_plain_and_each_stands_once(texts):
    names = Names()
    made = [names.make(text) for text in texts]
    assert len(set(made)) == len(made)
    assert all(name.isascii() and name.replace("_", "").isalnum() and name[0].isalpha() for name in made)
    assert all(len(name) < 240 for name in made)


def test_many_names_without_latin_letters_take_no_long_time():
    names = Names()
    assert len({names.make("道路") for _ in range(20_000)}) == 20_000


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30), st.data())
def test_programmes_are_solved_over_all_of_unicode(tmp_path_factory, rule, data):
    letters = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10)
    area = data.draw(letters)
    if ";" in rule + area or fold(area) in ("", "other") or not fold(rule):
        return
    if "=" in (rule[0], area[0]):  # the library that writes the test's workbook makes a formula of it
        return
    folder = tmp_path_factory.mktemp("names")
    scenario = read_scenario(write_content(content(rule, f"{area} area"), folder / "s.xlsx"))
    found = solve(build(scenario), lp_file=folder / "p.lp")
    assert {key[0]: Fraction(v).limit_denominator(1000) for key, v in found.amounts.items()} == {
        scenario.areas[0].name: 50,
        "Other": 50,
    }


@pytest.mark.parametrize(
    ("rules", "indicator"),
    [
        (["Budget: City budget"], "Km"),
        (["Goal 1", "goal 1 held"], "Goal 2"),
        pytest.param(["Km"], "Km", marks=pytest.mark.slow),
        pytest.param(["Minimum: Giáo dục", "Last band: Roads"], "Km", marks=pytest.mark.slow),
        pytest.param(["Every", "Every: Roads"], "Km", marks=pytest.mark.slow),
    ],
)
def test_names_like_those_of_other_rows(rules, indicator, tmp_path):
    lines = [["Rule", "Area", "Operator", "Value", "Basis"]]
    lines += [
        [name, "every area" if name == "Every" else "Roads", ">=", f"{30 + n}%", ("budget", "spending")[n]]
        for n, name in enumerate(rules)
    ]
    book = small(
        Rules=lines,
        Indicators=[["Indicator", "Operator", "Target"], [indicator, ">=", 20]],
        Effects=[["Area", indicator], ["Roads", 1]],
    )
    assert run_command(write_book(tmp_path / "s.xlsx", book), "-o", tmp_path / "p.xlsx").returncode == 0
    assert verify(tmp_path / "p.xlsx").right
