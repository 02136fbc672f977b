"""The command line: only here are exit codes set, and errors told.

What a command needs is imported when it runs, so that ``allocate --help`` is there at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from allocator.cli.commands import allocate
from allocator.cli.process import (
    DONE,
    INTERRUPTED,
    OWN_MISTAKE,
    PIPE_CLOSED,
    UNUSABLE,
    Ended,
    abandon_stdout,
    endings,
    own_stdout,
    prepare_streams,
)
from allocator.errors import AllocateError, OutputError


def _say(error: AllocateError) -> None:
    """Print an error for the user on stderr."""
    from allocator.console.lines import visible

    click.echo(f"Error: {visible(str(error))}", err=True)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; what went wrong is told on stderr, without a traceback."""
    prepare_streams()
    try:
        with (
            endings(),
            allocate.make_context("allocate", list(sys.argv[1:] if arguments is None else arguments)) as context,
        ):
            code = allocate.invoke(context)
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
