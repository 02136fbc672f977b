"""What the terminal shows of variants: which there are, and a line for each one that was planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from allocator.analyses.result import Result
from allocator.programme.status import Status
from allocator.reports import lines as show
from allocator.reports.lines import Cells
from allocator.reports.no_plan_words import objective_text
from allocator.scenario.model import Scenario, Variant
from allocator.wording.edits import quoted, short_name

LINES = 40
_WIDEST_NAME = 30
VERDICTS = {Status.OPTIMAL: "best plan", Status.INFEASIBLE: "no plan exists", Status.STOPPED: "stopped, not known"}


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
    names = []
    for variant in variants:
        name = Text(show.clean(variant.name))
        name.truncate(_WIDEST_NAME, overflow="ellipsis")
        names.append(f"{name.plain} ({len(variant.edits)})")
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
    rows = [Cells(("Variant", "Verdict", "Objective"), style="dim"), *(_row(result) for result, _ in planned)]
    lines = show.paragraph(f"Variants of {show.clean(title)}", console.width, bullet="")
    lines[0].stylize("bold")
    lines += [Text(""), *show.columns(rows, frozenset({2}), console.width)]
    files = {short_name(result.scenario.changed_by): path for result, path in planned if path is not None}
    lines += _files(files, LINES - len(lines) - 2)
    show.print_lines(console, lines)


def _row(result: Result) -> Cells:
    name = show.clean(short_name(result.scenario.changed_by))
    value = "–" if result.objective is None else show.clean(objective_text(result, result.objective))
    return Cells((name, VERDICTS[result.status], value), style="" if result.status is Status.OPTIMAL else "red")


def _files(files: Mapping[str, Path], most: int) -> list[Text]:
    """Return where the plans are, with a blank line before; a line each where that fits."""
    if not files:
        return []
    paths = list(files.values())
    if len(paths) > most:
        return [Text(""), Text(f"{len(paths)} plans, in the folder {show.visible(str(paths[0].parent))}")]
    lead = "Plans: " if len(paths) > 1 else "Plan: "
    return [
        Text(""),
        *(Text(f"{lead if not i else ' ' * len(lead)}{show.visible(str(p))}") for i, p in enumerate(paths)),
    ]
