"""What the terminal shows of a comparison: at most a screen of 40 lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.text import Text

from allocator.analyses.bridge import Bridge, Part
from allocator.analyses.compare import FEWEST, Comparison, PlannedCase, Split
from allocator.programme.rows import ZERO
from allocator.programme.status import Status
from allocator.reports import lines as show
from allocator.reports.comparison_grid import Grid
from allocator.reports.comparison_words import LOSS, core_message, some, why_none
from allocator.reports.lines import BULLET, Cells
from allocator.reports.words import magnitude, number, objective_unit, percent, signed, signed_significant, significant
from allocator.wording.bridge import part_name
from allocator.wording.comparison import note_texts, remark_texts, unsplit_text

_LINES = 38
_NARROWEST, _WIDEST = 60, 100
_MOST_PARTS, _MOST_NOTES = 3, 3
_NAME = 36
"""Cells of a name beneath the table."""
_DIGITS = 5
"""About so many figures of a difference are shown."""
_FEW = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_HEADINGS = ("Scenario", "Objective", "Difference", "Goals missed", "Holds in", "Lose > 5 %")
_HOLDS = "Holds in: in how many of the scenarios the plan keeps all that must be kept"


def print_comparison(found: Comparison, console: Console, path: Path | None) -> None:
    """Print a comparison on at most a screen of 40 lines.

    Parameters
    ----------
    found
        As `allocator.analyses.compare.compare` returns it.
    console
        Where to print; its width is kept to.
    path
        Where its workbook was written; None: nowhere.
    """
    width = min(max(console.width, _NARROWEST), _WIDEST)
    grid = Grid(found)
    head = _head(grid, width)
    tail = [Text(""), Text(f"Comparison: {show.visible(str(path))}")] if path else []
    room = _LINES - len(head) - len(tail)
    table = _table(grid, width, room - 5)
    room -= len(table) + 1
    parts: list[list[Text]] = []
    for section in (_without(grid, width), _bridges(grid, width), _losers(grid, width), _notes(found, width)):
        shown = _cut(section, room - 1)
        room -= len(shown) + 1 if shown else 0
        parts.append(shown)
    body = [line for part in (head, table, *parts) if part for line in (Text(""), *part)][1:]
    for line in body:  # one word can be wider than the screen
        line.truncate(width, overflow="ellipsis")
    show.print_lines(console, [*body, *tail])


def _cut(lines: list[Text], most: int) -> list[Text]:
    """Return what there is room for, no sentence in part, the last line saying that there is more."""
    if len(lines) <= most:
        return lines
    kept = max(most - 1, 0)
    while kept and not lines[kept].plain.startswith(BULLET):
        kept -= 1
    return [*lines[:kept], Text("… and more: see the workbook, or --json", style="dim")] if kept > 1 else []


def _name(case: PlannedCase) -> str:
    """Return a name that leaves room for what is said of it."""
    name = Text(show.clean(case.name))
    name.truncate(_NAME, overflow="ellipsis")
    return name.plain


# The verdict


def _head(grid: Grid, width: int) -> list[Text]:
    lines = [line for text in verdict(grid) for line in show.paragraph(show.clean(text), width, bullet="")]
    for line in lines[:1]:
        line.stylize("bold" if grid.planned else "bold red")
    return lines


def verdict(grid: Grid) -> Iterable[str]:
    """Yield how many have a plan, and how much is the same in all of them, in sentences."""
    count, planned = len(grid.cases), len(grid.planned)
    unknown = [c.name for c in grid.cases if c.result.status is Status.STOPPED]
    if planned == count:
        yield f"{'Both' if count == FEWEST else f'All {_count(count)}'} have a plan."
    elif unknown:
        of = f"{_count(planned)} of {_count(count)}"
        has = "has" if len(unknown) == 1 else "have"
        yield f"A plan was found for {of}; whether {some(unknown)} {has} one is not known."
    elif planned > 1:
        yield f"{_count(planned).capitalize()} of {_count(count)} have a plan."
    if planned or not unknown:
        yield core_message(grid)


def _count(count: int) -> str:
    return _FEW[count] if count < len(_FEW) else str(count)


# The table


def _table(grid: Grid, width: int, most: int) -> list[Text]:
    rows = [Cells(_HEADINGS, style="bold"), *(_row(grid, index) for index in range(len(grid.cases)))]
    head, *each = show.table(rows, frozenset(range(1, len(_HEADINGS))), width)
    count = len(each)
    while count > FEWEST and sum(map(len, each[:count])) > most:
        count -= 1
    lines = [*head, *(line for found in each[:count] for line in found)]
    left = len(each) - count
    if left:
        lines.append(Text(f"… and {left} more: see the workbook, or --json", style="dim"))
    return [*lines, Text(_HOLDS, style="dim")] if grid.planned else lines


def _row(grid: Grid, index: int) -> Cells:
    case, first = grid.cases[index], grid.first.valuation
    name, own = show.clean(case.name), case.valuation
    if own is None:
        said = "no plan" if case.result.status is Status.INFEASIBLE else "stopped"
        return Cells((name, said, "", "", "", ""), style="red")
    values = grid.comparison.cross[index]
    kept = sum(value is not None and not value.broken and not value.unknown for value in values)
    missed = f"{own.goals_missed} of {_goals(case)}" if own.goals else "–"
    difference = losers = ""
    if index and first is not None:
        difference = signed_significant(own.objective - first.objective) if grid.comparable(case) else "–"
        losers = str(len(grid.losers(case, LOSS)) or "–")
    return Cells((name, significant(own.objective), difference, missed, f"{kept} of {len(values)}", losers))


def _goals(case: PlannedCase) -> int:
    """Return how many goals there are, those of several years counting once."""
    return len({goal.row.name for goal in case.valuation.goals}) if case.valuation else 0


def _decimals(value: Fraction) -> int:
    return min(max(_DIGITS - 1 - magnitude(float(value)), 0), 12)


# Beneath it


def _without(grid: Grid, width: int) -> list[Text]:
    """Return why some have no plan."""
    lines = []
    for case in grid.cases:
        if not case.planned:
            said = f"{_name(case)}: {show.clean(why_none(case))}"
            lines += [Text(line.plain, style="red") for line in show.paragraph(said, width)]
    return lines


def _bridges(grid: Grid, width: int) -> list[Text]:
    """Return what makes each plan's objective differ from the first one's."""
    lines: list[Text] = []
    for case, bridge in zip(grid.cases[1:], grid.comparison.bridges[1:], strict=True):
        said = _bridge(bridge, _by_hand(grid.first, case))
        if said and case.planned and grid.based:
            lines += show.paragraph(f"{_name(case)}: {show.clean(said)}", width)
    if not lines:
        return []
    unit = show.clean(objective_unit(grid.first.scenario))
    title = f"Why the objective{f' ({unit})' if unit else ''} differs from {_name(grid.first)}'s:"
    return [*show.paragraph(title, width, bullet=""), *lines]


def _by_hand(first: PlannedCase, other: PlannedCase) -> tuple[Part, ...]:
    """Return what amounts in force other than the best plans' add to the difference; nothing where they add none."""
    added = [
        c.objective - c.result.objective if c.objective is not None and c.result.objective is not None else ZERO
        for c in (first, other)
    ]
    name = "Amounts decided by hand" if first.decided or other.decided else "Amounts as in the file"
    return (Part(name, (), added[1] - added[0], 0.0, {}, 0.0),) if added[0] != added[1] else ()


def _bridge(bridge: Split | None, by_hand: tuple[Part, ...]) -> str:
    """Return the parts of the difference, those `by_hand` before what the bridge found."""
    if not isinstance(bridge, Bridge):
        return "" if bridge is None else f"not split, since {unsplit_text(bridge)}."
    if bridge.objective is None:
        return "the objectives are not of one kind; the workbook splits the amounts."
    parts = [*by_hand, *(part for part in bridge.parts if part.objective)]
    if not parts:
        return "±0; nothing that differs in the inputs moves it." if not bridge.objective else ""
    return _sum(bridge.objective + sum((part.objective or ZERO for part in by_hand), ZERO), parts)


def _sum(whole: Fraction, parts: Sequence[Part]) -> str:
    """Return ``−41,200 = Budget / City −40,900, …``: rounded so that what is shown still adds up."""
    shown = list(parts) if len(parts) <= _MOST_PARTS + 1 else list(parts[:_MOST_PARTS])
    values = [part.objective or ZERO for part in shown]
    largest = max(map(abs, [whole, *values]))
    decimals = next((d for d in _ways(largest) if _adds(whole, values, parts, d)), _decimals(largest))
    seen = [(part, value) for part, value in zip(shown, values, strict=True) if _rounded(value, decimals)]
    terms = [f"{part_name(part)} {_term(value, decimals)}" for part, value in seen]
    left = len(parts) - len(shown)
    if left:
        rest = _rounded(whole, decimals) - sum((_rounded(value, decimals) for value in values), ZERO)
        terms.append(f"{left} others {_term(rest, decimals)}")
    sampled = any(part.objective_error for part in parts)
    return f"{_term(whole, decimals)} = {', '.join(terms)}{' (sampled)' if sampled else ''}"


def _ways(largest: Fraction) -> range:
    return range(_decimals(largest), _decimals(largest) + 4)


def _adds(whole: Fraction, values: Sequence[Fraction], parts: Sequence[Part], decimals: int) -> bool:
    """Whether the parts add up as they are rounded; where some are summed up, they take up the rest."""
    return len(values) < len(parts) or _rounded(whole, decimals) == sum((_rounded(v, decimals) for v in values), ZERO)


def _rounded(value: Fraction, decimals: int) -> Fraction:
    size = Fraction(number(abs(value), decimals).replace(",", ""))
    return -size if value < 0 else size


def _term(value: Fraction, decimals: int) -> str:
    if not _rounded(value, decimals):
        return "±0"
    text = signed(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _losers(grid: Grid, width: int) -> list[Text]:
    """Return who loses more than 5 %, a line or two for each plan."""
    lines: list[Text] = []
    for case in grid.others:
        losers = grid.losers(case, LOSS)
        if losers:
            named = some([f"{area} {percent(part)}" for area, part in losers])
            lines += show.paragraph(f"{_name(case)}: {show.clean(named)}", width)
    title = f"Who gets over {percent(LOSS, 0)} less than in {_name(grid.first)}:"
    return [*show.paragraph(title, width, bullet=""), *lines] if lines else []


def _notes(found: Comparison, width: int) -> list[Text]:
    notes = [*remark_texts(found), *(f"{_name(c)}: {note}" for c in found.cases for note in note_texts(c))]
    lines = [line for note in notes[:_MOST_NOTES] for line in show.paragraph(show.clean(note), width)]
    left = len(notes) - _MOST_NOTES
    return [*lines, Text(f"and {left} more: see the workbook", style="dim")] if left > 0 else lines
