"""What is doubtful in a scenario, as console and sheets say it."""

from __future__ import annotations

from rich.text import Text

from allocator.analyses.result import Result
from allocator.reports import lines as show
from allocator.reports.findings import Finding
from allocator.scenario.doubts.settings import lacks_purpose
from allocator.scenario.model import Scenario

HEAD = "Look at this first"
NO_PURPOSE = "No area has a benefit, so every plan that keeps the rules is as good"
MOST_SAID = 3
LINES = 4
"""On the console: the first doubt is shown whole, others while they fit in so many lines with it."""


def without_purpose(scenario: Scenario) -> str:
    """Return that no plan is better than another, where benefit is sought and nothing has any; else nothing."""
    return NO_PURPOSE if lacks_purpose(scenario) else ""


def doubt_lines(result: Result, width: int, rest: str) -> list[Text]:
    """Return the first doubts, none of them cut, and how many more there are; `rest` is where to find them."""
    lines: list[Text] = []
    shown = 0
    for doubt in result.doubts[:MOST_SAID]:
        more = show.paragraph(show.clean(str(doubt)), width, bullet="? ")
        if lines and len(lines) + len(more) > LINES:
            break
        lines += more
        shown += 1
    left = len(result.doubts) - shown
    if left:
        lines.append(Text(f"? and {left} more: {rest}"))
    return [Text(line.plain, style="yellow") for line in lines]


def doubt_finding(result: Result) -> Finding:
    """Return the first doubts as one paragraph; without any its text is empty."""
    said = [str(doubt) for doubt in result.doubts[:MOST_SAID]]
    left = len(result.doubts) - len(said)
    return Finding(HEAD, " ".join([*(f"{text}." for text in said), *([f"{left} more: see Warnings."] if left else [])]))
