"""What the terminal shows of a plan, of a scenario without one, and of variants: one screen of 40 lines each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from allocator.analyses.figures import GoalFigures, RowStatus
from allocator.analyses.result import Result, RowFigures
from allocator.console import lines as show
from allocator.console.areas import AreaTable
from allocator.console.lines import Cells
from allocator.programme.rows import Row
from allocator.programme.status import Status
from allocator.render.no_plan import MOST_DOUBTS
from allocator.scenario.model import Scenario, Variant
from allocator.wording.alternatives import alternative_lines
from allocator.wording.conflict import headline, sentence
from allocator.wording.edits import full_title, options_text, quoted, rule_edit_text, short_name
from allocator.wording.findings import dearest_cards, dearest_price, findings, without_purpose
from allocator.wording.messages import all_messages
from allocator.wording.numbers import (
    SYMBOLS,
    as_written,
    decimals_of,
    exactly,
    number,
    objective_unit,
    of_what,
    signed_significant,
    significant,
    unit_of,
    year_runs,
)
from allocator.wording.repairs import against_first, law_at_odds, no_repair, objective_text
from allocator.wording.rule_costs import switched_off

LINES = 40
DOUBT_LINES = 4
"""The first doubt is shown whole, others while they fit in so many lines with it."""
LONGEST_TITLE = 120
"""A longer title is quoted without its middle."""
WIDEST_NAME = 30
"""Cells of a variant's name."""
INDENT = "  "
VERDICTS = {Status.OPTIMAL: "best plan", Status.INFEASIBLE: "no plan exists", Status.STOPPED: "stopped, not known"}
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
    wholes: bool = False
    """Whether it is told what the dearest rule costs as a whole, which stands on a sheet of its own."""


CAPS = (
    Caps(20, 6, 4, 6, 4, 9, wholes=True),
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
        lines = show.fitting((_plan(result, areas, caps, scenario_path) for caps in CAPS), LINES - 2)
        lines += show.ending("Plan", plan_path)
    elif result.status is Status.INFEASIBLE:
        tries = (_no_plan(result, console.width, caps, scenario_path) for caps in NO_PLAN_CAPS)
        lines = [*show.fitting(tries, LINES - 2), *show.ending("In a workbook", plan_path)]
    else:
        lines = _stopped(result, console.width)
        if plan_path:
            lines += [Text(""), Text(f"{show.visible(str(plan_path))} is from an earlier run and was left as it was.")]
    show.print_lines(console, lines)


def _title(result: Result) -> str:
    return show.shortened(show.clean(full_title(result.scenario)), LONGEST_TITLE)


# ---- a plan -------------------------------------------------------------------------------------------------------


def _plan(result: Result, areas: AreaTable, caps: Caps, path: Path | None) -> list[Text]:
    """Return the summary's parts, a blank line between them."""
    width = areas.width
    return show.spaced(
        (
            show.heading(_verdict(result), width),
            _doubts(result, width, "see sheet Warnings"),
            areas.lines(caps.areas),
            _binding(result, caps.binding, width),
            *_said(result, caps, width),
            variant_lines(result.scenario, width, path),
        )
    )


def _said(result: Result, caps: Caps, width: int) -> list[list[Text]]:
    """Return what the figures say and what else there is to know; between them the goals that are missed.

    The first are the dearest rule, room, next money and the alternatives, a sentence each.
    """
    texts = [*(finding.short for finding in findings(result) if finding.short), *alternative_lines(result)]
    if caps.wholes and len(texts) < caps.findings:  # the sheet named for those left out does not say it
        texts += switched_off(result, next(iter(dearest_cards(result)), None))
    found = show.paragraphs(texts, width, caps.findings, LINES, "see sheet Summary")
    goals, notes = _goals(result, caps.goals, width), _notes(result, caps, width)
    if rounding := _rounding(result):
        notes += show.paragraph(rounding, width)
    return [found, goals, notes] if goals else [[*found, *notes]]


def _verdict(result: Result) -> str:
    title = _title(result)
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
    objective, said = result.scenario.objective, objective_text(result, result.objective or Fraction(0))
    if objective.indicator is not None:
        return f"{objective.indicator} {said}"
    return said if objective.maximise else f"{said} spent, the least that keeps every rule"


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
        more = f"{significant(-cost, 3)} {objective_unit(result.scenario)}"
        return f"Rounding to steps of {step} gains {more}: rules with = and goals are kept only to within one step."
    part = f" ({significant(cost / abs(result.objective) * 100, 2)} %)" if result.objective else ""
    apart = f"{significant(cost, 3)} {objective_unit(result.scenario)}{part}"
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
    lines = show.columns(_binding_rows(result, shown, width), (2, 3), width)
    lines += show.more(len(groups) - len(shown), "see sheet Rules")
    held = ", what goals miss held as it is" if any(goal.missed_by > 0 for goal in result.goals) else ""
    meaning = f"Shadow price: what each unit more, asked or allowed, adds to the objective{held}."
    prices = {_price_text(figures) for group in shown for figures in group}
    meaning += "".join(f" {word}: {MEANING[word]}." for word in MEANING if word in prices)
    return [*lines, *show.paragraph(meaning, width, bullet="", style="dim")]


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


# ---- goals and notes ----------------------------------------------------------------------------------------------


def _goals(result: Result, most: int, width: int) -> list[Text]:
    missed = [goal for goal in result.goals if goal.missed_by > 0]
    if not missed:
        return []
    rows = [Cells((f"Goals missed: {len(missed)} of {len(result.goals)}", "", ""), style="yellow")]
    rows += [_goal_row(result, goal) for goal in missed[:most]]
    return [*show.columns(rows, (), width), *show.more(len(missed) - most, "see sheet Rules")]


def _goal_row(result: Result, goal: GoalFigures) -> Cells:
    distance = f"by {significant(goal.missed_by, 5)} {show.clean(goal.row.unit)}".rstrip()
    return Cells((_label(result, [goal.row]), f"goal {goal.priority}", distance))


def _notes(result: Result, caps: Caps | NoPlanCaps, width: int) -> list[Text]:
    return show.paragraphs(all_messages(result), width, caps.messages, caps.message_lines, "see sheet About")


# ---- stopped ------------------------------------------------------------------------------------------------------


def _stopped(result: Result, width: int) -> list[Text]:
    verdict = f"Stopped without an answer for {_title(result)}: whether a plan exists is not known."
    advice = "Give it more time (--time-limit), or try another --solver."
    return show.spaced(
        (
            show.paragraph(verdict, width, bullet="", style="bold red"),
            _doubts(result, width, "allocate check lists them"),
            [line for note in all_messages(result) for line in show.paragraph(note, width)],
            [Text(advice)],
        )
    )


# ---- doubts -------------------------------------------------------------------------------------------------------


def _doubts(result: Result, width: int, rest: str) -> list[Text]:
    """Return the first doubts, none of them cut, and how many more there are; `rest` is where to find them."""
    lines: list[Text] = []
    shown = 0
    for doubt in result.doubts[:MOST_DOUBTS]:
        more = show.paragraph(str(doubt), width, bullet="? ", style="yellow")
        if lines and len(lines) + len(more) > DOUBT_LINES:
            break
        lines += more
        shown += 1
    left = len(result.doubts) - shown
    return [*lines, Text(f"? and {left} more: {rest}", style="yellow")] if left else lines


# ---- no plan: why, what would make one possible, and what to type -------------------------------------------------

ADVICE = "Or turn a rule that isn't law into a goal (Strength: goal 1)."


@dataclass(frozen=True)
class NoPlanCaps:
    """How many items each part may show where no plan exists."""

    members: int
    others: int
    changes: int
    messages: int
    message_lines: int


NO_PLAN_CAPS = (
    NoPlanCaps(12, 4, 4, 4, 6),
    NoPlanCaps(8, 3, 3, 3, 4),
    NoPlanCaps(6, 2, 2, 2, 3),
    NoPlanCaps(5, 1, 1, 1, 3),
    NoPlanCaps(4, 0, 1, 0, 0),
)
"""From roomy to tight: the first that fits is used."""


def _no_plan(result: Result, width: int, caps: NoPlanCaps, path: Path | None) -> list[Text]:
    said = headline(result.conflicts[0]) if result.conflicts else "Nothing can keep every limit and rule."
    verdict = f"No plan exists for {_title(result)}: {said}"
    return show.spaced(
        (
            show.paragraph(verdict, width, bullet="", style="bold red"),
            _doubts(result, width, "allocate check lists them"),
            _conflict(result, width, caps.members),
            _others(result, width, caps.others),
            _repairs(result, width, caps.changes),
            _notes(result, caps, width),
            _next(result, width, path),
            variant_lines(result.scenario, width, path),
        )
    )


def _conflict(result: Result, width: int, most: int) -> list[Text]:
    """Return the rows of the first conflict, each with its cell and legal basis."""
    rows = result.conflict or tuple(member.row for c in result.conflicts[:1] for member in c.members)
    if not rows:
        return []
    shown = rows[:most]
    table = [Cells((_row_name(row), show.clean(as_written(row)), str(row.strength), str(row.cell))) for row in shown]
    lines = [Text("These can't stand together:")]
    before = ""
    for row, found in zip(shown, show.table(table, (), width - len(INDENT)), strict=True):
        lines += [Text(INDENT) + line for line in found]
        basis = show.clean(row.origin.legal_basis)
        if basis and basis != before:
            lines.append(Text(INDENT * 2 + show.shortened(basis, width - 4), style="dim"))
        before = basis
    return [*lines, *show.more(len(rows) - len(shown), "see sheet Conflict", indent=INDENT)]


def _row_name(row: Row) -> str:
    return show.clean(row.name if row.year is None else f"{row.name} {row.year}")


def _others(result: Result, width: int, most: int) -> list[Text]:
    others = result.conflicts[1:]
    if not others:
        return []
    lines = [line for conflict in others[:most] for line in show.paragraph(sentence(conflict), width)]
    return [Text("Beside that:"), *lines, *show.more(len(others) - most, "see sheet Conflict", indent=INDENT)]


def _repairs(result: Result, width: int, most: int) -> list[Text]:
    """Return the menu: number, what to type, and what that costs against the smallest repair."""
    if not result.repairs:
        said = no_repair(result) if result.conflicts or result.conflict else ""
        return show.paragraph(said, width, bullet="") if said else []
    smallest, measure = result.repairs[0].objective, "the smallest change first"
    if smallest is not None:
        measure += f"; objective with repair 1: {objective_text(result, smallest)}"
    lines = show.paragraph(f"Each of these makes a plan possible ({measure}):", width, bullet="")
    for place, repair in enumerate(result.repairs, start=1):
        texts = [rule_edit_text(edit) for edit in repair.edits]
        shown = texts[:most]
        if len(texts) > most:
            shown[-1] += f" and {len(texts) - most} more"
        difference = None if place == 1 else against_first(result, repair)
        cost = "" if difference is None else signed_significant(difference)
        room = width - len(cost) - 6
        first, *rest = [line.plain for text in shown for line in show.paragraph(text, room, bullet="")]
        lines.append(Text.assemble((f"{place:>3}  ", "bold"), first.ljust(room + 1) if cost else first, cost))
        lines += [Text(" " * 5 + text) for text in rest]
    return lines


def _next(result: Result, width: int, path: Path | None) -> list[Text]:
    """Return what to type next."""
    if not result.repairs:
        free = result.conflict and not law_at_odds(result)
        return show.paragraph(f"Loosen one of these that isn't law. {ADVICE}", width, bullet="") if free else []
    name = show.visible(str(path)) if path else "SCENARIO"
    command = f"allocate {quoted(name)}{show.visible(options_text(result.scenario))} --repair 1"
    return [
        *map(Text, show.wrapped(f"To plan with one of them: {command}", max(width, 20))),
        *show.paragraph(ADVICE, width, bullet=""),
    ]


# ---- variants -----------------------------------------------------------------------------------------------------


def variant_lines(scenario: Scenario, width: int, path: Path | None) -> list[Text]:
    """Return which variants there are and how to plan or compare them; nothing without any."""
    if not scenario.variants:
        return []
    file = show.visible(quoted(str(path))) if path else "SCENARIO"
    return [
        *show.paragraph(f"Variants (changes): {_listed(scenario.variants, width)}", width, bullet=""),
        Text(f"Plan one: --variant NAME. Or: allocate compare {file}"),
    ]


def _listed(variants: Sequence[Variant], width: int) -> str:
    """Return the names that two lines have room for, each with the number of its changes, and how many more there are.

    A line's end may stay empty where the next name is long, so no more is counted on than a line and a half.
    """
    names = [f"{show.cut(show.clean(variant.name), WIDEST_NAME)} ({len(variant.edits)})" for variant in variants]
    kept = min(len(names), 100)
    while kept > 1 and cell_len(", ".join(names[:kept])) + len("Variants (changes): … and 200 more") > 1.5 * width:
        kept -= 1
    return ", ".join(names[:kept]) + (f" … and {len(names) - kept} more" if kept < len(names) else "")


def print_variants(title: str, planned: Sequence[tuple[Result, Path | None]], console: Console) -> None:
    """Print a line for each variant that was planned, and where the plans are; at most a screen of 40 lines.

    The files of very many are not listed one by one.

    Parameters
    ----------
    title
        The scenario's.
    planned
        Each variant's plan, and where it was written.
    console
        Where to print; its width is kept to.
    """
    rows = [Cells(("Variant", "Verdict", "Objective"), style="dim"), *(_variant_row(result) for result, _ in planned)]
    lines = show.heading(f"Variants of {title}", console.width)
    lines += [Text(""), *show.columns(rows, (2,), console.width)]
    lines += _files([path for _, path in planned if path is not None], LINES - len(lines) - 2)
    show.print_lines(console, lines)


def _variant_row(result: Result) -> Cells:
    name = show.clean(short_name(result.scenario.changed_by))
    value = "–" if result.objective is None else show.clean(objective_text(result, result.objective))
    return Cells((name, VERDICTS[result.status], value), style="" if result.status is Status.OPTIMAL else "red")


def _files(paths: Sequence[Path], most: int) -> list[Text]:
    """Return where the plans are, with a blank line before; a line each where that fits."""
    if not paths:
        return []
    if len(paths) > most:
        return [Text(""), Text(f"{len(paths)} plans, in the folder {show.visible(str(paths[0].parent))}")]
    lead = "Plans: " if len(paths) > 1 else "Plan: "
    starts = [lead, *[" " * len(lead)] * (len(paths) - 1)]
    lines = (Text(f"{start}{show.visible(str(path))}") for start, path in zip(starts, paths, strict=True))
    return [Text(""), *lines]
