"""What the terminal shows: a plan on one screen, problems of a workbook, and progress on long runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.text import Text

from allocator.analyses.figures import GoalFigures, RowStatus
from allocator.analyses.result import Result, RowFigures
from allocator.errors import ScenarioError
from allocator.programme.progress import Doing
from allocator.programme.rows import Row
from allocator.programme.status import Status
from allocator.reports import lines as show
from allocator.reports.alternative_words import alternative_lines
from allocator.reports.console_areas import AreaTable
from allocator.reports.console_variants import variant_lines
from allocator.reports.doubt_words import doubt_lines, without_purpose
from allocator.reports.findings import dearest_price, findings
from allocator.reports.lines import Cells
from allocator.reports.no_plan_console import LONGEST_TITLE, no_plan_lines
from allocator.reports.words import (
    SYMBOLS,
    as_written,
    decimals_of,
    exactly,
    number,
    objective_unit,
    significant,
    year_runs,
)
from allocator.wording.constraints import of_what, unit_of
from allocator.wording.edits import full_title
from allocator.wording.messages import all_messages
from allocator.wording.progress import Shown, counts_of, doing_text

LINES = 40
PROGRESS_AFTER = 1.0
"""Seconds before progress is shown: shorter work would only flicker."""
TWO_PRICES, ONE_WAY, NO_PLAN = "two prices", "one way", "no plan"
"""What stands instead of a price where it is not one number."""
MEANING = {TWO_PRICES: "a unit more and a unit less differ", ONE_WAY: "a plan exists in one direction only"}


@dataclass(frozen=True)
class Caps:
    """How many items each part of the summary may show."""

    areas: int
    binding: int
    goals: int
    messages: int
    message_lines: int
    """A message of more lines than these is left to the sheet: none is shown in part."""
    findings: int


CAPS = (
    Caps(20, 6, 4, 6, 4, 9),
    Caps(20, 5, 3, 4, 4, 9),
    Caps(20, 4, 3, 3, 3, 9),
    Caps(20, 3, 3, 3, 3, 9),
    Caps(17, 3, 3, 3, 3, 9),
    Caps(15, 3, 2, 3, 3, 9),
    Caps(13, 2, 2, 3, 3, 9),
    Caps(13, 1, 2, 2, 3, 9),
    Caps(12, 2, 2, 2, 3, 7),
    Caps(10, 2, 1, 2, 3, 5),
    Caps(8, 2, 1, 1, 3, 5),
    Caps(6, 1, 1, 1, 2, 4),
    Caps(4, 1, 1, 0, 0, 3),
)
"""From roomy to tight: the first that fits a screen is used."""


def print_summary(result: Result, console: Console, plan_path: Path | None, scenario_path: Path | None = None) -> None:
    """Print the plan on at most one screen of 40 lines, or why there is none.

    Parameters
    ----------
    result
        A plan, or why there is none, as `analyse` returns it.
    console
        Where to print; its width is kept to.
    plan_path
        Where the plan, or why there is none, was written; of a search that was stopped, a file of an earlier run that
        still stands there.
    scenario_path
        The scenario as it was given, to say what to type next.
    """
    if result.status is Status.OPTIMAL:
        areas = AreaTable(result, console.width, console.options.ascii_only)
        tries = (_plan(result, areas, caps, scenario_path) for caps in CAPS)
        fitting = next((found for found in tries if len(found) <= LINES - 2), None)
        lines = fitting or _plan(result, areas, CAPS[-1], scenario_path)
        ending = f"Plan: {show.visible(str(plan_path))}" if plan_path else ""
    elif result.status is Status.INFEASIBLE:
        lines = no_plan_lines(result, console.width, LINES - 2, scenario_path)
        ending = f"In a workbook: {show.visible(str(plan_path))}" if plan_path else ""
    else:
        lines = _stopped(result, console.width)
        ending = f"{show.visible(str(plan_path))} is from an earlier run and was left as it was." if plan_path else ""
    show.print_lines(console, [*lines, *([Text(""), Text(ending)] if ending else [])])


def _plan(result: Result, areas: AreaTable, caps: Caps, path: Path | None) -> list[Text]:
    """Return the summary's parts, a blank line between them."""
    width = areas.width
    parts = (
        [*show.paragraph(_verdict(result), width, bullet="")],
        doubt_lines(result, width, "see sheet Warnings"),
        areas.lines(caps.areas),
        _binding(result, caps.binding, width),
        *_said(result, caps, width),
        variant_lines(result.scenario, width, path),
    )
    parts[0][0].stylize("bold")
    return _spaced(parts)


def _said(result: Result, caps: Caps, width: int) -> list[list[Text]]:
    """Return what the figures say and what else there is to know; between them the goals that are missed."""
    goals = _goals(result, caps.goals, width)
    found, notes = _findings(result, caps.findings, width), _notes(result, caps, width)
    return [found, goals, notes] if goals else [[*found, *notes]]


def _spaced(parts: Sequence[list[Text]]) -> list[Text]:
    """Return the lines of all parts that have any, a blank line between two parts."""
    return [line for part in parts if part for line in (Text(""), *part)][1:]


# ---- the verdict --------------------------------------------------------------------------------------------------


def _verdict(result: Result) -> str:
    title = show.shortened(show.clean(full_title(result.scenario)), LONGEST_TITLE)
    if result.objective is None:
        return title
    if aimless := without_purpose(result.scenario):
        return f"{aimless}; this is one of them for {title}.{_all_met(result)}"
    found = "Best plan found" if result.proved_best else "A plan, not proved to be the best,"
    return f"{found} for {title}: {_objective(result)}.{_all_met(result)}"


def _all_met(result: Result) -> str:
    """Return that all goals are met, where there are any and they are."""
    if not result.goals or any(goal.missed_by > 0 for goal in result.goals):
        return ""
    return f" All {len(result.goals)} goals are met." if len(result.goals) > 1 else " The goal is met."


def _objective(result: Result) -> str:
    """Return the objective in words, with its unit."""
    objective, value = result.scenario.objective, significant(result.objective or Fraction(0))
    if objective.indicator is not None:
        return f"{show.clean(objective.indicator)} {value} {_objective_unit(result)}".rstrip()
    if objective.maximise:
        return f"{value} benefit points"
    return f"{value} {show.clean(result.scenario.unit)} spent, the least that keeps every rule"


def _objective_unit(result: Result) -> str:
    return show.clean(objective_unit(result.scenario))


def _rounding(result: Result) -> str:
    """Return what whole steps cost, in a sentence; empty where nothing was rounded."""
    if not result.step or result.objective is None or result.unrounded_objective is None:
        return ""
    worse = result.unrounded_objective - result.objective
    cost = worse if result.scenario.objective.maximise else -worse
    step = number(result.step, decimals_of(result.step))
    if not cost:
        return f"Rounding to steps of {step} costs nothing."
    if cost < 0:
        more = f"{significant(-cost, 3)} {_objective_unit(result)}"
        return f"Rounding to steps of {step} gains {more}: rules with = and goals are kept only to within one step."
    part = f" ({significant(cost / abs(result.objective) * 100, 2)} %)" if result.objective else ""
    apart = f"{significant(cost, 3)} {_objective_unit(result)}{part}"
    if not result.proved_best:
        return f"Whether a plan in steps of {step} is better is not proved; if so, by {apart} at most."
    return f"Rounding to steps of {step} costs {apart}."


# ---- what binds ---------------------------------------------------------------------------------------------------


def _binding(result: Result, most: int, width: int) -> list[Text]:
    """Return the rows that bind, the dearest first; a rule's years are drawn together.

    Held sums of goals are left to the sheet: their price is per part of the budget by which goals are missed.
    """
    groups: dict[str, list[RowFigures]] = {}
    for figures in result.rows:
        if figures.status is RowStatus.BINDING:
            groups.setdefault(figures.row.name, []).append(figures)
    if not groups:
        return []
    ranked = sorted((g for g in groups.values() if not g[0].row.goal_bound), key=lambda g: -max(map(dearest_price, g)))
    shown = ranked[:most]
    lines = show.columns(_binding_rows(result, shown, width), frozenset({2, 3}), width)
    if len(groups) > len(shown):
        lines.append(Text(f"and {len(groups) - len(shown)} more: see sheet Rules", style="dim"))
    held = ", what goals miss held as it is" if any(goal.missed_by > 0 for goal in result.goals) else ""
    meaning = f"Shadow price: what each unit more, asked or allowed, adds to the objective{held}."
    prices = {_price_text(figures) for group in shown for figures in group}
    meaning += "".join(f" {word}: {MEANING[word]}." for word in MEANING if word in prices)
    return [*lines, *(Text(line.plain, style="dim") for line in show.paragraph(meaning, width, bullet=""))]


def _binding_rows(result: Result, groups: Sequence[Sequence[RowFigures]], width: int) -> list[Cells]:
    """Return headings and rows; what a value is a part of (``of the budget``) only where there is room for it."""
    headings = Cells(("What binds (no room left)", "As written", "Reached", "Shadow price"), style="dim")
    rows = [headings, *(_binding_row(result, group, brief=False) for group in groups)]
    if show.natural_width(rows) <= width:
        return rows
    return [headings, *(_binding_row(result, group, brief=True) for group in groups)]


def _binding_row(result: Result, group: Sequence[RowFigures], *, brief: bool) -> Cells:
    dearest = _price_text(max(group, key=dearest_price))
    same = all(_price_text(figures) == dearest for figures in group)
    return Cells(
        (
            _label(result, [figures.row for figures in group]),
            _span([_written(result, figures.row, brief=brief) for figures in group]),
            _span([_reached(result, figures) for figures in group]),
            dearest if same or dearest in (TWO_PRICES, ONE_WAY, NO_PLAN) else f"up to {dearest}",
        )
    )


def _price_text(figures: RowFigures) -> str:
    """Return a row's price, or the words that Sensitivity has in its place; nothing where none is known."""
    if figures.no_plan_up or figures.no_plan_down:
        return NO_PLAN if figures.no_plan_up and figures.no_plan_down else ONE_WAY
    if figures.degenerate:
        return TWO_PRICES
    known = (p for p in (figures.shadow_price, figures.price_up, figures.price_down) if p is not None)
    price = next(known, None)
    return "" if price is None else significant(price, 4)


def _label(result: Result, rows: Sequence[Row]) -> str:
    """Return a row's name, with its years where they are not all of the scenario's."""
    name = show.clean(rows[0].name)
    years = [row.year for row in rows if row.year is not None]
    return f"{name}, {year_runs(years)}" if years and set(years) != set(result.scenario.years) else name


def _span(texts: Sequence[str]) -> str:
    """Return the one text that all years share, or the first and last year's (an operator only once)."""
    return texts[0] if len(set(texts)) == 1 else f"{texts[0]} … {texts[-1].lstrip('≥≤=>< ')}"


def _written(result: Result, row: Row, *, brief: bool = False) -> str:
    """Return the demand as the workbook has it, ``≥ 4 % of the budget``; money without its unit, as in the table."""
    if not brief and row.base is not None:
        return show.clean(as_written(row))
    return show.clean(f"{SYMBOLS[row.operator]} {_number_written(result, row, brief=brief)}")


def _number_written(result: Result, row: Row, *, brief: bool) -> str:
    if row.base is not None:
        return f"{exactly(row.value * 100)} {unit_of(row).removeprefix('percentage ')}"
    told = "" if brief or row.indicator is None or row.unit == result.scenario.unit else row.unit
    return " ".join(filter(None, (exactly(row.value), told, "" if brief else of_what(row))))


def _reached(result: Result, figures: RowFigures) -> str:
    """Return what the row reaches in its own unit, with decimals enough to tell it from what is written."""
    row = figures.row
    if figures.reached is None:
        return "–"
    if row.base is not None:
        return f"{show.told_apart(figures.reached * 100, row.value * 100, 1)} %"
    least = decimals_of(row.value) + 1 if row.indicator is not None else decimals_of(result.step)
    return show.told_apart(figures.reached, row.value, least)


# ---- what it costs, what is free ----------------------------------------------------------------------------------


def _findings(result: Result, most: int, width: int) -> list[Text]:
    """Return the dearest rule, room, next money and the alternatives, each in a sentence, the first `most` of them."""
    texts = [show.clean(finding.short) for finding in findings(result) if finding.short]
    texts += map(show.clean, alternative_lines(result))
    return show.paragraphs(texts, width, most, LINES, "see sheet Summary")


# ---- goals and notes ----------------------------------------------------------------------------------------------


def _goals(result: Result, most: int, width: int) -> list[Text]:
    missed = [goal for goal in result.goals if goal.missed_by > 0]
    if not missed:
        return []
    rows = [Cells((f"Goals missed: {len(missed)} of {len(result.goals)}", "", ""), style="yellow")]
    rows += [_goal_row(result, goal) for goal in missed[:most]]
    lines = show.columns(rows, frozenset(), width)
    if len(missed) > most:
        lines.append(Text(f"and {len(missed) - most} more: see sheet Rules", style="dim"))
    return lines


def _goal_row(result: Result, goal: GoalFigures) -> Cells:
    distance = f"by {significant(goal.missed_by, 5)} {show.clean(goal.row.unit)}".rstrip()
    return Cells((_label(result, [goal.row]), f"goal {goal.priority}", distance))


def _notes(result: Result, caps: Caps, width: int) -> list[Text]:
    messages = [show.clean(message) for message in all_messages(result)]
    lines = show.paragraphs(messages, width, caps.messages, caps.message_lines, "see sheet About")
    rounding = _rounding(result)
    return [*lines, *show.paragraph(rounding, width)] if rounding else lines


# ---- stopped ------------------------------------------------------------------------------------------------------


def _stopped(result: Result, width: int) -> list[Text]:
    title = show.shortened(show.clean(full_title(result.scenario)), LONGEST_TITLE)
    verdict = f"Stopped without an answer for {title}: whether a plan exists is not known."
    advice = "Give it more time (--time-limit), or try another --solver."
    lines = [Text(line.plain, style="bold red") for line in show.paragraph(verdict, width, bullet="")]
    notes = [line for note in all_messages(result) for line in show.paragraph(show.clean(note), width)]
    doubts = doubt_lines(result, width, "allocate check lists them")
    return _spaced((lines, doubts, notes, [Text(advice)]))


# ---- problems and progress ----------------------------------------------------------------------------------------


def print_problems(
    error: ScenarioError, console: Console, source: str = "the workbook", *, marked: bool = False
) -> None:
    """Print every problem of a workbook with its cell, and what to do about them.

    Parameters
    ----------
    error
        As reading raised it.
    console
        Where to print; its width is kept to.
    source
        The workbook's name as it was given.
    marked
        Whether they were marked in a copy, so that needs no advice.
    """
    count, source = len(error.problems), show.visible(source)
    show.print_lines(console, [Text(f"{source}: {count} problem{'s' if count != 1 else ''}", style="bold red")])
    for problem in error.problems:
        where = show.clean(problem.where)
        text = Text.assemble("  ", (where, "bold"), ": ", show.clean(problem.message))
        if console.is_terminal:
            console.print(text, highlight=False, markup=False, emoji=False)
        else:
            show.print_lines(console, [text])
    if not marked:
        show.print_lines(
            console, [Text(f"To see them in the cells of a copy: allocate check {_quoted(source)} --mark COPY.xlsx")]
        )


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


@contextmanager
def progress_display(console: Console) -> Iterator[Shown]:
    """Yield a callback ``(doing, part)`` that shows progress: on a terminal only, after a second, gone at the end."""
    if not console.is_interactive:
        yield lambda _doing, _part: None
        return
    # on a terminal only, and not needed elsewhere
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Display

    from allocator.reports.console_pace import Pace, PaceColumn

    pace = Pace()
    parts = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(30), PaceColumn(pace))
    display = Display(*parts, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    task = display.add_task("", total=None)

    def report(doing: Doing | str, part: float | None) -> None:
        text = show.clean(doing if isinstance(doing, str) else doing_text(doing))
        pace.note(counts_of(doing), part, time.monotonic())
        display.update(task, description=text, total=None if part is None else 1.0, completed=part or 0.0)

    try:
        with _after(PROGRESS_AFTER, display.start):
            yield report
    finally:
        display.stop()


@contextmanager
def _after(seconds: float, start: Callable[[], None]) -> Iterator[None]:
    """Call `start` from a thread of its own unless the block ends before."""
    timer = threading.Timer(seconds, start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
