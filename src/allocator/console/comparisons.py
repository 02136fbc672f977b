"""What the terminal shows of several plans: a comparison, a sweep, an answer of seek; at most a screen of 40 lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.text import Text

from allocator.analyses.bridge import Bridge, Part
from allocator.analyses.compare import FEWEST, Comparison, PlannedCase, Split
from allocator.analyses.seek import At, Sought, Today
from allocator.analyses.sweep import (
    ABOVE,
    BELOW,
    BETWEEN,
    END,
    GRID,
    MOST_CHOSEN,
    TODAY,
    Event,
    Happens,
    Point,
    Remark,
    Sweep,
)
from allocator.console import lines as show
from allocator.console.lines import BULLET, Cells
from allocator.programme.rows import ZERO
from allocator.programme.status import Status
from allocator.tables.comparison import Grid
from allocator.wording import sweep as words
from allocator.wording.bridge import part_name
from allocator.wording.comparison import LOSS, core_message, note_texts, remark_texts, some, unsplit_text, why_none
from allocator.wording.numbers import (
    MINUS,
    listing,
    magnitude,
    number,
    objective_unit,
    percent,
    signed,
    signed_significant,
    significant,
    years_text,
)
from allocator.wording.sweep import change_text, remark_text, why_text

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
_MOST_AREAS = 20
_TIED = "\N{NO-BREAK SPACE}"
"""Stands after what happens, so that in a long line the rule's name gives way, not that."""
_GAP = "…"
"""Stands where points are left out."""


# ---- a comparison -------------------------------------------------------------------------------------------------


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
    head = [line for text in verdict(grid) for line in show.paragraph(text, width, bullet="")]
    head[0].style = "bold" if grid.planned else "bold red"
    tail = show.ending("Comparison", path)
    room = _LINES - len(head) - len(tail)
    table = _table(grid, width, room - 5)
    room -= len(table) + 1
    parts: list[list[Text]] = []
    for section in (_without(grid, width), _bridges(grid, width), _losers(grid, width), _notes(found, width)):
        shown = _cut(section, room - 1)
        room -= len(shown) + 1 if shown else 0
        parts.append(shown)
    body = show.spaced((head, table, *parts))
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
    return show.cut(show.clean(case.name), _NAME)


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


def _table(grid: Grid, width: int, most: int) -> list[Text]:
    rows = [Cells(_HEADINGS, style="bold"), *(_row(grid, index) for index in range(len(grid.cases)))]
    head, *each = show.table(rows, range(1, len(_HEADINGS)), width)
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
    goals = {goal.row.name for goal in own.goals}  # those of several years count once
    missed = f"{own.goals_missed} of {len(goals)}" if goals else "–"
    difference = losers = ""
    if index and first is not None:
        difference = signed_significant(own.objective - first.objective) if grid.comparable(case) else "–"
        losers = str(len(grid.losers(case, LOSS)) or "–")
    return Cells((name, significant(own.objective), difference, missed, f"{kept} of {len(values)}", losers))


def _by_case(title: str, said: Iterable[tuple[PlannedCase, str]], width: int, style: str = "") -> list[Text]:
    """Return what is said of scenarios, each under its name, below a title; nothing where nothing is."""
    lines = [line for case, text in said for line in show.paragraph(f"{_name(case)}: {text}", width, style=style)]
    return [*show.paragraph(title, width, bullet=""), *lines] if title and lines else lines


def _without(grid: Grid, width: int) -> list[Text]:
    """Return why some have no plan."""
    return _by_case("", ((case, why_none(case)) for case in grid.cases if not case.planned), width, "red")


def _bridges(grid: Grid, width: int) -> list[Text]:
    """Return what makes each plan's objective differ from the first one's."""
    unit = objective_unit(grid.first.scenario)
    title = f"Why the objective{f' ({unit})' if unit else ''} differs from {_name(grid.first)}'s:"
    each = zip(grid.cases[1:], grid.comparison.bridges[1:], strict=True)
    said = ((case, _bridge(bridge, _by_hand(grid.first, case))) for case, bridge in each)
    return _by_case(title, ((case, text) for case, text in said if text and case.planned and grid.based), width)


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
    fewest = min(max(_DIGITS - 1 - magnitude(float(largest)), 0), 12)
    ways = range(fewest, fewest + 4)
    decimals = next((d for d in ways if _adds(whole, values, parts, d)), fewest)
    seen = [(part, value) for part, value in zip(shown, values, strict=True) if _rounded(value, decimals)]
    terms = [f"{part_name(part)} {_term(value, decimals)}" for part, value in seen]
    left = len(parts) - len(shown)
    if left:
        rest = _rounded(whole, decimals) - sum((_rounded(value, decimals) for value in values), ZERO)
        terms.append(f"{left} others {_term(rest, decimals)}")
    sampled = any(part.objective_error for part in parts)
    return f"{_term(whole, decimals)} = {', '.join(terms)}{' (sampled)' if sampled else ''}"


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
    title = f"Who gets over {percent(LOSS, 0)} less than in {_name(grid.first)}:"
    losers = ((case, grid.losers(case, LOSS)) for case in grid.others)
    said = ((case, some([f"{area} {percent(part)}" for area, part in lost])) for case, lost in losers if lost)
    return _by_case(title, said, width)


def _notes(found: Comparison, width: int) -> list[Text]:
    notes = [*remark_texts(found), *(f"{_name(c)}: {note}" for c in found.cases for note in note_texts(c))]
    lines = [line for note in notes[:_MOST_NOTES] for line in show.paragraph(note, width)]
    return [*lines, *show.more(len(notes) - _MOST_NOTES, "see the workbook")]


# ---- a sweep ------------------------------------------------------------------------------------------------------


def print_sweep(found: Sweep, console: Console, path: Path | None) -> None:
    """Print a sweep's points on at most a screen of 40 lines.

    Parameters
    ----------
    found
        As `allocator.analyses.sweep.sweep` returns it.
    console
        Where to print; its width is kept to.
    path
        Where its workbook was written; None: nowhere.
    """
    width = min(console.width, 100)
    head = [*show.heading(words.title(found), width), *show.paragraph(words.message(found), width, bullet="")]
    tail = show.ending("Sweep", path)
    room = _LINES - len(head) - len(tail) - 3
    show.print_lines(console, [*head, Text(""), *_points(found, width, room), *tail])


def _points(found: Sweep, width: int, most: int) -> list[Text]:
    """Return the table of points; where there are too many, samples and grid points give way first, then changes."""
    values = words.values_of(found)
    shown = list(found.points)
    for kinds in ({BETWEEN}, {GRID, BETWEEN}):
        if len(shown) > most:
            shown = [point for point in shown if not set(point.why) <= kinds]
    rows = [_rows(found, point, values, whole=True) for point in shown]
    lines = _drawn(rows, width)
    if len(lines) > most + 1:
        short = [_rows(found, point, values, whole=False) for point in shown]
        for few in range(most, most // 2, -1):  # long words take more lines than rows
            rows = _thinned(shown, short, few)
            lines = _drawn(rows, width)
            if len(lines) <= most + 1:
                break
    left = len(found.points) - sum(own[0].texts[0] != _GAP for own in rows)
    more = [Text(f"… and {left} more point{'s' * (left > 1)} in the workbook and in --json")] if left else []
    note = Text(f"Price up: what each further {values.step} changes the objective by", style="dim")
    return [*lines, *more, note]


def _drawn(rows: Sequence[list[Cells]], width: int) -> list[Text]:
    head = Cells(("Value", "Objective", "Price up", "What changes here"), style="bold")
    lines = show.columns([head, *chain(*rows)], (0, 1, 2), width)
    return [Text(line.plain.replace(_TIED, " "), style=line.style) for line in lines]


def _thinned(points: Sequence[Point], rows: Sequence[list[Cells]], most: int) -> list[list[Cells]]:
    """Return as many rows as fit: those that matter, others evenly spread, and a mark where some are left out."""
    today = next((i for i, point in enumerate(points) if TODAY in point.why), None)
    beside = set() if today is None else {today - 1, today, today + 1}
    kept = {i for i, point in enumerate(points) if i in beside or _matters(points, i)}
    spare = [i for i in range(len(points)) if i not in kept]
    for count in range(len(spare), -1, -1):
        chosen = kept | {spare[(2 * i + 1) * len(spare) // (2 * count)] for i in range(count)}
        found: list[list[Cells]] = []
        for i, own in enumerate(rows):
            # a mark in place of one row saves nothing
            if i in chosen or (len(own) == 1 and {i - 1, i + 1} <= chosen):
                found.append(own)
            elif found[-1][0].texts[0] != _GAP:  # the first point is an end, and kept
                found.append([Cells((_GAP, "", "", ""))])
        if sum(map(len, found)) <= most:
            break
    return found


def _matters(points: Sequence[Point], i: int) -> bool:
    """Whether a point is an end, of the way or of plans, stands beside a jump, or a goal begins to be missed there."""
    beside = points[max(i - 1, 0) : i + 2]
    plans = {point.plan is None for point in beside}
    jumps = any(kind in point.why for point in beside for kind in (BELOW, ABOVE))
    goals = any(map(_of_goals, points[i].changes))
    return END in points[i].why or len(plans) > 1 or jumps or goals


def _of_goals(change: object) -> bool:
    """Whether goals begin or cease to be missed."""
    return isinstance(change, Happens) and change.event in (Event.MISSED, Event.MET)


def _rows(found: Sweep, point: Point, values: words.Values, *, whole: bool) -> list[Cells]:
    """Return a point's rows: what changes there takes as many as it needs, or (unless `whole`) as few as it can.

    Goals that begin or cease to be missed always have rows of their own.
    """
    slope = values.price(point.slope_right)
    objective = "no plan" if point.plan is None else significant(point.plan.objective, 9)
    price = "" if slope is None else significant(slope, 6)
    years = found.scenario.years
    said_of = {change: change_text(change) for change in point.changes}
    if len(years) == 1:
        said_of = {change: said.replace(f" ({years[0]})", "") for change, said in said_of.items()}
    goals = [said for change, said in said_of.items() if _of_goals(change)]
    others = [said for change, said in said_of.items() if not _of_goals(change)]
    if not whole and len(others) > 1:
        others = [f"{others[0]}; {len(others) - 1} more"]
    marks = ["today's value"] * (TODAY in point.why) + [why_text(why) for why in point.why if why in (BELOW, ABOVE)]
    said, *rest = [
        show.clean(words.sentence_case(text)).replace(": ", f":{_TIED}", 1) for text in (*marks, *goals, *others)
    ] or [""]
    first = Cells((values.show(point.value), objective, price, said))
    return [first, *(Cells(("", "", "", text)) for text in rest)]


# ---- what seek found ----------------------------------------------------------------------------------------------


def print_seek(found: Sought, console: Console) -> None:
    """Print the answer: the value, what it costs, and what the plan is there.

    Parameters
    ----------
    found
        As `allocator.analyses.seek.seek` returns it.
    console
        Where to print; its width is kept to.
    """
    width = min(console.width, 100)
    lines = [line for text in answer(found) for line in show.paragraph(text, width, bullet="")]
    lines[0].style = "bold"
    there = found.reached or found.nearest
    if found.today is not None and there is not None and there.value != found.today.value:
        lines += [Text(""), *_amounts(found, found.today, there, width)]
    show.print_lines(console, lines)


def answer(found: Sought) -> Iterable[str]:
    """Yield the sentences of the answer."""
    address, goal = found.found.address, found.condition.text
    shown = found.found.shown
    limits = f"between {shown(found.low)} and {shown(found.high)}"
    today = found.today
    if found.reached is not None and found.reached is today:
        yield f"{goal} is reached already: {_measured(found, today)} with {address} = {_typed(found, today.value)}."
        return
    if found.reached is not None:
        yield f"{address} = {_typed(found, found.reached.value)} reaches {goal}."
    elif found.nearest is not None:
        yield f"{goal} is not reached {limits} of {address}."
        yield _nearest(found, found.nearest)
    else:
        yield f"No plan exists at any value of {address} that was looked at, {limits}."
    if found.tie is not None:
        yield f"At {_typed(found, found.tie)} itself another plan is as good, which doesn't reach it."
    there = found.reached or found.nearest
    if today is None or there is None or there.value != today.value:
        yield _today(found)
        if there is not None and today is not None:
            yield _cost(found, today, there)
    yield from _rounding(found)
    yield from _where_plans_exist(found)
    if sum(len(area.sources) for area in found.scenario.leaves) * len(found.scenario.years) > MOST_CHOSEN:
        yield f"{remark_text(Remark.NOT_CHOSEN)}."
    yield f"Searched {limits}{', as asked' if found.given else '; CELL=FROM..TO in --vary searches elsewhere'}."


def _nearest(found: Sought, nearest: At) -> str:
    today = found.today
    if today is not None and today.value == nearest.value:
        said = found.found.shown(nearest.value)
        return f"The nearest is {_measured(found, nearest)}, as it is today ({said}): no other value comes nearer."
    return f"The nearest is {_measured(found, nearest)}, with {found.found.address} = {_typed(found, nearest.value)}."


def _today(found: Sought) -> str:
    value = found.found.value
    said = "blank" if value is None else found.found.shown(value)
    return f"Today: {said}, with {'which no plan exists' if found.today is None else _measured(found, found.today)}."


def _rounding(found: Sought) -> Iterable[str]:
    """Yield what rounding to whole steps does to the answer."""
    if found.reached is None or not found.scenario.step:
        return
    if found.in_steps is None:
        yield "These figures are before amounts are rounded to whole steps."
    elif found.condition.gap(found.in_steps):
        short = significant(abs(found.condition.target - found.in_steps), 3)
        yield f"These figures are before rounding: the plan in whole steps misses the target by {short}."
    else:
        yield "The plan in whole steps reaches it too; these figures are before rounding."


def _where_plans_exist(found: Sought) -> Iterable[str]:
    runs = found.planned
    if not runs:
        return
    if len(runs) == 1 and runs[0][0] == found.low:
        yield f"No plan exists above {_end(found, runs[0][1])}."
    elif len(runs) == 1 and runs[0][1] == found.high:
        yield f"No plan exists below {_end(found, runs[0][0])}."
    else:
        yield f"Plans exist only {listing([f'from {_end(found, low)} to {_end(found, high)}' for low, high in runs])}."


def _end(found: Sought, value: float) -> str:
    """Return an end of the values with a plan, which was found to about a billionth."""
    return found.found.shown(float(f"{value:.7g}"))


def _typed(found: Sought, value: float | None) -> str:
    """Return a value as it would be typed into the cell."""
    if value is None:
        return "blank"
    if found.found.value is not None and float(found.found.value) == value:
        return found.found.show(found.found.value)
    return found.found.show(float(f"{value:.10g}"))


def _measured(found: Sought, at: At | Today) -> str:
    unit = found.condition.unit
    digits = 7 if unit or found.condition.text[:9] != "Objective" else 9
    return f"{significant(at.measured, digits)}{f' {unit}' if unit else ''}"


def _cost(found: Sought, today: Today, there: At | Today) -> str:
    unit = objective_unit(found.scenario)
    change = there.plan.objective - today.plan.objective
    size = max(1.0, abs(today.plan.objective))
    if abs(change) <= 1e-9 * size:
        return f"The objective stays at {significant(today.plan.objective, 9)} {unit}".strip() + "."
    verb = "rises" if change > 0 else "falls"
    return (
        f"The objective {verb} by {significant(abs(change), 6)}, from {significant(today.plan.objective, 9)} "
        f"to {significant(there.plan.objective, 9)} {unit}".strip()
        + "."
    )


def _amounts(found: Sought, today: Today, there: At | Today, width: int) -> list[Text]:
    """Return the areas' amounts today and there, over all years, those that move most first."""
    scenario = found.scenario
    sums = {
        area.name: tuple(sum(at.plan.amounts[area.name, year] for year in scenario.years) for at in (today, there))
        for area in scenario.leaves
    }
    order = sorted(sums, key=lambda name: -words.blurred(_moved(sums[name][1] - sums[name][0], sums[name][0])))
    rows = [Cells((f"{scenario.unit}, {years_text(scenario.years)}", "Today", "Then", "Change"), style="bold")]
    for name in order[:_MOST_AREAS]:
        before, after = sums[name]
        texts = (show.clean(name), significant(before), significant(after), _change(after - before, before))
        rows.append(Cells(texts))
    left = len(order) - _MOST_AREAS
    more = [Text(f"… and {left} more area{'s' * (left > 1)}, which move less")] if left > 0 else []
    return [*show.columns(rows, (1, 2, 3), width), *more]


def _moved(change: float, size: float) -> float:
    """Return a change of an amount; what is but the last bits of it is none."""
    return change if abs(change) > 1e-9 * max(1.0, abs(size)) else 0.0


def _change(change: float, size: float) -> str:
    if not _moved(change, size):
        return "–"
    text = significant(change, 6)
    return text if text.startswith(MINUS) else f"+{text}"
