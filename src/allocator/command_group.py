"""How the command line is made: a group of commands, of which the main one needs no name."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import override

import click


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
