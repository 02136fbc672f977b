"""Variants planned one after the other, a workbook each: where these go, and what was done before an interrupt."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.api import Plan, optimise
from allocator.errors import OutputError, UsageError
from allocator.programme.status import Status
from allocator.render.files import check_target, save_plan
from allocator.scenario.cells import fold
from allocator.scenario.changes import find_variant, with_variant
from allocator.scenario.model import Scenario, Variant
from allocator.wording.progress import Counted, Shown, Told

ALL = "all"
"""In place of a variant's name: each of them."""
LONGEST = 100
"""Bytes of a variant's name in a file's name: file systems allow 255 for the whole of it."""
_LISTED = 10


@dataclass(frozen=True)
class EachPlanned:
    """The plans of several variants, in their order; `missing` names those that an interrupt left unplanned."""

    title: str
    """The scenario's."""
    plans: tuple[tuple[Plan, Path | None], ...]
    missing: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return one object: `variants`, each plan as ``allocate --json`` prints it, and `missing`."""
        plans = ",\n".join(plan.to_json() for plan, _ in self.plans)
        names = json.dumps(self.missing, ensure_ascii=False)
        return f'{{"variants": [\n{plans}\n], "missing": {names}}}'

    @property
    def interrupted(self) -> str:
        """What an interrupt left undone, in words; empty where it came to the end."""
        if not self.missing:
            return ""
        done, count = len(self.plans), len(self.plans) + len(self.missing)
        written = " and written" if any(path for _, path in self.plans) else ""
        verb = "was" if done == 1 else "were"
        more = len(self.missing) - _LISTED
        names = ", ".join(self.missing[:_LISTED]) + (f" and {more} more" if more > 0 else "")
        return f"Interrupted: {done} of {count} variants {verb} planned{written}; not: {names}"


def targets(scenario: Scenario, path: Path, folder: Path | None, *, write: bool, force: bool) -> dict[str, Path]:
    """Return variant → where its workbook goes; nothing unless there are to be any.

    Parameters
    ----------
    scenario, path
        The scenario, and where it was read.
    folder
        Where the workbooks go; None: beside the scenario.
    write
        Whether there are to be any.
    force
        Whether they may take the place of files that aren't ours.

    Raises
    ------
    UsageError
        The scenario has no variants.
    OutputError
        The folder doesn't exist, or a plan may not be written to one of these places.
    """
    names = file_names(path, _some_variants(scenario))
    if folder is not None and not folder.is_dir():
        raise OutputError(f"-o {folder}: with --variant {ALL} name a folder that exists, for a workbook per variant")
    found = {name: (path.parent if folder is None else folder) / file for name, file in names.items() if write}
    for target in found.values():
        check_target(target, force=force, scenario_path=path)
    return found


def refuse(options: Mapping[str, object]) -> None:
    """Raise UsageError where an option was given that is about one plan."""
    for name, given in options.items():
        if given is not None:
            raise UsageError(f"{name} is about one plan; name one variant instead of --variant {ALL}")


def plan_each(
    scenario: Scenario,
    places: Mapping[str, Path],
    progress: Shown,
    *,
    solver: str = "HiGHS",
    time_limit: float | None = None,
    force: bool = False,
) -> EachPlanned:
    """Plan variants one after the other; each plan is written to its place, if any, as soon as it is there.

    An interrupt ends it with what was done until then; before the first plan it is passed on.
    """
    variants = scenario.variants
    done: list[tuple[Plan, Path | None]] = []
    try:
        for number, variant in enumerate(variants):
            say = _progress(progress, variant.name, number, len(variants))
            plan = optimise(scenario, variant=variant, solver=solver, time_limit=time_limit, progress=say)
            target = None if plan.result.status is Status.STOPPED else places.get(variant.name)
            if target is not None:
                say("Writing the workbook", None)
                save_plan(plan.result, target, force=force)
            done.append((plan, target))
    except KeyboardInterrupt:
        if not done:
            raise
    return EachPlanned(scenario.title, tuple(done), tuple(variant.name for variant in variants[len(done) :]))


def _progress(progress: Shown, name: str, number: int, count: int) -> Told:
    """Return a callback that says which variant it is about; the part done is that of all variants."""
    lead = f"Variant {number + 1} of {count}, {name}"
    return lambda text, _part: progress(Counted(f"{lead}: {text}", number + 1, count), number / count)


def means_all(name: str | None) -> bool:
    """Whether every variant is meant."""
    return name is not None and fold(name) == ALL


def with_chosen(scenario: Scenario, path: Path, name: str | None, what: str) -> tuple[Scenario, Path]:
    """Return the scenario with the variant that is named, if one is, and where what is made of it goes by default.

    Raises
    ------
    UsageError
        There is no such variant.
    """
    if name is None:
        return scenario, path.with_suffix(f".{what}.xlsx")
    variants = _some_variants(scenario)
    if means_all(name):
        raise UsageError(f"--variant {ALL}: this command takes one variant; type one of {_listed(variants)}")
    variant = find_variant(scenario, name)
    return with_variant(scenario, variant), path.with_name(file_names(path, variants, what)[variant.name])


def _listed(variants: Sequence[Variant]) -> str:
    return ", ".join(f'"{variant.name}"' for variant in variants)


def _some_variants(scenario: Scenario) -> tuple[Variant, ...]:
    if not scenario.variants:
        raise UsageError(f"--variant: {scenario.path} has no variants; they stand on a sheet What-if")
    return scenario.variants


def file_names(scenario: Path, variants: Sequence[Variant], what: str = "plan") -> dict[str, str]:
    """Return variant → the name of its file, ``SCENARIO.NAME.plan.xlsx``: no two alike on any system."""
    stem, taken = scenario.name.removesuffix(scenario.suffix), set[str]()
    found = {}
    for variant in variants:
        name = base = safe_name(variant.name)
        number = 1
        while fold(name) in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(fold(name))
        found[variant.name] = f"{stem}.{name}.{what}.xlsx"
    return found


def safe_name(name: str) -> str:
    """Return a variant's name as a part of a file's name: letters and digits of any script, the rest hyphens.

    >>> safe_name("Kịch bản thấp: −10 %"), safe_name("../../etc"), safe_name("?")
    ('Kịch-bản-thấp-10', 'etc', 'variant')
    """
    composed = unicodedata.normalize("NFC", name)
    kept = "".join(char if char == "_" or unicodedata.category(char)[0] in "LMN" else "-" for char in composed)
    kept = re.sub("-+", "-", kept).strip("-")
    while len(kept.encode()) > LONGEST:
        kept = kept[:-1].rstrip("-")
    return kept or "variant"
