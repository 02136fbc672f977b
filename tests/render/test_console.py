"""The console: at most 40 lines of 80 columns, aligned whatever the script, plain when piped."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from allocator.analyses.figures import RowStatus
from allocator.analyses.result import Result
from allocator.console import progress as shown
from allocator.console.lines import print_problems
from allocator.console.plan import print_summary
from allocator.console.progress import progress_display
from allocator.errors import Problem, ScenarioError
from allocator.programme.status import Status
from allocator.scenario.bases.last_share import Points
from allocator.scenario.model import Objective
from allocator.scenario.problems import FromFile
from made_results import VIETNAMESE, a_goal, a_result, an_area, an_indicator, of_basis, row_figures, share_row
from sample_prices import with_prices

PATH = Path("scenario.plan.xlsx")


def summary(result: Result, width: int = 80, path: Path | None = PATH, *, terminal: bool = False) -> str:
    stream = io.StringIO()
    colours = "truecolor" if terminal else None
    print_summary(result, Console(file=stream, width=width, force_terminal=terminal, color_system=colours), path)
    return stream.getvalue()


def line_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.strip().startswith(start))


MANY = [f"Lĩnh vực ưu tiên số {index} với một cái tên rất dài" for index in range(30)]
CROWDED = {
    "goals": tuple(a_goal(f"Mục tiêu {index}", 2026, "3") for index in range(9)),
    "messages": tuple(FromFile(f"Message {index}: " + "rather long " * 30) for index in range(9)),
}


@pytest.mark.parametrize("years", [(2026,), (2026, 2027, 2028, 2029, 2030)])
@pytest.mark.parametrize("names", [VIETNAMESE, MANY])
@pytest.mark.parametrize("more", [{}, CROWDED])
@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_a_screen(years: tuple[int, ...], names: list[str], more: dict[str, object], width: int) -> None:
    text = summary(a_result(names, years, rules=12, parts=True, **more), width)
    lines = text.splitlines()
    assert len(lines) <= 40
    assert max(map(cell_len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    assert line_of(text, "Plan:") == "Plan: scenario.plan.xlsx"


def test_it_is_plain_when_piped_and_coloured_on_a_terminal() -> None:
    result = a_result(years=(2026, 2027))
    piped, coloured = summary(result), summary(result, terminal=True)
    assert "\x1b" not in piped
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == piped
    assert "\x1b[" in coloured


def test_columns_line_up_whatever_the_script() -> None:
    names = ["Culture", "Giáo dục và đào tạo", "教育と文化", "Đối ngoại"]
    lines = summary(a_result(names)).splitlines()
    table = [line for line in lines if line.startswith(tuple(names))]
    assert len(table) == len(names)
    assert len({cell_len(line[: line.index(" %") + 2]) for line in table}) == 1


def test_shares_change_and_totals() -> None:
    text = summary(a_result(("Culture", "Schools")))
    assert re.search(r"^Culture +1,000 +38\.5 % +– ", text, re.MULTILINE)
    assert re.search(r"^Schools +1,137 +43\.7 % +\+3\.4 % ", text, re.MULTILINE)
    assert re.search(r"^Total +2,137 +82\.2 % +\+1\.8 %$", text, re.MULTILINE)
    assert re.search(r"^Not allotted +7$", text, re.MULTILINE)


def test_several_years_show_the_first_the_last_and_the_change_a_year() -> None:
    text = summary(a_result(("Culture", "Schools"), years=(2026, 2027, 2028)))
    assert line_of(text, "Amounts in").split()[-7:] == ["đồng", "2026", "2028", "Share", "2028", "Change", "p.a."]
    assert re.search(r"^Culture +1,000 +1,100 +23\.9 % +\+3\.2 %", text, re.MULTILINE)


def test_parts_stand_under_their_area() -> None:
    text = summary(a_result(parts=True))
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(VIETNAMESE[-1]))
    assert lines[at + 1].startswith("  Trường học")
    assert lines[at + 2].startswith("  Giáo viên")


def test_of_many_areas_it_shows_the_largest_and_sums_the_rest() -> None:
    text = summary(a_result([f"Area {index}" for index in range(30)]))
    assert line_of(text, "Area").startswith("Area 29")
    assert re.search(r"^and 10 more: see sheet Plan +16,165$", text, re.MULTILINE)


def test_a_part_is_never_shown_without_its_area() -> None:
    text = summary(a_result([f"Area {index}" for index in range(30)], parts=True, rules=0))
    assert text.index("Area 29") < text.index("  Giáo viên")


@pytest.mark.parametrize(
    ("step", "amount", "written"), [("1", "5", "5"), ("0.001", "2.5", "2.5"), ("0.5", "2.5", "2.5")]
)
def test_amounts_have_no_more_digits_than_step(step: str, amount: str, written: str) -> None:
    result = a_result(("Culture",))
    allotments = (replace(result.allotments[0], amount=Fraction(amount)),)
    text = summary(replace(result, allotments=allotments, step=Fraction(step)))
    assert line_of(text, "Culture").split()[1] == written


def test_unrounded_amounts_are_cut_to_what_can_be_read() -> None:
    result = a_result(("Culture",))
    allotments = (replace(result.allotments[0], amount=Fraction(1000, 3)),)
    text = summary(replace(result, allotments=allotments, step=Fraction(0)))
    assert re.fullmatch(r"333\.3{1,6}", line_of(text, "Culture").split()[1])


def test_the_dearest_rules_come_first_and_years_are_drawn_together() -> None:
    text = summary(a_result(years=(2026, 2027, 2029), rules=2))
    at = text.index("What binds")
    first, second = text[at:].splitlines()[1:3]
    assert first.startswith("Quy tắc số 2")
    assert second.startswith("Quy tắc số 1")
    assert first.split()[-1] == "−1"


def test_reached_has_decimals_enough_to_tell_it_from_what_is_written() -> None:
    row = share_row("Over", 2026, "0.04")
    text = summary(a_result(rows=(row_figures(row, reached=Fraction("0.040001")),)))
    assert line_of(text, "Over").split()[-3:] == ["4.0001", "%", "−0.5"]


def test_two_prices_are_called_so_and_rules_that_do_not_bind_stay_out() -> None:
    degenerate = row_figures(share_row("Both ways", 2026, "0.04"), degenerate=True, price_up=-3.0)
    idle = row_figures(share_row("Idle", 2026, "0.04"), status=RowStatus.NOT_BINDING)
    text = summary(a_result(rows=(degenerate, idle)))
    assert line_of(text, "Both ways").endswith("two prices")
    assert "Idle" not in text


def test_where_only_one_direction_has_a_plan_it_says_so_as_sensitivity_does() -> None:
    one = row_figures(share_row("One way", 2026, "0.04"), price=None, price_down=-2.5, no_plan_up=True)
    none = row_figures(share_row("No way", 2026, "0.04"), price=None, no_plan_up=True, no_plan_down=True)
    text = summary(a_result(rows=(one, none)))
    assert line_of(text, "One way").endswith("  one way")
    assert line_of(text, "No way").endswith("no plan")
    assert "one way: a plan exists in one direction only." in " ".join(text.split())
    assert "in one direction only" not in summary(a_result())


def test_where_goals_are_missed_it_says_what_prices_hold() -> None:
    held = "adds to the objective, what goals miss held as it is."
    assert held in " ".join(summary(a_result(goals=(a_goal("Goal", 2026, "3"),))).split())
    assert held not in " ".join(summary(a_result(goals=(a_goal("Goal", 2026, "0"),))).split())


def test_a_long_rule_goes_on_in_a_further_line() -> None:
    names = [f"No sudden growth of the services that the city pays for: {area}" for area in ("Culture", "Schools")]
    rows = tuple(row_figures(share_row(name, 2026, "0.04")) for name in names)
    lines = summary(a_result(rows=rows)).splitlines()
    first = [i for i, line in enumerate(lines) if line.startswith("No sudden")]
    told = [f"{lines[i][: lines[i].index('≥')].strip()} {lines[i + 1].strip()}" for i in first]
    assert told == names


def test_points_are_called_points() -> None:
    row = replace(share_row("Rise", 2026, "0.003"), of=of_basis(Points()))
    assert "≥ 0.3 percentage points on last year's share" in summary(a_result(rows=(row_figures(row),)), 120)
    assert re.search(r"≥ 0\.3 points  ", summary(a_result(rows=(row_figures(row),)), 70))


def test_years_with_two_prices_are_not_spoken_of_as_a_sum() -> None:
    rows = [row_figures(share_row("Both", year, "0.04"), price=-1.0) for year in (2026, 2027)]
    two = replace(rows[0], shadow_price=None, price_up=-9.0, degenerate=True)
    text = summary(a_result(years=(2026, 2027), rows=(two, rows[1])))
    assert line_of(text, "Both").endswith("  two prices")


@pytest.mark.parametrize("years", [(2026,), (2026, 2027, 2028, 2029, 2030)])
@pytest.mark.parametrize("more", [{}, CROWDED])
@pytest.mark.parametrize("width", [80, 100])
def test_what_it_costs_and_what_is_free_fits_the_screen_too(
    years: tuple[int, ...], more: dict[str, object], width: int
) -> None:
    result = with_prices(a_result(VIETNAMESE, years, rules=12, parts=True, **more))
    lines = summary(result, width).splitlines()
    assert len(lines) <= 40
    assert max(map(cell_len, lines)) <= width
    for head in ("• Dearest rule: Quy tắc số 1", "• Free to move", "• Next 1 % of Ngân sách thành phố"):
        assert any(line.startswith(head) for line in lines), head


def test_the_findings_are_left_out_where_they_are_not_known() -> None:
    assert not re.search("Dearest|Free to|Next 1 %", summary(a_result()))


def test_words_give_way_before_names_do() -> None:
    short = summary(a_result(rows=(row_figures(share_row("Culture", 2026, "0.04")),)))
    assert "≥ 4 % of the budget" in line_of(short[short.index("What binds") :], "Culture")
    name = "A rule with a name of nearly half a line"
    long = summary(a_result(rows=(row_figures(share_row(name, 2026, "0.04")),)))
    assert line_of(long, name).split()[-6:] == ["≥", "4", "%", "4", "%", "−0.5"]


def test_a_rule_is_on_one_line_for_all_its_years() -> None:
    rows = [row_figures(share_row("Culture first", year, "0.04"), price=year - 2030.0) for year in (2026, 2027, 2028)]
    every, two = (a_result(years=(2026, 2027, 2028), rows=tuple(found)) for found in (rows, rows[1:]))
    assert line_of(summary(every), "Culture first").split()[2:5] == ["≥", "4", "%"]
    assert line_of(summary(every), "Culture first").endswith("up to −4")
    assert line_of(summary(two), "Culture first").startswith("Culture first, 2027–2028 ")


def test_goals() -> None:
    met, missed = a_goal("Met", 2026, "0"), a_goal("Missed", 2026, "12.5")
    text = summary(a_result(goals=(met, missed)))
    assert "Goals missed: 1 of 2" in text
    assert line_of(text, "Missed").split() == ["Missed", "goal", "1", "by", "12.5", "tỷ", "đồng"]
    assert "The goal is met." in summary(a_result(goals=(met,)))


@pytest.mark.parametrize(
    ("objective", "verdict"),
    [
        (Objective(), "27,123.46 benefit points."),
        (Objective(maximise=False), "27,123.46 tỷ đồng spent, the least that keeps every rule."),
        (Objective(maximise=True, indicator="Chỗ học"), "Chỗ học 27,123.46 places."),
    ],
)
def test_the_verdict_names_the_objective_with_its_unit(objective: Objective, verdict: str) -> None:
    result = a_result()
    indicator, _ = an_indicator("Chỗ học", "places", 2026)
    result = replace(result, scenario=replace(result.scenario, objective=objective, indicators=(indicator,)))
    assert verdict in " ".join(summary(result).split())


def test_the_cost_of_rounding() -> None:
    assert "Rounding to steps of 1 costs 0.143 benefit points (0.00053 %)." in summary(a_result())
    assert "Rounding to steps of 1 costs nothing." in summary(a_result(unrounded_objective=Fraction(271234567, 10000)))
    assert "Rounding" not in summary(a_result(step=Fraction(0)))


def test_text_from_the_workbook_can_not_play_with_the_terminal() -> None:
    evil = an_area("[bold red]Bus\x1b[31m\nes[/] :smile:", 10)
    result = a_result()
    areas = (evil, *result.scenario.areas[1:])
    allotments = (replace(result.allotments[0], area=evil.name), *result.allotments[1:])
    text = summary(replace(result, scenario=replace(result.scenario, areas=areas), allotments=allotments))
    assert "[bold red]Bus [31m es[/] :smile:" in text
    assert "\x1b" not in text


def test_an_ascii_terminal_gets_signs_it_can_show() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="replace")
    print_summary(a_result(("Culture", "Schools")), Console(file=stream, width=80), PATH)
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert ">= 4 %" in text
    assert "-1.5" in text
    assert "####" in text


@pytest.mark.parametrize("width", [20, 30, 50, 200])
def test_any_width_will_do(width: int) -> None:
    lines = summary(a_result(years=(2026, 2027), messages=(FromFile("word " * 30),)), width).splitlines()
    assert max(map(cell_len, lines)) <= max(width, 24)


def test_a_plan_that_does_not_exist_is_said_so_with_the_conflict() -> None:
    rows = (share_row("Culture over 4 %", 2026, "0.04"), share_row("Schools over 97 %", 2026, "0.97"))
    result = a_result(status=Status.INFEASIBLE, objective=None, conflict=rows, allotments=(), rows=(), funds=())
    text = summary(result, path=None)
    assert text.startswith("No plan exists for Hà Nội")
    assert line_of(text, "Culture over 4 %").split()[-1] == "Rules!E7"
    assert "Nghị quyết 80" in text
    assert "Plan:" not in text
    assert "In a workbook: scenario.plan.xlsx" in summary(result)


def test_a_stopped_search_is_not_called_infeasible() -> None:
    text = summary(a_result(status=Status.STOPPED, objective=None, allotments=(), rows=(), funds=()), path=None)
    assert text.startswith("Stopped without an answer")
    assert "whether a plan exists is not known" in " ".join(text.split())
    assert "--time-limit" in text
    assert "earlier run" in summary(a_result(status=Status.STOPPED, objective=None, allotments=(), rows=(), funds=()))


def problems(width: int, *, marked: bool = False) -> str:
    stream = io.StringIO()
    found = [
        Problem("Rules!D7", "4 could be 4 % or 400 %; type 4%", "Value"),
        Problem("Areas", "no such sheet\nis there; " + "long " * 40),
    ]
    print_problems(ScenarioError(found), Console(file=stream, width=width), "my budget.xlsx", marked=marked)
    return stream.getvalue()


def test_problems_are_counted_named_and_followed_by_advice() -> None:
    lines = problems(80).splitlines()
    assert lines[0] == "my budget.xlsx: 2 problems"
    assert lines[1] == "  Rules!D7 Value: 4 could be 4 % or 400 %; type 4%"
    assert lines[2].startswith("  Areas: no such sheet is there; long")
    assert lines[3] == 'To see them in the cells of a copy: allocate check "my budget.xlsx" --mark COPY.xlsx'
    assert len(problems(80, marked=True).splitlines()) == 3


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run_progress(seconds: float, monkeypatch: pytest.MonkeyPatch, after: float, *, terminal: bool = True) -> str:
    monkeypatch.setattr(shown, "PROGRESS_AFTER", after)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal() if terminal else io.StringIO()
    with progress_display(Console(file=stream, force_terminal=terminal or None)) as report:
        report("solving [x]", None)
        report("pricing", 0.5)
        time.sleep(seconds)
    return stream.getvalue()


def test_progress_shows_on_a_terminal_once_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "pricing" in run_progress(0.3, monkeypatch, 0.05)
    assert run_progress(0, monkeypatch, 5) == ""
    assert run_progress(0.1, monkeypatch, 0, terminal=False) == ""


def test_an_error_passes_through_the_progress_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "PROGRESS_AFTER", 0.0)

    def interrupted() -> None:
        with progress_display(Console(file=Terminal(), force_terminal=True)) as report:
            report("solving", None)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
