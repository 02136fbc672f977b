"""The documents say what the code does: a new option, column, key or exit code has to be written about."""

from __future__ import annotations

import doctest
import json
import math
import re
import struct
import subprocess
import sys
from pathlib import Path

import click
import openpyxl
import pytest

import allocator
from allocator import cli
from allocator.cli import process
from allocator.render.reference import reference
from allocator.tables import no_plan, warnings
from allocator.tables.plan import SHEETS, TABLES
from commands import run_command
from offenders import of_each
from places import ROOT

README, MEANING, PLAN, PYTHON = ROOT / "README.md", *(ROOT / "docs" / f"{n}.md" for n in ("meaning", "plan", "python"))
PAGES = (README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
SCENARIO = "scenarios/hanoi-2026.xlsx"
COMMANDS = ("pip install uv && uv run allocate scenarios/hanoi-2026.xlsx", "uv run pytest")
"""What the README tells everybody to type, word for word."""
PRICES = ("price_up", "price_down", "degenerate", "least", "most")
"""Keys that are known for every area and demand of this scenario: all its goals are met."""


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language ("" for none)."""
    return re.findall(rf"^ *```{language}\n(.*?)^ *```", text_of(page), re.MULTILINE | re.DOTALL)


def code(page: Path) -> str:
    """All that stands in code on a page: blocks and spans, not prose."""
    text = text_of(page)
    fenced = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))
    return "\n".join(fenced + spans)


def section(page: Path, heading: str) -> str:
    """The text below a heading, up to the next one as high."""
    marks = heading.split(" ")[0]
    _, found, rest = text_of(page).partition(f"\n{heading}\n")
    assert found, f"{page.name} has no heading {heading!r}"
    return re.split(rf"^#{{1,{len(marks)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """The first cells of a section's tables, headings left out."""
    rows = [line.split(" | ")[0].removeprefix("| ") for line in text.splitlines() if line.startswith("| ")]
    return [cell.strip(" |") for cell in rows]


# -- the plan workbook ------------------------------------------------------------------------------------------


def test_the_plan_page_is_the_generated_one():
    assert text_of(PLAN) == reference(), "python -m allocator.render.reference > docs/plan.md"


def test_every_sheet_is_toured():
    assert first_cells(section(README, "## How to read a plan"))[1:] == list(SHEETS)
    assert {table.sheet for table in TABLES} <= set(SHEETS)


def schools_and_roads(path: Path, most_for_schools: int | None = None) -> allocator.Plan:
    """The plan of the worked example: 100 million, schools worth 3 and roads 2, 40 % for roads."""
    book = openpyxl.Workbook()
    sheets = {
        "Scenario": [("Setting", "Value"), ("Unit", "million"), ("Step", 1)],
        "Budget": [("Source", 2026), ("City budget", 100)],
        "Areas": [("Area", "Benefit", "Maximum"), ("Schools", 3, most_for_schools), ("Roads", 2, None)],
        "Rules": [("Rule", "Area", "Operator", "Value", "Basis"), ("Floor", "Roads", "at least", "40%", "budget")],
    }
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(path)
    return allocator.optimise(allocator.read_scenario(path))


def tables_of(text: str) -> list[dict[str, list[str]]]:
    """The tables of a page: first cell → the other cells, heading row included."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    rows = [[[cell.strip() for cell in line.strip(" |").split(" | ")] for line in b.splitlines()] for b in blocks]
    return [{row[0]: row[1:] for row in table if not row[0].startswith("---")} for table in rows]


@pytest.mark.parametrize("most_for_schools", [None, 60])
def test_the_worked_examples_of_prices_are_right(tmp_path, most_for_schools):
    plan = schools_and_roads(tmp_path / "example.xlsx", most_for_schools)
    table = tables_of(section(PLAN, "## The sign of prices"))[0 if most_for_schools is None else 1]
    heads = [head.lower().replace(" ", "_") for head in table["Name"]]
    assert set(table) - {"Name"} == set(plan.rules["rule"])
    for row in plan.rules.to_dict("records"):
        row |= {"constraint_r.h._side": row["rhs"]}
        row["shadow_price"] = "two prices" if row["degenerate"] else row["shadow_price"]
        for head, written in zip(heads, table[row["rule"]], strict=True):
            found = row[head]
            if written == "no limit":
                assert math.isnan(found), (row["rule"], head)
            else:
                assert found == (written if isinstance(found, str) else pytest.approx(float(written.replace("−", "-"))))


def test_the_worked_examples_of_room_and_next_money_are_right(tmp_path):
    plan = schools_and_roads(tmp_path / "example.xlsx")
    said = " ".join(section(PLAN, "## What a rule costs, what is free, where money goes").split())
    room = plan.room.set_index("name")
    assert "schools get 58.7 to 60, roads 40 to 41.3" in said
    ends = room.loc[["Schools", "Roads"], ["least_near", "most_near"]].to_numpy().ravel().tolist()
    assert ends == pytest.approx([58.7, 60, 40, 41.3])
    more = plan.next_money.iloc[0]
    assert "0.4 go to roads, which have 40 % of it by rule, and 0.6 to schools. That is 2.6 points" in said
    assert {m["area"]: round(m["change"], 9) for m in more["moves"]} == {"Roads": 0.4, "Schools": 0.6}
    assert more["change"] == pytest.approx(2.6)
    card = plan.price_card.iloc[0]
    assert "that is worth 0.33 million. The price holds from 0 % to 100 %" in said
    assert (card["change"], card["worth"], card["holds"]) == pytest.approx((-1, -1 / 3, 60))
    assert plan.price_card.iloc[1][["holds", "next_price"]].tolist() == pytest.approx([40, 0])


# -- the command line -------------------------------------------------------------------------------------------


def options() -> dict[str, set[str]]:
    """Every option of the command line, and what else it may be called: name → spellings."""
    everything = [cli.allocate, cli.allocate.main_command, *cli.allocate.commands.values()]
    params = [
        param
        for command in everything
        for param in command.get_params(click.Context(command, **command.context_settings))
    ]
    return {p.name or "": {*p.opts} for p in params if isinstance(p, click.Option)}


def test_every_option_is_written_about():
    assert len(options()) > 5
    written = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", code(MEANING)))
    for spellings in options().values():
        assert spellings <= written
    readme = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", code(README)))
    for spellings in options().values():
        assert spellings & readme, f"README.md names none of {spellings}"


@of_each(PAGES, lambda page: page.name)
def test_every_option_written_about_exists(page):
    known = set().union(*options().values()) | {"--extra", "--no-dev", "--refresh-golden"}  # uv's own, and the suite's
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text_of(page))) <= known


def test_every_command_is_written_about():
    for name in cli.allocate.commands:
        assert f"allocate {name}" in code(README)
        assert f"### `allocate {name}" in text_of(MEANING)


@of_each(PAGES, lambda page: page.name)
def test_every_command_written_about_exists(page):
    named = re.findall(r"\ballocate ([a-z]+)(?![\w./-])", code(page))
    assert set(named) <= set(cli.allocate.commands)


def test_the_exit_codes():
    table = {int(code) for code in first_cells(section(MEANING, "## Exit codes"))[1:] if code.isdigit()}
    assert table == {
        *(
            process.DONE,
            process.NO_PLAN,
            process.UNUSABLE,
            process.STOPPED,
            process.OWN_MISTAKE,
            process.INTERRUPTED,
            process.PIPE_CLOSED,
        )
    }


def test_the_two_commands_stand_there_word_for_word():
    typed = [line for block in blocks(README, "") for line in block.splitlines()]
    for command in COMMANDS:
        assert typed.count(command) == 1


def test_the_readme_shows_what_is_printed_now(tmp_path):
    plan = tmp_path / "h.plan.xlsx"
    told = run_command(SCENARIO, "-o", plan, cwd=ROOT, env={"COLUMNS": "80", "PYTHONUTF8": "1"})
    assert told.returncode == 0, told.stderr.decode()
    shown, _, where = blocks(README, "text")[0].partition("Plan: ")
    printed = told.stdout.decode("utf-8").partition("Plan: ")[0]
    assert [line.rstrip() for line in shown.splitlines()] == [line.rstrip() for line in printed.splitlines()]
    assert where.strip() == SCENARIO.replace(".xlsx", ".plan.xlsx")


# -- JSON -------------------------------------------------------------------------------------------------------


def test_the_keys_of_the_json():
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section(MEANING, "## JSON"), re.MULTILINE)
    written = {key: tuple(re.findall(r"`(\w+)`", said)) for key, said in rows}
    told = run_command(SCENARIO, "--json", cwd=ROOT)
    plan = json.loads(told.stdout)
    assert {*plan, "conflict", "repairs", "conflicts"} == set(written)
    for key, value in plan.items():
        if value and isinstance(value, list) and isinstance(value[0], dict):
            assert set(value[0]) == set(written[key]), key
        elif isinstance(value, dict):
            assert set(value) == set(written[key]), key
    for key, table in (
        ("conflict", no_plan.CLASHING),
        ("repairs", no_plan.WAYS_OUT),
        ("conflicts", no_plan.CONFLICTS),
        ("warnings", warnings.BUDGETS),
        ("tight", warnings.TIGHT),
        ("goals_explained", warnings.GOALS),
    ):
        assert {column.key for column in table.recorded} == set(written[key])
    demands = [record for record in plan["rules"] if not record["rule"].startswith("Goal ")]
    known = [record[key] for record in (*demands, *plan["areas"]) for key in PRICES if key in record]
    assert None not in known
    moves = [move for key in ("price_card", "next_money") for record in plan[key] for move in record["moves"]]
    said = section(MEANING, "## JSON")
    assert moves
    assert all(list(move) == ["area", "year", "change"] for move in moves)
    assert "`moves` lists `area`, `year` and `change`" in said
    assert "`changes` lists `rule`, `year`, `from`, `to`, `unit` and `cell`" in said
    assert plan["certificate"]["exact"] is True


# -- links, pictures, code --------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@of_each(PAGES, lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


@of_each(PAGES, lambda page: page.name)
def test_no_page_names_places_of_one_computer(page):
    assert not re.search(r"(?<![\w.])/(work|tmp|home|root|usr|Users)/", text_of(page))


def test_the_picture_is_one():
    picture = (ROOT / "docs" / "summary.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    assert width > height > 600
    assert len(picture) < 250_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python_code_runs(page, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        if ">>>" not in block:
            subprocess.run([sys.executable, "-c", block], check=True, capture_output=True, timeout=60)
            continue
        test = doctest.DocTestParser().get_doctest(block, names, page.name, page.name, 0)
        told: list[str] = []
        failed, _ = doctest.DocTestRunner().run(test, out=told.append, clear_globs=False)
        assert not failed, "".join(told)
        names.update(test.globs)
    capsys.readouterr()


def test_the_change_log_knows_this_version():
    headings = re.findall(r"^## (.+)$", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert headings[0].split(" ")[0] == allocator.__version__
