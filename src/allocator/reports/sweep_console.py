"""What the terminal shows of a sweep and of an answer of seek: at most a screen of 40 lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from allocator.analyses.course import MOST_CHOSEN, NOT_CHOSEN
from allocator.analyses.seek import At, Sought
from allocator.analyses.sweep import BETWEEN, CHANGE, GRID, Point, Sweep
from allocator.reports import lines as show
from allocator.reports import sweep_words as words
from allocator.reports.lines import Cells
from allocator.reports.words import MINUS, objective_unit, significant

_LINES = 38
_MOST_AREAS = 20


def print_sweep(found: Sweep, console: Console, path: Path | None) -> None:
    """Print a sweep's points; `path` is where its workbook was written."""
    width = min(console.width, 100)
    head = show.paragraph(show.clean(words.title(found)), width, 2, bullet="")
    head[0].stylize("bold")
    head += show.paragraph(show.clean(words.message(found)), width, 4, bullet="")
    tail = [Text(""), Text(f"Sweep: {show.visible(str(path))}")] if path else []
    room = _LINES - len(head) - len(tail) - 3
    _print(console, [*head, Text(""), *_points(found, width, room), *tail])


def _points(found: Sweep, width: int, most: int) -> list[Text]:
    """Return the table of points; where there are too many, samples and grid points give way first."""
    values = words.values_of(found)
    shown = list(found.points)
    for kinds in ({BETWEEN}, {GRID, BETWEEN}, {CHANGE, GRID, BETWEEN}):
        if len(shown) <= most:
            break
        spare = [point for point in shown if set(point.why) <= kinds]
        dropped = spare[: len(shown) - most] if kinds >= {CHANGE} else spare
        shown = [point for point in shown if point not in dropped]
    rows = [Cells(("Value", "Objective", "Price up", "What changes here"), style="bold")]
    rows += [_row(point, values) for point in shown]
    left = len(found.points) - len(shown)
    more = [Text(f"… and {left} more point{'s' * (left > 1)} in the workbook and in --json")] if left else []
    note = Text(f"Price up: what each further {values.step} changes the objective by", style="dim")
    return [*show.columns(rows, frozenset({0, 1, 2}), width), *more, note]


def _row(point: Point, values: words.Values) -> Cells:
    slope = values.price(point.slope_right)
    objective = "no plan" if point.plan is None else significant(point.plan.objective, 9)
    price = "" if slope is None else significant(slope, 6)
    said = words.what_changes(point) if point.changes else ""
    if "today" in point.why:
        said = f"today's value{f'; {said}' if said else ''}"
    return Cells((values.show(point.value), objective, price, show.clean(said)))


def print_seek(found: Sought, console: Console) -> None:
    """Print the answer: the value, what it costs, and what the plan is there."""
    width = min(console.width, 100)
    texts = list(answer(found))
    lines = [line for text in texts for line in show.paragraph(show.clean(text), width, 3, bullet="")]
    lines[0].stylize("bold")
    there = found.reached or found.nearest
    if found.today is not None and there is not None and there.value != found.today.value:
        lines += [Text(""), *_amounts(found, found.today, there, width)]
    _print(console, lines)


def answer(found: Sought) -> Iterable[str]:
    """Yield the sentences of the answer."""
    values = words.Values(found.found, [found.low, found.high])
    address, goal = found.found.address, found.condition.text
    limits = f"between {values.show(found.low)} and {values.show(found.high)}"
    today = found.today
    if found.reached is not None and found.reached is today:
        yield f"{goal} is reached already: {_measured(found, today)} with {address} = {_typed(found, today.value)}."
        return
    if found.reached is not None:
        yield f"{address} = {_typed(found, found.reached.value)} reaches {goal}."
    elif found.nearest is not None:
        yield f"{goal} is not reached {limits} of {address}."
        yield (
            f"The nearest is {_measured(found, found.nearest)}, with {address} = {_typed(found, found.nearest.value)}."
        )
    else:
        yield f"No plan exists at any value of {address} that was looked at, {limits}."
    if today is not None:
        yield f"Today: {_typed(found, today.value)}, with {_measured(found, today)}."
    elif found.found.value is not None:
        yield f"Today: {found.found.show(found.found.value)}, with which no plan exists."
    there = found.reached or found.nearest
    if there is not None and today is not None:
        yield _cost(found, today, there)
    if sum(len(area.sources) for area in found.scenario.leaves) * len(found.scenario.years) > MOST_CHOSEN:
        yield f"{NOT_CHOSEN}."
    yield f"Searched {limits}{', as asked' if found.given else '; CELL=FROM..TO in --vary searches elsewhere'}."


def _typed(found: Sought, value: float) -> str:
    """Return a value with digits enough to be typed into the cell: the target is reached by them."""
    if found.found.value is not None and float(found.found.value) == value:
        return found.found.show(found.found.value)
    return found.found.show(float(f"{value:.10g}"))


def _measured(found: Sought, at: At) -> str:
    unit = found.condition.unit
    return f"{significant(at.measured)}{f' {unit}' if unit else ''}"


def _cost(found: Sought, today: At, there: At) -> str:
    unit = objective_unit(found.scenario)
    change = there.plan.objective - today.plan.objective
    size = max(1.0, abs(today.plan.objective))
    if abs(change) <= 1e-9 * size:
        return f"The objective stays at {significant(today.plan.objective)} {unit}".strip() + "."
    verb = "rises" if change > 0 else "falls"
    return (
        f"The objective {verb} by {significant(abs(change), 6)}, from {significant(today.plan.objective, 9)} "
        f"to {significant(there.plan.objective, 9)} {unit}".strip()
        + "."
    )


def _amounts(found: Sought, today: At, there: At, width: int) -> list[Text]:
    """Return the areas' amounts today and there, over all years, those that move most first."""
    scenario = found.scenario
    sums = {
        area.name: tuple(sum(at.plan.amounts[area.name, year] for year in scenario.years) for at in (today, there))
        for area in scenario.leaves
    }
    order = sorted(sums, key=lambda name: -words.blurred(sums[name][1] - sums[name][0]))
    years = f"{scenario.years[0]}–{scenario.years[-1]}" if len(scenario.years) > 1 else str(scenario.years[0])
    rows = [Cells((f"{scenario.unit}, {years}", "Today", "Then", "Change"), style="bold")]
    for name in order[:_MOST_AREAS]:
        before, after = sums[name]
        texts = (show.clean(name), significant(before), significant(after), _change(after - before, before))
        rows.append(Cells(texts))
    left = len(order) - _MOST_AREAS
    more = [Text(f"… and {left} more area{'s' * (left > 1)}, which move less")] if left > 0 else []
    return [*show.columns(rows, frozenset({1, 2, 3}), width), *more]


def _change(change: float, size: float) -> str:
    if abs(change) <= 1e-9 * max(1.0, abs(size)):
        return "–"
    text = significant(change, 6)
    return text if text.startswith(MINUS) else f"+{text}"


def _print(console: Console, lines: Sequence[Text]) -> None:
    """Print lines as they are, never broken; signs are spelt out where the terminal has only ASCII."""
    for line in lines:
        shown = line
        if console.options.ascii_only:
            shown = Text(show.plain_symbols(line.plain), style=line.style)
        console.print(shown, soft_wrap=True, highlight=False, markup=False, emoji=False)
