"""What ``allocate check`` says of a workbook that can be read: what is in it, and which variants can have no plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allocator.analyses.existence import PATIENCE
from allocator.errors import Problem, ScenarioError
from allocator.programme.status import Deadline
from allocator.scenario.changes import with_variant
from allocator.scenario.model import Scenario
from allocator.wording.contradictions import no_plan
from allocator.wording.numbers import years_text


def verdict(contradictions: int, doubts: int) -> str:
    """Return what there is to say of a workbook that can be read.

    >>> verdict(0, 2), verdict(1, 0)
    ('it can be read; 2 doubts', 'it can be read, but no plan can exist')
    """
    asked = f"; {doubts} doubt{'s' if doubts != 1 else ''}" if doubts else ""
    if contradictions:
        return f"it can be read, but no plan can exist{asked}"
    return f"it can be read{asked}" if doubts else "nothing wrong"


def contents(scenario: Scenario) -> str:
    """Return what was read, in a line."""
    counts = (
        (len(scenario.sources), "source", ""),
        (len(scenario.areas), "area", ""),
        (len(scenario.years), "year", f" ({years_text(scenario.years)})"),
        (len(scenario.rules), "rule", ""),
        (len(scenario.indicators), "indicator", ""),
        (len(scenario.variants), "variant", ""),
    )
    shown = counts if scenario.variants else counts[:-1]
    return ", ".join(f"{count} {noun}{'s' if count != 1 else ''}{more}" for count, noun, more in shown) + "."


def about_variants(scenario: Scenario, known: Iterable[Problem]) -> Iterator[str]:
    """Yield why a variant can have no plan, or can't be read; what is `known` of the base case is not told again."""
    said, deadline = set(map(str, known)), Deadline(PATIENCE)  # for all of them together
    for variant in scenario.variants:
        try:
            problems = no_plan(with_variant(scenario, variant), deadline)
        except ScenarioError as error:
            problems = error.problems
        for problem in problems:
            if str(problem) not in said:
                yield f'With the variant "{variant.name}": {problem}'
