"""What the terminal shows of a sweep and of an answer of seek: at most a screen of 40 lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.text import Text

from allocator.analyses.course import MOST_CHOSEN, Event, Happens
from allocator.analyses.seek import At, Sought, Today
from allocator.analyses.sweep import ABOVE, BELOW, BETWEEN, END, GRID, TODAY, Point, Remark, Sweep
from allocator.reports import lines as show
from allocator.reports import sweep_words as words
from allocator.reports.lines import Cells
from allocator.reports.words import MINUS, listing, objective_unit, significant
from allocator.wording.sweep import change_text, remark_text, why_text

_LINES = 38
_MOST_AREAS = 20
_TIED = "\N{NO-BREAK SPACE}"
"""Stands after what happens, so that in a long line the rule's name gives way, not that."""
_GAP = "…"
"""Stands where points are left out."""


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
    head = show.paragraph(show.clean(words.title(found)), width, bullet="")
    head[0].stylize("bold")
    head += show.paragraph(show.clean(words.message(found)), width, bullet="")
    tail = [Text(""), Text(f"Sweep: {show.visible(str(path))}")] if path else []
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
    lines = show.columns([head, *chain(*rows)], frozenset({0, 1, 2}), width)
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
    texts = list(answer(found))
    lines = [line for text in texts for line in show.paragraph(show.clean(text), width, bullet="")]
    lines[0].stylize("bold")
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
    years = f"{scenario.years[0]}–{scenario.years[-1]}" if len(scenario.years) > 1 else str(scenario.years[0])
    rows = [Cells((f"{scenario.unit}, {years}", "Today", "Then", "Change"), style="bold")]
    for name in order[:_MOST_AREAS]:
        before, after = sums[name]
        texts = (show.clean(name), significant(before), significant(after), _change(after - before, before))
        rows.append(Cells(texts))
    left = len(order) - _MOST_AREAS
    more = [Text(f"… and {left} more area{'s' * (left > 1)}, which move less")] if left > 0 else []
    return [*show.columns(rows, frozenset({1, 2, 3}), width), *more]


def _moved(change: float, size: float) -> float:
    """Return a change of an amount; what is but the last bits of it is none."""
    return change if abs(change) > 1e-9 * max(1.0, abs(size)) else 0.0


def _change(change: float, size: float) -> str:
    if not _moved(change, size):
        return "–"
    text = significant(change, 6)
    return text if text.startswith(MINUS) else f"+{text}"
