"""The commands: each reads, optimises and shows; what it needs is imported when it runs."""

from __future__ import annotations

import difflib
import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, override

import click

from allocator.cli.paths import check_copy, check_folder, check_lp, check_suffix
from allocator.cli.process import DONE, INTERRUPTED, NO_PLAN, STOPPED, console, progress_shown, speaks_utf8
from allocator.errors import OutputError, Problem, ScenarioError
from allocator.programme.status import Status
from allocator.version import __version__

if TYPE_CHECKING:
    from allocator.cli.variants import EachPlanned
    from allocator.scenario.model import Scenario

type Name = str | None
type Names = tuple[str, ...]
type File = Path | None
type Seconds = float | None
EXIT_CODES = {Status.OPTIMAL: DONE, Status.INFEASIBLE: NO_PLAN, Status.STOPPED: STOPPED}


# ---- a group of commands, of which the main one needs no name --------------------------------------------------------


class MainContext(click.Context):
    """The context of the main command, which has no name of its own."""

    @property
    @override
    def command_path(self) -> str:
        return self.parent.command_path if self.parent else ""


class MainCommand(click.Command):
    """What ``allocate SCENARIO`` does; its help is that of ``allocate``."""

    context_class = MainContext

    @override
    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if ctx.parent is not None:
            ctx.parent.command.format_help(ctx.parent, formatter)


class Commands(click.Group):
    """A group whose commands may be left out: then all arguments are the main command's."""

    main_command: click.Command

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, *ctx.help_option_names, "--version"}
        return super().parse_args(ctx, args if not args or args[0] in own else ["--", *args])

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        meant = difflib.get_close_matches(args[0], self.commands, 1, 0.75)
        if meant and not Path(args[0]).exists():
            ctx.fail(f"There is no command and no file {args[0]!r}. Did you mean {meant[0]!r}?")
        return None, self.main_command, args

    @override
    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "SCENARIO [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix=" " * len("Usage: "))

    @override
    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        params = [p for p in (*self.main_command.params, *self.get_params(ctx)) if isinstance(p, click.Option)]
        records = [record for param in params if (record := param.get_help_record(ctx)) is not None]
        with formatter.section("Options"):
            formatter.write_dl(records)
        self.format_commands(ctx, formatter)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="allocate", message="%(prog)s %(version)s")
def allocate() -> None:
    """Find the best plan for a public budget.

    SCENARIO is an Excel workbook: the money there is, the areas it is for, and the rules to keep. The plan is written
    beside it: every amount, what holds it there, and what one more unit of money would bring.

    Start with "allocate new", fill in the workbook, and run "allocate scenario.xlsx".
    """


def _seconds(_ctx: click.Context, _param: click.Parameter, value: float | None) -> float | None:
    """Return a positive finite number of seconds."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise click.BadParameter(f"{value:g} is no number of seconds above 0.")
    return value


PATH = click.Path(path_type=Path)
CELL_HELP = "The cell as SHEET/ROW/COLUMN or SHEET!E5"
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; no workbook unless -o is given.")
VARIANT = click.option("--variant", metavar="NAME", help="Take this variant of the sheet What-if.")
QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
TIME_LIMIT = click.option(
    "--time-limit", type=float, callback=_seconds, metavar="S", help="Stop the solver after S seconds."
)


# ---- the commands -------------------------------------------------------------------------------------------------


@click.command(cls=MainCommand)
@click.argument("scenario", type=PATH)
@click.option("-o", "--output", type=PATH, metavar="PLAN", help="Where the plan goes.  [default: SCENARIO.plan.xlsx]")
@click.option("--variant", metavar="NAME", help="Plan a variant of the sheet What-if; all: each, in its own workbook.")
@click.option("--repair", type=int, metavar="N", help="Where no plan exists: plan with repair N of the menu.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON; no workbook unless -o is given.")
@click.option("--solver", default="HiGHS", metavar="NAME", show_default=True, help="A solver that PuLP knows.")
@click.option("--lp", type=PATH, metavar="FILE", help="Write the linear programme, for any other solver.")
@TIME_LIMIT
@click.option("--force", is_flag=True, help="Overwrite a file that is no plan, or a plan with entries in it.")
@QUIET
def optimise_command(
    scenario: Path,
    output: Path | None,
    variant: str | None,
    repair: int | None,
    as_json: bool,
    solver: str,
    lp: Path | None,
    time_limit: float | None,
    force: bool,
    quiet: bool,
) -> int:
    """Find the best plan for SCENARIO."""
    asked = _read(scenario)
    from allocator.api import optimise
    from allocator.cli.variants import means_all, plan_each, refuse, targets, with_chosen
    from allocator.render.files import check_target, save_plan

    if means_all(variant):
        places = targets(asked, scenario, output, write=bool(output) or not as_json, force=force)
        refuse({"--lp": lp, "--repair": repair})
        with progress_shown(quiet=quiet) as progress:
            found = plan_each(asked, places, progress, solver=solver, time_limit=time_limit, force=force)
        return _show_each(found, as_json=as_json, quiet=quiet)
    chosen, default = with_chosen(asked, scenario, variant, "plan")
    target = _target(output, default, "the plan", as_json=as_json)
    if target is not None:
        check_target(target, force=force, scenario_path=scenario)
    if lp is not None:
        check_lp(lp, scenario, target, force=force)
    with progress_shown(quiet=quiet) as progress:
        plan = optimise(chosen, solver=solver, time_limit=time_limit, lp_file=lp, repair=repair, progress=progress)
        if plan.result.status is not Status.STOPPED and target is not None:
            progress("Writing the workbook", None)
            save_plan(plan.result, target, force=force, scenario_path=scenario)
    if as_json:
        _print_utf8(plan.to_json() + "\n")
    elif plan.result.status is not Status.OPTIMAL or not quiet:
        from allocator.console.plan import print_summary

        shown = target if plan.result.status is not Status.STOPPED or (target and target.exists()) else None
        print_summary(plan.result, console(stderr=quiet), shown, scenario)
    return EXIT_CODES[plan.result.status]


allocate.main_command = optimise_command


def _show_each(found: EachPlanned, *, as_json: bool, quiet: bool) -> int:
    """Show the plans of all variants; return the worst exit code of all."""
    worst = max(EXIT_CODES[plan.result.status] for plan, _ in found.plans)
    if as_json:
        _print_utf8(found.to_json() + "\n")
    elif not quiet or worst != DONE:
        from allocator.console.plan import print_variants

        print_variants(found.title, [(plan.result, path) for plan, path in found.plans], console(stderr=quiet))
    return _interrupted(found.interrupted and f"{found.interrupted}.") or worst


@allocate.command("check")
@click.argument("scenario", type=PATH)
@click.option("--mark", type=PATH, metavar="FILE", help="Write a copy of SCENARIO with its problems as cell notes.")
def check_command(scenario: Path, mark: Path | None) -> int:
    """Read SCENARIO and list what is wrong in it.

    Every problem is listed with its cell, and so are demands that no plan can keep together, with what to type, and
    doubts: what may be right but rarely is. The exit code is 1 if there are any, 2 if the file can't be read at all.
    """
    from allocator.cli.check import about_variants, contents, verdict
    from allocator.console.lines import visible
    from allocator.scenario.doubts import doubts
    from allocator.scenario.reading import read_scenario
    from allocator.wording.contradictions import no_plan

    if mark is not None:
        check_copy(mark, scenario)
    try:
        asked = read_scenario(scenario)
    except ScenarioError as error:
        _show_problems(error, scenario, mark)
        return NO_PLAN
    contradicted, doubtful = no_plan(asked), doubts(asked)
    found = [*doubtful, *contradicted]  # what is doubtful may be why no plan can exist
    of_variants = tuple(about_variants(asked, contradicted))
    said = f"{scenario}: {verdict(len(contradicted), len(doubtful))}. {contents(asked)}"
    click.echo(visible(said if speaks_utf8(sys.stdout) else said.replace("–", "-")))
    for message in (*map(str, found), *of_variants, *map(str, asked.messages)):
        click.echo(visible(f"• {message}" if speaks_utf8(sys.stdout) else f"* {message}"))
    if found:
        _mark(scenario, mark, found)
        return NO_PLAN
    if mark is not None:
        click.echo(f"Nothing to mark: {mark} was not written.")
    return DONE


@allocate.command("new")
@click.argument("file", type=PATH, default=Path("scenario.xlsx"))
def new_command(file: Path) -> int:
    """Write an example scenario to start from.

    FILE is scenario.xlsx unless given; a file that is there already is never overwritten.
    """
    from allocator.scenario.writing import new_scenario

    check_suffix(file, "the scenario")
    if os.path.lexists(file):
        raise OutputError(f"{file} is there already and was left as it is; give another name: allocate new OTHER.xlsx")
    check_folder(file)
    new_scenario(file)
    click.echo(f"Wrote {file}. Fill it in, then run: allocate {file}")
    return DONE


@allocate.command("sweep")
@click.argument("scenario", type=PATH)
@click.option("--vary", required=True, metavar="CELL=FROM..TO", help=f"{CELL_HELP}, and its ends; :N adds N points.")
@VARIANT
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Where it goes.  [default: SCENARIO.sweep.xlsx]")
@AS_JSON
@TIME_LIMIT
@click.option("--force", is_flag=True, help="Overwrite a file that is no sweep.")
@QUIET
def sweep_command(
    scenario: Path, vary: str, variant: Name, output: File, as_json: bool, time_limit: Seconds, force: bool, quiet: bool
) -> int:
    """Let one number move and find every change of the plan.

    For example: allocate sweep scenario.xlsx --vary "Rules/Culture floor/Value=3%..8%"

    The exit code is 1 if there is no plan at any value.
    """
    asked = _read(scenario)
    from allocator.analyses.sweep import sweep
    from allocator.cli.variants import with_chosen
    from allocator.render.files import check_own
    from allocator.scenario.changes import read_range
    from allocator.spreadsheet.saving import save_bytes
    from allocator.tables.sweep import MADE_BY
    from allocator.wording.sweep import remark_texts

    chosen, default = with_chosen(asked, scenario, variant, "sweep")
    way = read_range(chosen, vary)
    target = _target(output, default, "the sweep", as_json=as_json)
    if target is not None:
        check_own(target, MADE_BY, "sweep", force=force, scenario_path=scenario)
    with progress_shown(quiet=quiet) as progress, _problems_shown(scenario):
        found = sweep(chosen, way, time_limit=time_limit, progress=progress)
        if target is not None:
            from allocator.render.sweep import sweep_bytes

            progress("Writing the workbook", None)
            save_bytes(sweep_bytes(found), target)
    if as_json:
        from allocator.render.records import sweep_json

        _print_utf8(sweep_json(found) + "\n")
    elif not quiet:
        from allocator.console.comparisons import print_sweep

        print_sweep(found, console(), target)
    undone = f"{remark_texts(found)[0]}." if found.interrupted else ""
    return _interrupted(undone) or (DONE if found.planned else NO_PLAN)


@allocate.command("seek")
@click.argument("scenario", type=PATH)
@click.option("--vary", required=True, metavar="CELL", help=f"{CELL_HELP}; CELL=FROM..TO limits the search.")
@click.option("--until", required=True, metavar="CONDITION", help='Such as "Indicators/NAME >= 11".')
@VARIANT
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@TIME_LIMIT
@QUIET
def seek_command(
    scenario: Path, vary: str, until: str, variant: Name, as_json: bool, time_limit: Seconds, quiet: bool
) -> int:
    """Find the least change of one number for a target.

    For example: allocate seek scenario.xlsx --vary "Rules/Culture floor/Value" --until "Indicators/Visitors >= 11"

    The condition is about Indicators/NAME, Areas/NAME (its amount; NAME/YEAR: of that year) or Objective. The exit code
    is 1 if it can't be reached.
    """
    asked = _read(scenario)
    from allocator.analyses.seek import seek
    from allocator.cli.variants import with_chosen

    chosen, _ = with_chosen(asked, scenario, variant, "seek")
    with progress_shown(quiet=quiet) as progress, _problems_shown(scenario):
        found = seek(chosen, vary, until, time_limit=time_limit, progress=progress)
    if as_json:
        from allocator.render.records import seek_json

        _print_utf8(seek_json(found) + "\n")
    elif not quiet:
        from allocator.console.comparisons import print_seek

        print_seek(found, console())
    return DONE if found.reached else NO_PLAN


@allocate.command("compare")
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--variant", "wanted", multiple=True, metavar="NAME", help="Compare this variant too; all: each.")
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Where it goes.  [default: SCENARIO.compare.xlsx]")
@AS_JSON
@TIME_LIMIT
@click.option("--force", is_flag=True, help="Overwrite a file that is no comparison.")
@QUIET
def compare_command(
    files: Names, wanted: Names, output: Path | None, as_json: bool, time_limit: float | None, force: bool, quiet: bool
) -> int:
    """Set plans side by side, and say why they differ.

    SCENARIO is a scenario file, a plan, or FILE:VARIANT for one variant of a file (FILE:all: each). The first is what
    the others are compared with. One file alone is compared with all its variants.

    The exit code is 1 if none of them has a plan, 3 if none was found in time.
    """
    from allocator.analyses.compare import compare
    from allocator.cli.comparing import check_places, default_target, read_cases
    from allocator.spreadsheet.saving import save_bytes
    from allocator.wording.comparison import interrupted_text
    from allocator.wording.progress import in_words

    target = _target(output, default_target(files[0]), "the comparison", as_json=as_json)
    if target is not None:
        check_places(target, files, force=force)
    with progress_shown(quiet=quiet) as progress:
        found = compare(read_cases(files, wanted), time_limit=time_limit, progress=in_words(progress))
        target = None if found.status is Status.STOPPED else target
        if target is not None:
            from allocator.render.comparison import comparison_bytes

            progress("Writing the workbook", None)
            save_bytes(comparison_bytes(found), target)
    if as_json:
        from allocator.render.records import comparison_json

        _print_utf8(comparison_json(found) + "\n")
    elif not quiet:
        from allocator.console.comparisons import print_comparison

        print_comparison(found, console(), target)
    return _interrupted(interrupted_text(found.interrupted)) or EXIT_CODES[found.status]


@allocate.command("verify")
@click.argument("plan", type=PATH)
@click.option("--scenario", type=PATH, metavar="FILE", help="Compare the plan's inputs with this scenario file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every finding.")
@QUIET
def verify_command(plan: Path, scenario: Path | None, as_json: bool, quiet: bool) -> int:
    """Check a plan: that it is what follows from its inputs.

    The scenario is rebuilt from PLAN's own Inputs, planned anew, and every cell compared: values, formulas and what
    they come to. It doesn't matter whether a spreadsheet program has saved PLAN since. Entries (Decided, Reason, By,
    sign-off) are listed; a decided amount that breaks a law or must is a finding.

    The exit code is 1 if anything is wrong, 2 if PLAN can't be read or is no plan.
    """
    asked = _read(scenario) if scenario is not None else None
    from allocator.audit.verify import verify

    with progress_shown(quiet=quiet) as progress:
        verdict = verify(plan, scenario=asked, progress=progress)
    if as_json:
        from allocator.audit.findings import verdict_json

        _print_utf8(verdict_json(verdict) + "\n")
    elif not quiet:
        from allocator.console.audit import print_verdict

        print_verdict(verdict, console())
    return DONE if verdict.right else NO_PLAN


@allocate.command("diff")
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every difference.")
def diff_command(old: Path, new: Path, as_json: bool) -> int:
    """Show what changed from the plan OLD to the plan NEW.

    Inputs, rules, amounts, indicators, decisions; for the log that an auditor keeps.

    The exit code is 0 whether anything differs or not, 2 if one of them can't be read or is no plan.
    """
    from allocator.audit.diff import diff, diff_json

    found = diff(old, new)
    if as_json:
        _print_utf8(diff_json(found) + "\n")
    else:
        from allocator.console.audit import print_diff

        print_diff(found, console())
    return DONE


# ---- what commands share ------------------------------------------------------------------------------------------


def _target(output: Path | None, default: Path, what: str, *, as_json: bool) -> Path | None:
    """Return where a workbook goes; None for nowhere: JSON is printed alone unless a file is named."""
    target = output if output or as_json else default
    if target is not None:
        check_suffix(target, what)
    return target


def _read(path: Path) -> Scenario:
    """Return the scenario at `path`; its problems are printed here, since they need the file's name."""
    from allocator.scenario.reading import read_scenario

    try:
        return read_scenario(path)
    except ScenarioError as error:
        raise _unusable(error, path) from None


@contextmanager
def _problems_shown(path: Path) -> Iterator[None]:
    """Print the problems of a scenario whose cell was changed."""
    try:
        yield
    except ScenarioError as error:
        raise _unusable(error, path) from None


def _unusable(error: ScenarioError, path: Path) -> click.exceptions.Exit:
    """Print a scenario's problems, and with which value of a cell that was changed; return how to end."""
    from allocator.console.lines import print_problems

    if changed := getattr(error, "__notes__", []):
        click.echo(f"Error: {', '.join(changed)} the scenario can't be used", err=True)
    print_problems(error, console(stderr=True), str(path))
    return click.exceptions.Exit(error.exit_code)


def _interrupted(said: str) -> int:
    """Say on stderr what an interrupt left undone, if one did; return the exit code, 0 where none did."""
    if not said:
        return DONE
    from allocator.console.lines import visible

    click.echo(visible(said), err=True)
    return INTERRUPTED


def _show_problems(error: ScenarioError, scenario: Path, mark: Path | None) -> None:
    """Print the problems that `check` found, and mark them in a copy where one is wanted."""
    from allocator.console.lines import print_problems

    print_problems(error, console(), str(scenario), marked=mark is not None)
    _mark(scenario, mark, error.problems)


def _mark(scenario: Path, mark: Path | None, problems: Sequence[Problem]) -> None:
    """Mark problems in a copy where one is wanted."""
    if mark is not None:
        from allocator.scenario.problems import mark_problems

        mark_problems(scenario, mark, problems)
        click.echo(f"Marked in {mark}.")


# ---- streams ------------------------------------------------------------------------------------------------------


def _print_utf8(text: str) -> None:
    """Print JSON, which is UTF-8 whatever the terminal's encoding."""
    click.echo(text.encode("utf-8", "replace"), nl=False)
