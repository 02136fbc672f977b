"""The command line: each command reads, optimises and shows; only here are exit codes set.

What a command needs is imported when it runs, so that ``allocate --help`` is there at once.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from allocator.command_group import Commands, MainCommand
from allocator.errors import AllocateError, OutputError, Problem, ScenarioError
from allocator.paths import check_copy, check_folder, check_lp, check_suffix
from allocator.process import (
    Ended,
    abandon_stdout,
    console,
    endings,
    own_stdout,
    prepare_streams,
    progress_shown,
    speaks_utf8,
)
from allocator.programme.status import Status
from allocator.version import __version__

if TYPE_CHECKING:
    from allocator.each_variant import EachPlanned
    from allocator.scenario.model import Scenario

DONE, NO_PLAN, UNUSABLE, STOPPED, OWN_MISTAKE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 70, 130, 141
type Name = str | None
type Names = tuple[str, ...]
type File = Path | None
type Seconds = float | None
EXIT_CODES = {Status.OPTIMAL: DONE, Status.INFEASIBLE: NO_PLAN, Status.STOPPED: STOPPED}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="allocate", message="%(prog)s %(version)s")
def commands() -> None:
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


def _main_command(function: Callable[..., Any]) -> click.Command:
    """Make `function` what runs when no command is named."""
    command = click.command(cls=MainCommand)(function)
    commands.main_command = command
    return command


PATH = click.Path(path_type=Path)


@_main_command
@click.argument("scenario", type=PATH)
@click.option("-o", "--output", type=PATH, metavar="PLAN", help="Where the plan goes.  [default: SCENARIO.plan.xlsx]")
@click.option("--variant", metavar="NAME", help="Plan a variant of the sheet What-if; all: each, in its own workbook.")
@click.option("--repair", type=int, metavar="N", help="Where no plan exists: plan with repair N of the menu.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON; no workbook unless -o is given.")
@click.option("--solver", default="HiGHS", metavar="NAME", show_default=True, help="A solver that PuLP knows.")
@click.option("--lp", type=PATH, metavar="FILE", help="Write the linear programme, for any other solver.")
@click.option("--time-limit", type=float, callback=_seconds, metavar="S", help="Stop the solver after S seconds.")
@click.option("--force", is_flag=True, help="Overwrite a file that is no plan, or a plan with entries in it.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
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
    from allocator.each_variant import EachVariant, means_all, with_chosen
    from allocator.planning import optimise
    from allocator.reports.files import check_target, save_plan

    if means_all(variant):
        each = EachVariant(asked, scenario, output, write=bool(output) or not as_json, force=force)
        each.refuse({"--lp": lp, "--repair": repair})
        with progress_shown(quiet=quiet) as progress:
            found = each.planned(progress, solver=solver, time_limit=time_limit)
        return _show_each(found, as_json=as_json, quiet=quiet)
    chosen, default = with_chosen(asked, scenario, variant, "plan")
    target = output if output or as_json else default
    if target is not None:
        check_suffix(target, "the plan")
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
        from allocator.reports.console import print_summary

        shown = target if plan.result.status is not Status.STOPPED or (target and target.exists()) else None
        print_summary(plan.result, console(stderr=quiet), shown, scenario)
    return EXIT_CODES[plan.result.status]


def _show_each(found: EachPlanned, *, as_json: bool, quiet: bool) -> int:
    """Show the plans of all variants; return the worst exit code of all."""
    worst = max(EXIT_CODES[plan.result.status] for plan, _ in found.plans)
    if as_json:
        _print_utf8(found.to_json() + "\n")
    elif not quiet or worst != DONE:
        from allocator.reports.console_variants import print_variants

        print_variants(found.title, [(plan.result, path) for plan, path in found.plans], console(stderr=quiet))
    return _interrupted(found.interrupted) or worst


@commands.command("check")
@click.argument("scenario", type=PATH)
@click.option("--mark", type=PATH, metavar="FILE", help="Write a copy of SCENARIO with its problems as cell notes.")
def check_command(scenario: Path, mark: Path | None) -> int:
    """Read SCENARIO and list what is wrong in it.

    Every problem is listed with its cell, and so are demands that no plan can keep together, with what to type, and
    doubts: what may be right but rarely is. The exit code is 1 if there are any, 2 if the file can't be read at all.
    """
    from allocator.reports.check_words import about_variants, contents, verdict
    from allocator.reports.lines import visible
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


@commands.command("new")
@click.argument("file", type=PATH, default=Path("scenario.xlsx"))
def new_command(file: Path) -> int:
    """Write an example scenario to start from.

    FILE is scenario.xlsx unless given; a file that is there already is never overwritten.
    """
    from allocator.scenario.example import new_scenario

    check_suffix(file, "the scenario")
    if os.path.lexists(file):
        raise OutputError(f"{file} is there already and was left as it is; give another name: allocate new OTHER.xlsx")
    check_folder(file)
    new_scenario(file)
    click.echo(f"Wrote {file}. Fill it in, then run: allocate {file}")
    return DONE


CELL_HELP = "The cell as SHEET/ROW/COLUMN or SHEET!E5"


@commands.command("sweep")
@click.argument("scenario", type=PATH)
@click.option("--vary", required=True, metavar="CELL=FROM..TO", help=f"{CELL_HELP}, and its ends; :N adds N points.")
@click.option("--variant", metavar="NAME", help="Take this variant of the sheet What-if.")
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Where it goes.  [default: SCENARIO.sweep.xlsx]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; no workbook unless -o is given.")
@click.option("--time-limit", type=float, callback=_seconds, metavar="S", help="Stop the solver after S seconds.")
@click.option("--force", is_flag=True, help="Overwrite a file that is no sweep.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def sweep_command(
    scenario: Path, vary: str, variant: Name, output: File, as_json: bool, time_limit: Seconds, force: bool, quiet: bool
) -> int:
    """Let one number move and find every change of the plan.

    For example: allocate sweep scenario.xlsx --vary "Rules/Culture floor/Value=3%..8%"

    The exit code is 1 if there is no plan at any value.
    """
    asked = _read(scenario)
    from allocator.analyses.sweep import sweep
    from allocator.each_variant import with_chosen
    from allocator.reports.files import check_own, save_bytes
    from allocator.reports.sweep_tables import MADE_BY
    from allocator.scenario.changes import read_range
    from allocator.wording.sweep import remark_texts

    chosen, default = with_chosen(asked, scenario, variant, "sweep")
    way = read_range(chosen, vary)
    target = output if output or as_json else default
    if target is not None:
        check_suffix(target, "the sweep")
        check_own(target, MADE_BY, "sweep", force=force, scenario_path=scenario)
    with progress_shown(quiet=quiet) as progress, _problems_shown(scenario):
        found = sweep(chosen, way, time_limit=time_limit, progress=progress)
        if target is not None:
            from allocator.reports.sweep import sweep_bytes

            progress("Writing the workbook", None)
            save_bytes(sweep_bytes(found), target)
    if as_json:
        from allocator.reports.sweep_json import sweep_json

        _print_utf8(sweep_json(found) + "\n")
    elif not quiet:
        from allocator.reports.sweep_console import print_sweep

        print_sweep(found, console(), target)
    return _interrupted(remark_texts(found)[0] if found.interrupted else "") or (DONE if found.planned else NO_PLAN)


@commands.command("seek")
@click.argument("scenario", type=PATH)
@click.option("--vary", required=True, metavar="CELL", help=f"{CELL_HELP}; CELL=FROM..TO limits the search.")
@click.option("--until", required=True, metavar="CONDITION", help='Such as "Indicators/NAME >= 11".')
@click.option("--variant", metavar="NAME", help="Take this variant of the sheet What-if.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--time-limit", type=float, callback=_seconds, metavar="S", help="Stop the solver after S seconds.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
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
    from allocator.each_variant import with_chosen

    chosen, _ = with_chosen(asked, scenario, variant, "seek")
    with progress_shown(quiet=quiet) as progress, _problems_shown(scenario):
        found = seek(chosen, vary, until, time_limit=time_limit, progress=progress)
    if as_json:
        from allocator.reports.sweep_json import seek_json

        _print_utf8(seek_json(found) + "\n")
    elif not quiet:
        from allocator.reports.sweep_console import print_seek

        print_seek(found, console())
    return DONE if found.reached else NO_PLAN


@commands.command("compare")
@click.argument("files", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--variant", "wanted", multiple=True, metavar="NAME", help="Compare this variant too; all: each.")
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Where it goes.  [default: SCENARIO.compare.xlsx]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; no workbook unless -o is given.")
@click.option("--time-limit", type=float, callback=_seconds, metavar="S", help="Stop the solver after S seconds.")
@click.option("--force", is_flag=True, help="Overwrite a file that is no comparison.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def compare_command(
    files: Names, wanted: Names, output: Path | None, as_json: bool, time_limit: float | None, force: bool, quiet: bool
) -> int:
    """Set plans side by side, and say why they differ.

    SCENARIO is a scenario file, a plan, or FILE:VARIANT for one variant of a file (FILE:all: each). The first is what
    the others are compared with. One file alone is compared with all its variants.

    The exit code is 1 if none of them has a plan, 3 if none was found in time.
    """
    from allocator.comparing import check_places, compare_files, default_target, save_comparison
    from allocator.wording.comparison import interrupted_text

    target = output if output or as_json else default_target(files[0])
    if target is not None:
        check_suffix(target, "the comparison")
        check_places(target, files, force=force)
    with progress_shown(quiet=quiet) as progress:
        found = compare_files(files, wanted, time_limit=time_limit, progress=progress)
        target = None if found.status is Status.STOPPED else target
        if target is not None:
            progress("Writing the workbook", None)
            save_comparison(found, target)
    if as_json:
        from allocator.reports.comparison_json import comparison_json

        _print_utf8(comparison_json(found) + "\n")
    elif not quiet:
        from allocator.reports.comparison_console import print_comparison

        print_comparison(found, console(), target)
    if found.interrupted:
        click.echo(interrupted_text(found.interrupted), err=True)
        return INTERRUPTED
    return EXIT_CODES[found.status]


@commands.command("verify")
@click.argument("plan", type=PATH)
@click.option("--scenario", type=PATH, metavar="FILE", help="Compare the plan's inputs with this scenario file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every finding.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
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
        from allocator.audit.verdict_json import verdict_json

        _print_utf8(verdict_json(verdict) + "\n")
    elif not quiet:
        from allocator.audit.verdict_console import print_verdict

        print_verdict(verdict, console())
    return DONE if verdict.right else NO_PLAN


@commands.command("diff")
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
        from allocator.audit.diff_console import print_diff

        print_diff(found, console())
    return DONE


# ---- what commands share ------------------------------------------------------------------------------------------


def _read(path: Path) -> Scenario:
    """Return the scenario at `path`; its problems are printed here, since they need the file's name."""
    from allocator.scenario.reading import read_scenario

    try:
        return read_scenario(path)
    except ScenarioError as error:
        from allocator.reports.console import print_problems

        print_problems(error, console(stderr=True), str(path))
        raise click.exceptions.Exit(error.exit_code) from None


def _interrupted(said: str) -> int:
    """Say on stderr what an interrupt left undone, if one did; return the exit code, 0 where none did."""
    if not said:
        return DONE
    from allocator.reports.lines import visible

    click.echo(visible(f"{said}."), err=True)
    return INTERRUPTED


@contextmanager
def _problems_shown(path: Path) -> Iterator[None]:
    """Print the problems of a scenario whose cell was changed, and with which value."""
    try:
        yield
    except ScenarioError as error:
        from allocator.reports.console import print_problems

        click.echo(f"Error: {', '.join(getattr(error, '__notes__', []))} the scenario can't be used", err=True)
        print_problems(error, console(stderr=True), str(path))
        raise click.exceptions.Exit(error.exit_code) from None


def _show_problems(error: ScenarioError, scenario: Path, mark: Path | None) -> None:
    """Print the problems that `check` found, and mark them in a copy where one is wanted."""
    from allocator.reports.console import print_problems

    print_problems(error, console(), str(scenario), marked=mark is not None)
    _mark(scenario, mark, error.problems)


def _mark(scenario: Path, mark: Path | None, problems: Sequence[Problem]) -> None:
    """Mark problems in a copy where one is wanted."""
    if mark is not None:
        from allocator.scenario.marking import mark_problems

        mark_problems(scenario, mark, problems)
        click.echo(f"Marked in {mark}.")


# ---- streams ------------------------------------------------------------------------------------------------------


def _print_utf8(text: str) -> None:
    """Print JSON, which is UTF-8 whatever the terminal's encoding."""
    click.echo(text.encode("utf-8", "replace"), nl=False)


def _say(error: AllocateError) -> None:
    """Print an error for the user on stderr."""
    from allocator.reports.lines import visible

    click.echo(f"Error: {visible(str(error))}", err=True)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; what went wrong is told on stderr, without a traceback."""
    prepare_streams()
    try:
        with (
            endings(),
            commands.make_context("allocate", list(sys.argv[1:] if arguments is None else arguments)) as context,
        ):
            code = commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AllocateError as error:
        _say(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except Ended as ended:
        return ended.exit_code
    except BrokenPipeError:
        abandon_stdout()
        return PIPE_CLOSED
    except OSError as error:
        abandon_stdout()
        _say(OutputError(f"the system says: {error}"))
        return UNUSABLE
    return code if isinstance(code, int) else DONE


def main() -> NoReturn:
    """Run the command line and exit; a mistake of the program's own must not look like "no plan exists" (1)."""
    own_stdout()
    try:
        code = run()
    except Exception:
        sys.excepthook(*sys.exc_info())
        said = "This is a mistake in allocate, not in your workbook: please report it with the lines above."
        click.echo(said, err=True)
        code = OWN_MISTAKE
    sys.exit(code)
