"""What people call is described: each parameter, what comes back, what is raised, in numpydoc's sections.

That the parameters named are those there are is for the linter (D417); that there is a description is for this test.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator

import allocator
from offenders import of_each

ENTRIES = (
    "scenario.reading: read_scenario reread read_sheets",
    "scenario.changes: read_range",
    "scenario.changes: find_variant with_variant",
    "scenario.writing: new_scenario",
    "scenario.problems: mark_problems",
    "programme.build: build",
    "programme.solve: solve",
    "programme.whole: round_plan",
    "analyses.analyse: analyse",
    "analyses.compare: compare",
    "analyses.bridge: bridge",
    "analyses.sweep: sweep",
    "analyses.seek: seek",
    "analyses.existence: contradictions",
    "wording.contradictions: no_plan",
    "analyses.conflict: conflicts",
    "analyses.repairs: repairs",
    "analyses.existence: early_warning",
    "analyses.repairs: explain_goals",
    "analyses.figures: alternatives",
    "audit.verify: verify",
    "audit.diff: diff diff_json",
    "audit.claims: is_plan plan_case",
    "analyses.analyse: changed_by",
    "audit.findings: verdict_json",
    "console.audit: print_verdict print_diff",
    "render.workbook: plan_bytes",
    "render.comparison: comparison_bytes",
    "render.sweep: sweep_bytes",
    "render.records: comparison_json sweep_json seek_json",
    "console.plan: print_summary print_variants",
    "console.lines: print_problems",
    "console.comparisons: print_comparison print_sweep print_seek",
    "spreadsheet.saving: save_bytes",
    "render.files: save_plan check_target check_own check_place",
)
"""The functions by which a room is entered."""


def entry_functions() -> Iterator[Callable[..., object]]:
    """What `allocator` exports, with the methods of its classes; then the rooms' own."""
    for name in allocator.__all__:
        exported = getattr(allocator, name)
        if inspect.isfunction(exported):
            yield exported
        elif inspect.isclass(exported):
            yield from (
                member
                for name, member in vars(exported).items()
                if inspect.isfunction(member) and not name.startswith("_")
            )
    for line in ENTRIES:
        module, _, names = line.partition(": ")
        for name in names.split():
            yield getattr(importlib.import_module(f"allocator.{module}"), name)


def sections(function: Callable[..., object]) -> dict[str, str]:
    """Return a docstring's sections by their headings; what comes before them is ``""``."""
    parts = re.split(r"\n(\w+)\n-{3,}\n", "\n" + (inspect.getdoc(function) or ""))
    return {"": parts[0].strip(), **dict(zip(parts[1::2], parts[2::2], strict=True))}


FUNCTIONS = {f"{f.__module__}.{f.__qualname__}": f for f in entry_functions()}


@of_each(FUNCTIONS.values(), lambda function: f"{function.__module__}.{function.__qualname__}")
def test_an_entry_says_what_goes_in_and_what_comes_out(function: Callable[..., object]) -> None:
    said, signature = sections(function), inspect.signature(function)
    assert said[""]
    described = {name for line in re.findall(r"^(\w[\w, ]*)$", said.get("Parameters", ""), re.MULTILINE)
                 for name in line.split(", ")}  # fmt: skip
    assert described == set(signature.parameters) - {"self"}
    assert ("Returns" in said) == (signature.return_annotation not in ("None", None))
    if re.search(r"^\s+raise \w*Error", inspect.getsource(function), re.MULTILINE):
        assert "Raises" in said
