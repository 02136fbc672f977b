"""What ``allocate compare`` is given, read: scenario files, plans, and variants of scenario files.

An argument is a file, or ``FILE:VARIANT`` for one variant of it, or ``FILE:all`` for each. A file whose own name has a
colon in it is a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from allocator.analyses.compare import FEWEST, MOST, Case
from allocator.audit.claims import is_plan, plan_case
from allocator.cli.paths import same
from allocator.errors import AllocateError, ScenarioError, UsageError
from allocator.render.files import check_own, check_place
from allocator.scenario.cells import fold
from allocator.scenario.changes import find_variant, with_variant
from allocator.scenario.model import Scenario, Variant
from allocator.scenario.reading import read_scenario
from allocator.tables.comparison import MADE_BY
from allocator.wording.edits import quoted, short_name

ALL = "all"
"""In place of a variant's name: each of them."""
LONGEST = 40
"""Characters of a title, or what stands before its colon, that can be a name; else the file's name takes its place."""


class UnusableFilesError(AllocateError):
    """Some of the scenarios have problems; `problems` holds every one of them, by what the scenario is called."""

    def __init__(self, problems: Sequence[tuple[str, ScenarioError]]) -> None:
        self.problems = tuple(problems)
        lines = ["not all of the scenarios can be used"]
        for name, error in problems:
            count = len(error.problems)
            lines.append(f"{name}: {count} problem{'s' if count != 1 else ''}")
            lines += [f"  {problem}" for problem in error.problems]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Asked:
    """One argument: a file, and which variant of it is meant."""

    path: Path
    variant: str | None = None
    """None: the file as it stands."""

    def __str__(self) -> str:
        return str(self.path) if self.variant is None else f"{self.path}:{self.variant}"


def asked(argument: str) -> Asked:
    """Return what an argument means; a path that exists is a file, whatever colons it has.

    Raises
    ------
    UsageError
        No variant is named after the colon.
    """
    if Path(argument).exists():
        return Asked(Path(argument))
    for at in reversed([i for i, sign in enumerate(argument) if sign == ":"]):
        path, variant = Path(argument[:at]), argument[at + 1 :].strip()
        if path.is_file() or (path.suffix.lower() in (".xlsx", ".xlsm") and not Path(argument).suffix):
            if not variant:
                raise UsageError(f'"{argument}" names no variant; type {path}:NAME, {path}:{ALL}, or {path} alone')
            return Asked(path, variant)
    return Asked(Path(argument))


def default_target(argument: str) -> Path:
    """Return where a comparison goes: beside the first file that is named."""
    first = asked(argument).path
    stem = first.name.removesuffix(first.suffix)
    return first.with_name(f"{stem.removesuffix('.plan')}.compare.xlsx")


def check_places(target: Path, arguments: Sequence[str], *, force: bool) -> None:
    """Raise OutputError unless the comparison may be written to `target`: over none of what is compared."""
    for argument in arguments:
        check_place(target, asked(argument).path)
    check_own(target, MADE_BY, "comparison", force=force)


def read_cases(arguments: Sequence[str], variants: Sequence[str] = ()) -> tuple[Case, ...]:
    """Return the scenarios that the arguments name, in their order.

    `variants` (names, or ``all``) are compared too, of each scenario file that is named as it stands. A scenario file
    that is named alone stands for its base case and all its variants.

    Raises
    ------
    UsageError
        There are too few or too many, one is named twice, or a variant doesn't exist.
    WorkbookError
        A file is missing or can't be read.
    UnusableFilesError
        Scenarios have problems; it lists all of them.
    """
    wanted = [asked(argument) for argument in arguments]
    if len(wanted) == 1 and wanted[0].variant is None:
        variants = variants or (ALL,)
    reading = _Reading(variants)
    found = [case for one in wanted for case in reading.cases(one)]
    if reading.problems:
        raise UnusableFilesError(reading.problems)
    _check(found, wanted)
    return tuple(replace(each.case, name=name) for each, name in zip(found, _names(found), strict=True))


@dataclass(frozen=True)
class _Found:
    """A scenario that an argument named."""

    case: Case
    path: Path
    variant: str
    """Empty for a file as it stands."""


class _Reading:
    """Reads files once each, and keeps the problems of all."""

    def __init__(self, variants: Sequence[str]) -> None:
        self.variants = variants
        self.problems: list[tuple[str, ScenarioError]] = []
        self._scenarios: dict[Path, Scenario | None] = {}

    def cases(self, one: Asked) -> Iterator[_Found]:
        """Yield the scenarios that an argument names, but for those with problems."""
        if is_plan(one.path):
            yield from self._plan(one)
            return
        scenario = self._scenario(one.path)
        if scenario is None:
            return
        if one.variant is None:
            yield _Found(Case("", scenario, path=one.path.name), one.path, "")
        names = self.variants if one.variant is None else (one.variant,)
        for variant in _meant(scenario, names, one, wanted=one.variant is not None):
            made = self._read(f"{one.path} with variant {variant.name}", partial(with_variant, scenario, variant))
            if made is not None:
                yield _Found(Case(variant.name, made, path=one.path.name), one.path, variant.name)

    def _plan(self, one: Asked) -> Iterator[_Found]:
        if one.variant is not None:
            raise UsageError(f'"{one}": {one.path.name} is a plan, which has no variants; name it alone')
        case = self._read(str(one.path), partial(plan_case, one.path))
        if case is not None:
            yield _Found(case, one.path, "")

    def _scenario(self, path: Path) -> Scenario | None:
        """Return the scenario at `path`; None where it has problems."""
        if path not in self._scenarios:
            self._scenarios[path] = self._read(str(path), partial(read_scenario, path))
        return self._scenarios[path]

    def _read[T](self, name: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ScenarioError as error:
            self.problems.append((name, error))
            return None


def _meant(scenario: Scenario, names: Sequence[str], one: Asked, *, wanted: bool) -> tuple[Variant, ...]:
    """Return the variants of these names; where all are `wanted`, there must be some."""
    found: dict[str, Variant] = {}
    for name in names:
        if fold(name) == ALL:
            if wanted and not scenario.variants:
                raise UsageError(f'"{one}": {one.path.name} has no variants; they stand on a sheet What-if')
            found |= {variant.name: variant for variant in scenario.variants}
        else:
            variant = find_variant(scenario, name)
            found[variant.name] = variant
    return tuple(found.values())


def _check(found: Sequence[_Found], wanted: Sequence[Asked]) -> None:
    """Raise UsageError where there are too few or too many, or one is there twice."""
    if len(found) < FEWEST:
        only = wanted[0].path
        more = " (it has no variants of its own)" if wanted[0].variant is None and not is_plan(only) else ""
        raise UsageError(
            f"There is nothing to compare {only} with{more}; type: allocate compare {quoted(str(only))} OTHER.xlsx"
        )
    if len(found) > MOST:
        raise UsageError(
            f"{len(found)} scenarios are named, but at most {MOST} can be compared at once; leave some out"
        )
    for number, one in enumerate(found):
        for other in found[:number]:
            if one.variant == other.variant and same(one.path, other.path):
                what = f'the variant "{one.variant}" of {one.path}' if one.variant else f"{one.path}"
                raise UsageError(f"You named {what} twice; name each scenario once")


# What they are called


def _names(found: Sequence[_Found]) -> list[str]:
    """Return a short name for each, and a longer one only for those whose short ones are the same."""
    ways = [_ways(each) for each in found]
    names = [way[0] for way in ways]
    for level in range(1, len(ways[0])):
        folded = [fold(name) for name in names]
        alike = [folded.count(form) > 1 for form in folded]
        names = [way[level] if twice else name for way, name, twice in zip(ways, names, alike, strict=True)]
    return names


def _ways(found: _Found) -> tuple[str, ...]:
    """Return what a scenario can be called, the shortest first and one that nothing else is called last."""
    path, scenario = found.path, found.case.scenario
    stem = path.name.removesuffix(path.suffix)
    files = stem.removesuffix(".plan"), stem, path.name, str(path), str(path.resolve())
    own = short_name(scenario.changed_by)
    if own:
        return own, *(f"{file}: {own}" for file in files)
    titles = scenario.title, scenario.title.partition(": ")[0]
    return next((title for title in titles if 0 < len(title) <= LONGEST), files[0]), *files
